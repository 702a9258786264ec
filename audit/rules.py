"""Rules: dated, cited conditions, each the mark it reads; and what a period's rows say of them.

A rule marks rows of one table YES (it finds something to check), NO, UNSURE (the export does not
tell) or OUT (it does not arise). A topic pairs each of its rules with one function that marks the rows
(`Check`); `mark_checks` runs them. `find` counts the marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

import numpy as np

from audit.evidence import PRIOR_SPREAD, month_spread
from audit.figures import NOUNS, Finding
from audit.intervals import wilson
from audit.periods import YEAR
from audit.populations import NO, OUT, UNSURE, YES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from audit.populations import Marks, Population, Populations, Table

Facts = TypeVar("Facts")
"""What a topic knows of all rows before its rules look at them."""

Task = Literal["units", "pairs", "modifiers", "codes", "claims", "notes", "patterns", "answers"]

TASKS: Mapping[Task, str] = MappingProxyType(
    {
        "units": "Check units against the minutes",
        "pairs": "Check codes billed together",
        "modifiers": "Check modifiers",
        "codes": "Check codes",
        "claims": "Check claims and charges",
        "notes": "Check notes and plans",
        "patterns": "Look at what a reviewer would notice",
        "answers": "Follow up with payers",
    }
)
"""What is to be done about a finding: how the page gathers them, in this order."""

Stake = Literal["over-billed", "not billed", "at risk"]
"""What a finding's money is: billed above what is supported, supported but not billed, or in doubt."""


@dataclass(frozen=True)
class Rule:
    """One condition that is worth a look.

    `title` is what the to-do list says, with `{rows}` for the count as words ("3 lines"); `advice` says
    what to check; `why` why it matters; `source` where it is written; `who` acts. A rule with `standing`
    looks at the whole history as it stands on the as-of date, another one at the period's rows.
    `needs` names what the export must hold for it, `money` the column of cents that is at stake, "" where
    none is. `due` is what of the payer's limits its lines must keep: "file", "act" (file again or appeal),
    or "" for none; only a standing rule has one.

    `sentence` is the rule itself; `task` what is to be done; `stake` what its money is. `payers` and
    `disciplines` say in words whom it is for, `right` and `wrong` give an example of each. `edition` names
    the table it reads, where that changes. A rule holds for dates of service from `in_force_from` to
    `in_force_to`. What is not billed is shown and is nothing to do.
    """

    id: str
    title: str
    advice: str
    why: str
    source: str
    mark: str
    table: Table
    who: str
    needs: str
    due: Literal["", "file", "act"] = ""
    in_force_from: date | None = None
    in_force_to: date | None = None
    standing: bool = False
    money: str = "expected"
    sentence: str = ""
    task: Task = "claims"
    stake: Stake = "at risk"
    payers: str = "every payer"
    disciplines: str = "every discipline"
    right: str = ""
    wrong: str = ""
    edition: str = ""

    @property
    def to_do(self) -> bool:
        """Whether its findings may stand among the things to do."""
        return self.stake != "not billed"


class Check(NamedTuple, Generic[Facts]):
    """A rule and the function that marks its rows: YES where there is something to check."""

    rule: Rule
    mark: Callable[[Facts], Marks]


def mark_checks(
    checks: Iterable[Check[Facts]], facts: Facts, populations: Populations
) -> dict[Table, dict[str, Marks]]:
    """Return the marks of rules by table and name; OUT on days on which a rule is not in force."""
    marks: dict[Table, dict[str, Marks]] = {}
    for rule, mark in checks:
        found = mark(facts)
        if rule.in_force_from or rule.in_force_to:
            day = populations.of(rule.table).frame["service_date"].to_numpy().astype("datetime64[D]")
            first = np.datetime64(rule.in_force_from or "0001-01-01", "D")
            last = np.datetime64(rule.in_force_to or "9999-12-31", "D")
            found = np.where((day >= first) & (day <= last), found, np.int8(OUT))
        marks.setdefault(rule.table, {})[rule.mark] = found.astype(np.int8)
    return marks


class Unchecked(NamedTuple):
    """A rule that the files do not tell of, or not for every row: how many could and could not be checked."""

    rule: Rule
    checked: int
    unknown: int


def find(rules: Iterable[Rule], populations: Populations, months: range) -> tuple[Finding, ...]:
    """Return the findings of the rules that marked any row, most money first, at its cautious end.

    `months` are the period's, counted from the first month of the history. Cents are those of the rule's
    column of money, of the marked rows.
    """
    found = (apply(rule, populations, months) for rule in rules)
    return tuple(sorted((one for one in found if one.rows), key=lambda one: (-(one.cautious or 0), one.id)))


def find_unchecked(rules: Iterable[Rule], populations: Populations, months: range) -> tuple[Unchecked, ...]:
    """Return the rules that could not be checked for every row, in the order given.

    Rows for which the question does not arise are no gap; a table that lacks rows and counterparts is.
    """
    found = []
    for rule in rules:
        rows = populations.of(rule.table)
        checked, unknown = _count(rule, rows, months)
        missing = rows.paired is not None and not len(rows) and not rows.paired.any()
        if unknown or missing:
            found.append(Unchecked(rule, checked, unknown))
    return tuple(found)


def apply(rule: Rule, populations: Populations, months: range) -> Finding:
    """Return what a rule found in a period, also where that is nothing.

    The cautious end of its cents takes the low end of the share of the checked rows that are marked (score
    interval; rows of one claim or patient are found together and count for less), at the marked rows' mean.
    The spread is that of the rule's own months in the year before; nothing is known of a standing rule's.
    """
    rows = populations.of(rule.table)
    broken = _inside(rule, rows, months) & (rows.marks[rule.mark] == YES)
    count = int(broken.sum())
    checked, unknown = _count(rule, rows, months)
    noun = NOUNS[rule.table]
    words = f"{count:,} {noun}{'' if count == 1 else 's'}"
    cents = rows.frame[rule.money].to_numpy(np.int64, na_value=0)[broken].sum() if rule.money else None
    together = _count_together(rows, broken)
    return Finding(
        id=rule.id,
        title=rule.title.format(rows=words),
        text=rule.advice,
        what=noun,
        rows=count,
        checked=checked,
        unknown=unknown,
        cents=None if cents is None else int(cents),
        who=rule.who,
        task=rule.task,
        stake=rule.stake,
        since=0 if rule.standing else _months_running(rows, rule.mark, months),
        cautious=None if cents is None or not count else _cautious(int(cents), count, checked, together),
        together=round(together, 2),
        spread=PRIOR_SPREAD if rule.standing else round(_spread(rows, rule.mark, months, together), 4),
    )


def _count_together(rows: Population, broken: NDArray[np.bool_]) -> float:
    """Return how many marked rows count as one: the size of the claim or patient of a row, on average."""
    key = next((name for name in ("claim", "patient_key") if name in rows.frame), None)
    if key is None or not broken.any():
        return 1.0
    sizes = np.unique(rows.frame[key].to_numpy()[broken], return_counts=True)[1]
    return float((sizes**2).sum() / sizes.sum())


def _spread(rows: Population, mark: str, months: range, together: float) -> float:
    """Return the month spread of what a mark counts, of the year before the period."""
    marks = rows.marks[mark]
    found, checked = (
        np.bincount(rows.month[keep], minlength=months.start)[: months.start][-YEAR:]
        for keep in (marks == YES, marks >= NO)
    )
    if rows.paired is not None:
        checked = checked + rows.paired[: months.start][-YEAR:]
    return month_spread(found[None], checked[None], together)


def _cautious(cents: int, count: int, checked: int, together: float) -> int:
    low = wilson(count, checked, effective=checked / together).low
    return round(low * checked / count * cents)


def _inside(rule: Rule, rows: Population, months: range) -> NDArray[np.bool_]:
    """Return which rows a rule looks at: those of the period, or all."""
    if rule.standing:
        return np.ones(len(rows), dtype=bool)
    return np.asarray((rows.month >= months.start) & (rows.month < months.stop))


def _count(rule: Rule, rows: Population, months: range) -> tuple[int, int]:
    """Return how many rows could be checked, those that have their counterpart too, and how many not."""
    marks, inside = rows.marks[rule.mark], _inside(rule, rows, months)
    paired = 0
    if rows.paired is not None:
        paired = int((rows.paired if rule.standing else rows.paired[months.start : months.stop]).sum())
    return int((inside & (marks >= NO)).sum()) + paired, int((inside & (marks == UNSURE)).sum())


def _months_running(rows: Population, mark: str, months: range) -> int:
    """Return in how many months on end, up to the period's last, the mark was set."""
    counts = np.bincount(rows.month[rows.marks[mark] == YES], minlength=max(months.stop, 1))[: months.stop]
    clear = np.flatnonzero(counts == 0)
    return int(months.stop - 1 - (clear[-1] if len(clear) else -1))
