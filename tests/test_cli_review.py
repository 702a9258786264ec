"""The command `audit sample`: draws, plans, draws again; wrong options get one sentence and an exit code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Caller
from tests.reviews import practice_of

DAY = ("--as-of", "2026-12-01")
MONTH = ("--period", "2026-10", *DAY)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with a small practice's files."""
    practice_of(tmp_path / "files")
    return tmp_path / "files"


def test_the_seed_is_told_before_anything_is_drawn(call: Caller, files: Path) -> None:
    done = call("sample", files, *MONTH, "--per-clinician", 2, "--spares", 1, "--seed", "48863.78")
    assert done.code == 0
    assert done.out.splitlines() == [
        "Seed: 48863.78",
        "Drawn: 4 of 5 visits, and 1 to spare.",
        "  Lee: 2 of 3, seed 48863.78",
        "  Ruiz: 2 of 2, seed 48864.78",
        f"Worksheet: {Path('chart_review') / '2026-10' / 'worksheet.xlsx'}",
    ]
    assert sorted(path.name for path in Path("chart_review/2026-10").iterdir()) == [
        *("sample.toml", "worksheet.csv", "worksheet.xlsx")
    ]


@pytest.mark.parametrize("generator", ["rat-stats", "pcg64"])
def test_a_seed_is_made_where_none_is_given_and_draws_the_same_again(
    generator: str, call: Caller, files: Path
) -> None:
    """Typed in, the seed printed gives the very same sample."""
    asked = ("sample", files, *MONTH, "--size", 3, "--generator", generator)
    first = call(*asked, "--out", "one")
    (seed,) = re.findall(r"^Seed: ([0-9.]+)$", first.out, re.MULTILINE)
    call(*asked, "--out", "two", "--seed", seed)
    assert Path("one/sample.toml").read_bytes() == Path("two/sample.toml").read_bytes()
    assert Path("one/worksheet.xlsx").read_bytes() == Path("two/worksheet.xlsx").read_bytes()


def test_who_draws_twice_keeps_the_first(call: Caller, files: Path) -> None:
    call("sample", files, *MONTH, "--size", 3, "--seed", 5)
    kept = Path("chart_review/2026-10/sample.toml").read_bytes()
    for more in (("--seed", 6), ("--size", 4), ()):
        again = call("sample", files, *MONTH, "--size", 3, *more)
        assert (again.code, again.out) == (2, "")
        assert again.err.startswith("audit: 2026-10: this frame was drawn from before, with the seed 5;")
        assert again.err.count("\n") == 1
    assert Path("chart_review/2026-10/sample.toml").read_bytes() == kept


def test_a_sample_is_drawn_again_and_compared(call: Caller, files: Path) -> None:
    call("sample", files, *MONTH, "--size", 3, "--spares", 1, "--seed", 5)
    path = Path("chart_review/2026-10/sample.toml")
    done = call("sample", "--verify", path, files)
    assert (done.code, done.err) == (0, "")
    assert done.out == "sample.toml is what these files give: seed 5 draws the same 4 of 5 visits.\n"
    path.write_text(path.read_text().replace("position = ", "position = 1", 1))
    done = call("sample", "--verify", path, files)
    assert (done.code, done.out) == (3, "")
    assert re.fullmatch(
        r"audit: sample.toml is not what these files give: .* in place of [A-Z]{6}-001\.\n", done.err
    )


def test_findings_are_picked_into_a_folder_of_their_own(call: Caller, files: Path) -> None:
    done = call("sample", files, *MONTH, "--risk", "--size", 2)
    assert done.code == 0
    assert "This is no random sample" in done.out
    assert "Seed" not in done.out
    text = Path("chart_review/2026-10-risk/sample.toml").read_text()
    assert 'kind = "risk"' in text
    assert "seed" not in text
    assert call("sample", "--verify", "chart_review/2026-10-risk/sample.toml", files).code == 0
    assert call("sample", files, *MONTH, "--risk", "--size", 2).code == 2


def test_the_plan_draws_nothing(call: Caller, files: Path) -> None:
    """The limits of every size that the frame holds, and half their width."""
    done = call("sample", files, *MONTH, "--plan")
    assert done.code == 0
    assert done.out.startswith("5 visits.")
    assert done.out.splitlines()[-1].split() == [
        *("5", "0.0", "to", "0.0", "%"),
        *("20.0", "to", "20.0", "%") * 3,
        "0.0",
        "points",
    ]
    assert not Path("chart_review").exists()


def test_names_go_to_the_file_named_and_nowhere_else(call: Caller, files: Path) -> None:
    call("sample", files, *MONTH, "--size", 3, "--seed", 5, "--with-names", "names.csv")
    assert Path("names.csv").read_text().startswith("item,file,row,patient\n")
    assert "P1" not in Path("chart_review/2026-10/worksheet.csv").read_text()
    Path("names.csv").unlink()
    call("sample", "--verify", "chart_review/2026-10/sample.toml", files, "--with-names", "names.csv")
    assert len(Path("names.csv").read_text().splitlines()) > 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--size", 3), "Say which months to draw from"),
        (("--period", "2026-10"), "Say how many to draw"),
        (
            ("--period", "2026-10", "--size", 3, "--per-clinician", 2),
            "--per-clinician divides by clinician already",
        ),
        (("--period", "2026-10", "--per-clinician", 2, "--stratify", "payer"), "--per-clinician divides"),
        (("--period", "2026-10", "--size", 3, "--stratify", "code"), "cannot be divided by code"),
        (("--period", "2026-10", "--size", 9), "The frame holds 5 visits"),
        (("--period", "2026-10", "--size", 3, "--where", "code"), "A filter is one of"),
        (
            ("--period", "2026-10", "--size", 3, "--where", "code=00000"),
            "There is no code 00000 in these files",
        ),
        (("--period", "2026-10", "--size", 3, "--seed", "x"), "A seed is a number from 0"),
        (("--period", "2026-10", "--risk", "--seed", "3"), "--risk picks by findings and draws nothing"),
        (("--period", "2026-01", "--size", 3), "There are no lines of that period"),
        (("--period", "2026-10", "--size", 3, "--out", "files"), "files holds other things"),
        (
            ("--period", "2026-10", "--size", 3, "--with-names", "chart_review/2026-10/names.csv"),
            "names do not belong into the sample's folder",
        ),
        (("--verify", "sample.toml"), "sample.toml: cannot be read"),
    ],
)
def test_wrong_options_get_one_sentence(
    options: tuple[object, ...], said: str, call: Caller, files: Path
) -> None:
    done = call("sample", files, *DAY, *options)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not Path("chart_review").exists()
