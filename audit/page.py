"""Turns a `Page` or a `ComparePage` into one HTML file that asks for nothing from anywhere.

The templates lie in `templates/`. Every text is escaped on its way in; only our own style sheet,
our own script and the drawings of `charts.py` are taken as they are. A Content-Security-Policy in
the page forbids every request and every script but ours, known by its hash. Same page, same bytes.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from audit.blocks import Block, ComparePage, Page, Section, look

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
LONGEST = 160
"""Most letters shown in one cell."""


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
    return re.sub(r"\n\s*\n+", "\n", written).strip() + "\n"


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
    )
    environment.filters.update(
        cut=_cut, emphasis=_emphasis, drawing=_drawing, kind=_kind, look=look, shelf=Shelf, in_words=_in_words
    )
    return environment


@cache
def _own(name: str) -> str:
    """Return our own style sheet or script, without its comments and indentation."""
    text = files("audit.templates").joinpath(name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _emphasis(text: str) -> Markup:
    """Escape a text, then show what stands between ** and ** in bold."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(text))))


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
