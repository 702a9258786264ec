"""When a line was first paid, what was taken back, and where more is paid than allowed."""

from __future__ import annotations

import pytest

from tests.histories import history, shown

CASES = {
    "paid": ("10-19 1 payment - 40\n10-19 1 CO 45 20", "10-19 0 - 0 -"),
    "refused": ("10-19 1 payment - 0\n10-19 1 CO 29 60", "- 0 - 0 -"),
    "taken back": ("10-19 1 payment - 40\n10-19 1 CO 45 20\n11-09 1 reversal - -40", "10-19 4000 11-09 - -"),
    "taken back, paid in part again": (
        "10-19 1 payment - 40\n11-09 1 reversal - 40\n11-20 1 payment - 30\n11-20 1 CO 45 30",
        "10-19 1000 11-09 0 -",
    ),
    "taken back and paid again": (
        "10-19 1 payment - 40\n11-09 1 reversal - -40\n11-09 1 payment - 40\n11-09 1 CO 45 20",
        "10-19 0 - 0 -",
    ),
    "a payment below nothing takes back": (
        "10-19 1 payment - 40\n11-09 1 payment - -15",
        "10-19 1500 11-09 - -",
    ),
    "taken back what is not in the files": ("11-09 1 reversal - -40", "- 4000 11-09 - -"),
    "taken back, then refused": (
        "10-19 1 payment - 40\n11-09 1 reversal - 40\n11-20 1 payment - 0\n11-20 1 CO 29 60",
        "10-19 4000 11-09 0 -",
    ),
    "taken back, paid again and taken back in part": (
        "10-19 1 payment - 40\n11-09 1 reversal - 40\n11-20 1 payment - 40\n12-04 1 reversal - 10",
        "10-19 1000 12-04 - -",
    ),
    "paid by two": (
        "10-19 1 payment - 32\n10-19 1 PR 2 8\n10-19 1 CO 45 20\n11-09 2 payment - 8",
        "10-19 0 - 0 -",
    ),
    "the second paid more than was left": (
        "10-19 1 payment - 32\n10-19 1 PR 2 8\n10-19 1 CO 45 20\n11-09 2 payment - 20",
        "10-19 0 - 1200 11-09",
    ),
    "paid above what is allowed": (
        "10-19 1 payment - 40\n10-19 1 allowed - 40\n11-09 1 payment - 40\n11-09 1 allowed - 40",
        "10-19 0 - 4000 11-09",
    ),
    "a credit that was settled and came back": (
        "10-19 1 payment - 50\n10-19 1 allowed - 40\n10-29 1 reversal - 20\n11-09 1 payment - 30\n"
        "11-09 1 allowed - 40",
        "10-19 0 - 2000 11-09",
    ),
    "a later payer alone": ("11-09 2 payment - 8", "11-09 0 - - -"),
    "an amount that could not be read": ("10-19 1 payment - -\n11-09 1 reversal - -40", "- - - - -"),
    "no date": ("- 1 payment - 40\n- 1 CO 45 20", "- 0 - 0 -"),
}


@pytest.mark.parametrize("case", CASES)
def test_money_over_time(case: str) -> None:
    """First payment, taken back and since when, credit and since when."""
    rows, expected = CASES[case]
    table = []
    for row in rows.splitlines():
        day, rank, kind, reason, amount = row.split()
        adjusted = kind.isupper()
        table.append(
            f"{day} {rank} {'adjustment' if adjusted else kind} {kind if adjusted else '-'} {reason} {amount}"
        )
    header = "posted_on payer_rank kind group reason amount line_ref"
    found = history("line_id charge\nL1 60", "\n".join([header, *(f"{row} L1" for row in table)]))
    assert shown(found, "first_paid_on", "taken_back", "taken_back_on", "credit", "credit_on") == [expected]


def test_amounts_on_the_line_alone() -> None:
    """What payers paid above allowed is a credit; the patient's share may be paid by a second payer."""
    found = history("charge paid allowed patient_share\n60 50 40 -\n60 40 40 10\n60 40 - -")
    assert shown(found, "credit", "credit_on") == ["1000 -", "0 -", "- -"]
