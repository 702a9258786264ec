"""The lines at Original Medicare that a comparative billing report counts, as marks of lines and visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.applicability import carries, find_standing, find_visits, holds, lay_marks, visit_of_line
from audit.codes import code_book
from audit.periods import YEAR
from audit.populations import NO, OUT, YES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.populations import Marks, Populations, Table
    from audit.settings import Settings

    Mask = NDArray[np.bool_]

EVALUATIONS = ("97001", "97002", "97161", "97162", "97163", "97164")
THERAPY = (*EVALUATIONS, "97035", "97110", "97112", "97140", "97530", "G0283")
"""Codes of CBR201702, which was made before 97161 to 97164 took the place of 97001 and 97002."""

ADJUSTMENTS = ("98940", "98941", "98942")
"""Codes of CBR201614."""

FIVE_REGIONS = "98942"

MANY_VISITS = 24
"""CBR201614 counts the patients with more visits in a year."""


def mark_counted(populations: Populations, settings: Settings) -> dict[Table, dict[str, Marks]]:
    """Mark the lines at Medicare that a comparative report would count, and their visits."""
    lines = populations.lines
    asked = _at_medicare(populations, settings) & find_standing(populations)
    therapy = asked & holds(lines.frame["code"], THERAPY) & _by_therapist(populations, settings)
    adjusted = asked & holds(lines.frame["code"], ADJUSTMENTS) & _by_chiropractor(populations, settings)
    timed = therapy & holds(lines.frame["code"], [code for code in THERAPY if code_book().codes[code].timed])
    modifiers_told = bool((lines.frame["modifiers"] != "").any())
    units, minutes = (_complete(populations, timed, column) for column in ("units", "minutes"))
    with_timed, with_adjusted = (find_visits(populations, rows) for rows in (timed, adjusted))
    of_lines = {
        "medicare_therapy": lay_marks(therapy),
        "medicare_kx": lay_marks(therapy, carries(lines.frame["modifiers"], "KX"), therapy & modifiers_told),
        "medicare_timed": units[0],
        "medicare_timed_minutes": minutes[0],
        "medicare_allowed": lay_marks(therapy, told=lines.frame["allowed"].notna().to_numpy()),
        "medicare_adjusted": lay_marks(adjusted),
        "medicare_five_regions": lay_marks(adjusted, holds(lines.frame["code"], (FIVE_REGIONS,))),
    }
    of_visits = {
        "medicare_timed": units[1],
        "medicare_timed_minutes": minutes[1],
        "medicare_visit_minutes": lay_marks(
            with_timed, told=populations.visits.frame["minutes"].notna().to_numpy()
        ),
        "medicare_adjusted": lay_marks(with_adjusted),
    }
    return {"lines": of_lines, "visits": of_visits}


def mark_frequent(populations: Populations, stop: int) -> dict[Table, dict[str, Marks]]:
    """Mark visits with an adjustment by whether their patient had more than 24 of them in that year.

    Years are counted back from the month `stop` (counted from the history's first; not included itself).
    """
    visits = populations.visits
    rows = np.flatnonzero((visits.marks["medicare_adjusted"] == YES) & (visits.month < stop))
    year = (stop - 1 - visits.month[rows]) // YEAR
    patient = visits.frame["patient_key"].to_numpy(np.int64)[rows]
    place = pd.factorize(patient * (int(year.max(initial=0)) + 1) + year)[0]
    marks = np.full(len(visits), OUT, dtype=np.int8)
    marks[rows] = np.where(np.bincount(place)[place] > MANY_VISITS, YES, NO)
    return {"visits": {"medicare_frequent": marks}}


def _at_medicare(populations: Populations, settings: Settings) -> Mask:
    labels = populations.labels["payer"]
    known = np.array([settings.payer(name).medicare for name in labels], dtype=bool)
    return known[populations.lines.groups["payer"]]


def _by_therapist(populations: Populations, settings: Settings) -> Mask:
    """Return the lines of physical therapists; of clinicians of no known discipline those that say so."""
    told = _disciplines(populations, settings)
    frame, own = populations.lines.frame, code_book().discipline_by_code()
    says = carries(frame["modifiers"], "GP") | holds(
        frame["code"], [code for code in THERAPY if own.get(code) == "pt"]
    )
    by_line = populations.lines.groups["clinician"]
    theirs: Mask = (told == "pt")[by_line] | ((told == "")[by_line] & says)
    return theirs


def _by_chiropractor(populations: Populations, settings: Settings) -> Mask:
    """Return the lines of chiropractors, and of clinicians of no known discipline."""
    return np.isin(_disciplines(populations, settings), ("chiropractic", ""))[
        populations.lines.groups["clinician"]
    ]


def _disciplines(populations: Populations, settings: Settings) -> NDArray[np.str_]:
    """Return the discipline of each clinician, "" where the settings tell none."""
    return np.array(
        [settings.practice.discipline_of(name) for name in populations.labels["clinician"]], dtype=np.str_
    )


def _complete(populations: Populations, asked: Mask, column: str) -> tuple[Marks, Marks]:
    """Mark lines, and their visits: UNSURE where a line of the visit does not tell a column."""
    told = populations.lines.frame[column].notna().to_numpy()
    whole = ~find_visits(populations, asked & ~told)
    return lay_marks(asked, told=whole[visit_of_line(populations)]), lay_marks(
        find_visits(populations, asked), told=whole
    )
