"""Answers: what became of the lines billed to payers, and of those denied at first.

How long the answers took is `audit/waiting.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit import waiting
from audit.answer_times import list_times
from audit.blocks import Cell, Head, Row, Section, Table, count, plural, share
from audit.lines import DECISIONS
from audit.measures import Measure, Total, answered, marked
from audit.populations import NO, OUT, YES, mark_values
from audit.rules import Rule
from audit.showing import name_cell, number_cell

if TYPE_CHECKING:
    from datetime import date

    from audit.comparison import Comparison
    from audit.populations import Populations
    from audit.settings import Settings

ID = "answers"
TITLE = "What became of the lines"

WAITING = ("pending", "no answer")
BILLED = tuple(decision for decision in DECISIONS if decision != "not billed")
EXCLUDED = tuple(decision for decision in DECISIONS if decision.startswith("excluded"))

MEASURES = (
    Measure(
        "answers/recovered",
        "Denied, then recovered",
        "Lines denied at first answer whose last answer pays, allows or leaves them to the patient, out of "
        "the lines "
        "denied at first answer.",
        marked("recovered"),
        answered("recovered"),
        unit="share",
        needs_answers=True,
        worse="lower",
    ),
    Measure(
        "answers/answered",
        "Answered",
        "Lines billed to a payer that have an answer, out of the lines billed to a payer.",
        marked("answered"),
        answered("answered"),
        unit="share",
    ),
    Measure(
        "answers/rejected",
        "Rejected as unprocessable",
        "Lines rejected with remark MA130: no decision, no appeal; to be corrected and sent as new.",
        marked("rejected"),
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "answers/rejected_charge",
        "Charges rejected",
        "Charges of the lines rejected as unprocessable.",
        marked("rejected", of="charge"),
        unit="cents",
        needs_answers=True,
    ),
    Measure(
        "answers/pending",
        "Not answered yet",
        "Lines billed to a payer without an answer, or with one that only says it is pending.",
        marked("pending"),
    ),
    Measure(
        "answers/pending_charge",
        "Charges not answered yet",
        "Charges of the lines without an answer.",
        marked("pending", of="charge"),
        unit="cents",
    ),
    Measure(
        "answers/not_billed",
        "Not billed to a payer",
        "Lines that only the patient pays.",
        marked("not_billed"),
    ),
    Measure(
        "answers/not_billed_charge",
        "Charges not billed to a payer",
        "Charges of the lines that only the patient pays.",
        marked("not_billed", of="charge"),
        unit="cents",
    ),
    Measure(
        "answers/excluded",
        "Outside the rate",
        "Lines answered but in no denial rate: exact duplicates, report-only codes, codes the payer always "
        "bundles, "
        "claims withdrawn, prepaid or sent on, denials that were asked for.",
        marked("excluded"),
        split="first_decision",
        needs_answers=True,
    ),
    Measure(
        "answers/reason_unknown",
        "Answers not understood",
        "Lines whose first answer gives only reasons that are not in the reason list, or whose first "
        "payer's answer is "
        "not in the files; outside the base.",
        marked("not_understood"),
        needs_answers=True,
    ),
    Measure(
        "answers/sent_again",
        "Sent more than once",
        "Lines billed to a payer that were sent to it again, corrected, replaced or repeated, after a first "
        "time.",
        marked("sent_again"),
        needs_answers=True,
    ),
    Measure(
        "answers/per_line",
        "Answers per line",
        "Answers on different dates, by any payer, divided by the lines answered.",
        Total("answers", "answered"),
        marked("answered"),
        unit="answers each",
        needs_answers=True,
    ),
    Measure(
        "answers/taken_back_lines",
        "Taken back",
        "Lines whose payment a payer took back, in whole or in part, and has not paid again.",
        marked("money_back"),
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "answers/taken_back_cents",
        "Dollars taken back",
        "What payers took back on these lines and have not paid again.",
        marked("money_back", of="taken_back"),
        unit="cents",
        needs_answers=True,
        worse="higher",
    ),
    *waiting.MEASURES,
)

RULES = (
    Rule(
        "answers/rejected",
        "Read what the payer missed in {rows} rejected as unprocessable",
        "Such a claim counts as not filed. Correct and send again only what the note as it stands supports.",
        "A rejected claim was never decided: the filing limit goes on running.",
        "RARC MA130 of the X12 remark codes",
        "rejected",
        "lines",
        "biller",
        "remark codes",
        sentence="A claim can be processed as it was sent.",
        task="answers",
        right="A claim that the payer decided.",
        wrong="A claim returned with MA130: as if it had never been filed.",
    ),
    Rule(
        "answers/nothing_allowed",
        "Check {rows} with nothing allowed and no reason given",
        "Check the payer's fee schedule for the code; ask the payer where the rate is missing.",
        "A contractual adjustment that takes the whole charge often means that a rate was never loaded.",
        "Design of the decision table, row 18",
        "nothing_allowed",
        "lines",
        "biller",
        "adjustment reasons",
        sentence="A payer that allows nothing says why.",
        task="answers",
        right="CO-45 takes $20 of $60.",
        wrong="CO-45 takes all of $60, and nothing else is said.",
    ),
    Rule(
        "answers/taken_back",
        "Look at {rows} that the payer took back",
        "Read the payer's letter: it says why, and by when you can answer.",
        "A reversal without a correction is a repayment.",
        "Claim status 22 of the X12 835",
        "taken_back",
        "lines",
        "owner",
        "reversals",
        standing=True,
        money="taken_back",
        sentence="A payment stays, or its reversal is understood.",
        task="answers",
        right="Paid on 25 October.",
        wrong="Paid on 25 October, reversed on 8 January, no correction since.",
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


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark every line by what its payer's first and last decision amount to."""
    frame = populations.lines.frame
    first, last = frame["first_decision"], frame["last_decision"]
    billed = (first != "not billed").to_numpy()
    back = frame["taken_back"].to_numpy(np.int64, na_value=0) > 0
    whole = mark_values(last, yes=("taken back",), no=BILLED)
    paid_since = mark_values(last, yes=("paid", "patient", "reduced"), no=DECISIONS)
    lines = {
        "recovered": np.where((first == "denied").to_numpy(), paid_since, OUT).astype(np.int8),
        "answered": mark_values(first, yes=[one for one in BILLED if one not in WAITING], no=WAITING),
        "rejected": mark_values(first, yes=("rejected",), no=BILLED),
        "pending": mark_values(first, yes=WAITING, no=BILLED),
        "not_billed": mark_values(first, yes=("not billed",), no=BILLED),
        "excluded": mark_values(first, yes=EXCLUDED, no=BILLED),
        "not_understood": mark_values(first, yes=("reason unknown", "unknown"), no=BILLED),
        "nothing_allowed": mark_values(first, yes=("nothing allowed, no reason",), no=BILLED),
        "taken_back": whole,
        "money_back": np.where(back & billed, YES, whole).astype(np.int8),
        "sent_again": np.where(billed, np.where(frame["sent"] > 1, YES, NO), OUT).astype(np.int8),
        **waiting.mark_told(populations),
    }
    return populations.with_marks({"lines": lines})


# --- what the page shows ------------------------------------------------------------------


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section | None:
    """Return the section: what became of the lines; None where nothing was ever answered."""
    if not any(counts.numerator for counts in comparison.months("answers/answered")):
        return None
    blocks = {"flow": _flow(comparison), "when": list_times(populations, settings, as_of)}
    return Section(ID, TITLE, blocks, lead=_lead(comparison), short="Answers")


def _lead(comparison: Comparison) -> str:
    told, back = comparison.total("answers/answered"), comparison.total("answers/recovered")
    said = share(told.numerator, told.base)
    text = f"Payers have answered **{said}** of {plural(told.base, 'line')} billed to them."
    if back.base:
        text += (
            f" Of {plural(back.base, 'line')} denied at first, {count(back.numerator)} "
            f"{'has' if back.numerator == 1 else 'have'} been recovered."
        )
    return text


def _flow(comparison: Comparison) -> Table:
    """Return what became of the period's lines."""

    def line(title: str, measure: str, cents: str = "", sub: str = "") -> Row:
        figure = comparison.total(measure)
        earlier = figure.three_before.numerator
        return Row(
            (
                name_cell(title, sub),
                number_cell(figure),
                number_cell(comparison.total(cents), "cents") if cents else Cell(""),
                Cell(count(earlier), sort=earlier) if comparison.spans.three_before else Cell("—"),
            )
        )

    return Table(
        "answers-flow",
        "Every kind of answer",
        (
            Head("", numeric=False),
            Head("Lines"),
            Head("Dollars"),
            Head(f"Lines, {comparison.period.three_before().short}"),
        ),
        (
            line("Denied at first answer", "reasons/denied", "reasons/denied_expected", "expected payment"),
            line("of these, recovered since", "answers/recovered"),
            line(
                "Rejected as unprocessable",
                "answers/rejected",
                "answers/rejected_charge",
                "charges; in no rate",
            ),
            line("Sent more than once", "answers/sent_again"),
            line("Taken back", "answers/taken_back_lines", "answers/taken_back_cents"),
            line("Not answered yet", "answers/pending", "answers/pending_charge", "charges"),
            line("Answered, but in no rate", "answers/excluded", "", _outside(comparison)),
            line("Answer not understood", "answers/reason_unknown"),
            line("Not billed to a payer", "answers/not_billed", "answers/not_billed_charge", "charges"),
        ),
        csv="answers.csv",
        fold=True,
    )


def _outside(comparison: Comparison) -> str:
    return ", ".join(
        f"{one.part.removeprefix('excluded: ')} {count(one.numerator)}"
        for one in comparison.parts("answers/excluded")
    )
