"""The billing history: what intake read, joined, freed of repeats, cut at a date, and decided.

In: `Reading`, the part of an intake that is looked at; the settings; the as-of date. Out: `History`: the
tables of `audit/lines.py` with the columns of DECIDED, and what happened on the way: which rows were set
aside, by which key postings were joined, what has no answer and what has no charge. Dollars in whole cents.

What is dated after the as-of date is not known yet: lines and notes of later services, later postings and
later signatures. Amounts that an export shows on the line itself carry no date and cannot be cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import pandas as pd

from audit.decisions import decide
from audit.joining import KEYS, Join, join_postings
from audit.lines import ABSENT, LINES, POSTINGS, PRESENT, SELF_PAY, conform
from audit.numbering import NONE, Ints, Mask, flag
from audit.repeats import DUPLICATE, SUPERSEDED, Repeats, find_repeated_lines, find_repeated_postings
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


def build_history(intake: Reading, settings: Settings, as_of: date) -> History:
    """Return the billing history as known on `as_of`; the order of files and rows changes no figure."""
    charges, day = intake.charges, pd.Timestamp(as_of)
    repeats = find_repeated_lines(charges)
    late = (charges["service_date"] > day).to_numpy()
    kept = np.flatnonzero(~(repeats.duplicate | repeats.superseded | late)).astype(np.int32)
    lines = charges if len(kept) == len(charges) else charges.iloc[kept].reset_index(drop=True)

    postings = intake.postings
    known = ~(postings["posted_on"] > day).to_numpy()
    join = join_postings(lines, postings, _places(repeats, kept, len(charges)), repeats.by_claim)
    fate_of_posting = _settle_postings(postings, join, known, repeats, late, len(lines))
    used = np.flatnonzero(fate_of_posting.used)
    posted = _take(postings, used).assign(line=join.line[used])
    posted = conform(posted[[column.name for column in POSTINGS]], POSTINGS)

    elements = [element.id for element in settings.elements]
    visited = build_visits(lines, _known_notes(intake.notes, day), elements)
    lines = lines.drop(columns=["visit_ref", "patient_ref"])
    lines = lines.assign(visit_id=visited.visit_id, patient_key=visited.patient_key)
    lines = conform(lines, LINES)
    decided = decide(lines, posted, settings)
    lines = lines.assign(**{str(name): column for name, column in decided.amounts.items()})
    lines = lines.assign(**{str(name): column for name, column in decided.decisions.items()})
    aside = _lines_aside(charges, repeats, late)
    return History(
        lines=lines,
        visits=visited.visits,
        postings=posted,
        fates=_with_fates(intake.fates, aside),
        set_aside=_by_file(aside),
        joins=_count_joins(join, postings, fate_of_posting.used),
        unanswered=_count_unanswered(lines, posted),
        unmatched=_count(postings, fate_of_posting.unmatched),
        repeated=_count(postings, fate_of_posting.repeated),
        superseded=_count(postings, fate_of_posting.superseded),
        too_late=_count(postings, fate_of_posting.too_late)._replace(lines=int(late.sum())),
    )


# ---------------------------------------------------------------- lines


def _places(repeats: Repeats, kept: Ints, count: int) -> Ints:
    """Return, for each row of the charges, the row of the lines that stands for it."""
    place = np.full(count + 1, NONE, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    found: Ints = place[repeats.stands_for]
    return found


def _lines_aside(charges: pd.DataFrame, repeats: Repeats, late: Mask) -> pd.DataFrame:
    """Return one row, as fates have them, for each line set aside."""
    rows = np.flatnonzero(repeats.duplicate | repeats.superseded | late)
    reason = np.select(
        [repeats.duplicate[rows], repeats.superseded[rows]], [DUPLICATE, SUPERSEDED], default=TOO_LATE
    )
    chosen = charges.iloc[rows]
    aside = pd.DataFrame(
        {
            "file": chosen["source_file"].astype("str").to_numpy(),
            "sheet": "",
            "row": chosen["source_row"].to_numpy(),
            "fate": "set aside",
            "column": "",
            "reason": reason,
            "cents": chosen["charge"].array,
        }
    )
    return aside.sort_values(["file", "row"], kind="stable", ignore_index=True)


def _with_fates(fates: pd.DataFrame, aside: pd.DataFrame) -> pd.DataFrame:
    if aside.empty:
        return fates
    aside = aside.astype(fates.dtypes.to_dict())
    return pd.concat([fates, aside], ignore_index=True) if len(fates) else aside


def _by_file(aside: pd.DataFrame) -> tuple[SetAside, ...]:
    groups = aside.groupby(["file", "reason"])["cents"].agg(["size", "sum"])
    return tuple(
        SetAside(str(file), str(reason), int(lines), int(cents))
        for (file, reason), lines, cents in groups.itertuples(name=None)
    )


def _known_notes(notes: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the notes of services up to `day`; what was signed later was not signed yet."""
    late = (notes["service_date"] > day).to_numpy()
    if late.any():
        notes = notes[~late].reset_index(drop=True)
    unsigned = (notes["signed_on"] > day).to_numpy()
    if unsigned.any():
        signed = np.where(unsigned & (notes["signed"] == PRESENT).to_numpy(), ABSENT, notes["signed"])
        notes = notes.assign(signed=signed.astype(np.int8), signed_on=notes["signed_on"].mask(unsigned))
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
    postings: pd.DataFrame, join: Join, known: Mask, repeats: Repeats, late: Mask, count: int
) -> _Fates:
    row = postings["charge_row"].to_numpy()
    beside = row >= 0
    of_late, of_old = np.zeros(len(row), dtype=np.bool_), np.zeros(len(row), dtype=np.bool_)
    of_late[beside] = late[row[beside]]
    of_old[beside] = repeats.superseded[row[beside]]
    too_late = ~known | of_late
    superseded = of_old & ~too_late
    unmatched = (join.line < 0) & ~too_late & ~superseded
    open_rows = np.flatnonzero(~(too_late | superseded | unmatched))
    again = find_repeated_postings(_take(postings, open_rows), join.line[open_rows], count)
    repeated = flag(open_rows[again], len(row))
    return _Fates(~(too_late | superseded | unmatched | repeated), too_late, superseded, unmatched, repeated)


def _take(frame: pd.DataFrame, rows: Ints) -> pd.DataFrame:
    return frame if len(rows) == len(frame) else frame.iloc[rows].reset_index(drop=True)


def _cents(postings: pd.DataFrame) -> Ints:
    """Return payments and adjustments, 0 for other kinds and for unknown amounts."""
    texts = postings["kind"].cat.categories
    counts = np.array([text in ("payment", "adjustment", "reversal") for text in texts] + [False])
    amounts = postings["amount"].to_numpy(dtype=np.int64, na_value=0)
    cents: Ints = amounts * counts[postings["kind"].cat.codes.to_numpy()]
    return cents


def _count(postings: pd.DataFrame, chosen: Mask) -> Tally:
    rows = np.flatnonzero(chosen)
    return Tally(0, len(rows), int(_cents(postings.iloc[rows]).sum()) if len(rows) else 0)


def _count_joins(join: Join, postings: pd.DataFrame, used: Mask) -> tuple[Joined, ...]:
    key = np.where(used, join.key, NONE)
    number = np.bincount(key + 1, minlength=len(KEYS) + 1)[1:]
    cents = np.bincount(key + 1, weights=_cents(postings), minlength=len(KEYS) + 1)[1:]
    lines = [len(pd.unique(join.line[key == place])) if number[place] else 0 for place in range(len(KEYS))]
    return tuple(
        Joined(name, lines[place], int(number[place]), int(cents[place])) for place, name in enumerate(KEYS)
    )


def _count_unanswered(lines: pd.DataFrame, posted: pd.DataFrame) -> Tally:
    bare = ~flag(posted["line"].to_numpy(), len(lines)) & (lines["payer"] != SELF_PAY).to_numpy()
    charge = lines["charge"].to_numpy(dtype=np.int64, na_value=0)
    return Tally(int(bare.sum()), 0, int(charge[bare].sum()))
