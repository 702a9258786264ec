"""Units: whether recorded minutes support the units billed, and what has one unit a day whatever the minutes.

Units above the minutes and units that minutes support beyond what was billed are two sums, never set off
against each other. Acupuncture, caregiver training and work hardening are left out: their unit is no plain 15
minutes. Modifiers play no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.applicability import find_standing, holds, lay_marks
from audit.measures import Measure, answered, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule, mark_checks
from audit.timed_lines import (
    MIDPOINT,
    TOTAL_TIME,
    UNKNOWN_WAY,
    TimedLines,
    count_timed,
    find_codes,
    number_days,
)
from audit.unit_counting import LEAST_MINUTES, UNIT, add_up, place_units, price_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.codes import Code
    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Ints = NDArray[np.int64]

ID = "units"
TITLE = "Units"

MANUAL = "Medicare Claims Processing Manual, chapter 5, section 20.2"
MIDPOINT_RULE = "the midpoint rule of the CPT code book (CPT Assistant, December 2003)"
AS_IT_STOOD = "A claim is corrected only from the note as it stood."

ONCE_A_DAY = (
    *("supervised modalities", "PT evaluation", "OT evaluation", "re-evaluation"),
    *("athletic training evaluation", "spinal adjustment", "adjustment outside the spine"),
    *("osteopathic treatment", "dry needling"),
)
"""Families of untimed codes of which a patient has one unit a day."""

GROUP_CODES = ("97150", "97552", "G0543")
"""Treatment in a group: one unit for each patient and day."""

MEASURES = (
    Measure(
        "units/above_minutes",
        "Timed lines above their minutes",
        "Lines of 15-minute codes with more units than the minutes recorded for the codes of that patient, "
        "day and discipline support as the payer counts, out of those for which the export tells these "
        "minutes. Where it is not known how a payer counts, only what neither way supports.",
        marked("unit_above_minutes"),
        answered("unit_above_minutes"),
        unit="share",
        worse="higher",
    ),
    Measure(
        "units/over_billed_expected",
        "Expected payment of units above what is supported",
        "What the units above the minutes of the codes, above those of the visit, or above one a day for an "
        "untimed code could be expected to be allowed. Units not billed are not set off against them.",
        marked("unit_over_billed", of="over_billed_expected"),
        unit="cents",
        worse="higher",
    ),
    Measure(
        "units/not_billed_units",
        "Units supported and not billed",
        "Units of 15-minute codes that the recorded minutes support, as the payer counts, beyond those "
        "billed. Nothing to recover: whether the minutes were skilled and one-on-one, only the note tells.",
        marked("unit_not_billed", of="not_billed_units"),
        unit="units",
    ),
    Measure(
        "units/not_billed_expected",
        "Expected payment of units supported and not billed",
        "What those units could be expected to be allowed. Never set off against units above the minutes.",
        marked("unit_not_billed", of="not_billed_expected"),
        unit="cents",
    ),
)


@dataclass(frozen=True)
class Facts:
    """What the rules look at. Units are in hundredths, by line."""

    populations: Populations
    settings: Settings
    timed: TimedLines
    untimed: Ints
    """Positions of the lines of codes with one unit a day."""
    again: Ints
    """By line of these: units above one a day, -1 where the day's are not told."""


def gather(populations: Populations, settings: Settings) -> Facts:
    """Return what the rules look at, worked out once."""
    untimed, again = _count_once(populations, settings)
    return Facts(populations, settings, count_timed(populations, settings), untimed, again)


def _count_once(populations: Populations, settings: Settings) -> tuple[Ints, Ints]:
    """Return the lines of codes with one unit a day, and their units above it, the cheapest line first."""
    frame = populations.lines.frame
    asked = find_standing(populations) & ~frame["billed_twice"].to_numpy() & find_codes(populations, _is_once)
    rows = np.flatnonzero(asked)
    code = populations.lines.groups["code"][rows]
    day = number_days(populations, settings, rows)
    item = pd.factorize(day * len(populations.labels["code"]) + code)[0].astype(np.int64)
    units = frame["units"].to_numpy(np.int64, na_value=-1)[rows]
    price = price_units(frame["expected"].to_numpy(np.int64)[rows], units)
    above = np.maximum(add_up(item, np.maximum(units, 0)) - UNIT, 0)
    place = frame["source_row"].to_numpy(np.int64)[rows]
    again = place_units(above, item, np.maximum(units, 0), price, (place,))
    return rows, np.where((add_up(item, units < 0) > 0)[item] & (again == 0), -1, again)


def _is_once(code: Code) -> bool:
    return code.family in ONCE_A_DAY or code.code in GROUP_CODES


# --- the rules ----------------------------------------------------------------------------


def _mark_above(facts: Facts) -> Marks:
    timed = facts.timed
    return timed.lay(timed.plain, timed.over > 0, timed.by_code)


def _mark_above_visit(facts: Facts) -> Marks:
    timed = facts.timed
    return timed.lay(timed.plain & ~timed.by_code, timed.over > 0, timed.by_visit)


def _mark_under_eight(facts: Facts) -> Marks:
    timed = facts.timed
    short = timed.minutes < LEAST_MINUTES
    return timed.lay(timed.plain, short & (timed.over > 0), timed.by_code)


def _mark_split(facts: Facts) -> Marks:
    timed = facts.timed
    known = (timed.way == TOTAL_TIME) | (timed.misplaced == 0)
    return timed.lay(timed.plain & (timed.way != MIDPOINT), timed.misplaced > 0, timed.by_code & known)


def _mark_one_way(facts: Facts) -> Marks:
    timed = facts.timed
    doubtful = timed.doubtful > 0
    return timed.lay(timed.plain & (timed.way == UNKNOWN_WAY), doubtful, timed.by_code | doubtful)


def _mark_once(facts: Facts) -> Marks:
    marks = np.full(len(facts.populations.lines), OUT, dtype=np.int8)
    marks[facts.untimed] = np.where(facts.again > 0, YES, np.where(facts.again < 0, UNSURE, NO))
    return marks


def _mark_several_lines(facts: Facts) -> Marks:
    """Lines that differ in modifiers or clinician may stand beside each other."""
    lines = facts.populations.lines
    medicare = [facts.settings.payer(name).medicare for name in facts.populations.labels["payer"]]
    chosen = facts.timed.rows[np.array(medicare, dtype=bool)[lines.groups["payer"][facts.timed.rows]]]
    frame = lines.frame
    key = frame["claim"].to_numpy(np.int64)[chosen]
    for values in (
        frame["service_date"].to_numpy()[chosen].astype("datetime64[D]").astype(np.int64),
        lines.groups["code"][chosen],
        lines.groups["clinician"][chosen],
        frame["modifiers"].cat.codes.to_numpy()[chosen].astype(np.int64),
    ):
        key = pd.factorize(key * (int(values.max(initial=0)) + 1) + values)[0].astype(np.int64)
    several = np.bincount(key)[key] > 1
    asked, yes, told = np.zeros((3, len(lines)), dtype=bool)
    asked[chosen], yes[chosen] = True, several
    told[chosen] = ~several | ~holds(frame["claim_id"], ("",))[chosen]
    return lay_marks(asked, yes, told)


def _mark_not_billed(facts: Facts) -> Marks:
    timed = facts.timed
    return timed.lay(timed.plain, timed.unbilled > 0, timed.by_code & ~timed.longer)


CHECKS: tuple[Check[Facts], ...] = (
    Check(
        Rule(
            id="units/above_minutes",
            title="Check {rows} with more units than the recorded minutes support",
            advice="Compare the units with the minutes in the note, of all timed codes of that day. "
            + AS_IT_STOOD,
            why="Units that the minutes do not support are taken back; a reviewer adds up the minutes first.",
            source=f"{MANUAL}; for payers that count each code for itself, {MIDPOINT_RULE}",
            mark="unit_above_minutes",
            table="lines",
            who="biller",
            needs="minutes for every timed code of the day",
            money="over_billed_expected",
            sentence="The timed codes of one patient, day and discipline have no more units than their "
            "minutes make: one for 8 to 22 minutes, two for 23 to 37 and so on, counted together or each "
            "code for itself, as the payer does; where that is not known, only what neither supports is told.",
            task="units",
            stake="over-billed",
            payers="every payer, each by its own way of counting (`units`)",
            right="97112 24 minutes and 97110 23 minutes, 47 together: 2 units and 1.",
            wrong="The same minutes billed as 2 units and 2.",
        ),
        _mark_above,
    ),
    Check(
        Rule(
            id="units/above_visit",
            title="Check {rows} with more units than all minutes of the visit support",
            advice="Compare the units with the treatment minutes in the note, and see whether the note tells "
            f"the minutes of timed codes apart. {AS_IT_STOOD}",
            why="Even if every minute of the visit went to timed codes, there would be fewer units.",
            source=f"{MANUAL}; Medicare Benefit Policy Manual, chapter 15, section 220.3 (total minutes)",
            mark="unit_above_visit",
            table="lines",
            who="biller",
            needs="treatment minutes of the visit, or minutes for every timed code",
            money="over_billed_expected",
            sentence="Where only the minutes of the visit are known, the units of its timed codes are no "
            "more than all of them would make. They may hold untimed treatment, so that this is the least.",
            task="units",
            stake="over-billed",
            payers="every payer, each by its own way of counting (`units`)",
            right="A visit of 40 minutes with 3 units of timed codes.",
            wrong="A visit of 30 minutes with 3 units of timed codes.",
        ),
        _mark_above_visit,
    ),
    Check(
        Rule(
            id="units/under_eight",
            title="Check {rows} billed with fewer than 8 minutes recorded",
            advice="See whether the minutes were written down rightly. Their dollars are counted with the "
            f"units above the minutes. {AS_IT_STOOD}",
            why="Fewer than 8 minutes of a code make no unit, unless the minutes of other timed codes help.",
            source=f"{MANUAL}; {MIDPOINT_RULE}",
            mark="unit_under_eight",
            table="lines",
            who="biller",
            needs="minutes for every timed code of the day",
            money="",
            sentence="A timed code with fewer than 8 minutes is billed only where the day's minutes together "
            "make a unit more than the other codes use.",
            task="units",
            stake="over-billed",
            payers="every payer, each by its own way of counting (`units`)",
            right="97110 33 minutes and 97140 7 minutes at Medicare: 2 units and 1.",
            wrong="97140 7 minutes alone: 1 unit.",
        ),
        _mark_under_eight,
    ),
    Check(
        Rule(
            id="units/split",
            title="Check {rows} with units that belong to another code of the day",
            advice="The total is right. See in the note which code had the minutes left over. " + AS_IT_STOOD,
            why="A payer that counts the total still wants each unit under the code that had the minutes.",
            source=f"{MANUAL}, examples 1 to 5 (the fifth: general knowledge; check)",
            mark="unit_split",
            table="lines",
            who="biller",
            needs="minutes for every timed code of the day, and how the payer counts",
            money="doubtful_expected",
            sentence="Each code has a unit for every full 15 minutes of its own; the units left go to the "
            "codes with the most minutes left over. Between codes with equally many, either is right.",
            task="units",
            stake="at risk",
            payers="payers that count total time; for one whose way is not known it cannot be told",
            right="97112 20 minutes and 97110 20 minutes: 3 units, 2 and 1 or 1 and 2.",
            wrong="The same minutes billed as 3 units of 97112 and none of 97110.",
        ),
        _mark_split,
    ),
    Check(
        Rule(
            id="units/one_way",
            title="Ask how the payer counts units: {rows} within one way of counting, above the other",
            advice="Ask the payer, or look in its contract, whether minutes of all timed codes count "
            "together (total time) or each code for itself (midpoint), and set the payer's `units` to it.",
            why="The two ways differ in both directions; until it is known which holds, neither is wrong.",
            source=f"{MANUAL}, beside {MIDPOINT_RULE}",
            mark="unit_one_way",
            table="lines",
            who="biller",
            needs="minutes for every timed code of the day",
            money="doubtful_expected",
            sentence="Units are above one of the two ways of counting and within the other, and it is not "
            "known which of them the payer uses.",
            task="units",
            stake="at risk",
            payers="payers whose way of counting is not known",
            right="97110 30 minutes: 2 units by either way.",
            wrong="97110 10 minutes and 97140 10 minutes, 1 unit each: midpoint 2 units, total time 1.",
        ),
        _mark_one_way,
    ),
    Check(
        Rule(
            id="units/once_a_day",
            title="Check {rows} of untimed codes with more than one unit a day",
            advice="Check in the note what was done; minutes and areas add no unit to these codes. "
            + AS_IT_STOOD,
            why="A second unit is refused, or paid and taken back.",
            source=f"{MANUAL} (untimed codes); practitioner limits (MUE) of 2024-07-01 for most of these, "
            "general knowledge for 97010, 97014, 98943, 97169 to 97172 and G0543; check",
            mark="unit_once_a_day",
            table="lines",
            who="biller",
            needs="units",
            money="over_billed_expected",
            sentence="A supervised modality, an evaluation, an adjustment, osteopathic treatment, dry "
            "needling and treatment in a group have one unit for a patient and day.",
            task="units",
            stake="over-billed",
            right="G0283 25 minutes on two areas: 1 unit.",
            wrong="G0283 25 minutes on two areas: 2 units.",
        ),
        _mark_once,
    ),
    Check(
        Rule(
            id="units/several_lines",
            title="Check {rows} of one code that stand apart on one claim",
            advice="See how the billing software writes the units of a code: one line holds them all. Lines "
            "that differ in modifiers or in who treated are not meant.",
            why="Medicare sends such a claim back since 2021-04-19.",
            source="First Coast Service Options, notice on timed codes on several lines, 2021-04-19",
            mark="unit_several_lines",
            table="lines",
            who="biller",
            needs="claim numbers",
            in_force_from=date(2021, 4, 19),
            sentence="The units of a timed code of one date stand on one line of a claim.",
            task="units",
            stake="at risk",
            payers="Original Medicare",
            right="97110, 2 units, on one line.",
            wrong="97110, 1 unit, on two lines of one claim.",
        ),
        _mark_several_lines,
    ),
    Check(
        Rule(
            id="units/not_billed",
            title="{rows} with minutes that support more units than were billed",
            advice="Check that the minutes were skilled and one-on-one; correct a claim only from the note "
            "as it stood.",
            why="It shows how the units are counted in the practice. It is no money to recover.",
            source=f"{MANUAL}; for payers that count each code for itself, {MIDPOINT_RULE}",
            mark="unit_not_billed",
            table="lines",
            who="biller",
            needs="minutes for every timed code of the day, no more in sum than the visit lasted",
            money="not_billed_expected",
            sentence="The recorded minutes of timed codes make more units than were billed, by every way in "
            "which the payer may count.",
            task="units",
            stake="not billed",
            payers="every payer, each by its own way of counting (`units`)",
            right="97110 38 minutes: 3 units.",
            wrong="97110 38 minutes: 2 units.",
        ),
        _mark_not_billed,
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period; none is judged."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return tuple(check.rule for check in CHECKS)


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark lines by what minutes support; add the units and the cents above and below it."""
    facts = gather(populations, settings)
    marks = mark_checks(CHECKS, facts, populations)
    marks["lines"]["unit_over_billed"] = _either(
        *(marks["lines"][f"unit_{name}"] for name in ("above_minutes", "above_visit", "once_a_day"))
    )
    return populations.with_marks(marks).with_columns({"lines": _columns(facts)})


def _either(*marks: Marks) -> Marks:
    """Return YES where any mark is, else UNSURE where any is, else NO where any is."""
    yes, unsure, no = (np.any([one == state for one in marks], axis=0) for state in (YES, UNSURE, NO))
    return np.where(yes, YES, np.where(unsure, UNSURE, np.where(no, NO, OUT))).astype(np.int8)


def _columns(facts: Facts) -> dict[str, NDArray[np.int32]]:
    """Return by line the cents above what is supported, in doubt and not billed, and the units not billed."""
    frame, timed = facts.populations.lines.frame, facts.timed
    expected, units = (frame[name].to_numpy(np.int64, na_value=0) for name in ("expected", "units"))
    over, doubtful, unbilled = np.zeros((3, len(frame)), dtype=np.int32)
    over[timed.rows] = timed.over
    over[facts.untimed] = np.maximum(facts.again, 0)
    doubtful[timed.rows] = timed.doubtful + np.where(timed.way == TOTAL_TIME, timed.misplaced, 0)
    unbilled[timed.rows] = np.where(timed.longer, 0, timed.unbilled)

    def worth(part: NDArray[np.int32]) -> NDArray[np.int32]:
        cents = np.zeros(len(frame), dtype=np.int32)
        rows = np.flatnonzero((part > 0) & (units > 0))
        cents[rows] = (2 * expected[rows] * part[rows] + units[rows]) // (2 * units[rows])
        return cents

    return {
        "over_billed_expected": worth(over),
        "doubtful_expected": worth(doubtful),
        "not_billed_units": unbilled,
        "not_billed_expected": worth(unbilled),
    }
