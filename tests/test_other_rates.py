"""The denial rate by other common definitions: which lines each counts differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.lines import DECISIONS
from audit.other_rates import LISTED, MEASURES, list_rates
from tests.practices import audit_of, mark_rows, marks_of, write_practice


@pytest.mark.parametrize(
    ("name", "also_denied"),
    [
        ("denied_or_reduced", "reduced"),
        ("with_rejected", "rejected"),
        ("nothing_allowed", "nothing allowed, no reason"),
    ],
)
def test_other_definitions_count_other_decisions(name: str, also_denied: str) -> None:
    """They differ from the page's own in that decision alone."""
    found = mark_rows("| first_decision |\n" + "\n".join(f"| {one} |" for one in DECISIONS)).lines
    ours, other = marks_of(found, "first_denied"), marks_of(found, f"rate_{name}")
    assert {one for one, mark in zip(DECISIONS, other, strict=True) if mark == "yes"} == {
        "denied",
        also_denied,
    }
    assert {one for one, mine, its in zip(DECISIONS, ours, other, strict=True) if mine != its} == {
        also_denied
    }


def test_zero_paid_asks_for_the_money_alone() -> None:
    """A line left to the patient pays nothing; one whose payment is not told stays open."""
    found = mark_rows("""
        first_decision  paid
        paid            40.00
        patient         0.00
        denied          0.00
        paid            -
        pending         0.00
    """)
    assert marks_of(found.lines, "rate_zero_paid") == ["no", "yes", "yes", "unsure", "out"]


def test_bundling_and_what_the_patient_owes_can_be_left_out() -> None:
    """CO-97 is bundling; PR-204 is the patient's to pay."""
    found = mark_rows("""
        first_decision  first_reason  patient_owes
        denied          CO-97         no
        denied          PR-204        yes
        denied          CO-50         no
    """)
    assert marks_of(found.lines, "rate_without_bundling") == ["no", "yes", "yes"]
    assert marks_of(found.lines, "rate_without_patient") == ["yes", "no", "yes"]


def test_a_claim_is_denied_when_one_of_its_lines_is(tmp_path: Path) -> None:
    files = write_practice(
        tmp_path,
        "line_id claim_id\nL1 C1\nL2 C1\nL3 C2",
        "line_id reason amount\nL1 CO-50 60.00\nL2 - 60.00\nL3 - 60.00",
    )
    figure = audit_of(files, "2026-10").comparison.total("denials/rate_claims")
    assert (figure.numerator, figure.base) == (1, 2)


def test_without_claim_numbers_the_lines_of_a_visit_are_a_claim(tmp_path: Path) -> None:
    """An export that does not number its claims has not one claim alone."""
    files = write_practice(
        tmp_path,
        "line_id claim_id visit_id\nL1 - V1\nL2 - V1\nL3 - V2",
        "line_id reason amount\nL1 CO-50 60.00\nL2 - 60.00\nL3 - 60.00",
    )
    figure = audit_of(files, "2026-10").comparison.total("denials/rate_claims")
    assert (figure.numerator, figure.base) == (1, 2)


def test_every_definition_is_listed_beside_the_pages_own(tmp_path: Path) -> None:
    files = write_practice(
        tmp_path, "code\n97140\n97140", "line_id reason amount\nL1 CO-50 60.00\nL2 - 60.00"
    )
    rows = list_rates(audit_of(files, "2026-10").comparison).rows
    assert {measure.id.removeprefix("denials/") for measure in MEASURES} <= set(LISTED)
    assert [cell.text for cell in rows[0].cells[:3]] == ["Initial denial rate", "50.0 %", "1 / 2"]
    assert rows[0].cells[0].sub == "the one used on this page"
    assert not any(row.cells[0].sub.startswith("Another common definition") for row in rows)
