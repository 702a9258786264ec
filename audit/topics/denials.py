"""Denials: what payers refused at first answer and in the end, by whom, and what is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

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
    dollars,
    fold_rows,
    money,
    plural,
    rate,
)
from audit.charts import dots
from audit.codes import code_book, reason_book
from audit.measures import Measure, Total, answered, marked
from audit.populations import NO, OUT, UNSURE, YES, mark_values
from audit.rules import Rule
from audit.showing import (
    cases_cell,
    earlier_cell,
    name_cell,
    number_cell,
    percent_of,
    share_cells,
    share_dot,
    share_heads,
)

if TYPE_CHECKING:
    from datetime import date

    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.populations import Marks, Populations
    from audit.populations import Table as TableName
    from audit.settings import Settings

ID = "denials"
TITLE = "Denials"

BASE = ("denied", "reduced", "patient", "paid", "nothing allowed, no reason")
"""Decisions in the base of the denial rate; only the first is in its numerator."""

NOT_UNDERSTOOD = ("reason unknown", "unknown")
"""Answers that leave open whether the line was denied."""

_OTHER = "Another common definition, on the same lines: "

MEASURES = (
    Measure(
        "denials/first_rate",
        "Initial denial rate",
        "Lines refused in full at the first payer's first answer, out of the lines it decided: denied, "
        "reduced, "
        "left to the patient, paid, or nothing allowed without a reason. Not in it: lines never billed, "
        "not answered "
        "or pending, rejected as unprocessable, exact duplicates, report-only codes, codes the payer "
        "always bundles, "
        "claims withdrawn or sent on.",
        marked("first_denied"),
        answered("first_denied"),
        unit="share",
        pairs=(("code", "payer"),),
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "denials/first_rate_by_charge",
        "Initial denial rate by charges",
        "Dollars refused for denial reasons at the first answer, the refused part of reduced lines "
        "included, out of "
        "the charges of the lines decided.",
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
        "charge "
        "overstates what is at stake two- or threefold.",
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
        "The same by the last answer so far.",
        marked("last_denied"),
        answered("last_denied"),
        unit="share",
        needs_answers=True,
        worse="higher",
    ),
    *(
        Measure(
            f"denials/rate_{name}",
            title,
            _OTHER + text,
            marked(f"rate_{name}"),
            answered(f"rate_{name}"),
            unit="share",
            groups=(),
            needs_answers=True,
        )
        for name, title, text in (
            ("zero_paid", "Zero paid", "nothing paid by the payer, whatever the reason."),
            ("denied_or_reduced", "Denied or reduced", "lines refused in part count as denied."),
            ("with_rejected", "With rejections", "lines rejected as unprocessable count as denied."),
            (
                "without_bundling",
                "Without bundling",
                "lines refused as part of another service do not count.",
            ),
            (
                "without_patient",
                "Without what the patient owes",
                "lines refused at the patient's cost do not count.",
            ),
            (
                "nothing_allowed",
                "With nothing allowed",
                "lines with nothing allowed and no reason count as denied.",
            ),
        )
    ),
    Measure(
        "denials/rate_claims",
        "By claim",
        _OTHER + "claims with at least one line denied at first answer, out of the claims decided.",
        marked("first_denied", of="claims"),
        answered("first_denied", of="claims"),
        unit="share",
        groups=(),
        needs_answers=True,
    ),
)

STANDING: tuple[Measure, ...] = (
    Measure(
        "denials/open",
        "Still open",
        "Lines of the whole history whose last answer denies them and that can still be acted on: a filing "
        "or appeal "
        "limit of the payer not passed, or, where config/payers.toml tells none, denied within the last "
        "120 days.",
        marked("open"),
        needs_answers=True,
    ),
    Measure(
        "denials/open_expected",
        "Expected payment still open",
        "What the lines still open could be expected to be allowed.",
        marked("open", of="expected"),
        unit="cents",
        needs_answers=True,
    ),
)
"""Measures of the history as it stands on the as-of date, whatever the period."""

RULES = (
    Rule(
        "denials/open",
        "Work the {rows} denied and still open",
        "Correct and resend, or appeal, only where the note as it stands supports it.",
        "A denial that nobody reads is lost when the payer's time limit passes.",
        "HFMA initial and final denial rates (2020); time limits in config/payers.toml",
        "open",
        "lines",
        "biller",
        "payer answers",
        standing=True,
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


def mark(populations: Populations, settings: Settings, as_of: date) -> dict[TableName, dict[str, Marks]]:
    """Mark every line by its first and last decision; the names are those that MEASURES read."""
    frame = populations.lines.frame
    first, last, paid = frame["first_decision"], frame["last_decision"], frame["paid"]

    def denied(decisions: pd.Series[str], *also: str) -> Marks:
        return mark_values(decisions, yes=("denied", *also), no=BASE, unsure=NOT_UNDERSTOOD)

    first_denied, last_denied = denied(first), denied(last)
    unpaid = np.where(paid.isna(), UNSURE, np.where(paid.to_numpy(np.int64, na_value=1) == 0, YES, NO))
    open_still = days_left(populations, settings, as_of)["days"].to_numpy() >= 0
    bundling = frame["first_reason"].cat.categories.map(lambda one: reason_book().cause_of(one) == "bundling")
    bundled = np.append(bundling.to_numpy(dtype=bool), False)[frame["first_reason"].cat.codes]
    lines = {
        "first_denied": first_denied,
        "last_denied": last_denied,
        "open": np.where(last_denied == YES, np.where(open_still, YES, NO), OUT).astype(np.int8),
        "rate_zero_paid": np.where(first_denied >= NO, unpaid, first_denied).astype(np.int8),
        "rate_denied_or_reduced": denied(first, "reduced"),
        "rate_with_rejected": denied(first, "rejected"),
        "rate_nothing_allowed": denied(first, "nothing allowed, no reason"),
        "rate_without_bundling": _without(first_denied, bundled),
        "rate_without_patient": _without(first_denied, frame["patient_owes"].to_numpy()),
    }
    return {"lines": lines}


def days_left(populations: Populations, settings: Settings, as_of: date) -> pd.DataFrame:
    """Return for every line the days left to act on a denial, and what ends with them.

    Columns: `days` (whole days from the as-of date to the next limit still ahead, negative when all have
    passed) and `limit` ("file", "appeal" or "look again" where the payer's limits are not known and
    `give_up_days` after the last answer stands in for them). Limits come from config/payers.toml.
    """
    frame = populations.lines.frame
    payers = [settings.payer(label) for label in populations.labels["payer"]]
    today = np.datetime64(as_of, "D").astype(np.int64)
    served = _days(frame["service_date"])
    told = np.where(frame["last_decided_on"].isna(), served, _days(frame["last_decided_on"]))
    of_line = populations.lines.groups["payer"]
    none = np.iinfo(np.int32).min
    file_within = np.array(
        [none if (within := p.filing_days_on(as_of)) is None else within for p in payers], np.int64
    )[of_line]
    appeal_within = np.array(
        [none if (within := p.appeal_days_on(as_of)) is None else within for p in payers], np.int64
    )[of_line]
    file_left = np.where(file_within == none, none, served + file_within - today)
    appeal_left = np.where(appeal_within == none, none, told + appeal_within - today)
    look_left = told + settings.thresholds.give_up_days - today
    unknown = (file_within == none) & (appeal_within == none)
    far = np.iinfo(np.int32).max
    nearest = np.minimum(
        np.where(file_left >= 0, file_left, far), np.where(appeal_left >= 0, appeal_left, far)
    )
    passed = np.maximum(file_left, appeal_left)
    days = np.where(unknown, look_left, np.where(nearest == far, passed, nearest))
    limit = np.where(unknown, "look again", np.where(days == file_left, "file", "appeal"))
    return pd.DataFrame({"days": days, "limit": limit})


def _days(dates: pd.Series[pd.Timestamp]) -> np.ndarray:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _without(denied: Marks, left_out: np.ndarray) -> Marks:
    """Return the mark with the YES of lines left out turned to NO."""
    return np.where((denied == YES) & left_out, NO, denied).astype(np.int8)


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
        "worklist": _worklist(comparison, populations, settings, as_of),
        "definitions": _definitions(comparison),
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
    figures = [one for one in comparison.figures("denials/first_rate", "code") if one.base]
    total = comparison.total("denials/first_rate")
    if not total.numerator:
        return None
    shown = [one for one in figures if one.base >= limits.smallest_base]
    largest = sorted(shown, key=lambda one: (-one.base, one.value))[: limits.most_groups_charted]
    ordered = sorted(largest, key=lambda one: (-one.numerator / one.base, one.value))
    if len(ordered) < 2:
        return None
    unusual = [one.value for one in ordered if one.outcome in ("higher", "lower")]
    title = (
        f"Outside its usual range: {', '.join(unusual)}"
        if unusual
        else "Every code is within its usual range, or too few to tell"
    )
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

    def row(
        name: Cell, figure: Figure, worth: Figure | None, last: Figure | None, *, total: bool = False
    ) -> Row:
        return Row(
            (name, *share_cells(figure, measure, limits), cases_cell(last), number_cell(worth, "cents")),
            total=total,
        )

    rows = [
        row(
            name_cell(one.value, book.name(one.value) if group == "code" else ""),
            one,
            expected.get(one.value),
            final.get(one.value),
        )
        for one in sorted(figures, key=lambda one: (-_worth(expected, one.value), -one.base, one.value))
    ]
    total = row(
        Cell("All"),
        comparison.total("denials/first_rate"),
        comparison.total("reasons/denied_expected"),
        comparison.total("denials/final_rate"),
        total=True,
    )
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


def _worth(expected: dict[str, Figure], value: str) -> int:
    return expected[value].numerator if value in expected else 0


def _pairs(comparison: Comparison) -> Table | None:
    """Return code and payer together, where a rate can be shown and is outside its usual range."""
    measure, limits = comparison.measures["denials/first_rate"], comparison.limits
    unusual = [
        one
        for one in comparison.figures("denials/first_rate", "code,payer")
        if one.outcome in ("higher", "lower")
    ]
    if not unusual:
        return None
    rows = [
        Row((name_cell(one.value), name_cell(one.other), *share_cells(one, measure, limits)[:5]))
        for one in sorted(unusual, key=lambda one: (-one.numerator / one.base, one.value, one.other))
    ]
    return Table(
        "denials-pairs",
        "Codes at single payers outside their usual range",
        (Head("Code", numeric=False), Head("Payer", numeric=False), *share_heads(comparison.period)[:5]),
        fold_rows(rows),
        csv="denials.csv",
    )


def _worklist(
    comparison: Comparison, populations: Populations, settings: Settings, as_of: date
) -> Table | Note:
    """Return the denied lines that can still be acted on, by the days left."""
    marks = populations.lines.marks["open"] == YES
    if not marks.any():
        return Note("No denied line is still open: nothing waits for a time limit.")
    left = days_left(populations, settings, as_of)[marks]
    worth = populations.lines.frame["expected"].to_numpy()[marks]
    soon = settings.thresholds.deadline_soon_days
    classes = (("up to 7 days", -1, 7), (f"8 to {soon} days", 7, soon), (f"over {soon} days", soon, 10**9))
    rows = []
    for title, above, to in classes:
        inside = ((left["days"] > above) & (left["days"] <= to)).to_numpy()
        if inside.any():
            rows.append(
                Row((Cell(title), Cell(count(int(inside.sum()))), Cell(dollars(int(worth[inside].sum())))))
            )
    total = comparison.total("denials/open")
    rows.append(
        Row(
            (Cell("All"), Cell(count(total.numerator), explain=total.id), Cell(dollars(int(worth.sum())))),
            total=True,
        )
    )
    return Table(
        "denials-open",
        "Denied and still open, by days left",
        (
            Head("Days left to file or appeal", numeric=False, sort=False),
            Head("Lines", sort=False),
            Head("Expected, $", sort=False),
        ),
        tuple(rows),
    )


def _definitions(comparison: Comparison) -> Table:
    """Return what other common definitions give on the same lines."""
    names = (
        "first_rate",
        "first_rate_by_charge",
        "first_rate_by_expected",
        "final_rate",
        "rate_claims",
        "rate_zero_paid",
        "rate_denied_or_reduced",
        "rate_with_rejected",
        "rate_without_bundling",
        "rate_without_patient",
        "rate_nothing_allowed",
    )
    rows = []
    for name in names:
        figure, measure = comparison.total(f"denials/{name}"), comparison.measures[f"denials/{name}"]
        if measure.numerator.of in ("rows", "claims"):
            cases = cases_cell(figure)
        else:
            cases = Cell(f"${dollars(figure.numerator)} of ${dollars(figure.base)}")
        rows.append(
            Row(
                (
                    name_cell(
                        measure.title,
                        measure.definition.removeprefix(_OTHER)
                        if name != "first_rate"
                        else "the one used on this page",
                    ),
                    Cell(percent_of(figure), explain=figure.id),
                    cases,
                    earlier_cell(figure.three_before, comparison.limits),
                )
            )
        )
    return Table(
        "denials-definitions",
        "The same lines by other common definitions",
        (
            Head("Definition", numeric=False, sort=False),
            Head("Rate", sort=False),
            Head("Cases", sort=False),
            Head(comparison.period.three_before().short, sort=False),
        ),
        tuple(rows),
        note="So that this page can be squared with the screen of your practice software.",
        fold=True,
    )
