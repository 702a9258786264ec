"""Whether a line may stand as it was billed: codes outside their dates, repeated lines, lines of no units.

These belong to the topic of code usage, and their measure and rules go by its name.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.codes import code_book
from audit.measures import Measure, answered, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Rule

if TYPE_CHECKING:
    from audit.populations import Marks, Populations

MEASURE = Measure(
    "usage/not_valid",
    "Not valid on the date of service",
    "Lines whose code had ended, or had not begun, on the date of service, out of the lines whose code is in "
    "the code book.",
    marked("not_valid"),
    answered("not_valid"),
    unit="share",
    worse="higher",
)

RULES = (
    Rule(
        "usage/not_valid",
        "Look at {rows} billed with a code that was not valid on the date of service",
        "Check in the note what was done and which code was in force that day; a claim is corrected only "
        "from the note as it stood.",
        "A payer refuses a code that has ended (reason 181), and a paid one can be taken back.",
        "CPT and HCPCS code lists of each year; dates in config/codes.csv",
        "not_valid",
        "lines",
        "biller",
        "service date and code",
        sentence="A code is billed only for dates of service on which it is valid.",
        task="codes",
        right="97161 on 5 October 2026.",
        wrong="97001, which ended on 31 December 2016, on 5 October 2026.",
    ),
    Rule(
        "usage/repeated",
        "Compare {rows} that repeat another line of the same patient, day, code and clinician",
        "Check against the note whether the service was given twice; if it was billed twice by mistake, "
        "withdraw one.",
        "A service billed twice is refused as a duplicate (reason 18), or paid twice and taken back.",
        "CARC 18 and B13 of the X12 adjustment reasons",
        "repeated",
        "lines",
        "biller",
        "patient, service date, clinician and code",
        sentence="A service is billed once.",
        task="claims",
        stake="over-billed",
        right="97140 on 5 October, one line.",
        wrong="97140 on 5 October, two equal lines of one clinician.",
    ),
    Rule(
        "usage/no_units",
        "Look at {rows} billed with no units",
        "Check the units against the note.",
        "A line without units is refused or paid as nothing.",
        "CARC 16 with RARC M53 of the X12 lists",
        "no_units",
        "lines",
        "biller",
        "units",
        sentence="A line has at least one unit.",
        task="units",
        right="97112 with 1 unit.",
        wrong="97112 with 0 units.",
    ),
)


def mark_validity(populations: Populations) -> dict[str, Marks]:
    """Mark lines whose code is not valid that day, that repeat another line, or that have no units."""
    return {
        "not_valid": _not_valid(populations),
        "repeated": _repeated(populations),
        "no_units": _no_units(populations),
    }


def _not_valid(populations: Populations) -> Marks:
    book = code_book().codes
    codes = [book.get(label) for label in populations.labels["code"]]
    first = np.array(
        [(code.valid_from if code else None) or date.min for code in codes], dtype="datetime64[D]"
    )
    last = np.array([(code.valid_to if code else None) or date.max for code in codes], dtype="datetime64[D]")
    known = np.array([code is not None for code in codes], dtype=bool)
    of_line = populations.lines.groups["code"]
    day = populations.lines.frame["service_date"].to_numpy().astype("datetime64[D]")
    outside = (day < first[of_line]) | (day > last[of_line])
    return np.where(known[of_line], np.where(outside, YES, NO), UNSURE).astype(np.int8)


def _repeated(populations: Populations) -> Marks:
    """Replacement and void claims, and lines the payer already set aside as duplicates, repeat by nature.

    A line that was paid on two claims is found among the balances (`balances/billed_twice`), not here.
    """
    frame = populations.lines.frame
    by_nature = frame["frequency"].isin(["7", "8"]) | (frame["first_decision"] == "excluded: duplicate")
    by_nature |= frame["billed_twice"]
    day = frame["service_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    key = frame["patient_key"].to_numpy(np.int64)
    for values in (
        day - day.min() if len(day) else day,
        populations.lines.groups["code"],
        populations.lines.groups["clinician"],
        frame["modifiers"].cat.codes.to_numpy(np.int64),
    ):
        key = key * (int(values.max(initial=0)) + 1) + values
    key = np.where(by_nature, -1 - np.arange(len(key)), key)
    return np.where(by_nature, OUT, np.where(pd.Series(key).duplicated(keep=False), YES, NO)).astype(np.int8)


def _no_units(populations: Populations) -> Marks:
    units = populations.lines.frame["units"]
    none = units.to_numpy(np.int64, na_value=1) <= 0
    return np.where(units.isna(), UNSURE, np.where(none, YES, NO)).astype(np.int8)
