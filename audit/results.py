"""One period's figures and findings as saved: what a later comparison reads.

Money is in whole cents, units in hundredths. The JSON Schema is made from the structs
below (`schema()`), and kept in `config/results.schema.json`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from audit.chart_record import SavedReview
from audit.errors import InputError, SettingsError
from audit.figures import COMPARED, NOUNS, Resolved, figure_id, parse_figure_id
from audit.periods import parse_period
from audit.validation import schema_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from audit.comparison import Comparison
    from audit.figures import Figure, Finding
    from audit.measures import Measure

SCHEMA = 1
MOST_HISTORIES = 100
"""Values of one group, the largest first, whose months are saved; every value has its figure."""

HISTORY_MONTHS = 36
"""Months of history that are saved at most."""

Months = dict[str, tuple[int, int | None, float | None]]
"""By month, as 2026-10: numerator, denominator, effective denominator (shares of rows, means judged)."""


class SavedMeasure(Struct, frozen=True, forbid_unknown_fields=True):
    """What a measure means, so that two files can tell whether they mean the same."""

    title: str
    definition: str
    unit: str
    worse: str
    adds: bool
    """Whether months add up; where not, ranges of months are not comparable."""
    standing: bool = False
    """Whether it counts the whole history as it stood on the as-of date, whatever the period."""
    subject: str = ""
    """What a sentence calls it where not its title; older results do not tell."""
    rows: str = ""
    """What its rows are called, as "line"; older results do not tell."""


class SavedFigure(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One figure of the period."""

    id: str
    numerator: int
    denominator: int | None
    unknown: int
    unit: str
    outcome: str
    effective: float | None = None
    interval: tuple[float, float] | None = None
    compared: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """Numerator and denominator of the earlier periods that the report stood it beside."""
    history: Months = field(default_factory=dict)
    """The months of the largest values; a month in which nothing was counted is left out."""
    squares: dict[str, int] = field(default_factory=dict)
    """Of a mean that is judged, by month of `history`: the sum over visits of what is averaged, squared."""


class SavedFinding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One finding of the period, and what earlier reports make of it; older results tell nothing of that."""

    id: str
    title: str
    rows: int
    checked: int
    unknown: int
    cents: int | None
    who: str
    since: int
    state: str = ""
    month: int = 0
    first_shown: date | None = None
    stake: str = ""


class SavedFile(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one file's rows."""

    name: str
    sha256: str
    format: str
    rows: int
    used: int
    set_aside: int
    refused: int
    control_cents: int
    used_cents: int
    aside_cents: int
    refused_cents: int
    incomplete: str = ""
    """What shows that the file is cut off, "" where nothing does; older results do not tell."""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """The limits that decide what may be said of a share; those of `config/thresholds.toml`."""

    smallest_base: int = 11
    cautious_base: int = 30
    confidence: float = 0.95


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """With what the results were made."""

    version: str
    libraries: dict[str, str]
    editions: dict[str, str]
    """SHA-256 of each shipped table and settings file that decided anything."""
    settings: str
    """SHA-256 of the practice's own settings; empty without any."""
    options: dict[str, str]
    limits: Limits = Limits()
    rules: dict[str, str] = {}
    """By rule, the SHA-256 of what it says and of the edition it reads; older results tell none."""


class Results(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything one run found."""

    schema: int
    practice: str
    period: str
    as_of: str
    mature: bool | None
    reconciliation: list[SavedFile]
    measures: dict[str, SavedMeasure]
    figures: list[SavedFigure]
    findings: list[SavedFinding]
    manifest: Manifest
    resolved: list[Resolved] = field(default_factory=list)
    chart_review: SavedReview | None = None
    """What a person found in charts, as the report shows it; absent where nobody has read any."""


def save_figures(comparison: Comparison) -> list[SavedFigure]:
    """Return every figure with the months it is made of; splits after the figure they divide."""
    saved: list[SavedFigure] = []
    for measure in comparison.measures.values():
        for group in ("", *measure.groups, *(",".join(pair) for pair in measure.pairs)):
            figures = comparison.figures(measure.id, group)
            histories = {} if "," in group else _histories(figures, measure, group, comparison)
            squares = _squares(histories, measure, group, comparison)
            saved += (
                _save(figure, measure, histories.get(figure.value, {}), squares.get(figure.value, {}))
                for figure in figures
            )
        if measure.split:
            saved += _save_parts(measure, comparison)
    return saved


def encode(results: Results) -> str:
    """Return the results as JSON, a line a figure, so that two files can be told apart line by line."""
    fields = {name: getattr(results, name) for name in results.__struct_fields__}
    parts = []
    for name, value in fields.items():
        if name == "chart_review" and value is None:
            continue
        if name in ("figures", "findings", "reconciliation", "resolved"):
            lines = msgspec.json.Encoder().encode_lines(value).decode().rstrip("\n").replace("\n", ",\n")
            parts.append(f'"{name}": [\n{lines}\n]')
        else:
            parts.append(f'"{name}": {msgspec.json.encode(value, order="sorted").decode()}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read_results(path: Path) -> Results:
    """Read saved results; InputError says what is wrong with the file."""
    place = f"{path.name} in {path.parent.name or path.parent}"
    try:
        results = msgspec.json.decode(path.read_bytes(), type=Results)
        _check(results)
    except FileNotFoundError:
        raise InputError(
            f"There is no {place}; run `audit run` for that period first, or name the folder of the reports "
            "with --reports."
        ) from None
    except OSError:
        raise InputError(
            f"{place} cannot be read; check that it is a file and that you may open it."
        ) from None
    except (ValueError, RecursionError, SettingsError):  # msgspec's errors are ValueErrors
        raise InputError(
            f"{place} is not a results file of this version; make it anew with `audit run` for that period."
        ) from None
    return results


def _check(results: Results) -> None:
    """Raise ValueError or SettingsError for what the types allow and no run writes."""
    if results.schema != SCHEMA:
        raise ValueError("another schema")
    parse_period(results.period)
    if results.chart_review and not results.chart_review.review.is_whole:
        raise ValueError("a review whose numbers do not fit each other")
    date.fromisoformat(results.as_of)
    for figure in results.figures:
        name = parse_figure_id(figure.id)
        if name.measure not in results.measures:
            raise ValueError("a figure without its measure")
        if figure.effective is not None and not (
            figure.denominator and figure.effective > 0 and 0 <= figure.numerator <= figure.denominator
        ):
            raise ValueError("a share of lines is a part of its base")
        if not figure.squares.keys() <= figure.history.keys() or min(figure.squares.values(), default=0) < 0:
            raise ValueError("squares are those of the months of a history")
    for month in {month for figure in results.figures for month in figure.history}:
        parse_period(month)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a results file."""
    return schema_of(Results)


def save_measures(
    measures: Iterable[Measure], standing: Collection[str] = frozenset()
) -> dict[str, SavedMeasure]:
    """Return what each measure means; `standing` are the ids of those that count the whole history."""
    return {
        measure.id: SavedMeasure(
            measure.title,
            measure.definition,
            measure.unit,
            measure.worse,
            measure.adds,
            measure.id in standing,
            measure.subject,
            NOUNS[measure.numerator.table],
        )
        for measure in measures
    }


def save_findings(findings: Iterable[Finding]) -> list[SavedFinding]:
    """Return the findings as saved."""
    return [
        SavedFinding(
            one.id,
            one.title,
            one.rows,
            one.checked,
            one.unknown,
            one.cents,
            one.who,
            one.since,
            one.state,
            one.month,
            one.first_shown,
            one.stake,
        )
        for one in findings
    ]


def _histories(
    figures: Sequence[Figure], measure: Measure, group: str, comparison: Comparison
) -> dict[str, Months]:
    """Return the months of the largest values."""
    by_base = measure.base is not None and not measure.of_whole
    ranked = sorted(figures, key=lambda one: (-abs(one.base if by_base else one.numerator), one.value))
    values = [figure.value for figure in ranked[:MOST_HISTORIES]]
    first = max(comparison.spans.this.stop - HISTORY_MONTHS, 0)
    names = comparison.month_names[first:]
    tops, bases = comparison.counts(measure.id, group, values)
    told = effective = [[None] * len(names)] * len(values)
    if bases is not None:
        told = bases[:, first:].tolist()
        if measure.is_share or (measure.squares and group in measure.judged):
            effect = comparison.effects.get((measure.id, group), 1.0)
            effective = (bases[:, first:] / effect).round(2).tolist()
    return {
        value: {
            name: month
            for name, month in zip(names, zip(*counts, strict=True), strict=True)
            if month[0] or month[1]
        }
        for value, *counts in zip(values, tops[:, first:].tolist(), told, effective, strict=True)
    }


def _squares(
    histories: Mapping[str, Months], measure: Measure, group: str, comparison: Comparison
) -> dict[str, dict[str, int]]:
    """Return the sums of squares of the months kept, by value; nothing but of means judged by the group."""
    if measure.squares is None or group not in measure.judged:
        return {}
    months = comparison.add_up(measure.squares, group, list(histories)).tolist()
    return {
        value: {
            name: squares
            for name, squares in zip(comparison.month_names, row, strict=True)
            if squares and name in history
        }
        for (value, history), row in zip(histories.items(), months, strict=True)
    }


def _save(figure: Figure, measure: Measure, history: Months, squares: dict[str, int]) -> SavedFigure:
    has_base = measure.base is not None
    earlier = (figure.previous, figure.year_before, figure.three_before)
    interval = None
    if figure.base and figure.low is not None and figure.high is not None:
        interval = (round(figure.low, 6), round(figure.high, 6))
    return SavedFigure(
        id=figure.id,
        numerator=figure.numerator,
        denominator=figure.base if has_base else None,
        unknown=figure.unknown,
        unit=measure.unit,
        outcome=figure.outcome,
        effective=round(figure.effective, 2) if interval and figure.effective else None,
        interval=interval,
        compared={
            name: (top, base if has_base else None)
            for name, (top, base) in zip(COMPARED, earlier, strict=True)
            if top or base
        },
        history=history,
        squares=squares,
    )


def _save_parts(measure: Measure, comparison: Comparison) -> Iterator[SavedFigure]:
    """Yield the parts that a split divides the numerator into, in total and by payer."""
    name = measure.part_name
    for group in ("", "payer"):
        for value, part, numerator in comparison.parts(measure.id, group):
            where = {group: value} if group else {}
            yield SavedFigure(
                id=figure_id(measure.id, where, (name, part)),
                numerator=numerator,
                denominator=None,
                unknown=0,
                unit=measure.unit,
                outcome="",
            )
