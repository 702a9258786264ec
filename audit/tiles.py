"""Tiles: the headline figures, each beside the practice's own earlier months.

The word and the color of a tile are its figure's outcome; nothing is judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import Tile, average, count, interval, money, percent, plural, rate
from audit.charts import sparkline
from audit.showing import lasts, of_share, tone, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.periods import Chosen

SPARK_MONTHS = 13
"""Months of a tile's sparkline: the period and a year before it."""


def make_tiles(comparison: Comparison, chosen: Chosen) -> tuple[Tile, ...]:
    """Return the headline figures; one whose measure the files do not fill is absent."""
    denied = _rate_tile(
        comparison,
        chosen,
        "denials/first_rate",
        "Initial denial rate",
        "line",
        worth="reasons/denied_expected",
        lead=True,
    )
    gap = _rate_tile(
        comparison,
        chosen,
        "documentation/any",
        "Visits with a documentation gap",
        "visit",
        worth="documentation/any_expected",
    )
    signed_late = _rate_tile(
        comparison,
        chosen,
        "signatures/before_signed",
        "Billed before signed",
        "line",
        worth="signatures/before_signed_expected",
    )
    tiles = (
        denied,
        _visits_tile(comparison, chosen),
        _units_tile(comparison, chosen),
        _lost_tile(comparison, chosen),
        _open_tile(comparison),
        gap,
        signed_late,
    )
    return tuple(tile for tile in tiles if tile)


def _rate_tile(
    comparison: Comparison,
    chosen: Chosen,
    measure: str,
    title: str,
    noun: str,
    *,
    worth: str,
    lead: bool = False,
) -> Tile | None:
    """Return the tile of a share of rows; `worth` is the measure of the expected payment at stake."""
    figure, limits = comparison.total(measure), comparison.limits
    if not figure.base:
        return None
    tint = tone(figure.outcome, comparison.measures[measure].worse)
    earlier = figure.three_before
    return Tile(
        measure.replace("/", "-"),
        title,
        rate(figure.numerator, figure.base, limits.smallest_base),
        interval=interval(figure.low, figure.high) if figure.base >= limits.smallest_base else "",
        detail=(
            f"{count(figure.numerator)} of {plural(figure.base, noun)}",
            f"{money(comparison.total(worth).numerator)} expected payment",
        ),
        comparison=f"{comparison.period.three_before().short}: {of_share(earlier)}"
        if earlier.base >= limits.smallest_base
        else "",
        outcome=figure.outcome,
        said=_said(figure),
        tone=tint,
        explain=figure.id,
        spark=_spark(comparison, chosen, measure, percent, tint, lead=lead),
        lead=lead,
    )


def _said(figure: Figure) -> str:
    """Return the outcome as the tile words it, where the word alone would tell of the period: else ""."""
    return f"{figure.outcome.capitalize()} over {figure.over} months" if lasts(figure) else ""


def _visits_tile(comparison: Comparison, chosen: Chosen) -> Tile:
    figure = comparison.total("usage/visits")
    before = _month_average(comparison, figure, count)
    if not before and comparison.spans.previous:
        before = f"Period before: {count(figure.previous.numerator)}"
    return Tile(
        "usage-visits",
        "Visits",
        count(figure.numerator),
        detail=(plural(comparison.total("usage/patients").numerator, "patient"),),
        comparison=before,
        explain=figure.id,
        spark=_spark(comparison, chosen, figure.measure, lambda value: count(int(value))),
    )


def _units_tile(comparison: Comparison, chosen: Chosen) -> Tile | None:
    figure = comparison.total("usage/units_per_visit")
    if not figure.base or not figure.numerator:
        return None
    before = figure.three_before
    return Tile(
        "units-per-visit",
        "Units per visit",
        average(figure.numerator, figure.base, 100),
        detail=(f"{count(round(figure.numerator / 100))} units on {plural(figure.base, 'visit')}",),
        comparison=f"{comparison.period.three_before().short}: {average(before.numerator, before.base, 100)}"
        if before.base
        else "",
        outcome=figure.outcome,
        said=_said(figure),
        explain=figure.id,
        spark=_spark(comparison, chosen, figure.measure, lambda value: f"{value / 100:.2f}"),
    )


def _lost_tile(comparison: Comparison, chosen: Chosen) -> Tile | None:
    figure = comparison.total("denials/not_recovered_expected")
    lines = comparison.total("denials/final_rate")
    if not lines.base:
        return None
    return Tile(
        "denials-not_recovered_expected",
        "Denied, not recovered",
        money(figure.numerator),
        detail=(f"{plural(lines.numerator, 'line')} by the last answer", "expected payment"),
        comparison=_month_average(comparison, figure, money),
        explain=figure.id,
        spark=_spark(comparison, chosen, figure.measure, lambda value: money(int(value))),
    )


def _open_tile(comparison: Comparison) -> Tile | None:
    lines, worth = comparison.total("denials/open"), comparison.total("denials/open_expected")
    if not comparison.measured("denials/first_rate"):
        return None
    return Tile(
        "denials-open",
        "Denied and still open",
        money(worth.numerator),
        detail=(f"{plural(lines.numerator, 'line')} of all months", "expected payment"),
        explain=lines.id,
    )


def _month_average(comparison: Comparison, figure: Figure, form: Callable[[float], str]) -> str:
    """Return what an amount of one month stands beside, the monthly average of the three before; else ""."""
    if len(comparison.spans.this) != 1 or not comparison.spans.three_before:
        return ""
    return (
        f"{comparison.period.three_before().short}: {form(round(figure.three_before.numerator / 3))} a month"
    )


def _spark(
    comparison: Comparison,
    chosen: Chosen,
    measure: str,
    form: Callable[[float], str],
    tint: str = "",
    *,
    lead: bool = False,
) -> str:
    stop, young = comparison.spans.this.stop, len(chosen.younger)
    values = values_of(comparison.months(measure))[max(stop - SPARK_MONTHS, 0) : stop + young]
    return sparkline(
        f"spark-{measure.replace('/', '-')}", values, young=young, tone=tint, lead=lead, form=form
    )
