"""Small billing histories, written as text tables (`tests/tables.py`)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from audit.history import History, build_history
from audit.settings import load_settings
from tests.tables import answers, charges, notes, reading

SHIPPED = load_settings(None)
AS_OF = date(2026, 12, 31)


def history(
    charged: str | pd.DataFrame,
    answered: str | pd.DataFrame = "line_ref amount",
    noted: str | pd.DataFrame = "visit_ref",
    as_of: date = AS_OF,
) -> History:
    """Return the history of what is written as text tables."""
    read = reading(
        charges(charged) if isinstance(charged, str) else charged,
        notes(noted) if isinstance(noted, str) else noted,
        answers(answered) if isinstance(answered, str) else answered,
    )
    return build_history(read, SHIPPED, as_of)


def shown(found: History, *columns: str) -> list[str]:
    """Return some columns of the lines, a text for each line; what is missing is `-`."""
    cells = [[_tell(cell) for cell in found.lines[name]] for name in columns]
    return [" ".join(row) for row in zip(*cells, strict=True)]


def _tell(cell: Any) -> str:
    if pd.isna(cell) or cell == "":
        return "-"
    return f"{cell:%m-%d}" if isinstance(cell, pd.Timestamp) else str(cell)


def reasons(found: History) -> list[tuple[str, int]]:
    """Return why rows were set aside, and how many."""
    return [(each.reason, each.lines) for each in found.set_aside]


def decisions(found: History) -> list[str]:
    return found.lines["first_decision"].tolist()
