"""A file of postings: its kinds, groups, reasons and ranks, as the payers write them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from msgspec import structs

from audit.intake.layouts import Fields
from audit.intake.postings import postings_of, refusals
from audit.intake.readings import Readings
from tests.intake.sheets import line_layout, make_sheet, rows_of

COLUMNS = {
    "line_id": "Line",
    "service_date": "DOS",
    "code": "Proc",
    "modifiers": "Mod",
    "kind": "Kind",
    "group": "Group",
    "reason": "Reason",
    "remarks": "Remarks",
    "amount": "Amount",
    "payer_rank": "Rank",
    "claim_status": "Status",
}


def read(table: str, **changes: Any) -> Readings:
    layout = line_layout(row="posting", headers=["Line"], columns=COLUMNS, **changes)
    return Readings(Fields(make_sheet(table), structs.replace(layout, optional=list(COLUMNS))))


def posted(table: str, **changes: Any) -> pd.DataFrame:
    return postings_of(read(table, **changes), None)


@pytest.mark.parametrize(
    ("kind", "reason", "found"),
    [
        ("Insurance Payment", "", "payment"),
        ("PMT", "CO-45", "payment"),
        ("write-off", "", "adjustment"),
        ("Take-back", "CO-45", "reversal"),
        ("interest", "", "interest"),
        ("", "CO-45", "adjustment"),
        ("N/A", "", "payment"),
        ("", "N130", "payment"),
    ],
)
def test_a_kind_is_the_files_word_and_only_without_one_what_the_reason_makes_it(
    kind: str, reason: str, found: str
) -> None:
    table = f"Line | Kind | Reason | Amount\nL1 | {kind} | {reason} | 40"
    assert rows_of(posted(table), "kind") == [(found,)]


def test_a_group_of_its_own_column_goes_before_that_of_the_reason_and_none_is_guessed() -> None:
    postings = posted(
        """
Line | Group       | Reason
L1   | PR          | CO-45
L2   |             | CO-45
L3   | contractual | PR 3
L4   | Other       | 45
L5   | Other       | OA-23
L6   | pi          |
""",
        group_words={"Contractual": "CO"},
    )
    assert rows_of(postings, "group", "reason") == [
        ("PR", "45"),
        ("CO", "45"),
        ("CO", "3"),
        ("", "45"),
        ("OA", "23"),
        ("PI", ""),
    ]


@pytest.mark.parametrize(
    ("written", "rank"),
    [("1", 1), ("2.0", 2), ("Primary", 1), ("s", 2), ("TERTIARY", 3), ("", 0), ("0", 0), ("10", 0), ("?", 0)],
)
def test_a_payers_rank_that_is_not_told_is_no_first_payer(written: str, rank: int) -> None:
    assert rows_of(posted(f"Line | Rank\nL1 | {written}"), "payer_rank") == [(rank,)]


def test_numbers_that_a_spreadsheet_made_fractions_are_read_as_they_were() -> None:
    postings = posted("""
Line | Proc    | Reason | Status
L1   | 97140.0 | 45.0   | 22.0
L2   | 97140   | 045    | 22
""")
    assert rows_of(postings, "code", "reason", "claim_status") == [("97140", "45", "22")] * 2


def test_remarks_stand_in_their_column_or_among_the_reasons_and_a_strange_reason_is_told() -> None:
    readings = read("""
Line | Reason       | Remarks   | Amount
L1   | CO-16 N290   | ma130 N56 | -40.00
L2   | N115         |           |
L3   | see letter   | --        | 0
""")
    assert rows_of(postings_of(readings, None), "reason", "remarks", "amount") == [
        ("16", "MA130 N56 N290", -4000),
        ("", "N115", None),
        ("", "", 0),
    ]
    assert readings.notes() == ['column "Reason": 1 of its reasons could not be read and count as unknown']


def test_a_remark_or_a_modifier_that_is_written_twice_is_one() -> None:
    postings = posted("""
Line | Proc     | Mod   | Reason     | Remarks
L1   | 97140-59 | 59 GP | CO-16 N290 | N290
""")
    assert rows_of(postings, "modifiers", "remarks") == [("59 GP", "N290")]


def test_a_row_is_refused_for_its_kind_or_for_several_reasons_but_not_for_its_remarks() -> None:
    readings = read("""
Line | Kind    | Reason
L1   | gift    |
L2   | status  | CO-45
L3   |         | CO-45, PR-3
L4   | payment | CO-45, CO-45, N130
""")
    assert [(mask.tolist(), header) for mask, header, _ in refusals(readings.fields)] == [
        ([True, True, False, False], "Kind"),
        ([False, False, True, False], "Reason"),
    ]
