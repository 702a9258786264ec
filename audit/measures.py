"""Measures as data, and the one function that counts them all.

A measure is a total over a total. `tabulate` counts every measure of a history by month, in total and
by each of its groups: additive totals once, on the finest cells, then rolled up; distinct values group
by group. Counts stay whole numbers; a rate is divided only where it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct, field
from msgspec.structs import replace

from audit.populations import GROUPS, NO, UNSURE, YES, Population, Populations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from audit.populations import Table

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

Unit = Literal[
    "share",
    "count",
    "cents",
    "units",
    "count each",
    "cents each",
    "units each",
    "minutes each",
    "days each",
    "answers each",
]

WHOLE = ("answers", "days_to_submit", "days_to_answer", "days_to_money", "minutes")
"""Columns of whole numbers; every other column that is added up is held in hundredths."""

DISTINCT = {"patients": "patient_key", "claims": "claim"}
"""Totals of distinct values and the column they count. They do not add up over months or groups."""

MOST_CELLS = 1_000_000
"""Cells of several totals that are rolled up at once; bounds the memory of it. Sums are exact below 2**53."""


class Total(NamedTuple):
    """A count of rows ("rows"), a sum of a column, or a number of distinct "patients" or "claims".

    `mark` names the mark that picks the rows and `states` the values that count; without a mark every
    row counts. A missing value adds nothing to a sum.
    """

    of: str = "rows"
    mark: str = ""
    states: tuple[int, ...] = (YES,)
    table: Table = "lines"

    @property
    def adds(self) -> bool:
        """Whether the totals of several months add up to the total of the months together."""
        return self.of not in DISTINCT


class Measure(Struct, frozen=True):
    """One thing the report counts.

    `id` is topic/name; `definition` is the sentence the page prints; `base` is what the numerator is
    divided by (none: an amount); `groups` are what it is shown by besides in total; `pairs` two groups
    at once; `split` a column that divides the numerator alone; `of_whole` divides by the total of all
    groups instead of the group's own; `worse` is the direction that calls for a look. `judged` are the groups
    ("" in total) by which it is tested against earlier months, so that a word may be said; `tested_mark` is
    the mark that the test reads where it is not the numerator's own. With `year` it is counted over the year
    that ends with the period. `subject` is what a sentence calls it where not its title.
    """

    id: str
    title: str
    definition: str
    numerator: Total
    base: Total | None = None
    unit: Unit = "count"
    groups: tuple[str, ...] = GROUPS
    pairs: tuple[tuple[str, str], ...] = ()
    split: str = ""
    of_whole: bool = False
    needs_answers: bool = False
    worse: Literal["higher", "lower", ""] = ""
    judged: tuple[str, ...] = ()
    tested_mark: str = ""
    year: bool = False
    subject: str = ""

    @property
    def topic(self) -> str:
        """The topic the measure belongs to."""
        return self.id.partition("/")[0]

    @property
    def is_share(self) -> bool:
        """Whether the figure is a share of rows, so that an interval for a proportion fits it."""
        return self.unit == "share" and self.numerator.of == "rows" and not self.of_whole

    @property
    def part_name(self) -> str:
        """What the parts of a split are called in a figure's id: reason for `first_reason`."""
        return self.split.removeprefix("first_")

    @property
    def unknown(self) -> Total | None:
        """The rows that the export leaves open: neither in the numerator nor in the base."""
        if self.numerator.mark:
            return self.numerator._replace(of="rows", states=(UNSURE,))
        if self.numerator.of in ("rows", *DISTINCT):
            return None
        return self.numerator._replace(of=f"missing {self.numerator.of}")

    @property
    def squares(self) -> Total | None:
        """The sum of squares that the test of a mean needs, of the numerator's column by visit."""
        each = self.judged and not self.is_share
        return self.numerator._replace(of=f"{self.numerator.of}_squared") if each else None

    @property
    def tested(self) -> Measure:
        """The measure as the test reads it."""
        if not self.tested_mark or self.base is None:
            return self
        numerator, base = (one._replace(mark=self.tested_mark) for one in (self.numerator, self.base))
        return replace(self, numerator=numerator, base=base, tested_mark="")

    @property
    def waiting(self) -> Total | None:
        """The rows that still waited when the test reads them, where it reads a mark of its own."""
        return self.tested.unknown if self.tested_mark else None

    @property
    def totals(self) -> Iterator[Total]:
        """Every total the measure needs."""
        tested = self.tested
        every = (
            *(self.numerator, self.base, self.unknown, self.squares),
            *(tested.numerator, tested.base, self.waiting),
        )
        yield from dict.fromkeys(total for total in every if total)

    @property
    def adds(self) -> bool:
        """Whether its months add up, so that ranges of months can be compared."""
        return all(total.adds for total in self.totals)


def marked(mark: str, table: Table = "lines", of: str = "rows") -> Total:
    """Return the total of the rows marked YES."""
    return Total(of, mark, (YES,), table)


def answered(mark: str, table: Table = "lines", of: str = "rows") -> Total:
    """Return the total of the rows marked YES or NO: the base of a share."""
    return Total(of, mark, (YES, NO), table)


class Parts(NamedTuple):
    """A measure's numerators by its split: columns, in the order of place (of the group), part and month."""

    place: Ints
    part: NDArray[np.object_]
    month: Ints
    numerator: Ints


class Tabulation(Struct, frozen=True):
    """Counts by total and group: arrays of one row a value and one column a month, and of pairs and splits.

    The group "" is the history in total, one row. `spans` holds what does not add up over months,
    counted anew for each span of months asked for.
    """

    counts: Mapping[tuple[Total, str], Ints]
    spans: Mapping[tuple[Total, str, range], Ints]
    pairs: Mapping[tuple[str, str], pd.DataFrame]
    splits: Mapping[tuple[str, str], Parts]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def over(self, total: Total, group: str, months: range) -> Ints:
        """Return a total for every value of a group over a span of months."""
        if not total.adds and len(months) > 1:
            return self.spans[total, group, months]
        by_month = self.counts[total, group]
        added: Ints = by_month[:, _inside(months, by_month.shape[1])].sum(axis=1)
        return added


def tabulate(
    populations: Populations,
    measures: Iterable[Measure],
    spans: Iterable[range] = (),
    years: Iterable[range] = (),
) -> Tabulation:
    """Count all measures by month, in total and by their groups.

    `spans` are ranges of months (counted from the first month of the history) over which totals that
    do not add up are wanted as well; `years` are those of measures of a year.
    """
    measures = tuple(measures)
    counts: dict[tuple[Total, str], Ints] = {}
    spanned: dict[tuple[Total, str, range], Ints] = {}
    asked = {False: tuple(spans), True: tuple(years)}
    for (table, of_code), totals in _by_table(measures).items():
        source = _source(populations, table, of_code)
        additive = [total for total in totals if total.adds]
        counts.update(_count_cells(populations, source, additive, of_code=of_code))
    for (total, group), kinds in _distincts(measures).items():
        source = _source(populations, total.table, group == "code")
        places, months = _distinct(populations, source, total, group)
        counts[total, group] = _grid(populations, places, months, group)
        for span in {span: None for kind in kinds for span in asked[kind] if len(span) > 1}:
            spanned[total, group, span] = _distinct_over(populations, source, total, group, span)
    pairs = {
        (measure.id, ",".join(pair)): _cross(populations, measure, pair)
        for measure in measures
        for pair in measure.pairs
    }
    splits = {
        (measure.id, group): _split(populations, measure, group)
        for measure in measures
        if measure.split
        for group in ("", *measure.groups)
    }
    return Tabulation(counts, spanned, pairs, splits, populations.labels)


def rows_behind(
    populations: Populations, total: Total, where: Mapping[str, str], months: range
) -> NDArray[np.intp]:
    """Return the rows that a total counts, in the population it counts them in, under group values."""
    source = _source(populations, total.table, "code" in where)
    keep = _picked(source, total) & (source.month >= months.start) & (source.month < months.stop)
    for group, value in where.items():
        if value not in populations.labels[group]:
            return np.empty(0, dtype=np.intp)
        keep &= source.groups[group] == populations.labels[group].index(value)
    return np.flatnonzero(keep)


def _source(populations: Populations, table: Table, of_code: bool) -> Population:
    """Return the population that counts a table: visits by code are counted as services."""
    return populations.services if table == "visits" and of_code else populations.of(table)


def _by_table(measures: tuple[Measure, ...]) -> dict[tuple[Table, bool], list[Total]]:
    """Return the distinct totals by the population they are counted in."""
    needed: dict[tuple[Table, bool], dict[Total, None]] = {}
    for measure in measures:
        for total in measure.totals:
            needed.setdefault((total.table, False), {})[total] = None
            if total.table == "visits" and "code" in measure.groups:
                needed.setdefault((total.table, True), {})[total] = None
    return {key: list(totals) for key, totals in needed.items()}


def _distincts(measures: tuple[Measure, ...]) -> dict[tuple[Total, str], set[bool]]:
    """Return the totals of distinct values by the groups they are wanted by, and whether over a year."""
    wanted: dict[tuple[Total, str], set[bool]] = {}
    for measure in measures:
        for total in measure.totals:
            if not total.adds:
                for group in ("", *measure.groups):
                    wanted.setdefault((total, group), set()).add(measure.year)
    return wanted


def _inside(months: range, count: int) -> slice:
    return slice(min(max(months.start, 0), count), min(max(months.stop, 0), count))


def _picked(source: Population, total: Total) -> NDArray[np.bool_]:
    """Return which rows a total counts."""
    if not total.mark:
        return np.ones(len(source), dtype=bool)
    marks = source.marks[total.mark]
    if set(total.states) == {YES, NO}:
        return np.asarray(marks >= NO)
    if len(total.states) == 1:
        return np.asarray(marks == total.states[0])
    return np.isin(marks, total.states)


def _values(source: Population, total: Total) -> Ints | None:
    """Return what each row adds to a total, or None where each adds one."""
    if total.of == "rows":
        return None
    if total.of.startswith("missing "):
        return source.frame[total.of.removeprefix("missing ")].isna().to_numpy().astype(np.int64)
    column = source.frame[total.of]
    return column.to_numpy(np.int64, na_value=0)


def _weigh(source: Population, total: Total) -> tuple[NDArray[np.intp], Ints | None]:
    """Return the rows that a total counts and what each adds to it, None where each adds one."""
    keep, values = np.flatnonzero(_picked(source, total)), _values(source, total)
    return keep, None if values is None else values[keep]


def _count_cells(
    populations: Populations, source: Population, totals: list[Total], *, of_code: bool
) -> dict[tuple[Total, str], Ints]:
    """Count additive totals on the finest cells that occur, and roll them up to each group."""
    names = tuple(name for name in GROUPS if name in source.groups)
    key = source.month.copy()
    for name in names:
        key = key * max(len(populations.labels[name]), 1) + source.groups[name]
    cell, distinct = pd.factorize(key)
    places: dict[str, Ints] = {}
    rest = np.asarray(distinct, dtype=np.int64)
    for name in reversed(names):
        rest, places[name] = np.divmod(rest, max(len(populations.labels[name]), 1))
    groups = ("code",) if of_code else ("", *names)
    places[""] = np.zeros(len(rest), dtype=np.int64)
    spots = {group: places[group] * populations.months + rest for group in groups}
    counts: dict[tuple[Total, str], Ints] = {}
    together = max(1, MOST_CELLS // max(len(rest), 1))
    for start in range(0, len(totals), together):
        some = totals[start : start + together]
        filled = [_count_finest(source, total, cell, len(rest)) for total in some]
        number = np.repeat(np.arange(len(some)), [len(cells) for cells, _ in filled])
        cells, finest = (np.concatenate(parts) for parts in zip(*filled, strict=True))
        for group in groups:
            grids = _grids(populations, number, spots[group][cells], finest, group, len(some))
            counts |= {(total, group): grid for total, grid in zip(some, grids, strict=True)}
    return counts


def _count_finest(
    source: Population, total: Total, cell: NDArray[np.intp], cells: int
) -> tuple[NDArray[np.intp], Floats]:
    """Return cells that a total fills and what stands in them; a cell of few rows may come more than once."""
    keep, weights = _weigh(source, total)
    if len(keep) < cells // 4:  # where there are many cells, most marks fill few of them
        return cell[keep], np.ones(len(keep)) if weights is None else weights.astype(np.float64)
    counted = np.bincount(cell[keep], weights=weights, minlength=cells)
    filled = np.flatnonzero(counted)
    return filled, counted[filled].astype(np.float64)


def _grids(
    populations: Populations, number: Ints, spots: Ints, finest: Floats, group: str, totals: int
) -> Ints:
    """Add up the finest cells of several totals at once into arrays of group values and months.

    `number` tells which total each cell is of, `spots` where it belongs in that total's array.
    """
    height = len(populations.labels[group]) if group else 1
    size = height * populations.months
    flat = np.bincount(number * size + spots, weights=finest, minlength=totals * size)
    return flat.astype(np.int64).reshape(totals, height, populations.months)


def _grid(populations: Populations, places: Ints, months: Ints, group: str) -> Ints:
    """Count rows into an array of one row a group value and one column a month."""
    height = len(populations.labels[group]) if group else 1
    flat = np.bincount(places * populations.months + months, minlength=height * populations.months)
    return flat.astype(np.int64).reshape(height, populations.months)


def _distinct(populations: Populations, source: Population, total: Total, group: str) -> tuple[Ints, Ints]:
    """Return group value and month of every distinct value of a total's column."""
    place, month, _ = _unique_rows(populations, source, total, group, _picked(source, total), source.month)
    return place, month


def _distinct_over(
    populations: Populations, source: Population, total: Total, group: str, span: range
) -> Ints:
    keep = _picked(source, total) & (source.month >= span.start) & (source.month < span.stop)
    place, _, _ = _unique_rows(populations, source, total, group, keep, np.zeros_like(source.month))
    return np.bincount(place, minlength=len(populations.labels[group]) if group else 1)


def _unique_rows(
    populations: Populations,
    source: Population,
    total: Total,
    group: str,
    keep: NDArray[np.bool_],
    month: Ints,
) -> tuple[Ints, Ints, Ints]:
    column = source.frame[DISTINCT[total.of]]
    codes = column.cat.codes if column.dtype == "category" else column
    value = codes.to_numpy(np.int64)[keep]
    place = source.groups[group][keep] if group else np.zeros(len(value), dtype=np.int64)
    width = int(value.max()) + 2 if len(value) else 1
    months = max(populations.months, 1)
    unique = pd.unique((place * months + month[keep]) * width + value)
    cells, values = np.divmod(unique, width)
    places, found = np.divmod(cells, months)
    return places, found, values


def _cross(populations: Populations, measure: Measure, pair: tuple[str, str]) -> pd.DataFrame:
    """Count a measure by two groups at once: one row for each pair of values and month that occurs."""
    source = populations.of(measure.numerator.table)
    first, second = pair
    height = max(len(populations.labels[second]), 1)
    key = (source.groups[first] * height + source.groups[second]) * populations.months + source.month
    cell, distinct = pd.factorize(key, sort=True)
    wanted = {"numerator": measure.numerator, "base": measure.base, "unknown": measure.unknown}
    if measure.judged:
        wanted |= {"tested": measure.tested.numerator, "tested_base": measure.tested.base}
        wanted["waiting"] = measure.waiting
    columns = {
        name: _plain_count(source, total, cell, len(distinct)) for name, total in wanted.items() if total
    }
    pairs, month = np.divmod(np.asarray(distinct, dtype=np.int64), max(populations.months, 1))
    place, other = np.divmod(pairs, height)
    return pd.DataFrame({first: place, second: other, "month": month, **columns})


def _plain_count(source: Population, total: Total, cell: NDArray[np.intp], cells: int) -> Ints:
    keep, weights = _weigh(source, total)
    return np.bincount(cell[keep], weights=weights, minlength=cells).astype(np.int64)


def _split(populations: Populations, measure: Measure, group: str) -> Parts:
    """Count a measure's numerator by the values of its split column: only the marked rows have one."""
    source = populations.of(measure.numerator.table)
    keep, weights = _weigh(source, measure.numerator)
    column = source.frame[measure.split].cat
    place = source.groups[group][keep] if group else np.zeros(len(keep), dtype=np.int64)
    names = column.categories.to_numpy(dtype=object)
    alphabetical = np.argsort(names, kind="stable")
    months, parts = max(populations.months, 1), len(names) + 1
    code = np.argsort(alphabetical)[column.codes.to_numpy(np.int64)[keep]]
    key = (place * parts + code) * months + source.month[keep]
    cell, distinct = pd.factorize(key, sort=True)
    numerator = np.bincount(cell, weights=weights, minlength=len(distinct)).astype(np.int64)
    cells, month = np.divmod(np.asarray(distinct, dtype=np.int64), months)
    places, part = np.divmod(cells, parts)
    return Parts(places, names[alphabetical[part]], month, numerator)
