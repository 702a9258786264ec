"""X12 texts as tables: the one module that knows the library which reads the grammar, oxedi.

In: pieces of whole segments, and which kind of transaction is wanted. Out: the tables of `x12_grammar` with
every element as text, and for each row the number of its segment in the file. What the library gives is held
against a plain index of the segments: a row is where the index has its segment, or the file is not read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import oxedi
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct, field

from audit.errors import InputError
from audit.intake.columns import categorical_of
from audit.intake.x12_grammar import CLAIMS, COMPOSITE, PARENT, REMITTANCE, describe
from audit.intake.x12_segments import Segments, number_of

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Wanted = Callable[[Places], Mask]

GRAMMARS = {"835": REMITTANCE, "837": CLAIMS}
NOWHERE = -1


class Table(Struct, frozen=True):
    """Rows of one table: `segment` is each row's number in the file, `parents` the row it stands in by table.

    A row that stands in none has NOWHERE there. Columns are text.
    """

    segment: Places
    parents: dict[str, Places]
    columns: dict[str, pd.Categorical]

    def __len__(self) -> int:
        return len(self.segment)

    def __getitem__(self, column: str) -> pd.Categorical:
        return self.columns[column]


class _Part(NamedTuple):
    """What one piece adds to a table, its texts still as the library has them."""

    segment: Places
    parents: dict[str, Places]
    columns: dict[str, pa.Array]


class Collected(Struct):
    """The tables of all pieces of a file, as they are read.

    `lost` counts segments that hold something but stand where the grammar has no place for them, by name.
    """

    file: str
    kind: str
    lost: Counter[str] = field(default_factory=Counter)
    _parts: dict[str, list[_Part]] = field(default_factory=dict)
    _rows: Counter[str] = field(default_factory=Counter)

    def add(self, found: oxedi.Tables, segments: Segments, before: int, wanted: Wanted) -> None:
        """Take in what the library found in a piece in front of which `before` segments stand.

        `wanted` says of segment numbers whether they stand in transactions of this kind.
        """
        grammar = GRAMMARS[self.kind]
        numbers = before + segments.numbers
        kept: dict[str, Places] = {}
        for name in sorted(grammar.tables, key=lambda name: bool(grammar.tables[name].of)):  # loops first
            table = pa.table(found[name])
            place = table["segment"].to_numpy()
            opens = grammar.tables[name].of or grammar.loops[grammar.tables[name].loops].opens
            true = (segments.ids[place] == number_of(opens)) & wanted(numbers[place])
            there = segments.find(opens)
            self._hold_against(name, place[true], segments, there[wanted(numbers[there])], numbers)
            kept[name] = np.where(true, np.cumsum(true) - 1 + self._rows[name], NOWHERE)
            self._rows[name] += int(true.sum())
            part = _take(table, true, numbers[place], kept)
            for column, where in grammar.tables[name].columns.items():
                if where.endswith(COMPOSITE):
                    part.columns[column] = _join_by_colon(part.columns[column], segments.delimiters.component)
            self._parts.setdefault(name, []).append(part)

    def _hold_against(
        self, name: str, found: Places, segments: Segments, there: npt.NDArray[np.intp], numbers: Places
    ) -> None:
        """Raise `InputError` unless the rows of a loop are where a plain count has its segment."""
        grammar = GRAMMARS[self.kind]
        if of := grammar.tables[name].of:
            has_rows = np.zeros(len(segments.ids), dtype=np.bool_)
            has_rows[found] = True
            if len(missing := there[~has_rows[there]]):
                filled = segments.element(missing, 2)
                self.lost[of] += int(np.asarray(filled != "").sum())
            return
        if when := grammar.loops[grammar.tables[name].loops].when:
            there = there[np.asarray(segments.element(there, int(when[0])) == when[1])]
        if not np.array_equal(found, there):
            at = np.setxor1d(found, there)
            where = f"segment {numbers[at[0]]:,}" if len(at) else "its end"
            raise InputError(
                f"{self.file}: two ways to read its {name} disagree at {where}; "
                "please report this file's layout."
            )

    def tables(self) -> dict[str, Table]:
        """Return the tables of everything read."""
        tables = {name: _stack(self._parts.pop(name)) for name in list(self._parts)}
        pa.default_memory_pool().release_unused()  # what reading took, before the mapping takes its own
        return tables


def parse(segments: Segments, kind: str) -> oxedi.Tables:
    """Return the tables of a piece as the library reads them; other threads can go on meanwhile."""
    return oxedi.parse(segments.text, _spec(kind), delimiters=oxedi.Delimiters(*segments.delimiters)).tables


@cache
def _spec(kind: str) -> oxedi.Spec:
    return oxedi.Spec.from_json(json.dumps(describe(GRAMMARS[kind], kind)))


def _take(table: pa.Table, true: Mask, numbers: Places, kept: Mapping[str, Places]) -> _Part:
    """Return the rows that are `true`; `kept` has the row in the whole file of every row of a parent."""
    parents, columns = {}, {}
    for name in table.column_names:
        if name in ("row", "segment"):
            continue
        column = table[name].combine_chunks()
        if name.startswith(PARENT):
            above = kept[name.removeprefix(PARENT)]
            row = column.fill_null(NOWHERE).to_numpy()[true]
            parents[name.removeprefix(PARENT)] = (
                np.where(row < 0, NOWHERE, above[row]) if len(above) else np.full(len(row), NOWHERE)
            )
        else:
            column = column if true.all() else column.filter(pa.array(true))
            columns[name] = _encode(column)
    return _Part(numbers[true], parents, columns)


def _encode(column: pa.Array) -> pa.DictionaryArray:
    """Return bytes as text, each distinct one kept once, nothing as blank."""
    if column.null_count == len(column):
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(column), np.int32)), pa.array([""]))
    return column.cast(pa.string()).fill_null("").dictionary_encode()


def _join_by_colon(column: pa.DictionaryArray, component: bytes) -> pa.DictionaryArray:
    """Return composites with their components separated by ":"."""
    sign = component.decode("latin-1")
    words = pc.replace_substring(column.dictionary, sign, COMPOSITE)
    return pa.DictionaryArray.from_arrays(column.indices, words)


def _stack(parts: Sequence[_Part]) -> Table:
    return Table(
        segment=np.concatenate([part.segment for part in parts]),
        parents={name: np.concatenate([part.parents[name] for part in parts]) for name in parts[0].parents},
        columns={
            name: categorical_of(pa.chunked_array([part.columns[name] for part in parts]))
            for name in parts[0].columns
        },
    )
