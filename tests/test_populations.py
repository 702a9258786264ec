"""Populations: lines, visits and services with their months, groups and marks, and what lines are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.populations import NO, OUT, UNSURE, YES, expected_allowed, mark_values, populate
from tests.practices import mark_rows, words
from tests.tables import claim_lines, visits

UNTIL = pd.Timestamp("2026-12-01")


def categories(*texts: str | None) -> pd.Series[str]:
    """Return a categorical column, typed as the tables are."""
    column: pd.Series[str] = pd.Series(list(texts), dtype="str").astype("category")  # type: ignore[assignment]
    return column


def worth(text: str) -> list[tuple[float, str]]:
    """Return what each line can be expected to be allowed, in dollars, and whether that is an estimate."""
    cents, estimated = expected_allowed(claim_lines(text), UNTIL, 12)
    return list(zip((cents / 100).tolist(), words(estimated), strict=True))


def test_a_line_is_worth_the_median_allowed_of_its_payer_and_code() -> None:
    """The median of 30, 40 and 90 a unit is 40; two units are worth 80."""
    assert worth("""
        payer  units  allowed
        Aetna  1      30.00
        Aetna  1      40.00
        Aetna  1      90.00
        Aetna  2      -
    """)[-1] == (80.00, "yes")


def test_where_the_payer_is_new_the_code_at_any_payer_stands_in() -> None:
    assert worth("payer allowed\nAetna 30.00\nCigna -")[-1] == (30.00, "yes")


def test_where_the_code_is_new_the_charge_stands_in_and_is_called_so() -> None:
    assert worth("code allowed charge\n97140 30.00 60.00\n97124 - 45.00")[-1] == (45.00, "no")


def test_without_units_the_charge_stands_in() -> None:
    assert worth("units allowed charge\n1 30.00 60.00\n0 - 45.00\n- - 50.00")[1:] == [
        (45.0, "no"),
        (50.0, "no"),
    ]


def test_nothing_allowed_and_old_amounts_are_no_price() -> None:
    """A denied line allows nothing; what was allowed two years ago is not what is paid today."""
    found = worth("""
        service_date  allowed  charge
        2024-10-05    99.00    60.00
        2026-10-05    0.00     60.00
        2026-10-05    -        60.00
    """)
    assert found[-1] == (60.00, "no")


def test_visits_without_a_claim_line_are_left_out() -> None:
    """A note of a day that was not billed says nothing of a claim; it stands apart."""
    lines = claim_lines("visit_id service_date\n0 10-01\n2 10-03")
    found = populate(lines, visits("service_date\n10-01\n10-02\n10-03"), UNTIL, 12)
    assert len(found.visits) == 2
    assert found.unbilled.frame["service_date"].dt.day.tolist() == [2]
    assert found.unbilled.paired is not None
    assert found.unbilled.paired.tolist() == [2]


def test_how_often_a_line_was_sent_is_told_in_words() -> None:
    """One that was never sent, or of which the files do not tell, stands with those sent once."""
    found = mark_rows("sent\n0\n1\n2\n3\n4\n9")
    assert found.lines.frame["times_sent"].tolist() == [
        *("once", "once", "twice", "three times", "four times or more", "four times or more")
    ]


def test_a_service_is_one_code_on_one_visit() -> None:
    found = mark_rows("code visit\n97140 A\n97140 A\n97110 A\n97110 B")
    assert (len(found.lines), len(found.services), len(found.visits)) == (4, 3, 2)
    assert found.service_of_line.tolist() == [0, 0, 1, 2]
    assert found.visit_of_service.tolist() == [0, 0, 1]


def test_a_visit_with_two_payers_stands_under_the_first_in_the_alphabet() -> None:
    """Whichever comes first in the file."""
    for text in ("payer visit\nCigna A\nAetna A", "payer visit\nAetna A\nCigna A"):
        found = mark_rows(text)
        assert [found.labels["payer"][place] for place in found.visits.groups["payer"]] == ["Aetna"]


def test_months_count_from_the_first_of_the_history() -> None:
    found = mark_rows("service_date\n2026-10-31\n2025-12-01\n2026-01-01")
    assert found.lines.month.tolist() == [10, 0, 1]
    assert (found.first_month, found.months) == (2025 * 12 + 11, 11)


def test_no_lines_are_no_months() -> None:
    lines = claim_lines("code\n97140").iloc[:0]
    found = populate(lines, visits("service_date\n10-01"), UNTIL, 12)
    assert (len(found.lines), len(found.visits), len(found.services), found.months) == (0, 0, 0, 0)


def test_a_claim_without_a_number_is_the_lines_of_its_visit() -> None:
    found = populate(
        claim_lines("claim_id visit\nC1 A\nC1 A\n- B\n- B\n- C"), visits("signed\n?\n?\n?"), UNTIL, 12
    )
    assert found.lines.frame["claim"].tolist() == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "mark"), [("denied", "yes"), ("unknown", "unsure"), ("paid", "no"), ("pending", "out")]
)
def test_a_text_becomes_one_of_four_marks(text: str, mark: str) -> None:
    values = categories(text)
    assert words(mark_values(values, yes=["denied"], no=["paid", "denied"], unsure=["unknown"])) == [mark]


def test_a_missing_text_is_out() -> None:
    values = categories("denied", None)
    assert words(mark_values(values, yes=["denied"], no=[])) == ["yes", "out"]


def test_a_mark_of_services_is_carried_to_lines_and_visits() -> None:
    """A visit takes the strongest: YES, else UNSURE, else NO, else OUT."""
    found = mark_rows("code visit\n97140 A\n97110 A\n97140 B\n97110 B\n97140 C\n97110 C\n97140 D")
    of_lines, of_visits = found.spread(np.array([YES, UNSURE, UNSURE, NO, NO, OUT, OUT], dtype=np.int8))
    assert words(of_lines) == ["yes", "unsure", "unsure", "no", "no", "out", "out"]
    assert words(of_visits) == ["yes", "unsure", "no", "out"]
