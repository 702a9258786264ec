"""The chart-review section and tile: a person's findings beside fields, at most forty words open."""

from __future__ import annotations

import re
from datetime import date

import pytest
from msgspec import structs
from msgspec.structs import replace

from audit.blocks import Table
from audit.chart_record import Part
from audit.chart_reviews import Reviewed
from audit.chart_section import make_review_tile, show_reviewed
from audit.figures import HIGHER, TOO_FEW
from audit.page import render_report
from audit.record import Audit, withhold
from audit.report import compose
from audit.review_change import tell_change
from tests.reviews import review_of

BEFORE = review_of(2, 28, sample="BCDFGH", date=date(2026, 10, 20), period="2026-08")
NOW = review_of(14, 16, unknown=2, date=date(2026, 11, 19), period="2026-09", reviewers=["RK"])
RISK = review_of(5, 7, sample="ZZZZZZ", kind="risk", estimate=None)
BOTH = Reviewed(NOW, BEFORE, tell_change(BEFORE, NOW, 11), None)


def texts(table: object) -> list[list[str]]:
    """Return the cells of a table as texts."""
    assert isinstance(table, Table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def with_review(audit: Audit, reviewed: Reviewed) -> Audit:
    return replace(audit, reviewed=reviewed)


def test_without_a_review_there_is_no_section_and_nothing_is_loaded(sample_audit: Audit) -> None:
    page = compose(sample_audit)
    assert "chart_review" not in [one.id for one in page.sections]
    assert "chart-review" not in [one.id for one in page.tiles]


def test_the_tile_stands_beside_the_review_before() -> None:
    tile = make_review_tile(BOTH, 11)
    assert tile is not None
    assert (tile.value, tile.interval) == ("46.7 %", "30.0–64.0 %")
    assert tile.detail == ("14 of 30, 2026-11-19",)
    assert tile.comparison == "2026-10-20: 6.7 %"
    assert (tile.outcome, tile.tone) == (HIGHER, "worse")


def test_few_charts_have_no_rate() -> None:
    few = review_of(2, 5)
    tile = make_review_tile(Reviewed(few, BEFORE, tell_change(BEFORE, few, 11), None), 11)
    assert tile is not None
    assert (tile.value, tile.interval, tile.outcome) == ("2 of 7", "", TOO_FEW)


def test_seven_tiles_stay_seven_and_units_give_way(sample_audit: Audit) -> None:
    """Unless units have news; then visits do."""
    tiles = [one.id for one in compose(with_review(sample_audit, BOTH)).tiles]
    assert len(tiles) == 7
    assert tiles[-1] == "chart-review"
    assert "units-per-visit" not in tiles
    assert "usage-visits" in tiles


def test_a_person_stands_beside_the_fields(sample_audit: Audit) -> None:
    section = show_reviewed(BOTH, sample_audit.comparison)
    rows = {row[0]: row[1:] for row in texts(section.blocks["beside"])}
    signature = sample_audit.comparison.total("documentation/signature")
    assert rows["Signature"][0] == "14 of 30"
    assert rows["Signature"][2] == f"{100 * signature.numerator / signature.base:.1f} %"
    assert rows["Treatment plan"][0] == "not looked at"


def test_what_no_field_tells_is_said(sample_audit: Audit) -> None:
    billed = structs.replace(NOW, elements=[Part("as_billed", NOW.told, "Supported as billed")])
    section = show_reviewed(BOTH._replace(latest=billed), sample_audit.comparison)
    rows = {row[0]: row[1:] for row in texts(section.blocks["beside"])}
    assert rows["Supported as billed"][2] == "no field tells"


def test_the_section_is_the_last_and_short(sample_audit: Audit) -> None:
    page = compose(with_review(sample_audit, BOTH))
    section = page.sections[-1]
    assert section.id == "chart_review"
    titles = " ".join(block.title for block in section.blocks.values() if isinstance(block, Table))
    assert all(block.fold for block in section.blocks.values() if isinstance(block, Table))
    assert len(f"{section.title} {section.lead} {titles}".split()) <= 40


def test_findings_that_were_picked_have_no_tile_and_no_share(sample_audit: Audit) -> None:
    picked = Reviewed(None, None, None, RISK)
    assert make_review_tile(picked, 11) is None
    section = show_reviewed(picked, sample_audit.comparison)
    assert "says nothing about others" in section.lead
    assert "%" not in section.lead
    cells = [cell for row in texts(section.blocks["facts"]) for cell in row]
    assert [cell for cell in cells if "%" in cell] == []


def test_beside_a_random_sample_a_pick_is_a_line(sample_audit: Audit) -> None:
    section = show_reviewed(BOTH._replace(picked=RISK), sample_audit.comparison)
    facts = {row[0]: row[1] for row in texts(section.blocks["facts"])}
    assert facts["Picked by findings"].startswith("Sample ZZZZZZ")
    assert section.lead.startswith("**14 of 30**")


def test_counsel_is_told_no_word(sample_audit: Audit) -> None:
    audit = withhold(with_review(sample_audit, BOTH))
    page = compose(replace(audit, options=audit.options._replace(for_counsel=True)))
    tile = next(one for one in page.tiles if one.id == "chart-review")
    assert tile.outcome == ""
    facts = {row[0]: row[1] for row in texts(page.sections[-1].blocks["facts"])}
    assert HIGHER not in facts["The review before"]


def test_unread_notes_are_still_not_checked(sample_audit: Audit) -> None:
    page = compose(with_review(sample_audit, BOTH))
    assert page.not_checked[-1] == "What unread notes say beyond the export"


@pytest.mark.parametrize("reviewed", [BOTH, Reviewed(None, None, None, RISK)], ids=["random", "risk"])
def test_the_page_is_made_with_it(sample_audit: Audit, reviewed: Reviewed) -> None:
    html = render_report(compose(with_review(sample_audit, reviewed)))
    (section,) = re.findall(r'<section class="topic" id="chart_review">.*?</section>', html, re.DOTALL)
    assert "What a person looked at, what only fields say" in section
