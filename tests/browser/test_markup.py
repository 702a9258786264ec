"""The report as text: what holds of it before any browser opens it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

MOST_BYTES = 250_000

TEXT_ROLES = ("ink", "muted", "main", "worse", "better")
GRAPHIC_ROLES = ("base",)


@pytest.fixture(scope="module")
def text(demo: Path) -> str:
    return demo.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(text: str) -> Element:
    """Return the page as a tree; any parse error is an error here."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    parsed: Element = parser.parse(text)
    return parsed


@pytest.fixture(scope="module")
def ids(tree: Element) -> Counter[str]:
    return Counter(element.attrib["id"] for element in tree.iter() if "id" in element.attrib)


def drawings(tree: Element) -> list[Element]:
    """Return the drawings; html5lib leaves their elements in the namespace of SVG."""
    return [element for element in tree.iter() if local(element) == "svg"]


def local(element: Element) -> str:
    """Return the name of an element without its namespace; a comment has none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def test_the_page_parses_without_one_error(tree: Element) -> None:
    assert local(tree) == "html"


def test_the_page_stays_small(demo: Path) -> None:
    assert demo.stat().st_size <= MOST_BYTES


def test_every_id_is_used_once(ids: Counter[str]) -> None:
    assert [name for name, times in ids.items() if times > 1] == []


def test_everything_referred_to_is_on_the_page(text: str, tree: Element, ids: Counter[str]) -> None:
    wanted = set(re.findall(r"url\([\"']?#([^\"')]+)", text))
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name in ("href", "{http://www.w3.org/1999/xlink}href") and value.startswith("#"):
                wanted.add(value[1:])
            if name in ("aria-labelledby", "aria-describedby", "aria-controls", "for"):
                wanted.update(value.split())
    assert wanted, "a report has at least a menu"
    assert sorted(wanted - set(ids)) == []


def test_the_page_names_no_place_on_any_network(text: str) -> None:
    assert re.findall(r".{0,40}https?://.{0,40}", text) == []
    assert re.findall(r"""(?:src|href)=["']//[^"']*""", text) == []


def test_the_page_forbids_requests(tree: Element) -> None:
    (policy,) = (
        element.attrib["content"]
        for element in tree.iter("meta")
        if element.attrib.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy


def test_every_drawing_has_a_title_and_a_description(tree: Element) -> None:
    assert drawings(tree), "the demo has charts"
    for svg in drawings(tree):
        if svg.attrib.get("aria-hidden") == "true":
            continue
        said = {local(child): (child.text or "").strip() for child in svg}
        assert said.get("title"), f"no title: {svg.attrib}"
        assert said.get("desc"), f"no description: {svg.attrib}"


def roles_of(block: str) -> dict[str, str]:
    """Return the colors that a block of the style sheet gives to roles."""
    return dict(re.findall(r"--([a-z0-9-]+)\s*:\s*(#[0-9a-f]{6})\b", block, re.IGNORECASE))


def light_and_dark(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the two color tables of the page."""
    light, dark = re.split(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{", text, maxsplit=1)
    return roles_of(light), roles_of(dark.split("</style>")[0])


def test_a_drawing_uses_colors_of_the_table_only(text: str) -> None:
    light, _ = light_and_dark(text)
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        used = re.findall(r"(?:fill|stroke|color)[:=]\"?([^;\"]+)", svg, re.IGNORECASE)
        assert [one for one in used if one.removeprefix("var(--").removesuffix(")") not in light] == []
        assert re.findall(r"rgba?\(|hsl", svg, re.IGNORECASE) == []


def luminance(color: str) -> float:
    """Return the relative luminance of a color (WCAG 2.2)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors (WCAG 2.2): 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_the_published_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("role", "least"), [*((r, 4.5) for r in TEXT_ROLES), *((r, 3.0) for r in GRAPHIC_ROLES)]
)
def test_the_colors_of_charts_can_be_read(text: str, scheme: str, role: str, least: float) -> None:
    """Accessibility checkers do not judge text inside drawings, so the color table is judged itself."""
    colors = light_and_dark(text)[scheme == "dark"]
    for ground in ("bg", "paper"):
        assert contrast(colors[role], colors[ground]) >= least, f"{role} on {ground}"
