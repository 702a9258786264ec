"""Generated practices to measure on: made once, kept beside this package, outside git.

A practice is made anew when the scripts that make it have changed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.timing import AUDIT, Run, run

ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(__file__).resolve().parent / ".cache"
MAKER = ROOT / "sample_data" / "make_sample.py"
FILES = ("charges.csv", "postings.csv", "visit_notes.csv")
AS_OF = "2026-11-20"
MONTH = "2026-09"
"""The newest month that payers have answered on that day: what the report is about."""


class Size(NamedTuple):
    """How large a practice; 0 codes or payers: those of the sample practice."""

    lines: int
    codes: int = 0
    payers: int = 0

    def __str__(self) -> str:
        """Name the practice's folder."""
        breadth = f"-{self.codes}-codes-{self.payers}-payers" if self.codes or self.payers else ""
        return f"{self.lines}-lines{breadth}"


def practice(size: Size) -> Path:
    """Return the folder of a practice of that size, making it where it is not there yet."""
    scripts = b"".join(path.read_bytes() for path in sorted(MAKER.parent.glob("*.py")))
    folder = CACHE / f"{size}-{sha256(scripts).hexdigest()[:8]}"
    if not folder.exists():
        for older in CACHE.glob(f"{size}-????????"):
            rmtree(older)
        print(f"Making a practice: {size} ...", file=sys.stderr, flush=True)
        unfinished = folder.with_suffix(".unfinished")
        options = [
            "--clean",
            "--lines",
            str(size.lines),
            "--codes",
            str(size.codes),
            "--payers",
            str(size.payers),
        ]
        subprocess.run([sys.executable, MAKER, *options, "--out", unfinished], check=True)
        unfinished.rename(folder)
    for name in FILES:
        _warm(folder / name)
    return folder


def _warm(path: Path) -> None:
    """Read a file once, so that no run is the first to fetch it from disk."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


@contextmanager
def reports() -> Iterator[Path]:
    """A folder for reports, gone afterwards."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def audit_run(folder: Path, out: Path) -> Run:
    """Run `audit run` on a practice's three files, into an empty folder, and see that the report is there."""
    rmtree(out, ignore_errors=True)
    settings = ROOT / "sample_data" / "practice.toml"
    files = [folder / name for name in FILES]
    made = run([AUDIT, "run", *files, "--as-of", AS_OF, "--practice", settings, "--out", out])
    if not (out / MONTH / "report.html").exists():
        raise RuntimeError(f"`audit run` wrote no report of {MONTH} for {folder.name}.")
    return made
