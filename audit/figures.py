"""What the report says, as plain records: a figure, a finding, and the names they go by.

A figure's id is `topic/measure`, then `/group=value` parts in alphabetical order with values
percent-encoded, then `;part=value` for a split. The report prints it, `audit explain` reads it and
`results.json` keys by it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from msgspec import Struct

from audit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

HIGHER, LOWER, BY_CHANCE, NOT_HIGHER, TOO_FEW, NOT_JUDGED = (
    "significantly higher",
    "significantly lower",
    "higher within chance",
    "does not exceed",
    "too few to tell",
    "not judged yet",
)
"""The outcome words: this period beside the practice's own earlier months. "" where nothing is tested."""

NEW, REPEATED, WORSE, BETTER = ("new", "repeated", "worse", "better")
"""What became of a finding since the report before. *Resolved* is one that is no finding any more."""

COMPARED = ("previous", "year_before", "three_before")
"""The periods a figure stands beside: the one before, the same a year before, the three months before."""


NOUNS = {
    "lines": "line",
    "visits": "visit",
    "services": "service",
    "unbilled": "visit",
    "unmatched": "answer",
}
"""What a row of each table is called."""


class Name(NamedTuple):
    """A figure's id taken apart: the measure, the group values, and the part of a split."""

    measure: str
    where: Mapping[str, str]
    part: tuple[str, str] | None = None

    @property
    def id(self) -> str:
        """The id as text."""
        return figure_id(self.measure, self.where, self.part)


def figure_id(
    measure: str, where: Mapping[str, str] | None = None, part: tuple[str, str] | None = None
) -> str:
    """Return the id of a figure, safe in a URL, a file name and a shell word."""
    groups = "".join(f"/{group}={_encode(value)}" for group, value in sorted((where or {}).items()))
    split = f";{part[0]}={_encode(part[1])}" if part else ""
    return f"{measure}{groups}{split}"


@lru_cache(maxsize=8192)  # every value stands in the id of every measure
def _encode(value: str) -> str:
    return quote(value, safe="")


def parse_figure_id(text: str) -> Name:
    """Take a figure's id apart; SettingsError says what an id looks like."""
    head, _, split = text.partition(";")
    parts = head.split("/")
    groups = dict(part.partition("=")[::2] for part in parts[2:])
    if len(parts) < 2 or not all(parts[:2]) or not all("=" in part for part in parts[2:]):
        raise SettingsError(
            f"'{text}' is no figure; copy one from the report, such as denials/first_rate/code=97140"
        )
    name, _, value = split.partition("=")
    where = {group: unquote(value) for group, value in groups.items()}
    return Name("/".join(parts[:2]), where, (name, unquote(value)) if split else None)


class Counts(NamedTuple):
    """A numerator over a base (0 where the figure is an amount)."""

    numerator: int
    base: int


class Figure(Struct, frozen=True):
    """One figure of the period with all that stands beside it.

    Shares are between 0 and 1. What is not known is None: an interval of an amount, a change in a first
    period, a usual range of too few months.
    """

    measure: str
    group: str
    value: str
    other: str
    numerator: int
    base: int
    unknown: int
    outcome: str
    previous: Counts
    year_before: Counts
    three_before: Counts
    effective: float | None = None
    low: float | None = None
    high: float | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    chance: float | None = None
    """Probability of so much by chance alone, corrected for all figures tested; None where not tested."""
    over: int = 0
    """Months over which the outcome was found, where it was over more than the period; else 0."""
    tested: float | None = None
    """Effective lines tested of the period; None, as the next three, where it is not tested alone."""
    expected: float | None = None
    """The rate (or mean) that earlier months let expect; of a code at a payer, as its other codes moved."""
    precision: float | None = None
    """How sure that is: see `judging.Judgment`."""
    needed: float | None = None
    """Probability, by chance alone, of the least rise that would be found; see `judging.Judgment`."""

    @property
    def id(self) -> str:
        """The figure's id."""
        if "," in self.group:
            return figure_id(
                self.measure, dict(zip(self.group.split(","), (self.value, self.other), strict=True))
            )
        return f"{self.measure}/{self.group}={_encode(self.value)}" if self.group else self.measure


class Finding(Struct, frozen=True):
    """What one check found in this period: how many rows, what is at stake, who acts, what to do.

    `rows` are lines, visits or services, as `what` says; `cents` the money at stake (expected allowed
    amounts, else charges; None where no money stands behind it); `checked` the rows that could be
    checked and `unknown` those that could not; `since` for how many months on end it has been found,
    0 for a finding of the whole history and where no earlier month could tell. `cautious` is the low end
    of `cents`, `together` how many rows count as one because they are of one claim or patient, `spread`
    how much its months differ by themselves (variance of log odds; see `rules.apply`).

    `task` is what is to be done and `stake` what the money is, as the rule says (`rules.py`).

    `state`, `month` and `first_shown` are what earlier reports make of it (`remembered.py`): new, repeated,
    worse or better, "" where nothing is known; the how many-th month it is found in, 0 where unknown; the
    day of the first report that showed it.
    """

    id: str
    title: str
    text: str
    what: str
    rows: int
    checked: int
    unknown: int
    cents: int | None
    who: str
    due: str = ""
    since: int = 1
    cautious: int | None = None
    together: float = 1.0
    spread: float = 0.0
    state: str = ""
    month: int = 0
    first_shown: date | None = None
    task: str = ""
    stake: str = ""


class Resolved(Struct, frozen=True, forbid_unknown_fields=True):
    """A finding of the last report before this period that was looked for again, and not found.

    `rows` and `cents` are as that report told them, `period` is its period, `first_shown` the day of the
    first report that showed the finding.
    """

    id: str
    rows: int
    cents: int | None
    period: str
    first_shown: date
