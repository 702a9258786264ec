"""Reasons: denied lines divided by why, and by who can fix it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audit.blocks import Table
from audit.comparison import Comparison
from audit.topics import reasons
from tests.practices import audit_of, page_of, shipped, write_practice

AS_OF = date(2026, 12, 1)

CHARGES = """
    line_id  claim_id  payer   code   charge
    L1       C1        Aetna   97140  60.00
    L2       C1        Aetna   97140  60.00
    L3       C2        Cigna   97110  80.00
    L4       C3        Cigna   97110  80.00
"""

ANSWERS = """
    line_id  reason  amount
    L1       CO-97   60.00
    L2       CO-97   60.00
    L3       CO-16   80.00
    L4       -       80.00
"""


def comparison(folder: Path, charges: str = CHARGES, answers: str = ANSWERS) -> Comparison:
    audit = audit_of(write_practice(folder, charges, answers), "2026-10")
    page_of(audit)
    return audit.comparison


def test_parts_of_a_split_add_up_to_the_figure(tmp_path: Path) -> None:
    """Lines, dollars refused and expected payment alike, in total and at each payer."""
    found = comparison(tmp_path)
    for name in ("denied", "denied_amount", "denied_expected"):
        parts = found.parts(f"reasons/{name}")
        assert sum(one.numerator for one in parts) == found.total(f"reasons/{name}").numerator
        by_payer = found.parts(f"reasons/{name}", "payer")
        for payer, figure in found.by_value(f"reasons/{name}", "payer").items():
            assert sum(one.numerator for one in by_payer if one.value == payer) == figure.numerator
    assert found.parts("reasons/denied") == (("", "CO-16", 1), ("", "CO-97", 2))


def test_dollars_stand_under_the_reason_that_refused_them(tmp_path: Path) -> None:
    cents = comparison(tmp_path).parts("reasons/denied_amount")
    assert cents == (("", "CO-16", 8000), ("", "CO-97", 12000))


def test_the_section_names_the_reason_given_most(tmp_path: Path) -> None:
    audit = audit_of(write_practice(tmp_path, CHARGES, ANSWERS), "2026-10")
    section = reasons.show(audit.comparison, audit.populations, shipped(), AS_OF)
    assert section is not None
    assert "**CO-97**" in section.lead
    assert "2 lines" in section.lead
    table, causes = section.blocks["reasons"], section.blocks["causes"]
    assert isinstance(table, Table)
    assert {row.cells[0].text for row in table.rows} == {"CO-97", "CO-16"}
    assert isinstance(causes, Table)
    assert sum(int(row.cells[2].text) for row in causes.rows) == 3


WORDS = """
[[layouts]]
name = "words alone"
system = "Own"
row = "line"
headers = ["Day", "Patient", "Payer", "Code", "Charge", "Status"]
dates = "iso"
[layouts.columns]
service_date = "Day"
patient = "Patient"
payer = "Payer"
code = "Code"
charge = "Charge"
[layouts.status]
column = "Status"
[layouts.status.words]
Denied = "denied"
"""


def test_a_denial_without_a_reason_says_so(tmp_path: Path) -> None:
    """An export that knows only the word "Denied" gives none."""
    practice, export = tmp_path / "practice.toml", tmp_path / "export.csv"
    practice.write_text(WORDS, encoding="utf-8")
    export.write_text("Day,Patient,Payer,Code,Charge,Status\n2026-10-05,1,Aetna,97140,60.00,Denied\n")
    audit = audit_of([export], "2026-10", practice=practice)
    section = reasons.show(audit.comparison, audit.populations, audit.settings, AS_OF)
    assert section is not None
    assert "the export states no reason" in section.lead
    assert "no reason given" in page_of(audit)


def test_where_nothing_was_denied_there_is_no_section(tmp_path: Path) -> None:
    audit = audit_of(write_practice(tmp_path, "code\n97140", "line_id amount\nL1 60.00"), "2026-10")
    assert reasons.show(audit.comparison, audit.populations, shipped(), AS_OF) is None


def test_more_than_eight_payers_share_a_column(tmp_path: Path) -> None:
    rows = range(1, 13)
    charges = "line_id payer\n" + "\n".join(f"L{row} Payer-{row:02d}" for row in rows)
    answers = "line_id reason amount\n" + "\n".join(f"L{row} CO-16 60.00" for row in rows)
    audit = audit_of(write_practice(tmp_path, charges, answers), "2026-10")
    section = reasons.show(audit.comparison, audit.populations, shipped(), AS_OF)
    assert section is not None
    table = section.blocks["reasons"]
    assert isinstance(table, Table)
    heads = [head.text for head in table.heads]
    assert heads.count("Other payers") == 1
    assert len(heads) == 1 + 8 + 1 + 2
