"""The rules that hold billed units against recorded minutes: each a sentence and a mark of timed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.rules import Check, Rule
from audit.timed_lines import MIDPOINT, TOTAL_TIME, UNKNOWN_WAY, TimedLines
from audit.unit_counting import LEAST_MINUTES

if TYPE_CHECKING:
    from audit.populations import Marks

MANUAL = "Medicare Claims Processing Manual, chapter 5, section 20.2"
MIDPOINT_RULE = "the midpoint rule of the CPT code book (CPT Assistant, December 2003)"
AS_IT_STOOD = "A claim is corrected only from the note as it stood."


def _mark_above(timed: TimedLines) -> Marks:
    return timed.lay(timed.plain, timed.over > 0, timed.by_code)


def _mark_above_visit(timed: TimedLines) -> Marks:
    return timed.lay(timed.plain & ~timed.by_code, timed.over > 0, timed.by_visit)


def _mark_under_eight(timed: TimedLines) -> Marks:
    short = timed.minutes < LEAST_MINUTES
    return timed.lay(timed.plain, short & (timed.over > 0), timed.by_code)


def _mark_split(timed: TimedLines) -> Marks:
    known = (timed.way == TOTAL_TIME) | (timed.misplaced == 0)
    return timed.lay(timed.plain & (timed.way != MIDPOINT), timed.misplaced > 0, timed.by_code & known)


def _mark_one_way(timed: TimedLines) -> Marks:
    doubtful = timed.doubtful > 0
    return timed.lay(timed.plain & (timed.way == UNKNOWN_WAY), doubtful, timed.by_code | doubtful)


def _mark_not_billed(timed: TimedLines) -> Marks:
    return timed.lay(timed.plain, timed.unbilled > 0, timed.by_code & ~timed.longer)


CHECKS: tuple[Check[TimedLines], ...] = (
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
            "code for itself, as the payer does; if that is not known, only what neither supports is told.",
            task="units",
            stake="over-billed",
            payers="every payer, each by its own way of counting",
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
            payers="every payer, each by its own way of counting",
            right="A visit of 40 minutes with 3 units of timed codes.",
            wrong="A visit of 30 minutes with 3 units of timed codes.",
        ),
        _mark_above_visit,
    ),
    Check(
        Rule(
            id="units/under_eight",
            title="Check {rows} billed with fewer than 8 minutes recorded",
            advice="Compare the units with the minutes in the note; minutes stay as they were written. The "
            f"dollars are counted with the units above the minutes. {AS_IT_STOOD}",
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
            payers="every payer, each by its own way of counting",
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
            "together (total time) or each code for itself (midpoint), and tell it in the settings.",
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
            payers="every payer, each by its own way of counting",
            right="97110 38 minutes: 3 units.",
            wrong="97110 38 minutes: 2 units.",
        ),
        _mark_not_billed,
    ),
)
