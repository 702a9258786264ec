"""Professional claims (837P) become charges: one service line (SV1) is one line, as it was sent to a payer.

In: the tables of an 837P as text. Out: charges with the columns of CHARGES that a claim can tell, and the
fate of every line: without a code or a day of service it is refused.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec.structs import replace

from audit.columns import find_blanks, find_cells
from audit.intake import elements
from audit.intake.columns import (
    constant,
    first_told,
    join,
    name_numbers,
    reword,
    spread,
    take,
    texts_of,
    used,
    whole_numbers,
)
from audit.intake.diagnoses import diagnose
from audit.intake.fates import ASIDE, REFUSED, USED, Fate, fate_frame
from audit.intake.mapping import Mapped, count_visits, distinct_texts, first_and_last
from audit.intake.parties import People, clean_clinicians, clean_payers, clean_places
from audit.intake.reconciling import FileReport, check_lines, check_sums, in_dollars
from audit.intake.remitted import CUT_OFF, NO_CLAIM, tell_other_sign, tell_unreadable
from audit.intake.x12 import CLAIMS, X12File
from audit.intake.x12_tables import NOWHERE, Table
from audit.lines import PRESENT, UNKNOWN

if TYPE_CHECKING:
    from audit.settings import Settings

FORMAT = "X12 837P"
RANKS = {"P": 1, "S": 2, "T": 3}
FREQUENCIES = ("1", "7", "8")
UNITS, MINUTES = ("UN", ""), "MJ"

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


class Claimed:
    """The service lines of professional claims, each with its claim and the loops that its claim stands in.

    `rows` are the services meant.
    """

    def __init__(self, tables: dict[str, Table], rows: Rows) -> None:
        self.tables = tables
        self.rows = rows
        self.claim = tables["services"].parents["claims"][rows]

    def of_line(self, column: str) -> pd.Categorical:
        """Return a text of the lines."""
        return take(self.tables["services"][column], self.rows)

    def of_claim(self, column: str) -> pd.Categorical:
        """Return a text of the claims."""
        return take(self.tables["claims"][column], self.claim)

    def above(self, table: str) -> Rows:
        """Return each claim's row of an upper loop: the last before it in its transaction, or NOWHERE."""
        claims, upper = self.tables["claims"], self.tables[table]
        row = np.searchsorted(upper.segment, claims.segment) - 1
        if not len(upper):
            return row
        same = upper.parents["sendings"][row] == claims.parents["sendings"]
        return np.where((row >= 0) & same, row, NOWHERE)

    @cached_property
    def subscriber(self) -> Rows:
        """The row of each claim's subscriber."""
        return self.above("subscribers")

    @cached_property
    def patient(self) -> Rows:
        """The row of each claim's patient; NOWHERE where that is the subscriber."""
        row, patients, subscribers = (
            self.above("patients"),
            self.tables["patients"],
            self.tables["subscribers"],
        )
        if not len(patients) or not len(subscribers):
            return row
        own = patients.segment[row] > subscribers.segment[self.subscriber]
        return np.where((row != NOWHERE) & (own | (self.subscriber == NOWHERE)), row, NOWHERE)

    def spread(self, column: pd.Categorical, rows: Rows) -> pd.Categorical:
        """Return a column of an upper loop over the lines; `rows` are those of the claims."""
        codes = np.append(column.codes.astype(np.int64), [len(column.categories)])  # the last is for NOWHERE
        return name_numbers(codes[rows[self.claim]], [*texts_of(column), ""])

    def of_subscriber(self, column: str) -> pd.Categorical:
        """Return a text of the subscribers."""
        return self.spread(self.tables["subscribers"][column], self.subscriber)

    def people(self, *columns: str) -> pd.Categorical:
        """Return texts of the patients, joined: of the patient's own loop, else of the subscriber's."""
        patients, subscribers = (
            join([self.tables[table][column] for column in columns]) for table in ("patients", "subscribers")
        )
        own = self.spread(patients, self.patient)
        theirs = self.spread(subscribers, np.where(self.patient == NOWHERE, self.subscriber, NOWHERE))
        return first_told(own, theirs)

    def patients(self) -> pd.Categorical:
        """Return what tells patients apart: the practice's number, name and birth date, or member number."""
        named = self.people("family", "given", "born")
        unnamed = find_blanks(self.people("family"))
        named = name_numbers(np.where(unnamed, len(named.categories), named.codes), [*texts_of(named), ""])
        return first_told(self.of_claim("record"), named, self.of_subscriber("member"))

    def clinicians(self) -> pd.Categorical:
        """Return who rendered the line: named on it, on its claim, else the biller where that is a person."""
        lines, claims, billings = (
            elements.read_clinicians(self.tables[name].columns) for name in ("services", "claims", "billings")
        )
        return first_told(
            take(lines, self.rows), take(claims, self.claim), self.spread(billings, self.above("billings"))
        )

    def sent_on(self, groups: dict[int, str]) -> npt.NDArray[np.datetime64]:
        """Return when the claims were sent: their transaction's own day, else its group's."""
        sendings = self.tables["sendings"]
        days = [groups.get(number, "") for number in sendings.segment.tolist()]
        of_group = name_numbers(np.arange(len(days)), days)
        found = elements.first_day(sendings["sent_on"], of_group)
        return found[self.tables["claims"].parents["sendings"][self.claim]]

    def frequencies(self) -> pd.Categorical:
        """Return 1, 7 or 8; "" for what a sender masks."""

        def third(text: str) -> str:
            part = text.split(":")[2] if text.count(":") > 1 else ""
            return part if part in FREQUENCIES else ""

        return reword(self.of_claim("place"), third)

    def ranks(self) -> npt.NDArray[np.int8]:
        """Return 1 for claims to the first payer, 2 and 3 for later ones, 0 where not told."""
        rank = self.of_subscriber("rank")
        table = np.array([RANKS.get(text, 0) for text in texts_of(rank)], dtype=np.int8)
        found: npt.NDArray[np.int8] = spread(rank, table)
        return found


FATES = (
    Fate(USED, "", ""),
    Fate(REFUSED, "DTP03", "no usable service date"),
    Fate(REFUSED, "SV101", "no code"),
    Fate(ASIDE, "", CUT_OFF),
    Fate(ASIDE, "", NO_CLAIM),
)
"""What may become of a line; of several that hold, the last."""


def map_claims(file: X12File, sheet: str, settings: Settings) -> Mapped:
    """Return what the claims of a file bill; `sheet` tells them from its remittances where it has both."""
    tables = file.tables[CLAIMS]
    services = tables["services"]
    cut = np.isin(tables["claims"].segment, file.cut_claims)
    fates = _settle(services, cut)
    report = FileReport(file.name, sheet, FORMAT, notes=tuple(file.notes), incomplete=file.incomplete)
    charges = _charges(Claimed(tables, np.flatnonzero(fates == 0)), file, report.place, settings)
    report = _tell(_reconcile(report, file, fates, charges), tables, charges, cut)
    left = np.flatnonzero(fates)
    aside = fate_frame(
        file.name,
        sheet,
        services.segment[left],
        [FATES[fate] for fate in fates[left].tolist()],
        elements.read_amounts(take(services["charge"], left)).nullable(),
    )
    return Mapped(report, aside, charges=charges)


def _settle(services: Table, cut: Mask) -> npt.NDArray[np.int8]:
    """Return the place in FATES of what becomes of each service line; `cut` marks claims the file ends in."""
    claim = services.parents["claims"]
    holds = (
        np.isnat(elements.read_days(services["on"])),
        find_blanks(elements.read_procedures(services["code"]).code),
        np.append(cut, [False])[claim],
        claim == NOWHERE,
    )
    fates = np.zeros(len(services), dtype=np.int8)
    for fate, rows in enumerate(holds, start=1):
        fates[rows] = fate
    return fates


def _charges(lines: Claimed, file: X12File, place: str, settings: Settings) -> pd.DataFrame:
    """Return the lines as Intake holds them, in the order of the file."""
    services = lines.tables["services"]
    people = People(lines.people("given", "family"))
    procedures = elements.read_procedures(lines.of_line("code"))
    amount, measure = elements.read_amounts(lines.of_line("units")), lines.of_line("measure")
    timed = amount.where(find_cells(measure, MINUTES))
    diagnoses, has_diagnosis = diagnose(lines.tables, lines.claim, lines.of_line("pointers"))
    groups = {each.first: each.sent_on for each in file.transactions}
    location = first_told(lines.of_line("location"), lines.of_claim("location"))
    return pd.DataFrame(
        {
            "line_id": used(lines.of_line("line")),
            "claim_id": used(lines.of_claim("claim")),
            "visit_ref": constant(len(lines.rows)),
            "patient_ref": lines.patients(),
            "clinician": used(clean_clinicians(lines.clinicians(), people, settings)),
            "payer": used(clean_payers(lines.of_subscriber("payer"), people, settings)),
            "location": used(clean_places(location, people)),
            "service_date": elements.read_days(lines.of_line("on")),
            "submitted_date": lines.sent_on(groups),
            "code": procedures.code,
            "modifiers": procedures.modifiers,
            "diagnoses": diagnoses,
            "minutes": whole_numbers(timed.values // 100, timed.known, "Int32"),
            "units": amount.where(find_cells(measure, *UNITS)).nullable(),
            "charge": elements.read_amounts(lines.of_line("charge")).nullable(),
            "frequency": lines.frequencies(),
            "has_diagnosis": has_diagnosis,
            "has_minutes": np.where(timed.known, PRESENT, UNKNOWN).astype(np.int8),
            "source_file": constant(len(lines.rows), place),
            "source_row": services.segment[lines.rows].astype(np.int32),
            "payer_rank": lines.ranks(),
            "replaces": used(lines.of_claim("replaces")),
            "from_claim": np.ones(len(lines.rows), dtype=bool),
        },
        copy=False,
    )


def _reconcile(
    report: FileReport, file: X12File, fates: npt.NDArray[np.int8], charges: pd.DataFrame
) -> FileReport:
    """Return the report with rows and charges by fate; `InputError` unless they equal the plain count."""
    control = file.control[CLAIMS]
    charge = elements.read_amounts(file.tables[CLAIMS]["services"]["charge"])
    cents = np.where(charge.known, charge.values, 0)
    kinds = np.array([fate.kind for fate in FATES])[fates]
    report = replace(
        report,
        rows=control.rows,
        used=int((kinds == USED).sum()),
        set_aside=int((kinds == ASIDE).sum()),
        refused=int((kinds == REFUSED).sum()),
        control_cents=control.cents,
        used_cents=int(cents[kinds == USED].sum()),
        aside_cents=int(cents[kinds == ASIDE].sum()),
        refused_cents=int(cents[kinds == REFUSED].sum()),
    )
    check_sums(report)
    check_lines(report, int(charges["charge"].sum()))
    return report


def _tell(report: FileReport, tables: dict[str, Table], charges: pd.DataFrame, cut: Mask) -> FileReport:
    """Return the report with what the lines hold and what a reader should know."""
    claims, services = tables["claims"], tables["services"]
    on_claims = elements.read_amounts(claims["charge"]).where(~cut)
    charged = int(charges["charge"].sum())
    modifiers = np.array([len(text.split()) for text in texts_of(charges["modifiers"].array)], dtype=np.int64)
    totals = {
        "claims": int((~cut).sum()),
        "lines": len(charges),
        "claim_charge_cents": int(on_claims.values[on_claims.known].sum()),
        "line_charge_cents": charged,
        "modifiers": int(spread(charges["modifiers"].array, modifiers).sum()) if len(charges) else 0,
    }
    first, last = first_and_last(charges["service_date"])
    notes = []
    if sign := elements.read_procedures(services["code"]).other_sign:
        notes.append(tell_other_sign(sign))
    strange = np.flatnonzero(elements.find_unreadable(services["charge"]))
    if len(strange):
        notes.append(tell_unreadable("SV102", services.segment[strange]))
    strange = np.flatnonzero(elements.find_unreadable(services["units"]))
    if len(strange):
        notes.append(tell_unreadable("SV104", services.segment[strange], "number"))
    if (gap := totals["claim_charge_cents"] - charged) and not report.refused:
        notes.append(f"the claims charge {in_dollars(gap)} more than their lines")
    return replace(
        report,
        lines=len(charges),
        visits=count_visits(charges),
        charge_cents=charged,
        totals=tuple(totals.items()),
        codes=distinct_texts(charges["code"]),
        payers=distinct_texts(charges["payer"]),
        first_service_date=first,
        last_service_date=last,
    ).with_notes(*notes)
