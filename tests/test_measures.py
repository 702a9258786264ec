"""Measures: totals counted by month and group, and the rows behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.measures import Measure, Total, answered, marked, rows_behind, tabulate
from audit.populations import NO, OUT, UNSURE, YES, populate
from tests.tables import claim_lines, visits

if TYPE_CHECKING:
    from audit.populations import Populations

AS_OF = pd.Timestamp("2026-12-01")

RATE = Measure(
    "denials/first_rate",
    "Rate",
    "A rate.",
    marked("denied"),
    answered("denied"),
    unit="share",
    pairs=(("code", "payer"),),
)
UNITS = Measure("usage/units", "Units", "Units.", Total("units"), unit="units")
VISITS = Measure("usage/visits", "Visits", "Visits.", Total(table="visits"))
PATIENTS = Measure("usage/patients", "Patients", "Patients.", Total("patients", table="visits"))
SHARE = Measure("usage/share", "Share", "Share.", Total("units"), Total("units"), unit="share", of_whole=True)


def population(text: str) -> Populations:
    """Return lines with their visits, marked denied (YES), paid (NO) or unknown (UNSURE)."""
    lines = claim_lines(text)
    told = pd.DataFrame(
        {
            "visit_id": lines["visit_id"],
            "patient_key": lines["patient_key"],
            "clinician": lines["clinician"].astype(str),
            "service_date": lines["service_date"],
        }
    ).drop_duplicates("visit_id")
    seen = visits("service_date\n" + "\n".join("2026-10-01" for _ in range(int(lines["visit_id"].max()) + 1)))
    for name in ("patient_key", "service_date"):
        seen.loc[told["visit_id"], name] = told[name].to_numpy()
    found = populate(lines, seen, AS_OF, 12)
    decisions = lines["first_decision"].astype(str)
    known = {"denied": YES, "paid": NO, "unknown": UNSURE}
    mark = np.array([known.get(one, OUT) for one in decisions], dtype=np.int8)
    return found.with_marks({"lines": {"denied": mark}})


PRACTICE = """
    visit_id  patient_key  service_date  code   payer  units  first_decision
    0         0            2026-09-07    97140  Blue   2      denied
    0         0            2026-09-07    97124  Blue   1      paid
    1         1            2026-09-08    97140  Gold   1      paid
    2         0            2026-10-05    97140  Blue   1      denied
    2         0            2026-10-05    97140  Blue   1      paid
    3         1            2026-10-06    97140  Gold   3      unknown
    4         2            2026-10-07    97110  Gold   2      pending
"""

SEPTEMBER, OCTOBER, BOTH = range(0, 1), range(1, 2), range(0, 2)


def test_a_rate_keeps_numerator_base_and_unknown_apart() -> None:
    """In October one of two decided lines was denied, and one answer leaves it open."""
    counted = tabulate(population(PRACTICE), [RATE])
    assert counted.over(RATE.numerator, "", OCTOBER).tolist() == [1]
    assert RATE.base is not None
    assert counted.over(RATE.base, "", OCTOBER).tolist() == [2]
    assert RATE.unknown is not None
    assert counted.over(RATE.unknown, "", OCTOBER).tolist() == [1]


def test_a_group_divides_the_total() -> None:
    """Units by code add up to the units in total, month by month."""
    counted = tabulate(population(PRACTICE), [UNITS])
    assert counted.labels["code"] == ("97110", "97124", "97140")
    assert counted.counts[UNITS.numerator, "code"].tolist() == [[0, 200], [100, 0], [300, 500]]
    assert counted.counts[UNITS.numerator, "code"].sum(axis=0).tolist() == [400, 700]


def test_two_lines_of_one_code_on_one_visit_are_one_visit_of_that_code() -> None:
    """97140 was billed on two visits in October although three lines carry it."""
    counted = tabulate(population(PRACTICE), [VISITS])
    assert counted.over(VISITS.numerator, "code", OCTOBER).tolist() == [1, 0, 2]
    assert counted.over(VISITS.numerator, "", OCTOBER).tolist() == [3]


def test_patients_do_not_add_up_over_months() -> None:
    """Two patients in September and three in October are three patients of both months together."""
    counted = tabulate(population(PRACTICE), [PATIENTS], [BOTH])
    assert counted.counts[PATIENTS.numerator, ""].tolist() == [[2, 3]]
    assert counted.over(PATIENTS.numerator, "", BOTH).tolist() == [3]
    assert not PATIENTS.adds


def test_pairs_count_two_groups_at_once() -> None:
    """97140 at Blue: one of one denied in September, one of two in October."""
    cells = tabulate(population(PRACTICE), [RATE]).pairs[RATE.id, "code,payer"]
    of_pair = cells[(cells["code"] == 2) & (cells["payer"] == 0)]
    assert of_pair[["month", "numerator", "base"]].to_numpy().tolist() == [[0, 1, 1], [1, 1, 2]]


@pytest.mark.parametrize("measure", [RATE, UNITS, VISITS, PATIENTS], ids=lambda one: one.id)
@pytest.mark.parametrize("where", [{}, {"code": "97140"}, {"payer": "Gold"}], ids=str)
def test_counting_the_rows_behind_a_figure_gives_the_figure(measure: Measure, where: dict[str, str]) -> None:
    """Rows, sums and distinct values alike, in total and by group."""
    rows = population(PRACTICE)
    counted = tabulate(rows, [measure])
    group, value = next(iter(where.items()), ("", ""))
    place = counted.labels[group].index(value) if group else 0
    behind = rows_behind(rows, measure.numerator, where, OCTOBER)
    source = (
        rows.services
        if measure.numerator.table == "visits" and "code" in where
        else rows.of(measure.numerator.table)
    )
    frame = source.frame.iloc[behind]
    of = measure.numerator.of
    recounted = {"rows": len(frame), "patients": frame["patient_key"].nunique()}.get(of)
    if recounted is None:
        recounted = int(frame[of].sum())
    assert counted.over(measure.numerator, group, OCTOBER)[place] == recounted


rows = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["2026-08-03", "2026-09-07", "2026-10-05"]),
        st.sampled_from(["97140", "97124", "97110"]),
        st.sampled_from(["Blue", "Gold"]),
        st.integers(1, 4),
        st.sampled_from(["denied", "paid", "unknown", "pending"]),
    ),
    min_size=1,
    max_size=25,
)


def table(lines: list[tuple[int, str, str, str, int, str]]) -> str:
    """Return generated lines as text; a patient's day is one visit."""
    days = sorted({(line[0], line[1]) for line in lines})
    head = "visit_id patient_key service_date code payer units first_decision"
    body = "\n".join(
        f"{days.index((line[0], line[1]))} {line[0]} {line[1]} {line[2]} {line[3]} {line[4]} {line[5]}"
        for line in lines
    )
    return f"{head}\n{body}"


@settings(max_examples=30, deadline=None)
@given(rows)
def test_yes_no_unsure_and_out_add_up_to_the_rows(lines: list[tuple[int, str, str, str, int, str]]) -> None:
    """Base, unknown and what does not arise are all the lines there are."""
    found = population(table(lines))
    everything = [Total("rows", "denied", states) for states in ((YES, NO), (UNSURE,), (OUT,))]
    sums = sum(len(rows_behind(found, total, {}, range(found.months))) for total in everything)
    assert sums == len(lines)


@settings(max_examples=30, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_count(
    lines: list[tuple[int, str, str, str, int, str]], chance: object
) -> None:
    """Shuffled rows give the same counts for every total and group."""
    shuffled = sorted(lines, key=lambda _: chance.random())  # type: ignore[attr-defined]
    first = tabulate(population(table(lines)), [RATE, UNITS, VISITS, PATIENTS])
    second = tabulate(population(table(shuffled)), [RATE, UNITS, VISITS, PATIENTS])
    assert first.labels == second.labels
    for key, counts in first.counts.items():
        assert counts.tolist() == second.counts[key].tolist()


@settings(max_examples=30, deadline=None)
@given(rows)
def test_shares_of_a_whole_add_up_to_one(lines: list[tuple[int, str, str, str, int, str]]) -> None:
    """The units of all codes together are the units of the whole."""
    counted = tabulate(population(table(lines)), [SHARE])
    assert counted.counts[SHARE.numerator, "code"].sum() == counted.counts[SHARE.numerator, ""].sum()
