"""Documentation: what each code's note must show, and the difference between absent and not told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from audit.blocks import Empty, Note, Section
from audit.populations import NO, OUT, UNSURE, YES
from audit.topics import documentation
from tests.practices import audit_of, mark_rows, marks_of, page_of, settings_of, shipped, write_practice

AS_OF = date(2026, 12, 1)

MASSEUSE = '[disciplines]\n"Lee" = "massage"\n"Kim" = "pt"\n'


def test_absent_is_a_gap_and_unknown_is_none() -> None:
    """Present, absent, not told: three states of one element of one code."""
    found = mark_rows(
        "code visit\n97124 A\n97124 B\n97124 C",
        "has_technique\nyes\nno\n?",
    )
    assert marks_of(found.services, "technique") == ["no", "yes", "unsure"]
    assert marks_of(found.visits, "technique") == ["no", "yes", "unsure"]
    assert marks_of(found.lines, "technique") == ["no", "yes", "unsure"]


def test_an_element_is_asked_of_the_codes_that_require_it() -> None:
    """The technique of massage, the subluxation of an adjustment; nothing of a report-only code."""
    found = mark_rows(
        "code visit\n97124 A\n98941 A\n97161 A\n4004F A",
        "has_technique has_subluxation has_diagnosis\nno no no",
    )
    assert marks_of(found.lines, "technique") == ["yes", "out", "out", "out"]
    assert marks_of(found.lines, "subluxation") == ["out", "yes", "out", "out"]
    assert marks_of(found.lines, "diagnosis") == ["yes", "yes", "yes", "out"]
    assert marks_of(found.visits, "technique") == ["yes"]


def test_a_referral_is_asked_of_massage_therapists_alone(tmp_path: Path) -> None:
    """97140 by Lee, a massage therapist, needs one; by Kim, a physical therapist, it does not."""
    found = mark_rows(
        "code visit clinician\n97140 A Lee\n97140 B Kim",
        "has_referral clinician\nno Lee\nno Kim",
        settings_of(tmp_path, MASSEUSE),
    )
    assert marks_of(found.lines, "referral") == ["yes", "out"]


def test_without_a_discipline_nothing_is_asked_of_massage_therapists_alone() -> None:
    """97124 and 97140 are billed by several disciplines: the code does not tell which."""
    found = mark_rows("code visit\n97124 A\n97140 B", "has_referral\nno\nno")
    assert marks_of(found.lines, "referral") == ["out", "out"]


def test_a_requirement_holds_on_the_dates_of_service_it_is_in_force() -> None:
    """Re-evaluations must say why since 2017."""
    found = mark_rows(
        "code visit service_date\n97164 A 2016-12-31\n97164 B 2017-01-02",
        "service_date has_reeval_reason\n2016-12-31 no\n2017-01-02 no",
    )
    assert marks_of(found.lines, "reeval_reason") == ["out", "yes"]


def test_a_visit_takes_the_strongest_of_its_codes() -> None:
    """One code that lacks it makes a gap of the visit; a code that asks for nothing takes nothing back."""
    found = mark_rows("code visit\n97124 A\n98941 A\n98941 B", "has_technique\nno\nno")
    assert marks_of(found.visits, "technique") == ["yes", "out"]


def test_a_gap_is_any_required_element_that_is_absent() -> None:
    """An advised one is none; one not told leaves the visit open unless another is absent."""
    found = mark_rows(
        """
        code   visit
        97124  A
        97124  B
        97124  C
        97124  D
        """,
        """
        has_technique  has_region  has_referral
        yes            yes         no
        no             ?           yes
        yes            ?           yes
        yes            no          yes
        """,
    )
    assert marks_of(found.visits, "gap") == ["no", "yes", "unsure", "yes"]


def test_an_element_that_no_row_tells_of_leaves_no_visit_open() -> None:
    """The export has no column for the region: it is not measured, and the rest still is."""
    found = mark_rows("code visit\n97124 A\n97124 B", "has_technique\nyes\nno")
    assert marks_of(found.visits, "gap") == ["no", "yes"]


def test_where_no_row_tells_of_any_element_every_visit_is_open() -> None:
    """A remittance says nothing of notes: not one of them has been checked."""
    found = mark_rows("code visit\n97124 A\n97140 B")
    assert marks_of(found.visits, "gap") == ["unsure", "unsure"]
    assert marks_of(found.lines, "gap") == ["unsure", "unsure"]


def test_present_absent_unknown_and_not_required_are_all_visits() -> None:
    found = mark_rows(
        "code visit\n97124 A\n97124 B\n97124 C\n98941 D",
        "has_technique\nyes\nno\n?\nyes",
    )
    for element in shipped().elements:
        marks = found.visits.marks[element.id]
        assert sum((marks == state).sum() for state in (YES, NO, UNSURE, OUT)) == 4
    assert marks_of(found.visits, "technique") == ["no", "yes", "unsure", "out"]


def test_every_element_has_its_three_measures() -> None:
    ids = {measure.id for measure in documentation.measures(shipped())}
    for element in shipped().elements:
        for unit in ("", "_lines", "_expected"):
            assert f"documentation/{element.id}{unit}" in ids


def section(folder: Path, notes: str) -> Section:
    """Return the section of one massage visit and one adjustment in October 2026."""
    files = write_practice(folder, "code visit_id patient_id\n97124 V1 P1\n98941 V2 P2", notes=notes)
    audit = audit_of(files, "2026-10")
    page_of(audit)
    return documentation.show(audit.comparison, audit.populations, audit.settings, AS_OF)


def test_without_columns_it_says_which_to_add(tmp_path: Path) -> None:
    """Never 0 %, never 100 %: not measured."""
    files = write_practice(tmp_path, "code\n97124\n98941")
    (tmp_path / "charges.csv").write_text(
        "line_id,patient_id,payer,service_date,code,units,charge\nL1,P1,Aetna,2026-10-05,97124,1,60.00\n"
    )
    audit = audit_of(files, "2026-10")
    shown = documentation.show(audit.comparison, audit.populations, audit.settings, AS_OF)
    empty = shown.blocks["not_measured"]
    assert isinstance(empty, Empty)
    assert "no column" in empty.why
    assert empty.what_to_do.startswith("Add these columns")
    for element in shipped().elements:
        assert element.title.lower() in empty.what_to_do
    page = page_of(audit)
    assert "Documentation is not measured" in page
    assert "What the notes show is not measured" in page


def test_elements_that_the_export_does_not_hold_are_named(tmp_path: Path) -> None:
    shown = section(tmp_path, "visit_id patient_id technique\nV1 P1 no\nV2 P2 -")
    note = shown.blocks["not_told"]
    assert isinstance(note, Note)
    assert "body region treated" in note.text
    assert "technique" not in note.text


@pytest.mark.parametrize(("state", "gap"), [("yes", 0), ("no", 1), ("-", 0)])
def test_what_the_notes_file_says_becomes_the_figure(state: str, gap: int, tmp_path: Path) -> None:
    files = write_practice(tmp_path, "code visit_id\n97124 V1", notes=f"visit_id technique\nV1 {state}")
    figure = audit_of(files, "2026-10").comparison.total("documentation/technique")
    assert (figure.numerator, figure.base, figure.unknown) == (gap, int(state != "-"), int(state == "-"))


def test_a_visit_missing_from_a_complete_notes_file_lacks_its_note_inside_its_dates(tmp_path: Path) -> None:
    """The file tells of 1 to 9 October: the visit of the 5th has no note; of the 20th nobody knows."""
    files = write_practice(
        tmp_path,
        """
        code   visit_id  service_date
        97124  V1        2026-10-01
        97124  V2        2026-10-05
        97124  V3        2026-10-09
        97124  V4        2026-10-20
        """,
        notes="""
        visit_id  patient_id  service_date  technique
        V1        P1          2026-10-01    yes
        V3        P3          2026-10-09    yes
        """,
    )
    figure = audit_of(files, "2026-10").comparison.total("documentation/technique")
    assert (figure.numerator, figure.base, figure.unknown) == (1, 3, 1)
