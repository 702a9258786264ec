"""Episodes of care: who was treated in which discipline on which day, and what their notes say over time.

A *course* is one patient in one discipline. What a note says (a plan, a referral) holds for the later visits
of its course, so everything here is a day on a course's time line. Days count from 1970. Rows are those of
the visits with a line, and behind them those of the notes without one, which may tell of a plan as well.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct

from audit.applicability import carries, find_visits, visit_of_line
from audit.billed import Billed, is_visit
from audit.codes import code_book
from audit.numbering import begins_anew

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd
    from numpy.typing import NDArray

    from audit.populations import Populations
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

NONE = -1
"""No day, and the place of what is found nowhere."""

SPAN = 1 << 16
"""More days than any date counts: a course and a day make one number."""

DISCIPLINES = ("", "massage", "pt", "ot", "chiropractic", "acupuncture", "slp", "other")
"""Disciplines by number; the first is not known."""

THERAPIES = ("pt", "ot", "slp")
"""Disciplines that treat by a plan of care."""

PLAN_MODIFIERS = {"GP": "pt", "GO": "ot", "GN": "slp"}

EVALUATIONS = (
    *("97001", "97003", "97161", "97162", "97163", "97165", "97166", "97167"),
    *("92521", "92522", "92523", "92524", "92610"),
)
"""First evaluations, with which an episode of therapy begins."""

REEVALUATIONS = ("97002", "97004", "97164", "97168")

LONGEST_PLAN = 90
"""Days after which Medicare wants a plan to be certified again, whatever its own end."""


class TimeLine(NamedTuple):
    """Days on which something happened, by course; a place is a position among them."""

    marks: Ints
    """Course and day as one number, rising, each once."""

    @staticmethod
    def of(marks: Ints) -> TimeLine:
        """Return the time line of some marks, in whatever order; sorting is quicker than `np.unique` here."""
        rising = np.sort(marks)
        return TimeLine(rising[begins_anew(rising)])

    def newest(self, course: Ints, day: Ints) -> Ints:
        """Return the place of a course's newest day up to each day, NONE where there is none."""
        return self._of_course(np.searchsorted(self.marks, course * SPAN + day, "right") - 1, course)

    def next(self, course: Ints, day: Ints) -> Ints:
        """Return the place of a course's first day from each day on, NONE where there is none."""
        return self._of_course(np.searchsorted(self.marks, course * SPAN + day), course)

    def days(self, place: Ints) -> Ints:
        """Return the days at some places, NONE where there is no place."""
        if not len(self.marks):
            return np.full(len(place), NONE, dtype=np.int64)
        return np.where(place == NONE, NONE, self.marks[place] % SPAN)

    def between(self, course: Ints, first: Ints, last: Ints) -> Ints:
        """Return how many of a course's days lie from `first` to `last`, both included."""
        ends = np.searchsorted(self.marks, course * SPAN + last, "right")
        found: Ints = ends - np.searchsorted(self.marks, course * SPAN + first)
        return found

    def _of_course(self, place: Ints, course: Ints) -> Ints:
        if not len(self.marks):
            return np.full(len(course), NONE, dtype=np.int64)
        inside = (place >= 0) & (place < len(self.marks))
        place = np.where(inside, place, 0)
        return np.where(inside & (self.marks[place] // SPAN == course), place, NONE)


class Episodes(Struct, frozen=True, dict=True):
    """The visits and notes of a history as rows, each fact worked out once."""

    populations: Populations
    settings: Settings
    as_of: date

    @cached_property
    def billed(self) -> Billed:
        """The lines."""
        return Billed(self.populations, self.settings)

    @property
    def visits(self) -> int:
        """How many rows are visits with a line; they come first."""
        return len(self.populations.visits)

    @cached_property
    def day(self) -> Ints:
        """By row: the date of service."""
        return self._days("service_date")

    @cached_property
    def patient(self) -> Ints:
        """By row: its patient."""
        return np.concatenate([frame["patient_key"].to_numpy(np.int64) for frame in self._frames])

    @cached_property
    def course(self) -> Ints:
        """By row: a number of its patient and discipline."""
        return self.patient * len(DISCIPLINES) + self.discipline

    @cached_property
    def discipline(self) -> Ints:
        """By row, a position in DISCIPLINES: the clinician's, else what the lines say.

        Where neither is told, the only one in which the patient was treated.
        """
        found = np.concatenate([self._of_visits(), self._of_notes()])
        if not (found == 0).any():
            return found
        people, known = int(self.patient.max()) + 1, found > 0
        least, most = np.full(people, len(DISCIPLINES)), np.zeros(people, dtype=np.int64)
        np.minimum.at(least, self.patient[known], found[known])
        np.maximum.at(most, self.patient[known], found[known])
        only = np.where(least == most, most, 0)
        return np.where(known, found, only[self.patient])

    @cached_property
    def by_therapist(self) -> Mask:
        """By visit: it is one of a discipline that treats by a plan of care."""
        return np.isin(self.discipline[: self.visits], [DISCIPLINES.index(one) for one in THERAPIES])

    @cached_property
    def treated(self) -> Mask:
        """By visit: something was done beside evaluating, whoever pays."""
        return find_visits(self.populations, self.billed.given & self.billed.of_codes(is_treatment))

    @cached_property
    def evaluated(self) -> Mask:
        """By visit: with a first evaluation."""
        return self._with(EVALUATIONS)

    @cached_property
    def reevaluated(self) -> Mask:
        """By visit: with a re-evaluation."""
        return self._with(REEVALUATIONS)

    @cached_property
    def at_medicare(self) -> Mask:
        """By visit: Original Medicare is asked to pay for therapy, or for what may be therapy."""
        lines = self.billed.asked & self.billed.at_medicare & self.billed.of_codes(is_treatment)
        if not lines.any():
            return np.zeros(self.visits, dtype=bool)
        perhaps = find_visits(self.populations, lines & self.billed.of_therapy("always", "sometimes"))
        unknown = self.discipline[: self.visits] == 0
        asked: Mask = (find_visits(self.populations, lines) & self.by_therapist) | (perhaps & unknown)
        return asked

    @cached_property
    def in_therapy(self) -> Mask:
        """By visit: a payer is asked to pay for therapy; at Medicare also for what may be therapy."""
        lines = self.billed.asked & self.billed.of_codes(is_treatment)
        return (find_visits(self.populations, lines) & self.by_therapist) | self.at_medicare

    @cached_property
    def attended(self) -> TimeLine:
        """Days on which a course was treated or evaluated."""
        return self.line_of(np.flatnonzero(self.treated | self.evaluated | self.reevaluated))

    @cached_property
    def begun(self) -> TimeLine:
        """Days of first evaluations."""
        return self.line_of(np.flatnonzero(self.evaluated))

    def has(self, *names: str) -> bool:
        """Whether any note says anything of this."""
        return any(name in frame and frame[name].notna().any() for name in names for frame in self._frames)

    def dates(self, name: str) -> Ints:
        """Return, by row, a date of the notes, NONE where none is told."""
        if not self.has(name):
            return np.full(len(self.day), NONE, dtype=np.int64)
        return self._days(name)

    def numbers(self, name: str) -> Ints:
        """Return, by row, a number of the notes, NONE where none is told."""
        if not self.has(name):
            return np.full(len(self.day), NONE, dtype=np.int64)
        return np.concatenate([frame[name].to_numpy(np.int64, na_value=NONE) for frame in self._frames])

    def tells(self, *names: str) -> Mask:
        """Return, by row, whether the file of its note says this of any visit: else nobody told."""
        told = np.zeros(len(self.day), dtype=bool)
        for name in names:
            if self.has(name):
                told |= np.concatenate([frame[name].notna().to_numpy() for frame in self._frames])
        return (np.bincount(self._file[told], minlength=int(self._file.max(initial=0)) + 1) > 0)[self._file]

    def line_of(self, rows: Ints, days: Ints | None = None) -> TimeLine:
        """Return the time line of some rows, on their days or on others."""
        return TimeLine.of(self.course[rows] * SPAN + (self.day[rows] if days is None else days))

    def is_new(self, rows: Ints, since: int, within: int) -> Mask:
        """Return whether all that was said of a course up to a visit must be in notes that begin on `since`.

        So it is where the course begins in them, as its first evaluation or first treatment says, or where
        the visit is more than `within` days after their first.
        """
        course, day = self.course[rows], self.day[rows]
        evaluated = self.begun.days(self.begun.newest(course, day)) >= since
        initial = self.dates("initial_on")
        told = np.flatnonzero(initial != NONE)
        starts = self.line_of(told, initial[told])
        treated = starts.days(starts.newest(course, day)) >= since
        new: Mask = evaluated | treated | (day > since + within)
        return new

    @cached_property
    def _frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return self.populations.visits.frame, self.populations.unbilled.frame

    @cached_property
    def _file(self) -> Ints:
        codes = [frame["source_file"].cat.codes.to_numpy(np.int64) for frame in self._frames]
        return np.concatenate(codes)

    def _days(self, name: str) -> Ints:
        dates = np.concatenate([frame[name].to_numpy() for frame in self._frames])
        return np.where(np.isnat(dates), NONE, dates.astype("datetime64[D]").astype(np.int64))

    def _with(self, codes: tuple[str, ...]) -> Mask:
        return find_visits(
            self.populations, self.billed.given & self.billed.of_codes(lambda code: code in codes)
        )

    def _of_visits(self) -> Ints:
        told = np.array([DISCIPLINES.index(one) for one in self.billed.disciplines], dtype=np.int64)
        found = told[self.populations.visits.groups["clinician"]]
        visit = visit_of_line(self.populations)
        lines = np.flatnonzero(found[visit] == 0)
        if not len(lines):
            return found
        own = code_book().discipline_by_code()
        of_code = [DISCIPLINES.index(own.get(code, "")) for code in self.populations.labels["code"]]
        said = np.array(of_code, dtype=np.int64)[self.populations.lines.groups["code"]]
        for modifier, discipline in PLAN_MODIFIERS.items():
            carried = carries(self.populations.lines.frame["modifiers"], modifier)
            said = np.where(carried, DISCIPLINES.index(discipline), said)
        np.maximum.at(found, visit[lines], said[lines])
        return found

    def _of_notes(self) -> Ints:
        clinician = self.populations.unbilled.frame["clinician"].cat
        told = [
            DISCIPLINES.index(self.settings.practice.discipline_of(name)) for name in clinician.categories
        ]
        return np.array([*told, 0], dtype=np.int64)[clinician.codes]


def is_treatment(code: str) -> bool:
    """Tell whether a code is a treatment: no evaluation or office visit, no report, no remote monitoring."""
    book = code_book()
    if code in EVALUATIONS or code in REEVALUATIONS or is_visit(code) or book.is_report_only(code):
        return False
    return code not in book.codes or book.codes[code].family != "remote monitoring"
