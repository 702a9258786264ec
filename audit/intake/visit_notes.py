"""Rows that tell of a visit's note: what is present, what is absent, and what the file does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake import cells
from audit.intake.charges import minutes_state, people_of
from audit.intake.columns import Places, constant, number_rows, spread, take, texts_of, used, whole_numbers
from audit.intake.days import UNREADABLE_MINUTES
from audit.intake.layouts import Fields, place_of
from audit.intake.parties import clean_clinicians, clean_places
from audit.intake.readings import Readings
from audit.lines import ABSENT, PRESENT, UNKNOWN
from audit.settings import CHARTED_FIELDS, fold_text

if TYPE_CHECKING:
    from audit.settings import Evidence, Settings

States = npt.NDArray[np.int8]


def tells_of_notes(fields: Fields) -> bool:
    """Whether rows of the file say something about visit notes, beside the lines they bill."""
    own = any(fields.has(field) for field in ("signed_on", "start", *CHARTED_FIELDS))
    return fields.layout.row == "note" or bool(fields.layout.documentation) or own


def build_notes(readings: Readings, rows: Places, settings: Settings) -> pd.DataFrame:
    """Return one note per row as Intake holds them; rows of the same visit that say the same are one."""
    fields = readings.fields
    patients = readings.text("patient", rows)
    people = people_of(readings, rows)
    numbers = fields.sheet.rows if rows is None else fields.sheet.rows[rows]
    length = len(patients)
    minutes = _minutes(readings, rows, length)
    states = {
        f"has_{element.id}": _states(readings, element.id, rows, length) for element in settings.elements
    }
    if fields.has("minutes") and fields.layout.row == "note":
        states["has_minutes"] = minutes_state(minutes)
    signed, signed_on = _signed(readings, rows, length)
    notes = pd.DataFrame(
        {
            "visit_ref": readings.text("visit_id", rows),
            "patient_ref": patients,
            "clinician": used(clean_clinicians(readings.words("clinician", rows), people, settings)),
            "location": used(clean_places(readings.words("location", rows), people)),
            "service_date": readings.dates("service_date", rows),
            "minutes": whole_numbers(minutes, minutes >= 0, "Int32"),
            "note": _states(readings, "note", rows, length),
            "signed": signed,
            "signed_on": signed_on,
            "complete": np.full(length, fields.layout.complete),
            "source_file": constant(length, place_of(fields.sheet)),
            "source_row": numbers.astype(np.int32),
            **states,
            **{name: readings.charted(name, rows) for name in CHARTED_FIELDS if fields.has(name)},
        },
        copy=False,
    )
    return notes if fields.layout.row == "note" else _without_repeats(notes)


def _minutes(readings: Readings, rows: Places, length: int) -> npt.NDArray[np.int64]:
    """Return the visit's minutes: of a notes file its own column, else from start to end."""
    fields = readings.fields
    if fields.layout.row == "note" and fields.has("minutes"):
        return readings.minutes(rows)
    if fields.has("start") and fields.has("end"):
        return readings.minutes_between(rows)
    return np.full(length, UNREADABLE_MINUTES, dtype=np.int64)


def _signed(readings: Readings, rows: Places, length: int) -> tuple[States, npt.NDArray[np.datetime64]]:
    """Return whether notes are signed: as the layout's texts say, else by the date of the signature."""
    signed_on = readings.dates("signed_on", rows)
    if "signed" in readings.fields.layout.documentation:
        return _states(readings, "signed", rows, length), signed_on
    if not readings.fields.has("signed_on"):
        return np.full(length, UNKNOWN, dtype=np.int8), signed_on
    column, days = readings.days_of("signed_on")
    table = np.where(days.blank, ABSENT, np.where(np.isnat(days.values), UNKNOWN, PRESENT)).astype(np.int8)
    return spread(take(column, rows), table), signed_on


def _states(readings: Readings, element: str, rows: Places, length: int) -> States:
    """Return an element's state per row; unknown where the layout or the file says nothing of it."""
    fields = readings.fields
    evidence = fields.layout.documentation.get(element)
    header = evidence and fields.seek(evidence.column)
    if not evidence or not header:
        return np.full(length, UNKNOWN, dtype=np.int8)
    column = take(fields.cells(header), rows)
    return spread(column, np.array([_state(text, evidence) for text in texts_of(column)], dtype=np.int8))


def _state(text: str, evidence: Evidence) -> int:
    """Return what a cell proves: its own text decides before "*", and "*" never stands for "--" or "N/A"."""
    sides = ((evidence.present, PRESENT), (evidence.absent, ABSENT))
    for texts, state in sides:
        if fold_text(text) in {fold_text(each) for each in texts if each != "*"}:
            return state
    if not cells.is_blank(text):
        return next((state for texts, state in sides if "*" in texts), UNKNOWN)
    return UNKNOWN


def _without_repeats(notes: pd.DataFrame) -> pd.DataFrame:
    """Return the notes without rows that repeat an earlier one in everything but its place in the file."""
    said = [name for name in notes.columns if name not in ("source_file", "source_row")]
    keys = [_key(notes[name]) for name in said]
    numbers, count = number_rows(keys)
    if count == len(notes):
        return notes
    first = np.full(count, len(notes), dtype=np.intp)
    np.minimum.at(first, numbers, np.arange(len(notes)))
    return notes.iloc[np.sort(first)].reset_index(drop=True)


def _key(column: pd.Series[Any]) -> npt.NDArray[np.int64]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes, dtype=np.int64)
    if column.dtype.kind == "M":
        return np.asarray(column.to_numpy(), dtype="datetime64[s]").astype(np.int64)
    return np.asarray(column.to_numpy(dtype="int64", na_value=-1))
