"""The first and the latest answer of a line, and what stands outside these."""

from __future__ import annotations

import pandas as pd
import pytest

from audit.bills import read_bills
from audit.columns import Ints, columns_of
from audit.remittances import UNDATED, Posted, day_of, read_postings
from audit.reversals import order_reversals
from audit.timeline import NEVER, Timeline, count_dates, find_first, find_latest, read_timeline
from tests.practices import shipped
from tests.tables import claim_lines, postings


def lay(posted: str, lines: str = "charge\n60") -> tuple[Posted, Timeline]:
    table = columns_of(claim_lines(lines))
    count = len(table["charge"])
    read = order_reversals(read_postings(columns_of(postings(posted)), count), count)
    return read, read_timeline(read, read_bills(table, read, shipped()))


def days(orders: Ints) -> list[str]:
    """Return orders as days of the month and year, "" where nothing happened."""
    found = pd.to_datetime(day_of(orders), unit="D", errors="coerce")
    return ["" if order == NEVER else f"{day:%m-%d}" for order, day in zip(orders, found, strict=True)]


@pytest.mark.parametrize(
    ("rows", "first", "latest"),
    [
        ("10-19 1 CO 29 60\n11-19 1 - - 40", "10-19", "11-19"),
        ("10-09 1 OA 133 60\n10-19 1 CO 29 60\n11-19 1 OA 133 60", "10-19", "10-19"),
        ("10-19 1 CO 29 60\n11-19 1 CO 193 60", "10-19", "10-19"),
        ("10-19 1 CO 29 60\n11-19 2 - - 40", "10-19", "10-19"),
        ("11-19 2 - - 40", "", "11-19"),
        ("10-19 1 - - 40\n11-19 1 CR 45 -40", "10-19", "11-19"),
        ("10-19 1 OA 133 60", "", ""),
    ],
)
def test_first_and_latest_answer(rows: str, first: str, latest: str) -> None:
    """Notices are passed over; a later payer, and a reversal, can be the latest and never the first."""
    _, timeline = lay(f"posted_on payer_rank group reason amount\n{rows}")
    assert (days(timeline.first), days(timeline.latest)) == ([first], [latest])


def test_answers_are_made_of_their_own_postings() -> None:
    """Where first and latest are one answer, no latest is made."""
    posted, timeline = lay(
        "line posted_on amount\n0 10-19 1\n0 11-19 2\n0 10-19 3\n1 10-19 4",
        "charge\n60\n60",
    )
    assert find_first(posted, timeline).tolist() == [0, 2, 3]
    assert timeline.changed.tolist() == [True, False]
    assert find_latest(posted, timeline).tolist() == [1]


def test_amounts_on_the_line_are_an_answer_without_a_date() -> None:
    """Unless a word says that the line waits, or postings tell of an answer."""
    lines = "charge paid\n60 40\n60 40\n60 40"
    _, timeline = lay(
        "line|kind|stated|posted_on|amount\n1|status|pending|10-19|\n2|payment||10-19|40", lines
    )
    assert [day_of(int(order)) for order in timeline.first[:1]] == [UNDATED]
    assert days(timeline.first[1:]) == ["", "10-19"]


def test_a_reversal_with_no_answer_before_it_misses_its_original() -> None:
    """So does a decision upheld before any that is in the files."""
    rows = """
        line posted_on group reason amount claim_status
        0    10-19     -     -      -40    22
        0    11-19     -     -      40     1
        1    10-19     CO    193    60     1
        1    11-19     CO    29     60     1
        2    10-19     -     -      40     1
        2    11-19     -     -      -40    22
        3    10-19     -     -      40     1
        3    10-19     -     -      -40    22
    """
    _, timeline = lay(rows, "charge\n60\n60\n60\n60")
    assert timeline.original_missing.tolist() == [True, True, False, False]
    assert timeline.taken_back.tolist() == [False, False, True, True]


def test_dates_of_answers_are_counted_once_whoever_answers() -> None:
    """Reversals count; notices that a claim waits or was sent on do not."""
    posted, _ = lay(
        """
        line posted_on payer_rank group reason amount
        0    10-19     1          CO    29     60
        0    10-19     1          CO    45     5
        0    11-19     2          -      -     40
        0    11-20     1          OA    133    60
        1    10-19     1          -      -     40
        1    11-19     1          CR    45     -40
        2    10-19     1          OA    B11    60
        """,
        "charge\n60\n60\n60",
    )
    assert count_dates(posted, 3).tolist() == [2, 2, 0]
