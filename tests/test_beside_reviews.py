"""Two reports' chart reviews beside each other: a word of a test of their own, or why there is none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from audit.beside import Pair
from audit.beside_reviews import show_reviews
from audit.beside_sides import Side
from audit.blocks import Section, Table
from audit.chart_record import ChartReview, SavedReview
from audit.errors import InputError
from audit.figures import HIGHER, TOO_FEW
from audit.page import render_comparison
from audit.results import encode, read_results
from audit.sidebyside import compare_saved
from tests.pairs import practice
from tests.reviews import review_of

JULY, OCTOBER = practice("2026-07", 20), practice("2026-10", 24)
BEFORE = review_of(2, 28, sample="BCDFGH", date=date(2026, 8, 20), period="2026-07")
NOW = review_of(14, 16)


def beside(one: ChartReview | None, other: ChartReview | None) -> Section | None:
    results = (
        structs.replace(side, chart_review=SavedReview(review) if review else None)
        for side, review in ((JULY, one), (OCTOBER, other))
    )
    return show_reviews(Pair(*map(Side, results)))


def test_reports_without_a_review_have_no_such_section() -> None:
    assert beside(None, None) is None


def test_a_change_beyond_chance_is_said() -> None:
    section = beside(BEFORE, NOW)
    assert section is not None
    assert section.lead.startswith("**6.7 %**, then **46.7 %** of charts with an error (+40.0 points, 95 %")
    assert section.lead.endswith(f"{HIGHER}.")
    table = section.blocks["table"]
    assert isinstance(table, Table)
    rows = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}
    assert rows["Sample"] == ["BCDFGH, visits of 2026-07", "KTRWPD, visits of 2026-10"]
    assert rows["Signature"] == ["2 of 30", "14 of 30"]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (review_of(1, 6, sample="BCDFGH"), review_of(5, 2), f"{TOO_FEW}."),
        (NOW, NOW, "Both reports show the same review, of 2026-11-20."),
        (NOW, review_of(13, 17, date=date(2026, 11, 25)), "the same sample, scored twice."),
        (BEFORE, review_of(14, 16, of="lines"), "drawn from different items, so not compared."),
        (None, NOW, "shows no chart review."),
        (BEFORE, None, "The report of October 2026 shows no chart review."),
    ],
)
def test_why_there_is_no_word_is_said(one: ChartReview | None, other: ChartReview | None, said: str) -> None:
    section = beside(one, other)
    assert section is not None
    assert section.lead.endswith(said)


def test_the_page_shows_it_and_results_keep_it() -> None:
    one, other = (
        structs.replace(side, chart_review=SavedReview(review, "", ""))
        for side, review in ((JULY, BEFORE), (OCTOBER, NOW))
    )
    assert 'id="chart_review"' in render_comparison(compare_saved(one, other))
    assert '"chart_review"' in encode(one)
    assert '"chart_review"' not in encode(JULY)


def test_saved_results_with_a_review_are_read_back_and_a_broken_one_is_told(tmp_path: Path) -> None:
    saved = structs.replace(OCTOBER, chart_review=SavedReview(NOW, "BCDFGH 2026-08-20", HIGHER))
    path = tmp_path / "results.json"
    path.write_text(encode(saved), encoding="utf-8")
    assert read_results(path) == saved
    path.write_text(encode(saved).replace('"confidence":95', '"confidence":90'), encoding="utf-8")
    with pytest.raises(InputError, match="is not a results file of this version"):
        read_results(path)
