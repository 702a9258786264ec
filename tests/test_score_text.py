"""What the terminal says of a scored review: counts first, no sum of what was not read, no alarm."""

from __future__ import annotations

import re
from datetime import date

from audit.chart_record import ChartReview
from audit.score import score
from audit.score_text import AS_RAT_STATS, tell_appraisals, tell_review
from tests.reviews import answers_of, review_of, sample_of
from tests.test_score import FRAME, ROWS


def scored(table: str = ROWS) -> ChartReview:
    return score(answers_of(sample_of(FRAME), table), "worksheet.csv", date(2026, 11, 20), ["AB"])


def test_the_text_says_what_was_read_and_found() -> None:
    lines = tell_review(scored()).splitlines()
    assert lines[0] == "Sample KTRWPD: visits of 2026-10, drawn at random, seed 5, read by AB, 2026-11-20"
    assert lines[1] == "Charts read: 3 of 6 with an error; 1 more not told in full."
    assert "  Were there an error in each not told in full: 4 of 7 charts read." in lines
    assert "  KTRWPD-001: 2 answers, insufficient documentation, incorrect coding, off by $20.00" in lines
    assert "  allowed too much: $20.00 on 1 chart" in lines
    assert "  allowed too little: $10.00 on 1 chart" in lines


def test_no_sum_of_the_frame_is_in_it_unless_asked_for() -> None:
    review = scored()
    net = review.projected[0]
    amounts = {f"${abs(cents) / 100:,.2f}" for cents in (net.total, net.limits[1].low, net.limits[1].high)}
    said = tell_review(review)
    assert not [amount for amount in amounts if amount in said]
    appraised = tell_appraisals(review)
    assert appraised.startswith(AS_RAT_STATS)
    assert [amount for amount in amounts if amount not in appraised] == []


def test_a_risk_pick_has_no_limits() -> None:
    sample = sample_of({"": (7, 7)}, kind="risk", seed="", generator="")
    review = score(answers_of(sample, ROWS), "worksheet.csv", date(2026, 11, 20))
    said = tell_review(review) + tell_appraisals(review)
    assert "says nothing about other charts" in said
    assert re.findall(r"\d %", said) == []


def test_nothing_is_named_guilt() -> None:
    said = f"{tell_review(scored())} {tell_appraisals(scored())}".casefold()
    for word in ("fraud", "violation", "overpayment identified", "you owe", "must refund"):
        assert word not in said


def test_charts_without_an_error_are_told_in_a_line() -> None:
    lines = tell_review(review_of(0, 20)).splitlines()
    assert "  none: signature (20)" in lines
