"""How far a figure can be trusted: intervals, the design effect of claims, the usual range.

Pure arithmetic. Rates are shares between 0 and 1. Lines of one claim are answered together,
so n lines tell less than n independent answers would: every rate here may be given its
*effective* n, which is n divided by the practice's design effect, and need not be whole.

Sources: E. B. Wilson, JASA 22 (1927) 209-212 (score interval); R. G. Newcombe, Statistics in
Medicine 17 (1998) 873-890, method 10 (difference of two rates); L. Kish, Survey Sampling
(1965), section 8.2 (design effect of clusters); D. B. Laney, Quality Engineering 14 (2002)
531-537 (limits with spread between periods); R. DerSimonian and N. Laird, Controlled Clinical
Trials 7 (1986) 177-188 (that spread by moments); D. C. Montgomery, Introduction to Statistical
Quality Control, section 6.4 (individuals chart).
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95

Level = Literal[80, 90, 95]
LEVELS: tuple[Level, ...] = (80, 90, 95)
"""Confidences in percent, as the government auditors' program prints them."""

PRIOR_WEIGHT = 5.0
"""How much the claim sizes weigh in the design effect: as much as about five refused lines do.

Simulated, 60 and 250 lines a month, a year of history, rates of 3 to 20 %: where claims are refused whole,
95 % intervals cover 94.5 to 96 %; where their lines are refused one by one, 95.5 to 98 % (10: up to 98.6 %).
"""

MOVING_RANGE = 1.128
"""Mean range of two values of a normal distribution, in standard deviations (d2 for n = 2)."""


class Interval(NamedTuple):
    """Where the true figure may lie: both ends included."""

    low: float
    high: float


@lru_cache(maxsize=32)
def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations enclose `confidence` of a normal distribution: 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(
    successes: float, n: float, confidence: float = CONFIDENCE, effective: float | None = None
) -> Interval:
    """Return the score interval of the rate `successes / n`, as wide as `effective` lines make it.

    It touches 0 only when nothing, and 1 only when everything, was a success. With n = 0 nothing
    is known: 0 to 1. Counts that cannot be are a ValueError.
    """
    if not 0 <= successes <= n:
        raise ValueError("successes lie between 0 and n")
    if n == 0:
        return Interval(0.0, 1.0)
    size = n if effective is None else effective
    if not size > 0:
        raise ValueError("the effective n is above 0")
    rate = successes / n
    z_squared = normal_quantile(confidence) ** 2
    center = (rate + z_squared / (2 * size)) / (1 + z_squared / size)
    half = sqrt(z_squared * (rate * (1 - rate) / size + z_squared / (4 * size**2))) / (1 + z_squared / size)
    # Rounding must not put the rate itself outside, nor 0 and 1 a hair inside.
    low = 0.0 if successes == 0 else max(0.0, min(center - half, rate))
    high = 1.0 if successes == n else min(1.0, max(center + half, rate))
    return Interval(low, high)


def wilson_many(
    successes: npt.ArrayLike,
    n: npt.ArrayLike,
    confidence: float = CONFIDENCE,
    effective: npt.ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Return the low and the high ends of `wilson` for whole columns at once."""
    import numpy as np

    x, total = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    size = total if effective is None else np.asarray(effective, dtype=np.float64)
    if np.any((x < 0) | (x > total)) or np.any((total > 0) & ~(size > 0)):
        raise ValueError("successes lie between 0 and n, and the effective n is above 0")
    known = total > 0
    rate = x / np.where(known, total, 1.0)
    size = np.where(known, size, 1.0)
    z_squared = normal_quantile(confidence) ** 2
    center = (rate + z_squared / (2 * size)) / (1 + z_squared / size)
    half = np.sqrt(z_squared * (rate * (1 - rate) / size + z_squared / (4 * size**2))) / (
        1 + z_squared / size
    )
    low = np.where(x == 0, 0.0, np.maximum(0.0, np.minimum(center - half, rate)))
    high = np.where(x == total, 1.0, np.minimum(1.0, np.maximum(center + half, rate)))
    return low, high


def newcombe(
    x1: float,
    n1: float,
    x2: float,
    n2: float,
    *,
    effective1: float | None = None,
    effective2: float | None = None,
    confidence: float = CONFIDENCE,
) -> Interval:
    """Return the interval of the difference `x1 / n1 - x2 / n2` of two independent rates (hybrid score).

    With no base on either side nothing is known: -1 to 1.
    """
    low1, high1 = wilson(x1, n1, confidence, effective1)
    low2, high2 = wilson(x2, n2, confidence, effective2)
    if n1 == 0 or n2 == 0:
        return Interval(-1.0, 1.0)
    rate1, rate2 = x1 / n1, x2 / n2
    change = rate1 - rate2
    low = change - sqrt((rate1 - low1) ** 2 + (high2 - rate2) ** 2)
    high = change + sqrt((high1 - rate1) ** 2 + (rate2 - low2) ** 2)
    return Interval(max(-1.0, low), min(1.0, high))


def newcombe_many(
    x1: npt.ArrayLike,
    n1: npt.ArrayLike,
    x2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    effective1: npt.ArrayLike | None = None,
    effective2: npt.ArrayLike | None = None,
    confidence: float = CONFIDENCE,
) -> tuple[Floats, Floats]:
    """Return the low and the high ends of `newcombe` for whole columns at once."""
    import numpy as np

    low1, high1 = wilson_many(x1, n1, confidence, effective1)
    low2, high2 = wilson_many(x2, n2, confidence, effective2)
    total1, total2 = np.asarray(n1, dtype=np.float64), np.asarray(n2, dtype=np.float64)
    known = (total1 > 0) & (total2 > 0)
    rate1 = np.asarray(x1, dtype=np.float64) / np.where(total1 > 0, total1, 1.0)
    rate2 = np.asarray(x2, dtype=np.float64) / np.where(total2 > 0, total2, 1.0)
    change = rate1 - rate2
    low = change - np.sqrt((rate1 - low1) ** 2 + (high2 - rate2) ** 2)
    high = change + np.sqrt((high1 - rate1) ** 2 + (rate2 - low2) ** 2)
    return np.where(known, np.maximum(-1.0, low), -1.0), np.where(known, np.minimum(1.0, high), 1.0)


def design_effect(
    cluster_sizes: npt.ArrayLike,
    residual_sums: npt.ArrayLike,
    variances: npt.ArrayLike,
    prior_weight: float = PRIOR_WEIGHT,
    alike: float = 1.0,
) -> float:
    """Return by how much n is to be divided because lines of one claim are answered together.

    One entry per claim: its number of lines in the base; the sum over them of what happened
    (1 denied, 0 not) less the rate expected of such a line; the sum of `rate * (1 - rate)`. The
    observed effect, the squared sums over the variances, is drawn towards the one that whole
    claims would have, sum(m^2) / sum(m), as if that had been seen on `prior_weight` of
    variance (about as many refused lines): a practice with few denials cannot tell its own. `alike` is the
    correlation within a claim that is expected before anything is known. Never below 1, and 1 without any
    claim.
    """
    import numpy as np

    sizes = np.asarray(cluster_sizes, dtype=np.float64)
    if not sizes.sum() > 0:
        return 1.0
    implied = 1 + alike * (float((sizes**2).sum() / sizes.sum()) - 1)
    squares = float((np.asarray(residual_sums, dtype=np.float64) ** 2).sum())
    variance = float(np.asarray(variances, dtype=np.float64).sum())
    if variance + prior_weight <= 0:
        return max(1.0, implied)
    return max(1.0, (squares + prior_weight * implied) / (variance + prior_weight))


def usual_range_shares(
    successes: npt.ArrayLike,
    n: npt.ArrayLike,
    effective: npt.ArrayLike,
    width: float = 3.0,
    design: npt.ArrayLike = 1.0,
) -> tuple[Floats, Floats]:
    """Return where rates over `effective` lines usually lie, judged by earlier months: low and high ends.

    `successes` and `n` hold a row a figure and a column an earlier month; `design` is their design effect;
    `effective` is the judged month's n already divided by it. The half width is `width` standard deviations
    made of chance within the month, the months' own spread beyond chance (method of moments, never negative),
    and the uncertainty of the center itself. One effective success (or one failure) more than none is always
    usual, so that a first denial is not at once an alarm. NaN without earlier lines or lines to judge.
    """
    import numpy as np

    x, lines = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    judged = np.asarray(effective, dtype=np.float64)
    design = np.broadcast_to(np.asarray(design, dtype=np.float64), judged.shape)
    sizes = lines / design[:, None]
    size, total, happened = sizes.sum(axis=1), lines.sum(axis=1), x.sum(axis=1)
    known = (size > 0) & (judged > 0)
    size, judged, total = (
        np.where(known, size, 1.0),
        np.where(known, judged, 1.0),
        np.where(known, total, 1.0),
    )
    center = np.where(known, happened / total, 0.0)
    # A rate of exactly 0 or 1 is no proof that there is no variance.
    exact = (happened == 0) | (happened == total)
    rate = np.where(exact, (happened / design + 0.5) / (size + 1), center)
    months = np.divide(x, lines, out=np.zeros_like(x), where=lines > 0)
    squares = (sizes**2).sum(axis=1)
    room = size - squares / size
    seen = (sizes * (months - rate[:, None]) ** 2).sum(axis=1)
    beyond = seen - ((lines > 0).sum(axis=1) - 1) * rate * (1 - rate)
    spread = np.maximum(0.0, np.divide(beyond, room, out=np.zeros_like(room), where=room > 1e-12))
    variance = rate * (1 - rate) * (1 / judged + 1 / size) + spread * (1 + squares / size**2)
    half = width * np.sqrt(variance)
    low = np.minimum(np.maximum(0.0, np.minimum(rate - half, 1 - 1 / judged)), center)
    high = np.maximum(np.minimum(1.0, np.maximum(rate + half, 1 / judged)), center)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def usual_range_amounts(earlier: npt.ArrayLike, width: float = 3.0) -> tuple[Floats, Floats]:
    """Return where amounts (counts, cents, units) usually lie: an individuals chart of earlier months.

    `earlier` holds a row a figure and a column a month, in the order of time; NaN is a month without the
    figure and takes its two changes with it. The half width is `width` standard deviations, each taken as the
    mean change from month to month over 1.128 (2.66 mean changes for a width of 3). Amounts do not fall
    below 0. NaN where fewer than two months, or no two in a row, are known.
    """
    import numpy as np

    values = np.asarray(earlier, dtype=np.float64)
    known = ~np.isnan(values)
    months = known.sum(axis=1)
    changes = np.abs(np.diff(values, axis=1))
    counted = (~np.isnan(changes)).sum(axis=1)
    enough = (months >= 2) & (counted >= 1)
    center = np.where(known, values, 0.0).sum(axis=1) / np.maximum(months, 1)
    mean_change = np.where(np.isnan(changes), 0.0, changes).sum(axis=1) / np.maximum(counted, 1)
    half = width / MOVING_RANGE * mean_change
    return np.where(enough, np.maximum(0.0, center - half), np.nan), np.where(enough, center + half, np.nan)
