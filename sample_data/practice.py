"""The practice without planted faults, from a seed: visits, lines and answers that belong together.

In go a seed and a `Scale`; out comes a `Practice`. The order in which its parts are drawn decides every
value. Examinations that patients at Medicare pay themselves are added last, without chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from .answers import first_answers, later_answers
from .draws import AS_OF, BLANK, EPOCH, Draws, Ints, Scale
from .lines import make_lines, reprice
from .notes import CHARTING, chart, complete_notes, keep_required, make_notes
from .roster import (
    CHIROPRACTIC,
    CODES,
    MEDICARE,
    MEDICARE_CHIROPRACTIC,
    NUMBER,
    SELF_PAY,
    Code,
    Payer,
    codes_of,
    payers_of,
)
from .schedule import make_visits


class Practice(NamedTuple):
    """The practice before it is written: visits, their claim lines and the payers' answers to them."""

    visits: pd.DataFrame
    lines: pd.DataFrame
    answers: pd.DataFrame
    payers: tuple[Payer, ...]
    codes: tuple[Code, ...]


def make_practice(seed: int, scale: Scale, *, tidy: bool = False) -> Practice:
    """The whole practice, without planted faults; `tidy` without gaps in its notes, too."""
    draws, payers, codes = Draws(seed), payers_of(scale), codes_of(scale)
    visits = make_notes(draws, make_visits(draws, scale, payers))
    if tidy:
        complete_notes(visits)
    visits["payer_name"] = np.array([payer.name for payer in payers], dtype=object)[
        visits["payer"].to_numpy()
    ]
    lines = make_lines(draws, visits, payers, codes)
    first = first_answers(draws, lines, payers, codes)
    answers = pd.concat([first, later_answers(draws, first, lines, payers)], ignore_index=True)
    if len(codes) >= len(CODES):
        visits, lines = examine_again(visits, lines, payers, codes)
    visits = chart(Draws(seed + CHARTING), keep_required(visits, lines), lines)
    return Practice(visits, lines, answers, payers, codes)


EXAMINED_AFTER = 10  # days of spinal adjustment at Medicare


def examine_again(
    visits: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Visits and lines with examinations that patients at Medicare pay themselves, on days of their own."""
    adjusted = (lines["payer_name"] == MEDICARE) & lines["code_name"].isin(MEDICARE_CHIROPRACTIC)
    adjusted &= lines["clinician"] == CHIROPRACTIC
    days = lines[adjusted].sort_values(["patient", "day"], kind="stable")
    rank = days.groupby("patient").cumcount().to_numpy()
    exams: pd.DataFrame = days[(rank > 0) & (rank % EXAMINED_AFTER == 0)].copy()
    when = find_free_days(visits, exams["patient"].to_numpy(), exams["day"].to_numpy())
    exams, when = exams[when != BLANK], when[when != BLANK]
    new = visits.iloc[exams["visit"].to_numpy()].copy()
    new["signed"] = np.where(new["signed"] == BLANK, BLANK, new["signed"] - new["day"] + when)
    new["number"] = np.maximum(new["number"], 1)  # the first of no course
    for table in (new, exams):
        table["day"], table["payer"], table["payer_name"] = when, len(payers) - 1, SELF_PAY
    exams["line"] = len(lines) + np.arange(len(exams))
    exams["visit"] = len(visits) + np.arange(len(exams))
    exams["code"], exams["code_name"], exams["units"] = NUMBER["99213"], "99213", 1
    exams["claim"], exams["submitted"], exams["modifiers"], exams["frequency"] = BLANK, BLANK, "", ""
    reprice(exams, payers, codes)
    return pd.concat([visits, new], ignore_index=True), pd.concat([lines, exams], ignore_index=True)


def find_free_days(visits: pd.DataFrame, patient: Ints, day_of: Ints) -> Ints:
    """For patients on days, the next weekday on which each has no visit; -1 where there is none yet."""
    found, last = np.full(len(patient), BLANK, dtype=np.int64), (AS_OF - EPOCH).days - EXAMINED_AFTER
    taken = visits["patient"].to_numpy() * 100_000 + visits["day"].to_numpy()
    for step in (1, 2, 3, 4, 5):
        there = day_of + step
        weekday = (there + 3) % 7 < 5  # 1970-01-01 was a Thursday
        free = weekday & ~np.isin(patient * 100_000 + there, taken) & (there <= last)
        found = np.where((found == BLANK) & free, there, found)
    return found
