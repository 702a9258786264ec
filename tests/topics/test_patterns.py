"""Patterns: what a reviewer would notice, as facts with limits."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.courses import EXAMINATIONS
from audit.likeness import checks as likeness_checks
from audit.measures import tabulate
from audit.populations import YES, Populations, populate
from audit.rules import apply
from audit.settings import Settings
from audit.topics import patterns
from audit.treated import WORD, PatientDays
from audit.workdays import find_holidays
from tests.practices import AS_OF, marks_of, settings_of, shipped
from tests.tables import claim_lines, read_table, visits

RULES = {rule.mark: rule for rule in patterns.rules(shipped())}

HEAD = (
    "visit | patient | clinician | service_date | code | units | minutes | modifiers | charge | payer | "
    "last_decision"
)


def rows(*told: str) -> str:
    """Return lines as a table: `visit patient clinician date code units ...`, what follows is filled."""
    filled = ("", "", "60.00", "Aetna", "paid")
    table = [HEAD]
    for row in told:
        cells = [cell.strip() for cell in row.split("|")] if "|" in row else row.split()
        table.append(" | ".join([*cells, *filled[len(cells) - 6 :]]))
    return "\n".join(table)


def course(count: int, every: int = 7, row: str = "97140 1", start: date = date(2025, 1, 6)) -> list[str]:
    """Return visits of Ann with Lee, so many days apart."""
    days = [start + timedelta(every * at) for at in range(count)]
    return [f"V{at} Ann Lee {day.isoformat()} {row}" for at, day in enumerate(days)]


def marked(*told: str, settings: Settings | None = None, minutes: tuple[str, ...] = ()) -> Populations:
    """Return lines and their visits with the marks of patterns; `minutes` are those of the visits' notes."""
    text = rows(*told)
    seen = read_table(text).drop_duplicates("visit")[["patient", "clinician", "service_date"]]
    table = [" | ".join(seen.columns), *(" | ".join(row) for row in seen.to_numpy().tolist())]
    if minutes:
        table = [f"{row} | {told}" for row, told in zip(table, ("minutes", *minutes), strict=True)]
    found = populate(claim_lines(text), visits("\n".join(table)), pd.Timestamp(AS_OF), 12)
    return patterns.mark(found, settings or shipped(), AS_OF)


def marks(
    name: str, *told: str, settings: Settings | None = None, minutes: tuple[str, ...] = ()
) -> list[str]:
    found = marked(*told, settings=settings, minutes=minutes)
    return marks_of(found.of(RULES[name].table), name)


# --- a clinician's day --------------------------------------------------------------------


def test_more_than_eight_hours_of_timed_units_on_one_day_are_looked_at() -> None:
    """32 units are 8 hours; 33 are more. Another clinician's or another day's units add nothing."""
    exact = ["A Ann Lee 2026-10-05 97140 16", "B Bob Lee 2026-10-05 97110 16", "C Cy Kim 2026-10-05 97110 9"]
    assert marks("pattern_hours_billed", *exact) == ["no", "no", "no"]
    over = [*exact, "D Dee Lee 2026-10-05 97112 1", "E Eve Lee 2026-10-06 97112 9"]
    assert marks("pattern_hours_billed", *over) == ["yes", "yes", "no", "yes", "no"]


def test_an_untimed_code_takes_no_hours() -> None:
    """An evaluation of four units is no hour; a visit without a timed code is not asked about."""
    told = ["A Ann Lee 2026-10-05 97140 32", "B Bob Lee 2026-10-05 97161 4"]
    assert marks("pattern_hours_billed", *told) == ["no", "out"]


def test_who_pays_himself_takes_hours_but_is_no_claim() -> None:
    """The day is full whoever pays; a withdrawn or duplicate line tells of no treatment."""
    paid = "A | Ann | Lee | 2026-10-05 | 97140 | 30 | | | 60.00 | Aetna | paid"
    own = "B | Bob | Lee | 2026-10-05 | 97140 | 3 | | | 60.00 | Self-pay | not billed"
    gone = own.replace("not billed", "excluded: withdrawn")
    assert marks("pattern_hours_billed", paid, own) == ["yes", "out"]
    assert marks("pattern_hours_billed", paid, gone) == ["no", "out"]


def test_a_day_of_unknown_units_or_clinician_passes_unchecked() -> None:
    """Unless what is told is too much already."""
    unknown = "B Bob Lee 2026-10-05 97140 -"
    assert marks("pattern_hours_billed", "A Ann Lee 2026-10-05 97140 4", unknown) == ["unsure", "unsure"]
    assert marks("pattern_hours_billed", "A Ann Lee 2026-10-05 97140 33", unknown) == ["yes", "yes"]
    assert marks("pattern_hours_billed", "A Ann - 2026-10-05 97140 40") == ["unsure"]


def test_recorded_minutes_of_a_day_are_those_of_the_visits_else_of_their_lines() -> None:
    """Eight hours are 480 minutes; a note's minutes count before those of the codes."""
    told = ["A Ann Lee 2026-10-05 97140 1 200", "B Bob Lee 2026-10-05 97110 1 281"]
    assert marks("pattern_hours_recorded", *told) == ["yes", "yes"]
    assert marks("pattern_hours_recorded", *told, minutes=("199", "-")) == ["no", "no"]
    untold = [*told[:1], "B Bob Lee 2026-10-05 97110 1"]
    assert marks("pattern_hours_recorded", *untold) == ["unsure", "unsure"]


def test_a_practice_sets_its_own_limit(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[thresholds]\nhours_per_day = 7.5")
    assert marks("pattern_hours_billed", "A Ann Lee 2026-10-05 97140 31", settings=settings) == ["yes"]
    rule = patterns.rules(settings)[0]
    assert "more than 7.5 hours" in rule.title


AWAY = """
[aliases.clinicians]
"Lee, D." = "Lee"
[[away]]
clinician = "lee, d"
from = 2026-08-03
to = 2026-08-14
"""


@pytest.mark.parametrize(
    ("day", "mark"),
    [("2026-08-02", "no"), ("2026-08-03", "yes"), ("2026-08-14", "yes"), ("2026-08-15", "no")],
)
def test_a_service_on_a_day_away_is_looked_at(tmp_path: Path, day: str, mark: str) -> None:
    """From the first to the last day, under any of the clinician's names; of others nothing is told."""
    settings = settings_of(tmp_path, AWAY)
    told = [f"A Ann Lee {day} 97140 1", f"B Bob Kim {day} 97140 1"]
    assert marks("pattern_away", *told, settings=settings) == [mark, "unsure"]


def test_without_days_away_nobody_knows() -> None:
    assert marks("pattern_away", "A Ann Lee 2026-08-05 97140 1") == ["unsure"]


def test_money_stands_behind_a_day_away_alone() -> None:
    """A pattern is no fault: no dollars stand behind one."""
    assert [rule.id for rule in RULES.values() if rule.money] == ["patterns/away"]
    holiday = marked("A Ann Lee 2026-12-25 97140 1")
    assert apply(RULES["pattern_holiday"], holiday, range(holiday.months)).cents is None


def test_a_sunday_is_looked_at_where_it_is_no_working_day() -> None:
    """One visit in forty falls on a Sunday: a slip. One in two: the practice works on Sundays."""
    weekdays = [f"V{at} P{at} Lee 2026-10-05 97140 1" for at in range(39)]
    assert marks("pattern_sunday", *weekdays, "S Bob Lee 2026-10-04 97140 1")[-2:] == ["no", "yes"]
    assert marks("pattern_sunday", weekdays[0], "S Bob Lee 2026-10-04 97140 1") == ["no", "no"]


@pytest.mark.parametrize(
    ("day", "mark"),
    [
        ("2026-01-01", "yes"),
        ("2026-05-25", "yes"),
        ("2026-05-18", "no"),
        ("2026-07-04", "yes"),
        ("2026-09-07", "yes"),
        ("2026-11-26", "yes"),
        ("2026-11-27", "no"),
        ("2026-12-25", "yes"),
    ],
)
def test_a_public_holiday_is_looked_at(day: str, mark: str) -> None:
    assert marks("pattern_holiday", f"A Ann Lee {day} 97140 1") == [mark]


def test_holidays_move_with_the_year() -> None:
    """Memorial Day is the last Monday of May, Thanksgiving the fourth Thursday of November."""
    days = [day.isoformat() for year in (2023, 2024, 2025) for day in find_holidays(year)]
    assert days == [
        *("2023-01-01", "2023-05-29", "2023-07-04", "2023-09-04", "2023-11-23", "2023-12-25"),
        *("2024-01-01", "2024-05-27", "2024-07-04", "2024-09-02", "2024-11-28", "2024-12-25"),
        *("2025-01-01", "2025-05-26", "2025-07-04", "2025-09-01", "2025-11-27", "2025-12-25"),
    ]


# --- a patient's course -------------------------------------------------------------------

OLD = "Z Old Lee 2023-01-02 97140 1"
"""A line by which the files reach back far enough."""


def test_the_25th_visit_in_a_year_is_looked_at() -> None:
    """24 pass; two lines or two clinicians of one day are one day; another patient's are his."""
    told = course(25, 14)
    assert marks("pattern_many_visits", *told, OLD)[:25] == ["no"] * 24 + ["yes"]
    assert marks("pattern_many_visits", *told[:24], "X Ann Kim 2025-01-06 97140 1", OLD)[:24] == ["no"] * 24
    assert marks("pattern_many_visits", *told[:24], "X Bob Lee 2025-12-01 97140 1", OLD)[:25] == ["no"] * 25


def test_a_year_ends_with_the_visit() -> None:
    """A visit every 15 days is the 25th on the 361st day; every 16 days it never is."""
    assert marks("pattern_many_visits", *course(40, 15), OLD)[:26] == ["no"] * 24 + ["yes"] * 2
    assert "yes" not in marks("pattern_many_visits", *course(40, 16), OLD)


def test_of_days_before_the_files_nothing_is_known() -> None:
    """In the first year of the files too few visits are no proof; too many are."""
    assert marks("pattern_many_visits", *course(25)) == ["unsure"] * 24 + ["yes"]
    assert marks("pattern_many_visits", *course(2, 363)) == ["unsure", "unsure"]
    assert marks("pattern_many_visits", *course(2, 364)) == ["unsure", "no"]


def test_medicares_patients_are_counted_by_their_adjustments() -> None:
    """Original Medicare, spinal adjustments alone; massage of the same patient is no adjustment."""
    days = [" | ".join(row.split()) for row in course(25, 14, "98941 1")]
    told = [f"{row} | | AT | 60.00 | Medicare" for row in days]
    other = [row.replace("Medicare", "Aetna") for row in told]
    massage = [row.replace("98941", "97124") for row in told]
    assert marks("pattern_many_adjustments", *told, OLD) == ["no"] * 24 + ["yes", "out"]
    assert set(marks("pattern_many_adjustments", *other, OLD)) == {"out"}
    assert set(marks("pattern_many_adjustments", *massage, OLD)) == {"out"}


def test_three_visits_a_week_for_twelve_weeks_are_a_long_course() -> None:
    """36 days of treatment in 84 days; 35 are not."""
    days = [date(2025, 1, 6) + timedelta(7 * week + day) for week in range(12) for day in (0, 2, 4)]
    told = [f"V{at} Ann Lee {day.isoformat()} 97140 1" for at, day in enumerate(days)]
    assert marks("pattern_long_course", *told, OLD)[:36] == ["no"] * 35 + ["yes"]
    assert "yes" not in marks("pattern_long_course", *told[:20], *told[21:], OLD)


DISCIPLINES = '[disciplines]\nLee = "pt"\nKim = "pt"\nDana = "massage"'


def test_two_clinicians_of_one_discipline_on_one_day_are_looked_at(tmp_path: Path) -> None:
    """Physical therapy beside massage is usual; of an unknown discipline nobody knows."""
    settings = settings_of(tmp_path, DISCIPLINES)

    def both(other: str, day: str = "2026-10-05", who: str = "Ann") -> list[str]:
        told = ["A Ann Lee 2026-10-05 97140 1", f"B {who} {other} {day} 97140 1"]
        return marks("pattern_several_clinicians", *told, settings=settings)

    assert both("Kim") == ["yes", "yes"]
    assert both("Dana") == ["no", "no"]
    assert both("Ray") == ["unsure", "unsure"]
    assert both("Kim", "2026-10-06") == both("Kim", who="Bob") == ["no", "no"]
    assert both("-") == ["no", "unsure"]


def adjusted(count: int, modifier: str = "AT") -> list[str]:
    return [
        f"A{at} | Ann | Lee | {date(2025, 3, 1) + timedelta(3 * at)} | 98941 | 1 | | {modifier}"
        for at in range(count)
    ]


def examined(day: str, code: str = "99213", payer: str = "Aetna | paid") -> str:
    return f"E{day} | Ann | Lee | {day} | {code} | 1 | | 25 | 60.00 | {payer}"


def test_adjustments_with_at_beyond_twelve_without_an_examination_are_looked_at() -> None:
    """Counted from the last examination, that of the same day included; whoever paid it."""
    first = examined("2025-03-01")
    assert marks("pattern_no_exam", first, *adjusted(14)) == ["out"] + ["no"] * 12 + ["yes"] * 2
    again = examined("2025-04-03", payer="Self-pay | not billed")  # the day of the 12th
    assert "yes" not in marks("pattern_no_exam", first, *adjusted(14), again)
    evaluation = examined("2025-04-03", code="97161")
    assert marks("pattern_no_exam", first, *adjusted(14), evaluation).count("yes") == 2


def test_a_maintenance_visit_ends_the_row_of_at() -> None:
    """What is billed without AT says itself that treatment was not active."""
    told = adjusted(14)
    told[6] = told[6].replace("AT", "GA")
    assert "yes" not in marks("pattern_no_exam", examined("2025-03-01"), *told)


def test_an_examination_before_the_files_is_not_known() -> None:
    """Up to the limit nobody knows; beyond it, none is among the lines."""
    assert marks("pattern_no_exam", *adjusted(14)) == ["unsure"] * 12 + ["yes"] * 2
    assert set(marks("pattern_no_exam", *adjusted(14, ""))) == {"unsure"}


def test_more_than_an_hour_of_massage_on_a_day_is_looked_at(tmp_path: Path) -> None:
    """Units of all lines of the patient's day; a stricter network is a setting."""
    four = ["A Ann Lee 2026-10-05 97124 2", "B Ann Kim 2026-10-05 97124 2"]
    assert marks("pattern_massage_units", *four) == ["no", "no"]
    assert marks("pattern_massage_units", *four, "C Ann Kim 2026-10-05 97124 1") == ["yes"] * 3
    assert marks("pattern_massage_units", *four, "C Ann Kim 2026-10-06 97124 1") == ["no"] * 3
    assert marks("pattern_massage_units", *four, "C Ann Kim 2026-10-05 97124 -") == ["unsure"] * 3
    settings = settings_of(tmp_path, "[thresholds]\nmassage_units = 1")
    assert marks("pattern_massage_units", *four, settings=settings) == ["yes", "yes"]


# --- from visit to visit ------------------------------------------------------------------


def test_the_same_units_at_twelve_visits_on_end_are_looked_at() -> None:
    """Eleven are not; a change in the middle ends the row; one unit a visit is nothing special."""
    assert set(marks("pattern_same_units", *course(12, row="97140 4"))) == {"yes"}
    assert set(marks("pattern_same_units", *course(11, row="97140 4"))) == {"out"}
    changed = course(12, row="97140 4")
    changed[6] = changed[6].replace(" 4", " 3")
    assert set(marks("pattern_same_units", *changed)) == {"no"}
    assert set(marks("pattern_same_units", *course(12, row="97140 1"))) == {"no"}


def test_a_row_is_of_one_patient_with_one_clinician() -> None:
    """Another clinician's visits stand neither in it nor between."""
    told = course(12, row="97140 4")
    between = [row.replace("Lee", "Kim").replace("V", "K").replace(" 4", " 2") for row in told[:11]]
    assert marks("pattern_same_units", *told, *between) == ["yes"] * 12 + ["out"] * 11
    half = [row.replace("Ann", "Bob") if at > 5 else row for at, row in enumerate(told)]
    assert set(marks("pattern_same_units", *half)) == {"out"}


def test_unknown_units_end_a_row() -> None:
    told = course(24, row="97140 4")
    told[12] = told[12].replace(" 4", " -")
    assert marks("pattern_same_units", *told) == ["yes"] * 12 + ["unsure"] + ["no"] * 11


def test_the_same_two_codes_at_twelve_visits_on_end_are_looked_at() -> None:
    """Whatever their units and order; a single code is no combination."""
    two = [*course(12, row="97140 1"), *course(12, row="97110 2")]
    assert set(marks("pattern_same_codes", *two)) == {"yes"}
    assert set(marks("pattern_same_codes", *two[:12])) == {"no"}
    assert set(marks("pattern_same_codes", *two[:12], *two[13:])) == {"no"}


def test_codes_are_told_apart_however_many_there_are() -> None:
    """More codes than fit into one number."""
    others = [f"O{at} Bob Lee 2026-10-05 {10000 + at} 1" for at in range(WORD + 9)]
    two = [*course(12, row="97140 1"), *course(12, row="97110 2")]
    assert marks("pattern_same_codes", *two, *others)[:12] == ["yes"] * 12
    two[3] = two[3].replace("97140", "97530")
    assert marks("pattern_same_codes", *two, *others)[:12] == ["no"] * 12


def test_the_same_amount_for_different_services_is_looked_at() -> None:
    """What is the same throughout costs the same; what differs and costs the same is looked at."""
    assert set(marks("pattern_same_amount", *course(12, row="97140 2"))) == {"no"}
    told = course(12, row="97140 2")
    told[4] = told[4].replace(" 2", " 3")
    assert set(marks("pattern_same_amount", *told)) == {"yes"}
    dearer = told[4].split()
    told[4] = " | ".join([*dearer, "", "", "90.00"])
    assert set(marks("pattern_same_amount", *told)) == {"no"}
    told[4] = " | ".join([*dearer, "", "", ""])
    assert marks("pattern_same_amount", *told).count("unsure") == 1


# --- what holds for all -------------------------------------------------------------------


def test_days_are_counted_back_whatever_their_order() -> None:
    """Those of one patient, each once, the first of `within` days included."""
    days = PatientDays.of(np.array([1, 2, 1, 1, 2]), np.array([10, 10, 1, 10, 12]))
    assert days.count_back(10).tolist() == [2, 1, 1, 2, 2]
    assert days.count_back(9).tolist() == [1, 1, 1, 1, 2]
    none = np.array([], dtype=np.int64)
    assert len(PatientDays.of(none, none).count_back(9)) == 0


LOW = msgspec.structs.replace(
    shipped(),
    thresholds=msgspec.structs.replace(
        shipped().thresholds, visits_alike=3, visits_per_year=3, course_weeks=1
    ),
)
"""Limits that a few generated visits reach."""

visited = st.tuples(
    st.sampled_from(["Ann", "Bob"]), st.sampled_from(["Lee", "Kim"]), st.integers(0, 12), st.integers(1, 3)
)


def count_by_hand(told: list[tuple[str, str, int, int]], name: str) -> set[tuple[str, str, int]]:
    """Return the visits (patient, clinician, day) that a reader with a pencil would mark."""
    visits = {one[:3]: one[3] for one in told}
    if name == "pattern_many_visits":
        return {
            one
            for one in visits
            if len({day for who, _, day in visits if who == one[0] and day <= one[2]}) > 3
        }
    found = set()
    for row in {one[:2] for one in visits}:
        units = {day: visits[(*row, day)] for *whose, day in sorted(visits) if tuple(whose) == row}
        for each, same in groupby(units, units.get):
            alike = list(same)
            if len(alike) >= 3 and each != 1:
                found |= {(*row, day) for day in alike}
    return found


@pytest.mark.parametrize("name", ["pattern_many_visits", "pattern_same_units"])
@given(told=st.lists(visited, min_size=1, max_size=24, unique_by=lambda one: one[:3]), turned=st.booleans())
@hypothesis_settings(max_examples=25)
def test_marks_are_those_of_a_reader_with_a_pencil(
    name: str, told: list[tuple[str, str, int, int]], turned: bool
) -> None:
    """Whatever the order of rows, and beside a stranger's visits."""
    table = [
        f"{who}-{by}-{day} {who} {by} {date(2025, 3, 3) + timedelta(day)} 97140 {units}"
        for who, by, day, units in (told[::-1] if turned else told)
    ]
    stranger = [f"S{day} Zed Lee 2025-03-{day + 3:02d} 97110 3" for day in range(0, 12, 2)]
    found = marked(*table, *(stranger if turned else []), settings=LOW)
    seen = list(dict.fromkeys(row.split()[0] for row in table))
    yes = {at for at, mark in zip(seen, marks_of(found.visits, name), strict=False) if mark == "yes"}
    assert yes == {"-".join(map(str, one)) for one in count_by_hand(told, name)}


def test_the_order_of_rows_and_other_patients_change_no_mark() -> None:
    autumn = date(2024, 9, 2)
    both = (course(13, row=row, start=autumn) for row in ("97140 4", "97110 2"))
    told = [*(row for one in both for row in one), *adjusted(15), examined("2025-03-01")]
    strangers = [f"W{at} Zed Ray 2025-02-0{at} 97530 3" for at in range(1, 8)]

    def count(table: list[str]) -> dict[str, int]:
        found = marked(*table)
        return {name: int((found.of(one.table).marks[name] == YES).sum()) for name, one in RULES.items()}

    straight = count(told)
    assert straight == count(told[::-1]) == count([*told, *strangers])
    for name in ("pattern_same_units", "pattern_same_codes", "pattern_no_exam"):
        assert straight[name] > 0


def test_what_the_panel_counts_can_be_divided() -> None:
    """Timed units a clinician's day, and the share of 98942."""
    found = marked(
        "A Ann Lee 2026-10-05 97140 2",
        "B Bob Lee 2026-10-05 97110 4",
        "C Ann Lee 2026-10-06 97110 3",
        "D Ann Kim 2026-10-06 98942 1",
        "E Bob Kim 2026-10-06 98940 1",
    )
    measures = {one.id: one for one in patterns.measures(shipped())}
    counted = tabulate(found, measures.values())

    def divide(name: str) -> tuple[int, int]:
        top, base = measures[name].numerator, measures[name].base
        assert base is not None
        return tuple(int(counted.over(total, "", range(1))[0]) for total in (top, base))  # type: ignore[return-value]

    assert divide("patterns/units_per_day") == (900, 2)
    assert divide("patterns/five_regions") == (1, 2)


def test_an_examination_is_an_office_visit() -> None:
    assert EXAMINATIONS[1] == "99202"
    assert EXAMINATIONS[-1] == "99215"


def test_a_row_is_as_long_as_the_setting_says(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[thresholds]\nvisits_alike = 4")
    assert set(marks("pattern_same_units", *course(4, row="97140 2"), settings=settings)) == {"yes"}
    assert all("4 visits on end" in rule.sentence for rule, _ in likeness_checks(settings.thresholds))


def test_a_rule_says_what_to_check_and_gives_both_examples() -> None:
    for rule in RULES.values():
        assert rule.task == "patterns"
        assert rule.sentence.endswith(".")
        assert rule.right
        assert rule.wrong
        assert "{rows}" in rule.title
