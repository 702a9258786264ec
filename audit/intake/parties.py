"""Payers, clinicians and places as groups of the report: aliases applied, and never a patient's name.

A payer that is the row's own patient, or a word of the practice's for it, is `SELF_PAY`; a blank one is what
the layout says (`blank_payer`). A clinician or place that is the row's own patient is blank.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
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

LONGEST = 200
"""Most letters of a name: it stands in every figure's id, and a cell can be as long as a file."""


class People:
    """The patients of some rows, to be recognised in other columns of the same rows."""

    def __init__(self, patients: pd.Categorical) -> None:
        self.patients = patients
        self.keys = [_name_key(text) for text in texts_of(patients)]
        self.full_names = {key for key in self.keys if " " in key}

    def are(self, names: pd.Categorical) -> npt.NDArray[np.bool_]:
        """Return per row whether the column names the row's own patient."""
        own = [_name_key(text) for text in texts_of(names)]
        shared = {key: number for number, key in enumerate(sorted((set(own) & set(self.keys)) - {""}))}
        if not shared:
            return np.zeros(len(names), dtype=bool)
        mine = np.array([shared.get(key, -1) for key in own], dtype=np.int64)
        theirs = np.array([shared.get(key, -2) for key in self.keys], dtype=np.int64)
        return np.asarray(spread(names, mine) == spread(self.patients, theirs))


def clean_payers(
    payers: pd.Categorical, people: People, settings: Settings, blank: str = ""
) -> pd.Categorical:
    """Return payers under the names the report shows, `blank` for those not told."""
    practice = settings.practice

    def clean(text: str) -> str:
        if not text:
            return blank
        short = _PAYER_NUMBER.sub("", text)
        name = practice.aliases.payer(text)
        name = practice.aliases.payer(short) if name == text else name
        if practice.is_self_pay(name) or practice.is_self_pay(text):
            return SELF_PAY
        return SELF_PAY if _name_key(short) in people.full_names else shorten(name)

    return _replace(reword(payers, clean), people.are(payers), SELF_PAY)


def clean_clinicians(clinicians: pd.Categorical, people: People, settings: Settings) -> pd.Categorical:
    """Return clinicians under the names the report shows."""
    aliases = settings.practice.aliases
    named = reword(clinicians, lambda text: shorten(aliases.clinician(text)))
    return _replace(named, people.are(clinicians), "")


def clean_places(places: pd.Categorical, people: People) -> pd.Categorical:
    """Return places of service."""
    return _replace(reword(places, shorten), people.are(places), "")


def shorten(name: str) -> str:
    """Return a name of at most LONGEST letters; two long ones that differ stay apart."""
    if len(name) <= LONGEST:
        return name
    mark = sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{name[: LONGEST - len(mark) - 2]}… {mark}"


def _name_key(text: str) -> str:
    """Return a person's name whatever the order and case of its parts; "" for a bare number."""
    written = text if text.isascii() else unicodedata.normalize("NFKC", text)
    words = _WORDS.findall(written.casefold())
    names = [word for word in words if word.isalpha()] or words
    return " ".join(sorted(names)) if any(not word.isdecimal() for word in names) else ""


def _replace(column: pd.Categorical, rows: npt.NDArray[np.bool_], text: str) -> pd.Categorical:
    if not rows.any():
        return column
    texts = texts_of(column)
    return name_numbers(np.where(rows, len(texts), column.codes), [*texts, text])
