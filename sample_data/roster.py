"""Who practices and what is charged: clinicians, locations, payers, codes and their fees.

In goes a `Scale`; out come the payers and the codes of a practice of that size, as tuples in which tables
hold positions. Denial rates are shares; fees are whole dollars here and cents once `fee_of` has told them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .draws import Ints, Scale, day

MASSAGE, PT, CHIROPRACTIC = 0, 1, 2
DISCIPLINES = ("massage", "pt", "chiropractic")
CLINICIANS = ("Dana Whitfield", "Priya Raman", "Marcus Hale")
CLINICIAN_WEIGHTS = (0.38, 0.32, 0.30)
LOCATIONS = ("Main Street", "Riverside")
SELF_PAY = "Self-pay"
MEDICARE, BLUE, COMMERCIAL_A, COMMERCIAL_B, AUTO, COMP = (
    "Medicare Part B",
    "Blue Plan",
    "Commercial A",
    "Commercial B",
    "Auto (PIP)",
    "Workers' comp",
)


class Payer(NamedTuple):
    """A payer: its name, share of a charge it allows, share of each discipline's patients, denial rates."""

    name: str
    allows: int  # per cent of the charge
    patients: tuple[float, float, float]  # weight among massage, PT and chiropractic patients
    claim_denials: float
    line_denials: float
    copay: int = 0  # cents, on the first line of a claim
    coinsurance: int = 0  # per cent of the allowed amount
    tells_allowed: bool = False


PAYERS = (
    Payer(MEDICARE, 48, (0.0, 0.28, 0.20), 0.048, 0.018, coinsurance=20),
    Payer(BLUE, 68, (0.32, 0.18, 0.18), 0.052, 0.020, copay=3000, tells_allowed=True),
    Payer(COMMERCIAL_A, 62, (0.25, 0.27, 0.28), 0.048, 0.020, copay=2500),
    Payer(COMMERCIAL_B, 55, (0.06, 0.12, 0.10), 0.062, 0.024, coinsurance=10, tells_allowed=True),
    Payer(AUTO, 85, (0.16, 0.06, 0.12), 0.060, 0.018),
    Payer(COMP, 74, (0.09, 0.08, 0.05), 0.076, 0.020, tells_allowed=True),
    Payer(SELF_PAY, 100, (0.17, 0.01, 0.07), 0.0, 0.0),
)


class Code(NamedTuple):
    """A code: its fee in whole dollars, per unit; whether its units are timed; its letter-only group."""

    code: str
    fee: int
    timed: bool = False
    group: str = "other"


CODES = (
    Code("97110", 52, True, "procedure"),
    Code("97140", 48, True, "manual"),
    Code("97124", 42, True, "massage"),
    Code("98941", 60, False, "adjustment"),
    Code("98940", 45, False, "adjustment"),
    Code("97112", 54, True, "procedure"),
    Code("97530", 58, True, "procedure"),
    Code("97010", 18),
    Code("G0283", 24),
    Code("98942", 75, False, "adjustment"),
    Code("97116", 46, True, "procedure"),
    Code("97035", 26, True),
    Code("97162", 145, False, "evaluation"),
    Code("97161", 145, False, "evaluation"),
    Code("97163", 145, False, "evaluation"),
    Code("97164", 95, False, "evaluation"),
    Code("98943", 40),
    Code("99213", 98, False, "visit"),
    Code("99203", 150, False, "visit"),
    Code("97750", 60, True),
    Code("4004F", 0),
)
NUMBER = {code.code: position for position, code in enumerate(CODES)}
FEE_RISE_FROM, FEE_RISE = day("2026-01-01"), 104  # per cent, rounded to whole dollars
MEDICARE_CHIROPRACTIC = {"98940", "98941", "98942"}  # all that Medicare pays a chiropractor for


def payers_of(scale: Scale) -> tuple[Payer, ...]:
    """The practice's payers, or as many as asked for: the first and Self-pay, or further invented ones."""
    if not scale.payers or scale.payers == len(PAYERS):
        return PAYERS
    extra = max(0, scale.payers - len(PAYERS))
    weight = 1.0 / max(1, extra)
    more = (
        Payer(f"Plan {number:04d}", 50 + number % 40, (weight,) * 3, 0.05, 0.015, 2000)
        for number in range(1, extra + 1)
    )
    return (*PAYERS[:-1][: scale.payers - 1], *more, PAYERS[-1])


def codes_of(scale: Scale) -> tuple[Code, ...]:
    """The practice's codes, or as many as asked for: the most used ones, or invented further ones."""
    extra = max(0, scale.codes - len(CODES))
    more = (Code(f"X{number:04d}", 20 + number % 60) for number in range(1, extra + 1))
    return (*CODES[: scale.codes or len(CODES)], *more)


def fee_of(code: Ints, service: Ints, codes: Sequence[Code]) -> Ints:
    """Fee per unit in cents on the date of service."""
    fees = np.array([code.fee for code in codes], dtype=np.int64)[code]
    return np.where(service >= FEE_RISE_FROM, (fees * FEE_RISE + 50) // 100, fees) * 100
