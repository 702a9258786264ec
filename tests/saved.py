"""Saved results that tests write as a small text table, a row a figure.

    saved("2026-07", '''
        figure                     top  base  effective
        denials/first_rate          20   400        300
        denials/first_rate/code=97140  9   120        100
        usage/lines                420     -          -
    ''')

`-` is nothing; further columns are `unknown` and `outcome` (underscores for blanks). `history` gives the
months of a figure: {id: {"2026-07": (20, 400)}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.figures import parse_figure_id
from audit.intervals import wilson
from audit.results import (
    SCHEMA,
    Limits,
    Manifest,
    Results,
    SavedFigure,
    SavedFile,
    SavedFinding,
    SavedMeasure,
)

UNITS = {
    "usage/units": "units",
    "usage/charge": "cents",
    "usage/allowed": "cents",
    "usage/paid": "cents",
    "usage/units_per_visit": "units each",
    "answers/days_to_answer": "days each",
    "denials/open_expected": "cents",
    "denials/not_recovered_expected": "cents",
    "documentation/any_expected": "cents",
}
TITLES = {
    "denials/first_rate": "Initial denial rate",
    "denials/final_rate": "Final denial rate",
    "documentation/any": "Visits with a gap",
    "documentation/technique": "Type of massage or technique",
    "usage/lines": "Lines",
    "usage/units_per_visit": "Units per visit",
}
SUBJECTS = {
    "denials/first_rate": "denial rate",
    "documentation/any": "share of visits with a documentation gap",
}
NOT_ADDING = {"usage/patients"}
STANDING = {"denials/open", "denials/open_expected"}
BETTER_HIGH = {"denials/recovered"}

MANIFEST = Manifest(
    version="0.1.0",
    libraries={"pandas": "3.1.1"},
    editions={"codes.csv": "a" * 64, "reasons.csv": "b" * 64},
    settings="c" * 64,
    options={},
)


def saved(
    period: str,
    table: str,
    *,
    as_of: str = "2026-12-15",
    mature: bool | None = True,
    history: Mapping[str, Mapping[str, tuple[int, int | None]]] | None = None,
    findings: tuple[SavedFinding, ...] = (),
    measures: Mapping[str, SavedMeasure] | None = None,
    manifest: Manifest = MANIFEST,
    practice: str = "A practice",
) -> Results:
    """Return results of one period."""
    rows = [row.split() for row in table.splitlines() if row.strip()]
    figures = [_figure(dict(zip(rows[0], row, strict=True)), history or {}) for row in rows[1:]]
    names = dict.fromkeys(parse_figure_id(figure.id).measure for figure in figures)
    return Results(
        schema=SCHEMA,
        practice=practice,
        period=period,
        as_of=as_of,
        mature=mature,
        reconciliation=[
            SavedFile("charges.csv", "d" * 64, "own charges", 430, 420, 8, 2, 10_000, 9_800, 150, 50)
        ],
        measures={name: measure(name) for name in names} | dict(measures or {}),
        figures=figures,
        findings=list(findings),
        manifest=manifest,
    )


def measure(name: str, **changed: Any) -> SavedMeasure:
    """Return what a measure means; a share unless its name tells otherwise."""
    amounts = {"usage/lines", "usage/visits", "usage/patients", "denials/open", "denials/rejected"}
    told: dict[str, Any] = {
        "title": TITLES.get(name, name.partition("/")[2].replace("_", " ").capitalize()),
        "definition": f"What {name} means.",
        "unit": UNITS.get(name, "count" if name in amounts else "share"),
        "worse": "" if name.startswith("usage/") else "lower" if name in BETTER_HIGH else "higher",
        "adds": name not in NOT_ADDING,
        "standing": name in STANDING,
        "subject": SUBJECTS.get(name, ""),
        "rows": "visit" if name.startswith("documentation/") else "line",
    }
    return SavedMeasure(**(told | changed))


def finding(name: str, title: str, rows: int, cents: int | None = 10_000) -> SavedFinding:
    """Return a finding of this period."""
    return SavedFinding(name, title, rows, rows * 10, 0, cents, "biller", 1)


def limits(smallest: int = 11, cautious: int = 30, confidence: float = 0.95) -> Limits:
    """Return limits, the shipped ones unless told otherwise."""
    return Limits(smallest, cautious, confidence)


def _figure(row: dict[str, str], history: Mapping[str, Mapping[str, tuple[int, int | None]]]) -> SavedFigure:
    top, base = int(row["top"]), _number(row.get("base", "-"))
    effective = None if row.get("effective", "-") == "-" else float(row["effective"])
    ends = wilson(top, base, effective=effective) if effective and base else None
    return SavedFigure(
        id=row["figure"],
        numerator=top,
        denominator=base,
        unknown=_number(row.get("unknown", "-")) or 0,
        unit=UNITS.get(parse_figure_id(row["figure"]).measure, ""),
        outcome=row.get("outcome", "-").replace("-", "").replace("_", " "),
        effective=effective,
        interval=(round(ends.low, 6), round(ends.high, 6)) if ends else None,
        history={
            month: (*counts, counts[1] if effective else None)
            for month, counts in history.get(row["figure"], {}).items()
        },
    )


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)
