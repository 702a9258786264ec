"""Means of visits: how surprising units or charges a visit are, if nothing but chance and unrest moved them.

Pure arithmetic, as `evidence.py` is for shares: each visit is one observation, those of one patient are a
cluster, and months differ by themselves.
"""

from __future__ import annotations

from math import erfc
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.evidence import POWER, squared_shares

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

PRIOR_MEANS_SPREAD = 0.01
"""The month spread of means of visits expected, as a share of the variance of a visit."""

PRIOR_MEANS_WEIGHT = 200.0
"""How much that weighs: as much as about 200 visits do."""

_erfc = np.frompyfunc(erfc, 1, 1)


class Moments(NamedTuple):
    """Visits of some months, a figure an entry: how many, the sum of a column over them and of its square.

    `months` is the sum of the squared shares of the months.
    """

    number: Floats
    sums: Floats
    squares: Floats
    months: Floats

    @classmethod
    def of(cls, number: ArrayLike, sums: ArrayLike, squares: ArrayLike) -> Moments:
        """Return the moments of rows of months."""
        visits = np.asarray(number, dtype=np.float64)
        of_sums, of_squares = (np.asarray(one, dtype=np.float64).sum(axis=1) for one in (sums, squares))
        return cls(visits.sum(axis=1), of_sums, of_squares, squared_shares(visits))


class Change(NamedTuple):
    """How far means of visits lie from their past, the standard error of that, and its degrees of freedom."""

    size: Floats
    error: Floats
    free: Floats


def compare_means(judged: Moments, past: Moments, effect: Floats, spread: Floats) -> Change:
    """Return the change of means of visits.

    `effect` is the design effect of a patient's visits; `spread` the month spread of means, as a share of
    the variance of a visit.
    """
    visits = judged.number + past.number
    around, around_past = (np.maximum(one.squares - one.sums**2 / one.number, 0.0) for one in (judged, past))
    pooled = (around + around_past) / (visits - 2)
    # A visit unlike all others must not be measured by those others alone.
    own = np.maximum(around / (judged.number - 1), pooled)
    variance = effect * (own / judged.number + pooled / past.number)
    variance += spread * pooled * (judged.months + past.months)
    change = judged.sums / judged.number - past.sums / past.number
    return Change(change, np.sqrt(variance), np.maximum(visits / effect - 2, 1.0))


def find_mean_tails(change: Change) -> tuple[Floats, Floats]:
    """Return how probable a mean so small, and one so large, is beside the past's: lower and upper.

    The t of two means, made a normal deviate (D. L. Wallace, Annals of Mathematical Statistics 30 (1959)).
    """
    size, error, free = change
    certain = np.where(size == 0, 0.0, np.copysign(np.inf, size))  # visits that were, and are, all the same
    t = np.divide(size, error, out=certain, where=error > 0)
    normal = np.sign(t) * (8 * free + 1) / (8 * free + 3) * np.sqrt(free * np.log1p(t**2 / free))
    upper = np.asarray(_erfc(normal / np.sqrt(2)), dtype=np.float64) / 2
    return 1 - upper, upper


def mean_spread(number: ArrayLike, sums: ArrayLike, squares: ArrayLike, prior: float) -> float:
    """Return the spread of monthly means beyond chance, as a share of the variance of a visit (0 to 1).

    A row a clinician, a column an earlier month; moments are pooled and drawn toward `prior`.
    """
    visits, total = (np.asarray(one, dtype=np.float64) for one in (number, sums))
    every = visits.sum(axis=1)
    rows = every > 1
    visits, total, every = visits[rows], total[rows], every[rows]
    mean = total.sum(axis=1) / every
    variance = np.asarray(squares, dtype=np.float64)[rows].sum(axis=1) / every - mean**2
    by_month = np.divide(total, visits, out=np.zeros_like(total), where=visits > 0)
    free = (visits > 0).sum(axis=1) - 1
    seen = (visits * (by_month - mean[:, None]) ** 2).sum(axis=1)
    told = variance > 0
    excess = float((seen[told] / variance[told] - free[told]).sum())
    known = float((every - (visits**2).sum(axis=1) / every - free)[told].sum())
    weight = PRIOR_MEANS_WEIGHT
    return float(np.clip((excess + weight * prior) / (known + weight), 0.0, 1.0))


def smallest_rise(error: float, needed: float) -> float:
    """Return the smallest rise of a mean that would be found with a probability of POWER."""
    normal = NormalDist()
    return error * (normal.inv_cdf(1 - needed) + normal.inv_cdf(POWER))
