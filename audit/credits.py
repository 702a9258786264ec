"""Money over time: when a line was first paid, what payers took back, and where more is paid than allowed.

In: the postings (`audit/remittances.py`, reversals in their place) and the amounts that the answers tell in
the end. Out: `Money`, one value per line, whole cents and days.

A credit is what all payers paid, and what is left to the patient, above what is allowed. What later payers
paid was left to the patient by the first one, so it counts once. Where no posting tells of a payment, the
amount on the line may hold later payers' money too: there the patient's share is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from audit.columns import UNTOLD, Ints, Mask
from audit.numbering import begins_anew, flag, total
from audit.remittances import LATER, PAID, PREDETERMINED, UNDATED, Posted, day_of


class Amounts(NamedTuple):
    """What is told of each line in the end, in cents; UNTOLD where nothing is."""

    paid: Ints
    allowed: Ints
    share: Ints


class Money(NamedTuple):
    """What became of each line's money; days are UNDATED where nothing happened, or at no known day."""

    first_paid: Ints
    """Day of the first payment above zero, by any payer."""
    taken_back: Ints
    """Taken back and not paid again; 0 none, UNTOLD where an amount could not be read."""
    taken_back_since: Ints
    """Day since which something of it was taken back."""
    credit: Ints
    """Paid and left to the patient above what is allowed; 0 none, UNTOLD where that cannot be told."""
    credit_since: Ints
    """Day since which there is a credit."""


class _Moments(NamedTuple):
    """The payments of some lines, summed by moment, line by line, in order."""

    line: Ints
    order: Ints
    balance: Ints
    """Paid up to this moment, in cents."""
    by_later: Ints
    """Of this, by later payers."""

    @property
    def starts(self) -> Ints:
        return np.flatnonzero(begins_anew(self.line))


def follow_money(posted: Posted, amounts: Amounts, count: int) -> Money:
    """Return what became of the money of `count` lines."""
    paying = (posted.part == PAID) & (posted.says & PREDETERMINED == 0)
    credit = _find_credits(posted, amounts, paying, count)
    taken_back, since = _find_taken_back(posted, paying, count)
    return Money(
        first_paid=_find_first_paid(posted, paying, count),
        taken_back=taken_back,
        taken_back_since=since,
        credit=credit,
        credit_since=_date_credits(posted, amounts, paying, credit),
    )


def _find_first_paid(posted: Posted, paying: Mask, count: int) -> Ints:
    rows = np.flatnonzero(paying & (posted.cents > 0) & ~posted.reversal)
    never = np.iinfo(np.int32).max
    first = np.full(count, never, dtype=np.int32)
    np.minimum.at(first, posted.line[rows], posted.order[rows])
    return np.where(first == never, UNDATED, day_of(first))


def _find_taken_back(posted: Posted, paying: Mask, count: int) -> tuple[Ints, Ints]:
    """Return by how much the last balance of each line lies below its highest (or below 0), and since when.

    The day is that of the first posting behind the last highest balance: the payment may have been decided
    anew, or the claim withdrawn, on other days.
    """
    taken = np.zeros(count, dtype=np.int64)
    since = np.full(count, UNDATED, dtype=np.int64)
    taking = paying & (posted.reversal | (posted.cents < 0))
    if taking.any():
        moments = _lay_out(posted, paying, posted.lines_where(taking, count))
        starts = moments.starts
        ends = np.append(starts[1:], len(moments.line)) - 1
        highest = np.maximum(np.maximum.reduceat(moments.balance, starts), 0)
        taken[moments.line[starts]] = highest - moments.balance[ends]
        at_highest = moments.balance == np.repeat(highest, ends - starts + 1)
        place = np.where(at_highest, np.arange(1, len(at_highest) + 1), 0)
        begun = np.maximum(np.maximum.reduceat(place, starts), starts)
        lower = taken[moments.line[starts]] > 0
        since[moments.line[starts[lower]]] = day_of(moments.order[begun[lower]])
        unread = posted.line[paying & posted.unread & flag(moments.line, count)[posted.line]]
        taken[unread], since[unread] = UNTOLD, UNDATED
    return taken, since


def _find_credits(posted: Posted, amounts: Amounts, paying: Mask, count: int) -> Ints:
    known = (amounts.paid != UNTOLD) & (amounts.allowed != UNTOLD)
    left = _left_to_patient(amounts, posted.sum_signed(paying & (posted.says & LATER > 0), count))
    left[~posted.lines_where(paying, count)] = 0
    above = np.where(known, amounts.paid, 0) + left - np.where(known, amounts.allowed, 0)
    return np.where(known, np.maximum(above, 0), UNTOLD)


def _left_to_patient(amounts: Amounts, by_later: Ints, at: Ints | slice = slice(None)) -> Ints:
    """Return what is left to the patient once later payers have paid `by_later`."""
    share = amounts.share[at]
    left: Ints = np.maximum(np.where(share == UNTOLD, 0, share) - np.maximum(by_later, 0), 0)
    return left


def _date_credits(posted: Posted, amounts: Amounts, paying: Mask, credit: Ints) -> Ints:
    """Return the day of the posting since which each credit stands: of the last where none begins one."""
    since = np.full(len(credit), UNDATED, dtype=np.int64)
    moments = _lay_out(posted, paying, credit > 0)
    if len(moments.line):
        line = moments.line
        left = _left_to_patient(amounts, moments.by_later, line)
        above = moments.balance + left > amounts.allowed[line]
        since[line] = day_of(moments.order)
        begun = above & ~np.append(False, above[:-1] & (line[1:] == line[:-1]))
        since[line[begun]] = day_of(moments.order[begun])
    return since


def _lay_out(posted: Posted, paying: Mask, lines: Mask) -> _Moments:
    """Return the payments of the marked lines by moment."""
    rows = np.flatnonzero(paying & lines[posted.line]) if lines.any() else np.empty(0, dtype=np.int64)
    rows = rows[np.lexsort((posted.order[rows], posted.line[rows]))]
    line, order = posted.line[rows], posted.order[rows]
    cents = np.where(posted.reversal[rows], -np.abs(posted.cents[rows]), posted.cents[rows])
    anew = begins_anew(line) | begins_anew(order)
    place = np.cumsum(anew) - 1
    by_later = np.where(posted.says[rows] & LATER > 0, cents, 0)
    balance, later = (
        _run_up(total(place, each, int(anew.sum())), begins_anew(line[anew])) for each in (cents, by_later)
    )
    return _Moments(line[anew], order[anew], balance, later)


def _run_up(cents: Ints, anew: Mask) -> Ints:
    """Return running sums, begun again where marked."""
    sums = np.cumsum(cents)
    starts = np.flatnonzero(anew)
    before = sums[starts] - cents[starts]
    running: Ints = sums - np.repeat(before, np.diff(starts, append=len(sums)))
    return running
