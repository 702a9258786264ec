"""What stands in the files twice is counted once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.output import Written
from audit.periods import parse_period
from audit.record import Audit, Options
from audit.repeats import DUPLICATE, SUPERSEDED, Alike
from audit.report import compose, tell
from audit.selfaudit import self_audit
from tests.histories import decisions, history
from tests.tables import charges


def test_same_line_number_with_same_contents_is_a_duplicate() -> None:
    """A line exported twice is one line; its row is set aside with its dollars."""
    found = history("line_id source_file source_row\nL1 a.csv 2\nL1 b.csv 2\nL2 b.csv 3")
    assert found.lines["line_id"].tolist() == ["L1", "L2"]
    assert found.set_aside == (("a.csv", DUPLICATE, 1, 6000),)
    assert found.fates[["file", "row", "reason", "cents"]].values.tolist() == [
        ["a.csv", 2, "duplicate", 6000]
    ]


def test_same_line_number_with_other_contents_is_superseded() -> None:
    """The line read last is kept (file name, then row), whatever order the rows come in."""
    rows = "line_id source_file source_row charge\nL1 b.csv 2 70\nL1 a.csv 9 60"
    found = history(rows)
    assert found.lines["charge"].tolist() == [7000]
    assert found.set_aside == (("a.csv", SUPERSEDED, 1, 6000),)


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
    assert found.set_aside == (("a.csv", DUPLICATE, 2, 12000),)


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


def test_same_answer_on_two_dates_is_two_answers() -> None:
    """Files that date a posting differently tell of two; so do an undated and a dated one of one file."""
    dated = "line_ref posted_on amount source_file\nL1 10-19 20 a.csv\nL1 10-20 20 b.csv\nL1 - 10 b.csv"
    undated = "line_ref posted_on amount source_file\nL1 10-19 20 a.csv\nL1 - 20 a.csv\nL1 10-20 10 b.csv"
    assert history("line_id\nL1", dated).repeated.postings == 0
    assert history("line_id\nL1", undated).repeated.postings == 0


# ---------------------------------------------------------------- overlapping exports


AUGUST_AND_NOVEMBER = """
    patient_ref service_date paid source_file    source_row
    ann         08-03        -    {august}   2
    bob         08-03        -    {august}   3
    ann         08-03        40   {november} 2
    bob         08-03        45   {november} 3
    cyd         09-01        45   {november} 4
"""


@pytest.mark.parametrize(("august", "november"), [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_overlapping_exports_without_line_numbers_count_once(august: str, november: str) -> None:
    """Of a service in two exports the row that tells more counts, whatever the files are called."""
    found = history(AUGUST_AND_NOVEMBER.format(august=august, november=november))
    assert found.lines["paid"].tolist() == [4000, 4500, 4500]
    assert found.set_aside == ((august, SUPERSEDED, 2, 12000),)


def test_of_two_exports_the_one_with_the_latest_posting_counts() -> None:
    """What is posted on the row set aside goes with it."""
    rows = "patient_ref allowed source_file source_row\nann 50 b.csv 2\nann 55 a.csv 2"
    found = history(rows, "charge_row posted_on amount\n0 08-20 10\n0 08-20 15\n1 10-20 55")
    assert found.lines["source_file"].tolist() == ["a.csv"]
    assert found.lines["paid"].tolist() == [5500]
    assert found.superseded == (0, 2, 2500)


def test_exports_that_tell_the_same_leave_the_later_file_by_name() -> None:
    rows = "patient_ref diagnoses source_file source_row\nann M54.2 b.csv 2\nann M54.50 a.csv 2"
    assert history(rows).set_aside == (("a.csv", SUPERSEDED, 1, 6000),)


def test_an_undated_answer_replaces_the_older_undated_one() -> None:
    """Rows without posting dates tell how things stand on their day: the amounts are not added up."""
    rows = "patient_ref source_file source_row\nann a.csv 2\nann b.csv 2"
    answer = "charge_row posted_on group reason amount source_file\n0 - - - 20 a.csv\n"
    found = history(rows, f"{answer}1 - - - 40 b.csv\n1 - CO 45 20 b.csv")
    assert found.lines["paid"].tolist() == [4000]
    again = history(rows, f"{answer}1 - - - 20 b.csv")
    assert again.lines["paid"].tolist() == [2000]
    assert again.set_aside == (("a.csv", DUPLICATE, 1, 6000),)


def test_dated_answers_of_equal_rows_are_put_together() -> None:
    """Exports may each hold the postings of their own months only."""
    rows = "patient_ref source_file source_row\nann a.csv 2\nann b.csv 2"
    answer = "charge_row posted_on amount source_file\n0 10-20 20 a.csv\n1 11-20 30 b.csv"
    assert history(rows, answer).lines["paid"].tolist() == [5000]


def test_a_service_rendered_twice_stays_twice() -> None:
    """As many as the file with most of them has: one from the file that counts, one from the other."""
    found = history("""
        patient_ref paid source_file source_row
        ann         -    a.csv       2
        ann         -    a.csv       3
        ann         40   b.csv       2
    """)
    assert found.lines["paid"].fillna(0).tolist() == [0, 4000]
    assert found.set_aside == (("a.csv", SUPERSEDED, 1, 6000),)


def test_equal_rows_of_two_exports_meet_first() -> None:
    """Of two services of one code the one that both exports show alike is not mistaken for the other."""
    rows = "patient_ref diagnoses source_file source_row\nann M54.2 a.csv 2\nann M54.50 a.csv 3"
    found = history(f"{rows}\nann M54.50 b.csv 2")
    assert found.lines["diagnoses"].tolist() == ["M54.2", "M54.50"]
    assert found.set_aside == (("a.csv", DUPLICATE, 1, 6000),)


def test_the_first_of_several_in_the_file_is_superseded() -> None:
    """By its place in the file, not by the order in which rows are read."""
    rows = ["ann M54.2 a.csv 2", "ann M54.50 a.csv 3", "ann M54.6 b.csv 2"]
    for order in (rows, rows[::-1]):
        found = history("\n".join(["patient_ref diagnoses source_file source_row", *order]))
        assert set(found.lines["diagnoses"]) == {"M54.50", "M54.6"}


def test_rows_of_one_file_never_supersede_each_other() -> None:
    assert len(history("patient_ref paid\nann -\nann 40").lines) == 2
    rows = "patient_ref paid source_file source_row\nann - a.csv 2\nann 40 a.csv 3\nbob 40 b.csv 2"
    assert len(history(rows).lines) == 3


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("patient_ref", "ann", "bob"),
        ("patient_ref", "ann", "-"),
        ("service_date", "10-05", "10-06"),
        ("code", "97140", "97124"),
        ("modifiers", "59", "GP"),
        ("clinician", "Dana", "Priya"),
        ("units", "1", "2"),
        ("charge", "60", "70"),
        ("claim_id", "C1", "C2"),
        ("frequency", "1", "8"),
    ],
)
def test_services_that_differ_both_count(column: str, one: str, other: str) -> None:
    """Another patient, day, code, modifier, clinician, unit, charge or claim is another service."""
    who = "" if column == "patient_ref" else "patient_ref "
    rows = [f"{who and 'ann '}{one} - a.csv 2", f"{who and 'ann '}{other} 40 b.csv 2"]
    assert len(history("\n".join([f"{who}{column} paid source_file source_row", *rows])).lines) == 2


@pytest.mark.parametrize(
    ("column", "told"), [("clinician", "Dana"), ("claim_id", "C1"), ("frequency", "1"), ("location", "North")]
)
def test_what_only_one_file_tells_parts_no_services(column: str, told: str) -> None:
    rows = f"patient_ref {column} paid source_file source_row\nann - - a.csv 2\nann {told} 40 b.csv 2"
    assert history(rows).set_aside == (("a.csv", SUPERSEDED, 1, 6000),)


def test_without_patients_the_place_tells_services_apart() -> None:
    rows = "location paid source_file source_row\nNorth - a.csv 2\nSouth 40 b.csv 2"
    assert len(history(rows).lines) == 2


def test_lines_with_a_number_are_known_by_it() -> None:
    rows = "line_id patient_ref paid source_file source_row\nL1 ann - a.csv 2\nL2 ann 40 b.csv 2"
    assert len(history(rows).lines) == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ann", "bob"]),
            st.sampled_from(["-", "Dana"]),
            st.sampled_from(["-", "C1", "C2"]),
            st.sampled_from(["-", "20", "40"]),
            st.sampled_from(["a.csv", "b.csv", "c.csv"]),
        ),
        min_size=1,
        max_size=9,
    ),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=60)
def test_order_of_rows_and_files_does_not_matter(rows: list[tuple[str, ...]], shuffle: random.Random) -> None:
    """The same rows are kept in whatever order they are read."""
    lines = [" ".join((*row, str(number))) for number, row in enumerate(rows, start=2)]

    def kept() -> list[int]:
        header = "patient_ref clinician claim_id paid source_file source_row"
        return sorted(history("\n".join([header, *lines])).lines["source_row"])

    first = kept()
    shuffle.shuffle(lines)
    assert kept() == first
    most = Counter[str]()
    for (who, _), times in Counter((row[0], row[4]) for row in rows).items():
        most[who] = max(most[who], times)
    assert len(first) >= most.total()  # no fewer than the file with most of them has


# ---------------------------------------------------------------- the same services in two layouts


def exports(first: str, second: str, number: int = 40, **changed: str) -> str:
    """Return two files of `number` services each; `changed` cells of the second differ from the first."""
    told = {"month": "09", "clinician": "Dana", "line": "-"} | changed
    rows = ["line_id | patient_ref | clinician | service_date | code | source_file | source_row"]
    for row in range(number):
        day, code = 1 + row % 28, ("97140", "97124", "97110")[row % 3]
        rows += [
            f"L{row} | P{row} | Dana | 09-{day:02} | {code} | {first} | {row + 2}",
            f"{told['line']} | Client {row} | {told['clinician']} | {told['month']}-{day:02} | {code} "
            f"| {second} | {row + 2}",
        ]
    return "\n".join(rows)


def test_two_layouts_of_one_month_look_alike() -> None:
    """Patients numbered differently cannot be matched; that the services agree is said."""
    found = history(exports("own.csv", "other.csv"))
    assert found.alike == (Alike("other.csv", "own.csv", 40, 40),)
    assert found.alike[0].sentence == (
        "other.csv and own.csv seem to hold the same services (40 of 40 lines agree in day, code and units); "
        "hand over one of them, or figures count twice."
    )


def test_other_ways_to_write_a_clinician_are_alike_too() -> None:
    assert history(exports("a.csv", "b.csv", clinician="Whitfield, Dana")).alike


def test_files_of_other_services_do_not_look_alike() -> None:
    """Two months, or two clinicians, bill much the same codes."""
    assert history(exports("a.csv", "b.csv", month="10")).alike == ()
    assert history(exports("a.csv", "b.csv", clinician="Priya Raman")).alike == ()


def test_few_lines_are_not_judged() -> None:
    """Neither of small files nor of files that share a few days only."""
    assert history(exports("a.csv", "b.csv", number=29)).alike == ()
    lines = charges(exports("a.csv", "b.csv", number=56))
    later = (lines["source_file"] == "b.csv") & (lines["service_date"] < "2026-09-20")
    lines.loc[later, "service_date"] += pd.Timedelta(days=30)
    assert history(lines).alike == ()


def test_files_whose_lines_agree_by_halves_are_not_alike() -> None:
    """From four fifths on the smaller file counts as told by the other."""
    lines = charges(exports("a.csv", "b.csv", 100))
    second = lines["source_file"] == "b.csv"
    lines.loc[second & (lines["source_row"] < 22), "units"] = 300
    assert [alike.agree for alike in history(lines).alike] == [80]
    lines.loc[second & (lines["source_row"] < 23), "units"] = 300
    assert history(lines).alike == ()


def test_overlapping_exports_that_are_settled_are_not_alike() -> None:
    """What was set aside counts no longer."""
    header, *rows = (line.split(" | ") for line in exports("a.csv", "b.csv").splitlines())
    same = [["-", "ann", *row[2:]] for row in rows]
    found = history("\n".join(" | ".join(row) for row in [header, *same]))
    assert len(found.lines) == 40
    assert found.alike == ()


def test_a_folder_of_three_layouts_is_warned_of_first() -> None:
    """The folder of the sample holds September in three layouts: page and terminal say so."""
    folder = Path(__file__).parents[1] / "sample_data"
    audit = self_audit(Options([folder], date(2026, 11, 20), parse_period("2026-09")))
    own, simplepractice, webpt = (
        "charges.csv",
        "simplepractice_appointment_status_2026-09.csv",
        "webpt_documented_units_2026-09.csv",
    )
    pairs = [(own, simplepractice), (own, webpt), (simplepractice, webpt)]
    assert [(alike.file, alike.other, alike.lines) for alike in audit.read.alike] == [
        (*pair, 322) for pair in pairs
    ]
    sentences = tuple(alike.sentence for alike in audit.read.alike)
    assert compose(audit).warnings[:3] == sentences
    assert set(sentences) <= set(tell(audit, Written(folder, changed=True)))


def test_charges_notes_and_postings_of_the_sample_are_not_alike(sample_audit: Audit) -> None:
    assert sample_audit.read.alike == ()
