"""Joining and deciding a million lines, beside reading them from CSV; by line number, and by claim alone.

Both are timed inside one process, one after the other, on the same three files: what is compared is the work
on tables, not the start of a program.
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
from audit.settings import load_settings

folder, practice, as_of, by_claim = sys.argv[1:]
settings = load_settings(Path(practice))
start = time.perf_counter()
intake = read_history([Path(folder) / name for name in sys.stdin.read().split()], settings)
read = time.perf_counter() - start
if by_claim == "yes":
    lines, posted = intake.charges, intake.postings
    place = pd.Index(lines["line_id"]).get_indexer(posted["line_ref"])
    told = {"claim_ref": "claim_id", "code": "code", "modifiers": "modifiers", "charge": "charge"}
    for name, of in {**told, "service_date": "service_date"}.items():
        posted[name] = lines[of].take(place.clip(0)).set_axis(posted.index)
    posted["line_ref"] = pd.Series("", index=posted.index, dtype="str").astype("category")
start = time.perf_counter()
history = build_history(intake, settings, date.fromisoformat(as_of))
spent = time.perf_counter() - start
joined = sum(each.postings for each in history.joins)
print(json.dumps([read, spent, len(history.lines), len(history.postings), joined]))
"""


def measure(quick: bool) -> Iterator[Row]:
    """Yield how many times the time of reading joining and deciding takes, by either key."""
    folder = practice(Size(LINES))
    for what, by_claim in (("by line number", "no"), ("by claim, code, modifiers, date and charge", "yes")):
        runs = [_run(str(folder), by_claim) for _ in range(1 if quick else 3)]
        read, spent, lines, postings, joined = runs[0]
        if joined != postings:
            raise RuntimeError(f"{postings - joined} postings were not joined {what}.")
        ratio = median(run[1] / run[0] for run in runs)
        note = f"{spent:.3g} s against {read:.3g} s; {lines:,.0f} lines, {postings:,.0f} postings"
        yield Row(f"joining and deciding {what} / reading from CSV", ratio, 1, 0.5, note=note)


def _run(folder: str, by_claim: str) -> list[float]:
    settings = ROOT / "sample_data" / "practice.toml"
    command = [sys.executable, "-c", TIMED, folder, str(settings), AS_OF, by_claim]
    told = subprocess.run(command, input=" ".join(FILES), capture_output=True, text=True, check=True).stdout
    measured: list[float] = json.loads(told)
    return measured
