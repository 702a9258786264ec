"""The records of a remittance: what a payer answered to a service line, or to a claim of which it names none.

In: the tables of an 835 as text. Out: `Answered`, one entry per record in the order of the file, with what
its segments, its claim and its payment tell of it. A record's number is that of its segment in the file.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct

from audit.columns import find_blanks, find_cells
from audit.intake import cells, elements
from audit.intake.columns import first_told, join, name_numbers, reword, spread, take, texts_of
from audit.intake.elements import Procedures
from audit.intake.readings import RowAmounts
from audit.intake.x12_tables import NOWHERE, Table

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

REVERSAL, PREDETERMINATION = "22", "25"
RANKS = {"1": 1, "4": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
"""Claim status -> which payer answers, the first or a later one; 22, 23 and 25 do not tell."""

ONE = 100
"""A line that tells no units has one, says the implementation guide."""


class Answered(Struct, frozen=True, dict=True):
    """Records of a remittance. `service` and `claim` are their rows in those tables, NOWHERE where none."""

    tables: dict[str, Table]
    service: Rows
    claim: Rows

    def __len__(self) -> int:
        return len(self.claim)

    def where(self, rows: Mask) -> Answered:
        """Return some of the records."""
        return Answered(self.tables, self.service[rows], self.claim[rows])

    @cached_property
    def segment(self) -> Rows:
        """The number of each record's segment."""
        claims, services = self.tables["claims"].segment, self.tables["services"].segment
        lines = services[self.service] if len(services) else claims[self.claim]
        return np.where(self.is_line, lines, claims[self.claim] if len(claims) else lines)

    @cached_property
    def is_line(self) -> Mask:
        """Whether the record answers a line, not a whole claim."""
        return np.not_equal(self.service, NOWHERE)

    @cached_property
    def is_reversal(self) -> Mask:
        """Whether the record takes an earlier answer back."""
        return find_cells(self.of_claim("status"), REVERSAL)

    def of_line(self, column: str) -> pd.Categorical:
        """Return a text of the service lines, blank for a record that has none."""
        return self._spread_lines(self._lines[column])

    @property
    def _lines(self) -> Table:
        return self.tables["services"]

    def _spread_lines(self, texts: pd.Categorical) -> pd.Categorical:
        """Return a column of the service lines, spread over the records."""
        if self.is_line.all():
            return take(texts, self.service)
        numbers = np.full(len(self), len(texts.categories), dtype=np.int64)
        numbers[self.is_line] = texts.codes[self.service[self.is_line]]
        return name_numbers(numbers, [*texts_of(texts), ""])

    def of_claim(self, column: str) -> pd.Categorical:
        """Return a text of the claims."""
        return take(self.tables["claims"][column], self.claim)

    @cached_property
    def payment(self) -> Rows:
        """The row of each record's payment."""
        return self.tables["claims"].parents["payments"][self.claim]

    def of_payment(self, column: pd.Categorical) -> pd.Categorical:
        """Return a column of the payments, spread over the records."""
        return take(column, self.payment)

    def _amounts(self, of_line: str, of_claim: str) -> RowAmounts:
        line = elements.read_amounts(self.of_line(of_line))
        if self.is_line.all():
            return line
        claim = elements.read_amounts(self.of_claim(of_claim))
        return RowAmounts(
            np.where(self.is_line, line.values, claim.values), np.where(self.is_line, line.known, claim.known)
        )

    @cached_property
    def charge(self) -> RowAmounts:
        """What was charged, in cents."""
        return self._amounts("charge", "charge")

    @cached_property
    def paid(self) -> RowAmounts:
        """What was paid, in cents."""
        return self._amounts("paid", "paid")

    @cached_property
    def procedures(self) -> Procedures:
        """What was billed: the original procedure where the payer names it, else the one it answered."""
        return elements.read_procedures(first_told(self.of_line("billed"), self.of_line("answered")))

    @cached_property
    def units(self) -> RowAmounts:
        """The units billed, in hundredths."""
        told = first_told(self.of_line("billed_units"), self.of_line("units"))
        found, blank = elements.read_amounts(told), find_blanks(told) & self.is_line
        return RowAmounts(np.where(blank, ONE, found.values), found.known | blank)

    def answered_as(self) -> pd.Categorical:
        """Return the code and units (hundredths) answered where these are not the ones billed.

        A line refused is answered with 0 units: that is a denial, which its reasons tell.
        """
        answered = elements.read_procedures(self.of_line("answered")).code
        billed = elements.read_procedures(self.of_line("billed")).code
        units = elements.read_amounts(self.of_line("units"))
        before = elements.read_amounts(self.of_line("billed_units"))
        differs = ~find_blanks(billed) & ~_same(answered, billed)
        changed = (units.values != 0) & (np.abs(before.values) != np.abs(units.values))
        differs |= before.known & units.known & changed
        rows = np.flatnonzero(differs & ~find_blanks(answered))
        codes, counts = texts_of(answered), np.where(units.known, np.abs(units.values), NOWHERE)
        texts = [
            codes[code] if hundredths == NOWHERE else f"{codes[code]} {hundredths}"
            for code, hundredths in zip(answered.codes[rows].tolist(), counts[rows].tolist(), strict=True)
        ]
        numbers = np.zeros(len(self), dtype=np.int64)
        numbers[rows] = np.arange(1, len(rows) + 1)
        return name_numbers(numbers, ["", *texts])

    def service_dates(self) -> npt.NDArray[np.datetime64]:
        """Return the days of service: the line's own, the first of its range, else the claim's."""
        return elements.first_day(
            self.of_line("on"), self.of_line("from"), self.of_claim("from"), self.of_claim("to")
        )

    def ranks(self) -> npt.NDArray[np.int8]:
        """Return which payer answers: 1 the first, 2 and above later ones, 0 not told."""
        status = self.of_claim("status")
        ranks = np.array([RANKS.get(text, 0) for text in texts_of(status)], dtype=np.int8)
        found: npt.NDArray[np.int8] = spread(status, ranks)
        return found

    def remarks(self) -> pd.Categorical:
        """Return the remark codes of each line, then those of its claim."""
        claims = self.tables["claims"]
        of_claim = join(
            [reword(claims[name], _remark_codes) for name in claims.columns if name.startswith("remark")]
        )
        return join([*self._line_remarks(), take(of_claim, self.claim)])

    def _line_remarks(self) -> list[pd.Categorical]:
        """Return the first, second ... remark of each record's line."""
        remarks = self.tables["remarks"]
        told = np.flatnonzero(find_cells(remarks["list"], "HE") & (remarks.parents["services"] != NOWHERE))
        line = remarks.parents["services"][told]
        texts = reword(take(remarks["remark"], told), _remark_codes)
        return [self._spread_lines(column) for column in elements.number_off(texts, line, len(self._lines))]

    def patients(self) -> pd.Categorical:
        """Return what tells the patient apart: the practice's record number, else name and member number."""
        named = join([self.tables["claims"][name] for name in ("family", "given", "member")])
        return first_told(self.of_claim("record"), take(named, self.claim))

    def clinicians(self) -> pd.Categorical:
        """Return who rendered the service, where it is a person."""
        return take(elements.read_clinicians(self.tables["claims"].columns), self.claim)


def find_answers(tables: dict[str, Table]) -> Answered:
    """Return all records of a remittance, also those that stand in no claim."""
    claims, services = tables["claims"], tables["services"]
    of_services = services.parents["claims"]
    bare = np.setdiff1d(np.arange(len(claims)), of_services)
    service = np.concatenate([np.arange(len(services)), np.full(len(bare), NOWHERE)]).astype(np.int64)
    claim = np.concatenate([of_services, bare]).astype(np.int64)
    order = np.argsort(np.concatenate([services.segment, claims.segment[bare]]), kind="stable")
    return Answered(tables, service[order], claim[order])


def _remark_codes(text: str) -> str:
    return " ".join(cells.parse_reasons(text).remarks)


def _same(left: pd.Categorical, right: pd.Categorical) -> Any:
    """Tell row by row whether two columns say the same."""
    place = left.categories.get_indexer(right.categories)
    return left.codes == place[right.codes]
