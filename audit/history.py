"""The billing history: what intake read, joined, freed of repeats, cut at a date, and decided.

In: `Reading`, the part of an intake that is looked at; the settings; the as-of date. Out: `History`: the
tables of `audit/lines.py` with the columns of DECIDED, and what happened on the way: which rows were set
aside, by which key postings were joined, what has no answer and what has no charge. Dollars in whole cents.

What is dated after the as-of date is not known yet: lines and notes of later services, later postings and
later signatures. Amounts that an export shows on the line itself carry no date and cannot be cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from audit.claims import find_claims
from audit.columns import (
    Columns,
    Ints,
    Mask,
    columns_of,
    find_blanks,
    find_cells,
    frame_of,
    read_numbers,
    take_rows,
)
from audit.decisions import decide
from audit.joining import KEYS, Join, join_postings
from audit.lines import ABSENT, DECIDED, LINES, POSTINGS, PRESENT, SELF_PAY, Column, conform
from audit.numbering import NONE, begins_anew, flag, rank_texts, total
from audit.repeats import (
    DUPLICATE,
    SUPERSEDED,
    Alike,
    Repeats,
    find_alike,
    find_repeated_lines,
    find_repeated_postings,
)
from audit.visits import build_visits

if TYPE_CHECKING:
    from audit.settings import Settings

TOO_LATE = "after the as-of date"


class Reading(Protocol):
    """What intake read: charges, notes and postings before they are joined, and the fates of other rows."""

    @property
    def charges(self) -> pd.DataFrame: ...
    @property
    def notes(self) -> pd.DataFrame: ...
    @property
    def postings(self) -> pd.DataFrame: ...
    @property
    def payments(self) -> pd.DataFrame: ...
    @property
    def provider_adjustments(self) -> pd.DataFrame: ...
    @property
    def fates(self) -> pd.DataFrame: ...


class Tally(NamedTuple):
    """How many lines or postings something happened to, and their dollars.

    `cents` are charges where lines are counted alone, else payments and adjustments of the postings.
    """

    lines: int = 0
    postings: int = 0
    cents: int = 0


class Joined(NamedTuple):
    """The postings that one key joined."""

    key: str
    lines: int
    postings: int
    cents: int


class SetAside(NamedTuple):
    """Lines of one file that were set aside for one reason."""

    file: str
    reason: str
    lines: int
    cents: int


@dataclass(frozen=True)
class History:
    """The three tables as known on the as-of date, and what became of the rest."""

    lines: pd.DataFrame
    """LINES and DECIDED."""
    visits: pd.DataFrame
    """VISITS and one `has_<id>` per documentation element."""
    postings: pd.DataFrame
    """POSTINGS; `line` is the row of `lines`."""
    payments: pd.DataFrame
    """PAYMENTS, each once."""
    provider_adjustments: pd.DataFrame
    """PROVIDER_ADJUSTMENTS, each once."""
    unmatched_answers: pd.DataFrame
    """Answers whose line is not among ours, one row per record of a file: posted_on, service_date, code,
    cents (paid), source_file, source_row."""
    fates: pd.DataFrame
    """Intake's fates, and one row for each line set aside here."""
    set_aside: tuple[SetAside, ...]
    joins: tuple[Joined, ...]
    """Every key of `joining.KEYS`, in its order."""
    unanswered: Tally
    """Lines billed to a payer that have no posting."""
    unmatched: Tally
    """Postings whose line is not among ours."""
    repeated: Tally
    """Postings that another file also holds."""
    superseded: Tally
    """Postings beside an older export of a line."""
    too_late: Tally
    """Lines and postings after the as-of date."""
    alike: tuple[Alike, ...]
    """Files that seem to hold the same services: nothing was set aside, and the reader is told."""


def build_history(intake: Reading, settings: Settings, as_of: date) -> History:
    """Return the billing history as known on `as_of`; the order of files and rows changes no figure."""
    day = np.datetime64(as_of, "s")
    charges, postings = columns_of(intake.charges), columns_of(intake.postings)
    repeats = find_repeated_lines(charges, postings)
    late = charges["service_date"] > day
    kept = np.flatnonzero(~(repeats.duplicate | repeats.superseded | late)).astype(np.int32)
    lines = take_rows(charges, kept)

    join = join_postings(lines, postings, _places(repeats, kept, len(late)), repeats.by_claim)
    settled = _settle_postings(postings, join, postings["posted_on"] > day, repeats, late, len(kept))
    used = np.flatnonzero(settled.used)
    posted = {**take_rows(postings, used, *_names(POSTINGS[1:])), "line": join.line[used]}

    notes = _known_notes(columns_of(intake.notes), day)
    visited = build_visits(lines, notes, [element.id for element in settings.elements])
    lines |= {"visit_id": visited.visit_id, "patient_key": visited.patient_key}
    decided = decide(lines, posted, settings)
    lines |= {**decided.amounts, **decided.decisions}
    has_claim = find_claims(lines, lines["from_claim"])
    never_sent = (has_claim == ABSENT) | find_cells(lines["payer"], SELF_PAY)
    lines |= {"has_claim": has_claim, "sent": np.where(never_sent, np.int16(0), np.int16(1))}
    lines["billed_twice"] = np.zeros(len(kept), dtype=np.bool_)
    cents = _cents(postings)
    aside = _lines_aside(charges, repeats, late)
    return History(
        lines=conform(
            frame_of(lines, [name for name in _names((*LINES, *DECIDED)) if name in lines]),
            (*LINES, *DECIDED),
        ),
        visits=visited.visits,
        postings=frame_of(posted, _names(POSTINGS)),
        payments=intake.payments[~(intake.payments["paid_on"] > day)],
        provider_adjustments=intake.provider_adjustments[~(intake.provider_adjustments["posted_on"] > day)],
        unmatched_answers=_list_unmatched(postings, np.flatnonzero(settled.unmatched)),
        fates=_with_fates(intake.fates, aside),
        set_aside=_by_file(aside),
        joins=_count_joins(join, cents, settled.used, len(kept)),
        unanswered=_count_unanswered(lines, posted["line"]),
        unmatched=_count(cents, settled.unmatched),
        repeated=_count(cents, settled.repeated),
        superseded=_count(cents, settled.superseded),
        too_late=_count(cents, settled.too_late)._replace(lines=int(late.sum())),
        alike=find_alike(lines),
    )


def _names(described: Iterable[Column]) -> list[str]:
    return [column.name for column in described]


# ---------------------------------------------------------------- lines


def _places(repeats: Repeats, kept: Ints, count: int) -> Ints:
    """Return, for each row of the charges, the row of the lines that stands for it."""
    place = np.full(count + 1, NONE, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    found: Ints = place[repeats.stands_for]
    return found


class _Aside(NamedTuple):
    """The lines set aside, by file name and row."""

    file: list[str]
    row: Ints
    reason: list[str]
    cents: Any


def _lines_aside(charges: Columns, repeats: Repeats, late: Mask) -> _Aside:
    rows = np.flatnonzero(repeats.duplicate | repeats.superseded | late)
    rows = rows[np.lexsort((charges["source_row"][rows], rank_texts(charges["source_file"][rows])))]
    by_place = np.array([TOO_LATE, SUPERSEDED, DUPLICATE], dtype="object")
    reason = by_place[np.where(repeats.duplicate, 2, repeats.superseded)[rows]]
    files = charges["source_file"][rows]
    return _Aside(files.tolist(), charges["source_row"][rows], reason.tolist(), charges["charge"][rows])


def _with_fates(fates: pd.DataFrame, aside: _Aside) -> pd.DataFrame:
    """Return the fates with one row more for each line set aside."""
    if not aside.file:
        return fates
    told = {"sheet": "", "fate": "set aside", "column": "", **aside._asdict()}
    more = pd.DataFrame({str(name): told[str(name)] for name in fates}).astype(fates.dtypes.to_dict())
    return pd.concat([fates, more], ignore_index=True) if len(fates) else more


def _by_file(aside: _Aside) -> tuple[SetAside, ...]:
    lines, cents = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for at, charge in zip(zip(aside.file, aside.reason, strict=True), read_numbers(aside.cents), strict=True):
        lines[at] += 1
        cents[at] += int(charge)
    return tuple(SetAside(*at, lines[at], cents[at]) for at in sorted(lines))


def _known_notes(notes: Columns, day: np.datetime64) -> Columns:
    """Return the notes of services up to `day`; what was signed later was not signed yet."""
    notes = take_rows(notes, np.flatnonzero(~(notes["service_date"] > day)))
    unsigned = notes["signed_on"] > day
    if unsigned.any():
        signed = np.where(unsigned & (notes["signed"] == PRESENT), np.int8(ABSENT), notes["signed"])
        signed_on = np.where(unsigned, np.datetime64("NaT", "s"), notes["signed_on"])
        notes |= {"signed": signed, "signed_on": signed_on}
    return notes


# ---------------------------------------------------------------- postings


class _Fates(NamedTuple):
    """What became of each posting: one of these holds."""

    used: Mask
    too_late: Mask
    superseded: Mask
    unmatched: Mask
    repeated: Mask


def _settle_postings(
    postings: Columns, join: Join, unknown: Mask, repeats: Repeats, late: Mask, count: int
) -> _Fates:
    row = postings["charge_row"]
    beside = row >= 0
    of_late, of_old = np.zeros(len(row), dtype=np.bool_), np.zeros(len(row), dtype=np.bool_)
    of_late[beside] = late[row[beside]]
    of_old[beside] = repeats.superseded[row[beside]]
    too_late = unknown | of_late
    superseded = of_old & ~too_late
    unmatched = (join.line < 0) & ~too_late & ~superseded
    open_rows = np.flatnonzero(~(too_late | superseded | unmatched))
    again = find_repeated_postings(take_rows(postings, open_rows), join.line[open_rows], count)
    repeated = flag(open_rows[again], len(row))
    return _Fates(~(too_late | superseded | unmatched | repeated), too_late, superseded, unmatched, repeated)


def _cents(postings: Columns) -> Ints:
    """Return payments and adjustments, 0 for other kinds and for unknown amounts."""
    counts = find_cells(postings["kind"], "payment", "adjustment", "reversal")
    cents: Ints = read_numbers(postings["amount"]) * counts
    return cents


def _count(cents: Ints, chosen: Mask) -> Tally:
    rows = np.flatnonzero(chosen)
    return Tally(0, len(rows), int(cents[rows].sum()))


def _list_unmatched(postings: Columns, rows: Ints) -> pd.DataFrame:
    """Return the answers that the postings `rows` are part of, one row per record of a file."""
    answer = frame_of(take_rows(postings, rows), ("posted_on", "service_date", "code"))
    files = postings["source_file"][rows]
    file, record = rank_texts(files), postings["source_row"][rows]
    cents = read_numbers(postings["amount"])[rows]
    reversing = find_cells(postings["kind"][rows], "reversal")
    paying = find_cells(postings["kind"][rows], "payment") | reversing
    paying &= find_blanks(postings["reason"][rows])
    order = np.lexsort((record, file))
    anew = begins_anew(file[order]) | begins_anew(record[order])
    first, place = order[anew], np.cumsum(anew)[np.argsort(order)] - 1
    paid = total(place, np.where(reversing, -np.abs(cents), cents) * paying, len(first))
    untold = ~flag(place[paying & ~postings["amount"][rows].isna()], len(first))
    listed = answer.iloc[first].reset_index(drop=True)
    listed["cents"] = pd.arrays.IntegerArray(paid, untold)
    listed["source_file"] = files[first]
    listed["source_row"] = record[first]
    return listed


def _count_joins(join: Join, cents: Ints, used: Mask, count: int) -> tuple[Joined, ...]:
    joined = []
    for place, name in enumerate(KEYS):
        rows = np.flatnonzero(used & (join.key == place))
        lines = int(flag(join.line[rows], count).sum())
        joined.append(Joined(name, lines, len(rows), int(cents[rows].sum())))
    return tuple(joined)


def _count_unanswered(lines: Columns, answered: Ints) -> Tally:
    bare = ~flag(answered, len(lines["charge"])) & ~find_cells(lines["payer"], SELF_PAY)
    return Tally(int(bare.sum()), 0, int(read_numbers(lines["charge"])[bare].sum()))
