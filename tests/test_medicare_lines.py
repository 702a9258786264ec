"""Which lines at Original Medicare a comparative billing report counts."""

from __future__ import annotations

from pathlib import Path

from audit.medicare_lines import mark_frequent
from tests.practices import mark_rows, marks_of, settings_of, words

DISCIPLINES = """
[disciplines]
Raman = "pt"
Hale = "chiropractic"
Reyes = "massage"
"""


def test_therapy_is_counted_for_its_codes_at_medicare_only(tmp_path: Path) -> None:
    """By a physical therapist; of a clinician of no known discipline, where the line carries GP."""
    found = mark_rows(
        """
        | payer            | clinician | code  | modifiers | first_decision |
        | Medicare Part B  | Raman     | 97110 | GP        | paid           |
        | Medicare         | Raman     | 97161 | -         | denied         |
        | Medicare         | Raman     | 97116 | GP        | paid           |
        | Aetna            | Raman     | 97110 | GP        | paid           |
        | Medicare         | Reyes     | 97140 | GP        | paid           |
        | Medicare         | Okafor    | 97140 | GP KX     | paid           |
        | Medicare         | Okafor    | 97140 | -         | paid           |
        | Medicare         | Okafor    | 97161 | -         | paid           |
        | Medicare         | Raman     | 97110 | GP        | excluded: duplicate |
        """,
        settings=settings_of(tmp_path, DISCIPLINES),
    )
    assert marks_of(found.lines, "medicare_therapy") == [
        *("yes", "yes", "out", "out", "out", "yes", "out", "yes", "out"),
    ]
    assert marks_of(found.lines, "medicare_kx") == [
        *("no", "no", "out", "out", "out", "yes", "out", "no", "out"),
    ]


def test_a_practice_says_that_a_payer_is_medicare(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[payers."MAC JK"]\nmedicare = true\n' + DISCIPLINES)
    found = mark_rows("| payer | clinician | code |\n| MAC JK | Raman | 97110 |", settings=settings)
    assert marks_of(found.lines, "medicare_therapy") == ["yes"]


def test_where_no_modifier_is_exported_nobody_knows_of_kx(tmp_path: Path) -> None:
    found = mark_rows(
        "payer clinician code\nMedicare Raman 97110", settings=settings_of(tmp_path, DISCIPLINES)
    )
    assert marks_of(found.lines, "medicare_kx") == ["unsure"]


def test_a_visit_counts_where_all_its_timed_codes_tell(tmp_path: Path) -> None:
    """Untimed codes need no minutes; one timed code without leaves the visit open, its other lines too."""
    found = mark_rows(
        """
        visit  code   minutes  payer     clinician
        A      97110  30       Medicare  Raman
        A      G0283  -        Medicare  Raman
        B      97110  30       Medicare  Raman
        B      97140  -        Medicare  Raman
        C      97161  40       Medicare  Raman
        """,
        settings=settings_of(tmp_path, DISCIPLINES),
    )
    assert marks_of(found.lines, "medicare_timed_minutes") == ["yes", "out", "unsure", "unsure", "out"]
    assert marks_of(found.visits, "medicare_timed_minutes") == ["yes", "unsure", "out"]
    assert marks_of(found.visits, "medicare_timed") == ["yes", "yes", "out"]


def test_adjustments_are_those_of_the_spine_by_chiropractors(tmp_path: Path) -> None:
    found = mark_rows(
        """
        payer     clinician  code
        Medicare  Hale       98940
        Medicare  Hale       98942
        Medicare  Hale       98943
        Medicare  Raman      98940
        Medicare  -          98941
        Aetna     Hale       98941
        """,
        settings=settings_of(tmp_path, DISCIPLINES),
    )
    assert marks_of(found.lines, "medicare_adjusted") == ["yes", "yes", "out", "out", "yes", "out"]
    assert marks_of(found.lines, "medicare_five_regions") == ["no", "yes", "out", "out", "no", "out"]


def test_frequent_is_more_than_24_visits_within_one_year() -> None:
    """25 visits of one patient are, 24 of another are not; of the 25, a year that ends in May holds 15."""
    days = [f"2026-{1 + at // 3:02d}-{1 + at % 3:02d}" for at in range(25)]
    rows = [f"often {day}" for day in days] + [f"seldom {day}" for day in days[:24]]
    found = mark_rows(
        "visit patient service_date payer code\n"
        + "\n".join(f"V{at} {row} Medicare 98941" for at, row in enumerate(rows)),
        "patient service_date\n" + "\n".join(rows),
    )

    def frequent(stop: int) -> list[str]:
        return words(mark_frequent(found, stop)["visits"]["medicare_frequent"])

    assert frequent(12) == ["yes"] * 25 + ["no"] * 24
    assert frequent(5)[:25] == ["no"] * 15 + ["out"] * 10
