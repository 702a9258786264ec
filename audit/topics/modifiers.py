"""Modifiers: what a line says beside its code, and whether the rest of the claim agrees.

Therapy plans are `audit/therapy_plans.py`, KX `audit/therapy_threshold.py`, 59 `audit/separate_services.py`,
25 and 76 `audit/same_day.py`, GA to GZ `audit/advance_notices.py`; shares over time, AT and what no payer
knows stand here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit import advance_notices, same_day, separate_services, therapy_plans, therapy_threshold
from audit.applicability import holds
from audit.billed import Billed, is_visit
from audit.measures import Measure, answered, marked
from audit.rules import Check, Rule, mark_checks

if TYPE_CHECKING:
    from datetime import date

    from audit.populations import Marks, Populations, Table
    from audit.settings import Settings

ID = "modifiers"
TITLE = "Modifiers"

ADJUSTMENTS = ("98940", "98941", "98942")
"""All that Medicare pays a chiropractor for."""

MOST = 4
"""Places for modifiers on a line of a claim."""

_WRITTEN = """
    22 23 24 25 26 27 29 32 33 47 50 51 52 53 54 55 56 57 58 59 62 63 66 73 74 76 77 78 79 80 81 82
    90 91 92 93 95 96 97 99 1P 2P 3P 8P AH AJ AM AQ AR AS AT AU AV AW AX AY AZ CC CG CO CP CQ CR CS
    CT E1 E2 E3 E4 EY F1 F2 F3 F4 F5 F6 F7 F8 F9 FA FP FQ FR FS FT FX FY G0 GA GC GE GF GG GH GJ GL
    GN GO GP GQ GS GT GU GV GW GX GY GZ HA HB HC HD HE HF HG HH HI HJ HK HL HM HN HO HP HQ HR HS HT
    HU HV HW HX HY HZ KX LT NU PD PI PN PO PS PT Q0 Q1 Q5 Q6 QW RA RB RR RT SA SC SL SW T1 T2 T3 T4
    T5 T6 T7 T8 T9 TA TC TD TE TF TG TH TL TM TN TP TQ TR TS TT TU U1 U2 U3 U4 U5 U6 U7 U8 U9 UA UB
    UC UD UN UP UQ UR US V1 V2 V3 XE XP XS XU ZA ZB
"""

KNOWN = frozenset(_WRITTEN.split())
"""Every modifier of two digits, and those with a letter that a practice may meet; there are more of these."""


def _share(name: str, title: str, what: str, of: str) -> Measure:
    return Measure(
        f"{ID}/{name}",
        title,
        f"{what}, out of {of}. Lines withdrawn, duplicates and lines that no payer was asked for are left "
        "out.",
        marked(f"with_{name}"),
        answered(f"with_{name}"),
        unit="share",
        groups=("code", "payer", "clinician"),
    )


MEASURES = (
    _share("separate", "Lines with 59 or X", "Lines with 59, XE, XP, XS or XU", "all lines billed"),
    _share("kx", "Medicare therapy with KX", "Lines with KX", "therapy lines at Original Medicare"),
    _share("at", "Medicare adjustments with AT", "Lines with AT", "spinal adjustments at Original Medicare"),
    _share("visit_25", "Office visits with 25", "Lines with 25", "office visits (99202 to 99499)"),
    _share("assistant", "Therapy lines by assistants", "Lines with CQ or CO", "lines with GP or GO"),
)


def _at_absent(billed: Billed) -> Marks:
    """A line that says itself that it may not be paid says of which care it is."""
    frame = billed.populations.lines.frame
    rows = holds(frame["code"], ADJUSTMENTS) & billed.at_medicare & billed.by("chiropractic", "")
    told = None if billed.modifiers_told else np.zeros(len(rows), dtype=bool)
    return billed.lay(rows, ~billed.carries("AT", *advance_notices.NOTICES), told)


def _not_known(billed: Billed) -> Marks:
    """Two digits that are no modifier, or more than a claim has places for; of letters we know the usual."""
    some = np.array([bool(words) for words in billed.words], dtype=bool)
    wrong = np.array(
        [len(words) > MOST or any(word.isdigit() for word in words - KNOWN) for words in billed.words],
        dtype=bool,
    )
    told = wrong | np.array([words <= KNOWN for words in billed.words], dtype=bool)
    some, wrong, told = (of_cell[billed.cell] for of_cell in (some, wrong, told))
    if not billed.modifiers_told:
        return billed.lay(~some, told=some)
    return billed.lay(some, wrong, told)


CHECKS: tuple[Check[Billed], ...] = (
    Check(
        Rule(
            "modifiers/at_absent",
            "Check which care the notes of {rows} of adjustments without AT show",
            "A line without AT is right for maintenance care, which Medicare does not pay and the patient "
            "is told of beforehand. Was it active care? The note must show it, as it stood.",
            "At Medicare, AT stands for active treatment; without it, an adjustment is taken for "
            "maintenance care and refused.",
            "Medicare Benefit Policy Manual, ch. 15 s. 240.1.3; Claims Processing Manual, ch. 12 s. 220",
            "at_absent",
            "lines",
            "clinician",
            "modifiers",
            sentence="An adjustment (98940 to 98942) without AT, GA, GX, GY or GZ tells Medicare neither "
            "that treatment was active nor that the patient was told it may not be paid.",
            task="modifiers",
            payers="Original Medicare",
            disciplines="chiropractic",
            right="98941 GA: maintenance care, and a notice was signed",
            wrong="98941 alone: which care does the note show?",
        ),
        _at_absent,
    ),
    Check(
        Rule(
            "modifiers/not_known",
            "Check {rows} with a modifier that is none, or with more than four",
            "Check what was meant; a claim is corrected only from the note as it stood.",
            "A payer returns a line whose modifier it does not know (reason 4).",
            "CPT appendix A and HCPCS modifiers, as far as general knowledge goes; check",
            "not_known",
            "lines",
            "biller",
            "modifiers of our list",
            sentence="A modifier is one that exists, and a line has four at most.",
            task="modifiers",
            right="97140 59 GP",
            wrong="97140 00",
        ),
        _not_known,
    ),
)

OF_LINES = (*CHECKS, *therapy_plans.CHECKS, *advance_notices.CHECKS, *same_day.CHECKS)

RULES = (
    *(check.rule for check in (*CHECKS, *therapy_plans.CHECKS, *advance_notices.CHECKS)),
    *(check.rule for check in therapy_threshold.CHECKS),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return (*RULES, *separate_services.list_rules(settings), *same_day.list_rules(settings))


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark lines by what their modifiers say, and visits above the amount of reviews."""
    billed = Billed(populations, settings)
    therapy = therapy_threshold.add_up_therapy(billed)
    every: tuple[dict[Table, dict[str, Marks]], ...] = (
        mark_checks(OF_LINES, billed, populations),
        mark_checks(therapy_threshold.CHECKS, therapy, populations),
        mark_checks(separate_services.CHECKS, separate_services.Meetings(billed), populations),
        {"lines": _mark_shares(billed, therapy)},
    )
    marks: dict[Table, dict[str, Marks]] = {}
    for found in every:
        for table, named in found.items():
            marks.setdefault(table, {}).update(named)
    return populations.with_marks(marks)


def _mark_shares(billed: Billed, therapy: therapy_threshold.Therapy) -> dict[str, Marks]:
    """Mark the lines that a share counts, by whether they carry its modifiers."""
    everyone = billed.asked
    adjusted = holds(billed.populations.lines.frame["code"], ADJUSTMENTS) & billed.at_medicare
    counted = np.zeros(len(everyone), dtype=bool)
    counted[therapy.rows] = True
    told = None if billed.modifiers_told else np.zeros(len(everyone), dtype=bool)
    return {
        f"with_{name}": billed.lay(rows, billed.carries(*modifiers), told)
        for name, rows, modifiers in (
            ("separate", everyone, separate_services.SEPARATE),
            ("kx", counted, ("KX",)),
            ("at", adjusted, ("AT",)),
            ("visit_25", billed.of_codes(is_visit), ("25",)),
            ("assistant", billed.carries("GP", "GO"), therapy_plans.ASSISTANTS),
        )
    }
