"""Simulated practices: months of claim lines as they are denied, clustered, restless and answered late.

Twelve codes and six payers of unequal size. A claim has one to four lines, each with another code, at one
payer; three of four claims are denied whole or not at all, the lines of the others one by one, so that lines
count for about 2.2 times less than they are. The rate of each payer moves from month to month by a normal
deviate of its log odds. Payers take two to six weeks to answer, and longer to deny.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.populations import NO, OUT, YES, Population, Populations

CODES = np.array([0.22, 0.18, 0.14, 0.12, 0.08, 0.07, 0.05, 0.04, 0.04, 0.03, 0.02, 0.01])
PAYERS = np.array([0.30, 0.25, 0.18, 0.12, 0.10, 0.05])
RATES = np.array([0.05, 0.07, 0.08, 0.10, 0.12, 0.15])
"""How often each payer denies."""
DAYS = np.array([14.0, 16.0, 18.0, 21.0, 28.0, 35.0])
"""Median days until each payer answers."""
LATER = 1.3
"""How much longer a denial takes than a payment."""
WHOLE = 0.75
"""Share of claims whose lines are denied together or not at all."""
MEAN_LINES = 1 + 3 * 0.43
MONTHS = 16
"""A year of earlier months, then the three before the last, then the last."""
AGE = 25
"""Days from the end of the last month to the day of the report."""
FIRST = 2025 * 12
PERIOD = "2026-04"


class Rise(NamedTuple):
    """One code at one payer is denied more often, by a share of all its lines, in the last months.

    Without a code it is every code at the payer.
    """

    code: int | None
    payer: int
    by: float
    months: int


class Doubled(NamedTuple):
    """One code whose lines carry twice as many units in the last months (see `visits.py`)."""

    code: int
    months: int


@dataclass(frozen=True)
class Practice:
    """How a practice is simulated: lines a month, and the month spread as a deviation of log odds.

    `slower` are the days by which the largest payer answers later (below 0: sooner) in the last month; `age`
    those from the end of that month to the day of the report. `restless` is how far units a visit move from
    month to month, in deviations of a line's; it and `doubled` count where visits are simulated.
    """

    lines: int
    spread: float
    slower: float = 0.0
    age: int = AGE
    rates: tuple[float, ...] = tuple(RATES)
    restless: float = 0.0
    doubled: Doubled | None = None


def simulate(practice: Practice, draws: np.random.Generator, rise: Rise | None = None) -> Populations:
    """Return the lines of one practice with what is known of them on the day of the report."""
    claims = draws.poisson(practice.lines / MEAN_LINES, MONTHS)
    month = np.repeat(np.arange(MONTHS), claims)
    payer = draws.choice(len(PAYERS), len(month), p=PAYERS)
    size = 1 + draws.binomial(3, 0.43, len(month))
    # The codes of a claim are drawn one after another, each once: the first of those in a random order.
    order = np.argsort(draws.exponential(size=(len(month), len(CODES))) / CODES, axis=1)[:, :4]
    chosen = np.arange(4) < size[:, None]
    claim, code = np.nonzero(chosen)[0], order[chosen]

    odds = np.log(np.array(practice.rates) / (1 - np.array(practice.rates)))
    restless = odds + draws.normal(0, practice.spread, (MONTHS, len(PAYERS)))
    rate = (1 / (1 + np.exp(-restless)))[month, payer][claim]
    if rise:
        raised = (payer[claim] == rise.payer) & (month[claim] >= MONTHS - rise.months)
        raised &= True if rise.code is None else code == rise.code
        rate = np.where(raised, np.minimum(rate + rise.by, 1), rate)
    together = (draws.random(len(month)) < WHOLE)[claim]
    fate = np.where(together, draws.random(len(month))[claim], draws.random(len(claim)))
    denied = fate < rate

    waited = DAYS[payer] * np.exp(draws.normal(0, 0.35, len(month)))
    waited += np.where((month == MONTHS - 1) & (payer == 0), practice.slower, 0.0)
    waited = np.maximum(waited, 1.0)
    starts = (np.datetime64("2025-01", "M") + np.arange(MONTHS + 1)).astype("datetime64[D]").astype(np.int64)
    served = starts[month] + draws.integers(0, 28, len(month))
    until = starts[-1] - 1 + practice.age
    decided = served[claim] + np.rint(waited[claim] * np.where(denied, LATER, 1.0)).astype(np.int64)
    return _populate(month[claim], payer[claim], code, claim, denied, decided, until)


def _populate(
    month: np.ndarray,
    payer: np.ndarray,
    code: np.ndarray,
    claim: np.ndarray,
    denied: np.ndarray,
    decided: np.ndarray,
    until: int,
) -> Populations:
    answered = decided <= until
    days = decided.astype("datetime64[D]").astype("datetime64[s]")
    frame = pd.DataFrame(
        {
            "claim": claim.astype(np.int64),
            "first_decided_on": np.where(answered, days, np.datetime64("NaT", "s")),
        }
    )
    marks = {
        "answered": np.where(answered, YES, NO).astype(np.int8),
        "first_denied": np.where(answered, np.where(denied, YES, NO), OUT).astype(np.int8),
    }
    none = np.zeros(0, dtype=np.int64)
    nothing = Population(pd.DataFrame(), none, {}, {})
    groups = {"code": code.astype(np.int64), "payer": payer.astype(np.int64)}
    labels = {
        "code": tuple(f"code {at:02d}" for at in range(len(CODES))),
        "payer": tuple(f"payer {at}" for at in range(len(PAYERS))),
    }
    return Populations(
        lines=Population(frame, month, groups, marks),
        visits=nothing,
        services=nothing,
        unbilled=nothing,
        unmatched=nothing,
        labels=labels,
        first_month=FIRST,
        months=MONTHS,
        service_of_line=none,
        visit_of_service=none,
    )
