"""Balances: lines with a credit, lines taken back, lines paid on two claims or answered as something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from audit.blocks import (
    Cell,
    Head,
    Row,
    Section,
    Table,
    dollars,
    fold_rows,
    money,
    money_exact,
    plural,
    units,
)
from audit.measures import Measure, marked
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Rule
from audit.showing import name_cell

if TYPE_CHECKING:
    from datetime import date

    from audit.comparison import Comparison
    from audit.populations import Marks, Populations
    from audit.settings import Settings

ID = "balances"
TITLE = "Credits and take-backs"

MOST_ROWS = 60
"""Lines listed on the page at most, those with most money; the table beside the report holds all."""

MEASURES = (
    Measure(
        "balances/answered_otherwise",
        "Answered otherwise",
        "Lines that the payer answered under another code or other units than were billed.",
        marked("answered_otherwise"),
        needs_answers=True,
    ),
    Measure(
        "balances/billed_twice",
        "Paid on two claims",
        "Lines for whose patient, day and code another claim of the practice was paid as well.",
        marked("billed_twice"),
        needs_answers=True,
    ),
)

STANDING = (
    Measure(
        "balances/credit",
        "Credit balances",
        "Lines of the whole history on which payments and the patient's share are above what is allowed.",
        marked("credit"),
        groups=("payer",),
    ),
    Measure(
        "balances/credit_cents",
        "Dollars of credit balances",
        "By how much payments and the patient's share are above what is allowed on these lines.",
        marked("credit", of="credit"),
        unit="cents",
        groups=("payer",),
    ),
)

RULES = (
    Rule(
        "balances/credit",
        "Look at {rows} with a credit balance",
        "Check whether a payment was posted twice or is to be returned; note the day you looked.",
        "Money above what is allowed may belong to the payer or the patient.",
        "42 CFR 401.305",
        "credit",
        "lines",
        "biller",
        "payments and allowed amounts",
        standing=True,
        money="credit",
        sentence="Payments and the patient's share together are no more than what is allowed.",
        task="answers",
        right="$60 allowed, $48 paid, $12 left to the patient.",
        wrong="$60 allowed, $60 paid twice.",
    ),
    Rule(
        "balances/billed_twice",
        "Compare {rows} paid on two claims for one patient, day and code",
        "Check against the notes whether both were services.",
        "A service that was paid twice is taken back once it is noticed.",
        "CARC 18 and B13 of the X12 adjustment reasons",
        "billed_twice",
        "lines",
        "biller",
        "patients, dates and answers",
        sentence="A service is paid once.",
        task="claims",
        stake="over-billed",
        right="One claim for 97140 of 5 October, paid.",
        wrong="Two claims for 97140 of 5 October, both paid.",
    ),
    Rule(
        "balances/answered_otherwise",
        "Look at {rows} that the payer answered under another code or units",
        "Compare the note with both: check which of the two it supports.",
        "A code or units changed by the payer say what it read in the claim.",
        "Loop 2110 SVC of the X12 835: procedure and units billed beside those answered",
        "answered_otherwise",
        "lines",
        "biller",
        "remittances (835)",
        sentence="The payer answers the code and units that were billed.",
        task="answers",
        right="97140 billed, 97140 answered.",
        wrong="97140 billed, 97124 answered.",
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands on the as-of date."""
    return STANDING


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return RULES


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark the lines with a credit, paid on two claims, and answered under another code or units."""
    frame = populations.lines.frame
    billed = (frame["first_decision"] != "not billed").to_numpy()
    answered = billed & (frame["answers"] > 0).to_numpy()
    credit = frame["credit"].to_numpy(np.int64, na_value=-1)
    twice = frame["billed_twice"].to_numpy()
    otherwise = (frame["answered_as"] != "").to_numpy()
    return populations.with_marks(
        {
            "lines": {
                "credit": _mark(billed, np.where(credit < 0, UNSURE, np.where(credit > 0, YES, NO))),
                "billed_twice": _mark(answered, np.where(twice, YES, NO)),
                "answered_otherwise": _mark(answered, np.where(otherwise, YES, NO)),
            }
        }
    )


def _mark(arises: np.ndarray, marks: np.ndarray) -> Marks:
    return np.where(arises, marks, OUT).astype(np.int8)


# --- what the page shows ------------------------------------------------------------------

_TOLD = (
    *("payer", "source_file", "source_row", "service_date", "code", "units", "answered_as", "expected"),
    *("credit", "credit_on", "taken_back", "taken_back_on"),
)
"""What the lists tell of a line."""


def show(comparison: Comparison, populations: Populations, settings: Settings, as_of: date) -> Section | None:
    """Return the section: credit balances, take-backs, other codes; None where there are none."""
    lines = populations.lines
    month = lines.month
    inside = (month >= comparison.spans.this.start) & (month < comparison.spans.this.stop)
    told = lines.frame[list(_TOLD)]
    credits, backs = (told[lines.marks[name] == YES] for name in ("credit", "money_back"))
    otherwise = told[(lines.marks["answered_otherwise"] == YES) & inside]
    if not (len(credits) or len(backs) or len(otherwise)):
        return None
    blocks = {
        "credits": _list(
            credits, "credit", "credit_on", "balances-credits", "Credit balances", "credit_balances.csv"
        ),
        "take_backs": _list(
            backs, "taken_back", "taken_back_on", "balances-take-backs", "Taken back", "take_backs.csv"
        ),
        "answered_otherwise": _answered(otherwise),
    }
    return Section(ID, TITLE, blocks, lead=_lead(credits, backs, otherwise), short="Credits")


def _lead(credits: pd.DataFrame, backs: pd.DataFrame, otherwise: pd.DataFrame) -> str:
    texts = []
    if len(credits):
        texts.append(
            f"**{plural(len(credits), 'line')}** of all months show a credit, "
            f"{money(int(credits['credit'].sum()))}."
        )
    if len(backs):
        texts.append(
            f"Payers took back {money(int(backs['taken_back'].sum()))} on {plural(len(backs), 'line')}."
        )
    if len(otherwise):
        texts.append(
            f"{plural(len(otherwise), 'line')} of the period were answered under another code or units."
        )
    return " ".join(texts)


def _list(lines: pd.DataFrame, cents: str, since: str, name: str, title: str, csv: str) -> Table | None:
    """Return lines one by one, those with most money first, with a column to fill in by hand."""
    if not len(lines):
        return None
    rows = [
        Row(
            (
                *_places(line),
                Cell(money_exact(amount), sort=amount),
                Cell(_day(line[since])),
                Cell(""),
            )
        )
        for line, amount in _largest(lines, cents)
    ]
    blank, together = Cell(""), Cell(money_exact(int(lines[cents].sum())))
    total = Row((Cell("All"), blank, blank, blank, together, blank, blank), total=True)
    return Table(
        name,
        title,
        (*_HEADS, Head("Dollars"), Head("First shown", numeric=False), Head("Reviewed on", numeric=False)),
        (*fold_rows(rows), total),
        note="All months. Write down when each was looked at, here on paper or in the table beside it.",
        csv=csv,
        fold=True,
    )


def _answered(lines: pd.DataFrame) -> Table | None:
    """Return the lines that the payer answered under another code or other units."""
    if not len(lines):
        return None
    rows = [
        Row(
            (
                *_places(line),
                Cell(_units(line["units"])),
                *_otherwise(line["answered_as"]),
                Cell(dollars(worth), sort=worth),
            )
        )
        for line, worth in _largest(lines, "expected")
    ]
    return Table(
        "balances-answered-otherwise",
        "Answered under another code or units",
        (
            *_HEADS,
            Head("Units"),
            Head("Answered code", numeric=False),
            Head("Answered units"),
            Head("Expected, $"),
        ),
        fold_rows(rows),
        csv="answered_otherwise.csv",
        fold=True,
    )


_HEADS = (
    Head("Payer", numeric=False),
    Head("File and row", numeric=False),
    Head("Service", numeric=False),
    Head("Code", numeric=False),
)


def _largest(lines: pd.DataFrame, cents: str) -> list[tuple[dict[str, Any], int]]:
    """Return the lines with most money, as records, each with its cents."""
    worth = lines[cents].to_numpy(np.int64, na_value=0)
    file, row = lines["source_file"].astype(str).to_numpy(dtype=object), lines["source_row"].to_numpy()
    order = np.lexsort((row, file, -worth))[:MOST_ROWS]
    columns = {str(name): column.tolist() for name, column in lines.iloc[order].items()}
    records = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return list(zip(records, worth[order].tolist(), strict=True))


def _places(line: dict[str, Any]) -> tuple[Cell, ...]:
    """Return where a line stands, for whoever holds the files."""
    return (
        name_cell(str(line["payer"])),
        Cell(f"{line['source_file']} {line['source_row']}"),
        Cell(_day(line["service_date"])),
        Cell(str(line["code"])),
    )


def _otherwise(told: str) -> tuple[Cell, Cell]:
    """Return code and units that the payer answered; units blank where it names the code alone."""
    code, _, hundredths = told.partition(" ")
    return Cell(code), Cell(units(int(hundredths)) if hundredths else "")


def _units(hundredths: Any) -> str:
    return units(None if pd.isna(hundredths) else int(hundredths))


def _day(day: Any) -> str:
    return "" if pd.isna(day) else str(day)[:10]
