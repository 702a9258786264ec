"""CMS' official files, as they are downloaded."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from audit.edit_files import find_sources, keep, read_official
from audit.edits import Limit, Pair, read_limits, read_pairs
from audit.errors import InputError
from audit.official_limits import find_quarter as quarter_of_limits
from audit.official_pairs import is_pair
from tests.official import BY_INDICATOR, NOTICE, WHOLE, limits_text, pairs_text

MASSAGE = "97140 97124 19960101 * 0"
FOUND = (Pair("97140", "97124", "0", date(1996, 1, 1), None),)


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def zipped(folder: Path, name: str, **files: bytes) -> Path:
    """Write a zip; a file's name is written with _dot_ for the point and __ for a hyphen."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        for inner, content in files.items():
            archive.writestr(inner.replace("_dot_", ".").replace("__", "-"), content)
    return folder / name


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def kept_pairs(folder: Path, *paths: Path) -> tuple[Pair, ...]:
    """Return what is known of massage and manual therapy after an import."""
    keep(read_official(paths), folder / "edits")
    return read_pairs(folder / "edits", ("97140", "97124")).pairs


def kept_limits(folder: Path, *paths: Path) -> dict[str, Limit]:
    keep(read_official(paths), folder / "edits")
    return read_limits(folder / "edits", ("97110", "98941", "0552T"))[-1].limits


def refusal(*paths: Path) -> str:
    """Return why files are not read: one sentence."""
    with pytest.raises(InputError) as raised:
        read_official(paths)
    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# --- code pairs -------------------------------------------------------------------------------------


def test_a_text_with_notices_wrapped_headers_tabs_and_trailing_blanks(tmp_path: Path) -> None:
    """Latin-1, lines of Windows; `*` is no deletion date."""
    path = written(tmp_path, "ccipra-v323r0-f1.txt", pairs_text(*WHOLE, MASSAGE))
    assert kept_pairs(tmp_path, path) == FOUND


def test_four_parts_make_one_table(tmp_path: Path) -> None:
    """In any order; some of them alone are refused, for their pairs would be missed without a word."""
    rows = (*WHOLE, MASSAGE)
    parts = [
        written(tmp_path, f"ccipra-v323r0-f{at + 1}.TXT", pairs_text(*rows[at * 3 : at * 3 + 3]))
        for at in range(4)
    ]
    assert kept_pairs(tmp_path, *reversed(parts)) == FOUND
    assert "2026-Q4 are not whole" in refusal(*parts[1:])
    assert "begin with 0, 1, 2 are missing; give all parts" in refusal(*parts[1:])


def test_a_zip_of_four_parts_each_as_text_and_as_workbook(tmp_path: Path) -> None:
    """The text is read, the workbook beside it is the same again; so is a part given twice."""
    rows = (*WHOLE, MASSAGE)
    files = {
        f"ccipra__v323r0__f{at + 1}_dot_{ending}": content
        for at in range(4)
        for ending, content in (("txt", pairs_text(*rows[at * 3 : at * 3 + 3])), ("xlsx", b"not read"))
    }
    whole = zipped(tmp_path, "practitioner.zip", **files, read_dot_pdf=b"%PDF")
    again = zipped(tmp_path, "part1.zip", ccipra__v323r0__f1_dot_txt=pairs_text(*rows[:3]))
    assert kept_pairs(tmp_path, whole, again) == FOUND
    (imported,) = read_official([whole, again])
    assert imported.told.startswith("Kept 11 code pairs of 2026-Q4, 0 of them ended")


def test_a_workbook_of_pairs(tmp_path: Path) -> None:
    """Codes and dates as numbers, a notice above."""
    rows = [tuple(row.split()) for row in WHOLE]
    content = workbook(
        ("CPT only copyright American Medical Association",),
        ("Column 1", "Column 2", "*=in existence\nprior to 1996", "Effective", "Deletion", "Modifier", "Why"),
        *(
            (paid, bundled, None, int(began), ended, int(modifier), "x")
            for paid, bundled, began, ended, modifier in rows
        ),
        (97140, 97124, "*", 19960101, "*", 0, "x"),
    )
    assert kept_pairs(tmp_path, written(tmp_path, "ccipra-v323r0-f1.xlsx", content)) == FOUND


def test_an_edit_that_was_withdrawn_is_left_out_and_counted(tmp_path: Path) -> None:
    """Indicator 9."""
    path = written(
        tmp_path,
        "ccipra-v323r0-f1.txt",
        pairs_text(*WHOLE, "97110 97164 20201001 20201001 9", "97530 97535 20040101 20191231 1"),
    )
    (imported,) = read_official([path])
    told = "Kept 11 code pairs of 2026-Q4, 1 of them ended; left out 1 that are no edit (indicator 9)"
    assert imported.told == told


def test_rows_below_the_table_are_no_pairs(tmp_path: Path) -> None:
    content = pairs_text(*WHOLE, MASSAGE) + b"\r\nEnd of the table\r\n\t\t\t\t\t\t\r\n"
    assert kept_pairs(tmp_path, written(tmp_path, "ccipra-v323r0-f1.txt", content)) == FOUND


@pytest.mark.parametrize(
    ("name", "quarter"),
    [
        ("ccipra-v313r0-f1.txt", "2025q4"),
        ("ccipra-v320r0-f1.txt", "2026q1"),
        ("CCIPRA-V323R1-F1.TXT", "2026q4"),
        ("pairs.txt", "2010q1"),
    ],
)
def test_the_edition_is_told_by_the_name_else_by_the_newest_edit(
    tmp_path: Path, name: str, quarter: str
) -> None:
    (imported,) = read_official([written(tmp_path, name, pairs_text(*WHOLE))])
    assert imported.edition.file_name == f"pairs_{quarter}.parquet"


def test_two_quarters_at_once_are_two_editions(tmp_path: Path) -> None:
    paths = [written(tmp_path, f"ccipra-v32{at}r0-f1.txt", pairs_text(*WHOLE)) for at in (3, 2)]
    assert [one.edition.quarter for one in read_official(paths)] == ["2026-Q3", "2026-Q4"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("97140 TOTAL 19960101 * 0", 2),
        ("97140 97124 1996 * 0", 4),
        ("97140 97124 * * 0", 4),
        ("97140 97124 19960101 20261399 0", 5),
        ("97140 97124 19960101 * 7", 6),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, row: str, column: int) -> None:
    """By the row of the file and its column; nothing is guessed."""
    content = pairs_text(*WHOLE, row)
    at = content.decode("latin-1").count("\n")
    path = written(tmp_path, "ccipra-v323r0-f1.txt", content)
    assert f'"ccipra-v323r0-f1.txt", row {at}, column {column}:' in refusal(path)


def test_a_text_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    """In the middle of a row."""
    whole = pairs_text(*WHOLE, MASSAGE)
    path = written(tmp_path, "ccipra-v323r0-f1.txt", whole[: whole.rindex(b"\t0\t")])
    assert "as if it was cut off" in refusal(path)


def test_the_hospital_table_is_refused(tmp_path: Path) -> None:
    """Its pairs are others: by its name, or by what stands above the table."""
    path = written(tmp_path, "ccioph-v323r0-f1.txt", pairs_text(*WHOLE))
    assert '"ccioph-v323r0-f1.txt" is the table of hospitals, whose edits differ' in refusal(path)
    notice = NOTICE.replace("Practitioner", "Hospital Outpatient PPS")
    renamed = written(tmp_path, "edits.txt", pairs_text(*WHOLE, notice=notice))
    assert "the table of hospitals" in refusal(renamed)


# --- unit limits ------------------------------------------------------------------------------------

LIMITS = ("0552T 1 3", "97110 6 3", "98941 1 2", "J1234 4 1")
KEPT = {"0552T": Limit(1, 3), "97110": Limit(6, 3), "98941": Limit(1, 2)}
LIMITS_NAME = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"


def test_a_list_of_limits_with_a_notice_above_and_its_indicator_in_words(tmp_path: Path) -> None:
    """ "2 Date of Service Edit: Policy" is 2."""
    path = written(tmp_path, LIMITS_NAME, limits_text(*LIMITS))
    assert kept_limits(tmp_path, path) == KEPT
    assert (
        (tmp_path / "edits" / "limits_2026q4.mue").read_text(encoding="utf-8").startswith("code,units,per\n")
    )


def test_limits_zipped_and_as_a_workbook(tmp_path: Path) -> None:
    rows = [row.split() for row in LIMITS]
    book = workbook(
        ("CPT codes only are copyright American Medical Association",),
        ("HCPCS/CPT Code", "Practitioner Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"),
        *((code, int(units), BY_INDICATOR[per], "x") for code, units, per in rows),
    )
    assert kept_limits(tmp_path, written(tmp_path, LIMITS_NAME.replace("csv", "xlsx"), book)) == KEPT
    name = LIMITS_NAME.replace(".", "_dot_")
    path = zipped(tmp_path, "mue.zip", **{name: limits_text(*LIMITS), name[:-3] + "xlsx": b"not read"})
    assert kept_limits(tmp_path, path) == KEPT


def test_the_day_of_limits_is_told_by_the_name_or_above_them() -> None:
    assert quarter_of_limits(LIMITS_NAME, "") == date(2026, 10, 1)
    assert quarter_of_limits("mue.csv", "MUE values effective 7/1/2026") == date(2026, 7, 1)
    with pytest.raises(InputError, match="does not tell from which day"):
        quarter_of_limits("mue.csv", "MUE values")


def test_a_limit_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for told in (b"many", b"9" * 25, "²".encode()):
        content = limits_text(*LIMITS) + b"99999," + told + b",1 Line Edit,x\r\n"
        assert f'"{LIMITS_NAME}", row 7: units' in refusal(written(tmp_path, LIMITS_NAME, content))


def test_two_limits_of_one_code_in_one_quarter_are_refused(tmp_path: Path) -> None:
    """Which of the files counts is not ours to guess."""
    one = written(tmp_path, LIMITS_NAME, limits_text(*LIMITS))
    other = written(tmp_path, "revised_" + LIMITS_NAME, limits_text("97110 5 3"))
    assert "two limits of one code for 2026-Q4" in refusal(one, other)


@pytest.mark.parametrize(
    ("name", "headers", "what"),
    [
        ("MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv", "", "the table of hospitals"),
        ("MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv", "", "the table of equipment suppliers"),
        ("MCD_MUE_PractitionerServices_Eff_10-01-2026.csv", "", "a table of Medicaid"),
        ("mue 10-01-2026.csv", "HCPCS Code,Outpatient Hospital Services MUE Values,MAI,Why\r\n", "hospitals"),
    ],
)
def test_other_tables_of_limits_are_refused(tmp_path: Path, name: str, headers: str, what: str) -> None:
    content = limits_text(*LIMITS, headers=headers) if headers else limits_text(*LIMITS)
    assert what in refusal(written(tmp_path, name, content))


# --- what is no such file ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("charges.csv", b"claim,code,units\nC1,97110,2\n"),
        ("codes.csv", b"97110,exercise,timed\n"),
        ("empty.txt", b""),
        ("notice.txt", NOTICE.encode("latin-1")),
        ("report.pdf", b"%PDF"),
        ("empty.xlsx", workbook(("nothing",))),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    assert f'"{name}" holds no table of code pairs or unit limits' in refusal(
        written(tmp_path, name, content)
    )


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A zip that is cut off, one with nothing in it, a workbook that is none, a file that is not there."""
    whole = zipped(tmp_path, "whole.zip", ccipra__v323r0__f1_dot_txt=pairs_text(*WHOLE)).read_bytes()
    assert "cut off: download it again" in refusal(written(tmp_path, "cut.zip", whole[:200]))
    broken = bytearray(whole)
    broken[60] ^= 0xFF
    assert "cut off: download it again" in refusal(written(tmp_path, "broken.zip", bytes(broken)))
    assert "holds no table" in refusal(zipped(tmp_path, "other.zip", read_dot_pdf=b"%PDF"))
    assert "cannot be opened as a workbook" in refusal(written(tmp_path, "none.xlsx", b"no workbook"))
    assert '"gone.txt" is not there' in refusal(tmp_path / "gone.txt")


# --- keeping ----------------------------------------------------------------------------------------


def test_keeping_says_what_was_kept_where_and_what_it_replaced(tmp_path: Path) -> None:
    """The same edition again takes the place of the first, and says so; the bytes are the same."""
    path = written(tmp_path, "ccipra-v323r0-f1.txt", pairs_text(*WHOLE, MASSAGE))
    (first,) = keep(read_official([path]), tmp_path / "edits")
    kept = tmp_path / "edits" / "pairs_2026q4.parquet"
    content = kept.read_bytes()
    (second,) = keep(read_official([path]), tmp_path / "edits")
    assert first.endswith(f"; wrote {kept}")
    assert second.endswith(f"; replaced {kept}")
    assert kept.read_bytes() == content
    assert [one.name for one in (tmp_path / "edits").iterdir()] == ["pairs_2026q4.parquet"]


def test_rows_in_another_order_are_kept_as_the_same_bytes(tmp_path: Path) -> None:
    rows = (*WHOLE, MASSAGE)
    one, other = (
        read_official([written(tmp_path, name, pairs_text(*order))])[0].content
        for name, order in (("ccipra-v323r0-f1.txt", rows), ("ccipra-v323r0-f2.txt", rows[::-1]))
    )
    assert one == other


def test_a_table_inside_a_folder_of_a_zip_goes_by_its_own_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "folder.zip", "w") as archive:
        archive.writestr("2026Q4/ccipra-v323r0-f1.txt", pairs_text(*WHOLE))
    assert [one.name for one in find_sources(tmp_path / "folder.zip")] == ["ccipra-v323r0-f1.txt"]


def test_a_row_of_pairs_is_told_from_another() -> None:
    assert is_pair(("97140", "97124", "*", "19960101", "*", "0", "x"))
    assert not is_pair(("97140", "6", "3 Date of Service Edit", "x", "", ""))
    assert not is_pair(("97140", "97124"))
