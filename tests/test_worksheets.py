"""Worksheets: what is asked of each note, and a filled one read back without a silent change."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from audit.errors import InputError
from audit.workbook import write_sheet_csv, write_workbook
from audit.worksheets import ANSWERS, CLASSES, COLUMNS, ask, read_worksheet
from tests.reviews import drawn_of, practice_of, second_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.sample_file import Sample

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return drawn_of(practice_of(tmp_path_factory.mktemp("practice")), second_of("1/3"))


def rows_of(sample: Sample, second: bool = False) -> Rows:
    """Return the empty worksheet as rows of text."""
    return list(csv.DictReader(io.StringIO(write_sheet_csv(ask(sample, second)).decode())))


def write(folder: Path, rows: Rows, columns: tuple[str, ...] = COLUMNS, **how: str) -> Path:
    path = folder / "worksheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", **how)  # type: ignore[arg-type]
        writer.writeheader()
        writer.writerows(rows)
    return path


def filled(sample: Sample, second: bool = False) -> Rows:
    """Return a worksheet in which every answer is yes."""
    return [row | {"Answer": "yes", "Reviewer": "AB"} for row in rows_of(sample, second)]


def of_line(rows: Rows) -> dict[str, str]:
    return next(row for row in rows if row["Element"] == "as_billed")


# --- what is asked ------------------------------------------------------------------------


def test_a_note_is_asked_once_for_each_element_and_once_for_each_line(sample: Sample) -> None:
    """97124 and 97140 on one visit: one note, one question each for what either requires."""
    item = next(one for one in sample.items if len(one.lines) == 2)
    asked = [one for one in ask(sample) if one.item == item.id]
    elements = [one.element for one in asked]
    assert elements.count("technique") == 1
    assert elements.count("as_billed") == 2
    assert elements.index("as_billed") > elements.index("signature")
    assert [one.number for one in asked] == list(range(1, len(asked) + 1))
    by_line = {one.codes: (one.units, one.allowed, one.text) for one in asked if one.is_of_line}
    assert by_line[("97124",)] == (200, 7200, "Does the note support 97124 as it was billed, with 2 units?")
    assert by_line[("97140",)] == (100, None, "Does the note support 97140 as it was billed, with 1 unit?")
    about = next(one for one in asked if one.element == "technique")
    assert about.codes == tuple(line.code for line in item.lines)
    assert about.units is None


def test_a_claim_of_two_days_asks_both_notes(tmp_path: Path) -> None:
    from audit.sampling import Wanted

    claims = drawn_of(practice_of(tmp_path), Wanted(of="claims", each=99, spares=0))
    item = next(one for one in claims.items if {line.code for line in one.lines} == {"98941", "97140"})
    asked = [(one.service_date.day, one.element) for one in ask(claims) if one.item == item.id]
    assert asked.count((7, "signature")) == asked.count((8, "signature")) == 1
    assert (7, "subluxation") in asked
    assert (8, "subluxation") not in asked


def test_the_second_reviewer_reads_the_items_drawn_for_it(sample: Sample) -> None:
    assert {one.item for one in ask(sample, second=True)} == set(sample.second)
    assert len(sample.second) == 2


def test_file_row_and_day_lead_to_the_chart(sample: Sample) -> None:
    row = rows_of(sample)[0]
    assert row["File"] == "charges.csv"
    assert row["Row"].isdecimal()
    assert row["Service date"].startswith("2026-10-")


# --- read back ----------------------------------------------------------------------------


def test_answers_come_back_as_they_were_filled_in(sample: Sample, tmp_path: Path) -> None:
    rows = filled(sample)
    of_line(rows).update(
        {
            "Answer": " No ",
            "Error class": "Incorrect Coding",
            "Units supported": "1",
            "Amount supported": "$36.00",
            "Remark": "one region only",
        }
    )
    read = read_worksheet(write(tmp_path, rows), sample)
    found = next(one for one in read.rows if one.question.is_of_line)
    assert (found.answer, found.error_class, found.units, found.amount) == (
        "no",
        "incorrect coding",
        100,
        3600,
    )
    assert (found.remark, found.reviewer) == ("one region only", "AB")
    assert [one.question for one in read.rows] == ask(sample)
    assert {one.answer for one in read.rows} == {"yes", "no"}
    assert not read.missing()


def test_a_no_without_a_class_counts_in_the_questions_usual_one(sample: Sample, tmp_path: Path) -> None:
    rows = [row | {"Answer": "no"} for row in rows_of(sample)]
    classes = {
        one.question.element: one.counted_class for one in read_worksheet(write(tmp_path, rows), sample).rows
    }
    assert classes["response"] == "medical necessity"
    assert classes["signature"] == "insufficient documentation"
    assert classes["as_billed"] == "incorrect coding"


def test_an_empty_worksheet_has_every_question_missing(sample: Sample, tmp_path: Path) -> None:
    assert read_worksheet(write(tmp_path, rows_of(sample)), sample).missing() == ask(sample)


def test_spares_may_stay_empty_but_not_half_filled(tmp_path: Path) -> None:
    from audit.sampling import Wanted

    drawn = drawn_of(practice_of(tmp_path), Wanted(size=3, spares=2))
    rows = [row | {"Answer": "yes" if row["Drawn as"] == "drawn" else ""} for row in rows_of(drawn)]
    assert not read_worksheet(write(tmp_path, rows), drawn).missing()
    spare = next(row for row in rows if row["Drawn as"] == "spare")
    spare["Answer"] = "yes"
    missing = read_worksheet(write(tmp_path, rows), drawn).missing()
    assert {one.item for one in missing} == {spare["Item"]}


def test_rows_may_be_sorted_and_the_list_parted_by_semicolons(sample: Sample, tmp_path: Path) -> None:
    """As spreadsheets of some countries save it; columns may stand in another order, too."""
    rows = sorted(filled(sample), key=lambda row: (row["Element"], row["Item"]))
    path = write(tmp_path, rows, tuple(reversed(COLUMNS)), delimiter=";")
    assert [one.question for one in read_worksheet(path, sample).rows] == ask(sample)


def test_a_workbook_filled_in_and_saved_reads_as_the_list_does(sample: Sample, tmp_path: Path) -> None:
    """Numbers stay numbers; the sheet of instructions is no worksheet."""
    path = tmp_path / "worksheet.xlsx"
    path.write_bytes(write_workbook(ask(sample)))
    book = openpyxl.load_workbook(path)
    sheet = book["Worksheet"]
    place = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, place["Answer"], "no")
        if sheet.cell(row, place["Element"]).value == "as_billed":
            sheet.cell(row, place["Units supported"], 1.5)
            sheet.cell(row, place["Amount supported"], 45.5)
    book.save(path)
    read = read_worksheet(path, sample)
    assert {one.answer for one in read.rows} == {"no"}
    assert {(one.units, one.amount) for one in read.rows if one.question.is_of_line} == {(150, 4550)}


def change(column: str, value: str, at: int = 0) -> Callable[[Rows], Rows]:
    return lambda rows: [row | {column: value} if place == at else row for place, row in enumerate(rows)]


FAULTS = {
    "an item's number changed": (change("Item", "{id}-900"), "row 2: columns Item and No. name no question"),
    "an item's id mistyped": (change("Item", "{id}001"), "row 2: columns Item and No. name no question"),
    "a question's number changed": (change("No.", "77"), "row 2: columns Item and No. name no question"),
    "a question's number no number": (change("No.", "first"), "row 2: columns Item and No. name no question"),
    "another sample's row": (change("Item", "BCDFGH-001"), "row 2: belongs to another sample than {id}"),
    "a row missing": (lambda rows: rows[1:], "the row of item {id}-001, No. 1, is missing; 1 of"),
    "a row twice": (lambda rows: [*rows, rows[0]], "answers the same question as row 2"),
    "a row too many": (
        lambda rows: [*rows, dict.fromkeys(COLUMNS, "") | {"Remark": "x"}],
        "columns Item and No. name no question",
    ),
    "columns sorted by themselves": (
        change("Element", "signature"),
        "row 2: column Element is not as it was",
    ),
    "codes changed": (change("Codes", "97110"), "row 2: column Codes is not as it was"),
    "an answer outside the list": (
        change("Answer", "maybe"),
        "row 2: column Answer holds none of the answers",
    ),
    "a class outside the list": (change("Error class", "fraud"), "row 2: column Error class holds none of"),
    "a class without a no": (change("Error class", "other"), 'an error class goes with the answer "no"'),
    "units where none are asked": (change("Units supported", "2"), "filled in on a row that does not ask"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_a_sentence(fault: str, sample: Sample, tmp_path: Path) -> None:
    spoil, said = FAULTS[fault]
    rows = [
        {name: text.replace("{id}", sample.id) for name, text in row.items()} for row in spoil(filled(sample))
    ]
    with pytest.raises(InputError) as told:
        read_worksheet(write(tmp_path, rows), sample)
    assert said.replace("{id}", sample.id) in str(told.value)
    assert str(told.value).startswith("worksheet.csv")
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("value", ["two", "-1", "1,5,5"])
@pytest.mark.parametrize("column", ["Units supported", "Amount supported"])
def test_a_number_that_is_none_is_told(column: str, value: str, sample: Sample, tmp_path: Path) -> None:
    rows = filled(sample)
    of_line(rows)[column] = value
    with pytest.raises(InputError, match=f"column {column} is no number from 0"):
        read_worksheet(write(tmp_path, rows), sample)


def test_a_message_never_repeats_what_stands_in_a_cell(sample: Sample, tmp_path: Path) -> None:
    for column in ("Item", "No.", "Element", "Codes", "Answer", "Error class"):
        rows = change(column, "Quillonia Vandersnoot")(filled(sample))
        with pytest.raises(InputError) as told:
            read_worksheet(write(tmp_path, rows), sample)
        assert "Quillonia" not in str(told.value)


def test_a_worksheet_without_one_of_its_columns_is_told(sample: Sample, tmp_path: Path) -> None:
    path = write(tmp_path, filled(sample), tuple(name for name in COLUMNS if name != "Answer"))
    with pytest.raises(InputError, match="the column Answer is missing"):
        read_worksheet(path, sample)


def test_a_file_that_is_no_worksheet_is_told(sample: Sample, tmp_path: Path) -> None:
    for text in ("code,charge,payer\n97140,60.00,Aetna\n", "Dear all\n"):
        path = tmp_path / "worksheet.csv"
        path.write_text(text)
        with pytest.raises(InputError, match="this is no worksheet of `audit sample`"):
            read_worksheet(path, sample)


def test_the_second_reviewers_worksheet_is_not_taken_for_the_first_ones(
    sample: Sample, tmp_path: Path
) -> None:
    path = write(tmp_path, filled(sample, second=True))
    assert read_worksheet(path, sample, second=True).second
    with pytest.raises(InputError, match="is missing"):
        read_worksheet(path, sample)


def test_the_lists_fit_into_a_drop_down() -> None:
    """Excel takes 255 characters, and no comma in an answer."""
    for allowed in (ANSWERS, CLASSES):
        assert len(",".join(allowed)) <= 255
        assert not any("," in one for one in allowed)
