"""How time grows with the lines: the exponent b of time = a * lines ** b, fitted to three sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log
from statistics import fmean, median

from benchmarks.practices import Size, audit_run, practice, reports
from benchmarks.table import Row
from benchmarks.timing import IMPORTS, run

SIZES = (100_000, 1_000_000, 3_000_000)


def measure(quick: bool) -> Iterator[Row]:
    """Yield the exponent of the whole run, start-up included, and that of the work beyond the imports."""
    folders = {lines: practice(Size(lines)) for lines in SIZES}
    rounds: list[tuple[float, ...]] = []
    floors: list[float] = []
    with reports() as out:
        for _ in range(1 if quick else 3):
            rounds.append(tuple(audit_run(folder, out / "reports").wall for folder in folders.values()))
            floors.append(run(IMPORTS).wall)
    times = [median(of_size) for of_size in zip(*rounds, strict=True)]
    floor = median(floors)
    took = ", ".join(f"{lines / 1e6:g} M {time:.3g} s" for lines, time in zip(SIZES, times, strict=True))
    note = f"{took}; {len(rounds)} rounds; start-up included"
    yield Row(
        "growth from 100,000 to 3 million lines, exponent", exponent(SIZES, times), 1.1, 1.0, "", note=note
    )
    beyond = exponent(SIZES, [max(time - floor, 1e-3) for time in times])
    note = f"less the {floor:.2f} s of the imports"
    yield Row("the same, of the work beyond the imports", beyond, None, None, "", note=note)


def exponent(lines: Sequence[int], times: Sequence[float]) -> float:
    """Return the slope of the logarithm of the times over that of the lines, by least squares."""
    across, up = [log(number) for number in lines], [log(time) for time in times]
    middle, level = fmean(across), fmean(up)
    rise = sum((x - middle) * (y - level) for x, y in zip(across, up, strict=True))
    return rise / sum((x - middle) ** 2 for x in across)
