"""What every posting belongs to in the end, and what becomes of those that do not count.

In: the rows of the charges and what stands for each (`audit/standing.py`), and postings as intake hands them
over. Out: `Attribution`: the fate of each posting, its line, which sending of the line it answers. A posting
joined to a row that another one stands for belongs to the line of that one; if it answers a claim to a later
payer it is a later payer's, whatever its own status says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from audit.claims import TOLD_TWICE
from audit.columns import (
    Columns,
    Ints,
    Mask,
    find_blanks,
    find_cells,
    frame_of,
    read_numbers,
    take_rows,
)
from audit.joining import Offer, join_postings
from audit.numbering import NONE, flag, number_contents, rank_texts, total
from audit.repeats import SUPERSEDED
from audit.resubmissions import SENT_AGAIN, Followed, Sendings, count_sendings, find_chains
from audit.retold import find_repeated_postings
from audit.standing import REASONS, Standing

if TYPE_CHECKING:
    from audit.settings import Settings

ANSWERED = ("line_ref", "claim_ref", "code", "modifiers", "service_date", "charge")
"""By what answers are told apart whose line is not among ours."""


class Attribution(Struct, frozen=True):
    """The postings: of each exactly one of the first five holds."""

    used: Mask
    too_late: Mask
    superseded: Mask
    unmatched: Mask
    repeated: Mask
    row: Ints
    """The row of the charges that it found, NONE where none."""
    line: Ints
    key: Ints
    """The place in `joining.KEYS` of what joined it."""
    billed_twice: Mask
    """By row of the charges: another claim was paid for the same service."""


def attribute(standing: Standing, postings: Columns, day: np.datetime64, settings: Settings) -> Attribution:
    """Return what each posting belongs to as known on `day`.

    `standing` is told which lines were sent again, as their answers show.
    """
    joined = _join(standing, postings, postings["posted_on"] > day)
    joined = _follow_chains(standing, postings, joined, settings)
    return _set_repeats_aside(postings, joined, standing.by_claim)


def take_postings(
    standing: Standing, postings: Columns, attributed: Attribution, sendings: Sendings, names: list[str]
) -> dict[str, Any]:
    """Return the columns `names` of the postings that count, and `line`.

    Where lines were sent again also `sending`, which one is answered, and `again`: it is not the only one.
    """
    used = np.flatnonzero(attributed.used)
    line, row = attributed.line[used], attributed.row[used]
    posted = {**take_rows(postings, used, *names), "line": line}
    rank = standing.charges["payer_rank"]
    if (rank >= 2).any():
        posted["payer_rank"] = np.maximum(posted["payer_rank"], np.where(rank[row] >= 2, rank[row], 0))
    if (sendings.times > 1).any() or sendings.voided.any():
        posted |= {"sending": sendings.of_row[row], "again": (sendings.times > 1)[line]}
    return posted


def number_sendings(standing: Standing) -> Sendings:
    """Return how often each line was sent."""
    rows = standing.rows_with(SENT_AGAIN)
    place = standing.place_lines()
    rows = rows[place[rows] >= 0]
    sendings = count_sendings(standing.charges, rows, place[rows], len(standing.kept))
    told = standing.rows_with(TOLD_TWICE)
    sendings.of_row[told] = sendings.of_row[standing.stands_for[told]]
    return sendings


def _join(standing: Standing, postings: Columns, unknown: Mask) -> Attribution:
    charges, kept, place = standing.charges, standing.kept, standing.place_lines()
    aside = np.flatnonzero((standing.why >= REASONS.index(TOLD_TWICE)) & (place >= 0))
    if len(aside):
        aside = aside[_has_other_numbers(charges, aside, kept[place[aside]])]
    offered = np.concatenate([kept, aside]) if len(aside) else kept
    offers = place.copy()
    offers[aside] = len(kept) + np.arange(len(aside), dtype=np.int32)
    offer = Offer(take_rows(charges, offered), place[offered], len(kept), standing.by_claim)
    join = join_postings(offer, postings, offers)
    if len(kept):
        missing = join.offer < 0
        row = np.where(missing, np.int32(NONE), offered[join.offer])
        line = np.where(missing, np.int32(NONE), offer.line[join.offer])
    else:
        row = line = join.offer

    beside = postings["charge_row"]
    stands_on = np.flatnonzero(beside >= 0)
    too_late, superseded = unknown.copy(), np.zeros(len(row), dtype=np.bool_)
    too_late[stands_on] |= standing.late[beside[stands_on]]
    superseded[stands_on] = standing.why[beside[stands_on]] == REASONS.index(SUPERSEDED)
    superseded &= ~too_late
    unmatched = (line < 0) & ~too_late & ~superseded
    return Attribution(
        used=~(too_late | superseded | unmatched),
        too_late=too_late,
        superseded=superseded,
        unmatched=unmatched,
        repeated=np.zeros(len(row), dtype=np.bool_),
        row=row,
        line=line,
        key=join.key,
        billed_twice=np.zeros(len(place), dtype=np.bool_),
    )


def _has_other_numbers(charges: Columns, rows: Ints, heads: Ints) -> Mask:
    """Mark rows with another line or claim number than the rows that stand for them."""
    line, claim = charges["line_id"].codes, charges["claim_id"].codes
    other: Mask = (line[rows] != line[heads]) | (claim[rows] != claim[heads])
    return other


def _follow_chains(
    standing: Standing, postings: Columns, joined: Attribution, settings: Settings
) -> Attribution:
    """Let the first sending of each line stand for those on other claims; move the postings to it."""
    kept = standing.kept
    posted = {**postings, "line": np.where(joined.used, joined.line, np.int32(NONE))}
    voided = number_sendings(standing).voided
    chains = find_chains(take_rows(standing.charges, kept), posted, voided, settings)
    own = chains.head == np.arange(len(kept))
    later = np.flatnonzero(~own)
    standing.set_aside(Followed(kept[later], kept[chains.head[later]]), SENT_AGAIN)
    standing.carry(standing.rows_with(SENT_AGAIN))
    joined.billed_twice[kept[chains.billed_twice]] = True
    if not len(later):
        return joined
    place = (np.cumsum(own, dtype=np.int32) - np.int32(1))[chains.head]
    return replace(joined, line=np.where(joined.line < 0, np.int32(NONE), place[joined.line]))


def _set_repeats_aside(postings: Columns, joined: Attribution, by_claim: bool) -> Attribution:
    """Set postings aside that another file also holds, whether they found a line or not."""
    repeated = np.zeros(len(joined.line), dtype=np.bool_)
    used, unmatched = np.flatnonzero(joined.used), np.flatnonzero(joined.unmatched)
    answered = _number_answered(take_rows(postings, unmatched), by_claim)
    for rows, of in ((used, joined.line[used]), (unmatched, answered)):
        again = find_repeated_postings(take_rows(postings, rows), of, int(of.max(initial=NONE)) + 1)
        repeated[rows[again]] = True
    return replace(
        joined, used=joined.used & ~repeated, unmatched=joined.unmatched & ~repeated, repeated=repeated
    )


def list_unmatched(postings: Columns, joined: Attribution, by_claim: bool) -> pd.DataFrame:
    """Return the answers whose line is not among ours, by file name and row: see `History`.

    Postings of one day that name the same line are one answer, else those of one record.
    """
    posted = take_rows(postings, np.flatnonzero(joined.unmatched))
    file, row = rank_texts(posted["source_file"]), posted["source_row"]
    record = number_contents({"file": file, "row": row, "told": posted["charge"].isna()})
    record = np.where(find_blanks(posted["line_ref"]) & ~posted["charge"].isna(), record, NONE)
    of = {"answered": _number_answered(posted, by_claim), "on": posted["posted_on"], "record": record}
    number = number_contents(of)
    order = np.lexsort((row, file))
    _, first = np.unique(number[order], return_index=True)
    first = order[np.sort(first)]
    place = np.empty(len(first), dtype=np.int64)
    place[number[first]] = np.arange(len(first))
    place = place[number]

    cents, reversing = read_numbers(posted["amount"]), find_cells(posted["kind"], "reversal")
    paying = (find_cells(posted["kind"], "payment") | reversing) & find_blanks(posted["reason"])
    paid = total(place, np.where(reversing, -np.abs(cents), cents) * paying, len(first))
    untold = ~flag(place[paying & ~np.asarray(posted["amount"].isna())], len(first))
    names = ("posted_on", "service_date", "code", "source_file", "source_row")
    answer = {name: posted[name][first] for name in names}
    answer["cents"] = pd.arrays.IntegerArray(paid, untold)
    return frame_of(answer, ("posted_on", "service_date", "code", "cents", "source_file", "source_row"))


def _number_answered(posted: Columns, by_claim: bool) -> Ints:
    """Return one number per posting without a line of ours, equal where they name the same line."""
    numbered = ~find_blanks(posted["line_ref"])
    told = ("line_ref", "claim_ref") if by_claim else ("line_ref",)
    by_number = number_contents({name: posted[name] for name in told})
    return number_contents(
        {
            "by_number": np.where(numbered, by_number, NONE),
            "by_claim": np.where(numbered, NONE, number_contents({name: posted[name] for name in ANSWERED})),
        }
    )
