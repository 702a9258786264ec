"""Code usage: what is counted by code, and a section of one code and of many."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.blocks import Table
from audit.topics import usage
from tests.practices import AS_OF, audit_of, many_months, page_of, shipped, write_practice


def test_measures_count_units_visits_and_patients_by_code(tmp_path: Path) -> None:
    """Two lines of one code on one visit are two lines, three units, one visit and one patient."""
    files = write_practice(
        tmp_path,
        """
        visit_id  patient_id  code   units  charge
        V1        Ann         97140  2      100.00
        V1        Ann         97140  1      50.00
        V1        Ann         97110  1      60.00
        V2        Bob         97110  1      60.00
        """,
    )
    comparison = audit_of(files, "2026-10").comparison
    told = {
        name: {
            value: figure.numerator for value, figure in comparison.by_value(f"usage/{name}", "code").items()
        }
        for name in ("lines", "units", "visits", "patients", "charge")
    }
    assert told == {
        "lines": {"97110": 2, "97140": 2},
        "units": {"97110": 200, "97140": 300},
        "visits": {"97110": 2, "97140": 1},
        "patients": {"97110": 2, "97140": 1},
        "charge": {"97110": 12000, "97140": 15000},
    }
    each = comparison.by_value("usage/units_per_visit", "code")["97140"]
    assert (each.numerator, each.base) == (300, 1)
    part = comparison.by_value("usage/share_of_units", "code")["97140"]
    assert (part.numerator, part.base) == (300, 500)


def test_amounts_that_nobody_told_have_no_column(tmp_path: Path) -> None:
    """Nothing paid is one thing, no answer in the files another."""

    def heads(postings: str) -> list[str]:
        audit = audit_of(write_practice(tmp_path, "code\n97140", postings), "2026-10")
        table = usage.show(audit.comparison, audit.populations, shipped(), AS_OF).blocks["codes"]
        assert isinstance(table, Table)
        assert all(len(row.cells) == len(table.heads) for row in table.rows)
        return [head.text for head in table.heads]

    assert heads("")[-1] == "Charged, $"
    assert heads("line_id amount\nL1 60.00")[-2:] == ["Allowed, $", "Paid, $"]


@pytest.mark.parametrize("codes", [("97140",), tuple(f"{number}" for number in range(97001, 97201))], ids=len)
def test_one_code_and_two_hundred_codes_are_shown(codes: tuple[str, ...], tmp_path: Path) -> None:
    """Every one stands in the table; a chart of two hundred is drawn of the largest alone."""
    files = write_practice(tmp_path, *many_months(["2026-09", "2026-10"], 200, codes))
    page = page_of(audit_of(files))
    assert all(f">{code}" in page for code in codes)
    assert len(page) < 600_000
