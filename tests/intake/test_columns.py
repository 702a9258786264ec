"""Distinct texts and one code per row: what is changed on the texts shows on the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.intake.columns import (
    constant,
    join,
    name_numbers,
    number_rows,
    recode,
    stack,
    take,
    used,
    whole_numbers,
)


def column(*rows: str) -> pd.Categorical:
    return pd.Categorical(pd.array(list(rows), dtype="str"))


def test_texts_that_become_equal_become_one() -> None:
    found = recode(column("bcbs", "Aetna", "BCBS"), ["Aetna", "Blue", "Blue"])
    assert list(found) == ["Blue", "Aetna", "Blue"]
    assert found.categories.tolist() == ["Aetna", "Blue"]


def test_distinct_texts_are_sorted_whatever_the_order_of_rows() -> None:
    first, second = (name_numbers(np.array(numbers), ["b", "a", "c"]) for numbers in ([0, 1, 2], [2, 1, 0]))
    assert (list(first), list(second)) == (["b", "a", "c"], ["c", "a", "b"])
    assert first.categories.tolist() == second.categories.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("many", [1, 127, 128, 129, 2**15, 2**15 + 1])
def test_however_many_distinct_texts_each_row_keeps_its_own(many: int) -> None:
    texts = [f"{number:05}" for number in range(many)]
    found = name_numbers(np.arange(many)[::-1], texts)
    ends = used(take(found, np.array([0, many - 1])))
    assert list(ends) == [texts[-1], texts[0]]
    assert set(ends.categories) == {texts[-1], texts[0]}


def test_joined_columns_leave_no_gap_where_one_is_blank() -> None:
    found = join([column("59", "", "59", ""), column("GP", "GP", "", ""), constant(4)])
    assert list(found) == ["59 GP", "GP", "59", ""]


def test_rows_have_one_number_exactly_when_all_their_columns_are_equal() -> None:
    """Also where a product of their widths would leave 64 bits and lose the first column."""
    wide = np.array([0, 0, 2**16 - 1, 0])
    numbers, count = number_rows([np.array([0, 1, 0, 0]), wide, -wide, wide, wide])
    assert (numbers.tolist(), count) == ([0, 1, 2, 0], 3)


def test_an_unknown_number_is_missing_and_not_zero() -> None:
    found = whole_numbers(np.array([-500, 0, 700]), np.array([True, True, False]))
    assert [None if value is pd.NA else value for value in found] == [-500, 0, None]


def test_frames_below_each_other_keep_their_texts_and_stay_categorical() -> None:
    found = stack([pd.DataFrame({"payer": column("b", "a")}), pd.DataFrame({"payer": column("c", "b")})])
    assert found["payer"].tolist() == ["b", "a", "c", "b"]
    assert str(found["payer"].dtype) == "category"
