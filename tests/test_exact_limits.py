"""Exact limits of a count: beside scipy's distribution and counted by hand, at their ends and at ties."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from audit.exact_limits import CountLimits, find_exact_limits

TAILS = [Fraction(1, 10), Fraction(1, 20), Fraction(1, 40), Fraction(1, 5)]
tails = st.sampled_from(TAILS)


@st.composite
def samples(draw: st.DrawFn, largest: int = 5000) -> tuple[int, int, int]:
    universe = draw(st.integers(1, largest))
    sample = draw(st.integers(1, min(universe, 300)))
    return universe, sample, draw(st.integers(0, sample))


def share_with_so_few(universe: int, sample: int, found: int, having: int) -> Fraction:
    ways = sum(comb(having, one) * comb(universe - having, sample - one) for one in range(found + 1))
    return Fraction(ways, comb(universe, sample))


@given(samples(), tails)
def test_the_ends_are_where_the_distribution_of_scipy_puts_them(
    counts: tuple[int, int, int], tail: Fraction
) -> None:
    """One item beyond an end, what was found is no more probable than the tail; at the end it is."""
    universe, sample, found = counts
    low, high = find_exact_limits(*counts, tail)
    slack = 1e-9
    assert hypergeom.cdf(found, universe, high, sample) > float(tail) - slack
    assert hypergeom.sf(found - 1, universe, low, sample) > float(tail) - slack
    if high < universe - (sample - found):
        assert hypergeom.cdf(found, universe, high + 1, sample) <= float(tail) + slack
    if low > found:
        assert hypergeom.sf(found - 1, universe, low - 1, sample) <= float(tail) + slack


@given(samples(largest=30), tails)
def test_small_universes_are_as_counted_by_hand(counts: tuple[int, int, int], tail: Fraction) -> None:
    universe, sample, found = counts
    every = range(found, universe - (sample - found) + 1)
    most = max(one for one in every if share_with_so_few(universe, sample, found, one) > tail)
    without = sample - found
    fewest = min(one for one in every if share_with_so_few(universe, sample, without, universe - one) > tail)
    assert find_exact_limits(*counts, tail) == (fewest, most)


def test_a_tie_is_no_reason_to_go_on() -> None:
    """None found in 1 of 10 where 9 have it: exactly one tenth of samples, and not above a tail of that."""
    assert find_exact_limits(10, 1, 0, Fraction(1, 10)) == CountLimits(0, 8)


@given(samples(), tails)
def test_none_found_may_be_none_and_all_found_may_be_all(
    counts: tuple[int, int, int], tail: Fraction
) -> None:
    universe, sample, _ = counts
    assert find_exact_limits(universe, sample, 0, tail).low == 0
    assert find_exact_limits(universe, sample, sample, tail).high == universe


@given(samples(), tails)
def test_limits_keep_to_what_was_seen_and_mirror_each_other(
    counts: tuple[int, int, int], tail: Fraction
) -> None:
    universe, sample, found = counts
    low, high = find_exact_limits(*counts, tail)
    assert found <= low <= high <= universe - (sample - found)
    other = find_exact_limits(universe, sample, sample - found, tail)
    assert other == (universe - high, universe - low)


@given(samples(), tails)
def test_one_more_found_moves_neither_end_down(counts: tuple[int, int, int], tail: Fraction) -> None:
    universe, sample, found = counts
    assume(found < sample)
    fewer, more = (find_exact_limits(universe, sample, one, tail) for one in (found, found + 1))
    assert fewer.low <= more.low
    assert fewer.high <= more.high


def test_a_universe_read_in_full_is_known() -> None:
    assert find_exact_limits(7, 7, 3, Fraction(1, 20)) == CountLimits(3, 3)


@pytest.mark.parametrize("counts", [(10, 0, 0), (10, 11, 1), (10, 5, 6), (10, 5, -1)])
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="found lies"):
        find_exact_limits(*counts, Fraction(1, 20))


@pytest.mark.parametrize("tail", [Fraction(0), Fraction(1)])
def test_a_tail_lies_between_0_and_1(tail: Fraction) -> None:
    with pytest.raises(ValueError, match="tail"):
        find_exact_limits(10, 5, 1, tail)
