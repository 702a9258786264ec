"""What one cell says of time: days, times of day, minutes.

As in `cells`: distinct texts in, one value per text out; what cannot be read is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from audit.intake.cells import is_blank, plain
from audit.periods import MONTHS

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Dates outside these years are typing errors."""

NO_MINUTES = -1
UNREADABLE_MINUTES = -2


_TIME_OF_DAY = re.compile(
    r"(?:T|\s)\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*(?:[AP]\.?M\.?)?\s*"
    r"(?:Z|UTC|[-+][0-9]{2}:?[0-9]{2})?$"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"([0-9]{5})(?:\.([0-9]+))?")
_NAME_FIRST = re.compile(r"(?:[A-Z]{3,9},?\s+)?([A-Z]{3,9})\.?\s*([0-9]{1,2})(?:ST|ND|RD|TH)?,?\s+([0-9]{4})")
_NAME_SECOND = re.compile(
    r"(?:[A-Z]{3,9},?\s+)?([0-9]{1,2})(?:ST|ND|RD|TH)?[-\s]+([A-Z]{3,9})\.?,?[-\s]+([0-9]{4}|[0-9]{2})"
)
_CLOCK = re.compile(r"(?:^|T|\s)([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*([AP])?")
_FRACTION_OF_DAY = re.compile(r"[0-9]*(\.[0-9]+)")
_EXCEL_EPOCH = date(1899, 12, 30)
_LONGEST_DATE = 60


class Evidence(NamedTuple):
    """How many distinct texts prove a day/month order, and how many could be read either way."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0

    def plus(self, other: Evidence) -> Evidence:
        """Return both evidences together."""
        return Evidence(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Dates(NamedTuple):
    """A day per text, NaT where there is none; `blank` where the text says nothing."""

    values: npt.NDArray[np.datetime64]
    blank: npt.NDArray[np.bool_]


def weigh_dates(texts: Iterable[str]) -> Evidence:
    """Return what texts such as 04/27/2026 prove about the order of day and month."""
    day_first = month_first = either = 0
    for text in texts:
        match = _YEAR_LAST.fullmatch(_day_text(text))
        if match is None:
            continue
        first, second = int(match[1]), int(match[3])
        day_first += first > 12 and 0 < first <= _longest(second)
        month_first += second > 12 and 0 < second <= _longest(first)
        either += first <= 12 and second <= 12 and first != second
    return Evidence(day_first, month_first, either)


def _longest(month: int) -> int:
    """Return how many days a month may have, 0 where it is no month."""
    return 0 if not 1 <= month <= 12 else 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31


def order_of(patterns: Iterable[str]) -> str:
    """Return the order of day and month that all patterns of strptime have; "" where they leave it open."""
    orders = {
        "month-first" if pattern.index("%m") < pattern.index("%d") else "day-first"
        for pattern in patterns
        if "%m" in pattern and "%d" in pattern and not pattern.lower().startswith("%y")
    }
    return orders.pop() if len(orders) == 1 else ""


def parse_dates(texts: Sequence[str], order: str = "", patterns: Sequence[str] = ()) -> Dates:
    """Return the day of each text, whatever its time of day.

    `order` is "month-first" or "day-first" and settles texts such as 3/4/26, which are unreadable without.
    `patterns` (of strptime) are tried first. Year-first dates, written-out months, 20260427 and the day
    numbers of a spreadsheet need neither. Impossible days are unreadable.
    """
    tried = tuple(patterns)
    days = [_day(text, order, tried) for text in texts]
    blank = [day is None and is_blank(text) for text, day in zip(texts, days, strict=True)]
    return Dates(np.array(days, dtype="datetime64[D]").astype("datetime64[s]"), np.array(blank, dtype=bool))


def _day_text(text: str) -> str:
    return _TIME_OF_DAY.sub("", plain(text[:_LONGEST_DATE])).strip()


@lru_cache(maxsize=16_384)  # the columns of a practice's files tell the same days
def _day(text: str, order: str, patterns: tuple[str, ...]) -> date | None:
    if not text or len(text) > _LONGEST_DATE:
        return None
    for pattern in patterns:
        try:
            return _plausible(datetime.strptime(text, pattern).date())
        except ValueError:
            continue
    parts = _parts(_day_text(text), order)
    try:
        return _plausible(date(*parts)) if parts else None
    except ValueError:
        return None


def _plausible(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _parts(text: str, order: str) -> tuple[int, int, int] | None:
    """Return year, month and day as written."""
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4])
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
        return {"month-first": (year, first, second), "day-first": (year, second, first)}.get(order)
    if match := _COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _SERIAL.fullmatch(text):
        day = _EXCEL_EPOCH + timedelta(days=int(match[1]))
        return day.year, day.month, day.day
    if (match := _NAME_FIRST.fullmatch(text)) and (month := _month(match[1])):
        return int(match[3]), month, int(match[2])
    if (match := _NAME_SECOND.fullmatch(text)) and (month := _month(match[2])):
        return _full_year(match[3]), month, int(match[1])
    return None


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= FIRST_YEAR % 100 else 2000)


def _month(name: str) -> int:
    """Return the number of a month's English name or its beginning, 0 when it is none."""
    if name == "SEPT":
        return 9
    return next((number for number, month in enumerate(MONTHS, 1) if month.upper().startswith(name)), 0)


_MINUTES = re.compile(r"([0-9]{1,4})(?:\.[0-9]+)?\s*(?:M|MIN|MINS|MINUTES?)?\.?")
_HOURS_MINUTES = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::00)?")


def parse_minutes(texts: Iterable[str]) -> list[int]:
    """Return whole minutes per text ("45", "45 min", "0:45"), NO_MINUTES or UNREADABLE_MINUTES.

    A fraction of a minute is dropped, as a timed code counts only minutes that were spent whole.
    """
    return [_minutes(text) for text in texts]


def _minutes(text: str) -> int:
    if is_blank(text):
        return NO_MINUTES
    written = plain(text[:_LONGEST_DATE])
    if match := _MINUTES.fullmatch(written):
        return int(match[1])
    if match := _HOURS_MINUTES.fullmatch(written):
        return int(match[1]) * 60 + int(match[2])
    return UNREADABLE_MINUTES


def parse_clock(texts: Iterable[str]) -> list[int]:
    """Return minutes since midnight of a time of day, with or without its date; NO_MINUTES where none."""
    return [_clock(text) for text in texts]


def _clock(text: str) -> int:
    written = plain(text[:_LONGEST_DATE])
    if match := _CLOCK.search(written):
        hour, minute = int(match[1]), int(match[2])
        if match[3]:
            hour = hour % 12 + (12 if match[3] == "P" else 0)
        return hour * 60 + minute if hour < 24 and minute < 60 else NO_MINUTES
    if match := _FRACTION_OF_DAY.fullmatch(written):
        return round(float(match[1]) * 24 * 60) % (24 * 60)
    return NO_MINUTES
