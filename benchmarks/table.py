"""The table that is printed: what was measured, what it must be, what we aim at, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement. `must` and `aim` are upper limits, or lower ones where `at_least`; None: no limit."""

    what: str
    measured: float
    must: float | None
    aim: float | None
    unit: str = "x"
    at_least: bool = False
    note: str = ""

    @property
    def missed(self) -> bool:
        """Whether the limit that must hold does not."""
        return not self._within(self.must)

    @property
    def verdict(self) -> str:
        """ok, ok but short of the aim, or MISSED."""
        if self.must is None:
            return "for information"
        if self.missed:
            return "MISSED"
        return "ok" if self._within(self.aim) else "ok, short of aim"

    def _within(self, limit: float | None) -> bool:
        if limit is None:
            return True
        return self.measured >= limit if self.at_least else self.measured <= limit

    def _shown(self, value: float | None) -> str:
        if value is None:
            return ""
        return f"{value:.0f} {self.unit}" if self.unit in ("KB", "MB") else f"{value:.2f}{self.unit}"

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        sign = ">= " if self.at_least else "<= "
        limits = (
            f"{sign}{self._shown(limit)}" if limit is not None else "" for limit in (self.must, self.aim)
        )
        return (self.what, self._shown(self.measured), *limits, self.verdict, self.note)


HEADS = ("what", "measured", "must", "aim", "verdict", "how")


def draw(rows: Iterable[Row]) -> str:
    """Return the rows as a table of plain text; numbers stand to the right."""
    lines = [HEADS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    drawn = []
    for line in lines:
        cells = [
            cell.rjust(width) if 0 < place < 4 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        drawn.append("  ".join(cells).rstrip())
    drawn.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(drawn)
