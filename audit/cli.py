"""The command line: reads options, calls one function, prints, and sets the exit code.

Nothing heavy is imported before a command needs it, so that help comes at once.
"""

from __future__ import annotations

import gc
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit import __version__, cli_review, cli_score
from audit.asking import AsOf, Files, Incomplete, PeriodText, PracticeFile, find_practice, make_options
from audit.cli_rules import rules
from audit.errors import AuditError, SettingsError
from audit.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from audit.record import Audit, Options

app = typer.Typer(
    help="A practice's own billing history, read once a month, as one page an owner understands.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

app.add_typer(rules, name="rules")

SAMPLE_AS_OF = date(2026, 11, 20)
"""The day on which the sample practice looks at its files."""

INTERRUPTED = 130

SAMPLE_FILES = ("charges.csv", "postings.csv", "visit_notes.csv")

Out = Annotated[Path, typer.Option("--out", help="Folder of the reports.")]


@app.callback(invoke_without_command=True)
def start(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Print the version when asked."""
    if version:
        typer.echo(f"billing-self-audit {__version__}")
        raise typer.Exit


@app.command()
def demo(
    out: Out = Path("reports"),
    self_test: Annotated[
        bool,
        typer.Option(
            "--self-test",
            help="Break every rule once in a practice made for it, and look whether "
            "each is told; writes nothing.",
        ),
    ] = False,
) -> None:
    """Audit the sample practice that ships with the program."""
    if self_test:
        _test_itself()
    from audit.selfaudit import self_audit

    with Progress() as progress:
        audit = self_audit(_sample_options(), progress)
        _write(audit, out, progress)


@app.command()
def run(
    files: Files,
    period: PeriodText = "",
    as_of: AsOf = None,
    practice: PracticeFile = None,
    out: Out = Path("reports"),
    open_report: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when something needs attention.")
    ] = False,
    allow_incomplete: Incomplete = False,
    for_counsel: Annotated[
        bool, typer.Option("--for-counsel", help="Figures and rows without conclusions, beside the report.")
    ] = False,
) -> None:
    """The monthly audit: read the files and write the report."""
    from audit.selfaudit import self_audit

    options = make_options(files, period, as_of, practice, allow_incomplete)._replace(for_counsel=for_counsel)
    with Progress() as progress:
        audit = self_audit(options, progress)
        page = _write(audit, out, progress)
    if open_report:
        typer.launch(page.resolve().as_uri())
    if exit_code and audit.to_do:
        raise typer.Exit(1)


@app.command()
def check(
    files: Files,
    practice: PracticeFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    allow_incomplete: Incomplete = False,
) -> None:
    """Read the files and say what was recognized; write nothing."""
    from audit.checking import as_text, check_files, to_json
    from audit.intake import check_complete

    with Progress() as progress:
        checked = check_files(files, find_practice(practice), progress)
    typer.echo(to_json(checked) if as_json else as_text(checked))
    if not allow_incomplete:
        check_complete(checked.files)


@app.command()
def init(
    files: Files,
    out: Annotated[Path, typer.Option("--out", help="Where to write the proposal.")] = Path("practice.toml"),
) -> None:
    """Look at the files and propose the practice's settings, to be checked by you."""
    from audit.intake.proposal import propose
    from audit.output import write_text
    from audit.settings import load_settings

    if out.exists():
        raise SettingsError(
            f"{out.name} is there already and is not overwritten; name another file with --out."
        )
    with Progress() as progress:
        progress("Looking at the files")
        proposal = propose(files, load_settings(None))
    write_text(out, proposal.text)
    for line in proposal.summary:
        typer.echo(line)
    typer.echo(f"Wrote {out}. Read it, correct it, set confirmed = true, then: audit check FILES...")


@app.command()
def compare(
    earlier: Annotated[str, typer.Argument(help="A saved period, as 2026-07.", show_default=False)],
    later: Annotated[str, typer.Argument(help="A later one, as 2026-10.", show_default=False)],
    reports: Annotated[Path, typer.Option("--reports", help="Folder of the reports.")] = Path("reports"),
    out: Annotated[
        Path | None, typer.Option("--out", help="The page to write. Default: in the folder of the reports.")
    ] = None,
) -> None:
    """Two saved periods beside each other; needs no billing files."""
    from audit.output import write_text
    from audit.page import render_comparison
    from audit.results import read_results
    from audit.sidebyside import compare_saved, find_results

    first, second = (read_results(find_results(reports, text)) for text in (earlier, later))
    page = out or reports / f"compare_{first.period}_{second.period}.html"
    write_text(page, render_comparison(compare_saved(first, second)))
    typer.echo(f"Comparison: {page}")


@app.command()
def explain(
    figure: Annotated[
        str, typer.Argument(help="A figure's name, as the report prints it.", show_default=False)
    ],
    files: Annotated[
        list[Path] | None, typer.Argument(help="The billing files of the report.", show_default=False)
    ] = None,
    period: PeriodText = "",
    as_of: AsOf = None,
    practice: PracticeFile = None,
    of: Annotated[
        Path | None, typer.Option("--of", help="results.json of the report: takes period and day from it.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write all rows to this file.")] = None,
    sample: Annotated[bool, typer.Option("--demo", help="Use the sample practice.")] = False,
    allow_incomplete: Incomplete = False,
) -> None:
    """The rows behind one figure or finding; this shows what stands in them."""
    from audit.figures import parse_figure_id
    from audit.selfaudit import explain_figure

    name, saved = parse_figure_id(figure), None
    if of is not None:
        from audit.results import read_results

        saved = read_results(of)
        period, as_of = period or saved.period, as_of or datetime.fromisoformat(saved.as_of)
    if bool(files) == sample:
        raise SettingsError("After the figure, name the billing files of the report, or --demo alone.")
    options = (
        _sample_options(period)
        if sample
        else make_options(files or [], period, as_of, practice, allow_incomplete)
    )
    with Progress() as progress:
        trace = explain_figure(options, name, progress, saved)
    if csv is not None:
        from audit.output import write_csv, write_text

        write_text(csv, write_csv(list(trace.rows.columns), trace.rows.itertuples(index=False, name=None)))
    typer.echo(f"{trace.title}: {trace.value}\n{trace.definition}\n")
    typer.echo(f"{len(trace.rows):,} rows written to {csv}" if csv else _screen(trace.rows))


@app.command()
def codes(code: Annotated[str, typer.Argument(help="One code; without it, all.")] = "") -> None:
    """The code book: what a code is, how it is billed and what its note must show."""
    from audit.settings import load_settings
    from audit.telling import tell_code, tell_codes

    typer.echo(tell_code(code.upper(), load_settings(find_practice(None))) if code else tell_codes())


app.command()(cli_review.sample)
app.command()(cli_score.score)


def _test_itself() -> None:
    """Print what the self-test found; exit with 1 where a rule failed."""
    from audit.selftest import run_self_test

    with Progress() as progress:
        progress("Breaking every rule")
        tested = run_self_test(SAMPLE_AS_OF)
    for line in tested.tell():
        typer.echo(line)
    raise typer.Exit(0 if tested.passed else 1)


def main() -> None:
    """Run the command line; every error ends as one sentence and an exit code."""
    command = typer.main.get_command(app)
    # A run is short and makes few cycles; looking for them after every 700 objects takes a tenth of it.
    gc.set_threshold(1_000_000, 50, 1000)
    try:
        code = command.main(standalone_mode=False)
        if code == INTERRUPTED:  # the command line's library has caught it before us
            raise KeyboardInterrupt
    except AuditError as error:
        code = _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = _fail("stopped; nothing was written.", INTERRUPTED)
    except MemoryError:
        code = _fail("there is not enough memory for these files; give fewer of them.", 3)
    except Exception as error:
        code = _known(error)
    gc.freeze()  # else the interpreter looks through all that is left once more on its way out, to no end
    sys.exit(code)


def _fail(sentence: str, code: int) -> int:
    print(f"audit: {sentence}", file=sys.stderr)
    return code


def _known(error: Exception) -> int:
    """Return the exit code of an error of the command line itself; anything else is a fault of ours."""
    show = getattr(error, "show", None)
    if callable(show):
        show()
        return int(getattr(error, "exit_code", 2))
    if type(error).__name__ == "Abort":
        return _fail("stopped; nothing was written.", INTERRUPTED)
    raise error


def _sample_options(period: str = "") -> Options:
    from importlib.resources import files

    from audit.periods import parse_period
    from audit.record import Options

    folder = Path(str(files("audit.sample_data")))
    wanted = f" --period {period}" if period else ""
    return Options(
        files=[folder / name for name in SAMPLE_FILES],
        as_of=SAMPLE_AS_OF,
        period=parse_period(period) if period else None,
        practice=folder / "practice.toml",
        command=f'audit explain "{{figure}}" --demo{wanted}',
        note="invented practice, no real person",
    )


def _write(audit: Audit, out: Path, progress: Progress) -> Path:
    """Write the report and say in a few lines what became of everything."""
    from audit.report import tell
    from audit.selfaudit import write_audit

    progress("Writing the report")
    written = write_audit(audit, out)
    progress.end()
    for line in tell(audit, written):
        typer.echo(line)
    page = written.folder / "report.html"
    typer.echo(f"Report: {page}")
    return page


ON_PAPER = (
    *("modifiers", "location", "patient", "units", "allowed", "paid", "first_denied"),
    *("first_reason", "reason_in_words", "limit", "limit_is_to"),
)
"""Columns that a screen has no room for beside many others; --csv writes all."""

FEW_COLUMNS = 8
"""So many have room."""


def _screen(rows: pd.DataFrame) -> str:
    """Return rows for the screen: the first forty, the columns that fit a reader's eye and say something."""
    if rows.empty:
        return "No rows."
    left_out = ON_PAPER if len(rows.columns) > FEW_COLUMNS else ()
    if "counts_in" in rows:
        rows = rows.sort_values("counts_in", ascending=False, kind="stable")  # numerator, then base only
    shown = rows.head(40).drop(columns=[*left_out], errors="ignore").astype(object)
    shown = shown.where(shown.notna(), "")
    shown = shown.loc[:, (shown != "").any()]
    more = len(rows) - len(shown)
    text = shown.to_string(index=False, max_colwidth=48)
    return text + (f"\n... and {more:,} more; --csv FILE writes all." if more else "")
