"""What was restated: the earlier period as it was saved, and as the later results count it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.beside import Pair
from audit.beside_sides import Side
from audit.blocks import Empty, Section, Table
from audit.earlier import find_earlier
from audit.report import compose
from audit.restated import RESTATED_BY_PAYER, show_restated, tell_why
from audit.results import Results
from audit.selfaudit import write_audit
from audit.settings import load_settings
from audit.topics import TOPICS
from tests.practices import audit_of, many_months, write_practice
from tests.saved import measure, saved

JULY = """
    figure                            top   base  effective
    usage/lines                       420      -          -
    usage/lines/payer=Aetna           300      -          -
    usage/lines/payer=Cigna           120      -          -
    usage/patients                     80      -          -
    usage/paid                     900000      -          -
    denials/first_rate                 20    400        300
    denials/first_rate/payer=Aetna     12    290        200
    denials/open                        9      -          -
"""
LATER = """
    figure                            top   base  effective
    usage/lines                       500      -          -
    usage/lines/payer=Aetna           500      -          -
    usage/patients                     90      -          -
    usage/paid                     950000      -          -
    denials/first_rate                 30    480        350
    denials/first_rate/payer=Aetna     30    480        350
    denials/open                       30      -          -
"""
HISTORY: dict[str, dict[str, tuple[int, int | None]]] = {
    "usage/lines": {"2026-06": (400, None), "2026-07": (420, None)},
    "usage/lines/payer=Aetna": {"2026-07": (300, None)},
    "usage/patients": {"2026-07": (80, None)},
    "usage/paid": {"2026-07": (912345, None)},
    "denials/first_rate": {"2026-07": (26, 410)},
    "denials/first_rate/payer=Aetna": {"2026-07": (12, 290)},
    "denials/open": {"2026-07": (1, None)},
}


def later(period: str = "2026-10", history: Any = None, **more: Any) -> Results:
    return saved(period, LATER, history=HISTORY if history is None else history, **more)


def restated(one: Results, other: Results) -> Section:
    return show_restated(Pair(Side(one), Side(other)))


def rows(section: Section, name: str) -> list[list[str]]:
    table = section.blocks[name]
    if table is None:
        return []
    assert isinstance(table, Table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def notes(section: Section) -> str:
    found = section.blocks["notes"]
    return " ".join(note.text for note in found) if isinstance(found, tuple) else ""  # type: ignore[union-attr]


def test_late_answers_are_told_as_saved_then_and_now() -> None:
    section = restated(saved("2026-07", JULY, as_of="2026-09-15"), later())
    assert rows(section, "totals") == [
        ["Paid", "$9,000", "$9,123", "+$123.45"],
        ["Initial denial rate", "5.0 %", "6.3 %", "+1.3 points"],
    ]
    assert section.lead.startswith("**2** of 4 figures in total and **0** of 2 by payer")
    assert "saved on 2026-09-15. That is normal" in section.lead


def test_an_unchanged_history_says_so() -> None:
    same = HISTORY | {"usage/paid": {"2026-07": (900000, None)}, "denials/first_rate": {"2026-07": (20, 400)}}
    section = restated(saved("2026-07", JULY), later(history=same))
    assert rows(section, "totals") == rows(section, "payers") == []
    assert "exactly as before" in section.lead


def test_a_payer_that_moved_is_told_and_one_without_months_is_named() -> None:
    moved = HISTORY | {"denials/first_rate/payer=Aetna": {"2026-07": (18, 290)}}
    section = restated(saved("2026-07", JULY), later(history=moved))
    assert rows(section, "payers") == [["Aetna", "Initial denial rate", "4.1 %", "6.2 %", "+2.1 points"]]
    assert "1 payer of which the later results keep no months, Cigna." in notes(section)


def test_lines_that_went_away_call_for_a_look_at_the_export() -> None:
    fewer = HISTORY | {"usage/lines": {"2026-06": (400, None), "2026-07": (300, None)}}
    section = restated(saved("2026-07", JULY), later(history=fewer))
    assert "**Fewer lines than before**: July 2026 had 420 lines when it was saved and has 300 now" in notes(
        section
    )


def test_months_of_a_range_are_added_and_what_does_not_add_is_named() -> None:
    quarter = HISTORY | {
        "usage/lines": {"2026-04": (100, None), "2026-05": (100, None), "2026-06": (220, None)},
        "denials/first_rate": {"2026-04": (5, 100), "2026-06": (15, 300)},
    }
    section = restated(saved("2026-Q2", JULY), later(history=quarter))
    moved = {row[0] for row in rows(section, "totals")}
    assert "Lines" not in moved
    assert "Initial denial rate" not in moved
    assert "Patients" not in moved
    assert "their months do not add up: Patients." in notes(section)


def test_what_stands_as_of_a_day_is_not_restated() -> None:
    """The open denials of a day are another thing than the July lines among them."""
    section = restated(saved("2026-07", JULY), later())
    assert "Open" not in {row[0] for row in rows(section, "totals")}


def test_a_figure_defined_anew_is_not_called_restated() -> None:
    other = {"denials/first_rate": measure("denials/first_rate", definition="Else.")}
    section = restated(saved("2026-07", JULY), later(measures=other))
    assert [row[0] for row in rows(section, "totals")] == ["Paid"]


def test_older_results_tell_nothing_new() -> None:
    section = restated(saved("2026-07", JULY, as_of="2026-12-15"), later(as_of="2026-11-15"))
    empty = section.blocks["nothing"]
    assert isinstance(empty, Empty)
    assert "are the older ones" in empty.why


def test_a_history_that_begins_later_is_said_not_to_reach_back() -> None:
    short = HISTORY | {"usage/lines": {"2026-08": (400, None)}}
    empty = restated(saved("2026-07", JULY), later(history=short)).blocks["nothing"]
    assert isinstance(empty, Empty)
    assert empty.why == "The results of October 2026 do not reach back to July 2026."


def test_every_measure_told_by_payer_is_one_that_has_payers() -> None:
    settings = load_settings(None)
    known = {one.id for topic in TOPICS for one in topic.measures(settings) if "payer" in one.groups}
    assert set(RESTATED_BY_PAYER) <= known


# --- on the monthly page ------------------------------------------------------------------


CHARGES, POSTINGS = many_months([f"2026-{month:02d}" for month in range(3, 11)], 40)
LATE = "\n".join(
    line.replace("2026-08-", "2026-10-") if line.split()[0] in {f"L{at}" for at in range(201, 221)} else line
    for line in POSTINGS.splitlines()
)
"""Half of the answers to August (lines 201 to 240) came in October."""


def changed_months(out: Path, as_of: date, charges: str = CHARGES) -> list[list[str]]:
    audit = audit_of(write_practice(out / "files", charges, LATE), "2026-09", as_of)
    page = compose(audit, find_earlier(out, audit.settings.practice.name, audit.period, as_of))
    [section] = [one for one in page.sections if one.id == "answers"]
    table = section.blocks["restated"]
    if table is None:
        return []
    assert isinstance(table, Table)
    assert table.fold
    return [[cell.text for cell in row.cells] for row in table.rows]


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


def test_the_page_of_two_periods_says_why() -> None:
    section = restated(saved("2026-07", JULY, as_of="2026-09-15"), later())
    assert notes(section).startswith("**July 2026 was 5.0 %, now 6.3 %**: 10 lines answered since, 6 denied.")
