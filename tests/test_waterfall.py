"""What moved a rate: the sentence says no more than was found, the drawing and the table add up."""

from __future__ import annotations

import re

import pytest

from audit.blocks import MINUS
from audit.figures import HIGHER, LOWER, Counts
from audit.moves import Split, Subject, Value, pair_cases, split_numerator, split_rate
from audit.results import Limits
from audit.waterfall import Move, draw_move, list_parts, state_move, worth_showing
from tests.test_moves import values

SHORTS = ("Jun–Aug 2026", "Sep 2026")

ONE_PAYER = """
    name   denied  lines  now  of
    Aetna      30    300   31  300
    Cigna      10    100   40  100
"""
BOTH_IMPROVE = """
    name   denied  lines  now  of
    Aetna      40    800    8  200
    Cigna      60    200  200  800
"""
NEW_AND_GONE = """
    name   denied  lines  now  of
    Aetna      40    400   20  200
    Humana      0      0   60  100
    Kaiser      2    100    0    0
"""
SPREAD = """
    name   denied  lines  now  of
    A          10    100   20  100
    B          10    100   20  100
    C          10    100   20  100
    D          10    100   20  100
    E          10    100   20  100
"""


def split(text: str, group: str = "payer") -> Split:
    found = split_rate(group, values(text), 11)
    assert found
    return found


def reasons(before: dict[str, int], now: dict[str, int]) -> Split:
    whole = Value("", Counts(sum(before.values()), 400), Counts(sum(now.values()), 100))
    found = split_numerator("reason", pair_cases(before, now, whole), 11)
    assert found
    return found


DENIALS = Subject("denial rate", "lines")
GAPS = Subject("share of visits with a documentation gap", "visits")


def move(
    found: Split, outcome: str = HIGHER, subject: Subject = DENIALS, over: int = 0, age: bool = False
) -> Move:
    return Move(subject, found, outcome, "higher", SHORTS, Limits(), over, age)


BY_REASON = reasons({"CO-97": 20, "CO-16": 12, "PR-204": 4}, {"CO-97": 12, "CO-16": 3, "PR-204": 2})


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            move(split(ONE_PAYER)),
            "The denial rate rose from 10.0 % to 17.8 %: a higher rate at Cigna (+7.5 points) explains most "
            "of it.",
        ),
        (
            move(split(BOTH_IMPROVE)),
            "The denial rate rose from 10.0 % to 20.8 %: a larger share of lines at Cigna (+7.3 points) and "
            "a smaller share of lines at Aetna (+6.5) explain more than all of it.",
        ),
        (
            move(split(NEW_AND_GONE)),
            "The denial rate rose from 8.4 % to 26.7 %: new lines at Humana (+14.2 points) and no lines "
            "any more at Kaiser (+3.1) explain most of it.",
        ),
        (
            move(split(SPREAD, "code")),
            "The denial rate rose from 10.0 % to 20.0 %: a higher rate of A (+2.0 points) and B (+2.0) are "
            "the largest parts.",
        ),
        (
            move(BY_REASON),
            "The denial rate rose from 9.0 % to 17.0 %: more denials for CO-97 (+7.0 points) explain most "
            "of it.",
        ),
        (
            move(split(ONE_PAYER), ""),
            "The change from 10.0 % to 17.8 % is within chance; its largest part is a higher rate at Cigna "
            "(+7.5 points).",
        ),
        (
            move(split(NEW_AND_GONE), ""),
            "The change from 8.4 % to 26.7 % is within chance; its largest parts are new lines at Humana "
            "(+14.2 points) and no lines any more at Kaiser (+3.1).",
        ),
        (
            move(split(ONE_PAYER), over=3),
            "Over the last 3 months the denial rate rose from 10.0 % to 17.8 %: a higher rate at Cigna "
            "(+7.5 points) explains most of it.",
        ),
        (
            move(split(ONE_PAYER), "", age=True),
            "The change from 10.0 % to 17.8 %, at the same age, is within chance; its largest part is a "
            "higher rate at Cigna (+7.5 points).",
        ),
        (
            move(split(ONE_PAYER), age=True),
            "The denial rate rose from 10.0 % to 17.8 %, at the same age: a higher rate at Cigna (+7.5 "
            "points) explains most of it.",
        ),
        (
            move(split(ONE_PAYER), subject=GAPS),
            "The share of visits with a documentation gap rose from 10.0 % to 17.8 %: a higher rate at Cigna "
            "(+7.5 points) explains most of it.",
        ),
    ],
    ids=[
        "one payer",
        "both improve",
        "new and gone",
        "spread evenly",
        "a reason",
        "within chance",
        "two within chance",
        "three months",
        "a young period",
        "a young period, found",
        "documentation",
    ],
)
def test_the_sentence(told: Move, sentence: str) -> None:
    assert state_move(told) == sentence


def test_a_fall_is_told_as_one() -> None:
    table = "name denied lines now of\nAetna 60 300 10 300\nCigna 10 100 10 100"
    assert state_move(move(split(table), LOWER)) == (
        f"The denial rate fell from 17.5 % to 5.0 %: a lower rate at Aetna ({MINUS}12.5 points) explains "
        "most of it."
    )


def test_a_payer_that_the_export_leaves_blank_is_not_told() -> None:
    rows = [value._replace(name="" if value.name == "Cigna" else value.name) for value in values(ONE_PAYER)]
    found = split_rate("payer", rows, 11)
    assert found
    assert "at not told (+7.5 points)" in state_move(move(found))


@pytest.mark.parametrize("outcome", [HIGHER, LOWER, ""])
def test_no_word_of_change_without_a_finding(outcome: str) -> None:
    """ "Rose", "fell" and "explain" stand only where a test found more than chance."""
    said = state_move(move(split(ONE_PAYER), outcome))
    assert bool(outcome) == bool(re.search(r"\b(rose|fell|explains?)\b", said))
    assert bool(outcome) != ("within chance" in said)


def test_a_change_against_what_was_found_is_not_told() -> None:
    rise = split(ONE_PAYER)
    assert worth_showing(rise, HIGHER)
    assert not worth_showing(rise, LOWER)
    assert worth_showing(rise, "")
    small = split("name denied lines now of\nA 100 1000 104 1000\nB 100 1000 100 1000")
    assert not worth_showing(small, "")
    assert worth_showing(small, HIGHER)


def test_the_drawing_goes_from_then_to_now() -> None:
    chart = draw_move(move(split(BOTH_IMPROVE)), "moved")
    assert chart.title == "What moved the denial rate, by payer"
    assert chart.description == (
        f"Jun–Aug 2026 10.0 %; Cigna, share +7.3; Aetna, share +6.5; Cigna {MINUS}2.5; Aetna {MINUS}0.5; "
        "Sep 2026 20.8 %."
    )
    assert chart.legend == "Solid: rate. Hatched: share of lines."
    assert ">Cigna, share<" in chart.narrow


def test_what_is_not_drawn_stands_together() -> None:
    chart = draw_move(move(split(SPREAD, "code")), "moved")
    assert "All others +2.0" in chart.description
    assert chart.legend == ""


def test_only_what_the_sentence_names_is_colored() -> None:
    found = move(split(ONE_PAYER))
    assert draw_move(found, "moved").wide.count("fill:var(--worse)") == 2  # the bar and its number
    quiet = draw_move(move(split(ONE_PAYER), ""), "moved").wide
    assert "worse" not in quiet
    assert "better" not in quiet


def test_a_long_name_leaves_room_for_what_is_drawn_of_it() -> None:
    rows = [value._replace(name=f"{value.name} of a very long name") for value in values(BOTH_IMPROVE)]
    found = split_rate("payer", rows, 11)
    assert found
    assert ">Cigna of a ve…, share<" in draw_move(move(found), "moved").narrow


def cells(found: Move) -> list[list[str]]:
    table = list_parts(found, "parts")
    assert table.fold
    assert all(len(row.cells) == len(table.heads) for row in table.rows)
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_every_part_is_listed_and_added_up() -> None:
    few = "\n    Few 1 6 0 2"
    assert cells(move(split(NEW_AND_GONE.rstrip() + few))) == [
        ["Humana", "0 %", "33.1 %", "·", "60.0 %", "·", "+14.1"],
        ["Kaiser", "19.8 %", "0 %", "2.0 %", "·", "·", "+3.1"],
        ["Aetna", "79.1 %", "66.2 %", "10.0 %", "10.0 %", "·", "+1.0"],
        ["All others", "1.2 %", "0.7 %", "1 of 6", "0 of 2", f"{MINUS}0.2", "0.0"],
        ["All", "100 %", "100 %", "8.5 %", "26.5 %", f"{MINUS}0.2", "+18.1"],
    ]


def test_reasons_are_listed_with_their_lines() -> None:
    assert cells(move(BY_REASON)) == [
        ["CO-97", "20", "12", "5.0 %", "12.0 %", "+7.0"],
        ["CO-16", "12", "3", "3.0 %", "3.0 %", "·"],
        ["All others", "4", "2", "1.0 %", "2.0 %", "+1.0"],
        ["All", "36", "17", "9.0 %", "17.0 %", "+8.0"],
    ]
