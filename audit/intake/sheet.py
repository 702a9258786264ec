"""A table as a spreadsheet shows it: headers, cells as text, and the record number of every row.

What stands here knows nothing of file formats: the readers fill a `Sheet`, the mapping reads it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct

Known = Callable[[Sequence[str]], bool]
"""Tells whether headers belong to a layout that the product or the practice describes."""

HEADER_REACH = 50
"""Records at the top of a file among which its header must stand."""


class Sheet(Struct, frozen=True):
    """One delimited file or one worksheet, every cell as text.

    `headers`: as written, surrounding blanks taken off; a repeat is `Charge#2`, a blank one `column 7`.
        Empty where a worksheet beside others has no table: all its records then count in `above`.
    `cells`: one categorical column per header. A blank is ""; nothing becomes missing ("N/A" stays text).
        Categories are sorted and each is in use. A blank record is a row of blanks.
    `rows`: the record's number as a spreadsheet shows it, ascending.
    `ragged`: the record has more values than headers, so that none can be trusted to stand under its own.
    `above`: records above the header.
    """

    file: str
    sheet: str
    path: Path
    delimiter: str
    encoding: str
    headers: tuple[str, ...]
    cells: pd.DataFrame
    rows: npt.NDArray[np.int64]
    ragged: npt.NDArray[np.bool_]
    above: int


@lru_cache(maxsize=4096)  # the same headers are looked at for every delimiter and layout
def fold(header: str) -> str:
    """Return `header` without case, blanks, underscores and punctuation, so that spellings of one name agree.

    `#` and `%` stay: "Invoice #" is not "Invoice", and `Charge#2` is the second "Charge".
    """
    text = unicodedata.normalize("NFKC", header).casefold()
    return "".join(sign for sign in text if sign.isalnum() or sign in "#%")


def name_headers(record: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns below `record`, no two of which fold to the same text."""
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(record, start=1):
        written = " ".join(cell.replace("\ufeff", " ").split()) or f"column {position}"
        name, repeat = written, 1
        while fold(name) in taken:
            repeat += 1
            name = f"{written}#{repeat}"
        taken.add(fold(name))
        names.append(name)
    return tuple(names)


def find_header(records: Sequence[Sequence[str]], known: Known) -> int | None:
    """Return where the header is: the first record `known` accepts, else the first that looks like one."""
    top = records[:HEADER_REACH]
    for position, record in enumerate(top):
        if any(map(str.strip, record)) and known(name_headers(record)):
            return position
    widths = [_filled_width(record) for record in records]
    for position, record in enumerate(top):
        if _reads_like_names(record) and 4 * widths[position] >= 3 * _usual(widths[position + 1 :]):
            return position
    return None


def _reads_like_names(record: Sequence[str]) -> bool:
    """Tell whether a record has two cells or more, most of them words, most different, none a number or date.

    Strict, because a header may be shown to people: a row of a patient's must not be taken for one.
    """
    filled = [cell.strip() for cell in record if cell.strip()]
    words = [cell for cell in filled if any(map(str.isalpha, cell))]
    numbers = any(any(map(str.isdigit, cell)) and cell not in words for cell in filled)
    return len(filled) >= 2 and 2 * min(len(words), len(set(filled))) > len(filled) and not numbers


def _filled_width(record: Sequence[str]) -> int:
    return max((position for position, cell in enumerate(record, start=1) if cell.strip()), default=0)


def _usual(widths: Sequence[int]) -> int:
    """Return the width most records have, blank ones aside; the wider of two that are equally frequent."""
    counted = Counter(width for width in widths if width)
    return max(counted, key=lambda width: (counted[width], width), default=0)
