"""One cell: amounts, days, codes, modifiers, diagnoses and reasons as real exports write them."""

from __future__ import annotations

import numpy as np
import pytest

from audit.intake import cells, days


@pytest.mark.parametrize(
    ("text", "decimal", "cents"),
    [
        ("12.50", ".", 1250),
        ("(12.50)", ".", -1250),
        ("$1,250.50", ".", 125050),
        ("$(12.50)", ".", -1250),
        ("($12.50)", ".", -1250),
        ("12.50-", ".", -1250),
        ("\N{MINUS SIGN}12.50", ".", -1250),
        ("-$12.50", ".", -1250),
        ("12.5 USD", ".", 1250),
        ("CAD 12", ".", 1200),
        ("\N{FULLWIDTH DIGIT ONE}2.50", ".", 1250),
        ("-12,50", ",", -1250),
        ("1.250,50 €", ",", 125050),
        ("1 250,50", ",", 125050),
        ("1\N{NO-BREAK SPACE}250,50", ",", 125050),
        ("12.500000", ".", 1250),
        ("2431.7000000000003", ".", 243170),
        ("0.00", ".", 0),
        ("-0", ".", 0),
        (".5", ".", 50),
    ],
)
def test_an_amount_is_read_to_the_cent(text: str, decimal: str, cents: int) -> None:
    amounts = cells.parse_hundredths([text], decimal)
    assert amounts.known.all()
    assert amounts.values[0] == cents


@pytest.mark.parametrize(
    "text",
    [
        "12.345",
        "-3037.4074723961858",
        "12,50",
        "4,50.00",
        "1e5",
        "12 50",
        "(-5)",
        "--5",
        "five",
        "$",
        "1.2.3",
        "9" * 11,
        "1" * 1000000,
        "US$ $5",
    ],
)
def test_what_is_no_amount_of_whole_cents_is_unknown_and_not_blank(text: str) -> None:
    amounts = cells.parse_hundredths([text])
    assert not amounts.known[0]
    assert not amounts.blank[0]


@pytest.mark.parametrize("text", ["", " ", "--", "N/A", "null", "None"])
def test_a_placeholder_is_blank_and_not_unreadable(text: str) -> None:
    amounts = cells.parse_hundredths([text])
    assert (amounts.known[0], amounts.blank[0]) == (False, True)


def test_units_are_hundredths_and_may_be_negative_or_decimal() -> None:
    assert cells.parse_hundredths(["1.9", "-2", "4"]).values.tolist() == [190, -200, 400]


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-27",
        "2026-04-27T10:00",
        "2026-04-27 10:00:00-07:00",
        "20260427",
        "46139",
        "46139.4167",
        "April 27 2026",
        "Apr 27, 2026",
        "27 April 2026",
        "27-Apr-26",
        "Mon, April 27 2026",
        "2026/4/27",
    ],
)
def test_a_day_that_can_be_read_one_way_only_needs_no_order(text: str) -> None:
    assert days.parse_dates([text]).values[0] == np.datetime64("2026-04-27")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("3/4/26", "month-first", "2026-03-04"),
        ("3/4/26", "day-first", "2026-04-03"),
        ("04/27/2026 12:00", "month-first", "2026-04-27"),
        ("04/27/2026 1:05 PM", "month-first", "2026-04-27"),
        ("19-01-2025", "day-first", "2025-01-19"),
        ("27.4.2026", "day-first", "2026-04-27"),
    ],
)
def test_the_order_settles_a_day_written_in_numbers(text: str, order: str, day: str) -> None:
    assert days.parse_dates([text], order).values[0] == np.datetime64(day)


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026",
        "2026-02-31",
        "1985-01-01",
        "2101-01-01",
        "00001",
        "99999",
        "soon",
        "3/4/26",
        "13/13/2026",
    ],
)
def test_an_impossible_or_open_day_is_not_read(text: str) -> None:
    found = days.parse_dates([text])
    assert np.isnat(found.values[0])
    assert not found.blank[0]


def test_a_pattern_of_the_layout_goes_first() -> None:
    assert days.parse_dates(["27042026"], patterns=["%d%m%Y"]).values[0] == np.datetime64("2026-04-27")


def test_a_first_part_above_twelve_proves_day_first_and_a_second_month_first() -> None:
    assert days.weigh_dates(["13/04/2026", "04/27/2026", "3/4/26", "5/5/26", "2026-04-27", "99/99/2026"]) == (
        1,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45", 45),
        ("45 min", 45),
        ("0:45", 45),
        ("45.9", 45),
        ("", days.NO_MINUTES),
        ("x", days.UNREADABLE_MINUTES),
    ],
)
def test_minutes_are_whole_minutes(text: str, minutes: int) -> None:
    assert days.parse_minutes([text]) == [minutes]


@pytest.mark.parametrize(
    ("text", "clock"),
    [("2026-04-27T10:05", 605), ("1:05 pm", 785), ("12:00 AM", 0), ("46139.5", 720), ("x", -1)],
)
def test_a_time_of_day_is_minutes_since_midnight(text: str, clock: int) -> None:
    assert days.parse_clock([text]) == [clock]


@pytest.mark.parametrize(
    ("text", "code", "modifiers"),
    [
        ("97140", "97140", ()),
        ("97140-59", "97140", ("59",)),
        ("97140 59 GP", "97140", ("59", "GP")),
        ("97140:59:GP", "97140", ("59", "GP")),
        ("g0283", "G0283", ()),
        ("00732", "00732", ()),
        ("97140.0", "97140", ()),
        ("\N{FULLWIDTH DIGIT NINE}7140", "97140", ()),
        ("MASSAGE60", "MASSAGE60", ()),
    ],
)
def test_a_code_keeps_its_zeros_and_gives_up_its_modifiers(
    text: str, code: str, modifiers: tuple[str, ...]
) -> None:
    assert cells.parse_code(text) == (code, modifiers, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "no code"), ("--", "no code"), ("manual therapy", "not a code"), ('=HYPERLINK("x")', "not a code")],
)
def test_what_is_no_code_is_refused(text: str, problem: str) -> None:
    assert cells.parse_code(text) == ("", (), problem)


@pytest.mark.parametrize(
    ("text", "modifiers", "strange"),
    [
        ("59", ("59",), False),
        ("59.0", ("59",), False),
        ("gp, 59", ("GP", "59"), False),
        ("GP59", ("GP", "59"), False),
        ("--", (), False),
        ("N/A", (), False),
        ("left side", (), True),
    ],
)
def test_modifiers_are_two_characters_each(text: str, modifiers: tuple[str, ...], strange: bool) -> None:
    assert cells.parse_modifiers(text) == (modifiers, strange)


@pytest.mark.parametrize(
    ("text", "codes", "strange"),
    [
        ("M54.5", ("M54.5",), False),
        ("m545 - low back pain", ("M54.5",), False),
        ("O20.0;M54.2", ("O20.0", "M54.2"), False),
        ("", (), False),
        ("low back pain", (), True),
    ],
)
def test_diagnoses_are_codes_with_their_point(text: str, codes: tuple[str, ...], strange: bool) -> None:
    assert cells.parse_diagnoses(text) == (codes, strange)


@pytest.mark.parametrize(
    ("text", "pairs", "remarks"),
    [
        ("CO-197", (("CO", "197"),), ()),
        ("co197", (("CO", "197"),), ()),
        ("PR 1", (("PR", "1"),), ()),
        ("CO-B7", (("CO", "B7"),), ()),
        ("45", (("", "45"),), ()),
        ("CO-045", (("CO", "45"),), ()),
        ("CO-4, CO-97", (("CO", "4"), ("CO", "97")), ()),
        ("CO-16 N290", (("CO", "16"),), ("N290",)),
        ("MA130", (), ("MA130",)),
        ("N/A", (), ()),
    ],
)
def test_reasons_are_one_spelling(
    text: str, pairs: tuple[tuple[str, str], ...], remarks: tuple[str, ...]
) -> None:
    assert cells.parse_reasons(text) == (pairs, remarks, False)


def test_a_reason_in_words_is_told_apart_from_none() -> None:
    assert cells.parse_reasons("Missing Documentation").strange
