"""Documentation timing: plans of care, progress reports, signatures, referrals, notes and minutes.

Each subject has a room of its own: `care_plans`, `referrals`, `note_copies`, `bunching`, `adjusted_regions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from audit import adjusted_regions, bunching, care_plans, note_copies, referrals
from audit.adjusted_regions import Adjusted
from audit.applicability import find_visits, lay_marks, visit_of_line
from audit.care_plans import CarePlans
from audit.episodes import Episodes
from audit.lines import ABSENT, PRESENT
from audit.referrals import Referrals
from audit.rules import Check, Rule, mark_checks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from audit.measures import Measure
    from audit.populations import Marks, Populations, Table
    from audit.settings import Settings

ID = "timing"
TITLE = "Documentation timing"


def _signed_late(episodes: Episodes) -> Marks:
    """Of signed notes; those not signed are told by the topic of signatures."""
    visits = episodes.populations.visits.frame
    signed = visits["signed"].to_numpy()
    asked = find_visits(episodes.populations, episodes.billed.asked) & (signed != ABSENT)
    dates = visits["signed_on"].to_numpy()
    after = dates.astype("datetime64[D]").astype(np.int64) - episodes.day[: episodes.visits]
    told = (signed == PRESENT) & ~np.isnat(dates) & (after >= 0)
    return lay_marks(asked, after > episodes.settings.thresholds.late_note_days, told)


CHECKS: tuple[Check[Episodes], ...] = (
    Check(
        Rule(
            "timing/signed_late",
            "Ask about {rows} whose note was signed long after the visit",
            "Check how notes wait for their signature. A signature keeps the date on which it was given.",
            "A note is expected to be signed when it is written or shortly after; a long delay weakens it.",
            "Medicare Program Integrity Manual, chapter 3, signature requirements; the days are the setting "
            "late_note_days",
            "signed_late",
            "visits",
            "clinician",
            "the date of the note's signature",
            money="",
            sentence="A note is signed within a week of the visit (late_note_days).",
            task="notes",
            right="Visit March 2, signed March 3",
            wrong="Visit March 2, signed March 30",
        ),
        _signed_late,
    ),
)

RULES = tuple(
    check.rule
    for checks in (
        care_plans.CHECKS,
        CHECKS,
        note_copies.CHECKS,
        bunching.CHECKS,
        adjusted_regions.CHECKS,
        referrals.CHECKS,
    )
    for check in checks
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period: none."""
    return ()


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return RULES


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark visits and lines by what their notes tell of dates, regions, minutes and texts.

    Visits gain `asked_expected`, cents expected of the lines that a payer is asked to pay; lines gain
    `regions_above` and `regions_below`, cents by which their code is above or below what the regions support.
    """
    episodes = Episodes(populations, settings, as_of)
    adjusted = Adjusted(episodes.billed)
    marks: dict[Table, dict[str, Marks]] = {}
    found: tuple[Mapping[Table, Mapping[str, Marks]], ...] = (
        mark_checks(care_plans.CHECKS, CarePlans(episodes), populations),
        mark_checks((*CHECKS, *note_copies.CHECKS), episodes, populations),
        mark_checks(bunching.CHECKS, episodes.billed, populations),
        mark_checks(adjusted_regions.CHECKS, adjusted, populations),
        mark_checks(referrals.CHECKS, Referrals(episodes), populations),
    )
    for each in found:
        for table, named in each.items():
            marks.setdefault(table, {}).update(named)
    asked = episodes.billed.asked
    worth = np.bincount(
        visit_of_line(populations)[asked],
        populations.lines.frame["expected"].to_numpy()[asked],
        minlength=len(populations.visits),
    )
    cents: dict[Table, dict[str, Any]] = {
        "visits": {"asked_expected": worth.astype(np.int64)},
        "lines": adjusted.cents(),
    }
    return populations.with_marks(marks).with_columns(cents)
