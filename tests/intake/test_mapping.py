"""From a sheet to lines, notes and postings: grain, fates, payers, answers."""

from __future__ import annotations

import pytest

from audit.errors import InputError
from audit.intake.layouts import find_layout, unknown_sheet
from audit.intake.mapping import set_whole_sheet_aside
from audit.lines import ABSENT, PRESENT, SELF_PAY, UNKNOWN
from tests.intake.sheets import all_of, line_layout, make_sheet, practice, read_table, rows_of

OWN = "line_id | patient_id | payer | service_date | code | units | charge"


# One row, one line ----------------------------------------------------------------------------------------


def test_a_row_of_the_own_format_is_a_line_to_the_cent() -> None:
    mapped = read_table(f"""
{OWN} | modifiers | diagnoses | minutes
L1 | P1 | Aetna | 2026-03-04 | 97140 | 1.9 | 120.00 | 59 GP | M54.5 S13.4XXA | 30
L2 | P1 | Aetna | 2026-03-04 | 97110 |     | n/a    |       |                |
""")
    columns = ("line_id", "code", "modifiers", "diagnoses", "units", "charge", "minutes", "source_row")
    assert rows_of(mapped.charges, *columns) == [
        ("L1", "97140", "59 GP", "M54.5 S13.4XXA", 190, 12000, 30, 2),
        ("L2", "97110", "", "", None, None, None, 3),
    ]
    assert rows_of(mapped.charges, "has_diagnosis", "has_minutes") == [(PRESENT, PRESENT), (ABSENT, ABSENT)]


def test_what_is_not_exported_is_unknown_and_never_absent() -> None:
    mapped = read_table(f"{OWN}\nL1 | P1 | Aetna | 2026-03-04 | 97140 | 1 | 60")
    assert rows_of(mapped.charges, "has_diagnosis", "has_minutes", "allowed", "claim_id") == [
        (UNKNOWN, UNKNOWN, None, "")
    ]


def test_modifiers_behind_the_code_go_before_those_of_their_column() -> None:
    mapped = read_table(f"{OWN} | modifiers\nL1 | P1 | A | 2026-03-04 | 97140-59 | 1 | 60 | GP 59")
    assert rows_of(mapped.charges, "code", "modifiers") == [("97140", "59 GP")]


# Fates ----------------------------------------------------------------------------------------------------


def test_every_row_that_is_no_line_has_its_place_and_its_reason() -> None:
    mapped = read_table(
        f"""
{OWN}
L1 | P1 | Aetna | 2026-03-04 | 97140 | 1 | 60.00
   |    |       |            |       |   |
L2 | P1 | Aetna | 2026-03-04 |       | 1 | 10.00
L3 | P1 | Aetna | 2026-02-31 | 97140 | 1 | 20.00
L4 | P1 | Aetna | 2026-03-04 | 97140 | 1 | 30.00 | surplus
line id | Patient ID | payer | service date | code | units | charge
Grand total |  |  |          |       |   | 120.00
   |    |       |            |       | 5 | 60.00
""",
        above=2,
    )
    assert rows_of(mapped.fates, "row", "fate", "column", "reason", "cents") == [
        (1, "set aside", "", "title", None),
        (2, "set aside", "", "title", None),
        (5, "set aside", "", "blank", None),
        (6, "refused", "code", "no code", 1000),
        (7, "refused", "service_date", "no usable service date", 2000),
        (8, "refused", "", "more values than headers", 3000),
        (9, "set aside", "", "repeated header", None),
        (10, "set aside", "", "footer", 12000),
        (11, "set aside", "", "footer", 6000),
    ]
    report = mapped.report
    assert (report.rows, report.used, report.set_aside, report.refused) == (10, 1, 6, 3)
    assert (report.used_cents, report.aside_cents, report.refused_cents) == (6000, 18000, 6000)


def test_a_row_of_numbers_inside_the_file_is_refused_and_not_taken_for_a_footer() -> None:
    mapped = read_table(f"{OWN}\n||||| 5 | 60.00\nL1 | P1 | A | 2026-03-04 | 97140 | 1 | 60.00\n||||||")
    assert rows_of(mapped.fates, "row", "reason") == [(2, "no code"), (4, "blank")]


def test_what_cannot_be_read_is_counted_and_its_line_kept() -> None:
    mapped = read_table(f"{OWN} | submitted_date\nL1 | P1 | A | 2026-03-04 | 97140 | x | 12.345 | soon")
    assert rows_of(mapped.charges, "units", "charge", "submitted_date") == [(None, None, None)]
    assert mapped.report.notes == (
        'column "charge": 1 of its amounts could not be read and count as unknown',
        'column "submitted_date": 1 of its dates could not be read and count as unknown',
        'column "units": 1 of its amounts could not be read and count as unknown',
    )


def test_no_word_of_a_patient_stands_in_fates_or_report() -> None:
    mapped = read_table(f"{OWN}\nZQX1 | ZQX2 | ZQX Doe | ZQX3 | ZQX office visit | ZQX | ZQX", above=1)
    told = mapped.fates.to_csv() + repr(mapped.report)
    assert "ZQX" not in told


# Dates ----------------------------------------------------------------------------------------------------

SMALL = "DOS | Proc | Chg"


def test_one_date_decides_the_order_of_the_whole_file_and_the_report_says_so() -> None:
    mapped = read_table(f"{SMALL}\n3/4/26 | 97140 | 60\n04/27/2026 12:00 | 97140 | 60", line_layout())
    assert rows_of(mapped.charges, "service_date") == [("2026-03-04",), ("2026-04-27",)]
    assert mapped.report.date_order == "month-first (as 1 of its dates prove)"


def test_dates_that_can_be_read_both_ways_stop_the_file() -> None:
    with pytest.raises(
        InputError, match=r'export\.csv: .*day or the month first; write dates = "month-first"'
    ):
        read_table(f"{SMALL}\n3/4/26 | 97140 | 60", line_layout())


def test_dates_that_contradict_each_other_stop_the_file() -> None:
    with pytest.raises(InputError, match="some dates have the day first, some the month"):
        read_table(f"{SMALL}\n13/04/26 | 97140 | 60\n04/27/2026 | 97140 | 60", line_layout())


@pytest.mark.parametrize(
    ("said", "written", "other"),
    [
        ("month-first", "27.04.2026", "day-first"),
        ("day-first", "04/27/2026", "month-first"),
        (["excel", "month-first"], "27.04.2026", "day-first"),
        ("%m.%d.%Y", "27.04.2026", "day-first"),
    ],
)
def test_a_date_that_proves_the_order_the_layout_denies_stops_the_file(
    said: str, written: str, other: str
) -> None:
    """Or its neighbor 04.06. would be read as another day, without a word."""
    with pytest.raises(InputError) as error:
        read_table(f"{SMALL}\n04.06.2026 | 97140 | 60\n{written} | 97140 | 60", line_layout(dates=said))
    assert 'export.csv, row 3, column "DOS"' in str(error.value)
    assert f'write dates = "{other}"' in str(error.value)
    assert written not in str(error.value)


@pytest.mark.parametrize("impossible", ["31/02/2026", "02/31/2026", "13/31/2026", "00/13/2026", "soon"])
@pytest.mark.parametrize("said", ["month-first", "day-first"])
def test_a_day_that_is_none_in_either_order_refuses_only_its_row(said: str, impossible: str) -> None:
    mapped = read_table(f"{SMALL}\n04/03/26 | 97140 | 60\n{impossible} | 97140 | 60", line_layout(dates=said))
    assert rows_of(mapped.fates, "row", "reason") == [(3, "no usable service date")]


def test_a_day_that_is_none_proves_no_order() -> None:
    mapped = read_table(f"{SMALL}\n04/27/26 | 97140 | 60\n31/02/2026 | 97140 | 60", line_layout())
    assert mapped.report.date_order == "month-first (as 1 of its dates prove)"


# Layouts that fit or do not -------------------------------------------------------------------------------


def test_an_unknown_file_says_how_to_describe_it() -> None:
    sheet = make_sheet("Patient | Visit day | Procedure code | Amount\nA | 2026-03-04 | 97140 | 60")
    assert (
        "export.csv: the columns of this file are not known; run `audit init` on it to propose a map"
        in str(unknown_sheet(sheet))
    )


def test_a_claim_level_file_is_told_that_it_has_no_codes() -> None:
    sheet = make_sheet("claim_id | claim_amount | claim_status | denial_reason\n1 | 60 | Denied | Duplicate")
    assert (
        "has no column with procedure codes (CPT); ask the practice software for a line-level export"
        in str(unknown_sheet(sheet))
    )


def test_a_recognised_file_without_its_code_column_is_told_the_same() -> None:
    layout = line_layout(columns={"service_date": "DOS", "charge": "Chg"})
    with pytest.raises(InputError, match="no column with procedure codes"):
        read_table("DOS | Chg\n2026-03-04 | 60", layout)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match='the layout small expects the column "Proc"'):
        read_table("DOS | Chg\n2026-03-04 | 60", line_layout())


def test_a_column_that_stands_twice_must_be_told_apart() -> None:
    with pytest.raises(InputError, match='the column "Chg" stands twice'):
        read_table(f"{SMALL} | Chg\n2026-03-04 | 97140 | 60 | 50", line_layout())


# Several rows a line, several lines a row -----------------------------------------------------------------


def test_four_rows_with_one_adjustment_each_are_two_lines() -> None:
    mapped = read_table(
        """
Line | DOS        | Proc  | Chg   | Paid | Group | Reason | Adj
L1   | 2026-03-04 | 97140 | 60.00 | 40   | CO    | 45     | 15.00
L1   | 2026-03-04 | 97140 | 60.00 | 40   | PR    | 3      | 5.00
L2   | 2026-03-04 | 97110 | 50.00 | 0    | CO    | 197    | 30.00
L2   | 2026-03-04 | 97110 | 50.00 | 0    |       | CO-45  | 20.00
""",
        line_layout(row="adjustment"),
    )
    assert rows_of(mapped.charges, "line_id", "charge", "paid", "source_row") == [
        ("L1", 6000, 4000, 2),
        ("L2", 5000, 0, 4),
    ]
    assert rows_of(mapped.postings, "charge_row", "kind", "group", "reason", "amount") == [
        (0, "payment", "", "", 4000),
        (0, "adjustment", "CO", "45", 1500),
        (0, "adjustment", "PR", "3", 500),
        (1, "adjustment", "CO", "197", 3000),
        (1, "adjustment", "CO", "45", 2000),
    ]
    report = mapped.report
    assert (report.rows, report.used, report.lines) == (4, 4, 2)
    assert (report.control_cents, report.charge_cents, report.repeated_cents) == (22000, 11000, 11000)


def test_rows_without_a_line_number_repeat_a_line_when_all_of_it_is_the_same() -> None:
    mapped = read_table(
        """
Claim | DOS        | Proc  | Mod | Chg | Reason | Adj
C1    | 2026-03-04 | 97140 | 59  | 60  | CO-45  | 15
C1    | 2026-03-04 | 97140 | 59  | 60  | PR-3   | 5
C1    | 2026-03-04 | 97140 |     | 60  | CO-97  | 60
""",
        line_layout(row="adjustment"),
    )
    assert rows_of(mapped.charges, "modifiers", "charge") == [("59", 6000), ("", 6000)]


def test_a_repeated_line_is_read_from_its_first_row_with_a_charge_else_its_first() -> None:
    mapped = read_table(
        """
Line | DOS        | Proc  | Chg | Reason | Adj
L1   | 2026-03-04 | 97140 |     | CO-45  | 15
L1   | 2026-03-04 | 97140 | 60  | PR-3   | 5
L1   | 2026-03-04 | 97140 | 60  | PR-2   | 5
L2   | 2026-03-04 | 97110 |     | CO-97  | 60
L2   | 2026-03-04 | 97110 |     | CO-45  | 5
     | 2026-03-04 | 97112 | 10  | CO-45  | 5
     | 2026-03-04 | 97112 | 10  | CO-45  | 5
""",
        line_layout(row="adjustment"),
    )
    assert rows_of(mapped.charges, "line_id", "charge", "source_row") == [
        ("L1", 6000, 3),
        ("L2", None, 5),
        ("", 1000, 7),
        ("", 1000, 8),
    ]
    assert mapped.report.repeated_cents == 6000


CLAIM = """
Claim | DOS        | Proc        | Units | Chg     | Paid | Reason
C1    | 2026-03-04 | 97110,97140 | 4     | $480.00 | 0    | CO-4, CO-97
C2    | 2026-03-05 | 97140-59    | 2     | $60.00  | 40   |
"""


def test_several_codes_in_a_cell_are_lines_whose_dollars_cannot_be_divided() -> None:
    mapped = read_table(CLAIM, line_layout(row="claim", code_separator=",", units_are_total=True))
    assert rows_of(mapped.charges, "claim_id", "code", "modifiers", "units", "charge", "source_row") == [
        ("C1", "97110", "", None, None, 2),
        ("C1", "97140", "", None, None, 2),
        ("C2", "97140", "59", 200, 6000, 3),
    ]
    report = mapped.report
    assert (report.rows, report.lines, report.control_cents) == (2, 3, 54000)
    assert (report.charge_cents, report.undivided_cents) == (6000, 48000)


def test_reasons_of_a_row_stand_on_each_of_its_lines_without_an_amount() -> None:
    mapped = read_table(CLAIM, line_layout(row="claim", code_separator=",", units_are_total=True))
    assert rows_of(mapped.postings, "charge_row", "kind", "reason", "amount") == [
        (0, "adjustment", "4", None),
        (0, "adjustment", "97", None),
        (1, "adjustment", "4", None),
        (1, "adjustment", "97", None),
        (2, "payment", "", 4000),
    ]


def test_units_that_are_told_per_code_are_divided() -> None:
    table = "DOS | Proc | Units\n2026-03-04 | 97110,97140 | 3, 1\n2026-03-04 | 97110,97140 | 4"
    mapped = read_table(table, line_layout(row="claim", code_separator=","))
    assert rows_of(mapped.charges, "units") == [(300,), (100,), (None,), (None,)]


def test_claims_in_their_own_file_complete_the_lines_of_another() -> None:
    lines = read_table(
        """
Line | Claim | DOS        | Proc  | Chg
1    | C1    | 2026-03-04 | 97140 | 60
2    | C1    | 2026-03-04 | 97110 | 50
3    | C9    | 2026-03-04 | 97110 | 40
""",
        line_layout(),
    )
    claims = read_table(
        """
Claim | Member | Ins   | Sent       | State  | Why   | Dx
C1    | P1     | Aetna | 2026-03-06 | Denied | CO-97 | M54.5
C2    | P2     | Aetna | 2026-03-07 | Paid   |       |
""",
        line_layout(
            row="claim_header",
            columns={
                "claim_id": "Claim",
                "patient": "Member",
                "payer": "Ins",
                "submitted_date": "Sent",
                "reason": "Why",
                "diagnoses": "Dx",
            },
            status={"column": "State", "words": {"denied": "denied", "paid": "paid"}},
        ),
    )
    intake = all_of(claims, lines)
    told = ("line_id", "payer", "patient_ref", "submitted_date", "diagnoses", "has_diagnosis")
    assert rows_of(intake.charges, *told) == [
        ("1", "Aetna", "P1", "2026-03-06", "M54.5", PRESENT),
        ("2", "Aetna", "P1", "2026-03-06", "M54.5", PRESENT),
        ("3", "", "", None, "", UNKNOWN),
    ]
    assert rows_of(intake.postings, "charge_row", "kind", "stated", "reason") == [
        (0, "status", "denied", ""),
        (0, "adjustment", "", "97"),
        (1, "status", "denied", ""),
        (1, "adjustment", "", "97"),
    ]
    assert rows_of(intake.fates, "row", "fate", "reason") == [
        (3, "set aside", "claim without lines in these files")
    ]
    assert [(report.used, report.set_aside) for report in intake.files] == [(1, 1), (3, 0)]


# Payers and people ----------------------------------------------------------------------------------------


def test_a_payer_that_is_nobody_but_the_patient_is_self_pay() -> None:
    mapped = read_table(
        """
Patient   | Ins          | DOS        | Proc
Doe, Jane | Jane Doe     | 2026-03-04 | 97140
Roe, Rick | JANE DOE     | 2026-03-04 | 97140
Cher      | Cher         | 2026-03-04 | 97140
Roe, Rick | Private Pay  | 2026-03-04 | 97140
Roe, Rick | Aetna        | 2026-03-04 | 97140
""",
        line_layout(),
    )
    assert rows_of(mapped.charges, "payer") == [(SELF_PAY,)] * 4 + [("Aetna",)]
    assert mapped.report.payers == ("Aetna", SELF_PAY)


@pytest.mark.parametrize("blank", ["", "N/A", "None", "NULL", "--"])
def test_a_payer_that_is_not_told_is_unknown_unless_the_layout_says_that_the_patient_pays(blank: str) -> None:
    table = f"Ins | DOS | Proc\n{blank} | 2026-03-04 | 97140\nAetna | 2026-03-04 | 97140"
    untold = read_table(table, line_layout())
    assert rows_of(untold.charges, "payer") == [("",), ("Aetna",)]
    assert untold.report.notes[-1].startswith("1 line has no payer told; if a blank payer means")
    told = read_table(table, line_layout(blank_payer="self-pay"))
    assert rows_of(told.charges, "payer") == [(SELF_PAY,), ("Aetna",)]
    assert told.report.notes == ()


def test_an_export_without_payers_makes_nobody_self_pay() -> None:
    mapped = read_table(f"{SMALL}\n2026-03-04 | 97140 | 60", line_layout())
    assert rows_of(mapped.charges, "payer") == [("",)]


def test_a_number_that_is_both_payer_and_patient_is_no_person() -> None:
    mapped = read_table("Patient | Ins | DOS | Proc\n12 | 12 | 2026-03-04 | 97140", line_layout())
    assert rows_of(mapped.charges, "payer") == [("12",)]


def test_a_clinician_that_is_the_rows_own_patient_is_blank() -> None:
    mapped = read_table(
        """
Patient  | Therapist | DOS        | Proc
Jane Doe | Jane Doe  | 2026-03-04 | 97140
Jane Doe | Ann Poe   | 2026-03-04 | 97140
Rick Roe | Jane Doe  | 2026-03-04 | 97140
""",
        line_layout(),
    )
    assert rows_of(mapped.charges, "clinician") == [("",), ("Ann Poe",), ("Jane Doe",)]


def test_aliases_and_payer_numbers_make_one_name() -> None:
    own = practice(aliases={"payers": {"BCBS": "Blue Plan"}, "clinicians": {"A. Poe": "Ann Poe"}})
    mapped = read_table(
        """
Therapist | Ins                  | DOS        | Proc
A. Poe    | bcbs                 | 2026-03-04 | 97140
a poe     | BCBS (00123)         | 2026-03-04 | 97140
Ann Poe   | Tricare East (99727) | 2026-03-04 | 97140
Ann Poe   | Auto (PIP)           | 2026-03-04 | 97140
""",
        line_layout(),
        settings=own,
    )
    assert rows_of(mapped.charges, "payer", "clinician") == [
        ("Blue Plan", "Ann Poe"),
        ("Blue Plan", "Ann Poe"),
        ("Tricare East", "Ann Poe"),
        ("Auto (PIP)", "Ann Poe"),
    ]


# Answers beside lines -------------------------------------------------------------------------------------


def test_zeros_of_an_open_line_are_no_answer() -> None:
    mapped = read_table(
        """
DOS        | Proc  | Paid | Allowed | Share | Posted
2026-03-04 | 97140 | 0.00 | 0.00    | 0.00  |
2026-03-04 | 97140 | 0.00 |         | 25.00 |
2026-03-04 | 97140 | 0.00 |         |       | 2026-04-01
2026-03-04 | 97140 | 40   | 65      | 25    |
""",
        line_layout(),
    )
    assert rows_of(mapped.postings, "charge_row", "kind", "amount", "posted_on") == [
        (1, "payment", 0, None),
        (2, "payment", 0, "2026-04-01"),
        (3, "payment", 4000, None),
        (3, "allowed", 6500, None),
    ]
    assert rows_of(mapped.charges, "patient_share") == [(0,), (2500,), (None,), (2500,)]


def test_a_status_word_states_a_decision_and_an_unknown_word_is_counted() -> None:
    words = {"Denied": "denied", "Under review": ""}
    mapped = read_table(
        """
DOS        | Proc  | State
2026-03-04 | 97140 | DENIED
2026-03-04 | 97140 | under review
2026-03-04 | 97140 | ?!
""",
        line_layout(status={"column": "State", "words": words}),
    )
    assert rows_of(mapped.postings, "charge_row", "kind", "stated", "amount") == [
        (0, "status", "denied", None)
    ]
    assert mapped.report.notes == (
        'column "State": 1 of its status words could not be read and count as unknown',
    )


def test_adjustments_side_by_side_are_one_posting_each() -> None:
    layout = line_layout(
        adjustments=[
            {"group": "G1", "reason": "R1", "amount": "A1"},
            {"reason": "R2", "amount": "A2"},
        ],
        group_words={"CONTRACTUAL": "CO", "PATIENT_RESPONSIBILITY": "PR"},
    )
    mapped = read_table(
        """
DOS        | Proc  | G1                     | R1 | A1 | R2     | A2
2026-03-04 | 97140 | CONTRACTUAL            | 45 | 20 | PR-3   | 5
2026-03-04 | 97140 | PATIENT_RESPONSIBILITY | 1  | 60 |        | 0
""",
        layout,
    )
    assert rows_of(mapped.postings, "charge_row", "group", "reason", "amount") == [
        (0, "CO", "45", 2000),
        (0, "PR", "3", 500),
        (1, "PR", "1", 6000),
    ]


# Files of postings and notes ------------------------------------------------------------------------------

POSTINGS = "line_id | posted_on | payer_rank | kind | group | reason | amount | remarks | claim_status"


def test_a_file_of_postings_keeps_every_row_and_its_sign() -> None:
    mapped = read_table(f"""
{POSTINGS}
L1 | 2026-04-01 | 1 | payment    |    |       | 40.00  |      | 1
L1 | 2026-04-01 | 1 | adjustment | co | 045   | 20.00  | n130 | 1
L1 | 2026-05-01 | 1 | reversal   |    |       | -40.00 |      | 22
L2 | soon       |   |            |    | PR 1  | x      |      |
""")
    columns = (
        "line_ref",
        "charge_row",
        "posted_on",
        "payer_rank",
        "kind",
        "group",
        "reason",
        "amount",
        "remarks",
    )
    assert rows_of(mapped.postings, *columns) == [
        ("L1", -1, "2026-04-01", 1, "payment", "", "", 4000, ""),
        ("L1", -1, "2026-04-01", 1, "adjustment", "CO", "45", 2000, "N130"),
        ("L1", -1, "2026-05-01", 1, "reversal", "", "", -4000, ""),
        ("L2", -1, None, 0, "adjustment", "PR", "1", None, ""),
    ]
    assert (mapped.report.paid_cents, mapped.report.control_cents) == (0, 2000)


def test_a_posting_that_cannot_be_used_is_refused_with_its_dollars() -> None:
    mapped = read_table(f"""
{POSTINGS}
   | 2026-04-01 | 1 | payment    | |               | 40.00  |  |
L1 | 2026-04-01 | 1 | gift       | |               | 30.00  |  |
L1 | 2026-04-01 | 1 | adjustment | | CO-45, CO-253 | 20.00  |  |
   | Total      |   |            | |               |        |  |
   |            |   |            | |               | 90.00  |  |
""")
    assert rows_of(mapped.fates, "row", "column", "reason", "cents") == [
        (2, "line_id", "names no line and no claim", 4000),
        (3, "kind", "kind is not one of payment, adjustment, reversal, allowed, interest", 3000),
        (4, "reason", "several reasons beside one amount", 2000),
        (5, "", "footer", None),
        (6, "", "footer", 9000),
    ]


def test_notes_are_present_absent_or_unknown() -> None:
    mapped = read_table("""
visit_id | patient_id | service_date | note | signed_on  | minutes | technique | plan
V1       | P1         | 2026-03-04   | yes  | 2026-03-05 | 45      | yes       | no
V2       | P1         | 2026-03-05   | yes  |            | 0       |           | maybe
V3       | P1         | 2026-03-06   | no   | soon       | x       | N/A       | NO
""")
    columns = (
        "visit_ref",
        "note",
        "signed",
        "signed_on",
        "minutes",
        "has_minutes",
        "has_technique",
        "has_plan",
    )
    assert rows_of(mapped.notes, *columns) == [
        ("V1", PRESENT, PRESENT, "2026-03-05", 45, PRESENT, PRESENT, ABSENT),
        ("V2", PRESENT, ABSENT, None, 0, ABSENT, UNKNOWN, UNKNOWN),
        ("V3", ABSENT, UNKNOWN, None, None, UNKNOWN, UNKNOWN, ABSENT),
    ]
    assert rows_of(mapped.notes, "complete", "has_region") == [(True, UNKNOWN)] * 3


def test_two_layouts_that_fit_equally_well_stop_the_file_unless_one_is_the_practices_own() -> None:
    sheet = make_sheet(f"{OWN}")
    headers = OWN.replace(" ", "").split("|")
    rival = line_layout(name="mine", headers=headers)
    assert find_layout(sheet, practice(layouts=[rival])) == rival
    with pytest.raises(InputError, match="fits the layouts mine and other equally well"):
        find_layout(sheet, practice(layouts=[rival, line_layout(name="other", headers=headers)]))


def test_a_worksheet_that_fits_no_layout_is_set_aside_and_told() -> None:
    mapped = set_whole_sheet_aside(make_sheet("A | B\n1 | 2\n3 | 4", above=1))
    assert (mapped.report.rows, mapped.report.set_aside) == (3, 3)
    assert rows_of(mapped.fates, "row", "reason") == [(row, "worksheet not recognized") for row in (1, 3, 4)]


# Several files --------------------------------------------------------------------------------------------


def test_files_stand_below_each_other_and_postings_keep_their_lines() -> None:
    first = read_table("DOS | Proc | Paid\n2026-03-04 | 97140 | 40", line_layout())
    second = read_table("DOS | Proc | Paid\n2026-03-05 | 97110 | 0\n2026-03-05 | 97112 | 30", line_layout())
    intake = all_of(first, second)
    assert rows_of(intake.charges, "code", "paid") == [("97140", 4000), ("97110", 0), ("97112", 3000)]
    assert rows_of(intake.postings, "charge_row", "amount") == [(0, 4000), (2, 3000)]
    assert str(intake.charges["code"].dtype) == "category"


def test_an_intake_of_one_kind_of_file_has_the_other_tables_empty() -> None:
    intake = all_of(read_table(f"{SMALL}\n2026-03-04 | 97140 | 60", line_layout()))
    assert (len(intake.charges), len(intake.notes), len(intake.postings)) == (1, 0, 0)
    assert {"patient_ref", "complete", "signed"} <= set(intake.notes.columns)
    assert {"line_ref", "charge_row", "amount"} <= set(intake.postings.columns)
