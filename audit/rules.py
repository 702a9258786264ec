"""Rules: dated, cited conditions, each the mark it reads; and what a period's rows say of them.

A rule marks rows of one table YES (it finds something to check), NO, UNSURE (the export does not
tell) or OUT (it does not arise); the marks are made by the rule's topic. `find` counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.figures import Finding
from audit.populations import NO, UNSURE, YES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from audit.populations import Population, Populations, Table


@dataclass(frozen=True)
class Rule:
    """One condition that is worth a look.

    `title` is what the to-do list says, with `{rows}` for the count as words ("3 lines"); `advice` says
    what to check; `why` why it matters; `source` where it is written; `who` acts. A rule with `standing`
    looks at the whole history as it stands on the as-of date, another one at the period's rows.
    `needs` names what the export must hold for it, `due` by when to act.
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
    due: str = ""
    in_force_from: date | None = None
    in_force_to: date | None = None
    standing: bool = False
    money: bool = True


def find(rules: Iterable[Rule], populations: Populations, months: range) -> tuple[Finding, ...]:
    """Return the findings of the rules that marked any row, most money first.

    `months` are the period's, counted from the first month of the history. Cents are the expected
    allowed amounts of the marked rows.
    """
    found = (_find(rule, populations.of(rule.table), months) for rule in rules)
    return tuple(
        sorted((finding for finding in found if finding.rows), key=lambda one: (-(one.cents or 0), one.id))
    )


def _find(rule: Rule, rows: Population, months: range) -> Finding:
    marks = rows.marks[rule.mark]
    inside = np.ones(len(rows), dtype=bool)
    if not rule.standing:
        inside = (rows.month >= months.start) & (rows.month < months.stop)
    broken = inside & (marks == YES)
    count = int(broken.sum())
    noun = {"lines": "line", "visits": "visit", "services": "service"}[rule.table]
    words = f"{count:,} {noun}{'' if count == 1 else 's'}"
    return Finding(
        id=rule.id,
        title=rule.title.format(rows=words),
        text=rule.advice,
        what=noun,
        rows=count,
        checked=int((inside & (marks >= NO)).sum()),
        unknown=int((inside & (marks == UNSURE)).sum()),
        cents=int(rows.frame["expected"].to_numpy()[broken].sum()) if rule.money else None,
        who=rule.who,
        due=rule.due,
        since=0 if rule.standing else _months_running(rows, rule.mark, months),
    )


def _months_running(rows: Population, mark: str, months: range) -> int:
    """Return in how many months on end, up to the period's last, the mark was set."""
    counts = np.bincount(rows.month[rows.marks[mark] == YES], minlength=max(months.stop, 1))[: months.stop]
    clear = np.flatnonzero(counts == 0)
    return int(months.stop - 1 - (clear[-1] if len(clear) else -1))
