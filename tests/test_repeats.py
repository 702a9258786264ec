"""What stands in the files twice is counted once."""

from __future__ import annotations

from audit.repeats import DUPLICATE, SUPERSEDED
from tests.histories import decisions, history


def test_same_line_number_with_same_contents_is_a_duplicate() -> None:
    """A line exported twice is one line; its row is set aside with its dollars."""
    found = history("line_id source_file source_row\nL1 a.csv 2\nL1 b.csv 2\nL2 b.csv 3")
    assert found.lines["line_id"].tolist() == ["L1", "L2"]
    assert found.set_aside == (("a.csv", DUPLICATE, 1, 6000),)
    assert found.fates[["file", "row", "reason", "cents"]].values.tolist() == [
        ["a.csv", 2, "duplicate", 6000]
    ]


def test_same_line_number_with_other_contents_is_superseded() -> None:
    """The line read last is kept (file name, then row), whatever order the rows come in."""
    rows = "line_id source_file source_row charge\nL1 b.csv 2 70\nL1 a.csv 9 60"
    found = history(rows)
    assert found.lines["charge"].tolist() == [7000]
    assert found.set_aside == (("a.csv", SUPERSEDED, 1, 6000),)


def test_codes_of_one_record_are_no_repeats() -> None:
    """Several codes of one record carry its number, and are lines of their own."""
    found = history("line_id code source_row\nL1 97140 2\nL1 97124 2")
    assert len(found.lines) == 2


def test_equal_rows_of_one_file_stay() -> None:
    """Without line numbers equal rows of one file may be two services."""
    assert len(history("code\n97140\n97140").lines) == 2


def test_equal_rows_of_two_files_are_an_overlap() -> None:
    """Equal rows of two exports are one service, as often as one export has them."""
    found = history("""
        patient_ref source_file source_row
        ann         a.csv       2
        ann         a.csv       3
        ann         b.csv       2
        ann         b.csv       3
        ann         b.csv       4
        bob         b.csv       5
    """)
    assert len(found.lines) == 4
    assert found.set_aside == (("b.csv", DUPLICATE, 2, 12000),)


def test_postings_of_a_duplicate_belong_to_the_line_kept() -> None:
    """A later export of the same line brings its answer along; an older state of a line does not count."""
    same = "line_id source_file source_row charge\nL1 a.csv 2 60\nL1 b.csv 2 60"
    other = "line_id source_file source_row charge\nL1 a.csv 2 50\nL1 b.csv 2 60"
    answer = "charge_row group reason amount\n0 CO 29 60"
    assert decisions(history(same, answer)) == ["denied"]
    assert decisions(history(other, answer)) == ["pending"]
    assert history(other, answer).superseded == (0, 1, 6000)


def test_posting_of_two_files_counts_once() -> None:
    """The same posting from two files is one; inside one file equal postings are two."""
    twice = "line_ref amount source_file\nL1 20 a.csv\nL1 20 b.csv\nL1 20 b.csv"
    found = history("line_id\nL1", twice)
    assert found.lines["paid"].tolist() == [4000]
    assert found.repeated == (0, 1, 2000)


def test_remarks_do_not_make_a_posting_another_one() -> None:
    """A spreadsheet leaves remarks away; the posting that has them is kept."""
    rows = "line_ref group reason amount source_file remarks\nL1 CO 16 60 a.csv -\nL1 CO 16 60 b.csv MA130"
    assert decisions(history("line_id\nL1", rows)) == ["rejected"]


def test_undated_posting_is_the_dated_one_of_another_file() -> None:
    """A spreadsheet without posting dates and a remittance tell of one answer."""
    rows = "line_ref posted_on group reason amount source_file\nL1 - CO 29 60 a.csv\nL1 10-19 CO 29 60 b.csv"
    found = history("line_id\nL1", rows)
    assert found.lines["first_denied"].tolist() == [6000]
    assert found.repeated.postings == 1


def test_same_answer_on_two_dates_is_two_answers() -> None:
    """Files that date a posting differently tell of two; so do an undated and a dated one of one file."""
    dated = "line_ref posted_on amount source_file\nL1 10-19 20 a.csv\nL1 10-20 20 b.csv\nL1 - 10 b.csv"
    undated = "line_ref posted_on amount source_file\nL1 10-19 20 a.csv\nL1 - 20 a.csv\nL1 10-20 10 b.csv"
    assert history("line_id\nL1", dated).repeated.postings == 0
    assert history("line_id\nL1", undated).repeated.postings == 0
