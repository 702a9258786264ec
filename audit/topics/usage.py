"""Code usage: which codes are billed, how often, for how much, and whether each may be billed at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.blocks import (
    Block,
    Cell,
    Chart,
    Head,
    Note,
    Row,
    Section,
    Table,
    count,
    dollars,
    fold_rows,
    plural,
    share,
)
from audit.blocks import units as units_text
from audit.charts import Layer, stacked
from audit.codes import code_book
from audit.figures import HIGHER, LOWER
from audit.measures import Measure, Total, answered, marked
from audit.periods import month_short
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Rule
from audit.showing import each_cell, name_cell, number_cell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from audit.codes import Code
    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.populations import Marks, Populations
    from audit.populations import Table as TableName
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
        Total("units"),
        Total(table="visits"),
        unit="units each",
    ),
    Measure(
        "usage/charge_per_visit",
        "Charged per visit",
        "Charges, divided by visits.",
        Total("charge"),
        Total(table="visits"),
        unit="cents each",
        groups=("payer", "clinician", "location"),
    ),
    Measure(
        "usage/not_valid",
        "Not valid on the date of service",
        "Lines whose code had ended, or had not begun, on the date of service, out of the lines whose code "
        "is "
        "in the code book.",
        marked("not_valid"),
        answered("not_valid"),
        unit="share",
        worse="higher",
    ),
)

RULES = (
    Rule(
        "usage/not_valid",
        "Look at {rows} billed with a code that was not valid on the date of service",
        "Check in the note what was done and which code was in force that day; a claim is corrected only "
        "from the "
        "note as it stood.",
        "A payer refuses a code that has ended (reason 181), and a paid one can be taken back.",
        "CPT and HCPCS code lists of each year; dates in config/codes.csv",
        "not_valid",
        "lines",
        "biller",
        "service date and code",
    ),
    Rule(
        "usage/repeated",
        "Compare {rows} that repeat another line of the same patient, day, code and clinician",
        "Check against the note whether the service was given twice; if it was billed twice by mistake, "
        "withdraw one.",
        "A service billed twice is refused as a duplicate (reason 18), or paid twice and taken back.",
        "CARC 18 and B13 of the X12 adjustment reasons",
        "repeated",
        "lines",
        "biller",
        "patient, service date, clinician and code",
    ),
    Rule(
        "usage/no_units",
        "Look at {rows} billed with no units",
        "Check the units against the note.",
        "A line without units is refused or paid as nothing.",
        "CARC 16 with RARC M53 of the X12 lists",
        "no_units",
        "lines",
        "biller",
        "units",
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return RULES


def mark(
    populations: Populations,
    settings: Settings,
    as_of: date,
) -> dict[TableName, dict[str, Marks]]:
    """Mark lines whose code is not valid that day, that repeat another line, or that have no units."""
    return {
        "lines": {
            "not_valid": _not_valid(populations),
            "repeated": _repeated(populations),
            "no_units": _no_units(populations),
        }
    }


def _not_valid(populations: Populations) -> Marks:
    book = code_book().codes
    codes = [book.get(label) for label in populations.labels["code"]]
    far_past, far_future = np.datetime64("0001-01-01", "D"), np.datetime64("9999-12-31", "D")
    first = np.array(
        [
            far_past if not code or not code.valid_from else np.datetime64(code.valid_from, "D")
            for code in codes
        ],
        dtype="datetime64[D]",
    )
    last = np.array(
        [
            far_future if not code or not code.valid_to else np.datetime64(code.valid_to, "D")
            for code in codes
        ],
        dtype="datetime64[D]",
    )
    known = np.array([code is not None for code in codes], dtype=bool)
    of_line = populations.lines.groups["code"]
    day = populations.lines.frame["service_date"].to_numpy().astype("datetime64[D]")
    outside = (day < first[of_line]) | (day > last[of_line])
    return np.where(known[of_line], np.where(outside, YES, NO), UNSURE).astype(np.int8)


def _repeated(populations: Populations) -> Marks:
    """Replacement and void claims, and lines the payer already set aside as duplicates, repeat by nature."""
    frame = populations.lines.frame
    by_nature = frame["frequency"].isin(["7", "8"]) | (frame["first_decision"] == "excluded: duplicate")
    day = frame["service_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    key = frame["patient_key"].to_numpy(np.int64)
    for values in (
        day - day.min() if len(day) else day,
        populations.lines.groups["code"],
        populations.lines.groups["clinician"],
        frame["modifiers"].cat.codes.to_numpy(np.int64),
    ):
        key = key * (int(values.max(initial=0)) + 1) + values
    key = np.where(by_nature, -1 - np.arange(len(key)), key)
    return np.where(by_nature, OUT, np.where(pd.Series(key).duplicated(keep=False), YES, NO)).astype(np.int8)


def _no_units(populations: Populations) -> Marks:
    units = populations.lines.frame["units"]
    none = units.to_numpy(np.int64, na_value=1) <= 0
    return np.where(units.isna(), UNSURE, np.where(none, YES, NO)).astype(np.int8)


# --- what the page shows ------------------------------------------------------------------

SHOWN_CODES = 7
"""Rows of the table that stands open; the rest is shown when asked for."""

_GROUP_HEADS = (
    Head("Lines"),
    Head("Units"),
    Head("Share of units"),
    Head("Visits"),
    Head("Patients"),
    Head("Units per visit"),
    Head("Charged, $"),
)

_ANSWERED_HEADS = (Head("Allowed, $"), Head("Paid, $"))
"""Only where the files tell: an amount that nobody told is not zero."""


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section:
    """Return the section: codes, their mix, families, categories, and who billed what."""
    codes = comparison.by_value("usage/lines", "code")
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        "codes": _table(comparison, "code", "Every code of the period"),
        "mix": _mixes(comparison),
        "families": _families(comparison),
        "categories": _categories(comparison, codes),
        "not_valid": _not_valid_note(comparison),
        "others": tuple(
            _table(comparison, group, title, fold=True)
            for group, title in (
                ("payer", "Code usage by payer"),
                ("clinician", "Code usage by clinician"),
                ("location", "Code usage by location"),
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
    figures = {
        name: comparison.by_value(f"usage/{name}", group)
        for name in (
            "lines",
            "units",
            "share_of_units",
            "visits",
            "patients",
            "units_per_visit",
            "charge",
            "allowed",
            "paid",
        )
    }
    order = sorted(figures["lines"], key=lambda value: (-_units(figures["units"].get(value)), value))
    told = any(
        counts.numerator for name in ("allowed", "paid") for counts in comparison.months(f"usage/{name}")
    )
    rows = [
        Row(
            (
                name_cell(value, code_book().name(value) if group == "code" else ""),
                *_cells(figures, value, told=told),
            )
        )
        for value in order
        if figures["lines"][value].numerator
    ]
    totals = {name: {"": comparison.total(f"usage/{name}")} for name in figures}
    total = Row((Cell("All"), *_cells(totals, "", told=told)), total=True)
    return Table(
        f"usage-{group}",
        title,
        (Head(group.capitalize(), numeric=False), *_GROUP_HEADS, *(_ANSWERED_HEADS if told else ())),
        (*fold_rows(rows, SHOWN_CODES), total),
        note="One visit can have several codes." if group == "code" else "",
        csv="usage.csv",
        fold=fold,
    )


def _units(figure: Figure | None) -> int:
    return figure.numerator if figure else 0


def _cells(figures: Mapping[str, Mapping[str, Figure]], value: str, *, told: bool) -> tuple[Cell, ...]:
    of = {name: by_value.get(value) for name, by_value in figures.items()}
    part = of["share_of_units"]
    share_of = Cell("—")
    if part is not None and part.base:
        fraction = part.numerator / part.base
        unusual = f"{part.outcome} than usual" if part.outcome in (HIGHER, LOWER) and value else ""
        share_of = Cell(
            share(part.numerator, part.base),
            sort=fraction,
            bar=max(fraction, 0.0),
            explain=part.id,
            sub=unusual,
        )
    return (
        number_cell(of["lines"]),
        number_cell(of["units"], "units"),
        share_of,
        number_cell(of["visits"]),
        number_cell(of["patients"]),
        each_cell(of["units_per_visit"]),
        number_cell(of["charge"], "cents"),
        *(number_cell(of[name], "cents") for name in ("allowed", "paid") if told),
    )


def _billed_families(comparison: Comparison) -> dict[str, list[Figure]]:
    """Return the families of which at least two codes were billed, with their units."""
    units = comparison.by_value("usage/units", "code")
    billed = {
        family: [
            units[code]
            for code in codes
            if code in units and (units[code].numerator or units[code].three_before.numerator)
        ]
        for family, codes in code_book().families().items()
    }
    return {family: figures for family, figures in billed.items() if len(figures) > 1}


def _families(comparison: Comparison) -> Table | None:
    """Return each code's share of its family's units, now and before."""
    rows: list[Row] = []
    for family, figures in sorted(_billed_families(comparison).items()):
        now = sum(figure.numerator for figure in figures)
        three = sum(figure.three_before.numerator for figure in figures)
        year = sum(figure.year_before.numerator for figure in figures)
        rows += [
            Row(
                (
                    name_cell(figure.value, code_book().name(figure.value)),
                    Cell(family, sort=family),
                    number_cell(figure, "units"),
                    Cell(share(figure.numerator, now), sort=figure.numerator / now if now else None),
                    Cell(share(figure.three_before.numerator, three)),
                    Cell(share(figure.year_before.numerator, year)),
                )
            )
            for figure in sorted(figures, key=lambda one: (-one.numerator, one.value))
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


def _mixes(comparison: Comparison) -> tuple[Chart, ...]:
    """Return a drawing of the last months' mix for the two largest families."""
    families = _billed_families(comparison)
    largest = sorted(families, key=lambda name: (-sum(figure.numerator for figure in families[name]), name))[
        :2
    ]
    stop = comparison.spans.this.stop
    first = max(stop - 12, 0)
    months = [month_short(comparison.first_month + at) for at in range(first, stop)]
    if len(months) < 2:
        return ()
    charts = []
    for family in largest:
        figures = sorted(families[family], key=lambda figure: (-figure.numerator, figure.value))
        layers = [
            Layer(
                f"{figure.value} {code_book().name(figure.value)}",
                tuple(
                    float(counts.numerator)
                    for counts in comparison.months("usage/units", "code", figure.value)[first:stop]
                ),
                short=figure.value,
            )
            for figure in figures
        ]
        now = sum(figure.numerator for figure in figures)
        top = figures[0]
        title = f"{family.capitalize()}: {top.value} is {share(top.numerator, now)} of the units"
        name = "mix-" + "-".join(figure.value for figure in figures[:3])
        charts.append(stacked(name, title, months, layers))
    return tuple(charts)


def _categories(comparison: Comparison, codes: Mapping[str, Figure]) -> Table | None:
    """Return the lines by CPT category, where more than one occurs."""
    book = code_book()
    units = comparison.by_value("usage/units", "code")
    charge = comparison.by_value("usage/charge", "code")
    found: dict[str, list[str]] = {}
    for value, figure in codes.items():
        if figure.numerator:
            found.setdefault(book.category_of(value), []).append(value)
    if len(found) < 2:
        return None
    rows = tuple(
        Row(
            (
                Cell(
                    category
                    if category.startswith("not")
                    else f"Category {category}"
                    if category != "HCPCS"
                    else category
                ),
                Cell(", ".join(values) if len(values) <= 6 else plural(len(values), "code")),
                Cell(count(sum(codes[value].numerator for value in values))),
                Cell(units_text(sum(units[value].numerator for value in values if value in units))),
                Cell(dollars(sum(charge[value].numerator for value in values if value in charge))),
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


def _not_valid_note(comparison: Comparison) -> Note | None:
    """Name the codes billed outside their dates."""
    figures = [one for one in comparison.figures("usage/not_valid", "code") if one.numerator]
    if not figures:
        return None
    book = code_book().codes
    named = "; ".join(
        f"**{one.value}** on {plural(one.numerator, 'line')}{_dates(book[one.value])}" for one in figures
    )
    total = comparison.total("usage/not_valid")
    return Note(f"Not valid on the date of service: {named}.", explain=total.id)


def _dates(code: Code) -> str:
    if code.valid_to:
        return f" (ended {code.valid_to.isoformat()})"
    return f" (began {code.valid_from.isoformat()})" if code.valid_from else ""
