"""Many codes and payers instead of few, on as many lines: 500 and 1,000 beside 12 and 15."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.practices import Size, audit_run, practice, reports
from benchmarks.table import Row
from benchmarks.timing import compare

LINES = 500_000


def measure(quick: bool) -> Iterator[Row]:
    """Yield the ratio of the two times."""
    narrow, broad = practice(Size(LINES, 12, 15)), practice(Size(LINES, 500, 1000))
    with reports() as scratch:
        out = scratch / "reports"
        audit_run(narrow, out)
        pairs = compare(lambda: audit_run(broad, out), lambda: audit_run(narrow, out), 2 if quick else 5)
    what = "500 codes, 1,000 payers / 12 codes, 15 payers, 500,000 lines"
    yield Row(what, pairs.ratio, 1.5, 1.15, note=f"{pairs}; peak {pairs.ours.peak / 1e6:,.0f} MB")
