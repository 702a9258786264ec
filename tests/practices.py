"""Small practices that tests audit: text tables as marked rows, or as the product's own three files.

    write_practice(folder, '''
        code   service_date  payer
        97140  2026-09-07    Aetna
    ''', postings='''
        line_id  reason  amount
        L1       CO-97   60.00
    ''')

Columns that a case does not show are filled as in `tests/tables.py`.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from audit.lines import UNKNOWN, VISITS
from audit.page import render_report
from audit.periods import Chosen, parse_period
from audit.populations import NO, OUT, UNSURE, YES, populate
from audit.record import Options
from audit.report import compose
from audit.selfaudit import count_period, mark_period, self_audit
from audit.settings import load_settings
from audit.topics import TOPICS
from tests.tables import claim_lines, read_table, visits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from audit.comparison import Comparison
    from audit.populations import Marks, Population, Populations
    from audit.record import Audit
    from audit.settings import Settings

AS_OF = date(2026, 12, 1)

WORDS = {YES: "yes", NO: "no", UNSURE: "unsure", OUT: "out"}

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
FILES = ("charges.csv", "postings.csv", "visit_notes.csv")


@cache
def shipped() -> Settings:
    """Return the settings that ship, without a practice's own."""
    return load_settings(None)


def settings_of(folder: Path, text: str) -> Settings:
    """Return the shipped settings with a `practice.toml` of this text."""
    path = folder / "practice.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def mark_rows(
    lines: str,
    seen: str = "",
    settings: Settings | None = None,
    as_of: date = AS_OF,
    *,
    unmatched: pd.DataFrame | None = None,
    refusals_told: bool = True,
) -> Populations:
    """Return lines and visits with the marks of every topic.

    `seen` tells of the visits, in the order of the lines' `visit`, and after them of visits without a line;
    what it does not show is unknown. `unmatched` are answers without a charge.
    """
    settings = settings or shipped()
    billed = claim_lines(lines)
    count = int(billed["visit_id"].max()) + 1
    told = visits(seen or "service_date\n" + "\n".join(["2026-10-05"] * count))
    for element in settings.elements:
        if f"has_{element.id}" not in told:
            told[f"has_{element.id}"] = pd.Series(UNKNOWN, index=told.index, dtype="int8")
    found = populate(
        billed,
        told,
        pd.Timestamp(as_of),
        settings.thresholds.expected_allowed_months,
        unmatched=unmatched,
        refusals_told=refusals_told,
    )
    for topic in TOPICS:
        found = topic.mark(found, settings, as_of)
    return found


def mark_alone(topic: ModuleType, lines: str, settings: Settings) -> Populations:
    """Return lines with the marks of one topic, of whose visits nothing else is told."""
    billed = claim_lines(lines)
    seen = visits("service_date\n" + "\n".join(["2026-10-05"] * (int(billed["visit_id"].max()) + 1)))
    rows = populate(billed, seen[[column.name for column in VISITS]], pd.Timestamp(AS_OF), 12)
    found: Populations = topic.mark(rows, settings, AS_OF)
    return found


def read_found(text: str) -> tuple[str, list[str]]:
    """Return a table of lines without its column `found`, and what that column says of each."""
    told = read_table(text)
    found = told.pop("found").tolist()
    rows = [list(told), *(told.to_numpy().tolist())]
    return "\n".join("| " + " | ".join(str(cell) or "-" for cell in row) + " |" for row in rows), found


def compared(populations: Populations, period: str = "2026-10") -> Comparison:
    """Return the figures of marked rows, of a period that payers have answered."""
    chosen = Chosen(parse_period(period), True, True, ())
    age = chosen.period.age(AS_OF)
    marked = mark_period(populations, shipped(), chosen, age)
    return count_period(marked, shipped(), chosen, age)


def words(marks: Marks) -> list[str]:
    """Return marks as yes, no, unsure and out."""
    return [WORDS[int(mark)] for mark in marks]


def marks_of(rows: Population, name: str) -> list[str]:
    """Return one mark of every row, as words."""
    return words(rows.marks[name])


# --- files --------------------------------------------------------------------------------


def write_practice(
    folder: Path, charges: str, postings: str = "", notes: str = "", *, practice: str = ""
) -> list[Path]:
    """Write a practice's files in the product's own format and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in zip(FILES, (charges, postings, notes), strict=True):
        if text:
            rows = [_filled(name, row, at) for at, row in enumerate(_records(text))]
            paths.append(write_rows(folder / name, headers_of(name), rows))
    if practice:
        (folder / "practice.toml").write_text(practice, encoding="utf-8")
    return paths


def headers_of(name: str) -> list[str]:
    """Return the headers of the product's own file of that name."""
    return (SAMPLE / name).read_text(encoding="utf-8").partition("\n")[0].split(",")


def write_rows(path: Path, columns: list[str], rows: Iterable[dict[str, str]]) -> Path:
    """Write rows as a CSV file; a column that a row lacks is blank."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _records(text: str) -> list[dict[str, str]]:
    table = read_table(text)
    names = [str(name) for name in table]
    return [dict(zip(names, map(str, row), strict=True)) for row in table.itertuples(index=False, name=None)]


def _filled(name: str, row: dict[str, str], at: int) -> dict[str, str]:
    number = at + 1
    if name == "charges.csv":
        given = {
            "line_id": f"L{number}",
            "claim_id": f"C{number}",
            "visit_id": f"V{number}",
            "patient_id": f"P{number}",
            "clinician": "Lee",
            "payer": "Aetna",
            "service_date": "2026-10-05",
            "code": "97140",
            "units": "1",
            "charge": "60.00",
        }
    elif name == "postings.csv":
        group, _, reason = str(row.pop("reason", "")).rpartition("-")
        given = {
            "posted_on": "2026-10-19",
            "payer_rank": "1",
            "kind": "adjustment" if reason else "payment",
            "group": group,
            "reason": reason,
        }
    else:
        given = {
            "visit_id": f"V{number}",
            "patient_id": f"P{number}",
            "clinician": "Lee",
            "service_date": "2026-10-05",
            "note": "yes",
        }
    return given | row


def many_months(
    months: Iterable[str], each: int, codes: tuple[str, ...] = ("97140", "97110"), denied_every: int = 5
) -> tuple[str, str]:
    """Return charges and postings of `each` lines a month, every so many of them denied, the rest paid."""
    billed, answered = ["line_id  claim_id  visit_id  patient_id  service_date  code  payer"], []
    number = 0
    for month in months:
        for at in range(each):
            number += 1
            day = f"{month}-{at % 27 + 1:02d}"
            payer = ("Aetna", "Cigna")[at % 2]
            billed.append(f"L{number} C{number} V{number} P{at} {day} {codes[at % len(codes)]} {payer}")
            answered.append(
                f"L{number} {day} CO-50 60.00" if number % denied_every == 0 else f"L{number} {day} - 60.00"
            )
    return "\n".join(billed), "line_id posted_on reason amount\n" + "\n".join(answered)


def audit_of(
    files: Iterable[Path], period: str = "", as_of: date = AS_OF, practice: Path | None = None
) -> Audit:
    """Return the audit of files, in this process; nothing is written."""
    asked = parse_period(period) if period else None
    return self_audit(Options(list(files), as_of, asked, practice))


def page_of(audit: Audit) -> str:
    """Return the report's page."""
    return render_report(compose(audit))
