"""Validity: codes outside their dates, lines that repeat another, lines without units."""

from __future__ import annotations

from tests.practices import mark_rows, marks_of


def test_a_code_is_valid_between_its_first_and_last_day() -> None:
    """97001 ended with 2016 and 97161 began the day after; nobody knows of 97999."""
    found = mark_rows("""
        code   service_date
        97001  2016-12-31
        97001  2017-01-01
        97161  2016-12-31
        97161  2017-01-01
        97001  2026-10-05
        97140  2026-10-05
        97999  2026-10-05
    """)
    assert marks_of(found.lines, "not_valid") == ["no", "yes", "yes", "no", "yes", "no", "unsure"]


def test_a_line_repeats_one_of_the_same_patient_day_code_clinician_and_modifiers() -> None:
    found = mark_rows("""
        | patient | service_date | clinician | code  | modifiers |
        | Ann     | 2026-10-05   | Lee       | 97140 | GP        |
        | Ann     | 2026-10-05   | Lee       | 97140 | GP        |
        | Ann     | 2026-10-05   | Lee       | 97140 | 59 GP     |
        | Ann     | 2026-10-05   | Kim       | 97140 | GP        |
        | Ann     | 2026-10-06   | Lee       | 97140 | GP        |
        | Bob     | 2026-10-05   | Lee       | 97140 | GP        |
        | Ann     | 2026-10-05   | Lee       | 97110 | GP        |
    """)
    assert marks_of(found.lines, "repeated") == ["yes", "yes", *["no"] * 5]


def test_a_replacement_claim_repeats_by_nature() -> None:
    """So does a void claim, and what the payer itself has set aside as a duplicate."""
    found = mark_rows("""
        | patient | frequency | first_decision      |
        | Ann     | 1         | denied              |
        | Ann     | 7         | paid                |
        | Ann     | 8         | paid                |
        | Ann     | 1         | excluded: duplicate |
    """)
    assert marks_of(found.lines, "repeated") == ["no", "out", "out", "out"]


def test_a_line_paid_on_two_claims_is_told_once_among_the_balances() -> None:
    found = mark_rows("""
        | patient | code  | billed_twice |
        | Ann     | 97140 |              |
        | Ann     | 97140 | yes          |
    """)
    assert marks_of(found.lines, "repeated") == ["no", "out"]


def test_no_units_is_not_unknown_units() -> None:
    found = mark_rows("units\n0\n-\n1\n0.5")
    assert marks_of(found.lines, "no_units") == ["yes", "unsure", "no", "no"]
