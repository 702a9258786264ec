"""Variable appraisal: how many dollars the universe is off, judged by a random sample (difference estimator).

Pure arithmetic on whole cents: what was paid less what the chart supports, an item an entry; negative where
too little was paid. Sums and moments are taken in whole numbers; estimates are cents that need not be whole.
Unrestricted samples are appraised as the government auditors' program RAT-STATS appraises them, with
Student's t and the finite population correction; stratified ones with the normal deviate.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import atan, exp, inf, lgamma, log1p, pi, sin, sqrt
from typing import NamedTuple

from msgspec import Struct

from audit.intervals import LEVELS, Level, normal_quantile


class Differences(NamedTuple):
    """A sample read: how many items it was drawn from, and by how many cents each item read is off."""

    universe: int
    cents: Sequence[int]


class AmountLimits(NamedTuple):
    """Where the universe's total may lie at one confidence (percent, two-sided): cents, both ends.

    `quantile` is Student's t, or the normal deviate of a stratified sample; `precision` the distance of
    either end from the estimate. Auditors ask for `low` at 90 %.
    """

    confidence: Level
    quantile: float
    low: float
    high: float
    precision: float


class AmountAppraisal(Struct, frozen=True):
    """An estimate of how many cents all `universe` items are off together, from `sample` items read.

    `differing` of these are off at all, by `found` cents on balance. `total` is the estimate, `total_error`
    its standard error. `deviation`, `skewness` and `kurtosis` (not in excess of the normal one's 3) are those
    of the items of an unrestricted sample; None where they have no meaning: a stratified sample, one item,
    all items alike. One item read of several leaves no error and no limits.
    """

    universe: int
    sample: int
    differing: int
    found: int
    total: float
    total_error: float | None
    limits: tuple[AmountLimits, ...]
    deviation: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None

    @property
    def mean(self) -> float:
        """The estimate of one item, in cents."""
        return self.total / self.universe

    @property
    def mean_error(self) -> float | None:
        """The standard error of `mean`."""
        return None if self.total_error is None else self.total_error / self.universe

    def at(self, confidence: int) -> AmountLimits | None:
        """Return the limits at 80, 90 or 95 %; None where the sample leaves none."""
        return next((one for one in self.limits if one.confidence == confidence), None)

    def precision_share(self, confidence: int) -> float | None:
        """Return the precision as a share of the estimate's size: 0.25 is *within 25 %*.

        None where there are no limits or the estimate is 0. (RAT-STATS prints it for positive estimates.)
        """
        limits = self.at(confidence)
        return None if limits is None or not self.total else limits.precision / abs(self.total)


def appraise_amounts(differences: Differences) -> AmountAppraisal:
    """Appraise an unrestricted sample, to RAT-STATS' printed digit.

    No item, or more than the universe holds, is a ValueError. Items whose amounts are not known make the
    sample another one than was drawn: say so beside the result.
    """
    universe, cents = differences
    _check(differences)
    sample, found = len(cents), sum(cents)
    total, variance = universe * found / sample, _total_variance(differences)
    deviation, skewness, kurtosis = _describe(cents)
    return AmountAppraisal(
        universe,
        sample,
        sum(map(bool, cents)),
        found,
        total,
        None if variance is None else sqrt(variance),
        _set_limits(total, variance, sample - 1),
        deviation,
        skewness,
        kurtosis,
    )


def appraise_stratified_amounts(strata: Sequence[Differences]) -> AmountAppraisal:
    """Appraise a stratified sample: the sum of the strata's estimates, as RAT-STATS adds them.

    Every stratum of the universe is to be told, with at least one item read; otherwise a ValueError. A single
    stratum is an unrestricted sample.
    """
    if len(strata) == 1:
        return appraise_amounts(strata[0])
    for one in strata:
        _check(one)
    every = [cents for one in strata for cents in one.cents]
    total = sum(one.universe * sum(one.cents) / len(one.cents) for one in strata)
    known = [variance for one in strata if (variance := _total_variance(one)) is not None]
    variance = sum(known) if len(known) == len(strata) else None
    return AmountAppraisal(
        sum(one.universe for one in strata),
        len(every),
        sum(map(bool, every)),
        sum(every),
        total,
        None if variance is None else sqrt(variance),
        _set_limits(total, variance, inf),
    )


@lru_cache(maxsize=256)
def student_quantile(confidence: float, free: float) -> float:
    """Return how many standard errors enclose `confidence` of Student's t with `free` degrees of freedom.

    Whole degrees from 1, or infinitely many: the normal deviate. Newton's method on the exact finite sums of
    M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4: the enclosed share
    bends downward and the normal deviate lies below, so no step goes too far.
    """
    t = normal_quantile(confidence)
    if free == inf:
        return t
    free = int(free)
    step = inf
    density = exp(lgamma((free + 1) / 2) - lgamma(free / 2)) / sqrt(free * pi)
    while step > 1e-13 * t:
        slope = 2 * density * exp(-(free + 1) / 2 * log1p(t * t / free))
        step = (confidence - _enclose(t, free)) / slope
        t += step
    return t


def _enclose(t: float, free: int) -> float:
    """Return the share of Student's distribution between -t and t, for whole degrees of freedom."""
    angle = atan(t / sqrt(free))
    squared = free / (free + t * t)  # of the angle's cosine
    odd = free % 2
    term = sqrt(squared) if odd else 1.0
    total = term if free > 1 else 0.0
    for k in range(2 + odd, free - 1, 2):
        term *= squared * (k - 1) / k
        total += term
    enclosed = sin(angle) * total
    return (angle + enclosed) * 2 / pi if odd else enclosed


def _check(differences: Differences) -> None:
    if not 1 <= len(differences.cents) <= differences.universe:
        raise ValueError("a sample holds at least one item and no more than the universe")


def _total_variance(differences: Differences) -> float | None:
    """Return the estimated variance of the universe's total; None where one item is read of several."""
    universe, cents = differences
    sample = len(cents)
    if sample == universe:
        return 0.0
    if sample == 1:
        return None
    return universe * (universe - sample) * _deviations(cents, 2) / (sample**3 * (sample - 1))


def _deviations(cents: Sequence[int], power: int) -> int:
    """Return the sum of the powers of each item's distance from the mean, times the number of items."""
    sample, found = len(cents), sum(cents)
    return sum((sample * one - found) ** power for one in cents)


def _describe(cents: Sequence[int]) -> tuple[float | None, float | None, float | None]:
    """Return deviation (of a sample), skewness and kurtosis (of the items as a population)."""
    sample = len(cents)
    if sample == 1:
        return None, None, None
    squares, cubes, fourths = (_deviations(cents, power) for power in (2, 3, 4))
    deviation = sqrt(squares / (sample - 1)) / sample
    if not squares:
        return deviation, None, None
    return deviation, cubes / sample / (squares / sample) ** 1.5, sample * fourths / squares**2


def _set_limits(total: float, variance: float | None, free: float) -> tuple[AmountLimits, ...]:
    """Return the limits at each confidence; none where the variance is not known."""
    if variance is None:
        return ()
    limits = []
    for level in LEVELS:
        quantile = student_quantile(level / 100, max(1, free))
        precision = quantile * sqrt(variance)
        limits.append(AmountLimits(level, quantile, total - precision, total + precision, precision))
    return tuple(limits)
