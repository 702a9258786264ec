"""Dated values: law and contracts change, so a setting may hold several, each with its dates of service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Generic, TypeVar

from msgspec import Struct, field

V = TypeVar("V")


class Dated(Struct, Generic[V], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value with the dates of service it applies to, both included, and where it is written."""

    value: V
    """The value itself."""
    start: date | None = field(name="from", default=None)
    """`from`: first date of service; absent = has always applied."""
    end: date | None = field(name="to", default=None)
    """`to`: last date of service; absent = still applies."""
    source: str = ""
    """Where the value is written: law, manual or contract."""

    def __post_init__(self) -> None:
        check_order(self.start, self.end, '"from"', '"to"')

    def covers(self, day: date) -> bool:
        """Tell whether the value is in force on `day`."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


def value_on(values: Iterable[Dated[V]], day: date) -> V | None:
    """Return the value in force on `day`; of several the one that began last; none = None."""
    in_force = [dated for dated in values if dated.covers(day)]
    if not in_force:
        return None
    return max(in_force, key=lambda dated: dated.start or date.min).value


def check_order(start: date | None, end: date | None, first: str, last: str) -> None:
    """Refuse dates of which the last lies before the first; `first` and `last` are their keys."""
    if start and end and end < start:
        raise ValueError(f"{last} lies before {first}")


def newest(values: Iterable[Dated[V]]) -> V | None:
    """Return the value that lasts longest, of equals the one that began last; none = None."""
    found = max(values, key=lambda dated: (dated.end or date.max, dated.start or date.min), default=None)
    return found.value if found else None
