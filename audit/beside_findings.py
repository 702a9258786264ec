"""The findings of two saved periods: in both, new, or not found any more; what each report made of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from audit.beside import SHOWN_ROWS
from audit.blocks import NONE, Cell, Empty, Head, Row, Section, Table, count, dollars, fold_rows
from audit.figures import NOUNS
from audit.showing import say_state

if TYPE_CHECKING:
    from audit.beside import Pair
    from audit.results import SavedFinding

STATES = ("in both", "new", "not found any more")

RULE_NEW, RULE_CHANGED, RULE_GONE = "its rule is new", "its rule changed", "its rule is gone"
"""What the rules of the two reports say of a finding: it may come from that, and not from the practice."""


def show_findings(pair: Pair) -> Section:
    """Return the section: every finding of either, in the order of `STATES`, most money first."""
    one, other = ({found.id: found for found in side.results.findings} for side in pair.sides)
    resolved = {found.id for found in pair.later.results.resolved}
    newest = one | other
    states = {
        name: STATES[0] if name in one and name in other else STATES[1] if name in other else STATES[2]
        for name in newest
    }
    changed = _compare_rules(pair)

    def rank(name: str) -> tuple[int, int, str]:
        return STATES.index(states[name]), -(newest[name].cents or 0), name

    rows = tuple(
        Row(
            (
                Cell(_neutral(newest[name]), sub=newest[name].who),
                Cell(states[name], sort=STATES.index(states[name]), sub=changed.get(name, "")),
                _rows_cell(one.get(name)),
                _rows_cell(other.get(name), "resolved" if name in resolved else ""),
                *(_cents_cell(side.get(name)) for side in (one, other)),
            )
        )
        for name in sorted(states, key=rank)
    )
    if not rows:
        nothing = Empty("Nothing was found in either period.", "No check of the two reports marked a row.")
        return Section("findings", "Findings", {"table": nothing}, short="Findings")
    earlier, later = pair.shorts
    told = any(found.state for found in newest.values()) or resolved & newest.keys()
    table = Table(
        "findings-table",
        "What the checks found",
        (
            Head("Finding", numeric=False),
            Head("Where", numeric=False),
            Head("Rows", note=earlier),
            Head("Rows", note=later),
            Head("Expected payment, $", note=earlier),
            Head("Expected payment, $", note=later),
        ),
        fold_rows(rows, SHOWN_ROWS),
        note="Rows and dollars of the whole period, or of the whole history on the day it was saved where a "
        "finding is about that. Not found any more can also mean that the export no longer tells."
        + (" Under the rows: what each report made of it, beside its own report before." if told else ""),
    )
    both, new, gone = (sum(state == which for state in states.values()) for which in STATES)
    lead = f"**{both}** in both, **{new}** new in {pair.names[1]}, **{gone}** not found any more."
    by_rule = sum(name in changed for name in states)
    if by_rule:
        lead += f" **{by_rule}** may come from a rule that is new, changed or gone."
    return Section("findings", "Findings", {"table": table}, lead, "Findings")


def _compare_rules(pair: Pair) -> dict[str, str]:
    """Return by finding what became of its rule; nothing where a file does not tell its rules."""
    one, other = (side.results.manifest.rules for side in pair.sides)
    if not one or not other:
        return {}
    new = dict.fromkeys(other.keys() - one.keys(), RULE_NEW)
    gone = dict.fromkeys(one.keys() - other.keys(), RULE_GONE)
    return new | gone | {name: RULE_CHANGED for name in one.keys() & other.keys() if one[name] != other[name]}


def _neutral(found: SavedFinding) -> str:
    """Return a finding's title without its count, which differs between the two."""
    nouns = "|".join(sorted({*NOUNS.values()}))
    return re.sub(rf"(?<!\S){found.rows:,} ({nouns})s?\b", r"\1s", found.title)


def _rows_cell(found: SavedFinding | None, otherwise: str = "") -> Cell:
    if found is None:
        return Cell(NONE, sort=0, sub=otherwise)
    state = say_state(found.state, found.month)
    return Cell(count(found.rows), sort=found.rows, explain=found.id, sub=state)


def _cents_cell(found: SavedFinding | None) -> Cell:
    return Cell(dollars(found.cents), sort=found.cents) if found else Cell(NONE, sort=0)
