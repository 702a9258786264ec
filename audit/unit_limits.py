"""Units above what Medicare finds likely, on a line or on a patient's day.

Of the topic `bundling`. A limit is that of the newest edition that had begun on the date of service; what was
the limit before the oldest edition at hand is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from audit.applicability import carries, find_standing, wants
from audit.edits import read_limits
from audit.pairing import days_of
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.edits import UnitLimits
    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

NONE, NOT_KNOWN = -1, -2
"""The limit of a code that has none, and of one of which nothing is known."""

ON_LINE, ON_DAY = 1, 2
"""What a limit is of: a line; a day, without exception (or, 3, unless the record supports more)."""


EXPECTS_REFUSAL = ("GA", "GX", "GY", "GZ")
"""Modifiers of a line that is billed to be refused."""


class Facts(NamedTuple):
    """What is known of units and their limits: the marks of both rules, and cents of what is above."""

    above: Marks
    cents: Ints
    none: Marks


class Limits(NamedTuple):
    """The limit of every line, in whole units, NONE or NOT_KNOWN, and per what."""

    units: Ints
    per: Ints


FOLLOWS_LIMITS = "payers set to follow Medicare's unit limits (Medicare is)"
LIMITS_SOURCE = (
    "CMS, medically unlikely edits, practitioner table; contractors' notices on its adjudication indicators"
)


CHECKS: tuple[Check[Facts], ...] = (
    Check(
        Rule(
            "bundling/units_limit",
            "Check {rows} of more units than Medicare finds likely",
            "Check the units against the note and its minutes. The limit is no guide to what is needed: what "
            "the record supports can be appealed, except where the table says by day and policy (indicator "
            "2).",
            "Units above the limit are refused (reason 151), and with them often the whole line.",
            f"{LIMITS_SOURCE}. That it counts by clinician: general knowledge; check",
            "units_above_limit",
            "lines",
            "biller",
            "units, codes and dates of service; an imported table, for codes that the shipped one lacks",
            money="above_limit",
            sentence="A line (indicator 1), or one clinician's lines of a code on a patient's day (2 and 3), "
            "hold at most the units of the table.",
            task="units",
            stake="at risk",
            payers=FOLLOWS_LIMITS,
            right="98941, one unit a day",
            wrong="98941, two units on one day",
        ),
        lambda facts: facts.above,
    ),
    Check(
        Rule(
            "bundling/limit_zero",
            "Check {rows} of a code of which Medicare pays no unit",
            "Check whether the payer covers the service at all, and what the patient was told beforehand.",
            "A code with a limit of none is refused whenever it is billed.",
            LIMITS_SOURCE,
            "units_limit_zero",
            "lines",
            "biller",
            "codes and dates of service; an imported table, for codes that the shipped one lacks",
            sentence="Of a code with a limit of 0, no unit is paid.",
            task="codes",
            stake="at risk",
            payers=FOLLOWS_LIMITS,
            right="98943 billed to the patient, or with GY where the patient wants a refusal",
            wrong="98943 billed to Medicare as if it were covered",
        ),
        lambda facts: facts.none,
    ),
)


def gather(populations: Populations, settings: Settings) -> Facts:
    """Work out what the rules read."""
    day = days_of(populations)
    follows = find_standing(populations) & wants(populations, settings, lambda payer: payer.follows_limits)
    limits = find_limits(populations, settings, follows, day)
    above, cents = mark_above(populations, limits, day)
    return Facts(above, cents, mark_none(limits, _find_spared(populations, settings)))


def find_limits(populations: Populations, settings: Settings, asked: Mask, day: Ints) -> Limits:
    """Return the limits of some lines on their dates of service (days since 1970); others have none."""
    labels = populations.labels["code"]
    editions = read_limits(settings.edits, labels)
    grid = np.array([[NOT_KNOWN] * len(labels), *(_units_of(one, labels) for one in editions)])
    pers = np.array([[0] * len(labels), *(_per_of(one, labels) for one in editions)])
    begins = np.array([one.edition.begins for one in editions], dtype="datetime64[D]").astype(np.int64)
    units, per = np.full(len(day), NONE, dtype=np.int64), np.zeros(len(day), dtype=np.int64)
    at = np.searchsorted(begins, day[asked], side="right")
    code = populations.lines.groups["code"][asked]
    units[asked], per[asked] = grid[at, code], pers[at, code]
    return Limits(units, per)


def _units_of(known: UnitLimits, labels: tuple[str, ...]) -> list[int]:
    missing = NONE if known.scope is None else NOT_KNOWN
    return [known.limits[code].units if code in known.limits else missing for code in labels]


def _per_of(known: UnitLimits, labels: tuple[str, ...]) -> list[int]:
    return [known.limits[code].per if code in known.limits else 0 for code in labels]


def mark_above(populations: Populations, limits: Limits, day: Ints) -> tuple[Marks, Ints]:
    """Mark lines of more units than their limit, and return the cents of what is above.

    Units are counted by line, or by the patient's day, clinician and payer.

    What of a day is above the limit is divided among its lines by their units. A limit of none at all is left
    out: that is another question.
    """
    lines = populations.lines
    rows = np.flatnonzero(limits.units != NONE)
    rows = rows[limits.units[rows] != 0]
    marks, cents = np.full(len(day), OUT, dtype=np.int8), np.zeros(len(day), dtype=np.int64)
    if not len(rows):
        return marks, cents
    units = lines.frame["units"].to_numpy(np.int64, na_value=-1)[rows]
    counted = np.maximum(units, 0)
    group = _group(populations, rows, day, limits.per[rows] == ON_LINE)
    total = np.bincount(group, weights=counted).astype(np.int64)[group]
    untold = (np.bincount(group, weights=units < 0) > 0)[group] | (limits.units[rows] == NOT_KNOWN)
    most = limits.units[rows] * 100
    above = (total > most) & (most > 0)
    marks[rows] = np.where(above, np.where(counted > 0, YES, NO), np.where(untold, UNSURE, NO))
    share = np.where(above, (total - most) / np.maximum(total, 1), 0.0)
    share[counted == 0] = 0.0
    cents[rows] = np.rint(lines.frame["expected"].to_numpy(np.int64, na_value=0)[rows] * share).astype(
        np.int64
    )
    return marks, cents


def _group(populations: Populations, rows: Ints, day: Ints, alone: Mask) -> Ints:
    """Number lines that are counted together: same patient, day, code, payer, clinician; or each alone."""
    lines, labels = populations.lines, populations.labels
    first = int(day[rows].min())
    key = lines.frame["patient_key"].to_numpy(np.int64)[rows]
    key = key * (int(day[rows].max()) - first + 1) + day[rows] - first
    for name in ("code", "payer", "clinician"):
        key = key * max(len(labels[name]), 1) + lines.groups[name][rows]
    key[alone] = -1 - np.flatnonzero(alone)
    return pd.factorize(key)[0].astype(np.int64)


def mark_none(limits: Limits, spared: Mask) -> Marks:
    """Mark lines whose limit is no unit at all, but those `spared`: it is known that they are not paid."""
    known = (limits.units != NONE) & ~spared
    return np.select(
        [known & (limits.units == 0), known & (limits.units == NOT_KNOWN), known], [YES, UNSURE, NO], OUT
    ).astype(np.int8)


def _find_spared(populations: Populations, settings: Settings) -> Mask:
    """Mark lines known not to be paid: always bundled, wanted under another code, billed to be refused."""
    lines = populations.lines
    spared = carries(lines.frame["modifiers"], *EXPECTS_REFUSAL)
    codes = populations.labels["code"]
    for at, payer in enumerate(populations.labels["payer"]):
        setting = settings.payer(payer)
        told = setting.bundles | {one.code for one in setting.instead}
        if told:
            known = np.array([code in told for code in codes], dtype=bool)
            spared |= (lines.groups["payer"] == at) & known[lines.groups["code"]]
    return spared
