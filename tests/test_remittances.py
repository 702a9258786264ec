"""What a posting says: its part of an answer, and the notices beside its cents."""

from __future__ import annotations

import pytest

from audit.columns import columns_of
from audit.lines import DECISIONS
from audit.remittances import (
    ALLOWED,
    BUNDLED,
    CAPITATION,
    CONTRACTUAL,
    DUPLICATE,
    LATER,
    NOTHING,
    PAID,
    PENDING,
    PREDETERMINED,
    PRIOR,
    REFUSED,
    REJECTED,
    SENT_ON,
    SHARE,
    TAKEN,
    UNDATED,
    UNEXPLAINED,
    UPHELD,
    Posted,
    day_of,
    read_postings,
)
from tests.tables import postings


def read(text: str, count: int = 3, **defaults: object) -> Posted:
    return read_postings(columns_of(postings(text, **defaults)), count)


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("payment | | ", PAID),
        ("reversal | | ", PAID),
        ("allowed | | ", ALLOWED),
        ("interest | | ", NOTHING),
        ("status | | ", NOTHING),
        ("adjustment | CO | 197", REFUSED),
        ("adjustment | PR | 204", REFUSED),
        ("adjustment | OA | 18", REFUSED),
        ("adjustment | PR | 1", SHARE),
        ("adjustment | PR | ", SHARE),
        ("adjustment | CO | 104", TAKEN),
        ("adjustment | OA | 23", PRIOR),
        ("adjustment | CO | 45", CONTRACTUAL),
        ("adjustment | CO | ", CONTRACTUAL),
        ("adjustment | CO | ZZ9", UNEXPLAINED),
        ("adjustment | | ", NOTHING),
        ("adjustment | CO | 85", NOTHING),
        ("reversal | CO | 197", REFUSED),
        ("payment | CO | 197", PAID),
    ],
)
def test_part_of_an_answer(row: str, part: int) -> None:
    """An adjustment is what its reason says, else what its group says; all else is what its kind says."""
    posted = read(f"kind | group | reason | amount\n{row} | 60")
    assert posted.part.tolist() == [part]
    assert posted.is_answer.tolist() == [part != NOTHING and not row.startswith("reversal")]


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("group reason", "OA 101", PREDETERMINED),
        ("claim_status", "25", PREDETERMINED),
        ("claim_status", "23", SENT_ON),
        ("group reason", "OA B11", SENT_ON),
        ("group reason", "OA 133", PENDING),
        ("kind|stated", "status|pending", PENDING),
        ("group reason", "CO 193", UPHELD),
        ("payer_rank", "2", LATER),
        ("claim_status", "21", LATER),
        ("claim_status", "19", 0),
        ("group reason", "OA 23", LATER),
        ("remarks", "N1|MA130", 0),
        ("group reason", "OA 18", DUPLICATE),
        ("group reason", "CO 97", BUNDLED),
        ("group reason", "CO 24", CAPITATION),
        ("group reason", "PR 24", 0),
        ("group reason", "CO 45", 0),
    ],
)
def test_what_is_said_beside_the_cents(header: str, row: str, said: int) -> None:
    """Reason, claim status, payer and word each say something; capitation is said by CO alone."""
    if header == "remarks":
        header, row, said = "remarks | amount", "N1 MA130 |", REJECTED
    assert read(f"{header}\n{row}").says.tolist() == [said]


def test_a_notice_holds_for_the_whole_answer_and_for_no_other() -> None:
    """What the payer did to another line, on another date, or another payer did, stays as it was."""
    posted = read("""
        line posted_on payer_rank claim_status amount
        0    10-19     1          23           0
        0    10-19     1          1            40
        0    10-20     1          1            40
        0    10-19     0          1            40
        1    10-19     1          1            40
    """)
    assert posted.says.tolist() == [SENT_ON, SENT_ON, 0, 0, 0]


def test_undated_postings_belong_to_the_last_dated_answer() -> None:
    """Where there is none they stay undated."""
    posted = read("line posted_on amount\n0 10-19 1\n0 11-19 1\n0 - 1\n1 - 1")
    day = day_of(posted.order)
    assert day[2] == day[1] > day[0]
    assert day[3] == UNDATED


def test_words_that_are_no_answer_state_no_decision() -> None:
    posted = read("kind|stated\nstatus|not billed\nstatus|denied\nstatus|")
    assert posted.word.tolist() == [DECISIONS.index("not billed"), DECISIONS.index("denied"), -1]
    assert posted.stated.tolist() == [-1, DECISIONS.index("denied"), -1]
    assert posted.is_answer.tolist() == [False, True, False]


def test_an_amount_that_could_not_be_read_is_no_nought() -> None:
    """It is marked where it is part of an answer."""
    posted = read("kind amount\npayment -\npayment 0\ninterest -")
    assert posted.unread.tolist() == [True, False, False]


def test_what_a_reversal_takes_back_is_below_zero_however_it_is_signed() -> None:
    posted = read("line kind amount\n0 payment 40\n0 reversal 40\n1 payment 40\n1 reversal -30")
    assert posted.sum_signed(posted.part == PAID, 3).tolist() == [0, 1000, 0]
    assert posted.lines_where(posted.reversal, 3).tolist() == [True, True, False]


def test_a_label_names_group_and_reason() -> None:
    posted = read("group reason amount\nPR 96 60\n- 29 60\nCO - 60")
    assert [posted.labels[pair] for pair in posted.pair] == ["PR-96", "29", "CO"]
    assert posted.to_patient[posted.pair].tolist() == [True, False, False]
