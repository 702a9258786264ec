"""What was treated, as patterns look at it: visits by patient, clinician and day, beside their lines."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.applicability import find_visits, holds, visit_of_line
from audit.billed import Billed
from audit.codes import code_book

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.populations import Populations
    from audit.settings import Settings, Thresholds

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

LONGEST = 1_000
"""Days that are looked back over at most."""

WORD = 52
"""Codes told by one number: as many bits as a sum of weights holds exactly."""

SPINAL = ("98940", "98941", "98942")
"""Spinal adjustments."""


class Treated(Struct, frozen=True, dict=True):
    """The marked rows and what several rules ask of them, each worked out once."""

    populations: Populations
    settings: Settings

    @property
    def limits(self) -> Thresholds:
        """The limits in force."""
        return self.settings.thresholds

    @cached_property
    def lines(self) -> Billed:
        """The lines, as payers were asked to pay them."""
        return Billed(self.populations, self.settings)

    @cached_property
    def visit(self) -> Ints:
        """By line: the row of its visit."""
        return visit_of_line(self.populations)

    @cached_property
    def billed(self) -> Mask:
        """Visits of which a payer is asked to pay a line."""
        return find_visits(self.populations, self.lines.asked)

    @cached_property
    def timed(self) -> Mask:
        """Lines whose units are counted from minutes."""
        codes = code_book().codes
        known = [bool(codes[one].timed) if one in codes else False for one in self.labels("code")]
        return np.array(known, dtype=bool)[self.populations.lines.groups["code"]]

    @cached_property
    def adjusted(self) -> Mask:
        """Spinal adjustments that a payer is asked to pay."""
        return self.lines.asked & holds(self.populations.lines.frame["code"], SPINAL)

    @cached_property
    def units(self) -> Ints:
        """By line: hundredths of units, -1 where not told."""
        return self.populations.lines.frame["units"].to_numpy(np.int64, na_value=-1)

    @cached_property
    def day(self) -> Ints:
        """By visit: its date, in days."""
        dates = self.populations.visits.frame["service_date"].to_numpy()
        return dates.astype("datetime64[D]").astype(np.int64)

    @cached_property
    def patient(self) -> Ints:
        """By visit: its patient."""
        return self.populations.visits.frame["patient_key"].to_numpy(np.int64)

    @cached_property
    def with_clinician(self) -> Mask:
        """Visits whose clinician is told."""
        told = np.array([label != "" for label in self.labels("clinician")], dtype=bool)
        return told[self.populations.visits.groups["clinician"]]

    @cached_property
    def clinician_days(self) -> tuple[Ints, int]:
        """By visit: a number of its clinician's day, and how many such days there are."""
        return self.on_days(self.populations.visits.groups["clinician"], self.day)

    @cached_property
    def first_day(self) -> int:
        """The first date of service of all lines."""
        return int(self.lines.day.min(initial=np.iinfo(np.int64).max))

    def labels(self, group: str) -> tuple[str, ...]:
        """Return the values of a group."""
        return self.populations.labels[group]

    def on_days(self, whose: Ints, day: Ints) -> tuple[Ints, int]:
        """Return, for rows of somebody on a day, a number of that somebody's day, and how many there are."""
        place, days = pd.factorize(_join(whose, day))
        return place.astype(np.int64), len(days)

    @cached_property
    def code_bits(self) -> tuple[Ints, ...]:
        """By visit: the codes that a payer is asked to pay, each a bit of one of several numbers."""
        populations = self.populations
        services = np.flatnonzero(self.asked_services)
        visit = populations.visit_of_service[services]
        word, bit = np.divmod(populations.services.groups["code"][services], WORD)
        weights, count = np.exp2(bit), len(populations.visits)
        return tuple(
            np.bincount(visit[word == at], weights=weights[word == at], minlength=count).astype(np.int64)
            for at in range(-(-len(self.labels("code")) // WORD))
        )

    @cached_property
    def asked_services(self) -> Mask:
        """Services of which a payer is asked to pay a line."""
        populations = self.populations
        asked = np.bincount(
            populations.service_of_line[self.lines.asked], minlength=len(populations.services)
        )
        return np.asarray(asked > 0)

    @cached_property
    def in_order(self) -> Ints:
        """The rows of the visits by patient, clinician and day."""
        whose = _join(self.patient, self.populations.visits.groups["clinician"])
        return np.argsort(_join(whose, self.day), kind="stable")

    @cached_property
    def billed_days(self) -> PatientDays:
        """The days of treatment of all visits of which a payer is asked to pay a line."""
        return PatientDays.of(self.patient[self.billed], self.day[self.billed])


class PatientDays(NamedTuple):
    """Days on which patients were treated, one after another."""

    key: Ints
    """By day, rising: patient and day in one number; a gap of LONGEST days parts two patients."""
    place: Ints
    """By row: its day."""

    @classmethod
    def of(cls, patient: Ints, day: Ints) -> PatientDays:
        """Return the days of some rows."""
        key, place = np.unique(_join(patient, day, LONGEST), return_inverse=True)
        return cls(key, place)

    def count_back(self, within: int) -> Ints:
        """Return, by row, the days on which its patient was treated in the `within` days up to its own."""
        before = np.searchsorted(self.key, self.key - (within - 1))
        counted: Ints = (np.arange(1, len(self.key) + 1) - before)[self.place]
        return counted


def _join(first: Ints, second: Ints, gap: int = 0) -> Ints:
    """Return one number for two, in their order; `gap` parts the last of a first from those of the next."""
    if not len(second):
        return second
    least = int(second.min())
    joined: Ints = first * (int(second.max()) - least + 1 + gap) + second - least
    return joined


def add_up(place: Ints, values: Ints | Mask, count: int) -> Ints:
    """Return the sum of whole values of the rows at each of `count` places."""
    return np.bincount(place, weights=values, minlength=count).astype(np.int64)


def find_among(rows: Ints, count: int) -> Mask:
    """Return `count` flags, set for some rows."""
    flags: Mask = np.zeros(count, dtype=bool)
    flags[rows] = True
    return flags
