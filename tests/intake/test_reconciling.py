"""Nothing is lost: rows and dollars read are those used, set aside and refused."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import AuditError, InputError
from audit.intake.cells import parse_hundredths
from audit.intake.layouts import find_layout
from audit.intake.mapping import Mapped, map_sheet
from audit.intake.reconciling import FileReport, check_lines, check_sums, control_total
from tests.intake.sheets import sheet_of, shipped

HEADERS = [
    "line_id",
    "patient_id",
    "payer",
    "service_date",
    "code",
    "units",
    "charge",
    "modifiers",
    "diagnoses",
    "minutes",
    "paid",
]
CELLS = {
    "service_date": ["2026-03-04", "2026-02-31", "03/04/2026", "46139", "Total"],
    "code": ["97140", "97140-59", "manual therapy", "Total", "--", "code"],
    "charge": ["60.00", "$1,250.50", "(12.50)", "12.345", "2431.7000000000003", "x", "charge", "-5"],
    "paid": ["0", "45", "N/A"],
    "minutes": ["15", "x"],
}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=14).map(
    str.strip
)
MONEY = st.text("0123456789.,'()+-$€ USDCA\N{MINUS SIGN}\N{NO-BREAK SPACE}", max_size=14)


def control(text: str, decimal: str = ".") -> int:
    return control_total(pd.Categorical(pd.array([text], dtype="str")), decimal)


@given(MONEY | ANY_TEXT, st.sampled_from([".", ","]))
@settings(max_examples=600, deadline=None)
def test_the_control_reads_every_amount_as_the_reader_does(text: str, decimal: str) -> None:
    assert control(text, decimal) == int(parse_hundredths([text], decimal).values[0])


def test_the_control_counts_each_row_and_drops_signs_where_the_layout_says() -> None:
    column = pd.Categorical(pd.array(["-60.00", "-60.00", "5", "x"], dtype="str"))
    assert control_total(column) == -11500
    assert control_total(column, absolute=True) == 12500


def record(width: int) -> st.SearchStrategy[list[str]]:
    cells = [st.sampled_from(["", *CELLS.get(name, ["A1"])]) | ANY_TEXT for name in HEADERS]
    full = st.tuples(*cells).map(list)
    return st.one_of(
        full, full.map(lambda cells: cells[:width]), full.map(lambda cells: [*cells, "1"]), st.just([])
    )


@given(st.lists(record(5), max_size=12), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_whatever_the_table_every_row_and_cent_has_one_fate(records: list[list[str]], above: int) -> None:
    sheet = sheet_of([HEADERS, *records], above=above)
    layout = find_layout(sheet, shipped())
    assert layout is not None
    try:
        mapped = map_sheet(sheet, layout, shipped())
    except AuditError:
        pytest.fail("the product's own format is read whatever its cells hold")
    check(mapped, len(records) + above)


def check(mapped: Mapped, rows: int) -> None:
    report, fates = mapped.report, mapped.fates
    assert mapped.charges is not None
    assert report.rows == rows == report.used + report.set_aside + report.refused
    assert report.control_cents == report.used_cents + report.aside_cents + report.refused_cents
    assert report.used_cents == int(mapped.charges["charge"].sum())
    assert len(mapped.charges) == report.used
    assert (fates["fate"] == "refused").sum() == report.refused
    assert fates["row"].is_unique


def test_a_dollar_that_is_lost_stops_the_run() -> None:
    report = FileReport("charges.csv", control_cents=6000, used_cents=5999)
    with pytest.raises(InputError, match=r"charges\.csv: does not reconcile.*\$60\.00.*\$59\.99"):
        check_sums(report)


def test_a_row_that_is_lost_stops_the_run() -> None:
    with pytest.raises(InputError, match="3 rows read, but 2"):
        check_sums(FileReport("charges.csv", rows=3, used=2))


def test_dollars_of_used_rows_stand_on_lines_or_are_told_apart() -> None:
    report = FileReport("charges.csv", used_cents=10000, undivided_cents=3000, repeated_cents=2000)
    check_lines(report, 5000)
    with pytest.raises(InputError, match="does not reconcile"):
        check_lines(report, 10000)
