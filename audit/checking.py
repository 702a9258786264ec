"""What `audit check` says of files: what was recognized in them, and what nobody knows yet.

Reads only, decides nothing. Payers and codes are named; patients never are.
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from audit.blocks import count, money_exact, plural
from audit.codes import code_book, reason_book
from audit.columns import columns_of, take_rows
from audit.intake import read_history
from audit.lines import SELF_PAY
from audit.repeats import find_alike, find_repeated_lines
from audit.settings import fold_name, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from audit.intake import FileReport, Intake

MOST_NAMES = 400
"""Payer names compared with one another at most, the first in the alphabet: pairs grow with the square."""


class Checked(Struct, frozen=True):
    """What the files yielded, and the codes, reasons and payers that need a look.

    `alike` are pairs of payer names that nearly agree; `repeated` counts lines that another file or row tells
    too, `alike_files` says which files seem to hold the same services besides; `why` counts rows set aside
    and refused by file (and worksheet), fate and reason.
    """

    files: tuple[FileReport, ...]
    unknown_codes: tuple[str, ...]
    unknown_reasons: tuple[str, ...]
    payers: tuple[str, ...]
    unknown_payers: tuple[str, ...]
    alike: tuple[tuple[str, str], ...]
    repeated: int
    alike_files: tuple[str, ...]
    why: tuple[tuple[str, str, str, int], ...]


def check_files(files: Sequence[Path], practice: Path | None, progress: Callable[[str], None]) -> Checked:
    """Read the files as `audit run` would and say what they hold."""
    settings = load_settings(practice)
    intake = read_history(files, settings, progress, allow_incomplete=True)
    codes, reasons = _used(intake.charges, "code"), _used(intake.postings, "reason")
    payers = _used(intake.charges, "payer")
    default = settings.payer("")
    repeated, alike_files = _repeats(intake)
    return Checked(
        files=intake.files,
        unknown_codes=tuple(code for code in codes if code not in code_book().codes),
        unknown_reasons=tuple(one for one in reasons if one not in reason_book().reasons),
        payers=payers,
        unknown_payers=tuple(one for one in payers if one != SELF_PAY and settings.payer(one) is default),
        alike=_alike(payers, settings.thresholds.alike_names),
        repeated=repeated,
        alike_files=alike_files,
        why=_why(intake),
    )


def as_text(checked: Checked) -> str:
    """Return what a person reads."""
    lines = []
    for one in checked.files:
        lines += [
            one.place,
            f"  {one.format or 'not read'}",
            f"  {plural(one.rows, 'row')}: {count(one.used)} used, {count(one.set_aside)} set aside, "
            f"{count(one.refused)} refused",
            f"  {plural(one.lines, 'line')}, {plural(one.visits, 'visit')}, "
            f"{plural(one.postings, 'posting')}",
            f"  charged {money_exact(one.charge_cents)}, paid {money_exact(one.paid_cents)}",
            *(f"  {told}" for told in _sums(dict(one.totals))),
        ]
        if one.first_service_date and one.last_service_date:
            lines.append(f"  service dates {one.first_service_date} to {one.last_service_date}")
        if one.date_order:
            lines.append(f"  dates read as: {one.date_order}")
        lines += [
            f"  {fate} because {reason}: {count(rows)}"
            for place, fate, reason, rows in checked.why
            if place == one.place
        ]
        lines += [f"  note: {note}" for note in (one.incomplete, *one.notes) if note]
    lines.append("")
    lines += _listed("Codes not in our code book (no error)", checked.unknown_codes)
    lines += _listed("Adjustment reasons not in our list", checked.unknown_reasons)
    lines += _listed("Payers", checked.payers)
    lines += _listed("Payers without settings of their own (config/payers.toml)", checked.unknown_payers)
    lines += [
        f"Nearly the same payer name? {first} / {second}: if so, say it under [aliases.payers] in "
        f"practice.toml"
        for first, second in checked.alike
    ]
    if checked.repeated:
        lines.append(f"{plural(checked.repeated, 'line')} told twice: `audit run` uses each once")
    lines += checked.alike_files
    return "\n".join(lines)


def to_json(checked: Checked) -> str:
    """Return the same for programs: per file the documented keys, then what needs a look."""
    described = [
        {
            "name": one.name,
            "format": one.format,
            "rows": one.rows,
            "used": one.used,
            "set_aside": one.set_aside,
            "refused": one.refused,
            "lines": one.lines,
            "visits": one.visits,
            "postings": one.postings,
            "charge_cents": one.charge_cents,
            "paid_cents": one.paid_cents,
            "codes": list(one.codes),
            "payers": list(one.payers),
            "first_service_date": one.first_service_date and one.first_service_date.isoformat(),
            "last_service_date": one.last_service_date and one.last_service_date.isoformat(),
            "incomplete": bool(one.incomplete),
            "notes": [note for note in (one.incomplete, *one.notes) if note],
            **dict(one.totals),
        }
        for one in checked.files
    ]
    return json.dumps(
        {
            "files": described,
            "unknown_codes": checked.unknown_codes,
            "unknown_reasons": checked.unknown_reasons,
            "unknown_payers": checked.unknown_payers,
            "alike_payers": checked.alike,
            "repeated_lines": checked.repeated,
            "alike_files": checked.alike_files,
        },
        indent=2,
        ensure_ascii=False,
    )


def _sums(totals: Mapping[str, int]) -> list[str]:
    """Return the sums of an X12 file in words; those of a table are told already."""
    if "transactions" in totals:
        return [
            f"{plural(totals['transactions'], 'payment')} of {money_exact(totals['payment_cents'])} for "
            f"{plural(totals['claims'], 'claim')}: {money_exact(totals['claim_paid_cents'])} on claims, "
            f"{money_exact(totals['provider_adjustment_cents'])} set off against the provider",
            f"{plural(totals['zero_paid_lines'], 'line')} paid nothing, "
            f"{count(totals['payer_zeroed_lines'])} of them by the payer's own adjustments (a raw count, "
            f"not yet a decision); {plural(totals['reversal_lines'], 'line')} taken back",
        ]
    if "claim_charge_cents" in totals:
        return [
            f"{plural(totals['claims'], 'claim')} of {money_exact(totals['claim_charge_cents'])}, with "
            f"{plural(totals['modifiers'], 'modifier')}"
        ]
    return []


def _repeats(intake: Intake) -> tuple[int, tuple[str, ...]]:
    """Return how many lines repeat another, and a sentence per pair of files that share services besides."""
    charges = columns_of(intake.charges)
    repeats = find_repeated_lines(charges, columns_of(intake.postings))
    repeated = repeats.duplicate | repeats.superseded
    kept = take_rows(charges, np.flatnonzero(~repeated))
    return int(repeated.sum()), tuple(one.sentence for one in find_alike(kept))


def _used(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    """Return the texts that occur in a categorical column, blanks left out, in alphabetical order."""
    if column not in frame:
        return ()
    values = frame[column].cat
    occurs = np.bincount(values.codes, minlength=len(values.categories)) > 0
    return tuple(sorted(text for text in values.categories[occurs] if text))


def _alike(names: Sequence[str], likeness: float) -> tuple[tuple[str, str], ...]:
    folded = {name: fold_name(name) for name in names[:MOST_NAMES]}
    pairs = []
    for first, second in combinations(folded, 2):
        left, right = folded[first], folded[second]
        matcher = SequenceMatcher(None, left.replace(" ", ""), right.replace(" ", ""))
        alike = matcher.quick_ratio() >= likeness and matcher.ratio() >= likeness
        if alike and not _numbered_apart(left.split(), right.split()):
            pairs.append((first, second))
    return tuple(pairs)


def _numbered_apart(left: Sequence[str], right: Sequence[str]) -> bool:
    """Tell whether two names differ only in a letter or number that keeps them apart: Plan A, Plan B."""
    different = [pair for pair in zip(left, right, strict=False) if pair[0] != pair[1]]
    return len(left) == len(right) and all(max(len(a), len(b)) <= 2 for a, b in different)


def _why(intake: Intake) -> tuple[tuple[str, str, str, int], ...]:
    fates = intake.fates
    if not len(fates):
        return ()
    places = {(one.name, one.sheet): one.place for one in intake.files}
    names = ["file", "sheet", "fate", "reason"]
    counted = fates[names].astype(str).value_counts(sort=False).sort_index().reset_index(name="rows")
    return tuple(
        (places[file, sheet], fate, reason, int(rows))
        for file, sheet, fate, reason, rows in counted[[*names, "rows"]].itertuples(index=False)
    )


def _listed(title: str, names: Sequence[str]) -> list[str]:
    return [f"{title}: {', '.join(names)}"] if names else []
