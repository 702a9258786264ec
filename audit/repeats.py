"""What stands in the files twice: claim lines exported again, and postings that arrive by two roads.

In: the charges as intake hands them over, or postings already joined to lines, as columns. Out: which rows to
set aside, and which row stands for them. Nothing is guessed: rows of one file are two services unless they
carry the same line number, and rows of different files are the same only where all cells are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.columns import Columns, Ints, Mask, find_blanks, read_numbers, take_rows
from audit.numbering import (
    NONE,
    begins_anew,
    count_before,
    flag,
    number_contents,
    number_days,
    number_rows,
    rank_texts,
)

DUPLICATE, SUPERSEDED = "duplicate", "superseded"

SOURCE = ("source_file", "source_row")
SAID = ("kind", "group", "reason", "amount", "stated")


class Repeats(NamedTuple):
    """Rows of the charges that another row stands for."""

    duplicate: Mask
    superseded: Mask
    """The same line number with other contents, read last from another row."""
    stands_for: Ints
    """By row: the row that stands for it, itself where it is kept; NONE where it is superseded."""
    by_claim: bool
    """Line numbers count within a claim only: one file uses the same number in several claims."""


class _Numbered(NamedTuple):
    """Rows whose line number occurs again."""

    rows: Ints
    line: Ints
    """By row: which line it is, numbered without gaps."""
    file: Ints
    source: Ints


# ---------------------------------------------------------------- lines


def find_repeated_lines(charges: Columns) -> Repeats:
    """Find lines exported more than once; of one line number the last is kept (by file name, then row)."""
    count = len(charges["line_id"])
    repeats = Repeats(np.zeros(count, bool), np.zeros(count, bool), np.arange(count, dtype=np.int32), False)
    blank = find_blanks(charges["line_id"])
    numbered, by_claim = _numbered_twice(charges, blank)
    if len(numbered.rows):
        _settle_numbered(charges, numbered, repeats)
    files = charges["source_file"].codes
    if blank.any() and (files[blank] != files[blank][0]).any():
        _settle_unnumbered(charges, np.flatnonzero(blank), repeats)
    return repeats._replace(by_claim=by_claim)


def _numbered_twice(charges: Columns, blank: Mask) -> tuple[_Numbered, bool]:
    """Return the rows whose line number occurs again, and whether numbers count within a claim only."""
    number, texts = charges["line_id"].codes, charges["line_id"].categories
    numbers = len(texts) + 1  # a missing cell is NONE, and counted at the end
    often = np.bincount(np.where(number < 0, len(texts), number), minlength=numbers) > 1
    often[NONE] = False
    rows = np.flatnonzero(often[number] & ~blank) if often.any() else np.array([], dtype=np.int64)
    number = number[rows]
    claim = charges["claim_id"].codes[rows] + 1
    claims = len(charges["claim_id"].categories) + 1
    file, source = _sources(charges, rows)
    files, sources = len(charges["source_file"].categories), int(source.max(initial=0)) + 1
    in_file = number_rows([(file, files), (number, numbers)])
    order = np.lexsort((claim, in_file))
    by_claim = bool((~begins_anew(in_file[order]) & begins_anew(claim[order])).any())
    if not by_claim:
        claim = np.zeros_like(claim)
    # Several codes of one record carry one line number: they are told apart by their place in the record.
    of_record = [(file, files), (source, sources), (number, numbers), (claim, claims)]
    place = count_before(number_rows(of_record))
    line = number_rows([(number, numbers), (claim, claims), (place, len(rows))])
    _, line, times = np.unique(line, return_inverse=True, return_counts=True)
    again = times[line] > 1
    line = np.unique(line[again], return_inverse=True)[1]
    return _Numbered(rows[again], line, file[again], source[again]), by_claim


def _sources(columns: Columns, rows: Ints) -> tuple[Ints, Ints]:
    """Return file, numbered by name, and record of some rows."""
    return rank_texts(columns["source_file"][rows]), columns["source_row"][rows]


def _settle_numbered(charges: Columns, numbered: _Numbered, repeats: Repeats) -> None:
    rows = numbered.rows
    contents = number_contents(take_rows(charges, rows, *(name for name in charges if name not in SOURCE)))
    order = np.lexsort((numbered.source, numbered.file, numbered.line))
    last = order[np.append(begins_anew(numbered.line[order])[1:], True)]
    kept = last[numbered.line]
    gone = kept != np.arange(len(rows))
    same = contents == contents[kept]
    repeats.duplicate[rows[gone & same]] = True
    repeats.superseded[rows[gone & ~same]] = True
    repeats.stands_for[rows] = np.where(gone & ~same, NONE, rows[kept])


def _settle_unnumbered(charges: Columns, rows: Ints, repeats: Repeats) -> None:
    """Set aside rows that another file holds too: as many as both files have of the same contents."""
    told = [name for name in charges if name not in SOURCE]
    rows = rows[pd.Series(_mix(charges, told)[rows]).duplicated(keep=False).to_numpy()]
    if not len(rows):
        return
    contents = number_contents(take_rows(charges, rows, *told))
    file, source = _sources(charges, rows)
    order = np.lexsort((source, file, contents))
    rows, contents, file = rows[order], contents[order], file[order]
    of_file = number_rows([(contents, len(rows)), (file, int(file.max()) + 1)])
    copy = number_rows([(contents, len(rows)), (count_before(of_file), len(rows))])
    _, first, number = np.unique(copy, return_index=True, return_inverse=True)
    kept = rows[first[number]]
    repeats.duplicate[rows[kept != rows]] = True
    repeats.stands_for[rows] = kept


def _mix(columns: Columns, names: list[str]) -> Ints:
    """Return a number per row that equal rows share; rows that share it are then compared cell by cell."""
    mixed = np.zeros(len(columns["line_id"]), dtype=np.uint64)
    for cells in (columns[name] for name in names):
        if isinstance(cells, pd.Categorical):
            number = cells.codes
        elif isinstance(cells, np.ndarray):
            number = cells.view(np.int64) if cells.dtype.kind == "M" else cells
        else:
            number = read_numbers(cells, -1)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= number.astype(np.int64).view(np.uint64)
        mixed ^= mixed >> np.uint64(29)
    return mixed


# ---------------------------------------------------------------- postings


class _Compared(NamedTuple):
    """Postings of lines that several files tell of, as numbers, line by line and file by file."""

    rows: Ints
    said: Ints
    """What is said of which line, whenever."""
    at: Ints
    """What is said of which line, by which payer, on which date; small numbers."""
    file: Ints
    undated: Mask
    bare: Mask
    """Without remarks."""

    def pick(self, chosen: Mask | Ints) -> _Compared:
        return _Compared(*(column[chosen] for column in self))


def find_repeated_postings(postings: Columns, line: Ints, count: int) -> Mask:
    """Mark postings that another file also holds: same line, date, payer, kind, group, reason and amount.

    Of the two the one with remarks is kept, else that of the file first by name. An undated posting is the
    same as a dated one of another file. Postings of one file are never repeats of each other.
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
    (day,), days = number_days(postings["posted_on"][rows])
    rank = np.maximum(postings["payer_rank"][rows], 1)
    contents = number_contents(take_rows(postings, rows, *SAID))
    said = [(line, int(line.max()) + 1), (contents, len(rows))]
    at = [*said, (day + 1, days + 1), (rank, int(rank.max()) + 1)]
    file, source = _sources(postings, rows)
    bare = find_blanks(postings["remarks"])[rows]
    compared = _Compared(rows, number_rows(said), pd.factorize(number_rows(at))[0], file, day < 0, bare)
    return compared.pick(np.lexsort((contents, source, file, line)))


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
    """Mark the postings that another file holds: of each copy all but the first, one with remarks if any."""
    at = (compared.at, int(compared.at.max(initial=0)) + 1)
    of_file = number_rows([at, (compared.file, int(compared.file.max(initial=0)) + 1)])
    copy = number_rows([at, (count_before(of_file), len(of_file))])
    order = np.lexsort((compared.file, compared.bare))
    _, first = np.unique(copy[order], return_index=True)
    return ~flag(order[first], len(copy))
