"""This period beside earlier ones: every figure with its interval, its change and its outcome word.

In: a tabulation. Out: one frame, a row a figure, that the page, `results.json` and `tables/` are all
made from. Counts stay whole; shares, intervals and changes are worked out here once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from audit.figures import COMPARED, HIGHER, LOWER, NOT_JUDGED, TOO_FEW, USUAL, Counts, Figure
from audit.intervals import (
    newcombe_many,
    usual_range_amounts,
    usual_range_shares,
    wilson_many,
)
from audit.periods import month_text
from audit.series import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from audit.measures import Measure, Tabulation
    from audit.periods import Period
    from audit.series import Series, Spans
    from audit.settings import Thresholds

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


_Columns = dict[str, "NDArray[Any]"]

_NAMES = ("measure", "group", "value", "other")
_COUNTS = (
    "numerator",
    "base",
    "unknown",
    *(f"{name}_{part}" for name in COMPARED for part in ("numerator", "base")),
)
_SHARES = ("effective", "low", "high", "change", "change_low", "change_high", "usual_low", "usual_high")


@dataclass(frozen=True)
class Comparison:
    """The figures of a period beside earlier ones, to be looked up by measure and group.

    `frame` is what `compare` returns; `lasting` names the measures of the history as it stands;
    `first_month` is the history's first, as `periods.py` counts months.
    """

    frame: pd.DataFrame
    tabulation: Tabulation
    measures: Mapping[str, Measure]
    lasting: frozenset[str]
    effects: Mapping[tuple[str, str], float]
    spans: Spans
    period: Period
    first_month: int
    limits: Thresholds

    _shown: dict[tuple[str, str], tuple[Figure, ...]] = field(default_factory=dict, init=False, repr=False)
    """Figures taken out of the frame so far: they are asked for again and again."""

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        return {str(name): column.to_numpy() for name, column in self.frame.items()}

    @cached_property
    def _places(self) -> dict[tuple[str, str], slice]:
        """Where the rows of each measure and group stand: they follow each other."""
        names = list(zip(self._columns["measure"].tolist(), self._columns["group"].tolist(), strict=True))
        starts = [at for at, name in enumerate(names) if at == 0 or name != names[at - 1]]
        stops = [*starts[1:], len(names)]
        return {names[start]: slice(start, stop) for start, stop in zip(starts, stops, strict=True)}

    def figures(self, measure: str, group: str = "") -> tuple[Figure, ...]:
        """Return a measure's figures by a group, in the alphabetical order of its values."""
        if (measure, group) not in self._shown:
            place = self._places.get((measure, group), slice(0))
            columns = {name: values[place].tolist() for name, values in self._columns.items()}
            rows = zip(*columns.values(), strict=True)
            self._shown[measure, group] = tuple(_figure(dict(zip(columns, row, strict=True))) for row in rows)
        return self._shown[measure, group]

    def total(self, measure: str) -> Figure:
        """Return a measure's figure in total."""
        return self.figures(measure)[0]

    def by_value(self, measure: str, group: str) -> dict[str, Figure]:
        """Return a measure's figures by the value of a group."""
        return {figure.value: figure for figure in self.figures(measure, group)}

    def months(self, measure: str, group: str = "", value: str = "") -> list[Counts]:
        """Return a figure's counts in every month of the history, oldest first."""
        tops, bases = self.counts(measure, group, value)
        return [Counts(*pair) for pair in zip(tops, bases or [0] * len(tops), strict=True)]

    def counts(self, measure: str, group: str, value: str) -> tuple[list[int], list[int] | None]:
        """Return a figure's numerators and bases by month; an amount has no bases."""
        of = self.measures[measure]
        place = self._rows[group][value]
        tops = self.tabulation.counts[of.numerator, group][place].tolist()
        if of.base is None:
            return tops, None
        whole = ("", 0) if of.of_whole else (group, place)
        return tops, self.tabulation.counts[of.base, whole[0]][whole[1]].tolist()

    @cached_property
    def month_names(self) -> list[str]:
        """The months of the history, as 2026-10."""
        return [month_text(self.first_month + at) for at in self.spans.history]

    @cached_property
    def _rows(self) -> dict[str, dict[str, int]]:
        """Where each value of a group stands in the tabulation."""
        labels = {"": ("",), **self.tabulation.labels}
        return {group: {value: at for at, value in enumerate(values)} for group, values in labels.items()}

    def parts(self, measure: str, group: str = "") -> pd.DataFrame:
        """Return the period's numerators by the measure's split: columns `value part numerator`."""
        rows = self.tabulation.splits[measure, group]
        now = rows[(rows["month"] >= self.spans.this.start) & (rows["month"] < self.spans.this.stop)]
        added = now.groupby(["place", "part"], as_index=False, sort=True).agg({"numerator": "sum"})
        labels = self.tabulation.labels[group] if group else ("",)
        return added.assign(value=[labels[place] for place in added["place"]])


def _figure(row: dict[str, Any]) -> Figure:
    for name in COMPARED:
        row[name] = Counts(row.pop(f"{name}_numerator"), row.pop(f"{name}_base"))
    for name in _SHARES:
        row[name] = None if row[name] != row[name] else row[name]
    return Figure(**row)


def compare(
    tabulation: Tabulation,
    measures: Iterable[Measure],
    lasting: Iterable[Measure],
    spans: Spans,
    limits: Thresholds,
    effects: Mapping[tuple[str, str], float],
) -> pd.DataFrame:
    """Return the figures, one row each, in the order of measures, groups and values.

    Columns: `measure group value other` (group "" and values "" in total; a pair of groups is
    "code,payer" and has its second value in `other`), `numerator base unknown outcome`, for each of
    COMPARED `<name>_numerator <name>_base`, `effective low high` (shares of rows only), `change change_low
    change_high` (shares: against the three months before), `usual_low usual_high`; NaN where not known.
    `lasting` are counted over the whole history and compared with nothing. `effects` are the design effects
    by measure and group.
    """
    pieces = [
        _judge(lay_out(tabulation, measure, spans, limits), measure, spans, limits, effects)
        for measure in measures
    ]
    for measure in lasting:
        columns, _ = _count(lay_out(tabulation, measure, spans.standing, limits), measure, spans.standing)
        pieces.append({**columns, "outcome": _words(columns, "")})
    return _stack(pieces)


def _stack(pieces: Sequence[_Columns]) -> pd.DataFrame:
    """Put the columns of all pieces under each other; a column that a piece lacks is NaN there."""
    lengths = [len(piece["numerator"]) for piece in pieces]
    columns = {
        name: np.concatenate(
            [
                piece[name] if name in piece else np.full(length, np.nan)
                for piece, length in zip(pieces, lengths, strict=True)
            ]
        )
        for name in (*_NAMES, *_COUNTS, "outcome", *_SHARES)
    }
    return pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()})


def _count(series: Series, measure: Measure, spans: Spans) -> tuple[_Columns, Ints]:
    """Return the columns of names and counts of every value that occurs, and its row in the series."""
    none = np.zeros(len(series.values), dtype=np.int64)
    counts = {name: series.sums.get((name, spans.this), none) for name in ("numerator", "base", "unknown")}
    for name in COMPARED:
        span: range = getattr(spans, name)
        for part in ("numerator", "base"):
            counts[f"{name}_{part}"] = series.sums.get((part, span), none)
    occurs = series.groups == ""
    for name, values in counts.items():
        # The whole that a share is taken of says nothing of the value.
        if not (measure.of_whole and name.endswith("base")):
            occurs = occurs | (values != 0)
    rows = np.flatnonzero(occurs)
    columns: _Columns = {name: values[rows] for name, values in counts.items()}
    columns |= {"group": series.groups[rows], "value": series.values[rows], "other": series.others[rows]}
    columns["measure"] = _words(columns, measure.id)
    return columns, rows


def _words(columns: _Columns, text: str) -> NDArray[np.object_]:
    return np.full(len(columns["numerator"]), text, dtype=object)


def _judge(
    series: Series,
    measure: Measure,
    spans: Spans,
    limits: Thresholds,
    effects: Mapping[tuple[str, str], float],
) -> _Columns:
    """Return the columns of counts with intervals, changes, usual range and outcome."""
    columns, rows = _count(series, measure, spans)
    effect = np.ones(len(rows))
    if measure.is_share:
        of_group = {group: _effect(effects, measure, group) for group in set(columns["group"].tolist())}
        effect = np.array([of_group[group] for group in columns["group"].tolist()])
        columns |= _intervals(columns, spans, limits, effect)
    columns |= _usual_range(columns, rows, series, measure, spans, limits, effect)
    return {**columns, "outcome": _outcomes(columns, measure, spans, limits)}


def _effect(effects: Mapping[tuple[str, str], float], measure: Measure, group: str) -> float:
    """Return the design effect of a group; of a pair of groups the smaller of the two."""
    return min(effects.get((measure.id, name), 1.0) for name in group.split(","))


def _intervals(columns: _Columns, spans: Spans, limits: Thresholds, effect: Floats) -> _Columns:
    """Return the interval of the share, and of its change against the three months before."""
    x, n = columns["numerator"], columns["base"]
    effective = n / effect
    found: _Columns = {"effective": effective}
    ends = wilson_many(x, n, limits.confidence, effective)
    found["low"], found["high"] = (np.where(n > 0, end, np.nan) for end in ends)
    if spans.three_before:
        x0, n0 = columns["three_before_numerator"], columns["three_before_base"]
        both = (n > 0) & (n0 > 0)
        ends = newcombe_many(
            x, n, x0, n0, effective1=effective, effective2=n0 / effect, confidence=limits.confidence
        )
        found["change"] = np.where(both, x / np.maximum(n, 1) - x0 / np.maximum(n0, 1), np.nan)
        found["change_low"], found["change_high"] = (np.where(both, end, np.nan) for end in ends)
    return found


def _usual_range(
    columns: _Columns,
    rows: Ints,
    series: Series,
    measure: Measure,
    spans: Spans,
    limits: Thresholds,
    effect: Floats,
) -> _Columns:
    """Return where the figure usually lies, judged by the single months before the period.

    An amount of several months has no usual range: it is not like a month's.
    """
    earlier = slice(spans.earlier.start, spans.earlier.stop)
    if len(spans.earlier) < limits.usual_range_fewest or (not measure.base and len(spans.this) > 1):
        return {}
    x = series.numerator[rows, earlier].astype(np.float64)
    width = limits.usual_range_width
    if series.base is None:
        low, high = usual_range_amounts(x, width)
    else:
        n = series.base[rows, earlier].astype(np.float64)
        if measure.is_share:
            low, high = usual_range_shares(x, n, columns["effective"], width, effect)
        else:
            each = np.divide(x, n, out=np.full_like(x, np.nan), where=n > 0)
            low, high = usual_range_amounts(each, width)
    return {"usual_low": low, "usual_high": high}


def _outcomes(columns: _Columns, measure: Measure, spans: Spans, limits: Thresholds) -> NDArray[np.object_]:
    """Return the outcome word of every figure, from the same numbers that draw its band."""
    if measure.needs_answers and not spans.judged:
        return _words(columns, NOT_JUDGED)
    if "usual_low" not in columns:
        return _words(columns, TOO_FEW)
    base, value = columns["base"], columns["numerator"].astype(np.float64)
    enough = np.ones(len(value), dtype=bool)
    if measure.base:
        value = np.divide(value, base, out=np.full(len(value), np.nan), where=base > 0)
        enough = enough if measure.of_whole else base >= limits.smallest_base
    judged = enough & ~np.isnan(value) & ~np.isnan(columns["usual_low"])
    tolerance = 1e-12
    high, low = columns["usual_high"] + tolerance, columns["usual_low"] - tolerance
    words = np.select([~judged, value > high, value < low], [TOO_FEW, HIGHER, LOWER], USUAL)
    return words.astype(object)
