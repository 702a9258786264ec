"""The decision on a claim line: the printed table as code, in the printed order, first match wins.

In: the lines and the postings joined to them (`audit/lines.py`), as columns, and the settings. Out: the
columns of `DECIDED`, and the amounts (allowed, paid, patient's share) that the answers tell. Whole cents.

P paid without interest, S left to the patient, H taken from an allowed amount, Q settled by an earlier payer,
D refused for a reason that is a denial, U adjusted for a reason not in our book, all netted per group and
reason. K is what is covered: P + S + H + Q, or `allowed` where an export gives no reasons, or paid plus
patient share. `audit/answers.py` nets them; the class of a reason stands in `config/reasons.csv`, what a
payer always bundles or prepays in `config/payers.toml`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from audit.answers import Answers, net_answers
from audit.columns import UNTOLD, Columns, Ints, Mask, read_numbers
from audit.lines import DECISIONS
from audit.remittances import UNDATED

if TYPE_CHECKING:
    from audit.settings import Settings

FIRST, LATEST, BOTH = "first", "latest", "both"


class Row(NamedTuple):
    """One row of the table: its printed number, when it holds, what is decided, and how that is found."""

    number: str
    when: str
    decision: str
    holds: Callable[[Answers], Mask]
    of: str = BOTH
    """Whether the row belongs to the first decision, the latest, or both."""


TABLE = (
    Row("0", "never sent to an insurer: self-pay, package, courtesy", "not billed", lambda a: a.not_billed),
    Row("1", "predetermination", "no answer", lambda a: a.predetermined & ~a.answered),
    # A reversal cancels the answer before it, which then is not the latest; the correction after it decides.
    Row("2", "reversed, no correction after it", "taken back", lambda a: a.taken_back, of=LATEST),
    Row("2", "reversed (or upheld), the original missing", "unknown", lambda a: a.original_missing, of=FIRST),
    # A later payer's answer is money only and never the first decision.
    Row(
        "3", "the first payer's answer is not in the files", "unknown", lambda a: a.later_payer_only, of=FIRST
    ),
    Row("3", "a later payer paid", "paid", lambda a: a.later_payer_paid, of=LATEST),
    Row("4", "sent on to another payer", "excluded: sent on", lambda a: a.sent_on & ~a.answered),
    Row("5", "pending; no posting at all", "pending", lambda a: ~a.answered & ~a.upheld),
    Row("6", "MA130: could not be processed", "rejected", lambda a: a.rejected),
    Row("7", "18 or B13, the original among our lines", "excluded: duplicate", lambda a: a.duplicate),
    Row("8", "no charge, 246, category II, report codes", "excluded: report only", lambda a: a.report_only),
    Row("9", "claim voided", "excluded: withdrawn", lambda a: a.withdrawn),
    Row(
        "10",
        "refused, with GY or GX; or 98940-98942 with GA and no AT",
        "excluded: denial asked for",
        lambda a: a.denial_asked_for & (a.covered <= 0) & (a.refused > 0),
    ),
    Row(
        "11",
        "97, 234, B15, always bundled by the payer",
        "excluded: bundled as expected",
        lambda a: a.bundled,
    ),
    Row("12", "CO-24, the payer prepays", "excluded: prepaid", lambda a: a.prepaid),
    # 193 and 286 keep the decision before them: such an answer is passed over where there is one.
    Row("13", "193, 286, no answer before it", "unknown", lambda a: a.upheld & ~a.answered),
    Row("14", "K > 0 and D > 0", "reduced", lambda a: (a.covered > 0) & (a.refused > 0)),
    Row("15", "K > 0, D = 0: P = Q = 0 and S > 0", "patient", lambda a: (a.covered > 0) & left_to_patient(a)),
    Row("15", "K > 0, D = 0: otherwise", "paid", lambda a: a.covered > 0),
    Row("16", "K = 0, D > 0", "denied", lambda a: a.refused > 0),
    Row("17", "K = 0, D = 0, U > 0", "reason unknown", lambda a: a.unexplained > 0),
    Row("18", "K = 0, only contractual reasons", "nothing allowed, no reason", lambda a: nothing_allowed(a)),
)
"""The table, first match wins. Where no row holds, amounts could not be read: `unknown`."""

WEIGHING_BEGINS = "14"
"""From this row on amounts and reasons are weighed; where an export has none, its status word decides."""


WITHOUT_ANSWER = ("not billed", "no answer", "pending", "unknown", "excluded: sent on")
"""Decisions that rest on no answer: they have neither a date, a reason nor an amount refused."""

WITHOUT_REASON = ("paid", "patient", "taken back")
"""Decisions that have a date, and nothing refused to give a reason for."""


class Decided(NamedTuple):
    """What `decide` returns, row by row of the lines."""

    decisions: Columns
    """The columns of DECIDED."""
    amounts: Columns
    """allowed, paid and patient_share as exported, else as the answers tell; Int64 cents."""


def left_to_patient(answers: Answers) -> Mask:
    """Mark answers that left all that is covered to the patient: P = Q = 0 and S > 0."""
    left: Mask = (answers.paid == 0) & (answers.prior == 0) & (answers.share > 0)
    return left


def nothing_allowed(answers: Answers) -> Mask:
    """Mark answers that tell their amounts, and cover nothing."""
    nothing: Mask = answers.amounts_known & (answers.covered == 0)
    return nothing


def word_alone(answers: Answers) -> Mask:
    """Mark answers without reasons that state a decision in a word, where no amount says otherwise.

    Money paid says otherwise; an allowed amount or a patient's share does so only for the word "paid":
    exports show both on lines that they call denied.
    """
    paid = answers.stated == DECISIONS.index("paid")
    alone: Mask = (answers.paid <= 0) & ~(paid & (answers.covered > 0))
    return alone & ~answers.has_reasons & (answers.stated >= 0)


def decide(lines: Columns, postings: Columns, settings: Settings) -> Decided:
    """Return the first and the latest decision of every line, and the amounts that its answers tell.

    `postings["line"]` is the row of `lines`; the order of rows plays no part. An adjustment whose amount is
    unknown counts as there: a denial reason then refuses the line (K = 0) or reduces it (K > 0).
    """
    netted = net_answers(lines, postings, settings)
    first = _outcome(netted.first, match(netted.first, FIRST), len(netted.labels))
    at_latest = _outcome(netted.latest, match(netted.latest, LATEST), len(netted.labels))
    last = _Outcome(*(column.copy() for column in first))
    for column, values in zip(last, at_latest, strict=True):
        column[netted.changed] = values
    decisions = {
        "first_decision": _category(first.decision, list(DECISIONS)),
        "first_reason": _reasons(first.reason, netted.labels),
        "first_decided_on": first.decided_on,
        "last_decision": _category(last.decision, list(DECISIONS)),
        "last_reason": _reasons(last.reason, netted.labels),
        "last_decided_on": last.decided_on,
        "first_denied": _first_denied(netted.first, first.decision, lines["charge"]),
        "patient_owes": netted.first.patient_owes & _is(first.decision, "denied"),
        "answers": netted.answers,
        "answered_as": netted.answered_as,
        "first_paid_on": _dates(netted.money.first_paid),
        "taken_back": _money(netted.money.taken_back),
        "taken_back_on": _dates(netted.money.taken_back_since),
        "credit": _money(netted.money.credit),
        "credit_on": _dates(netted.money.credit_since),
    }
    told = {"allowed": netted.allowed, "paid": netted.paid, "patient_share": netted.share}
    return Decided(decisions, {name: _fill(lines[name], cents) for name, cents in told.items()})


def match(answers: Answers, of: str) -> Ints:
    """Return, for each answer, the decision of the first row that holds, as its place in DECISIONS."""
    decision = np.full(len(answers.answered), DECISIONS.index("unknown"), dtype=np.int8)
    for row in reversed(TABLE):  # so that the first row is written last
        if row.of in (BOTH, of):
            decision[row.holds(answers)] = DECISIONS.index(row.decision)
        if row.number == WEIGHING_BEGINS:
            alone = word_alone(answers)
            decision[alone] = answers.stated[alone]
    return decision


class _Outcome(NamedTuple):
    """What one answer per line comes to."""

    decision: Ints
    reason: Ints
    """Its place in the labels; the place after the last is no reason."""
    decided_on: Ints


def _outcome(answers: Answers, decision: Ints, no_reason: int) -> _Outcome:
    unanswered = _is(decision, *WITHOUT_ANSWER)
    unreasoned = unanswered | _is(decision, *WITHOUT_REASON)
    dates = _dates(np.where(unanswered, UNDATED, answers.day))
    return _Outcome(decision, np.where(unreasoned, no_reason, answers.label), dates)


def _dates(day: Ints) -> Ints:
    dates: Ints = day.astype("datetime64[D]").astype("datetime64[s]")
    dates[day == UNDATED] = np.datetime64("NaT", "s")
    return dates


def _first_denied(answers: Answers, decision: Ints, charge: Any) -> pd.arrays.IntegerArray:
    """Return what the first answer refused; where it refused all and told no amount, the charge."""
    unsaid = ~answers.refused_known | (_is(decision, "denied") & (answers.refused == 0))
    whole = unsaid & (answers.covered <= 0)
    denied = np.where(whole, read_numbers(charge, UNTOLD), answers.refused)
    denied[(unsaid & ~whole) | _is(decision, *WITHOUT_ANSWER)] = UNTOLD
    return _money(denied)


def _reasons(place: Ints, labels: list[str]) -> pd.Categorical[Any]:
    """Return the reasons that occur as text, in alphabetical order; the place after the last is no reason."""
    texts = np.array([*labels, ""], dtype="object")
    used = np.flatnonzero(np.bincount(place, minlength=len(texts)))
    found = sorted({*texts[used], ""})
    code = np.zeros(len(texts), dtype=np.int16)
    code[used] = [found.index(text) for text in texts[used]]
    return _category(code[place], found)


def _category(codes: Ints, texts: list[str]) -> pd.Categorical[Any]:
    category: pd.Categorical[Any] = pd.Categorical.from_codes(codes, pd.Index(texts, dtype="str"))
    return category


def _is(decision: Ints, *words: str) -> Mask:
    """Mark the decisions that are one of `words`."""
    wanted = np.array([word in words for word in DECISIONS])
    marked: Mask = wanted[decision]
    return marked


def _fill(exported: Any, cents: Ints) -> Any:
    """Return amounts as exported; where they are not, as the answers tell them."""
    missing = exported.isna()
    return _money(cents if missing.all() else np.where(missing, cents, read_numbers(exported)))


def _money(cents: Ints) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(cents, cents == UNTOLD)
