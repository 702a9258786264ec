"""Turns a `Page` or a `ComparePage` into one HTML file that asks for nothing from anywhere.

The templates lie in `templates/`. Every text is escaped on its way in; only our own style sheet,
our own script and the drawings of `charts.py` are taken as they are. A Content-Security-Policy in
the page forbids every request and every script but ours, known by its hash. Same page, same bytes.
"""

from __future__ import annotations

import os
import re
import sys
from base64 import b64encode
from contextlib import suppress
from functools import cache
from hashlib import sha256
from html import escape as escape_text
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, NamedTuple

from audit.blocks import Block, Cell, ComparePage, Page, Row, Section, Table, look

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2 import BytecodeCache, Environment
    from jinja2.bccache import Bucket
    from markupsafe import Markup

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
LONGEST = 160
"""Most letters shown in one cell."""

LONG_TABLE = 60
"""From so many rows on a table keeps its fold on paper."""

SLIM_TABLE = 5
"""Up to so many columns a table does not stretch over the whole page: the eye would lose the row."""

NOT_TRACED = ("", "—", "·")
"""What stands where no figure does; report.js knows the same."""

_NUMBER = re.compile(r"(under |over )?[+−]?\$?[\d,]+(\.\d+)?( of [\d,]+$|( %|–| / | points|$))")
"""Texts that report.js sorts as the number they show."""


def render_report(page: Page) -> str:
    """Return the monthly report as one HTML file."""
    return _render("report.html.j2", page, page.period)


def render_comparison(page: ComparePage) -> str:
    """Return the comparison of two saved periods as one HTML file."""
    return _render("compare.html.j2", page, f"{page.earlier} and {page.later}")


def _render(template: str, page: Page | ComparePage, period: str) -> str:
    from markupsafe import Markup

    css, script = _own("report.css"), _own("report.js")
    known = b64encode(sha256(script.encode()).digest()).decode()
    written = (
        _environment()
        .get_template(template)
        .render(
            page=page,
            css=Markup(css),
            js=Markup(script),
            script_hash=Markup(f"'sha256-{known}'"),
            print_foot=Markup(_css_words(f"Billing self-audit · {period} · no patient identifiers")),
        )
    )
    whole = re.sub(r"\n\s*\n+", "\n", written).strip() + "\n"
    return re.sub(r"(?<=\d) %", "\u00a0%", whole)  # a number and its % stay on one line


class Shelf:
    """The blocks of a section, taken down by name; what no template asked for is the rest."""

    def __init__(self, section: Section) -> None:
        self._left = dict(section.blocks)

    def take(self, name: str) -> Block | tuple[Block, ...] | None:
        """Return the named block, None where the topic gave none; it is not in the rest any more."""
        return self._left.pop(name, None)

    def rest(self) -> tuple[Block | tuple[Block, ...], ...]:
        """Return what is left, in the order given, and leave nothing."""
        left = tuple(block for block in self._left.values() if block is not None)
        self._left.clear()
        return left


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("audit.templates", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=compiled_templates(),
    )
    environment.filters.update(
        cut=_cut,
        drawing=_drawing,
        emphasis=_emphasis,
        in_words=_in_words,
        kind=_kind,
        laid=lay_table,
        look=look,
        shelf=Shelf,
    )
    return environment


def compiled_templates() -> BytecodeCache:
    """Return a cache that keeps compiled templates where Python keeps compiled modules, beside their sources.

    Compiling them takes longer than making the page. Jinja compares the checksum of the source, so that
    a changed template is compiled anew. Where nothing can be written (a read-only installation) the page
    is made without, and so it is where Python itself is told to keep nothing.
    """
    import jinja2

    class Compiled(jinja2.BytecodeCache):
        def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002
            """Return the file to keep; another Python or Jinja keeps another."""
            if filename is None:  # read from an archive
                return ""
            return f"{cache_from_source(filename).removesuffix('.pyc')}.jinja-{jinja2.__version__}"

        def load_bytecode(self, bucket: Bucket) -> None:
            try:
                with Path(bucket.key).open("rb") as kept:
                    bucket.load_bytecode(kept)
            except (OSError, EOFError, ValueError, UnpicklingError):
                bucket.reset()

        def dump_bytecode(self, bucket: Bucket) -> None:
            if sys.dont_write_bytecode or not bucket.key:
                return
            whole = Path(bucket.key)
            part = whole.with_name(f"{whole.name}.{os.getpid()}")
            with suppress(OSError):
                whole.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(bucket.bytecode_to_string())
                part.replace(whole)
                return
            with suppress(OSError):
                part.unlink()

    return Compiled()


# --- tables -------------------------------------------------------------------------------


class LaidCell(NamedTuple):
    """A cell as it is written: its tag, its attributes as markup, and the cell."""

    tag: str
    attributes: Markup
    cell: Cell


class LaidRow(NamedTuple):
    """A row as it is written."""

    attributes: Markup
    cells: tuple[LaidCell, ...]


class LaidTable(NamedTuple):
    """A table as it is written: what its cells share stands at their column or row, once."""

    measures: tuple[str, ...]
    """The measure whose figures a column shows; "" where none."""
    barred: tuple[bool, ...]
    """Columns with bars keep room for them in the head and in rows without."""
    body: tuple[LaidRow, ...]
    totals: tuple[LaidRow, ...]
    more: int
    """Rows that are shown only when asked for."""
    long: bool
    slim: bool


def lay_table(table: Table) -> LaidTable:
    """Return a table with the attributes of its rows and cells.

    A figure's id is the measure of its column and the group of its row; only a cell of another figure, or
    of none, says so itself. A sort key is written only where the text would be sorted otherwise.
    """
    body = [row for row in table.rows if not row.total]
    width = len(table.heads)
    columns = [[row.cells[at] for row in table.rows if at < len(row.cells)] for at in range(width)]
    measures = tuple(_measure(cell.explain for cell in column) for column in columns)
    barred = tuple(any(cell.bar is not None for cell in column) for column in columns)

    def lay(row: Row) -> LaidRow:
        from markupsafe import Markup

        group = next((_group(cell.explain) for cell in row.cells if cell.explain), None)
        cells = tuple(
            LaidCell(
                "td" if at else "th",
                Markup(_attributes(table, at, cell, barred[at], _own_figure(cell, measures[at], group))),
                cell,
            )
            for at, cell in enumerate(row.cells)
        )
        words = [' class="more"'] if row.more else []
        words += [f' data-g="{escape_text(group)}"'] if group is not None else []
        return LaidRow(Markup("".join(words)), cells)

    return LaidTable(
        measures,
        barred,
        tuple(map(lay, body)),
        tuple(lay(row) for row in table.rows if row.total),
        sum(row.more for row in body),
        len(body) > LONG_TABLE,
        width <= SLIM_TABLE,
    )


def _attributes(table: Table, at: int, cell: Cell, barred: bool, figure: str | None) -> str:
    shaded = table.heat and at and (cell.heat or cell.text == "·")
    classes = (
        "l" if at and not table.heads[at].numeric else "",
        "few" if cell.small else "",
        "bar" if cell.bar is not None else "barred" if barred else "",
        f"h{cell.heat}" if shaded else "",
    )
    given = " ".join(filter(None, classes))
    words = [' scope="row"'] if not at else []
    words += [f' class="{given}"'] if given else []
    words += [f' style="--b:{round(cell.bar, 3):g}"'] if cell.bar is not None else []
    key = _sort_key(cell, first=not at)
    words += [f' data-v="{escape_text(str(_cut(key)))}"'] if key is not None else []
    words += [f' data-explain="{escape_text(figure)}"'] if figure is not None else []
    return "".join(words)


def _measure(ids: Iterable[str]) -> str:
    return next((_split(one)[0] for one in ids if one), "")


def _group(figure: str) -> str:
    return _split(figure)[1]


def _split(figure: str) -> tuple[str, str]:
    """Take a figure's id apart: `topic/measure`, and all that follows."""
    found = re.match(r"[^/;]*/[^/;]*", figure)
    end = found.end() if found else len(figure)
    return figure[:end], figure[end:]


def _own_figure(cell: Cell, measure: str, group: str | None) -> str | None:
    """Return the id that a cell must say itself, "" for none; None where nothing need be said."""
    assumed = measure + group if measure and group is not None and cell.text not in NOT_TRACED else ""
    return None if cell.explain == assumed else cell.explain


def _sort_key(cell: Cell, *, first: bool) -> float | str | None:
    """Return what to sort by, where it is not what report.js makes of the text."""
    if cell.sort is None or cell.mark or cell.sort == cell.text:
        return None
    if isinstance(cell.sort, str):
        return cell.sort
    read = not first and (cell.text == "·" or _NUMBER.match(cell.text))
    return None if read else cell.sort


@cache
def _own(name: str) -> str:
    """Return our own style sheet or script, without its comments and indentation."""
    text = files("audit.templates").joinpath(name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _emphasis(text: str, figure: str = "") -> Markup:
    """Escape a text, then show what stands between ** and ** in bold; the first bold is the figure's."""
    from markupsafe import Markup, escape

    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(text)))
    return Markup(bold.replace("<b>", f'<b data-explain="{escape(figure)}">', 1) if figure else bold)


def _drawing(svg: str) -> Markup:
    """Let a drawing of `charts.py` through; anything else in its place is a ValueError."""
    from markupsafe import Markup

    if svg and not (svg.startswith("<svg class=") and svg.endswith("</svg>") and "<script" not in svg):
        raise ValueError("a drawing must be SVG made by audit.charts")
    return Markup(svg)


def _kind(block: Block | tuple[Block, ...] | None) -> str:
    return "several" if isinstance(block, tuple) else type(block).__name__


def _cut(value: float | str) -> float | str:
    """Shorten a text that no cell can hold; a payer's name may be as long as a file."""
    return f"{value[: LONGEST - 1]}…" if isinstance(value, str) and len(value) > LONGEST else value


def _in_words(number: int) -> str:
    return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else str(number)


def _css_words(text: str) -> str:
    """Keep only what cannot end a string in a style sheet."""
    return re.sub(r"[^\w ·–,.-]", "", text)
