"""Make the sample practice: charges, postings and visit notes of an invented practice, from a seed.

`python make_sample.py` rewrites the files that stand beside this script, byte for byte.
`--clean --seed 7 --out DIR` writes the same practice without planted faults; `--lines`, `--months`,
`--codes` and `--payers` make larger ones for benchmarks. Amounts are cents, dates are days since
1970-01-01, and -1 is blank. All chance comes from uniform draws of one PCG64 stream and is turned
into values by comparisons and whole-number arithmetic alone, so that every machine gets the same.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

AS_OF = date(2026, 11, 20)
REPORT_MONTH = "2026-09"
SEED = 114
LINES, MONTHS = 7300, 25
EPOCH = date(1970, 1, 1)
BLANK = -1


def day(text: str) -> int:
    """Days since 1970-01-01 of an ISO date."""
    return (date.fromisoformat(text) - EPOCH).days


def whole(values: NDArray[Any]) -> Ints:
    """`values` as 64-bit whole numbers."""
    found: Ints = values.astype(np.int64)
    return found


class Draws:
    """Chance: every kind of draw is made from uniform doubles of one seeded stream."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, count: int) -> NDArray[np.float64]:
        """`count` numbers from 0 up to, not including, 1."""
        return self.generator.random(count)

    def between(self, count: int, low: int, high: int) -> Ints:
        """`count` whole numbers from `low` to `high`, both included."""
        return low + (self.uniform(count) * (high - low + 1)).astype(np.int64)

    def chance(self, count: int, share: float | NDArray[np.float64]) -> Bools:
        """`count` coins that fall on yes with probability `share`."""
        return self.uniform(count) < share

    def pick(self, count: int, weights: Sequence[float] | NDArray[np.float64]) -> Ints:
        """`count` positions in `weights`, each as often as it weighs."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return whole(np.searchsorted(edges, self.uniform(count) * edges[-1], side="right"))

    def deal(self, count: int, weights: Sequence[float]) -> Ints:
        """As `pick`, but dealt out in turn, so that no stretch has much more of one than its weight."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        place = (np.arange(count) * 0.6180339887498949 + self.uniform(1)) % 1.0
        return whole(np.searchsorted(edges, place * edges[-1], side="right"))

    def spread(self, count: int, weights: NDArray[np.float64]) -> Ints:
        """As `pick`, in ascending order and evenly: chance only decides within each `count`-th part."""
        edges = np.cumsum(weights)
        place = (np.arange(count) + self.uniform(count)) / count
        return whole(np.searchsorted(edges, place * edges[-1], side="right"))


# --- Who and what: clinicians, locations, payers, codes -------------------------------------------

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

# Chance of a code at a visit: (code, at a first visit, at another visit). The order is the order of
# precedence: a claim has at most four lines.
MENU: dict[int, tuple[tuple[str, float, float], ...]] = {
    MASSAGE: (("97124", 0.60, 0.60), ("97140", 0.0, 0.0), ("97010", 0.30, 0.30)),
    PT: (
        ("97161", 0.30, 0.0),
        ("97162", 0.0, 0.0),
        ("97163", 0.0, 0.0),
        ("97164", 0.0, 0.09),
        ("97110", 0.85, 0.95),
        ("97140", 0.60, 0.72),
        ("97112", 0.20, 0.52),
        ("97530", 0.15, 0.50),
        ("97116", 0.05, 0.16),
        ("97035", 0.05, 0.16),
        ("G0283", 0.15, 0.20),
        ("97010", 0.20, 0.25),
        ("97750", 0.01, 0.012),
        ("4004F", 0.05, 0.004),
    ),
    CHIROPRACTIC: (
        ("98940", 0.34, 0.34),
        ("98941", 0.0, 0.0),
        ("98942", 0.0, 0.0),
        ("99203", 0.90, 0.0),
        ("99213", 0.0, 0.10),
        ("97140", 0.42, 0.48),
        ("98943", 0.15, 0.14),
        ("G0283", 0.20, 0.22),
        ("97010", 0.20, 0.20),
    ),
}
# Exactly one code of each of these sets: (codes, weights, only at a first visit).
ONE_OF: dict[int, tuple[tuple[str, ...], tuple[float, ...], bool]] = {
    MASSAGE: (("97124", "97140"), (0.62, 0.38), False),
    PT: (("97161", "97162", "97163"), (0.30, 0.50, 0.20), True),
    CHIROPRACTIC: (("98940", "98941", "98942"), (0.34, 0.59, 0.07), False),
}
MEDICARE_CHIROPRACTIC = {"98940", "98941", "98942"}  # all that Medicare pays a chiropractor for
UNITS: dict[tuple[int, str], tuple[float, ...]] = {  # weights of 1, 2, 3, 4 units
    (MASSAGE, "97124"): (0.10, 0.30, 0.25, 0.35),
    (MASSAGE, "97140"): (0.15, 0.40, 0.25, 0.20),
    (PT, "97110"): (0.45, 0.45, 0.10),
    (PT, "97140"): (0.75, 0.25),
    (PT, "97112"): (0.80, 0.20),
    (PT, "97530"): (0.70, 0.30),
    (PT, "97750"): (0.20, 0.60, 0.20),
}
DIAGNOSES = {
    MASSAGE: ("M54.2", "M54.50 M79.18", "M79.18", "M62.838"),
    PT: ("M54.50", "M25.511 M75.41", "M25.561", "M54.2 M53.82", "R26.89 M62.81"),
    CHIROPRACTIC: ("M99.01 M54.2", "M99.03 M54.50", "M99.02 M54.6", "M99.03 M99.05 M54.50"),
}
INJURIES = {AUTO: ("S13.4XXD", "S33.5XXD S13.4XXD"), COMP: ("S39.012D", "S46.011D")}


class Scale(NamedTuple):
    """How large a practice to make; `codes` and `payers` are 0 for the practice's own."""

    lines: int = LINES
    months: int = MONTHS
    codes: int = 0
    payers: int = 0


class Practice(NamedTuple):
    """The practice before it is written: visits, their claim lines and the payers' answers to them."""

    visits: pd.DataFrame
    lines: pd.DataFrame
    answers: pd.DataFrame
    payers: tuple[Payer, ...]
    codes: tuple[Code, ...]


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


# --- Schedule: courses of treatment and their visits ----------------------------------------------

SEASON = (105, 98, 104, 102, 104, 98, 90, 93, 104, 107, 99, 86)  # per cent, January first
HOLIDAYS = {(1, 1), (7, 4), (12, 24), (12, 25), (12, 31)}
GROWTH = 48  # per cent over the history
LEAD_DAYS = 98  # before the history, in which courses already begin
LINES_PER_COURSE = 16.3


def months_before(end: date, count: int) -> date:
    """First day of the month `count - 1` months before the month of `end`."""
    index = end.year * 12 + end.month - count
    return date(index // 12, index % 12 + 1, 1)


def open_days(scale: Scale) -> tuple[Ints, Ints, int]:
    """The open days (weekdays, no holidays) with a lead, how busy each is, and the first one counted."""
    start = months_before(AS_OF, scale.months)
    first = start - timedelta(days=LEAD_DAYS)
    dates = [first + timedelta(days=number) for number in range((AS_OF - first).days + 1)]
    dates = [d for d in dates if d.weekday() < 5 and (d.month, d.day) not in HOLIDAYS]
    months = [max(0, (d.year - start.year) * 12 + d.month - start.month) for d in dates]
    growth = [100 + GROWTH * month // max(1, scale.months - 1) for month in months]
    busy = [percent * SEASON[d.month - 1] for percent, d in zip(growth, dates, strict=True)]
    numbers = np.array([(d - EPOCH).days for d in dates], dtype=np.int64)
    return numbers, np.array(busy, dtype=np.int64), (start - EPOCH).days


def make_courses(draws: Draws, scale: Scale, payers: Sequence[Payer], busy: Ints) -> pd.DataFrame:
    """Courses of treatment: a patient with a clinician, a payer and a place, from an open day on."""
    count = round(scale.lines / LINES_PER_COURSE)
    clinician = draws.deal(count, CLINICIAN_WEIGHTS)
    payer = np.zeros(count, dtype=np.int64)
    for discipline in (MASSAGE, PT, CHIROPRACTIC):
        chosen = clinician == discipline
        payer[chosen] = draws.deal(int(chosen.sum()), [p.patients[discipline] for p in payers])
    courses = pd.DataFrame(
        {
            "patient": np.arange(count),
            "clinician": clinician,
            "payer": payer,
            "location": draws.chance(count, 0.4).astype(np.int64),
            "start": draws.spread(count, busy.astype(np.float64)),
            "visits": 3 + draws.between(count, 0, 4) + draws.between(count, 0, 4),
            "diagnosis": draws.uniform(count),
        }
    )
    colleague = courses[draws.chance(count, 0.12) & (clinician != MASSAGE)].copy()
    colleague["clinician"] = PT + CHIROPRACTIC - colleague["clinician"]
    colleague["start"] += draws.between(len(colleague), 0, 20)
    again = courses[draws.chance(count, 0.28)].copy()
    again["start"] += draws.between(len(again), 110, 260) * np.where(draws.chance(len(again), 0.5), 1, -1)
    found: pd.DataFrame = pd.concat([courses, colleague, again], ignore_index=True)
    return found


def make_visits(draws: Draws, scale: Scale, payers: Sequence[Payer]) -> pd.DataFrame:
    """Visits in order of date: one row per patient, day and clinician."""
    days, busy, first = open_days(scale)
    courses = make_courses(draws, scale, payers, busy)
    repeats = courses["visits"].to_numpy()
    course = np.repeat(np.arange(len(courses)), repeats)
    begin = np.cumsum(repeats) - repeats
    number = np.arange(len(course)) - begin[course]
    gap = draws.between(len(course), 1, 5) + np.where(
        courses["clinician"].to_numpy()[course] == MASSAGE, 2, 0
    )
    gap[number == 0] = 0
    walked = np.cumsum(gap)
    position = courses["start"].to_numpy()[course] + walked - walked[begin[course]]
    visits = courses.drop(columns=["start", "visits"]).iloc[course].reset_index(drop=True)
    visits["course"], visits["number"] = course, number
    visits["begun"] = days[np.clip(courses["start"].to_numpy()[course], 0, len(days) - 1)]
    inside = (position >= 0) & (position < len(days))
    visits["day"] = days[np.clip(position, 0, len(days) - 1)]
    visits = visits[inside & (visits["day"].to_numpy() >= first)]
    order = np.lexsort(
        (visits["patient"].to_numpy(), visits["clinician"].to_numpy(), visits["day"].to_numpy())
    )
    found: pd.DataFrame = visits.iloc[order].reset_index(drop=True)
    found["patient"] = renumber(found["patient"].to_numpy())
    return keep_holidays(found)


def is_holiday(when: date) -> bool:
    """Whether a day is Memorial Day, Labor Day or Thanksgiving; HOLIDAYS are those of a fixed date."""
    last_monday = when.month == 5 and when.weekday() == 0 and when.day > 24
    first_monday = when.month == 9 and when.weekday() == 0 and when.day < 8
    return last_monday or first_monday or (when.month == 11 and when.weekday() == 3 and 21 < when.day < 29)


def keep_holidays(visits: pd.DataFrame) -> pd.DataFrame:
    """Visits without any on a holiday: each moves to the nearest weekday on which its patient has none.

    The order stays, so that the same chance falls on the same visit.
    """
    moved, last = visits["day"].to_numpy(copy=True), (AS_OF - EPOCH).days
    first = int(moved.min())
    open_day = np.array(
        [
            when.weekday() < 5 and not is_holiday(when) and (when.month, when.day) not in HOLIDAYS
            for when in (EPOCH + timedelta(days=number) for number in range(first, last + 1))
        ]
    )
    for step in (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6):
        waiting = np.flatnonzero(~open_day[moved - first])
        there = np.clip(moved[waiting] + step, first, last)
        key = visits["patient"].to_numpy() * 100_000
        free = open_day[there - first] & ~np.isin(key[waiting] + there, key + moved)
        moved[waiting[free]] = there[free]
    visits["day"] = moved
    return visits


def renumber(values: Ints) -> Ints:
    """Dense numbers from 0 in order of first appearance."""
    return pd.factorize(values)[0].astype(np.int64)


# --- Notes: what the visit note holds, and when it was signed ------------------------------------

ELEMENTS = {  # share of notes in which the element is missing
    "technique": 0.04,
    "region": 0.03,
    "plan": 0.05,
    "response": 0.06,
    "subluxation": 0.04,
    "initial_date": 0.03,
    "referral": 0.04,
    "reeval_reason": 0.05,
    "report": 0.05,
}


def make_notes(draws: Draws, visits: pd.DataFrame) -> pd.DataFrame:
    """Visits with note, signature date and the elements before it is known which apply."""
    count, as_of = len(visits), (AS_OF - EPOCH).days
    delay = draws.pick(count, (0.55, 0.27, 0.12, 0.06))
    late = draws.chance(count, 0.025)
    delay[late] = draws.between(int(late.sum()), 8, 25)
    visits["note"] = draws.chance(count, 0.995)
    signed = visits["day"].to_numpy() + delay
    waiting = (visits["day"].to_numpy() > as_of - 14) & draws.chance(count, 0.3)
    unsigned = draws.chance(count, 0.008) | waiting | (signed > as_of) | ~visits["note"].to_numpy()
    visits["signed"] = np.where(unsigned, BLANK, signed)
    for element, share in ELEMENTS.items():
        visits[element] = np.where(draws.chance(count, share) | ~visits["note"].to_numpy(), "no", "yes")
    return visits


SIGNED_WITHIN = 3  # days


def complete_notes(visits: pd.DataFrame) -> None:
    """Let every visit have its note, with every element, signed by the next day where it was signed late."""
    service, signed = visits["day"].to_numpy(), visits["signed"].to_numpy()
    late = (signed == BLANK) | (signed > service + SIGNED_WITHIN)
    visits["note"] = True
    visits["signed"] = np.where(late, np.minimum(service + 1, (AS_OF - EPOCH).days), signed)
    for element in ELEMENTS:
        visits[element] = "yes"


def keep_required(visits: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Leave an element blank where nothing billed at the visit calls for it; add the visit's minutes."""
    clinician, payer = visits["clinician"].to_numpy(), visits["payer_name"].to_numpy()
    applies = {
        "subluxation": clinician == CHIROPRACTIC,
        "initial_date": clinician == CHIROPRACTIC,
        "referral": (clinician == MASSAGE) | np.isin(payer, [AUTO, COMP]),
        "reeval_reason": has_code(visits, lines, "97164"),
        "report": has_code(visits, lines, "97750"),
    }
    for element, where in applies.items():
        visits[element] = np.where(where, visits[element], "")
    timed = np.bincount(
        lines["visit"].to_numpy(),
        weights=np.maximum(lines["minutes"].to_numpy(), 0),
        minlength=len(visits),
    ).astype(np.int64)
    untimed = np.bincount(lines.loc[lines["minutes"] == BLANK, "visit"], minlength=len(visits)) * 8
    visits["minutes"] = np.where(visits["note"], timed + untimed, BLANK)
    return visits


CHARTED = (
    *("plan_on", "plan_until", "certified_on", "order_signed_on", "plan_sent_on", "progress_on"),
    *("referral_on", "referral_until", "initial_on", "visits_authorized", "regions"),
)
"""What notes tell of plans, referrals and regions: a chance of its own, so that nothing else changes."""

CHARTING = 1_000_000  # added to the seed
REPORT_AT = 8  # number of the visit at which therapy reports on progress: the ninth treatment day
REGIONS = {"98940": (1, 2), "98941": (3, 4), "98942": (5, 5)}


def chart(draws: Draws, visits: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Visits with the columns of CHARTED, days and counts, -1 where a note says nothing."""
    course, number = visits["course"].to_numpy(), visits["number"].to_numpy()
    count, day_of = int(course.max()) + 1, visits["day"].to_numpy()
    start = np.zeros(count, dtype=np.int64)
    start[course] = visits["begun"].to_numpy()
    start[course[number == 0]] = day_of[number == 0]
    ordered = np.where(draws.chance(count, 0.5), start - draws.between(count, 0, 20), BLANK)
    sent, certified = start + draws.between(count, 1, 6), start + draws.between(count, 5, 24)
    referred, authorized = start - draws.between(count, 1, 14), 12 + 4 * draws.between(count, 0, 2)
    noted = visits["note"].to_numpy(dtype=np.bool_)
    therapy = noted & (visits["clinician"].to_numpy() == PT)
    referral = noted & np.isin(visits["payer_name"].to_numpy(), [AUTO, COMP])
    referral &= (visits["referral"] == "yes").to_numpy()
    told: dict[str, tuple[Bools, Ints]] = {
        "plan_on": (therapy, start[course]),
        "plan_until": (therapy, start[course] + 84),
        "certified_on": (therapy, certified[course]),
        "order_signed_on": (therapy, ordered[course]),
        "plan_sent_on": (therapy, sent[course]),
        "progress_on": (therapy & (number == REPORT_AT), day_of),
        "referral_on": (referral, referred[course]),
        "referral_until": (referral, start[course] + 180),
        "initial_on": (noted & (visits["initial_date"] == "yes").to_numpy(), start[course]),
        "visits_authorized": (referral, authorized[course]),
        "regions": (noted & (visits["region"] == "yes").to_numpy(), count_regions(draws, visits, lines)),
    }
    for name, (where, value) in told.items():
        known = where & ((value <= (AS_OF - EPOCH).days) | np.array(name.endswith("_until")))
        visits[name] = np.where(known, value, BLANK)
    return visits


def count_regions(draws: Draws, visits: pd.DataFrame, lines: pd.DataFrame) -> Ints:
    """Spinal regions adjusted at each visit, as many as its code says; -1 at others."""
    more, regions = draws.uniform(len(visits)), np.full(len(visits), BLANK, dtype=np.int64)
    for code, (low, high) in REGIONS.items():
        there = has_code(visits, lines, code)
        regions[there] = low + (more[there] * (high - low + 1)).astype(np.int64)
    return regions


def has_code(visits: pd.DataFrame, lines: pd.DataFrame, code: str) -> Bools:
    """Whether a visit has a line of `code`."""
    found = np.zeros(len(visits), dtype=np.bool_)
    found[lines.loc[(lines["code_name"] == code).to_numpy(), "visit"].to_numpy()] = True
    return found


# --- Billing: the lines of a visit and what they cost ---------------------------------------------


def choose_codes(draws: Draws, visits: pd.DataFrame, payers: Sequence[Payer]) -> pd.DataFrame:
    """One row per visit and code billed: at most four a visit, in the order of the menu."""
    medicare = np.array([payer.name == MEDICARE for payer in payers])
    parts = []
    for discipline, menu in MENU.items():
        rows = np.flatnonzero(visits["clinician"].to_numpy() == discipline)
        first = visits["number"].to_numpy()[rows] == 0
        grid = np.empty((len(rows), len(menu)), dtype=np.bool_)
        for column, (_, at_first, later) in enumerate(menu):
            grid[:, column] = draws.chance(len(rows), np.where(first, at_first, later))
        choose_one(draws, grid, discipline, first)
        if discipline == CHIROPRACTIC:
            barred = np.array([code not in MEDICARE_CHIROPRACTIC for code, _, _ in menu])
            grid &= ~(medicare[visits["payer"].to_numpy()[rows]][:, None] & barred)
        grid &= np.cumsum(grid, axis=1) <= 4
        grid[~grid.any(axis=1), [code for code, _, _ in menu].index(ONE_OF[discipline][0][0])] = True
        visit, column_of = np.nonzero(grid)
        numbers = np.array([NUMBER[code] for code, _, _ in menu])
        parts.append(pd.DataFrame({"visit": rows[visit], "code": numbers[column_of]}))
    lines = pd.concat(parts, ignore_index=True)
    return lines.iloc[np.argsort(lines["visit"].to_numpy(), kind="stable")].reset_index(drop=True)


def choose_one(draws: Draws, grid: Bools, discipline: int, first: Bools) -> None:
    """Mark in `grid` exactly one code of the discipline's set of alternatives."""
    codes, weights, first_only = ONE_OF[discipline]
    columns = np.array([[code for code, _, _ in MENU[discipline]].index(code) for code in codes])
    chosen = columns[draws.pick(len(grid), weights)]
    grid[:, columns] = False
    rows = np.flatnonzero(first) if first_only else np.arange(len(grid))
    grid[rows, chosen[rows]] = True


def widen(draws: Draws, lines: pd.DataFrame, codes: Sequence[Code]) -> None:
    """For benchmarks: fold codes not asked for into the first ones, or spread lines over invented ones."""
    if len(codes) < len(CODES):
        lines["code"] %= len(codes)
    extra = len(codes) - len(CODES)
    if extra > 0:
        chosen = draws.chance(len(lines), 0.5)
        lines.loc[chosen, "code"] = len(CODES) + draws.between(int(chosen.sum()), 0, extra - 1)


def make_lines(
    draws: Draws, visits: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]
) -> pd.DataFrame:
    """Claim lines in order of visit, one claim per visit, with what is billed and would be allowed."""
    lines = choose_codes(draws, visits, payers)
    widen(draws, lines, codes)
    visit = lines["visit"].to_numpy()
    for column in ("patient", "clinician", "payer", "location", "day"):
        lines[column] = visits[column].to_numpy()[visit]
    names = np.array([code.code for code in codes], dtype=object)
    payer_names = np.array([payer.name for payer in payers], dtype=object)
    lines["code_name"] = names[lines["code"].to_numpy()]
    lines["payer_name"] = payer_names[lines["payer"].to_numpy()]
    visits["payer_name"] = payer_names[visits["payer"].to_numpy()]
    lines["line"] = np.arange(len(lines))
    lines["claim"] = np.where(lines["payer_name"].to_numpy() == SELF_PAY, BLANK, visit)
    lines["first_of_claim"] = np.r_[True, visit[1:] != visit[:-1]]
    lines["submitted"] = submit(draws, visits)[visit]
    lines["units"] = choose_units(draws, lines)
    if len(codes) >= len(CODES):
        recode_tests(lines)
    lines["minutes"] = choose_minutes(draws, lines, codes)
    lines["modifiers"] = choose_modifiers(lines, codes)
    tell_apart(lines)
    lines["diagnoses"] = choose_diagnoses(visits)[visit]
    lines["frequency"] = np.where(lines["claim"].to_numpy() == BLANK, "", "1")
    lines["replaces"] = ""
    price(draws, lines, payers, codes)
    return lines


def submit(draws: Draws, visits: pd.DataFrame) -> Ints:
    """When each visit's claim was sent: after the signature; old unsigned notes are billed all the same."""
    as_of, service = (AS_OF - EPOCH).days, visits["day"].to_numpy()
    signed = visits["signed"].to_numpy()
    sent = np.where(signed == BLANK, service + 4, signed) + draws.between(len(visits), 0, 2)
    unsent = (sent > as_of) | (visits["payer_name"].to_numpy() == SELF_PAY)
    unsent |= (signed == BLANK) & (service > as_of - 14)
    return np.where(unsent, BLANK, sent)


def choose_units(draws: Draws, lines: pd.DataFrame) -> Ints:
    """Units of each line: 1 unless the discipline and code have weights of their own."""
    units = np.ones(len(lines), dtype=np.int64)
    code, clinician = lines["code_name"].to_numpy(), lines["clinician"].to_numpy()
    for (discipline, name), weights in UNITS.items():
        chosen = (code == name) & (clinician == discipline)
        units[chosen] = 1 + draws.pick(int(chosen.sum()), weights)
    return units


def choose_minutes(draws: Draws, lines: pd.DataFrame, codes: Sequence[Code]) -> Ints:
    """Minutes of timed lines, such that the units follow from them by code and by the visit's total."""
    timed = np.array([code.timed for code in codes])[lines["code"].to_numpy()]
    about = draws.between(len(lines), -1, 1)
    about += np.where(lines["first_of_claim"], draws.between(len(lines), -3, 3), 0)
    return np.where(timed, 15 * lines["units"].to_numpy() + about, BLANK)


def choose_modifiers(lines: pd.DataFrame, codes: Sequence[Code]) -> Texts:
    """GP on PT lines where the payer wants it, AT on adjustments, 59 on 97140 beside one, 25 on E/M."""
    group = np.array([code.group for code in codes], dtype=object)[lines["code"].to_numpy()]
    clinician, payer = lines["clinician"].to_numpy(), lines["payer_name"].to_numpy()
    gp = (
        (clinician == PT)
        & np.isin(payer, [MEDICARE, COMMERCIAL_B])
        & (lines["code_name"].to_numpy() != "4004F")
    )
    return np.select(
        [
            gp,
            (group == "adjustment") & (payer == MEDICARE),
            (clinician == CHIROPRACTIC) & (group == "manual"),
            group == "visit",
        ],
        ["GP", "AT", "59", "25"],
        "",
    ).astype(object)


EVALUATIONS = ("97161", "97162", "97163", "97164")
TEST = "97750"
INSTEAD_OF_TEST = ("97116", "97112", "97530", "97110")
# Codes that Medicare pays beside others of the day only where 59 says that they were separate.
APART = {
    TEST: ("97140", "97530"),
    "97164": ("97035", "G0283"),
    "97140": ("98940", "98941", "98942"),
    "97112": ("98940", "98941", "98942"),
}


def recode_tests(lines: pd.DataFrame) -> None:
    """No test is billed to Medicare beside an evaluation, with which it is never paid."""
    codes, visit = lines["code_name"].to_numpy(), lines["visit"].to_numpy()
    test = (codes == TEST) & (lines["payer_name"].to_numpy() == MEDICARE)
    evaluated = np.isin(visit, visit[np.isin(codes, EVALUATIONS)])
    for row in np.flatnonzero(test & evaluated):
        there = set(codes[visit == visit[row]])
        instead = next(code for code in INSTEAD_OF_TEST if code not in there)
        lines.loc[int(row), "code"], lines.loc[int(row), "code_name"] = NUMBER[instead], instead


def tell_apart(lines: pd.DataFrame) -> None:
    """59 at Medicare, on what was separate from another service of the patient's day."""
    codes, therapy = lines["code_name"].to_numpy(), lines["clinician"].to_numpy() == PT
    medicare = lines["payer_name"].to_numpy() == MEDICARE
    of_day = lines["patient"].to_numpy() * 100_000 + lines["day"].to_numpy()
    for code, beside in APART.items():
        others = of_day[medicare & np.isin(codes, beside)]
        apart = medicare & therapy & (codes == code) & np.isin(of_day, others)
        lines.loc[apart, "modifiers"] += " 59"


def choose_diagnoses(visits: pd.DataFrame) -> Texts:
    """Diagnoses of each visit: those of the course; an injury first for auto and comp."""
    chosen = np.full(len(visits), "", dtype=object)
    clinician, payer = visits["clinician"].to_numpy(), visits["payer_name"].to_numpy()
    draw = visits["diagnosis"].to_numpy()
    for discipline, menu in DIAGNOSES.items():
        where = clinician == discipline
        chosen[where] = np.array(menu, dtype=object)[(draw[where] * len(menu)).astype(np.int64)]
    for name, injuries in INJURIES.items():
        where = payer == name
        first = np.array(injuries, dtype=object)[(draw[where] * 97 % 1 * len(injuries)).astype(np.int64)]
        chosen[where] = first + " " + chosen[where]
    return chosen


def fee_of(code: Ints, service: Ints, codes: Sequence[Code]) -> Ints:
    """Fee per unit in cents on the date of service."""
    fees = np.array([code.fee for code in codes], dtype=np.int64)[code]
    return np.where(service >= FEE_RISE_FROM, (fees * FEE_RISE + 50) // 100, fees) * 100


def price(draws: Draws, lines: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]) -> None:
    """Charge, allowed amount and the patient's share of each line, should the payer accept it."""
    reprice(lines, payers, codes)
    january = (lines["day"].to_numpy() - day("2024-01-01")) % 365 < 59
    claims = draws.chance(int(lines["visit"].max()) + 1, 0.25)[lines["visit"].to_numpy()]
    deductible = january & claims & np.isin(lines["payer_name"].to_numpy(), [MEDICARE, COMMERCIAL_B])
    lines["share"] = np.where(deductible, lines["allowed"], lines["share"])
    lines["share_reason"] = np.where(deductible, "1", lines["share_reason"])


def reprice(lines: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]) -> None:
    """Charge, allowed amount and copay or coinsurance from code, units, payer and date of service."""
    fee = fee_of(lines["code"].to_numpy(), lines["day"].to_numpy(), codes)
    payer = lines["payer"].to_numpy()
    lines["charge"] = fee * lines["units"].to_numpy()
    allowed = fee * np.array([p.allows for p in payers])[payer] // 100 * lines["units"].to_numpy()
    copay = np.array([p.copay for p in payers])[payer] * lines["first_of_claim"].to_numpy()
    part = (allowed * np.array([p.coinsurance for p in payers])[payer] + 50) // 100
    lines["allowed"] = allowed
    lines["share"] = np.minimum(allowed, np.maximum(copay, part))
    lines["share_reason"] = np.where(copay > 0, "3", "2")


# --- Answers: what payers do with the lines --------------------------------------------------------
# One row per answer to a line. At the first payer paid + contractual + share + sequester + refused = charge.

ANSWER = {
    "line": 0,
    "day": 0,
    "rank": 1,
    "reversal": False,
    "status": "1",
    "paid": 0,
    "contractual": 0,
    "share": 0,
    "share_reason": "",
    "sequester": 0,
    "prior": 0,
    "refused": 0,
    "group": "",
    "reason": "",
    "remarks": "",
    "allowed": BLANK,
}


class Refusal(NamedTuple):
    """Why a payer refuses: group, reason, remark."""

    group: str
    reason: str
    remarks: str = ""


WHOLE_CLAIM = (
    Refusal("CO", "197"),
    Refusal("CO", "16", "N290"),
    Refusal("CO", "16", "MA130"),
    Refusal("CO", "109"),
    Refusal("CO", "29"),
    Refusal("CO", "22", "MA04"),
)
WHOLE_CLAIM_WEIGHTS = {  # by payer; others as the first
    BLUE: (0.40, 0.22, 0.08, 0.16, 0.04, 0.10),
    MEDICARE: (0.05, 0.50, 0.20, 0.12, 0.03, 0.10),
    COMP: (0.60, 0.22, 0.05, 0.10, 0.03, 0.0),
    AUTO: (0.20, 0.40, 0.05, 0.22, 0.05, 0.08),
}
ONE_LINE = (
    Refusal("CO", "50"),
    Refusal("CO", "97", "M15"),
    Refusal("PR", "204"),
    Refusal("PR", "119"),
    Refusal("CO", "4", "N822"),
    Refusal("CO", "151", "N362"),  # units cut where there are several
    Refusal("CO", "45"),  # the contract takes the whole charge
)
ONE_LINE_WEIGHTS = {  # by group of codes; others as "other"
    "other": (0.40, 0.20, 0.04, 0.20, 0.12, 0.0, 0.04),
    "massage": (0.22, 0.06, 0.36, 0.16, 0.02, 0.16, 0.02),
    "manual": (0.22, 0.38, 0.02, 0.12, 0.08, 0.16, 0.02),
    "procedure": (0.34, 0.06, 0.0, 0.24, 0.14, 0.20, 0.02),
    "adjustment": (0.46, 0.02, 0.0, 0.40, 0.10, 0.0, 0.02),
}
BUNDLED = Refusal("CO", "97", "M15")
REPORT_ONLY = Refusal("CO", "246")
PENDING = Refusal("OA", "133")


def new_answers(lines: pd.DataFrame, on: Ints) -> pd.DataFrame:
    """Empty answers of the first payer to `lines` on the days `on`."""
    answers = pd.DataFrame(ANSWER, index=range(len(lines)))
    answers["line"], answers["day"] = lines["line"].to_numpy(), on
    return answers


def accept(lines: pd.DataFrame, on: Ints, payers: Sequence[Payer]) -> pd.DataFrame:
    """Answers that accept each line: allowed amount less the patient's share and Medicare's sequester."""
    answers = new_answers(lines, on)
    allowed, share = lines["allowed"].to_numpy(), lines["share"].to_numpy()
    medicare = lines["payer_name"].to_numpy() == MEDICARE
    answers["contractual"] = lines["charge"].to_numpy() - allowed
    answers["share"] = share
    answers["share_reason"] = np.where(share > 0, lines["share_reason"], "")
    answers["sequester"] = np.where(medicare, ((allowed - share) * 2 + 50) // 100, 0)
    answers["paid"] = allowed - share - answers["sequester"].to_numpy()
    tells = np.array([payer.tells_allowed for payer in payers])[lines["payer"].to_numpy()]
    answers["allowed"] = np.where(tells, allowed, BLANK)
    return answers


def explain(answers: pd.DataFrame, where: Bools, refusal: Refusal) -> None:
    """Give the answers `where` the reason of `refusal`."""
    for column, text in refusal._asdict().items():
        answers.loc[where, column] = text


def refuse(answers: pd.DataFrame, where: Bools, charge: Ints, refusal: Refusal, status: str = "1") -> None:
    """Turn the answers `where` into a refusal of the whole charge."""
    for column in ("paid", "contractual", "share", "sequester"):
        answers.loc[where, column] = 0
    answers.loc[where, "share_reason"] = ""
    answers.loc[where, "allowed"] = BLANK
    answers.loc[where, "status"] = status
    if refusal == Refusal("CO", "45"):
        answers.loc[where, "contractual"] = charge[where]
        return
    answers.loc[where, "refused"] = charge[where]
    explain(answers, where, refusal)


def cut_units(answers: pd.DataFrame, where: Bools, lines: pd.DataFrame) -> None:
    """Turn the answers `where` into one unit allowed, the others refused as too many."""
    allowed, units = lines["allowed"].to_numpy(), np.maximum(lines["units"].to_numpy(), 1)
    kept = allowed // units
    for column in ("share", "sequester"):
        answers.loc[where, column] = answers[column].to_numpy()[where] // units[where]
    answers.loc[where, "refused"] = (allowed - kept)[where]
    answers.loc[where, "paid"] = (kept - answers["share"].to_numpy() - answers["sequester"].to_numpy())[where]
    answers.loc[where & (answers["allowed"].to_numpy() != BLANK), "allowed"] = kept[
        where & (answers["allowed"].to_numpy() != BLANK)
    ]
    explain(answers, where, Refusal("CO", "151", "N362"))


def by_claim(lines: pd.DataFrame, make: Callable[[int], NDArray[Any]]) -> NDArray[Any]:
    """Draw once per claim and hand the draw to each of its lines."""
    found: NDArray[Any] = make(int(lines["visit"].max()) + 1)[lines["visit"].to_numpy()]
    return found


def first_answers(
    draws: Draws, lines: pd.DataFrame, practice_payers: Sequence[Payer], codes: Sequence[Code]
) -> pd.DataFrame:
    """The first answer to each line that was sent and answered by the as-of date."""
    as_of = (AS_OF - EPOCH).days
    wait = by_claim(lines, lambda count: draws.between(count, 10, 45))
    silent = by_claim(lines, lambda count: draws.chance(count, 0.012))
    answers = accept(lines, lines["submitted"].to_numpy() + wait, practice_payers)
    refuse_some_lines(draws, answers, lines, practice_payers, codes)
    refuse_some_claims(draws, answers, lines, practice_payers)
    charge, name = lines["charge"].to_numpy(), lines["code_name"].to_numpy()
    refuse(answers, by_claim(lines, lambda count: draws.chance(count, 0.008)), charge, PENDING)
    refuse(answers, (name == "97010") & (lines["payer_name"].to_numpy() == MEDICARE), charge, BUNDLED)
    refuse(answers, name == "4004F", charge, REPORT_ONLY)
    sent = (lines["submitted"].to_numpy() != BLANK) & ~silent & (answers["day"].to_numpy() <= as_of)
    found: pd.DataFrame = answers[sent].reset_index(drop=True)
    return found


def refuse_some_lines(
    draws: Draws, answers: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]
) -> None:
    """Refuse single lines, for reasons that depend on the code."""
    rate = np.array([payer.line_denials for payer in payers])[lines["payer"].to_numpy()]
    group = np.array([code.group for code in codes], dtype=object)[lines["code"].to_numpy()]
    rate = np.where(np.isin(group, ["evaluation", "visit"]), rate / 3, rate)
    rate = np.where(group == "massage", rate * 2, rate)
    rate = np.where((group == "manual") & (lines["payer_name"].to_numpy() == COMMERCIAL_A), rate + 0.02, rate)
    chosen = draws.chance(len(lines), rate)
    charge, units = lines["charge"].to_numpy(), lines["units"].to_numpy()
    for name in ONE_LINE_WEIGHTS:
        known = np.isin(group, [other for other in ONE_LINE_WEIGHTS if other != "other"])
        inside = chosen & (~known if name == "other" else group == name)
        reason = draws.pick(len(lines), ONE_LINE_WEIGHTS[name])
        for position, refusal in enumerate(ONE_LINE):
            where = inside & (reason == position)
            if refusal.reason == "151":
                cut_units(answers, where & (units > 1), lines)
                where &= units <= 1
            refuse(answers, where, charge, refusal)


def refuse_some_claims(
    draws: Draws, answers: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer]
) -> None:
    """Refuse whole claims, for reasons that depend on the payer."""
    uniform = by_claim(lines, draws.uniform)
    chosen = uniform < np.array([payer.claim_denials for payer in payers])[lines["payer"].to_numpy()]
    payer = lines["payer_name"].to_numpy()
    for name, weights in WHOLE_CLAIM_WEIGHTS.items():
        others = (
            ~np.isin(payer, list(WHOLE_CLAIM_WEIGHTS))
            if name == BLUE
            else np.zeros(len(lines), dtype=np.bool_)
        )
        inside = chosen & ((payer == name) | others)
        reason = by_claim(lines, lambda count, weights=weights: draws.pick(count, weights))  # type: ignore[misc]
        for position, refusal in enumerate(WHOLE_CLAIM):
            refuse(answers, inside & (reason == position), lines["charge"].to_numpy(), refusal, "4")


def later_answers(
    draws: Draws, first: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer]
) -> pd.DataFrame:
    """Second answers: resubmissions, pending claims decided, corrections of payments, secondary payers."""
    of_line = lines.iloc[first["line"].to_numpy()].reset_index(drop=True)
    parts = [
        answer_again(draws, first, of_line, payers),
        correct_payments(draws, first, of_line),
        answer_second_payer(draws, first, of_line),
    ]
    later = pd.concat(parts, ignore_index=True)
    return later[later["day"] <= (AS_OF - EPOCH).days]


def answer_again(
    draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame, payers: Sequence[Payer]
) -> pd.DataFrame:
    """Half of what was refused is sent again and paid, refused again, or upheld; most pending is decided.

    What was paid in part is reversed before it is paid in full.
    """
    reason, remarks = first["reason"].to_numpy(), first["remarks"].to_numpy()
    coin = by_claim(of_line, draws.uniform)
    wait = by_claim(of_line, lambda count: draws.between(count, 20, 60))
    outcome = by_claim(of_line, lambda count: draws.pick(count, (0.62, 0.28, 0.10)))
    likely = np.select(
        [reason == "133", remarks == "MA130", np.isin(reason, ["246", "151"]) | (first["group"] == "PR")],
        [0.8, 0.85, 0.2],
        0.5,
    )
    bundled = (of_line["code_name"].to_numpy() == "97010") & (of_line["payer_name"].to_numpy() == MEDICARE)
    again = (first["refused"].to_numpy() > 0) & (coin < likely) & ~bundled
    again &= (first["paid"].to_numpy() == 0) | (outcome == 0)
    lines, before = of_line[again].reset_index(drop=True), first[again].reset_index(drop=True)
    answers = accept(lines, before["day"].to_numpy() + wait[again], payers)
    decided = np.isin(before["reason"], ["133"]) | (before["remarks"] == "MA130").to_numpy()
    charge, kept = lines["charge"].to_numpy(), np.where(decided, 0, outcome[again])
    for refusal in sorted(
        {Refusal(*row) for row in before[["group", "reason", "remarks"]].to_numpy().tolist()}
    ):
        same = (before["reason"] == refusal.reason) & (before["remarks"] == refusal.remarks)
        refuse(answers, (kept == 1) & same.to_numpy(), charge, refusal)
    refuse(answers, kept == 2, charge, Refusal("CO", "193"))
    back = before[before["paid"] > 0].copy()
    back["day"] = answers.loc[back.index, "day"]
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    found: pd.DataFrame = pd.concat([back, answers], ignore_index=True)
    return found


def correct_payments(draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame) -> pd.DataFrame:
    """A few payments are reversed and, the same day, paid again with five dollars more left to patients."""
    coin = by_claim(of_line, draws.uniform)
    wait = by_claim(of_line, lambda count: draws.between(count, 40, 90))
    chosen = (coin < 0.006) & (first["paid"].to_numpy() > 500) & (first["refused"].to_numpy() == 0)
    taken = first[chosen].reset_index(drop=True)
    taken["day"] += wait[chosen]
    back = taken.copy()
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    taken["paid"] -= 500
    taken["share"] += 500
    taken["share_reason"] = np.where(taken["share_reason"] == "", "2", taken["share_reason"])
    found: pd.DataFrame = pd.concat([back, taken], ignore_index=True)
    return found


def answer_second_payer(draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame) -> pd.DataFrame:
    """Every eighth Medicare patient has a second payer, which pays Medicare's coinsurance."""
    second = (of_line["patient"].to_numpy() % 8 == 0) & (of_line["payer_name"].to_numpy() == MEDICARE)
    second &= (first["share"].to_numpy() > 0) & (first["refused"].to_numpy() == 0)
    wait = by_claim(of_line, lambda count: draws.between(count, 14, 24))
    answers = new_answers(of_line[second], first["day"].to_numpy()[second] + wait[second])
    answers["rank"], answers["status"] = 2, "2"
    answers["paid"] = first["share"].to_numpy()[second]
    answers["prior"] = of_line["charge"].to_numpy()[second] - answers["paid"].to_numpy()
    return answers


# --- The practice ---------------------------------------------------------------------------------


def make_practice(seed: int, scale: Scale, *, tidy: bool = False) -> Practice:
    """The whole practice, without planted faults; `tidy` without gaps in its notes, too."""
    draws, payers, codes = Draws(seed), payers_of(scale), codes_of(scale)
    visits = make_notes(draws, make_visits(draws, scale, payers))
    if tidy:
        complete_notes(visits)
    visits["payer_name"] = np.array([payer.name for payer in payers], dtype=object)[
        visits["payer"].to_numpy()
    ]
    lines = make_lines(draws, visits, payers, codes)
    first = first_answers(draws, lines, payers, codes)
    answers = pd.concat([first, later_answers(draws, first, lines, payers)], ignore_index=True)
    if len(codes) >= len(CODES):
        visits, lines = examine_again(visits, lines, payers, codes)
    visits = chart(Draws(seed + CHARTING), keep_required(visits, lines), lines)
    return Practice(visits, lines, answers, payers, codes)


EXAMINED_AFTER = 10  # days of spinal adjustment at Medicare


def examine_again(
    visits: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Visits and lines with examinations that patients at Medicare pay themselves, on days of their own."""
    adjusted = (lines["payer_name"] == MEDICARE) & lines["code_name"].isin(MEDICARE_CHIROPRACTIC)
    adjusted &= lines["clinician"] == CHIROPRACTIC
    days = lines[adjusted].sort_values(["patient", "day"], kind="stable")
    rank = days.groupby("patient").cumcount().to_numpy()
    exams: pd.DataFrame = days[(rank > 0) & (rank % EXAMINED_AFTER == 0)].copy()
    when = find_free_days(visits, exams["patient"].to_numpy(), exams["day"].to_numpy())
    exams, when = exams[when != BLANK], when[when != BLANK]
    new = visits.iloc[exams["visit"].to_numpy()].copy()
    new["signed"] = np.where(new["signed"] == BLANK, BLANK, new["signed"] - new["day"] + when)
    new["number"] = np.maximum(new["number"], 1)  # the first of no course
    for table in (new, exams):
        table["day"], table["payer"], table["payer_name"] = when, len(payers) - 1, SELF_PAY
    exams["line"] = len(lines) + np.arange(len(exams))
    exams["visit"] = len(visits) + np.arange(len(exams))
    exams["code"], exams["code_name"], exams["units"] = NUMBER["99213"], "99213", 1
    exams["claim"], exams["submitted"], exams["modifiers"], exams["frequency"] = BLANK, BLANK, "", ""
    reprice(exams, payers, codes)
    return pd.concat([visits, new], ignore_index=True), pd.concat([lines, exams], ignore_index=True)


def find_free_days(visits: pd.DataFrame, patient: Ints, day_of: Ints) -> Ints:
    """For patients on days, the next weekday on which each has no visit; -1 where there is none yet."""
    found, last = np.full(len(patient), BLANK, dtype=np.int64), (AS_OF - EPOCH).days - EXAMINED_AFTER
    taken = visits["patient"].to_numpy() * 100_000 + visits["day"].to_numpy()
    for step in (1, 2, 3, 4, 5):
        there = day_of + step
        weekday = (there + 3) % 7 < 5  # 1970-01-01 was a Thursday
        free = weekday & ~np.isin(patient * 100_000 + there, taken) & (there <= last)
        found = np.where((found == BLANK) & free, there, found)
    return found


# --- Files ------------------------------------------------------------------------------------------


def dates(days: Iterable[int] | pd.Series) -> Texts:
    """ISO dates, blank for -1."""
    numbers = np.asarray(days, dtype=np.int64)
    low = int(numbers[numbers != BLANK].min(initial=(AS_OF - EPOCH).days))
    high = int(numbers.max(initial=low))
    names = np.array(
        [*((EPOCH + timedelta(days=n)).isoformat() for n in range(low, high + 1)), ""], dtype=object
    )
    found: Texts = names[np.where(numbers == BLANK, high - low + 1, numbers - low)]
    return found


def money(cents: pd.Series | Ints) -> Texts:
    """Dollars with two decimals."""
    values, codes = np.unique(np.asarray(cents, dtype=np.int64), return_inverse=True)
    sign = ["-" if value < 0 else "" for value in values]
    texts = [f"{s}{abs(v) // 100}.{abs(v) % 100:02d}" for s, v in zip(sign, values.tolist(), strict=True)]
    found: Texts = np.array(texts, dtype=object)[codes]
    return found


def ids(letter: str, numbers: pd.Series | Ints) -> Texts:
    """Numbered ids as L000123, blank for -1."""
    whole = np.asarray(numbers, dtype=np.int64)
    width = max(4 if letter == "P" else 5, len(str(int(whole.max(initial=0)) + 1)))
    texts = [f"{letter}{number + 1:0{width}d}" if number != BLANK else "" for number in whole.tolist()]
    return np.array(texts, dtype=object)


def payer_numbers(claims: pd.Series) -> Texts:
    """The numbers that payers give claims, as write_x12.py has them on remittances."""
    return np.array([f"91{claim[1:]}" for claim in ids("C", claims)], dtype=object)


def counts(numbers: pd.Series | Ints) -> Texts:
    """Whole numbers, blank for -1."""
    texts = ["" if number == BLANK else str(number) for number in np.asarray(numbers).tolist()]
    return np.array(texts, dtype=object)


def take(names: Sequence[str], positions: pd.Series) -> Texts:
    """The names at `positions`."""
    found: Texts = np.array(names, dtype=object)[positions.to_numpy()]
    return found


def charges_table(practice: Practice) -> pd.DataFrame:
    """charges.csv: one row per claim line."""
    lines = practice.lines
    return pd.DataFrame(
        {
            "line_id": ids("L", lines["line"]),
            "claim_id": ids("C", lines["claim"]),
            "visit_id": ids("V", lines["visit"]),
            "patient_id": ids("P", lines["patient"]),
            "clinician": take(CLINICIANS, lines["clinician"]),
            "location": take(LOCATIONS, lines["location"]),
            "payer": lines["payer_name"].to_numpy(),
            "service_date": dates(lines["day"]),
            "submitted_date": dates(lines["submitted"]),
            "code": lines["code_name"].to_numpy(),
            "modifiers": lines["modifiers"].to_numpy(),
            "diagnoses": lines["diagnoses"].to_numpy(),
            "units": counts(lines["units"]),
            "minutes": counts(lines["minutes"]),
            "charge": money(lines["charge"]),
            "frequency": lines["frequency"].to_numpy(),
            "replaces": lines["replaces"].to_numpy(),
        }
    )


ONLY = (  # columns of remittance_only.csv, which write_x12.py reads
    *("kind", "line_id", "claim_id", "patient_id", "payer", "posted_on", "service_date", "code", "units"),
    *("charge", "reason", "reference", "amount"),
)
PARTS = (  # column of an answer, posting kind, group, reason; "" = as the answer says
    ("paid", "payment", "", ""),
    ("contractual", "adjustment", "CO", "45"),
    ("share", "adjustment", "PR", ""),
    ("sequester", "adjustment", "CO", "253"),
    ("prior", "adjustment", "OA", "23"),
    ("refused", "adjustment", "", ""),
    ("allowed", "allowed", "", ""),
)


def postings_table(practice: Practice) -> pd.DataFrame:
    """postings.csv: one row per part of an answer that is not nothing, in order of date and line.

    What is paid is told even where it is nothing, as remittances do.
    """
    answers, parts = practice.answers.reset_index(drop=True), []
    for order, (column, kind, group, reason) in enumerate(PARTS):
        amount = answers[column].to_numpy()
        there = amount > 0
        if column == "refused":
            there |= (answers["reason"] == "246").to_numpy()
        if column == "paid":
            there |= ~answers["reversal"].to_numpy(dtype=np.bool_)
        part = answers[there]
        reversal = part["reversal"].to_numpy()
        own = {"share": ("PR", part["share_reason"]), "refused": (part["group"], part["reason"])}
        groups, reasons = own.get(column, (group, reason))
        parts.append(
            pd.DataFrame(
                {
                    "line": part["line"],
                    "day": part["day"],
                    "answer": part.index,
                    "order": order,
                    "payer_rank": part["rank"],
                    "kind": np.where(reversal, "reversal", kind),
                    "group": groups,
                    "reason": reasons,
                    "amount": np.where(reversal, -amount[there], amount[there]),
                    "remarks": part["remarks"] if column == "refused" else "",
                    "claim_status": part["status"],
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    keys = [rows[name].to_numpy() for name in ("order", "answer", "line", "day")]
    rows = rows.iloc[np.lexsort(keys)]
    names = ids("L", practice.lines["line"])
    table = rows.drop(columns=["line", "day", "answer", "order"])
    table.insert(0, "line_id", names[rows["line"].to_numpy()])
    table.insert(1, "posted_on", dates(rows["day"]))
    table["amount"] = money(rows["amount"])
    return table


def notes_table(practice: Practice) -> pd.DataFrame:
    """notes: one row per visit."""
    visits = practice.visits
    table = {
        "visit_id": ids("V", np.arange(len(visits))),
        "patient_id": ids("P", visits["patient"]),
        "clinician": take(CLINICIANS, visits["clinician"]),
        "service_date": dates(visits["day"]),
        "note": np.where(visits["note"], "yes", "no"),
        "signed_on": dates(visits["signed"]),
        "minutes": counts(visits["minutes"]),
    }
    table |= {element: visits[element].to_numpy() for element in ELEMENTS}
    for name in CHARTED:
        table[name] = (dates if name.endswith(("_on", "_until")) else counts)(visits[name])
    return pd.DataFrame(table)


# --- Faults: what is planted, where, and how it is counted ----------------------------------------

Where = dict[str, list[str]]


class Fault(NamedTuple):
    """A planted fault: `where` selects rows of `file`; `mark` (cells) or `answer` (postings) the faulty ones.

    Keys of `where` and `mark` are columns; `from` and `to` bound the date of service.
    `ids` names the faulty lines or visits where no condition can.
    """

    id: str
    what: str
    figure: str
    file: str = "charges.csv"
    where: Where = {}  # noqa: RUF012
    mark: Where = {}  # noqa: RUF012
    answer: Where = {}  # noqa: RUF012
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


def plant_rising_denials(planting: Planting) -> None:
    """97140 at Commercial A is refused with CO-97 from July to September 2026."""
    there = planting.select(["97140"], [COMMERCIAL_A], span=SUMMER, answered=True)
    paid = planting.paid(there)
    lines = planting.use(spaced(paid, round(0.42 * len(there))))
    planting.deny(lines, BUNDLED)
    planting.add(
        Fault(
            "denials-97140-commercial-a",
            "97140 at Commercial A: from about 7 % denied to about 45 % from July to September 2026, CO-97",
            "denials/first_rate/code=97140/payer=Commercial%20A",
            where={"code": ["97140"], "payer": [COMMERCIAL_A], **during(SUMMER)},
            answer={"group": ["CO"], "reason": ["97"]},
        )
    )


def plant_plan_exclusion(planting: Planting) -> None:
    """97124 at Blue Plan is refused with PR-204 from July to September 2026."""
    there = planting.select(["97124"], [BLUE], span=SUMMER, answered=True)
    lines = planting.use(spaced(planting.paid(there), round(0.4 * len(there))))
    planting.deny(lines, Refusal("PR", "204"))
    planting.add(
        Fault(
            "massage-not-covered-blue-plan",
            "97124 at Blue Plan: about 40 % denied as not covered, PR-204, from July to September 2026",
            "denials/first_rate/code=97124/payer=Blue%20Plan",
            where={"code": ["97124"], "payer": [BLUE], **during(SUMMER)},
            answer={"group": ["PR"], "reason": ["204"]},
        )
    )


def plant_authorization(planting: Planting) -> None:
    """A third of September's claims at Workers' comp are refused whole for want of authorization."""
    claims = planting.claims(planting.select(payers=[COMP], span=SEPTEMBER, answered=True))
    for claim in claims[::3]:
        planting.deny(planting.use(claim), Refusal("CO", "197"), "4")
    planting.add(
        Fault(
            "claims-denied-workers-comp",
            "Workers' comp: about a third of the claims of September 2026 denied whole, CO-197",
            "denials/first_rate/payer=Workers%27%20comp",
            where={"payer": [COMP], **during(SEPTEMBER)},
            answer={"group": ["CO"], "reason": ["197"]},
        )
    )


def plant_rejections(planting: Planting) -> None:
    """Every second claim of September at Commercial B is rejected as unprocessable."""
    claims = planting.claims(planting.select(payers=[COMMERCIAL_B], span=SEPTEMBER, answered=True))
    for claim in claims[::2]:
        planting.deny(planting.use(claim), Refusal("CO", "16", "MA130"), "4")
    planting.add(
        Fault(
            "rejected-commercial-b",
            "Commercial B: every second claim of September 2026 rejected as unprocessable, CO-16 with MA130",
            "answers/rejected/payer=Commercial%20B",
            where={"payer": [COMMERCIAL_B], **during(SEPTEMBER)},
            answer={"group": ["CO"], "reason": ["16"], "remarks": ["MA130"]},
        )
    )


def plant_late_filing(planting: Planting) -> None:
    """One claim of three lines was sent half a year after the visit."""
    claim = planting.claims(
        planting.paid(planting.select(payers=[COMMERCIAL_A], span=("2026-03-01", "2026-03-31"))), 3
    )[0]
    planting.use(claim)
    sent = planting.lines["day"].to_numpy()[claim] + 181
    planting.lines.loc[claim, "submitted"] = sent
    planting.deny(claim, Refusal("CO", "29"), "4", sent + 21)
    planting.add(
        Fault(
            "filed-too-late",
            "three lines of one claim at Commercial A, of March 2026, sent 181 days after the visit, CO-29",
            "reasons/denied;reason=CO-29",
            ids=planting.line_ids(claim),
            answer={"group": ["CO"], "reason": ["29"]},
        )
    )


def plant_deadlines(planting: Planting) -> None:
    """Open denials at Medicare whose last day to appeal, or to file again, is near."""
    lines = spaced(planting.paid(planting.select(payers=[MEDICARE], span=("2026-06-15", "2026-07-10"))), 5)
    planting.deny(planting.use(lines), Refusal("CO", "50"), on=np.full(5, day("2026-07-31")))
    planting.add(
        Fault(
            "appeal-deadline-near",
            "five open denials at Medicare of 2026-07-31, CO-50: 120 days to appeal end on 2026-11-28",
            "denials/open",
            ids=planting.line_ids(lines),
            answer={"group": ["CO"], "reason": ["50"]},
        )
    )
    lines = spaced(planting.paid(planting.select(payers=[MEDICARE], span=("2025-11-24", "2025-12-12"))), 4)
    planting.deny(planting.use(lines), Refusal("CO", "16", "N290"))
    planting.add(
        Fault(
            "filing-deadline-near",
            "four open denials at Medicare, visits around 2025-12-01, CO-16: the year to file is ending",
            "denials/open",
            ids=planting.line_ids(lines),
            answer={"group": ["CO"], "reason": ["16"]},
        )
    )


def plant_odd_answers(planting: Planting) -> None:
    """Two payments taken back without correction, and two refusals for a reason nobody knows."""
    lines = planting.use(
        spaced(planting.paid(planting.select(payers=[AUTO], span=("2026-04-01", "2026-06-15"))), 2)
    )
    back = planting.answers[planting.answers["line"].isin(lines)].copy()
    back["day"] += 75
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    planting.answers = pd.concat([planting.answers, back], ignore_index=True)
    planting.add(
        Fault(
            "payments-taken-back",
            "two payments of Auto (PIP) reversed 75 days later, with no correction",
            "answers/taken_back",
            ids=planting.line_ids(lines),
            answer={"kind": ["reversal"]},
        )
    )
    lines = planting.use(spaced(planting.paid(planting.select(payers=[COMMERCIAL_A], span=SEPTEMBER)), 2))
    planting.deny(lines, Refusal("CO", "999"))
    planting.add(
        Fault(
            "unknown-reason",
            "two lines of September 2026 refused with CO-999, a reason that does not exist",
            "answers/reason_unknown",
            where=during(SEPTEMBER),
            answer={"group": ["CO"], "reason": ["999"]},
        )
    )


def plant_bundled(planting: Planting) -> None:
    """Nothing is planted: 97010 at Medicare is always bundled, and must not be counted as denied."""
    planting.add(
        Fault(
            "bundled-97010-medicare",
            "97010 at Medicare is answered with CO-97 each time, as expected: not a denial",
            "answers/excluded;decision=excluded%3A%20bundled%20as%20expected",
            where={"code": ["97010"], "payer": [MEDICARE], "from": ["2026-01-01"], "to": ["2026-09-30"]},
            answer={"group": ["CO"], "reason": ["97"]},
            expected="excluded: bundled as expected",
        )
    )


def plant_unsigned(planting: Planting) -> None:
    """About 40 % of Marcus Hale's notes of September 2026 are not signed."""
    visits = planting.visits
    chosen = (
        (visits["clinician"] == CHIROPRACTIC)
        & visits["day"].between(day(SEPTEMBER[0]), day(SEPTEMBER[1]))
        & (visits["signed"] != BLANK)
    )
    marked = spaced(np.flatnonzero(chosen), round(0.4 * int(chosen.sum())))
    visits.loc[marked, "signed"] = BLANK
    planting.used_visits.update(marked.tolist())
    planting.add(
        Fault(
            "unsigned-marcus-hale",
            "about 40 % of Marcus Hale's notes of September 2026 are unsigned",
            "documentation/signature/clinician=Marcus%20Hale",
            file="visit_notes.csv",
            where={"clinician": ["Marcus Hale"], **during(SEPTEMBER)},
            mark={"signed_on": [""]},
        )
    )


def plant_billed_before_signed(planting: Planting) -> None:
    """Twelve notes of Priya Raman were signed nine days after the claim was sent."""
    visits, lines = planting.visits, planting.lines
    lines_there = planting.select(clinician=PT, span=("2026-08-15", "2026-09-30"))
    sent = lines_there[lines["submitted"].to_numpy()[lines_there] != BLANK]
    candidates = np.unique(lines["visit"].to_numpy()[sent])
    candidates = candidates[visits["signed"].to_numpy()[candidates] != BLANK]
    marked = spaced(candidates, 12)
    submitted = lines.drop_duplicates("visit").set_index("visit")["submitted"]
    visits.loc[marked.tolist(), "signed"] = submitted.loc[marked.tolist()].to_numpy() + 9
    planting.used_visits.update(marked.tolist())
    planting.add(
        Fault(
            "billed-before-signed",
            "twelve notes of Priya Raman, from 2026-08-15 on, signed nine days after the claim was sent",
            "signatures/before_signed/clinician=Priya%20Raman",
            file="visit_notes.csv",
            ids=planting.visit_ids(marked),
        )
    )


def plant_missing_minutes(planting: Planting) -> None:
    """From June 2026 on a third of the massage notes lack minutes and technique."""
    lines = planting.select(["97124"], span=("2026-06-01", "2026-11-20"))
    lines = spaced(lines, round(0.35 * len(lines)))
    visits = planting.lines["visit"].to_numpy()[lines]
    planting.lines.loc[lines, "minutes"] = BLANK
    planting.visits.loc[visits, "minutes"] = BLANK
    planting.visits.loc[visits, "technique"] = "no"
    planting.used_visits.update(visits.tolist())
    planting.add(
        Fault(
            "massage-without-minutes",
            "97124 from June 2026 on: about 35 % of the notes lack minutes and technique",
            "documentation/minutes_lines/code=97124",
            where={"code": ["97124"], "from": ["2026-06-01"], "to": ["2026-11-20"]},
            mark={"minutes": [""]},
        )
    )


def plant_missing_elements(planting: Planting) -> None:
    """Evaluations without a plan since April 2026; August's spinal adjustments without subluxation."""
    places = (
        ("plan", ["97161", "97162", "97163"], PT, ("2026-04-01", "2026-09-30"), 0.6),
        ("subluxation", ["98941"], CHIROPRACTIC, ("2026-08-01", "2026-08-31"), 0.7),
    )
    for element, codes, clinician, span, share in places:
        lines = planting.select(codes, clinician=clinician, span=span)
        visits = np.unique(planting.lines["visit"].to_numpy()[lines])
        visits = visits[~np.isin(visits, list(planting.used_visits))]
        planting.visits.loc[spaced(visits, round(share * len(visits))), element] = "no"
        planting.add(
            Fault(
                f"missing-{element}",
                f"{'/'.join(codes)}: {share * 100:.0f} % of notes lack the {element}, {' to '.join(span)}",
                f"documentation/{element}/code={codes[0]}",
                file="visit_notes.csv",
                ids=planting.visit_ids(visits),
                mark={element: ["no"]},
            )
        )


def plant_codes(planting: Planting) -> None:
    """A code that ended in 2016, and one that is in no code book; both are refused."""
    places = (
        (
            "97001",
            ["97161", "97162", "97163"],
            ("2026-02-01", "2026-08-31"),
            2,
            "usage/not_valid/code=97001",
        ),
        ("97001", ["97161", "97162", "97163"], SEPTEMBER, 2, "usage/not_valid/code=97001"),
        ("97999", ["97530"], SEPTEMBER, 3, "usage/lines/code=97999"),
    )
    for code, instead_of, span, count, _ in places:
        lines = planting.use(spaced(planting.paid(planting.select(instead_of, span=span)), count))
        planting.lines.loc[lines, "code_name"] = code
        planting.deny(lines, Refusal("CO", "181", "N56"))
    planting.add(
        Fault(
            "ended-code-97001",
            "97001, which ended on 2016-12-31, billed four times in 2026",
            places[0][-1],
            where={"from": ["2026-01-01"], "to": ["2026-11-20"]},
            mark={"code": ["97001"]},
        )
    )
    planting.add(
        Fault(
            "code-not-in-book",
            "97999, which is in no code book, billed three times in September 2026",
            places[2][-1],
            where=during(SEPTEMBER),
            mark={"code": ["97999"]},
        )
    )


def plant_units(planting: Planting) -> None:
    """A line with 0 units; eight lines whose minutes hold one unit less than billed."""
    line = planting.use(spaced(planting.select(["97112"], span=SEPTEMBER, answered=True), 1))
    planting.lines.loc[line, "units"] = 0
    planting.add(
        Fault(
            "zero-units",
            "a line of 97112 in September 2026 with 0 units",
            "usage/no_units",
            where={"code": ["97112"], **during(SEPTEMBER)},
            mark={"units": ["0"]},
        )
    )
    there = planting.select(["97110"], clinician=PT, span=("2026-08-01", "2026-09-30"))
    there = there[planting.lines["units"].to_numpy()[there] >= 2]
    lines = planting.use(spaced(there, 8))
    planting.lines.loc[lines, "minutes"] -= 15
    visits = planting.lines["visit"].to_numpy()[lines]
    planting.visits.loc[visits, "minutes"] -= 15
    planting.add(
        Fault(
            "units-above-minutes",
            "eight lines of 97110 in August and September 2026 with a unit more than their minutes hold",
            "units/above_minutes/code=97110",
            ids=planting.line_ids(lines),
        )
    )


def plant_mix(planting: Planting) -> None:
    """From July 2026 on Marcus Hale bills 98941 and 98942 where he billed 98940."""
    there = planting.select(["98940"], clinician=CHIROPRACTIC, span=("2026-07-01", "2026-11-20"))
    several = planting.answers.loc[
        planting.answers.duplicated("line") | (planting.answers["refused"] > 0), "line"
    ]
    there = there[~np.isin(there, several.to_numpy())]
    lines = planting.use(spaced(there, round(0.75 * len(there))))
    planting.lines.loc[lines, "code_name"] = np.where(np.arange(len(lines)) % 2 == 0, "98941", "98942")
    planting.lines.loc[lines, "code"] = planting.lines.loc[lines, "code_name"].map(NUMBER).astype(np.int64)
    moved = planting.lines.loc[lines].copy()
    reprice(moved, planting.practice.payers, planting.practice.codes)
    planting.lines.loc[lines, list(moved.columns)] = moved
    answered = planting.answers["line"].isin(lines).to_numpy()
    line = planting.answers.loc[answered, "line"].to_numpy()
    again = accept(
        planting.lines.loc[line], planting.answers.loc[answered, "day"].to_numpy(), planting.practice.payers
    )
    planting.answers = pd.concat([planting.answers[~answered], again], ignore_index=True)
    planting.add(
        Fault(
            "mix-98941-98942-marcus-hale",
            "Marcus Hale from July 2026 on: 98941 and 98942 where 98940 was billed before",
            "usage/lines/clinician=Marcus%20Hale/code=98942",
            where={"code": ["98940", "98941", "98942"], "from": ["2026-07-01"], "to": ["2026-11-20"]},
            mark={"code": ["98941", "98942"]},
        )
    )
    named = planting.visits["regions"].to_numpy()[planting.lines["visit"].to_numpy()[lines]] != BLANK
    named &= planting.lines["payer_name"].to_numpy()[lines] != SELF_PAY
    planting.add(
        Fault(
            "adjustments-above-regions",
            "those of them, for a payer, whose notes still name the one or two regions that were adjusted",
            "timing/regions_fewer",
            ids=planting.line_ids(lines[named]),
        )
    )


def plant_duplicates(planting: Planting) -> None:
    """Six lines are billed again on claims of their own: four are refused, two are paid twice."""
    there = planting.paid(planting.select(payers=[BLUE, COMMERCIAL_A], span=("2026-08-10", "2026-09-20")))
    lines = planting.use(spaced(there, 6))
    again = planting.lines.loc[lines].copy()
    again["line"] = len(planting.lines) + np.arange(6)
    again["claim"] = int(planting.lines["claim"].max()) + 1 + np.arange(6)
    again["submitted"] += 14
    answers = accept(again, again["submitted"].to_numpy() + 18, planting.practice.payers)
    refuse(answers, np.arange(6) < 4, again["charge"].to_numpy(), Refusal("OA", "18"))
    planting.lines = pd.concat([planting.lines, again], ignore_index=True)
    planting.use(again["line"].to_numpy())
    planting.answers = pd.concat([planting.answers, answers], ignore_index=True)
    planting.add(
        Fault(
            "duplicate-lines",
            "six lines billed again, on other claims, for the same patient, code, day: four refused, OA-18",
            "answers/excluded;decision=excluded%3A%20duplicate",
            ids=planting.line_ids(again["line"].to_numpy()),
        )
    )


def plant_diagnoses(planting: Planting) -> None:
    """Six claims of September, of two lines each, were sent without a diagnosis."""
    claims = planting.claims(planting.select(span=SEPTEMBER), 2)
    for claim in [claims[position] for position in spaced(np.arange(len(claims)), 6)]:
        planting.lines.loc[planting.use(claim), "diagnoses"] = ""
    planting.add(
        Fault(
            "lines-without-diagnosis",
            "twelve lines of September 2026 without a diagnosis",
            "documentation/diagnosis_lines",
            where=during(SEPTEMBER),
            mark={"diagnoses": [""]},
        )
    )


MISSING_INFORMATION = Refusal("CO", "16", "N290")
WRONG_MODIFIER = Refusal("CO", "4", "N822")


def paid_claims(planting: Planting, payers: Sequence[str], span: tuple[str, str], size: int) -> list[Ints]:
    """Claims of `size` lines that were paid at once, the first answered first."""
    claims = planting.claims(planting.paid(planting.select(payers=payers, span=span)), size)
    return sorted(claims, key=lambda claim: (planting.answered_on(claim), int(claim[0])))


def plant_sent_again(planting: Planting) -> None:
    """Three claims refused for want of information, sent again on claims of their own, and paid."""
    new: list[int] = []
    spring = ("2026-02-01", "2026-05-31")
    claims = [paid_claims(planting, [payer], spring, 2)[0] for payer in (BLUE, COMMERCIAL_B)]
    for claim in claims:
        planting.deny(claim, MISSING_INFORMATION, "4")
    # One of September was refused anyway, so that the month's denial rate stays as it is.
    refused = planting.answers.loc[planting.answers["remarks"] == "N290", "line"]
    september = planting.select(payers=[MEDICARE], span=("2026-09-01", "2026-09-11"))
    claims.append(planting.claims(september[np.isin(september, refused.to_numpy())], 1)[0])
    for claim in claims:
        planting.use(claim)
        again = planting.bill(claim, planting.answered_on(claim) + 6)
        planting.answer(again, int(planting.lines["submitted"][again[0]]) + 15)
        new += again.tolist()
    planting.add(
        Fault(
            "sent-again-and-paid",
            "five lines of three claims, refused with CO-16, sent again on claims of their own and paid",
            "denials/chain_recovered;times_sent=twice",
            ids=planting.line_ids(np.array(new)),
            expected="one line each, denied first and paid last",
        )
    )


def plant_denied_three_times(planting: Planting) -> None:
    """A claim of two lines is refused, sent again, refused, sent again and refused."""
    claim = planting.use(paid_claims(planting, [COMMERCIAL_A], ("2026-03-01", "2026-04-30"), 2)[0])
    planting.deny(claim, MISSING_INFORMATION, "4")
    last = claim
    for _ in range(2):
        last = planting.bill(last, planting.answered_on(last) + 8)
        planting.answer(last, int(planting.lines["submitted"][last[0]]) + 20, MISSING_INFORMATION, "4")
    planting.add(
        Fault(
            "denied-three-times",
            "two lines of one claim, refused with CO-16, sent again twice and refused each time",
            "denials/chain_lines;times_sent=three%20times",
            ids=planting.line_ids(last),
            expected="one line each, denied once",
            answer={"group": ["CO"], "reason": ["16"]},
        )
    )


def plant_replaced(planting: Planting) -> None:
    """Two claims are replaced: one that was refused, one that was paid for a unit too many."""
    refused = planting.use(paid_claims(planting, [BLUE], ("2026-04-01", "2026-05-31"), 2)[0])
    planting.deny(refused, WRONG_MODIFIER, "4")
    mended = planting.bill(refused, planting.answered_on(refused) + 5, frequency="7", replaces=True)
    planting.answer(mended, int(planting.lines["submitted"][mended[0]]) + 16)

    several = planting.lines["units"].to_numpy() > 1
    claims = paid_claims(planting, [AUTO], ("2026-04-01", "2026-06-30"), 1)
    paid = planting.use(next(claim for claim in claims if several[claim].all()))
    lower = planting.bill(paid, planting.answered_on(paid) + 9, frequency="7", replaces=True)
    planting.lines.loc[lower, "units"] -= 1
    priced = planting.lines.loc[lower].copy()
    reprice(priced, planting.practice.payers, planting.practice.codes)
    planting.lines.loc[lower, list(priced.columns)] = priced
    on = int(planting.lines["submitted"][lower[0]]) + 16
    planting.take_back(paid, on)
    planting.answer(lower, on)
    planting.add(
        Fault(
            "replacement-claims",
            "two claims replaced: one refused with CO-4, one paid for a unit too many and reversed",
            "answers/sent_again",
            ids=planting.line_ids(np.concatenate([mended, lower])),
            mark={"frequency": ["7"]},
            expected="the claim replaced and its replacement are one",
        )
    )


def plant_void(planting: Planting) -> None:
    """A claim that was paid is withdrawn by a void claim, and its payment is reversed."""
    claim = planting.use(paid_claims(planting, [COMMERCIAL_A], ("2026-05-01", "2026-06-30"), 1)[0])
    sent = planting.answered_on(claim) + 12
    void = planting.bill(claim, sent, frequency="8", replaces=True)
    planting.take_back(claim, sent + 10)
    planting.add(
        Fault(
            "void-claim",
            "a line of May or June 2026, paid, then withdrawn by a void claim, its payment reversed",
            "the line that it withdraws: last decision",
            ids=planting.line_ids(void),
            mark={"frequency": ["8"]},
            expected="excluded: withdrawn",
        )
    )


def plant_credits(planting: Planting) -> None:
    """A second payer pays four lines as if the first had not."""
    places = (
        (COMMERCIAL_A, ("2026-05-01", "2026-06-30"), 3),
        (COMMERCIAL_A, ("2026-09-01", "2026-09-11"), 1),
    )
    lines = np.concatenate(
        [
            spaced(planting.paid(planting.select(payers=[payer], span=span)), count)
            for payer, span, count in places
        ]
    )
    first = planting.answers[planting.answers["line"].isin(planting.use(lines))]
    second = new_answers(first, first["day"].to_numpy() + 17)
    charge = planting.lines["charge"].to_numpy()[first["line"].to_numpy()]
    second["rank"], second["status"] = 2, "2"
    second["paid"] = (first["paid"] + first["share"]).to_numpy()
    second["prior"] = charge - second["paid"]
    planting.answers = pd.concat([planting.answers, second], ignore_index=True)
    planting.add(
        Fault(
            "paid-by-two-payers",
            "four lines at Commercial A that a second payer paid as if it were the first",
            "balances/credit",
            ids=planting.line_ids(lines),
            answer={"group": ["OA"], "reason": ["23"]},
        )
    )


def plant_answers_without_charge(planting: Planting) -> None:
    """A claim of two lines is paid that charges.csv does not hold."""
    claim = paid_claims(planting, [BLUE], ("2026-06-01", "2026-07-31"), 2)[0]
    other = planting.bill(claim, int(planting.lines["submitted"][claim[0]]) + 1)
    planting.lines.loc[other, "day"] += 1
    planting.answer(other, planting.answered_on(claim) + 1)
    planting.not_exported += other.tolist()
    names = planting.line_ids(other)
    rows = charges_table(planting.practice._replace(lines=planting.lines)).loc[other]
    told = ("line_id", "claim_id", "patient_id", "payer", "service_date", "code", "units", "charge")
    for _, row in rows.iterrows():
        planting.only.append({"kind": "service", **{name: str(row[name]) for name in told}})
    planting.add(
        Fault(
            "answers-without-charge",
            "two lines at Blue Plan are paid that stand in no charge",
            "completeness/answers_without_charge",
            file="postings.csv",
            ids=names,
            mark={"kind": ["payment"]},
        )
    )


def plant_remittance_only(planting: Planting) -> None:
    """What only a remittance tells: a take-back and interest on the whole, lines answered otherwise."""
    lines = planting.lines
    there = planting.paid(planting.select(["97124"], [COMMERCIAL_B], span=("2026-03-01", "2026-08-31")))
    recoded = planting.use(spaced(there, 2))
    answers = planting.answers[~planting.answers.duplicated("line", keep=False)]
    cut = answers.loc[(answers["reason"] == "151") & (answers["paid"] > 0), "line"]
    cut = cut[cut.map(lines["units"]) > 1].sort_values()
    fewer = planting.use(whole(cut.to_numpy()[-2:]))
    for answered, told in ((recoded, {"code": "97140"}), (fewer, {"units": "1"})):
        planting.only += [
            {"kind": "answered as", "line_id": name, "posted_on": planting.posted_on(line), **told}
            for line, name in zip(answered.tolist(), planting.line_ids(answered), strict=True)
        ]
    late = planting.paid(planting.select(payers=[COMP], span=("2026-05-01", "2026-08-31")))
    late = planting.use(spaced(late, 2))
    for line, name, interest in zip(late.tolist(), planting.line_ids(late), ("3.17", "1.42"), strict=True):
        paid_on = planting.posted_on(line)
        planting.only.append({"kind": "interest", "line_id": name, "posted_on": paid_on, "amount": interest})
    blue = planting.answers["line"].map(lines["payer_name"]) == BLUE
    largest = planting.answers[blue & planting.answers["day"].between(day("2026-08-01"), day("2026-08-31"))]
    paid = largest.groupby("day")["paid"].sum()
    on = int(paid.index.to_numpy()[paid.to_numpy().argmax()])
    planting.only.append(
        {
            "kind": "provider",
            "payer": BLUE,
            "posted_on": str(dates([on])[0]),
            "reason": "WO",
            "reference": "REVIEW2025",
            "amount": "84.00",
        }
    )
    faults = (
        (
            "answered-otherwise",
            "two lines answered under another code, two with fewer units",
            "balances/answered_otherwise",
        ),
        (
            "interest-paid",
            "interest on two claims, apart from what is paid for the service",
            "payments: interest",
        ),
        (
            "taken-back-from-a-payment",
            "$84.00 that Blue Plan kept back from a payment",
            "payments: set off against the provider",
        ),
    )
    for (name, what, figure), kind in zip(faults, ("answered as", "interest", "provider"), strict=True):
        planting.add(Fault(name, what, figure, file="remittance_only.csv", mark={"kind": [kind]}))


def plant_billed_twice(planting: Planting) -> None:
    """Nothing more is planted: two of the duplicate lines were paid a second time."""
    (twice,) = [fault for fault in planting.faults if fault.id == "duplicate-lines"]
    planting.add(
        Fault(
            "paid-twice",
            "two of the lines billed again were paid again",
            "balances/billed_twice",
            ids=twice.ids[4:],
        )
    )


def plant_payer_spelling(planting: Planting) -> None:
    """Seven claims of two lines at Blue Plan name the payer BluePlan."""
    claims = planting.claims(planting.select(payers=[BLUE], span=("2026-08-01", "2026-10-31")), 2)
    for claim in [claims[position] for position in spaced(np.arange(len(claims)), 7)]:
        planting.lines.loc[planting.use(claim), "payer_name"] = "BluePlan"
    planting.add(
        Fault(
            "payer-spelled-two-ways",
            "fourteen lines from August to October 2026 name the payer BluePlan instead of Blue Plan",
            "check: payers whose names nearly agree",
            where={"from": ["2026-08-01"], "to": ["2026-10-31"]},
            mark={"payer": ["BluePlan"]},
        )
    )


PLANTS: tuple[Callable[[Planting], None], ...] = (
    plant_rising_denials,
    plant_plan_exclusion,
    plant_late_filing,
    plant_deadlines,
    plant_codes,
    plant_authorization,
    plant_rejections,
    plant_mix,
    plant_odd_answers,
    plant_bundled,
    plant_unsigned,
    plant_billed_before_signed,
    plant_missing_minutes,
    plant_missing_elements,
    plant_units,
    plant_duplicates,
    plant_diagnoses,
    plant_payer_spelling,
    plant_answers_without_charge,
    plant_sent_again,
    plant_denied_three_times,
    plant_replaced,
    plant_void,
    plant_credits,
    plant_remittance_only,
    plant_billed_twice,
)


def plant(practice: Practice) -> tuple[Practice, Planting]:
    """The practice with its faults, and their list. No chance is drawn: the rest is as in the clean twin."""
    planting = Planting(practice)
    for planter in PLANTS:
        planter(planting)
    changed = practice._replace(visits=planting.visits, lines=planting.lines, answers=planting.answers)
    return changed, planting


def spoil_rows(charges: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Faults of the export itself: a row twice, a row without a code, a row with an impossible date."""
    september = charges.index[charges["service_date"].between(*SEPTEMBER)]
    twice, uncoded, impossible = (int(position) for position in spaced(september.to_numpy(), 3))
    last = int(charges["line_id"].iloc[-1][1:])
    blank = charges.loc[[uncoded]].assign(line_id=f"L{last + 1:05d}", code="", minutes="", units="1")
    wrong = charges.loc[[impossible]].assign(line_id=f"L{last + 2:05d}", service_date="2026-09-31")
    rows = pd.concat([charges.loc[:twice], charges.loc[[twice]], charges.loc[twice + 1 :], blank, wrong])
    faults = [
        Fault(
            "row-exported-twice",
            "one row of charges.csv stands there twice, word for word",
            "reconciliation: set aside, duplicate",
            ids=(str(charges.loc[twice, "line_id"]),),
            expected="set aside",
        ),
        Fault(
            "row-without-code",
            "one row of charges.csv has no code",
            "reconciliation: refused, no code",
            mark={"code": [""]},
            ids=(f"L{last + 1:05d}",),
            expected="refused",
        ),
        Fault(
            "row-with-impossible-date",
            "one row of charges.csv has the date of service 2026-09-31",
            "reconciliation: refused, no usable service date",
            mark={"service_date": ["2026-09-31"]},
            ids=(f"L{last + 2:05d}",),
            expected="refused",
        ),
    ]
    return rows.reset_index(drop=True), faults


def matches(table: pd.DataFrame, where: Where) -> Bools:
    """Rows of a file that meet the conditions of a fault."""
    found = np.ones(len(table), dtype=np.bool_)
    for column, values in where.items():
        if column in ("from", "to"):
            date_of = table["service_date"]
            found &= (date_of >= values[0] if column == "from" else date_of <= values[0]).to_numpy(
                dtype=np.bool_
            )
        else:
            found &= table[column].isin(values).to_numpy(dtype=np.bool_)
    return found


def count_fault(fault: Fault, files: dict[str, pd.DataFrame]) -> tuple[int, int]:
    """Faulty rows and the rows among which they stand; lines that are in the file twice count once."""
    table, postings = files[fault.file].drop_duplicates(), files["postings.csv"]
    key = "visit_id" if fault.file == "visit_notes.csv" else "line_id"
    base = matches(table, fault.where)
    if fault.ids:
        base &= table[key].isin(fault.ids).to_numpy()
    marked = base & matches(table, fault.mark)
    if fault.answer:
        answered = postings.loc[matches(postings, fault.answer), "line_id"]
        marked &= table[key].isin(answered).to_numpy()
    return int(marked.sum()), int(base.sum())


# --- The list of faults, the practice's settings, two other systems' layouts ----------------------


def toml_pairs(pairs: dict[str, Any]) -> str:
    """TOML lines of `pairs`; text, whole numbers, truth values and lists of text."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in pairs.items())


def planted_toml(faults: Sequence[Fault], files: dict[str, pd.DataFrame]) -> str:
    """planted.toml: every fault with its conditions and its counts."""
    text = "# Written by make_sample.py. README.md tells how to read it.\n"
    text += f'as_of = {AS_OF.isoformat()}\nreport_month = "{REPORT_MONTH}"\n'
    for fault in faults:
        rows, base = count_fault(fault, files)
        text += "\n[[fault]]\n" + toml_pairs(
            {
                "id": fault.id,
                "what": fault.what,
                "figure": fault.figure,
                "expected": fault.expected,
                "file": fault.file,
                "rows": rows,
                "base": base,
            }
        )
        if fault.ids:
            text += toml_pairs({"ids": list(fault.ids)})
        for name, where in (("where", fault.where), ("mark", fault.mark), ("answer", fault.answer)):
            if where:
                text += f"[fault.{name}]\n" + toml_pairs(where)
    return text


AWAY = (  # clinician, first and last day on which nobody was treated
    ("Dana Whitfield", "2025-08-28", "2025-08-31"),
    ("Dana Whitfield", "2025-12-31", "2026-01-04"),
    ("Priya Raman", "2025-01-10", "2025-01-14"),
    ("Priya Raman", "2026-09-04", "2026-09-07"),
    ("Marcus Hale", "2025-12-23", "2025-12-28"),
)


def practice_toml() -> str:
    """practice.toml of the sample practice."""
    text = "# The invented practice's own settings. Written by make_sample.py.\n"
    text += toml_pairs({"confirmed": True, "name": "Cedar & Stone Therapy"})
    text += "\n[disciplines]\n"
    text += "".join(f'"{name}" = "{kind}"\n' for name, kind in zip(CLINICIANS, DISCIPLINES, strict=True))
    text += f'\n[payers.comp]\nnames = ["{COMP}"]\nreferral = true\n'
    text += "\n[fees] # dollars a unit\n"
    rise = EPOCH + timedelta(days=FEE_RISE_FROM)
    until = (rise - timedelta(days=1)).isoformat()
    for code in CODES:
        if code.fee:
            risen = fee_of(np.array([NUMBER[code.code]]), np.array([FEE_RISE_FROM]), CODES)[0] // 100
            text += f'"{code.code}" = [{{ value = {code.fee}, to = {until} }}, '
            text += f"{{ value = {risen}, from = {rise.isoformat()} }}]\n"
    for name, first, last in AWAY:
        text += f'\n[[away]]\nclinician = "{name}"\nfrom = {first}\nto = {last}\n'
    return text


def month_lines(practice: Practice, sent_again: Sequence[int]) -> pd.DataFrame:
    """The report month's services as text, with the money of all answers in cents and the note's signature.

    What was sent again is no service of its own.
    """
    table = charges_table(practice)
    lines = practice.lines.reset_index(drop=True)
    signed = np.where(practice.answers["reversal"], -1, 1)
    for column in ("paid", "share", "contractual", "sequester"):
        money_of = practice.answers[column] * signed
        primary = money_of if column == "paid" else money_of * (practice.answers["rank"] == 1)
        table[f"{column}_cents"] = np.bincount(practice.answers["line"], primary, len(lines)).astype(np.int64)
    second = np.isin(lines["line"], practice.answers.loc[practice.answers["rank"] == 2, "line"])
    table["second_payer"] = np.where(second, "Supplement Plan", "")
    table["answered"] = np.isin(lines["line"], practice.answers["line"])
    table["charge_cents"], table["unit_count"] = lines["charge"], lines["units"]
    visit = lines["visit"].to_numpy()
    for column in ("signed", "note", "number"):
        table[column] = practice.visits[column].to_numpy()[visit]
    table["hour"] = 8 + visit % 9
    inside = table["service_date"].str.startswith(REPORT_MONTH) & ~lines["line"].isin(sent_again)
    return table[inside].reset_index(drop=True)


def slashed(iso: pd.Series | Texts, padded: bool) -> list[str]:
    """ISO dates as month/day/year, blank stays blank."""
    parts = [text.split("-") for text in iso]
    if not padded:
        parts = [[part.lstrip("0") for part in text] for text in parts]
    return ["/".join([*text[1:], text[0]]) if len(text) == 3 else "" for text in parts]


SIMPLEPRACTICE = (
    "Date of Service,Client,Clinician,Billing Code,Primary Insurance,Secondary Insurance,"
    "Rate per Unit,Units,Total Fee,Progress Note Status,Client Payment Status,Charge,Uninvoiced,Paid,Unpaid,"
    "Insurance Payment Status,Charge,Paid,Write Off,Unpaid"
)


def simplepractice_table(month: pd.DataFrame) -> pd.DataFrame:
    """The month as SimplePractice's appointment status report: client's money, then the insurer's."""
    cash = (month["payer"] == SELF_PAY).to_numpy()
    fee, units = month["charge_cents"].to_numpy(), month["unit_count"].to_numpy()
    client = np.where(cash, fee, month["share_cents"])
    insurer, paid = fee - client, month["paid_cents"].to_numpy()
    written_off = (month["contractual_cents"] + month["sequester_cents"]).to_numpy()
    owed = np.where(cash, 0, np.maximum(0, insurer - paid - written_off))
    none = np.zeros(len(month), dtype=np.int64)
    times = [
        f"{text} {hour:02d}:00"
        for text, hour in zip(slashed(month["service_date"], True), month["hour"], strict=True)
    ]
    status = np.select(
        [cash | (fee == 0), ~month["answered"].to_numpy(), owed > 0],
        ["NO CHARGE", "PENDING", "UNPAID"],
        "PAID",
    )
    note = np.select(
        [~month["note"].to_numpy(dtype=np.bool_), month["signed"] == BLANK], ["NO NOTE", "UNLOCKED"], "LOCKED"
    )
    columns = [
        times,
        ["Client " + number[1:] for number in month["patient_id"]],
        month["clinician"],
        month["code"],
        np.where(cash, "", month["payer"]),
        month["second_payer"],
        money(fee // np.maximum(units, 1)),
        month["units"],
        month["charge"],
        note,
        np.where(client > 0, "PAID", "NO CHARGE"),
        money(client),
        money(none),
        money(client),
        money(none),
        status,
        money(np.where(cash, 0, insurer)),
        money(paid),
        money(written_off),
        money(owed),
    ]
    return titled(columns, SIMPLEPRACTICE)


WEBPT = (
    "clinic_name,case_name,visit_id,patient_name,patient_dob,date_of_service,date_of_finalization,addendum,"
    "documenting_therapist,finalizing_therapist,primary_payer_type,primary_insurance,secondary_payer_type,"
    "secondary_insurance,place_of_service,visit_type,treating_diagnosis,modifier,cpt_code,units"
)
PAYER_TYPES = {MEDICARE: "Medicare", AUTO: "Auto", COMP: "Workers Compensation", SELF_PAY: "Self Pay"}


def webpt_table(month: pd.DataFrame) -> pd.DataFrame:
    """The month as WebPT's documented units report: no money; a blank finalization is an unsigned note."""
    open_note = (month["signed"] == BLANK).to_numpy()
    nothing = [""] * len(month)
    columns = [
        month["location"],
        ["Case 1"] * len(month),
        month["visit_id"],
        ["Sample, Client " + number[1:] for number in month["patient_id"]],
        ["01/01/1970"] * len(month),
        slashed(month["service_date"], False),
        slashed(dates(month["signed"]), False),
        ["No"] * len(month),
        month["clinician"],
        np.where(open_note, "", month["clinician"]),
        [PAYER_TYPES.get(payer, "Commercial") for payer in month["payer"]],
        month["payer"],
        np.where(month["second_payer"] == "", nothing, ["Commercial"]),
        month["second_payer"],
        ["11"] * len(month),
        np.where(month["number"] == 0, "Initial Evaluation", "Daily Note"),
        [text.split(" ")[0] for text in month["diagnoses"]],
        month["modifiers"],
        month["code"],
        month["units"],
    ]
    return titled(columns, WEBPT)


def titled(columns: Sequence[Any], header: str) -> pd.DataFrame:
    """A table of text from columns and a header line, in which a title may stand twice."""
    table = pd.DataFrame(
        {position: np.asarray(column, dtype=object) for position, column in enumerate(columns)}
    )
    table.columns = pd.Index(header.split(","))
    return table


def write_csv(table: pd.DataFrame, path: Path, encoding: str = "utf-8") -> None:
    """Write a table as CSV with line feeds."""
    table.to_csv(path, index=False, lineterminator="\n", encoding=encoding)


def write_text(text: str, path: Path) -> None:
    """Write text with line feeds."""
    path.write_text(text, encoding="utf-8", newline="\n")


def write_practice(practice: Practice, folder: Path) -> None:
    """Write the three files of the product's own format."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(charges_table(practice), folder / "charges.csv")
    write_csv(postings_table(practice), folder / "postings.csv")
    write_csv(notes_table(practice), folder / "visit_notes.csv")


def write_sample(clean: Practice, folder: Path) -> None:
    """Write the shipped sample: its files with faults, their list, settings, a month in other layouts."""
    folder.mkdir(parents=True, exist_ok=True)
    practice, planting = plant(clean)
    exported = ~practice.lines["line"].isin(planting.not_exported).to_numpy()
    charges, spoiled = spoil_rows(charges_table(practice)[exported].reset_index(drop=True))
    files = {
        "charges.csv": charges,
        "postings.csv": postings_table(practice),
        "visit_notes.csv": notes_table(practice),
        "remittance_only.csv": pd.DataFrame(planting.only, columns=list(ONLY)).fillna(""),
    }
    for name, table in files.items():
        write_csv(table, folder / name)
    write_text(planted_toml([*planting.faults, *spoiled], files), folder / "planted.toml")
    write_text(practice_toml(), folder / "practice.toml")
    month = month_lines(practice, planting.sent_again)
    write_csv(simplepractice_table(month), folder / f"simplepractice_appointment_status_{REPORT_MONTH}.csv")
    write_csv(webpt_table(month), folder / f"webpt_documented_units_{REPORT_MONTH}.csv", "utf-8-sig")


def main() -> None:
    """Command line."""
    here = Path(__file__).resolve().parent
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clean", action="store_true", help="no planted faults")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--out", type=Path, default=here)
    options.add_argument("--lines", type=int, default=LINES, help="about how many claim lines")
    options.add_argument("--months", type=int, default=MONTHS, help="months of history, the last one partial")
    options.add_argument("--codes", type=int, default=0, help="how many codes")
    options.add_argument("--payers", type=int, default=0, help="how many payers, Self-pay among them")
    chosen = options.parse_args()
    scale = Scale(chosen.lines, chosen.months, chosen.codes, chosen.payers)
    practice = make_practice(chosen.seed, scale)
    if chosen.clean or scale != Scale():
        write_practice(practice, chosen.out)
    else:
        write_sample(practice, chosen.out)


if __name__ == "__main__":
    main()
