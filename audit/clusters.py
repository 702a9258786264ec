"""Clusters: lines of one claim are answered together, and so tell less than as many separate ones would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.intervals import design_effect
from audit.populations import NO, YES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.measures import Measure, Total
    from audit.populations import Populations


def design_effects(
    populations: Populations, measures: Iterable[Measure], window: range
) -> dict[tuple[str, str], float]:
    """Return the design effect of every share of lines, by measure and group ("" in total).

    The effect in total is estimated from the months of the window (counted from the history's first),
    against the rate of each line's payer; its strength within a claim (the intraclass correlation) is
    carried to each group by how many lines of one claim share a value of that group: two lines of a claim
    seldom share a code.
    """
    known: dict[Total, dict[str, float]] = {}
    effects = {}
    for measure in measures:
        if measure.is_share and measure.numerator.table == "lines":
            if measure.numerator not in known:
                known[measure.numerator] = _effects_of(populations, measure, window)
            effects.update(
                {(measure.id, group): effect for group, effect in known[measure.numerator].items()}
            )
    return effects


def _effects_of(populations: Populations, measure: Measure, window: range) -> dict[str, float]:
    lines = populations.lines
    marks = lines.marks[measure.numerator.mark]
    rows = np.flatnonzero((marks >= NO) & (lines.month >= window.start) & (lines.month < window.stop))
    if not len(rows):
        return {}
    happened = (marks[rows] == YES).astype(np.float64)
    payer = lines.groups["payer"][rows]
    lines_of_payer = np.bincount(payer)
    rate = (np.bincount(payer, weights=happened) / np.maximum(lines_of_payer, 1))[payer]
    claim = pd.factorize(lines.frame["claim"].to_numpy()[rows])[0]
    sizes = np.bincount(claim).astype(np.float64)
    residuals = np.bincount(claim, weights=happened - rate)
    variances = np.bincount(claim, weights=rate * (1 - rate))
    effect = design_effect(sizes, residuals, variances)
    together = float((sizes**2).sum() / sizes.sum())
    correlation = min(1.0, (effect - 1) / (together - 1)) if together > 1 else 0.0
    effects = {"": effect}
    for group in measure.groups:
        values = lines.groups[group][rows]
        cells, _ = pd.factorize(claim * (int(values.max()) + 1) + values)
        shared = np.bincount(cells).astype(np.float64)
        effects[group] = 1 + (float((shared**2).sum() / shared.sum()) - 1) * correlation
    return effects
