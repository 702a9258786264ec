"""The few chart shapes of the page. Each takes plain values and returns a finished `Chart`.

A chart's title states the finding, its subtitle the measure and the unit; both stand in HTML, so
that they wrap. The description (the numbers as a sentence) is made here from the same values.
Values are drawn as they come; `form` turns one into the text shown (`percent`, `money`, `count`).
A missing value (`None`) is a gap, never zero. Where labels would not survive shrinking, a narrow
drawing for phones is made beside the wide one. Matplotlib is loaded with the first drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from audit.blocks import UNKNOWN, Chart, percent

if TYPE_CHECKING:
    from audit.svg import Canvas, Point

WIDE, NARROW, SMALL, HALF = 840, 340, 316, 516
"""Widths in pixels: a whole column, a phone, one of several small charts, one of two beside each other."""

ROW = 26
"""Height of one row of a chart with rows."""

MIX_ROLES = ("main", "mix2", "mix3", "mix4", "mix5")
"""Shades of a stack, from its foot upward; what lies beyond the fifth shares the last."""

_LETTER = 6.8
"""Width of a letter at most, on average, in pixels."""

Form = Callable[[float], str]
"""Turns a value into the text shown."""

Scale = Callable[[float], float]
"""Turns a value into a place in pixels."""


class Month(NamedTuple):
    """One month of a trend. `mature` False: shown hollow in a hatched strip, not joined, not judged."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    mature: bool = True


class Dot(NamedTuple):
    """One row of a dot chart: a value, its interval and the row's own earlier value."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    earlier: float | None = None
    short: str = ""
    """The label on a phone."""
    text: str = ""
    """The value in words where `form` will not do ("1 of 6")."""
    note: str = ""
    """Stands behind the value in the wide drawing ("26 of 113")."""
    small: bool = False
    """Few cases: hollow, never colored."""
    tone: str = ""
    """"worse" or "better" when the outcome is; else ""."""


class Layer(NamedTuple):
    """One layer of a stack: its name and one value for each month."""

    label: str
    values: tuple[float | None, ...]
    short: str = ""


class Bar(NamedTuple):
    """One bar: its label, its length, and the words behind it where `form` will not do."""

    label: str
    value: float
    text: str = ""
    tone: str = ""
    short: str = ""


class Step(NamedTuple):
    """One step from an earlier to a later value: its label, how far it goes, and what it is made of."""

    label: str
    size: float
    fill: str = "solid"
    """solid | hatched | hollow: told apart without color."""
    tone: str = ""
    short: str = ""


# --- sparkline and trend ------------------------------------------------------------------


def sparkline(
    name: str,
    values: Sequence[float | None],
    *,
    young: int = 0,
    tone: str = "",
    lead: bool = False,
    form: Form = percent,
) -> str:
    """Return a line without axes on its own scale, as SVG text; the dot is the last value but `young` ones.

    Those came since and are a dashed tail.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    width, height = (190.0, 44.0) if lead else (110.0, 30.0)
    across = _scale(0, len(values) - 1, 4, width - 5)
    up = _scale(min(known), max(known), height - 5, 5)
    places = [None if value is None else (across(at), up(value)) for at, value in enumerate(values)]
    judged = places[: len(places) - young]
    canvas = _canvas(width, height)
    canvas.lines(list(_runs(judged)), "main", 2 if lead else 1.5)
    end = next((place for place in reversed(judged) if place), None)
    tail = [place for place in ([end] if end else []) + places[len(judged) :] if place]
    if young and len(tail) > 1:
        canvas.lines([tail], "base", 1.25, dashed=True)
        canvas.dots([tail[-1]], 3, "base", hollow=True)
    if end:
        canvas.dots([end], 3.5 if lead else 2.75, tone or "main")
    told = [value for value in values[: len(values) - young] if value is not None]
    described = f"From {form(told[0])} to {form(told[-1])}." if told else ""
    return canvas.svg(name, f"{len(values) - young} months", described, "spark")


def trend(
    name: str,
    title: str,
    months: Sequence[Month],
    *,
    subtitle: str = "",
    form: Form = percent,
    top: float | None = None,
    tone: str = "",
    usual: tuple[float, float] | None = None,
) -> Chart:
    """Return one measure over months with its band; only the last judged value is labeled.

    `top` is the end of the scale; give charts of one measure the same (`shared_top`). `usual` are the ends
    between which a value like the last one usually lies, dashed.
    """
    top = top or shared_top([months])
    height, left, right, roof, floor = 132.0, 44.0, SMALL - 14.0, 20.0, 108.0
    across, up = _scale(0, len(months) - 1, left + 8, right), _scale(0, top, floor, roof)
    canvas = _canvas(SMALL, height)
    young = next((at for at, month in enumerate(months) if not month.mature), len(months))
    _draw_levels(canvas, (0, top / 2, top), up, left, form)
    if young < len(months):
        edge = (across(young - 1) + across(young)) / 2 if young else left
        canvas.hatch(edge, roof, SMALL - edge, floor - roof)
    places = [
        None if month.value is None else (across(at), up(min(month.value, top)))
        for at, month in enumerate(months)
    ]
    bands = [_band(run, up, top) for run in _band_runs(months[:young], across)]
    canvas.areas([band for band in bands if len(band) > 2], "band")
    if usual:
        ends_of_range = [up(min(end, top)) for end in usual]
        canvas.lines([[(left + 8, level), (right, level)] for level in ends_of_range], "base", 1, dashed=True)
    canvas.lines(list(_runs(places[:young])), "main", 1.75)
    canvas.dots([place for place in places[young:] if place], 3.25, "base", hollow=True)
    ends = [at for at in range(young) if places[at]]
    if ends:
        _draw_last(canvas, months, places, ends[-1], tone, form, right)
    _draw_months(canvas, months, across, young, ends[-1] if ends else 0)
    description = _sentence(
        f"{month.label} {_said(month.value, form)}{_between(month.low, month.high, form)}"
        + ("" if month.mature else ", not judged yet")
        for month in months
    )
    if usual:
        description += f" Usually {form(usual[0])} to {form(usual[1])}."
    return Chart(name, title, canvas.svg(name, title, description), subtitle, description=description)


def shared_top(trends: Sequence[Sequence[Month]]) -> float:
    """Return a round end of the scale that all values of these trends fit under.

    The bands may be cut: one wide interval of a thin month must not flatten everything else.
    """
    values = [month.value for months in trends for month in months if month.value is not None]
    return round_top(max(values, default=0.0) * 1.15)


def round_top(value: float) -> float:
    """Return the next of 1, 2, 4, 5, 6, 8, 10 times a power of ten; half of it is round too."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power < value:
        power *= 10
    while power / 10 >= value:
        power /= 10
    return next(step * power / 10 for step in (1, 2, 4, 5, 6, 8, 10) if step * power / 10 >= value * 0.999999)


def _draw_levels(canvas: Canvas, levels: Sequence[float], up: Scale, left: float, form: Form) -> None:
    canvas.lines([[(left, up(level)), (canvas.width, up(level))] for level in levels], "grid", 1)
    for level in levels:
        canvas.text(left - 6, up(level) + 4, _tick(level, form), "muted", "right")


def _draw_last(
    canvas: Canvas,
    months: Sequence[Month],
    places: Sequence[Point | None],
    at: int,
    tone: str,
    form: Form,
    right: float,
) -> None:
    place, value = places[at], months[at].value
    if place is None or value is None:
        return
    canvas.dots([place], 4, tone or "main")
    before = places[at - 1] if at else None
    falling = before is not None and before[1] < place[1] - 2 and place[1] < 88
    x, align = (place[0] + 5, "right") if right - place[0] < 30 else (place[0], "center")
    y = place[1] + 18 if falling else max(place[1] - 9, 12)
    canvas.text(x, y, form(value), tone or "ink", align, bold=True)


def _draw_months(canvas: Canvas, months: Sequence[Month], across: Scale, young: int, judged: int) -> None:
    """Write the last judged month, the last young one (without its year) and the first, none over another."""
    if not months:
        return
    base, last, end = canvas.height - 7, len(months) - 1, canvas.width
    if young <= last and last != judged:
        star = months[last].label.partition(" ")[0] + "*"
        canvas.text(end, base, star, "muted", "right")
        end -= len(star) * _LETTER + 6
    half = len(months[judged].label) * _LETTER / 2
    middle = min(across(judged), end - half)
    canvas.text(middle, base, months[judged].label, "muted", "center")
    if judged and across(0) - 8 + len(months[0].label) * _LETTER + 6 < middle - half:
        canvas.text(across(0) - 8, base, months[0].label, "muted")


def _runs(places: Sequence[Point | None]) -> Iterator[list[Point]]:
    """Yield the unbroken stretches of a line; a lone point becomes a short dash."""
    run: list[Point] = []
    for place in [*places, None]:
        if place:
            run.append(place)
        elif run:
            yield run if len(run) > 1 else [(run[0][0] - 1.5, run[0][1]), (run[0][0] + 1.5, run[0][1])]
            run = []


def _band_runs(months: Sequence[Month], across: Scale) -> Iterator[list[tuple[float, float, float]]]:
    run: list[tuple[float, float, float]] = []
    for at, month in enumerate(months):
        if month.low is None or month.high is None:
            if run:
                yield run
            run = []
        else:
            run.append((across(at), month.low, month.high))
    if run:
        yield run


def _band(run: Sequence[tuple[float, float, float]], up: Scale, top: float) -> list[Point]:
    """Return the outline of an interval over months, along its upper edge and back along the lower."""
    over = [(x, up(min(high, top))) for x, _, high in run]
    under = [(x, up(min(low, top))) for x, low, _ in run]
    return over + under[::-1] if len(run) > 1 else []


# --- dots and dumbbells -------------------------------------------------------------------


class _Columns(NamedTuple):
    """Where a chart with rows puts its labels, its plot and its values."""

    width: float
    left: float
    right: float
    letters: int
    short: bool


_WIDE_ROWS = _Columns(WIDE, 338, 666, 55, False)
_NARROW_ROWS = _Columns(NARROW, 104, 272, 15, True)
_NARROW_JOINED = _NARROW_ROWS._replace(right=228)
"""The earlier and the later value stand at the right and take more room than one."""
_WIDE_FALLS = _Columns(WIDE, 300, 772, 44, False)
_NARROW_FALLS = _Columns(NARROW, 146, 276, 21, True)
_HALF_STACK = _Columns(HALF, 44, 216, 37, False)
_NARROW_STACK = _Columns(NARROW, 44, 216, 9, True)


def dots(
    name: str,
    title: str,
    rows: Sequence[Dot],
    *,
    subtitle: str = "",
    overall: float | None = None,
    overall_label: str = "all",
    form: Form = percent,
    legend: str = "",
) -> Chart:
    """Return a value with its interval in each row, a tick for the row's own earlier value, a line for all.

    Rows are drawn in the order given. An interval that would flatten the others is cut at the
    end of the scale, and the row's note says where it ends.
    """

    def draw(columns: _Columns) -> Canvas:
        return _draw_dots(rows, columns, overall, overall_label, form)

    description = _sentence(
        f"{row.label} {row.text or _said(row.value, form)}{_between(row.low, row.high, form)}" for row in rows
    )
    if overall is not None:
        description += f" {overall_label}: {form(overall)}."
    return _two_sizes(name, title, subtitle, description, legend, draw)


def dumbbell(
    name: str,
    title: str,
    rows: Sequence[Dot],
    *,
    subtitle: str = "",
    form: Form = percent,
    legend: str = "",
) -> Chart:
    """Return the earlier value (ring) joined to the later one (dot, with its interval) in each row."""

    def draw(columns: _Columns) -> Canvas:
        return _draw_dots(rows, columns, None, "", form, joined=True)

    description = " ".join(f"{row.label}: {_from_to(row, form)}." for row in rows)
    return _two_sizes(name, title, subtitle, description, legend, draw, narrow=_NARROW_JOINED)


def _draw_dots(
    rows: Sequence[Dot],
    columns: _Columns,
    overall: float | None,
    overall_label: str,
    form: Form,
    joined: bool = False,
) -> Canvas:
    roof = 22.0 if overall is not None else 4.0
    floor = roof + len(rows) * ROW
    canvas = _canvas(columns.width, floor + 26)
    top = _rows_top(rows, overall)
    along = _scale(0, top, columns.left, columns.right)
    _draw_axis(canvas, top, along, roof, floor, form)
    if overall is not None:
        canvas.lines([[(along(overall), roof - 4), (along(overall), floor)]], "base", 1.25, dashed=True)
        canvas.text(along(overall), roof - 9, f"{overall_label} {form(overall)}", "muted", "center")
    middles = [roof + (at + 0.5) * ROW for at in range(len(rows))]
    for row, middle in zip(rows, middles, strict=True):
        _draw_strokes(canvas, row, along, top, middle, joined)
    for row, middle in zip(rows, middles, strict=True):
        if row.earlier is not None and joined:
            canvas.dots([(along(min(row.earlier, top)), middle)], 4, "base", hollow=True)
        if row.value is not None:
            canvas.dots([(along(min(row.value, top)), middle)], 5, _role(row), hollow=_quiet(row))
        _write_row(canvas, row, columns, top, middle + 4, form, joined)
    return canvas


def _quiet(row: Dot) -> bool:
    return row.small or row.value is None


def _role(row: Dot) -> str:
    return "base" if _quiet(row) else row.tone or "main"


def _draw_strokes(canvas: Canvas, row: Dot, along: Scale, top: float, middle: float, joined: bool) -> None:
    """Draw the interval, and a tick at the earlier value or the line that joins it to this one."""
    if row.low is not None and row.high is not None:
        ends = [(along(min(row.low, top)), middle), (along(min(row.high, top)), middle)]
        canvas.lines([ends], _role(row), 1.25 if _quiet(row) else 2)
    if row.earlier is None:
        return
    x = along(min(row.earlier, top))
    if not joined:
        canvas.lines([[(x, middle - 7), (x, middle + 7)]], "ink", 1.5)
    elif row.value is not None:
        canvas.lines([[(x, middle), (along(min(row.value, top)), middle)]], _role(row), 1.25)


def _write_row(
    canvas: Canvas, row: Dot, columns: _Columns, top: float, base: float, form: Form, joined: bool
) -> None:
    """Write the label at the left, the value and the note at the right."""
    quiet = _quiet(row)
    label = (row.short or row.label) if columns.short else row.label
    canvas.text(0, base, _cut(label, columns.letters), "muted" if quiet else "ink", italic=quiet)
    words = _from_to(row, form) if joined else row.text or _said(row.value, form)
    ink = "muted" if quiet else row.tone or "ink"
    if columns.short or joined:
        canvas.text(columns.width, base, words, ink, "right", bold=not quiet, italic=quiet)
        return
    canvas.text(columns.right + 16, base, words, ink, bold=not quiet, italic=quiet)
    notes = [row.note] if row.note not in ("", words) else []
    if row.high is not None and row.high > top:
        notes.append(f"to {_tick(row.high, form)}")
    canvas.text(columns.width, base, _cut(", ".join(notes), 20), "muted", "right")


def _rows_top(rows: Sequence[Dot], overall: float | None) -> float:
    """Return the end of the scale: all values, earlier values, and intervals of rows with enough cases."""
    ends = [overall or 0.0]
    for row in rows:
        ends += [end for end in (row.value, row.earlier) if end is not None]
        ends += [row.high] if row.high is not None and not row.small else []
    return round_top(max(ends))


def _from_to(row: Dot, form: Form) -> str:
    return f"{_said(row.earlier, form)} → {row.text or _said(row.value, form)}"


def _draw_axis(canvas: Canvas, top: float, along: Scale, roof: float, floor: float, form: Form) -> None:
    levels = (0.0, top / 2, top)
    canvas.lines([[(along(level), roof), (along(level), floor)] for level in levels], "grid", 1)
    for level in levels:
        canvas.text(along(level), floor + 17, _tick(level, form), "muted", "center")


# --- slope, bars, stack -------------------------------------------------------------------


def slope(
    name: str,
    title: str,
    rows: Sequence[Dot],
    earlier: str,
    later: str,
    *,
    subtitle: str = "",
    form: Form = percent,
) -> Chart:
    """Return one line from the earlier to the later value for each row; for eight rows at most."""
    rows = [row for row in rows if row.value is not None and row.earlier is not None]
    height, roof, left, right = 60.0 + 30 * len(rows), 34.0, 62.0, 196.0
    ends = [value for row in rows for value in (row.earlier or 0.0, row.value or 0.0)]
    up = _scale(min(ends, default=0), max(ends, default=1), height - 14, roof)
    canvas = _canvas(NARROW, height)
    canvas.lines(
        [[(left, roof - 8), (left, height - 8)], [(right, roof - 8), (right, height - 8)]], "grid", 1
    )
    canvas.text(left, 14, earlier, "muted", "center")
    canvas.text(right, 14, later, "muted", "center")
    before = _spread([up(row.earlier or 0.0) for row in rows], roof, height - 10)
    after = _spread([up(row.value or 0.0) for row in rows], roof, height - 10)
    for row, first, last in zip(rows, before, after, strict=True):
        role = row.tone or ("base" if row.small else "main")
        line = [(left, up(row.earlier or 0.0)), (right, up(row.value or 0.0))]
        canvas.lines([line], role, 2 if row.tone else 1.5)
        canvas.dots(line, 3.5, role)
        ink = row.tone or ("muted" if row.small else "ink")
        canvas.text(left - 9, first + 4, _said(row.earlier, form), "muted", "right")
        said = f"{row.text or _said(row.value, form)}  {_cut(row.short or row.label, 13)}"
        canvas.text(right + 9, last + 4, said, ink, bold=bool(row.tone), italic=row.small)
    description = " ".join(f"{row.label}: {_from_to(row, form)}." for row in rows)
    return Chart(name, title, canvas.svg(name, title, description), subtitle, description=description)


def bars(
    name: str, title: str, rows: Sequence[Bar], *, subtitle: str = "", form: Form, legend: str = ""
) -> Chart:
    """Return one horizontal bar for each row, from zero, with its value behind it."""

    def draw(columns: _Columns) -> Canvas:
        canvas = _canvas(columns.width, len(rows) * ROW + 4)
        along = _scale(0, max((bar.value for bar in rows), default=0) or 1, 0, columns.right - columns.left)
        for at, bar in enumerate(rows):
            middle = 2 + (at + 0.5) * ROW
            label = (bar.short or bar.label) if columns.short else bar.label
            canvas.text(0, middle + 4, _cut(label, columns.letters))
            length = max(along(bar.value), 0.75)
            canvas.box(columns.left, middle - 8, length, 16, bar.tone or "main")
            canvas.text(
                columns.left + length + 7,
                middle + 4,
                bar.text or form(bar.value),
                bar.tone or "ink",
                bold=True,
            )
        return canvas

    description = " ".join(f"{bar.label}: {bar.text or form(bar.value)}." for bar in rows)
    return _two_sizes(name, title, subtitle, description, legend, draw)


def waterfall(
    name: str,
    title: str,
    start: Bar,
    steps: Sequence[Step],
    end: Bar,
    *,
    form: Form,
    step_form: Form,
    subtitle: str = "",
    legend: str = "",
) -> Chart:
    """Return the way from one value to another, a row a step, from zero.

    The steps must add up to it (else ValueError). Those that raise come first, so that none ends below zero.
    """
    if abs(start.value + sum(step.size for step in steps) - end.value) > 1e-9:
        raise ValueError("the steps of a waterfall add up to the way from its start to its end")
    steps = sorted(steps, key=lambda step: step.size < 0)

    def draw(columns: _Columns) -> Canvas:
        rows: list[Bar | Step] = [start, *steps, end]
        longest = max(len((row.short or row.label) if columns.short else row.label) for row in rows)
        left = min(columns.left, round(longest * _LETTER + 12))
        return _draw_falls(start, steps, end, columns._replace(left=left), form, step_form)

    said = [f"{start.label} {form(start.value)}"]
    said += [f"{step.label} {step_form(step.size)}" for step in steps]
    description = _sentence([*said, f"{end.label} {form(end.value)}"])
    return _two_sizes(
        name, title, subtitle, description, legend, draw, wide=_WIDE_FALLS, narrow=_NARROW_FALLS
    )


def _draw_falls(
    start: Bar, steps: Sequence[Step], end: Bar, columns: _Columns, form: Form, step_form: Form
) -> Canvas:
    floor = 4.0 + (len(steps) + 2) * ROW
    canvas = _canvas(columns.width, floor + 26)
    marks = [start.value]
    for step in steps:
        marks.append(marks[-1] + step.size)
    top = round_top(max(marks))
    along = _scale(0, top, columns.left, columns.right)
    _draw_axis(canvas, top, along, 4.0, floor, form)
    middles = [4.0 + (at + 0.5) * ROW for at in range(len(steps) + 2)]
    joints = zip(marks, pairwise(middles), strict=True)
    canvas.lines([[(along(x), high + 9), (along(x), low - 9)] for x, (high, low) in joints], "base", 1)
    for bar, middle in ((start, middles[0]), (end, middles[-1])):
        canvas.box(columns.left, middle - 8, max(along(bar.value) - columns.left, 0.75), 16, "base")
        _write_fall(canvas, bar, form(bar.value), columns, middle + 4, bold=True)
    for step, mark, middle in zip(steps, marks, middles[1:], strict=False):
        ends = sorted((along(mark), along(mark + step.size)))
        _draw_step(canvas, step, ends[0], max(ends[1], ends[0] + 1.5), middle)
        _write_fall(canvas, step, step_form(step.size), columns, middle + 4, bold=bool(step.tone))
    return canvas


def _draw_step(canvas: Canvas, step: Step, left: float, right: float, middle: float) -> None:
    role, top = step.tone or ("base" if step.fill == "hollow" else "main"), middle - 8
    if step.fill == "solid":
        canvas.box(left, top, right - left, 16, role)
        return
    if step.fill == "hatched":
        canvas.hatch(left, top, right - left, 16, role)
    corners = [(left, top), (right, top), (right, top + 16), (left, top + 16), (left, top)]
    canvas.lines([corners], role, 1.5)


def _write_fall(
    canvas: Canvas, row: Bar | Step, said: str, columns: _Columns, base: float, *, bold: bool
) -> None:
    label = (row.short or row.label) if columns.short else row.label
    canvas.text(0, base, _cut(label, columns.letters))
    canvas.text(columns.right + 14, base, said, row.tone or "ink", bold=bold)


def stacked(
    name: str,
    title: str,
    months: Sequence[str],
    layers: Sequence[Layer],
    *,
    subtitle: str = "",
    legend: str = "",
) -> Chart:
    """Return each month's mix as one column of 100 percent; the layers are named beside the last column.

    Layers are given from the foot upward; a month in which nothing was counted stays empty.
    """
    shares = _shares(layers, len(months))

    def draw(columns: _Columns) -> Canvas:
        return _draw_stack(months, layers, shares, columns)

    parts = [
        f"{layer.label} {_said(row[-1], percent)}" for layer, row in zip(layers, shares, strict=True) if row
    ]
    description = f"{months[-1]}: {', '.join(parts)}." if parts else ""
    return _two_sizes(
        name, title, subtitle, description, legend, draw, wide=_HALF_STACK, narrow=_NARROW_STACK, kind="half"
    )


def _shares(layers: Sequence[Layer], months: int) -> list[list[float | None]]:
    totals = [sum(layer.values[at] or 0 for layer in layers) for at in range(months)]
    return [
        [(layer.values[at] or 0) / total if total else None for at, total in enumerate(totals)]
        for layer in layers
    ]


def _draw_stack(
    months: Sequence[str], layers: Sequence[Layer], shares: list[list[float | None]], columns: _Columns
) -> Canvas:
    roof, floor, left, right = 8.0, 168.0, columns.left, columns.right
    canvas = _canvas(columns.width, floor + 24)
    up = _scale(0, 1, floor, roof)
    step = (right - left) / max(len(months), 1)
    foot = [0.0] * len(months)
    middles: list[float] = []
    for at, row in enumerate(shares):
        columns_of_layer = []
        for month, part in enumerate(row):
            if part:
                x, low, high = left + (month + 0.41) * step, up(foot[month]), up(foot[month] + part)
                foot[month] += part
                columns_of_layer.append([(x, low), (x, high)])
        middles.append(up(foot[-1] - (row[-1] or 0) / 2) if months else floor)
        canvas.lines(columns_of_layer, MIX_ROLES[min(at, len(MIX_ROLES) - 1)], round(step * 0.82, 1))
    for level in (0.0, 0.5, 1.0):
        canvas.text(left - 8, up(level) + 4, _tick(level, percent), "muted", "right")
    for at, (layer, y) in enumerate(zip(layers, _spread(middles, roof + 4, floor - 4), strict=True)):
        canvas.box(right + 4, y - 5, 10, 10, MIX_ROLES[min(at, len(MIX_ROLES) - 1)])
        label = (layer.short or layer.label) if columns.short else layer.label
        canvas.text(right + 20, y + 4, f"{_said(shares[at][-1], percent)}  {_cut(label, columns.letters)}")
    for at in (0, len(months) - 1) if len(months) > 1 else range(len(months)):
        x, align = (left, "left") if at == 0 else (right - 0.18 * step, "right")
        canvas.text(x, floor + 17, months[at], "muted", align)
    return canvas


# --- shared by the shapes -----------------------------------------------------------------


def _canvas(width: float, height: float) -> Canvas:
    from audit.svg import Canvas  # loads matplotlib

    return Canvas(width, height)


def _two_sizes(
    name: str,
    title: str,
    subtitle: str,
    description: str,
    legend: str,
    draw: Callable[[_Columns], Canvas],
    *,
    wide: _Columns = _WIDE_ROWS,
    narrow: _Columns = _NARROW_ROWS,
    kind: str = "wide",
) -> Chart:
    large = draw(wide).svg(f"{name}-w", title, description, f"chart {kind}")
    small = draw(narrow).svg(f"{name}-n", title, description, "chart narrow")
    return Chart(name, title, large, subtitle, small, description, legend)


def _scale(first: float, last: float, start: float, end: float) -> Scale:
    """Return the straight line that puts `first` at `start` and `last` at `end`, rounded to a tenth."""
    span = last - first
    if not span:
        return lambda _value: round((start + end) / 2, 1)
    return lambda value: round(start + (value - first) / span * (end - start), 1)


def _spread(places: Sequence[float], first: float, last: float, gap: float = 16) -> list[float]:
    """Return the places moved apart until labels fit, in their order: downward first, then back up."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    spread = list(places)
    limit = first
    for at in order:
        spread[at] = max(places[at], limit)
        limit = spread[at] + gap
    limit = last
    for at in reversed(order):
        spread[at] = min(spread[at], limit)
        limit = spread[at] - gap
    return spread


def _said(value: float | None, form: Form) -> str:
    return UNKNOWN if value is None else form(value)


def _tick(value: float, form: Form) -> str:
    """Return a value on an axis: as elsewhere, without needless decimals."""
    return form(value).replace(".0 %", " %")


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _between(low: float | None, high: float | None, form: Form) -> str:
    return "" if low is None or high is None else f" ({form(low)} to {form(high)})"


def _sentence(parts: Iterable[str]) -> str:
    joined = "; ".join(parts)
    return f"{joined}." if joined else ""
