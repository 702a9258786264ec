"""The command `audit score`: a filled worksheet to a saved review, and bad input in one sentence each."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Caller
from tests.reviews import practice_of

DAY = ("--as-of", "2026-11-20")
DRAW = ("--period", "2026-10", "--as-of", "2026-12-01", "--per-clinician", 9, "--spares", 0, "--seed", "5")

SECRETS = ("Quillonia", "Vandersnoot", "4711-0815", "1961-02-03")
SECRET = "Quillonia Vandersnoot, member 4711-0815, born 1961-02-03"

Rows = list[dict[str, str]]


@pytest.fixture
def folder(call: Caller, tmp_path: Path) -> Path:
    """Return the folder of a sample of every visit of a small practice, half of it for a second one, too."""
    practice_of(tmp_path / "files")
    assert call("sample", tmp_path / "files", *DRAW, "--second", "0.5", "--out", "drawn").code == 0
    return tmp_path / "drawn"


def fill(
    folder: Path, change: Callable[[Rows], object] = lambda _: None, name: str = "worksheet.csv"
) -> Path:
    """Fill in a worksheet with yes throughout, let `change` change it, and return where it is."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = [row | {"Answer": "yes", "Reviewer": "AB"} for row in csv.DictReader(file)]
    change(rows)
    path = folder / f"filled_{name}"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def say_no(rows: Rows) -> None:
    """Let the first line with an amount be supported in half, with everything about the patient beside it."""
    for row in rows:
        row["Remark"] = SECRET
    row = next(row for row in rows if row["Allowed"])
    row.update({"Answer": "no", "Amount supported": "36.00"})


def test_a_filled_worksheet_is_scored_and_saved(call: Caller, folder: Path) -> None:
    done = call("score", fill(folder, say_no), *DAY)
    assert (done.code, done.err) == (0, "")
    (saved,) = Path("reports/chart_reviews").iterdir()
    assert saved.name.endswith("_2026-11-20.json")
    assert done.out.splitlines()[-1] == f"Review: {Path('reports') / 'chart_reviews' / saved.name}"
    assert "Charts read: 1 of 5 with an error." in done.out
    assert "Amounts: of no chart are both known" in done.out  # its other line has no allowed amount


def test_the_same_worksheet_gives_the_same_bytes(call: Caller, folder: Path) -> None:
    call("score", fill(folder, say_no), *DAY, "--out", "one")

    def turn_round(rows: Rows) -> None:
        say_no(rows)
        rows.reverse()

    call("score", fill(folder, turn_round), *DAY, "--out", "two")
    one, two = (next(Path(out).rglob("*.json")) for out in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_missing_answers_are_told_one_by_one_and_nothing_is_scored(call: Caller, folder: Path) -> None:
    path = fill(folder, lambda rows: [rows[at].update({"Answer": ""}) for at in (0, 2)])
    done = call("score", path, *DAY)
    assert (done.code, done.out) == (3, "")
    one, two, last = done.err.splitlines()
    assert one.startswith("filled_worksheet.csv, row 2: item ")
    assert two.startswith("filled_worksheet.csv, row 4: item ")
    assert last.startswith("audit: answers are missing, so nothing was scored;")
    assert not Path("reports").exists()
    done = call("score", path, *DAY, "--allow-missing")
    assert done.code == 0
    assert "more not told in full" in done.out
    assert len(done.err.splitlines()) == 2


def test_a_second_reviewer_is_compared(call: Caller, folder: Path) -> None:
    def differ(rows: Rows) -> None:
        for row in rows:
            row["Reviewer"] = "MO"
        rows[0]["Answer"] = "no"

    second = fill(folder, differ, "worksheet_second.csv")
    done = call("score", fill(folder), *DAY, "--second", second)
    assert done.code == 0
    assert "Two reviewers: " in done.out
    assert done.out.count("  differ: ") == 1
    again = call("score", fill(folder), *DAY, "--second", fill(folder, name="worksheet_second.csv"))
    assert "Both worksheets name the same reviewer: that is no second reading." in again.out


def test_the_frame_is_checked_where_its_files_are_named(call: Caller, folder: Path) -> None:
    path, files = fill(folder), folder.parent / "files"
    assert call("score", path, *DAY, "--files", files).code == 0
    (files / "charges.csv").write_text((files / "charges.csv").read_text() + "\n")
    done = call("score", path, *DAY, "--files", files, "--out", "again")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("audit: charges.csv has changed since;")
    assert not Path("again").exists()


def test_initials_are_taken_from_the_worksheet_or_the_option(call: Caller, folder: Path) -> None:
    assert ", read by AB, " in call("score", fill(folder), *DAY).out
    assert ", read by RK, " in call("score", fill(folder), *DAY, "--reviewer", "RK").out
    done = call("score", fill(folder), *DAY, "--reviewer", "Quillonia")
    assert (done.code, done.out) == (2, "")
    assert "Quillonia" not in done.err


FAULTS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no such worksheet": (("score", "none.csv", "--sample", "drawn/sample.toml"), 3, "none.csv"),
    "no sample beside it": (("score", "files/charges.csv"), 2, "sample.toml: cannot be read"),
    "no worksheet": (
        ("score", "files/charges.csv", "--sample", "drawn/sample.toml"),
        3,
        "this is no worksheet",
    ),
    "another's sample": (
        ("score", "drawn/filled_worksheet.csv", "--sample", "other/sample.toml"),
        3,
        "another sample",
    ),
    "no second part": (
        ("score", "other/worksheet.csv", "--second", "drawn/worksheet_second.csv"),
        2,
        "has no part for a second reviewer",
    ),
    "the first as the second": (
        ("score", "drawn/filled_worksheet.csv", "--second", "drawn/filled_worksheet.csv"),
        3,
        "name no question of this sample",
    ),
    "the second as the first": (("score", "drawn/worksheet_second.csv"), 3, "is missing"),
    "an empty worksheet": (
        ("score", "drawn/worksheet.csv", "--allow-missing"),
        3,
        "there is nothing to score",
    ),
    "no day": (("score", "drawn/filled_worksheet.csv", "--as-of", "soon"), 2, "soon"),
    "a file in the way": (
        ("score", "drawn/filled_worksheet.csv", "--out", "drawn/sample.toml"),
        4,
        "could not be written",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_gets_a_sentence_and_leaves_nothing(fault: str, call: Caller, folder: Path) -> None:
    asked, code, said = FAULTS[fault]
    fill(folder)
    call("sample", folder.parent / "files", *DRAW[:-1], "6", "--out", "other")
    done = call(*asked)
    assert done.code == code, done
    assert said in done.err.splitlines()[-1]
    assert not Path("reports").exists()


def test_no_output_repeats_what_a_reviewer_wrote(call: Caller, folder: Path) -> None:
    """Remarks and a name in place of initials: neither on the screen, nor saved, nor on a page."""

    def tell_all(rows: Rows) -> None:
        say_no(rows)
        for row in rows:
            row["Reviewer"] = SECRET

    files = folder.parent / "files"
    said = [call("score", fill(folder, tell_all), *DAY, "--rat-stats")]
    assert "The column Reviewer holds more than initials, which is kept nowhere." in said[0].out
    told = ("--period", "2026-10", "--practice", files / "practice.toml")
    said.append(call("run", files, *told, "--as-of", "2026-12-01"))
    said.append(call("compare", "2026-10", "2026-10"))
    assert [one.code for one in said] == [0, 0, 0], said
    page = Path("reports/2026-10/report.html").read_text(encoding="utf-8")
    assert 'id="chart_review"' in page
    kept = [path.read_text(encoding="utf-8") for path in Path("reports").rglob("*") if path.is_file()]
    for text in (*kept, *(one.out + one.err for one in said)):
        assert [secret for secret in SECRETS if secret in text] == []


def test_a_report_without_a_review_loads_nothing_of_it(folder: Path) -> None:
    """What a review needs is loaded where there is one."""
    script = (
        "import sys\nfrom audit.cli import main\n"
        "sys.argv = ['audit', 'run', 'files', '--as-of', '2026-12-01', '--period', '2026-10']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "names = ('chart_reviews', 'chart_section', 'score', 'appraisal', 'review_change', 'worksheets')\n"
        "print('LOADED', *[name for name in names if f'audit.{name}' in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED", done.stdout
