"""Units: whether recorded minutes support the units billed, and what has one unit a day whatever the minutes.

Units above the minutes and units that minutes support beyond what was billed are two sums, never set off
against each other. Acupuncture, caregiver training and work hardening are left out: their unit is no plain 15
minutes. Modifiers play no part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit import day_units, supported_units
from audit.day_units import count_day_units
from audit.measures import Measure, answered, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import mark_checks
from audit.timed_lines import TOTAL_TIME, count_timed

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from audit.day_units import DayUnits
    from audit.populations import Marks, Populations
    from audit.rules import Rule
    from audit.settings import Settings
    from audit.timed_lines import TimedLines

    Narrow = NDArray[np.int32]

ID = "units"
TITLE = "Units"

MEASURES = (
    Measure(
        "units/above_minutes",
        "Timed lines above their minutes",
        "Lines of 15-minute codes with more units than the minutes recorded for the codes of that patient, "
        "day and discipline support as the payer counts, out of those for which the export tells these "
        "minutes. Where it is not known how a payer counts, only what neither way supports.",
        marked("unit_above_minutes"),
        answered("unit_above_minutes"),
        unit="share",
        worse="higher",
    ),
    Measure(
        "units/over_billed_expected",
        "Expected payment of units above what is supported",
        "What the units above the minutes of the codes, above those of the visit, or above one a day for an "
        "untimed code could be expected to be allowed. Units not billed are not set off against them.",
        marked("unit_over_billed", of="over_billed_expected"),
        unit="cents",
        worse="higher",
    ),
    Measure(
        "units/not_billed_units",
        "Units supported and not billed",
        "Units of 15-minute codes that the recorded minutes support, as the payer counts, beyond those "
        "billed. Nothing to recover: whether the minutes were skilled and one-on-one, only the note tells.",
        marked("unit_not_billed", of="not_billed_units"),
        unit="units",
    ),
    Measure(
        "units/not_billed_expected",
        "Expected payment of units supported and not billed",
        "What those units could be expected to be allowed. Never set off against units above the minutes.",
        marked("unit_not_billed", of="not_billed_expected"),
        unit="cents",
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period; none is judged."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return tuple(check.rule for checks in (supported_units.CHECKS, day_units.CHECKS) for check in checks)


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark lines by what minutes and days support; add the units and the cents above and below it."""
    timed, days = count_timed(populations, settings), count_day_units(populations, settings)
    marks = {
        **mark_checks(supported_units.CHECKS, timed, populations)["lines"],
        **mark_checks(day_units.CHECKS, days, populations)["lines"],
    }
    marks["unit_over_billed"] = _either(
        *(marks[f"unit_{name}"] for name in ("above_minutes", "above_visit", "once_a_day"))
    )
    columns = _price(populations, timed, days)
    return populations.with_marks({"lines": marks}).with_columns({"lines": columns})


def _either(*marks: Marks) -> Marks:
    """Return YES where any mark is, else UNSURE where any is, else NO where any is."""
    strength = np.array([0, 2, 1, 3], dtype=np.int8)  # by mark + 2: OUT, UNSURE, NO, YES
    strongest = np.maximum.reduce([strength[one + 2] for one in marks])
    return np.array([OUT, NO, UNSURE, YES], dtype=np.int8)[strongest]


def _price(populations: Populations, timed: TimedLines, days: DayUnits) -> dict[str, Narrow]:
    """Return by line the cents above what is supported, in doubt and not billed, and the units not billed."""
    frame = populations.lines.frame
    expected, units = (frame[name].to_numpy(np.int64, na_value=0) for name in ("expected", "units"))
    over, doubtful, unbilled = np.zeros((3, len(frame)), dtype=np.int32)
    over[timed.rows] = timed.over
    over[days.rows] = np.maximum(days.above, 0)
    doubtful[timed.rows] = timed.doubtful + np.where(timed.way == TOTAL_TIME, timed.misplaced, 0)
    unbilled[timed.rows] = np.where(timed.longer, 0, timed.unbilled)

    def worth(part: Narrow) -> Narrow:
        cents = np.zeros(len(frame), dtype=np.int32)
        rows = np.flatnonzero((part > 0) & (units > 0))
        cents[rows] = (2 * expected[rows] * part[rows] + units[rows]) // (2 * units[rows])
        return cents

    return {
        "over_billed_expected": worth(over),
        "doubtful_expected": worth(doubtful),
        "not_billed_units": unbilled,
        "not_billed_expected": worth(unbilled),
    }
