"""Professional claims as charges: one service line is one line, with what its claim and its loops tell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from audit.lines import PRESENT, UNKNOWN
from tests.intake.x12_texts import interchange, read, told, totals_of, transaction

BILLER = """
BHT*0019*00*1*20261006*0900*CH
NM1*41*2*CLINIC
HL*1**20*1
NM1*85*2*CLINIC*****XX*1234567893
"""
SUBSCRIBER = """
HL*2*1*22*0
SBR*P*18*******CI
NM1*IL*1*ROE*JOE****MI*M1
DMG*D8*19700101*M
NM1*PR*2*AETNA*****PI*60054
"""
CLAIM = """
CLM*C1*100***11:B:1*Y*A*Y*Y
HI*ABK:M545*ABF:S134XXA
NM1*82*1*WHITFIELD*DANA****XX*1
NM1*77*2*NORTH OFFICE
LX*1
SV1*HC:97140:59:GP*60*UN*2***2:1
DTP*472*D8*20261001
REF*6R*L1
LX*2
SV1*HC:97110*40*MJ*30***1
DTP*472*RD8*20261002-20261004
REF*6R*L2
"""


def claims(body: str) -> str:
    return interchange(transaction(body, "837"), kind="837")


def charges(path: Path, body: str) -> pd.DataFrame:
    return read(path, claims(body), "sent.837").charges


def test_a_service_line_becomes_a_charge(tmp_path: Path) -> None:
    found = charges(tmp_path, BILLER + SUBSCRIBER + CLAIM)
    columns = ("line_id", "claim_id", "code", "modifiers", "units", "minutes", "charge", "service_date")
    assert told(found, *columns) == [
        ("L1", "C1", "97140", "59 GP", 200, None, 6000, "2026-10-01"),
        ("L2", "C1", "97110", "", None, 30, 4000, "2026-10-02"),
    ]
    assert found["has_minutes"].tolist() == [UNKNOWN, PRESENT]
    of_claim = ("payer", "payer_rank", "clinician", "location", "submitted_date", "frequency", "from_claim")
    assert set(told(found, *of_claim)) == {
        ("AETNA", 1, "Dana Whitfield", "NORTH OFFICE", "2026-10-06", "1", True)
    }
    assert found["diagnoses"].tolist() == ["S13.4XXA M54.5", "M54.5"]
    assert found["has_diagnosis"].tolist() == [PRESENT, PRESENT]
    assert found["paid"].isna().all()


def test_a_claim_belongs_to_the_last_subscriber_or_patient_before_it(tmp_path: Path) -> None:
    """A patient under a subscriber has a loop of its own; the next subscriber ends it."""
    patient = "HL*3*2*23*0\nPAT*19\nNM1*QC*1*ROE*ANN\nDMG*D8*20100101*F\n"
    second = SUBSCRIBER.replace("ROE*JOE", "POE*EVE").replace("AETNA", "CIGNA").replace("SBR*P", "SBR*S")
    found = charges(
        tmp_path,
        BILLER
        + SUBSCRIBER
        + patient
        + CLAIM
        + CLAIM.replace("C1", "C2")
        + second
        + CLAIM.replace("C1", "C3"),
    )
    per_claim = found.drop_duplicates("claim_id")
    assert told(per_claim, "claim_id", "payer", "payer_rank", "patient_ref") == [
        ("C1", "AETNA", 1, "ROE ANN 20100101"),
        ("C2", "AETNA", 1, "ROE ANN 20100101"),
        ("C3", "CIGNA", 2, "POE EVE 19700101"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CLAIM.replace("HI*", "REF*EA*P77\nHI*"), "P77"),
        (CLAIM, "ROE JOE 19700101"),
    ],
)
def test_a_patient_is_told_by_the_practice_s_number_else_by_name(
    tmp_path: Path, body: str, expected: str
) -> None:
    assert set(charges(tmp_path, BILLER + SUBSCRIBER + body)["patient_ref"]) == {expected}


def test_a_patient_without_a_name_is_told_by_the_member_number(tmp_path: Path) -> None:
    nameless = SUBSCRIBER.replace("*ROE*JOE*", "***")
    assert set(charges(tmp_path, BILLER + nameless + CLAIM)["patient_ref"]) == {"M1"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CLAIM.replace("REF*6R*L1", "NM1*82*1*OKAFOR*Ines\nREF*6R*L1"), ["Ines OKAFOR", "Dana Whitfield"]),
        (CLAIM.replace("NM1*82*1*WHITFIELD*DANA****XX*1\n", ""), ["", ""]),
        (CLAIM.replace("NM1*82*1", "NM1*82*2"), ["", ""]),
    ],
)
def test_the_clinician_is_the_line_s_else_the_claim_s(tmp_path: Path, body: str, expected: list[str]) -> None:
    """An organization is no clinician."""
    assert charges(tmp_path, BILLER + SUBSCRIBER + body)["clinician"].tolist() == expected


def test_a_biller_who_is_a_person_is_the_clinician_where_none_is_named(tmp_path: Path) -> None:
    alone = BILLER.replace("NM1*85*2*CLINIC*", "NM1*85*1*GREENE*DAVID")
    body = CLAIM.replace("NM1*82*1*WHITFIELD*DANA****XX*1\n", "")
    assert set(charges(tmp_path, alone + SUBSCRIBER + body)["clinician"]) == {"David Greene"}


def test_what_another_payer_is_told_is_not_the_claim_s(tmp_path: Path) -> None:
    """The loops of other payers repeat names and numbers of their own."""
    other = (
        "SBR*S*18*******CI\nAMT*D*20\nOI***Y*P**Y\nNM1*IL*1*OTHER*PERSON****MI*M9\nNM1*PR*2*OTHER PLAN\n"
        "REF*F8*THEIRS\nNM1*82*1*SOMEBODY*ELSE\n"
    )
    found = charges(tmp_path, BILLER + SUBSCRIBER + CLAIM.replace("LX*1", other + "LX*1", 1))
    assert set(told(found, "payer", "payer_rank", "replaces", "clinician")) == {
        ("AETNA", 1, "", "Dana Whitfield")
    }
    assert found["line_id"].tolist() == ["L1", "L2"]


@pytest.mark.parametrize(
    ("told_as", "expected"), [("11:B:1", "1"), ("11:B:7", "7"), ("11:B:8", "8"), ("99::9", ""), ("11", "")]
)
def test_replacements_and_voids_name_what_they_replace(tmp_path: Path, told_as: str, expected: str) -> None:
    """A masked frequency tells nothing."""
    body = CLAIM.replace("11:B:1", told_as).replace("HI*", "REF*F8*ICN9\nHI*")
    found = charges(tmp_path, BILLER + SUBSCRIBER + body)
    assert set(told(found, "frequency", "replaces")) == {(expected, "ICN9")}


def test_a_line_without_code_or_day_is_refused_with_its_dollars(tmp_path: Path) -> None:
    body = CLAIM.replace("HC:97140:59:GP", "HC").replace(
        "DTP*472*RD8*20261002-20261004", "DTP*435*D8*20261002"
    )
    intake = read(tmp_path, claims(BILLER + SUBSCRIBER + body + CLAIM.replace("C1", "C2")), "sent.837")
    (report,) = intake.files
    assert (report.rows, report.used, report.refused, report.refused_cents) == (4, 2, 2, 10000)
    assert told(intake.fates, "row", "fate", "column", "reason", "cents") == [
        (18, "refused", "SV101", "no code", 6000),
        (22, "refused", "DTP03", "no usable service date", 4000),
    ]


def test_the_sums_of_the_file(tmp_path: Path) -> None:
    intake = read(tmp_path, claims(BILLER + SUBSCRIBER + CLAIM.replace("*100*", "*120*")), "sent.837")
    assert totals_of(intake) == {
        "claims": 1,
        "lines": 2,
        "claim_charge_cents": 12000,
        "line_charge_cents": 10000,
        "modifiers": 2,
    }
    assert any("the claims charge $20.00 more than their lines" in note for note in intake.files[0].notes)
    assert intake.files[0].visits == 2


def test_a_day_of_sending_is_the_transaction_s_else_the_group_s(tmp_path: Path) -> None:
    without = BILLER.replace("*20261006*0900*CH", "")
    found = charges(tmp_path, without + SUBSCRIBER + CLAIM)
    assert set(told(found, "submitted_date")) == {("2026-10-05",)}
