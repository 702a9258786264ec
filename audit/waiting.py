"""Waiting: what answers still to come could do to a word of change.

Months are compared at the same age, at which about the same share of lines should still wait. Where far more
wait than earlier months let expect, or far fewer, a payer's pace has changed, and a change of the rate may be
nothing but that. Such lines are taken for the case that speaks against the change, so that no word of change
comes only from claims still unanswered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.evidence import Past, find_tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CHANCE = 2.0
"""Standard errors by which the lines still waiting may differ from earlier months' and be as usual."""


def count_unusual(waiting: Floats, lines: Floats, earlier_waiting: Floats, earlier_lines: Floats) -> Floats:
    """Return how many more lines wait than earlier months let expect, beyond chance; below 0: fewer.

    Aligned arrays of effective counts: those that wait out of all that wait or are decided, now and before.
    """
    share = (earlier_waiting + 0.5) / (earlier_lines + 1)
    more = waiting - share * lines
    chance = CHANCE * np.sqrt(share * (1 - share) * lines * (1 + lines / (earlier_lines + 1)))
    beyond: Floats = np.sign(more) * np.maximum(np.abs(more) - chance, 0.0)
    return beyond


def find_cautious_tails(happened: Floats, n: Floats, past: Past, unusual: Floats) -> tuple[Floats, Floats]:
    """Return the tails of `find_tails`, with unusually many or few waiting lines taken for the other case.

    For the upper tail those that wait come to be paid, and those answered sooner than usual were all denied
    and do not count yet; for the lower tail the other way round.
    """
    lower, upper = find_tails(happened, n, past)
    rows = np.flatnonzero(unusual)
    if len(rows):
        of_rows = Past(*(one[rows] for one in past))
        count, more = happened[rows], unusual[rows]
        size = np.maximum(n[rows] + more, 1.0)
        most, least = (np.clip(count + one, 0.0, size) for one in (np.maximum(more, 0), np.minimum(more, 0)))
        lower[rows], upper[rows] = find_tails(most, size, of_rows)[0], find_tails(least, size, of_rows)[1]
    return lower, upper
