"""Every row is used, set aside or refused, for one reason that can be told."""

from __future__ import annotations

import numpy as np
import pytest

from audit.intake.fates import ASIDE, REFUSED, USED, Fates, is_total
from tests.intake.sheets import line_layout, make_sheet, practice, read_table, rows_of


@pytest.mark.parametrize(
    ("total", "texts"),
    [
        (True, ["Total", "TOTALS:", "Grand total: $1,200.00", "Sub-total", "subtotal", "Sum"]),
        (False, ["", "1,200.00", "Total care", "Totally", "Summer", "a total"]),
    ],
)
def test_a_total_is_known_by_its_whole_cell(total: bool, texts: list[str]) -> None:
    assert [is_total(text) for text in texts] == [total] * len(texts)


def test_the_first_fate_of_a_row_stays() -> None:
    fates = Fates(make_sheet("A\n1\n2\n3"))
    fates.mark(np.array([True, False, False]), ASIDE, "", "blank")
    fates.mark(np.array([True, True, False]), REFUSED, "A", "no code")
    assert fates.kinds().tolist() == [ASIDE, REFUSED, USED]
    assert fates.open_rows(np.array([True, True, True])).tolist() == [2]
    assert rows_of(fates.frame(np.array([1, 2, 3]), np.array([True, False, True])), "row", "cents") == [
        (2, 1),
        (3, None),
    ]


def test_a_service_for_total_care_is_no_footer() -> None:
    """It has a code and a day, whatever a cell of it begins with."""
    mapped = read_table("DOS | Proc | Ins\n2026-03-04 | 97140 | Total Care Plan", line_layout())
    assert rows_of(mapped.charges, "payer") == [("Total Care Plan",)]
    assert len(mapped.fates) == 0


def test_a_total_with_a_code_is_a_service_without_a_day_and_refused() -> None:
    mapped = read_table("DOS | Proc | Chg\nTotal | 97140 | 60\n2026-03-04 | 97110 | 50", line_layout())
    assert rows_of(mapped.fates, "row", "fate", "reason", "cents") == [
        (2, "refused", "no usable service date", 6000)
    ]


def test_rows_of_another_kind_are_set_aside_before_anything_is_refused() -> None:
    layout = line_layout(kinds={"column": "Type", "services": ["Charge"]})
    mapped = read_table(
        """
Type    | DOS        | Proc  | Chg
CHARGE  | 2026-03-04 | 97140 | 60
Payment | 2026-03-04 |       | -40
Charge  | 2026-03-04 |       | 50
        | 2026-03-04 | 97140 | 10
""",
        layout,
    )
    assert rows_of(mapped.fates, "row", "fate", "column", "reason", "cents") == [
        (3, "set aside", "Type", "other row kind", -4000),
        (4, "refused", "Proc", "no code", 5000),
        (5, "set aside", "Type", "other row kind", 1000),
    ]


@pytest.mark.parametrize("key", ["line_id", "claim_id"])
def test_a_header_repeated_among_postings_is_no_posting(key: str) -> None:
    """As exports put together from several pages have it."""
    columns = {key: "Number", "reason": "Reason", "amount": "Adj"}
    mapped = read_table(
        "Number | Reason | Adj\nL1 | CO-45 | 5\nnumber | REASON | Adj\nL1 | PR-3 | 4",
        line_layout(row="posting", columns=columns),
    )
    assert rows_of(mapped.fates, "row", "fate", "reason") == [(3, "set aside", "repeated header")]
    assert rows_of(mapped.postings, "amount") == [(500,), (400,)]


def test_an_item_without_a_code_is_refused_until_the_practice_names_its_code() -> None:
    layout = line_layout(columns={"service_date": "DOS", "item": "Item", "charge": "Chg"})
    table = "DOS | Item | Chg\n2026-03-04 | Massage | 60"
    refused = read_table(table, layout)
    assert rows_of(refused.fates, "fate", "column", "cents") == [("refused", "Item", 6000)]
    named = read_table(table, layout, settings=practice(items={"massage": "97124"}))
    assert rows_of(named.charges, "code", "charge") == [("97124", 6000)]
