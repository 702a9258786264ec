"""Patients' names beside the items of a sample, read again from the very rows that were drawn.

The history keeps no name, so the files are opened once more. What comes out goes to a file that the user
names, for whoever pulls the charts, and to nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from audit.intake import FORMATS, read_table
from audit.intake.layouts import Fields, find_layout, header_test, place_of
from audit.intake.spreadsheet import read_sheets
from audit.output import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from audit.sample_file import Sample
    from audit.settings import Settings

NAMED_BY = ("patient_name", "patient")
"""Fields of a layout that tell who a patient is, the better one first."""


def list_names(sample: Sample, files: Mapping[str, Path], settings: Settings) -> str:
    """Return a CSV text: item, file, row, and the patient as that row writes it; `files` are paths by name.

    Where an export tells a number and no name, the number stands there, as for a claim that was sent with the
    practice's own number of its patient; where it tells neither, nothing.
    """
    wanted = {(line.file, line.row) for item in sample.items for line in item.lines}
    found: dict[tuple[str, int], str] = {}
    for name, path in files.items():
        if any(place == name or place.startswith(f"{name}, ") for place, _ in wanted):
            found |= {place: text for place, text in _patients(path, name, settings) if place in wanted}
    rows = [
        (item.id, line.file, line.row, found.get((line.file, line.row), ""))
        for item in sample.items
        for line in item.lines
    ]
    return write_csv(("item", "file", "row", "patient"), rows)


def _patients(path: Path, name: str, settings: Settings) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield file and row with the patient of every row of a file."""
    read = next(form for form in FORMATS if form.fits(path)).read
    if read is read_table:
        yield from _patients_of_table(path, name, settings)
        return
    for mapped in read(path, name, settings):
        for rows in (mapped.charges, mapped.answered):
            if rows is not None and "patient_ref" in rows:
                places = zip(rows["source_file"].astype(str), rows["source_row"].tolist(), strict=True)
                yield from zip(places, rows["patient_ref"].astype(str), strict=True)


def _patients_of_table(path: Path, name: str, settings: Settings) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield the same of a table, by the layout it is written in."""
    for sheet in read_sheets(path, header_test(settings)):
        named = replace(sheet, file=name)
        layout = find_layout(named, settings) if named.headers else None
        if layout is None:
            continue
        fields = Fields(named, layout)
        by = next((field for field in NAMED_BY if fields.has(field)), "")
        if by:
            place = place_of(named)
            for row, text in zip(named.rows.tolist(), fields.column(by), strict=True):
                yield (place, row), str(text)
