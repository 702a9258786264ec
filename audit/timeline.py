"""The timeline of a line: its first and its latest answer of a first payer, and what stands outside these.

In: the postings (`audit/remittances.py`, reversals in their place) and the bills (`audit/bills.py`). Out:
`Timeline`, one value per line, as orders: a moment in the life of a line, as `Posted.order` has it.

The first answer is the earliest of a first payer, the latest its last. A notice that decides nothing
(pending, sent on, earlier decision upheld) is passed over where another answer stands beside it. A later
payer's answer is the latest only where no first payer's answer is in the files. Where no posting tells of an
answer, amounts on the line itself are one without a date.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from audit.bills import Bills
from audit.columns import Ints, Mask
from audit.lines import DECISIONS
from audit.numbering import begins_anew
from audit.remittances import (
    LAST_SENDING,
    LATER,
    PAID,
    PENDING,
    PREDETERMINED,
    SENT_ON,
    SENT_TWICE,
    UNDATED,
    UNDECIDED,
    UPHELD,
    Posted,
    day_of,
    moment,
    sending_of,
)

NEVER = 2**30
"""The order of what did not happen."""

NOT_BILLED, NO_ANSWER, WAITING = map(DECISIONS.index, ("not billed", "no answer", "pending"))


class Timeline(Struct, frozen=True):
    """When each line was answered, NEVER where it was not, and what else is said of it."""

    deciding: Mask
    """By posting: part of a first payer's answer that decides something."""
    later: Mask
    """By posting: part of a later payer's answer."""
    first: Ints
    last: Ints
    latest: Ints
    """As `last`, but of the later payer, the reversal, where that is the line's last word."""
    later_last: Ints
    changed: Mask
    """The latest answer is another one than the first."""
    has_payments: Mask
    not_billed: Mask
    predetermined: Mask
    taken_back: Mask
    """The last thing the first payer did was to reverse its answer."""
    original_missing: Mask
    """Something is reversed, or upheld, before any answer that is in the files."""
    later_only: Mask
    """A later payer answered, and no first one."""
    later_paid: Mask
    """Later payers paid something."""
    sent_on: Mask
    upheld: Mask


def read_timeline(posted: Posted, bills: Bills) -> Timeline:
    """Return when each line was first and last answered, and what stands outside these answers."""
    count = len(bills.charge)

    def said(chosen: Mask) -> Mask:
        return posted.lines_where(chosen, count)

    of_later_payer = posted.says & LATER > 0
    own = posted.is_answer & ~of_later_payer
    deciding = own & (posted.says & UNDECIDED == 0)
    later = posted.is_answer & of_later_payer
    deciding &= ~_find_passed_over(posted, deciding, count)
    upheld = own & (posted.says & UPHELD > 0)
    reversal = posted.reversal & ~of_later_payer

    first, last = _find_ends(posted, deciding, count)
    first = _find_first_sending(posted, deciding, first)
    _, later_last = _find_ends(posted, later, count)
    later_only = (first == NEVER) & (later_last != NEVER)
    waiting = said((posted.word == WAITING) | (posted.word == NO_ANSWER))
    by_columns = (first == NEVER) & ~later_only & ~waiting & bills.tells_answer
    first[by_columns] = last[by_columns] = moment(UNDATED)

    first_reversed, last_reversed = _find_ends(posted, reversal, count)
    first_upheld, _ = _find_ends(posted, upheld, count)
    taken_back = (last_reversed != NEVER) & ((last == NEVER) | (last_reversed >= last))
    missing = (first_reversed < first) | ((first != NEVER) & (first_upheld < first))
    later_paid = posted.sum_signed(of_later_payer & (posted.part == PAID), count) > 0
    return Timeline(
        deciding=deciding,
        later=later,
        first=first,
        last=last,
        latest=np.where(taken_back, last_reversed, np.where(later_only, later_last, last)),
        later_last=later_last,
        changed=(first != last) | taken_back | missing | later_only | later_paid | bills.voided,
        has_payments=said(posted.part == PAID),
        not_billed=bills.self_pay | said(posted.word == NOT_BILLED),
        predetermined=said((posted.says & PREDETERMINED > 0) | (posted.word == NO_ANSWER)),
        taken_back=taken_back,
        original_missing=missing,
        later_only=later_only,
        later_paid=later_paid,
        sent_on=said(own & (posted.says & SENT_ON > 0)),
        upheld=said(upheld),
    )


def _find_passed_over(posted: Posted, deciding: Mask, count: int) -> Mask:
    """Mark refusals as a duplicate of the line's own earlier sending, where another answer decides."""
    sent_twice = posted.says & SENT_TWICE > 0
    if not sent_twice.any():
        return sent_twice
    return sent_twice & posted.lines_where(deciding & ~sent_twice, count)[posted.line]


def _find_first_sending(posted: Posted, deciding: Mask, first: Ints) -> Ints:
    """Return the first answer to the earliest sending that has one, whenever later sendings were answered."""
    sending = sending_of(posted.order)
    if not sending.any():
        return first
    earliest = np.full(len(first), LAST_SENDING, dtype=sending.dtype)
    np.minimum.at(earliest, posted.line[deciding], sending[deciding])
    of_it = deciding & (sending == earliest[posted.line])
    return _find_ends(posted, of_it, len(first))[0]


def find_first(posted: Posted, timeline: Timeline) -> Ints:
    """Return the postings that make up the first answers."""
    return np.flatnonzero(timeline.deciding & (posted.order == timeline.first[posted.line]))


def find_latest(posted: Posted, timeline: Timeline) -> Ints:
    """Return the postings of changed lines' latest answers: a later payer's where there is no other."""
    rows = np.flatnonzero(timeline.changed[posted.line])
    line, order = posted.line[rows], posted.order[rows]
    own = timeline.deciding[rows] & (order == timeline.last[line])
    others = timeline.later[rows] & timeline.later_only[line] & (order == timeline.later_last[line])
    latest: Ints = rows[own | others]
    return latest


def count_dates(posted: Posted, count: int) -> Ints:
    """Return on how many dates each line was answered, by any payer, reversals included."""
    counted = (posted.is_answer | posted.reversal) & (posted.says & (PENDING | SENT_ON) == 0)
    first, last = (day_of(order) for order in _find_ends(posted, counted, count))
    dates: Ints = (first != day_of(NEVER)).astype(np.int16)
    several = first < last
    rows = np.flatnonzero(counted & several[posted.line])
    answer = np.sort(posted.line[rows] * 2**30 + (day_of(posted.order[rows]) - UNDATED))
    dates[several] = np.bincount(answer[begins_anew(answer)] >> 30, minlength=count)[several]
    return dates


def _find_ends(posted: Posted, chosen: Mask, count: int) -> tuple[Ints, Ints]:
    """Return the first and the last order, by line, of the chosen postings; NEVER where there is none."""
    first = np.full(count, NEVER, dtype=np.int32)
    last = np.full(count, -NEVER, dtype=np.int32)
    rows = np.flatnonzero(chosen)
    if 2 * len(rows) < len(chosen):
        line = posted.line[rows]
        np.minimum.at(first, line, posted.order[rows])
        np.maximum.at(last, line, posted.order[rows])
    else:
        np.minimum.at(first, posted.line, np.where(chosen, posted.order, np.int32(NEVER)))
        np.maximum.at(last, posted.line, np.where(chosen, posted.order, np.int32(-NEVER)))
    last[last == -NEVER] = NEVER
    return first, last
