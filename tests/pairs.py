"""Results of a small practice, two of which tests lay beside each other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from audit.beside import Pair
from audit.beside_sides import Side
from audit.blocks import Section, Table
from audit.periods import parse_period
from tests.saved import saved

if TYPE_CHECKING:
    from collections.abc import Collection

    from audit.results import Results


def paired(earlier: Results, later: Results) -> Pair:
    return Pair(Side(earlier), Side(later))


def practice(
    period: str,
    denied: int = 20,
    gaps: int = 30,
    *,
    without: Collection[str] = (),
    added: str = "",
    **more: Any,
) -> Results:
    """Return results of a small practice: two codes, two payers, one clinician, three elements.

    The figures named in `without` are dropped, rows in `added` follow the table; `more` goes to `saved`.
    They are saved 45 days after the period's end unless told otherwise.
    """
    table = f"""
        figure                                   top   base  effective  outcome
        usage/lines                              420      -          -  -
        usage/lines/code=97140                   300      -          -  -
        usage/lines/code=97124                   120      -          -  -
        usage/lines/payer=Aetna                  300      -          -  -
        usage/lines/payer=Cigna                  120      -          -  -
        usage/lines/clinician=Ames               420      -          -  -
        usage/units                           100000      -          -  -
        usage/units/code=97140                 75000      -          -  -
        usage/units/code=97124                 25000      -          -  -
        usage/charge                         4200000      -          -  -
        usage/charge/code=97140              3000000      -          -  -
        usage/visits                             210      -          -  -
        denials/first_rate                  {denied}    400        300  OUTCOME
        denials/first_rate/code=97140       {denied}    280        200  OUTCOME
        denials/first_rate/code=97124              0    120        100  OUTCOME
        documentation/any                     {gaps}    200        200  does_not_exceed
        documentation/technique               {gaps}    200        200  does_not_exceed
        documentation/technique_lines         {gaps}    200        200  -
        documentation/minutes                      8    200        200  does_not_exceed
        documentation/minutes_lines                8    200        200  -
        documentation/plan                         9    200        200  does_not_exceed
        documentation/plan_lines                   9    200        200  -
    """
    dropped = [[name] for name in without]
    outcome = "does_not_exceed" if more.get("mature", True) else "not_judged_yet"
    kept = [row for row in table.replace("OUTCOME", outcome).splitlines() if row.split()[:1] not in dropped]
    more.setdefault("as_of", (parse_period(period).last_day + timedelta(days=45)).isoformat())
    return saved(period, "\n".join([*kept, added]), **more)


def rows(section: Section | None, block: str) -> list[list[str]]:
    """Return the cells of a section's table as text."""
    assert section
    table = section.blocks[block]
    assert isinstance(table, Table), table
    return [[cell.text or cell.mark for cell in row.cells] for row in table.rows]
