"""What the note of a visit holds, and when it was signed.

In go draws, visits and, where it matters what was billed, lines; out come the visits with `note` (a truth
value), `signed` (a day), the elements of ELEMENTS ("yes", "no", "" where nothing calls for them), `minutes`,
and the days and counts of CHARTED. -1 where a note says nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .draws import AS_OF, BLANK, EPOCH, Bools, Draws, Ints
from .roster import AUTO, CHIROPRACTIC, COMP, MASSAGE, PT

ELEMENTS = {  # share of notes in which the element is missing
    "technique": 0.04,
    "region": 0.03,
    "plan": 0.05,
    "response": 0.06,
    "subluxation": 0.04,
    "initial_date": 0.03,
    "referral": 0.04,
    "reeval_reason": 0.05,
    "report": 0.05,
}


def make_notes(draws: Draws, visits: pd.DataFrame) -> pd.DataFrame:
    """Visits with note, signature date and the elements before it is known which apply."""
    count, as_of = len(visits), (AS_OF - EPOCH).days
    delay = draws.pick(count, (0.55, 0.27, 0.12, 0.06))
    late = draws.chance(count, 0.025)
    delay[late] = draws.between(int(late.sum()), 8, 25)
    visits["note"] = draws.chance(count, 0.995)
    signed = visits["day"].to_numpy() + delay
    waiting = (visits["day"].to_numpy() > as_of - 14) & draws.chance(count, 0.3)
    unsigned = draws.chance(count, 0.008) | waiting | (signed > as_of) | ~visits["note"].to_numpy()
    visits["signed"] = np.where(unsigned, BLANK, signed)
    for element, share in ELEMENTS.items():
        visits[element] = np.where(draws.chance(count, share) | ~visits["note"].to_numpy(), "no", "yes")
    return visits


SIGNED_WITHIN = 3  # days


def complete_notes(visits: pd.DataFrame) -> None:
    """Let every visit have its note, with every element, signed by the next day where it was signed late."""
    service, signed = visits["day"].to_numpy(), visits["signed"].to_numpy()
    late = (signed == BLANK) | (signed > service + SIGNED_WITHIN)
    visits["note"] = True
    visits["signed"] = np.where(late, np.minimum(service + 1, (AS_OF - EPOCH).days), signed)
    for element in ELEMENTS:
        visits[element] = "yes"


def keep_required(visits: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Leave an element blank where nothing billed at the visit calls for it; add the visit's minutes."""
    clinician, payer = visits["clinician"].to_numpy(), visits["payer_name"].to_numpy()
    applies = {
        "subluxation": clinician == CHIROPRACTIC,
        "initial_date": clinician == CHIROPRACTIC,
        "referral": (clinician == MASSAGE) | np.isin(payer, [AUTO, COMP]),
        "reeval_reason": has_code(visits, lines, "97164"),
        "report": has_code(visits, lines, "97750"),
    }
    for element, where in applies.items():
        visits[element] = np.where(where, visits[element], "")
    timed = np.bincount(
        lines["visit"].to_numpy(),
        weights=np.maximum(lines["minutes"].to_numpy(), 0),
        minlength=len(visits),
    ).astype(np.int64)
    untimed = np.bincount(lines.loc[lines["minutes"] == BLANK, "visit"], minlength=len(visits)) * 8
    visits["minutes"] = np.where(visits["note"], timed + untimed, BLANK)
    return visits


CHARTED = (
    *("plan_on", "plan_until", "certified_on", "order_signed_on", "plan_sent_on", "progress_on"),
    *("referral_on", "referral_until", "initial_on", "visits_authorized", "regions"),
)
"""What notes tell of plans, referrals and regions: a chance of its own, so that nothing else changes."""

CHARTING = 1_000_000  # added to the seed
REPORT_AT = 8  # number of the visit at which therapy reports on progress: the ninth treatment day
REGIONS = {"98940": (1, 2), "98941": (3, 4), "98942": (5, 5)}


def chart(draws: Draws, visits: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Visits with the columns of CHARTED, days and counts, -1 where a note says nothing."""
    course, number = visits["course"].to_numpy(), visits["number"].to_numpy()
    count, day_of = int(course.max()) + 1, visits["day"].to_numpy()
    start = np.zeros(count, dtype=np.int64)
    start[course] = visits["begun"].to_numpy()
    start[course[number == 0]] = day_of[number == 0]
    ordered = np.where(draws.chance(count, 0.5), start - draws.between(count, 0, 20), BLANK)
    sent, certified = start + draws.between(count, 1, 6), start + draws.between(count, 5, 24)
    referred, authorized = start - draws.between(count, 1, 14), 12 + 4 * draws.between(count, 0, 2)
    noted = visits["note"].to_numpy(dtype=np.bool_)
    therapy = noted & (visits["clinician"].to_numpy() == PT)
    referral = noted & np.isin(visits["payer_name"].to_numpy(), [AUTO, COMP])
    referral &= (visits["referral"] == "yes").to_numpy()
    told: dict[str, tuple[Bools, Ints]] = {
        "plan_on": (therapy, start[course]),
        "plan_until": (therapy, start[course] + 84),
        "certified_on": (therapy, certified[course]),
        "order_signed_on": (therapy, ordered[course]),
        "plan_sent_on": (therapy, sent[course]),
        "progress_on": (therapy & (number == REPORT_AT), day_of),
        "referral_on": (referral, referred[course]),
        "referral_until": (referral, start[course] + 180),
        "initial_on": (noted & (visits["initial_date"] == "yes").to_numpy(), start[course]),
        "visits_authorized": (referral, authorized[course]),
        "regions": (noted & (visits["region"] == "yes").to_numpy(), count_regions(draws, visits, lines)),
    }
    for name, (where, value) in told.items():
        known = where & ((value <= (AS_OF - EPOCH).days) | np.array(name.endswith("_until")))
        visits[name] = np.where(known, value, BLANK)
    return visits


def count_regions(draws: Draws, visits: pd.DataFrame, lines: pd.DataFrame) -> Ints:
    """Spinal regions adjusted at each visit, as many as its code says; -1 at others."""
    more, regions = draws.uniform(len(visits)), np.full(len(visits), BLANK, dtype=np.int64)
    for code, (low, high) in REGIONS.items():
        there = has_code(visits, lines, code)
        regions[there] = low + (more[there] * (high - low + 1)).astype(np.int64)
    return regions


def has_code(visits: pd.DataFrame, lines: pd.DataFrame, code: str) -> Bools:
    """Whether a visit has a line of `code`."""
    found = np.zeros(len(visits), dtype=np.bool_)
    found[lines.loc[(lines["code_name"] == code).to_numpy(), "visit"].to_numpy()] = True
    return found
