"""The chart-review section and tile: what a person found in the charts, beside what only fields say.

In: the newest saved review with the one it stands beside, and the report's own figures. The word about the
change comes from `review_change.py`; nothing is judged here, and no sum of what was not read is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import (
    NONE,
    Cell,
    Head,
    Row,
    Section,
    Table,
    Tile,
    count,
    fold_rows,
    interval,
    money_exact,
    percent,
    plural,
    points,
    rate,
)
from audit.chart_record import CAUTION
from audit.periods import parse_period
from audit.showing import name_cell, tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.chart_record import ChartReview, Part
    from audit.chart_reviews import Reviewed
    from audit.comparison import Comparison

ID, TITLE = "chart_review", "Chart review"

STILL_UNREAD = "What unread notes say beyond the export"
"""What stands among the things not checked once somebody has read some."""


def show_reviewed(reviewed: Reviewed, comparison: Comparison) -> Section:
    """Return the section; what was picked by findings stands in it with counts alone."""
    review = reviewed.latest or reviewed.picked
    assert review is not None
    blocks = {
        "beside": list_beside_fields(review, comparison),
        "parts": list_parts(review),
        "facts": list_facts(reviewed, comparison.limits.smallest_base),
    }
    return Section(ID, TITLE, blocks, lead=_lead(reviewed), short="Charts")


def make_review_tile(reviewed: Reviewed, smallest: int) -> Tile | None:
    """Return the tile of the newest review of a random sample."""
    review, before, change = reviewed.latest, reviewed.before, reviewed.change
    if review is None or not review.told.base:
        return None
    share = review.share if review.told.base >= smallest else None
    outcome = change.outcome if change else ""
    return Tile(
        "chart-review",
        "Charts with an error",
        tell_share(review, smallest),
        interval=interval(*share[1:]) if share else "",
        detail=(f"{_of(review)}{_weighted(review)}, {review.date.isoformat()}",),
        comparison=f"{before.date.isoformat()}: {tell_share(before, smallest)}" if before else "",
        outcome=outcome,
        tone=tone(outcome, "higher"),
    )


def _weighted(review: ChartReview) -> str:
    """Return the word that tells why the share is not the one of the two counts."""
    return "" if review.estimate is None or review.estimate.exact else " weighted"


def tell_share(review: ChartReview, smallest: int) -> str:
    """Return the share of the frame with an error, or "1 of 6" where there is none to tell."""
    told = review.told
    if review.share is None or told.base < smallest:
        return f"{count(told.errors)} of {count(told.base)}"
    return percent(review.share[0])


def _lead(reviewed: Reviewed) -> str:
    """Return the counts alone: share, limits and change stand on the tile, and folded."""
    if reviewed.latest:
        return f"**{_of(reviewed.latest)}** charts have an error ({reviewed.latest.date.isoformat()})."
    assert reviewed.picked is not None
    return (
        f"**{_of(reviewed.picked)}** charts picked by findings have an error "
        f"({reviewed.picked.date.isoformat()}). That says nothing about others."
    )


def _of(review: ChartReview) -> str:
    return f"{count(review.told.errors)} of {count(review.told.base)}"


# --- what a person looked at --------------------------------------------------------------


def list_beside_fields(review: ChartReview, comparison: Comparison) -> Table:
    """Return what a person looked at, an element a row, beside what the export's fields say of the period."""
    read = {one.name: one for one in review.elements}
    fields = {name.removeprefix("documentation/"): name for name in comparison.measures}
    told = {name: measure for name, measure in fields.items() if _is_element(name, measure, comparison)}
    rows = [
        Row(
            (
                Cell(one.title or name),
                *_read_cells(one, review),
                _field_cell(told.get(name, ""), comparison),
            )
        )
        for name, one in read.items()
    ]
    rows += [
        Row(
            (
                Cell(comparison.measures[measure].title),
                Cell("not looked at"),
                Cell(""),
                _field_cell(measure, comparison),
            )
        )
        for name, measure in told.items()
        if name not in read
    ]
    return Table(
        "chart-review-fields",
        "What a person looked at, what only fields say",
        (
            Head("Element", numeric=False, sort=False),
            Head("What a person looked at", note=f"lacking, {parse_period(review.period).title}", sort=False),
            Head("95 % limits", sort=False),
            Head("What only fields say", note=f"absent, {comparison.period.title}", sort=False),
        ),
        tuple(rows),
        note="A field says whether something was written; a person, whether it was enough. The limits are "
        "exact.",
        fold=True,
    )


def _is_element(name: str, measure: str, comparison: Comparison) -> bool:
    """Whether a measure counts the visits whose notes lack one element, and the export tells it of any."""
    return (
        measure.startswith("documentation/")
        and name != "any"
        and f"{measure}_lines" in comparison.measures
        and comparison.total(measure).base > 0
    )


def _read_cells(one: Part, review: ChartReview) -> tuple[Cell, Cell]:
    unknown = f"{count(one.told.unknown)} not told" if one.told.unknown else ""
    cell = Cell(f"{count(one.told.errors)} of {count(one.told.base)}", sub=unknown)
    return cell, Cell(interval(one.low, one.high) if review.kind == "random" else "")


def _field_cell(measure: str, comparison: Comparison) -> Cell:
    if not measure:
        return Cell("no field tells")
    figure = comparison.total(measure)
    text = rate(figure.numerator, figure.base, comparison.limits.smallest_base)
    unknown = f"{count(figure.unknown)} not told" if figure.unknown else ""
    return Cell(text, sub=unknown, explain=figure.id)


# --- what was found, and how --------------------------------------------------------------


def list_parts(review: ChartReview) -> Table:
    """Return the charts with an error by class (of Medicare's error-rate review), clinician and code."""
    rows = [
        _part_row(one.name[:1].upper() + one.name[1:], "class", one.charts, review.told.base, 0, "")
        for one in review.classes
    ]
    rows += [
        _part_row(
            one.name, kind, one.told.errors, one.told.base, one.told.unknown, interval(one.low, one.high)
        )
        for kind, parts in (("clinician", review.clinicians), ("code", review.codes))
        for one in parts
    ]
    return Table(
        "chart-review-parts",
        "By class, clinician, code",
        (
            Head("Class, clinician or code", numeric=False),
            Head("With an error", note="charts"),
            Head("Of charts that tell"),
            Head("Not told in full"),
            Head("95 % limits", sort=False),
        ),
        fold_rows(rows, 16),
        note="A chart with errors of two classes stands in both. So few charts tell little of one clinician: "
        "a reason to talk, no rank.",
        fold=True,
    )


def _part_row(name: str, kind: str, errors: int, base: int, unknown: int, limits: str) -> Row:
    cells = (Cell(count(errors)), Cell(count(base)), Cell(count(unknown) if unknown else NONE), Cell(limits))
    return Row((name_cell(name, sub="" if kind == "code" else kind), *cells))


def list_facts(reviewed: Reviewed, smallest: int) -> Table:
    """Return how the sample was drawn and read, the amounts of its charts, and how two reviewers agree."""
    review = reviewed.latest or reviewed.picked
    assert review is not None
    facts = [
        *_tell_sample(review),
        *_tell_before(reviewed, smallest),
        *_tell_amounts(review),
        *_tell_agreement(review),
    ]
    if reviewed.latest and reviewed.picked:
        picked = reviewed.picked
        facts.append(
            (
                "Picked by findings",
                f"Sample {picked.sample}, read {picked.date.isoformat()}: {_of(picked)} charts with an "
                "error. No random sample; it says nothing about the others.",
            )
        )
    return Table(
        "chart-review-facts",
        "Sample, amounts",
        (Head("What", numeric=False, sort=False), Head("How it is", numeric=False, sort=False)),
        tuple(Row((Cell(what), Cell(text))) for what, text in facts),
        note=" ".join(filter(None, (review.extrapolation, CAUTION if _is_over(review) else ""))),
        fold=True,
    )


def _is_over(review: ChartReview) -> bool:
    return bool(review.amounts and review.amounts.over)


def _tell_sample(review: ChartReview) -> Iterator[tuple[str, str]]:
    only = "".join(f", {group} {' or '.join(values)}" for group, values in review.where.items())
    by = f" by {review.stratify}" if review.stratify else ""
    drawn = f"drawn{by} at random, seed {review.seed} ({review.generator})"
    how = drawn if review.kind == "random" else "picked by findings"
    yield (
        "Sample",
        f"{review.sample}: {review.of} of {review.period}{only}; {how}; {review.frame:,} in the frame",
    )
    yield "Read", f"{review.date.isoformat()}, by {' and '.join(review.reviewers) or 'a reviewer not named'}"
    told = review.told
    text = f"{_of(review)} charts with an error; {plural(told.unknown, 'chart')} not told in full"
    if review.not_read:
        text += f", {count(review.not_read)} of them not read"
    if review.replaced:
        text += f"; {plural(review.replaced, 'item')} no part of the frame, left out"
    yield "Charts", text
    if review.estimate:
        limits = review.estimate.at(90)
        ends = interval(limits.low / review.frame, limits.high / review.frame)
        weighed = "" if review.estimate.exact else f"each {review.stratify} by its size; "
        kind = "exact limits" if review.estimate.exact else "limits on the safe side"
        yield "Share", f"{percent(review.estimate.share)} ({weighed}90 % {kind} {ends})"


def _tell_before(reviewed: Reviewed, smallest: int) -> Iterator[tuple[str, str]]:
    before, change = reviewed.before, reviewed.change
    if before is None or change is None:
        return
    text = f"{before.date.isoformat()}, sample {before.sample} of {before.period}: "
    text += tell_share(before, smallest)
    if change.low is not None and change.high is not None:
        ends = f"{points(change.low).removesuffix(' points')} to {points(change.high)}"
        text += f"; change {points(change.change)}, 95 % interval {ends}"
    yield "The review before", text + (f": {change.outcome}" if change.outcome else "")


def _tell_amounts(review: ChartReview) -> Iterator[tuple[str, str]]:
    found = review.amounts
    if found is None or not found.items:
        return
    unknown = f"; not known of {count(found.unknown)} more" if found.unknown else ""
    yield "Allowed", f"{money_exact(found.allowed)} for {plural(found.items, 'chart')} read{unknown}"
    yield "Allowed too much", f"{money_exact(found.over)} on {plural(found.over_items, 'chart')}"
    yield "Allowed too little", f"{money_exact(found.under)} on {plural(found.under_items, 'chart')}"
    if found.rate is not None:
        yield "Error rate", f"{percent(found.rate)}: too much less too little, of allowed"


def _tell_agreement(review: ChartReview) -> Iterator[tuple[str, str]]:
    found = review.agreement
    if found is None:
        return
    text = f"{count(found.same)} of {plural(found.answers, 'answer')} the same"
    if found.kappa is not None:
        text += f", kappa {found.kappa:.2f}"
    if found.interval and not found.few:
        text += f" ({found.interval[0]:.2f} to {found.interval[1]:.2f})"
    yield "Second reviewer", text + (" (too few answers to rely on)" if found.few else "")
