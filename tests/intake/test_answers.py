"""What the amounts and words beside a line say that its payer answered."""

from __future__ import annotations

from typing import Any

import pytest

from audit.intake.answers import answers_beside_lines
from audit.intake.charges import CodeCells, plan_lines
from audit.intake.layouts import Fields
from audit.intake.readings import Readings
from audit.settings import Layout
from tests.intake.sheets import line_layout, make_sheet, read_table, rows_of, shipped

ADJUSTMENT = ("charge_row", "group", "reason", "amount")


def answers(table: str, layout: Layout | None = None, *columns: str) -> list[tuple[Any, ...]]:
    readings = Readings(Fields(make_sheet(table), layout or line_layout()))
    plan = plan_lines(readings, CodeCells(readings.fields, shipped()), None)
    return rows_of(answers_beside_lines(readings, plan, None), *columns or ADJUSTMENT)


def test_a_line_that_tells_nothing_was_not_answered() -> None:
    assert answers("DOS | Proc | Chg\n2026-03-04 | 97140 | 60") == []


def test_a_payment_taken_back_keeps_its_sign() -> None:
    found = answers("DOS | Proc | Paid\n2026-03-04 | 97140 | (40.00)", None, "kind", "amount")
    assert found == [("payment", -4000)]


@pytest.mark.parametrize(
    ("reason", "amount", "told"),
    [
        ("CO-45", "20", [(0, "CO", "45", 2000)]),
        ("CO-45", "", [(0, "CO", "45", None)]),
        ("CO-45", "0", [(0, "CO", "45", 0)]),
        ("CO-45", "x", [(0, "CO", "45", None)]),
        ("CO-45", "-20", [(0, "CO", "45", -2000)]),
        ("CO-45, PR-3", "20", [(0, "CO", "45", None), (0, "PR", "3", None)]),
        ("", "20", [(0, "", "", 2000)]),
        ("", "0", []),
        ("N130", "", []),
    ],
)
def test_a_reason_has_the_amount_beside_it_only_where_it_stands_alone(
    reason: str, amount: str, told: list[tuple[Any, ...]]
) -> None:
    assert answers(f"DOS | Proc | Reason | Adj\n2026-03-04 | 97140 | {reason} | {amount}") == told


def test_the_group_of_its_own_column_goes_before_the_one_written_at_the_reason() -> None:
    table = """
DOS        | Proc  | Group | Reason | Adj
2026-03-04 | 97140 | PR    | CO-45  | 5
2026-03-04 | 97140 |       | OA-23  | 5
"""
    assert answers(table) == [(0, "PR", "45", 500), (1, "OA", "23", 500)]


def test_a_paid_cell_that_cannot_be_read_is_no_payment_of_zero() -> None:
    table = "DOS | Proc | Paid | Posted\n2026-03-04 | 97140 | see EOB | 2026-04-01"
    assert answers(table, None, "kind", "amount") == []


def test_what_a_row_tells_stands_in_the_order_of_lines() -> None:
    layout = line_layout(status={"column": "State", "words": {"denied": "denied"}})
    table = """
DOS        | Proc  | Paid | State  | Reason
2026-03-04 | 97140 | 0    | Denied | CO-97
2026-03-04 | 97110 | 40   |        |
"""
    assert answers(table, layout, "charge_row", "kind", "stated") == [
        (0, "status", "denied"),
        (0, "adjustment", ""),
        (1, "payment", ""),
    ]


def test_a_word_that_is_no_reason_is_counted_and_makes_no_adjustment() -> None:
    mapped = read_table("DOS | Proc | Reason\n2026-03-04 | 97140 | see letter", line_layout())
    assert rows_of(mapped.postings, "kind") == []
    assert mapped.report.notes == (
        'column "Reason": 1 of its reasons could not be read and count as unknown',
    )
