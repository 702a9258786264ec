"""A filled worksheet as a scored chart review: counts with exact limits, appraisals, amounts, agreement.

Charts are the items read. One with a *no* has an error; one without that has an open answer tells nothing in
full, is in no base, and is counted apart. Of items picked by findings there are counts only.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from audit import __version__
from audit.agreement import measure_agreement
from audit.appraisal import Counted, appraise_stratified_attribute
from audit.chart_record import (
    Agreed,
    Amounts,
    Chart,
    ChartLimits,
    ChartReview,
    ClassCount,
    Estimate,
    Part,
    Projected,
    ProjectedLimits,
    Told,
)
from audit.dollars import Differences, appraise_stratified_amounts
from audit.error_rate import Examined, rate_errors
from audit.errors import InputError
from audit.exact_limits import find_exact_limits
from audit.extrapolation import weigh_extrapolation
from audit.items_read import ItemRead, Reading, judge, list_items, sizes_of
from audit.worksheets import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from typing import Literal

    from audit.dollars import AmountAppraisal
    from audit.sample_file import Sample
    from audit.worksheets import Answer, Answers

TAIL = Fraction(25, 1000)
"""What may lie beyond either end of the 95 % limits."""


class Worth(NamedTuple):
    """What a review says in dollars: of the charts read, of extrapolating, and of the frame."""

    amounts: Amounts | None = None
    extrapolation: str = ""
    projected: tuple[Projected, ...] = ()


def score(
    answers: Answers, file: str, day: date, reviewers: Sequence[str] = (), second: Answers | None = None
) -> ChartReview:
    """Return the scored review of one day; InputError where nothing can be scored.

    `file` is what messages call the worksheet. Missing answers count as open: see `list_missing` first.
    """
    sample, reading = answers.sample, list_items(answers, file)
    items = reading.items
    if not any(one.is_read for one in items):
        raise InputError(f"{file}: no question has an answer, so there is nothing to score.")
    random = sample.kind == "random"
    worth = appraise_worth(sample, items) if random else Worth()
    return ChartReview(
        schema=1,
        sample=sample.id,
        date=day,
        practice=sample.practice,
        version=__version__,
        kind=sample.kind,
        period=sample.period,
        of=sample.of,
        where=sample.where,
        stratify=sample.stratify,
        seed=sample.seed,
        generator=sample.generator,
        frame=sample.size,
        told=_count(one.state for one in items),
        replaced=len(reading.outside),
        not_read=sum(not one.is_read for one in items),
        reviewers=list(reviewers),
        estimate=estimate_errors(sample, items) if random else None,
        elements=list_parts(sample, items, lambda one: (one.question.element,), _titles(sample)),
        codes=list_parts(sample, items, lambda one: one.question.codes),
        clinicians=list_parts(sample, items, lambda one: (one.question.clinician,), sizes=_own_sizes(sample)),
        classes=count_classes(items),
        amounts=worth.amounts,
        extrapolation=worth.extrapolation,
        agreement=compare_answers(answers, second) if second else None,
        charts=list_charts(reading),
        projected=list(worth.projected),
    )


def _titles(sample: Sample) -> dict[str, str]:
    return {element.id: element.title for element in sample.elements}


def _own_sizes(sample: Sample) -> dict[str, int]:
    """Return how many items of the frame each clinician has, where the draw tells it for certain."""
    if sample.stratify != "clinician" or sample.of == "claims":  # a claim may hold lines of several
        return {}
    return {part.name: part.size for part in sample.strata}


def _count(states: Iterable[str | None]) -> Told:
    found = Counter(states)
    return Told(found["error"], found["fine"], found["unknown"])


# --- counts -------------------------------------------------------------------------------


def list_parts(
    sample: Sample,
    items: Sequence[ItemRead],
    keys: Callable[[Answer], Iterable[str]],
    titles: Mapping[str, str] = MappingProxyType({}),
    sizes: Mapping[str, int] = MappingProxyType({}),
) -> list[Part]:
    """Return the charts by what a question is about, in the order of `titles` or of the alphabet.

    `sizes` tells how many items of the frame a part has. Where it does not, limits are those of as many as
    the whole frame has: never too narrow.
    """
    answers: dict[str, dict[str, list[Answer]]] = {}
    for item in items:
        for one in item.answers:
            for key in keys(one):
                answers.setdefault(key, {}).setdefault(item.item.id, []).append(one)
    names = [name for name in titles if name in answers] if titles else sorted(answers)
    parts = []
    for name in names:
        told = _count(judge(charts) for charts in answers[name].values())
        universe = sizes.get(name, sample.size)
        low, high = _find_shares(told, universe) if sample.kind == "random" else (None, None)
        parts.append(Part(name, told, titles.get(name, ""), low, high))
    return parts


def _find_shares(told: Told, universe: int) -> tuple[float | None, float | None]:
    if not told.base:
        return None, None
    low, high = find_exact_limits(universe, told.base, told.errors, TAIL)
    return round(low / universe, 6), round(high / universe, 6)


def count_classes(items: Iterable[ItemRead]) -> list[ClassCount]:
    """Return how many charts and answers have an error of each class, in the order of the classes."""
    charts, answers = Counter[str](), Counter[str]()
    for item in items:
        found = [one.counted_class for one in item.answers if one.answer == "no"]
        answers.update(found)
        charts.update(set(found))
    return [ClassCount(name, charts[name], answers[name]) for name in CLASSES if answers[name]]


def list_charts(reading: Reading) -> list[Chart]:
    """Return what was found in each chart that counts, in the order of drawing."""
    charts = []
    for item in reading.items:
        classes = {one.counted_class for one in item.answers if one.answer == "no"}
        charts.append(
            Chart(
                item=item.item.id,
                state=item.state,
                errors=sum(one.answer == "no" for one in item.answers),
                classes=[name for name in CLASSES if name in classes],
                off=examine(item).difference,
            )
        )
    return charts


# --- appraisals ---------------------------------------------------------------------------


def estimate_errors(sample: Sample, items: Iterable[ItemRead]) -> Estimate | None:
    """Return the share of the frame with an error; None where a stratum has no chart that tells."""
    strata = []
    for size, part in sizes_of(sample, items):
        told = _count(one.state for one in part)
        if not told.base:
            return None
        strata.append(Counted(size, told.base, told.errors))
    found = appraise_stratified_attribute(strata)
    limits = [ChartLimits(one.confidence, *one.two_sided) for one in found.limits]
    error = None if found.share_error is None else round(found.share_error, 8)
    return Estimate(round(found.share, 8), error, found.exact, limits)


def examine(item: ItemRead) -> Examined:
    """Return what was allowed for a chart and what it supports, in cents.

    Known where it is known of each of its lines: the amount that the reviewer named, or all of it where the
    line is supported as billed.
    """
    lines = [one for one in item.answers if one.question.is_of_line]
    allowed = [one.question.allowed for one in lines]
    supported = [_support(one) for one in lines]
    return Examined(_add(allowed), _add(supported))


def _support(one: Answer) -> int | None:
    if one.amount is not None:
        return one.amount
    return one.question.allowed if one.answer == "yes" else None


def _add(amounts: Iterable[int | None]) -> int | None:
    known = list(amounts)
    return None if None in known else sum(one or 0 for one in known)


def appraise_worth(sample: Sample, items: Sequence[ItemRead]) -> Worth:
    """Return the amounts found, weighed and appraised; nothing where the reviewer named none."""
    if all(one.amount is None for item in items for one in item.answers):
        return Worth()
    rate = rate_errors(map(examine, items))
    amounts = Amounts(
        rate.paid, rate.over, rate.under, rate.items, rate.over_items, rate.under_items, rate.unknown
    )
    strata = [
        Differences(size, [off for one in part if (off := examine(one).difference) is not None])
        for size, part in sizes_of(sample, items)
    ]
    if not all(one.cents for one in strata):
        return Worth(amounts, "Amounts are not known of any chart of some part of the sample: no appraisal.")
    net = appraise_stratified_amounts(strata)
    over = appraise_stratified_amounts([_clip(one, 1) for one in strata])
    under = appraise_stratified_amounts([_clip(one, -1) for one in strata])
    projected = (_project("net", net), _project("over", over), _project("under", under))
    return Worth(amounts, weigh_extrapolation(net).sentence, projected)


def _clip(differences: Differences, sign: int) -> Differences:
    """Return only what is too much (1) or too little (-1), as positive cents."""
    return Differences(differences.universe, [max(sign * cents, 0) for cents in differences.cents])


def _project(of: Literal["net", "over", "under"], found: AmountAppraisal) -> Projected:
    return Projected(
        of,
        found.found,
        round(found.total),
        None if found.total_error is None else round(found.total_error),
        [
            ProjectedLimits(one.confidence, round(one.quantile, 9), round(one.low), round(one.high))
            for one in found.limits
        ],
    )


# --- a second reviewer --------------------------------------------------------------------


def compare_answers(first: Answers, second: Answers) -> Agreed:
    """Return how far the two reviewers agree on the questions that both answered."""
    found = measure_agreement((one.answer, other.answer) for one, other in _pair(first, second))
    interval = (
        None if found.interval is None else (round(found.interval.low, 6), round(found.interval.high, 6))
    )
    kappa = None if found.kappa is None else round(found.kappa, 6)
    return Agreed(found.pairs, found.agreed, kappa, interval, found.few)


def list_differing(first: Answers, second: Answers) -> list[str]:
    """Return the questions on which the two differ, by item and number."""
    return [
        f"{one.question.item}, No. {one.question.number} ({one.question.element})"
        for one, other in _pair(first, second)
        if one.answer != other.answer
    ]


def _pair(first: Answers, second: Answers) -> list[tuple[Answer, Answer]]:
    theirs = {(one.question.item, one.question.number): one for one in second.rows}
    both = ((one, theirs.get((one.question.item, one.question.number))) for one in first.rows)
    return [(one, other) for one, other in both if other and one.answer and other.answer]
