"""Deadlines: the limits of payers, what is open, and how many days are left."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from audit import validity
from audit.blocks import Note, Table
from audit.deadlines import RULES, days_left, list_open, tell_due
from audit.populations import YES
from audit.topics import completeness
from tests.practices import audit_of, many_months, mark_rows, marks_of, shipped, write_practice

AS_OF = date(2026, 12, 1)


def test_medicare_has_a_year_to_file_and_120_days_to_appeal() -> None:
    """The next limit still ahead counts: 365 days after the visit, 120 after the answer."""
    found = mark_rows("""
        | payer    | service_date | last_decided_on | first_decision |
        | Medicare | 2026-10-05   | 2026-10-19      | denied         |
        | Medicare | 2025-12-05   | 2026-01-05      | denied         |
        | Medicare | 2025-10-01   | 2026-11-01      | denied         |
        | Medicare | 2025-10-01   | 2025-10-20      | denied         |
    """)
    left = days_left(found, shipped(), AS_OF, np.arange(len(found.lines)))
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
    left = days_left(found, shipped(), AS_OF, np.arange(len(found.lines)))
    assert left.to_numpy().tolist() == [[0, "not known"], [-1, "not known"], [90, "not known"]]
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


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (("Medicare 2026-10-05 2026-10-19", "Medicare 2025-12-05 2026-01-05"), "first by 2026-12-05"),
        (("Medicare 2026-10-05 2026-10-19", "Aetna 2026-10-01 2026-10-20"), "first known limit 2027-02-16"),
        (("Aetna 2026-10-01 2026-10-20",), "payer's limit not known"),
        (("Aetna 2025-10-01 2025-10-20",), ""),
    ],
)
def test_the_first_limit_of_the_open_denials_is_told_as_a_date(rows: tuple[str, ...], told: str) -> None:
    lines = "\n".join(f"{row} denied" for row in rows)
    found = mark_rows(f"payer service_date last_decided_on first_decision\n{lines}")
    assert tell_due(RULES[0], found, shipped(), AS_OF) == told


def test_what_has_no_answer_has_only_its_filing_limit() -> None:
    """A year after the visit for Medicare; a limit that has passed is no day to act by."""
    found = mark_rows("""
        | payer    | service_date |
        | Medicare | 2025-10-05   |
        | Medicare | 2026-02-01   |
        | Medicare | 2026-10-05   |
    """)
    found = found.with_marks({"lines": {"overdue": np.full(3, YES, dtype=np.int8)}})
    [overdue] = [one for one in completeness.RULES if one.mark == "overdue"]
    assert tell_due(overdue, found, shipped(), AS_OF) == "first by 2027-02-01"
    assert tell_due(validity.RULES[0], found, shipped(), AS_OF) == ""


def test_open_lines_are_counted_by_the_days_left(tmp_path: Path) -> None:
    """Every open line is in one row, and the last row is all of them."""
    charges, postings = many_months(["2026-09", "2026-10"], 30)
    audit = audit_of(write_practice(tmp_path, charges, postings), "2026-10")
    table = list_open(audit.comparison, audit.populations, audit.settings, AS_OF)
    assert isinstance(table, Table)
    counts = [int(row.cells[1].text) for row in table.rows]
    assert counts[-1] == sum(counts[:-1]) == 12
    assert table.rows[-1].cells[1].explain == "denials/open"


def test_where_nothing_is_open_it_says_so(tmp_path: Path) -> None:
    files = write_practice(tmp_path, "code\n97140", "line_id amount\nL1 60.00")
    audit = audit_of(files, "2026-10")
    note = list_open(audit.comparison, audit.populations, shipped(), AS_OF)
    assert isinstance(note, Note)
    assert "No denied line is still open" in note.text
