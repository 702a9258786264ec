"""Answers: what became of the lines that were billed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audit.blocks import Table
from audit.lines import DECISIONS
from audit.topics import answers
from tests.practices import audit_of, many_months, mark_rows, marks_of, page_of, shipped, write_practice

AS_OF = date(2026, 12, 1)

STATES = ("answered", "pending", "not_billed")
"""Each decision is one of these."""


def test_a_line_is_answered_waiting_or_not_billed() -> None:
    """One of the three, whatever the decision."""
    table = "| first_decision |\n" + "\n".join(f"| {one} |" for one in DECISIONS)
    lines = mark_rows(table).lines
    yes = {name: marks_of(lines, name) for name in STATES}
    for at, decision in enumerate(DECISIONS):
        assert [yes[name][at] for name in STATES].count("yes") == 1, decision
    assert marks_of(lines, "answered")[DECISIONS.index("not billed")] == "out"


def test_only_what_was_denied_at_first_can_be_recovered() -> None:
    """Paid, allowed or left to the patient in the end; a line still denied, or waiting again, is not."""
    found = mark_rows("""
        | first_decision | last_decision |
        | denied         | paid          |
        | denied         | patient       |
        | denied         | reduced       |
        | denied         | denied        |
        | denied         | pending       |
        | paid           | paid          |
        | reduced        | paid          |
    """)
    assert marks_of(found.lines, "recovered") == ["yes", "yes", "yes", "no", "no", "out", "out"]


def test_each_kind_of_answer_has_its_mark() -> None:
    found = mark_rows("""
        | first_decision             | last_decision |
        | rejected                   | rejected      |
        | excluded: duplicate        | paid          |
        | reason unknown             | paid          |
        | unknown                    | paid          |
        | nothing allowed, no reason | paid          |
        | paid                       | taken back    |
    """)
    yes = {
        name: [at for at, mark in enumerate(marks_of(found.lines, name)) if mark == "yes"]
        for name in ("rejected", "excluded", "not_understood", "nothing_allowed", "taken_back")
    }
    assert yes == {
        "rejected": [0],
        "excluded": [1],
        "not_understood": [2, 3],
        "nothing_allowed": [4],
        "taken_back": [5],
    }


def test_the_section_tells_of_every_line(tmp_path: Path) -> None:
    """Denied, recovered, rejected, waiting, set apart and self-paid."""
    audit = audit_of(
        write_practice(
            tmp_path,
            """
            line_id  payer     code
            L1       Aetna     97140
            L2       Aetna     97140
            L3       Aetna     97140
            L4       Cash      97140
            L5       Medicare  97010
            """,
            """
            line_id  posted_on   reason  amount  remarks
            L1       2026-10-12  CO-16   60.00   -
            L1       2026-10-26  -       60.00   -
            L2       2026-10-12  CO-16   60.00   MA130
            L5       2026-10-12  CO-97   60.00   -
            """,
        ),
        "2026-10",
    )
    page_of(audit)
    section = answers.show(audit.comparison, audit.populations, shipped(), AS_OF)
    assert section is not None
    table = section.blocks["flow"]
    assert isinstance(table, Table)
    told = {row.cells[0].text: row.cells[1].text for row in table.rows}
    assert told == {
        "Denied at first answer": "1",
        "of these, recovered since": "1",
        "Rejected as unprocessable": "1",
        "Sent more than once": "0",
        "Taken back": "0",
        "Not answered yet": "1",
        "Answered, but in no rate": "1",
        "Answer not understood": "0",
        "Not billed to a payer": "1",
    }
    outside = next(row.cells[0].sub for row in table.rows if row.cells[0].text == "Answered, but in no rate")
    assert outside == "bundled as expected 1"


def test_without_answers_there_is_no_section(tmp_path: Path) -> None:
    audit = audit_of(write_practice(tmp_path, "code\n97140"), "2026-10")
    assert answers.show(audit.comparison, audit.populations, shipped(), AS_OF) is None


def test_when_answers_come_stands_folded_beside_what_became_of_the_lines(tmp_path: Path) -> None:
    audit = audit_of(write_practice(tmp_path, *many_months(["2026-09", "2026-10"], 20)), "2026-10", AS_OF)
    section = answers.show(audit.comparison, audit.populations, shipped(), AS_OF)
    assert section is not None
    when = section.blocks["when"]
    assert isinstance(when, Table)
    assert when.fold
    assert [row.cells[0].text for row in when.rows] == ["Aetna", "Cigna", "All"]
    assert "When answers come" in page_of(audit)
