"""Who billed a code: whether the clinician's discipline usually bills it, and whether Medicare pays for it.

Rules of the topic `codebook`. A clinician's scope of practice is set by the state: what is unusual is to be
checked.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from audit.codes import code_book
from audit.lines import ABSENT
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.billed import Billed
    from audit.populations import Marks

    Mask = NDArray[np.bool_]

TOBACCO = ("99406", "99407")
"""Advice on stopping tobacco."""

TOBACCO_DIAGNOSES = ("F172", "Z720", "Z87891", "T652", "O9933")
"""Dependence, use, former dependence, toxic effect, use in pregnancy: how they begin, without points."""

NO_COUNSELORS = ("massage", "pt", "ot", "acupuncture", "slp")
"""Disciplines that payers do not usually pay for advice on tobacco."""

ADJUSTMENTS = ("98940", "98941", "98942")
ACUPUNCTURE = ("97810", "97811", "97813", "97814")

NOT_COVERED = ("GA", "GX", "GY", "GZ")
"""Modifiers that tell Medicare that a line may not be paid."""

ANY_CODE = "other"
"""The discipline of physicians and others, of whom the code book does not say what they bill."""


def _outside_discipline(billed: Billed) -> Marks:
    """Advice on tobacco has a rule of its own."""
    book = code_book().codes
    usual = np.zeros(len(billed.asked), dtype=bool)
    for discipline in set(billed.disciplines) - {"", ANY_CODE}:
        usual |= billed.by(discipline) & billed.of_codes(partial(_usually_bills, discipline))
    anybody = billed.of_codes(lambda code: code in TOBACCO or (code in book and not book[code].disciplines))
    known = billed.of_codes(lambda code: code in book)
    return billed.lay(~anybody & ~billed.by(ANY_CODE), ~usual, known & ~billed.by(""))


def _usually_bills(discipline: str, code: str) -> bool:
    known = code_book().codes.get(code)
    return known is not None and discipline in known.disciplines


def _tobacco(billed: Billed) -> Marks:
    frame = billed.populations.lines.frame
    diagnoses = frame["diagnoses"].cat
    named = [
        any(word.replace(".", "").startswith(TOBACCO_DIAGNOSES) for word in text.split())
        for text in diagnoses.categories
    ]
    with_tobacco = np.array([*named, False], dtype=bool)[diagnoses.codes]
    told = (frame["diagnoses"] != "").to_numpy() | (frame["has_diagnosis"] == ABSENT).to_numpy()
    without, outside = told & ~with_tobacco, billed.by(*NO_COUNSELORS)
    found = without | outside
    return billed.lay(billed.of_codes(TOBACCO.__contains__), found, found | (told & ~billed.by("")))


def _chiropractor_at_medicare(billed: Billed) -> Marks:
    paid = billed.of_codes(lambda code: code in ADJUSTMENTS or code_book().is_report_only(code))
    rows = billed.at_medicare & ~paid & billed.by("chiropractic", "")
    told = ~billed.by("") & billed.modifiers_told
    return billed.lay(rows, ~billed.carries(*NOT_COVERED), told)


def _acupuncture_at_medicare(billed: Billed) -> Marks:
    rows = billed.at_medicare & billed.of_codes(ACUPUNCTURE.__contains__) & ~billed.carries(*NOT_COVERED)
    return billed.lay(rows, ~billed.by(ANY_CODE), ~billed.by(""))


CHECKS: tuple[Check[Billed], ...] = (
    Check(
        Rule(
            "codebook/outside_discipline",
            "Check {rows} of codes that the clinician's discipline does not usually bill",
            "Check who treated, what the state allows that license to do, and what the payer's contract "
            "pays to it.",
            "A payer that does not pay a discipline for a code refuses it (reason 170 or B7), or takes it "
            "back.",
            "config/codes.csv, column disciplines (general knowledge; scope of practice is set by each "
            "state)",
            "outside_discipline",
            "lines",
            "owner",
            "the clinician's discipline (practice.toml) and a code of our code book",
            sentence="A code is billed by a discipline that usually bills it.",
            task="codes",
            right="97124 by a massage therapist",
            wrong="97110 by a massage therapist",
        ),
        _outside_discipline,
    ),
    Check(
        Rule(
            "codebook/tobacco",
            "Check {rows} of 99406 or 99407 without a tobacco diagnosis, or by another discipline",
            "Check in the note whether tobacco was what was talked about, for how long, and who did. "
            "Advice on ways of living in general is another service.",
            "These codes are for advice on stopping tobacco alone.",
            "NCD 210.4.1; ICD-10-CM F17.2, Z72.0, Z87.891, T65.2, O99.33 (general knowledge; check)",
            "tobacco",
            "lines",
            "biller",
            "diagnoses and the clinician's discipline (practice.toml)",
            sentence="99406 and 99407 stand with a tobacco diagnosis and are billed by a clinician whom "
            "payers pay for such advice.",
            task="codes",
            right="99406 with F17.210 by a physician",
            wrong="99406 with M54.50",
        ),
        _tobacco,
    ),
    Check(
        Rule(
            "codebook/chiropractor_at_medicare",
            "Check {rows} by a chiropractor that Medicare does not cover",
            "Check that the patient was told beforehand, and whether a refusal was asked for (a second "
            "insurer may want one). Nothing else than 98940 to 98942 is paid to a chiropractor.",
            "Medicare covers spinal adjustment alone when a chiropractor gives or orders it; other "
            "services are the patient's to pay.",
            "42 CFR 410.21(b); Medicare Benefit Policy Manual, ch. 15 s. 30.5 and 240.1.1",
            "chiropractor_at_medicare",
            "lines",
            "biller",
            "modifiers and the clinician's discipline (practice.toml)",
            sentence="A chiropractor's line at Medicare is 98940 to 98942, or says by GY, GX, GA or GZ "
            "that it may not be paid.",
            task="codes",
            payers="Original Medicare",
            disciplines="chiropractic",
            right="97140 GY",
            wrong="97140 billed as covered",
        ),
        _chiropractor_at_medicare,
    ),
    Check(
        Rule(
            "codebook/acupuncture_at_medicare",
            "Check {rows} of acupuncture billed to Medicare by a discipline that it does not pay",
            "Check under whose number the service was billed and who supervised. Medicare pays "
            "physicians, and others under their supervision, for chronic low-back pain alone.",
            "A licensed acupuncturist cannot bill Medicare; what was paid can be taken back.",
            "NCD 30.3.3 (general knowledge; check)",
            "acupuncture_at_medicare",
            "lines",
            "owner",
            "the clinician's discipline (practice.toml)",
            in_force_from=date(2020, 1, 21),
            sentence="Acupuncture is billed to Medicare by a physician, a physician assistant or a nurse "
            "practitioner, not by another discipline.",
            task="codes",
            payers="Original Medicare",
            disciplines="acupuncture, chiropractic, therapy, massage",
            right="97810 under a physician's number",
            wrong="97810 by an acupuncturist",
        ),
        _acupuncture_at_medicare,
    ),
)
