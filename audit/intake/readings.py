"""The values of one sheet, field by field: read on the distinct texts, then spread over the rows asked for.

Counts what could not be read, by header, so that it can be told; an unreadable value is unknown, never zero.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import InputError
from audit.intake import cells, days
from audit.intake.charted import NO_TEXT, UNREADABLE, number_texts, parse_counts, parse_regions
from audit.intake.columns import Places, constant, no_dates, reword, spread, take, texts_of, whole_numbers
from audit.intake.layouts import Fields, place_of
from audit.settings import CHARTED_DATES

DATE_FIELDS = ("service_date", "submitted_date", "posted_on", "signed_on", *CHARTED_DATES)


class RowAmounts(NamedTuple):
    """Hundredths per row, and whether they are known."""

    values: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]

    def nullable(self) -> Any:
        """Return the amounts as Int64, missing where unknown."""
        return whole_numbers(self.values, self.known)

    def where(self, rows: npt.NDArray[np.bool_]) -> RowAmounts:
        """Return the amounts, unknown outside `rows`."""
        return RowAmounts(self.values, self.known & rows)


class DateOrder(NamedTuple):
    """How a file writes its dates: the order of day and month, patterns, and both in words."""

    order: str
    patterns: tuple[str, ...]
    told: str


class Readings:
    """The values of a sheet's fields; `unreadable` counts them by header and kind of value."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.dates_as = settle_dates(fields)
        self.unreadable: Counter[tuple[str, str]] = Counter()
        self._amounts: dict[str, cells.Amounts] = {}
        self._days: dict[str, days.Dates] = {}

    def text(self, field: str, places: Places) -> pd.Categorical:
        """Return a field's texts as they are; blank throughout where the file lacks it."""
        if not self.fields.has(field):
            return constant(len(self.fields) if places is None else len(places))
        return take(self.fields.column(field), places)

    def words(self, field: str, places: Places) -> pd.Categorical:
        """Return a field's texts on one line each, blank where they stand for nothing ("--", "N/A")."""
        return reword(
            self.text(field, places), lambda text: "" if cells.is_blank(text) else " ".join(text.split())
        )

    def days_of(self, field: str) -> tuple[pd.Categorical, days.Dates]:
        """Return a date field's column and the days of its distinct texts."""
        column = self.fields.column(field)
        if field not in self._days:
            self._days[field] = days.parse_dates(
                texts_of(column), self.dates_as.order, self.dates_as.patterns
            )
        return column, self._days[field]

    def dates(self, field: str, places: Places) -> npt.NDArray[np.datetime64]:
        """Return days per row, NaT where there is none or the file lacks the field."""
        if not self.fields.has(field):
            return no_dates(len(self.fields) if places is None else len(places))
        column, read = self.days_of(field)
        column = take(column, places)
        self._count(field, "dates", spread(column, np.isnat(read.values) & ~read.blank))
        found: npt.NDArray[np.datetime64] = spread(column, read.values)
        return found

    def amounts(self, field: str, places: Places, count: bool = True) -> RowAmounts:
        """Return money in cents or units in hundredths per row."""
        if not self.fields.has(field):
            length = len(self.fields) if places is None else len(places)
            return RowAmounts(np.zeros(length, dtype=np.int64), np.zeros(length, dtype=bool))
        header = self.fields.header(field)
        return self.amounts_under(header, places, field in self.fields.layout.absolute, count)

    def amounts_under(
        self, header: str, places: Places, absolute: bool = False, count: bool = True
    ) -> RowAmounts:
        """Return the amounts under a header of the file."""
        column = self.fields.cells(header)
        if header not in self._amounts:
            self._amounts[header] = cells.parse_hundredths(texts_of(column), self.fields.layout.decimal)
        found = self._amounts[header]
        column = take(column, places)
        if count and not (found.known | found.blank).all():
            self.unreadable[header, "amounts"] += int(spread(column, ~found.known & ~found.blank).sum())
        values = np.abs(found.values) if absolute else found.values
        return RowAmounts(spread(column, values), spread(column, found.known))

    def minutes(self, places: Places) -> npt.NDArray[np.int64]:
        """Return minutes per row, NO_MINUTES or UNREADABLE_MINUTES."""
        column = take(self.fields.column("minutes"), places)
        read = np.array(days.parse_minutes(texts_of(column)), dtype=np.int64)
        found: npt.NDArray[np.int64] = spread(column, read)
        self._count("minutes", "minutes", found == days.UNREADABLE_MINUTES)
        return found

    def charted(self, field: str, places: Places) -> Any:
        """Return what a column of CHARTED says per row: days, or nullable whole numbers."""
        if field in CHARTED_DATES:
            return self.dates(field, places)
        column = take(self.fields.column(field), places)
        if field == "note_text":
            numbers = spread(column, number_texts(column.categories))
            return whole_numbers(numbers, numbers != NO_TEXT)
        what, read = ("regions", parse_regions) if field == "regions" else ("numbers", parse_counts)
        found = spread(column, np.array(read(texts_of(column)), dtype=np.int64))
        self._count(field, what, found == UNREADABLE)
        return whole_numbers(found, found >= 0, "Int32")

    def minutes_between(self, places: Places) -> npt.NDArray[np.int64]:
        """Return the minutes from start to end of an appointment, UNREADABLE_MINUTES where not told."""
        start, end = (self._clock(field, places) for field in ("start", "end"))
        told = (start >= 0) & (end > start)
        return np.where(told, end - start, days.UNREADABLE_MINUTES)

    def _clock(self, field: str, places: Places) -> npt.NDArray[np.int64]:
        column = take(self.fields.column(field), places)
        found: npt.NDArray[np.int64] = spread(
            column, np.array(days.parse_clock(texts_of(column)), dtype=np.int64)
        )
        return found

    def _count(self, field: str, what: str, strange: npt.NDArray[np.bool_]) -> None:
        if number := int(strange.sum()):
            self.unreadable[self.fields.header(field), what] += number

    def notes(self) -> list[str]:
        """Return what could not be read, in words."""
        return [
            f'column "{header}": {number:,} of its {what} could not be read and count as unknown'
            for (header, what), number in sorted(self.unreadable.items())
            if number
        ]


def settle_dates(fields: Fields) -> DateOrder:
    """Return how the sheet writes dates: as its layout says, else as all its values together prove.

    Raises `InputError` when the values leave it open or contradict each other or the layout.
    """
    told = fields.layout.dates
    if told:
        ways = [told] if isinstance(told, str) else list(told)
        order = next((way for way in ways if way in ("month-first", "day-first")), "")
        patterns = tuple(way for way in ways if "%" in way)
        _check_order(fields, order or days.order_of(patterns), order, patterns)
        return DateOrder(order, patterns, f"{', '.join(ways)} (as the layout says)")
    present = [field for field in DATE_FIELDS if fields.has(field)]
    proof = days.Evidence()
    for field in present:
        proof = proof.plus(days.weigh_dates(texts_of(fields.column(field))))
    place, layout = place_of(fields.sheet), fields.layout.name
    advice = f'write dates = "month-first" or dates = "day-first" in the layout {layout}'
    if proof.day_first and proof.month_first:
        raise InputError(
            f"{place}: some dates have the day first, some the month; mend the file, or {advice}."
        )
    if proof.day_first or proof.month_first:
        order = "day-first" if proof.day_first else "month-first"
        return DateOrder(order, (), f"{order} (as {max(proof[:2])} of its dates prove)")
    if proof.either:
        raise InputError(f"{place}: its dates can be read with the day or the month first; {advice}.")
    return DateOrder("", (), "day and month cannot be confused")


def _check_order(fields: Fields, declared: str, order: str, patterns: tuple[str, ...]) -> None:
    """Raise `InputError` where a date of service can only be read in the order that the layout denies.

    Its neighbours 04.06. would be read as another day without a word. A day that is none in either order
    proves nothing.
    """
    other = {"month-first": "day-first", "day-first": "month-first"}.get(declared)
    if other is None or not fields.has("service_date"):
        return
    column = fields.column("service_date")
    texts = texts_of(column)
    unread = np.flatnonzero(np.isnat(days.parse_dates(texts, order, patterns).values))
    proofs = [days.weigh_dates([texts[place]]) for place in unread]
    strange = [
        place
        for place, proof in zip(unread.tolist(), proofs, strict=True)
        if (proof.day_first if other == "day-first" else proof.month_first)
    ]
    rows = np.flatnonzero(np.isin(column.codes, strange))
    if len(rows):
        what = {"month-first": "month", "day-first": "day"}
        raise InputError(
            f"{place_of(fields.sheet)}, row {fields.sheet.rows[rows[0]]}, column "
            f'"{fields.header("service_date")}": this date has the {what[other]} first, but the layout '
            f'{fields.layout.name} says {declared}; write dates = "{other}" in the layout, or mend the file.'
        )
