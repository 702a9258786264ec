"""CMS' official table of medically unlikely units, as its practitioner file writes it.

In: the rows of `MCR_MUE_PractitionerServices_Eff_10-01-2026`, as cells. Out: the limits as `edits.py` keeps
them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from audit.edits import CODE, LIMIT_COLUMNS, Edition, Import, quarter_of
from audit.errors import InputError
from audit.output import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_INDICATORS = ("1", "2", "3")

_UNITS = re.compile(r"[0-9]{1,6}")
"""Units as the table writes them; a longer number is none that it holds."""


def is_limit(cells: Sequence[str]) -> bool:
    """Tell whether cells, of which the first is a code, are a row of such a table."""
    return (
        len(cells) >= len(LIMIT_COLUMNS) and bool(_UNITS.fullmatch(cells[1])) and cells[2][:1] in _INDICATORS
    )


def read_limits(name: str, rows: Iterable[Sequence[str]], above: int) -> list[tuple[str, str, str]]:
    """Return code, units and indicator: "2 Date of Service Edit: Policy" is 2.

    Rows without a code in column 1 are no limits: blank ones, footers. `above` counts the rows above them.
    """
    found = []
    for number, row in enumerate(rows, above + 1):
        cells = [cell.strip() for cell in row]
        if not cells or not CODE.fullmatch(cells[0]):
            continue
        if not is_limit(cells):
            raise InputError(
                f'"{name}", row {number}: units (column 2) or indicator (column 3) cannot be read; '
                f"download the file again."
            )
        found.append((cells[0], cells[1], cells[2][:1]))
    return found


def find_quarter(name: str, heading: str) -> date:
    """Return the first day of the edition's quarter, as the file's name or its headers tell it."""
    for text in (name, heading):
        named = re.search(r"(\d{1,2})[-_/](\d{1,2})[-_/](20\d\d)", text)
        if named and 1 <= int(named[1]) <= 12:
            return quarter_of(date(int(named[3]), int(named[1]), 1))
    raise InputError(
        f'"{name}" does not tell from which day its limits apply: leave it the name that CMS gave it '
        f"(MCR_MUE_PractitionerServices_Eff_10-01-2026.csv)."
    )


def join_limits(edition: Edition, parts: Sequence[list[tuple[str, str, str]]]) -> Import:
    """Return a table as an edition; one that tells two limits of a code is refused."""
    rows = sorted({row for part in parts for row in part})
    if len(rows) > len({code for code, *_ in rows}):
        raise InputError(
            f"The files tell two limits of one code for {edition.quarter}: give one file of that quarter."
        )
    told = f"Kept the unit limits of {len(rows):,} codes of {edition.quarter}"
    return Import(edition, write_csv(LIMIT_COLUMNS, rows).encode(), told)
