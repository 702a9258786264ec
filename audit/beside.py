"""Two saved periods as a pair: which figures both have, and what may be said of each.

A share of lines or visits is called higher or lower only where the interval of its change leaves out
zero and both bases are large enough; no other figure is judged. Nothing is counted here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from audit.figures import HIGHER, LOWER, NOT_JUDGED, TOO_FEW, parse_figure_id
from audit.intervals import newcombe
from audit.periods import Period, parse_period
from audit.results import Limits

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

    @property
    def bases(self) -> tuple[int, int]:
        """Their two bases; of an amount, the amounts themselves."""
        one, other = (
            figure.denominator if figure.denominator is not None else abs(figure.numerator)
            for figure in (self.earlier, self.later)
        )
        return one, other


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

    def with_lines(self, group: str) -> set[str]:
        """Return the values of a group that have lines in the period."""
        values = self.values.get(("usage/lines", group), [])
        return {value for value in values if self.amount("usage/lines", group, value) > 0}

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
    def sides(self) -> tuple[Side, Side]:
        """The earlier and the later one."""
        return self.earlier, self.later

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
        one, other = (side.results.manifest.limits for side in self.sides)
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
    def elements(self) -> tuple[str, ...]:
        """The measures of single elements of a note as visits: their lines and money go by longer names."""
        return tuple(
            name
            for name, measure in self.measures.items()
            if name.startswith("documentation/")
            and measure.unit == "share"
            and f"{name}_lines" in self.measures
        )

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
        return sorted(found, key=lambda one: (-sum(one.bases), one.value))

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


def made_differently(pair: Pair) -> list[str]:
    """Name what the two were made with that is not the same."""
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


def listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return the names in one line, the rest as a number."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
