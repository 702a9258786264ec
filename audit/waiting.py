"""Waiting: what answers still to come could do to a word of change.

Months are compared at the same age. That alone does not keep a word from coming only of claims still
unanswered, since a payer's pace may have changed. So

- where more than a tenth of a figure's lines wait, a word must also hold beside the past as it stands today,
  with every line that waits taken for the case that speaks against the word;
- where fewer wait, the same is done with those only that wait, or no longer wait, beyond what earlier months
  let expect at that age;
- always the rate must end above the past (or below it) whatever the answers to come will be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.evidence import Past, find_tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CHANCE = 2.0
"""Standard errors by which the lines that wait may differ from earlier months' and be as usual."""

MANY = 0.1
"""Share of lines that wait from which all of them are reckoned with."""

NO_EVIDENCE = 0.5
"""The tail of a change that answers still to come could undo."""


class Awaited(NamedTuple):
    """Lines that wait at the age of the test, a figure an entry, in effective lines.

    `now` of the months judged; `before` of the earlier months, out of `every` that waited or was decided;
    `settled` is the rate of the earlier months as they stand today.
    """

    now: Floats
    before: Floats
    every: Floats
    settled: Floats


def count_unusual(n: Floats, awaited: Awaited) -> Floats:
    """Return how many more lines wait than earlier months let expect, beyond chance; below 0: fewer.

    `n` are the lines decided now.
    """
    lines = n + awaited.now
    share = (awaited.before + 0.5) / (awaited.every + 1)
    more = awaited.now - share * lines
    chance = CHANCE * np.sqrt(share * (1 - share) * lines * (1 + lines / (awaited.every + 1)))
    beyond: Floats = np.sign(more) * np.maximum(np.abs(more) - chance, 0.0)
    return beyond


def find_cautious_tails(happened: Floats, n: Floats, past: Past, awaited: Awaited) -> tuple[Floats, Floats]:
    """Return the tails of `find_tails`, as far as answers still to come cannot undo them."""
    lower, upper = find_tails(happened, n, past)
    many = awaited.now > MANY * (n + awaited.now)
    more = np.where(many, awaited.now, count_unusual(n, awaited))
    rows = np.flatnonzero(more)
    if len(rows):
        size = np.maximum(n + more, 1.0)[rows]
        # Lines that wait come to be denied, or none of them; those that wait no longer were so, or none.
        most = np.minimum(happened + np.maximum(more, 0), n + more)[rows]
        least = np.maximum(happened + np.minimum(more, 0), 0)[rows]
        today = np.where(many, np.clip(awaited.settled, 1e-6, 1 - 1e-6), past.rate)
        low, high = (
            Past(one(past.rate, today)[rows], past.precision[rows], past.effective[rows])
            for one in (np.minimum, np.maximum)
        )
        lower[rows] = np.maximum(lower[rows], find_tails(most, size, low)[0])
        upper[rows] = np.maximum(upper[rows], find_tails(least, size, high)[1])
    lowest, highest = (count / (n + awaited.now) for count in (happened, happened + awaited.now))
    return (
        np.where(highest < awaited.settled, lower, np.maximum(lower, NO_EVIDENCE)),
        np.where(lowest > awaited.settled, upper, np.maximum(upper, NO_EVIDENCE)),
    )
