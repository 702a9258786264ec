"""Medicare: what a comparative billing report would count, from the practice's own lines of a year.

Medicare's contractors send such reports to practices that bill unlike their peers: CBR201702 on physical
therapy, CBR201614 on spinal adjustments. The same is counted here, without peers but those that the practice
names itself, and nothing is called high or low.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.blocks import (
    UNKNOWN,
    Block,
    Cell,
    Head,
    Row,
    Section,
    Table,
    average,
    count,
    mean,
    money,
    plural,
    share,
    units,
)
from audit.errors import SettingsError
from audit.figures import Counts, figure_id
from audit.measures import Measure, Total, answered, marked
from audit.medicare_lines import ADJUSTMENTS, mark_counted
from audit.periods import YEAR, Period
from audit.populations import YES
from audit.validation import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.measures import Unit
    from audit.populations import Populations
    from audit.rules import Rule
    from audit.settings import Settings
    from audit.watchlist import Peer

ID = "medicare"
TITLE = "Medicare's comparative report"

UNIT_MINUTES = 15
"""What CBR201702 takes a timed unit for."""

AT_MEDICARE = "Lines billed to Original Medicare in the year that ends with the period"


def _of_year(
    name: str, title: str, definition: str, top: Total, base: Total | None = None, unit: Unit = "count"
) -> Measure:
    return Measure(f"{ID}/{name}", title, definition, top, base, unit, (), year=True)


MEASURES = (
    _of_year(
        "therapy_patients",
        "Medicare: physical therapy patients",
        f"Different patients with a physical therapy line. {AT_MEDICARE}, of the codes of comparative "
        "billing report CBR201702, by a physical therapist (or with GP, where the settings name no "
        "discipline); lines withdrawn and duplicates are left out.",
        marked("medicare_therapy", of="patients"),
    ),
    _of_year(
        "adjusted_patients",
        "Medicare: patients with a spinal adjustment",
        f"Different patients with a spinal adjustment (98940 to 98942). {AT_MEDICARE}, by a chiropractor or "
        "a clinician of no known discipline; lines withdrawn and duplicates are left out.",
        marked("medicare_adjusted", of="patients"),
    ),
    _of_year(
        "kx_patients",
        "Medicare: patients with KX",
        "Physical therapy patients at Medicare with KX on at least one line of the year, out of all of them.",
        marked("medicare_kx", of="patients"),
        answered("medicare_kx", of="patients"),
        "share",
    ),
    _of_year(
        "timed_units",
        "Medicare: timed units per visit",
        "Units of timed physical therapy codes at Medicare, divided by the visits with one. A comparative "
        "billing report takes each for 15 minutes, whatever was recorded.",
        marked("medicare_timed", of="units"),
        marked("medicare_timed", "visits"),
        "units each",
    ),
    _of_year(
        "minutes_by_code",
        "Medicare: minutes recorded for timed codes, per visit",
        "Minutes recorded for each timed physical therapy code at Medicare, divided by the visits of which "
        "all timed codes tell their minutes.",
        marked("medicare_timed_minutes", of="minutes"),
        marked("medicare_timed_minutes", "visits"),
        "minutes each",
    ),
    _of_year(
        "minutes_of_visit",
        "Medicare: minutes recorded for the visit",
        "Treatment minutes that the notes record for visits with a timed physical therapy code at Medicare, "
        "untimed treatment included, divided by the visits whose notes tell them.",
        marked("medicare_visit_minutes", "visits", of="minutes"),
        marked("medicare_visit_minutes", "visits"),
        "minutes each",
    ),
    _of_year(
        "allowed_per_patient",
        "Medicare: allowed per patient",
        "What Medicare allowed on physical therapy lines, as far as its answers tell, divided by the "
        "patients with such an answer.",
        marked("medicare_allowed", of="allowed"),
        marked("medicare_allowed", of="patients"),
        "cents each",
    ),
    Measure(
        f"{ID}/adjustments",
        "Medicare: spinal adjustments per patient",
        "Spinal adjustments billed to Medicare in the year, divided by the patients who had one; by code, by "
        "those who had that one.",
        marked("medicare_adjusted"),
        marked("medicare_adjusted", of="patients"),
        "count each",
        ("code",),
        year=True,
    ),
    _of_year(
        "adjusted_visits",
        "Medicare: visits with an adjustment per patient",
        "Visits with a spinal adjustment billed to Medicare, divided by the patients.",
        marked("medicare_adjusted", "visits"),
        marked("medicare_adjusted", "visits", of="patients"),
        "count each",
    ),
    _of_year(
        "frequent_patients",
        "Medicare: patients over 24 visits",
        "Patients with more than 24 visits with a spinal adjustment billed to Medicare in the year, out of "
        "all with one.",
        marked("medicare_frequent", "visits", of="patients"),
        answered("medicare_frequent", "visits", of="patients"),
        "share",
    ),
    _of_year(
        "five_regions",
        "Medicare: share of 98942",
        "Spinal adjustments of five regions (98942), out of all spinal adjustments billed to Medicare.",
        marked("medicare_five_regions"),
        answered("medicare_five_regions"),
        "share",
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period: none."""
    return ()


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the year that ends with the period."""
    return MEASURES


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules: none; what a report counts is no fault."""
    return ()


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark the lines at Medicare that a comparative report would count, and their visits."""
    return populations.with_marks(mark_counted(populations, settings))


# --- what the page shows ------------------------------------------------------------------


class Metric(NamedTuple):
    """One row of a comparative report: what it is called, its measure, and what is divided by what."""

    title: str
    measure: str
    of: str
    by: str = "patient"
    code: str = ""


OF_THERAPY = (
    Metric("Patients with KX on a line", "kx_patients", ""),
    Metric("Minutes per visit, as 15 × timed units", "timed_units", "unit", "visit"),
    Metric("Minutes per visit, as recorded for the codes", "minutes_by_code", "minute", "visit"),
    Metric("Minutes per visit, as recorded for the visit", "minutes_of_visit", "minute", "visit"),
    Metric("Allowed per patient", "allowed_per_patient", "$"),
)

OF_ADJUSTMENTS = (
    Metric("Services per patient", "adjustments", "service"),
    *(Metric(f"Services per patient, {code}", "adjustments", "service", code=code) for code in ADJUSTMENTS),
    Metric("Visits per patient", "adjusted_visits", "visit"),
    Metric("Patients over 24 visits", "frequent_patients", ""),
    Metric("Services of five regions, 98942", "five_regions", "", "service"),
)

SOURCES = {
    "therapy": "Metrics and codes: comparative billing report CBR201702 on physical therapy, with 97161 to "
    "97164, the evaluations since 2017.",
    "adjusted": "Metrics and codes: comparative billing report CBR201614 on spinal adjustments.",
}


TABLES = (
    ("therapy", "Physical therapy", OF_THERAPY),
    ("adjusted", "Chiropractic", OF_ADJUSTMENTS),
)


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section | None:
    """Return the section: folded tables for physical therapy and chiropractic; None without such lines."""
    peers = _peers(settings)
    note = _note(comparison, populations, settings)
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        name: _table(comparison, name, title, metrics, peers, note)
        for name, title, metrics in TABLES
        if comparison.total(f"{ID}/{name}_patients").numerator
    }
    return Section(ID, TITLE, blocks, short="Medicare") if blocks else None


def _peers(settings: Settings) -> dict[str, list[Peer]]:
    """Return the values of peers by their figure; one that can stand nowhere is a SettingsError."""
    known = [_id(metric) for metric in (*OF_THERAPY, *OF_ADJUSTMENTS)]
    peers: dict[str, list[Peer]] = {}
    for peer in settings.peers:
        if peer.figure not in known:
            raise SettingsError(
                f"{settings.practice.peers}: no value can stand beside {peer.figure}"
                f"{nearest(peer.figure, known)}"
            )
        peers.setdefault(peer.figure, []).append(peer)
    return peers


def _id(metric: Metric) -> str:
    return figure_id(f"{ID}/{metric.measure}", {"code": metric.code} if metric.code else None)


def _note(comparison: Comparison, populations: Populations, settings: Settings) -> str:
    """Return what the tables count, over which months, and what they do not say."""
    months = comparison.spans.year.this
    first = comparison.first_month + months.start
    year = Period(first, first + len(months) - 1).title
    short = "" if len(months) == YEAR else f" (the files hold {plural(len(months), 'month')})"
    counted = populations.lines.marks
    rows = (counted["medicare_therapy"] == YES) | (counted["medicare_adjusted"] == YES)
    used = np.unique(populations.lines.groups["payer"][rows])
    payers = ", ".join(populations.labels["payer"][at] for at in used)
    return (
        f"**{year}**{short}, lines billed to {payers}. A comparative billing report counts the services that "
        "Medicare allowed and stands them beside the state and the nation; here are your own, as billed. No "
        "value says whether a service was right. Of fewer than "
        f"{comparison.limits.smallest_base} patients only counts are shown."
    )


def _table(
    comparison: Comparison,
    name: str,
    title: str,
    metrics: Iterable[Metric],
    peers: Mapping[str, list[Peer]],
    note: str,
) -> Table:
    patients = comparison.total(f"{ID}/{name}_patients")
    figures = [(metric, _figure(comparison, metric)) for metric in metrics]
    shown = [(metric, figure) for metric, figure in figures if figure is not None and figure.base]
    with_peers = any(figure.id in peers for _, figure in shown)
    with_before = bool(comparison.spans.year.year_before)
    return Table(
        f"{ID}-{name}",
        f"{title}: {plural(patients.numerator, 'patient')}",
        (
            Head("What is counted", numeric=False, sort=False),
            Head("Yours", sort=False),
            Head("Counts", sort=False),
            *((Head("Year before", sort=False),) if with_before else ()),
            *((Head("As published", numeric=False, sort=False),) if with_peers else ()),
        ),
        tuple(
            Row(
                (
                    Cell(metric.title),
                    *_own_cells(comparison, metric, figure, patients)[: 2 + with_before],
                    *((_peers_cell(peers.get(figure.id, [])),) if with_peers else ()),
                )
            )
            for metric, figure in shown
        ),
        note=note,
        source=SOURCES[name],
        csv=f"{ID}.csv",
        fold=True,
    )


def _figure(comparison: Comparison, metric: Metric) -> Figure | None:
    measure = f"{ID}/{metric.measure}"
    return comparison.by_value(measure, "code").get(metric.code) if metric.code else comparison.total(measure)


def _own_cells(
    comparison: Comparison, metric: Metric, figure: Figure, patients: Figure
) -> tuple[Cell, Cell, Cell]:
    """Return value, counts and the value of the year before; no value of too few patients."""
    least, unit = comparison.limits.smallest_base, comparison.measures[figure.measure].unit
    now, before = Counts(figure.numerator, figure.base), figure.year_before
    many, many_before = patients.numerator, patients.year_before.numerator
    if metric.by == "patient":
        many, many_before = now.base, before.base
    value = _value(metric, unit, now) if many >= least else UNKNOWN
    units_each = f"{mean(*now, unit)} units" if metric.measure == "timed_units" and many >= least else ""
    return (
        Cell(value, explain=figure.id if many >= least else "", sub=units_each),
        Cell(_counts(metric, unit, now), explain="" if many >= least else figure.id),
        Cell(_value(metric, unit, before) if many_before >= least else UNKNOWN),
    )


def _value(metric: Metric, unit: str, counts: Counts) -> str:
    if unit == "share":
        return share(*counts)
    if metric.measure == "timed_units":
        return average(counts.numerator * UNIT_MINUTES, counts.base, 100)
    return f"{'$' if unit == 'cents each' else ''}{mean(*counts, unit)}"


def _counts(metric: Metric, unit: str, counts: Counts) -> str:
    base = plural(counts.base, metric.by)
    if unit == "share":
        return f"{count(counts.numerator)} of {base}"
    if unit == "cents each":
        return f"{money(counts.numerator)} / {base}"
    if unit == "units each":
        return f"{units(counts.numerator)} units / {base}"
    return f"{plural(counts.numerator, metric.of)} / {base}"


def _peers_cell(peers: Iterable[Peer]) -> Cell:
    told = [f"{peer.value} ({peer.of}, {peer.year}; {peer.source})" for peer in peers]
    return Cell("; ".join(told) or UNKNOWN)
