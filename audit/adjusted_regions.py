"""Spinal regions that the note names, beside the adjustment code that was billed.

These are rules of the topic `timing` and go by its name.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.applicability import holds, lay_marks, visit_of_line
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.billed import Billed
    from audit.populations import Marks

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

CODES = ("98940", "98941", "98942")
"""One or two spinal regions, three or four, five."""

_CODE_OF = np.array([-1, 0, 0, 1, 1, 2])
"""Regions -> the position in CODES of the code that they support; none supports none."""


class Adjusted(Struct, frozen=True, dict=True):
    """The lines of spinal adjustments, and what their notes support."""

    billed: Billed

    @cached_property
    def asked(self) -> Mask:
        """Lines of these codes that a payer is asked to pay."""
        return self.billed.asked & holds(self.billed.populations.lines.frame["code"], CODES)

    @cached_property
    def regions(self) -> Ints:
        """By line: the regions that the note of its visit names, -1 where not told."""
        visits = self.billed.populations.visits.frame
        if "regions" not in visits or not self.asked.any():
            return np.full(len(self.asked), -1, dtype=np.int64)
        return visits["regions"].to_numpy(np.int64, na_value=-1)[visit_of_line(self.billed.populations)]

    @cached_property
    def told(self) -> Mask:
        """By line: the note names regions."""
        return self.regions >= 0

    @cached_property
    def above(self) -> Ints:
        """By line: by how many steps of CODES the code billed is above what the regions support."""
        rows = np.flatnonzero(self.asked & self.told)
        steps = np.zeros(len(self.asked), dtype=np.int64)
        steps[rows] = self._billed[rows] - _CODE_OF[self.regions[rows]]
        return steps

    def cents(self) -> dict[str, NDArray[np.int32]]:
        """Return, by line, what was expected above, and below, the usual amount of the code supported.

        The usual amount is the mean expected of that code at that payer, of the practice's own lines; where
        it has none, the whole line is above, and nothing is below.
        """
        over, under = (np.zeros(len(self.asked), dtype=np.int32) for _ in range(2))
        rows = np.flatnonzero(self.above)
        if len(rows):
            price = self._price(rows)
            difference = self._expected[rows] - price
            over[rows] = np.where(self.above[rows] > 0, np.maximum(difference, 0), 0)
            under[rows] = np.where((self.above[rows] < 0) & (price > 0), np.maximum(-difference, 0), 0)
        return {"regions_above": over, "regions_below": under}

    @cached_property
    def _expected(self) -> Ints:
        return self.billed.populations.lines.frame["expected"].to_numpy(np.int64)

    def _price(self, rows: Ints) -> Ints:
        """Return the usual amount of the code that each line's regions support; 0 where none is known."""
        supported = _CODE_OF[self.regions[rows]]
        usual = self._usual[supported, self.billed.populations.lines.groups["payer"][rows]]
        price: Ints = np.where(supported < 0, 0, usual)
        return price

    @cached_property
    def _billed(self) -> Ints:
        codes = self.billed.populations.labels["code"]
        place = np.array([CODES.index(code) if code in CODES else -1 for code in codes], dtype=np.int64)
        return place[self.billed.populations.lines.groups["code"]]

    @cached_property
    def _usual(self) -> Ints:
        """The mean expected cents by code and payer, 0 where there is no line."""
        rows = np.flatnonzero(self.asked)
        populations = self.billed.populations
        payers = len(populations.labels["payer"])
        key = self._billed[rows] * payers + populations.lines.groups["payer"][rows]
        count = np.bincount(key, minlength=len(CODES) * payers)
        total = np.bincount(key, self._expected[rows], minlength=len(CODES) * payers)
        return np.rint(total / np.maximum(count, 1)).astype(np.int64).reshape(len(CODES), payers)


def _fewer(adjusted: Adjusted) -> Marks:
    return lay_marks(adjusted.asked, adjusted.above > 0, adjusted.told)


def _more(adjusted: Adjusted) -> Marks:
    return lay_marks(adjusted.asked, adjusted.above < 0, adjusted.told)


_SOURCE = "The codes' own definitions: 98940 one or two spinal regions, 98941 three or four, 98942 five"

CHECKS: tuple[Check[Adjusted], ...] = (
    Check(
        Rule(
            "timing/regions_fewer",
            "Check {rows} of spinal adjustments whose note names fewer regions than the code says",
            "Read in the note which regions were adjusted. A claim is corrected only from the note as it "
            "stood.",
            "The code is chosen by the regions adjusted; a reviewer counts them in the note.",
            _SOURCE,
            "regions_fewer",
            "lines",
            "clinician",
            "spinal regions adjusted, on the visit's note",
            money="regions_above",
            sentence="The note of 98940, 98941 or 98942 names at least one, three or five spinal regions "
            "adjusted.",
            task="codes",
            stake="over-billed",
            disciplines="chiropractic",
            right="98941; neck, mid back and low back adjusted",
            wrong="98941; neck and low back adjusted",
        ),
        _fewer,
    ),
    Check(
        Rule(
            "timing/regions_more",
            "Spinal adjustments whose note names more regions than the code says: {rows}",
            "Nothing to bill by itself: each region adjusted must be needed, and shown as needed in the "
            "note. A claim is corrected only from the note as it stood.",
            "Notes and codes that differ either way say that one of the two is not exact.",
            _SOURCE,
            "regions_more",
            "lines",
            "clinician",
            "spinal regions adjusted, on the visit's note",
            money="regions_below",
            sentence="The note of 98940 or 98941 names at most two, or four, spinal regions adjusted.",
            task="codes",
            stake="not billed",
            disciplines="chiropractic",
            right="98940; neck and low back adjusted",
            wrong="98940; neck, mid back and low back adjusted",
        ),
        _more,
    ),
)
