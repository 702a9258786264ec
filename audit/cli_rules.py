"""The commands about rules: `audit rules`, `audit rules NAME` and `audit rules import FILES...`.

As in `cli.py`, nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from audit.errors import SettingsError

if TYPE_CHECKING:
    from audit.settings import Settings


class _Rules(TyperGroup):
    """A first word that is no command is the name of a rule."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = not args or args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["show", *args])


rules = typer.Typer(
    cls=_Rules,
    help="All rules, or one whole: audit rules NAME.",
    rich_markup_mode=None,
    subcommand_metavar="[NAME | COMMAND [ARGS]...]",
)

LICENSE = (
    "CPT codes belong to the American Medical Association: by downloading these files from CMS you have "
    "accepted its license. They stay on this machine."
)


@rules.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """List all rules, and say which tables of CMS are in use and how old they are."""
    if context.invoked_subcommand:
        return
    from audit.edits import tell_editions
    from audit.rulebook import tell_rules

    settings = _settings()
    typer.echo(tell_rules(settings))
    typer.echo()
    for line in tell_editions(settings.edits, date.today()):
        typer.echo(line)


@rules.command(hidden=True)
def show(name: Annotated[str, typer.Argument(help="A rule's name.", show_default=False)]) -> None:
    """One rule whole."""
    from audit.rulebook import tell_rule

    typer.echo(tell_rule(name, _settings()))


def _settings() -> Settings:
    """Return the settings of the practice whose file is here, if there is one."""
    from audit.settings import load_settings

    here = Path("practice.toml")
    return load_settings(here if here.exists() else None)


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
