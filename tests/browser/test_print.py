"""The report on paper: what an owner hands to a partner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("paper", ["A4", "Letter"])]

FIRST_WORDS = "fold => fold.querySelector('dd, tbody tr, p, li, code').textContent"

Read = Callable[[Path], list[str]]


def test_page_one_holds_the_verdict_and_what_to_do(
    opened: Open, pdf_text: Read, paper: str, tmp_path: Path
) -> None:
    with opened() as it:
        verdict = it.page.locator("h1").inner_text()
        to_do = it.page.locator("main ol").first.locator("> li > :first-child").all_inner_texts()
        pages = pdf_text(print_report(it.page, paper, tmp_path))
    first = letters(pages[0])
    assert letters(verdict) in first
    assert to_do, "the demo has something to do"
    assert [text for text in to_do if letters(text) not in first] == []


def test_folded_parts_are_printed(opened: Open, pdf_text: Read, paper: str, tmp_path: Path) -> None:
    """Paper has nothing to click on; the definitions are printed, with and without the script.

    A whole rule is not: its source stands beside it, the rest in tables/rules.csv.
    """
    for script in (True, False):
        with opened(java_script_enabled=script) as it:
            folds = it.page.locator("details:not(.asked)").all()
            hidden = [fold.evaluate(FIRST_WORDS) for fold in folds]
            printed = letters("".join(pdf_text(print_report(it.page, paper, tmp_path))))
        assert hidden, "the demo has folded parts"
        assert [text for text in hidden if letters(text)[:60] not in printed] == []


def test_the_file_is_tagged_for_readers_who_listen(opened: Open, paper: str, tmp_path: Path) -> None:
    with opened() as it:
        content = print_report(it.page, paper, tmp_path).read_bytes()
    assert b"/StructTreeRoot" in content
    assert b"/Marked true" in content


def letters(text: str) -> str:
    """Return the letters and digits of a text: columns and line breaks of a PDF fall between words."""
    return "".join(character for character in text if character.isalnum())


def print_report(page: Page, paper: str, folder: Path) -> Path:
    """Print the page to a PDF as its reader would."""
    path = folder / f"{paper}.pdf"
    page.pdf(path=str(path), format=paper, print_background=True, tagged=True, outline=True)
    return path
