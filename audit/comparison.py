"""This period beside earlier ones: every figure with its interval, its change and its outcome word.

In: a tabulation. Out: one frame, a row a figure, that the page, `results.json` and `tables/` are all
made from. Counts stay whole; shares, intervals and changes are worked out here once.
"""

from __future__ import annotations

from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.evidence import smallest_rate
from audit.figures import COMPARED, NOT_JUDGED, TOO_FEW, Counts, Figure
from audit.intervals import (
    newcombe_many,
    usual_range_amounts,
    usual_range_shares,
    wilson_many,
)
from audit.judging import Trial, judge
from audit.means import smallest_rise
from audit.periods import month_text
from audit.series import add_months, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from audit.measures import Measure, Parts, Tabulation, Total
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
TESTED = ("chance", "over", "tested", "expected", "precision", "needed")
"""What the test tells of a figure: NaN where it was not tested (see `judging.py` and `Figure`)."""

_SHARES = (
    *("effective", "low", "high", "change", "change_low", "change_high", "usual_low", "usual_high"),
    *TESTED,
)


class Comparison(Struct, frozen=True, dict=True):
    """The figures of a period beside earlier ones, to be looked up by measure and group.

    `frame` is what `compare` returns; `lasting` names the measures of the history as it stands;
    `first_month` is the history's first, as `periods.py` counts months; `age` the days from the period's end
    to the as-of date.
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
    age: int = 0

    @cached_property
    def _parts(self) -> dict[tuple[str, str, range], tuple[Part, ...]]:
        """Parts added up so far: they are asked for again."""
        return {}

    @cached_property
    def _figures(self) -> dict[tuple[str, str], tuple[Figure, ...]]:
        """Every figure, by measure and group, whose rows follow each other in the frame."""
        figures = map(Figure, *_fields(self.frame))
        return {name: tuple(rows) for name, rows in groupby(figures, lambda one: (one.measure, one.group))}

    def figures(self, measure: str, group: str = "") -> tuple[Figure, ...]:
        """Return a measure's figures by a group, in the alphabetical order of its values."""
        return self._figures.get((measure, group), ())

    def total(self, measure: str) -> Figure:
        """Return a measure's figure in total."""
        return self.figures(measure)[0]

    def smallest_change(
        self, measure: str, group: str = "", value: str = "", other: str = ""
    ) -> float | None:
        """Return the smallest rise of a figure that this period would have shown in four of five reports.

        A difference of two shares, or of two means in the measure's own unit; None where the figure is not
        tested over the period alone, or where no rise would be found.
        """
        named = (one for one in self.figures(measure, group) if (one.value, one.other) == (value, other))
        figure = next(named, None)
        if figure is None or figure.expected is None or figure.precision is None:
            return None
        if figure.outcome == NOT_JUDGED:
            return None
        tested, needed = figure.tested or 0.0, figure.needed or 0.0
        if not self.measures[measure].is_share:
            return smallest_rise(figure.precision, needed)
        rate = smallest_rate(figure.expected, figure.precision, tested, needed)
        return None if rate is None else rate - figure.expected

    def measured(self, measure: str) -> bool:
        """Whether the measure has a base in any month of the history: else nothing can be said of it."""
        return any(counts.base for counts in self.months(measure))

    def by_value(self, measure: str, group: str) -> dict[str, Figure]:
        """Return a measure's figures by the value of a group."""
        return {figure.value: figure for figure in self.figures(measure, group)}

    def months(self, measure: str, group: str = "", value: str = "") -> list[Counts]:
        """Return a figure's counts in every month of the history, oldest first."""
        tops, bases = self.counts(measure, group, [value])
        return list(
            map(Counts, tops[0].tolist(), [0] * tops.shape[1] if bases is None else bases[0].tolist())
        )

    def counts(self, measure: str, group: str, values: Sequence[str]) -> tuple[Ints, Ints | None]:
        """Return numerators and bases of a group's values by month, a row a value; an amount has no bases."""
        of = self.measures[measure]
        tops = self.add_up(of.numerator, group, values)
        if of.base is None:
            return tops, None
        return tops, self.add_up(of.base, *(("", [""] * len(values)) if of.of_whole else (group, values)))

    def add_up(self, total: Total, group: str, values: Sequence[str]) -> Ints:
        """Return a total of a group's values in every month of the history, oldest first, a row a value."""
        places = self._rows[group]
        return self.tabulation.counts[total, group][[places[value] for value in values]]

    @cached_property
    def month_names(self) -> list[str]:
        """The months of the history, as 2026-10."""
        return [month_text(self.first_month + at) for at in self.spans.history]

    @cached_property
    def _rows(self) -> dict[str, dict[str, int]]:
        """Where each value of a group stands in the tabulation."""
        labels = {"": ("",), **self.tabulation.labels}
        return {group: {value: at for at, value in enumerate(values)} for group, values in labels.items()}

    def parts(self, measure: str, group: str = "", months: range | None = None) -> tuple[Part, ...]:
        """Return the numerators of the period, or of other `months`, by the group's value and the split."""
        span = self.spans.this if months is None else months
        asked = (measure, group, span)
        if asked not in self._parts:
            labels = self.tabulation.labels[group] if group else ("",)
            self._parts[asked] = _add_parts(self.tabulation.splits[measure, group], labels, span)
        return self._parts[asked]


class Part(NamedTuple):
    """One part of a numerator: the value of the group it stands under ("" in total), its name, its count."""

    value: str
    part: str
    numerator: int


def _add_parts(parts: Parts, labels: Sequence[str], span: range) -> tuple[Part, ...]:
    """Return a split's numerators added over some months, by value (of `labels`) and part."""
    inside = np.flatnonzero((parts.month >= span.start) & (parts.month < span.stop))
    place, part, numerator = parts.place[inside], parts.part[inside], parts.numerator[inside]
    anew = np.ones(len(inside), dtype=bool)
    anew[1:] = (place[1:] != place[:-1]) | (part[1:] != part[:-1])
    starts = np.flatnonzero(anew)
    added = np.add.reduceat(numerator, starts) if len(starts) else numerator
    values = [labels[at] for at in place[starts].tolist()]
    return tuple(map(Part, values, part[starts].tolist(), added.tolist()))


def _fields(frame: pd.DataFrame) -> Iterator[list[Any]]:
    """Yield the columns of the frame as the fields of `Figure`, in their order."""
    for name in (*_NAMES, "numerator", "base", "unknown", "outcome"):
        yield frame[name].tolist()
    for name in COMPARED:
        yield list(map(Counts, frame[f"{name}_numerator"].tolist(), frame[f"{name}_base"].tolist()))
    for name in _SHARES:
        column = frame[name].to_numpy()
        if name == "over":
            yield np.nan_to_num(column).astype(np.int64).tolist()
        else:
            told = column.astype(object)
            told[np.isnan(column)] = None
            yield told.tolist()


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
    change_high` (shares: against the three months before), `usual_low usual_high`, those of TESTED; NaN where
    not known.
    `lasting` are counted over the whole history, or over a year, and not judged. `effects` are the design
    effects by measure and group.
    """
    measures = tuple(measures)
    counted = [_count(lay_out(tabulation, measure, spans, limits), measure, spans) for measure in measures]
    _judge_all(counted, measures, spans, limits, effects)
    pieces = [
        _measure_out([one for one in counted if one.kind == kind], spans, limits, effects)
        for kind in sorted({one.kind for one in counted})
    ]
    for measure in lasting:
        reach = spans.year if measure.year else spans.standing
        stands = _count(lay_out(tabulation, measure, reach, limits), measure, reach).columns
        pieces.append({**stands, "outcome": _words(stands, "")})
    order = {measure.id: at for at, measure in enumerate((*measures, *lasting))}
    frame = _stack(pieces)
    place = np.array([order[name] for name in frame["measure"].tolist()])
    return frame.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


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


class _Kind(NamedTuple):
    """How figures are judged: as shares of rows, ratios or amounts; against their own base; with answers."""

    is_share: bool
    has_base: bool
    of_whole: bool
    needs_answers: bool


class _Counted(NamedTuple):
    """A measure's figures that occur: columns of names and counts, and the months they are made of."""

    kind: _Kind
    columns: _Columns
    numerator: Ints
    base: Ints
    tested: tuple[Ints, Ints] | None
    waiting: Ints | None
    squares: Ints | None


def _count(series: Series, measure: Measure, spans: Spans) -> _Counted:
    """Return the figures of every value that occurs in the period or in one it is compared with.

    Beside a period that is not mature stand earlier ones at its age, where the measure is tested so.
    """
    none = np.zeros((len(series.values), 1 + len(COMPARED)), dtype=np.int64)
    top, bottom, unknown = (series.sums.get(name, none) for name in ("numerator", "base", "unknown"))
    # The whole that a share is taken of says nothing of the value.
    told = (top, unknown) if measure.of_whole else (top, bottom, unknown)
    occurs = series.groups == ""
    for sums in told:
        occurs = occurs | sums.any(axis=1)
    rows = np.flatnonzero(occurs)
    columns: _Columns = {"numerator": top[rows, 0], "base": bottom[rows, 0], "unknown": unknown[rows, 0]}
    if series.tested and measure.tested_mark and not spans.judged:
        top, bottom = (add_months(one, spans) for one in series.tested)
    for at, name in enumerate(COMPARED, start=1):
        columns |= {f"{name}_numerator": top[rows, at], f"{name}_base": bottom[rows, at]}
    columns |= {"group": series.groups[rows], "value": series.values[rows], "other": series.others[rows]}
    columns["measure"] = _words(columns, measure.id)
    kind = _Kind(measure.is_share, measure.base is not None, measure.of_whole, measure.needs_answers)
    by_month = series.numerator[rows]
    return _Counted(
        kind,
        columns,
        by_month,
        by_month if series.base is None else series.base[rows],
        series.tested and (series.tested[0][rows], series.tested[1][rows]),
        None if series.waiting is None else series.waiting[rows],
        None if series.squares is None else series.squares[rows],
    )


def _words(columns: _Columns, text: str) -> NDArray[np.object_]:
    return np.full(len(columns["numerator"]), text, dtype=object)


def _judge_all(
    counted: Sequence[_Counted],
    measures: Sequence[Measure],
    spans: Spans,
    limits: Thresholds,
    effects: Mapping[tuple[str, str], float],
) -> None:
    """Add the columns `outcome chance over`: all figures that are tested, in one family."""
    judged = [at for at, measure in enumerate(measures) if measure.judged]
    trials = [_lay_trial(counted[at], measures[at], effects) for at in judged]
    told = dict(zip(judged, judge(trials, spans, limits), strict=True))
    for at, one in enumerate(counted):
        if at in told:
            found = told[at]
            one.columns["outcome"] = _wait(found.outcome, measures[at], spans)
            told_of = {"over": found.months.astype(np.float64), "tested": found.lines}
            for name in ("chance", "expected", "precision", "needed"):
                told_of[name] = getattr(found, name)
            one.columns.update(told_of)
        else:
            one.columns["outcome"] = _words(one.columns, "")
            nothing = np.full(len(one.numerator), np.nan)
            one.columns.update(dict.fromkeys(TESTED, nothing))


def _wait(outcome: NDArray[np.object_], measure: Measure, spans: Spans) -> NDArray[np.object_]:
    """Return the words, where it is too early for them "not judged yet".

    A period with too few answers is judged where enough lines are answered at its age, now and before.
    """
    if not measure.needs_answers or spans.judged:
        return outcome
    judged = spans.judged is not None and measure.tested_mark
    early = (outcome == TOO_FEW) if judged else (outcome != "")
    return np.where(early, NOT_JUDGED, outcome)


def _lay_trial(counted: _Counted, measure: Measure, effects: Mapping[tuple[str, str], float]) -> Trial:
    """Return a measure's figures as they are tested."""
    group = counted.columns["group"]
    by = "payer" if measure.numerator.table == "lines" else "clinician"
    top, bottom = counted.tested or (counted.numerator, counted.base)
    return Trial(
        top=top,
        bottom=bottom,
        waiting=counted.waiting,
        settled=None if counted.waiting is None else (counted.numerator, counted.base),
        squares=counted.squares,
        effect=np.array([_effect(effects, measure.id, name) for name in group.tolist()]),
        group=group,
        by=by,
        within=_find_within(counted.columns, by),
        worse={"higher": 1, "lower": -1}.get(measure.worse, 0),
        judged=np.isin(group, measure.judged),
    )


def _find_within(columns: _Columns, by: str) -> Ints:
    """Return for each pair of groups the row of its payer (or clinician); -1 where there is none."""
    group, value, other = (columns[name].tolist() for name in ("group", "value", "other"))
    rows = {one: at for at, (name, one) in enumerate(zip(group, value, strict=True)) if name == by}
    within = np.full(len(group), -1, dtype=np.int64)
    for at, name in enumerate(group):
        names = name.split(",")
        if len(names) == 2 and by in names:
            within[at] = rows.get((value[at], other[at])[names.index(by)], -1)
    return within


def _measure_out(
    counted: Sequence[_Counted], spans: Spans, limits: Thresholds, effects: Mapping[tuple[str, str], float]
) -> _Columns:
    """Return the columns of figures of one kind with their intervals, changes and usual ranges."""
    kind = counted[0].kind
    columns = {name: np.concatenate([one.columns[name] for one in counted]) for name in counted[0].columns}
    if kind.is_share:
        names = zip(columns["measure"].tolist(), columns["group"].tolist(), strict=True)
        columns["effect"] = np.array([_effect(effects, *name) for name in names])
        columns |= _intervals(columns, spans, limits)
    earlier = slice(spans.earlier.start, spans.earlier.stop)
    top, bottom = (
        np.concatenate([months[:, earlier] for months in by_month]).astype(np.float64)
        for by_month in ([one.numerator for one in counted], [one.base for one in counted])
    )
    return {**columns, **_usual_range(columns, kind, top, bottom, spans, limits)}


def _effect(effects: Mapping[tuple[str, str], float], measure: str, group: str) -> float:
    """Return the design effect of a group; of a pair of groups the smaller of the two."""
    return min(effects.get((measure, name), 1.0) for name in group.split(","))


def _intervals(columns: _Columns, spans: Spans, limits: Thresholds) -> _Columns:
    """Return the interval of the share, and of its change against the three months before."""
    x, n, effect = columns["numerator"], columns["base"], columns["effect"]
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
    columns: _Columns, kind: _Kind, top: Floats, bottom: Floats, spans: Spans, limits: Thresholds
) -> _Columns:
    """Return where figures usually lie, judged by the single months before the period: `top` over `bottom`.

    An amount of several months has no usual range: it is not like a month's.
    """
    if top.shape[1] < limits.usual_range_fewest or (not kind.has_base and len(spans.this) > 1):
        return {}
    width = limits.usual_range_width
    if kind.is_share:
        low, high = usual_range_shares(top, bottom, columns["effective"], width, columns["effect"])
    elif kind.has_base:
        each = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
        low, high = usual_range_amounts(each, width)
    else:
        low, high = usual_range_amounts(top, width)
    return {"usual_low": low, "usual_high": high}
