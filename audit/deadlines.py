"""Deadlines: the denials of the whole history that are still open, and the days left to act on each.

These belong to the topic of denials, and their measures and their rule go by its name.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.blocks import Cell, Head, Note, Row, Table, count, dollars
from audit.measures import Measure, marked
from audit.populations import NO, OUT, YES
from audit.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from audit.comparison import Comparison
    from audit.populations import Marks, Populations
    from audit.settings import Settings

STANDING = (
    Measure(
        "denials/open",
        "Still open",
        "Lines of the whole history whose last answer denies them and that can still be acted on: a filing "
        "or appeal limit of the payer not passed, or, where config/payers.toml tells none, an answer no "
        "older than an answer is waited for.",
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
        due="act",
        standing=True,
        sentence="A denial is answered, or written off on purpose, before the payer's limits end.",
        task="answers",
        right="Denied on 3 March, corrected from the note and sent again on 20 March.",
        wrong="Denied on 3 March, never opened, limit passed in July.",
    ),
)

UNKNOWN_LIMIT = "not known"
"""What ends with the days left where the payer's limits are not known."""

_DATES = ("service_date", "last_decided_on")

NO_LIMIT = np.iinfo(np.int32).min
"""Stands for the days left to a limit of the payer that is not known."""


def mark_open(populations: Populations, settings: Settings, as_of: date, last_denied: Marks) -> Marks:
    """Mark the lines that the last answer denies by whether they can still be acted on."""
    denied = np.flatnonzero(last_denied == YES)
    ahead = days_left(populations, settings, as_of, denied)["days"].to_numpy() >= 0
    marks = np.full(len(last_denied), OUT, dtype=np.int8)
    marks[denied] = np.where(ahead, YES, NO)
    return marks


def days_left(
    populations: Populations,
    settings: Settings,
    as_of: date,
    rows: NDArray[np.intp],
    *,
    appeals: bool = True,
) -> pd.DataFrame:
    """Return for some lines the days left to act on a denial, or else to file, and what ends with them.

    Columns: `days` (whole days from the as-of date to the next limit still ahead, negative when all have
    passed) and `limit` ("file", "appeal", or UNKNOWN_LIMIT where the payer's limits are not known and
    `give_up_days` after the last answer stands in for them). Limits come from config/payers.toml.
    """
    frame, of_line = populations.lines.frame, populations.lines.groups["payer"][rows]
    payers = [settings.payer(label) for label in populations.labels["payer"]]
    today = np.datetime64(as_of, "D").astype(np.int64)
    served, decided = (frame[name].to_numpy()[rows].astype("datetime64[D]") for name in _DATES)
    told = np.where(np.isnat(decided), served, decided).astype(np.int64)
    served = served.astype(np.int64)

    def until(limits: Iterable[int | None], since: np.ndarray) -> np.ndarray:
        within = np.array([NO_LIMIT if one is None else one for one in limits], np.int64)[of_line]
        return np.where(within == NO_LIMIT, NO_LIMIT, since + within - today)

    to_file = until((payer.filing_days_on(as_of) for payer in payers), served)
    to_appeal = until((payer.appeal_days_on(as_of) if appeals else None for payer in payers), told)
    next_or_last = np.where(
        (to_file >= 0) & (to_appeal >= 0), np.minimum(to_file, to_appeal), np.maximum(to_file, to_appeal)
    )
    unknown = (to_file == NO_LIMIT) & (to_appeal == NO_LIMIT)
    days = np.where(unknown, told + settings.thresholds.give_up_days - today, next_or_last)
    limit = np.where(unknown, UNKNOWN_LIMIT, np.where(days == to_file, "file", "appeal"))
    return pd.DataFrame({"days": days, "limit": limit})


def tell_due(rule: Rule, populations: Populations, settings: Settings, as_of: date) -> str:
    """Return by when the first of a rule's lines must be filed or acted on; "" where no limit is ahead."""
    if not rule.due:
        return ""
    rows = np.flatnonzero(populations.lines.marks[rule.mark] == YES)
    left = days_left(populations, settings, as_of, rows, appeals=rule.due == "act")
    unknown = left["limit"] == UNKNOWN_LIMIT
    ahead = left["days"][~unknown & (left["days"] >= 0)]
    if len(ahead):
        day = as_of + timedelta(days=int(ahead.min()))
        return f"{'first known limit' if unknown.any() else 'first by'} {day.isoformat()}"
    return "payer's limit not known" if unknown.any() else ""


def list_open(
    comparison: Comparison, populations: Populations, settings: Settings, as_of: date
) -> Table | Note:
    """Return how many denied lines can still be acted on, by the days left."""
    rows = np.flatnonzero(populations.lines.marks["open"] == YES)
    if not len(rows):
        return Note("No denied line is still open: nothing waits for a time limit.")
    left = days_left(populations, settings, as_of, rows)
    days = np.where(left["limit"] == UNKNOWN_LIMIT, NO_LIMIT, left["days"])
    worth = populations.lines.frame["expected"].to_numpy()[rows]
    soon = settings.thresholds.deadline_soon_days
    classes = (
        ("up to 7 days", -1, 7),
        (f"8 to {soon} days", 7, soon),
        (f"over {soon} days", soon, 10**9),
        ("limit not known: ask the payer", NO_LIMIT - 1, NO_LIMIT),
    )
    shown = []
    for title, above, to in classes:
        inside = (days > above) & (days <= to)
        if inside.any():
            shown.append(
                Row((Cell(title), Cell(count(int(inside.sum()))), Cell(dollars(int(worth[inside].sum())))))
            )
    total = comparison.total("denials/open")
    shown.append(
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
        tuple(shown),
        fold=True,
    )
