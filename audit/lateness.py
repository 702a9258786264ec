"""Lateness: denial rates of months as each stood when it was as old as the period is now.

What is denied is often answered later than what is paid, so that a young month reads too low: it is judged
beside earlier months as they stood at the same age, not as they stand today. Age is counted in days from the
end of a month (of the period: from the end of its last month) to the as-of date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.blocks import percent, plural, share
from audit.figures import NOT_JUDGED
from audit.periods import month_start
from audit.populations import NO, UNSURE, YES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from audit.comparison import Comparison
    from audit.populations import Marks, Populations, Table

    Ints = NDArray[np.int64]

DENIED, SAME_AGE = "first_denied", "first_denied_same_age"

MEASURE = "denials/first_rate"

MONTHS_TOLD = 6
"""Earlier months whose rates at the same age are told."""

VISIBLE = 0.005
"""Difference that age makes to a rate from which the reader is told of it."""


def mark_same_age(populations: Populations, age: int) -> Mapping[Table, Mapping[str, Marks]]:
    """Return the mark of lines denied at first answer, as far as it was known `age` days after their month.

    UNSURE is a line that still waited then. An answer without a date counts as come.
    """
    lines = populations.lines
    first = np.datetime64(month_start(populations.first_month), "M")
    after = first + np.arange(1, populations.months + 1).astype("timedelta64[M]")
    known_until = (after.astype("datetime64[D]") + np.timedelta64(age - 1, "D")).astype("datetime64[s]")
    answered, told = lines.marks["answered"], lines.frame["first_decided_on"].to_numpy()
    waited = (answered == NO) | ((answered == YES) & (told > known_until[lines.month]))
    return {"lines": {SAME_AGE: np.where(waited, np.int8(UNSURE), lines.marks[DENIED])}}


def tell_age(comparison: Comparison) -> str:
    """Return the denial rate beside earlier months' at the same age, in a sentence; "" where age matters not.

    Age matters where the period is young, or where months read otherwise at that age than they do now.
    """
    measure, spans, limits = comparison.measures[MEASURE], comparison.spans, comparison.limits
    if spans.judged is None or measure.base is None or measure.tested.base is None:
        return ""
    counts = comparison.tabulation.counts
    top, base, full_top, full = (
        counts[total, ""][0]
        for total in (measure.tested.numerator, measure.tested.base, measure.numerator, measure.base)
    )
    before = np.arange(max(spans.this.start - MONTHS_TOLD, 0), spans.this.start)
    before = before[base[before] >= limits.smallest_base]
    now = slice(spans.this.start, spans.this.stop)
    if len(before) < 2 or base[now].sum() < limits.smallest_base:
        return ""
    moved = top[before].sum() / base[before].sum() - full_top[before].sum() / full[before].sum()
    if spans.judged and abs(moved) < VISIBLE:
        return ""
    rates = top[before] / base[before]
    months = f"the {len(before)} months before" if len(before) > 2 else "the two months before"
    at = f"at {plural(comparison.age, 'day')}"
    return (
        f"{comparison.period.title} {at}: {share(top[now].sum(), base[now].sum())}; {months} {at}: "
        f"{percent(rates.min()).removesuffix(' %')} to {percent(rates.max())}."
    )


def tell_young(comparison: Comparison) -> str:
    """Return what a reader must know of a period in which too few lines are answered."""
    if comparison.total(MEASURE).outcome == NOT_JUDGED:
        return "Too few of the lines are answered: what needs the payers' answers is **not judged yet**."
    return (
        "Many lines still wait for an answer: denial rates **stand beside earlier months at the same age**, "
        f"{plural(comparison.age, 'day')}, and will still move."
    )
