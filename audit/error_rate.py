"""The financial error rate of a chart review, as integrity agreements define it.

Pure arithmetic on whole cents. What was paid above what the charts support, less what was paid below it, over
all that was paid for the items read: the rate of the sample itself, not an estimate of the universe.
Source: corporate integrity agreements of the Office of Inspector General, claims review, appendix B.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct

TRIGGER = Fraction(5, 100)
"""Agreements ask for a full sample where the rate of the discovery sample is this or more."""


class Examined(NamedTuple):
    """An item read: the cents paid for it, and the cents its chart supports. None is not known."""

    paid: int | None
    supported: int | None

    @property
    def difference(self) -> int | None:
        """Cents paid above what the chart supports; negative where below; None where either is not known."""
        return None if self.paid is None or self.supported is None else self.paid - self.supported


class ErrorRate(Struct, frozen=True):
    """Cents paid too much (`over`) and too little (`under`, as a positive number) of the cents `paid`, apart.

    `items` have both amounts known, of which `over_items` and `under_items` are off; `unknown` ones do not
    and count in nothing else.
    """

    paid: int
    over: int
    under: int
    items: int
    over_items: int
    under_items: int
    unknown: int

    @property
    def net(self) -> int:
        """Cents paid too much, less those paid too little: the numerator. May be negative."""
        return self.over - self.under

    @property
    def rate(self) -> float | None:
        """Net over paid; None where nothing was paid."""
        return self.net / self.paid if self.paid > 0 else None

    @property
    def reaches_trigger(self) -> bool | None:
        """Whether the rate is 5 % or more; None where there is no rate."""
        return self.net >= TRIGGER * self.paid if self.paid > 0 else None


def rate_errors(examined: Iterable[Examined]) -> ErrorRate:
    """Return the financial error rate of the items read."""
    every = list(examined)
    known = [
        (one.paid, one.difference) for one in every if one.paid is not None and one.difference is not None
    ]
    over = [cents for _, cents in known if cents > 0]
    under = [-cents for _, cents in known if cents < 0]
    return ErrorRate(
        paid=sum(paid for paid, _ in known),
        over=sum(over),
        under=sum(under),
        items=len(known),
        over_items=len(over),
        under_items=len(under),
        unknown=len(every) - len(known),
    )
