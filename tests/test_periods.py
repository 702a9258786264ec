"""Months, periods, and which one a report is about."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import SettingsError
from audit.periods import (
    Answered,
    Period,
    choose_period,
    judge_period,
    month_of,
    month_short,
    month_start,
    month_text,
    month_title,
    parse_period,
)

DASH = "\N{EN DASH}"
months = st.integers(1950 * 12, 2150 * 12)


def month(text: str) -> int:
    return parse_period(text).first


def history(table: str) -> dict[int, Answered]:
    """Read lines of: month, lines billed to a payer, lines settled."""
    rows = (line.split() for line in table.split("\n") if line.strip())
    return {month(name): Answered(int(billed), int(settled)) for name, billed, settled in rows}


def choose(
    table: str, as_of: str, *, mature_share: float = 0.9, any_answer: bool = True
) -> tuple[str, bool | None, list[str]]:
    chosen = choose_period(
        history(table), date.fromisoformat(as_of), mature_share=mature_share, any_answer=any_answer
    )
    return chosen.period.text, chosen.mature, [month_text(younger) for younger in chosen.younger]


@pytest.mark.parametrize(
    ("written", "text", "title", "short", "length"),
    [
        ("2026-10", "2026-10", "October 2026", "Oct 2026", 1),
        ("2026-Q3", "2026-Q3", f"July{DASH}September 2026", f"Jul{DASH}Sep 2026", 3),
        ("2026-q3", "2026-Q3", f"July{DASH}September 2026", f"Jul{DASH}Sep 2026", 3),
        ("2026", "2026", "2026", "2026", 12),
        ("2026-07..2026-08", "2026-07..2026-08", f"July{DASH}August 2026", f"Jul{DASH}Aug 2026", 2),
        (
            "2025-11..2026-01",
            "2025-11..2026-01",
            f"November 2025{DASH}January 2026",
            f"Nov 2025{DASH}Jan 2026",
            3,
        ),
        (" 2026-07 .. 2026-09 ", "2026-Q3", f"July{DASH}September 2026", f"Jul{DASH}Sep 2026", 3),
        ("2026-01..2026-12", "2026", "2026", "2026", 12),
        ("2026-05..2026-05", "2026-05", "May 2026", "May 2026", 1),
        ("2026-Q1..2026-Q2", "2026-01..2026-06", f"January{DASH}June 2026", f"Jan{DASH}Jun 2026", 6),
        ("2025..2026", "2025-01..2026-12", f"2025{DASH}2026", f"2025{DASH}2026", 24),
    ],
)
def test_a_period_is_read_and_told_in_one_way(
    written: str, text: str, title: str, short: str, length: int
) -> None:
    period = parse_period(written)
    assert (period.text, period.title, period.short, len(period.months)) == (text, title, short, length)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "october",
        "2026-13",
        "2026-00",
        "2026-1",
        "2026-Q5",
        "2026-Q0",
        "26-10",
        "2026-10-01",
        "2026/10",
        "2026-07..",
        "..2026-07",
        "2026-07..2026-08..2026-09",
        "2026-07-2026-09",
        "0000-01",
        "2026\n2027",
        "\u0662\u0660\u0662\u0666",
    ],
)
def test_anything_else_is_refused_with_a_sentence_that_shows_how_to_write_it(written: str) -> None:
    with pytest.raises(SettingsError, match=r"2026-10.*2026-Q3.*2026-07\.\.2026-09"):
        parse_period(written)


@pytest.mark.parametrize("written", ["2026-09..2026-07", "2026..2025", "2026-07..2026"])
def test_a_range_must_begin_before_it_ends(written: str) -> None:
    with pytest.raises(SettingsError, match="does not run forward"):
        parse_period(written)


def test_a_very_long_option_is_not_repeated_whole() -> None:
    with pytest.raises(SettingsError) as refusal:
        parse_period("x" * 10_000)
    assert len(str(refusal.value)) < 300


@given(months, st.integers(1, 40))
def test_what_a_period_prints_is_read_back_as_the_same_period(first: int, length: int) -> None:
    period = Period(first, first + length - 1)
    assert parse_period(period.text) == period


@given(months)
def test_a_month_and_its_first_day_are_the_same_month(number: int) -> None:
    assert month_of(month_start(number)) == number
    assert month_start(number).isoformat() == f"{month_text(number)}-01"


def test_months_are_named_in_english_whatever_the_locale() -> None:
    number = month_of(date(2026, 3, 31))
    assert (month_text(number), month_title(number), month_short(number)) == (
        "2026-03",
        "March 2026",
        "Mar 2026",
    )


def test_a_period_knows_its_last_day() -> None:
    assert parse_period("2024-02").last_day == date(2024, 2, 29)
    assert parse_period("2026").last_day == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("period", "previous", "year_before", "three_before"),
    [
        ("2026-02", "2026-01", "2025-02", "2025-11..2026-01"),
        ("2026-Q3", "2026-Q2", "2025-Q3", "2025-10..2026-06"),
        ("2026", "2025", "2025", "2025"),
        ("2026-07..2026-12", "2026-01..2026-06", "2025-07..2025-12", "2025-07..2026-06"),
        ("2026-03..2026-04", "2026-01..2026-02", "2025-03..2025-04", "2025-09..2026-02"),
        ("2024-07..2026-06", "2022-07..2024-06", "2023-07..2025-06", "2023-07..2024-06"),
    ],
)
def test_the_periods_a_period_is_compared_with(
    period: str, previous: str, year_before: str, three_before: str
) -> None:
    this = parse_period(period)
    assert this.previous().text == previous
    assert this.year_before().text == year_before
    assert this.three_before().text == three_before


def test_earlier_months_end_directly_before_the_period() -> None:
    assert [month_text(m) for m in parse_period("2026-02").earlier_months(3)] == [
        "2025-11",
        "2025-12",
        "2026-01",
    ]
    assert list(parse_period("2026-02").earlier_months(0)) == []


def test_a_period_contains_its_own_months_only() -> None:
    quarter = parse_period("2026-Q3")
    assert [quarter.contains(month(m)) for m in ("2026-06", "2026-07", "2026-09", "2026-10")] == [
        False,
        True,
        True,
        False,
    ]


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends no earlier"):
        Period(2, 1)


HISTORY = """
    2026-07  100  100
    2026-08  100   90
    2026-09  100   89
    2026-10   10    1
"""


def test_the_newest_mature_month_is_chosen_and_the_younger_whole_months_follow() -> None:
    assert choose(HISTORY, "2026-10-15") == ("2026-08", True, ["2026-09"])


def test_exactly_the_share_asked_for_is_mature() -> None:
    assert choose("2026-08 10 9", "2026-09-01") == ("2026-08", True, [])
    assert choose("2026-08 100 55", "2026-09-01", mature_share=0.55) == ("2026-08", True, [])


def test_a_month_still_running_is_never_chosen_even_when_all_is_answered() -> None:
    table = "2026-09 100 95 \n 2026-10 100 100"
    assert choose(table, "2026-10-31") == ("2026-09", True, [])
    assert choose(table, "2026-11-01") == ("2026-10", True, [])


def test_lines_dated_after_the_day_of_the_report_do_not_count_as_younger_months() -> None:
    assert choose("2026-08 9 9 \n 2026-12 9 9", "2026-10-15") == ("2026-08", True, [])


def test_when_no_month_is_mature_the_newest_whole_one_is_chosen_and_marked() -> None:
    assert choose("2026-08 10 8 \n 2026-09 10 1", "2026-10-15") == ("2026-09", False, [])


def test_a_history_without_any_answer_is_not_measured_and_its_newest_whole_month_is_chosen() -> None:
    table = "2025-01 10 10 \n 2026-09 10 0"  # the old month is settled by age alone
    assert choose(table, "2026-10-15", any_answer=False) == ("2026-09", None, [])


def test_a_month_with_nothing_billed_to_a_payer_has_nothing_to_wait_for() -> None:
    assert choose("2026-08 10 10 \n 2026-09 0 0", "2026-10-15") == ("2026-09", True, [])


def test_a_month_without_lines_is_never_chosen() -> None:
    assert choose("2026-05 10 10", "2026-10-15") == ("2026-05", True, [])


@pytest.mark.parametrize("as_of", ["2026-10-15", "2026-01-01"])
def test_with_no_whole_month_the_user_is_told_what_the_files_hold(as_of: str) -> None:
    with pytest.raises(SettingsError, match=r"October 2026.*--as-of.*--period 2026-10"):
        choose("2026-10 10 1", as_of)
    with pytest.raises(SettingsError, match="no month with lines"):
        choose("", as_of)


def test_a_range_is_judged_by_its_lines_taken_together() -> None:
    """Of 210 lines in the quarter 190 are settled: 90.5 %, although one of its months is at 83 %."""
    counts = history("2026-07 100 100 \n 2026-08 50 40 \n 2026-09 60 50 \n 2026-10 5 5")
    quarter = judge_period(
        parse_period("2026-Q3"), counts, date(2026, 11, 2), mature_share=0.9, any_answer=True
    )
    assert quarter.mature is True
    assert quarter.younger == (month("2026-10"),)


def test_a_named_period_that_still_runs_is_neither_whole_nor_mature() -> None:
    counts = history("2026-07 100 100")
    running = judge_period(
        parse_period("2026-Q3"), counts, date(2026, 8, 2), mature_share=0.9, any_answer=True
    )
    assert (running.whole, running.mature) == (False, False)


@given(st.dictionaries(months, st.integers(0, 50).map(lambda n: Answered(50, n)), min_size=1))
def test_the_order_of_the_months_changes_nothing(counts: dict[int, Answered]) -> None:
    as_of = month_start(max(counts) + 1)
    backwards = dict(sorted(counts.items(), reverse=True))
    assert choose_period(counts, as_of, mature_share=0.9, any_answer=True) == choose_period(
        backwards, as_of, mature_share=0.9, any_answer=True
    )


def test_a_period_is_as_old_as_the_days_since_its_last_month() -> None:
    assert parse_period("2026-10").age(date(2026, 11, 30)) == 30
    assert parse_period("2026-Q3").age(date(2026, 10, 1)) == 1
    assert parse_period("2026-10").age(date(2026, 10, 15)) == -16
