"""The practice's own rules: what a contract or a payer's letter says, in one of four simple kinds.

Each rule of `practice.toml` (`own_rules.py`) becomes a rule of the report, with its own source and dates.
"""

from __future__ import annotations

from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct

from audit.applicability import carries, find_standing, holds, lay_marks, tells_modifiers, visit_of_line
from audit.populations import NO, UNSURE, YES
from audit.rules import Check, Rule, mark_checks
from audit.settings import DEFAULT_PAYER, fold_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from audit.measures import Measure
    from audit.own_rules import OwnRule
    from audit.populations import Marks, Populations
    from audit.rules import Task
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

ID = "contract"
TITLE = "The practice's own rules"

ABOVE = "at most units"
"""The kind of rule of which a part of a line is at stake: what is above."""


class _Facts(Struct, frozen=True, dict=True):
    """The marked rows and what several rules ask of them."""

    populations: Populations
    settings: Settings

    @cached_property
    def standing(self) -> Mask:
        return find_standing(self.populations)

    @cached_property
    def visit(self) -> Ints:
        return visit_of_line(self.populations)

    @cached_property
    def day(self) -> NDArray[np.datetime64]:
        return self.populations.lines.frame["service_date"].to_numpy().astype("datetime64[D]")

    @cached_property
    def units(self) -> Ints:
        """Hundredths of units by line, -1 where not told."""
        return self.populations.lines.frame["units"].to_numpy(np.int64, na_value=-1)

    def concerns(self, own: OwnRule) -> Mask:
        """Return the lines at a rule's payers in its time, of whatever code."""
        theirs = np.array(
            [_is_meant(name, own, self.settings) for name in self.populations.labels["payer"]], dtype=bool
        )
        first, last = np.datetime64(own.start or "0001-01-01"), np.datetime64(own.end or "9999-12-31")
        inside: Mask = (self.day >= first) & (self.day <= last)
        concerned: Mask = self.standing & theirs[self.populations.lines.groups["payer"]] & inside
        return concerned

    def asks(self, own: OwnRule) -> Mask:
        """Return the lines of a rule's codes at its payers in its time."""
        return self.concerns(own) & holds(self.populations.lines.frame["code"], own.codes)


def _is_meant(payer: str, own: OwnRule, settings: Settings) -> bool:
    """Tell whether a rule names a payer, by any of its names."""
    if not own.payers:
        return True
    setting = settings.payer(payer)
    known = setting is not settings.payers[DEFAULT_PAYER]
    return any(
        fold_name(payer) in (fold_name(name), fold_name(settings.practice.aliases.payer(name)))
        or (known and settings.payer(name) is setting)
        for name in own.payers
    )


# --- one function for each kind -----------------------------------------------------------


def _mark_modifier(own: OwnRule, facts: _Facts) -> Marks:
    """Mark lines without any of the modifiers; where no line of the files has one, none can be missing."""
    asked = facts.asks(own)
    lacking = ~carries(facts.populations.lines.frame["modifiers"], *own.modifiers)
    return lay_marks(asked, lacking, asked & tells_modifiers(facts.populations))


def _mark_together(own: OwnRule, facts: _Facts) -> Marks:
    """Mark lines whose visit has another line of the codes that must not stand beside."""
    other = facts.concerns(own) & holds(facts.populations.lines.frame["code"], own.others)
    beside = np.bincount(facts.visit[other], minlength=len(facts.populations.visits))[facts.visit] - other
    return lay_marks(facts.asks(own), beside > 0)


def _mark_units(own: OwnRule, facts: _Facts) -> Marks:
    return lay_marks(facts.asks(own), facts.units > _most(own) * 100, facts.units >= 0)


def _mark_visits(own: OwnRule, facts: _Facts) -> Marks:
    """Mark lines on days of treatment beyond the most of a patient in a calendar year.

    Of a year that began before the files do, fewer days are no proof.
    """
    asked = facts.asks(own)
    rows = np.flatnonzero(asked)
    year = facts.day[rows].astype("datetime64[Y]").astype(np.int64) + 1970
    count, whole = _rank_days(facts, rows, year), year * 12 >= facts.populations.first_month
    marks = lay_marks(asked)
    marks[rows] = np.where(count > _most(own), YES, np.where(whole, NO, UNSURE))
    return marks


def _rank_days(facts: _Facts, rows: Ints, year: Ints) -> Ints:
    """Return which day of treatment of its patient and year each of some lines was: 1, 2 ..."""
    patient = facts.populations.lines.frame["patient_key"].to_numpy(np.int64)[rows]
    day = facts.day[rows].astype(np.int64)
    first = int(day.min(initial=0))
    days, place = np.unique(
        patient * (int(day.max(initial=0)) - first + 1) + day - first, return_inverse=True
    )
    whose, when = np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=np.int64)
    whose[place], when[place] = patient, year
    new = np.ones(len(days), dtype=bool)
    new[1:] = (whose[1:] != whose[:-1]) | (when[1:] != when[:-1])
    at = np.arange(len(days))
    rank: Ints = (at - np.maximum.accumulate(np.where(new, at, 0)) + 1)[place]
    return rank


def _most(own: OwnRule) -> int:
    assert own.most is not None, "the settings ask for it"
    return own.most


# --- rules --------------------------------------------------------------------------------


class _Kind(NamedTuple):
    """What the rules of one kind share; `right` and `wrong` are filled with the rule's own values."""

    mark: Callable[[OwnRule, _Facts], Marks]
    task: Task
    needs: str
    advice: str
    right: str
    wrong: str


KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "needs modifier": _Kind(
            _mark_modifier,
            "modifiers",
            "modifiers",
            "Check what the note shows: a modifier says something about the service and belongs on a claim "
            "only where that is so.",
            "{code} with {modifiers}.",
            "{code} without a modifier.",
        ),
        "not with": _Kind(
            _mark_together,
            "pairs",
            "codes and dates of service",
            "Check in the note what was done, and in the rule's source which of the two is paid.",
            "{code} alone.",
            "{code} and {others} for one patient, day and clinician.",
        ),
        ABOVE: _Kind(
            _mark_units,
            "units",
            "units",
            "Check the units against the note, and what the source says of units above.",
            "{code}, {most} units.",
            "{code}, {more} units.",
        ),
        "at most visits": _Kind(
            _mark_visits,
            "claims",
            "dates of service from January on",
            "Check what the source asks for further visits, as an authorization.",
            "{most} days of treatment in a calendar year.",
            "{more} days of treatment in a calendar year.",
        ),
    }
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period: none."""
    return ()


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the practice's own rules, in the order written."""
    return tuple(_write(own) for own in settings.practice.rules)


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark lines by the practice's own rules; of units above a limit, the cents above stand in a column."""
    written = settings.practice.rules
    if not written:
        return populations
    facts = _Facts(populations, settings)
    checks = (Check(_write(own), partial(KINDS[own.kind].mark, own)) for own in written)
    above = {_column(own): _value_above(facts, _most(own)) for own in written if own.kind == ABOVE}
    found = populations.with_marks(mark_checks(checks, facts, populations))
    return found.with_columns({"lines": above}) if above else found


def _write(own: OwnRule) -> Rule:
    kind, sentence = KINDS[own.kind], own.sentence.replace("{", "{{").replace("}", "}}").rstrip(".")
    values = {
        "code": own.codes[0],
        "modifiers": " or ".join(own.modifiers),
        "others": " or ".join(own.others),
        "most": own.most,
        "more": (own.most or 0) + 1,
    }
    return Rule(
        f"{ID}/{own.id}",
        f"Check {{rows}} against a rule of your own: {sentence}",
        kind.advice,
        "The practice agreed to it, or a payer wrote it.",
        own.source,
        f"{ID}_{own.id}",
        "lines",
        own.who,
        kind.needs,
        in_force_from=own.start,
        in_force_to=own.end,
        money=_column(own) if own.kind == ABOVE else "expected",
        sentence=own.sentence,
        task=kind.task,
        payers=", ".join(own.payers) or "every payer",
        right=kind.right.format_map(values),
        wrong=kind.wrong.format_map(values),
    )


def _column(own: OwnRule) -> str:
    return f"{ID}_{own.id}_above"


def _value_above(facts: _Facts, most: int) -> NDArray[np.int32]:
    """Return the cents of each line's units above a limit."""
    expected = facts.populations.lines.frame["expected"].to_numpy(np.int64)
    kept = expected * (most * 100) // np.maximum(facts.units, 1)
    return np.where(facts.units > most * 100, expected - kept, 0).astype(np.int32)
