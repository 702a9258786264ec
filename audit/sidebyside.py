"""Two saved periods beside each other, from their results alone: what `audit compare` shows.

In: two `Results`. Out: a `ComparePage`. No billing files and no frames: every figure is read, none is
counted; what may be said of a figure is decided in `beside.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from audit.beside import DENIED, GAP, HEADLINES, MARKS, SIGNED_LATE, UNITS_A_VISIT, Beside, Pair
from audit.beside_cells import beside_cells, beside_heads, confidence_words, ends, say_share, value_cell
from audit.beside_findings import show_findings
from audit.beside_reviews import show_reviews
from audit.beside_shares import show_denials, show_documentation
from audit.beside_sides import Side, listed
from audit.beside_terms import define_words, reconcile, tell_manifests, warn
from audit.beside_usage import show_usage
from audit.blocks import Cell, ComparePage, Empty, Row, Section, Table, Tile, interval, points
from audit.errors import InputError, SettingsError
from audit.figures import HIGHER, LOWER
from audit.periods import parse_period
from audit.restated import show_restated
from audit.showing import tone

if TYPE_CHECKING:
    from audit.results import Results

RESULTS_FILE = "results.json"


def find_results(reports: Path, period_text: str) -> Path:
    """Return the results of a saved period.

    `period_text` is a period whose folder lies in `reports`, the name of another folder there (an older
    report that was kept), or a path to a folder or to a results file. InputError says which there are.
    """
    wanted = period_text.strip()
    try:
        named = [reports / parse_period(wanted).text / RESULTS_FILE]
    except SettingsError:
        named = []
    try:
        if wanted:
            whole = Path(wanted)
            named += [reports / wanted / RESULTS_FILE, whole / RESULTS_FILE, whole]
        return next(path for path in named if path.is_file())
    except (OSError, ValueError, StopIteration):  # a name too long, or no name of a file at all
        raise InputError(_none_saved(reports, wanted)) from None


def compare_saved(earlier: Results, later: Results) -> ComparePage:
    """Return the page of two saved periods; SettingsError where they are of two practices or out of order."""
    pair = Pair(Side(earlier), Side(later))
    _check(pair)
    verdict, standfirst = _state(pair)
    return ComparePage(
        practice=later.practice,
        earlier=pair.names[0],
        later=pair.names[1],
        verdict=verdict,
        standfirst=standfirst,
        reconciliation=reconcile(pair),
        warnings=tuple(warn(pair)),
        tiles=_tiles(pair),
        sections=tuple(
            section
            for section in (
                _totals(pair),
                show_findings(pair),
                show_usage(pair),
                show_denials(pair),
                show_documentation(pair),
                show_reviews(pair),
                show_restated(pair),
            )
            if section
        ),
        definitions=define_words(pair),
        manifest=tell_manifests(pair),
    )


def _none_saved(reports: Path, wanted: str) -> str:
    try:
        folders = sorted(path.parent.name for path in reports.glob(f"*/{RESULTS_FILE}"))
    except OSError:
        folders = []
    name = " ".join(wanted.split())[:40]
    if not folders:
        return (
            f'There are no saved results of "{name}" in {reports.name or reports}, nor any others: run '
            "`audit run` first, or name the folder of the reports with --reports."
        )
    return (
        f'There are no saved results of "{name}" in {reports.name or reports}; there are: '
        f"{listed(folders, 24)}."
    )


def _check(pair: Pair) -> None:
    one, other = pair.sides
    if one.results.practice != other.results.practice:
        raise SettingsError(
            f'The two results are of different practices, "{one.results.practice}" and '
            f'"{other.results.practice}": compare two of the same.'
        )
    if (other.period.first, other.period.last) < (one.period.first, one.period.last) or (
        one.period == other.period and other.as_of < one.as_of
    ):
        raise SettingsError(f"Name the earlier of the two first: {pair.names[1]}, then {pair.names[0]}.")


def _state(pair: Pair) -> tuple[str, str]:
    """Return the verdict and the sentences under it: denials first, then documentation."""
    denied, gap = pair.beside(DENIED), pair.beside(GAP)
    verdict = say_share(pair, DENIED)
    if gap and gap.reading in (HIGHER, LOWER):
        verdict = f"{verdict}; documentation gaps are {gap.reading}"
    parts = [f"{say_share(pair, GAP)}."]
    for both, subject in ((denied, "denial rate"), (gap, "documentation gaps")):
        if both and both.low is not None:
            parts.append(
                f"Change of the {subject}: **{points(both.change)}**, {confidence_words(pair)} interval "
                f"{ends(both)}."
            )
    if denied and _is_other_news(denied):
        parts.append(
            f"Beside the year before it, the report of {pair.names[1]} says of its denial rate: "
            f"**{denied.later.outcome}**."
        )
    parts.append(
        "This page reads two saved results, not the billing files; only a reading of the chart can tell "
        "whether a line is wrong."
    )
    return verdict, " ".join(parts)


def _is_other_news(both: Beside) -> bool:
    """Whether page or report calls the figure significant and the other does not, or the other way round."""
    words = {both.reading, both.later.outcome}
    return len(words) > 1 and words <= set(MARKS) and bool(words & {HIGHER, LOWER})


def _tiles(pair: Pair) -> tuple[Tile, ...]:
    chosen = (
        (DENIED, "Initial denial rate"),
        (GAP, "Visits with a documentation gap"),
        (SIGNED_LATE, "Billed before signed"),
        ("usage/visits", "Visits"),
        (UNITS_A_VISIT, "Units per visit"),
    )
    found = ((pair.beside(name), title) for name, title in chosen)
    return tuple(_tile(pair, both, title) for both, title in found if both and any(both.bases))


def _tile(pair: Pair, both: Beside, title: str) -> Tile:
    measure = pair.measures[both.measure]
    earlier, later = (
        value_cell(pair, measure, side, at) for at, side in enumerate((both.earlier, both.later))
    )
    enough = (both.later.denominator or 0) >= pair.limits.smallest_base
    said = " a month" if pair.per_month and both.later.denominator is None and measure.adds else ""
    said += f", {both.reading}" if both.reading and both.reading not in MARKS else ""
    return Tile(
        both.measure.replace("/", "-"),
        title,
        later.text,
        interval=interval(*both.later.interval) if both.later.interval and enough else "",
        detail=(later.sub,) if later.sub else (),
        comparison=f"{pair.names[0]}: {earlier.text}{said}",
        outcome=both.reading if both.reading in MARKS else "",
        tone=tone(both.reading, measure.worse),
        explain=both.later.id,
        lead=both.measure == DENIED,
    )


def _totals(pair: Pair) -> Section:
    found = [both for both in map(pair.beside, HEADLINES) if both and any(both.bases)]
    if not found:
        nothing = Empty("Nothing to show.", "The two results have no figure in common.")
        return Section("totals", "In total", {"table": nothing})
    rows = tuple(Row((Cell(pair.measures[one.measure].title), *beside_cells(pair, one))) for one in found)
    table = Table(
        "totals-table",
        "The practice in total",
        beside_heads(pair, "Figure", sort=False),
        rows,
        note=f"{'Amounts are per month. ' if pair.per_month else ''}Only shares of lines and of visits have "
        "an interval; those and the means per visit have an outcome where the reports judge them; the rest "
        "is told, not judged. More visits, units or dollars are neither better nor worse.",
    )
    return Section("totals", "In total", {"table": table})
