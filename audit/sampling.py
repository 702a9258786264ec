"""The frame of a chart review and what is drawn from it: at random, each stratum by a seed, or by findings.

The frame's lines stand in an order that follows from what they say, so that no order of rows or files changes
what is drawn. Where the items are visits or claims, each takes the place of its first line.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from audit.draws import PCG64, RAT_STATS, draw
from audit.errors import SettingsError
from audit.populations import GROUPS, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.draws import Generator
    from audit.populations import Ints, Populations
    from audit.rules import Rule

Of = Literal["visits", "lines", "claims"]
Stratify = Literal["", "clinician", "code", "payer"]

TEXT_ORDER = ("clinician", "payer", "code", "modifiers")
NUMBER_ORDER = ("units", "charge")
LATE_ORDER = ("claim_id", "line_id", "patient_key", "source_file", "source_row")
"""Columns that order the frame after the date of service; the late ones only where the others are equal."""

ORDER = (
    "by date of service, clinician, payer, code, modifiers, units and charge, then by claim, line and "
    "patient as the export numbers them, then by file and row; a visit or claim stands where its first line "
    "does; text by Unicode code points"
)
"""The same in words, for whoever draws again."""

FEWEST = 2
"""Items drawn from a stratum at least, where it has them: one alone tells nothing of its spread."""

MOST_SEED = {RAT_STATS: 1_000_000, PCG64: 2**52}
"""Above it a generator takes a seed and the next whole one for the same."""


class Wanted(NamedTuple):
    """What to draw, as asked for.

    `where` are the values wanted by group; `size` items altogether, or `each` of every stratum, one of both;
    `spares` of every stratum; `second` is the share that a second reviewer reads as well.
    """

    of: Of = "visits"
    where: Mapping[str, tuple[str, ...]] = {}  # never changed
    stratify: Stratify = ""
    size: int | None = None
    each: int | None = None
    spares: int = 2
    second: Fraction = Fraction(0)


class Frame(Struct, frozen=True):
    """The items that may be drawn, numbered from 0 in the order of the frame.

    `rows` are positions in the lines of the populations, in order; `item` is the item of each of them;
    `stratum` is the stratum of each item, a place in `strata`, whose names are in alphabetical order.
    """

    rows: Ints
    item: Ints
    stratum: Ints
    strata: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.stratum)

    @property
    def sizes(self) -> list[int]:
        """Return the items of each stratum."""
        sizes: list[int] = np.bincount(self.stratum, minlength=len(self.strata)).tolist()
        return sizes

    def rows_of(self, items: Sequence[int]) -> dict[int, Ints]:
        """Return the lines of some items, each in the order of the frame."""
        places = np.flatnonzero(np.isin(self.item, items))
        of = self.item[places]
        return {item: self.rows[places[of == item]] for item in items}


class Picked(NamedTuple):
    """One item of a sample: its number in the frame, where that is in its stratum (from 1), and why."""

    item: int
    stratum: int
    position: int
    spare: bool = False
    findings: tuple[str, ...] = ()


class Part(NamedTuple):
    """How one stratum was drawn from."""

    name: str
    size: int
    drawn: int
    spares: int
    seed: str


class Drawn(NamedTuple):
    """What was drawn from every stratum, and the items, in the order of drawing, spares last."""

    parts: tuple[Part, ...]
    items: tuple[Picked, ...]
    second: tuple[int, ...] = ()
    """Items that a second reviewer reads, as places in `items`."""


# --- the frame ----------------------------------------------------------------------------


def build_frame(populations: Populations, wanted: Wanted, months: range) -> Frame:
    """Return the items of the months (counted from the first of the history) that fit the filter.

    A visit or claim is made of those of its lines that fit. SettingsError where none does.
    """
    lines = populations.lines
    keep = (lines.month >= months.start) & (lines.month < months.stop)
    for group, values in wanted.where.items():
        labels = populations.labels[group]
        keep &= np.isin(lines.groups[group], [labels.index(one) for one in _known(group, values, labels)])
    rows = np.flatnonzero(keep)
    if not len(rows):
        raise SettingsError("There are no lines of that period and filter to draw from; ask for other ones.")
    rows = rows[_order(lines.frame, rows)]
    item = pd.factorize(_key(populations, wanted.of)[rows])[0].astype(np.int64)
    stratum, strata = _stratify(populations, wanted, rows, item)
    return Frame(rows, item, stratum, strata)


def _known(group: str, values: Iterable[str], labels: Sequence[str]) -> Iterable[str]:
    for value in values:
        if value not in labels:
            raise SettingsError(
                f"There is no {group} {value[:40]} in these files; write it as the report shows it."
            )
        yield value


def _key(populations: Populations, of: Of) -> Ints:
    """Return what lines of one item have in common, by line."""
    if of == "lines":
        return np.arange(len(populations.lines))
    if of == "claims":
        return populations.lines.frame["claim"].to_numpy(np.int64)
    return populations.visit_of_service[populations.service_of_line]


def _order(frame: pd.DataFrame, rows: Ints) -> Ints:
    """Return the order of some lines; what tells few of them apart is looked at only for those."""
    days = frame["service_date"].to_numpy()[rows].view(np.int64)
    texts = [_rank(frame[name], rows) for name in TEXT_ORDER]
    numbers = [frame[name].to_numpy(np.int64, na_value=-1)[rows] for name in NUMBER_ORDER]
    keys = [days, *texts, *numbers]
    order = np.lexsort(keys[::-1])
    anew = np.zeros(len(rows), dtype=bool)
    for key in keys:
        anew[1:] |= np.diff(key[order]) != 0
    group = np.cumsum(anew)
    alike = np.bincount(group)[group] > 1
    tied = order[alike]
    late = [_rank(frame[name], rows[tied]) for name in LATE_ORDER]
    order[alike] = tied[np.lexsort([*late[::-1], group[alike]])]
    return order


def _rank(column: pd.Series, rows: Ints) -> Ints:
    """Return numbers that order some rows of a column: text by its code points."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.to_numpy(np.int64)[rows]
    used, place = np.unique(column.cat.codes.to_numpy()[rows], return_inverse=True)
    texts = pa.array(column.cat.categories[used], pa.large_string())
    rank = np.empty(len(used), dtype=np.int64)
    rank[pc.array_sort_indices(texts).to_numpy()] = np.arange(len(used))  # UTF-8 sorts by code points
    return rank[place]


def _stratify(
    populations: Populations, wanted: Wanted, rows: Ints, item: Ints
) -> tuple[Ints, tuple[str, ...]]:
    """Return the stratum of every item: of several values of its lines the first in the alphabet."""
    count = int(item.max()) + 1
    if not wanted.stratify:
        return np.zeros(count, dtype=np.int64), ("",)
    if wanted.stratify == "code" and wanted.of != "lines":
        raise SettingsError(
            f"The {wanted.of} cannot be divided by code, as one may have several: add --of lines."
        )
    lowest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(lowest, item, populations.lines.groups[wanted.stratify][rows])
    used, stratum = np.unique(lowest, return_inverse=True)
    return stratum.astype(np.int64), tuple(populations.labels[wanted.stratify][one] for one in used)


# --- drawing ------------------------------------------------------------------------------


def draw_items(frame: Frame, wanted: Wanted, generator: Generator, seed: Decimal) -> Drawn:
    """Draw from every stratum, the first by the seed, each further one by a seed higher by 1.

    The second reviewer's part is drawn from the items drawn by the seed that comes next.
    """
    sizes = _share_out(frame.sizes, wanted)
    parts, drawn, spares = [], [], []
    for at, (name, size, number) in enumerate(zip(frame.strata, frame.sizes, sizes, strict=True)):
        spare = min(wanted.spares, size - number)
        found = draw(generator, float(seed + at), size, number, spare)
        members = np.flatnonzero(frame.stratum == at)
        drawn += [Picked(int(members[place - 1]), at, place) for place in found.sample]
        spares += [Picked(int(members[place - 1]), at, place, spare=True) for place in found.spares]
        parts.append(Part(name, size, number, spare, f"{seed + at}"))
    again = -(-wanted.second.numerator * len(drawn) // wanted.second.denominator)
    second = draw(generator, float(seed + len(parts)), len(drawn), again).sample
    return Drawn(tuple(parts), (*drawn, *spares), tuple(sorted(place - 1 for place in second)))


def _share_out(sizes: Sequence[int], wanted: Wanted) -> list[int]:
    """Return how many to draw of each stratum: as many each, or in proportion to its size."""
    if wanted.each is not None:
        return [min(wanted.each, size) for size in sizes]
    number, total = wanted.size or 0, sum(sizes)
    if number > total:
        raise SettingsError(f"The frame holds {total:,} {wanted.of}; ask for no more with --size.")
    fewest = [min(FEWEST, size) for size in sizes]
    if number < sum(fewest) and len(sizes) > 1:
        raise SettingsError(
            f"Each of the {len(sizes)} strata needs {FEWEST} items, {sum(fewest)} altogether; "
            "ask for more with --size or for fewer strata."
        )
    given = [max(least, number * size // total) for least, size in zip(fewest, sizes, strict=True)]
    if len(sizes) == 1:
        return [number]
    while sum(given) != number:  # the one furthest from its share gives or takes
        step = 1 if sum(given) < number else -1
        open_to = [at for at in range(len(sizes)) if fewest[at] <= given[at] + step <= sizes[at]]
        at = max(open_to, key=lambda at: (step * (number * sizes[at] - given[at] * total), -at))
        given[at] += step
    return given


# --- risk ---------------------------------------------------------------------------------


def pick_items(frame: Frame, populations: Populations, rules: Iterable[Rule], size: int | None) -> Drawn:
    """Pick the items with a line that a rule found, most findings first, then most expected money.

    `size` at most, all where it is None. SettingsError where no rule found anything.
    """
    findings: dict[int, list[str]] = {}
    for rule in sorted(rules, key=lambda one: one.id):
        found = _found_lines(populations, rule)
        if found is not None:
            for item in np.unique(frame.item[found[frame.rows]]).tolist():
                findings.setdefault(item, []).append(rule.id)
    if not findings:
        raise SettingsError("No rule found anything in that period and filter: there is nothing to pick.")
    expected = populations.lines.frame["expected"].to_numpy(np.int64)[frame.rows]
    worth = np.bincount(frame.item, weights=expected, minlength=len(frame))
    order = sorted(findings, key=lambda item: (-len(findings[item]), -worth[item], item))[:size]
    items = tuple(Picked(item, 0, item + 1, findings=tuple(findings[item])) for item in order)
    return Drawn((Part("", len(frame), len(items), 0, ""),), items)


def _found_lines(populations: Populations, rule: Rule) -> np.ndarray | None:
    """Return which lines a rule found, those of the visits it found included; None for rows without lines."""
    if rule.table in ("unbilled", "unmatched"):
        return None
    found = populations.of(rule.table).marks[rule.mark] == YES
    if rule.table != "lines":
        service = populations.service_of_line
        found = found[service if rule.table == "services" else populations.visit_of_service[service]]
    return np.asarray(found)


# --- what is asked for --------------------------------------------------------------------


def parse_seed(text: str, generator: Generator) -> Decimal:
    """Return a seed as typed; SettingsError where the generator cannot take it and those that follow it."""
    try:
        seed = Decimal(text)
    except InvalidOperation:
        seed = Decimal(-1)
    fits = seed.is_finite() and 0 <= seed < MOST_SEED[generator]
    if generator == PCG64 and not (fits and seed == int(seed)):
        raise SettingsError("A seed of pcg64 is a whole number from 0, as --seed 20261001.")
    if not fits:
        raise SettingsError(
            f"A seed is a number from 0 to below {MOST_SEED[generator]:,}, as --seed 48863.78."
        )
    return Decimal(f"{seed:f}")


def make_seed(generator: Generator) -> Decimal:
    """Return a seed that nobody chose, of as many digits as RAT-STATS shows."""
    number = Decimal(secrets.randbelow(10_000_000))
    return number // 100 if generator == PCG64 else number.scaleb(-2)


def parse_where(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return filters such as `code=97124` by group; several values of one group may each be there."""
    where: dict[str, tuple[str, ...]] = {}
    for text in texts:
        group, sign, value = text.partition("=")
        if not sign or group not in GROUPS:
            raise SettingsError(
                f"A filter is one of {', '.join(GROUPS)}, an equals sign and a value, as --where code=97124."
            )
        where[group] = (*where.get(group, ()), value)
    return where
