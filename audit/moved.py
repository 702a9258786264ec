"""What moved the rates of a period, beside the months they are compared with: denials first, the rest folded.

Which two spans of months are split follows from how the rate was judged; nothing is judged anew.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from audit.blocks import Section
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOUNS, Counts
from audit.moves import Subject, Value, choose, pair_cases, split_numerator, split_rate
from audit.periods import Period
from audit.waterfall import (
    DENIED,
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
    from audit.comparison import Comparison
    from audit.measures import Measure
    from audit.moves import Split


MOST_OTHERS = 2
"""Rates besides the denial rate that are split."""


def show_moved(comparison: Comparison) -> Section | None:
    """Return what moved the denial rate, and other rates where a test found that they moved.

    None where nothing moved, or nothing may be said of it.
    """
    move, others = _find_move(comparison, DENIED), fold_moves(_find_others(comparison), "moved-others")
    if move is None:
        return Section("moved", "What moved", {"others": others}) if others else None
    parts = replace(list_parts(move, "moved-parts"), title=f"Every part, by {move.split.group}")
    return Section(
        "moved",
        "What moved the denial rate",
        {
            "chart": draw_move(move, "moved-chart"),
            "parts": parts,
            "others": others,
        },
        lead=state_move(move),
        short="What moved",
    )


def _find_others(comparison: Comparison) -> dict[str, Move]:
    """Return other shares of rows that are significantly higher or lower in total, split, by measure.

    Of each topic the first in the order of the report: the elements of a note are parts of its first.
    """
    found: dict[str, Measure] = {}
    for one in comparison.measures.values():
        if one.is_share and one.id != DENIED and comparison.total(one.id).outcome in (HIGHER, LOWER):
            found.setdefault(one.topic, one)
    moves = ((one.id, _find_move(comparison, one.id)) for one in found.values())
    return dict(islice(((name, move) for name, move in moves if move), MOST_OTHERS))


def _find_move(comparison: Comparison, name: str) -> Move | None:
    """Return the change that a rate's outcome is about, split.

    It is the change against the three months before; where months together were found higher or lower, theirs
    against the months that they were tested against. A young period stands beside months as they stood at its
    age, of which the reasons are not kept.
    """
    total, spans, measure = comparison.total(name), comparison.spans, comparison.measures[name]
    tested = total.outcome if total.outcome in (HIGHER, LOWER) else ""
    over = total.over if tested and total.over > len(spans.this) else 0
    before = spans.earlier if over else spans.three_before
    now = range(spans.this.stop - over, spans.this.stop) if over else spans.this
    if not before or (not tested and total.outcome not in (BY_CHANCE, NOT_HIGHER)):
        return None
    young = not spans.judged and bool(measure.tested_mark)
    split = split_measure(comparison, measure.tested if young else measure, (before, now), young=young)
    if split is None or not worth_showing(split, tested):
        return None
    subject = Subject.of(measure.subject, measure.title, NOUNS[measure.numerator.table])
    shorts = (_name(comparison, before), _name(comparison, now))
    return Move(subject, split, tested, measure.worse, shorts, comparison.limits, over, young)


def _name(comparison: Comparison, span: range) -> str:
    first = comparison.first_month
    return Period(first + span.start, first + span.stop - 1).short


def split_measure(
    comparison: Comparison, measure: Measure, spans: tuple[range, range], *, young: bool = False
) -> Split | None:
    """Return the split of a share of rows between two spans of months that tells most.

    Denials divide by reason too, but not those of a `young` period.
    """
    smallest = comparison.limits.smallest_base
    groups = {*measure.groups, *(("reason",) if measure.id == DENIED and not young else ())}
    (whole,) = _values(comparison, measure, "", spans)
    splits = [
        split_numerator(group, _reasons(comparison, spans, whole), smallest)
        if group == "reason"
        else split_rate(group, _values(comparison, measure, group, spans), smallest)
        for group in GROUPS
        if group in groups
    ]
    return choose(splits, whole.before, whole.now)


def _values(comparison: Comparison, measure: Measure, group: str, spans: tuple[range, range]) -> list[Value]:
    """Return the counts of every value of a group over both spans of months."""
    tabulation = comparison.tabulation
    names = tabulation.labels[group] if group else ("",)
    sums = [
        tabulation.counts[total, group][:, span.start : span.stop].sum(axis=1).tolist()
        for span in spans
        for total in (measure.numerator, measure.base)
        if total
    ]
    return [
        Value(name, Counts(*counts[:2]), Counts(*counts[2:]))
        for name, *counts in zip(names, *sums, strict=True)
    ]


def _reasons(comparison: Comparison, spans: tuple[range, range], whole: Value) -> list[Value]:
    """Return the denied lines by reason, over the lines of the whole."""
    before, now = (
        {one.part: one.numerator for one in comparison.parts(REASONS, months=span)} for span in spans
    )
    return pair_cases(before, now, whole)
