"""The whole route of the monthly audit: from billing files to what is written.

`billing files -> three tables -> decisions -> marks -> figures and findings -> page, results, tables`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec.structs
import numpy as np
import pandas as pd
from msgspec.structs import replace

from audit.archive import as_of, digest, make_manifest, save, write_fates, write_tables
from audit.clusters import design_effects
from audit.comparison import Comparison, compare
from audit.deadlines import tell_due
from audit.earlier import find_earlier
from audit.errors import InputError, SettingsError
from audit.history import build_history
from audit.intake import read_history
from audit.intake.spreadsheet import named_files
from audit.lateness import mark_same_age
from audit.measures import tabulate
from audit.medicare_lines import mark_frequent
from audit.output import Written, encode, write_folder
from audit.page import render_report
from audit.periods import Answered, choose_period, judge_period, month_title
from audit.populations import YES, populate
from audit.record import REVIEWS, Audit, Options, Read, account, withhold
from audit.remembered import find_resolved, remember
from audit.report import compose
from audit.results import encode as encode_results
from audit.rules import examine
from audit.series import lay_spans
from audit.settings import load_settings
from audit.topics import TOPICS
from audit.tracing import trace_figure
from audit.waiting import usual_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from audit.earlier import Earlier
    from audit.figures import Finding, Name
    from audit.periods import Chosen
    from audit.populations import Populations
    from audit.results import Results
    from audit.rules import Rule
    from audit.series import Spans
    from audit.settings import Settings
    from audit.tracing import Trace

    Progress = Callable[[str], None]


FOR_COUNSEL = ".for-counsel"
"""What follows the period in the name of a folder whose report withholds conclusions."""


def self_audit(options: Options, progress: Progress = lambda _: None) -> Audit:
    """Read the billing files and count everything; errors are AuditError, nothing is written."""
    settings = load_settings(options.practice)
    read, populations = read_marked(options, settings, progress)
    progress("Counting")
    chosen = _choose(populations, settings, options, read.from_answers)
    age = chosen.period.age(options.as_of)
    populations = mark_period(populations, settings, chosen, age)
    comparison = count_period(populations, settings, chosen, age)
    rules = [rule for topic in TOPICS for rule in topic.rules(settings)]
    examined = examine(rules, populations, comparison.spans.this)
    findings = _add_due(examined.findings, rules, populations, settings, options.as_of)
    return Audit(
        options=options,
        settings=settings,
        read=read,
        populations=populations,
        chosen=chosen,
        comparison=comparison,
        findings=remember(findings, (), chosen.period, options.as_of),
        checked=examined.checked,
        manifest=make_manifest(options, settings, chosen.period, rules),
    )


def mark_period(populations: Populations, settings: Settings, chosen: Chosen, age: int) -> Populations:
    """Mark what depends on the period: what was known at its age, who came often in the year it ends.

    `age` are the days from the period's end to the as-of date.
    """
    populations = populations.with_marks(mark_same_age(populations, age))
    stop = _lay_spans(populations, settings, chosen).this.stop
    return populations.with_marks(mark_frequent(populations, stop))


def _lay_spans(populations: Populations, settings: Settings, chosen: Chosen) -> Spans:
    judged = chosen.mature if chosen.whole else None
    return lay_spans(chosen.period, populations.first_month, populations.months, settings.thresholds, judged)


def count_period(populations: Populations, settings: Settings, chosen: Chosen, age: int) -> Comparison:
    """Count every measure of marked rows, by month, and compare the period with earlier ones."""
    measures = [measure for topic in TOPICS for measure in topic.measures(settings)]
    lasting = [measure for topic in TOPICS for measure in topic.standing(settings)]
    spans = _lay_spans(populations, settings, chosen)
    tabulation = tabulate(populations, [*measures, *lasting], spans.all, spans.year.all)
    effects = design_effects(populations, measures, spans.clustered(settings.thresholds.usual_range_fewest))
    return Comparison(
        frame=compare(tabulation, measures, lasting, spans, settings.thresholds, effects),
        tabulation=tabulation,
        measures={measure.id: measure for measure in (*measures, *lasting)},
        lasting=frozenset(measure.id for measure in lasting),
        effects=effects,
        spans=spans,
        period=chosen.period,
        first_month=populations.first_month,
        limits=settings.thresholds,
        age=age,
    )


def read_marked(options: Options, settings: Settings, progress: Progress) -> tuple[Read, Populations]:
    """Read the files into one history and mark its rows for every topic; what was read is let go of."""
    intake = read_history(options.files, settings, progress, options.allow_incomplete)
    digests = {name: digest(path) for name, path in named_files(options.files).items()}
    progress("Joining charges, answers and notes")
    history = build_history(intake, settings, options.as_of)
    if not len(history.lines):
        raise InputError(
            f"The files hold no usable claim line up to {options.as_of}; run `audit check` on them to see "
            "what became of every row."
        )
    read = account(intake, history, digests)
    del intake  # half of the memory
    months = settings.thresholds.expected_allowed_months
    populations = populate(
        history.lines,
        history.visits,
        pd.Timestamp(options.as_of),
        months,
        unmatched=history.unmatched_answers,
        refusals_told=_refusals_told(read, settings),
    )
    del history
    for topic in TOPICS:
        populations = topic.mark(populations, settings, options.as_of)
    return read, populations


def _refusals_told(read: Read, settings: Settings) -> bool:
    """Return whether any file with answers could show a denial; a remittance always can."""
    layouts = {layout.name: layout for layout in settings.layouts}
    answering = [layouts.get(one.format) for one in read.files if one.postings]
    return not answering or any(layout is None or layout.tells_refusals for layout in answering)


def _add_due(
    findings: Sequence[Finding],
    rules: Sequence[Rule],
    populations: Populations,
    settings: Settings,
    as_of: date,
) -> list[Finding]:
    """Return the findings with by when to act on them."""
    by_id = {rule.id: rule for rule in rules}
    return [
        msgspec.structs.replace(one, due=tell_due(by_id[one.id], populations, settings, as_of))
        for one in findings
    ]


def recall(audit: Audit, earlier: Sequence[Earlier]) -> Audit:
    """Return the audit with what became of the findings of earlier reports."""
    told = {one.rule.id for one in audit.checked if one.in_full or one.checked}
    return replace(
        audit,
        findings=remember(audit.findings, earlier, audit.period, audit.options.as_of),
        resolved=find_resolved(audit.findings, earlier, audit.period, told),
    )


def _take_review(audit: Audit, out: Path) -> Audit:
    """Return the audit with the chart review saved among the reports, if there is one."""
    if not (out / REVIEWS).is_dir():
        return audit
    from audit.chart_reviews import find_reviews  # only where somebody has read charts

    smallest = audit.settings.thresholds.smallest_base
    found = find_reviews(out / REVIEWS, audit.settings.practice.name, audit.options.as_of, smallest)
    return replace(audit, reviewed=found)


def write_audit(audit: Audit, out: Path) -> Written:
    """Write the report's folder: page, results, refused rows and tables; an older one is kept."""
    earlier = find_earlier(out, audit.settings.practice.name, audit.period, audit.options.as_of)
    audit = _take_review(recall(audit, earlier), out)
    if audit.options.for_counsel:
        audit = withhold(audit)
    contents = {
        "report.html": render_report(compose(audit, earlier)),
        "results.json": encode_results(save(audit)),
        "refused.csv": write_fates(audit.read.fates),
        **write_tables(audit),
    }
    return write_folder(
        out / f"{audit.period.text}{FOR_COUNSEL if audit.options.for_counsel else ''}",
        {name: encode(text) for name, text in contents.items()},
        as_of,
    )


def explain_figure(options: Options, name: Name, progress: Progress, of: Results | None = None) -> Trace:
    """Return the rows behind a figure of the report that these options make; `of` are its saved results."""
    audit = self_audit(options, progress)
    if of is not None and {one.sha256 for one in of.reconciliation} != set(audit.read.digests.values()):
        names = ", ".join(sorted({one.name for one in of.reconciliation}))
        raise SettingsError(f"These are not the files of that report, which was made from: {names}.")
    rules = [rule for topic in TOPICS for rule in topic.rules(audit.settings)]
    return trace_figure(name, audit.comparison, rules, audit.populations, audit.settings, options.as_of)


# --- choosing the period ------------------------------------------------------------------


def _choose(populations: Populations, settings: Settings, options: Options, from_answers: bool) -> Chosen:
    """Return the period asked for, or the newest month that is mature.

    Where the lines are those that payers answered, all are answered: then a line counts as settled once it is
    older than its payer usually takes.
    """
    limits = settings.thresholds
    marks = populations.lines.marks["answered"]
    age = np.datetime64(options.as_of, "D") - populations.lines.frame["service_date"].to_numpy().astype(
        "datetime64[D]"
    )
    billed = marks >= 0
    settled = billed & ((marks == YES) | (age.astype(np.int64) > limits.give_up_days))
    if from_answers:
        usual = usual_days(populations, settings)[populations.lines.groups["payer"]]
        settled = billed & (age.astype(np.int64) > usual)
    month = populations.lines.month
    lines, asked, answers = (
        np.bincount(month[keep], minlength=populations.months).tolist()
        for keep in (np.ones(len(month), dtype=bool), billed, settled)
    )
    first = populations.first_month
    counts = {first + at: Answered(asked[at], answers[at]) for at, number in enumerate(lines) if number}
    any_answer = populations.refusals_told and bool((marks == YES).any())
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
