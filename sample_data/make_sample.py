"""Make the sample practice: charges, postings and visit notes of an invented practice, from a seed.

`python make_sample.py` rewrites the files that stand beside this script, byte for byte.
`--clean --seed 7 --out DIR` writes the same practice without planted faults; `--lines`, `--months`,
`--codes` and `--payers` make larger ones for benchmarks. Amounts are cents, dates are days since
1970-01-01, and -1 is blank. All chance comes from uniform draws of one PCG64 stream and is turned
into values by comparisons and whole-number arithmetic alone, so that every machine gets the same.
"""

from __future__ import annotations

import argparse
import tomllib
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
SEED = 20261120
LINES, MONTHS = 7300, 25
EPOCH = date(1970, 1, 1)
BLANK = -1


def day(text: str) -> int:
    """Days since 1970-01-01 of an ISO date."""
    return (date.fromisoformat(text) - EPOCH).days


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
        return np.searchsorted(edges, self.uniform(count) * edges[-1], side="right").astype(np.int64)

    def spread(self, count: int, weights: NDArray[np.float64]) -> Ints:
        """As `pick`, in ascending order and evenly: chance only decides within each `count`-th part."""
        edges = np.cumsum(weights)
        return np.searchsorted(
            edges, (np.arange(count) + self.uniform(count)) / count * edges[-1], side="right"
        ).astype(np.int64)


# --- Who and what: clinicians, locations, payers, codes -------------------------------------------

MASSAGE, PT, CHIROPRACTIC = 0, 1, 2
DISCIPLINES = ("massage", "pt", "chiropractic")
CLINICIANS = ("Dana Whitfield", "Priya Raman", "Marcus Hale")
CLINICIAN_WEIGHTS = (0.27, 0.38, 0.35)
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
    Payer(MEDICARE, 48, (0.0, 0.28, 0.20), 0.040, 0.014, coinsurance=20),
    Payer(BLUE, 68, (0.28, 0.18, 0.18), 0.048, 0.018, copay=3000, tells_allowed=True),
    Payer(COMMERCIAL_A, 62, (0.25, 0.27, 0.28), 0.044, 0.018, copay=2500),
    Payer(COMMERCIAL_B, 55, (0.06, 0.12, 0.10), 0.062, 0.024, coinsurance=10, tells_allowed=True),
    Payer(AUTO, 85, (0.16, 0.06, 0.12), 0.060, 0.018),
    Payer(COMP, 74, (0.09, 0.08, 0.05), 0.064, 0.016, tells_allowed=True),
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
    """The practice's payers, or as many as asked for: the first ones and Self-pay, or invented further ones."""
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
LINES_PER_COURSE = 17.1


def months_before(end: date, count: int) -> date:
    """First day of the month `count - 1` months before the month of `end`."""
    index = end.year * 12 + end.month - count
    return date(index // 12, index % 12 + 1, 1)


def open_days(scale: Scale) -> tuple[Ints, Ints, int]:
    """The open days (Monday to Friday, no holidays) with a lead, how busy each is, and the first one counted."""
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
    clinician = draws.pick(count, CLINICIAN_WEIGHTS)
    payer = np.zeros(count, dtype=np.int64)
    for discipline in (MASSAGE, PT, CHIROPRACTIC):
        chosen = clinician == discipline
        payer[chosen] = draws.pick(int(chosen.sum()), [p.patients[discipline] for p in payers])
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
    again["start"] += draws.between(len(again), 110, 260)
    return pd.concat([courses, colleague, again], ignore_index=True)


def make_visits(draws: Draws, scale: Scale, payers: Sequence[Payer]) -> pd.DataFrame:
    """Visits in order of date: one row per patient, day and clinician."""
    days, busy, first = open_days(scale)
    courses = make_courses(draws, scale, payers, busy)
    repeats = courses["visits"].to_numpy()
    course = np.repeat(np.arange(len(courses)), repeats)
    begin = np.cumsum(repeats) - repeats
    number = np.arange(len(course)) - begin[course]
    gap = draws.between(len(course), 1, 5) + np.where(courses["clinician"].to_numpy()[course] == MASSAGE, 2, 0)
    gap[number == 0] = 0
    walked = np.cumsum(gap)
    position = courses["start"].to_numpy()[course] + walked - walked[begin[course]]
    visits = courses.drop(columns=["start", "visits"]).iloc[course].reset_index(drop=True)
    visits["number"] = number
    inside = position < len(days)
    visits["day"] = days[np.minimum(position, len(days) - 1)]
    visits = visits[inside & (visits["day"].to_numpy() >= first)]
    order = np.lexsort((visits["patient"].to_numpy(), visits["clinician"].to_numpy(), visits["day"].to_numpy()))
    visits = visits.iloc[order].reset_index(drop=True)
    visits["patient"] = renumber(visits["patient"].to_numpy())
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


def keep_required(visits: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Leave an element blank where nothing that was billed at the visit calls for it; add the visit's minutes."""
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
    """For benchmarks: fold codes that were not asked for into the first ones, or spread lines over invented ones."""
    if len(codes) < len(CODES):
        lines["code"] %= len(codes)
    extra = len(codes) - len(CODES)
    if extra > 0:
        chosen = draws.chance(len(lines), 0.5)
        lines.loc[chosen, "code"] = len(CODES) + draws.between(int(chosen.sum()), 0, extra - 1)


def make_lines(draws: Draws, visits: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]) -> pd.DataFrame:
    """Claim lines in order of visit: one claim per visit, with units, minutes, modifiers, charge, allowed amount."""
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
    lines["minutes"] = choose_minutes(draws, lines, codes)
    lines["modifiers"] = choose_modifiers(lines, codes)
    lines["diagnoses"] = choose_diagnoses(visits)[visit]
    lines["frequency"] = np.where(lines["claim"].to_numpy() == BLANK, "", "1")
    price(draws, lines, payers, codes)
    return lines


def submit(draws: Draws, visits: pd.DataFrame) -> Ints:
    """When each visit's claim was sent: after the signature; an unsigned note of an old visit is billed all the same."""
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
    """GP on PT lines where the payer wants it, AT on adjustments, 59 on manual therapy beside one, 25 on visits."""
    group = np.array([code.group for code in codes], dtype=object)[lines["code"].to_numpy()]
    clinician, payer = lines["clinician"].to_numpy(), lines["payer_name"].to_numpy()
    gp = (clinician == PT) & np.isin(payer, [MEDICARE, COMMERCIAL_B]) & (lines["code_name"].to_numpy() != "4004F")
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
    """Answers that pay each line in full: allowed amount less the patient's share (and Medicare's sequester)."""
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


def refuse(answers: pd.DataFrame, where: Bools, charge: Ints, refusal: Refusal, status: str = "1") -> None:
    """Turn the answers `where` into a refusal of the whole charge."""
    for column in ("paid", "contractual", "share", "sequester"):
        answers.loc[where, column] = 0
    answers.loc[where, ["share_reason", "allowed", "status"]] = ["", BLANK, status]
    if refusal == Refusal("CO", "45"):
        answers.loc[where, "contractual"] = charge[where]
        return
    answers.loc[where, "refused"] = charge[where]
    answers.loc[where, ["group", "reason", "remarks"]] = list(refusal)


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
    answers.loc[where, ["group", "reason", "remarks"]] = ["CO", "151", "N362"]


def by_claim(draws: Draws, lines: pd.DataFrame, make: Callable[[int], NDArray[Any]]) -> NDArray[Any]:
    """Draw once per claim and hand the draw to each of its lines."""
    return make(int(lines["visit"].max()) + 1)[lines["visit"].to_numpy()]


def first_answers(draws: Draws, lines: pd.DataFrame, practice_payers: Sequence[Payer], codes: Sequence[Code]) -> pd.DataFrame:
    """The first answer to each line that was sent and answered by the as-of date."""
    as_of = (AS_OF - EPOCH).days
    wait = by_claim(draws, lines, lambda count: draws.between(count, 10, 45))
    silent = by_claim(draws, lines, lambda count: draws.chance(count, 0.012))
    answers = accept(lines, lines["submitted"].to_numpy() + wait, practice_payers)
    refuse_some_lines(draws, answers, lines, practice_payers, codes)
    refuse_some_claims(draws, answers, lines, practice_payers)
    charge, name = lines["charge"].to_numpy(), lines["code_name"].to_numpy()
    refuse(answers, by_claim(draws, lines, lambda count: draws.chance(count, 0.008)), charge, PENDING)
    refuse(answers, (name == "97010") & (lines["payer_name"].to_numpy() == MEDICARE), charge, BUNDLED)
    refuse(answers, name == "4004F", charge, REPORT_ONLY)
    sent = (lines["submitted"].to_numpy() != BLANK) & ~silent & (answers["day"].to_numpy() <= as_of)
    return answers[sent].reset_index(drop=True)


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


def refuse_some_claims(draws: Draws, answers: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer]) -> None:
    """Refuse whole claims, for reasons that depend on the payer."""
    uniform = by_claim(draws, lines, draws.uniform)
    chosen = uniform < np.array([payer.claim_denials for payer in payers])[lines["payer"].to_numpy()]
    payer = lines["payer_name"].to_numpy()
    for name, weights in WHOLE_CLAIM_WEIGHTS.items():
        others = ~np.isin(payer, list(WHOLE_CLAIM_WEIGHTS)) if name == BLUE else np.zeros(len(lines), dtype=np.bool_)
        inside = chosen & ((payer == name) | others)
        reason = by_claim(draws, lines, lambda count, weights=weights: draws.pick(count, weights))  # type: ignore[misc]
        for position, refusal in enumerate(WHOLE_CLAIM):
            refuse(answers, inside & (reason == position), lines["charge"].to_numpy(), refusal, "4")


def later_answers(draws: Draws, first: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer]) -> pd.DataFrame:
    """Second answers: resubmissions, pending claims decided, corrections of payments, secondary payers."""
    of_line = lines.iloc[first["line"].to_numpy()].reset_index(drop=True)
    parts = [
        answer_again(draws, first, of_line, payers),
        correct_payments(draws, first, of_line),
        answer_second_payer(draws, first, of_line),
    ]
    later = pd.concat(parts, ignore_index=True)
    return later[later["day"] <= (AS_OF - EPOCH).days]


def answer_again(draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame, payers: Sequence[Payer]) -> pd.DataFrame:
    """About half of what was refused is sent again and paid, refused again, or upheld; most pending is decided."""
    reason, remarks = first["reason"].to_numpy(), first["remarks"].to_numpy()
    coin = by_claim(draws, of_line, draws.uniform)
    wait = by_claim(draws, of_line, lambda count: draws.between(count, 20, 60))
    outcome = by_claim(draws, of_line, lambda count: draws.pick(count, (0.62, 0.28, 0.10)))
    likely = np.select(
        [reason == "133", remarks == "MA130", np.isin(reason, ["246", "151"]) | (first["group"] == "PR")],
        [0.8, 0.85, 0.2],
        0.5,
    )
    bundled = (of_line["code_name"].to_numpy() == "97010") & (of_line["payer_name"].to_numpy() == MEDICARE)
    again = (first["refused"].to_numpy() > 0) & (coin < likely) & ~bundled
    lines, before = of_line[again].reset_index(drop=True), first[again].reset_index(drop=True)
    answers = accept(lines, before["day"].to_numpy() + wait[again], payers)
    decided = np.isin(before["reason"], ["133"]) | (before["remarks"] == "MA130").to_numpy()
    charge, kept = lines["charge"].to_numpy(), np.where(decided, 0, outcome[again])
    for refusal in sorted({Refusal(*row) for row in before[["group", "reason", "remarks"]].to_numpy().tolist()}):
        same = (before["reason"] == refusal.reason) & (before["remarks"] == refusal.remarks)
        refuse(answers, (kept == 1) & same.to_numpy(), charge, refusal)
    refuse(answers, kept == 2, charge, Refusal("CO", "193"))
    return answers


def correct_payments(draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame) -> pd.DataFrame:
    """A few payments are reversed and, the same day, paid again with five dollars more left to the patient."""
    coin = by_claim(draws, of_line, draws.uniform)
    wait = by_claim(draws, of_line, lambda count: draws.between(count, 40, 90))
    chosen = (coin < 0.006) & (first["paid"].to_numpy() > 500) & (first["refused"].to_numpy() == 0)
    taken = first[chosen].reset_index(drop=True)
    taken["day"] += wait[chosen]
    back = taken.copy()
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    taken["paid"] -= 500
    taken["share"] += 500
    taken["share_reason"] = np.where(taken["share_reason"] == "", "2", taken["share_reason"])
    return pd.concat([back, taken], ignore_index=True)


def answer_second_payer(draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame) -> pd.DataFrame:
    """Every eighth Medicare patient has a second payer, which pays Medicare's coinsurance."""
    second = (of_line["patient"].to_numpy() % 8 == 0) & (of_line["payer_name"].to_numpy() == MEDICARE)
    second &= (first["share"].to_numpy() > 0) & (first["refused"].to_numpy() == 0)
    wait = by_claim(draws, of_line, lambda count: draws.between(count, 14, 24))
    answers = new_answers(of_line[second], first["day"].to_numpy()[second] + wait[second])
    answers["rank"], answers["status"] = 2, "2"
    answers["paid"] = first["share"].to_numpy()[second]
    answers["prior"] = of_line["charge"].to_numpy()[second] - answers["paid"].to_numpy()
    return answers


# --- The practice ---------------------------------------------------------------------------------


def make_practice(seed: int, scale: Scale) -> Practice:
    """The whole practice, without planted faults."""
    draws, payers, codes = Draws(seed), payers_of(scale), codes_of(scale)
    visits = make_notes(draws, make_visits(draws, scale, payers))
    visits["payer_name"] = np.array([payer.name for payer in payers], dtype=object)[visits["payer"].to_numpy()]
    lines = make_lines(draws, visits, payers, codes)
    first = first_answers(draws, lines, payers, codes)
    answers = pd.concat([first, later_answers(draws, first, lines, payers)], ignore_index=True)
    return Practice(keep_required(visits, lines), lines, answers, payers, codes)


# --- Files ------------------------------------------------------------------------------------------


def dates(days: Iterable[int] | pd.Series) -> Texts:
    """ISO dates, blank for -1."""
    numbers = np.asarray(days, dtype=np.int64)
    low = int(numbers[numbers != BLANK].min(initial=(AS_OF - EPOCH).days))
    high = int(numbers.max(initial=low))
    names = np.array([*((EPOCH + timedelta(days=n)).isoformat() for n in range(low, high + 1)), ""], dtype=object)
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
        }
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
    """postings.csv: one row per part of an answer that is not nothing, in order of date and line."""
    answers, parts = practice.answers.reset_index(drop=True), []
    for order, (column, kind, group, reason) in enumerate(PARTS):
        amount = answers[column].to_numpy()
        there = amount > 0 if column != "refused" else (amount > 0) | (answers["reason"] == "246").to_numpy()
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
    return pd.DataFrame(table | {element: visits[element].to_numpy() for element in ELEMENTS})


def write_csv(table: pd.DataFrame, path: Path, encoding: str = "utf-8") -> None:
    """Write a table as CSV with line feeds."""
    table.to_csv(path, index=False, lineterminator="\n", encoding=encoding)


def write_practice(practice: Practice, folder: Path) -> None:
    """Write the three files of the product's own format."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(charges_table(practice), folder / "charges.csv")
    write_csv(postings_table(practice), folder / "postings.csv")
    write_csv(notes_table(practice), folder / "visit_notes.csv")


def main() -> None:
    """Command line."""
    here = Path(__file__).resolve().parent
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
    write_practice(practice, chosen.out)


if __name__ == "__main__":
    main()
