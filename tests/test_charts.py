"""Every chart is small inline SVG that one page can hold many of, in light, dark and print."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise

import pytest

from audit.blocks import MINUS, Chart, count, money, percent, points
from audit.charts import (
    Bar,
    Dot,
    Layer,
    Month,
    Step,
    bars,
    dots,
    dumbbell,
    round_top,
    shared_top,
    slope,
    sparkline,
    stacked,
    trend,
    waterfall,
)
from audit.svg import ROLES, TEXT_SIZE

EVIL = "<script>alert(1)</script> & $x^2$"
YEAR = [Month(f"M{at}", 0.05 + at / 200, 0.02, 0.2) for at in range(12)]
ROWS = [
    Dot("97140 Manual therapy", 0.23, 0.16, 0.32, 0.06, "97140", "", "26 of 113", tone="worse"),
    Dot("97124 Massage", 0.05, 0.01, 0.12, 0.07, "97124"),
    Dot(EVIL, 1 / 6, 0.03, 0.79, None, EVIL, "1 of 6", small=True),
    Dot("nothing known", None),
]
STEPS = [Step("down", -0.03), Step(EVIL, 0.05, "hatched"), Step("up", 0.02, "solid", "worse")]
SHAPES: dict[str, Callable[[str], Chart]] = {
    "trend": lambda name: trend(name, "Rose", [*YEAR, Month(EVIL, 0.1, mature=False)], tone="worse"),
    "dots": lambda name: dots(name, "Apart", ROWS, overall=0.116),
    "dumbbell": lambda name: dumbbell(name, "Moved", ROWS),
    "slope": lambda name: slope(name, "Moved", ROWS, "July", EVIL),
    "bars": lambda name: bars(name, "Old", [Bar(EVIL, 3, tone="worse"), Bar("none", 0)], form=count),
    "stacked": lambda name: stacked(
        name, "Mix", ["Jul", "Aug", EVIL], [Layer(EVIL, (1, None, 3)), Layer("b", (2, None, 1))]
    ),
    "waterfall": lambda name: fall(STEPS, 0.14, name),
}


def fall(steps: list[Step], end: float, name: str = "w") -> Chart:
    return waterfall(name, "Why", Bar("July", 0.1), steps, Bar("August", end), form=percent, step_form=points)


@pytest.fixture(params=SHAPES)
def drawn(request: pytest.FixtureRequest) -> str:
    chart = SHAPES[request.param]("a")
    return chart.wide + chart.narrow


def test_only_role_colors_are_used_and_each_is_a_variable(drawn: str) -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb", drawn)
    used = re.findall(r"(?:fill|stroke):([^;\"]*)", drawn)
    assert used
    assert set(used) <= {f"var(--{role})" for role in ROLES}


def test_nothing_reaches_outside_the_drawing(drawn: str) -> None:
    for forbidden in ("http", "xmlns", "<style", "<!", "<?", "<script", "<g", "font-family", "<metadata"):
        assert forbidden not in drawn


def test_coordinates_are_rounded_to_a_tenth_of_a_pixel(drawn: str) -> None:
    assert not re.search(
        r"\d\.\d{2,}", re.sub(r"<(title|desc|text)[^>]*>[^<]*|stroke-(width|dasharray):[^;\"]*", "", drawn)
    )


def test_ids_are_prefixed_with_the_name_of_the_chart_and_never_repeat(drawn: str) -> None:
    ids = re.findall(r'id="([^"]*)"', drawn)
    assert len(ids) == len(set(ids))
    assert all(identity.startswith("a") for identity in ids)
    assert set(" ".join(re.findall(r'aria-labelledby="([^"]*)"', drawn)).split()) == set(ids)


def test_labels_are_text_and_never_formulas_or_markup(drawn: str) -> None:
    assert "<text" in drawn
    assert "&lt;script&gt;" in drawn
    if "alert(1)" in re.sub(r"<desc.*?</desc>", "", drawn):
        assert "mathdefault" not in drawn


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_values_give_the_same_bytes(shape: str) -> None:
    assert SHAPES[shape]("a") == SHAPES[shape]("a")


def test_two_charts_differ_only_in_their_ids() -> None:
    first, second = SHAPES["dots"]("one").wide, SHAPES["dots"]("two").wide
    assert first != second
    assert first.replace("one-w", "two-w") == second


def test_the_description_says_the_numbers() -> None:
    chart = SHAPES["dots"]("a")
    assert "97140 Manual therapy 23.0 % (16.0 % to 32.0 %)" in chart.description
    assert "1 of 6" in chart.description
    assert chart.description.endswith("all: 11.6 %.")
    assert "not judged yet" in SHAPES["trend"]("a").description


def test_a_missing_month_is_a_gap_and_never_zero() -> None:
    months = [month._replace(value=None) if at == 5 else month for at, month in enumerate(YEAR)]
    line = next(
        path
        for path in re.findall(r'<path d="([^"]*)" style="([^"]*)"', trend("t", "", months).wide)
        if "1.75" in path[1]
    )
    assert line[0].count("M") == 2


def test_an_immature_month_is_hollow_hatched_and_not_joined() -> None:
    young = trend("t", "", [*YEAR, Month("M12", 0.4, mature=False)], top=1).wide
    old = trend("t", "", [*YEAR, Month("M12", 0.4)], top=1).wide
    width = re.compile(r'<path d="([^"]*)" style="[^"]*stroke-width:1.75')
    points = {name: len(width.search(svg)[1].split()) for name, svg in (("young", young), ("old", old))}  # type: ignore[index]
    assert points["old"] == points["young"] + 2
    assert "M12*" in young
    assert "M12*" not in old
    assert "var(--paper)" in young
    assert "var(--paper)" not in old


def test_a_value_of_few_cases_is_never_colored() -> None:
    row = ROWS[0]._replace(small=True)
    assert "var(--worse)" in dots("a", "", [ROWS[0]]).wide
    assert "var(--worse)" not in dots("a", "", [row]).wide


def test_an_interval_that_leaves_the_scale_says_where_it_ends() -> None:
    assert ", to 79 %<" not in dots("a", "", ROWS[:2]).wide
    assert ">to 79 %<" in dots("a", "", ROWS).wide


def test_charts_of_one_measure_share_a_round_scale() -> None:
    assert shared_top([YEAR, [Month("x", 0.23)]]) == pytest.approx(0.4)
    assert [round_top(value) for value in (0, 0.09, 0.11, 3, 7, 10, 950_00)] == pytest.approx(
        [1, 0.1, 0.2, 4, 8, 10, 100_000]
    )


@pytest.mark.parametrize(
    "months", [[], [Month("Jun", 0.1, 0.05, 0.2)], [Month("Jun", None)], [Month("Jul", 0.3, mature=False)]]
)
def test_a_history_may_be_short(months: list[Month]) -> None:
    assert trend("t", "First", months).wide.startswith("<svg")


def test_a_sparkline_needs_two_values_and_dashes_its_young_tail() -> None:
    assert sparkline("s", [None, 0.1, None]) == ""
    drawn = sparkline("s", [0.1, 0.2, None, 0.1, 0.3], young=1, form=money)
    assert "dasharray" in drawn
    assert "dasharray" not in sparkline("s", [0.1, 0.2])
    assert sparkline("s", [5, 5, 5])


def test_bars_start_at_zero_and_say_their_value() -> None:
    drawn = bars("b", "", [Bar("old", 31), Bar("new", 5)], form=count).wide
    assert ">31<" in drawn
    assert ">5<" in drawn


def test_a_stack_adds_up_to_all() -> None:
    chart = stacked("s", "", ["Jul"], [Layer("a", (1,)), Layer("b", (3,))])
    assert chart.description == "Jul: a 25.0 %, b 75.0 %."


def test_a_waterfall_raises_first_and_says_every_step() -> None:
    assert fall([STEPS[0], *STEPS[2:]], 0.09).description == (
        f"July 10.0 %; up +2.0 points; down {MINUS}3.0 points; August 9.0 %."
    )


def test_the_steps_of_a_waterfall_must_add_up() -> None:
    with pytest.raises(ValueError, match="add up"):
        fall(STEPS, 0.15)


def test_no_step_of_a_waterfall_ends_below_zero() -> None:
    drawn = fall([Step("down", -0.15), Step("up", 0.1)], 0.05).wide
    axis = re.search(r'<text x="([\d.]+)"[^>]*>0 %<', drawn)
    assert axis
    strokes = " ".join(re.findall(r'<path d="([^"]*)"', drawn))
    assert min(float(x) for x in re.findall(r"(?:^|[ M])([\d.]+) [\d.]+", strokes)) >= float(axis[1])


def test_the_kinds_of_a_step_are_told_apart_without_color() -> None:
    """A step is filled, striped or an outline: more strokes than one filled shape has."""
    shapes = {
        fill: len(re.findall(r"[ ML]", fall([Step("up", 0.05, fill)], 0.15).wide.split("</desc>")[1]))
        for fill in ("solid", "hatched", "hollow")
    }
    assert len(set(shapes.values())) == 3


def test_a_waterfall_of_nothing_but_its_ends() -> None:
    assert fall([], 0.1).description == "July 10.0 %; August 10.0 %."


def test_the_style_sheet_knows_every_role_in_the_same_light_color_and_in_the_dark() -> None:
    css = files("audit.templates").joinpath("report.css").read_text(encoding="utf-8")
    light, dark = css.split("@media screen and (prefers-color-scheme:dark)")[:2]
    for role, color in ROLES.items():
        assert f"--{role}:{color}" in light
        assert f"--{role}:#" in dark


def test_the_style_sheet_says_what_drawings_leave_out() -> None:
    """Size and color of text, and that paths are not filled, stand once in the style sheet."""
    css = files("audit.templates").joinpath("report.css").read_text(encoding="utf-8")
    assert f"svg{{font-size:{TEXT_SIZE}px;fill:var(--ink);stroke-linejoin:round}}svg path{{fill:none}}" in css


@pytest.mark.parametrize("young", [1, 2, 3])
def test_the_months_under_a_trend_do_not_lie_over_each_other(young: int) -> None:
    months = [Month(f"{name} 2026", 0.1) for name in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")]
    drawn = trend("t", "", [*months, *(Month(f"S{at} 2026", 0.1, mature=False) for at in range(young))]).wide
    places = re.findall(r'<text x="([\d.]+)" y="125" style="([^"]*)">([^<]+)<', drawn)
    ends = []
    for x, style, text in places:
        width = 6 * len(text)
        left = float(x) - (width if "end" in style else width / 2 if "middle" in style else 0)
        ends.append((left, left + width))
    ends.sort()
    assert len(ends) == 3
    assert all(one[1] <= other[0] for one, other in pairwise(ends))
    assert ends[-1][1] <= 316


def test_a_dumbbell_keeps_clear_of_its_words() -> None:
    row = Dot("97140 Manual therapy", 0.267, 0.17, 0.39, 0.061, short="97140")
    drawn = dumbbell("d", "", [row]).narrow
    words = re.search(r'<text x="340"[^>]*>([^<]*→[^<]*)<', drawn)
    assert words
    strokes = " ".join(re.findall(r'<path d="([^"]*)"', drawn))
    rightmost = max(float(x) for x in re.findall(r"(?:^|[ M])([\d.]+) [\d.]+", strokes))
    assert rightmost + 5 < 340 - 6.8 * len(words[1])


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_in_drawings_can_be_read_on_the_page(scheme: str) -> None:
    css = files("audit.templates").joinpath("report.css").read_text(encoding="utf-8")
    part = css.split("@media screen and (prefers-color-scheme:dark)")[("light", "dark").index(scheme)]
    color = dict(re.findall(r"--([a-z0-9]+):(#[0-9a-f]{6})", part))
    for role in ("ink", "muted", "worse", "better", "main"):
        assert _contrast(color[role], color["bg"]) >= 4.5
    assert _contrast(color["base"], color["bg"]) >= 3


def test_the_shapes_are_known_before_matplotlib_is_loaded() -> None:
    code = "import audit.charts, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_percent_is_the_usual_form() -> None:
    assert f">{percent(0.105)}<" in trend("t", "", YEAR).wide


def test_a_trend_tells_where_its_last_month_usually_lies() -> None:
    """Two dashed lines, and in words for those who do not see them; without a range neither."""
    months = [Month(f"{at:02d}", 0.1, 0.05, 0.2) for at in range(1, 13)]
    told = trend("a", "A", months, usual=(0.02, 0.16))
    bare = trend("a", "A", months)
    assert told.description.endswith("Usually 2.0 % to 16.0 %.")
    assert "Usually" not in bare.description
    assert told.wide.count("stroke-dasharray") == bare.wide.count("stroke-dasharray") + 1
