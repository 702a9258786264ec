"""Moves: what moved a rate between two periods, split among the values of a group without remainder.

In: counts of every value in both periods. Out: parts that add up to the change. A value moves the whole in
two ways. Its own rate changed: that counts with its mean share of the base. Its share of the base changed:
that counts with how far its mean rate lies from the whole's, so that a larger share of what is denied more
often than the rest moves the rate up. Nothing is judged here.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from audit.figures import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PERIODS = ("before", "now")

SMALLEST_TOLD = 0.1
"""Share of the change under which a second part is not named."""

MOST_NAMED = 2
"""Parts that are named at most."""


class Subject(NamedTuple):
    """What a rate is called in a sentence, and what its base counts: "denial rate", "lines"."""

    name: str
    rows: str

    @classmethod
    def of(cls, subject: str, title: str, row: str) -> Subject:
        """Return it of a measure: its `subject`, else its title, and what one of its rows is called."""
        return cls(subject or f"{title[:1].lower()}{title[1:]}", f"{row or 'case'}s")


class Value(NamedTuple):
    """One value's counts in the two periods; `pooled` values of few lines stand together, without a name."""

    name: str
    before: Counts
    now: Counts
    pooled: int = 0


class Part(NamedTuple):
    """What one value contributed to the change, by its rate or by the mix.

    `usual` is the share of the change that it would be if the rates of all values had moved alike.
    """

    value: Value
    kind: Literal["rate", "mix"]
    size: float
    usual: float


class Split(Struct, frozen=True, dict=True):
    """The change of a rate from `before` to `now`, split by a group; `parts` add up to it.

    Of a split of the numerator alone (reasons) every value has the whole's base, and no part is mix.
    """

    group: str
    before: Counts
    now: Counts
    values: tuple[Value, ...]
    parts: tuple[Part, ...]
    numerator_alone: bool = False

    @property
    def change(self) -> float:
        """The change of the rate."""
        return _rate(self.now) - _rate(self.before)

    @cached_property
    def main(self) -> tuple[Part, ...]:
        """The parts with a name that moved the rate as the whole moved: at most two, the largest first."""
        way = 1 if self.change > 0 else -1
        along = [part for part in self.parts if part.size * way > 0 and not part.value.pooled]
        largest = sorted(along, key=lambda part: (-part.size * way, part.value.name, part.kind))
        smallest = SMALLEST_TOLD * abs(self.change)
        return tuple(largest[:1] + [part for part in largest[1:MOST_NAMED] if abs(part.size) >= smallest])

    @property
    def explained(self) -> float:
        """The share of the change that the main parts are; more than 1 where others went against it."""
        return sum(part.size for part in self.main) / self.change

    @property
    def telling(self) -> float:
        """How much the main parts tell: the share of the change that they are beyond their usual one.

        At most 1; what overshoots the change tells less, for something else took it back.
        """
        return 1 - abs(1 - self.explained) - sum(part.usual for part in self.main)


def split_rate(group: str, values: Iterable[Value], smallest: int) -> Split | None:
    """Return a rate split by the values of a group that its numerator and base divide into.

    Values with fewer than `smallest` lines in both periods are pooled. A value that only one of the two
    knows has no change of its rate: it is mix alone. None where a period has no base, or where fewer than
    two values are left.
    """
    kept = _pool(values, smallest)
    before, now = (_add([getattr(value, when) for value in kept]) for when in PERIODS)
    if len(kept) < 2 or not before.base or not now.base:
        return None
    middle = (_rate(before) + _rate(now)) / 2
    parts: list[Part] = []
    for value in kept:
        one, other = value.before.base / before.base, value.now.base / now.base
        first = _rate(value.before if one else value.now)
        last = _rate(value.now if other else value.before)
        share = (one + other) / 2
        parts.append(Part(value, "rate", share * (last - first), share))
        parts.append(Part(value, "mix", (other - one) * ((first + last) / 2 - middle), 0.0))
    return Split(group, before, now, kept, tuple(parts))


def split_numerator(group: str, values: Iterable[Value], smallest: int) -> Split | None:
    """Return a rate split by what its numerator alone divides into; each value's base is the whole's.

    Values with fewer than `smallest` cases in both periods are pooled. None as in `split_rate`.
    """
    kept = _pool(values, smallest, cases=True)
    before, now = (_add([getattr(value, when) for value in kept], one_base=True) for when in PERIODS)
    if len(kept) < 2 or not before.base or not now.base:
        return None
    parts = tuple(
        Part(value, "rate", _rate(value.now) - _rate(value.before), _usual(value, before, now))
        for value in kept
    )
    return Split(group, before, now, kept, parts, numerator_alone=True)


def pair_cases(before: dict[str, int], now: dict[str, int], whole: Value) -> list[Value]:
    """Return cases by reason in both periods as values over the bases of the whole, in alphabetical order."""
    return [
        Value(
            name,
            Counts(before.get(name, 0), whole.before.base),
            Counts(now.get(name, 0), whole.now.base),
        )
        for name in sorted({*before, *now})
    ]


def choose(splits: Sequence[Split | None], before: Counts, now: Counts) -> Split | None:
    """Return the split that tells most of the change from `before` to `now`; of equals the first.

    One that does not add up to the two (visits counted by code are services) or names nothing is left out.
    """
    whole = [
        split
        for split in splits
        if split and split.change and split.main and (split.before, split.now) == (before, now)
    ]
    return max(whole, key=lambda split: round(split.telling, 9), default=None)


def _pool(values: Iterable[Value], smallest: int, *, cases: bool = False) -> tuple[Value, ...]:
    """Return the values that have anything, those under `smallest` in both periods as one, which stands last.

    They are measured by their base, or by their cases.
    """
    at = 0 if cases else 1
    sizes = {value: max(value.before[at], value.now[at]) for value in values}
    large = [value for value, size in sizes.items() if size >= max(smallest, 1)]
    small = [value for value, size in sizes.items() if 0 < size < smallest]
    if not small:
        return tuple(large)
    before, now = (_add([getattr(value, when) for value in small], one_base=cases) for when in PERIODS)
    return (*large, Value("", before, now, len(small)))


def _add(counts: Sequence[Counts], *, one_base: bool = False) -> Counts:
    """Return the counts together; of cases of one base, over that base."""
    bases = [one.base for one in counts]
    return Counts(sum(one.numerator for one in counts), max(bases, default=0) if one_base else sum(bases))


def _rate(counts: Counts) -> float:
    return counts.numerator / counts.base if counts.base else 0.0


def _usual(value: Value, before: Counts, now: Counts) -> float:
    """Return a value's mean share of the cases of the two periods."""
    shares = [
        one.numerator / whole.numerator
        for one, whole in ((value.before, before), (value.now, now))
        if whole.numerator
    ]
    return sum(shares) / len(shares) if shares else 0.0
