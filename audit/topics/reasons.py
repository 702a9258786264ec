"""Reasons: why payers denied lines at their first answer, what lies behind it, and who can fix it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from audit.blocks import Cell, Head, Row, Section, Table, count, dollars, fold_rows, plural, share
from audit.codes import cause_words, reason_book
from audit.figures import figure_id
from audit.measures import Measure, marked
from audit.showing import name_cell

if TYPE_CHECKING:
    from datetime import date

    from audit.comparison import Comparison
    from audit.populations import Populations
    from audit.rules import Rule
    from audit.settings import Settings

ID = "reasons"
TITLE = "Why lines were denied"

MOST_PAYERS = 8
"""Payers with a column of their own, those with most denied lines; the rest stand together."""

MEASURES = (
    Measure(
        "reasons/denied",
        "Lines denied at first answer",
        "Lines in the numerator of the initial denial rate; by reason, under the reason that took the "
        "largest amount.",
        marked("first_denied"),
        split="first_reason",
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "reasons/denied_amount",
        "Charges denied at first answer",
        "Dollars refused for denial reasons on lines denied at the first answer.",
        marked("first_denied", of="first_denied"),
        unit="cents",
        split="first_reason",
        needs_answers=True,
        worse="higher",
    ),
    Measure(
        "reasons/denied_expected",
        "Expected payment of denied lines",
        "What the lines denied at first answer could be expected to be allowed.",
        marked("first_denied", of="expected"),
        unit="cents",
        split="first_reason",
        needs_answers=True,
        worse="higher",
    ),
)
"""They count lines by the mark `first_denied`, which the topic of denials makes."""


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules: none."""
    return ()


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Return the marks: none of its own."""
    return populations


# --- what the page shows ------------------------------------------------------------------


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section | None:
    """Return the section: reasons by payer, and what lies behind them; None where nothing was denied."""
    if not comparison.total("reasons/denied").numerator:
        return None
    blocks = {"reasons": _reasons(comparison), "causes": _causes(comparison)}
    return Section(ID, TITLE, blocks, lead=_lead(comparison), short="Reasons")


def _lead(comparison: Comparison) -> str:
    lines = comparison.parts("reasons/denied")
    largest = max(zip(lines["numerator"], lines["part"], strict=True), key=lambda pair: (pair[0], pair[1]))
    total = comparison.total("reasons/denied").numerator
    return (
        f"The reason given most often is **{largest[1] or 'none'}** ({_wording(largest[1])}): "
        f"{plural(int(largest[0]), 'line')}, {share(int(largest[0]), total)} of those denied at first answer."
    )


def _reasons(comparison: Comparison) -> Table:
    """Return reasons (rows) by payer (columns), lines denied at first answer, shaded by their number."""
    lines = comparison.parts("reasons/denied", "payer")
    cents = comparison.parts("reasons/denied_expected")
    worth = dict(zip(cents["part"], cents["numerator"], strict=True))
    grid = lines.pivot_table(index="part", columns="value", values="numerator", aggfunc="sum", fill_value=0)
    payers = list(grid.sum().sort_values(ascending=False, kind="stable").index[:MOST_PAYERS])
    other = [payer for payer in grid.columns if payer not in payers]
    limits = _classes(int(grid[payers].to_numpy().max()))
    rows = []
    for reason in sorted(grid.index, key=lambda part: (-worth.get(part, 0), part)):
        counts = grid.loc[reason]
        cells = [
            Cell(
                count(int(counts[payer])) if counts[payer] else "·",
                sort=int(counts[payer]),
                heat=_class(int(counts[payer]), limits),
            )
            for payer in payers
        ]
        rest = [Cell(count(int(counts[other].sum())))] if other else []
        rows.append(
            Row(
                (
                    name_cell(reason or "no reason given", _wording(reason)),
                    *cells,
                    *rest,
                    Cell(
                        count(int(counts.sum())), explain=figure_id("reasons/denied", part=("reason", reason))
                    ),
                    Cell(dollars(worth.get(reason, 0)), sort=worth.get(reason, 0)),
                )
            )
        )
    heads = (
        Head("Reason", numeric=False),
        *(Head(payer or "not told") for payer in payers),
        *((Head("Other payers"),) if other else ()),
        Head("Lines"),
        Head("Expected, $"),
    )
    return Table(
        "reasons-by-payer",
        "Reasons, by payer",
        heads,
        fold_rows(rows, 5),
        note="Lines; our wording, not the payer's.",
        csv="reasons_by_payer.csv",
        heat=_legend(limits),
    )


def _wording(reason: str) -> str:
    return reason_book().describe(reason.rpartition("-")[2]) if reason else "the export states no reason"


def _classes(most: int) -> tuple[int, int, int, int]:
    """Return the lowest count of each of the four shades."""
    return (1, max(2, -(-most // 4)), max(3, -(-most // 2)), max(4, -(-3 * most // 4)))


def _class(lines: int, limits: tuple[int, int, int, int]) -> int:
    return sum(lines >= limit for limit in limits)


def _legend(limits: tuple[int, int, int, int]) -> tuple[str, ...]:
    ends = (f"{low}" if low == high - 1 else f"{low}–{high - 1}" for low, high in pairwise(limits))
    return (*ends, f"{limits[3]} or more")


def _causes(comparison: Comparison) -> Table:
    """Return what lies behind the reasons and who can fix it."""
    lines, cents = comparison.parts("reasons/denied"), comparison.parts("reasons/denied_expected")
    book = reason_book()
    by_cause: dict[str, list[int]] = {}
    worth = dict(zip(cents["part"], cents["numerator"], strict=True))
    for reason, number in zip(lines["part"], lines["numerator"], strict=True):
        sums = by_cause.setdefault(book.cause_of(reason.rpartition("-")[2]) if reason else "other", [0, 0])
        sums[0] += int(number)
        sums[1] += int(worth.get(reason, 0))
    rows = tuple(
        Row(
            (
                Cell(cause_words(cause)[0]),
                Cell(cause_words(cause)[1]),
                Cell(count(sums[0])),
                Cell(dollars(sums[1])),
            )
        )
        for cause, sums in sorted(by_cause.items(), key=lambda item: (-item[1][1], item[0]))
    )
    return Table(
        "reasons-causes",
        "Causes, and who can fix them",
        (Head("Cause", numeric=False), Head("Who", numeric=False), Head("Lines"), Head("Expected, $")),
        rows,
        csv="reasons_by_payer.csv",
        fold=True,
    )
