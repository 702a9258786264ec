"""Units: whether recorded minutes support them, by the payer's way of counting."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.codes import GROUP_CODES, ONCE_A_DAY, OTHER_LENGTH, code_book
from audit.populations import YES, populate
from audit.settings import Settings
from audit.supported_units import CHECKS as SUPPORTED
from audit.timed_lines import FURTHER
from audit.topics import units
from tests.practices import AS_OF, compared, mark_rows, marks_of, settings_of, shipped
from tests.tables import claim_lines, read_table, visits

PRACTICE = """
[disciplines]
Ann = "pt"
Bob = "pt"
Cy = "massage"

[payers.Mid]
units = "midpoint"

[payers.Changed]
units = [{ value = "midpoint", to = 2026-10-05 }, { value = "total time", from = 2026-10-06 }]
"""

MARKS = {
    "above": "unit_above_minutes",
    "above_visit": "unit_above_visit",
    "under_eight": "unit_under_eight",
    "split": "unit_split",
    "one_way": "unit_one_way",
    "once": "unit_once_a_day",
    "several": "unit_several_lines",
    "not_billed": "unit_not_billed",
    "over_billed": "unit_over_billed",
}
CENTS = ("over_billed_expected", "doubtful_expected", "not_billed_expected", "not_billed_units")


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    """Return a practice with two physical therapists, a massage therapist and payers of either way."""
    return settings_of(tmp_path, PRACTICE)


def hold(text: str, practice: Settings | None = None, seen: str = "") -> None:
    """Every line carries the marks, and the cents or units, that its columns say."""
    table = read_table(text)
    told = {name: table.pop(name).tolist() for name in [*MARKS, *CENTS] if name in table}
    rows = [" | ".join(value or "-" for value in row) for row in table.itertuples(index=False, name=None)]
    lines = "\n".join(f"| {row} |" for row in (" | ".join(map(str, table)), *rows))
    found = mark_rows(lines, seen, practice).lines
    for name, values in told.items():
        if name in MARKS:
            assert marks_of(found, MARKS[name]) == values, name
        else:
            assert found.frame[name].tolist() == [int(value or 0) for value in values], name


def test_whose_line_is_above_does_not_hang_on_the_order_of_rows(practice: Settings) -> None:
    """Of two therapists' equal lines one is above: the same one's, whichever stands first."""
    lines = ["A 97110 1 11 Ann", "A 97110 1 11 Bob"], ["A G0283 1 - Ann", "A G0283 1 - Bob"]
    for rows, mark in zip(lines, ("above", "once"), strict=True):
        whose = set()
        for order in (rows, rows[::-1]):
            told = "\n".join(
                ["visit code units minutes clinician payer", *(f"{row} Medicare" for row in order)]
            )
            found = mark_rows(told, settings=practice).lines
            yes = found.marks[MARKS[mark]] == YES
            whose.add(tuple(found.frame["clinician"][yes]))
        assert len(whose) == 1, mark


# --- above the minutes --------------------------------------------------------------------


def test_a_payer_that_counts_total_time_adds_up_the_minutes_of_the_day() -> None:
    """The examples of Medicare's manual, billed right; then with one unit more."""
    hold("""
        visit | payer    | code  | minutes | units | above | split | not_billed
        1     | Medicare | 97112 | 24      | 2     | no    | no    | no
        1     | Medicare | 97110 | 23      | 1     | no    | no    | no
        2     | Medicare | 97112 | 20      | 2     | no    | no    | no
        2     | Medicare | 97110 | 20      | 1     | no    | no    | no
        3     | Medicare | 97110 | 33      | 2     | no    | no    | no
        3     | Medicare | 97140 | 7       | 1     | no    | no    | no
        4     | Medicare | 97110 | 18      | 1     | no    | no    | no
        4     | Medicare | 97140 | 13      | 1     | no    | no    | no
        4     | Medicare | 97116 | 10      | 1     | no    | no    | no
        4     | Medicare | 97035 | 8       | 0     | no    | no    | no
        5     | Medicare | 97112 | 7       | 1     | no    | no    | no
        5     | Medicare | 97110 | 7       | 0     | no    | no    | no
        5     | Medicare | 97140 | 7       | 0     | no    | no    | no
        6     | Medicare | 97112 | 24      | 2     | no    | no    | no
        6     | Medicare | 97110 | 23      | 2     | yes   | no    | no
        7     | Medicare | 97110 | 33      | 2     | no    | no    | no
        7     | Medicare | 97140 | 7       | 2     | yes   | no    | no
        8     | Medicare | 97124 | 53      | 4     | no    | no    | no
        9     | Medicare | 97124 | 52      | 4     | yes   | no    | no
        10    | Medicare | 97124 | 37      | 3     | yes   | no    | no
        11    | Medicare | 97124 | 7       | 1     | yes   | no    | no
        12    | Medicare | 97124 | 8       | 1     | no    | no    | no
        """)


def test_where_two_codes_are_equal_one_of_them_has_the_unit_too_many() -> None:
    """Four units for 20 and 20 minutes: the cheaper one's, of equals the later code's."""
    hold("""
        visit | payer    | code  | minutes | units | charge | above | over_billed_expected
        1     | Medicare | 97112 | 20      | 2     | 80.00  | yes   | 4000
        1     | Medicare | 97110 | 20      | 2     | 100.00 | no    | -
        """)


def test_a_payer_that_goes_by_midpoint_counts_each_code_for_itself(practice: Settings) -> None:
    hold(
        """
        visit | payer | code  | minutes | units | above | split | one_way | not_billed
        1     | Mid   | 97110 | 10      | 1     | no    | out   | out     | no
        1     | Mid   | 97140 | 10      | 1     | no    | out   | out     | no
        2     | Mid   | 97110 | 33      | 2     | no    | out   | out     | no
        2     | Mid   | 97140 | 7       | 1     | yes   | out   | out     | no
        3     | Mid   | 97112 | 24      | 2     | no    | out   | out     | no
        3     | Mid   | 97110 | 23      | 1     | no    | out   | out     | yes
        """,
        practice,
    )


def test_of_a_payer_whose_way_is_not_known_only_what_neither_supports_is_above() -> None:
    """What one way supports and the other does not is to be asked, with the dollars of that part."""
    hold("""
        visit | code  | minutes | units | charge | above | one_way | over_billed_expected | doubtful_expected
        1     | 97110 | 10      | 1     | 40.00  | no    | no      | -                    | -
        1     | 97140 | 10      | 1     | 30.00  | no    | yes     | -                    | 3000
        2     | 97110 | 33      | 2     | 80.00  | no    | no      | -                    | -
        2     | 97140 | 7       | 1     | 30.00  | no    | yes     | -                    | 3000
        3     | 97110 | 20      | 2     | 80.00  | no    | yes     | -                    | 4000
        3     | 97140 | 20      | 1     | 30.00  | no    | no      | -                    | -
        4     | 97110 | 20      | 2     | 80.00  | no    | yes     | -                    | 4000
        4     | 97140 | 20      | 2     | 60.00  | yes   | no      | 3000                 | -
        5     | 97110 | 15      | 2     | 80.00  | yes   | no      | 4000                 | -
        6     | 97110 | 24      | 3     | 120.00 | yes   | no      | 4000                 | -
        6     | 97140 | 23      | 2     | 60.00  | no    | yes     | -                    | 3000
        """)


def test_a_payer_may_change_its_way_on_a_day(practice: Settings) -> None:
    """33 and 7 minutes: midpoint until the 5th, total time from the 6th on."""
    hold(
        """
        visit | payer   | service_date | code  | minutes | units | above
        1     | Changed | 10-05        | 97110 | 33      | 2     | no
        1     | Changed | 10-05        | 97140 | 7       | 1     | yes
        2     | Changed | 10-06        | 97110 | 33      | 2     | no
        2     | Changed | 10-06        | 97140 | 7       | 1     | no
        """,
        practice,
        "service_date\n10-05\n10-06",
    )


def test_a_line_without_minutes_leaves_the_day_open() -> None:
    """Blank, zero, or no units: nothing is said of the other timed lines of that day either."""
    hold("""
        visit | payer    | code  | minutes | units | above  | above_visit | under_eight | split  | not_billed
        1     | Medicare | 97110 | 10      | 3     | unsure | unsure      | unsure      | unsure | unsure
        1     | Medicare | 97140 | -       | 1     | unsure | unsure      | unsure      | unsure | unsure
        2     | Medicare | 97110 | 0       | 1     | unsure | unsure      | unsure      | unsure | unsure
        3     | Medicare | 97110 | 30      | -     | unsure | unsure      | unsure      | unsure | unsure
        4     | Medicare | 97110 | 30      | 2     | no     | out         | no          | no     | no
        4     | Medicare | G0283 | -       | 1     | out    | out         | out         | out    | out
        4     | Medicare | 97999 | -       | 1     | out    | out         | out         | out    | out
        """)


def test_by_midpoint_a_code_with_minutes_can_be_checked_beside_one_without(practice: Settings) -> None:
    hold(
        """
        visit | payer | code  | minutes | units | above
        1     | Mid   | 97110 | 10      | 3     | yes
        1     | Mid   | 97140 | -       | 1     | unsure
        """,
        practice,
    )


def test_lines_that_nobody_is_asked_to_pay_bring_no_minutes_and_no_units() -> None:
    hold("""
        visit | payer    | code  | minutes | units | last_decision       | billed_twice | above
        1     | Medicare | 97110 | 15      | 2     | excluded: withdrawn | -            | out
        1     | Medicare | 97110 | 15      | 1     | paid                | -            | no
        1     | Medicare | 97110 | 15      | 1     | excluded: duplicate | -            | out
        1     | Medicare | 97110 | 15      | 1     | paid                | yes          | out
        2     | Medicare | 97140 | 15      | 2     | not billed          | -            | out
        """)


def test_a_code_on_two_lines_is_counted_once() -> None:
    """10 and 10 minutes of one code are 20: one unit. The unit too many stands on one line."""
    hold("""
        visit | payer    | code  | minutes | units | modifiers | above
        1     | Medicare | 97110 | 15      | 1     | GP        | no
        1     | Medicare | 97110 | 15      | 1     | GP CQ     | no
        2     | Medicare | 97110 | 10      | 1     | GP        | yes
        2     | Medicare | 97110 | 10      | 1     | GP CQ     | no
        """)


def test_a_unit_too_many_and_a_doubtful_one_stand_on_lines_that_have_room() -> None:
    """20 and 20 minutes: 2 units by midpoint, 3 by total time. One of 4 is too many, one is open."""
    hold("""
        visit | code  | minutes | units | charge | above | one_way
        1     | 97110 | 10      | 1     | 30.00  | yes   | no
        1     | 97110 | 10      | 2     | 80.00  | no    | yes
        1     | 97140 | 20      | 1     | 30.00  | no    | no
        """)


def test_modifiers_play_no_part() -> None:
    hold("""
        visit | payer    | code  | minutes | units | modifiers | above | under_eight
        1     | Medicare | 97140 | 20      | 2     | GP KX     | yes   | no
        2     | Medicare | 97140 | 20      | 2     | 50        | yes   | no
        3     | Medicare | 97140 | 20      | 2     | -         | yes   | no
        """)


# --- what is counted together -------------------------------------------------------------


def test_two_therapists_of_one_discipline_are_one_day(practice: Settings) -> None:
    """Minutes of physical therapy by two clinicians count together; those of massage do not."""
    hold(
        """
        visit | patient | payer    | clinician | code  | minutes | units | above
        1     | A       | Medicare | Ann       | 97110 | 10      | 1     | no
        2     | A       | Medicare | Bob       | 97140 | 10      | 1     | yes
        3     | B       | Medicare | Ann       | 97110 | 10      | 1     | no
        4     | B       | Medicare | Cy        | 97140 | 10      | 1     | no
        5     | C       | Medicare | Dee       | 97110 | 10      | 1     | no
        6     | C       | Medicare | Eve       | 97140 | 10      | 1     | no
        7     | D       | Medicare | Ann       | 97110 | 10      | 1     | no
        8     | E       | Medicare | Bob       | 97140 | 10      | 1     | no
        """,
        practice,
        "patient clinician\nA Ann\nA Bob\nB Ann\nB Cy\nC Dee\nC Eve\nD Ann\nE Bob",
    )


def test_one_visit_number_for_two_disciplines_is_two_days(practice: Settings) -> None:
    """Without disciplines a visit stays whole, whoever treated."""
    hold(
        """
        visit | payer    | clinician | code  | minutes | units | above
        1     | Medicare | Ann       | 97110 | 10      | 1     | no
        1     | Medicare | Cy        | 97140 | 10      | 1     | no
        2     | Medicare | Dee       | 97110 | 10      | 1     | no
        2     | Medicare | Eve       | 97140 | 10      | 1     | yes
        """,
        practice,
        "clinician\nAnn\nDee",
    )


def test_two_visits_of_one_day_at_one_clinician_count_together() -> None:
    """Morning and afternoon: 20 and 20 minutes are 3 units, whichever visit bills the third."""
    hold(
        """
        visit | patient | payer    | code  | minutes | units | above
        1     | A       | Medicare | 97110 | 20      | 2     | no
        2     | A       | Medicare | 97140 | 20      | 1     | no
        """,
        seen="patient\nA\nA",
    )


def test_lines_of_another_payer_or_day_stay_apart() -> None:
    hold("""
        visit | payer    | service_date | code  | minutes | units | above
        1     | Medicare | 10-05        | 97110 | 7       | 1     | yes
        1     | TRICARE  | 10-05        | 97140 | 33      | 2     | no
        1     | Medicare | 10-06        | 97140 | 33      | 2     | no
        """)


# --- only the minutes of the visit --------------------------------------------------------


def test_where_only_the_visit_tells_minutes_more_than_all_of_them_is_too_much(practice: Settings) -> None:
    """The least: by midpoint two codes of 8 minutes are two units, by total time 16 minutes are one."""
    hold(
        """
        visit | payer    | code  | units | charge | above  | above_visit | one_way | not_billed | over_billed
        1     | Medicare | 97110 | 2     | 80.00  | unsure | no          | out     | unsure     | unsure
        1     | Medicare | 97140 | 1     | 30.00  | unsure | yes         | out     | unsure     | yes
        2     | Medicare | 97110 | 2     | 80.00  | unsure | no          | out     | unsure     | unsure
        2     | Medicare | 97140 | 1     | 30.00  | unsure | no          | out     | unsure     | unsure
        3     | Mid      | 97110 | 1     | 80.00  | unsure | no          | out     | unsure     | unsure
        3     | Mid      | 97140 | 1     | 30.00  | unsure | no          | out     | unsure     | unsure
        4     | Aetna    | 97110 | 1     | 80.00  | unsure | no          | unsure  | unsure     | unsure
        4     | Aetna    | 97140 | 1     | 30.00  | unsure | no          | yes     | unsure     | unsure
        5     | Medicare | 97110 | 1     | 80.00  | unsure | unsure      | out     | unsure     | unsure
        6     | Medicare | 97110 | 3     | 80.00  | unsure | unsure      | out     | unsure     | unsure
        6     | Medicare | 97140 | -     | 30.00  | unsure | unsure      | out     | unsure     | unsure
        """,
        practice,
        "minutes\n37\n38\n16\n16\n-\n16",
    )


def test_the_minutes_of_several_visits_of_a_day_add_up() -> None:
    hold(
        """
        visit | patient | payer    | code  | units | above_visit
        1     | A       | Medicare | 97110 | 2     | no
        2     | A       | Medicare | 97110 | 1     | no
        3     | B       | Medicare | 97110 | 2     | unsure
        4     | B       | Medicare | 97110 | 1     | unsure
        """,
        seen="patient minutes\nA 30\nA 15\nB 30\nB -",
    )


# --- the other rules ----------------------------------------------------------------------


def test_fewer_than_eight_minutes_make_no_unit_alone() -> None:
    """Where the day's other minutes help, they do; at a payer of unknown way that is to be asked."""
    hold("""
        visit | payer    | code  | minutes | units | under_eight | above | one_way
        1     | Medicare | 97110 | 7       | 1     | yes         | yes   | out
        2     | Medicare | 97110 | 8       | 1     | no          | no    | out
        3     | Medicare | 97110 | 33      | 2     | no          | no    | out
        3     | Medicare | 97140 | 7       | 1     | no          | no    | out
        4     | Aetna    | 97110 | 33      | 2     | no          | no    | no
        4     | Aetna    | 97140 | 7       | 1     | no          | no    | yes
        5     | Aetna    | 97140 | 7       | 1     | yes         | yes   | no
        """)


def test_units_under_the_wrong_code_of_a_right_total(practice: Settings) -> None:
    """Any right split is taken; by midpoint it does not arise, at a payer of unknown way nobody can tell."""
    hold(
        """
        visit | payer    | code  | minutes | units | charge | split  | above | not_billed | doubtful_expected
        1     | Medicare | 97112 | 20      | 3     | 90.00  | yes    | no    | no         | 3000
        1     | Medicare | 97110 | 20      | 0     | 0      | no     | no    | no         | -
        2     | Medicare | 97112 | 20      | 1     | 30.00  | no     | no    | no         | -
        2     | Medicare | 97110 | 20      | 2     | 60.00  | no     | no    | no         | -
        3     | Medicare | 97140 | 25      | 1     | 30.00  | no     | no    | no         | -
        3     | Medicare | 97110 | 14      | 1     | 30.00  | no     | no    | no         | -
        3     | Medicare | 97112 | 6       | 1     | 30.00  | yes    | no    | no         | 3000
        4     | Aetna    | 97110 | 24      | 1     | 30.00  | no     | no    | no         | -
        4     | Aetna    | 97112 | 23      | 2     | 60.00  | unsure | no    | no         | -
        5     | Mid      | 97110 | 24      | 1     | 30.00  | out    | no    | yes        | -
        """,
        practice,
    )


def test_untimed_codes_have_one_unit_a_day() -> None:
    """Modalities, evaluations, adjustments, needling and groups; a code by area or test may have two."""
    hold("""
        visit | code  | units | charge | once   | over_billed | over_billed_expected
        1     | 97012 | 1     | 30.00  | no     | no          | -
        2     | G0283 | 2     | 60.00  | yes    | yes         | 3000
        3     | 98941 | 3     | 90.00  | yes    | yes         | 6000
        4     | 97161 | 2     | 60.00  | yes    | yes         | 3000
        5     | 20560 | 2     | 60.00  | yes    | yes         | 3000
        6     | 97150 | 3     | 60.00  | yes    | yes         | 4000
        7     | 97598 | 2     | 60.00  | out    | out         | -
        8     | 95851 | 2     | 60.00  | out    | out         | -
        9     | 97110 | 2     | 60.00  | out    | unsure      | -
        10    | G0283 | -     | 60.00  | unsure | unsure      | -
        11    | G0283 | 1     | 30.00  | yes    | yes         | 3000
        11    | G0283 | 1     | 40.00  | no     | no          | -
        12    | G0283 | 2     | 60.00  | yes    | yes         | 3000
        12    | G0283 | -     | 30.00  | unsure | unsure      | -
        """)


def test_medicare_wants_the_units_of_a_code_on_one_line() -> None:
    """Since 2021-04-19, of one claim, date, code, clinician and modifiers; it takes claim numbers."""
    hold(
        """
        visit | claim_id | payer    | service_date | code  | modifiers | minutes | units | several
        1     | C1       | Medicare | 2021-04-19   | 97110 | GP        | 15      | 1     | yes
        1     | C1       | Medicare | 2021-04-19   | 97110 | GP        | 15      | 1     | yes
        2     | C2       | Medicare | 2021-04-18   | 97110 | GP        | 15      | 1     | out
        2     | C2       | Medicare | 2021-04-18   | 97110 | GP        | 15      | 1     | out
        3     | C3       | Medicare | 2026-10-05   | 97110 | GP        | 15      | 1     | no
        3     | C3       | Medicare | 2026-10-05   | 97110 | GP CQ     | 15      | 1     | no
        4     | C4       | Medicare | 2026-10-05   | 97110 | GP        | 15      | 1     | no
        4     | C5       | Medicare | 2026-10-05   | 97110 | GP        | 15      | 1     | no
        5     | C6       | Aetna    | 2026-10-05   | 97110 | GP        | 15      | 1     | out
        5     | C6       | Aetna    | 2026-10-05   | 97110 | GP        | 15      | 1     | out
        6     | -        | Medicare | 2026-10-05   | 97110 | GP        | 15      | 1     | unsure
        6     | -        | Medicare | 2026-10-05   | 97110 | GP        | 15      | 1     | unsure
        7     | -        | Medicare | 2026-10-05   | 97110 | GP        | 15      | 1     | no
        8     | C8       | Medicare | 2026-10-05   | G0283 | GP        | -       | 1     | out
        8     | C8       | Medicare | 2026-10-05   | G0283 | GP        | -       | 1     | out
        """,
        seen="service_date\n2021-04-19\n2021-04-18" + "\n2026-10-05" * 6,
    )
    hold(
        """
        visit | claim_id | payer    | clinician | code  | minutes | units | several
        1     | C1       | Medicare | Ann       | 97110 | 15      | 1     | no
        2     | C1       | Medicare | Bob       | 97110 | 15      | 1     | no
        """,
        seen="service_date\n10-05\n10-05",
    )


def test_not_billed_stands_beside_over_billed_and_neither_lowers_the_other() -> None:
    """One visit above its minutes, one below, one with both: two sums."""
    lines = """
        visit | payer    | code  | minutes | units | charge | above | not_billed
        1     | Medicare | 97110 | 15      | 2     | 80.00  | yes   | no
        2     | Medicare | 97110 | 38      | 2     | 80.00  | no    | yes
        3     | Medicare | 97110 | 45      | 6     | 240.00 | yes   | no
        3     | Medicare | 97112 | 40      | 1     | 30.00  | no    | yes
        """
    hold(lines)
    plain = "\n".join(" | ".join(row.split("|")[:6]) for row in lines.strip().splitlines())
    comparison = compared(mark_rows(plain))
    assert comparison.total("units/over_billed_expected").numerator == 4000 + 3 * 4000
    assert comparison.total("units/not_billed_expected").numerator == 4000 + 2 * 3000
    assert comparison.total("units/not_billed_units").numerator == 300
    above = comparison.total("units/above_minutes")
    assert (above.numerator, above.base) == (2, 4)


def test_what_is_not_billed_is_never_to_be_done() -> None:
    (rule,) = [one for one in units.rules(shipped()) if one.id == "units/not_billed"]
    assert rule.stake == "not billed"
    assert "correct a claim only from the note as it stood" in rule.advice


def test_nothing_is_not_billed_where_the_codes_take_longer_than_the_visit() -> None:
    """An export that repeats the minutes of the visit on every line supports no unit more."""
    hold(
        """
        visit | payer    | code  | minutes | units | not_billed | not_billed_units
        1     | Medicare | 97110 | 45      | 2     | unsure     | -
        1     | Medicare | 97140 | 45      | 1     | unsure     | -
        2     | Medicare | 97110 | 45      | 2     | yes        | 100
        """,
        seen="minutes\n45\n45",
    )


def test_the_first_15_minutes_and_each_further_are_counted_as_one_code() -> None:
    hold("""
        visit | payer    | code  | minutes | units | charge | above
        1     | Medicare | 97129 | 15      | 1     | 40.00  | no
        1     | Medicare | 97130 | 23      | 2     | 60.00  | no
        2     | Medicare | 97129 | 15      | 1     | 40.00  | no
        2     | Medicare | 97130 | 22      | 2     | 60.00  | yes
        """)
    assert FURTHER == {"90913": "90912", "97130": "97129"}


def test_codes_of_another_length_are_left_out_and_leave_the_day_open() -> None:
    """Acupuncture needs new needles, caregiver training starts with half an hour, hardening with two."""
    hold("""
        visit | payer    | code  | minutes | units | above  | not_billed
        1     | Medicare | 97810 | 15      | 3     | out    | out
        2     | Medicare | 97550 | 15      | 3     | out    | out
        3     | Medicare | 97545 | 15      | 3     | out    | out
        3     | Medicare | 97110 | 30      | 2     | unsure | unsure
        """)
    assert set(OTHER_LENGTH) == {"acupuncture", "caregiver training", "work hardening"}


# --- whatever is billed -------------------------------------------------------------------

CODES = ("97035", "97110", "97112", "97140")
PAYERS = ("Medicare", "Mid", "Aetna")
minutes_of_day = st.dictionaries(st.sampled_from(CODES), st.integers(1, 60), min_size=1, max_size=4)
many_days = st.lists(minutes_of_day, min_size=15, max_size=25)
Day = tuple[dict[str, int], dict[str, int], str]
"""Minutes and units by code, and the payer."""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the same practice, once for all generated cases."""
    return settings_of(tmp_path_factory.mktemp("ways"), PRACTICE)


def count_right(minutes: dict[str, int], payer: str) -> dict[str, int]:
    """Return the units that a payer's rule gives, worked out one by one."""
    if payer == "Mid":
        return {code: (value + 7) // 15 for code, value in minutes.items()}
    found = {code: value // 15 for code, value in minutes.items()}
    left = (sum(minutes.values()) + 7) // 15 - sum(found.values())
    for code in sorted(minutes, key=lambda code: (-(minutes[code] % 15), code))[:left]:
        found[code] += 1
    return found


def write(days: list[Day]) -> list[str]:
    """Return the lines of patients who each came on one day."""
    return [
        f"{at} | P{at} | {at}-{code} | {payer} | {code} | {value} | {billed[code]} | {number + 2}"
        for at, (minutes, billed, payer) in enumerate(days)
        for number, (code, value) in enumerate(sorted(minutes.items()))
    ]


def judge(rows: list[str], practice: Settings) -> dict[str, dict[str, str]]:
    """Return the marks of every line, by its number."""
    lines = claim_lines(
        "\n".join(["visit | patient | line_id | payer | code | minutes | units | source_row", *rows])
    )
    seen = visits("service_date\n" + "\n".join(["10-05"] * (int(lines["visit_id"].max()) + 1)))
    found = populate(lines, seen, pd.Timestamp(AS_OF), 12)
    marked = units.mark(found, practice, AS_OF).lines
    words = {name: marks_of(marked, mark) for name, mark in MARKS.items()}
    return {
        line: {name: told[at] for name, told in words.items()}
        for at, line in enumerate(marked.frame["line_id"])
    }


def by_day(found: dict[str, dict[str, str]], name: str) -> dict[int, list[str]]:
    """Return the lines' marks of one name by the number of their day."""
    days: dict[int, list[str]] = {}
    for line, marks in found.items():
        days.setdefault(int(line.partition("-")[0]), []).append(marks[name])
    return days


@given(many_days, st.sampled_from(["Medicare", "Mid"]), st.data())
@hypothesis_settings(max_examples=8)
def test_what_the_rule_gives_is_right_and_one_more_is_over(
    ways: Settings, days: list[dict[str, int]], payer: str, data: st.DataObject
) -> None:
    """And without that one unit nothing is found again."""
    right: list[Day] = [(minutes, count_right(minutes, payer), payer) for minutes in days]
    for marks in judge(write(right), ways).values():
        assert (marks["above"], marks["not_billed"]) == ("no", "no")
        assert marks["split"] in ("no", "out")
    codes = [data.draw(st.sampled_from(sorted(minutes))) for minutes in days]
    more = [
        (m, units | {code: units[code] + 1}, payer) for (m, units, _), code in zip(right, codes, strict=True)
    ]
    for above in by_day(judge(write(more), ways), "above").values():
        assert above.count("yes") == 1
    less = [(m, {code: max(each - 1, 0) for code, each in units.items()}, payer) for m, units, _ in right]
    found = judge(write(less), ways)
    assert "yes" not in [marks["above"] for marks in found.values()]
    for at, unbilled in by_day(found, "not_billed").items():
        assert ("yes" in unbilled) == any(right[at][1].values())


@given(many_days, st.data())
@hypothesis_settings(max_examples=8)
def test_at_a_payer_of_unknown_way_over_is_over_by_both(
    ways: Settings, days: list[dict[str, int]], data: st.DataObject
) -> None:
    """What is right by either way is neither above nor unbilled; a unit more than both give is above."""
    for way in ("Medicare", "Mid"):
        found = judge(write([(minutes, count_right(minutes, way), "Aetna") for minutes in days]), ways)
        assert {(marks["above"], marks["not_billed"]) for marks in found.values()} == {("no", "no")}
    most = [
        {code: max(count_right(minutes, way)[code] for way in ("Medicare", "Mid")) for code in minutes}
        for minutes in days
    ]
    codes = [data.draw(st.sampled_from(sorted(minutes))) for minutes in days]
    more = [
        (minutes, units | {code: units[code] + 1}, "Aetna")
        for minutes, units, code in zip(days, most, codes, strict=True)
    ]
    found = judge(write(more), ways)
    assert {found[f"{at}-{code}"]["above"] for at, code in enumerate(codes)} == {"yes"}


@given(many_days, st.data(), st.randoms(use_true_random=False))
@hypothesis_settings(max_examples=8)
def test_a_line_of_another_patient_and_the_order_of_rows_change_no_mark(
    ways: Settings, days: list[dict[str, int]], data: st.DataObject, chance: random.Random
) -> None:
    billed: list[Day] = [
        (
            minutes,
            {code: data.draw(st.integers(0, 5)) for code in minutes},
            data.draw(st.sampled_from(PAYERS)),
        )
        for minutes in days
    ]
    rows = write(billed)
    together = judge(rows, ways)
    chance.shuffle(rows)
    assert judge(rows, ways) == together
    first = judge(write(billed[:1]), ways)
    assert {line: together[line] for line in first} == first


def test_a_practice_without_a_timed_code_has_no_question_to_answer() -> None:
    found = mark_rows("code\n98941").lines
    assert not any((found.marks[mark] == YES).any() for mark in MARKS.values())
    assert np.all(found.frame[list(CENTS)].to_numpy() == 0)


def test_what_has_one_unit_a_day_is_in_the_code_book() -> None:
    """Every family named has codes, none of which is counted by time."""
    book = code_book().codes
    for family in ONCE_A_DAY:
        assert {code.timed for code in book.values() if code.family == family} == {False}
    assert not any(book[code].timed for code in GROUP_CODES)


def test_every_rule_says_what_it_is() -> None:
    """One sentence, an example of right and of wrong, and the right kind of money."""
    for rule in units.rules(shipped()):
        assert rule.sentence.endswith(".")
        assert rule.right
        assert rule.wrong
        assert rule.task == "units"
        assert rule.mark in MARKS.values()


def test_only_rules_of_minutes_know_the_payers_way_of_counting() -> None:
    """What has one unit a day has it at every payer."""
    by_minutes = {check.rule.id for check in SUPPORTED}
    told = {rule.id for rule in units.rules(shipped()) if "counting" in rule.payers or "total" in rule.payers}
    assert told <= by_minutes
