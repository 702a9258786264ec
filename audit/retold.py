"""Postings told twice: the same answer that arrives by two roads, or in two overlapping files.

In: postings already joined to lines, as columns. Out: which ones to set aside. What is reversed is the same
however it is signed, and whether a status, a group or the kind says so. A payer or group that one file leaves
blank is that of the other. An undated posting is the same as a dated one of another file.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.columns import (
    UNTOLD,
    Columns,
    Ints,
    Mask,
    find_blanks,
    find_cells,
    look_up,
    read_numbers,
    take_rows,
)
from audit.numbering import NONE, count_before, flag, number_contents, number_days, number_rows, rank_texts


class _Compared(NamedTuple):
    """Postings of lines that several files tell of, as numbers, line by line and file by file."""

    rows: Ints
    said: Ints
    """What is said of which line, whenever."""
    at: Ints
    """What is said of which line, by which payer, on which date; small numbers."""
    file: Ints
    undated: Mask
    mute: Ints
    """How much it leaves untold of remarks, payer, group, and what was answered."""

    def pick(self, chosen: Mask | Ints) -> _Compared:
        return _Compared(*(column[chosen] for column in self))


def find_repeated_postings(postings: Columns, line: Ints, count: int) -> Mask:
    """Mark postings that another file also holds: same line, date, payer, kind, group, reason and amount.

    Of the two the posting that tells more is kept, else that of the file first by name. Postings of one file
    are never repeats of each other.
    """
    repeated = np.zeros(len(line), dtype=np.bool_)
    files = postings["source_file"].codes
    if not len(files) or (files == files[0]).all():
        return repeated
    last_file = np.zeros(count, dtype=files.dtype)
    last_file[line] = files
    rows = np.flatnonzero(flag(line[last_file[line] != files], count)[line])
    if len(rows):
        compared = _compare(postings, line[rows], rows)
        told_apart = _said_with_a_date(compared)
        repeated[compared.rows[told_apart]] = True
        dated = compared.pick(~told_apart)
        repeated[dated.rows[_said_again(dated)]] = True
    return repeated


def _compare(postings: Columns, line: Ints, rows: Ints) -> _Compared:
    posted = take_rows(postings, rows)
    (day,), days = number_days(posted["posted_on"])
    contents, rank = _number_said(posted, line)
    said = [(line, int(line.max()) + 1), (contents, len(rows))]
    at = [*said, (day + 1, days + 1), (rank, int(rank.max()) + 1)]
    file, source = rank_texts(posted["source_file"]), posted["source_row"]
    told = ("remarks", "answered_as", "group")
    mute = np.add.reduce([find_blanks(posted[name]).astype(np.int8) for name in told])
    mute += posted["payer_rank"] == 0
    compared = _Compared(rows, number_rows(said), pd.factorize(number_rows(at))[0], file, day < 0, mute)
    return compared.pick(np.lexsort((contents, source, file, line)))


def _number_said(posted: Columns, line: Ints) -> tuple[Ints, Ints]:
    """Return what each posting says of its line, as a number, and which payer says it (0: not told)."""
    kind = look_up(posted["kind"], {"payment": 1, "reversal": 1, "adjustment": 2, "allowed": 3, "status": 4})
    group, reason = posted["group"].codes + 1, posted["reason"].codes + 1
    reasoned = ~(find_blanks(posted["group"]) & find_blanks(posted["reason"]))
    reversed_ = find_cells(posted["kind"], "reversal") | find_cells(posted["claim_status"], "22")
    reversed_ |= find_cells(posted["group"], "CR")
    amount = read_numbers(posted["amount"], UNTOLD)
    said = {
        "line": line,
        "kind": np.where((kind == 1) & reasoned, 2, kind),
        "reversed": reversed_,
        "reason": reason,
        "amount": np.where(reversed_ & (amount != UNTOLD), np.abs(amount), amount),
        "stated": np.where(kind == 4, posted["stated"].codes, NONE),
    }
    number = number_contents(said)
    group = _blur(number, group, find_blanks(posted["group"]))
    rank = _blur(number, posted["payer_rank"], posted["payer_rank"] == 0)
    return pd.factorize(number_rows([(number, len(number)), (group, int(group.max(initial=0)) + 1)]))[0], rank


def _blur(number: Ints, values: Ints, untold: Mask) -> Ints:
    """Return values, 0 for all of a number of which one does not tell."""
    return np.where(flag(number[untold], len(number) + 1)[number], 0, values)


def _said_with_a_date(compared: _Compared) -> Mask:
    """Mark the undated postings that another file holds with a date."""
    if not compared.undated.any() or compared.undated.all():
        return np.zeros(len(compared.rows), dtype=np.bool_)
    dated = compared.pick(~compared.undated)
    distinct, number = np.unique(dated.said, return_inverse=True)
    first, last = np.full(len(distinct), np.iinfo(np.int64).max), np.full(len(distinct), NONE)
    np.minimum.at(first, number, dated.file)
    np.maximum.at(last, number, dated.file)
    place = np.searchsorted(distinct, compared.said).clip(max=len(distinct) - 1)
    elsewhere = (first[place] != compared.file) | (last[place] != compared.file)
    told: Mask = compared.undated & (distinct[place] == compared.said) & elsewhere
    return told


def _said_again(compared: _Compared) -> Mask:
    """Mark the postings that another file holds: of each copy all but the first of those that tell most."""
    at = (compared.at, int(compared.at.max(initial=0)) + 1)
    of_file = number_rows([at, (compared.file, int(compared.file.max(initial=0)) + 1)])
    copy = number_rows([at, (count_before(of_file), len(of_file))])
    order = np.lexsort((compared.file, compared.mute))
    _, first = np.unique(copy[order], return_index=True)
    return ~flag(order[first], len(copy))
