"""What a practice watches every month, and what it is told of its peers, as written.

In: the tables of `config/targets.toml`, of a practice's own `practice.toml`, and of a peers file. Out:
frozen, validated structs. Whether a figure of that name exists is for those who hold the figures to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from audit.errors import SettingsError
from audit.validation import convert, read_toml

if TYPE_CHECKING:
    from pathlib import Path

Text = Annotated[str, Meta(min_length=1)]


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure, or the same figure of several values, that the page watches."""

    figure: Text | None = None
    """Id of the figure as the report prints it; the value `*` stands for every value of its group."""
    title: Text | None = None
    """What the table calls it; absent = as its measure, with the value."""
    dollars: Text | None = None
    """Id of the measure whose dollars stand beside it; absent = none."""
    largest: Annotated[int, Meta(ge=1, le=50)] = 3
    """With `*`: how many values are watched, those with the largest base first."""
    show: bool = True
    """`false` takes a shipped target off the page."""


class Peer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody published about the same figure elsewhere; shown beside it, never judged by."""

    figure: Text
    """Id of the figure it stands beside."""
    value: Text
    """The value as published, with its unit: it is shown as it is written."""
    of: Text
    """Whose value it is: a state, the nation, a specialty."""
    source: Text
    """Where it is published."""
    year: Annotated[int, Meta(ge=1990, le=2100)]
    """The year that the value tells of."""


class PeersFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A peers file: the practice's own, named in its `practice.toml`."""

    peers: Annotated[list[Peer], Meta(min_length=1)]
    """The values, in any order."""


def merge_targets(shipped: dict[str, Any], own: dict[str, Any], file: str) -> dict[str, Target]:
    """Return the shipped targets with a practice's overrides, setting by setting, then its own targets."""
    merged = {name: {**shipped.get(name, {}), **own.get(name, {})} for name in (*shipped, *own)}
    targets: dict[str, Target] = convert(merged, dict[str, Target], file)
    for name, target in targets.items():
        if target.figure is None:
            raise SettingsError(
                f'{file}, [targets] [{name}]: the key "figure" is missing; copy its name from the report.'
            )
    return targets


def read_peers(path: Path) -> tuple[Peer, ...]:
    """Return the values of a peers file; SettingsError where it cannot be read or says what is not known."""
    found: PeersFile = convert(read_toml(path), PeersFile, path.name)
    return tuple(found.peers)
