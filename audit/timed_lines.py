"""The timed lines of a day that are counted together, and what their recorded minutes support.

Together count the lines of one patient, day and discipline at one payer; where a clinician's discipline is
not told, those of one clinician. A line's own minutes count where every timed line of the day tells them.
Else only the minutes of the visits are known, which may hold untimed treatment too: more units than even
these support are too many, and nothing else can be said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from msgspec import Struct
from msgspec.structs import astuple

from audit.applicability import find_standing, look_up_payers, visit_of_line
from audit.codes import code_book
from audit.populations import NO, OUT, UNSURE, YES
from audit.unit_counting import (
    UNIT,
    CodesOfDay,
    add_up,
    count_units,
    exceed_visit,
    place_units,
    price_units,
    split_total,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from audit.codes import Code
    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

FURTHER = {"90913": "90912", "97130": "97129"}
"""Codes for each further 15 minutes and the code of the first 15: the two are counted as one."""

UNKNOWN_WAY, TOTAL_TIME, MIDPOINT = 0, 1, 2
WAYS: dict[str | bool, int] = {"total time": TOTAL_TIME, "midpoint": MIDPOINT}
"""How a payer counts: the number of its setting."""

COUNTED = ("over", "doubtful", "misplaced", "unbilled")


class TimedLines(Struct, frozen=True):
    """What minutes say of the standing lines of timed codes; units in hundredths, minutes -1 if not told."""

    rows: Ints
    """Their positions among all lines."""
    lines: int
    """How many lines there are in all."""
    plain: Mask
    """Whether a unit of the code is 15 minutes; only of such a line is anything said."""
    way: Ints
    """How its payer counts: UNKNOWN_WAY, TOTAL_TIME or MIDPOINT."""
    by_code: Mask
    """Whether it is counted by the minutes of each code."""
    by_visit: Mask
    """Whether it is counted by the minutes of its visits alone."""
    minutes: Ints
    over: Ints
    """Units that no way that its payer may have supports."""
    doubtful: Ints
    """Units that one way supports and the other does not, where it is not known which the payer has."""
    misplaced: Ints
    """Units above any right split of a total that is not exceeded."""
    unbilled: Ints
    """Units that minutes support and that were not billed."""
    longer: Mask
    """Whether the minutes of the codes add up to more than the visits lasted."""

    def lay(self, asked: Mask, yes: Mask, told: Mask) -> Marks:
        """Return the mark of every line: OUT where nothing is asked, UNSURE where it is not told."""
        marks = np.full(self.lines, OUT, dtype=np.int8)
        marks[self.rows] = np.where(asked, np.where(told, np.where(yes, YES, NO), UNSURE), OUT)
        return marks


def find_codes(populations: Populations, wanted: Callable[[Code], bool]) -> Mask:
    """Mark the lines whose code is in the code book and is wanted."""
    book = code_book().codes
    found = [code in book and wanted(book[code]) for code in populations.labels["code"]]
    return np.array(found, dtype=bool)[populations.lines.groups["code"]]


def number_days(populations: Populations, settings: Settings, rows: Ints) -> Ints:
    """Return a number for each line: equal where patient, day, payer and discipline are one.

    Where the settings do not tell the discipline of the line's clinician, the visit's clinician stands in its
    place, so that a visit without disciplines is never divided.
    """
    lines, visits = populations.lines, populations.visits
    visit = visit_of_line(populations)[rows]
    names = populations.labels["clinician"]
    disciplines = [settings.practice.discipline_of(name) for name in names]
    told = sorted({"", *disciplines})
    who = np.array([told.index(one) + len(names) if one else at for at, one in enumerate(disciplines)])
    by_line, by_visit = (
        who[row] for row in (lines.groups["clinician"][rows], visits.groups["clinician"][visit])
    )
    day = lines.frame["service_date"].to_numpy()[rows].astype("datetime64[D]").astype(np.int64)
    key = visits.frame["patient_key"].to_numpy(np.int64)[visit]
    for values in (
        np.where(by_line >= len(names), by_line, by_visit),
        lines.groups["payer"][rows],
        day - day.min(initial=0),
    ):
        key = key * (int(values.max(initial=0)) + 1) + values
    return _number(key)


def count_timed(populations: Populations, settings: Settings) -> TimedLines:
    """Return what the recorded minutes support of every standing line of a timed code."""
    chosen = _choose(populations, settings)
    by_code = _find_told(chosen)
    counted = {name: np.zeros(len(chosen.rows), dtype=np.int64) for name in COUNTED}
    rows = np.flatnonzero(by_code)
    for name, units in _count_by_code(chosen.pick(rows)).items():
        counted[name][rows] = units
    length = _find_lengths(populations, chosen, ~by_code | (counted["unbilled"] > 0))
    longer = np.where(length >= 0, add_up(chosen.day, np.maximum(chosen.minutes, 0)) > length, False)
    with_units = _all_of(chosen.day, (chosen.units >= 0) | ~chosen.plain)
    by_visit = ~by_code & chosen.plain & with_units & (length >= 0)[chosen.day]
    rows = np.flatnonzero(by_visit)
    for name, units in _count_by_visit(chosen.pick(rows), length).items():
        counted[name][rows] = units
    return TimedLines(
        rows=chosen.rows,
        lines=len(populations.lines),
        plain=chosen.plain,
        way=chosen.way,
        by_code=by_code,
        by_visit=by_visit,
        minutes=chosen.minutes,
        longer=longer[chosen.day],
        **counted,
    )


class _Chosen(Struct, frozen=True):
    """Lines as they are counted: `day` numbers those counted together, `item` the codes of a day."""

    rows: Ints
    plain: Mask
    day: Ints
    item: Ints
    code: Ints
    way: Ints
    minutes: Ints
    units: Ints
    price: Ints
    place: Ints

    def pick(self, rows: Ints) -> _Chosen:
        if len(rows) == len(self.rows):
            return self
        return _Chosen(*(column[rows] for column in astuple(self)))


def _choose(populations: Populations, settings: Settings) -> _Chosen:
    """Return the standing lines of timed codes; a line that repeats a paid one took no time of its own."""
    frame = populations.lines.frame
    asked = find_standing(populations) & ~frame["billed_twice"].to_numpy()
    rows = np.flatnonzero(asked & find_codes(populations, lambda code: code.timed))
    day = number_days(populations, settings, rows)
    code = _counted_as(populations)[populations.lines.groups["code"][rows]]
    units = np.maximum(frame["units"].to_numpy(np.int64, na_value=-1)[rows], -1)
    return _Chosen(
        rows=rows,
        plain=find_codes(populations, lambda code: code.quarter_hours)[rows],
        day=day,
        item=_number(day * len(populations.labels["code"]) + code),
        code=code,
        way=look_up_payers(populations, settings, lambda payer: payer.counting, WAYS)[rows],
        minutes=frame["minutes"].to_numpy(np.int64, na_value=-1)[rows],
        units=units,
        price=price_units(frame["expected"].to_numpy(np.int64)[rows], units),
        place=number_places(populations, rows),
    )


def number_places(populations: Populations, rows: Ints) -> Ints:
    """Return where lines stand among their like, as a number: by clinician, then row and name of the file.

    Whose line is marked must not hang on the order of rows.
    """
    frame = populations.lines.frame
    files = frame["source_file"].cat
    rank = np.argsort(np.argsort(files.categories.to_numpy(dtype=object)))
    row = frame["source_row"].to_numpy(np.int64)[rows]
    whose = populations.lines.groups["clinician"][rows] * (int(row.max(initial=0)) + 1) + row
    found: Ints = whose * max(len(rank), 1) + rank[files.codes.to_numpy()[rows]]
    return found


def _counted_as(populations: Populations) -> Ints:
    """Return the number of the code under which each code is counted."""
    labels = populations.labels["code"]
    own = {code: at for at, code in enumerate(labels)}
    return np.array([own.get(FURTHER.get(code, code), own[code]) for code in labels], dtype=np.int64)


def _find_told(chosen: _Chosen) -> Mask:
    """Return which lines are counted by the minutes of codes; by midpoint a code counts for itself."""
    telling = (chosen.minutes > 0) & (chosen.units >= 0) & chosen.plain
    found: Mask = _all_of(chosen.day, telling)
    if not found.all():
        found |= (chosen.way == MIDPOINT) & _all_of(chosen.item, telling)
    return found


def _find_lengths(populations: Populations, chosen: _Chosen, asked: Mask) -> Ints:
    """Return the minutes of the visits by day, -1 where one does not tell them or no line asks for it."""
    length = np.full(int(chosen.day.max(initial=-1)) + 1, -1)
    wanted = np.bincount(chosen.day[asked], minlength=len(length)) > 0
    rows = np.flatnonzero(wanted[chosen.day])
    of_visit = populations.visits.frame["minutes"].to_numpy(np.int64, na_value=-1)
    visit = visit_of_line(populations)[chosen.rows[rows]]
    day, visit = np.divmod(pd.unique(chosen.day[rows] * len(of_visit) + visit), max(len(of_visit), 1))
    minutes = np.maximum(of_visit[visit], 0)
    silent = add_up(day, minutes == 0, len(length)) > 0
    return np.where(wanted & ~silent, add_up(day, minutes, len(length)), length)


def _count_by_code(lines: _Chosen) -> dict[str, Ints]:
    """Return by line what the minutes of each code say."""
    if not len(lines.rows):
        return {}
    item, day = _close_gaps(lines.item), _close_gaps(lines.day)
    first = np.empty(int(item.max()) + 1, dtype=np.int64)
    first[item[::-1]] = np.arange(len(item))[::-1]
    billed = add_up(item, lines.units)
    codes = CodesOfDay(
        day[first],
        add_up(item, lines.minutes),
        billed,
        price_units(add_up(item, lines.price * lines.units) // UNIT, billed),
        lines.code[first],
    )
    counted = _compare_ways(codes, lines.way[first])
    ties = (lines.place, lines.code)
    placed: dict[str, Ints] = {}
    room = lines.units
    for name in ("over", "doubtful", "misplaced"):
        placed[name] = place_units(counted[name], item, room, lines.price, ties)
        room = room - placed[name]
    most = np.full(len(item), counted["unbilled"].max(initial=0))
    placed["unbilled"] = place_units(counted["unbilled"], item, most, lines.price, ties)
    return placed


def _compare_ways(codes: CodesOfDay, way: Ints) -> dict[str, Ints]:
    """Return, by code of a day, units above and below what its payer's way of counting supports.

    Above total time is a code only where the day's total is exceeded; else its units are misplaced.
    """
    split, alone = split_total(codes) * UNIT, count_units(codes.minutes) * UNIT
    counted = {name: np.zeros(len(way), dtype=np.int64) for name in COUNTED}
    rows = np.flatnonzero((codes.billed != split) | (codes.billed != alone))
    excess = (add_up(codes.day, codes.billed) - add_up(codes.day, split))[codes.day[rows]]
    together, alone, way = (codes.billed - split)[rows], (codes.billed - alone)[rows], way[rows]
    above, below = np.maximum(together, 0), np.maximum(-together, 0)
    over = np.where(excess > 0, above, 0), np.maximum(alone, 0)
    unbilled = np.where(excess != 0, below, 0), np.maximum(-alone, 0)
    ways = [way == TOTAL_TIME, way == MIDPOINT]
    counted["over"][rows] = np.select(ways, over, np.minimum(*over))
    counted["doubtful"][rows] = np.where(way == UNKNOWN_WAY, np.abs(over[0] - over[1]), 0)
    counted["misplaced"][rows] = np.where((way != MIDPOINT) & (excess <= 0), above, 0)
    counted["unbilled"][rows] = np.select(ways, unbilled, np.minimum(*unbilled))
    return counted


def _count_by_visit(lines: _Chosen, length: Ints) -> dict[str, Ints]:
    """Return by line what the minutes of the visits say; `length` are those by day."""
    if not len(lines.rows):
        return {}
    many = len(length)
    billed = lines.pick(np.flatnonzero(lines.units > 0))
    codes = np.bincount(billed.day[~pd.Series(billed.item).duplicated().to_numpy()], minlength=many)
    together, alone = exceed_visit(add_up(lines.day, lines.units, many), codes, np.maximum(length, 0))
    way = np.full(many, UNKNOWN_WAY)
    way[lines.day] = lines.way
    ties = (lines.place, lines.code)
    least = np.where(way == TOTAL_TIME, together, alone)
    over = place_units(least, lines.day, lines.units, lines.price, ties)
    more = np.where(way == UNKNOWN_WAY, together - alone, 0)
    return {
        "over": over,
        "doubtful": place_units(more, lines.day, lines.units - over, lines.price, ties),
    }


def _all_of(group: Ints, mask: Mask) -> Mask:
    """Return whether a mask holds for every row of a row's group."""
    lacking = np.bincount(group[~mask], minlength=int(group.max(initial=-1)) + 1) > 0
    found: Mask = ~lacking[group]
    return found


def _close_gaps(number: Ints) -> Ints:
    """Return numbers as they are without those that do not occur."""
    used = np.bincount(number) > 0
    return number if used.all() else (np.cumsum(used) - 1)[number]


def _number(key: Ints) -> Ints:
    return pd.factorize(key)[0].astype(np.int64)
