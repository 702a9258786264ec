"""What is alike from visit to visit of one patient with one clinician: units, codes, amount.

These belong to the topic of patterns, and their rules go by its name.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.applicability import find_visits
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule
from audit.treated import Treated, add_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.populations import Marks
    from audit.settings import Thresholds

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SOURCE = "General knowledge; check: what insurers' reviewers look for. The limit is a setting"


def checks(limits: Thresholds) -> tuple[Check[Treated], ...]:
    """Return the rules of likeness with their marks."""
    visits = f"{limits.visits_alike} visits on end"
    return (
        Check(
            Rule(
                "patterns/same_units",
                "Read the notes of {rows} that belong to a long row with the same units",
                "Read a few of the notes: each tells its own minutes, and why they were needed.",
                "A reviewer asks whether units that never change follow the patient.",
                SOURCE,
                "pattern_same_units",
                "visits",
                "clinician",
                "units",
                money="",
                sentence="Timed units (more than one a visit) of one patient with one clinician change "
                f"within {visits}.",
                task="patterns",
                right="4, 3, 4, 2 units.",
                wrong=f"4 units at each of {limits.visits_alike} visits.",
            ),
            _mark_same_units,
        ),
        Check(
            Rule(
                "patterns/same_codes",
                "Read the notes of {rows} that belong to a long row with the same codes",
                "Read a few of the notes: each tells what was done that day, and why.",
                "The same combination at every visit is looked at for notes copied from one to the next.",
                SOURCE,
                "pattern_same_codes",
                "visits",
                "clinician",
                "codes",
                money="",
                sentence=f"The codes (two or more a visit) of one patient with one clinician change within "
                f"{visits}.",
                task="patterns",
                right="97110 with 97140, later 97110 with 97530.",
                wrong=f"97110 with 97140 at each of {limits.visits_alike} visits.",
            ),
            _mark_same_codes,
        ),
        Check(
            Rule(
                "patterns/same_amount",
                "Compare {rows} that were charged the same amount for different services",
                "Check the charges against the fee schedule and the notes.",
                "A charge that stays the same whatever was done looks like a price for the visit, not "
                "for its services.",
                SOURCE,
                "pattern_same_amount",
                "visits",
                "biller",
                "charges",
                money="",
                sentence="The charge for a visit of one patient with one clinician is not the same at "
                f"{visits} whose codes or units differ.",
                task="patterns",
                right="$120 for two units, $180 for three.",
                wrong=f"$120 at each of {limits.visits_alike} visits, of two or of three units.",
            ),
            _mark_same_amount,
        ),
    )


class _Row(Struct, frozen=True, dict=True):
    """Visits of each patient with each clinician, one after another."""

    treated: Treated
    visits: Ints
    begins: Mask
    """Whether a visit is the first of its patient with its clinician."""

    @cached_property
    def often(self) -> Mask:
        """Whether there are enough of them for a long row."""
        return _length(self.begins) >= self.treated.limits.visits_alike

    def mark(self, changed: Mask, found: Mask, told: Mask) -> Marks:
        """Mark visits of rows without a change that are long enough; OUT where there are too few visits."""
        long = _length(self.begins | changed) >= self.treated.limits.visits_alike
        marks = np.full(len(self.treated.day), OUT, dtype=np.int8)
        state = np.where(told, np.where(long & found, YES, NO), UNSURE)
        marks[self.visits] = np.where(self.often, state, OUT)
        return marks


def _line_up(treated: Treated, asked: Mask) -> _Row:
    visits = treated.in_order[asked[treated.in_order]]
    clinician = treated.populations.visits.groups["clinician"][visits]
    return _Row(treated, visits, _differ(clinician) | _differ(treated.patient[visits]))


def _differ(values: Ints | Mask) -> Mask:
    """Tell of each value whether it differs from the one before; the first does."""
    changed = np.ones(len(values), dtype=bool)
    changed[1:] = values[1:] != values[:-1]
    return changed


def _length(begins: Mask) -> Ints:
    """Return for each place how many there are from its beginning to the next."""
    run = np.cumsum(begins) - 1
    lengths: Ints = np.bincount(run, minlength=1)[run]
    return lengths


def _mark_same_units(treated: Treated) -> Marks:
    lines = treated.lines.asked & treated.timed
    row = _line_up(treated, find_visits(treated.populations, lines))
    units, told = _sum_up(treated, lines, treated.units)
    return row.mark(_differ(units[row.visits]) | ~told[row.visits], units[row.visits] > 100, told[row.visits])


def _mark_same_codes(treated: Treated) -> Marks:
    row = _line_up(treated, treated.billed)
    changed, many = _compare_codes(treated, row)
    return row.mark(changed, many, np.ones(len(row.visits), dtype=bool))


def _mark_same_amount(treated: Treated) -> Marks:
    """Only where codes or units differ inside the row: what is the same throughout costs the same."""
    row = _line_up(treated, treated.billed)
    charged = treated.populations.lines.frame["charge"].to_numpy(np.int64, na_value=-1)
    amount, told = _sum_up(treated, treated.lines.asked, charged)
    amount, told = amount[row.visits], told[row.visits]
    units = _sum_up(treated, treated.lines.asked, treated.units)[0][row.visits]
    begins = row.begins | _differ(amount) | ~told
    other = ~begins & (_compare_codes(treated, row)[0] | _differ(units))
    run = np.cumsum(begins) - 1
    varied = (np.bincount(run, weights=other, minlength=1) > 0)[run]
    return row.mark(begins, varied, told)


def _sum_up(treated: Treated, lines: Mask, values: Ints) -> tuple[Ints, Mask]:
    """Return by visit the sum of some lines, below zero where not told, and whether every line tells."""
    rows = np.flatnonzero(lines)
    visit, count = treated.visit[rows], len(treated.day)
    told = add_up(visit, values[rows] < 0, count) == 0
    return np.where(told, add_up(visit, np.maximum(values[rows], 0), count), -1), told


def _compare_codes(treated: Treated, row: _Row) -> tuple[Mask, Mask]:
    """Return for visits in a row whether their codes differ from those before, and are several."""
    changed = np.zeros(len(row.visits), dtype=bool)
    for bits in treated.code_bits:
        changed |= _differ(bits[row.visits])
    codes = np.bincount(
        treated.populations.visit_of_service[treated.asked_services], minlength=len(treated.day)
    )
    return changed, codes[row.visits] > 1
