"""Pages: a small, seeded part of `python -m benchmarks compare`: no change of its words goes unseen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from audit.beside import DENIED, UNITS_A_VISIT
from audit.clusters import design_effects
from audit.figures import HIGHER
from audit.periods import parse_period
from audit.populations import NO, YES
from audit.sidebyside import compare_saved
from benchmarks.alarms import Job, find_exact
from benchmarks.pages import (
    AGE,
    BESIDE,
    DOUBLING,
    MEASURES,
    RISING,
    count_alarms,
    count_found,
    count_words,
    lay_pages,
    look_back,
    save_period,
)
from benchmarks.simulated import MONTHS, Doubled, Practice, Rise, simulate
from benchmarks.visits import add_visits

if TYPE_CHECKING:
    from pathlib import Path

    from audit.populations import Populations

MONTH, YEAR, QUARTER = BESIDE.values()


def practice(lines: int = 250, doubled: Doubled | None = None) -> Practice:
    """Return a practice whose months differ somewhat by themselves."""
    return Practice(lines, 0.25, age=AGE, restless=0.1, doubled=doubled)


def simulated(seed: int, lines: int = 250, doubled: Doubled | None = None) -> Populations:
    draws, of = np.random.default_rng(seed), practice(lines, doubled=doubled)
    return add_visits(simulate(of, draws), of, draws)


def test_where_nothing_changed_hardly_a_page_alarms() -> None:
    """Of 24 pages each: a month beside the one before, beside the year before, a quarter beside a quarter."""
    alarms = count_alarms(Job(practice(), None, 24, (7,)))
    assert alarms[:, 0].sum() <= 8  # 5 % of 72, and what chance may add to it
    assert (alarms[:, 0] >= alarms[:, 1:].max(axis=1)).all()


def test_a_payer_that_denies_twenty_points_more_for_a_quarter_is_found() -> None:
    found, exact = count_found(Job(practice(1000), Rise(None, 1, 0.2, 3), 8, (8,)), QUARTER, RISING)
    assert found >= 6
    assert exact == 8


def test_a_code_whose_units_a_visit_double_is_found_in_a_month() -> None:
    found, exact = count_found(Job(practice(doubled=Doubled(3, 1)), None, 8, (9,)), MONTH, DOUBLING)
    assert (found >= 6, exact) == (True, 0)  # the exact test is one of lines


def test_a_page_counts_what_it_says() -> None:
    """The words counted are those of the page: its verdict and the table of payers."""
    (pair,) = lay_pages(practice(1000), np.random.default_rng(3), Rise(None, 1, 0.3, 3), [QUARTER])
    page = compare_saved(pair.earlier.results, pair.later.results)
    assert pair.words[pair.later.figures[DENIED, "", ""].id] == HIGHER
    assert pair.words[pair.later.figures[RISING].id] == HIGHER
    assert HIGHER in page.verdict
    told = count_words(pair)
    marked = [word for word in pair.words.values() if word.startswith("significantly")]
    assert told.shares + told.means == len(marked) >= 2
    assert {name.partition("/code")[0].partition("/payer")[0] for name in pair.words} == {
        DENIED,
        UNITS_A_VISIT,
    }


def test_one_seed_gives_one_page() -> None:
    words = [lay_pages(practice(), np.random.default_rng(5), None, [MONTH])[0].words for _ in range(2)]
    assert words[0] == words[1]


def test_an_earlier_period_is_saved_as_it_was_known_then(tmp_path: Path) -> None:
    """45 days after a month nothing later is in the files, and what was answered later waits."""
    whole = simulated(1, 1000)
    months = MONTHS - 1
    then = look_back(whole, months, 20)
    decided = then.lines.frame["first_decided_on"].to_numpy()
    assert (then.months, then.lines.month.max(), len(then.visits)) == (
        months,
        months - 1,
        then.visit_of_service.max() + 1,
    )
    assert np.nanmax(decided) == np.datetime64("2026-04-20")
    answered = then.lines.marks["answered"]
    assert (np.isnat(decided) == (answered == NO)).all()
    assert ((answered == YES) == (then.lines.marks["first_denied"] >= NO)).all()
    assert (answered == NO).sum() > (whole.lines.marks["answered"][: len(answered)] == NO).sum()
    saved = save_period(whole, parse_period("2026-03"), tmp_path)
    assert (saved.as_of, saved.mature) == (date(2026, 5, 15).isoformat(), True)
    assert save_period(whole, parse_period("2026-03"), tmp_path, age=5).mature is False


def test_visits_are_claims_and_alike_within_a_patient() -> None:
    """Of a code, a visit counts for nearly one; of all codes, the patient's others say somewhat the same."""
    of = simulated(2, 5000)
    assert (of.visit_of_service == of.lines.frame["claim"].to_numpy()).all()
    units = of.services.frame["units"].to_numpy()
    assert (np.bincount(of.visit_of_service, weights=units) == of.visits.frame["units"].to_numpy()).all()
    assert (units % 100 == 0).all()
    assert units.min() == 100
    assert len(np.unique(of.visits.frame["patient_key"].to_numpy())) == pytest.approx(
        len(of.visits) / 3, rel=0.15
    )
    effects = design_effects(of, MEASURES, range(12))
    assert 1.0 < effects[UNITS_A_VISIT, "code"] < effects[UNITS_A_VISIT, ""] < 1.7


def test_doubled_units_are_those_of_one_code_in_the_last_months() -> None:
    usual, doubled = (simulated(4, doubled=one).services for one in (None, Doubled(3, 3)))
    ratio = doubled.frame["units"].to_numpy() / usual.frame["units"].to_numpy()
    raised = (usual.groups["code"] == 3) & (usual.month >= MONTHS - 3)
    assert (ratio == np.where(raised, 2, 1)).all()


def test_a_rise_without_a_code_is_one_of_every_code() -> None:
    """Nobody else's lines are denied otherwise."""
    usual, raised = (
        simulate(practice(1000), np.random.default_rng(6), rise).lines
        for rise in (None, Rise(None, 1, 0.2, 3))
    )
    touched = (usual.groups["payer"] == 1) & (usual.month >= MONTHS - 3)
    was, now = usual.marks["first_denied"] == YES, raised.marks["first_denied"] == YES
    assert set(usual.groups["code"][touched & now & ~was]) == set(range(12))
    assert not (was & ~now & ~touched).any()
    assert not (now & ~was & ~touched).any()


def test_the_exact_test_tells_up_from_down() -> None:
    assert find_exact([40, 10, 20], [100] * 3, [10, 40, 20], [100] * 3, figures=30).tolist() == [1, -1, 0]
