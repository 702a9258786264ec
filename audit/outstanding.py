"""Outstanding: what answers still to come could do to a word of change.

Months are compared at the same age. That alone does not keep a word from coming only of claims still
unanswered, since a payer's pace may have changed: denials that come sooner than they used to look like more
of them. So each figure is compared with its past as both stand today, too, with every line that waits taken
for the case that speaks against the word. Where few lines wait, that must be surprising by itself; where more
than a tenth do, as surprising as the comparison at the same age. (To ask for the latter always would be safer
still, and misses one rise in five that lasts a month, 25 days after it.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.evidence import Past, find_tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MANY = 0.1
"""Share of lines waiting that is many."""

ALONE = 0.005
"""The tail at which the comparison as of today is surprising by itself."""

CERTAIN = 1e-6
"""How near to never and always a rate may lie."""


class Today(NamedTuple):
    """The judged months of each figure as they stand today, in effective lines, and the rate of its past.

    `waiting` are the lines out of `every` that are not decided.
    """

    happened: Floats
    waiting: Floats
    every: Floats
    rate: Floats


def temper(lower: Floats, upper: Floats, past: Past, today: Today) -> tuple[Floats, Floats]:
    """Return the tails of a comparison at the same age, as far as answers still to come cannot undo them.

    `past` is that of the same age. The lower tail takes every line that waits to be denied, the upper none.
    """
    rate = np.clip(today.rate, CERTAIN, 1 - CERTAIN)
    low, high = (past._replace(rate=one(past.rate, rate)) for one in (np.minimum, np.maximum))
    many = today.waiting > MANY * today.every
    at_most = find_tails(today.happened + today.waiting, today.every, low)[0]
    at_least = find_tails(today.happened, today.every, high)[1]
    return _raise(lower, at_most, many), _raise(upper, at_least, many)


def _raise(tail: Floats, today: Floats, many: NDArray[np.bool_]) -> Floats:
    """Return the tail at the same age, raised where that of today is not surprising enough."""
    raised: Floats = np.where(many | (today > ALONE), np.maximum(tail, today), tail)
    return raised
