"""Code usage of two saved periods: units and shares of every code, units a visit, and what only one has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.beside import SHOWN_ROWS, UNITS_A_VISIT
from audit.beside_cells import group_cell, list_beside
from audit.blocks import (
    NONE,
    Cell,
    Empty,
    Head,
    Row,
    Section,
    Table,
    count,
    dollars,
    fold_rows,
    plural,
    points,
    rate,
    units,
)
from audit.figures import figure_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.beside import Pair

APPEARING = ("code", "payer", "clinician")
"""Groups whose values are told where only one of the two has lines of them."""


def show_usage(pair: Pair) -> Section:
    """Return the section: every code of both, its units a visit, then what only one of the two has."""
    return Section(
        "usage",
        "Code usage",
        {
            "codes": _codes(pair),
            "per_visit": list_beside(
                pair,
                UNITS_A_VISIT,
                "code",
                "Units per visit",
                note="Of the visits on which the code was billed.",
                fold=True,
            ),
            "only_in_one": _appeared(pair),
        },
        _lead(pair),
        "Codes",
    )


def _lead(pair: Pair) -> str:
    return " ".join(
        f"{name}: {plural(side.amount('usage/lines', '', ''), 'line')} of "
        f"{plural(len(side.with_lines('code')), 'code')}."
        for side, name in zip(pair.sides, pair.names, strict=True)
    )


def _codes(pair: Pair) -> Table | None:
    """Return units and share of units by code; a code that one period lacks has none there."""
    whole = [side.amount("usage/units", "", "") for side in pair.sides]
    values = {code for side in pair.sides for code in side.values.get(("usage/lines", "code"), [])}
    found = {code: [side.amount("usage/units", "code", code) for side in pair.sides] for code in values}
    found = {code: amounts for code, amounts in found.items() if any(amounts)}
    if not found or "usage/units" not in pair.measures:
        return None

    def rank(code: str) -> tuple[float, str]:
        shares = (top / base if base else 0.0 for top, base in zip(found[code], whole, strict=True))
        return -max(shares), code

    rows = [_code_row(pair, code, found[code], whole) for code in sorted(found, key=rank)]
    heads = tuple(
        Head(title, note=name)
        for title in (f"Units{' per month' if pair.per_month else ''}", "Share of units")
        for name in pair.shorts
    )
    return Table(
        "usage-codes",
        "Units of every code",
        (Head("Code", numeric=False), *heads, Head("Change of share")),
        fold_rows(rows, SHOWN_ROWS),
        note="Shares of all units of each period. A code billed more, or less, is neither better nor worse "
        "by itself.",
    )


def _code_row(pair: Pair, code: str, amounts: Sequence[int], whole: Sequence[int]) -> Row:
    months = pair.months if pair.per_month else (1, 1)
    shares = [top / base if base else None for top, base in zip(amounts, whole, strict=True)]
    one, other = shares
    same = "usage/units" not in pair.differing
    moved = other - one if same and one is not None and other is not None else None
    return Row(
        (
            group_cell("code", code),
            *(
                Cell(
                    units(top / length) if top else NONE,
                    sort=top / length,
                    explain=figure_id("usage/units", {"code": code}) if top else "",
                )
                for top, length in zip(amounts, months, strict=True)
            ),
            *(
                Cell(rate(top, base, 0) if top else NONE, sort=part)
                for top, base, part in zip(amounts, whole, shares, strict=True)
            ),
            Cell(points(moved), sort=moved),
        )
    )


def _appeared(pair: Pair) -> Table | Empty:
    """Return the codes, payers and clinicians that only one of the two has lines of."""
    rows: list[tuple[tuple[bool, int, int, str], Row]] = []
    for at, group in enumerate(APPEARING):
        one, other = (side.with_lines(group) for side in pair.sides)
        for value in sorted(one ^ other):
            late = value in other
            lines, charged = (
                pair.sides[late].amount(f"usage/{name}", group, value) for name in ("lines", "charge")
            )
            cells = (
                group_cell(group, value),
                Cell(group),
                Cell(pair.shorts[late], sort=int(late)),
                Cell(count(lines), sort=lines, explain=figure_id("usage/lines", {group: value})),
                Cell(dollars(charged), sort=charged),
            )
            rows.append(((not late, at, -lines, value), Row(cells)))
    if not rows:
        return Empty(
            "Nothing appeared and nothing vanished.",
            "Every code, payer and clinician with lines in one period has lines in the other.",
        )
    return Table(
        "usage-only",
        "In only one of the two",
        (
            Head("Name", numeric=False),
            Head("What", numeric=False),
            Head("Only in", numeric=False),
            Head("Lines"),
            Head("Charged, $"),
        ),
        fold_rows((row for _, row in sorted(rows, key=lambda entry: entry[0])), SHOWN_ROWS),
        note="What appeared first, then what vanished. A name written in another way counts as another; "
        "aliases in practice.toml join them.",
    )
