"""Lines that say they may not be paid: GA, GX, GY and GZ, and what Medicare's answer says of them.

Rules of the topic `modifiers`. Whether a signed notice is on file is in no export; the answer tells who is
to bear the amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.applicability import holds
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.billed import Billed
    from audit.populations import Marks

    Mask = NDArray[np.bool_]

NOTICES = ("GA", "GX", "GY", "GZ")
"""Notice signed, as is required; notice given freely; excluded by law; refusal expected and no notice."""

CONTRADICTIONS = (
    *(("GA", "GZ"), ("GA", "GY"), ("GA", "GX"), ("GX", "GZ"), ("GY", "GZ")),
    *(("AT", "GY"), ("AT", "GX"), ("AT", "GZ")),
)
"""Pairs that say two things of one line. GX stands beside GY, and AT beside GA."""

REFUSED = ("denied", "excluded: denial asked for")
"""Last decisions of a line that was refused."""


def _contradiction(billed: Billed) -> Marks:
    told = [billed.carries(one) & billed.carries(other) for one, other in CONTRADICTIONS]
    return billed.lay_carrying(NOTICES, np.logical_or.reduce(told))


def _refused_to(billed: Billed, group: str) -> Mask:
    """Mark refused lines by who is to bear them: CO the practice, PR the patient."""
    frame = billed.populations.lines.frame
    reasons = [one for one in frame["last_reason"].cat.categories if one.startswith(f"{group}-")]
    return holds(frame["last_decision"], REFUSED) & holds(frame["last_reason"], reasons)


def _notice_not_taken(billed: Billed) -> Marks:
    return billed.lay_carrying(("GA",), _refused_to(billed, "CO"), billed.answered, billed.at_medicare)


def _patient_without_notice(billed: Billed) -> Marks:
    return billed.lay_carrying(("GZ",), _refused_to(billed, "PR"), billed.answered, billed.at_medicare)


_MANUAL = "Medicare Claims Processing Manual, ch. 30 s. 50; CMS MM6563 (general knowledge; check)"

CHECKS: tuple[Check[Billed], ...] = (
    Check(
        Rule(
            "modifiers/notices_contradict",
            "Check {rows} whose modifiers say two things about coverage",
            "Check whether a notice was signed before the service, and what the note says of the care given.",
            "Who bears the amount follows from these modifiers; a line that says both is returned or "
            "refused.",
            _MANUAL,
            "notices_contradict",
            "lines",
            "biller",
            "modifiers",
            sentence="A line says one thing about coverage: GA (a notice was signed), GZ (none was), GY "
            "(excluded by law, GX beside it where a notice was given freely), or AT for active treatment, "
            "GA beside it where a notice was signed.",
            task="modifiers",
            right="97140 GX GY",
            wrong="98941 GA GZ",
        ),
        _contradiction,
    ),
    Check(
        Rule(
            "modifiers/notice_not_taken",
            "Check the signed notice of {rows} with GA that Medicare left to the practice",
            "Check that the advance notice is on file, complete, signed before the service and names it. "
            "Without one the patient is not asked to pay.",
            "GA says that a notice is on file: a refusal is then the patient's (PR). One at the "
            "practice's cost (CO) says that the notice did not count, or that something else was wrong.",
            _MANUAL,
            "notice_not_taken",
            "lines",
            "front desk",
            "modifiers and Medicare's answer (the notice itself is in no export)",
            sentence="A line with GA that Medicare refuses is refused at the patient's cost; here it was "
            "refused at the practice's.",
            task="modifiers",
            payers="Original Medicare",
            right="98941 GA refused, PR-50",
            wrong="98941 GA refused, CO-50",
        ),
        _notice_not_taken,
    ),
    Check(
        Rule(
            "modifiers/patient_without_notice",
            "Check {rows} with GZ that were left to the patient",
            "GZ says that no notice was signed: check that the patient is not asked to pay, and what was "
            "agreed.",
            "Without a signed notice Medicare holds the practice liable, not the patient.",
            _MANUAL,
            "patient_without_notice",
            "lines",
            "front desk",
            "modifiers and Medicare's answer",
            sentence="A line with GZ that Medicare refuses stays with the practice; here the answer "
            "leaves it to the patient.",
            task="modifiers",
            payers="Original Medicare",
            right="98941 GZ refused, CO-50",
            wrong="98941 GZ refused, PR-50",
        ),
        _patient_without_notice,
    ),
)
