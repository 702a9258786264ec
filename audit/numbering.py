"""Whole numbers in the place of texts, dates and rows, so that a million rows are compared at once.

In: columns of the tables as bare arrays (`audit/columns.py`). Out: one integer per row, equal where the cells
are equal; and what is counted, summed and found by such numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import compute

from audit.columns import Columns, Ints, Mask, find_blanks

NONE = -1
"""The number of a blank cell, and the place of what is found nowhere."""


def flag(rows: Ints, count: int) -> Mask:
    """Return a mask of `count` places with those in `rows` set."""
    flags = np.zeros(count, dtype=np.bool_)
    flags[rows] = True
    return flags


def total(place: Ints, cents: Ints, count: int) -> Ints:
    """Return sums by place."""
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, place, cents)
    return sums


def count_before(numbers: Ints) -> Ints:
    """Return, for each number, how many equal ones stand before it."""
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(begins_anew(numbers[order]))
    before = np.empty(len(numbers), dtype=np.int64)
    before[order] = np.arange(len(numbers)) - np.repeat(starts, np.diff(starts, append=len(numbers)))
    return before


def begins_anew(numbers: Ints) -> Mask:
    """Mark, in sorted numbers, those that differ from the one before; the first does."""
    anew = np.ones(len(numbers), dtype=np.bool_)
    anew[1:] = numbers[1:] != numbers[:-1]
    return anew


def number_texts(*columns: Any) -> tuple[list[Ints], pd.Index]:
    """Return, for each categorical column, a number per row, equal where texts of any column are equal.

    Blank cells are NONE. Also returns the texts that the numbers stand for.
    """
    known = columns[0].categories
    numbers = []
    for column in columns:
        texts = column.categories
        if texts is known or texts.equals(known):
            place = np.arange(len(texts))
        else:
            place = find_texts(known, texts)
            new = place < 0
            place[new] = len(known) + np.arange(new.sum())
            known = known.append(texts[new]) if new.any() else known
        blank = np.flatnonzero(np.asarray(texts == ""))
        place[blank] = NONE
        numbers.append(np.append(place, NONE).astype(np.int32)[column.codes])
    return numbers, known


def find_texts(known: pd.Index, sought: pd.Index) -> Ints:
    """Return where each of the distinct texts `sought` stands in `known`, NONE where nowhere.

    Most exports number their lines and visits (L000123): such texts are found by their number, four times
    as fast as by a hash of the text.
    """
    serials = read_serials(known, sought)
    if serials is None:
        text = pyarrow.large_string()  # told, as no text at all has no type of its own
        place = compute.index_in(pyarrow.array(sought, text), value_set=pyarrow.array(known, text))
        found: Ints = place.fill_null(NONE).to_numpy(zero_copy_only=False)
        return found.copy()
    numbers, asked = serials
    least, greatest = int(numbers.min()), int(numbers.max())
    table = np.full(greatest - least + 1, NONE, dtype=np.int32)
    table[numbers - least] = np.arange(len(numbers), dtype=np.int32)
    inside = (asked >= least) & (asked <= greatest)
    return np.where(inside, table[np.where(inside, asked - least, 0)], NONE)


MOST_DIGITS = 15


def read_serials(known: pd.Index, sought: pd.Index) -> tuple[Ints, Ints] | None:
    """Return the numbers in texts that are a prefix and a number; None unless all are, and are dense.

    Equal numbers must mean equal texts: either all texts are of one length, or no number begins with 0.
    """
    texts = [pyarrow.array(known), pyarrow.array(sought)]
    if not len(known) or not len(sought):
        return None
    prefix = str(known[0]).rstrip("0123456789")
    lengths = [compute.min_max(compute.binary_length(text)).as_py() for text in texts]
    ends = {length[end] for length in lengths for end in ("min", "max")}
    if not len(prefix.encode()) < min(ends) <= max(ends) <= len(prefix.encode()) + MOST_DIGITS:
        return None
    if not all(compute.all(compute.starts_with(text, prefix)).as_py() for text in texts):
        return None
    digits = [compute.utf8_slice_codeunits(text, len(prefix)) if prefix else text for text in texts]
    if not all(compute.all(compute.ascii_is_decimal(text)).as_py() for text in digits):
        return None
    if len(ends) > 1 and any(
        compute.any(compute.match_substring_regex(text, "^0.")).as_py() for text in digits
    ):
        return None
    numbers, asked = (compute.cast(text, pyarrow.int64()).to_numpy() for text in digits)
    dense = int(numbers.max()) - int(numbers.min()) < 8 * len(numbers) + 1000
    return (numbers, asked) if dense else None


def number_days(*columns: Ints) -> tuple[list[Ints], int]:
    """Return, for each column of dates, days from the earliest of all; missing dates are NONE."""
    days = [column.view(np.int64) // 86400 for column in columns]
    missing = [np.isnat(column) for column in columns]
    known = [day[~gone] for day, gone in zip(days, missing, strict=True)]
    least = min((int(day.min()) for day in known if len(day)), default=0)
    greatest = max((int(day.max()) for day in known if len(day)), default=0)
    numbered = [np.where(gone, NONE, day - least) for day, gone in zip(days, missing, strict=True)]
    return numbered, greatest - least + 1


def number_rows(columns: Sequence[tuple[Ints, int]]) -> Ints:
    """Return one number per row for several columns of numbers, each with how many numbers it may hold.

    A row with NONE in any column is NONE. Numbers are dense only as far as 64 bits demand it.
    """
    row, width = columns[0][0].astype(np.int64), max(columns[0][1], 1)
    missing = row < 0
    for number, count in columns[1:]:
        missing |= number < 0
        if width * max(count, 1) >= 2**62:
            row, distinct = pd.factorize(row)
            width = len(distinct) + 1
        row = row * max(count, 1) + number
        width *= max(count, 1)
    row[missing] = NONE
    return row


def renumber(numbers: Ints, count: int) -> tuple[Ints, int]:
    """Return the numbers below `count` that occur, renumbered from 0 without gaps, and how many they are."""
    used = flag(numbers, count)
    place = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return place[numbers], int(used.sum())


def find_only(known: Ints, sought: Ints) -> Ints:
    """Return where each of `sought` stands in `known`; NONE where it stands nowhere or more than once."""
    place = np.full(len(sought), NONE, dtype=np.int32)
    asked = np.flatnonzero(sought >= 0)
    offered = np.flatnonzero(known >= 0)
    if len(asked) and len(offered):
        index = pd.Index(known[offered])
        if not index.is_unique:
            offered = offered[~index.duplicated(keep=False)]
            index = pd.Index(known[offered])
        found = index.get_indexer(pd.Index(sought[asked]))
        place[asked] = np.where(found < 0, NONE, offered[found] if len(offered) else NONE)
    return place


def fill_untold(service: Ints, column: Any) -> Ints:
    """Return the number of each row's text, 0 for none; a blank one has that of its service, if it is one."""
    (number,), _ = number_texts(column)
    number = number.astype(np.int64) + 1
    least = np.full(int(service.max()) + 1, np.iinfo(np.int64).max)
    most = np.zeros(len(least), dtype=np.int64)
    np.minimum.at(least, service[number > 0], number[number > 0])
    np.maximum.at(most, service, number)
    return np.where((number == 0) & (least == most)[service], most[service], number)


def pair_in_order(known: Ints, sought: Ints) -> Ints:
    """Return where the partner of each of `sought` stands in `known`; NONE where there is none left.

    The first of equal numbers meets the first, the second the second; numbers below 0 meet none.
    """
    place = np.full(len(sought), NONE, dtype=np.int32)
    offered, asked = np.flatnonzero(known >= 0), np.flatnonzero(sought >= 0)
    if len(offered) and len(asked):
        number = pd.factorize(np.concatenate([known[offered], sought[asked]]))[0]
        ours, theirs = number[: len(offered)], number[len(offered) :]
        copies = [count_before(each) for each in (ours, theirs)]
        most = 1 + max(int(copy.max()) for copy in copies)
        ours, theirs = (each * most + copy for each, copy in zip((ours, theirs), copies, strict=True))
        found = find_only(ours, theirs)
        place[asked] = np.where(found < 0, NONE, offered[found])
    return place


def find_partners(known: Ints, sought: Ints, batch: Ints) -> Ints:
    """Return where the partner of each of `sought` stands in `known`; NONE where there is none left.

    As `pair_in_order`, batch by batch: each batch may take all that is known.
    """
    rows = np.flatnonzero(sought >= 0)
    place = np.full(len(sought), NONE, dtype=np.int32)
    if len(rows) and len(known):
        of_batch = pd.factorize(number_rows([(sought[rows], 2**31), (batch[rows], 2**31)]))[0]
        copies = (count_before(known), count_before(of_batch))
        most = 1 + max(int(copy.max()) for copy in copies)
        place[rows] = find_only(
            number_rows([(known, 2**31), (copies[0], most)]),
            number_rows([(sought[rows], 2**31), (copies[1], most)]),
        )
    return place


def rank_texts(column: Any) -> Ints:
    """Return the alphabetical place of each row's text, whatever order the categories stand in."""
    texts = np.asarray(column.categories, dtype="object")
    place = np.empty(len(texts), dtype=np.int64)
    place[np.argsort(texts, kind="stable")] = np.arange(len(texts))
    ranks: Ints = np.append(place, NONE)[column.codes]
    return ranks


def find_blank_cells(cells: Any) -> Mask:
    """Mark cells of any kind that tell nothing: blank text, a missing date or amount, 0 for a state."""
    if isinstance(cells, pd.Categorical):
        return find_blanks(cells)
    missing: Mask = (
        np.asarray(pd.isna(cells))
        if not isinstance(cells, np.ndarray) or cells.dtype.kind == "M"
        else cells == 0
    )
    return missing


def number_contents(columns: Columns) -> Ints:
    """Return one number per row, without gaps, equal where all its cells are; missing equals missing."""
    return pd.factorize(number_rows([_number_cells(cells) for cells in columns.values()]))[0]


def _number_cells(cells: Any) -> tuple[Ints, int]:
    if isinstance(cells, pd.Categorical):
        return cells.codes.astype(np.int64) + 1, len(cells.categories) + 1
    number, distinct = pd.factorize(cells)
    return number + 1, len(distinct) + 1
