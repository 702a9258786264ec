"""Findings of two saved periods."""

from __future__ import annotations

from datetime import date

from msgspec import structs

from audit.beside_findings import RULE_CHANGED, RULE_GONE, RULE_NEW, show_findings
from audit.blocks import Empty, Table
from audit.figures import Resolved
from tests.pairs import paired, practice, rows
from tests.saved import finding


def test_findings_are_told_as_in_both_new_or_gone() -> None:
    one = practice(
        "2026-07",
        findings=(
            finding("denials/open", "Work the 12 lines that are denied and still open", 12),
            finding("usage/not_valid", "Look at 1 line billed with a code that had ended", 1, 6_000),
            finding("a/small", "Ask about 3 visits", 3, 900_000),
        ),
    )
    other = practice(
        "2026-10",
        findings=(
            finding("denials/open", "Work the 1,234 lines that are denied and still open", 1234, 950_000),
            finding("x/y", "Compare 2 answers", 2, None),
            finding("a/small", "Ask about 2 visits", 2, 5_000),
        ),
    )
    section = show_findings(paired(one, other))
    assert rows(section, "table") == [
        ["Work the lines that are denied and still open", "in both", "12", "1,234", "100", "9,500"],
        ["Ask about visits", "in both", "3", "2", "9,000", "50"],
        ["Compare answers", "new", "·", "2", "·", "—"],
        ["Look at lines billed with a code that had ended", "not found any more", "1", "·", "60", "·"],
    ]
    assert section.lead == "**2** in both, **1** new in October 2026, **1** not found any more."


def test_what_each_report_made_of_a_finding_is_told_where_it_was_saved() -> None:
    """Results of older versions tell nothing of it, and then the page does not either."""
    kept, gone = finding("denials/open", "Work the 12 lines", 12), finding("usage/x", "Look at 1 line", 1)
    known = [
        structs.replace(kept, state=state, month=month)
        for state, month in (("new", 1), ("repeated", 4), ("worse", 4), ("better", 4), ("", 0))
    ]
    earlier = practice("2026-07", findings=(known[0], gone))
    said = []
    for now in known:
        later = practice("2026-10", findings=(now,))
        closed = Resolved(gone.id, 1, None, "2026-09", date(2026, 8, 15))
        section = show_findings(paired(earlier, structs.replace(later, resolved=[closed])))
        table = section.blocks["table"]
        assert isinstance(table, Table)
        assert "beside its own report before" in table.note
        said.append([[cell.sub for cell in row.cells[2:4]] for row in table.rows])
    assert said == [[["new", word], ["", "resolved"]] for word in ("new", "4th month", "worse", "better", "")]
    plain = show_findings(paired(practice("2026-07", findings=(kept,)), practice("2026-10"))).blocks["table"]
    assert isinstance(plain, Table)
    assert "report before" not in plain.note


def test_nothing_found_says_so() -> None:
    section = show_findings(paired(practice("2026-07"), practice("2026-10")))
    assert isinstance(section.blocks["table"], Empty)
    assert section.lead == ""


def test_a_finding_that_comes_from_a_changed_rule_says_so() -> None:
    """A rule that is new, says something else, or is gone; older files tell of no rules."""
    kept, new, gone, same = (
        finding(name, f"Look at {name}", 1) for name in ("a/kept", "a/new", "a/gone", "a/same")
    )
    earlier = practice("2026-07", findings=(kept, gone, same))
    later = practice("2026-10", findings=(kept, new, same))

    def told(before: dict[str, str], after: dict[str, str]) -> tuple[dict[str, str], str]:
        sides = (
            structs.replace(one, manifest=structs.replace(one.manifest, rules=rules))
            for one, rules in ((earlier, before), (later, after))
        )
        section = show_findings(paired(*sides))
        table = section.blocks["table"]
        assert isinstance(table, Table)
        return {row.cells[0].text: row.cells[1].sub for row in table.rows if row.cells[1].sub}, section.lead

    subs, lead = told(
        {"a/kept": "1", "a/gone": "1", "a/same": "1"}, {"a/kept": "2", "a/new": "1", "a/same": "1"}
    )
    assert subs == {"Look at a/kept": RULE_CHANGED, "Look at a/new": RULE_NEW, "Look at a/gone": RULE_GONE}
    assert "**3** may come from a rule that is new, changed or gone." in lead
    assert told({}, {"a/new": "1"})[0] == {}
