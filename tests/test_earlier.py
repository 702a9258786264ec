"""Earlier reports: which saved results a report looks back at."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from audit.earlier import find_earlier
from audit.periods import parse_period
from audit.results import encode
from tests.saved import saved

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = date(2026, 12, 15)
TABLE = """
    figure              top  base  effective
    denials/first_rate   20   400        300
"""


def keep(
    out: Path, folder: str, period: str, as_of: str = "2026-11-15", practice: str = "A practice"
) -> None:
    (out / folder).mkdir()
    text = encode(saved(period, TABLE, as_of=as_of, practice=practice))
    (out / folder / "results.json").write_text(text, encoding="utf-8")


def found(out: Path, period: str = "2026-10", as_of: date = AS_OF) -> list[tuple[str, str]]:
    reports = find_earlier(out, "A practice", parse_period(period), as_of)
    return [(one.period, one.as_of) for one in reports]


def test_the_last_report_of_each_period_is_found_newest_period_first(tmp_path: Path) -> None:
    """The report that a later one replaced is older than it."""
    keep(tmp_path, "2026-08", "2026-08", "2026-10-15")
    keep(tmp_path, "2026-08.as-of-2026-09-15", "2026-08", "2026-09-15")
    keep(tmp_path, "2026-Q3", "2026-Q3")
    keep(tmp_path, "2026-09", "2026-09")
    assert found(tmp_path) == [
        ("2026-09", "2026-11-15"),
        ("2026-Q3", "2026-11-15"),
        ("2026-08", "2026-10-15"),
    ]


def test_a_report_made_again_looks_back_at_the_same(tmp_path: Path) -> None:
    """Neither itself nor anything made later, whatever has been put aside since."""
    keep(tmp_path, "2026-10.as-of-2026-11-15", "2026-10")
    before = found(tmp_path)
    keep(tmp_path, "2026-10", "2026-10", AS_OF.isoformat())
    keep(tmp_path, "2026-09", "2026-09", "2027-01-15")
    assert found(tmp_path) == before == [("2026-10", "2026-11-15")]


@pytest.mark.parametrize(
    ("folder", "period", "more"),
    [
        ("2026-11", "2026-11", {}),
        ("2025-10", "2025-10", {}),
        ("2026-09", "2026-08", {}),
        ("2026-9", "2026-09", {}),
        ("notes", "2026-09", {}),
        ("2026-09", "2026-09", {"practice": "Another practice"}),
    ],
    ids=[
        "a later period",
        "over a year ago",
        "another period's",
        "no name of ours",
        "no period",
        "another's",
    ],
)
def test_what_is_no_earlier_report_of_this_practice_is_passed_over(
    tmp_path: Path, folder: str, period: str, more: dict[str, str]
) -> None:
    keep(tmp_path, folder, period, **more)
    assert found(tmp_path) == []


@pytest.mark.parametrize("text", ["", "{", '{"schema": 1}', "[" * 10_000, "\udcff"])
def test_a_damaged_file_stops_no_report(tmp_path: Path, text: str) -> None:
    (tmp_path / "2026-09").mkdir()
    (tmp_path / "2026-09" / "results.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    (tmp_path / "2026-08").mkdir()
    assert found(tmp_path) == []


def test_there_may_be_no_folder_yet(tmp_path: Path) -> None:
    assert found(tmp_path / "reports") == []
