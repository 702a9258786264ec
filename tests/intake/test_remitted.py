"""Remittances as postings, payments and provider adjustments: what each segment comes to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.intake.sheets import practice, shipped
from tests.intake.x12_texts import PAYMENT, interchange, read, remittance, totals_of, transaction


def postings(path: Path, claims: str, paid: str = "0") -> pd.DataFrame:
    return read(path, remittance(claims, paid)).postings


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Return rows as tuples, amounts in cents, days as text."""
    shown = frame[list(columns)].copy()
    for name in shown.select_dtypes("datetime"):
        shown[name] = shown[name].dt.strftime("%Y-%m-%d")
    shown = shown.astype(object)
    return list(shown.where(shown.notna(), None).itertuples(index=False, name=None))


def test_a_line_becomes_its_payment_and_its_adjustments(tmp_path: Path) -> None:
    """Up to six adjustments stand in one CAS; amounts are signed as on the remittance."""
    found = postings(
        tmp_path,
        """
        CLP*C1*1*100*40*20*12*ICN1
        SVC*HC:97140:59:GP*100*40**2
        DTM*472*20261001
        CAS*CO*45*30*1*253*5*1*97*1*1*A1*2*1*16*1*1*B7*1
        CAS*PR*3*20
        REF*6R*L1
        """,
    )
    assert told(found, "kind", "group", "reason", "amount") == [
        ("payment", "", "", 4000),
        ("adjustment", "CO", "45", 3000),
        ("adjustment", "CO", "253", 500),
        ("adjustment", "CO", "97", 100),
        ("adjustment", "CO", "A1", 200),
        ("adjustment", "CO", "16", 100),
        ("adjustment", "CO", "B7", 100),
        ("adjustment", "PR", "3", 2000),
    ]
    same = (
        "line_ref",
        "claim_ref",
        "payer_claim",
        "code",
        "modifiers",
        "charge",
        "service_date",
        "posted_on",
    )
    assert set(told(found, *same)) == {
        ("L1", "C1", "ICN1", "97140", "59 GP", 10000, "2026-10-01", "2026-10-12")
    }
    assert set(told(found, "claim_status", "payer_rank", "source_row", "charge_row")) == {("1", 1, 11, -1)}


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("", "DTM*472*20261003\nDTM*150*20261002"), "2026-10-03"),
        (("DTM*232*20261001", "DTM*150*20261002\nDTM*151*20261004"), "2026-10-02"),
        (("DTM*232*20261001\nDTM*233*20261005", "CAS*CO*45*1"), "2026-10-01"),
        (("DTM*233*20261005", ""), "2026-10-05"),
        (("DTM*050*20261006", ""), None),
        (("", "DTM*472*20002316"), None),
    ],
)
def test_a_service_has_its_own_day_else_its_claim_s_and_never_the_payment_s(
    tmp_path: Path, dates: tuple[str, str], expected: str | None
) -> None:
    of_claim, of_line = dates
    found = postings(tmp_path, f"CLP*C1*1*60*60\n{of_claim}\nSVC*HC:97140*60*60**1\n{of_line}\n")
    assert told(found.iloc[:1], "service_date") == [(expected,)]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("SVC*HC:97140*60*40**1", ("97140", "", "")),
        ("SVC*HC:97140*60*40**1*HC:97124:GP", ("97124", "GP", "97140 100")),
        ("SVC*HC:97110*60*40**1*HC:97110*2", ("97110", "", "97110 100")),
        ("SVC*HC:97110*60*40**2**2", ("97110", "", "")),
        ("SVC*HC:97110*60*40***HC:97112", ("97112", "", "97110")),
        ("SVC*HC:97110*60*40**1*HC:97110:59", ("97110", "59", "")),
        ("SVC*HC*60*40**1", ("", "", "")),
    ],
)
def test_what_was_billed_is_kept_beside_what_was_answered(
    tmp_path: Path, service: str, expected: tuple[str, ...]
) -> None:
    """SVC06 and SVC07 hold the code and units billed where the payer answers others."""
    found = postings(tmp_path, f"CLP*C1*1*60*40\n{service}\n")
    assert told(found.iloc[:1], "code", "modifiers", "answered_as") == [expected]


@pytest.mark.parametrize(
    ("status", "rank"),
    [
        ("1", 1),
        ("4", 1),
        ("19", 1),
        ("2", 2),
        ("20", 2),
        ("3", 3),
        ("21", 3),
        ("22", 0),
        ("23", 0),
        ("25", 0),
    ],
)
def test_the_claim_s_status_tells_which_payer_answers(tmp_path: Path, status: str, rank: int) -> None:
    found = postings(tmp_path, f"CLP*C1*{status}*60*40\nSVC*HC:97140*60*40**1\n")
    assert told(found, "claim_status", "payer_rank") == [(status, rank)]


def test_a_reversal_takes_back_signed_amounts(tmp_path: Path) -> None:
    """Every posting under status 22 is a reversal; group, reason and sign stay."""
    intake = read(
        tmp_path,
        remittance("CLP*C1*22*-60*-40*0*12*I\nSVC*HC:97140*-60*-40**-1\nCAS*CO*45*-20\nCLP*C9*22\n", "-40"),
    )
    assert told(intake.postings, "kind", "group", "reason", "amount", "claim_ref") == [
        ("reversal", "", "", -4000, "C1"),
        ("reversal", "", "", None, "C9"),
        ("reversal", "CO", "45", -2000, "C1"),
    ]
    assert totals_of(intake)["reversal_lines"] == 1
    assert totals_of(intake)["zero_paid_lines"] == 0
    assert len(intake.charges) == 0, "what is only taken back bills nothing"


def test_remarks_of_the_line_stand_before_those_of_its_claim(tmp_path: Path) -> None:
    found = postings(
        tmp_path,
        """
        CLP*C1*1*120*0
        MOA***MA01*N130
        SVC*HC:97140*60*0**1
        CAS*CO*97*60
        LQ*HE*M15
        LQ*RX*75
        LQ*HE*N20
        SVC*HC:97110*60*0**1
        CLP*C2*1*60*0
        SVC*HC:97110*60*0**1
        """,
    )
    assert told(found[found["kind"] == "payment"], "remarks") == [
        ("M15 N20 MA01 N130",),
        ("MA01 N130",),
        ("",),
    ]
    assert told(found[found["kind"] == "adjustment"], "remarks") == [("M15 N20 MA01 N130",)]


# Adjustments of whole claims ------------------------------------------------------------------------------


def adjustments(path: Path, claims: str) -> list[tuple[object, ...]]:
    found = postings(path, claims)
    return told(found[found["kind"] == "adjustment"], "line_ref", "group", "reason", "amount")


def test_an_adjustment_told_on_claim_and_line_counts_once(tmp_path: Path) -> None:
    """The copy on the claim is left out where the lines agree without it, and that is told."""
    claims = "CLP*C1*1*60*40\nCAS*CO*45*20\nSVC*HC:97140*60*40**1\nCAS*CO*45*20\nREF*6R*L1\n"
    assert adjustments(tmp_path, claims) == [("L1", "CO", "45", 2000)]
    intake = read(tmp_path, remittance(claims, "40"))
    assert any("$20.00 not counted a second time" in note for note in intake.files[0].notes)
    assert totals_of(intake)["unbalanced_claims"] == 0


def test_an_adjustment_of_a_claim_stands_on_its_only_line(tmp_path: Path) -> None:
    claims = "CLP*C1*1*60*40\nCAS*CO*45*20\nSVC*HC:97140*60*40**1\nREF*6R*L1\n"
    assert adjustments(tmp_path, claims) == [("L1", "CO", "45", 2000)]


def test_an_adjustment_of_a_claim_is_not_divided_among_lines(tmp_path: Path) -> None:
    claims = "CLP*C1*1*90*70\nCAS*CO*45*20\nSVC*HC:97140*60*40**1\nSVC*HC:97110*30*30**1\n"
    assert adjustments(tmp_path, claims) == []
    notes = read(tmp_path, remittance(claims, "70")).files[0].notes
    assert any("$20.00 not divided among their lines" in note for note in notes)


def test_a_claim_without_lines_is_one_answer(tmp_path: Path) -> None:
    """It names no code and no line; only its claim can say which line it answers."""
    intake = read(
        tmp_path, remittance("CLP*C1*4*60*0**12*I\nCAS*CO*29*60\nCLP*C2*1*30*30*\nSVC*HC:97140*30*30\n", "30")
    )
    bare = intake.postings[intake.postings["claim_ref"] == "C1"]
    assert told(bare, "line_ref", "code", "kind", "reason", "amount", "charge", "source_row") == [
        ("", "", "payment", "", 0, 6000, 10),
        ("", "", "adjustment", "29", 6000, 6000, 10),
    ]
    (report,) = intake.files
    assert (report.rows, report.used, report.lines) == (2, 2, 1)
    assert report.control_cents == report.used_cents == 9000


# Payments and balances ------------------------------------------------------------------------------------


def test_what_is_set_off_against_a_payment_touches_no_line(tmp_path: Path) -> None:
    """PLB holds up to six amounts; below zero is money to the provider. Interest is paid for no line."""
    claims = "CLP*C1*1*60*60\nAMT*I*1.50\nSVC*HC:97140*60*60**1\nPLB*1234567893*20261231*WO:ICN0*25*L6*-1.50*72*10\n"
    intake = read(tmp_path, remittance(claims, "26.50"))
    assert told(intake.provider_adjustments, "payer", "posted_on", "reason", "amount", "source_row") == [
        ("AETNA", "2026-10-12", "WO", 2500, 13),
        ("AETNA", "2026-10-12", "L6", -150, 13),
        ("AETNA", "2026-10-12", "72", 1000, 13),
    ]
    columns = ("payer", "paid_on", "payment", "claims_paid", "adjusted", "interest", "claims", "unbalanced")
    assert told(intake.payments, *columns) == [("AETNA", "2026-10-12", 2650, 6000, 3350, 150, 1, 0)]
    (report,) = intake.files
    assert (report.rows, report.used, report.set_aside) == (4, 1, 3)
    assert set(intake.fates["reason"]) == {"adjusts a whole payment, no line"}
    assert not any("payments that do not balance" in note for note in report.notes)
    assert told(intake.postings, "kind", "amount") == [("payment", 6000)]


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


def test_names_of_payers_follow_the_practice(tmp_path: Path) -> None:
    from audit.intake import read_history

    (tmp_path / "a.835").write_text(remittance("CLP*C*1*60*60\nSVC*HC:97140*60*60\n", "60"))
    settings = practice(aliases={"payers": {"AETNA": "Aetna"}})
    assert read_history([tmp_path / "a.835"], shipped()).files[0].payers == ("AETNA",)
    assert read_history([tmp_path / "a.835"], settings).files[0].payers == ("Aetna",)


def test_composites_are_read_where_the_declared_sign_is_not_kept(tmp_path: Path) -> None:
    """ISA16 says one sign, the lines are written with another: read, with a note."""
    text = remittance("CLP*C*1*60*60\nSVC*HC>97140>59*60*60**1\nCLP*D*1*9*9\nSVC*HC:97110:GP*9*9**1\n", "69")
    intake = read(tmp_path, text)
    assert told(intake.postings, "code", "modifiers") == [("97140", "59"), ("97110", "GP")]
    assert any('with ">"' in note for note in intake.files[0].notes)


# A practice that has remittances alone --------------------------------------------------------------------

DENIED = "CLP*C1*4*60*0**12*I1\nNM1*QC*1*ROE*JOE****MI*M1\nNM1*82*1*WHITFIELD*DANA\nSVC*HC:97140*60*0**1\nDTM*472*20261001\nCAS*CO*97*60\n"
PAID = (
    DENIED.replace("CLP*C1*4*60*0", "CLP*C1*1*60*60")
    .replace("*60*0**1", "*60*60**1")
    .replace("CAS*CO*97*60\n", "")
)


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
    assert any("no charges are among the files" in note for note in intake.files[0].notes)
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
    assert told(read(tmp_path, interchange(*made)).charges, "payer") == [("AETNA",)]


def test_a_predetermination_bills_nothing(tmp_path: Path) -> None:
    intake = read(tmp_path, remittance(PAID.replace("CLP*C1*1", "CLP*C1*25")))
    assert (len(intake.charges), len(intake.postings)) == (0, 1)
