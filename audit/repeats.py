"""What stands in the files twice: claim lines exported again. (Postings: `audit/retold.py`.)

In: the charges as intake hands them over, as columns. Out: which rows to set aside, and which row stands for
them. Rows of one file are two services unless they carry the same line number. Rows of different files
without line numbers are the same where they agree in what tells a service; the one that tells more counts. A
claim as it was sent (837P) is a repeat only where another file holds all of it: sent again it is none,
whatever its line numbers (`audit/resubmissions.py`). Files that seem to hold the same services, but name
patients differently, are only told of (`Alike`): nothing is set aside on a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from re import findall
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from audit.columns import (
    UNTOLD,
    Columns,
    Ints,
    Mask,
    find_blanks,
    look_up,
    read_numbers,
    take_rows,
)
from audit.numbering import (
    NONE,
    begins_anew,
    count_before,
    fill_untold,
    flag,
    number_contents,
    number_days,
    number_rows,
    rank_texts,
    total,
)

DUPLICATE, SUPERSEDED = "duplicate", "superseded"

SOURCE = ("source_file", "source_row")
SERVICE = ("patient_ref", "service_date", "code", "modifiers", "units", "charge")
"""By what a service is known in two exports, beside clinician and claim where both tell them."""
SAID = ("kind", "group", "reason", "amount", "stated")


class Repeats(NamedTuple):
    """Rows of the charges that another row stands for."""

    duplicate: Mask
    superseded: Mask
    """The same line with other contents, read last from another row or told better by another file."""
    stands_for: Ints
    """By row: the row that stands for it, itself where it is kept; NONE where it is superseded."""
    by_claim: bool
    """Line numbers count within a claim only: one file uses the same number in several claims."""


class _Numbered(NamedTuple):
    """Rows whose line number occurs again."""

    rows: Ints
    line: Ints
    """By row: which line it is, numbered without gaps."""
    file: Ints
    source: Ints


# ---------------------------------------------------------------- lines


def find_repeated_lines(charges: Columns, postings: Columns) -> Repeats:
    """Find lines exported more than once; of one line number the last is kept (by file name, then row).

    `postings`: as intake hands them over; what is posted on the row itself tells how much a row tells.
    """
    count = len(charges["line_id"])
    repeats = Repeats(np.zeros(count, bool), np.zeros(count, bool), np.arange(count, dtype=np.int32), False)
    sent = charges["from_claim"]
    blank = find_blanks(charges["line_id"])
    numbered, by_claim = _numbered_twice(charges, blank | sent)
    if len(numbered.rows):
        _settle_numbered(charges, numbered, repeats)
    files, blank = charges["source_file"].codes, blank & ~sent
    if blank.any() and (files[blank] != files[blank][0]).any():
        _settle_unnumbered(charges, postings, np.flatnonzero(blank), repeats)
    if sent.any():
        _settle_sent(charges, np.flatnonzero(sent), repeats)
        by_claim |= _numbers_within_claims(charges)
    return repeats._replace(by_claim=by_claim)


def _occurring_again(column: Any, passed_over: Mask) -> Ints:
    """Return the rows whose text another row holds too, those passed over apart."""
    number = column.codes
    passed_over = passed_over | (number < 0)
    often = np.bincount(number[~passed_over], minlength=len(column.categories) + 1) > 1
    return np.flatnonzero(often[number] & ~passed_over) if often.any() else np.array([], dtype=np.int64)


def _numbers_within_claims(charges: Columns) -> bool:
    """Tell whether a line number means different services, counting claims as sent."""
    rows = _occurring_again(charges["line_id"], find_blanks(charges["line_id"]))
    names = ("patient_ref", "service_date", "code")
    service = number_contents(take_rows(charges, rows, *names))
    number = charges["line_id"].codes[rows]
    order = np.lexsort((service, number))
    return bool((~begins_anew(number[order]) & begins_anew(service[order])).any())


def _settle_sent(charges: Columns, rows: Ints, repeats: Repeats) -> None:
    """Set claims as sent aside that another file also holds; the file first by name counts."""
    told = [name for name in charges if name not in SOURCE]
    again = find_repeated_rows(take_rows(charges, rows), told)
    gone = again >= 0
    repeats.duplicate[rows[gone]] = True
    repeats.stands_for[rows[gone]] = rows[again[gone]]


def find_repeated_rows(columns: Columns, told: Sequence[str]) -> Ints:
    """Return, for each row that another file also holds, where that one stands; NONE for rows that count.

    Rows are the same where the columns `told` are. Equal rows of one file are several, and stay so. The
    file first by name counts.
    """
    stands = np.full(len(columns["source_row"]), NONE, dtype=np.int32)
    file = columns["source_file"].codes
    if not len(file) or (file == file[0]).all():
        return stands
    rows = _in_several_files(_mix(columns, told), file)
    if len(rows):
        contents = number_contents(take_rows(columns, rows, *told))
        file, source = _sources(columns, rows)
        copy = _combine(contents, count_in_order(_combine(contents, file), source))
        order = np.lexsort((source, file, copy))
        first = order[begins_anew(copy[order])][copy]
        stands[rows] = np.where(first == np.arange(len(rows)), NONE, rows[first])
    return stands


def count_in_order(numbers: Ints, rank: Ints) -> Ints:
    """Return, for each number, how many equal ones come before it by rank."""
    order = np.lexsort((rank, numbers))
    count = np.empty(len(numbers), dtype=np.int64)
    count[order] = count_before(numbers[order])
    return count


def _numbered_twice(charges: Columns, blank: Mask) -> tuple[_Numbered, bool]:
    """Return the rows whose line number occurs again, and whether numbers count within a claim only.

    `blank`: rows that are passed over.
    """
    number, numbers = charges["line_id"].codes, len(charges["line_id"].categories) + 1
    rows = _occurring_again(charges["line_id"], blank)
    number = number[rows]
    claim = charges["claim_id"].codes[rows] + 1
    claims = len(charges["claim_id"].categories) + 1
    file, source = _sources(charges, rows)
    files, sources = len(charges["source_file"].categories), int(source.max(initial=0)) + 1
    in_file = number_rows([(file, files), (number, numbers)])
    order = np.lexsort((claim, in_file))
    by_claim = bool((~begins_anew(in_file[order]) & begins_anew(claim[order])).any())
    if not by_claim:
        claim = np.zeros_like(claim)
    # Several codes of one record carry one line number: they are told apart by their place in the record.
    of_record = [(file, files), (source, sources), (number, numbers), (claim, claims)]
    place = count_before(number_rows(of_record))
    line = number_rows([(number, numbers), (claim, claims), (place, len(rows))])
    _, line, times = np.unique(line, return_inverse=True, return_counts=True)
    again = times[line] > 1
    line = np.unique(line[again], return_inverse=True)[1]
    return _Numbered(rows[again], line, file[again], source[again]), by_claim


def _sources(columns: Columns, rows: Ints) -> tuple[Ints, Ints]:
    """Return file, numbered by name, and record of some rows."""
    return rank_texts(columns["source_file"][rows]), columns["source_row"][rows]


def _settle_numbered(charges: Columns, numbered: _Numbered, repeats: Repeats) -> None:
    rows = numbered.rows
    contents = number_contents(take_rows(charges, rows, *(name for name in charges if name not in SOURCE)))
    order = np.lexsort((numbered.source, numbered.file, numbered.line))
    last = order[np.append(begins_anew(numbered.line[order])[1:], True)]
    kept = last[numbered.line]
    gone = kept != np.arange(len(rows))
    same = contents == contents[kept]
    repeats.duplicate[rows[gone & same]] = True
    repeats.superseded[rows[gone & ~same]] = True
    repeats.stands_for[rows] = np.where(gone & ~same, NONE, rows[kept])


def _settle_unnumbered(charges: Columns, postings: Columns, rows: Ints, repeats: Repeats) -> None:
    """Set aside rows whose service another file holds too: as many as both files have of it.

    The row of the file that tells more counts: with the latest posting, else with more answers to this
    service, else to all that several files hold, else the later by name.
    """
    rows = rows[_in_several_files(_mix(charges, SERVICE)[rows], charges["source_file"].codes[rows])]
    if not len(rows):
        return
    file, source = _sources(charges, rows)
    order = np.lexsort((source, file))
    rows, file = rows[order], file[order]
    lines = {name: cells[rows] for name, cells in charges.items() if name not in SOURCE}
    service, contents = _number_services(lines), number_contents(lines)
    copy = _number_copies(service, contents, file)
    beside = _read_beside(postings, rows, len(charges["line_id"]))
    best = np.lexsort((-file, *_by_telling(lines, service, file, beside), copy))
    first = best[begins_anew(copy[best])]
    kept = first[copy]
    gone = kept != np.arange(len(rows))
    renewed = beside.undated & (beside.said != beside.said[kept]) & (beside.postings[kept] > 0)
    same = (contents == contents[kept]) & ~renewed
    repeats.duplicate[rows[gone & same]] = True
    repeats.superseded[rows[gone & ~same]] = True
    repeats.stands_for[rows] = np.where(gone & ~same, NONE, rows[kept])


def _in_several_files(number: Ints, file: Ints) -> Ints:
    """Return the places of numbers that stand in more than one file."""
    places = np.flatnonzero(pd.Series(number).duplicated(keep=False).to_numpy())
    distinct, number = np.unique(number[places], return_inverse=True)
    one_file = np.zeros(len(distinct), dtype=file.dtype)
    one_file[number] = file[places]
    return places[flag(number[one_file[number] != file[places]], len(distinct))[number]]


def _number_services(lines: Columns) -> Ints:
    """Return one number per service; what only some rows of a service tell does not part them."""
    service = number_contents({name: lines[name] for name in SERVICE})
    untold = find_blanks(lines["patient_ref"])
    if untold.any():
        place = number_contents({name: lines[name] for name in ("visit_ref", "location")})
        service = _combine(service, np.where(untold, place + 1, 0))
    again = look_up(lines["frequency"], {"7": 1, "8": 2})
    service = _combine(service, again.astype(np.int64))
    return _combine(service, *(fill_untold(service, lines[name]) for name in ("clinician", "claim_id")))


def _combine(*numbers: Ints) -> Ints:
    row = number_rows([(number, int(number.max(initial=0)) + 1) for number in numbers])
    return pd.factorize(row)[0]


def _number_copies(service: Ints, contents: Ints, file: Ints) -> Ints:
    """Return which service a row is, counting those that one file holds several times; without gaps.

    Rows that another file holds cell by cell come first, so that they meet. Rows are sorted by file.
    """
    least, most = (np.full(int(contents.max()) + 1, end) for end in (np.iinfo(np.int64).max, NONE))
    np.minimum.at(least, contents, file)
    np.maximum.at(most, contents, file)
    alone = (least == most)[contents]
    order = np.lexsort((contents, alone))
    count = np.empty(len(service), dtype=np.int64)
    count[order] = count_before(_combine(service, file)[order])
    copy: Ints = np.unique(_combine(service, count), return_inverse=True)[1]
    return copy


class _Beside(NamedTuple):
    """What is posted on some rows of the charges themselves."""

    postings: Ints
    latest: Ints
    """Latest posting, in seconds since 1970; the least of all numbers where there is none."""
    undated: Mask
    """A posting has no date: the row tells how things stood when it was exported."""
    said: Ints
    """Equal where the same is posted."""


def _read_beside(postings: Columns, rows: Ints, count: int) -> _Beside:
    place = np.full(count + 1, NONE, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    at = place[np.maximum(postings["charge_row"], NONE)]
    chosen = np.flatnonzero(at >= 0)
    at, posted = at[chosen], take_rows(postings, chosen, *SAID, "posted_on", "payer_rank")
    posted_on = posted["posted_on"]
    beside = _Beside(
        np.bincount(at, minlength=len(rows)),
        np.full(len(rows), UNTOLD),
        flag(at[np.isnat(posted_on)], len(rows)),
        np.zeros(len(rows), dtype=np.uint64),
    )
    np.maximum.at(beside.latest, at, posted_on.view(np.int64))  # no date is the least number already
    np.add.at(beside.said, at, _mix(posted, [*SAID, "posted_on", "payer_rank"]))
    return beside


def _by_telling(lines: Columns, service: Ints, file: Ints, beside: _Beside) -> tuple[Ints, ...]:
    """Return keys that sort rows of the file that tells more first, the weightiest last."""
    told = beside.postings + ~find_blanks(lines["claim_id"])
    for name in ("allowed", "paid", "patient_share"):
        told = told + (read_numbers(lines[name]) != 0)
    files = int(file.max()) + 1
    latest = np.full(files, UNTOLD)
    np.maximum.at(latest, file, beside.latest)
    of_service = _combine(service, file)
    here = total(of_service, told, len(file))[of_service]
    return -total(file, told, files)[file], -here, -np.maximum(latest, UNTOLD + 1)[file]


def _mix(columns: Columns, names: Sequence[str]) -> Ints:
    """Return a number per row that rows with equal cells share, others all but never."""
    mixed = np.zeros(len(columns[names[0]]), dtype=np.uint64)
    for cells in (columns[name] for name in names):
        if isinstance(cells, pd.Categorical):
            number = cells.codes
        elif isinstance(cells, np.ndarray):
            number = cells.view(np.int64) if cells.dtype.kind == "M" else cells
        else:
            number = read_numbers(cells, -1)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= number.astype(np.int64).view(np.uint64)
        mixed ^= mixed >> np.uint64(29)
    return mixed


# ---------------------------------------------------------------- files alike

LEAST_ALIKE = 30
"""So many lines must lie on days that both files cover: fewer agree by chance."""

ALIKE_SHARE = 80
"""From so many of a hundred lines on two files seem to hold the same services."""

LEAST_WORD = 3


class Alike(NamedTuple):
    """Two files that seem to hold the same services."""

    file: str
    other: str
    agree: int
    """Lines that agree in day, code and units."""
    lines: int
    """Lines of the smaller file on the days that both cover."""

    @property
    def sentence(self) -> str:
        """What a reader should know and do."""
        return (
            f"{self.file} and {self.other} seem to hold the same services ({self.agree:,} of {self.lines:,} "
            f"lines agree in day, code and units); hand over one of them, or figures count twice."
        )


class _Counted(NamedTuple):
    """How often a file holds each day, code and units."""

    day: Ints
    triple: Ints
    times: Ints

    def between(self, first: int, last: int) -> _Counted:
        inside = (self.day >= first) & (self.day <= last)
        return _Counted(*(column[inside] for column in self))


def find_alike(lines: Columns) -> tuple[Alike, ...]:
    """Find pairs of files whose lines agree in day, code and units, by file name; repeats are gone already.

    Files that tell of other clinicians, or other places, do not count: such bill much the same codes.
    """
    file = lines["source_file"].codes
    if not len(file) or (file == file[0]).all():
        return ()
    (day,), days = number_days(lines["service_date"])
    names = {number: str(lines["source_file"].categories[number]) for number in np.unique(file).tolist()}
    pairs = list(_sharing_days(sorted(names, key=names.__getitem__), file, day))
    if not pairs:
        return ()
    units, distinct = pd.factorize(read_numbers(lines["units"], NONE))
    triple = number_rows(
        [(day, days), (lines["code"].codes, len(lines["code"].categories)), (units, len(distinct))]
    )
    counted = {number: _count_triples(triple[file == number], day[file == number]) for number in names}
    found = []
    for one, other, first, last in pairs:
        here, there = (counted[number].between(first, last) for number in (one, other))
        least = min(int(here.times.sum()), int(there.times.sum()))
        _, at, beside = np.intersect1d(here.triple, there.triple, assume_unique=True, return_indices=True)
        agree = int(np.minimum(here.times[at], there.times[beside]).sum())
        if least >= LEAST_ALIKE and 100 * agree >= ALIKE_SHARE * least and _may_be_same(lines, one, other):
            found.append(Alike(names[one], names[other], agree, least))
    return tuple(found)


def _sharing_days(files: Sequence[int], file: Ints, day: Ints) -> Iterator[tuple[int, int, int, int]]:
    """Yield the pairs of files with days that both cover, and the first and last of these."""
    known = day >= 0
    spans = {}
    for number in files:
        own = day[known & (file == number)]
        if len(own) >= LEAST_ALIKE:
            spans[number] = int(own.min()), int(own.max())
    for one, other in combinations(spans, 2):
        first, last = max(spans[one][0], spans[other][0]), min(spans[one][1], spans[other][1])
        if first <= last:
            yield one, other, first, last


def _count_triples(triple: Ints, day: Ints) -> _Counted:
    distinct, first, times = np.unique(triple[triple >= 0], return_index=True, return_counts=True)
    return _Counted(day[triple >= 0][first], distinct, times)


def _may_be_same(lines: Columns, one: int, other: int) -> bool:
    """Tell whether two files may be of the same clinicians and places, however these are written."""
    file = lines["source_file"].codes
    for name in ("clinician", "location"):
        cells = lines[name]
        here, there = (_words(cells.categories[np.unique(cells.codes[file == at])]) for at in (one, other))
        if here and there and not here & there:
            return False
    return True


def _words(texts: Sequence[str]) -> set[str]:
    return {word for text in texts for word in findall(r"\w+", text.casefold()) if len(word) >= LEAST_WORD}
