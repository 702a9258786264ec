"""Intake: billing files become claim lines, visit notes and postings, and nothing is lost on the way.

`read_history` reads any mix of files and folders. Every kind of file has one line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from audit.errors import InputError
from audit.intake.claim_headers import join_claims
from audit.intake.columns import stack
from audit.intake.fates import ASIDE, Fate, fate_frame
from audit.intake.layouts import find_layout, header_test, unknown_sheet
from audit.intake.mapping import Mapped, map_sheet, set_whole_file_aside, set_whole_sheet_aside
from audit.intake.reconciling import FileReport
from audit.lines import CHARTED, LINES, PAYMENTS, POSTINGS, PROVIDER_ADJUSTMENTS, VISITS, Column, conform

if TYPE_CHECKING:
    from audit.intake.sheet import Sheet
    from audit.settings import Settings

__all__ = ["FORMATS", "FileReport", "Intake", "read_history"]

Progress = Callable[[str], object]

ANY_KIND = ".dat"
"""An ending that any program gives its files: one in a folder that cannot be read is no billing file."""

NO_LINES = "claim without lines in these files"

_REFS = (
    Column("visit_ref", "category", "the visit's own number in the export; empty where not told"),
    Column("patient_ref", "category", "what tells the patient apart in the export; empty where not told"),
)
CHARGES = (
    *(column for column in LINES if column.name not in ("visit_id", "patient_key")),
    *_REFS,
    Column("payer_rank", "int8", "1 billed to the first payer, 2 and above to a later one, 0 not told"),
    Column(
        "replaces", "category", "the payer's number of the claim that this one replaces; empty where none"
    ),
    Column(
        "from_claim", "bool", "read from the claim as it was sent (837P), not from the practice's own list"
    ),
)
NOTES = (
    *(column for column in VISITS if column.name not in ("visit_id", "patient_key")),
    *_REFS,
    Column("complete", "bool", "whether the file holds every visit between its first and its last date"),
)
POSTED = (
    *(column for column in POSTINGS if column.name != "line"),
    Column("line_ref", "category", "number of the line it answers; empty where not told"),
    Column("claim_ref", "category", "number of the claim it answers; empty where not told"),
    Column("code", "category", "code it answers; empty where not told"),
    Column("modifiers", "category", "modifiers it answers"),
    Column("service_date", "datetime64[s]", "date of service it answers"),
    Column("charge", "Int64", "charge of the line it answers, in cents"),
    Column("payer_claim", "category", "the payer's own number of the claim; empty where not told"),
    Column("charge_row", "int32", "row of the charges it stands on; -1 where it must be joined"),
)
"""The three tables as intake hands them over, before anything is joined; the two others as in `lines.py`."""


class Intake(Struct, frozen=True):
    """What all files together yielded, in the order of files and rows.

    `charges` has the columns CHARGES, `notes` NOTES, one `has_<id>` per documentation element and those of
    CHARTED that any file has, `postings` POSTED, `payments` PAYMENTS and `provider_adjustments`
    PROVIDER_ADJUSTMENTS.
    `fates`: file, sheet, row, fate, column, reason, cents of every row set aside or refused.
    `from_answers`: no charge is among the files, and the charges are those that payers answered.
    """

    charges: pd.DataFrame
    notes: pd.DataFrame
    postings: pd.DataFrame
    payments: pd.DataFrame
    provider_adjustments: pd.DataFrame
    files: tuple[FileReport, ...]
    fates: pd.DataFrame
    from_answers: bool = False


class UnknownFileError(InputError):
    """A file none of whose `sheets` fits a layout."""

    def __init__(self, told: str, sheets: Sequence[Sheet]) -> None:
        super().__init__(told)
        self.sheets = tuple(sheets)


class Format(NamedTuple):
    """A kind of file: its name, how it is told (by what it holds, not by its name), and how it is read."""

    name: str
    fits: Callable[[Path], bool]
    read: Callable[[Path, str, Settings], list[Mapped]]


def read_table(path: Path, name: str, settings: Settings) -> list[Mapped]:
    """Return what the tables of a delimited file or workbook yield, each read by the layout it is written in.

    `name` is what its rows say they come from. Raises `UnknownFileError` when none of them is recognised.
    """
    from audit.intake.spreadsheet import read_sheets

    sheets = [replace(sheet, file=name) for sheet in read_sheets(path, header_test(settings))]
    layouts = [find_layout(sheet, settings) if sheet.headers else None for sheet in sheets]
    if not any(layouts):
        raise UnknownFileError(str(unknown_sheet(sheets[0])), sheets)
    return [
        set_whole_sheet_aside(sheet) if layout is None else map_sheet(sheet, layout, settings)
        for sheet, layout in zip(sheets, layouts, strict=True)
    ]


def read_transactions(path: Path, name: str, settings: Settings) -> list[Mapped]:
    """Return what an X12 file's remittances and claims yield, each apart; `name` as for `read_table`."""
    from audit.intake.claimed import map_claims
    from audit.intake.remitted import map_remittances
    from audit.intake.x12 import CLAIMS, REMITTANCES, read_x12

    file = read_x12(path, name)
    kinds = {REMITTANCES: map_remittances, CLAIMS: map_claims}
    both = len(file.tables) > 1
    return [kinds[kind](file, kind if both else "", settings) for kind in sorted(file.tables)]


def _is_x12(path: Path) -> bool:
    from audit.intake.x12_envelopes import is_x12

    return is_x12(path)


FORMATS = (Format("X12", _is_x12, read_transactions), Format("table", lambda _: True, read_table))
"""Kinds of files; the first that fits reads the file."""


def read_history(
    paths: Sequence[Path],
    settings: Settings,
    progress: Progress | None = None,
    allow_incomplete: bool = False,
) -> Intake:
    """Read files and folders; `progress` is called with the name of each file before it is read.

    Raises `InputError` when a file is missing, not recognised or does not reconcile, and when one is cut off
    unless `allow_incomplete`; a file that was met in a folder and does not look like billing is set aside
    whole. Files without a usable line are no error here: their reports say why.
    """
    from audit.intake.spreadsheet import found_in_folders, named_files

    in_folder = found_in_folders(paths)
    found: list[Mapped] = []
    strange: list[InputError] = []
    for name, path in named_files(paths).items():
        if progress:
            progress(name)
        read = next(form for form in FORMATS if form.fits(path)).read
        try:
            found += read(path, name, settings)
        except InputError as error:
            if not in_folder(path) or (aside := _no_billing_file(error, name, settings)) is None:
                raise
            strange.append(error)
            found += aside
    if strange and not any(each.report.format for each in found):
        raise strange[0]
    intake = gather(found)
    if not allow_incomplete:
        check_complete(intake.files)
    return intake


def check_complete(files: Sequence[FileReport]) -> None:
    """Raise `InputError` when a file is cut off."""
    if cut := next((one for one in files if one.incomplete), None):
        raise InputError(
            f"{cut.place}: {cut.incomplete}; get the whole file, or use what is whole with "
            "--allow-incomplete."
        )


def _no_billing_file(error: InputError, name: str, settings: Settings) -> list[Mapped] | None:
    """Return a file that is no table, or whose tables bill, pay and note nothing, set aside; else None."""
    from audit.intake.proposal import study_sheet
    from audit.intake.spreadsheet import NoHeaderError
    from audit.intake.x12 import OtherTransactionError

    if isinstance(error, NoHeaderError | OtherTransactionError):
        return set_whole_file_aside(name, (), error.records)
    if not isinstance(error, UnknownFileError):
        return set_whole_file_aside(name, ()) if name.lower().endswith(ANY_KIND) else None
    tables = [sheet for sheet in error.sheets if sheet.headers]
    if any(study_sheet(sheet, settings).row for sheet in tables):
        return None
    return set_whole_file_aside(name, error.sheets)


def gather(found: Sequence[Mapped]) -> Intake:
    """Return what several sheets yielded as one intake; claim headers are joined to the lines."""
    charges = _stack([each.charges for each in found], CHARGES)
    notes = _stack_notes([each.notes for each in found])
    claims = _stack([each.claims for each in found], CHARGES)
    answers = [*_on_all_rows(found, "charges"), *(each.postings for each in found if _stands_alone(each))]
    claim_answers = _on_all_rows(found, "claims")
    fates, reports = [each.fates for each in found], [each.report for each in found]
    if len(claims):
        joined = join_claims(charges, claims, _stack(claim_answers, POSTED))
        charges = joined.charges
        answers.append(joined.postings)
        reports, headless = _set_headless_aside(found, joined.headless)
        fates += headless
    alone = not len(charges) and not len(claims)
    if alone:
        charges, reports = _charge_what_was_answered(found, charges, reports)
    postings = _stack(answers, POSTED)
    return Intake(
        charges=charges,
        notes=notes,
        postings=postings,
        payments=_stack([each.payments for each in found], PAYMENTS),
        provider_adjustments=_stack([each.provider_adjustments for each in found], PROVIDER_ADJUSTMENTS),
        files=tuple(reports),
        fates=pd.concat(fates, ignore_index=True),
        from_answers=alone and len(charges) > 0,
    )


def _charge_what_was_answered(
    found: Sequence[Mapped], charges: pd.DataFrame, reports: list[FileReport]
) -> tuple[pd.DataFrame, list[FileReport]]:
    """Return charges made from remittances where there is nothing else, and reports that say so."""
    answered = [each.answered for each in found if each.answered is not None]
    if not sum(map(len, answered)):
        return charges, reports
    from audit.intake.answered_lines import NOTE, charges_of_answers

    told = [
        report if each.answered is None else report.with_notes(NOTE)
        for each, report in zip(found, reports, strict=True)
    ]
    return conform(charges_of_answers(stack(answered)), CHARGES), told


def _stack(frames: Sequence[pd.DataFrame | None], columns: tuple[Column, ...]) -> pd.DataFrame:
    present = [frame for frame in frames if frame is not None]
    filled = [conform(frame, columns) for frame in present if len(frame)] or present[:1]
    return conform(stack(filled) if filled else pd.DataFrame(index=pd.RangeIndex(0)), columns)


def _stack_notes(frames: Sequence[pd.DataFrame | None]) -> pd.DataFrame:
    """Return the notes of all sheets; what only some of them chart is missing in the others."""
    charted = [column for column in CHARTED if any(f is not None and column.name in f for f in frames)]
    return _stack(frames, (*NOTES, *charted))


def _stands_alone(mapped: Mapped) -> bool:
    return mapped.charges is None and mapped.claims is None


def _on_all_rows(found: Sequence[Mapped], table: Literal["charges", "claims"]) -> list[pd.DataFrame]:
    """Return the postings beside each sheet's lines (or claims), by their row among those of all sheets."""
    before, placed = 0, []
    for each in found:
        own = each.charges if table == "charges" else each.claims
        if own is not None and each.postings is not None:
            rows = each.postings["charge_row"].to_numpy() + np.int32(before)
            placed.append(each.postings.assign(charge_row=rows))
        before += 0 if own is None else len(own)
    return placed


def _set_headless_aside(
    found: Sequence[Mapped], headless: npt.NDArray[np.bool_]
) -> tuple[list[FileReport], list[pd.DataFrame]]:
    """Return the reports and fates in which claims that no line names are set aside."""
    reports, fates, before = [], [], 0
    for each in found:
        report = each.report
        if each.claims is not None:
            rows = each.claims["source_row"].to_numpy()[headless[before : before + len(each.claims)]]
            before += len(each.claims)
            report = replace(report, used=report.used - len(rows), set_aside=report.set_aside + len(rows))
            fates.append(fate_frame(report.name, report.sheet, rows, [Fate(ASIDE, "", NO_LINES)] * len(rows)))
        reports.append(report)
    return reports, fates
