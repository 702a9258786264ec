"""The rules section: what was found, gathered by what to do, and what every rule could check.

A finding is a thing to look at, never a determination: each stands with its rows, its money by kind (billed
above what is supported, supported but not billed, in doubt, never set off against each other), the rule's
sentence, source and dates, and room for the day and result of a review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import (
    UNKNOWN,
    Cell,
    Definition,
    Head,
    Row,
    Ruling,
    Rulings,
    Section,
    Table,
    count,
    mean,
    money,
    plural,
)
from audit.figures import NOUNS, Counts
from audit.rules import TASKS
from audit.showing import cases_cell, earlier_cell

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from audit.blocks import Block
    from audit.comparison import Comparison
    from audit.figures import Finding
    from audit.measures import Measure
    from audit.rules import Checked, Rule, Stake
    from audit.settings import Thresholds

ID, TITLE = "rules", "Rules"

STAKES: Mapping[str, str] = {
    "over-billed": "possibly over-billed",
    "at risk": "at risk",
    "not billed": "not billed",
}
"""Kinds of money, in the order they are told; two kinds are never netted, nor added up."""

EXPECTED = "expected payment"
"""What money is called where nothing is concluded."""

CAUTIONS: Mapping[Stake, str] = {
    "over-billed": (
        "Possible; not a determination. If review shows a Medicare or Medicaid overpayment: 60 days from "
        "identification, for Medicare A/B up to 180 days more while related ones are investigated in good "
        "faith (42 CFR 401.305). Ask counsel."
    ),
    "not billed": (
        "No money to recover, and nothing to do by itself; a claim is corrected only from the note as it "
        "stood."
    ),
}
"""What stands beside a kind of money."""


def show_rulings(
    findings: Sequence[Finding],
    checked: Sequence[Checked],
    command: str,
    *,
    editions: Sequence[str] = (),
    shares: Table | None = None,
    conclude: bool = True,
) -> Section:
    """Return the section: a fold for each task with findings, shares over time, and a fold of all rules.

    `command` lists rows, with {figure} for a finding's name; `editions` are sentences on the tables of CMS
    that are read, and how old they are. Without `conclude` money is not named by kind, and nothing is said
    about what it may be.
    """
    rules = {one.rule.id: one.rule for one in checked}
    blocks: dict[str, Block] = {}
    for task, title in TASKS.items():
        found = [one for one in findings if one.task == task]
        if found:
            rulings = tuple(_tell(one, rules[one.id], command, conclude=conclude) for one in found)
            blocks[task] = Rulings(f"rules-{task}", title, _sum_up(found, conclude=conclude), rulings)
    return Section(
        ID,
        TITLE,
        blocks | {"shares": shares, "checked": _list_checked(findings, checked, editions)},
        lead=_lead(findings, checked, conclude=conclude),
    )


def _lead(findings: Sequence[Finding], checked: Sequence[Checked], *, conclude: bool) -> str:
    kinds = [(one.task, one.stake) for one in findings if one.cents]
    summed = conclude and len(kinds) > len(set(kinds))
    twice = "; what two found counts in both sums" if summed else ""
    return f"**{count(len(findings))}** of {plural(len(checked), 'rule')} found something to check{twice}."


def _sum_up(found: Sequence[Finding], *, conclude: bool) -> str:
    """Return how many findings there are, and the money of each kind.

    A row may stand in several findings, and then counts in each (`_lead` says so). Where nothing is concluded
    money has no kind, and what has several is not added up.
    """
    told = [plural(len(found), "finding")]
    for stake, words in STAKES.items() if conclude else ():
        amounts = [one.cents for one in found if one.stake == stake and one.cents]
        if amounts:
            told.append(f"{money(sum(amounts))} {words}")
    return ", ".join(told)


def _amount(found: Finding, *, conclude: bool) -> str:
    """Return the money of a finding, "" where there is none."""
    return f"{money(found.cents)} {STAKES[found.stake] if conclude else EXPECTED}" if found.cents else ""


def _tell(found: Finding, rule: Rule, command: str, *, conclude: bool) -> Ruling:
    unknown = f"; {count(found.unknown)} not told" if found.unknown else ""
    return Ruling(
        id=found.id,
        title=found.title,
        counts=f"{count(found.rows)} of {plural(found.checked, found.what)} checked{unknown}",
        amount=_amount(found, conclude=conclude),
        advice=found.text,
        source=f"{rule.sentence} Source: {rule.source}",
        facts=tuple(fact for fact in state_rule(rule) if fact.term not in ("Rule", "Source")),
        caution=CAUTIONS.get(rule.stake, "") if conclude and found.cents else "",
        first_shown=found.first_shown.isoformat() if found.first_shown else "",
        explain=command.replace("{figure}", found.id),
    )


def state_rule(rule: Rule) -> tuple[Definition, ...]:
    """Return what a rule says of itself, a line a fact; what it lacks is left out."""
    facts = (
        ("Rule", rule.sentence),
        ("Why", rule.why),
        ("Source", rule.source),
        ("In force", _dates(rule)),
        ("Payers", rule.payers),
        ("Disciplines", rule.disciplines),
        ("Reads", rule.edition),
        ("Needs", rule.needs),
        ("Passes", rule.right),
        ("To look at", rule.wrong),
        ("Name", rule.id),
    )
    return tuple(Definition(term, text) for term, text in facts if text)


def _dates(rule: Rule) -> str:
    def say(day: date | None, otherwise: str) -> str:
        return day.isoformat() if day else otherwise

    if not rule.in_force_from and not rule.in_force_to:
        return "on every date of service"
    return f"{say(rule.in_force_from, 'long since')} to {say(rule.in_force_to, 'today')}, by date of service"


def list_shares(comparison: Comparison, topics: Collection[str]) -> Table | None:
    """Return the shares and means of some topics, now and before; None where the period has none of them."""
    figures = [
        (measure, comparison.total(measure.id))
        for measure in comparison.measures.values()
        if measure.topic in topics and measure.base is not None
    ]
    rows = tuple(
        Row(
            (
                Cell(measure.title),
                cases_cell(figure) if measure.is_share else Cell(count(figure.base)),
                *(
                    _rate_cell(measure, counts, comparison.limits)
                    for counts in (
                        Counts(figure.numerator, figure.base),
                        figure.three_before,
                        figure.year_before,
                    )
                ),
            )
        )
        for measure, figure in figures
        if figure.base
    )
    if not rows:
        return None
    period = comparison.period
    return Table(
        "rules-shares",
        "What reviewers count over time",
        (
            Head("Figure", numeric=False),
            Head("Cases"),
            *(Head(one.short) for one in (period, period.three_before(), period.year_before())),
        ),
        rows,
        note="Facts of the practice's own lines; nobody says how much is too much. Every month, by code and "
        "clinician, stands in results.json.",
        fold=True,
    )


def _rate_cell(measure: Measure, counts: Counts, limits: Thresholds) -> Cell:
    """Return a share, or a mean in the measure's own unit."""
    if measure.is_share:
        return earlier_cell(counts, limits)
    return Cell(mean(*counts, measure.unit)) if counts.base else Cell(UNKNOWN)


def _list_checked(findings: Sequence[Finding], checked: Sequence[Checked], editions: Sequence[str]) -> Table:
    """Return every rule with what it looked at, what the files do not tell, and what that needs.

    Those that looked at everything and found nothing are shown when asked for.
    """
    rows_found = {one.id: one.rows for one in findings}
    tasks = list(TASKS)
    ranked = sorted(checked, key=lambda one: (tasks.index(one.rule.task), one.rule.id))
    return Table(
        "rules-checked",
        "Every rule and what it could check",
        (
            Head("Rule", numeric=False),
            Head("Found"),
            Head("Checked"),
            Head("Not told"),
            Head("Needs", numeric=False),
        ),
        tuple(
            Row(
                (
                    Cell(one.rule.sentence, sub=one.rule.id),
                    Cell(count(rows_found.get(one.rule.id, 0))),
                    Cell(count(one.checked), sub=f"{NOUNS[one.rule.table]}s"),
                    Cell("any" if one.missing else count(one.unknown)),
                    Cell(one.rule.needs if not one.in_full else ""),
                ),
                more=one.in_full and not rows_found.get(one.rule.id),
            )
            for one in ranked
        ),
        note=" ".join(
            (
                "A rule passes nothing that it could not check. Rows that it is not about do not count.",
                *editions,
            )
        ),
        csv="rules.csv",
        fold=True,
    )
