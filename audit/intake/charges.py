"""Rows that bill a service become claim lines: a row is one line, several lines, or a line once more."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct

from audit.intake import cells
from audit.intake.columns import (
    Places,
    constant,
    join,
    name_numbers,
    number_rows,
    recode,
    reword,
    spread,
    take,
    texts_of,
    unknown_numbers,
    used,
    whole_numbers,
)
from audit.intake.days import UNREADABLE_MINUTES
from audit.intake.layouts import Fields, place_of
from audit.intake.parties import People, clean_clinicians, clean_payers, clean_places
from audit.intake.readings import Readings, RowAmounts
from audit.lines import ABSENT, PRESENT, SELF_PAY, UNKNOWN

if TYPE_CHECKING:
    from audit.settings import Settings

SAME_LINE = (
    "claim_id",
    "patient",
    "clinician",
    "payer",
    "service_date",
    "code",
    "modifiers",
    "units",
    "charge",
)
"""What makes two rows the same line where the export numbers no lines."""


class CodeCells:
    """The code column: what each distinct text of it holds."""

    def __init__(self, fields: Fields, settings: Settings) -> None:
        self.named_items = not fields.has("code")
        self.column = fields.column("item" if self.named_items else "code")
        self.texts = texts_of(self.column)
        if self.named_items:
            self.codes = [_item_code(text, settings) for text in self.texts]
        else:
            self.codes = [_codes_of(text, fields.layout.code_separator) for text in self.texts]

    def problems(self) -> list[str]:
        """Return per distinct text why there is no code; "" where there is."""
        return [next((code.problem for code in codes if code.problem), "") for codes in self.codes]


def _codes_of(text: str, separator: str) -> tuple[cells.Code, ...]:
    parts = text.split(separator) if separator and not cells.is_blank(text) else [text]
    return tuple(cells.parse_code(part) for part in parts if part.strip() or len(parts) == 1) or (
        cells.parse_code(""),
    )


def _item_code(item: str, settings: Settings) -> tuple[cells.Code, ...]:
    if cells.is_blank(item):
        return (cells.Code("", problem="no code"),)
    code = settings.practice.item_code(item)
    return (cells.parse_code(code) if code else cells.Code("", problem=ITEM_NOT_MAPPED),)


ITEM_NOT_MAPPED = "this item has no code yet: name its code under [items] in practice.toml"


class LinePlan(Struct, frozen=True):
    """Which lines the used rows make.

    Per line: `places`, the sheet row it is read from; `code` and `modifiers` of the code cell; `order`, its
    position among the codes of its row, and `sizes`, how many these are (units and dollars of a row with
    several cannot be divided). Per used row: `row_lines`, its line (the first of several).
    """

    places: Places
    code: pd.Categorical
    modifiers: pd.Categorical
    order: npt.NDArray[np.intp]
    sizes: npt.NDArray[np.intp]
    row_lines: npt.NDArray[np.intp]

    @property
    def single(self) -> npt.NDArray[np.bool_]:
        """Whether the line has its row for itself."""
        return np.equal(self.sizes, 1)


def plan_lines(readings: Readings, codes: CodeCells, rows: Places) -> LinePlan:
    """Return the lines that the used rows make."""
    if readings.fields.layout.row == "adjustment":
        return _plan_adjustments(readings, codes, rows)
    column = take(codes.column, rows)
    counts = np.array([len(found) for found in codes.codes], dtype=np.intp)
    every = np.arange(len(column))
    if (counts == 1).all():
        return LinePlan(rows, *_code_columns(column, codes, every * 0), every * 0, every * 0 + 1, every)
    per_row = spread(column, counts)
    line_rows = np.repeat(every, per_row)
    starts = np.cumsum(per_row) - per_row
    order = np.arange(len(line_rows)) - starts[line_rows]
    places = line_rows if rows is None else rows[line_rows]
    columns = _code_columns(take(column, line_rows), codes, order)
    return LinePlan(places, *columns, order, per_row[line_rows], starts)


def _plan_adjustments(readings: Readings, codes: CodeCells, rows: Places) -> LinePlan:
    """Rows that repeat a line, once per adjustment, are one line, read from the first row with a charge."""
    fields = readings.fields
    names = ("line_id",) if fields.has("line_id") else tuple(name for name in SAME_LINE if fields.has(name))
    numbers, count = number_rows([take(fields.column(name), rows).codes for name in names])
    if names == ("line_id",):
        blank = spread(
            take(fields.column("line_id"), rows), np.asarray(fields.column("line_id").categories == "")
        )
        numbers, count = number_rows([np.where(blank, count + np.arange(len(numbers)), numbers)])
    charged = readings.amounts("charge", rows, count=False).known
    first = np.full(count, -1, dtype=np.intp)
    for choice in (np.arange(len(numbers))[::-1], np.flatnonzero(charged)[::-1]):
        first[numbers[choice]] = choice  # written backwards, so that the first row stays
    places = first if rows is None else rows[first]
    none = np.zeros(count, dtype=np.intp)
    columns = _code_columns(take(codes.column, places), codes, none)
    return LinePlan(places, *columns, none, none + 1, numbers)


def _code_columns(
    column: pd.Categorical, codes: CodeCells, order: npt.NDArray[np.intp]
) -> tuple[pd.Categorical, pd.Categorical]:
    """Return the code at `order` of each code cell, and the modifiers written behind it."""
    counts = np.array([len(found) for found in codes.codes], dtype=np.intp)
    flat = list(chain.from_iterable(codes.codes))
    places = (np.cumsum(counts) - counts)[column.codes] + order
    code = name_numbers(places, [found.code for found in flat])
    return used(code), used(name_numbers(places, [" ".join(found.modifiers) for found in flat]))


def build_charges(readings: Readings, plan: LinePlan, settings: Settings) -> pd.DataFrame:
    """Return the lines as Intake holds them, in the order of `plan`."""
    fields, places = readings.fields, plan.places
    length = len(plan.code)
    patients = readings.text("patient", places)
    people = people_of(readings, places)
    single = plan.single
    diagnoses, has_diagnosis = _diagnoses(readings, places)
    minutes, has_minutes = _minutes(readings, places)
    rows = fields.sheet.rows if places is None else fields.sheet.rows[places]
    return pd.DataFrame(
        {
            "line_id": readings.text("line_id", places),
            "claim_id": readings.text("claim_id", places),
            "visit_ref": readings.text("visit_id", places),
            "patient_ref": patients,
            "clinician": used(clean_clinicians(readings.words("clinician", places), people, settings)),
            "payer": _payers(readings, people, places, settings),
            "location": used(clean_places(readings.words("location", places), people)),
            "service_date": readings.dates("service_date", places),
            "submitted_date": readings.dates("submitted_date", places),
            "code": plan.code,
            "modifiers": _modifiers(readings, plan),
            "diagnoses": diagnoses,
            "minutes": minutes,
            "units": _units(readings, plan).nullable(),
            "charge": readings.amounts("charge", places).where(single).nullable(),
            "allowed": readings.amounts("allowed", places).where(single).nullable(),
            "paid": readings.amounts("paid", places).where(single).nullable(),
            "patient_share": readings.amounts("patient_share", places).where(single).nullable(),
            "frequency": reword(readings.words("frequency", places), lambda text: text.removesuffix(".0")),
            "replaces": readings.text("replaces", places),
            "has_diagnosis": has_diagnosis,
            "has_minutes": has_minutes,
            "source_file": constant(length, place_of(fields.sheet)),
            "source_row": rows.astype(np.int32),
        },
        copy=False,
    )


def people_of(readings: Readings, places: Places) -> People:
    """Return the patients of the rows by name, where the file tells names beside numbers."""
    return People(readings.text("patient_name" if readings.fields.has("patient_name") else "patient", places))


def _payers(readings: Readings, people: People, places: Places, settings: Settings) -> pd.Categorical:
    payers = readings.words("payer", places)
    blank = SELF_PAY if readings.fields.layout.blank_payer == "self-pay" else ""
    return used(clean_payers(payers, people, settings, blank)) if readings.fields.has("payer") else payers


def _modifiers(readings: Readings, plan: LinePlan) -> pd.Categorical:
    """Return modifiers written behind the code, then those of their own column, each once."""
    column = readings.text("modifiers", plan.places)
    found = [cells.parse_modifiers(text) for text in texts_of(column)]
    strange = (
        spread(column, np.array([odd for _, odd in found], dtype=bool)) if found else np.zeros(0, dtype=bool)
    )
    if number := int(strange.sum()):
        readings.unreadable[readings.fields.header("modifiers"), "modifiers"] += number
    own = recode(column, [" ".join(modifiers) for modifiers, _ in found])
    if not any(texts_of(plan.modifiers)):
        return own
    return reword(join([plan.modifiers, own]), lambda text: " ".join(dict.fromkeys(text.split())))


def _diagnoses(readings: Readings, places: Places) -> tuple[pd.Categorical, npt.NDArray[np.int8]]:
    column = readings.text("diagnoses", places)
    if not readings.fields.has("diagnoses"):
        return column, np.full(len(column), UNKNOWN, dtype=np.int8)
    found = [cells.parse_diagnoses(text) for text in texts_of(column)]
    states = [PRESENT if codes else UNKNOWN if strange else ABSENT for codes, strange in found]
    own = recode(column, [" ".join(codes) for codes, _ in found])
    return own, spread(column, np.array(states, dtype=np.int8))


def _minutes(readings: Readings, places: Places) -> tuple[pd.arrays.IntegerArray, npt.NDArray[np.int8]]:
    if not readings.fields.has("minutes"):
        length = len(readings.text("minutes", places))
        return unknown_numbers(length, "Int32"), np.full(length, UNKNOWN, dtype=np.int8)
    found = readings.minutes(places)
    return whole_numbers(found, found >= 0, "Int32"), minutes_state(found)


def minutes_state(minutes: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Return PRESENT for minutes above zero, ABSENT for blank or zero, UNKNOWN for unreadable."""
    states = np.where(minutes > 0, PRESENT, np.where(minutes == UNREADABLE_MINUTES, UNKNOWN, ABSENT))
    return states.astype(np.int8)


def _units(readings: Readings, plan: LinePlan) -> RowAmounts:
    """Return units; beside several codes only where the cell says how many belong to each."""
    fields, separator = readings.fields, readings.fields.layout.code_separator
    if plan.single.all() or not fields.has("units") or fields.layout.units_are_total or not separator:
        return readings.amounts("units", plan.places).where(plan.single)
    column = take(fields.column("units"), plan.places)
    parts = [text.split(separator) for text in texts_of(column)]
    counts = np.array([len(part) for part in parts], dtype=np.intp)
    flat = cells.parse_hundredths(
        [part.strip() for part in chain.from_iterable(parts)], fields.layout.decimal
    )
    divided = spread(column, counts) == plan.sizes
    places = np.where(divided, spread(column, np.cumsum(counts) - counts) + plan.order, 0)
    return RowAmounts(flat.values[places], flat.known[places] & divided)
