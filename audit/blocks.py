"""What a page is made of: plain frozen records and the one place where numbers become words.

Topics return these records, `page.py` hands them to the templates, and the templates decide
nothing. No pandas and no HTML here: every text is plain text, escaped when the page is made.
In the texts marked *emphasis* `**…**` shows what stands between in bold. Drawings are SVG text
made by `charts.py`, nothing else may be put into their fields.

Formatting functions take whole cents, whole hundredths of units and whole counts, and return
the text shown. A missing value (`None` or NaN) is shown as an em dash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

UNKNOWN = "—"
"""Shown where a value is not known or does not apply."""

NONE = "·"
"""Shown for zero in a sparse table."""

MINUS = "\u2212"
SMALLEST_BASE = 11
"""Below this base no rate is shown, but "1 of 6"; settings may give another value."""


# --- outcome words ------------------------------------------------------------------------


class Look(NamedTuple):
    """How an outcome word is drawn: a shape that can be told without color, and its color."""

    shape: str
    """up | up-open | down | down-open | ring | dash | dots"""
    tone: str
    """worse | better | ink | muted"""


MARKED = {"significantly higher": "up", "significantly lower": "down"}
"""Outcome words that carry a color when the caller says whether they are worse or better."""

QUIET = {
    "higher within chance": Look("up-open", "ink"),
    "does not exceed": Look("ring", "muted"),
    "too few to tell": Look("dash", "muted"),
    "not judged yet": Look("dots", "muted"),
}
"""Outcome words that never carry a color."""

OUTCOMES = (*MARKED, *QUIET)
"""Every outcome word that a page may show."""


def look(outcome: str, tone: str = "") -> Look:
    """Return the shape and color of an outcome word; `tone` is "worse", "better" or "" (neither).

    Color is kept for a change that is worse or better; the same change that is neither (more
    visits than usual) gets the open shape in plain ink. An unknown word is a ValueError.
    """
    if outcome in MARKED:
        return Look(MARKED[outcome], tone) if tone else Look(f"{MARKED[outcome]}-open", "ink")
    if outcome not in QUIET:
        raise ValueError(f"'{outcome}' is not an outcome word; the words are: {', '.join(OUTCOMES)}")
    return QUIET[outcome]


# --- parts of a table ---------------------------------------------------------------------


class Cell(Struct, frozen=True):
    """One cell. `text` is what is read; everything else is how it is read."""

    text: str
    sort: float | str | None = None
    """What to sort by when the text would sort wrongly; None sorts last."""
    bar: float | None = None
    """0 to 1: length of the bar behind the number."""
    heat: int = 0
    """0 to 4: class of the shading; the number is always printed too."""
    mark: str = ""
    """An outcome word, shown with its shape; `text` may then be empty."""
    tone: str = ""
    """"worse" or "better": whether the outcome is; "" when it is neither."""
    small: bool = False
    """Few cases: grey italics, never an outcome."""
    explain: str = ""
    """Id of the figure, for `audit explain`."""
    sub: str = ""
    """A second, muted line."""
    link: str = ""
    """Where on the page the text leads to, as "#denials"."""


class Head(Struct, frozen=True):
    """One column head. A numeric column stands right; the unit belongs in the head, not in the cells."""

    text: str
    numeric: bool = True
    sort: bool = True
    note: str = ""


class Row(Struct, frozen=True):
    """One row; its first cell is the row's name. `more`: shown only when the reader asks for all rows."""

    cells: tuple[Cell, ...]
    total: bool = False
    more: bool = False


# --- blocks -------------------------------------------------------------------------------


class Table(Struct, frozen=True):
    """A table; `note` may carry *emphasis*. Rows with `total` stand below the rule."""

    id: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    note: str = ""
    source: str = ""
    csv: str = ""
    """Name of the file under tables/ that holds every row."""
    fold: bool = False
    """The whole table stands in a closed fold under its title (printed open)."""
    heat: tuple[str, ...] = ()
    """What the shades 1, 2, 3, 4 stand for; empty when the table has no shading."""


class Chart(Struct, frozen=True):
    """A drawing. The title states the finding, the subtitle the measure and its unit."""

    id: str
    title: str
    wide: str
    subtitle: str = ""
    narrow: str = ""
    """The same drawing for a phone; empty when `wide` is narrow enough."""
    description: str = ""
    """The numbers as a sentence, for those who do not see the drawing (it stands inside the SVG too)."""
    legend: str = ""


class Note(Struct, frozen=True):
    """A paragraph (*emphasis*); `explain` is the id of the figure that it shows in bold first."""

    text: str
    explain: str = ""


class Empty(Struct, frozen=True):
    """Nothing to show: why, and what to do about it."""

    title: str
    why: str
    what_to_do: str = ""


class Definition(Struct, frozen=True):
    """A term and what it means here; also one line of the manifest."""

    term: str
    text: str


class Ruling(Struct, frozen=True):
    """What one rule found, and the rule itself; `amount` names its kind, as "$312 over-billed"."""

    id: str
    title: str
    counts: str
    """As "8 of 212 lines checked; 30 not told"."""
    amount: str
    advice: str
    source: str
    """Where the rule is written."""
    facts: tuple[Definition, ...]
    """Rule, reason, dates, an example of right and of wrong."""
    caution: str = ""
    """What the money is not, and by when it must be dealt with if it is."""
    first_shown: str = ""
    explain: str = ""
    """The whole command that lists the rows."""


class Rulings(Struct, frozen=True):
    """The findings of one task, in a closed fold under what is to be done."""

    id: str
    title: str
    summary: str
    rulings: tuple[Ruling, ...]


class Fold(Struct, frozen=True):
    """Blocks in a closed fold under its title (printed open)."""

    id: str
    title: str
    blocks: tuple[Table | Chart | Note | Empty, ...]


Block = Table | Chart | Note | Empty | Rulings | Fold

Blocks = Mapping[str, Block | tuple[Block, ...] | None]
"""A section's blocks by the name its partial knows them by; several follow each other, None is absent."""


class Section(Struct, frozen=True):
    """One subject of the page. The partial `<id>.html.j2` puts the named blocks in order.

    Without such a partial the blocks follow each other. A value may be one block, several, or
    None (absent). `lead` may carry *emphasis*; `short` is the word in the page's own menu.
    """

    id: str
    title: str
    blocks: Blocks = field(default_factory=dict)
    lead: str = ""
    short: str = ""


# --- the head of the page -----------------------------------------------------------------


class Tile(Struct, frozen=True):
    """One headline number."""

    id: str
    title: str
    value: str
    interval: str = ""
    detail: tuple[str, ...] = ()
    comparison: str = ""
    outcome: str = ""
    said: str = ""
    """The outcome in other words than its own; empty: as it is."""
    tone: str = ""
    """"worse" or "better": whether the outcome is; "" when it is neither."""
    explain: str = ""
    spark: str = ""
    lead: bool = False


class Action(Struct, frozen=True):
    """One thing to do: verb, object, count; who, by when, dollars at stake."""

    title: str
    text: str = ""
    who: str = ""
    due: str = ""
    amount: str = ""
    badge: str = ""
    explain: str = ""
    """The whole command that lists the rows."""
    first_shown: str = ""
    """Since when the badge holds, as a date; told where the pointer rests on it."""


class Page(Struct, frozen=True):
    """The monthly report, in reading order. Texts marked * may carry *emphasis*."""

    practice: str
    period: str
    verdict: str
    standfirst: str = ""  # *
    compared_with: str = ""
    """As in "compared with March–May 2026"; empty in a first period."""
    practice_note: str = ""
    """As "invented practice"; stands behind the name."""
    concludes: bool = True
    """Whether the page says what is to be done; False: there is no such list."""
    reconciliation: tuple[str, ...] = ()  # *
    warnings: tuple[str, ...] = ()  # *
    tiles: tuple[Tile, ...] = ()
    actions: tuple[Action, ...] = ()
    actions_note: str = ""
    checked: tuple[str, ...] = ()
    """What was looked at; listed when there is nothing to do."""
    checked_note: str = ""
    """How much was, and was not; stands before that list."""
    resolved: Table | None = None
    """What earlier reports asked for and is done; stands after the list of things to do."""
    beside: Block | None = None
    """Stands beside the list of things to do."""
    moved: Section | None = None
    """What moved the denial rate and others, after the list of things to do."""
    targets: Table | None = None
    """What the practice watches; stands before the sections."""
    sections: tuple[Section, ...] = ()
    trends: tuple[Chart, ...] = ()
    trends_note: str = ""
    since_then: Table | Empty | None = None
    definitions: tuple[Definition, ...] = ()
    not_checked: tuple[str, ...] = ()
    files: Table | None = None
    """What became of every file's rows; stands in the manifest."""
    manifest: tuple[Definition, ...] = ()
    explain: str = 'audit explain "{figure}" FILES...'
    """The command that lists the rows behind a figure; {figure} is replaced by its id."""


class ComparePage(Struct, frozen=True):
    """Two saved periods beside each other. Texts marked * may carry *emphasis*."""

    practice: str
    earlier: str
    later: str
    verdict: str
    standfirst: str = ""  # *
    practice_note: str = ""
    reconciliation: tuple[str, ...] = ()  # *
    warnings: tuple[str, ...] = ()  # *
    """As: the two were made with different definitions, versions or settings."""
    tiles: tuple[Tile, ...] = ()
    sections: tuple[Section, ...] = ()
    definitions: tuple[Definition, ...] = ()
    not_checked: tuple[str, ...] = ()
    manifest: tuple[Definition, ...] = ()


def fold_rows(rows: Iterable[Row], shown: int = 8) -> tuple[Row, ...]:
    """Return the rows, those beyond `shown` marked `more`; totals stay, and a fold hides at least four."""
    rows = tuple(rows)
    if sum(not row.total for row in rows) < shown + 4:
        return rows
    folded, seen = [], 0
    for row in rows:
        seen += not row.total
        folded.append(replace(row, more=not row.total and seen > shown))
    return tuple(folded)


# --- numbers as words ---------------------------------------------------------------------


def _missing(value: float | None) -> bool:
    return value is None or value != value


def _half_up(top: int, bottom: int) -> int:
    """Return top / bottom to the nearest whole number, halves upward; exact, both at least zero."""
    return (2 * top + bottom) // (2 * bottom)


def _signed(text: str, negative: bool) -> str:
    return f"{MINUS}{text}" if negative else text


def count(value: float | None) -> str:
    """1234 -> "1,234"."""
    if value is None or _missing(value):
        return UNKNOWN
    return _signed(f"{abs(round(value)):,}", value < 0)


def plural(value: float | None, one: str, many: str = "") -> str:
    """2, "line" -> "2 lines"; an irregular plural is given."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def percent(value: float | None) -> str:
    """0.116 -> "11.6 %"; 0 % and 100 % only when exact, else "under 0.1 %" and "over 99.9 %"."""
    if value is None or _missing(value):
        return UNKNOWN
    if value in (0, 1):
        return f"{int(value) * 100} %"
    tenths = int(abs(value) * 1000 + 0.5 + 1e-9)
    if abs(value) < 1 and not 0 < tenths < 1000:
        return "under 0.1 %" if tenths == 0 else "over 99.9 %"
    return _signed(f"{tenths // 10:,}.{tenths % 10} %", value < 0)


def share(part: int | None, whole: int | None) -> str:
    """74, 639 -> "11.6 %", exact in whole numbers; nothing of nothing is unknown."""
    if part is None or whole is None or _missing(part) or _missing(whole) or whole == 0:
        return UNKNOWN
    part, whole = int(part), int(whole)
    if part in (0, whole) or part < 0 or whole < 0:
        return percent(part / whole)
    tenths = _half_up(part * 1000, whole)
    if part < whole and not 0 < tenths < 1000:
        return "under 0.1 %" if tenths == 0 else "over 99.9 %"
    return f"{tenths // 10:,}.{tenths % 10} %"


def rate(part: int | None, whole: int | None, smallest: int = SMALLEST_BASE) -> str:
    """Return the share, or "1 of 6" when the base is under `smallest`."""
    if part is None or not whole or _missing(part) or whole >= smallest:
        return share(part, whole)
    return f"{count(part)} of {count(whole)}"


def interval(low: float | None, high: float | None) -> str:
    """0.093, 0.143 -> "9.3–14.3 %"."""
    if low is None or high is None or _missing(low) or _missing(high):
        return ""
    left, right = percent(low), percent(high)
    return f"{left.removesuffix(' %')}–{right}"


def points(change: float | None) -> str:
    """A difference of two shares, 0.039 -> "+3.9 points"; a change that rounds to nothing is "0.0 points"."""
    if change is None or _missing(change):
        return UNKNOWN
    tenths = int(abs(change) * 1000 + 0.5 + 1e-9)
    sign = "" if tenths == 0 else "+" if change > 0 else MINUS
    return f"{sign}{tenths // 10}.{tenths % 10} points"


def change(earlier: float | None, later: float | None) -> str:
    """Relative change, 200 then 231 -> "+16 %"; from nothing it is unknown."""
    if earlier is None or later is None or _missing(earlier) or _missing(later) or earlier <= 0:
        return UNKNOWN
    whole = int(abs(later / earlier - 1) * 100 + 0.5 + 1e-9)
    sign = "" if whole == 0 else "+" if later > earlier else MINUS
    return f"{sign}{whole:,} %"


def money(cents: float | None) -> str:
    """217100 -> "$2,171", 1250 -> "$12.50": cents are shown under $100, unless there are none."""
    if cents is None or _missing(cents):
        return UNKNOWN
    amount = abs(round(cents))
    if amount < 100_00 and amount % 100:
        return money_exact(cents)
    return _signed(f"${_half_up(amount, 100):,}", cents < 0)


def money_exact(cents: float | None) -> str:
    """123450 -> "$1,234.50"; for reconciliations."""
    if cents is None or _missing(cents):
        return UNKNOWN
    amount = abs(round(cents))
    return _signed(f"${amount // 100:,}.{amount % 100:02d}", cents < 0)


def dollars(cents: float | None) -> str:
    """For a column headed "$": whole dollars without the sign, 345049 -> "3,450"; "under 1" is not zero."""
    if cents is None or _missing(cents):
        return UNKNOWN
    amount = abs(round(cents))
    text = "under 1" if 0 < amount < 50 else f"{_half_up(amount, 100):,}"
    return _signed(text, cents < 0)


def units(hundredths: float | None) -> str:
    """Units held in hundredths: 36200 -> "362", 150 -> "1.5", 362 -> "3.62"."""
    if hundredths is None or _missing(hundredths):
        return UNKNOWN
    amount = abs(round(hundredths))
    text = f"{amount // 100:,}.{amount % 100:02d}".rstrip("0").rstrip(".")
    return _signed(text, hundredths < 0)


def mean(top: int | None, bottom: int | None, unit: str) -> str:
    """Return the mean of a measure of this unit; dollars and units are held in hundredths."""
    return average(top, bottom, 100 if unit in ("cents each", "units each") else 1)


def average(top: int | None, bottom: int | None, scale: int = 1) -> str:
    """Mean with two decimals: units per visit are average(hundredths, visits, 100) -> "3.62"."""
    if top is None or not bottom or _missing(top):
        return UNKNOWN
    hundredths = _half_up(abs(int(top)) * 100, int(bottom) * scale)
    return _signed(f"{hundredths // 100:,}.{hundredths % 100:02d}", top < 0)
