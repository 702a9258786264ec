"""Waiting: what answers still to come could do to a word of change.

Months are compared at the same age. That alone does not keep a word from coming only of claims still
unanswered, since a payer's pace may have changed: denials that come sooner than they used to look like more
of them. So each figure is compared with its past as both stand today, too, with every line that waits taken
for the case that speaks against the word, and the less surprising of the two comparisons counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.evidence import Past, find_tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

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
    at_most = find_tails(today.happened + today.waiting, today.every, low)[0]
    at_least = find_tails(today.happened, today.every, high)[1]
    return np.maximum(lower, at_most), np.maximum(upper, at_least)
