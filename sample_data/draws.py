"""Chance, days and size: what everything in the sample practice is made of.

In go a seed and how many draws are wanted; out come arrays of whole numbers, coins or positions. All chance
comes from uniform draws of one PCG64 stream and is turned into values by comparisons and whole-number
arithmetic alone, so that every machine gets the same. Dates are days since 1970-01-01, and -1 is blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

AS_OF = date(2026, 11, 20)
REPORT_MONTH = "2026-09"
SEED = 114
LINES, MONTHS = 7300, 25
EPOCH = date(1970, 1, 1)
BLANK = -1


def day(text: str) -> int:
    """Days since 1970-01-01 of an ISO date."""
    return (date.fromisoformat(text) - EPOCH).days


def whole(values: NDArray[Any]) -> Ints:
    """`values` as 64-bit whole numbers."""
    found: Ints = values.astype(np.int64)
    return found


class Draws:
    """Chance: every kind of draw is made from uniform doubles of one seeded stream."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, count: int) -> NDArray[np.float64]:
        """`count` numbers from 0 up to, not including, 1."""
        return self.generator.random(count)

    def between(self, count: int, low: int, high: int) -> Ints:
        """`count` whole numbers from `low` to `high`, both included."""
        return low + (self.uniform(count) * (high - low + 1)).astype(np.int64)

    def chance(self, count: int, share: float | NDArray[np.float64]) -> Bools:
        """`count` coins that fall on yes with probability `share`."""
        return self.uniform(count) < share

    def pick(self, count: int, weights: Sequence[float] | NDArray[np.float64]) -> Ints:
        """`count` positions in `weights`, each as often as it weighs."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return whole(np.searchsorted(edges, self.uniform(count) * edges[-1], side="right"))

    def deal(self, count: int, weights: Sequence[float]) -> Ints:
        """As `pick`, but dealt out in turn, so that no stretch has much more of one than its weight."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        place = (np.arange(count) * 0.6180339887498949 + self.uniform(1)) % 1.0
        return whole(np.searchsorted(edges, place * edges[-1], side="right"))

    def spread(self, count: int, weights: NDArray[np.float64]) -> Ints:
        """As `pick`, in ascending order and evenly: chance only decides within each `count`-th part."""
        edges = np.cumsum(weights)
        place = (np.arange(count) + self.uniform(count)) / count
        return whole(np.searchsorted(edges, place * edges[-1], side="right"))


class Scale(NamedTuple):
    """How large a practice to make; `codes` and `payers` are 0 for the practice's own."""

    lines: int = LINES
    months: int = MONTHS
    codes: int = 0
    payers: int = 0
