"""The mix of codes: shares inside families, and lines by category."""

from __future__ import annotations

from pathlib import Path

from audit.mix import draw_mix, list_categories, list_families
from tests.practices import audit_of, write_practice

MONTHS = """
    code   service_date  units
    97124  2026-07-06    1
    97140  2026-09-07    1
    97124  2026-10-05    1
    97140  2026-10-05    3
    97110  2026-10-05    9
"""
"""Two codes of the manual family, and one alone of the exercises."""


def test_a_code_has_its_share_of_its_familys_units(tmp_path: Path) -> None:
    """Now and in the three months before; of few units how many; a family of one code has no mix."""
    table = list_families(audit_of(write_practice(tmp_path, MONTHS), "2026-10").comparison)
    assert table
    family = "massage, manual and movement work"
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["97140", family, "3", "3 of 4", "1 of 2", "—"],
        ["97124", family, "1", "1 of 4", "1 of 2", "—"],
    ]


def test_a_drawing_of_the_mix_says_which_code_leads(tmp_path: Path) -> None:
    chart = draw_mix(audit_of(write_practice(tmp_path, MONTHS), "2026-10").comparison)
    assert chart
    assert chart.title == "Massage, manual and movement work: 97140 leads with 3 of 4 units"


def test_a_single_month_is_not_drawn(tmp_path: Path) -> None:
    comparison = audit_of(write_practice(tmp_path, "code\n97124\n97140"), "2026-10").comparison
    assert draw_mix(comparison) is None
    assert list_families(comparison)


def test_codes_stand_under_their_category(tmp_path: Path) -> None:
    """I, III and none of ours; report-only category II; HCPCS."""
    codes = "code\n97140\n97110\nG0283\n4004F\n97999\n0552T"
    table = list_categories(audit_of(write_practice(tmp_path, codes), "2026-10").comparison)
    assert table
    assert {row.cells[0].text: row.cells[1].text for row in table.rows} == {
        "Category I": "97110, 97140",
        "Category II": "4004F",
        "Category III": "0552T",
        "HCPCS": "G0283",
        "not in our code book": "97999",
    }


def test_one_category_needs_no_table(tmp_path: Path) -> None:
    assert (
        list_categories(audit_of(write_practice(tmp_path, "code\n97140\n97110"), "2026-10").comparison)
        is None
    )
