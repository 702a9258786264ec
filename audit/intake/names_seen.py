"""The names that a practice must look at: payers, clinicians, treatments; and what is guessed of them.

Patients' own names are taken out, and a column in which nearly every row differs is not listed at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from audit.codes import code_book
from audit.intake import cells
from audit.intake.column_values import ONE_CODE, SHOWN, Seen
from audit.intake.columns import constant, join, name_numbers, reword, spread, texts_of, used
from audit.intake.header_words import FIRST_NAMES, LAST_NAMES, find_candidates, read_header
from audit.intake.parties import People, clean_clinicians, clean_payers, clean_places
from audit.intake.sheet import Sheet
from audit.lines import SELF_PAY
from audit.settings import fold_name

if TYPE_CHECKING:
    from audit.settings import Settings


CREDENTIALS = {
    **dict.fromkeys(("lmt", "rmt", "cmt", "lmbt", "bctmb"), "massage"),
    **dict.fromkeys(("pt", "dpt", "mpt", "pta"), "pt"),
    **dict.fromkeys(("ot", "otr", "otd", "cota"), "ot"),
    **dict.fromkeys(("dc",), "chiropractic"),
    **dict.fromkeys(("lac", "dacm", "daom"), "acupuncture"),
    **dict.fromkeys(("slp",), "slp"),
}


class Named(NamedTuple):
    """Names that a practice knows its people and services by, and how many rows have each.

    `bills`: clinician -> discipline -> rows with a code that only this discipline bills.
    """

    payers: Counter[str]
    clinicians: Counter[str]
    items: Counter[str]
    bills: dict[str, Counter[str]]


_OF_PEOPLE = {"patient", "member", "subscriber", "insured", "guarantor", "policyholder", "holder", "family"}
"""Words of the headers of columns that may hold names of patients and their families."""

_NO_PEOPLE = {"company", "plan", "clinician", "location", "code", "amount", "date", "status", "paid", "due"}

_LAST_FIRST = re.compile(r"[^\W\d_][\w'\u2019-]*(?: [\w'\u2019-]+)?, *[^\W\d_][\w'\u2019-]*(?: [^\W\d_]\.?)?")
_FIRMS = {"inc", "llc", "ltd", "lp", "llp", "pc", "pllc", "corp", "co", "company", "na", "usa"}

_MANY_PATIENTS = 5
"""Rows of other patients from which on a clinician of a patient's name is one: therapists are treated too."""


class Strangers:
    """The names of patients that stand anywhere in a sheet, to be kept out of what is shown of it."""

    def __init__(self, sheet: Sheet) -> None:
        first, last = (find_candidates(sheet.headers, names) for names in (FIRST_NAMES, LAST_NAMES))
        columns = [[header] for header in sheet.headers if _tells_people(header)]
        columns += [[one, other] for one, other in zip(first, last, strict=False)]
        texts = (texts_of(join([sheet.cells[header].array for header in each])) for each in columns)
        self.names = {key for each in texts for key in map(_words_key, each) if len(key) > 1}

    def hide(self, name: str, seen: Seen) -> Seen:
        """Return the column with patients' names as blanks; `name` is our field for it, "" for none."""
        texts = texts_of(seen.column)
        counts = np.bincount(seen.column.codes, minlength=len(texts)).tolist()
        hidden = [self._is_one(name, text, count) for text, count in zip(texts, counts, strict=True)]
        if not any(hidden):
            return seen
        rows = int(spread(seen.column, np.array(hidden, dtype=bool)).sum())
        strange = {text for text, hide in zip(texts, hidden, strict=True) if hide}
        shown = reword(seen.column, lambda text: "" if text in strange else text)
        return Seen(seen.header, shown, seen.hidden + rows)

    def _is_one(self, name: str, text: str, rows: int) -> bool:
        if name == "clinician":
            return rows < _MANY_PATIENTS and _words_key(text) in self.names
        return _words_key(text) in self.names or (name in ("payer", "") and _last_first(text))


def _tells_people(header: str) -> bool:
    words = read_header(header).words
    return (
        words == {"name"} or words == {"full", "name"} or bool(words & _OF_PEOPLE and not words & _NO_PEOPLE)
    )


def _words_key(text: str) -> frozenset[str]:
    """Return the words of a name whatever their order and case; initials and bare numbers do not count."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())
    return frozenset(word for word in words if len(word) > 1 and not word.isdecimal())


def _last_first(text: str) -> bool:
    """Whether a text is written like "Last, First", and is no firm's name."""
    return bool(_LAST_FIRST.fullmatch(" ".join(text.split()))) and not _words_key(text) & _FIRMS


class View:
    """The columns of a sheet by our fields, with patients' own names taken out of those that are shown."""

    def __init__(self, sheet: Sheet, columns: Mapping[str, tuple[str, ...]], settings: Settings) -> None:
        self.sheet = sheet
        self.columns = columns
        self.settings = settings
        self.strangers = Strangers(sheet)

    def column(self, name: str) -> pd.Categorical:
        return join([self.sheet.cells[header].array for header in self.columns[name]])

    def seen(self, name: str) -> Seen:
        """Return a field's column as it may be described: in the file's own words."""
        header, column = self.columns[name][0], self.column(name)
        if name not in (*SHOWN, "item"):
            return Seen(header, column)
        own = self._people().are(column)
        texts = texts_of(column)
        shown = name_numbers(np.where(own, len(texts), column.codes), [*texts, ""])
        return self.strangers.hide(name, Seen(header, used(shown), int(own.sum())))

    def clean(self, name: str) -> pd.Categorical:
        """Return a column under the names the report shows, without patients."""
        column = self.seen(name).column
        people = self._people()
        if name == "payer":
            return used(clean_payers(column, people, self.settings))
        if name == "clinician":
            return used(clean_clinicians(column, people, self.settings))
        return used(clean_places(column, people)) if name == "location" else column

    def _people(self) -> People:
        patients = next((each for each in ("patient_name", "patient") if each in self.columns), None)
        return People(self.column(patients) if patients else constant(len(self.sheet.cells)))

    def names(self) -> Named:
        clinicians = self._counted("clinician")
        return Named(
            payers=Counter(
                {name: count for name, count in self._counted("payer").items() if name != SELF_PAY}
            ),
            clinicians=clinicians,
            items=Counter() if "code" in self.columns else self._counted("item"),
            bills=self._disciplines() if clinicians and "code" in self.columns else {},
        )

    def _counted(self, name: str) -> Counter[str]:
        """Return how many rows have each text; none where so many differ that they may be people."""
        if name not in self.columns:
            return Counter()
        seen = Seen(self.columns[name][0], self.clean(name))
        if seen.nearly_all_differ:
            return Counter()
        found: Counter[str] = Counter()
        for text, count in zip(seen.texts, seen.counts.tolist(), strict=True):
            found[" ".join(text.split())] += count
        return found

    def _disciplines(self) -> dict[str, Counter[str]]:
        clinicians, codes = self.clean("clinician"), self.column("code")
        of_code = code_book().discipline_by_code()
        names, texts = texts_of(clinicians), texts_of(codes)
        told = [of_code.get(cells.parse_code(text).code, "") for text in texts]
        pairs = clinicians.codes.astype(np.int64) * len(texts) + codes.codes
        distinct, counts = np.unique(pairs, return_counts=True)
        found: dict[str, Counter[str]] = {}
        for pair, count in zip(distinct.tolist(), counts.tolist(), strict=True):
            if discipline := told[pair % len(texts)]:
                name = " ".join(names[pair // len(texts)].split())
                found.setdefault(name, Counter())[discipline] += count
        return found

    def claim_ids(self) -> frozenset[str]:
        if "claim_id" not in self.columns:
            return frozenset()
        return frozenset(text for text in texts_of(self.column("claim_id")) if not cells.is_blank(text))


def all_names(named: Iterable[Named]) -> Named:
    whole = Named(Counter(), Counter(), Counter(), {})
    for each in named:
        whole.payers.update(each.payers)
        whole.clinicians.update(each.clinicians)
        whole.items.update(each.items)
        for clinician, disciplines in each.bills.items():
            whole.bills.setdefault(clinician, Counter()).update(disciplines)
    return whole


def alike_names(names: Mapping[str, int], likeness: float) -> list[tuple[str, str]]:
    """Return pairs of names that nearly agree, the rarer before the more frequent one.

    `names`: name -> rows; `likeness`: 1 = equal. Names that differ in a number or a single letter are
    not alike.
    """
    folded = {name: fold_name(name) for name in sorted(names)}
    marks = {name: re.findall(r"\d+|\b\w\b", text) for name, text in folded.items()}
    ordered = sorted(folded, key=lambda name: (-names[name], name))[:1000]
    pairs: list[tuple[str, str]] = []
    matcher = SequenceMatcher(autojunk=False)
    for place, frequent in enumerate(ordered):
        matcher.set_seq2(folded[frequent])
        for rare in ordered[place + 1 :]:
            if marks[rare] != marks[frequent]:
                continue
            matcher.set_seq1(folded[rare])
            bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
            if all(bound() >= likeness for bound in bounds):
                pairs.append((rare, frequent))
    return pairs


def guess_discipline(name: str, bills: Counter[str]) -> tuple[str, str]:
    for word in re.findall(r"[a-z]+", name.replace(".", "").casefold())[1:]:
        if word in CREDENTIALS:
            return CREDENTIALS[word], "a guess by the letters behind the name"
    if bills:
        likely = min(bills, key=lambda each: (-bills[each], each))
        return likely, f"a guess by {bills[likely]:,} rows with codes that only this discipline bills"
    return "other", "not known: write the discipline"


def code_in_name(item: str) -> str:
    """Return the one code of the code book that stands in a treatment's name."""
    words = re.findall(r"(?<![0-9A-Z])(?:[0-9]{5}|[0-9]{4}[A-Z]|[A-Z][0-9]{4})(?![0-9A-Z])", item.upper())
    known = {word for word in words if ONE_CODE.fullmatch(word) and word in code_book().codes}
    return known.pop() if len(known) == 1 else ""
