"""Signatures: notes not signed yet, and lines billed before their note was signed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audit.topics import signatures
from tests.practices import audit_of, mark_rows, marks_of, page_of, shipped, write_practice

AS_OF = date(2026, 12, 1)


def test_unsigned_notes_stand_in_one_class_of_age() -> None:
    """0 to 2, 3 to 7, 8 to 30 and over 30 days after the visit; a signed or unknown one in none."""
    days = ["2026-12-01", "2026-11-29", "2026-11-28", "2026-11-24", "2026-11-23", "2026-11-01", "2026-10-31"]
    rows = [f"{day} no" for day in days] + ["2026-10-01 yes", "2026-10-01 ?"]
    found = mark_rows(
        "visit service_date\n" + "\n".join(f"V{at} {row.split()[0]}" for at, row in enumerate(rows)),
        "service_date signed\n" + "\n".join(rows),
    )
    names = [name for name, *_ in signatures.ages(shipped())]
    assert names == ["unsigned_0_days", "unsigned_3_days", "unsigned_8_days", "unsigned_31_days"]
    classes = [
        [name for name in names if marks_of(found.visits, name)[at] == "yes"] for at in range(len(rows))
    ]
    assert classes == [
        ["unsigned_0_days"],
        ["unsigned_0_days"],
        ["unsigned_3_days"],
        ["unsigned_3_days"],
        ["unsigned_8_days"],
        ["unsigned_8_days"],
        ["unsigned_31_days"],
        [],
        [],
    ]
    assert marks_of(found.visits, "unsigned_31_days")[-1] == "unsure"


def test_late_is_more_than_a_week() -> None:
    found = mark_rows(
        "visit service_date\nA 2026-11-24\nB 2026-11-23",
        "service_date signed\n2026-11-24 no\n2026-11-23 no",
    )
    assert marks_of(found.visits, "unsigned_late") == ["no", "yes"]


def test_billed_before_signed_needs_both_dates() -> None:
    """The day of the signature is early enough; without one of the dates nobody knows."""
    found = mark_rows(
        """
        | visit | submitted_date | first_decision |
        | A     | 2026-10-06     | paid           |
        | B     | 2026-10-06     | paid           |
        | C     | 2026-10-06     | paid           |
        | D     | 2026-10-06     | paid           |
        | E     | -              | paid           |
        | F     | 2026-10-06     | paid           |
        | G     | 2026-10-06     | not billed     |
        """,
        """
        | signed | signed_on  |
        | yes    | 2026-10-05 |
        | yes    | 2026-10-06 |
        | yes    | 2026-10-07 |
        | no     | -          |
        | yes    | 2026-10-07 |
        | ?      | -          |
        | no     | -          |
        """,
    )
    assert marks_of(found.lines, "before_signed") == ["no", "no", "yes", "yes", "unsure", "unsure", "out"]


def test_a_signature_after_the_as_of_date_is_not_known_yet(tmp_path: Path) -> None:
    files = write_practice(
        tmp_path,
        "code visit_id service_date\n97124 V1 2026-10-05",
        notes="visit_id service_date signed_on\nV1 2026-10-05 2026-11-10",
    )
    early = audit_of(files, "2026-10", date(2026, 11, 9)).comparison
    late = audit_of(files, "2026-10", date(2026, 11, 10)).comparison
    assert early.total("signatures/unsigned_31_days").numerator == 1
    assert late.total("signatures/unsigned_31_days").numerator == 0


def test_the_section_counts_by_clinician(tmp_path: Path) -> None:
    files = write_practice(
        tmp_path,
        "code visit_id clinician\n97124 V1 Lee\n97124 V2 Kim",
        notes="visit_id patient_id clinician signed_on\nV1 P1 Lee -\nV2 P2 Kim 2026-10-05",
    )
    audit = audit_of(files, "2026-10")
    page = page_of(audit)
    section = signatures.show(audit.comparison, audit.populations, shipped(), AS_OF)
    assert section is not None
    assert "**1 note** of all months is not signed" in section.lead
    assert audit.comparison.by_value("signatures/unsigned_31_days", "clinician")["Lee"].numerator == 1
    assert "Unsigned notes" in page


def test_where_all_is_signed_it_says_so(tmp_path: Path) -> None:
    files = write_practice(tmp_path, "code\n97124", notes="visit_id signed_on\nV1 2026-10-05")
    assert "Every note that the export tells of is signed." in page_of(audit_of(files, "2026-10"))


def test_without_a_signature_column_there_is_no_section(tmp_path: Path) -> None:
    audit = audit_of(write_practice(tmp_path, "code\n97124"), "2026-10")
    assert signatures.show(audit.comparison, audit.populations, shipped(), AS_OF) is None
