"""Postings of a file that has one per row, and the columns that all postings share.

`history` joins them to claim lines by line number or by claim, code and date, and says what they amount to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake import cells
from audit.intake.columns import (
    Places,
    constant,
    join,
    name_numbers,
    recode,
    reword,
    spread,
    take,
    texts_of,
)
from audit.intake.layouts import Fields, place_of
from audit.intake.readings import Readings
from audit.intake.sheet import fold

KINDS = ("payment", "adjustment", "reversal", "allowed", "interest", "status")
_KIND_WORDS = {
    **dict.fromkeys(("payment", "payments", "paid", "pmt", "insurancepayment"), "payment"),
    **dict.fromkeys(("adjustment", "adjustments", "adj", "writeoff"), "adjustment"),
    **dict.fromkeys(("reversal", "reversed", "takeback", "recoupment"), "reversal"),
    "allowed": "allowed",
    "interest": "interest",
}
_RANKS = {"primary": 1, "p": 1, "secondary": 2, "s": 2, "tertiary": 3, "t": 3}
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
    own = remarks_of(readings, rows) if len(remarks) else remarks
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
            "payer_rank": ranks_of(readings, rows),
            "kind": _posting_kinds(fields, rows, found),
            "group": fixed(groups, cells.GROUPS),
            "reason": reasons,
            "amount": readings.amounts("amount", rows).nullable(),
            "remarks": own,
            "claim_status": claim_status_of(readings, rows),
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
        return fixed(by_reason, KINDS)
    told = spread(take(kinds[0], rows), kinds[1])
    return fixed(np.where(told < 0, by_reason, told), KINDS)


def _posting_codes(readings: Readings, rows: Places) -> tuple[pd.Categorical, pd.Categorical]:
    column = readings.text("code", rows)
    found = [cells.parse_code(text) for text in texts_of(column)]
    glued = recode(column, [" ".join(code.modifiers) for code in found])
    own = reword(readings.text("modifiers", rows), lambda text: " ".join(cells.parse_modifiers(text)[0]))
    both = _join_once(glued, own) if any(texts_of(glued)) else own
    return recode(column, [code.code for code in found]), both


def remarks_of(readings: Readings, places: Places) -> pd.Categorical:
    """Return remark codes: those of their own column and those among the reasons."""
    own = reword(readings.text("remarks", places), lambda text: " ".join(cells.parse_reasons(text).remarks))
    if not readings.fields.has("reason"):
        return own
    reason = readings.text("reason", places)
    among = recode(reason, [" ".join(cells.parse_reasons(text).remarks) for text in texts_of(reason)])
    return _join_once(own, among) if any(texts_of(among)) else own


def _join_once(first: pd.Categorical, then: pd.Categorical) -> pd.Categorical:
    """Return the words of two columns row by row, each word once, in their order."""
    return reword(join([first, then]), lambda text: " ".join(dict.fromkeys(text.split())))


def claim_status_of(readings: Readings, places: Places) -> pd.Categorical:
    return reword(readings.words("claim_status", places), lambda text: text.removesuffix(".0"))


def ranks_of(readings: Readings, places: Places) -> npt.NDArray[np.int8]:
    column = readings.text("payer_rank", places)
    return np.asarray(spread(column, np.array([_rank(text) for text in texts_of(column)], dtype=np.int8)))


def _rank(text: str) -> int:
    word = cells.plain(text).lower().removesuffix(".0")
    return int(word) if len(word) == 1 and word in "123456789" else _RANKS.get(word, 0)


def fixed(numbers: Numbers, texts: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(numbers, categories=pd.Index(list(texts), dtype="str"))
