"""The record of one audit: what was asked, what became of the files, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct, structs
from msgspec.structs import replace

from audit.comparison import TESTED
from audit.rules import NOT_BILLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from audit.chart_reviews import Reviewed
    from audit.comparison import Comparison
    from audit.figures import Finding, Resolved
    from audit.history import History, Joined, Tally
    from audit.intake import FileReport, Intake
    from audit.periods import Chosen, Period
    from audit.populations import Populations
    from audit.repeats import Alike
    from audit.results import Manifest
    from audit.rules import Checked
    from audit.settings import Settings


REVIEWS = "chart_reviews"
"""The folder of scored chart reviews, in that of the reports."""


class Options(NamedTuple):
    """What the user asked for."""

    files: Sequence[Path]
    as_of: date
    period: Period | None = None
    practice: Path | None = None
    command: str = 'audit explain "{figure}" FILES...'
    note: str = ""
    allow_incomplete: bool = False
    for_counsel: bool = False
    """Figures and rows without conclusions, for a lawyer."""


class Read(Struct, frozen=True):
    """What became of every row of the files: reports by file, and the fate of each row not used.

    `digests` are the files' SHA-256 by name; `alike` are files that seem to hold the same services; `joining`
    tells how answers found their lines; `payments` and `provider_adjustments` have the columns of `lines.py`;
    `from_answers`: the lines are those that payers answered, since the files hold no charge.
    """

    files: tuple[FileReport, ...]
    fates: pd.DataFrame
    digests: Mapping[str, str]
    alike: tuple[Alike, ...]
    joining: Joining
    payments: pd.DataFrame
    provider_adjustments: pd.DataFrame
    from_answers: bool = False


class Joining(NamedTuple):
    """How answers found their lines: by key, and what found none or was told twice."""

    joins: tuple[Joined, ...]
    unanswered: Tally
    unmatched: Tally
    repeated: Tally
    superseded: Tally


class Audit(Struct, frozen=True):
    """Everything one run found."""

    options: Options
    settings: Settings
    read: Read
    populations: Populations
    chosen: Chosen
    comparison: Comparison
    findings: tuple[Finding, ...]
    checked: tuple[Checked, ...]
    """Every rule, with the rows that it could be checked for."""
    manifest: Manifest
    resolved: tuple[Resolved, ...] = ()
    """Findings of the report before that are none any more."""
    reviewed: Reviewed | None = None
    """The chart review that the report shows; None where nobody has read any charts."""

    @property
    def to_do(self) -> tuple[Finding, ...]:
        """The findings that ask for something; what minutes support beyond the bill is shown, and is none."""
        return tuple(one for one in self.findings if one.stake != NOT_BILLED)

    @property
    def period(self) -> Period:
        """The period reported on."""
        return self.chosen.period


def withhold(audit: Audit) -> Audit:
    """Return the audit without a word of judgment: no outcome of a figure, no state of a finding."""
    frame = audit.comparison.frame.assign(outcome="")
    frame[list(TESTED)] = np.nan
    return replace(
        audit,
        comparison=replace(audit.comparison, frame=frame),
        findings=tuple(structs.replace(one, state="", month=0) for one in audit.findings),
        resolved=(),
        reviewed=audit.reviewed and audit.reviewed.withheld(),
    )


def account(intake: Intake, history: History, digests: Mapping[str, str]) -> Read:
    """Return what became of the rows, with the lines that the history set aside."""
    files = list(intake.files)
    for aside in history.set_aside:
        at = next(at for at, one in enumerate(files) if one.place == aside.file)
        files[at] = replace(
            files[at],
            used=files[at].used - aside.lines,
            set_aside=files[at].set_aside + aside.lines,
            used_cents=files[at].used_cents - aside.cents,
            aside_cents=files[at].aside_cents + aside.cents,
        )
    return Read(
        files=tuple(files),
        fates=_name_worksheets(history.fates, files),
        digests=digests,
        alike=history.alike,
        joining=Joining(
            history.joins, history.unanswered, history.unmatched, history.repeated, history.superseded
        ),
        payments=history.payments,
        from_answers=intake.from_answers,
        provider_adjustments=history.provider_adjustments,
    )


def _name_worksheets(fates: pd.DataFrame, files: Sequence[FileReport]) -> pd.DataFrame:
    """Name a worksheet by file and sheet, as intake does; the history knows it as "book.xlsx, sheet X"."""
    named = {one.place: one for one in files if one.sheet}
    place = fates["file"].astype(str)
    known = place.isin(named.keys())
    if not known.any():
        return fates
    name = place.map({text: one.name for text, one in named.items()})
    sheet = place.map({text: one.sheet for text, one in named.items()})
    return fates.assign(file=name.where(known, place), sheet=sheet.where(known, fates["sheet"].astype(str)))


def unaccounted(file: FileReport) -> int:
    """Return the cents of a file that are neither used nor set aside nor refused: always 0, and shown."""
    return file.control_cents - file.used_cents - file.aside_cents - file.refused_cents
