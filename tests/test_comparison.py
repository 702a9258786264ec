"""Comparison: a period beside earlier ones, with intervals and outcome words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.comparison import Comparison, compare
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, TOO_FEW
from audit.intervals import newcombe, wilson
from audit.measures import Measure, Tabulation, Total, answered, marked, tabulate
from audit.periods import parse_period
from audit.populations import populate
from audit.series import Spans, lay_spans
from audit.settings import Thresholds
from tests.tables import claim_lines, visits

LIMITS = Thresholds()
RATE = Measure(
    "denials/rate",
    "Rate",
    "A rate.",
    marked("denied"),
    answered("denied"),
    unit="share",
    groups=("code",),
    judged=("", "code"),
)
WAITING = Measure(
    "denials/waiting",
    "Rate",
    "A rate.",
    marked("denied"),
    answered("denied"),
    unit="share",
    groups=(),
    needs_answers=True,
    judged=("",),
)
VISITS = Measure("usage/visits", "Visits", "Visits.", Total(table="visits"), groups=())

FIRST = 2025 * 12 + 8
"""September 2025: the first of fourteen months, so that October 2026 is the last."""


def months(denied: list[int], decided: list[int], measure: Measure = RATE) -> Tabulation:
    """Return a tabulation of one code with these counts in fourteen months."""
    counts = {}
    for total, row in (
        (measure.numerator, denied),
        (measure.base, decided),
        (measure.unknown, [0] * len(denied)),
    ):
        assert total is not None
        for group in ("", *measure.groups):
            counts[total, group] = np.array([row], dtype=np.int64)
    return Tabulation(counts, {}, {}, {}, {"code": ("97140",)})


def spans(period: str = "2026-10", judged: bool | None = True) -> Spans:
    return lay_spans(parse_period(period), FIRST, 14, LIMITS, judged)


def outcome(denied: int, decided: int, measure: Measure = RATE, judged: bool | None = True) -> str:
    """Return the word for a last month after thirteen months with 10 of 100 denied."""
    tabulation = months([10] * 13 + [denied], [100] * 13 + [decided], measure)
    return str(compare(tabulation, [measure], [], spans(judged=judged), LIMITS, {})["outcome"].iloc[0])


def test_a_month_stands_beside_the_last_the_year_before_and_three_pooled() -> None:
    """October 2026: September, October 2025, and July to September."""
    found = spans()
    assert (found.this, found.previous, found.year_before, found.three_before) == (
        range(13, 14),
        range(12, 13),
        range(1, 2),
        range(10, 13),
    )


def test_a_span_before_the_history_is_empty() -> None:
    """A year before January 2026 there are no files: nothing is compared, not even half of it."""
    found = spans("2026-Q1")
    assert found.previous == range(1, 4)
    assert found.year_before == range(0)


@pytest.mark.parametrize(
    ("denied", "decided", "word"),
    [
        (10, 100, NOT_HIGHER),
        (16, 100, BY_CHANCE),
        (40, 100, HIGHER),
        (0, 300, LOWER),
        (3, 10, TOO_FEW),
        (0, 0, TOO_FEW),
    ],
)
def test_the_word_follows_the_test(denied: int, decided: int, word: str) -> None:
    """After a year of 10 %, 16 of 100 is nothing, 40 of 100 is high, and ten lines are too few."""
    assert outcome(denied, decided) == word


def test_what_waits_for_answers_is_not_judged() -> None:
    """An immature period has no word for denials, however high they stand."""
    assert outcome(40, 100, WAITING, judged=False) == NOT_JUDGED


def test_without_six_earlier_months_there_is_no_word() -> None:
    """A first half year is too few to tell."""
    tabulation = months([10] * 5 + [40] + [0] * 8, [100] * 14)
    early = lay_spans(parse_period("2026-02"), FIRST, 14, LIMITS, True)
    assert compare(tabulation, [RATE], [], early, LIMITS, {})["outcome"].iloc[0] == TOO_FEW


def test_interval_and_change_count_claims_as_clusters() -> None:
    """With a design effect of two, 100 lines tell as much as 50."""
    tabulation = months([10] * 13 + [20], [100] * 14)
    row = compare(tabulation, [RATE], [], spans(), LIMITS, {("denials/rate", ""): 2.0}).iloc[0]
    assert row["effective"] == 50
    assert (row["low"], row["high"]) == pytest.approx(tuple(wilson(20, 100, effective=50)))
    assert row["change"] == pytest.approx(0.10)
    ends = newcombe(20, 100, 30, 300, effective1=50, effective2=150)
    assert (row["change_low"], row["change_high"]) == pytest.approx(tuple(ends))


def comparison(denied: int, decided: int) -> Comparison:
    """Return the comparison of a last month after thirteen months with 10 of 100 denied."""
    tabulation = months([10] * 13 + [denied], [100] * 13 + [decided])
    period = parse_period("2026-10")
    return Comparison(
        frame=compare(tabulation, [RATE], [], spans(), LIMITS, {}),
        tabulation=tabulation,
        measures={RATE.id: RATE},
        lasting=frozenset(),
        effects={},
        spans=spans(),
        period=period,
        first_month=FIRST,
        limits=LIMITS,
    )


def test_the_smallest_change_that_could_have_been_found_is_found() -> None:
    """And half of it is not; a larger month shows smaller ones, a small one none."""
    change = comparison(10, 100).smallest_change("denials/rate", "code", "97140")
    assert change is not None
    assert 0.05 < change < 0.3
    assert outcome(round(100 * (0.1 + change)), 100) == HIGHER
    assert outcome(round(100 * (0.1 + change / 2)), 100) == BY_CHANCE
    assert (comparison(100, 1000).smallest_change("denials/rate") or 1) < change
    assert comparison(1, 10).smallest_change("denials/rate") is None
    assert comparison(10, 100).smallest_change("denials/rate", "code", "97124") is None


def test_an_amount_has_no_interval_but_a_usual_range() -> None:
    """Visits: an individuals chart of the earlier months, and no word, as nothing is tested."""
    counts = {(VISITS.numerator, ""): np.array([[100, 110] * 6 + [100, 200]], dtype=np.int64)}
    row = compare(Tabulation(counts, {}, {}, {}, {}), [VISITS], [], spans(), LIMITS, {}).iloc[0]
    assert row["outcome"] == ""
    assert row["usual_high"] == pytest.approx(105 + 2.66 * 10, abs=1)


def test_every_figure_of_a_tabulation_has_a_row() -> None:
    """In total and for each value that occurs."""
    lines = claim_lines("code service_date\n97140 2026-10-01\n97124 2026-10-02")
    seen = visits("service_date\n2026-10-01\n2026-10-02")
    found = populate(lines, seen, pd.Timestamp("2026-12-01"), 12)
    measure = Measure("usage/lines", "Lines", "Lines.", Total(), groups=("code",))
    this = Spans(range(0, 1), range(0), range(0), range(0), range(0), range(0, 1))
    frame = compare(tabulate(found, [measure]), [measure], [], this, LIMITS, {})
    assert frame[["group", "value", "numerator"]].to_numpy().tolist() == [
        ["", "", 2],
        ["code", "97124", 1],
        ["code", "97140", 1],
    ]
