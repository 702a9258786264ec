"""Payments and adjustments of one answer per line, netted: what is paid, left, refused, and for which reason.

In: postings (`audit/remittances.py`) and the answer each belongs to. Out: `Sums`, and in it `Reasons`: one
value per answer, whole cents.

Adjustments are netted per group and reason within an answer. An amount that is there but could not be read
counts as one cent in the questions "is anything covered, refused, unexplained", and in no sum.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from msgspec import Struct

from audit.columns import UNTOLD, Ints, Mask
from audit.numbering import flag, total
from audit.remittances import (
    ALLOWED,
    CONTRACTUAL,
    PAID,
    PRIOR,
    REFUSED,
    REJECTED,
    REPORT_ONLY,
    SHARE,
    TAKEN,
    UNEXPLAINED,
    Posted,
)


class Sums(Struct, frozen=True):
    """The netted cents of one answer per line, and what it says."""

    paid: Ints
    paid_told: Mask
    share: Ints
    taken: Ints
    prior: Ints
    allowed: Ints
    """What is posted as allowed, UNTOLD where nothing is."""
    adjusted: Ints
    """All adjustments, whatever their reason."""
    has_reasons: Mask
    unread: Mask
    """Some amount could not be read."""
    unread_covered: Mask
    """One of these is left to the patient, taken or settled before."""
    rejected: Mask
    report_only: Mask
    stated: Ints
    """The decision that is stated in a word, as its place in DECISIONS; -1 where none."""
    reasons: Reasons

    @property
    def covered(self) -> Ints:
        """K of the postings: P + S + H + Q."""
        covered: Ints = self.paid + self.share + self.taken + self.prior
        return covered


class Reasons(NamedTuple):
    """The denial reasons and the unknown ones of one answer per line, netted."""

    refused: Ints
    refused_known: Mask
    unexplained: Ints
    to_others: Mask
    """Something is refused that the patient does not owe."""
    label: Ints
    """The largest denial reason, else the largest unknown one: its place in the labels, or the next."""
    says: Ints
    """What reasons whose netted amount is above zero say, as bits."""


class _Net(NamedTuple):
    """Reasons of answers, each once per answer."""

    line: Ints
    pair: Ints
    cents: Ints
    unread: Mask
    part: Ints
    says: Ints

    def pick(self, chosen: Mask | Ints) -> _Net:
        return _Net(*(column[chosen] for column in self))


def add_up(posted: Posted, rows: Ints, line: Ints, count: int) -> Sums:
    """Return the netted cents of the postings `rows`, which belong to the `count` answers numbered `line`."""
    part, unread = posted.part[rows], posted.unread[rows]
    says, stated = posted.says[rows], posted.stated[rows]
    adjusting = np.flatnonzero((part >= SHARE) & (part <= CONTRACTUAL))
    paying, allowing = np.flatnonzero(part == PAID), np.flatnonzero((part == ALLOWED) & ~unread)

    def total_of(at: Ints) -> Ints:
        return total(line[at], posted.cents[rows[at]], count)

    def total_where(wanted: Mask) -> Ints:
        return total_of(np.flatnonzero(wanted))

    def flag_where(wanted: Mask) -> Mask:
        return flag(line[np.flatnonzero(wanted)], count)

    word = np.full(count, -1, dtype=np.int8)
    spoken = np.flatnonzero(stated >= 0)
    np.maximum.at(word, line[spoken], stated[spoken])
    return Sums(
        paid=total_of(paying),
        paid_told=flag(line[paying[~unread[paying]]], count),
        share=total_where(part == SHARE),
        taken=total_where(part == TAKEN),
        prior=total_where(part == PRIOR),
        allowed=np.where(flag(line[allowing], count), total_of(allowing), UNTOLD),
        adjusted=total_of(adjusting),
        has_reasons=flag(line[adjusting], count),
        unread=flag_where(unread),
        unread_covered=flag_where(unread & ((part == SHARE) | (part == TAKEN) | (part == PRIOR))),
        rejected=flag_where(says & REJECTED > 0),
        report_only=flag_where(says & REPORT_ONLY > 0),
        stated=word,
        reasons=_net_reasons(posted, rows, line, count),
    )


def _net_reasons(posted: Posted, rows: Ints, line: Ints, count: int) -> Reasons:
    """Return what is refused and what is unexplained, netted per group and reason, and the largest reason."""
    part = posted.part[rows]
    named = np.flatnonzero((part == REFUSED) | (part == UNEXPLAINED))
    net = _net(posted, rows[named], line[named], count)
    net = net.pick((net.cents > 0) | net.unread)
    refusing = net.part == REFUSED
    to_others = refusing & ~posted.to_patient[net.pair]
    says = np.zeros(count, dtype=np.int16)
    np.bitwise_or.at(says, net.line, net.says)
    least = np.where(net.unread, np.maximum(net.cents, 1), net.cents)
    return Reasons(
        refused=total(net.line[refusing], least[refusing], count),
        refused_known=~flag(net.line[refusing & net.unread], count),
        unexplained=total(net.line[~refusing], least[~refusing], count),
        to_others=flag(net.line[to_others], count),
        label=_find_largest(net, posted.labels, count),
        says=says,
    )


def _net(posted: Posted, rows: Ints, line: Ints, count: int) -> _Net:
    """Return the cents of each reason in each answer; most answers name one reason and need no netting."""
    columns = (posted.pair, posted.cents, posted.unread, posted.part, posted.says)
    single = _Net(line, *(column[rows] for column in columns))
    alone = np.bincount(line, minlength=count)[line] == 1
    if alone.all():
        return single
    several = single.pick(~alone)
    key = several.line * len(posted.labels) + several.pair
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    netted = several.pick(first)._replace(
        cents=total(number, several.cents, len(first)), unread=flag(number[several.unread], len(first))
    )
    return _Net(*(np.concatenate([one[alone], more]) for one, more in zip(single, netted, strict=True)))


def _find_largest(net: _Net, labels: list[str], count: int) -> Ints:
    """Return the reason with the largest amount: a denial before an unknown one, ties by code."""
    largest = np.full(count, len(labels), dtype=np.int32)
    largest[net.line] = net.pair
    several = net.pick(np.bincount(net.line, minlength=count)[net.line] > 1)
    by_text = np.argsort(np.argsort(np.array(labels, dtype="object"), kind="stable"))
    least_first = np.lexsort((-by_text[several.pair], several.cents, several.part == REFUSED, several.line))
    largest[several.line[least_first]] = several.pair[least_first]  # the last one written is the largest
    return largest
