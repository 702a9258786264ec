"""Attribute appraisal: to the digit as RAT-STATS prints it, and strata counted by their size."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from math import comb, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.appraisal import (
    AttributeAppraisal,
    Counted,
    appraise_attribute,
    appraise_stratified_attribute,
)
from audit.exact_limits import find_exact_limits
from audit.intervals import LEVELS


@st.composite
def counted(draw: st.DrawFn) -> Counted:
    universe = draw(st.integers(1, 300))
    sample = draw(st.integers(1, min(universe, 30)))
    return Counted(universe, sample, draw(st.integers(0, sample)))


def two_sided(appraisal: AttributeAppraisal) -> dict[int, tuple[int, int]]:
    return {level: appraisal.at(level).two_sided for level in LEVELS}


class TestUnrestricted:
    def test_the_published_output(self) -> None:
        """82 of 400 of 10,000: the attribute appraisal printed in the help of cbtek/RStats2017."""
        appraisal = appraise_attribute(Counted(10_000, 400, 82))
        assert appraisal.total == 2050
        assert f"{appraisal.share:.3%}" == "20.500%"
        assert appraisal.share_error is not None
        assert appraisal.total_error is not None
        assert (round(appraisal.total_error), f"{appraisal.share_error:.3%}") == (198, "1.980%")
        assert two_sided(appraisal) == {80: (1796, 2326), 90: (1729, 2403), 95: (1673, 2470)}
        assert appraisal.exact

    def test_every_attribute_appraisal_of_the_shared_examples(self, shared: Path) -> None:
        """Ten percent of a universe and less, also where all have the characteristic."""
        examples = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
        appraisals = [one for one in examples if one["area"] == "stats_attribute"]
        assert appraisals
        for one in appraisals:
            asked, told = one["inputs"], one["expected"]
            found = appraise_attribute(
                Counted(asked["universe"], asked["sample"], asked["with_characteristic"])
            )
            assert found.total == told["projected_total"]
            assert f"{100 * found.share:.3f}" == f"{told['percent']:.3f}"
            assert found.share_error is not None
            assert found.total_error is not None
            assert f"{100 * found.share_error:.3f}" == f"{told['se_percent']:.3f}"
            assert round(found.total_error) == told["se_total"]
            assert two_sided(found) == {int(level): tuple(ends) for level, ends in told["two_sided"].items()}

    def test_an_end_alone_lies_nearer_than_one_of_two(self) -> None:
        """One-sided at 90 % is an end of two-sided at 80 %: a tenth lies beyond either."""
        appraisal = appraise_attribute(Counted(10_000, 400, 82))
        assert appraisal.at(90).one_sided == appraisal.at(80).two_sided
        assert appraisal.at(95).one_sided == appraisal.at(90).two_sided
        assert appraisal.at(80).one_sided == find_exact_limits(10_000, 400, 82, Fraction(1, 5))

    @pytest.mark.parametrize(("sample", "high"), [(1, 94), (5, 44), (30, 8), (100, 0)])
    def test_nothing_found_is_not_nothing_there(self, sample: int, high: int) -> None:
        """No error in so many of 100 charts leaves room for so many: one more, and 5 % would miss all."""
        appraisal = appraise_attribute(Counted(100, sample, 0))
        missed = [Fraction(comb(100 - having, sample), comb(100, sample)) for having in (high, high + 1)]
        assert missed[0] > Fraction(5, 100) >= missed[1]
        assert (appraisal.total, appraisal.at(90).two_sided) == (0, (0, high))

    def test_one_chart_tells_no_standard_error(self) -> None:
        assert appraise_attribute(Counted(100, 1, 1)).share_error is None
        assert appraise_attribute(Counted(100, 1, 1)).total_error is None
        assert appraise_attribute(Counted(1, 1, 1)).share_error == 0

    def test_counts_that_cannot_be_are_refused(self) -> None:
        with pytest.raises(ValueError, match="found lies"):
            appraise_attribute(Counted(10, 0, 0))


class TestStratified:
    def test_strata_count_by_their_size(self) -> None:
        """Five charts of each of two clinicians: one with 400 visits and one error, one with 50 and none."""
        appraisal = appraise_stratified_attribute([Counted(400, 5, 1), Counted(50, 5, 0)])
        assert (appraisal.universe, appraisal.sample, appraisal.found) == (450, 10, 1)
        assert appraisal.total == 80  # not 45, as 1 of 10 of 450 would be
        assert appraisal.share == 80 / 450
        assert appraisal.share_error == pytest.approx(400 / 450 * sqrt(0.2 * 0.8 * (1 - 5 / 400) / 4))
        assert not appraisal.exact

    def test_limits_are_combined_by_the_squares_of_their_distances(self) -> None:
        """10 of 50 of 500 and 4 of 40 of 200 at 90 %, by hand from the strata's own limits."""
        strata = [Counted(500, 50, 10), Counted(200, 40, 4)]
        (low1, high1), (low2, high2) = (appraise_attribute(one).at(90).two_sided for one in strata)
        assert (low1, high1, low2, high2) == (59, 154, 8, 40)
        # 120 less sqrt(41^2 + 12^2), and 120 plus sqrt(54^2 + 20^2), to whole items outward.
        spread = 77, 178
        # As 80 of 700 read at random, 13 found: no sample of that effective size may be thought to tell less.
        effective = 700**2 / (500**2 / 50 + 200**2 / 40)
        assert effective == pytest.approx(81.7, abs=0.05)
        alike = find_exact_limits(700, 81, 13, Fraction(1, 20))
        assert appraise_stratified_attribute(strata).at(90).two_sided == (
            min(spread[0], alike.low),
            spread[1],
        )

    def test_one_stratum_is_an_unrestricted_sample(self) -> None:
        assert appraise_stratified_attribute([Counted(500, 50, 5)]) == appraise_attribute(Counted(500, 50, 5))

    def test_nothing_found_in_any_stratum_leaves_room(self) -> None:
        """Where the normal limits of textbooks would say: exactly none."""
        appraisal = appraise_stratified_attribute([Counted(200, 20, 0)] * 5)
        assert appraisal.share_error == 0
        low, high = appraisal.at(95).two_sided
        assert low == 0
        assert high >= find_exact_limits(1000, 100, 0, Fraction(1, 40)).high

    def test_one_chart_of_a_stratum_tells_no_standard_error_but_has_limits(self) -> None:
        appraisal = appraise_stratified_attribute([Counted(50, 1, 1), Counted(50, 20, 0)])
        assert appraisal.share_error is None
        assert appraisal.at(90).two_sided.high < 100

    def test_a_stratum_read_in_full_adds_no_doubt(self) -> None:
        apart, alone = (
            appraise_stratified_attribute([Counted(60, 20, 3), Counted(40, 40, 10)]),
            appraise_attribute(Counted(60, 20, 3)),
        )
        assert apart.share_error == pytest.approx((alone.share_error or 0) * 60 / 100)
        for level in LEVELS:
            low, high = alone.at(level).two_sided
            assert apart.at(level).two_sided == (low + 10, high + 10)

    def test_one_error_at_each_of_many_clinicians_is_not_overcounted(self) -> None:
        """Fifteen clinicians, 5 of 60 visits each, an error at three: 15 errors in all must not lie outside.

        Three or more are found in 13 % of such samples; each counts 12 visits, and strata without any found
        would seem to have no doubt.
        """
        strata = [Counted(60, 5, 1)] * 3 + [Counted(60, 5, 0)] * 12
        assert appraise_stratified_attribute(strata).at(95).two_sided.low <= 15

    @given(st.lists(counted(), min_size=2, max_size=5))
    def test_limits_hold_the_estimate_and_keep_to_what_was_read(self, strata: list[Counted]) -> None:
        appraisal = appraise_stratified_attribute(strata)
        ends = [appraisal.at(level).two_sided for level in LEVELS]
        for low, high in ends:
            assert appraisal.found <= low <= appraisal.total + 1e-9
            assert appraisal.total - 1e-9 <= high <= appraisal.universe - appraisal.sample + appraisal.found
        assert ends[0].low >= ends[1].low >= ends[2].low
        assert ends[0].high <= ends[1].high <= ends[2].high

    @given(st.lists(counted(), min_size=2, max_size=4))
    def test_the_items_without_have_the_mirrored_limits(self, strata: list[Counted]) -> None:
        without = [Counted(one.universe, one.sample, one.sample - one.found) for one in strata]
        here, there = appraise_stratified_attribute(strata), appraise_stratified_attribute(without)
        for level in LEVELS:
            low, high = here.at(level).two_sided
            assert there.at(level).two_sided == (here.universe - high, here.universe - low)

    @pytest.mark.parametrize(
        "sizes",
        [((40, 5), (60, 5)), ((100, 5), (20, 10)), ((200, 20), (30, 5)), ((100, 10), (100, 10))],
        ids=str,
    )
    def test_limits_hold_the_truth_as_often_as_they_say(self, sizes: tuple[tuple[int, int], ...]) -> None:
        """Counted out: for every number of errors in either stratum, all samples by their probability."""
        held = {level: held_by_limits(sizes, level) for level in LEVELS}
        assert all(shares.min() >= level / 100 for level, shares in held.items())
        assert held[80].min() < 0.95  # and not by saying nothing


def held_by_limits(sizes: tuple[tuple[int, int], ...], level: int) -> np.ndarray:
    """Return how often limits hold the total, for each number of errors in the first and second stratum."""
    probabilities = [
        np.array(
            [
                [comb(having, one) * comb(universe - having, sample - one) for one in range(sample + 1)]
                for having in range(universe + 1)
            ],
            dtype=float,
        )
        / comb(universe, sample)
        for universe, sample in sizes
    ]
    total = np.add.outer(*(np.arange(universe + 1) for universe, _ in sizes))
    held = np.zeros(total.shape)
    for found in product(*(range(sample + 1) for _, sample in sizes)):
        strata = [Counted(*size, one) for size, one in zip(sizes, found, strict=True)]
        low, high = appraise_stratified_attribute(strata).at(level).two_sided
        chance = np.multiply.outer(*(of[:, one] for of, one in zip(probabilities, found, strict=True)))
        held += np.where((low <= total) & (total <= high), chance, 0.0)
    return held
