"""Trends: what is drawn and in which order, and what came since."""

from __future__ import annotations

from msgspec.structs import replace

from audit.blocks import Table
from audit.record import Audit
from audit.trends import draw_trends, tell_since


def test_trends_show_totals_first_then_what_is_unusual(sample_audit: Audit) -> None:
    """Twelve at most; months with too few lines are gaps, and three points make a line."""
    charts = draw_trends(sample_audit.comparison, sample_audit.chosen, 12)
    assert 2 <= len(charts) <= 12
    assert "All payers and codes" in charts[0].title
    assert len({chart.id for chart in charts}) == len(charts)
    assert len(draw_trends(sample_audit.comparison, sample_audit.chosen, 3)) == 3


def test_what_came_since_needs_no_answers(sample_audit: Audit) -> None:
    """October, with how far its answers have come; nothing where the period is the last."""
    table = tell_since(sample_audit.comparison, sample_audit.chosen)
    assert isinstance(table, Table)
    assert [row.cells[0].text for row in table.rows] == ["October 2026"]
    assert tell_since(sample_audit.comparison, replace(sample_audit.chosen, younger=())) is None
