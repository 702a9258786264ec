"""Denials: the decisions in each rate, the days left to act, and a section with little to say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from audit.blocks import Empty, Note, Section, Table
from audit.lines import DECISIONS
from audit.topics import denials
from tests.practices import audit_of, many_months, mark_rows, marks_of, page_of, shipped, write_practice

AS_OF = date(2026, 12, 1)


def marks(decisions: str, name: str, column: str = "first_decision") -> dict[str, str]:
    """Return a mark of one line for each decision."""
    told = [part.strip() for part in decisions.split(";")]
    table = f"| {column} |\n" + "\n".join(f"| {one} |" for one in told)
    return dict(zip(told, marks_of(mark_rows(table).lines, name), strict=True))


def test_every_decision_is_in_the_rate_or_outside_of_it() -> None:
    """Rows 14 to 18 of the decision table; all others are in no rate."""
    found = marks(";".join(DECISIONS), "first_denied")
    assert {one for one, mark in found.items() if mark == "yes"} == {"denied"}
    assert {one for one, mark in found.items() if mark == "no"} == {
        "reduced",
        "patient",
        "paid",
        "nothing allowed, no reason",
    }
    assert {one for one, mark in found.items() if mark == "unsure"} == {"reason unknown", "unknown"}
    assert {one for one, mark in found.items() if mark == "out"} == {
        "not billed",
        "no answer",
        "pending",
        "taken back",
        "rejected",
        *(one for one in DECISIONS if one.startswith("excluded")),
    }


def test_the_final_rate_looks_at_the_last_decision() -> None:
    found = mark_rows("""
        | first_decision | last_decision |
        | denied         | paid          |
        | paid           | denied        |
        | denied         | taken back    |
    """)
    assert marks_of(found.lines, "first_denied") == ["yes", "no", "yes"]
    assert marks_of(found.lines, "last_denied") == ["no", "yes", "out"]


@pytest.mark.parametrize(
    ("name", "also_denied"),
    [
        ("denied_or_reduced", "reduced"),
        ("with_rejected", "rejected"),
        ("nothing_allowed", "nothing allowed, no reason"),
    ],
)
def test_other_definitions_count_other_decisions(name: str, also_denied: str) -> None:
    found = marks(";".join(DECISIONS), f"rate_{name}")
    assert {one for one, mark in found.items() if mark == "yes"} == {"denied", also_denied}


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


def test_medicare_has_a_year_to_file_and_120_days_to_appeal() -> None:
    """The next limit still ahead counts: 365 days after the visit, 120 after the answer."""
    found = mark_rows("""
        | payer    | service_date | last_decided_on | first_decision |
        | Medicare | 2026-10-05   | 2026-10-19      | denied         |
        | Medicare | 2025-12-05   | 2026-01-05      | denied         |
        | Medicare | 2025-10-01   | 2026-11-01      | denied         |
        | Medicare | 2025-10-01   | 2025-10-20      | denied         |
    """)
    left = denials.days_left(found, shipped(), AS_OF)
    assert left.to_numpy().tolist() == [
        [120 - 43, "appeal"],
        [4, "file"],
        [90, "appeal"],
        [365 - 426, "file"],
    ]
    assert marks_of(found.lines, "open") == ["yes", "yes", "yes", "no"]


def test_where_no_limit_is_known_120_days_after_the_answer_stand_in() -> None:
    """The day itself still counts; without a date of the answer it is the visit's."""
    found = mark_rows("""
        | payer | service_date | last_decided_on | first_decision |
        | Aetna | 2026-05-01   | 2026-08-03      | denied         |
        | Aetna | 2026-05-01   | 2026-08-02      | denied         |
        | Aetna | 2026-11-01   | -               | denied         |
    """)
    left = denials.days_left(found, shipped(), AS_OF)
    assert left.to_numpy().tolist() == [[0, "look again"], [-1, "look again"], [90, "look again"]]
    assert marks_of(found.lines, "open") == ["yes", "no", "yes"]


def test_only_a_last_denial_is_open() -> None:
    """A line paid since, or taken back, waits for nobody."""
    found = mark_rows("""
        | first_decision | last_decision |
        | denied         | denied        |
        | denied         | paid          |
        | paid           | denied        |
        | denied         | taken back    |
    """)
    assert marks_of(found.lines, "open") == ["yes", "out", "yes", "out"]


ANSWERED = """
    line_id  reason  amount
    L1       CO-50   60.00
    L2       -       60.00
    L3       CO-50   60.00
"""


def test_dollars_of_reduced_lines_count_by_charge(tmp_path: Path) -> None:
    """40 of 60 dollars refused on a line that was paid in part: in the rate by charges, not by lines."""
    files = write_practice(
        tmp_path,
        "code\n97140\n97140",
        "line_id reason amount\nL1 CO-151 40.00\nL1 - 20.00\nL2 - 60.00",
    )
    comparison = audit_of(files, "2026-10").comparison
    by_lines = comparison.total("denials/first_rate")
    by_charge = comparison.total("denials/first_rate_by_charge")
    assert (by_lines.numerator, by_lines.base) == (0, 2)
    assert (by_charge.numerator, by_charge.base) == (4000, 12000)


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


def section(folder: Path, charges: str, postings: str = "") -> Section:
    """Return the section of October 2026."""
    audit = audit_of(write_practice(folder, charges, postings), "2026-10")
    page_of(audit)
    return denials.show(audit.comparison, audit.populations, audit.settings, AS_OF)


def test_without_any_answer_nothing_is_measured(tmp_path: Path) -> None:
    """It says why, and what to add."""
    empty = section(tmp_path, "code\n97140").blocks["not_measured"]
    assert isinstance(empty, Empty)
    assert "no answer of any payer" in empty.why
    assert "Add the payers' answers" in empty.what_to_do


def test_where_all_pay_themselves_there_is_no_answer_to_wait_for(tmp_path: Path) -> None:
    empty = section(tmp_path, "code payer\n97140 Cash\n97124 Self-pay").blocks["not_measured"]
    assert isinstance(empty, Empty)
    assert "No line of this period was billed to a payer" in empty.why
    assert empty.what_to_do


def test_a_period_without_denials_says_so(tmp_path: Path) -> None:
    note = section(tmp_path, "code\n97140", "line_id amount\nL1 60.00").blocks["nothing_denied"]
    assert isinstance(note, Note)
    assert note.text == "No denials in this period: 0 of 1 line that payers decided."


def test_rows_that_cannot_be_told_apart_are_not_charted(tmp_path: Path) -> None:
    """One code, one payer, three lines: no chart of codes, and the rate is "2 of 3"."""
    shown = section(tmp_path, "code\n97140\n97140\n97140", ANSWERED)
    assert shown.blocks["rates"] is None
    assert "**2 of 3**" in shown.lead


def test_the_worklist_counts_lines_by_the_days_left(tmp_path: Path) -> None:
    charges, postings = many_months(["2026-09", "2026-10"], 30)
    shown = section(tmp_path, charges, postings)
    worklist = shown.blocks["worklist"]
    assert isinstance(worklist, Table)
    assert worklist.rows[-1].cells[1].text == "12"
