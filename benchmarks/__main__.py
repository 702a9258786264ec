"""`python -m benchmarks [SUBJECT ...] [--quick]`: prints one table; exits with 1 when a must is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    alarms,
    breadth,
    demo,
    growth,
    joining,
    million,
    pages,
    profiling,
    remittances,
    rules,
    startup,
)
from benchmarks.table import Row, draw
from benchmarks.timing import AUDIT

SUBJECTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "startup": startup.measure,
    "demo": demo.measure,
    "million": million.measure,
    "joining": joining.measure,
    "rules": rules.measure,
    "remittances": remittances.measure,
    "growth": growth.measure,
    "breadth": breadth.measure,
    "profiling": profiling.measure,
    "alarms": alarms.measure,
    "compare": pages.measure,
}


def main() -> int:
    """Measure the subjects asked for, in the order of the table; return the exit code."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Ratios, measured side by side."
    )
    options.add_argument(
        "subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; default: all"
    )
    options.add_argument("--quick", action="store_true", help="fewer pairs: rougher, sooner")
    chosen = options.parse_args()
    if unknown := [name for name in chosen.subjects if name not in SUBJECTS]:
        options.error(f"there is no subject {unknown[0]}; there are {', '.join(SUBJECTS)}")
    if not AUDIT.exists():
        options.error(
            f"there is no {AUDIT.name} beside this interpreter; install with: pip install -e '.[bench]'"
        )
    rows: list[Row] = []
    for name, measure in SUBJECTS.items():
        if name in chosen.subjects or not chosen.subjects:
            print(f"Measuring: {name} ...", file=sys.stderr, flush=True)
            rows.extend(measure(chosen.quick))
    print(draw(rows))
    return int(any(row.missed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
