"""Episodes: days on the time line of a course, and to which discipline a visit belongs."""

from __future__ import annotations

from datetime import date

import numpy as np

from audit.episodes import DISCIPLINES, NONE, SPAN, Episodes, TimeLine, is_treatment
from tests.practices import AS_OF, mark_rows, shipped


def line(*marks: tuple[int, int]) -> TimeLine:
    return TimeLine(np.array([course * SPAN + day for course, day in marks], dtype=np.int64))


def asked(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_newest_and_next_stay_within_the_course() -> None:
    days = line((1, 10), (1, 20), (3, 15))
    newest = days.days(days.newest(asked(1, 1, 1, 2, 3, 0), asked(9, 10, 25, 99, 99, 99)))
    assert newest.tolist() == [NONE, 10, 20, NONE, 15, NONE]
    following = days.days(days.next(asked(1, 1, 1, 2, 3, 4), asked(0, 11, 21, 0, 15, 0)))
    assert following.tolist() == [10, 20, NONE, NONE, 15, NONE]


def test_between_counts_both_ends() -> None:
    days = line((1, 10), (1, 20), (1, 30), (2, 20))
    assert days.between(asked(1, 1, 1, 3), asked(10, 11, 0, 0), asked(30, 29, 99, 99)).tolist() == [
        3,
        1,
        3,
        0,
    ]


def test_an_empty_line_holds_nothing() -> None:
    days = line()
    assert days.days(days.newest(asked(1), asked(5))).tolist() == [NONE]
    assert days.days(days.next(asked(1), asked(5))).tolist() == [NONE]
    assert days.between(asked(1), asked(0), asked(5)).tolist() == [0]


def disciplines(lines: str, seen: str = "") -> list[str]:
    rows = Episodes(mark_rows(lines, seen), shipped(), AS_OF)
    return [DISCIPLINES[number] for number in rows.discipline]


def test_a_discipline_is_told_by_modifier_or_code_else_by_the_patients_other_visits() -> None:
    """Where a patient has two, it stays open."""
    lines = """
        | visit | patient | code  | modifiers |
        | A     | ann     | 97110 | GO        |
        | B     | bob     | 97161 | -         |
        | C     | bob     | 97110 | -         |
        | D     | cyd     | 97161 | -         |
        | E     | cyd     | 97165 | -         |
        | F     | cyd     | 97110 | -         |
        | G     | dee     | 97110 | -         |
        """
    seen = "patient\nann\nbob\nbob\ncyd\ncyd\ncyd\ndee"
    assert disciplines(lines, seen) == ["ot", "pt", "pt", "pt", "ot", "", ""]


def test_what_is_no_treatment() -> None:
    assert [is_treatment(code) for code in ("97161", "97164", "99213", "98975", "4004F")] == [False] * 5
    assert [is_treatment(code) for code in ("97110", "97010", "99999X")] == [True] * 3


def test_a_date_that_no_note_tells_is_none() -> None:
    rows = Episodes(mark_rows("code\n97110", "plan_on\n-"), shipped(), date(2026, 12, 1))
    assert not rows.has("plan_on", "certified_on")
    assert rows.dates("plan_on").tolist() == [NONE]
    assert rows.tells("plan_on").tolist() == [False]
