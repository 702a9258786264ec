"""Means of visits of two saved periods, as they are tested: units or charges a visit.

In: figures as saved, of which the months hold sums of squares. Out: the two tails of the report's own test
(`means.py`), with the earlier period as the past.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.evidence import even_out
from audit.means import PRIOR_MEANS_SPREAD, Moments, compare_means, find_mean_tails, mean_spread
from audit.periods import YEAR, month_text
from audit.series import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.beside_sides import Side
    from audit.results import SavedFigure

    Floats = NDArray[np.float64]

Key = tuple[str, str, str]
"""Measure, group and value of a figure."""


class Mean(NamedTuple):
    """One mean of two periods as it is tested.

    `effect` is the design effect of a patient's visits, `spread` the month spread of its group; `worse` 1, -1
    or 0, the direction that calls for a look.
    """

    past: Moments
    now: Moments
    effect: float
    spread: float
    worse: int = 0

    @property
    def sizes(self) -> tuple[float, float]:
        """The effective visits of the two."""
        return float(self.past.number[0]) / self.effect, float(self.now.number[0]) / self.effect

    @property
    def levels(self) -> tuple[float, float]:
        """The two means."""
        return float(self.past.sums[0] / self.past.number[0]), float(self.now.sums[0] / self.now.number[0])


def compare_both_ways(mean: Mean) -> list[tuple[float, float]]:
    """Return how probable so small, and so large, a mean is beside the past's; and the past's beside it.

    A few odd visits make the later mean no surprise, and must not make one of the earlier.
    """
    lower, upper = _find_tails(mean, mean.now, mean.past)
    upper_back, lower_back = _find_tails(mean, mean.past, mean.now)
    return [(lower, upper), (lower_back, upper_back)]


def _find_tails(mean: Mean, judged: Moments, past: Moments) -> tuple[float, float]:
    change = compare_means(judged, past, np.array([mean.effect]), np.array([mean.spread]))
    lower, upper = find_mean_tails(change)
    return float(lower[0]), float(upper[0])


def lay_mean(earlier: Side, later: Side, key: Key, spread: float, worse: int) -> Mean:
    """Return a mean that both periods have by month (`Side.tells_mean`), as it is tested.

    Of the two reports' design effects the larger counts.
    """
    (past, effect), (now, other) = (_lay_months(side.figures[key], side) for side in (earlier, later))
    return Mean(past, now, max(effect, other), spread, worse)


def _lay_months(figure: SavedFigure, side: Side) -> tuple[Moments, float]:
    """Return the moments of a period's months and the design effect."""
    visits, sums, squares, effective = _lay([figure], [month_text(one) for one in side.period.months])
    return Moments.of(visits, sums, squares), max(float(visits.sum() / effective.sum()), 1.0)


def name_past(side: Side) -> list[str]:
    """Return the months of the year before a period, as the report takes it."""
    return [month_text(month) for month in side.period.earlier_months(YEAR + LEFT_OUT)[:YEAR]]


def find_mean_spread(side: Side, measure: str, group: str) -> float:
    """Return the month spread of a group's means, as the report finds it from the year before the period.

    That of clinicians is the prior of other groups, in which clinicians even each other out.
    """
    by = "clinician" if (measure, "clinician") in side.values else ""
    visits, sums, squares = _lay_past(side, measure, by)
    alone = mean_spread(visits, sums, squares, PRIOR_MEANS_SPREAD)
    if group == by:
        return alone
    return mean_spread(*_lay_past(side, measure, group), even_out(alone, visits.sum(axis=1)))


def _lay_past(side: Side, measure: str, group: str) -> tuple[Floats, Floats, Floats]:
    values = side.values.get((measure, group), [])
    figures = [side.figures[measure, group, value] for value in values]
    visits, sums, squares, _ = _lay([one for one in figures if one.squares], name_past(side))
    return visits, sums, squares


def _lay(figures: Sequence[SavedFigure], months: Sequence[str]) -> Floats:
    """Return visits, sums, squares and effective visits: each a row a figure and a column a month."""
    laid = np.zeros((4, len(figures), len(months)))
    for row, figure in enumerate(figures):
        for column, month in enumerate(months):
            top, base, effective = figure.history.get(month, (0, 0, None))
            laid[:, row, column] = base or 0, top, figure.squares.get(month, 0), effective or 0.0
    return laid
