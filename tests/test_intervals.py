"""Intervals against published examples, other libraries, and what must hold of any numbers."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Sequence
from math import isnan
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audit.intervals import (
    Interval,
    design_effect,
    newcombe,
    newcombe_many,
    normal_quantile,
    usual_range_amounts,
    usual_range_shares,
    wilson,
    wilson_many,
)

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
designs = st.floats(1.0, 8.0)


@pytest.fixture(scope="module")
def proportion() -> ModuleType:
    """The other library's intervals of rates."""
    pytest.importorskip("statsmodels")
    return importlib.import_module("statsmodels.stats.proportion")


@pytest.mark.parametrize(
    ("confidence", "quantile"), [(0.90, 1.644854), (0.95, 1.959964), (0.99, 2.575829), (0.9973002, 3.0)]
)
def test_the_normal_quantile_is_the_one_of_the_tables(confidence: float, quantile: float) -> None:
    assert normal_quantile(confidence) == pytest.approx(quantile, abs=1e-5)


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        normal_quantile(confidence)


class TestRate:
    @pytest.mark.parametrize(
        ("x", "n", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_the_examples_of_newcombe_1998_on_single_proportions(
        self, x: int, n: int, low: float, high: float
    ) -> None:
        """Statistics in Medicine 17, 857-872, table I, method 3."""
        assert wilson(x, n) == pytest.approx((low, high), abs=5e-5)

    @given(counts, st.sampled_from([0.8, 0.95, 0.99]))
    def test_it_equals_the_interval_of_statsmodels(
        self, proportion: ModuleType, count: tuple[int, int], confidence: float
    ) -> None:
        expected = proportion.proportion_confint(*count, alpha=1 - confidence, method="wilson")
        assert wilson(*count, confidence) == pytest.approx(expected, abs=1e-12)

    @given(counts, designs)
    def test_the_rate_lies_inside_and_nothing_leaves_0_to_1(
        self, count: tuple[int, int], design: float
    ) -> None:
        x, n = count
        low, high = wilson(x, n, effective=n / design)
        assert 0 <= low <= x / n <= high <= 1
        assert (low == 0) == (x == 0)
        assert (high == 1) == (x == n)

    @given(counts, designs)
    def test_the_failures_have_the_mirrored_interval(self, count: tuple[int, int], design: float) -> None:
        x, n = count
        low, high = wilson(n - x, n, effective=n / design)
        assert wilson(x, n, effective=n / design) == pytest.approx((1 - high, 1 - low), abs=1e-12)

    @given(counts, st.floats(1.01, 8.0))
    def test_fewer_effective_lines_never_make_it_narrower(
        self, count: tuple[int, int], design: float
    ) -> None:
        x, n = count
        low, high = wilson(x, n)
        wide_low, wide_high = wilson(x, n, effective=n / design)
        assert wide_low <= low + 1e-12
        assert wide_high >= high - 1e-12

    @given(counts)
    def test_more_successes_move_both_ends_up(self, count: tuple[int, int]) -> None:
        x, n = count
        assume(x < n)
        fewer, more = wilson(x, n), wilson(x + 1, n)
        assert fewer.low < more.low
        assert fewer.high < more.high or fewer.high == more.high == 1

    def test_with_no_lines_nothing_is_known(self) -> None:
        assert wilson(0, 0) == Interval(0, 1)

    @pytest.mark.parametrize(
        ("x", "n", "effective"), [(2, 1, None), (-1, 5, None), (1, 5, 0.0), (1, 5, -2.0)]
    )
    def test_counts_that_cannot_be_are_an_error(self, x: int, n: int, effective: float | None) -> None:
        with pytest.raises(ValueError, match=r"successes lie|effective n"):
            wilson(x, n, effective=effective)
        with pytest.raises(ValueError, match="successes lie"):
            wilson_many([x], [n], effective=None if effective is None else [effective])

    @given(st.lists(st.tuples(counts, designs), min_size=1, max_size=20))
    def test_whole_columns_give_the_same_ends(self, rows: list[tuple[tuple[int, int], float]]) -> None:
        rows = [*rows, ((0, 0), 1.0)]
        x, n = [count[0] for count, _ in rows], [count[1] for count, _ in rows]
        effective = [count[1] / design for count, design in rows]
        low, high = wilson_many(x, n, effective=effective)
        one_by_one = [wilson(a, b, effective=e) for a, b, e in zip(x, n, effective, strict=True)]
        assert list(low) == pytest.approx([interval.low for interval in one_by_one], abs=1e-14)
        assert list(high) == pytest.approx([interval.high for interval in one_by_one], abs=1e-14)


class TestChange:
    @pytest.mark.parametrize(
        ("x1", "n1", "x2", "n2", "low", "high"),
        [
            (56, 70, 48, 80, 0.0524, 0.3339),
            (9, 10, 3, 10, 0.1705, 0.8090),
            (6, 7, 2, 7, 0.0582, 0.8062),
            (5, 56, 0, 29, -0.0381, 0.1926),
            (0, 10, 0, 20, -0.1611, 0.2775),
            (0, 10, 0, 10, -0.2775, 0.2775),
            (10, 10, 0, 20, 0.6791, 1.0000),
            (10, 10, 0, 10, 0.6075, 1.0000),
        ],
    )
    def test_the_examples_of_newcombe_1998(
        self, x1: int, n1: int, x2: int, n2: int, low: float, high: float
    ) -> None:
        """Statistics in Medicine 17, 873-890, table II, method 10."""
        assert newcombe(x1, n1, x2, n2) == pytest.approx((low, high), abs=5e-5)

    @given(counts, counts)
    def test_it_equals_the_interval_of_statsmodels(
        self, proportion: ModuleType, one: tuple[int, int], two: tuple[int, int]
    ) -> None:
        low, high = proportion.confint_proportions_2indep(*one, *two, method="newcomb", compare="diff")
        assert newcombe(*one, *two) == pytest.approx((max(-1, low), min(1, high)), abs=1e-9)

    @given(counts, counts, designs)
    def test_the_change_lies_inside_and_the_other_way_round_is_its_mirror(
        self, one: tuple[int, int], two: tuple[int, int], design: float
    ) -> None:
        effective1, effective2 = one[1] / design, two[1] / design
        low, high = newcombe(*one, *two, effective1=effective1, effective2=effective2)
        assert -1 <= low <= one[0] / one[1] - two[0] / two[1] <= high <= 1
        assert newcombe(*two, *one, effective1=effective2, effective2=effective1) == pytest.approx(
            (-high, -low), abs=1e-12
        )

    @given(counts, counts, st.floats(1.01, 8.0))
    def test_fewer_effective_lines_never_make_it_narrower(
        self, one: tuple[int, int], two: tuple[int, int], design: float
    ) -> None:
        low, high = newcombe(*one, *two)
        wide_low, wide_high = newcombe(*one, *two, effective1=one[1] / design, effective2=two[1] / design)
        assert wide_low <= low + 1e-12
        assert wide_high >= high - 1e-12

    @pytest.mark.parametrize(("one", "two"), [((0, 0), (3, 9)), ((3, 9), (0, 0)), ((0, 0), (0, 0))])
    def test_with_no_lines_on_a_side_nothing_is_known(
        self, one: tuple[int, int], two: tuple[int, int]
    ) -> None:
        assert newcombe(*one, *two) == Interval(-1, 1)
        assert [end.tolist() for end in newcombe_many([one[0]], [one[1]], [two[0]], [two[1]])] == [[-1], [1]]

    @given(st.lists(st.tuples(counts, counts, designs), min_size=1, max_size=20))
    def test_whole_columns_give_the_same_ends(
        self, rows: list[tuple[tuple[int, int], tuple[int, int], float]]
    ) -> None:
        low, high = newcombe_many(
            [one[0] for one, _, _ in rows],
            [one[1] for one, _, _ in rows],
            [two[0] for _, two, _ in rows],
            [two[1] for _, two, _ in rows],
            effective1=[one[1] / design for one, _, design in rows],
            effective2=[two[1] / design for _, two, design in rows],
        )
        one_by_one = [
            newcombe(*one, *two, effective1=one[1] / design, effective2=two[1] / design)
            for one, two, design in rows
        ]
        assert list(low) == pytest.approx([interval.low for interval in one_by_one], abs=1e-14)
        assert list(high) == pytest.approx([interval.high for interval in one_by_one], abs=1e-14)


class TestDesignEffect:
    """Claims are clusters: their lines are answered together."""

    @staticmethod
    def effect(claims: list[tuple[int, int]], rate: float, prior_weight: float = 0.0) -> float:
        """Design effect of claims given as (lines, denied lines)."""
        return design_effect(
            [lines for lines, _ in claims],
            [denied - lines * rate for lines, denied in claims],
            [lines * rate * (1 - rate) for lines, _ in claims],
            prior_weight,
        )

    def test_claims_of_three_denied_whole_make_three_lines_tell_as_much_as_one(self) -> None:
        assert self.effect([(3, 3)] * 10 + [(3, 0)] * 90, rate=0.1) == pytest.approx(3.0)

    def test_claims_of_one_line_have_no_effect(self) -> None:
        assert self.effect([(1, 1)] * 10 + [(1, 0)] * 90, rate=0.1, prior_weight=5) == pytest.approx(1.0)

    def test_it_is_never_below_1(self) -> None:
        """One denied line in every claim of ten: more even than chance."""
        assert self.effect([(10, 1)] * 50, rate=0.1) == 1.0

    def test_without_denials_the_claim_sizes_tell(self) -> None:
        """sum(m^2) / sum(m) of claims of 1 and 3 lines is 10 / 4."""
        assert self.effect([(1, 0), (3, 0)], rate=0.0, prior_weight=5) == pytest.approx(2.5)
        assert self.effect([(1, 0), (3, 0)], rate=0.0) == pytest.approx(2.5)

    def test_few_denials_are_drawn_towards_the_claim_sizes_and_many_are_not(self) -> None:
        singles = [(4, 1)] * 4 + [(4, 0)] * 6  # observed 0.75, implied 4
        assert 1.0 < self.effect(singles, rate=0.1, prior_weight=5) < 4.0
        assert self.effect(singles, 0.1, 5) > self.effect(singles * 100, 0.1, 5)
        assert self.effect(singles * 100, 0.1, 5) == pytest.approx(1.0, abs=0.05)

    def test_a_history_without_claims_has_none(self) -> None:
        assert design_effect([], [], []) == 1.0


def test_at_60_lines_a_month_95_percent_means_95_percent_though_claims_are_denied_whole() -> None:
    """By lines the interval would cover the true rate in 70 to 85 % of months."""
    rng, rate, reports = np.random.default_rng(20261), 0.12, 600
    inside = {"lines": 0, "claims": 0}
    for _ in range(reports):
        sizes = rng.choice([1, 2, 3, 4, 5], p=[0.25, 0.3, 0.25, 0.15, 0.05], size=(13, 25))
        denied = sizes * (rng.random(sizes.shape) < rate)
        m, x = sizes[:12].ravel(), denied[:12].ravel()
        pooled = x.sum() / m.sum()
        design = design_effect(m, x - m * pooled, m * pooled * (1 - pooled))
        successes, n = int(denied[12].sum()), int(sizes[12].sum())
        for name, size in (("lines", float(n)), ("claims", n / design)):
            low, high = wilson(successes, n, effective=size)
            inside[name] += low <= rate <= high
    assert inside["lines"] / reports < 0.88
    assert 0.93 <= inside["claims"] / reports <= 0.975


class UsualRange(NamedTuple):
    """Where one figure usually lies, and the pooled figure of the earlier months."""

    low: float
    center: float
    high: float


def usual_range_share(
    earlier: Sequence[tuple[float, float]], effective: float, width: float = 3.0, design: float = 1.0
) -> UsualRange | None:
    """Return the usual range of one rate; `earlier` holds (successes, n) by month."""
    x, n = [[x for x, _ in earlier]], [[n for _, n in earlier]]
    low, high = usual_range_shares(x, n, [effective], width, design)
    return None if isnan(low[0]) else UsualRange(low[0], sum(x[0]) / sum(n[0]), high[0])


def usual_range_amount(earlier: Sequence[float], width: float = 3.0) -> UsualRange | None:
    """Return the usual range of one amount."""
    low, high = usual_range_amounts([list(earlier)], width)
    return None if isnan(low[0]) else UsualRange(low[0], sum(earlier) / len(earlier), high[0])


class TestUsualRangeOfARate:
    def test_months_that_differ_by_chance_alone_give_the_limits_of_a_p_chart(self) -> None:
        """center 0.08 and 3 * sqrt(0.08 * 0.92 / 100) = 0.0814, a hair wider as the center is an estimate."""
        usual = usual_range_share([(8, 100), (7, 100), (9, 100)] * 40, effective=100)
        assert usual is not None
        assert usual.center == pytest.approx(0.08)
        assert usual.high == pytest.approx(0.08 + 0.0814, abs=0.001)
        assert usual.low == 0.0

    def test_months_that_differ_by_more_than_chance_widen_it(self) -> None:
        steady = usual_range_share([(100, 1000)] * 12, effective=1000)
        restless = usual_range_share([(60, 1000), (140, 1000)] * 6, effective=1000)
        assert steady is not None
        assert restless is not None
        assert restless.center == steady.center == pytest.approx(0.1)
        assert restless.high - restless.low > 2 * (steady.high - steady.low)

    def test_the_spread_between_months_is_the_one_of_moments(self) -> None:
        """Two months of 1,000 lines at 6 % and 14 %: (3.2 - 0.09) / 1,000 is a variance of 0.00311."""
        usual = usual_range_share([(60, 1000), (140, 1000)], effective=1e12, width=1.0)
        assert usual is not None
        assert usual.high - usual.center == pytest.approx((0.00311 * 1.5 + 0.09 / 2000) ** 0.5, rel=1e-6)

    @pytest.mark.parametrize("lines", [12, 60, 250])
    @pytest.mark.parametrize("months", [1, 3, 12])
    def test_a_first_denial_ever_is_not_at_once_higher(self, lines: int, months: int) -> None:
        usual = usual_range_share([(0, lines)] * months, effective=lines)
        assert usual is not None
        assert usual.center == usual.low == 0
        assert 1 / lines <= usual.high < 1

    def test_a_first_visit_without_a_plan_is_not_at_once_lower(self) -> None:
        usual = usual_range_share([(40, 40)] * 12, effective=40)
        assert usual is not None
        assert usual.center == usual.high == 1
        assert 0 < usual.low <= 39 / 40

    def test_half_a_month_of_denials_after_a_year_of_none_is_higher(self) -> None:
        usual = usual_range_share([(0, 60)] * 12, effective=60)
        assert usual is not None
        assert usual.high < 0.1

    def test_a_single_earlier_month_has_no_spread_to_learn_from(self) -> None:
        usual = usual_range_share([(10, 100)], effective=100, width=3)
        assert usual is not None
        assert usual.high == pytest.approx(0.1 + 3 * (0.09 * 2 / 100) ** 0.5)

    @pytest.mark.parametrize(("earlier", "effective"), [([], 50), ([(0, 0)], 50), ([(1, 10)], 0)])
    def test_without_lines_there_is_no_range(self, earlier: list[tuple[int, int]], effective: float) -> None:
        assert usual_range_share(earlier, effective) is None

    @given(st.lists(counts, min_size=1, max_size=24), st.floats(0.5, 5000), designs)
    def test_it_holds_the_earlier_rate_stays_in_0_to_1_and_mirrors(
        self, earlier: list[tuple[int, int]], effective: float, design: float
    ) -> None:
        usual = usual_range_share(earlier, effective, design=design)
        mirror = usual_range_share([(n - x, n) for x, n in earlier], effective, design=design)
        assert usual is not None
        assert mirror is not None
        assert 0 <= usual.low <= usual.center <= usual.high <= 1
        assert mirror == pytest.approx((1 - usual.high, 1 - usual.center, 1 - usual.low), abs=1e-9)

    @given(st.lists(counts, min_size=1, max_size=24), st.floats(1, 2000), designs)
    def test_fewer_effective_lines_never_make_it_narrower(
        self, earlier: list[tuple[int, int]], effective: float, design: float
    ) -> None:
        few = usual_range_share(earlier, effective, design=design)
        many = usual_range_share(earlier, effective * 2, design=design)
        assert few is not None
        assert many is not None
        assert few.low <= many.low + 1e-12
        assert few.high >= many.high - 1e-12


class TestUsualRangeOfAnAmount:
    def test_it_is_the_individuals_chart_of_the_textbooks(self) -> None:
        """Ten months, changes 2 1 3 2 4 1 2 1 2, mean 2: 50 is the mean and 2.66 times 2 the half width."""
        months = [49, 51, 50, 53, 51, 47, 48, 50, 49, 51]
        usual = usual_range_amount(months)
        mean, change = sum(months) / 10, 18 / 9
        assert usual == pytest.approx((mean - 2.66 * change, mean, mean + 2.66 * change), abs=0.002)

    def test_amounts_do_not_fall_below_nothing(self) -> None:
        usual = usual_range_amount([0, 40, 0, 40])
        assert usual is not None
        assert usual.low == 0

    @pytest.mark.parametrize("months", [[], [12_300]])
    def test_fewer_than_two_months_have_no_change(self, months: list[float]) -> None:
        assert usual_range_amount(months) is None

    @given(st.lists(st.integers(0, 10**12), min_size=2, max_size=36), st.integers(1, 1000))
    def test_dollars_and_cents_give_the_same_range(self, months: list[int], factor: int) -> None:
        one, scaled = usual_range_amount(months), usual_range_amount([month * factor for month in months])
        assert one is not None
        assert scaled == pytest.approx(tuple(end * factor for end in one), rel=1e-9, abs=1e-6)


def test_scalar_intervals_need_no_numpy() -> None:
    script = "import sys; from audit.intervals import wilson; wilson(1, 2); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
