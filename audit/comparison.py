"""This period beside earlier ones: every figure with its interval, its change and its outcome word.

In: a tabulation. Out: one frame, a row a figure, that the page, `results.json` and `tables/` are all
made from. Counts stay whole; shares, intervals and changes are worked out here once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from audit.figures import COMPARED, HIGHER, LOWER, NOT_JUDGED, TOO_FEW, USUAL, Counts, Figure
from audit.intervals import (
    design_effect,
    newcombe_many,
    usual_range_amounts,
    usual_range_shares,
    wilson_many,
)
from audit.populations import NO, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from audit.measures import Measure, Tabulation, Total
    from audit.periods import Period
    from audit.populations import Populations
    from audit.settings import Thresholds

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Spans:
    """The period and those it is compared with, as ranges of months counted from the history's first.

    `earlier` are the single months before the period from which its usual range is made; `judged` says
    whether the period is mature (None: the history holds no answers).
    """

    this: range
    previous: range
    year_before: range
    three_before: range
    earlier: range
    judged: bool | None = True

    @property
    def all(self) -> tuple[range, ...]:
        """Every span that figures are counted over."""
        return (self.this, *(getattr(self, name) for name in COMPARED))


@dataclass(frozen=True)
class Comparison:
    """The figures of a period beside earlier ones, to be looked up by measure and group.

    `frame` is what `compare` returns, `standing` the figures of the history as it stands;
    `first_month` is the history's first, as `periods.py` counts months.
    """

    frame: pd.DataFrame
    standing: pd.DataFrame
    tabulation: Tabulation
    measures: Mapping[str, Measure]
    effects: Mapping[tuple[str, str], float]
    spans: Spans
    period: Period
    first_month: int
    limits: Thresholds

    def figures(self, measure: str, group: str = "") -> tuple[Figure, ...]:
        """Return a measure's figures by a group, in the alphabetical order of its values."""
        for frame in (self.frame, self.standing):
            part = frame[(frame["measure"] == measure) & (frame["group"] == group)]
            if len(part):
                return tuple(_figure(row) for row in part.to_dict("records"))
        return ()

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


def _figure(row: Mapping[Any, Any]) -> Figure:
    def told(name: str) -> float | None:
        value = row.get(name)
        return None if value is None or value != value else float(value)

    def counts(name: str) -> Counts:
        return Counts(int(row[f"{name}_numerator"]), int(row[f"{name}_base"]))

    outcome = row.get("outcome")
    return Figure(
        measure=row["measure"],
        group=row["group"],
        value=row["value"],
        other=row["other"],
        numerator=int(row["numerator"]),
        base=int(row["base"]),
        unknown=int(row["unknown"]),
        outcome=outcome if isinstance(outcome, str) else "",
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

    before = period.earlier_months(limits.usual_range_months)
    return Spans(
        this=range(max(period.first - first_month, 0), min(period.last + 1 - first_month, months)),
        previous=span(period.previous().months),
        year_before=span(period.year_before().months),
        three_before=span(period.three_before().months),
        earlier=range(max(before.start - first_month, 0), max(before.stop - first_month, 0)),
        judged=judged,
    )


def compare(
    tabulation: Tabulation,
    measures: Iterable[Measure],
    spans: Spans,
    limits: Thresholds,
    effects: Mapping[tuple[str, str], float],
) -> pd.DataFrame:
    """Return the period's figures, one row each, in the order of measures, groups and values.

    Columns: `measure group value other` (group "" and values "" in total; a pair of groups is
    "code,payer" and has its second value in `other`), `numerator base unknown`, `effective low high`
    (shares of rows only), for each of COMPARED `<name>_numerator <name>_base`, `change change_low
    change_high` (shares: against the three months before), `usual_low usual_high` and `outcome`.
    `effects` are the design effects by measure and group.
    """
    frames = []
    for measure in measures:
        for group in ("", *measure.groups):
            effect = effects.get((measure.id, group), 1.0)
            months = _months_of_group(tabulation, measure, group, spans)
            frames.append(_figures(months, measure, group, spans, limits, effect))
        for pair in measure.pairs:
            group = ",".join(pair)
            effect = min(effects.get((measure.id, name), 1.0) for name in pair)
            months = _months_of_pair(tabulation, measure, group, spans, limits)
            frames.append(_figures(months, measure, group, spans, limits, effect))
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def standing(tabulation: Tabulation, measures: Iterable[Measure], months: int) -> pd.DataFrame:
    """Return figures of the whole history as it stands, in the same columns, compared with nothing."""
    nothing = range(0)
    spans = Spans(range(months), nothing, nothing, nothing, nothing)
    return pd.concat(
        [
            _counts(_months_of_group(tabulation, measure, group, spans), measure, group, spans)
            for measure in measures
            for group in ("", *measure.groups)
        ],
        ignore_index=True,
    )


def design_effects(
    populations: Populations, measures: Iterable[Measure], spans: Spans, limits: Thresholds
) -> dict[tuple[str, str], float]:
    """Return the design effect of every share of lines, in total and by group.

    Lines of one claim are answered together. The effect in total is estimated from the months before
    the period and the period itself (`design_effect_months`), against the rate of each line's payer; its
    strength within a claim (the intraclass correlation) is carried to each group by how many lines of
    one claim share a value of that group: two lines of a claim seldom share a code.
    """
    window = range(max(spans.this.stop - limits.design_effect_months, 0), spans.this.stop)
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
    claim = _claims(lines.frame.iloc[rows])
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


def _claims(lines: pd.DataFrame) -> NDArray[np.intp]:
    """Return a dense number of each line's claim; a line without one stands with the lines of its visit."""
    claim = lines["claim_id"].cat.codes.to_numpy(np.int64)
    blank = (lines["claim_id"] == "").to_numpy()
    key = np.where(blank, -1 - lines["visit_id"].to_numpy(np.int64), claim)
    return pd.factorize(key)[0]


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


def _counts(months: _Months, measure: Measure, group: str, spans: Spans) -> pd.DataFrame:
    """Return numerator, base and unknown of every value, over the period and those compared."""
    none = np.zeros(len(months.values), dtype=np.int64)
    columns = {name: months.sums.get((name, spans.this), none) for name in ("numerator", "base", "unknown")}
    for name in COMPARED:
        span: range = getattr(spans, name)
        for part in ("numerator", "base"):
            columns[f"{name}_{part}"] = months.sums.get((part, span), none)
    frame = pd.DataFrame(
        {"measure": measure.id, "group": group, "value": months.values, "other": months.others, **columns}
    )
    if not group:
        return frame
    told = [name for name in columns if not (measure.of_whole and name.endswith("base"))]
    return frame[(frame[told] != 0).any(axis=1)]


def _figures(
    months: _Months, measure: Measure, group: str, spans: Spans, limits: Thresholds, effect: float
) -> pd.DataFrame:
    frame = _counts(months, measure, group, spans).copy()
    if measure.is_share:
        _add_intervals(frame, spans, limits, effect)
    _add_usual_range(frame, months, measure, spans, limits, effect)
    frame["outcome"] = _outcomes(frame, measure, spans, limits)
    return frame


def _add_intervals(frame: pd.DataFrame, spans: Spans, limits: Thresholds, effect: float) -> None:
    """Add the interval of the share, and of its change against the three months before."""
    x, n = frame["numerator"].to_numpy(np.float64), frame["base"].to_numpy(np.float64)
    frame["effective"] = n / effect
    low, high = wilson_many(x, n, limits.confidence, frame["effective"])
    frame["low"], frame["high"] = np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
    if not spans.three_before:
        return
    x0 = frame["three_before_numerator"].to_numpy(np.float64)
    n0 = frame["three_before_base"].to_numpy(np.float64)
    both = (n > 0) & (n0 > 0)
    ends = newcombe_many(
        x, n, x0, n0, effective1=n / effect, effective2=n0 / effect, confidence=limits.confidence
    )
    frame["change"] = np.where(both, x / np.maximum(n, 1) - x0 / np.maximum(n0, 1), np.nan)
    frame["change_low"], frame["change_high"] = (np.where(both, end, np.nan) for end in ends)


def _add_usual_range(
    frame: pd.DataFrame, months: _Months, measure: Measure, spans: Spans, limits: Thresholds, effect: float
) -> None:
    """Add where the figure usually lies, judged by the single months before the period.

    An amount of several months has no usual range: it is not like a month's.
    """
    earlier = slice(spans.earlier.start, spans.earlier.stop)
    if len(spans.earlier) < limits.usual_range_fewest or (not measure.base and len(spans.this) > 1):
        return
    place = frame.index.to_numpy()
    x = months.numerator[place, earlier].astype(np.float64)
    width = limits.usual_range_width
    if months.base is None:
        ends = usual_range_amounts(x, width)
    else:
        n = months.base[place, earlier].astype(np.float64)
        if measure.is_share:
            ends = usual_range_shares(x, n, frame["effective"].to_numpy(), width, effect)
        else:
            ends = usual_range_amounts(np.divide(x, n, out=np.full_like(x, np.nan), where=n > 0), width)
    frame["usual_low"], frame["usual_high"] = ends


def _outcomes(frame: pd.DataFrame, measure: Measure, spans: Spans, limits: Thresholds) -> Ints:
    """Return the outcome word of every figure, from the same numbers that draw its band."""
    if measure.needs_answers and not spans.judged:
        return np.full(len(frame), NOT_JUDGED, dtype=object)
    if "usual_low" not in frame:
        return np.full(len(frame), TOO_FEW, dtype=object)
    base = frame["base"].to_numpy(np.float64)
    value = frame["numerator"].to_numpy(np.float64)
    if measure.base:
        value = np.divide(value, base, out=np.full(len(frame), np.nan), where=base > 0)
    enough = (
        base >= limits.smallest_base if measure.base and not measure.of_whole else np.full(len(frame), True)
    )
    judged = enough & ~np.isnan(value) & frame["usual_low"].notna().to_numpy()
    tolerance = 1e-12
    return np.select(
        [~judged, value > frame["usual_high"] + tolerance, value < frame["usual_low"] - tolerance],
        [TOO_FEW, HIGHER, LOWER],
        USUAL,
    )
