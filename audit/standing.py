"""Which rows of the charges are lines, and which row stands for each of the others.

In: the charges as intake hands them over, as columns, and the as-of date. Out: `Standing`: for every row the
reason why it is set aside, or none, and the row that stands for it. Of a line told by the practice's list and
by the claim as sent, the list's row counts, filled in from the claim (`audit/claims.py`). What was sent after
the as-of date was not known: a claim, and a row of the list that bills again what was sent before; another
row of the list was there, and not sent yet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.claims import AGAIN, TOLD_TWICE, days_sent, fill_in, order_sendings, pair_claims
from audit.columns import Columns, Ints, Mask, find_blanks, find_cells, look_up, take_rows
from audit.lines import SELF_PAY
from audit.numbering import NONE, number_contents
from audit.repeats import DUPLICATE, SUPERSEDED, find_repeated_lines
from audit.resubmissions import (
    LATER_PAYER,
    SENT_AGAIN,
    Followed,
    find_later_payers,
    find_same_claims,
    resolve,
)

TOO_LATE = "after the as-of date"

REASONS = (TOO_LATE, SUPERSEDED, DUPLICATE, TOLD_TWICE, SENT_AGAIN, LATER_PAYER)
"""Why a row of the charges is set aside."""

KEPT = NONE

OF_THE_VISIT = ("visit_ref", "clinician", "location", "minutes", "has_minutes")
"""What a line first sent takes from a later sending where it does not tell it; what was billed stays."""

AMOUNTS = {"allowed": "allowed", "paid": "paid", "patient_share": "patient_share", "charge": "charge_last"}
"""What the last sending that tells it tells of the line, and what that is called: the first charge stays."""


class Standing(Struct):
    """The rows of the charges, and what stands for each."""

    charges: Columns
    """As intake hands them over, filled in."""
    why: Ints
    """By row: the place in REASONS, KEPT where the row is a line."""
    stands_for: Ints
    """By row: the row that stands for it, itself where it is a line, NONE where it is superseded."""
    late: Mask
    by_claim: bool
    """Line numbers count within a claim only."""
    in_claim: Mask
    """Told by a claim as it was sent."""

    @property
    def kept(self) -> Ints:
        return np.flatnonzero(self.why == KEPT).astype(np.int32)

    def place_lines(self) -> Ints:
        """Return, for each row, the line that it is or belongs to; NONE where there is none."""
        kept = self.kept
        place = np.full(len(self.why) + 1, NONE, dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        found: Ints = place[resolve(self.stands_for)]
        return found

    def rows_with(self, reason: str) -> Ints:
        return np.flatnonzero(self.why == REASONS.index(reason))

    def set_aside(self, followed: Followed, reason: str) -> None:
        """Let other rows stand for some."""
        self.why[followed.rows] = REASONS.index(reason)
        self.stands_for[followed.rows] = followed.stands
        told = followed.stands[self.in_claim[followed.rows]]
        self.in_claim[told] = True

    def carry(self, rows: Ints) -> None:
        """Give lines what only their further sendings `rows` tell, and the amounts told last."""
        if not len(rows):
            return
        rows = order_sendings(self.charges, rows)
        heads = resolve(self.stands_for)[rows]
        self.charges = fill_in(self.charges, heads[::-1], rows[::-1], OF_THE_VISIT)
        for name, called in AMOUNTS.items():
            cells = self.charges[name]
            told = ~np.asarray(cells[rows].isna())
            if told.any():
                last = cells.copy()
                last[heads[told]] = cells[rows[told]]  # the last one written was sent last
                self.charges = {**self.charges, called: last}


def settle_rows(charges: Columns, postings: Columns, day: np.datetime64) -> Standing:
    """Return which rows are lines as known on `day`, before any answer is looked at."""
    repeats = find_repeated_lines(charges, postings)
    late = (charges["service_date"] > day) | _find_unsent(charges, day)
    reason = np.select(
        [repeats.duplicate, repeats.superseded, late],
        [REASONS.index(DUPLICATE), REASONS.index(SUPERSEDED), REASONS.index(TOO_LATE)],
        KEPT,
    )
    standing = Standing(
        charges=_forget_later_sendings(charges, day),
        why=reason.astype(np.int8),
        stands_for=repeats.stands_for,
        late=late,
        by_claim=repeats.by_claim,
        in_claim=charges["from_claim"].copy(),
    )
    _tell_once(standing)
    first = standing.kept[standing.charges["payer_rank"][standing.kept] < 2]
    same = find_same_claims(standing.charges, first)
    standing.set_aside(same, SENT_AGAIN)
    standing.set_aside(find_later_payers(standing.charges, standing.kept), LATER_PAYER)
    return standing


def _tell_once(standing: Standing) -> None:
    charges, kept = standing.charges, standing.kept
    sent = charges["from_claim"][kept]
    if sent.any() and not sent.all():
        billed = ~find_cells(charges["payer"], SELF_PAY)[kept]
        first = charges["payer_rank"][kept] < 2
        pairs = pair_claims(charges, kept[~sent & billed & first], kept[sent & first])
        standing.charges = fill_in(charges, pairs.listed, pairs.sent)
        standing.set_aside(Followed(pairs.sent, pairs.listed), TOLD_TWICE)


def _find_unsent(charges: Columns, day: np.datetime64) -> Mask:
    """Mark rows that were billed after `day`, and tell of nothing else that was known."""
    later: Mask = days_sent(charges) > day
    if not later.any():
        return later
    again: Mask = charges["from_claim"] | (look_up(charges["frequency"], AGAIN) > 0)
    rows = np.flatnonzero(later & ~again & ~find_blanks(charges["patient_ref"]))
    if len(rows):
        names = ("patient_ref", "service_date", "code", "payer")
        known = np.flatnonzero(~later)
        service = number_contents(take_rows(charges, np.concatenate([known, rows]), *names))
        before = pd.Series(service[len(known) :]).isin(service[: len(known)]).to_numpy()
        again[rows[before]] = True
    return later & again


def _forget_later_sendings(charges: Columns, day: np.datetime64) -> dict[str, Any]:
    later = charges["submitted_date"] > day
    if not later.any():
        return dict(charges)
    return {
        **charges,
        "submitted_date": np.where(later, np.datetime64("NaT", "s"), charges["submitted_date"]),
    }
