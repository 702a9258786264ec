"""Files are written whole or not at all, and text that came from a file stays text.

A file is written beside its place and renamed. A report's folder is made beside its place too;
the older report is moved aside, never deleted, and the new one takes its name. A run that
is stopped at any moment leaves the old report or the new one, each whole: killed outright
between the two renames, it leaves the old one under its name with the as-of date. What cannot
be written is an OutputError that says what to do.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import lru_cache
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from audit.errors import OutputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNFINISHED = ".unfinished-"
"""How the names of files and folders begin that are not yet in their place."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY}
_IN_THE_WAY = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENOTEMPTY}
_NAME = {errno.ENAMETOOLONG, errno.EINVAL, errno.ENOENT}

_FORMULA = frozenset("=+-@")
_CONTROL = ("\t", "\r", "\n")
_BLANK = " \t\r\n\v\f\u00a0\u200b\ufeff"
# A semicolon, tab or bar parts the cells in the spreadsheets of some countries.
_QUOTED = re.compile(r'[,;|\t\r\n"]')
_MISSING = frozenset({"None", "<NA>", "NaT", "nan"})
_NOT_OURS = ("Thumbs.db", "desktop.ini")


class Written(Struct, frozen=True):
    """What became of a report's folder.

    `changed` is false where the same report stood there already. `kept` is where the older
    report is now; None where there was none.
    """

    folder: Path
    changed: bool
    kept: Path | None = None


def encode(text: str) -> bytes:
    """Return `text` as it is written to disk: UTF-8, its newlines as they are.

    Half a character, as a badly named file can have, becomes a question mark.
    """
    return text.encode("utf-8", errors="replace")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all; missing folders are made."""
    write_bytes(path, encode(text))


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all; missing folders are made.

    On any failure, an interruption too, `path` is as it was and nothing is left beside it.
    """
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = _unused(path.with_name(f"{UNFINISHED}{os.getpid()}"))
        try:
            _write_through(unfinished, content)
            os.replace(unfinished, path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        _settle(path.parent)


def write_folder(folder: Path, files: Mapping[str, bytes], as_of: Callable[[Path], date | None]) -> Written:
    """Make `folder` hold exactly `files` (name relative to it, with slashes: content), whole or not at all.

    Where it holds them already, nothing is touched. An older report there is moved aside as
    `<folder>.as-of-<date>`, by the date that `as_of` reads from it, or as `<folder>.earlier` when that
    tells none (None); -2, -3 ... follow where the name is taken. When the new one cannot
    take its place the older one is put back.
    """
    names = [_relative(name) for name in files]
    with _told(folder):
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "a file is in the way")
        if _holds(folder, files):
            return Written(folder, changed=False)
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = _name_aside(folder, as_of)
        unfinished = _unused(folder.with_name(f"{UNFINISHED}{os.getpid()}"))
        try:
            for name, content in zip(names, files.values(), strict=True):
                path = unfinished / name
                path.parent.mkdir(parents=True, exist_ok=True)
                _write_through(path, content)
            _put_in_place(unfinished, folder, aside)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _settle(folder.parent)
    return Written(folder, changed=True, kept=aside)


def _put_in_place(unfinished: Path, folder: Path, aside: Path | None) -> None:
    """Let the new folder take the name of the old one, which goes `aside`; on failure it comes back."""
    try:
        if aside is not None:
            os.rename(folder, aside)
        elif folder.exists():
            folder.rmdir()
        os.rename(unfinished, folder)
    except BaseException:
        if aside is not None and aside.exists() and not folder.exists():
            os.rename(aside, folder)
        raise


def _name_aside(folder: Path, as_of: Callable[[Path], date | None]) -> Path | None:
    """Return the free name for the report that stands in `folder`; None where nothing stands."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    day = as_of(folder)
    mark = "earlier" if day is None else f"as-of-{day.isoformat()}"
    return _unused(folder.with_name(f"{folder.name}.{mark}"))


def _unused(path: Path) -> Path:
    """Return `path`, or with -2, -3 ... behind its name the first that does not exist."""
    names = chain([path.name], (f"{path.name}-{number}" for number in count(2)))
    return next(free for name in names if not os.path.lexists(free := path.with_name(name)))


def _relative(name: str) -> PurePosixPath:
    """Return the name of a report's file as a path that stays inside its folder."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError("a report's file has a name relative to its folder, with forward slashes")
    return path


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Tell whether `folder` holds `files`, byte for byte, and nothing else but what a system leaves there."""
    if not folder.is_dir():
        return False
    held = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if not path.is_dir() and not path.name.startswith(".") and path.name not in _NOT_OURS
    }
    return held.keys() == {str(PurePosixPath(name)) for name in files} and all(
        held[str(PurePosixPath(name))].read_bytes() == content for name, content in files.items()
    )


def _write_through(path: Path, content: bytes) -> None:
    """Write a new file and see it onto the disk: a full disk may tell only then."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """See a rename onto the disk where the system can; the file itself is safe without."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the system says when `path` cannot be written into a sentence for the user."""
    try:
        yield
    except OSError as error:
        raise OutputError(f'"{path.name}" could not be written: {_cure(error)}') from error


def _cure(error: OSError) -> str:
    if error.errno in _FULL:
        return "the disk is full; make room and run again."
    if error.errno in _FORBIDDEN:
        return (
            "its folder is not yours to write to, or a program has it open; "
            "close that program or name another place with --out."
        )
    if error.errno in _IN_THE_WAY:
        return "a file and a folder want the same name; move the one that stands there or use --out."
    if error.errno in _NAME:
        return "the place cannot have that name; name another with --out."
    return f"the system says: {error.strerror or type(error).__name__}; name another place with --out."


def guard_cell(text: str) -> str:
    """Return `text` such that no spreadsheet takes it for a formula: an apostrophe goes before it.

    For text only: a number belongs in the table as a number, and -12.50 then stays one. Guarded
    is what begins, after blanks, with = + - @ or a wider or smaller form of them, or with a tab or a
    line break (OWASP, "CSV Injection").
    """
    first = text.lstrip(_BLANK)[:1]
    formula = bool(first) and unicodedata.normalize("NFKC", first)[:1] in _FORMULA
    return f"'{text}" if formula or text.startswith(_CONTROL) else text


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return a table as the text of a CSV file: commas, `\n`, quotes only where a cell needs them.

    Text is guarded against being run as a formula; numbers and dates are written as they are;
    what is missing (None, NA, NaT, NaN) is an empty cell. A row of another length than
    `columns` is a ValueError.
    """
    lines = [_line(columns)]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError("a row has as many cells as there are columns")
        lines.append(_line(row))
    return "".join(lines)


def write_columns(columns: Mapping[str, NDArray[Any]]) -> str:
    """Return the same of two columns or more, each of one kind: large tables take half the time."""
    rows = zip(*map(_texts, columns.values()), strict=True)
    return "".join([_line(list(columns)), *(f"{','.join(row)}\n" for row in rows)])


def _texts(values: NDArray[Any]) -> list[str]:
    cells = values.tolist()
    if values.dtype.kind in "iu":
        return list(map(str, cells))
    if values.dtype.kind == "f":
        return ["" if cell != cell else str(cell) for cell in cells]
    if set(map(type, cells)) == {str}:
        told = {text: _text(text) for text in set(cells)}  # names of measures and groups come again and again
        return [told[text] for text in cells]
    return list(map(_cell, cells))


def _line(cells: Sequence[object]) -> str:
    line = ",".join(map(_cell, cells))
    return f"{line}\n" if line else '""\n'


def _cell(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    text = str(value)
    return "" if text in _MISSING else text


@lru_cache(maxsize=4096)  # a table repeats its words
def _text(value: str) -> str:
    text = guard_cell(value)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
