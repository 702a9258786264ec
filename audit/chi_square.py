"""Two shares beside each other by chi-square, as Medicare's comparative billing reports compare percentages.

Pure arithmetic. For few lines the intervals of `audit/intervals.py` tell more.
"""

from __future__ import annotations

from math import erfc, sqrt
from typing import NamedTuple


class ChiSquare(NamedTuple):
    """The statistic of one degree of freedom, and how probable one so large is where nothing differs."""

    statistic: float
    probability: float


def compare_shares(x1: int, n1: int, x2: int, n2: int, *, corrected: bool = False) -> ChiSquare | None:
    """Return Pearson's chi-square of `x1 / n1` and `x2 / n2`, with Yates' correction where `corrected`.

    None where one of them has no base, or all or nothing happened on both sides: then nothing can be
    compared.
    """
    if not (0 <= x1 <= n1 and 0 <= x2 <= n2):
        raise ValueError("successes lie between 0 and n")
    happened, total = x1 + x2, n1 + n2
    product = n1 * n2 * happened * (total - happened)
    if product == 0:
        return None
    apart: float = abs(x1 * (n2 - x2) - x2 * (n1 - x1))
    if corrected:
        apart -= min(total / 2, apart)
    statistic = total * apart**2 / product
    return ChiSquare(statistic, erfc(sqrt(statistic / 2)))
