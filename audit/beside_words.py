"""Words of change of two saved periods: the test of the report, with the earlier period as the past.

In: figures as saved. Out: the outcome words. Claims count as clusters as far as each report found them to
be; how restless months are is taken from the later file's history of payers (of visits: clinicians). All
figures of the page, shares and means, are corrected together. The arithmetic is in `evidence.py`; means are
laid out and tested in `beside_means.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.beside_means import Mean, compare_both_ways, find_mean_spread, lay_mean, name_past
from audit.evidence import PRIOR_SPREAD, correct, even_out, expect, find_tails, month_spread, surprise
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW, parse_figure_id
from audit.outstanding import ALONE
from audit.periods import month_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from audit.beside_means import Key
    from audit.beside_sides import Side
    from audit.periods import Period
    from audit.results import SavedFigure

    Floats = NDArray[np.float64]


SIGNIFICANT = 0.03
"""Pages with any word where nothing changed, at most, if how restless months are were known. It is estimated
from one file: at 5 %, quarters of large, restless practices alarm in 7 % (`python -m benchmarks compare`)."""


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

    @property
    def sizes(self) -> tuple[float, float]:
        """The effective lines of the two."""
        return sum(self.past.lines), sum(self.now.lines)

    @property
    def levels(self) -> tuple[float, float]:
        """The two rates."""
        return sum(self.past.cases) / sum(self.past.lines), sum(self.now.cases) / sum(self.now.lines)


def find_words(figures: Sequence[Share | Mean], smallest: int) -> list[str]:
    """Return the outcome word of each figure, all corrected together.

    Under `smallest` effective lines on either side one is too few to tell, and no part of the family.
    """
    words = [TOO_FEW] * len(figures)
    tested = [at for at, one in enumerate(figures) if min(one.sizes) >= smallest]
    if not tested:
        return words
    lower, upper = np.array([_find_tails(figures[at]) for at in tested]).T
    probability = [
        surprise(low, high, figures[at].worse) for low, high, at in zip(lower, upper, tested, strict=True)
    ]
    found = zip(tested, correct(probability), upper < lower, strict=True)
    for at, chance, rising in found:
        words[at] = _say(figures[at], chance=float(chance), rising=bool(rising))
    return words


def _say(figure: Share | Mean, *, chance: float, rising: bool) -> str:
    if chance <= SIGNIFICANT:
        return HIGHER if rising else LOWER
    before, now = figure.levels
    return BY_CHANCE if now > before else NOT_HIGHER


def _find_tails(figure: Share | Mean) -> Floats:
    """Return how probable so little, and so much, is: the lower and the upper tail.

    The earlier period may be as short as the later one, and a rate that was low by chance makes whatever
    follows look high: so the earlier must be surprising beside the later, too. And lines that wait must not
    be able to undo the word. Where a comparison is not surprising by itself, its tail counts.
    """
    found = compare_both_ways(figure) if isinstance(figure, Mean) else _test_share(figure)
    tails, *others = np.array(found)
    for other in others:
        tails = np.where(other > ALONE, np.maximum(tails, other), tails)
    return np.asarray(tails)


def _test_share(share: Share) -> list[tuple[float, float]]:
    """Return the tails beside the past, those of the past beside it, and those with all answers in."""
    upper_back, lower_back = _beside(share, share.now, share.past)
    return [_beside(share, share.past, share.now), (lower_back, upper_back), _settle(share)]


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


def lay_figures(
    earlier: Side, later: Side, figures: Mapping[str, str], *, aged: bool = False
) -> list[Share | Mean]:
    """Return shares and means that both periods have, as they are tested.

    `figures` are ids and what is worse; `aged`: the two were saved at different ages.
    """
    names = [parse_figure_id(one) for one in figures]
    keys = [(name.measure, *next(iter(name.where.items()), ("", ""))) for name in names]
    is_mean = {key: later.tells_mean(later.figures[key]) for key in keys}
    spreads = {
        (measure, group): (find_mean_spread if is_mean[measure, group, value] else find_spread)(
            later, measure, group
        )
        for measure, group, value in keys
    }
    laid: list[Share | Mean] = []
    for key, direction in zip(keys, figures.values(), strict=True):
        worse, spread = {"higher": 1, "lower": -1}.get(direction, 0), spreads[key[:2]]
        if is_mean[key]:
            laid.append(lay_mean(earlier, later, key, spread, worse))
        else:
            laid.append(_lay_share(earlier, later, key, spread, worse, aged=aged))
    return laid


def _lay_share(earlier: Side, later: Side, key: Key, spread: float, worse: int, *, aged: bool) -> Share:
    past, now = (side.figures[key] for side in (earlier, later))
    whole = earlier.figures.get((key[0], "", ""), past)
    waits = aged and key[0].startswith("denials/")
    return Share(
        past=_lay_months(past, earlier.period),
        now=_lay_months(now, later.period),
        spread=spread,
        overall=whole.numerator / (whole.denominator or 1),
        worse=worse,
        waiting=(_count_waiting(earlier, key), _count_waiting(later, key)) if waits else (0.0, 0.0),
    )


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


def _count_waiting(side: Side, key: Key) -> float:
    """Return the lines of a denial rate that no payer had answered, as effective ones."""
    figure, answered = side.figures[key], side.figures.get(("answers/answered", *key[1:]))
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
    return month_spread(*_lay_history(side, measure, group), 1.0, even_out(alone, lines.sum(axis=1)))


def _lay_history(side: Side, measure: str, group: str) -> tuple[Floats, Floats]:
    """Return the effective counts of a group's values, a column a month of the year before the period."""
    names = name_past(side)
    values = side.values.get((measure, group), [])
    cases, lines = np.zeros((2, len(values), len(names)))
    for row, value in enumerate(values):
        history = side.figures[measure, group, value].history
        for column, name in enumerate(names):
            top, base, effective = history.get(name, (0, 0, None))
            if base and effective:
                cases[row, column], lines[row, column] = top * effective / base, effective
    return cases, lines
