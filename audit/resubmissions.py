"""Lines sent again: one line, however often it is billed.

In: the charges as intake hands them over, the lines and the postings joined to them, as columns. Out: which
rows another one stands for, and which lines may be billed twice.

- A claim sent again under its own number is the line it was, whatever it says.
- A replacement (frequency 7) and a void (8) belong to the claim whose payer's number they name, else to the
  claim of their own number, else to the last claim for that patient, day and code. A changed code is followed
  only along such a number, and only where one line of the day is left on either side.
- A new claim for the same patient, day, code, payer and clinician, sent later, is the earlier line sent
  again where that line was not paid by then: denied, rejected, withdrawn, taken back, or without an answer
  (which does not count where answers alone tell when a claim was sent). A duplicate is never sent again.
  Where it was paid, the new one is a line of its own that may be billed twice; and so is, where the earlier
  one was paid in the end, one that is refused as its duplicate, or was sent before its answer and paid too.
- A claim to a later payer is no line of its own where the first payer's line is there.

The line first sent stands for the others; of several equal lines the first meets the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from audit.claims import AGAIN, VOIDS, days_sent, order_sendings
from audit.columns import Columns, Ints, Mask, find_blanks, find_cells, look_up, read_numbers, take_rows
from audit.decisions import decide
from audit.lines import SELF_PAY
from audit.numbering import (
    NONE,
    count_before,
    fill_untold,
    find_only,
    find_partners,
    find_texts,
    flag,
    number_days,
    number_rows,
    pair_in_order,
    rank_texts,
)

if TYPE_CHECKING:
    from audit.settings import Settings

SENT_AGAIN, LATER_PAYER = "sent again", "billed to a later payer"

SETTLED = ("paid", "reduced", "patient")
"""Decisions after which a new claim for the same service is a line of its own."""

UNANSWERED = ("pending", "no answer", "unknown")

REPEATED_SERVICE = frozenset({"76", "77"})
"""Modifiers that say that the same service was rendered again."""

UNKNOWN_DAY, LATEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max
"""A missing date as a number, and one later than all."""

DECIDING = (
    *("charge", "paid", "allowed", "patient_share", "payer", "code", "modifiers", "frequency"),
    "service_date",
)
ANSWERING = (
    *("posted_on", "payer_rank", "kind", "group", "reason", "amount", "remarks", "claim_status"),
    *("stated", "answered_as"),
)
"""Columns of lines and postings that a decision rests on."""

NO_ROWS = np.empty(0, dtype=np.int64)


class Followed(NamedTuple):
    """Rows that others stand for."""

    rows: Ints
    stands: Ints
    """The row that stands for each."""


# ---------------------------------------------------------------- before answers are joined


def find_same_claims(charges: Columns, rows: Ints) -> Followed:
    """Find, among `rows`, claims sent again under their own number, for the same patient, day and code."""
    again = look_up(charges["frequency"], AGAIN)
    sent = charges["submitted_date"]
    if not again.any() and np.isnat(sent).all():
        return Followed(NO_ROWS, NO_ROWS)
    rows = rows[~find_blanks(charges["claim_id"])[rows]]
    rows = rows[_sent_more_than_once(charges, rows)]
    if not len(rows):
        return Followed(rows, rows)
    rows = order_sendings(charges, rows)
    names = ("claim_id", "patient_ref", "service_date", "code")
    service = pd.factorize(_number_together(charges, rows, names))[0]
    day = sent[rows].view(np.int64)
    sending = _number_pairs(service, pd.factorize(day)[0], again[rows])
    inside = np.lexsort(
        (
            np.arange(len(rows)),
            read_numbers(charges["charge"])[rows],
            rank_texts(charges["modifiers"][rows]),
            sending,
        )
    )
    copy = np.empty(len(rows), dtype=np.int64)
    copy[inside] = count_before(sending[inside])
    chain = _number_pairs(service, copy)
    first = np.full(int(chain.max()) + 1, NONE, dtype=np.int64)
    first[chain[::-1]] = rows[::-1]
    later = first[chain] != rows
    return Followed(rows[later], first[chain[later]])


def _sent_more_than_once(charges: Columns, rows: Ints) -> Mask:
    """Mark rows of claims whose rows were sent on different days, or that say themselves that they are."""
    claim = charges["claim_id"].codes[rows]
    again = look_up(charges["frequency"], AGAIN)[rows].astype(np.int64)
    day = charges["submitted_date"][rows].view(np.int64) // 86400
    known = day > NONE
    moment = np.where(known, day, 0) * 4 + again
    least = np.full(len(charges["claim_id"].categories), np.iinfo(np.int64).max)
    most = np.full(len(least), np.iinfo(np.int64).min)
    told = known | (again > 0)
    np.minimum.at(least, claim[told], moment[told])
    np.maximum.at(most, claim[told], moment[told])
    undated = flag(claim[~told], len(least)) & flag(claim[again > 0], len(least))
    several: Mask = ((least < most) | undated)[claim]
    return several


def find_later_payers(charges: Columns, rows: Ints) -> Followed:
    """Find, among `rows`, those billed to a later payer whose first payer's line is there."""
    later = charges["payer_rank"][rows] >= 2
    if not later.any():
        return Followed(NO_ROWS, NO_ROWS)
    firsts = order_sendings(charges, rows[~later & ~find_cells(charges["payer"], SELF_PAY)[rows]])
    asked = order_sendings(charges, rows[later])
    batch = _number_pairs(
        charges["payer_rank"][asked],
        charges["claim_id"].codes[asked],
        pd.factorize(charges["submitted_date"][asked].view(np.int64))[0],
    )
    stands = np.full(len(asked), NONE, dtype=np.int64)
    for names in (
        ("claim_id", "service_date", "code", "modifiers"),
        ("patient_ref", "service_date", "code", "modifiers"),
        ("patient_ref", "service_date", "code"),
    ):
        left = np.flatnonzero(stands < 0)
        both = np.concatenate([firsts, asked[left]])
        number = pd.factorize(_number_together(charges, both, names))[0]
        number[find_blanks(charges[names[0]])[both]] = NONE
        found = find_partners(number[: len(firsts)], number[len(firsts) :], batch[left])
        stands[left] = np.where(found < 0, NONE, firsts[found] if len(firsts) else NONE)
    met = stands >= 0
    return Followed(asked[met], stands[met])


def _number_together(charges: Columns, rows: Ints, names: tuple[str, ...]) -> Ints:
    """Return one number per row, equal where the columns `names` are."""
    parts = []
    for name in names:
        if name == "service_date":
            (day,), days = number_days(charges[name][rows])
            parts.append((day, days))
        else:
            parts.append((charges[name].codes[rows].astype(np.int64), len(charges[name].categories)))
    return number_rows(parts)


def _number_pairs(*numbers: Ints) -> Ints:
    """Return one small number per row for several columns of numbers."""
    parts = [(pd.factorize(number)[0], len(number)) for number in numbers]
    return pd.factorize(number_rows(parts))[0]


# ---------------------------------------------------------------- how often, and withdrawn


class Sendings(NamedTuple):
    """How often each line was sent, and whether it was withdrawn in the end."""

    times: Ints
    """Withdrawals are not counted."""
    of_row: Ints
    """By row of the charges: which sending of its line it is, the first being 0."""
    voided: Mask
    voided_on: Ints
    """Date of the withdrawal, missing where it is not known."""


def count_sendings(charges: Columns, rows: Ints, line: Ints, count: int) -> Sendings:
    """Return how often each of the lines was sent; the further sendings `rows` belong to the lines `line`."""
    voids = find_cells(charges["frequency"], *(text for text, kind in AGAIN.items() if kind == VOIDS))
    times = np.ones(count, dtype=np.int16)
    np.add.at(times, line[~voids[rows]], 1)
    voided, voided_on = np.zeros(count, dtype=np.bool_), np.full(count, np.datetime64("NaT", "s"))
    of_row = np.zeros(len(voids), dtype=np.int8)
    if len(rows):
        place = np.full(len(voids), NONE, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        ordered = place[order_sendings(charges, rows)]
        of_row[rows[ordered]] = np.minimum(count_before(line[ordered]) + 1, np.iinfo(np.int8).max)
        voided[line[ordered]] = voids[rows[ordered]]  # the last one written is the last one sent
        voided_on[line[ordered]] = charges["submitted_date"][rows[ordered]]
        voided_on[~voided] = np.datetime64("NaT", "s")
    return Sendings(times, of_row, voided, voided_on)


# ---------------------------------------------------------------- once answers are joined


class Chains(NamedTuple):
    """Lines of which another one is the first sending, and lines that may be billed twice."""

    head: Ints
    """By line: the line that stands for it, itself where it was not sent before."""
    billed_twice: Mask


def find_chains(lines: Columns, posted: Columns, voided: Mask, settings: Settings) -> Chains:
    """Return which lines are an earlier one sent again, on another claim.

    `posted["line"]` is the row of `lines`, NONE where a posting is of none, or not known. `voided`: the claim
    was withdrawn under its own number.
    """
    count = len(lines["charge"])
    head, twice = np.arange(count, dtype=np.int32), np.zeros(count, dtype=np.bool_)
    again = look_up(lines["frequency"], AGAIN)
    replacing = np.flatnonzero(again > 0)
    candidates = _find_candidates(lines)
    if not len(replacing) and not len(candidates):
        return Chains(head, twice)
    ordered = order_sendings(lines, np.arange(count) if len(replacing) else candidates)
    position = np.empty(count, dtype=np.int32)
    position[ordered] = np.arange(len(ordered))
    if len(replacing):
        _follow_references(lines, posted, replacing, position, head)
    candidates = candidates[head[candidates] == candidates]
    if len(candidates):
        head = resolve(head)
        ordered = candidates[np.argsort(position[candidates])]
        rounds = _Rounds(lines, posted, ordered, head, voided, settings)
        rounds.run()
        twice[rounds.rows] = rounds.find_billed_twice()
        head[rounds.rows] = rounds.rows[rounds.root]
    return Chains(resolve(head), twice)


def resolve(stands: Ints) -> Ints:
    """Return, for each row, the row that stands for it in the end; NONE stays NONE."""
    while True:
        further = np.where(stands < 0, NONE, stands[stands])
        if (further == stands).all():
            return stands
        stands = further


def _find_candidates(lines: Columns) -> Ints:
    """Return lines to a payer whose patient, day, code and payer occur again."""
    told = ~(find_blanks(lines["patient_ref"]) | find_blanks(lines["claim_id"]))
    told &= ~find_cells(lines["payer"], SELF_PAY)
    dated, file = ~np.isnat(days_sent(lines)), lines["source_file"].codes
    told &= dated | ~flag(file[dated], len(lines["source_file"].categories))[file]  # the others wait
    rows = np.flatnonzero(told)
    service = _number_together(lines, rows, ("patient_ref", "service_date", "code", "payer"))
    often: Ints = rows[pd.Series(service).duplicated(keep=False).to_numpy() & (service >= 0)]
    return often


# ---------------------------------------------------------------- replacements and voids


def _follow_references(lines: Columns, posted: Columns, replacing: Ints, position: Ints, head: Ints) -> None:
    """Write into `head` the lines of the claims that the lines `replacing` name; those sent before only."""
    replacing = replacing[np.argsort(position[replacing])]
    named = _find_named_claims(lines, posted, replacing)
    claim = lines["claim_id"].codes
    offered = np.flatnonzero(flag(named[named >= 0], len(lines["claim_id"].categories))[claim])
    offered = offered[np.argsort(position[offered])]
    service = pd.factorize(
        _number_together(lines, np.concatenate([offered, replacing]), ("patient_ref", "service_date", "code"))
    )[0]
    day = pd.factorize(
        _number_together(lines, np.concatenate([offered, replacing]), ("patient_ref", "service_date"))
    )[0]
    other = named != claim[replacing]  # the same claim and code are one line already
    sought = np.where(other, service[len(offered) :], NONE)
    found = find_partners(
        _with_claim(claim[offered], service[: len(offered)]), _with_claim(named, sought), claim[replacing]
    )
    _link(replacing, offered, found, position, head)

    left = np.flatnonzero(head[replacing] == replacing)
    taken = flag(head[replacing], len(head))[offered] | flag(replacing[left], len(head))[offered]
    free = np.flatnonzero(~taken)
    found = np.full(len(replacing), NONE, dtype=np.int32)
    known = _with_claim(claim[offered[free]], day[: len(offered)][free])
    wanted = _with_claim(named[left], day[len(offered) :][left])
    alone = ~pd.Series(wanted).duplicated(keep=False).to_numpy()
    one = find_only(known, np.where(alone, wanted, NONE))
    found[left] = np.where(one < 0, NONE, free[one] if len(free) else NONE)
    _link(replacing, offered, found, position, head)


def _with_claim(claim: Ints, number: Ints) -> Ints:
    return number_rows([(claim, 2**31), (number, 2**31)])


def _link(rows: Ints, offered: Ints, found: Ints, position: Ints, head: Ints) -> None:
    met = np.flatnonzero(found >= 0)
    partner = offered[found[met]]
    before = position[partner] < position[rows[met]]
    head[rows[met[before]]] = partner[before]


def _find_named_claims(lines: Columns, posted: Columns, rows: Ints) -> Ints:
    """Return the claim of ours that each row replaces: by the payer's number, else by its own."""
    claims: pd.Categorical[str] = lines["claim_id"]
    named: Ints = claims.codes[rows].astype(np.int64)
    named[find_blanks(claims)[rows]] = NONE  # a claim without a number names none
    replaces = lines["replaces"]
    wanted = np.unique(replaces.codes[rows])
    wanted = wanted[np.asarray(replaces.categories[wanted] != "")]
    if not len(wanted):
        return named
    texts = replaces.categories[wanted]
    ours = find_texts(claims.categories, texts)
    by_payer = find_texts(posted["payer_claim"].categories, texts)
    place = np.full(len(posted["payer_claim"].categories) + 1, NONE)
    place[by_payer] = np.arange(len(by_payer))
    place[NONE] = NONE
    at = place[posted["payer_claim"].codes]
    answering = np.flatnonzero((at >= 0) & (posted["line"] >= 0))
    answered = claims.codes[posted["line"][answering]]
    least, most = np.full(len(ours), len(claims.categories)), np.full(len(ours), NONE)
    np.minimum.at(least, at[answering], answered)
    np.maximum.at(most, at[answering], answered)
    ours = np.where(least == most, most, np.where(most < 0, ours, NONE))  # a number of two claims names none
    meant = np.full(len(replaces.categories), NONE, dtype=np.int64)
    meant[wanted] = ours
    found = meant[replaces.codes[rows]]
    claim: Ints = np.where(found >= 0, found, named)
    return claim


# ---------------------------------------------------------------- new claims


class _Rounds:
    """Lines of the same patient, day, code, payer and clinician, claim by claim as they were sent."""

    def __init__(
        self, lines: Columns, posted: Columns, rows: Ints, head: Ints, voided: Mask, settings: Settings
    ) -> None:
        self._settings = settings
        service = _number_together(lines, rows, ("patient_ref", "service_date", "code", "payer"))
        service = pd.factorize(service)[0]
        group = _number_pairs(service, fill_untold(service, lines["clinician"][rows]))
        rank = _rank_claims(group, lines["claim_id"].codes[rows])
        several = flag(group[rank > 0], len(rows))[group]
        self.rows, self._rank = rows[several], rank[several]
        self._group = pd.factorize(group[several])[0]
        self.root = np.arange(len(self.rows))
        """By candidate: the candidate that stands for it."""
        self._sent = days_sent(lines)[self.rows].view(np.int64)
        self._guessed = np.isnat(lines["submitted_date"][self.rows])
        self._again = look_up(lines["frequency"], AGAIN)[self.rows]
        self._repeated = look_up(
            lines["modifiers"],
            {text: 1 for text in lines["modifiers"].categories if REPEATED_SERVICE & set(text.split())},
        )[self.rows]
        self._lines = take_rows(lines, self.rows, *DECIDING) | {
            "patient_key": lines["patient_ref"].codes[self.rows]
        }
        place = np.full(len(head), NONE, dtype=np.int32)
        place[self.rows] = np.arange(len(self.rows))
        at = np.where(posted["line"] < 0, NONE, place[head[posted["line"]]])
        chosen = np.flatnonzero(at >= 0)
        self._posted, self._at = take_rows(posted, chosen, *ANSWERING), at[chosen]
        self._void = voided[self.rows]
        linked = np.flatnonzero(head != np.arange(len(head)))
        linked = order_sendings(lines, linked[place[head[linked]] >= 0])
        self._void[place[head[linked]]] = find_cells(lines["frequency"], "8")[linked]

    def run(self) -> None:
        """Match the lines of each claim with those of earlier ones that were not paid."""
        if not len(self.rows):
            self._paid = np.zeros(0, dtype=np.bool_)
            return
        everyone = np.arange(len(self.rows))
        in_the_end = self._decide(everyone, np.full(len(self.rows), LATEST))
        self._paid_in_the_end = find_cells(in_the_end, *SETTLED)
        self._duplicate = find_cells(in_the_end, "excluded: duplicate")
        self._paid = self._paid_in_the_end.copy()
        for number in range(1, int(self._rank.max()) + 1):
            self._match(np.flatnonzero(self._rank == number), number)

    def find_billed_twice(self) -> Mask:
        """Mark lines of their own after another claim was paid for the same service."""
        groups = len(self.rows)
        first_paid = np.full(groups, groups)
        np.minimum.at(first_paid, self._group[self._paid], self._rank[self._paid])
        own = self.root == np.arange(groups)
        twice: Mask = (
            own & (self._rank > first_paid[self._group]) & (self._again == 0) & (self._repeated == 0)
        )
        return twice

    def _match(self, current: Ints, number: int) -> None:
        self._met_now = np.zeros(len(self.rows), dtype=np.bool_)
        until = np.full(len(self.rows), UNKNOWN_DAY)
        np.maximum.at(until, self._group[current], self._sent[current])
        until[until == UNKNOWN_DAY] = LATEST
        here = flag(self._group[current], len(self.rows))[self._group]
        earlier = np.flatnonzero((self._rank < number) & (self.root == np.arange(len(self.rows))) & here)
        decided = self._decide(earlier, until)
        paid = find_cells(decided, *SETTLED) & ~self._void[earlier]
        unanswered = find_cells(decided, *UNANSWERED)
        self._paid[earlier[paid]] = True
        sent_before = self._sent[earlier] < until[self._group[earlier]]
        # A duplicate stands for no other line; nor does what may not have been sent by then.
        silent = self._duplicate[earlier] | (unanswered & self._guessed[earlier])
        later, offered = self._paid_in_the_end[earlier], ~paid & sent_before & ~silent
        new = (self._again[current] == 0) & (self._sent[current] != UNKNOWN_DAY)
        refused, paid_too = self._duplicate[current], self._paid_in_the_end[current]
        self._join(current[new & refused], earlier[offered & ~later])
        self._join(current[new & paid_too], earlier[offered & ~(later & unanswered)])
        self._join(current[new & ~refused & ~paid_too], earlier[offered])
        self._join(current[self._again[current] > 0], earlier[sent_before][::-1])

    def _join(self, current: Ints, offered: Ints) -> None:
        """Let each of the offered stand for one of the current, if for no other of this claim yet."""
        offered = offered[~self._met_now[offered]]
        found = pair_in_order(self._group[offered], self._group[current])
        met = np.flatnonzero(found >= 0)
        self.root[current[met]] = offered[found[met]]
        self._met_now[offered[found[met]]] = True
        self._void[offered[found[met]]] = self._again[current[met]] == VOIDS

    def _decide(self, chosen: Ints, until: Ints) -> pd.Categorical[str]:
        """Return what was decided on some candidates, by group until a moment."""
        place = np.full(len(self.rows), NONE, dtype=np.int32)
        place[chosen] = np.arange(len(chosen))
        at = place[self.root[self._at]]
        day = self._posted["posted_on"]
        known = np.isnat(day) | (day.view(np.int64) <= until[self._group[self._at]])
        rows = np.flatnonzero((at >= 0) & known)
        posted = {**take_rows(self._posted, rows), "line": at[rows]}
        decided = decide(take_rows(self._lines, chosen), posted, self._settings)
        last: pd.Categorical[str] = decided.decisions["last_decision"]
        return last


def _rank_claims(group: Ints, claim: Ints) -> Ints:
    """Return, for rows in the order of sending, which claim of its group each is on: 0, 1 ..."""
    pair = _number_pairs(group, claim)
    new = ~pd.Series(pair).duplicated().to_numpy()
    rank = np.empty(len(pair), dtype=np.int64)
    rank[pair[new]] = count_before(group[new])
    return rank[pair]
