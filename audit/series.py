"""Series: a measure's counts laid out for comparing, a row a figure and a column a month.

In total, by each group and by pairs of groups, one under the other, so that all figures of a measure are
compared at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.figures import COMPARED
from audit.periods import YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from audit.measures import Measure, Tabulation, Total
    from audit.periods import Period
    from audit.settings import Thresholds

    Ints = NDArray[np.int64]
    Names = NDArray[np.object_]


LEFT_OUT = 3
"""Months before the period that its past leaves out: a rise that lasts must not hide in its own past."""


class Spans(Struct, frozen=True):
    """The period and those it is compared with, as ranges of months counted from the history's first.

    `earlier` are the single months from which the period's usual range is made: the year that ends where
    LEFT_OUT months before begin; `history` all months there are; `judged` says whether the period is
    mature (None: it is not over, or the history holds no answers).
    """

    this: range
    previous: range
    year_before: range
    three_before: range
    earlier: range
    history: range
    judged: bool | None = True

    @property
    def all(self) -> tuple[range, ...]:
        """Every span that a period's figures are counted over."""
        return (self.this, *(getattr(self, name) for name in COMPARED))

    def clustered(self, fewest: int) -> range:
        """The months from which clustering is estimated: the earlier ones, else all up to the period's end.

        A change within the period must not pass for clustering.
        """
        return self.earlier if len(self.earlier) >= fewest else range(self.this.stop)

    @property
    def standing(self) -> Spans:
        """The whole history, compared with nothing."""
        nothing = range(0)
        return Spans(self.history, nothing, nothing, nothing, nothing, self.history)

    @property
    def year(self) -> Spans:
        """The year that ends with the period, as far as the history reaches, and the whole year before it."""
        nothing, stop = range(0), self.this.stop
        this = range(max(stop - YEAR, 0), stop)
        before = range(this.start - YEAR, this.start) if this.start >= YEAR else nothing
        return Spans(this, nothing, before, nothing, nothing, self.history)


def lay_spans(
    period: Period, first_month: int, months: int, limits: Thresholds, judged: bool | None
) -> Spans:
    """Return the spans of a period in a history of `months` months from `first_month` on.

    A span that begins before the history is empty: half a year is not compared with a whole one.
    """

    def span(wanted: range) -> range:
        start, stop = wanted.start - first_month, wanted.stop - first_month
        return range(start, stop) if start >= 0 else range(0)

    before = period.earlier_months(limits.usual_range_months + LEFT_OUT)[: limits.usual_range_months]
    return Spans(
        this=range(max(period.first - first_month, 0), min(period.last + 1 - first_month, months)),
        previous=span(period.previous().months),
        year_before=span(period.year_before().months),
        three_before=span(period.three_before().months),
        earlier=range(max(before.start - first_month, 0), max(before.stop - first_month, 0)),
        history=range(months),
        judged=judged,
    )


class Series(Struct, frozen=True):
    """A measure's figures: names, counts by month, and sums over the spans compared.

    `groups`, `values` and `others` name the rows; a pair of groups is "code,payer" and has its second value
    in `others`. `tested` are numerator and base as the test reads them, `waiting` the rows that still waited
    then, `squares` the sums of squares of a mean that is tested. `sums` hold for "numerator", "base" and
    "unknown" a column a span: the period, then COMPARED; what a measure lacks is missing.
    """

    groups: Names
    values: Names
    others: Names
    numerator: Ints
    base: Ints | None
    tested: tuple[Ints, Ints] | None
    waiting: Ints | None
    squares: Ints | None
    sums: Mapping[str, Ints]


def lay_out(tabulation: Tabulation, measure: Measure, spans: Spans, limits: Thresholds) -> Series:
    """Return the figures of a measure: in total, by group, and the pairs with enough rows to be shown."""
    pieces = [_of_group(tabulation, measure, group, spans) for group in ("", *measure.groups)]
    pieces += [_of_pair(tabulation, measure, pair, spans, limits) for pair in measure.pairs]
    return Series(
        groups=np.concatenate([piece.groups for piece in pieces]),
        values=np.concatenate([piece.values for piece in pieces]),
        others=np.concatenate([piece.others for piece in pieces]),
        numerator=np.concatenate([piece.numerator for piece in pieces]),
        base=_under([piece.base for piece in pieces]),
        tested=_tested(pieces),
        waiting=_under([piece.waiting for piece in pieces]),
        squares=_under([piece.squares for piece in pieces]),
        sums={name: np.concatenate([piece.sums[name] for piece in pieces]) for name in pieces[0].sums},
    )


def _under(pieces: Sequence[Ints | None]) -> Ints | None:
    """Put the rows of all pieces under each other; None where they have none."""
    found = [piece for piece in pieces if piece is not None]
    return np.concatenate(found) if found else None


def _tested(pieces: Sequence[Series]) -> tuple[Ints, Ints] | None:
    pairs = [piece.tested for piece in pieces if piece.tested is not None]
    return (
        (np.concatenate([top for top, _ in pairs]), np.concatenate([base for _, base in pairs]))
        if pairs
        else None
    )


def _names(texts: list[str] | tuple[str, ...]) -> Names:
    return np.array(texts, dtype=object)


def _of_group(tabulation: Tabulation, measure: Measure, group: str, spans: Spans) -> Series:
    labels = tabulation.labels[group] if group else ("",)
    parts = {"numerator": measure.numerator, "base": measure.base, "unknown": measure.unknown}
    more = {
        "tested": measure.tested.numerator,
        "tested_base": measure.tested.base,
        "waiting": measure.waiting,
        "squares": measure.squares,
    }
    parts |= more if measure.judged else {}
    counts: dict[str, Ints] = {}
    sums: dict[str, Ints] = {}
    for name, total in parts.items():
        if total is None:
            continue
        # The whole that a share is taken of is the history's total, the same for every value.
        of = "" if measure.of_whole and name == "base" else group
        by_month = tabulation.counts[total, of]
        counts[name] = np.broadcast_to(by_month, (len(labels), by_month.shape[1]))
        if name in more:
            continue
        added = add_months(by_month, spans) if total.adds else _told(tabulation, total, of, spans)
        sums[name] = np.broadcast_to(added, (len(labels), added.shape[1]))
    return Series(
        _names([group] * len(labels)),
        _names(labels),
        _names([""] * len(labels)),
        counts["numerator"],
        counts.get("base"),
        (counts["tested"], counts["tested_base"]) if "tested" in counts else None,
        counts.get("waiting"),
        counts.get("squares"),
        sums,
    )


def add_months(by_month: Ints, spans: Spans) -> Ints:
    """Return the sums of months over the period and the spans it is compared with, a column each."""
    running = np.zeros((len(by_month), by_month.shape[1] + 1), dtype=np.int64)
    np.cumsum(by_month, axis=1, out=running[:, 1:])
    asked = spans.all
    return running[:, [span.stop for span in asked]] - running[:, [span.start for span in asked]]


def _told(tabulation: Tabulation, total: Total, group: str, spans: Spans) -> Ints:
    """Return what does not add up over months, as it was counted over each span."""
    return np.stack([tabulation.over(total, group, span) for span in spans.all], axis=1)


def _of_pair(
    tabulation: Tabulation, measure: Measure, pair: tuple[str, str], spans: Spans, limits: Thresholds
) -> Series:
    group = ",".join(pair)
    cells = tabulation.pairs[measure.id, group]
    labels, others = (tabulation.labels[name] for name in pair)
    key = cells[pair[0]].to_numpy() * max(len(others), 1) + cells[pair[1]].to_numpy()
    month = cells["month"].to_numpy()
    size = cells["base" if measure.base else "numerator"].to_numpy()
    now = (month >= spans.this.start) & (month < spans.this.stop)
    pairs, position = np.unique(key, return_inverse=True)
    enough = np.bincount(position, weights=np.where(now, size, 0)) >= limits.smallest_base
    grids: dict[str, Ints] = {}
    for name in ("numerator", "base", "unknown", "tested", "tested_base", "waiting"):
        if name in cells:
            grid = np.zeros((len(pairs), len(spans.history)), dtype=np.int64)
            grid[position, month] = cells[name].to_numpy()
            grids[name] = grid[enough]
    place, other = np.divmod(pairs[enough], max(len(others), 1))
    return Series(
        _names([group] * len(place)),
        _names([labels[at] for at in place]),
        _names([others[at] for at in other]),
        grids["numerator"],
        grids.get("base"),
        (grids["tested"], grids["tested_base"]) if "tested" in grids else None,
        grids.get("waiting"),
        None,
        {name: add_months(grids[name], spans) for name in ("numerator", "base", "unknown") if name in grids},
    )
