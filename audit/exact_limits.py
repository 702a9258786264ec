"""Exact limits of how many items of a universe have a characteristic, told from a sample without replacement.

Pure arithmetic in whole numbers: the hypergeometric distribution is summed and compared as fractions of whole
numbers, so that no rounding decides a limit, whatever the size of the universe.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import NamedTuple


class CountLimits(NamedTuple):
    """The fewest and the most items of the universe that may have the characteristic: both ends included."""

    low: int
    high: int


@lru_cache(maxsize=4096)
def find_exact_limits(universe: int, sample: int, found: int, tail: Fraction) -> CountLimits:
    """Return the limits that `found` of `sample` items leave, each wrong in `tail` of all samples at most.

    High is the largest count of which a sample has so few with a probability above `tail`; low the smallest
    of which it has so many. Of 0 found low is 0; of all found high is the universe. Counts that cannot be are
    a ValueError.
    """
    if not 0 <= found <= sample <= universe or sample == 0:
        raise ValueError("found lies between 0 and the sample, and the sample between 1 and the universe")
    if not 0 < tail < 1:
        raise ValueError("a tail lies between 0 and 1")
    without = sample - found
    return CountLimits(
        universe - _find_most(universe, sample, without, tail), _find_most(universe, sample, found, tail)
    )


def _find_most(universe: int, sample: int, found: int, tail: Fraction) -> int:
    """Return the largest count in the universe of which a sample has `found` or fewer oftener than `tail`."""
    limit = tail * comb(universe, sample)
    low, high = found, universe - (sample - found)
    while low < high:
        middle = (low + high + 1) // 2
        if _count_samples(universe, sample, found, middle) > limit:
            low = middle
        else:
            high = middle - 1
    return low


def _count_samples(universe: int, sample: int, found: int, having: int) -> int:
    """Return how many samples hold `found` or fewer of the `having` items of the universe."""
    without = universe - having
    held = max(0, sample - without)
    samples = comb(having, held) * comb(without, sample - held)
    total = samples
    while held < found:
        # One more of those having it, one fewer of the others; the division leaves no rest.
        samples = samples * (having - held) * (sample - held)
        held += 1
        samples //= held * (without - sample + held)
        total += samples
    return total
