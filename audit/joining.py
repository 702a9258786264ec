"""Which line each posting belongs to: by its row, its line number, else its claim.

In: what is offered (the lines, and the rows that a line stands for where these go by another number), and
postings as intake hands them over, as columns. Out: the offer that every posting found, and by which key.
One-to-one and deterministic: no posting belongs to two lines, and the order of rows plays no part.

A line number is not believed where posting and line differ in the date of service, and in the claim. A code
that the payer changed joins by its line number only. An answer to a whole claim joins where the claim has
one line.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.columns import (
    UNTOLD,
    Columns,
    Ints,
    find_blanks,
    read_numbers,
    take_rows,
)
from audit.dealing import deal_out
from audit.numbering import (
    NONE,
    find_only,
    number_days,
    number_rows,
    number_texts,
    rank_texts,
)

KEYS = (
    "the same row",
    "line number",
    "claim, code, modifiers, date and charge",
    "claim, code, modifiers and date",
    "claim, code and date",
    "claim and code",
    "claim of one line",
)
"""By what a posting is joined to its line, tried in this order."""

BY_CLAIM = (
    ("claim_id", "code", "modifiers", "date", "charge"),
    ("claim_id", "code", "modifiers", "date"),
    ("claim_id", "code", "date"),
    ("claim_id", "code"),
    ("claim_id",),
)
"""What the last five keys compare."""

WITH_CHARGE, WHOLE_CLAIM = 0, 4
DEALT_OUT = 3
"""With the first so many of these keys, several equal lines share their answers."""


class Offer(NamedTuple):
    """What postings may find: rows of the charges, and the line that each belongs to."""

    rows: Columns
    line: Ints
    """By offer: its line; the lines themselves come first, in their order."""
    lines: int
    """How many lines there are."""
    by_claim: bool = False
    """Line numbers count within their claim only."""

    @property
    def several(self) -> bool:
        """Some line is offered more than once."""
        return len(self.line) > self.lines


class Join(NamedTuple):
    """The offer that every posting found (NONE: none), and the place in KEYS of the key that found it."""

    offer: Ints
    key: Ints


def join_postings(offer: Offer, postings: Columns, place: Ints) -> Join:
    """Return what each posting belongs to; `place`: the offer of each row of the charges (NONE: none)."""
    row = postings["charge_row"]
    found, key = np.full(len(row), NONE, dtype=np.int32), np.full(len(row), NONE, dtype=np.int8)
    beside = row >= 0
    if beside.any():
        found[beside], key[beside] = place[row[beside]], 0
    apart = np.flatnonzero(~beside)
    if len(apart) and len(offer.line):
        names = ("line_ref", "claim_ref", "service_date")
        numbered = _by_line_number(offer, take_rows(postings, apart, *names))
        found[apart], key[apart] = numbered, np.where(numbered >= 0, 1, NONE)
        _join_by_claim(offer, postings, apart[numbered < 0], Join(found, key))
    key[found < 0] = NONE
    return Join(found, key)


# ---------------------------------------------------------------- by line number


def _by_line_number(offer: Offer, postings: Columns) -> Ints:
    (known, sought), texts = number_texts(offer.rows["line_id"], postings["line_ref"])
    if not (sought >= 0).any():
        return np.full(len(sought), NONE, dtype=np.int32)
    if not offer.by_claim and not _has_repeats(known, len(texts)):
        return _doubt(offer, postings, _place_by_number(known, sought, len(texts)))
    (claims, claims_sought), claim_texts = number_texts(offer.rows["claim_id"], postings["claim_ref"])
    found = find_only(
        number_rows([(claims, len(claim_texts)), (known, len(texts))]),
        number_rows([(claims_sought, len(claim_texts)), (sought, len(texts))]),
    )
    alone = (found < 0) & ((claims_sought < 0) | (not offer.by_claim))
    only = _find_meant(offer, known, len(texts))[sought]
    return _doubt(offer, postings, np.where(alone, only, found))


def _has_repeats(known: Ints, count: int) -> bool:
    return bool((np.bincount(known + 1, minlength=count + 1)[1:] > 1).any())


def _place_by_number(known: Ints, sought: Ints, count: int) -> Ints:
    """Return where each sought number below `count` stands; without repeats each stands once at most."""
    place = np.full(count + 1, NONE, dtype=np.int32)
    place[known] = np.arange(len(known), dtype=np.int32)
    place[NONE] = NONE  # blank numbers wrote here
    found: Ints = place[sought]
    return found


def _find_meant(offer: Offer, known: Ints, count: int) -> Ints:
    """Return, by line number, the offer first sent of those with it; NONE where they are several services."""
    rows = np.flatnonzero(known >= 0)
    sent = offer.rows["submitted_date"].view(np.int64)[rows]
    file, source = rank_texts(offer.rows["source_file"][rows]), offer.rows["source_row"][rows]
    last_to_first = rows[np.lexsort((source, file, sent))[::-1]]
    first = np.full(count + 1, NONE, dtype=np.int32)
    first[known[last_to_first]] = last_to_first  # the last one written was sent first
    beside = first[known[rows]]
    code, day = offer.rows["code"].codes, offer.rows["service_date"]
    other = (code[rows] != code[beside]) | (day[rows] != day[beside])
    first[known[rows[other]]] = NONE
    return first


def _doubt(offer: Offer, postings: Columns, found: Ints) -> Ints:
    """Return what was found by line number, less what another date of service speaks against.

    A clearing house may count the lines of each claim from 1, where the practice's own list counts them all.
    """
    day = postings["service_date"]
    if np.isnat(day).all():
        return found
    told = offer.rows["service_date"][found]
    against = (found >= 0) & (day != told) & ~np.isnat(day)
    if against.any():
        claims, _ = number_texts(offer.rows["claim_id"], postings["claim_ref"])
        ours, theirs = claims[0][found], claims[1]
        against &= ours != theirs
        if against.any():
            against |= (ours >= 0) & (theirs >= 0) & (ours != theirs)
    return np.where(against, NONE, found)


# ---------------------------------------------------------------- by claim


class _Part(NamedTuple):
    """One part of a key: its number on each offer and each posting, and how many numbers there are."""

    offers: Ints
    postings: Ints
    size: int

    @classmethod
    def of(cls, numbers: list[Ints], size: int) -> _Part:
        return cls(numbers[0], numbers[1], size)


def _join_by_claim(offer: Offer, postings: Columns, rows: Ints, join: Join) -> None:
    """Join the postings `rows` by their claim, the most telling key first."""
    rows = rows[~find_blanks(postings["claim_ref"])[rows]]
    if not len(rows):
        return
    asked = take_rows(postings, rows, "claim_ref", "code", "modifiers", "service_date", "charge")
    parts = _number_parts(offer.rows, asked)
    whole = find_blanks(asked["code"])
    answered = _Answered(offer, asked["charge"], postings, rows)
    for number, names in enumerate(BY_CLAIM):
        open_now = np.flatnonzero((join.offer[rows] < 0) & (whole == (number == WHOLE_CLAIM)))
        if not len(open_now):
            continue
        known = number_rows([(parts[name].offers, parts[name].size) for name in names])
        sought = number_rows([(parts[name].postings[open_now], parts[name].size) for name in names])
        known = _offer_once(offer, known)
        found = find_only(known, sought)
        if number < DEALT_OUT:
            found = deal_out(offer.rows, known, postings, rows[open_now], sought, found)
        if number > WITH_CHARGE:
            found = answered.spare(open_now, found)
        join.offer[rows[open_now]] = found
        join.key[rows[open_now]] = np.where(found >= 0, len(KEYS) - len(BY_CLAIM) + number, NONE)
        if number == WITH_CHARGE:
            answered.note(open_now, found)


def _number_parts(offered: Columns, asked: Columns) -> dict[str, _Part]:
    parts = {"date": _Part.of(*number_days(offered["service_date"], asked["service_date"]))}
    for name, sought in (("claim_id", "claim_ref"), ("code", "code"), ("modifiers", "modifiers")):
        numbers, texts = number_texts(offered[name], asked[sought])
        parts[name] = _Part.of(numbers, len(texts))
    no_modifier_counts = [number + 1 for number in (parts["modifiers"].offers, parts["modifiers"].postings)]
    parts["modifiers"] = _Part.of(no_modifier_counts, parts["modifiers"].size + 1)
    charges = np.concatenate([read_numbers(column["charge"], UNTOLD) for column in (offered, asked)])
    number, distinct = pd.factorize(charges)
    number = np.where(charges == UNTOLD, NONE, number)
    both = [number[: len(offered["charge"])], number[len(offered["charge"]) :]]
    return parts | {"charge": _Part.of(both, len(distinct))}


def _offer_once(offer: Offer, known: Ints) -> Ints:
    """Return the keys of the offers, each key of a line once."""
    if not offer.several:
        return known
    pairs = pd.DataFrame({"key": known, "line": offer.line})
    return np.where(pairs.duplicated().to_numpy(), NONE, known)


class _Answered:
    """Lines whose very charge an answer told: another one of that day, with another charge, is not theirs."""

    def __init__(self, offer: Offer, charge: Ints, postings: Columns, rows: Ints) -> None:
        self._offer, self._told = offer, read_numbers(charge, UNTOLD)
        (day,), days = number_days(postings["posted_on"][rows])
        self._when = number_rows([(day + 1, days + 1), (postings["payer_rank"][rows], 128)])
        self._answered = np.empty(0, dtype=np.int64)

    def _number(self, asked: Ints, found: Ints) -> Ints:
        when = int(self._when.max(initial=0)) + 1
        return np.where(found < 0, NONE, self._offer.line[found].astype(np.int64) * when + self._when[asked])

    def note(self, asked: Ints, found: Ints) -> None:
        self._answered = np.unique(self._number(asked, found))

    def spare(self, asked: Ints, found: Ints) -> Ints:
        """Return what was found, less lines that are answered already."""
        told = (self._told[asked] != UNTOLD) & (found >= 0)
        if not told.any() or not len(self._answered):
            return found
        charge = read_numbers(self._offer.rows["charge"], UNTOLD)[found]
        told &= (charge != self._told[asked]) & np.isin(self._number(asked, found), self._answered)
        return np.where(told, NONE, found)
