"""Clusters: lines of one claim are answered together, and so tell less than as many separate ones would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from audit.intervals import design_effect
from audit.populations import NO, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

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
    shares = [one for one in measures if one.is_share and one.numerator.table == "lines"]
    clusters = _find_clusters(populations, window, {group for one in shares for group in one.groups})
    known: dict[Total, dict[str, float]] = {}
    effects = {}
    for measure in shares:
        if measure.numerator not in known:
            known[measure.numerator] = _effects_of(populations, measure, clusters)
        found = known[measure.numerator]
        effects.update({(measure.id, group): effect for group, effect in found.items()})
    return effects


class _Clusters(NamedTuple):
    """The lines of a window, numbered by claim, and by claim and value of each group."""

    rows: NDArray[np.intp]
    claim: NDArray[np.intp]
    cells: Mapping[str, NDArray[np.intp]]


def _find_clusters(populations: Populations, window: range, groups: Iterable[str]) -> _Clusters:
    lines = populations.lines
    rows = np.flatnonzero((lines.month >= window.start) & (lines.month < window.stop))
    claim = pd.factorize(lines.frame["claim"].to_numpy()[rows])[0]
    cells = {}
    for group in groups:
        values = lines.groups[group][rows]
        cells[group] = pd.factorize(claim * (int(values.max(initial=0)) + 1) + values)[0]
    return _Clusters(rows, claim, cells)


def _effects_of(populations: Populations, measure: Measure, clusters: _Clusters) -> dict[str, float]:
    lines = populations.lines
    marks = lines.marks[measure.numerator.mark][clusters.rows]
    told = np.flatnonzero(marks >= NO)
    if not len(told):
        return {}
    happened = (marks[told] == YES).astype(np.float64)
    payer = lines.groups["payer"][clusters.rows[told]]
    rate = (np.bincount(payer, weights=happened) / np.maximum(np.bincount(payer), 1))[payer]
    claim = clusters.claim[told]
    sizes = np.bincount(claim).astype(np.float64)
    residuals = np.bincount(claim, weights=happened - rate)
    variances = np.bincount(claim, weights=rate * (1 - rate))
    effect = design_effect(sizes, residuals, variances)
    together = _together(sizes)
    correlation = min(1.0, (effect - 1) / (together - 1)) if together > 1 else 0.0
    shared = {group: _together(np.bincount(cells[told])) for group, cells in clusters.cells.items()}
    return {"": effect, **{group: 1 + (size - 1) * correlation for group, size in shared.items()}}


def _together(sizes: NDArray[Any]) -> float:
    """Return how many lines the cluster of a line has, on average over lines."""
    return float((sizes.astype(np.float64) ** 2).sum() / sizes.sum())
