"""Answer times: how long each payer takes to answer, by the practice's own lines of the last year.

A line still waiting is not left out, which would make slow payers look fast: it is known to have waited until
the as-of date, and counts as such (E. L. Kaplan and P. Meier, Journal of the American Statistical Association
53 (1958) 457-481). The subject belongs to the topic of answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.blocks import UNKNOWN, Cell, Head, Note, Row, Table, count, fold_rows, percent, plural
from audit.lines import ABSENT
from audit.populations import NO, YES
from audit.showing import name_cell

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from audit.populations import Populations
    from audit.settings import Settings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

LONGEST = 365
"""Days after which a line is no longer followed; also how old a line may be to tell of today's pace."""

SHARES_BY = (14, 30, 60)
"""Days by which the share answered is shown."""


class Waits(NamedTuple):
    """Lines billed to a payer and sent within the last year; aligned arrays.

    `days` from being sent (from the service, where the export does not tell) to the first answer, or to the
    as-of date where `answered` is false. `undated` counts answers without a date, which are in none of them.
    """

    payer: Ints
    days: Ints
    answered: Mask
    undated: int


def read_waits(populations: Populations, as_of: date) -> Waits:
    """Return how long the lines of the last year waited, or have been waiting, for their first answer.

    A charge that was not sent waits for nobody, and would make its payer look slow.
    """
    lines, frame = populations.lines, populations.lines.frame
    until = np.datetime64(as_of, "D")
    service, sent, told = (
        frame[name].to_numpy().astype("datetime64[D]")
        for name in ("service_date", "submitted_date", "first_decided_on")
    )
    answered = lines.marks["answered"] == YES
    end = np.where(answered, told, until)
    # A date of sending behind the answer is that of a later claim for the same line.
    start = np.where(sent <= end, sent, service)
    unsent = ~answered & (frame["has_claim"].to_numpy() == ABSENT)
    # Who sends a claim on to another payer has not answered it.
    sent_on = (frame["first_decision"] == "excluded: sent on").to_numpy()
    recent = start >= until - np.timedelta64(LONGEST, "D")
    chosen = (lines.marks["answered"] >= NO) & recent & ~unsent & ~sent_on
    undated = chosen & np.isnat(end)
    rows = np.flatnonzero(chosen & ~undated)
    days = np.maximum((end[rows] - start[rows]).astype(np.int64), 0)
    return Waits(lines.groups["payer"][rows], days, answered[rows], int(undated.sum()))


def follow(group: Ints, days: Ints, answered: Mask, groups: int) -> Floats:
    """Return the share of lines still unanswered after each day: a row a group, a column a day from 0 on.

    NaN from the day on which no line of the group was followed any more.
    """
    width = LONGEST + 1
    at = group * width + np.minimum(days, LONGEST)
    ended, came = (
        np.bincount(at[chosen], minlength=groups * width).reshape(groups, width)
        for chosen in (slice(None), answered & (days <= LONGEST))
    )
    followed = np.cumsum(ended[:, ::-1], axis=1)[:, ::-1]
    left: Floats = np.cumprod(1 - came / np.maximum(followed, 1), axis=1, dtype=np.float64)
    left[(followed == 0) & (left > 0)] = np.nan
    return left


def find_day(left: Floats, answered: float) -> int | None:
    """Return the first day by which that share of lines is answered; None where it was not reached."""
    reached = np.flatnonzero(left <= 1 - answered + 1e-12)
    return int(reached[0]) if len(reached) else None


def list_times(populations: Populations, settings: Settings, as_of: date) -> Table | Note | None:
    """Return when answers come, by payer and in all; a note where answers have no date, None without any."""
    waits, least = read_waits(populations, as_of), settings.thresholds.smallest_base
    if not waits.answered.any():
        return Note(f"When answers come cannot be told.{_undated(waits.undated)}") if waits.undated else None
    names = populations.labels["payer"]
    asked = np.bincount(waits.payer, minlength=len(names))
    answers = np.bincount(waits.payer[waits.answered], minlength=len(names))
    few = (asked > 0) & (answers < least)
    by_payer = follow(waits.payer, waits.days, waits.answered, len(names))
    ranked = sorted(np.flatnonzero(answers >= least).tolist(), key=lambda at: (-asked[at], names[at]))
    rows = [Row(_cells(name_cell(names[at]), answers[at], asked[at], by_payer[at])) for at in ranked]
    if few.any() and few.sum() < (asked > 0).sum():
        rest = few[waits.payer]
        together = follow(np.zeros(int(rest.sum()), np.int64), waits.days[rest], waits.answered[rest], 1)[0]
        title = Cell(f"{plural(int(few.sum()), 'payer')} with fewer than {least} answers")
        rows.append(Row(_cells(title, answers[few].sum(), asked[few].sum(), together)))
    everyone = follow(np.zeros_like(waits.payer), waits.days, waits.answered, 1)[0]
    total = Row(_cells(Cell("All"), answers.sum(), asked.sum(), everyone), total=True)
    return Table(
        "answers-when",
        "When answers come",
        (
            Head("Payer", numeric=False),
            Head("Lines answered"),
            Head("Still waiting"),
            Head("Half by day"),
            Head("90 % by day"),
            *(Head(f"By day {day}") for day in SHARES_BY),
        ),
        (*fold_rows(rows), total),
        note="Lines sent in the year up to the as-of date; days from sending to the first answer, from the "
        "service where the date of sending is not told. Lines still waiting count as waiting until the as-of "
        f"date (Kaplan-Meier).{_undated(waits.undated)}",
        fold=True,
    )


def _cells(name: Cell, answers: int, asked: int, left: Floats) -> tuple[Cell, ...]:
    waiting = int(asked - answers)
    return (
        name,
        Cell(count(answers), sort=int(answers)),
        Cell(count(waiting), sort=waiting),
        *(_day_cell(find_day(left, answered)) for answered in (0.5, 0.9)),
        *(_share_cell(1 - left[day]) for day in SHARES_BY),
    )


def _day_cell(day: int | None) -> Cell:
    return Cell(UNKNOWN) if day is None else Cell(count(day), sort=day)


def _share_cell(answered: float) -> Cell:
    return Cell(percent(answered), sort=None if np.isnan(answered) else round(float(answered), 6))


def _undated(number: int) -> str:
    if not number:
        return ""
    return (
        f" {plural(number, 'answer')} without a date {'is' if number == 1 else 'are'} left out; where months "
        "are compared at the same age, such an answer counts as come in time."
    )
