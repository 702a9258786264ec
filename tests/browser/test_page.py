"""The report in a browser: wide and narrow, light and dark, by keyboard, without its script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

MOST_WORDS = 1_200
SIZES = pytest.mark.parametrize("width", [1280, 390])
SCHEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


def test_the_browser_asks_for_nothing_but_the_file_and_says_nothing(opened: Open, demo: Path) -> None:
    with opened() as it:
        it.page.wait_for_load_state("networkidle")
        assert it.requests == [demo.as_uri()]
        assert it.messages == []


@SIZES
def test_the_page_does_not_scroll_sideways(opened: Open, width: int) -> None:
    with opened(width=width) as it:
        open_folds(it.page)
        assert it.page.evaluate("document.documentElement.scrollWidth") <= width


@SIZES
@SCHEMES
def test_no_accessibility_rule_is_broken(opened: Open, width: int, dark: bool) -> None:
    with opened(width=width, dark=dark) as it:
        open_folds(it.page)
        found = Axe().run(it.page)
        assert found.violations_count == 0, found.generate_report()


def test_a_reader_needs_five_minutes(opened: Open) -> None:
    """Folded text is for those who ask; what stands open is at most 1,200 words (a number is not a word)."""
    with opened() as it:
        words = [word for word in it.page.inner_text("body").split() if any(map(str.isalpha, word))]
        assert 100 < len(words) <= MOST_WORDS


def test_a_table_is_sorted_with_the_keyboard(opened: Open) -> None:
    """Enter on a column's button sorts the rows and says so; a second time turns them round."""
    with opened() as it:
        button = it.page.locator("table thead th:first-child button:visible").first
        table = it.page.locator("table:has(thead th:first-child button:visible)").first
        found = []
        for _ in range(2):
            button.focus()
            it.page.keyboard.press("Enter")
            order = table.locator("th[aria-sort]").get_attribute("aria-sort")
            found.append((order, table.locator("tbody > tr > :first-child").all_text_contents()))
        (one, names), (other, turned) = found
        assert {one, other} == {"ascending", "descending"}
        assert len(names) > 1
        assert turned == names[::-1]


def test_every_control_can_be_reached_with_the_tab_key(opened: Open) -> None:
    with opened() as it:
        assert it.page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
        it.page.keyboard.press("Tab")
        assert it.page.evaluate("document.activeElement.getAttribute('href') || ''").startswith("#")


def test_a_box_that_shows_more_rows_needs_no_script(opened: Open) -> None:
    with opened(java_script_enabled=False) as it:
        open_folds(it.page)
        rows = it.page.locator("tbody tr:visible")
        for box in it.page.locator("input[type=checkbox]:visible").all():
            before = rows.count()
            box.check()
            assert rows.count() > before


@SIZES
def test_without_its_script_the_page_reads_the_same(opened: Open, width: int) -> None:
    """The script only adds: without it every word is there, and no control that does nothing."""
    with opened(width=width) as it:
        open_folds(it.page)
        with_script = it.page.inner_text("body").split()
    with opened(width=width, java_script_enabled=False) as it:
        assert (
            it.page.locator("button:visible, select:visible, input:visible:not([type=checkbox])").count() == 0
        )
        open_folds(it.page)
        assert it.page.inner_text("body").split() == with_script


def open_folds(page: Page) -> None:
    """Open every folded part of the page."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
