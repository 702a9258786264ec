"""Judging: which figures differ from their own earlier months, all of one report in one family."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from msgspec.structs import replace

from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW
from audit.judging import Judgment, Trial, judge
from audit.periods import parse_period
from audit.series import Spans, lay_spans
from audit.settings import Thresholds

LIMITS = Thresholds()
FIRST = 2025 * 12
"""January 2025: the first of sixteen months, so that April 2026 is the last."""

QUIET = [10] * 16


class Row(NamedTuple):
    """A figure: the group it is of, what was denied in each of sixteen months, out of how many lines."""

    group: str
    denied: list[int]
    lines: int = 100
    effect: float = 1.0


def spans(period: str = "2026-04", months: int = 16) -> Spans:
    return lay_spans(parse_period(period), FIRST, months, LIMITS, judged=True)


def trial(*rows: Row, worse: int = 1, judged: tuple[str, ...] = ("", "code", "payer", "code,payer")) -> Trial:
    """Return rows under a quiet total, as they are tested."""
    every = [Row("", QUIET), *rows]
    top = np.array([row.denied for row in every])
    group = np.array([row.group for row in every], dtype=object)
    return Trial(
        top=top,
        bottom=np.array([[row.lines] * top.shape[1] for row in every]),
        waiting=None,
        settled=None,
        squares=None,
        effect=np.array([row.effect for row in every]),
        group=group,
        by="payer",
        within=np.full(len(every), -1),
        worse=worse,
        judged=np.isin(group, judged),
    )


def judge_one(*rows: Row, period: str = "2026-04") -> Judgment:
    """Return what is said of rows and the total above them."""
    return judge([trial(*rows)], spans(period), LIMITS)[0]


def word(*rows: Row, period: str = "2026-04") -> str:
    """Return what is said of the first row."""
    return str(judge_one(*rows, period=period).outcome[1])


def last(*denied: int) -> list[int]:
    """Return quiet months that end with these."""
    return [*QUIET[: 16 - len(denied)], *denied]


@pytest.mark.parametrize(
    ("denied", "said"),
    [(10, NOT_HIGHER), (9, NOT_HIGHER), (15, BY_CHANCE), (40, HIGHER), (0, LOWER)],
)
def test_the_last_month_is_judged_beside_its_own_past(denied: int, said: str) -> None:
    """After a year of 10 of 100 in every month, 15 is chance; 40 is not, and none at all neither."""
    assert word(Row("code", last(denied))) == said


def test_fewer_can_be_significant_too() -> None:
    assert word(Row("code", [100] * 15 + [40], lines=1000)) == LOWER


def test_a_rise_that_lasts_is_found_though_no_month_shows_it() -> None:
    """17 of 100 is nothing for once, but not three times on end."""
    once, lasting = judge_one(Row("code", last(17))), judge_one(Row("code", last(17, 17, 17)))
    assert once.outcome[1] == BY_CHANCE
    assert (lasting.outcome[1], lasting.months[1]) == (HIGHER, 3)


def test_what_one_month_shows_is_said_of_that_month() -> None:
    found = judge_one(Row("code", last(50)))
    assert (found.outcome[1], found.months[1]) == (HIGHER, 0)


def test_a_rise_that_is_over_is_not_called_one_that_lasts() -> None:
    """Two bad months, then one as ever: the pooled months alone would alarm."""
    assert word(Row("code", last(40, 40, 10))) == NOT_HIGHER


def test_a_quarter_is_judged_as_a_whole() -> None:
    """There are no three months beside it."""
    found = judge_one(Row("code", last(17, 17, 17)), period="2026-02..2026-04")
    assert (found.outcome[1], found.months[1]) == (HIGHER, 0)


def test_one_figure_among_many_needs_more() -> None:
    """What would be found alone is chance among two hundred figures, of whatever measure."""
    high = Row("code", last(20))
    assert word(high) == HIGHER
    many = [Row("code", QUIET)] * 200
    assert word(high, *many) == BY_CHANCE
    apart = judge([trial(high), trial(*many)], spans(), LIMITS)
    assert apart[0].outcome[1] == BY_CHANCE


def test_what_is_not_judged_counts_for_nothing() -> None:
    """No word, and no weight in the family."""
    high, many = Row("code", last(20)), [Row("location", last(50))] * 200
    found = judge([trial(high, *many)], spans(), LIMITS)[0]
    assert found.outcome[1] == HIGHER
    assert set(found.outcome[2:]) == {""}
    assert np.isnan(found.chance[2:]).all()


@pytest.mark.parametrize("row", [Row("code", [0] * 15 + [3], 3), Row("code", [1] * 15 + [9], 10, effect=4.0)])
def test_fewer_than_eleven_lines_are_too_few_to_tell(row: Row) -> None:
    """Over three months too, and where a design effect leaves fewer than there are."""
    found = judge_one(row)
    assert found.outcome[1] == TOO_FEW
    assert np.isnan(found.expected[1])


def test_without_half_a_year_before_there_is_nothing_to_tell() -> None:
    """Nine months of history: three stand beside the last, five before them are too few."""
    early = judge([trial(Row("code", last(60)))], spans("2025-09"), LIMITS)[0]
    assert set(early.outcome) == {TOO_FEW}


def test_restless_payers_make_a_jump_less_surprising() -> None:
    """Where payers swing between 2 and 18 of 100, 30 at one of them is no news; else it is."""
    swinging = [18, 2] * 8
    jump = Row("payer", [*swinging[:15], 30])
    restless = word(jump, Row("payer", swinging[::-1]), Row("payer", swinging))
    quiet = word(Row("payer", last(30)), Row("payer", QUIET), Row("payer", QUIET))
    assert (restless, quiet) == (BY_CHANCE, HIGHER)


def test_payers_that_swing_against_each_other_even_out_in_total() -> None:
    """The total's own months are quiet: 20 of 100 in all is more than chance while each payer swings."""
    swinging = [90, 10] * 8
    payers = [Row("payer", swinging, 500), Row("payer", swinging[::-1], 500)]
    judged = trial(*payers)
    top = judged.top.copy()
    top[0] = [100] * 15 + [170]
    found = judge(
        [
            replace(
                judged,
                top=top,
                bottom=np.where(judged.group == "", 1000, 500)[:, None] * np.ones((1, 16), int),
            )
        ],
        spans(),
        LIMITS,
    )[0]
    assert found.outcome[0] == HIGHER


def pair(payer: list[int], code: list[int]) -> str:
    """Return what is said of a code at a payer, 60 of the payer's 600 lines, among restless payers."""
    swinging = [90, 30] * 8
    made = trial(
        Row("code,payer", code, 60),
        Row("payer", payer, 600),
        Row("payer", swinging, 600),
        Row("payer", swinging, 600),
    )
    made = replace(made, within=np.array([-1, 2, -1, -1, -1]))
    return str(judge([made], spans(), LIMITS)[0].outcome[1])


def test_a_code_moves_with_its_payer() -> None:
    """Its denials double when all of the payer's do: that is the payer's news, which stands there."""
    quiet = [6] * 15
    assert pair([*[60] * 15, 150], [*quiet, 15]) == BY_CHANCE


def test_a_code_that_leaves_its_payer_stands_out() -> None:
    """17 of 60 is chance where payers are restless, but not where the rest of this one did not move."""
    quiet = [6] * 15
    assert pair([*[60] * 15, 71], [*quiet, 17]) == HIGHER
    alone = trial(
        Row("code,payer", [*quiet, 17], 60), Row("payer", [90, 30] * 8, 600), Row("payer", [30, 90] * 8, 600)
    )
    assert judge([alone], spans(), LIMITS)[0].outcome[1] == BY_CHANCE


def test_claims_denied_whole_tell_less() -> None:
    assert word(Row("code", last(22), effect=1.0)) == HIGHER
    assert word(Row("code", last(22), effect=4.0)) == BY_CHANCE


def test_a_mean_of_visits_is_tested_too() -> None:
    """Three units a visit, give or take one; then three and a half, of forty visits."""
    visits = np.full((1, 16), 40)
    units = visits * np.array([3.0] * 15 + [3.5])
    squares = np.rint(visits + units**2 / visits).astype(int)
    means = replace(trial(), top=units.astype(int), bottom=visits, squares=squares, worse=0, by="clinician")
    found = judge([means], spans(), LIMITS)[0]
    assert found.outcome[0] == HIGHER
    assert found.expected[0] == 3
    assert found.precision[0] == pytest.approx((1 / 40 + 1 / 480) ** 0.5, rel=0.02)


def test_nothing_to_judge_is_no_error() -> None:
    assert judge([], spans(), LIMITS) == []
