"""The layouts that ship: each on a tiny export in the headers that the system really writes."""

# ruff: noqa: E501 (the tables are as wide as the exports are)

from __future__ import annotations

from pathlib import Path

import pytest

from audit.errors import InputError
from audit.intake import read_history
from audit.lines import ABSENT, PRESENT, SELF_PAY, UNKNOWN
from tests.intake.sheets import line_layout, practice, read_table, rows_of, shipped

SHARED = Path(__file__).resolve().parents[3] / "shared"

SIMPLEPRACTICE = (
    "Date of Service | Client | Clinician | Billing Code | Primary Insurance | Secondary Insurance | Rate per Unit | "
    "Units | Total Fee | Progress Note Status | Client Payment Status | Charge | Uninvoiced | Paid | Unpaid | "
    "Insurance Payment Status | Charge | Paid | Write Off | Unpaid"
)


def test_simplepractice_takes_the_insurers_money_from_the_second_block() -> None:
    mapped = read_table(f"""
{SIMPLEPRACTICE}
04/27/2026 12:00 | Jane Doe | Ann | 97140 | Tricare East (99727) | | 60 | 2 | 120 | LOCKED | PAID | 25 | 0 | 25 | 0 | PAID | 95 | 80 | 15 | 0
04/27/2026 13:00 | Rick Roe | Ann | 97140 |                      | | 60 | 1 | 60 | NO NOTE | PAID | 60 | 0 | 60 | 0 | NO CHARGE | 0 | 0 | 0 | 0
04/28/2026 13:00 | Rick Roe | Ann | 97140 | Aetna                | | 60 | 1 | 60 | ??? | NO CHARGE | 0 | 0 | 0 | 0 | UNPAID | 60 | 0 | 0 | 60
""")
    assert rows_of(mapped.charges, "payer", "service_date", "units", "charge", "paid") == [
        ("Tricare East", "2026-04-27", 200, 12000, 8000),
        (SELF_PAY, "2026-04-27", 100, 6000, 0),
        ("Aetna", "2026-04-28", 100, 6000, 0),
    ]
    assert rows_of(mapped.postings, "charge_row", "kind", "amount", "stated") == [
        (0, "payment", 8000, ""),
        (0, "status", None, "paid"),
        (1, "status", None, "not billed"),
    ]
    assert rows_of(mapped.notes, "signed", "note") == [
        (PRESENT, PRESENT),
        (ABSENT, ABSENT),
        (UNKNOWN, UNKNOWN),
    ]


def test_simplepractice_without_insurance_columns_is_read_too() -> None:
    mapped = read_table("""
Date of Service | Client | Clinician | Billing Code | Rate per Unit | Units | Total Fee | Progress Note Status | Client Payment Status | Charge | Uninvoiced | Paid | Unpaid
04/27/2026 | Jane Doe | Ann | 97140 | 60 | 1 | 60 | LOCKED | PAID | 60 | 0 | 60 | 0
""")
    assert rows_of(mapped.charges, "payer", "paid", "charge") == [("", None, 6000)]


JANE_SALES = """
Location | Purchase Date | Invoice Date | Patient Guid | Patient | Item | Staff Member | Payer | Invoice # | Income Category | Details | Status | Subtotal | Total | Collected | Balance
Main | July 1 2026 | July 2 2026 | g-1 | Jane Doe | Massage 60 | Ann | Jane Doe | 1531-P01 | Treatment | | paid | 90 | 95.00 | 95.00 | 0
Main | July 1 2026 | July 2 2026 | g-1 | Jane Doe | Gift card  | Ann | Aetna    | 1532-P01 | Products  | | paid | 50 | 50.00 | 50.00 | 0
"""


def test_jane_items_become_codes_by_the_practices_own_list() -> None:
    mapped = read_table(JANE_SALES, settings=practice(items={"massage 60": "97124"}))
    told = ("code", "payer", "patient_ref", "clinician", "charge", "service_date", "submitted_date")
    assert rows_of(mapped.charges, *told) == [
        ("97124", SELF_PAY, "g-1", "Ann", 9500, "2026-07-01", "2026-07-02")
    ]
    assert rows_of(mapped.fates, "row", "column", "reason") == [
        (3, "Item", "this item has no code yet: name its code under [items] in practice.toml")
    ]
    assert (
        mapped.report.notes[1] == 'items without a code: "Gift card"; map them under [items] in practice.toml'
    )


def test_jane_appointments_tell_minutes_and_signatures_of_visits_that_took_place() -> None:
    mapped = read_table("""
id | location_name | start_at | end_at | patient_guid | patient_number | patient_first_name | patient_last_name | treatment_name | staff_member_name | break | state | chart_status
1 | Main | 2026-07-01 10:00 | 2026-07-01 10:45 | g-1 | 5 | Jane | Doe | Massage | Ann | | arrived | signed
2 | Main | 2026-07-01 11:00 | 2026-07-01 12:00 | g-2 | 6 | Rick | Roe | Massage | Rick Roe | | arrived |
3 | Main | 2026-07-01 12:00 | 2026-07-01 13:00 | g-2 | 6 | Rick | Roe | Massage | Ann | | no_show |
4 | Main | 2026-07-01 12:00 | 2026-07-01 13:00 | g-2 | 6 | Rick | Roe | Massage | Ann | | deleted |
""")
    assert rows_of(mapped.notes, "visit_ref", "patient_ref", "clinician", "minutes", "signed") == [
        ("1", "g-1", "Ann", 45, PRESENT),
        ("2", "g-2", "", 60, ABSENT),
    ]
    assert rows_of(mapped.fates, "row", "fate", "column", "reason") == [
        (4, "set aside", "state", "other row kind"),
        (5, "set aside", "state", "other row kind"),
    ]


def test_therapynotes_counts_appointments_only_and_drops_the_sign_of_amounts() -> None:
    mapped = read_table("""
Type | Date | First Name | Last Name | DOB | Clinician Name | Location | Service Code | Units | Rate | Primary Diagnosis | Primary Insurer Name | Insurance Amount Paid | Insurance Balance Status | Note Status
Appointment | 46139 | Jane | Doe | 30000 | Ann | Main | 97140 | 2 | -120 | M54.5 | Aetna | -80 | Paid | Complete
Payment     | 46140 | Jane | Doe | 30000 | Ann | Main |       |   | -25  |       |       |     |      |
""")
    assert rows_of(mapped.charges, "service_date", "patient_ref", "charge", "paid", "diagnoses") == [
        ("2026-04-27", "Jane Doe 30000", 12000, 8000, "M54.5")
    ]
    assert rows_of(mapped.fates, "row", "column", "reason", "cents") == [(3, "Type", "other row kind", 2500)]
    assert mapped.report.control_cents == 14500
    assert rows_of(mapped.notes, "signed") == [(PRESENT,)]


def test_webpt_tells_unsigned_notes_by_a_blank_date_and_has_no_money() -> None:
    mapped = read_table("""
Clinic Name | Case Name | Visit ID | Patient Name | Patient DOB | Date of Service | Date of Finalization | Documenting Therapist | Primary Insurance | Treating Diagnosis | Modifier | CPT Code | Units
Main | Case | V1 | Doe, Jane | 1/2/1980 | 3/4/2026 | 3/5/2026 | Ann | Aetna | M54.5 | 59 GP | 97140 | 2
Main | Case | V1 | Doe, Jane | 1/2/1980 | 3/4/2026 | 3/5/2026 | Ann | Aetna | M54.5 | --    | 97110 | 1
Main | Case | V2 | Doe, Jane | 1/2/1980 | 3/6/2026 |          | Ann | Jane Doe | M54.5 |       | 97110 | 1
""")
    assert rows_of(mapped.charges, "code", "modifiers", "service_date", "charge", "payer", "visit_ref") == [
        ("97140", "59 GP", "2026-03-04", None, "Aetna", "V1"),
        ("97110", "", "2026-03-04", None, "Aetna", "V1"),
        ("97110", "", "2026-03-06", None, SELF_PAY, "V2"),
    ]
    assert rows_of(mapped.notes, "visit_ref", "note", "signed", "signed_on") == [
        ("V1", PRESENT, PRESENT, "2026-03-05"),
        ("V2", PRESENT, ABSENT, None),
    ]
    assert mapped.report.control_cents == 0


def test_header_names_may_differ_in_case_blanks_and_order() -> None:
    mapped = read_table(
        "Charge | UNITS | code | Service Date | Payer | patient id | Line_ID\n60 | 1 | 97140 | 2026-03-04 | A | P1 | L1"
    )
    assert rows_of(mapped.charges, "line_id", "charge") == [("L1", 6000)]


# Public files ---------------------------------------------------------------------------------------------

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the folder `shared` beside the repository"
)


@needs_shared
def test_a_public_claim_level_file_is_told_what_it_lacks() -> None:
    with pytest.raises(InputError, match=r"claims\.csv has no column with procedure codes \(CPT\)"):
        read_history([SHARED / "cases" / "uvi2k" / "claims.csv"], shipped())


@needs_shared
def test_public_claims_in_two_files_keep_their_totals() -> None:
    lines = line_layout(
        name="lines",
        headers=["line_id", "claim_id", "procedure_code", "line_total"],
        columns={
            "line_id": "line_id",
            "claim_id": "claim_id",
            "code": "procedure_code",
            "service_date": "service_date",
            "units": "units",
            "charge": "line_total",
            "allowed": "allowed_amount",
            "paid": "paid_amount",
        },
    )
    claims = line_layout(
        name="claims",
        row="claim_header",
        headers=["claim_id", "claim_number", "claim_type", "denial_reason"],
        columns={
            "claim_id": "claim_id",
            "patient": "patient_id",
            "clinician": "provider_id",
            "submitted_date": "submitted_date",
            "reason": "denial_reason",
            "diagnoses": "diagnosis_codes",
        },
        status={"column": "status", "words": {"Paid": "paid", "Denied": "denied", "Submitted": ""}},
    )
    intake = read_history([SHARED / "cases" / "healthdataqa"], practice(layouts=[lines, claims]))
    charges = intake.charges
    assert len(charges) == 326
    assert charges["charge"].sum() == 183359065
    assert charges["paid"].sum() == 32756707
    assert charges["paid"].isna().sum() == 270
    assert charges["units"].sum() == 230400
    assert (charges["code"] == "97110").sum() == 30
    assert (charges["patient_ref"] != "").all()


@pytest.mark.parametrize("system", ["SimplePractice", "TherapyNotes"])
def test_a_system_that_exports_no_denials_is_said_to_tell_no_denial_rate(system: str) -> None:
    (layout,) = (layout for layout in shipped().layouts if layout.system == system)
    assert "no denial rate can be told from this file alone" in layout.note
    assert layout.blank_payer == "self-pay"
