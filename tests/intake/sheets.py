"""Small text tables as sheets, and the route from a sheet to the tables it yields."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from audit.intake import Intake, gather
from audit.intake.layouts import find_layout
from audit.intake.mapping import Mapped, map_sheet
from audit.intake.sheet import Sheet, name_headers
from audit.settings import Layout, Settings, load_settings


def make_sheet(table: str, file: str = "export.csv", above: int = 0) -> Sheet:
    records = [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]
    return sheet_of(records, file, above)


def sheet_of(records: list[list[str]], file: str = "export.csv", above: int = 0) -> Sheet:
    """Return a sheet of records, the header first; longer ones are ragged, shorter ones blank at the end."""
    headers = name_headers(records[0])
    width, body = len(headers), records[1:]
    filled = [(record + [""] * width)[:width] for record in body]
    columns = {
        header: pd.Categorical(pd.array([record[place] for record in filled], dtype="str"))
        for place, header in enumerate(headers)
    }
    return Sheet(
        file=file,
        sheet="",
        path=Path(file),
        delimiter=",",
        encoding="utf-8",
        headers=headers,
        cells=pd.DataFrame(columns, index=pd.RangeIndex(len(body))),
        rows=np.arange(above + 2, above + 2 + len(body), dtype=np.int64),
        ragged=np.array([len(record) > width for record in body], dtype=bool),
        above=above,
    )


@cache
def shipped() -> Settings:
    return load_settings(None)


def practice(**changes: Any) -> Settings:
    """Return the shipped settings with a practice of its own."""
    own = msgspec.convert(changes, type(shipped().practice))
    return Settings(
        practice=own,
        thresholds=shipped().thresholds,
        elements=shipped().elements,
        payers=shipped().payers,
        layouts=(*own.layouts, *shipped().layouts),
    )


def read_table(
    table: str, layout: Layout | None = None, *, above: int = 0, settings: Settings | None = None
) -> Mapped:
    sheet, used = make_sheet(table, above=above), settings or shipped()
    found = layout or find_layout(sheet, used)
    assert found is not None, "no layout fits"
    return map_sheet(sheet, found, used)


def rows_of(frame: pd.DataFrame | None, *columns: str) -> list[tuple[Any, ...]]:
    """Return the columns row by row: amounts as whole numbers or None, dates as text or None."""
    assert frame is not None
    plain = {name: [_plain(value) for value in frame[name]] for name in columns}
    return list(zip(*plain.values(), strict=True))


def _plain(value: Any) -> Any:
    if value is pd.NaT or value is pd.NA:
        return None
    return str(value.date()) if isinstance(value, pd.Timestamp) else value


def line_layout(**changes: Any) -> Layout:
    """Return a practice's own layout for small tables, with changes."""
    described: dict[str, Any] = {
        "name": "small",
        "row": "line",
        "headers": ["DOS", "Proc"],
        "columns": {
            "line_id": "Line",
            "claim_id": "Claim",
            "patient": "Patient",
            "clinician": "Therapist",
            "payer": "Ins",
            "service_date": "DOS",
            "code": "Proc",
            "modifiers": "Mod",
            "diagnoses": "Dx",
            "units": "Units",
            "charge": "Chg",
            "allowed": "Allowed",
            "paid": "Paid",
            "patient_share": "Share",
            "group": "Group",
            "reason": "Reason",
            "amount": "Adj",
            "posted_on": "Posted",
        },
    }
    described |= changes
    described["optional"] = [name for name in described["columns"] if name not in ("service_date", "code")]
    layout: Layout = msgspec.convert(described, Layout)
    return layout


def all_of(*mapped: Mapped) -> Intake:
    return gather(mapped)
