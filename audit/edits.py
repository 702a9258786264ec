"""Medicare's edits: code pairs of which one is paid, and units that are unlikely, by their edition.

In: extracts of CMS' tables that ship with the program (`config/pairs_2024q3.csv`, `config/limits_2024q3.csv`)
and, in a folder of the practice's, what `audit rules import` kept of the official files (`edit_files.py`).
Out: the pairs and limits among some codes. CMS makes an edition each quarter.

*Which edition.* Of code pairs the newest one imported, for every date of service: each holds the days on
which its edits began and ended, also those that were withdrawn back to a former day. Only where none was
imported does the shipped extract count; it does not tell when an edit began, so that nothing is known of the
days before its quarter. Limits have no such days in them: a day takes those of the newest edition that had
begun.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from audit.codes import code_book
from audit.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

Kind = Literal["pairs", "limits"]

ENDINGS: dict[Kind, str] = {"pairs": "parquet", "limits": "mue"}
"""How the names of imported editions end: as no billing file's does, whose folder may hold theirs."""

NO_EDIT = "9"
"""The indicator of a pair that was withdrawn as though it had never been."""

EPOCH = date(1970, 1, 1)
LAST_DAY = date(9999, 12, 31)

CODE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}")
"""What a CPT or HCPCS code looks like."""

LIMIT_COLUMNS = ("code", "units", "per")
"""Columns of a table of limits."""

_PLACES = 1 << 16
"""More codes than there are in any edition: pairs are kept by the places of their codes."""


_BLOCK = 1 << 15
"""Pairs in a block of a kept file, of which only those are read that may hold a wanted code."""


class Edition(NamedTuple):
    """A table of one quarter."""

    kind: Kind
    begins: date
    """First day of its quarter."""
    path: Path | None = None
    """The imported file; None = the extract that ships."""

    @property
    def quarter(self) -> str:
        """Its quarter, as 2026-Q4."""
        return f"{self.begins.year}-Q{self.begins.month // 3 + 1}"

    @property
    def file_name(self) -> str:
        """What an imported file of it is called."""
        return f"{self.kind}_{self.begins.year}q{self.begins.month // 3 + 1}.{ENDINGS[self.kind]}"

    @property
    def told(self) -> str:
        """What it is, in words."""
        what = "code pairs" if self.kind == "pairs" else "unit limits"
        origin = "imported" if self.path else "an extract that ships"
        return f"CMS practitioner {what} of {self.quarter}, {origin}"

    def age_on(self, day: date) -> int:
        """Return its age in whole months, counted from the first day of its quarter."""
        months = (day.year - self.begins.year) * 12 + day.month - self.begins.month
        return max(months, 0)


class Import(NamedTuple):
    """An edition as it is to be kept, and what it holds, in words."""

    edition: Edition
    content: bytes
    told: str


SHIPPED: dict[Kind, Edition] = {
    "pairs": Edition("pairs", date(2024, 7, 1)),
    "limits": Edition("limits", date(2024, 7, 1)),
}


class Pair(NamedTuple):
    """Two codes of which one is paid when both are billed for one patient and day."""

    paid: str
    bundled: str
    modifier: str
    """0: never both; 1: both only where they were separate services and a modifier says so."""
    began: date | None
    """First date of service; None = not told."""
    ended: date | None
    """Last date of service; None = still in force."""


class CodePairs(NamedTuple):
    """The pairs of an edition among some codes."""

    edition: Edition
    pairs: tuple[Pair, ...]
    scope: frozenset[str] | None
    """The codes that the edition knows; None = all there are."""


class Limit(NamedTuple):
    """How many units of a code are likely at most."""

    units: int
    per: int
    """1: on a line. 2: on a day, without exception. 3: on a day, unless the record supports more."""


class UnitLimits(NamedTuple):
    """The limits of an edition for some codes."""

    edition: Edition
    limits: dict[str, Limit]
    scope: frozenset[str] | None
    """The codes that the edition knows; None = all there are, and a code without a limit has none."""


def quarter_of(day: date) -> date:
    """Return the first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def find_editions(kind: Kind, folder: Path | None) -> tuple[Edition, ...]:
    """Return the editions at hand, oldest first; an imported one takes the place of the shipped one."""
    found = {SHIPPED[kind].begins: SHIPPED[kind]}
    for path in sorted(folder.iterdir()) if folder and folder.is_dir() else ():
        named = re.fullmatch(rf"{kind}_(\d{{4}})q([1-4])\.{ENDINGS[kind]}", path.name)
        if named:
            begins = date(int(named[1]), int(named[2]) * 3 - 2, 1)
            found[begins] = Edition(kind, begins, path)
    return tuple(found[begins] for begins in sorted(found))


def find_pairs_edition(folder: Path | None) -> Edition:
    """Return the edition of code pairs that is read: the newest imported one, else the shipped one."""
    editions = find_editions("pairs", folder)
    return next((one for one in reversed(editions) if one.path), SHIPPED["pairs"])


def imported_files(folder: Path | None) -> tuple[Path, ...]:
    """Return the imported files that are read: the newest code pairs, and all unit limits."""
    editions = (find_pairs_edition(folder), *find_editions("limits", folder))
    return tuple(edition.path for edition in editions if edition.path)


def tell_editions(folder: Path | None, day: date) -> tuple[str, ...]:
    """Say which editions are read, and how old the newest of each kind is on a day."""
    limits = find_editions("limits", folder)
    return tuple(
        f"{edition.told}; it began {edition.age_on(day)} months ago."
        for edition in (find_pairs_edition(folder), limits[-1])
    )


def read_pairs(folder: Path | None, codes: Collection[str]) -> CodePairs:
    """Return the pairs in use of which both codes are among `codes`, without those of no edit."""
    edition = find_pairs_edition(folder)
    wanted = frozenset(codes)
    if edition.path is None:
        pairs = tuple(one for one in _shipped_pairs() if one.paid in wanted and one.bundled in wanted)
        return CodePairs(edition, pairs, _shipped_scope())
    with _readable(edition.path):
        return CodePairs(edition, tuple(_kept_pairs(edition.path, wanted)), None)


def read_limits(folder: Path | None, codes: Collection[str]) -> tuple[UnitLimits, ...]:
    """Return the limits of some codes by edition, oldest first."""
    wanted = frozenset(codes)
    return tuple(_limits_of(one, wanted) for one in find_editions("limits", folder))


def _limits_of(edition: Edition, wanted: frozenset[str]) -> UnitLimits:
    if edition.path is None:
        shipped = _shipped_limits()
        kept = {code: limit for code, limit in shipped.items() if code in wanted}
        return UnitLimits(edition, kept, frozenset(shipped))
    with _readable(edition.path):
        text = edition.path.read_text(encoding="utf-8")
        rows = (row for row in _rows(text) if row[0] in wanted)
        return UnitLimits(edition, {code: Limit(int(units), int(per)) for code, units, per in rows}, None)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn whatever is wrong with a kept file into a sentence."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f'"{path.name}" cannot be read; make it anew with audit rules import.') from error


# --- kept pairs ---------------------------------------------------------------------------


def pack_pairs(pairs: pa.Table) -> bytes:
    """Return pairs as they are kept, from columns of texts, and `began` and `ended` in days since 1970.

    Two million take ten megabytes, and a few hundredths of a second to read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    both = ("paid", "bundled")
    codes = sorted({code for name in both for code in pc.unique(pairs[name]).to_pylist()})
    known = pa.array(codes, pa.string())
    table = pa.table(
        {
            **{name: pc.index_in(pairs[name], known).cast(pa.uint16()) for name in both},
            "modifier": pairs["modifier"].cast(pa.int8()),
            **{name: pairs[name].cast(pa.int32()) for name in ("began", "ended")},
        },
        metadata={"codes": " ".join(codes)},
    )
    sink = pa.BufferOutputStream()
    ordered = table.sort_by([(name, "ascending") for name in table.column_names])
    pq.write_table(ordered, sink, compression="zstd", row_group_size=_BLOCK)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _kept_pairs(path: Path, wanted: frozenset[str]) -> Iterator[Pair]:
    """Yield the kept pairs of which both codes are wanted."""
    import numpy as np
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        codes = file.schema_arrow.metadata[b"codes"].decode().split(" ")
        places = [at for at, code in enumerate(codes) if code in wanted]
        is_wanted = np.zeros(_PLACES, dtype=bool)
        is_wanted[places] = True
        table = file.read_row_groups(_groups_with(file, places))
    paid, bundled, modifier = (table[name].to_numpy() for name in ("paid", "bundled", "modifier"))
    keep = np.flatnonzero(is_wanted[paid] & is_wanted[bundled])
    dates = (table[name].take(keep).to_pylist() for name in ("began", "ended"))
    told = zip(paid[keep].tolist(), bundled[keep].tolist(), modifier[keep].tolist(), *dates, strict=True)
    for first, second, indicator, began, ended in told:
        yield Pair(codes[first], codes[second], str(indicator), _day(began), _day(ended))


def _groups_with(file: pq.ParquetFile, places: list[int]) -> list[int]:
    """Return the blocks of a file, which is sorted by the code that is paid, that may hold some codes."""
    told = [file.metadata.row_group(at).column(0).statistics for at in range(file.metadata.num_row_groups)]
    return [
        at
        for at, block in enumerate(told)
        if bisect_left(places, block.min) < bisect_right(places, block.max)
    ]


def _day(days: int | None) -> date | None:
    return None if days is None else EPOCH + timedelta(days=days)


# --- what ships ---------------------------------------------------------------------------


@cache
def _shipped_pairs() -> tuple[Pair, ...]:
    return tuple(
        Pair(paid, bundled, modifier, None, date.fromisoformat(ended) if ended else None)
        for paid, bundled, modifier, ended in _shipped_rows("pairs_2024q3.csv")
        if modifier != NO_EDIT
    )


@cache
def _shipped_limits() -> dict[str, Limit]:
    rows = _shipped_rows("limits_2024q3.csv")
    return {code: Limit(int(units), int(per)) for code, units, per in rows}


@cache
def _shipped_scope() -> frozenset[str]:
    """Return the codes that the shipped pairs were taken for: those of the code book, but younger ones."""
    begins = SHIPPED["pairs"].begins
    return frozenset(
        code.code for code in code_book().codes.values() if not code.valid_from or code.valid_from <= begins
    )


def _shipped_rows(name: str) -> Iterator[list[str]]:
    return _rows(files("audit.config").joinpath(name).read_text(encoding="utf-8"))


def _rows(text: str) -> Iterator[list[str]]:
    rows = csv.reader(text.splitlines())
    next(rows, None)
    return rows
