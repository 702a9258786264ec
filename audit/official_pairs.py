"""CMS' official table of code pairs, as its practitioner files write it.

In: the rows of `ccipra-v323r0-f1` to `-f4`, as text or as cells. Out: the pairs as `edits.py` keeps them. A
pair with indicator 9 is no edit and is left out; a deletion date of `*` is none.
"""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING

from audit.edits import CODE, EPOCH, NO_EDIT, Edition, Import, pack_pairs, quarter_of
from audit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

COLUMNS = ("paid", "bundled", "existed", "began", "ended", "modifier")
"""The first columns of a file; what follows is the rationale."""

_FIRST_DIGITS = frozenset("0123456789")
"""How the first codes of a whole table begin: a part of the four lacks some."""

_NONE = 2**31 - 1
"""The day of a date that is told to be none."""


def is_pair(cells: Sequence[str]) -> bool:
    """Tell whether cells, of which the first is a code, are a row of such a table."""
    return len(cells) >= len(COLUMNS) and bool(CODE.fullmatch(cells[1])) and cells[5] in ("0", "1", NO_EDIT)


def table_of_rows(rows: Iterable[Sequence[str]]) -> pa.Table:
    """Return the first columns of rows of cells as text."""
    import pyarrow as pa

    width = len(COLUMNS)
    filled = [(*row, *[""] * width)[:width] for row in rows]
    return pa.table(
        {name: pa.array([row[at] for row in filled], pa.string()) for at, name in enumerate(COLUMNS)}
    )


def table_of_text(name: str, body: bytes, width: int) -> pa.Table:
    """Return the first columns of a text; a row of another width is a footer, or the file is cut off."""
    import pyarrow as pa
    from pyarrow import csv

    def skip_footers(row: csv.InvalidRow) -> str:
        return "error" if CODE.match(row.text) else "skip"

    try:
        return csv.read_csv(
            io.BytesIO(body),
            read_options=csv.ReadOptions(column_names=[*COLUMNS, *map(str, range(len(COLUMNS), width))]),
            parse_options=csv.ParseOptions(
                delimiter="\t", quote_char=False, invalid_row_handler=skip_footers
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False,  # the rationale alone is not plain, and is not read
                include_columns=COLUMNS,
                column_types=dict.fromkeys(COLUMNS, pa.string()),
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            f'"{name}" has a row with too few cells, as if it was cut off: download it again.'
        ) from error


def read_pairs(name: str, table: pa.Table, above: int) -> pa.Table:
    """Return the pairs of a table: texts trimmed, dates as days since 1970, those without an end missing.

    Rows without a code in column 1 are no pairs: blank ones, footers. `above` counts the rows above them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = {label: pc.utf8_trim_whitespace(table[label]) for label in COLUMNS}
    wanted = pc.match_substring_regex(texts["paid"], f"^({CODE.pattern})$")
    began, ended = (_to_days(texts[label]) for label in ("began", "ended"))
    checks = (
        pc.match_substring_regex(texts["bundled"], f"^({CODE.pattern})$"),
        pc.less(began, _NONE),
        pc.is_valid(ended),
        pc.is_in(texts["modifier"], value_set=pa.array(["0", "1", NO_EDIT])),
    )
    for column, right in zip((2, 4, 5, 6), checks, strict=True):
        wrong = pc.index(pc.and_(wanted, pc.invert(pc.fill_null(right, False))), True).as_py()
        if wrong >= 0:
            raise InputError(
                f'"{name}", row {wrong + above + 1}, column {column}: neither a code, a date (yyyymmdd) nor '
                f"an indicator (0, 1, {NO_EDIT}), whichever belongs there; download the file again."
            )
    ended = pc.if_else(pc.equal(ended, _NONE), None, ended)
    return pa.table(
        {
            "paid": texts["paid"],
            "bundled": texts["bundled"],
            "modifier": texts["modifier"],
            "began": began,
            "ended": ended,
        }
    ).filter(wanted)


def find_quarter(name: str, pairs: pa.Table) -> date:
    """Return the first day of the edition's quarter: v323 is 2026-Q4; else that of its newest edit."""
    import pyarrow.compute as pc

    named = re.search(r"v(\d\d)([0-3])r\d", name, re.IGNORECASE)
    if named:
        return date(1994 + int(named[1]), int(named[2]) * 3 + 1, 1)
    return quarter_of(date.fromordinal(EPOCH.toordinal() + pc.max(pairs["began"]).as_py()))


def join_pairs(edition: Edition, parts: Sequence[pa.Table]) -> Import:
    """Return the parts of a table as one edition; some of them alone are refused."""
    import pyarrow as pa
    import pyarrow.compute as pc

    every = pa.concat_tables(parts)
    begin = pc.unique(pc.utf8_slice_codeunits(every["paid"], 0, 1)).to_pylist()
    if lacking := sorted(_FIRST_DIGITS.difference(begin)):
        raise InputError(
            f"The code pairs of {edition.quarter} are not whole: those of codes that begin with "
            f"{', '.join(lacking)} are missing; give all parts of the table (f1 to f4) at once."
        )
    kept = every.filter(pc.not_equal(every["modifier"], NO_EDIT)).combine_chunks()
    ended = len(kept) - kept["ended"].null_count
    told = (
        f"Kept {len(kept):,} code pairs of {edition.quarter}, {ended:,} of them ended; left out "
        f"{len(every) - len(kept):,} that are no edit (indicator {NO_EDIT})"
    )
    return Import(edition, pack_pairs(kept), told)


def _to_days(texts: pa.ChunkedArray) -> pa.Array:
    """Return yyyymmdd as days since 1970, `*` and blank as _NONE, anything else as missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    distinct = pc.unique(texts)
    days = pa.array([_days_of(text) for text in distinct.to_pylist()], pa.int32())
    return pc.take(days, pc.index_in(texts, value_set=distinct))


def _days_of(text: str) -> int | None:
    if text in ("*", ""):
        return _NONE
    try:
        return (date(int(text[:4]), int(text[4:6]), int(text[6:])) - EPOCH).days
    except ValueError:
        return None
