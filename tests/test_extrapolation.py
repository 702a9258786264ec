"""Whether extrapolating would mean anything: what falls short is named, and no sentence asks for money."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import skew

from audit.dollars import Differences, appraise_amounts, appraise_stratified_amounts
from audit.extrapolation import Extrapolation, weigh_extrapolation


def weigh(universe: int, *cents: int) -> Extrapolation:
    return weigh_extrapolation(appraise_amounts(Differences(universe, cents)))


def test_ten_charts_mean_little() -> None:
    """Three of ten off by $5, $10 and $20, of 100: 90 % limits wider than the estimate itself."""
    found = weigh(100, 500, 0, 0, 1000, 0, 0, 0, 2000, 0, 0)
    assert found.state == "means little"
    assert found.shortcomings == ("items", "differing", "precision")
    assert found.sentence == (
        "Extrapolating would mean little: 10 of 100 items were read where at least 100 are asked for; "
        "3 of them paid otherwise than the chart supports where at least 25 are needed; the 90 % limits lie "
        "105.1 % of the estimate to either side where 25 % is the most that auditors used to accept."
    )


def test_a_large_even_sample_bears_it_and_nobody_is_told_to() -> None:
    """Half of 200 lines off by $10."""
    found = weigh(5000, *[1000, 0] * 100)
    assert (found.state, found.shortcomings) == ("bears it", ())
    assert found.sentence == (
        "By size and precision the sample could bear extrapolating: 200 of 5,000 items were read, 100 of "
        "them paid otherwise than the chart supports, and the 90 % limits lie 11.5 % of the estimate to "
        "either side; whether to do so is for a statistician and counsel to say."
    )


def test_a_few_large_amounts_make_a_sample_too_uneven() -> None:
    """Cochran's rule: 30 of 120 lines off by $1 and one by $500: a skewness near 11 asks for thousands."""
    cents = [100] * 30 + [50_000] + [0] * 89
    found = weigh(5000, *cents)
    assert found.shortcomings == ("skewness", "precision")
    assert found.fewest_items == int(25 * skew(np.array(cents, dtype=float)) ** 2) + 1 == 2925
    assert "120 of 5,000 items were read where amounts so uneven need at least 2,925" in found.sentence


def test_few_errors_are_too_few_in_however_many_charts() -> None:
    assert "differing" in weigh(5000, *[1000] * 24, *[0] * 976).shortcomings
    assert "differing" not in weigh(5000, *[1000] * 25, *[0] * 975).shortcomings


@pytest.mark.parametrize("universe", [30, 1000])
def test_without_a_difference_there_is_nothing_to_extrapolate(universe: int) -> None:
    found = weigh(universe, *[0] * 30)
    assert (found.state, found.shortcomings) == ("nothing to extrapolate", ())
    assert found.sentence.startswith("None of the items read")


def test_where_all_was_read_nothing_is_left_to_extrapolate() -> None:
    found = weigh(3, 500, 0, 0)
    assert found.state == "nothing to extrapolate"
    assert found.sentence.startswith("Every item was read")


def test_one_chart_and_a_balance_of_nothing_say_why_there_is_no_precision() -> None:
    assert weigh(100, 500).sentence.endswith("too little was read for any limits.")
    assert weigh(100, 500, -500).sentence.endswith("what was found balances to nothing.")
    assert weigh(100, 500).precision is None
    assert weigh(1000, *[500, -500] * 60).shortcomings == ("precision",)


def test_strata_are_weighed_without_a_skewness() -> None:
    strata = [Differences(2000, [1000, 0] * 60), Differences(1000, [500, 0] * 60)]
    found = weigh_extrapolation(appraise_stratified_amounts(strata))
    assert (found.state, found.items, found.universe, found.fewest_items) == ("bears it", 240, 3000, 100)


@given(st.integers(0, 10**6), st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=150))
def test_no_sentence_tells_an_amount_or_asks_for_one(more: int, cents: list[int]) -> None:
    sentence = weigh(len(cents) + more, *cents).sentence
    assert "$" not in sentence
    assert not any(word in sentence for word in ("owe", "refund", "repay", "demand", "overpayment"))
    assert sentence.endswith(".")
