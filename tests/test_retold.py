"""The same posting by a spreadsheet and by a remittance is one."""

from __future__ import annotations

import pytest

from tests.histories import history, shown

COLUMNS = "|".join(
    (
        *("line_ref", "posted_on", "payer_rank", "kind", "group", "reason", "amount", "remarks"),
        *("claim_status", "stated", "answered_as", "source_file"),
    )
)

SAME = {
    "a payment whose payer one leaves open": (
        "L1|10-19|0|payment|||40|||||a.csv",
        "L1|10-19|1|payment|||40||1||97140 100|b.835",
    ),
    "a later payer's, told by one file": (
        "L1|10-19|0|payment|||40|||||a.csv",
        "L1|10-19|2|payment|||40||2|||b.835",
    ),
    "a reason without its group": (
        "L1|10-19|1|adjustment||97|60|||||a.csv",
        "L1|10-19|1|adjustment|CO|97|60|M15|1|||b.835",
    ),
    "a reversal, however signed": (
        "L1|10-19|1|payment|||-40||22|||a.csv",
        "L1|10-19|0|reversal|||-40||22|||b.835",
    ),
    "a reversal by its kind": (
        "L1|10-19|1|reversal|||40|||||a.csv",
        "L1|10-19|0|reversal|||-40||22|||b.835",
    ),
    "what a reversal takes back of an adjustment": (
        "L1|10-19|1|adjustment|CO|45|-20||22|||a.csv",
        "L1|10-19|0|reversal|CO|45|-20||22|||b.835",
    ),
    "a word beside an amount": (
        "L1|10-19|1|payment|||40|||paid||a.csv",
        "L1|10-19|1|payment|||40||1|||b.835",
    ),
    "one without a date": ("L1||1|payment|||40|||||a.csv", "L1|10-19|1|payment|||40||1|||b.835"),
}
OTHER = {
    "another day": ("L1|10-19|1|payment|||40|||||a.csv", "L1|10-20|1|payment|||40|||||b.835"),
    "another payer": ("L1|10-19|1|payment|||40|||||a.csv", "L1|10-19|2|payment|||40|||||b.835"),
    "another group": ("L1|10-19|1|adjustment|PR|97|60|||||a.csv", "L1|10-19|1|adjustment|CO|97|60|||||b.835"),
    "a payment and its reversal": ("L1|10-19|1|payment|||40|||||a.csv", "L1|10-19|1|reversal|||40|||||b.835"),
    "another line": ("L1|10-19|1|payment|||40|||||a.csv", "L2|10-19|1|payment|||40|||||b.835"),
    "one file": ("L1|10-19|1|payment|||40|||||a.csv", "L1|10-19|1|payment|||40|||||a.csv"),
}


@pytest.mark.parametrize("case", [*SAME, *OTHER])
def test_what_another_file_tells_too(case: str) -> None:
    rows = {**SAME, **OTHER}[case]
    for order in (rows, rows[::-1]):
        found = history("line_id\nL1\nL2", "\n".join([COLUMNS, *order]))
        assert found.repeated.postings == (case in SAME)


def test_the_posting_that_tells_more_is_kept() -> None:
    """Remarks, payer, group, and what was answered."""
    rows = SAME["a payment whose payer one leaves open"]
    found = history("line_id\nL1", "\n".join([COLUMNS, *rows]))
    assert shown(found, "answered_as", "paid") == ["97140 100 4000"]
    assert found.postings["payer_rank"].tolist() == [1]


def test_the_same_remittance_twice_counts_once() -> None:
    """Two equal lines with two equal answers stay two; the copy goes whole, also what found no line."""
    header = "claim_ref|code|service_date|charge|group|reason|amount|source_file|source_row"
    record = ["C1|97140|10-05|60|||40|{file}|{row}", "C1|97140|10-05|60|CO|45|20|{file}|{row}"]
    rows = [
        part.format(file=file, row=row) for file in ("a.835", "b.835") for row in (7, 9) for part in record
    ]
    rows += [f"C8|97140|10-05|60|||40|{file}|11" for file in ("a.835", "b.835")]
    found = history("claim_id\nC1\nC1", "\n".join([header, *rows]))
    assert shown(found, "paid", "first_decision") == ["4000 paid", "4000 paid"]
    assert found.repeated.postings == 5
    assert found.unmatched == (0, 1, 4000)
    assert found.unmatched_answers[["cents", "source_file", "source_row"]].values.tolist() == [
        [4000, "a.835", 11]
    ]
