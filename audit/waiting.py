"""Waiting: the days from a service to its claim, to the payer's answer and to the money, and what is usual.

These belong to the topic of answers, and their measures go by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.blocks import Cell, Head, Row, Table, count, fold_rows
from audit.measures import Measure, Total, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.showing import each_cell, name_cell

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from audit.comparison import Comparison
    from audit.populations import Marks, Populations
    from audit.settings import Settings

SPANS = (
    ("submit", "Days to submission", "from the service to the submission of the claim"),
    ("answer", "Days to first answer", "from the submission, else the service, to the payer's first answer"),
    ("money", "Days to first money", "from the service to the first payment of any payer"),
)
"""The spans of time that are measured: name, title and what lies between."""

_HEADS = {"submit": "To claim", "answer": "To answer", "money": "To money"}

MEASURES = tuple(
    Measure(
        f"answers/days_to_{name}",
        title,
        f"Days {between}, on average over the lines of which both dates are told.",
        Total(f"days_to_{name}", f"told_{name}"),
        marked(f"told_{name}"),
        unit="days each",
        groups=("payer",),
        needs_answers=name != "submit",
        worse="higher",
    )
    for name, title, between in SPANS
)


def mark_told(populations: Populations) -> dict[str, Marks]:
    """Mark the lines of which each span is told; unknown where it came to pass and a date is missing."""
    frame = populations.lines.frame
    answered = (populations.lines.frame["answers"] > 0).to_numpy()
    arises = {
        "submit": (frame["first_decision"] != "not billed").to_numpy(),
        "answer": answered,
        "money": answered & (frame["paid"].to_numpy(np.int64, na_value=0) > 0),
    }
    return {
        f"told_{name}": np.where(
            frame[f"days_to_{name}"].isna(), np.where(arises[name], UNSURE, OUT), YES
        ).astype(np.int8)
        for name, *_ in SPANS
    }


def usual_days(populations: Populations, settings: Settings) -> NDArray[np.int64]:
    """Return by payer within how many days its answers usually come, -1 where no answer tells.

    It is the time within which `usual_answer_share` of the payer's answers came, of all payers' answers
    where its own are too few for a rate.
    """
    lines, limits = populations.lines, settings.thresholds
    days = lines.frame["days_to_answer"]
    told = days.notna().to_numpy()
    of_line = lines.groups["payer"][told]
    longest = int(days.max()) + 1 if told.any() else 1
    key = of_line * longest + days.to_numpy(np.int64, na_value=0)[told]
    payers = len(populations.labels["payer"])
    answers = np.bincount(key, minlength=payers * longest).reshape(payers, longest)
    own = answers.sum(axis=1) >= limits.smallest_base
    everybody = int(_within(answers.sum(axis=0)[None, :], limits.usual_answer_share)[0])
    return np.where(own, _within(answers, limits.usual_answer_share), everybody)


def usual_days_to_claim(populations: Populations, settings: Settings) -> int:
    """Return within how many days of the service most claims are sent; 0 where too few dates tell."""
    days = populations.lines.frame["days_to_submit"].dropna().to_numpy(np.int64)
    if len(days) < settings.thresholds.smallest_base:
        return 0
    return int(_within(np.bincount(days)[None, :], settings.thresholds.usual_answer_share)[0])


def _within(answers: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """Return for each row of answers by day the first day by which the share of them had come."""
    come = answers.cumsum(axis=1)
    wanted = np.maximum(np.ceil(come[:, -1:] * share - 1e-9), 1)
    return np.where(come[:, -1] > 0, (come >= wanted).argmax(axis=1), -1)


def mark_overdue(populations: Populations, settings: Settings, as_of: date, waiting: Marks) -> Marks:
    """Mark the lines that wait for an answer beyond their payer's usual time.

    `waiting` marks the lines without an answer YES and the answered ones NO. Unknown are lines of a payer
    none of whose answers is in the files, and lines whose answer would have come before the first or after
    the last answer in the files: what was not handed over is not missing.
    """
    frame, payer = populations.lines.frame, populations.lines.groups["payer"]
    served, sent, answered = (
        frame[name].to_numpy().astype("datetime64[D]")
        for name in ("service_date", "submitted_date", "first_decided_on")
    )
    told, today = ~np.isnat(answered), np.datetime64(as_of, "D")
    if not told.any():
        return np.where(waiting == YES, UNSURE, waiting).astype(np.int8)
    never = np.datetime64("9999-12-31", "D")
    first = np.full(len(populations.labels["payer"]), never)
    np.minimum.at(first, payer[told], answered[told])
    usual = usual_days(populations, settings)[payer].astype("timedelta64[D]")
    due = np.where(np.isnat(sent), served, sent) + usual
    unknown = (due < first[payer]) | (due >= min(_last_answer(populations), today))
    late = np.where(due >= today, NO, np.where(unknown, UNSURE, YES))
    return np.where(waiting == YES, late, waiting).astype(np.int8)


def _last_answer(populations: Populations) -> np.datetime64:
    """Return the day up to which the files hold answers, whether first ones or later; a void is none."""
    frame = populations.lines.frame
    later = frame["last_decided_on"].where(frame["last_decision"] != "excluded: withdrawn")
    return np.datetime64(max(frame["first_decided_on"].max(), later.max()), "D")


def list_days(comparison: Comparison, populations: Populations, settings: Settings) -> Table | None:
    """Return the mean days of each payer, and within how many days it usually answers."""
    told = comparison.by_value("answers/days_to_answer", "payer")
    payers = [value for value, figure in told.items() if figure.base]
    if not payers:
        return None
    figures = {name: comparison.by_value(f"answers/days_to_{name}", "payer") for name, *_ in SPANS}
    usual = dict(zip(populations.labels["payer"], usual_days(populations, settings).tolist(), strict=True))
    shown = [name for name, *_ in SPANS if comparison.total(f"answers/days_to_{name}").base]
    usually = f"{round(settings.thresholds.usual_answer_share * 100, 1):g}"
    rows = [
        Row(
            (
                name_cell(payer),
                Cell(count(told[payer].base), sort=told[payer].base),
                *(each_cell(figures[name].get(payer), 1) for name in shown),
                Cell(count(usual[payer])),
            )
        )
        for payer in sorted(payers, key=lambda one: (-told[one].base, one))
    ]
    totals = {name: comparison.total(f"answers/days_to_{name}") for name in shown}
    answered = Cell(count(totals["answer"].base))
    last = (*(each_cell(totals[name], 1) for name in shown), Cell(""))
    total = Row((Cell("All"), answered, *last), total=True)
    return Table(
        "answers-days",
        "Days to answer and money",
        (
            Head("Payer", numeric=False),
            Head("Lines answered"),
            *(Head(_HEADS[name]) for name in shown),
            Head("Usual time", note=f"days; {usually} % of all answers"),
        ),
        (*fold_rows(rows), total),
        note="Mean days of the period's lines: service to claim, claim to answer, service to first payment.",
        csv="answers.csv",
        fold=True,
    )
