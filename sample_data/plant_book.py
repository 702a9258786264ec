"""A practice's files while faults are planted in them, and the ways to break a rule.

A fault edits rows of patients who have no other fault, so that none hides another. `plant_rules.py` has the
table of faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from .draws import day
from .roster import CLINICIANS, CODES, LOCATIONS, NUMBER, SELF_PAY, fee_of
from .schedule import HOLIDAYS, is_holiday

Row = dict[str, str]

DANA, PRIYA, MARCUS = CLINICIANS
GUEST = "Ann Lee"
"""A second massage therapist, who treats in the planted practice alone."""

CALM = (date(2025, 2, 1), date(2026, 6, 30))
"""Dates of service among which faults are planted: answered, and with some history before them."""

YES_OF = {
    DANA: ("technique", "region", "plan", "response", "referral"),
    PRIYA: ("technique", "region", "plan", "response"),
    MARCUS: ("technique", "region", "plan", "response", "subluxation", "initial_date"),
    GUEST: ("technique", "region", "plan", "response", "referral"),
}
"""What a note of each shows."""

DIAGNOSIS_OF = {DANA: "M54.2", PRIYA: "M54.50", MARCUS: "M99.03 M54.50", GUEST: "M54.2"}


class Find(NamedTuple):
    """A line to plant a fault in: what is left open may be anything, but nobody pays alone."""

    clinician: str = ""
    payer: str = ""
    code: str = ""
    units: int = 0
    """Units of the line, 0 for any."""
    lines: int = 0
    """Lines of its visit, 0 for any."""
    beside: str = ""
    """A code that its visit has, too."""
    without: str = ""
    """A code that its visit lacks."""
    modifiers: str | None = None
    first: bool | None = None
    """Whether it is of the first visit of a course."""


class Book:
    """A practice's charges, postings and notes while faults are planted, row by row."""

    def __init__(self, charges: Iterable[Row], postings: Iterable[Row], notes: Iterable[Row]) -> None:
        self.charges = list(charges)
        self.notes = {row["visit_id"]: row for row in notes}
        self.lines_of: dict[str, list[Row]] = {}
        self.visits_of: dict[str, list[str]] = {}
        self.postings: dict[str, list[Row]] = {}
        self.used: set[str] = set()
        """Patients who have a fault."""
        self.fault: set[str] = set()
        """Patients of the fault that is being planted."""
        self.made = 0
        for row in self.charges:
            self.lines_of.setdefault(row["visit_id"], []).append(row)
        for name, note in self.notes.items():
            self.visits_of.setdefault(note["patient_id"], []).append(name)
        for row in postings:
            self.postings.setdefault(row["line_id"], []).append(row)

    def all_postings(self) -> Iterator[Row]:
        """The postings of all lines."""
        return (row for rows in self.postings.values() for row in rows)

    def take(self, patient: str) -> None:
        """Let a patient be part of the fault that is being planted, and of no other."""
        if patient in self.used:
            message = f"{patient} has a fault already"
            raise ValueError(message)
        self.used.add(patient)
        self.fault.add(patient)

    def find(self, wanted: Find) -> Row:
        """The first line that is as wanted, of a patient who has no fault yet."""
        for row in self.charges:
            if row["patient_id"] not in self.used and self._is(row, wanted):
                self.take(row["patient_id"])
                return row
        message = f"no line left that is as wanted: {wanted}"
        raise LookupError(message)

    def _is(self, row: Row, wanted: Find) -> bool:
        beside = [line["code"] for line in self.lines_of[row["visit_id"]]]
        note = self.notes[row["visit_id"]]
        return (
            row["payer"] != SELF_PAY
            and CALM[0] <= date.fromisoformat(row["service_date"]) <= CALM[1]
            and wanted.clinician in ("", row["clinician"])
            and wanted.payer in ("", row["payer"])
            and wanted.code in ("", row["code"])
            and wanted.units in (0, int(row["units"]))
            and wanted.lines in (0, len(beside))
            and (not wanted.beside or wanted.beside in beside)
            and wanted.without not in beside
            and wanted.modifiers in (None, row["modifiers"])
            and wanted.first in (None, row["service_date"] in (note["plan_on"], note["initial_on"]))
        )

    def course(self, wanted: Find, visits: int, most: int = 99) -> list[Row]:
        """The notes, by date, of the first free patient with a line as wanted and so many visits in all."""
        for row in self.charges:
            names = self.visits_of[row["patient_id"]]
            if (
                row["patient_id"] in self.used
                or not visits <= len(names) <= most
                or not self._is(row, wanted)
            ):
                continue
            notes = sorted((self.notes[name] for name in names), key=lambda note: note["service_date"])
            if all(note["clinician"] == row["clinician"] for note in notes):
                self.take(row["patient_id"])
                return notes
        message = f"no course left that is as wanted: {wanted}"
        raise LookupError(message)

    def number(self, letter: str) -> str:
        """A new id."""
        self.made += 1
        return f"{letter}9{self.made:04d}"

    def add_line(self, like: Row, **values: str) -> Row:
        """A new line on the claim of another; its charge is the fee, and nobody has answered it."""
        row = like | {"line_id": self.number("L")} | values
        if "charge" not in values:
            row["charge"] = fee(row)
        self.charges.append(row)
        self.lines_of.setdefault(row["visit_id"], []).append(row)
        return row

    def remove(self, row: Row) -> None:
        """Take a line out, with its answers."""
        self.charges.remove(row)
        self.lines_of[row["visit_id"]].remove(row)
        self.postings.pop(row["line_id"], None)

    def remove_visit(self, visit: str) -> None:
        """Take a visit out, with its note."""
        for row in list(self.lines_of[visit]):
            self.remove(row)
        self.visits_of[self.notes.pop(visit)["patient_id"]].remove(visit)

    def adjusted(self, patient: str) -> list[Row]:
        """The lines of a patient's adjustments with AT."""
        rows = (row for visit in self.visits_of[patient] for row in self.lines_of[visit])
        return [row for row in rows if row["modifiers"] == "AT"]

    def new_patient(self) -> str:
        """A patient whom the practice did not have."""
        patient = self.number("P")
        self.take(patient)
        return patient

    def add_visit(
        self, patient: str, clinician: str, payer: str, when: date, services: Iterable[Row], **told: str
    ) -> list[Row]:
        """A new visit with its note, signed that day and sent the next; its lines."""
        services, visit = list(services), self.number("V")
        minutes = sum(int(service.get("minutes") or 8) for service in services)
        self.notes[visit] = dict.fromkeys(next(iter(self.notes.values())), "") | {
            "visit_id": visit,
            "patient_id": patient,
            "clinician": clinician,
            "service_date": when.isoformat(),
            "note": "yes",
            "signed_on": when.isoformat(),
            "minutes": str(minutes),
            "note_text": f"visit {visit}",
            **dict.fromkeys(YES_OF[clinician], "yes"),
            **told,
        }
        self.visits_of.setdefault(patient, []).append(visit)
        self.lines_of[visit] = []
        claim = {
            "claim_id": self.number("C"),
            "visit_id": visit,
            "patient_id": patient,
            "clinician": clinician,
            "location": LOCATIONS[0],
            "payer": payer,
            "service_date": when.isoformat(),
            "submitted_date": (when + timedelta(days=1)).isoformat(),
            "diagnoses": DIAGNOSIS_OF[clinician],
            "modifiers": "",
            "units": "1",
            "minutes": "",
            "frequency": "1",
            "replaces": "",
        }
        return [self.add_line(claim, **service) for service in services]

    def answer(self, row: Row, amount: str, group: str = "", reason: str = "") -> None:
        """Let the payer pay an amount, and refuse what is left of the charge."""
        posting = {"line_id": row["line_id"], "payer_rank": "1", "remarks": "", "claim_status": "1"}
        posting["posted_on"] = move(row["submitted_date"], 20)
        told = [("payment", "", "", amount)]
        if group:
            told.append(("adjustment", group, reason, f"{float(row['charge']) - float(amount):.2f}"))
        else:
            told.append(("allowed", "", "", amount))
        names = ("kind", "group", "reason", "amount")
        rows = [posting | dict(zip(names, one, strict=True)) for one in told]
        self.postings[row["line_id"]] = rows


def move(day: str, days: int) -> str:
    """An ISO date some days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def fee(row: Row) -> str:
    """What the practice charges for a line's code and units on its day; 60 dollars for codes of no fee."""
    number = NUMBER.get(row["code"])
    if number is None:
        return f"{60 * int(row['units'])}.00"
    service = np.array([day(row["service_date"])])
    cents = int(fee_of(np.array([number]), service, CODES)[0])
    return f"{cents * int(row['units']) // 100}.00"


# --- ways to break a rule ---------------------------------------------------------------------------

Edit = Callable[[Book], None]


def change(wanted: Find, note: Row | None = None, **values: str) -> Edit:
    """Other values on a line, and on its note; its charge follows the units, the note its minutes."""

    def edit(book: Book) -> None:
        row = book.find(wanted)
        before = row["minutes"]
        row.update(values)
        if {"units", "code"} & set(values) and row["units"] != "0":
            row["charge"] = fee(row)
        visit = book.notes[row["visit_id"]]
        if values.get("minutes") and before:
            visit["minutes"] = str(int(visit["minutes"]) + int(values["minutes"]) - int(before))
        visit.update(note or {})

    return edit


def add(wanted: Find, minutes: str = "", **values: str) -> Edit:
    """A further line on the claim of one found."""

    def edit(book: Book) -> None:
        row = book.find(wanted)
        book.add_line(row, minutes=minutes, **({"units": "1", "modifiers": ""} | values))
        visit = book.notes[row["visit_id"]]
        visit["minutes"] = str(int(visit["minutes"]) + int(minutes or 8))

    return edit


def refuse(wanted: Find, group: str, reason: str, **values: str) -> Edit:
    """A line that its payer refuses."""

    def edit(book: Book) -> None:
        row = book.find(wanted)
        row.update(values)
        book.answer(row, "0.00", group, reason)

    return edit


def pay(wanted: Find, amount: str) -> Edit:
    """A line of which the payer pays an amount, and nothing else."""
    return lambda book: book.answer(book.find(wanted), amount)


def redate(wanted: Find, when: str, **note: str) -> Edit:
    """A visit on another day, signed that day and sent the next; nobody has answered it."""

    def edit(book: Book) -> None:
        visit = book.find(wanted)["visit_id"]
        book.notes[visit].update(service_date=when, signed_on=when, **note)
        for row in book.lines_of[visit]:
            row.update(service_date=when, submitted_date=move(when, 1))
            row["charge"] = fee(row)
            book.postings.pop(row["line_id"], None)

    return edit


def tell(wanted: Find, visits: int, edit_notes: Callable[[list[Row]], None], most: int = 99) -> Edit:
    """Other values on the notes of a course of at least so many visits."""
    return lambda book: edit_notes(book.course(wanted, visits, most))


def plan_of(when: date) -> Row:
    """A note's plan of care, established and certified on a day, with a report of that day."""
    return dict.fromkeys(("plan_on", "certified_on", "progress_on"), when.isoformat())


def visit(
    clinician: str, payer: str, days: Iterable[date], services: Callable[[int], list[Row]], **told: str
) -> Edit:
    """A new patient's visits; `services` are those of a visit by its number, `told` stands in every note."""
    dates = list(days)
    plan = plan_of(dates[0]) if clinician == PRIYA else {}

    def edit(book: Book) -> None:
        patient = book.new_patient()
        for number, when in enumerate(dates):
            book.add_visit(patient, clinician, payer, when, services(number), **(plan | told))

    return edit


def weekdays(first: date, count: int, *pattern: int) -> Iterator[date]:
    """So many days on which the practice treats, on these days of the week (Monday is 0)."""
    when = first
    while count:
        closed = is_holiday(when) or (when.month, when.day) in HOLIDAYS
        if when.weekday() in pattern and not closed:
            count -= 1
            yield when
        when += timedelta(days=1)


def service(code: str, units: int = 1, minutes: int = 0, modifiers: str = "") -> Row:
    """A service of a new visit."""
    told = {"code": code, "units": str(units), "modifiers": modifiers}
    return told | {"minutes": str(minutes) if minutes else ""}
