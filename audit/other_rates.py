"""The denial rate by other common definitions, on the same lines.

So that the page can be squared with the screen of a practice software. These belong to the topic of
denials, and their measures go by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.blocks import Cell, Head, Row, Table, dollars
from audit.codes import reason_book
from audit.measures import Measure, answered, marked
from audit.populations import NO, UNSURE, YES
from audit.showing import cases_cell, earlier_cell, name_cell, percent_of

if TYPE_CHECKING:
    from audit.comparison import Comparison
    from audit.populations import Marks, Populations

_OTHER = "Another common definition, on the same lines: "

MEASURES = (
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

LISTED = (
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
"""The definitions in reading order; the first is the one used on the page."""


def mark_others(populations: Populations, first_denied: Marks) -> dict[str, Marks]:
    """Mark the lines by each other definition, starting from the page's own."""
    frame = populations.lines.frame
    first, paid = frame["first_decision"], frame["paid"]

    def also(decision: str) -> Marks:
        told = (first == decision) & (first_denied != UNSURE)
        return np.where(told, YES, first_denied).astype(np.int8)

    def without(left_out: np.ndarray) -> Marks:
        return np.where((first_denied == YES) & left_out, NO, first_denied).astype(np.int8)

    unpaid = np.where(paid.isna(), UNSURE, np.where(paid.to_numpy(np.int64, na_value=1) == 0, YES, NO))
    bundling = frame["first_reason"].cat.categories.map(lambda one: reason_book().cause_of(one) == "bundling")
    bundled = np.append(bundling.to_numpy(dtype=bool), False)[frame["first_reason"].cat.codes]
    return {
        "rate_zero_paid": np.where(first_denied >= NO, unpaid, first_denied).astype(np.int8),
        "rate_denied_or_reduced": also("reduced"),
        "rate_with_rejected": also("rejected"),
        "rate_nothing_allowed": also("nothing allowed, no reason"),
        "rate_without_bundling": without(bundled),
        "rate_without_patient": without(frame["patient_owes"].to_numpy()),
    }


def list_rates(comparison: Comparison) -> Table:
    """Return what each definition gives."""
    rows = []
    for name in LISTED:
        figure, measure = comparison.total(f"denials/{name}"), comparison.measures[f"denials/{name}"]
        if measure.numerator.of in ("rows", "claims"):
            cases = cases_cell(figure)
        else:
            cases = Cell(f"${dollars(figure.numerator)} of ${dollars(figure.base)}")
        words = measure.definition.removeprefix(_OTHER)
        rows.append(
            Row(
                (
                    name_cell(measure.title, words if name != LISTED[0] else "the one used on this page"),
                    Cell(percent_of(figure), explain=figure.id),
                    cases,
                    earlier_cell(figure.three_before, comparison.limits),
                )
            )
        )
    return Table(
        "denials-definitions",
        "By other common definitions",
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
