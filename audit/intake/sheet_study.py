"""What a sheet that no layout describes may be: which column is which of our fields, and what one row is.

Headers make candidates, values confirm or contradict them. Everything found here is a proposal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct, field

from audit.codes import code_book
from audit.intake import cells
from audit.intake.column_values import MOSTLY, SERVICE_WORDS, Seen, codes_in, holds_code, judge, separator_in
from audit.intake.columns import number_rows, texts_of
from audit.intake.header_words import (
    FIELD_NAMES,
    FIRST_NAMES,
    LAST_NAMES,
    NOTE_STATUS_NAMES,
    find_candidates,
    read_header,
)
from audit.intake.layouts import CODE_ROWS
from audit.intake.sheet import Sheet
from audit.settings import CHARTED_FIELDS, LINE_FIELDS, NOTE_FIELDS, POSTING_FIELDS, fold_name

if TYPE_CHECKING:
    from audit.settings import Settings


SEVERAL_COLUMNS = ("modifiers", "diagnoses", "remarks")
"""Fields that may stand in several columns side by side."""


ANSWER_FIELDS = ("posted_on", "payer_rank", "group", "reason", "amount", "remarks", "claim_status")
"""Fields of an answer that may stand beside claim lines."""


FIELDS_OF = {
    "line": (*LINE_FIELDS, *ANSWER_FIELDS, "signed_on", *CHARTED_FIELDS),
    "adjustment": (*LINE_FIELDS, *ANSWER_FIELDS, "signed_on", *CHARTED_FIELDS),
    "claim": (*LINE_FIELDS, *ANSWER_FIELDS, "signed_on", *CHARTED_FIELDS),
    "claim_header": (
        *("claim_id", "patient", "patient_name", "clinician", "payer", "location", "submitted_date"),
        *("diagnoses", "frequency", "posted_on", "payer_rank", "reason", "group", "remarks", "claim_status"),
    ),
    "posting": POSTING_FIELDS,
    "note": NOTE_FIELDS,
}


NEEDED = {
    **dict.fromkeys(CODE_ROWS, ("service_date", "code")),
    "claim_header": ("claim_id",),
    "posting": ("amount",),
    "note": ("service_date", "patient"),
}


USEFUL = {
    **dict.fromkeys(CODE_ROWS, ("patient", "payer", "clinician", "claim_id", "units", "charge")),
    "claim_header": ("payer", "patient"),
    "posting": ("posted_on", "reason"),
    "note": ("clinician", "signed_on"),
}


class Study(Struct, frozen=True):
    """What was found out about one sheet that no layout describes.

    `columns`: our field -> headers; `said`: what was seen in them; `doubted`: fields whose column is
    contradicted by its values, as (header, why); `others`: further headers that could be the field.
    """

    sheet: Sheet
    columns: dict[str, tuple[str, ...]]
    doubted: dict[str, tuple[str, str]]
    others: dict[str, tuple[str, ...]]
    row: str
    row_why: str
    decimal: str = "."
    said: dict[str, str] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    claim_ids: frozenset[str] = frozenset()

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that rows of this kind cannot do without, and that found no column."""
        return tuple(name for name in NEEDED.get(self.row, ()) if not self._has(name))

    @property
    def lacking(self) -> tuple[str, ...]:
        """Fields that a report needs for a part of its figures, and that found no column."""
        return tuple(name for name in USEFUL.get(self.row, ()) if not self._has(name))

    def _has(self, name: str) -> bool:
        instead = {"code": "item", "patient": "visit_id" if self.row == "note" else ""}
        return name in self.columns or instead.get(name, "") in self.columns


# Which column is which ------------------------------------------------------------------------------------


class Choice(NamedTuple):
    columns: dict[str, tuple[str, ...]]
    doubted: dict[str, tuple[str, str]]
    others: dict[str, tuple[str, ...]]


def choose_columns(seen: Mapping[str, Seen], decimal: str) -> Choice:
    """Return for each field the likeliest column that its values do not contradict."""
    headers = list(seen)
    numbered = {header for triple in adjustments_side_by_side(headers) for header in triple if header}
    open_headers = [header for header in headers if header not in numbered]
    columns: dict[str, tuple[str, ...]] = {}
    doubted: dict[str, tuple[str, str]] = {}
    others: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for name, names in FIELD_NAMES.items():
        candidates = [header for header in find_candidates(open_headers, names) if header not in taken]
        if name == "amount" and not _tells_amounts(columns):
            continue
        verdicts = {header: judge(name, seen[header], decimal) for header in candidates}
        fitting = [header for header in candidates if verdicts[header].fits]
        fitting.sort(
            key=lambda header: not seen[header].filled
        )  # a column of blanks only where there is no other
        if name in SEVERAL_COLUMNS and fitting:
            columns[name] = tuple(fitting)
        elif fitting:
            columns[name] = (fitting[0],)
            others[name] = tuple(fitting[1:])
        elif candidates:
            doubted[name] = (candidates[0], verdicts[candidates[0]].why)
        taken |= set(columns.get(name, ()))
    if "code" not in columns and (header := _code_column_by_values(seen, taken)):
        columns["code"] = (header,)
        doubted.pop("code", None)
    if (
        "code" not in columns
        and "item" not in columns
        and (header := _column_with_codes_in_names(seen, doubted))
    ):
        columns["item"] = (header,)
    _part_amounts(columns, seen)
    _name_patients(columns, headers)
    return Choice(columns, doubted, {name: more for name, more in others.items() if more})


def _tells_amounts(columns: Mapping[str, object]) -> bool:
    """Whether an amount may be one of an adjustment or a posting, not of a charge."""
    return "reason" in columns or ("charge" not in columns and ("posted_on" in columns or "kind" in columns))


def _code_column_by_values(seen: Mapping[str, Seen], taken: set[str]) -> str | None:
    """Return the column that is full of codes of the code book, whatever its name."""
    known = code_book().codes
    for header, each in seen.items():
        if header in taken or not each.filled or len(each.texts) > 2000:
            continue
        if each.share(lambda text: any(code in known for code in codes_in(text))) >= 0.7:
            return header
    return None


def _column_with_codes_in_names(
    seen: Mapping[str, Seen], doubted: Mapping[str, tuple[str, str]]
) -> str | None:
    """Return the column of codes that holds more than codes, such as "97124 Massage": names of treatments."""
    header = doubted.get("code", ("", ""))[0]
    if header and not seen[header].nearly_all_differ and seen[header].share(holds_code) >= MOSTLY:
        return header
    return None


def _part_amounts(columns: dict[str, tuple[str, ...]], seen: Mapping[str, Seen]) -> None:
    """Take a bare "amount" beside reasons or kinds of posting for what was posted, not for a charge."""
    if read_header(columns.get("charge", ("",))[0]).words != {"amount"}:
        return
    kinds = seen[columns["kind"][0]].texts if "kind" in columns else []
    if any(fold_name(text) in SERVICE_WORDS for text in kinds):
        return
    if kinds or "reason" in columns:
        columns["amount"] = columns.pop("charge")


def _name_patients(columns: dict[str, tuple[str, ...]], headers: Sequence[str]) -> None:
    """Settle which columns tell patients apart: a number before a name, a name in two columns joined."""
    first, last = find_candidates(headers, FIRST_NAMES), find_candidates(headers, LAST_NAMES)
    if "patient_name" not in columns and first and last:
        columns["patient_name"] = (last[0], first[0])
    if "patient" not in columns and "patient_name" in columns:
        columns["patient"] = columns.pop("patient_name")


def adjustments_side_by_side(headers: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return group (or ""), reason and amount headers that stand side by side under the same number."""
    by_number: dict[int, dict[str, str]] = {}
    for name in ("group", "reason", "amount"):
        for header in find_candidates(headers, FIELD_NAMES[name]):
            if number := read_header(header).number:
                by_number.setdefault(number, {}).setdefault(name, header)
    full = [parts for _, parts in sorted(by_number.items()) if "reason" in parts and "amount" in parts]
    return [(parts.get("group", ""), parts["reason"], parts["amount"]) for parts in full]


def triples_of(study: Study) -> list[tuple[str, str, str]]:
    return adjustments_side_by_side(study.sheet.headers) if study.row in CODE_ROWS else []


def element_columns(
    sheet: Sheet, columns: Mapping[str, tuple[str, ...]], settings: Settings
) -> dict[str, str]:
    """Return documentation element -> the header that may prove it, of columns that no field has.

    The date of a plan or a referral may prove that there is one.
    """
    fields = {name: headers for name, headers in columns.items() if name not in CHARTED_FIELDS}
    taken = {header for headers in fields.values() for header in headers}
    found: dict[str, str] = {}
    for element in settings.elements:
        if element.id in ("diagnosis", "minutes", "signature"):
            continue
        names = [element.id.replace("_", " "), *element.column_hint]
        open_headers = [header for header in find_candidates(sheet.headers, names) if header not in taken]
        if open_headers:
            found[element.id] = open_headers[0]
            taken.add(open_headers[0])
    return found


# What one row is ------------------------------------------------------------------------------------------


def guess_row(sheet: Sheet, choice: Choice, seen: Mapping[str, Seen], settings: Settings) -> tuple[str, str]:
    """Return what one row of the sheet is, and why; "" when no row of it can be used as it is."""
    has = choice.columns
    named = "line_id" in has or "claim_id" in has
    answered = any(name in has for name in ("posted_on", "reason", "kind"))
    if "code" in has and not ("charge" not in has and "amount" in has and named and answered):
        return _guess_line_row(sheet, choice, seen)
    if "charge" not in has and named and answered and ("amount" in has or "paid" in has):
        return "posting", "it has amounts and what was done, but no charges"
    if "item" in has and "charge" in has:
        return "line", "it has names of treatments instead of codes"
    tells_notes = any(name in has for name in ("signed_on", *CHARTED_FIELDS)) or any(
        find_candidates(sheet.headers, NOTE_STATUS_NAMES)
    )
    tells_notes = tells_notes or bool(element_columns(sheet, has, settings))
    if "charge" not in has and tells_notes and "service_date" in has:
        return "note", "it has no charges and no codes, but tells of notes"
    return "", ""


def _guess_line_row(sheet: Sheet, choice: Choice, seen: Mapping[str, Seen]) -> tuple[str, str]:
    codes = seen[choice.columns["code"][0]]
    several = codes.share(lambda text: bool(separator_in(text)))
    if several >= 0.02:
        return "claim", f"{several:.0%} of its code cells hold several codes"
    rows, lines = _count_lines(sheet, choice.columns)
    repeats = rows - lines
    tells_reasons = "reason" in choice.columns
    if tells_reasons and repeats >= 0.02 * rows:
        return "adjustment", f"{repeats:,} of {rows:,} rows repeat a line and it has reasons"
    said = f"{repeats:,} of {rows:,} rows repeat a line" if repeats else "no row repeats a line"
    return "line", said


def _count_lines(sheet: Sheet, columns: Mapping[str, tuple[str, ...]]) -> tuple[int, int]:
    """Return how many rows have a code, and how many different lines these are."""
    same = ("claim_id", "patient", "service_date", "code", "modifiers", "units", "charge")
    names = ("line_id",) if "line_id" in columns else same
    keys = [sheet.cells[header].array for name in names if name in columns for header in columns[name]]
    code = sheet.cells[columns["code"][0]].array
    filled = np.array([not cells.is_blank(text) for text in texts_of(code)], dtype=bool)[code.codes]
    numbers, count = number_rows([key.codes[filled] for key in keys])
    return len(numbers), count
