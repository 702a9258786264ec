"""The report as records: its sections in order, and what the files could not tell."""

from __future__ import annotations

from pathlib import Path

from audit.blocks import Table
from audit.record import Audit
from audit.report import compose
from tests.practices import audit_of, page_of, write_practice


def needed(audit: Audit) -> dict[str, tuple[str, str, str]]:
    """Return what was checked, not checked and needed, by what was looked for."""
    (section,) = [one for one in compose(audit).sections if one.id == "rules"]
    table = section.blocks["checked"]
    assert isinstance(table, Table)
    told = {row.cells[0].sub: [cell.text for cell in row.cells[2:]] for row in table.rows}
    return {name: (checked, unknown, needs) for name, (checked, unknown, needs) in told.items() if needs}


def test_rules_that_the_files_cannot_check_are_named_with_what_they_need(tmp_path: Path) -> None:
    """Charges alone: neither notes nor claims nor answers."""
    audit = audit_of(write_practice(tmp_path, "code units\n97140 1\n97140 -"), "2026-10")
    told = needed(audit)
    assert told["completeness/notes_without_charge"] == (
        "0",
        "any",
        "visit notes that name patients as the charges do",
    )
    assert told["completeness/without_claim"] == (
        "0",
        "2",
        "claims as they were sent (837P)",
    )
    assert told["usage/no_units"] == ("1", "1", "units")
    assert "Every rule and what it could check" in page_of(audit)


def test_what_could_be_checked_throughout_is_not_named(tmp_path: Path) -> None:
    files = write_practice(tmp_path, "code\n97140", "line_id amount\nL1 60.00", "visit_id\nV1")
    told = needed(audit_of(files, "2026-10"))
    assert "completeness/notes_without_charge" not in told
    assert "usage/no_units" not in told


def test_payments_follow_what_became_of_the_lines(sample_audit: Audit) -> None:
    names = [section.id for section in compose(sample_audit).sections]
    assert names[names.index("answers") + 1] == "payments"
    joins = next(one for one in compose(sample_audit).sections if one.id == "payments").blocks["joins"]
    assert isinstance(joins, Table)
    assert joins.rows[0].cells[0].text == "By line number"
