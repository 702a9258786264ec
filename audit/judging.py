"""Judging: which figures differ from the practice's own earlier months by more than chance.

In: the figures of every measure that is judged, as counts by month. Out: for each figure the probability,
corrected for all figures of the report, and the word that may be said. One family holds every figure that is
tested: the period, and, where that is one month, the three months up to it pooled, so that a rise that lasts
is found even where no single month shows it. The arithmetic is in `evidence.py`
and, of means, in `means.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.evidence import (
    PRIOR_SPREAD,
    correct,
    even_out,
    expect,
    find_tails,
    follow,
    month_spread,
    needed_tail,
    squared_shares,
    surprise,
)
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW
from audit.means import PRIOR_MEANS_SPREAD, Moments, compare_means, find_mean_tails, mean_spread
from audit.outstanding import Today, temper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.evidence import Moved
    from audit.series import Spans
    from audit.settings import Thresholds

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

POOLED_MONTHS = 3
"""Months up to the period's end that are judged together besides a period of one month."""

SIGNIFICANT = 0.05
"""Share of reports that may hold a false word of change where nothing changed."""


class Trial(Struct, frozen=True):
    """One measure's figures as they are tested: a row a figure, a column a month of the history.

    `top` over `bottom`, and the rows still `waiting` for an answer at the age of the test, beside top and
    bottom as `settled` by now (None: no matter); for a mean of visits the sums of `squares`, else None.
    `effect` is the design effect of each row and `group` the group it is of ("" in total); `by` is the group
    whose values move by themselves from month to month (payers, or clinicians); `within` the row of the payer
    that a row of a pair of groups belongs to, -1 for others; `worse` 1, -1 or 0, the
    direction that calls for a look; `judged` marks the rows about which a word is said.
    """

    top: Ints
    bottom: Ints
    waiting: Ints | None
    settled: tuple[Ints, Ints] | None
    squares: Ints | None
    effect: Floats
    group: NDArray[np.object_]
    by: str
    within: Ints
    worse: int
    judged: Mask


class Judgment(Struct, frozen=True):
    """What may be said of the figures of one measure; aligned arrays, NaN where not tested.

    `chance` is the corrected probability; `months` over how many it was found, 0
    for the period alone. Of that:
    `lines` the effective lines tested, `expected` the rate or mean that the past lets expect, `precision` how
    sure that is (`Past.precision`; of a mean the standard error of its change), `needed` the upper tail at
    which one figure alone is found.
    """

    outcome: NDArray[np.object_]
    chance: Floats
    months: Ints
    lines: Floats
    expected: Floats
    precision: Floats
    needed: Floats


class _Tested(Struct, frozen=True):
    """The rows of a trial tested over some months: their two tails, their surprise, and what was expected."""

    rows: Ints
    lower: Floats
    upper: Floats
    probability: Floats
    lines: Floats
    expected: Floats
    precision: Floats


def judge(trials: Sequence[Trial], spans: Spans, limits: Thresholds) -> list[Judgment]:
    """Return what may be said of each trial's figures, all of them corrected together."""
    windows = _windows(spans)
    tested = [
        [_test(trial, spread, window, spans, limits) for window in windows]
        for trial, spread in ((trial, _spread_rows(trial, spans)) for trial in trials)
    ]
    every = [one.probability for of_trial in tested for one in of_trial]
    corrected = correct(np.concatenate([np.empty(0), *every]))
    pieces = iter(np.split(corrected, np.cumsum([len(one) for one in every])))
    return [
        _say(trial, of_trial, [next(pieces) for _ in of_trial], windows, spans, len(corrected))
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


def _spreads(trial: Trial, spans: Spans) -> dict[str, float]:
    """Return the month spread by group, from the earlier months.

    That of payers (or clinicians) stands for pairs of groups too. In total and by other groups payers even
    each other out, as far as each is a part of all; what moves them alike shows in the months of the groups.
    """
    by = trial.by if (trial.group == trial.by).any() else ""
    prior = PRIOR_SPREAD if trial.squares is None else PRIOR_MEANS_SPREAD
    alone = _spread(trial, trial.group == by, spans, prior)
    even = even_out(alone, _cut(trial.bottom[trial.group == by], spans.earlier).sum(axis=1))
    return {
        group: alone if group == by or "," in group else _spread(trial, trial.group == group, spans, even)
        for group in dict.fromkeys(trial.group[trial.judged].tolist())
    }


def _spread_rows(trial: Trial, spans: Spans) -> Floats:
    """Return the month spread of each row; of those that are not judged 0."""
    spreads = _spreads(trial, spans)
    return np.array([spreads.get(group, 0.0) for group in trial.group.tolist()])


def _spread(trial: Trial, rows: Mask, spans: Spans, prior: float) -> float:
    top, bottom = (_cut(one[rows], spans.earlier) for one in (trial.top, trial.bottom))
    if trial.squares is not None:
        return mean_spread(bottom, top, _cut(trial.squares[rows], spans.earlier), prior)
    return month_spread(top, bottom, float(trial.effect[rows][0]), prior)


def _test(trial: Trial, spread: Floats, window: range, spans: Spans, limits: Thresholds) -> _Tested:
    """Test the judged rows that have enough lines now and before."""
    rows = np.flatnonzero(trial.judged) if len(spans.earlier) >= limits.usual_range_fewest else np.arange(0)
    effect = trial.effect[rows]
    now, before = (_cut(trial.bottom[rows], span).sum(axis=1) / effect for span in (window, spans.earlier))
    rows = rows[(now >= limits.smallest_base) & (before >= limits.smallest_base)]
    test = _test_shares if trial.squares is None else _test_means
    return test(trial, rows, spread[rows], window, spans)


def _test_shares(trial: Trial, rows: Ints, spread: Floats, window: range, spans: Spans) -> _Tested:
    effect = trial.effect[rows]
    whole, every = (_cut(one[trial.group == ""], spans.earlier).sum() for one in (trial.top, trial.bottom))
    top, bottom = (_cut(one[rows], window) for one in (trial.top, trial.bottom))
    past_top, past_bottom = (_cut(one[rows], spans.earlier) for one in (trial.top, trial.bottom))
    moved = _follow(trial, rows, spread, window, spans)
    past = expect(past_top, past_bottom, bottom, effect, spread, whole / max(every, 1), moved)
    happened, lines = (one.sum(axis=1) / effect for one in (top, bottom))
    lower, upper = find_tails(happened, lines, past)
    today = _today(trial, rows, window, spans)
    if today is not None:
        lower, upper = temper(lower, upper, past, today)
    probability = surprise(lower, upper, trial.worse)
    return _Tested(rows, lower, upper, probability, lines, past.rate, past.precision)


def _follow(trial: Trial, rows: Ints, spread: Floats, window: range, spans: Spans) -> Moved:
    """Return how the rest of each row's payer moved: nothing is known of it for what is no pair of groups."""
    within = trial.within[rows]
    happened, lines, past_happened, past_lines = (
        np.where(within >= 0, (_cut(one[within], span) - _cut(one[rows], span)).sum(axis=1), 0)
        / trial.effect[within]
        for span in (window, spans.earlier)
        for one in (trial.top, trial.bottom)
    )
    bottom = trial.bottom[rows].astype(np.float64)
    months = squared_shares(bottom[:, window.start : window.stop])
    months += squared_shares(bottom[:, spans.earlier.start : spans.earlier.stop])
    return follow(happened, lines, past_happened, past_lines, spread, months)


def _test_means(trial: Trial, rows: Ints, spread: Floats, window: range, spans: Spans) -> _Tested:
    columns = [one[rows] for one in (trial.bottom, trial.top, trial.squares) if one is not None]
    judged, past = (Moments.of(*(_cut(one, span) for one in columns)) for span in (window, spans.earlier))
    change = compare_means(judged, past, trial.effect[rows], spread)
    lower, upper = find_mean_tails(change)
    probability = surprise(lower, upper, trial.worse)
    lines = judged.number / trial.effect[rows]
    return _Tested(rows, lower, upper, probability, lines, past.sums / past.number, change.error)


def _today(trial: Trial, rows: Ints, window: range, spans: Spans) -> Today | None:
    """Return the months judged as they stand today; None where the test asks for no answers."""
    if trial.waiting is None or trial.settled is None:
        return None
    top, bottom = (one[rows] for one in trial.settled)
    every = _cut(trial.waiting[rows] + trial.bottom[rows], window).sum(axis=1)
    waiting = np.maximum(every - _cut(bottom, window).sum(axis=1), 0)
    past_top, past_bottom = (_cut(one, spans.earlier).sum(axis=1) for one in (top, bottom))
    effect, happened = trial.effect[rows], _cut(top, window).sum(axis=1)
    rate = past_top / np.maximum(past_bottom, 1)
    return Today(happened / effect, waiting / effect, every / effect, rate)


def _say(
    trial: Trial,
    tested: Sequence[_Tested],
    corrected: Sequence[Floats],
    windows: Sequence[range],
    spans: Spans,
    family: int,
) -> Judgment:
    """Return the words: the most surprising of the windows decides."""
    count = len(trial.top)
    chance, lines, expected, precision, needed = np.full((5, count), np.nan)
    months, rising = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    now, before = (_rate(trial, span) for span in (spans.this, spans.earlier))
    for one, probability, window in zip(tested, corrected, windows, strict=True):
        up = one.upper < one.lower
        better = np.isnan(chance[one.rows]) | (probability < chance[one.rows])
        if window != spans.this:  # a change that lasts is one that the period itself shows too
            better &= np.where(up, now[one.rows] > before[one.rows], now[one.rows] < before[one.rows])
        rows = one.rows[better]
        chance[rows], rising[rows] = probability[better], up[better]
        months[rows] = 0 if window == spans.this else len(window)
    alone = tested[0]
    lines[alone.rows], expected[alone.rows], precision[alone.rows] = (
        alone.lines,
        alone.expected,
        alone.precision,
    )
    needed[alone.rows] = needed_tail(max(family, 1), trial.worse, SIGNIFICANT)
    outcome = np.full(count, "", dtype=object)
    outcome[trial.judged] = TOO_FEW
    known = ~np.isnan(lines)
    outcome[known] = np.where(now > before, BY_CHANCE, NOT_HIGHER)[known]
    significant = chance <= SIGNIFICANT
    outcome[significant] = np.where(rising[significant], HIGHER, LOWER)
    return Judgment(outcome, chance, months, lines, expected, precision, needed)


def _rate(trial: Trial, window: range) -> Floats:
    top, bottom = (_cut(one, window).sum(axis=1).astype(np.float64) for one in (trial.top, trial.bottom))
    rate: Floats = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return rate
