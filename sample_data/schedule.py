"""When patients come: courses of treatment and their visits, on days when the practice is open.

In go draws, a `Scale` and payers; out come visits in order of date, one row per patient, day and clinician:
`patient`, `clinician`, `payer` and `location` as positions, `course` and the visit's `number` in it from 0,
`begun` and `day` as days, and `diagnosis`, the course's draw from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from .draws import AS_OF, EPOCH, Draws, Ints, Scale
from .roster import CHIROPRACTIC, CLINICIAN_WEIGHTS, MASSAGE, PT, Payer

SEASON = (105, 98, 104, 102, 104, 98, 90, 93, 104, 107, 99, 86)  # per cent, January first
HOLIDAYS = {(1, 1), (7, 4), (12, 24), (12, 25), (12, 31)}
GROWTH = 48  # per cent over the history
LEAD_DAYS = 98  # before the history, in which courses already begin
LINES_PER_COURSE = 16.3


def months_before(end: date, count: int) -> date:
    """First day of the month `count - 1` months before the month of `end`."""
    index = end.year * 12 + end.month - count
    return date(index // 12, index % 12 + 1, 1)


def open_days(scale: Scale) -> tuple[Ints, Ints, int]:
    """The open days (weekdays, no holidays) with a lead, how busy each is, and the first one counted."""
    start = months_before(AS_OF, scale.months)
    first = start - timedelta(days=LEAD_DAYS)
    dates = [first + timedelta(days=number) for number in range((AS_OF - first).days + 1)]
    dates = [d for d in dates if d.weekday() < 5 and (d.month, d.day) not in HOLIDAYS]
    months = [max(0, (d.year - start.year) * 12 + d.month - start.month) for d in dates]
    growth = [100 + GROWTH * month // max(1, scale.months - 1) for month in months]
    busy = [percent * SEASON[d.month - 1] for percent, d in zip(growth, dates, strict=True)]
    numbers = np.array([(d - EPOCH).days for d in dates], dtype=np.int64)
    return numbers, np.array(busy, dtype=np.int64), (start - EPOCH).days


def make_courses(draws: Draws, scale: Scale, payers: Sequence[Payer], busy: Ints) -> pd.DataFrame:
    """Courses of treatment: a patient with a clinician, a payer and a place, from an open day on."""
    count = round(scale.lines / LINES_PER_COURSE)
    clinician = draws.deal(count, CLINICIAN_WEIGHTS)
    payer = np.zeros(count, dtype=np.int64)
    for discipline in (MASSAGE, PT, CHIROPRACTIC):
        chosen = clinician == discipline
        payer[chosen] = draws.deal(int(chosen.sum()), [p.patients[discipline] for p in payers])
    courses = pd.DataFrame(
        {
            "patient": np.arange(count),
            "clinician": clinician,
            "payer": payer,
            "location": draws.chance(count, 0.4).astype(np.int64),
            "start": draws.spread(count, busy.astype(np.float64)),
            "visits": 3 + draws.between(count, 0, 4) + draws.between(count, 0, 4),
            "diagnosis": draws.uniform(count),
        }
    )
    colleague = courses[draws.chance(count, 0.12) & (clinician != MASSAGE)].copy()
    colleague["clinician"] = PT + CHIROPRACTIC - colleague["clinician"]
    colleague["start"] += draws.between(len(colleague), 0, 20)
    again = courses[draws.chance(count, 0.28)].copy()
    again["start"] += draws.between(len(again), 110, 260) * np.where(draws.chance(len(again), 0.5), 1, -1)
    found: pd.DataFrame = pd.concat([courses, colleague, again], ignore_index=True)
    return found


def make_visits(draws: Draws, scale: Scale, payers: Sequence[Payer]) -> pd.DataFrame:
    """Visits in order of date: one row per patient, day and clinician."""
    days, busy, first = open_days(scale)
    courses = make_courses(draws, scale, payers, busy)
    repeats = courses["visits"].to_numpy()
    course = np.repeat(np.arange(len(courses)), repeats)
    begin = np.cumsum(repeats) - repeats
    number = np.arange(len(course)) - begin[course]
    gap = draws.between(len(course), 1, 5) + np.where(
        courses["clinician"].to_numpy()[course] == MASSAGE, 2, 0
    )
    gap[number == 0] = 0
    walked = np.cumsum(gap)
    position = courses["start"].to_numpy()[course] + walked - walked[begin[course]]
    visits = courses.drop(columns=["start", "visits"]).iloc[course].reset_index(drop=True)
    visits["course"], visits["number"] = course, number
    visits["begun"] = days[np.clip(courses["start"].to_numpy()[course], 0, len(days) - 1)]
    inside = (position >= 0) & (position < len(days))
    visits["day"] = days[np.clip(position, 0, len(days) - 1)]
    visits = visits[inside & (visits["day"].to_numpy() >= first)]
    order = np.lexsort(
        (visits["patient"].to_numpy(), visits["clinician"].to_numpy(), visits["day"].to_numpy())
    )
    found: pd.DataFrame = visits.iloc[order].reset_index(drop=True)
    found["patient"] = renumber(found["patient"].to_numpy())
    return keep_holidays(found)


def is_holiday(when: date) -> bool:
    """Whether a day is Memorial Day, Labor Day or Thanksgiving; HOLIDAYS are those of a fixed date."""
    last_monday = when.month == 5 and when.weekday() == 0 and when.day > 24
    first_monday = when.month == 9 and when.weekday() == 0 and when.day < 8
    return last_monday or first_monday or (when.month == 11 and when.weekday() == 3 and 21 < when.day < 29)


def keep_holidays(visits: pd.DataFrame) -> pd.DataFrame:
    """Visits without any on a holiday: each moves to the nearest weekday on which its patient has none.

    The order stays, so that the same chance falls on the same visit.
    """
    moved, last = visits["day"].to_numpy(copy=True), (AS_OF - EPOCH).days
    first = int(moved.min())
    open_day = np.array(
        [
            when.weekday() < 5 and not is_holiday(when) and (when.month, when.day) not in HOLIDAYS
            for when in (EPOCH + timedelta(days=number) for number in range(first, last + 1))
        ]
    )
    for step in (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6):
        waiting = np.flatnonzero(~open_day[moved - first])
        there = np.clip(moved[waiting] + step, first, last)
        key = visits["patient"].to_numpy() * 100_000
        free = open_day[there - first] & ~np.isin(key[waiting] + there, key + moved)
        moved[waiting[free]] = there[free]
    visits["day"] = moved
    return visits


def renumber(values: Ints) -> Ints:
    """Dense numbers from 0 in order of first appearance."""
    return pd.factorize(values)[0].astype(np.int64)
