"""The whole route of the monthly audit: from billing files to what is written.

`billing files -> three tables -> decisions -> marks -> figures and findings -> page, results, tables`
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import import_module
from importlib.resources import files as shipped
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from audit import __version__, results
from audit.blocks import Cell, Definition, Head, Page, Row, Table, count, money_exact, plural, share
from audit.clusters import design_effects
from audit.comparison import Comparison, compare
from audit.errors import InputError, SettingsError
from audit.history import build_history
from audit.intake import read_history
from audit.intake.spreadsheet import find_files
from audit.measures import tabulate
from audit.output import Written, encode, write_csv, write_folder
from audit.page import render_report
from audit.periods import Answered, Period, choose_period, judge_period, month_title
from audit.populations import YES, populate
from audit.rules import find
from audit.series import lay_spans
from audit.settings import load_settings
from audit.summary import (
    NOT_CHECKED,
    define,
    draw_trends,
    make_actions,
    make_tiles,
    state_verdict,
    tell_since,
)
from audit.topics import TOPICS
from audit.tracing import trace_figure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from audit.figures import Finding, Name
    from audit.history import History
    from audit.intake import FileReport, Intake
    from audit.periods import Chosen
    from audit.populations import Populations
    from audit.settings import Settings
    from audit.tracing import Trace

    Progress = Callable[[str], None]

LIBRARIES = ("matplotlib", "numpy", "pandas", "pyarrow")
"""What figures and drawings depend on; they are loaded by the time a report is written."""
EDITIONS = ("codes.csv", "reasons.csv", "remarks.csv", "payers.toml", "documentation.toml", "thresholds.toml")


class Options(NamedTuple):
    """What the user asked for."""

    files: Sequence[Path]
    as_of: date
    period: Period | None = None
    practice: Path | None = None
    command: str = 'audit explain "{figure}" FILES...'
    note: str = ""


@dataclass(frozen=True)
class Audit:
    """Everything one run found."""

    options: Options
    settings: Settings
    intake: Intake
    history: History
    populations: Populations
    chosen: Chosen
    comparison: Comparison
    findings: tuple[Finding, ...]

    @property
    def files(self) -> tuple[FileReport, ...]:
        """What became of every file's rows, with the lines that the history set aside."""
        files = list(self.intake.files)
        for aside in self.history.set_aside:
            at = next(at for at, one in enumerate(files) if one.place == aside.file)
            files[at] = replace(
                files[at],
                used=files[at].used - aside.lines,
                set_aside=files[at].set_aside + aside.lines,
                used_cents=files[at].used_cents - aside.cents,
                aside_cents=files[at].aside_cents + aside.cents,
            )
        return tuple(files)

    @property
    def period(self) -> Period:
        """The period reported on."""
        return self.chosen.period


def self_audit(options: Options, progress: Progress = lambda _: None) -> Audit:
    """Read the billing files and count everything; errors are AuditError, nothing is written."""
    settings = load_settings(options.practice)
    intake, history, populations = read_marked(options, settings, progress)
    progress("Counting")
    chosen = _choose(populations, settings, options)
    measures = [measure for topic in TOPICS for measure in topic.measures(settings)]
    lasting = [measure for topic in TOPICS for measure in topic.standing(settings)]
    spans = lay_spans(
        chosen.period, populations.first_month, populations.months, settings.thresholds, chosen.mature
    )
    tabulation = tabulate(populations, [*measures, *lasting], spans.all)
    stop = spans.this.stop
    effects = design_effects(
        populations, measures, range(max(stop - settings.thresholds.design_effect_months, 0), stop)
    )
    comparison = Comparison(
        frame=compare(tabulation, measures, lasting, spans, settings.thresholds, effects),
        tabulation=tabulation,
        measures={measure.id: measure for measure in (*measures, *lasting)},
        lasting=frozenset(measure.id for measure in lasting),
        effects=effects,
        spans=spans,
        period=chosen.period,
        first_month=populations.first_month,
        limits=settings.thresholds,
    )
    findings = find([rule for topic in TOPICS for rule in topic.rules(settings)], populations, spans.this)
    return Audit(options, settings, intake, history, populations, chosen, comparison, findings)


def read_marked(
    options: Options, settings: Settings, progress: Progress
) -> tuple[Intake, History, Populations]:
    """Read the files into one history and mark its rows for every topic."""
    intake = read_history(options.files, settings, progress)
    progress("Joining charges, answers and notes")
    history = build_history(intake, settings, options.as_of)
    if not len(history.lines):
        raise InputError(
            "The files hold no usable claim line; run `audit check` on them to see what became of every row."
        )
    months = settings.thresholds.expected_allowed_months
    populations = populate(history.lines, history.visits, pd.Timestamp(options.as_of), months)
    for topic in TOPICS:
        populations = populations.with_marks(topic.mark(populations, settings, options.as_of))
    return intake, history, populations


def write_audit(audit: Audit, out: Path) -> Written:
    """Write the report's folder: page, results, refused rows and tables; an older one is kept."""
    saved = save(audit)
    contents = {
        "report.html": render_report(compose(audit)),
        "results.json": results.encode(saved),
        "refused.csv": _fates_csv(audit.history.fates),
        **_tables(audit),
    }
    return write_folder(
        out / audit.period.text, {name: encode(text) for name, text in contents.items()}, _as_of_folder
    )


def explain_figure(options: Options, name: Name, progress: Progress) -> Trace:
    """Return the rows behind a figure of the report that these options make."""
    audit = self_audit(options, progress)
    rules = [rule for topic in TOPICS for rule in topic.rules(audit.settings)]
    return trace_figure(name, audit.comparison, rules, audit.populations, audit.settings, options.as_of)


def tell(audit: Audit, written: Written) -> tuple[str, ...]:
    """Return what the terminal says of a run, in a few lines."""
    verdict, _ = state_verdict(audit.comparison, audit.period.title)
    lines = [
        f"{one.name}: {plural(one.rows, 'row')} read, {count(one.used)} used, {count(one.set_aside)} set "
        f"aside, "
        f"{count(one.refused)} refused"
        for one in audit.files
    ]
    differ = money_exact(sum(_unaccounted(one) for one in audit.files))
    lines.append(f"Reconciled: dollars in and out differ by {differ}")
    title = audit.period.title
    lines.append(verdict if verdict.startswith(title) else f"{title}: {verdict}")
    if written.kept:
        lines.append(f"The earlier report is kept as {written.kept.name}")
    return tuple(lines)


# --- choosing the period ------------------------------------------------------------------


def _choose(populations: Populations, settings: Settings, options: Options) -> Chosen:
    """Return the period asked for, or the newest month that is mature."""
    limits = settings.thresholds
    marks = populations.lines.marks["answered"]
    age = np.datetime64(options.as_of, "D") - populations.lines.frame["service_date"].to_numpy().astype(
        "datetime64[D]"
    )
    billed = marks >= 0
    settled = billed & ((marks == YES) | (age.astype(np.int64) > limits.give_up_days))
    month = populations.lines.month
    lines, asked, answers = (
        np.bincount(month[keep], minlength=populations.months).tolist()
        for keep in (np.ones(len(month), dtype=bool), billed, settled)
    )
    first = populations.first_month
    counts = {first + at: Answered(asked[at], answers[at]) for at, number in enumerate(lines) if number}
    any_answer = bool((marks == YES).any())
    if options.period is None:
        return choose_period(counts, options.as_of, mature_share=limits.mature_share, any_answer=any_answer)
    if not any(options.period.contains(month) for month in counts):
        raise SettingsError(
            f"There are no lines in {options.period.text}; the files hold {_months_held(list(counts))}."
        )
    return judge_period(
        options.period, counts, options.as_of, mature_share=limits.mature_share, any_answer=any_answer
    )


def _months_held(months: list[int]) -> str:
    first, last = month_title(min(months)), month_title(max(months))
    return first if first == last else f"{first} to {last}"


# --- the page -----------------------------------------------------------------------------


def compose(audit: Audit) -> Page:
    """Return the report as the records its page is made of."""
    options, settings, comparison = audit.options, audit.settings, audit.comparison
    verdict, standfirst = state_verdict(comparison, audit.period.title)
    sections = [topic.show(comparison, audit.populations, settings, options.as_of) for topic in TOPICS]
    return Page(
        practice=settings.practice.name,
        period=audit.period.title,
        verdict=verdict,
        standfirst=standfirst,
        compared_with=audit.period.three_before().title if comparison.spans.three_before else "",
        practice_note=options.note,
        reconciliation=_reconcile(audit),
        warnings=_warn(audit),
        tiles=make_tiles(comparison, audit.chosen),
        actions=make_actions(audit.findings, settings.thresholds.most_actions, options.command),
        actions_note="By expected payment. Nothing is sent to a payer.",
        checked=tuple(
            rule.title.format(rows="lines or visits") for topic in TOPICS for rule in topic.rules(settings)
        ),
        sections=tuple(section for section in sections if section),
        trends=draw_trends(comparison, audit.chosen, settings.thresholds.most_trends),
        since_then=tell_since(comparison, audit.chosen),
        definitions=define(comparison),
        not_checked=NOT_CHECKED,
        files=_files_table(audit),
        manifest=_manifest_lines(audit),
        explain=options.command,
    )


def _reconcile(audit: Audit) -> tuple[str, ...]:
    files = audit.files
    rows, used = sum(one.rows for one in files), sum(one.used for one in files)
    aside, refused = sum(one.set_aside for one in files), sum(one.refused for one in files)
    answered = audit.comparison.total("answers/answered")
    parts = [
        f"**{count(rows)}** rows read = **{count(used)}** used + **{count(aside)}** set aside + "
        f"**{count(refused)}** refused",
        f"Dollars in and out differ by **{money_exact(sum(_unaccounted(one) for one in files))}**",
    ]
    if answered.base and audit.chosen.mature is not None:
        parts.append(f"{audit.period.title} is **{share(answered.numerator, answered.base)} answered**")
    return tuple(parts)


def _unaccounted(file: FileReport) -> int:
    """Return the cents of a file that are neither used nor set aside nor refused."""
    return file.control_cents - file.used_cents - file.aside_cents - file.refused_cents


def _warn(audit: Audit) -> tuple[str, ...]:
    warnings = []
    if not audit.chosen.whole:
        warnings.append(
            f"{audit.period.title} was not over on {audit.options.as_of.isoformat()}: its figures will grow."
        )
    if audit.chosen.mature is False:
        warnings.append(
            "Too few of the lines are answered: what needs the payers' answers is **not judged yet**."
        )
    if not audit.comparison.spans.three_before:
        warnings.append("The history is too short to compare this period with three months before it.")
    return tuple(warnings)


def _files_table(audit: Audit) -> Table:
    rows = tuple(
        Row(
            (
                Cell(one.name, sub=one.sheet),
                Cell(one.format),
                Cell(count(one.rows)),
                Cell(count(one.used)),
                Cell(count(one.set_aside)),
                Cell(count(one.refused)),
                Cell(money_exact(one.control_cents)),
                Cell(money_exact(_unaccounted(one))),
            )
        )
        for one in audit.files
    )
    return Table(
        "files",
        "Files read",
        (
            Head("File", numeric=False),
            Head("Format", numeric=False),
            Head("Rows"),
            Head("Used"),
            Head("Set aside"),
            Head("Refused"),
            Head("Dollars in the file"),
            Head("Not accounted for"),
        ),
        rows,
        note="Every row set aside or refused stands in refused.csv with its reason.",
        csv="../refused.csv",
    )


def _manifest_lines(audit: Audit) -> tuple[Definition, ...]:
    made = _manifest(audit)
    files = "; ".join(
        f"{one.name} {digest[:12]}" for one, digest in zip(audit.files, _digests(audit), strict=True)
    )
    return (
        Definition("Version", f"Billing Self-Audit {made.version}"),
        Definition("As of", audit.options.as_of.isoformat()),
        Definition("Period", f"{audit.period.text}, by date of service"),
        Definition("Files (SHA-256)", files),
        Definition("Libraries", ", ".join(f"{name} {number}" for name, number in made.libraries.items())),
        Definition(
            "Code book and settings",
            ", ".join(f"{name} {digest[:12]}" for name, digest in made.editions.items()),
        ),
        Definition("Practice settings", made.settings[:12] or "none"),
    )


# --- results and tables -------------------------------------------------------------------


def save(audit: Audit) -> results.Results:
    """Return what `results.json` holds."""
    comparison = audit.comparison
    return results.Results(
        schema=results.SCHEMA,
        practice=audit.settings.practice.name,
        period=audit.period.text,
        as_of=audit.options.as_of.isoformat(),
        mature=audit.chosen.mature,
        reconciliation=[
            results.SavedFile(
                one.name,
                digest,
                one.format,
                one.rows,
                one.used,
                one.set_aside,
                one.refused,
                one.control_cents,
                one.used_cents,
                one.aside_cents,
                one.refused_cents,
            )
            for one, digest in zip(audit.files, _digests(audit), strict=True)
        ],
        measures=results.save_measures(comparison.measures.values(), comparison.lasting),
        figures=results.save_figures(comparison),
        findings=results.save_findings(audit.findings),
        manifest=_manifest(audit),
    )


def _digests(audit: Audit) -> list[str]:
    by_name: dict[str, str] = {}
    for path in find_files(audit.options.files):
        by_name.setdefault(path.name, _digest(path))
    return [by_name[one.name] for one in audit.files]


def _digest(path: Path) -> str:
    from hashlib import file_digest

    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _manifest(audit: Audit) -> results.Manifest:
    config = shipped("audit.config")
    options, limits = audit.options, audit.settings.thresholds
    return results.Manifest(
        version=__version__,
        libraries={name: import_module(name).__version__ for name in LIBRARIES},
        editions={name: sha256(config.joinpath(name).read_bytes()).hexdigest() for name in EDITIONS},
        settings=_digest(options.practice) if options.practice else "",
        options={"period": audit.period.text, "as_of": options.as_of.isoformat()},
        limits=results.Limits(limits.smallest_base, limits.cautious_base, limits.confidence),
    )


def _tables(audit: Audit) -> dict[str, str]:
    """Return tables/*.csv: every figure by topic, the reasons of denials, and the findings."""
    comparison = audit.comparison
    measures = [comparison.measures[name] for name in comparison.frame["measure"].tolist()]
    meant: dict[str, list[str]] = {
        "topic": [measure.topic for measure in measures],
        "title": [measure.title for measure in measures],
        "unit": [str(measure.unit) for measure in measures],
    }
    frame = comparison.frame.assign(**meant)
    frame = frame[["measure", *meant, *comparison.frame.columns[1:]]]
    topics = {topic.ID: frame[frame["topic"] == topic.ID].drop(columns="topic") for topic in TOPICS}
    parts = comparison.parts("reasons/denied", "payer").drop(columns="place")
    return {
        **{f"tables/{name}.csv": _csv(part) for name, part in topics.items()},
        "tables/reasons_by_payer.csv": _csv(
            parts.rename(columns={"value": "payer", "part": "reason", "numerator": "lines"})
        ),
        "tables/findings.csv": write_csv(
            ("id", "title", "rows", "checked", "unknown", "cents", "who", "months_running"),
            [(f.id, f.title, f.rows, f.checked, f.unknown, f.cents, f.who, f.since) for f in audit.findings],
        ),
    }


def _csv(frame: pd.DataFrame) -> str:
    columns = [column.to_numpy() for _, column in frame.items()]
    rounded = [(values.round(6) if values.dtype.kind == "f" else values).tolist() for values in columns]
    return write_csv(list(frame.columns), zip(*rounded, strict=True))


def _fates_csv(fates: pd.DataFrame) -> str:
    return write_csv(list(fates.columns), fates.astype(object).itertuples(index=False, name=None))


def _as_of_folder(folder: Path) -> date | None:
    """Return the as-of date of an older report's folder, None where it cannot be told."""
    from datetime import date

    try:
        return date.fromisoformat(results.read_results(folder / "results.json").as_of)
    except (InputError, ValueError):
        return None
