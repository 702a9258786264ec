"""Denials and documentation gaps of two saved periods: what is drawn, and what is only listed."""

from __future__ import annotations

from audit.beside_shares import show_denials, show_documentation
from audit.blocks import Chart, Empty, Note, Section
from tests.pairs import paired, practice, rows
from tests.saved import saved


def chart(section: Section | None, name: str) -> Chart:
    assert section
    found = section.blocks[name]
    assert isinstance(found, Chart)
    return found


def test_charts_state_what_moved() -> None:
    moved = paired(practice("2026-07", 10), practice("2026-10", 60, gaps=90))
    codes = chart(show_denials(moved), "chart_code")
    assert codes.title == "Significantly higher at 97140"
    assert "97124 Massage: 0 % → 0 %." in codes.description
    elements = chart(show_documentation(moved), "chart")
    assert elements.title == "Significantly higher: type of massage or technique"
    quiet = chart(show_denials(paired(practice("2026-07"), practice("2026-10"))), "chart_code")
    assert quiet.title == "No code whose denial rate differs beyond chance"


def test_what_is_not_judged_is_not_drawn_either() -> None:
    section = show_denials(paired(practice("2026-07"), practice("2026-10", 60, mature=False)))
    assert section
    assert isinstance(section.blocks["chart_code"], Note)
    assert {row[-1] for row in rows(section, "table_code")} == {"not judged yet"}


def test_codes_that_are_judged_are_drawn_without_those_that_are_not() -> None:
    young = "denials/first_rate/code=97112 2 9 9 not_judged_yet"
    drawn = paired(practice("2026-07", added=young), practice("2026-10", added=young))
    codes = chart(show_denials(drawn), "chart_code")
    assert "97140" in codes.description
    assert "97112" not in codes.description


def test_a_subject_that_a_result_lacks_has_no_section() -> None:
    """Elements that neither export tells are said not to be compared."""
    codes_alone = saved("2026-07", "figure top\nusage/lines 12")
    assert show_denials(paired(codes_alone, practice("2026-10"))) is None
    assert show_documentation(paired(codes_alone, practice("2026-10"))) is None
    none = "documentation/plan 0 0 -\ndocumentation/plan_lines 0 0 -"
    untold = [saved(month, f"figure top base effective\n{none}") for month in ("2026-07", "2026-10")]
    section = show_documentation(paired(*untold))
    assert section
    assert isinstance(section.blocks["not_measured"], Empty)
