"""What payers answered, as the amounts and words beside claim lines tell it.

A line-level export has no postings of its own; what it shows becomes some: its payment, its allowed amount,
its adjustments, its status word. A zero beside a line is an answer only where something else says that there
was one (a posting date, a patient's share, an allowed amount): exports write 0.00 on open lines too. Where a
row tells several reasons, or one reason and no amount, the adjustment's amount is unknown. Which answer
decides is for `history` to say.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.intake import cells
from audit.intake.charges import LinePlan
from audit.intake.columns import Places, constant, spread, stack, take, texts_of
from audit.intake.layouts import place_of
from audit.intake.postings import (
    KINDS,
    Mask,
    Numbers,
    ReasonCells,
    claim_status_of,
    fixed,
    ranks_of,
    remarks_of,
)
from audit.intake.readings import Readings, RowAmounts
from audit.intake.sheet import fold
from audit.lines import DECISIONS

_STATED = ("", *DECISIONS)


def answers_beside_lines(readings: Readings, plan: LinePlan, rows: Places) -> pd.DataFrame:
    """Return the postings that the rows of claim lines (or claim headers) show, by row of the lines."""
    fields = readings.fields
    lines = np.arange(len(plan.code))
    by_line = _Rows(readings, plan.places, lines)
    parts = _payments(by_line, plan.single) + _statements(by_line)
    repeated = fields.layout.row == "adjustment"
    by_row = _Rows(readings, rows, plan.row_lines) if repeated else by_line
    whole = np.ones(by_row.length, dtype=bool) if repeated else plan.single
    parts += _reasons(by_row, whole) + _adjustments_side_by_side(by_row, whole)
    found = stack([part for part in parts if len(part)] or [by_line.postings(lines[:0], "status")])
    order = np.lexsort((found["charge_row"].to_numpy(), found["source_row"].to_numpy()))
    return found.iloc[order].reset_index(drop=True) if (np.diff(order) < 0).any() else found


class _Rows:
    """Rows of a sheet with the line each stands on, and what all postings of a row share."""

    def __init__(self, readings: Readings, places: Places, lines: Numbers) -> None:
        self.readings = readings
        self.places = places
        self.lines = lines
        self.length = len(lines)
        self.posted_on = readings.dates("posted_on", places)
        self.remarks = remarks_of(readings, places)
        self.claim_status = claim_status_of(readings, places)
        self.rank = ranks_of(readings, places)

    def column(self, header: str) -> pd.Categorical:
        return take(self.readings.fields.cells(header), self.places)

    def postings(
        self,
        rows: Numbers,
        kind: str,
        amounts: RowAmounts | None = None,
        group: Numbers | None = None,
        reason: pd.Categorical | None = None,
        stated: Numbers | None = None,
    ) -> pd.DataFrame:
        """Return one posting per entry of `rows`; the other columns stand in that order already."""
        length, fields = len(rows), self.readings.fields
        nothing = np.zeros(length, dtype=np.int8)
        amounts = amounts or RowAmounts(nothing.astype(np.int64), nothing.astype(bool))
        numbers = fields.sheet.rows if self.places is None else fields.sheet.rows[self.places]
        return pd.DataFrame(
            {
                "line_ref": constant(length),
                "claim_ref": constant(length),
                "code": constant(length),
                "modifiers": constant(length),
                "service_date": np.full(length, np.datetime64("NaT", "s")),
                "charge_row": self.lines[rows].astype(np.int32),
                "posted_on": self.posted_on[rows],
                "payer_rank": self.rank[rows],
                "kind": fixed(nothing + KINDS.index(kind), KINDS),
                "group": fixed(nothing if group is None else group, cells.GROUPS),
                "reason": constant(length) if reason is None else reason,
                "amount": amounts.nullable(),
                "remarks": take(self.remarks, rows),
                "claim_status": take(self.claim_status, rows),
                "stated": fixed(nothing if stated is None else stated, _STATED),
                "source_file": constant(length, place_of(fields.sheet)),
                "source_row": numbers[rows].astype(np.int32),
            },
            copy=False,
        )


def _payments(rows: _Rows, single: Mask) -> list[pd.DataFrame]:
    fields = rows.readings.fields
    money = {
        field: rows.readings.amounts(field, rows.places, count=False).where(single)
        for field in ("paid", "allowed", "patient_share")
    }
    answered = ~np.isnat(rows.posted_on)
    for amounts in money.values():
        answered |= amounts.known & (amounts.values != 0)
    parts = []
    for field, kind in (("paid", "payment"), ("allowed", "allowed")):
        if fields.has(field):
            told = np.flatnonzero(money[field].known & answered)
            parts.append(rows.postings(told, kind, _pick(money[field], told)))
    return parts


def _pick(amounts: RowAmounts, rows: Numbers) -> RowAmounts:
    return RowAmounts(amounts.values[rows], amounts.known[rows])


def _statements(rows: _Rows) -> list[pd.DataFrame]:
    """Return what the status words state; a word the layout does not know is counted, never guessed."""
    fields = rows.readings.fields
    if (status := fields.layout.status) is None:
        return []
    if (header := fields.seek(status.column)) is None:
        return []
    words = {fold(word): decision for word, decision in status.words.items()}
    column = rows.column(header)
    texts = texts_of(column)
    stated = np.array([_STATED.index(words.get(fold(text), "")) for text in texts], dtype=np.int8)
    strange = np.array([fold(text) not in words and not cells.is_blank(text) for text in texts], dtype=bool)
    if number := int(spread(column, strange).sum()):
        rows.readings.unreadable[header, "status words"] += number
    told = np.flatnonzero(spread(column, stated))
    return [rows.postings(told, "status", stated=spread(column, stated)[told])]


def _reasons(rows: _Rows, whole: Mask) -> list[pd.DataFrame]:
    """Return the adjustments of a reason column, each with the row's amount where it has one to itself."""
    readings, fields = rows.readings, rows.readings.fields
    if not fields.has("reason"):
        return []
    group = readings.text("group", rows.places) if fields.has("group") else None
    found = ReasonCells(readings, readings.text("reason", rows.places), group)
    if number := found.strange():
        readings.unreadable[fields.header("reason"), "reasons"] += number
    counts = found.counts
    amounts = readings.amounts("amount", rows.places).where(whole & (counts <= 1))
    counts = np.where((counts == 0) & amounts.known & (amounts.values != 0), 1, counts)
    told = np.repeat(np.arange(rows.length), counts)
    order = np.arange(len(told)) - (np.cumsum(counts) - counts)[told]
    groups, reasons = found.pick(told, order)
    return [rows.postings(told, "adjustment", _pick(amounts, told), groups, reasons)]


def _adjustments_side_by_side(rows: _Rows, whole: Mask) -> list[pd.DataFrame]:
    readings, fields = rows.readings, rows.readings.fields
    parts = []
    for adjustment in fields.layout.adjustments:
        if fields.seek(adjustment.reason) is None or fields.seek(adjustment.amount) is None:
            continue
        group = rows.column(fields.find(adjustment.group)) if adjustment.group else None
        header = fields.find(adjustment.reason)
        found = ReasonCells(readings, rows.column(header), group)
        if number := found.strange():
            readings.unreadable[header, "reasons"] += number
        amounts = readings.amounts_under(fields.find(adjustment.amount), rows.places)
        amounts = amounts.where(whole & (found.counts <= 1))
        told = np.flatnonzero((found.counts > 0) | (amounts.known & (amounts.values != 0)))
        groups, reasons = found.pick(told, np.zeros(len(told), dtype=np.intp))
        parts.append(rows.postings(told, "adjustment", _pick(amounts, told), groups, reasons))
    return parts
