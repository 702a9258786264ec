"""How a figure of two saved periods is shown: its cells and the words for small and unknown cases."""

from __future__ import annotations

import pytest

from audit.beside import NOT_ADDING
from audit.beside_cells import beside_cells
from audit.figures import HIGHER, TOO_FEW
from tests.pairs import paired
from tests.saved import measure, saved

RATE = "denials/first_rate"


def texts(earlier: str, later: str, name: str) -> list[str]:
    """Return the cells of a figure: both values, change, interval, outcome."""
    pair = paired(saved(*earlier.split("|")), saved(*later.split("|")))
    both = pair.beside(name)
    assert both
    return [cell.text or cell.mark for cell in beside_cells(pair, both)]


def test_amounts_of_periods_of_different_length_are_shown_per_month() -> None:
    row = "figure top\nusage/charge"
    assert texts(f"2026-Q2|{row} 3000000", f"2026-10|{row} 1200000", "usage/charge") == [
        "$10,000",
        "$12,000",
        "+20 %",
        "",
        "",
    ]
    assert texts(f"2026-07|{row} 3000000", f"2026-10|{row} 1200000", "usage/charge")[:3] == [
        "$30,000",
        "$12,000",
        "−60 %",
    ]


def test_days_for_each_line_are_not_hundredths() -> None:
    row = "figure top base\nanswers/days_to_answer"
    assert texts(f"2026-07|{row} 300 20", f"2026-10|{row} 450 20", "answers/days_to_answer")[:3] == [
        "15.00",
        "22.50",
        "+50 %",
    ]


def test_what_does_not_add_up_over_months_is_not_divided_by_them() -> None:
    """A quarter's patients are fewer than three months' patients: no rate of a month can be made of them."""
    row = "figure top\nusage/patients"
    assert texts(f"2026-Q2|{row} 90", f"2026-10|{row} 50", "usage/patients") == [
        "90",
        "50",
        "—",
        "",
        NOT_ADDING,
    ]
    assert texts(f"2026-Q2|{row} 90", f"2026-Q3|{row} 99", "usage/patients")[:3] == ["90", "99", "+10 %"]


def test_what_counts_the_whole_history_is_never_divided_by_months() -> None:
    row = "figure top\ndenials/open"
    assert texts(f"2026-Q2|{row} 90", f"2026-10|{row} 60", "denials/open")[:3] == ["90", "60", "−33 %"]


def test_cells_carry_the_words_of_small_and_unknown_cases() -> None:
    head = "figure top base effective unknown"
    pair = paired(saved("2026-07", f"{head}\n{RATE} 1 6 6 0"), saved("2026-10", f"{head}\n{RATE} 2 20 20 3"))
    both = pair.beside(RATE)
    assert both
    one, other, change, ends, word = beside_cells(pair, both)
    assert (one.text, one.sub, one.small) == ("1 of 6", "", True)
    assert (other.text, other.sub, other.small) == ("10.0 %", "2 of 20, 3 not told", True)
    assert (change.text, ends.text, word.mark) == ("—", "", TOO_FEW)
    assert other.explain == RATE
    assert other.sort == pytest.approx(0.1)


def test_only_what_is_worse_is_colored_worse() -> None:
    head = "figure top base effective outcome"
    earlier, later = (f"{head}\n{RATE} {top} 400 400 does_not_exceed" for top in (20, 100))
    for worse, tone in (("higher", "worse"), ("lower", "better"), ("", "")):
        known = {RATE: measure(RATE, worse=worse)}
        pair = paired(saved("2026-07", earlier), saved("2026-10", later, measures=known))
        both = pair.beside(RATE)
        assert both
        assert (both.reading, beside_cells(pair, both)[-1].tone) == (HIGHER, tone)
