"""Payers, clinicians and places: whose name a group of the report may carry."""

from __future__ import annotations

import pytest

from audit.intake.parties import LONGEST, People, clean_clinicians, clean_payers, clean_places, shorten
from audit.lines import SELF_PAY
from tests.intake.sheets import make_sheet, practice, shipped

VISITS = make_sheet("""
Patient   | Payer     | Therapist | Place
Doe, Jane | JANE DOE  | Ann Poe   | Jane Doe
Roe, Rick | Doe, Jane | jane doe  | Clinic North
Cher      | Aetna     | Cher      | Jane Doe
100234    | 100234    | 100234    | 100234
""")
PATIENTS = People(VISITS.cells["Patient"].array)


def test_a_payer_is_no_patient_of_any_row_but_a_clinician_only_of_their_own() -> None:
    """A parent pays for a child; a clinician can be a patient of a colleague, and keeps the own group."""
    payers = clean_payers(VISITS.cells["Payer"].array, PATIENTS, shipped())
    assert list(payers) == [SELF_PAY, SELF_PAY, "Aetna", "100234"]
    clinicians = clean_clinicians(VISITS.cells["Therapist"].array, PATIENTS, shipped())
    assert list(clinicians) == ["Ann Poe", "jane doe", "", "100234"]


def test_a_visit_at_the_patients_home_is_not_a_place_with_the_patients_name() -> None:
    assert list(clean_places(VISITS.cells["Place"].array, PATIENTS)) == [
        "",
        "Clinic North",
        "Jane Doe",
        "100234",
    ]


@pytest.mark.parametrize(
    ("patient", "written", "same"),
    [
        ("Doe, Jane", "jane  DOE", True),
        ("Doe, Jane (1042)", "Jane Doe", True),
        ("O'Brien-Smith, Zoë", "ZOË SMITH O\N{RIGHT SINGLE QUOTATION MARK}BRIEN", True),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER D}oe, Jane", "Jane Doe", True),
        ("P1", "p1", True),
        ("Doe, Jane", "Jane Does", False),
        ("Doe, Jane", "Jane", False),
        ("1042", "1042", False),
        ("", "", False),
        ("--", "--", False),
    ],
)
def test_a_person_is_recognised_by_the_words_of_the_name_alone(
    patient: str, written: str, same: bool
) -> None:
    sheet = make_sheet(f"Patient | Name | Line\n{patient} | {written} | L1")
    assert People(sheet.cells["Patient"].array).are(sheet.cells["Name"].array).tolist() == [same]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Aetna (60054)", "Aetna HMO"),
        ("AETNA (99999)", "Aetna PPO"),
        ("Aetna", "Aetna PPO"),
        ("Cigna (CX 12)", "Cigna (CX 12)"),
        ("Cigna (CX012)", "Cigna"),
        ("(62308)", "(62308)"),
        ("Cigna (1)", "Cigna (1)"),
        ("CASH.", SELF_PAY),
        ("Cash (007)", SELF_PAY),
        ("House account", SELF_PAY),
        ("Barter", SELF_PAY),
        ("Jane Doe (4711)", SELF_PAY),
        ("", "not told"),
    ],
)
def test_a_payer_has_its_own_alias_else_that_of_its_name_without_the_number(written: str, name: str) -> None:
    own = practice(
        aliases={
            "payers": {
                "Aetna (60054)": "Aetna HMO",
                "Aetna": "Aetna PPO",
                "House account": "cash",
                "Barter": "Other",
            }
        },
        self_pay=["Cash", "Barter"],
    )
    payers = make_sheet(f"Payer | Line\n{written} | L1").cells["Payer"].array
    people = People(make_sheet("Patient | Line\nDoe, Jane | L1").cells["Patient"].array)
    assert list(clean_payers(payers, people, own, blank="not told")) == [name]


def test_a_cell_as_long_as_a_file_is_a_short_name_that_stays_its_own() -> None:
    just, longer, other = "A" * LONGEST, "A" * (LONGEST + 1), "A" * (LONGEST + 2)
    assert shorten(just) == just
    assert len(shorten(longer)) == len(shorten(other)) == LONGEST
    assert len({just, shorten(longer), shorten(other)}) == 3
