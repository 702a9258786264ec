"""The chart reviews of two saved reports beside each other, with a word of a test of their own.

The two are tested as a report tests them (`review_change.py`), by their own limits; no other figure of the
page is in that test, and a single element or clinician has no word: a dozen charts say too little of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import NONE, UNKNOWN, Cell, Head, Row, Section, Table, count, interval, points
from audit.chart_section import tell_share
from audit.review_change import is_alike, tell_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.beside import Pair
    from audit.chart_record import ChartReview, Part

ID = "chart_review"


def show_reviews(pair: Pair) -> Section | None:
    """Return the section; None where neither report shows a review."""
    one, other = (side.results.chart_review for side in pair.sides)
    if one is None and other is None:
        return None
    reviews = tuple(saved.review if saved else None for saved in (one, other))
    table = Table(
        "chart-reviews",
        "Charts with an error, of those that tell",
        (
            Head("", numeric=False, sort=False),
            *(Head(name, sort=False) for name in pair.shorts),
        ),
        tuple(_rows(reviews, pair.limits.smallest_base)),
        note="Each report shows the newest review up to its own day. Only the share of all charts is tested.",
    )
    return Section(ID, "Chart review", {"table": table}, _lead(pair, *reviews), "Chart review")


def _lead(pair: Pair, one: ChartReview | None, other: ChartReview | None) -> str:
    if one is None or other is None:
        which = pair.names[0 if one is None else 1]
        return f"The report of {which} shows no chart review."
    smallest = pair.limits.smallest_base
    if one.sample == other.sample and one.date == other.date:
        return f"Both reports show the same review, of {other.date.isoformat()}."
    texts = f"**{tell_share(one, smallest)}**, then **{tell_share(other, smallest)}** of charts with an error"
    if one.sample == other.sample:
        return f"{texts}: the same sample, scored twice."
    if not is_alike(one, other):
        return f"{texts}: drawn from different items, so not compared."
    change = tell_change(one, other, smallest)
    ends = ""
    if change.low is not None and change.high is not None:
        low = points(change.low).removesuffix(" points")
        ends = f" ({points(change.change)}, 95 % interval {low} to {points(change.high)})"
    return f"{texts}{ends}: {change.outcome}."


def _rows(reviews: Sequence[ChartReview | None], smallest: int) -> list[Row]:
    rows = [
        _row("Sample", [f"{one.sample}, {one.of} of {one.period}" if one else NONE for one in reviews]),
        _row("Read on", [one.date.isoformat() if one else NONE for one in reviews]),
        _row("All charts", [_told(one, smallest) for one in reviews]),
    ]
    for what in ("elements", "clinicians"):
        parts = [{part.name: part for part in getattr(one, what)} if one else {} for one in reviews]
        names = dict.fromkeys(name for side in reversed(parts) for name in side)
        rows += [
            _row(
                next(_name(side[name]) for side in parts if name in side),
                [_count(side, name) for side in parts],
            )
            for name in names
        ]
    return rows


def _row(name: str, texts: Sequence[str]) -> Row:
    return Row((Cell(name), *(Cell(text) for text in texts)))


def _told(review: ChartReview | None, smallest: int) -> str:
    if review is None:
        return NONE
    text = f"{count(review.told.errors)} of {count(review.told.base)}"
    if review.share and review.told.base >= smallest:
        text += f": {tell_share(review, smallest)}, {interval(*review.share[1:])}"
    return text


def _name(part: Part) -> str:
    return part.title or part.name or "not told"


def _count(parts: dict[str, Part], name: str) -> str:
    part = parts.get(name)
    return f"{count(part.told.errors)} of {count(part.told.base)}" if part else UNKNOWN
