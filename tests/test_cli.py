"""The command line: what each command does, and what bad input gets: one sentence and an exit code."""

from __future__ import annotations

import csv
import errno
import gzip
import html
import json
import os
import re
from pathlib import Path

import pytest

from tests.conftest import Caller, Command
from tests.practices import SAMPLE, many_months, write_practice

CHARGES, POSTINGS = many_months(["2026-07", "2026-08", "2026-09", "2026-10"], 14)
KEYS = (
    "name format rows used set_aside refused lines visits postings charge_cents paid_cents codes payers "
    "first_service_date last_service_date incomplete notes"
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with a small practice's files."""
    write_practice(tmp_path / "files", CHARGES, POSTINGS)
    return tmp_path / "files"


@pytest.fixture
def old_report(files: Path, tmp_path: Path) -> Path:
    """Return the report of an earlier run, beside the files."""
    folder = tmp_path / "reports" / "2026-10"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("the last good report")
    (folder / "results.json").write_text('{"as_of": "2026-11-01"}')
    assert files.parent == tmp_path
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- what each command does ---------------------------------------------------------------


def test_demo_writes_the_report_and_says_where(demo: Path) -> None:
    """One folder: page, results, refused rows and tables."""
    assert demo.parent.name == "2026-09"
    names = {path.name for path in demo.parent.iterdir()}
    assert {"report.html", "results.json", "refused.csv", "tables"} <= names


@pytest.mark.parametrize(
    "command", ["demo", "run", "check", "init", "compare", "explain", "codes", "sample", "score"]
)
def test_every_command_has_help(command: str, call: Caller) -> None:
    done = call(command, "--help")
    assert done.code == 0
    assert "Usage" in done.out


def test_version_and_nothing(call: Caller) -> None:
    assert call("--version").out.startswith("billing-self-audit ")
    assert "Usage" in call().out + call("--help").out


def test_run_takes_a_folder_and_says_what_became_of_every_row(call: Caller, files: Path) -> None:
    done = call("run", files, "--as-of", "2026-12-01")
    assert done.code == 0
    assert "charges.csv: 56 rows read, 56 used, 0 set aside, 0 refused" in done.out
    assert "differ by $0.00" in done.out
    assert done.out.rstrip().endswith(f"Report: {Path('reports') / '2026-10' / 'report.html'}")
    assert done.err == ""


@pytest.mark.parametrize(
    ("period", "title"),
    [
        ("2026-09", "September 2026"),
        ("2026-Q3", "July\N{EN DASH}September 2026"),
        ("2026", "2026"),
        ("2026-08..2026-09", "August\N{EN DASH}September 2026"),
    ],
)
def test_run_takes_months_quarters_years_and_ranges(
    period: str, title: str, call: Caller, files: Path
) -> None:
    done = call(
        "run", files / "charges.csv", files / "postings.csv", "--period", period, "--as-of", "2027-02-01"
    )
    assert done.code == 0
    page = (Path("reports") / period / "report.html").read_text(encoding="utf-8")
    saved = json.loads((Path("reports") / period / "results.json").read_text(encoding="utf-8"))
    assert saved["period"] == period
    assert title in page


def test_run_ends_with_1_only_when_asked_to(call: Caller, files: Path) -> None:
    """Denials stand open: something needs attention."""
    assert call("run", files, "--as-of", "2026-12-01", "--exit-code").code == 1
    assert call("run", files, "--as-of", "2026-12-01").code == 0


def test_run_that_finds_nothing_ends_with_0(call: Caller, tmp_path: Path) -> None:
    write_practice(tmp_path / "quiet", "diagnoses minutes\nM54.50 30", "line_id amount\nL1 60.00")
    assert call("run", tmp_path / "quiet", "--as-of", "2026-12-01", "--exit-code").code == 0


def test_check_writes_nothing(call: Caller, files: Path, tmp_path: Path) -> None:
    before = contents(tmp_path)
    done = call("check", files)
    assert done.code == 0
    assert "charges.csv" in done.out
    assert contents(tmp_path) == before


def test_check_as_json_has_the_documented_keys(call: Caller, files: Path) -> None:
    told = json.loads(call("check", "--json", files).out)
    assert [list(one) for one in told["files"]] == [KEYS.split()] * 2
    charges = told["files"][0]
    assert (charges["name"], charges["rows"], charges["lines"], charges["visits"]) == (
        "charges.csv",
        56,
        56,
        56,
    )
    assert charges["charge_cents"] == 56 * 6000
    assert charges["codes"] == ["97110", "97140"]
    assert (charges["first_service_date"], charges["last_service_date"]) == ("2026-07-01", "2026-10-14")


def test_init_proposes_and_never_overwrites(call: Caller, files: Path, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("Day,Client,Plan,CPT,Amt\n2026-10-05,1,Aetna,97140,60.00\n")
    done = call("init", tmp_path / "export.csv")
    assert done.code == 0
    proposal = (tmp_path / "practice.toml").read_text(encoding="utf-8")
    assert "confirmed = false" in proposal
    again = call("init", files)
    assert again.code == 2
    assert "not overwritten" in again.err
    assert (tmp_path / "practice.toml").read_text(encoding="utf-8") == proposal


def test_run_refuses_settings_that_nobody_confirmed(call: Caller, files: Path, tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text("confirmed = false\n")
    done = call("run", files, "--as-of", "2026-12-01")
    assert done.code == 2
    assert "confirmed = true" in done.err
    assert not (tmp_path / "reports").exists()


def test_compare_stands_two_saved_periods_beside_each_other(call: Caller, files: Path) -> None:
    """Without the billing files; the earlier one first."""
    for period in ("2026-09", "2026-10"):
        call("run", files, "--period", period, "--as-of", "2026-12-01")
    done = call("compare", "2026-09", "2026-10")
    page = Path("reports") / "compare_2026-09_2026-10.html"
    assert done == (0, f"Comparison: {page}\n", "")
    assert "October 2026" in page.read_text(encoding="utf-8")
    turned = call("compare", "2026-10", "2026-09")
    assert turned.code == 2
    missing = call("compare", "2025-01", "2026-10")
    assert missing.code in (2, 3)
    assert "2025-01" in missing.err


def test_explain_shows_the_rows_and_writes_them(call: Caller, files: Path) -> None:
    options = (files, "--as-of", "2026-12-01", "--period", "2026-10")
    done = call("explain", "denials/first_rate/code=97140", *options)
    assert done.code == 0
    assert re.match(r"Initial denial rate: \d of 7 = ", done.out)
    assert "first_decision" in done.out, "the answer that the rate counts is on the screen"
    told = call("explain", "denials/first_rate/code=97140", *options, "--csv", "rows.csv")
    assert "7 rows written to rows.csv" in told.out
    with Path("rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7
    assert {row["code"] for row in rows} == {"97140"}


def test_explain_takes_period_and_day_from_a_saved_report(call: Caller, files: Path) -> None:
    call("run", files, "--period", "2026-08", "--as-of", "2026-12-01")
    done = call("explain", "usage/lines", files, "--of", "reports/2026-08/results.json")
    assert done.out.startswith("Lines: 14\n")
    assert "2026-08-01" in done.out


def test_explain_works_on_the_sample_practice(call: Caller) -> None:
    done = call("explain", "usage/no_units", "--demo")
    assert done.code == 0
    assert "97112" in done.out


def test_explain_shows_all_of_a_narrow_table(call: Caller) -> None:
    """What was paid without a charge is told on the screen too."""
    done = call("explain", "completeness/answers_without_charge", "--demo")
    assert "posted_on  paid" in done.out


def test_explain_without_files_asks_for_them(call: Caller) -> None:
    done = call("explain", "usage/lines")
    assert done.code == 2
    assert "name the billing files" in done.err


def test_codes_tells_of_one_code_or_all(call: Caller) -> None:
    assert "97140" in call("codes").out
    assert "Its note must show:" in call("codes", "97140").out
    assert call("codes", "g0283").out.startswith("G0283")
    assert "not in our code book" in call("codes", "97999").out


# --- what bad input gets ------------------------------------------------------------------

HEADER = "line_id,patient_id,payer,service_date,code,units,charge"


def missing_file(folder: Path) -> list[object]:
    return [folder / "nowhere.csv"]


def folder_without_files(folder: Path) -> list[object]:
    (folder / "letters").mkdir()
    (folder / "letters" / "letter.txt.docx").write_text("Dear")
    return [folder / "letters"]


def empty_file(folder: Path) -> list[object]:
    (folder / "empty.csv").write_bytes(b"")
    return [folder / "empty.csv"]


def binary_file(folder: Path) -> list[object]:
    (folder / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    return [folder / "picture.csv"]


def truncated_gzip(folder: Path) -> list[object]:
    whole = gzip.compress(f"{HEADER}\n".encode() + b"L1,P1,Aetna,2026-10-05,97140,1,60.00\n" * 500)
    (folder / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    return [folder / "cut.csv.gz"]


def header_only(folder: Path) -> list[object]:
    (folder / "header.csv").write_text(f"{HEADER}\n")
    return [folder / "header.csv"]


def no_usable_line(folder: Path) -> list[object]:
    (folder / "refused.csv").write_text(f"{HEADER}\nL1,P1,Aetna,2026-10-05,,1,60.00\n")
    return [folder / "refused.csv"]


def unknown_headers(folder: Path) -> list[object]:
    (folder / "other.csv").write_text("a,b,c\n1,2,3\n")
    return [folder / "other.csv"]


def layout_with_a_column_that_is_missing(folder: Path) -> list[object]:
    (folder / "own.toml").write_text(
        '[[layouts]]\nname = "mine"\nsystem = "Own"\nrow = "line"\nheaders = ["Day", "CPT"]\n'
        '[layouts.columns]\nservice_date = "Day"\ncode = "CPT"\npatient = "Client"\n'
        'payer = "Plan"\ncharge = "Fee"\n'
    )
    (folder / "own.csv").write_text("Day,CPT,Plan,Fee\n2026-10-05,97140,Aetna,60.00\n")
    return [folder / "own.csv", "--practice", folder / "own.toml"]


def unknown_key(folder: Path) -> list[object]:
    (folder / "typo.toml").write_text('nmae = "Cedar"\n')
    return [folder / "files", "--practice", folder / "typo.toml"]


def period_without_lines(folder: Path) -> list[object]:
    return [folder / "files", "--period", "2025-01"]


def period_that_is_none(folder: Path) -> list[object]:
    return [folder / "files", "--period", "October"]


def file_in_place_of_the_folder(folder: Path) -> list[object]:
    (folder / "taken").write_text("")
    return [folder / "files", "--out", folder / "taken"]


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (missing_file, 3, "nowhere.csv"),
        (folder_without_files, 3, "letters"),
        (empty_file, 3, "empty.csv"),
        (binary_file, 3, "picture.csv"),
        (truncated_gzip, 3, "cut.csv.gz"),
        (header_only, 3, "header.csv|no usable claim line"),
        (no_usable_line, 3, "no usable claim line"),
        (unknown_headers, 3, "other.csv"),
        (layout_with_a_column_that_is_missing, 3, "Client"),
        (unknown_key, 2, "typo.toml.*nmae"),
        (period_without_lines, 2, "no lines in 2025-01.*July 2026 to October 2026"),
        (period_that_is_none, 2, "October"),
        (file_in_place_of_the_folder, 4, "taken|2026-10"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.usefixtures("old_report")
def test_bad_input_gets_a_sentence_and_leaves_the_old_report(
    make: object, code: int, said: str, call: Caller, tmp_path: Path
) -> None:
    """One line on stderr, nothing on stdout, and every file as it was."""
    assert callable(make)
    arguments = make(tmp_path)
    before = contents(tmp_path)
    done = call("run", *arguments, "--as-of", "2026-12-01")
    assert done.code == code, done
    assert re.search(said, done.err), done.err
    assert done.err.startswith("audit: ")
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert contents(tmp_path) == before


def test_a_wrong_option_ends_with_2(call: Caller, files: Path) -> None:
    for arguments in (("run",), ("run", files, "--perid", "2026-10"), ("run", files, "--as-of", "today")):
        done = call(*arguments)
        assert done.code == 2
        assert done.err


@pytest.mark.usefixtures("old_report")
def test_a_full_disk_leaves_the_old_report(
    call: Caller, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("audit.output._write_through", full)
    done = call("run", files, "--as-of", "2026-12-02")
    assert done.code == 4
    assert "the disk is full" in done.err
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(KeyboardInterrupt(), 130, "stopped"), (MemoryError(), 3, "not enough memory")],
    ids=["interrupted", "out of memory"],
)
@pytest.mark.usefixtures("old_report")
def test_a_stopped_run_leaves_the_old_report(
    error: BaseException,
    code: int,
    said: str,
    call: Caller,
    files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = contents(tmp_path)

    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr("audit.selfaudit.render_report", stop)
    done = call("run", files, "--as-of", "2026-12-02")
    assert done.code == code
    assert said in done.err
    assert contents(tmp_path) == before


def test_an_interrupt_while_writing_leaves_nothing_half(
    call: Caller, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("audit.output._put_in_place", stop)
    assert call("run", files, "--as-of", "2026-12-01").code == 130
    assert not list((tmp_path / "reports").rglob("*"))


# --- values from files are data -----------------------------------------------------------

CODE = '=HYPERLINK("x")'
PAYERS = ("<script>alert(1)</script>", "Blue Cross/Blue Shield", "A" * 1_000_000, CODE)
CLINICIANS = ("Zoë 🦴 Lee", "@Kim")


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Return charges whose payers, codes and clinicians are made to break pages and spreadsheets."""
    path = tmp_path / "odd" / "charges.csv"
    path.parent.mkdir()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADER.split(","), "clinician", "paid"])
        for at in range(48):
            code = CODE if at % 9 == 0 else "97140"
            writer.writerow(
                [
                    f"=L{at}",
                    f"P{at}",
                    PAYERS[at % 4],
                    "2026-10-05",
                    code,
                    "1",
                    "60.00",
                    CLINICIANS[at % 2],
                    "0.00",
                ]
            )
        writer.writerow(["L99", "P99", PAYERS[0], "", CODE, "1", "60.00", "", ""])
    return path


def test_odd_values_are_shown_as_text(call: Caller, odd: Path, tmp_path: Path) -> None:
    """In the page, the tables, the refused rows, the screen and the rows behind a figure."""
    done = call("run", odd, "--as-of", "2026-12-01", "--period", "2026-10")
    assert done.code == 0, done.err
    assert "49 rows read, 42 used, 0 set aside, 7 refused" in done.out
    folder = tmp_path / "reports" / "2026-10"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert html.escape(PAYERS[0]) in page
    assert "Blue Cross/Blue Shield" in page
    assert CLINICIANS[0] in page
    assert "A" * 150 in page
    assert "A" * 201 not in page
    assert len(page) < 200_000
    saved = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    ids = [one["id"] for one in saved["figures"]]
    assert "usage/lines/payer=Blue%20Cross%2FBlue%20Shield" in ids
    assert "usage/lines/payer=%3Cscript%3Ealert%281%29%3C%2Fscript%3E" in ids
    assert all(re.fullmatch(r"[\w./=%;~-]+", name, re.ASCII) for name in ids)
    options = ("--as-of", "2026-12-01", "--period", "2026-10")
    explained = call("explain", "usage/lines", odd, *options, "--csv", tmp_path / "rows.csv")
    assert explained.code == 0, explained.err
    one = call("explain", "usage/lines/payer=Blue%20Cross%2FBlue%20Shield", odd, *options)
    assert "Blue Cross/Blue Shield" in one.out
    for path in (*folder.rglob("*.csv"), tmp_path / "rows.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not any(cell.startswith(("=", "+", "@", "\t")) for cell in row), (path.name, row)


def test_the_own_files_of_the_practice_stay_as_they_are(call: Caller, files: Path) -> None:
    before = contents(files)
    call("run", files, "--as-of", "2026-12-01")
    assert contents(files) == before


def test_the_installed_command_says_errors_in_words(audit: Command, tmp_path: Path) -> None:
    done = audit("run", tmp_path / "nowhere.csv", code=3)
    assert done.stdout == ""
    assert done.stderr.startswith("audit: ")
    assert "Traceback" not in done.stderr


def test_the_screen_shows_what_counts_first(call: Caller) -> None:
    """Behind a share stand the rows that count in it, then the others; its finding is about the first."""
    told = [
        line.split()[0] for line in call("explain", "units/above_minutes", "--demo").out.splitlines() if line
    ]
    counted = [word for word in told if word in ("numerator", "base")]
    assert counted[:5] == ["numerator"] * 4 + ["base"]


def test_settings_of_the_sample_are_found_beside_its_files(call: Caller) -> None:
    done = call("check", SAMPLE / "charges.csv", "--practice", SAMPLE / "practice.toml")
    rows = len((SAMPLE / "charges.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert f"{rows:,} rows" in done.out
