"""Months, periods and whether a period is old enough to be judged.

A month is one whole number, `year * 12 + month - 1`, so that months can be added,
compared and used as keys. A period is a run of whole months of service dates. Names of
months are written out here: they are English whatever the machine's locale is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from msgspec import Struct

from audit.errors import SettingsError

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

YEAR = 12
"""Months in a year."""

LONGEST_POOL = 12
"""The most months that the pool of earlier periods may reach back."""

_EN_DASH = "\N{EN DASH}"
_PART = re.compile(
    r"(?P<year>(?:19|20|21)[0-9]{2})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.IGNORECASE
)
_LONGEST_ECHO = 40


def month_of(day: date) -> int:
    """Return the month that `day` lies in."""
    return day.year * YEAR + day.month - 1


def month_start(month: int) -> date:
    """Return the first day of `month`."""
    return date(month // YEAR, month % YEAR + 1, 1)


def month_text(month: int) -> str:
    """Return `month` as 2026-10."""
    return f"{month // YEAR:04d}-{month % YEAR + 1:02d}"


def month_title(month: int) -> str:
    """Return `month` as October 2026."""
    return f"{MONTHS[month % YEAR]} {month // YEAR}"


def month_short(month: int) -> str:
    """Return `month` as Oct 2026."""
    return f"{MONTHS[month % YEAR][:3]} {month // YEAR}"


class Period(Struct, frozen=True, order=True):
    """A run of whole months, both ends included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("a period ends no earlier than it begins")

    @property
    def months(self) -> range:
        """The months of the period, oldest first."""
        return range(self.first, self.last + 1)

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return month_start(self.last + 1) - timedelta(days=1)

    @property
    def text(self) -> str:
        """The one way the period is written as an option, an id and a folder name.

        2026-10, 2026-Q3, 2026 or 2026-07..2026-08: a range that is a quarter or a year is written as such.
        """
        length, year = len(self.months), self.first // YEAR
        if length == 1:
            return month_text(self.first)
        if length == 3 and self.first % 3 == 0:
            return f"{year:04d}-Q{self.first % YEAR // 3 + 1}"
        if length == YEAR and self.first % YEAR == 0:
            return f"{year:04d}"
        return f"{month_text(self.first)}..{month_text(self.last)}"

    @property
    def title(self) -> str:
        """The period in words: October 2026, July-September 2026 (with an en dash), 2026.

        A quarter is told by its months: not every practice's quarters are the calendar's.
        """
        return self._words(len("September"))

    @property
    def short(self) -> str:
        """The period in few letters: Oct 2026, Jul-Sep 2026 (with an en dash), 2026."""
        return self._words(3)

    def _words(self, letters: int) -> str:
        """Tell the period with names of months of at most `letters` letters."""
        (first_year, first), (last_year, last) = divmod(self.first, YEAR), divmod(self.last, YEAR)
        if self.first == self.last:
            return f"{MONTHS[first][:letters]} {first_year}"
        if first == 0 and last == YEAR - 1:
            return f"{first_year}" if first_year == last_year else f"{first_year}{_EN_DASH}{last_year}"
        opening = (
            MONTHS[first][:letters] if first_year == last_year else f"{MONTHS[first][:letters]} {first_year}"
        )
        return f"{opening}{_EN_DASH}{MONTHS[last][:letters]} {last_year}"

    def age(self, as_of: date) -> int:
        """Return the days from the end of the period to `as_of`; below 0 while it still runs."""
        return (as_of - self.last_day).days

    def contains(self, month: int) -> bool:
        """Tell whether `month` is one of the period's."""
        return self.first <= month <= self.last

    def previous(self) -> Period:
        """Return the period of the same length directly before this one."""
        return self._shifted(len(self.months))

    def year_before(self) -> Period:
        """Return the same months one year earlier; a period over a year long overlaps with it."""
        return self._shifted(YEAR)

    def three_before(self) -> Period:
        """Return the earlier months to pool: three times this length directly before, twelve months at most.

        For a month these are the three months before it, for a quarter the three quarters. The
        reach ends at twelve months (and so for a year is the year before): older months tell of
        other fees, rules and people.
        """
        months = self.earlier_months(min(3 * len(self.months), LONGEST_POOL))
        return Period(months[0], months[-1])

    def earlier_months(self, count: int) -> range:
        """Return the `count` months directly before the period, oldest first."""
        return range(self.first - count, self.first)

    def _shifted(self, months: int) -> Period:
        return Period(self.first - months, self.last - months)


def parse_period(text: str) -> Period:
    """Read a period as a user writes it: 2026-10, 2026-Q3, 2026 or 2026-07..2026-09.

    The ends of a range may be quarters and years too. Anything else is a SettingsError.
    """
    opening, dots, closing = text.strip().partition("..")
    first, last = _parse_part(opening), _parse_part(closing if dots else opening)
    if first is None or last is None:
        raise SettingsError(
            f"The period {_echo(text)} is not one we know: write a month as 2026-10, a quarter as 2026-Q3, "
            "a year as 2026, or a range of months as 2026-07..2026-09."
        )
    if first.first > last.first:
        raise SettingsError(f"The period {_echo(text)} does not run forward: write the earlier month first.")
    return Period(first.first, last.last)


def _parse_part(text: str) -> Period | None:
    """Read a month, a quarter or a year; None when it is none of them."""
    found = _PART.fullmatch(text.strip())
    if found is None:
        return None
    january = int(found["year"]) * YEAR
    if found["month"]:
        month = january + int(found["month"]) - 1
        return Period(month, month)
    if found["quarter"]:
        first = january + 3 * (int(found["quarter"]) - 1)
        return Period(first, first + 2)
    return Period(january, january + YEAR - 1)


def _echo(text: str) -> str:
    """Quote what the user wrote, on one line and not at any length."""
    line = " ".join(text.split())
    return f'"{line[:_LONGEST_ECHO]}..."' if len(line) > _LONGEST_ECHO else f'"{line}"'


class Answered(NamedTuple):
    """How far the payers' answers to one month's lines have come.

    `billed` counts the lines of the month that were billed to a payer, `settled` those of them
    that are answered or so old that no answer is awaited (`give_up_days`).
    """

    billed: int
    settled: int


class Chosen(Struct, frozen=True):
    """A period, whether it can be judged, and what has happened since.

    `mature` is None where the history holds no answers at all: not measured, which is not
    immature. `whole` is false while the period still runs. `younger` are the whole months
    after the period that have lines.
    """

    period: Period
    mature: bool | None
    whole: bool
    younger: tuple[int, ...]


def judge_period(
    period: Period, counts: Mapping[int, Answered], as_of: date, *, mature_share: float, any_answer: bool
) -> Chosen:
    """Tell whether `period` is mature on the day `as_of`.

    `counts` holds every month of the history that has lines, those with none billed to a payer
    too. A period is mature when it is over and `mature_share` of its billed lines, its months taken
    together, are settled; with no line billed to a payer there is nothing to wait for.
    `any_answer` tells whether the history holds any payer's answer.
    """
    running = month_of(as_of)
    whole = period.last < running
    months = [counts[month] for month in counts if period.contains(month)]
    billed, settled = sum(month.billed for month in months), sum(month.settled for month in months)
    # A quotient, not a product: 9/10 is exactly the 0.9 of the settings, 0.55 * 100 is not 55.
    mature = whole and (billed == 0 or settled / billed >= mature_share)
    younger = tuple(sorted(month for month in counts if period.last < month < running))
    return Chosen(period, mature if any_answer else None, whole, younger)


def choose_period(
    counts: Mapping[int, Answered], as_of: date, *, mature_share: float, any_answer: bool
) -> Chosen:
    """Return the month to report on when the user names none: the newest one that is over and mature.

    Where no month is mature, or the history holds no answers at all, it is the newest whole
    month. A month still running on the day `as_of` is never whole. For the arguments see
    `judge_period`. No whole month with lines: SettingsError.
    """
    running = month_of(as_of)
    whole = sorted((month for month in counts if month < running), reverse=True)
    if not whole:
        raise SettingsError(_no_whole_month(counts, as_of))
    judged = [
        judge_period(Period(month, month), counts, as_of, mature_share=mature_share, any_answer=any_answer)
        for month in whole
    ]
    return next((chosen for chosen in judged if chosen.mature), judged[0])


def _no_whole_month(counts: Mapping[int, Answered], as_of: date) -> str:
    if not counts:
        return "The billing files hold no month with lines: check that they are the right ones."
    first, last = min(counts), max(counts)
    held = month_title(first) if first == last else f"{month_title(first)} to {month_title(last)}"
    return (
        f"No month of the billing files ({held}) was over by {as_of.isoformat()}: "
        f"give a later day with --as-of, or name the period with --period {month_text(first)}."
    )
