"""Lines beside a code that includes them: what the rules of code pairs say of each.

Of the topic `bundling`. The line that is marked is the one that is not paid (column 2 of CMS' table); the
other one stands on the same patient's day with the same payer.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.applicability import carries, find_standing, lay_marks, tells_modifiers, wants
from audit.billed import is_visit
from audit.edits import Pair, read_pairs
from audit.pairing import OTHER, SAME, compare_hands, find_company, join_met, meet, sort_days
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.pairing import Met
    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SEPARATE = ("59", "XE", "XP", "XS", "XU")
"""Modifiers that say that a service was separate from the other one."""

OF_A_VISIT = ("24", "25", "57")
"""Modifiers that say so of an office visit."""

OTHERWISE = (
    *("27", "58", "78", "79", "91", "LT", "RT", "E1", "E2", "E3", "E4", "LC", "LD", "LM", "RC", "RI"),
    *("FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"),
    *("TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"),
)
"""Further modifiers that open a pair: another encounter, a staged procedure, another side or digit."""


class Facts(Struct, frozen=True):
    """What is known of the lines that meet as a pair, and of those that might."""

    company: Mask
    """By line: it has another code beside it, and its payer follows the official pairs."""
    doubtful: Mask
    """By line: a code of that day is not known to the edition in use."""
    met: Met
    """Lines that meet as an official pair."""
    hands: Ints
    """By meeting: SAME, OTHER or UNTOLD."""
    extra_company: Mask
    """By line: it has another code beside it, and its payer has pairs of its own."""
    extra: Met
    """Lines that meet as a pair of their payer's own."""
    carrying: Mask
    """By line: it carries 59 or X."""
    opening: Mask
    """By line: it carries a modifier that opens pairs."""
    visit: Mask
    """By line: an office visit, which says by 25 what others say by 59."""
    modifiers_told: bool
    """Whether the files tell modifiers at all."""

    def on_either(self, lines: Mask, met: Met) -> Mask:
        """Return, by meeting, whether either of its lines is marked."""
        return lines[met.paid] | lines[met.bundled]

    def lay(self, yes: Mask, unsure: Mask) -> Marks:
        """Mark the unpaid lines of meetings YES and UNSURE, the others in company NO."""
        marks = np.where(self.company, np.where(self.doubtful, UNSURE, NO), OUT).astype(np.int8)
        marks[self.met.bundled[unsure]] = UNSURE
        marks[self.met.bundled[yes]] = YES
        return marks


def _never_together(facts: Facts) -> Marks:
    """What carries a modifier all the same is told by `modifier_on_hard_pair`."""
    hard = ~facts.met.opens & (facts.hands != OTHER)
    certain = facts.met.sure & (facts.hands == SAME)
    return facts.lay(hard & certain & ~facts.on_either(facts.carrying, facts.met), hard & ~certain)


def _modifier_on_hard_pair(facts: Facts) -> Marks:
    hard = ~facts.met.opens & (facts.hands != OTHER)
    told = facts.met.sure & (facts.hands == SAME) & facts.modifiers_told
    marks = np.full(len(facts.company), OUT, dtype=np.int8)
    for rows, mark in (
        (hard, NO),
        (hard & ~told, UNSURE),
        (hard & told & facts.on_either(facts.carrying, facts.met), YES),
    ):
        marks[facts.met.bundled[rows]] = mark
    return marks


def _no_modifier(facts: Facts) -> Marks:
    """A line that may never stand beside another one is told once, by that."""
    soft = facts.met.opens & (facts.hands != OTHER)
    told = facts.met.sure & (facts.hands == SAME) & facts.modifiers_told
    marks = facts.lay(soft & told & ~facts.on_either(facts.opening, facts.met), soft & ~told)
    never = ~facts.met.opens & facts.met.sure & (facts.hands == SAME)
    marks[facts.met.bundled[never]] = OUT
    return marks


def _other_clinician(facts: Facts) -> Marks:
    """A pair that a modifier has opened is no question of who rendered it."""
    closed = ~(facts.met.opens & facts.on_either(facts.opening, facts.met))
    told = facts.met.sure & (facts.modifiers_told | ~facts.met.opens)
    apart = closed & (facts.hands != SAME)
    return facts.lay(apart & told & (facts.hands == OTHER), apart & ~(told & (facts.hands == OTHER)))


def _payer_pair(facts: Facts) -> Marks:
    told = facts.modifiers_told | ~facts.extra.opens
    closed = ~(facts.extra.opens & facts.on_either(facts.opening, facts.extra))
    marks = lay_marks(facts.extra_company, np.zeros(len(facts.extra_company), dtype=bool))
    marks[facts.extra.bundled[closed & ~told]] = UNSURE
    marks[facts.extra.bundled[closed & told]] = YES
    return marks


FOLLOWS_PAIRS = "payers set to follow Medicare's code pairs (Medicare is)"
PAIRS_SOURCE = (
    "CMS, National Correct Coding Initiative, practitioner procedure-to-procedure edits; "
    "Medicare Claims Processing Manual ch. 23 s. 20.9"
)

CHECKS: tuple[Check[Facts], ...] = (
    Check(
        Rule(
            "bundling/never_together",
            "Check {rows} billed beside a code with which they are never paid",
            "Check in the note which of the two services was given; only one of them is paid, and no "
            "modifier "
            "changes that. Correct a claim only from the note as it stood.",
            "The payer refuses the second code (reason 97 or 236), or takes its payment back.",
            PAIRS_SOURCE,
            "pair_never_together",
            "lines",
            "biller",
            "codes, dates of service and who treated; the start of each pair, for days before the shipped "
            "table",
            sentence="Of two codes with indicator 0, one clinician (or one group and specialty) is paid "
            "for one "
            "of them on a patient's day.",
            task="pairs",
            stake="over-billed",
            payers=FOLLOWS_PAIRS,
            right="97140 alone; or 97124 alone",
            wrong="97140 and 97124 on one day",
        ),
        _never_together,
    ),
    Check(
        Rule(
            "bundling/modifier_on_hard_pair",
            "Check {rows} marked as separate beside a code with which they are never paid",
            "Check which of the two services was given. This pair does not open to a modifier: where the "
            "line "
            "was paid because of one, ask how modifiers are chosen.",
            "A modifier on a pair that never opens draws a reviewer's eye, and its payment can be taken "
            "back.",
            PAIRS_SOURCE,
            "pair_hard_modifier",
            "lines",
            "biller",
            "modifiers, codes, dates of service and who treated",
            sentence="59, XE, XP, XS and XU do not open a pair with indicator 0.",
            task="pairs",
            stake="over-billed",
            payers=FOLLOWS_PAIRS,
            right="97140 alone",
            wrong="97140, and 97124 with 59, on one day",
        ),
        _modifier_on_hard_pair,
    ),
    Check(
        Rule(
            "bundling/no_modifier",
            "Check {rows} billed beside a code that includes them",
            "Check whether the note shows two separate services: another body region, other minutes of the "
            "clock, or, for an office visit, an evaluation of its own. If it does not, one of the two may "
            "not be payable. A claim is corrected only from the note as it stood.",
            "The payer refuses the second code as part of the first (reason 97).",
            f"{PAIRS_SOURCE}. That the modifier may stand on either line: general knowledge; check with "
            f"the payer",
            "pair_no_modifier",
            "lines",
            "biller",
            "modifiers, codes, dates of service and who treated",
            sentence="Of two codes with indicator 1, both are paid on a patient's day only where they were "
            "separate services and a modifier says so.",
            task="pairs",
            stake="at risk",
            payers=FOLLOWS_PAIRS,
            right="98941, and 97140 with 59 where the note shows another region",
            wrong="98941 and 97140 of the same region on one day",
        ),
        _no_modifier,
    ),
    Check(
        Rule(
            "bundling/other_clinician",
            "Check {rows} billed beside a code that includes them, by a clinician of another specialty",
            "Check that the two are enrolled with the payer in different specialties: then the pair does not "
            "apply to them. Physical and occupational therapists of one group count as one.",
            "Payers apply the pairs to one clinician, and to one group and specialty.",
            f"{PAIRS_SOURCE}. How physical and occupational therapy count together: a therapy software's "
            f"notice",
            "pair_other_clinician",
            "lines",
            "biller",
            "clinicians and their disciplines",
            sentence="Pairs hold for one clinician, or for clinicians of one group and specialty; of "
            "others it "
            "is to be checked.",
            task="pairs",
            stake="at risk",
            payers=FOLLOWS_PAIRS,
            right="97012 and 97140 by a physical therapist and a chiropractor enrolled as such",
            wrong="97530 by a physical and 97750 by an occupational therapist of one group",
        ),
        _other_clinician,
    ),
    Check(
        Rule(
            "bundling/payer_pair",
            "Check {rows} billed beside a code with which their payer does not pay them",
            "Check the payer's policy as the settings cite it, and whether the note shows separate services.",
            "Some payers do not pay codes together that Medicare pays.",
            "the payer's own policy, as the settings cite it",
            "pair_of_payer",
            "lines",
            "biller",
            "codes, dates of service and, for pairs that open to a modifier, modifiers",
            sentence="A payer may have pairs of its own, of which it pays one code on a patient's day.",
            task="pairs",
            stake="at risk",
            payers="payers with pairs of their own in the settings",
            right="97530 alone, where the payer does not pay it beside 97140",
            wrong="97530 and 97140 on one day at that payer",
        ),
        _payer_pair,
    ),
)


def gather(populations: Populations, settings: Settings) -> Facts:
    """Work out what the rules read."""
    lines, labels = populations.lines, populations.labels
    asked = find_standing(populations)
    known = read_pairs(settings.edits, labels["code"])
    outside = [known.scope is not None and code not in known.scope for code in labels["code"]]
    follows = asked & wants(populations, settings, lambda payer: payer.follows_pairs)
    days = sort_days(populations, np.flatnonzero(follows))
    company, doubtful = find_company(populations, days, np.array(outside, dtype=bool))
    met = meet(populations, days, known.pairs, known.edition.begins)
    extra_company, extra = _gather_extra(populations, settings, asked)
    visit = np.array([is_visit(code) for code in labels["code"]], dtype=bool)[lines.groups["code"]]
    carrying = carries(lines.frame["modifiers"], *SEPARATE)
    opening = carrying | carries(lines.frame["modifiers"], *OTHERWISE)
    return Facts(
        company=company,
        doubtful=doubtful,
        met=met,
        hands=compare_hands(populations, settings, met),
        extra_company=extra_company,
        extra=extra,
        carrying=carrying,
        opening=opening | (visit & carries(lines.frame["modifiers"], *OF_A_VISIT)),
        visit=visit,
        modifiers_told=tells_modifiers(populations),
    )


def _gather_extra(populations: Populations, settings: Settings, asked: Mask) -> tuple[Mask, Met]:
    """Return the lines in company at payers that have pairs of their own, and the meetings of such pairs."""
    lines, names = populations.lines, populations.labels["code"]
    company, found = np.zeros(len(lines), dtype=bool), []
    nowhere = np.zeros(len(names), dtype=bool)
    for at, payer in enumerate(populations.labels["payer"]):
        pairs = tuple(
            Pair(one.paid, one.bundled, one.modifier, one.start or date.min, one.end)
            for one in settings.payer(payer).extra_pairs
            if {one.paid, one.bundled}.issubset(names)
        )
        if settings.payer(payer).extra_pairs:
            days = sort_days(populations, np.flatnonzero(asked & (lines.groups["payer"] == at)))
            company |= find_company(populations, days, nowhere)[0]
            found.append(meet(populations, days, pairs, date.min))
    return company, join_met(found)


def mark_opened(facts: Facts) -> Marks:
    """Mark lines beside a code that includes them by whether 59 or X is on them."""
    rows = facts.met.bundled[facts.met.opens & facts.met.sure & (facts.hands == SAME)]
    beside = np.zeros(len(facts.company), dtype=bool)
    beside[rows[~facts.visit[rows]]] = True
    return lay_marks(beside, facts.carrying, np.full(len(beside), facts.modifiers_told))
