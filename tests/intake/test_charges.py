"""Rows become lines: the code of a row, its units and minutes, and rows that are one line."""

from __future__ import annotations

import numpy as np
import pytest

from audit.intake.charges import CodeCells, minutes_state, plan_lines
from audit.intake.days import NO_MINUTES, UNREADABLE_MINUTES
from audit.intake.layouts import Fields
from audit.intake.readings import Readings
from audit.lines import ABSENT, PRESENT, UNKNOWN
from audit.settings import Layout
from tests.intake.sheets import line_layout, make_sheet, read_table, rows_of, shipped


def readings_of(table: str, layout: Layout) -> Readings:
    return Readings(Fields(make_sheet(table), layout))


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("97110,97140", ["97110", "97140"]),
        ("97110, 97140-59,", ["97110", "97140"]),
        (",", [""]),
        ("", [""]),
        ("N/A", [""]),
    ],
)
def test_a_cell_of_codes_is_read_code_by_code(cell: str, codes: list[str]) -> None:
    layout = line_layout(row="claim", code_separator=",")
    found = CodeCells(Fields(make_sheet(f"DOS | Proc\n2026-03-04 | {cell}"), layout), shipped())
    assert [code.code for code in found.codes[0]] == codes
    assert found.problems() == ["" if codes[0] else "no code"]


def test_the_lines_of_a_row_stand_in_the_order_of_its_codes() -> None:
    layout = line_layout(row="claim", code_separator=",")
    readings = readings_of("DOS | Proc\n2026-03-04 | 97140\n2026-03-04 | 97110-59,97112,97140", layout)
    plan = plan_lines(readings, CodeCells(readings.fields, shipped()), np.array([1, 0]))
    assert list(plan.code) == ["97110", "97112", "97140", "97140"]
    assert list(plan.modifiers) == ["59", "", "", ""]
    assert (plan.order.tolist(), plan.sizes.tolist()) == ([0, 1, 2, 0], [3, 3, 3, 1])
    assert plan.row_lines.tolist() == [0, 3]
    assert plan.single.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("minutes", "state"), [(30, PRESENT), (0, ABSENT), (NO_MINUTES, ABSENT), (UNREADABLE_MINUTES, UNKNOWN)]
)
def test_minutes_that_cannot_be_read_are_unknown_and_not_absent(minutes: int, state: int) -> None:
    assert minutes_state(np.array([minutes])).tolist() == [state]


def test_a_diagnosis_cell_that_holds_no_code_is_unknown_and_a_blank_one_absent() -> None:
    mapped = read_table(
        "DOS | Proc | Dx\n2026-03-04 | 97140 | neck pain\n2026-03-04 | 97140 | --\n2026-03-04 | 97140 | m545",
        line_layout(),
    )
    assert rows_of(mapped.charges, "diagnoses", "has_diagnosis") == [
        ("", UNKNOWN),
        ("", ABSENT),
        ("M54.5", PRESENT),
    ]


def test_a_charge_taken_back_keeps_its_sign_unless_the_layout_says_that_signs_mean_nothing() -> None:
    table = "DOS | Proc | Units | Chg\n2026-03-04 | 97140 | -1 | (60.00)"
    signed = read_table(table, line_layout())
    assert rows_of(signed.charges, "units", "charge") == [(-100, -6000)]
    unsigned = read_table(table, line_layout(absolute=["charge"]))
    assert rows_of(unsigned.charges, "units", "charge") == [(-100, 6000)]


@pytest.mark.parametrize("units", ["3, 1, 1", "x, 1", ", 1"])
def test_units_that_do_not_stand_one_by_one_beside_the_codes_are_unknown(units: str) -> None:
    mapped = read_table(
        f"DOS | Proc | Units\n2026-03-04 | 97110,97140 | {units}",
        line_layout(row="claim", code_separator=","),
    )
    assert rows_of(mapped.charges, "code", "units")[0] == ("97110", None)


def test_rows_of_another_day_or_another_charge_are_another_line() -> None:
    mapped = read_table(
        """
Claim | DOS        | Proc  | Chg | Reason | Adj
C1    | 2026-03-04 | 97140 | 60  | CO-45  | 15
C1    | 2026-03-05 | 97140 | 60  | CO-45  | 15
C1    | 2026-03-04 | 97140 | 70  | CO-45  | 15
C1    | 2026-03-04 | 97140 | 60  | PR-3   | 5
""",
        line_layout(row="adjustment"),
    )
    assert rows_of(mapped.charges, "charge", "source_row") == [(6000, 2), (6000, 3), (7000, 4)]
    assert rows_of(mapped.postings, "charge_row", "reason") == [(0, "45"), (1, "45"), (2, "45"), (0, "3")]


def test_a_replacement_names_the_payers_number_of_the_claim_it_replaces() -> None:
    mapped = read_table(
        "line_id | patient_id | payer | service_date | code | units | charge | frequency | replaces\n"
        "L1 | P1 | Aetna | 2026-03-04 | 97140 | 1 | 60.00 | 1 | \n"
        "L2 | P1 | Aetna | 2026-03-04 | 97140 | 1 | 60.00 | 7 | 9100017"
    )
    assert rows_of(mapped.charges, "line_id", "frequency", "replaces") == [
        ("L1", "1", ""),
        ("L2", "7", "9100017"),
    ]
