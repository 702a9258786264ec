"""Running a command as a whole process, and two commands side by side.

Wall time, processor time and peak memory are those of the process, its start included. Two commands are run
in turn, so that whatever else the machine does falls on both, and the ratio is taken pair by pair.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

Command = Sequence[str | Path]

AUDIT = Path(sys.executable).with_name("audit")
"""The console script that stands beside the interpreter in use."""

PASS = (sys.executable, "-c", "pass")
IMPORTS = (
    sys.executable,
    "-c",
    "import pandas, matplotlib.figure, matplotlib.backends.backend_svg, jinja2, typer",
)
"""What no run can do without: the floor of a small one."""


class Run(NamedTuple):
    """One run of a command: seconds on the clock, seconds of processor, bytes at the peak."""

    wall: float
    cpu: float
    peak: int


class Pairs(NamedTuple):
    """Two commands run side by side: medians of their runs, and of the ratio within each pair."""

    ours: Run
    other: Run
    ratio: float
    cpu_ratio: float
    number: int

    def __str__(self) -> str:
        """Say what the ratio is made of."""
        return (
            f"{self.ours.wall:.3g} s against {self.other.wall:.3g} s; "
            f"processor {self.cpu_ratio:.3g}x; {self.number} pairs"
        )


def run(command: Command) -> Run:
    """Run a command in an empty folder to its end; RuntimeError with what it said when it fails."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(str(part) for part in command)}\n{words}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def compare(ours: Callable[[], Run], other: Callable[[], Run], count: int) -> Pairs:
    """Run two things `count` times in turn, every second time in the other order."""
    pairs: list[tuple[Run, Run]] = []
    for number in range(count):
        if number % 2:
            second = other()
            pairs.append((ours(), second))
        else:
            first = ours()
            pairs.append((first, other()))
    return Pairs(
        ours=middle([pair[0] for pair in pairs]),
        other=middle([pair[1] for pair in pairs]),
        ratio=median(mine.wall / theirs.wall for mine, theirs in pairs),
        cpu_ratio=median(mine.cpu / theirs.cpu for mine, theirs in pairs),
        number=count,
    )


def middle(runs: Sequence[Run]) -> Run:
    """Return the median of each measurement."""
    return Run(
        median(one.wall for one in runs),
        median(one.cpu for one in runs),
        int(median(one.peak for one in runs)),
    )
