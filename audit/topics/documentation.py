"""Documentation gaps: for every code, the elements its note must show and does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.blocks import (
    Block,
    Cell,
    Empty,
    Head,
    Note,
    Row,
    Section,
    Table,
    count,
    fold_rows,
    money,
    rate,
)
from audit.codes import code_book
from audit.measures import Measure, answered, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Rule
from audit.showing import (
    name_cell,
    number_cell,
    share_cell,
    share_cells,
    share_heads,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.populations import Marks, Populations
    from audit.settings import Element, Settings, Thresholds

ID = "documentation"
TITLE = "Documentation gaps"

JUDGED = ("", "code", "clinician")
"""By what a share of visits with a gap is tested: a payer has no part in what a note shows."""


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of every documentation element, as visits, lines and money."""
    return (
        Measure(
            "documentation/any",
            "Visits with a gap",
            "Visits whose note lacks at least one required element, out of the visits for which the export "
            "tells; "
            "elements that the export does not hold at all are left out.",
            marked("gap", "visits"),
            answered("gap", "visits"),
            unit="share",
            worse="higher",
            judged=JUDGED,
            subject="share of visits with a documentation gap",
        ),
        Measure(
            "documentation/any_expected",
            "Billed with a gap",
            "Expected payment of lines whose note lacks at least one required element.",
            marked("gap", of="expected"),
            unit="cents",
            worse="higher",
        ),
        *(measure for element in settings.elements for measure in _of_element(element)),
    )


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


RULES = (
    Rule(
        "documentation/any_lines",
        "Read the notes of {rows} billed without a required element",
        "Check whether it is missing in the note or only in the export; a late entry says that it is late.",
        "A service whose note does not show what was done counts as not documented.",
        "Medicare Benefit Policy Manual, chapter 15, section 220.3; each element's own source",
        "gap",
        "lines",
        "clinician",
        "columns that say what the notes show",
        sentence="A note shows every element that the code requires, as far as the export tells of any.",
        task="notes",
        right="97124 with minutes, technique, region and plan in its note.",
        wrong="97124 whose note tells no technique.",
    ),
)


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return RULES


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark services, visits and lines: YES where a required element is absent.

    NO where it is present, UNSURE where the export does not tell, OUT where the code or the discipline
    does not require it.
    """
    services: dict[str, Marks] = {}
    for element in settings.elements:
        state = populations.visits.frame[f"has_{element.id}"].to_numpy()[populations.visit_of_service]
        lacking = np.array([UNSURE, NO, YES], dtype=np.int8)[state]
        services[element.id] = np.where(_required(populations, element, settings), lacking, OUT).astype(
            np.int8
        )
    required = [element.id for element in settings.elements if element.state == "required"]
    told = [name for name in required if (services[name] >= NO).any()]
    services["gap"] = _any([services[name] for name in told or required], populations)
    spread = {name: populations.spread(marks) for name, marks in services.items()}
    lines = {name: of_lines for name, (of_lines, _) in spread.items()}
    visits = {name: of_visits for name, (_, of_visits) in spread.items()}
    return populations.with_marks({"services": services, "lines": lines, "visits": visits})


def measured(populations: Populations, settings: Settings) -> tuple[Element, ...]:
    """Return the elements of which the export tells anything."""
    marks = populations.services.marks
    return tuple(element for element in settings.elements if (marks[element.id] >= NO).any())


def _of_element(element: Element) -> tuple[Measure, ...]:
    title = element.title
    return (
        Measure(
            f"documentation/{element.id}",
            title,
            f"{element.question} Visits whose note does not show it, out of the visits with a code that "
            f"requires it "
            "and for which the export tells.",
            marked(element.id, "visits"),
            answered(element.id, "visits"),
            unit="share",
            worse="higher",
            judged=JUDGED,
            subject=f"share of visits without {title.lower()}",
        ),
        Measure(
            f"documentation/{element.id}_lines",
            f"{title}: lines",
            f"The same by claim lines: {title.lower()} is absent.",
            marked(element.id),
            answered(element.id),
            unit="share",
            worse="higher",
        ),
        Measure(
            f"documentation/{element.id}_expected",
            f"{title}: money",
            f"Expected payment of lines billed where {title.lower()} is absent.",
            marked(element.id, of="expected"),
            unit="cents",
            worse="higher",
        ),
    )


def _required(populations: Populations, element: Element, settings: Settings) -> np.ndarray:
    """Return which services require an element: by code, discipline and the dates it is in force."""
    told = [settings.practice.discipline_of(name) for name in populations.labels["clinician"]]
    disciplines = sorted(set(told))
    own = code_book().discipline_by_code()
    asked = {one: element.asks(one) for one in {*disciplines, *own.values(), ""}}
    applies = np.array(
        [
            [covers and asked[discipline or own.get(code, "")] for discipline in disciplines]
            for code, covers in ((code, element.covers(code)) for code in populations.labels["code"])
        ],
        dtype=bool,
    ).reshape(-1, max(len(disciplines), 1))
    discipline = np.array([disciplines.index(name) for name in told], dtype=np.intp)
    groups = populations.services.groups
    day = (
        populations.visits.frame["service_date"]
        .to_numpy()
        .astype("datetime64[D]")[populations.visit_of_service]
    )
    inside = np.ones(len(day), dtype=bool)
    if element.in_force_from:
        inside &= day >= np.datetime64(element.in_force_from, "D")
    if element.in_force_to:
        inside &= day <= np.datetime64(element.in_force_to, "D")
    return applies[groups["code"], discipline[groups["clinician"]]] & inside


def _any(marks: Sequence[Marks], populations: Populations) -> Marks:
    """Return YES where any element is absent, else UNSURE where one is unknown, else NO, else OUT."""
    strength = np.array([0, 2, 1, 3], dtype=np.int8)
    strongest = np.zeros(len(populations.services), dtype=np.int8)
    for one in marks:
        np.maximum(strongest, strength[one + 2], out=strongest)
    return np.array([OUT, NO, UNSURE, YES], dtype=np.int8)[strongest]


# --- what the page shows ------------------------------------------------------------------

SHOWN_CODES = 6
"""Rows of the table that stands open; the rest is shown when asked for."""

_NOT_TOLD = " “Not told”: required, but the export does not say."

_HEAT = (0.0, 0.02, 0.05, 0.10)
"""Shares above which a cell takes the first to the fourth shade."""


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section:
    """Return the section: gaps by code and element, every element, and by clinician."""
    told = measured(populations, settings)
    hints = [element for element in settings.elements if element not in told]
    if not told:
        wanted = ", ".join(element.title.lower() for element in settings.elements)
        empty = Empty(
            "Documentation is not measured",
            "The files hold no column that says what the notes show.",
            f"Add these columns to the export, or a file of visit notes: {wanted}. config/README.md says "
            f"how they are read.",
        )
        return Section(ID, TITLE, {"not_measured": empty}, short="Documentation")
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        "heat": _heat(comparison, told),
        "elements": _elements(comparison, told),
        "clinicians": _clinicians(comparison),
        "not_told": Note(
            "Not in the export, so not measured: "
            + ", ".join(element.title.lower() for element in hints)
            + "."
        )
        if hints
        else None,
    }
    return Section(ID, TITLE, blocks, lead=_lead(comparison), short="Documentation")


def _lead(comparison: Comparison) -> str:
    gap, worth = comparison.total("documentation/any"), comparison.total("documentation/any_expected")
    said = rate(gap.numerator, gap.base, comparison.limits.smallest_base)
    return (
        f"**{said}** of the visits lack at least one required element "
        f"({count(gap.numerator)} of {count(gap.base)}); expected payment of their lines "
        f"{money(worth.numerator)}. Only what is marked as absent counts."
    )


def _heat(comparison: Comparison, told: Sequence[Element]) -> Table:
    """Return codes by elements: the share of visits that lack it, by number and shade."""
    limits = comparison.limits
    by_element = {element.id: comparison.by_value(f"documentation/{element.id}", "code") for element in told}
    visits = comparison.by_value("usage/visits", "code")
    codes = sorted(
        (code for code, figure in visits.items() if figure.numerator),
        key=lambda code: (-visits[code].numerator, code),
    )
    rows = [
        Row(
            (
                name_cell(code, code_book().name(code)),
                number_cell(visits[code]),
                *(_heat_cell(by_element[element.id].get(code), limits) for element in told),
            )
        )
        for code in codes
    ]
    silent = any(cell.text == "not told" for row in rows for cell in row.cells)
    return Table(
        "documentation-heat",
        "Share of visits without it, by code and element",
        (Head("Code", numeric=False), Head("Visits"), *(Head(element.short) for element in told)),
        fold_rows(rows, SHOWN_CODES),
        note="A dot: not required." + (_NOT_TOLD if silent else ""),
        csv="documentation.csv",
        heat=("0–2 %", "2–5 %", "5–10 %", "over 10 %"),
    )


def _heat_cell(figure: Figure | None, limits: Thresholds) -> Cell:
    if figure is None or not (figure.base or figure.unknown):
        return Cell("·")
    if not figure.base:
        return Cell("not told")
    part = figure.numerator / figure.base
    heat = sum(part > limit for limit in _HEAT) if figure.base >= limits.smallest_base else 0
    return share_cell(figure, limits, heat=heat)


def _elements(comparison: Comparison, told: Sequence[Element]) -> Table:
    """Return every element with its four states, its change and the money behind it."""
    limits = comparison.limits
    visits = comparison.total("usage/visits").numerator
    rows = []
    for element in told:
        figure = comparison.total(f"documentation/{element.id}")
        measure = comparison.measures[figure.measure]
        needed = figure.base + figure.unknown
        rows.append(
            Row(
                (
                    name_cell(element.title, "advised" if element.state == "advised" else ""),
                    *share_cells(figure, measure, limits),
                    Cell(count(figure.base - figure.numerator)),
                    Cell(count(figure.unknown)),
                    Cell(count(visits - needed)),
                    number_cell(comparison.total(f"documentation/{element.id}_lines")),
                    number_cell(comparison.total(f"documentation/{element.id}_expected"), "cents"),
                )
            )
        )
    any_gap = comparison.total("documentation/any")
    total = Row(
        (
            Cell("At least one required element"),
            *share_cells(any_gap, comparison.measures["documentation/any"], limits),
            Cell(count(any_gap.base - any_gap.numerator)),
            Cell(count(any_gap.unknown)),
            Cell(count(visits - any_gap.base - any_gap.unknown)),
            Cell(""),
            number_cell(comparison.total("documentation/any_expected"), "cents"),
        ),
        total=True,
    )
    heads = (
        Head("Element", numeric=False),
        *share_heads(comparison.period),
        Head("Present"),
        Head("Not told"),
        Head("Not required"),
        Head("Lines without"),
        Head("Expected, $"),
    )
    return Table(
        "documentation-elements",
        "Every element, by visits",
        heads,
        (*rows, total),
        note="Cases: visits that lack it, of the visits whose codes require it and for which the export "
        "tells.",
        csv="documentation.csv",
        fold=True,
    )


def _clinicians(comparison: Comparison) -> Table | None:
    figures = comparison.figures("documentation/any", "clinician")
    if len(figures) < 2:
        return None
    measure = comparison.measures["documentation/any"]
    worth = comparison.by_value("documentation/any_expected", "clinician")
    rows = [
        Row(
            (
                name_cell(one.value),
                *share_cells(one, measure, comparison.limits),
                number_cell(worth.get(one.value), "cents"),
            )
        )
        for one in sorted(figures, key=lambda one: (-one.numerator, one.value))
    ]
    return Table(
        "documentation-clinicians",
        "Visits with a gap, by clinician",
        (Head("Clinician", numeric=False), *share_heads(comparison.period), Head("Expected, $")),
        fold_rows(rows),
        csv="documentation.csv",
        fold=True,
    )
