"""Words of two saved periods: the report's own test, with the earlier period as the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from audit.beside_sides import Side
from audit.beside_words import Months, Share, find_spread, find_words, lay_figures
from audit.evidence import PRIOR_SPREAD, month_spread
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW
from tests.saved import saved

if TYPE_CHECKING:
    from collections.abc import Mapping

RATE = "denials/first_rate"


def share(past: Months, now: Months, spread: float = 0.02, overall: float = 0.1, worse: int = 1) -> Share:
    return Share(past, now, spread, overall, worse)


def word(cases: int, lines: int, spread: float = 0.02) -> str:
    """Return what is said of a month after one in which 20 of 200 lines were denied."""
    return find_words([share(Months([20], [200]), Months([cases], [lines]), spread)], 11)[0]


@pytest.mark.parametrize(
    ("cases", "lines", "said"),
    [
        (20, 200, NOT_HIGHER),
        (12, 200, NOT_HIGHER),
        (26, 200, BY_CHANCE),
        (60, 200, HIGHER),
        (1, 200, LOWER),
        (10, 10, TOO_FEW),
        (11, 11, HIGHER),
    ],
)
def test_a_month_is_judged_beside_the_other_alone(cases: int, lines: int, said: str) -> None:
    assert word(cases, lines) == said


def test_restless_months_make_a_difference_less_surprising() -> None:
    assert (word(50, 200, 0.0), word(50, 200, 0.5)) == (HIGHER, BY_CHANCE)


def test_a_lucky_month_makes_no_alarm_of_the_next() -> None:
    """None of 20, then 24 of 200: what never happened in a few lines may have been about to."""
    lucky = share(Months([0], [20]), Months([24], [200]), 0.0, overall=0.02)
    assert find_words([lucky], 11) == [BY_CHANCE]


def test_three_months_tell_more_than_one() -> None:
    """The months of a quarter even each other out; one month of as many lines may be an odd one."""
    once = share(Months([60], [600]), Months([120], [600]), 0.1)
    spread_out = share(Months([20] * 3, [200] * 3), Months([40] * 3, [200] * 3), 0.1)
    assert [find_words([one], 11)[0] for one in (once, spread_out)] == [BY_CHANCE, HIGHER]


# --- how a saved figure is laid out ---------------------------------------------------------


def side(
    period: str, row: str, history: Mapping[str, Mapping[str, tuple[int, int | None]]] | None = None
) -> Side:
    return Side(saved(period, f"figure top base effective\n{RATE} {row}", history=history))


def test_the_months_of_a_range_are_read_from_its_history_where_it_tells_them() -> None:
    told = {RATE: {"2025-01": (10, 100), "2025-02": (20, 300), "2025-12": (9, 90)}}
    for history, cases, lines in ((told, [5, 10, 0], [50, 150, 0]), (None, [5] * 3, [200 / 3] * 3)):
        earlier = side("2025-Q1", "30 400 200", history)
        (one,) = lay_figures(earlier, side("2026-01", "30 400 400"), {RATE: "higher"})
        assert isinstance(one, Share)
        assert list(one.past.cases) == pytest.approx(cases)
        assert list(one.past.lines) == pytest.approx(lines)
        assert (one.worse, one.overall) == (1, 0.075)


def test_how_restless_months_are_is_told_by_the_payers_of_the_later_file() -> None:
    """Of the year that ends three months before it, as in the report; without any, what is expected."""
    months = [f"2025-{month:02}" for month in range(1, 13)]
    aetna, cigna = ([10, 30] * 6, [20, 25, 15] * 4)
    names = [f"{RATE}/payer={name}" for name in ("Aetna", "Cigna")]
    table = "figure top base effective\n" + "\n".join(f"{name} 10 100 100" for name in (RATE, *names))
    history = {
        name: {month: (top, 100) for month, top in zip(months, tops, strict=True)}
        for name, tops in zip(names, (aetna, cigna), strict=True)
    }
    later = Side(saved("2026-04", table, history=history))
    restless = month_spread([aetna, cigna], np.full((2, 12), 100), 1.0)
    assert find_spread(later, RATE, "payer") == pytest.approx(restless)
    assert find_spread(later, RATE, "") == pytest.approx(restless / 2)
    assert find_spread(Side(saved("2026-04", table)), RATE, "") == pytest.approx(PRIOR_SPREAD)


# --- a small simulation ---------------------------------------------------------------------


class Practice(NamedTuple):
    """Effective denied lines and lines of sixteen months by payer."""

    denied: np.ndarray
    lines: np.ndarray


PAYERS = {0.05: 90, 0.08: 60, 0.12: 50, 0.07: 40}
"""Denial rates of payers, and the claims of each in a month; claims are denied whole."""


def draw(seed: int, spread: float) -> Practice:
    """Return a practice whose payers' monthly log odds vary by `spread` and else stay as they are."""
    random = np.random.default_rng([5, seed])
    rates, claims = np.array(list(PAYERS)), np.array(list(PAYERS.values()))
    odds = np.log(rates / (1 - rates))[:, None] + spread * random.standard_normal((len(PAYERS), 16))
    denied = random.binomial(claims[:, None], 1 / (1 + np.exp(-odds)))
    return Practice(denied, np.broadcast_to(claims[:, None], denied.shape))


def compared(practice: Practice, past: slice, now: slice) -> list[str]:
    """Return the words of the total and of every payer."""
    year = slice(max(now.start - 15, 0), now.start - 3)
    alone = month_spread(practice.denied[:, year], practice.lines[:, year], 1.0)
    shares = []
    for rows, spread in ((slice(None), alone / 3), *((slice(at, at + 1), alone) for at in range(4))):
        denied, lines = (one[rows].sum(axis=0) for one in practice)
        overall = practice.denied[:, past].sum() / practice.lines[:, past].sum()
        then, after = (Months(list(denied[one]), list(lines[one])) for one in (past, now))
        shares.append(share(then, after, spread, overall))
    return find_words(shares, 11)


MONTH, QUARTER = (slice(14, 15), slice(15, 16)), (slice(10, 13), slice(13, 16))


@pytest.mark.parametrize("spread", [0.0, 0.3])
@pytest.mark.parametrize(
    "periods", [MONTH, QUARTER, (slice(3, 4), slice(15, 16)), (slice(10, 13), slice(15, 16))]
)
def test_where_nothing_changed_few_pages_have_a_word_of_change(
    periods: tuple[slice, slice], spread: float
) -> None:
    """One page in twenty by design; of sixty, six are allowed."""
    pages = [compared(draw(seed, spread), *periods) for seed in range(60)]
    assert sum(bool({HIGHER, LOWER} & set(words)) for words in pages) <= 6


def test_a_payer_that_denies_twenty_points_more_for_a_quarter_is_found() -> None:
    """In most of the practices: a page that never says anything would cry no wolf either."""
    found = 0
    for seed in range(30):
        practice = draw(seed, 0.2)
        random = np.random.default_rng([6, seed])
        paid = (practice.lines - practice.denied)[0, 13:16]
        practice.denied[0, 13:16] += random.binomial(paid, 0.2 / 0.95)
        found += compared(practice, *QUARTER)[1] == HIGHER
    assert found >= 24
