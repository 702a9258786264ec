"""Payments: what payers paid in the period, what they set off, and how their answers found their lines.

In: the record of what was read, and the period. Out: a section of the page; None where the files hold neither
payments nor an answer that had to be joined. Payments count by the date they are paid on, whatever the dates
of the services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from audit.blocks import Cell, Head, Row, Section, Table, count, fold_rows, money, money_exact, plural
from audit.joining import KEYS
from audit.populations import months_of
from audit.showing import name_cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.periods import Period
    from audit.record import Joining, Read

BESIDE = KEYS[0]
"""Answers of an export that shows them on the line itself: nothing had to be joined."""

ID = "payments"
TITLE = "Payments"

REASONS: Mapping[str, str] = {
    "50": "late charge",
    "51": "interest penalty",
    "72": "authorized return",
    "90": "allowance for early payment",
    "B2": "rebate",
    "BD": "bad debt",
    "BN": "bonus",
    "CS": "adjustment, told in a letter",
    "CT": "capitation",
    "E3": "withheld",
    "FB": "balance forwarded to another payment",
    "FC": "allocation of a fund",
    "IP": "incentive",
    "IR": "withheld for the tax office",
    "IS": "interim settlement",
    "J1": "not reimbursed",
    "L3": "penalty",
    "L6": "interest",
    "LE": "levy",
    "LS": "lump sum",
    "OB": "offset for an affiliated provider",
    "PI": "periodic payment",
    "PL": "last payment",
    "RA": "adjustment for earlier dates",
    "WO": "earlier payment taken back",
    "WU": "taken back, reason not told",
}
"""Reasons of adjustments of a whole payment (PLB of the X12 835), in our own words."""


def show_payments(read: Read, period: Period) -> Section | None:
    """Return the section on payments and joins."""
    paid, set_off = (
        frame[_inside(frame[day], period)]
        for frame, day in ((read.payments, "paid_on"), (read.provider_adjustments, "posted_on"))
    )
    joined = sum(one.postings for one in read.joining.joins if one.key != BESIDE)
    if not (len(read.payments) or joined):
        return None
    blocks = {
        "payments": list_payments(paid, period),
        "adjustments": list_adjustments(set_off),
        "joins": list_joins(read.joining),
    }
    return Section(ID, TITLE, blocks, lead=_lead(read, paid, period), short="Payments")


def _inside(days: pd.Series[pd.Timestamp], period: Period) -> pd.Series[bool]:
    return days.notna() & (months_of(days) >= period.first) & (months_of(days) <= period.last)


def _lead(read: Read, paid: pd.DataFrame, period: Period) -> str:
    lost = read.joining.unmatched.postings
    all_told = sum(one.postings for one in read.joining.joins) + lost
    text = f"All {plural(all_told, 'posting')} found their line."
    if lost:
        text = f"**{count(lost)}** of {plural(all_told, 'posting')} found no line."
    if len(paid):
        worth = money(int(paid["payment"].sum()))
        return f"{plural(len(paid), 'payment')} dated in {period.title}: **{worth}**. {text}"
    if len(read.payments):
        return f"No payment is dated in {period.title}, {count(len(read.payments))} on other days. {text}"
    return text


def list_payments(paid: pd.DataFrame, period: Period) -> Table | None:
    """Return the period's payments by payer, and whether each is what its claims and adjustments say."""
    if not len(paid):
        return None
    amounts = paid.assign(number=1, unbalanced=paid["unbalanced"].astype("int64"))
    amounts = amounts.fillna(dict.fromkeys(_CENTS, 0))
    sums = amounts.groupby("payer", observed=True)[["number", *_CENTS, "claims", "unbalanced"]].sum()
    sums = sums.astype("int64").sort_index()
    named = list(zip(sums.index.tolist(), sums.to_dict("records"), strict=True))
    rows = [Row((name_cell(str(payer)), *_paid_cells(one))) for payer, one in sorted(named, key=_by_amount)]
    total = Row((Cell("All"), *_paid_cells(sums.sum().to_dict())), total=True)
    return Table(
        "payments-payer",
        "Payments by payer",
        (
            Head("Payer", numeric=False),
            Head("Payments"),
            Head("Paid"),
            Head("On claims"),
            Head("Set off", note="by the payer"),
            Head("Differs by"),
            Head("Interest"),
            Head("Claims"),
            Head("Unbalanced", note="claims"),
        ),
        (*fold_rows(rows), total),
        note=f"Payments dated in {period.title}, whatever the dates of the services. Paid = on claims − set "
        "off; else it differs. Unbalanced: charge − paid is not the sum of the claim's adjustments. Interest "
        "is part of no line.",
        csv="payments.csv",
        fold=True,
    )


_CENTS = ("payment", "claims_paid", "adjusted", "interest")


def _by_amount(named: tuple[Any, Mapping[Any, Any]]) -> tuple[int, str]:
    return -named[1]["payment"], str(named[0])


def _paid_cells(one: Mapping[Any, Any]) -> tuple[Cell, ...]:
    differs = one["payment"] - (one["claims_paid"] - one["adjusted"])
    cents = (one["payment"], one["claims_paid"], one["adjusted"], differs, one["interest"])
    return (
        Cell(count(one["number"])),
        *(Cell(money_exact(amount), sort=amount) for amount in cents),
        Cell(count(one["claims"])),
        Cell(count(one["unbalanced"])),
    )


def list_adjustments(set_off: pd.DataFrame) -> Table | None:
    """Return what payers set off against whole payments of the period, by payer and reason."""
    if not len(set_off):
        return None
    cents = set_off["amount"].fillna(0).astype("int64")
    told = set_off.assign(number=1, less=cents.clip(lower=0), more=-cents.clip(upper=0))
    sums = told.groupby(["payer", "reason"], observed=True)[["number", "less", "more"]].sum().reset_index()
    records = list(zip(*(sums[name].tolist() for name in sums), strict=True))
    rows = [
        Row(
            (
                name_cell(payer),
                Cell(f"{reason} {REASONS.get(reason, '')}".strip() or "none"),
                *_set_off_cells(*amounts),
            )
        )
        for payer, reason, *amounts in sorted(records, key=lambda one: (-one[3] - one[4], one[0], one[1]))
    ]
    all_of_it = (int(told[name].sum()) for name in ("number", "less", "more"))
    return Table(
        "payments-adjustments",
        "Set off against whole payments",
        (
            Head("Payer", numeric=False),
            Head("Reason", numeric=False),
            Head("Times"),
            Head("Taken off"),
            Head("Added"),
        ),
        (*fold_rows(rows), Row((Cell("All"), Cell(""), *_set_off_cells(*all_of_it)), total=True)),
        note="The remittance names no line for these: they touch no line.",
        fold=True,
    )


def _set_off_cells(number: int, less: int, more: int) -> tuple[Cell, ...]:
    return Cell(count(number)), *(Cell(money_exact(cents), sort=cents) for cents in (less, more))


def list_joins(joining: Joining) -> Table:
    """Return how many lines and postings each key joined, and what found no counterpart or was told twice."""

    def line(name: str, lines: int | None, postings: int | None, cents: int, sub: str = "") -> Row:
        return Row((Cell(name, sub=sub), Cell(count(lines)), Cell(count(postings)), Cell(money_exact(cents))))

    rows = [
        line(f"By {one.key}", one.lines, one.postings, one.cents) for one in joining.joins if one.postings
    ]
    apart = (
        ("Charges without an answer", joining.unanswered, "their charges", "lines"),
        ("Answers without a charge", joining.unmatched, "", "postings"),
        ("Told twice, counted once", joining.repeated, "", "postings"),
        ("Of an older export of the line", joining.superseded, "not counted", "postings"),
    )
    rows += [
        line(
            name,
            tally.lines if of == "lines" else None,
            tally.postings if of != "lines" else None,
            tally.cents,
            sub,
        )
        for name, tally, sub, of in apart
        if tally.lines or tally.postings
    ]
    return Table(
        "payments-joins",
        "How answers found their lines",
        (
            Head("", numeric=False, sort=False),
            Head("Lines", sort=False),
            Head("Postings", sort=False),
            Head("Dollars", note="paid and adjusted", sort=False),
        ),
        tuple(rows),
        note="All files and dates.",
        fold=True,
    )
