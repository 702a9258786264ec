"""The verdict: the sentence at the top of the page, and what stands under it.

Every word follows from the outcome of a figure; nothing is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import rate, share
from audit.figures import HIGHER, LOWER, NOT_JUDGED, TOO_FEW, USUAL
from audit.showing import NOT_TOLD, of_share

if TYPE_CHECKING:
    from audit.comparison import Comparison
    from audit.figures import Figure


def state_verdict(comparison: Comparison, title: str) -> tuple[str, str]:
    """Return the verdict and the sentence under it.

    Denials first, then documentation; where both are usual, the codes and payers that are not.
    """
    denied = comparison.total("denials/first_rate")
    if not comparison.measured("denials/first_rate"):
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
            else f"Highest above their past: {', '.join(unusual)}."
        )
    texts.append(_documented(comparison))
    return verdict, " ".join(texts)


def _unusual_places(comparison: Comparison) -> list[str]:
    """Return up to three places whose denial rate is unusually high, most denials above their own past first.

    Places are codes at payers, payers and codes; a code or payer is left out where a pair of it says more.
    """
    high = {
        group: [one for one in comparison.figures("denials/first_rate", group) if one.outcome == HIGHER]
        for group in ("code,payer", "payer", "code")
    }
    pairs = high["code,payer"]
    said = {value for pair in pairs for value in (pair.value, pair.other)}
    places = pairs + [one for group in ("payer", "code") for one in high[group] if one.value not in said]
    named: list[Figure] = []
    for figure in sorted(places, key=lambda one: (-_above_past(one), one.id)):
        if not any({figure.value, figure.other} & {one.value, one.other} - {""} for one in named):
            named.append(figure)
    return [
        f"{one.value} at {one.other or NOT_TOLD}" if "," in one.group else one.value or NOT_TOLD
        for one in named[:3]
    ]


def _above_past(figure: Figure) -> float:
    """Return how many lines were denied beyond what the rate of the three months before would have given."""
    past = figure.three_before
    return figure.numerator - (figure.base * past.numerator / past.base if past.base else 0.0)


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
