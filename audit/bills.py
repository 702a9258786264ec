"""Bills: what the lines themselves, and the settings of their payers, contribute to a decision.

In: the lines as columns, the postings (`audit/remittances.py`), the settings. Out: `Bills`, one value per
line: amounts that the export shows on the line, whether it was sent to a payer, whether its refusal was asked
for, whether a refusal as duplicate, bundled or prepaid is as expected. Cents.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from msgspec import Struct

from audit.codes import code_book
from audit.columns import UNTOLD, Columns, Ints, Mask, find_cells, look_up, read_numbers
from audit.lines import SELF_PAY
from audit.numbering import begins_anew, flag, number_days, number_rows
from audit.remittances import BUNDLED, CAPITATION, DUPLICATE, SENT_TWICE, UNDATED, Posted, read_days

if TYPE_CHECKING:
    from audit.settings import Settings

REFUSED_BY_REQUEST = frozenset({"GY", "GX"})
"""Modifiers by which the practice itself asks for a denial."""

SPINAL_ADJUSTMENTS = frozenset({"98940", "98941", "98942"})
"""Maintenance care, whose denial is asked for, when billed with GA and without AT."""

VOID = "8"
"""Frequency of a claim that takes an earlier one back."""


class Bills(Struct, frozen=True):
    """What matters of the lines; aligned arrays. Cents as exported, UNTOLD where the export does not tell."""

    charge: Ints
    charge_last: Ints
    """As the line was sent last."""
    paid: Ints
    allowed: Ints
    share: Ints
    self_pay: Mask
    report_only: Mask
    withdrawn: Mask
    voided: Mask
    """A later claim withdrew the line."""
    voided_on: Ints
    """The day of that, counted from 1970-01-01; UNDATED where it is not known."""
    denial_asked_for: Mask
    original_found: Mask
    """Of lines refused as duplicates: another line of ours is the original."""
    always_bundled: Mask
    """Of lines refused as bundled: this payer always bundles the code."""
    prepays: Mask
    """Of lines refused as prepaid: this payer prepays."""

    @property
    def tells_answer(self) -> Mask:
        """Mark lines whose own columns show that a payer answered."""
        amounts = (self.paid, self.allowed, self.share)
        tells: Mask = np.logical_or.reduce([(amount != UNTOLD) & (amount != 0) for amount in amounts])
        return tells


def read_bills(lines: Columns, posted: Posted, settings: Settings) -> Bills:
    """Return what matters of the lines, the settings of their payers included."""
    charge = _read_cents(lines["charge"])
    book = code_book()
    reports = find_cells(lines["code"], *filter(book.is_report_only, lines["code"].categories))
    asked = look_up(lines["modifiers"], {text: _asked(text) for text in lines["modifiers"].categories})
    spinal = find_cells(lines["code"], *SPINAL_ADJUSTMENTS)

    def refused_as(said: int) -> Mask:
        return posted.lines_where(posted.says & said > 0, len(charge))

    return Bills(
        charge=charge,
        charge_last=_read_cents(lines["charge_last"]) if "charge_last" in lines else charge,
        paid=_read_cents(lines["paid"]),
        allowed=_read_cents(lines["allowed"]),
        share=_read_cents(lines["patient_share"]),
        self_pay=find_cells(lines["payer"], SELF_PAY),
        report_only=reports | (charge == 0),
        withdrawn=find_cells(lines["frequency"], VOID) | ((charge < 0) & (charge != UNTOLD)),
        voided=lines.get("voided", np.broadcast_to(np.False_, len(charge))),
        voided_on=read_days(lines["voided_on"])
        if "voided_on" in lines
        else np.broadcast_to(UNDATED, len(charge)),
        denial_asked_for=(asked == 1) | ((asked == 2) & spinal),
        original_found=_find_originals(lines, refused_as(DUPLICATE)) | refused_as(SENT_TWICE),
        always_bundled=_find_bundled(lines, refused_as(BUNDLED), settings),
        prepays=_find_prepaid(lines, refused_as(CAPITATION), settings),
    )


def _read_cents(column: Any) -> Ints:
    """Return cents, UNTOLD where missing; a column that is missing throughout takes no memory."""
    if column.isna().all():
        return np.broadcast_to(np.int64(UNTOLD), len(column))
    return read_numbers(column, UNTOLD)


def _asked(modifiers: str) -> int:
    """Return 1 where a denial is asked for on any code, 2 where on a spinal adjustment."""
    parts = set(modifiers.split())
    if parts & REFUSED_BY_REQUEST:
        return 1
    return 2 if "GA" in parts and "AT" not in parts else 0


def _find_originals(lines: Columns, claimed: Mask) -> Mask:
    """Mark lines claimed to be duplicates of which another line, not so claimed, is the original.

    The original is the same code for the same patient on the same date.
    """
    found = np.zeros(len(claimed), dtype=np.bool_)
    if claimed.any():
        patient, patients = lines["patient_key"], int(lines["patient_key"].max()) + 1
        rows = np.flatnonzero(flag(patient[claimed], patients)[patient])
        (day,), days = number_days(lines["service_date"][rows])
        code, codes = lines["code"].codes[rows], len(lines["code"].categories)
        service = number_rows([(patient[rows], patients), (code, codes), (day, days)])
        of_claimed = claimed[rows]
        originals = pd.Series(service).isin(service[of_claimed]).to_numpy() & ~of_claimed
        found[rows] = of_claimed & pd.Series(service).isin(service[originals]).to_numpy()
    return found


def _find_bundled(lines: Columns, refused: Mask, settings: Settings) -> Mask:
    """Mark lines, among those refused as bundled, whose payer always bundles their code on that date."""
    bundled = np.zeros(len(refused), dtype=np.bool_)
    for payer, rows in _by_payer(lines, refused):
        codes = lines["code"][rows]
        for dated in settings.payer(payer).bundled_codes():
            inside = _within(lines["service_date"][rows], dated.start, dated.end)
            bundled[rows] |= find_cells(codes, dated.value) & inside
    return bundled


def _find_prepaid(lines: Columns, refused: Mask, settings: Settings) -> Mask:
    """Mark lines, among those refused as prepaid, whose payer prepays the practice on that date."""
    prepaid = np.zeros(len(refused), dtype=np.bool_)
    for payer, rows in _by_payer(lines, refused):
        for dated in settings.payer(payer).capitations():
            if dated.value:
                prepaid[rows] |= _within(lines["service_date"][rows], dated.start, dated.end)
    return prepaid


def _by_payer(lines: Columns, chosen: Mask) -> Iterator[tuple[str, Ints]]:
    """Yield the chosen rows payer by payer."""
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(lines["payer"].codes[rows], kind="stable")]
    starts = np.flatnonzero(begins_anew(lines["payer"].codes[rows]))
    for group in np.split(rows, starts[1:]) if len(rows) else ():
        yield str(lines["payer"][group[0]]), group


def _within(dates: Ints, first: date | None, last: date | None) -> Mask:
    inside: Mask = ~np.isnat(dates)
    if first is not None:
        inside &= dates >= np.datetime64(first)
    if last is not None:
        inside &= dates <= np.datetime64(last)
    return inside
