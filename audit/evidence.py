"""Evidence: how surprising a figure is, if nothing but chance and the months' own unrest moved it.

Pure arithmetic on counts by figure and month. Three things make a month of a practice differ from its past
without anything having changed: few lines; lines of one claim that are answered together (the *design effect*
divides them, `audit/clusters.py`); and months that differ by themselves (the *month spread*, estimated here).
A figure's count is compared with the beta-binomial distribution that its own earlier months, these two and
nothing else would give; the probabilities of all figures tested are corrected together.

Sources: J. G. Skellam, JRSS B 10 (1948) 257-261 (beta-binomial); H. O. Lancaster, JASA 56 (1961) 223-234
(mid-p); J. C. Kleinman, JASA 68 (1973) 46-54 (spread by moments); Y. Benjamini and Y. Hochberg, JRSS B 57
(1995) 289-300 (correction for many figures). What each number here is worth was simulated:
`python -m benchmarks alarms`.
"""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PRIOR_SPREAD = 0.1
"""Month spread expected before anything is known: months' rates of 8 % differ by 2.3 points."""

PRIOR_SPREAD_WEIGHT = 1.5
"""How much that weighs: as much as the months of a practice with about 20 effective denials do."""

HEAVY = 1.0
"""By how much more a strong spread counts (itself times this): very restless months have heavier tails."""

PRIOR_RATE_WEIGHT = 2.0
"""Effective lines by which a figure's past is drawn toward the total's, so that 0 of 15 is not never."""

WATCHED_SHARE = 0.8
"""Part of the error that is spent in the direction that calls for a look; the rest in the other one."""

POWER = 0.8
"""Probability with which the smallest change that a month could have shown would have been found."""

MOST_VARIANCE = 0.5
"""Upper limit of the spread of an expected rate, as a share of `rate * (1 - rate)`."""

_log_gamma = np.frompyfunc(lgamma, 1, 1)


class Past(NamedTuple):
    """What a figure's earlier months let one expect of it; aligned arrays.

    `rate` is the expected rate; `precision` the two parameters of its beta distribution added up: how sure
    it is, months' spread included.
    """

    rate: Floats
    precision: Floats


class Moved(NamedTuple):
    """How the rest of each figure's payer moved: by how much in log odds, and how far that tells its months.

    `known` is the share of the months' spread that is known by it: 0 nothing, 1 all.
    """

    odds: Floats
    known: Floats


def month_spread(
    successes: ArrayLike,
    n: ArrayLike,
    effect: float,
    prior: float = PRIOR_SPREAD,
    weight: float = PRIOR_SPREAD_WEIGHT,
) -> float:
    """Return the spread of months beyond chance, as the variance of their log odds.

    A row a payer (or clinician), a column an earlier month; `effect` is the design effect of claims. Moments
    of all rows are pooled and drawn toward `prior`. On this scale a month that doubles one payer's denials
    doubles another's, whatever their rates; two lines of one month are correlated by it times
    `rate * (1 - rate)`.
    """
    lines = np.asarray(n, dtype=np.float64) / effect
    happened = np.asarray(successes, dtype=np.float64) / effect
    total = lines.sum(axis=1)
    rows = total > 0
    lines, happened, total = lines[rows], happened[rows], total[rows]
    rate = happened.sum(axis=1) / total
    by_month = np.divide(happened, lines, out=np.zeros_like(lines), where=lines > 0)
    variance = rate * (1 - rate)
    free = (lines > 0).sum(axis=1) - 1
    seen = (lines * (by_month - rate[:, None]) ** 2).sum(axis=1)
    room = variance * (total - (lines**2).sum(axis=1) / total - free)
    excess, known = float((seen - variance * free).sum()), float((variance * room).sum())
    return max((excess + weight * prior) / (known + weight), 0.0)


def even_out(spread: float, sizes: ArrayLike) -> float:
    """Return the month spread of payers (or clinicians) together: they even each other out.

    `sizes` are the lines of each; without any, nothing evens out.
    """
    shares = np.asarray(sizes, dtype=np.float64)[None, :]
    return spread * float(squared_shares(shares)[0])


def expect(
    successes: ArrayLike,
    n: ArrayLike,
    now: ArrayLike,
    effect: ArrayLike,
    spread: Floats,
    overall: float,
    moved: Moved | None = None,
) -> Past:
    """Return what earlier months let one expect of the lines of `now`.

    `successes` and `n` hold a row a figure and a column an earlier month; `now` a column a judged month
    (their lines are judged together); `effect` and `spread` a value a figure; `overall` the rate of all
    figures together, toward which few lines are drawn; `moved` how the rest of each figure's payer moved.
    """
    lines, judged = (np.asarray(one, dtype=np.float64) for one in (n, now))
    effect = np.broadcast_to(np.asarray(effect, dtype=np.float64), (len(lines),))
    effective = lines.sum(axis=1) / effect
    happened = np.asarray(successes, dtype=np.float64).sum(axis=1) / effect
    rate = (happened + PRIOR_RATE_WEIGHT * overall) / (effective + PRIOR_RATE_WEIGHT)
    rate = np.clip(rate, *_least_and_most(effective))
    months = squared_shares(lines) + squared_shares(judged)
    if moved is not None:
        rate = 1 / (1 + np.exp(-_odds(rate) - moved.odds))
        months = months * (1 - moved.known)
    together = np.minimum(_heavy(spread) * rate * (1 - rate), 1.0)
    variance = together * months + (1 - together) / (effective + PRIOR_RATE_WEIGHT + 1)
    return Past(rate, 1 / np.minimum(variance, MOST_VARIANCE) - 1)


def follow(
    happened: Floats, n: Floats, earlier_happened: Floats, earlier_n: Floats, spread: Floats, months: Floats
) -> Moved:
    """Return how the rest of a payer moved, in the judged months against the earlier ones.

    Effective counts of the payer's other lines, now and before; `spread` as `month_spread` tells; `months`
    the sum of the squared shares of the judged and of the earlier months (`squared_shares`).
    """
    rate = (earlier_happened + 0.5) / (earlier_n + 1)
    told = rate * (1 - rate) / (1 / np.maximum(n, 1e-9) + 1 / np.maximum(earlier_n, 1e-9))
    known = 1 - 1 / (1 + _heavy(spread) * months * told)
    return Moved(known * (_odds((happened + 2 * rate) / (n + 2)) - _odds(rate)), known)


def _heavy(spread: Floats) -> Floats:
    """Return the spread as it counts."""
    return spread * (1 + HEAVY * spread)


def _odds(rate: Floats) -> Floats:
    """Return the log odds of rates."""
    odds: Floats = np.log(rate / (1 - rate))
    return odds


def _least_and_most(effective: Floats) -> tuple[Floats, Floats]:
    """Return the rates between which a past can lie: what never happened in n lines may yet happen."""
    least = 0.5 / (effective + 1)
    return least, 1 - least


def squared_shares(lines: Floats) -> Floats:
    """Return the sum of the squared shares of months: 1 for one month, 1/3 for three equal ones."""
    total = lines.sum(axis=1)
    squares: Floats = np.divide((lines**2).sum(axis=1), total**2, out=np.ones_like(total), where=total > 0)
    return squares


def find_tails(successes: ArrayLike, n: ArrayLike, past: Past) -> tuple[Floats, Floats]:
    """Return how probable so few, and so many, successes are under the past: mid-p, lower and upper.

    `successes` and `n` are effective counts and need not be whole: between two whole counts the mid-p is
    interpolated. Equal to the beta-binomial's distribution function less half the probability of the count.
    """
    size = np.maximum(np.rint(np.asarray(n, dtype=np.float64)), 1.0)
    count = np.clip(np.asarray(successes, dtype=np.float64) / np.maximum(n, 1e-300), 0, 1) * size
    mirrored = count > size / 2  # the shorter tail is added up
    count = np.where(mirrored, size - count, count)
    yes, no = past.rate * past.precision, (1 - past.rate) * past.precision
    lower = _add_up(count, size, np.where(mirrored, no, yes), np.where(mirrored, yes, no))
    return np.where(mirrored, 1 - lower, lower), np.where(mirrored, lower, 1 - lower)


def _add_up(count: Floats, size: Floats, yes: Floats, no: Floats) -> Floats:
    """Return the lower mid-p of beta-binomials with the parameters `yes` and `no`, all figures in one row."""
    whole = np.floor(count)
    last = np.minimum(whole + 1, size).astype(np.int64)
    stops = np.cumsum(last + 1)
    starts = stops - last - 1
    figure = np.repeat(np.arange(len(count)), last + 1)
    at = np.arange(len(figure)) - starts[figure]
    none = np.asarray(
        _log_gamma(no + size) - _log_gamma(no) + _log_gamma(yes + no) - _log_gamma(yes + no + size),
        dtype=np.float64,
    )
    before = np.maximum(at - 1, 0)  # each probability from the one before it
    step = np.log(size[figure] - before) - np.log(at + (at == 0))
    step += np.log(yes[figure] + before) - np.log(no[figure] + size[figure] - 1 - before)
    step[starts] = none
    probability = np.exp(_running(step, starts, figure))
    middle = _running(probability, starts, figure) - probability / 2
    low, high = middle[starts + whole.astype(np.int64)], middle[starts + last]
    tail: Floats = np.clip(low + (high - low) * (count - whole), 0.0, 1.0)
    return tail


def _running(values: Floats, starts: Ints, figure: Ints) -> Floats:
    """Return the running sums of values, begun anew for each figure."""
    sums = np.cumsum(values)
    running: Floats = sums - (sums[starts] - values[starts])[figure]
    return running


def smallest_rate(rate: float, precision: float, n: float, needed: float) -> float | None:
    """Return the smallest rate above the expected one that would be found with a probability of POWER.

    `rate` and `precision` as in `Past`, `n` the effective lines, `needed` the upper tail at which a figure is
    found. None where not even lines that are all successes would be.
    """
    size = max(round(n), 1)
    expected = _probabilities(size, rate, precision)
    upper = 1 - np.cumsum(expected) + expected / 2
    found = upper <= needed
    if not found.any():
        return None
    first = int(np.argmax(found))
    low, high = rate, 1 - 1e-9
    while high - low > 1e-4:
        middle = (low + high) / 2
        enough = _probabilities(size, middle, precision)[first:].sum() >= POWER
        low, high = (low, middle) if enough else (middle, high)
    return high


def _probabilities(size: int, rate: float, precision: float) -> Floats:
    """Return how probable each count from 0 to `size` is: the beta-binomial distribution."""
    yes, no = rate * precision, (1 - rate) * precision
    before = np.arange(size, dtype=np.float64)
    steps = np.log(size - before) - np.log(before + 1)
    steps += np.log(yes + before) - np.log(no + size - 1 - before)
    none = lgamma(no + size) - lgamma(no) + lgamma(yes + no) - lgamma(yes + no + size)
    probabilities: Floats = np.exp(np.concatenate([[none], none + np.cumsum(steps)]))
    return probabilities


def needed_tail(tested: int, worse: int, significant: float) -> float:
    """Return the upper tail at which one figure alone is found among so many tested (see `surprise`)."""
    return significant / tested * _upward(worse)


def _upward(worse: int) -> float:
    """Return the part of the error that is spent on rises."""
    return {1: WATCHED_SHARE, -1: 1 - WATCHED_SHARE}.get(worse, 0.5)


def surprise(lower: Floats, upper: Floats, worse: int) -> Floats:
    """Return one probability per figure from its two tails.

    `worse` is 1 where more calls for a look, -1 where less does, 0 where either: the error is then halved.
    """
    up = _upward(worse)
    return np.minimum(np.minimum(upper / up, lower / (1 - up)), 1.0)


def correct(probabilities: ArrayLike) -> Floats:
    """Return probabilities corrected for how many there are (Benjamini-Hochberg), in their order.

    Those at most 0.05 are a family in which, where nothing changed, one report in twenty has any.
    """
    given = np.asarray(probabilities, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    ranked = given[order] * len(given) / np.arange(1, len(given) + 1)
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return corrected
