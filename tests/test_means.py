"""Means of visits: beside the t test of two samples, and what must hold of odd visits and odd months."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from audit.means import Moments, compare_means, find_mean_tails, mean_spread, smallest_rise


def moments(values: np.ndarray) -> Moments:
    return Moments.of([[len(values)]], [[values.sum()]], [[(values**2).sum()]])


def mean_tails(
    now: np.ndarray, before: np.ndarray, effect: float = 1.0, spread: float = 0.0
) -> tuple[float, float]:
    change = compare_means(moments(now), moments(before), np.array([effect]), np.array([spread]))
    lower, upper = find_mean_tails(change)
    return float(lower[0]), float(upper[0])


@pytest.mark.parametrize("shift", [-1.0, -0.3, 0.0, 0.2, 0.5, 1.5])
def test_means_are_tested_as_by_the_t_test_of_two_samples(shift: float) -> None:
    """Where visits now differ no more from each other than before."""
    draws = np.random.default_rng(1)
    before, now = draws.normal(3, 1, 300), draws.normal(3 + shift, 0.8, 40)
    assert now.std() < before.std()
    for alternative, found in zip(("less", "greater"), mean_tails(now, before), strict=True):
        exact = float(ttest_ind(now, before, alternative=alternative).pvalue)
        assert found == pytest.approx(exact, rel=0.02, abs=1e-9)


def test_one_odd_visit_is_no_change_of_the_mean() -> None:
    """Every visit had one unit; now one of thirty has nine."""
    before, now = np.ones(400), np.array([1.0] * 29 + [9.0])
    assert mean_tails(now, before)[1] > 0.05
    assert mean_tails(np.array([1.0, 2.0] * 15), before)[1] < 1e-6


def test_visits_of_one_patient_and_restless_months_make_a_mean_less_surprising() -> None:
    draws = np.random.default_rng(2)
    before, now = draws.normal(3, 1, 300), draws.normal(3.6, 1, 40)
    plain, clustered, restless = (
        mean_tails(now, before, effect, spread)[1] for effect, spread in ((1, 0), (2, 0), (1, 0.05))
    )
    assert plain < min(clustered, restless)


def test_means_that_never_differed_are_no_surprise() -> None:
    """Nothing to divide by is no error; where all of them moved, nothing is left to chance."""
    assert mean_tails(np.ones(20), np.ones(200)) == pytest.approx((0.5, 0.5))
    assert mean_tails(np.full(20, 2.0), np.ones(200)) == pytest.approx((1, 0))


def test_the_spread_of_means_is_found_again() -> None:
    """Forty clinicians, a year, visits of three units give or take one, months a third of that apart."""
    draws = np.random.default_rng(3)
    visits = np.full((40, 12), 200)
    shift = draws.normal(0, 0.3, (40, 12))
    each = 3 + shift[:, :, None] + draws.normal(0, 1, (40, 12, 200))
    found = mean_spread(visits, each.sum(axis=2), (each**2).sum(axis=2), prior=0.01)
    assert found == pytest.approx(0.09 / 1.09, rel=0.2)


def test_the_smallest_rise_of_a_mean() -> None:
    """What is needed to be found, and as much again as four reports of five stay above."""
    assert smallest_rise(0.1, 0.025) == pytest.approx(0.1 * (1.96 + 0.8416), rel=1e-3)
