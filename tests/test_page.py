"""One page: everything in it, nothing around it, safe whatever the files held."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

import html5lib
import jinja2
import pytest
from axe_playwright_python.sync_playwright import Axe
from jinja2.bccache import bc_magic
from msgspec.structs import replace
from playwright.sync_api import Browser, sync_playwright

import audit.page
from audit.blocks import Cell, Empty, Head, Note, Row, Section, Table, Tile
from audit.page import Shelf, _environment, compiled_templates, lay_table, render_comparison, render_report
from tests.browser.conftest import FLAGS, find_chromium, skip_or_fail
from tests.demo_page import demo_comparison, demo_page, empty_page, traced_figures

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def html() -> str:
    return render_report(demo_page())


@pytest.fixture(scope="module", params=["report", "first period", "200 codes", "comparison"])
def any_page(request: pytest.FixtureRequest) -> str:
    made: dict[str, Callable[[], str]] = {
        "report": lambda: render_report(demo_page()),
        "first period": lambda: render_report(empty_page()),
        "200 codes": lambda: render_report(demo_page(200)),
        "comparison": lambda: render_comparison(demo_comparison()),
    }
    return made[request.param]()


def _parse(html: str) -> None:
    html5lib.HTMLParser(strict=True).parse(html)


def _words(html: str) -> str:
    bare = re.sub(r"<(style|script|svg|title)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", bare).split())


def test_the_page_is_well_formed(any_page: str) -> None:
    _parse(any_page)


def test_ids_are_unique_and_every_reference_has_its_target(any_page: str) -> None:
    ids = re.findall(r'\bid="([^"]*)"', any_page)
    assert len(ids) == len(set(ids))
    wanted = re.findall(r'href="#([^"]*)"', any_page)
    wanted += " ".join(re.findall(r'aria-labelledby="([^"]*)"', any_page)).split()
    assert set(wanted) <= set(ids)


def test_no_address_stands_in_the_page(any_page: str) -> None:
    assert "http:" not in any_page
    assert "https:" not in any_page
    assert not re.findall(r'\b(?:src|action)=|url\(|href="[^#]', any_page)


def test_only_our_script_may_run(html: str) -> None:
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    assert len(scripts) == 1
    known = b64encode(sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{known}'" in html
    assert "default-src 'none'" in html


def test_values_from_files_are_shown_as_text(html: str) -> None:
    assert EVIL not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize("field", ["practice", "period", "verdict", "standfirst", "compared_with", "explain"])
def test_no_text_of_the_page_can_become_markup(field: str) -> None:
    page = empty_page()
    written = render_report(replace(page, **{field: f'{EVIL}**b**"{EVIL}'}))
    assert EVIL not in written
    _parse(written)


def test_emphasis_is_made_after_escaping() -> None:
    written = render_report(replace(empty_page(), standfirst="**<i>two</i>** items"))
    assert "<b>&lt;i&gt;two&lt;/i&gt;</b> items" in written


def test_only_our_own_drawings_are_taken_as_they_are() -> None:
    tile = Tile("x", "X", "1", spark=f"<svg class=a>{EVIL}</svg>")
    with pytest.raises(ValueError, match=r"made by audit\.charts"):
        render_report(replace(empty_page(), tiles=(tile,)))


def test_the_page_reads_in_order(html: str) -> None:
    order = [
        html.index(f'id="{name}"')
        for name in (
            "headline",
            "do",
            "moved",
            "usage",
            "denials",
            "documentation",
            "trends",
            "since-then",
            "definitions",
            "not-checked",
            "manifest",
        )
    ]
    assert order == sorted(order)
    assert html.index("<h1>") < order[0]


def test_the_page_is_small_and_short(html: str) -> None:
    assert len(html.encode()) < 150_000
    unfolded = re.sub(r"<details>.*?</details>", "", html, flags=re.DOTALL)
    assert sum(any(map(str.isalpha, word)) for word in _words(unfolded).split()) < 1200


def test_the_same_page_gives_the_same_bytes() -> None:
    assert render_report(demo_page()) == render_report(demo_page())


def test_nothing_to_do_lists_what_was_looked_at() -> None:
    words = _words(render_report(empty_page()))
    assert (
        "Nothing to do this month 3 of 4 rules had rows. What was looked at Denials by code and payer"
        in words
    )


def test_an_empty_block_says_why_and_what_to_do() -> None:
    words = _words(render_report(empty_page()))
    assert "Not measured. No documentation columns in these files. Add note_signed and minutes" in words


def test_a_block_that_no_partial_asks_for_is_still_shown() -> None:
    section = Section("usage", "Code usage", {"codes": None, "news": Note("A new block.")})
    assert "A new block." in _words(render_report(replace(empty_page(), sections=(section,))))


def test_a_section_without_a_partial_shows_its_blocks_in_order() -> None:
    section = Section(
        "rules", "Rules", {"a": Note("First."), "b": (Note("Second."), Empty("Third.", "Why."))}
    )
    assert "Rules First. Second. Third. Why." in _words(
        render_report(replace(empty_page(), sections=(section,)))
    )


def test_a_shelf_gives_every_block_once() -> None:
    shelf = Shelf(Section("x", "X", {"a": Note("1"), "b": None, "c": Note("2")}))
    assert shelf.take("a") == Note("1")
    assert shelf.take("unheard of") is None
    assert shelf.rest() == (Note("2"),)
    assert shelf.rest() == ()


def test_an_outcome_word_that_is_not_in_the_list_is_an_error() -> None:
    with pytest.raises(ValueError, match="not an outcome word"):
        render_report(replace(empty_page(), tiles=(Tile("x", "X", "1", outcome="suspicious"),)))


def test_a_long_table_shows_its_first_rows_and_names_the_file_of_the_rest() -> None:
    written = render_report(demo_page(200))
    assert written.count('<tr class="more"') == 192
    assert "Show all 200 rows" in written
    assert "8 of 200 rows; all in <code>tables/usage_codes.csv</code>" in written


def test_a_cell_as_long_as_a_file_is_cut() -> None:
    table = Table("t", "T", (Head("Payer", False),), (Row((Cell("x" * 1_000_000),)),))
    written = render_report(replace(empty_page(), sections=(Section("s", "S", {"t": table}),)))
    assert len(written) < 60_000


TRACED = Table(
    "t",
    "T",
    (Head("Code", False), Head("Lines"), Head("Share"), Head("Denied")),
    (
        Row(
            (
                Cell("97140"),
                Cell("7", explain="a/lines/code=97140"),
                Cell("1 %", explain="a/share/code=97140"),
            )
        ),
        Row((Cell("97124"), Cell("3", explain="a/lines/code=97124"), Cell("2 %"), Cell("0"))),
        Row((Cell("97110"), Cell("5"), Cell("—"), Cell("1", explain="b/denied/code=97110;reason=CO-16"))),
        Row((Cell("All"), Cell("15", explain="a/lines"), Cell("·"), Cell("1")), total=True),
    ),
)


def test_a_figure_is_named_by_its_column_and_its_row() -> None:
    """Thousands of cells need not say what their column and row say; the others say what they show."""
    laid = lay_table(TRACED)
    assert laid.measures == ("", "a/lines", "a/share", "b/denied")
    rows = [*laid.body, *laid.totals]
    assert [str(row.attributes) for row in rows] == [
        ' data-g="/code=97140"',
        ' data-g="/code=97124"',
        ' data-g="/code=97110;reason=CO-16"',
        ' data-g=""',
    ]
    own = [
        re.findall('data-explain="([^"]*)"', str(cell.attributes)) for row in rows for cell in row.cells[1:]
    ]
    assert own == [[], [], [], [""], [""], [""], [], [], [], [], [""]]


def test_every_figure_of_a_page_is_traced_by_its_own_name() -> None:
    page = replace(empty_page(), sections=(Section("s", "S", {"t": TRACED}),))
    said = {cell.explain for row in TRACED.rows for cell in row.cells if cell.explain}
    assert traced_figures(render_report(page)) == said


def test_a_cell_says_what_it_sorts_by_only_where_its_text_does_not() -> None:
    cells = (
        Cell("17.9 %", sort=0.179),
        Cell("1 of 6", sort=1 / 6),
        Cell("under 0.1 %", sort=0.0004),
        Cell("12 / 113", sort=12),
        Cell("−4.2", sort=-0.042),
        Cell("$5,720", sort=572000),
        Cell("·", sort=0),
        Cell("—"),
        Cell("chance", sort="higher within chance", mark="higher within chance"),
        Cell("not told", sort=""),
        Cell("in both", sort=0),
    )
    table = Table("t", "T", tuple(Head("x") for _ in cells), (Row(cells),))
    written = [
        re.findall('data-v="([^"]*)"', str(cell.attributes)) for cell in lay_table(table).body[0].cells
    ]
    assert written == [
        ["0.179"],
        *[[]] * 8,
        [""],
        ["0"],
    ]  # the first cell names the row: its text is no number


# --- compiled templates -------------------------------------------------------------------


@pytest.fixture
def fresh_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which compiled templates are kept for one test."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr("audit.page._environment", cache(_environment.__wrapped__))
    return tmp_path


def _kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_compiled_templates_are_kept_and_change_nothing(fresh_templates: Path) -> None:
    first = render_report(empty_page())
    kept = _kept(fresh_templates)
    assert [path.name for path in kept if path.name.startswith("report.html.")] == [
        f"report.html.{sys.implementation.cache_tag}.jinja-{jinja2.__version__}"
    ]
    audit.page._environment.cache_clear()
    assert render_report(empty_page()) == first
    assert _kept(fresh_templates) == kept


@pytest.mark.parametrize("damage", [b"", b"not compiled", bc_magic, bc_magic + b"\x80\x04damaged"])
def test_a_damaged_copy_is_made_anew(fresh_templates: Path, damage: bytes) -> None:
    first = render_report(empty_page())
    whole = {path: path.read_bytes() for path in _kept(fresh_templates)}
    for path in whole:
        path.write_bytes(damage)
    audit.page._environment.cache_clear()
    assert render_report(empty_page()) == first
    assert {path: path.read_bytes() for path in _kept(fresh_templates)} == whole


def test_a_changed_template_is_compiled_anew(fresh_templates: Path, tmp_path: Path) -> None:
    def rendered() -> str:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(tmp_path / "mine"), bytecode_cache=compiled_templates()
        )
        return environment.get_template("a.j2").render()

    (tmp_path / "mine").mkdir()
    for text in ("one", "two", "two"):
        (tmp_path / "mine" / "a.j2").write_text(text)
        assert rendered() == text
    assert [path.name for path in _kept(fresh_templates) if path.name.startswith("a.")] == [
        "a.j2",
        f"a.{sys.implementation.cache_tag}.jinja-{jinja2.__version__}",
    ]


def test_where_nothing_can_be_written_the_page_is_made_all_the_same(
    fresh_templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = render_report(empty_page())
    (fresh_templates / "a file").write_text("no folder can be made in here")
    for prefix, silent in ((fresh_templates / "a file", False), (fresh_templates / "new", True)):
        monkeypatch.setattr(sys, "pycache_prefix", str(prefix))
        monkeypatch.setattr(sys, "dont_write_bytecode", silent)
        audit.page._environment.cache_clear()
        assert render_report(empty_page()) == whole
    assert not (fresh_templates / "new").exists()


# --- in a browser -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        skip_or_fail("no Chromium is installed (AUDIT_CHROMIUM may name one)")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def _saved(folder: Path, html: str) -> str:
    place = folder / "report.html"
    place.write_text(html, encoding="utf-8")
    return place.as_uri()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("which", ["first period", "comparison"])
def test_the_page_is_accessible_and_asks_for_nothing(
    chromium: Browser, tmp_path: Path, which: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    """The report of the sample practice is judged in `tests/browser`; here what it does not show."""
    written = render_comparison(demo_comparison()) if which == "comparison" else render_report(empty_page())
    place = _saved(tmp_path, written)
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(place)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    assert [broken["id"] for broken in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (asked, said) == ([place], [])
    page.close()


@pytest.mark.browser
def test_sorting_moves_the_rows_and_keeps_as_many_shown(chromium: Browser, tmp_path: Path) -> None:
    place = _saved(tmp_path, render_report(demo_page(200)))
    page = chromium.new_page()
    page.goto(place)
    lines = page.locator("#usage th[data-sort] button").nth(1)
    lines.focus()
    page.keyboard.press("Enter")
    first = (
        "[...document.querySelector('#usage table').tBodies[0].rows].map(row => row.cells[1].innerText)[0]"
    )
    assert page.evaluate(first) == "134"
    page.keyboard.press("Enter")
    assert page.evaluate(first) == "1"
    shown = (
        "[...document.querySelector('#usage table').tBodies[0].rows].filter(row => row.offsetHeight).length"
    )
    assert page.evaluate(shown) == 8
    page.get_by_text("Show all 200 rows").click()
    assert page.evaluate(shown) == 200
    page.close()


@pytest.mark.browser
def test_a_figure_can_be_traced_to_the_command_that_lists_its_rows(chromium: Browser, tmp_path: Path) -> None:
    place = _saved(tmp_path, render_report(demo_page()))
    page = chromium.new_page()
    page.goto(place)
    page.get_by_role("button", name="Trace a figure").click()
    assert page.locator("button.why").count() > 20
    page.get_by_role("button", name="113", exact=True).first.click()
    assert (
        'audit explain "usage/lines/code=97140" FILES... --period 2026-06'
        in page.get_by_role("status").inner_text()
    )
    page.close()


@pytest.mark.browser
def test_without_javascript_no_control_is_dead(chromium: Browser, tmp_path: Path, html: str) -> None:
    place = _saved(tmp_path, html)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(place)
    assert page.locator("button").count() == 0
    assert page.get_by_role("rowheader", name="Still open").is_visible()
    context.close()


@pytest.mark.browser
def test_a_column_sorts_by_what_its_cells_show(chromium: Browser, tmp_path: Path) -> None:
    """Rates, cases, bounds and dots sort as the numbers they mean, dashes last; either way round."""
    shown = ("17.9 %", "1 of 6", "—", "100 %", "under 0.1 %", "·", "over 99.9 %", "−4.2 %", "9 / 113")
    rows = tuple(Row((Cell(str(at)), Cell(text))) for at, text in enumerate(shown))
    table = Table("t", "T", (Head("Row", False), Head("Rate")), rows)
    page = chromium.new_page()
    page.goto(
        _saved(tmp_path, render_report(replace(empty_page(), sections=(Section("s", "S", {"t": table}),))))
    )
    button = page.locator("#s th[data-sort] button").nth(1)
    order = "[...document.querySelector('#s table').tBodies[0].rows].map(row => row.cells[1].innerText)"
    falling = ["100 %", "over 99.9 %", "17.9 %", "1 of 6", "9 / 113", "under 0.1 %", "·", "−4.2 %"]
    for wanted in (falling, falling[::-1]):
        button.click()
        assert [text.replace("\u00a0", " ") for text in page.evaluate(order)] == [*wanted, "—"]
    page.close()
