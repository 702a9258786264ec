"""Two chart reviews beside each other: what may be said of the change of their error rates.

In: two saved reviews. The interval of the difference is made of both reviews' own 95 % limits by the squares
of their distances (G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693-1702), so that it knows how
few charts were read, how large the frames are, and the strata. Limits are whole items, so each end goes half
an item outward: without that, frames of which most was read alarm too often (31 % of pairs of 36 charts of 40
at 5 % errors); with it at most 4.1 % of pairs do where nothing changed (simulated without strata: 11 to 90
charts of 20 to 300, errors in 5, 20 and 40 %). Refused: chi-square, which takes a dozen charts for a crowd.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, NamedTuple

from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW

if TYPE_CHECKING:
    from audit.chart_record import ChartReview


class Change(NamedTuple):
    """An outcome word, and the difference of the two shares with its 95 % interval where there is one."""

    outcome: str
    change: float | None = None
    low: float | None = None
    high: float | None = None


def is_alike(one: ChartReview, other: ChartReview) -> bool:
    """Tell whether two random samples were drawn from the same kind of items."""
    return one.kind == other.kind == "random" and (one.of, one.where) == (other.of, other.where)


def tell_change(earlier: ChartReview, later: ChartReview, smallest: int) -> Change:
    """Return what may be said: nothing but *too few to tell* under `smallest` charts that tell in either."""
    if not (earlier.share and later.share) or min(earlier.told.base, later.told.base) < smallest:
        return Change(TOO_FEW)
    (rate1, below1, above1), (rate2, below2, above2) = _distances(earlier), _distances(later)
    change = rate2 - rate1
    low, high = change - hypot(below2, above1), change + hypot(above2, below1)
    if low > 0:
        outcome = HIGHER
    elif high < 0:
        outcome = LOWER
    else:
        outcome = BY_CHANCE if change > 0 else NOT_HIGHER
    return Change(outcome, change, max(-1.0, low), min(1.0, high))


def _distances(review: ChartReview) -> tuple[float, float, float]:
    """Return a review's share, and how far its limits lie below and above, as an interval of items has it."""
    assert review.share
    rate, low, high = review.share
    half = 0.5 / review.frame if review.told.base < review.frame else 0.0
    return rate, max(0.0, rate - low) + half, max(0.0, high - rate) + half
