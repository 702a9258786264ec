"""A scored chart review as it is saved: `reports/chart_reviews/<sample>_<date>.json`.

Only structs: what a later report and the saved results read. Charts go by the sample's own numbers; no remark
and nothing else that a reviewer typed is in here but initials. Money is in whole cents. The JSON Schema is
made from these structs and kept in `config/chart_review.schema.json`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from audit.intervals import Level

CAUTION = (
    "What a reviewer finds is no determination. If it shows a Medicare or Medicaid overpayment, 60 days run "
    "from its identification (42 CFR 401.305): ask counsel before anything is refunded or extrapolated."
)
"""What stands beside money that a reviewer found allowed too much."""

Count = Annotated[int, Meta(ge=0, le=10**12)]
Share = Annotated[float, Meta(ge=0, le=1)]
State = Literal["error", "fine", "unknown"]


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """Charts by what was found in them: with an error, without, and those that nobody could tell in full."""

    errors: Count
    fine: Count
    unknown: Count

    @property
    def base(self) -> int:
        """The charts that tell: what a share is out of."""
        return self.errors + self.fine

    @property
    def read(self) -> int:
        """All charts, those too that do not tell in full."""
        return self.base + self.unknown


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One element, code or clinician: its charts, and the exact 95 % limits of the share with an error."""

    name: str
    told: Told
    title: str = ""
    low: Share | None = None
    high: Share | None = None


class ClassCount(Struct, frozen=True, forbid_unknown_fields=True):
    """How many charts have an error of one class, and how many answers those are."""

    name: str
    charts: Count
    answers: Count


class Chart(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One item read: its state, how many answers are *no*, their classes, and how far its amount is off."""

    item: str
    state: State
    errors: Count = 0
    classes: list[str] = []
    off: int | None = None
    """Cents allowed above what the chart supports, negative where below; None where not known."""


class ChartLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """How many items of the frame may have an error, two-sided, at one confidence in percent."""

    confidence: Level
    low: Count
    high: Count


class Estimate(Struct, frozen=True, forbid_unknown_fields=True):
    """How many items of the frame have an error; `exact`: the limits are, which those of strata are not."""

    share: Share
    error: float | None
    """The standard error of the share."""
    exact: bool
    limits: list[ChartLimits]

    def at(self, confidence: int) -> ChartLimits:
        """Return the limits at 80, 90 or 95 %."""
        return next(one for one in self.limits if one.confidence == confidence)


class Amounts(Struct, frozen=True, forbid_unknown_fields=True):
    """What was allowed for the charts read, and by how many cents too much and too little, apart."""

    allowed: int
    over: Count
    under: Count
    items: Count
    """Charts of which both amounts are known."""
    over_items: Count
    under_items: Count
    unknown: Count

    @property
    def rate(self) -> float | None:
        """The error rate as integrity agreements define it: too much less too little, over what was paid."""
        return (self.over - self.under) / self.allowed if self.allowed > 0 else None


class ProjectedLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """The ends of an interval in cents, two-sided, and the quantile that they are made with."""

    confidence: Level
    quantile: float
    low: int
    high: int


class Projected(Struct, frozen=True, forbid_unknown_fields=True):
    """One sum over the whole frame as RAT-STATS appraises it: an appraisal of the frame, not a demand."""

    of: Literal["net", "over", "under"]
    found: int
    total: int
    error: int | None
    limits: list[ProjectedLimits]


class Agreed(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a second reviewer agrees: same answers of all, kappa and its 95 % interval."""

    answers: Count
    same: Count
    kappa: float | None
    interval: tuple[float, float] | None
    few: bool
    """Too few answers for the interval to be relied on."""


class ChartReview(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One sample as it was read and scored on one day."""

    schema: Literal[1]
    sample: Annotated[str, Meta(pattern="^[B-Z]{6}$")]
    date: date
    practice: str
    version: str
    kind: Literal["random", "risk"]
    """risk: picked by findings; then there are counts only."""
    period: str
    of: Literal["visits", "lines", "claims"]
    where: dict[str, list[str]] = {}
    stratify: str = ""
    seed: str = ""
    generator: str = ""
    frame: Count
    """Items that could be drawn."""
    told: Told
    replaced: Count = 0
    """Items that should not have been in the frame; spares stand in for as many as there were spares read."""
    not_read: Count = 0
    """Of those that do not tell: items without any answer."""
    reviewers: list[Annotated[str, Meta(pattern="^[A-Z]{1,3}$")]] = []
    estimate: Estimate | None = None
    elements: list[Part]
    codes: list[Part]
    clinicians: list[Part]
    classes: list[ClassCount]
    amounts: Amounts | None = None
    extrapolation: str = ""
    """A sentence about what extrapolating would mean; no amount is in it."""
    agreement: Agreed | None = None
    charts: list[Chart] = field(default_factory=list)
    projected: list[Projected] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether its numbers fit each other, as those of every review that is written do."""
        estimate = self.estimate
        return self.told.read <= self.frame and (
            estimate is None
            or (
                self.kind == "random"
                and {one.confidence for one in estimate.limits} == {80, 90, 95}
                and all(one.low <= one.high <= self.frame for one in estimate.limits)
            )
        )

    @property
    def share(self) -> tuple[float, float, float] | None:
        """The estimated share of the frame with an error, and its 95 % limits; None without an estimate."""
        if self.estimate is None:
            return None
        limits = self.estimate.at(95)
        return self.estimate.share, limits.low / self.frame, limits.high / self.frame


class SavedReview(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The review that a report shows, without its single charts, and the one before that it stands beside."""

    review: ChartReview
    before: str = ""
    """Sample and date of the earlier one, as KTRWPD 2026-10-20; empty where there is none."""
    outcome: str = ""
