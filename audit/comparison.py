"""This period beside earlier ones: every figure with its interval, its change and its outcome word.

In: a tabulation. Out: one frame, a row a figure, that the page, `results.json` and `tables/` are all
made from. Counts stay whole; shares, intervals and changes are worked out here once.
"""

from __future__ import annotations

from dataclasses import dataclass
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from audit.measures import Measure, Tabulation
    from audit.periods import Period
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
class Spans:
    """The period and those it is compared with, as ranges of months counted from the history's first.

    `earlier` are the single months from which the period's usual range is made: the year that ends where
    the three months before begin; `history` all months there are; `judged` says whether the period is
    mature (None: the history holds no answers).
    """

    this: range
    previous: range
    year_before: range
    three_before: range
    earlier: range
    history: range
    judged: bool | None = True

    @property
    def all(self) -> tuple[range, ...]:
        """Every span that figures are counted over."""
        return (self.this, *(getattr(self, name) for name in COMPARED), self.history)


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
        place = self._places.get((measure, group))
        if place is None:
            return ()
        columns = {name: values[place].tolist() for name, values in self._columns.items()}
        rows = zip(*columns.values(), strict=True)
        return tuple(_figure(dict(zip(columns, row, strict=True))) for row in rows)

    def total(self, measure: str) -> Figure:
        """Return a measure's figure in total."""
        return self.figures(measure)[0]

    def by_value(self, measure: str, group: str) -> dict[str, Figure]:
        """Return a measure's figures by the value of a group."""
        return {figure.value: figure for figure in self.figures(measure, group)}

    def months(self, measure: str, group: str = "", value: str = "") -> list[Counts]:
        """Return a figure's counts in every month of the history, oldest first."""
        of = self.measures[measure]
        place = self.tabulation.labels[group].index(value) if group else 0
        tops = self.tabulation.counts[of.numerator, group][place].tolist()
        if of.base is None:
            return [Counts(top, 0) for top in tops]
        whole = of.of_whole
        bases = self.tabulation.counts[of.base, "" if whole else group][0 if whole else place].tolist()
        return [Counts(*pair) for pair in zip(tops, bases, strict=True)]

    def parts(self, measure: str, group: str = "") -> pd.DataFrame:
        """Return the period's numerators by the measure's split: columns `value part numerator`."""
        rows = self.tabulation.splits[measure, group]
        now = rows[(rows["month"] >= self.spans.this.start) & (rows["month"] < self.spans.this.stop)]
        added = now.groupby(["place", "part"], as_index=False, sort=True).agg({"numerator": "sum"})
        labels = self.tabulation.labels[group] if group else ("",)
        return added.assign(value=[labels[place] for place in added["place"]])


def _figure(row: Mapping[str, Any]) -> Figure:
    def told(name: str) -> float | None:
        value = row.get(name)
        return None if value is None or value != value else float(value)

    def counts(name: str) -> Counts:
        return Counts(row[f"{name}_numerator"], row[f"{name}_base"])

    return Figure(
        measure=row["measure"],
        group=row["group"],
        value=row["value"],
        other=row["other"],
        numerator=row["numerator"],
        base=row["base"],
        unknown=row["unknown"],
        outcome=row["outcome"],
        previous=counts("previous"),
        year_before=counts("year_before"),
        three_before=counts("three_before"),
        effective=told("effective"),
        low=told("low"),
        high=told("high"),
        change=told("change"),
        change_low=told("change_low"),
        change_high=told("change_high"),
        usual_low=told("usual_low"),
        usual_high=told("usual_high"),
    )


def lay_spans(
    period: Period, first_month: int, months: int, limits: Thresholds, judged: bool | None
) -> Spans:
    """Return the spans of a period in a history of `months` months from `first_month` on.

    A span that begins before the history is empty: half a year is not compared with a whole one.
    """

    def span(wanted: range) -> range:
        start, stop = wanted.start - first_month, wanted.stop - first_month
        return range(start, stop) if start >= 0 else range(0)

    # A rise that lasts must not hide in its own baseline: the three months before the period are left out.
    pooled = len(period.three_before().months)
    before = period.earlier_months(limits.usual_range_months + pooled)[: limits.usual_range_months]
    return Spans(
        this=range(max(period.first - first_month, 0), min(period.last + 1 - first_month, months)),
        previous=span(period.previous().months),
        year_before=span(period.year_before().months),
        three_before=span(period.three_before().months),
        earlier=range(max(before.start - first_month, 0), max(before.stop - first_month, 0)),
        history=range(months),
        judged=judged,
    )


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
    pieces: list[_Columns] = []
    for measure in measures:
        for group in ("", *measure.groups):
            effect = effects.get((measure.id, group), 1.0)
            months = _months_of_group(tabulation, measure, group, spans)
            pieces.append(_judge(months, measure, group, spans, limits, effect))
        for pair in measure.pairs:
            group = ",".join(pair)
            effect = min(effects.get((measure.id, name), 1.0) for name in pair)
            months = _months_of_pair(tabulation, measure, group, spans, limits)
            pieces.append(_judge(months, measure, group, spans, limits, effect))
    nothing = range(0)
    whole = Spans(range(len(spans.history)), nothing, nothing, nothing, nothing, spans.history)
    for measure in lasting:
        for group in ("", *measure.groups):
            months = _months_of_group(tabulation, measure, group, whole)
            columns, _ = _count(months, measure, group, whole)
            pieces.append({**columns, "outcome": _words(columns, "")})
    return _stack(pieces)


def _stack(pieces: Sequence[_Columns]) -> pd.DataFrame:
    """Put the columns of all pieces under each other; a column that a piece lacks is NaN there."""
    lengths = [len(piece["numerator"]) for piece in pieces]
    return pd.DataFrame(
        {
            name: np.concatenate(
                [
                    piece[name] if name in piece else np.full(length, np.nan)
                    for piece, length in zip(pieces, lengths, strict=True)
                ]
            )
            for name in (*_NAMES, *_COUNTS, "outcome", *_SHARES)
        }
    )


@dataclass(frozen=True)
class _Months:
    """A measure's counts by value (rows) and month (columns), and sums over the spans compared."""

    values: list[str]
    others: list[str]
    numerator: Ints
    base: Ints | None
    sums: Mapping[tuple[str, range], Ints]


def _months_of_group(tabulation: Tabulation, measure: Measure, group: str, spans: Spans) -> _Months:
    labels = tabulation.labels[group] if group else ("",)
    parts = {"numerator": measure.numerator, "base": measure.base, "unknown": measure.unknown}
    counts: dict[str, Ints] = {}
    sums: dict[tuple[str, range], Ints] = {}
    for name, total in parts.items():
        if total is None:
            continue
        # The whole that a share is taken of is the history's total, the same for every value.
        of = "" if measure.of_whole and name == "base" else group
        counts[name] = np.broadcast_to(
            tabulation.counts[total, of], (len(labels), tabulation.counts[total, of].shape[1])
        )
        for span in spans.all:
            # Of the whole history only what lasts is asked for; patients of it are counted for nothing else.
            if span != spans.history or span == spans.this:
                sums[name, span] = np.broadcast_to(tabulation.over(total, of, span), len(labels))
    return _Months(list(labels), [""] * len(labels), counts["numerator"], counts.get("base"), sums)


def _months_of_pair(
    tabulation: Tabulation, measure: Measure, group: str, spans: Spans, limits: Thresholds
) -> _Months:
    """Return the months of the pairs of values that have enough rows in the period to be shown."""
    cells = tabulation.pairs[measure.id, group]
    first, second = group.split(",")
    height = max(len(tabulation.labels[second]), 1)
    pair = cells[first].to_numpy() * height + cells[second].to_numpy()
    size = cells["base" if measure.base else "numerator"].to_numpy()
    now = (cells["month"] >= spans.this.start) & (cells["month"] < spans.this.stop)
    pairs, position = np.unique(pair, return_inverse=True)
    enough = np.bincount(position, weights=np.where(now, size, 0)) >= limits.smallest_base
    width = max(next(iter(tabulation.counts.values())).shape[1], spans.this.stop)
    grids: dict[str, Ints] = {}
    for name in ("numerator", "base", "unknown"):
        if name in cells:
            grid = np.zeros((len(pairs), width), dtype=np.int64)
            grid[position, cells["month"].to_numpy()] = cells[name].to_numpy()
            grids[name] = grid[enough]
    sums = {
        (name, span): grid[:, span.start : span.stop].sum(axis=1)
        for name, grid in grids.items()
        for span in spans.all
    }
    places, others = np.divmod(pairs[enough], height)
    return _Months(
        [tabulation.labels[first][place] for place in places],
        [tabulation.labels[second][place] for place in others],
        grids["numerator"],
        grids.get("base"),
        sums,
    )


def _count(months: _Months, measure: Measure, group: str, spans: Spans) -> tuple[_Columns, Ints]:
    """Return the columns of names and counts of every value that occurs, and where it stands in `months`."""
    none = np.zeros(len(months.values), dtype=np.int64)
    counts = {name: months.sums.get((name, spans.this), none) for name in ("numerator", "base", "unknown")}
    for name in COMPARED:
        span: range = getattr(spans, name)
        for part in ("numerator", "base"):
            counts[f"{name}_{part}"] = months.sums.get((part, span), none)
    occurs = np.full(len(none), not group)
    for name, values in counts.items():
        # The whole that a share is taken of says nothing of the value.
        if not (measure.of_whole and name.endswith("base")):
            occurs |= values != 0
    place = np.flatnonzero(occurs)
    columns: _Columns = {name: values[place] for name, values in counts.items()}
    columns |= {"measure": _words(columns, measure.id), "group": _words(columns, group)}
    columns["value"] = np.array(months.values, dtype=object)[place]
    columns["other"] = np.array(months.others, dtype=object)[place]
    return columns, place


def _words(columns: _Columns, text: str) -> NDArray[np.object_]:
    return np.full(len(columns["numerator"]), text, dtype=object)


def _judge(
    months: _Months, measure: Measure, group: str, spans: Spans, limits: Thresholds, effect: float
) -> _Columns:
    """Return the columns of counts with intervals, changes, usual range and outcome."""
    columns, place = _count(months, measure, group, spans)
    if measure.is_share:
        columns |= _intervals(columns, spans, limits, effect)
    columns |= _usual_range(columns, place, months, measure, spans, limits, effect)
    return {**columns, "outcome": _outcomes(columns, measure, spans, limits)}


def _intervals(columns: _Columns, spans: Spans, limits: Thresholds, effect: float) -> _Columns:
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
    place: Ints,
    months: _Months,
    measure: Measure,
    spans: Spans,
    limits: Thresholds,
    effect: float,
) -> _Columns:
    """Return where the figure usually lies, judged by the single months before the period.

    An amount of several months has no usual range: it is not like a month's.
    """
    earlier = slice(spans.earlier.start, spans.earlier.stop)
    if len(spans.earlier) < limits.usual_range_fewest or (not measure.base and len(spans.this) > 1):
        return {}
    x = months.numerator[place, earlier].astype(np.float64)
    width = limits.usual_range_width
    if months.base is None:
        low, high = usual_range_amounts(x, width)
    else:
        n = months.base[place, earlier].astype(np.float64)
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
