"""The billing history: repeats, joins, visits, the as-of date."""

from __future__ import annotations

import random
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.history import History, build_history
from audit.lines import ABSENT, DECIDED, LINES, POSTINGS, PRESENT, UNKNOWN, VISITS
from audit.settings import load_settings
from tests.tables import answers, charges, notes, reading

SHIPPED = load_settings(None)
AS_OF = date(2026, 12, 31)


def history(
    charged: str | pd.DataFrame,
    answered: str | pd.DataFrame = "line_ref amount",
    noted: str | pd.DataFrame = "visit_ref",
    as_of: date = AS_OF,
) -> History:
    """Return the history of what is written as text tables."""
    read = reading(
        charges(charged) if isinstance(charged, str) else charged,
        notes(noted) if isinstance(noted, str) else noted,
        answers(answered) if isinstance(answered, str) else answered,
    )
    return build_history(read, SHIPPED, as_of)


def decisions(found: History) -> list[str]:
    return found.lines["first_decision"].tolist()


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


# ---------------------------------------------------------------- joining


def test_postings_join_by_line_number() -> None:
    """The line number alone joins, whatever else is written."""
    found = history("line_id\nL1\nL2", "line_ref group reason amount\nL2 CO 29 60\nL1 - - 60")
    assert decisions(found) == ["paid", "denied"]
    assert found.joins[1] == ("line number", 2, 2, 12000)


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
    assert [joined.postings for joined in found.joins] == [0, 0, 2, 1, 1]


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


# ---------------------------------------------------------------- repeats


def test_same_line_number_with_same_contents_is_a_duplicate() -> None:
    """A line exported twice is one line; its row is set aside with its dollars."""
    found = history("line_id source_file source_row\nL1 a.csv 2\nL1 b.csv 2\nL2 b.csv 3")
    assert found.lines["line_id"].tolist() == ["L1", "L2"]
    assert found.set_aside == (("a.csv", "duplicate", 1, 6000),)
    assert found.fates[["file", "row", "reason", "cents"]].values.tolist() == [
        ["a.csv", 2, "duplicate", 6000]
    ]


def test_same_line_number_with_other_contents_is_superseded() -> None:
    """The line read last is kept (file name, then row), whatever order the rows come in."""
    rows = "line_id source_file source_row charge\nL1 b.csv 2 70\nL1 a.csv 9 60"
    found = history(rows)
    assert found.lines["charge"].tolist() == [7000]
    assert found.set_aside == (("a.csv", "superseded", 1, 6000),)


def test_codes_of_one_record_are_no_repeats() -> None:
    """Several codes of one record carry its number, and are lines of their own."""
    found = history("line_id code source_row\nL1 97140 2\nL1 97124 2")
    assert len(found.lines) == 2


def test_equal_rows_of_one_file_stay() -> None:
    """Without line numbers equal rows of one file may be two services."""
    assert len(history("code\n97140\n97140").lines) == 2


def test_equal_rows_of_two_files_are_an_overlap() -> None:
    """Equal rows of two exports are one service, as often as one export has them."""
    found = history("""
        patient_ref source_file source_row
        ann         a.csv       2
        ann         a.csv       3
        ann         b.csv       2
        ann         b.csv       3
        ann         b.csv       4
        bob         b.csv       5
    """)
    assert len(found.lines) == 4
    assert found.set_aside == (("b.csv", "duplicate", 2, 12000),)


def test_postings_of_a_duplicate_belong_to_the_line_kept() -> None:
    """A later export of the same line brings its answer along; an older state of a line does not count."""
    same = "line_id source_file source_row charge\nL1 a.csv 2 60\nL1 b.csv 2 60"
    other = "line_id source_file source_row charge\nL1 a.csv 2 50\nL1 b.csv 2 60"
    answer = "charge_row group reason amount\n0 CO 29 60"
    assert decisions(history(same, answer)) == ["denied"]
    assert decisions(history(other, answer)) == ["pending"]
    assert history(other, answer).superseded == (0, 1, 6000)


def test_posting_of_two_files_counts_once() -> None:
    """The same posting from two files is one; inside one file equal postings are two."""
    twice = "line_ref amount source_file\nL1 20 a.csv\nL1 20 b.csv\nL1 20 b.csv"
    found = history("line_id\nL1", twice)
    assert found.lines["paid"].tolist() == [4000]
    assert found.repeated == (0, 1, 2000)


def test_remarks_do_not_make_a_posting_another_one() -> None:
    """A spreadsheet leaves remarks away; the posting that has them is kept."""
    rows = "line_ref group reason amount source_file remarks\nL1 CO 16 60 a.csv -\nL1 CO 16 60 b.csv MA130"
    assert decisions(history("line_id\nL1", rows)) == ["rejected"]


def test_undated_posting_is_the_dated_one_of_another_file() -> None:
    """A spreadsheet without posting dates and a remittance tell of one answer."""
    rows = "line_ref posted_on group reason amount source_file\nL1 - CO 29 60 a.csv\nL1 10-19 CO 29 60 b.csv"
    found = history("line_id\nL1", rows)
    assert found.lines["first_denied"].tolist() == [6000]
    assert found.repeated.postings == 1


# ---------------------------------------------------------------- patients and visits


def test_visit_is_patient_day_and_clinician() -> None:
    """Without visit numbers a visit is one patient on one day with one clinician."""
    found = history("""
        patient_ref service_date clinician
        ann         10-05        Kim
        ann         10-05        Kim
        ann         10-05        Lee
        ann         10-06        Kim
        bob         10-05        Kim
    """)
    assert found.lines["visit_id"].tolist() == [0, 0, 1, 2, 3]
    assert found.lines["patient_key"].nunique() == 2
    assert found.visits["patient_key"].tolist() == found.lines["patient_key"].tolist()[1:]


def test_visit_number_weighs_more_than_day_and_clinician() -> None:
    """Two numbered visits of one patient on one day are two visits."""
    found = history("patient_ref visit_ref\nann V1\nann V2\nann V1")
    assert found.lines["visit_id"].tolist() == [0, 1, 0]


def test_unknown_patients_are_one_for_each_claim_else_visit_else_line() -> None:
    """A patient that is not told is never merged with another."""
    found = history("claim_id visit_ref\nC1 -\nC1 -\nC2 -\n- V1\n- V1\n- -\n- -")
    assert found.lines["patient_key"].tolist() == [0, 0, 1, 2, 2, 3, 4]


def test_note_joins_by_number_then_by_patient_day_and_clinician() -> None:
    """A note finds its visit by number, else by who and when; a note of no visit is a visit without lines."""
    found = history(
        "patient_ref visit_ref clinician\nann V1 Kim\nbob - Kim",
        noted="""
        visit_ref patient_ref clinician has_technique
        V1        ann         Kim       yes
        V9        bob         Kim       no
        V8        cyd         Kim       no
        """,
    )
    assert found.visits["has_technique"].tolist() == [PRESENT, ABSENT, ABSENT]
    assert found.lines["visit_id"].tolist() == [0, 1]
    assert found.visits["source_row"].tolist() == [2, 3, 4]


def test_note_without_clinician_joins_by_the_day_alone() -> None:
    """Where one side names no clinician the day decides, if the patient had one visit on it."""
    lines = "patient_ref clinician\nann Kim\nbob Kim\nbob Lee\ncyd Kim"
    found = history(lines, noted="patient_ref has_technique\nann yes\nbob yes")
    assert found.visits["has_technique"].tolist() == [PRESENT, UNKNOWN, UNKNOWN, ABSENT, PRESENT]


def test_several_notes_of_a_visit_count_as_one() -> None:
    """Present outweighs absent, absent outweighs unknown; the earliest signature counts."""
    visit = history(
        "visit_ref\nV1",
        noted="""
        visit_ref has_technique has_region has_plan signed signed_on
        V1        no            ?          no       no     -
        V1        yes           ?          ?        yes    10-09
        V1        no            ?          ?        yes    10-08
        """,
    ).visits.iloc[0]
    assert (visit["has_technique"], visit["has_region"], visit["has_plan"]) == (PRESENT, UNKNOWN, ABSENT)
    assert (visit["signed"], visit["has_signature"]) == (PRESENT, PRESENT)
    assert visit["signed_on"] == pd.Timestamp("2026-10-08")


def test_visit_missing_from_a_complete_notes_file_has_no_note() -> None:
    """Absent only inside the file's dates, where the file is complete, and for what it exports."""
    lines = "visit_ref service_date\nV1 10-05\nV2 10-06\nV3 10-07\nV4 10-08"
    rows = "visit_ref service_date has_technique complete\nV1 10-05 yes {0}\nV3 10-07 no {0}"
    visits = history(lines, noted=rows.format("yes")).visits
    assert visits["note"].tolist() == [PRESENT, ABSENT, PRESENT, UNKNOWN]
    assert visits["has_technique"].tolist() == [PRESENT, ABSENT, ABSENT, UNKNOWN]
    assert visits["signed"].tolist() == [UNKNOWN, ABSENT, UNKNOWN, UNKNOWN]
    assert visits["has_plan"].eq(UNKNOWN).all()
    assert history(lines, noted=rows.format("no")).visits["note"].tolist()[1] == UNKNOWN


def test_diagnosis_and_minutes_come_from_lines_too() -> None:
    """A diagnosis on any line of the visit is one; minutes are those of the note, else of the lines."""
    visits = history(
        "visit_ref has_diagnosis has_minutes\nV1 no yes\nV1 yes yes\nV2 no no\nV3 ? yes",
        noted="visit_ref minutes has_minutes\nV1 30 ?\nV3 - no",
    ).visits
    assert visits["has_diagnosis"].tolist() == [PRESENT, ABSENT, UNKNOWN]
    assert visits["has_minutes"].tolist() == [PRESENT, ABSENT, ABSENT]
    assert visits["minutes"].tolist() == [30, pd.NA, pd.NA]


# ---------------------------------------------------------------- as of a date


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
