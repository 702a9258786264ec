"""Plans of care: established before treatment, certified, renewed in time, with progress reports.

These are rules of the topic `timing` and go by its name. A plan is told by the day on which it was
established; where a note tells only its end, there was one on the day of that note.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.applicability import lay_marks
from audit.episodes import LONGEST_PLAN, NONE, SPAN, TimeLine
from audit.populations import OUT
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.episodes import Episodes
    from audit.populations import Marks

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

CERTIFIED_WITHIN = 30
"""Days from the first treatment within which Medicare wants the plan certified, or sent to be."""

EXCEPTION_FROM = int(np.datetime64("2025-01-01", "D").astype(np.int64))
"""First treatment from which a signed order and a plan sent in time stand for the first certification."""

MOST_TREATMENT_DAYS = 10
"""Treatment days that one progress report covers."""


class CarePlans(Struct, frozen=True, dict=True):
    """The plans of all courses, and which of them each visit was treated under."""

    episodes: Episodes

    @cached_property
    def told(self) -> bool:
        """Whether any note tells of a plan."""
        return self.episodes.has("plan_on", "plan_until")

    @cached_property
    def plans(self) -> TimeLine:
        """Days on which plans were established."""
        return TimeLine.of(self._marks[self._marks != NONE])

    @cached_property
    def course(self) -> Ints:
        """By plan: its course."""
        return self.plans.marks // SPAN

    @cached_property
    def day(self) -> Ints:
        """By plan: the day it was established."""
        return self.plans.marks % SPAN

    @cached_property
    def dated(self) -> Mask:
        """By plan: the day it was established is told, and not only its end."""
        found = np.zeros(len(self.day), dtype=bool)
        found[self._own[(self._own != NONE) & (self.episodes.dates("plan_on") != NONE)]] = True
        return found

    @cached_property
    def until(self) -> Ints:
        """By plan: its last day, 90 days after the first at the latest."""
        own = np.full(len(self.day), NONE, dtype=np.int64)
        rows = self._own != NONE
        np.maximum.at(own, self._own[rows], self.episodes.dates("plan_until")[rows])
        longest = np.where(self.dated, self.day + LONGEST_PLAN, SPAN)
        return np.where(own == NONE, longest, np.minimum(own, longest))

    @cached_property
    def of_visit(self) -> Ints:
        """By visit: the newest plan established up to that day, NONE where there is none."""
        found = np.full(self.episodes.visits, NONE, dtype=np.int64)
        rows = np.flatnonzero(self.episodes.in_therapy)
        found[rows] = self.plans.newest(self.episodes.course[rows], self.episodes.day[rows])
        return found

    @cached_property
    def certified(self) -> TimeLine:
        """Days of certifications."""
        return self._line("certified_on")

    @cached_property
    def first_certified(self) -> Ints:
        """By plan: the place of the first certification from its day on, NONE where there is none."""
        return self.certified.next(self.course, self.day)

    @cached_property
    def starts(self) -> Ints:
        """By plan: the first treatment under it; the plan's own day where that may lie before the notes."""
        attended = self.episodes.attended
        first = attended.days(attended.next(self.course, self.day))
        initial = np.full(len(self.day), NONE, dtype=np.int64)
        rows = self._own != NONE
        np.maximum.at(initial, self._own[rows], self.episodes.dates("initial_on")[rows])
        told = np.where(self.first & (initial != NONE), initial, first)
        return np.where((told == NONE) | (self.day < self.since), self.day, told)

    @cached_property
    def first(self) -> Mask:
        """By plan: it is the first of its episode, not the renewal of one that still ran."""
        before = np.append(False, (self.course[1:] == self.course[:-1])) if len(self.day) else self.dated
        renewed = before & (self.day - np.roll(self.day, 1) <= LONGEST_PLAN)
        return ~renewed

    @cached_property
    def excepted(self) -> Mask:
        """By plan: a signed order and a plan sent in time stand for its certification, first ones only."""
        due = self.starts + CERTIFIED_WITHIN
        ordered = self._line("order_signed_on").newest(self.course, due) != NONE
        sent = self._line("plan_sent_on")
        sent_on = sent.days(sent.next(self.course, self.day))
        in_time = (sent_on != NONE) & (sent_on <= due)
        found: Mask = self.first & ordered & in_time & (self.starts >= EXCEPTION_FROM)
        return found

    @cached_property
    def counted_from(self) -> TimeLine:
        """Days from which treatment days count: an evaluation, the day after a report or re-evaluation."""
        episodes = self.episodes
        reported = episodes.dates("progress_on")
        reports, evaluated, again = (
            np.flatnonzero(one) for one in (reported != NONE, episodes.evaluated, episodes.reevaluated)
        )
        lines = (
            episodes.line_of(evaluated),
            episodes.line_of(again, episodes.day[again] + 1),
            episodes.line_of(reports, reported[reports] + 1),
        )
        return TimeLine.of(np.concatenate([line.marks for line in lines]))

    @cached_property
    def since(self) -> int:
        """The first day of the notes of files that tell of plans."""
        told = self.episodes.tells("plan_on", "plan_until")
        return int(self.episodes.day[told].min(initial=SPAN))

    @cached_property
    def _marks(self) -> Ints:
        """By row: the plan that its note tells, as a mark of the time line; NONE where it tells none."""
        established, until = (self.episodes.dates(name) for name in ("plan_on", "plan_until"))
        day = np.where((established == NONE) & (until != NONE), self.episodes.day, established)
        return np.where(day == NONE, NONE, self.episodes.course * SPAN + day)

    @cached_property
    def _own(self) -> Ints:
        """By row: the place of the plan that its note tells, NONE where it tells none."""
        return np.where(self._marks == NONE, NONE, np.searchsorted(self.plans.marks, self._marks))

    def _line(self, name: str) -> TimeLine:
        dates = self.episodes.dates(name)
        rows = np.flatnonzero(dates != NONE)
        return self.episodes.line_of(rows, dates[rows])


def _before_plan(care: CarePlans) -> Marks:
    episodes = care.episodes
    asked = episodes.in_therapy & ~episodes.evaluated
    if not care.told:
        return _not_told(asked)
    lacking = asked & (care.of_visit == NONE)
    known = asked & ~lacking
    rows = np.flatnonzero(lacking & episodes.tells("plan_on", "plan_until")[: episodes.visits])
    known[rows] = episodes.is_new(rows, care.since, LONGEST_PLAN)
    return lay_marks(asked, lacking, known & episodes.by_therapist)


def _not_certified(care: CarePlans) -> Marks:
    """What is not due yet does not arise; treatment before a late certification is marked."""
    episodes = care.episodes
    asked = episodes.at_medicare
    if not (care.told and episodes.has("certified_on", "plan_sent_on")):
        return _not_told(asked)
    due = care.starts + CERTIFIED_WITHIN
    on = care.certified.days(care.first_certified)
    as_of = int(np.datetime64(episodes.as_of, "D").astype(np.int64))
    open_yet = (on == NONE) & (due >= as_of) & ~care.excepted
    late = ((on == NONE) | (on > due)) & ~care.excepted
    plan = care.of_visit
    found = plan != NONE
    wrong = found & late[plan] & ((on[plan] == NONE) | (episodes.day[: episodes.visits] < on[plan]))
    told = found & care.dated[plan] & (~wrong | episodes.tells("certified_on")[: episodes.visits])
    marks = lay_marks(asked, wrong, told & episodes.by_therapist)
    marks[asked & found & open_yet[plan]] = OUT
    return marks


def _recertified(care: CarePlans) -> Marks:
    """A certification after the plan's first renews it for 90 days."""
    episodes = care.episodes
    asked = episodes.at_medicare
    if not care.told:
        return _not_told(asked)
    plan, day = care.of_visit, episodes.day[: episodes.visits]
    found = plan != NONE
    past = found & (day > care.until[plan])
    rows = np.flatnonzero(asked & past)
    newest = care.certified.newest(episodes.course[rows], day[rows])
    own = care.first_certified[plan[rows]]
    renewed = (newest != NONE) & (own != NONE) & (newest > own)
    renewed &= day[rows] <= care.certified.days(newest) + LONGEST_PLAN
    past[rows] = ~renewed
    told = found & (~past | episodes.tells("certified_on")[: episodes.visits])
    return lay_marks(asked, past, told & episodes.by_therapist)


def _progress_report(care: CarePlans) -> Marks:
    """Treatment days count from the first evaluation, or from the day after a report or re-evaluation."""
    episodes = care.episodes
    asked = episodes.at_medicare
    if not episodes.has("progress_on"):
        return _not_told(asked)
    rows = np.flatnonzero(asked)
    course, day = episodes.course[rows], episodes.day[rows]
    starts = care.counted_from
    start = starts.days(starts.newest(course, day))
    counted = episodes.attended.between(course, np.maximum(start, 0), day)
    late, told = np.zeros(len(asked), dtype=bool), np.zeros(len(asked), dtype=bool)
    late[rows] = counted > MOST_TREATMENT_DAYS
    told[rows] = (start != NONE) | late[rows]
    told &= episodes.tells("progress_on")[: episodes.visits] & episodes.by_therapist
    return lay_marks(asked, late, told)


def _not_told(asked: Mask) -> Marks:
    return lay_marks(asked, told=np.zeros(len(asked), dtype=bool))


MANUAL = "Medicare Benefit Policy Manual ch. 15 s. 220"
FROM_THE_NOTE = "A claim is corrected only from the notes as they stood; nothing is dated back."

CHECKS: tuple[Check[CarePlans], ...] = (
    Check(
        Rule(
            "timing/treated_before_plan",
            "Check the plan of care of {rows} treated before one was established",
            "Check whether a plan of that day is in the chart and only absent from the export. "
            f"{FROM_THE_NOTE}",
            "Therapy is paid for as part of a plan that was written before it began.",
            "42 CFR 410.61 (plan established before treatment begins), for Medicare; other payers and "
            "states ask "
            "much the same (general knowledge; check)",
            "treated_before_plan",
            "visits",
            "clinician",
            "dates of plans of care, and the clinician's discipline (practice.toml)",
            money="asked_expected",
            sentence="A therapy patient is treated on or after the day a plan of care was established; the "
            "visit of "
            "the first evaluation may come before it.",
            task="notes",
            disciplines="physical and occupational therapy, speech-language pathology",
            right="Evaluated and plan established March 2, treated March 5",
            wrong="Treated March 5, plan established March 9",
        ),
        _before_plan,
    ),
    Check(
        Rule(
            "timing/not_certified",
            "Check whether the plan of {rows} was certified",
            "Look for the certification, or from 2025 for the signed order and the proof that the plan was "
            "sent. A "
            f"late certification says why it is late. {FROM_THE_NOTE}",
            "Medicare pays for therapy under a plan that a physician or practitioner certified.",
            f"42 CFR 424.24(c); {MANUAL}.1.3; exception for the first certification: physician fee "
            "schedule rule "
            "for 2025",
            "not_certified",
            "visits",
            "front desk",
            "dates of plans and of certifications (or of the signed order and of sending the plan), and the "
            "clinician's discipline (practice.toml)",
            money="asked_expected",
            sentence="A plan is certified within 30 days of the first treatment; from 2025 a signed order "
            "on file, "
            "with the plan sent within these 30 days, stands for the first certification.",
            task="notes",
            payers="Original Medicare",
            disciplines="physical and occupational therapy, speech-language pathology",
            right="First treated March 2, certified March 20",
            wrong="First treated March 2, certified May 4",
        ),
        _not_certified,
    ),
    Check(
        Rule(
            "timing/recertification",
            "Check the plan of {rows} treated after it had run out",
            f"Look for a newer plan or certification that covers these days. {FROM_THE_NOTE}",
            "Medicare pays as long as a certified plan runs, and for 90 days at the most.",
            f"42 CFR 424.24(c); {MANUAL}.1.3",
            "recertification",
            "visits",
            "clinician",
            "dates of plans and of certifications, and the clinician's discipline (practice.toml)",
            in_force_from=date(2008, 1, 1),
            money="asked_expected",
            sentence="A treatment lies within the plan's own end and 90 days after it was established, or "
            "within 90 "
            "days after it was certified again.",
            task="notes",
            payers="Original Medicare",
            disciplines="physical and occupational therapy, speech-language pathology",
            right="Plan of March 2, certified again May 20, treated June 10",
            wrong="Plan of March 2, treated June 10, nothing newer",
        ),
        _recertified,
    ),
    Check(
        Rule(
            "timing/progress_report",
            "Check {rows} on more than ten treatment days after the last progress report",
            "Check whether a report of these days is in the chart and only absent from the export. A "
            "report written "
            "now carries today's date.",
            "Without a report for the last ten treatment days Medicare takes the treatment for not "
            "documented.",
            f"{MANUAL}.3 (progress reports); ten treatment days alone since 2013 (general knowledge; check)",
            "progress_report",
            "visits",
            "clinician",
            "dates of progress reports, and the clinician's discipline (practice.toml)",
            in_force_from=date(2013, 1, 1),
            money="asked_expected",
            sentence="A progress report is written by every tenth treatment day, counted from the first "
            "evaluation "
            "or the last report.",
            task="notes",
            payers="Original Medicare",
            disciplines="physical and occupational therapy, speech-language pathology",
            right="Reported on the 10th treatment day, treated on the 11th",
            wrong="Treated on 11 days since the last report",
        ),
        _progress_report,
    ),
)
