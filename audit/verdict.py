"""The verdict: the sentence at the top of the page, and what stands under it.

Every word follows from the outcome of a figure; nothing is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import rate, share
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, TOO_FEW
from audit.lateness import tell_age
from audit.showing import NOT_TOLD, of_share

if TYPE_CHECKING:
    from audit.comparison import Comparison
    from audit.figures import Figure


def state_verdict(comparison: Comparison, title: str) -> tuple[str, str]:
    """Return the verdict and the sentence under it.

    Denials first, then documentation; where both are within chance, the codes and payers that are not.
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
    unusual, age = _unusual_places(comparison), tell_age(comparison)
    past = "the past at the same age" if age else "the past"
    if denied.outcome in (HIGHER, LOWER):
        rose = "rose" if denied.outcome == HIGHER else "fell"
        verdict = f"Denials {rose} to {now}, {_how_told(denied)}{' at the same age' if age else ''}"
    elif denied.base < limits.smallest_base:
        verdict = f"{title}: too few answered lines to judge denials"
    elif denied.outcome == TOO_FEW:
        verdict = f"{now} of the lines decided were denied; too few came before to tell more"
    elif unusual:
        verdict = f"Denials at {now} are within chance of {past}; {unusual[0]} stands out"
        unusual = unusual[1:]
    else:
        verdict = f"Nothing about denials stands out: {now}, within chance of {past}"
    before = denied.three_before
    texts = []
    if age:
        texts.append(age)
    elif before.base >= limits.smallest_base:
        texts.append(f"{comparison.period.three_before().title} had {of_share(before)}.")
    if unusual:
        texts.append(
            f"Significantly higher too: {', '.join(unusual)}."
            if denied.outcome in (BY_CHANCE, NOT_HIGHER)
            else f"Highest above their past: {', '.join(unusual)}."
        )
    texts.append(_documented(comparison))
    return verdict, " ".join(texts)


def _how_told(figure: Figure) -> str:
    """Return that a change is more than chance, and over how many months it was found."""
    over = f" over the last {figure.over} months" if figure.over else ""
    return f"{figure.outcome} than in earlier months{over}"


def _unusual_places(comparison: Comparison) -> list[str]:
    """Return up to three places with significantly higher denial rates, most denials above their past first.

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
    """Return how many lines were denied beyond what earlier months let expect, else the three before."""
    past, expected = figure.three_before, figure.expected
    if expected is None:
        expected = past.numerator / past.base if past.base else 0.0
    return figure.numerator - figure.base * expected


def _documented(comparison: Comparison) -> str:
    gap = comparison.total("documentation/any")
    if not gap.base:
        return "What the notes show is not measured: the files do not tell."
    said = rate(gap.numerator, gap.base, comparison.limits.smallest_base)
    how = f", {_how_told(gap)}" if gap.outcome in (HIGHER, LOWER) else ""
    return (
        f"**{said}** of the visits lack a required element{how}. "
        "This report points at lines to check; only a reading of the chart can tell whether a line is wrong."
    )
