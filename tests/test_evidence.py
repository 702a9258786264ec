"""Evidence: the arithmetic of the test, beside the libraries that do the same, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom
from statsmodels.stats.multitest import multipletests

from audit.evidence import (
    POWER,
    Moved,
    Past,
    correct,
    expect,
    find_tails,
    follow,
    month_spread,
    needed_tail,
    smallest_rate,
    surprise,
)

rates = st.floats(0.01, 0.99)
precisions = st.floats(2.0, 1e5)
sizes = st.integers(1, 400)


def past(rate: float, precision: float) -> Past:
    return Past(np.array([rate]), np.array([precision]))


def tails(count: float, size: float, rate: float, precision: float) -> tuple[float, float]:
    lower, upper = find_tails([count], [size], past(rate, precision))
    return float(lower[0]), float(upper[0])


def expected(
    months: list[list[int]],
    denied: list[list[int]],
    now: list[list[int]],
    effect: float = 1.0,
    spread: float = 0.0,
) -> Past:
    count = len(months)
    return expect(denied, months, now, np.full(count, effect), np.full(count, spread), 0.1)


# --- the two tails ------------------------------------------------------------------------


@given(st.data(), sizes, rates, precisions)
def test_tails_are_the_mid_p_of_the_beta_binomial(
    data: st.DataObject, size: int, rate: float, precision: float
) -> None:
    """For whole counts, as scipy has it."""
    count = data.draw(st.integers(0, size))
    known = betabinom(size, rate * precision, (1 - rate) * precision)
    lower, upper = tails(count, size, rate, precision)
    assert lower == pytest.approx(known.cdf(count) - known.pmf(count) / 2, abs=1e-8)
    assert upper == pytest.approx(known.sf(count) + known.pmf(count) / 2, abs=1e-8)


@given(st.data(), sizes, rates, precisions)
def test_tails_are_probabilities_that_add_up_to_one(
    data: st.DataObject, size: int, rate: float, precision: float
) -> None:
    """Also between whole counts, which a design effect makes of whole ones."""
    lower, upper = tails(data.draw(st.floats(0, size)), size, rate, precision)
    assert 0 <= lower <= 1
    assert lower + upper == pytest.approx(1)


@given(st.data(), sizes, rates, precisions)
def test_more_is_never_less_surprising(data: st.DataObject, size: int, rate: float, precision: float) -> None:
    low, high = sorted(data.draw(st.tuples(st.floats(0, size), st.floats(0, size))))
    assert tails(high, size, rate, precision)[1] <= tails(low, size, rate, precision)[1] + 1e-9


@given(st.data(), sizes, rates, precisions)
def test_denied_and_paid_are_mirror_images(
    data: st.DataObject, size: int, rate: float, precision: float
) -> None:
    """So many denied of a rate is as surprising as so few paid of what is left of it."""
    count = data.draw(st.floats(0, size))
    lower, upper = tails(count, size, rate, precision)
    mirrored = tails(size - count, size, 1 - rate, precision)
    assert (upper, lower) == pytest.approx(mirrored, abs=1e-8)


@given(st.integers(20, 300), st.floats(0.02, 0.3), st.floats(30, 1e4), st.floats(1.1, 20))
def test_a_less_certain_past_never_makes_a_far_count_more_surprising(
    size: int, rate: float, precision: float, times: float
) -> None:
    """Far: three standard deviations up, as the past is now."""
    variance = rate * (1 - rate) * size * (precision + size) / (precision + 1)
    count = min(size * rate + 3 * variance**0.5, size)
    assert tails(count, size, rate, precision * times)[1] <= tails(count, size, rate, precision)[1] + 1e-9


def test_many_figures_are_as_one_by_one() -> None:
    """They are worked out in one row."""
    counts, of = [3.5, 40, 0, 11], [20, 60, 11, 11]
    every = Past(np.array([0.1, 0.5, 0.2, 0.9]), np.array([50.0, 80, 20, 500]))
    together = find_tails(counts, of, every)
    for at, (count, size) in enumerate(zip(counts, of, strict=True)):
        alone = tails(count, size, every.rate[at], every.precision[at])
        assert (together[0][at], together[1][at]) == pytest.approx(alone)


# --- what the past lets expect ------------------------------------------------------------


def test_a_past_without_denials_is_not_taken_for_never() -> None:
    """Twelve months of none of ten: the rate expected is low, not zero."""
    found = expected([[10] * 12], [[0] * 12], [[10]])
    assert 0 < found.rate[0] < 0.02


def test_claims_as_clusters_and_restless_months_make_the_past_less_certain() -> None:
    plain, clustered, restless = (
        expected([[100] * 12], [[10] * 12], [[100]], effect, spread).precision[0]
        for effect, spread in ((1.0, 0.0), (2.0, 0.0), (1.0, 0.02))
    )
    assert plain > clustered > restless
    assert plain == pytest.approx(1200, rel=0.01)


def test_three_months_together_are_less_restless_than_one() -> None:
    """Their own shocks even each other out; those of the twelve before do the same."""
    one, three = (
        expected([[10000] * 12], [[1000] * 12], [now], spread=0.1).precision[0]
        for now in ([10000], [10000] * 3)
    )
    assert (three + 1) / (one + 1) == pytest.approx((1 + 1 / 12) / (1 / 3 + 1 / 12), rel=0.02)


def test_months_of_rare_and_of_frequent_figures_differ_by_the_same_odds() -> None:
    """The rates of a month swing in proportion, not by as many points."""
    rare, frequent = (
        expected([[10000] * 12], [[denied] * 12], [[10000]], spread=0.1) for denied in (100, 1000)
    )
    swings = [
        float(np.sqrt(1 / (one.precision[0] + 1) / (one.rate[0] * (1 - one.rate[0]))))
        for one in (rare, frequent)
    ]
    assert swings[0] == pytest.approx(swings[1], rel=0.05)


def simulated(
    spread: float, *, rows: int = 40, size: int = 400, seed: int = 5
) -> tuple[np.ndarray, np.ndarray]:
    """Return denied and decided lines of rows of twelve months whose log odds differ by a known variance."""
    draws = np.random.default_rng(seed)
    odds = draws.normal(np.log(1 / 9), np.sqrt(spread), (rows, 12))
    lines = draws.poisson(size, (rows, 12))
    return draws.binomial(lines, 1 / (1 + np.exp(-odds))), lines


@pytest.mark.parametrize("spread", [0.0, 0.03, 0.06, 0.12])
def test_the_spread_of_months_is_found_again(spread: float) -> None:
    denied, lines = simulated(spread)
    assert month_spread(denied, lines, 1.0) == pytest.approx(spread, rel=0.2, abs=0.01)


def test_where_little_is_known_the_spread_is_the_expected_one() -> None:
    """One month tells nothing; none at all neither, and is no error."""
    assert month_spread([[3]], [[20]], 1.0, prior=0.3) == pytest.approx(0.3)
    assert month_spread(np.zeros((2, 0)), np.zeros((2, 0)), 1.0, prior=0.3) == pytest.approx(0.3)


# --- the rest of a payer ------------------------------------------------------------------


def moved(happened: float, n: float, earlier: float, earlier_n: float, spread: float = 0.1) -> Moved:
    one = (np.array([each]) for each in (happened, n, earlier, earlier_n, spread, 1 + 1 / 12))
    return follow(*one)


def test_nothing_is_known_of_a_payer_without_other_lines() -> None:
    for found in (moved(0, 0, 0, 0), moved(0, 0, 50, 500), moved(5, 50, 0, 0)):
        assert found.known[0] == pytest.approx(0, abs=1e-6)
        assert found.odds[0] == pytest.approx(0, abs=1e-6)


def test_the_more_other_lines_the_more_of_the_month_is_known() -> None:
    """And of months that never differ there is nothing to know."""
    few, many = moved(2, 20, 24, 240), moved(200, 2000, 2400, 24000)
    assert 0 < few.known[0] < 0.5 < 0.9 < many.known[0] < 1
    assert moved(200, 2000, 2400, 24000, spread=0).known[0] == 0


@given(st.integers(0, 100), st.integers(1, 1200))
def test_a_rate_follows_its_payer_up_and_down(happened: int, earlier: int) -> None:
    """Never the other way."""
    found = moved(happened, 100, earlier, 1200)
    went = (happened + 2 * (earlier + 0.5) / 1201) / 102 - (earlier + 0.5) / 1201
    assert 0 <= found.known[0] <= 1
    assert found.odds[0] * went >= 0
    past = expect([[earlier]], [[1200]], [[100]], [1.0], np.array([0.1]), 0.1)
    follows = expect([[earlier]], [[1200]], [[100]], [1.0], np.array([0.1]), 0.1, found)
    assert (follows.rate[0] - past.rate[0]) * went >= 0


def test_what_is_known_of_a_month_is_no_longer_uncertain() -> None:
    """Where the rest of the payer is as ever, more is expected to stay as it was."""
    past, follows = (
        expect([[120]], [[1200]], [[100]], [1.0], np.array([0.1]), 0.1, one)
        for one in (None, moved(200, 2000, 2400, 24000))
    )
    assert follows.rate[0] == pytest.approx(past.rate[0], abs=0.001)
    assert follows.precision[0] > 2 * past.precision[0]


# --- one family ---------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1), max_size=40))
def test_probabilities_are_corrected_as_benjamini_and_hochberg_do(probabilities: list[float]) -> None:
    found = correct(probabilities)
    if probabilities:
        assert found == pytest.approx(multipletests(probabilities, method="fdr_bh")[1])
    else:
        assert len(found) == 0


def test_most_of_the_error_is_spent_where_a_look_is_called_for() -> None:
    """The same tail is less surprising in the other direction, and either way where neither is worse."""
    low, high = np.array([0.01]), np.array([0.99])
    worse, better, either = (float(surprise(low, high, direction)[0]) for direction in (-1, 1, 0))
    assert worse < either < better


# --- the smallest change ------------------------------------------------------------------


def found_share(rate: float, size: int, past_rate: float, precision: float, needed: float) -> float:
    """Return how often counts of a rate are found, by scipy's distributions."""
    before = betabinom(size, past_rate * precision, (1 - past_rate) * precision)
    counts = np.arange(size + 1)
    found = before.sf(counts) + before.pmf(counts) / 2 <= needed
    return float(betabinom(size, rate * precision, (1 - rate) * precision).pmf(counts)[found].sum())


@pytest.mark.parametrize(("size", "precision"), [(20, 100.0), (60, 80.0), (200, 500.0), (2000, 300.0)])
def test_the_smallest_rate_is_found_in_four_of_five_reports(size: int, precision: float) -> None:
    needed = needed_tail(100, 1, 0.05)
    rate = smallest_rate(0.08, precision, size, needed)
    assert rate is not None
    assert found_share(rate, size, 0.08, precision, needed) == pytest.approx(POWER, abs=0.002)


def test_more_lines_show_smaller_changes_and_too_few_show_none() -> None:
    needed = needed_tail(100, 1, 0.05)
    small, large = (smallest_rate(0.08, 500.0, size, needed) for size in (30, 300))
    assert small is not None
    assert large is not None
    assert 0.08 < large < small
    assert smallest_rate(0.6, 500.0, 3, needed) is None
