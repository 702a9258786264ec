"""What is known about a payer: its limits, its habits, and which rules it follows, each with its dates."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct, field

from audit.dated import Dated, check_order, newest, value_on
from audit.validation import CodeText, Days, Text

Counting = Literal["total time", "midpoint"]
"""How units of timed codes are counted: all minutes of a day together, or each code for itself."""


class ExtraPair(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two codes that a payer does not pay on one day, beyond the official pairs."""

    paid: CodeText
    """The code that is paid."""
    bundled: CodeText
    """The code that is not."""
    modifier: Literal["0", "1"]
    """1: a modifier can tell that they were separate services; 0: never."""
    start: date | None = field(name="from", default=None)
    """`from`: first date of service; absent = has always applied."""
    end: date | None = field(name="to", default=None)
    """`to`: last date of service; absent = still applies."""
    source: Text
    """Where it is written: contract, payment policy."""

    def __post_init__(self) -> None:
        check_order(self.start, self.end, '"from"', '"to"')


class Instead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code that a payer wants under another."""

    code: CodeText
    """The code that this payer does not take."""
    use: CodeText
    """The one that it wants."""
    source: Text
    """Where it is written."""


class PayerSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known about one payer.

    `filing_days`, `appeal_days`, `capitated` and `bundles` tell what applies now; methods that take a day,
    and those that return dated values for joining with many lines, what applied then.
    """

    names: list[Text] = []
    """Names under which exports write this payer; case and punctuation do not count."""
    filing: Days | list[Dated[Days]] | None = field(name="filing_days", default=None)
    """`filing_days`: days from the date of service within which a claim must arrive; absent = not known."""
    appeal: Days | list[Dated[Days]] | None = field(name="appeal_days", default=None)
    """`appeal_days`: days from the answer within which an appeal must arrive; absent = not known."""
    prepaid: bool | list[Dated[bool]] = field(name="capitated", default=False)
    """`capitated`: whether the practice is prepaid per member, so that reason 24 is no denial."""
    bundled: list[CodeText | Dated[CodeText]] = field(name="bundles", default_factory=list)
    """`bundles`: codes that this payer never pays separately."""
    medicare: bool = False
    """Whether this is Original Medicare, whose lines a comparative billing report would count."""
    counting: Counting | list[Dated[Counting]] | None = field(name="units", default=None)
    """`units`: how units of timed codes are counted; absent = not known, and both ways are shown."""
    follows_pairs: bool | list[Dated[bool]] = field(name="ncci", default=False)
    """`ncci`: whether the payer follows Medicare's code pairs."""
    follows_limits: bool | list[Dated[bool]] = field(name="mue", default=False)
    """`mue`: whether it follows Medicare's medically unlikely units."""
    therapy_modifiers: bool | list[Dated[bool]] = False
    """Whether lines of a therapy plan must carry GP, GO or GN."""
    extra_pairs: list[ExtraPair] = []
    """Further codes that it does not pay on one day."""
    instead: list[Instead] = []
    """Codes that it wants under others."""
    category_iii: bool | None = None
    """Whether it pays temporary codes (category III); absent = not known."""
    referral: bool | list[Dated[bool]] = False
    """Whether it wants a referral or prescription that covers the visit."""

    @property
    def filing_days(self) -> int | None:
        """Return the newest filing limit in days, None when not known."""
        return newest(self.filing) if isinstance(self.filing, list) else self.filing

    @property
    def appeal_days(self) -> int | None:
        """Return the newest appeal limit in days, None when not known."""
        return newest(self.appeal) if isinstance(self.appeal, list) else self.appeal

    @property
    def capitated(self) -> bool:
        """Tell whether the practice is prepaid by this payer, by the newest value."""
        return newest(self.capitations()) or False

    @property
    def bundles(self) -> frozenset[str]:
        """Return every code that this payer does not pay separately, or once did not."""
        return frozenset(dated.value for dated in self.bundled_codes())

    def filing_days_on(self, day: date) -> int | None:
        """Return the filing limit in days for a service on `day`, None when not known."""
        return value_on(self.filing, day) if isinstance(self.filing, list) else self.filing

    def appeal_days_on(self, day: date) -> int | None:
        """Return the appeal limit in days for an answer on `day`, None when not known."""
        return value_on(self.appeal, day) if isinstance(self.appeal, list) else self.appeal

    def bundles_on(self, day: date) -> frozenset[str]:
        """Return the codes that this payer does not pay separately on `day`."""
        return frozenset(dated.value for dated in self.bundled_codes() if dated.covers(day))

    def capitations(self) -> tuple[Dated[bool], ...]:
        """Return the prepaid status with its dates, for joining with many lines."""
        return (Dated(value=self.prepaid),) if isinstance(self.prepaid, bool) else tuple(self.prepaid)

    def bundled_codes(self) -> tuple[Dated[str], ...]:
        """Return the codes never paid separately with their dates, for joining with many lines."""
        return tuple(item if isinstance(item, Dated) else Dated(value=item) for item in self.bundled)
