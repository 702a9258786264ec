"""What one answer adds up to, netted per group and reason."""

from __future__ import annotations

import numpy as np
import pytest

from audit.adjustments import Sums, add_up
from audit.columns import UNTOLD, columns_of
from audit.remittances import BUNDLED, read_postings
from tests.tables import postings


def sums(text: str, count: int = 1) -> tuple[Sums, list[str]]:
    posted = read_postings(columns_of(postings(text)), count)
    return add_up(posted, np.arange(len(posted.line)), posted.line, count), [*posted.labels, ""]


def test_cents_belong_to_their_part() -> None:
    """P, S, H and Q make K; D and U stand apart; all adjustments are counted whatever they say."""
    found, _ = sums("""
        group reason amount
        -     -      10
        PR    1      5
        CO    104    3
        OA    23     2
        CO    29     7
        CO    ZZ9    4
        CO    45     20
    """)
    told = (found.paid, found.share, found.taken, found.prior, found.covered)
    assert [amount.tolist() for amount in told] == [[1000], [500], [300], [200], [2000]]
    assert (found.reasons.refused.tolist(), found.reasons.unexplained.tolist()) == ([700], [400])
    assert found.adjusted.tolist() == [4100]


@pytest.mark.parametrize(
    ("rows", "refused", "label"),
    [
        ("CO 97 50\nCO 97 -50", 0, ""),
        ("CO 97 50\nPR 97 -50", 5000, "CO-97"),
        ("CO 97 50\nCO 97 -40\nCO 29 20", 3000, "CO-29"),
        ("CO 50 20\nCO 29 20\nPR 96 20", 6000, "CO-29"),
        ("CO ZZ9 50\nCO 29 1", 100, "CO-29"),
        ("CO ZZ9 50", 0, "CO-ZZ9"),
        ("CO 45 50", 0, ""),
    ],
)
def test_reasons_are_netted_and_the_largest_named(rows: str, refused: int, label: str) -> None:
    """Per group and reason; a denial before an unknown reason; ties by code; below zero nothing stands."""
    found, labels = sums(f"group reason amount\n{rows}")
    assert found.reasons.refused.tolist() == [refused]
    assert labels[found.reasons.label[0]] == label


def test_an_unread_amount_counts_as_there_and_in_no_sum() -> None:
    """One cent answers the question whether anything is refused."""
    found, _ = sums("line group reason amount\n0 CO 29 -\n1 PR 1 -\n2 - - -", 3)
    assert found.reasons.refused.tolist() == [1, 0, 0]
    assert found.reasons.refused_known.tolist() == [False, True, True]
    assert found.unread_covered.tolist() == [False, True, False]
    assert found.paid_told.tolist() == [False, False, False]
    assert found.share.tolist() == [0, 0, 0]


def test_what_a_reason_says_holds_while_it_stands() -> None:
    found, _ = sums("line group reason amount\n0 CO 97 60\n1 CO 97 60\n1 CO 97 -60", 2)
    assert (found.reasons.says & BUNDLED > 0).tolist() == [True, False]


def test_what_is_refused_to_others_is_not_the_patients() -> None:
    found, _ = sums("line group reason amount\n0 PR 96 60\n1 PR 96 40\n1 CO 29 20", 2)
    assert found.reasons.to_others.tolist() == [False, True]


def test_allowed_is_told_or_it_is_not() -> None:
    """An allowed amount of nothing is told, one that could not be read is not."""
    found, _ = sums("line kind amount\n0 allowed 50\n1 allowed 0\n2 allowed -\n3 payment 40", 4)
    assert found.allowed.tolist() == [5000, 0, UNTOLD, UNTOLD]
