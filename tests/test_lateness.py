"""Late answers: months are judged at the age that the period has, and told so where it matters."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from audit.figures import HIGHER, LOWER, NOT_JUDGED
from audit.lateness import SAME_AGE, mark_same_age, tell_age
from audit.periods import month_start, parse_period
from audit.report import compose
from tests.practices import audit_of, headers_of, mark_rows, marks_of, write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from audit.record import Audit

FIRST, LAST = (parse_period(text).first for text in ("2025-07", "2026-10"))
END = date(2026, 10, 31)
USUAL = {"denied": 0.08, "paid_in": 18.0, "denied_in": 40.0}
"""Share of lines denied, and the mean days from a service to its answer."""


def test_what_is_known_of_a_month_ends_as_many_days_after_it_as_the_period_is_old() -> None:
    """At 10 days: the first line of September was answered on the last day that counts, the second after it."""
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
    folder: Path, days: int, *, seed: int = 1, each: int = 250, usual: object = None, october: object = None
) -> Audit:
    """Return the audit of October 2026, so many days after its end; 16 months, denied later than paid.

    `usual` changes USUAL, `october` what is true of October alone.
    """
    rng = np.random.default_rng(seed)
    charges, postings = [], []
    for month in range(FIRST, LAST + 1):
        now = {**USUAL, **(usual or {}), **(october or {} if month == LAST else {})}
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
    for seed in range(3):
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
@pytest.mark.parametrize("days", [7, 20, 35])
def test_answers_that_come_later_or_sooner_than_they_used_to_raise_no_alarm(
    tmp_path: Path, days: int, october: dict[str, float]
) -> None:
    audit = slow_practice(tmp_path, days, each=600, october=october)
    print(days, october, [f"{r:.3f}" for r in rates(audit)[-3:]], words_of(audit))
    assert not words_of(audit)
