"""Remittances as postings, payments and provider adjustments: what each segment comes to."""

from __future__ import annotations

from pathlib import Path

from tests.intake.sheets import practice, shipped
from tests.intake.x12_texts import postings, read, remittance, told, totals_of


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
    set_off = "PLB*1234567893*20261231*WO:ICN0*25*L6*-1.50*72*10\n"
    claims = "CLP*C1*1*60*60\nAMT*I*1.50\nSVC*HC:97140*60*60**1\n" + set_off
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
