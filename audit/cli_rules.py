"""The commands about rules: `audit rules` and `audit rules import`.

As in `cli.py`, nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from audit.errors import SettingsError

rules = typer.Typer(help="The rules, and the tables of CMS that they read.", rich_markup_mode=None)

LICENSE = (
    "CPT codes belong to the American Medical Association: by downloading these files from CMS you have "
    "accepted "
    "its license. They stay on this machine."
)


@rules.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Tell which tables of CMS are in use, and how old they are."""
    if context.invoked_subcommand:
        return
    from audit.edits import tell_editions
    from audit.settings import load_settings

    here = Path("practice.toml")
    for line in tell_editions(load_settings(here if here.exists() else None).edits, date.today()):
        typer.echo(line)


@rules.command(name="import")
def import_edits(
    files: Annotated[
        list[Path], typer.Argument(help="CMS' practitioner files, as downloaded.", show_default=False)
    ],
    practice: Annotated[
        Path | None,
        typer.Option("--practice", help="The practice's settings. Default: practice.toml here."),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Folder to keep them in. Default: edits beside the settings."),
    ] = None,
) -> None:
    """Keep CMS' code pairs and unit limits: the files of a quarter, all parts at once."""
    from audit.edit_files import keep, read_official

    folder = into or _folder_beside(practice or Path("practice.toml"))
    for line in keep(read_official(files), folder):
        typer.echo(line)
    typer.echo(LICENSE)


def _folder_beside(practice: Path) -> Path:
    """Return the folder that the practice's settings name for imported tables."""
    from audit.settings import load_settings

    if not practice.exists():
        raise SettingsError(
            f"There is no {practice.name} here: name the practice's settings with --practice, "
            f"or a folder with --into."
        )
    return practice.parent / load_settings(practice).practice.edits
