"""Faults in the notes: unsigned, signed after the claim was sent, without minutes or another element.

Each planter takes a `Planting`, changes its visits (and the minutes of their lines) and adds what it planted
to the list of faults.
"""

from __future__ import annotations

import numpy as np

from .draws import BLANK, day
from .planting import SEPTEMBER, Fault, Planting, during, spaced
from .roster import CHIROPRACTIC, PT


def plant_unsigned(planting: Planting) -> None:
    """About 40 % of Marcus Hale's notes of September 2026 are not signed."""
    visits = planting.visits
    chosen = (
        (visits["clinician"] == CHIROPRACTIC)
        & visits["day"].between(day(SEPTEMBER[0]), day(SEPTEMBER[1]))
        & (visits["signed"] != BLANK)
    )
    marked = spaced(np.flatnonzero(chosen), round(0.4 * int(chosen.sum())))
    visits.loc[marked, "signed"] = BLANK
    planting.used_visits.update(marked.tolist())
    planting.add(
        Fault(
            "unsigned-marcus-hale",
            "about 40 % of Marcus Hale's notes of September 2026 are unsigned",
            "documentation/signature/clinician=Marcus%20Hale",
            file="visit_notes.csv",
            where={"clinician": ["Marcus Hale"], **during(SEPTEMBER)},
            mark={"signed_on": [""]},
        )
    )


def plant_billed_before_signed(planting: Planting) -> None:
    """Twelve notes of Priya Raman were signed nine days after the claim was sent."""
    visits, lines = planting.visits, planting.lines
    lines_there = planting.select(clinician=PT, span=("2026-08-15", "2026-09-30"))
    sent = lines_there[lines["submitted"].to_numpy()[lines_there] != BLANK]
    candidates = np.unique(lines["visit"].to_numpy()[sent])
    candidates = candidates[visits["signed"].to_numpy()[candidates] != BLANK]
    marked = spaced(candidates, 12)
    submitted = lines.drop_duplicates("visit").set_index("visit")["submitted"]
    visits.loc[marked.tolist(), "signed"] = submitted.loc[marked.tolist()].to_numpy() + 9
    planting.used_visits.update(marked.tolist())
    planting.add(
        Fault(
            "billed-before-signed",
            "twelve notes of Priya Raman, from 2026-08-15 on, signed nine days after the claim was sent",
            "signatures/before_signed/clinician=Priya%20Raman",
            file="visit_notes.csv",
            ids=planting.visit_ids(marked),
        )
    )


def plant_missing_minutes(planting: Planting) -> None:
    """From June 2026 on a third of the massage notes lack minutes and technique."""
    lines = planting.select(["97124"], span=("2026-06-01", "2026-11-20"))
    lines = spaced(lines, round(0.35 * len(lines)))
    visits = planting.lines["visit"].to_numpy()[lines]
    planting.lines.loc[lines, "minutes"] = BLANK
    planting.visits.loc[visits, "minutes"] = BLANK
    planting.visits.loc[visits, "technique"] = "no"
    planting.used_visits.update(visits.tolist())
    planting.add(
        Fault(
            "massage-without-minutes",
            "97124 from June 2026 on: about 35 % of the notes lack minutes and technique",
            "documentation/minutes_lines/code=97124",
            where={"code": ["97124"], "from": ["2026-06-01"], "to": ["2026-11-20"]},
            mark={"minutes": [""]},
        )
    )


def plant_missing_elements(planting: Planting) -> None:
    """Evaluations without a plan since April 2026; August's spinal adjustments without subluxation."""
    places = (
        ("plan", ["97161", "97162", "97163"], PT, ("2026-04-01", "2026-09-30"), 0.6),
        ("subluxation", ["98941"], CHIROPRACTIC, ("2026-08-01", "2026-08-31"), 0.7),
    )
    for element, codes, clinician, span, share in places:
        lines = planting.select(codes, clinician=clinician, span=span)
        visits = np.unique(planting.lines["visit"].to_numpy()[lines])
        visits = visits[~np.isin(visits, list(planting.used_visits))]
        planting.visits.loc[spaced(visits, round(share * len(visits))), element] = "no"
        planting.add(
            Fault(
                f"missing-{element}",
                f"{'/'.join(codes)}: {share * 100:.0f} % of notes lack the {element}, {' to '.join(span)}",
                f"documentation/{element}/code={codes[0]}",
                file="visit_notes.csv",
                ids=planting.visit_ids(visits),
                mark={element: ["no"]},
            )
        )
