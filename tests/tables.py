"""Small text tables that tests read as a biller would, made into the product's frames.

    claim_lines('''
        code   charge  first_decision  first_reason
        97140  60.00   denied          CO-97
        97124  45.00   paid            -
    ''')

The first row names the columns. Cells are parted by blanks, or by pipes where the header has
one (needed when a cell itself holds a blank: `59 GP`). `-` or an empty cell is blank: empty
text, an unknown amount, a missing date, an unknown state. Money is written in dollars, units in
units, dates as `2026-10-05` or `10-05` (of 2026), states as yes / no / ?. Columns that a case does
not show are filled: in `claim_lines` each line is then its own claim, visit and patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from audit.intake import CHARGES, POSTED
from audit.lines import (
    ABSENT,
    CHARTED,
    DECIDED,
    LINES,
    PAYMENTS,
    POSTINGS,
    PRESENT,
    PROVIDER_ADJUSTMENTS,
    UNKNOWN,
    VISITS,
    Column,
    conform,
)

YEAR = "2026"
DAY = "2026-10-05"
"""The service date of a line whose case does not show one."""

CENTS = {"charge", "allowed", "paid", "patient_share", "first_denied", "amount", "units", "cents"} | {
    *("taken_back", "credit", "payment", "claims_paid", "adjusted", "interest"),
}
"""Columns written with a point and held in hundredths (dollars and units alike)."""

STATES = {"yes": PRESENT, "no": ABSENT, "?": UNKNOWN, "": UNKNOWN}

NOTES = (
    *(column for column in VISITS if column.name not in ("visit_id", "patient_key")),
    Column("visit_ref", "category", "the visit's own number in the export"),
    Column("patient_ref", "category", "the patient's own number in the export"),
    Column("complete", "bool", "the file holds every visit between its first and last date"),
)
"""Visit notes as intake hands them over, but for what only some files chart (CHARTED)."""

FATES = dict.fromkeys(("file", "sheet", "row", "fate", "column", "reason", "cents"), "str") | {
    "row": "int64",
    "cents": "Int64",
}


class Reading(NamedTuple):
    """What `build_history` takes: the part of an intake that it looks at."""

    charges: pd.DataFrame
    notes: pd.DataFrame
    postings: pd.DataFrame
    payments: pd.DataFrame
    provider_adjustments: pd.DataFrame
    fates: pd.DataFrame


def claim_lines(text: str, **defaults: object) -> pd.DataFrame:
    """Return the lines table with its decisions; `defaults` fill columns that `text` does not show.

    `patient` and `visit` may be written as names: each name is one patient_key or visit_id.
    """
    table = read_table(text)
    rows = range(1, len(table) + 1)
    filled: dict[str, object] = {
        "line_id": [f"L{row}" for row in rows],
        "claim_id": [f"C{row}" for row in rows],
        "visit_id": [row - 1 for row in rows],
        "patient_key": [row - 1 for row in rows],
        "payer": "Aetna",
        "service_date": DAY,
        "code": "97140",
        "units": "1",
        "charge": "60.00",
        "first_decision": "paid",
        "source_file": "charges.csv",
        "source_row": [row + 1 for row in rows],
        "answers": 1,
    }
    frame = _fill(_number_names(table, {"patient": "patient_key", "visit": "visit_id"}), filled | defaults)
    denied = frame["first_decision"] == "denied"
    answered = ~frame["first_decision"].isin(["not billed", "no answer", "pending"])
    service = pd.Series([_date(value) for value in frame["service_date"]], dtype="datetime64[s]")
    decided = {
        "first_reason": "",
        "first_decided_on": (service + pd.Timedelta(days=14)).where(answered),
        "first_denied": frame["charge"].where(denied, "0").where(answered, ""),
    }
    frame = _fill(frame, decided)
    latest = {f"last_{part}": frame[f"first_{part}"] for part in ("decision", "reason", "decided_on")}
    return _typed(_fill(frame, latest), (*LINES, *DECIDED))


def visits(text: str, **defaults: object) -> pd.DataFrame:
    """Return the visits table; columns named `has_...` are documentation states (yes / no / ?).

    Columns of CHARTED are there where the case shows them. Texts of notes may be written as words.
    """
    table = read_table(text)
    rows = range(len(table))
    filled: dict[str, object] = {
        "visit_id": list(rows),
        "patient_key": list(rows),
        "service_date": DAY,
        "note": "yes",
        "source_file": "notes.csv",
        "source_row": [row + 2 for row in rows],
    }
    return _typed(_fill(_number_names(table, {"patient": "patient_key"}), filled | defaults), VISITS)


def postings(text: str, **defaults: object) -> pd.DataFrame:
    """Return the postings table, joined to lines by `line` (row of the lines table, 0 when not shown)."""
    return _typed(_fill(read_table(text), _posting_defaults(text) | {"line": 0} | defaults), POSTINGS)


def charges(text: str, **defaults: object) -> pd.DataFrame:
    """Return claim lines as intake hands them over: with `patient_ref` and `visit_ref`, not yet decided."""
    table = read_table(text)
    filled: dict[str, object] = {
        "payer": "Aetna",
        "service_date": DAY,
        "code": "97140",
        "units": "1",
        "charge": "60.00",
        "source_file": "charges.csv",
        "source_row": [row + 2 for row in range(len(table))],
    }
    return _typed(_fill(table, filled | defaults), CHARGES)


def notes(text: str, **defaults: object) -> pd.DataFrame:
    """Return visit notes as intake hands them over; columns named `has_...` are states (yes / no / ?)."""
    table = read_table(text)
    filled: dict[str, object] = {
        "service_date": DAY,
        "note": "yes",
        "complete": "yes",
        "source_file": "notes.csv",
        "source_row": [row + 2 for row in range(len(table))],
    }
    return _typed(_fill(table, filled | defaults), NOTES)


def answers(text: str, **defaults: object) -> pd.DataFrame:
    """Return postings as intake hands them over, to be joined by `line_ref`, `claim_ref` or `charge_row`."""
    return _typed(_fill(read_table(text), _posting_defaults(text) | {"charge_row": -1} | defaults), POSTED)


def payments(text: str, **defaults: object) -> pd.DataFrame:
    """Return payments (checks, transfers) as intake hands them over."""
    return _beside(text, PAYMENTS, {"paid_on": "2026-10-19", "source_file": "payer.835"} | defaults)


def provider_adjustments(text: str, **defaults: object) -> pd.DataFrame:
    """Return provider-level adjustments as intake hands them over."""
    return _beside(
        text, PROVIDER_ADJUSTMENTS, {"posted_on": "2026-10-19", "source_file": "payer.835"} | defaults
    )


def _beside(text: str, columns: Sequence[Column], defaults: Mapping[str, object]) -> pd.DataFrame:
    table = read_table(text)
    rows = [row + 2 for row in range(len(table))]
    return _typed(_fill(table, {"payer": "Aetna", "source_row": rows, **defaults}), columns)


def reading(
    charged: pd.DataFrame | None = None,
    noted: pd.DataFrame | None = None,
    answered: pd.DataFrame | None = None,
    paid: pd.DataFrame | None = None,
    set_off: pd.DataFrame | None = None,
) -> Reading:
    """Return what an intake would hand to `build_history`; what is left out is empty."""
    return Reading(
        charges("line_id") if charged is None else charged,
        notes("visit_ref") if noted is None else noted,
        answers("line_ref") if answered is None else answered,
        payments("payment") if paid is None else paid,
        provider_adjustments("amount") if set_off is None else set_off,
        pd.DataFrame(
            {name: pd.Series(dtype="int64" if name in ("row", "cents") else "str") for name in FATES}
        ),
    )


def read_table(text: str) -> pd.DataFrame:
    """Return the text table as text cells, blank ones empty."""
    rows = [row.strip() for row in text.strip().splitlines() if row.strip(" |")]
    piped, framed = "|" in rows[0], rows[0].startswith("|")  # framed as in Markdown: outer pipes part nothing
    cells = [_cells(row, piped, framed) for row in rows]
    for row in cells[1:]:
        assert len(row) == len(cells[0]), f"{row} does not fit the columns {cells[0]}"
    return pd.DataFrame(cells[1:], columns=cells[0], dtype="object")


def _cells(row: str, piped: bool, framed: bool) -> list[str]:
    parts = [part.strip() for part in row[framed : len(row) - framed].split("|")] if piped else row.split()
    return ["" if part == "-" else part for part in parts]


def _posting_defaults(text: str) -> dict[str, object]:
    """A row with an adjustment group or reason is an adjustment, any other a payment."""
    table = read_table(text)
    blank = pd.Series("", index=table.index)
    adjusted = (table.get("group", blank) + table.get("reason", blank)) != ""
    return {
        "posted_on": "2026-10-19",
        "payer_rank": 1,
        "kind": ["adjustment" if adjustment else "payment" for adjustment in adjusted],
        "source_file": "postings.csv",
        "source_row": [row + 2 for row in range(len(table))],
    }


def _number_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the same number for the same word in `note_text`."""
    if "note_text" not in table:
        return table
    words = sorted(set(table["note_text"]) - {""})
    numbers = [words.index(word) if word else "" for word in table["note_text"]]
    return table.assign(note_text=pd.Series(numbers, index=table.index, dtype="object"))


def _number_names(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    for name, number in columns.items():
        if name in table:
            table = table.assign(**{number: pd.factorize(table[name])[0]}).drop(columns=name)
    return table


def _fill(table: pd.DataFrame, values: Mapping[str, Any]) -> pd.DataFrame:
    filled = table.copy()
    for name, value in values.items():
        if name not in filled:
            filled[name] = value
    return filled


def _typed(table: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    kinds = {column.name: column.kind for column in (*CHARTED, *columns)}
    table = _number_texts(table)
    names = [str(name) for name in table]
    typed = {name: _column(name, kinds.get(name, "int8"), table[name].tolist()) for name in names}
    return conform(pd.DataFrame(typed, index=pd.RangeIndex(len(table))), tuple(columns))


def _column(name: str, kind: Any, values: list[Any]) -> pd.Series:
    """One column in its type; a column that `lines.py` does not describe is a documentation state."""
    if name in CENTS:
        return pd.Series([_hundredths(value) for value in values], dtype="Int64")
    if kind.startswith("datetime"):
        return pd.Series([_date(value) for value in values], dtype="object").astype(kind)
    if kind == "bool":
        return pd.Series([value in (True, "yes") for value in values], dtype="bool")
    if kind == "int8" and name != "payer_rank":
        return pd.Series([STATES.get(str(value), value) for value in values], dtype="int8")
    if kind == "category":
        return pd.Series([str(value) for value in values], dtype="str").astype("category")
    whole = [pd.NA if value == "" else int(value) for value in values]
    return pd.Series(whole, dtype="Int64").astype(kind)


def _hundredths(value: Any) -> int | None:
    return None if value is None or value is pd.NA or value == "" else int(Decimal(str(value)) * 100)


def _date(value: Any) -> pd.Timestamp | None:
    text = str(value)[:10]
    if text in ("", "NaT", "None"):
        return None
    return pd.Timestamp(f"{YEAR}-{text}" if len(text) == len("10-05") else text)
