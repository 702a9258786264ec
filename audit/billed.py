"""Claim lines as payers were asked to pay them: what was billed, with which modifiers, by whom and when."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.applicability import find_given, find_standing, holds, lay_marks, tells_modifiers
from audit.codes import code_book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from numpy.typing import NDArray

    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

NOT_ANSWERED = ("no answer", "pending", "unknown", "reason unknown", "taken back")
"""Last decisions from which it cannot be told who bears the amount."""


class Billed(Struct, frozen=True, dict=True):
    """The lines, and what several rules ask of them, each worked out once; all by line."""

    populations: Populations
    settings: Settings

    @cached_property
    def asked(self) -> Mask:
        """Lines that a payer is asked to pay."""
        return find_standing(self.populations)

    @cached_property
    def given(self) -> Mask:
        """Lines of a service, whoever pays."""
        return find_given(self.populations)

    @cached_property
    def answered(self) -> Mask:
        """Lines of which the payer's answer says what became of them."""
        return ~holds(self.populations.lines.frame["last_decision"], NOT_ANSWERED)

    @cached_property
    def modifiers_told(self) -> bool:
        """Whether the files tell modifiers at all."""
        return tells_modifiers(self.populations)

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """The modifiers of each distinct cell; none at the end, for lines whose cell is missing."""
        cells = self.populations.lines.frame["modifiers"].cat.categories
        return (*(frozenset(text.split()) for text in cells), frozenset())

    @cached_property
    def cell(self) -> NDArray[np.integer[Any]]:
        """The cell of a line's modifiers, as a position among `words`."""
        return self.populations.lines.frame["modifiers"].cat.codes.to_numpy()

    @cached_property
    def at_medicare(self) -> Mask:
        """Lines billed to Original Medicare."""
        known = [self.settings.payer(name).medicare for name in self.populations.labels["payer"]]
        return np.array(known, dtype=bool)[self.populations.lines.groups["payer"]]

    @cached_property
    def disciplines(self) -> tuple[str, ...]:
        """The discipline of each clinician in the order of their labels, "" where the practice tells none."""
        practice = self.settings.practice
        return tuple(practice.discipline_of(name) for name in self.populations.labels["clinician"])

    @cached_property
    def day(self) -> Ints:
        """The date of service, in days since 1970."""
        dates = self.populations.lines.frame["service_date"].to_numpy()
        return dates.astype("datetime64[D]").astype(np.int64)

    @cached_property
    def patient(self) -> Ints:
        """The number of the patient."""
        return self.populations.lines.frame["patient_key"].to_numpy(np.int64)

    @cached_property
    def same_day(self) -> Ints:
        """A number of the patient's day, whoever treated."""
        first = int(self.day.min(initial=0))
        width = int(self.day.max(initial=0)) - first + 1
        place, _ = pd.factorize(self.patient * width + self.day - first)
        return place.astype(np.int64)

    @cached_property
    def same_month(self) -> Ints:
        """A number of the patient's calendar month."""
        month = self.populations.lines.month
        return self.patient * (int(month.max(initial=0)) + 1) + month

    def within(self, start: date | None, end: date | None) -> Mask:
        """Mark lines with a date of service between two days, both included; None is no limit."""
        inside = np.ones(len(self.day), dtype=bool)
        if start:
            inside &= self.day >= np.datetime64(start, "D").astype(np.int64)
        if end:
            inside &= self.day <= np.datetime64(end, "D").astype(np.int64)
        return inside

    def carries(self, *modifiers: str) -> Mask:
        """Mark lines that carry any of some modifiers."""
        found = [not words.isdisjoint(modifiers) for words in self.words]
        by_line: Mask = np.array(found, dtype=bool)[self.cell]
        return by_line

    def of_codes(self, fits: Callable[[str], bool]) -> Mask:
        """Mark lines whose code fits."""
        labels = self.populations.labels["code"]
        return np.array([fits(code) for code in labels], dtype=bool)[self.populations.lines.groups["code"]]

    def of_therapy(self, *status: str) -> Mask:
        """Mark lines of codes that Medicare takes for therapy always, sometimes, or ("no") never."""
        book = code_book().codes
        return self.of_codes(lambda code: code in book and book[code].therapy in status)

    def by(self, *disciplines: str) -> Mask:
        """Mark lines of clinicians of some disciplines; "" stands for those of whom none is told."""
        theirs = np.array([one in disciplines for one in self.disciplines], dtype=bool)
        return theirs[self.populations.lines.groups["clinician"]]

    def lay(self, rows: Mask, yes: Mask | None = None, told: Mask | None = None) -> Marks:
        """Lay marks on rows of lines that a payer is asked to pay (see `lay_marks`)."""
        return lay_marks(self.asked & rows, yes, told)

    def lay_carrying(
        self,
        modifiers: Iterable[str],
        yes: Mask | None = None,
        told: Mask | None = None,
        rows: Mask | None = None,
    ) -> Marks:
        """Lay marks on lines that carry some modifiers, of `rows` alone where given.

        A question that a modifier raises; where the files tell none, it is open for every line.
        """
        among = self.asked if rows is None else self.asked & rows
        if not self.modifiers_told:
            return lay_marks(among, told=np.zeros(len(among), dtype=bool))
        return lay_marks(among & self.carries(*modifiers), yes, told)


def is_visit(code: str) -> bool:
    """Tell whether a code is an evaluation and management service, an office visit for the most part."""
    return len(code) == 5 and code.isdigit() and "99201" <= code <= "99499"


def meet_on_the_day(billed: Billed, rows: Ints, others: Mask) -> tuple[Ints, Ints]:
    """Return each of some lines with each other line of the same patient and day, as positions in pairs."""
    those = np.flatnonzero(others)
    those = those[np.argsort(billed.same_day[those], kind="stable")]
    days = billed.same_day[those]
    first, last = (np.searchsorted(days, billed.same_day[rows], side) for side in ("left", "right"))
    count = last - first
    one = np.repeat(rows, count)
    within = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    other = those[np.repeat(first, count) + within]
    apart = one != other
    return one[apart], other[apart]


def flag_lines(billed: Billed, rows: Ints) -> Mask:
    """Return the mask of some lines."""
    found = np.zeros(len(billed.populations.lines), dtype=bool)
    found[rows] = True
    return found
