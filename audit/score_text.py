"""What the terminal says of a scored chart review: short, calm, and no sum of what was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import count, interval, money_exact, percent, plural
from audit.chart_record import CAUTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audit.chart_record import Amounts, ChartReview, Part, Told

TRIGGER = "5 %"

AS_RAT_STATS = "As RAT-STATS prints it: an appraisal of the sampled frame, not a demand."


def tell_review(review: ChartReview, differing: Sequence[str] = (), notes: Sequence[str] = ()) -> str:
    """Return the text of a review; `differing` are the questions on which two reviewers differ."""
    lines = [
        *_open(review),
        *_parts("By element", review.elements, review),
        *_classes(review),
        *_parts("By code", review.codes, review),
        *_parts("By clinician", review.clinicians, review),
        *_charts(review),
        *_amounts(review),
        *_agreement(review, differing),
        *notes,
    ]
    return "\n".join(lines)


def tell_appraisals(review: ChartReview) -> str:
    """Return the appraisals of the frame as RAT-STATS prints them, with what they are not."""
    lines = [AS_RAT_STATS]
    if review.estimate:
        found = review.estimate
        error = "" if found.error is None else f", standard error {percent(found.error)}"
        kind = "exact" if found.exact else "strata combined, on the safe side"
        lines.append(f"  {review.of} with an error: {percent(found.share)}{error} ({kind})")
        lines += [f"    {one.confidence} %: {one.low:,} to {one.high:,}" for one in found.limits]
    names = {"net": "allowed less supported", "over": "allowed too much", "under": "allowed too little"}
    for one in review.projected:
        error = "" if one.error is None else f", standard error {money_exact(one.error)}"
        lines.append(f"  {names[one.of]}: {money_exact(one.total)}{error}")
        lines += [
            f"    {at.confidence} %: {money_exact(at.low)} to {money_exact(at.high)} ({at.quantile:.6f})"
            for at in one.limits
        ]
    return "\n".join(lines)


def _open(review: ChartReview) -> Iterator[str]:
    by = f", read by {' and '.join(review.reviewers)}" if review.reviewers else ""
    seed = f", drawn at random, seed {review.seed}" if review.kind == "random" else ", picked by findings"
    only = "".join(f", {group} {' or '.join(values)}" for group, values in review.where.items())
    yield f"Sample {review.sample}: {review.of} of {review.period}{only}{seed}{by}, {review.date.isoformat()}"
    yield f"Charts read: {tell_counts(review.told)}."
    if review.replaced:
        yield (
            f"{plural(review.replaced, 'item')} should not have been in the frame; spares read stand in, the "
            "others are left out."
        )
    if review.not_read:
        yield f"{plural(review.not_read, 'item')} without any answer: not read, and in no share below."
    if review.kind == "risk":
        yield "No random sample: what is found in it says nothing about other charts."
        return
    share = review.share
    if share is None:
        yield "A part of the sample has no chart that tells: no share of the whole can be told."
        return
    assert review.estimate
    how = "exact" if review.estimate.exact else "each stratum by its size, limits on the safe side"
    yield f"Charts with an error, of all {review.frame:,} {review.of}: {percent(share[0])} ({how})"
    for one in review.estimate.limits:
        ends = interval(one.low / review.frame, one.high / review.frame)
        yield f"  {one.confidence} % limits: {ends}, {one.low:,} to {one.high:,} {review.of}"
    if review.told.unknown:
        worst = review.told.errors + review.told.unknown
        yield (
            f"  Were there an error in each not told in full: {worst:,} of {review.told.read:,} charts read."
        )


def tell_counts(told: Told) -> str:
    """Return the counts of charts in words."""
    text = f"{told.errors:,} of {told.base:,} with an error"
    return text + (f"; {told.unknown:,} more not told in full" if told.unknown else "")


def _parts(title: str, parts: Sequence[Part], review: ChartReview) -> Iterator[str]:
    """Yield a line for each part with an error, and one that names the others with their charts."""
    if not parts:
        return
    limits = "; 95 % limits" if review.kind == "random" else ""
    yield f"{title}: charts with an error of those that tell{limits}"
    faulty = [one for one in parts if one.told.errors]
    width = max((len(_name(one)) for one in faulty), default=0)
    for one in faulty:
        told = f"{one.told.errors:,} of {one.told.base:,}"
        unknown = f"  ({one.told.unknown:,} more not told)" if one.told.unknown else ""
        yield f"  {_name(one):<{width}}  {told:<9} {interval(one.low, one.high)}{unknown}".rstrip()
    others = ", ".join(f"{_name(one)} ({one.told.base:,})" for one in parts if not one.told.errors)
    if others:
        yield f"  none: {others}"


def _name(part: Part) -> str:
    return part.name or "not told"


def _classes(review: ChartReview) -> Iterator[str]:
    if review.classes:
        yield "By class of error"
    for one in review.classes:
        yield f"  {one.name}: {plural(one.charts, 'chart')}, {plural(one.answers, 'answer')}"


def _charts(review: ChartReview) -> Iterator[str]:
    found = [one for one in review.charts if one.state == "error"]
    if found:
        yield "Charts with an error"
    for one in found:
        off = f", off by {money_exact(one.off)}" if one.off else ""
        yield f"  {one.item}: {plural(one.errors, 'answer')}, {', '.join(one.classes)}{off}"


def _amounts(review: ChartReview) -> Iterator[str]:
    if review.amounts is None:
        return
    yield from tell_amounts(review.amounts)
    if review.extrapolation:
        yield review.extrapolation
    if review.amounts.over:
        yield CAUTION


def tell_amounts(found: Amounts) -> Iterator[str]:
    """Yield what was allowed too much and too little, apart, and the error rate."""
    if not found.items:
        yield "Amounts: of no chart are both known, what was allowed and what it supports."
        return
    yield (
        f"Amounts: {money_exact(found.allowed)} allowed for {plural(found.items, 'chart')}"
        + (f"; not known of {found.unknown:,} more, which are left out" if found.unknown else "")
    )
    yield f"  allowed too much: {money_exact(found.over)} on {plural(found.over_items, 'chart')}"
    yield f"  allowed too little: {money_exact(found.under)} on {plural(found.under_items, 'chart')}"
    if found.rate is not None:
        side = "under" if found.rate < 0.05 else "not under"
        yield (
            f"  error rate: {percent(found.rate)} of allowed, too much less too little; {side} the {TRIGGER} "
            "from which integrity agreements ask for more charts"
        )


def _agreement(review: ChartReview, differing: Sequence[str]) -> Iterator[str]:
    found = review.agreement
    if found is None:
        return
    text = f"Two reviewers: {count(found.same)} of {plural(found.answers, 'answer')} the same"
    if found.kappa is not None:
        text += f", kappa {found.kappa:.2f}"
    if found.interval and not found.few:
        text += f" (95 % {found.interval[0]:.2f} to {found.interval[1]:.2f})"
    yield text + (" (too few answers to rely on)" if found.few else "")
    yield from (f"  differ: {where}" for where in differing)
