"""What is billed for the visits: claim lines with units, minutes, modifiers, diagnoses and prices.

In go draws, visits, payers and codes; out comes one row per line in order of visit. `line`, `visit` and
`claim` are numbers (-1: no claim), `submitted` is a day, amounts (`charge`, `allowed`, the patient's `share`)
are cents; they say what the payer would allow, should it accept the line.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .draws import AS_OF, BLANK, EPOCH, Bools, Draws, Ints, Texts, day
from .roster import (
    AUTO,
    CHIROPRACTIC,
    CODES,
    COMMERCIAL_B,
    COMP,
    MASSAGE,
    MEDICARE,
    MEDICARE_CHIROPRACTIC,
    NUMBER,
    PT,
    SELF_PAY,
    Code,
    Payer,
    fee_of,
)

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
