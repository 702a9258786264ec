"""Rules: dated, cited conditions, each the mark it reads; and what a period's rows say of them.

A rule marks rows of one table YES (it finds something to check), NO, UNSURE (the export does not
tell) or OUT (it does not arise). A topic pairs each of its rules with one function that marks the rows
(`Check`); `mark_checks` runs them. `examine` counts the marks.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

import numpy as np
from msgspec import Struct

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
        "units": "Check units against minutes",
        "pairs": "Check codes billed together",
        "modifiers": "Check modifiers",
        "codes": "Check codes",
        "claims": "Check claims",
        "notes": "Check notes",
        "patterns": "Look at patterns",
        "answers": "Ask payers",
    }
)
"""What is to be done about a finding: how the page gathers them, in this order."""

Stake = Literal["over-billed", "not billed", "at risk"]
"""What a finding's money is: billed above what is supported, supported but not billed, or in doubt."""

NOT_BILLED: Stake = "not billed"
"""Shown, and never among the things to do."""


class Rule(Struct, frozen=True):
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


class Checked(NamedTuple):
    """For how many rows a rule could be checked, and not; `missing`: its table has no row at all."""

    rule: Rule
    checked: int
    unknown: int
    missing: bool = False

    @property
    def in_full(self) -> bool:
        """Whether the files tell of every row for which the question arises."""
        return not (self.unknown or self.missing)


class Examined(NamedTuple):
    """What the rules found in a period, and what each could be checked for."""

    findings: tuple[Finding, ...]
    """Of the rules that marked any row, most money first, at its cautious end."""
    checked: tuple[Checked, ...]
    """Of every rule, in the order given."""


def examine(rules: Iterable[Rule], populations: Populations, months: range) -> Examined:
    """Return what the rules found in a period, and how many rows each could be checked for.

    `months` are the period's, counted from the first month of the history. Cents are those of the rule's
    column of money, of the marked rows. Rows for which the question does not arise are no gap; a table that
    lacks rows and counterparts is.
    """
    findings, checked = [], []
    for rule in rules:
        rows = populations.of(rule.table)
        seen = _look(rule, rows, months)
        missing = rows.paired is not None and not len(rows) and not rows.paired.any()
        checked.append(Checked(rule, seen.checked, seen.unknown, bool(missing)))
        if seen.rows:
            findings.append(_tell(rule, rows, seen, months))
    findings.sort(key=lambda one: (-(one.cautious or 0), one.id))
    return Examined(tuple(findings), tuple(checked))


def apply(rule: Rule, populations: Populations, months: range) -> Finding:
    """Return what a rule found in a period, also where that is nothing."""
    rows = populations.of(rule.table)
    return _tell(rule, rows, _look(rule, rows, months), months)


class _Seen(NamedTuple):
    """What a mark says of a table: rows by month, and of the months that the rule looks at."""

    found: NDArray[np.int64]
    """By month of the history."""
    checkable: NDArray[np.int64]
    rows: int
    checked: int
    unknown: int


def _look(rule: Rule, rows: Population, months: range) -> _Seen:
    """Count a rule's marks by month, those that have their counterpart among the checked."""
    length = max(
        months.stop, int(rows.month.max(initial=-1)) + 1, 0 if rows.paired is None else len(rows.paired)
    )
    counted = np.bincount(rows.month * 4 + (rows.marks[rule.mark] - OUT), minlength=4 * length)
    by_month = counted.reshape(-1, 4)
    found, unknown = by_month[:, YES - OUT], by_month[:, UNSURE - OUT]
    checkable = found + by_month[:, NO - OUT]
    if rows.paired is not None:
        checkable = checkable + np.pad(rows.paired, (0, len(checkable) - len(rows.paired)))
    inside = slice(None) if rule.standing else slice(max(months.start, 0), months.stop)
    return _Seen(found, checkable, *(int(counts[inside].sum()) for counts in (found, checkable, unknown)))


def _tell(rule: Rule, rows: Population, seen: _Seen, months: range) -> Finding:
    """Return a rule's finding.

    The cautious end of its cents takes the low end of the share of the checked rows that are marked (score
    interval; rows of one claim or patient are found together and count for less), at the marked rows' mean.
    The spread is that of the rule's own months in the year before; nothing is known of a standing rule's.
    """
    noun = NOUNS[rule.table]
    words = f"{seen.rows:,} {noun}{'' if seen.rows == 1 else 's'}"
    broken = _find_rows(rule, rows, months) if seen.rows else np.empty(0, dtype=np.int64)
    cents = rows.frame[rule.money].to_numpy(np.int64, na_value=0)[broken].sum() if rule.money else None
    together = _count_together(rows, broken)
    return Finding(
        id=rule.id,
        title=rule.title.format(rows=words),
        text=rule.advice,
        what=noun,
        rows=seen.rows,
        checked=seen.checked,
        unknown=seen.unknown,
        cents=None if cents is None else int(cents),
        who=rule.who,
        task=rule.task,
        stake=rule.stake,
        since=0 if rule.standing else _months_running(seen, months),
        cautious=None if cents is None or not seen.rows else _cautious(int(cents), seen, together),
        together=round(together, 2),
        spread=PRIOR_SPREAD if rule.standing or not seen.rows else round(_spread(seen, months, together), 4),
    )


def _find_rows(rule: Rule, rows: Population, months: range) -> NDArray[np.int64]:
    """Return the places of the rows that a rule marked in the months it looks at."""
    places = np.flatnonzero(rows.marks[rule.mark] == YES)
    if rule.standing:
        return places
    month = rows.month[places]
    return places[(month >= months.start) & (month < months.stop)]


def _count_together(rows: Population, broken: NDArray[np.int64]) -> float:
    """Return how many marked rows count as one: the size of the claim or patient of a row, on average."""
    key = next((name for name in ("claim", "patient_key") if name in rows.frame), None)
    if key is None or not len(broken):
        return 1.0
    sizes = np.unique(rows.frame[key].to_numpy()[broken], return_counts=True)[1]
    return float((sizes**2).sum() / sizes.sum())


def _spread(seen: _Seen, months: range, together: float) -> float:
    """Return the month spread of what a mark counts, of the year before the period."""
    found, checked = (counts[: max(months.start, 0)][-YEAR:] for counts in (seen.found, seen.checkable))
    return month_spread(found[None], checked[None], together)


def _cautious(cents: int, seen: _Seen, together: float) -> int:
    low = wilson(seen.rows, seen.checked, effective=seen.checked / together).low
    return round(low * seen.checked / seen.rows * cents)


def _months_running(seen: _Seen, months: range) -> int:
    """Return in how many months on end, up to the period's last, the mark was set.

    0 where that is within the period and the month before could not tell: it may be old or new.
    """
    clear = np.flatnonzero(seen.found[: max(months.stop, 0)] == 0)
    before = int(clear[-1]) if len(clear) else -1
    running = months.stop - 1 - before
    told = before >= 0 and seen.checkable[before] > 0
    return running if told or running > len(months) else 0
