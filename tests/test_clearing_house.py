"""Two files written by hand by the rules of the implementation guides, read from end to end.

`claims.837`: two interchange transactions, a subscriber and a dependent, a claim replaced (frequency 7, with
the payer's own number). `remit.835`: two interchanges with different delimiters; a line denied, the claim
reversed and its replacement paid, with interest and a take-back that touch no line.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.checking import as_text, check_files
from audit.history import History, build_history
from audit.intake import read_history
from audit.lines import PRESENT
from audit.settings import load_settings

FOLDER = Path(__file__).parent / "clearing_house"
FILES = (FOLDER / "claims.837", FOLDER / "remit.835")


def history(as_of: date = date(2026, 4, 1)) -> History:
    settings = load_settings(None)
    return build_history(read_history(FILES, settings), settings, as_of)


@pytest.fixture(scope="module")
def known() -> History:
    return history()


def column(known: History, name: str) -> list[Any]:
    """Return a column by line: 97140 and 97110 of the claim that was replaced, 97124 of the dependent."""
    return known.lines.sort_values("source_row")[name].astype(object).tolist()


def test_a_claim_that_was_replaced_is_told_once(known: History) -> None:
    assert column(known, "line_id") == ["L1", "L2", ""]
    assert column(known, "sent") == [2, 2, 1]
    assert [(one.reason, one.lines, one.cents) for one in known.set_aside] == [("sent again", 2, 230_00)]


def test_the_first_answer_denied_and_the_last_one_paid(known: History) -> None:
    assert column(known, "first_decision") == ["denied", "paid", "pending"]
    assert column(known, "first_reason") == ["CO-97", "", ""]
    assert column(known, "last_decision") == ["paid", "paid", "pending"]


def test_what_was_reversed_and_paid_again_is_neither_paid_twice_nor_taken_back(known: History) -> None:
    assert [known.lines["paid"].sum(), known.lines["taken_back"].sum()] == [130_00, 0]
    assert column(known, "paid")[:2] == [50_00, 80_00]
    assert column(known, "patient_share")[:2] == [0, 20_00]
    assert column(known, "first_paid_on")[:2] == [pd.Timestamp("2026-03-01"), pd.Timestamp("2026-02-01")]


def test_every_answer_finds_its_line_by_its_number(known: History) -> None:
    joined = {one.key: (one.lines, one.postings) for one in known.joins if one.postings}
    assert joined == {"line number": (2, 15)}
    assert known.unmatched.postings == 0
    assert (known.unanswered.lines, known.unanswered.cents) == (1, 60_00)


def test_a_dependent_is_another_patient_than_the_subscriber(known: History) -> None:
    patients = column(known, "patient_key")
    assert patients[0] == patients[1] != patients[2]
    assert set(column(known, "has_claim")) == {PRESENT}
    assert set(column(known, "clinician")) == {"Dana White"}


def test_interest_and_take_backs_stand_beside_the_payment_not_on_lines(known: History) -> None:
    assert known.payments["payment"].tolist() == [80_00, 48_50]
    assert known.payments["interest"].tolist() == [0, 1_50]
    assert known.provider_adjustments["reason"].tolist() == ["L6", "WO"]
    assert known.provider_adjustments["amount"].tolist() == [-1_50, 3_00]
    paid, adjusted = known.payments["claims_paid"].sum(), known.provider_adjustments["amount"].sum()
    assert known.payments["payment"].sum() == paid - adjusted


def test_before_the_replacement_was_sent_the_line_was_denied() -> None:
    """As of 5 February only the first answer is known."""
    early = history(date(2026, 2, 5))
    assert column(early, "last_decision") == ["denied", "paid", "pending"]
    assert column(early, "sent") == [1, 1, 1]


def test_check_finds_nothing_to_complain_of() -> None:
    told = as_text(check_files(FILES, None, lambda _: None))
    assert "does not" not in told
    assert "incomplete" not in told
