"""The mix of codes: each code's share of its family, month by month, and the categories of codes.

Codes of one family can stand in for each other. Everything is read from the measures of code usage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import UNKNOWN, Cell, Chart, Head, Row, Table, count, dollars, plural, share, units
from audit.charts import Layer, stacked
from audit.codes import code_book
from audit.periods import month_short
from audit.showing import name_cell, number_cell

if TYPE_CHECKING:
    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.settings import Thresholds


def draw_mix(comparison: Comparison) -> Chart | None:
    """Return a drawing of the last months' mix for the largest family; None of a single month."""
    stop = comparison.spans.this.stop
    months = range(max(stop - 12, 0), stop)
    families = _billed_families(comparison)
    if len(months) < 2 or not families:
        return None
    largest = min(families, key=lambda name: (-_units_of(families[name]), name))
    return _draw_family(comparison, largest, families[largest], months)


def _draw_family(comparison: Comparison, family: str, figures: list[Figure], months: range) -> Chart:
    layers = [
        Layer(
            f"{figure.value} {code_book().name(figure.value)}",
            tuple(
                float(counts.numerator)
                for counts in comparison.months("usage/units", "code", figure.value)[
                    months.start : months.stop
                ]
            ),
            short=figure.value,
        )
        for figure in figures
    ]
    top = figures[0]
    part = _part(top.numerator, _units_of(figures), comparison.limits)
    led = f"{part} of the" if part.endswith("%") else part
    return stacked(
        "mix-" + "-".join(figure.value for figure in figures[:3]),
        f"{family.capitalize()}: {top.value} leads with {led} units",
        [month_short(comparison.first_month + at) for at in months],
        layers,
    )


def list_families(comparison: Comparison) -> Table | None:
    """Return each code's share of its family's units, now and before."""
    rows: list[Row] = []
    limits = comparison.limits
    for family, figures in sorted(_billed_families(comparison).items()):
        now = _units_of(figures)
        three = sum(figure.three_before.numerator for figure in figures)
        year = sum(figure.year_before.numerator for figure in figures)
        rows += [
            Row(
                (
                    name_cell(figure.value, code_book().name(figure.value)),
                    Cell(family, sort=family),
                    number_cell(figure, "units"),
                    Cell(_part(figure.numerator, now, limits), sort=figure.numerator / now if now else None),
                    Cell(_part(figure.three_before.numerator, three, limits)),
                    Cell(_part(figure.year_before.numerator, year, limits)),
                )
            )
            for figure in figures
        ]
    if not rows:
        return None
    return Table(
        "usage-families",
        "The mix inside families of codes",
        (
            Head("Code", numeric=False),
            Head("Family", numeric=False),
            Head("Units"),
            Head("Share of family"),
            Head(comparison.period.three_before().short),
            Head(comparison.period.year_before().short),
        ),
        tuple(rows),
        note="Codes of one family can stand in for each other; a shift between them is what reviewers look "
        "at first.",
        csv="usage.csv",
        fold=True,
    )


def _billed_families(comparison: Comparison) -> dict[str, list[Figure]]:
    """Return the units of the families of which at least two codes were billed, most units first."""
    units = comparison.by_value("usage/units", "code")
    billed = {
        family: [
            units[code]
            for code in codes
            if code in units and (units[code].numerator or units[code].three_before.numerator)
        ]
        for family, codes in code_book().families().items()
    }
    return {
        family: sorted(figures, key=lambda figure: (-figure.numerator, figure.value))
        for family, figures in billed.items()
        if len(figures) > 1
    }


def _units_of(figures: list[Figure]) -> int:
    return sum(figure.numerator for figure in figures)


def list_categories(comparison: Comparison) -> Table | None:
    """Return the lines by CPT category, where more than one occurs."""
    lines, unit, charge = (
        comparison.by_value(f"usage/{name}", "code") for name in ("lines", "units", "charge")
    )
    found: dict[str, list[str]] = {}
    for value, figure in lines.items():
        if figure.numerator:
            found.setdefault(code_book().category_of(value), []).append(value)
    if len(found) < 2:
        return None

    def total(figures: dict[str, Figure], values: list[str]) -> int:
        return sum(figures[value].numerator for value in values if value in figures)

    rows = tuple(
        Row(
            (
                Cell(f"Category {category}" if category in ("I", "II", "III") else category),
                Cell(", ".join(values) if len(values) <= 6 else plural(len(values), "code")),
                Cell(count(total(lines, values))),
                Cell(units(total(unit, values))),
                Cell(dollars(total(charge, values))),
            )
        )
        for category, values in sorted(found.items())
    )
    return Table(
        "usage-categories",
        "By category of code",
        (
            Head("Category", numeric=False),
            Head("Codes", numeric=False),
            Head("Lines"),
            Head("Units"),
            Head("Charged, $"),
        ),
        rows,
        note="Category II codes only report quality and are in no denial rate. A code outside the code "
        "book is no error.",
        fold=True,
    )


def _part(part: int, whole: int, limits: Thresholds) -> str:
    """Return a share of units held in hundredths; of few units, how many of how many."""
    if whole >= 100 * limits.smallest_base:
        return share(part, whole)
    return f"{units(part)} of {units(whole)}" if whole else UNKNOWN
