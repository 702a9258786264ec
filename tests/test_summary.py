"""The summary: every word at the top of the page follows from the outcome of a figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audit.blocks import Table
from audit.comparison import Comparison
from audit.figures import HIGHER, LOWER, NOT_JUDGED, TOO_FEW, USUAL, Finding
from audit.record import Audit
from audit.report import compose
from audit.summary import define, draw_trends, make_actions, make_tiles, state_verdict, tell_since
from tests.practices import audit_of, many_months, write_practice

GROUPS = ("", "code", "payer", "code,payer")


def judged(audit: Audit, total: str, **others: str) -> Comparison:
    """Return the sample practice's comparison with other words for the denial rate.

    `others` maps a group ("pair" for code and payer) to the word of its figures.
    """
    frame = audit.comparison.frame.copy()
    words = {"": total, "code": USUAL, "payer": USUAL, "code,payer": others.get("pair", USUAL)} | {
        group: word for group, word in others.items() if group != "pair"
    }
    for group, word in words.items():
        rows = (frame["measure"] == "denials/first_rate") & (frame["group"] == group)
        frame.loc[rows, "outcome"] = word
    return replace(audit.comparison, frame=frame)


@pytest.mark.parametrize(
    ("total", "others", "said"),
    [
        (HIGHER, {}, "Denials rose to 17.9 %, above their usual range"),
        (LOWER, {}, "Denials fell to 17.9 %, below their usual range"),
        (USUAL, {}, "Nothing about denials stands out: 17.9 %, within their usual range"),
        (
            USUAL,
            {"pair": HIGHER},
            "Denials are within their usual range at 17.9 %; 97140 at Commercial A is not",
        ),
        (USUAL, {"code": HIGHER}, "Denials are within their usual range at 17.9 %; 97140 is not"),
        (USUAL, {"payer": HIGHER}, "Denials are within their usual range at 17.9 %; Commercial A is not"),
        (TOO_FEW, {}, "17.9 % of the lines decided were denied; too few came before to tell what is usual"),
        (NOT_JUDGED, {}, "answered: too early to judge denials"),
    ],
)
def test_the_verdict_says_what_the_outcome_says(
    total: str, others: dict[str, str], said: str, sample_audit: Audit
) -> None:
    verdict, _ = state_verdict(judged(sample_audit, total, **others), "September 2026")
    assert said in verdict


def test_what_is_unusual_stands_under_the_verdict(sample_audit: Audit) -> None:
    """Up to three places, most denied lines first; the earlier rate with its months; and the notes."""
    _, text = state_verdict(judged(sample_audit, HIGHER, pair=HIGHER), "September 2026")
    assert "Most unusual: 97140 at Commercial A" in text
    assert text.count(" at ") <= 4
    assert "June\N{EN DASH}August 2026 had" in text
    assert "of the visits lack a required element, more than usual" in text
    assert "only a reading of the chart can tell" in text


def test_a_first_period_is_called_neither_usual_nor_unusual(tmp_path: Path) -> None:
    """There is nothing yet that it could be usual for."""
    audit = audit_of(write_practice(tmp_path, *many_months(["2026-10"], 40)), "2026-10")
    verdict, _ = state_verdict(audit.comparison, audit.period.title)
    assert "usual range" not in verdict
    assert "too few came before" in verdict


def test_no_word_of_the_summary_accuses(sample_audit: Audit) -> None:
    """Never fraud, violation, overpayment, a grade or a score; nothing asks to complete or sign a note."""
    page = compose(sample_audit)
    texts = [page.verdict, page.standfirst, *(f"{one.title} {one.text}" for one in page.actions)]
    texts += [f"{one.term} {one.text}" for one in page.definitions]
    for word in ("fraud", "violation", "overpayment", "grade", "score", "complete the note", "sign the note"):
        assert not any(word in text.casefold() for text in texts), word


def test_a_tile_exists_when_its_measure_does(sample_audit: Audit, tmp_path: Path) -> None:
    """All seven for the sample practice; without answers, notes or dates of claims three are left."""
    found = [tile.title for tile in make_tiles(sample_audit.comparison, sample_audit.chosen)]
    assert found == [
        "Initial denial rate",
        "Visits",
        "Units per visit",
        "Denied, not recovered",
        "Denied and still open",
        "Visits with a documentation gap",
        "Billed before signed",
    ]
    path = tmp_path / "charges.csv"
    path.write_text(
        "line_id,patient_id,payer,service_date,code,units,charge\nL1,P1,Aetna,2026-10-05,97124,1,60.00\n"
    )
    poor = audit_of([path], "2026-10")
    assert [tile.title for tile in make_tiles(poor.comparison, poor.chosen)] == ["Visits", "Units per visit"]


def test_a_tile_stands_beside_the_months_before(sample_audit: Audit) -> None:
    tiles = {tile.title: tile for tile in make_tiles(sample_audit.comparison, sample_audit.chosen)}
    rate = tiles["Initial denial rate"]
    total = sample_audit.comparison.total("denials/first_rate")
    assert rate.detail[0] == f"{total.numerator} of {total.base} lines"
    assert rate.comparison.startswith("Jun\N{EN DASH}Aug 2026: ")
    assert (rate.outcome, rate.tone) == (HIGHER, "worse")
    visits = sample_audit.comparison.total("usage/visits").three_before.numerator
    assert tiles["Visits"].comparison == f"Jun\N{EN DASH}Aug 2026: {round(visits / 3)} a month"


def finding(since: int, cents: int | None = 5000) -> Finding:
    return Finding("usage/odd", "Look at 2 lines", "Check.", "line", 2, 9, 0, cents, "biller", "", since)


@pytest.mark.parametrize(
    ("since", "badge"),
    [
        (0, ""),
        (1, "new"),
        (2, "2nd month"),
        (3, "3rd month"),
        (4, "4th month"),
        (11, "11th month"),
        (12, "a year or more"),
    ],
)
def test_a_thing_to_do_says_for_how_long_it_stands(since: int, badge: str) -> None:
    (action,) = make_actions([finding(since)], 6, 'audit explain "{figure}" FILES...')
    assert action.badge == badge
    assert action.explain == 'audit explain "usage/odd" FILES...'


def test_the_list_of_things_to_do_ends(sample_audit: Audit) -> None:
    """So many at most, in the order of the findings; one without money names none."""
    assert [len(make_actions([finding(1)] * count, 6, "")) for count in (0, 3, 9)] == [0, 3, 6]
    assert make_actions([finding(1, None)], 6, "")[0].amount == ""
    most = sample_audit.settings.thresholds.most_actions
    shown = [action.title for action in compose(sample_audit).actions]
    assert shown == [one.title for one in sample_audit.findings[:most]]


def test_trends_show_totals_first_then_what_is_unusual(sample_audit: Audit) -> None:
    """Twelve at most; months with too few lines are gaps, and three points make a line."""
    charts = draw_trends(sample_audit.comparison, sample_audit.chosen, 12)
    assert 2 <= len(charts) <= 12
    assert "All payers and codes" in charts[0].title
    assert len({chart.id for chart in charts}) == len(charts)
    assert len(draw_trends(sample_audit.comparison, sample_audit.chosen, 3)) == 3


def test_what_came_since_needs_no_answers(sample_audit: Audit) -> None:
    """October, with how far its answers have come; nothing where the period is the last."""
    table = tell_since(sample_audit.comparison, sample_audit.chosen)
    assert isinstance(table, Table)
    assert [row.cells[0].text for row in table.rows] == ["October 2026"]
    assert tell_since(sample_audit.comparison, replace(sample_audit.chosen, younger=())) is None


def test_every_measure_is_defined_on_the_page(sample_audit: Audit) -> None:
    told = {one.term: one.text for one in define(sample_audit.comparison)}
    for measure in sample_audit.comparison.measures.values():
        assert measure.title in told
    assert "Usual range" in told
