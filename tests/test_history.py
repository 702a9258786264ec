"""The billing history: its tables, the as-of date, and what holds in any order of rows."""

from __future__ import annotations

import random
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.history import History
from audit.lines import ABSENT, DECIDED, LINES, POSTINGS, PRESENT, VISITS
from tests.histories import AS_OF, SHIPPED, history


def test_tables_have_the_described_columns() -> None:
    """Lines carry LINES and DECIDED, visits VISITS and every element, postings POSTINGS; also when empty."""
    for found in (history("line_id\nL1", "line_ref amount\nL1 40", "visit_ref\nV1"), history("line_id")):
        described = [(column.name, column.kind) for column in (*LINES, *DECIDED)]
        assert [(name, str(kind)) for name, kind in found.lines.dtypes.items()] == described
        assert [(name, str(kind)) for name, kind in found.postings.dtypes.items()] == [
            (column.name, column.kind) for column in POSTINGS
        ]
        names = [column.name for column in VISITS]
        assert found.visits.columns[: len(names)].tolist() == names
        assert {element.column for element in SHIPPED.elements} <= set(found.visits.columns)


# ---------------------------------------------------------------- as of a date


def test_what_was_charted_after_the_as_of_date_was_not_yet() -> None:
    """The end of a plan may lie ahead."""
    noted = "visit_ref service_date plan_on plan_until certified_on\nV1 10-05 10-05 12-31 11-02"
    early, late = (
        history("visit_ref\nV1", noted=noted, as_of=day).visits for day in (date(2026, 11, 1), AS_OF)
    )
    assert early["certified_on"].isna().all()
    assert late["certified_on"].notna().all()
    assert (early["plan_until"] == pd.Timestamp("2026-12-31")).all()


def test_as_of_date_cuts_lines_postings_and_signatures() -> None:
    """What is dated later is not known yet."""
    lines = "line_id visit_ref service_date\nL1 V1 10-05\nL2 V2 11-20"
    posted = "line_ref posted_on group reason amount\nL1 10-19 CO 29 60\nL1 12-01 - - 60\nL2 12-01 - - 60"
    signed = "visit_ref service_date signed signed_on\nV1 10-05 yes 11-25\nV2 11-20 yes 11-20"
    then, now = (history(lines, posted, signed, day) for day in (date(2026, 11, 1), AS_OF))
    assert (then.lines["last_decision"].tolist(), now.lines["last_decision"].tolist()) == (
        ["denied"],
        ["paid", "paid"],
    )
    assert then.too_late == (1, 2, 12000)
    assert then.set_aside == (("charges.csv", "after the as-of date", 1, 6000),)
    assert (then.visits["signed"].tolist(), now.visits["signed"].tolist()) == ([ABSENT], [PRESENT, PRESENT])
    assert now.too_late == (0, 0, 0)


# ---------------------------------------------------------------- invariants

LINE = st.tuples(
    st.sampled_from(["", "L1", "L2", "L3"]),
    st.sampled_from(["C1", "C2"]),
    st.sampled_from(["ann", "bob", ""]),
    st.sampled_from(["", "V1", "V2"]),
    st.sampled_from(["97140", "97124"]),
    st.sampled_from(["60", "70"]),
    st.sampled_from(["a.csv", "b.csv"]),
)
POSTED = st.tuples(
    st.sampled_from(["", "L1", "L2"]),
    st.sampled_from(["", "C1", "C2"]),
    st.sampled_from(["97140", "97124"]),
    st.sampled_from(["10-19", "11-19", ""]),
    st.sampled_from(["CO|45", "CO|97", "PR|1", "|"]),
    st.sampled_from(["60", "40", "20"]),
    st.sampled_from(["p.csv", "q.csv"]),
)


@given(st.lists(LINE, max_size=7), st.lists(POSTED, max_size=8), st.randoms(use_true_random=False))
@hypothesis_settings(deadline=None, max_examples=60)
def test_row_order_changes_no_figure(
    lines: list[tuple[str, ...]], posted: list[tuple[str, ...]], shuffle: random.Random
) -> None:
    """Rows in another order give the same lines, decisions and tallies; and every row read has one fate."""
    headers = (
        "line_id|claim_id|patient_ref|visit_ref|code|charge|source_file|source_row",
        "line_ref|claim_ref|code|posted_on|group|reason|amount|source_file|source_row",
    )
    rows = [[f"{'|'.join(row)}|{number}" for number, row in enumerate(table)] for table in (lines, posted)]

    def build() -> History:
        text = ["\n".join([header, *table]) for header, table in zip(headers, rows, strict=True)]
        return history(text[0], text[1])

    found = build()
    for table in rows:
        shuffle.shuffle(table)
    again = build()
    assert len(found.lines) + len(found.fates) == len(lines)
    told = [*(column.name for column in DECIDED), "paid", "allowed", "charge", "code"]
    one, other = (
        each.lines.astype("str").sort_values([*told, "source_row"])[told].reset_index(drop=True)
        for each in (found, again)
    )
    pd.testing.assert_frame_equal(one, other)
    for name in ("set_aside", "joins", "unanswered", "unmatched", "repeated", "superseded", "too_late"):
        assert getattr(found, name) == getattr(again, name)
    assert found.lines.groupby("visit_id").ngroups == again.lines.groupby("visit_id").ngroups


@pytest.mark.parametrize("name", ["patient_ref", "visit_ref"])
def test_references_to_persons_are_dropped(name: str) -> None:
    """What tells the patient apart in the export is in none of the tables."""
    found = history("line_id patient_ref visit_ref\nL1 ann V1", noted="visit_ref patient_ref\nV1 ann")
    assert not any(name in table for table in (found.lines, found.visits, found.postings))
