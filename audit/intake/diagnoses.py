"""The diagnoses of claim lines in an 837P: the claim lists them (HI), each line points to its own (SV107)."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake import cells, elements
from audit.intake.columns import constant, join, name_numbers, reword, take, texts_of
from audit.intake.x12_tables import NOWHERE, Table
from audit.lines import ABSENT, PRESENT, UNKNOWN

_NO_DIAGNOSIS = ("BP", "BO", "BG")
"""Qualifiers of HI composites that tell something else: procedures and conditions."""

_UNREADABLE = "?"


def diagnose(
    tables: dict[str, Table], claim: npt.NDArray[np.int64], pointers: pd.Categorical
) -> tuple[pd.Categorical, npt.NDArray[np.int8]]:
    """Return the diagnoses of each line in the order it points to them, and whether it has any.

    `claim` is each line's row of the claims. A line that points to none has those of its claim.
    """
    listed = _of_claims(tables)
    pairs = pointers.codes.astype(np.int64) * len(listed.categories) + listed.codes[claim]
    numbers, distinct = pd.factorize(pairs)
    asked, lists = texts_of(pointers), texts_of(listed)
    chosen = [
        _choose(asked[pair // len(lists)], lists[pair % len(lists)].split()) for pair in distinct.tolist()
    ]
    states = np.array([_state(codes) for codes in chosen], dtype=np.int8)
    texts = [" ".join(dict.fromkeys(code for code in codes if code != _UNREADABLE)) for codes in chosen]
    return name_numbers(numbers, texts), states[numbers]


def _of_claims(tables: dict[str, Table]) -> pd.Categorical:
    """Return the diagnoses of each claim, separated by blanks; "?" for one that is none we can read."""
    claims, table = tables["claims"], tables["diagnoses"]
    rows = np.flatnonzero(table.parents["claims"] != NOWHERE)
    if not len(rows):
        return constant(len(claims))
    listed = join([reword(column, _code) for column in _in_order(table)])
    return join(elements.number_off(take(listed, rows), table.parents["claims"][rows], len(claims)))


def _in_order(table: Table) -> list[pd.Categorical]:
    return [table[f"diagnosis_{place}"] for place in range(1, len(table.columns) + 1)]


def _code(text: str) -> str:
    """Return the diagnosis of a composite such as ABK:M545, with its point."""
    parts = re.split(r"[:>|^]", text)
    if len(parts) < 2 or not parts[1] or parts[0] in _NO_DIAGNOSIS:
        return ""
    code = parts[1].upper()
    whole = 4 if code[0] == "E" and parts[0] in ("BK", "BF") else 3  # E codes of ICD-9 have four places
    if "." not in code and len(code) > whole:
        code = f"{code[:whole]}.{code[whole:]}"
    found, _ = cells.parse_diagnoses(code)
    return found[0] if found else _UNREADABLE


def _choose(pointers: str, codes: list[str]) -> list[str]:
    places = [int(part) for part in re.split(r"[:>|^]", pointers) if part.isdecimal()]
    return [codes[place - 1] for place in places if 0 < place <= len(codes)] if places else codes


def _state(codes: list[str]) -> int:
    if any(code != _UNREADABLE for code in codes):
        return PRESENT
    return UNKNOWN if codes else ABSENT
