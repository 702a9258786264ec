"""What a claim's own file tells is written on its lines, and nothing else is."""

from __future__ import annotations

import pandas as pd
import pytest

from audit.intake.claim_headers import Joined, join_claims
from audit.lines import ABSENT, PRESENT, UNKNOWN
from audit.settings import Layout
from tests.intake.sheets import line_layout, read_table, rows_of

LINES = "Line | Claim | DOS | Proc"


def claims_layout() -> Layout:
    columns = {
        "claim_id": "Claim",
        "payer": "Ins",
        "submitted_date": "Sent",
        "reason": "Why",
        "amount": "Adj",
        "diagnoses": "Dx",
    }
    return line_layout(row="claim_header", columns=columns)


def joined(lines: str, claims: str) -> Joined:
    one, other = read_table(lines, line_layout()), read_table(claims, claims_layout())
    assert one.charges is not None
    assert other.claims is not None
    assert isinstance(other.postings, pd.DataFrame)
    return join_claims(one.charges, other.claims, other.postings)


def test_what_a_line_tells_itself_goes_before_what_its_claim_tells() -> None:
    found = joined(
        f"{LINES} | Ins | Dx\n1 | C1 | 2026-03-04 | 97140 | Cigna | M25.5\n2 | C1 | 2026-03-04 | 97110 | |",
        "Claim | Ins | Dx\nC1 | Aetna | M54.5",
    )
    assert rows_of(found.charges, "payer", "diagnoses") == [("Cigna", "M25.5"), ("Aetna", "M54.5")]


@pytest.mark.parametrize(
    ("own", "claim", "told", "state"),
    [
        ("M25.5", "", "M25.5", PRESENT),
        ("", "M54.5", "M54.5", PRESENT),
        ("?!", "M54.5", "M54.5", PRESENT),
        ("", "", "", ABSENT),
        ("", "?!", "", ABSENT),
    ],
)
def test_a_diagnosis_is_absent_only_where_neither_line_nor_claim_has_one(
    own: str, claim: str, told: str, state: int
) -> None:
    found = joined(f"{LINES} | Dx\n1 | C1 | 2026-03-04 | 97140 | {own}", f"Claim | Dx\nC1 | {claim}")
    assert rows_of(found.charges, "diagnoses", "has_diagnosis") == [(told, state)]


def test_a_claim_that_tells_no_diagnosis_column_leaves_it_unknown() -> None:
    found = joined(f"{LINES}\n1 | C1 | 2026-03-04 | 97140", "Claim | Ins\nC1 | Aetna")
    assert rows_of(found.charges, "payer", "has_diagnosis") == [("Aetna", UNKNOWN)]


def test_of_two_rows_of_a_claim_the_first_is_taken() -> None:
    found = joined(
        f"{LINES}\n1 | C1 | 2026-03-04 | 97140",
        "Claim | Ins | Why\nC1 | Aetna | CO-97\nC1 | Cigna | CO-45",
    )
    assert rows_of(found.charges, "payer") == [("Aetna",)]
    assert rows_of(found.postings, "reason") == [("97",)]
    assert found.headless.tolist() == [False, True]


def test_a_line_without_a_claim_number_belongs_to_no_claim() -> None:
    found = joined(
        f"{LINES}\n1 | | 2026-03-04 | 97140\n2 | C9 | 2026-03-04 | 97110",
        "Claim | Ins | Sent | Why\nC1 | Aetna | 2026-03-06 | CO-97",
    )
    assert rows_of(found.charges, "payer", "submitted_date") == [("", None), ("", None)]
    assert len(found.postings) == 0
    assert found.headless.tolist() == [True]


def test_the_dollars_of_a_claim_stay_out_of_its_lines() -> None:
    found = joined(
        f"{LINES}\n1 | C1 | 2026-03-04 | 97140\n2 | C1 | 2026-03-04 | 97110",
        "Claim | Why | Adj\nC1 | CO-97 | 110.00",
    )
    assert rows_of(found.postings, "charge_row", "reason", "amount") == [(0, "97", None), (1, "97", None)]
