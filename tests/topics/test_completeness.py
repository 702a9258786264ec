"""Completeness: what lacks its counterpart, and what the files cannot tell of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from audit.blocks import Table
from audit.populations import Populations
from audit.rules import apply
from audit.topics import completeness
from tests.practices import (
    audit_of,
    compared,
    mark_rows,
    marks_of,
    page_of,
    settings_of,
    shipped,
    write_practice,
)

AS_OF = date(2026, 12, 1)
OCTOBER = range(0, 1)


def unmatched(*rows: tuple[str | None, str | None, int | None]) -> pd.DataFrame:
    """Return answers without a charge: date of service, date of posting, cents paid."""
    served, posted, cents = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "posted_on": pd.to_datetime(pd.Series(posted)),
            "service_date": pd.to_datetime(pd.Series(served)),
            "code": "97140",
            "cents": pd.array(cents, dtype="Int64"),
            "source_file": "payer.835",
            "source_row": range(10, 10 + len(rows)),
        }
    )


def found(populations: Populations) -> dict[str, tuple[int, int, int]]:
    """Return by rule what it found, could check and could not."""
    told = {rule.id: apply(rule, populations, OCTOBER) for rule in completeness.RULES}
    return {name.partition("/")[2]: (one.rows, one.checked, one.unknown) for name, one in told.items()}


# --- visits and notes without a charge ----------------------------------------------------

LINES = """
    visit  patient  service_date  clinician
    A      Ann      2026-10-05    Lee
    B      Bob      2026-10-05    Lee
    C      Ann      2026-10-20    Lee
"""
BILLED = """
    patient  service_date  note  clinician
    Ann      2026-10-05    yes   Lee
    Bob      2026-10-05    yes   Lee
    Ann      2026-10-20    yes   Lee
"""


def test_a_note_of_a_day_without_a_line_is_found() -> None:
    """One with a note, one appointment without; both patients and all three other visits are charged."""
    populations = mark_rows(
        LINES,
        BILLED
        + """
    Ann      2026-10-12    yes   Lee
    Bob      2026-10-12    no    Lee
    """,
    )
    assert marks_of(populations.unbilled, "note_without_charge") == ["yes", "out"]
    assert marks_of(populations.unbilled, "visit_without_charge") == ["out", "yes"]
    assert found(populations)["notes_without_charge"] == (1, 4, 0)


def test_days_that_the_charges_do_not_cover_lack_nothing() -> None:
    """A note before the first and one after the last charge."""
    populations = mark_rows(
        LINES,
        BILLED
        + """
    Ann      2026-10-04    yes   Lee
    Ann      2026-10-21    yes   Lee
    """,
    )
    assert len(populations.unbilled) == 0
    assert found(populations)["notes_without_charge"] == (0, 3, 0)


def test_a_new_patient_may_have_been_forgotten() -> None:
    """One of three patients is in no charge: that is no other way of naming them."""
    populations = mark_rows(LINES, BILLED + "\n    Cleo  2026-10-12  yes  Lee")
    assert marks_of(populations.unbilled, "note_without_charge") == ["yes"]


def test_where_the_files_name_patients_differently_nothing_is_said(tmp_path: Path) -> None:
    """Three of five patients are strangers to the charges: not checked; a practice may set the share."""
    strangers = "".join(f"\n    {name}  2026-10-12  yes  Lee" for name in ("Cleo", "Dora", "Emma"))
    populations = mark_rows(LINES, BILLED + strangers)
    assert marks_of(populations.unbilled, "note_without_charge") == ["unsure"] * 3
    assert found(populations)["notes_without_charge"] == (0, 3, 3)
    settings = settings_of(tmp_path, "[thresholds]\nshared_patients = 0.4")
    populations = mark_rows(LINES, BILLED + strangers, settings)
    assert marks_of(populations.unbilled, "note_without_charge") == ["yes"] * 3


def test_a_clinician_that_no_charge_names_may_be_spelled_otherwise() -> None:
    """On a day on which the patient was charged; a known clinician treated a second time."""
    populations = mark_rows(
        LINES + "    D  Bob  2026-10-06  Kim",
        BILLED
        + """
    Bob      2026-10-06    yes   Kim
    Ann      2026-10-05    yes   L.Lee
    Ann      2026-10-05    yes   Kim
    """,
    )
    assert marks_of(populations.unbilled, "note_without_charge") == ["unsure", "yes"]
    elsewhere = mark_rows(LINES, BILLED + "\n    Ann  2026-10-12  yes  L.Lee")
    assert marks_of(elsewhere.unbilled, "note_without_charge") == ["yes"]


def test_without_notes_nothing_could_be_checked() -> None:
    assert found(mark_rows("code\n97140", "source_file\n-"))["notes_without_charge"] == (0, 0, 0)


# --- charges without a claim --------------------------------------------------------------


def test_a_charge_that_was_not_sent_is_found_once_most_would_have_been() -> None:
    """Eleven claims were sent within four days; one charge is five days old, one four, one not told of."""
    sent = "".join(
        f"\n| yes | 2026-11-01 | 2026-11-0{day} | 0 |" for day in (1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5)
    )
    populations = mark_rows(
        "| has_claim | service_date | submitted_date | answers |"
        + sent
        + "\n| no | 2026-11-26 | - | 0 |\n| no | 2026-11-27 | - | 0 |\n| ? | 2026-10-05 | - | 0 |"
    )
    assert marks_of(populations.lines, "without_claim")[-3:] == ["yes", "no", "unsure"]


def test_what_was_answered_was_sent() -> None:
    """Whether or not the files hold its claim; what they do not tell of is not said to be sent."""
    populations = mark_rows("has_claim answers\n? 1\nno 1\n? 0")
    assert marks_of(populations.lines, "without_claim") == ["no", "no", "unsure"]


def test_what_only_the_patient_pays_needs_no_claim() -> None:
    populations = mark_rows(
        "| has_claim | first_decision | answers |\n| no | no answer | 0 |\n| no | not billed | 0 |"
    )
    assert marks_of(populations.lines, "without_claim") == ["yes", "out"]


def test_a_charge_without_a_claim_does_not_wait_for_an_answer() -> None:
    """It stands under what was not sent, and there alone."""
    populations = mark_rows("| has_claim | first_decision |\n| no | no answer |\n| yes | paid |")
    assert marks_of(populations.lines, "overdue") == ["out", "no"]


# --- answers without a charge -------------------------------------------------------------


def test_an_answer_without_a_charge_is_found_with_what_was_paid() -> None:
    populations = mark_rows(
        "service_date answers\n2026-10-01 1\n2026-10-31 1\n2026-10-31 0",
        unmatched=unmatched(("2026-10-12", "2026-10-26", 4000), ("2026-10-13", "2026-10-26", None)),
    )
    rule = next(one for one in completeness.RULES if one.id == "completeness/answers_without_charge")
    one = apply(rule, populations, OCTOBER)
    assert (one.title, one.rows, one.checked, one.cents) == ("Look at 2 answers without a charge", 2, 4, 4000)


def test_an_answer_to_a_day_that_the_charges_do_not_cover_lacks_nothing() -> None:
    populations = mark_rows(
        "service_date\n2026-10-05\n2026-10-20",
        unmatched=unmatched(("2026-10-04", "2026-10-26", 4000), ("2026-10-21", "2026-10-26", 4000)),
    )
    assert len(populations.unmatched) == 0


@pytest.mark.parametrize(
    ("posted", "mark"), [("2026-06-02", "unsure"), ("2026-06-03", "yes"), (None, "unsure")]
)
def test_an_answer_that_tells_no_day_counts_long_after_the_first_charge(
    posted: str | None, mark: str
) -> None:
    """120 days after it nobody waits any more for what was done before it."""
    populations = mark_rows("service_date\n2026-02-02\n2026-10-20", unmatched=unmatched((None, posted, 4000)))
    assert marks_of(populations.unmatched, "without_charge") == [mark]


# --- what the page shows ------------------------------------------------------------------


def shown(populations: Populations) -> tuple[str, dict[str, list[str]]]:
    section = completeness.show(compared(populations), populations, settings=shipped(), as_of=AS_OF)
    assert section is not None
    table = section.blocks["checks"]
    assert isinstance(table, Table)
    return section.lead, {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}


def test_the_section_tells_what_was_found_checked_and_needed() -> None:
    lead, rows = shown(
        mark_rows(
            LINES,
            BILLED + "\n    Ann  2026-10-12  yes  Lee",
            unmatched=unmatched(("2026-10-12", "2026-10-26", 4000)),
        )
    )
    assert lead == "**1 note** without a charge, **1 answer** without a charge."
    assert rows["Notes without a charge"] == ["1", "—", "4", "0", "biller", ""]
    assert rows["Answers without a charge"] == ["1", "40", "4", "0", "biller", ""]
    assert rows["Charges without a claim"] == ["0", "0", "3", "0", "biller", ""]


def test_what_the_files_cannot_tell_is_not_checked_and_says_what_it_needs() -> None:
    _, rows = shown(mark_rows("visit answers\nA 0\nB 0", "note\nyes\nyes"))
    assert rows["Charges without a claim"] == [
        *("not checked", "—", "0", "2", "biller", "claims as they were sent (837P)")
    ]


def test_where_nothing_is_missing_it_says_so_and_no_more() -> None:
    lead, _ = shown(mark_rows(LINES, BILLED))
    assert lead == "Nothing is missing, as far as the files can tell."


def test_a_practice_with_notes_and_answers_gets_the_section(tmp_path: Path) -> None:
    """A visit whose note the notes file holds and the charges do not; its row can be traced."""
    files = write_practice(
        tmp_path,
        """
        visit_id  patient_id  service_date
        V1        P1          2026-10-05
        V2        P1          2026-10-19
        """,
        "line_id posted_on amount\nL1 2026-10-19 60.00",
        """
        visit_id  patient_id  service_date
        V1        P1          2026-10-05
        V3        P1          2026-10-12
        """,
    )
    audit = audit_of(files, "2026-10")
    (finding,) = [one for one in audit.findings if one.id == "completeness/notes_without_charge"]
    assert (finding.title, finding.rows, finding.cents) == (
        "Look at 1 visit with a note and without a charge",
        1,
        None,
    )
    assert "billed elsewhere or is a visit without charge" in finding.text
    assert "<b>1 note</b> without a charge" in page_of(audit)
