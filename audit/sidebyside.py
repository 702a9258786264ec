"""Two saved periods beside each other, from their results alone: what `audit compare` shows.

In: two `Results`. Out: a `ComparePage`. No billing files and no frames: every figure is read, none is
counted; what may be said of a figure is decided in `beside.py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from audit.beside import (
    DENIED,
    DIFFERENT,
    GAP,
    HEADLINES,
    MARKS,
    SHOWN_ROWS,
    SIGNED_LATE,
    Beside,
    Pair,
    Side,
    beside_cells,
    beside_heads,
    confidence_words,
    ends,
    listed,
    made_differently,
    rate_text,
    say_share,
    size_of,
    value_cell,
    with_lines,
)
from audit.blocks import (
    NONE,
    UNKNOWN,
    Block,
    Cell,
    Chart,
    ComparePage,
    Definition,
    Empty,
    Head,
    Note,
    Row,
    Section,
    Table,
    Tile,
    count,
    dollars,
    fold_rows,
    interval,
    money_exact,
    plural,
    points,
    rate,
    units,
)
from audit.charts import Dot, dumbbell, slope
from audit.codes import code_book
from audit.errors import InputError, SettingsError
from audit.figures import HIGHER, LOWER, NOT_JUDGED, figure_id
from audit.periods import parse_period
from audit.restated import show_restated
from audit.showing import NOT_TOLD, name_cell, tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from audit.results import Results, SavedFinding


MOST_DOTS = 12

MOST_SLOPES = 8

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
    denied, gap = pair.beside(DENIED), pair.beside(GAP)
    verdict, standfirst = _state(pair, denied, gap)
    return ComparePage(
        practice=later.practice,
        earlier=pair.names[0],
        later=pair.names[1],
        verdict=verdict,
        standfirst=standfirst,
        reconciliation=tuple(map(_reconcile, (pair.earlier, pair.later), pair.names)),
        warnings=tuple(_warn(pair)),
        tiles=_tiles(pair),
        sections=tuple(
            section
            for section in (
                _totals(pair),
                _findings(pair),
                _usage(pair),
                _denials(pair),
                _documentation(pair),
                show_restated(pair),
            )
            if section
        ),
        definitions=_definitions(pair),
        manifest=(*_manifest(pair.earlier, pair.names[0]), *_manifest(pair.later, pair.names[1])),
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
    one, other = pair.earlier, pair.later
    if one.results.practice != other.results.practice:
        raise SettingsError(
            f'The two results are of different practices, "{one.results.practice}" and '
            f'"{other.results.practice}": compare two of the same.'
        )
    if (other.period.first, other.period.last) < (one.period.first, one.period.last) or (
        one.period == other.period and other.as_of < one.as_of
    ):
        raise SettingsError(f"Name the earlier of the two first: {pair.names[1]}, then {pair.names[0]}.")


def _state(pair: Pair, denied: Beside | None, gap: Beside | None) -> tuple[str, str]:
    """Return the verdict and the sentences under it: denials first, then documentation."""
    verdict = say_share(pair, DENIED)
    said = say_share(pair, GAP)
    if gap and gap.reading in (HIGHER, LOWER):
        verdict = f"{verdict}; documentation gaps are {gap.reading}"
    parts = [f"{said}."]
    for both, subject in ((denied, "denial rate"), (gap, "documentation gaps")):
        if both and both.low is not None:
            parts.append(
                f"Change of the {subject}: **{points(both.change)}**, {confidence_words(pair)} interval "
                f"{ends(both)}."
            )
    parts.append(
        "This page reads two saved results, not the billing files; only a reading of the chart can tell "
        "whether a line is wrong."
    )
    return verdict, " ".join(parts)


def _reconcile(side: Side, name: str) -> str:
    files = side.results.reconciliation
    lost = sum(file.control_cents - file.used_cents - file.aside_cents - file.refused_cents for file in files)
    return (
        f"**{name}** as of {side.as_of}: {plural(sum(file.rows for file in files), 'row')} read, dollars in "
        f"and out differ by {money_exact(lost)}"
    )


def _warn(pair: Pair) -> Iterable[str]:
    """Yield what a reader must know before comparing."""
    before, after = pair.names
    for side, name in ((pair.earlier, before), (pair.later, after)):
        if side.as_of <= side.period.last_day:
            yield f"{name} was not over when it was saved on {side.as_of}: its figures were still growing."
        elif side.results.mature is False:
            yield (
                f"Too few lines of {name} were answered when it was saved on {side.as_of}: what needs the "
                "payers' answers is **not judged yet**."
            )
    if pair.overlap:
        yield (
            f"{before} and {after} **overlap**: the months that both hold hide a difference, so nothing is "
            "called higher or lower."
        )
    if pair.per_month:
        one, other = pair.months
        yield (
            f"{before} has {plural(one, 'month')} and {after} {count(other)}: **amounts are shown per "
            "month**; shares are as they are."
        )
    made = made_differently(pair)
    if made:
        yield (
            f"The two were made differently: {'; '.join(made)}. A difference between the periods may come "
            "from that."
        )
    if pair.differing:
        titles = [pair.measures[name].title for name in pair.measures if name in pair.differing]
        yield (
            f"**Defined differently**, so shown but not compared: {listed(titles)}. Both definitions stand "
            "below."
        )
    alone = _only_in_one(pair)
    if alone:
        yield f"Measured in only one of the two, so not shown: {listed(alone)}."


def _only_in_one(pair: Pair) -> list[str]:
    one, other = pair.earlier.results.measures, pair.later.results.measures
    titles = [measure.title for name, measure in one.items() if name not in other]
    return titles + [measure.title for name, measure in other.items() if name not in one]


def _tiles(pair: Pair) -> tuple[Tile, ...]:
    chosen = (
        (DENIED, "Initial denial rate"),
        (GAP, "Visits with a documentation gap"),
        (SIGNED_LATE, "Billed before signed"),
        ("usage/visits", "Visits"),
        ("usage/units_per_visit", "Units per visit"),
    )
    tiles = ((_tile(pair, pair.beside(name), title)) for name, title in chosen)
    return tuple(tile for tile in tiles if tile)


def _tile(pair: Pair, both: Beside | None, title: str) -> Tile | None:
    if both is None or not size_of(both.earlier) + size_of(both.later):
        return None
    measure = pair.measures[both.measure]
    later, earlier = (
        value_cell(pair, measure, side, at) for at, side in ((1, both.later), (0, both.earlier))
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
    found = [
        both for both in map(pair.beside, HEADLINES) if both and size_of(both.earlier) + size_of(both.later)
    ]
    rows = tuple(Row((Cell(pair.measures[one.measure].title), *beside_cells(pair, one))) for one in found)
    table = Table(
        "totals-table",
        "The practice in total",
        beside_heads(pair, "Figure", sort=False),
        rows,
        note=f"{_amount_words(pair)}Only shares of lines and of visits have an interval and an outcome; the "
        "rest is told, not judged. More visits, units or dollars are neither better nor worse.",
    )
    nothing = Empty("Nothing to show.", "The two results have no figure in common.")
    return Section("totals", "In total", {"table": table if rows else nothing})


def _amount_words(pair: Pair) -> str:
    return "Amounts are per month. " if pair.per_month else ""


def _findings(pair: Pair) -> Section:
    one, other = ({found.id: found for found in side.results.findings} for side in (pair.earlier, pair.later))
    states = {
        name: "in both" if name in one and name in other else "new" if name in other else "not found any more"
        for name in one | other
    }
    order = ("in both", "new", "not found any more")

    def rank(name: str) -> tuple[int, int, str]:
        found = other.get(name) or one[name]
        return order.index(states[name]), -(found.cents or 0), name

    rows = tuple(
        Row(
            (
                Cell(_neutral(other.get(name) or one[name]), sub=(other.get(name) or one[name]).who),
                Cell(states[name], sort=order.index(states[name])),
                *(_rows_cell(side.get(name)) for side in (one, other)),
                *(_cents_cell(side.get(name)) for side in (one, other)),
            )
        )
        for name in sorted(states, key=rank)
    )
    earlier, later = pair.shorts
    table = Table(
        "findings-table",
        "What the checks found",
        (
            Head("Finding", numeric=False),
            Head("Where", numeric=False),
            Head("Rows", note=earlier),
            Head("Rows", note=later),
            Head("Expected payment, $", note=earlier),
            Head("Expected payment, $", note=later),
        ),
        fold_rows(rows, SHOWN_ROWS),
        note="Rows and dollars of the whole period, or of the whole history on the day it was saved where a "
        "finding is about that. Not found any more can also mean that the export no longer tells.",
    )
    counts = [sum(state == which for state in states.values()) for which in order]
    lead = (
        f"**{counts[0]}** in both, **{counts[1]}** new in {pair.names[1]}, **{counts[2]}** not found any "
        "more."
    )
    nothing = Empty("Nothing was found in either period.", "No check of the two reports marked a row.")
    return Section(
        "findings", "Findings", {"table": table if rows else nothing}, lead if rows else "", "Findings"
    )


def _neutral(found: SavedFinding) -> str:
    """Return a finding's title without its count, which differs between the two."""
    return re.sub(rf"(?<!\S){found.rows:,} (line|visit|service)s?\b", r"\1s", found.title)


def _rows_cell(found: SavedFinding | None) -> Cell:
    return Cell(count(found.rows), sort=found.rows, explain=found.id) if found else Cell(NONE, sort=0)


def _cents_cell(found: SavedFinding | None) -> Cell:
    if found is None:
        return Cell(NONE, sort=0)
    return Cell(dollars(found.cents), sort=found.cents)


def _usage(pair: Pair) -> Section:
    return Section(
        "usage",
        "Code usage",
        {"codes": _codes(pair), "only_in_one": _appeared(pair)},
        _usage_lead(pair),
        "Codes",
    )


def _usage_lead(pair: Pair) -> str:
    texts = []
    for side, name in ((pair.earlier, pair.names[0]), (pair.later, pair.names[1])):
        codes = sum(side.amount("usage/lines", "code", code) > 0 for code in _codes_of(side))
        lines = plural(side.amount("usage/lines", "", ""), "line")
        texts.append(f"{name}: {lines} of {plural(codes, 'code')}.")
    return " ".join(texts)


def _codes_of(side: Side) -> list[str]:
    return side.values.get(("usage/lines", "code"), [])


def _codes(pair: Pair) -> Table | None:
    """Return units and share of units by code; a code that one period lacks has none there."""
    sides = (pair.earlier, pair.later)
    whole = [side.amount("usage/units", "", "") for side in sides]
    values = sorted({code for side in sides for code in _codes_of(side)})
    found = {code: [side.amount("usage/units", "code", code) for side in sides] for code in values}
    found = {code: amounts for code, amounts in found.items() if any(amounts)}
    if not found or "usage/units" not in pair.measures:
        return None
    order = sorted(found, key=lambda code: (-_largest_share(found[code], whole), code))
    same = "usage/units" not in pair.differing
    rows = [_code_row(pair, code, found[code], whole, same=same) for code in order]
    heads = tuple(
        Head(title, note=name)
        for title in (f"Units{' per month' if pair.per_month else ''}", "Share of units")
        for name in pair.shorts
    )
    return Table(
        "usage-codes",
        "Units of every code",
        (Head("Code", numeric=False), *heads, Head("Change of share")),
        fold_rows(rows, SHOWN_ROWS),
        note="Shares of all units of each period. A code billed more, or less, is neither better nor worse "
        "by itself.",
    )


def _largest_share(amounts: Sequence[int], whole: Sequence[int]) -> float:
    return max(top / base if base else 0.0 for top, base in zip(amounts, whole, strict=True))


def _code_row(pair: Pair, code: str, amounts: Sequence[int], whole: Sequence[int], *, same: bool) -> Row:
    months = pair.months if pair.per_month else (1, 1)
    shares = [top / base if base else None for top, base in zip(amounts, whole, strict=True)]
    one, other = shares
    moved = other - one if same and one is not None and other is not None else None
    return Row(
        (
            name_cell(code, code_book().describe(code) if code else ""),
            *(
                Cell(
                    units(top / length) if top else NONE,
                    sort=top / length,
                    explain=figure_id("usage/units", {"code": code}) if top else "",
                )
                for top, length in zip(amounts, months, strict=True)
            ),
            *(
                Cell(rate(top, base, 0) if top else NONE, sort=part)
                for top, base, part in zip(amounts, whole, shares, strict=True)
            ),
            Cell(points(moved), sort=moved),
        )
    )


def _appeared(pair: Pair) -> Table | Empty:
    """Return the codes, payers and clinicians that only one of the two has lines of."""
    rows: list[tuple[tuple[bool, int, int, str], Row]] = []
    kinds = ("code", "payer", "clinician")
    for at, kind in enumerate(kinds):
        one, other = (with_lines(side, kind) for side in (pair.earlier, pair.later))
        for value in sorted(one ^ other):
            late = value in other
            side = pair.later if late else pair.earlier
            lines, charged = (side.amount(f"usage/{name}", kind, value) for name in ("lines", "charge"))
            cells = (
                name_cell(value, code_book().describe(value) if kind == "code" and value else ""),
                Cell(kind),
                Cell(pair.shorts[late], sort=int(late)),
                Cell(count(lines), sort=lines, explain=figure_id("usage/lines", {kind: value})),
                Cell(dollars(charged), sort=charged),
            )
            rows.append(((not late, at, -lines, value), Row(cells)))
    if not rows:
        return Empty(
            "Nothing appeared and nothing vanished.",
            "Every code, payer and clinician with lines in one period has lines in the other.",
        )
    return Table(
        "usage-only",
        "In only one of the two",
        (
            Head("Name", numeric=False),
            Head("What", numeric=False),
            Head("Only in", numeric=False),
            Head("Lines"),
            Head("Charged, $"),
        ),
        fold_rows((row for _, row in sorted(rows, key=lambda entry: entry[0])), SHOWN_ROWS),
        note="What appeared first, then what vanished. A name written in another way counts as another; "
        "aliases in practice.toml join them.",
    )


def _denials(pair: Pair) -> Section | None:
    total = pair.beside(DENIED)
    if total is None:
        return None
    if not total.earlier.denominator and not total.later.denominator:
        empty = Empty(
            "Denials are not measured.",
            "Neither of the two has a payer's answer.",
            "Export the payers' answers beside the charges, and run the audit for both periods anew.",
        )
        return Section("denials", "Denials", {"not_measured": empty})
    blocks: dict[str, Block | tuple[Block, ...] | None] = {}
    for group, noun in (("code", "code"), ("payer", "payer")):
        chart = _rates_chart(pair, group, noun)
        blocks[f"chart_{group}"] = chart
        blocks[f"table_{group}"] = _rates_table(
            pair, DENIED, group, "Denial rate", noun, fold=isinstance(chart, Chart)
        )
    return Section(
        "denials",
        "Denials",
        blocks,
        say_share(pair, DENIED) + ".",
    )


def _rates_chart(pair: Pair, group: str, noun: str) -> Chart | Note | None:
    found = [
        both for both in pair.all_beside(DENIED, group) if both.earlier.denominator and both.later.denominator
    ]
    if len(found) < 2:
        return None
    if any(both.reading in (NOT_JUDGED, DIFFERENT) for both in found):
        return Note(f"Denial rates by {noun} are not drawn: {found[0].reading}.")
    describe = code_book().describe if group == "code" else None
    smallest = pair.limits.smallest_base
    drawn = [both for both in found if min(size_of(both.earlier), size_of(both.later)) >= smallest][
        :MOST_DOTS
    ]
    if len(drawn) < 2:
        return None
    rows = [_dot(pair, both, describe) for both in drawn]
    earlier, later = pair.shorts
    more = f" The {len(drawn)} with the most lines are drawn." if len(found) > len(drawn) else ""
    return dumbbell(
        f"denials-by-{group}",
        _moved(drawn, f"No {noun} whose denial rate differs beyond chance"),
        rows,
        subtitle=f"Share of lines denied at first answer, by {noun}",
        legend=f"Ring: {earlier}. Dot: {later}, with its interval. Of twenty that did not change, about one "
        f"is called higher or lower by chance alone.{more}",
    )


def _moved(found: Sequence[Beside], otherwise: str) -> str:
    """Return the finding of a chart: which are higher, which are lower."""
    texts = [
        f"{word.capitalize()} at {listed(names, 3)}"
        for word in (HIGHER, LOWER)
        if (names := [one.value or NOT_TOLD for one in found if one.reading == word])
    ]
    return "; ".join(texts) or otherwise


def _dot(
    pair: Pair, both: Beside, describe: Callable[[str], str] | None = None, label: str = "", short: str = ""
) -> Dot:
    smallest = pair.limits.smallest_base
    one, other = both.earlier, both.later
    before, after = (
        figure.numerator / figure.denominator
        if figure.denominator and figure.denominator >= smallest
        else None
        for figure in (one, other)
    )
    low, high = other.interval if other.interval and after is not None else (None, None)
    value = both.value or NOT_TOLD
    return Dot(
        label or (f"{value} {describe(both.value)}" if describe and both.value else value),
        after,
        low,
        high,
        before,
        short=short or value,
        text=rate_text(pair, other),
        small=both.reading not in (HIGHER, LOWER)
        and min(one.denominator or 0, other.denominator or 0) < pair.limits.cautious_base,
        tone=tone(both.reading, pair.measures[both.measure].worse),
    )


def _rates_table(
    pair: Pair, measure: str, group: str, title: str, noun: str, *, fold: bool = False
) -> Table | None:
    found = [both for both in pair.all_beside(measure, group) if size_of(both.earlier) + size_of(both.later)]
    if not found:
        return None
    rows = (
        Row(
            (
                name_cell(
                    one.value, code_book().describe(one.value) if group == "code" and one.value else ""
                ),
                *beside_cells(pair, one),
            )
        )
        for one in found
    )
    return Table(
        f"{measure.replace('/', '-')}-{group}",
        f"{title} by {noun}",
        beside_heads(pair, noun.capitalize()),
        fold_rows(rows, SHOWN_ROWS),
        note=f"The {noun}s that both results hold, most lines first." if measure == DENIED else "",
        fold=fold,
    )


def _documentation(pair: Pair) -> Section | None:
    elements = [both for both in map(pair.beside, _elements(pair)) if both]
    told = [both for both in elements if both.earlier.denominator and both.later.denominator]
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
    shown = [both for both in (total, *told, pair.beside(SIGNED_LATE)) if both]
    rows = tuple(
        Row((Cell(pair.measures[one.measure].title), *beside_cells(pair, one)))
        for one in shown
        if size_of(one.earlier) + size_of(one.later)
    )
    chart = _elements_chart(pair, told)
    table = Table(
        "documentation-elements",
        "What notes lack",
        beside_heads(pair, "Element"),
        rows,
        note="Only what the export marks as absent is a gap; what it does not tell is in no share.",
        fold=chart is not None,
    )
    blocks: dict[str, Block | tuple[Block, ...] | None] = {
        "chart": chart,
        "table": table,
        "codes": _rates_table(pair, GAP, "code", "Visits with a gap", "code", fold=True),
    }
    lead = say_share(pair, GAP)
    return Section("documentation", "Documentation gaps", blocks, f"{lead}.", "Documentation")


def _elements(pair: Pair) -> list[str]:
    """Return the measures of single elements as visits: their lines and money go by longer names."""
    return [
        name
        for name, measure in pair.measures.items()
        if name.startswith("documentation/") and measure.unit == "share" and f"{name}_lines" in pair.measures
    ]


def _elements_chart(pair: Pair, told: Sequence[Beside]) -> Chart | None:
    smallest = pair.limits.smallest_base
    drawn = [
        both
        for both in told
        if min(size_of(both.earlier), size_of(both.later)) >= smallest and both.reading != DIFFERENT
    ]
    if len(drawn) < 2:
        return None
    titles = {both.measure: pair.measures[both.measure].title for both in drawn}
    named = [both._replace(value=titles[both.measure].lower()) for both in drawn]
    title = _moved(named, "No element whose share differs beyond chance").replace(" at ", ": ")
    subtitle = "Share of visits whose note lacks it"
    rows = [
        _dot(pair, both, label=titles[both.measure], short=both.measure.partition("/")[2].replace("_", " "))
        for both in drawn
    ]
    earlier, later = pair.shorts
    if len(rows) <= MOST_SLOPES:
        return slope("documentation-slope", title, rows, earlier, later, subtitle=subtitle)
    legend = f"Ring: {earlier}. Dot: {later}, with its interval."
    return dumbbell("documentation-rows", title, rows, subtitle=subtitle, legend=legend)


def _definitions(pair: Pair) -> tuple[Definition, ...]:
    before, after = pair.names
    words = (
        Definition(
            "Higher, lower",
            f"The share in {after} beside the practice's own share in {before}: the "
            f"{confidence_words(pair)} interval of the change (Newcombe's, counting lines of one claim as "
            "one answer as far as they are answered together) leaves out zero, and both bases are at least "
            f"{pair.limits.smallest_base}.",
        ),
        Definition(
            "Not told from chance", "The interval holds zero: the two may be the same, or differ either way."
        ),
        Definition(
            "Expected payment",
            "What lines could be expected to be allowed, by the median of the same payer and code; as each "
            "report worked it out.",
        ),
        Definition(
            "Restated",
            "A figure of the earlier period that the later files, which know more, count differently.",
        ),
    )
    named = (*HEADLINES, *_elements(pair), *sorted(pair.differing))
    shown = [name for name in dict.fromkeys(named) if name in pair.measures]
    texts: list[Definition] = []
    for name in shown:
        then, now = pair.earlier.results.measures[name], pair.measures[name]
        if then.definition == now.definition:
            texts.append(Definition(now.title, now.definition))
        else:
            texts.append(Definition(f"{then.title} ({before})", then.definition))
            texts.append(Definition(f"{now.title} ({after})", now.definition))
    return (*words, *texts)


def _manifest(side: Side, name: str) -> tuple[Definition, ...]:
    made = side.results.manifest
    files = "; ".join(f"{file.name} {file.sha256[:12]}" for file in side.results.reconciliation)
    return (
        Definition(f"{name}, version", f"Billing Self-Audit {made.version}, as of {side.as_of}"),
        Definition(f"{name}, files (SHA-256)", files or UNKNOWN),
        Definition(f"{name}, libraries", _versions(made.libraries)),
        Definition(
            f"{name}, code book and settings",
            _versions({table: digest[:12] for table, digest in made.editions.items()}),
        ),
        Definition(f"{name}, practice settings", made.settings[:12] or "none"),
    )


def _versions(names: dict[str, str]) -> str:
    return ", ".join(f"{name} {text}" for name, text in sorted(names.items())) or UNKNOWN
