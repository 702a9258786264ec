"""Denials: what payers refused at first answer and in the end, of which codes, and who refused it.

What is still open is `audit/deadlines.py`, what became of those denied at first `audit/chains.py`; what other
definitions give, `audit/other_rates.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit import chains, deadlines, other_rates, waiting
from audit.blocks import (
    Block,
    Cell,
    Chart,
    Empty,
    Head,
    Note,
    Row,
    Section,
    Table,
    count,
    fold_rows,
    money,
    plural,
    rate,
)
from audit.charts import dots
from audit.codes import code_book
from audit.figures import HIGHER, LOWER
from audit.lateness import SAME_AGE
from audit.measures import Measure, Total, answered, marked
from audit.populations import GROUPS, NO, UNSURE, YES, mark_values
from audit.rules import Rule
from audit.showing import (
    cases_cell,
    name_cell,
    number_cell,
    share_cells,
    share_dot,
    share_heads,
)

if TYPE_CHECKING:
    from datetime import date

    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.populations import Populations
    from audit.settings import Settings

ID = "denials"
TITLE = "Denials"

BASE = ("denied", "reduced", "patient", "paid", "nothing allowed, no reason")
"""Decisions in the base of the denial rate; only the first is in its numerator."""

NOT_UNDERSTOOD = ("reason unknown", "unknown")
"""Answers that leave open whether the line was denied."""

MEASURES = (
    Measure(
        "denials/first_rate",
        "Initial denial rate",
        "Lines refused in full at the first payer's first answer, out of the lines it decided: denied, "
        "reduced, left to the patient, paid, or nothing allowed without a reason. Not in it: lines never "
        "billed, not answered or pending, rejected as unprocessable, exact duplicates, report-only codes, "
        "codes the payer always bundles, claims withdrawn or sent on.",
        marked("first_denied"),
        answered("first_denied"),
        unit="share",
        pairs=(("code", "payer"),),
        needs_answers=True,
        worse="higher",
        judged=("", *GROUPS, "code,payer"),
        tested_mark=SAME_AGE,
        subject="denial rate",
    ),
    Measure(
        "denials/first_rate_by_charge",
        "Initial denial rate by charges",
        "Dollars refused for denial reasons at the first answer, the refused part of reduced lines "
        "included, out of the charges of the lines decided.",
        Total("first_denied", "first_denied", (YES, NO)),
        Total("charge", "first_denied", (YES, NO)),
        unit="share",
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "denials/first_rate_by_expected",
        "Initial denial rate by expected payment",
        "What the denied lines could be expected to be allowed, out of the same for all lines decided. A "
        "charge overstates what is at stake two- or threefold.",
        Total("expected", "first_denied", (YES,)),
        Total("expected", "first_denied", (YES, NO)),
        unit="share",
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "denials/not_recovered_expected",
        "Denied and not recovered",
        "Expected payment of the period's lines whose last answer denies them.",
        marked("last_denied", of="expected"),
        unit="cents",
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "denials/final_rate",
        "Final denial rate",
        "Lines whose last answer so far denies them, of the lines decided by then.",
        marked("last_denied"),
        answered("last_denied"),
        unit="share",
        needs_answers=True,
        worse="higher",
    ),
    *chains.MEASURES,
    *other_rates.MEASURES,
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands on the as-of date."""
    return deadlines.STANDING


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return deadlines.RULES


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark every line by its first and last decision; the names are those that the measures read."""
    frame = populations.lines.frame
    first_denied, last_denied = (
        mark_values(frame[f"{which}_decision"], yes=("denied",), no=BASE, unsure=NOT_UNDERSTOOD)
        for which in ("first", "last")
    )
    if not populations.refusals_told:
        first_denied, last_denied = (
            np.where(marks >= NO, UNSURE, marks).astype(np.int8) for marks in (first_denied, last_denied)
        )
    still_open = deadlines.mark_open(populations, settings, as_of, last_denied)
    lines = {
        "first_denied": first_denied,
        "last_denied": last_denied,
        "open": still_open,
        **chains.mark_chains(first_denied, still_open),
        **other_rates.mark_others(populations, first_denied),
    }
    return populations.with_marks({"lines": lines})


# --- what the page shows ------------------------------------------------------------------


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section:
    """Return the section: rates by code and payer, what is still open, and what other definitions give."""
    if not comparison.total("answers/answered").base:
        return _nothing(
            "No line of this period was billed to a payer.", "Nothing to do: there is no answer to wait for."
        )
    if not any(counts.numerator for counts in comparison.months("answers/answered")):
        return _nothing(
            "The files hold no answer of any payer.",
            "Add the payers' answers (postings, an export with paid amounts and adjustment reasons) to the "
            "same command.",
        )
    if not comparison.measured("denials/first_rate"):
        return _nothing(
            "The files tell what was paid, and of the rest not whether it was refused or is still open.",
            "Add the payers' remittances, or an export with adjustment reasons, to the same command.",
        )
    total = comparison.total("denials/first_rate")
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        "nothing_denied": _nothing_denied(total),
        "rates": _rates(comparison),
        "codes": _rate_table(comparison, "code", "Denials by code", fold=True),
        "payers": _rate_table(comparison, "payer", "Denials by payer"),
        "pairs": _pairs(comparison),
        "others": tuple(
            _rate_table(comparison, group, title, fold=True)
            for group, title in (("clinician", "Denials by clinician"), ("location", "Denials by location"))
            if len(comparison.figures("denials/first_rate", group)) > 1
        ),
        "worklist": deadlines.list_open(comparison, populations, settings, as_of),
        "chains": chains.list_chains(comparison),
        "days": waiting.list_days(comparison, populations, settings),
        "definitions": other_rates.list_rates(comparison),
    }
    return Section(ID, TITLE, blocks, lead=_lead(comparison), short="Denials")


def _nothing(why: str, what_to_do: str) -> Section:
    return Section(
        ID, TITLE, {"not_measured": Empty("Denials are not measured", why, what_to_do)}, short="Denials"
    )


def _lead(comparison: Comparison) -> str:
    first, last = comparison.total("denials/first_rate"), comparison.total("denials/final_rate")
    limits = comparison.limits
    said = rate(first.numerator, first.base, limits.smallest_base)
    worth = comparison.total("reasons/denied_expected")
    text = (
        f"At first answer **{said}** of the lines decided were denied ({count(first.numerator)} of "
        f"{count(first.base)}), expected payment {money(worth.numerator)}; by the last answer so far "
        f"{rate(last.numerator, last.base, limits.smallest_base)}."
    )
    if first.unknown:
        are = "is" if first.unknown == 1 else "are"
        text += f" {plural(first.unknown, 'answer')} could not be understood and {are} in no rate."
    return text


def _nothing_denied(total: Figure) -> Note | None:
    if total.numerator or not total.base:
        return None
    return Note(f"No denials in this period: 0 of {plural(total.base, 'line')} that payers decided.")


def _rates(comparison: Comparison) -> Chart | None:
    """Draw the rate of each code with its interval, the largest codes first."""
    measure, limits = comparison.measures["denials/first_rate"], comparison.limits
    total = comparison.total("denials/first_rate")
    if not total.numerator:
        return None
    figures = comparison.figures("denials/first_rate", "code")
    shown = [one for one in figures if one.base >= limits.smallest_base]
    largest = sorted(shown, key=lambda one: (-one.base, one.value))[: limits.most_groups_charted]
    ordered = sorted(largest, key=lambda one: (-one.numerator / one.base, one.value))
    if len(ordered) < 2:
        return None
    unusual = [one.value for one in ordered if one.outcome in (HIGHER, LOWER)]
    if unusual:
        title = f"Significantly different from its past: {', '.join(unusual)}"
    elif any(one.outcome for one in ordered):
        title = "Every code is within chance of its past, or too few to tell"
    else:
        title = "Denials by code"
    book = code_book()
    rows = [share_dot(one, f"{one.value} {book.name(one.value)}", measure, limits) for one in ordered]
    before = any(row.earlier is not None for row in rows)
    return dots(
        "denials-by-code",
        title,
        rows,
        subtitle="Share of decided lines denied at first answer",
        overall=total.numerator / total.base,
        overall_label="all lines",
        legend=f"Dot: {comparison.period.short}, with its 95 % interval. "
        + (f"Tick: {comparison.period.three_before().short}. " if before else "")
        + "Hollow: few lines.",
    )


def _rate_table(comparison: Comparison, group: str, title: str, *, fold: bool = False) -> Table:
    measure, limits = comparison.measures["denials/first_rate"], comparison.limits
    expected = comparison.by_value("reasons/denied_expected", group)
    final = comparison.by_value("denials/final_rate", group)
    figures = [one for one in comparison.figures("denials/first_rate", group) if one.base or one.unknown]
    book = code_book()

    def cells(figure: Figure, last: Figure | None, worth: Figure | None) -> tuple[Cell, ...]:
        return *share_cells(figure, measure, limits), cases_cell(last), number_cell(worth, "cents")

    def rank(one: Figure) -> tuple[int, int, str]:
        return -expected[one.value].numerator if one.value in expected else 0, -one.base, one.value

    rows = [
        Row(
            (
                name_cell(one.value, book.name(one.value) if group == "code" else ""),
                *cells(one, final.get(one.value), expected.get(one.value)),
            )
        )
        for one in sorted(figures, key=rank)
    ]
    totals = map(comparison.total, ("denials/first_rate", "denials/final_rate", "reasons/denied_expected"))
    total = Row((Cell("All"), *cells(*totals)), total=True)
    return Table(
        f"denials-{group}",
        title,
        (
            Head(group.capitalize(), numeric=False),
            *share_heads(comparison.period),
            Head("Denied in the end"),
            Head("Expected, $"),
        ),
        (*fold_rows(rows), total),
        note=f"No rate under {limits.smallest_base} lines." if group == "code" else "",
        csv="denials.csv",
        fold=fold,
    )


def _pairs(comparison: Comparison) -> Table | None:
    """Return code and payer together, where a rate can be shown and differs from its past."""
    measure, limits = comparison.measures["denials/first_rate"], comparison.limits
    unusual = [
        one
        for one in comparison.figures("denials/first_rate", "code,payer")
        if one.outcome in (HIGHER, LOWER)
    ]
    if not unusual:
        return None
    rows = [
        Row((name_cell(one.value), name_cell(one.other), *share_cells(one, measure, limits)[:5]))
        for one in sorted(unusual, key=lambda one: (-one.numerator / one.base, one.value, one.other))
    ]
    return Table(
        "denials-pairs",
        "Codes at single payers that differ from their past",
        (Head("Code", numeric=False), Head("Payer", numeric=False), *share_heads(comparison.period)[:5]),
        fold_rows(rows),
        csv="denials.csv",
    )
