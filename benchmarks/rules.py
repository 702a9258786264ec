"""All topics' marks on a million lines, beside reading them from CSV, inside one process.

What is timed is every topic's `mark`: the rules, and the marks that measures count. Reading is that of the
three files into tables, before they are joined.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from benchmarks.practices import AS_OF, FILES, ROOT, Size, practice
from benchmarks.table import Row

LINES = 1_000_000
TIMED = """
import json, sys, time
from datetime import date
from pathlib import Path
import pandas as pd
from audit.history import build_history
from audit.intake import read_history
from audit.populations import populate
from audit.rulebook import list_rules
from audit.settings import load_settings
from audit.topics import TOPICS

folder, practice, day = sys.argv[1:]
settings, as_of = load_settings(Path(practice)), date.fromisoformat(day)
start = time.perf_counter()
intake = read_history([Path(folder) / name for name in sys.stdin.read().split()], settings)
read = time.perf_counter() - start
history = build_history(intake, settings, as_of)
del intake
marked = populate(
    history.lines,
    history.visits,
    pd.Timestamp(as_of),
    settings.thresholds.expected_allowed_months,
    unmatched=history.unmatched_answers,
)
del history
spent = {}
for topic in TOPICS:
    start = time.perf_counter()
    marked = topic.mark(marked, settings, as_of)
    spent[topic.ID] = time.perf_counter() - start
print(json.dumps([read, spent, len(marked.lines), len(list_rules(settings))]))
"""


def measure(quick: bool) -> Iterator[Row]:
    """Yield how many times the time of reading all rules take."""
    folder = practice(Size(LINES))
    runs = [_run(str(folder)) for _ in range(1 if quick else 3)]
    read, spent, lines, rules = runs[0]
    ratio = median(sum(run[1].values()) / run[0] for run in runs)
    slowest = sorted(spent, key=lambda topic: -spent[topic])[:3]
    told = ", ".join(f"{topic} {spent[topic]:.2g} s" for topic in slowest)
    note = f"{sum(spent.values()):.3g} s against {read:.3g} s; {rules} rules, {lines:,} lines; {told}"
    yield Row("all rules / reading from CSV", ratio, 1, 0.5, note=note)


def _run(folder: str) -> tuple[float, dict[str, float], int, int]:
    settings = ROOT / "sample_data" / "practice.toml"
    command = [sys.executable, "-c", TIMED, folder, str(settings), AS_OF]
    told = subprocess.run(command, input=" ".join(FILES), capture_output=True, text=True, check=True).stdout
    read, spent, lines, rules = json.loads(told)
    return read, spent, lines, rules
