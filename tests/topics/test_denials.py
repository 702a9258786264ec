"""Denials: the decisions in each rate, and a section with little to say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audit.blocks import Empty, Note, Section
from audit.lines import DECISIONS
from audit.topics import denials
from tests.practices import audit_of, mark_rows, marks_of, page_of, write_practice

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
