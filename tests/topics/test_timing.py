"""Documentation timing: every rule's right and wrong, as a biller would write the visits down.

Each row of a table is one visit and the mark it must get. Where a case does not say otherwise, the payer is
Medicare and Lee, a physical therapist, treated; dates are of 2026. `code` `-` is a note without a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from math import comb
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.adjusted_regions import CODES
from audit.bunching import binomial_tail
from audit.care_plans import CERTIFIED_WITHIN, MOST_TREATMENT_DAYS
from audit.episodes import LONGEST_PLAN
from audit.note_copies import CHECKS as COPIES
from audit.populations import populate
from audit.referrals import CHECKS as REFERRALS
from audit.topics import timing
from tests.practices import AS_OF, mark_rows, settings_of, shipped, words
from tests.tables import claim_lines, read_table, visits

if TYPE_CHECKING:
    from audit.populations import Populations
    from audit.settings import Settings
    from tests.conftest import Caller

OF_LINES = (
    "patient",
    "code",
    "payer",
    "clinician",
    "modifiers",
    "minutes",
    "units",
    "charge",
    "first_decision",
)
PRACTICE = """
[disciplines]
Lee = "pt"
Ora = "ot"
Kim = "chiropractic"
Max = "massage"

[payers.Comp]
referral = true
"""


@cache
def practice() -> Settings:
    with TemporaryDirectory() as folder:
        return settings_of(Path(folder), PRACTICE)


def mark(table: str, as_of: date = AS_OF) -> Populations:
    """Return the marked rows of a table of visits."""
    told = read_table(table)
    told = told.assign(visit=[f"V{row}" for row in range(len(told))], service_date=told["day"])
    for name, usual in (("payer", "Medicare"), ("clinician", "Lee"), ("source_file", "notes.csv")):
        told[name] = told[name].replace("", usual) if name in told else usual
    billed = told[told["code"] != ""] if "code" in told else told.assign(code="97110")
    in_lines = [name for name in (*OF_LINES, "visit", "service_date") if name in billed]
    in_notes = [name for name in told if name not in (*OF_LINES[1:3], *OF_LINES[4:], "visit", "day", "mark")]
    seen = visits(write(told[in_notes]))
    for element in practice().elements:
        if element.column not in seen:
            seen[element.column] = np.zeros(len(seen), dtype=np.int8)
    rows = populate(claim_lines(write(billed[in_lines])), seen, pd.Timestamp(as_of), 12)
    return timing.mark(rows, practice(), as_of)


def write(table: Any) -> str:
    rows = [list(table.columns), *table.astype("str").replace("", "-").to_numpy().tolist()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def found(rule: str, table: str, as_of: date = AS_OF) -> list[str]:
    """Return the marks of a rule, by visit or line in the order of the table."""
    one = next(each for each in timing.RULES if each.id == f"timing/{rule}")
    return words(mark(table, as_of).of(one.table).marks[one.mark])


def check(rule: str, table: str, as_of: date = AS_OF) -> None:
    """Assert that a rule marks every row with a line as its column `mark` says."""
    told = read_table(table)
    billed = told[told["code"] != ""] if "code" in told else told
    assert found(rule, table, as_of) == billed["mark"].tolist()


# Plans of care --------------------------------------------------------------------------------------------


def test_treatment_begins_with_a_plan_the_evaluation_before_it() -> None:
    check(
        "treated_before_plan",
        """
        patient  day    code   plan_on  mark
        ann      03-02  97161  03-03    out
        ann      03-03  97110  -        no
        ann      03-30  97110  -        no
        bob      03-02  97161  -        out
        bob      03-05  97110  -        yes
        bob      03-09  97110  03-09    no
        cyd      03-02  97161  -        out
        cyd      03-05  97110  -        yes
        """,
    )


def test_what_was_done_at_the_evaluation_may_come_before_the_plan() -> None:
    lines = """
        visit  patient  service_date  code   payer     modifiers
        A      ann      2026-03-02    97161  Medicare  GP
        A      ann      2026-03-02    97110  Medicare  GP
        B      ann      2026-03-03    97110  Medicare  GP
        """
    rows = mark_rows(lines, "patient service_date plan_on\nann 2026-03-02 2026-03-04\nann 2026-03-03 -")
    assert words(rows.visits.marks["treated_before_plan"]) == ["out", "yes"]


def test_a_plan_holds_for_its_patient_and_discipline_alone() -> None:
    """A massage or an adjustment needs none here, nor does what no payer is asked to pay."""
    check(
        "treated_before_plan",
        """
        | patient | day   | code  | clinician | payer    | first_decision | plan_on | mark |
        | ann     | 03-02 | 97161 | Lee       | Medicare | paid           | 03-02   | out  |
        | ann     | 03-05 | 97110 | Lee       | Medicare | paid           | -       | no   |
        | ann     | 03-05 | 97165 | Ora       | Medicare | paid           | -       | out  |
        | ann     | 03-06 | 97530 | Ora       | Medicare | paid           | -       | yes  |
        | bob     | 03-02 | 97161 | Lee       | Aetna    | paid           | -       | out  |
        | bob     | 03-06 | 97110 | Lee       | Aetna    | paid           | -       | yes  |
        | bob     | 03-07 | 97110 | Lee       | Self-pay | not billed     | -       | out  |
        | bob     | 03-08 | 97110 | Lee       | Aetna    | no answer      | -       | yes  |
        | bob     | 03-08 | 98940 | Kim       | Medicare | paid           | -       | out  |
        | bob     | 03-08 | 97124 | Max       | Aetna    | paid           | -       | out  |
        """,
    )


def test_a_note_without_a_line_may_tell_the_plan_and_a_later_note_an_earlier_date() -> None:
    check(
        "treated_before_plan",
        """
        patient  day    code   plan_on  mark
        ann      03-02  97161  -        out
        ann      03-05  97110  -        no
        bob      03-02  97161  -        out
        bob      03-05  97110  -        no
        bob      03-08  97110  03-04    no
        ann      03-03  -      03-03    -
        """,
    )


def test_what_was_planned_before_the_notes_begin_is_not_known() -> None:
    """Old was in treatment when the notes begin on March 2; 90 days later no plan of before still ran."""
    check(
        "treated_before_plan",
        """
        patient  day    code   plan_on  initial_on  mark
        ann      03-02  97110  03-02    -           no
        old      03-03  97110  -        -           unsure
        old      05-31  97110  -        -           unsure
        old      06-01  97110  -        -           yes
        new      06-01  97110  -        -           yes
        bea      03-04  97110  -        03-04       yes
        cal      03-04  97110  -        02-01       unsure
        """,
    )


def test_a_file_that_tells_no_plans_tells_of_no_gap() -> None:
    """Neither does a visit that has no note at all, nor a clinician of whom no discipline is told."""
    check(
        "treated_before_plan",
        """
        | patient | day   | code  | clinician | modifiers | source_file | plan_on | mark   |
        | ann     | 03-02 | 97161 | Lee       | GP        | new.csv     | 03-02   | out    |
        | bob     | 03-02 | 97161 | Lee       | GP        | old.csv     | -       | out    |
        | bob     | 03-05 | 97110 | Lee       | GP        | old.csv     | -       | unsure |
        | cyd     | 03-02 | 97161 | Lee       | GP        | new.csv     | -       | out    |
        | cyd     | 03-05 | 97110 | Lee       | GP        | old.csv     | -       | unsure |
        | dee     | 03-05 | 97110 | Sam       | -         | new.csv     | -       | unsure |
        | eve     | 03-02 | 97161 | Sam       | GP        | new.csv     | -       | out    |
        | eve     | 03-05 | 97110 | Sam       | GP        | new.csv     | -       | yes    |
        """,
    )


def test_certified_within_thirty_days_of_the_first_treatment() -> None:
    """April 1 is the thirtieth day; what was treated before a late certification is marked, not after it."""
    assert date(2026, 3, 2) + timedelta(CERTIFIED_WITHIN) == date(2026, 4, 1)
    check(
        "not_certified",
        """
        patient  day    code   plan_on  certified_on  mark
        ann      03-02  97161  03-02    -             out
        ann      03-05  97110  -        -             no
        ann      04-20  97110  -        04-01         no
        bob      03-02  97161  03-02    -             out
        bob      03-05  97110  -        -             yes
        bob      04-20  97110  -        04-02         no
        cyd      03-02  97161  03-02    -             out
        cyd      03-05  97110  -        -             yes
        cyd      06-05  97110  06-01    06-10         no
        dee      03-05  97110  -        -             unsure
        """,
    )


def test_certification_is_not_asked_for_before_it_is_due() -> None:
    table = """
        patient  day    code   plan_on  certified_on  mark
        ann      03-02  97110  03-02    03-02         no
        bob      03-02  97161  03-02    -             out
        bob      03-05  97110  -        -             {}
        """
    check("not_certified", table.format("out"), date(2026, 4, 1))
    check("not_certified", table.format("yes"), date(2026, 4, 2))


def test_the_first_treatment_is_that_of_the_notes_unless_they_tell_another() -> None:
    """Where a plan is older than the notes, its own day stands for the first treatment."""
    check(
        "not_certified",
        """
        patient  day    code   plan_on  initial_on  certified_on  mark
        ann      03-02  97161  03-02    -           -             out
        ann      03-10  97110  -        -           04-05         yes
        bob      03-02  97161  03-02    03-10       -             out
        bob      03-10  97110  -        -           04-05         no
        old      03-02  97110  02-01    -           03-03         no
        was      03-02  97110  02-01    -           03-04         yes
        """,
    )


def test_from_2025_an_order_and_a_plan_sent_in_time_stand_for_the_first_certification() -> None:
    """Not the order alone, not sent late, not for a renewed plan, and not before 2025."""
    check(
        "not_certified",
        """
        patient  day         code   plan_on     order_signed_on  plan_sent_on  certified_on  mark
        ann      2026-03-02  97110  2026-03-02  2026-02-20       2026-04-01    -             no
        ann      2026-05-20  97110  2026-05-20  -                2026-05-21    -             yes
        bob      2026-03-02  97110  2026-03-02  2026-02-20       2026-04-02    -             yes
        cyd      2026-03-02  97110  2026-03-02  -                2026-03-03    -             yes
        dee      2026-03-02  97110  2026-03-02  2026-02-20       -             -             yes
        eve      2025-01-01  97110  2025-01-01  2024-12-20       2025-01-02    -             no
        fay      2024-12-31  97110  2024-12-31  2024-12-20       2025-01-02    -             yes
        gus      2026-03-02  97110  2026-03-02  -                -             2026-03-09    no
        """,
    )


def test_only_original_medicare_wants_a_certification() -> None:
    check(
        "not_certified",
        """
        | patient | day   | code  | payer             | plan_on | certified_on | mark |
        | ann     | 03-02 | 97110 | Aetna             | 03-02   | -            | out  |
        | bob     | 03-02 | 97110 | Humana Advantage  | 03-02   | -            | out  |
        | cyd     | 03-02 | 97110 | Noridian Medicare | 03-02   | -            | yes  |
        | dee     | 03-02 | 97110 | Medicare          | 03-02   | 03-02        | no   |
        """,
    )


def test_a_plan_runs_ninety_days_or_to_its_own_end() -> None:
    assert date(2026, 3, 2) + timedelta(LONGEST_PLAN) == date(2026, 5, 31)
    check(
        "recertification",
        """
        patient  day    code   plan_on  plan_until  certified_on  mark
        ann      03-02  97110  03-02    -           03-09         no
        ann      05-31  97110  -        -           -             no
        ann      06-01  97110  -        -           -             yes
        ann      06-02  97110  06-02    -           -             no
        bob      03-02  97110  03-02    04-30       03-09         no
        bob      04-30  97110  -        -           -             no
        bob      05-01  97110  -        -           -             yes
        cyd      03-02  97110  03-02    12-31       03-09         no
        cyd      06-01  97110  -        -           -             yes
        """,
    )


def test_a_second_certification_renews_the_plan_for_ninety_days() -> None:
    """The first does not: it is that of the plan."""
    check(
        "recertification",
        """
        patient  day    code   plan_on  certified_on  mark
        ann      03-02  97110  03-02    03-20         no
        ann      05-20  97110  -        05-20         no
        ann      08-18  97110  -        -             no
        ann      08-19  97110  -        -             yes
        bob      03-02  97110  03-02    03-20         no
        bob      06-10  97110  -        -             yes
        bob      06-12  97110  -        06-12         no
        """,
    )


def test_without_certification_dates_nobody_knows_of_a_renewal() -> None:
    check(
        "recertification",
        """
        patient  day    code   plan_on  mark
        ann      03-02  97110  03-02    no
        ann      06-01  97110  -        unsure
        bob      03-02  97110  -        unsure
        """,
    )


def test_where_only_the_plans_end_is_told_it_counts() -> None:
    check(
        "recertification",
        """
        patient  day    code   plan_until  certified_on  mark
        ann      03-02  97110  05-15       03-02         no
        ann      05-15  97110  05-15       -             no
        ann      05-20  97110  -           -             yes
        bob      03-02  97110  07-15       03-02         no
        bob      06-20  97110  -           -             no
        """,
    )


def days(count: int, first: str = "2026-03-02") -> list[str]:
    start = date.fromisoformat(first)
    return [(start + timedelta(2 * at)).isoformat() for at in range(count)]


def visits_of(patient: str, dates: Sequence[str], codes: dict[int, str], told: dict[int, str]) -> str:
    """Return rows of a table: treatments on these days, with other codes and progress reports at some."""
    return "\n".join(
        f"{patient} {day} {codes.get(at, '97110')} {told.get(at, '-')}"
        for at, day in enumerate(dates, start=1)
    )


HEAD = "patient day code progress_on\nzoe 2026-03-02 97110 2026-03-02\n"


def test_a_report_is_due_by_the_tenth_treatment_day_the_evaluation_being_the_first() -> None:
    assert MOST_TREATMENT_DAYS == 10
    table = HEAD + visits_of("ann", days(12), {1: "97161"}, {})
    assert found("progress_report", table)[1:] == ["out", *["no"] * 9, "yes", "yes"]


def test_a_report_on_the_tenth_day_begins_a_new_count() -> None:
    """One on the eleventh is a day late."""
    on_time = HEAD + visits_of("ann", days(21), {1: "97161"}, {10: days(10)[-1]})
    assert found("progress_report", on_time)[1:] == ["out", *["no"] * 19, "yes"]
    late = HEAD + visits_of("ann", days(12), {1: "97161"}, {11: days(11)[-1]})
    assert found("progress_report", late)[1:] == ["out", *["no"] * 9, "yes", "no"]


def test_a_reevaluation_counts_as_a_report() -> None:
    table = HEAD + visits_of("ann", days(12), {1: "97161", 10: "97164"}, {})
    assert "yes" not in found("progress_report", table)


def test_two_visits_on_one_day_are_one_treatment_day() -> None:
    dates = sorted([*days(9), *days(9)])
    assert "yes" not in found("progress_report", HEAD + visits_of("ann", dates, {1: "97161"}, {}))


def test_what_was_reported_before_the_notes_begin_is_not_known() -> None:
    """But eleven days without one are eleven days, whatever came before."""
    table = HEAD + visits_of("ann", days(11), {}, {})
    assert found("progress_report", table)[1:] == [*["unsure"] * 10, "yes"]


def test_a_progress_report_is_asked_for_since_2013() -> None:
    """Before, thirty days counted as well, and nothing is said here."""
    table = "patient day code progress_on\nzoe 2012-01-02 97110 2012-01-02\n"
    dates = [(date(2012, 12, 21) + timedelta(at)).isoformat() for at in range(13)]
    marks = found("progress_report", table + visits_of("ann", dates, {1: "97161"}, {}))
    assert dates[10] == "2012-12-31"
    assert marks[1 + 10 :] == ["out", "yes", "yes"]


# Signatures and texts -------------------------------------------------------------------------------------


def test_signed_within_a_week() -> None:
    """Notes not signed are told elsewhere; a signature before the visit tells nothing."""
    check(
        "signed_late",
        """
        | patient | day   | payer    | first_decision | signed | signed_on | mark   |
        | ann     | 03-02 | Medicare | paid           | yes    | 03-02     | no     |
        | ann     | 03-03 | Aetna    | paid           | yes    | 03-10     | no     |
        | ann     | 03-04 | Aetna    | paid           | yes    | 03-12     | yes    |
        | ann     | 03-05 | Aetna    | paid           | yes    | -         | unsure |
        | ann     | 03-06 | Aetna    | paid           | yes    | 03-05     | unsure |
        | ann     | 03-07 | Aetna    | paid           | ?      | -         | unsure |
        | ann     | 03-08 | Aetna    | paid           | no     | -         | out    |
        | ann     | 03-09 | Self-pay | not billed     | yes    | 06-01     | out    |
        """,
    )


def test_a_note_is_beside_the_one_before_of_patient_and_discipline() -> None:
    assert len(COPIES) == 1
    check(
        "identical_note",
        """
        patient  day    code   clinician  note  note_text  mark
        ann      03-02  97110  Lee        yes   better     out
        ann      03-04  97110  Lee        yes   better     yes
        ann      03-06  97110  Lee        yes   worse      no
        ann      03-08  97110  Lee        yes   better     no
        ann      03-10  97110  Lee        yes   -          unsure
        ann      03-12  97110  Lee        yes   better     yes
        ann      03-13  97124  Max        yes   better     out
        ann      03-14  97110  Lee        no    -          out
        bob      03-04  97110  Lee        yes   better     out
        """,
    )


def test_a_note_without_a_line_is_one_before_too() -> None:
    check(
        "identical_note",
        """
        patient  day    code   note_text  mark
        bob      03-02  97110  -          unsure
        ann      03-04  97110  better     yes
        ann      03-02  -      better     -
        """,
    )


# Minutes --------------------------------------------------------------------------------------------------


def lines_of(clinician: str, minutes: Sequence[int], code: str = "97110") -> str:
    rows = [f"P{at} 2026-03-02 {code} {clinician} {each}" for at, each in enumerate(minutes)]
    return "patient day code clinician minutes\n" + "\n".join(rows)


def test_minutes_that_stand_at_the_least_of_a_unit_too_often() -> None:
    """Eleven of eleven near 23 are hardly chance; eight of fourteen may be; those far away tell nothing."""
    bunched = [23] * 8 + [8, 38, 53] + [30, 45, 60]
    assert found("bunched_minutes", lines_of("Lee", bunched)) == ["yes"] * 11 + ["no"] * 3
    even = [22, 23, 24] * 3 + [23] * 5
    assert set(found("bunched_minutes", lines_of("Lee", even))) == {"no"}
    few = [23] * 10 + [30] * 50
    assert set(found("bunched_minutes", lines_of("Lee", few))) == {"out"}


def test_minutes_of_one_clinician_say_nothing_of_another() -> None:
    lee, kim = lines_of("Lee", [23] * 11), lines_of("Kim", [22, 23, 24] * 5)
    both = found("bunched_minutes", lee + "\n" + kim.partition("\n")[2])
    assert both == ["yes"] * 11 + ["no"] * 15


def test_untimed_codes_and_lines_without_minutes_have_none() -> None:
    assert set(found("bunched_minutes", lines_of("Kim", [23] * 20, "98940"))) == {"out"}
    table = lines_of("Lee", [23] * 11) + "\nPx 2026-03-02 97110 Lee -"
    assert found("bunched_minutes", table)[-1] == "unsure"


@pytest.mark.parametrize(("cases", "of"), [(0, 7), (11, 11), (10, 14), (40, 100)])
def test_the_chance_is_the_exact_binomial_one(cases: int, of: int) -> None:
    exact = sum(comb(of, at) * 2 ** (of - at) for at in range(cases, of + 1)) / 3**of
    assert binomial_tail(cases, of, 1 / 3) == pytest.approx(exact, rel=1e-9)


# Regions --------------------------------------------------------------------------------------------------

ADJUSTED = """
    patient  day    code   clinician  regions  mark
    a        03-02  98940  Kim        0        {0}
    b        03-02  98940  Kim        1        {1}
    c        03-02  98940  Kim        2        {1}
    d        03-02  98940  Kim        3        {2}
    e        03-02  98941  Kim        2        {0}
    f        03-02  98941  Kim        3        {1}
    g        03-02  98941  Kim        4        {1}
    h        03-02  98941  Kim        5        {2}
    i        03-02  98942  Kim        4        {0}
    j        03-02  98942  Kim        5        {1}
    k        03-02  98942  Kim        -        unsure
    l        03-02  98943  Kim        1        out
    """


def test_regions_named_beside_the_code_billed() -> None:
    """One or two, three or four, five; fewer is one rule, more another that is never a thing to do."""
    assert CODES == ("98940", "98941", "98942")
    check("regions_fewer", ADJUSTED.format("yes", "no", "no"))
    check("regions_more", ADJUSTED.format("no", "no", "yes"))
    more = next(rule for rule in timing.RULES if rule.mark == "regions_more")
    assert more.stake == "not billed"


def test_only_the_difference_to_the_code_supported_is_over_billed() -> None:
    """Of a code that the practice never billed at that payer, the amount is not known: the whole line."""
    rows = mark(
        """
        patient  day    code   clinician  payer     charge  regions
        a        03-02  98940  Kim        Medicare  30.00   1
        b        03-02  98941  Kim        Medicare  42.00   2
        c        03-02  98941  Kim        Medicare  42.00   0
        d        03-02  98940  Kim        Medicare  30.00   4
        e        03-02  98942  Kim        Aetna     60.00   1
        f        03-02  98940  Kim        Cigna     30.00   5
        """
    ).lines.frame
    assert rows["regions_above"].tolist() == [0, 1200, 4200, 0, 6000, 0]
    assert rows["regions_below"].tolist() == [0, 0, 0, 1200, 0, 0]


# Referrals ------------------------------------------------------------------------------------------------


def test_a_referral_covers_its_days_and_visits() -> None:
    """Only for payers that want one."""
    assert len(REFERRALS) == 1
    check(
        "referral",
        """
        patient  day    code   clinician  payer  referral_on  referral_until  visits_authorized  mark
        ann      03-02  97124  Max        Comp   03-02        03-31           3                  no
        ann      03-31  97124  Max        Comp   -            -               -                  no
        ann      04-01  97124  Max        Comp   -            -               -                  yes
        ann      04-02  97124  Max        Comp   04-02        -               1                  no
        ann      04-03  97124  Max        Comp   -            -               -                  yes
        ann      04-04  97124  Max        Aetna  -            -               -                  out
        bob      03-03  97124  Max        Comp   03-04        -               -                  unsure
        bob      03-04  97124  Max        Comp   -            -               -                  no
        """,
    )


def test_a_referral_before_the_notes_begin_may_still_run_for_a_year() -> None:
    check(
        "referral",
        """
        patient  day         code   clinician  payer  referral_on  visits_authorized  initial_on  mark
        ann      2025-03-02  97124  Max        Comp   2025-02-01   9                  -           unsure
        ann      2025-03-03  97124  Max        Comp   2025-03-03   9                  -           no
        old      2025-03-02  97124  Max        Comp   -            -                  -           unsure
        old      2026-03-02  97124  Max        Comp   -            -                  -           unsure
        old      2026-03-03  97124  Max        Comp   -            -                  -           yes
        new      2025-03-04  97124  Max        Comp   -            -                  2025-03-04  yes
        """,
    )


def test_a_note_that_says_yes_or_no_decides_where_no_date_is_told() -> None:
    check(
        "referral",
        """
        patient  day    code   clinician  payer  has_referral  mark
        ann      03-02  97124  Max        Comp   yes           no
        bob      03-02  97124  Max        Comp   no            yes
        cyd      03-02  97124  Max        Comp   ?             unsure
        dee      03-02  97124  Max        Aetna  no            out
        """,
    )


# What holds for all ---------------------------------------------------------------------------------------


def test_where_nothing_is_told_nothing_is_passed() -> None:
    """Every rule is open for the rows it asks about, and for no others."""
    rows = mark("patient day code clinician\na 03-02 97110 Lee\nb 03-02 98941 Kim\nc 03-02 97124 Max")
    for rule in timing.RULES:
        assert set(words(rows.of(rule.table).marks[rule.mark])) <= {"unsure", "out"}, rule.id
    open_rules = {rule.id for rule in timing.RULES if "unsure" in words(rows.of(rule.table).marks[rule.mark])}
    assert open_rules == {rule.id for rule in timing.RULES} - {"timing/referral"}


def test_money_is_that_of_lines_a_payer_is_asked_to_pay() -> None:
    lines = """
        | visit | patient | service_date | code  | payer    | charge | first_decision |
        | A     | ann     | 2026-03-05   | 97110 | Medicare | 60.00  | paid           |
        | A     | ann     | 2026-03-05   | 97010 | Self-pay | 20.00  | not billed     |
        """
    assert mark_rows(lines).visits.frame["asked_expected"].tolist() == [6000]


def test_every_rule_says_what_is_right_and_what_is_wrong() -> None:
    for rule in timing.rules(shipped()):
        assert rule.sentence.endswith("."), rule.id
        assert rule.right, rule.id
        assert rule.wrong, rule.id
        assert rule.needs, rule.id


NAMES = ("plan_on", "plan_until", "certified_on", "progress_on", "note_text")
FIRST = date(2026, 3, 2)
ANCHOR = ("zoe", 0, "97161", *(FIRST.isoformat(),) * 4, "anchor")
"""A patient of the first day whose note tells everything, so that the notes begin then and tell all."""

some_day = st.integers(0, 130)
told_day = st.one_of(st.just("-"), some_day.map(lambda at: (FIRST + timedelta(at)).isoformat()))
a_visit = st.tuples(
    st.sampled_from(["ann", "bob"]),
    some_day,
    st.sampled_from(["97110", "97110", "97140", "97161", "97164"]),
    *[told_day] * 4,
    st.sampled_from(["-", "better", "worse"]),
)
some_visits = st.lists(a_visit, min_size=1, max_size=12, unique_by=lambda visit: visit[:2])

Visit = tuple[Any, ...]


def marks_by_visit(seen: Sequence[Visit]) -> dict[tuple[str, int], dict[str, str]]:
    """Return the marks of visits by patient and day."""
    rows = [f"{who} {FIRST + timedelta(at)} {' '.join(rest)}" for who, at, *rest in [ANCHOR, *seen]]
    marked = mark("\n".join([" ".join(("patient", "day", "code", *NAMES)), *rows])).visits.marks
    ids = [rule.mark for rule in timing.RULES if rule.table == "visits"]
    return {
        (visit[0], visit[1]): {name: words(marked[name])[at] for name in ids}
        for at, visit in enumerate([ANCHOR, *seen])
    }


@settings(max_examples=25, deadline=None)
@given(some_visits, some_visits)
def test_another_patient_and_the_order_of_rows_change_no_mark(seen: list[Visit], others: list[Visit]) -> None:
    alone = marks_by_visit(seen)
    strangers = [(f"other {one[0]}".replace(" ", "_"), *one[1:]) for one in others]
    mixed = marks_by_visit([*strangers, *reversed(seen)])
    assert {key: mixed[key] for key in alone} == alone


@settings(max_examples=25, deadline=None)
@given(some_visits)
def test_with_a_plan_a_certification_and_a_report_on_every_day_nothing_is_found(seen: list[Visit]) -> None:
    """Removing the fault removes the finding."""
    mended = []
    for at, (who, day, code, *_) in enumerate(seen):
        today = (FIRST + timedelta(day)).isoformat()
        mended.append((who, day, code, today, "-", today, today, f"text{at}"))
    marks = marks_by_visit(mended)
    assert not any("yes" in one.values() for one in marks.values())


@settings(max_examples=25, deadline=None)
@given(some_visits)
def test_a_later_visit_that_tells_nothing_changes_no_earlier_mark(seen: list[Visit]) -> None:
    """Treatment, signatures and texts are read forward in time."""
    alone = marks_by_visit(seen)
    later = ("ann", 200, "97110", "-", "-", "-", "-", "-")
    again = marks_by_visit([*seen, later])
    assert {key: again[key] for key in alone} == alone


def test_marks_are_small_and_no_row_is_lost() -> None:
    rows = mark("patient day code plan_on\na 03-02 97110 03-02")
    for rule in timing.RULES:
        marks = rows.of(rule.table).marks[rule.mark]
        assert marks.dtype == np.int8
        assert len(marks) == len(rows.of(rule.table))


def test_the_text_of_a_note_leaves_the_file_nowhere(call: Caller, tmp_path: Path) -> None:
    """Neither does what could not be read; the copied note is found all the same."""
    charges, notes = tmp_path / "charges.csv", tmp_path / "visit_notes.csv"
    line = "{0},P1,Aetna,2026-10-0{0},97110,1,60.00,V{0}\n"
    note = "V{0},P1,2026-10-0{0},yes,2026-10-0{0},Waldemar cries,Oxtailworth,Oxtailworth\n"
    heads = ("line_id,patient_id,payer,service_date,code,units,charge,visit_id\n",)
    charges.write_text(heads[0] + "".join(line.format(at) for at in range(1, 6)), encoding="utf-8")
    own = "visit_id,patient_id,service_date,note,signed_on,note_text,plan_on,regions\n"
    notes.write_text(own + "".join(note.format(at) for at in range(1, 6)), encoding="utf-8")
    done = call("run", charges, notes, "--as-of", "2026-12-01", "--period", "2026-10")
    assert done.code == 0
    saved = [path.read_text(encoding="utf-8") for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert "Read 4 visits whose note says the same as the one before" in " ".join(saved)
    for secret in ("waldemar", "oxtailworth"):
        assert secret not in (done.out + done.err + "".join(saved)).lower()
