"""The fate of every row read: used, set aside (no service), or refused (a service we cannot use)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake import cells
from audit.intake.columns import spread, texts_of, unknown_numbers
from audit.intake.layouts import Fields
from audit.intake.readings import Readings
from audit.intake.sheet import Sheet, fold

USED, ASIDE, REFUSED = 0, 1, 2
FATES = ("used", "set aside", "refused")

_FOOTER = re.compile(r"(?:grand\s+|sub[\s-]?)?totals?\b|sums?\b", re.IGNORECASE)

_TOTAL = re.compile(rf"(?:{_FOOTER.pattern})[\s:=$]*[0-9.,]*", re.IGNORECASE)

Mask = npt.NDArray[np.bool_]
Refusal = tuple[Mask, str, str]
"""Rows that cannot be used, the header of the column that shows why, and why."""


class Fate(NamedTuple):
    """What became of a row, in which column the reason stands, and the reason."""

    kind: int
    column: str
    reason: str


class Fates:
    """The fates of a sheet's rows; the first one marked stays."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.number = np.zeros(len(sheet.cells), dtype=np.int16)
        self.known: list[Fate] = [Fate(USED, "", "")]

    def mark(self, rows: Mask, kind: int, column: str, reason: str) -> None:
        """Give the rows that are still in use another fate."""
        if rows.any():
            fate = Fate(kind, column, reason)
            if fate not in self.known:
                self.known.append(fate)
            self.number[rows & (self.number == USED)] = self.known.index(fate)

    def open_rows(self, rows: Mask) -> npt.NDArray[np.intp]:
        """Return the positions of `rows` that are still in use."""
        return np.flatnonzero(rows & (self.number == USED))

    def places(self) -> npt.NDArray[np.intp] | None:
        """Return the positions of the rows used; None when it is all of them."""
        return np.flatnonzero(self.number == USED) if self.number.any() else None

    def kinds(self) -> npt.NDArray[np.int8]:
        """Return USED, ASIDE or REFUSED per row."""
        return np.array([fate.kind for fate in self.known], dtype=np.int8)[self.number]

    def frame(self, cents: npt.NDArray[np.int64], known: Mask) -> pd.DataFrame:
        """Return the rows set aside and refused, titles above the header first."""
        places = np.flatnonzero(self.number != USED)
        above = self.sheet.above
        fates = [Fate(ASIDE, "", "title")] * above + [self.known[number] for number in self.number[places]]
        amounts = np.concatenate([np.zeros(above, dtype=np.int64), cents[places]])
        missing = np.concatenate([np.ones(above, dtype=bool), ~known[places]])
        rows = np.concatenate([np.arange(1, above + 1), self.sheet.rows[places]])
        return fate_frame(
            self.sheet.file, self.sheet.sheet, rows, fates, pd.arrays.IntegerArray(amounts, missing)
        )


def fate_frame(
    file: str,
    sheet: str,
    rows: npt.NDArray[Any],
    fates: list[Fate],
    cents: pd.arrays.IntegerArray | None = None,
) -> pd.DataFrame:
    """Return fates as Intake holds them, one row each; `cents` missing where there are none."""
    if cents is None:
        cents = unknown_numbers(len(fates))
    return pd.DataFrame(
        {
            "file": pd.Series([file] * len(fates), dtype="str"),
            "sheet": pd.Series([sheet] * len(fates), dtype="str"),
            "row": pd.Series(rows, dtype="int64"),
            "fate": pd.Series([FATES[fate.kind] for fate in fates], dtype="str"),
            "column": pd.Series([fate.column for fate in fates], dtype="str"),
            "reason": pd.Series([fate.reason for fate in fates], dtype="str"),
            "cents": pd.Series(cents),
        }
    )


def is_total(text: str) -> bool:
    """Whether a cell says that its row is a total: "Total", "Grand total: 1,200.00"; not "Total care"."""
    return bool(_TOTAL.fullmatch(text))


def settle_fates(readings: Readings, problems: Sequence[str], refusals: Sequence[Refusal] = ()) -> Fates:
    """Decide every row of a sheet.

    `problems` tells, for each distinct text of its code column, what is wrong with it ("" where nothing is);
    it is empty where rows need no code. `refusals` are further rows that cannot be used.
    """
    fields = readings.fields
    fates = Fates(fields.sheet)
    no_key, reasons = _lacks(readings, problems)
    fates.mark(fields.sheet.ragged, REFUSED, "", "more values than headers")
    bare = np.logical_and.reduce(no_key)
    _mark_blank(fates, bare)
    _mark_headers(fates, fields)
    _mark_footers(fates, bare, fields.layout.decimal)
    _mark_other_kinds(fates, fields)
    for rows, column, reason in (*reasons, *refusals):
        fates.mark(rows, REFUSED, column, reason)
    return fates


def _lacks(readings: Readings, problems: Sequence[str]) -> tuple[list[Mask], list[Refusal]]:
    """Return what marks a row as no service when all of it holds, and what refuses a service."""
    fields, row = readings.fields, readings.fields.layout.row
    if row == "posting":
        no_line, no_claim = _blank(fields, "line_id"), _blank(fields, "claim_id")
        return [no_line, no_claim], [
            (no_line & no_claim, fields.header("line_id"), "names no line and no claim")
        ]
    if row == "claim_header":
        no_claim = _blank(fields, "claim_id")
        return [no_claim], [(no_claim, fields.header("claim_id"), "names no claim")]
    column, days = readings.days_of("service_date")
    no_date = spread(column, np.isnat(days.values))
    undated = (no_date, fields.header("service_date"), "no usable service date")
    if row == "note":
        return [no_date, _blank(fields, "visit_id") | _blank(fields, "patient")], [undated]
    code = "code" if fields.has("code") else "item"
    refusals: list[Refusal] = []
    no_code = np.zeros(len(fields), dtype=bool)
    for problem in dict.fromkeys(filter(None, problems)):
        rows = spread(fields.column(code), np.array([text == problem for text in problems], dtype=bool))
        refusals.append((rows, fields.header(code), problem))
        no_code |= rows
    return [no_code, no_date], [*refusals, undated]


def _blank(fields: Fields, field: str) -> Mask:
    if not fields.has(field):
        return np.ones(len(fields), dtype=bool)
    column = fields.column(field)
    blank = np.flatnonzero(np.asarray(column.categories == ""))
    return np.asarray(np.isin(column.codes, blank)) if len(blank) else np.zeros(len(fields), dtype=bool)


def _mark_blank(fates: Fates, bare: Mask) -> None:
    places = fates.open_rows(bare)
    for header in fates.sheet.headers:
        if not len(places):
            return
        column: pd.Categorical = fates.sheet.cells[header].array
        blank = np.asarray(column.categories == "")
        places = places[blank[column.codes[places]]]
    fates.mark(_mask(fates, places), ASIDE, "", "blank")


def _mark_headers(fates: Fates, fields: Fields) -> None:
    """Set aside rows that repeat the header: every filled cell is its own column's name."""
    keys = ("code", "claim_id", "service_date", "line_id")
    if (first := next((key for key in keys if fields.has(key)), None)) is None:
        return
    places = _saying_own_name(fates, fields.header(first), np.flatnonzero(fates.number == USED))
    for header in fates.sheet.headers:
        if not len(places):
            return
        column: pd.Categorical = fates.sheet.cells[header].array
        blank = np.asarray(column.categories == "")[column.codes[places]]
        places = places[blank | np.isin(places, _saying_own_name(fates, header, places))]
    fates.mark(_mask(fates, places), ASIDE, "", "repeated header")


def _saying_own_name(fates: Fates, header: str, places: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    column: pd.Categorical = fates.sheet.cells[header].array
    name = fold(header.partition("#")[0])
    same = np.array([_may_say(text, name) and fold(text) == name for text in texts_of(column)], dtype=bool)
    return places[same[column.codes[places]]] if same.any() else places[:0]


def _may_say(text: str, name: str) -> bool:
    """Tell quickly whether a text may be another spelling of a name: thousands of cells are none."""
    if not name or (len(text) < len(name) and text.isascii()):
        return False
    ends = ((text[0], name[0]), (text[-1], name[-1]))
    return not text.isascii() or all(sign.lower() == of or not sign.isalnum() for sign, of in ends)


def _mark_footers(fates: Fates, bare: Mask, decimal: str) -> None:
    """Set aside totals: no code, no date, and a cell begins with "Total" or numbers end the file."""
    places = fates.open_rows(bare)
    if not len(places):
        return
    total = np.zeros(len(places), dtype=bool)
    for header in fates.sheet.headers:
        column: pd.Categorical = fates.sheet.cells[header].array
        codes = column.codes[places]
        seen = np.unique(codes)
        total |= np.isin(codes, [code for code in seen if _FOOTER.match(str(column.categories[code]))])
    fates.mark(_mask(fates, places[total]), ASIDE, "", "footer")
    blank = [number for number, fate in enumerate(fates.known) if fate.reason == "blank"]
    filled = np.flatnonzero(~np.isin(fates.number, blank))
    last = int(filled[-1]) if len(filled) else -1
    if last in places and fates.number[last] == USED and _only_numbers(fates.sheet, last, decimal):
        fates.mark(_mask(fates, np.array([last])), ASIDE, "", "footer")


def _only_numbers(sheet: Sheet, place: int, decimal: str) -> bool:
    texts = [str(sheet.cells[header].iat[place]) for header in sheet.headers]
    return bool(cells.parse_hundredths([text for text in texts if text], decimal).known.all())


def _mark_other_kinds(fates: Fates, fields: Fields) -> None:
    if (kinds := fields.layout.kinds) is None:
        return
    header = fields.find(kinds.column)
    services = {fold(text) for text in kinds.services}
    column = fields.cells(header)
    other = np.array([fold(text) not in services for text in texts_of(column)], dtype=bool)
    fates.mark(spread(column, other), ASIDE, header, "other row kind")


def _mask(fates: Fates, places: npt.NDArray[np.intp]) -> Mask:
    mask = np.zeros(len(fates.number), dtype=bool)
    mask[places] = True
    return mask
