"""The command `audit rules import`: CMS' files into the practice's folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit.cli_rules import LICENSE, rules
from audit.errors import InputError, SettingsError
from tests.official import WHOLE, limits_text, pairs_text

PAIRS = "ccipra-v323r0-f1.txt"
LIMITS = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the practice's folder, in which the command is called, with two official files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "practice.toml").write_text('edits = "cms"\n')
    (tmp_path / PAIRS).write_bytes(pairs_text(*WHOLE))
    (tmp_path / LIMITS).write_bytes(limits_text("97110 6 3"))
    return tmp_path


def call(*arguments: str) -> str:
    """Return what the command prints."""
    done = CliRunner().invoke(rules, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_files_are_kept_in_the_folder_that_the_settings_name(here: Path) -> None:
    """A line for each edition, and a word on the license."""
    said = call("import", PAIRS, LIMITS).splitlines()
    assert sorted(path.name for path in (here / "cms").iterdir()) == [
        "limits_2026q4.mue",
        "pairs_2026q4.parquet",
    ]
    assert said[0].startswith("Kept the unit limits of 1 codes of 2026-Q4; wrote ")
    assert said[1].startswith("Kept 10 code pairs of 2026-Q4")
    assert said[2:] == [LICENSE]
    assert "2026-Q4, imported" in call()


def test_another_folder_or_another_practice_may_be_named(here: Path) -> None:
    call("import", LIMITS, "--into", "elsewhere")
    assert (here / "elsewhere" / "limits_2026q4.mue").is_file()
    (here / "other").mkdir()
    (here / "other" / "practice.toml").write_text("")
    call("import", LIMITS, "--practice", "other/practice.toml")
    assert (here / "other" / "edits" / "limits_2026q4.mue").is_file()


def test_without_settings_a_folder_must_be_named(here: Path) -> None:
    """Tables that no settings point to would never be read."""
    (here / "practice.toml").unlink()
    with pytest.raises(SettingsError, match=re.escape("no practice.toml here")):
        call("import", LIMITS)


def test_one_bad_file_keeps_nothing(here: Path) -> None:
    (here / "bad.txt").write_text("no table")
    with pytest.raises(InputError) as raised:
        call("import", LIMITS, "bad.txt")
    assert raised.value.exit_code == 3
    assert not (here / "cms").exists()


@pytest.mark.usefixtures("here")
def test_the_tables_in_use_are_told_with_their_age() -> None:
    """Before anything is imported: the extract that ships."""
    assert re.search(r"code pairs of 2024-Q3, an extract that ships; it began \d+ months ago\.", call())


def test_all_rules_are_listed_and_one_is_told_whole(here: Path) -> None:
    """A first word that is no command is a rule's name; the practice's own rules are among them."""
    (here / "practice.toml").write_text(
        '[[rules]]\nid = "blue"\nsentence = "Two units of massage a day."\nkind = "at most units"\n'
        'codes = ["97124"]\nmost = 2\nsource = "Exhibit B"\n',
        encoding="utf-8",
    )
    listed = call()
    assert "contract/blue" in listed
    assert "an extract that ships" in listed
    assert "Exhibit B" in call("contract/blue")
    with pytest.raises(SettingsError, match="There is no rule"):
        call("contract/green")
