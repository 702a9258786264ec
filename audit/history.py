"""The billing history: what intake read, joined, freed of repeats, cut at a date, and decided.

In: `Reading`, the part of an intake that is looked at; the settings; the as-of date. Out: `History`: the
tables of `audit/lines.py` with the columns of DECIDED, and what happened on the way: which rows were set
aside, by which key postings were joined, what has no answer and what has no charge. Dollars in whole cents.

What is dated after the as-of date is not known yet: lines and notes of later services, later postings,
signatures, plans and certifications. Amounts that an export shows on the line itself carry no date and
cannot be cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.attribution import Attribution, attribute, list_unmatched, number_sendings, take_postings
from audit.claims import find_claims
from audit.columns import (
    Columns,
    Ints,
    Mask,
    columns_of,
    find_cells,
    frame_of,
    read_numbers,
    take_rows,
)
from audit.decisions import decide
from audit.joining import KEYS
from audit.lines import ABSENT, CHARTED, DECIDED, LINES, POSTINGS, PRESENT, SELF_PAY, Column, conform
from audit.numbering import flag, rank_texts
from audit.repeats import Alike, find_alike, find_repeated_rows
from audit.resubmissions import Sendings
from audit.standing import KEPT, REASONS, Standing, settle_rows
from audit.visits import build_visits

if TYPE_CHECKING:
    from audit.settings import Settings

TOLD_OF_PAYMENTS = ("payer", "paid_on", "posted_on", "trace", "reason", "payment", "amount")
"""What agrees where two files tell of one payment, or of one adjustment of a provider."""

NOT_YET = tuple(
    name for name, kind, _ in CHARTED if kind.startswith("datetime") and not name.endswith("_until")
)
"""Dates of notes on which something was done: a later one was not done yet. An end may lie ahead."""


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


class History(Struct, frozen=True):
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
    """Answers whose line is not among ours, each once: posted_on, service_date, code, cents (paid), and
    source_file and source_row of its first posting."""
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
    postings = columns_of(intake.postings)
    standing = settle_rows(columns_of(intake.charges), postings, day)
    joined = attribute(standing, postings, day, settings)
    counted = _count_postings(postings, joined, standing)
    sendings, kept = number_sendings(standing), standing.kept
    posted = take_postings(standing, postings, joined, sendings, _names(POSTINGS[1:]))
    lines = {**take_rows(standing.charges, kept), "billed_twice": joined.billed_twice[kept]}
    del joined  # before the memory for deciding is needed

    elements = [element.id for element in settings.elements]
    visited = build_visits(lines, _known_notes(columns_of(intake.notes), day), elements)
    lines |= {"visit_id": visited.visit_id, "patient_key": visited.patient_key}
    lines |= _decide(lines, posted, sendings, standing.in_claim[kept], settings)
    aside = _lines_aside(standing)
    return History(
        lines=conform(
            frame_of(lines, [name for name in _names((*LINES, *DECIDED)) if name in lines]),
            (*LINES, *DECIDED),
        ),
        visits=visited.visits,
        postings=frame_of(posted, _names(POSTINGS)),
        payments=_tell_once(intake.payments, "paid_on", day),
        provider_adjustments=_tell_once(intake.provider_adjustments, "posted_on", day),
        fates=_with_fates(intake.fates, aside),
        set_aside=_by_file(aside),
        unanswered=_count_unanswered(lines, posted["line"]),
        alike=find_alike(lines),
        **counted._asdict(),
    )


def _decide(
    lines: Columns, posted: Columns, sendings: Sendings, in_claim: Mask, settings: Settings
) -> dict[str, Any]:
    """Return the columns of DECIDED, and the amounts as the answers tell them."""
    withdrawn = {"voided": sendings.voided, "voided_on": sendings.voided_on}
    decided = decide({**lines, **withdrawn}, posted, settings)
    has_claim = find_claims(lines, in_claim)
    never_sent = (has_claim == ABSENT) | find_cells(lines["payer"], SELF_PAY)
    sent = np.where(never_sent, np.int16(0), sendings.times)
    return {**decided.amounts, **decided.decisions, "has_claim": has_claim, "sent": sent}


def _names(described: Iterable[Column]) -> list[str]:
    return [column.name for column in described]


# ---------------------------------------------------------------- lines


class _Aside(NamedTuple):
    """The lines set aside, by file name and row."""

    file: list[str]
    row: Ints
    reason: list[str]
    cents: Any


def _lines_aside(standing: Standing) -> _Aside:
    charges, rows = standing.charges, np.flatnonzero(standing.why != KEPT)
    rows = rows[np.lexsort((charges["source_row"][rows], rank_texts(charges["source_file"][rows])))]
    reason = np.array(REASONS, dtype="object")[standing.why[rows]]
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


def _tell_once(table: pd.DataFrame, dated: str, day: np.datetime64) -> pd.DataFrame:
    """Return what was paid or set off up to `day`; what another file also tells, once."""
    known = table[~(table[dated] > day)]
    told = [name for name in TOLD_OF_PAYMENTS if name in known]
    return known[find_repeated_rows(columns_of(known), told) < 0]


def _known_notes(notes: Columns, day: np.datetime64) -> Columns:
    """Return the notes of services up to `day`; what was signed or certified later was not yet."""
    notes = take_rows(notes, np.flatnonzero(~(notes["service_date"] > day)))
    unsigned = notes["signed_on"] > day
    if unsigned.any():
        signed = np.where(unsigned & (notes["signed"] == PRESENT), np.int8(ABSENT), notes["signed"])
        signed_on = np.where(unsigned, np.datetime64("NaT", "s"), notes["signed_on"])
        notes |= {"signed": signed, "signed_on": signed_on}
    for name in NOT_YET:
        if name in notes and (later := notes[name] > day).any():
            notes |= {name: np.where(later, np.datetime64("NaT", "s"), notes[name])}
    return notes


# ---------------------------------------------------------------- postings


def _cents(postings: Columns) -> Ints:
    """Return payments and adjustments, 0 for other kinds and for unknown amounts."""
    counts = find_cells(postings["kind"], "payment", "adjustment", "reversal")
    cents: Ints = read_numbers(postings["amount"]) * counts
    return cents


def _count(cents: Ints, chosen: Mask) -> Tally:
    rows = np.flatnonzero(chosen)
    return Tally(0, len(rows), int(cents[rows].sum()))


class _Counted(NamedTuple):
    """What became of the postings, as `History` holds it."""

    joins: tuple[Joined, ...]
    unmatched_answers: pd.DataFrame
    unmatched: Tally
    repeated: Tally
    superseded: Tally
    too_late: Tally


def _count_postings(postings: Columns, joined: Attribution, standing: Standing) -> _Counted:
    cents = _cents(postings)
    return _Counted(
        joins=_count_joins(joined, cents, len(standing.kept)),
        unmatched_answers=list_unmatched(postings, joined, standing.by_claim),
        unmatched=_count(cents, joined.unmatched),
        repeated=_count(cents, joined.repeated),
        superseded=_count(cents, joined.superseded),
        too_late=_count(cents, joined.too_late)._replace(lines=int(standing.late.sum())),
    )


def _count_joins(join: Attribution, cents: Ints, count: int) -> tuple[Joined, ...]:
    joined = []
    for place, name in enumerate(KEYS):
        rows = np.flatnonzero(join.used & (join.key == place))
        lines = int(flag(join.line[rows], count).sum())
        joined.append(Joined(name, lines, len(rows), int(cents[rows].sum())))
    return tuple(joined)


def _count_unanswered(lines: Columns, answered: Ints) -> Tally:
    bare = ~flag(answered, len(lines["charge"])) & ~find_cells(lines["payer"], SELF_PAY)
    return Tally(int(bare.sum()), 0, int(read_numbers(lines["charge"])[bare].sum()))
