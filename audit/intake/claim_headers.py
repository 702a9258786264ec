"""Claims in two files: what the claim's own file tells is written on its lines, joined by claim number.

A line's own value goes first. The dollars of a claim cannot be divided among its lines and stay out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.intake.columns import name_numbers, spread, texts_of
from audit.lines import ABSENT, PRESENT, UNKNOWN

FROM_CLAIM = ("patient_ref", "payer", "clinician", "location", "diagnoses", "frequency")
"""Texts that a line takes from its claim where it has none itself."""


class Joined(NamedTuple):
    """Lines and postings with what their claims tell; `headless` the claims (rows) that no line names."""

    charges: pd.DataFrame
    postings: pd.DataFrame
    headless: npt.NDArray[np.bool_]


def join_claims(charges: pd.DataFrame, claims: pd.DataFrame, answers: pd.DataFrame) -> Joined:
    """Return the lines of `charges` completed from `claims`, and the postings that `answers` makes for them.

    `answers` stands on rows of `claims`; of two rows of the same claim the first is taken.
    """
    rows = _claim_rows(charges["claim_id"].array, claims["claim_id"].array)
    has_claim = rows >= 0
    changed: dict[str, Any] = {
        name: _fill(charges[name].array, claims[name].array, rows) for name in FROM_CLAIM
    }
    own = charges["has_diagnosis"].to_numpy()
    theirs = claims["has_diagnosis"].to_numpy()[rows]
    open_to_claim = (own == UNKNOWN) | ((own == ABSENT) & (theirs == PRESENT))
    changed["has_diagnosis"] = np.where(open_to_claim & has_claim, theirs, own).astype(np.int8)
    sent = charges["submitted_date"].to_numpy()
    changed["submitted_date"] = np.where(
        np.isnat(sent) & has_claim, claims["submitted_date"].to_numpy()[rows], sent
    )
    headless = ~np.isin(np.arange(len(claims)), rows[has_claim])
    return Joined(charges.assign(**changed), _spread_answers(answers, rows), headless)


def _claim_rows(wanted: pd.Categorical, found: pd.Categorical) -> npt.NDArray[np.intp]:
    """Return for each line the first row of its claim, -1 where there is none."""
    first = np.full(len(found.categories), -1, dtype=np.intp)
    backwards = np.arange(len(found))[::-1]
    first[found.codes[backwards]] = backwards
    places = found.categories.get_indexer(wanted.categories)
    known = (places >= 0) & np.asarray(wanted.categories != "")
    return spread(wanted, np.where(known, first[places] if len(first) else -1, -1))


def _fill(own: pd.Categorical, claims: pd.Categorical, rows: npt.NDArray[np.intp]) -> pd.Categorical:
    """Return a column whose blanks are filled from the claims' column."""
    blank = spread(own, np.asarray(own.categories == "")) & (rows >= 0)
    if not blank.any():
        return own
    texts = [*texts_of(own), *texts_of(claims)]
    codes = np.where(blank, len(own.categories) + claims.codes[rows].astype(np.int64), own.codes)
    return name_numbers(codes, texts)


def _spread_answers(answers: pd.DataFrame, rows: npt.NDArray[np.intp]) -> pd.DataFrame:
    """Return the answers of each line's claim, once per line."""
    if not len(answers):
        return answers
    lines = pd.DataFrame({"claim": rows, "line": np.arange(len(rows), dtype=np.int32)}).query("claim >= 0")
    by_claim = pd.DataFrame({"claim": answers["charge_row"].to_numpy(), "answer": np.arange(len(answers))})
    pairs = lines.merge(by_claim, on="claim").sort_values(["line", "answer"], kind="stable")
    spread_out = answers.iloc[pairs["answer"].to_numpy()].reset_index(drop=True)
    return spread_out.assign(charge_row=pairs["line"].to_numpy(dtype=np.int32))
