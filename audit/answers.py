"""What payers answered to each claim line, weighed: the amounts and marks on which a decision is made.

In: the lines and the postings joined to them (`audit/lines.py`), as columns, and the settings. Out: `Netted`:
the first and the latest answer of every line as aligned arrays, whole cents. Nothing is decided here: that is
`audit/decisions.py`, whose table reads these arrays.

What goes into an answer stands in four modules: `audit/remittances.py` reads the postings,
`audit/reversals.py` puts them in order, `audit/timeline.py` finds the first and the latest answer,
`audit/adjustments.py` adds each up. What the lines themselves contribute is in `audit/bills.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.adjustments import Sums, add_up
from audit.bills import Bills, read_bills
from audit.columns import UNTOLD, Columns, Ints, Mask, find_blanks
from audit.credits import Amounts, Money, follow_money
from audit.remittances import (
    BUNDLED,
    CAPITATION,
    DUPLICATE,
    PAID,
    PREDETERMINED,
    Posted,
    day_of,
    read_postings,
)
from audit.reversals import order_reversals
from audit.timeline import NEVER, Timeline, count_dates, find_first, find_latest, read_timeline

if TYPE_CHECKING:
    from audit.settings import Settings


class Answers(Struct, frozen=True):
    """One answer for each of some lines; aligned arrays, cents netted."""

    answered: Mask
    """A first payer answered (for the latest answer: or a later payer, where there is no first one)."""
    paid: Ints
    """P: paid without interest."""
    share: Ints
    """S: left to the patient."""
    prior: Ints
    """Q: settled by an earlier payer."""
    covered: Ints
    """K."""
    refused: Ints
    """D: refused for reasons that are denials."""
    unexplained: Ints
    """U: adjusted for reasons that are not in our book."""
    refused_known: Mask
    """All of D could be read."""
    has_reasons: Mask
    """The answer gives adjustment reasons."""
    amounts_known: Mask
    """The answer tells amounts, so that nothing covered means nothing."""
    stated: Ints
    """The decision that the export states in a word, as its place in DECISIONS; -1 where none."""
    not_billed: Mask
    predetermined: Mask
    taken_back: Mask
    """The last thing the first payer did was to reverse its answer."""
    original_missing: Mask
    """Something is reversed, or upheld, before any answer that is in the files."""
    later_payer_only: Mask
    later_payer_paid: Mask
    """A later payer paid where the first payer had not."""
    sent_on: Mask
    upheld: Mask
    rejected: Mask
    duplicate: Mask
    """Refused as a duplicate, and the original is among our lines."""
    report_only: Mask
    withdrawn: Mask
    denial_asked_for: Mask
    bundled: Mask
    """Refused as bundled, on a code that this payer always bundles."""
    prepaid: Mask
    """Refused as prepaid, by a payer that prepays."""
    patient_owes: Mask
    """All that is refused is refused to the patient's cost."""
    label: Ints
    """The largest denial reason (else the largest unknown one): its place in `Netted.labels`, or the next."""
    day: Ints
    """Day of the answer, counted from 1970-01-01; UNDATED where it has none."""


class Netted(NamedTuple):
    """The answers to all lines."""

    first: Answers
    """The first answer, one for every line."""
    changed: Ints
    """Rows of the lines whose latest answer is another one than the first."""
    latest: Answers
    """The latest answer, one for every row in `changed`."""
    labels: list[str]
    """Reasons as text: CO-97."""
    answers: Ints
    """Number of dates on which any payer answered."""
    allowed: Ints
    share: Ints
    paid: Ints
    """What the postings tell of these amounts in the end, in cents; UNTOLD where they do not."""
    money: Money
    answered_as: Any
    """What the latest answer answered, where not what was billed: text by line."""


def net_answers(lines: Columns, postings: Columns, settings: Settings) -> Netted:
    """Return the first and the latest answer of every line. The order of rows plays no part."""
    count = len(lines["charge"])
    posted = order_reversals(read_postings(postings, count), count)
    bills = read_bills(lines, posted, settings)
    timeline = read_timeline(posted, bills)

    rows = find_first(posted, timeline)
    sums = add_up(posted, rows, posted.line[rows], count)
    unanswered = (bills.voided | bills.withdrawn) & (timeline.first == NEVER)
    whole = _Part(slice(None), timeline.first, timeline.first == timeline.last, unanswered, in_the_end=False)
    first = _weigh(sums, bills, timeline, whole)

    changed = np.flatnonzero(timeline.changed).astype(np.int32)
    place = np.cumsum(timeline.changed) - 1
    rows = find_latest(posted, timeline)
    latest_sums = add_up(posted, rows, place[posted.line[rows]], len(changed))
    columns_apply = np.ones(len(changed), dtype=np.bool_)
    part = _Part(changed, timeline.latest, columns_apply, bills.voided[changed], in_the_end=True)
    latest = _weigh(latest_sums, bills, timeline, part)

    allowed, share, balanced = _told_amounts(sums, first, bills.charge)
    allowed[changed], share[changed], balanced[changed] = _told_amounts(
        latest_sums, latest, bills.charge_last[changed]
    )
    lost = timeline.taken_back | timeline.later_only
    allowed[lost] = share[lost] = UNTOLD
    balanced[lost] = False
    paid = _paid_in_all(posted, balanced, count)
    told = ((bills.paid, paid), (bills.allowed, allowed), (bills.share, share))
    in_the_end = Amounts(*(np.where(own == UNTOLD, cents, own) for own, cents in told))
    return Netted(
        first=first,
        changed=changed,
        latest=latest,
        labels=posted.labels,
        answers=count_dates(posted, count),
        allowed=allowed,
        share=share,
        paid=paid,
        money=follow_money(posted, in_the_end, count),
        answered_as=_find_recoded(postings["answered_as"], posted, timeline),
    )


class _Part(NamedTuple):
    """Which answers are weighed."""

    at: Ints | slice
    """Rows of the lines."""
    order: Ints
    """By line: the moment of the answer."""
    columns_apply: Mask
    """The line's own amounts belong to the answer."""
    withdrawn: Mask
    """A later claim withdrew the line: whatever was answered, that is how it ends."""
    in_the_end: bool
    """What later payers paid counts, and has the last word."""


def _weigh(sums: Sums, bills: Bills, timeline: Timeline, part: _Part) -> Answers:
    """Return some answers, weighed."""
    at, order, columns_apply, withdrawn, in_the_end = part
    reasons = sums.reasons
    own_paid = columns_apply & ~timeline.has_payments[at] & (bills.paid[at] != UNTOLD)
    paid = np.where(own_paid, bills.paid[at], sums.paid)
    paid_known = own_paid | sums.paid_told
    own_share = columns_apply & (sums.share == 0) & (reasons.refused == 0) & (bills.share[at] != UNTOLD)
    share = np.where(own_share, bills.share[at], sums.share)
    covered = paid + share + sums.taken + sums.prior

    # `allowed` speaks where no reasons do, or where those given cover, refuse and explain nothing.
    allowed = np.where(columns_apply & (sums.allowed == UNTOLD), bills.allowed[at], sums.allowed)
    silent = (covered <= 0) & (reasons.refused == 0) & (reasons.unexplained == 0)
    by_allowed = (allowed != UNTOLD) & (~sums.has_reasons | (silent & (allowed > 0)))
    covered = np.where(by_allowed, allowed, covered)
    share = np.where(by_allowed & (share == 0) & paid_known & (paid == 0), allowed, share)
    covered = np.where(sums.unread_covered, np.maximum(covered, 1), covered)
    share = np.where(sums.unread_covered & (share == 0) & (paid == 0), 1, share)

    later_paid = timeline.later_paid[at] & (paid <= 0) & in_the_end
    last_word = np.where(later_paid & ~timeline.taken_back[at], timeline.later_last[at], order[at])
    by_columns = columns_apply & timeline.later_only[at]
    return Answers(
        answered=((order[at] != NEVER) & ((timeline.first[at] != NEVER) | by_columns)) | withdrawn,
        paid=paid,
        share=share,
        prior=sums.prior,
        covered=covered,
        refused=reasons.refused,
        unexplained=reasons.unexplained,
        refused_known=reasons.refused_known,
        has_reasons=sums.has_reasons,
        amounts_known=paid_known | (allowed != UNTOLD) | (sums.has_reasons & ~sums.unread),
        stated=sums.stated,
        not_billed=timeline.not_billed[at],
        predetermined=timeline.predetermined[at],
        taken_back=timeline.taken_back[at] & ~withdrawn,
        original_missing=timeline.original_missing[at],
        later_payer_only=timeline.later_only[at],
        later_payer_paid=later_paid & ~withdrawn,
        sent_on=timeline.sent_on[at],
        upheld=timeline.upheld[at],
        rejected=sums.rejected & ~withdrawn,
        duplicate=(reasons.says & DUPLICATE > 0) & bills.original_found[at] & ~withdrawn,
        report_only=bills.report_only[at] | sums.report_only,
        withdrawn=bills.withdrawn[at] | withdrawn,
        denial_asked_for=bills.denial_asked_for[at],
        bundled=(reasons.says & BUNDLED > 0) & bills.always_bundled[at],
        prepaid=(reasons.says & CAPITATION > 0) & bills.prepays[at],
        patient_owes=(reasons.refused > 0) & ~reasons.to_others,
        label=reasons.label,
        day=np.where(withdrawn, bills.voided_on[at], day_of(last_word)),
    )


def _told_amounts(sums: Sums, answers: Answers, charge: Ints) -> tuple[Ints, Ints, Mask]:
    """Return allowed and the patient's share as an answer tells them, and where the answer balances.

    Where charge = paid + adjustments, what is allowed is what is covered. An answer that does not balance
    tells only what it says outright.
    """
    balanced = answers.has_reasons & ~sums.unread & (charge == sums.paid + sums.adjusted)
    balanced &= sums.reasons.unexplained == 0
    allowed = np.where((sums.allowed == UNTOLD) & balanced, sums.covered, sums.allowed)
    share = np.where(balanced | ((sums.share > 0) & ~sums.unread), sums.share, UNTOLD)
    return allowed, share, balanced


def _paid_in_all(posted: Posted, balanced: Mask, count: int) -> Ints:
    """Return payments of all payers less what was taken back."""
    money = (posted.part == PAID) & (posted.says & PREDETERMINED == 0)
    paid = posted.sum_signed(money, count)
    untold = ~(posted.lines_where(money, count) | balanced) | posted.lines_where(money & posted.unread, count)
    paid[untold] = UNTOLD
    return paid


def _find_recoded(answered_as: Any, posted: Posted, timeline: Timeline) -> pd.Categorical[Any]:
    """Return what the latest answer to each line answered, where that is not what was billed; else blank."""
    texts = pd.Index(sorted({"", *answered_as.categories}), dtype="str")
    place = np.zeros(len(timeline.first), dtype=np.int32)
    told = np.flatnonzero(~find_blanks(answered_as))
    if len(told):
        told = told[posted.order[told] == timeline.latest[posted.line[told]]]
        text = texts.get_indexer(answered_as.categories)[answered_as.codes[told]]
        np.maximum.at(place, posted.line[told], text)
    recoded: pd.Categorical[Any] = pd.Categorical.from_codes(place, texts)
    return recoded
