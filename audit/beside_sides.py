"""One saved period as it stands beside another: its figures by name, and how the two were made."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from audit.figures import parse_figure_id
from audit.periods import Period, month_text, parse_period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.results import Results, SavedFigure


MOST_NAMED = 6
"""Names in one sentence at most; the rest are counted."""


class Side(Struct, frozen=True, dict=True):
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

    def tells_mean(self, figure: SavedFigure) -> bool:
        """Whether the months of a mean are kept with their squares, so that it can be tested."""
        months = [figure.history.get(month_text(month), (0, 0, None)) for month in self.period.months]
        visits = sum(base or 0 for _, base, _ in months)
        whole = (sum(top for top, _, _ in months), visits) == (figure.numerator, figure.denominator)
        return whole and bool(figure.squares) and all(effective for _, base, effective in months if base)

    def with_lines(self, group: str) -> set[str]:
        """Return the values of a group that have lines in the period."""
        values = self.values.get(("usage/lines", group), [])
        return {value for value in values if self.amount("usage/lines", group, value) > 0}

    def amount(self, measure: str, group: str, value: str) -> int:
        """Return a figure's numerator; one that is not in the file counted nothing."""
        figure = self.figures.get((measure, group, value))
        return figure.numerator if figure else 0


def made_differently(earlier: Side, later: Side) -> list[str]:
    """Name what the two were made with that is not the same."""
    one, other = earlier.results.manifest, later.results.manifest
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
