"""Services that a modifier calls separate: 59 and X, and whether there is a pair that they could be for.

Rules of the topic `modifiers`. That a pair stands without such a modifier, or may never stand together, is
told by the rules of pairs; here it is the modifier that stands without what it could be for.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from audit.applicability import lay_marks, wants
from audit.billed import flag_lines, meet_on_the_day
from audit.edits import LAST_DAY, find_pairs_edition, read_pairs
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.billed import Billed
    from audit.edits import CodePairs
    from audit.populations import Marks
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SEPARATE = ("59", "XE", "XP", "XS", "XU")
"""Separate from the other service: in general, and by encounter, practitioner, structure, or unusual."""

FIRST_DAY = date(1, 1, 1)

NEVER, OPEN = "0", "1"
"""Pairs that no modifier opens, and pairs that one may."""


class Meetings(Struct, frozen=True, dict=True):
    """Lines with 59 or X, and what they meet on the patient's day."""

    billed: Billed

    @cached_property
    def carrying(self) -> Mask:
        """Lines with 59 or X that a payer is asked to pay."""
        return self.billed.asked & self.billed.carries(*SEPARATE)

    @cached_property
    def meeting(self) -> tuple[Ints, Ints]:
        """Each such line with each other line of the day."""
        return meet_on_the_day(self.billed, np.flatnonzero(self.carrying), self.billed.asked)

    @cached_property
    def codes(self) -> Ints:
        """The codes of these days, as positions among the labels."""
        code = self.billed.populations.lines.groups["code"]
        return np.unique(np.concatenate([code[rows] for rows in self.meeting]))

    @cached_property
    def pairs(self) -> CodePairs:
        """The pairs among the codes of these days."""
        labels = self.billed.populations.labels["code"]
        return read_pairs(self.billed.settings.edits, [labels[at] for at in self.codes])

    @cached_property
    def begins(self) -> int:
        """The first day that the pairs know of: an extract does not tell when its pairs began."""
        edition = self.pairs.edition
        return 0 if edition.path else _day(edition.begins)

    def find(self, modifier: str) -> Mask:
        """Mark lines that meet, on a day on which it is in force, a pair of this indicator."""
        labels = self.billed.populations.labels["code"]
        place = {labels[at]: number for number, at in enumerate(self.codes)}
        dated = [
            (
                place[paid] * len(place) + place[bundled],
                _day(pair.began) if pair.began else self.begins,
                _day(pair.ended or LAST_DAY),
            )
            for pair in self.pairs.pairs
            if pair.modifier == modifier
            for paid, bundled in ((pair.paid, pair.bundled), (pair.bundled, pair.paid))
        ]
        key, first, last = np.array(sorted(dated), dtype=np.int64).reshape(-1, 3).T
        one, other = self.meeting
        code = self.billed.populations.lines.groups["code"]
        met = np.searchsorted(self.codes, code[one]) * len(place) + np.searchsorted(self.codes, code[other])
        day = self.billed.day[one]
        start, stop = (np.searchsorted(key, met, side) for side in ("left", "right"))
        found = np.zeros(len(one), dtype=bool)
        for step in range(int((stop - start).max(initial=0))):  # a pair may have come and gone: twice or so
            rows = np.flatnonzero(start + step < stop)
            at = start[rows] + step
            found[rows] |= (first[at] <= day[rows]) & (day[rows] <= last[at])
        return flag_lines(self.billed, one[found]) | self.find_extra(modifier)

    def find_extra(self, modifier: str) -> Mask:
        """Mark lines that meet a pair of their payer's own."""
        one, other = self.meeting
        lines, labels = self.billed.populations.lines, self.billed.populations.labels
        code, payer, day = lines.groups["code"], lines.groups["payer"], self.billed.day
        found = np.zeros(len(one), dtype=bool)
        for at, name in enumerate(labels["payer"]):
            for pair in self.billed.settings.payer(name).extra_pairs:
                if pair.modifier == modifier and {pair.paid, pair.bundled} <= set(labels["code"]):
                    paid, bundled = labels["code"].index(pair.paid), labels["code"].index(pair.bundled)
                    those = (code[one] == paid) & (code[other] == bundled)
                    those |= (code[one] == bundled) & (code[other] == paid)
                    first, last = _day(pair.start or FIRST_DAY), _day(pair.end or LAST_DAY)
                    found |= those & (payer[one] == at) & (day[one] >= first) & (day[one] <= last)
        return flag_lines(self.billed, one[found])

    @cached_property
    def opened(self) -> Mask:
        """Lines that meet a pair which their modifier may open, or their own code once more."""
        one, other = self.meeting
        code = self.billed.populations.lines.groups["code"]
        return self.find(OPEN) | flag_lines(self.billed, one[code[one] == code[other]])

    @cached_property
    def never(self) -> Mask:
        """Lines that meet a pair which no modifier opens."""
        return self.find(NEVER)

    @cached_property
    def known(self) -> Mask:
        """Lines that meet nothing, or whose payer follows the pairs, which know all codes and the day."""
        one, other = self.meeting
        scope = self.pairs.scope
        outside = self.billed.of_codes(lambda code: scope is not None and code not in scope)
        beyond = outside[one] | outside[other]
        beyond |= self.billed.day[one] < self.begins
        follows = wants(self.billed.populations, self.billed.settings, lambda payer: payer.follows_pairs)
        alone = ~flag_lines(self.billed, one)
        return alone | (follows & ~flag_lines(self.billed, one[beyond]))

    def lay(self, rows: Mask, yes: Mask | None, told: Mask) -> Marks:
        """Lay marks on lines with 59 or X; where the files tell no modifiers, on none of them."""
        if not self.billed.modifiers_told:
            return lay_marks(self.billed.asked, told=np.zeros(len(rows), dtype=bool))
        return lay_marks(self.carrying & rows, yes, told)


def _day(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _separate_without_pair(meetings: Meetings) -> Marks:
    """One that meets a hard pair alone is told by `bundling/modifier_on_hard_pair`."""
    rows = meetings.opened | ~meetings.never
    return meetings.lay(rows, ~meetings.opened, meetings.opened | meetings.known)


def _both_separate(meetings: Meetings) -> Marks:
    both = meetings.billed.carries("59") & meetings.billed.carries(*SEPARATE[1:])
    return meetings.billed.lay_carrying(SEPARATE, both)


PAIRS = "code pairs"
"""What a rule reads; `list_rules` says in which edition."""

_POLICY = "NCCI Policy Manual, ch. 1; Medicare Claims Processing Manual, ch. 23 s. 20.9.1.1"

CHECKS: tuple[Check[Meetings], ...] = (
    Check(
        Rule(
            "modifiers/separate_without_pair",
            "Check {rows} with 59 or X that meet no pair it could be for",
            "Check in the note what the service was separate from. Where a template sets the "
            "modifier, ask why; a claim is corrected only from the note as it stood.",
            "Reviewers count how often 59 and X are used; used as a routine they call for a look.",
            f"{_POLICY}; OIG OEI-03-02-00771",
            "separate_without_pair",
            "lines",
            "biller",
            "modifiers; code pairs that the payer follows (ncci, extra_pairs) and that know the codes and "
            "the day",
            money="",
            sentence="59, XE, XP, XS and XU say that a service was separate from another one of that day; "
            "there is a pair that they may open, or the same code once more.",
            task="modifiers",
            payers="payers that follow Medicare's code pairs; every payer where nothing else was billed "
            "that day",
            right="98941 and 97140 59 on one day, other regions",
            wrong="97110 59 alone",
            edition=PAIRS,
        ),
        _separate_without_pair,
    ),
    Check(
        Rule(
            "modifiers/both_separate",
            "Check {rows} with 59 and an X modifier on one line",
            "Check in the note which of the two says what was separate.",
            "X modifiers say more exactly what 59 says; a line with both can be returned.",
            "CMS MM8863; Medicare Claims Processing Manual, ch. 23 s. 20.9.1.1",
            "both_separate",
            "lines",
            "biller",
            "modifiers",
            sentence="A line carries 59 or one of XE, XP, XS and XU, not both.",
            task="modifiers",
            right="97140 XS",
            wrong="97140 59 XS",
        ),
        _both_separate,
    ),
)


def list_rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules with the edition of code pairs that they read."""
    told = find_pairs_edition(settings.edits).told
    return tuple(replace(one.rule, edition=told) if one.rule.edition else one.rule for one in CHECKS)
