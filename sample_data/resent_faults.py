"""What is billed more than once: duplicates, claims sent again, replaced or withdrawn.

Each planter takes a `Planting`, adds lines on claims of their own with the answers to them, and adds what it
planted to the list of faults.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers import Refusal, accept, refuse
from .lines import reprice
from .planting import Fault, Planting, paid_claims, spaced
from .roster import AUTO, BLUE, COMMERCIAL_A, COMMERCIAL_B, MEDICARE


def plant_duplicates(planting: Planting) -> None:
    """Six lines are billed again on claims of their own: four are refused, two are paid twice."""
    there = planting.paid(planting.select(payers=[BLUE, COMMERCIAL_A], span=("2026-08-10", "2026-09-20")))
    lines = planting.use(spaced(there, 6))
    again = planting.lines.loc[lines].copy()
    again["line"] = len(planting.lines) + np.arange(6)
    again["claim"] = int(planting.lines["claim"].max()) + 1 + np.arange(6)
    again["submitted"] += 14
    answers = accept(again, again["submitted"].to_numpy() + 18, planting.practice.payers)
    refuse(answers, np.arange(6) < 4, again["charge"].to_numpy(), Refusal("OA", "18"))
    planting.lines = pd.concat([planting.lines, again], ignore_index=True)
    planting.use(again["line"].to_numpy())
    planting.answers = pd.concat([planting.answers, answers], ignore_index=True)
    planting.add(
        Fault(
            "duplicate-lines",
            "six lines billed again, on other claims, for the same patient, code, day: four refused, OA-18",
            "answers/excluded;decision=excluded%3A%20duplicate",
            ids=planting.line_ids(again["line"].to_numpy()),
        )
    )


MISSING_INFORMATION = Refusal("CO", "16", "N290")
WRONG_MODIFIER = Refusal("CO", "4", "N822")


def plant_sent_again(planting: Planting) -> None:
    """Three claims refused for want of information, sent again on claims of their own, and paid."""
    new: list[int] = []
    spring = ("2026-02-01", "2026-05-31")
    claims = [paid_claims(planting, [payer], spring, 2)[0] for payer in (BLUE, COMMERCIAL_B)]
    for claim in claims:
        planting.deny(claim, MISSING_INFORMATION, "4")
    # One of September was refused anyway, so that the month's denial rate stays as it is.
    refused = planting.answers.loc[planting.answers["remarks"] == "N290", "line"]
    september = planting.select(payers=[MEDICARE], span=("2026-09-01", "2026-09-11"))
    claims.append(planting.claims(september[np.isin(september, refused.to_numpy())], 1)[0])
    for claim in claims:
        planting.use(claim)
        again = planting.bill(claim, planting.answered_on(claim) + 6)
        planting.answer(again, int(planting.lines["submitted"][again[0]]) + 15)
        new += again.tolist()
    planting.add(
        Fault(
            "sent-again-and-paid",
            "five lines of three claims, refused with CO-16, sent again on claims of their own and paid",
            "denials/chain_recovered;times_sent=twice",
            ids=planting.line_ids(np.array(new)),
            expected="one line each, denied first and paid last",
        )
    )


def plant_denied_three_times(planting: Planting) -> None:
    """A claim of two lines is refused, sent again, refused, sent again and refused."""
    claim = planting.use(paid_claims(planting, [COMMERCIAL_A], ("2026-03-01", "2026-04-30"), 2)[0])
    planting.deny(claim, MISSING_INFORMATION, "4")
    last = claim
    for _ in range(2):
        last = planting.bill(last, planting.answered_on(last) + 8)
        planting.answer(last, int(planting.lines["submitted"][last[0]]) + 20, MISSING_INFORMATION, "4")
    planting.add(
        Fault(
            "denied-three-times",
            "two lines of one claim, refused with CO-16, sent again twice and refused each time",
            "denials/chain_lines;times_sent=three%20times",
            ids=planting.line_ids(last),
            expected="one line each, denied once",
            answer={"group": ["CO"], "reason": ["16"]},
        )
    )


def plant_replaced(planting: Planting) -> None:
    """Two claims are replaced: one that was refused, one that was paid for a unit too many."""
    refused = planting.use(paid_claims(planting, [BLUE], ("2026-04-01", "2026-05-31"), 2)[0])
    planting.deny(refused, WRONG_MODIFIER, "4")
    mended = planting.bill(refused, planting.answered_on(refused) + 5, frequency="7", replaces=True)
    planting.answer(mended, int(planting.lines["submitted"][mended[0]]) + 16)

    several = planting.lines["units"].to_numpy() > 1
    claims = paid_claims(planting, [AUTO], ("2026-04-01", "2026-06-30"), 1)
    paid = planting.use(next(claim for claim in claims if several[claim].all()))
    lower = planting.bill(paid, planting.answered_on(paid) + 9, frequency="7", replaces=True)
    planting.lines.loc[lower, "units"] -= 1
    priced = planting.lines.loc[lower].copy()
    reprice(priced, planting.practice.payers, planting.practice.codes)
    planting.lines.loc[lower, list(priced.columns)] = priced
    on = int(planting.lines["submitted"][lower[0]]) + 16
    planting.take_back(paid, on)
    planting.answer(lower, on)
    planting.add(
        Fault(
            "replacement-claims",
            "two claims replaced: one refused with CO-4, one paid for a unit too many and reversed",
            "answers/sent_again",
            ids=planting.line_ids(np.concatenate([mended, lower])),
            mark={"frequency": ["7"]},
            expected="the claim replaced and its replacement are one",
        )
    )


def plant_void(planting: Planting) -> None:
    """A claim that was paid is withdrawn by a void claim, and its payment is reversed."""
    claim = planting.use(paid_claims(planting, [COMMERCIAL_A], ("2026-05-01", "2026-06-30"), 1)[0])
    sent = planting.answered_on(claim) + 12
    void = planting.bill(claim, sent, frequency="8", replaces=True)
    planting.take_back(claim, sent + 10)
    planting.add(
        Fault(
            "void-claim",
            "a line of May or June 2026, paid, then withdrawn by a void claim, its payment reversed",
            "the line that it withdraws: last decision",
            ids=planting.line_ids(void),
            mark={"frequency": ["8"]},
            expected="excluded: withdrawn",
        )
    )


def plant_billed_twice(planting: Planting) -> None:
    """Nothing more is planted: two of the duplicate lines were paid a second time."""
    (twice,) = [fault for fault in planting.faults if fault.id == "duplicate-lines"]
    planting.add(
        Fault(
            "paid-twice",
            "two of the lines billed again were paid again",
            "balances/billed_twice",
            ids=twice.ids[4:],
        )
    )
