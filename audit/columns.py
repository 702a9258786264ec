"""Tables as bare columns: arrays by name, which cost a twentieth of what a frame's own columns do to reach.

In: a table (`audit/lines.py`). Out: its columns as pandas and numpy hold them: categorical arrays for text,
nullable integers for amounts, `datetime64[s]` for dates, plain numbers and booleans for the rest. Nothing is
copied on the way there or back, so whoever works on columns makes new ones and changes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mask: TypeAlias = "NDArray[np.bool_]"
Ints: TypeAlias = "NDArray[Any]"
Columns: TypeAlias = Mapping[str, Any]

UNTOLD = int(np.iinfo(np.int64).min)
"""An amount that is not told, among plain numbers."""


def columns_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the columns of a table."""
    return {str(name): column.values for name, column in frame.items()}


def frame_of(columns: Columns, names: Iterable[str]) -> pd.DataFrame:
    """Return the columns of those names as a table."""
    return pd.DataFrame({name: columns[name] for name in names}, copy=False)


def take_rows(columns: Columns, rows: Ints, *names: str) -> dict[str, Any]:
    """Return some rows (places) of the columns of those names, of all columns where none are named."""
    chosen = {name: columns[name] for name in names or columns}
    whole = all(len(rows) == len(cells) for cells in chosen.values())
    if whole and (rows == np.arange(len(rows))).all():
        return chosen  # as they are: a million rows are not copied
    return {name: cells[rows] for name, cells in chosen.items()}


def read_numbers(column: Any, missing: int = 0) -> Ints:
    """Return nullable numbers as plain ones, with `missing` where there is none."""
    numbers: Ints = column.to_numpy(dtype=np.int64, na_value=missing)
    return numbers


def look_up(column: Any, meaning: Mapping[str, int], otherwise: int = 0) -> Ints:
    """Return what the text of each cell means; `otherwise` for other texts. Read only."""
    meanings = tabulate(column.categories, meaning, otherwise)
    if (meanings == otherwise).all():
        return np.broadcast_to(np.int16(otherwise), len(column))
    found: Ints = meanings[column.codes]
    return found


def tabulate(texts: Iterable[str], meaning: Mapping[str, int], otherwise: int = 0) -> Ints:
    """Return what each of some texts means; `otherwise` for those without a meaning."""
    return np.array([meaning.get(text, otherwise) for text in texts], dtype=np.int16)


def find_cells(column: Any, *texts: str) -> Mask:
    """Mark the cells that hold one of `texts`."""
    return _holding(column, [text in texts for text in column.categories])


def find_blanks(column: Any) -> Mask:
    """Mark the blank cells, also of a column with a million texts."""
    return _holding(column, column.categories == "")


def _holding(column: Any, wanted: Any) -> Mask:
    wanted = np.asarray(wanted, dtype=np.bool_)
    marked: Mask = wanted[column.codes] if wanted.any() else np.zeros(len(column), dtype=np.bool_)
    return marked
