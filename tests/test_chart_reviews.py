"""Saved reviews: written and read back, and which of them a report shows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from audit.chart_record import ChartReview
from audit.chart_reviews import encode_review, find_reviews, name_file, schema
from audit.figures import TOO_FEW
from tests.reviews import review_of

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2026, 12, 15)


def keep(folder: Path, *reviews: ChartReview) -> None:
    folder.mkdir(exist_ok=True)
    for one in reviews:
        (folder / name_file(one)).write_text(encode_review(one), encoding="utf-8")


def shown(folder: Path, as_of: date = AS_OF) -> tuple[str, str, str]:
    """Return sample and day of the review that a report shows, of the one before, and of the risk pick."""
    found = find_reviews(folder, "A practice", as_of, 11)
    both = (found.latest, found.before, found.picked) if found else (None, None, None)
    one, before, picked = (f"{each.sample} {each.date}" if each else "" for each in both)
    return one, before, picked


OLD = review_of(sample="BCDFGH", date=date(2026, 10, 20), period="2026-09")
NEW = review_of(sample="KTRWPD", date=date(2026, 11, 20))
RISK = review_of(sample="ZZZZZZ", date=date(2026, 11, 25), kind="risk", estimate=None)


def test_what_is_saved_is_valid_by_the_kept_schema_and_read_back_whole(tmp_path: Path) -> None:
    kept = json.loads((ROOT / "config" / "chart_review.schema.json").read_text(encoding="utf-8"))
    assert kept == schema(), "keep it anew: json.dumps(schema(), indent=2) and a line end"
    jsonschema.validate(json.loads(encode_review(NEW)), kept)
    keep(tmp_path, NEW)
    found = find_reviews(tmp_path, "A practice", AS_OF, 11)
    assert found is not None
    assert found.latest == NEW


def test_a_report_shows_the_newest_review_beside_the_one_before(tmp_path: Path) -> None:
    keep(tmp_path, OLD, NEW)
    assert shown(tmp_path) == ("KTRWPD 2026-11-20", "BCDFGH 2026-10-20", "")


def test_a_report_made_again_shows_the_same(tmp_path: Path) -> None:
    """Reviews of its own day count, later ones do not."""
    keep(tmp_path, OLD, NEW)
    assert shown(tmp_path, date(2026, 11, 20)) == ("KTRWPD 2026-11-20", "BCDFGH 2026-10-20", "")
    assert shown(tmp_path, date(2026, 11, 19)) == ("BCDFGH 2026-10-20", "", "")
    assert shown(tmp_path, date(2026, 10, 19)) == ("", "", "")


def test_a_sample_that_is_scored_again_counts_once(tmp_path: Path) -> None:
    keep(tmp_path, NEW, review_of(date=date(2026, 11, 22)))
    assert shown(tmp_path) == ("KTRWPD 2026-11-22", "", "")


def test_a_risk_pick_never_takes_the_place_of_a_random_sample(tmp_path: Path) -> None:
    keep(tmp_path, NEW, RISK)
    assert shown(tmp_path) == ("KTRWPD 2026-11-20", "", "ZZZZZZ 2026-11-25")


def test_a_review_of_other_items_is_no_review_to_stand_beside(tmp_path: Path) -> None:
    keep(tmp_path, NEW, review_of(sample="BCDFGH", date=date(2026, 10, 20), where={"code": ["97140"]}))
    assert shown(tmp_path) == ("KTRWPD 2026-11-20", "", "")


def test_reviews_of_another_practice_and_damaged_files_are_passed_over(tmp_path: Path) -> None:
    keep(tmp_path, review_of(practice="Another practice"))
    for at, text in enumerate(
        ("", "{", "[" * 10_000, encode_review(NEW).replace('"errors":4', '"errors":9999'))
    ):
        (tmp_path / f"damaged_{at}.json").write_text(text, encoding="utf-8")
    (tmp_path / "folder.json").mkdir()
    assert find_reviews(tmp_path, "A practice", AS_OF, 11) is None
    assert find_reviews(tmp_path / "none", "A practice", AS_OF, 11) is None


def test_numbers_that_no_review_has_are_told_from_whole_ones() -> None:
    assert NEW.is_whole
    assert not review_of(4, 16, frame=200, kind="risk").is_whole


def test_results_hold_neither_single_charts_nor_a_sum_of_the_frame(tmp_path: Path) -> None:
    keep(tmp_path, OLD, NEW)
    found = find_reviews(tmp_path, "A practice", AS_OF, 30)
    assert found is not None
    saved = found.saved()
    assert saved is not None
    assert (saved.review.charts, saved.review.projected) == ([], [])
    assert (saved.before, saved.outcome) == ("BCDFGH 2026-10-20", TOO_FEW)
    withheld = found.withheld().saved()
    assert withheld is not None
    assert withheld.outcome == ""


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_lines_end_the_same_way_everywhere(newline: str) -> None:
    assert newline not in encode_review(NEW)
    assert encode_review(NEW).endswith("}\n")
