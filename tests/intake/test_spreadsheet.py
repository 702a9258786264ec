"""Reading CSV and Excel files: every cell arrives as the text it was, under the header it stood under."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import gzip
import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

import openpyxl
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.errors import AuditError, InputError
from audit.intake import spreadsheet
from audit.intake.sheet import Known, Sheet, fold, name_headers
from audit.intake.spreadsheet import find_files, read_sheets

SHARED = Path(__file__).resolve().parents[3] / "shared"


def unknown(headers: Sequence[str]) -> bool:
    """No layout knows any header."""
    return not isinstance(headers, tuple)


def knows(*names: str) -> Callable[[Sequence[str]], bool]:
    return lambda headers: set(names) <= set(headers)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Sheet]:
    """Read one delimited file, given by its content."""

    def read(content: str | bytes, name: str = "charges.csv", known: Known = unknown) -> Sheet:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        (sheet,) = read_sheets(path, known)
        return sheet

    return read


Read = Callable[..., Sheet]


def table(sheet: Sheet) -> list[list[str]]:
    """Return the cells, row by row, each row led by its number."""
    columns = [sheet.cells[header].tolist() for header in sheet.headers]
    return [[str(number), *row] for number, *row in zip(sheet.rows, *columns, strict=True)]


def rows(text: str) -> list[list[str]]:
    """Return a table drawn with `|` as rows of texts."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


PLAIN = "Code,Payer,Charge\n97140,Aetna,50.00\n97110,Cigna,60.00\n"
PLAIN_ROWS = rows("""
    2 | 97140 | Aetna | 50.00
    3 | 97110 | Cigna | 60.00
""")


# Texts


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_line_ending_make_no_difference(read: Read, delimiter: str, ending: str) -> None:
    sheet = read(PLAIN.replace(",", delimiter).replace("\n", ending))
    assert (sheet.delimiter, sheet.headers, table(sheet)) == (
        delimiter,
        ("Code", "Payer", "Charge"),
        PLAIN_ROWS,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_encoding_makes_no_difference(read: Read, encoding: str) -> None:
    sheet = read("Code,Clinician\n97140,Muñoz\n97110,Ng\n".encode(encoding))
    assert (sheet.headers[0], table(sheet)) == ("Code", rows("2|97140|Muñoz\n3|97110|Ng"))


def test_a_byte_order_mark_before_a_quotation_is_no_text(read: Read) -> None:
    assert read('\ufeff"Code, CPT",Payer\n97140,Aetna\n').headers == ("Code, CPT", "Payer")


def test_a_byte_without_meaning_does_not_cost_the_file(read: Read) -> None:
    assert table(read(b"Code,Clinician\n97140,Mu\xf1oz\x81\n")) == [["2", "97140", "Muñoz\ufffd"]]


def test_big_endian_text_with_its_mark_is_read(read: Read) -> None:
    assert table(read(b"\xfe\xff" + PLAIN.encode("utf-16-be"))) == PLAIN_ROWS


def test_a_comma_in_every_name_does_not_win_over_the_true_delimiter(read: Read) -> None:
    sheet = read("Patient|Code|Charge\nA, B|97140|1,250.50\nC, D|97110|60.00\n")
    assert table(sheet) == rows("2|A, B|97140|1,250.50\n3|C, D|97110|60.00".replace("|", " | "))


def test_a_diagnosis_list_in_every_row_does_not_win_over_the_true_delimiter(read: Read) -> None:
    charges = "97140,M54.5;M99.0,5\n97110,M54.2;M99.1,6\n97112,M54.2;M99.1,7,x\n97530,M54.2;M99.1,7,x,y\n"
    assert read("Code,Dx,Charge\n" + charges).delimiter == ","


def test_a_header_that_a_layout_knows_settles_the_delimiter(read: Read) -> None:
    content = "a,b,c;Code\n1,2,3;97140\n"
    assert (read(content).delimiter, read(content, known=knows("Code")).delimiter) == (",", ";")


def test_title_lines_blank_lines_and_totals_keep_their_numbers(read: Read) -> None:
    sheet = read(
        "Jane Payments,March\n\nCode,Payer,Charge\n97140,Aetna,50.00\n\n97110,Cigna,60.00\nTotal,,110.00\n\n"
    )
    assert sheet.above == 2
    assert table(sheet) == rows("""
        4 | 97140 | Aetna | 50.00
        5 |       |       |
        6 | 97110 | Cigna | 60.00
        7 | Total |       | 110.00
        8 |       |       |
    """)


def test_a_known_header_is_found_below_a_record_that_looks_like_one(read: Read) -> None:
    sheet = read("From,To,By\nCode,Payer,Charge\n97140,Aetna,50.00\n", known=knows("Code"))
    assert (sheet.above, sheet.headers) == (1, ("Code", "Payer", "Charge"))


def test_a_repeated_header_is_numbered_and_a_blank_one_named_by_its_place(read: Read) -> None:
    assert read(" Charge,Paid,,Charge,PAID,Charge\n1,2,3,4,5,6\n").headers == (
        *("Charge", "Paid", "column 3", "Charge#2", "PAID#2", "Charge#3"),
    )


def test_text_that_looks_like_something_else_stays_text(read: Read) -> None:
    cells = ["00732", "1E5", "N/A", "NULL", "nan", "--", "59", "TRUE", "1.50", "2022-12-19", "$1.5"]
    assert table(read("Id,Code\n" + "".join(f"{cell},x\n" for cell in cells))) == [
        [str(number), cell, "x"] for number, cell in enumerate(cells, start=2)
    ]


def test_blanks_around_a_cell_are_taken_off_and_equal_cells_become_one(read: Read) -> None:
    sheet = read("Code,Payer\n97140, Aetna\n97140,Aetna\u00a0\n97140,Aetna\n97140, \u00a0 \n")
    assert sheet.cells["Payer"].tolist() == ["Aetna", "Aetna", "Aetna", ""]
    assert sheet.cells["Payer"].cat.categories.tolist() == ["", "Aetna"]


def test_the_order_of_rows_does_not_change_the_categories(read: Read) -> None:
    lines = [f"{code},x\n" for code in ("b", "é", "a", "B", "10", "9")]
    found = set()
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        found.add(tuple(read("Code,Payer\n" + "".join(lines)).cells["Code"].cat.categories))
    assert found == {("10", "9", "B", "a", "b", "é")}


def test_more_values_than_headers_is_marked_and_fewer_are_filled_with_blanks(read: Read) -> None:
    sheet = read("Code,Payer,Charge\n97140,Aetna,50,stray\n97110\n97112,Cigna,60\n97530,,70, ,\n")
    assert table(sheet) == rows("""
        2 | 97140 | Aetna | 50
        3 | 97110 |       |
        4 | 97112 | Cigna | 60
        5 | 97530 |       | 70
    """)
    assert sheet.ragged.tolist() == [True, False, False, False]


def test_a_delimiter_at_the_end_of_every_row_is_no_value(read: Read) -> None:
    sheet = read("Code,Payer\n" + "97140,Aetna,\n" * 9 + "97110,Cigna,stray\n")
    assert sheet.ragged.tolist() == [False] * 9 + [True]


def test_every_row_shorter_than_the_header_is_read(read: Read) -> None:
    assert table(read("Code,Payer,Charge,Note\n97140,Aetna,50\n97110,Cigna,60\n")) == rows(
        "2|97140|Aetna|50|\n3|97110|Cigna|60|"
    )


def test_a_quoted_line_break_does_not_count_as_a_row(read: Read) -> None:
    sheet = read('Code,"Pay\ner",Note\n97140,Aetna,"a, ""b""\r\n\rc"\n97110,Cigna,d\n')
    assert sheet.headers == ("Code", "Pay er", "Note")
    assert table(sheet) == [["2", "97140", "Aetna", 'a, "b"\n\nc'], ["3", "97110", "Cigna", "d"]]


def test_a_lone_quotation_mark_inside_a_cell_is_a_character(read: Read) -> None:
    assert table(read('Code,Note\n97140,5" roller\n97110,x\n')) == [
        ["2", "97140", '5" roller'],
        ["3", "97110", "x"],
    ]


@pytest.mark.parametrize("end", ['"open', '"open\n1,2\n3,4\n', '"', '"\n', '"open,97\n'])
def test_a_quotation_never_closed_is_told_with_its_row(read: Read, end: str) -> None:
    with pytest.raises(
        InputError, match=r"^charges.csv, row 3: a quotation mark is opened in this row and never"
    ):
        read("Code,Note\n97140,x\n97110," + end)


@pytest.mark.parametrize("size", [1_000_000, 20_000_000])
def test_a_long_cell_is_read_whole(read: Read, size: int) -> None:
    sheet = read(f'Code,Note\n97140,"{"x" * size}"\n97110,short\n')
    assert [len(cell) for cell in sheet.cells["Note"]] == [size, 5]


def test_a_header_is_never_read_in_part(read: Read) -> None:
    with mock.patch.object(spreadsheet, "HEAD", 10), pytest.raises(InputError, match="no row with column"):
        read(PLAIN)
    with mock.patch.object(spreadsheet, "HEAD", 20):
        assert table(read(PLAIN)) == PLAIN_ROWS


def test_a_compressed_file_is_read(read: Read) -> None:
    assert table(read(gzip.compress(PLAIN.encode(), mtime=0), name="charges.csv.gz")) == PLAIN_ROWS


def test_a_file_with_only_a_header_has_no_rows(read: Read) -> None:
    sheet = read("Code,Payer,Charge")
    assert (sheet.headers, len(sheet.cells), sheet.rows.tolist()) == (("Code", "Payer", "Charge"), 0, [])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b" \r\n\r\n", "the file is empty"),
        ("a.csv", b"%PDF-1.7\n1 0 obj", "a PDF"),
        ("a.csv", b"PK\x03\x04rest", "an Excel workbook or a zip archive"),
        ("a.csv", gzip.compress(PLAIN.encode(), mtime=0), "compressed"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "an image"),
        ("a.csv", b"Code,Payer\n97140,\0\0\n", "not a text file"),
        ("a.csv", "\ufeffCode,Payer\n".encode("utf-16-le")[:-1], "damaged or cut off"),
        ("a.csv.gz", gzip.compress(PLAIN.encode(), mtime=0)[:-9], "damaged or cut off"),
        ("a.csv.gz", PLAIN.encode(), "damaged or cut off"),
        ("a.csv", b"1,2,3\n4,5,6\n", "no row with column headers"),
        ("a.csv", b"Doe,Jane,97140\nRoe,Joe,97110\n", "no row with column headers"),
        ("a.csv", b"one column\n1\n2\n", "no row with column headers"),
        ("a.docx", b"PK\x03\x04", "not a kind of file"),
        ("a.xlsx", b"", "the file is empty"),
        ("a.xlsx", PLAIN.encode(), "not an Excel workbook"),
        ("a.xls", b"<html><table><tr><td>Code</td></tr></table></html>", "not an Excel workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not an Excel workbook"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
            "protected by a password",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_sheets(tmp_path / name, unknown)
    assert str(caught.value).startswith(f"{name}: ")
    assert str(tmp_path) not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_gone_or_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="no such file"):
        read_sheets(tmp_path / "gone.csv", unknown)
    with pytest.raises(InputError, match="cannot be opened"):
        read_sheets(tmp_path / "folder.csv", unknown)


# Workbooks


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., list[Sheet]]:
    """Read a workbook whose worksheets are given by their cells."""

    def book(name: str = "charges.xlsx", **sheets: dict[str, object]) -> list[Sheet]:
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, cells in sheets.items():
            worksheet = workbook.create_sheet(title)
            for place, value in cells.items():
                worksheet[place] = value
            if title.startswith("hidden"):
                worksheet.sheet_state = "hidden"
        workbook.save(tmp_path / "made.xlsx")
        (tmp_path / "made.xlsx").rename(tmp_path / name)
        return read_sheets(tmp_path / name, unknown)

    return book


Book = Callable[..., list[Sheet]]
HEADER: dict[str, object] = {"A1": "Code", "B1": "Payer"}


def test_a_workbook_row_has_the_number_that_excel_shows(book: Book) -> None:
    (sheet,) = book(Visits={"C4": "Code", "D4": "Charge", "C6": "97140", "D6": 50, "C7": "97110"})
    assert (sheet.file, sheet.sheet, sheet.above) == ("charges.xlsx", "Visits", 3)
    assert table(sheet) == rows("5 | |\n6|97140|50\n7|97110|")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (97140, "97140"),
        (97140.0, "97140"),
        (1250.5, "1250.5"),
        (0.1 + 0.2, "0.3"),
        (-25, "-25"),
        (123456789012345, "123456789012345"),
        (0.00001, "0.00001"),
        ("00732", "00732"),
        ("1E5", "1E5"),
        ("NULL", "NULL"),
        (" x\u00a0", "x"),
        (True, "yes"),
        (False, "no"),
        (dt.date(2026, 4, 27), "2026-04-27"),
        (dt.datetime(2026, 4, 27, 12, 0), "2026-04-27 12:00"),
        (dt.datetime(2026, 4, 27, 12, 0, 30), "2026-04-27 12:00:30"),
        (dt.datetime(2026, 4, 27, 11, 59, 59, 900_000), "2026-04-27 12:00"),
        (dt.time(13, 5), "13:05"),
        (dt.timedelta(hours=25, minutes=30), "25:30"),
    ],
)
def test_a_workbook_cell_is_written_as_a_person_would(book: Book, value: object, text: str) -> None:
    (sheet,) = book(Visits={**HEADER, "A2": value, "B2": 1, "A3": 1.0, "B3": True})
    assert table(sheet) == [["2", text, "1"], ["3", "1", "yes"]]


def test_every_worksheet_is_read_hidden_ones_too_and_empty_ones_left_out(book: Book) -> None:
    sheets = book(Visits={**HEADER, "A2": 1}, Empty={}, hidden={**HEADER, "A2": 2, "B2": "x"})
    assert [(sheet.sheet, table(sheet)) for sheet in sheets] == [
        ("Visits", [["2", "1", ""]]),
        ("hidden", [["2", "2", "x"]]),
    ]


def test_a_worksheet_without_a_table_counts_its_records_and_does_not_stop_the_others(book: Book) -> None:
    cover, visits = book(Cover={"A1": "Our practice", "A3": "March"}, Visits={**HEADER, "A2": 1})
    assert (cover.headers, cover.above, len(cover.cells)) == ((), 3, 0)
    assert visits.headers == ("Code", "Payer")


def test_a_value_beside_the_table_makes_no_row_ragged(book: Book) -> None:
    (sheet,) = book(Visits={**HEADER, "A2": 1, "B2": "x", "D2": "call them", "A3": 2, "A4": 3})
    assert table(sheet) == rows("2|1|x||call them\n3|2|||\n4|3|||")
    assert not sheet.ragged.any()


def test_a_new_workbook_under_the_old_ending_is_read(book: Book) -> None:
    (sheet,) = book(name="charges.xls", Visits={**HEADER, "A2": 1})
    assert table(sheet) == [["2", "1", ""]]


@pytest.mark.parametrize(
    ("sheets", "message"),
    [({"Empty": {}}, "every worksheet is empty"), ({"Cover": {"A1": "Hello"}}, "no row with column headers")],
)
def test_a_workbook_without_any_table_is_told(
    book: Book, sheets: dict[str, dict[str, object]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        book(**sheets)


def test_a_workbook_cut_off_is_told(book: Book, tmp_path: Path) -> None:
    book(Visits=HEADER)
    path = tmp_path / "charges.xlsx"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match="not an Excel workbook, or it is damaged"):
        read_sheets(path, unknown)


def test_a_password_and_a_panic_of_the_workbook_reader_are_told(tmp_path: Path) -> None:
    class PanicException(BaseException):
        pass

    path = tmp_path / "charges.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    for error, message in ((python_calamine.PasswordError(), "password"), (PanicException(), "damaged")):
        with mock.patch.object(spreadsheet, "CalamineWorkbook") as workbook:
            workbook.from_path.side_effect = workbook.from_filelike.side_effect = error
            with pytest.raises(InputError, match=message):
                read_sheets(path, unknown)


# Finding files


def test_files_are_found_once_by_name_without_hidden_lock_and_report_files(tmp_path: Path) -> None:
    for name in (
        *("b.csv", "A.XLSX", "sub/a.csv.gz", "sub/deep/c.tsv", "notes.pdf", ".hidden.csv", "~$A.xlsx"),
        *(".git/d.csv", "reports/2026-10/results.json", "reports/2026-10/refused.csv"),
        "reports/2026-10/tables/usage.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = find_files([tmp_path / "b.csv", tmp_path, tmp_path / "sub" / ".." / "b.csv"])
    assert [file.name for file in found] == ["A.XLSX", "a.csv.gz", "b.csv", "c.tsv"]


def test_what_is_not_there_or_holds_nothing_to_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.pdf").touch()
    for name, message in (
        ("gone.csv", "gone.csv: there is no such file or folder"),
        ("empty", "empty: this folder holds no billing files"),
        ("notes.pdf", "notes.pdf: not a kind of file"),
    ):
        with pytest.raises(InputError, match=message):
            find_files([tmp_path / name])


# Names


@pytest.mark.parametrize(
    "spelling", ["Date of Service", "date_of_service", "\ufeffDATE-OF-SERVICE ", "Date of\nService:"]
)
def test_spellings_of_one_header_fold_to_the_same_text(spelling: str) -> None:
    assert fold(spelling) == "dateofservice"


def test_a_number_sign_tells_headers_apart() -> None:
    assert (
        len({fold(header) for header in ("Invoice", "Invoice #", "Charge", "Charge#2", "Paid", "Paid %")})
        == 6
    )


@given(st.lists(st.text(max_size=4), max_size=8))
def test_no_two_columns_have_names_that_fold_alike(record: list[str]) -> None:
    assert len({fold(name) for name in name_headers(record)}) == len(record)


# Whatever the table


def on_lines(cell: str) -> str:
    """Return a cell with its line breaks as the reader gives them."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=6) | st.text(
    ' ",;\t|\r\na1', max_size=6
)
TABLE = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), max_size=12))
RAGGED = st.lists(st.lists(CELL, max_size=5), max_size=12)
no_reset = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@no_reset
@given(
    TABLE | RAGGED,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
    st.sampled_from([16, 64, 1 << 20]),
)
def test_every_cell_written_comes_back_with_its_number(
    read: Read,
    records: list[list[str]],
    delimiter: str,
    ending: str,
    encoding: str,
    quote_all: bool,
    block: int,
) -> None:
    text = io.StringIO(newline="")
    breaks = any("\r" in cell or "\n" in cell for record in records for cell in record)
    writer = csv.writer(
        text,
        delimiter=delimiter,
        lineterminator=ending,
        quoting=csv.QUOTE_ALL if quote_all or breaks else csv.QUOTE_MINIMAL,  # else foreign breaks stand bare
    )
    writer.writerows([["Title"], ["Id", "Code", "Payer"], *records])
    with mock.patch.object(spreadsheet, "BLOCK", block):
        sheet = read(text.getvalue().encode(encoding), known=knows("Id", "Code", "Payer"))
    assert (sheet.delimiter, sheet.above) == (delimiter, 1)
    assert table(sheet) == [
        [str(number), *(on_lines(cell.strip()) for cell in [*record, "", "", ""][:3])]
        for number, record in enumerate(records, start=3)
    ]
    assert sheet.ragged.tolist() == [any(cell.strip() for cell in record[3:]) for record in records]


@no_reset
@given(st.text(' ",;a1\n\u00a0', max_size=60), st.sampled_from([16, 1 << 20]))
def test_the_quick_and_the_plain_reader_agree(body: str, block: int) -> None:
    data = body.encode()
    with mock.patch.object(spreadsheet, "BLOCK", block):
        quick = spreadsheet._read_quickly(data, ",", 3, list(spreadsheet._parse(data, ",")))
    if quick is not None:
        plain = spreadsheet._read_plainly(data, ",", 3, "charges.csv", 1)
        made = [
            spreadsheet._make_sheet(Path("x"), "", ",", "", ("a", "b", "c"), columns, 0)
            for columns in (quick, plain)
        ]
        assert table(made[0]) == table(made[1])
        assert made[0].ragged.tolist() == made[1].ragged.tolist()
        for header in "abc":
            assert [*made[0].cells[header].cat.categories] == [*made[1].cells[header].cat.categories]


@no_reset
@given(
    st.binary(max_size=300) | st.text(' ",;\t|a1\r\n', max_size=100).map(str.encode),
    st.sampled_from(["a.csv", "a.txt", "a.csv.gz", "a.xlsx", "a.xls"]),
)
def test_arbitrary_bytes_are_read_or_told(read: Read, content: bytes, name: str) -> None:
    with contextlib.suppress(AuditError):
        sheet = read(content, name=name)
        assert len(sheet.cells) == len(sheet.rows) == len(sheet.ragged)
        assert tuple(sheet.cells.columns) == sheet.headers


@pytest.mark.skipif(not SHARED.exists(), reason="the example files are not here")
def test_public_files_are_read_or_told() -> None:
    for file in find_files([SHARED]):
        with contextlib.suppress(InputError):
            assert all(sheet.headers for sheet in read_sheets(file, unknown))
