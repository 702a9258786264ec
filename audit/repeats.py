"""What stands in the files twice: claim lines exported again, and postings that arrive by two roads.

In: the charges as intake hands them over, or postings already joined to lines. Out: which rows to set aside,
and which row stands for them. Nothing is guessed: rows of one file are two services unless they carry the
same line number, and rows of different files are the same only where all cells are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.numbering import NONE, Ints, Mask, flag, number_contents, number_days, rank_texts

DUPLICATE, SUPERSEDED = "duplicate", "superseded"

SOURCE = ("source_file", "source_row")


class Repeats(NamedTuple):
    """Rows of the charges that another row stands for."""

    duplicate: Mask
    superseded: Mask
    """The same line number with other contents, read last from another row."""
    stands_for: Ints
    """By row: the row that stands for it, itself where it is kept; NONE where it is superseded."""
    by_claim: bool
    """Line numbers count within a claim only: one file uses the same number in several claims."""


def find_repeated_lines(charges: pd.DataFrame) -> Repeats:
    """Find lines exported more than once; of one line number the last is kept (by file name, then row)."""
    count = len(charges)
    repeats = Repeats(np.zeros(count, bool), np.zeros(count, bool), np.arange(count, dtype=np.int32), False)
    numbered, by_claim = _numbered_twice(charges)
    if len(numbered):
        repeats = _settle_numbered(charges, numbered, repeats)
    blank = (charges["line_id"] == "").to_numpy()
    files = charges["source_file"].cat.codes.to_numpy()
    if blank.any() and (files[blank] != files[blank][0]).any():
        _settle_unnumbered(charges, np.flatnonzero(blank), repeats)
    return repeats._replace(by_claim=by_claim)


def _numbered_twice(charges: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Return the rows whose line number occurs again, with what tells their lines apart."""
    number = charges["line_id"].cat.codes.to_numpy()
    texts = charges["line_id"].cat.categories
    often = np.bincount(number[number >= 0], minlength=len(texts)) > 1
    often[np.asarray(texts == "")] = False
    rows = np.flatnonzero(often[number] & (number >= 0)) if often.any() else np.array([], dtype=np.int64)
    frame = pd.DataFrame(
        {
            "line": number[rows],
            "claim": charges["claim_id"].cat.codes.to_numpy()[rows],
            "file": rank_texts(charges["source_file"].iloc[rows]),
            "source": charges["source_row"].to_numpy()[rows],
        },
        index=rows,
    )
    by_claim = bool((frame.groupby(["file", "line"])["claim"].nunique() > 1).any())
    if not by_claim:
        frame["claim"] = NONE
    # Several codes of one record carry one line number: they are told apart by their place in the record.
    frame["place"] = frame.groupby(["file", "source", "line", "claim"]).cumcount()
    key = frame.groupby(["line", "claim", "place"]).ngroup()
    return frame[key.duplicated(keep=False)].assign(key=key), by_claim


def _settle_numbered(charges: pd.DataFrame, numbered: pd.DataFrame, repeats: Repeats) -> Repeats:
    rows = numbered.index.to_numpy()
    told = [name for name in charges.columns if name not in SOURCE]
    contents = pd.Series(number_contents(charges[told].iloc[rows]), index=rows)
    in_order = numbered.sort_values(["key", "file", "source"], kind="stable")
    kept = in_order.groupby("key").tail(1).reset_index().set_index("key")["index"]
    stands_for = numbered["key"].map(kept).to_numpy()
    same = contents.to_numpy() == contents[stands_for].to_numpy()
    gone = stands_for != rows
    repeats.duplicate[rows[gone & same]] = True
    repeats.superseded[rows[gone & ~same]] = True
    repeats.stands_for[rows] = np.where(gone & ~same, NONE, stands_for)
    return repeats


def _settle_unnumbered(charges: pd.DataFrame, rows: Ints, repeats: Repeats) -> None:
    """Set aside rows that another file holds too: as many as both files have of the same contents."""
    told = charges.drop(columns=list(SOURCE))
    mixed = _mix(told)[rows]
    files = charges["source_file"].cat.codes.to_numpy()[rows]
    often = pd.Series(mixed).duplicated(keep=False).to_numpy()
    rows, files = rows[often], files[often]
    if not len(rows):
        return
    frame = pd.DataFrame(
        {
            "contents": number_contents(told.iloc[rows]),
            "file": rank_texts(charges["source_file"].iloc[rows]),
            "source": charges["source_row"].to_numpy()[rows],
        },
        index=rows,
    ).sort_values(["contents", "file", "source"], kind="stable")
    frame["copy"] = frame.groupby(["contents", "file"]).cumcount()
    first = (
        frame.reset_index().groupby(["contents", "copy"], sort=False)["index"].transform("first").to_numpy()
    )
    again = first != frame.index.to_numpy()
    repeats.duplicate[frame.index.to_numpy()[again]] = True
    repeats.stands_for[frame.index.to_numpy()] = first


def _mix(frame: pd.DataFrame) -> Ints:
    """Return a number per row that equal rows share; rows that share it are then compared cell by cell."""
    mixed = np.zeros(len(frame), dtype=np.uint64)
    for name in frame:
        column = frame[name]
        if column.dtype == "category":
            cells = column.cat.codes.to_numpy()
        elif column.dtype.kind == "M":
            cells = column.to_numpy().view(np.int64)
        else:
            cells = column.to_numpy(dtype=np.int64, na_value=-1)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= cells.astype(np.int64).view(np.uint64)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def find_repeated_postings(postings: pd.DataFrame, line: Ints, count: int) -> Mask:
    """Mark postings that another file also holds: same line, date, payer, kind, group, reason and amount.

    Of the two the one with remarks is kept, else that of the file first by name. An undated posting is the
    same as a dated one of another file. Postings of one file are never repeats of each other.
    """
    repeated = np.zeros(len(postings), dtype=np.bool_)
    files = postings["source_file"].cat.codes.to_numpy()
    last_file = np.zeros(count, dtype=files.dtype)
    last_file[line] = files
    shared = flag(line[last_file[line] != files], count)
    rows = np.flatnonzero(shared[line])
    if len(rows):
        frame = _compared(postings.iloc[rows], line[rows], rows)
        undated = _said_with_a_date(frame)
        dated = frame[~frame.index.isin(undated)]
        keys = ["line", "day", "rank", "contents"]
        copy = dated.groupby([*keys, "file"], sort=False).cumcount()
        again = (
            dated.assign(copy=copy).sort_values(["bare", "file"], kind="stable").duplicated([*keys, "copy"])
        )
        repeated[undated] = True
        repeated[again.index[again]] = True
    return repeated


def _compared(postings: pd.DataFrame, line: Ints, rows: Ints) -> pd.DataFrame:
    said = postings[["kind", "group", "reason", "amount", "stated"]]
    frame = pd.DataFrame(
        {
            "line": line,
            "day": number_days(postings["posted_on"])[0][0],
            "rank": np.maximum(postings["payer_rank"].to_numpy(), 1),
            "contents": number_contents(said),
            "bare": (postings["remarks"] == "").to_numpy(),
            "file": rank_texts(postings["source_file"]),
            "source": postings["source_row"].to_numpy(),
        },
        index=rows,
    )
    return frame.sort_values(["line", "file", "source", "contents"], kind="stable")


def _said_with_a_date(frame: pd.DataFrame) -> Ints:
    """Return the undated postings that another file holds with a date."""
    undated = frame["day"] < 0
    if not undated.any() or undated.all():
        return np.array([], dtype=np.int64)
    told = frame[~undated].drop_duplicates(["line", "contents", "file"])[["line", "contents", "file"]]
    pairs = frame[undated].reset_index().merge(told, on=["line", "contents"], suffixes=("", "_told"))
    return pairs.loc[pairs["file"] != pairs["file_told"], "index"].unique()
