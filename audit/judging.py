"""Judging: which figures differ from the practice's own earlier months by more than chance.

In: the figures of every measure that is judged, as counts by month. Out: for each figure the probability,
corrected for all figures of the report, and the word that may be said. One family holds every figure that is
tested: the period, and, where that is one month, the three months up to it pooled, so that a rise that lasts
is found even where no single month shows it. The arithmetic is `audit/evidence.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.evidence import (
    Moments,
    correct,
    expect,
    find_mean_tails,
    find_tails,
    mean_spread,
    month_spread,
    surprise,
)
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.series import Spans
    from audit.settings import Thresholds

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

POOLED_MONTHS = 3
"""Months up to the period's end that are judged together besides a period of one month."""

SIGNIFICANT = 0.05
"""Share of reports that may hold a false word of change where nothing changed."""


@dataclass(frozen=True)
class Trial:
    """One measure's figures as they are tested: a row a figure, a column a month of the history.

    `top` over `bottom`; for a mean of visits `squares` holds the sums of squares, else None. `effect` is the
    design effect of each row; `spread_rows` are the rows from whose months the spread is estimated; `total`
    is the row of all together; `worse` 1, -1 or 0, the direction that calls for a look; `judged` marks the
    rows about which a word is said.
    """

    top: Ints
    bottom: Ints
    squares: Ints | None
    effect: Floats
    spread_rows: Mask
    total: int
    worse: int
    judged: Mask


@dataclass(frozen=True)
class Judgment:
    """What may be said of the figures of one measure; aligned arrays.

    `chance` is the corrected probability (NaN where not tested), `months` over how many months it was found,
    `expected` the rate or mean that the past lets expect.
    """

    outcome: NDArray[np.object_]
    chance: Floats
    months: Ints
    expected: Floats


@dataclass(frozen=True)
class _Tested:
    """The rows of a trial tested over some months, their two tails, and what was expected."""

    rows: Ints
    lower: Floats
    upper: Floats
    probability: Floats


def judge(trials: Sequence[Trial], spans: Spans, limits: Thresholds) -> list[Judgment]:
    """Return what may be said of each trial's figures, all of them corrected together."""
    spreads = [_spread(trial, spans) for trial in trials]
    windows = _windows(spans)
    tested = [
        [_test(trial, spread, window, spans, limits) for window in windows]
        for trial, spread in zip(trials, spreads, strict=True)
    ]
    every = [one.probability for of_trial in tested for one in of_trial]
    corrected = correct(np.concatenate(every)) if every else np.empty(0)
    pieces = iter(np.split(corrected, np.cumsum([len(one) for one in every])[:-1]) if every else [])
    return [
        _say(trial, of_trial, [next(pieces) for _ in of_trial], windows, spans)
        for trial, of_trial in zip(trials, tested, strict=True)
    ]


def _windows(spans: Spans) -> list[range]:
    """Return the months that are judged: the period, and three months up to its end where it is one."""
    this = spans.this
    if len(this) != 1 or this.stop < POOLED_MONTHS:
        return [this]
    return [this, range(this.stop - POOLED_MONTHS, this.stop)]


def _cut(months: Ints, window: range) -> Ints:
    return months[:, window.start : window.stop]


def _spread(trial: Trial, spans: Spans) -> float:
    """Return the month spread of a measure, from the earlier months of its payers (or clinicians)."""
    top, bottom = (_cut(one[trial.spread_rows], spans.earlier) for one in (trial.top, trial.bottom))
    if trial.squares is not None:
        return mean_spread(bottom, top, _cut(trial.squares[trial.spread_rows], spans.earlier))
    return month_spread(top, bottom, float(trial.effect[trial.total]))


def _test(trial: Trial, spread: float, window: range, spans: Spans, limits: Thresholds) -> _Tested:
    """Test the judged rows that have enough lines now and before."""
    effect = trial.effect
    now, before = (_cut(trial.bottom, span).sum(axis=1) / effect for span in (window, spans.earlier))
    enough = trial.judged & (now >= limits.smallest_base) & (before >= limits.smallest_base)
    if len(spans.earlier) < limits.usual_range_fewest:
        enough &= False
    rows = np.flatnonzero(enough)
    top, bottom = trial.top[rows], trial.bottom[rows]
    if trial.squares is not None:
        squares = trial.squares[rows]
        judged, past = (
            Moments.of(*(_cut(one, span) for one in (bottom, top, squares)))
            for span in (window, spans.earlier)
        )
        lower, upper = find_mean_tails(judged, past, spread)
    else:
        overall = _cut(trial.top[[trial.total]], spans.earlier).sum() / max(
            _cut(trial.bottom[[trial.total]], spans.earlier).sum(), 1
        )
        expected = expect(
            _cut(top, spans.earlier),
            _cut(bottom, spans.earlier),
            _cut(bottom, window),
            effect[rows],
            spread,
            overall,
        )
        lower, upper = find_tails(_cut(top, window).sum(axis=1) / effect[rows], now[rows], expected)
    return _Tested(rows, lower, upper, surprise(lower, upper, trial.worse))


def _say(
    trial: Trial,
    tested: Sequence[_Tested],
    corrected: Sequence[Floats],
    windows: Sequence[range],
    spans: Spans,
) -> Judgment:
    """Return the words: the most surprising of the windows decides."""
    count = len(trial.top)
    chance, months = np.full(count, np.nan), np.zeros(count, dtype=np.int64)
    rising = np.zeros(count, dtype=bool)
    for one, probability, window in zip(tested, corrected, windows, strict=True):
        better = np.isnan(chance[one.rows]) | (probability < chance[one.rows])
        rows = one.rows[better]
        chance[rows], months[rows] = probability[better], len(window)
        rising[rows] = one.upper[better] < one.lower[better]
    now, before = (_rate(trial, span) for span in (spans.this, spans.earlier))
    outcome = np.full(count, "", dtype=object)
    outcome[trial.judged] = TOO_FEW
    known = ~np.isnan(chance)
    outcome[known] = np.where(now[known] > before[known], BY_CHANCE, NOT_HIGHER)
    significant = known & (chance <= SIGNIFICANT)
    outcome[significant] = np.where(rising[significant], HIGHER, LOWER)
    return Judgment(outcome, chance, months, before)


def _rate(trial: Trial, window: range) -> Floats:
    top, bottom = (_cut(one, window).sum(axis=1).astype(np.float64) for one in (trial.top, trial.bottom))
    rate: Floats = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return rate
