"""A sheet and its layout become claim lines, visit notes and postings; every row gets its fate.

Raises `InputError` when the sheet is not recognised, lacks what its layout needs, or does not reconcile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from audit.intake.answers import answers_beside_lines
from audit.intake.charges import ITEM_NOT_MAPPED, CodeCells, LinePlan, build_charges, plan_lines
from audit.intake.columns import Places, constant, number_rows, texts_of
from audit.intake.fates import ASIDE, REFUSED, USED, Fate, Fates, fate_frame, settle_fates
from audit.intake.layouts import CODE_ROWS, Fields
from audit.intake.postings import postings_of, refusals
from audit.intake.readings import Readings
from audit.intake.reconciling import FileReport, check_lines, check_sums, control_total
from audit.intake.visit_notes import build_notes, tells_of_notes

if TYPE_CHECKING:
    from audit.intake.sheet import Sheet
    from audit.settings import Layout, Settings

_MOST_ITEMS = 20


class Mapped(Struct, frozen=True):
    """What one sheet yielded. A table it says nothing of is None.

    `claims` and their `postings` (standing on rows of `claims`) come from a file of claim headers. `answered`
    is what remittances tell of the lines they answer, one row per answer: a practice may have nothing else.
    """

    report: FileReport
    fates: pd.DataFrame
    charges: pd.DataFrame | None = None
    notes: pd.DataFrame | None = None
    postings: pd.DataFrame | None = None
    claims: pd.DataFrame | None = None
    payments: pd.DataFrame | None = None
    provider_adjustments: pd.DataFrame | None = None
    answered: pd.DataFrame | None = None


def map_sheet(sheet: Sheet, layout: Layout, settings: Settings) -> Mapped:
    """Return the tables of a sheet that is written in `layout`."""
    fields = Fields(sheet, layout)
    readings = Readings(fields)
    if layout.row in CODE_ROWS:
        return _map_lines(readings, settings)
    if layout.row == "posting":
        return _map_postings(readings)
    if layout.row == "claim_header":
        return _map_claims(readings, settings)
    return _map_notes(readings, settings)


def set_whole_sheet_aside(sheet: Sheet) -> Mapped:
    """Return a worksheet that no layout fits, beside others that are recognised: all its rows set aside."""
    rows = np.concatenate([np.arange(1, sheet.above + 1), sheet.rows])
    fates = [Fate(ASIDE, "", "worksheet not recognized")] * len(rows)
    report = FileReport(sheet.file, sheet.sheet, rows=len(rows), set_aside=len(rows))
    notes = [
        "this worksheet fits no layout and was not read; if it holds billing data, run `audit init` on it"
    ]
    return Mapped(report.with_notes(*notes), fate_frame(sheet.file, sheet.sheet, rows, fates))


def set_whole_file_aside(file: str, sheets: Sequence[Sheet], records: int = 0) -> list[Mapped]:
    """Return a file met in a folder that is no billing file: its sheets, or `records` that are no table."""
    note = "this file fits no layout and was not read; if it holds billing data, run `audit init` on it"
    sizes = [(sheet.sheet, np.concatenate([np.arange(1, sheet.above + 1), sheet.rows])) for sheet in sheets]
    found = []
    for name, rows in sizes or [("", np.arange(1, records + 1))]:
        fates = [Fate(ASIDE, "", "file not recognized")] * len(rows)
        report = FileReport(file, name, rows=len(rows), set_aside=len(rows), notes=(note,))
        found.append(Mapped(report, fate_frame(file, name, rows, fates)))
    return found


def _map_lines(readings: Readings, settings: Settings) -> Mapped:
    fields = readings.fields
    codes = CodeCells(fields, settings)
    fates = settle_fates(readings, codes.problems())
    rows = fates.places()
    plan = plan_lines(readings, codes, rows)
    charges = build_charges(readings, plan, settings)
    postings = answers_beside_lines(readings, plan, rows)
    notes = build_notes(readings, rows, settings) if tells_of_notes(fields) else None
    report = _reconcile(readings, fates, "charge")
    report = _tell_lines(report, charges, readings, plan, rows)
    check_lines(report, report.charge_cents)
    report = replace(report, postings=len(postings)).with_notes(*_item_notes(codes), *_notes(readings))
    return Mapped(report, _fate_frame(readings, fates, "charge"), charges, notes, postings)


def _map_postings(readings: Readings) -> Mapped:
    fates = settle_fates(readings, (), refusals(readings.fields))
    postings = postings_of(readings, fates.places())
    report = _reconcile(readings, fates, "amount")
    check_lines(report, _sum(postings["amount"]))
    paid = _sum(postings.loc[postings["kind"].isin(["payment", "reversal"]), "amount"])
    report = replace(report, postings=len(postings), paid_cents=paid).with_notes(*_notes(readings))
    return Mapped(report, _fate_frame(readings, fates, "amount"), postings=postings)


def _map_claims(readings: Readings, settings: Settings) -> Mapped:
    fates = settle_fates(readings, ())
    rows = fates.places()
    length = len(readings.fields) if rows is None else len(rows)
    every = np.arange(length)
    plan = LinePlan(rows, constant(length), constant(length), every * 0, every * 0 + 2, every)
    claims = build_charges(readings, plan, settings)
    postings = answers_beside_lines(readings, plan, rows)
    report = replace(_reconcile(readings, fates, ""), payers=distinct_texts(claims["payer"]))
    report = report.with_notes(*_notes(readings))
    return Mapped(report, _fate_frame(readings, fates, ""), claims=claims, postings=postings)


def _map_notes(readings: Readings, settings: Settings) -> Mapped:
    fates = settle_fates(readings, ())
    notes = build_notes(readings, fates.places(), settings)
    first, last = first_and_last(notes["service_date"])
    report = replace(
        _reconcile(readings, fates, ""),
        visits=count_visits(notes),
        first_service_date=first,
        last_service_date=last,
    )
    return Mapped(report.with_notes(*_notes(readings)), _fate_frame(readings, fates, ""), notes=notes)


# Dollars and counts ---------------------------------------------------------------------------------------


def _cents(readings: Readings, field: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return cents per row of the sheet (0 where unknown), and whether they are known."""
    found = readings.amounts(field, None, count=False)
    return np.where(found.known, found.values, 0), found.known


def _fate_frame(readings: Readings, fates: Fates, field: str) -> pd.DataFrame:
    return fates.frame(*_cents(readings, field))


def _reconcile(readings: Readings, fates: Fates, field: str) -> FileReport:
    """Return the file's report with its rows and dollars by fate; `InputError` when they do not add up."""
    fields, sheet = readings.fields, readings.fields.sheet
    kinds = fates.kinds()
    cents, _ = _cents(readings, field)
    used, aside, refused = (int(cents[kinds == kind].sum()) for kind in (USED, ASIDE, REFUSED))
    control = 0
    if field and fields.has(field):
        absolute = field in fields.layout.absolute
        control = control_total(fields.cells(fields.header(field)), fields.layout.decimal, absolute)
    report = FileReport(
        name=sheet.file,
        sheet=sheet.sheet,
        format=fields.layout.name,
        rows=sheet.above + len(kinds),
        used=int((kinds == USED).sum()),
        set_aside=sheet.above + int((kinds == ASIDE).sum()),
        refused=int((kinds == REFUSED).sum()),
        control_cents=control,
        used_cents=used,
        aside_cents=aside,
        refused_cents=refused,
        date_order=readings.dates_as.told,
        notes=(fields.layout.note,) if fields.layout.note else (),
    )
    check_sums(report)
    return report


def _tell_lines(
    report: FileReport, charges: pd.DataFrame, readings: Readings, plan: LinePlan, rows: Places
) -> FileReport:
    """Return the report with what the lines hold, and which dollars of the used rows do not stand on them."""
    cents, _ = _cents(readings, "charge")
    of_rows = cents if rows is None else cents[rows]
    of_lines = cents if plan.places is None else cents[plan.places]
    divided = int((~plan.single & (plan.order == 0)).sum())
    repeats = len(of_rows) - len(charges) if readings.fields.layout.row == "adjustment" else 0
    first, last = first_and_last(charges["service_date"])
    told = replace(
        report,
        lines=len(charges),
        visits=count_visits(charges),
        charge_cents=_sum(charges["charge"]),
        paid_cents=_sum(charges["paid"]),
        undivided_cents=int(of_lines[~plan.single & (plan.order == 0)].sum()),
        repeated_cents=int(of_rows.sum() - of_lines.sum()) if repeats else 0,
        codes=distinct_texts(charges["code"]),
        payers=distinct_texts(charges["payer"]),
        first_service_date=first,
        last_service_date=last,
    )
    notes = [
        f"{divided:,} rows hold several codes: their dollars cannot be divided" if divided else "",
        f"{repeats:,} rows repeat a line: its charge is counted once" if repeats else "",
        _payer_note(charges, readings.fields),
    ]
    return told.with_notes(*filter(None, notes))


def _payer_note(charges: pd.DataFrame, fields: Fields) -> str:
    """Return how many lines have no payer where the file has a column for it."""
    untold = int((charges["payer"] == "").sum()) if fields.has("payer") else 0
    if not untold:
        return ""
    who = f"{untold:,} lines have no payer" if untold > 1 else "1 line has no payer"
    return (
        f"{who} told; if a blank payer means that the patient pays, "
        f'write blank_payer = "self-pay" in the layout {fields.layout.name}'
    )


def _sum(column: pd.Series[Any]) -> int:
    return int(column.sum()) if len(column) else 0


def distinct_texts(column: pd.Series[Any]) -> tuple[str, ...]:
    """Return the texts that occur in a column, blanks left out, in order."""
    seen = np.unique(np.asarray(column.cat.codes))
    return tuple(sorted(text for code in seen if (text := str(column.cat.categories[code]))))


def first_and_last(dates: pd.Series[Any]) -> tuple[date | None, date | None]:
    """Return the first and the last day of a column."""
    found = dates.dropna()
    return (found.min().date(), found.max().date()) if len(found) else (None, None)


def count_visits(frame: pd.DataFrame) -> int:
    """Return how many visits (patient, day, clinician) the rows are of; 0 where nothing tells them apart."""
    if any(texts_of(frame["patient_ref"].array)):
        day = frame["service_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
        return number_rows(
            [day, *(np.asarray(frame[name].cat.codes) for name in ("patient_ref", "clinician"))]
        )[1]
    if any(texts_of(frame["visit_ref"].array)):
        return number_rows([np.asarray(frame["visit_ref"].cat.codes)])[1]
    return 0


# What a reader should know --------------------------------------------------------------------------------


def _notes(readings: Readings) -> list[str]:
    layout, fields = readings.fields.layout, readings.fields
    named = [evidence.column for evidence in layout.documentation.values()]
    named += [layout.status.column] if layout.status else []
    named += [adjustment.amount for adjustment in layout.adjustments]
    missing = [header for header in dict.fromkeys(named) if fields.seek(header) is None]
    lacking = [f'the file has no column "{header}", which the layout can read' for header in missing]
    return [*lacking, *readings.notes()]


def _item_notes(codes: CodeCells) -> list[str]:
    """Return which items have no code yet: names of treatments, never of people."""
    if not codes.named_items:
        return []
    open_items = sorted(
        " ".join(text.split())
        for text, found in zip(codes.texts, codes.codes, strict=True)
        if found[0].problem == ITEM_NOT_MAPPED
    )
    if not open_items:
        return []
    more = f" and {len(open_items) - _MOST_ITEMS} more" if len(open_items) > _MOST_ITEMS else ""
    names = ", ".join(f'"{item}"' for item in open_items[:_MOST_ITEMS])
    return [f"items without a code: {names}{more}; map them under [items] in practice.toml"]
