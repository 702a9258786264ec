"""What several commands ask alike: files, period, day and settings; and how it becomes options."""

from __future__ import annotations

import shlex
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit.errors import SettingsError

if TYPE_CHECKING:
    from audit.record import Options

Files = Annotated[list[Path], typer.Argument(help="Billing files, or folders of them.", show_default=False)]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Look at the files as on this day. Default: today."),
]
PeriodText = Annotated[
    str,
    typer.Option(
        "--period",
        help="2026-10, 2026-Q3, 2026 or 2026-07..2026-09. Default: newest month payers have answered.",
    ),
]
PracticeFile = Annotated[
    Path | None,
    typer.Option("--practice", help="The practice's settings. Default: practice.toml here, if there is one."),
]
Incomplete = Annotated[
    bool, typer.Option("--allow-incomplete", help="Use what is whole of an X12 file that is cut off.")
]


def make_options(
    files: list[Path],
    period: str,
    as_of: datetime | None,
    practice: Path | None,
    allow_incomplete: bool,
) -> Options:
    """Return what a command that reads billing files was asked for; SettingsError where it cannot be.

    `practice` is looked for here where it is None, and must be confirmed.
    """
    from audit.periods import parse_period
    from audit.record import Options

    day = as_of.date() if as_of else date.today()
    told = practice and (practice.name if practice.is_absolute() else practice.as_posix())
    asked = "".join(
        (
            f" --period {period}" if period else "",
            f" --as-of {day.isoformat()}",
            f" --practice {shlex.quote(told)}" if told else "",
            " --allow-incomplete" if allow_incomplete else "",
        )
    )
    return Options(
        files=files,
        as_of=day,
        period=parse_period(period) if period else None,
        practice=_confirmed(find_practice(practice)),
        command=f'audit explain "{{figure}}" FILES...{asked}',
        allow_incomplete=allow_incomplete,
    )


def find_practice(practice: Path | None) -> Path | None:
    """Return the practice's settings: those named, else `practice.toml` here, else None."""
    here = Path("practice.toml")
    return practice or (here if here.exists() else None)


def _confirmed(practice: Path | None) -> Path | None:
    """Refuse settings that nobody has looked at yet."""
    from audit.settings import load_settings

    if practice and not load_settings(practice).practice.confirmed:
        raise SettingsError(
            f"{practice.name} is a proposal that nobody has confirmed: read it, correct it, and set "
            f"confirmed = true."
        )
    return practice
