"""What moved a rate, as the pages tell it: one sentence, a waterfall from then to now, and every part.

The split is `moves.py`'s. The sentence says no more than the outcome of the rate bears: that it rose or fell
only where a test found more than chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from audit.blocks import (
    NONE,
    Cell,
    Chart,
    Fold,
    Head,
    Note,
    Row,
    Table,
    count,
    fold_rows,
    percent,
    plural,
    points,
    rate,
    share,
)
from audit.charts import Bar, Step, waterfall
from audit.codes import code_book, reason_book
from audit.figures import HIGHER, Counts
from audit.moves import PERIODS, Value
from audit.showing import NOT_TOLD, name_cell, tone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audit.moves import Part, Split, Subject
    from audit.results import Limits
    from audit.settings import Thresholds

DENIED, REASONS = "denials/first_rate", "reasons/denied"

GROUPS = ("payer", "code", "reason", "clinician")
"""What a change is split by, one of them shown: that which tells most, of equals the first."""

SMALLEST_DRAWN = 0.005
"""A change that is within chance is shown from half a point on."""

MOST_STEPS = 4
"""Parts that are drawn; the rest stand together."""

MOST, OVER_ALL = 0.5, 1.1
"""Shares of a change from which its parts are most of it, and more than all of it."""

LONGEST_SHORT = 14
"""Letters of a name on a phone before it is said that its share is drawn."""

OTHERS = "All others"


class Move(Struct, frozen=True):
    """The change of a rate in total, split, and what may be said of it.

    `outcome` is HIGHER or LOWER where a test found that much; `shorts` name the two periods; `over` is how
    many months are taken together where that is not the period's own number; `same_age`: the earlier months
    are counted as they stood at the age of the period.
    """

    subject: Subject
    split: Split
    outcome: str
    worse: str
    shorts: tuple[str, str]
    limits: Thresholds | Limits
    over: int = 0
    same_age: bool = False


def worth_showing(split: Split, tested: str) -> bool:
    """Tell whether a change goes the way that was found, or is large enough to be shown."""
    if tested:
        return (split.change > 0) == (tested == HIGHER)
    return abs(split.change) >= SMALLEST_DRAWN


# --- the sentence -------------------------------------------------------------------------


def state_move(move: Move) -> str:
    """Return the sentence: the change, and the one or two parts that explain most of it."""
    split, parts = move.split, _say_parts(move)
    ends = " to ".join(_rate_of(getattr(split, when), move) for when in PERIODS)
    aged = ", at the same age" if move.same_age else ""
    if not move.outcome:
        are = "parts are" if len(split.main) > 1 else "part is"
        return (
            f"The change from {ends}{aged}{',' if aged else ''} is within chance; its largest {are} {parts}."
        )
    moved = "rose" if move.outcome == HIGHER else "fell"
    opening = f"Over the last {move.over} months the" if move.over else "The"
    many = len(split.main) > 1 or not parts.startswith("a ")
    return f"{opening} {move.subject.name} {moved} from {ends}{aged}: {parts} {_explain(split, many=many)}."


def _explain(split: Split, *, many: bool) -> str:
    """Return how much of the change the named parts are."""
    if split.explained < MOST:
        return "are the largest parts" if len(split.main) > 1 else "is the largest part"
    most = "more than all" if split.explained > OVER_ALL else "most"
    return f"{'explain' if many else 'explains'} {most} of it"


def _say_parts(move: Move) -> str:
    """Return the named parts in words; what two of them share is said once."""
    said: list[str] = []
    last = ""
    for part in move.split.main:
        what, name = _what(move, part), part.value.name or NOT_TOLD
        size = _bare(part.size) if said else points(part.size)
        said.append(f"{'' if what == last else f'{what} '}{name} ({size})")
        last = what
    return " and ".join(said)


def _what(move: Move, part: Part) -> str:
    """Return what happened at a value, up to its name."""
    split, value = move.split, part.value
    if split.numerator_alone:
        return "more denials for" if part.size > 0 else "fewer denials for"
    at, rows = "at" if split.group == "payer" else "of", move.subject.rows
    if not value.before.base:
        return f"new {rows} {at}"
    if not value.now.base:
        return f"no {rows} any more {at}"
    if part.kind == "rate":
        return f"a {'higher' if part.size > 0 else 'lower'} rate {at}"
    grew = value.now.base * split.before.base > value.before.base * split.now.base
    return f"a {'larger' if grew else 'smaller'} share of {rows} {at}"


def _rate_of(counts: Counts, move: Move) -> str:
    return rate(counts.numerator, counts.base, move.limits.smallest_base)


def fold_moves(moves: Mapping[str, Move], name: str) -> Fold | None:
    """Return other rates that moved, by measure: sentence, drawing and parts of each, in one fold."""
    blocks: list[Note | Chart | Table] = []
    for measure, move in moves.items():
        own = f"{measure.replace('/', '-')}-moved"
        parts = replace(list_parts(move, f"{own}-parts"), fold=False)
        blocks += [Note(state_move(move)), draw_move(move, own), parts]
    return Fold(name, "Other rates", tuple(blocks)) if blocks else None


# --- the drawing --------------------------------------------------------------------------


def draw_move(move: Move, name: str) -> Chart:
    """Return the way from the earlier rate to the later one: its largest parts, the rest together."""
    split = move.split
    named = [part for part in split.parts if part.size and not part.value.pooled]
    drawn = sorted(named, key=lambda part: (-abs(part.size), part.value.name, part.kind))[:MOST_STEPS]
    steps = [_step(move, part) for part in drawn]
    rest = split.change - sum(part.size for part in drawn)
    if len(drawn) < sum(part.size != 0 for part in split.parts):
        steps.append(Step(OTHERS, rest, "hollow"))
    ends = [
        Bar(short, getattr(split, when).numerator / getattr(split, when).base)
        for short, when in zip(move.shorts, PERIODS, strict=True)
    ]
    mixed = any(part.kind == "mix" for part in drawn)
    return waterfall(
        name,
        f"What moved the {move.subject.name}, by {split.group}",
        ends[0],
        steps,
        ends[1],
        form=percent,
        step_form=_bare,
        legend=f"Solid: rate. Hatched: share of {move.subject.rows}." if mixed else "",
    )


def _step(move: Move, part: Part) -> Step:
    """Return a part as a step; the named ones carry the color of the outcome."""
    shade = tone(move.outcome, move.worse) if part in move.split.main else ""
    name = part.value.name or NOT_TOLD
    if part.kind == "rate":
        return Step(name, part.size, "solid", shade)
    short = name if len(name) <= LONGEST_SHORT else f"{name[: LONGEST_SHORT - 1].rstrip()}…"
    return Step(f"{name}, share", part.size, "hatched", shade, f"{short}, share")


# --- every part ---------------------------------------------------------------------------


def list_parts(move: Move, name: str) -> Table:
    """Return every value's share of the base, its rate and its parts, the largest first, in a fold."""
    split = move.split
    sizes: dict[Value, list[float]] = {}
    for part in split.parts:
        sizes.setdefault(part.value, []).append(part.size)

    def rank(value: Value) -> tuple[bool, float, str]:
        return value.pooled > 0, -max(map(abs, sizes[value])), value.name

    rows = [
        _row(move, value, sizes[value], _value_cell(move, value)) for value in sorted(split.values, key=rank)
    ]
    kinds = 1 if split.numerator_alone else 2
    added = [sum(part.size for part in split.parts[at::kinds]) for at in range(kinds)]
    whole = _row(move, Value("", split.before, split.now), added, Cell("All"))
    return Table(
        name,
        f"Every part: {move.subject.name}, by {split.group}",
        _heads(move),
        (*fold_rows(rows), Row(whole.cells, total=True)),
        note=_explain_parts(move),
        fold=True,
    )


def _heads(move: Move) -> tuple[Head, ...]:
    rows = move.subject.rows
    pairs, sizes = (f"Share of {rows}", "Rate"), ("By its rate, points", "By its share, points")
    if move.split.numerator_alone:
        pairs, sizes = (f"{rows.capitalize()} denied", f"Share of {rows}"), ("Part, points", "")
    return (
        Head(move.split.group.capitalize(), numeric=False),
        *(Head(title, note=short) for title in pairs for short in move.shorts),
        *(Head(title) for title in sizes if title),
    )


def _row(move: Move, value: Value, sizes: Sequence[float], name: Cell) -> Row:
    split, both = move.split, (value.before, value.now)
    if split.numerator_alone:
        cells = [Cell(count(one.numerator), sort=one.numerator) for one in both]
        cells += [Cell(share(*one), sort=one.numerator / one.base) for one in both]
    else:
        cells = [
            Cell(share(one.base, whole.base), sort=one.base / whole.base)
            for one, whole in zip(both, (split.before, split.now), strict=True)
        ]
        cells += [_rate_cell(one, move) for one in both]
    return Row((name, *cells, *(Cell(_bare(size) if size else NONE, sort=size) for size in sizes)))


def _rate_cell(counts: Counts, move: Move) -> Cell:
    if not counts.base:
        return Cell(NONE)
    return Cell(
        _rate_of(counts, move),
        sort=counts.numerator / counts.base,
        small=counts.base < move.limits.cautious_base,
    )


def _value_cell(move: Move, value: Value) -> Cell:
    """Return the cell that names a row; a code and a reason are described."""
    if value.pooled:
        return Cell(OTHERS, sub=f"{plural(value.pooled, move.split.group)}, few {move.subject.rows}")
    if move.split.group == "code" and value.name:
        return name_cell(value.name, code_book().describe(value.name))
    if move.split.group == "reason" and value.name:
        return name_cell(value.name, reason_book().describe(value.name.rpartition("-")[2]))
    return name_cell(value.name)


def _explain_parts(move: Move) -> str:
    """Return how the parts are worked out."""
    rows = move.subject.rows
    few = f"Under {move.limits.smallest_base} in both periods stands with all others."
    if move.split.numerator_alone:
        return f"Each part is the change of its share of all {rows}; they add up. {few}"
    return (
        f"A changed rate counts with its mean share of the {rows}; a changed share with how far its mean "
        f"rate lies from that of all; together they add up. {few}"
    )


def _bare(size: float) -> str:
    return points(size).removesuffix(" points")
