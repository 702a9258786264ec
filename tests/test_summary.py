"""The summary: things to do, definitions, and words that the page never says."""

from __future__ import annotations

import pytest

from audit.figures import Finding
from audit.record import Audit
from audit.report import compose
from audit.summary import define, make_actions


def test_no_word_of_the_summary_accuses(sample_audit: Audit) -> None:
    """Never fraud, violation, overpayment, a grade or a score; nothing asks to complete or sign a note."""
    page = compose(sample_audit)
    texts = [page.verdict, page.standfirst, *(f"{one.title} {one.text}" for one in page.actions)]
    texts += [f"{one.term} {one.text}" for one in page.definitions]
    for word in ("fraud", "violation", "overpayment", "grade", "score", "complete the note", "sign the note"):
        assert not any(word in text.casefold() for text in texts), word


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


def test_every_measure_is_defined_on_the_page(sample_audit: Audit) -> None:
    told = {one.term: one.text for one in define(sample_audit.comparison)}
    for measure in sample_audit.comparison.measures.values():
        assert measure.title in told
    assert "Usual range" in told
