"""Code usage: which codes are billed, how often and for how much.

Their mix is `audit/mix.py`; whether a line may stand as it was billed, `audit/validity.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit import validity
from audit.blocks import Block, Cell, Head, Row, Section, Table, fold_rows, plural, share
from audit.codes import code_book
from audit.measures import Measure, Total
from audit.mix import draw_mix, list_categories, list_families
from audit.showing import each_cell, name_cell, number_cell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.populations import Populations
    from audit.rules import Rule
    from audit.settings import Settings

ID = "usage"
TITLE = "Code usage"

MEASURES = (
    Measure(
        "usage/lines",
        "Lines",
        "Claim lines with a date of service in the period; one line is one code on one claim on one date.",
        Total(),
        pairs=(("code", "clinician"),),
    ),
    Measure(
        "usage/units",
        "Units",
        "Units billed on those lines.",
        Total("units"),
        unit="units",
    ),
    Measure(
        "usage/visits",
        "Visits",
        "One patient on one day with one clinician; by code, the visits on which the code was billed.",
        Total(table="visits"),
    ),
    Measure(
        "usage/patients",
        "Patients",
        "Different patients seen in the period; a patient seen in two months is one patient of the quarter.",
        Total("patients", table="visits"),
    ),
    Measure(
        "usage/charge",
        "Charged",
        "Charges of the lines, as billed.",
        Total("charge"),
        unit="cents",
    ),
    Measure(
        "usage/allowed",
        "Allowed",
        "What payers allowed on the lines, as far as their answers tell.",
        Total("allowed"),
        unit="cents",
        needs_answers=True,
    ),
    Measure(
        "usage/paid",
        "Paid",
        "What payers have paid on the lines so far, without interest.",
        Total("paid"),
        unit="cents",
        needs_answers=True,
    ),
    Measure(
        "usage/share_of_units",
        "Share of units",
        "Units of the code (or payer, clinician, location) out of all units of the period.",
        Total("units"),
        Total("units"),
        unit="share",
        of_whole=True,
    ),
    Measure(
        "usage/units_per_visit",
        "Units per visit",
        "Units billed, divided by visits; by code, by the visits on which the code was billed.",
        Total("units", table="visits"),
        Total(table="visits"),
        unit="units each",
        judged=("", "code", "clinician"),
    ),
    Measure(
        "usage/charge_per_visit",
        "Charged per visit",
        "Charges, divided by visits.",
        Total("charge", table="visits"),
        Total(table="visits"),
        unit="cents each",
        groups=("payer", "clinician", "location"),
        judged=("", "clinician"),
    ),
    validity.MEASURE,
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return validity.RULES


def mark(
    populations: Populations,
    settings: Settings,
    as_of: date,
) -> Populations:
    """Mark lines that may not stand as they were billed."""
    return populations.with_marks({"lines": validity.mark_validity(populations)})


# --- what the page shows ------------------------------------------------------------------

SHOWN_CODES = 5
"""Rows of the table that stands open; the rest is shown when asked for."""

_COLUMNS = ("lines", "units", "share_of_units", "visits", "patients", "units_per_visit", "charge")

_HEADS = (
    Head("Lines"),
    Head("Units"),
    Head("Share of units"),
    Head("Visits"),
    Head("Patients"),
    Head("Units per visit"),
    Head("Charged, $"),
)

_ANSWERED = ("allowed", "paid")

_ANSWERED_HEADS = (Head("Allowed, $"), Head("Paid, $"))
"""Only where the files tell: an amount that nobody told is not zero."""


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section:
    """Return the section: codes, their mix, families, categories, and who billed what."""
    codes = comparison.by_value("usage/lines", "code")
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        "codes": _table(comparison, "code", "Every code of the period"),
        "mix": draw_mix(comparison),
        "families": list_families(comparison),
        "categories": list_categories(comparison),
        "others": tuple(
            _table(comparison, group, title, fold=True)
            for group, title in (
                ("payer", "By payer"),
                ("clinician", "By clinician"),
                ("location", "By location"),
            )
            if len(comparison.by_value("usage/lines", group)) > 1
        ),
    }
    return Section(ID, TITLE, blocks, lead=_lead(comparison, codes), short="Codes")


def _lead(comparison: Comparison, codes: Mapping[str, Figure]) -> str:
    visits, patients = comparison.total("usage/visits"), comparison.total("usage/patients")
    most = max(codes.values(), key=lambda figure: (figure.numerator, figure.value), default=None)
    if most is None:
        return "No lines in this period."
    lines = comparison.total("usage/lines").numerator
    billed = sum(figure.numerator > 0 for figure in codes.values())
    return (
        f"{plural(lines, 'line')} of {plural(billed, 'code')} on {plural(visits.numerator, 'visit')} of "
        f"{plural(patients.numerator, 'patient')}. The code billed most is **{most.value}** "
        f"({code_book().name(most.value)}): {share(most.numerator, lines)} of the lines."
    )


def _table(comparison: Comparison, group: str, title: str, *, fold: bool = False) -> Table:
    told = any(counts.numerator for name in _ANSWERED for counts in comparison.months(f"usage/{name}"))
    names = (*_COLUMNS, *(_ANSWERED if told else ()))
    figures = {name: comparison.by_value(f"usage/{name}", group) for name in names}
    units, book = figures["units"], code_book()
    billed = [value for value, lines in figures["lines"].items() if lines.numerator]
    rows = [
        Row(
            (
                name_cell(value, book.name(value) if group == "code" else ""),
                *_cells({name: figures[name].get(value) for name in names}),
            )
        )
        for value in sorted(billed, key=lambda one: (-units[one].numerator if one in units else 0, one))
    ]
    total = Row(
        (Cell("All"), *_cells({name: comparison.total(f"usage/{name}") for name in names})), total=True
    )
    return Table(
        f"usage-{group}",
        title,
        (Head(group.capitalize(), numeric=False), *_HEADS, *(_ANSWERED_HEADS if told else ())),
        (*fold_rows(rows, SHOWN_CODES), total),
        csv="usage.csv",
        fold=fold,
    )


def _cells(of: Mapping[str, Figure | None]) -> tuple[Cell, ...]:
    return (
        number_cell(of["lines"]),
        number_cell(of["units"], "units"),
        _share_cell(of["share_of_units"]),
        number_cell(of["visits"]),
        number_cell(of["patients"]),
        each_cell(of["units_per_visit"]),
        number_cell(of["charge"], "cents"),
        *(number_cell(of[name], "cents") for name in _ANSWERED if name in of),
    )


def _share_cell(part: Figure | None) -> Cell:
    if part is None or not part.base:
        return Cell("—")
    fraction = part.numerator / part.base
    return Cell(
        share(part.numerator, part.base),
        sort=fraction,
        bar=max(fraction, 0.0),
        explain=part.id,
    )
