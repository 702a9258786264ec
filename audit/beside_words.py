"""Words of change of two saved periods: the test of the report, with the earlier period as the past.

In: figures as saved. Out: the outcome words. Claims count as clusters as far as each report found them to
be; how restless months are is taken from the later file's history of payers (of visits: clinicians). All
figures of the page are corrected together. The arithmetic is in `evidence.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.evidence import PRIOR_SPREAD, correct, expect, find_tails, month_spread, surprise
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW, parse_figure_id
from audit.judging import SIGNIFICANT
from audit.outstanding import ALONE
from audit.periods import YEAR, month_text
from audit.series import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from audit.beside_sides import Side
    from audit.periods import Period
    from audit.results import SavedFigure

    Floats = NDArray[np.float64]


class Months(NamedTuple):
    """Effective counts by month, aligned: how many cases, of how many lines or visits."""

    cases: Sequence[float]
    lines: Sequence[float]


class Share(NamedTuple):
    """One share of two periods as it is tested.

    `spread` is the month spread of its group, `overall` the earlier period's share in total; `worse` 1, -1
    or 0, the direction that calls for a look; `waiting` the effective lines of the two that had no answer
    yet, where one had more time for them than the other.
    """

    past: Months
    now: Months
    spread: float
    overall: float
    worse: int
    waiting: tuple[float, float] = (0.0, 0.0)


def find_words(shares: Sequence[Share], smallest: int) -> list[str]:
    """Return the outcome word of each share, all corrected together.

    Under `smallest` effective lines on either side a share is too few to tell, and no part of the family.
    """
    words = [TOO_FEW] * len(shares)
    tested = [at for at, one in enumerate(shares) if min(sum(one.past.lines), sum(one.now.lines)) >= smallest]
    if not tested:
        return words
    lower, upper = _find_tails([shares[at] for at in tested])
    probability = [
        surprise(low, high, shares[at].worse) for low, high, at in zip(lower, upper, tested, strict=True)
    ]
    found = zip(tested, correct(probability), upper < lower, strict=True)
    for at, chance, rising in found:
        words[at] = _say(shares[at], chance=float(chance), rising=bool(rising))
    return words


def _say(share: Share, *, chance: float, rising: bool) -> str:
    if chance <= SIGNIFICANT:
        return HIGHER if rising else LOWER
    before, now = (sum(one.cases) / sum(one.lines) for one in (share.past, share.now))
    return BY_CHANCE if now > before else NOT_HIGHER


def _find_tails(shares: Sequence[Share]) -> tuple[Floats, Floats]:
    """Return how probable so few, and so many, cases are, a value a share.

    The earlier period may be as short as the later one, and a rate that was low by chance makes whatever
    follows look high: so the earlier must be surprising beside the later, too. And lines that wait must not
    be able to undo the word. Where a comparison is not surprising by itself, its tail counts.
    """
    tails = np.array([_beside(one, one.past, one.now) for one in shares])
    back = np.array([_beside(one, one.now, one.past) for one in shares])[:, ::-1]
    settled = np.array([_settle(one) for one in shares])
    for other in (back, settled):
        tails = np.where(other > ALONE, np.maximum(tails, other), tails)
    lower, upper = tails.T
    return lower, upper


def _settle(share: Share) -> tuple[float, float]:
    """Return the two tails with every line that waits counted against the word."""
    (past, now), (then, after) = share[:2], share.waiting
    lower, _ = _beside(share, _add(past, 0.0, then), _add(now, after, after))
    _, upper = _beside(share, _add(past, then, then), _add(now, 0.0, after))
    return lower, upper


def _add(months: Months, cases: float, lines: float) -> Months:
    """Return months with cases and lines more in the last."""
    return Months(
        [*months.cases[:-1], months.cases[-1] + cases], [*months.lines[:-1], months.lines[-1] + lines]
    )


def _beside(share: Share, past: Months, now: Months) -> tuple[float, float]:
    """Return how probable so few, and so many, cases of some months are beside those of others."""
    spread = np.array([share.spread])
    expected = expect([past.cases], [past.lines], [now.lines], 1.0, spread, share.overall)
    lower, upper = find_tails([sum(now.cases)], [sum(now.lines)], expected)
    return float(lower[0]), float(upper[0])


def lay_shares(earlier: Side, later: Side, figures: Mapping[str, str], *, aged: bool = False) -> list[Share]:
    """Return shares that both periods have, as they are tested.

    `figures` are ids and what is worse; `aged`: the two were saved at different ages.
    """
    names = [parse_figure_id(one) for one in figures]
    groups = {(name.measure, next(iter(name.where), "")) for name in names}
    spreads = {key: find_spread(later, *key) for key in groups}
    shares = []
    for name, worse in zip(names, figures.values(), strict=True):
        group, value = next(iter(name.where.items()), ("", ""))
        past, now = (side.figures[name.measure, group, value] for side in (earlier, later))
        whole = earlier.figures.get((name.measure, "", ""), past)
        shares.append(
            Share(
                past=_lay_months(past, earlier.period),
                now=_lay_months(now, later.period),
                spread=spreads[name.measure, group],
                overall=whole.numerator / (whole.denominator or 1),
                worse={"higher": 1, "lower": -1}.get(worse, 0),
                waiting=(
                    _count_waiting(earlier, past, group, value),
                    _count_waiting(later, now, group, value),
                )
                if aged and name.measure.startswith("denials/")
                else (0.0, 0.0),
            )
        )
    return shares


def _lay_months(figure: SavedFigure, period: Period) -> Months:
    """Return the effective counts of a period's months; equal ones where the file does not tell them."""
    base = figure.denominator or 0
    part = (figure.effective or 0.0) / base if base else 0.0
    told = [figure.history.get(month_text(month), (0, 0, None)) for month in period.months]
    cases, lines = [one[0] for one in told], [one[1] or 0 for one in told]
    if (sum(cases), sum(lines)) == (figure.numerator, base):
        return Months([one * part for one in cases], [one * part for one in lines])
    months = len(period.months)
    return Months([figure.numerator * part / months] * months, [base * part / months] * months)


def _count_waiting(side: Side, figure: SavedFigure, group: str, value: str) -> float:
    """Return the lines of a denial rate that no payer had answered, as effective ones."""
    answered = side.figures.get(("answers/answered", group, value))
    if answered is None or not answered.denominator or not figure.denominator:
        return 0.0
    return (answered.denominator - answered.numerator) * (figure.effective or 0.0) / figure.denominator


def find_spread(side: Side, measure: str, group: str) -> float:
    """Return the month spread of a group's values, as the report finds it from the year before the period.

    That of payers (of visits: clinicians) is the prior of other groups, in which payers even each other out.
    """
    by = "clinician" if measure.startswith("documentation/") else "payer"
    by = by if (measure, by) in side.values else ""
    cases, lines = _lay_history(side, measure, by)
    alone = month_spread(cases, lines, 1.0, PRIOR_SPREAD)
    if group == by:
        return alone
    shares = lines.sum(axis=1)
    whole = float(shares.sum())
    even = alone * float((shares**2).sum()) / whole**2 if whole else alone
    return month_spread(*_lay_history(side, measure, group), 1.0, even)


def _lay_history(side: Side, measure: str, group: str) -> tuple[Floats, Floats]:
    """Return the effective counts of a group's values, a column a month of the year before the period."""
    months = side.period.earlier_months(YEAR + LEFT_OUT)[:YEAR]
    names = [month_text(month) for month in months]
    values = side.values.get((measure, group), [])
    cases, lines = np.zeros((2, len(values), len(names)))
    for row, value in enumerate(values):
        history = side.figures[measure, group, value].history
        for column, name in enumerate(names):
            top, base, effective = history.get(name, (0, 0, None))
            if base and effective:
                cases[row, column], lines[row, column] = top * effective / base, effective
    return cases, lines
