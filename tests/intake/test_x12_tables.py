"""The tables of X12 texts: what the grammar asks for is what the library gives."""

from __future__ import annotations

import json

import numpy as np
import oxedi
import pytest

from audit.intake.x12_grammar import CLAIMS, PARENT, REMITTANCE, Grammar, describe
from audit.intake.x12_segments import Delimiters, Segments
from audit.intake.x12_tables import NOWHERE, Collected, parse


@pytest.mark.parametrize(("kind", "grammar"), [("835", REMITTANCE), ("837", CLAIMS)])
def test_the_library_has_every_table_and_column_of_the_grammar(kind: str, grammar: Grammar) -> None:
    schema = oxedi.Spec.from_json(json.dumps(describe(grammar, kind))).schema()
    assert set(schema) == set(grammar.tables)
    for name, table in grammar.tables.items():
        own = {column for column in schema[name].names if not column.startswith(PARENT)}
        assert own == {"row", "segment", *table.columns}


def test_rows_of_several_pieces_know_their_parents() -> None:
    """Rows count on from piece to piece; what is told in no loop of its own has no parent there."""
    text = b"ST*835*1~CLP*A*1~CAS*CO*45*1~SVC*HC:1*5~CAS*CO*45*2~CLP*B*1~SVC*HC:2*6~SE*1*1~"
    collected = Collected("a.835", "835")
    for before in (0, 8):
        segments = Segments(text, Delimiters())
        collected.add(parse(segments, "835"), segments, before, lambda numbers: np.ones(len(numbers), bool))
    tables = collected.tables()
    assert tables["claims"]["claim"].tolist() == ["A", "B", "A", "B"]
    assert tables["services"].segment.tolist() == [4, 7, 12, 15]
    assert tables["services"].parents["claims"].tolist() == [0, 1, 2, 3]
    assert tables["adjustments"].parents["services"].tolist() == [NOWHERE, 0, NOWHERE, 2]
    assert tables["adjustments"].parents["claims"].tolist() == [0, 0, 2, 2]


def test_composites_come_with_colons_whatever_parts_them() -> None:
    segments = Segments(b"ST*835*1~CLP*A*1~SVC*HC>97140>59*5~SE*1*1~", Delimiters(component=b">"))
    collected = Collected("a.835", "835")
    collected.add(parse(segments, "835"), segments, 0, lambda numbers: np.ones(len(numbers), bool))
    assert collected.tables()["services"]["answered"].tolist() == ["HC:97140:59"]
