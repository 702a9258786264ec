"""Showing: one figure becomes the same cell, word and dot wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest

from audit.comparison import Comparison
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_JUDGED, TOO_FEW, Counts, Figure
from audit.measures import Measure, answered, marked
from audit.periods import parse_period
from audit.record import Audit
from audit.settings import Thresholds
from audit.showing import (
    change_cell,
    each_cell,
    earlier_cell,
    interval_cell,
    name_cell,
    number_cell,
    outcome_cell,
    share_cell,
    share_cells,
    share_dot,
    share_heads,
    tone,
    trend_months,
    values_of,
)

LIMITS = Thresholds()
RATE = Measure("denials/rate", "Rate", "A rate.", marked("d"), answered("d"), unit="share", worse="higher")
NONE = Counts(0, 0)


def figure(numerator: int, base: int = 0, **more: Any) -> Figure:
    told: dict[str, Any] = {
        "measure": "denials/rate",
        "group": "code",
        "value": "97140",
        "other": "",
        "unknown": 0,
        "outcome": BY_CHANCE,
        "previous": NONE,
        "year_before": NONE,
        "three_before": NONE,
    }
    return Figure(numerator=numerator, base=base, **(told | more))


@pytest.mark.parametrize(
    ("outcome", "worse", "found"),
    [
        (HIGHER, "higher", "worse"),
        (LOWER, "higher", "better"),
        (LOWER, "lower", "worse"),
        (HIGHER, "", ""),
        (BY_CHANCE, "higher", ""),
        (TOO_FEW, "higher", ""),
        (NOT_JUDGED, "higher", ""),
    ],
)
def test_only_a_judged_change_of_a_known_direction_has_a_color(outcome: str, worse: str, found: str) -> None:
    assert tone(outcome, worse) == found


def test_a_value_that_the_export_leaves_blank_has_a_name() -> None:
    assert name_cell("").text == "not told"
    assert name_cell("Aetna").text == "Aetna"


@pytest.mark.parametrize(
    ("unit", "text"), [("count", "123,450"), ("cents", "1,235"), ("units", "1,234.5")], ids=str
)
def test_an_amount_is_written_by_its_unit(unit: str, text: str) -> None:
    """Whole dollars, whole units and their parts; sorted by the number behind it."""
    cell = number_cell(figure(123450), unit)
    assert (cell.text, cell.sort, cell.explain) == (text, 123450, "denials/rate/code=97140")


def test_what_does_not_occur_is_nothing_and_can_be_traced_nowhere() -> None:
    assert (number_cell(None).text, number_cell(None).explain) == ("0", "")
    assert [share_cell(one, LIMITS).text for one in (None, figure(0, 0))] == ["—", "—"]
    assert each_cell(figure(5, 0)).text == "—"


def test_units_and_dollars_for_each_visit_have_two_decimals() -> None:
    assert each_cell(figure(1000, 3)).text == "3.33"


def test_days_are_held_whole() -> None:
    assert each_cell(figure(1000, 3), 1).text == "333.33"


@pytest.mark.parametrize(
    ("numerator", "base", "text", "small"),
    [(1, 6, "1 of 6", True), (2, 10, "2 of 10", True), (2, 11, "18.2 %", True), (6, 30, "20.0 %", False)],
)
def test_a_small_base_has_no_rate(numerator: int, base: int, text: str, small: bool) -> None:
    """Under 11 only "1 of 6"; under 30 a rate in grey."""
    cell = share_cell(figure(numerator, base), LIMITS)
    assert (cell.text, cell.small) == (text, small)
    assert earlier_cell(Counts(numerator, base), LIMITS).text == text
    assert (interval_cell(figure(numerator, base, low=0.1, high=0.3), LIMITS).text == "") == (base < 11)


def test_a_change_needs_a_rate_on_both_sides() -> None:
    change = {"change": 0.1, "change_low": -0.02, "change_high": 0.22}
    shown = change_cell(figure(6, 30, three_before=Counts(3, 30), **change), LIMITS)
    assert (shown.text, shown.sub) == ("+10.0", "\N{MINUS SIGN}2.0 to +22.0")
    assert change_cell(figure(6, 30, three_before=Counts(1, 10), **change), LIMITS).text == "—"
    assert change_cell(figure(2, 10, three_before=Counts(3, 30), **change), LIMITS).text == "—"
    assert change_cell(figure(6, 30), LIMITS).text == "—"


def test_the_outcome_word_stands_with_its_shape() -> None:
    cell = outcome_cell(figure(6, 30, outcome=HIGHER), RATE)
    assert (cell.text, cell.mark, cell.tone) == ("higher", HIGHER, "worse")
    assert outcome_cell(figure(6, 30), RATE).text == "chance"
    assert [outcome_cell(one, RATE).text for one in (None, figure(6, 30, outcome=""))] == ["", ""]


def test_a_change_found_over_three_months_says_so() -> None:
    """No month of them need show it alone; what is within chance is so over any of them."""
    assert outcome_cell(figure(6, 30, outcome=HIGHER, over=3), RATE).text == "higher over 3 months"
    assert outcome_cell(figure(6, 30, over=3), RATE).text == "chance"


def test_a_share_fills_its_columns() -> None:
    """Also where the figure does not occur."""
    heads = share_heads(parse_period("2026-10"))
    assert len(share_cells(figure(6, 30), RATE, LIMITS)) == len(share_cells(None, RATE, LIMITS)) == len(heads)
    assert heads[-1].text == "Oct 2025"
    assert heads[4].text == "Jul\N{EN DASH}Sep 2026"


def test_a_dot_is_drawn_where_a_rate_is_shown() -> None:
    shown = share_dot(figure(6, 30, low=0.1, high=0.4, three_before=Counts(3, 30)), "97140", RATE, LIMITS)
    assert (shown.value, shown.low, shown.high, shown.earlier) == (0.2, 0.1, 0.4, 0.1)
    hidden = share_dot(figure(1, 6, low=0.1, high=0.4, three_before=Counts(1, 6)), "97140", RATE, LIMITS)
    assert (hidden.value, hidden.low, hidden.high, hidden.earlier) == (None, None, None, None)
    assert hidden.text == "1 of 6"


def test_a_line_of_months_is_a_ratio_or_an_amount() -> None:
    assert values_of([Counts(1, 4), Counts(0, 0), Counts(2, 4)]) == [0.25, None, 0.5]
    assert values_of([Counts(3, 0), Counts(0, 0)]) == [3.0, 0.0]


def test_a_trend_ends_with_months_that_are_not_judged(sample_audit: Audit) -> None:
    """Thirteen months up to September; October is young, and few lines make a gap."""
    comparison: Comparison = sample_audit.comparison
    months = trend_months(comparison, "denials/first_rate", "", "", 1, 13)
    assert [month.label for month in months[-3:]] == ["Aug 2026", "Sep 2026", "Oct 2026"]
    assert [month.mature for month in months[-3:]] == [True, True, False]
    assert len(months) == 14
    for month in months:
        if month.value is not None and month.low is not None and month.high is not None:
            assert month.low <= month.value <= month.high
    rare = trend_months(comparison, "denials/first_rate", "code", "97163", 1, 13)
    assert any(month.value is None for month in rare)
