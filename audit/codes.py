"""The code book and the reason book: what a code or a payer's reason is, in our own words, and since when.

In: `config/codes.csv`, `config/reasons.csv` and `config/remarks.csv`, which ship with the product. Out:
`code_book()` and `reason_book()`, read once. A code or reason outside them is never an error: it is "not in
our code book", or of kind "unknown". Descriptions are our own wording, not those of the code owners.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

NOT_IN_BOOK = "not in our code book"
UNKNOWN = "unknown"
"""The kind of a reason that is not in the book."""

CATEGORIES = ("I", "II", "III", "HCPCS", NOT_IN_BOOK)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "denial": "the payer refuses the amount",
        "share": "the patient's part of the cost",
        "taken": "held back from an allowed amount",
        "prior": "what an earlier payer paid or adjusted",
        "contractual": "the difference to the agreed price, or another adjustment that is no refusal",
        "pending": "not decided yet",
        "sent_on": "handed to, or belonging to, another payer",
        "predetermination": "an estimate, no answer",
        "duplicate": "a denial, unless the original is among our lines",
        "report_only": "a reporting code, never paid",
        "bundled": "a denial, unless this payer always bundles the code",
        "capitated": "a denial, unless this payer prepays the practice",
        "carry": "the decision before it stands",
        "interest": "interest, no part of the line",
    }
)
"""Kind of a reason -> what it says of the amount. `decisions.py` decides by kinds, not codes."""

CAUSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "eligibility": ("Coverage and eligibility", "front desk"),
        "authorization": ("Authorization and referral", "front desk"),
        "coordination": ("Which payer is responsible", "front desk"),
        "benefit_limit": ("Limits of the plan", "front desk"),
        "coding_modifier": ("Codes and modifiers", "biller"),
        "billing_information": ("Information on the claim", "biller"),
        "bundling": ("Part of another service", "biller"),
        "duplicate": ("Duplicates", "biller"),
        "timely_filing": ("Filed too late", "biller"),
        "documentation": ("Records and notes", "clinician"),
        "medical_necessity": ("Medical necessity", "clinician"),
        "credentialing": ("Enrollment and credentials", "credentialing"),
        "patient_responsibility": ("The patient's share", "patient"),
        "contractual": ("Contract and fee schedule", "nobody"),
        "other": ("Other", "biller"),
    }
)
"""Cause class -> its words, and who usually fixes it."""

_FUNCTIONAL = ((8978, 8999), (9158, 9186))
"""G codes that reported function to Medicare from 2013 to 2018 and were never paid."""


OTHER_LENGTH = ("acupuncture", "caregiver training", "work hardening")
"""Families of timed codes whose unit is no plain 15 minutes: an hour, half an hour, or new needles too."""


ONCE_A_DAY = (
    *("supervised modalities", "PT evaluation", "OT evaluation", "re-evaluation"),
    *("athletic training evaluation", "spinal adjustment", "adjustment outside the spine"),
    *("osteopathic treatment", "dry needling"),
)
"""Families of untimed codes of which a patient has one unit a day."""

GROUP_CODES = ("97150", "97552", "G0543")
"""Treatment in a group: one unit for each patient and day."""


class Code(NamedTuple):
    """One billing code."""

    code: str
    description: str
    category: str
    """I, II, III (CPT) or HCPCS."""
    family: str
    """The group inside which its share is watched."""
    timed: bool
    """Whether its units are counted from treatment minutes."""
    disciplines: tuple[str, ...]
    """Who usually bills it; empty = anybody."""
    therapy: str
    """Whether Medicare takes it for therapy: always, sometimes (by who gives it), no; "" not known."""
    valid_from: date | None
    """First date of service it may be billed for; None = long ago or not known."""
    valid_to: date | None
    """Last date of service it may be billed for; None = still valid as far as we know."""
    add_on_to: tuple[str, ...]
    """Codes of which one must be billed with it; empty = it stands alone."""
    note: str
    source: str
    sure: bool
    """False = from general knowledge, to be checked before relying on it."""

    @property
    def quarter_hours(self) -> bool:
        """Whether its units are plain 15 minutes of treatment."""
        return self.timed and self.family not in OTHER_LENGTH

    @property
    def once_a_day(self) -> bool:
        """Whether a patient has one unit of it a day, by what it is."""
        return self.family in ONCE_A_DAY or self.code in GROUP_CODES

    def valid_on(self, day: date) -> bool:
        """Tell whether the code may be billed for a service on `day`, as far as its dates are known."""
        return _within(day, self.valid_from, self.valid_to)


class Reason(NamedTuple):
    """One claim adjustment reason of a remittance."""

    code: str
    wording: str
    cause: str
    """One of `CAUSES`."""
    kind: str
    """One of `KINDS`: how the decision table reads it."""
    owner: str
    """Who usually acts on it."""
    recovery: str
    """What usually helps; empty = nothing to do."""
    in_force_from: date | None
    in_force_to: date | None
    source: str


class Remark(NamedTuple):
    """One remark code that explains a reason."""

    code: str
    wording: str


class CodeBook(NamedTuple):
    """All codes that we describe."""

    codes: Mapping[str, Code]

    def describe(self, code: str) -> str:
        """Return what a code is, in plain words."""
        return self.codes[code].description if code in self.codes else NOT_IN_BOOK

    def name(self, code: str) -> str:
        """Return what a code is in few words: its description up to the colon."""
        return self.describe(code).partition(":")[0]

    def category_of(self, code: str) -> str:
        """Return one of `CATEGORIES`, for codes outside the book by their pattern."""
        if code in self.codes:
            return self.codes[code].category
        if re.fullmatch(r"\d{4}F", code):
            return "II"
        if re.fullmatch(r"\d{4}T", code):
            return "III"
        return "HCPCS" if re.fullmatch(r"[A-V]\d{4}", code) else NOT_IN_BOOK

    def is_report_only(self, code: str) -> bool:
        """Tell whether a code only reports (category II, functional G codes) and is never paid."""
        if self.category_of(code) == "II":
            return True
        number = int(code[1:]) if re.fullmatch(r"G\d{4}", code) else 0
        return any(first <= number <= last for first, last in _FUNCTIONAL)

    def families(self) -> dict[str, tuple[str, ...]]:
        """Return family -> its codes, both in alphabetical order."""
        names = sorted({code.family for code in self.codes.values()})
        return {name: tuple(c for c, code in self.codes.items() if code.family == name) for name in names}

    def discipline_by_code(self) -> dict[str, str]:
        """Return code -> discipline, for the codes that only one discipline bills."""
        return {c: code.disciplines[0] for c, code in self.codes.items() if len(code.disciplines) == 1}

    def outside_dates(self, codes: pd.Series, service_dates: pd.Series) -> pd.Series:
        """Mark lines whose code was not valid on the service date; one outside the book is never marked."""
        frame = self.frame()
        first = codes.map(frame["valid_from"].to_dict()).astype("datetime64[s]")
        last = codes.map(frame["valid_to"].to_dict()).astype("datetime64[s]")
        outside: pd.Series = (service_dates < first) | (service_dates > last)
        return outside.rename("outside_dates")

    def frame(self) -> pd.DataFrame:
        """Return the book as a table indexed by code, for joining with many lines."""
        import pandas as pd

        frame = pd.DataFrame(self.codes.values(), columns=Code._fields).set_index("code")
        for column in ("valid_from", "valid_to"):
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
        single = self.discipline_by_code()
        frame["discipline"] = [single.get(code, "") for code in frame.index]
        frame["report_only"] = [self.is_report_only(code) for code in frame.index]
        return frame


class ReasonBook(NamedTuple):
    """All reasons and remarks that we describe."""

    reasons: Mapping[str, Reason]
    remarks: Mapping[str, Remark]

    def kind_of(self, reason: str) -> str:
        """Return one of `KINDS`, or "unknown" for a reason that is not in the book."""
        return self.reasons[reason].kind if reason in self.reasons else UNKNOWN

    def of_kind(self, *kinds: str) -> frozenset[str]:
        """Return the reasons of one or several kinds."""
        return frozenset(code for code, reason in self.reasons.items() if reason.kind in kinds)

    def describe(self, reason: str) -> str:
        """Return the wording of a reason, written as `97` or with its group as `CO-97`."""
        code = reason.rpartition("-")[2]
        return self.reasons[code].wording if code in self.reasons else "a reason we do not know"

    def describe_remark(self, remark: str) -> str:
        """Return the wording of a remark code."""
        return self.remarks[remark].wording if remark in self.remarks else "a remark we do not know"

    def cause_of(self, reason: str) -> str:
        """Return the cause class of a reason, written as `97` or `CO-97`; "other" when not in the book."""
        code = reason.rpartition("-")[2]
        return self.reasons[code].cause if code in self.reasons else "other"

    def owner_of(self, reason: str) -> str:
        """Return who usually acts on a reason, written as `97` or `CO-97`; the biller when it is unknown."""
        code = reason.rpartition("-")[2]
        return self.reasons[code].owner if code in self.reasons else "biller"


@cache
def code_book() -> CodeBook:
    """Read `config/codes.csv`, once."""
    codes = {
        row["code"]: Code(
            code=row["code"],
            description=row["description"],
            category=row["category"],
            family=row["family"],
            timed=row["timed"] == "yes",
            disciplines=tuple(row["disciplines"].split()),
            therapy=row["therapy"],
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            add_on_to=tuple(row["add_on_to"].split()),
            note=row["note"],
            source=row["source"],
            sure=row["sure"] == "yes",
        )
        for row in _rows("codes.csv")
    }
    return CodeBook(MappingProxyType(codes))


@cache
def reason_book() -> ReasonBook:
    """Read `config/reasons.csv` and `config/remarks.csv`, once."""
    reasons = {
        row["reason"]: Reason(
            code=row["reason"],
            wording=row["wording"],
            cause=row["cause"],
            kind=row["kind"],
            owner=row["owner"],
            recovery=row["recovery"],
            in_force_from=_date(row["in_force_from"]),
            in_force_to=_date(row["in_force_to"]),
            source=row["source"],
        )
        for row in _rows("reasons.csv")
    }
    remarks = {row["remark"]: Remark(row["remark"], row["wording"]) for row in _rows("remarks.csv")}
    return ReasonBook(MappingProxyType(reasons), MappingProxyType(remarks))


def describe(code: str) -> str:
    """Return what a billing code is, in plain words."""
    return code_book().describe(code)


def cause_words(cause: str) -> tuple[str, str]:
    """Return a cause class in words, and who usually fixes it."""
    return CAUSES.get(cause, CAUSES["other"])


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("audit.config").joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)
