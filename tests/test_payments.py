"""Payments: what payers paid in a period, what they set off, and how answers found their lines."""

from __future__ import annotations

import pandas as pd

from audit.blocks import Section, Table
from audit.history import Joined, Tally
from audit.joining import KEYS
from audit.payments import REASONS, show_payments
from audit.periods import parse_period
from audit.record import Joining, Read
from tests.tables import payments, provider_adjustments

PAID = """
    payer  paid_on     trace  payment  claims_paid  adjusted  interest  claims  unbalanced
    Aetna  2026-10-05  T1     100.00   110.00       10.00     1.50      3       0
    Aetna  2026-10-19  T2     50.00    50.00        -         -         1       1
    Cigna  2026-10-31  T3     200.00   180.00       0.00      0.00      2       0
    Aetna  2026-09-30  T4     999.00   999.00       0.00      0.00      9       0
    Aetna  2026-11-01  T5     999.00   999.00       0.00      0.00      9       0
"""
SET_OFF = """
    payer  posted_on   trace  reason  amount
    Aetna  2026-10-05  T1     WO      12.00
    Aetna  2026-10-19  T2     WO      3.00
    Aetna  2026-10-05  T1     L6      -5.00
    Cigna  2026-10-05  T9     ZZ      1.00
    Cigna  2026-09-05  T0     FB      77.00
"""
NOTHING = Tally()


def read(
    paid: str = "payment",
    set_off: str = "amount",
    joined: tuple[Joined, ...] = (),
    **tallies: Tally,
) -> Read:
    told = {
        name: tallies.get(name, NOTHING) for name in ("unanswered", "unmatched", "repeated", "superseded")
    }
    joining = Joining(joins=joined, **told)
    files = pd.DataFrame()
    return Read((), files, {}, (), joining, payments(paid), provider_adjustments(set_off))


def section(of: Read, period: str = "2026-10") -> Section | None:
    return show_payments(of, parse_period(period))


def rows(found: Section | None, name: str) -> list[list[str]]:
    assert found is not None
    table = found.blocks[name]
    assert isinstance(table, Table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_payments_count_in_the_period_they_are_dated_in() -> None:
    """Payments, paid, on claims, set off, differs by, interest, claims, claims that do not balance."""
    assert rows(section(read(PAID)), "payments") == [
        ["Cigna", "1", "$200.00", "$180.00", "$0.00", "$20.00", "$0.00", "2", "0"],
        ["Aetna", "2", "$150.00", "$160.00", "$10.00", "$0.00", "$1.50", "4", "1"],
        ["All", "3", "$350.00", "$340.00", "$10.00", "$20.00", "$1.50", "6", "1"],
    ]
    found = section(read(PAID))
    assert found is not None
    assert found.lead.startswith("3 payments dated in October 2026: **$350**.")
    assert rows(section(read(PAID), "2026-09"), "payments")[-1][1:3] == ["1", "$999.00"]


def test_what_was_set_off_is_told_by_reason_in_words() -> None:
    """Most dollars first; a reason that the list does not know stands by itself."""
    assert rows(section(read(PAID, SET_OFF)), "adjustments") == [
        ["Aetna", "WO earlier payment taken back", "2", "$15.00", "$0.00"],
        ["Aetna", "L6 interest", "1", "$0.00", "$5.00"],
        ["Cigna", "ZZ", "1", "$1.00", "$0.00"],
        ["All", "", "4", "$16.00", "$5.00"],
    ]
    assert {"WO", "FB", "L6", "72", "CS"} <= set(REASONS)


def test_a_period_without_payments_names_none() -> None:
    found = section(read(PAID, SET_OFF), "2026-01")
    assert found is not None
    assert (found.blocks["payments"], found.blocks["adjustments"]) == (None, None)
    assert found.lead.startswith("No payment is dated in January 2026, 5 on other days.")


def test_answers_are_told_by_the_key_that_found_their_line() -> None:
    """A key that found none is not named, nor a tally of nothing."""
    joined = (Joined(KEYS[1], 3, 7, 12000), Joined(KEYS[2], 0, 0, 0), Joined(KEYS[3], 1, 2, 6000))
    found = section(
        read(
            joined=joined,
            unanswered=Tally(4, 0, 24000),
            unmatched=Tally(0, 5, 30000),
            repeated=Tally(0, 1, 1),
        )
    )
    assert rows(found, "joins") == [
        ["By line number", "3", "7", "$120.00"],
        [f"By {KEYS[3]}", "1", "2", "$60.00"],
        ["Charges without an answer", "4", "—", "$240.00"],
        ["Answers without a charge", "—", "5", "$300.00"],
        ["Told twice, counted once", "—", "1", "$0.01"],
    ]
    assert found is not None
    assert found.lead == "**5** of 14 postings found no line."
    whole = section(read(joined=joined))
    assert whole is not None
    assert whole.lead == "All 9 postings found their line."


def test_without_payments_and_joined_answers_there_is_no_section() -> None:
    """Answers that stand on the line itself had to find nothing."""
    assert section(read(joined=(Joined(KEYS[0], 3, 7, 12000),))) is None
    assert section(read()) is None


def test_no_number_of_a_check_is_shown() -> None:
    assert "T1" not in repr(section(read(PAID, SET_OFF)))
