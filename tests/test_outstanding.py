"""Waiting: answers still to come cannot be what a word of change rests on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.evidence import Past, find_tails
from audit.outstanding import ALONE, MANY, Today, temper

counts = st.integers(0, 60)


def past(rate: float) -> Past:
    return Past(np.array([rate]), np.array([200.0]))


def tails(happened: float, n: float, rate: float) -> tuple[float, float]:
    lower, upper = find_tails(np.array([happened]), np.array([n]), past(rate))
    return float(lower[0]), float(upper[0])


def tempered(denied: int, paid: int, waiting: int, rate: float, rate_today: float) -> tuple[float, float]:
    """Return the tails of a month of which so many lines are known, beside its past at that age and today."""
    n = denied + paid
    numbers = [np.array([float(one)]) for one in (denied, waiting, n + waiting)]
    today = Today(numbers[0], numbers[1], numbers[2], np.array([rate_today]))
    lower, upper = find_tails(np.array([float(denied)]), np.array([float(n)]), past(rate))
    found = temper(lower, upper, past(rate), today)
    return float(found[0][0]), float(found[1][0])


def test_where_all_is_answered_and_age_made_no_difference_nothing_changes() -> None:
    assert tempered(20, 80, 0, 0.1, 0.1) == pytest.approx(tails(20, 100, 0.1))


def test_denials_that_only_came_sooner_are_no_rise() -> None:
    """At this age 2 % used to be known as denied, in the end 8 %: 8 % now are what the month ends at."""
    assert tails(16, 200, 0.02)[1] < 0.002
    assert tempered(16, 184, 0, 0.02, 0.08)[1] > 0.3


def test_payments_that_wait_make_no_rise() -> None:
    assert tails(16, 80, 0.08)[1] < 0.01
    assert tempered(16, 64, 120, 0.08, 0.08)[1] > 0.3


def test_denials_that_wait_make_no_fall() -> None:
    assert tails(0, 184, 0.08)[0] < 0.001
    assert tempered(0, 184, 16, 0.08, 0.08)[0] > 0.3


@given(counts, counts, counts, st.integers(0, 60), st.floats(0.01, 0.5), st.floats(0, 0.5))
def test_whatever_the_answers_to_come_say_the_change_is_no_less_surprising(
    denied: int, paid: int, waiting: int, share: int, rate: float, rate_today: float
) -> None:
    """As surprising as is said, or, where few lines wait, surprising by itself."""
    come = min(share, waiting)
    every = denied + paid + waiting
    if not denied + paid:
        return
    lower, upper = tempered(denied, paid, waiting, rate, rate_today)
    end = tails(denied + come, every, min(max(rate_today, 1e-6), 1 - 1e-6))
    for said, told in zip((lower, upper), end, strict=True):
        assert told <= (said if waiting > MANY * every else max(said, ALONE)) + 1e-9
