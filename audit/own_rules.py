"""Rules of the practice's own, of the simple kinds that a contract holds, as `practice.toml` writes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from audit.dated import check_order
from audit.validation import OWN_ID_PATTERN, CodeText, Count, ModifierText, Text


class OwnRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule: which codes, at which payers, and what must hold."""

    id: Annotated[str, Meta(pattern=OWN_ID_PATTERN)]
    """Short name; the finding is called `contract/<id>`."""
    sentence: Text
    """The rule in one sentence."""
    kind: Literal["needs modifier", "not with", "at most units", "at most visits"]
    """What must hold: one of `modifiers` on the line; none of `others` on the visit; at most `most` units of
    the line, or visits of a patient in a calendar year."""
    codes: Annotated[list[CodeText], Meta(min_length=1)]
    """The codes it is about."""
    payers: list[Text] = []
    """The payers it is about, by any of their names; none = every payer."""
    modifiers: list[ModifierText] = []
    """For `needs modifier`: any one of them will do."""
    others: list[CodeText] = []
    """For `not with`: codes that must not be billed for the same patient, day and clinician."""
    most: Count | None = None
    """For `at most units` and `at most visits`."""
    source: Text
    """Where it is written: contract, letter, policy."""
    start: date | None = field(name="from", default=None)
    """`from`: first date of service; absent = has always applied."""
    end: date | None = field(name="to", default=None)
    """`to`: last date of service; absent = still applies."""
    who: Text = "biller"
    """Who acts on it."""

    def __post_init__(self) -> None:
        check_order(self.start, self.end, '"from"', '"to"')
        needs = {"needs modifier": "modifiers", "not with": "others"}.get(self.kind, "most")
        if not getattr(self, needs):
            raise ValueError(f'a rule "{self.kind}" needs "{needs}"')
