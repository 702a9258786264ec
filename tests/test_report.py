"""The report as records: its sections in order, and what the files could not tell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audit.archive import save
from audit.blocks import Table
from audit.output import Written
from audit.periods import parse_period
from audit.record import Audit, Options
from audit.report import compose, tell
from audit.selfaudit import self_audit
from tests.practices import audit_of, page_of, write_practice

CLEARING_HOUSE = Path(__file__).parent / "clearing_house"


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


def cut_off(tmp_path: Path) -> Audit:
    """Return the audit of the claims written by hand, and of the remittance without its last lines."""
    data = (CLEARING_HOUSE / "remit.835").read_bytes()
    (tmp_path / "cut.835").write_bytes(data[: data.rindex(b"SE")])
    files = [CLEARING_HOUSE / "claims.837", tmp_path / "cut.835"]
    return self_audit(Options(files, date(2026, 4, 1), parse_period("2026-01"), allow_incomplete=True))


def test_a_file_that_is_cut_off_is_told_on_the_page_and_at_the_terminal(tmp_path: Path) -> None:
    """Whoever reads the report did not read the command line."""
    audit = cut_off(tmp_path)
    (told,) = [one for one in compose(audit).warnings if "incomplete" in one]
    assert told.startswith("cut.835 is incomplete: no SE")
    assert told in tell(audit, Written(tmp_path, True, None))
    assert [bool(file.incomplete) for file in save(audit).reconciliation] == [False, True]


def test_remittances_alone_are_told_to_know_no_day_of_sending() -> None:
    audit = audit_of([CLEARING_HOUSE / "remit.835"], "2026-01")
    (told,) = [one for one in compose(audit).warnings if "hold no charge or claim" in one]
    assert "which claim was sent again is taken from the days of the answers" in told
