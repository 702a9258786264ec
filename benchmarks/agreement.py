"""Whether `audit run` and the plain DuckDB script count the same: every figure, every month, to the cent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

NOTHING = [0, 0, 0]
STANDING = ("denials/open", "denials/open_expected", "signatures/unsigned_")
"""Measures of the whole history: their figure is the sum of its months."""

NOT_IN_SCRIPT = (
    *("answers/days_", "answers/per_line", "answers/sent_again", "answers/taken_back_"),
    *("balances/", "completeness/", "denials/chain_", "denials/lost_", "denials/recovered_", "medicare/"),
    *("bundling/", "modifiers/", "patterns/", "units/"),
)
"""Measures of what became of a line over time, and of a year at Medicare: the script makes none of these."""

Found = tuple[str, Any, Any]


def count_agreeing(ours: Path, rival: Path) -> int:
    """Return how many counts of `results.json` the script confirms; RuntimeError naming those it does not.

    Those of NOT_IN_SCRIPT are left out: our run makes them as well, the script does not.
    """
    results = json.loads(ours.read_text(encoding="utf-8"))
    counted = json.loads(rival.read_text(encoding="utf-8"))
    told = (figure for figure in results["figures"] if not figure["id"].startswith(NOT_IN_SCRIPT))
    compared = [one for figure in told for one in _compare(figure, results["period"], counted)]
    differing = [one for one in compared if one[1] != one[2]]
    if differing:
        some = "\n".join(f"  {what}: {mine}, the script {theirs}" for what, mine, theirs in differing[:10])
        raise RuntimeError(
            f"{len(differing):,} of {len(compared):,} counts differ from the plain script's:\n{some}"
        )
    return len(compared)


def _compare(figure: dict[str, Any], period: str, counted: dict[str, Any]) -> Iterator[Found]:
    """Yield what is compared of one figure: its name, our count, the script's."""
    named, _, part = figure["id"].partition(";")
    topic, name, *parts = named.split("/")
    measure, where = f"{topic}/{name}", dict(part.split("=", 1) for part in parts)
    groups = {group: unquote(value) for group, value in where.items()}
    if measure not in counted["counts"]:
        yield measure, "counted", "not counted"
    elif part:
        yield from _compare_part(
            figure, period, counted["more"], measure, groups, unquote(part.partition("=")[2])
        )
    elif len(groups) == 2:
        yield from _compare_pair(figure, period, counted["more"], measure, groups)
    else:
        ((group, value),) = groups.items() or {"": ""}.items()
        months = counted["counts"][measure].get(group, {}).get(value, {})
        for month, (numerator, base, *_) in figure.get("history", {}).items():
            theirs = months.get(month, NOTHING)
            yield f"{figure['id']} in {month}", numerator, theirs[0]
            if base is not None and (numerator or theirs[1]):
                yield f"base of {figure['id']} in {month}", base, theirs[1]
        if not measure.startswith(STANDING):
            yield f"unknown of {figure['id']}", figure["unknown"], months.get(period, NOTHING)[2]
        yield from _compare_span(figure, counted["more"], measure, group, value)


def _compare_pair(
    figure: dict[str, Any], period: str, more: dict[str, Any], measure: str, groups: dict[str, str]
) -> Iterator[Found]:
    month = int(period.replace("-", ""))
    name = f"{measure}/{','.join(sorted(groups))}"
    for *values, when, numerator in ((*row[:3], row[3:]) for row in more.get(name, [])):
        if when == month and dict(zip(sorted(groups), values, strict=True)) == groups:
            yield figure["id"], figure["numerator"], numerator[0]
            if figure.get("denominator") is not None:
                yield f"base of {figure['id']}", figure["denominator"], numerator[1]
            return
    yield figure["id"], "counted", "not counted"


def _compare_part(
    figure: dict[str, Any], period: str, more: dict[str, Any], measure: str, groups: dict[str, str], part: str
) -> Iterator[Found]:
    """Compare what a numerator is split into, by reason or decision."""
    ((group, value),) = groups.items() or {"": ""}.items()
    month = int(period.replace("-", ""))
    splits = (
        rows for name, rows in more.items() if name.startswith(f"{measure};") and name.endswith(f"/{group}")
    )
    theirs = [row[3] for rows in splits for row in rows if row[:3] == [value, part, month]]
    yield figure["id"], [figure["numerator"]], theirs


def _compare_span(
    figure: dict[str, Any], more: dict[str, Any], measure: str, group: str, value: str
) -> Iterator[Found]:
    """Distinct patients of the three months before: they do not add up, so both counted them anew."""
    three = figure.get("compared", {}).get("three_before")
    for of, *theirs in more.get(f"{measure}/{group}/three_before", []):
        if three and of == value:
            yield (
                f"{figure['id']} in the three months before",
                three,
                theirs if three[1] is not None else [*theirs, None],
            )
