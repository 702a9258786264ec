"""A clinician's day: hours of treatment on it, days away, Sundays and holidays.

These belong to the topic of patterns, and their rules go by its name.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from audit.applicability import find_visits, lay_marks
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule
from audit.settings import fold_name
from audit.treated import Treated, add_up, find_among

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.populations import Marks
    from audit.settings import Thresholds

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

UNIT_MINUTES = 15

PANEL = "General knowledge; check: what insurers' reviewers look for. The limit is a setting"

SUNDAY = 6
"""Day of the week, Monday being 0."""


def checks(limits: Thresholds) -> tuple[Check[Treated], ...]:
    """Return the rules of a clinician's day with their marks."""
    hours = f"{limits.hours_per_day:g} hours"
    return (
        Check(
            Rule(
                "patterns/hours_billed",
                f"Check the times of {{rows}} on days with more than {hours} of timed treatment billed for "
                "one clinician",
                "Check the times in the notes of that day, and who treated; a claim is corrected only from "
                "the note as it stood.",
                "A reviewer adds up the units of a clinician's day, 15 minutes each, before reading a note.",
                "OIG OEI-04-09-00540 asks about days of more than 8 hours; the limit is a setting",
                "pattern_hours_billed",
                "visits",
                "owner",
                "clinician and units",
                money="",
                sentence=f"The timed units of one clinician on one day, 15 minutes each, are no more than "
                f"{hours}; patients who pay themselves count too.",
                task="patterns",
                right="28 timed units on Monday: 7 hours.",
                wrong="36 timed units on Monday: 9 hours.",
            ),
            _mark_hours_billed,
        ),
        Check(
            Rule(
                "patterns/hours_recorded",
                f"Check the times of {{rows}} on days with more than {hours} recorded for one clinician",
                "Check the times in the notes: whether minutes of two patients at once, or of an assistant, "
                "are recorded as one clinician's own.",
                "Minutes that do not fit into a day weaken every note of it.",
                "OIG OEI-04-09-00540 asks about days of more than 8 hours; the limit is a setting",
                "pattern_hours_recorded",
                "visits",
                "clinician",
                "clinician and minutes",
                money="",
                sentence=f"The treatment minutes recorded for one clinician on one day are no more than "
                f"{hours}.",
                task="patterns",
                right="450 minutes recorded on Monday.",
                wrong="560 minutes recorded on Monday.",
            ),
            _mark_hours_recorded,
        ),
        Check(
            Rule(
                "patterns/away",
                "Check who treated on {rows} dated while the clinician was away",
                "Check the schedule and the note: the date, and who treated that day.",
                "A service is billed under who gave it, on the day it was given.",
                "General knowledge; check. Days away are the practice's own: practice.toml",
                "pattern_away",
                "lines",
                "owner",
                "clinician, and days away in practice.toml",
                sentence="No service is dated on a day on which its clinician was away.",
                task="patterns",
                right="Away 3 to 14 August, next service 17 August.",
                wrong="Away 3 to 14 August, service of 5 August.",
            ),
            _mark_away,
        ),
        Check(
            Rule(
                "patterns/sunday",
                "Check the date of {rows} on a Sunday",
                "Check the date in the note and the schedule.",
                "A date on which the practice does not usually treat may be a slip, and is looked at.",
                PANEL,
                "pattern_sunday",
                "visits",
                "front desk",
                "dates of service",
                money="",
                sentence="Where Sunday is no working day of the practice (fewer than "
                f"{100 * limits.sunday_share:.0f} % of its visits), no visit is dated on one.",
                task="patterns",
                right="Visits on Monday to Saturday.",
                wrong="One visit on Sunday, 4 October 2026.",
            ),
            _mark_sunday,
        ),
        Check(
            Rule(
                "patterns/holiday",
                "Check the date of {rows} on a public holiday",
                "Check the date in the note and the schedule.",
                "A date on which most practices are closed may be a slip, and is looked at.",
                f"{PANEL}; holidays: 5 U.S.C. 6103 (six of them)",
                "pattern_holiday",
                "visits",
                "front desk",
                "dates of service",
                money="",
                sentence="No visit is dated on New Year's Day, Memorial Day, Independence Day, Labor Day, "
                "Thanksgiving or Christmas.",
                task="patterns",
                right="A visit on Friday, 27 November 2026.",
                wrong="A visit on Thanksgiving, 26 November 2026.",
            ),
            _mark_holiday,
        ),
    )


def mark_timed(treated: Treated) -> tuple[Marks, Marks]:
    """Mark the lines of timed codes, and one visit for every day on which a clinician gave one."""
    lines = treated.lines.given & treated.timed
    visits = find_visits(treated.populations, lines) & treated.with_clinician
    rows = np.flatnonzero(visits)
    place, count = treated.clinician_days
    first = np.full(count, len(visits), dtype=np.int64)
    np.minimum.at(first, place[rows], rows)
    whole = treated.with_clinician[treated.visit]
    return lay_marks(lines & whole, told=treated.units >= 0), lay_marks(
        find_among(first[first < len(visits)], len(visits))
    )


def _mark_hours_billed(treated: Treated) -> Marks:
    lines = np.flatnonzero(treated.lines.given & treated.timed)
    visit, units = treated.visit[lines], treated.units[lines]
    count = len(treated.day)
    return _mark_days(
        treated,
        find_visits(treated.populations, treated.lines.asked & treated.timed),
        add_up(visit, np.maximum(units, 0) * UNIT_MINUTES, count),
        find_among(visit[units < 0], count),
        100,
    )


def _mark_hours_recorded(treated: Treated) -> Marks:
    """Minutes of the visit count; where a visit tells none, those of its lines."""
    lines, visits = treated.populations.lines.frame, treated.populations.visits.frame
    count = len(visits)
    rows = np.flatnonzero(treated.lines.given & lines["minutes"].notna().to_numpy())
    by_code = add_up(treated.visit[rows], lines["minutes"].to_numpy(np.int64, na_value=0)[rows], count)
    of_visit = visits["minutes"].to_numpy(np.int64, na_value=-1)
    unknown = (of_visit < 0) & ~find_among(treated.visit[rows], count)
    given = find_visits(treated.populations, treated.lines.given)
    minutes = np.where(of_visit < 0, by_code, of_visit) * given
    return _mark_days(treated, treated.billed, minutes, unknown & given, 1)


def _mark_days(treated: Treated, asked: Mask, minutes: Ints, unknown: Mask, of: int) -> Marks:
    """Mark visits of a clinician's day with more minutes than the limit; `minutes` are told in parts `of`.

    A day that may hold more than is told is UNSURE, unless what is told is too much already.
    """
    place, count = treated.clinician_days
    most = round(treated.limits.hours_per_day * 60 * of)
    over = (add_up(place, minutes, count) > most)[place]
    whole = (add_up(place, unknown, count) == 0)[place]
    return lay_marks(asked, over, treated.with_clinician & (whole | over))


def _mark_away(treated: Treated) -> Marks:
    """A clinician of whom no day away is told cannot be checked."""
    lines = treated.populations.lines
    names = [fold_name(label) for label in treated.labels("clinician")]
    marks = np.full(len(lines), OUT, dtype=np.int8)
    known = np.zeros(len(names), dtype=bool)
    away = np.zeros(len(lines), dtype=bool)
    for one in treated.settings.practice.away:
        wanted = (
            fold_name(one.clinician),
            fold_name(treated.settings.practice.aliases.clinician(one.clinician)),
        )
        theirs = np.array([name in wanted for name in names], dtype=bool)
        known |= theirs
        first, last = (np.datetime64(day, "D").astype(np.int64) for day in (one.start, one.end))
        away |= theirs[lines.groups["clinician"]] & (treated.lines.day >= first) & (treated.lines.day <= last)
    told = known[lines.groups["clinician"]]
    marks[treated.lines.asked] = np.where(told, np.where(away, YES, NO), UNSURE)[treated.lines.asked]
    return marks


def _mark_sunday(treated: Treated) -> Marks:
    sunday = (treated.day + 3) % 7 == SUNDAY  # 1970-01-01 was a Thursday
    total = int(treated.billed.sum())
    usual = int((sunday & treated.billed).sum()) >= treated.limits.sunday_share * max(total, 1)
    return lay_marks(treated.billed, sunday & (not usual))


def _mark_holiday(treated: Treated) -> Marks:
    months = treated.populations.first_month, treated.populations.first_month + treated.populations.months
    years = range(months[0] // 12, (months[1] - 1) // 12 + 1)
    days = [np.datetime64(day, "D").astype(np.int64) for year in years for day in find_holidays(year)]
    return lay_marks(treated.billed, np.isin(treated.day, np.array(days, dtype=np.int64)))


def find_holidays(year: int) -> tuple[date, ...]:
    """Return the six public holidays on which most practices are closed."""
    return (
        date(year, 1, 1),
        _weekday(date(year, 5, 25), 0),  # last Monday of May
        date(year, 7, 4),
        _weekday(date(year, 9, 1), 0),  # first Monday of September
        _weekday(date(year, 11, 22), 3),  # fourth Thursday of November
        date(year, 12, 25),
    )


def _weekday(since: date, weekday: int) -> date:
    """Return the first day of a weekday (Monday is 0) from a day on."""
    return since + timedelta((weekday - since.weekday()) % 7)
