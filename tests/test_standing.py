"""Which rows are lines: what was sent after the as-of date, and payments told twice."""

from __future__ import annotations

from datetime import date

from audit.history import build_history
from audit.lines import ABSENT
from audit.standing import TOO_LATE
from tests.histories import SHIPPED, history, reasons, shown
from tests.tables import payments, provider_adjustments, reading

NOVEMBER = date(2026, 11, 1)


def test_a_claim_sent_after_the_day_was_not_known() -> None:
    """A row of the list was there, and its claim was not sent yet."""
    rows = """
        claim_id submitted_date from_claim source_file
        C1       11-20          no         a.csv
        C2       11-20          yes        b.837
        C3       10-06          no         a.csv
    """
    found = history(rows, as_of=NOVEMBER)
    assert shown(found, "claim_id", "submitted_date", "has_claim", "sent") == [
        f"C1 - {ABSENT} 0",
        "C3 10-06 1 1",
    ]
    assert reasons(found) == [(TOO_LATE, 1)]


def test_a_row_that_bills_again_after_the_day_was_not_known() -> None:
    """By its frequency, or because the same was billed before."""
    rows = """
        patient_ref claim_id submitted_date frequency
        ann         C1       10-06          1
        ann         C2       11-20          1
        ann         C1       11-20          7
        bob         C3       11-20          1
    """
    found = history(rows, as_of=NOVEMBER)
    assert shown(found, "claim_id", "sent") == ["C1 1", "C3 0"]
    assert reasons(found) == [(TOO_LATE, 2)]


def test_of_a_line_sent_again_the_visit_and_the_last_amounts_are_kept() -> None:
    """What was billed first stays: code, modifiers, charge."""
    rows = """
        patient_ref claim_id submitted_date visit_ref modifiers charge paid allowed frequency
        ann         C1       10-06          -         -         60     0    -       1
        ann         C1       11-20          V1        59        70     40   40      7
    """
    found = history(rows)
    assert shown(found, "modifiers", "charge", "paid", "allowed", "sent") == ["- 6000 4000 4000 2"]


def test_payments_and_adjustments_of_providers_count_once() -> None:
    """Told by two files they are one; two of one file are two; later ones are not known yet."""
    paid = payments(
        """
        paid_on trace payment source_file
        10-19   T1    100     a.835
        10-19   T1    100     b.835
        10-19   T2    100     b.835
        10-20   T3    50      a.835
        10-20   T3    50      a.835
        11-20   T4    70      a.835
        """
    )
    set_off = provider_adjustments("reason amount source_file\nWO 10 a.835\nWO 10 b.835\nL6 10 b.835")
    found = build_history(reading(paid=paid, set_off=set_off), SHIPPED, NOVEMBER)
    assert found.payments["trace"].tolist() == ["T1", "T2", "T3", "T3"]
    assert found.provider_adjustments["reason"].tolist() == ["WO", "L6"]
