"""A general profiling report of the same 3,000 lines beside ours: what a practice might use instead.

It profiles columns and knows nothing of billing. It is given what ours reads, as one table made beforehand:
each line with its visit note and what the postings say of it. Its pins conflict with ours, so it lives in an
environment of its own beside the generated data.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.practices import CACHE, MONTH, Size, audit_run, practice, reports
from benchmarks.table import Row
from benchmarks.timing import compare, run

LINES = 3_000
PACKAGE = "fg-data-profiling==4.20.0"
JOIN = """
import sys
import pandas as pd
folder, out = sys.argv[1:]
files = ("charges", "postings", "visit_notes")
charges, postings, notes = (pd.read_csv(f"{folder}/{name}.csv") for name in files)
said = postings.groupby("line_id")
payments = postings[postings["kind"] == "payment"].groupby("line_id")["amount"].sum().rename("paid")
told = said[["posted_on", "group", "reason", "remarks", "claim_status"]].last().join(payments)
notes = notes.drop(columns=["patient_id", "clinician", "service_date"])
charges.join(told, on="line_id").merge(notes, on="visit_id", how="left").to_csv(out, index=False)
"""
PROFILE = """
import sys
import pandas as pd
from data_profiling import ProfileReport
ProfileReport(pd.read_csv(sys.argv[1]), minimal=True, progress_bar=False).to_file(sys.argv[2])
"""


def measure(quick: bool) -> Iterator[Row]:
    """Yield how many times our time and size the other report takes; nothing where it cannot be installed."""
    python = _environment()
    if python is None:
        print(f"skipped: {PACKAGE} cannot be installed here", file=sys.stderr)
        return
    folder = practice(Size(LINES))
    with reports() as scratch:
        out, page = scratch / "reports", scratch / "profile.html"
        table = scratch / "lines.csv"
        run((python, "-c", JOIN, folder, table))
        theirs = (python, "-c", PROFILE, table, page)
        run(theirs)
        audit_run(folder, out)
        pairs = compare(lambda: run(theirs), lambda: audit_run(folder, out), 1 if quick else 3)
        size, own = page.stat().st_size, (out / MONTH / "report.html").stat().st_size
    yield Row(
        "fg-data-profiling, minimal, 3,000 lines / ours: time",
        pairs.ratio,
        8,
        12,
        at_least=True,
        note=str(pairs),
    )
    note = f"{size / 1000:,.0f} KB against {own / 1000:,.0f} KB"
    yield Row("the same: size", size / own, 10, 20, at_least=True, note=note)


def _environment() -> Path | None:
    """Return the interpreter of the other report's environment, made on first use; None where that fails."""
    home = CACHE / "profiling"
    python = home / "bin" / "python"
    done = home / PACKAGE
    if not done.exists():
        print(f"Installing {PACKAGE} in an environment of its own ...", file=sys.stderr, flush=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        done.touch()
    return python
