"""What was restated: earlier periods as they were reported, and as the later files count them, with why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from audit.beside import DENIED, GAP, HEADLINES, SHOWN_ROWS, Seen
from audit.beside_cells import value_cell
from audit.beside_sides import listed, made_differently
from audit.blocks import (
    UNKNOWN,
    Block,
    Cell,
    Empty,
    Head,
    Note,
    Row,
    Section,
    Table,
    change,
    count,
    fold_rows,
    money_exact,
    plural,
    points,
    rate,
    units,
)
from audit.changed_months import tell_why
from audit.periods import Period
from audit.showing import NOT_TOLD, name_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.beside import Pair
    from audit.results import SavedMeasure

LINES = "usage/lines"

RESTATED_BY_PAYER = (
    LINES,
    "usage/charge",
    "usage/paid",
    "answers/answered",
    DENIED,
    "denials/final_rate",
    GAP,
)
"""Measures whose restated figures are told by payer as well."""


class Restated(NamedTuple):
    """A figure of the earlier period as it was saved, and as the later results count it."""

    measure: str
    value: str
    then: Seen
    now: Seen

    @property
    def moved(self) -> bool:
        """Whether the two differ."""
        return self.then[:2] != self.now[:2]


def show_restated(pair: Pair) -> Section:
    """Return the section: how many figures moved, which, and why that is normal or cannot be told."""
    title, name = "Restated since then", pair.names[0]
    missing = _not_restated(pair)
    if missing:
        return Section("restated", title, {"nothing": Empty("Not compared.", *missing)}, short="Restated")
    totals = _restated_figures(pair, dict.fromkeys((*HEADLINES, *pair.measures)), "")
    payers = _restated_figures(pair, RESTATED_BY_PAYER, "payer")
    moved, moved_payers = ([one for one in found if one.moved] for found in (totals, payers))
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        "totals": _restated_table(pair, moved, "restated-totals", "In total", payer=False),
        "payers": _restated_table(pair, moved_payers, "restated-payers", "By payer", payer=True),
        "notes": tuple(map(Note, _restated_notes(pair, totals))) or None,
    }
    lead = (
        f"**{len(moved)}** of {plural(len(totals), 'figure')} in total and **{len(moved_payers)}** of "
        f"{len(payers)} by payer are not what they were when {name} was saved on {pair.earlier.as_of}. "
        + (
            "That is normal: payers answer late, claims are corrected, notes are signed, and the later "
            "files hold it."
            if moved or moved_payers
            else "The later files tell of it exactly as before."
        )
    )
    return Section("restated", title, blocks, lead, "Restated")


def _not_restated(pair: Pair) -> tuple[str, str] | None:
    """Return why nothing can be said of what was restated, and what to do; None where it can."""
    (before, after), (one, other) = pair.names, pair.sides
    if other.as_of < one.as_of:
        return (
            f"{before} was saved as of {one.as_of}, after {after} as of {other.as_of}: the later period's "
            "results are the older ones.",
            f"Run the audit for {after} anew to see what has changed since.",
        )
    first = other.first_month
    if first is None or one.period.first < first:
        return (
            f"The results of {after} do not reach back to {before}.",
            f"Run {after} with files that hold {before} as well; 36 months are kept.",
        )
    return None


def _restated_figures(pair: Pair, measures: Iterable[str], group: str) -> list[Restated]:
    """Return the figures of the earlier period that can be counted in both files, in order."""
    months = [Period(month, month).text for month in pair.earlier.period.months]
    found = []
    for name in measures:
        if name not in pair.measures or not _can_restate(pair, name):
            continue
        for value in pair.earlier.values.get((name, group), []):
            then, now = pair.earlier.figures[name, group, value], pair.later.figures.get((name, group, value))
            if now is None or (group and not now.history):
                continue
            counted = [now.history.get(month, (0, 0, None)) for month in months]
            base = None if then.denominator is None else sum(bottom or 0 for _, bottom, _ in counted)
            of_rows = then.effective is not None or now.effective is not None
            seen = Seen(sum(top for top, _, _ in counted), base, of_rows)
            found.append(Restated(name, value, Seen(then.numerator, then.denominator, of_rows), seen))
    return found


def _can_restate(pair: Pair, name: str) -> bool:
    measure = pair.measures[name]
    whole = name == "usage/share_of_units"  # in total always everything
    adds = measure.adds or len(pair.earlier.period.months) == 1
    return adds and not measure.standing and not whole and name not in pair.differing


def _restated_table(
    pair: Pair, moved: Sequence[Restated], name: str, title: str, *, payer: bool
) -> Table | None:
    if not moved:
        return None
    rows = []
    for one in moved:
        measure = pair.measures[one.measure]
        first = (name_cell(one.value),) if payer else ()
        rows.append(
            Row(
                (
                    *first,
                    Cell(measure.title),
                    value_cell(pair, measure, one.then, 0, whole=True),
                    value_cell(pair, measure, one.now, 0, whole=True),
                    Cell(_restated_by(measure, one)),
                )
            )
        )
    heads = (
        *((Head("Payer", numeric=False),) if payer else ()),
        Head("Figure", numeric=False, sort=payer),
        Head("As saved", sort=False, note=str(pair.earlier.as_of)),
        Head("As it is now", sort=False, note=str(pair.later.as_of)),
        Head("Restated by", sort=False),
    )
    note = f"Figures of {pair.names[0]} that moved; the others are as they were."
    return Table(name, title, heads, fold_rows(rows, SHOWN_ROWS), note=note, fold=payer)


def _restated_by(measure: SavedMeasure, one: Restated) -> str:
    """Return by how much the figure moved, in its own unit."""
    if one.then.denominator is None:
        moved = one.now.numerator - one.then.numerator
        text = {"cents": money_exact, "units": units}.get(measure.unit, count)(moved)
        return text if moved < 0 else f"+{text}"
    if not one.then.denominator or not one.now.denominator:
        return UNKNOWN
    then, now = (seen.numerator / (seen.denominator or 1) for seen in (one.then, one.now))
    return points(now - then) if measure.unit == "share" else change(then, now)


def _restated_notes(pair: Pair, totals: Sequence[Restated]) -> Iterable[str]:
    """Yield what needs a look, and what could not be compared."""
    denied = next((one for one in totals if one.measure == DENIED and one.moved), None)
    lines = next((one for one in totals if one.measure == LINES), None)
    if denied:
        then, now = ((seen.numerator, seen.denominator or 0) for seen in (denied.then, denied.now))
        more = lines.now.numerator - lines.then.numerator if lines else 0
        was, is_now = (rate(*counts, pair.limits.smallest_base) for counts in (then, now))
        yield f"**{pair.names[0]} was {was}, now {is_now}**: {tell_why(then, now, more)}."
    if lines and lines.now.numerator < lines.then.numerator:
        yield (
            f"**Fewer lines than before**: {pair.names[0]} had {plural(lines.then.numerator, 'line')} when "
            f"it was saved and has {count(lines.now.numerator)} now. Lines seldom go away: check that the "
            "later export is complete."
        )
    if made_differently(*pair.sides):
        yield "The two were made differently (see above): that alone may move a figure."
    if len(pair.earlier.period.months) > 1:
        titles = [one.title for one in pair.measures.values() if not one.adds and not one.standing]
        if titles:
            yield f"Not compared here, because their months do not add up: {listed(titles)}."
    gone = [
        value
        for value in sorted(pair.earlier.with_lines("payer"))
        if not (figure := pair.later.figures.get((LINES, "payer", value))) or not figure.history
    ]
    if gone:
        yield (
            f"Not compared here: {plural(len(gone), 'payer')} of which the later results keep no months, "
            f"{listed([one or NOT_TOLD for one in gone])}."
        )
