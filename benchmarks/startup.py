"""How soon help comes: `audit --help` and every subcommand's, beside an interpreter that does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row
from benchmarks.timing import AUDIT, PASS, compare, run

COMMANDS = ("", "demo", "run", "check", "init", "compare", "explain", "codes")


def measure(quick: bool) -> Iterator[Row]:
    """Yield one row: the slowest of all helps."""
    count = 5 if quick else 15
    found = {}
    for name in COMMANDS:
        asked: tuple[str | Path, ...] = (AUDIT, name, "--help") if name else (AUDIT, "--help")
        run(asked)
        found[name] = compare(lambda asked=asked: run(asked), lambda: run(PASS), count)  # type: ignore[misc]
    slowest = max(found, key=lambda name: found[name].ratio)
    note = (
        f"audit {slowest} --help, of {len(COMMANDS)}; {found[slowest]}; audit --help {found[''].ratio:.2f}x"
    )
    yield Row("help / python -c pass", found[slowest].ratio, 8, 6.5, note=note)
