"""Two saved periods beside each other: the page, and finding the results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from audit.blocks import Empty
from audit.errors import InputError, SettingsError
from audit.page import render_comparison
from audit.results import Results, encode, read_results
from audit.sidebyside import compare_saved, find_results
from tests.demo_page import traced_figures
from tests.pairs import practice
from tests.saved import measure, saved

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (
            practice("2026-07", 20),
            practice("2026-10", 100),
            "The denial rate is significantly higher than in July 2026: 5.0 % then, 25.0 % in October 2026",
        ),
        (
            practice("2026-07", 100),
            practice("2026-10", 10),
            "The denial rate is significantly lower than in July 2026: 25.0 % then, 2.5 % in October 2026",
        ),
        (
            practice("2026-07", 20),
            practice("2026-10", 24, gaps=110),
            "The denial rate is higher than in July 2026 within chance: 5.0 % then, 6.0 % in October 2026; "
            "documentation gaps are significantly higher",
        ),
        (
            practice("2026-07", 20),
            practice("2026-10", 20),
            "The denial rate does not exceed that of July 2026: 5.0 % then, 5.0 % in October 2026",
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


def test_the_report_and_the_page_may_say_different_words_of_one_rate() -> None:
    """The page says beside what; where one of the two words is significant, it tells the report's too."""
    page = compare_saved(practice("2026-07", 20), practice("2026-10", 100))
    said = (
        "Beside the year before it, the report of October 2026 says of its denial rate: **does not exceed**."
    )
    assert said in page.standfirst
    assert "the report of" not in compare_saved(practice("2026-07"), practice("2026-10")).standfirst


def test_tiles_of_unequal_periods_say_that_amounts_are_a_months() -> None:
    tiles = {one.id: one for one in compare_saved(practice("2026-Q2"), practice("2026-10")).tiles}
    assert tiles["usage-visits"].value == "210"
    assert tiles["usage-visits"].comparison == "April–June 2026: 70 a month"
    assert tiles["denials-first_rate"].comparison == "April–June 2026: 5.0 %"
    assert tiles["denials-first_rate"].outcome == "does not exceed"


def test_few_lines_are_told_as_cases() -> None:
    one = "figure top base effective\ndenials/first_rate 1 6 6"
    page = compare_saved(saved("2026-07", one), saved("2026-10", one))
    assert page.verdict == "Too few lines that payers answered to tell whether the denial rate differs"


def test_an_export_without_answers_is_told_once_and_not_as_nothing_denied() -> None:
    none = "figure top base\ndenials/first_rate 0 0\nusage/lines 12 -"
    page = compare_saved(saved("2026-07", none, mature=None), saved("2026-10", none, mature=None))
    (denials,) = (one for one in page.sections if one.id == "denials")
    assert isinstance(denials.blocks["not_measured"], Empty)
    assert "not measured in July 2026 and October 2026" in page.verdict
    assert [tile.id for tile in page.tiles] == []


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


def test_comparing_loads_no_tables(tmp_path: Path) -> None:
    """Two small files need no pandas, and until two are compared no numpy either."""
    files = [practice("2026-07"), practice("2026-10", 60)]
    for results in files:
        (tmp_path / results.period).write_text(encode(results), encoding="utf-8")
    script = f"""
import sys, pathlib, audit.sidebyside
from audit.results import read_results
print("numpy" in sys.modules)
files = [read_results(pathlib.Path(name)) for name in {[str(tmp_path / one.period) for one in files]}]
audit.sidebyside.compare_saved(*files)
print([name for name in ("pandas", "pyarrow") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "[]"]


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
