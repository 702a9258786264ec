"""Categorical columns as intake handles them: distinct texts and one code per row.

A million rows hold a few thousand distinct texts, so everything is read on the distinct texts and spread
over the rows by one look-up. Columns never become object columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.integer[Any]] | None
"""Which rows are meant, in order; None for all of them as they stand."""


def texts_of(column: pd.Categorical) -> list[str]:
    """Return the distinct texts of a column, in the order of its codes."""
    found: list[str] = column.categories.tolist()
    return found


def categorical_of(column: pa.ChunkedArray, order: npt.NDArray[np.int64] | None = None) -> pd.Categorical:
    """Return encoded texts (as Arrow has them) as a column; its categories are in use, trimmed and sorted.

    `order`: the places from which to take the rows, when they are not to stay as they are.
    """
    if not len(column):
        return pd.Categorical([], categories=pd.Index([], dtype="str"))
    encoded = pa.concat_arrays(column.unify_dictionaries().chunks)
    codes, words = encoded.indices.to_numpy(), encoded.dictionary
    used = np.bincount(codes, minlength=len(words)) > 0
    trimmed = pc.utf8_trim_whitespace(words)
    if not used.all() or not trimmed.equals(words):  # words may have become equal
        merged = pc.if_else(pa.array(used), trimmed, None).dictionary_encode()
        codes, words = merged.indices.fill_null(0).to_numpy()[codes], merged.dictionary
    by_name = pc.array_sort_indices(words)
    rank = np.empty(len(words), np.int32)
    rank[by_name.to_numpy()] = np.arange(len(words), dtype=np.int32)
    codes = rank[codes if order is None else codes[order]]
    categories = pd.Index(pd.array(words.take(by_name), dtype="str"))
    categorical = pd.Categorical.from_codes(codes, categories=categories)
    # Making sure that they differ leaves a look-up table of them behind: 80 MB for a million.
    getattr(categories, "_cache", {}).clear()
    return categorical


def constant(length: int, text: str = "") -> pd.Categorical:
    """Return a column that says the same everywhere."""
    return pd.Categorical.from_codes(
        np.zeros(length, dtype=np.int8), categories=pd.Index([text], dtype="str")
    )


def recode(column: pd.Categorical, texts: Sequence[str]) -> pd.Categorical:
    """Return the column with each distinct text replaced; `texts` stand in the order of its codes.

    Texts that become equal become one; distinct texts come out sorted, whatever the order of rows.
    """
    return name_numbers(column.codes, texts)


def name_numbers(numbers: npt.NDArray[Any], texts: Sequence[str]) -> pd.Categorical:
    """Return the column that says `texts[number]` for each number; distinct texts come out sorted."""
    distinct = sorted(set(texts)) or [""]
    place = {text: number for number, text in enumerate(distinct)}
    table = np.fromiter((place[text] for text in texts), dtype=_smallest(len(distinct)), count=len(texts))
    return pd.Categorical.from_codes(table[numbers], categories=pd.Index(distinct, dtype="str"))


def reword(column: pd.Categorical, change: Callable[[str], str]) -> pd.Categorical:
    """Return the column with `change` applied to each distinct text."""
    return recode(column, [change(text) for text in texts_of(column)])


def spread(column: pd.Categorical, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return one value per row from one value per distinct text."""
    found: npt.NDArray[Any] = values[column.codes]
    return found


def take(column: pd.Categorical, places: Places) -> pd.Categorical:
    """Return the rows at `places`; the distinct texts stay as they are."""
    if places is None:
        return column
    return pd.Categorical.from_codes(column.codes[places], categories=column.categories)


def used(column: pd.Categorical) -> pd.Categorical:
    """Return the column without the distinct texts that no row has."""
    seen = np.bincount(column.codes, minlength=len(column.categories)) > 0
    if seen.all():
        return column
    table = (np.cumsum(seen) - 1).astype(_smallest(len(seen)))
    return pd.Categorical.from_codes(table[column.codes], categories=column.categories[seen])


def join(columns: Sequence[pd.Categorical], gap: str = " ") -> pd.Categorical:
    """Return the texts of several columns joined row by row; blanks leave no gap."""
    return reduce(lambda left, right: _join_two(left, right, gap), columns)


def _join_two(left: pd.Categorical, right: pd.Categorical, gap: str) -> pd.Categorical:
    width = len(right.categories)
    pairs = left.codes.astype(np.int64) * width + right.codes
    numbers, distinct = pd.factorize(pairs)
    lefts, rights = texts_of(left), texts_of(right)
    parts = [(lefts[pair // width], rights[pair % width]) for pair in distinct.tolist()]
    return name_numbers(numbers, [gap.join(text for text in pair if text) for pair in parts])


def first_told(*columns: pd.Categorical) -> pd.Categorical:
    """Return for each row the first of its texts that is not blank."""
    told = columns[0]
    for column in columns[1:]:
        blank = spread(told, np.asarray(told.categories == "")) if len(told) else np.zeros(0, dtype=bool)
        if blank.any():
            numbers = np.where(blank, len(told.categories) + column.codes.astype(np.int64), told.codes)
            told = name_numbers(numbers, [*texts_of(told), *texts_of(column)])
    return told


def number_rows(columns: Sequence[npt.NDArray[Any]]) -> tuple[npt.NDArray[np.intp], int]:
    """Return a number per row, equal where all columns are equal, and how many there are."""
    key, width = columns[0].astype(np.int64), 2**62
    for column in columns[1:]:
        other = column.astype(np.int64) - (column.min() if len(column) else 0)
        span = int(other.max()) + 1 if len(other) else 1
        if width > 2**40 or span > 2**20:  # keep the key within 64 bits
            key, distinct = pd.factorize(key)
            key, width = key.astype(np.int64), max(len(distinct), 1)
        key, width = key * span + other, width * span
    numbers, found = pd.factorize(key)
    return numbers, len(found)


def whole_numbers(values: npt.NDArray[Any], known: npt.NDArray[np.bool_], kind: str = "Int64") -> Any:
    """Return nullable whole numbers (`kind` Int64 or Int32), missing where not known."""
    width = np.int64 if kind == "Int64" else np.int32
    return pd.arrays.IntegerArray(np.where(known, values, 0).astype(width), ~known)


def unknown_numbers(length: int, kind: str = "Int64") -> Any:
    """Return nullable whole numbers that are missing throughout."""
    return whole_numbers(np.zeros(length, dtype=np.int64), np.zeros(length, dtype=bool), kind)


def no_dates(length: int) -> npt.NDArray[np.datetime64]:
    """Return dates that are missing throughout."""
    return np.full(length, np.datetime64("NaT", "s"), dtype="datetime64[s]")


def stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of the same columns below each other; categorical columns stay categorical."""
    if len(frames) == 1:
        return frames[0]
    columns = {name: _stack_one([frame[name] for frame in frames]) for name in frames[0].columns}
    return pd.DataFrame(columns, copy=False)


def _stack_one(parts: list[pd.Series[Any]]) -> Any:
    if isinstance(parts[0].dtype, pd.CategoricalDtype):
        from pandas.api.types import union_categoricals

        return union_categoricals([part.array for part in parts])
    return pd.concat(parts, ignore_index=True).array


def _smallest(count: int) -> type[np.signedinteger[Any]]:
    return np.int8 if count < 128 else np.int16 if count < 2**15 else np.int32
