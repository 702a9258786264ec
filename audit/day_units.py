"""Units by day and claim, whatever the minutes: what has one unit a day, and what stands on one line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.applicability import find_standing, lay_marks
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule
from audit.timed_lines import find_codes, number_days, number_places
from audit.unit_counting import UNIT, add_up, place_units, price_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Ints = NDArray[np.int64]


class DayUnits(Struct, frozen=True):
    """What the rules look at: the marked rows, and the lines of codes with one unit a day."""

    populations: Populations
    settings: Settings
    rows: Ints
    """Positions of the standing lines of codes with one unit a day."""
    above: Ints
    """Their units above it, in hundredths, -1 where the day's are not told."""


def count_day_units(populations: Populations, settings: Settings) -> DayUnits:
    """Return the lines of codes with one unit a day, and their units above it, the cheapest line first."""
    frame = populations.lines.frame
    asked = (
        find_standing(populations)
        & ~frame["billed_twice"].to_numpy()
        & find_codes(populations, lambda code: code.once_a_day)
    )
    rows = np.flatnonzero(asked)
    code = populations.lines.groups["code"][rows]
    day = number_days(populations, settings, rows)
    item = pd.factorize(day * len(populations.labels["code"]) + code)[0].astype(np.int64)
    units = frame["units"].to_numpy(np.int64, na_value=-1)[rows]
    price = price_units(frame["expected"].to_numpy(np.int64)[rows], units)
    more = np.maximum(add_up(item, np.maximum(units, 0)) - UNIT, 0)
    place = number_places(populations, rows)
    above = place_units(more, item, np.maximum(units, 0), price, (place,))
    silent = (add_up(item, units < 0) > 0)[item] & (above == 0)
    return DayUnits(populations, settings, rows, np.where(silent, -1, above))


def _mark_once(facts: DayUnits) -> Marks:
    marks = np.full(len(facts.populations.lines), OUT, dtype=np.int8)
    marks[facts.rows] = np.where(facts.above > 0, YES, np.where(facts.above < 0, UNSURE, NO))
    return marks


def _mark_several_lines(facts: DayUnits) -> Marks:
    """Lines that differ in modifiers or clinician may stand beside each other."""
    lines = facts.populations.lines
    medicare = [facts.settings.payer(name).medicare for name in facts.populations.labels["payer"]]
    asked = np.array(medicare, dtype=bool)[lines.groups["payer"]]
    asked &= find_standing(facts.populations) & find_codes(facts.populations, lambda code: code.timed)
    chosen = np.flatnonzero(asked)
    frame = lines.frame
    day = frame["service_date"].to_numpy()[chosen].astype("datetime64[D]").astype(np.int64)
    day -= day.min(initial=0)
    key = frame["claim"].to_numpy(np.int64)[chosen] * (int(day.max(initial=0)) + 1) + day
    key = pd.factorize(key)[0].astype(np.int64)
    for values in (
        lines.groups["code"][chosen],
        lines.groups["clinician"][chosen],
        frame["modifiers"].cat.codes.to_numpy()[chosen].astype(np.int64),
    ):
        key = key * (int(values.max(initial=0)) + 1) + values
    key = pd.factorize(key)[0]
    several = np.bincount(key)[key] > 1
    yes, told = np.zeros((2, len(lines)), dtype=bool)
    yes[chosen] = several
    told[chosen] = ~several | (frame["claim_id"] != "").to_numpy()[chosen]
    return lay_marks(asked, yes, told)


CHECKS: tuple[Check[DayUnits], ...] = (
    Check(
        Rule(
            id="units/once_a_day",
            title="Check {rows} of untimed codes with more than one unit a day",
            advice="Check in the note what was done; minutes and areas add no unit to these codes. A claim "
            "is corrected only from the note as it stood.",
            why="A second unit is refused, or paid and taken back.",
            source="Medicare Claims Processing Manual, chapter 5, section 20.2 (untimed codes); practitioner "
            "limits (MUE) of 2024-07-01 for most of these, "
            "general knowledge for 97010, 97014, 98943, 97169 to 97172 and G0543; check",
            mark="unit_once_a_day",
            table="lines",
            who="biller",
            needs="units",
            money="over_billed_expected",
            sentence="A supervised modality, an evaluation, an adjustment, osteopathic treatment, dry "
            "needling and treatment in a group have one unit for a patient and day.",
            task="units",
            stake="over-billed",
            right="G0283 25 minutes on two areas: 1 unit.",
            wrong="G0283 25 minutes on two areas: 2 units.",
        ),
        _mark_once,
    ),
    Check(
        Rule(
            id="units/several_lines",
            title="Check {rows} of one code that stand apart on one claim",
            advice="See how the billing software writes the units of a code: one line holds them all. Lines "
            "that differ in modifiers or in who treated are not meant.",
            why="Medicare has sent such claims back since 2021-04-19.",
            source="First Coast Service Options, notice on timed codes on several lines, 2021-04-19",
            mark="unit_several_lines",
            table="lines",
            who="biller",
            needs="claim numbers",
            in_force_from=date(2021, 4, 19),
            sentence="The units of a timed code of one date stand on one line of a claim.",
            task="units",
            stake="at risk",
            payers="Original Medicare",
            right="97110, 2 units, on one line.",
            wrong="97110, 1 unit, on two lines of one claim.",
        ),
        _mark_several_lines,
    ),
)
