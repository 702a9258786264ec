"""What each posting belongs to in the end, and answers whose line is not among ours."""

from __future__ import annotations

import pytest

from tests.histories import history, shown

COLUMNS = "line_ref | claim_ref | code | service_date | charge | group | reason | amount | source_row"


def test_a_recoded_line_joins_by_its_number_only() -> None:
    """97124 answered as 97140: by claim and date it would take another line's answer."""
    lines = "line_id claim_id code charge\nL1 C1 97124 45\nL2 C1 97140 60"
    rows = "{ref} | C1 | 97140 | 10-05 | 45 | | | 30 | 5\n | C1 | 97140 | 10-05 | 60 | | | 40 | 7"
    told = shown(history(lines, f"{COLUMNS}\n{rows.format(ref='L1')}"), "code", "paid")
    assert told == ["97124 3000", "97140 4000"]
    found = history(lines, f"{COLUMNS}\n{rows.format(ref='')}")
    assert shown(found, "code", "paid") == ["97124 -", "97140 4000"]
    assert found.unmatched == (0, 1, 3000)


def test_another_charge_joins_where_no_answer_tells_the_very_one() -> None:
    """The charge may have been changed on a claim that is not in the files."""
    found = history("claim_id charge\nC1 60", f"{COLUMNS}\n | C1 | 97140 | 10-05 | 45 | | | 30 | 5")
    assert shown(found, "paid") == ["3000"]


@pytest.mark.parametrize(("lines", "joined"), [("claim_id\nC1", 1), ("claim_id\nC1\nC1", 0)])
def test_an_answer_to_a_whole_claim_joins_a_claim_of_one_line(lines: str, joined: int) -> None:
    found = history(lines, f"{COLUMNS}\n | C1 | | | | | | 30 | 5")
    assert [each.postings for each in found.joins][-1] == joined
    assert found.unmatched.postings == 1 - joined


def test_line_numbers_that_count_within_each_claim_of_a_remittance() -> None:
    """The list counts its lines from 1 too: another day, on another claim, speaks against the number."""
    lines = "line_id claim_id service_date\n1 C1 10-05\n2 C1 10-05\n3 C2 10-06"
    rows = "1 | C1 | 97140 | 10-05 | 60 | | | 10 | 5\n1 | C2 | 97140 | 10-06 | 60 | | | 30 | 7"
    found = history(lines, f"{COLUMNS}\n{rows}")
    assert shown(found, "claim_id", "paid") == ["C1 1000", "C1 -", "C2 3000"]


def test_answers_without_a_charge_are_listed_once_each() -> None:
    """Postings that name the same line on one day are one answer; records of a remittance are."""
    rows = [
        "L9 | | | | | | | 30 | 2",
        "L9 | | | | | CO | 45 | 30 | 3",
        " | C8 | 97140 | 10-05 | 60 | | | 40 | 5",
        " | C8 | 97140 | 10-05 | 60 | CO | 45 | 20 | 5",
        " | C8 | 97140 | 10-05 | 60 | | | 40 | 6",
        "L7 | | | | | CO | 45 | 30 | 8",
    ]
    found = history("line_id\nL1", "\n".join([COLUMNS, *rows]))
    listed = found.unmatched_answers
    assert listed["source_row"].tolist() == [2, 5, 6, 8]
    assert listed["cents"].fillna(-1).tolist() == [3000, 4000, 4000, -1]
    assert found.unmatched == (0, 6, 19000)
    assert list(listed.columns) == ["posted_on", "service_date", "code", "cents", "source_file", "source_row"]


def test_the_latest_answer_tells_under_which_code() -> None:
    header = "line_ref | posted_on | amount | answered_as"
    rows = "L1 | 10-19 | 40 | 97140 100\nL1 | 11-09 | 10 |\nL2 | 10-19 | 40 | 97140"
    found = history("line_id\nL1\nL2", f"{header}\n{rows}")
    assert found.lines["answered_as"].tolist() == ["", "97140"]
