"""Medicare's edits: which edition is read, for which days, and what it knows."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from audit.codes import code_book
from audit.edit_files import keep, read_official
from audit.edits import ENDINGS as KEPT_ENDINGS
from audit.edits import (
    Edition,
    Limit,
    Pair,
    find_editions,
    find_pairs_edition,
    imported_files,
    quarter_of,
    read_limits,
    read_pairs,
    tell_editions,
)
from audit.errors import InputError
from audit.intake.spreadsheet import ENDINGS as BILLING_ENDINGS
from tests.official import WHOLE, pairs_text

SHARED = Path(__file__).resolve().parents[2] / "shared" / "domain"
BOOK = tuple(code_book().codes)


def imported(folder: Path, name: str, *rows: str) -> Path:
    """Import a table of code pairs and return the folder it is kept in."""
    (folder / name).write_bytes(pairs_text(*WHOLE, *rows))
    keep(read_official([folder / name]), folder / "edits")
    return folder / "edits"


# --- what ships -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "bundled", "modifier"),
    [("97140", "97124", "0"), ("98941", "97140", "1"), ("97012", "97140", "1"), ("97150", "97110", "1")],
)
def test_pairs_that_matter_to_a_therapy_practice(paid: str, bundled: str, modifier: str) -> None:
    """As CMS' table of July 2024 has them."""
    assert Pair(paid, bundled, modifier, None, None) in read_pairs(None, BOOK).pairs


def test_pairs_that_ended_are_not_in_force() -> None:
    """Lists on the web still name 97140 with 97530; Medicare ended it in 2019."""
    pairs = read_pairs(None, BOOK).pairs
    ended = [one.ended for one in pairs if {one.paid, one.bundled} == {"97140", "97530"}]
    assert ended
    assert all(ended)


def test_a_pair_of_no_edit_is_no_pair() -> None:
    """Indicator 9: withdrawn as though it had never been."""
    assert {one.modifier for one in read_pairs(None, BOOK).pairs} == {"0", "1"}


def test_every_shipped_pair_and_limit_is_of_a_code_of_the_book() -> None:
    """One of an unknown code could not be shown."""
    everything = read_pairs(None, BOOK)
    assert everything.scope is not None
    assert everything.scope < set(BOOK)
    for name in ("pairs_2024q3.csv", "limits_2024q3.csv"):
        path = Path(__file__).resolve().parents[1] / "config" / name
        with path.open(encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        codes = {cell for row in rows for cell in (row[:2] if name.startswith("pairs") else row[:1])}
        assert codes <= set(BOOK)


def test_a_code_younger_than_the_shipped_table_is_not_known_to_it() -> None:
    """G0541 began in 2025: no pair of it means nothing."""
    scope = read_pairs(None, BOOK).scope
    assert scope is not None
    assert "G0541" not in scope
    assert "97140" in scope


@pytest.mark.parametrize(
    ("code", "limit"),
    [("97110", (6, 3)), ("97124", (4, 3)), ("98941", (1, 2)), ("97010", (0, 3)), ("97755", (8, 3))],
)
def test_limits_that_matter_to_a_therapy_practice(code: str, limit: tuple[int, int]) -> None:
    assert read_limits(None, (code,))[0].limits == {code: Limit(*limit)}


def test_a_limit_that_nobody_has_confirmed_does_not_ship() -> None:
    """Its code is not in the scope, so that nothing is said of it."""
    (shipped,) = read_limits(None, ("95992", "97110"))
    assert set(shipped.limits) == {"97110"}
    assert shipped.scope is not None
    assert "95992" not in shipped.scope


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the folder `shared` beside the repository")
def test_the_shipped_limits_are_those_of_the_evidence() -> None:
    """Where the evidence has the code's number from CMS' table (P)."""
    limits = read_limits(None, BOOK)[0].limits
    with (SHARED / "codes.csv").open(encoding="utf-8") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    assert {code for code, row in rows.items() if row["evidence"] == "P"} <= set(limits)
    for code, limit in limits.items():
        assert str(limit.units) == rows[code]["mue_units_2024q3"]
        assert rows[code]["mue_mai_2024q3"] in ("", str(limit.per))


# --- which edition ----------------------------------------------------------------------------------


def test_an_imported_table_is_read_instead_of_the_shipped_one(tmp_path: Path) -> None:
    """With the days on which its pairs began and ended, several of one pair."""
    folder = imported(
        tmp_path,
        "ccipra-v323r0-f1.txt",
        "97530 97535 20040101 20191231 1",
        "97530 97535 20200101 20211231 1",
        "97140 97124 19960101 * 0",
        "97140 97164 20201001 20201001 9",
        "97140 99499 20200101 * 1",
    )
    known = read_pairs(folder, ("97530", "97535", "97140", "97124", "97164"))
    assert known.edition.quarter == "2026-Q4"
    assert known.scope is None
    assert known.pairs == (
        Pair("97140", "97124", "0", date(1996, 1, 1), None),
        Pair("97530", "97535", "1", date(2004, 1, 1), date(2019, 12, 31)),
        Pair("97530", "97535", "1", date(2020, 1, 1), date(2021, 12, 31)),
    )
    assert read_pairs(folder, ("97530", "97535")).pairs == known.pairs[1:]


def test_of_several_editions_of_pairs_the_newest_is_read_for_every_day(tmp_path: Path) -> None:
    """It holds the days of what has ended, and what was withdrawn back to a former day is not in it."""
    imported(tmp_path, "ccipra-v322r0-f1.txt", "97140 97164 20201001 * 1")
    folder = imported(tmp_path, "ccipra-v323r0-f1.txt", "97140 97164 20201001 20201001 9")
    assert [one.quarter for one in find_editions("pairs", folder)] == ["2024-Q3", "2026-Q3", "2026-Q4"]
    assert find_pairs_edition(folder).quarter == "2026-Q4"
    assert read_pairs(folder, ("97140", "97164")).pairs == ()


def test_an_imported_table_counts_before_the_shipped_one_however_old(tmp_path: Path) -> None:
    """The shipped one is an extract without the days on which pairs began."""
    folder = imported(tmp_path, "ccipra-v291r0-f1.txt")
    assert find_pairs_edition(folder).quarter == "2023-Q2"
    assert read_pairs(folder, ("97140", "97124")).pairs == ()


def test_limits_are_those_of_each_edition(tmp_path: Path) -> None:
    """Oldest first, the shipped one among them; an imported edition of its quarter takes its place."""
    (tmp_path / "limits_2026q4.mue").write_text("code,units,per\n97110,5,3\n11042,1,3\n")
    assert [one.edition.quarter for one in read_limits(tmp_path, ("97110",))] == ["2024-Q3", "2026-Q4"]
    assert read_limits(tmp_path, ("97110",))[1].limits == {"97110": Limit(5, 3)}
    (tmp_path / "limits_2024q3.mue").write_text("code,units,per\n97110,7,3\n")
    assert read_limits(tmp_path, ("97110",))[0].limits == {"97110": Limit(7, 3)}


def test_a_kept_edition_is_not_taken_for_a_billing_file() -> None:
    """The folder that is audited may hold that of the editions."""
    assert not {f".{ending}" for ending in KEPT_ENDINGS.values()} & set(BILLING_ENDINGS)


def test_what_is_no_edition_is_left_alone(tmp_path: Path) -> None:
    for name in ("pairs_2026q5.parquet", "pairs_2026q4.csv", "notes.txt", "limits_2026q4.mue.bak"):
        (tmp_path / name).write_text("x")
    assert [one.path for one in find_editions("pairs", tmp_path)] == [None]
    assert [one.path for one in find_editions("limits", tmp_path)] == [None]
    assert [one.path for one in find_editions("pairs", tmp_path / "not there")] == [None]


@pytest.mark.parametrize("name", ["pairs_2026q4.parquet", "limits_2026q4.mue"])
@pytest.mark.parametrize("content", [b"", b"code,units,per\n97110,many,3\n", b"PAR1\0\0PAR1"])
def test_a_kept_file_that_is_damaged_says_what_to_do(tmp_path: Path, name: str, content: bytes) -> None:
    """An empty list of limits is no damage."""
    (tmp_path / name).write_bytes(content)
    read = read_pairs if name.startswith("pairs") else read_limits
    if name.startswith("limits") and content != b"code,units,per\n97110,many,3\n":
        read(tmp_path, ("97110",))
        return
    with pytest.raises(InputError, match=f'"{name}" cannot be read; make it anew with audit rules import'):
        read(tmp_path, ("97110",))


def test_an_edition_tells_its_quarter_and_its_age() -> None:
    edition = Edition("pairs", date(2026, 10, 1), Path("pairs_2026q4.parquet"))
    assert edition.quarter == "2026-Q4"
    assert edition.file_name == "pairs_2026q4.parquet"
    assert edition.told == "CMS practitioner code pairs of 2026-Q4, imported"
    assert edition.age_on(date(2027, 1, 31)) == 3
    assert edition.age_on(date(2026, 9, 30)) == 0
    assert quarter_of(date(2026, 12, 31)) == date(2026, 10, 1)


def test_the_editions_in_use_are_told() -> None:
    pairs, limits = tell_editions(None, date(2026, 11, 20))
    assert pairs.startswith("CMS practitioner code pairs of 2024-Q3, an extract that ships")
    assert pairs.endswith("it began 28 months ago.")
    assert "unit limits of 2024-Q3" in limits


def test_the_files_that_are_read_are_named(tmp_path: Path) -> None:
    """Of code pairs the newest import alone; nothing where the shipped extracts are read."""
    folder = imported(tmp_path, "ccipra-v322r0-f1.txt", "97140 97124 19960101 * 0")
    imported(tmp_path, "ccipra-v323r0-f1.txt", "97140 97124 19960101 * 1")
    assert [path.name for path in imported_files(folder)] == ["pairs_2026q4.parquet"]
    assert imported_files(None) == ()
