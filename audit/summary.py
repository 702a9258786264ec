"""What crosses the topics: verdict, tiles, things to do, trends, what came since, definitions.

Every word here follows from the outcome of a figure; nothing is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import (
    Action,
    Cell,
    Chart,
    Definition,
    Head,
    Row,
    Table,
    Tile,
    average,
    count,
    interval,
    money,
    percent,
    plural,
    rate,
    share,
)
from audit.charts import shared_top, sparkline, trend
from audit.codes import code_book
from audit.figures import HIGHER, LOWER, NOT_JUDGED, TOO_FEW, USUAL
from audit.periods import month_title
from audit.showing import NOT_TOLD, of_share, tone, trend_months, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from audit.charts import Month
    from audit.comparison import Comparison
    from audit.figures import Counts, Figure, Finding
    from audit.periods import Chosen

SPARK_MONTHS = 13
"""Months of a tile's sparkline: the period and a year before it."""

NOT_CHECKED = (
    "Medical necessity",
    "Licenses, credentials, enrollment",
    "Exclusion lists",
    "Consents and advance notices on file",
    "Payers' contracts and fee schedules",
    "Routine waivers of copays",
    "What notes say beyond what the export tells",
)
"""What no billing export can show; printed so that a quiet report is not read as a clean bill."""


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


# --- tiles --------------------------------------------------------------------------------


def make_tiles(comparison: Comparison, chosen: Chosen) -> tuple[Tile, ...]:
    """Return the headline figures; one whose measure the files do not fill is absent."""
    tiles = (
        _rate_tile(comparison, chosen, "denials/first_rate", "Initial denial rate", "lines", lead=True),
        _count_tile(comparison, chosen, "usage/visits", "Visits"),
        _units_tile(comparison, chosen),
        _money_tile(
            comparison,
            chosen,
            "denials/not_recovered_expected",
            "Denied, not recovered",
            "denials/final_rate",
        ),
        _open_tile(comparison),
        _rate_tile(comparison, chosen, "documentation/any", "Visits with a documentation gap", "visits"),
        _rate_tile(comparison, chosen, "signatures/before_signed", "Billed before signed", "lines"),
    )
    return tuple(tile for tile in tiles if tile)


def _rate_tile(
    comparison: Comparison, chosen: Chosen, measure: str, title: str, noun: str, *, lead: bool = False
) -> Tile | None:
    figure, limits = comparison.total(measure), comparison.limits
    if not figure.base:
        return None
    shown = figure.base >= limits.smallest_base
    tint = tone(figure.outcome, comparison.measures[measure].worse)
    earlier = figure.three_before
    return Tile(
        measure.replace("/", "-"),
        title,
        rate(figure.numerator, figure.base, limits.smallest_base),
        interval=interval(figure.low, figure.high) if shown else "",
        detail=(
            f"{count(figure.numerator)} of {plural(figure.base, noun.removesuffix('s'))}",
            *_worth(comparison, measure),
        ),
        comparison=f"{comparison.period.three_before().short}: {of_share(earlier)}"
        if earlier.base >= limits.smallest_base
        else "",
        outcome=figure.outcome,
        tone=tint,
        explain=figure.id,
        spark=_spark(comparison, measure, chosen, tint, lead=lead, form=percent),
        lead=lead,
    )


def _worth(comparison: Comparison, measure: str) -> tuple[str, ...]:
    money_of = {
        "denials/first_rate": "reasons/denied_expected",
        "documentation/any": "documentation/any_expected",
        "signatures/before_signed": "signatures/before_signed_expected",
    }[measure]
    return (f"{money(comparison.total(money_of).numerator)} expected payment",)


def _count_tile(comparison: Comparison, chosen: Chosen, measure: str, title: str) -> Tile:
    figure = comparison.total(measure)
    patients = comparison.total("usage/patients")
    return Tile(
        measure.replace("/", "-"),
        title,
        count(figure.numerator),
        detail=(plural(patients.numerator, "patient"),),
        comparison=_month_average(comparison, figure),
        outcome=figure.outcome,
        explain=figure.id,
        spark=_spark(comparison, measure, chosen, "", form=lambda value: count(int(value))),
    )


def _month_average(comparison: Comparison, figure: Figure) -> str:
    """Return what a month stands beside: the monthly average of the three before; else the period before."""
    if len(comparison.spans.this) == 1 and comparison.spans.three_before:
        average = round(figure.three_before.numerator / 3)
        return f"{comparison.period.three_before().short}: {count(average)} a month"
    return f"Period before: {count(figure.previous.numerator)}" if comparison.spans.previous else ""


def _units_tile(comparison: Comparison, chosen: Chosen) -> Tile | None:
    figure = comparison.total("usage/units_per_visit")
    if not figure.base or not figure.numerator:
        return None
    before = figure.three_before
    return Tile(
        "units-per-visit",
        "Units per visit",
        average(figure.numerator, figure.base, 100),
        detail=(f"{count(round(figure.numerator / 100))} units on {plural(figure.base, 'visit')}",),
        comparison=f"{comparison.period.three_before().short}: {average(before.numerator, before.base, 100)}"
        if before.base
        else "",
        outcome=figure.outcome,
        explain=figure.id,
        spark=_spark(
            comparison, "usage/units_per_visit", chosen, "", form=lambda value: f"{value / 100:.2f}"
        ),
    )


def _money_tile(comparison: Comparison, chosen: Chosen, measure: str, title: str, of: str) -> Tile | None:
    figure, lines = comparison.total(measure), comparison.total(of)
    if not lines.base:
        return None
    tint = tone(figure.outcome, comparison.measures[measure].worse)
    average_before = round(figure.three_before.numerator / 3)
    one_month = len(comparison.spans.this) == 1 and comparison.spans.three_before
    return Tile(
        measure.replace("/", "-"),
        title,
        money(figure.numerator),
        detail=(f"{plural(lines.numerator, 'line')} by the last answer", "expected payment"),
        comparison=f"{comparison.period.three_before().short}: {money(average_before)} a month"
        if one_month
        else "",
        outcome=figure.outcome,
        tone=tint,
        explain=figure.id,
        spark=_spark(comparison, measure, chosen, tint, form=lambda value: money(int(value))),
    )


def _open_tile(comparison: Comparison) -> Tile | None:
    lines, worth = comparison.total("denials/open"), comparison.total("denials/open_expected")
    if not any(counts.numerator for counts in comparison.months("answers/answered")):
        return None
    return Tile(
        "denials-open",
        "Denied and still open",
        money(worth.numerator),
        detail=(f"{plural(lines.numerator, 'line')} of all months", "expected payment"),
        explain=lines.id,
    )


def _spark(
    comparison: Comparison,
    measure: str,
    chosen: Chosen,
    tint: str,
    *,
    form: Callable[[float], str],
    lead: bool = False,
) -> str:
    of = comparison.measures[measure]
    stop, young = comparison.spans.this.stop, len(chosen.younger)
    values = values_of(comparison.months(measure))[max(stop - SPARK_MONTHS, 0) : stop + young]
    # A month still waiting for answers is drawn dashed; one that needs none is like any other.
    tail = young if of.needs_answers else 0
    return sparkline(
        f"spark-{measure.replace('/', '-')}", values, young=tail, tone=tint, lead=lead, form=form
    )


# --- things to do -------------------------------------------------------------------------


def make_actions(findings: Sequence[Finding], most: int, command: str) -> tuple[Action, ...]:
    """Return the findings as things to do, most money first."""
    return tuple(
        Action(
            finding.title,
            finding.text,
            finding.who,
            finding.due,
            money(finding.cents) if finding.cents is not None else "",
            _badge(finding),
            command.replace("{figure}", finding.id),
        )
        for finding in findings[:most]
    )


def _badge(finding: Finding) -> str:
    if finding.since < 1:
        return ""
    if finding.since == 1:
        return "new"
    ending = {2: "nd", 3: "rd"}.get(finding.since, "th")
    return f"{finding.since}{ending} month" if finding.since < 12 else "a year or more"


# --- trends and what came since -----------------------------------------------------------


def draw_trends(comparison: Comparison, chosen: Chosen, most: int) -> tuple[Chart, ...]:
    """Return small multiples: the totals, then what is outside its usual range, then the largest."""
    picked = _picked(comparison, most)
    last = comparison.limits.usual_range_months + len(comparison.spans.this)
    drawn = []
    for figure, title, subtitle in picked:
        months = trend_months(
            comparison, figure.measure, figure.group, figure.value, len(chosen.younger), last
        )
        flat = not any(month.value for month in months) and figure.group
        if sum(month.value is not None for month in months) >= 3 and not flat:
            drawn.append((figure, title, subtitle, months))
    tops: dict[str, list[list[Month]]] = {}
    for figure, _, _, months in drawn:
        tops.setdefault(figure.measure.partition("/")[0], []).append(months)
    return tuple(
        trend(
            f"trend-{number}",
            title,
            months,
            subtitle=subtitle,
            top=_top(tops[figure.measure.partition("/")[0]]),
            tone=tone(figure.outcome, comparison.measures[figure.measure].worse),
        )
        for number, (figure, title, subtitle, months) in enumerate(drawn)
    )


def _top(months: Sequence[Sequence[Month]]) -> float:
    """Return the end of the scale of shares: a round one, 100 % at most; 10 % where all are zero."""
    some = any(month.value for of_one in months for month in of_one)
    return min(shared_top(months), 1.0) if some else 0.1


def _picked(comparison: Comparison, most: int) -> list[tuple[Figure, str, str]]:
    book = code_book()
    denied = comparison.total("denials/first_rate")
    gap = comparison.total("documentation/any")
    first = [(denied, "All payers and codes", "denied at first answer")] if denied.base else []
    first += [(gap, "All visits", "with a documentation gap")] if gap.base else []
    rest: list[tuple[tuple[bool, int, str], tuple[Figure, str, str]]] = []
    for group in ("code", "payer"):
        worth = comparison.by_value("reasons/denied_expected", group)
        for one in comparison.figures("denials/first_rate", group):
            title = f"{one.value} {book.name(one.value)}" if group == "code" else one.value or NOT_TOLD
            rest.append((_rank(one, worth.get(one.value)), (one, title, "denied at first answer")))
    for measure in comparison.measures.values():
        if (
            measure.topic == "documentation"
            and measure.numerator.table == "visits"
            and measure.base
            and measure.id != "documentation/any"
        ):
            one = comparison.total(measure.id)
            money_id = f"{measure.id}_expected"
            worth_of = comparison.total(money_id) if money_id in comparison.measures else None
            rest.append((_rank(one, worth_of), (one, measure.title, "visits without it")))
    rest = [entry for entry in rest if entry[1][0].base >= comparison.limits.smallest_base]
    return [*first, *(entry for _, entry in sorted(rest, key=lambda pair: pair[0]))][:most]


def _rank(figure: Figure, worth: Figure | None) -> tuple[bool, int, str]:
    return (figure.outcome not in (HIGHER, LOWER), -(worth.numerator if worth else 0), figure.id)


def tell_since(comparison: Comparison, chosen: Chosen) -> Table | None:
    """Return the whole months after the period: what needs no answer, and how far the answers have come."""
    if not chosen.younger:
        return None
    ids = ("usage/visits", "usage/units", "documentation/any", "answers/answered")
    months = {name: comparison.months(name) for name in ids}
    rows = []
    for month in chosen.younger:
        at = month - comparison.first_month
        visits, units, gap, answered = (months[name][at] for name in ids)
        rows.append(
            Row(
                (
                    Cell(month_title(month), sort=month),
                    Cell(count(visits.numerator)),
                    Cell(count(round(units.numerator / 100))),
                    _counts_cell(gap, comparison),
                    Cell(share(answered.numerator, answered.base)),
                )
            )
        )
    return Table(
        "since-then-months",
        "Since then",
        (
            Head("Month", numeric=False),
            Head("Visits"),
            Head("Units"),
            Head("Visits with a documentation gap"),
            Head("Lines answered"),
        ),
        tuple(rows),
        note="Denials are not judged yet: most answers are still to come.",
    )


def _counts_cell(counts: Counts, comparison: Comparison) -> Cell:
    return Cell(rate(counts.numerator, counts.base, comparison.limits.smallest_base))


def define(comparison: Comparison) -> tuple[Definition, ...]:
    """Return the definition of every measure, and of the words."""
    words = (
        Definition(
            "Usual range",
            "What a figure's own earlier months lead one to expect of a month this size: their pooled "
            "rate, give or take "
            "three standard errors that count claims as clusters and the months' own spread. Higher and "
            "lower mean "
            "outside of it, and always than your own earlier months.",
        ),
        Definition(
            "95 % interval",
            "Where the rate may truly lie. Lines of one claim are answered together, so they count for "
            "less than as many "
            "separate ones.",
        ),
        Definition(
            "Expected payment",
            "The median allowed amount per unit of the same payer and code in the last twelve months, "
            "times the units; of "
            "the code at any payer where that is not known; the charge where neither is.",
        ),
        Definition(
            "Unknown",
            "What the export does not tell. It is in no rate, and it is not the same as absent.",
        ),
    )
    return (*words, *(Definition(one.title, one.definition) for one in comparison.measures.values()))
