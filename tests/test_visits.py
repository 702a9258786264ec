"""Visits: put together from charges and notes."""

from __future__ import annotations

import pandas as pd

from audit.columns import columns_of
from audit.lines import ABSENT, PRESENT, UNKNOWN
from audit.visits import build_visits
from tests.histories import history
from tests.tables import charges, notes


def test_visit_is_patient_day_and_clinician() -> None:
    """Without visit numbers a visit is one patient on one day with one clinician."""
    found = history("""
        patient_ref service_date clinician
        ann         10-05        Kim
        ann         10-05        Kim
        ann         10-05        Lee
        ann         10-06        Kim
        bob         10-05        Kim
    """)
    assert found.lines["visit_id"].tolist() == [0, 0, 1, 2, 3]
    assert found.lines["patient_key"].nunique() == 2
    assert found.visits["patient_key"].tolist() == found.lines["patient_key"].tolist()[1:]


def test_visit_number_weighs_more_than_day_and_clinician() -> None:
    """Two numbered visits of one patient on one day are two visits."""
    found = history("patient_ref visit_ref\nann V1\nann V2\nann V1")
    assert found.lines["visit_id"].tolist() == [0, 1, 0]


def test_unknown_patients_are_one_for_each_claim_else_visit_else_line() -> None:
    """A patient that is not told is never merged with another."""
    found = history("claim_id visit_ref\nC1 -\nC1 -\nC2 -\n- V1\n- V1\n- -\n- -")
    assert found.lines["patient_key"].tolist() == [0, 0, 1, 2, 2, 3, 4]


def test_note_joins_by_number_then_by_patient_day_and_clinician() -> None:
    """A note finds its visit by number, else by who and when; a note of no visit is a visit without lines."""
    found = history(
        "patient_ref visit_ref clinician\nann V1 Kim\nbob - Kim",
        noted="""
        visit_ref patient_ref clinician has_technique
        V1        ann         Kim       yes
        V9        bob         Kim       no
        V8        cyd         Kim       no
        """,
    )
    assert found.visits["has_technique"].tolist() == [PRESENT, ABSENT, ABSENT]
    assert found.lines["visit_id"].tolist() == [0, 1]
    assert found.visits["source_row"].tolist() == [2, 3, 4]


def test_note_without_clinician_joins_by_the_day_alone() -> None:
    """Where one side names no clinician the day decides, if the patient had one visit on it."""
    lines = "patient_ref clinician\nann Kim\nbob Kim\nbob Lee\ncyd Kim"
    found = history(lines, noted="patient_ref has_technique\nann yes\nbob yes")
    assert found.visits["has_technique"].tolist() == [PRESENT, UNKNOWN, UNKNOWN, ABSENT, PRESENT]


def test_several_notes_of_a_visit_count_as_one() -> None:
    """Present outweighs absent, absent outweighs unknown; the earliest signature counts."""
    visit = history(
        "visit_ref\nV1",
        noted="""
        visit_ref has_technique has_region has_plan signed signed_on
        V1        no            ?          no       no     -
        V1        yes           ?          ?        yes    10-09
        V1        no            ?          ?        yes    10-08
        """,
    ).visits.iloc[0]
    assert (visit["has_technique"], visit["has_region"], visit["has_plan"]) == (PRESENT, UNKNOWN, ABSENT)
    assert (visit["signed"], visit["has_signature"]) == (PRESENT, PRESENT)
    assert visit["signed_on"] == pd.Timestamp("2026-10-08")


def test_visit_missing_from_a_complete_notes_file_has_no_note() -> None:
    """Absent only inside the file's dates, where the file is complete, and for what it exports."""
    lines = "visit_ref service_date\nV1 10-05\nV2 10-06\nV3 10-07\nV4 10-08"
    rows = "visit_ref service_date has_technique complete\nV1 10-05 yes {0}\nV3 10-07 no {0}"
    visits = history(lines, noted=rows.format("yes")).visits
    assert visits["note"].tolist() == [PRESENT, ABSENT, PRESENT, UNKNOWN]
    assert visits["has_technique"].tolist() == [PRESENT, ABSENT, ABSENT, UNKNOWN]
    assert visits["signed"].tolist() == [UNKNOWN, ABSENT, UNKNOWN, UNKNOWN]
    assert visits["has_minutes"].eq(UNKNOWN).all()
    assert visits["has_plan"].eq(UNKNOWN).all()
    assert history(lines, noted=rows.format("no")).visits["note"].tolist()[1] == UNKNOWN


def test_diagnosis_and_minutes_come_from_lines_too() -> None:
    """A diagnosis on any line of the visit is one; minutes are those of the note, else of the lines."""
    visits = history(
        "visit_ref has_diagnosis has_minutes\nV1 no yes\nV1 yes yes\nV2 no no\nV3 ? yes",
        noted="visit_ref minutes has_minutes\nV1 30 ?\nV3 - no",
    ).visits
    assert visits["has_diagnosis"].tolist() == [PRESENT, ABSENT, UNKNOWN]
    assert visits["has_minutes"].tolist() == [PRESENT, ABSENT, ABSENT]
    assert visits["minutes"].tolist() == [30, pd.NA, pd.NA]


def test_clinician_and_location_are_those_billed_else_those_of_the_note() -> None:
    """Of several the first by name; a visit that neither tells of has none."""
    visits = history(
        "visit_ref clinician location\nV1 Lee -\nV1 Kim -\nV2 - -",
        noted="visit_ref clinician location\nV1 Ann Annex\nV2 - Main",
    ).visits
    assert visits["clinician"].tolist() == ["Kim", ""]
    assert visits["location"].tolist() == ["Annex", "Main"]


def test_build_visits_numbers_visits_and_patients_without_gaps() -> None:
    """Every number up to the largest is a visit, and a patient, of this run."""
    billed = columns_of(charges("patient_ref visit_ref\nbob V9\nann V2\nbob V9"))
    visited = build_visits(billed, columns_of(notes("visit_ref\nV3")), ["technique"])
    assert visited.visits["visit_id"].tolist() == [0, 1, 2]
    assert sorted(visited.visits["patient_key"]) == [0, 1, 2]
    first, other, again = visited.visit_id.tolist()
    assert first == again != other
    assert visited.patient_key.tolist() == visited.visits["patient_key"][visited.visit_id].tolist()


def test_of_several_notes_of_a_visit_the_latest_date_and_the_most_count() -> None:
    """What no note charts is no column; texts become numbers that only say which are equal."""
    found = history(
        "visit_ref\nV1\nV2\nV3",
        noted="""
        visit_ref  plan_on  regions  note_text
        V1         10-01    2        better
        V1         10-03    3        better
        V2         -        -        worse
        V3         -        0        better
        """,
    ).visits
    assert [None if pd.isna(day) else day.day for day in found["plan_on"]] == [3, None, None]
    assert [None if pd.isna(count) else count for count in found["regions"]] == [3, None, 0]
    first, second, third = found["note_text"]
    assert first == third != second
    assert "certified_on" not in found
