"""Chains: what became of lines denied at first, by how often they were sent."""

from __future__ import annotations

from audit.chains import list_chains
from tests.practices import compared, mark_rows, marks_of

# Medicare has a year to file and 120 days to appeal: in December 2026 the lines of 2025 are lost.
CHAINS = mark_rows("""
    | payer    | service_date | first_decision | last_decision | last_decided_on | sent | paid  | allowed |
    | Medicare | 2026-10-05   | denied         | paid          | 2026-11-20      | 2    | 40.00 | 50.00   |
    | Medicare | 2026-10-06   | denied         | denied        | 2026-11-20      | 3    | 0.00  | -       |
    | Medicare | 2026-10-07   | denied         | denied        | 2026-11-20      | 1    | 0.00  | -       |
    | Medicare | 2026-10-08   | denied         | pending       | 2026-11-20      | 2    | -     | -       |
    | Medicare | 2026-10-09   | paid           | denied        | 2026-11-20      | 1    | 0.00  | -       |
    | Medicare | 2025-10-05   | denied         | denied        | 2025-11-20      | 9    | 0.00  | -       |
    | Medicare | 2025-10-06   | paid           | denied        | 2025-11-20      | 1    | 0.00  | -       |
    | Medicare | 2025-10-07   | paid           | paid          | 2025-11-20      | 1    | 30.00 | 50.00   |
""")


def rows(period: str) -> list[list[str]]:
    table = list_chains(compared(CHAINS, period))
    return [[cell.text for cell in row.cells] for row in table.rows] if table else []


def test_a_line_denied_three_times_is_one_line_in_one_row() -> None:
    """Columns: lines, recovered, dollars paid, still open, lost, expected payment lost."""
    assert rows("2026-10") == [
        ["Sent once", "1", "0", "0", "1", "0", "0"],
        ["Sent twice", "2", "1", "40", "0", "0", "0"],
        ["Sent three times", "1", "0", "0", "1", "0", "0"],
        ["All", "4", "1", "40", "2", "0", "0"],
    ]
    assert rows("2025-10") == [
        ["Sent four times or more", "1", "0", "0", "0", "1", "50"],
        ["All", "1", "0", "0", "0", "1", "50"],
    ]


def test_every_cell_is_traced_to_its_figure() -> None:
    table = list_chains(compared(CHAINS, "2026-10"))
    assert table is not None
    twice = table.rows[1]
    assert twice.cells[2].explain == "denials/chain_recovered;times_sent=twice"
    assert table.rows[-1].cells[3].explain == "denials/recovered_paid"


def test_lost_is_what_is_denied_in_the_end_and_past_every_limit() -> None:
    """Also where it was paid at first; what is open or was never denied is not lost."""
    assert marks_of(CHAINS.lines, "lost") == ["out", "no", "no", "out", "no", "yes", "yes", "out"]
    assert compared(CHAINS, "2025-10").total("denials/lost_expected").numerator == 10000


def test_where_nothing_was_denied_there_is_no_table() -> None:
    assert list_chains(compared(mark_rows("sent\n2"))) is None
