"""The practice in the product's own format: charges.csv, postings.csv, visit_notes.csv, practice.toml.

In goes a `Practice` of cents, days and positions; out come tables of text (dollars with two decimals, ISO
dates, numbered ids, blank for -1), the text of the settings, and the files themselves, with line feeds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .draws import AS_OF, BLANK, EPOCH, Ints, Texts
from .notes import CHARTED, ELEMENTS
from .practice import Practice
from .roster import CLINICIANS, CODES, COMP, DISCIPLINES, FEE_RISE_FROM, LOCATIONS, NUMBER, fee_of


def dates(days: Iterable[int] | pd.Series) -> Texts:
    """ISO dates, blank for -1."""
    numbers = np.asarray(days, dtype=np.int64)
    low = int(numbers[numbers != BLANK].min(initial=(AS_OF - EPOCH).days))
    high = int(numbers.max(initial=low))
    names = np.array(
        [*((EPOCH + timedelta(days=n)).isoformat() for n in range(low, high + 1)), ""], dtype=object
    )
    found: Texts = names[np.where(numbers == BLANK, high - low + 1, numbers - low)]
    return found


def money(cents: pd.Series | Ints) -> Texts:
    """Dollars with two decimals."""
    values, codes = np.unique(np.asarray(cents, dtype=np.int64), return_inverse=True)
    sign = ["-" if value < 0 else "" for value in values]
    texts = [f"{s}{abs(v) // 100}.{abs(v) % 100:02d}" for s, v in zip(sign, values.tolist(), strict=True)]
    found: Texts = np.array(texts, dtype=object)[codes]
    return found


def ids(letter: str, numbers: pd.Series | Ints) -> Texts:
    """Numbered ids as L000123, blank for -1."""
    whole = np.asarray(numbers, dtype=np.int64)
    width = max(4 if letter == "P" else 5, len(str(int(whole.max(initial=0)) + 1)))
    texts = [f"{letter}{number + 1:0{width}d}" if number != BLANK else "" for number in whole.tolist()]
    return np.array(texts, dtype=object)


def payer_numbers(claims: pd.Series) -> Texts:
    """The numbers that payers give claims, as write_x12.py has them on remittances."""
    return np.array([f"91{claim[1:]}" for claim in ids("C", claims)], dtype=object)


def counts(numbers: pd.Series | Ints) -> Texts:
    """Whole numbers, blank for -1."""
    texts = ["" if number == BLANK else str(number) for number in np.asarray(numbers).tolist()]
    return np.array(texts, dtype=object)


def take(names: Sequence[str], positions: pd.Series) -> Texts:
    """The names at `positions`."""
    found: Texts = np.array(names, dtype=object)[positions.to_numpy()]
    return found


def charges_table(practice: Practice) -> pd.DataFrame:
    """charges.csv: one row per claim line."""
    lines = practice.lines
    return pd.DataFrame(
        {
            "line_id": ids("L", lines["line"]),
            "claim_id": ids("C", lines["claim"]),
            "visit_id": ids("V", lines["visit"]),
            "patient_id": ids("P", lines["patient"]),
            "clinician": take(CLINICIANS, lines["clinician"]),
            "location": take(LOCATIONS, lines["location"]),
            "payer": lines["payer_name"].to_numpy(),
            "service_date": dates(lines["day"]),
            "submitted_date": dates(lines["submitted"]),
            "code": lines["code_name"].to_numpy(),
            "modifiers": lines["modifiers"].to_numpy(),
            "diagnoses": lines["diagnoses"].to_numpy(),
            "units": counts(lines["units"]),
            "minutes": counts(lines["minutes"]),
            "charge": money(lines["charge"]),
            "frequency": lines["frequency"].to_numpy(),
            "replaces": lines["replaces"].to_numpy(),
        }
    )


PARTS = (  # column of an answer, posting kind, group, reason; "" = as the answer says
    ("paid", "payment", "", ""),
    ("contractual", "adjustment", "CO", "45"),
    ("share", "adjustment", "PR", ""),
    ("sequester", "adjustment", "CO", "253"),
    ("prior", "adjustment", "OA", "23"),
    ("refused", "adjustment", "", ""),
    ("allowed", "allowed", "", ""),
)


def postings_table(practice: Practice) -> pd.DataFrame:
    """postings.csv: one row per part of an answer that is not nothing, in order of date and line.

    What is paid is told even where it is nothing, as remittances do.
    """
    answers, parts = practice.answers.reset_index(drop=True), []
    for order, (column, kind, group, reason) in enumerate(PARTS):
        amount = answers[column].to_numpy()
        there = amount > 0
        if column == "refused":
            there |= (answers["reason"] == "246").to_numpy()
        if column == "paid":
            there |= ~answers["reversal"].to_numpy(dtype=np.bool_)
        part = answers[there]
        reversal = part["reversal"].to_numpy()
        own = {"share": ("PR", part["share_reason"]), "refused": (part["group"], part["reason"])}
        groups, reasons = own.get(column, (group, reason))
        parts.append(
            pd.DataFrame(
                {
                    "line": part["line"],
                    "day": part["day"],
                    "answer": part.index,
                    "order": order,
                    "payer_rank": part["rank"],
                    "kind": np.where(reversal, "reversal", kind),
                    "group": groups,
                    "reason": reasons,
                    "amount": np.where(reversal, -amount[there], amount[there]),
                    "remarks": part["remarks"] if column == "refused" else "",
                    "claim_status": part["status"],
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    keys = [rows[name].to_numpy() for name in ("order", "answer", "line", "day")]
    rows = rows.iloc[np.lexsort(keys)]
    names = ids("L", practice.lines["line"])
    table = rows.drop(columns=["line", "day", "answer", "order"])
    table.insert(0, "line_id", names[rows["line"].to_numpy()])
    table.insert(1, "posted_on", dates(rows["day"]))
    table["amount"] = money(rows["amount"])
    return table


def notes_table(practice: Practice) -> pd.DataFrame:
    """notes: one row per visit."""
    visits = practice.visits
    table = {
        "visit_id": ids("V", np.arange(len(visits))),
        "patient_id": ids("P", visits["patient"]),
        "clinician": take(CLINICIANS, visits["clinician"]),
        "service_date": dates(visits["day"]),
        "note": np.where(visits["note"], "yes", "no"),
        "signed_on": dates(visits["signed"]),
        "minutes": counts(visits["minutes"]),
    }
    table |= {element: visits[element].to_numpy() for element in ELEMENTS}
    for name in CHARTED:
        table[name] = (dates if name.endswith(("_on", "_until")) else counts)(visits[name])
    return pd.DataFrame(table)


def toml_pairs(pairs: Mapping[str, Any]) -> str:
    """TOML lines of `pairs`; text, whole numbers, truth values and lists of text."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in pairs.items())


AWAY = (  # clinician, first and last day on which nobody was treated
    ("Dana Whitfield", "2025-08-28", "2025-08-31"),
    ("Dana Whitfield", "2025-12-31", "2026-01-04"),
    ("Priya Raman", "2025-01-10", "2025-01-14"),
    ("Priya Raman", "2026-09-04", "2026-09-07"),
    ("Marcus Hale", "2025-12-23", "2025-12-28"),
)


def practice_toml() -> str:
    """practice.toml of the sample practice."""
    text = "# The invented practice's own settings. Written by make_sample.py.\n"
    text += toml_pairs({"confirmed": True, "name": "Cedar & Stone Therapy"})
    text += "\n[disciplines]\n"
    text += "".join(f'"{name}" = "{kind}"\n' for name, kind in zip(CLINICIANS, DISCIPLINES, strict=True))
    text += f'\n[payers.comp]\nnames = ["{COMP}"]\nreferral = true\n'
    text += "\n[fees] # dollars a unit\n"
    rise = EPOCH + timedelta(days=FEE_RISE_FROM)
    until = (rise - timedelta(days=1)).isoformat()
    for code in CODES:
        if code.fee:
            risen = fee_of(np.array([NUMBER[code.code]]), np.array([FEE_RISE_FROM]), CODES)[0] // 100
            text += f'"{code.code}" = [{{ value = {code.fee}, to = {until} }}, '
            text += f"{{ value = {risen}, from = {rise.isoformat()} }}]\n"
    for name, first, last in AWAY:
        text += f'\n[[away]]\nclinician = "{name}"\nfrom = {first}\nto = {last}\n'
    return text


def write_csv(table: pd.DataFrame, path: Path, encoding: str = "utf-8") -> None:
    """Write a table as CSV with line feeds."""
    table.to_csv(path, index=False, lineterminator="\n", encoding=encoding)


def write_text(text: str, path: Path) -> None:
    """Write text with line feeds."""
    path.write_text(text, encoding="utf-8", newline="\n")


def write_practice(practice: Practice, folder: Path) -> None:
    """Write the three files of the product's own format."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(charges_table(practice), folder / "charges.csv")
    write_csv(postings_table(practice), folder / "postings.csv")
    write_csv(notes_table(practice), folder / "visit_notes.csv")
