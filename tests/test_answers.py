"""What payers answered, weighed: amounts of the postings beside those on the line itself."""

from __future__ import annotations

import pytest

from audit.answers import Answers, Netted, net_answers
from audit.columns import UNTOLD, columns_of
from tests.practices import shipped
from tests.tables import claim_lines, postings


def netted(lines: str, posted: str = "amount") -> Netted:
    return net_answers(columns_of(claim_lines(lines)), columns_of(postings(posted)), shipped())


def weighed(lines: str, posted: str = "amount") -> Answers:
    return netted(lines, posted).first


@pytest.mark.parametrize(
    ("line", "posted", "covered"),
    [
        ("charge\n60", "group reason amount\n- - 30\nPR 2 10\nCO 45 20", 4000),
        ("charge paid\n60 40", "group reason amount\nCO 45 20", 4000),
        ("charge paid\n60 40", "amount\n30", 3000),
        ("charge paid patient_share\n60 30 10", "amount", 4000),
        ("charge allowed\n60 50", "amount", 5000),
        ("charge allowed\n60 50", "amount\n40", 5000),
        ("charge allowed\n60 50", "group reason amount\n- - 40\nCO 45 20", 4000),
        ("charge allowed\n60 50", "group reason amount\nCO 45 10", 5000),
        ("charge allowed\n60 50", "group reason amount\nCO 29 60", 0),
        ("charge allowed\n60 50", "group reason amount\nCO ZZ9 60", 0),
        ("charge\n60", "kind amount\npayment 30\nallowed 50", 5000),
    ],
)
def test_what_is_covered(line: str, posted: str, covered: int) -> None:
    """K is what reasons cover; `allowed` where there are none, or none that tells; else paid and share.

    A posted payment weighs more than the one on the line.
    """
    assert weighed(line, posted).covered.tolist() == [covered]


def test_an_allowed_amount_without_a_payment_is_left_to_the_patient() -> None:
    """Only where the payment is known to be nothing."""
    found = weighed("charge paid allowed\n60 0 50\n60 - 50")
    assert found.share.tolist() == [5000, 0]


def test_amounts_on_the_line_belong_to_its_only_answer() -> None:
    """Of a line answered twice they are the latest answer's."""
    found = netted("charge paid\n60 40", "posted_on group reason amount\n10-19 CO 29 60\n11-19 CO 45 20")
    assert found.first.paid.tolist() == [0]
    assert found.changed.tolist() == [0]
    assert found.latest.paid.tolist() == [4000]


def test_amounts_are_known_or_nothing_can_be_said() -> None:
    """An answer whose only amount could not be read does not tell that nothing is covered."""
    found = weighed("charge\n60\n60\n60", "line group reason amount\n0 - - -\n1 - - 0\n2 CO 45 60")
    assert found.amounts_known.tolist() == [False, True, True]


def test_what_the_postings_tell_in_the_end() -> None:
    """Paid is all payments less what was taken back; allowed and share are those of a balanced answer."""
    found = netted(
        "charge\n60\n60\n60\n60",
        """
        line posted_on kind       group reason amount payer_rank
        0    10-19     payment    -     -      30     1
        0    10-19     adjustment PR    2      10     1
        0    10-19     adjustment CO    45     20     1
        0    11-19     payment    -     -      10     2
        1    10-19     payment    -     -      40     1
        1    10-19     adjustment CO    45     20     1
        1    11-19     reversal   -     -      40     1
        2    10-19     adjustment CO    97     50     1
        """,
    )
    assert found.paid.tolist() == [4000, 0, UNTOLD, UNTOLD]
    assert found.allowed.tolist() == [4000, UNTOLD, UNTOLD, UNTOLD]
    assert found.share.tolist() == [1000, UNTOLD, UNTOLD, UNTOLD]
    assert found.answers.tolist() == [2, 2, 1, 0]
