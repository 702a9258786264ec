"""Files are written whole or not at all, and text from a file stays text."""

from __future__ import annotations

import csv
import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import output
from audit.errors import OutputError
from audit.output import encode, guard_cell, write_bytes, write_columns, write_csv, write_folder, write_text

OLD = {"report.html": b"<p>old</p>\n", "tables/denials.csv": b"code,lines\n97140,3\n"}
NEW = {"report.html": b"<p>new</p>\n", "tables/usage.csv": b"code\n97124\n", "results.json": b"{}\n"}
LATE = date(2026, 11, 20)


def read_folder(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def made_late(_folder: Path) -> date:
    return LATE


def write(folder: Path, files: dict[str, bytes]) -> output.Written:
    return write_folder(folder, files, as_of=made_late)


def failing(error: BaseException, at_call: int = 1) -> Callable[..., None]:
    """A stand-in for an `os` function that raises `error` at its n-th call and works otherwise."""
    calls = iter(range(1, 1000))

    def call(*arguments: Path) -> None:
        if next(calls) == at_call:
            raise error
        RENAME(*arguments)

    return call


RENAME = os.rename
FULL = OSError(errno.ENOSPC, "No space left on device")


class TestOneFile:
    def test_it_holds_the_text_as_utf_8_with_plain_newlines(self, tmp_path: Path) -> None:
        write_text(tmp_path / "new" / "report.html", "Zoë\nPérez \U0001f600\n")
        assert (tmp_path / "new" / "report.html").read_bytes() == "Zoë\nPérez \U0001f600\n".encode()

    def test_half_a_character_is_no_reason_to_fail(self) -> None:
        assert encode("bad\udce9.csv") == b"bad?.csv"

    def test_the_older_file_is_replaced_and_nothing_is_left_beside_it(self, tmp_path: Path) -> None:
        write_text(tmp_path / "page.html", "old")
        write_text(tmp_path / "page.html", "new")
        assert read_folder(tmp_path) == {"page.html": b"new"}

    @pytest.mark.parametrize("step", ["fsync", "replace"])
    @pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()])
    def test_a_run_that_is_stopped_leaves_the_older_file_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
    ) -> None:
        write_text(tmp_path / "page.html", "old")
        monkeypatch.setattr(os, step, failing(error))
        with pytest.raises((OutputError, KeyboardInterrupt)) as stopped:
            write_text(tmp_path / "page.html", "new")
        assert isinstance(stopped.value, KeyboardInterrupt) == isinstance(error, KeyboardInterrupt)
        assert read_folder(tmp_path) == {"page.html": b"old"}

    def test_a_full_disk_is_told_in_a_sentence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "fsync", failing(FULL))
        with pytest.raises(
            OutputError, match=r'^"page.html" could not be written: the disk is full; make room'
        ):
            write_text(tmp_path / "page.html", "new")
        assert list(tmp_path.iterdir()) == []

    def test_a_file_in_the_place_of_a_folder_is_told(self, tmp_path: Path) -> None:
        write_text(tmp_path / "reports", "not a folder")
        with pytest.raises(
            OutputError,
            match=r'"page.html" could not be written: a file and a folder want the same name.*--out',
        ):
            write_text(tmp_path / "reports" / "page.html", "new")

    def test_a_folder_in_the_place_of_a_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "page.html" / "inside").mkdir(parents=True)
        with pytest.raises(OutputError, match=r"a file and a folder want.*--out"):
            write_text(tmp_path / "page.html", "new")
        assert [path.name for path in tmp_path.iterdir()] == ["page.html"]

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere"
    )
    def test_a_folder_that_may_not_be_written_to_is_told(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        try:
            with pytest.raises(OutputError, match=r"not yours to write to.*--out"):
                write_text(tmp_path / "page.html", "new")
        finally:
            tmp_path.chmod(0o700)

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (errno.EACCES, "not yours to write to"),
            (errno.EROFS, "not yours to write to"),
            (errno.EDQUOT, "the disk is full"),
            (errno.ENAMETOOLONG, "cannot have that name"),
            (errno.EIO, "the system says: Input/output error"),
        ],
    )
    def test_whatever_the_system_says_becomes_a_sentence_with_a_cure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
    ) -> None:
        monkeypatch.setattr(os, "replace", failing(OSError(number, os.strerror(number))))
        with pytest.raises(OutputError, match=words) as refusal:
            write_bytes(tmp_path / "page.html", b"new")
        assert str(tmp_path) not in str(refusal.value)
        assert str(refusal.value).endswith(".")


class TestReportFolder:
    def test_the_first_report_is_written_whole_with_its_sub_folders(self, tmp_path: Path) -> None:
        written = write(tmp_path / "reports" / "2026-10", NEW)
        assert (written.changed, written.kept) == (True, None)
        assert read_folder(tmp_path / "reports" / "2026-10") == NEW
        assert [path.name for path in (tmp_path / "reports").iterdir()] == ["2026-10"]

    def test_the_older_report_is_kept_beside_it_under_its_as_of_date(self, tmp_path: Path) -> None:
        write(tmp_path / "2026-10", OLD)
        written = write(tmp_path / "2026-10", NEW)
        assert written.kept == tmp_path / "2026-10.as-of-2026-11-20"
        assert read_folder(tmp_path / "2026-10") == NEW
        assert read_folder(tmp_path / "2026-10.as-of-2026-11-20") == OLD

    def test_no_earlier_report_is_ever_lost(self, tmp_path: Path) -> None:
        for number in range(4):
            write(tmp_path / "2026-10", {"report.html": b"%d" % number})
        assert {path.name: (path / "report.html").read_bytes() for path in tmp_path.iterdir()} == {
            "2026-10": b"3",
            "2026-10.as-of-2026-11-20": b"0",
            "2026-10.as-of-2026-11-20-2": b"1",
            "2026-10.as-of-2026-11-20-3": b"2",
        }

    def test_a_folder_that_tells_no_date_is_kept_too(self, tmp_path: Path) -> None:
        write_text(tmp_path / "2026-10" / "shopping.txt", "milk")
        written = write_folder(tmp_path / "2026-10", NEW, as_of=lambda _: None)
        assert written.kept == tmp_path / "2026-10.earlier"
        assert read_folder(tmp_path / "2026-10.earlier") == {"shopping.txt": b"milk"}

    def test_an_empty_folder_is_simply_filled(self, tmp_path: Path) -> None:
        (tmp_path / "2026-10").mkdir()
        assert write(tmp_path / "2026-10", NEW).kept is None
        assert [path.name for path in tmp_path.iterdir()] == ["2026-10"]

    def test_the_same_report_again_touches_nothing(self, tmp_path: Path) -> None:
        folder = tmp_path / "2026-10"
        write(folder, NEW)
        write_text(folder / ".DS_Store", "left by the system")
        os.utime(folder, (1, 1))
        os.utime(folder / "report.html", (2, 2))
        written = write(folder, NEW)
        assert (written.changed, written.kept) == (False, None)
        assert (folder.stat().st_mtime, (folder / "report.html").stat().st_mtime) == (1, 2)
        assert [path.name for path in tmp_path.iterdir()] == ["2026-10"]

    @pytest.mark.parametrize("change", [{"report.html": b"<p>New</p>\n"}, {"refused.csv": b""}])
    def test_one_other_byte_or_file_is_another_report(self, tmp_path: Path, change: dict[str, bytes]) -> None:
        write(tmp_path / "2026-10", NEW)
        assert write(tmp_path / "2026-10", NEW | change).changed
        assert write(tmp_path / "2026-10", NEW).changed

    @pytest.mark.parametrize(
        "error", [FULL, PermissionError(errno.EACCES, "open elsewhere"), KeyboardInterrupt()]
    )
    @pytest.mark.parametrize(
        ("step", "call"), [("fsync", 1), ("fsync", 3), ("rename", 1), ("rename", 2)],
        ids=["first file", "last file", "old one aside", "new one in place"],
    )  # fmt: skip
    def test_a_run_stopped_at_any_step_leaves_the_older_report_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, step: str, call: int
    ) -> None:
        write(tmp_path / "2026-10", OLD)
        real = os.fsync if step == "fsync" else os.rename
        calls = iter(range(1, 1000))

        def stop(*arguments: object) -> object:
            if next(calls) == call:
                raise error
            return real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(os, step, stop)
        with pytest.raises((OutputError, KeyboardInterrupt)):
            write(tmp_path / "2026-10", NEW)
        assert read_folder(tmp_path) == {f"2026-10/{name}": content for name, content in OLD.items()}

    def test_a_first_report_that_fails_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "rename", failing(FULL))
        with pytest.raises(OutputError, match=r'"2026-10" could not be written: the disk is full'):
            write(tmp_path / "2026-10", NEW)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "step", ["before the old one moves", "after it moved", "after the new one stands"]
    )
    def test_a_run_killed_outright_leaves_each_report_whole(self, tmp_path: Path, step: str) -> None:
        """Killed means no cleaning up: whatever then bears a report's name is one whole report."""
        write(tmp_path / "2026-10", OLD)
        script = """
import os, sys
from datetime import date
from pathlib import Path
from audit.output import write_folder
step, rename, calls = int(sys.argv[1]), os.rename, []
def dying(*arguments):
    if len(calls) == step:
        os._exit(9)
    calls.append(arguments)
    rename(*arguments)
    if len(calls) == step == 2:
        os._exit(9)
os.rename = dying
write_folder(Path(sys.argv[2]), eval(sys.argv[3]), lambda folder: date(2026, 11, 20))
"""
        number = ["before the old one moves", "after it moved", "after the new one stands"].index(step)
        root = Path(output.__file__).parents[1]
        killed = subprocess.run(
            [sys.executable, "-c", script, str(number), str(tmp_path / "2026-10"), repr(NEW)],
            cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False,
        )  # fmt: skip
        assert killed.returncode == 9
        reports = {
            path.name: read_folder(path) for path in tmp_path.iterdir() if not path.name.startswith(".")
        }
        assert (
            reports
            == [
                {"2026-10": OLD},
                {"2026-10.as-of-2026-11-20": OLD},
                {"2026-10": NEW, "2026-10.as-of-2026-11-20": OLD},
            ][number]
        )

    def test_a_file_with_the_name_of_the_folder_is_told(self, tmp_path: Path) -> None:
        write_text(tmp_path / "2026-10", "a file")
        with pytest.raises(
            OutputError,
            match=r'"2026-10" could not be written: a file and a folder want the same name.*--out',
        ):
            write(tmp_path / "2026-10", NEW)
        assert read_folder(tmp_path) == {"2026-10": b"a file"}

    def test_a_file_in_the_place_of_the_reports_folder_is_told(self, tmp_path: Path) -> None:
        write_text(tmp_path / "reports", "a file")
        with pytest.raises(OutputError, match=r"a file and a folder want the same name.*--out"):
            write(tmp_path / "reports" / "2026-10", NEW)

    @pytest.mark.parametrize(
        "name", ["../elsewhere.html", "/etc/passwd", "tables/../../x", "tables\\x.csv", ""]
    )
    def test_no_file_of_a_report_stands_outside_its_folder(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ValueError, match="relative to its folder"):
            write(tmp_path / "2026-10", {name: b""})
        assert list(tmp_path.iterdir()) == []


class TestGuard:
    @pytest.mark.parametrize(
        "text",
        [
            '=HYPERLINK("http://example.com","click")', "=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1",
            "\r=1", "\n=1", "\tAetna", "\rAetna", " =1", "\u00a0=1", "\ufeff=1", "\uff1d1", "\uff0b1",
            "\uff0d1",
            "\uff201", "\ufe62 1",
            "-12.50",
        ],
    )  # fmt: skip
    def test_text_that_a_spreadsheet_could_run_is_marked_as_text(self, text: str) -> None:
        assert guard_cell(text) == "'" + text

    @pytest.mark.parametrize(
        "text", ["", " ", "97140", "CO-97", "Blue Cross/Blue Shield", "<script>", "a=1", "\U0001f600"]
    )
    def test_other_text_is_left_alone(self, text: str) -> None:
        assert guard_cell(text) == text

    @given(st.text())
    def test_guarding_twice_changes_nothing_and_removes_nothing(self, text: str) -> None:
        guarded = guard_cell(text)
        assert guard_cell(guarded) == guarded
        assert guarded in (text, "'" + text)


class TestCsv:
    def test_numbers_stay_numbers_and_text_stays_text(self) -> None:
        table = write_csv(
            ["payer", "cents", "share", "from", "open"],
            [
                ["-Aetna", -1250, -0.5, date(2026, 10, 1), True],
                ["O'Hara, Inc.", Decimal("-12.50"), None, None, False],
            ],
        )
        assert table == (
            "payer,cents,share,from,open\n"
            "'-Aetna,-1250,-0.5,2026-10-01,True\n"
            '"O\'Hara, Inc.",-12.50,,,False\n'
        )  # fmt: skip

    def test_what_is_missing_is_an_empty_cell(self) -> None:
        pd = pytest.importorskip("pandas")
        np = pytest.importorskip("numpy")
        cells = [None, pd.NA, pd.NaT, float("nan"), np.float64("nan"), np.int64(-3), np.float64(0.1)]
        assert write_csv([str(n) for n in range(7)], [cells]).splitlines()[1] == ",,,,,-3,0.1"

    def test_the_words_none_and_nan_are_text_like_any_other(self) -> None:
        assert write_csv(["a", "b"], [["None", "nan"]]) == "a,b\nNone,nan\n"

    def test_a_formula_behind_another_country_s_separator_stays_in_its_cell(self) -> None:
        assert write_csv(["a"], [["x;=1+1"], ["x\t=1+1"], ["x|=1+1"]]) == 'a\n"x;=1+1"\n"x\t=1+1"\n"x|=1+1"\n'

    def test_names_of_columns_are_guarded_too(self) -> None:
        assert write_csv(["=cmd()"], []) == "'=cmd()\n"

    def test_a_row_of_another_length_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="as many cells"):
            write_csv(["a", "b"], [["1"]])

    @given(st.lists(st.tuples(st.text(), st.text(), st.integers()), max_size=10))
    def test_every_reader_finds_the_guarded_cells_again(self, rows: list[tuple[str, str, int]]) -> None:
        table = write_csv(["a", "b", "c"], rows)
        found = list(csv.reader(io.StringIO(table, newline=""), strict=True))
        assert found == [["a", "b", "c"], *([guard_cell(a), guard_cell(b), str(c)] for a, b, c in rows)]

    @given(st.lists(st.text(), max_size=10))
    def test_a_column_alone_loses_no_empty_cell(self, cells: list[str]) -> None:
        found = list(csv.reader(io.StringIO(write_csv(["a"], [[cell] for cell in cells]), newline="")))
        assert found == [["a"], *([guard_cell(cell)] for cell in cells)]


def test_columns_are_written_as_their_rows_would_be() -> None:
    """Whole numbers, numbers with gaps, text that could run as a formula, and what is missing."""
    columns = {
        "name": np.array(["97140", "=1+1", 'say "x"', ""], dtype=object),
        "lines": np.array([1, -2, 0, 4]),
        "share": np.array([0.125, np.nan, -1.5, 2.0]),
        "day": np.array([date(2026, 10, 5), None, "-", "x,y"], dtype=object),
    }
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    assert write_columns(columns) == write_csv(list(columns), rows)
