"""Read an X12 file: its remittances (835) and professional claims (837P) as tables of text, the rest by name.

In: a file that looks like X12. Out: an `X12File`, its tables counted against a plain index of the segments.
What the tables mean is said elsewhere. A file that cannot be read is an `InputError` that names it.
"""

from __future__ import annotations

import mmap
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from audit.errors import InputError
from audit.intake.reconciling import control_total
from audit.intake.x12_envelopes import (
    START,
    Content,
    Envelopes,
    Piece,
    Transaction,
    cut_pieces,
    decode,
    find_interchanges,
)
from audit.intake.x12_segments import Segments, number_of
from audit.intake.x12_tables import Collected, Table, Wanted, parse

REMITTANCES, CLAIMS = "835", "837P"
KINDS = {
    REMITTANCES: "a remittance (835)",
    CLAIMS: "professional claims (837P)",
    "837I": "institutional claims (837I)",
    "837D": "dental claims (837D)",
    "999": "an acknowledgment (999)",
    "997": "an acknowledgment (997)",
    "270": "an eligibility inquiry (270)",
    "271": "an eligibility answer (271)",
    "276": "a claim status inquiry (276)",
    "277": "a claim status answer (277)",
    "278": "a review request (278)",
    "820": "a premium payment (820)",
    "834": "an enrollment (834)",
}
GUIDES = {"X222": CLAIMS, "X098": CLAIMS, "X223": "837I", "X096": "837I", "X224": "837D", "X097": "837D"}
"""What the guide's number, in ST or GS, says of an 837."""

NOT_CLOSED = {"835": ("CLP", "LX", "PLB"), "837P": ("CLM", "HL")}
"""What opens a claim, and what, standing behind it, shows that it was not cut off."""


AHEAD = 2
"""Pieces that are read ahead, each by a thread of its own: the library lets other threads go on."""


class OtherTransactionError(InputError):
    """An X12 file of another kind than is read here; `records` are its transactions."""

    def __init__(self, told: str, records: int) -> None:
        super().__init__(told)
        self.records = records


class Control(Struct):
    """What a plain count of the segments says: rows (lines, and claims without lines) and their charges."""

    rows: int = 0
    cents: int = 0


class X12File(Struct):
    """What an X12 file holds. `tables` are those of `x12_grammar`, by kind of transaction.

    `transactions` tell of every ST; `control` is the plain count by kind; `cut_claims` are the numbers of
    segments that open a claim in which the file ends; `missing` are the ends of envelopes that are not there.
    """

    name: str
    tables: dict[str, dict[str, Table]]
    transactions: list[Transaction]
    control: dict[str, Control] = field(default_factory=dict)
    cut_claims: list[int] = field(default_factory=list)
    missing: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)

    @property
    def incomplete(self) -> str:
        """Say which ends are missing; "" where none is."""
        ends = [end for end in ("SE", "GE", "IEA") if end in self.missing]
        return f"incomplete: no {'/'.join(ends)}, so its end is not here" if ends else ""


def read_x12(path: Path, name: str) -> X12File:
    """Return the tables of an X12 file, which messages call `name`."""
    with _content(path) as data:
        return _read(data, name)


@contextmanager
def _content(path: Path) -> Iterator[Content]:
    """Give the bytes of a file without taking them into memory, unless they must be decoded."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(
            f"{path.name}: the file cannot be opened ({error.strerror or 'unknown reason'})."
        ) from None
    with file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        start = mapped[:START]
        yield mapped if decode(start) is start else decode(mapped[:])


def _read(data: Content, name: str) -> X12File:
    envelopes = Envelopes()
    collected = {kind: Collected(name, kind[:3]) for kind in (REMITTANCES, CLAIMS)}
    found = X12File(name, {}, [])
    parsing: deque[_Parsing] = deque()
    before = 0
    with ThreadPoolExecutor(AHEAD) as pool:
        for piece in _pieces(data, found):
            segments = Segments(piece.text, piece.delimiters)
            known = len(envelopes.transactions)
            envelopes.walk(piece, segments, before)
            here = [_named(each, segments, before) for each in envelopes.transactions[known:]]
            found.transactions += here
            for kind in collected:
                if wanted := [each for each in here if each.kind == kind]:
                    tables = pool.submit(parse, segments, kind[:3])
                    parsing.append(_Parsing(kind, segments, before, _inside(wanted), tables))
                    _count(found.control.setdefault(kind, Control()), parsing[-1])
            if piece.last and here:
                found.cut_claims += _cut_claim(here[-1], segments, before)
            before += segments.count
            while len(parsing) > AHEAD:
                _collect(collected, parsing.popleft())
        while parsing:
            _collect(collected, parsing.popleft())
    found.missing = frozenset(envelopes.missing)
    found.notes += envelopes.notes
    for kind, collecting in collected.items():
        if kind in found.control:
            found.tables[kind] = collecting.tables()
            found.notes += [
                f"{segment} segments where none belongs: {number:,}; they are left out"
                for segment, number in sorted(collecting.lost.items())
                if number
            ]
    others = sorted({each.kind for each in found.transactions} - found.tables.keys())
    found.notes += [f"the file also holds {_call(kind)}, which is not read" for kind in others]
    if not found.tables:
        raise _nothing_to_read(found)
    return found


class _Parsing(NamedTuple):
    """A piece that is being read: its kind, what stands before it, and which segment numbers are wanted."""

    kind: str
    segments: Segments
    before: int
    inside: Wanted
    tables: Future[Any]


def _collect(collected: dict[str, Collected], piece: _Parsing) -> None:
    collected[piece.kind].add(piece.tables.result(), piece.segments, piece.before, piece.inside)


def _pieces(data: Content, found: X12File) -> Iterator[Piece]:
    for interchange in find_interchanges(data, found.name):
        if interchange.bare:
            found.notes.append("the file has no ISA segment; it is read with the usual delimiters * : ~")
        for piece in cut_pieces(data, interchange):
            _let_go(data)
            yield piece


def _let_go(data: Content) -> None:
    """Take no memory for the parts of a mapped file that are read; whoever wants them again gets them."""
    if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED)


def _named(transaction: Transaction, segments: Segments, before: int) -> Transaction:
    """Return a transaction with its kind: an 837 is told by its guide, else by its lines."""
    if transaction.kind != "837":
        return transaction
    guide = next((kind for number, kind in GUIDES.items() if number in transaction.version.upper()), "")
    if not guide:
        inside = _inside([transaction])
        other = (("SV2", "837I"), ("SV3", "837D"))
        guide = next(
            (kind for line, kind in other if inside(before + segments.numbers[segments.find(line)]).any()),
            CLAIMS,
        )
    return transaction._replace(kind=guide)


def _inside(transactions: list[Transaction]) -> Wanted:
    """Return a test whether segment numbers stand in one of some transactions."""
    first = np.array([each.first for each in transactions])
    end = np.array([each.end for each in transactions])

    def inside(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        at = np.searchsorted(first, numbers, side="right") - 1
        return (at >= 0) & (numbers < end[at])

    return inside


def _count(control: Control, piece: _Parsing) -> None:
    """Add the lines, and the claims that an answer has no lines for, and what is charged on them."""
    kind, segments, before, inside, _ = piece
    names = {REMITTANCES: ("SVC", "CLP", "LX", "PLB", "SE", "ST"), CLAIMS: ("SV1",)}[kind]
    numbers = [number_of(name) for name in names]
    places = np.flatnonzero(np.isin(segments.ids, np.array(numbers, dtype=segments.ids.dtype)))
    places = places[inside(before + segments.numbers[places])]
    ids = segments.ids[places]
    lines = ids == numbers[0]
    control.rows += int(lines.sum())
    control.cents += control_total(segments.element(places[lines], 2))
    if kind == REMITTANCES:
        bare = (ids == numbers[1]) & ~np.append(lines[1:], [False])[: len(ids)]
        control.rows += int(bare.sum())
        control.cents += control_total(segments.element(places[bare], 3))


def _cut_claim(last: Transaction, segments: Segments, before: int) -> list[int]:
    """Return the number of the segment that opens the claim in which the last transaction is cut off."""
    if last.whole or last.kind not in NOT_CLOSED:
        return []
    opens, *closes = NOT_CLOSED[last.kind]
    numbers = before + segments.numbers
    begun = [int(number) for number in numbers[segments.find(opens)] if number > last.first]
    closed = [int(numbers[places[-1]]) for name in closes if len(places := segments.find(name))]
    return begun[-1:] if begun and begun[-1] > max(closed, default=0) else []


def _nothing_to_read(found: X12File) -> InputError:
    if not found.transactions:
        return InputError(
            f"{found.name}: this X12 file holds no transaction (ST); it is cut off or empty: get it again."
        )
    kinds = sorted({each.kind for each in found.transactions})
    named = " and ".join(map(_call, kinds))
    return OtherTransactionError(
        f"{found.name}: this X12 file holds {named}; only remittances (835) and professional claims (837P) "
        "are read: leave it out.",
        len(found.transactions),
    )


def _call(kind: str) -> str:
    return KINDS.get(kind, "another kind of X12 transaction")
