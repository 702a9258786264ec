"""Which line each posting belongs to: by its row, its line number, else its claim.

In: the lines, and postings as intake hands them over, as columns. Out: the line of every posting, and by
which key it was found. One-to-one and deterministic: no posting belongs to two lines, and the order of rows
plays no part.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.columns import Columns, Ints, find_blanks, find_cells, look_up, read_numbers, take_rows
from audit.numbering import NONE, find_only, number_days, number_rows, number_texts, rank_texts

KEYS = (
    "the same row",
    "line number",
    "claim, code, modifiers and date",
    "claim, code and date",
    "claim and code",
)
"""By what a posting is joined to its line, tried in this order."""

# Payments are dealt out first, denials last: a line is paid before another of the same kind is refused.
ORDER_OF_KINDS = ("payment", "allowed", "reversal", "adjustment", "interest", "status")

DEALT_BY = ("posted_on", "payer_rank", "kind", "group", "reason", "amount")


class Join(NamedTuple):
    """The line of every posting (NONE: none), and the place in KEYS of the key that found it."""

    line: Ints
    key: Ints


def join_postings(lines: Columns, postings: Columns, place: Ints, numbered_by_claim: bool = False) -> Join:
    """Return the line of each posting.

    `place` tells, for each row of the charges as read, the row of `lines` that stands for it (NONE: none).
    `numbered_by_claim`: line numbers count within their claim only.
    """
    count = len(postings["charge_row"])
    line, key = np.full(count, NONE, dtype=np.int32), np.full(count, NONE, dtype=np.int8)
    row = postings["charge_row"]
    beside = row >= 0
    if beside.any():
        line[beside], key[beside] = place[row[beside]], 0
    apart = np.flatnonzero(~beside)
    if len(apart):
        found = _by_line_number(lines, take_rows(postings, apart, "line_ref", "claim_ref"), numbered_by_claim)
        line[apart], key[apart] = found, np.where(found >= 0, 1, NONE)
        _join_by_claim(lines, postings, apart[found < 0], Join(line, key))
    key[line < 0] = NONE
    return Join(line, key)


def _by_line_number(lines: Columns, postings: Columns, by_claim: bool) -> Ints:
    (known, sought), texts = number_texts(lines["line_id"], postings["line_ref"])
    if not by_claim:
        return _place_by_number(known, sought, len(texts))
    (claims, claims_sought), claim_texts = number_texts(lines["claim_id"], postings["claim_ref"])
    return find_only(
        number_rows([(claims, len(claim_texts)), (known, len(texts))]),
        number_rows([(claims_sought, len(claim_texts)), (sought, len(texts))]),
    )


def _place_by_number(known: Ints, sought: Ints, count: int) -> Ints:
    """Return where each sought number below `count` stands; without repeats each stands once at most."""
    place = np.full(count + 1, NONE, dtype=np.int32)
    place[known] = np.arange(len(known), dtype=np.int32)
    place[NONE] = NONE  # blank numbers wrote here
    found: Ints = place[sought]
    return found


class _Part(NamedTuple):
    """One part of a key: its number on each line and each posting, and how many numbers there are."""

    lines: Ints
    postings: Ints
    size: int

    @classmethod
    def of(cls, numbers: list[Ints], size: int) -> _Part:
        return cls(numbers[0], numbers[1], size)


def _join_by_claim(lines: Columns, postings: Columns, rows: Ints, join: Join) -> None:
    """Join the postings `rows` by their claim, the most telling key first."""
    rows = rows[~find_blanks(postings["claim_ref"])[rows]]
    if not len(rows):
        return
    open_rows = take_rows(postings, rows, "claim_ref", "code", "modifiers", "service_date")
    parts = {"date": _Part.of(*number_days(lines["service_date"], open_rows["service_date"]))}
    for name, asked in (("claim_id", "claim_ref"), ("code", "code"), ("modifiers", "modifiers")):
        numbers, texts = number_texts(lines[name], open_rows[asked])
        parts[name] = _Part.of(numbers, len(texts))
    no_modifier_counts = [number + 1 for number in (parts["modifiers"].lines, parts["modifiers"].postings)]
    parts["modifiers"] = _Part.of(no_modifier_counts, parts["modifiers"].size + 1)
    keys = (("claim_id", "code", "modifiers", "date"), ("claim_id", "code", "date"), ("claim_id", "code"))
    for number, names in enumerate(keys, start=2):
        open_now = np.flatnonzero(join.line[rows] < 0)
        known = number_rows([(parts[name].lines, parts[name].size) for name in names])
        sought = number_rows([(parts[name].postings[open_now], parts[name].size) for name in names])
        found = find_only(known, sought)
        if number < len(KEYS) - 1:
            found = _deal_out(lines, known, postings, rows[open_now], sought, found)
        join.line[rows[open_now]] = found
        join.key[rows[open_now]] = np.where(found >= 0, number, NONE)


def _deal_out(lines: Columns, known: Ints, postings: Columns, rows: Ints, sought: Ints, found: Ints) -> Ints:
    """Share postings that name several equal lines among them: each line up to its charge, payments first.

    Two lines of the same code on the same claim and date cannot be told apart by an answer without line
    numbers. Each posting goes to one of them, so that the sums and the number of refusals are right.
    """
    asked = np.flatnonzero((found < 0) & (sought >= 0) & pd.Series(sought).isin(known).to_numpy())
    if not len(asked):
        return found
    equal = _equal_lines(lines, known, sought[asked])
    charge = equal.groupby("key")["charge"].max().clip(lower=1)
    last = equal.groupby("key")["place"].max()
    share = _in_dealing_order(take_rows(postings, rows[asked], *DEALT_BY), sought[asked], asked)
    before = share.groupby(["key", "day", "rank"])["size"].cumsum() - share["size"]
    place = np.minimum(before // share["key"].map(charge), share["key"].map(last))
    line = equal.set_index(["key", "place"])["line"]
    found[share.index] = line.reindex(pd.MultiIndex.from_arrays([share["key"], place])).to_numpy()
    return found


def _equal_lines(lines: Columns, known: Ints, wanted: Ints) -> pd.DataFrame:
    """Return the lines with the keys `wanted`, numbered within each key in the order of files and rows."""
    places = np.flatnonzero(pd.Series(known).isin(wanted).to_numpy())
    equal = pd.DataFrame(
        {
            "key": known[places],
            "file": rank_texts(lines["source_file"][places]),
            "row": lines["source_row"][places],
            "line": places,
            "charge": read_numbers(lines["charge"][places]),
        }
    ).sort_values(["key", "file", "row", "line"])
    return equal.assign(place=equal.groupby("key").cumcount())


def _in_dealing_order(answer: Columns, key: Ints, index: Ints) -> pd.DataFrame:
    """Return the postings as they are dealt out: one of each kind of posting, then the next of each."""
    order = {kind: place for place, kind in enumerate(ORDER_OF_KINDS)}
    cents = read_numbers(answer["amount"])
    share = pd.DataFrame(
        {
            "key": key,
            "day": number_days(answer["posted_on"])[0][0],
            "rank": answer["payer_rank"],
            "kind": look_up(answer["kind"], order),
            "other": ~(find_cells(answer["group"], "CO") & find_cells(answer["reason"], "45")),
            "group": rank_texts(answer["group"]),
            "reason": rank_texts(answer["reason"]),
            "least": -cents,
            "size": np.abs(cents) * find_cells(answer["kind"], "payment", "adjustment", "reversal"),
        },
        index=index,
    )
    same = ["key", "day", "rank", "kind", "group", "reason"]
    share = share.sort_values([*same, "least"], kind="stable")
    share["copy"] = share.groupby(same, sort=False).cumcount()
    return share.sort_values(
        ["key", "day", "rank", "copy", "kind", "other", "group", "reason"], kind="stable"
    )
