"""The summary: things to do, definitions, and words that the page never says."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from audit.figures import Finding, Resolved
from audit.record import Audit
from audit.report import compose
from audit.summary import define, list_resolved, make_actions


def test_no_word_of_the_summary_accuses(sample_audit: Audit) -> None:
    """Never fraud, violation, overpayment, a grade or a score; nothing asks to complete or sign a note."""
    page = compose(sample_audit)
    texts = [page.verdict, page.standfirst, *(f"{one.title} {one.text}" for one in page.actions)]
    texts += [f"{one.term} {one.text}" for one in page.definitions]
    for word in ("fraud", "violation", "overpayment", "grade", "score", "complete the note", "sign the note"):
        assert not any(word in text.casefold() for text in texts), word


def finding(cents: int | None = 5000, state: str = "", month: int = 0) -> Finding:
    one = Finding("usage/odd", "Look at 2 lines", "Check.", "line", 2, 9, 0, cents, "biller", "by June")
    return replace(one, state=state, month=month, first_shown=date(2026, 9, 15))


@pytest.mark.parametrize(
    ("state", "month", "badge"),
    [
        ("", 0, ""),
        ("new", 1, "new"),
        ("repeated", 2, "2nd month"),
        ("repeated", 3, "3rd month"),
        ("repeated", 4, "4th month"),
        ("repeated", 11, "11th month"),
        ("repeated", 12, "a year or more"),
        ("worse", 3, "worse"),
        ("better", 3, "better"),
    ],
)
def test_a_thing_to_do_says_what_became_of_it(state: str, month: int, badge: str) -> None:
    """In a word or two; and since when it is shown, who acts, by when, and how its rows are listed."""
    (action,) = make_actions([finding(state=state, month=month)], 6, 'audit explain "{figure}" FILES...')
    assert action.badge == badge
    assert (action.who, action.due, action.first_shown) == ("biller", "by June", "2026-09-15")
    assert action.explain == 'audit explain "usage/odd" FILES...'


def test_what_is_resolved_is_one_folded_table() -> None:
    assert list_resolved([], {}) is None
    gone = Resolved("usage/odd", 3, None, "2026-08", date(2026, 7, 15))
    table = list_resolved([gone], {"usage/odd": "Look at the odd lines"})
    assert table is not None
    assert table.fold
    assert table.title == "Resolved since August 2026"
    assert [cell.text for cell in table.rows[0].cells][:2] == ["Look at the odd lines", "3"]
    assert table.rows[0].cells[3].text == "2026-07-15"


def test_the_list_of_things_to_do_ends(sample_audit: Audit) -> None:
    """So many at most, in the order of the findings; one without money names none."""
    assert [len(make_actions([finding()] * count, 6, "")) for count in (0, 3, 9)] == [0, 3, 6]
    assert make_actions([finding(None)], 6, "")[0].amount == ""
    most = sample_audit.settings.thresholds.most_actions
    assert most == 5
    shown = [action.title for action in compose(sample_audit).actions]
    assert shown == [one.title for one in sample_audit.findings[:most]]


def test_every_measure_is_defined_on_the_page(sample_audit: Audit) -> None:
    told = {one.term: one.text for one in define(sample_audit.comparison)}
    for measure in sample_audit.comparison.measures.values():
        assert measure.title in told
    assert "Usual range" in told


def test_every_definition_says_which_test_the_words_come_from(sample_audit: Audit) -> None:
    """Words of change name their test, a measure without any names none; the page says what that means."""
    told = {one.term: one.text for one in define(sample_audit.comparison)}
    measures = sample_audit.comparison.measures.values()
    for one in (one for one in measures if one.title in told):
        assert ("Tested by the" in told[one.title]) == bool(one.judged), one.id
    assert "names no test was not tested" in told["Significantly higher, significantly lower"]
