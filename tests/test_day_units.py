"""What has one unit a day: where the units above it stand."""

from __future__ import annotations

from audit.day_units import count_day_units
from tests.practices import mark_rows, shipped


def test_the_unit_that_counts_is_the_dearest() -> None:
    """Of two lines of one day the cheaper is above; a day of which a line tells no units is not told."""
    rows = mark_rows("""
        patient  visit  code   units  charge
        ann      0      98941  1      60.00
        ann      0      98941  1      45.00
        bob      1      98941  1      60.00
        bob      1      98941  -      60.00
        cat      2      97140  2      60.00
    """)
    facts = count_day_units(rows, shipped())
    assert facts.rows.tolist() == [0, 1, 2, 3]
    assert facts.above.tolist() == [0, 100, -1, -1]
