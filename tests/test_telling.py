"""What `audit codes` says of one code, and of all."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.codes import code_book
from audit.edit_files import keep, read_official
from audit.telling import tell_code, tell_codes
from tests.official import WHOLE, limits_text, pairs_text
from tests.practices import settings_of, shipped


def test_every_code_of_the_book_stands_in_the_list_once() -> None:
    lines = [line.strip() for line in tell_codes().splitlines() if line.startswith("  ")]
    assert sorted(line.split()[0] for line in lines) == sorted(code_book().codes)


def test_a_code_that_has_ended_says_when() -> None:
    """In the list and by itself."""
    assert "97001  PT evaluation (old)  (ended 2016-12-31)" in tell_codes()
    assert "to 2016-12-31" in tell_code("97001", shipped())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("97140", "Billed as: units of 15 minutes"),
        ("97161", "Billed as: one unit, however long it takes"),
        ("97161", "Valid: 2017-01-01 to today"),
        ("97010", "Never paid separately by: medicare"),
        ("90913", "Only with one of: 90912"),
        ("98940", "Billed by: chiropractic"),
        ("98941", "Subluxation shown"),
        ("97124", "Type of massage, technique or exercise"),
        ("97124", "(advised)"),
        ("0552T", "to be checked"),
    ],
)
def test_a_code_tells_how_it_is_billed_and_what_its_note_must_show(code: str, said: str) -> None:
    assert said in " ".join(tell_code(code, shipped()).split())


def test_an_element_that_a_code_does_not_require_is_not_asked_of_it() -> None:
    assert "Subluxation" not in tell_code("97140", shipped())


def test_a_code_outside_the_book_is_no_error() -> None:
    """Its category is told from its pattern where it has one."""
    assert "not in our code book (by its pattern: II)" in tell_code("1234F", shipped())
    assert "That is no error" in tell_code("97999", shipped())


def test_every_code_can_be_told() -> None:
    for code in code_book().codes:
        assert tell_code(code, shipped()).startswith(code)


def test_a_code_tells_what_it_is_not_paid_beside_and_in_which_edition() -> None:
    """The shipped extract until a newer table was imported; ended pairs are not told."""
    told = " ".join(tell_code("97124", shipped()).split())
    assert (
        "(CMS practitioner code pairs of 2024-Q3, an extract that ships; they change each quarter):" in told
    )
    assert "Never paid beside: 97140" in told
    assert "Units at Medicare: at most 4 on one day unless the record supports more" in told
    assert "97530" not in tell_code("97116", shipped())


def test_a_code_is_told_by_an_imported_table(tmp_path: Path) -> None:
    """Among the codes of the book; the whole table has hundreds of each."""
    (tmp_path / "ccipra-v323r0-f1.txt").write_bytes(
        pairs_text(*WHOLE, "97140 97124 19960101 * 1", "97140 99999 19960101 * 1")
    )
    (tmp_path / "MUE_Eff_10-01-2026.csv").write_bytes(limits_text("97124 3 2"))
    keep(read_official(sorted(tmp_path.glob("*2*"))), tmp_path / "edits")
    settings = settings_of(tmp_path, "")
    massage, manual = (" ".join(tell_code(code, settings).split()) for code in ("97124", "97140"))
    assert "Itself paid only as a separate service, which the note must show, beside: 97140" in massage
    assert "(CMS practitioner code pairs of 2026-Q4, imported; they change each quarter):" in manual
    assert "99999" not in manual
    assert "Units at Medicare: at most 3 on one day (" in massage
