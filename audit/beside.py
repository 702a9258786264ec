"""Two saved periods as a pair: which figures both have, what may be said of each, and its cells.

A share of lines or visits is called higher or lower only where the interval of its change leaves out
zero and both bases are large enough; no other figure is judged. Nothing is counted here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from audit.blocks import UNKNOWN, Cell, Head, average, change, count, money, points, rate, units
from audit.figures import HIGHER, LOWER, NOT_JUDGED, TOO_FEW, parse_figure_id
from audit.intervals import newcombe
from audit.periods import Period, parse_period
from audit.results import Limits
from audit.showing import tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.results import Results, SavedFigure, SavedMeasure

CHANCE = "not told from chance"

OVERLAP = "periods overlap"

DIFFERENT = "defined differently"

NOT_ADDING = "does not add up over months"
"""What stands in place of an outcome word where none may be said."""

MARKS = (HIGHER, LOWER, TOO_FEW, NOT_JUDGED)
"""Readings that are outcome words and carry a shape."""

DENIED, GAP = "denials/first_rate", "documentation/any"
SIGNED_LATE = "signatures/before_signed"

HEADLINES = (
    "usage/visits",
    "usage/patients",
    "usage/lines",
    "usage/units",
    "usage/units_per_visit",
    "usage/charge",
    "usage/allowed",
    "usage/paid",
    DENIED,
    "denials/first_rate_by_expected",
    "denials/final_rate",
    "denials/not_recovered_expected",
    "answers/recovered",
    "answers/rejected",
    "answers/answered",
    "denials/open",
    "denials/open_expected",
    GAP,
    "documentation/any_expected",
    SIGNED_LATE,
)
"""The measures of the table of totals, in the order of the report."""

SUBJECTS = {
    DENIED: ("denial rate", "lines that payers answered"),
    GAP: ("share of visits with a documentation gap", "visits whose notes are told"),
}
"""What a share is called in a sentence, and its base."""

MOST_NAMED = 6
"""Names in one sentence at most; the rest are counted."""

SHOWN_ROWS = 12

Reading = str
"""An outcome word, one of the phrases above, or "" where nothing is judged."""


class Seen(NamedTuple):
    """A figure as added up from its months; `of_rows`: a share of lines or visits, so its cases are told."""

    numerator: int
    denominator: int | None
    of_rows: bool


class Beside(NamedTuple):
    """One figure of both files; `change` is a difference of shares, with its interval where there is one."""

    measure: str
    value: str
    earlier: SavedFigure
    later: SavedFigure
    reading: Reading
    change: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Side:
    """One saved period, its figures by measure, group and value (group and value "" in total)."""

    results: Results

    @cached_property
    def period(self) -> Period:
        """The period, as months."""
        return parse_period(self.results.period)

    @cached_property
    def as_of(self) -> date:
        """The day up to which the files were known."""
        return date.fromisoformat(self.results.as_of)

    @cached_property
    def figures(self) -> dict[tuple[str, str, str], SavedFigure]:
        """Totals and figures of single groups."""
        found = {}
        for figure in self.results.figures:
            name = parse_figure_id(figure.id)
            if name.part is None and len(name.where) < 2:
                group, value = next(iter(name.where.items()), ("", ""))
                found[name.measure, group, value] = figure
        return found

    @cached_property
    def values(self) -> dict[tuple[str, str], list[str]]:
        """The values of a measure's group that have a figure, in alphabetical order."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for measure, group, value in self.figures:
            found[measure, group].append(value)
        return {key: sorted(values) for key, values in found.items()}

    @cached_property
    def first_month(self) -> int | None:
        """The first month that the saved histories tell of."""
        months = self.figures.get(("usage/lines", "", ""))
        return min((parse_period(month).first for month in months.history), default=None) if months else None

    def amount(self, measure: str, group: str, value: str) -> int:
        """Return a figure's numerator; one that is not in the file counted nothing."""
        figure = self.figures.get((measure, group, value))
        return figure.numerator if figure else 0


@dataclass(frozen=True)
class Pair:
    """Both sides, and what follows from having the two."""

    earlier: Side
    later: Side

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called; with the day where they are the same period."""
        return self._named("title")

    @property
    def shorts(self) -> tuple[str, str]:
        """The same in few letters, for heads of columns."""
        return self._named("short")

    @property
    def months(self) -> tuple[int, int]:
        """How many months each has."""
        return len(self.earlier.period.months), len(self.later.period.months)

    @property
    def per_month(self) -> bool:
        """Whether amounts are shown for each month: the periods differ in length."""
        return self.months[0] != self.months[1]

    @property
    def overlap(self) -> bool:
        """Whether a month belongs to both."""
        return self.earlier.period.last >= self.later.period.first

    @cached_property
    def limits(self) -> Limits:
        """The stricter of the limits that the two were made with."""
        one, other = (side.results.manifest.limits for side in (self.earlier, self.later))
        return Limits(
            max(one.smallest_base, other.smallest_base),
            max(one.cautious_base, other.cautious_base),
            max(one.confidence, other.confidence),
        )

    @cached_property
    def measures(self) -> dict[str, SavedMeasure]:
        """The measures that both have, in the order of the report."""
        one, other = self.earlier.results.measures, self.later.results.measures
        ordered = dict.fromkeys((*(measure for measure, _, _ in self.later.figures), *other))
        return {name: other[name] for name in ordered if name in one}

    @cached_property
    def differing(self) -> frozenset[str]:
        """The measures that do not mean the same in the two."""
        return frozenset(
            name
            for name, measure in self.measures.items()
            if _meaning(measure) != _meaning(self.earlier.results.measures[name])
        )

    def beside(self, measure: str, group: str = "", value: str = "") -> Beside | None:
        """Return a figure of both with what may be said of it; None where a file lacks it."""
        one = self.earlier.figures.get((measure, group, value))
        other = self.later.figures.get((measure, group, value))
        if measure not in self.measures or one is None or other is None:
            return None
        return judge(self, Beside(measure, value, one, other, ""))

    def all_beside(self, measure: str, group: str) -> list[Beside]:
        """Return the figures of a group that both files have, the largest bases first."""
        values = self.later.values.get((measure, group), [])
        found = [one for one in (self.beside(measure, group, value) for value in values) if one]
        return sorted(found, key=lambda one: (-size_of(one.earlier) - size_of(one.later), one.value))

    def _named(self, how: Literal["title", "short"]) -> tuple[str, str]:
        one, other = getattr(self.earlier.period, how), getattr(self.later.period, how)
        if one != other:
            return one, other
        return f"{one} (as of {self.earlier.as_of})", f"{other} (as of {self.later.as_of})"


def judge(pair: Pair, both: Beside) -> Beside:
    """Say what may be said of a figure: an outcome word for a share of rows, a plain change for the rest."""
    measure, (one, other) = pair.measures[both.measure], (both.earlier, both.later)
    if both.measure in pair.differing:
        return both._replace(reading=DIFFERENT)
    if not measure.adds and pair.per_month:
        return both._replace(reading=NOT_ADDING)
    if NOT_JUDGED in (one.outcome, other.outcome):
        return both._replace(reading=NOT_JUDGED)
    if measure.unit != "share" or not one.denominator or not other.denominator:
        return both
    moved = other.numerator / other.denominator - one.numerator / one.denominator
    if one.effective is None or other.effective is None:
        return both._replace(change=moved)  # a share of money or units: it has no interval
    if min(one.denominator, other.denominator) < pair.limits.smallest_base:
        return both._replace(reading=TOO_FEW)
    if pair.overlap:
        return both._replace(reading=OVERLAP, change=moved)
    low, high = newcombe(
        other.numerator,
        other.denominator,
        one.numerator,
        one.denominator,
        effective1=other.effective,
        effective2=one.effective,
        confidence=pair.limits.confidence,
    )
    reading = HIGHER if low > 0 else LOWER if high < 0 else CHANCE
    return both._replace(reading=reading, change=moved, low=low, high=high)


def _meaning(measure: SavedMeasure) -> tuple[str, str, bool, bool]:
    return measure.definition, measure.unit, measure.adds, measure.standing


def size_of(figure: SavedFigure) -> int:
    return figure.denominator if figure.denominator is not None else abs(figure.numerator)


def made_differently(pair: Pair) -> list[str]:
    one, other = pair.earlier.results.manifest, pair.later.results.manifest
    said = []
    if one.version != other.version:
        said.append(f"version {one.version} and {other.version}")
    tables = _unequal(one.editions, other.editions)
    if tables:
        said.append(f"tables {listed(tables)}")
    if one.settings != other.settings:
        said.append("the practice's settings")
    if one.limits != other.limits:
        said.append("limits, of which the stricter are used here")
    libraries = _unequal(one.libraries, other.libraries)
    if libraries:
        said.append(f"libraries {listed(libraries)}")
    return said


def _unequal(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def with_lines(side: Side, kind: str) -> set[str]:
    values = side.values.get(("usage/lines", kind), [])
    return {value for value in values if side.amount("usage/lines", kind, value) > 0}


def say_share(pair: Pair, measure: str) -> str:
    """Return one clause on a share of `SUBJECTS` in total; never stronger than its reading."""
    before, after = pair.names
    subject, base = SUBJECTS[measure]
    both = pair.beside(measure)
    figures = [side.figures.get((measure, "", "")) for side in (pair.earlier, pair.later)]
    missing = [name for name, one in zip(pair.names, figures, strict=True) if not (one and one.denominator)]
    if both is None or missing:
        return f"The {subject} is not measured in {' and '.join(missing or pair.names)}"
    rates = [rate_text(pair, figure) for figure in (both.earlier, both.later)]
    if both.reading in (HIGHER, LOWER):
        return f"The {subject} is {both.reading}: {rates[0]} in {before}, {rates[1]} in {after}"
    if both.reading == CHANCE:
        return (
            f"No difference in the {subject} can be told from chance: {rates[0]} in {before}, {rates[1]} "
            f"in {after}"
        )
    if both.reading == TOO_FEW:
        return f"Too few {base} to tell whether the {subject} differs"
    if both.reading == NOT_JUDGED:
        young = [
            name
            for name, figure in zip(pair.names, (both.earlier, both.later), strict=True)
            if figure.outcome == NOT_JUDGED
        ]
        return f"{' and '.join(young)}: not judged yet, so the {subject} is not compared"
    if both.reading == OVERLAP:
        return f"{before} and {after} overlap: the {subject} of the two is not compared"
    return f"The {subject} is defined differently in the two, and is not compared"


def rate_text(pair: Pair, figure: SavedFigure) -> str:
    return rate(figure.numerator, figure.denominator, pair.limits.smallest_base)


def ends(both: Beside) -> str:
    return (
        f"{points(both.low).removesuffix(' points')} to {points(both.high)}" if both.low is not None else ""
    )


def confidence_words(pair: Pair) -> str:
    return f"{round(pair.limits.confidence * 100, 1):g} %"


def listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def value_cell(
    pair: Pair, measure: SavedMeasure, seen: Seen | SavedFigure, at: int, *, whole: bool = False
) -> Cell:
    """Return the cell of a figure on side `at`; `whole`: the whole period's amount, not a month's."""
    top, base = seen.numerator, seen.denominator
    explain = "" if isinstance(seen, Seen) else seen.id
    if base is None:
        divided = pair.per_month and measure.adds and not measure.standing and not whole
        months = pair.months[at] if divided else 1
        form = {"cents": money, "units": units}.get(measure.unit, count)
        sub = f"on {(pair.earlier, pair.later)[at].as_of}" if measure.standing else ""
        return Cell(form(top / months), sort=top / months, explain=explain, sub=sub)
    if not base:
        return Cell(UNKNOWN, sub="not measured")
    if measure.unit != "share":
        sign = "$" if measure.unit.startswith("cents") else ""
        return Cell(sign + average(top, base, 100), sort=top / base, explain=explain)
    of_rows, unknown = (
        (seen.of_rows, 0) if isinstance(seen, Seen) else (seen.effective is not None, seen.unknown)
    )
    enough = base >= pair.limits.smallest_base
    cases = [f"{count(top)} of {count(base)}"] if of_rows and enough else []
    cases += [f"{count(unknown)} not told"] if of_rows and unknown else []
    return Cell(
        rate(top, base, pair.limits.smallest_base if of_rows else 0),
        sort=top / base,
        small=of_rows and base < pair.limits.cautious_base,
        explain=explain,
        sub=", ".join(cases),
    )


def beside_cells(pair: Pair, both: Beside) -> tuple[Cell, ...]:
    """Return the cells under `beside_heads`, without the name."""
    measure = pair.measures[both.measure]
    return (
        value_cell(pair, measure, both.earlier, 0),
        value_cell(pair, measure, both.later, 1),
        change_cell(pair, both),
        Cell(ends(both), sort=both.low),
        _reading_cell(pair, both),
    )


def beside_heads(pair: Pair, first: str, *, sort: bool = True) -> tuple[Head, ...]:
    """Return the columns of a figure beside its earlier self; mixed units are not sorted by."""
    earlier, later = pair.shorts
    return (
        Head(first, numeric=False, sort=sort),
        Head(earlier, sort=sort),
        Head(later, sort=sort),
        Head("Change", sort=sort),
        Head(f"{confidence_words(pair)} interval", sort=sort),
        Head("Outcome", numeric=False, sort=sort),
    )


def change_cell(pair: Pair, both: Beside) -> Cell:
    """Return the change: points of a share, percent of anything else; none where it may not be compared."""
    if both.reading in (DIFFERENT, NOT_ADDING, NOT_JUDGED, TOO_FEW):
        return Cell(UNKNOWN)
    if pair.measures[both.measure].unit == "share":
        return Cell(points(both.change), sort=both.change)
    one, other = (_plain(pair, figure, at) for at, figure in enumerate((both.earlier, both.later)))
    return Cell(change(one, other), sort=other / one - 1 if one and other is not None else None)


def _plain(pair: Pair, figure: SavedFigure, at: int) -> float | None:
    """Return an amount (of a month, where the lengths differ) or a ratio as one number."""
    if figure.denominator is not None:
        return figure.numerator / figure.denominator if figure.denominator else None
    standing = pair.measures[parse_figure_id(figure.id).measure].standing
    return figure.numerator / (pair.months[at] if pair.per_month and not standing else 1)


def _reading_cell(pair: Pair, both: Beside) -> Cell:
    if both.reading in MARKS:
        shade = tone(both.reading, pair.measures[both.measure].worse)
        return Cell("", sort=both.reading, mark=both.reading, tone=shade)
    return Cell(both.reading, sort=both.reading)
