"""Two chart reviews beside each other: what may be said of the change of their error rates.

In: two saved reviews. The interval of the difference is made of both reviews' own 95 % limits by the squares
of their distances (G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693-1702), so that it knows how
few charts were read, how large the frames are, and the strata. The limits are exact or on the safe side, and
so is the word. Refused: chi-square, which takes a dozen charts for a crowd.
"""

from __future__ import annotations

from math import sqrt
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
    before, now = earlier.share, later.share
    if before is None or now is None or min(earlier.told.base, later.told.base) < smallest:
        return Change(TOO_FEW)
    (rate1, low1, high1), (rate2, low2, high2) = before, now
    change = rate2 - rate1
    low = change - sqrt((rate2 - low2) ** 2 + (high1 - rate1) ** 2)
    high = change + sqrt((high2 - rate2) ** 2 + (rate1 - low1) ** 2)
    if low > 0:
        outcome = HIGHER
    elif high < 0:
        outcome = LOWER
    else:
        outcome = BY_CHANCE if change > 0 else NOT_HIGHER
    return Change(outcome, change, max(-1.0, low), min(1.0, high))
