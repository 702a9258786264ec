"""Lists to work on line by line, kept beside the page as tables: credits, take-backs, other codes, payments.

Rows go by file and record number. Cents are whole; a day is written 2026-10-05; what is not known is blank,
and so is `reviewed_on`, which is for whoever looks at the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from audit.output import write_csv
from audit.populations import YES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.populations import Population

PLACE = {
    "source_file": "file",
    "source_row": "row",
    "payer": "payer",
    "code": "code",
    "service_date": "service_date",
}
"""Where a line stands: columns of the lines, and what the tables call them."""

LISTS = {
    "credit_balances": ("credit", {"credit": "cents", "credit_on": "first_shown"}),
    "take_backs": ("money_back", {"taken_back": "cents", "taken_back_on": "first_shown"}),
    "answered_otherwise": ("answered_otherwise", {"units": "units_hundredths", "answered_as": "answered_as"}),
}
"""The lists of lines by the name of their table: the mark that picks them, and what is told of each."""


def write_lists(lines: Population, payments: pd.DataFrame) -> dict[str, str]:
    """Return the tables by name, lines of all months; a list of nothing is left out."""
    tables = {}
    for name, (mark, told) in LISTS.items():
        picked, columns = lines.marks[mark] == YES, PLACE | told
        if picked.any():
            tables[f"tables/{name}.csv"] = _write(lines.frame[[*columns]][picked], columns, "reviewed_on")
    if len(payments):
        own = {str(name): PLACE.get(str(name), str(name)) for name in payments if name != "trace"}
        tables["tables/payments.csv"] = _write(payments, own)
    return tables


def _write(rows: pd.DataFrame, columns: dict[str, str], *blank: str) -> str:
    ordered = rows.sort_values(["source_file", "source_row"], key=_as_read)
    values = zip(*(_plain(ordered[name]) for name in columns), strict=True)
    return write_csv([*columns.values(), *blank], ((*row, *("" for _ in blank)) for row in values))


def _as_read(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as it is sorted: files by their names, not by the order they were read in."""
    return column.astype(str) if column.name == "source_file" else column


def _plain(column: pd.Series[Any]) -> Iterable[Any]:
    if column.dtype.kind == "M":
        column = column.dt.strftime("%Y-%m-%d")
    return column.astype(object).where(column.notna(), None).tolist()
