"""Findings that remember: what became of each since the report before.

A finding is known by its rule. The report before is the last one of a period of the same length that ended
before this one began, among those saved in the folder that the reports are written to. Where there is none,
the history itself tells for how many months on end a finding was there.

*Worse* and *better* are said where the rows differ by more than chance lets two such counts differ, as a
share of the rows checked and in number, and the dollars do not point the other way. Counts are compared by
their square roots (F. J. Anscombe, Biometrika 35 (1948) 246-254); rows of one claim or patient are found
together, months differ by themselves as much as those of the year before (`Finding.spread`), and all findings
of both reports are corrected together.
"""

from __future__ import annotations

from math import erfc, sqrt
from typing import TYPE_CHECKING

from msgspec.structs import replace

from audit.evidence import correct
from audit.figures import BETTER, NEW, REPEATED, WORSE, Resolved
from audit.periods import parse_period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from audit.earlier import Earlier, Found
    from audit.figures import Finding
    from audit.periods import Period

SIGNIFICANT = 0.05
"""Reports in which any finding is called worse or better where nothing changed, at most."""


def remember(
    findings: Sequence[Finding], earlier: Sequence[Earlier], period: Period, as_of: date
) -> tuple[Finding, ...]:
    """Return the findings with their state, their month and the day they were first shown, in their order.

    `earlier` are the reports that this one, of `period` as of `as_of`, looks back at, newest period first.
    """
    before = _before(earlier, period)
    shown = [before.finding(one.id) if before else None for one in findings]
    changes = iter(_compare([(one, then) for one, then in zip(findings, shown, strict=True) if then]))
    told = []
    for one, then in zip(findings, shown, strict=True):
        first = min((as_of, *_shown_on(one.id, earlier, period)))
        if before is None:
            new = 0 < one.since <= len(period.months)
            state, month = NEW if new else REPEATED if one.since else "", one.since
        elif then is None:
            state, month = NEW, 1
        else:
            state, month = next(changes), _month_of(then) + period.last - parse_period(before.period).last
        told.append(replace(one, state=state, month=month, first_shown=first))
    return tuple(told)


def find_resolved(
    findings: Sequence[Finding], earlier: Sequence[Earlier], period: Period, checked: Collection[str]
) -> tuple[Resolved, ...]:
    """Return the findings of the report before that are none any more, most rows first.

    `checked` are the rules that could be checked: what can no longer be told is not resolved.
    """
    before = _before(earlier, period)
    if before is None:
        return ()
    now = {one.id for one in findings}
    gone = [one for one in before.findings if one.id not in now and one.id in checked]
    return tuple(
        Resolved(one.id, one.rows, one.cents, before.period, min(_shown_on(one.id, earlier, period)))
        for one in sorted(gone, key=lambda one: (-one.rows, one.id))
    )


def _before(earlier: Sequence[Earlier], period: Period) -> Earlier | None:
    """Return the newest report of a period of the same length that ended before this one began."""
    for one in earlier:
        of = parse_period(one.period)
        if of.last < period.first and len(of.months) == len(period.months):
            return one
    return None


def _month_of(found: Found) -> int:
    return max(found.month or found.since, 1)


def _shown_on(name: str, earlier: Sequence[Earlier], period: Period) -> Iterator[date]:
    """Yield when a finding was first shown, as the report before and this period's own last one tell."""
    own = next((one for one in earlier if one.period == period.text), None)
    for report in (_before(earlier, period), own):
        found = report and report.finding(name)
        if report and found:
            yield found.first_shown or report.day


def _compare(pairs: Sequence[tuple[Finding, Found]]) -> list[str]:
    """Return of each finding and what it was whether it is worse, better or repeated."""
    chances = correct([_chance(now, then) for now, then in pairs]).tolist() if pairs else []
    return [
        REPEATED if chance > SIGNIFICANT else _direction(now, then)
        for (now, then), chance in zip(pairs, chances, strict=True)
    ]


def _chance(now: Finding, then: Found) -> float:
    """Return the probability that chance alone moves a count so much, up or down."""
    times = now.checked / then.checked
    expected = then.rows * times
    moved = 2 * (sqrt(now.rows + 0.375) - sqrt(expected + 0.375 * times))
    variance = now.together * (1 + times) + now.spread * (now.rows + expected)
    return erfc(abs(moved) / sqrt(2 * variance))


def _direction(now: Finding, then: Found) -> str:
    more = now.rows * then.checked > then.rows * now.checked
    money = (now.cents or 0) - (then.cents or 0)
    if more:
        return WORSE if now.rows > then.rows and money >= 0 else REPEATED
    return BETTER if now.rows < then.rows and money <= 0 else REPEATED
