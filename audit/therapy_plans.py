"""Under whose plan therapy was billed: GP, GO and GN, and the assistants' CQ and CO.

These are rules of the topic `modifiers` and go by its name.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from audit.applicability import wants
from audit.billed import Billed
from audit.codes import code_book
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.populations import Marks

    Mask = NDArray[np.bool_]

PLANS = ("GP", "GO", "GN")
"""A plan of physical therapy, of occupational therapy, of speech-language pathology."""

PLAN_OF = {"pt": "GP", "ot": "GO", "slp": "GN"}
"""Discipline -> the modifier of its plan."""

NOT_COVERED = ("GY", "GX")
"""Modifiers of lines that ask for a refusal: excluded by law, or with a notice that is not asked for."""

ASSISTANTS = ("CQ", "CO")
"""Given in part by a physical, or an occupational therapy assistant."""

MANUAL = "Medicare Claims Processing Manual, ch. 5 s. 20.1"


def is_evaluation(code: str, discipline: str) -> bool:
    """Tell whether a code is an evaluation by this discipline alone."""
    known = code_book().codes.get(code)
    return known is not None and "valuation" in known.family and known.disciplines == (discipline,)


def _plan_absent(billed: Billed) -> Marks:
    """Sometimes-therapy asks for a plan where a therapist gave it; whose lines nobody tells, is open."""
    wanted = wants(billed.populations, billed.settings, lambda payer: payer.therapy_modifiers)
    wanted &= ~billed.carries(*NOT_COVERED)
    always, sometimes = billed.of_therapy("always"), billed.of_therapy("sometimes")
    not_known = ~billed.of_therapy("always", "sometimes", "no") & ~billed.of_codes(code_book().is_report_only)
    carried, therapist, nobody = billed.carries(*PLANS), billed.by(*PLAN_OF), billed.by("")
    arises = always | (sometimes & (carried | therapist | nobody)) | (not_known & (therapist | nobody))
    told = carried | always | (sometimes & therapist)
    return billed.lay(wanted & arises, ~carried, told if billed.modifiers_told else np.zeros_like(told))


def _count_plans(billed: Billed) -> NDArray[np.int8]:
    plans: NDArray[np.int8] = np.sum([billed.carries(plan) for plan in PLANS], axis=0, dtype=np.int8)
    return plans


def _two_plans(billed: Billed) -> Marks:
    return billed.lay_carrying(PLANS, _count_plans(billed) > 1)


def _other_plan(billed: Billed) -> Marks:
    """An evaluation tells its plan whoever gave it; of other codes, the clinician's discipline does."""
    single = _count_plans(billed) == 1
    wrong, told = np.zeros(len(single), dtype=bool), np.zeros(len(single), dtype=bool)
    for discipline, plan in PLAN_OF.items():
        carried = billed.carries(plan)
        evaluated = billed.of_codes(partial(is_evaluation, discipline=discipline))
        fitting = billed.by(discipline) | evaluated
        told |= fitting
        wrong |= fitting & ~carried
    others = billed.by("massage", "chiropractic", "acupuncture", "other") & ~told
    rows = single & ~others if billed.modifiers_told else ~others
    return billed.lay_carrying(PLANS, wrong, told, rows)


def _assistant_without_plan(billed: Billed) -> Marks:
    physical, occupational = billed.carries("CQ"), billed.carries("CO")
    wrong = (
        (physical & ~billed.carries("GP"))
        | (occupational & ~billed.carries("GO"))
        | (physical & occupational)
    )
    wanted = wants(billed.populations, billed.settings, lambda payer: payer.therapy_modifiers)
    return billed.lay_carrying(ASSISTANTS, wrong, rows=wanted)


CHECKS: tuple[Check[Billed], ...] = (
    Check(
        Rule(
            "modifiers/plan_absent",
            "Check under whose plan {rows} of therapy codes without GP, GO or GN were given",
            "Check the plan of care and who treated. A claim is corrected only from the note as it stood; "
            "what belongs to no therapy plan is no therapy.",
            "Such a line is returned or refused (reason 4, remark N822), and cannot be counted toward the "
            "year's threshold.",
            f"{MANUAL}; which codes are always or sometimes therapy: CMS therapy code list of the year "
            "(general knowledge for most codes; check)",
            "plan_absent",
            "lines",
            "biller",
            "modifiers; for codes that are sometimes therapy, the clinician's discipline (practice.toml)",
            sentence="A code that is always therapy names the plan it belongs to (GP, GO or GN) whoever "
            "bills it; a code that is sometimes therapy does so when a therapist gives it.",
            task="modifiers",
            payers="payers with therapy_modifiers, such as Medicare",
            right="97110 GP by a physical therapist, at Medicare",
            wrong="97110 without GP, GO or GN, at Medicare",
        ),
        _plan_absent,
    ),
    Check(
        Rule(
            "modifiers/two_plans",
            "Check under whose plan {rows} with more than one of GP, GO and GN were given",
            "Check in the plan of care which therapy the service belongs to.",
            "A service belongs to one plan; a line that names two can be returned, or counted toward the "
            "wrong threshold.",
            MANUAL,
            "two_plans",
            "lines",
            "biller",
            "modifiers",
            sentence="A line names one therapy plan: GP (physical therapy), GO (occupational therapy) or GN "
            "(speech-language pathology).",
            task="modifiers",
            right="97530 GO",
            wrong="97530 GP GO",
        ),
        _two_plans,
    ),
    Check(
        Rule(
            "modifiers/other_plan",
            "Check {rows} whose therapy plan is not that of the clinician or of the evaluation",
            "Check who treated and under which plan of care.",
            "The plan decides toward which threshold the line counts, and must be that of the therapist "
            "who set it.",
            MANUAL,
            "other_plan",
            "lines",
            "biller",
            "modifiers and the clinician's discipline (practice.toml)",
            sentence="A physical therapist's line carries GP, an occupational therapist's GO, a "
            "speech-language pathologist's GN; so does each one's evaluation.",
            task="modifiers",
            disciplines="physical and occupational therapists, speech-language pathologists",
            right="97165 GO",
            wrong="97165 GP",
        ),
        _other_plan,
    ),
    Check(
        Rule(
            "modifiers/assistant_without_plan",
            "Check {rows} with CQ or CO that do not name the assistant's plan",
            "Check in the note who treated, for how many minutes, and under which plan. Whether CQ or CO "
            "is absent elsewhere cannot be told here: that needs the assistant's minutes.",
            "Medicare pays 85 % for a service that an assistant gave in part, and returns a line that "
            "names none of the plans.",
            "42 CFR 410.59, 410.60; CMS, billing examples using CQ and CO",
            "assistant_without_plan",
            "lines",
            "biller",
            "modifiers",
            in_force_from=date(2020, 1, 1),
            sentence="CQ (physical therapy assistant) stands beside GP, CO (occupational therapy "
            "assistant) beside GO, and never both on one line.",
            task="modifiers",
            payers="payers with therapy_modifiers, such as Medicare",
            disciplines="physical and occupational therapy",
            right="97110 GP CQ",
            wrong="97110 GO CQ",
        ),
        _assistant_without_plan,
    ),
)
