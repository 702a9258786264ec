"""Code usage: codes outside their dates, lines that repeat another, lines without units, and the section."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.blocks import Note
from audit.topics import usage
from tests.practices import (
    AS_OF,
    audit_of,
    many_months,
    mark_rows,
    marks_of,
    page_of,
    shipped,
    write_practice,
)


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


def test_no_units_is_not_unknown_units() -> None:
    found = mark_rows("units\n0\n-\n1\n0.5")
    assert marks_of(found.lines, "no_units") == ["yes", "unsure", "no", "no"]


def test_measures_count_units_visits_and_patients_by_code(tmp_path: Path) -> None:
    """Two lines of one code on one visit are two lines, three units, one visit and one patient."""
    files = write_practice(
        tmp_path,
        """
        visit_id  patient_id  code   units  charge
        V1        Ann         97140  2      100.00
        V1        Ann         97140  1      50.00
        V1        Ann         97110  1      60.00
        V2        Bob         97110  1      60.00
        """,
    )
    comparison = audit_of(files, "2026-10").comparison
    told = {
        name: {
            value: figure.numerator for value, figure in comparison.by_value(f"usage/{name}", "code").items()
        }
        for name in ("lines", "units", "visits", "patients", "charge")
    }
    assert told == {
        "lines": {"97110": 2, "97140": 2},
        "units": {"97110": 200, "97140": 300},
        "visits": {"97110": 2, "97140": 1},
        "patients": {"97110": 2, "97140": 1},
        "charge": {"97110": 12000, "97140": 15000},
    }
    each = comparison.by_value("usage/units_per_visit", "code")["97140"]
    assert (each.numerator, each.base) == (300, 1)
    part = comparison.by_value("usage/share_of_units", "code")["97140"]
    assert (part.numerator, part.base) == (300, 500)


def test_codes_stand_under_their_category(tmp_path: Path) -> None:
    """I, III and none of ours; report-only category II; HCPCS."""
    files = write_practice(tmp_path, "code\n97140\n97110\nG0283\n4004F\n97999\n0552T")
    page = page_of(audit_of(files, "2026-10"))
    for word in ("Category I<", "Category II<", "Category III<", "HCPCS", "not in our code book"):
        assert word in page


def test_the_section_names_codes_billed_outside_their_dates(tmp_path: Path) -> None:
    files = write_practice(tmp_path, "code\n97001\n97001\n97140")
    audit = audit_of(files, "2026-10")
    section = usage.show(audit.comparison, audit.populations, shipped(), AS_OF)
    note = section.blocks["not_valid"]
    assert isinstance(note, Note)
    assert "**97001** on 2 lines (ended 2016-12-31)" in note.text


@pytest.mark.parametrize("codes", [("97140",), tuple(f"{number}" for number in range(97001, 97201))], ids=len)
def test_one_code_and_two_hundred_codes_are_shown(codes: tuple[str, ...], tmp_path: Path) -> None:
    """Every one stands in the table; a chart of two hundred is drawn of the largest alone."""
    files = write_practice(tmp_path, *many_months(["2026-09", "2026-10"], 200, codes))
    page = page_of(audit_of(files))
    assert all(f">{code}" in page for code in codes)
    assert len(page) < 600_000
