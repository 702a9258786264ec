"""Earlier reports: what was said of a period when it was last reported, as saved beside this report.

In: the folder that the reports are written to. Only saved results in it are read, of this practice, as of an
earlier day than this report's; so a report made again is the same. A file that is not such results is passed
over.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from audit.errors import SettingsError
from audit.figures import Counts, parse_figure_id
from audit.periods import YEAR, Period, parse_period
from audit.results import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

KEPT = ".as-of-"
"""What follows the period in the name of a folder whose report was replaced by a later one."""


class Meaning(Struct, frozen=True):
    """What a saved measure means."""

    definition: str


class Said(Struct, frozen=True):
    """A saved figure: its id and its counts."""

    id: str
    numerator: int
    denominator: int | None


class Found(Struct, frozen=True):
    """A saved finding; results of older versions tell neither its month nor when it was first shown."""

    id: str
    rows: Annotated[int, Meta(ge=1, le=10**12)]
    checked: Annotated[int, Meta(ge=1, le=10**12)]
    cents: int | None
    since: int
    month: int = 0
    first_shown: date | None = None


class Earlier(Struct, frozen=True):
    """The part of saved results that later reports look back at: a twentieth of the time of reading all."""

    schema: int
    practice: str
    period: str
    as_of: str
    measures: dict[str, Meaning]
    figures: list[Said]
    findings: list[Found] = []

    @property
    def day(self) -> date:
        """The as-of date."""
        return date.fromisoformat(self.as_of)

    def finding(self, name: str) -> Found | None:
        """Return a finding by its rule; None where the results have none."""
        return next((one for one in self.findings if one.id == name), None)

    def by_value(self, measure: str, group: str) -> dict[str, Counts]:
        """Return a measure's counts by the value of a group; by "" the one in total."""
        start = f"{measure}/{group}=" if group else measure
        found = ((parse_figure_id(one.id), one) for one in self.figures if one.id.startswith(start))
        return {
            name.where.get(group, ""): Counts(one.numerator, one.denominator or 0)
            for name, one in found
            if name.measure == measure
            and name.part is None
            and list(name.where) == ([group] if group else [])
        }

    def total(self, measure: str) -> Said | None:
        """Return a measure's figure in total; None where the results have none."""
        return next((one for one in self.figures if one.id == measure), None)


def find_earlier(out: Path, practice: str, period: Period, as_of: date) -> tuple[Earlier, ...]:
    """Return the last report of each period that ended in the year up to the end of `period`, newest first.

    `as_of` is the day of the report that looks back.
    """
    folders = sorted(_folders(out, period))
    found: dict[Period, Earlier] = {}
    for of, folder in folders:
        one = _read(folder)
        if one is None or one.practice != practice or one.period != of.text or one.as_of >= as_of.isoformat():
            continue
        if of not in found or one.as_of > found[of].as_of:
            found[of] = one
    return tuple(found[of] for of in sorted(found, key=lambda of: (-of.last, -of.first)))


def _folders(out: Path, period: Period) -> Iterator[tuple[Period, Path]]:
    """Yield the folders in `out` that are named by a period of the year up to the end of `period`."""
    for folder in _listed(out):
        name = folder.name.partition(KEPT)[0]
        try:
            of = parse_period(name)
        except SettingsError:
            continue
        if name == of.text and period.last - YEAR < of.last <= period.last:
            yield of, folder


def _listed(out: Path) -> Iterable[Path]:
    try:
        return list(out.iterdir())
    except OSError:
        return ()


def _read(folder: Path) -> Earlier | None:
    try:
        found = msgspec.json.decode((folder / "results.json").read_bytes(), type=Earlier)
        date.fromisoformat(found.as_of)
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return None
    return found if found.schema == SCHEMA else None
