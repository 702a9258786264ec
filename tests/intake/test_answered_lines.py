"""Charges of a practice that has remittances alone: every line that a payer answered, once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from audit.history import build_history
from audit.intake.answered_lines import NOTE
from tests.histories import shown
from tests.intake.sheets import shipped
from tests.intake.x12_texts import PAYMENT, interchange, read, remittance, told, transaction

DENIED = """
CLP*C1*4*60*0**12*I1
NM1*QC*1*ROE*JOE****MI*M1
NM1*82*1*WHITFIELD*DANA
SVC*HC:97140*60*0**1
DTM*472*20261001
CAS*CO*97*60
"""
PAID = """
CLP*C1*1*60*60**12*I1
NM1*QC*1*ROE*JOE****MI*M1
NM1*82*1*WHITFIELD*DANA
SVC*HC:97140*60*60**1
DTM*472*20261001
"""


def test_every_line_answered_is_one_charge_whatever_its_answers(tmp_path: Path) -> None:
    reversed_ = DENIED.replace("*4*60*0*", "*22*-60*0*").replace("*60*0**1", "*-60*0**-1")
    both = [
        transaction(PAYMENT.format(paid="0") + DENIED + reversed_),
        transaction(PAYMENT.format(paid="60") + PAID, number=2),
    ]
    intake = read(tmp_path, interchange(*both))
    columns = ("claim_id", "code", "charge", "units", "payer", "clinician", "service_date", "source_row")
    assert told(intake.charges, *columns) == [
        ("C1", "97140", 6000, 100, "AETNA", "Dana Whitfield", "2026-10-01", 13)
    ]
    assert NOTE in intake.files[0].notes
    assert len(intake.postings) == 5


def test_like_lines_of_one_answer_are_several_charges(tmp_path: Path) -> None:
    twice = PAID + "SVC*HC:97140*60*60**1\nDTM*472*20261001\n"
    again = [transaction(PAYMENT.format(paid="0") + twice, number=number) for number in (1, 2)]
    assert len(read(tmp_path, interchange(*again)).charges) == 2


def test_the_first_payer_s_answer_tells_of_the_line(tmp_path: Path) -> None:
    second = PAID.replace("CLP*C1*1", "CLP*C1*2")
    made = [
        transaction(PAYMENT.format(paid="0").replace("AETNA", "CIGNA") + second),
        transaction(PAYMENT.format(paid="0") + PAID, number=2),
    ]
    assert told(read(tmp_path, interchange(*made)).charges, "payer", "payer_rank") == [("AETNA", 0)]


def test_a_predetermination_bills_nothing(tmp_path: Path) -> None:
    intake = read(tmp_path, remittance(PAID.replace("CLP*C1*1", "CLP*C1*25")))
    assert (len(intake.charges), len(intake.postings)) == (0, 1)


# --- a line sent again on another claim, where nobody tells when ----------------------------

AS_OF = date(2026, 12, 31)


def followed(path: Path, *answers: tuple[str, str], as_of: date = AS_OF) -> list[str]:
    """Return the lines of some answers (each with the day of its payment), as their history has them."""
    made = [
        transaction(PAYMENT.format(paid="0").replace("20261012", day) + claim, number=number)
        for number, (day, claim) in enumerate(answers, start=1)
    ]
    found = build_history(read(path, interchange(*made)), shipped(), as_of)
    return shown(found, "claim_id", "sent", "first_decision", "last_decision", "submitted_date")


def on_claim(number: str, claim: str) -> str:
    """Return a claim under another number."""
    return claim.replace("CLP*C1", f"CLP*{number}")


def test_a_denied_line_on_a_new_claim_is_one_line_denied_once(tmp_path: Path) -> None:
    """A claim was sent before its answer came; how long before nobody tells, so no day of sending is."""
    answers = ("20261010", DENIED), ("20261024", on_claim("C2", DENIED)), ("20261107", on_claim("C3", PAID))
    assert followed(tmp_path, *answers) == ["C1 3 denied paid -"]
    assert followed(tmp_path, *reversed(answers)) == ["C1 3 denied paid -"]


def test_a_paid_line_on_a_new_claim_is_another_line(tmp_path: Path) -> None:
    answers = ("20261010", PAID), ("20261024", on_claim("C2", PAID))
    assert followed(tmp_path, *answers) == ["C1 1 paid paid -", "C2 1 paid paid -"]


@pytest.mark.parametrize("payer", ["AETNA", "CIGNA"])
def test_a_later_payer_s_answer_under_another_number_is_to_the_first_payer_s_line(
    tmp_path: Path, payer: str
) -> None:
    """Two plans of one insurer answer under one name; neither way was the line billed twice."""
    second = on_claim("C2", PAID).replace("CLP*C2*1", "CLP*C2*2")
    made = [
        transaction(PAYMENT.format(paid="60") + PAID),
        transaction(
            PAYMENT.format(paid="60").replace("1012", "1101").replace("AETNA", payer) + second, number=2
        ),
    ]
    found = build_history(read(tmp_path, interchange(*made)), shipped(), AS_OF)
    assert shown(found, "claim_id", "payer", "first_decision", "billed_twice") == ["C1 AETNA paid False"]


def test_a_later_payer_s_answer_alone_is_a_line_whose_first_answer_is_unknown(tmp_path: Path) -> None:
    """Its first payer's remittance is not among the files."""
    answers = [("20261101", PAID.replace("CLP*C1*1", "CLP*C1*2"))]
    assert followed(tmp_path, *answers) == ["C1 1 unknown paid -"]


@pytest.mark.parametrize(("day", "lines"), [("20261010", 2), ("20261016", 2), ("20261018", 1)])
def test_an_answer_within_a_week_is_to_no_claim_that_followed(tmp_path: Path, day: str, lines: int) -> None:
    """Two sessions of one day, of clinicians who are not told, are answered soon after each other."""
    assert len(followed(tmp_path, ("20261010", DENIED), (day, on_claim("C2", PAID)))) == lines


def test_a_claim_refused_as_a_duplicate_is_not_sent_again(tmp_path: Path) -> None:
    """The duplicate is answered first, what it repeats last: its answer is no denial undone."""
    duplicate = on_claim("C2", DENIED).replace("CAS*CO*97*60", "CAS*OA*18*60")
    answers = ("20261010", duplicate), ("20261024", PAID)
    assert followed(tmp_path, *answers) == [
        "C2 1 excluded: duplicate excluded: duplicate -",
        "C1 1 paid paid -",
    ]


def test_as_of_a_day_before_it_was_sent_nobody_knows_of_the_new_claim(tmp_path: Path) -> None:
    answers = ("20261010", DENIED), ("20261024", on_claim("C2", PAID))
    assert followed(tmp_path, *answers, as_of=date(2026, 10, 15)) == ["C1 1 denied denied -"]
