"""Completeness: visits and notes without a charge, charges without a claim, claims without an answer, and
answers without a charge; each only where the files can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.blocks import Cell, Head, Row, Section, Table, count, dollars, plural
from audit.lines import ABSENT, PRESENT
from audit.measures import Measure, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Rule, apply
from audit.waiting import mark_overdue, usual_days_to_claim

if TYPE_CHECKING:
    from datetime import date

    from audit.comparison import Comparison
    from audit.figures import Finding
    from audit.populations import Marks, Populations
    from audit.settings import Settings

ID = "completeness"
TITLE = "Completeness"

WAITING = ("no answer", "pending")
"""First decisions of lines that wait for an answer."""

MEASURES = (
    Measure(
        "completeness/visits_without_charge",
        "Visits without a charge",
        "Visits that the notes file tells of without a note, such as appointments, on days that the charges "
        "cover and without a line of that visit.",
        marked("visit_without_charge", "unbilled"),
        groups=(),
    ),
    Measure(
        "completeness/notes_without_charge",
        "Notes without a charge",
        "Visits with a note, on days that the charges cover and without a line of that visit.",
        marked("note_without_charge", "unbilled"),
        groups=(),
    ),
)


def _lines_and_money(name: str, title: str, definition: str) -> tuple[Measure, Measure]:
    """Return the measures of the lines that a mark of this name picks, and of what they are worth."""
    return (
        Measure(f"completeness/{name}", title, definition, marked(name), groups=("payer",)),
        Measure(
            f"completeness/{name}_expected",
            f"{title}: money",
            "Expected payment of the same.",
            marked(name, of="expected"),
            unit="cents",
            groups=("payer",),
        ),
    )


STANDING = (
    Measure(
        "completeness/answers_without_charge",
        "Answers without a charge",
        "Answers of payers, in the whole history, to services that none of the charges is, on days that the "
        "charges cover.",
        marked("without_charge", "unmatched"),
        groups=(),
    ),
    Measure(
        "completeness/answers_without_charge_paid",
        "Paid without a charge",
        "What payers paid with answers that have no charge.",
        marked("without_charge", "unmatched", of="paid"),
        unit="cents",
        groups=(),
    ),
    *_lines_and_money(
        "without_claim",
        "Charges without a claim",
        "Lines of the whole history for a payer that were not sent, though their service is longer ago than "
        "most claims take to be sent.",
    ),
    *_lines_and_money(
        "overdue",
        "Unanswered past the usual time",
        "Lines of the whole history that were sent and have no decision, although the time has passed within "
        "which most answers of their payer come.",
    ),
)

_ADVICE = "Check whether it was billed elsewhere or is a visit without charge."

RULES = (
    Rule(
        "completeness/visits_without_charge",
        "Look at {rows} without a charge",
        _ADVICE,
        "A visit that no charge tells of was lost on its way to billing, or is none.",
        "Comparison of the visits with the charges",
        "visit_without_charge",
        "unbilled",
        "biller",
        "visits or appointments that name patients as the charges do",
        money="",
        sentence="Every visit has a charge, or a reason to have none.",
        task="claims",
        right="A visit of 5 October with its charge of that day.",
        wrong="A visit of 5 October that no charge tells of.",
    ),
    Rule(
        "completeness/notes_without_charge",
        "Look at {rows} with a note and without a charge",
        _ADVICE,
        "A treatment that was written down and not charged was lost on its way to billing, or was free.",
        "Comparison of the visit notes with the charges",
        "note_without_charge",
        "unbilled",
        "biller",
        "visit notes that name patients as the charges do",
        money="",
        sentence="Every treatment that was written down has a charge, or a reason to have none.",
        task="claims",
        right="A note of 5 October and its charge.",
        wrong="A note of 5 October and no charge.",
    ),
    Rule(
        "completeness/without_claim",
        "Look at {rows} charged and not sent to the payer",
        "Check whether the claim was held back on purpose, and until when it may be filed.",
        "A charge without a claim is never answered, and the filing limit goes on running.",
        "Comparison of the charges with the claims; time limits in config/payers.toml",
        "without_claim",
        "lines",
        "biller",
        "claims as they were sent (837P)",
        due="file",
        standing=True,
        sentence="Every charge to a payer is sent while it may be filed.",
        task="claims",
        right="Treated on 5 October, sent on 7 October.",
        wrong="Treated on 5 October, never sent.",
    ),
    Rule(
        "completeness/overdue",
        "Ask about {rows} unanswered past their payer's usual time",
        "Check whether the claim arrived, or only the answer is missing here.",
        "A claim that did not arrive is not pending: its filing limit goes on running.",
        "Each payer's own days to answer; time limits in config/payers.toml",
        "overdue",
        "lines",
        "biller",
        "dated answers of the same payer, up to the as-of date",
        due="file",
        standing=True,
        sentence="A claim is answered within the payer's usual time, or asked about.",
        task="answers",
        right="Sent on 7 October, answered on 25 October.",
        wrong="Sent on 7 October to a payer that answers within 30 days, unanswered on 20 December.",
    ),
    Rule(
        "completeness/answers_without_charge",
        "Look at {rows} without a charge",
        "Check whether the charge is missing in the export or the answer belongs to another practice.",
        "Money without a charge is posted nowhere, or to the wrong account.",
        "Comparison of the answers with the charges",
        "without_charge",
        "unmatched",
        "biller",
        "answers that tell the date of service",
        standing=True,
        money="paid",
        sentence="Every answer of a payer belongs to a charge.",
        task="answers",
        right="A payment of 25 October for a charge of 5 October.",
        wrong="A payment for a service that no charge tells of.",
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands on the as-of date."""
    return STANDING


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return RULES


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark what lacks its counterpart: visits, notes, charges, claims and answers."""
    frame = populations.lines.frame
    first, sent = frame["first_decision"], frame["has_claim"].to_numpy()
    billed = (first != "not billed").to_numpy()
    waits = first.isin(WAITING).to_numpy()
    waiting = np.select([~billed | (sent == ABSENT), waits], [OUT, YES], NO).astype(np.int8)
    if populations.refusals_told:
        overdue = mark_overdue(populations, settings, as_of, waiting)
    else:
        overdue = np.where(waiting == YES, UNSURE, waiting).astype(np.int8)
    return populations.with_marks(
        {
            "lines": {"without_claim": _without_claim(populations, settings, as_of), "overdue": overdue},
            "unbilled": _without_charge(populations, settings),
            "unmatched": {"without_charge": _without_line(populations, settings)},
        }
    )


def _without_claim(populations: Populations, settings: Settings, as_of: date) -> Marks:
    """Mark the lines that were not sent; such as may still be on their way are none."""
    frame = populations.lines.frame
    billed = (frame["first_decision"] != "not billed").to_numpy()
    age = np.datetime64(as_of, "D") - frame["service_date"].to_numpy().astype("datetime64[D]")
    young = age.astype(np.int64) <= usual_days_to_claim(populations, settings)
    told = np.where(frame["answers"] > 0, PRESENT, frame["has_claim"])  # what was answered was sent
    unsent = np.array([UNSURE, NO, YES], dtype=np.int8)[told]
    return np.where(billed, np.where((unsent == YES) & young, NO, unsent), OUT).astype(np.int8)


def _without_charge(populations: Populations, settings: Settings) -> dict[str, Marks]:
    """Mark the visits without a line, those with a note apart.

    Unknown where notes and charges share too few patients: then they name patients differently. Unknown too
    where the patient was charged that day and the charges do not know the clinician of the note.
    """
    visits, lines = populations.unbilled.frame, populations.lines.frame
    known = visits["patient_key"].isin(lines["patient_key"]).to_numpy()
    billed = populations.visits.frame
    noted = billed["patient_key"][(billed["source_file"] != "").to_numpy()].nunique()
    apart = visits["patient_key"][~known].nunique()
    strangers = noted < settings.thresholds.shared_patients * (noted + apart)
    day = ["patient_key", "service_date"]
    charged = pd.MultiIndex.from_frame(visits[day]).isin(pd.MultiIndex.from_frame(billed[day]))
    unnamed = ~visits["clinician"].isin(populations.labels["clinician"]).to_numpy()
    bare = np.where(strangers | (charged & unnamed), UNSURE, YES)
    with_note = (visits["note"] == PRESENT).to_numpy()
    return {
        "note_without_charge": np.where(with_note, bare, OUT).astype(np.int8),
        "visit_without_charge": np.where(with_note, OUT, bare).astype(np.int8),
    }


def _without_line(populations: Populations, settings: Settings) -> Marks:
    """Mark the answers without a charge.

    One that tells no date of service may be of a service before the first charge, unless it came so long
    after it that nobody would still have waited.
    """
    answers, days = populations.unmatched.frame, populations.lines.frame["service_date"]
    known = answers["service_date"].notna().to_numpy()
    surely_since = days.min() + pd.Timedelta(days=settings.thresholds.give_up_days)
    return np.where(known | (answers["posted_on"] > surely_since), YES, UNSURE).astype(np.int8)


# --- what the page shows ------------------------------------------------------------------

NAMES = {
    "completeness/visits_without_charge": ("visit", "without a charge"),
    "completeness/notes_without_charge": ("note", "without a charge"),
    "completeness/without_claim": ("charge", "without a claim"),
    "completeness/overdue": ("line", "unanswered past the usual time"),
    "completeness/answers_without_charge": ("answer", "without a charge"),
}
"""What each rule looks for: the thing, and what it lacks."""


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section | None:
    """Return the section: what was looked for and found; None where the files could tell of nothing."""
    found = {rule: apply(rule, populations, comparison.spans.this) for rule in RULES}
    if not any(one.checked for one in found.values()):
        return None
    return Section(ID, TITLE, {"checks": _checks(found)}, lead=_lead(found), short=TITLE)


def _lead(found: dict[Rule, Finding]) -> str:
    """Name what was found; what could not be looked for is not said to be complete."""
    missing = [
        f"**{plural(one.rows, NAMES[rule.id][0])}** {NAMES[rule.id][1]}"
        for rule, one in found.items()
        if one.rows
    ]
    if missing:
        return f"{', '.join(missing)}."
    return "Nothing is missing, as far as the files can tell."


def _checks(found: dict[Rule, Finding]) -> Table:
    rows = []
    for rule, one in found.items():
        told, (thing, lacking) = one.checked > 0, NAMES[rule.id]
        rows.append(
            Row(
                (
                    Cell(f"{thing.capitalize()}s {lacking}", sub="all months" if rule.standing else ""),
                    Cell(count(one.rows), sort=one.rows, explain=rule.id) if told else Cell("not checked"),
                    Cell(dollars(one.cents)) if told and rule.money else Cell("—"),
                    Cell(count(one.checked)),
                    Cell(count(one.unknown)),
                    Cell(rule.who),
                    Cell("" if told and not one.unknown else rule.needs),
                )
            )
        )
    return Table(
        "completeness-checks",
        "What was looked for",
        (
            Head("", numeric=False, sort=False),
            Head("Found", sort=False),
            Head("$", note="expected, or paid", sort=False),
            Head("Checked", sort=False),
            Head("Not told", sort=False),
            Head("Who", numeric=False, sort=False),
            Head("Needs", numeric=False, sort=False),
        ),
        tuple(rows),
        note="Days outside the dates of the charges are not looked at.",
        csv="completeness.csv",
        fold=True,
    )
