"""Trends: what moves over the months up to the period, and what the whole months after it tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from audit.blocks import Cell, Chart, Head, Row, Table, count, rate, share
from audit.charts import shared_top, trend
from audit.codes import code_book
from audit.figures import HIGHER, LOWER
from audit.periods import month_title
from audit.showing import NOT_TOLD, tone, trend_months

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.charts import Month
    from audit.comparison import Comparison
    from audit.figures import Figure
    from audit.measures import Measure
    from audit.periods import Chosen


class Picked(NamedTuple):
    """A share worth drawing, what it is called, and the expected payment at stake."""

    figure: Figure
    title: str
    subtitle: str
    worth: Figure | None = None

    @property
    def rank(self) -> tuple[bool, int, str]:
        """What differs from its past comes first, then what has most at stake."""
        figure, worth = self.figure, self.worth
        return (figure.outcome not in (HIGHER, LOWER), -(worth.numerator if worth else 0), figure.id)


def draw_trends(comparison: Comparison, chosen: Chosen, most: int) -> tuple[Chart, ...]:
    """Return small multiples: the totals, then what differs from its past, then the largest.

    All of one topic have the same scale.
    """
    last = comparison.limits.usual_range_months + len(comparison.spans.this)
    drawn: list[tuple[Picked, Measure, list[Month]]] = []
    for one in _pick(comparison)[:most]:
        figure = one.figure
        months = trend_months(
            comparison, figure.measure, figure.group, figure.value, len(chosen.younger), last
        )
        flat = figure.group and not any(month.value for month in months)
        if sum(month.value is not None for month in months) >= 3 and not flat:
            drawn.append((one, comparison.measures[figure.measure], months))
    of_topic: dict[str, list[list[Month]]] = {}
    for _, measure, months in drawn:
        of_topic.setdefault(measure.topic, []).append(months)
    return tuple(
        trend(
            f"trend-{number}",
            one.title,
            months,
            subtitle=one.subtitle,
            top=_top(of_topic[measure.topic]),
            tone=tone(one.figure.outcome, measure.worse),
            usual=_usual(one.figure),
        )
        for number, (one, measure, months) in enumerate(drawn)
    )


def _usual(figure: Figure) -> tuple[float, float] | None:
    """Return the figure's usual range, where its months tell one."""
    if figure.usual_low is None or figure.usual_high is None:
        return None
    return figure.usual_low, figure.usual_high


def _top(months: Sequence[Sequence[Month]]) -> float:
    """Return the end of the scale of shares: a round one, 100 % at most; 10 % where all are zero."""
    some = any(month.value for of_one in months for month in of_one)
    return min(shared_top(months), 1.0) if some else 0.1


def _pick(comparison: Comparison) -> list[Picked]:
    """Return the totals, then every share large enough for a rate, by rank."""
    totals = (
        Picked(comparison.total("denials/first_rate"), "All payers and codes", "denied at first answer"),
        Picked(comparison.total("documentation/any"), "All visits", "with a documentation gap"),
    )
    rest = [
        one
        for one in (*_denied(comparison), *_gaps(comparison))
        if one.figure.base >= comparison.limits.smallest_base
    ]
    return [*(one for one in totals if one.figure.base), *sorted(rest, key=lambda one: one.rank)]


def _denied(comparison: Comparison) -> Iterable[Picked]:
    book = code_book()
    for group in ("code", "payer"):
        worth = comparison.by_value("reasons/denied_expected", group)
        for one in comparison.figures("denials/first_rate", group):
            title = f"{one.value} {book.name(one.value)}" if group == "code" else one.value or NOT_TOLD
            yield Picked(one, title, "denied at first answer", worth.get(one.value))


def _gaps(comparison: Comparison) -> Iterable[Picked]:
    for measure in comparison.measures.values():
        if (
            measure.topic == "documentation"
            and measure.numerator.table == "visits"
            and measure.base
            and measure.id != "documentation/any"
        ):
            money = f"{measure.id}_expected"
            worth = comparison.total(money) if money in comparison.measures else None
            yield Picked(comparison.total(measure.id), measure.title, "visits without it", worth)


def tell_since(comparison: Comparison, chosen: Chosen) -> Table | None:
    """Return the whole months after the period: what needs no answer, and how far the answers have come."""
    if not chosen.younger:
        return None
    ids = ("usage/visits", "usage/units", "documentation/any", "answers/answered")
    months = {name: comparison.months(name) for name in ids}
    rows = []
    for month in chosen.younger:
        at = month - comparison.first_month
        visits, units, gap, answered = (months[name][at] for name in ids)
        rows.append(
            Row(
                (
                    Cell(month_title(month), sort=month),
                    Cell(count(visits.numerator)),
                    Cell(count(round(units.numerator / 100))),
                    Cell(rate(gap.numerator, gap.base, comparison.limits.smallest_base)),
                    Cell(share(answered.numerator, answered.base)),
                )
            )
        )
    return Table(
        "since-then-months",
        "Since then",
        (
            Head("Month", numeric=False),
            Head("Visits"),
            Head("Units"),
            Head("Visits with a documentation gap"),
            Head("Lines answered"),
        ),
        tuple(rows),
        note="Denials are not judged yet: most answers are still to come.",
    )
