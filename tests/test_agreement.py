"""Two reviewers: kappa as published and as statsmodels has it, and what few answers are worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from audit.agreement import Agreement, measure_agreement
from audit.intervals import Interval, wilson

NAMES = ("yes", "no", "not applicable", "cannot tell")


def measure(table: list[list[int]]) -> Agreement:
    """Rows are the first reviewer's answers, columns the second's."""
    return measure_agreement(
        (NAMES[row], NAMES[column])
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    )


def test_the_published_kappa() -> None:
    """J. Cohen, Psychological Bulletin 70 (1968) 213-220, table 1 (200 cases): kappa .492."""
    found = measure([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert (found.pairs, found.agreed) == (200, 140)
    assert f"{found.kappa:.3f}" == "0.492"
    assert not found.few


def test_agreement_by_chance_alone_is_no_agreement() -> None:
    """Each says yes to half, and of what one says yes to the other says yes to half."""
    found = measure([[25, 25], [25, 25]])
    assert found.kappa == 0
    assert found.interval is not None
    assert found.interval.low < 0 < found.interval.high


@given(
    st.integers(2, 4).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 20), min_size=k, max_size=k), min_size=k, max_size=k)
    )
)
def test_it_is_the_kappa_of_statsmodels_with_its_interval(table: list[list[int]]) -> None:
    counts = np.array(table)
    assume(counts.sum() > 0 and (counts.sum(axis=0) * counts.sum(axis=1)).sum() < counts.sum() ** 2)
    assume(((counts.sum(axis=0) + counts.sum(axis=1)) > 0).all())
    with np.errstate(all="ignore"):  # it divides by a spread of 0, too
        found, expected = measure(table), cohens_kappa(counts)
    assert found.kappa == pytest.approx(expected.kappa, abs=1e-12)
    if found.interval is None:
        assert expected.var_kappa == pytest.approx(0, abs=1e-12)
    else:
        low, high = max(-1.0, expected.kappa_low), min(1.0, expected.kappa_upp)
        assert found.interval == pytest.approx((low, high), abs=1e-9)


def test_which_reviewer_is_the_first_does_not_matter() -> None:
    table = [[8, 3, 1], [0, 5, 2], [4, 1, 9]]
    assert measure(table) == measure([list(column) for column in zip(*table, strict=True)])


def test_agreeing_on_all_of_five_charts_is_no_certainty() -> None:
    """Kappa is 1 and shows no spread; the share that agrees may be far below 1."""
    found = measure([[3, 0], [0, 2]])
    assert (found.kappa, found.interval, found.few) == (1.0, None, True)
    assert found.share == wilson(5, 5)
    assert found.share.low < 0.6


def test_one_answer_throughout_has_no_kappa() -> None:
    found = measure([[40, 0], [0, 0]])
    assert (found.agreed, found.kappa, found.interval) == (40, None, None)


def test_without_answers_nothing_is_known() -> None:
    assert measure_agreement([]) == Agreement(0, 0, Interval(0.0, 1.0), None, None, few=True)


@pytest.mark.parametrize(
    ("table", "few"),
    [
        ([[15, 3], [4, 7]], True),  # 29
        ([[15, 3], [4, 8]], False),  # 30
        ([[8, 0, 0, 0], [0, 8, 0, 0], [0, 1, 7, 0], [0, 0, 0, 7]], True),  # 31 of four kinds: 32 are needed
        ([[8, 0, 0, 0], [0, 8, 0, 0], [0, 1, 7, 0], [0, 0, 0, 8]], False),
    ],
)
def test_few_answers_are_marked(table: list[list[int]], few: bool) -> None:
    """Thirty at least, and two for each pair of answers that can be given (Cicchetti)."""
    assert measure(table).few is few


def test_a_wider_confidence_is_wider() -> None:
    answers = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "no")] * 10
    narrow, wide = (measure_agreement(answers, level).interval for level in (0.8, 0.95))
    assert narrow is not None
    assert wide is not None
    assert wide.low < narrow.low < narrow.high < wide.high
