"""The envelopes of an X12 file: its interchanges with their delimiters, and what its control numbers prove.

In: the bytes of a file. Out: pieces of whole transactions, each with its delimiters, small enough that a file
of any size is read in the memory of its largest transaction; and what the envelopes say of completeness.
"""

from __future__ import annotations

import codecs
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from audit.errors import InputError
from audit.intake.x12_segments import BLANKS, Delimiters, Segments

_AROUND = BLANKS + codecs.BOM_UTF8

Content = bytes | mmap.mmap
"""The bytes of a file, in memory or mapped."""

BLOCK = 3 << 20
"""Bytes of whole transactions that are read at once."""

START = 400
"""Bytes that tell what a file is."""

_SIGN = rb"([^0-9A-Za-z\s])"
_ISA = re.compile(rb"ISA" + _SIGN)
_HEADLESS = re.compile(rb"(?:GS%b[A-Z]{2}\1|ST%b[0-9]{3}\b)" % (_SIGN, _SIGN))
_BEGINNING = re.compile(rb"ISA%b[0-9A-Z ]{2}\1|" % _SIGN + _HEADLESS.pattern.replace(rb"\1", rb"\2"))
_FIXED = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_SEPARATORS = 16


class Interchange(NamedTuple):
    """The bytes from one ISA to the next, and the delimiters that this ISA sets; `bare`: there is none."""

    start: int
    end: int
    delimiters: Delimiters
    bare: bool = False


class Piece(NamedTuple):
    """Whole segments of one interchange; `cut` is what stands behind the last of them, unfinished."""

    text: bytes
    delimiters: Delimiters
    last: bool
    cut: bytes


def is_x12(path: Path) -> bool:
    """Whether a file is X12, by what it holds; a file that cannot be opened is none."""
    try:
        with path.open("rb") as file:
            start = file.read(START)
    except OSError:
        return False
    return bool(_BEGINNING.match(decode(start).lstrip(_AROUND)))


def decode(data: bytes) -> bytes:
    """Return UTF-16 as UTF-8, other bytes as they are."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, errors="replace").encode()
    for encoding, zeros in (("utf-16-le", data[1:80:2]), ("utf-16-be", data[0:80:2])):
        if len(zeros) > 4 and not any(zeros):
            return data.decode(encoding, errors="replace").encode()
    return data


def find_interchanges(data: Content, file: str) -> list[Interchange]:
    """Return the interchanges of a file in order; InputError where the delimiters cannot be told.

    An ISA counts where a segment may begin, or where it has the fixed widths of one: a file that is cut off
    may be followed by another one without a break.
    """
    first = _first_byte(data)
    heads: list[tuple[int, Delimiters, bool]] = []
    if match := _HEADLESS.match(data, first):
        heads.append((first, _usual_delimiters(match, data, file), True))
    for match in _ISA.finditer(data, first):
        if heads and not _begins_here(data, match.start(), heads[-1][1]):
            continue
        heads.append((match.start(), _delimiters_of(data, match.start(), file), False))
    ends = [head[0] for head in heads[1:]] + [len(data)]
    return [
        Interchange(start, end, delimiters, bare)
        for (start, delimiters, bare), end in zip(heads, ends, strict=True)
    ]


def _first_byte(data: Content) -> int:
    at = 0
    while at < len(data) and data[at] in _AROUND:
        at += 1
    return at


def _usual_delimiters(match: re.Match[bytes], data: Content, file: str) -> Delimiters:
    usual = Delimiters(element=match[1] or match[2])
    if usual.element != b"*" or data.find(usual.segment) < 0:
        raise InputError(
            f"{file}: this X12 file has no ISA segment, so its delimiters are unknown; get the whole file."
        )
    return usual


def _begins_here(data: Content, at: int, before: Delimiters) -> bool:
    behind = data[max(at - 200, 0) : at].rstrip(_AROUND.replace(before.segment, b""))
    if behind.endswith(before.segment):
        return True
    separator = re.escape(data[at + 3 : at + 4])
    widths = separator.join(b".{%d}" % width for width in _FIXED)
    return bool(re.compile(rb"ISA" + separator + widths + b"[^0-9A-Za-z]", re.S).match(data, at))


def _delimiters_of(data: Content, at: int, file: str) -> Delimiters:
    """Return what an ISA sets: its fourth byte, and the first two bytes behind its sixteenth separator."""
    element = data[at + 3 : at + 4]
    place = at + 3
    for found in range(1, _SEPARATORS):
        place = data.find(element, place + 1, at + 400)
        if place < 0:
            raise InputError(
                f"{file}: its ISA segment has {found} of {_SEPARATORS} separators; "
                "the file is cut off or damaged: get it again."
            )
    component, segment = data[place + 1 : place + 2], data[place + 2 : place + 3]
    if not segment or segment.isalnum() or segment in (element, component):
        raise InputError(
            f"{file}: its ISA segment does not say what ends a segment; the file is cut off or damaged: "
            "get it again."
        )
    return Delimiters(element, component, segment)


def cut_pieces(data: Content, interchange: Interchange) -> Iterator[Piece]:
    """Yield an interchange in pieces of whole transactions."""
    start, end, delimiters, _ = interchange
    while start < end:
        border = _next_border(data, start, end, delimiters)
        text, cut = data[start:border], b""
        if border == end:
            stop = text.rfind(delimiters.segment) + 1
            text, cut = text[:stop], text[stop:].strip(_AROUND)
        yield Piece(_as_utf8(text), delimiters, border == end, cut)
        start = border


def _next_border(data: Content, start: int, end: int, delimiters: Delimiters) -> int:
    """Return where the last transaction begins that a block from `start` on cannot hold whole."""
    if end - start <= BLOCK:
        return end
    begins = b"ST" + delimiters.element
    at = start + BLOCK
    while (at := data.rfind(begins, start + 1, at)) >= 0:
        if _behind_a_segment(data, at, delimiters):
            return at
    at = start + BLOCK
    while (at := data.find(begins, at, end)) >= 0:
        if _behind_a_segment(data, at, delimiters):
            return at
        at += 1
    return end


def _behind_a_segment(data: Content, at: int, delimiters: Delimiters) -> bool:
    blanks = _AROUND.replace(delimiters.segment, b"")
    return data[max(at - 200, 0) : at].rstrip(blanks).endswith(delimiters.segment)


def _as_utf8(text: bytes) -> bytes:
    """Return text as UTF-8: what is not, is taken for Latin-1, which gives every byte a letter."""
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode()
    return text


class Transaction(NamedTuple):
    """An ST: the number of its segment and of the segment behind its last, its kind, and its group's day.

    `version` is what ST or GS say of the guide it is written by.
    """

    first: int
    end: int
    kind: str
    version: str
    sent_on: str
    whole: bool


class Envelopes:
    """Walks through the envelope segments of a file, piece by piece, and counts what they claim.

    `notes` tells of control totals that are wrong; `missing` which ends a file lacks.
    """

    def __init__(self) -> None:
        self.transactions: list[Transaction] = []
        self.notes: list[str] = []
        self.missing: set[str] = set()
        self._open: dict[str, tuple[int, list[str]]] = {}
        self._inside = {"GS": 0, "ISA": 0}

    def walk(self, piece: Piece, segments: Segments, before: int) -> None:
        """Take in the envelope segments of a piece in front of which `before` segments stand."""
        names = ("ISA", "GS", "ST", "SE", "GE", "IEA")
        places = sorted(int(place) for name in names for place in segments.find(name))
        for place in places:
            parts = segments.split(place)
            number = before + int(segments.numbers[place])
            if parts[0] in _ENDS:
                self._close(parts, number)
            else:
                self._begin(parts, number)
        behind = before + segments.count + 1
        if piece.last:
            self._finish(piece, behind)
        else:
            self._lose("ST", behind)

    def _begin(self, parts: list[str], number: int) -> None:
        name = parts[0]
        for inner in _LEVELS[: _LEVELS.index(name) + 1]:
            self._lose(inner, number)
        if (outer := _OUTER.get(name)) in self._open:
            self._inside[outer] += 1
        if name in self._inside:
            self._inside[name] = 0
        self._open[name] = number, parts

    def _close(self, parts: list[str], number: int) -> None:
        name = _ENDS[parts[0]]
        for inner in _LEVELS[: _LEVELS.index(name)]:
            self._lose(inner, number)
        if name not in self._open:
            self.notes.append(f"segment {number:,}: {parts[0]} ends what no {name} began")
            return
        first, _ = self._open[name]
        counted = number - first + 1 if name == "ST" else self._inside[name]
        told = _element(parts, 1)
        if not told.isdecimal() or int(told) != counted:
            what = {"ST": "segments", "GS": "transactions", "ISA": "groups"}[name]
            self.notes.append(
                f"segment {number:,}: {parts[0]}01 does not tell the {counted:,} {what} that are there; "
                "ask the sender whether something is missing"
            )
        self._end(name, number + 1, whole=True)

    def _lose(self, name: str, number: int) -> None:
        """Close what was not closed itself."""
        if name in self._open:
            self.missing.add({begin: end for end, begin in _ENDS.items()}[name])
            self._end(name, number, whole=False)

    def _end(self, name: str, end: int, whole: bool) -> None:
        first, parts = self._open.pop(name)
        if name == "ST":
            _, group = self._open.get("GS", (0, []))
            version = _element(parts, 3) or _element(group, 8)
            self.transactions.append(
                Transaction(first, end, _element(parts, 1), version, _element(group, 4), whole)
            )

    def _finish(self, piece: Piece, behind: int) -> None:
        """End an interchange; what is cut off there may be an end that lacks nothing but its terminator."""
        sign = piece.delimiters.element.decode("latin-1")
        ending = [part.strip() for part in piece.cut.decode("latin-1").split(sign)]
        name = _ENDS.get(ending[0], "")
        if name in self._open and _element(ending, 2) == self._control(name):
            self._close(ending, behind)
        for name in _LEVELS:
            self._lose(name, behind)

    def _control(self, name: str) -> str:
        return _element(self._open[name][1], {"ST": 2, "GS": 6, "ISA": 13}[name])


_ENDS = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
_LEVELS = ("ST", "GS", "ISA")
_OUTER = {"ST": "GS", "GS": "ISA"}


def _element(parts: list[str], place: int) -> str:
    return parts[place] if place < len(parts) else ""
