"""What payers answered to each claim line, netted: the amounts and marks on which a decision is made.

In: the lines and the postings joined to them (`audit/lines.py`), and the settings. Out: `Netted`: the first
and the latest answer of every line as aligned arrays, whole cents. Nothing is decided here: that is
`audit/decisions.py`, whose table reads these arrays.

**An answer** is what one payer did to one line on one date. The first is the earliest of a first payer, the
latest its last. No answer at all are a predetermination, interest, a write-off without group and reason, and
a bare status word such as "pending". A notice that decides nothing (pending, sent on, earlier decision
upheld) is passed over where another answer stands beside it. Undated postings belong to the last dated
answer.

Adjustments are netted per group and reason within an answer. An amount that is there but could not be read
counts as one cent in the questions "is anything covered, refused, unexplained", and in no sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from audit.codes import UNKNOWN, code_book, reason_book
from audit.lines import DECISIONS, SELF_PAY
from audit.numbering import Ints, Mask, flag, number_days, number_rows

if TYPE_CHECKING:
    from audit.settings import Settings

REFUSED_BY_REQUEST = frozenset({"GY", "GX"})
"""Modifiers by which the practice itself asks for a denial."""

SPINAL_ADJUSTMENTS = frozenset({"98940", "98941", "98942"})
"""Maintenance care, whose denial is asked for, when billed with GA and without AT."""

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
}
"""Kind of a reason -> part; every other known kind is neither covered nor refused."""

PART_OF_KIND = {"payment": PAID, "reversal": PAID, "allowed": ALLOWED}
"""Kind of a posting that has no reason -> part; the others are no amount of an answer."""

# What a posting says beside its cents, as bits.
PREDETERMINED, SENT_ON, PENDING, UPHELD, LATER, REJECTED, REPORT_ONLY, DUPLICATE, BUNDLED, CAPITATION = (
    1 << place for place in range(10)
)
UNDECIDED = SENT_ON | PENDING | UPHELD
OF_THE_ANSWER = PREDETERMINED | UNDECIDED | LATER
"""Said of one posting, these hold for all that the payer did to the line on that date."""
OF_THE_REASON = DUPLICATE | BUNDLED | CAPITATION
"""These hold while the reason's netted amount is above zero."""

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

UNDATED = -(2**28)
"""The day of an answer that has no date."""
NEVER = 2**30
UNTOLD = int(np.iinfo(np.int64).min)
"""An amount that is not told."""


@dataclass(frozen=True)
class Answers:
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


@dataclass(frozen=True)
class _Postings:
    """The postings as aligned arrays."""

    line: Ints
    order: Ints
    """Twice the day plus one; one less for a reversal and for what it cancels on its own day."""
    cents: Ints
    unread: Mask
    part: Ints
    says: Ints
    stated: Ints
    pair: Ints
    """Group and reason together, as their place in `labels`."""
    reversal: Mask
    labels: list[str]
    to_patient: Mask
    """By pair: the group is PR."""

    @property
    def is_answer(self) -> Mask:
        """Mark what belongs to an answer: amounts and status words, no reversals, no predeterminations."""
        told = (self.part != NOTHING) | (self.stated >= 0)
        mine: Mask = told & ~self.reversal & (self.says & PREDETERMINED == 0)
        return mine


@dataclass(frozen=True)
class _Bills:
    """What matters of the lines themselves. Cents as exported, UNTOLD where the export does not tell."""

    charge: Ints
    paid: Ints
    allowed: Ints
    share: Ints
    self_pay: Mask
    report_only: Mask
    withdrawn: Mask
    denial_asked_for: Mask
    original_found: Mask
    """Of lines refused as duplicates: another line of ours is the original."""
    always_bundled: Mask
    """Of lines refused as bundled: this payer always bundles the code."""
    prepays: Mask
    """Of lines refused as prepaid: this payer prepays."""

    @property
    def tells_answer(self) -> Mask:
        """Mark lines whose own columns show that a payer answered."""
        amounts = (self.paid, self.allowed, self.share)
        tells: Mask = np.logical_or.reduce([(amount != UNTOLD) & (amount != 0) for amount in amounts])
        return tells


@dataclass(frozen=True)
class _Spans:
    """When each line was answered. Orders as in `_Postings`; NEVER where it was not."""

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
    has_payments: Mask
    not_billed: Mask
    predetermined: Mask
    taken_back: Mask
    original_missing: Mask
    later_only: Mask
    later_paid: Mask
    sent_on: Mask
    upheld: Mask


@dataclass(frozen=True)
class _Sums:
    """The netted cents of one answer per line, and what it says."""

    paid: Ints
    paid_told: Mask
    share: Ints
    taken: Ints
    prior: Ints
    allowed: Ints
    adjusted: Ints
    """All adjustments, whatever their reason."""
    has_reasons: Mask
    unread: Mask
    """Some amount could not be read."""
    unread_covered: Mask
    """One of these belongs to K."""
    rejected: Mask
    report_only: Mask
    stated: Ints
    reasons: _Reasons


@dataclass(frozen=True)
class _Reasons:
    """The denial reasons and the unknown ones of one answer per line, netted."""

    refused: Ints
    refused_known: Mask
    unexplained: Ints
    to_others: Mask
    """Something is refused that the patient does not owe."""
    label: Ints
    says: Ints


# ---------------------------------------------------------------- the route


def net_answers(lines: pd.DataFrame, postings: pd.DataFrame, settings: Settings) -> Netted:
    """Return the first and the latest answer of every line. The order of rows plays no part."""
    count = len(lines)
    posted = _read_postings(postings, count)
    bills = _read_bills(lines, posted, settings)
    spans = _find_spans(posted, bills, postings["stated"], count)

    rows = np.flatnonzero(spans.deciding & (posted.order == spans.first[posted.line]))
    sums = _add_up(posted, rows, posted.line[rows], count)
    first = _weigh(sums, bills, spans, slice(None), spans.first, spans.first == spans.last)

    changed = np.flatnonzero(spans.changed).astype(np.int32)
    rows = np.flatnonzero(spans.changed[posted.line])
    rows = rows[_in_latest(posted, spans, rows)]
    place = np.cumsum(spans.changed, dtype=np.int32) - np.int32(1)
    latest_sums = _add_up(posted, rows, place[posted.line[rows]], len(changed))
    columns_apply = np.ones(len(changed), dtype=np.bool_)
    latest = _weigh(latest_sums, bills, spans, changed, spans.latest, columns_apply)

    allowed, share, balanced = _told_amounts(sums, first, bills.charge)
    allowed[changed], share[changed], balanced[changed] = _told_amounts(
        latest_sums, latest, bills.charge[changed]
    )
    lost = spans.taken_back | spans.later_only
    allowed[lost] = share[lost] = UNTOLD
    balanced[lost] = False
    return Netted(
        first=first,
        changed=changed,
        latest=latest,
        labels=posted.labels,
        answers=_count_dates(posted, count),
        allowed=allowed,
        share=share,
        paid=_paid_in_all(posted, balanced, count),
    )


# ---------------------------------------------------------------- reading postings and lines


def _read_postings(postings: pd.DataFrame, count: int) -> _Postings:
    """Return the postings as arrays; each distinct text is looked up once."""
    line = postings["line"].to_numpy()
    status, rank = postings["claim_status"], postings["payer_rank"].to_numpy()
    part, says = _read_kinds(postings)
    says |= _look_up(status, _said_by_status(), 0)
    says |= _look_up(postings["remarks"], _said_by_remarks(postings["remarks"].cat.categories), 0)
    says[rank >= 2] |= LATER
    reversal = _look_up(postings["kind"], {"reversal": 1}, 0) > 0
    reversal |= _look_up(status, {REVERSAL_STATUS: 1}, 0) > 0
    reversal |= _look_up(postings["group"], {"CR": 1}, 0) > 0

    pair, pairs = _read_pairs(postings)
    groups = np.array([group for group, _ in pairs], dtype="object")
    says[np.isin(groups, ("CO", ""), invert=True)[pair]] &= ~CAPITATION
    says |= _look_up(postings["stated"], {"pending": PENDING, "no answer": PENDING}, 0)
    day = _read_days(postings["posted_on"])
    _spread(says, line, day, rank)
    _date_the_undated(day, line, count)
    words = {name: place for place, name in enumerate(DECISIONS) if name not in NO_ANSWER_WORDS}
    amount = postings["amount"]
    posted = _Postings(
        line=line,
        order=day * np.int32(2) + np.int32(1),
        cents=amount.to_numpy(dtype=np.int64, na_value=0),
        unread=amount.isna().to_numpy() & (part != NOTHING),
        part=part,
        says=says,
        stated=_look_up(postings["stated"], words, -1),
        pair=pair,
        reversal=reversal,
        labels=["-".join(filter(None, pair)) for pair in pairs],
        to_patient=groups == "PR",
    )
    if reversal.any():
        _order_reversals(posted, count)
    return posted


def _read_kinds(postings: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return the part of each posting, and what its reason says."""
    book = reason_book()
    by_reason = {
        reason: PART_OF_REASON.get(book.kind_of(reason), CONTRACTUAL)
        if book.kind_of(reason) != UNKNOWN
        else UNEXPLAINED
        for reason in postings["reason"].cat.categories
        if reason
    }
    part = _look_up(postings["reason"], by_reason, NOTHING)
    said = {reason: SAID_BY_REASON.get(book.kind_of(reason), 0) for reason in by_reason}
    says = _look_up(postings["reason"], said, 0)

    bare = part == NOTHING
    bare &= ~(_look_up(postings["reason"], dict.fromkeys(by_reason, 1), 0) > 0)
    adjusts = _look_up(postings["kind"], {"adjustment": 1, "reversal": 1}, 0) > 0
    by_group = {"PR": SHARE} | {
        group: CONTRACTUAL for group in postings["group"].cat.categories if group not in ("", "PR")
    }
    grouped = _look_up(postings["group"], by_group, NOTHING)
    part = np.where(bare, grouped, part)
    no_reason = ~adjusts | (bare & (grouped == NOTHING))
    part = np.where(no_reason, _look_up(postings["kind"], PART_OF_KIND, NOTHING), part)
    says[~adjusts] = 0
    return part, says


def _said_by_status() -> dict[str, int]:
    said = {PREDETERMINATION_STATUS: PREDETERMINED, SENT_ON_STATUS: SENT_ON}
    return said | dict.fromkeys(LATER_PAYER_STATUS, LATER)


def _said_by_remarks(cells: Iterable[str]) -> dict[str, int]:
    return {cell: REJECTED for cell in cells if UNPROCESSABLE_REMARK in cell.split()}


def _read_pairs(postings: pd.DataFrame) -> tuple[Ints, list[tuple[str, str]]]:
    """Return each posting's group and reason as one number, and what the numbers stand for."""
    groups = [str(text) for text in postings["group"].cat.categories]
    reasons = [str(text) for text in postings["reason"].cat.categories]
    pair = postings["group"].cat.codes.to_numpy().astype(np.int32) * np.int32(len(reasons))
    pair += postings["reason"].cat.codes.to_numpy()
    return pair, [(group, reason) for group in groups for reason in reasons]


def _read_days(dates: pd.Series) -> Ints:
    """Return days since 1970, UNDATED where there is no date."""
    seconds = dates.to_numpy().view(np.int64)
    day: Ints = np.where(dates.isna().to_numpy(), UNDATED, seconds // 86400).astype(np.int32)
    return day


def _date_the_undated(day: Ints, line: Ints, count: int) -> None:
    """Give undated postings to the line's last dated answer, if it has one: they tell how things stand."""
    undated = day == UNDATED
    if undated.any() and not undated.all():
        last = np.full(count, UNDATED, dtype=np.int32)
        np.maximum.at(last, line, day)
        day[undated] = last[line[undated]]


def _spread(says: Ints, line: Ints, day: Ints, rank: Ints) -> None:
    """Let what one posting says of its whole answer be said by all postings of the answer."""
    spreading = says & OF_THE_ANSWER
    if not spreading.any():
        return
    rows = np.flatnonzero(flag(line[spreading > 0], int(line.max()) + 1)[line])
    answer = (line[rows].astype(np.int64) * 2**30 + (day[rows] - UNDATED)) * 128 + rank[rows]
    number, distinct = pd.factorize(answer)
    said = np.zeros(len(distinct), dtype=says.dtype)
    np.bitwise_or.at(said, number, spreading[rows])
    says[rows] |= said[number]


def _order_reversals(posted: _Postings, count: int) -> None:
    """Put a reversal before the answers of its own day, and with it the answer of that day that it cancels.

    Such an answer is recognized only where the line has no earlier one, and where each reversed amount
    stands beside the same amount unreversed; otherwise what stands beside a reversal is its correction.
    """
    posted.order[posted.reversal] -= 1
    rows = np.flatnonzero(flag(posted.line[posted.reversal], count)[posted.line] & (posted.part != NOTHING))
    frame = pd.DataFrame(
        {
            "line": posted.line[rows],
            "day": posted.order[rows] >> 1,
            "undone": posted.reversal[rows],
            "payment": posted.part[rows] == PAID,
            "pair": posted.pair[rows],
            "size": np.abs(posted.cents[rows]),
        },
        index=rows,
    )
    frame = frame[frame["day"] == frame.groupby("line")["day"].transform("min")]
    amounts = frame.groupby(["line", "payment", "pair", "size"], sort=False)
    undone = amounts["undone"].transform("sum")
    matched = undone <= amounts["undone"].transform("size") - undone
    frame = frame[matched.groupby(frame["line"]).transform("all")]
    answers = frame[~frame["undone"]]
    place = answers.groupby(["line", "payment", "pair", "size"], sort=False).cumcount()
    posted.order[answers.index[place < undone[answers.index]]] -= 1


def _read_bills(lines: pd.DataFrame, posted: _Postings, settings: Settings) -> _Bills:
    """Return what matters of the lines, the settings of their payers included."""
    charge = _cents(lines["charge"])
    book = code_book()
    codes = lines["code"].cat.categories
    reports = _look_up(lines["code"], {code: 1 for code in codes if book.is_report_only(code)}, 0) > 0
    by_request = {text: _asked(text) for text in lines["modifiers"].cat.categories}
    asked = _look_up(lines["modifiers"], by_request, 0)
    spinal = _look_up(lines["code"], dict.fromkeys(SPINAL_ADJUSTMENTS, 1), 0) > 0
    count = len(lines)
    return _Bills(
        charge=charge,
        paid=_cents(lines["paid"]),
        allowed=_cents(lines["allowed"]),
        share=_cents(lines["patient_share"]),
        self_pay=_look_up(lines["payer"], {SELF_PAY: 1}, 0) > 0,
        report_only=reports | (charge == 0),
        withdrawn=(_look_up(lines["frequency"], {"8": 1}, 0) > 0) | ((charge < 0) & (charge != UNTOLD)),
        denial_asked_for=(asked == 1) | ((asked == 2) & spinal),
        original_found=_find_originals(lines, flag(posted.line[posted.says & DUPLICATE > 0], count)),
        always_bundled=_find_bundled(lines, flag(posted.line[posted.says & BUNDLED > 0], count), settings),
        prepays=_find_prepaid(lines, flag(posted.line[posted.says & CAPITATION > 0], count), settings),
    )


def _asked(modifiers: str) -> int:
    """Return 1 where a denial is asked for on any code, 2 where on a spinal adjustment."""
    parts = set(modifiers.split())
    if parts & REFUSED_BY_REQUEST:
        return 1
    return 2 if "GA" in parts and "AT" not in parts else 0


def _find_originals(lines: pd.DataFrame, claimed: Mask) -> Mask:
    """Mark lines claimed to be duplicates of which another line, not so claimed, is the original.

    The original is the same code for the same patient on the same date.
    """
    found = np.zeros(len(lines), dtype=np.bool_)
    if claimed.any():
        patient = lines["patient_key"].to_numpy()
        rows = np.flatnonzero(flag(patient[claimed], int(patient.max()) + 1)[patient])
        (day,), days = number_days(lines["service_date"].iloc[rows])
        code = lines["code"].cat.codes.to_numpy()[rows]
        codes = len(lines["code"].cat.categories)
        service = number_rows([(patient[rows], int(patient.max()) + 1), (code, codes), (day, days)])
        of_claimed = claimed[rows]
        services = pd.Series(service)
        originals = services[~of_claimed & services.isin(service[of_claimed]).to_numpy()]
        found[rows] = of_claimed & services.isin(originals).to_numpy()
    return found


def _find_bundled(lines: pd.DataFrame, refused: Mask, settings: Settings) -> Mask:
    """Mark lines, among those refused as bundled, whose payer always bundles their code on that date."""
    bundled = np.zeros(len(lines), dtype=np.bool_)
    for payer, rows in _by_payer(lines, refused):
        codes, dates = lines["code"].iloc[rows], lines["service_date"].iloc[rows]
        for dated in settings.payer(payer).bundled_codes():
            bundled[rows] |= (codes == dated.value).to_numpy() & _within(dates, dated.start, dated.end)
    return bundled


def _find_prepaid(lines: pd.DataFrame, refused: Mask, settings: Settings) -> Mask:
    """Mark lines, among those refused as prepaid, whose payer prepays the practice on that date."""
    prepaid = np.zeros(len(lines), dtype=np.bool_)
    for payer, rows in _by_payer(lines, refused):
        dates = lines["service_date"].iloc[rows]
        for dated in settings.payer(payer).capitations():
            if dated.value:
                prepaid[rows] |= _within(dates, dated.start, dated.end)
    return prepaid


def _by_payer(lines: pd.DataFrame, chosen: Mask) -> Iterable[tuple[str, Ints]]:
    """Return the chosen rows payer by payer."""
    rows = np.flatnonzero(chosen)
    for payer, group in (
        lines["payer"].iloc[rows].groupby(lines["payer"].iloc[rows], observed=True).indices.items()
    ):
        yield str(payer), rows[group]


def _within(dates: pd.Series, first: date | None, last: date | None) -> Mask:
    inside: Mask = dates.notna().to_numpy()
    if first is not None:
        inside &= (dates >= pd.Timestamp(first)).to_numpy()
    if last is not None:
        inside &= (dates <= pd.Timestamp(last)).to_numpy()
    return inside


# ---------------------------------------------------------------- first and latest


def _find_spans(posted: _Postings, bills: _Bills, words: pd.Series, count: int) -> _Spans:
    """Return when each line was first and last answered, and what stands outside these answers."""
    of_later_payer = posted.says & LATER > 0
    own = posted.is_answer & ~of_later_payer
    deciding = own & (posted.says & UNDECIDED == 0)
    later = posted.is_answer & of_later_payer
    reversal = posted.reversal & ~of_later_payer

    first, last = _earliest(posted, deciding, count), _last(posted, deciding, count)
    later_last = _last(posted, later, count)
    later_only = (first == NEVER) & (later_last != NEVER)
    waiting = flag(posted.line[_look_up(words, {"pending": 1, "no answer": 1}, 0) > 0], count)
    by_columns = (first == NEVER) & ~later_only & ~waiting & bills.tells_answer
    first[by_columns] = last[by_columns] = 2 * UNDATED + 1

    reversed_first, reversed_last = _earliest(posted, reversal, count), _last(posted, reversal, count)
    upheld = own & (posted.says & UPHELD > 0)
    taken_back = (reversed_last != NEVER) & ((last == NEVER) | (reversed_last >= last))
    missing = (reversed_first < first) | ((first != NEVER) & (_earliest(posted, upheld, count) < first))
    money = of_later_payer & (posted.part == PAID)
    later_paid = _total(posted.line[money], _signed(posted)[money], count) > 0
    return _Spans(
        deciding=deciding,
        later=later,
        first=first,
        last=last,
        latest=np.where(taken_back, reversed_last, np.where(later_only, later_last, last)),
        later_last=later_last,
        changed=(first != last) | taken_back | missing | later_only | later_paid,
        has_payments=flag(posted.line[posted.part == PAID], count),
        not_billed=bills.self_pay | flag(posted.line[_look_up(words, {"not billed": 1}, 0) > 0], count),
        predetermined=flag(posted.line[posted.says & PREDETERMINED > 0], count)
        | flag(posted.line[_look_up(words, {"no answer": 1}, 0) > 0], count),
        taken_back=taken_back,
        original_missing=missing,
        later_only=later_only,
        later_paid=later_paid,
        sent_on=flag(posted.line[own & (posted.says & SENT_ON > 0)], count),
        upheld=flag(posted.line[upheld], count),
    )


def _in_latest(posted: _Postings, spans: _Spans, rows: Ints) -> Mask:
    """Mark, among `rows`, the postings of a line's last answer: a later payer's where there is no other."""
    line, order = posted.line[rows], posted.order[rows]
    own = spans.deciding[rows] & (order == spans.last[line])
    latest: Mask = own | (spans.later[rows] & spans.later_only[line] & (order == spans.later_last[line]))
    return latest


def _add_up(posted: _Postings, rows: Ints, line: Ints, count: int) -> _Sums:
    """Return the netted cents of the postings `rows`, which belong to the answers numbered `line`."""
    part, cents = posted.part[rows], posted.cents[rows]
    unread = posted.unread[rows]
    says, stated = posted.says[rows], posted.stated[rows]
    adjusting = (part >= SHARE) & (part <= CONTRACTUAL)
    covered = (part >= PAID) & (part <= PRIOR)

    def total(wanted: Mask) -> Ints:
        return _total(line[wanted], cents[wanted], count)

    allowed = np.full(count, UNTOLD, dtype=np.int64)
    told = (part == ALLOWED) & ~unread
    allowed[line[told]] = total(told)[line[told]]
    word = np.full(count, -1, dtype=np.int8)
    spoken = np.flatnonzero(stated >= 0)
    np.maximum.at(word, line[spoken], stated[spoken])
    return _Sums(
        paid=total(part == PAID),
        paid_told=flag(line[(part == PAID) & ~unread], count),
        share=total(part == SHARE),
        taken=total(part == TAKEN),
        prior=total(part == PRIOR),
        allowed=allowed,
        adjusted=total(adjusting),
        has_reasons=flag(line[adjusting], count),
        unread=flag(line[unread], count),
        unread_covered=flag(line[unread & covered & (part != PAID)], count),
        rejected=flag(line[says & REJECTED > 0], count),
        report_only=flag(line[says & REPORT_ONLY > 0], count),
        stated=word,
        reasons=_net_reasons(posted, rows, line, count),
    )


def _net_reasons(posted: _Postings, rows: Ints, line: Ints, count: int) -> _Reasons:
    """Return what is refused and what is unexplained, netted per group and reason, and the largest reason."""
    named = (posted.part[rows] == REFUSED) | (posted.part[rows] == UNEXPLAINED)
    net = _net(posted, rows[named], line[named], count)
    standing = (net.cents > 0) | net.unread
    net = _Net(*(column[standing] for column in net))
    refusing = net.part == REFUSED
    to_others = refusing & ~posted.to_patient[net.pair]
    says = np.zeros(count, dtype=np.int16)
    np.bitwise_or.at(says, net.line, net.says)
    least = np.where(net.unread, np.maximum(net.cents, 1), net.cents)
    return _Reasons(
        refused=_total(net.line[refusing], least[refusing], count),
        refused_known=~flag(net.line[refusing & net.unread], count),
        unexplained=_total(net.line[~refusing], least[~refusing], count),
        to_others=flag(net.line[to_others], count),
        label=_largest(net, posted.labels, count),
        says=says,
    )


class _Net(NamedTuple):
    """Reasons of answers, each once per answer."""

    line: Ints
    pair: Ints
    cents: Ints
    unread: Mask
    part: Ints
    says: Ints


def _net(posted: _Postings, rows: Ints, line: Ints, count: int) -> _Net:
    """Return the cents of each reason in each answer; most answers name one reason and need no netting."""
    columns = (posted.pair, posted.cents, posted.unread, posted.part, posted.says)
    single = _Net(line, *(column[rows] for column in columns))
    alone = np.bincount(line, minlength=count)[line] == 1
    if alone.all():
        return single
    several = _Net(*(column[~alone] for column in single))
    key = several.line.astype(np.int64) * len(posted.labels) + several.pair
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    netted = _Net(*(column[first] for column in several))._replace(
        cents=_total(number, several.cents, len(first)), unread=flag(number[several.unread], len(first))
    )
    return _Net(*(np.concatenate([one[alone], more]) for one, more in zip(single, netted, strict=True)))


def _largest(net: _Net, labels: list[str], count: int) -> Ints:
    """Return the reason with the largest amount: a denial before an unknown one, ties by code."""
    largest = np.full(count, len(labels), dtype=np.int32)
    alone = np.bincount(net.line, minlength=count)[net.line] == 1
    largest[net.line[alone]] = net.pair[alone]
    several = _Net(*(column[~alone] for column in net))
    by_text = np.argsort(np.argsort(np.array(labels, dtype="object"), kind="stable"))
    least_first = np.lexsort((-by_text[several.pair], several.cents, several.part == REFUSED, several.line))
    largest[several.line[least_first]] = several.pair[least_first]  # the last one written is the largest
    return largest


def _weigh(
    sums: _Sums, bills: _Bills, spans: _Spans, at: Ints | slice, order: Ints, columns_apply: Mask
) -> Answers:
    """Return the answers to the lines `at`; the lines' own amounts belong to the answers `columns_apply`."""
    reasons = sums.reasons
    own_paid = columns_apply & ~spans.has_payments[at] & (bills.paid[at] != UNTOLD)
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

    later_paid = spans.later_paid[at] & (paid <= 0)
    last_word = np.where(later_paid & ~spans.taken_back[at], spans.later_last[at], order[at])
    by_columns = columns_apply & spans.later_only[at]
    return Answers(
        answered=(order[at] != NEVER) & ((spans.first[at] != NEVER) | by_columns),
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
        not_billed=spans.not_billed[at],
        predetermined=spans.predetermined[at],
        taken_back=spans.taken_back[at],
        original_missing=spans.original_missing[at],
        later_payer_only=spans.later_only[at],
        later_payer_paid=later_paid,
        sent_on=spans.sent_on[at],
        upheld=spans.upheld[at],
        rejected=sums.rejected,
        duplicate=(reasons.says & DUPLICATE > 0) & bills.original_found[at],
        report_only=bills.report_only[at] | sums.report_only,
        withdrawn=bills.withdrawn[at],
        denial_asked_for=bills.denial_asked_for[at],
        bundled=(reasons.says & BUNDLED > 0) & bills.always_bundled[at],
        prepaid=(reasons.says & CAPITATION > 0) & bills.prepays[at],
        patient_owes=(reasons.refused > 0) & ~reasons.to_others,
        label=reasons.label,
        day=last_word >> 1,
    )


# ---------------------------------------------------------------- what the answers tell in the end


def _told_amounts(sums: _Sums, answers: Answers, charge: Ints) -> tuple[Ints, Ints, Mask]:
    """Return allowed and the patient's share as an answer tells them, and where the answer balances.

    Where charge = paid + adjustments, what is allowed is what is covered. An answer that does not balance
    tells only what it says outright.
    """
    balanced = answers.has_reasons & ~sums.unread & (charge == sums.paid + sums.adjusted)
    balanced &= sums.reasons.unexplained == 0
    covered = sums.paid + sums.share + sums.taken + sums.prior
    allowed = np.where((sums.allowed == UNTOLD) & balanced, covered, sums.allowed)
    share = np.where(balanced | ((sums.share > 0) & ~sums.unread), sums.share, UNTOLD)
    return allowed, share, balanced


def _paid_in_all(posted: _Postings, balanced: Mask, count: int) -> Ints:
    """Return payments of all payers less what was taken back."""
    money = (posted.part == PAID) & (posted.says & PREDETERMINED == 0)
    paid = _total(posted.line[money], _signed(posted)[money], count)
    paid[~flag(posted.line[money], count) & ~balanced] = UNTOLD
    paid[flag(posted.line[money & posted.unread], count)] = UNTOLD
    return paid


def _signed(posted: _Postings) -> Ints:
    """Return the cents with what a reversal takes back below zero, however the export signs it."""
    if not posted.reversal.any():
        return posted.cents
    signed: Ints = np.where(posted.reversal, -np.abs(posted.cents), posted.cents)
    return signed


def _count_dates(posted: _Postings, count: int) -> Ints:
    """Return on how many dates each line was answered, reversals included."""
    counted = (posted.is_answer | posted.reversal) & (posted.says & (PENDING | SENT_ON) == 0)
    first, last = _earliest(posted, counted, count) >> 1, _last(posted, counted, count) >> 1
    dates: Ints = (first != NEVER >> 1).astype(np.int16)
    several = first < last
    rows = np.flatnonzero(counted & several[posted.line])
    line, day = posted.line[rows], posted.order[rows] >> 1
    answer = pd.unique(line.astype(np.int64) * 2**30 + (day - UNDATED))
    dates[several] = np.bincount(answer >> 30, minlength=count)[several]
    return dates


# ---------------------------------------------------------------- arrays


def _look_up(column: pd.Series, meaning: Mapping[str, int], otherwise: int) -> Ints:
    """Return what each text of a categorical column means."""
    texts = column.cat.categories
    table = [meaning.get(text, otherwise) for text in texts]
    meanings: Ints = np.array([*table, otherwise], dtype=np.int16)[column.cat.codes.to_numpy()]
    return meanings


def _cents(column: pd.Series) -> Ints:
    """Return cents, UNTOLD where missing; a column that is missing throughout takes no memory."""
    if column.isna().all():
        return np.broadcast_to(np.int64(UNTOLD), len(column))
    return column.to_numpy(dtype=np.int64, na_value=UNTOLD)


def _total(place: Ints, cents: Ints, count: int) -> Ints:
    """Return sums by place; exact, as no sum of cents comes near 2**53."""
    if len(place) == 0:
        return np.zeros(count, dtype=np.int64)
    return np.bincount(place, weights=cents, minlength=count).astype(np.int64)


def _earliest(posted: _Postings, chosen: Mask, count: int) -> Ints:
    return _extreme(np.minimum, posted, chosen, np.full(count, NEVER, dtype=np.int32))


def _last(posted: _Postings, chosen: Mask, count: int) -> Ints:
    last = _extreme(np.maximum, posted, chosen, np.full(count, -NEVER, dtype=np.int32))
    last[last == -NEVER] = NEVER
    return last


def _extreme(ufunc: np.ufunc, posted: _Postings, chosen: Mask, extreme: Ints) -> Ints:
    rows = np.flatnonzero(chosen)
    if len(rows):
        whole = len(rows) == len(chosen)
        ufunc.at(
            extreme,
            posted.line if whole else posted.line[rows],
            posted.order if whole else posted.order[rows],
        )
    return extreme
