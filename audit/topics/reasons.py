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
    largest = max(comparison.parts("reasons/denied"), key=lambda one: (one.numerator, one.part))
    total = comparison.total("reasons/denied").numerator
    return (
        f"The reason given most often is **{largest.part or 'none'}** ({_wording(largest.part)}): "
        f"{plural(largest.numerator, 'line')}, {share(largest.numerator, total)} of those denied at first "
        "answer."
    )


def _reasons(comparison: Comparison) -> Table:
    """Return reasons (rows) by payer (columns), lines denied at first answer, shaded by their number."""
    grid: dict[str, dict[str, int]] = {}
    of_payer: dict[str, int] = {}
    for payer, reason, number in comparison.parts("reasons/denied", "payer"):
        grid.setdefault(reason, {})[payer] = number
        of_payer[payer] = of_payer.get(payer, 0) + number
    worth = {one.part: one.numerator for one in comparison.parts("reasons/denied_expected")}
    payers = sorted(of_payer, key=lambda payer: (-of_payer[payer], payer))[:MOST_PAYERS]
    other = len(of_payer) > len(payers)
    limits = _classes(max(counts.get(payer, 0) for counts in grid.values() for payer in payers))
    rows = []
    for reason, counts in sorted(grid.items(), key=lambda item: (-worth.get(item[0], 0), item[0])):
        shown = [counts.get(payer, 0) for payer in payers]
        cells = [
            Cell(count(number) if number else "·", sort=number, heat=_class(number, limits))
            for number in shown
        ]
        lines = sum(counts.values())
        rest = [Cell(count(lines - sum(shown)))] if other else []
        rows.append(
            Row(
                (
                    name_cell(reason or "no reason given", _wording(reason)),
                    *cells,
                    *rest,
                    Cell(count(lines), explain=figure_id("reasons/denied", part=("reason", reason))),
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
    book = reason_book()
    by_cause: dict[str, list[int]] = {}
    worth = {one.part: one.numerator for one in comparison.parts("reasons/denied_expected")}
    for _, reason, number in comparison.parts("reasons/denied"):
        sums = by_cause.setdefault(book.cause_of(reason.rpartition("-")[2]) if reason else "other", [0, 0])
        sums[0] += number
        sums[1] += worth.get(reason, 0)
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
