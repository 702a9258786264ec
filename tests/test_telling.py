"""What `audit codes` says of one code, and of all."""

from __future__ import annotations

import pytest

from audit.codes import code_book
from audit.telling import tell_code, tell_codes
from tests.practices import shipped


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
        ("97140", "Units: counted from treatment minutes"),
        ("97161", "Units: not counted from minutes"),
        ("97161", "Valid: 2017-01-01 to today"),
        ("97010", "Never paid separately by: medicare"),
        ("90913", "Only with one of: 90912"),
        ("98940", "Usually billed by: chiropractic"),
        ("98941", "Subluxation shown"),
        ("97124", "Type of massage, technique or exercise"),
        ("97124", "(advised)"),
        ("0552T", "to be checked"),
    ],
)
def test_a_code_tells_how_it_is_billed_and_what_its_note_must_show(code: str, said: str) -> None:
    assert said in tell_code(code, shipped())


def test_an_element_that_a_code_does_not_require_is_not_asked_of_it() -> None:
    assert "Subluxation" not in tell_code("97140", shipped())


def test_a_code_outside_the_book_is_no_error() -> None:
    """Its category is told from its pattern where it has one."""
    assert "not in our code book (by its pattern: II)" in tell_code("1234F", shipped())
    assert "That is no error" in tell_code("97999", shipped())


def test_every_code_can_be_told() -> None:
    for code in code_book().codes:
        assert tell_code(code, shipped()).startswith(code)
