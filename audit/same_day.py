"""Services beside another one of the day: 25 on an office visit, 76 and 77 on a service given once more.

Rules of the topic `modifiers`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from audit.applicability import wants
from audit.billed import Billed, flag_lines, is_visit, meet_on_the_day
from audit.codes import code_book
from audit.edits import find_editions, read_limits
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from audit.edits import UnitLimits
    from audit.populations import Marks
    from audit.settings import Settings

REPEATED = ("76", "77")
"""The same service once more: by the same practitioner, by another."""

ONCE = (1, 2)
"""A limit of one, without exception."""

LIMITS = "unit limits"
"""What a rule reads; `list_rules` says in which edition."""


def _no_visit(billed: Billed) -> Marks:
    book = code_book().codes
    visit, known = billed.of_codes(is_visit), billed.of_codes(lambda code: code in book)
    return billed.lay_carrying(("25",), ~visit, visit | known)


def _visit_alone(billed: Billed) -> Marks:
    visit = billed.of_codes(is_visit)
    rows = np.flatnonzero(billed.asked & visit & billed.carries("25"))
    one, other = meet_on_the_day(billed, rows, billed.given & ~billed.of_codes(code_book().is_report_only))
    code = billed.populations.lines.groups["code"]
    beside = flag_lines(billed, one[code[one] != code[other]])
    return billed.lay_carrying(("25",), ~beside, rows=visit)


def _repeat_alone(billed: Billed) -> Marks:
    rows = np.flatnonzero(billed.asked & billed.carries(*REPEATED))
    one, other = meet_on_the_day(billed, rows, billed.given)
    code = billed.populations.lines.groups["code"]
    return billed.lay_carrying(REPEATED, ~flag_lines(billed, one[code[one] == code[other]]))


def _repeat_of_once(billed: Billed) -> Marks:
    """Of codes whose limit is one a day without exception, by the newest edition that had begun."""
    once = np.zeros(len(billed.asked), dtype=bool)
    told = np.zeros(len(billed.asked), dtype=bool)
    for limits in read_limits(billed.settings.edits, billed.populations.labels["code"]):
        begun = billed.within(limits.edition.begins, None)
        once = np.where(begun, billed.of_codes(partial(_is_once, limits)), once)
        told = np.where(begun, billed.of_codes(partial(_is_known, limits)), told)
    follows = wants(billed.populations, billed.settings, lambda payer: payer.follows_limits)
    return billed.lay_carrying(REPEATED, once, told, follows)


def _is_once(limits: UnitLimits, code: str) -> bool:
    return limits.limits.get(code) == ONCE


def _is_known(limits: UnitLimits, code: str) -> bool:
    return limits.scope is None or code in limits.scope


CHECKS: tuple[Check[Billed], ...] = (
    Check(
        Rule(
            "modifiers/visit_modifier_elsewhere",
            "Check {rows} with 25 on a code that is no office visit",
            "Check which line 25 was meant for; a claim is corrected only from the note as it stood.",
            "25 says something of an evaluation and management service; elsewhere it is invalid.",
            "NCCI Policy Manual, ch. 1; CPT appendix A, in our words",
            "visit_modifier_elsewhere",
            "lines",
            "biller",
            "modifiers and a code of our code book",
            sentence="25 stands on an evaluation and management service (99202 to 99499), not on a "
            "procedure, a therapy evaluation or a test.",
            task="modifiers",
            right="99213 25 with 98941",
            wrong="98941 25",
        ),
        _no_visit,
    ),
    Check(
        Rule(
            "modifiers/visit_modifier_alone",
            "Check {rows} with 25 on the only service of the patient's day",
            "Check whether another service of that day is absent from the charges, or 25 comes from a "
            "template.",
            "25 says that the visit was separate from a procedure of that day; reviewers count how often "
            "it is used.",
            "NCCI Policy Manual, ch. 1; CPT appendix A, in our words",
            "visit_modifier_alone",
            "lines",
            "biller",
            "modifiers",
            money="",
            sentence="25 stands on an office visit where another service was given on that day.",
            task="modifiers",
            right="99213 25 with 98941",
            wrong="99213 25 alone",
        ),
        _visit_alone,
    ),
    Check(
        Rule(
            "modifiers/repeat_alone",
            "Check {rows} with 76 or 77 whose code was billed once that day",
            "Check in the note whether the service was given once more, and which line tells of the first "
            "time.",
            "76 and 77 say that a service was given again on the day; without a first one a payer asks "
            "for it.",
            "Medicare Claims Processing Manual, ch. 12 s. 30; general knowledge; check",
            "repeat_alone",
            "lines",
            "biller",
            "modifiers",
            sentence="76 (same practitioner) and 77 (another one) stand on a code that is billed once "
            "more for the same patient and day.",
            task="modifiers",
            right="97012 and 97012 76 on one day",
            wrong="97012 76 alone",
        ),
        _repeat_alone,
    ),
    Check(
        Rule(
            "modifiers/repeat_of_once_a_day",
            "Check {rows} with 76 or 77 on a code that counts once a day",
            "Check in the note how often it was given; more than one of a day is not paid, whatever "
            "modifier.",
            "The limit of such a code is one a day without exception (adjudication indicator 2).",
            "CMS medically unlikely units, practitioner table",
            "repeat_of_once_a_day",
            "lines",
            "biller",
            "modifiers; a table of unit limits that knows the code and the day",
            sentence="A code whose limit is one a day by definition is not repeated with 76 or 77.",
            task="modifiers",
            payers="payers that follow Medicare's unit limits (mue)",
            right="97012 76",
            wrong="98941 76",
            edition=LIMITS,
        ),
        _repeat_of_once,
    ),
)


def list_rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules with the edition of unit limits that they read."""
    told = find_editions("limits", settings.edits)[-1].told
    return tuple(replace(one.rule, edition=told) if one.rule.edition else one.rule for one in CHECKS)
