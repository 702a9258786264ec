"""What the values of a column look like: whether they are what a field needs, and that in words.

Everything is judged on distinct texts, weighed by how many rows have each. Words about a column never hold a
value, except where the field is one that a practice must recognize by its texts: codes, payers, clinicians,
places, states, kinds of row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct

from audit.intake import cells, charted, days
from audit.intake.columns import texts_of
from audit.settings import CHARTED_DATES

MOSTLY = 0.8
"""Share of the filled cells that must look like what the field needs."""

ONE_CODE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}")
_CODE_AMONG_WORDS = re.compile(r"(?<![0-9A-Z])(?:[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})(?![0-9A-Z])")
SEVERAL = (",", ";", "|", "/", "+", "\n", " ")
"""Signs that may stand between several codes in a cell."""

DATES = ("service_date", "submitted_date", "posted_on", "signed_on", *CHARTED_DATES)
MONEY = ("charge", "allowed", "paid", "patient_share", "amount")
SHOWN = ("payer", "clinician", "location", "kind")
GROUP_WORDS = {
    "CONTRACTUAL": "CO",
    "CONTRACTUAL_OBLIGATION": "CO",
    "CONTRACTUAL OBLIGATION": "CO",
    "CONTRACTUAL OBLIGATIONS": "CO",
    "PATIENT_RESPONSIBILITY": "PR",
    "PATIENT RESPONSIBILITY": "PR",
    "PATIENT RESP": "PR",
    "OTHER": "OA",
    "OTHER_ADJUSTMENT": "OA",
    "OTHER ADJUSTMENT": "OA",
    "OTHER ADJUSTMENTS": "OA",
    "PAYER_INITIATED": "PI",
    "PAYER INITIATED": "PI",
    "PAYOR INITIATED": "PI",
    "CORRECTION": "CR",
    "CORRECTION_REVERSAL": "CR",
}
"""Words that exports write for adjustment groups."""

KIND_WORDS = ("payment", "adjustment", "reversal", "allowed", "interest", "paid", "pmt", "adj", "write off")
SERVICE_WORDS = frozenset(
    ["charge", "charges", "service", "services", "appointment", "visit", "session", "procedure", "treatment"]
)
"""Words for rows that bill a service, in a file that mixes kinds of row."""

_RANK_WORDS = {"p", "s", "t", "primary", "secondary", "tertiary"}
_NAMED = 4  # texts named in a comment
_LONGEST_NAMED = 40


class Seen(Struct, frozen=True, dict=True):
    """One column of a file: its distinct texts and how many rows have each.

    `hidden`: rows whose text is a patient's own name, which `column` shows as blank.
    """

    header: str
    column: pd.Categorical
    hidden: int = 0

    @cached_property
    def texts(self) -> list[str]:
        """The distinct texts that are not blank."""
        return [text for text, filled in zip(texts_of(self.column), self._is_filled, strict=True) if filled]

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many rows have each of `texts`."""
        counts = np.bincount(self.column.codes, minlength=len(self.column.categories))
        return counts[self._is_filled].astype(np.int64)

    @cached_property
    def filled(self) -> int:
        """How many rows are not blank."""
        return int(self.counts.sum())

    @cached_property
    def _is_filled(self) -> npt.NDArray[np.bool_]:
        stands = np.bincount(self.column.codes, minlength=len(self.column.categories)) > 0
        told = np.array([not cells.is_blank(text) for text in texts_of(self.column)], dtype=bool)
        return np.asarray(stands & told)

    @property
    def blank(self) -> int:
        """How many rows say nothing."""
        return len(self.column) - self.filled - self.hidden

    def share(self, passes: Callable[[str], bool]) -> float:
        """Return the share of filled rows whose text passes."""
        return self.share_of([passes(text) for text in self.texts])

    def share_of(self, passed: Sequence[bool] | npt.NDArray[np.bool_]) -> float:
        """Return the share of filled rows whose text passed."""
        if not self.filled:
            return 0.0
        return float(self.counts[np.asarray(passed, dtype=bool)].sum()) / self.filled

    @property
    def nearly_all_differ(self) -> bool:
        """Whether so many texts differ that they may tell of single people."""
        return len(self.texts) > max(20, self.filled // 2)

    def frequent(self, most: int = _NAMED) -> list[str]:
        """Return the texts that most rows have."""
        order = sorted(
            range(len(self.texts)), key=lambda place: (-int(self.counts[place]), self.texts[place])
        )
        return [self.texts[place] for place in order[:most]]


class Verdict(NamedTuple):
    """Whether values are what the field needs; `why` says what speaks against it."""

    fits: bool
    why: str = ""


def judge(field: str, seen: Seen, decimal: str = ".") -> Verdict:
    """Tell whether the values of a column are what the field needs; blanks contradict nothing."""
    if not seen.filled:
        return Verdict(field not in ("code", "service_date"), "it is blank throughout")
    share, least, what = _share_that_fits(field, seen, decimal)
    if share >= least:
        return Verdict(True)
    return Verdict(
        False, f"only {share:.0%} of its values are {what}" if share > 0.005 else f"its values are no {what}"
    )


def _share_that_fits(field: str, seen: Seen, decimal: str) -> tuple[float, float, str]:
    """Return the share of values that fit, the least share asked for, and what they should be."""
    if field in DATES:
        return seen.share_of(_dates_either_way(seen.texts)), MOSTLY, "dates"
    if field in MONEY or field == "units":
        known = cells.parse_hundredths(seen.texts, decimal).known
        return seen.share_of(known), MOSTLY, "amounts" if field in MONEY else "numbers"
    if field == "line_id":
        return (
            min(1.0, 5 * len(seen.texts) / seen.filled),
            1.0,
            "numbers of single lines, they repeat too often",
        )
    if field in ("payer", "clinician", "location", "item"):
        return 0.0 if seen.nearly_all_differ else 1.0, 1.0, "groups, nearly every row has another text"
    if field in _TESTS:
        passes, least, what = _TESTS[field]
        return seen.share(passes), least, what
    return 1.0, 0.0, ""


def has_codes(text: str) -> bool:
    """Whether a cell holds nothing but procedure codes with their modifiers."""
    return bool(codes_in(text))


def codes_in(text: str) -> tuple[str, ...]:
    """Return the procedure codes of a cell that holds nothing else, one or several."""
    one = cells.parse_code(text)
    if ONE_CODE.fullmatch(one.code):
        return (one.code,)
    sign = separator_in(text)
    parts = [cells.parse_code(part).code for part in text.split(sign) if part.strip()] if sign else []
    return tuple(parts)


def holds_code(text: str) -> bool:
    """Whether something like a procedure code stands among other words."""
    return bool(_CODE_AMONG_WORDS.search(text.upper()))


def separator_in(text: str) -> str:
    """Return the sign between several codes of a cell, "" where it does not hold several."""
    for sign in SEVERAL:
        parts = [cells.parse_code(part).code for part in text.split(sign) if part.strip()]
        if len(parts) > 1 and all(map(ONE_CODE.fullmatch, parts)):
            return sign
    return ""


def _dates_either_way(texts: list[str]) -> npt.NDArray[np.bool_]:
    read = [days.parse_dates(texts, order).values for order in ("month-first", "day-first")]
    return ~np.isnat(read[0]) | ~np.isnat(read[1])


def _is_reason(text: str) -> bool:
    found = cells.parse_reasons(text)
    return bool(found.pairs or found.remarks) and not found.strange


def _is_rank(text: str) -> bool:
    word = cells.plain(text).lower().removesuffix(".0")
    return word in _RANK_WORDS or (len(word) == 1 and word.isdecimal())


def _is_group(text: str) -> bool:
    word = cells.plain(text)
    return word in cells.GROUPS or word in GROUP_WORDS


_TESTS: dict[str, tuple[Callable[[str], bool], float, str]] = {
    "code": (has_codes, 0.7, "procedure codes"),
    "modifiers": (lambda text: not cells.parse_modifiers(text)[1], 0.7, "modifiers"),
    "diagnoses": (lambda text: bool(cells.parse_diagnoses(text)[0]), 0.6, "diagnosis codes"),
    "minutes": (lambda text: days.parse_minutes([text])[0] >= 0, MOSTLY, "minutes"),
    "start": (lambda text: days.parse_clock([text])[0] >= 0, MOSTLY, "times of day"),
    "end": (lambda text: days.parse_clock([text])[0] >= 0, MOSTLY, "times of day"),
    "assistant_minutes": (lambda text: charted.parse_counts([text])[0] >= 0, MOSTLY, "minutes"),
    "visits_authorized": (lambda text: charted.parse_counts([text])[0] >= 0, MOSTLY, "whole numbers"),
    "regions": (lambda text: charted.parse_regions([text])[0] >= 0, MOSTLY, "spinal regions"),
    "note_text": (lambda text: " " in text, 0.5, "texts"),
    "frequency": (
        lambda text: text.removesuffix(".0") in set("0123456789"),
        MOSTLY,
        "claim frequencies such as 1, 7, 8",
    ),
    "payer_rank": (_is_rank, MOSTLY, "ranks such as 1, 2 or primary"),
    "kind": (lambda text: cells.plain(text).lower() in KIND_WORDS, 0.5, "kinds of posting"),
    "group": (_is_group, MOSTLY, "adjustment groups (CO, PR, OA, PI)"),
    "reason": (_is_reason, 0.5, "reason codes"),
    "remarks": (lambda text: bool(cells.parse_reasons(text).remarks), 0.5, "remark codes"),
    "claim_status": (lambda text: bool(re.fullmatch(r"\d{1,2}(\.0)?", text)), MOSTLY, "claim status numbers"),
}


# In words -------------------------------------------------------------------------------------------------


def describe(field: str, seen: Seen, order: str = "", decimal: str = ".") -> str:
    """Return what was seen in the column of a field, without any value of a patient's."""
    if not seen.filled and not seen.hidden:
        return "blank throughout this file"
    said = [_describe_values(field, seen, order, decimal)] if seen.filled else []
    said += [f"blank in {seen.blank:,} rows"] if seen.blank else []
    said += [f"{seen.hidden:,} rows hold a patient's own name, not shown"] if seen.hidden else []
    return "; ".join(said)


def _describe_values(field: str, seen: Seen, order: str, decimal: str) -> str:
    if field in DATES:
        return _describe_dates(seen, order)
    if field in (*MONEY, "units"):
        what = "numbers" if field == "units" else "amounts"
        found = cells.parse_hundredths(seen.texts, decimal)
        read = found.values[found.known]
        if not len(read):
            return f"no {what}"
        written = _plain_number if field == "units" else _number
        least, most = written(int(read.min())), written(int(read.max()))
        span = f"{least} to {most}" if least != most else f"all {least}"
        return f"{what} {span}{_unread(seen, found.known, what)}"
    if field == "code":
        return _describe_codes(seen)
    if field == "item":
        return f"names of treatments, {_different(seen)}"
    if field in SHOWN and not seen.nearly_all_differ:
        named = ", ".join(f'"{short(text)}"' for text in seen.frequent())
        return f"{_different(seen)}: {named}{_and_more(seen)}"
    kinds = {
        "patient": "values not shown",
        "patient_name": "names, not shown; read only to tell a payer that is the patient, never kept",
        "modifiers": "modifiers",
        "diagnoses": "diagnosis codes, not shown",
        "minutes": "minutes",
        "assistant_minutes": "minutes",
        "regions": "spinal regions",
        "note_text": "texts, not shown; read only to tell whether two notes are the same, never kept",
        "reason": "reason codes",
        "remarks": "remark codes",
        "group": "adjustment groups",
        "start": "times of day",
        "end": "times of day",
    }
    said = kinds.get(field, "")
    return f"{said}, {_different(seen)}" if said else _different(seen)


def _different(seen: Seen) -> str:
    return f"{len(seen.texts):,} different text{'s' if len(seen.texts) != 1 else ''}"


def _and_more(seen: Seen) -> str:
    return " ..." if len(seen.texts) > _NAMED else ""


def _describe_codes(seen: Seen) -> str:
    """Return the codes most seen: only what looks like a code is shown."""
    likely = sorted(seen.frequent(40), key=lambda text: -len(codes_in(text)))
    found = list(dict.fromkeys(code for text in seen.frequent(40) for code in codes_in(text)))
    odd = 1 - seen.share(has_codes)
    if not found or not likely:
        return f"no codes, {_different(seen)}"
    said = f"codes such as {', '.join(found[:_NAMED])}; {_different(seen)}"
    return f"{said}; {odd:.0%} of the rows hold no code of the usual form" if odd > 0.005 else said


def _describe_dates(seen: Seen, order: str) -> str:
    found = days.parse_dates(seen.texts, order).values
    read = found[~np.isnat(found)]
    if not len(read):
        return "dates, day or month first is open"
    words = {"month-first": "dates, month first", "day-first": "dates, day first"}.get(order, "dates")
    return f"{words}, {_day(read.min())} to {_day(read.max())}{_unread(seen, ~np.isnat(found), 'dates')}"


def _unread(seen: Seen, read: npt.NDArray[np.bool_], what: str) -> str:
    number = int(seen.counts[~read].sum())
    return f"; {number:,} rows hold no readable {what}" if number else ""


def _day(moment: np.datetime64) -> date:
    found: date = moment.astype("datetime64[D]").item()
    return found


def _number(hundredths: int) -> str:
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100:,}.{abs(hundredths) % 100:02d}"


def _plain_number(hundredths: int) -> str:
    return _number(hundredths).removesuffix(".00")


def short(text: str) -> str:
    """Return a text as it stands in a comment: one line, printable, not long."""
    line = "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
    return f"{line[:_LONGEST_NAMED]}..." if len(line) > _LONGEST_NAMED else line
