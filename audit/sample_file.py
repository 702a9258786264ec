"""The file `sample.toml`: what was drawn from which frame, so that anybody can draw it again.

In: a `Sample`. Out: its text, and the same struct read back and checked. Money is in whole cents, units in
whole hundredths; what the export does not tell is left out. Rows go by file and record number: no patient's
name, number or free text is ever in here.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct, field, structs

from audit.errors import InputError
from audit.intake.toml_text import quote
from audit.validation import convert, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

AS_BILLED = "as_billed"
"""The id of the question that every line has, beside its documentation elements: does the note support it?"""

Of = Literal["visits", "lines", "claims"]
Place = Annotated[int, Meta(ge=1)]
Size = Annotated[int, Meta(ge=0)]

HEAD = """\
# A sample for chart review, written by `audit sample`. Do not change it: `audit sample --verify` draws it
# again from the same files and compares. Money is in cents, units are in hundredths.
"""


class FrameFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the files that the frame was made from."""

    name: str
    sha256: str


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How many items were asked for."""

    size: Size | None = None
    """Altogether, in proportion to the strata."""
    each: Size | None = None
    """Of every stratum."""
    spares: Size = 0
    """Of every stratum, beside those drawn."""
    second: Annotated[str, Meta(pattern=r"^\d+(/\d+)?$")] = "0"
    """The share that a second reviewer reads as well, as 1/5."""


class Stratum(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the frame that is drawn from by itself; the whole frame where it is not divided."""

    name: str = ""
    """The value that its items share; empty for the whole frame, and where the export does not tell it."""
    size: Size
    """Items of the frame in it."""
    drawn: Size
    spares: Size = 0
    seed: str = ""
    """Its own seed, so that RAT-STATS draws the same positions from 1 to `size`; empty in a risk pick."""


class SampledLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One claim line of an item."""

    file: str
    row: int
    """The record's number in that file, as a spreadsheet shows it."""
    note: Place = 1
    """Which of the item's visit notes covers it: lines of one visit have one note."""
    service_date: date
    clinician: str = ""
    payer: str = ""
    code: str
    modifiers: str = ""
    units: int | None = None
    charge: int | None = None
    allowed: int | None = None
    paid: int | None = None
    elements: list[str] = []
    """The documentation elements that its code and discipline require on that day, by id."""


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is reviewed as one: a visit, a claim line or a claim."""

    id: str
    """The sample's id and the item's number in the order of drawing, as KTRWPD-001."""
    stratum: Place = 1
    """Which of the strata it is from, counted from 1."""
    position: Place
    """Its place in the stratum, counted from 1 in the order of the frame."""
    spare: bool = False
    findings: list[str] = []
    """In a risk pick, the rules that found one of its rows."""
    lines: Annotated[list[SampledLine], Meta(min_length=1)]


class AskedElement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question of the worksheet, as it was asked on the day of drawing."""

    id: str
    title: str
    question: str
    usual_class: str
    """The class in which a "no" counts unless the reviewer names another."""


class Sample(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One sample: its frame, how it was drawn, and what was drawn."""

    schema: Literal[1]
    id: Annotated[str, Meta(pattern="^[B-Z]{6}$")]
    """Six letters made from the frame and the way of drawing: the same draw has the same id."""
    kind: Literal["random", "risk"]
    """random: every item of a stratum was as likely as another. risk: picked by findings, so that neither an
    interval nor an extrapolation means anything."""
    practice: str
    version: str
    """The product's version that drew it."""
    period: str
    as_of: date
    settings: str = ""
    """SHA-256 of the practice's settings; empty where there were none."""
    files: Annotated[list[FrameFile], Meta(min_length=1)]
    of: Of
    where: dict[str, list[str]] = {}
    """The filter: only lines that have one of these values, in every group named."""
    order: str
    """The order of the frame's items, in words."""
    size: Place
    """Items of the frame."""
    wish: Wish
    stratify: Literal["", "clinician", "code", "payer"] = ""
    seed: str = ""
    generator: Literal["", "rat-stats", "pcg64"] = ""
    strata: Annotated[list[Stratum], Meta(min_length=1)]
    elements: list[AskedElement]
    items: Annotated[list[Item], Meta(min_length=1)]
    second: list[str] = field(default_factory=list)
    """Ids of the items that a second reviewer reads as well."""

    @property
    def drawn(self) -> list[Item]:
        """The items drawn, without spares, in the order of drawing."""
        return [item for item in self.items if not item.spare]

    def element(self, element_id: str) -> AskedElement:
        """Return the question of that id."""
        return next(one for one in self.elements if one.id == element_id)

    def __post_init__(self) -> None:
        ids = [item.id for item in self.items]
        if len(set(ids)) < len(ids):
            raise ValueError("two items have the same id")
        known = {element.id for element in self.elements}
        for item in self.items:
            if item.stratum > len(self.strata):
                raise ValueError(f"the item {item.id} is from a stratum that is not listed")
            if any(name not in known for line in item.lines for name in line.elements):
                raise ValueError(f"the item {item.id} asks for an element that is not listed")


def write_sample(sample: Sample) -> str:
    """Return the text of `sample.toml`."""
    top = _told(sample)
    tables = {name: top.pop(name) for name in ("where", "files", "strata", "elements", "items")}
    lines = [HEAD, *(f"{name} = {_value(value)}" for name, value in top.items())]
    if tables["where"]:
        lines += ["", f"where = {_value(tables['where'])}"]
    for name in ("files", "strata", "elements"):
        rows = [f"  {_value(one)}," for one in tables[name]]
        lines += ["", f"{name} = [", *rows, "]"]
    for item in tables["items"]:
        told = _told(item)
        rows = [f"  {_value(line)}," for line in told.pop("lines")]
        if not told["findings"]:
            del told["findings"]
        lines += ["", "[[items]]", *(f"{key} = {_value(value)}" for key, value in told.items())]
        lines += ["lines = [", *rows, "]"]
    return "\n".join(lines) + "\n"


def read_sample(path: Path) -> Sample:
    """Read `sample.toml`; what is wrong with it is a SettingsError that names file and key."""
    sample: Sample = convert(read_toml(path), Sample, path.name)
    return sample


def check_files(sample: Sample, digests: Mapping[str, str]) -> None:
    """Raise InputError unless these files (SHA-256 by name) are those that the frame was made from."""
    wanted = {file.name: file.sha256 for file in sample.files}
    _refuse("is not among the files given", sorted(wanted.keys() - digests.keys()))
    _refuse("is no file of that frame; leave it out", sorted(digests.keys() - wanted.keys()))
    changed = sorted(name for name, digest in digests.items() if wanted[name] != digest)
    _refuse("has changed since; use the file as it was", changed)


def _refuse(what: str, names: Sequence[str]) -> None:
    if names:
        raise InputError(f"{names[0]} {what}: the sample was drawn from other files than these.")


def _told(struct: Struct) -> dict[str, Any]:
    """Return the fields of a struct that say something; what is not known has no place in TOML."""
    told = structs.asdict(struct).items()
    return {name: value for name, value in told if value is not None and value is not False and value != ""}


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case Struct():
            return _value(_told(value))
        case dict():
            inside = ", ".join(f"{key} = {_value(one)}" for key, one in value.items())
            return f"{{ {inside} }}"
        case list():
            return f"[{', '.join(map(_value, value))}]"
    return quote(value)
