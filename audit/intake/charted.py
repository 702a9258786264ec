"""What a cell of a visit note says beside dates: how many spinal regions, how many visits, which text.

As in `cells`: distinct texts in, one value per text out, in the same order. Of a note's text nothing is kept
but a number that is the same for the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from audit.intake.cells import is_blank, plain

NOTHING, UNREADABLE = -1, -2
"""What stands for a blank cell, and for one that could not be read."""

NO_TEXT = -1
"""The number of a cell without text."""

MOST_REGIONS = 5
_WHOLE = re.compile(r"([0-9]{1,4})(?:\.0+)?")
_COUNTED = re.compile(r"([0-9])(?:\.0+)?\s*(?:SPINAL)?\s*(?:REGIONS?)?")
_REGIONS = (
    re.compile(r"C[0-7]?|CERV\w*|OCC\w*|NECK"),
    re.compile(r"[TD](?:[0-9]|1[0-2])?|THOR\w*|DORSAL"),
    re.compile(r"L[1-5]?|LUMB\w*"),
    re.compile(r"S[1-5]?|SACR\w*|SACRUM"),
    re.compile(r"P|PELV\w*|SI|SIJ?|SACROILIAC|ILI\w*"),
)
_NO_REGION = frozenset({"", "SPINE", "SPINAL", "REGION", "REGIONS", "AND", "LEFT", "RIGHT", "BILATERAL"})


def parse_counts(texts: Iterable[str]) -> list[int]:
    """Return a whole number per text (`12`, `12.0`), NOTHING or UNREADABLE."""
    return [_count(text) for text in texts]


def _count(text: str) -> int:
    match = _WHOLE.fullmatch(plain(text))
    return NOTHING if is_blank(text) else int(match[1]) if match else UNREADABLE


def parse_regions(texts: Iterable[str]) -> list[int]:
    """Return how many spinal regions each text names: `3`, `C, T, L`, `C2; C5; L4` (two), or NOTHING.

    Segments of one region count once. A word that is none, or more than five, is UNREADABLE.
    """
    return [_regions(text) for text in texts]


def _regions(text: str) -> int:
    if is_blank(text):
        return NOTHING
    written = plain(text)
    if match := _COUNTED.fullmatch(written):
        count = int(match[1])
        return count if count <= MOST_REGIONS else UNREADABLE
    words = [word for word in re.split(r"[\s,;:/|+&().-]+", written) if word not in _NO_REGION]
    found = {
        next((at for at, one in enumerate(_REGIONS) if one.fullmatch(word)), UNREADABLE) for word in words
    }
    return UNREADABLE if UNREADABLE in found or not found else len(found)


# Texts ----------------------------------------------------------------------------------------------------

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES_AND_TIMES = (
    r"(?:\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b"
    rf"|\b{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?(?:\s+\d{{4}})?\b"
    rf"|\b\d{{1,2}}\s+{_MONTH}\.?,?(?:\s+\d{{4}})?\b"
    r"|\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\b)?)[.,;:]*"
)
"""What differs in a note that was otherwise copied: the date and the time of day."""

_GAPS = r"[\s\pZ]{2,}|[\t\n\v\f\r\x{a0}]"  # a single blank stays: replacing it would cost more than all else


def number_texts(texts: pd.Index) -> npt.NDArray[np.int64]:
    """Return a number per text, equal where texts are the same but for case, blanks, dates and times of day.

    NO_TEXT where nothing else stands in it. The numbers are the same in every run and every file.
    """
    words = pc.utf8_lower(pa.array(texts, pa.large_string()))
    words = pc.replace_substring_regex(words, _DATES_AND_TIMES, " ")
    words = pc.utf8_trim(pc.replace_substring_regex(words, _GAPS, " "), " .,;:-")
    empty = pc.invert(pc.match_substring_regex(words, r"\pL")).to_numpy(zero_copy_only=False)
    hashed = pd.util.hash_array(words.to_numpy(zero_copy_only=False)).view(np.int64)
    return np.where(empty, NO_TEXT, np.where(hashed == NO_TEXT, 0, hashed))
