"""What a row tells of a visit's note: present, absent, or not told."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from msgspec import structs

from audit.intake.layouts import Fields
from audit.intake.readings import Readings
from audit.intake.visit_notes import build_notes, tells_of_notes
from audit.lines import ABSENT, PRESENT, UNKNOWN
from tests.intake.sheets import all_of, line_layout, make_sheet, read_table, rows_of, shipped

COLUMNS = {
    "patient": "Patient",
    "clinician": "Therapist",
    "service_date": "DOS",
    "code": "Proc",
    "signed_on": "Signed",
    "start": "From",
    "end": "To",
    "minutes": "Min",
}


def fields_of(table: str, **changes: Any) -> Fields:
    layout = structs.replace(line_layout(columns=COLUMNS, **changes), optional=list(COLUMNS))
    return Fields(make_sheet(table), layout)


def notes_of(table: str, **changes: Any) -> pd.DataFrame:
    return build_notes(Readings(fields_of(table, **changes)), None, shipped())


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("Done.", PRESENT),
        ("\N{CHECK MARK}", PRESENT),
        ("\N{BALLOT X}", UNKNOWN),
        ("NO", ABSENT),
        ("not done", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_cell_proves_only_what_the_layout_says_of_its_text(cell: str, state: int) -> None:
    proof = {"column": "Plan", "present": ["done", "\N{CHECK MARK}"], "absent": ["no"]}
    notes = notes_of(f"DOS | Plan\n2026-03-04 | {cell}", row="note", documentation={"plan": proof})
    assert rows_of(notes, "has_plan", "has_technique") == [(state, UNKNOWN)]


@pytest.mark.parametrize(
    ("present", "absent", "cell", "state"),
    [
        ("done", "", "", ABSENT),
        ("done", "", "--", UNKNOWN),
        ("done", "", "N/A", UNKNOWN),
        ("*", "None given", "45 degrees", PRESENT),
        ("*", "None given", "none given", ABSENT),
        ("*", "None given", "--", UNKNOWN),
        ("*", "None given", "", UNKNOWN),
    ],
)
def test_a_dash_is_neither_an_empty_cell_nor_any_other_text(
    present: str, absent: str, cell: str, state: int
) -> None:
    proof = {"column": "Plan", "present": [present], "absent": [absent]}
    notes = notes_of(f"DOS | Plan\n2026-03-04 | {cell}", row="note", documentation={"plan": proof})
    assert rows_of(notes, "has_plan") == [(state,)]


def test_a_column_that_the_file_lacks_proves_nothing() -> None:
    proof = {"column": "Plan", "present": ["*"], "absent": [""]}
    notes = notes_of("DOS\n2026-03-04", row="note", documentation={"plan": proof, "note": proof})
    told = ("has_plan", "note", "signed", "has_minutes", "minutes", "signed_on")
    assert rows_of(notes, *told) == [(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, None, None)]


def test_a_note_is_signed_as_the_layout_says_even_against_the_date_of_the_signature() -> None:
    proof = {"column": "State", "present": ["signed"], "absent": ["draft"]}
    table = """
DOS        | State  | Signed
2026-03-04 | Draft  | 2026-03-05
2026-03-05 | Signed |
2026-03-06 | locked | 2026-03-06
"""
    notes = notes_of(table, row="note", documentation={"signed": proof})
    assert rows_of(notes, "signed", "signed_on") == [
        (ABSENT, "2026-03-05"),
        (PRESENT, None),
        (UNKNOWN, "2026-03-06"),
    ]


TIMES = """
DOS        | Proc  | Min | From  | To
2026-03-04 | 97140 | 15  | 9:00  | 9:53
2026-03-05 | 97140 | 15  | 23:30 | 0:15
"""


def test_minutes_of_a_billed_line_are_not_the_minutes_of_its_visit() -> None:
    told = ("minutes", "has_minutes")
    assert rows_of(notes_of(TIMES), *told) == [(53, UNKNOWN), (None, UNKNOWN)]
    assert rows_of(notes_of(TIMES, row="note"), *told) == [(15, PRESENT), (15, PRESENT)]


def test_lines_of_a_visit_are_one_note_unless_they_say_different_things() -> None:
    table = """
Patient | Therapist | DOS        | Proc  | Signed
P1      | Ann Poe   | 2026-03-04 | 97140 | 2026-03-05
P1      | Ann Poe   | 2026-03-04 | 97110 | 2026-03-05
P1      | Ann Poe   | 2026-03-04 | 97112 |
P2      | Ann Poe   | 2026-03-04 | 97140 | 2026-03-05
P1      | Ann Poe   | 2026-03-04 | 97530 | 2026-03-05
"""
    assert rows_of(notes_of(table), "patient_ref", "signed", "source_row") == [
        ("P1", PRESENT, 2),
        ("P1", ABSENT, 4),
        ("P2", PRESENT, 5),
    ]
    assert len(notes_of(table, row="note")) == 5


@pytest.mark.parametrize(
    ("headers", "tells"),
    [("DOS | Proc | Min", False), ("DOS | Proc | Signed", True), ("DOS | Proc | From", True)],
)
def test_a_file_of_lines_tells_of_notes_by_a_signature_or_a_start(headers: str, tells: bool) -> None:
    assert tells_of_notes(fields_of(f"{headers}\n2026-03-04 | 97140 | 15")) is tells


CHARTS = {
    "plan_on": "POC",
    "certified_on": "Cert",
    "regions": "Adjusted",
    "visits_authorized": "Auth",
    "note_text": "SOAP",
}
CHARTED = """
DOS        | POC        | Cert       | Adjusted | Auth | SOAP
03/14/2026 | 03/02/2026 | 03/31/2026 | C, L     | 12   | Waldemar cries
03/15/2026 |            |            | hip      |      | waldemar  cries
03/16/2026 | soon       |            |          | all  | Better
"""


def charted_of(table: str) -> Readings:
    layout = structs.replace(line_layout(columns=COLUMNS | CHARTS, row="note"), optional=[*COLUMNS, *CHARTS])
    return Readings(Fields(make_sheet(table), layout))


def test_what_a_note_charts_is_read_where_the_file_has_it() -> None:
    notes = build_notes(charted_of(CHARTED), None, shipped())
    assert rows_of(notes, "plan_on", "certified_on", "regions", "visits_authorized") == [
        ("2026-03-02", "2026-03-31", 2, 12),
        (None, None, None, None),
        (None, None, None, None),
    ]
    assert not {"plan_until", "referral_on", "assistant_minutes"} & set(notes)


def test_what_cannot_be_read_is_counted_and_never_shown() -> None:
    readings = charted_of(CHARTED)
    build_notes(readings, None, shipped())
    assert readings.notes() == [
        'column "Adjusted": 1 of its regions could not be read and count as unknown',
        'column "Auth": 1 of its numbers could not be read and count as unknown',
        'column "POC": 1 of its dates could not be read and count as unknown',
    ]


def test_of_a_text_only_a_number_is_kept() -> None:
    notes = build_notes(charted_of(CHARTED), None, shipped())
    first, second, third = notes["note_text"]
    assert first == second != third
    assert "waldemar" not in notes.to_csv().lower()


def test_a_charge_list_may_tell_of_plans() -> None:
    layout = structs.replace(
        line_layout(columns={**COLUMNS, "plan_on": "POC"}), optional=[*COLUMNS, "plan_on"]
    )
    fields = Fields(make_sheet("DOS | Proc | POC\n2026-03-04 | 97140 | 2026-03-02"), layout)
    assert tells_of_notes(fields)
    assert rows_of(build_notes(Readings(fields), None, shipped()), "plan_on") == [("2026-03-02",)]


OWN = "visit_id | patient_id | service_date | note | signed_on"


def test_of_two_files_each_tells_what_it_has() -> None:
    """What neither has is no column; what only one has is missing in the other."""
    new = read_table(f"{OWN} | plan_on\nV1 | P1 | 2026-03-04 | yes | | 2026-03-02")
    old = read_table(f"{OWN}\nV2 | P1 | 2026-02-04 | yes | ")
    notes = all_of(old, new).notes
    assert rows_of(notes, "visit_ref", "plan_on") == [("V2", None), ("V1", "2026-03-02")]
    assert "certified_on" not in notes
    assert "plan_on" not in all_of(old).notes
