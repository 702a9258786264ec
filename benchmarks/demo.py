"""The sample practice: all of `audit demo` beside the imports it cannot do without, and the page's size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

from benchmarks.practices import MONTH, reports
from benchmarks.table import Row
from benchmarks.timing import AUDIT, IMPORTS, Run, compare, run


def measure(quick: bool) -> Iterator[Row]:
    """Yield the time and the size."""
    with reports() as folder:
        out = folder / "reports"
        _demo(out)
        run(IMPORTS)
        pairs = compare(lambda: _demo(out), lambda: run(IMPORTS), 3 if quick else 11)
        size = (out / MONTH / "report.html").stat().st_size
    yield Row(
        "audit demo / importing pandas, matplotlib, jinja2, typer", pairs.ratio, 1.7, 1.5, note=str(pairs)
    )
    yield Row("report.html of the sample practice", size / 1000, 250, 150, unit="KB")


def _demo(out: Path) -> Run:
    rmtree(out, ignore_errors=True)
    return run([AUDIT, "demo", "--out", out])
