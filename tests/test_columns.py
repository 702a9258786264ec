"""Tables as bare columns: there and back without a change, and without a copy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.columns import (
    UNTOLD,
    columns_of,
    find_blanks,
    find_cells,
    frame_of,
    look_up,
    read_numbers,
    tabulate,
    take_rows,
)
from tests.tables import postings

TEXTS = pd.Categorical(["CO", "", "PR", "CO"])


def test_a_table_is_the_same_after_the_way_to_columns_and_back() -> None:
    """Types, order and missing cells stay; nothing is copied."""
    table = postings("posted_on amount group\n10-19 60 CO\n- - -")
    columns = columns_of(table)
    pd.testing.assert_frame_equal(frame_of(columns, columns), table)
    assert np.shares_memory(frame_of(columns, ["line"])["line"].to_numpy(), table["line"].to_numpy())


def test_columns_come_in_the_order_they_are_named_in() -> None:
    columns = columns_of(postings("amount\n60"))
    assert frame_of(columns, ["reason", "line"]).columns.tolist() == ["reason", "line"]


def test_some_rows_are_taken_and_all_are_no_copy() -> None:
    """Only the columns asked for are taken."""
    columns = columns_of(postings("group amount\nCO 60\nPR 5"))
    assert take_rows(columns, np.array([1]), "group", "amount")["group"].tolist() == ["PR"]
    whole = take_rows(columns, np.array([0, 1]))
    assert take_rows(columns, np.array([1, 0]), "group")["group"].tolist() == columns["group"].tolist()[::-1]
    assert whole is not columns
    assert all(whole[name] is columns[name] for name in columns)


def test_cells_are_found_by_their_texts() -> None:
    """Texts that no cell holds find none."""
    assert find_cells(TEXTS, "CO", "OA").tolist() == [True, False, False, True]
    assert not find_cells(TEXTS, "OA").any()
    assert find_blanks(TEXTS).tolist() == [False, True, False, False]
    assert find_blanks(pd.Categorical(["a"])).tolist() == [False]


def test_each_text_is_looked_up_once_for_all_its_cells() -> None:
    assert look_up(TEXTS, {"CO": 4}, -1).tolist() == [4, -1, -1, 4]
    assert look_up(TEXTS, {}, 7).tolist() == [7, 7, 7, 7]
    assert tabulate(["a", "b"], {"b": 2}).tolist() == [0, 2]


def test_a_missing_number_is_what_is_asked_for() -> None:
    amounts = pd.array([60, pd.NA], dtype="Int64")
    assert read_numbers(amounts).tolist() == [60, 0]
    assert read_numbers(amounts, UNTOLD).tolist() == [60, UNTOLD]
