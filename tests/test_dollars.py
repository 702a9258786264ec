"""Variable appraisal: to the digit as RAT-STATS prints it, and beside scipy."""

from __future__ import annotations

import json
from math import hypot, inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from audit.dollars import (
    AmountAppraisal,
    AmountLimits,
    Differences,
    appraise_amounts,
    appraise_stratified_amounts,
    student_quantile,
)
from audit.intervals import LEVELS

cents = st.integers(-50_000, 200_000)


@st.composite
def samples(draw: st.DrawFn) -> Differences:
    read = draw(st.lists(st.one_of(st.just(0), cents), min_size=2, max_size=40))
    return Differences(draw(st.integers(len(read), 5000)), read)


def limits_at(appraisal: AmountAppraisal, level: int) -> AmountLimits:
    limits = appraisal.at(level)
    assert limits is not None
    return limits


def known(value: float | None) -> float:
    assert value is not None
    return value


class TestUnrestricted:
    published = Differences(10_000, (96_309, 66_745, 719_389))

    def test_the_published_output(self) -> None:
        """963.09, 667.45 and 7,193.89 of 10,000: the variable appraisal in the help of cbtek/RStats2017.

        Its inputs are printed to the cent; the program had more digits, so totals agree to one millionth.
        """
        appraisal = appraise_amounts(self.published)
        assert f"{appraisal.mean / 100:,.2f}" == "2,941.48"
        assert f"{known(appraisal.deviation) / 100:,.2f}" == "3,685.66"
        assert f"{known(appraisal.mean_error) / 100:,.2f}" == "2,127.60"
        assert f"{appraisal.skewness:.2f}" == "0.70"
        assert f"{appraisal.kurtosis:.2f}" == "1.50"
        assert appraisal.total / 100 == pytest.approx(29_414_780, rel=1e-6)
        limits = limits_at(appraisal, 90)
        assert (limits.low / 100, limits.high / 100) == pytest.approx((-32_710_832, 91_540_392), rel=1e-6)
        assert f"{limits.quantile:.12f}" == "2.919985580354"

    def test_every_variable_appraisal_of_the_shared_examples(self, shared: Path) -> None:
        examples = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
        appraisals = [one for one in examples if one["area"] == "stats_variable"]
        assert appraisals
        for one in appraisals:
            self.compare(one["inputs"], one["expected"])

    def compare(self, asked: dict[str, Any], told: dict[str, Any]) -> None:
        amounts = asked.get("values") or asked["difference_values"]
        appraisal = appraise_amounts(Differences(asked["universe"], [round(100 * one) for one in amounts]))
        figures = (appraisal.mean, known(appraisal.deviation), known(appraisal.mean_error), appraisal.total)
        assert [round(one / 100, 4) for one in figures] == pytest.approx(
            [told[name] for name in ("mean", "sd", "se_mean", "point_estimate")], rel=1e-6, abs=0.005
        )
        shape = known(appraisal.skewness), known(appraisal.kurtosis)
        assert shape == pytest.approx((told["skewness"], told["kurtosis"]), abs=0.005)
        for level, expected in told["by_conf"].items():
            limits = limits_at(appraisal, int(level))
            assert limits.quantile == pytest.approx(expected["t"], abs=5e-7)
            assert [limits.low / 100, limits.high / 100, limits.precision / 100] == pytest.approx(
                [expected[name] for name in ("lower", "upper", "precision_amount")], rel=1e-6
            )

    @given(samples())
    def test_it_is_the_textbook_estimate_by_scipy(self, sample: Differences) -> None:
        universe, read = sample
        values = np.array(read, dtype=float)
        appraisal = appraise_amounts(sample)
        error = stats.sem(values) * np.sqrt((universe - len(read)) / universe)
        assert known(appraisal.mean_error) == pytest.approx(error, rel=1e-9, abs=1e-9)
        assert known(appraisal.deviation) == pytest.approx(values.std(ddof=1), rel=1e-9, abs=1e-9)
        if len(set(read)) > 1:
            assert known(appraisal.skewness) == pytest.approx(stats.skew(values), rel=1e-6, abs=1e-9)
            assert known(appraisal.kurtosis) == pytest.approx(stats.kurtosis(values, fisher=False), rel=1e-6)
        for level in LEVELS:
            low, high = stats.t.interval(level / 100, len(read) - 1, values.mean(), error or 1e-300)
            limits = limits_at(appraisal, level)
            assert (limits.low / universe, limits.high / universe) == pytest.approx(
                (low, high), rel=1e-9, abs=1e-6
            )

    def test_precision_is_a_share_of_the_estimate_whichever_way_it_goes(self) -> None:
        """Underpaid is as precise as overpaid, and nothing is told where both balance."""
        over = appraise_amounts(Differences(100, [500, 0, 0, 1000]))
        under = appraise_amounts(Differences(100, [-500, 0, 0, -1000]))
        assert known(over.precision_share(90)) == pytest.approx(limits_at(over, 90).precision / 37_500)
        assert under.precision_share(90) == over.precision_share(90)
        assert appraise_amounts(Differences(100, [500, -500])).precision_share(90) is None

    def test_one_item_leaves_an_estimate_and_no_limits(self) -> None:
        appraisal = appraise_amounts(Differences(100, [700]))
        assert (appraisal.total, appraisal.total_error, appraisal.limits) == (70_000, None, ())
        assert appraisal.mean_error is None
        assert appraisal.precision_share(90) is None
        assert appraisal.deviation is None

    def test_items_all_alike_have_no_shape(self) -> None:
        appraisal = appraise_amounts(Differences(100, [0] * 30))
        assert (appraisal.deviation, appraisal.skewness, appraisal.kurtosis) == (0, None, None)
        assert appraisal.differing == 0

    @pytest.mark.parametrize("read", [[700], [700, 0, -300]])
    def test_a_universe_read_in_full_is_known(self, read: list[int]) -> None:
        appraisal = appraise_amounts(Differences(len(read), read))
        assert {(one.low, one.high) for one in appraisal.limits} == {(sum(read), sum(read))}

    def test_cents_are_summed_whole(self) -> None:
        """Amounts beyond what a float tells apart."""
        appraisal = appraise_amounts(Differences(2, [2**60 + 1, -(2**60)]))
        assert appraisal.found == 1

    @pytest.mark.parametrize("sample", [Differences(5, []), Differences(2, [1, 2, 3])])
    def test_a_sample_that_cannot_be_is_refused(self, sample: Differences) -> None:
        with pytest.raises(ValueError, match="at least one item"):
            appraise_amounts(sample)
        with pytest.raises(ValueError, match="at least one item"):
            appraise_stratified_amounts([Differences(5, [1]), sample])


class TestStratified:
    def test_strata_are_added_and_limits_use_the_normal_deviate(self) -> None:
        """RAT-STATS' constants: 1.281551565545, 1.644853626951, 1.959963984540."""
        strata = [Differences(100, [500, 0, 0, 1000, 0]), Differences(400, [0, 0, 300, -100])]
        apart = [appraise_amounts(one) for one in strata]
        together = appraise_stratified_amounts(strata)
        assert together.total == sum(one.total for one in apart)
        assert (together.universe, together.sample, together.differing, together.found) == (500, 9, 4, 1700)
        error = hypot(*(known(one.total_error) for one in apart))
        assert known(together.total_error) == pytest.approx(error)
        assert [f"{limits_at(together, level).quantile:.12f}" for level in LEVELS] == [
            "1.281551565545",
            "1.644853626951",
            "1.959963984540",
        ]
        limits = limits_at(together, 95)
        assert limits.low == pytest.approx(together.total - 1.959963984540 * error)
        assert limits.high == pytest.approx(together.total + 1.959963984540 * error)
        assert (together.deviation, together.skewness, together.kurtosis) == (None, None, None)

    def test_one_stratum_is_an_unrestricted_sample(self) -> None:
        one = Differences(100, [500, 0, 0])
        assert appraise_stratified_amounts([one]) == appraise_amounts(one)

    def test_one_item_of_a_stratum_leaves_no_limits_for_all(self) -> None:
        """Unless the stratum holds no more."""
        doubtful = appraise_stratified_amounts([Differences(100, [500, 0]), Differences(50, [300])])
        assert (doubtful.total, doubtful.total_error, doubtful.limits) == (40_000, None, ())
        certain = appraise_stratified_amounts([Differences(100, [500, 0]), Differences(1, [300])])
        assert certain.total_error == appraise_amounts(Differences(100, [500, 0])).total_error


class TestStudent:
    @given(st.floats(0.5, 0.999), st.one_of(st.integers(1, 12), st.integers(1, 3000)))
    def test_it_is_the_quantile_of_scipy(self, confidence: float, free: int) -> None:
        expected = float(stats.t.ppf((1 + confidence) / 2, free))
        assert student_quantile(confidence, free) == pytest.approx(expected, rel=1e-10)

    @pytest.mark.parametrize(
        ("confidence", "free", "printed"),
        [
            (0.80, 2, "1.885618083164"),
            (0.90, 2, "2.919985580354"),
            (0.95, 2, "4.302652729749"),
            (0.80, 9, "1.383028738397"),
            (0.95, 1, "12.706204736175"),
        ],
    )
    def test_the_printed_constants(self, confidence: float, free: int, printed: str) -> None:
        """2 degrees: as RAT-STATS printed them; the others: tables of Student's t."""
        assert f"{student_quantile(confidence, free):.12f}" == printed

    def test_many_degrees_come_to_the_normal_deviate(self) -> None:
        assert student_quantile(0.9, 100_000) == pytest.approx(student_quantile(0.9, inf), rel=1e-4)
        assert student_quantile(0.9, 100_000) > student_quantile(0.9, inf)
