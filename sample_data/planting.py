"""How a fault is planted: the practice while it is changed, and what each fault says of itself.

In goes a `Practice`; the planters of the `..._faults.py` choose lines and visits of `Planting`, change them,
and add a `Fault` with the conditions by which its rows are found again. Lines and visits are told by their
positions, and no chance is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from .answers import Refusal, accept, refuse
from .draws import BLANK, Ints, day, whole
from .own_format import dates, ids, payer_numbers
from .practice import Practice

Where = Mapping[str, list[str]]

NOWHERE: Where = MappingProxyType({})


class Fault(NamedTuple):
    """A planted fault: `where` selects rows of `file`; `mark` (cells) or `answer` (postings) the faulty ones.

    Keys of `where` and `mark` are columns; `from` and `to` bound the date of service.
    `ids` names the faulty lines or visits where no condition can.
    """

    id: str
    what: str
    figure: str
    file: str = "charges.csv"
    where: Where = NOWHERE
    mark: Where = NOWHERE
    answer: Where = NOWHERE
    ids: tuple[str, ...] = ()
    expected: str = "finding"


class Planting:
    """The practice while faults are planted: no line, and no note, takes part in two of them."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.lines = practice.lines.copy()
        self.visits = practice.visits.copy()
        self.answers = practice.answers.copy()
        self.faults: list[Fault] = []
        self.only: list[dict[str, str]] = []  # rows of remittance_only.csv
        self.not_exported: list[int] = []  # lines that charges.csv lacks
        self.sent_again: list[int] = []  # lines that bill again what another bills
        self.used_lines: set[int] = set()
        self.used_visits: set[int] = set()
        for column in ("code_name", "payer_name", "modifiers", "diagnoses", "frequency", "replaces"):
            self.lines[column] = self.lines[column].astype(object)

    def add(self, fault: Fault) -> None:
        """Put a fault on the list."""
        self.faults.append(fault)

    def select(
        self,
        codes: Sequence[str] = (),
        payers: Sequence[str] = (),
        clinician: int | None = None,
        span: tuple[str, str] = ("2024-11-01", "2026-11-20"),
        answered: bool = False,
    ) -> Ints:
        """Positions of the lines that meet all conditions and are not yet part of a fault."""
        lines = self.lines
        chosen = np.array(lines["day"].between(day(span[0]), day(span[1])))
        if codes:
            chosen &= lines["code_name"].isin(codes).to_numpy()
        if payers:
            chosen &= lines["payer_name"].isin(payers).to_numpy()
        if clinician is not None:
            chosen &= (lines["clinician"] == clinician).to_numpy()
        if answered:
            chosen &= lines["line"].isin(self.answers["line"]).to_numpy()
        chosen &= ~lines["line"].isin(self.used_lines).to_numpy()
        return np.flatnonzero(chosen)

    def paid(self, lines: Ints) -> Ints:
        """Those of `lines` that have one answer, and it pays them."""
        whole = self.answers.groupby("line")["refused"].agg(["size", "sum"])
        paid = self.answers.groupby("line")["paid"].min() > 0
        good = whole.index[(whole["size"] == 1) & (whole["sum"] == 0) & paid]
        return lines[np.isin(lines, good.to_numpy())]

    def use(self, lines: Ints) -> Ints:
        """Note that `lines` are part of a fault."""
        self.used_lines.update(lines.tolist())
        return lines

    def claims(self, lines: Ints, size: int = 0) -> list[Ints]:
        """The whole claims (of `size` lines, if told) all of whose lines are among `lines`."""
        claim = self.lines["claim"].to_numpy()
        groups = [np.flatnonzero(claim == number) for number in np.unique(claim[lines]) if number != BLANK]
        free = set(lines.tolist())
        return [group for group in groups if free.issuperset(group.tolist()) and size in (0, len(group))]

    def deny(self, lines: Ints, refusal: Refusal, status: str = "1", on: Ints | None = None) -> None:
        """Let the first answer to `lines` refuse them, and no answer follow."""
        inside = self.answers["line"].isin(lines)
        first = ~self.answers.duplicated("line")
        self.answers = self.answers[~inside | first].reset_index(drop=True)
        where = self.answers["line"].isin(lines).to_numpy()
        charge = self.lines["charge"].to_numpy()[self.answers["line"].to_numpy()]
        refuse(self.answers, where, charge, refusal, status)
        if on is not None:
            when = dict(zip(lines.tolist(), on.tolist(), strict=True))
            self.answers.loc[where, "day"] = self.answers.loc[where, "line"].map(when)

    def bill(self, lines: Ints, sent: int, *, frequency: str = "1", replaces: bool = False) -> Ints:
        """Bill `lines` once more, on a claim of their own sent on a day; return the new lines."""
        again = self.lines.loc[lines].copy()
        if replaces:
            again["replaces"] = payer_numbers(again["claim"])
        again["line"] = len(self.lines) + np.arange(len(lines))
        again["claim"] = int(self.lines["claim"].max()) + 1
        again["submitted"], again["frequency"] = sent, frequency
        self.lines = pd.concat([self.lines, again], ignore_index=True)
        new = whole(again["line"].to_numpy())
        self.sent_again += new.tolist()
        return self.use(new)

    def answer(self, lines: Ints, on: int, refusal: Refusal | None = None, status: str = "1") -> None:
        """Let the payer accept `lines` on a day, or refuse them."""
        of_lines = self.lines.loc[lines]
        answers = accept(of_lines, np.full(len(lines), on, dtype=np.int64), self.practice.payers)
        if refusal:
            charge = of_lines["charge"].to_numpy()
            refuse(answers, np.ones(len(lines), dtype=np.bool_), charge, refusal, status)
        self.answers = pd.concat([self.answers, answers], ignore_index=True)

    def take_back(self, lines: Ints, on: int) -> None:
        """Let the payer reverse on a day what it answered to `lines`."""
        back = self.answers[self.answers["line"].isin(lines)].copy()
        back["day"], back["reversal"], back["status"], back["allowed"] = on, True, "22", BLANK
        self.answers = pd.concat([self.answers, back], ignore_index=True)

    def answered_on(self, lines: Ints) -> int:
        """The day of the last answer to `lines`."""
        return int(self.answers.loc[self.answers["line"].isin(lines), "day"].max())

    def posted_on(self, line: int) -> str:
        """The same of one line, as postings.csv has it."""
        return str(dates([self.answered_on(np.array([line]))])[0])

    def line_ids(self, lines: Ints) -> tuple[str, ...]:
        """The ids of `lines` in charges.csv."""
        return tuple(ids("L", self.lines["line"])[lines])

    def visit_ids(self, visits: Ints) -> tuple[str, ...]:
        """The ids of `visits` in visit_notes.csv."""
        return tuple(ids("V", np.arange(len(self.visits)))[visits])


def spaced(candidates: Ints, count: int) -> Ints:
    """`count` of the candidates, evenly spaced, without chance."""
    if count > len(candidates):
        message = f"{count} rows asked for, {len(candidates)} there"
        raise ValueError(message)
    found: Ints = candidates[np.arange(count) * len(candidates) // max(count, 1)]
    return found


SUMMER = ("2026-07-01", "2026-09-30")
SEPTEMBER = ("2026-09-01", "2026-09-30")


def during(span: tuple[str, str]) -> Where:
    """A condition on the date of service."""
    return {"from": [span[0]], "to": [span[1]]}


def paid_claims(planting: Planting, payers: Sequence[str], span: tuple[str, str], size: int) -> list[Ints]:
    """Claims of `size` lines that were paid at once, the first answered first."""
    claims = planting.claims(planting.paid(planting.select(payers=payers, span=span)), size)
    return sorted(claims, key=lambda claim: (planting.answered_on(claim), int(claim[0])))
