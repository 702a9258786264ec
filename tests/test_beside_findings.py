"""Findings of two saved periods."""

from __future__ import annotations

from audit.beside_findings import show_findings
from audit.blocks import Empty
from tests.pairs import paired, practice, rows
from tests.saved import finding


def test_findings_are_told_as_in_both_new_or_gone() -> None:
    one = practice(
        "2026-07",
        findings=(
            finding("denials/open", "Work the 12 lines that are denied and still open", 12),
            finding("usage/not_valid", "Look at 1 line billed with a code that had ended", 1, 6_000),
            finding("a/small", "Ask about 3 visits", 3, 900_000),
        ),
    )
    other = practice(
        "2026-10",
        findings=(
            finding("denials/open", "Work the 1,234 lines that are denied and still open", 1234, 950_000),
            finding("x/y", "Compare 2 answers", 2, None),
            finding("a/small", "Ask about 2 visits", 2, 5_000),
        ),
    )
    section = show_findings(paired(one, other))
    assert rows(section, "table") == [
        ["Work the lines that are denied and still open", "in both", "12", "1,234", "100", "9,500"],
        ["Ask about visits", "in both", "3", "2", "9,000", "50"],
        ["Compare answers", "new", "·", "2", "·", "—"],
        ["Look at lines billed with a code that had ended", "not found any more", "1", "·", "60", "·"],
    ]
    assert section.lead == "**2** in both, **1** new in October 2026, **1** not found any more."


def test_nothing_found_says_so() -> None:
    section = show_findings(paired(practice("2026-07"), practice("2026-10")))
    assert isinstance(section.blocks["table"], Empty)
    assert section.lead == ""
