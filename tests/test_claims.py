"""The practice's own list and the claims as sent tell of one line; and whether a claim was sent."""

from __future__ import annotations

import pytest

from audit.claims import TOLD_TWICE
from audit.resubmissions import LATER_PAYER
from tests.histories import history, reasons, shown

COLUMNS = "line_id claim_id patient_ref code modifiers charge submitted_date frequency source_file from_claim"
LISTED = "L1 C1 ann 97140 59 60 - - list.csv no"
SENT = "L1 C1 ann 97140 59 60 10-06 1 claims.837 yes"


def both(*rows: str) -> list[str]:
    return shown(history("\n".join([COLUMNS, *rows])), "line_id", "claim_id", "source_file", "submitted_date")


@pytest.mark.parametrize(
    ("listed", "sent"),
    [
        (LISTED, SENT),
        ("L1 - ann 97140 59 60 - - list.csv no", SENT),
        ("L7 C1 ann 97140 59 60 - - list.csv no", SENT),
        ("- C1 - 97140 59 70 - - list.csv no", SENT),
        ("- C1 ann 97140 - 60 - - list.csv no", SENT),
        ("- - ann 97140 59 60 - - list.csv no", SENT),
    ],
)
def test_one_line_told_by_list_and_claim(listed: str, sent: str) -> None:
    """By line number, claim, or patient; the list's row counts, and has from the claim what it lacks."""
    found = history("\n".join([COLUMNS, listed, sent]))
    assert shown(found, "claim_id", "source_file", "submitted_date", "frequency", "modifiers") == [
        "C1 list.csv 10-06 1 59"
    ]
    assert reasons(found) == [(TOLD_TWICE, 1)]


@pytest.mark.parametrize(
    "sent",
    [
        "L1 C1 ann 97124 59 60 10-06 1 claims.837 yes",
        "L1 C9 bob 97140 59 60 10-06 1 claims.837 yes",
        "L2 C2 ann 97140 59 60 - 1 claims.837 yes",
    ],
)
def test_a_number_that_means_another_service_joins_nothing(sent: str) -> None:
    """Another code, another patient's claim; and two lines on two claims are two."""
    assert len(both(LISTED, sent)) == 2


def test_equal_lines_meet_one_to_one() -> None:
    """Two equal lines of a list and two of a claim are two; a third of the claim is one more."""
    listed, sent = "- C1 ann 97140 59 60 - - list.csv no", "- C1 ann 97140 59 60 10-06 1 claims.837 yes"
    assert len(both(listed, listed, sent, sent)) == 2
    assert len(both(listed, listed, sent, sent, sent)) == 3


def test_equal_lines_meet_in_the_order_of_sending() -> None:
    """Of two equal lines of a list the one sent first meets the claim, wherever it stands in its file."""
    undated, dated = (f"- C1 ann 97140 59 60 {day} - list.csv no" for day in ("-", "10-06"))
    sent = "- C1 ann 97140 59 60 10-06 1 claims.837 yes"
    assert sorted(both(undated, dated, sent)) == sorted(both(dated, undated, sent))


def test_a_row_for_the_second_payer_is_not_the_claim_to_the_first() -> None:
    """It belongs to the line, whichever of the two stands first; the claim tells of the line itself."""
    listed, sent = "- C1 ann 97140 59 60 - - list.csv no 2", "- C1 ann 97140 59 60 10-06 1 claims.837 yes 1"
    told = [history("\n".join([f"{COLUMNS} payer_rank", *rows])) for rows in ((listed, sent), (sent, listed))]
    assert [shown(one, "claim_id", "source_file") for one in told] == [["C1 claims.837"]] * 2
    assert [reasons(one) for one in told] == [[(LATER_PAYER, 1)]] * 2


def test_the_same_claim_file_twice_counts_once() -> None:
    """Equal lines of one file stay; line numbers that count within a claim join nothing."""
    rows = [f"{SENT} 5".replace("claims", name) for name in ("a", "b")]
    equal = ["- C2 ann 97140 59 60 10-06 1 a.837 yes 7", "- C2 ann 97140 59 60 10-06 1 a.837 yes 9"]
    copied = [row.replace("a.837", "b.837") for row in equal]
    found = history("\n".join([f"{COLUMNS} source_row", *rows, *equal, *copied]))
    assert shown(found, "claim_id", "source_file") == ["C1 a.837", "C2 a.837", "C2 a.837"]
    assert found.set_aside == (("b.837", "duplicate", 3, 18000),)


def test_answers_reach_the_line_by_either_number() -> None:
    """A remittance answers the claim's own line and claim numbers, a spreadsheet those of the list."""
    listed = "L7 X1 ann 97140 59 60 - - list.csv no"
    sent = "1 C1 ann 97140 59 60 10-06 1 claims.837 yes"
    rows = "\n".join([COLUMNS, listed.replace("X1", "C1"), sent])
    for ref in ("L7 -", "1 C1"):
        found = history(rows, f"line_ref claim_ref amount\n{ref} 40")
        assert shown(found, "line_id", "paid") == ["L7 4000"]


STATES = """
    claim_id payer    submitted_date service_date source_file from_claim
    C1       Aetna    10-06          10-05        list.csv    no
    C2       Aetna    -              10-05        list.csv    no
    C3       Self-pay -              10-05        list.csv    no
    C4       Aetna    -              10-05        other.csv   no
    C5       Aetna    10-08          10-07        claims.837  yes
    C6       Aetna    -              10-07        other.csv   no
    C7       Aetna    -              10-08        other.csv   no
"""


def test_whether_a_claim_was_sent() -> None:
    """Told; not told by a file that tells others; in the claims, or not on days they cover; unknown."""
    found = history(STATES)
    assert shown(found, "claim_id", "has_claim", "sent") == [
        "C1 1 1",
        "C2 2 0",
        "C3 0 0",
        "C4 0 1",
        "C5 1 1",
        "C6 2 0",
        "C7 0 1",
    ]
