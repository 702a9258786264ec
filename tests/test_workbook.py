"""The worksheet as files: same questions, same bytes; nothing in it runs; it asks for nothing to be added."""

from __future__ import annotations

import io
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from audit.workbook import INSTRUCTIONS, write_sheet_csv, write_workbook
from audit.worksheets import ANSWERS, CLASSES, COLUMNS, FILLED_IN, Question, ask
from tests.practices import write_practice
from tests.reviews import drawn_of, practice_of


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> list[Question]:
    return ask(drawn_of(practice_of(tmp_path_factory.mktemp("practice"))))


@pytest.fixture(scope="module")
def book(questions: list[Question]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write_workbook(questions)))


def test_the_same_questions_make_the_same_bytes(questions: list[Question]) -> None:
    """Also seconds later: no file in it is dated."""
    first = write_workbook(questions)
    time.sleep(2.1)  # dates in a zip archive have steps of two seconds
    assert write_workbook(questions) == first
    assert {entry.date_time[:3] for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1)}


def test_both_files_ask_the_same(questions: list[Question], book: openpyxl.Workbook) -> None:
    rows = list(book["Worksheet"].values)
    assert rows[0] == COLUMNS
    assert len(rows) == len(questions) + 1
    text = write_sheet_csv(questions).decode().splitlines()
    assert text[0] == ",".join(COLUMNS)
    assert len(text) == len(questions) + 1
    assert [row[0] for row in rows[1:]] == [line.partition(",")[0] for line in text[1:]]


def test_the_header_stays_and_answers_are_chosen(book: openpyxl.Workbook) -> None:
    sheet = book["Worksheet"]
    assert sheet.freeze_panes == "C2"
    lists = [one.formula1 for one in sheet.data_validations.dataValidation if one.type == "list"]
    assert lists == [f'"{",".join(ANSWERS)}"', f'"{",".join(CLASSES)}"']
    assert all(f"{sheet.max_row}" in str(one.sqref) for one in sheet.data_validations.dataValidation)


def test_only_the_reviewers_cells_can_be_typed_into(book: openpyxl.Workbook) -> None:
    sheet = book["Worksheet"]
    assert sheet.protection.sheet
    open_to = {cell.protection.locked for cell in sheet[2][: len(COLUMNS) - len(FILLED_IN)]}
    assert open_to == {True}
    assert {cell.protection.locked for cell in sheet[2][-len(FILLED_IN) :]} == {False}


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """A clinician's or payer's name from a file is text, whatever it begins with."""
    rows = "line_id | clinician | payer\nL1 | =HYPERLINK(1) | @cmd"
    asked = ask(drawn_of(write_practice(tmp_path, rows)))
    content = write_workbook(asked)
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(content))["Worksheet"] for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert "'=HYPERLINK(1)" in {cell.value for cell in cells}
    assert b",'=HYPERLINK(1),'@cmd," in write_sheet_csv(asked)


def test_the_instructions_ask_for_nothing_to_be_added() -> None:
    words = " ".join(sentence for part in INSTRUCTIONS for sentence in part)
    assert not re.search(r"\b(complete|sign|add) the note\b|fraud|violation|overpa", words, re.IGNORECASE)
    assert "only from the note as it stood" in words
    assert "carries today's date and says that it is late" in words
    assert all(answer in words for answer in (*ANSWERS, *CLASSES))
