"""Patterns: what a reviewer would notice before reading a single note. Facts with limits, no score.

Days of a clinician (`workdays.py`), courses of a patient (`courses.py`) and what is alike from visit to visit
(`likeness.py`). A pattern is no fault: no money stands behind one, but where a service may not have been
given as billed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.courses import checks as course_checks
from audit.courses import mark_five_regions
from audit.likeness import checks as likeness_checks
from audit.measures import Measure, answered, marked
from audit.rules import mark_checks
from audit.treated import Treated
from audit.workdays import checks as workday_checks
from audit.workdays import mark_timed

if TYPE_CHECKING:
    from datetime import date

    from audit.populations import Populations
    from audit.rules import Check, Rule
    from audit.settings import Settings, Thresholds

ID = "patterns"
TITLE = "What a reviewer would notice"


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period; none is judged."""
    limits = settings.thresholds
    return (
        Measure(
            f"{ID}/units_per_day",
            "Timed units per clinician and day",
            "Timed units, divided by the days on which a clinician gave any. A reviewer takes each for 15 "
            "minutes, so that 32 are 8 hours; those of patients who pay themselves count too.",
            marked("pattern_timed", of="units"),
            marked("pattern_timed_day", "visits"),
            unit="units each",
            groups=("clinician",),
        ),
        Measure(
            f"{ID}/frequent_patients",
            f"Patients over {limits.visits_per_year} visits",
            f"Patients with a visit that ends 365 days with more than {limits.visits_per_year} days of "
            "treatment, out of the patients of whom a whole year is known or who had as many.",
            marked("pattern_many_visits", "visits", of="patients"),
            answered("pattern_many_visits", "visits", of="patients"),
            unit="share",
            groups=(),
        ),
        Measure(
            f"{ID}/same_units",
            "Visits with the same units as always",
            f"Visits that belong to a row of {limits.visits_alike} or more with the same timed units, out of "
            f"the visits of patients with {limits.visits_alike} or more at one clinician.",
            marked("pattern_same_units", "visits"),
            answered("pattern_same_units", "visits"),
            unit="share",
            groups=("clinician",),
        ),
        Measure(
            f"{ID}/same_codes",
            "Visits with the same codes as always",
            f"Visits that belong to a row of {limits.visits_alike} or more with the same two or more codes, "
            f"out of the visits of patients with {limits.visits_alike} or more at one clinician.",
            marked("pattern_same_codes", "visits"),
            answered("pattern_same_codes", "visits"),
            unit="share",
            groups=("clinician",),
        ),
        Measure(
            f"{ID}/five_regions",
            "Share of 98942",
            "Spinal adjustments of five regions (98942), out of all spinal adjustments billed to any payer.",
            marked("pattern_five_regions"),
            answered("pattern_five_regions"),
            unit="share",
            groups=("clinician",),
        ),
    )


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return tuple(rule for rule, _ in _checks(settings.thresholds))


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark the visits and lines that show a pattern."""
    treated = Treated(populations, settings)
    marks = mark_checks(_checks(settings.thresholds), treated, populations)
    timed, days = mark_timed(treated)
    marks["lines"] |= {"pattern_timed": timed, "pattern_five_regions": mark_five_regions(treated)}
    marks["visits"] |= {"pattern_timed_day": days}
    return populations.with_marks(marks)


def _checks(limits: Thresholds) -> tuple[Check[Treated], ...]:
    return (*workday_checks(limits), *course_checks(limits), *likeness_checks(limits))
