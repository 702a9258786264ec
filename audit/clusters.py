"""Clusters: rows that share their fate tell less than as many separate ones would.

Lines of one claim are answered together; the visits of one patient in a month are written up alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from audit.intervals import design_effect
from audit.populations import NO, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from audit.measures import Measure, Total
    from audit.populations import Population, Populations, Table

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float64]


ALIKE: Mapping[Table, float] = {"lines": 1.0, "visits": 0.5, "services": 0.5}
"""How far rows of a cluster are expected to share their fate before a history tells: a claim is answered at
once, the notes of a patient are written day by day."""


def design_effects(
    populations: Populations, measures: Iterable[Measure], window: range
) -> dict[tuple[str, str], float]:
    """Return the design effect of every share of rows and tested mean, by measure and group ("" in total).

    A cluster is a claim, of visits the patient's in a month. The effect in total is estimated from the months
    of the window (counted from the history's first), against the rate of each line's payer or each visit's
    clinician; its strength within a cluster (the intraclass correlation) is carried to each group by how many
    rows of one cluster share a value of that group: two lines of a claim seldom share a code.
    """
    wanted = [one for one in measures if one.is_share or one.squares]
    effects = {}
    for table in dict.fromkeys(one.numerator.table for one in wanted):
        of_table = [one for one in wanted if one.numerator.table == table]
        clusters = _find_clusters(
            populations, table, window, {name for one in of_table for name in one.groups}
        )
        known: dict[Total, dict[str, float]] = {}
        for measure in of_table:
            if measure.numerator not in known:
                known[measure.numerator] = dict(_effects_of(measure, clusters))
            effects.update(
                {(measure.id, group): effect for group, effect in known[measure.numerator].items()}
            )
    return effects


class _Cells(NamedTuple):
    """The rows of a window in the population that a group is counted in, numbered by cluster and value."""

    source: Population
    rows: Ints
    cell: Ints


class _Clusters(NamedTuple):
    """The rows of a window, numbered by cluster, those expected to be alike, and the cells of each group."""

    source: Population
    rows: Ints
    cluster: Ints
    alike: Ints
    cells: Mapping[str, _Cells]


def _find_clusters(populations: Populations, table: Table, window: range, groups: Iterable[str]) -> _Clusters:
    source = populations.of(table)
    rows, cluster = _number(source, window, of_claims=table == "lines")
    cells = {}
    for group in groups:
        if group in source.groups:
            counted, chosen, number = source, rows, cluster
        else:  # visits by code are counted as services
            counted = populations.services
            chosen, number = _number(counted, window, of_claims=False)
        values = counted.groups[group][chosen]
        cells[group] = _Cells(
            counted, chosen, pd.factorize(number * (int(values.max(initial=0)) + 1) + values)[0]
        )
    alike = source.groups["payer" if table == "lines" else "clinician"][rows]
    return _Clusters(source, rows, cluster, alike, cells)


def _number(source: Population, window: range, *, of_claims: bool) -> tuple[Ints, Ints]:
    """Return the rows of the window and the number of the claim, or of the patient's month, of each."""
    rows = np.flatnonzero((source.month >= window.start) & (source.month < window.stop))
    if of_claims:
        return rows, pd.factorize(source.frame["claim"].to_numpy()[rows])[0]
    patient = source.frame["patient_key"].to_numpy(np.int64)[rows]
    return rows, pd.factorize(patient * len(window) + source.month[rows] - window.start)[0]


def _effects_of(measure: Measure, clusters: _Clusters) -> Iterator[tuple[str, float]]:
    """Yield the effect in total and by each group; nothing where no row of the window tells."""
    total, told = measure.numerator, _told(measure.numerator, clusters.source, clusters.rows)
    if not len(told):
        return
    happened = _values(total, clusters.source, clusters.rows[told])
    alike, cluster = clusters.alike[told], clusters.cluster[told]
    rate = (np.bincount(alike, weights=happened) / np.maximum(np.bincount(alike), 1))[alike]
    residual = happened - rate
    variance = rate * (1 - rate)
    if not measure.is_share:  # of a mean: in standard deviations of a visit
        deviation = float(np.sqrt((residual**2).mean())) or 1.0
        residual, variance = residual / deviation, np.ones_like(rate)
    sizes = np.bincount(cluster)
    effect = design_effect(
        sizes,
        np.bincount(cluster, weights=residual),
        np.bincount(cluster, weights=variance),
        alike=ALIKE[total.table],
    )
    together = _together(sizes)
    correlation = min(1.0, (effect - 1) / (together - 1)) if together > 1 else 0.0
    yield "", effect
    for group, cells in clusters.cells.items():
        if group in measure.groups:
            counted = cells.cell[_told(total, cells.source, cells.rows)]
            yield group, 1 + (_together(np.bincount(counted)) - 1) * correlation


def _told(total: Total, source: Population, rows: Ints) -> Ints:
    """Return which of the rows are in the base."""
    if total.of != "rows":
        return np.flatnonzero(source.frame[total.of].notna().to_numpy()[rows])
    return np.flatnonzero(source.marks[total.mark][rows] >= NO)


def _values(total: Total, source: Population, rows: Ints) -> Floats:
    if total.of != "rows":
        values: Floats = source.frame[total.of].to_numpy(np.float64, na_value=0)
        return values[rows]
    happened: Floats = (source.marks[total.mark][rows] == YES).astype(np.float64)
    return happened


def _together(sizes: NDArray[Any]) -> float:
    """Return how many rows the cluster of a row has, on average over rows."""
    return float((sizes.astype(np.float64) ** 2).sum() / max(sizes.sum(), 1))
