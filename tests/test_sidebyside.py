"""Two saved periods beside each other: the page, and finding the results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from audit.blocks import Chart, ComparePage, Empty, Section, Table
from audit.errors import InputError, SettingsError
from audit.page import render_comparison
from audit.results import Results, encode, read_results
from audit.sidebyside import compare_saved, find_results
from tests.demo_page import traced_figures
from tests.saved import MANIFEST, finding, measure, saved

ROOT = Path(__file__).resolve().parents[1]

ELEMENTS = ("technique", "minutes", "plan")


def practice(period: str, denied: int = 20, gaps: int = 30, **more: Any) -> Results:
    """Return results of a small practice: two codes, two payers, one clinician, three elements."""
    table = f"""
        figure                                   top   base  effective  outcome
        usage/lines                              420      -          -  -
        usage/lines/code=97140                   300      -          -  -
        usage/lines/code=97124                   120      -          -  -
        usage/lines/payer=Aetna                  300      -          -  -
        usage/lines/payer=Cigna                  120      -          -  -
        usage/lines/clinician=Ames               420      -          -  -
        usage/units                           100000      -          -  -
        usage/units/code=97140                 75000      -          -  -
        usage/units/code=97124                 25000      -          -  -
        usage/charge                         4200000      -          -  -
        usage/charge/code=97140              3000000      -          -  -
        usage/visits                             210      -          -  -
        denials/first_rate                  {denied}    400        300  OUTCOME
        denials/first_rate/code=97140       {denied}    280        200  OUTCOME
        denials/first_rate/code=97124              0    120        100  OUTCOME
        documentation/any                     {gaps}    200        200  -
        documentation/technique               {gaps}    200        200  -
        documentation/technique_lines         {gaps}    200        200  -
        documentation/minutes                      8    200        200  -
        documentation/minutes_lines                8    200        200  -
        documentation/plan                         9    200        200  -
        documentation/plan_lines                   9    200        200  -
    """
    mature = more.get("mature", True)
    outcome = "-" if mature else "not_judged_yet"
    dropped = more.pop("without", ())
    added = more.pop("added", "")
    rows = [row for row in table.replace("OUTCOME", outcome).splitlines() if not _starts(row, dropped)]
    return saved(period, "\n".join([*rows, *added.splitlines()]), **more)


def _starts(row: str, dropped: tuple[str, ...]) -> bool:
    return any(row.split() and row.split()[0] == name for name in dropped)


def section(page: ComparePage, name: str) -> Section:
    return next(one for one in page.sections if one.id == name)


def rows(page: ComparePage, name: str, block: str) -> list[list[str]]:
    table = section(page, name).blocks[block]
    assert isinstance(table, Table), table
    return [[cell.text or cell.mark for cell in row.cells] for row in table.rows]


# --- what the page says -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (
            practice("2026-07", 20),
            practice("2026-10", 60),
            "The denial rate is higher: 5.0 % in July 2026, 15.0 % in October 2026",
        ),
        (
            practice("2026-07", 60),
            practice("2026-10", 20),
            "The denial rate is lower: 15.0 % in July 2026, 5.0 % in October 2026",
        ),
        (
            practice("2026-07", 20),
            practice("2026-10", 24, gaps=80),
            "No difference in the denial rate can be told from chance: 5.0 % in July 2026, 6.0 % in October "
            "2026; documentation gaps are higher",
        ),
        (
            practice("2026-07"),
            practice("2026-10", 60, mature=False),
            "October 2026: not judged yet, so the denial rate is not compared",
        ),
        (
            practice("2026-07"),
            practice("2026-Q3", 90),
            "July 2026 and July–September 2026 overlap: the denial rate of the two is not compared",
        ),
        (
            practice(
                "2026-07", measures={"denials/first_rate": measure("denials/first_rate", definition="Else.")}
            ),
            practice("2026-10", 60),
            "The denial rate is defined differently in the two, and is not compared",
        ),
        (
            practice("2026-07", without=("denials/first_rate",)),
            practice("2026-10", 60),
            "The denial rate is not measured in July 2026",
        ),
    ],
)
def test_the_verdict_says_no_more_than_the_figures_bear(one: Results, other: Results, verdict: str) -> None:
    if "not measured" in verdict:
        one = msgspec.structs.replace(
            one, measures=one.measures | {"denials/first_rate": measure("denials/first_rate")}
        )
    assert compare_saved(one, other).verdict == verdict


def test_the_standfirst_gives_the_interval_of_the_change() -> None:
    page = compare_saved(practice("2026-07", 20), practice("2026-10", 60))
    assert (
        "Change of the denial rate: **+10.0 points**, 95 % interval +5.3 to +14.9 points." in page.standfirst
    )
    assert "only a reading of the chart" in page.standfirst


def test_tiles_of_unequal_periods_say_that_amounts_are_a_months() -> None:
    tiles = {one.id: one for one in compare_saved(practice("2026-Q2"), practice("2026-10")).tiles}
    assert tiles["usage-visits"].value == "210"
    assert tiles["usage-visits"].comparison == "April–June 2026: 70 a month"
    assert tiles["denials-first_rate"].comparison == "April–June 2026: 5.0 %, not told from chance"


def test_few_lines_are_told_as_cases() -> None:
    one = "figure top base effective\ndenials/first_rate 1 6 6"
    page = compare_saved(saved("2026-07", one), saved("2026-10", one))
    assert page.verdict == "Too few lines that payers answered to tell whether the denial rate differs"


def test_an_export_without_answers_is_told_once_and_not_as_nothing_denied() -> None:
    none = "figure top base\ndenials/first_rate 0 0\nusage/lines 12 -"
    page = compare_saved(saved("2026-07", none, mature=None), saved("2026-10", none, mature=None))
    empty = section(page, "denials").blocks["not_measured"]
    assert isinstance(empty, Empty)
    assert "not measured in July 2026 and October 2026" in page.verdict
    assert [tile.id for tile in page.tiles] == []


def test_codes_are_shown_with_units_and_shares_and_one_that_vanished_has_none() -> None:
    later = practice(
        "2026-10",
        without=("usage/lines/code=97124", "usage/units/code=97124"),
        added="usage/lines/code=97150 50 - - -\nusage/units/code=97150 25000 - - -",
    )
    page = compare_saved(practice("2026-07"), later)
    assert rows(page, "usage", "codes") == [
        ["97140", "750", "750", "75.0 %", "75.0 %", "0.0 points"],
        ["97124", "250", "·", "25.0 %", "·", "−25.0 points"],
        ["97150", "·", "250", "·", "25.0 %", "+25.0 points"],
    ]


def test_what_appeared_stands_before_what_vanished() -> None:
    later = practice(
        "2026-10",
        without=("usage/lines/code=97124", "usage/lines/payer=Cigna", "usage/lines/clinician=Ames"),
        added="usage/lines/code=97150 50 - - -\nusage/lines/payer= 9 - - -",
    )
    page = compare_saved(practice("2026-07"), later)
    assert [row[:4] for row in rows(page, "usage", "only_in_one")] == [
        ["97150", "code", "Oct 2026", "50"],
        ["not told", "payer", "Oct 2026", "9"],
        ["97124", "code", "Jul 2026", "120"],
        ["Cigna", "payer", "Jul 2026", "120"],
        ["Ames", "clinician", "Jul 2026", "420"],
    ]


def test_a_code_without_lines_now_has_vanished_though_its_figure_is_saved() -> None:
    """The later results keep a figure of a code that only their earlier months have."""
    later = practice("2026-10", without=("usage/lines/code=97124",), added="usage/lines/code=97124 0 - - -")
    assert [row[0] for row in rows(compare_saved(practice("2026-07"), later), "usage", "only_in_one")] == [
        "97124"
    ]


def test_nothing_new_says_so() -> None:
    empty = section(compare_saved(practice("2026-07"), practice("2026-10")), "usage").blocks["only_in_one"]
    assert isinstance(empty, Empty)


def test_findings_are_told_as_in_both_new_or_gone() -> None:
    one = practice(
        "2026-07",
        findings=(
            finding("denials/open", "Work the 12 lines that are denied and still open", 12),
            finding("usage/not_valid", "Look at 1 line billed with a code that had ended", 1, 6_000),
            finding("a/small", "Ask about 3 visits", 3, 900_000),
        ),
    )
    other = practice(
        "2026-10",
        findings=(
            finding("denials/open", "Work the 1,234 lines that are denied and still open", 1234, 950_000),
            finding("x/y", "Compare 2 lines", 2, None),
            finding("a/small", "Ask about 2 visits", 2, 5_000),
        ),
    )
    page = compare_saved(one, other)
    assert rows(page, "findings", "table") == [
        ["Work the lines that are denied and still open", "in both", "12", "1,234", "100", "9,500"],
        ["Ask about visits", "in both", "3", "2", "9,000", "50"],
        ["Compare lines", "new", "·", "2", "·", "—"],
        ["Look at lines billed with a code that had ended", "not found any more", "1", "·", "60", "·"],
    ]
    assert section(page, "findings").lead.startswith(
        "**2** in both, **1** new in October 2026, **1** not found"
    )


def test_charts_state_what_moved() -> None:
    page = compare_saved(practice("2026-07", 10), practice("2026-10", 60, gaps=90))
    codes = section(page, "denials").blocks["chart_code"]
    elements = section(page, "documentation").blocks["chart"]
    assert isinstance(codes, Chart)
    assert isinstance(elements, Chart)
    assert codes.title == "Higher at 97140"
    assert elements.title == "Higher: type of massage or technique"
    assert "97124 Massage: 0 % → 0 %." in codes.description
    quiet = section(compare_saved(practice("2026-07"), practice("2026-10")), "denials").blocks["chart_code"]
    assert isinstance(quiet, Chart)
    assert quiet.title == "No code whose denial rate differs beyond chance"


def test_what_is_not_judged_is_not_drawn_either() -> None:
    page = compare_saved(practice("2026-07"), practice("2026-10", 60, mature=False))
    assert not isinstance(section(page, "denials").blocks["chart_code"], Chart)
    assert {row[-1] for row in rows(page, "denials", "table_code")} == {"not judged yet"}


# --- what a reader must know before -------------------------------------------------------


def warned(one: Results, other: Results) -> str:
    return " | ".join(compare_saved(one, other).warnings)


def test_two_alike_need_no_warning() -> None:
    assert warned(practice("2026-07"), practice("2026-10")) == ""


def test_other_versions_tables_settings_and_libraries_are_told() -> None:
    other = msgspec.structs.replace(
        MANIFEST, version="0.2.0", editions={"codes.csv": "a" * 64}, settings="", libraries={"pandas": "3.2"}
    )
    said = warned(practice("2026-07"), practice("2026-10", manifest=other))
    assert "version 0.1.0 and 0.2.0; tables reasons.csv; the practice's settings; libraries pandas." in said


def test_definitions_that_differ_are_named_and_both_stand_below() -> None:
    other = {"denials/first_rate": measure("denials/first_rate", definition="Something else.")}
    page = compare_saved(practice("2026-07"), practice("2026-10", measures=other))
    assert "not compared: Initial denial rate." in " ".join(page.warnings)
    texts = {one.term: one.text for one in page.definitions}
    assert texts["Initial denial rate (October 2026)"] == "Something else."
    assert texts["Initial denial rate (July 2026)"] == "What denials/first_rate means."


def test_measures_of_one_file_only_are_named() -> None:
    other = {"timing/late": measure("timing/late", title="Late entries")}
    assert "only one of the two, so not shown: Late entries." in warned(
        practice("2026-07"), practice("2026-10", measures=other)
    )


def test_young_unfinished_unequal_and_overlapping_periods_are_told() -> None:
    assert "Too few lines of October 2026" in warned(practice("2026-07"), practice("2026-10", mature=False))
    assert "October 2026 was not over when it was saved on 2026-10-31" in warned(
        practice("2026-07", as_of="2026-09-01"), practice("2026-10", as_of="2026-10-31")
    )
    assert "**amounts are shown per month**" in warned(practice("2026-Q2"), practice("2026-10"))
    assert "July 2026 and July–September 2026 **overlap**" in warned(practice("2026-07"), practice("2026-Q3"))


def test_one_period_of_two_days_is_told_apart_by_the_day() -> None:
    page = compare_saved(practice("2026-07", as_of="2026-09-01"), practice("2026-07", as_of="2026-12-01"))
    assert (page.earlier, page.later) == ("July 2026 (as of 2026-09-01)", "July 2026 (as of 2026-12-01)")


def test_two_practices_are_not_compared() -> None:
    with pytest.raises(SettingsError, match="different practices"):
        compare_saved(practice("2026-07"), practice("2026-10", practice="Another"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (practice("2026-10"), practice("2026-07")),
        (practice("2026-05"), practice("2026-Q2")),
        (practice("2026-07", as_of="2026-12-01"), practice("2026-07", as_of="2026-09-01")),
    ],
)
def test_the_earlier_one_is_named_first(one: Results, other: Results) -> None:
    with pytest.raises(SettingsError, match=r"Name the earlier of the two first: .*, then "):
        compare_saved(one, other)


# --- the page as a file -------------------------------------------------------------------


def test_the_page_is_made_of_what_was_saved_and_names_are_only_text(tmp_path: Path) -> None:
    """The same two files give the same bytes, and a payer's name is never markup."""
    evil = "usage/lines/payer=%3Cscript%3Ealert%281%29%3C%2Fscript%3E 9 - - -"
    files = []
    for results in (practice("2026-07"), practice("2026-10", 60, added=evil)):
        path = tmp_path / results.period / "results.json"
        path.parent.mkdir()
        path.write_text(encode(results), encoding="utf-8")
        files.append(path)
    pages = {render_comparison(compare_saved(*map(read_results, files))) for _ in range(2)}
    assert len(pages) == 1
    page = pages.pop()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert page.count("<script>") == 1
    assert "denials/first_rate/code=97140" in traced_figures(page)


def test_no_word_asks_for_more_billing() -> None:
    page = render_comparison(compare_saved(practice("2026-07"), practice("2026-10", 60)))
    body = page.partition("<main")[2].partition("<script")[0].lower()
    for word in (
        "lost revenue",
        "missed revenue",
        "opportunit",
        "underbilled",
        "add modifier",
        "fraud",
        "violation",
    ):
        assert word not in body


def test_comparing_loads_no_tables() -> None:
    """Two small files need no pandas."""
    heavy = ("matplotlib", "numpy", "pandas", "pyarrow")
    script = f"import sys, audit.sidebyside\nprint([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# --- finding results ----------------------------------------------------------------------


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    for name in ("2026-07", "2026-Q3", "2026-07.as-of-2026-09-01", "empty"):
        (tmp_path / "reports" / name).mkdir(parents=True)
        if name != "empty":
            (tmp_path / "reports" / name / "results.json").write_text("{}", encoding="utf-8")
    return tmp_path / "reports"


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("2026-07", "2026-07"),
        (" 2026-07 ", "2026-07"),
        ("2026-q3", "2026-Q3"),
        ("2026-07..2026-09", "2026-Q3"),
        ("2026-07.as-of-2026-09-01", "2026-07.as-of-2026-09-01"),
    ],
)
def test_a_period_is_found_however_it_is_written(reports: Path, text: str, folder: str) -> None:
    assert find_results(reports, text) == reports / folder / "results.json"


def test_a_path_to_a_folder_or_a_file_does_as_well(reports: Path, tmp_path: Path) -> None:
    whole = reports / "2026-07"
    other = tmp_path / "elsewhere"
    for path in (whole, whole / "results.json"):
        assert find_results(other, str(path)) == whole / "results.json"


@pytest.mark.parametrize("text", ["2026-08", "", "empty", "..", "x" * 5000, "2026-13", "a\0b"])
def test_a_period_that_was_not_saved_lists_those_that_were(reports: Path, text: str) -> None:
    with pytest.raises(InputError) as error:
        find_results(reports, text)
    assert str(error.value).endswith("there are: 2026-07, 2026-07.as-of-2026-09-01, 2026-Q3.")
    assert len(str(error.value)) < 200


def test_an_empty_folder_of_reports_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `audit run` first"):
        find_results(tmp_path / "reports", "2026-07")
