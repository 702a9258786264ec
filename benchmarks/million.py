"""A million lines in three files: `audit run` beside the plain DuckDB script that makes the same counts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.agreement import count_agreeing
from benchmarks.practices import MONTH, Size, audit_run, practice, reports
from benchmarks.table import Row
from benchmarks.timing import compare, run

LINES = 1_000_000
RIVAL = Path(__file__).with_name("plain_duckdb.py")


def measure(quick: bool) -> Iterator[Row]:
    """Yield the time and the peak memory; RuntimeError where the two do not count the same."""
    folder = practice(Size(LINES))
    with reports() as scratch:
        out, counts = scratch / "reports", scratch / "counts.json"
        rival = (sys.executable, RIVAL, folder, counts)
        peak = audit_run(folder, out).peak
        run(rival)
        same = count_agreeing(out / MONTH / "results.json", counts)
        pairs = compare(lambda: audit_run(folder, out), lambda: run(rival), 2 if quick else 5)
    note = f"{same:,} counts agree; {pairs}"
    yield Row("audit run, 1 million lines / plain DuckDB script", pairs.ratio, 2.5, 1.5, note=note)
    peak = max(peak, pairs.ours.peak)
    note = f"the script: {pairs.other.peak / 1e6:,.0f} MB"
    yield Row("peak memory at 1 million lines", peak / 1e6, 1200, 800, unit="MB", note=note)
