"""The commands of a chart review: reads options, calls one function, prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from audit.asking import AsOf, Files, Incomplete, PracticeFile, make_options
from audit.errors import SettingsError
from audit.progress import Progress

if TYPE_CHECKING:
    from audit.record import Options
    from audit.sample_file import Sample
    from audit.sampling import Wanted

SPARES = 2
"""Items to spare of each stratum, unless told otherwise."""

PLANNED = 90
"""Confidence of the plan, in percent: the level at which auditors appraise."""

HALF_AT = 10
"""Percent of errors at which the plan tells half the width of the interval."""


def sample(
    files: Files,
    period: Annotated[
        str, typer.Option("--period", help="Months to draw from: 2026-10, 2026-Q3, 2026 or 2026-07..2026-09.")
    ] = "",
    size: Annotated[
        int | None, typer.Option("--size", min=1, help="Items to draw, in proportion to the strata.")
    ] = None,
    per_clinician: Annotated[
        int | None, typer.Option("--per-clinician", min=1, help="Items to draw of each clinician.")
    ] = None,
    of: Annotated[
        Literal["visits", "lines", "claims"], typer.Option("--of", help="What an item is.")
    ] = "visits",
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="Draw only from lines with this value, as code=97124; may be repeated."),
    ] = None,
    stratify: Annotated[
        Literal["clinician", "code", "payer"] | None,
        typer.Option("--stratify", help="Draw from each clinician, code or payer by itself."),
    ] = None,
    seed: Annotated[
        str, typer.Option("--seed", help="Number that decides the draw. Default: one is made, and printed.")
    ] = "",
    generator: Annotated[
        Literal["rat-stats", "pcg64"],
        typer.Option("--generator", help="How random numbers are made of the seed."),
    ] = "rat-stats",
    spares: Annotated[int, typer.Option("--spares", min=0, help="Items to spare, of each stratum.")] = SPARES,
    second: Annotated[
        float, typer.Option("--second", min=0, max=1, help="Share that a second reviewer reads too, as 0.2.")
    ] = 0,
    risk: Annotated[
        bool, typer.Option("--risk", help="Pick what the rules found instead: no random sample.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Draw nothing; say what so many charts would tell.")
    ] = False,
    verify: Annotated[
        Path | None, typer.Option("--verify", help="Draw this sample.toml again from the files, and compare.")
    ] = None,
    with_names: Annotated[
        Path | None,
        typer.Option("--with-names", help="Write patients' names to this file, for pulling charts."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="New folder of the sample. Default: chart_review/PERIOD.")
    ] = None,
    as_of: AsOf = None,
    practice: PracticeFile = None,
    allow_incomplete: Incomplete = False,
) -> None:
    """Draw visits, lines or claims for a chart review, and write the worksheet for it."""
    from fractions import Fraction

    from audit.sampling import Wanted, parse_where

    options = make_options(files, period, as_of, practice, allow_incomplete)
    if verify is not None:
        _verify(verify, options, with_names)
        return
    if options.period is None:
        raise SettingsError("Say which months to draw from, as --period 2026-10 or 2026-Q3.")
    if per_clinician and (size or stratify not in (None, "clinician")):
        raise SettingsError("--per-clinician divides by clinician already; leave out --size and --stratify.")
    wanted = Wanted(
        of=of,
        where=parse_where(where or ()),
        stratify="clinician" if per_clinician else stratify or "",
        size=size,
        each=per_clinician,
        spares=0 if risk else spares,
        second=Fraction(str(second)),
    )
    if plan:
        _plan(options, wanted)
        return
    if risk and (per_clinician or stratify or seed or second):
        raise SettingsError(
            "--risk picks by findings and draws nothing; leave out --per-clinician, --stratify, --seed and "
            "--second."
        )
    if not risk and not (size or per_clinician):
        raise SettingsError(
            "Say how many to draw, as --size 30 or --per-clinician 5; --plan says what it is worth."
        )
    _draw(options, wanted, None if risk else generator, seed, out, with_names)


def _draw(
    options: Options,
    wanted: Wanted,
    generator: Literal["rat-stats", "pcg64"] | None,
    typed: str,
    out: Path | None,
    with_names: Path | None,
) -> None:
    from audit.review import Way, draw_sample, refuse_again, refuse_inside, write_names, write_review
    from audit.sampling import make_seed, parse_seed

    folder = out or Path("chart_review") / _folder_name(options, random=generator is not None)
    way = Way()
    if generator is not None:
        way = Way(generator, parse_seed(typed, generator) if typed else make_seed(generator))
    refuse_again(folder, options, wanted, way)
    if with_names is not None:
        refuse_inside(with_names, folder)
    if way.seed is not None:
        typer.echo(f"Seed: {way.seed}")
    with Progress() as progress:
        drawn = draw_sample(options, wanted, way, progress)
    if with_names is not None:
        write_names(drawn, options, with_names)
    write_review(drawn, folder)
    for line in _tell(drawn):
        typer.echo(line)
    typer.echo(f"Worksheet: {folder / 'worksheet.xlsx'}")


def _folder_name(options: Options, random: bool) -> str:
    period = options.period.text if options.period else ""
    return period if random else f"{period}-risk"


def _tell(drawn: Sample) -> list[str]:
    """Return what was drawn, a line for each stratum."""
    if drawn.kind == "risk":
        number = len(drawn.items)
        return [
            f"Picked by findings: {number:,} of {drawn.size:,} {drawn.of}. This is no random sample: what is "
            "found in it says nothing about the others."
        ]
    spares = sum(part.spares for part in drawn.strata)
    told = [f"Drawn: {len(drawn.drawn):,} of {drawn.size:,} {drawn.of}, and {spares:,} to spare."]
    if drawn.stratify:
        told += [
            f"  {part.name or 'not told'}: {part.drawn:,} of {part.size:,}, seed {part.seed}"
            for part in drawn.strata
        ]
    return told


def _verify(path: Path, options: Options, with_names: Path | None) -> None:
    from audit.review import refuse_inside, verify_sample, write_names
    from audit.sample_file import read_sample

    told = read_sample(path)
    if with_names is not None:
        refuse_inside(with_names, path.parent)
    with Progress() as progress:
        verify_sample(told, options, progress)
    how = "the same findings pick" if told.kind == "risk" else f"seed {told.seed} draws"
    typer.echo(
        f"{path.name} is what these files give: {how} the same {len(told.items):,} of {told.size:,} "
        f"{told.of}."
    )
    if with_names is not None:
        write_names(told, options, with_names)


def _plan(options: Options, wanted: Wanted) -> None:
    from audit.review import read_frame
    from audit.sample_size import ERRORS, plan_sizes

    with Progress() as progress:
        universe = len(read_frame(options, wanted, progress).frame)
    prospects = [one for one in plan_sizes(universe) if one.confidence == PLANNED]
    typer.echo(
        f"{universe:,} {wanted.of}. If so many are read and so many of those have an error, the share of all "
        f"with one lies between these limits ({PLANNED} % confidence, exact, one draw of the whole)."
    )
    heads = [f"{percent} % of them" for percent in ERRORS]
    typer.echo("\t".join(["read", *heads, f"half-width at {HALF_AT} %"]).expandtabs(17))
    for number in sorted({one.sample for one in prospects}):
        of_size = {one.errors: one for one in prospects if one.sample == number}
        cells = [
            f"{one.low * 100 / universe:.1f} to {one.high * 100 / universe:.1f} %" for one in of_size.values()
        ]
        half = f"{of_size[HALF_AT].half_width * 100:.1f} points"
        typer.echo("\t".join([f"{number}", *cells, half]).expandtabs(17))
