"""Figures: the names they go by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import SettingsError
from audit.figures import figure_id, parse_figure_id


def test_groups_stand_in_alphabetical_order() -> None:
    """However it is asked for, a figure has one name."""
    assert (
        figure_id("denials/first_rate", {"payer": "Blue Plan", "code": "97140"})
        == "denials/first_rate/code=97140/payer=Blue%20Plan"
    )


def test_a_value_cannot_break_the_name() -> None:
    """A slash, an equals sign or a tag in a payer's name is encoded."""
    name = figure_id("usage/lines", {"payer": "Blue Cross/Blue Shield;<script>=1"})
    assert name == "usage/lines/payer=Blue%20Cross%2FBlue%20Shield%3B%3Cscript%3E%3D1"


@given(
    st.dictionaries(st.sampled_from(["code", "payer"]), st.text(max_size=20)),
    st.none() | st.text(max_size=10),
)
def test_a_name_can_be_read_back(where: dict[str, str], reason: str | None) -> None:
    """Whatever the values are."""
    part = None if reason is None else ("reason", reason)
    name = parse_figure_id(figure_id("reasons/denied", where, part))
    assert (name.measure, dict(name.where), name.part) == ("reasons/denied", where, part)


@pytest.mark.parametrize("text", ["", "denials", "denials/first_rate/97140", "/x", "a//b"])
def test_what_is_no_figure_is_told_how_one_looks(text: str) -> None:
    """One sentence with an example."""
    with pytest.raises(SettingsError, match="such as denials/first_rate/code=97140"):
        parse_figure_id(text)
