"""Therapy at Medicare as it adds up over the year: KX above the threshold, and where reviews begin.

Allowed amounts are added up by patient and calendar year, in the order of the dates of service, for physical
therapy and speech-language pathology together and for occupational therapy. A practice knows its own amounts
alone, so that what it adds up is the least that counts. Rules of the topic `modifiers`; amounts in
`config/medicare.toml`.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct

from audit.applicability import find_visits, holds, lay_marks
from audit.dated import Dated
from audit.populations import OUT, UNSURE
from audit.rules import Check, Rule
from audit.therapy_plans import NOT_COVERED, PLAN_OF, PLANS, is_evaluation
from audit.validation import Count, convert, parse_toml

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.billed import Billed
    from audit.populations import Marks

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

GROUPS = (("GP", "GN"), ("GO",))
"""Plans that share one threshold."""

NO_LIMIT = 10**11
"""Cents that stand for an amount that may be any."""

NOTHING_ALLOWED = ("denied", "rejected", "nothing allowed, no reason", "excluded: denial asked for")
"""Decisions of which the allowed amount is nothing where none is told."""

LIMITS = "medicare.toml"


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """The file `config/medicare.toml`: whole dollars of a calendar year, with their dates of service."""

    kx_threshold: list[Dated[Count]]
    """Allowed amounts of a patient's year above which therapy lines carry KX."""
    targeted_review: list[Dated[Count]]
    """Allowed amounts of the year above which claims may be picked for review."""


@cache
def read_limits() -> Limits:
    """Read `config/medicare.toml`, once."""
    table = parse_toml(files("audit.config").joinpath(LIMITS).read_bytes(), LIMITS)
    limits: Limits = convert(table, Limits, LIMITS)
    return limits


class Amounts(NamedTuple):
    """Cents of a patient's year by line: what is known to be allowed, and what may be at most."""

    least_before: Ints
    """Up to the day before."""
    most_before: Ints
    least: Ints
    """The day included."""
    most: Ints


class Therapy(Struct, frozen=True):
    """The therapy lines at Medicare that count toward a threshold, and what they add up to."""

    billed: Billed
    rows: Ints
    """Positions of the lines that count."""
    kx: Mask
    kx_that_day: Mask
    """Whether a line of the same patient, day and threshold carries KX."""
    amounts: Amounts

    def limit(self, dated: list[Dated[int]]) -> Ints:
        """Return by line an amount of its year in cents; -1 where it is not known."""
        day = self.billed.day[self.rows].astype("datetime64[D]")
        found = np.full(len(day), -1, dtype=np.int64)
        for one in dated:
            first, last = (np.datetime64(when) for when in (one.start or date.min, one.end or date.max))
            found[(day >= first) & (day <= last)] = one.value * 100
        return found

    def lay(self, marks: Marks) -> Marks:
        """Return marks of the lines that count as marks of all lines; of every line, where KX is not told."""
        laid = np.full(len(self.billed.populations.lines), OUT, dtype=np.int8)
        laid[self.rows] = marks if self.billed.modifiers_told else UNSURE
        return laid


def add_up_therapy(billed: Billed) -> Therapy:
    """Return the therapy lines at Medicare with what their patients' years add up to."""
    rows = np.flatnonzero(_counted(billed))
    least, most = _cents(billed, rows)
    group = _group(billed)[rows]
    kx = billed.carries("KX")[rows]
    year = (billed.day[rows].astype("datetime64[D]").astype("datetime64[Y]")).astype(np.int64)
    whose = billed.patient[rows] * 10_000 + year + 5_000
    days = _find_days(whose, billed.day[rows])
    summed = [np.zeros(len(rows), dtype=np.int64) for _ in Amounts._fields]
    kx_that_day = np.zeros(len(rows), dtype=bool)
    for at in range(-1, len(GROUPS)):
        mine = group == at
        sure = (group == at) & (at >= 0)
        possible = mine | (group < 0) if at >= 0 else np.ones(len(rows), dtype=bool)
        told = (*_accrue(days, least * sure), *_accrue(days, most * possible))
        for into, values in zip(summed, (told[0], told[2], told[1], told[3]), strict=True):
            into[mine] = values[mine]
        before, after = _accrue(days, (kx & mine).astype(np.int64))
        kx_that_day[mine] = (after > before)[mine]
    _open_first_year(billed, year, summed)
    return Therapy(billed, rows, kx, kx_that_day, Amounts(*summed))


def _open_first_year(billed: Billed, year: Ints, summed: list[Ints]) -> None:
    """A year that had begun when the history begins may hold any amount before it."""
    first_year, month = divmod(billed.populations.first_month, 12)
    if month:
        begun = year + 1970 == first_year
        for at in (1, 3):
            summed[at][begun] = NO_LIMIT


def _counted(billed: Billed) -> Mask:
    """Mark what counts: therapy that Medicare is asked to pay, of no chiropractor."""
    sometimes = billed.of_therapy("sometimes") & (billed.carries(*PLANS) | billed.by(*PLAN_OF))
    therapy = billed.of_therapy("always") | sometimes
    return (
        billed.asked
        & billed.at_medicare
        & therapy
        & ~billed.carries(*NOT_COVERED)
        & ~billed.by("chiropractic")
    )


def _cents(billed: Billed, rows: Ints) -> tuple[Ints, Ints]:
    """Return what is known to be allowed on lines, and the most that may be: the charge, where not told."""
    frame = billed.populations.lines.frame
    allowed = frame["allowed"].to_numpy(np.int64, na_value=-1)[rows]
    charge = frame["charge"].to_numpy(np.int64, na_value=NO_LIMIT)[rows]
    nothing = holds(frame["last_decision"], NOTHING_ALLOWED)[rows]
    told = allowed >= 0
    return np.where(told, allowed, 0), np.where(told, allowed, np.where(nothing, 0, charge))


def _group(billed: Billed) -> Ints:
    """Return by line the threshold it counts toward, as a position in GROUPS; -1 where it is not told."""
    found = np.full(len(billed.populations.lines), -1, dtype=np.int64)
    for told_by in (_by_code, _by_discipline, _by_plan):  # the surest last
        masks = [told_by(billed, plans) for plans in GROUPS]
        for at, mine in enumerate(masks):
            found[mine & ~masks[1 - at]] = at
        found[masks[0] & masks[1]] = -1
    return found


def _by_plan(billed: Billed, plans: tuple[str, ...]) -> Mask:
    return billed.carries(*plans)


def _by_discipline(billed: Billed, plans: tuple[str, ...]) -> Mask:
    return billed.by(*(one for one, plan in PLAN_OF.items() if plan in plans))


def _by_code(billed: Billed, plans: tuple[str, ...]) -> Mask:
    whose = [one for one, plan in PLAN_OF.items() if plan in plans]
    return billed.of_codes(lambda code: any(is_evaluation(code, one) for one in whose))


class _Days(NamedTuple):
    """Lines in the order of patient, year and day: where each one's year and day begin, and its day ends."""

    order: Ints
    year: Ints
    first: Ints
    last: Ints


def _find_days(whose: Ints, day: Ints) -> _Days:
    order = np.lexsort((day, whose))
    new_year = np.diff(whose[order], prepend=-1) != 0
    new_day = new_year | (np.diff(day[order], prepend=0) != 0)
    starts = np.flatnonzero(new_day)
    count = np.diff(np.append(starts, len(order)))
    year = np.maximum.accumulate(np.where(new_year, np.arange(len(order)), 0))
    return _Days(order, year, np.repeat(starts, count), np.repeat(starts + count, count))


def _accrue(days: _Days, values: Ints) -> tuple[Ints, Ints]:
    """Return by line what its patient's year adds up to before its day, and with it."""
    running = np.concatenate([[0], np.cumsum(values[days.order])])
    before, after = np.empty_like(values), np.empty_like(values)
    before[days.order] = running[days.first] - running[days.year]
    after[days.order] = running[days.last] - running[days.year]
    return before, after


def _kx_absent(therapy: Therapy) -> Marks:
    """On the day on which the threshold is passed, the export does not tell which line passes it."""
    threshold, amounts = therapy.limit(read_limits().kx_threshold), therapy.amounts
    known = threshold >= 0
    above = known & ~therapy.kx & (amounts.least_before >= threshold)
    passing = therapy.kx_that_day & (amounts.most_before < threshold)
    below = known & (therapy.kx | passing | (amounts.most <= threshold))
    return therapy.lay(lay_marks(np.ones(len(above), dtype=bool), above, above | below))


def _kx_below(therapy: Therapy) -> Marks:
    threshold, amounts = therapy.limit(read_limits().kx_threshold), therapy.amounts
    known = threshold >= 0
    below, above = known & (amounts.most <= threshold), known & (amounts.least > threshold)
    asked = therapy.kx | (not therapy.billed.modifiers_told)
    return therapy.lay(lay_marks(asked, below, below | above))


def _targeted_review(therapy: Therapy) -> Marks:
    """Of visits: those whose lines lift the year, or find it, above the amount."""
    limit, amounts = therapy.limit(read_limits().targeted_review), therapy.amounts
    above = (limit >= 0) & (amounts.least > limit)
    open_ = ~above & ((limit < 0) | (amounts.most > limit))
    lines = len(therapy.billed.populations.lines)
    seen, found, unsure = (
        find_visits(therapy.billed.populations, np.isin(np.arange(lines), therapy.rows[keep]))
        for keep in (slice(None), above, open_)
    )
    return lay_marks(seen, found, found | ~unsure)


_NEEDS = "patient, modifiers and allowed amounts from January on; the threshold of the year"
_WHOM = "therapy; physical therapy and speech-language pathology together, occupational therapy for itself"
_EDITION = "config/medicare.toml: thresholds of 2018 to 2026"

CHECKS: tuple[Check[Therapy], ...] = (
    Check(
        Rule(
            "modifiers/kx_absent",
            "Check {rows} of therapy without KX above Medicare's threshold of the year",
            "The patient's year is above the threshold by at least what this practice was allowed; "
            "therapy elsewhere counts too. Check whether the notes support that the treatment was still "
            "needed; a claim is corrected only from the note as it stood.",
            "Above the threshold Medicare refuses therapy without KX, which says that the records support "
            "it.",
            "42 CFR 410.59, 410.60; Bipartisan Budget Act of 2018, s. 50202; amounts: "
            "config/medicare.toml, with how sure each is",
            "kx_absent",
            "lines",
            "biller",
            _NEEDS,
            in_force_from=date(2018, 1, 1),
            sentence="Once a patient's allowed therapy of the calendar year has reached the threshold, "
            "lines carry KX; here the practice's own allowed amounts of earlier days have reached it.",
            task="modifiers",
            payers="Original Medicare",
            disciplines=_WHOM,
            right="97110 GP KX after $2,500 allowed in 2026",
            wrong="97110 GP after $2,500 allowed in 2026",
            edition=_EDITION,
        ),
        _kx_absent,
    ),
    Check(
        Rule(
            "modifiers/kx_below",
            "Check {rows} with KX although this practice's year is not above the threshold",
            "Therapy elsewhere counts too: check whether the patient's other therapy of the year was "
            "asked for and noted. A first visit of the year stands here as well.",
            "KX says that the threshold is passed and the treatment still needed; reviewers look at KX "
            "used as a routine, and on first visits.",
            "OIG, OEI-04-09-00540; amounts: config/medicare.toml, with how sure each is",
            "kx_below",
            "lines",
            "biller",
            _NEEDS,
            in_force_from=date(2018, 1, 1),
            sentence="KX stands on therapy above the year's threshold; here the practice's own amounts, "
            "the day included and charges taken for what is not answered, are not above it.",
            task="modifiers",
            payers="Original Medicare",
            disciplines=_WHOM,
            right="97110 GP KX on the visit that passes the threshold",
            wrong="97110 GP KX on the first visit of the year",
            edition=_EDITION,
        ),
        _kx_below,
    ),
    Check(
        Rule(
            "modifiers/targeted_review",
            "Look at the notes of {rows} above the amount from which Medicare picks claims for review",
            "Nothing is wrong with such a visit. Look whether its notes show why treatment went on: "
            "change, goals, what the therapist's skill was needed for.",
            "Above this amount of the year a contractor may ask for the records.",
            "Bipartisan Budget Act of 2018, s. 50202: $3,000 until 2027, then indexed",
            "targeted_review",
            "visits",
            "clinician",
            "patient and allowed amounts from January on",
            in_force_from=date(2018, 1, 1),
            money="",
            sentence="Allowed therapy of a patient's calendar year above $3,000 may be picked for review; "
            "here the practice's own amounts are above it.",
            task="patterns",
            payers="Original Medicare",
            disciplines=_WHOM,
            right="$2,900 allowed in the year",
            wrong="$3,100 allowed in the year: look at the notes",
            edition="config/medicare.toml",
        ),
        _targeted_review,
    ),
)
