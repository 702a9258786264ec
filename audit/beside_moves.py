"""What moved a share from one saved period to the other: split from the figures of both files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.beside import CHANCE, DENIED
from audit.blocks import Note
from audit.figures import HIGHER, LOWER, Counts, parse_figure_id
from audit.moves import Value, choose, pair_cases, split_numerator, split_rate
from audit.waterfall import (
    GROUPS,
    REASONS,
    Move,
    draw_move,
    fold_moves,
    list_parts,
    state_move,
    worth_showing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.beside import Pair
    from audit.beside_sides import Side
    from audit.blocks import Block, Fold
    from audit.moves import Split


def show_moved(pair: Pair, measure: str) -> tuple[Block, ...] | None:
    """Return sentence, drawing and parts; None where the two are not compared or nothing moved."""
    move = _find_move(pair, measure)
    if move is None:
        return None
    name = f"{measure.replace('/', '-')}-moved"
    return Note(state_move(move)), draw_move(move, name), list_parts(move, f"{name}-parts")


def show_others(pair: Pair, measures: Iterable[str]) -> Fold | None:
    """Return the same of those of other measures that are significantly higher or lower, in one fold."""
    moves = {name: _find_move(pair, name) for name in measures}
    return fold_moves({name: move for name, move in moves.items() if move and move.outcome}, "others-moved")


def _find_move(pair: Pair, measure: str) -> Move | None:
    """Return the change of a share, split; None where the two are not compared or nothing moved."""
    both = pair.beside(measure)
    if both is None or both.reading not in (HIGHER, LOWER, *CHANCE):
        return None
    tested = "" if both.reading in CHANCE else both.reading
    split = _split(pair, measure)
    if split is None or not worth_showing(split, tested):
        return None
    worse = pair.measures[measure].worse
    return Move(pair.subject(measure), split, tested, worse, pair.shorts, pair.limits)


def _split(pair: Pair, measure: str) -> Split | None:
    """Return the split that tells most; by reason only what the reasons of both files tell."""
    smallest = pair.limits.smallest_base
    (whole,) = _values(pair, measure, "")
    splits = [split_rate(group, _values(pair, measure, group), smallest) for group in GROUPS]
    if measure == DENIED and REASONS in pair.measures:
        cases = pair_cases(_reasons(pair.earlier), _reasons(pair.later), whole)
        splits[GROUPS.index("reason")] = split_numerator("reason", cases, smallest)
    return choose(splits, whole.before, whole.now)


def _values(pair: Pair, measure: str, group: str) -> list[Value]:
    """Return the counts of every value of either file; one that a file lacks counted nothing there."""
    names = sorted({name for side in pair.sides for name in side.values.get((measure, group), [])})
    return [
        Value(
            name,
            _counts(pair.earlier, measure, group, name),
            _counts(pair.later, measure, group, name),
        )
        for name in names
    ]


def _counts(side: Side, measure: str, group: str, value: str) -> Counts:
    figure = side.figures.get((measure, group, value))
    return Counts(figure.numerator, figure.denominator or 0) if figure else Counts(0, 0)


def _reasons(side: Side) -> dict[str, int]:
    """Return the denied lines of a file by reason."""
    found = {}
    for figure in side.results.figures:
        name = parse_figure_id(figure.id)
        if name.measure == REASONS and name.part and not name.where:
            found[name.part[1]] = figure.numerator
    return found
