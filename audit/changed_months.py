"""Months that changed since they were reported: their denial rate then and now, and why.

In: earlier reports as saved, and the figures that the files make now. Out: a fold, in total and by
payer and code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from audit.blocks import UNKNOWN, Cell, Fold, Head, Row, Table, count, fold_rows, plural, rate
from audit.codes import code_book
from audit.figures import Counts
from audit.periods import Period, parse_period
from audit.showing import name_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.comparison import Comparison
    from audit.earlier import Earlier

DENIED, LINES = "denials/first_rate", "usage/lines"

BY = ("payer", "code")
"""Groups of which the changed months are listed."""


class Changed(NamedTuple):
    """A denial rate of a period as it was reported and as it is now; `more` lines are billed than then.

    `group` and `value` are "" in total.
    """

    period: Period
    reported: str
    group: str
    value: str
    then: Counts
    now: Counts
    more: int

    @property
    def size(self) -> tuple[int, int]:
        """By how many lines denied, and by how many decided, it changed."""
        denied, decided = (abs(now - then) for then, now in zip(self.then, self.now, strict=True))
        return denied, decided


def list_changed(comparison: Comparison, earlier: Sequence[Earlier]) -> Fold | None:
    """Return the periods whose denial rate is not what was last reported, and why; None where all are.

    First in total, then the payers and codes that changed, the largest change first.
    """
    meaning = comparison.measures[DENIED].definition
    told = [one for one in earlier if _reaches(comparison, one)]
    same = [one for one in told if DENIED in one.measures and one.measures[DENIED].definition == meaning]
    totals = [one for report in same for one in _find_changed(comparison, report, "")]
    groups = [one for report in same for group in BY for one in _find_changed(comparison, report, group)]
    if not totals and not groups:
        return None
    limit = comparison.limits.smallest_base
    others = f" {plural(len(told) - len(same), 'report')} defined it otherwise." if told != same else ""
    tables = (
        _lay_out(
            "answers-restated",
            "In total",
            totals,
            limit,
            "The initial denial rate as last reported and as the files tell it now. That it moves is normal: "
            f"payers answer late, claims are corrected.{others}",
        ),
        _lay_out(
            "answers-restated-groups",
            "By payer and code",
            sorted(groups, key=lambda one: tuple(-size for size in one.size)),
            limit,
            "Most denied lines more or fewer first.",
        ),
    )
    shown = tuple(table for table in tables if table.rows)
    return Fold("answers-changed", "Changed since reported", shown)


def _reaches(comparison: Comparison, report: Earlier) -> bool:
    """Whether a report measured denials, of months that the files still hold."""
    said = report.total(DENIED)
    return bool(said and said.denominator) and parse_period(report.period).first >= comparison.first_month


def _find_changed(comparison: Comparison, report: Earlier, group: str) -> Iterable[Changed]:
    """Yield the values of a group ("" in total) whose denied or decided lines are not as reported."""
    period = parse_period(report.period)
    before, billed = (report.by_value(measure, group) for measure in (DENIED, LINES))
    now, lines = (_count(comparison, measure, group, period) for measure in (DENIED, LINES))
    nothing = Counts(0, 0)
    for value in sorted({*before, *now}):
        then, is_now = before.get(value, nothing), now.get(value, nothing)
        if then != is_now:
            more = lines.get(value, nothing).numerator - billed.get(value, nothing).numerator
            yield Changed(period, report.as_of, group, value, then, is_now, more)


def _count(comparison: Comparison, measure: str, group: str, period: Period) -> dict[str, Counts]:
    """Return the counts of a group's values over the months of a period."""
    of, tabulation = comparison.measures[measure], comparison.tabulation
    months = range(period.first - comparison.first_month, period.last + 1 - comparison.first_month)
    values = tabulation.labels[group] if group else ("",)
    tops = tabulation.over(of.numerator, group, months).tolist()
    bases = tabulation.over(of.base, group, months).tolist() if of.base else [0] * len(values)
    return {value: Counts(*pair) for value, *pair in zip(values, tops, bases, strict=True)}


def _lay_out(name: str, title: str, changed: Sequence[Changed], smallest: int, note: str) -> Table:
    grouped = any(one.group for one in changed)
    rows = (
        Row(
            (
                *([_name(one)] if grouped else []),
                Cell(one.period.title, sort=one.period.last),
                Cell(one.reported),
                *(
                    Cell(rate(*counts, smallest) if counts.base else UNKNOWN)
                    for counts in (one.then, one.now)
                ),
                Cell(tell_why(one.then, one.now, one.more)),
            )
        )
        for one in changed
    )
    heads = (
        *([Head("Payer or code", numeric=False)] if grouped else []),
        Head("Month", numeric=False),
        Head("Reported on", numeric=False),
        Head("Denied then"),
        Head("Denied now"),
        Head("Why", numeric=False, sort=False),
    )
    return Table(name, title, heads, fold_rows(rows), note=note)


def _name(one: Changed) -> Cell:
    return name_cell(one.value, code_book().describe(one.value) if one.group == "code" else "")


def tell_why(then: tuple[int, int], now: tuple[int, int], more_lines: int) -> str:
    """Return what became of the lines in between: "14 lines answered since, 6 denied".

    `then` and `now` are lines denied and lines decided; `more_lines` how many more lines were billed.
    """
    denied, decided = (later - before for before, later in zip(then, now, strict=True))
    parts = []
    if decided > 0:
        parts.append(f"{plural(decided, 'line')} answered since")
    elif decided < 0:
        parts.append(f"{plural(-decided, 'line')} no longer in the rate")
    if 0 <= denied <= decided:
        parts.append(f"{count(denied) if denied else 'none'} denied")
    elif denied:
        parts.append(f"{count(abs(denied))} {'more' if denied > 0 else 'fewer'} denied")
    if more_lines:
        are = "lines" if abs(more_lines) > 1 else "line"
        parts.append(f"{count(abs(more_lines))} {are} {'added' if more_lines > 0 else 'gone'}")
    return ", ".join(parts)
