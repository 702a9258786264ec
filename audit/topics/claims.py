"""Claims and charges: what was charged, what is usually allowed for it, on how many claims, and sent when."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.applicability import carries, find_standing, holds, lay_marks, look_up_settings, visit_of_line
from audit.populations import NO, OUT, UNSURE, YES
from audit.rules import Check, Rule, mark_checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from numpy.typing import NDArray

    from audit.dated import Dated
    from audit.measures import Measure
    from audit.populations import Marks, Populations
    from audit.settings import Settings, Thresholds

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

V = TypeVar("V")

ID = "claims"
TITLE = "Claims and charges"

NOT_KNOWN = -1
"""Stands for an amount, or a limit in days, that nobody tells."""

TAKEN = ("paid", "patient", "reduced")
"""Last decisions by which a payer took a claim, whenever it came."""

ALLOWED_AS_BILLED = ("paid", "patient")

REDUCING = ("CQ", "CO", "52", "53")
"""Modifiers by which less is allowed: assistants, reduced and broken off services."""

CLAIM_LINES = 6
"""Services that one paper claim holds: of more, a visit needs two."""


class _Facts(Struct, frozen=True, dict=True):
    """The marked rows and what several rules ask of them."""

    populations: Populations
    settings: Settings
    as_of: date

    @cached_property
    def standing(self) -> Mask:
        return find_standing(self.populations)

    @cached_property
    def first_sent(self) -> Mask:
        """Lines that stand and neither replace nor withdraw others."""
        return self.standing & ~holds(self.populations.lines.frame["frequency"], ("7", "8"))

    @cached_property
    def below_usual(self) -> Marks:
        return _mark_below_usual(self)

    def numbers(self, column: str) -> Ints:
        """Return a column of whole numbers by line, NOT_KNOWN where not told."""
        return self.populations.lines.frame[column].to_numpy(np.int64, na_value=NOT_KNOWN)

    def days(self, column: str) -> NDArray[np.datetime64]:
        """Return a column of dates by line."""
        return self.populations.lines.frame[column].to_numpy().astype("datetime64[D]")


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period: none."""
    return ()


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return tuple(rule for rule, _ in _checks(settings.thresholds))


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark lines by their charge, allowed amount, claims and filing; `short` is what is below the usual."""
    facts = _Facts(populations, settings, as_of)
    found = populations.with_marks(mark_checks(_checks(settings.thresholds), facts, populations))
    short = populations.lines.frame["expected"].to_numpy(np.int64) - facts.numbers("allowed")
    short = np.where(facts.below_usual == YES, short, 0).astype(np.int32)
    return found.with_columns({"lines": {"short": short}})


def _checks(limits: Thresholds) -> tuple[Check[_Facts], ...]:
    low = f"{100 * limits.low_allowed:.0f} %"
    return (
        Check(
            Rule(
                "claims/fee",
                "Compare {rows} charged otherwise than the fee schedule says",
                "Check which is right, the charge or the schedule, and since when.",
                "Payers expect one price for everybody; one that stands alone is asked about.",
                "The practice's own fees, in practice.toml",
                "claim_fee",
                "lines",
                "biller",
                "fees in practice.toml, charges and units",
                money="",
                sentence="The charge of a line is the practice's fee for the code, times its units.",
                right="97140 at $60 a unit: 2 units, $120.",
                wrong="97140 at $60 a unit: 2 units, $100.",
            ),
            _mark_fee,
        ),
        Check(
            Rule(
                "claims/below_usual",
                "Ask the payer about {rows} allowed below its own usual amount",
                "Compare with the contract's fee schedule, then ask the payer; lower rates for several "
                "services of one day may explain it.",
                "An amount below the agreed one is noticed only by who compares it.",
                "The practice's own answers of the same payer and code. What was agreed: the contract",
                "claim_below_usual",
                "lines",
                "biller",
                f"allowed amounts, {limits.smallest_base} or more of the payer and code",
                money="short",
                sentence=f"What a payer allowed for a unit of a code is at least {low} of the median that it "
                f"allowed in {limits.expected_allowed_months} months.",
                task="answers",
                right="97140 usually $30 a unit, allowed $28.",
                wrong="97140 usually $30 a unit, allowed $18.",
            ),
            lambda facts: facts.below_usual,
        ),
        Check(
            Rule(
                "claims/two_claims",
                "Compare {rows} of visits billed on two claims",
                "Check why: a service added later, or a visit entered twice.",
                "A payer looks at the day as a whole: units, code pairs and duplicates over all its claims.",
                "General knowledge; check: services of one patient, day and clinician go on one CMS-1500",
                "claim_split",
                "lines",
                "biller",
                "claim numbers",
                money="",
                sentence="The services of one patient, day, clinician and payer stand on one claim, unless "
                f"they are more than {CLAIM_LINES}.",
                right="97140 and 97110 of 5 October on claim 4711.",
                wrong="97140 of 5 October on claim 4711, 97110 of that day on claim 4730.",
            ),
            _mark_split,
        ),
        Check(
            Rule(
                "claims/filed_late",
                "Look at {rows} sent after the payer's filing limit and not paid",
                "Check for proof that the claim was sent earlier, as the acceptance report of the clearing "
                "house; what was filed too late is usually not the patient's to pay.",
                "A claim past the limit is refused (reason 29), and rarely on appeal paid.",
                "Filing limits in config/payers.toml; for Medicare 42 CFR 424.44",
                "claim_filed_late",
                "lines",
                "biller",
                "submission dates, and filing_days of the payer",
                sentence="A line that the payer has not paid was sent within its filing limit, counted from "
                "the date of service.",
                payers="payers whose filing_days are known",
                right="Service of 5 January, limit 90 days, sent on 20 January.",
                wrong="Service of 5 January, limit 90 days, sent on 20 April.",
            ),
            _mark_filed_late,
        ),
    )


def _mark_fee(facts: _Facts) -> Marks:
    """Cents are compared as whole numbers: half a cent off is rounding."""
    fee, charge, units = _find_fees(facts), facts.numbers("charge"), facts.numbers("units")
    differs = np.abs(charge * 100 - fee * units) > 50
    told = (fee >= 0) & (charge >= 0) & (units >= 0)
    return lay_marks(facts.standing & (units != 0), differs, told)


def _find_fees(facts: _Facts) -> Ints:
    """Return, by line, the practice's fee for a unit on the date of service, in cents."""
    fees = [facts.settings.practice.fees.get(code) for code in facts.populations.labels["code"]]
    cents = {fee: round(fee * 100) for fee in _list_values(fees)}
    return look_up_settings(facts.populations, "code", fees, cents, NOT_KNOWN)


def _mark_below_usual(facts: _Facts) -> Marks:
    """`expected` is the payer's median for the code where it allowed any in the months looked at."""
    limits, lines = facts.settings.thresholds, facts.populations.lines
    until = pd.Timestamp(facts.as_of)
    since = until - pd.DateOffset(months=limits.expected_allowed_months)
    day = lines.frame["service_date"]
    allowed, units = facts.numbers("allowed"), facts.numbers("units")
    told = ((day > since) & (day <= until)).to_numpy() & (allowed > 0) & (units > 0)
    kind = lines.groups["payer"] * len(facts.populations.labels["code"]) + lines.groups["code"]
    enough = np.bincount(kind[told], minlength=int(kind.max(initial=0)) + 1)[kind] >= limits.smallest_base
    expected = lines.frame["expected"].to_numpy(np.int64)
    asked = told & facts.standing & holds(lines.frame["last_decision"], ALLOWED_AS_BILLED)
    asked &= ~carries(lines.frame["modifiers"], *REDUCING)
    return lay_marks(asked, allowed < expected * limits.low_allowed, enough)


def _mark_split(facts: _Facts) -> Marks:
    """The same code again on another claim is left to `usage/repeated`.

    Where most visits of several lines have a claim for each line, the files number lines, not claims.
    """
    lines, marks = facts.populations.lines, np.full(len(facts.standing), OUT, dtype=np.int8)
    frame = lines.frame
    own = facts.first_sent & ~frame["billed_twice"].to_numpy()
    claim = frame["claim_id"].cat.codes.to_numpy().astype(np.int64)
    told = ~holds(frame["claim_id"], ("",))
    own &= ~_several(facts.populations.service_of_line, claim, own & told)
    whole = _number_wholes(facts.populations)
    size = np.bincount(whole[own], minlength=int(whole.max(initial=0)) + 1)[whole]
    own &= size <= CLAIM_LINES
    marks[own] = NO
    several = own & _several(whole, claim, own & told)
    many = own & told & (size > 1)
    apart = many & several
    if apart.sum() * 2 > many.sum() and many.sum() >= facts.settings.thresholds.smallest_base:
        marks[many] = UNSURE
    else:
        marks[several] = YES
    marks[own & ~told] = UNSURE
    return marks


def _number_wholes(populations: Populations) -> Ints:
    """Return, by line, a number of its visit and payer; few visits have lines of two payers."""
    visit, payer = visit_of_line(populations), populations.lines.groups["payer"]
    other = np.flatnonzero(payer != populations.visits.groups["payer"][visit])
    kind = visit[other] * len(populations.labels["payer"]) + payer[other]
    visit[other] = len(populations.visits) + pd.factorize(kind)[0]
    return visit


def _several(whole: Ints, claim: Ints, rows: Mask) -> Mask:
    """Tell of each line whether the lines of its whole stand on more than one claim."""
    one = np.zeros(int(whole.max(initial=0)) + 1, dtype=np.int64)
    one[whole[rows]] = claim[rows]  # any of them
    several = np.zeros(len(one), dtype=bool)
    several[whole[rows & (claim != one[whole])]] = True
    return several[whole]


def _mark_filed_late(facts: _Facts) -> Marks:
    """`submitted_date` is that of the first sending."""
    payers = [facts.settings.payer(name).filing for name in facts.populations.labels["payer"]]
    days = {limit: limit for limit in _list_values(payers)}
    limit = look_up_settings(facts.populations, "payer", payers, days, NOT_KNOWN)
    sent = facts.days("submitted_date")
    passed = (sent - facts.days("service_date")).astype(np.int64)
    asked = facts.first_sent & ~holds(facts.populations.lines.frame["last_decision"], TAKEN)
    return lay_marks(asked, passed > limit, (limit >= 0) & ~np.isnat(sent))


def _list_values(told: Iterable[V | list[Dated[V]] | None]) -> Iterator[V]:
    """Yield the values of settings, dated or not."""
    for one in told:
        if isinstance(one, list):
            yield from (dated.value for dated in one)
        elif one is not None:
            yield one
