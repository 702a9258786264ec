"""Targets at a glance: what the practice watches every month, laid out as Medicare's own reports are.

In: the targets of the settings, and the figures. Out: one folded table, a row a figure; its title says how
they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from audit.blocks import Cell, Head, Row, Table, change, count, dollars, mean, points, units
from audit.errors import SettingsError
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, TOO_FEW, parse_figure_id
from audit.settings import fold_name
from audit.showing import (
    NOT_TOLD,
    cases_cell,
    change_cell,
    earlier_cell,
    interval_cell,
    number_cell,
    outcome_cell,
    share_cell,
)
from audit.validation import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from audit.comparison import Comparison
    from audit.figures import Figure, Name
    from audit.measures import Measure
    from audit.settings import Settings
    from audit.watchlist import Target

ALL = "*"
"""Stands for every value of a group in a target's figure."""

STANDING = {
    HIGHER: "significantly higher",
    LOWER: "significantly lower",
    BY_CHANCE: "within chance",
    NOT_HIGHER: "not higher",
    TOO_FEW: "too few to tell",
    NOT_JUDGED: "not judged yet",
}
"""How many targets stand how is said in these words, in this order."""

NOTE = (
    "What this practice watches, beside its own earlier months. **Could show**: the smallest rise that a "
    "period of this size would have shown in four of five reports; a smaller one may go unseen. Expected "
    "payment is what the cases stand for, not what is lost. A practice's own settings change what is watched."
)


class Watched(NamedTuple):
    """A figure that is watched, what it is called, and the expected payment behind it."""

    figure: Figure
    title: str
    worth: Figure | None


def list_targets(comparison: Comparison, settings: Settings, sections: Collection[str]) -> Table | None:
    """Return the table of targets; None where the files fill none of them.

    `sections` are the ids of the page's sections, to which the names lead. A target that names what the
    report does not count is a SettingsError; a value that the period does not hold is told in the note.
    """
    watched: list[Watched] = []
    missing: list[str] = []
    for key, target in settings.targets.items():
        if target.show:
            found, not_held = _watch(comparison, key, target)
            watched += found
            missing += not_held
    if not watched:
        return None
    absent = f" Not in this period: {', '.join(missing)}." if missing else ""
    return Table(
        "targets-watched",
        f"Targets at a glance: {_stand(watched)}",
        (
            Head("Target", numeric=False),
            Head("Outcome", numeric=False),
            Head("Cases"),
            Head("Rate"),
            Head("95 % interval"),
            Head(comparison.period.three_before().short),
            Head("Change, points"),
            Head("Could show"),
            Head("Expected payment, $"),
        ),
        tuple(_row(comparison, one, sections) for one in watched),
        note=NOTE + absent,
        fold=True,
    )


def _stand(watched: Iterable[Watched]) -> str:
    """Return how the targets stand: what changed by name, the others counted."""
    by_outcome: dict[str, list[str]] = {}
    for one in watched:
        by_outcome.setdefault(one.figure.outcome, []).append(one.title)
    parts = []
    for outcome, words in STANDING.items():
        names = by_outcome.get(outcome, [])
        if names:
            named = outcome in (HIGHER, LOWER) and len(names) < 3
            parts.append(f"{' and '.join(names) if named else count(len(names))} {words}")
    return ", ".join(parts) or "none can be judged"


# --- which figures ------------------------------------------------------------------------


def _watch(comparison: Comparison, key: str, target: Target) -> tuple[list[Watched], list[str]]:
    """Return the figures of a target, and what it names that this period does not hold."""
    name = parse_figure_id(target.figure or "")
    measure = _measure(comparison, name.measure, key)
    group = ",".join(name.where)
    shown_by = ("", *measure.groups, *(",".join(pair) for pair in measure.pairs))
    if name.part or group not in shown_by:
        by = "; ".join(" and ".join(one.split(",")) for one in shown_by if one) or "nothing"
        raise SettingsError(
            f"The target [targets.{key}] names {name.id}, but {measure.id} is counted in total and by {by}; "
            "copy a figure's name from the report."
        )
    worth = _worth(comparison, key, target, group)
    if measure.base and not comparison.measured(measure.id):
        return [], []
    figures = _matching(comparison.figures(measure.id, group), name, target.largest)
    found = [Watched(one, _title(measure, target, one), worth.get((one.value, one.other))) for one in figures]
    return found, [] if found or ALL in name.where.values() else [", ".join(name.where.values())]


def _measure(comparison: Comparison, measure: str, key: str) -> Measure:
    if measure not in comparison.measures:
        raise SettingsError(
            f"The target [targets.{key}] names {measure}, which the report does not count"
            f"{nearest(measure, list(comparison.measures))}"
        )
    return comparison.measures[measure]


def _matching(figures: Iterable[Figure], name: Name, largest: int) -> list[Figure]:
    """Return the figures of the values that a name gives; of every value, those of the largest base."""
    given = [fold_name(value) if value != ALL else ALL for value in name.where.values()]
    fitting = [
        one
        for one in figures
        if all(
            value in (ALL, fold_name(own)) for value, own in zip(given, (one.value, one.other), strict=False)
        )
    ]
    if ALL not in given:
        return fitting
    return sorted(fitting, key=lambda one: (-(one.base or one.numerator), one.value, one.other))[:largest]


def _title(measure: Measure, target: Target, figure: Figure) -> str:
    """Return what a target is called, with its value where it is one of several or has no title."""
    title = target.title or measure.title
    if not figure.group or (target.title and ALL not in (target.figure or "")):
        return title
    values = (figure.value, figure.other)[: len(figure.group.split(","))]
    return ", ".join([title, *(value or NOT_TOLD for value in values)])


def _worth(comparison: Comparison, key: str, target: Target, group: str) -> dict[tuple[str, str], Figure]:
    """Return the expected payment behind a target's figures, by their values; empty where none is told."""
    if target.dollars is None:
        return {}
    measure = _measure(comparison, target.dollars, key)
    return {(one.value, one.other): one for one in comparison.figures(measure.id, group)}


# --- the row of one -----------------------------------------------------------------------


def _row(comparison: Comparison, one: Watched, sections: Collection[str]) -> Row:
    figure, measure = one.figure, comparison.measures[one.figure.measure]
    link = f"#{measure.topic}" if measure.topic in sections else ""
    cells = _share_cells(comparison, figure) if measure.unit == "share" else _other_cells(comparison, figure)
    worth = number_cell(one.worth, "cents") if one.worth else Cell("—")
    return Row((Cell(one.title, link=link), outcome_cell(figure, measure), *cells, worth))


def _share_cells(comparison: Comparison, figure: Figure) -> tuple[Cell, ...]:
    limits, told = comparison.limits, _could_show(comparison, figure)
    return (
        cases_cell(figure),
        share_cell(figure, limits),
        interval_cell(figure, limits),
        earlier_cell(figure.three_before, limits),
        change_cell(figure, limits),
        Cell(points(told).removesuffix(" points"), sort=told),
    )


def _other_cells(comparison: Comparison, figure: Figure) -> tuple[Cell, ...]:
    """Return the cells of a mean or an amount: its change is relative, an amount has no base."""
    measure, before = comparison.measures[figure.measure], figure.three_before
    told = _could_show(comparison, figure)
    if measure.base is None:
        return (Cell("—"), number_cell(figure, measure.unit), *(Cell("") for _ in range(4)))
    form = {"units": units, "cents": dollars}.get(measure.unit.partition(" ")[0], count)
    earlier, now = (one.numerator / one.base if one.base else None for one in (before, figure))
    rise = (figure.expected or 0.0) + told if told is not None else None
    return (
        Cell(f"{form(figure.numerator)} / {count(figure.base)}", sort=figure.numerator),
        Cell(mean(figure.numerator, figure.base, measure.unit), sort=now, explain=figure.id),
        Cell(""),
        Cell(mean(before.numerator, before.base, measure.unit)),
        Cell(change(earlier, now)),
        Cell(change(figure.expected, rise), sort=told),
    )


def _could_show(comparison: Comparison, figure: Figure) -> float | None:
    return comparison.smallest_change(figure.measure, figure.group, figure.value, figure.other)
