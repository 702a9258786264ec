"""How a figure of two saved periods is shown: its clause, its words and its cells.

Never stronger than the reading that `beside.py` gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.beside import DENIED, DIFFERENT, GAP, MARKS, NOT_ADDING, OVERLAP, SHOWN_ROWS, Seen
from audit.blocks import (
    UNKNOWN,
    Cell,
    Head,
    Row,
    Table,
    change,
    count,
    fold_rows,
    mean,
    money,
    points,
    rate,
    units,
)
from audit.codes import code_book
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, TOO_FEW, parse_figure_id
from audit.results import SavedFigure
from audit.showing import name_cell, tone

if TYPE_CHECKING:
    from audit.beside import Beside, Pair
    from audit.results import SavedMeasure

SUBJECTS = {
    DENIED: ("denial rate", "lines that payers answered"),
    GAP: ("share of visits with a documentation gap", "visits whose notes are told"),
}
"""What a share is called in a sentence, and its base."""


def say_share(pair: Pair, measure: str) -> str:
    """Return one clause on a share of `SUBJECTS` in total; never stronger than its reading."""
    before, after = pair.names
    subject, base = SUBJECTS[measure]
    both = pair.beside(measure)
    figures = [side.figures.get((measure, "", "")) for side in pair.sides]
    missing = [name for name, one in zip(pair.names, figures, strict=True) if not (one and one.denominator)]
    if both is None or missing:
        return f"The {subject} is not measured in {' and '.join(missing or pair.names)}"
    rates = [rate_text(pair, figure) for figure in (both.earlier, both.later)]
    if both.reading in (HIGHER, LOWER):
        return f"The {subject} is {both.reading} than in {before}: {rates[0]} then, {rates[1]} in {after}"
    if both.reading == BY_CHANCE:
        return (
            f"The {subject} is higher than in {before} within chance: {rates[0]} then, {rates[1]} in {after}"
        )
    if both.reading == NOT_HIGHER:
        return f"The {subject} does not exceed that of {before}: {rates[0]} then, {rates[1]} in {after}"
    if both.reading == "":
        return f"The {subject} is not tested in both reports: {rates[0]} in {before}, {rates[1]} in {after}"
    if both.reading == TOO_FEW:
        return f"Too few {base} to tell whether the {subject} differs"
    if both.reading == NOT_JUDGED:
        return f"{' and '.join(pair.young(both))}: not judged yet, so the {subject} is not compared"
    if both.reading == OVERLAP:
        return f"{before} and {after} overlap: the {subject} of the two is not compared"
    return f"The {subject} is defined differently in the two, and is not compared"


def rate_text(pair: Pair, figure: SavedFigure) -> str:
    """Return a share as a rate, or its cases where they are too few."""
    return rate(figure.numerator, figure.denominator, pair.limits.smallest_base)


def ends(both: Beside) -> str:
    """Return the interval of the change, "" where there is none."""
    if both.low is None:
        return ""
    return f"{points(both.low).removesuffix(' points')} to {points(both.high)}"


def confidence_words(pair: Pair) -> str:
    """Return how sure an interval is, as "95 %"."""
    return f"{round(pair.limits.confidence * 100, 1):g} %"


def group_cell(group: str, value: str) -> Cell:
    """Return the cell that names a row by its value of a group; a code is described."""
    return name_cell(value, code_book().describe(value) if group == "code" and value else "")


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
        sub = f"on {pair.sides[at].as_of}" if measure.standing else ""
        return Cell(form(top / months), sort=top / months, explain=explain, sub=sub)
    if not base:
        return Cell(UNKNOWN, sub="not measured")
    if measure.unit != "share":
        sign = "$" if measure.unit.startswith("cents") else ""
        return Cell(sign + mean(top, base, measure.unit), sort=top / base, explain=explain)
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
        _change_cell(pair, both),
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


def list_beside(
    pair: Pair, measure: str, group: str, title: str, *, note: str = "", fold: bool = False
) -> Table | None:
    """Return a measure's figures by a group that both files have, the largest first; None without any."""
    found = [both for both in pair.all_beside(measure, group) if any(both.bases)]
    if not found:
        return None
    return Table(
        f"{measure.replace('/', '-')}-{group}",
        f"{title} by {group}",
        beside_heads(pair, group.capitalize()),
        fold_rows(
            (Row((group_cell(group, one.value), *beside_cells(pair, one))) for one in found), SHOWN_ROWS
        ),
        note=note,
        fold=fold,
    )


def _change_cell(pair: Pair, both: Beside) -> Cell:
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
