"""Faults in what payers answer: denials that rise, rejections, deadlines, reasons that nobody knows.

Each planter takes a `Planting`, changes its answers and adds what it planted to the list of faults.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers import BUNDLED, Refusal
from .draws import BLANK, day
from .planting import SEPTEMBER, SUMMER, Fault, Planting, during, spaced
from .roster import AUTO, BLUE, COMMERCIAL_A, COMMERCIAL_B, COMP, MEDICARE


def plant_rising_denials(planting: Planting) -> None:
    """97140 at Commercial A is refused with CO-97 from July to September 2026."""
    there = planting.select(["97140"], [COMMERCIAL_A], span=SUMMER, answered=True)
    paid = planting.paid(there)
    lines = planting.use(spaced(paid, round(0.42 * len(there))))
    planting.deny(lines, BUNDLED)
    planting.add(
        Fault(
            "denials-97140-commercial-a",
            "97140 at Commercial A: from about 7 % denied to about 45 % from July to September 2026, CO-97",
            "denials/first_rate/code=97140/payer=Commercial%20A",
            where={"code": ["97140"], "payer": [COMMERCIAL_A], **during(SUMMER)},
            answer={"group": ["CO"], "reason": ["97"]},
        )
    )


def plant_plan_exclusion(planting: Planting) -> None:
    """97124 at Blue Plan is refused with PR-204 from July to September 2026."""
    there = planting.select(["97124"], [BLUE], span=SUMMER, answered=True)
    lines = planting.use(spaced(planting.paid(there), round(0.4 * len(there))))
    planting.deny(lines, Refusal("PR", "204"))
    planting.add(
        Fault(
            "massage-not-covered-blue-plan",
            "97124 at Blue Plan: about 40 % denied as not covered, PR-204, from July to September 2026",
            "denials/first_rate/code=97124/payer=Blue%20Plan",
            where={"code": ["97124"], "payer": [BLUE], **during(SUMMER)},
            answer={"group": ["PR"], "reason": ["204"]},
        )
    )


def plant_authorization(planting: Planting) -> None:
    """A third of September's claims at Workers' comp are refused whole for want of authorization."""
    claims = planting.claims(planting.select(payers=[COMP], span=SEPTEMBER, answered=True))
    for claim in claims[::3]:
        planting.deny(planting.use(claim), Refusal("CO", "197"), "4")
    planting.add(
        Fault(
            "claims-denied-workers-comp",
            "Workers' comp: about a third of the claims of September 2026 denied whole, CO-197",
            "denials/first_rate/payer=Workers%27%20comp",
            where={"payer": [COMP], **during(SEPTEMBER)},
            answer={"group": ["CO"], "reason": ["197"]},
        )
    )


def plant_rejections(planting: Planting) -> None:
    """Every second claim of September at Commercial B is rejected as unprocessable."""
    claims = planting.claims(planting.select(payers=[COMMERCIAL_B], span=SEPTEMBER, answered=True))
    for claim in claims[::2]:
        planting.deny(planting.use(claim), Refusal("CO", "16", "MA130"), "4")
    planting.add(
        Fault(
            "rejected-commercial-b",
            "Commercial B: every second claim of September 2026 rejected as unprocessable, CO-16 with MA130",
            "answers/rejected/payer=Commercial%20B",
            where={"payer": [COMMERCIAL_B], **during(SEPTEMBER)},
            answer={"group": ["CO"], "reason": ["16"], "remarks": ["MA130"]},
        )
    )


def plant_late_filing(planting: Planting) -> None:
    """One claim of three lines was sent half a year after the visit."""
    claim = planting.claims(
        planting.paid(planting.select(payers=[COMMERCIAL_A], span=("2026-03-01", "2026-03-31"))), 3
    )[0]
    planting.use(claim)
    sent = planting.lines["day"].to_numpy()[claim] + 181
    planting.lines.loc[claim, "submitted"] = sent
    planting.deny(claim, Refusal("CO", "29"), "4", sent + 21)
    planting.add(
        Fault(
            "filed-too-late",
            "three lines of one claim at Commercial A, of March 2026, sent 181 days after the visit, CO-29",
            "reasons/denied;reason=CO-29",
            ids=planting.line_ids(claim),
            answer={"group": ["CO"], "reason": ["29"]},
        )
    )


def plant_deadlines(planting: Planting) -> None:
    """Open denials at Medicare whose last day to appeal, or to file again, is near."""
    lines = spaced(planting.paid(planting.select(payers=[MEDICARE], span=("2026-06-15", "2026-07-10"))), 5)
    planting.deny(planting.use(lines), Refusal("CO", "50"), on=np.full(5, day("2026-07-31")))
    planting.add(
        Fault(
            "appeal-deadline-near",
            "five open denials at Medicare of 2026-07-31, CO-50: 120 days to appeal end on 2026-11-28",
            "denials/open",
            ids=planting.line_ids(lines),
            answer={"group": ["CO"], "reason": ["50"]},
        )
    )
    lines = spaced(planting.paid(planting.select(payers=[MEDICARE], span=("2025-11-24", "2025-12-12"))), 4)
    planting.deny(planting.use(lines), Refusal("CO", "16", "N290"))
    planting.add(
        Fault(
            "filing-deadline-near",
            "four open denials at Medicare, visits around 2025-12-01, CO-16: the year to file is ending",
            "denials/open",
            ids=planting.line_ids(lines),
            answer={"group": ["CO"], "reason": ["16"]},
        )
    )


def plant_odd_answers(planting: Planting) -> None:
    """Two payments taken back without correction, and two refusals for a reason nobody knows."""
    lines = planting.use(
        spaced(planting.paid(planting.select(payers=[AUTO], span=("2026-04-01", "2026-06-15"))), 2)
    )
    back = planting.answers[planting.answers["line"].isin(lines)].copy()
    back["day"] += 75
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    planting.answers = pd.concat([planting.answers, back], ignore_index=True)
    planting.add(
        Fault(
            "payments-taken-back",
            "two payments of Auto (PIP) reversed 75 days later, with no correction",
            "answers/taken_back",
            ids=planting.line_ids(lines),
            answer={"kind": ["reversal"]},
        )
    )
    lines = planting.use(spaced(planting.paid(planting.select(payers=[COMMERCIAL_A], span=SEPTEMBER)), 2))
    planting.deny(lines, Refusal("CO", "999"))
    planting.add(
        Fault(
            "unknown-reason",
            "two lines of September 2026 refused with CO-999, a reason that does not exist",
            "answers/reason_unknown",
            where=during(SEPTEMBER),
            answer={"group": ["CO"], "reason": ["999"]},
        )
    )


def plant_bundled(planting: Planting) -> None:
    """Nothing is planted: 97010 at Medicare is always bundled, and must not be counted as denied."""
    planting.add(
        Fault(
            "bundled-97010-medicare",
            "97010 at Medicare is answered with CO-97 each time, as expected: not a denial",
            "answers/excluded;decision=excluded%3A%20bundled%20as%20expected",
            where={"code": ["97010"], "payer": [MEDICARE], "from": ["2026-01-01"], "to": ["2026-09-30"]},
            answer={"group": ["CO"], "reason": ["97"]},
            expected="excluded: bundled as expected",
        )
    )
