"""What was read of one file, and the proof that no dollar was lost on the way.

The control total is taken from the raw cells by code of its own, which shares nothing with `cells`: exact
decimals, each distinct text times how often it stands. It must equal the dollars of the rows used, set aside
and refused; and the dollars of the rows used must stand on the lines made from them.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from audit.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

_MINUS = {ord(sign): "-" for sign in "\u2010\u2011\u2012\u2013\u2014\u2212"} | {ord("\u2019"): "'"}
_CURRENCIES = (
    "US$",
    "USD",
    "CA$",
    "CAD",
    "C$",
    "AUD",
    "NZD",
    "EUR",
    "GBP",
    "CHF",
    "DOLLARS",
    "DOLLAR",
    "$",
    "€",
    "£",
)
_DIGITS = re.compile("[0-9.,][0-9.,' ]*")
_AROUND: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
"""What may stand before and after the digits: a currency and a sign, or brackets -> the sign of it all."""
for _word in ((), *((_currency,) for _currency in _CURRENCIES)):
    for _mark, _value in (((), 1), (("+",), 1), (("-",), -1)):
        _AROUND |= dict.fromkeys(
            [(_word + _mark, ()), (_mark + _word, ()), (_word, _mark), (_mark, _word)], _value
        )
        _AROUND |= dict.fromkeys([((), _word + _mark), ((), _mark + _word)], _value)
    _AROUND |= dict.fromkeys([((*_word, "("), (")",)), (("(", *_word), (")",))], -1)
    _AROUND |= dict.fromkeys([(("(",), (*_word, ")")), (("(",), (")", *_word))], -1)
_PLAIN = re.compile("-?[0-9]{1,9}[.][0-9]{2}")
_CENT = Decimal("0.01")
_NOISE = Decimal("0.00000001")
_MOST = Decimal(10**10)


class FileReport(Struct, frozen=True):
    """What one file (or worksheet) yielded. Rows read = used + set aside + refused; money in cents.

    `charge_cents` and `paid_cents` are what stands on the lines (for postings: paid by them). The five that
    follow reconcile the charge column (the amount column of postings): `control_cents` is the raw column,
    `used_cents`, `aside_cents` and `refused_cents` its parts, and of the used dollars `undivided_cents` stand
    on rows of several codes and `repeated_cents` on rows that repeat a line. `totals` are further sums of an
    X12 file by name; `incomplete` says what shows that the file is cut off, "" where nothing does.
    """

    name: str
    sheet: str = ""
    format: str = ""
    rows: int = 0
    used: int = 0
    set_aside: int = 0
    refused: int = 0
    lines: int = 0
    visits: int = 0
    postings: int = 0
    charge_cents: int = 0
    paid_cents: int = 0
    control_cents: int = 0
    used_cents: int = 0
    aside_cents: int = 0
    refused_cents: int = 0
    undivided_cents: int = 0
    repeated_cents: int = 0
    codes: tuple[str, ...] = ()
    payers: tuple[str, ...] = ()
    first_service_date: date | None = None
    last_service_date: date | None = None
    date_order: str = ""
    notes: tuple[str, ...] = ()
    totals: tuple[tuple[str, int], ...] = ()
    incomplete: str = ""

    @property
    def place(self) -> str:
        """Return how the file is named in messages."""
        return f"{self.name}, sheet {self.sheet}" if self.sheet else self.name

    def with_notes(self, *notes: str) -> FileReport:
        """Return the report with more notes."""
        return replace(self, notes=(*self.notes, *notes))


def control_total(column: pd.Categorical, decimal: str = ".", absolute: bool = False) -> int:
    """Return the sum of a raw money column in cents; texts that are no amount count nothing."""
    counts = np.bincount(column.codes, minlength=len(column.categories))
    total = Decimal(0)
    for text, count in zip(column.categories.tolist(), counts.tolist(), strict=True):
        if count and text:
            amount = _amount(text, decimal)
            total += (abs(amount) if absolute else amount) * count
    return int(total * 100)


def _amount(text: str, decimal: str) -> Decimal:
    """Return an amount of whole cents, 0 for what is none."""
    if decimal == "." and _PLAIN.fullmatch(text):
        return Decimal(text)
    written = unicodedata.normalize("NFKC", text).translate(_MINUS).upper()
    number = _DIGITS.search(written)
    if len(text) > 60 or number is None:
        return Decimal(0)
    sign = _AROUND.get((_signs(written[: number.start()]), _signs(written[number.end() :])), 0)
    return sign * _unsigned(number[0].strip(), decimal)


def _signs(text: str) -> tuple[str, ...]:
    return tuple("".join(f" {sign} " if sign in "()+-" else sign for sign in text).split())


def _unsigned(text: str, decimal: str) -> Decimal:
    whole, _, part = text.partition(decimal)
    if gap := next((sign for sign in ",. '" if sign != decimal and sign in whole), ""):
        groups = whole.split(gap)
        if not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
            return Decimal(0)
        whole = "".join(groups)
    if not re.fullmatch("[0-9]*", whole + part) or not whole + part:
        return Decimal(0)
    try:
        amount = Decimal(f"{whole or 0}.{part or 0}")
        cents = amount.quantize(_CENT)
    except InvalidOperation:
        return Decimal(0)
    return cents if abs(amount - cents) <= _NOISE and Decimal(whole or 0) < _MOST else Decimal(0)


def check_sums(report: FileReport) -> None:
    """Raise `InputError` unless the raw column equals the dollars of the three fates, and the rows add up."""
    parted = report.used_cents + report.aside_cents + report.refused_cents
    if report.control_cents != parted:
        raise InputError(
            f"{report.place}: does not reconcile: its column adds up to {in_dollars(report.control_cents)}, "
            f"the rows read to {in_dollars(parted)}; please report this file's layout."
        )
    if report.rows != report.used + report.set_aside + report.refused:
        raise InputError(
            f"{report.place}: does not reconcile: {report.rows} rows read, but "
            f"{report.used + report.set_aside + report.refused} used, set aside or refused."
        )


def check_lines(report: FileReport, on_lines: int) -> None:
    """Raise `InputError` unless the dollars of the used rows stand on the lines or postings made of them."""
    expected = report.used_cents - report.undivided_cents - report.repeated_cents
    if on_lines != expected:
        raise InputError(
            f"{report.place}: does not reconcile: its rows hold {in_dollars(expected)}, "
            f"the lines made of them {in_dollars(on_lines)}; please report this file's layout."
        )


def in_dollars(cents: int) -> str:
    """Return cents as messages write them."""
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
