"""Numbers in the place of texts: equal exactly where the texts are equal."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.numbering import NONE, find_only, find_texts, number_rows, number_texts, read_serials

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
