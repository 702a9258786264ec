"""The route of a chart review up to the worksheet: billing files -> frame -> sample -> questions -> files."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import pandas as pd

from audit import __version__
from audit.archive import digest
from audit.chart_names import list_names
from audit.codes import code_book
from audit.errors import InputError, SettingsError
from audit.intake.spreadsheet import named_files
from audit.output import encode, write_folder, write_text
from audit.periods import parse_period
from audit.sample_file import (
    AS_BILLED,
    AskedElement,
    FrameFile,
    Item,
    Sample,
    SampledLine,
    Stratum,
    Wish,
    check_files,
    read_sample,
    write_sample,
)
from audit.sampling import ORDER, Wanted, build_frame, draw_items, pick_items
from audit.selfaudit import read_marked, self_audit
from audit.settings import load_settings
from audit.topics import TOPICS
from audit.workbook import write_sheet_csv, write_workbook
from audit.worksheets import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from audit.draws import Generator
    from audit.periods import Period
    from audit.populations import Populations
    from audit.record import Options
    from audit.sampling import Drawn, Frame
    from audit.settings import Settings

    Progress = Callable[[str], None]

SAMPLE_FILE = "sample.toml"

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of a sample's id: no vowels, so that no word comes out, and nothing that a spreadsheet takes for a date."""

BILLED = AskedElement(
    id=AS_BILLED,
    title="Supported as billed",
    question="Does the note support the line as it was billed?",
    usual_class="incorrect coding",
)
"""The question of every line, beside those of its elements."""


class Way(NamedTuple):
    """How to draw: at random, by a generator and a seed; without these two, by findings."""

    generator: Generator | None = None
    seed: Decimal | None = None


class Ready(NamedTuple):
    """What a draw needs, once the files are read."""

    settings: Settings
    populations: Populations
    digests: Mapping[str, str]
    frame: Frame


def draw_sample(options: Options, wanted: Wanted, way: Way, progress: Progress) -> Sample:
    """Read the files and draw; errors are AuditError, nothing is written."""
    ready = read_frame(options, wanted, progress, by_findings=way.generator is None)
    progress("Drawing")
    if way.generator is None or way.seed is None:
        rules = [rule for topic in TOPICS for rule in topic.rules(ready.settings)]
        drawn = pick_items(ready.frame, ready.populations, rules, wanted.size)
    else:
        drawn = draw_items(ready.frame, wanted, way.generator, way.seed)
    return _describe(options, wanted, way, ready, drawn)


def read_frame(options: Options, wanted: Wanted, progress: Progress, *, by_findings: bool = False) -> Ready:
    """Read the files into the frame that can be drawn from; `by_findings`: with what the rules found."""
    settings = load_settings(options.practice)
    period = _period(options)
    if by_findings:
        audit = self_audit(options, progress)
        populations, digests = audit.populations, audit.read.digests
    else:
        read, populations = read_marked(options, settings, progress)
        digests = read.digests
    first = populations.first_month
    frame = build_frame(populations, wanted, range(period.first - first, period.last + 1 - first))
    return Ready(settings, populations, digests, frame)


def _period(options: Options) -> Period:
    if options.period is None:
        raise SettingsError("Say which months to draw from, as --period 2026-10 or 2026-Q3.")
    return options.period


def refuse_again(folder: Path, options: Options, wanted: Wanted, way: Way) -> None:
    """Raise SettingsError where a folder holds a sample already, of this frame or of another one."""
    if not (folder / SAMPLE_FILE).exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise SettingsError(f"{folder.name} holds other things; name a new folder with --out.")
        return
    kept = read_sample(folder / SAMPLE_FILE)
    digests = {name: digest(path) for name, path in named_files(options.files).items()}
    same = (
        digests == {file.name: file.sha256 for file in kept.files}
        and (kept.period, kept.of) == (_period(options).text, wanted.of)
        and {group: list(values) for group, values in wanted.where.items()} == kept.where
        and kept.kind == _kind(way)
    )
    if same and kept.kind == "random":
        raise SettingsError(
            f"{folder.name}: this frame was drawn from before, with the seed {kept.seed}; that sample is "
            f"kept, because who draws twice can choose; `audit sample --verify` draws it again."
        )
    what = "these findings were picked before; that sample is kept" if same else "holds another sample"
    raise SettingsError(f"{folder.name}: {what}; name another folder with --out.")


def write_review(sample: Sample, folder: Path) -> None:
    """Write sample.toml and the worksheets into a new folder, all or nothing."""
    questions = ask(sample)
    files = {
        SAMPLE_FILE: encode(write_sample(sample)),
        "worksheet.xlsx": write_workbook(questions),
        "worksheet.csv": write_sheet_csv(questions),
    }
    if sample.second:
        again = ask(sample, second=True)
        files |= {
            "worksheet_second.xlsx": write_workbook(again),
            "worksheet_second.csv": write_sheet_csv(again),
        }
    write_folder(folder, files, lambda _: None)


def write_names(sample: Sample, options: Options, path: Path) -> None:
    """Write the patients' names beside the items into a file that the user named."""
    write_text(path, list_names(sample, named_files(options.files), load_settings(options.practice)))


def refuse_inside(path: Path, folder: Path) -> None:
    """Raise SettingsError where names would be written into the sample's folder, which others are given."""
    if folder.resolve() in path.resolve().parents:
        raise SettingsError(f"{path.name}: names do not belong into the sample's folder; name another place.")


def verify_sample(sample: Sample, options: Options, progress: Progress) -> None:
    """Draw a sample again from the files; InputError, saying what differs, where it is another one."""
    check_files(sample, {name: digest(path) for name, path in named_files(options.files).items()})
    wish = sample.wish
    wanted = Wanted(
        of=sample.of,
        where={group: tuple(values) for group, values in sample.where.items()},
        stratify=sample.stratify,
        size=wish.size,
        each=wish.each,
        spares=wish.spares,
        second=Fraction(wish.second),
    )
    random = sample.generator and Way(sample.generator, Decimal(sample.seed))
    again = draw_sample(
        options._replace(as_of=sample.as_of, period=parse_period(sample.period)),
        wanted,
        random or Way(),
        progress,
    )
    if different := _difference(sample, again):
        because = "" if sample.version == __version__ else f" It was drawn by version {sample.version}."
        raise InputError(f"sample.toml is not what these files give: {different}.{because}")


def _difference(sample: Sample, again: Sample) -> str:
    """Return the first thing in which two samples differ, in words; "" where they are the same."""
    if sample.settings != again.settings and sample.items != again.items:
        return "it was drawn with other settings of the practice"
    if sample.size != again.size:
        return f"it says {sample.size:,} {sample.of} in the frame, and there are {again.size:,}"
    if sample.strata != again.strata:
        return "the strata differ"
    for told, found in zip(sample.items, again.items, strict=False):
        if (told.stratum, told.position, told.spare) != (found.stratum, found.position, found.spare):
            return f"the draw gives another item in place of {told.id}"
        if told != found:
            return f"what it tells of the item {told.id} differs"
    if len(sample.items) != len(again.items):
        return f"it lists {len(sample.items)} items and the draw gives {len(again.items)}"
    kept = {"settings", "version", "practice"}
    fields = (name for name in Sample.__struct_fields__ if name not in kept)
    differing = next((name for name in fields if getattr(sample, name) != getattr(again, name)), "")
    return f'the entry "{differing}" differs' if differing else ""


# --- what was drawn, as sample.toml tells it ----------------------------------------------


def _kind(way: Way) -> str:
    return "risk" if way.generator is None else "random"


def _describe(options: Options, wanted: Wanted, way: Way, ready: Ready, drawn: Drawn) -> Sample:
    """Return the sample with everything that its file tells."""
    period, files = _period(options), sorted(ready.digests)
    number = _name_sample(
        *(_kind(way), period.text, options.as_of.isoformat(), wanted.of, wanted.stratify),
        *(f"{group}={value}" for group in sorted(wanted.where) for value in wanted.where[group]),
        *(ready.digests[name] for name in files),
        *map(str, (way.generator, way.seed, wanted.size, wanted.each, wanted.spares, wanted.second)),
    )
    items = _items(ready, drawn, number)
    asked = {name for item in items for line in item.lines for name in line.elements}
    return Sample(
        schema=1,
        id=number,
        kind="risk" if way.generator is None else "random",
        practice=ready.settings.practice.name,
        version=__version__,
        period=period.text,
        as_of=options.as_of,
        settings=digest(options.practice) if options.practice else "",
        files=[FrameFile(name=name, sha256=ready.digests[name]) for name in files],
        of=wanted.of,
        where={group: list(wanted.where[group]) for group in sorted(wanted.where)},
        order=ORDER,
        size=len(ready.frame),
        wish=Wish(size=wanted.size, each=wanted.each, spares=wanted.spares, second=str(wanted.second)),
        stratify=wanted.stratify,
        seed="" if way.seed is None else str(way.seed),
        generator=way.generator or "",
        strata=[Stratum(**part._asdict()) for part in drawn.parts],
        elements=[
            *(
                AskedElement(id=one.id, title=one.title, question=one.question, usual_class=one.cert_class)
                for one in ready.settings.elements
                if one.id in asked
            ),
            BILLED,
        ],
        items=items,
        second=[items[at].id for at in drawn.second],
    )


def _name_sample(*told: str) -> str:
    """Return six letters that follow from what a draw depends on."""
    number = int.from_bytes(sha256("\n".join(told).encode()).digest(), "big")
    return "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(6))


def _items(ready: Ready, drawn: Drawn, number: str) -> list[Item]:
    """Return what was drawn, numbered in the order of drawing, each with its lines."""
    rows = ready.frame.rows_of([one.item for one in drawn.items])
    lines = _lines(ready, np.concatenate([rows[one.item] for one in drawn.items]).tolist())
    return [
        Item(
            id=f"{number}-{at:03d}",
            stratum=one.stratum + 1,
            position=one.position,
            spare=one.spare,
            findings=list(one.findings),
            lines=_by_note([lines[row] for row in rows[one.item].tolist()]),
        )
        for at, one in enumerate(drawn.items, start=1)
    ]


class _Told(NamedTuple):
    """A line with the visit that one note covers."""

    visit: int
    line: SampledLine


def _by_note(told: Sequence[_Told]) -> list[SampledLine]:
    """Return the lines of an item with its notes numbered in the order in which they first come."""
    notes = list(dict.fromkeys(one.visit for one in told))
    return [msgspec.structs.replace(one.line, note=notes.index(one.visit) + 1) for one in told]


def _lines(ready: Ready, rows: list[int]) -> dict[int, _Told]:
    """Return lines by their row, each with the elements that its code and discipline require on its day."""
    populations, settings = ready.populations, ready.settings
    frame = populations.lines.frame.iloc[rows]
    visits = populations.visit_of_service[populations.service_of_line][rows].tolist()
    own = code_book().discipline_by_code()
    told = {}
    for row, visit, line in zip(rows, visits, frame.to_dict("records"), strict=True):
        code, day = str(line["code"]), line["service_date"].date()
        discipline = settings.practice.discipline_of(str(line["clinician"])) or own.get(code, "")
        required = [
            one.id
            for one in settings.elements
            if one.state == "required" and one.applies(code, discipline) and one.in_force(day)
        ]
        sampled = SampledLine(
            file=str(line["source_file"]),
            row=int(line["source_row"]),
            service_date=day,
            clinician=str(line["clinician"]),
            payer=str(line["payer"]),
            code=code,
            modifiers=str(line["modifiers"]),
            units=_number(line["units"]),
            charge=_number(line["charge"]),
            allowed=_number(line["allowed"]),
            paid=_number(line["paid"]),
            elements=required,
        )
        told[row] = _Told(visit, sampled)
    return told


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
