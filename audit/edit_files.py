"""CMS' official edit files as a practice downloads them, made into editions that `edits.py` reads.

In: the practitioner files of code pairs (`ccipra-v323r0-f1.txt` to `-f4`) and of unit limits
(`MCR_MUE_PractitionerServices_Eff_10-01-2026.csv`), as text or workbooks, or zipped. Out: one file an edition
in the practice's folder. Nothing is downloaded: whoever did has accepted the license of the codes' owner.

Above a table stand notices, and headers of several lines; it begins with the first row of which column 1 is a
code.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from audit.edits import CODE, Edition, Import
from audit.errors import InputError
from audit.official_limits import find_quarter as quarter_of_limits
from audit.official_limits import is_limit, join_limits, read_limits
from audit.official_pairs import find_quarter as quarter_of_pairs
from audit.official_pairs import is_pair, join_pairs, read_pairs, table_of_rows, table_of_text
from audit.output import write_bytes

_OTHER_TABLES = (
    (r"ccioph|outpatient", "the table of hospitals"),
    (r"\bdme|_dme", "the table of equipment suppliers"),
    (r"medicaid|\bmcd|_mcd", "a table of Medicaid"),
)
"""What tells, in a file's name or headers, that its edits are not those of Medicare's practitioners."""

_ENDINGS = (".txt", ".csv", ".xlsx")
"""Files that hold a table; of one table in several forms the first is read."""


class Source(NamedTuple):
    """One file with a table, by its name, whether it stands alone or in a zip."""

    name: str
    content: Callable[[], bytes]

    @property
    def ending(self) -> str:
        """Its ending, in small letters."""
        return PurePosixPath(self.name).suffix.lower()


class Part(NamedTuple):
    """What one file holds: pairs as a table, or limits as rows, of an edition."""

    edition: Edition
    rows: Any


def read_official(paths: Iterable[Path]) -> tuple[Import, ...]:
    """Return what the files hold, an edition each; an InputError tells of one that is no such file."""
    sources = _once_each(source for path in paths for source in find_sources(path))
    parts = [read_part(source) for source in sources]
    return tuple(
        (join_pairs if edition.kind == "pairs" else join_limits)(
            edition, [part.rows for part in parts if part.edition == edition]
        )
        for edition in sorted({part.edition for part in parts})
    )


def keep(imports: Iterable[Import], folder: Path) -> tuple[str, ...]:
    """Write editions into a folder, each whole or not at all; say of each in one line what was kept."""
    told = []
    for one in imports:
        path = folder / one.edition.file_name
        done = "replaced" if path.exists() else "wrote"
        write_bytes(path, one.content)
        told.append(f"{one.told}; {done} {path}")
    return tuple(told)


# --- files --------------------------------------------------------------------------------


def find_sources(path: Path) -> list[Source]:
    """Return the tables of a file: itself, or those inside a zip."""
    if not path.is_file():
        raise InputError(f'"{path.name}" is not there, or is no file.')
    if path.suffix.lower() != ".zip":
        if path.suffix.lower() not in _ENDINGS:
            raise _not_official(path.name)
        return [Source(path.name, path.read_bytes)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(one.filename for one in archive.infolist() if not one.is_dir())
    except (zipfile.BadZipFile, OSError) as error:
        raise _cut_off(path.name) from error
    found = [name for name in names if PurePosixPath(name).suffix.lower() in _ENDINGS]
    if not found:
        raise _not_official(path.name)
    return [Source(PurePosixPath(name).name, _unzip(path, name)) for name in found]


def _once_each(sources: Iterable[Source]) -> list[Source]:
    """Return one source of each table: CMS zips it as text and as a workbook side by side."""
    tables: dict[str, Source] = {}
    for one in sorted(sources, key=lambda source: _ENDINGS.index(source.ending)):
        tables.setdefault(PurePosixPath(one.name).stem.casefold(), one)
    return [tables[stem] for stem in sorted(tables)]


def _unzip(path: Path, name: str) -> Callable[[], bytes]:
    def content() -> bytes:
        try:
            with zipfile.ZipFile(path) as archive:
                return archive.read(name)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
            raise _cut_off(path.name) from error

    return content


def _cut_off(name: str) -> InputError:
    return InputError(f'"{name}" cannot be unpacked, as if it was cut off: download it again.')


def _not_official(name: str) -> InputError:
    return InputError(
        f'"{name}" holds no table of code pairs or unit limits: give the practitioner files of CMS as they '
        f"are (ccipra-v...-f1 to -f4; MCR_MUE_PractitionerServices_...), as .txt, .csv, .xlsx or .zip."
    )


# --- one table ----------------------------------------------------------------------------


def read_part(source: Source) -> Part:
    """Return the table of one file."""
    _refuse_others(source.name, source.name)
    read = _read_workbook if source.ending == ".xlsx" else _read_text
    return read(source.name, source.content())


def _read_text(name: str, content: bytes) -> Part:
    start = 0
    for number, line in enumerate(io.BytesIO(content)):
        first = _split(line)
        if len(first) > 2 and CODE.fullmatch(first[0]):
            heading, body = content[:start].decode("latin-1"), content[start:]
            if is_pair(first):
                return _part_of_pairs(name, heading, table_of_text(name, body, len(first)), number)
            return _part_of_limits(name, heading, _cells(body, line), number)
        start += len(line)
    raise _not_official(name)


def _read_workbook(name: str, content: bytes) -> Part:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = [[_spell(cell) for cell in row] for row in sheet.iter_rows()]
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f'"{name}" cannot be opened as a workbook: download it again.') from error
    above = next((at for at, row in enumerate(rows) if len(row) > 2 and CODE.fullmatch(row[0])), None)
    if above is None:
        raise _not_official(name)
    heading, rows = "\n".join(map(" ".join, rows[:above])), rows[above:]
    if is_pair(rows[0]):
        return _part_of_pairs(name, heading, table_of_rows(rows), above)
    return _part_of_limits(name, heading, rows, above)


def _part_of_pairs(name: str, heading: str, table: Any, above: int) -> Part:
    _refuse_others(name, heading)
    pairs = read_pairs(name, table, above)
    return Part(Edition("pairs", quarter_of_pairs(name, pairs)), pairs)


def _part_of_limits(name: str, heading: str, rows: list[list[str]], above: int) -> Part:
    _refuse_others(name, heading)
    if not is_limit(rows[0]):
        raise _not_official(name)
    return Part(Edition("limits", quarter_of_limits(name, heading)), read_limits(name, rows, above))


def _refuse_others(name: str, text: str) -> None:
    for pattern, what in _OTHER_TABLES:
        if re.search(pattern, text, re.IGNORECASE):
            raise InputError(
                f'"{name}" is {what}, whose edits differ: give the practitioner files '
                f"(ccipra-v..., MCR_MUE_PractitionerServices_...)."
            )


def _split(line: bytes) -> list[str]:
    """Return the trimmed cells of a line, which tabs part where it has any, else commas."""
    text = line.decode("latin-1")
    return [cell.strip(' "\r\n') for cell in text.split("\t" if "\t" in text else ",")]


def _cells(body: bytes, line: bytes) -> list[list[str]]:
    rows = csv.reader(io.StringIO(body.decode("latin-1")), delimiter="\t" if b"\t" in line else ",")
    return [[cell.strip() for cell in row] for row in rows]


def _spell(cell: object) -> str:
    """Return a cell of a workbook as the text file writes it: whole numbers, dates as yyyymmdd."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.strftime("%Y%m%d") if isinstance(cell, date) else str(cell).strip()
