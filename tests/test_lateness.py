"""Late answers: months are judged at the age that the period has, and told so where it matters."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from audit.figures import HIGHER, LOWER, NOT_JUDGED
from audit.lateness import SAME_AGE, mark_same_age, tell_age
from audit.periods import month_start, parse_period
from audit.report import compose
from tests.practices import SAMPLE, audit_of, headers_of, mark_rows, marks_of, write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from audit.record import Audit

    Changes = dict[str, float]

FIRST, LAST = (parse_period(text).first for text in ("2025-07", "2026-10"))
END = date(2026, 10, 31)
NOTHING: dict[str, float] = {}
USUAL = {"denied": 0.08, "paid_in": 18.0, "denied_in": 40.0}
"""Share of lines denied, and the mean days from a service to its answer."""


def test_what_is_known_of_a_month_ends_as_many_days_after_it_as_the_period_is_old() -> None:
    """At 10 days: the first line of September was answered on the last day that counts, the second later."""
    found = mark_rows("""
        | service_date | first_decided_on | first_decision       |
        | 2026-09-01   | 2026-10-10       | denied               |
        | 2026-09-30   | 2026-10-11       | denied               |
        | 2026-10-02   | 2026-10-11       | paid                 |
        | 2026-10-02   | -                | pending              |
        | 2026-10-02   | -                | paid                 |
        | 2026-10-02   | 2026-10-03       | excluded: duplicate  |
        | 2026-10-02   | 2026-11-30       | excluded: duplicate  |
        | 2026-10-02   | -                | not billed           |
        | 2026-10-02   | 2026-10-03       | reason unknown       |
    """)
    told = found.with_marks(mark_same_age(found, 10))
    assert marks_of(told.lines, "first_denied")[:3] == ["yes", "yes", "no"]
    assert marks_of(told.lines, SAME_AGE) == [
        *("yes", "unsure", "no", "unsure", "no", "out", "unsure", "out", "unsure"),
    ]


# --- a practice whose payers take their time ----------------------------------------------


def slow_practice(
    folder: Path,
    days: int,
    *,
    seed: int = 1,
    each: int = 250,
    usual: Changes = NOTHING,
    october: Changes = NOTHING,
) -> Audit:
    """Return the audit of October 2026, so many days after its end; 16 months, denied later than paid.

    `usual` changes USUAL, `october` what is true of October alone.
    """
    rng = np.random.default_rng(seed)
    charges, postings = [], []
    for month in range(FIRST, LAST + 1):
        now = USUAL | usual | (october if month == LAST else NOTHING)
        for at in range(each):
            line, day = f"L{month}-{at}", month_start(month) + timedelta(days=int(rng.integers(0, 28)))
            refused = rng.random() < now["denied"]
            mean = now["denied_in" if refused else "paid_in"]
            told = day + timedelta(days=int(rng.gamma(9.0, mean / 9.0)) + 1)
            charges.append(
                dict(
                    **{
                        "line_id": line,
                        "claim_id": f"C{line}",
                        "visit_id": f"V{line}",
                        "patient_id": f"P{at}",
                    },
                    **{"clinician": "Lee", "payer": ("Aetna", "Cigna")[at % 2], "units": "1", "charge": "60"},
                    **{"service_date": day.isoformat(), "code": ("97140", "97110")[at % 3 > 0]},
                )
            )
            kind = {"kind": "adjustment", "group": "CO", "reason": "50"} if refused else {"kind": "payment"}
            postings.append({"line_id": line, "posted_on": told.isoformat(), "amount": "60", **kind})
    folder.mkdir(exist_ok=True)
    files = [
        write_rows(folder / name, headers_of(name), rows)
        for name, rows in (("charges.csv", charges), ("postings.csv", postings))
    ]
    return audit_of(files, "2026-10", END + timedelta(days=days))


def words_of(audit: Audit) -> set[str]:
    """Return the words of change said of any denial rate."""
    frame = audit.comparison.frame
    return {*frame.loc[frame["measure"] == "denials/first_rate", "outcome"]} & {HIGHER, LOWER}


def rates(audit: Audit) -> list[float]:
    """Return the denial rates of the months as they stand."""
    return [counts.numerator / counts.base for counts in audit.comparison.months("denials/first_rate")]


@pytest.mark.parametrize("days", [7, 20, 35])
def test_a_month_that_reads_low_because_denials_come_late_is_not_called_lower(
    tmp_path: Path, days: int
) -> None:
    for seed in range(2):
        audit = slow_practice(tmp_path / f"{seed}", days, seed=seed, each=600)
        assert not words_of(audit)


@pytest.mark.parametrize(
    "october",
    [
        {"denied_in": 70.0},
        {"denied_in": 70.0, "paid_in": 30.0},
        {"denied_in": 30.0, "paid_in": 30.0},
        {"denied_in": 18.0, "paid_in": 10.0},
        {"denied_in": 15.0},
    ],
    ids=["denials later", "all later", "payments later", "all sooner", "denials sooner"],
)
@pytest.mark.parametrize("days", [10, 35])
def test_answers_that_come_later_or_sooner_than_they_used_to_raise_no_alarm(
    tmp_path: Path, days: int, october: Changes
) -> None:
    audit = slow_practice(tmp_path, days, each=400, october=october)
    assert not words_of(audit)


def test_a_month_that_reads_at_a_third_of_the_others_is_not_called_lower(tmp_path: Path) -> None:
    """What the age is for: 90 % are answered, and the 8 % of the other months read less than 3 % here."""
    audit = slow_practice(tmp_path, 15, each=600, usual={"denied_in": 60.0})
    answered = audit.comparison.total("answers/answered")
    [*before, october] = rates(audit)
    assert answered.numerator / answered.base == pytest.approx(0.9, abs=0.05)
    assert october < min(before[:-2]) / 3
    assert not words_of(audit)


def test_a_rise_is_found_before_all_answers_are_in(tmp_path: Path) -> None:
    audit = slow_practice(tmp_path, 12, each=600, usual={"denied_in": 22.0}, october={"denied": 0.3})
    assert audit.chosen.mature is False
    assert audit.comparison.total("denials/first_rate").outcome == HIGHER


def test_a_young_month_is_told_beside_others_of_its_age(tmp_path: Path) -> None:
    audit = slow_practice(tmp_path, 7)
    page, age = compose(audit), tell_age(audit.comparison)
    assert audit.chosen.mature is False
    assert audit.comparison.total("denials/first_rate").outcome not in ("", NOT_JUDGED)
    assert age.startswith("October 2026 at 7 days: ")
    assert "; the 6 months before at 7 days: " in age
    assert age in page.standfirst
    assert "at the same age" in page.verdict
    assert "stand beside earlier months at the same age**, 7 days" in page.warnings[0]


def test_a_month_long_over_is_told_without_its_age(tmp_path: Path) -> None:
    audit = slow_practice(tmp_path, 120)
    page = compose(audit)
    assert tell_age(audit.comparison) == ""
    assert "at the same age" not in page.verdict
    assert "2026 had" in page.standfirst


def test_where_too_few_are_answered_at_that_age_nothing_is_judged_yet(tmp_path: Path) -> None:
    audit = slow_practice(tmp_path, 0, each=20, usual={"paid_in": 30.0})
    assert {one.outcome for one in audit.comparison.figures("denials/first_rate", "payer")} == {NOT_JUDGED}
    assert "too early to judge denials" in compose(audit).verdict


def test_a_month_that_still_runs_is_not_judged(tmp_path: Path) -> None:
    audit = slow_practice(tmp_path, -5)
    assert audit.comparison.total("denials/first_rate").outcome == NOT_JUDGED


def alarms(audit: Audit) -> set[tuple[str, str, str, str]]:
    """Return the denial rates that are called higher or lower, with the word."""
    frame = audit.comparison.frame
    rows = frame[(frame["measure"] == "denials/first_rate") & frame["outcome"].isin([HIGHER, LOWER])]
    return {*rows[["group", "value", "other", "outcome"]].itertuples(index=False, name=None)}


@pytest.mark.parametrize("days", [14, 28])
def test_the_sample_with_its_last_answers_delayed_raises_no_alarm_of_its_own(
    tmp_path: Path, sample_audit: Audit, days: int
) -> None:
    """Nothing but the dates of the answers since September has changed."""
    with (SAMPLE / "postings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["posted_on"] >= "2026-09-01":
            row["posted_on"] = (date.fromisoformat(row["posted_on"]) + timedelta(days=days)).isoformat()
    late = write_rows(tmp_path / "postings.csv", headers_of("postings.csv"), rows)
    files = [SAMPLE / "charges.csv", late, SAMPLE / "visit_notes.csv"]
    options = sample_audit.options
    for period in ("2026-09", "2026-10"):
        audit = audit_of(files, period, options.as_of, options.practice)
        prompt = audit_of(options.files, period, options.as_of, options.practice)
        assert alarms(audit) <= alarms(prompt)


def test_beside_a_young_period_earlier_rates_stand_at_its_age(tmp_path: Path) -> None:
    """At 10 days half of the answers are there; of a mature period the earlier rates are those in full."""
    young, mature = (slow_practice(tmp_path / f"{days}", days, each=400) for days in (10, 120))
    beside, in_full = (one.comparison.total("denials/first_rate").three_before for one in (young, mature))
    assert (young.chosen.mature, mature.chosen.mature) == (False, True)
    assert beside.base < 0.9 * in_full.base
    assert in_full.base == sum(one.base for one in mature.comparison.months("denials/first_rate")[-4:-1])
    changed = young.comparison.total("denials/first_rate")
    assert changed.change == pytest.approx(changed.numerator / changed.base - beside.numerator / beside.base)
