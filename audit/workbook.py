"""The worksheet as files: an Excel workbook with drop-downs and a page of instructions, and the same as CSV.

In: the questions (`worksheets.py`). Out: bytes, the same for the same questions. No cell is a formula.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from audit.output import encode, guard_cell, write_csv
from audit.worksheets import ANSWERS, CLASSES, COLUMNS, FILLED_IN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.worksheet import Worksheet

    from audit.worksheets import Question

WIDTHS = {
    **{"Item": 13, "No.": 5, "Drawn as": 9, "File": 18, "Row": 7, "Service date": 12, "Clinician": 18},
    **{"Payer": 18, "Codes": 14, "Units billed": 8, "Allowed": 10, "Element": 13, "Question": 52},
    **{"Answer": 14, "Error class": 26, "Units supported": 10, "Amount supported": 11},
    **{"Remark": 36, "Reviewer": 10},
}
"""Width of each column, in characters."""

MADE = datetime(2000, 1, 1)
"""The day that every workbook says it was made on, so that the same worksheet has the same bytes."""

LAST_FROZEN = COLUMNS.index("No.") + 1
"""Columns that stay in sight."""

TITLE = "How to fill this in"

INSTRUCTIONS = (
    (
        "What this is",
        "Each row asks one question about one visit note. Find the chart by columns File and Row: the row of "
        "the billing export that the item was billed from.",
        "Read the note as it stands. The review asks what the note shows, not what was done that day. "
        "Whoever wrote a note does not review it.",
    ),
    (
        "Answer",
        "yes: the note shows it.",
        "no: the note does not show it. A chart that cannot be found is a no, of the class no documentation.",
        "not applicable: the question does not arise for this visit.",
        "cannot tell: the note is there, but it does not settle the question. Say in the remark why.",
    ),
    (
        "Error class, for a no",
        "no documentation: there is no note, or nobody can produce it.",
        "insufficient documentation: there is a note, and it does not show enough.",
        "medical necessity: the note does not show why the service was needed.",
        "incorrect coding: what was done should have been billed under another code or other units.",
        "other: anything else; say in the remark what.",
        "Left empty, the question's usual class counts.",
    ),
    (
        "Units and amount",
        "They belong to the rows with the element as_billed, one for each line billed. Units supported: as "
        "many as the note supports, 0 where it supports none, more than were billed where it supports more.",
        "Amount supported: what should have been allowed for that line. Empty where you do not know.",
    ),
    (
        "Spares",
        "Rows drawn as spare stay empty. A spare is read, in the order of the spares, only in place of an "
        "item that should not have been there at all, such as a test patient: answer that item's rows with "
        "not applicable and say so in its remark. A chart that is missing or bad is no reason to take one.",
    ),
    (
        "What not to do",
        "Leave the notes as they are. A claim is corrected only from the note as it stood; a late entry "
        "carries today's date and says that it is late.",
        "Change nothing in the printed columns, and add or remove no row: the sheet is checked against the "
        "sample.",
        "Write no patient's name anywhere in this file.",
    ),
    (
        "A second reviewer",
        "answers a copy of some items without seeing the first reviewer's answers.",
    ),
)
"""The sheet of instructions: headings, each with its sentences."""


def write_sheet_csv(questions: Sequence[Question]) -> bytes:
    """Return the worksheet as CSV, the columns of the reviewer empty."""
    blank = [None] * len(FILLED_IN)
    return encode(write_csv(COLUMNS, ([*_cells(question), *blank] for question in questions)))


def write_workbook(questions: Sequence[Question]) -> bytes:
    """Return the worksheet as an Excel workbook: header frozen, answers by drop-down, printed columns locked.

    The lock has no password: it keeps a hand from slipping, no more.
    """
    from xlsxwriter import Workbook

    made = io.BytesIO()
    book = Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "Chart review worksheet", "created": MADE})
    formats = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "printed": book.add_format({"valign": "top", "text_wrap": True, "bg_color": "#F3F3F3"}),
        "day": book.add_format({"valign": "top", "bg_color": "#F3F3F3", "num_format": "yyyy-mm-dd"}),
        "amount": book.add_format({"valign": "top", "bg_color": "#F3F3F3", "num_format": "#,##0.00"}),
        "open": book.add_format({"valign": "top", "text_wrap": True, "locked": False, "border": 1}),
    }
    sheet = book.add_worksheet("Worksheet")
    _fill(sheet, questions, formats)
    _guide(sheet, questions)
    _instruct(book.add_worksheet(TITLE), formats["head"], book.add_format({"text_wrap": True}))
    book.close()
    return made.getvalue()


def _cells(question: Question) -> list[Any]:
    """Return the printed cells of a row."""
    return [
        *(
            question.item,
            question.number,
            "spare" if question.spare else "drawn",
            question.file,
            question.row,
        ),
        *(question.service_date, question.clinician, question.payer, " ".join(question.codes)),
        *(_whole(question.units), _whole(question.allowed), question.element, question.text),
    ]


def _whole(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)


def _fill(sheet: Worksheet, questions: Sequence[Question], formats: dict[str, Any]) -> None:
    """Write the header and the rows."""
    for at, name in enumerate(COLUMNS):
        sheet.set_column(at, at, WIDTHS[name])
        sheet.write_string(0, at, name, formats["head"])
    for row, question in enumerate(questions, start=1):
        cells = _cells(question)
        for at, value in enumerate(cells):
            match value:
                case str():
                    text = encode(guard_cell(value)).decode()
                    sheet.write_string(row, at, text, formats["printed"])
                case date():
                    sheet.write_datetime(row, at, value, formats["day"])
                case Decimal():
                    sheet.write_number(row, at, float(value), formats["amount"])
                case None:
                    sheet.write_blank(row, at, None, formats["printed"])
                case _:
                    sheet.write_number(row, at, value, formats["printed"])
        for at in range(len(cells), len(COLUMNS)):
            sheet.write_blank(row, at, None, formats["open"])


def _guide(sheet: Worksheet, questions: Sequence[Question]) -> None:
    """Freeze the header, offer the answers allowed, and lock what is printed."""
    last = len(questions)
    sheet.freeze_panes(1, LAST_FROZEN)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    for name, allowed in (("Answer", ANSWERS), ("Error class", CLASSES)):
        at = COLUMNS.index(name)
        told = {
            "validate": "list",
            "source": list(allowed),
            "error_message": f"One of: {', '.join(allowed)}.",
        }
        sheet.data_validation(1, at, last, at, told)
    for name in ("Units supported", "Amount supported"):
        at = COLUMNS.index(name)
        rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "A number from 0."}
        sheet.data_validation(1, at, last, at, rule)
    free = ("autofilter", "format_columns", "format_rows", "select_locked_cells", "select_unlocked_cells")
    sheet.protect("", dict.fromkeys(free, True))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _instruct(sheet: Worksheet, head: Any, plain: Any) -> None:
    """Write the instructions, one sentence or two to a row."""
    sheet.set_column(0, 0, 100)
    row = 0
    for title, *sentences in INSTRUCTIONS:
        sheet.write_string(row, 0, title, head)
        for sentence in sentences:
            row += 1
            sheet.write_string(row, 0, sentence, plain)
        row += 2
