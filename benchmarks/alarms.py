"""What the words of change are worth: alarms where nothing changed, rises found, intervals that hold.

Practices as `simulated.py` makes them go the product's own way from marked lines to outcome words; so do
twins of the sample practice in which nothing is planted. Beside each stands what other rules say of the same
data. Every number comes from fixed seeds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from multiprocessing import Pool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from msgspec.structs import replace

from audit.clusters import design_effects
from audit.comparison import compare
from audit.figures import HIGHER, LOWER
from audit.lateness import mark_same_age
from audit.measures import Measure, tabulate
from audit.periods import parse_period
from audit.record import Options
from audit.selfaudit import self_audit
from audit.series import Series, Spans, lay_out, lay_spans
from audit.settings import Thresholds
from audit.topics import denials
from benchmarks.practices import AS_OF, FILES, MAKER, ROOT
from benchmarks.simulated import CODES, FIRST, MONTHS, PAYERS, PERIOD, Practice, Rise, simulate
from benchmarks.table import Row

if TYPE_CHECKING:
    from multiprocessing.pool import Pool as Workers

    from numpy.typing import ArrayLike

LINES = (60, 250, 1000, 5000)
SPREADS = (0.0, 0.25, 0.5)
"""Month spreads, as deviations of log odds: 8 % is then 5 to 12 %, or 3 to 19 %, in 19 of 20 months."""
FIGURES = 1 + len(CODES) + len(PAYERS) + len(CODES) * len(PAYERS)
CELLS = ((250, 0, 0), (1000, 0, 1), (1000, 3, 2), (5000, 2, 3))
"""Lines a month, and the code and payer at which denials rise."""
SMALL = 20
"""Lines from which a cell must find what the exact test finds."""
RISES = ((0.1, 0.6), (0.2, 0.85), (0.3, 0.85))
"""By how much, and the share of what the exact test finds that must be found."""
SLOWER = (15.0, -7.0)
"""Days by which the largest payer answers later, or sooner, in the last month."""
TRUE_RATES = (0.05, 0.08, 0.12, 0.2, 0.3)
LARGE = 60
TWINS = range(101, 121)

LIMITS = Thresholds()
MEASURE = next(one for one in denials.MEASURES if one.id == "denials/first_rate")
RATE = replace(
    MEASURE,
    groups=("code", "payer"),
    judged=tuple(group for group in MEASURE.judged if group in ("", "code", "payer", "code,payer")),
    split="",
)
"""The denial rate as the report tests it, by the groups that are simulated."""


class Simulated(NamedTuple):
    """One simulated report: its figures, their counts by month, and the months compared."""

    figures: pd.DataFrame
    series: Series
    spans: Spans

    @property
    def alarmed(self) -> bool:
        """Whether any figure is said to differ significantly."""
        return bool(self.figures["outcome"].isin([HIGHER, LOWER]).any())


def report(
    practice: Practice, draws: np.random.Generator, rise: Rise | None = None, measure: Measure = RATE
) -> Simulated:
    """Simulate a practice and judge its last month as the product does."""
    populations = simulate(practice, draws, rise)
    populations = populations.with_marks(mark_same_age(populations, practice.age))
    spans = lay_spans(parse_period(PERIOD), FIRST, MONTHS, LIMITS, judged=True)
    tabulation = tabulate(populations, [measure], spans.all)
    effects = design_effects(populations, [measure], spans.clustered(LIMITS.usual_range_fewest))
    figures = compare(tabulation, [measure], [], spans, LIMITS, effects)
    return Simulated(figures, lay_out(tabulation, measure, spans, LIMITS), spans)


# --- what other rules say -----------------------------------------------------------------


def points_up(one: Simulated) -> bool:
    """Whether any rate is up by five points or more against the three months before."""
    figures = one.figures
    enough = (figures["base"] >= LIMITS.smallest_base) & (
        figures["three_before_base"] >= LIMITS.smallest_base
    )
    return bool((figures.loc[enough, "change"] >= 0.05).any())


def chi_square_alarms(one: Simulated) -> bool:
    """Whether any rate differs from its earlier months at 5 % by an uncorrected chi-square of lines."""
    denied, lines, denied_before, lines_before = _sums(one)
    enough = (lines >= LIMITS.smallest_base) & (lines_before >= LIMITS.smallest_base)
    return bool((enough & (chi_square(denied, lines, denied_before, lines_before) > 3.8415)).any())


def chi_square(x1: np.ndarray, n1: np.ndarray, x2: np.ndarray, n2: np.ndarray) -> np.ndarray:
    """Return Pearson's chi-square of two shares, uncorrected, as comparative billing reports take it."""
    rate = (x1 + x2) / np.maximum(n1 + n2, 1)
    change = x1 / np.maximum(n1, 1) - x2 / np.maximum(n2, 1)
    variance = rate * (1 - rate) * (1 / np.maximum(n1, 1) + 1 / np.maximum(n2, 1))
    found: np.ndarray = np.divide(change**2, variance, out=np.zeros_like(variance), where=variance > 0)
    return found


def _sums(one: Simulated, months: int = 1) -> tuple[np.ndarray, ...]:
    """Return denied and decided lines of all figures at the same age: of the last months, and the earlier."""
    assert one.series.tested is not None
    earlier = one.spans.earlier
    return tuple(
        counts[:, start:stop].sum(axis=1)
        for start, stop in ((MONTHS - months, MONTHS), (earlier.start, earlier.stop))
        for counts in one.series.tested
    )


def exact(one: Simulated, months: int = 1) -> np.ndarray:
    """Return which figures the exact test of lines calls higher (1) or lower (-1) at 5 % / their number."""
    return find_exact(*_sums(one, months), figures=FIGURES)


def find_exact(
    denied: ArrayLike, lines: ArrayLike, denied_before: ArrayLike, lines_before: ArrayLike, *, figures: int
) -> np.ndarray:
    """Return what the exact test of lines calls higher (1) or lower (-1) at 5 % / `figures`."""
    from scipy.stats import hypergeom

    denied, lines, denied_before, lines_before = map(np.asarray, (denied, lines, denied_before, lines_before))
    known = hypergeom(lines + lines_before, denied + denied_before, lines)
    upper, lower = known.sf(denied - 1), known.cdf(denied)
    found = 2 * np.minimum(upper, lower) <= 0.05 / figures
    return np.where(found, np.where(upper < lower, 1, -1), 0)


# --- many reports -------------------------------------------------------------------------


class Job(NamedTuple):
    """Some reports of one setting, from a seed of their own."""

    practice: Practice
    rise: Rise | None
    reports: int
    seed: tuple[int, ...]


def count_alarms(job: Job) -> np.ndarray:
    """Return how many reports alarm: ours, five points up, chi-square, and the exact test of every figure."""
    draws = np.random.default_rng(job.seed)
    found = np.zeros(4, dtype=np.int64)
    for _ in range(job.reports):
        one = report(job.practice, draws)
        found += [one.alarmed, points_up(one), chi_square_alarms(one), bool(exact(one).any())]
    return found


def count_late_alarms(job: Job) -> np.ndarray:
    """Return how many reports alarm: ours, and ours if rates were tested as they stand."""
    found = np.zeros(2, dtype=np.int64)
    for at in range(job.reports):
        for place, measure in enumerate((RATE, replace(RATE, tested_mark=""))):
            draws = np.random.default_rng((*job.seed, at))
            found[place] += report(job.practice, draws, measure=measure).alarmed
    return found


def count_found(job: Job) -> np.ndarray:
    """Return how many reports find the rise in its own cell, how many the exact test does, and its lines."""
    assert job.rise is not None
    assert job.rise.code is not None
    draws = np.random.default_rng(job.seed)
    found = np.zeros(3, dtype=np.int64)
    for _ in range(job.reports):
        one = report(job.practice, draws, job.rise)
        cell = (f"code {job.rise.code:02d}", f"payer {job.rise.payer}")
        told = one.figures[(one.figures["value"] == cell[0]) & (one.figures["other"] == cell[1])]
        named = (one.series.values == cell[0]) & (one.series.others == cell[1])
        if named.any():
            known = exact(one, job.rise.months)[named] > 0
            found += [told["outcome"].iloc[0] == HIGHER, known[0], told["base"].iloc[0]]
    return found


def count_covered(job: Job) -> pd.DataFrame:
    """Return by figure how many reports show an interval, how many of these hold the truth, and the lines."""
    draws = np.random.default_rng(job.seed)
    truth = job.practice.rates[0]
    pieces = []
    for _ in range(job.reports):
        figures = report(job.practice, draws).figures
        figures = figures[figures["base"] >= LIMITS.smallest_base]
        held = (figures["low"] <= truth) & (truth <= figures["high"])
        pieces.append(figures[["group", "value", "other", "base"]].assign(held=held, shown=1))
    every = pd.concat(pieces).groupby(["group", "value", "other"], sort=True)
    return every.agg({"shown": "sum", "held": "sum", "base": "sum"}).reset_index()


def twin_alarms(seed: int) -> list[str]:
    """Return the figures said to differ in a twin of the sample practice in which nothing is planted."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, str(MAKER), "--clean", "--seed", str(seed), "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        files = [Path(folder) / name for name in FILES]
        practice = ROOT / "sample_data" / "practice.toml"
        audit = self_audit(Options(files, date.fromisoformat(AS_OF), None, practice))
    frame = audit.comparison.frame
    told = frame[frame["outcome"].isin([HIGHER, LOWER])]
    return (told["measure"] + " " + told["value"] + " " + told["other"]).tolist()


# --- the rows of the table ----------------------------------------------------------------


def measure(quick: bool) -> Iterator[Row]:
    """Yield the share of false alarms, of rises found, of intervals that hold, and of twins that alarm."""
    reports = 160 if quick else 1000
    with Pool(os.cpu_count()) as workers:
        yield from _false_alarms(workers, reports)
        yield from _late_alarms(workers, reports)
        yield from _found(workers, reports // 5)
        yield from _covered(workers, reports)
        twins = TWINS[: 4 if quick else None]
        told = workers.map(twin_alarms, twins, chunksize=1)
    alarmed = {seed: found for seed, found in zip(twins, told, strict=True) if found}
    yield Row(
        f"{len(twins)} clean twins of the sample practice: reports with an alarm",
        100 * len(alarmed) / len(twins),
        5,
        5,
        unit=" %",
        note="; ".join(f"seed {seed}: {', '.join(found)}" for seed, found in alarmed.items()),
    )


def lay_jobs(practice: Practice, rise: Rise | None, reports: int, *seed: int) -> list[Job]:
    """Return the reports of one setting in four parts."""
    return [Job(practice, rise, reports // 4, (*seed, part)) for part in range(4)]


def _false_alarms(workers: Workers, reports: int) -> Iterator[Row]:
    for lines in LINES:
        for at, spread in enumerate(SPREADS):
            jobs = lay_jobs(Practice(lines, spread), None, reports, 1, lines, at)
            ours, points, chi, known = 100 * np.sum(workers.map(count_alarms, jobs), axis=0) / reports
            yield Row(
                f"nothing changed, {lines:,} lines a month, spread {spread}: reports with an alarm",
                ours,
                5,
                5,
                unit=" %",
                note=f"+5 points {points:.0f} %, chi-square {chi:.0f} %, exact test {known:.1f} %",
            )


def _late_alarms(workers: Workers, reports: int) -> Iterator[Row]:
    for lines in LINES[1:]:
        for days in SLOWER:
            practice = Practice(lines, SPREADS[1], slower=days)
            found = workers.map(
                count_late_alarms, lay_jobs(practice, None, reports // 2, 2, lines, int(days > 0))
            )
            ours, naive = 100 * np.sum(found, axis=0) / (reports // 2)
            yield Row(
                f"nothing changed but a payer's pace, {lines:,} lines a month: reports with an alarm",
                ours,
                5,
                5,
                unit=" %",
                note=f"{abs(days):.0f} days {'later' if days > 0 else 'sooner'}; "
                f"rates tested as they stand: {naive:.0f} %",
            )


def _found(workers: Workers, reports: int) -> Iterator[Row]:
    """Yield what is found of what the exact test finds: in every cell, then in all of enough lines."""
    for by, must in RISES:
        for months in (1, 3):
            pooled = []
            for lines, code, payer in CELLS:
                found = [
                    np.sum(workers.map(count_found, jobs), axis=0) / reports
                    for jobs in (
                        lay_jobs(
                            Practice(lines, spread),
                            Rise(code, payer, by, months),
                            reports,
                            *(3, lines, code, months, at),
                        )
                        for at, spread in enumerate(SPREADS)
                    )
                ]
                ours, known, size = np.mean(found, axis=0)
                pooled += [(ours, known)] if size >= SMALL else []
                what = f"{size:.0f} of {lines:,} lines, {_rise(by, months)}"
                spreads = ", ".join(f"{100 * one[0]:.0f}/{100 * one[1]:.0f}" for one in found)
                yield Row(
                    what, ours / max(known, 1e-9), None, None, note=f"% found/exact by spread: {spreads}"
                )
            ours, known = np.mean(pooled, axis=0)
            what = f"all cells of {SMALL} lines or more, {_rise(by, months)}"
            note = f"{100 * ours:.0f} % found, exact test {100 * known:.0f} %"
            yield Row(what, ours / known, must, must, at_least=True, note=note)


def _rise(by: float, months: int) -> str:
    return f"{100 * by:.0f} points up for {'a month' if months == 1 else f'{months} months'}: found / exact"


def _covered(workers: Workers, reports: int) -> Iterator[Row]:
    pieces = []
    for lines in LINES[:3]:
        for at, rate in enumerate(TRUE_RATES):
            practice = Practice(lines, 0.0, age=365, rates=(rate,) * len(PAYERS))
            jobs = lay_jobs(practice, None, reports, 4, lines, at)
            pieces += [one.assign(lines=lines, rate=rate) for one in workers.map(count_covered, jobs)]
    every = pd.concat(pieces).groupby(["lines", "rate", "group", "value", "other"]).sum().reset_index()
    every["size"] = every["base"] / every["shown"]
    large = every[(every["size"] >= LARGE) & (every["other"] == "")]
    share = 100 * _held(large, ["lines", "group", "value"])
    what = "intervals that hold, averaged over rates, totals and groups of 60 lines or more"
    yield Row(f"{what}: least", share.min(), 93.5, 93.5, unit=" %", at_least=True)
    yield Row(f"{what}: most", share.max(), 96.5, 96.5, unit=" %")
    small = every[every["size"] < LARGE].assign(size=lambda frame: frame["size"] // 5 * 5)
    share = 100 * _held(small, ["lines", "rate", "size"])
    worst = share.sort_values().reset_index().iloc[0]
    yield Row(
        "intervals that hold, cells of fewer lines: least",
        share.min(),
        89,
        89,
        unit=" %",
        at_least=True,
        note=f"about {worst['size'] + 2:.0f} of {worst['lines']:,.0f} lines, rate {worst['rate']:.0%}",
    )


def _held(figures: pd.DataFrame, by: list[str]) -> pd.Series[float]:
    """Return the share of intervals that hold, of at least a hundred shown."""
    added = figures.groupby(by)[["held", "shown"]].sum()
    added = added[added["shown"] >= 100]
    return added["held"] / added["shown"]
