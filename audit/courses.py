"""A patient's course: visits in a year and a week, by how many clinicians, and whether examined again.

These belong to the topic of patterns, and their rules go by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.applicability import (
    carries,
    find_disciplines,
    find_visits,
    holds,
    lay_marks,
    tells_modifiers,
    wants,
)
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule
from audit.treated import PatientDays, Treated, add_up, find_among

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.populations import Marks
    from audit.settings import Thresholds

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

YEAR_DAYS = 365
WEEK = 7

MASSAGE = "97124"
FIVE_REGIONS = "98942"

EXAMINATIONS = (*(f"9920{last}" for last in range(1, 6)), *(f"9921{last}" for last in range(1, 6)))
"""Office visits: how a chiropractor bills an examination."""

LIMIT = "The limit is a setting"


def checks(limits: Thresholds) -> tuple[Check[Treated], ...]:
    """Return the rules of a course with their marks."""
    many, weeks, often = limits.visits_per_year, limits.course_weeks, limits.course_visits
    adjustments, units = limits.adjustments_without_exam, limits.massage_units
    ordinal = f"more than {many} visits"
    return (
        Check(
            Rule(
                "patterns/many_visits",
                f"Review the course of patients with {ordinal} in a year: {{rows}} beyond",
                "Check that the plan and the progress notes of that time support going on.",
                "Reviewers choose patients by their visits; 12, 24 and 30 a year are where they divide.",
                f"Comparative billing report CBR201614 (chiropractic: over 24); OIG OEI-01-14-00200. {LIMIT}",
                "pattern_many_visits",
                "visits",
                "clinician",
                "a year of visits before",
                money="",
                sentence=f"A patient has no more than {many} days of treatment in the 365 days that end "
                "with a visit.",
                task="patterns",
                right=f"{many} visits from March to the next February.",
                wrong=f"{many + 6} visits from March to the next February.",
            ),
            _mark_many_visits,
        ),
        Check(
            Rule(
                "patterns/many_adjustments",
                f"Review the course of Medicare patients with {ordinal} for adjustment in a year: "
                "{rows} beyond",
                "Check that plan, findings and progress in the notes show active treatment at that time.",
                "A comparative billing report counts them; Medicare pays for active treatment only.",
                f"Comparative billing report CBR201614 (over 24 visits a year). {LIMIT}",
                "pattern_many_adjustments",
                "visits",
                "clinician",
                "a year of visits before",
                money="",
                sentence=f"A patient at Original Medicare has spinal adjustments on no more than {many} days "
                "in the 365 days that end with a visit.",
                task="patterns",
                payers="Original Medicare",
                disciplines="chiropractic",
                right=f"{many} visits with 98941 from March to the next February.",
                wrong=f"{many + 6} such visits.",
            ),
            _mark_many_adjustments,
        ),
        Check(
            Rule(
                "patterns/long_course",
                f"Review the course of patients treated {often} times a week for {weeks} weeks: {{rows}}",
                "Check that the plan gave this frequency for so long, and that progress notes support it.",
                "A frequency that never falls is looked at for treatment that no longer changes anything.",
                f"General knowledge; check: reviewers name 3 to 4 visits a week for months. {LIMIT}",
                "pattern_long_course",
                "visits",
                "clinician",
                f"{weeks} weeks of visits before",
                money="",
                sentence=f"A patient has fewer than {often * weeks} days of treatment in the {weeks} weeks "
                f"that end with a visit ({often} a week).",
                task="patterns",
                right="Three visits a week for five weeks, then two, then one.",
                wrong=f"{often} visits a week for {weeks} weeks on end.",
            ),
            _mark_long_course,
        ),
        Check(
            Rule(
                "patterns/several_clinicians",
                "Check who treated on {rows} of one patient, day and discipline by different clinicians",
                "Check in the notes who gave which part, and that no part is billed by both.",
                "A reviewer asks whether two clinicians of one discipline on one day gave two treatments.",
                "OIG OEI-04-09-00540 names several providers at once as questionable",
                "pattern_several_clinicians",
                "visits",
                "biller",
                "clinicians, and their disciplines in practice.toml",
                money="",
                sentence="A patient sees one clinician of a discipline on a day.",
                task="patterns",
                right="Physical therapy and massage on one day.",
                wrong="Two physical therapists on one day.",
            ),
            _mark_several_clinicians,
        ),
        Check(
            Rule(
                "patterns/no_exam",
                f"Review {{rows}} with AT beyond {adjustments} on end without an examination billed",
                "Check that the notes show findings and progress at that time; an examination may be noted "
                "without being billed.",
                "AT says that treatment is active; reviewers ask by which examination that was seen.",
                "OIG OEI-01-14-00200: almost every questioned claim carried AT. How often to examine again: "
                f"general knowledge; check. {LIMIT}",
                "pattern_no_exam",
                "lines",
                "clinician",
                "modifiers",
                money="",
                sentence=f"After {adjustments} days of spinal adjustment with AT, an examination (99202 to "
                "99215) is among the patient's lines, whoever pays it.",
                task="patterns",
                disciplines="chiropractic",
                right=f"Examination, {adjustments} adjustments with AT, examination.",
                wrong=f"{adjustments * 2} adjustments with AT and no examination.",
            ),
            _mark_no_exam,
        ),
        Check(
            Rule(
                "patterns/massage_units",
                f"Check the times of {{rows}} of massage with more than {units} units on one day",
                "Check the minutes in the note of that day.",
                "Networks set how many units of massage a day they pay unasked; some ask from the second.",
                f"General knowledge; check: a network's audit policy on 97124. {LIMIT}",
                "pattern_massage_units",
                "lines",
                "clinician",
                "units",
                money="",
                sentence=f"One patient has no more than {units} units of 97124 on one day.",
                task="patterns",
                right=f"97124, {units} units.",
                wrong=f"97124, {units + 1} units.",
            ),
            _mark_massage_units,
        ),
    )


def mark_five_regions(treated: Treated) -> Marks:
    """Mark spinal adjustments by whether they were of five regions."""
    return lay_marks(treated.adjusted, holds(treated.populations.lines.frame["code"], (FIVE_REGIONS,)))


def _mark_many_visits(treated: Treated) -> Marks:
    count = treated.billed_days.count_back(YEAR_DAYS)
    return _mark_frequent(treated, treated.billed, count, YEAR_DAYS, treated.limits.visits_per_year)


def _mark_many_adjustments(treated: Treated) -> Marks:
    at_medicare = wants(treated.populations, treated.settings, lambda payer: payer.medicare)
    visits = find_visits(treated.populations, treated.adjusted & at_medicare)
    count = PatientDays.of(treated.patient[visits], treated.day[visits]).count_back(YEAR_DAYS)
    return _mark_frequent(treated, visits, count, YEAR_DAYS, treated.limits.visits_per_year)


def _mark_long_course(treated: Treated) -> Marks:
    limits = treated.limits
    most, within = limits.course_weeks * limits.course_visits - 1, limits.course_weeks * WEEK
    return _mark_frequent(treated, treated.billed, treated.billed_days.count_back(within), within, most)


def _mark_frequent(treated: Treated, visits: Mask, count: Ints, within: int, most: int) -> Marks:
    """Mark visits by whether their patient had more than `most` days of such visits in `within` days.

    Of days before the files begin nothing is known.
    """
    whole = treated.day[visits] - treated.first_day >= within - 1
    marks = np.full(len(treated.day), OUT, dtype=np.int8)
    marks[visits] = np.where(count > most, YES, np.where(whole, NO, UNSURE))
    return marks


def _mark_several_clinicians(treated: Treated) -> Marks:
    """A visit is of one clinician: several on a day are several clinicians."""
    rows = np.flatnonzero(treated.billed & treated.with_clinician)
    place, count = treated.on_days(treated.patient[rows], treated.day[rows])
    several = (np.bincount(place, minlength=count) > 1)[place]
    rows, place = rows[several], place[several]
    of_line, names = find_disciplines(treated.populations, treated.settings)
    discipline = np.zeros(len(treated.day), dtype=np.int64)  # 0 is "": not known
    lines = np.flatnonzero(find_among(rows, len(treated.day))[treated.visit])
    np.maximum.at(discipline, treated.visit[lines], of_line[lines])
    mine = discipline[rows]
    same = np.bincount(place * len(names) + mine, minlength=count * len(names))[place * len(names) + mine] > 1
    untold = (np.bincount(place, weights=mine == 0, minlength=count) > 0)[place]
    marks = lay_marks(treated.billed, told=treated.with_clinician)
    marks[treated.billed & treated.with_clinician] = NO
    marks[rows] = np.where(same & (mine > 0), YES, np.where(untold, UNSURE, NO))
    return marks


def _mark_no_exam(treated: Treated) -> Marks:
    """Count a patient's days of adjustment with AT since the last examination, or the last day without AT.

    Where no examination is known and the count is still short, the one before may lie outside the files.
    """
    frame, marks = treated.populations.lines.frame, np.full(len(treated.lines.given), OUT, dtype=np.int8)
    adjusted = treated.adjusted
    if not adjusted.any():
        return marks
    if not tells_modifiers(treated.populations):
        return lay_marks(adjusted, told=~adjusted)
    examined = treated.lines.given & holds(frame["code"], EXAMINATIONS)
    rows = np.flatnonzero(adjusted | examined)
    patient = frame["patient_key"].to_numpy(np.int64)[rows]
    key, place = PatientDays.of(patient, treated.lines.day[rows])
    count = len(key)
    plain = add_up(place, (adjusted & ~carries(frame["modifiers"], "AT"))[rows], count) > 0
    counted = (add_up(place, adjusted[rows], count) > 0) & ~plain
    anew = plain | (add_up(place, examined[rows], count) > 0)
    who = np.zeros(count, dtype=np.int64)
    who[place] = patient
    first = np.append(True, who[1:] != who[:-1])
    total = np.cumsum(counted)
    start = np.maximum.accumulate(np.where(anew | first, np.arange(count), 0))
    since: Ints = (total - (total - counted)[start])[place]
    known = anew[start][place]
    over = since > treated.limits.adjustments_without_exam
    marks[rows] = np.where(over & counted[place], YES, np.where(known, NO, UNSURE))
    marks[~adjusted] = OUT
    return marks


def _mark_massage_units(treated: Treated) -> Marks:
    asked = treated.lines.asked & holds(treated.populations.lines.frame["code"], (MASSAGE,))
    rows = np.flatnonzero(asked)
    patient = treated.populations.lines.frame["patient_key"].to_numpy(np.int64)[rows]
    place, count = treated.on_days(patient, treated.lines.day[rows])
    units = treated.units[rows]
    over = (add_up(place, np.maximum(units, 0), count) > treated.limits.massage_units * 100)[place]
    whole = (add_up(place, units < 0, count) == 0)[place]
    marks = np.full(len(asked), OUT, dtype=np.int8)
    marks[rows] = np.where(over, YES, np.where(whole, NO, UNSURE))
    return marks
