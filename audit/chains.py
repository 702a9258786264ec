"""Chains: what became of the lines denied at first answer, by how often they were sent.

These belong to the topic of denials, and their measures go by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.blocks import Cell, Head, Row, Table, count, dollars
from audit.figures import figure_id
from audit.measures import Measure, marked
from audit.populations import NO, OUT, TIMES_SENT, YES
from audit.showing import number_cell

if TYPE_CHECKING:
    from audit.comparison import Comparison
    from audit.populations import Marks


def _by_times(name: str, title: str, definition: str, mark: str, of: str = "rows") -> Measure:
    """Return a measure of the lines denied at first, divided by how often they were sent."""
    return Measure(
        f"denials/{name}",
        title,
        definition,
        marked(mark, of=of),
        unit="count" if of == "rows" else "cents",
        groups=("payer",),
        split="times_sent",
        needs_answers=True,
    )


MEASURES = (
    Measure(
        "denials/lost_expected",
        "Lost",
        "Expected payment of lines whose last answer denies them and on which no limit to file or to appeal "
        "is left open.",
        marked("lost", of="expected"),
        unit="cents",
        needs_answers=True,
        worse="higher",
    ),
    _by_times(
        "chain_lines",
        "Denied at first, by times sent",
        "Lines denied at first answer, by how often they were sent to the first payer: once, and once more "
        "for each corrected, replaced or repeated claim.",
        "first_denied",
    ),
    _by_times(
        "chain_recovered",
        "Recovered, by times sent",
        "Of the lines denied at first answer, those whose last answer pays, allows or leaves them to the "
        "patient.",
        "recovered",
    ),
    _by_times(
        "recovered_paid",
        "Recovered dollars",
        "What has been paid, in the end, on lines denied at first answer that were recovered.",
        "recovered",
        "paid",
    ),
    _by_times(
        "chain_open",
        "Denied at first and still open",
        "Of the lines denied at first answer, those denied in the end that can still be acted on.",
        "chain_open",
    ),
    _by_times(
        "chain_lost",
        "Denied at first and lost",
        "Of the lines denied at first answer, those denied in the end on which no limit is left open.",
        "chain_lost",
    ),
    _by_times(
        "chain_lost_expected",
        "Denied at first and lost: money",
        "Expected payment of the lines denied at first answer and lost.",
        "chain_lost",
        "expected",
    ),
)


def mark_chains(first_denied: Marks, open_lines: Marks) -> dict[str, Marks]:
    """Mark lost lines, and among those denied at first the ones still open and the lost ones.

    `open_lines` says of every line denied in the end whether it can still be acted on.
    """
    lost = np.select([open_lines == NO, open_lines == YES], [YES, NO], OUT).astype(np.int8)
    first = first_denied == YES
    return {
        "lost": lost,
        "chain_open": np.where(first, np.maximum(open_lines, NO), OUT).astype(np.int8),
        "chain_lost": np.where(first, np.maximum(lost, NO), OUT).astype(np.int8),
    }


COLUMNS = (
    "chain_lines",
    "chain_recovered",
    "recovered_paid",
    "chain_open",
    "chain_lost",
    "chain_lost_expected",
)
"""The measures that the table shows, in its order."""


def list_chains(comparison: Comparison) -> Table | None:
    """Return what became of the lines denied at first, by how often they were sent; None if none was."""
    totals = [comparison.total(f"denials/{name}") for name in COLUMNS]
    if not totals[0].numerator:
        return None
    parts = {name: _parts(comparison, name) for name in COLUMNS}
    rows = [
        Row((Cell(f"Sent {times}"), *(_cell(name, times, parts[name].get(times, 0)) for name in COLUMNS)))
        for times in TIMES_SENT
        if parts["chain_lines"].get(times)
    ]
    units = [comparison.measures[figure.measure].unit for figure in totals]
    total = (number_cell(figure, unit) for figure, unit in zip(totals, units, strict=True))
    return Table(
        "denials-chains",
        "Sent again, recovered, lost",
        (
            Head("", numeric=False, sort=False),
            Head("Lines", sort=False),
            Head("Recovered", sort=False),
            Head("Paid, $", sort=False),
            Head("Still open", sort=False),
            Head("Lost", sort=False),
            Head("Lost, expected $", sort=False),
        ),
        (*rows, Row((Cell("All"), *total), total=True)),
        note="Lines denied at first answer; each counts once, however often it was denied. Lost: denied by "
        "the last answer, and no limit is left open. The rest waits, or was rejected, sent on or taken back.",
        csv="denials.csv",
        fold=True,
    )


def _parts(comparison: Comparison, name: str) -> dict[str, int]:
    return {one.part: one.numerator for one in comparison.parts(f"denials/{name}")}


def _cell(name: str, times: str, value: int) -> Cell:
    form = dollars if name in ("recovered_paid", "chain_lost_expected") else count
    explain = figure_id(f"denials/{name}", part=("times_sent", times)) if value else ""
    return Cell(form(value), sort=value, explain=explain)
