"""What each posting of a remittance says: on which day, for which part of an answer, how many cents.

In: the postings joined to lines (`audit/lines.py`), as columns; the class of each reason from
`config/reasons.csv`. Out: `Posted`, the same postings as aligned arrays of numbers; each distinct text is
looked up once.

**An answer** is what one payer did to one line on one date. Some postings are no part of one: interest, a
write-off without group and reason, a predetermination, a reversal, and a bare status word such as "pending".
What one posting says of its whole answer is said by all postings of that answer. Undated postings belong to
the line's last dated answer: they tell how things stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.codes import UNKNOWN, reason_book
from audit.columns import Columns, Ints, Mask, find_cells, look_up, read_numbers, tabulate
from audit.lines import DECISIONS
from audit.numbering import flag, total

PREDETERMINATION_STATUS, REVERSAL_STATUS, SENT_ON_STATUS = "25", "22", "23"
LATER_PAYER_STATUS = frozenset({"2", "3", "20", "21"})
"""Claim statuses of a remittance (CLP02); 19 is a first payer that also sent the claim on."""

UNPROCESSABLE_REMARK = "MA130"

NO_ANSWER_WORDS = frozenset({"not billed", "no answer", "pending"})
"""Decisions that a status word may state and that are no answer."""

# The part of an answer that a posting's cents belong to.
NOTHING, PAID, SHARE, TAKEN, PRIOR, REFUSED, UNEXPLAINED, CONTRACTUAL, ALLOWED = range(9)

PART_OF_REASON = {
    "denial": REFUSED,
    "duplicate": REFUSED,
    "bundled": REFUSED,
    "capitated": REFUSED,
    "share": SHARE,
    "taken": TAKEN,
    "prior": PRIOR,
    "interest": NOTHING,
    UNKNOWN: UNEXPLAINED,
}
"""Kind of a reason -> part; every other kind is neither covered nor refused."""

PART_OF_KIND = {"payment": PAID, "reversal": PAID, "allowed": ALLOWED}
"""Kind of a posting that has no reason -> part; the others are no amount of an answer."""

# What a posting says beside its cents, as bits.
PREDETERMINED, SENT_ON, PENDING, UPHELD, LATER, REJECTED, REPORT_ONLY, DUPLICATE, BUNDLED, CAPITATION = (
    1 << place for place in range(10)
)
SENT_TWICE = 1 << 10
"""Refused as a duplicate of an earlier sending of the same line."""

UNDECIDED = SENT_ON | PENDING | UPHELD
OF_THE_ANSWER = PREDETERMINED | UNDECIDED | LATER | SENT_TWICE
"""Said of one posting, these hold for all that the payer did to the line on that date."""

SAID_BY_REASON = {
    "predetermination": PREDETERMINED,
    "sent_on": SENT_ON,
    "pending": PENDING,
    "carry": UPHELD,
    "prior": LATER,
    "report_only": REPORT_ONLY,
    "duplicate": DUPLICATE,
    "bundled": BUNDLED,
    "capitated": CAPITATION,
}
SAID_BY_STATUS = {
    PREDETERMINATION_STATUS: PREDETERMINED,
    SENT_ON_STATUS: SENT_ON,
    **dict.fromkeys(LATER_PAYER_STATUS, LATER),
}
SAID_BY_WORD = {"pending": PENDING, "no answer": PENDING}

UNDATED = -(2**25)
"""The day of a posting that has no date."""

BITS = 4
LAST_SENDING = 7


def moment(day: Ints | int, sending: Ints | int = 0) -> Any:
    """Return a moment in the life of a line: its day, on it the sending that is answered, on it room before.

    An answer stands at an odd moment; what `audit/reversals.py` puts before it has one less.
    """
    return (day << BITS) | (sending << 1) | 1


def sending_of(order: Ints) -> Ints:
    """Return which sending of its line a moment belongs to."""
    sending: Ints = (order >> 1) & LAST_SENDING
    return sending


def day_of(order: Any) -> Any:
    """Return the day of a moment."""
    return order >> BITS


class Posted(Struct, frozen=True):
    """The postings as aligned arrays."""

    line: Ints
    order: Ints
    """The moment, days counted from 1970-01-01."""
    cents: Ints
    unread: Mask
    """An amount is there and could not be read."""
    part: Ints
    """One of NOTHING ... ALLOWED."""
    says: Ints
    """Bits, PREDETERMINED ... CAPITATION."""
    word: Ints
    """The decision that the export states in a word, as its place in DECISIONS; -1 where none."""
    stated: Ints
    """As `word`, but -1 also for the words that are no answer."""
    pair: Ints
    """Group and reason together, as their place in `labels`."""
    reversal: Mask
    is_answer: Mask
    """Part of an answer: an amount or a status word, no reversal, no predetermination."""
    labels: list[str]
    """Reasons as text: CO-97."""
    to_patient: Mask
    """By label: the group is PR."""

    def sum_signed(self, chosen: Mask, count: int) -> Ints:
        """Return the cents of the chosen postings by line; what a reversal takes back is below zero.

        Exports sign it either way.
        """
        rows = np.flatnonzero(chosen)
        cents = self.cents[rows]
        reversing = np.flatnonzero(self.reversal[rows])
        cents[reversing] = -np.abs(cents[reversing])
        return total(self.line[rows], cents, count)

    def lines_where(self, chosen: Mask, count: int) -> Mask:
        """Mark, among `count` lines, those of the chosen postings."""
        return flag(self.line[np.flatnonzero(chosen)], count)


def read_postings(postings: Columns, count: int) -> Posted:
    """Return the postings of `count` lines as arrays."""
    line = postings["line"].astype(np.intp)
    status, rank, amount = postings["claim_status"], postings["payer_rank"], postings["amount"]
    meanings = _read_kinds(*(postings[name].categories for name in ("kind", "group", "reason")))
    pair, pairs = _read_pairs(postings)
    kind = postings["kind"].codes.astype(np.int32) * np.int32(len(pairs)) + pair
    part, says = meanings.part[kind], meanings.says[kind]
    reversal = meanings.reversal[kind] | find_cells(status, REVERSAL_STATUS)
    says |= look_up(status, SAID_BY_STATUS)
    says |= look_up(postings["remarks"], _said_by_remarks(postings["remarks"].categories))
    says |= look_up(postings["stated"], SAID_BY_WORD)
    says[rank >= 2] |= LATER
    if "again" in postings:
        says[postings["again"] & (says & DUPLICATE > 0)] |= SENT_TWICE
    day = read_days(postings["posted_on"])
    sending: Any = np.minimum(postings["sending"], LAST_SENDING) if "sending" in postings else 0
    _spread(says, line, day, rank, sending)
    if np.ndim(sending) == 0:
        _date_the_undated(day, line, count)
    else:
        _date_the_undated(day, line * (LAST_SENDING + 1) + sending, count * (LAST_SENDING + 1))

    word = look_up(postings["stated"], {name: place for place, name in enumerate(DECISIONS)}, -1)
    stated = np.where(find_cells(postings["stated"], *NO_ANSWER_WORDS), np.int16(-1), word)
    return Posted(
        line=line,
        order=moment(day, sending).astype(np.int32),
        cents=read_numbers(amount),
        unread=amount.isna() & (part != NOTHING),
        part=part,
        says=says,
        word=word,
        stated=stated,
        pair=pair,
        reversal=reversal,
        is_answer=((part != NOTHING) | (stated >= 0)) & ~reversal & (says & PREDETERMINED == 0),
        labels=["-".join(filter(None, pair)) for pair in pairs],
        to_patient=np.array([group == "PR" for group, _ in pairs], dtype=np.bool_),
    )


class _Meanings(NamedTuple):
    """What kind, group and reason of a posting mean together, kinds outermost, reasons innermost."""

    part: Ints
    says: Ints
    reversal: Mask


def _read_kinds(kinds: Sequence[str], groups: Sequence[str], reasons: Sequence[str]) -> _Meanings:
    """Return what each kind, group and reason mean together.

    An adjustment is what its reason says, without a reason what its group says; all else is what its kind
    says.
    """
    book = reason_book()
    known = {reason: book.kind_of(reason) for reason in reasons if reason}
    by_reason = {reason: PART_OF_REASON.get(kind, CONTRACTUAL) for reason, kind in known.items()}
    by_group = {group: CONTRACTUAL for group in groups if group} | {"PR": SHARE}
    said = {reason: SAID_BY_REASON.get(kind, 0) for reason, kind in known.items()}

    kind_is = tabulate(kinds, {"adjustment": 1, "reversal": 2})[:, np.newaxis, np.newaxis]
    group_is = tabulate(groups, {"": 1, "CO": 1, "CR": 2})[:, np.newaxis]
    of_kind = tabulate(kinds, PART_OF_KIND, NOTHING)[:, np.newaxis, np.newaxis]
    of_group = tabulate(groups, by_group, NOTHING)[:, np.newaxis]
    has_reason = tabulate(reasons, dict.fromkeys(known, 1)) > 0
    part = np.where(
        has_reason, tabulate(reasons, by_reason), np.where(of_group == NOTHING, of_kind, of_group)
    )
    part = np.where(kind_is > 0, part, of_kind)
    says = np.where((kind_is > 0) & has_reason, tabulate(reasons, said), np.int16(0))
    says = np.where(group_is == 1, says, says & ~CAPITATION)
    return _Meanings(
        part.ravel(), says.ravel(), np.broadcast_to((kind_is == 2) | (group_is == 2), part.shape).ravel()
    )


def _said_by_remarks(cells: Iterable[str]) -> dict[str, int]:
    return {cell: REJECTED for cell in cells if UNPROCESSABLE_REMARK in cell.split()}


def _read_pairs(postings: Columns) -> tuple[Ints, list[tuple[str, str]]]:
    """Return each posting's group and reason as one number, and what the numbers stand for."""
    groups = [str(text) for text in postings["group"].categories]
    reasons = [str(text) for text in postings["reason"].categories]
    pair = postings["group"].codes.astype(np.int32) * np.int32(len(reasons))
    pair += postings["reason"].codes
    return pair, [(group, reason) for group in groups for reason in reasons]


def read_days(dates: Ints) -> Ints:
    """Return days since 1970, UNDATED where there is no date."""
    day: Ints = np.where(np.isnat(dates), UNDATED, dates.view(np.int64) // 86400).astype(np.int32)
    return day


def _spread(says: Ints, line: Ints, day: Ints, rank: Ints, sending: Any) -> None:
    """Let what one posting says of its whole answer be said by all postings of the answer."""
    spreading = says & OF_THE_ANSWER
    if not spreading.any():
        return
    rows = np.flatnonzero(flag(line[spreading > 0], int(line.max()) + 1)[line])
    of_sending = sending if np.ndim(sending) == 0 else sending[rows]
    answer = ((line[rows] * 2**27 + (day[rows] - UNDATED)) * 128 + rank[rows]) * 8 + of_sending
    number, distinct = pd.factorize(answer)
    said = np.zeros(len(distinct), dtype=says.dtype)
    np.bitwise_or.at(said, number, spreading[rows])
    says[rows] |= said[number]


def _date_the_undated(day: Ints, of: Ints, count: int) -> None:
    """Give undated postings the day of the last dated answer to the same sending of the line, if any."""
    undated = day == UNDATED
    if undated.any() and not undated.all():
        last = np.full(count, UNDATED, dtype=np.int32)
        np.maximum.at(last, of, day)
        day[undated] = last[of[undated]]
