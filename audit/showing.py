"""How a figure is shown: the cells, words and dots that stand for it, the same everywhere.

The words and the color come from the figure's outcome, which one test made; nothing is judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import Cell, Head, average, count, dollars, interval, percent, points, rate, share, units
from audit.charts import Dot, Month
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, REPEATED, TOO_FEW
from audit.periods import month_short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.comparison import Comparison
    from audit.figures import Counts, Figure
    from audit.measures import Measure
    from audit.periods import Period
    from audit.settings import Thresholds

NOT_TOLD = "not told"
"""Stands for a group value that the export leaves blank."""


SHORT = {
    HIGHER: "higher",
    LOWER: "lower",
    BY_CHANCE: "chance",
    NOT_HIGHER: "not higher",
    TOO_FEW: "too few",
    NOT_JUDGED: "not yet",
}
"""Outcome words as they stand in a table, beside their shape."""


def tone(outcome: str, worse: str) -> str:
    """Return "worse" or "better" for an outcome of a measure whose worse direction is known, else ""."""
    if not worse or outcome not in (HIGHER, LOWER):
        return ""
    return "worse" if outcome == f"significantly {worse}" else "better"


def say_state(state: str, month: int) -> str:
    """Return what became of a finding in a word or two; `month` is the how many-th it is found in."""
    if state != REPEATED:
        return state
    ending = {2: "nd", 3: "rd"}.get(month, "th")
    return f"{month}{ending} month" if month < 12 else "a year or more"


def name_cell(value: str, sub: str = "") -> Cell:
    """Return the cell that names a row."""
    return Cell(value or NOT_TOLD, sort=value, sub=sub)


def number_cell(figure: Figure | None, unit: str = "count", bar: float | None = None) -> Cell:
    """Return an amount: a count, cents as whole dollars, or hundredths of units."""
    if figure is None:
        return Cell(count(0), sort=0)
    form = {"cents": dollars, "units": units}.get(unit, count)
    return Cell(form(figure.numerator), sort=figure.numerator, bar=bar, explain=figure.id)


def each_cell(figure: Figure | None, scale: int = 100) -> Cell:
    """Return units or dollars for each visit, held in hundredths, or days for each line (`scale` 1)."""
    if figure is None or not figure.base:
        return Cell("—")
    text = average(figure.numerator, figure.base, scale)
    return Cell(text, sort=figure.numerator / figure.base, explain=figure.id)


def outcome_cell(figure: Figure | None, measure: Measure) -> Cell:
    """Return the outcome word with its shape, and over how many months it was found where not the period."""
    if figure is None or not figure.outcome:
        return Cell("")
    word = figure.outcome
    over = f" over {figure.over} months" if lasts(figure) else ""
    return Cell(SHORT[word] + over, sort=word, mark=word, tone=tone(word, measure.worse))


def lasts(figure: Figure) -> bool:
    """Tell whether a figure differs over more months than the period: no month of it need show that alone."""
    return bool(figure.over) and figure.outcome in (HIGHER, LOWER)


def share_cell(figure: Figure | None, limits: Thresholds, heat: int = 0) -> Cell:
    """Return the share of a figure, "1 of 6" where its base is too small for a rate."""
    if figure is None or not figure.base:
        return Cell("—")
    return Cell(
        rate(figure.numerator, figure.base, limits.smallest_base),
        sort=figure.numerator / figure.base,
        small=figure.base < limits.cautious_base,
        explain=figure.id,
        heat=heat,
    )


def cases_cell(figure: Figure | None) -> Cell:
    """Return "26 / 113"."""
    if figure is None:
        return Cell("—")
    return Cell(f"{count(figure.numerator)} / {count(figure.base)}", sort=figure.numerator)


def interval_cell(figure: Figure | None, limits: Thresholds) -> Cell:
    """Return the interval of a share, empty where no rate is shown."""
    if figure is None or figure.base < limits.smallest_base:
        return Cell("")
    return Cell(interval(figure.low, figure.high), sort=figure.low)


def earlier_cell(counts: Counts, limits: Thresholds) -> Cell:
    """Return the share of an earlier period."""
    if not counts.base:
        return Cell("—")
    return Cell(
        rate(counts.numerator, counts.base, limits.smallest_base),
        sort=counts.numerator / counts.base,
        small=counts.base < limits.cautious_base,
    )


def change_cell(figure: Figure | None, limits: Thresholds) -> Cell:
    """Return the change against the three months before, with its interval; empty where a rate is missing."""
    if (
        figure is None
        or figure.change is None
        or min(figure.base, figure.three_before.base) < limits.smallest_base
    ):
        return Cell("—")
    ends = f"{points(figure.change_low)} to {points(figure.change_high)}".replace(" points", "")
    return Cell(points(figure.change).removesuffix(" points"), sort=figure.change, sub=ends)


def share_heads(period: Period) -> tuple[Head, ...]:
    """Return the heads of a share beside its earlier self, as `share_cells` fills the columns."""
    return (
        Head("Outcome", numeric=False),
        Head("Cases"),
        Head("Rate"),
        Head("95 % interval"),
        Head(period.three_before().short),
        Head("Change, points"),
        Head(period.year_before().short),
    )


def share_cells(figure: Figure | None, measure: Measure, limits: Thresholds) -> tuple[Cell, ...]:
    """Return the cells under `share_heads`."""
    nothing = Cell("—")
    return (
        outcome_cell(figure, measure),
        cases_cell(figure),
        share_cell(figure, limits),
        interval_cell(figure, limits),
        earlier_cell(figure.three_before, limits) if figure else nothing,
        change_cell(figure, limits),
        earlier_cell(figure.year_before, limits) if figure else nothing,
    )


def share_dot(figure: Figure, label: str, measure: Measure, limits: Thresholds) -> Dot:
    """Return the figure as one row of a dot chart."""
    shown = figure.base >= limits.smallest_base
    earlier = figure.three_before
    return Dot(
        label,
        figure.numerator / figure.base if shown else None,
        figure.low if shown else None,
        figure.high if shown else None,
        earlier.numerator / earlier.base if earlier.base >= limits.smallest_base else None,
        short=figure.value or NOT_TOLD,
        text=rate(figure.numerator, figure.base, limits.smallest_base),
        note=f"{count(figure.numerator)} / {count(figure.base)}",
        small=figure.base < limits.cautious_base,
        tone=tone(figure.outcome, measure.worse),
    )


def trend_months(
    comparison: Comparison, measure: str, group: str, value: str, young: int, last: int
) -> list[Month]:
    """Return the last `last` months of a share up to the period, and the `young` ones after it, for a trend.

    A month with too small a base is a gap; the band of a month is its interval.
    """
    from audit.intervals import wilson

    of = comparison.measures[measure]
    effect = comparison.effects.get((measure, group), 1.0)
    limits = comparison.limits
    stop = comparison.spans.this.stop
    history = comparison.months(measure, group, value)
    months = []
    for at in range(max(stop - last, 0), min(stop + young, len(history))):
        top, base = history[at]
        label = month_short(comparison.first_month + at)
        mature = at < stop and not (of.needs_answers and not comparison.spans.judged)
        if base < limits.smallest_base:
            months.append(Month(label, None, mature=mature))
        else:
            ends = wilson(top, base, limits.confidence, base / effect)
            months.append(Month(label, top / base, ends.low, ends.high, mature))
    return months


def values_of(history: Sequence[Counts]) -> list[float | None]:
    """Return months of a ratio, or of an amount where there is no base, for a sparkline."""
    if not any(counts.base for counts in history):
        return [float(counts.numerator) for counts in history]
    return [counts.numerator / counts.base if counts.base else None for counts in history]


def of_share(counts: Counts) -> str:
    """Return an earlier period's share as text."""
    return share(counts.numerator, counts.base)


def percent_of(figure: Figure) -> str:
    """Return a figure's share as text."""
    return percent(figure.numerator / figure.base) if figure.base else "—"
