"""What the elements of X12 segments say: procedures, days, amounts, names, each distinct text read once.

In: columns of text. Out: columns of the same length. Unreadable is unknown, and counted by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.columns import find_cells
from audit.intake import cells, days
from audit.intake.columns import join, name_numbers, recode, reword, spread, texts_of
from audit.intake.readings import RowAmounts

_STRANGE_COMPOSITE = re.compile(r"[A-Z0-9]{2}([^A-Za-z0-9\s:]).+")
_DAY = re.compile(r"[0-9]{8}")
_SHORT = re.compile(r"[A-Z0-9]{1,5}")
_REASON = re.compile(r"0*([A-Z]?[0-9]{1,3})")


class Procedures(NamedTuple):
    """A column of procedures: codes, modifiers, and the sign between them where another was declared."""

    code: pd.Categorical
    modifiers: pd.Categorical
    other_sign: str


def read_procedures(column: pd.Categorical) -> Procedures:
    """Return what composites such as HC:97140:59:GP name.

    A sender may declare one sign between components and write another: where the whole composite stands in
    the place of its qualifier, the sign behind the qualifier's two letters is taken.
    """
    codes, modifiers, signs = [], [], set()
    for text in texts_of(column):
        if match := _STRANGE_COMPOSITE.fullmatch(text):
            signs.add(match[1])
            text = text.replace(match[1], ":")
        parts = [part.strip() for part in text.split(":")]
        codes.append(cells.parse_code(parts[1]).code if len(parts) > 1 else "")
        modifiers.append(" ".join(cells.parse_modifiers(" ".join(parts[2:6]))[0]))
    return Procedures(recode(column, codes), recode(column, modifiers), "".join(sorted(signs)))


def read_days(column: pd.Categorical) -> npt.NDArray[np.datetime64]:
    """Return the day of texts such as 20261005, the first of 20261005-20261009; NaT for anything else."""
    texts = [text[:8] if _DAY.match(text) else "" for text in texts_of(column)]
    found: npt.NDArray[np.datetime64] = spread(column, days.parse_dates(texts).values)
    return found


def first_day(*columns: pd.Categorical) -> npt.NDArray[np.datetime64]:
    """Return per row the first day that one of the columns tells."""
    found = read_days(columns[0])
    for column in columns[1:]:
        if (open_rows := np.isnat(found)).any():
            found = np.where(open_rows, read_days(column), found)
    return found


def read_amounts(column: pd.Categorical) -> RowAmounts:
    """Return cents, or hundredths of units."""
    found = cells.parse_hundredths(texts_of(column))
    return RowAmounts(spread(column, found.values), spread(column, found.known))


def find_unreadable(column: pd.Categorical) -> npt.NDArray[np.bool_]:
    """Mark the rows whose amount is written but is none."""
    found = cells.parse_hundredths(texts_of(column))
    marked: npt.NDArray[np.bool_] = spread(column, ~found.known & ~found.blank)
    return marked


def read_reasons(column: pd.Categorical) -> pd.Categorical:
    """Return reasons of adjustments without zeros in front; "?" for what cannot be a reason."""

    def clean(text: str) -> str:
        word = text.upper()
        if match := _REASON.fullmatch(word):
            return match[1]
        return word if not word or _SHORT.fullmatch(word) else "?"

    return reword(column, clean)


def number_off(texts: pd.Categorical, owner: npt.NDArray[np.int64], count: int) -> list[pd.Categorical]:
    """Return the first, second ... text of each of `count` owners; those of one owner stand together."""
    begins = np.flatnonzero(np.append([True], owner[1:] != owner[:-1])[: len(owner)])
    order = np.arange(len(owner)) - np.repeat(begins, np.diff(np.append(begins, len(owner))))
    columns = []
    for place in range(int(order.max()) + 1 if len(order) else 0):
        rows = np.flatnonzero(order == place)
        numbers = np.full(count, len(texts.categories), dtype=np.int64)
        numbers[owner[rows]] = texts.codes[rows]
        columns.append(name_numbers(numbers, [*texts_of(texts), ""]))
    return columns


def read_clinicians(columns: Mapping[str, pd.Categorical]) -> pd.Categorical:
    """Return people as they are spoken of, "Dana Whitfield", whatever their case; "" for an organization."""

    def clean(text: str) -> str:
        name = " ".join(text.split())
        return name.title() if name.isupper() else name

    names = reword(join([columns["clinician_given"], columns["clinician_family"]]), clean)
    numbers = np.where(find_cells(columns["clinician_kind"], "2"), len(names.categories), names.codes)
    return name_numbers(numbers, [*texts_of(names), ""])
