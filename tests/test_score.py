"""Scoring: counts with exact limits, appraisals to RAT-STATS' digit, amounts apart, two reviewers."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from audit.chart_record import ChartReview, Told
from audit.errors import InputError
from audit.exact_limits import find_exact_limits
from audit.score import list_differing, score
from audit.worksheets import Answers
from tests.reviews import answers_of, sample_of

FILE = "worksheet.csv"
DAY = date(2026, 11, 20)
FRAME = {"Lee": (30, 4), "Ruiz": (20, 3)}
ROWS = """
    item element   answer      class             amount
    1    signature no          -                 -
    1    as_billed no          -                 40.00
    2    technique no          no_documentation  -
    3    signature cannot_tell -                 -
    5    as_billed yes         -                 70.00
    6    as_billed no          -                 -
"""


def scored(table: str = ROWS, **more: Answers) -> ChartReview:
    return score(answers_of(sample_of(FRAME), table), FILE, DAY, ["AB"], **more)


def test_a_chart_has_an_error_where_one_answer_is_no() -> None:
    """Chart 3 tells nothing in full: it is in no base."""
    review = scored()
    assert review.told == Told(3, 3, 1)
    assert [(one.item[-3:], one.state, one.errors) for one in review.charts] == [
        ("001", "error", 2),
        ("002", "error", 1),
        ("003", "unknown", 0),
        ("004", "fine", 0),
        ("005", "fine", 0),
        ("006", "error", 1),
        ("007", "fine", 0),
    ]


def test_errors_are_told_by_element_class_code_and_clinician() -> None:
    review = scored()
    assert {one.name: one.told for one in review.elements} == {
        "technique": Told(1, 6, 0),
        "signature": Told(1, 5, 1),
        "as_billed": Told(2, 5, 0),
    }
    assert [(one.name, one.charts, one.answers) for one in review.classes] == [
        ("no documentation", 1, 1),
        ("insufficient documentation", 1, 1),
        ("incorrect coding", 2, 2),
    ]
    assert {one.name: one.told for one in review.codes} == {"97140": Told(3, 3, 1)}
    assert {one.name: one.told for one in review.clinicians} == {"Lee": Told(2, 1, 1), "Ruiz": Told(1, 2, 0)}


def test_limits_of_a_clinician_are_those_of_the_own_stratum_and_of_an_element_those_of_the_frame() -> None:
    review = scored()
    lee = next(one for one in review.clinicians if one.name == "Lee")
    low, high = find_exact_limits(30, 3, 2, Fraction(1, 40))
    assert (lee.low, lee.high) == pytest.approx((low / 30, high / 30), abs=1e-6)
    technique = next(one for one in review.elements if one.name == "technique")
    low, high = find_exact_limits(50, 7, 1, Fraction(1, 40))
    assert (technique.low, technique.high) == pytest.approx((low / 50, high / 50), abs=1e-6)


def test_each_stratum_counts_by_its_size() -> None:
    """Two thirds of 30 and a third of 20: not the three of six that were read."""
    review = scored()
    assert review.estimate is not None
    assert review.estimate.share == pytest.approx((30 * 2 / 3 + 20 / 3) / 50)
    assert not review.estimate.exact


def test_an_unrestricted_sample_is_appraised_as_rat_stats_does(shared: Path) -> None:
    """Every fixture of the attribute and variable appraisals, filled in on a worksheet and scored."""
    text = (shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8")
    examples = {one["id"]: one for one in json.loads(text)}
    for name in ("S7", "S8", "S9"):
        given, told = examples[name]["inputs"], examples[name]["expected"]
        rows = [f"{at} signature no" for at in range(1, given["with_characteristic"] + 1)]
        sample = sample_of({"Lee": (given["universe"], given["sample"])})
        review = score(answers_of(sample, "\n".join(["item element answer", *rows])), FILE, DAY)
        assert review.estimate is not None
        found = {str(one.confidence): [one.low, one.high] for one in review.estimate.limits}
        assert found == told["two_sided"]
        assert review.estimate.exact
    given, told = examples["S11"]["inputs"], examples["S11"]["expected"]
    rows = [f"{at} as_billed no {60 - off}" for at, off in enumerate(given["difference_values"], start=1)]
    sample = sample_of({"Lee": (given["universe"], len(rows))})
    review = score(answers_of(sample, "\n".join(["item element answer amount", *rows])), FILE, DAY)
    net = review.projected[0]
    assert net.total / 100 == told["point_estimate"]
    for limits in net.limits:
        wanted = told["by_conf"][str(limits.confidence)]
        assert limits.quantile == pytest.approx(wanted["t"], abs=1e-6)
        assert (limits.low / 100, limits.high / 100) == pytest.approx(
            (wanted["lower"], wanted["upper"]), abs=0.006
        )


def test_too_much_and_too_little_are_told_apart() -> None:
    """$20 too much on chart 1, $10 too little on chart 5; chart 6 has no amount and is left out."""
    review = scored()
    found = review.amounts
    assert found is not None
    assert (found.allowed, found.over, found.under) == (6 * 6000, 2000, 1000)
    assert (found.items, found.over_items, found.under_items, found.unknown) == (6, 1, 1, 1)
    assert found.rate == pytest.approx(1000 / 36000)
    assert {one.item[-3:]: one.off for one in review.charts if one.off} == {"001": 2000, "005": -1000}
    assert [one.of for one in review.projected] == ["net", "over", "under"]
    assert review.projected[0].total == review.projected[1].total - review.projected[2].total
    assert review.extrapolation.startswith("Extrapolating would mean little")
    assert "$" not in review.extrapolation


def test_without_any_amount_there_is_no_word_of_dollars() -> None:
    review = scored("item element answer\n1 as_billed no")
    assert (review.amounts, review.extrapolation, review.projected) == (None, "", [])


def test_a_stratum_without_a_known_amount_has_no_appraisal() -> None:
    review = scored(
        """
        item element   answer      amount
        1    as_billed no          40.00
        5    as_billed cannot_tell -
        6    as_billed cannot_tell -
        7    as_billed cannot_tell -
        """
    )
    assert review.amounts is not None
    assert review.projected == []
    assert "no appraisal" in review.extrapolation


def test_a_stratum_in_which_no_chart_tells_leaves_no_share_of_the_whole() -> None:
    review = scored("item element answer\n5 signature -\n6 signature -\n7 signature -")
    assert review.estimate is None
    assert review.told == Told(0, 4, 3)


def test_findings_that_were_picked_have_counts_and_nothing_else() -> None:
    sample = sample_of({"": (7, 7)}, kind="risk", seed="", generator="")
    review = score(answers_of(sample, ROWS), FILE, DAY)
    assert review.told == Told(3, 3, 1)
    assert (review.estimate, review.amounts, review.projected, review.extrapolation) == (None, None, [], "")
    assert {(one.low, one.high) for one in (*review.elements, *review.codes, *review.clinicians)} == {
        (None, None)
    }


def test_an_item_without_any_answer_is_counted_as_not_read() -> None:
    review = scored("item element answer\n4 * -")
    assert (review.told, review.not_read) == (Told(0, 6, 1), 1)


def test_a_worksheet_without_any_answer_cannot_be_scored() -> None:
    rows = "\n".join(f"{at} * -" for at in range(1, 8))
    with pytest.raises(InputError, match="no question has an answer, so there is nothing to score"):
        scored(f"item element answer\n{rows}")


def test_two_reviewers_are_compared_on_what_both_answered() -> None:
    sample = sample_of(FRAME, second=["KTRWPD-001", "KTRWPD-005"])
    first = answers_of(sample, "item element answer\n1 signature no")
    second = answers_of(sample, "item element answer\n1 technique no\n5 signature -", second=True)
    review = score(first, FILE, DAY, second=second)
    assert review.agreement is not None
    assert (review.agreement.answers, review.agreement.same, review.agreement.few) == (5, 3, True)
    assert list_differing(first, second) == ["KTRWPD-001, No. 1 (technique)", "KTRWPD-001, No. 2 (signature)"]


def test_the_same_worksheet_gives_the_same_review() -> None:
    assert scored() == scored()
