"""Faults in what is billed: codes, units, the mix of codes, diagnoses, a payer spelled two ways.

Each planter takes a `Planting`, changes its lines (and the answers that follow from them) and adds what it
planted to the list of faults.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers import Refusal, accept
from .draws import BLANK
from .lines import reprice
from .planting import SEPTEMBER, Fault, Planting, during, spaced
from .roster import BLUE, CHIROPRACTIC, NUMBER, PT, SELF_PAY


def plant_codes(planting: Planting) -> None:
    """A code that ended in 2016, and one that is in no code book; both are refused."""
    places = (
        (
            "97001",
            ["97161", "97162", "97163"],
            ("2026-02-01", "2026-08-31"),
            2,
            "usage/not_valid/code=97001",
        ),
        ("97001", ["97161", "97162", "97163"], SEPTEMBER, 2, "usage/not_valid/code=97001"),
        ("97999", ["97530"], SEPTEMBER, 3, "usage/lines/code=97999"),
    )
    for code, instead_of, span, count, _ in places:
        lines = planting.use(spaced(planting.paid(planting.select(instead_of, span=span)), count))
        planting.lines.loc[lines, "code_name"] = code
        planting.deny(lines, Refusal("CO", "181", "N56"))
    planting.add(
        Fault(
            "ended-code-97001",
            "97001, which ended on 2016-12-31, billed four times in 2026",
            places[0][-1],
            where={"from": ["2026-01-01"], "to": ["2026-11-20"]},
            mark={"code": ["97001"]},
        )
    )
    planting.add(
        Fault(
            "code-not-in-book",
            "97999, which is in no code book, billed three times in September 2026",
            places[2][-1],
            where=during(SEPTEMBER),
            mark={"code": ["97999"]},
        )
    )


def plant_units(planting: Planting) -> None:
    """A line with 0 units; eight lines whose minutes hold one unit less than billed."""
    line = planting.use(spaced(planting.select(["97112"], span=SEPTEMBER, answered=True), 1))
    planting.lines.loc[line, "units"] = 0
    planting.add(
        Fault(
            "zero-units",
            "a line of 97112 in September 2026 with 0 units",
            "usage/no_units",
            where={"code": ["97112"], **during(SEPTEMBER)},
            mark={"units": ["0"]},
        )
    )
    there = planting.select(["97110"], clinician=PT, span=("2026-08-01", "2026-09-30"))
    there = there[planting.lines["units"].to_numpy()[there] >= 2]
    lines = planting.use(spaced(there, 8))
    planting.lines.loc[lines, "minutes"] -= 15
    visits = planting.lines["visit"].to_numpy()[lines]
    planting.visits.loc[visits, "minutes"] -= 15
    planting.add(
        Fault(
            "units-above-minutes",
            "eight lines of 97110 in August and September 2026 with a unit more than their minutes hold",
            "units/above_minutes/code=97110",
            ids=planting.line_ids(lines),
        )
    )


def plant_mix(planting: Planting) -> None:
    """From July 2026 on Marcus Hale bills 98941 and 98942 where he billed 98940."""
    there = planting.select(["98940"], clinician=CHIROPRACTIC, span=("2026-07-01", "2026-11-20"))
    several = planting.answers.loc[
        planting.answers.duplicated("line") | (planting.answers["refused"] > 0), "line"
    ]
    there = there[~np.isin(there, several.to_numpy())]
    lines = planting.use(spaced(there, round(0.75 * len(there))))
    planting.lines.loc[lines, "code_name"] = np.where(np.arange(len(lines)) % 2 == 0, "98941", "98942")
    planting.lines.loc[lines, "code"] = planting.lines.loc[lines, "code_name"].map(NUMBER).astype(np.int64)
    moved = planting.lines.loc[lines].copy()
    reprice(moved, planting.practice.payers, planting.practice.codes)
    planting.lines.loc[lines, list(moved.columns)] = moved
    answered = planting.answers["line"].isin(lines).to_numpy()
    line = planting.answers.loc[answered, "line"].to_numpy()
    again = accept(
        planting.lines.loc[line], planting.answers.loc[answered, "day"].to_numpy(), planting.practice.payers
    )
    planting.answers = pd.concat([planting.answers[~answered], again], ignore_index=True)
    planting.add(
        Fault(
            "mix-98941-98942-marcus-hale",
            "Marcus Hale from July 2026 on: 98941 and 98942 where 98940 was billed before",
            "usage/lines/clinician=Marcus%20Hale/code=98942",
            where={"code": ["98940", "98941", "98942"], "from": ["2026-07-01"], "to": ["2026-11-20"]},
            mark={"code": ["98941", "98942"]},
        )
    )
    named = planting.visits["regions"].to_numpy()[planting.lines["visit"].to_numpy()[lines]] != BLANK
    named &= planting.lines["payer_name"].to_numpy()[lines] != SELF_PAY
    planting.add(
        Fault(
            "adjustments-above-regions",
            "those of them, for a payer, whose notes still name the one or two regions that were adjusted",
            "timing/regions_fewer",
            ids=planting.line_ids(lines[named]),
        )
    )


def plant_diagnoses(planting: Planting) -> None:
    """Six claims of September, of two lines each, were sent without a diagnosis."""
    claims = planting.claims(planting.select(span=SEPTEMBER), 2)
    for claim in [claims[position] for position in spaced(np.arange(len(claims)), 6)]:
        planting.lines.loc[planting.use(claim), "diagnoses"] = ""
    planting.add(
        Fault(
            "lines-without-diagnosis",
            "twelve lines of September 2026 without a diagnosis",
            "documentation/diagnosis_lines",
            where=during(SEPTEMBER),
            mark={"diagnoses": [""]},
        )
    )


def plant_payer_spelling(planting: Planting) -> None:
    """Seven claims of two lines at Blue Plan name the payer BluePlan."""
    claims = planting.claims(planting.select(payers=[BLUE], span=("2026-08-01", "2026-10-31")), 2)
    for claim in [claims[position] for position in spaced(np.arange(len(claims)), 7)]:
        planting.lines.loc[planting.use(claim), "payer_name"] = "BluePlan"
    planting.add(
        Fault(
            "payer-spelled-two-ways",
            "fourteen lines from August to October 2026 name the payer BluePlan instead of Blue Plan",
            "check: payers whose names nearly agree",
            where={"from": ["2026-08-01"], "to": ["2026-10-31"]},
            mark={"payer": ["BluePlan"]},
        )
    )
