"""Elapsed: days between a service, its claim, the answer and the money."""

from __future__ import annotations

import pandas as pd

from audit.elapsed import count_days
from tests.tables import claim_lines


def days(text: str) -> list[list[object]]:
    """Return days to submission, to the first answer and to the first money, "-" where not known."""
    found = pd.DataFrame(count_days(claim_lines(text)))
    return found.astype("object").where(found.notna(), "-").to_numpy().tolist()


def test_days_run_from_service_to_claim_to_answer_and_from_service_to_money() -> None:
    assert days("""
        service_date  submitted_date  first_decided_on  first_paid_on
        10-01         10-03           10-20             10-25
        10-01         10-01           10-01             10-01
    """) == [[2, 17, 24], [0, 0, 0]]


def test_without_a_date_of_submission_the_answer_is_counted_from_the_service() -> None:
    assert days("""
        service_date  submitted_date  first_decided_on  first_paid_on
        10-01         -               10-20             -
    """) == [["-", 19, "-"]]


def test_a_date_before_the_one_it_follows_is_not_believed() -> None:
    """Nor one that lies a lifetime ahead."""
    assert days("""
        service_date  submitted_date  first_decided_on  first_paid_on
        10-05         10-04           10-03             2106-10-05
        10-05         10-06           10-05             10-04
    """) == [["-", "-", "-"], [1, "-", "-"]]
