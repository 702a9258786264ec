"""The command that scores a filled worksheet: reads options, calls one function, prints."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.sample_file import Sample
    from audit.worksheets import Answers

INITIALS = re.compile("[A-Z]{1,3}|[A-Za-z]{1,2}")
"""Of a reviewer; what is longer may be a name, and is not kept."""


def score(
    worksheet: Annotated[
        Path, typer.Argument(help="The filled worksheet, .xlsx or .csv.", show_default=False)
    ],
    sample: Annotated[
        Path | None, typer.Option("--sample", help="The sample's file. Default: sample.toml beside it.")
    ] = None,
    second: Annotated[
        Path | None, typer.Option("--second", help="The second reviewer's worksheet, filled.")
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--files", help="A billing file or folder of the frame, to check it; may be repeated."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of the reports.")] = Path("reports"),
    reviewer: Annotated[
        str, typer.Option("--reviewer", help="Initials. Default: those in the column Reviewer.")
    ] = "",
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day of the review. Default: today."),
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Score although answers are missing; they count as open.")
    ] = False,
    rat_stats: Annotated[
        bool, typer.Option("--rat-stats", help="Print the appraisals as RAT-STATS prints them, too.")
    ] = False,
) -> None:
    """Score a filled worksheet: errors by element, code and clinician, with limits; save it."""
    from audit.chart_reviews import encode_review, name_file
    from audit.output import write_text
    from audit.record import REVIEWS
    from audit.sample_file import read_sample
    from audit.score import list_differing
    from audit.score import score as score_answers
    from audit.score_text import tell_appraisals, tell_review
    from audit.worksheets import read_worksheet

    drawn = read_sample(sample or worksheet.parent / "sample.toml")
    if files:
        _check_frame(drawn, files)
    if second and not drawn.second:
        raise SettingsError(
            f"The sample {drawn.id} has no part for a second reviewer; leave out --second, or draw one with "
            "`audit sample --second 0.2`."
        )
    answers = read_worksheet(worksheet, drawn)
    others = read_worksheet(second, drawn, second=True) if second else None
    _check_complete([(worksheet, answers), *([(second, others)] if second and others else [])], allow_missing)
    readers, dropped = _find_reviewers(answers, reviewer)
    day = as_of.date() if as_of else date.today()
    review = score_answers(answers, worksheet.name, day, readers, others)
    path = out / REVIEWS / name_file(review)
    write_text(path, encode_review(review))
    notes = ["The column Reviewer holds more than initials, which is kept nowhere."] if dropped else []
    if others and set(readers) & set(_find_reviewers(others, "")[0]):
        notes.append("Both worksheets name the same reviewer: that is no second reading.")
    typer.echo(tell_review(review, list_differing(answers, others) if others else (), notes))
    if rat_stats:
        typer.echo(tell_appraisals(review))
    typer.echo(f"Review: {path}")


def _check_frame(drawn: Sample, files: list[Path]) -> None:
    """Raise InputError where the files are not those that the sample was drawn from."""
    from audit.archive import digest
    from audit.intake.spreadsheet import named_files
    from audit.sample_file import check_files

    check_files(drawn, {name: digest(path) for name, path in named_files(files).items()})


def _check_complete(sheets: Iterable[tuple[Path, Answers]], allow_missing: bool) -> None:
    """Print a sentence for each missing answer; InputError unless they are allowed."""
    from audit.items_read import list_missing

    sentences = [text for path, answers in sheets for text in list_missing(answers, path.name)]
    for text in sentences:
        typer.echo(text, err=True)
    if sentences and not allow_missing:
        raise InputError(
            "answers are missing, so nothing was scored; fill them in, or add --allow-missing, which counts "
            "them as open."
        )


def _find_reviewers(answers: Answers, told: str) -> tuple[list[str], bool]:
    """Return the reviewers' initials, and whether the worksheet holds something else in their place."""
    if told and not INITIALS.fullmatch(told):
        raise SettingsError("--reviewer takes initials of one to three capital letters, such as AB.")
    cells = {one.reviewer.replace(".", "").replace(" ", "") for one in answers.rows} - {""}
    found = {text for text in cells if INITIALS.fullmatch(text)}
    return ([told.upper()] if told else sorted({text.upper() for text in found})), bool(cells - found)
