"""The sums of a remittance: counted and told, and no reason to leave a file out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.x12_texts import read, remittance, totals_of


def test_sums_that_do_not_agree_are_told_and_no_reason_to_refuse(tmp_path: Path) -> None:
    claims = "CLP*C1*1*100*80\nSVC*HC:97140*100*80**1\nCAS*CO*45*10\nCLP*C2*1*50*50\nSVC*HC:97140*50*50**1\n"
    intake = read(tmp_path, remittance(claims, "131"))
    notes = " ".join(intake.files[0].notes)
    assert "claims that do not balance: 1 of 2" in notes
    assert "lines that do not balance: 1 of 2" in notes
    assert "payments that do not balance: 1 of 1" in notes
    assert "$1.00 apart" in notes
    assert intake.payments["unbalanced"].tolist() == [1]


@pytest.mark.parametrize(
    ("claim", "zero_paid", "by_payer"),
    [
        ("CLP*C*1*60*0\nSVC*HC:97140*60*0**1\nCAS*CO*97*60\n", 1, 1),
        ("CLP*C*1*60*0\nSVC*HC:97140*60*0**1\nCAS*PR*1*60\n", 1, 0),
        ("CLP*C*1*60*0\nSVC*HC:97140*60*0**1\nCAS*CO*45*40\nCAS*PR*1*20\n", 1, 0),
        ("CLP*C*1*60*1\nSVC*HC:97140*60*1**1\nCAS*CO*97*60\n", 0, 0),
        ("CLP*C*1*0*0\nSVC*HC:97140*0*0**1\n", 0, 0),
        ("CLP*C*22*60*0\nSVC*HC:97140*60*0**1\nCAS*CO*97*60\n", 0, 0),
        ("CLP*C*1*60*\nSVC*HC:97140*60***1\nCAS*CO*97*60\n", 0, 0),
    ],
)
def test_zero_paid_lines_are_a_raw_count(tmp_path: Path, claim: str, zero_paid: int, by_payer: int) -> None:
    totals = totals_of(read(tmp_path, remittance(claim)))
    assert (totals["zero_paid_lines"], totals["payer_zeroed_lines"]) == (zero_paid, by_payer)
