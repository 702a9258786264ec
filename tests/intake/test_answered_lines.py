"""Charges of a practice that has remittances alone: every line that a payer answered, once."""

from __future__ import annotations

from pathlib import Path

from audit.intake.answered_lines import NOTE
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
