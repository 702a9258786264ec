"""Denials and documentation gaps of two saved periods: shares beside each other, drawn and listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.beside import DENIED, DIFFERENT, GAP, SIGNED_LATE
from audit.beside_cells import beside_cells, beside_heads, list_beside, rate_text, say_share
from audit.beside_moves import show_moved, show_others
from audit.beside_sides import listed
from audit.blocks import Block, Cell, Chart, Empty, Note, Row, Section, Table
from audit.charts import Dot, dumbbell, slope
from audit.codes import code_book
from audit.figures import HIGHER, LOWER, NOT_JUDGED
from audit.showing import NOT_TOLD, tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.beside import Beside, Pair

MOST_DOTS = 12

MOST_SLOPES = 8


def show_denials(pair: Pair) -> Section | None:
    """Return the section: denial rates by code and by payer; None where a result lacks the measure."""
    total = pair.beside(DENIED)
    if total is None:
        return None
    if not any(total.bases):
        empty = Empty(
            "Denials are not measured.",
            "Neither of the two has a payer's answer.",
            "Export the payers' answers beside the charges, and run the audit for both periods anew.",
        )
        return Section("denials", "Denials", {"not_measured": empty})
    blocks: dict[str, Block | tuple[Block, ...] | None] = {"moved": show_moved(pair, DENIED)}
    for group in ("code", "payer"):
        chart = _rates_chart(pair, group)
        blocks[f"chart_{group}"] = chart
        blocks[f"table_{group}"] = list_beside(
            pair,
            DENIED,
            group,
            "Denial rate",
            note=f"The {group}s that both results hold, most lines first.",
            fold=isinstance(chart, Chart),
        )
    return Section("denials", "Denials", blocks, f"{say_share(pair, DENIED)}.")


def show_documentation(pair: Pair) -> Section | None:
    """Return the section: what notes lack, in total, by element and by code; None where neither tells."""
    elements = [both for both in map(pair.beside, pair.elements) if both]
    told = [both for both in elements if all(both.bases)]
    total = pair.beside(GAP)
    if total is None and not elements:
        return None
    if not told:
        empty = Empty(
            "Documentation gaps are not compared.",
            "No element is told by the exports of both periods.",
            "Add the columns to the export that `audit check` names, or a file of visit notes, and run both "
            "anew.",
        )
        return Section("documentation", "Documentation gaps", {"not_measured": empty}, short="Documentation")
    shown = [both for both in (total, *told, pair.beside(SIGNED_LATE)) if both and any(both.bases)]
    chart = _elements_chart(pair, told)
    table = Table(
        "documentation-elements",
        "What notes lack",
        beside_heads(pair, "Element"),
        tuple(Row((Cell(pair.measures[one.measure].title), *beside_cells(pair, one))) for one in shown),
        note="Only what the export marks as absent is a gap; what it does not tell is in no share.",
        fold=chart is not None,
    )
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        "chart": chart,
        "table": table,
        "moved": show_moved(pair, GAP),
        "others_moved": show_others(pair, [one.measure for one in shown if one.measure != GAP]),
        "codes": list_beside(pair, GAP, "code", "Visits with a gap", fold=True),
    }
    lead = f"{say_share(pair, GAP)}."
    return Section("documentation", "Documentation gaps", blocks, lead, "Documentation")


def _rates_chart(pair: Pair, group: str) -> Chart | Note | None:
    found = [both for both in pair.all_beside(DENIED, group) if all(both.bases)]
    if len(found) < 2:
        return None
    judged = [both for both in found if both.reading not in (NOT_JUDGED, DIFFERENT)]
    if not judged:
        return Note(f"Denial rates by {group} are not drawn: {found[0].reading}.")
    drawn = _large_enough(pair, judged)[:MOST_DOTS]
    if len(drawn) < 2:
        return None
    earlier, later = pair.shorts
    more = f" The {len(drawn)} with the most lines are drawn." if len(found) > len(drawn) else ""
    return dumbbell(
        f"denials-by-{group}",
        _moved(drawn, f"No {group} whose denial rate differs beyond chance"),
        [_dot(pair, both, _label(group, both.value), both.value or NOT_TOLD) for both in drawn],
        subtitle=f"Share of lines denied at first answer, by {group}",
        legend=f"Ring: {earlier}. Dot: {later}, with its interval. Of twenty pages of "
        f"periods between which nothing changed, at most about one calls anything significant.{more}",
    )


def _elements_chart(pair: Pair, told: Sequence[Beside]) -> Chart | None:
    drawn = [both for both in _large_enough(pair, told) if both.reading != DIFFERENT]
    if len(drawn) < 2:
        return None
    titles = {both.measure: pair.measures[both.measure].title for both in drawn}
    named = [both._replace(value=titles[both.measure].lower()) for both in drawn]
    title = _moved(named, "No element whose share differs beyond chance").replace(" at ", ": ")
    subtitle = "Share of visits whose note lacks it"
    rows = [
        _dot(pair, both, titles[both.measure], both.measure.partition("/")[2].replace("_", " "))
        for both in drawn
    ]
    earlier, later = pair.shorts
    if len(rows) <= MOST_SLOPES:
        return slope("documentation-slope", title, rows, earlier, later, subtitle=subtitle)
    legend = f"Ring: {earlier}. Dot: {later}, with its interval."
    return dumbbell("documentation-rows", title, rows, subtitle=subtitle, legend=legend)


def _label(group: str, value: str) -> str:
    return f"{value} {code_book().describe(value)}" if group == "code" and value else value or NOT_TOLD


def _large_enough(pair: Pair, found: Sequence[Beside]) -> list[Beside]:
    """Return those with a rate in both periods."""
    return [both for both in found if min(both.bases) >= pair.limits.smallest_base]


def _moved(found: Sequence[Beside], otherwise: str) -> str:
    """Return the finding of a chart: which are higher, which are lower."""
    texts = [
        f"{word.capitalize()} at {listed(names, 3)}"
        for word in (HIGHER, LOWER)
        if (names := [one.value or NOT_TOLD for one in found if one.reading == word])
    ]
    return "; ".join(texts) or otherwise


def _dot(pair: Pair, both: Beside, label: str, short: str) -> Dot:
    """Return one row of a chart; its two bases are large enough for a rate."""
    earlier, later = both.earlier, both.later
    before, after = (
        figure.numerator / base for figure, base in zip((earlier, later), both.bases, strict=True)
    )
    low, high = later.interval or (None, None)
    return Dot(
        label,
        after,
        low,
        high,
        before,
        short=short,
        text=rate_text(pair, later),
        small=both.reading not in (HIGHER, LOWER) and min(both.bases) < pair.limits.cautious_base,
        tone=tone(both.reading, pair.measures[both.measure].worse),
    )
