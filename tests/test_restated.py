"""What was restated: the earlier period as it was saved, and as the later results count it."""

from __future__ import annotations

from typing import Any

from audit.beside import Pair
from audit.beside_sides import Side
from audit.blocks import Empty, Section, Table
from audit.restated import RESTATED_BY_PAYER, show_restated
from audit.results import Results
from audit.settings import load_settings
from audit.topics import TOPICS
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


def test_the_page_of_two_periods_says_why() -> None:
    section = restated(saved("2026-07", JULY, as_of="2026-09-15"), later())
    assert notes(section).startswith("**July 2026 was 5.0 %, now 6.3 %**: 10 lines answered since, 6 denied.")
