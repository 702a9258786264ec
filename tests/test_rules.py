"""Rules: what the marked rows of a period amount to."""

from __future__ import annotations

import numpy as np
import pytest

from audit.figures import Finding
from audit.intervals import wilson
from audit.periods import Chosen, parse_period
from audit.populations import NO, OUT, UNSURE, YES, Populations
from audit.rules import Rule, apply, examine
from audit.selfaudit import mark_period
from audit.topics import TOPICS
from tests.practices import mark_rows, shipped

MONTHS = ("2026-08-05", "2026-09-05", "2026-10-05")
OCTOBER = range(2, 3)


def rule(**changes: object) -> Rule:
    told: dict[str, object] = {
        "id": "usage/odd",
        "title": "Look at {rows} that are odd",
        "advice": "Check.",
        "why": "Because.",
        "source": "A test",
        "mark": "odd",
        "table": "lines",
        "who": "biller",
        "needs": "lines",
    }
    return Rule(**(told | changes))  # type: ignore[arg-type]


def marked(*rows: tuple[str, int]) -> Populations:
    """Return lines of these dates with these marks; each is expected to be allowed 60 dollars."""
    found = mark_rows("service_date charge\n" + "\n".join(f"{day} 60.00" for day, _ in rows))
    return found.with_marks({"lines": {"odd": np.array([mark for _, mark in rows], dtype=np.int8)}})


def found(*rows: tuple[str, int], **changes: object) -> Finding | None:
    return next(iter(examine([rule(**changes)], marked(*rows), OCTOBER).findings), None)


def test_a_finding_counts_what_it_found_could_check_and_could_not() -> None:
    """Only rows of the period; a row that the question does not touch is in none of the three."""
    one = found(
        *((MONTHS[2], mark) for mark in (YES, YES, NO, UNSURE, OUT)), (MONTHS[0], YES), (MONTHS[1], OUT)
    )
    assert one is not None
    assert (one.rows, one.checked, one.unknown, one.cents) == (2, 3, 1, 12000)
    assert (one.title, one.what) == ("Look at 2 lines that are odd", "line")


def test_one_row_is_not_called_rows() -> None:
    one = found((MONTHS[0], NO), (MONTHS[2], YES))
    assert one is not None
    assert one.title == "Look at 1 line that are odd"


def test_a_rule_that_finds_nothing_says_nothing() -> None:
    """Nothing in this period, or only rows that cannot be told."""
    assert found((MONTHS[0], YES), (MONTHS[2], NO)) is None
    assert found((MONTHS[0], NO), (MONTHS[2], UNSURE)) is None


def test_a_finding_tells_for_how_many_months_on_end_it_was_found() -> None:
    """A month without it breaks the row."""
    every = [(month, YES) for month in MONTHS]
    cases = (found(*every), found(every[0], (MONTHS[1], NO), every[2]), found(*every, standing=True))
    assert [one and one.since for one in cases] == [3, 1, 0]


@pytest.mark.parametrize("before", [(), ((MONTHS[1], UNSURE),), ((MONTHS[0], NO), (MONTHS[1], OUT))])
def test_what_no_earlier_month_could_tell_is_not_called_new(before: tuple[tuple[str, int], ...]) -> None:
    """The files begin with the period, or the month before tells nothing of the question."""
    (one,) = examine(
        [rule()], marked(*before, (MONTHS[2], YES)), range(len(before), len(before) + 1)
    ).findings
    assert one.since == 0


def test_a_standing_rule_looks_at_the_whole_history() -> None:
    one = found((MONTHS[0], YES), (MONTHS[1], YES), (MONTHS[2], NO), standing=True)
    assert one is not None
    assert one.rows == 2


def test_a_rule_without_money_names_none() -> None:
    one = found((MONTHS[0], NO), (MONTHS[2], YES), money="")
    assert one is not None
    assert one.cents is None


def test_most_money_comes_first_then_the_name() -> None:
    rows = marked((MONTHS[0], NO), (MONTHS[2], YES), (MONTHS[2], NO))
    rows = rows.with_marks({"lines": {"both": np.array([OUT, YES, YES], dtype=np.int8)}})
    rules = [
        rule(id="b/small"),
        rule(id="a/small"),
        rule(id="z/large", mark="both"),
        rule(id="c/none", money=""),
    ]
    assert [one.id for one in examine(rules, rows, OCTOBER).findings] == [
        "z/large",
        "a/small",
        "b/small",
        "c/none",
    ]


def test_the_cautious_end_counts_what_is_sure() -> None:
    """Of 2 in 4 lines the score interval begins at 15 %: 0.6 lines of 60 dollars; of one claim, at 9.5 %."""
    every = marked(*((MONTHS[2], mark) for mark in (YES, YES, NO, NO)))
    apart = apply(rule(), every, range(1))
    assert (apart.cents, apart.cautious, apart.together) == (12000, round(wilson(2, 4).low * 4 * 6000), 1.0)
    listed = mark_rows("claim_id\nC1\nC1\nC3\nC4")
    listed = listed.with_marks({"lines": {"odd": np.array([YES, YES, NO, NO], dtype=np.int8)}})
    one = apply(rule(), listed, range(1))
    assert one.together == 2.0
    assert one.cautious == round(wilson(2, 4, effective=2).low * 4 * (one.cents or 0) / 2)


def test_what_is_surer_comes_before_what_is_more() -> None:
    """One line of $130 in two is less, at its cautious end, than both lines of $60 each."""
    rows = mark_rows("service_date charge\n2026-10-05 130.00\n2026-10-05 60.00\n2026-10-05 60.00")
    one, both = np.array([YES, NO, NO], dtype=np.int8), np.array([OUT, YES, YES], dtype=np.int8)
    rows = rows.with_marks({"lines": {"odd": one, "both": both}})
    rules = [rule(id="a/one"), rule(id="b/both", mark="both")]
    told = examine(rules, rows, range(1)).findings
    assert [(found.id, found.cents) for found in told] == [("b/both", 12000), ("a/one", 13000)]


def test_rows_that_have_their_counterpart_are_checked_too() -> None:
    """A month's visits with a line stand in no row of what was not billed, and yet they were looked at."""
    rows = mark_rows(
        "service_date\n2026-09-05\n2026-10-05",
        "service_date\n2026-09-05\n2026-10-05\n2026-09-06\n2026-10-01",
    )
    rows = rows.with_marks({"unbilled": {"odd": np.array([YES, YES], dtype=np.int8)}})
    asked = rule(table="unbilled", money="")
    one, every = (
        apply(asked, rows, range(1, 2)),
        apply(rule(table="unbilled", money="", standing=True), rows, OCTOBER),
    )
    assert (one.rows, one.checked, one.what) == (1, 2, "visit")
    assert (every.rows, every.checked) == (2, 4)


def test_what_could_not_be_checked_is_told_with_its_rule() -> None:
    """Rows for which the question does not arise are no gap; that nothing could be compared is one."""
    rows = marked((MONTHS[2], YES), (MONTHS[2], UNSURE), (MONTHS[2], OUT), (MONTHS[0], UNSURE))
    some = {"whole": np.array([NO] * 4, dtype=np.int8), "out": np.array([OUT] * 4, dtype=np.int8)}
    rows = rows.with_marks({"lines": some, "unmatched": {"odd": np.empty(0, dtype=np.int8)}})
    rules = [rule(), rule(mark="whole"), rule(mark="out"), rule(standing=True), rule(table="unbilled")]
    rows = rows.with_marks({"unbilled": {"odd": np.empty(0, dtype=np.int8)}})
    told = [
        (rules.index(one.rule), one.checked, one.unknown)
        for one in examine(rules, rows, OCTOBER).checked
        if not one.in_full
    ]
    assert told == [(0, 1, 1), (3, 1, 2)]
    lacking = mark_rows("code\n97140", "source_file\n-")
    (one,) = examine([rule(mark="note_without_charge", table="unbilled")], lacking, OCTOBER).checked
    assert (one.missing, one.in_full) == (True, False)


def test_every_rule_finds_its_mark_in_its_table() -> None:
    """No topic names a mark that no topic makes, nor a column of money that its table lacks."""
    found = mark_rows("code\n97140")
    for topic in TOPICS:
        for one in topic.rules(shipped()):
            rows = found.of(one.table)
            assert one.mark in rows.marks, one.id
            assert not one.money or one.money in rows.frame, one.id


def test_every_measure_finds_its_marks_and_columns() -> None:
    """Also those marks that depend on the period."""
    october = Chosen(parse_period("2026-10"), True, True, ())
    found = mark_period(mark_rows("code\n97140"), shipped(), october, 60)
    for topic in TOPICS:
        for measure in (*topic.measures(shipped()), *topic.standing(shipped())):
            for total in measure.totals:
                rows = found.of(total.table)
                assert not total.mark or total.mark in rows.marks, measure.id
                if total.table == "visits" and "code" in measure.groups:
                    assert not total.mark or total.mark in found.services.marks, measure.id
