"""What moved the denial rate of a period, beside the months it is compared with.

Which two spans of months are split follows from how the rate was judged; nothing is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import Section
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, Counts
from audit.moves import Value, choose, pair_cases, split_numerator, split_rate
from audit.periods import Period
from audit.waterfall import DENIED, GROUPS, REASONS, Move, draw_move, list_parts, state_move, worth_showing

if TYPE_CHECKING:
    from audit.comparison import Comparison
    from audit.measures import Measure
    from audit.moves import Split


def show_moved(comparison: Comparison) -> Section | None:
    """Return what moved the denial rate; None where nothing moved, or nothing may be said of it."""
    move = _find_move(comparison)
    if move is None:
        return None
    return Section(
        "moved",
        "What moved the denial rate",
        {"chart": draw_move(move, "moved-chart"), "parts": list_parts(move, "moved-parts")},
        lead=state_move(move),
        short="What moved",
    )


def _find_move(comparison: Comparison) -> Move | None:
    """Return the change that the outcome is about, split.

    It is the change against the three months before; where months together were found higher or lower, theirs
    against the months that they were tested against. A young period stands beside months as they stood at its
    age, of which the reasons are not kept.
    """
    total, spans, measure = comparison.total(DENIED), comparison.spans, comparison.measures[DENIED]
    tested = total.outcome if total.outcome in (HIGHER, LOWER) else ""
    over = total.over if tested and total.over > len(spans.this) else 0
    before = spans.earlier if over else spans.three_before
    now = range(spans.this.stop - over, spans.this.stop) if over else spans.this
    if not before or (not tested and total.outcome not in (BY_CHANCE, NOT_HIGHER)):
        return None
    young = not spans.judged
    split = _split(comparison, measure.tested if young else measure, (before, now), reasons=not young)
    if split is None or not worth_showing(split, tested):
        return None
    shorts = tuple(_name(comparison, span) for span in (before, now))
    return Move(DENIED, split, tested, measure.worse, (shorts[0], shorts[1]), comparison.limits, over, young)


def _name(comparison: Comparison, span: range) -> str:
    first = comparison.first_month
    return Period(first + span.start, first + span.stop - 1).short


def _split(
    comparison: Comparison, measure: Measure, spans: tuple[range, range], *, reasons: bool
) -> Split | None:
    """Return the split of a rate between two spans of months that tells most."""
    smallest = comparison.limits.smallest_base
    (whole,) = _values(comparison, measure, "", spans)
    splits = [
        split_numerator(group, _reasons(comparison, spans, whole), smallest)
        if group == "reason"
        else split_rate(group, _values(comparison, measure, group, spans), smallest)
        for group in GROUPS
        if group != "reason" or reasons
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
        dict(zip(rows["part"].tolist(), rows["numerator"].tolist(), strict=True))
        for rows in (comparison.parts(REASONS, months=span) for span in spans)
    )
    return pair_cases(before, now, whole)
