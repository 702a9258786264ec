"""Validation: TOML into structs, and one sentence where it does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from msgspec import Meta, Struct

from audit.errors import SettingsError
from audit.validation import convert, nearest, parse_toml, read_toml

if TYPE_CHECKING:
    from pathlib import Path


class Room(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A setting to try."""

    name: str
    beds: Annotated[int, Meta(ge=1)] = 1


class House(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of settings to try."""

    rooms: list[Room] = []
    by_name: dict[str, Room] = {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[rooms]]\nnam = "A"', 'house.toml, [rooms] entry 1: unknown key "nam"; did you mean "name"?'),
        ("[[rooms]]\nbeds = 2", 'house.toml, [rooms] entry 1: the key "name" is missing; add it.'),
        (
            '[by_name.attic]\nname = "A"\nbeds = "two"',
            'house.toml, [by_name] [attic]: "beds" must be a whole number, not text.',
        ),
    ],
)
def test_a_message_names_file_and_key(text: str, sentence: str) -> None:
    """And says what to write instead."""
    with pytest.raises(SettingsError) as told:
        convert(parse_toml(text.encode(), "house.toml"), House, "house.toml")
    assert str(told.value) == sentence


def test_what_fits_becomes_a_struct() -> None:
    """Defaults are filled in."""
    table = parse_toml(b'[[rooms]]\nname = "A"', "house.toml")
    assert convert(table, House, "house.toml") == House(rooms=[Room(name="A", beds=1)])


def test_a_file_that_is_no_toml_or_not_there_is_one_sentence(tmp_path: Path) -> None:
    """With its name, not its folder."""
    path = tmp_path / "house.toml"
    with pytest.raises(SettingsError, match=r"^house\.toml: cannot be read"):
        read_toml(path)
    path.write_text("rooms = ", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^house\.toml: not valid TOML"):
        read_toml(path)


def test_a_name_like_no_other_is_told_all_there_are() -> None:
    """In the order given."""
    assert nearest("zzz", ("one", "two")) == "; known are one, two."
