"""A plain index of the segments of an X12 text: where each begins, what it is called, what its elements say.

It knows delimiters and nothing else, and shares no code with the reader of the tables, so that either can be
counted against the other. In: whole segments as bytes, and the delimiters they are written with.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake.columns import name_numbers, number_rows

Places = npt.NDArray[np.intp]

BLANKS = b" \t\r\n\0\x1a"
"""What may stand around segments: indentation, line ends, and what old systems put at the end of a file."""

_WORD = 8
_WIDEST = 5 * _WORD
_LETTERS = np.array([256**letters - 1 for letters in range(_WORD + 1)], dtype="<u8")
"""What keeps so many of eight bytes that are taken at once as a number."""


class Delimiters(NamedTuple):
    """The signs between elements, between the components of one, and behind a segment; one byte each."""

    element: bytes = b"*"
    component: bytes = b":"
    segment: bytes = b"~"


class Segments:
    """The segments of a text. `starts` and `ends` are bytes, `ids` their names as numbers (see `number_of`).

    A blank between two terminators is kept in its place (the reader of the tables counts it too) and is no
    segment: `numbers` counts without it, from 1.
    """

    def __init__(self, text: bytes, delimiters: Delimiters) -> None:
        self.text = text
        self.delimiters = delimiters
        self._bytes = np.frombuffer(text, dtype=np.uint8)
        padded = text + bytes(_WORD)
        self._words = np.ndarray(
            len(text) + 1, dtype="<u8", buffer=padded, strides=(1,)
        )  # eight bytes at each
        self.ends = np.flatnonzero(self._bytes == delimiters.segment[0])
        self.starts = self._skip_blanks(np.concatenate([[0], self.ends[:-1] + 1]).astype(np.intp))
        self.ids = self._read_ids()
        self.numbers = np.cumsum(self.starts < self.ends)

    @property
    def count(self) -> int:
        """How many segments there are."""
        return int(self.numbers[-1]) if len(self.numbers) else 0

    def _skip_blanks(self, starts: Places) -> Places:
        blank = np.zeros(256, dtype=bool)
        blank[list(BLANKS)] = True
        blank[self.delimiters.segment[0]] = False
        moving = np.flatnonzero(blank[self._bytes[starts]]) if len(starts) else starts
        while len(moving):
            starts[moving] += 1
            moving = moving[blank[self._bytes[starts[moving]]]]
        return starts

    def _read_ids(self) -> npt.NDArray[np.uint32]:
        """Return the two or three letters in front of the first element, as one number."""
        stop = np.zeros(256, dtype=bool)
        stop[[self.delimiters.element[0], self.delimiters.segment[0], *BLANKS]] = True
        ids = np.zeros(len(self.starts), dtype=np.uint32)
        over = np.zeros(len(self.starts), dtype=bool)
        last = max(len(self._bytes) - 1, 0)
        for letter in range(4):
            sign = self._bytes[np.minimum(self.starts + letter, last)]
            over |= stop[sign]
            ids = np.where(over, ids, ids * np.uint32(256) + sign).astype(np.uint32)
        return ids

    def find(self, name: str) -> Places:
        """Return the places of the segments of a name, among all."""
        return np.flatnonzero(self.ids == number_of(name))

    @cached_property
    def _separators(self) -> Places:
        return np.flatnonzero(self._bytes == self.delimiters.element[0])

    def element(self, places: Places, element: int) -> pd.Categorical:
        """Return an element of some segments as text; "" where a segment has none."""
        separators = np.append(self._separators, [len(self.text)] * 2)
        first = np.searchsorted(self._separators, self.starts[places]) + element - 1
        ends = self.ends[places]
        begin = separators[np.minimum(first, len(separators) - 1)] + 1
        end = np.minimum(separators[np.minimum(first + 1, len(separators) - 1)], ends)
        width = np.clip(end - begin, 0, _WIDEST)
        words = [
            self._words[np.minimum(begin + at, len(self.text))] & _LETTERS[np.clip(width - at, 0, _WORD)]
            for at in range(0, max(int(width.max(initial=0)), 1), _WORD)
        ]
        numbers, count = number_rows([pd.factorize(word)[0] for word in words])
        first = np.zeros(count, dtype=np.intp)
        first[numbers[::-1]] = np.arange(len(numbers))[::-1]  # written backwards, so that the first stays
        texts = [b"".join(word[row].tobytes() for word in words).rstrip(b"\0") for row in first.tolist()]
        return name_numbers(numbers, [text.decode("latin-1").strip() for text in texts])

    def split(self, place: int) -> list[str]:
        """Return one segment as its name and its elements."""
        written = self.text[self.starts[place] : self.ends[place]].decode("latin-1")
        return [part.strip() for part in written.split(self.delimiters.element.decode("latin-1"))]


def number_of(name: str) -> int:
    """Return the number that stands for a segment's name."""
    return int.from_bytes(name.encode(), "big")
