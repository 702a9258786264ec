"""Reversals: which answer a reversal cancels, when both are posted on one day.

In: the postings as `audit/remittances.py` reads them. Out: the same, with the reversals, and what they cancel
on their own day, put before the other postings of that day.

A reversal on a later day than the answer it cancels needs nothing of this: it stands between the answer and
its correction. On one day an answer is recognized as the canceled one only where the line has no earlier
answer, and where each reversed amount stands beside the same amount unreversed; otherwise what stands beside
a reversal is its correction.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from audit.columns import Ints
from audit.numbering import begins_anew, count_before, flag
from audit.remittances import NOTHING, PAID, Posted


def order_reversals(posted: Posted, count: int) -> Posted:
    """Return the postings of `count` lines with what is reversed before what corrects it."""
    if not posted.reversal.any():
        return posted
    order = posted.order - posted.reversal.astype(np.int32)
    order[_find_canceled(posted, count)] -= np.int32(1)
    return replace(posted, order=order)


def _find_canceled(posted: Posted, count: int) -> Ints:
    """Return the postings that a reversal of the line's first day cancels, one for each posting reversed."""
    reversed_lines = posted.lines_where(posted.reversal, count)
    rows = np.flatnonzero(reversed_lines[posted.line] & (posted.part != NOTHING))
    first = np.full(count, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(first, posted.line[rows], posted.order[rows])
    rows = rows[posted.order[rows] == first[posted.line[rows]]]

    amount, line, undone = _number_amounts(posted, rows), posted.line[rows], posted.reversal[rows]
    undone_times = np.bincount(amount, weights=undone)[amount]
    unmatched = undone_times > np.bincount(amount, weights=~undone)[amount]
    answers = np.flatnonzero(~undone & ~flag(line[unmatched], count)[line])
    canceled: Ints = rows[answers][count_before(amount[answers]) < undone_times[answers]]
    return canceled


def _number_amounts(posted: Posted, rows: Ints) -> Ints:
    """Return one number per posting, equal for the same line, reason and amount, whatever its sign."""
    keys = (posted.line, posted.part == PAID, posted.pair, np.abs(posted.cents))
    parts = [key[rows] for key in keys]
    order = np.lexsort(parts)
    number = np.empty(len(rows), dtype=np.int64)
    number[order] = np.cumsum(np.any([begins_anew(part[order]) for part in parts], axis=0)) - 1
    return number
