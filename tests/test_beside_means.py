"""Means per visit of two saved periods: the report's own test, where both files keep the squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from msgspec import structs

from audit.archive import save
from audit.beside import OVERLAP, UNITS_A_VISIT, Beside
from audit.beside_means import find_mean_spread
from audit.beside_sides import Side
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW, figure_id
from audit.means import PRIOR_MEANS_SPREAD, mean_spread
from audit.periods import parse_period
from audit.results import Results, SavedFigure
from tests.pairs import paired
from tests.practices import audit_of, write_practice
from tests.saved import measure, saved

if TYPE_CHECKING:
    from pathlib import Path

MONTHS = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)][:16]
"""January 2025 to April 2026."""

WORDS = {HIGHER, LOWER}


def figure(units: dict[str, list[float]], period: str, effect: float = 1.0, **where: str) -> SavedFigure:
    """Return units per visit of a period, from the units of the visits of each month."""
    hundredths = {month: np.rint(np.array(visits) * 100) for month, visits in units.items()}
    months = [f"{one // 12}-{one % 12 + 1:02}" for one in parse_period(period).months]
    of_period = np.concatenate([hundredths[month] for month in months])
    return SavedFigure(
        id=figure_id(UNITS_A_VISIT, where),
        numerator=int(of_period.sum()),
        denominator=len(of_period),
        unknown=0,
        unit="units each",
        outcome=NOT_HIGHER,
        history={
            month: (int(one.sum()), len(one), round(len(one) / effect, 2))
            for month, one in hundredths.items()
        },
        squares={month: int((one**2).sum()) for month, one in hundredths.items()},
    )


def results(period: str, *figures: SavedFigure) -> Results:
    empty = saved(period, "figure top\nusage/lines 400")
    return structs.replace(
        empty, figures=[*empty.figures, *figures], measures=empty.measures | {UNITS_A_VISIT: MEANING}
    )


MEANING = measure(UNITS_A_VISIT, worse="")


def compared(july: list[float], october: list[float], **changed: Any) -> Beside:
    """Return units per visit of two months; `changed` changes how July was saved."""
    earlier = structs.replace(figure({"2026-07": july}, "2026-07"), **changed)
    later = figure({"2026-07": july, "2026-10": october}, "2026-10")
    both = paired(results("2026-07", earlier), results("2026-10", later)).beside(UNITS_A_VISIT)
    assert both
    return both


USUAL = [2.0, 3.0, 4.0] * 40
"""The units of 120 visits of a month."""


@pytest.mark.parametrize(
    ("july", "october", "word"),
    [
        (USUAL, [4.0, 6.0, 8.0] * 40, HIGHER),
        (USUAL, [1.0, 1.5, 2.0] * 40, LOWER),
        (USUAL, [2.0, 3.0, 4.1] * 40, BY_CHANCE),
        (USUAL, USUAL, NOT_HIGHER),
        (USUAL, [6.0] * 11, HIGHER),
        (USUAL, [6.0] * 10, TOO_FEW),
        # A few odd visits are no change of the mean, in whichever of the two they are.
        ([3.0] * 119 + [90.0], [3.0] * 119 + [3.1], NOT_HIGHER),
        ([3.0] * 119 + [3.1], [3.0] * 119 + [90.0], BY_CHANCE),
    ],
)
def test_a_mean_has_the_word_that_the_report_would_say(
    july: list[float], october: list[float], word: str
) -> None:
    both = compared(july, october)
    assert (both.reading, both.change, both.low) == (word, None, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"squares": {}},
        {"outcome": ""},
        {"history": {"2026-07": (36000, 120, None)}},
        {"history": {}, "squares": {}},
        {"numerator": 99000},
    ],
    ids=["older file", "not judged", "clusters not told", "no months", "months do not add up"],
)
def test_a_mean_whose_file_does_not_tell_enough_has_no_word(changed: dict[str, Any]) -> None:
    assert compared(USUAL, [4.0, 6.0, 8.0] * 40, **changed).reading == ""


def test_the_larger_design_effect_of_the_two_counts() -> None:
    """120 visits of twelve patients are ten."""
    history = {"2026-07": (36000, 120, 10.0)}
    assert compared(USUAL, [4.0, 6.0, 8.0] * 40, history=history).reading == TOO_FEW


def test_overlapping_periods_have_no_word() -> None:
    quarter = {f"2026-{month:02}": USUAL for month in (7, 8, 9)}
    one = results("2026-07", figure({"2026-07": USUAL}, "2026-07"))
    both = paired(one, results("2026-Q3", figure(quarter, "2026-Q3"))).beside(UNITS_A_VISIT)
    assert both
    assert both.reading == OVERLAP


def test_how_restless_months_are_is_told_by_the_clinicians_of_the_later_file() -> None:
    draws = np.random.default_rng(4)
    by_name = {
        name: {month: list(draws.normal(3 + draws.normal(0, 0.5), 1, 100).clip(1)) for month in MONTHS}
        for name in ("Ames", "Bly")
    }
    total = {month: [*by_name["Ames"][month], *by_name["Bly"][month]] for month in MONTHS}
    figures = [figure(total, "2026-04")]
    figures += [figure(months, "2026-04", clinician=name) for name, months in by_name.items()]
    side = Side(results("2026-04", *figures))
    year = [
        [(np.rint(np.array(months[month]) * 100) ** power).sum() for month in MONTHS[:12]]
        for months in by_name.values()
        for power in (0, 1, 2)
    ]
    alone = mean_spread(year[::3], year[1::3], year[2::3], PRIOR_MEANS_SPREAD)
    assert find_mean_spread(side, UNITS_A_VISIT, "clinician") == pytest.approx(alone)
    assert 0 < find_mean_spread(side, UNITS_A_VISIT, "") < alone
    untold = Side(results("2026-04"))
    assert find_mean_spread(untold, UNITS_A_VISIT, "code") == pytest.approx(PRIOR_MEANS_SPREAD)


# --- a small simulation ---------------------------------------------------------------------

CODES, CLINICIANS = ("97110", "97112", "97140", "97530"), ("Ames", "Bly", "Cole")


def draw(seed: int, *, doubled: str = "") -> Results:
    """Return April 2026 of a practice whose months differ by a tenth of a visit's deviation.

    Visits of one patient in a month are alike: the design effect is about 1.7. `doubled` is a code whose
    units a visit are twice as many in the last month.
    """
    random = np.random.default_rng([7, seed])
    visits = 1 + random.poisson(2, 16 * 60)
    month = np.repeat(np.repeat(np.arange(16), 60), visits)
    clinician = np.repeat(random.integers(0, 3, len(visits)), visits)
    unrest = 0.1 * random.standard_normal((16, 3))[month, clinician]
    code = random.integers(0, 4, len(month))
    patient = np.repeat(random.normal(0, 0.5, len(visits)), visits)
    units = np.maximum(3 + unrest + patient + random.normal(0, 0.87, len(month)), 0.25)
    if doubled:
        units[(code == CODES.index(doubled)) & (month == 15)] *= 2

    def saved_as(rows: np.ndarray, **where: str) -> SavedFigure:
        by_month = {name: list(units[rows & (month == at)]) for at, name in enumerate(MONTHS)}
        return figure(by_month, "2026-04", 1.7 if "code" not in where else 1.2, **where)

    return results(
        "2026-04",
        saved_as(month >= 0),
        *(saved_as(code == at, code=name) for at, name in enumerate(CODES)),
        *(saved_as(clinician == at, clinician=name) for at, name in enumerate(CLINICIANS)),
    )


def before(later: Results, period: str) -> Results:
    """Return an earlier period of the same practice, as it would have been saved."""
    months = [f"{one // 12}-{one % 12 + 1:02}" for one in parse_period(period).months]
    figures = []
    for one in later.figures:
        counted = [one.history[month] for month in months if month in one.history]
        tops, bases = sum(top for top, _, _ in counted), sum(base or 0 for _, base, _ in counted)
        figures.append(structs.replace(one, numerator=tops, denominator=bases) if counted else one)
    return structs.replace(later, period=period, as_of="2026-04-20", figures=figures)


def words(later: Results, period: str) -> dict[str, str]:
    """Return the words of the total and of every code beside an earlier period."""
    return paired(before(later, period), later).words


@pytest.mark.parametrize("period", ["2026-03", "2025-04", "2025-Q4"])
def test_where_nothing_changed_few_pages_call_a_mean_higher_or_lower(period: str) -> None:
    """One page in twenty by design; of two hundred, ten."""
    pages = [words(draw(seed), period) for seed in range(200)]
    assert {len(page) for page in pages} == {1 + len(CODES)}
    assert sum(bool(WORDS & set(page.values())) for page in pages) <= 10


def test_a_mean_that_doubles_is_found_and_its_neighbors_are_left_alone() -> None:
    pages = [words(draw(seed, doubled="97140"), "2026-03") for seed in range(20)]
    named = figure_id(UNITS_A_VISIT, {"code": "97140"})
    assert all(page[named] == HIGHER for page in pages)
    others = [page[figure_id(UNITS_A_VISIT, {"code": code})] for page in pages for code in CODES[:2]]
    assert len([word for word in others if word in WORDS]) <= 2


# --- saved by a report, read by a comparison ------------------------------------------------


def test_a_report_keeps_the_squares_of_what_it_judges(tmp_path: Path) -> None:
    """Of the total, of codes and of clinicians, month by month; of payers, which it does not judge, none."""
    rows = ["line_id  claim_id  visit_id  patient_id  service_date  code  payer  units"]
    for at, day in enumerate(("2026-09-07", "2026-09-08", "2026-10-05")):
        rows.append(f"L{at} C{at} V{at} P{at} {day} 97140 Aetna {at + 1}")
    kept = {
        one.id: one for one in save(audit_of(write_practice(tmp_path, "\n".join(rows)), "2026-10")).figures
    }
    for name in (UNITS_A_VISIT, f"{UNITS_A_VISIT}/code=97140"):
        assert kept[name].squares == {"2026-09": 100**2 + 200**2, "2026-10": 300**2}
        assert all(effective for _, _, effective in kept[name].history.values())
    payer = kept[f"{UNITS_A_VISIT}/payer=Aetna"]
    assert (payer.squares, {one[2] for one in payer.history.values()}) == ({}, {None})
