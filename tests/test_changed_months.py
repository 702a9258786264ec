"""Months that changed since they were reported: in total, by payer and by code, with why."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from audit.blocks import Fold, Table
from audit.changed_months import tell_why
from audit.earlier import find_earlier
from audit.report import compose
from audit.selfaudit import write_audit
from tests.practices import audit_of, many_months, write_practice

if TYPE_CHECKING:
    from pathlib import Path

CHARGES, POSTINGS = many_months([f"2026-{month:02d}" for month in range(3, 11)], 40)
LATE = "\n".join(
    line.replace("2026-08-", "2026-10-") if line.split()[0] in {f"L{at}" for at in range(201, 221)} else line
    for line in POSTINGS.splitlines()
)
"""Half of the answers to August (lines 201 to 240) came in October."""


def changed_tables(
    out: Path, as_of: date, charges: str = CHARGES, postings: str = LATE
) -> dict[str, list[list[str]]]:
    audit = audit_of(write_practice(out / "files", charges, postings), "2026-09", as_of)
    page = compose(audit, find_earlier(out, audit.settings.practice.name, audit.period, as_of))
    [section] = [one for one in page.sections if one.id == "answers"]
    fold = section.blocks["restated"]
    if fold is None:
        return {}
    assert isinstance(fold, Fold)
    found = {}
    for table in fold.blocks:
        assert isinstance(table, Table)
        found[table.id] = [[cell.text for cell in row.cells] for row in table.rows]
    return found


def changed_months(out: Path, as_of: date, charges: str = CHARGES) -> list[list[str]]:
    return changed_tables(out, as_of, charges).get("answers-restated", [])


def changed_groups(out: Path, as_of: date, charges: str = CHARGES, postings: str = LATE) -> list[list[str]]:
    return changed_tables(out, as_of, charges, postings).get("answers-restated-groups", [])


def report_august(out: Path, as_of: date) -> None:
    write_audit(audit_of(write_practice(out / "files", CHARGES, LATE), "2026-08", as_of), out)


def test_a_month_that_changed_since_its_report_is_listed_with_why(tmp_path: Path) -> None:
    report_august(tmp_path, date(2026, 9, 15))
    assert changed_months(tmp_path, date(2026, 11, 15)) == [
        ["August 2026", "2026-09-15", "20.0 %", "20.0 %", "20 lines answered since, 4 denied"]
    ]


def test_lines_added_since_are_told(tmp_path: Path) -> None:
    report_august(tmp_path, date(2026, 9, 15))
    more = f"{CHARGES}\nL900 C900 V900 P900 2026-08-20 97140 Aetna"
    [row] = changed_months(tmp_path, date(2026, 11, 15), more)
    assert row[-1] == "20 lines answered since, 4 denied, 1 line added"


def test_payers_and_codes_that_changed_are_listed_with_the_most_denied_lines_first(tmp_path: Path) -> None:
    """Odd lines are Cigna's, with 97110: both tell of the same twenty answers."""
    report_august(tmp_path, date(2026, 9, 15))
    august = ["August 2026", "2026-09-15"]
    assert changed_groups(tmp_path, date(2026, 11, 15)) == [
        [name, *august, "2 of 10", "20.0 %", "10 lines answered since, 2 denied"]
        for name in ("Aetna", "Cigna", "97110", "97140")
    ]


def test_a_payer_that_was_not_known_then_is_told_and_one_that_did_not_change_is_not(tmp_path: Path) -> None:
    report_august(tmp_path, date(2026, 11, 14))
    charges = f"{CHARGES}\nL900 C900 V900 P900 2026-08-20 97140 Humana"
    postings = f"{LATE}\nL900 2026-11-15 CO-50 60.00"
    assert changed_groups(tmp_path, date(2026, 11, 15), charges, postings) == [
        [
            "Humana",
            "August 2026",
            "2026-11-14",
            "—",
            "1 of 1",
            "1 line answered since, 1 denied, 1 line added",
        ],
        [
            "97140",
            "August 2026",
            "2026-11-14",
            "20.0 %",
            "23.8 %",
            "1 line answered since, 1 denied, 1 line added",
        ],
    ]


def test_a_month_that_is_as_it_was_reported_is_not_listed(tmp_path: Path) -> None:
    report_august(tmp_path, date(2026, 11, 14))
    assert changed_months(tmp_path, date(2026, 11, 15)) == []


def test_the_first_report_lists_nothing(tmp_path: Path) -> None:
    assert changed_months(tmp_path, date(2026, 11, 15)) == []


def test_a_report_written_again_is_the_same(tmp_path: Path) -> None:
    report_august(tmp_path, date(2026, 9, 15))
    audit = audit_of(write_practice(tmp_path / "files", CHARGES, LATE), "2026-08", date(2026, 11, 15))
    first = write_audit(audit, tmp_path)
    assert first.changed
    assert first.kept
    assert "20 lines answered since" in (first.folder / "report.html").read_text(encoding="utf-8")
    assert not write_audit(audit, tmp_path).changed


@pytest.mark.parametrize(
    ("then", "now", "more", "why"),
    [
        ((7, 100), (13, 114), 0, "14 lines answered since, 6 denied"),
        ((7, 100), (7, 101), 0, "1 line answered since, none denied"),
        ((7, 100), (9, 100), 0, "2 more denied"),
        ((7, 100), (6, 103), 2, "3 lines answered since, 1 fewer denied, 2 lines added"),
        ((7, 100), (7, 99), -1, "1 line no longer in the rate, 1 line gone"),
        ((7, 100), (5, 90), 0, "10 lines no longer in the rate, 2 fewer denied"),
    ],
)
def test_what_came_in_between_is_told(
    then: tuple[int, int], now: tuple[int, int], more: int, why: str
) -> None:
    assert tell_why(then, now, more) == why
