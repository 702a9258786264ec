"""How many units of 15 minutes recorded minutes support: in total and by code, or each code for itself.

Two ways are in use. By *total time* (Medicare) the minutes of all timed codes of one day count together:
their total tells how many units there are; each code has a unit for every full 15 minutes of its own, and
what is left goes to the codes with the most minutes left over. Codes with equally many are equal before the
rule: whoever bills may choose. By *midpoint* each code counts for itself, a unit for every 15 minutes and one
more from 8 minutes on. Minutes and units supported are whole numbers, units billed are in hundredths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

BLOCK = 15
"""Minutes of a unit."""

LEAST_MINUTES = 8
"""Minutes from which on a part of a unit counts as one."""

UNIT = 100
"""One unit as units billed are written."""


class CodesOfDay(NamedTuple):
    """Timed codes, each once for a day: rows of equal `day` are counted together."""

    day: Ints
    """Numbers from 0 without a gap."""
    minutes: Ints
    billed: Ints
    """Units billed, in hundredths."""
    price: Ints
    """What one unit can be expected to be allowed, in cents."""
    code: Ints
    """Number of the code, in alphabetical order."""


def count_units(minutes: Ints) -> Ints:
    """Return the units that minutes make by themselves: one for 8 to 22, two for 23 to 37, and so on."""
    return (minutes + (BLOCK - LEAST_MINUTES)) // BLOCK


def split_total(codes: CodesOfDay) -> Ints:
    """Return the units of each code by total time: of all right splits, one nearest to what was billed.

    Where more codes bill a unit than may have one, the dearest have it; where fewer do, the cheapest of the
    others: what is then billed above the split, or below it, is the least that it can be.
    """
    whole, rest = np.divmod(codes.minutes, BLOCK)
    left = (count_units(add_up(codes.day, codes.minutes)) - add_up(codes.day, whole))[codes.day]
    every = left == np.bincount(codes.day)[codes.day]
    units: Ints = whole + every
    rows = np.flatnonzero((left > 0) & ~every)
    day, billed = codes.day[rows], codes.billed[rows] > whole[rows] * UNIT
    price = np.where(billed, -1 - codes.price[rows], codes.price[rows])
    most_left_first = day * BLOCK + BLOCK - 1 - rest[rows]
    order = np.lexsort((codes.code[rows], price, most_left_first))
    given = order[_rank(day[order]) < left[rows[order]]]
    units[rows[given]] += 1
    return units


def exceed_visit(billed: Ints, codes: Ints, minutes: Ints) -> tuple[Ints, Ints]:
    """Return how many units (hundredths) are above what all minutes of a visit support, by either way.

    In: units billed in total (hundredths), of how many codes, and the minutes, each by day. Out: by total
    time; by midpoint, where each code may need 8 minutes only for one of its units: the least.
    """
    together = np.maximum(billed - count_units(minutes) * UNIT, 0)
    lacking = np.maximum((billed * BLOCK) // UNIT - (BLOCK - LEAST_MINUTES) * codes - minutes, 0)
    return together, np.minimum(-(-lacking // BLOCK) * UNIT, together)


def place_units(amount: Ints, group: Ints, room: Ints, price: Ints, ties: Sequence[Ints]) -> Ints:
    """Return units of groups on the rows of each: the cheapest row first, no row more than its `room`.

    `amount` is by group, everything else by row; rows of one price are taken in the order of `ties`, the
    last of which weighs most.
    """
    found = amount[group]
    shared = np.bincount(group, minlength=len(amount)) > 1
    rows = np.flatnonzero(shared[group] & (found > 0))
    if len(rows):
        order = rows[np.lexsort((*(tie[rows] for tie in ties), price[rows], group[rows]))]
        before = np.cumsum(room[order]) - room[order]
        before -= before[np.arange(len(order)) - _rank(group[order])]
        found[order] = np.clip(found[order] - before, 0, room[order])
    return found


def price_units(cents: Ints, units: Ints) -> Ints:
    """Return what one unit comes to, in whole cents; units are in hundredths, 0 where there is none."""
    return np.where(units > 0, cents * UNIT // np.maximum(units, 1), 0)


def add_up(group: Ints, values: NDArray[Any], groups: int = 0) -> Ints:
    """Return the sum of whole numbers by group; `groups` is how many there are at least."""
    return np.bincount(group, weights=values, minlength=groups).astype(np.int64)


def _rank(ordered: Ints) -> Ints:
    """Return the place of each row in its group, from 0; rows of a group stand together."""
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(first)
    return np.arange(len(ordered)) - np.repeat(starts, np.diff(np.append(starts, len(ordered))))
