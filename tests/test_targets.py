"""Targets at a glance: which figures are watched, and what stands in a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.blocks import Row, Table
from audit.errors import SettingsError
from audit.record import Audit
from audit.targets import list_targets
from tests.practices import audit_of, many_months, write_practice

MONTHS = [f"2026-{month:02d}" for month in range(1, 11)]
SECTIONS = ("usage", "denials", "documentation", "signatures")


def targets_of(audit: Audit) -> Table:
    table = list_targets(audit.comparison, audit.settings, SECTIONS)
    assert table is not None
    return table


def watched(folder: Path, practice: str = "") -> Table:
    """Return the targets of ten months of 24 lines at two payers, every fifth of them denied."""
    files = write_practice(folder, *many_months(MONTHS, 24), practice=practice)
    return targets_of(audit_of(files, "2026-10", practice=folder / "practice.toml" if practice else None))


def names(table: Table) -> list[str]:
    return [row.cells[0].text for row in table.rows]


def row_of(table: Table, name: str) -> Row:
    return next(row for row in table.rows if row.cells[0].text == name)


def told(row: Row) -> list[str]:
    return [cell.text for cell in row.cells[2:]]


def test_the_sample_practice_watches_seven_figures(sample_audit: Audit) -> None:
    """The three payers are those with most lines decided."""
    assert names(targets_of(sample_audit)) == [
        "Denials",
        "Denials, Commercial A",
        "Denials, Blue Plan",
        "Denials, Medicare Part B",
        "Documentation gaps",
        "Billed before signed",
        "Units per visit",
    ]


def test_the_title_says_how_the_targets_stand(sample_audit: Audit) -> None:
    """So that the closed table tells whether to open it: every target is in one of the counts."""
    table = targets_of(sample_audit)
    marks = [row.cells[1].mark for row in table.rows]
    assert table.fold
    assert f"{marks.count('significantly higher')} significantly higher" in table.title
    assert f"{marks.count('does not exceed')} not higher" in table.title


def test_a_row_stands_as_in_medicares_own_reports(tmp_path: Path) -> None:
    """Cases, rate, interval, months before, change, smallest rise, dollars; the name leads to its section."""
    row = row_of(watched(tmp_path), "Denials")
    assert row.cells[0].link == "#denials"
    cases, rate, interval, before, change, could_show, worth = told(row)
    assert (cases, rate, before) == ("5 / 24", "20.8 %", "20.8 %")
    assert interval.startswith("9.")
    assert change == "0.0"
    assert could_show.startswith("+")
    assert worth == "300"


def test_a_mean_is_told_in_its_own_unit(tmp_path: Path) -> None:
    """Units per visit have no interval, and their change is relative."""
    row = row_of(watched(tmp_path), "Units per visit")
    assert told(row)[:5] == ["24 / 24", "1.00", "", "1.00", "0 %"]


def test_what_the_files_do_not_tell_is_not_watched(tmp_path: Path) -> None:
    """Without dates of claims and signatures nobody knows what was billed too early."""
    assert names(watched(tmp_path)) == [
        "Denials",
        "Denials, Aetna",
        "Denials, Cigna",
        "Documentation gaps",
        "Units per visit",
    ]


def test_a_practice_watches_what_it_names(tmp_path: Path) -> None:
    table = watched(
        tmp_path,
        """
        [targets.denials]
        show = false
        [targets.denials_by_payer]
        largest = 1
        [targets.manual]
        figure = "denials/first_rate/code=97140/payer=aetna"
        [targets.visits]
        figure = "usage/visits"
        title = "Visits of the month"
        """,
    )
    assert names(table) == [
        "Denials, Aetna",
        "Documentation gaps",
        "Units per visit",
        "Initial denial rate, 97140, Aetna",
        "Visits of the month",
    ]
    assert told(row_of(table, "Visits of the month"))[:2] == ["—", "24"]


def test_a_value_that_the_period_does_not_hold_is_told(tmp_path: Path) -> None:
    """A payer may have had no line; a misspelled one would else be missed for ever."""
    table = watched(tmp_path, '[targets.own]\nfigure = "denials/first_rate/payer=Atena"')
    assert table.note.endswith("Not in this period: Atena.")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ('figure = "denials/frist_rate"', 'did you mean "denials/first_rate"?'),
        (
            'figure = "usage/charge_per_visit/code=97140"',
            "is counted in total and by payer; clinician; location",
        ),
        ('figure = "denials"', "'denials' is no figure"),
        ('figure = "usage/visits"\ndollars = "usage/alowed"', 'did you mean "usage/allowed"?'),
    ],
)
def test_a_target_that_is_not_counted_is_named(tmp_path: Path, target: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        watched(tmp_path, f"[targets.own]\n{target}")
    assert said in str(refused.value)


def test_nothing_watched_is_no_table(tmp_path: Path) -> None:
    shipped = ("denials", "denials_by_payer", "documentation", "before_signed", "units")
    practice = "\n".join(f"[targets.{name}]\nshow = false" for name in shipped)
    files = write_practice(tmp_path, "code\n97124", practice=practice)
    audit = audit_of(files, "2026-10", practice=tmp_path / "practice.toml")
    assert list_targets(audit.comparison, audit.settings, SECTIONS) is None
