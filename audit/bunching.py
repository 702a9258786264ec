"""Minutes that stand at the least that makes a unit, 8, 23, 38 or 53, more often than beside it.

The rule belongs to the topic `timing` and goes by its name. It speaks of a clinician's whole history, never
of one line: any single 23 is a time like another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.applicability import lay_marks
from audit.codes import code_book
from audit.populations import OUT
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from audit.billed import Billed
    from audit.populations import Marks

LEAST = (8, 23, 38, 53)
"""Minutes from which one, two, three and four units count."""

CHANCE = 0.001
"""How often chance alone may bunch as much, for it to be called a pattern."""

_NOT, _BESIDE, _AT = 0, 1, 2


def binomial_tail(found: int, of: int, share: float) -> float:
    """Return the exact chance of at least `found` cases of `of` where each has the chance `share`."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, of + 1)))])
    cases = np.arange(found, of + 1)
    ways = logs[of] - logs[cases] - logs[of - cases]
    return float(np.exp(ways + cases * np.log(share) + (of - cases) * np.log1p(-share)).sum())


def _bunched(billed: Billed) -> Marks:
    """Of three neighboring minutes, none a multiple of five, the middle one should hold a third."""
    book = code_book().codes
    asked = billed.asked & billed.of_codes(lambda code: code in book and book[code].timed)
    minutes = billed.populations.lines.frame["minutes"].to_numpy(np.int64, na_value=-1)
    told = minutes >= 0
    if not (asked & told).any():
        return lay_marks(asked, told=told)
    kind = np.zeros(LEAST[-1] + 3, dtype=np.int8)
    kind[np.add.outer(LEAST, (-1, 1))] = _BESIDE
    kind[list(LEAST)] = _AT
    stands = np.where(asked & told, kind[np.clip(minutes, 0, len(kind) - 1)], _NOT)
    whose = billed.populations.lines.groups["clinician"]
    clinicians = billed.populations.labels["clinician"]
    at, beside = (np.bincount(whose[stands == one], minlength=len(clinicians)) for one in (_AT, _BESIDE))
    fewest = billed.settings.thresholds.smallest_base
    tell = np.array([n >= fewest and name != "" for n, name in zip(at + beside, clinicians, strict=True)])
    bunches = [
        enough and binomial_tail(int(k), int(k + n), 1 / 3) < CHANCE
        for enough, k, n in zip(tell, at, beside, strict=True)
    ]
    marks = lay_marks(asked, np.array(bunches, dtype=bool)[whose] & (stands == _AT), told)
    marks[asked & told & ~tell[whose]] = OUT
    return marks


CHECKS: tuple[Check[Billed], ...] = (
    Check(
        Rule(
            "timing/bunched_minutes",
            "Look at how the minutes of {rows} were recorded",
            "Compare some of these visits with the appointment book and with start and stop times, and ask "
            "how minutes are taken down. Minutes stay as they were written.",
            "Where 23 stands far more often than 22 and 24, a reviewer asks how minutes were measured.",
            "General knowledge of what reviewers look for; check. The chance is an exact binomial one, "
            "below 1 in "
            "1,000 for the clinician",
            "bunched_minutes",
            "lines",
            "clinician",
            "minutes of timed codes, and at least as many near 8, 23, 38 and 53 as a rate needs",
            money="",
            sentence="A clinician's minutes stand at 8, 23, 38 and 53 no more often than chance allows "
            "beside the "
            "minute before and after.",
            task="patterns",
            right="22, 23 and 24 minutes about equally often",
            wrong="23 minutes on 40 lines, 22 and 24 on 3",
        ),
        _bunched,
    ),
)
