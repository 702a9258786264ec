"""The sums of a remittance: what it charges, pays and adjusts, and whether its own sums agree.

In: the records used, their claims and adjustments. Out: totals in cents and counts, and sentences. Real
remittances do not all balance; what does not is told, and is no reason to leave a file out.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct

from audit.columns import find_cells
from audit.intake import elements
from audit.intake.answered import Answered
from audit.intake.readings import RowAmounts
from audit.intake.x12_tables import NOWHERE, Table

Cents = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Adjusted(Struct, frozen=True):
    """Adjustments in cents with the rows of service and claim that they stand on."""

    service: Cents
    claim: Cents
    amount: RowAmounts
    by_patient: Mask

    @classmethod
    def of(cls, table: Table) -> Adjusted:
        """Read the adjustments of a remittance."""
        return cls(
            table.parents["services"],
            table.parents["claims"],
            elements.read_amounts(table["amount"]),
            find_cells(table["group"], "PR"),
        )


class Balances:
    """The sums of the claims and lines of a remittance; `kept` marks the claims that are used."""

    def __init__(self, answered: Answered, kept: Mask) -> None:
        self.tables = answered.tables
        self.lines = answered.where(answered.is_line)
        self.kept = kept
        self.adjusted = Adjusted.of(self.tables["adjustments"])
        claims = self.tables["claims"]
        self.charge, self.paid = (elements.read_amounts(claims[name]) for name in ("charge", "paid"))

    def _sum(self, amounts: Cents, rows: Cents, count: int) -> Cents:
        sums = np.zeros(count, dtype=np.int64)
        np.add.at(sums, rows, amounts)
        return sums

    def _by_service(self, chosen: Mask) -> Cents:
        """Return the chosen adjustments of lines by row of the services."""
        rows = chosen & (self.adjusted.service != NOWHERE)
        amounts = _told(self.adjusted.amount)[rows]
        return self._sum(amounts, self.adjusted.service[rows], len(self.tables["services"]))

    @cached_property
    def on_lines(self) -> Cents:
        """What is adjusted on the lines, by claim."""
        rows = (self.adjusted.service != NOWHERE) & (self.adjusted.claim != NOWHERE)
        return self._sum(_told(self.adjusted.amount)[rows], self.adjusted.claim[rows], len(self.kept))

    @cached_property
    def on_claims(self) -> Cents:
        """What is adjusted on claims beside their lines, by claim."""
        rows = (self.adjusted.service == NOWHERE) & (self.adjusted.claim != NOWHERE)
        return self._sum(_told(self.adjusted.amount)[rows], self.adjusted.claim[rows], len(self.kept))

    @cached_property
    def lines_of_claims(self) -> Cents:
        """How many lines each claim has."""
        return np.bincount(self.lines.claim, minlength=len(self.kept)).astype(np.int64)

    @cached_property
    def lines_balance(self) -> Mask:
        """Whether a claim has lines and what these are charged less paid is what is adjusted on them."""
        open_cents = _told(self.lines.charge) - _told(self.lines.paid)
        left = self._sum(open_cents, self.lines.claim, len(self.kept))
        balances: Mask = (self.lines_of_claims > 0) & (left == self.on_lines)
        return balances

    @cached_property
    def unbalanced_claims(self) -> Mask:
        """Claims whose charge less payment is neither all their adjustments nor those of their lines."""
        gap = _told(self.charge) - _told(self.paid)
        agrees = (gap == self.on_lines + self.on_claims) | ((gap == self.on_lines) & self.lines_balance)
        unbalanced: Mask = self.kept & ~agrees
        return unbalanced

    @cached_property
    def unbalanced_lines(self) -> int:
        """How many lines are charged less paid another amount than is adjusted on them."""
        every = self._by_service(np.ones(len(self.adjusted.service), dtype=bool))
        known = self.lines.charge.known & self.lines.paid.known
        gap = self.lines.charge.values - self.lines.paid.values
        return int((known & (gap != every[self.lines.service])).sum())

    @cached_property
    def zero_paid(self) -> Mask:
        """Lines that are charged, not taken back, and paid nothing."""
        lines = self.lines
        nothing: Mask = lines.paid.known & (lines.paid.values == 0)
        return nothing & (_told(lines.charge) > 0) & ~lines.is_reversal

    @cached_property
    def payer_zeroed(self) -> Mask:
        """Of these, the lines whose adjustments other than the patient's share take the whole charge."""
        taken = self._by_service(~self.adjusted.by_patient)
        zeroed: Mask = self.zero_paid & (taken[self.lines.service] >= _told(self.lines.charge))
        return zeroed

    def by_payment(self, amounts: Cents) -> Cents:
        """Return the sums of an amount of the used claims, by payment."""
        claims, payments = self.tables["claims"], self.tables["payments"]
        rows = self.kept & (claims.parents["payments"] != NOWHERE)
        return self._sum(amounts[rows], claims.parents["payments"][rows], len(payments))

    def payments(self) -> pd.DataFrame:
        """Return cents by payment (paid, on claims, set off, interest) and its claims, all and unbalanced."""
        payments, claims, set_off = (self.tables[name] for name in ("payments", "claims", "set_off"))
        payment = elements.read_amounts(payments["amount"])
        collected = find_cells(payments["direction"], "D") & (payment.values > 0)
        rows = set_off.parents["payments"] != NOWHERE
        adjusted = _told(elements.read_amounts(set_off["amount"]))[rows]
        whole = np.ones(len(claims), dtype=np.int64)
        return pd.DataFrame(
            {
                "payment": pd.array(
                    RowAmounts(np.where(collected, -payment.values, payment.values), payment.known).nullable()
                ),
                "claims_paid": self.by_payment(_told(self.paid)),
                "adjusted": self._sum(adjusted, set_off.parents["payments"][rows], len(payments)),
                "interest": self.by_payment(_told(elements.read_amounts(claims["interest"]))),
                "claims": self.by_payment(whole).astype(np.int32),
                "unbalanced": self.by_payment(self.unbalanced_claims.astype(np.int64)).astype(np.int32),
            }
        )

    def totals(self, payments: pd.DataFrame) -> dict[str, int]:
        """Return the sums that `audit check` tells of the file; `payments` are those of `payments()`."""
        return {
            "transactions": len(payments),
            "claims": int(self.kept.sum()),
            "lines": len(self.lines),
            "reversal_lines": int(self.lines.is_reversal.sum()),
            "charge_cents": int(_told(self.lines.charge).sum()),
            "line_paid_cents": int(_told(self.lines.paid).sum()),
            "claim_paid_cents": int(_told(self.paid)[self.kept].sum()),
            "provider_adjustment_cents": int(payments["adjusted"].sum()),
            "payment_cents": int(payments["payment"].sum()),
            "payer_zeroed_lines": int(self.payer_zeroed.sum()),
            "zero_paid_lines": int(self.zero_paid.sum()),
            "unbalanced_claims": int(self.unbalanced_claims.sum()),
        }


def _told(amounts: RowAmounts) -> Cents:
    """Return the amounts, 0 where unknown."""
    return np.where(amounts.known, amounts.values, 0)
