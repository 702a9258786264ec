"""Lines whose codes meet as a pair: same patient, same day, same payer.

Of the topic `bundling`. Lines are sorted by the patient's day, and each is set beside its neighbors, one step
further each time, until nobody's day holds another line. Only lines of a code that is in some pair take part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audit.applicability import find_disciplines
from audit.edits import LAST_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from audit.edits import Pair
    from audit.populations import Populations
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SAME, OTHER, UNTOLD = 0, 1, 2
"""Who rendered the two services: one clinician, or one group and specialty; others; nobody can tell."""

TOGETHER = {"pt": "therapy", "ot": "therapy", "other": ""}
"""Disciplines that count as one specialty; "other" may be any."""


class Met(NamedTuple):
    """Pairs of lines of which an edit pays one: rows of the lines, one of each for every meeting."""

    paid: Ints
    bundled: Ints
    opens: Mask
    """Whether a modifier can open the edit."""
    sure: Mask
    """Whether it is known that the edit was in force that day."""

    def pick(self, rows: Mask) -> Met:
        """Return some of the meetings."""
        return Met(self.paid[rows], self.bundled[rows], self.opens[rows], self.sure[rows])


class Days(NamedTuple):
    """Lines sorted by their patient's day with one payer."""

    rows: Ints
    key: Ints
    """A number of the day, of each row."""

    def among(self, keep: Mask) -> Days:
        """Return some of the lines."""
        return Days(self.rows[keep], self.key[keep])


def sort_days(populations: Populations, rows: Ints) -> Days:
    """Return some lines by their patient's day with one payer."""
    lines = populations.lines
    day = days_of(populations)[rows]
    first = int(day.min(initial=0))
    width = int(day.max(initial=0)) - first + 1
    key = lines.frame["patient_key"].to_numpy(np.int64)[rows] * width + day - first
    key = key * max(len(populations.labels["payer"]), 1) + lines.groups["payer"][rows]
    order = np.argsort(key, kind="stable")
    return Days(rows[order], key[order])


def days_of(populations: Populations) -> Ints:
    """Return the date of service of every line, in days since 1970."""
    dates = populations.lines.frame["service_date"].to_numpy()
    days: Ints = dates.astype("datetime64[D]").astype(np.int64)
    return days


def meet(populations: Populations, days: Days, pairs: Sequence[Pair], known_from: date) -> Met:
    """Return the lines that meet as a pair in force on their day, or that may have been.

    Whether a pair that does not tell when it began was in force is not sure before `known_from`.
    """
    labels, code = populations.labels["code"], populations.lines.groups["code"]
    if not pairs:
        return _NONE
    table, slots = _lay_out(pairs, labels)
    inside = np.zeros(len(labels), dtype=bool)
    inside[np.append(table.paid, table.bundled)] = True
    paid, bundled, slot = _join(days.among(inside[code[days.rows]]), code, slots)
    day = days_of(populations)
    found = []
    for later in range(int(table.times.max())):
        at = np.flatnonzero(table.times[slot] > later)
        edit, on = table.first[slot[at]] + later, day[paid[at]]
        sure = table.dated[edit] | (on >= _number(known_from))
        active = (table.began[edit] <= on) & (on <= table.ended[edit])
        found.append(Met(paid[at], bundled[at], table.opens[edit], sure).pick(active))
    return join_met(found)


def join_met(found: Iterable[Met]) -> Met:
    """Return all meetings together."""
    return Met(*(np.concatenate(columns) for columns in zip(_none(), *found, strict=True)))


def _none() -> Met:
    rows, states = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    return Met(rows, rows, states, states)


_NONE = Met(*np.zeros((2, 0), dtype=np.int64), *np.zeros((2, 0), dtype=bool))


class _Table(NamedTuple):
    """Pairs as arrays, those of the same two codes in a row; `first` and `times` are by two codes."""

    paid: Ints
    bundled: Ints
    opens: Mask
    began: Ints
    ended: Ints
    dated: Mask
    first: Ints
    times: Ints


def _lay_out(pairs: Sequence[Pair], labels: Sequence[str]) -> tuple[_Table, Ints]:
    """Return the pairs, and for each two codes where theirs stand, -1 where there are none."""
    place = {code: at for at, code in enumerate(labels)}
    ordered = sorted(pairs, key=lambda one: (one.paid, one.bundled))
    paid = np.array([place[one.paid] for one in ordered], dtype=np.int64)
    bundled = np.array([place[one.bundled] for one in ordered], dtype=np.int64)
    new = np.append(True, (paid[1:] != paid[:-1]) | (bundled[1:] != bundled[:-1]))
    first = np.flatnonzero(new)
    slots = np.full((len(labels), len(labels)), -1, dtype=np.int64)
    slots[paid[first], bundled[first]] = np.arange(len(first))
    table = _Table(
        paid=paid,
        bundled=bundled,
        opens=np.array([one.modifier != "0" for one in ordered], dtype=bool),
        began=np.array([_number(one.began) if one.began else -(10**6) for one in ordered], dtype=np.int64),
        ended=np.array([_number(one.ended or LAST_DAY) for one in ordered], dtype=np.int64),
        dated=np.array([one.began is not None for one in ordered], dtype=bool),
        first=first,
        times=np.diff(np.append(first, len(ordered))),
    )
    return table, slots


def _join(days: Days, code: Ints, slots: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the lines of one day whose codes are a pair: paid, bundled, and where the pair stands."""
    none = np.zeros(0, dtype=np.int64)
    found = [(none, none, none)]
    at, step = np.arange(len(days.rows)), 1
    while len(at):
        at = at[: np.searchsorted(at, len(days.rows) - step)]
        at = at[days.key[at] == days.key[at + step]]
        one, other = days.rows[at], days.rows[at + step]
        for paid, bundled in ((one, other), (other, one)):
            slot = slots[code[paid], code[bundled]]
            hit = slot >= 0
            found.append((paid[hit], bundled[hit], slot[hit]))
        step += 1
    paid, bundled, slot = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return paid, bundled, slot


def compare_hands(populations: Populations, settings: Settings, met: Met) -> Ints:
    """Return by whom the two lines of each meeting were rendered: SAME, OTHER or UNTOLD.

    One clinician is the same; so are two of one specialty, physical and occupational therapy being one.
    """
    place, names = find_disciplines(populations, settings)
    merged = [TOGETHER.get(name, name) for name in names]
    specialty = np.array([merged.index(name) for name in merged], dtype=np.int64)[place]
    clinician = populations.lines.groups["clinician"]
    told = np.array([bool(name) for name in merged], dtype=bool)
    one, other = specialty[met.paid], specialty[met.bundled]
    same = (clinician[met.paid] == clinician[met.bundled]) | ((one == other) & told[one])
    apart = told[one] & told[other]
    return np.where(same, SAME, np.where(apart, OTHER, UNTOLD)).astype(np.int64)


def find_company(populations: Populations, days: Days, outside: Mask) -> tuple[Mask, Mask]:
    """Mark the lines that have another code beside them that day, and those of a day with a code `outside`
    what is known (by code).
    """
    company, doubtful = np.zeros((2, len(populations.lines)), dtype=bool)
    if not len(days.rows):
        return company, doubtful
    codes = populations.lines.groups["code"][days.rows]
    starts = np.flatnonzero(np.append(True, days.key[1:] != days.key[:-1]))
    lines = np.diff(np.append(starts, len(codes)))
    several = np.minimum.reduceat(codes, starts) < np.maximum.reduceat(codes, starts)
    unknown = np.logical_or.reduceat(outside[codes], starts)
    company[days.rows], doubtful[days.rows] = np.repeat(several, lines), np.repeat(unknown, lines)
    return company, doubtful


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))
