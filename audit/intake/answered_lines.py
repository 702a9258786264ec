"""Charges for a practice that has remittances alone: every line that a payer answered was billed.

In: what remittances tell of the lines they answer, one row per answer. Out: one charge per line, however many
answers it had; a payer may answer like lines of one claim in one breath, which are counted off. What was only
taken back, what was only asked in advance and what names no code makes none.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.columns import Ints, find_blanks, find_cells, read_numbers
from audit.intake.answered import PREDETERMINATION, REVERSAL
from audit.intake.columns import number_rows

FEWEST_DAYS = np.timedelta64(7, "D")
"""No payer answers sooner: of two answers within a week neither is to a claim that followed the other."""

LAST = 9
"""The rank of a payer that is not told, behind all others."""

NOTE = "no charges are among the files: they are taken from what the payers answered, one per line"

OF_THE_LINE = ("code", "modifiers", "service_date", "charge")
"""What tells the lines of a claim apart that have no number of their own."""


def charges_of_answers(answered: pd.DataFrame) -> pd.DataFrame:
    """Return one charge per line, as its first payer answered it (else the first in the files).

    In: columns as CHARGES has them, with `claim_status`, `posted_on` and `answer` (which one of its file).
    Out: CHARGES, with `payer_rank` where only later payers answered, and `sent_by`, the latest day on which
    the line's claim can have been sent.
    """
    billed = ~find_cells(answered["claim_status"].array, REVERSAL, PREDETERMINATION)
    billed &= ~find_blanks(answered["code"].array)
    billed &= read_numbers(answered["charge"].array) >= 0
    lines = answered.iloc[np.flatnonzero(billed)].reset_index(drop=True)
    keys = _keys(lines)
    answer = [np.asarray(lines["source_file"].array.codes), lines["answer"].to_numpy()]
    like = _counted_off(number_rows([*answer, *keys])[0])
    same, _ = number_rows([*keys, like])
    rank = lines["payer_rank"].to_numpy()
    order = np.lexsort((np.arange(len(lines)), np.where(rank == 0, LAST, rank), same))
    first = np.sort(order[_begins(same[order])])
    posted_on = lines["posted_on"].groupby(same).transform("min").to_numpy()[first]
    chosen = lines.iloc[first].drop(columns=["claim_status", "posted_on", "answer"]).reset_index(drop=True)
    # What only later payers answered was billed to one; of the others nobody told to whom they were billed.
    later = chosen["payer_rank"].where(chosen["payer_rank"] >= 2, np.int8(0))
    return chosen.assign(payer_rank=later, sent_by=posted_on - FEWEST_DAYS)


def _keys(lines: pd.DataFrame) -> list[Ints]:
    """Return what two answers to one line share: claim and line number, else claim and what was billed."""
    numbered = ~find_blanks(lines["line_id"].array)
    columns = {
        "code": lines["code"].array.codes,
        "modifiers": lines["modifiers"].array.codes,
        "service_date": pd.factorize(lines["service_date"].to_numpy())[0],
        "charge": pd.factorize(read_numbers(lines["charge"].array))[0],
    }
    named = [np.asarray(lines[name].array.codes) for name in ("claim_id", "line_id")]
    return named + [np.where(numbered, -1, columns[name]) for name in OF_THE_LINE]


def _counted_off(like: Ints) -> Ints:
    """Return 0 for the first of some like rows, 1 for the second, and so on."""
    order = np.argsort(like, kind="stable")
    begins = _begins(like[order])
    counted = np.empty(len(like), dtype=np.int64)
    counted[order] = np.arange(len(like)) - np.repeat(begins, np.diff(np.append(begins, len(like))))
    return counted


def _begins(numbers: Ints) -> Ints:
    """Return where a new number begins among sorted ones."""
    new = np.ones(len(numbers), dtype=np.bool_)
    new[1:] = numbers[1:] != numbers[:-1]
    return np.flatnonzero(new)
