"""What a sample of so many charts would tell: exact limits for what it might find.

Pure arithmetic, for those who decide how many charts to read.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import NamedTuple

from audit.exact_limits import find_exact_limits

SIZES = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100)
ERRORS = (0, 5, 10, 20)
"""Percent of the charts read in which something might be found."""

LEVELS = (90, 95)


class Prospect(NamedTuple):
    """What `sample` of `universe` charts tell if `found` of them have an error, at one confidence (percent).

    `errors` is the percentage asked for; `found` the fewest charts that are at least that. Between `low` and
    `high` charts of the universe, both included, then may have one.
    """

    universe: int
    sample: int
    errors: int
    found: int
    confidence: int
    low: int
    high: int

    @property
    def half_width(self) -> float:
        """Half of the distance between the limits, as a share of the universe."""
        return (self.high - self.low) / (2 * self.universe)


def plan_sizes(universe: int) -> tuple[Prospect, ...]:
    """Return what samples of 5 to 100 charts of the universe would tell: by size, errors and confidence.

    A universe of no more than 100 charts ends with all of them read. Of no charts nothing can be told.
    """
    sizes = [size for size in SIZES if size < universe]
    if 0 < universe <= SIZES[-1]:
        sizes.append(universe)
    return tuple(
        _foresee(universe, size, errors, level) for size in sizes for errors in ERRORS for level in LEVELS
    )


def _foresee(universe: int, size: int, errors: int, level: int) -> Prospect:
    found = ceil(Fraction(size * errors, 100))
    low, high = find_exact_limits(universe, size, found, Fraction(100 - level, 200))
    return Prospect(universe, size, errors, found, level, low, high)
