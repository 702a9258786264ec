"""What payers answered: postings from a file of postings, and from the amounts and words beside claim lines.

A line-level export has no postings of its own; what it shows becomes some: its payment, its allowed amount,
its adjustments, its status word. A zero beside a line is an answer only where something else says that there
was one (a posting date, a patient's share, an allowed amount): exports write 0.00 on open lines too. Where a
row tells several reasons, or one reason and no amount, the adjustment's amount is unknown. Which answer
decides is for `history` to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake import cells
from audit.intake.charges import LinePlan
from audit.intake.columns import (
    Places,
    constant,
    join,
    name_numbers,
    recode,
    reword,
    spread,
    stack,
    take,
    texts_of,
)
from audit.intake.layouts import Fields, place_of
from audit.intake.readings import Readings, RowAmounts
from audit.intake.sheet import fold
from audit.lines import DECISIONS

KINDS = ("payment", "adjustment", "reversal", "allowed", "interest", "status")
_KIND_WORDS = {
    **dict.fromkeys(("payment", "payments", "paid", "pmt", "insurancepayment"), "payment"),
    **dict.fromkeys(("adjustment", "adjustments", "adj", "writeoff"), "adjustment"),
    **dict.fromkeys(("reversal", "reversed", "takeback", "recoupment"), "reversal"),
    "allowed": "allowed",
    "interest": "interest",
}
_RANKS = {"primary": 1, "p": 1, "secondary": 2, "s": 2, "tertiary": 3, "t": 3}
_STATED = ("", *DECISIONS)
_SEVERAL = "several reasons beside one amount"
_NO_KIND = "kind is not one of payment, adjustment, reversal, allowed, interest"

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.integer[Any]]


class ReasonCells:
    """A group and a reason column: per row its reasons, each distinct cell read once."""

    def __init__(self, readings: Readings, reason: pd.Categorical, group: pd.Categorical | None) -> None:
        words = {cells.plain(word): group for word, group in readings.fields.layout.group_words.items()}
        self.column = reason
        self.found = [cells.parse_reasons(text) for text in texts_of(reason)]
        self.counts = spread(reason, np.array([len(found.pairs) for found in self.found], dtype=np.intp))
        groups = [] if group is None else [cells.parse_group(text, words) for text in texts_of(group)]
        table = np.array([cells.GROUPS.index(each) for each in groups], dtype=np.int8)
        self.group = np.zeros(len(reason), dtype=np.int8) if group is None else spread(group, table)

    def strange(self) -> int:
        """Return how many rows hold something that is neither a reason nor a remark."""
        return int(spread(self.column, np.array([found.strange for found in self.found], dtype=bool)).sum())

    def remarks(self) -> pd.Categorical:
        """Return the remark codes that stand among the reasons."""
        return recode(self.column, [" ".join(found.remarks) for found in self.found])

    def pick(self, rows: Numbers, order: Numbers) -> tuple[Numbers, pd.Categorical]:
        """Return group numbers and reasons of `rows`, the one at `order` of each; blank where none."""
        flat = [pair for found in self.found for pair in (*found.pairs, ("", ""))]
        lengths = np.array([len(found.pairs) + 1 for found in self.found], dtype=np.intp)
        places = (np.cumsum(lengths) - lengths)[self.column.codes[rows]] + order
        own = np.array([cells.GROUPS.index(group) for group, _ in flat], dtype=np.int8)[places]
        group = np.where(self.group[rows] > 0, self.group[rows], own)
        return group, name_numbers(places, [reason for _, reason in flat])


# Beside claim lines ---------------------------------------------------------------------------------------


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
        self.remarks = _remarks(readings, places)
        self.claim_status = _claim_status(readings, places)
        self.rank = _ranks(readings, places)

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
                "kind": _fixed(nothing + KINDS.index(kind), KINDS),
                "group": _fixed(nothing if group is None else group, cells.GROUPS),
                "reason": constant(length) if reason is None else reason,
                "amount": amounts.nullable(),
                "remarks": take(self.remarks, rows),
                "claim_status": take(self.claim_status, rows),
                "stated": _fixed(nothing if stated is None else stated, _STATED),
                "source_file": constant(length, place_of(fields.sheet)),
                "source_row": numbers[rows].astype(np.int32),
            },
            copy=False,
        )


def _fixed(numbers: Numbers, texts: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(numbers, categories=pd.Index(list(texts), dtype="str"))


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


# Files of postings ----------------------------------------------------------------------------------------


def kinds_of(fields: Fields) -> tuple[pd.Categorical, npt.NDArray[np.int8]] | None:
    """Return the kind column and the number in KINDS of its distinct texts: -1 blank, -2 not known."""
    if not fields.has("kind"):
        return None
    column = fields.column("kind")
    numbers = [
        -1
        if cells.is_blank(text)
        else KINDS.index(_KIND_WORDS[fold(text)])
        if fold(text) in _KIND_WORDS
        else -2
        for text in texts_of(column)
    ]
    return column, np.array(numbers, dtype=np.int8)


def refusals(fields: Fields) -> list[tuple[Mask, str, str]]:
    """Return which rows of a file of postings cannot be used, in which column and why."""
    found: list[tuple[Mask, str, str]] = []
    if kinds := kinds_of(fields):
        column, numbers = kinds
        found.append((spread(column, numbers == -2), fields.header("kind"), _NO_KIND))
    if fields.has("reason"):
        reason = fields.column("reason")
        many = np.array([len(cells.parse_reasons(text).pairs) > 1 for text in texts_of(reason)], dtype=bool)
        found.append((spread(reason, many), fields.header("reason"), _SEVERAL))
    return found


def postings_of(readings: Readings, rows: Places) -> pd.DataFrame:
    """Return the postings of a file that has one per row; `history` joins them to lines."""
    fields = readings.fields
    reason = readings.text("reason", rows)
    found = ReasonCells(readings, reason, readings.text("group", rows) if fields.has("group") else None)
    if number := found.strange():
        readings.unreadable[fields.header("reason"), "reasons"] += number
    every = np.arange(len(reason))
    groups, reasons = found.pick(every, every * 0)
    remarks = readings.text("remarks", rows)
    own = _remarks(readings, rows) if len(remarks) else remarks
    numbers = fields.sheet.rows if rows is None else fields.sheet.rows[rows]
    code, modifiers = _posting_codes(readings, rows)
    return pd.DataFrame(
        {
            "line_ref": readings.text("line_id", rows),
            "claim_ref": readings.text("claim_id", rows),
            "code": code,
            "modifiers": modifiers,
            "service_date": readings.dates("service_date", rows),
            "charge_row": np.full(len(every), -1, dtype=np.int32),
            "posted_on": readings.dates("posted_on", rows),
            "payer_rank": _ranks(readings, rows),
            "kind": _posting_kinds(fields, rows, found),
            "group": _fixed(groups, cells.GROUPS),
            "reason": reasons,
            "amount": readings.amounts("amount", rows).nullable(),
            "remarks": own,
            "claim_status": _claim_status(readings, rows),
            "stated": constant(len(every)),
            "source_file": constant(len(every), place_of(fields.sheet)),
            "source_row": numbers.astype(np.int32),
        },
        copy=False,
    )


def _posting_kinds(fields: Fields, rows: Places, found: ReasonCells) -> pd.Categorical:
    """Return the kind of each posting; where none is told, one with a reason is an adjustment."""
    by_reason = np.where(found.counts > 0, KINDS.index("adjustment"), KINDS.index("payment")).astype(np.int8)
    if (kinds := kinds_of(fields)) is None:
        return _fixed(by_reason, KINDS)
    told = spread(take(kinds[0], rows), kinds[1])
    return _fixed(np.where(told < 0, by_reason, told), KINDS)


def _posting_codes(readings: Readings, rows: Places) -> tuple[pd.Categorical, pd.Categorical]:
    column = readings.text("code", rows)
    found = [cells.parse_code(text) for text in texts_of(column)]
    glued = recode(column, [" ".join(code.modifiers) for code in found])
    own = reword(readings.text("modifiers", rows), lambda text: " ".join(cells.parse_modifiers(text)[0]))
    both = join([glued, own]) if any(texts_of(glued)) else own
    return recode(column, [code.code for code in found]), both


def _remarks(readings: Readings, places: Places) -> pd.Categorical:
    """Return remark codes: those of their own column and those among the reasons."""
    own = reword(readings.text("remarks", places), lambda text: " ".join(cells.parse_reasons(text).remarks))
    if not readings.fields.has("reason"):
        return own
    reason = readings.text("reason", places)
    among = recode(reason, [" ".join(cells.parse_reasons(text).remarks) for text in texts_of(reason)])
    return join([own, among]) if any(texts_of(among)) else own


def _claim_status(readings: Readings, places: Places) -> pd.Categorical:
    return reword(readings.words("claim_status", places), lambda text: text.removesuffix(".0"))


def _ranks(readings: Readings, places: Places) -> npt.NDArray[np.int8]:
    column = readings.text("payer_rank", places)
    return np.asarray(spread(column, np.array([_rank(text) for text in texts_of(column)], dtype=np.int8)))


def _rank(text: str) -> int:
    word = cells.plain(text).lower().removesuffix(".0")
    return int(word) if len(word) == 1 and word in "123456789" else _RANKS.get(word, 0)
