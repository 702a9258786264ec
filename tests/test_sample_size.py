"""How many charts to read: what so many would tell, before anything is drawn."""

from __future__ import annotations

from fractions import Fraction

import pytest

from audit.exact_limits import find_exact_limits
from audit.sample_size import ERRORS, LEVELS, SIZES, Prospect, plan_sizes


def prospect(universe: int, sample: int, errors: int, confidence: int) -> Prospect:
    return next(
        one
        for one in plan_sizes(universe)
        if (one.sample, one.errors, one.confidence) == (sample, errors, confidence)
    )


def test_thirty_clean_charts_of_a_thousand_leave_room_for_a_tenth() -> None:
    """As the *rule of three* has it for 95 % one-sided, which is 90 % two-sided: 3 / 30 at most."""
    told = prospect(1000, 30, 0, 90)
    assert (told.found, told.low) == (0, 0)
    assert 0.09 < told.high / 1000 < 0.10
    assert told.half_width == told.high / 2000


def test_a_percentage_is_met_by_whole_charts() -> None:
    """Five percent of ten charts is half a chart: one is the fewest that is as much."""
    assert [prospect(1000, 10, errors, 90).found for errors in ERRORS] == [0, 1, 1, 2]
    assert [prospect(1000, 100, errors, 95).found for errors in ERRORS] == [0, 5, 10, 20]


def test_every_row_holds_the_exact_limits() -> None:
    rows = plan_sizes(1000)
    assert len(rows) == len(SIZES) * len(ERRORS) * len(LEVELS)
    for one in rows:
        limits = find_exact_limits(1000, one.sample, one.found, Fraction(100 - one.confidence, 200))
        assert (one.low, one.high) == limits


def test_more_charts_tell_more() -> None:
    widths = [prospect(1000, size, 20, 95).half_width for size in SIZES]
    assert widths == sorted(widths, reverse=True)


def test_no_more_charts_are_offered_than_there_are() -> None:
    """Twelve visits: five, ten, or all of them, and all leave no doubt."""
    rows = plan_sizes(12)
    assert sorted({one.sample for one in rows}) == [5, 10, 12]
    assert all(one.half_width == 0 for one in rows if one.sample == 12)


@pytest.mark.parametrize(
    ("universe", "sizes"), [(0, []), (1, [1]), (5, [5]), (100, list(SIZES)), (101, list(SIZES))]
)
def test_sizes_end_with_the_universe_where_it_is_small(universe: int, sizes: list[int]) -> None:
    rows = plan_sizes(universe)
    assert sorted({one.sample for one in rows}) == sizes
    assert len(rows) == len(sizes) * len(ERRORS) * len(LEVELS)
