"""The verdict: the sentence at the top of the page, and what stands under it.

Every word follows from the outcome of a figure; nothing is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import rate, share
from audit.figures import HIGHER, LOWER, NOT_JUDGED, TOO_FEW, USUAL
from audit.showing import NOT_TOLD, of_share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from audit.comparison import Comparison
    from audit.figures import Figure


def state_verdict(comparison: Comparison, title: str) -> tuple[str, str]:
    """Return the verdict and the sentence under it.

    Denials first, then documentation; where both are usual, the codes and payers that are not.
    """
    denied = comparison.total("denials/first_rate")
    if not any(counts.numerator for counts in comparison.months("answers/answered")):
        return f"{title}: what was billed and documented; denials are not measured", _documented(comparison)
    if denied.outcome == NOT_JUDGED:
        answered = comparison.total("answers/answered")
        return (
            f"{title} is {share(answered.numerator, answered.base)} answered: too early to judge denials",
            _documented(comparison),
        )
    limits = comparison.limits
    now = rate(denied.numerator, denied.base, limits.smallest_base)
    unusual = _unusual_places(comparison)
    if denied.outcome == HIGHER:
        verdict = f"Denials rose to {now}, above their usual range"
    elif denied.outcome == LOWER:
        verdict = f"Denials fell to {now}, below their usual range"
    elif denied.base < limits.smallest_base:
        verdict = f"{title}: too few answered lines to judge denials"
    elif denied.outcome == TOO_FEW:
        verdict = f"{now} of the lines decided were denied; too few came before to tell what is usual"
    elif unusual:
        verdict = f"Denials are within their usual range at {now}; {unusual[0]} is not"
        unusual = unusual[1:]
    else:
        verdict = f"Nothing about denials stands out: {now}, within their usual range"
    before = denied.three_before
    texts = []
    if before.base >= limits.smallest_base:
        texts.append(f"{comparison.period.three_before().title} had {of_share(before)}.")
    if unusual:
        texts.append(
            f"Outside the usual range too: {', '.join(unusual)}."
            if denied.outcome == USUAL
            else f"Most unusual: {', '.join(unusual)}."
        )
    texts.append(_documented(comparison))
    return verdict, " ".join(texts)


def _unusual_places(comparison: Comparison) -> list[str]:
    """Return up to three codes at payers, else codes, else payers, whose denial rate is unusually high."""

    def high(figures: Iterable[Figure], say: Callable[[Figure], str]) -> list[str]:
        found = [one for one in figures if one.outcome == HIGHER]
        return [say(one) for one in sorted(found, key=lambda one: (-one.numerator, one.value, one.other))[:3]]

    return (
        high(
            comparison.figures("denials/first_rate", "code,payer"),
            lambda one: f"{one.value} at {one.other or NOT_TOLD}",
        )
        or high(comparison.figures("denials/first_rate", "code"), lambda one: one.value)
        or high(comparison.figures("denials/first_rate", "payer"), lambda one: one.value or NOT_TOLD)
    )


def _documented(comparison: Comparison) -> str:
    gap = comparison.total("documentation/any")
    if not gap.base:
        return "What the notes show is not measured: the files do not tell."
    said = rate(gap.numerator, gap.base, comparison.limits.smallest_base)
    how = {HIGHER: ", more than usual", LOWER: ", fewer than usual"}.get(gap.outcome, "")
    return (
        f"**{said}** of the visits lack a required element{how}. "
        "This report points at lines to check; only a reading of the chart can tell whether a line is wrong."
    )
