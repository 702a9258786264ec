"""Find billing files, and read those that are tables: delimited text and Excel workbooks (.xlsx, .xls).

Files go in, a `Sheet` per file or worksheet comes out, every cell as text. Which layout a sheet has and
what its cells mean is decided elsewhere. A file that cannot be read is an `InputError` that names it.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import math
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from audit.errors import InputError
from audit.intake.columns import categorical_of
from audit.intake.sheet import HEADER_REACH, Known, Sheet, find_header, name_headers

TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".csv.gz")
WORKBOOK_ENDINGS = (".xlsx", ".xls")
X12_ENDINGS = (".835", ".837", ".edi", ".x12", ".era", ".dat")
ENDINGS = TEXT_ENDINGS + WORKBOOK_ENDINGS + X12_ENDINGS

DELIMITERS = (",", "\t", ";", "|")
SAMPLE = 200  # records that decide the delimiter and the usual number of values
HEAD = 4 << 20  # bytes in which that sample is looked for
BLOCK = 16 << 20  # bytes Arrow reads at once; no record may be longer, or the plain reader takes over
MOST_ODD = 100_000  # records of another width that are put back one by one
BATCH = 20_000  # records the plain reader encodes at once

KEPT = {"results.json", "sample.toml"}  # what a folder of the product's own holds, and no practice's does

ENCODED = pa.dictionary(pa.int32(), pa.string())
FOREIGN = (  # first bytes of what is often sent by mistake
    (b"PK\x03\x04", "an Excel workbook or a zip archive: give it its own ending, .xlsx, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook: give it its own ending, .xls or .xlsx"),
    (b"%PDF", "a PDF: export the report as CSV or Excel instead"),
    (b"\x1f\x8b", "compressed: let its name end in .csv.gz"),
    (b"\x89PNG", "an image: export the report as CSV or Excel instead"),
    (b"\xff\xd8\xff", "an image: export the report as CSV or Excel instead"),
    (b"GIF8", "an image: export the report as CSV or Excel instead"),
)
NO_HEADER = f"no row with column headers was found among the first {HEADER_REACH} rows."
NO_WORKBOOK = "this is not an Excel workbook, or it is damaged; open it in Excel and save it as .xlsx."
PROTECTED = "the workbook is protected by a password; save it without one."
BYTE_ORDER_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class NoHeaderError(InputError):
    """A file that is no table: none of its `records` reads like column headers."""

    def __init__(self, file: str, records: int) -> None:
        super().__init__(f"{file}: {NO_HEADER}")
        self.records = records


def found_in_folders(paths: Iterable[Path]) -> Callable[[Path], bool]:
    """Return a test whether a file was met in a folder of `paths`, not asked for by its own name."""
    asked = {path.resolve() for path in paths if path.is_file()}
    return lambda path: path.resolve() not in asked


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the billing files that `paths` name, each once, sorted by name.

    A folder stands for the billing files in it and in its sub-folders, without hidden files, the lock files
    of office programs, and folders of reports (with a `results.json`) and of samples (with a `sample.toml`).
    A path that is not there, a file of another kind and a folder without billing files are an InputError.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        name = path.name or path.absolute().name
        if path.is_dir():
            files = list(_files_below(path))
            if not files:
                raise InputError(f"{name}: this folder holds no billing files ({', '.join(ENDINGS)}).")
        elif path.is_file():
            _check_ending(path)
            files = [path]
        else:
            raise InputError(f"{name}: there is no such file or folder; check how it is spelled.")
        for file in files:
            found.setdefault(file.resolve(), file)
    return sorted(found.values(), key=lambda file: (file.name, file.as_posix()))


def named_files(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the billing files that `paths` name, by the name a reader finds them under.

    That is the file's own name; where two folders hold a file of one name, the folder's stands before it,
    and a number behind it should even that be the same.
    """
    files = find_files(paths)
    own = Counter(file.name for file in files)
    named: dict[str, Path] = {}
    for file in files:
        name = file.name if own[file.name] == 1 else f"{file.resolve().parent.name}/{file.name}"
        again = count(2)
        free = name
        while free in named:
            free = f"{name} ({next(again)})"
        named[free] = file
    return named


def read_sheets(path: Path, known: Known) -> list[Sheet]:
    """Return the table of a delimited file, or of every worksheet of a workbook that is not empty.

    `known(headers)` tells whether a record is a header that some layout describes: among the first 50 records
    it is preferred to one that merely looks like a header, and it settles the delimiter.
    """
    _check_ending(path)
    if path.name.lower().endswith(WORKBOOK_ENDINGS):
        return _read_workbook(path, known)
    return [_read_delimited(path, known)]


def _files_below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        if not KEPT.isdisjoint(files):
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.lower().endswith(ENDINGS) and not name.startswith((".", "~$")):
                yield Path(here, name)


def _check_ending(path: Path) -> None:
    if not path.name.lower().endswith(ENDINGS):
        raise InputError(f"{path.name}: not a kind of file that is read here ({', '.join(ENDINGS)}).")


def _read_bytes(path: Path) -> bytes:
    """Return the content of a file, decompressed."""
    try:
        data = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            data = gzip.decompress(data)
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file; check how it is spelled.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"{path.name}: the compressed file is damaged or cut off; copy it again.") from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise InputError(f"{path.name}: the file cannot be opened ({reason}).") from None
    if not data or data.isspace():
        raise InputError(f"{path.name}: the file is empty; export it again.")
    return data


# Delimited text


class Record(NamedTuple):
    """One record of a text; `end` is the byte behind it; not `whole` when a quotation is left open."""

    cells: list[str]
    end: int
    whole: bool


class Columns(NamedTuple):
    """The cells below a header as encoded columns, and which records have more values than headers.

    `order`: the places from which to take the rows, when they are not in the order of the file.
    """

    encoded: list[pa.ChunkedArray]
    ragged: npt.NDArray[np.bool_]
    order: npt.NDArray[np.int64] | None = None


def _read_delimited(path: Path, known: Known) -> Sheet:
    data, encoding = _as_utf8(path.name, _read_bytes(path))
    delimiter, top = _sample(data, known)
    above = find_header([record.cells for record in top], known)
    if above is None:
        raise NoHeaderError(path.name, len(data.splitlines()))
    headers = name_headers(top[above].cells)
    body = data[top[above].end :]
    del data
    columns = _read_quickly(body, delimiter, len(headers), top[above + 1 :])
    if columns is None:
        columns = _read_plainly(body, delimiter, len(headers), path.name, above + 2)
    del body
    sheet = _make_sheet(path, "", delimiter, encoding, headers, columns, above)
    pa.default_memory_pool().release_unused()  # what reading took, before the next file takes its own
    return sheet


def _as_utf8(file: str, data: bytes) -> tuple[bytes, str]:
    """Return the text as UTF-8 without byte order mark, lines ending in \\n, and the encoding it came in."""
    for start, what in FOREIGN:
        if data.startswith(start):
            raise InputError(f"{file}: this is not text but {what}.")
    encoding = _encoding_of(data)
    try:
        if encoding == "utf-8":
            data = data.removeprefix(codecs.BOM_UTF8)
        elif encoding == "cp1252":  # five bytes have no meaning there; they must not cost the whole file
            data = data.removeprefix(codecs.BOM_UTF8).decode(encoding, errors="replace").encode()
        else:
            data = data.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeDecodeError:
        raise InputError(f"{file}: the text is damaged or cut off; export it again as CSV (UTF-8).") from None
    if b"\0" in data:
        raise InputError(f"{file}: this is not a text file; export the report as CSV or Excel.")
    if b"\r" in data:  # Arrow loses the \n of a quoted \r\n that straddles two of its blocks
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data, encoding


def _encoding_of(data: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    start = data[:1024]
    for encoding, high, low in (
        ("utf-16-le", start[1::2], start[::2]),
        ("utf-16-be", start[::2], start[1::2]),
    ):
        if high.count(0) > 0.7 * len(high) and low.count(0) == 0:
            return encoding
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _parse(data: bytes, delimiter: str) -> Iterator[Record]:
    """Yield the records of UTF-8 text."""
    csv.field_size_limit(2**31 - 1)
    end, whole = 0, True

    def lines() -> Iterator[str]:
        nonlocal end, whole
        for line in io.TextIOWrapper(io.BytesIO(data), "utf-8", errors="ignore", newline="\n"):
            end += len(line.encode())
            yield line
        whole = False  # who asks for a line behind the last is inside an open quotation

    for cells in csv.reader(lines(), delimiter=delimiter):
        yield Record(cells, end, whole)


def _sample(data: bytes, known: Known) -> tuple[str, list[Record]]:
    """Return the delimiter that explains the first records best, and these records.

    A header that a layout knows settles it. Else: the share of records with the usual number of values, times
    the logarithm of that number, because a comma inside each name must not win over sixteen columns.
    """
    head = data[:HEAD]

    def split(delimiter: str) -> list[Record]:
        records = list(islice(_parse(head, delimiter), SAMPLE))
        cut_off = len(head) < len(data) and len(records) < SAMPLE
        return records[:-1] if cut_off else records

    def merit(records: list[Record]) -> tuple[bool, float]:
        cells = [record.cells for record in records]
        header = find_header(cells, known)
        filled = [len(record) for record in cells if any(map(str.strip, record))]
        usual, times = max(
            Counter(w for w in filled if w > 1).items(), key=lambda c: (c[1], c[0]), default=(1, 0)
        )
        settled = header is not None and known(name_headers(cells[header]))
        return settled, times / max(len(filled), 1) * math.log(usual)

    choices = {delimiter: split(delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: merit(choices[delimiter]))
    return best, choices[best]


def _read_quickly(body: bytes, delimiter: str, width: int, top: Sequence[Record]) -> Columns | None:
    """Return the columns by way of Arrow, or None for a file that it may not read as a person would.

    Arrow wants one number of values: the usual one. Records with another are read apart and put back.
    """
    if not body:
        return None
    usual = Counter(len(record.cells) for record in top if record.cells)
    values = max(usual, key=lambda count: (usual[count], count), default=width)
    quoted = b'"' in body
    if quoted:  # a quotation left open swallows this blank record, and so tells
        body += b"\n" if body.endswith(b"\n") else b"\n\n"
    try:
        table, odd = _read_table(body, delimiter, values, quoted)
    except pa.ArrowInvalid:
        return None
    others = list(_parse("\n".join(odd.values()).encode(), delimiter))
    if len(others) != len(odd) or not all(record.whole for record in others):
        return None
    if quoted:
        if not table.num_rows or any(column[-1].as_py() for column in table.columns):
            return None
        table = table.slice(0, table.num_rows - 1)
    ragged = np.zeros(table.num_rows, bool)
    for column in table.columns[width:]:
        ragged |= pc.not_equal(pc.utf8_trim_whitespace(column.cast(pa.string())), "").to_numpy()
    columns = list(table.columns[:width])
    columns += [_blank(table.num_rows)] * (width - len(columns))
    if not odd:
        return Columns(columns, ragged)
    added = _encode((record.cells for record in others), width)
    both = [
        pa.chunked_array([*old.chunks, *new.chunks]) for old, new in zip(columns, added.encoded, strict=True)
    ]
    return Columns(both, np.concatenate([ragged, added.ragged]), _places(table.num_rows, list(odd)))


def _read_table(body: bytes, delimiter: str, values: int, quoted: bool) -> tuple[pa.Table, dict[int, str]]:
    """Return the records with so many `values`, and the text of every other by its number in `body`, from 1.

    ArrowInvalid when too many are of another width, or a record is longer than a block.
    """
    odd: dict[int, str] = {}

    def put_aside(row: Any) -> str:
        odd[row.number] = row.text
        return "skip" if len(odd) <= MOST_ODD else "error"

    names = [str(position) for position in range(values)]

    def read(threads: bool) -> pa.Table:
        return pa_csv.read_csv(
            pa.BufferReader(body),
            pa_csv.ReadOptions(column_names=names, block_size=BLOCK, use_threads=threads),
            pa_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
                invalid_row_handler=None if threads else put_aside,
            ),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, ENCODED), strings_can_be_null=False),
        )

    try:
        return read(threads=True), odd
    except pa.ArrowInvalid:  # only a single thread tells the numbers of the records it puts aside
        return read(threads=False), odd


def _read_plainly(body: bytes, delimiter: str, width: int, file: str, first: int) -> Columns:
    """Return the columns record by record, `first` being the number of the first; slow, but sure."""

    def checked() -> Iterator[list[str]]:
        for number, record in enumerate(_parse(body, delimiter), start=first):
            if not record.whole:
                raise InputError(
                    f"{file}, row {number}: a quotation mark is opened in this row and never closed; "
                    "remove it or export the file again."
                )
            yield record.cells

    return _encode(checked(), width)


# Workbooks


def _read_workbook(path: Path, known: Known) -> list[Sheet]:
    workbook = _open_workbook(path)
    sheets = []
    for position, about in enumerate(workbook.sheets_metadata):
        if about.typ is SheetTypeEnum.WorkSheet:
            with _told(path.name):
                worksheet = workbook.get_sheet_by_index(position)
            if worksheet.start is not None:
                sheets.append(_read_worksheet(path, worksheet, known))
    if not sheets:
        raise InputError(f"{path.name}: every worksheet is empty; export it again.")
    if not any(sheet.headers for sheet in sheets):
        raise NoHeaderError(path.name, sum(sheet.above for sheet in sheets))
    return sheets


def _open_workbook(path: Path) -> CalamineWorkbook:
    """Open a workbook by what its name says, else by what it holds (an .xlsx called .xls is frequent)."""
    data = _read_bytes(path)
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise InputError(f"{path.name}: {PROTECTED}")
    try:
        with _told(path.name):
            return CalamineWorkbook.from_path(path)
    except InputError as error:
        if PROTECTED in str(error):
            raise
    with _told(path.name):
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


@contextmanager
def _told(file: str) -> Iterator[None]:
    """Tell a failure of the workbook reader in our own words; it may panic, which is no `Exception`."""
    try:
        yield
    except PasswordError:
        raise InputError(f"{file}: {PROTECTED}") from None
    except BaseException as error:
        if isinstance(error, CalamineError) or type(error).__name__ == "PanicException":
            raise InputError(f"{file}: {NO_WORKBOOK}") from None
        raise


def _read_worksheet(path: Path, worksheet: CalamineSheet, known: Known) -> Sheet:
    """Return a worksheet. A value beside the table stands in its own column and so makes no record ragged."""
    records = ([_as_text(value) for value in record] for record in worksheet.iter_rows())  # from row 1 on
    top = list(islice(records, SAMPLE))
    above = find_header(top, known)
    if above is None:
        count = len(top) + sum(1 for _ in records)
        return _make_sheet(path, worksheet.name, "", "", (), Columns([], np.zeros(0, bool)), count)
    headers = name_headers(top[above])
    columns = _encode(chain(top[above + 1 :], records), len(headers))
    return _make_sheet(path, worksheet.name, "", "", headers, columns, above)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else _spell(value)


@lru_cache(maxsize=1 << 16, typed=True)  # typed: 1, 1.0 and True are one key otherwise
def _spell(value: object) -> str:
    """Return a number, date, time or truth value as a person writes it: 97140, 1250.5, 2026-04-27, yes."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():  # Excel itself keeps 15 digits: what stands behind them is noise
            return format(Decimal(f"{value:.15g}").normalize() + 0, "f")
        case dt.datetime():
            moment = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
            return (
                moment.date().isoformat()
                if moment.time() == dt.time()
                else f"{moment.date()} {_clock(moment)}"
            )
        case dt.time():
            return _clock(value)
        case dt.timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return str(value)


def _clock(moment: dt.datetime | dt.time) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


# Columns of both


def _encode(records: Iterable[list[str]], width: int) -> Columns:
    """Return records as `width` encoded columns, missing values blank; ragged where a value is left over."""
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    ragged: list[bool] = []
    records = iter(records)
    while batch := list(islice(records, BATCH)):
        ragged += [any(map(str.strip, record[width:])) for record in batch]
        level = [record[:width] + [""] * (width - len(record)) for record in batch]
        for column, values in zip(chunks, zip(*level, strict=True), strict=True):
            column.append(pa.array(values, pa.string()).dictionary_encode())
    return Columns([pa.chunked_array(column, ENCODED) for column in chunks], np.array(ragged, bool))


def _blank(rows: int) -> pa.ChunkedArray:
    return pa.chunked_array(
        [pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([""]))]
    )


def _places(rows: int, numbers: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return the order that puts records appended behind `rows` others back at their `numbers`, from 1."""
    odd = np.zeros(rows + len(numbers), bool)
    odd[np.array(numbers) - 1] = True
    order = np.empty(len(odd), np.int64)
    order[~odd] = np.arange(rows)
    order[odd] = np.arange(rows, len(odd))
    return order


def _make_sheet(
    path: Path,
    sheet: str,
    delimiter: str,
    encoding: str,
    headers: tuple[str, ...],
    columns: Columns,
    above: int,
) -> Sheet:
    encoded, ragged, order = columns
    cells = {header: categorical_of(column, order) for header, column in zip(headers, encoded, strict=True)}
    return Sheet(
        file=path.name,
        sheet=sheet,
        path=path,
        delimiter=delimiter,
        encoding=encoding,
        headers=headers,
        cells=pd.DataFrame(cells, copy=False),
        rows=np.arange(above + 2, above + 2 + len(ragged), dtype=np.int64),
        ragged=ragged if order is None else ragged[order],
        above=above,
    )
