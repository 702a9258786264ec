"""What the words of `audit compare` are worth: pages that alarm where nothing changed, rises that are found.

Practices as `simulated.py` and `visits.py` make them are saved twice, as they were known so many days after
each period, and read again; the two files are set side by side by the product's own code. Every number comes
from fixed seeds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import replace

from audit.beside import DENIED, UNITS_A_VISIT, Pair
from audit.beside_sides import Side
from audit.clusters import design_effects
from audit.comparison import Comparison, compare
from audit.figures import HIGHER, LOWER
from audit.lateness import mark_same_age
from audit.measures import Measure, tabulate
from audit.periods import Answered, Period, judge_period, month_start, parse_period
from audit.populations import NO, OUT, YES, Population, Populations
from audit.results import (
    SCHEMA,
    Limits,
    Manifest,
    Results,
    encode,
    read_results,
    save_figures,
    save_measures,
)
from audit.series import lay_spans
from audit.topics import answers, usage
from benchmarks.alarms import LIMITS, RATE, SPREADS, Job, find_exact, lay_jobs
from benchmarks.simulated import FIRST, Doubled, Practice, Rise, simulate
from benchmarks.table import Row
from benchmarks.visits import add_visits

if TYPE_CHECKING:
    from multiprocessing.pool import Pool as Workers

    from audit.beside_means import Key

LINES = (60, 250, 1000)
RESTLESS = (0.0, 0.1, 0.3)
"""How far units a visit move from month to month, beside each of SPREADS."""
AGE = 45
"""Days from the end of a period to the day it is saved: nine of ten lines are answered."""
BESIDE = {
    "a month beside the month before": ("2026-03", "2026-04"),
    "a month beside that of the year before": ("2025-04", "2026-04"),
    "a quarter beside the quarter before": ("2025-11..2026-01", "2026-02..2026-04"),
}
"""The periods set side by side, as they would be named to `audit compare`."""
PAYER, BY = 1, 0.2
"""The payer at which denials rise, and by how much."""
LASTING = {"a month beside the month before": 1, "a quarter beside the quarter before": 3}
"""The periods beside which a rise is looked for, and the months it lasts: the whole later period."""
CODE = 3
"""The code whose units a visit double."""
SHARE, MEAN = DENIED, UNITS_A_VISIT
RISING, DOUBLING = (SHARE, "payer", f"payer {PAYER}"), (MEAN, "code", f"code {CODE:02d}")
CALM = [0, 1]
"""The settings in which a rise must be found: where payers move by 0.5, twenty points are two deviations of
the difference between two months."""
MUSTS = ((SHARE, 1000, 3), (MEAN, 250, 1), (MEAN, 1000, 1), (MEAN, 250, 3), (MEAN, 1000, 3))
"""Measure, lines a month, months: where a rise must be found in four of five pages."""


def _pick(measures: Sequence[Measure], name: str, *groups: str) -> Measure:
    (found,) = (one for one in measures if one.id == name)
    judged = tuple(one for one in found.judged if one in ("", *groups))
    return replace(found, groups=groups, judged=judged, pairs=(), split="")


MEASURES = (
    _pick(usage.MEASURES, "usage/lines", "code", "payer"),
    _pick([RATE], SHARE, "code", "payer"),  # no page shows a code at a payer
    _pick(answers.MEASURES, "answers/answered", "code", "payer"),
    _pick(usage.MEASURES, MEAN, "code", "clinician"),
)
"""What the page tests of what is simulated, and what it reads beside that."""


# --- a period as it is saved ----------------------------------------------------------------


def look_back(populations: Populations, months: int, age: int) -> Populations:
    """Return a practice as it was known `age` days after its first `months` months; rows stand by month."""
    until = np.datetime64(month_start(populations.first_month + months)) + np.timedelta64(age - 1, "D")
    lines, visits, services = (
        _cut(one, months) for one in (populations.lines, populations.visits, populations.services)
    )
    decided = lines.frame["first_decided_on"].to_numpy()
    known = decided <= until
    marks = {
        "answered": np.where(known, YES, NO).astype(np.int8),
        "first_denied": np.where(known, lines.marks["first_denied"], OUT).astype(np.int8),
    }
    frame = lines.frame.assign(first_decided_on=np.where(known, decided, np.datetime64("NaT", "s")))
    return replace(
        populations,
        lines=Population(frame, lines.month, lines.groups, marks),
        visits=visits,
        services=services,
        months=months,
        service_of_line=populations.service_of_line[: len(lines)],
        visit_of_service=populations.visit_of_service[: len(services)],
    )


def _cut(rows: Population, months: int) -> Population:
    stop = int(np.searchsorted(rows.month, months))
    groups = {name: places[:stop] for name, places in rows.groups.items()}
    marks = {name: states[:stop] for name, states in rows.marks.items()}
    return Population(rows.frame.iloc[:stop], rows.month[:stop], groups, marks)


def save_period(populations: Populations, period: Period, folder: Path, age: int = AGE) -> Results:
    """Save what a report of a period would have saved `age` days after its end, and read it again."""
    known = look_back(populations, period.last + 1 - FIRST, age)
    known = known.with_marks(mark_same_age(known, age))
    as_of = period.last_day + timedelta(days=age)
    months, answered = known.lines.month, known.lines.marks["answered"] == YES
    billed, settled = (np.bincount(months[rows]) for rows in (answered | True, answered))
    chosen = judge_period(
        period,
        {month: Answered(int(billed[month - FIRST]), int(settled[month - FIRST])) for month in period.months},
        as_of,
        mature_share=LIMITS.mature_share,
        any_answer=True,
    )
    spans = lay_spans(period, FIRST, known.months, LIMITS, chosen.mature)
    tabulation = tabulate(known, MEASURES, spans.all)
    effects = design_effects(known, MEASURES, spans.clustered(LIMITS.usual_range_fewest))
    comparison = Comparison(
        frame=compare(tabulation, MEASURES, [], spans, LIMITS, effects),
        tabulation=tabulation,
        measures={one.id: one for one in MEASURES},
        lasting=frozenset(),
        effects=effects,
        spans=spans,
        period=period,
        first_month=FIRST,
        limits=LIMITS,
        age=age,
    )
    limits = Limits(LIMITS.smallest_base, LIMITS.cautious_base, LIMITS.confidence)
    results = Results(
        schema=SCHEMA,
        practice="Simulated",
        period=period.text,
        as_of=as_of.isoformat(),
        mature=chosen.mature,
        reconciliation=[],
        measures=save_measures(MEASURES),
        figures=save_figures(comparison),
        findings=[],
        manifest=Manifest("", {}, {}, "", {}, limits),
    )
    path = folder / f"{period.text}.json"
    path.write_text(encode(results), encoding="utf-8")
    return read_results(path)


def lay_pages(
    practice: Practice,
    draws: np.random.Generator,
    rise: Rise | None = None,
    periods: Sequence[tuple[str, str]] = tuple(BESIDE.values()),
) -> list[Pair]:
    """Simulate a practice, save every period named once, and set each two side by side."""
    populations = add_visits(simulate(practice, draws, rise), practice, draws)
    with TemporaryDirectory() as folder:
        saved = {
            text: save_period(populations, parse_period(text), Path(folder), practice.age)
            for text in dict.fromkeys(text for two in periods for text in two)
        }
    return [Pair(Side(saved[earlier]), Side(saved[later])) for earlier, later in periods]


# --- many pages -----------------------------------------------------------------------------


class Words(NamedTuple):
    """How many figures of a page are said to differ significantly: shares, and means."""

    shares: int
    means: int


def count_words(pair: Pair) -> Words:
    """Return how many figures of a page are said to differ."""
    found = [name.partition("/code")[0] for name, word in pair.words.items() if word in (HIGHER, LOWER)]
    means = sum(name.startswith(MEAN) for name in found)
    return Words(len(found) - means, means)


def count_alarms(job: Job) -> np.ndarray:
    """Return, a row each of BESIDE, how many pages alarm: by anything, by a share, by a mean."""
    draws = np.random.default_rng(job.seed)
    found = np.zeros((len(BESIDE), 3), dtype=np.int64)
    for _ in range(job.reports):
        told = [count_words(pair) for pair in lay_pages(job.practice, draws)]
        found += [[any(one), one.shares > 0, one.means > 0] for one in told]
    return found


def count_found(job: Job, periods: tuple[str, str], key: Key) -> np.ndarray:
    """Return how many pages call a figure significantly higher, and of how many the exact test does."""
    draws = np.random.default_rng(job.seed)
    found = np.zeros(2, dtype=np.int64)
    for _ in range(job.reports):
        (page,) = lay_pages(job.practice, draws, job.rise, [periods])
        before, now = (side.figures[key] for side in page.sides)
        counts = (now.numerator, now.denominator or 0, before.numerator, before.denominator or 0)
        known = key[0] == SHARE and bool(find_exact(*counts, figures=len(page.words)) > 0)
        found += [page.words.get(now.id) == HIGHER, known]
    return found


# --- the rows of the table ------------------------------------------------------------------


def measure(quick: bool) -> Iterator[Row]:
    """Yield the share of pages that alarm where nothing changed, and of rises that are found."""
    with Pool(os.cpu_count()) as workers:
        yield from _false_alarms(workers, 24 if quick else 320, quick)
        yield from _found(workers, 8 if quick else 40)


def _lay_practices(lines: int, doubled: Doubled | None = None) -> list[Practice]:
    """Return practices of so many lines, calm to restless."""
    spreads = zip(SPREADS, RESTLESS, strict=True)
    return [
        Practice(lines, spread, age=AGE, restless=restless, doubled=doubled) for spread, restless in spreads
    ]


def _false_alarms(workers: Workers, pages: int, quick: bool) -> Iterator[Row]:
    """Yield the pages that alarm in each setting, then in all; a few pages tell of all together alone."""
    every = []
    for lines in LINES:
        for at, practice in enumerate(_lay_practices(lines)):
            counted = workers.map(count_alarms, lay_jobs(practice, None, pages, 5, lines, at))
            every.append(np.sum(counted, axis=0))
            for beside, found in zip(BESIDE, every[-1], strict=True):
                what = f"nothing changed, {lines:,} lines a month, spread {practice.spread}, {beside}"
                yield _alarmed(what, found, pages, None if quick else 5)
    for at, beside in enumerate(BESIDE):
        found = np.sum(every, axis=0)[at]
        yield _alarmed(f"nothing changed, all of these, {beside}", found, pages * len(every), 5)


def _alarmed(what: str, found: np.ndarray, pages: int, must: float | None) -> Row:
    """Return the row of pages that alarm: by anything, by a share, by a mean."""
    share = found / pages
    error = np.sqrt(share[0] * (1 - share[0]) / pages)
    note = f"by a share {100 * share[1]:.1f} %, by a mean {100 * share[2]:.1f} %; "
    note += f"standard error {100 * error:.1f}, {pages:,} pages"
    return Row(f"{what}: pages with an alarm", 100 * share[0], must, must, unit=" %", note=note)


def _found(workers: Workers, pages: int) -> Iterator[Row]:
    for lines in LINES:
        for beside, months in LASTING.items():
            for what, key, rise, doubled in (
                (f"a payer's denials {100 * BY:.0f} points up", RISING, Rise(None, PAYER, BY, months), None),
                ("a code's units a visit doubled", DOUBLING, None, Doubled(CODE, months)),
            ):
                count = partial(count_found, periods=BESIDE[beside], key=key)
                settings = enumerate(_lay_practices(lines, doubled))
                jobs = [lay_jobs(practice, rise, pages, 6, lines, months, at) for at, practice in settings]
                found = np.array([np.sum(workers.map(count, some), axis=0) for some in jobs]) / pages
                ours, exact = (" / ".join(f"{100 * one:.0f}" for one in column) for column in found.T)
                must = 80 if (key[0], lines, months) in MUSTS else None
                yield Row(
                    f"{what}, {lines:,} lines a month, {beside}: pages that find it",
                    100 * found[CALM, 0].mean(),
                    must,
                    must,
                    unit=" %",
                    at_least=True,
                    note=f"spread none and 0.25; by spread {ours}"
                    + (f", exact test {exact}" if rise else ""),
                )
