"""Alarms: a small, seeded part of `python -m benchmarks alarms`: no change of the test goes unseen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency

from benchmarks.alarms import (
    Job,
    chi_square,
    count_alarms,
    count_covered,
    count_found,
    count_late_alarms,
    report,
)
from benchmarks.simulated import Practice, Rise


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_where_nothing_changed_hardly_a_report_alarms(spread: float) -> None:
    """Of 60 reports on 250 lines a month; +5 points and chi-square alarm in most."""
    ours, points, chi, _ = count_alarms(Job(Practice(250, spread), None, 60, (7,)))
    assert ours <= 6  # 5 % of them, and what chance may add to it
    assert points >= 50
    assert chi >= 30


def test_answers_that_come_later_are_no_change() -> None:
    """The largest payer takes fifteen days more in the last month."""
    ours, _ = count_late_alarms(Job(Practice(1000, 0.25, slower=15), None, 30, (8,)))
    assert ours <= 4


def test_a_rise_is_found_nearly_as_often_as_an_exact_test_of_lines_finds_it() -> None:
    """A code at a payer, 50 lines a month, up by 20 points; nearly always when it lasts three months."""
    once, lasting = (
        count_found(Job(Practice(1000, 0.25), Rise(0, 1, 0.2, months), 40, (9,))) for months in (1, 3)
    )
    assert once[0] >= 0.7 * once[1]
    assert lasting[0] >= 0.9 * lasting[1]
    assert lasting[0] >= 34


def test_intervals_hold_the_truth_in_19_of_20_reports() -> None:
    """Where claims are denied whole: an interval by lines would hold it in 17 or fewer."""
    job = Job(Practice(250, 0.0, age=365, rates=(0.1,) * 6), None, 100, (10,))
    total = count_covered(job).iloc[0]
    assert 0.9 <= total["held"] / total["shown"] <= 0.98


def test_one_seed_gives_one_practice() -> None:
    job = Job(Practice(250, 0.25), None, 3, (11,))
    assert count_alarms(job).tolist() == count_alarms(job).tolist()


def test_lines_of_a_claim_count_for_about_half() -> None:
    """Denied whole or not at all in three of four claims; within a code they count for what they are."""
    one = report(Practice(5000, 0.0), np.random.default_rng(12)).figures
    effect = one["base"] / one["effective"]
    assert effect[one["group"] == ""].iloc[0] == pytest.approx(2.2, abs=0.2)
    assert effect[one["group"] == "code"].max() == pytest.approx(1, abs=0.01)


def test_chi_square_is_the_one_of_comparative_billing_reports(shared: Path) -> None:
    """15 % of 300 beside 9 % of 10,000; the corrected one is scipy's alone, for nothing here uses it."""
    examples = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
    (one,) = (example for example in examples if example["area"] == "stats_peer")
    (x1, n1), (x2, n2), told = one["inputs"]["you"], one["inputs"]["peers"], one["expected"]
    (found,) = chi_square(*(np.array([number]) for number in (x1, n1, x2, n2)))
    assert found == pytest.approx(told["chi2_no_correction"], rel=1e-4)
    assert chi2.sf(found, 1) == pytest.approx(told["p"], rel=1e-4)
    corrected = chi2_contingency([[x1, n1 - x1], [x2, n2 - x2]], correction=True)
    assert (corrected.statistic, corrected.pvalue) == pytest.approx(
        (told["chi2_yates"], told["p_yates"]), rel=1e-4
    )
