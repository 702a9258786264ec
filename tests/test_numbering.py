"""Numbers in the place of texts: equal exactly where the texts are equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.numbering import (
    NONE,
    begins_anew,
    count_before,
    find_only,
    find_texts,
    flag,
    number_contents,
    number_days,
    number_rows,
    number_texts,
    rank_texts,
    read_serials,
    renumber,
    total,
)

TEXTS = st.one_of(
    st.lists(
        st.sampled_from(["L1", "L2", "L03", "L3", "L10", "L", "l1", "L0", "1", "01", "L1 ", "L٣", ""]),
        unique=True,
    ),
    st.lists(st.integers(0, 99).map(lambda number: f"V{number}"), unique=True),
    st.lists(st.integers(0, 99).map(lambda number: f"{number:04d}"), unique=True),
)


def index(texts: list[str]) -> pd.Index:
    return pd.Index(texts, dtype="str")


@given(TEXTS, TEXTS)
@hypothesis_settings(deadline=None, max_examples=300)
def test_texts_are_found_where_they_stand(known: list[str], sought: list[str]) -> None:
    """Whatever the texts look like, each is found where it stands, and only there."""
    place = {text: number for number, text in enumerate(known)}
    assert find_texts(index(known), index(sought)).tolist() == [place.get(text, NONE) for text in sought]


@pytest.mark.parametrize(
    ("texts", "serial"),
    [
        (["L0007", "L0012"], True),
        (["7", "12"], True),
        (["L7", "L12"], True),
        (["L7", "L07"], False),
        (["L7", "M8"], False),
        (["L7", "L7a"], False),
        (["L1", "L999999999"], False),
    ],
)
def test_serial_numbers_are_recognized(texts: list[str], serial: bool) -> None:
    """One prefix and a dense number, each number written in one way only."""
    assert (read_serials(index(texts), index(texts)) is not None) == serial


def test_blank_texts_have_no_number() -> None:
    """A blank cell equals no other."""
    column = pd.Categorical(["a", "", "b"])
    other = pd.Categorical(["b", "c", ""])
    (one, two), texts = number_texts(column, other)
    assert [texts[number] if number >= 0 else "" for number in [*one, *two]] == ["a", "", "b", "b", "c", ""]


def test_only_what_stands_once_is_found() -> None:
    """What stands twice, or is not told, is found nowhere."""
    known = pd.array([5, 6, 6, NONE]).to_numpy(dtype="int64")
    assert find_only(known, pd.array([5, 6, 7, NONE]).to_numpy(dtype="int64")).tolist() == [
        0,
        NONE,
        NONE,
        NONE,
    ]


def test_rows_are_numbered_apart_also_beyond_64_bits() -> None:
    """Wide keys are made dense on the way and stay distinct."""
    left = pd.array([0, 1, 2**40, NONE]).to_numpy(dtype="int64")
    columns = [(left, 2**41)] * 4
    numbers = number_rows(columns)
    assert len(set(numbers.tolist()[:3])) == 3
    assert numbers[3] == NONE


NUMBERS = st.lists(st.integers(0, 5), max_size=12)


@given(NUMBERS)
@hypothesis_settings(deadline=None)
def test_equal_numbers_are_counted_as_they_come(numbers: list[int]) -> None:
    """The first of its kind has none before it."""
    expected = [numbers[:at].count(number) for at, number in enumerate(numbers)]
    assert count_before(np.array(numbers, dtype=np.int64)).tolist() == expected


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([1, 2, None])), max_size=8))
@hypothesis_settings(deadline=None)
def test_rows_with_the_same_contents_have_one_number(rows: list[tuple[str, int | None]]) -> None:
    """Text, amounts and missing amounts alike; and no number is left out."""
    texts = pd.Categorical([text for text, _ in rows], categories=["b", "a"])
    numbers = number_contents({"a": texts, "b": pd.array([amount for _, amount in rows], dtype="Int64")})
    assert numbers.tolist() == [list(dict.fromkeys(rows)).index(row) for row in rows]


def test_sorted_numbers_begin_anew_where_they_differ() -> None:
    assert begins_anew(np.array([1, 1, 2])).tolist() == [True, False, True]
    assert begins_anew(np.array([], dtype=np.int64)).tolist() == []


def test_sums_and_marks_stand_at_their_places() -> None:
    """Cents are added as whole numbers, however many."""
    assert total(np.array([2, 0, 2]), np.array([2**60, 5, 1]), 4).tolist() == [5, 0, 2**60 + 1, 0]
    assert flag(np.array([2, 2]), 3).tolist() == [False, False, True]
    assert renumber(np.array([7, 3, 7]), 9)[0].tolist() == [1, 0, 1]


def test_texts_rank_by_the_alphabet_whatever_their_order() -> None:
    column = pd.Categorical(["b", "a", None], categories=["b", "a"])
    assert rank_texts(column).tolist() == [1, 0, NONE]


def test_days_count_from_the_earliest_of_all_columns() -> None:
    """Missing dates have no number."""
    one, other = (np.array(dates, "datetime64[s]") for dates in (["2026-01-03", "NaT"], ["2026-01-01"]))
    assert [days.tolist() for days in number_days(one, other)[0]] == [[2, NONE], [0]]
