"""The worksheet of a chart review: what it asks of each note, and how a filled one is read back.

Every line of an item has one question of its own, whether the note supports it as billed, with the units and
the amount; every note one question for each element that one of its lines requires. A row is known by its
item and number. What is read back is checked row by row against the sample; nothing is taken over in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from audit.blocks import units as in_units
from audit.errors import InputError
from audit.intake.cells import is_blank, parse_hundredths
from audit.intake.layouts import place_of
from audit.intake.sheet import fold
from audit.intake.spreadsheet import NoHeaderError, read_sheets
from audit.sample_file import AS_BILLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from audit.intake.sheet import Sheet
    from audit.sample_file import Item, Sample, SampledLine

ANSWERS = ("yes", "no", "not applicable", "cannot tell")

CLASSES = (
    "no documentation",
    "insufficient documentation",
    "medical necessity",
    "incorrect coding",
    "other",
)
"""Classes of errors as Medicare's error-rate review (CERT) names them."""

PRINTED = (
    *(
        "Item",
        "No.",
        "Drawn as",
        "File",
        "Row",
        "Service date",
        "Clinician",
        "Payer",
        "Codes",
        "Units billed",
    ),
    *("Allowed", "Element", "Question"),
)
"""Columns that are printed and must come back as they were."""

FILLED_IN = ("Answer", "Error class", "Units supported", "Amount supported", "Remark", "Reviewer")
"""Columns for the reviewer."""

COLUMNS = (*PRINTED, *FILLED_IN)


class Question(NamedTuple):
    """One row of the worksheet before it is filled in.

    `file`, `row`, `service_date`, `clinician` and `payer` are those of the first line it is about; `codes`
    are of all of them; `units` (hundredths) and `allowed` (cents) only where it asks for one line as billed.
    """

    item: str
    number: int
    spare: bool
    file: str
    row: int
    service_date: date
    clinician: str
    payer: str
    codes: tuple[str, ...]
    units: int | None
    allowed: int | None
    element: str
    text: str
    usual_class: str

    @property
    def is_of_line(self) -> bool:
        """Whether it asks if the note supports one line as billed; only there stand units and amounts."""
        return self.element == AS_BILLED


class Answer(NamedTuple):
    """One row of the worksheet as it came back.

    `answer` is one of ANSWERS, "" where none was given; `error_class` one of CLASSES where the reviewer
    named one; `units` (hundredths) and `amount` (cents) are what the note supports, None where not told;
    `row` is the record in the worksheet. `remark` is free text: show it to nobody but the reviewer.
    """

    question: Question
    answer: str
    error_class: str
    units: int | None
    amount: int | None
    remark: str
    reviewer: str
    row: int

    @property
    def counted_class(self) -> str:
        """The class a "no" counts in: the one named, else the question's usual one; "" for other answers."""
        return (self.error_class or self.question.usual_class) if self.answer == "no" else ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.answer or self.error_class or self.remark) and self.units is self.amount is None


class Answers(Struct, frozen=True):
    """A worksheet read back: one answer for every question, in the order of the sample."""

    sample: Sample
    rows: tuple[Answer, ...]
    second: bool = False

    def missing(self) -> list[Question]:
        """Return the questions without an answer, of items drawn and of spares that were begun."""
        used = {one.question.item for one in self.rows if not one.is_blank}
        return [
            one.question
            for one in self.rows
            if not one.answer and (not one.question.spare or one.question.item in used)
        ]


# --- what is asked ------------------------------------------------------------------------


def ask(sample: Sample, second: bool = False) -> list[Question]:
    """Return the rows of the worksheet, item by item; `second`: those that a second reviewer reads."""
    kept = set(sample.second)
    return [
        question
        for item in sample.items
        if not second or item.id in kept
        for question in _ask_of(item, sample)
    ]


def _ask_of(item: Item, sample: Sample) -> list[Question]:
    """Return the questions of an item: for each note its elements, then its lines as billed."""
    asked: list[tuple[str, str, Sequence[SampledLine]]] = []
    for note in sorted({line.note for line in item.lines}):
        lines = [line for line in item.lines if line.note == note]
        for element in sample.elements:
            about = [line for line in lines if element.id in line.elements]
            if about:
                asked.append((element.id, element.question, about))
        asked += [(AS_BILLED, _as_billed(line), [line]) for line in lines]
    return [
        _question(item, number, sample.element(element).usual_class, element, text, about)
        for number, (element, text, about) in enumerate(asked, start=1)
    ]


def _as_billed(line: SampledLine) -> str:
    code = " ".join(filter(None, (line.code, line.modifiers)))
    if line.units is None:
        return f"Does the note support {code} as it was billed?"
    unit = "unit" if line.units == 100 else "units"
    return f"Does the note support {code} as it was billed, with {in_units(line.units)} {unit}?"


def _question(
    item: Item, number: int, usual: str, element: str, text: str, about: Sequence[SampledLine]
) -> Question:
    first = about[0]
    one = first if element == AS_BILLED else None
    return Question(
        item=item.id,
        number=number,
        spare=item.spare,
        file=first.file,
        row=first.row,
        service_date=first.service_date,
        clinician=first.clinician,
        payer=first.payer,
        codes=tuple(dict.fromkeys(line.code for line in about)),
        units=one.units if one else None,
        allowed=one.allowed if one else None,
        element=element,
        text=text,
        usual_class=usual,
    )


# --- reading back -------------------------------------------------------------------------


def read_worksheet(path: Path, sample: Sample, second: bool = False) -> Answers:
    """Read a filled worksheet (.xlsx or .csv) of this sample, or the second reviewer's.

    InputError, a sentence that names file and row, where it is another sample's, lacks or repeats a row, has
    one too many, or holds an answer that is none of those allowed. Questions without an answer are no error
    here: `Answers.missing`.
    """
    sheet = _find_sheet(path)
    columns = {name: _texts(sheet, name) for name in COLUMNS}
    questions = {_key_of(one): one for one in ask(sample, second)}
    found: dict[tuple[str, int], Answer] = {}
    for at, row in enumerate(sheet.rows.tolist()):
        cells = {name: texts[at] for name, texts in columns.items()}
        if not any(cells.values()):
            continue
        where = f"{path.name}, row {row}"
        key = _find_question(cells, questions, sample, where)
        if key in found:
            raise InputError(
                f"{where}: answers the same question as row {found[key].row}; keep one of the two rows."
            )
        found[key] = _read_answer(cells, questions[key], where, row)
    for key, question in questions.items():
        if key not in found:
            raise InputError(
                f"{path.name}: the row of item {question.item}, No. {question.number}, is missing; "
                f"{len(questions) - len(found)} of {len(questions)} rows are; copy them back from the "
                "worksheet as it was drawn."
            )
    return Answers(sample, tuple(found[key] for key in questions), second)


def _key_of(question: Question) -> tuple[str, int]:
    return question.item, question.number


def _find_sheet(path: Path) -> Sheet:
    """Return the sheet with the worksheet's columns; the one that tells how to fill it in has others."""
    wanted = {fold(name) for name in COLUMNS}

    def known(headers: Sequence[str]) -> bool:
        return len({fold(header) for header in headers} & wanted) * 2 > len(wanted)

    try:
        sheets = [sheet for sheet in read_sheets(path, known) if sheet.headers and known(sheet.headers)]
    except NoHeaderError:
        sheets = []
    if len(sheets) != 1:
        raise InputError(
            f"{path.name}: this is no worksheet of `audit sample`; name worksheet.xlsx or worksheet.csv."
        )
    return sheets[0]


def _texts(sheet: Sheet, name: str) -> list[str]:
    """Return the cells below a header, without blanks around them."""
    headers = [header for header in sheet.headers if fold(header) == fold(name)]
    if not headers:
        raise InputError(
            f"{place_of(sheet)}: the column {name} is missing; use the worksheet as it was drawn."
        )
    return [text.strip() for text in sheet.cells[headers[0]].astype(object)]


def _find_question(
    cells: Mapping[str, str], questions: Mapping[tuple[str, int], Question], sample: Sample, where: str
) -> tuple[str, int]:
    """Return which question a row answers."""
    item = cells["Item"].upper()
    number = int(cells["No."]) if cells["No."].isascii() and cells["No."].isdecimal() else 0
    question = questions.get((item, number))
    if question is None:
        head, _, place = item.partition("-")
        if head != sample.id and len(head) == len(sample.id) and head.isalpha() and place.isdecimal():
            raise InputError(
                f"{where}: belongs to another sample than {sample.id}; use the worksheet that lies beside "
                "this sample.toml."
            )
        raise InputError(
            f"{where}: columns Item and No. name no question of this sample; set them back as they were "
            "drawn, or remove the row."
        )
    printed = {"Codes": " ".join(question.codes), "Element": question.element}
    for name, text in printed.items():
        if _plain(cells[name]) != _plain(text):
            raise InputError(
                f"{where}: column {name} is not as it was drawn, so that nobody knows which question is "
                "answered; set it back."
            )
    return item, number


def _plain(text: str) -> str:
    return " ".join(text.replace("'", "").casefold().split())


def _read_answer(cells: Mapping[str, str], question: Question, where: str, row: int) -> Answer:
    answer = _one_of(cells["Answer"], ANSWERS, f"{where}: column Answer")
    error_class = _one_of(cells["Error class"], CLASSES, f"{where}: column Error class")
    if error_class and answer != "no":
        raise InputError(f'{where}: an error class goes with the answer "no"; correct one of the two.')
    return Answer(
        question=question,
        answer=answer,
        error_class=error_class,
        units=_number(cells, "Units supported", question, where),
        amount=_number(cells, "Amount supported", question, where),
        remark=cells["Remark"],
        reviewer=cells["Reviewer"],
        row=row,
    )


def _one_of(text: str, allowed: Iterable[str], where: str) -> str:
    """Return the allowed text that a cell holds, "" for an empty one."""
    plain = _plain(text)
    if plain and plain not in allowed:
        raise InputError(f"{where} holds none of the answers allowed: {', '.join(allowed)}.")
    return plain


def _number(cells: Mapping[str, str], name: str, question: Question, where: str) -> int | None:
    """Return a number of units or dollars in hundredths."""
    text = cells[name]
    if is_blank(text):
        return None
    if not question.is_of_line:
        raise InputError(
            f"{where}: column {name} is filled in on a row that does not ask for it; write it on the item's "
            f"row with the element {AS_BILLED}."
        )
    read = parse_hundredths([text])
    if not read.known[0] or read.values[0] < 0:
        raise InputError(f"{where}: column {name} is no number from 0, such as 2 or 45.50; correct it.")
    return int(read.values[0])
