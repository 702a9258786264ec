"""The values of a sheet's fields: signs, units and times of day, and what could not be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audit.errors import InputError
from audit.intake.days import NO_MINUTES, UNREADABLE_MINUTES
from audit.intake.layouts import Fields
from audit.intake.readings import Readings, settle_dates
from tests.intake.sheets import line_layout, make_sheet


def fields_of(table: str, **changes: Any) -> Fields:
    return Fields(make_sheet(table), line_layout(**changes))


def amounts_of(readings: Readings, field: str) -> list[int | None]:
    found = readings.amounts(field, None)
    return [value if known else None for value, known in zip(found.values.tolist(), found.known, strict=True)]


MONEY = """
DOS        | Proc  | Units | Chg      | Adj
2026-03-04 | 97140 | 1.25  | 1,250.50 | (15.00)
2026-03-04 | 97140 | --    | -60      | -5
2026-03-04 | 97140 | x     | 12.345   |
"""


def test_amounts_are_hundredths_with_their_sign_unless_the_layout_drops_it_and_unknown_is_not_zero() -> None:
    readings = Readings(fields_of(MONEY))
    assert amounts_of(readings, "units") == [125, None, None]
    assert amounts_of(readings, "charge") == [125050, -6000, None]
    assert amounts_of(readings, "amount") == [-1500, -500, None]
    assert amounts_of(readings, "paid") == [None, None, None]
    without_sign = Readings(fields_of(MONEY, absolute=["amount"]))
    assert amounts_of(without_sign, "charge") == [125050, -6000, None]
    assert amounts_of(without_sign, "amount") == [1500, 500, None]


def test_a_decimal_comma_is_the_layouts_word_for_money_and_units_alike() -> None:
    table = "DOS | Proc | Units | Chg\n2026-03-04 | 97140 | 1,5 | 1.250,50\n2026-03-04 | 97140 | 2 | 60.00"
    readings = Readings(fields_of(table, decimal=","))
    assert amounts_of(readings, "units") == [150, 200]
    assert amounts_of(readings, "charge") == [125050, None]


def test_only_the_rows_asked_for_are_read_and_only_their_strange_cells_are_told() -> None:
    readings = Readings(fields_of(MONEY))
    found = readings.amounts("charge", np.array([1, 0]))
    assert found.values.tolist() == [-6000, 125050]
    readings.amounts("units", np.array([2]))
    readings.amounts("units", None, count=False)
    assert readings.notes() == [
        'column "Units": 1 of its amounts could not be read and count as unknown',
    ]


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("9:00", "9:45", 45),
        ("11:30 AM", "12:15 PM", 45),
        ("12:15 AM", "1:00 AM", 45),
        ("2026-03-04 09:00:00", "2026-03-04T09:53:59", 53),
        ("0.375", "0.40625", 45),
        ("9:00", "9:00", UNREADABLE_MINUTES),
        ("23:30", "0:15", UNREADABLE_MINUTES),
        ("9:00", "", UNREADABLE_MINUTES),
        ("", "9:45", UNREADABLE_MINUTES),
        ("25:00", "26:00", UNREADABLE_MINUTES),
    ],
)
def test_an_appointment_has_minutes_only_from_a_start_to_a_later_end(
    start: str, end: str, minutes: int
) -> None:
    columns = {"service_date": "DOS", "code": "Proc", "start": "From", "end": "To"}
    fields = fields_of(f"DOS | Proc | From | To\n2026-03-04 | 97140 | {start} | {end}", columns=columns)
    assert Readings(fields).minutes_between(None).tolist() == [minutes]


def test_no_minutes_told_is_not_minutes_that_cannot_be_read() -> None:
    columns = {"service_date": "DOS", "code": "Proc", "minutes": "Min"}
    rows = "\n".join(f"2026-03-04 | 97140 | {text}" for text in ("0", "N/A", "-5", "0:53", "52.9 min"))
    readings = Readings(fields_of(f"DOS | Proc | Min\n{rows}", columns=columns))
    assert readings.minutes(None).tolist() == [0, NO_MINUTES, UNREADABLE_MINUTES, 53, 52]
    assert readings.notes() == ['column "Min": 1 of its minutes could not be read and count as unknown']


@pytest.mark.parametrize(
    ("served", "posted", "order"),
    [
        ("04/03/2026", "27/04/2026", "day-first"),
        ("04/03/2026", "04/27/2026", "month-first"),
        ("2026-03-04", "Apr 27, 2026", ""),
        ("04/04/2026", "20260427", ""),
        ("soon", "", ""),
    ],
)
def test_a_date_of_any_field_proves_the_order_of_all(served: str, posted: str, order: str) -> None:
    fields = fields_of(f"DOS | Proc | Posted\n{served} | 97140 | {posted}")
    assert settle_dates(fields).order == order


def test_dates_of_two_fields_that_contradict_each_other_stop_the_file() -> None:
    with pytest.raises(InputError, match="some dates have the day first, some the month"):
        settle_dates(fields_of("DOS | Proc | Posted\n13/04/2026 | 97140 | 04/27/2026"))
