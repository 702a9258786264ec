"""When answers come: Kaplan-Meier by payer, lines still waiting counted as waiting."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from audit.answer_times import LONGEST, find_day, follow, list_times, read_waits
from audit.blocks import Note, Table
from tests.practices import mark_rows, shipped

AS_OF = date(2026, 12, 1)


@pytest.mark.parametrize("seed", range(5))
def test_the_share_still_waiting_is_what_statsmodels_makes_of_it(seed: int) -> None:
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    rng = np.random.default_rng(seed)
    payer = rng.integers(0, 4, 900)
    days = rng.gamma(2.0, 14.0 + 5 * payer).astype(np.int64)
    until = rng.integers(0, 90, 900)
    answered = days <= until
    seen = np.minimum(days, until)
    left = follow(payer, seen, answered, 4)
    for one in range(4):
        mine = payer == one
        theirs = survfunc.SurvfuncRight(seen[mine], answered[mine])
        assert left[one, theirs.surv_times] == pytest.approx(theirs.surv_prob, abs=1e-12)


def test_whom_nobody_follows_any_longer_is_not_told() -> None:
    """Of four lines two were answered on day 3; the others have waited for 5: what comes then is open."""
    left = follow(np.zeros(4, int), np.array([3, 3, 5, 5]), np.array([True, True, False, False]), 1)[0]
    assert left[2] == 1
    assert left[5] == 0.5
    assert np.isnan(left[6])
    assert find_day(left, 0.5) == 3
    assert find_day(left, 0.9) is None


def test_an_answer_after_a_year_counts_as_waiting_for_a_year() -> None:
    left = follow(np.zeros(2, int), np.array([3, LONGEST + 200]), np.array([True, True]), 1)[0]
    assert left[LONGEST] == 0.5


def test_leaving_out_what_waits_would_make_a_slow_payer_look_fast() -> None:
    """Half of the lines of the last weeks wait: answered ones alone would be answered within 10 days."""
    days = np.array([10] * 10 + [40] * 10)
    answered = np.array([True] * 10 + [False] * 10)
    assert find_day(follow(np.zeros(20, int), days, answered, 1)[0], 0.9) is None


WAITS = """
    | payer | service_date | submitted_date | first_decided_on | first_decision |
    | Aetna | 2026-09-01   | 2026-09-05     | 2026-09-15       | paid           |
    | Aetna | 2026-09-01   | -              | 2026-09-15       | denied         |
    | Aetna | 2026-09-01   | 2026-10-20     | 2026-09-15       | paid           |
    | Aetna | 2026-11-01   | 2026-11-11     | -                | pending        |
    | Aetna | 2026-09-01   | 2026-09-05     | -                | paid           |
    | Aetna | 2025-09-01   | 2025-09-05     | 2025-09-15       | paid           |
    | Cash  | 2026-09-01   | -              | -                | not billed     |
    | Aetna | 2026-09-01   | 2026-09-05     | -                | excluded: sent on |
"""


def test_days_run_from_sending_to_the_first_answer_or_to_the_as_of_date() -> None:
    """From the service where the export does not tell, or tells of a later claim; a year back, dated ones.

    A claim that was only sent on to another payer has no answer to date.
    """
    waits = read_waits(mark_rows(WAITS, as_of=AS_OF), AS_OF)
    assert waits.days.tolist() == [10, 14, 14, 20]
    assert waits.answered.tolist() == [True, True, True, False]
    assert waits.undated == 1


def test_a_charge_that_was_not_sent_waits_for_no_payer() -> None:
    """Only where the files tell of what was sent; what was answered was sent, whatever they tell."""
    table = """
        | has_claim | service_date | submitted_date | first_decided_on | first_decision | answers |
        | no        | 2026-09-01   | -              | -                | no answer      | 0       |
        | no        | 2026-11-01   | -              | 2026-11-11       | paid           | 1       |
        | yes       | 2026-11-01   | 2026-11-11     | -                | no answer      | 0       |
        | ?         | 2026-11-21   | -              | -                | no answer      | 0       |
    """
    waits = read_waits(mark_rows(table, as_of=AS_OF), AS_OF)
    assert waits.days.tolist() == [10, 20, 10]
    assert waits.answered.tolist() == [True, False, False]


def rows(*payers: tuple[str, int, int]) -> str:
    """Return lines by payer: so many answered after 10 days, so many waiting for 30."""
    table = ["payer  service_date  first_decided_on  first_decision"]
    for payer, answered, waiting in payers:
        table += [f"{payer}  2026-11-01  2026-11-11  paid"] * answered
        table += [f"{payer}  2026-11-01  -  pending"] * waiting
    return "\n".join(table)


def test_a_payer_with_few_answers_stands_with_the_others_of_its_kind() -> None:
    found = list_times(mark_rows(rows(("Aetna", 12, 3), ("Cigna", 5, 1), ("Humana", 1, 4))), shipped(), AS_OF)
    assert isinstance(found, Table)
    assert [[cell.text for cell in row.cells] for row in found.rows] == [
        ["Aetna", "12", "3", "10", "—", "80.0 %", "80.0 %", "—"],
        ["2 payers with fewer than 11 answers", "6", "5", "10", "—", "54.5 %", "54.5 %", "—"],
        ["All", "18", "8", "10", "—", "69.2 %", "69.2 %", "—"],
    ]
    assert found.fold


def test_answers_without_a_date_are_told() -> None:
    undated = mark_rows("""
        first_decision  first_decided_on
        paid            -
    """)
    found = list_times(undated, shipped(), AS_OF)
    assert isinstance(found, Note)
    assert "1 answer without a date is left out" in found.text


def test_without_answers_there_is_nothing_to_tell() -> None:
    assert list_times(mark_rows("first_decision\npending"), shipped(), AS_OF) is None
