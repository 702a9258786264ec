"""Referrals, prescriptions and authorizations: whether one covers a visit, for payers that want one.

The rule belongs to the topic `timing` and goes by its name. A referral is told by its first day; where a note
tells only its end, there was one on the day of that note.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.applicability import find_visits, lay_marks, wants
from audit.episodes import NONE, SPAN, TimeLine
from audit.lines import ABSENT, PRESENT, UNKNOWN
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.episodes import Episodes
    from audit.populations import Marks

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

LONGEST = 365
"""Days for which a referral told before the notes begin may still run."""

TELLING = ("referral_on", "referral_until", "visits_authorized")


class Referrals(Struct, frozen=True, dict=True):
    """The referrals of all courses, and which of them each visit came under."""

    episodes: Episodes

    @cached_property
    def asked(self) -> Mask:
        """By visit: a payer that wants a referral is asked to pay."""
        billed = self.episodes.billed
        wanted = wants(billed.populations, billed.settings, lambda payer: payer.referral)
        return find_visits(billed.populations, billed.asked & wanted)

    @cached_property
    def line(self) -> TimeLine:
        """First days of referrals."""
        return TimeLine.of(self._marks[self._told])

    @cached_property
    def until(self) -> Ints:
        """By referral: its last day; none told is open."""
        found = self._most(self.episodes.dates("referral_until"))
        return np.where(found == NONE, SPAN, found)

    @cached_property
    def authorized(self) -> Ints:
        """By referral: how many visits it covers, NONE where not told."""
        return self._most(self.episodes.numbers("visits_authorized"))

    @cached_property
    def dated(self) -> Mask:
        """By referral: its first day is told."""
        found: Mask = self._most(self.episodes.dates("referral_on")) != NONE
        return found

    @cached_property
    def _marks(self) -> Ints:
        episodes = self.episodes
        first = episodes.dates("referral_on")
        some = (episodes.dates("referral_until") != NONE) | (episodes.numbers("visits_authorized") != NONE)
        day = np.where((first == NONE) & some, episodes.day, first)
        return np.where(day == NONE, NONE, episodes.course * SPAN + day)

    @cached_property
    def _told(self) -> Ints:
        """The rows whose note tells of a referral."""
        return np.flatnonzero(self._marks != NONE)

    @cached_property
    def _place(self) -> Ints:
        """By row of `_told`: the referral."""
        return np.searchsorted(self.line.marks, self._marks[self._told])

    def _most(self, values: Ints) -> Ints:
        """Return the greatest value that the notes tell of each referral."""
        found = np.full(len(self.line.marks), NONE, dtype=np.int64)
        np.maximum.at(found, self._place, values[self._told])
        return found


def _referral(referrals: Referrals) -> Marks:
    """A note that says whether a referral covers it decides where no dates are told."""
    episodes, asked = referrals.episodes, referrals.asked
    visits = episodes.populations.visits.frame
    stated = visits["has_referral"].to_numpy()
    wrong, told = stated == ABSENT, stated != UNKNOWN
    if not asked.any() or not episodes.has(*TELLING):
        return lay_marks(asked, wrong, told)
    rows = np.flatnonzero(asked)
    course, day = episodes.course[rows], episodes.day[rows]
    place = referrals.line.newest(course, day)
    found = place != NONE
    first = referrals.line.days(place)
    since = int(episodes.day[episodes.tells(*TELLING)].min(initial=SPAN))
    counted = episodes.line_of(rows).between(course, np.maximum(first, 0), day)
    limit = referrals.authorized[place]
    beyond = found & (limit != NONE) & referrals.dated[place] & (counted > limit)
    over = beyond | (found & (day > referrals.until[place]))
    countable = (limit == NONE) | (referrals.dated[place] & (first >= since))
    lacking = ~found & (stated[rows] != PRESENT)
    wrong[rows] = over | lacking
    told[rows] = over | (found & countable) | (~found & (stated[rows] != UNKNOWN))
    none = rows[~found & (stated[rows] == UNKNOWN)]
    told[none] = episodes.tells(*TELLING)[none] & episodes.is_new(none, since, LONGEST)
    return lay_marks(asked, wrong, told)


CHECKS: tuple[Check[Referrals], ...] = (
    Check(
        Rule(
            "timing/referral",
            "Check the referral of {rows}",
            "Look for a referral, prescription or authorization that covers the day and the number of "
            "visits; ask "
            "the payer what it has on file. A claim is corrected only from what was on file that day.",
            "A payer that wants a referral refuses what none covers (reasons 173, 197, 198 and 288).",
            "The payer's contract or the state, as the settings say; CARC 173, 197, 198 and "
            "288 of "
            "the X12 adjustment reasons",
            "not_referred",
            "visits",
            "front desk",
            "dates of referrals, or whether one covers the visit; for visits authorized, the referral's "
            "first date",
            money="asked_expected",
            sentence="Where the payer wants a referral, one covers the visit: begun by that day, not "
            "ended, and for "
            "no fewer visits than there were.",
            task="notes",
            payers="payers that want a referral, as the settings say",
            right="Referred March 2 for 12 visits until June 30; 12th visit May 4",
            wrong="Referred March 2 for 12 visits; 13th visit May 8",
        ),
        _referral,
    ),
)
