"""Two saved periods as a pair: which figures both have, and what may be said of each.

A share, and a mean of visits, that both reports judge is tested anew, the earlier period as its past
(`beside_words.py`), with the words of the report; no other figure is judged. Nothing is counted here.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, TOO_FEW
from audit.intervals import newcombe
from audit.moves import Subject
from audit.results import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.beside_sides import Side
    from audit.results import SavedFigure, SavedMeasure

CHANCE = (BY_CHANCE, NOT_HIGHER)
"""Words of figures that chance may have moved."""

OVERLAP = "periods overlap"

DIFFERENT = "defined differently"

NOT_ADDING = "not comparable"
"""What stands in place of an outcome word where none may be said."""

MARKS = (HIGHER, LOWER, *CHANCE, TOO_FEW, NOT_JUDGED)
"""Readings that are outcome words and carry a shape."""

DENIED, GAP = "denials/first_rate", "documentation/any"
SIGNED_LATE = "signatures/before_signed"
UNITS_A_VISIT = "usage/units_per_visit"

HEADLINES = (
    "usage/visits",
    "usage/patients",
    "usage/lines",
    "usage/units",
    UNITS_A_VISIT,
    "usage/charge",
    "usage/charge_per_visit",
    "usage/allowed",
    "usage/paid",
    DENIED,
    "denials/first_rate_by_expected",
    "denials/final_rate",
    "denials/not_recovered_expected",
    "answers/recovered",
    "answers/rejected",
    "answers/answered",
    "denials/open",
    "denials/open_expected",
    GAP,
    "documentation/any_expected",
    SIGNED_LATE,
)
"""The measures of the table of totals, in the order of the report."""

BY_GROUP = ((DENIED, "code"), (DENIED, "payer"), (GAP, "code"), (UNITS_A_VISIT, "code"))
"""What the page shows of single groups: with the totals, what is tested in one family."""

SAME_AGE = 15
"""Days by which two periods may have been saved at different ages."""

SHOWN_ROWS = 12

Reading = str
"""An outcome word, one of the phrases above, or "" where nothing is judged."""


class Seen(NamedTuple):
    """A figure as added up from its months; `of_rows`: a share of lines or visits, so its cases are told."""

    numerator: int
    denominator: int | None
    of_rows: bool


class Beside(NamedTuple):
    """One figure of both files; `change` is a difference of shares, with its interval where there is one."""

    measure: str
    value: str
    earlier: SavedFigure
    later: SavedFigure
    reading: Reading
    change: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def bases(self) -> tuple[int, int]:
        """Their two bases; of an amount, the amounts themselves."""
        one, other = (
            figure.denominator if figure.denominator is not None else abs(figure.numerator)
            for figure in (self.earlier, self.later)
        )
        return one, other


class Pair(Struct, frozen=True, dict=True):
    """Both sides, and what follows from having the two."""

    earlier: Side
    later: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """The earlier and the later one."""
        return self.earlier, self.later

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called; with the day where they are the same period."""
        return self._named("title")

    @property
    def shorts(self) -> tuple[str, str]:
        """The same in few letters, for heads of columns."""
        return self._named("short")

    @property
    def months(self) -> tuple[int, int]:
        """How many months each has."""
        return len(self.earlier.period.months), len(self.later.period.months)

    @property
    def per_month(self) -> bool:
        """Whether amounts are shown for each month: the periods differ in length."""
        return self.months[0] != self.months[1]

    @property
    def overlap(self) -> bool:
        """Whether a month belongs to both."""
        return self.earlier.period.last >= self.later.period.first

    @property
    def ages(self) -> tuple[int, int]:
        """How many days after its end each was saved."""
        one, other = (side.period.age(side.as_of) for side in self.sides)
        return one, other

    @property
    def aged(self) -> bool:
        """Whether the two were saved at different ages: answers had more time to come in one."""
        return abs(self.ages[0] - self.ages[1]) > SAME_AGE

    @cached_property
    def limits(self) -> Limits:
        """The stricter of the limits that the two were made with."""
        one, other = (side.results.manifest.limits for side in self.sides)
        return Limits(
            max(one.smallest_base, other.smallest_base),
            max(one.cautious_base, other.cautious_base),
            max(one.confidence, other.confidence),
        )

    @cached_property
    def measures(self) -> dict[str, SavedMeasure]:
        """The measures that both have, in the order of the report."""
        one, other = self.earlier.results.measures, self.later.results.measures
        ordered = dict.fromkeys((*(measure for measure, _, _ in self.later.figures), *other))
        return {name: other[name] for name in ordered if name in one}

    @cached_property
    def elements(self) -> tuple[str, ...]:
        """The measures of single elements of a note as visits: their lines and money go by longer names."""
        return tuple(
            name
            for name, measure in self.measures.items()
            if name.startswith("documentation/")
            and measure.unit == "share"
            and f"{name}_lines" in self.measures
        )

    @cached_property
    def differing(self) -> frozenset[str]:
        """The measures that do not mean the same in the two."""
        return frozenset(
            name
            for name, measure in self.measures.items()
            if _meaning(measure) != _meaning(self.earlier.results.measures[name])
        )

    def subject(self, measure: str) -> Subject:
        """Return what a rate is called in a sentence, and what its base counts."""
        meant = self.measures[measure]
        return Subject.of(meant.subject, meant.title, meant.rows)

    def beside(self, measure: str, group: str = "", value: str = "") -> Beside | None:
        """Return a figure of both with what may be said of it; None where a file lacks it."""
        both = self._both(measure, group, value)
        return judge(self, both) if both else None

    def all_beside(self, measure: str, group: str) -> list[Beside]:
        """Return the figures of a group that both files have, the largest bases first."""
        values = self.later.values.get((measure, group), [])
        found = [one for one in (self.beside(measure, group, value) for value in values) if one]
        return sorted(found, key=lambda one: (-sum(one.bases), one.value))

    def young(self, both: Beside) -> tuple[str, ...]:
        """Name the periods in which a figure is not judged yet.

        By its own report; or, where it needs answers, because too few were there: a report can tell what is
        still to come, a saved figure cannot.
        """
        waits = both.measure.startswith("denials/")
        return tuple(
            name
            for name, side, figure in zip(self.names, self.sides, (both.earlier, both.later), strict=True)
            if figure.outcome == NOT_JUDGED or (waits and figure.outcome and side.results.mature is False)
        )

    @cached_property
    def words(self) -> dict[str, str]:
        """The outcome words by figure id: every figure of the page that is tested, all corrected together."""
        from audit.beside_words import find_words, lay_figures  # numpy, only when two are compared

        tested = {
            both.later.id: self.measures[both.measure].worse
            for both in self._family()
            if _bar(self, both) is None and _is_tested(both)
        }
        words = find_words(lay_figures(*self.sides, tested, aged=self.aged), self.limits.smallest_base)
        return dict(zip(tested, words, strict=True))

    def tells_means(self, both: Beside) -> bool:
        """Whether a figure is a mean of visits that both files keep so that it can be tested."""
        figures = zip(self.sides, (both.earlier, both.later), strict=True)
        return all(side.tells_mean(figure) for side, figure in figures)

    def _family(self) -> Iterator[Beside]:
        totals = ((measure, "", "") for measure in dict.fromkeys((*HEADLINES, *self.elements)))
        groups = (
            (measure, group, value)
            for measure, group in BY_GROUP
            for value in self.later.values.get((measure, group), [])
        )
        found = (self._both(*key) for key in (*totals, *groups))
        return (both for both in found if both is not None)

    def _both(self, measure: str, group: str, value: str) -> Beside | None:
        one = self.earlier.figures.get((measure, group, value))
        other = self.later.figures.get((measure, group, value))
        if measure not in self.measures or one is None or other is None:
            return None
        return Beside(measure, value, one, other, "")

    def _named(self, how: Literal["title", "short"]) -> tuple[str, str]:
        one, other = getattr(self.earlier.period, how), getattr(self.later.period, how)
        if one != other:
            return one, other
        return f"{one} (as of {self.earlier.as_of})", f"{other} (as of {self.later.as_of})"


def judge(pair: Pair, both: Beside) -> Beside:
    """Say what may be said of a figure: an outcome word for what is tested, a change of any share."""
    barred = _bar(pair, both)
    if barred is not None:
        return barred
    one, other = both.earlier, both.later
    word = pair.words.get(other.id, "")
    if word == TOO_FEW or pair.measures[both.measure].unit != "share":
        return both._replace(reading=word)
    low, high = newcombe(
        other.numerator,
        other.denominator or 0,
        one.numerator,
        one.denominator or 0,
        effective1=other.effective,
        effective2=one.effective,
        confidence=pair.limits.confidence,
    )
    return both._replace(reading=word, change=_change(both), low=low, high=high)


def _bar(pair: Pair, both: Beside) -> Beside | None:
    """Return the figure with what stands in place of a word and an interval; None where nothing does."""
    measure, (one, other) = pair.measures[both.measure], (both.earlier, both.later)
    if both.measure in pair.differing:
        return both._replace(reading=DIFFERENT)
    if not measure.adds and pair.per_month:
        return both._replace(reading=NOT_ADDING)
    if pair.young(both):
        return both._replace(reading=NOT_JUDGED)
    is_share = measure.unit == "share"
    if not one.denominator or not other.denominator or not (is_share or pair.tells_means(both)):
        return both
    change = _change(both) if is_share else None
    if is_share and (one.effective is None or other.effective is None):
        return both._replace(change=change)  # a share of money or units: it has no interval
    if min(one.denominator, other.denominator) < pair.limits.smallest_base:
        return both._replace(reading=TOO_FEW)
    if pair.overlap:
        return both._replace(reading=OVERLAP, change=change)
    return None


def _change(both: Beside) -> float:
    """Return the change of a share that both periods have."""
    before, now = both.bases
    return both.later.numerator / now - both.earlier.numerator / before


def _is_tested(both: Beside) -> bool:
    """Whether both reports judge the figure: what moves by its age alone has no word in them."""
    return bool(both.earlier.outcome and both.later.outcome)


def _meaning(measure: SavedMeasure) -> tuple[str, str, bool, bool]:
    return measure.definition, measure.unit, measure.adds, measure.standing
