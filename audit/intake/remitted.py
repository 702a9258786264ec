"""Remittances (835) become postings, payments and provider adjustments, and every row gets its fate.

A row is a record of `answered` or one amount that a payer sets off against a whole payment (PLB). Sums that
do not agree are told, never refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec.structs import replace

from audit.columns import find_blanks
from audit.intake import cells, elements
from audit.intake.answered import Answered, find_answers
from audit.intake.balances import Balances
from audit.intake.columns import constant, name_numbers, recode, spread, take, texts_of, used
from audit.intake.fates import ASIDE, Fate, fate_frame
from audit.intake.mapping import Mapped, distinct_texts, first_and_last
from audit.intake.parties import People, clean_payers
from audit.intake.postings import KINDS, fixed
from audit.intake.readings import RowAmounts
from audit.intake.reconciling import FileReport, check_lines, check_sums, in_dollars
from audit.intake.x12 import REMITTANCES, X12File
from audit.intake.x12_tables import NOWHERE, Table

if TYPE_CHECKING:
    from audit.settings import Settings

FORMAT = "X12 835"
NO_CLAIM = "line outside a claim"
CUT_OFF = "the file ends inside this claim"
WHOLE_PAYMENT = "adjusts a whole payment, no line"

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def map_remittances(file: X12File, sheet: str, settings: Settings) -> Mapped:
    """Return what the remittances of a file tell; `sheet` tells them from its claims where it has both."""
    tables = file.tables[REMITTANCES]
    records = find_answers(tables)
    cut = np.isin(tables["claims"].segment, file.cut_claims)
    outside = records.claim == NOWHERE
    left_out = outside | np.append(cut, [False])[records.claim]
    answered = records.where(~left_out)
    balances = Balances(answered, ~cut)
    report = FileReport(file.name, sheet, FORMAT, notes=tuple(file.notes), incomplete=file.incomplete)
    claim_level = _place_claim_adjustments(answered, balances)
    postings = _postings(answered, _placed(answered, balances, claim_level), report.place)
    payments = _payments(tables, balances, report.place, settings)
    set_off = _provider_adjustments(tables, payments, report.place)
    lines = _lines_answered(answered, postings, payments)
    aside = _aside(records.where(left_out), outside[left_out], tables["set_off"], file.name, sheet)
    report = _reconcile(report, file, answered, records.where(left_out), len(set_off), postings)
    totals = balances.totals(payments)
    report = replace(
        report,
        postings=len(postings),
        paid_cents=totals["line_paid_cents"],
        charge_cents=totals["charge_cents"],
        lines=totals["lines"],
        totals=tuple(totals.items()),
        codes=distinct_texts(lines["code"]),
        payers=distinct_texts(payments["payer"]),
    )
    first, last = first_and_last(lines["service_date"])
    report = replace(report, first_service_date=first, last_service_date=last)
    report = report.with_notes(*_notes(answered, balances, payments, claim_level))
    return Mapped(
        report, aside, postings=postings, payments=payments, provider_adjustments=set_off, answered=lines
    )


# Postings -------------------------------------------------------------------------------------------------


def _place_claim_adjustments(answered: Answered, balances: Balances) -> Rows:
    """Return for each claim the record that its own adjustments stand on; NOWHERE where on none.

    They are a copy where the lines agree without them; they stand on the only line of a claim, and on the
    record of a claim without lines. What is left cannot be divided among several lines.
    """
    record = np.full(len(balances.kept), NOWHERE)
    record[answered.claim] = np.arange(len(answered))
    alone = (balances.lines_of_claims <= 1) & ~balances.lines_balance & balances.kept
    return np.where(alone, record, NOWHERE)


def _placed(answered: Answered, balances: Balances, claim_level: Rows) -> Rows:
    """Return the record of each adjustment; NOWHERE for those that stand on none."""
    count = len(answered.tables["services"])
    of_line = np.full(count + 1, NOWHERE)
    of_line[answered.service[answered.is_line]] = np.flatnonzero(answered.is_line)
    adjusted = balances.adjusted
    of_claim = np.append(claim_level, [NOWHERE])[adjusted.claim]
    found: Rows = np.where(adjusted.service == NOWHERE, of_claim, of_line[adjusted.service])
    return found


def _postings(answered: Answered, placed: Rows, place: str) -> pd.DataFrame:
    """Return one payment per record, then the adjustments, each under what the payer answers to."""
    table = answered.tables["adjustments"]
    rows = np.flatnonzero(placed != NOWHERE)
    record = np.concatenate([np.arange(len(answered)), placed[rows]])
    adjusts = np.arange(len(record)) >= len(answered)
    kind = np.where(adjusts, KINDS.index("adjustment"), KINDS.index("payment")).astype(np.int8)
    kind[answered.is_reversal[record]] = KINDS.index("reversal")
    amounts = elements.read_amounts(take(table["amount"], rows))
    group, reason = take(table["group"], rows), elements.read_reasons(table["reason"])
    numbers = [cells.GROUPS.index(cells.parse_group(text, {})) for text in texts_of(group)]
    groups = spread(group, np.array(numbers, dtype=np.int8)) if numbers else np.zeros(0, dtype=np.int8)
    procedures, paid = answered.procedures, answered.paid

    def of_record(column: pd.Categorical) -> pd.Categorical:
        return take(used(column), record)

    paid_on = elements.first_day(*(answered.tables["payments"][name] for name in ("paid_on", "produced_on")))
    return pd.DataFrame(
        {
            "line_ref": of_record(answered.of_line("line")),
            "claim_ref": of_record(answered.of_claim("claim")),
            "payer_claim": of_record(answered.of_claim("payer_claim")),
            "code": of_record(procedures.code),
            "modifiers": of_record(procedures.modifiers),
            "answered_as": of_record(answered.answered_as()),
            "charge": _pick(answered.charge, record).nullable(),
            "service_date": answered.service_dates()[record],
            "charge_row": np.full(len(record), NOWHERE, dtype=np.int32),
            "posted_on": paid_on[answered.payment[record]],
            "payer_rank": answered.ranks()[record],
            "kind": fixed(kind, KINDS),
            "group": fixed(np.concatenate([np.zeros(len(answered), dtype=np.int8), groups]), cells.GROUPS),
            "reason": _behind_blanks(take(reason, rows), len(answered)),
            "amount": RowAmounts(
                np.concatenate([paid.values, amounts.values]), np.concatenate([paid.known, amounts.known])
            ).nullable(),
            "remarks": of_record(answered.remarks()),
            "claim_status": of_record(answered.of_claim("status")),
            "stated": constant(len(record)),
            "source_file": constant(len(record), place),
            "source_row": answered.segment[record].astype(np.int32),
        },
        copy=False,
    )


def _pick(amounts: RowAmounts, rows: Rows) -> RowAmounts:
    return RowAmounts(amounts.values[rows], amounts.known[rows])


def _behind_blanks(column: pd.Categorical, count: int) -> pd.Categorical:
    texts = ["", *texts_of(column)]
    codes = np.concatenate([np.zeros(count, dtype=np.int16), column.codes.astype(np.int16) + 1])
    return used(name_numbers(codes, texts))


# Payments -------------------------------------------------------------------------------------------------


def _payments(tables: dict[str, Table], balances: Balances, place: str, settings: Settings) -> pd.DataFrame:
    payments = tables["payments"]
    nobody = People(constant(len(payments)))
    sums = balances.payments()
    return sums.assign(
        payer=used(clean_payers(payments["payer"], nobody, settings)),
        paid_on=elements.first_day(payments["paid_on"], payments["produced_on"]),
        trace=payments["trace"],
        source_file=constant(len(payments), place),
        source_row=payments.segment.astype(np.int32),
    )


def _provider_adjustments(tables: dict[str, Table], payments: pd.DataFrame, place: str) -> pd.DataFrame:
    table = tables["set_off"]
    rows = np.flatnonzero(table.parents["payments"] != NOWHERE)
    payment = table.parents["payments"][rows]
    reason = elements.read_reasons(_first_component(take(table["reason"], rows)))
    return pd.DataFrame(
        {
            "payer": payments["payer"].array[payment],
            "posted_on": payments["paid_on"].to_numpy()[payment],
            "trace": payments["trace"].array[payment],
            "reason": reason,
            "amount": elements.read_amounts(take(table["amount"], rows)).nullable(),
            "source_file": constant(len(rows), place),
            "source_row": table.segment[rows].astype(np.int32),
        }
    )


def _first_component(column: pd.Categorical) -> pd.Categorical:
    return recode(column, [text.partition(":")[0] for text in texts_of(column)])


# Lines, for a practice that has remittances alone ---------------------------------------------------------


def _lines_answered(answered: Answered, postings: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """Return what the records tell of the lines themselves, one row each, columns as CHARGES has them."""
    own = postings.iloc[: len(answered)]
    shared = (
        "code",
        "modifiers",
        "service_date",
        "charge",
        "payer_rank",
        "claim_status",
        "posted_on",
        "source_file",
        "source_row",
    )
    return pd.DataFrame(
        {
            "line_id": own["line_ref"].array,
            "claim_id": own["claim_ref"].array,
            "patient_ref": answered.patients(),
            "clinician": answered.clinicians(),
            "payer": answered.of_payment(payments["payer"].array),
            "units": answered.units.nullable(),
            "answer": answered.tables["claims"].segment[answered.claim],
            **{name: own[name].array for name in shared},
        },
        copy=False,
    )


# Fates and dollars ----------------------------------------------------------------------------------------


def _aside(records: Answered, outside: Mask, set_off: Table, file: str, sheet: str) -> pd.DataFrame:
    """Return the fates of records that are no whole answer, and of amounts set off against payments."""
    fates = [Fate(ASIDE, "", NO_CLAIM if each else CUT_OFF) for each in outside.tolist()]
    fates += [Fate(ASIDE, "", WHOLE_PAYMENT)] * len(set_off)
    nothing = np.zeros(len(set_off), dtype=np.int64)
    charge = records.charge if len(records) else RowAmounts(nothing[:0], nothing[:0] > 0)
    cents = RowAmounts(
        np.concatenate([charge.values, nothing]), np.concatenate([charge.known, nothing > 0])
    ).nullable()
    return fate_frame(file, sheet, np.concatenate([records.segment, set_off.segment]), fates, cents)


def _reconcile(
    report: FileReport,
    file: X12File,
    answered: Answered,
    left_out: Answered,
    set_off: int,
    postings: pd.DataFrame,
) -> FileReport:
    """Return the report with rows and charges by fate; `InputError` unless they equal the plain count."""
    control = file.control[REMITTANCES]
    aside = left_out.charge.values[left_out.charge.known] if len(left_out) else np.zeros(0, dtype=np.int64)
    report = replace(
        report,
        rows=control.rows + set_off,
        used=len(answered),
        set_aside=len(left_out) + set_off,
        control_cents=control.cents,
        used_cents=int(answered.charge.values[answered.charge.known].sum()),
        aside_cents=int(aside.sum()),
    )
    check_sums(report)
    check_lines(report, int(postings["charge"].iloc[: len(answered)].sum()))
    return report


# What a reader should know --------------------------------------------------------------------------------


def _notes(answered: Answered, balances: Balances, payments: pd.DataFrame, claim_level: Rows) -> list[str]:
    return [
        *_of_writing(answered),
        *_of_claim_adjustments(balances, claim_level),
        *_of_balances(answered, balances, payments),
    ]


def _of_writing(answered: Answered) -> list[str]:
    """Return what could not be read, and where first."""
    notes = []
    if sign := answered.procedures.other_sign:
        notes.append(
            f'procedures are written with "{sign}" between their parts, which ISA16 does not declare'
        )
    written = {"SVC02": "charge", "SVC03": "paid"}
    for element, column in written.items():
        strange = np.flatnonzero(elements.find_unreadable(answered.of_line(column)))
        if len(strange):
            notes.append(tell_unreadable(element, answered.segment[strange]))
        if untold := int((find_blanks(answered.of_line(column)) & answered.is_line).sum()):
            notes.append(f"lines without an amount in {element}: {untold:,}; it counts as unknown")
    for element, column in {"SVC05": "units", "SVC07": "billed_units"}.items():
        strange = np.flatnonzero(elements.find_unreadable(answered.of_line(column)))
        if len(strange):
            notes.append(tell_unreadable(element, answered.segment[strange], "number"))
    adjustments = answered.tables["adjustments"]
    strange = np.flatnonzero(elements.find_unreadable(adjustments["amount"]))
    if len(strange):
        notes.append(tell_unreadable("CAS", adjustments.segment[strange]))
    if undated := int(np.isnat(answered.service_dates()).sum()):
        notes.append(f"answers without a day of service: {undated:,}")
    return notes


def tell_other_sign(sign: str) -> str:
    """Say that a sender keeps not to the sign that he declares."""
    return f'procedures are written with "{sign}" between their parts, which ISA16 does not declare'


def tell_unreadable(element: str, segments: Rows, what: str = "amount") -> str:
    """Say where an amount, or another number, could not be read."""
    more = f" and {len(segments) - 1:,} more" if len(segments) > 1 else ""
    return f"segment {segments[0]:,}{more}: {element} is no {what} and counts as unknown"


def _of_claim_adjustments(balances: Balances, claim_level: Rows) -> list[str]:
    """Return what became of adjustments of whole claims."""
    has = balances.kept & (balances.lines_of_claims > 0) & (balances.on_claims != 0)
    copied = has & balances.lines_balance
    undivided = has & ~copied & (claim_level == NOWHERE)
    notes = []
    if number := int(copied.sum()):
        notes.append(
            f"claims adjusted as a whole although their lines agree alone: {number:,}; "
            f"{in_dollars(int(balances.on_claims[copied].sum()))} not counted a second time"
        )
    if number := int(undivided.sum()):
        notes.append(
            f"claims of several lines adjusted as a whole: {number:,}; "
            f"{in_dollars(int(balances.on_claims[undivided].sum()))} not divided among their lines"
        )
    return notes


def _of_balances(answered: Answered, balances: Balances, payments: pd.DataFrame) -> list[str]:
    """Return which sums of the payers do not agree."""
    notes = []
    if interest := int(payments["interest"].sum()):
        notes.append(f"interest of {in_dollars(interest)} is told on claims; it is paid for no line")
    gap = payments["payment"] - payments["claims_paid"] + payments["adjusted"]
    if number := int((gap != 0).sum()):
        notes.append(
            f"payments that do not balance: {number:,} of {len(payments):,}; they are not what their claims "
            f"less the provider's adjustments come to, {in_dollars(int(gap.abs().sum()))} apart"
        )
    if number := int(balances.unbalanced_claims.sum()):
        notes.append(
            f"claims that do not balance: {number:,} of {int(balances.kept.sum()):,}; "
            "their charge less payment is not the sum of the adjustments"
        )
    if number := balances.unbalanced_lines:
        notes.append(f"lines that do not balance: {number:,} of {int(answered.is_line.sum()):,}")
    return notes
