"""What one cell says: dates, amounts, codes, modifiers, diagnoses, reasons, minutes.

In go distinct texts of a column, never rows; out comes one value per text, in the same order. A text that
says nothing ("", "--", "N/A") is *blank*; a text that says something we cannot read is *unreadable*: it is
counted by the caller, never guessed. Spellings handled here were seen in real exports.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

GROUPS = ("", "CO", "PR", "OA", "PI", "CR")
"""Adjustment groups of a remittance; "" where none is told."""

_PLACEHOLDERS = frozenset({"", "-", "--", "---", ".", "n/a", "#n/a", "na", "none", "null", "nil", "nan"})
_LONGEST_NUMBER = 60
_LARGEST_DOLLARS = 10**10  # so that a million of them still add up in 64 bits
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u2019": "'"})

_PLAIN = re.compile(r"(-?)([0-9]{1,10})(?:\.([0-9]{1,2}))?")
_CURRENCY = r"(?:US\$|USD|CA\$|CAD|C\$|AUD|NZD|EUR|GBP|CHF|DOLLARS?|[$€£])"
_AMOUNT = (
    r"(?P<c1>{currency})?\s*(?P<open>\()?\s*(?P<before>[-+])?\s*(?P<c2>{currency})?\s*"
    r"(?P<whole>[0-9]{{1,3}}(?P<gap>[{gaps}])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*|[0-9]*)"
    r"(?:{point}(?P<part>[0-9]*))?\s*(?P<c3>{currency})?\s*(?P<after>[-+])?\s*(?P<close>\))?\s*(?P<c4>{currency})?"
)


@cache
def _amount_pattern(decimal: str) -> re.Pattern[str]:
    """Return how an amount may be written; compiled only for a file that writes more than plain digits."""
    gaps, point = (". '", ",") if decimal == "," else (", '", r"\.")
    return re.compile(_AMOUNT.format(currency=_CURRENCY, gaps=gaps, point=point))


def is_blank(text: str) -> bool:
    """Whether a cell says nothing: empty, or one of the words and dashes that stand for nothing."""
    return text.strip().lower() in _PLACEHOLDERS


def plain(text: str) -> str:
    """Return `text` with full-width letters, exotic blanks and dashes made plain, in capitals."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip().upper()


# Amounts --------------------------------------------------------------------------------------------------


class Amounts(NamedTuple):
    """Whole hundredths (cents, or hundredths of a unit) per text; `known` where the text could be read."""

    values: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    blank: npt.NDArray[np.bool_]


def parse_hundredths(texts: Sequence[str], decimal: str = ".") -> Amounts:
    """Return dollars as cents, or units as hundredths of a unit; `decimal` is the mark, "." or ",".

    More than two decimals are read only when what they say beyond cents is nothing but the noise of a
    stored fraction (2431.7000000000003): at most a millionth of a cent. 12.345 is unreadable.
    """
    values = np.zeros(len(texts), dtype=np.int64)
    known = np.zeros(len(texts), dtype=bool)
    blank = np.zeros(len(texts), dtype=bool)
    for place, text in enumerate(texts):
        amount = _hundredths(text, decimal)
        if amount is None:
            blank[place] = is_blank(text)
        else:
            values[place], known[place] = amount, True
    return Amounts(values, known, blank)


def _hundredths(text: str, decimal: str) -> int | None:
    simple = _PLAIN.fullmatch(text) if decimal == "." else None
    if simple:
        sign, whole, part = simple.groups("")
        amount = int(whole) * 100 + int(part.ljust(2, "0"))
        return -amount if sign else amount
    if not text or len(text) > _LONGEST_NUMBER:
        return None
    match = _amount_pattern(decimal).fullmatch(plain(text))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [sign for sign in match.group("open", "before", "after") if sign]
    currencies = [word for word in match.group("c1", "c2", "c3", "c4") if word]
    digits, part = re.sub("[^0-9]", "", match["whole"]), match["part"] or ""
    if not digits + part or len(signs) > 1 or len(currencies) > 1:
        return None
    if int(digits or 0) >= _LARGEST_DOLLARS:
        return None
    rounded = _without_noise(int((digits or "0") + part) * 100, 10 ** len(part))
    return rounded if rounded is None or signs in ([], ["+"]) else -rounded


def _without_noise(numerator: int, denominator: int) -> int | None:
    """Return the fraction as a whole number when it is within a millionth of one."""
    whole, rest = divmod(numerator, denominator)
    if min(rest, denominator - rest) * 1_000_000 > denominator:
        return None
    return whole + (2 * rest > denominator)


# Codes ----------------------------------------------------------------------------------------------------

_CODE = re.compile(r"(?:HC[:|^>])?([0-9A-Z]{5})((?:[-\s:,;/|.^]+[0-9A-Z]{2})*)")
_FLOAT_CODE = re.compile(r"([0-9]{1,5})\.0+")
_LONGEST_CODE = 12
_MODIFIERS = re.compile(r"[0-9A-Z]{2}|(?=[A-Z]*[0-9])(?:[0-9A-Z]{2}){2,4}")  # GP, or GP59 written together
_MODIFIER_GAPS = re.compile(r"[-\s:,;/|.^]+")


class Code(NamedTuple):
    """A code and the modifiers written behind it; `problem` says why there is no code."""

    code: str
    modifiers: tuple[str, ...] = ()
    problem: str = ""


def parse_code(text: str) -> Code:
    """Return the code of a cell such as 97140, 97140-59, "97140 59 GP" or 97140.0; zeros in front stay.

    Anything of 1 to 12 characters without blanks is kept as a code: it will show as not in the code book.
    """
    written = plain(text)
    if is_blank(written):
        return Code("", problem="no code")
    if match := _FLOAT_CODE.fullmatch(written):
        return Code(match[1])
    if match := _CODE.fullmatch(written):
        return Code(match[1], tuple(_MODIFIER_GAPS.split(match[2])[1:]))
    if len(written) <= _LONGEST_CODE and written.isprintable() and not re.search(r"\s", written):
        return Code(written)
    return Code("", problem="not a code")


def parse_modifiers(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the modifiers of a cell in their order, and whether something in it was no modifier."""
    found: list[str] = []
    strange = False
    for part in re.split(r"[-\s:,;/|^]+", "" if is_blank(text) else plain(text)):
        word = re.sub(r"\.0+$", "", part)
        if _MODIFIERS.fullmatch(word) and word != "NA":
            found.extend(word[start : start + 2] for start in range(0, len(word), 2))
        else:
            strange = strange or not is_blank(word)
    return tuple(dict.fromkeys(found)), strange


_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?|[VE]?[0-9]{3}(?:\.[0-9]{1,2})?")


def parse_diagnoses(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the diagnosis codes of a cell, with their point, and whether a filled cell holds none."""
    words = re.split(r"[\s,;:|/()]+", "" if is_blank(text) else plain(text))
    codes = [word for word in words if _DIAGNOSIS.fullmatch(word)]
    dotted = [f"{code[:3]}.{code[3:]}" if "." not in code and len(code) > 3 else code for code in codes]
    return tuple(dict.fromkeys(dotted)), not codes and any(words)


# Answers --------------------------------------------------------------------------------------------------

_REASON = re.compile(r"(?:(CO|PR|OA|PI|CR)[\s\-:_]*)?0*([A-Z]?[0-9]{1,3})", re.IGNORECASE)
_REMARK = re.compile(r"(?:MA|M|N)[0-9]{1,4}")
_GLUE = re.compile(r"\b(CO|PR|OA|PI|CR)[\s\-:_]+(?=[A-Z]?[0-9])")


class Reasons(NamedTuple):
    """Reasons as (group, reason) pairs, remark codes, and whether something in the cell was neither."""

    pairs: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    strange: bool


def parse_reasons(text: str) -> Reasons:
    """Return what a reason cell says: CO-197, co197, "PR 1", CO-B7, 45 (no group), several, N130 (remark)."""
    pairs: list[tuple[str, str]] = []
    remarks: list[str] = []
    strange = False
    written = "" if is_blank(text) else _GLUE.sub(r"\1", plain(text))
    for part in re.split(r"[\s,;|/+&]+", written):
        word = re.sub(r"\.0+$", "", part)
        if not is_blank(word) and _REMARK.fullmatch(word):
            remarks.append(word)
        elif match := _REASON.fullmatch(word):
            pairs.append((match[1] or "", match[2]))
        else:
            strange = strange or not is_blank(word)
    return Reasons(tuple(dict.fromkeys(pairs)), tuple(dict.fromkeys(remarks)), strange)


def parse_group(text: str, words: dict[str, str]) -> str:
    """Return the adjustment group of a cell; `words` (in capitals) says what other spellings mean."""
    written = plain(text)
    group = words.get(written, written)
    return group if group in GROUPS else ""
