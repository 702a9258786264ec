"""The claims as they were sent (837P) beside the practice's own list of lines.

In: the charges as intake hands them over, as columns. Out: which row of the list and which row of a claim
tell of one line, and what the list lacks filled in from the claim; and whether the claim of a line was sent.

Both tell of one line where line number, date and code agree, else where the claim does; of several equal
lines the first sent meets the first sent. The row of the list counts: it tells of visit, minutes and place. A
line number that means another day or another code in the claims is another line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.columns import UNTOLD, Columns, Ints, Mask, find_blanks, find_cells, look_up, read_numbers
from audit.lines import ABSENT, PRESENT, SELF_PAY, UNKNOWN
from audit.numbering import NONE, find_blank_cells, flag, number_days, number_rows, pair_in_order, rank_texts

TOLD_TWICE = "also told by the practice's own list"

KEYS = (
    ("line_id", "service_date", "code"),
    ("claim_id", "code", "modifiers", "service_date", "charge"),
    ("claim_id", "code", "modifiers", "service_date"),
    ("claim_id", "code", "service_date", "charge"),
    ("claim_id", "code", "service_date"),
    ("patient_ref", "code", "modifiers", "service_date", "charge"),
    ("patient_ref", "code", "service_date", "charge"),
)
"""What agrees where both tell of one line, the most telling first."""

MAY_BE_BLANK = frozenset({"modifiers"})

KEPT_AS_LISTED = frozenset({"source_file", "source_row", "from_claim"})

REPLACES, VOIDS = 1, 2
AGAIN = {"7": REPLACES, "8": VOIDS}
"""Frequencies of a claim that says itself that it was sent before."""


class Pairs(NamedTuple):
    """Rows of the practice's list and rows of claims that tell of the same lines."""

    listed: Ints
    sent: Ints


def days_sent(charges: Columns) -> NDArray[np.datetime64]:
    """Return when each row was sent; the latest day possible where answers alone tell of it (`sent_by`)."""
    sent: NDArray[np.datetime64] = charges["submitted_date"]
    return np.where(np.isnat(sent), charges["sent_by"], sent) if "sent_by" in charges else sent


def order_sendings(charges: Columns, rows: Ints) -> Ints:
    """Return rows in the order in which they were sent, unknown days first; then by file name and row."""
    sent = days_sent(charges)[rows].view(np.int64)  # no date is the least number
    again = look_up(charges["frequency"], AGAIN)[rows]
    keys = (charges["source_row"][rows], rank_texts(charges["source_file"][rows]), again, sent)
    ordered: Ints = rows[np.lexsort(keys)]
    return ordered


def pair_claims(charges: Columns, listed: Ints, sent: Ints) -> Pairs:
    """Return which of the rows `listed` and which of the rows `sent` are one line, each once at most."""
    if not len(listed) or not len(sent):
        return Pairs(listed[:0], sent[:0])
    listed, sent = order_sendings(charges, listed), order_sendings(charges, sent)
    partner = np.full(len(sent), NONE, dtype=np.int32)
    taken = np.zeros(len(listed), dtype=np.bool_)
    parts: dict[str, tuple[Ints, int]] = {}
    for key in KEYS:
        open_sent, open_listed = np.flatnonzero(partner < 0), np.flatnonzero(~taken)
        if key[0] == "patient_ref":
            open_listed = open_listed[find_blanks(charges["claim_id"])[listed[open_listed]]]
        if not len(open_sent) or not len(open_listed):
            continue
        for name in key:
            parts.setdefault(name, _number(charges, name))
        known, sought = (
            number_rows([(parts[name][0][rows], parts[name][1]) for name in key])
            for rows in (listed[open_listed], sent[open_sent])
        )
        found = pair_in_order(known, sought)
        met = np.flatnonzero(found >= 0)
        one, other = listed[open_listed[found[met]]], sent[open_sent[met]]
        met = met[~_of_two_patients(charges, one, other)]
        partner[open_sent[met]] = open_listed[found[met]]
        taken[open_listed[found[met]]] = True
    met = np.flatnonzero(partner >= 0)
    return Pairs(listed[partner[met]], sent[met])


def _number(charges: Columns, name: str) -> tuple[Ints, int]:
    """Return a column as numbers, NONE where it tells nothing, and how many these are."""
    cells = charges[name]
    if isinstance(cells, pd.Categorical):
        number = cells.codes.astype(np.int64)
        if name not in MAY_BE_BLANK:
            number[find_blanks(cells)] = NONE
        return number, len(cells.categories)
    if isinstance(cells, np.ndarray):
        (day,), days = number_days(cells)
        return day, days
    cents = read_numbers(cells, UNTOLD)
    number, distinct = pd.factorize(cents)
    return np.where(cents == UNTOLD, NONE, number), len(distinct)


def _of_two_patients(charges: Columns, one: Ints, other: Ints) -> Mask:
    """Mark pairs that differ in claim and in patient, where both are told."""
    differ = np.ones(len(one), dtype=np.bool_)
    for name in ("claim_id", "patient_ref"):
        cells, told = charges[name].codes, ~find_blanks(charges[name])
        differ &= (cells[one] != cells[other]) & told[one] & told[other]
    return differ


def fill_in(charges: Columns, to: Ints, sources: Ints, names: Iterable[str] = ()) -> dict[str, Any]:
    """Return the columns with what the rows `to` do not tell taken from the rows `sources`, one for one.

    `names`: the columns that are filled in; all but where a row was read from, unless told.
    """
    filled = dict(charges)
    for name in names or (name for name in charges if name not in KEPT_AS_LISTED):
        cells = charges[name]
        untold = find_blank_cells(cells)
        wanted = untold[to] & ~untold[sources]
        if wanted.any():
            filled[name] = cells.copy()
            filled[name][to[wanted]] = cells[sources[wanted]]
    return filled


def find_claims(lines: Columns, in_claim: Mask) -> Ints:
    """Return, by line, whether its claim was sent: UNKNOWN, PRESENT or ABSENT.

    `in_claim`: the line was read from a claim as sent, or is told by one too. A line was sent where it says
    when, or where a claim holds it. It was not where the claims as sent cover its day, or where its own file
    tells of other lines when they were sent. Otherwise, and where the patient pays, the files cannot tell.
    """
    dated = ~np.isnat(lines["submitted_date"])
    file = lines["source_file"].codes
    dating = flag(file[dated], len(lines["source_file"].categories))[file]
    days = lines["service_date"]
    covered = np.zeros(len(days), dtype=np.bool_)
    if in_claim.any():
        claimed = days[in_claim]
        covered = (days >= claimed.min()) & (days <= claimed.max())
    state = np.where(dating | covered, np.int8(ABSENT), np.int8(UNKNOWN))
    state[dated | in_claim] = PRESENT
    state[find_cells(lines["payer"], SELF_PAY)] = UNKNOWN
    return state
