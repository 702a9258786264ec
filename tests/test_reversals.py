"""A reversal goes before the other postings of its day, and takes what it cancels along."""

from __future__ import annotations

import pytest

from audit.columns import columns_of
from audit.remittances import read_postings
from audit.reversals import order_reversals
from tests.tables import postings

CASES = {
    "no reversal": ("0 10-19 payment - 40 -\n0 10-19 adjustment 45 20 -", [0, 0]),
    "on a later day the correction stays": (
        "0 10-19 payment - 40 -\n0 11-19 payment - -40 22\n0 11-19 adjustment 29 60 -",
        [0, 1, 0],
    ),
    "canceled on its own day": (
        "0 10-19 payment - 40 -\n0 10-19 payment - -40 22\n0 10-19 adjustment 29 60 -",
        [1, 1, 0],
    ),
    "as often as reversed": (
        "0 10-19 payment - 40 -\n0 10-19 payment - 40 -\n0 10-19 payment - -40 22",
        [1, 0, 1],
    ),
    "another amount is a correction": ("0 10-19 payment - 30 -\n0 10-19 payment - -40 22", [0, 1]),
    "another reason is a correction": ("0 10-19 adjustment 29 40 -\n0 10-19 adjustment 45 -40 22", [0, 1]),
    "an allowed amount is no payment": ("0 10-19 allowed - 40 -\n0 10-19 payment - -40 22", [0, 1]),
    "all that is reversed must be there": (
        "0 10-19 payment - 40 -\n0 10-19 payment - -40 22\n0 10-19 adjustment 45 -20 22",
        [0, 1, 1],
    ),
    "another line's answer stays": ("1 10-19 payment - 40 -\n0 10-19 payment - -40 22", [0, 1]),
    "after an earlier answer it is a correction": (
        "0 10-09 payment - 40 -\n0 10-19 payment - 40 -\n0 10-19 payment - -40 22",
        [0, 0, 1],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_goes_before_its_day(case: str) -> None:
    """A reversal always; an answer where it is the first, and each amount reversed stands beside it."""
    rows, before = CASES[case]
    table = postings(f"line posted_on kind reason amount claim_status\n{rows}", group="CO")
    posted = read_postings(columns_of(table), 2)
    ordered = order_reversals(posted, 2)
    assert (posted.order - ordered.order).tolist() == before
