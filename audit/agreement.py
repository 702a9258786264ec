"""How far two reviewers of the same charts agree beyond chance: Cohen's kappa.

Pure arithmetic on their answers. Kappa is 1 where they agree on everything, 0 where as often as chance alone
would have it, below 0 where less often.

Sources: J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46; J. L. Fleiss, J. Cohen and
B. S. Everitt, Psychological Bulletin 72 (1969) 323-327 (its standard error); D. V. Cicchetti, Applied
Psychological Measurement 5 (1981) 101-104 (two answers for each pair of answers that can be given, at least).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import sqrt

from msgspec import Struct

from audit.intervals import CONFIDENCE, Interval, normal_quantile, wilson

FEWEST_PAIRS = 30
"""Answers below which the interval of kappa says little, however few different answers there are."""


class Agreement(Struct, frozen=True):
    """How often two reviewers gave the same answer, and what that is worth.

    `agreed` of `pairs` answers are the same; `share` is the interval of that share (Wilson's). `kappa` is
    None where both gave one and the same answer throughout, so that chance alone would agree too; `interval`
    is None there, and where they agree or disagree so wholly that no spread is seen. `few`: too few answers
    for the interval to be relied on.
    """

    pairs: int
    agreed: int
    share: Interval
    kappa: float | None
    interval: Interval | None
    few: bool


def measure_agreement(answers: Iterable[tuple[str, str]], confidence: float = CONFIDENCE) -> Agreement:
    """Return the agreement of the two reviewers' answers to the same questions, a pair a question."""
    counts = Counter(answers)
    pairs = counts.total()
    kinds = sorted({answer for both in counts for answer in both})
    agreed = sum(counts[kind, kind] for kind in kinds)
    few = pairs < max(FEWEST_PAIRS, 2 * len(kinds) ** 2)
    share = wilson(agreed, pairs, confidence)
    first, second = (Counter[str](), Counter[str]())
    for (one, other), times in counts.items():
        first[one] += times
        second[other] += times
    by_chance = sum(first[kind] * second[kind] for kind in kinds)
    if by_chance == pairs**2:  # no answers at all, too
        return Agreement(pairs, agreed, share, None, None, few)
    kappa = (agreed * pairs - by_chance) / (pairs**2 - by_chance)
    error = _kappa_error(counts, first, second, kappa)
    interval = None
    if error > 0:
        half = normal_quantile(confidence) * error
        interval = Interval(max(-1.0, kappa - half), min(1.0, kappa + half))
    return Agreement(pairs, agreed, share, kappa, interval, few)


def _kappa_error(
    counts: Counter[tuple[str, str]], first: Counter[str], second: Counter[str], kappa: float
) -> float:
    """Return the standard error of kappa; 0 where no spread is seen."""
    pairs = counts.total()
    left = 1 - kappa
    chance = sum(first[kind] * second[kind] for kind in first) / pairs**2
    # The variance of what each pair of answers adds to kappa.
    added = {
        (one, other): (one == other) - left * (second[one] + first[other]) / pairs for one, other in counts
    }
    mean = sum(counts[both] * worth for both, worth in added.items()) / pairs
    square = sum(counts[both] * (worth - mean) ** 2 for both, worth in added.items()) / pairs
    error = sqrt(square / pairs) / (1 - chance)
    return error if error > 1e-12 else 0.0
