"""Matplotlib artists in pixels, turned into small inline SVG.

A `Canvas` has its origin at the top left and speaks of roles ("main", "worse"), never of colors.
Artists are drawn straight on matplotlib's SVG renderer: Axes cost more than everything else
together (their ticks), and loading Figure takes a tenth of a second that the page can do without.
What leaves is one `<svg>` element of paths and texts only, with ids that are unique when the
chart's id is, no color at all but CSS variables named after the roles (so one drawing serves light,
dark and print; report.css holds the colors, and what all drawings share), and the same bytes every
time. Import this module only where something is drawn: it loads matplotlib.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

ROLES = {
    "ink": "#1b2430",
    "muted": "#566173",
    "grid": "#dcdad3",
    "base": "#6d7787",
    "main": "#17496e",
    "band": "#c9dcea",
    "worse": "#b0410a",
    "better": "#0b5fa5",
    "paper": "#fffefb",
    "mix2": "#4f83ab",
    "mix3": "#8fb4d0",
    "mix4": "#c3d6e4",
    "mix5": "#e3e3df",
}
"""The light color of each role, to draw with; report.css gives it and the dark one under the same name."""

TEXT_SIZE = 12.5
"""Size of all text in a drawing, in pixels; report.css says the same."""

Point = tuple[float, float]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    # A matplotlibrc of the user's must not change the report. Only what it set is put back: `rcdefaults`
    # checks every setting anew and loads all styles, a third of the time of drawing. No backend is read.
    mpl.rcParams.update(
        {
            name: usual
            for name, usual in mpl.rcParamsDefault.items()
            if name != "backend" and mpl.rcParams[name] != usual
        }
    )
mpl.rcParams["svg.fonttype"] = "none"  # text stays text
mpl.rcParams["svg.hashsalt"] = "billing-self-audit"

_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_VARIABLES = {color: f"var(--{role})" for role, color in ROLES.items()}
_ELEMENT = re.compile(
    r'<path d="(?P<d>[^"]*)"(?P<rest>[^>]*)/>'
    r'|<text style="(?P<style>[^"]*)" x="(?P<x>[^"]*)" y="(?P<y>[^"]*)"[^>]*>(?P<text>[^<]*)</text>'
)
_NEEDLESS = ("stroke-linejoin:miter", "stroke-dashoffset:0", "stroke-linecap:butt", "fill:none")
"""What the style sheet says of every path, or browsers take for granted."""
_STYLE = re.compile(r'style="([^"]*)"')
_NUMBER = re.compile(r"-?\d+\.\d+")
_COLOR = re.compile(r"#[0-9a-f]{6}")


class _Label(Text):
    """Text drawn where it is put, without the measuring that takes most of a chart's time."""

    def draw(self, renderer: RendererBase) -> None:
        gc = renderer.new_gc()
        gc.set_foreground(self.get_color())
        x, y = self.get_transform().transform(self.get_unitless_position())
        height = renderer.get_canvas_width_height()[1]
        renderer.draw_text(gc, x, height - y, self.get_text(), self.get_fontproperties(), 0, mtext=self)
        gc.restore()


class _Look(NamedTuple):
    """How a shape is drawn; a width of 0 fills it."""

    role: str
    width: float
    dashed: bool = False
    round: bool = False

    def patch(self, lines: Sequence[Sequence[Point]]) -> PathPatch:
        """Return the lines as one path of this look."""
        filled = not self.width
        vertices: list[Point] = []
        codes: list[int] = []
        for line in lines:
            vertices += [*line, line[0]] if filled else line
            codes += [int(Path.MOVETO)] + [int(Path.LINETO)] * (len(line) - 1)
            codes += [int(Path.CLOSEPOLY)] if filled else []
        return PathPatch(
            Path(vertices, codes),
            facecolor=ROLES[self.role] if filled else "none",
            edgecolor="none" if filled else ROLES[self.role],
            linewidth=self.width,
            linestyle=(0, (3, 3)) if self.dashed else "solid",
            capstyle="round" if self.round else "butt",
        )


class Canvas:
    """A drawing of `width` by `height` pixels.

    Shapes of one look become one path, which lies where the first of them was drawn; looks that came
    later lie on top of it, texts on top of all.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._down = Affine2D().scale(1, -1).translate(0, height)
        self._shapes: dict[_Look, list[Sequence[Point]]] = {}
        self._labels: list[_Label] = []

    def lines(
        self, lines: Sequence[Sequence[Point]], role: str, width: float = 1.5, dashed: bool = False
    ) -> None:
        """Draw polylines of one look as one path."""
        self._draw(lines, _Look(role, width, dashed=dashed))

    def areas(self, outlines: Sequence[Sequence[Point]], role: str) -> None:
        """Fill polygons of one look as one path."""
        self._draw(outlines, _Look(role, 0))

    def box(self, left: float, top: float, width: float, height: float, role: str) -> None:
        """Fill a rectangle."""
        right, bottom = left + width, top + height
        self.areas([[(left, top), (right, top), (right, bottom), (left, bottom)]], role)

    def dots(self, centers: Sequence[Point], radius: float, role: str, hollow: bool = False) -> None:
        """Draw round dots. A dot is a stroke of hardly any length with round ends: shorter than a circle."""
        strokes = [[(x, y), (x + 0.1, y)] for x, y in centers]
        self._draw(strokes, _Look(role, 2 * radius, round=True))
        if hollow:
            self._draw(strokes, _Look("paper", 2 * radius - 3, round=True))

    def hatch(self, left: float, top: float, width: float, height: float, role: str = "grid") -> None:
        """Fill a rectangle with thin slanting lines, six pixels apart."""
        strokes = []
        for shift in range(6 - int(height), int(width), 6):
            first, last = max(shift, 0), min(shift + height, width)
            strokes.append([(left + first, top + first - shift), (left + last, top + last - shift)])
        self.lines(strokes, role, 1)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        role: str = "ink",
        align: str = "left",
        bold: bool = False,
        italic: bool = False,
    ) -> None:
        """Write `text` on the base line `y`; `align` tells which part of it stands at `x`."""
        if not text:
            return
        weight, style = 600 if bold else 400, "italic" if italic else "normal"
        label = _Label(x, y, text, color=ROLES[role], ha=align, size=TEXT_SIZE, weight=weight, style=style)
        self._labels.append(label)

    def svg(self, name: str, title: str, description: str, kind: str = "chart") -> str:
        """Return the drawing as inline SVG; `name` must be unique on the page, `kind` is its CSS class."""
        written = io.StringIO()
        renderer = RendererSVG(self.width, self.height, written, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
        for artist in [*self._paths(), *self._labels]:
            artist.set_transform(self._down)
            artist.draw(renderer)
        renderer.finalize()  # type: ignore[no-untyped-call]
        return (
            f'<svg class="{kind}" role="img" aria-labelledby="{name}-t {name}-d" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}">'
            f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
            f"{clean(written.getvalue())}</svg>"
        )

    def _draw(self, lines: Sequence[Sequence[Point]], look: _Look) -> None:
        if lines:
            self._shapes.setdefault(look, []).extend(lines)

    def _paths(self) -> Iterator[PathPatch]:
        for look, lines in self._shapes.items():
            yield look.patch(lines)


def clean(written: str) -> str:
    """Return the paths and texts of matplotlib's SVG alone, with short styles and role variables."""
    elements = [
        _clean_path(found) if found["d"] is not None else _clean_text(found)
        for found in _ELEMENT.finditer(written)
    ]
    if len(elements) != written.count("<path ") + written.count("<text "):
        raise ValueError("this version of matplotlib writes SVG in another way; audit/svg.py must follow")
    return "".join(elements)


def _clean_path(found: re.Match[str]) -> str:
    style = _STYLE.search(found["rest"])
    steps = re.sub(r"\s*([MLz])\s*", r"\1", found["d"])
    first, *others = steps.split("M")
    moves = [first] + [re.sub(r"^([^L]*)L", r"\1 ", move).replace("L", " ") for move in others]
    return f'<path d="{_round("M".join(moves)).strip()}" style="{_short(style[1] if style else "")}"/>'


def _clean_text(found: re.Match[str]) -> str:
    kept = [
        part
        for part in _short(found["style"]).split(";")
        if not part.startswith(("font-family:", "font-size:"))
        and part not in (f"fill:{_VARIABLES[ROLES['ink']]}", "text-anchor:start")
    ]
    style = f' style="{";".join(kept)}"' if kept else ""
    return f'<text x="{_round(found["x"])}" y="{_round(found["y"])}"{style}>{found["text"]}</text>'


def _short(style: str) -> str:
    joined = re.sub(r"\s*([:;])\s*", r"\1", style.strip().rstrip(";"))
    kept = ";".join(part for part in joined.split(";") if part not in _NEEDLESS)
    return _COLOR.sub(lambda color: _VARIABLES.get(color[0], color[0]), kept)


def _round(numbers: str) -> str:
    """Round to a tenth of a pixel."""
    return _NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), numbers)
