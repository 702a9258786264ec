"""Lists to work on: every line by file and row, with room to write down when it was looked at."""

from __future__ import annotations

from msgspec.structs import replace

from audit.worklists import write_lists
from tests.practices import mark_rows
from tests.tables import payments

NO_PAYMENTS = payments("payment")

LINES = """
    | source_file | service_date | units | credit | credit_on | taken_back | taken_back_on   | answered_as |
    | b.csv       | 10-05        | 2     | 12.00  | 11-02     | 0.00       | 11-02           | 97124 100   |
    | b.csv       | 09-05        | -     | 0.00   | -         | 40.00      | 11-03           | 97124       |
    | a.csv       | 10-06        | 1     | 3.00   | -         | 0.00       | 11-04           | -           |
"""


def test_credits_of_all_months_are_listed_by_file_and_row() -> None:
    """Whole cents; what is not known is blank, and so is the day of the review."""
    tables = write_lists(mark_rows(LINES).lines, NO_PAYMENTS)
    assert tables["tables/credit_balances.csv"].splitlines() == [
        "file,row,payer,code,service_date,cents,first_shown,reviewed_on",
        "a.csv,4,Aetna,97140,2026-10-06,300,,",
        "b.csv,2,Aetna,97140,2026-10-05,1200,2026-11-02,",
    ]
    assert tables["tables/take_backs.csv"].splitlines()[1:] == [
        "b.csv,3,Aetna,97140,2026-09-05,4000,2026-11-03,"
    ]
    assert tables["tables/answered_otherwise.csv"].splitlines()[1:] == [
        "b.csv,2,Aetna,97140,2026-10-05,200,97124 100,",
        "b.csv,3,Aetna,97140,2026-09-05,,97124,",
    ]


def test_the_order_in_which_files_were_read_changes_no_list() -> None:
    lines = mark_rows(LINES).lines
    files = lines.frame["source_file"].cat.reorder_categories(["b.csv", "a.csv"])
    other = replace(lines, frame=lines.frame.assign(source_file=files))
    assert write_lists(other, NO_PAYMENTS) == write_lists(lines, NO_PAYMENTS)


def test_a_list_of_nothing_is_left_out() -> None:
    assert write_lists(mark_rows("credit taken_back\n0.00 0.00").lines, NO_PAYMENTS) == {}


def test_payments_are_listed_without_the_number_of_the_check() -> None:
    told = payments("""
        payer  paid_on     trace  payment  claims_paid  adjusted  claims  source_row
        Aetna  2026-10-19  T77    50.00    50.00        -         1       90
        Aetna  2026-10-05  T78    100.00   110.00       10.00     3       12
    """)
    (table,) = write_lists(mark_rows("credit\n0.00").lines, told).values()
    assert table.splitlines() == [
        "payer,paid_on,payment,claims_paid,adjusted,interest,claims,unbalanced,file,row",
        "Aetna,2026-10-05,10000,11000,1000,,3,0,payer.835,12",
        "Aetna,2026-10-19,5000,5000,,,1,0,payer.835,90",
    ]
