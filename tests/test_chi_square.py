"""Two shares by chi-square: the worked example, and beside scipy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from audit.chi_square import ChiSquare, compare_shares

counts = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def compared(corrected: bool) -> ChiSquare:
    found = compare_shares(45, 300, 900, 10_000, corrected=corrected)
    assert found is not None
    return found


def test_a_practice_beside_its_peers(shared: Path) -> None:
    """15 % of 300 beside 9 % of 10,000, with and without the correction for whole numbers."""
    examples = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
    (one,) = (example for example in examples if example["area"] == "stats_peer")
    assert one["inputs"] == {"you": [45, 300], "peers": [900, 10_000]}
    told, plain, yates = one["expected"], compared(False), compared(True)
    assert plain == pytest.approx((told["chi2_no_correction"], told["p"]), rel=1e-4)
    assert yates == pytest.approx((told["chi2_yates"], told["p_yates"]), rel=1e-4)
    assert (plain.probability < 0.05) is told["significant_at_0_05"]


@given(counts, counts, st.booleans())
def test_it_is_the_test_of_scipy(one: tuple[int, int], other: tuple[int, int], corrected: bool) -> None:
    (x1, n1), (x2, n2) = one, other
    assume(n1 and n2 and 0 < x1 + x2 < n1 + n2)
    expected = chi2_contingency([[x1, n1 - x1], [x2, n2 - x2]], correction=corrected)
    found = compare_shares(x1, n1, x2, n2, corrected=corrected)
    assert found is not None
    assert found == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("asked", [(0, 0, 1, 5), (0, 5, 0, 9), (5, 5, 9, 9)])
def test_nothing_is_compared_with_nothing(asked: tuple[int, int, int, int]) -> None:
    assert compare_shares(*asked) is None


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="successes"):
        compare_shares(3, 2, 1, 5)
