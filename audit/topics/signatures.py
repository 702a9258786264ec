"""Signatures: notes not signed yet, by their age, and what was billed before its note was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.blocks import Cell, Head, Row, Section, Table, count, fold_rows, plural
from audit.lines import ABSENT, PRESENT
from audit.measures import Measure, answered, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Rule
from audit.showing import name_cell, number_cell

if TYPE_CHECKING:
    from datetime import date

    from audit.comparison import Comparison
    from audit.populations import Marks, Populations
    from audit.settings import Settings

ID = "signatures"
TITLE = "Signatures"

MEASURES = (
    Measure(
        "signatures/before_signed",
        "Billed before signed",
        "Lines whose claim was sent before the day the note was signed, or whose note is still unsigned, "
        "out of the "
        "lines billed for which the export tells both.",
        marked("before_signed"),
        answered("before_signed"),
        unit="share",
        worse="higher",
        judged=("", "clinician"),
        subject="share of lines billed before the note was signed",
    ),
    Measure(
        "signatures/before_signed_expected",
        "Expected payment billed before signed",
        "What those lines could be expected to be allowed.",
        marked("before_signed", of="expected"),
        unit="cents",
        worse="higher",
    ),
)

RULES = (
    Rule(
        "signatures/unsigned_late",
        "Ask about {rows} whose note is still unsigned long after the visit",
        "A late entry carries today's date and says that it is late.",
        "A service without a signed note counts as not documented.",
        "Medicare Program Integrity Manual, chapter 3, signature requirements",
        "unsigned_late",
        "visits",
        "clinician",
        "the note's signature or its date",
        standing=True,
        sentence="A note is signed within days of the visit.",
        task="notes",
        right="Treated on 5 October, signed on 6 October.",
        wrong="Treated on 5 October, unsigned on 20 December.",
    ),
    Rule(
        "signatures/before_signed",
        "Look at {rows} billed before the note was signed",
        "Check how claims leave the practice before the note is signed; correct a claim only from the note "
        "as it stood.",
        "What is billed must be documented when it is billed.",
        "Medicare Program Integrity Manual, chapter 3, signature requirements",
        "before_signed",
        "lines",
        "owner",
        "signature dates and submission dates",
        sentence="A service is billed once its note is signed.",
        task="notes",
        right="Signed on 6 October, sent on 7 October.",
        wrong="Sent on 7 October, signed on 16 October.",
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: unsigned notes by their age on the as-of date."""
    return tuple(
        Measure(
            f"signatures/{name}",
            title,
            f"Visits of the whole history whose note is not signed on the as-of date, {title.lower()} "
            f"after the visit.",
            marked(name, "visits"),
            groups=("clinician",),
        )
        for name, title, _, _ in ages(settings)
    )


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return RULES


def ages(settings: Settings) -> tuple[tuple[str, str, int, int], ...]:
    """Return the age classes of unsigned notes: name, title, first and last day (the last class is open)."""
    starts = (0, *(days + 1 for days in settings.thresholds.aging_days))
    ends = (*settings.thresholds.aging_days, 1_000_000)
    return tuple(
        (
            f"unsigned_{first}_days",
            f"{first} to {last} days" if last < 1_000_000 else f"Over {first - 1} days",
            first,
            last,
        )
        for first, last in zip(starts, ends, strict=True)
    )


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark visits by the age of their unsigned note, and lines billed before their note was signed."""
    return populations.with_marks(
        {
            "lines": {"before_signed": _before_signed(populations)},
            "visits": _unsigned(populations, settings, as_of),
        }
    )


def _before_signed(populations: Populations) -> Marks:
    """Mark billed lines sent before their note was signed; an unsigned note was signed by no day yet."""
    frame, visits = populations.lines.frame, populations.visits.frame
    visit = populations.visit_of_service[populations.service_of_line]
    signed_on = visits["signed_on"].to_numpy()[visit]
    signed = visits["signed"].to_numpy()[visit]
    sent = frame["submitted_date"].to_numpy()
    told = ~np.isnat(sent) & ((signed == ABSENT) | ((signed == PRESENT) & ~np.isnat(signed_on)))
    early = (signed == ABSENT) | (sent < signed_on)
    billed = (frame["first_decision"] != "not billed").to_numpy()
    return np.where(billed, np.where(told, np.where(early, YES, NO), UNSURE), OUT).astype(np.int8)


def _unsigned(populations: Populations, settings: Settings, as_of: date) -> dict[str, Marks]:
    """Mark visits whose note is unsigned, by age in days on the as-of date."""
    visits = populations.visits.frame
    lacking = np.array([UNSURE, NO, YES], dtype=np.int8)[visits["signed"].to_numpy()]
    age = (np.datetime64(as_of, "D") - visits["service_date"].to_numpy().astype("datetime64[D]")).astype(
        np.int64
    )
    by_age = {
        name: np.where((lacking == YES) & ((age < first) | (age > last)), NO, lacking).astype(np.int8)
        for name, _, first, last in ages(settings)
    }
    late = settings.thresholds.late_note_days
    return by_age | {"unsigned_late": np.where((lacking == YES) & (age <= late), NO, lacking).astype(np.int8)}


# --- what the page shows ------------------------------------------------------------------


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section | None:
    """Return the section; None where the export tells of no signature."""
    if not (populations.visits.marks["unsigned_late"] >= NO).any():
        return None
    blocks = {"unsigned": _unsigned_table(comparison, settings)}
    return Section(ID, TITLE, blocks, lead=_lead(comparison, settings), short="Signatures")


def _lead(comparison: Comparison, settings: Settings) -> str:
    figures = [
        (title.lower(), comparison.total(f"signatures/{name}")) for name, title, _, _ in ages(settings)
    ]
    unsigned = sum(figure.numerator for _, figure in figures)
    if not unsigned:
        return "Every note that the export tells of is signed."
    title, oldest = figures[-1]
    are = "is" if unsigned == 1 else "are"
    of_them = f"{count(oldest.numerator)} of them {title} after the visit"
    return f"**{plural(unsigned, 'note')}** of all months {are} not signed, {of_them}."


def _unsigned_table(comparison: Comparison, settings: Settings) -> Table | None:
    """Return unsigned notes of the whole history by their age, and by clinician."""
    classes = ages(settings)
    totals = [comparison.total(f"signatures/{name}") for name, *_ in classes]
    if not any(total.numerator for total in totals):
        return None
    by_clinician = [comparison.by_value(f"signatures/{name}", "clinician") for name, *_ in classes]
    clinicians = sorted(
        {value for figures in by_clinician for value, one in figures.items() if one.numerator}
    )
    rows = [
        Row((name_cell(clinician), *(number_cell(figures.get(clinician)) for figures in by_clinician)))
        for clinician in clinicians
    ]
    return Table(
        "signatures-unsigned",
        "Unsigned notes by age",
        (Head("Clinician", numeric=False), *(Head(title) for _, title, _, _ in classes)),
        (*fold_rows(rows), Row((Cell("All"), *(number_cell(total) for total in totals)), total=True)),
        note="Visits of the whole history on the as-of date. A late signature carries its own date.",
        fold=True,
    )
