"""Which line a posting belongs to."""

from __future__ import annotations

from audit.joining import KEYS
from tests.histories import decisions, history


def test_postings_join_by_line_number() -> None:
    """The line number alone joins, whatever else is written."""
    found = history("line_id\nL1\nL2", "line_ref group reason amount\nL2 CO 29 60\nL1 - - 60")
    assert decisions(found) == ["paid", "denied"]
    assert found.joins[KEYS.index("line number")] == ("line number", 2, 2, 12000)


def test_postings_join_by_claim_code_modifiers_and_date() -> None:
    """Without line numbers claim, code, modifiers and date tell lines apart, then less."""
    found = history(
        """
        claim_id | code  | modifiers | service_date
        C1       | 97140 | 59 GP     | 10-05
        C1       | 97140 |           | 10-05
        C1       | 97110 | GP        | 10-05
        C1       | 97124 | GP        | 10-06
        """,
        """
        claim_ref | code  | modifiers | service_date | group | reason | amount
        C1        | 97140 | 59 GP     | 10-05        | CO    | 29     | 60
        C1        | 97140 |           | 10-05        |       |        | 60
        C1        | 97110 |           | 10-05        | CO    | 50     | 60
        C1        | 97124 |           |              |       |        | 60
        """,
    )
    assert decisions(found) == ["denied", "paid", "denied", "paid"]
    assert [joined.postings for joined in found.joins] == [0, 0, 0, 2, 1, 1, 0]


def test_equal_lines_share_their_answers_up_to_their_charge() -> None:
    """Two equal lines of a claim, one paid and one refused: one is paid, one is refused."""
    found = history(
        "claim_id code\nC1 97140\nC1 97140",
        "claim_ref|code|service_date|group|reason|amount\n"
        "C1|97140|10-05|CO|18|60\nC1|97140|10-05|CO|45|20\nC1|97140|10-05|||40",
    )
    assert decisions(found) == ["paid", "excluded: duplicate"]


def test_equal_lines_paid_alike_are_both_paid() -> None:
    """Two equal lines with two equal answers have one each."""
    found = history(
        "claim_id code\nC1 97140\nC1 97140",
        "claim_ref|code|service_date|group|reason|amount\n"
        "C1|97140|10-05|||40\nC1|97140|10-05|||40\nC1|97140|10-05|CO|45|20\nC1|97140|10-05|CO|45|20",
    )
    assert decisions(found) == ["paid", "paid"]
    assert found.lines["paid"].tolist() == [4000, 4000]


def test_claim_and_code_join_only_where_one_line_has_them() -> None:
    """An answer without a date is not shared among several lines of its code."""
    found = history("claim_id service_date\nC1 10-05\nC1 10-06", "claim_ref code amount\nC1 97140 60")
    assert decisions(found) == ["pending", "pending"]
    assert found.unmatched == (0, 1, 6000)


def test_answer_without_a_charge_is_counted_with_its_dollars() -> None:
    """What joins nothing is told, and so is what has no answer."""
    found = history(
        "line_id payer\nL1 Aetna\nL2 Self-pay", "line_ref group reason amount\nL9 CO 29 60\nL9 - - 5"
    )
    assert found.unmatched == (0, 2, 6500)
    assert found.unanswered == (1, 0, 6000)
    assert len(found.postings) == 0


def test_line_numbers_that_count_within_a_claim() -> None:
    """Where one file uses a line number in several claims, claim and number together tell lines apart."""
    found = history(
        "line_id claim_id\n1 C1\n2 C1\n1 C2",
        "line_ref claim_ref group reason amount\n1 C2 CO 29 60\n1 C1 - - 60",
    )
    assert decisions(found) == ["paid", "pending", "denied"]


def test_postings_stand_on_their_row() -> None:
    """A posting that stands on a row of the charges needs no key."""
    found = history("code\n97140\n97124", "charge_row group reason amount\n1 CO 29 60")
    assert decisions(found) == ["pending", "denied"]
