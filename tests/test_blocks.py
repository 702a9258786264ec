"""Numbers as words, and outcome words as shapes."""

from __future__ import annotations

import pytest

from audit.blocks import (
    OUTCOMES,
    Cell,
    Row,
    average,
    change,
    count,
    dollars,
    fold_rows,
    interval,
    look,
    money,
    money_exact,
    percent,
    plural,
    points,
    rate,
    share,
    units,
)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (74, 639, "11.6 %"),
        (0, 212, "0 %"),
        (212, 212, "100 %"),
        (1, 5000, "under 0.1 %"),
        (4999, 5000, "over 99.9 %"),
        (1, 2000, "0.1 %"),  # 0.05 % rounds up
        (1, 16, "6.3 %"),  # 6.25 % rounds up, not to even
        (3, 0, "—"),
        (None, 10, "—"),
        (3, None, "—"),
    ],
)
def test_a_share_is_zero_or_whole_only_when_it_is(part: int | None, whole: int | None, shown: str) -> None:
    assert share(part, whole) == shown


def test_under_eleven_cases_no_rate_is_shown() -> None:
    assert rate(1, 6) == "1 of 6"
    assert rate(1, 10) == "1 of 10"
    assert rate(1, 11) == "9.1 %"
    assert rate(2, 20, smallest=30) == "2 of 20"
    assert rate(0, 0) == "—"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.116, "11.6 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.0001, "under 0.1 %"),
        (0.9999, "over 99.9 %"),
        (0.9995, "over 99.9 %"),
        (-0.0395, "−4.0 %"),
        (12.5, "1,250.0 %"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_a_percentage_has_one_decimal(value: float | None, shown: str) -> None:
    assert percent(value) == shown


@pytest.mark.parametrize(
    ("cents", "shown", "exact", "column"),
    [
        (217100, "$2,171", "$2,171.00", "2,171"),
        (1250, "$12.50", "$12.50", "13"),
        (1200, "$12", "$12.00", "12"),
        (30, "$0.30", "$0.30", "under 1"),
        (0, "$0", "$0.00", "0"),
        (-41850, "−$419", "−$418.50", "−419"),
        (None, "—", "—", "—"),
    ],
)
def test_money_is_whole_cents_and_the_minus_is_a_minus(
    cents: int | None, shown: str, exact: str, column: str
) -> None:
    assert (money(cents), money_exact(cents), dollars(cents)) == (shown, exact, column)


def test_units_are_held_in_hundredths() -> None:
    assert [units(value) for value in (362, 36200, 150, -100, None)] == ["3.62", "362", "1.5", "−1", "—"]
    assert average(100_400, 277, scale=100) == "3.62"
    assert average(5, 0) == "—"


def test_a_change_carries_its_sign_and_nothing_has_none() -> None:
    assert points(0.039) == "+3.9 points"
    assert points(-0.0012) == "−0.1 points"
    assert points(0.0001) == "0.0 points"
    assert change(200, 231) == "+16 %"
    assert change(0, 5) == "—"


def test_counts_and_intervals() -> None:
    assert count(-1234) == "−1,234"
    assert (plural(1, "line"), plural(1204, "line"), plural(0, "entry", "entries")) == (
        "1 line",
        "1,204 lines",
        "0 entries",
    )
    assert interval(0.093, 0.1431) == "9.3–14.3 %"
    assert interval(0, 0.02) == "0–2.0 %"
    assert interval(None, 0.1) == ""


def test_color_is_kept_for_worse_and_better() -> None:
    assert look("significantly higher", "worse") == ("up", "worse")
    assert look("significantly higher") == ("up-open", "ink")
    assert look("significantly lower", "better") == ("down", "better")
    assert look("does not exceed", "worse").tone == "muted"


def test_every_outcome_word_has_a_shape_and_no_other_word_is_shown() -> None:
    shapes = {look(word, "worse").shape for word in OUTCOMES}
    assert shapes == {"up", "down", "up-open", "ring", "dash", "dots"}
    with pytest.raises(ValueError, match="not an outcome word"):
        look("suspicious")


def test_a_fold_hides_at_least_four_rows_and_never_the_total() -> None:
    rows = [Row((Cell(str(at)),)) for at in range(18)]
    total = Row((Cell("All"),), total=True)
    assert not any(row.more for row in fold_rows([*rows, total], shown=15))
    folded = fold_rows([*rows, rows[0], total], shown=15)
    assert [row.more for row in folded] == [False] * 15 + [True] * 4 + [False]
