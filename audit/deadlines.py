"""Deadlines: the denials of the whole history that are still open, and the days left to act on each.

These belong to the topic of denials, and their measures and their rule go by its name.
"""

from __future__ import annotations

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

    from audit.comparison import Comparison
    from audit.populations import Marks, Populations
    from audit.settings import Settings

STANDING = (
    Measure(
        "denials/open",
        "Still open",
        "Lines of the whole history whose last answer denies them and that can still be acted on: a filing "
        "or appeal limit of the payer not passed, or, where config/payers.toml tells none, denied within the "
        "last 120 days.",
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

NO_LIMIT = np.iinfo(np.int32).min
"""Stands for the days left to a limit of the payer that is not known."""


def mark_open(populations: Populations, settings: Settings, as_of: date, last_denied: Marks) -> Marks:
    """Mark the lines that the last answer denies by whether they can still be acted on."""
    ahead = days_left(populations, settings, as_of)["days"].to_numpy() >= 0
    return np.where(last_denied == YES, np.where(ahead, YES, NO), OUT).astype(np.int8)


def days_left(populations: Populations, settings: Settings, as_of: date) -> pd.DataFrame:
    """Return for every line the days left to act on a denial, and what ends with them.

    Columns: `days` (whole days from the as-of date to the next limit still ahead, negative when all have
    passed) and `limit` ("file", "appeal" or "look again" where the payer's limits are not known and
    `give_up_days` after the last answer stands in for them). Limits come from config/payers.toml.
    """
    frame, of_line = populations.lines.frame, populations.lines.groups["payer"]
    payers = [settings.payer(label) for label in populations.labels["payer"]]
    today = np.datetime64(as_of, "D").astype(np.int64)
    served = _days(frame["service_date"])
    told = np.where(frame["last_decided_on"].isna(), served, _days(frame["last_decided_on"]))

    def until(limits: Iterable[int | None], since: np.ndarray) -> np.ndarray:
        within = np.array([NO_LIMIT if one is None else one for one in limits], np.int64)[of_line]
        return np.where(within == NO_LIMIT, NO_LIMIT, since + within - today)

    to_file = until((payer.filing_days_on(as_of) for payer in payers), served)
    to_appeal = until((payer.appeal_days_on(as_of) for payer in payers), told)
    next_or_last = np.where(
        (to_file >= 0) & (to_appeal >= 0), np.minimum(to_file, to_appeal), np.maximum(to_file, to_appeal)
    )
    unknown = (to_file == NO_LIMIT) & (to_appeal == NO_LIMIT)
    days = np.where(unknown, told + settings.thresholds.give_up_days - today, next_or_last)
    limit = np.where(unknown, "look again", np.where(days == to_file, "file", "appeal"))
    return pd.DataFrame({"days": days, "limit": limit})


def _days(dates: pd.Series[pd.Timestamp]) -> np.ndarray:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def list_open(
    comparison: Comparison, populations: Populations, settings: Settings, as_of: date
) -> Table | Note:
    """Return how many denied lines can still be acted on, by the days left."""
    marks = populations.lines.marks["open"] == YES
    if not marks.any():
        return Note("No denied line is still open: nothing waits for a time limit.")
    left = days_left(populations, settings, as_of)["days"].to_numpy()[marks]
    worth = populations.lines.frame["expected"].to_numpy()[marks]
    soon = settings.thresholds.deadline_soon_days
    classes = (("up to 7 days", -1, 7), (f"8 to {soon} days", 7, soon), (f"over {soon} days", soon, 10**9))
    rows = []
    for title, above, to in classes:
        inside = (left > above) & (left <= to)
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
