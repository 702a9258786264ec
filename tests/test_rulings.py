"""The rules section: findings by what to do, money by kind, and what every rule could check."""

from __future__ import annotations

from datetime import date

from audit.blocks import Rulings, Section, Table
from audit.figures import Finding
from audit.record import Audit
from audit.rules import Checked, Rule, Stake, Task
from audit.rulings import CAUTIONS, list_shares, show_rulings, state_rule


def rule(name: str, task: Task = "units", stake: Stake = "at risk", **changes: object) -> Rule:
    told: dict[str, object] = {
        "title": "Look at {rows}",
        "advice": "Check the note.",
        "why": "A reason.",
        "source": "A manual.",
        "mark": name,
        "table": "lines",
        "who": "biller",
        "needs": "minutes",
        "sentence": f"Sentence of {name}.",
    }
    return Rule(id=name, task=task, stake=stake, **{**told, **changes})  # type: ignore[arg-type]


def finding(of: Rule, rows: int, cents: int | None, unknown: int = 0) -> Finding:
    return Finding(
        id=of.id,
        title=of.title.format(rows=f"{rows} lines"),
        text=of.advice,
        what="line",
        rows=rows,
        checked=100,
        unknown=unknown,
        cents=cents,
        who=of.who,
        task=of.task,
        stake=of.stake,
        first_shown=date(2026, 10, 20),
    )


OVER, UNDER, RISK = (
    rule("units/over", stake="over-billed"),
    rule("units/under", stake="not billed"),
    rule("notes/late", "notes", in_force_from=date(2025, 1, 1)),
)
FOUND = [finding(OVER, 8, 31_200, unknown=30), finding(UNDER, 3, 9_000), finding(RISK, 2, 12_000)]
CHECKED = [
    Checked(OVER, 100, 30),
    Checked(UNDER, 100, 0),
    Checked(RISK, 100, 0),
    Checked(rule("units/none"), 0, 0, missing=True),
]


def shown(*, conclude: bool = True) -> Section:
    return show_rulings(FOUND, CHECKED, 'audit explain "{figure}" FILES...', conclude=conclude)


def folds(section: Section) -> list[Rulings]:
    return [block for block in section.blocks.values() if isinstance(block, Rulings)]


def test_findings_stand_by_what_to_do() -> None:
    assert [(one.title, [ruling.id for ruling in one.rulings]) for one in folds(shown())] == [
        ("Check units against minutes", ["units/over", "units/under"]),
        ("Check notes", ["notes/late"]),
    ]
    assert shown().lead == "**3** of 4 rules found something to check."


def test_over_and_under_are_never_netted() -> None:
    """$312 above and $90 below are two sums, neither $222 nor $402."""
    units, notes = folds(shown())
    assert units.summary == "2 findings, $312 possibly over-billed, $90 not billed"
    assert notes.summary == "1 finding, $120 at risk"


def test_a_row_of_two_findings_is_told_to_count_twice() -> None:
    """Two rules may have found the same line: where a sum may hold it twice, the section says so."""
    again = finding(rule("units/again", stake="over-billed"), 8, 31_200)
    found = show_rulings([*FOUND, again], [*CHECKED, Checked(rule(again.id), 100, 0)], "")
    assert folds(found)[0].summary == "3 findings, $624 possibly over-billed, $90 not billed"
    assert found.lead == "**4** of 5 rules found something to check; what two found counts in both sums."


def test_over_billed_is_possible_and_names_the_days() -> None:
    """What is over-billed says what it is not; what minutes support beyond is no money to recover."""
    over, under = folds(shown())[0].rulings
    assert over.caution == CAUTIONS["over-billed"]
    assert "60 days" in over.caution
    assert "not a determination" in over.caution
    assert "No money to recover" in under.caution
    assert over.counts == "8 of 100 lines checked; 30 not told"
    assert over.first_shown == "2026-10-20"
    assert over.explain == 'audit explain "units/over" FILES...'


def test_for_counsel_money_has_no_kind() -> None:
    units, _ = folds(shown(conclude=False))
    assert units.summary == "2 findings"
    assert [one.amount for one in units.rulings] == ["$312 expected payment", "$90 expected payment"]
    assert [one.caution for one in units.rulings] == ["", ""]


def test_every_rule_tells_what_it_could_check() -> None:
    """One that looked at everything and found nothing stands there when asked for."""
    quiet = Checked(rule("notes/quiet", "notes"), 100, 0)
    table = show_rulings(FOUND, [*CHECKED, quiet], "").blocks["checked"]
    assert isinstance(table, Table)
    assert [row.cells[0].sub for row in table.rows if row.more] == ["notes/quiet"]
    told = {row.cells[0].sub: [cell.text for cell in row.cells[1:]] for row in table.rows}
    assert told == {
        "units/none": ["0", "0", "any", "minutes"],
        "units/over": ["8", "100", "30", "minutes"],
        "units/under": ["3", "100", "0", ""],
        "notes/late": ["2", "100", "0", ""],
        "notes/quiet": ["0", "100", "0", ""],
    }


def test_the_age_of_medicares_tables_is_told() -> None:
    table = show_rulings(FOUND, CHECKED, "", editions=["Pairs of 2024-Q3; it began 28 months ago."]).blocks[
        "checked"
    ]
    assert isinstance(table, Table)
    assert table.note.endswith("Pairs of 2024-Q3; it began 28 months ago.")


def test_what_a_reviewer_counts_stands_beside_earlier_months(sample_audit: Audit) -> None:
    """Shares as rates, means in their own unit; topics with a section of their own show theirs there."""
    table = list_shares(sample_audit.comparison, {"modifiers", "patterns"})
    assert table is not None
    told = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}
    kx, units = (
        sample_audit.comparison.total("modifiers/kx"),
        sample_audit.comparison.total("patterns/units_per_day"),
    )
    titles = {one.id: one.title for one in sample_audit.comparison.measures.values()}
    assert told[titles["modifiers/kx"]][0] == f"{kx.numerator} / {kx.base}"
    assert told[titles["patterns/units_per_day"]][1] == f"{units.numerator / units.base / 100:.2f}"
    assert list_shares(sample_audit.comparison, {"contract"}) is None


def test_a_rule_says_since_when_it_holds() -> None:
    facts = {fact.term: fact.text for fact in state_rule(RISK)}
    assert facts["In force"] == "2025-01-01 to today, by date of service"
    assert "Reads" not in facts
