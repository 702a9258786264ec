"""Attribute appraisal: how many items of the universe have a characteristic, judged by a random sample.

Pure arithmetic. Unrestricted samples are appraised as the government auditors' program RAT-STATS appraises
them: exact hypergeometric limits and the standard error with the finite population correction.

A stratified sample has no exact limits that could be computed for many strata. Here each stratum's exact
limits are combined by the squares of their distances from its estimate (G. Y. Zou and A. Donner, Statistics
in Medicine 27 (2008) 1693-1702). They never lie nearer than the exact limits of an unrestricted sample that
tells as much (its effective size: L. Kish, Survey Sampling (1965), section 11.7), which matters where
anything is found in few strata only. Simulated for 2 to 15 strata of 10 to 400 items, 5 to 20 read, and
counted out for two: they hold the truth at least as often as they say, 90 % limits in 97 % of samples on
average. What RAT-STATS gives for strata is not known here; these are not said to equal it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor, sqrt
from typing import NamedTuple

from msgspec import Struct

from audit.exact_limits import CountLimits, find_exact_limits
from audit.intervals import LEVELS, Level


class Counted(NamedTuple):
    """A sample read: how many items it was drawn from, were read, and have the characteristic."""

    universe: int
    sample: int
    found: int


class AttributeLimits(NamedTuple):
    """How many items of the universe may have the characteristic, at one confidence (percent).

    `two_sided` holds both ends at once with that confidence; each end of `one_sided` alone does.
    """

    confidence: Level
    two_sided: CountLimits
    one_sided: CountLimits


class AttributeAppraisal(Struct, frozen=True):
    """An estimate of how many of `universe` items have the characteristic, from `found` of `sample` read.

    `total` is that estimate in items; `share_error` is the standard error of `share`, None where one item was
    read of a stratum of several. `exact`: the limits are, which those of several strata are not.
    """

    universe: int
    sample: int
    found: int
    total: float
    share_error: float | None
    limits: tuple[AttributeLimits, ...]
    exact: bool

    @property
    def share(self) -> float:
        """The estimated share of the universe."""
        return self.total / self.universe

    @property
    def total_error(self) -> float | None:
        """The standard error of `total`, in items."""
        return None if self.share_error is None else self.universe * self.share_error

    def at(self, confidence: int) -> AttributeLimits:
        """Return the limits at 80, 90 or 95 %."""
        return next(one for one in self.limits if one.confidence == confidence)


def appraise_attribute(counted: Counted) -> AttributeAppraisal:
    """Appraise an unrestricted sample, to RAT-STATS' digit. Counts that cannot be are a ValueError."""
    universe, sample, found = counted
    limits = tuple(
        AttributeLimits(level, *(find_exact_limits(*counted, tail) for tail in _tails(level)))
        for level in LEVELS
    )
    total, variance = universe * found / sample, _share_variance(counted)
    error = None if variance is None else sqrt(variance)
    return AttributeAppraisal(universe, sample, found, total, error, limits, exact=True)


def appraise_stratified_attribute(strata: Sequence[Counted]) -> AttributeAppraisal:
    """Appraise a stratified sample: each stratum counts by its size, not by how much of it was read.

    Every stratum of the universe is to be told, with at least one item read; otherwise a ValueError. A single
    stratum is an unrestricted sample.
    """
    if len(strata) == 1:
        return appraise_attribute(strata[0])
    universe, sample, found = (sum(column) for column in zip(*strata, strict=True))
    limits = tuple(
        AttributeLimits(level, *(_combine_limits(strata, tail) for tail in _tails(level))) for level in LEVELS
    )
    variances = [_share_variance(one) for one in strata]
    error = None
    if None not in variances:
        squares = (one.universe**2 * (variance or 0) for one, variance in zip(strata, variances, strict=True))
        error = sqrt(sum(squares)) / universe
    total = sum(one.universe * one.found / one.sample for one in strata)
    return AttributeAppraisal(universe, sample, found, total, error, limits, exact=False)


def _tails(level: int) -> tuple[Fraction, Fraction]:
    """Return what may lie beyond an end: of two-sided limits, of one-sided ones."""
    return Fraction(100 - level, 200), Fraction(100 - level, 100)


def _share_variance(counted: Counted) -> float | None:
    """Return the estimated variance of a sample's share; None where one item is read of several."""
    universe, sample, found = counted
    if sample == universe:
        return 0.0
    if sample == 1:
        return None
    share = found / sample
    return share * (1 - share) * (1 - sample / universe) / (sample - 1)


def _combine_limits(strata: Sequence[Counted], tail: Fraction) -> CountLimits:
    """Return the limits of all strata together: the high one is what the items without leave."""
    without = [Counted(one.universe, one.sample, one.sample - one.found) for one in strata]
    universe = sum(one.universe for one in strata)
    return CountLimits(_combine_low(strata, tail), universe - _combine_low(without, tail))


def _combine_low(strata: Sequence[Counted], tail: Fraction) -> int:
    """Return the low limit of all strata together, to the next whole item downward.

    Strata read in full are known, and add to the limit of the others; no limit lies below what was found.
    """
    found = sum(one.found for one in strata)
    parts = [one for one in strata if one.sample < one.universe]
    if not parts:
        return found
    known = found - sum(one.found for one in parts)
    universe = sum(one.universe for one in parts)
    total, squares, weights = Fraction(0), Fraction(0), Fraction(0)
    for one in parts:
        estimate = Fraction(one.universe * one.found, one.sample)
        total += estimate
        # An estimate may lie a fraction of an item beyond its own limit.
        squares += max(Fraction(0), estimate - find_exact_limits(*one, tail).low) ** 2
        weights += Fraction(one.universe**2, one.sample)
    effective = floor(universe**2 / weights)
    alike = find_exact_limits(universe, effective, floor(total * effective / universe), tail)
    return max(found, known + min(alike.low, floor(float(total) - sqrt(squares) + 1e-9)))
