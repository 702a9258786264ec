"""`audit demo --self-test`: every rule marks a planted fault, and marks nothing in the clean practice.

The practices are made by `sample_data/plant_rules.py` and read as any others, their whole history at once.
Rules that only ask payers about open answers are left out: waiting for an answer is no fault.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.populations import YES
from audit.record import Options
from audit.rulebook import list_rules
from audit.sample_data import plant_rules
from audit.selfaudit import read_marked
from audit.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from audit.populations import Population
    from audit.rules import Rule
    from audit.sample_data.plant_rules import Planted

    Marked = Mapping[str, tuple[Rule, Population]]
    """By rule: the rule and the rows of its table, marked."""

FOLLOW_UP = "answers"
"""The task of the rules that are left out."""


class SelfTest(NamedTuple):
    """What the self-test found."""

    planted: int
    found: int
    """Faults that every rule they break marked, on as many rows as it should."""
    clean: int
    """Rules that marked something in the clean practice."""
    failures: tuple[str, ...]
    """A sentence for each rule that failed."""

    @property
    def passed(self) -> bool:
        """Whether every rule did what it should."""
        return not self.failures

    def tell(self) -> list[str]:
        """Return the failures and, last, the sum, as lines."""
        return [
            *self.failures,
            f"{self.found} of {self.planted} planted faults found, {self.clean} findings in the clean twin",
        ]


def run_self_test(as_of: date) -> SelfTest:
    """Make both practices, mark them, and compare with what was planted; nothing stays."""
    with TemporaryDirectory() as folder:
        clean, spoiled = Path(folder, "clean"), Path(folder, "planted")
        plant_rules.write_clean(clean)
        planted = plant_rules.write_planted(clean, spoiled)
        dirty = [(name, rows) for name, rows in _count(_mark(clean, as_of)) if rows]
        marked = _mark(spoiled, as_of)
    missed = [_miss(one, marked) for one in planted]
    failures = (
        *(f"{name}: marks {rows} rows of the clean twin" for name, rows in dirty),
        *(sentence for sentences in missed for sentence in sentences),
        *_find_strays(planted, marked),
    )
    return SelfTest(len(planted), sum(not sentences for sentences in missed), len(dirty), failures)


def _mark(folder: Path, as_of: date) -> Marked:
    """Read a practice's files; return each rule with the marked rows of its table."""
    practice = folder / "practice.toml"
    settings = load_settings(practice)
    options = Options([folder / name for name in plant_rules.FILES], as_of, None, practice)
    _, populations = read_marked(options, settings, lambda _: None)
    rules = [rule for rule in list_rules(settings) if rule.task != FOLLOW_UP]
    return {rule.id: (rule, populations.of(rule.table)) for rule in rules}


def _count(marked: Marked) -> Iterator[tuple[str, int]]:
    """Yield every rule's rows."""
    return ((name, int(_found(rule, rows).sum())) for name, (rule, rows) in marked.items())


def _found(rule: Rule, rows: Population) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = rows.marks[rule.mark] == YES
    return found


def _miss(planted: Planted, marked: Marked) -> list[str]:
    """Return a sentence for each rule that does not mark as many rows of a fault as it should."""
    sentences = []
    for name, wanted in planted.fault.marks.items():
        if name not in marked:
            sentences.append(f"{name}: is no rule, though a fault was planted for it")
            continue
        rule, rows = marked[name]
        theirs = np.isin(rows.frame["source_row"].to_numpy(), _places(planted, rule))
        found = int((_found(rule, rows) & theirs).sum())
        if found != wanted:
            sentences.append(f"{name}: marks {found} of {wanted} rows planted for {planted.fault.rule}")
    return sentences


def _find_strays(planted: Iterable[Planted], marked: Marked) -> Iterator[str]:
    """Yield a sentence for each rule that marks rows where no fault was planted for it."""
    for name, (rule, rows) in marked.items():
        places = [_places(one, rule) for one in planted if name in one.fault.marks]
        stray = _found(rule, rows) & ~np.isin(rows.frame["source_row"].to_numpy(), [*chain(*places)])
        if stray.any():
            yield f"{name}: marks {int(stray.sum())} rows where no fault was planted for it"


def _places(planted: Planted, rule: Rule) -> tuple[int, ...]:
    places: tuple[int, ...] = planted.lines if rule.table == "lines" else planted.visits
    return places
