"""Payers, clinicians and places as groups of the report: aliases applied, and never a patient's name.

A payer that is the row's own patient, or a word of the practice's for it, or a blank in an exported column
is `SELF_PAY`. A clinician or place that is the row's own patient is blank.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake.columns import name_numbers, reword, spread, texts_of
from audit.lines import SELF_PAY

if TYPE_CHECKING:
    from audit.settings import Settings

_PAYER_NUMBER = re.compile(r"(?<=\S)\s*\(\s*[A-Za-z]{0,3}[0-9]{2,}[A-Za-z0-9]*\s*\)$")
_WORDS = re.compile(r"[^\W_]+")


def clean_payers(payers: pd.Categorical, patients: pd.Categorical, settings: Settings) -> pd.Categorical:
    """Return payers under the names the report shows; `patients` stand on the same rows."""
    practice = settings.practice
    people = {key for text in texts_of(patients) if " " in (key := _name_key(text))}

    def clean(text: str) -> str:
        short = _PAYER_NUMBER.sub("", text)
        name = practice.aliases.payer(text)
        name = practice.aliases.payer(short) if name == text else name
        if not name or practice.is_self_pay(name) or practice.is_self_pay(text) or _name_key(short) in people:
            return SELF_PAY
        return name

    cleaned = reword(payers, clean)
    return _replace(cleaned, _same_person(payers, patients), SELF_PAY)


def clean_clinicians(
    clinicians: pd.Categorical, patients: pd.Categorical, settings: Settings
) -> pd.Categorical:
    """Return clinicians under the names the report shows."""
    cleaned = reword(clinicians, settings.practice.aliases.clinician)
    return _replace(cleaned, _same_person(clinicians, patients), "")


def clean_places(places: pd.Categorical, patients: pd.Categorical) -> pd.Categorical:
    """Return places of service."""
    return _replace(places, _same_person(places, patients), "")


def _name_key(text: str) -> str:
    """Return a person's name whatever the order and case of its parts; "" for a bare number."""
    words = _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())
    names = [word for word in words if word.isalpha()] or words
    return " ".join(sorted(names)) if any(map(str.isalpha, "".join(names))) else ""


def _same_person(names: pd.Categorical, patients: pd.Categorical) -> npt.NDArray[np.bool_]:
    """Return per row whether both columns name the same person."""
    own, others = ([_name_key(text) for text in texts_of(column)] for column in (names, patients))
    shared = {key: number for number, key in enumerate(sorted((set(own) & set(others)) - {""}))}
    if not shared:
        return np.zeros(len(names), dtype=bool)
    mine = np.array([shared.get(key, -1) for key in own], dtype=np.int64)
    theirs = np.array([shared.get(key, -2) for key in others], dtype=np.int64)
    return np.asarray(spread(names, mine) == spread(patients, theirs))


def _replace(column: pd.Categorical, rows: npt.NDArray[np.bool_], text: str) -> pd.Categorical:
    if not rows.any():
        return column
    texts = texts_of(column)
    return name_numbers(np.where(rows, len(texts), column.codes), [*texts, text])
