"""What is kept beside the page: saved results, tables of every figure, and the fate of every row not used."""

from __future__ import annotations

from datetime import date
from hashlib import file_digest, sha256
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from audit import __version__
from audit.edits import imported_files
from audit.errors import InputError
from audit.output import write_columns, write_csv
from audit.results import (
    SCHEMA,
    Limits,
    Manifest,
    Results,
    SavedFile,
    read_results,
    save_figures,
    save_findings,
    save_measures,
)
from audit.worklists import write_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from audit.periods import Period
    from audit.record import Audit, Options
    from audit.rules import Rule
    from audit.settings import Settings

LIBRARIES = ("matplotlib", "numpy", "pandas", "pyarrow")
"""What figures and drawings depend on."""

EDITIONS = (
    *("codes.csv", "reasons.csv", "remarks.csv"),
    *("payers.toml", "medicare.toml", "documentation.toml", "thresholds.toml", "targets.toml"),
    *("pairs_2024q3.csv", "limits_2024q3.csv"),
)
"""The shipped tables that decide something."""


def save(audit: Audit) -> Results:
    """Return what `results.json` holds."""
    comparison = audit.comparison
    return Results(
        schema=SCHEMA,
        practice=audit.settings.practice.name,
        period=audit.period.text,
        as_of=audit.options.as_of.isoformat(),
        mature=audit.chosen.mature,
        reconciliation=[
            SavedFile(
                one.name,
                audit.read.digests[one.name],
                one.format,
                one.rows,
                one.used,
                one.set_aside,
                one.refused,
                one.control_cents,
                one.used_cents,
                one.aside_cents,
                one.refused_cents,
                one.incomplete,
            )
            for one in audit.read.files
        ],
        measures=save_measures(comparison.measures.values(), comparison.lasting),
        figures=save_figures(comparison),
        findings=save_findings(audit.findings),
        manifest=audit.manifest,
        resolved=list(audit.resolved),
        chart_review=audit.reviewed.saved() if audit.reviewed else None,
    )


def make_manifest(options: Options, settings: Settings, period: Period, rules: Iterable[Rule]) -> Manifest:
    """Return with what a run was made: versions, editions of the shipped tables, settings and options."""
    config, limits = files("audit.config"), settings.thresholds
    return Manifest(
        version=__version__,
        libraries={name: import_module(name).__version__ for name in LIBRARIES},
        editions={name: sha256(config.joinpath(name).read_bytes()).hexdigest() for name in EDITIONS}
        | {path.name: digest(path) for path in imported_files(settings.edits)},
        settings=digest(options.practice) if options.practice else "",
        options={"period": period.text, "as_of": options.as_of.isoformat()},
        limits=Limits(limits.smallest_base, limits.cautious_base, limits.confidence),
        rules={rule.id: _digest_rule(rule) for rule in rules},
    )


def _digest_rule(rule: Rule) -> str:
    """Return the SHA-256 of what a rule says, for whom and when it holds, and of the edition it reads."""
    said = (rule.sentence, rule.source, rule.payers, rule.disciplines, rule.needs, rule.edition, rule.money)
    dates = (rule.in_force_from, rule.in_force_to)
    return sha256("\n".join(map(str, (*said, *dates))).encode()).hexdigest()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def write_tables(audit: Audit) -> dict[str, str]:
    """Return tables/*.csv: every figure by topic, the reasons of denials, lists to work on, the findings."""
    comparison = audit.comparison
    columns = {str(name): column.to_numpy() for name, column in comparison.frame.items()}
    measures = [comparison.measures[name] for name in columns["measure"].tolist()]
    topics = np.array([measure.topic for measure in measures], dtype=object)
    columns = {
        "measure": columns.pop("measure"),
        "title": np.array([measure.title for measure in measures], dtype=object),
        "unit": np.array([measure.unit for measure in measures], dtype=object),
        **columns,
    }
    return {
        **{
            f"tables/{topic}.csv": _csv(columns, np.flatnonzero(topics == topic))
            for topic in dict.fromkeys(topics.tolist())
        },
        "tables/reasons_by_payer.csv": write_csv(
            ("reason", "lines", "payer"),
            [(one.part, one.numerator, one.value) for one in comparison.parts("reasons/denied", "payer")],
        ),
        **write_lists(audit.populations.lines, audit.read.payments),
        "tables/findings.csv": write_csv(
            (
                *("id", "title", "rows", "checked", "unknown", "cents", "cautious_cents", "who", "due"),
                *("months_running", "state", "month", "first_shown", "task", "stake"),
            ),
            [
                (
                    *(f.id, f.title, f.rows, f.checked, f.unknown, f.cents, f.cautious, f.who, f.due),
                    *(f.since, f.state, f.month, f.first_shown, f.task, f.stake),
                )
                for f in audit.findings
            ],
        ),
        "tables/rules.csv": _write_rules(audit),
    }


def _write_rules(audit: Audit) -> str:
    """Return every rule with what it says of itself, and how many rows it could be checked for."""
    return write_csv(
        (
            *("id", "sentence", "task", "stake", "table", "payers", "disciplines", "in_force_from"),
            *("in_force_to", "source", "edition", "checked", "unknown", "needs"),
        ),
        [
            (
                *(rule.id, rule.sentence, rule.task, rule.stake, rule.table, rule.payers, rule.disciplines),
                *(rule.in_force_from, rule.in_force_to, rule.source, rule.edition),
                *(checked, "any" if missing else unknown, rule.needs),
            )
            for rule, checked, unknown, missing in audit.checked
        ],
    )


def _csv(columns: Mapping[str, NDArray[Any]], rows: NDArray[np.intp]) -> str:
    picked = {name: values[rows] for name, values in columns.items()}
    return write_columns(
        {name: values.round(6) if values.dtype.kind == "f" else values for name, values in picked.items()}
    )


def write_fates(fates: pd.DataFrame) -> str:
    return write_csv(list(fates.columns), fates.astype(object).itertuples(index=False, name=None))


def as_of(folder: Path) -> date | None:
    """Return the as-of date of an older report's folder, None where it cannot be told."""
    try:
        return date.fromisoformat(read_results(folder / "results.json").as_of)
    except (InputError, ValueError):
        return None
