"""Which layout a sheet is written in, and which of its columns is which of our fields.

A sheet is recognised by the set of its header names. An unknown set is never guessed: it is an `InputError`
that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from audit.errors import InputError
from audit.intake.columns import join
from audit.intake.sheet import Sheet, fold

if TYPE_CHECKING:
    from audit.settings import Layout, Settings

CODE_ROWS = ("line", "adjustment", "claim")
"""Kinds of row that bill a service, and so need a code."""

_CODE_WORDS = re.compile(
    r"cpt|hcpcs|proc|servicecode|billingcode|svccode|linecode|servicetype|treatment|item"
)
_MONEY_WORDS = re.compile(r"amount|charge|billed|fee|paid|allowed|total")


def place_of(sheet: Sheet) -> str:
    """Return how messages and tables name the sheet: its file, and the worksheet where there is one."""
    return f"{sheet.file}, sheet {sheet.sheet}" if sheet.sheet else sheet.file


def header_test(settings: Settings) -> Callable[[Sequence[str]], bool]:
    """Return a test whether a record of a file is the header of any known layout."""
    wanted = [frozenset(map(fold, layout.headers)) for layout in settings.layouts]

    def known(headers: Sequence[str]) -> bool:
        found = {fold(header) for header in headers}
        return any(headers_of <= found for headers_of in wanted)

    return known


def find_layout(sheet: Sheet, settings: Settings) -> Layout | None:
    """Return the layout with most headers of those whose headers the sheet has; None when there is none.

    Of two that fit equally well the practice's own wins; otherwise it is an error.
    """
    found = {fold(header) for header in sheet.headers}
    fitting = [layout for layout in settings.layouts if {fold(header) for header in layout.headers} <= found]
    most = max((len(set(map(fold, layout.headers))) for layout in fitting), default=0)
    best = [layout for layout in fitting if len(set(map(fold, layout.headers))) == most]
    own = [layout for layout in best if layout in settings.practice.layouts]
    best = own or best
    if len(best) > 1:
        names = " and ".join(sorted(layout.name for layout in best))
        raise InputError(
            f"{place_of(sheet)}: fits the layouts {names} equally well; give one of them more headers."
        )
    return best[0] if best else None


def unknown_sheet(sheet: Sheet) -> InputError:
    """Return the error for a sheet that no layout fits."""
    letters = [re.sub("[^a-z]", "", header.lower()) for header in sheet.headers]
    has_code = any(name in ("code", "codes") or _CODE_WORDS.search(name) for name in letters)
    if any(map(_MONEY_WORDS.search, letters)) and not has_code:
        return _no_code_column(sheet)
    return InputError(
        f"{place_of(sheet)}: the columns of this file are not known; run `audit init` on it to propose a map."
    )


def _no_code_column(sheet: Sheet) -> InputError:
    return InputError(
        f"{place_of(sheet)} has no column with procedure codes (CPT); "
        "ask the practice software for a line-level export."
    )


class Fields:
    """A sheet seen through its layout: our fields as columns."""

    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        self.sheet = sheet
        self.layout = layout
        self._headers = _match_fields(sheet, layout)
        if layout.row in CODE_ROWS and not (self.has("code") or self.has("item")):
            raise _no_code_column(sheet)
        if layout.row in (*CODE_ROWS, "note") and not self.has("service_date"):
            raise InputError(f"{place_of(sheet)} has no column with the date of service; export it too.")

    def __len__(self) -> int:
        return len(self.sheet.cells)

    def has(self, field: str) -> bool:
        """Whether the file has the field's column."""
        return field in self._headers

    def header(self, field: str) -> str:
        """Return the field's header as the file writes it; the field's own name where it has none."""
        return self._headers.get(field, (field,))[0]

    def column(self, field: str) -> pd.Categorical:
        """Return the field's column; several columns come joined by a blank."""
        return join([self.cells(header) for header in self._headers[field]])

    def cells(self, header: str) -> pd.Categorical:
        """Return the column under a header of the file."""
        column: pd.Categorical = self.sheet.cells[header].array
        return column

    def find(self, header: str) -> str:
        """Return a header of the layout as the file writes it; an `InputError` when it is missing."""
        found = self.seek(header)
        if found is None:
            raise _missing(self.sheet, self.layout, [header])
        return found

    def seek(self, header: str) -> str | None:
        """Return a header of the layout as the file writes it; None when the file lacks it."""
        return _match_header(self.sheet, self.layout, header)


def _match_fields(sheet: Sheet, layout: Layout) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    missing: list[str] = []
    for field, headers in layout.columns.items():
        wanted = [headers] if isinstance(headers, str) else headers
        matched = [_match_header(sheet, layout, header) for header in wanted]
        present = tuple(header for header in matched if header is not None)
        if len(present) == len(matched) or (present and field in layout.optional):
            found[field] = present
        elif field not in layout.optional:
            missing += [name for name, header in zip(wanted, matched, strict=True) if header is None]
    if missing:
        raise _missing(sheet, layout, missing)
    return found


def _match_header(sheet: Sheet, layout: Layout, wanted: str) -> str | None:
    """Return the sheet's header that is `wanted`; one that stands twice must be told apart by the layout."""
    folded = fold(wanted)
    matches = [header for header in sheet.headers if fold(header) == folded]
    again = [header for header in sheet.headers if fold(header) == fold(f"{wanted}#2")]
    named = {
        fold(name)
        for names in layout.columns.values()
        for name in ([names] if isinstance(names, str) else names)
    }
    named |= {fold(header) for header in layout.headers}
    if len(matches) > 1 or (matches and again and not named & {fold(header) for header in again}):
        raise InputError(
            f'{place_of(sheet)}: the column "{wanted}" stands twice; '
            f'say in the layout {layout.name} which one is meant ("{wanted}#2" is the second).'
        )
    return matches[0] if matches else None


def _missing(sheet: Sheet, layout: Layout, headers: Sequence[str]) -> InputError:
    names = ", ".join(f'"{header}"' for header in headers)
    return InputError(
        f"{place_of(sheet)}: the layout {layout.name} expects the column {names}, "
        "which the file does not have; export it too, or change the layout."
    )
