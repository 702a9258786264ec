"""Medicare: what a comparative billing report would count, over the year that ends with the period."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.blocks import Section, Table
from audit.errors import SettingsError
from audit.record import Audit
from audit.topics import medicare
from tests.practices import audit_of, page_of, write_practice

PRACTICE = """
[disciplines]
Raman = "pt"
Hale = "chiropractic"
"""

THERAPY = [
    *(f"P{at} 2026-0{1 + at % 9}-05 Raman 97110 GP 3 40" for at in range(11)),
    "P0 2026-10-01 Raman 97140 KX 1 20",
    "P0 2025-10-31 Raman 97110 KX 9 90",
]
"""Eleven patients with 3 units in the year to October 2026, one once more, with KX; and a line before it."""

ADJUSTED = [
    *(f"C{at} 2026-0{1 + at % 9}-05 Hale 98941 AT 1 -" for at in range(11)),
    *(f"C0 2026-10-{1 + at:02d} Hale 98940 AT 1 -" for at in range(24)),
    "C1 2026-10-01 Hale 98942 AT 1 -",
]
"""Eleven patients with an adjustment each, one of them 24 times more, one of five regions."""


def practice_of(folder: Path, rows: list[str], more: str = "", payer: str = "Medicare") -> Audit:
    """Return the audit of these lines: patient, date, clinician, code, modifier, units, minutes."""
    header = "visit_id patient_id service_date clinician code modifiers units minutes payer"
    charges = [header, *(f"V{at} {row} {payer}" for at, row in enumerate(rows))]
    files = write_practice(folder, "\n".join(charges), practice=more + PRACTICE)
    return audit_of(files, "2026-10", practice=folder / "practice.toml")


def section_of(audit: Audit) -> Section | None:
    return medicare.show(audit.comparison, audit.populations, audit.settings, audit.options.as_of)


def table_of(audit: Audit, name: str) -> Table:
    section = section_of(audit)
    assert section is not None
    table = section.blocks[name]
    assert isinstance(table, Table)
    return table


def read(table: Table) -> str:
    """Return a table as text: what is counted, the value, the counts."""
    return "\n".join(" | ".join(cell.text for cell in row.cells) for row in table.rows)


def lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def test_physical_therapy_is_counted_as_cbr201702_does(tmp_path: Path) -> None:
    """34 units are 510 minutes on 12 visits; the line of October 2025 is of another year."""
    table = table_of(practice_of(tmp_path, THERAPY), "therapy")
    assert table.title == "Physical therapy: 11 patients"
    assert read(table) == lines(
        """
        Patients with KX on a line | 9.1 % | 1 of 11 patients
        Minutes per visit, as 15 × timed units | 42.50 | 34 units / 12 visits
        Minutes per visit, as recorded for the codes | 38.33 | 460 minutes / 12 visits
        """
    )


def test_adjustments_are_counted_as_cbr201614_does(tmp_path: Path) -> None:
    """98940 of one patient, and 98942 of another, are too few for a value: only counts."""
    assert read(table_of(practice_of(tmp_path, ADJUSTED), "adjusted")) == lines(
        """
        Services per patient | 3.27 | 36 services / 11 patients
        Services per patient, 98940 | — | 24 services / 1 patient
        Services per patient, 98941 | 1.00 | 11 services / 11 patients
        Services per patient, 98942 | — | 1 service / 1 patient
        Visits per patient | 3.27 | 36 visits / 11 patients
        Patients over 24 visits | 9.1 % | 1 of 11 patients
        Services of five regions, 98942 | 2.8 % | 1 of 36 services
        """
    )


def test_of_ten_patients_only_counts_are_shown(tmp_path: Path) -> None:
    values = {
        row.cells[1].text
        for row in table_of(practice_of(tmp_path, [*THERAPY[:10], THERAPY[11]]), "therapy").rows
    }
    assert values == {"—"}


def test_the_year_and_the_payers_are_told(tmp_path: Path) -> None:
    """Of a shorter history, how many months there are."""
    whole = table_of(practice_of(tmp_path / "whole", THERAPY), "therapy")
    assert whole.note.startswith("**November 2025\N{EN DASH}October 2026**, lines billed to Medicare.")
    short = table_of(practice_of(tmp_path / "short", THERAPY[:12]), "therapy")
    assert "**January\N{EN DASH}October 2026** (the files hold 10 months)" in short.note


def test_the_year_before_stands_beside_where_the_history_holds_it(tmp_path: Path) -> None:
    """Patients are counted anew: the same eleven in both years are eleven of each."""
    earlier = [row.replace(" 2026-", " 2025-").replace("2025-10", "2024-11") for row in THERAPY[:12]]
    table = table_of(practice_of(tmp_path, [*earlier, *THERAPY[:12]]), "therapy")
    assert [head.text for head in table.heads][3] == "Year before"
    assert [row.cells[3].text for row in table.rows] == ["9.1 %", "42.50", "38.33"]


def test_without_medicare_lines_there_is_no_panel(tmp_path: Path) -> None:
    """Nor a word of it on the page."""
    audit = practice_of(tmp_path, [*THERAPY, *ADJUSTED], payer="Aetna")
    assert section_of(audit) is None
    assert "comparative billing report" not in page_of(audit)


def test_nothing_is_called_much_or_little(sample_audit: Audit) -> None:
    """No outcome word, and no word for too much."""
    section = section_of(sample_audit)
    assert section is not None
    for name in ("therapy", "adjusted"):
        table = table_of(sample_audit, name)
        assert not any(cell.mark or cell.tone for row in table.rows for cell in row.cells)
        said = f"{table.title} {table.note} {read(table)}".casefold()
        assert not [word for word in ("excess", "too many", "too much", "high", "abuse") if word in said]


PEERS = """
[[peers]]
figure = "medicare/kx_patients"
value = "31 %"
of = "Ohio"
source = "CBR201702, table 3"
year = 2016
"""


def test_a_peer_stands_beside_with_source_and_year(tmp_path: Path) -> None:
    (tmp_path / "peers.toml").write_text(PEERS, encoding="utf-8")
    table = table_of(practice_of(tmp_path, THERAPY, 'peers = "peers.toml"\n'), "therapy")
    assert [head.text for head in table.heads][-1] == "As published"
    assert [row.cells[-1].text for row in table.rows] == [
        "31 % (Ohio, 2016; CBR201702, table 3)",
        "—",
        "—",
    ]


def test_a_peer_of_no_figure_is_named(tmp_path: Path) -> None:
    (tmp_path / "peers.toml").write_text(PEERS.replace("kx_patients", "kx_patient"), encoding="utf-8")
    audit = practice_of(tmp_path, THERAPY, 'peers = "peers.toml"\n')
    with pytest.raises(
        SettingsError, match=r'peers.toml: .* medicare/kx_patient; did you mean "medicare/kx_pat'
    ):
        section_of(audit)
