"""Names beside item ids: read again from the very rows, whatever kind of file they stand in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audit.chart_names import list_names
from audit.intake.spreadsheet import named_files
from tests import test_privacy as planted
from tests.practices import shipped
from tests.reviews import drawn_of, practice_of

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_patient_of_every_row_drawn_stands_beside_its_item(tmp_path: Path) -> None:
    """Where the export numbers its patients, by that number."""
    files = practice_of(tmp_path)
    sample = drawn_of(files)
    rows = list(csv.DictReader(io.StringIO(list_names(sample, named_files(files), shipped()))))
    written = (tmp_path / "charges.csv").read_text().splitlines()
    assert len(rows) == 6
    for row in rows:
        assert f",{row['patient']}," in written[int(row["row"]) - 1]
    assert [row["item"] for row in rows] == [item.id for item in sample.items for _ in item.lines]


@pytest.mark.parametrize("system", [planted.simple_practice, planted.therapy_notes, planted.clearing_house])
def test_names_are_found_in_every_kind_of_file(system: Callable[[Path], list[Path]], tmp_path: Path) -> None:
    """A spreadsheet's own name column, or what a claim as it was sent calls its patient (here: a number)."""
    files = system(tmp_path)
    sample = drawn_of(files, period="2026")
    rows = list(csv.DictReader(io.StringIO(list_names(sample, named_files(files), shipped()))))
    assert len(rows) > 10
    for row in rows:
        assert any(part.lower() in row["patient"].lower() for name in planted.NAMES for part in name)
