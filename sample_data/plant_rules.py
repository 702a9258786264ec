"""Plant a fault for every rule: the clean practice, and the same with each rule broken.

The clean one is that of `make_sample.py` without the gaps that even good notes have. FAULTS tells how many
rows of which rules every fault marks; each has patients of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from .draws import SEED, Scale
from .own_format import practice_toml, write_practice, write_text
from .plant_book import (
    DANA,
    GUEST,
    MARCUS,
    PRIYA,
    Book,
    Edit,
    Find,
    Row,
    add,
    change,
    move,
    pay,
    plan_of,
    redate,
    refuse,
    service,
    tell,
    visit,
    weekdays,
)
from .practice import make_practice
from .roster import AUTO, BLUE, COMMERCIAL_A, COMMERCIAL_B, COMP, MEDICARE, SELF_PAY

SETTINGS = f"""
[payers.auto]
names = ["{AUTO}"]
category_iii = false
extra_pairs = [{{ paid = "97116", bundled = "97124", modifier = "0", source = "an invented letter" }}]

[[rules]]
id = "packs"
sentence = "Packs at Commercial A carry GP."
kind = "needs modifier"
codes = ["97018"]
payers = ["{COMMERCIAL_A}"]
modifiers = ["GP"]
source = "an invented contract"

[[rules]]
id = "baths"
sentence = "Baths and diathermy are not billed together."
kind = "not with"
codes = ["97018"]
others = ["97024"]
payers = ["{BLUE}"]
source = "an invented contract"

[[rules]]
id = "infrared"
sentence = "Infrared has at most two units."
kind = "at most units"
codes = ["97026"]
most = 2
payers = ["{BLUE}"]
source = "an invented contract"

[[rules]]
id = "whirlpools"
sentence = "Whirlpools are paid on one day a year."
kind = "at most visits"
codes = ["97022"]
most = 1
payers = ["{BLUE}"]
source = "an invented contract"
"""
"""What the planted practice's settings hold beside those of the sample practice."""


class Fault(NamedTuple):
    """A fault: the rule it breaks, how, and the rows of rules that it marks."""

    rule: str
    edit: Edit
    rows: int = 1
    also: Mapping[str, int] = {}
    """Rows of other rules that the same edit breaks."""

    @property
    def marks(self) -> dict[str, int]:
        """Rows by rule."""
        return {self.rule: self.rows, **self.also}


# --- faults that are more than another value of a row -------------------------------------------------


def unbilled(note: str) -> Edit:
    """A visit of which no charge tells."""

    def edit(book: Book) -> None:
        row = book.find(Find(DANA, BLUE))
        name = book.number("V")
        told = {"visit_id": name, "service_date": move(row["service_date"], 1), "note": note}
        blank = dict.fromkeys(book.notes[row["visit_id"]], "")
        book.notes[name] = blank | {"patient_id": row["patient_id"], "clinician": DANA} | told

    return edit


def unsent(book: Book) -> None:
    """A line that was never sent."""
    row = book.find(Find(DANA, BLUE, "97124", lines=1))
    row["submitted_date"] = ""
    book.postings.pop(row["line_id"], None)


def signed_after(book: Book) -> None:
    """A note signed on the day after its claim was sent, within the week."""
    row = book.find(Find(DANA, BLUE, lines=1))
    row["submitted_date"] = move(row["service_date"], 1)
    book.notes[row["visit_id"]]["signed_on"] = move(row["service_date"], 2)


def signed_late(book: Book) -> None:
    """A note signed twelve days after the visit, and its claim sent after that."""
    row = book.find(Find(DANA, BLUE, lines=1))
    book.notes[row["visit_id"]]["signed_on"] = move(row["service_date"], 12)
    row["submitted_date"] = move(row["service_date"], 13)
    book.answer(row, row["charge"])


def repeated(book: Book) -> None:
    """A line that stands twice on its claim."""
    book.add_line(book.find(Find(DANA, BLUE, "97124", units=1, lines=1)))


def paid_twice(book: Book) -> None:
    """A line billed and paid once more, on another claim."""
    row = book.find(Find(DANA, BLUE, "97124", units=2, lines=1))
    again = book.add_line(row, claim_id=book.number("C"), submitted_date=move(row["submitted_date"], 30))
    book.answer(row, row["charge"])
    book.answer(again, row["charge"])


def several_lines(book: Book) -> None:
    """Two units of a code, one on a line each."""
    row = book.find(Find(PRIYA, MEDICARE, "97110", units=2))
    row.update(units="1", minutes="15")
    again = book.add_line(row)
    row["charge"] = again["charge"]


def two_claims(book: Book) -> None:
    """A visit of two lines, each on a claim of its own."""
    book.find(Find(DANA, BLUE, lines=2))["claim_id"] = book.number("C")


def alone(book: Book) -> None:
    """An office visit with 25, and nothing else that day."""
    row = book.find(Find(MARCUS, BLUE, "99213", modifiers="25"))
    for other in [line for line in book.lines_of[row["visit_id"]] if line is not row]:
        book.remove(other)


def filed_late(book: Book) -> None:
    """A line sent to Medicare 370 days after the visit, and not answered."""
    row = book.find(Find(MARCUS, MEDICARE, lines=1))
    row["submitted_date"] = move(row["service_date"], 370)
    book.postings.pop(row["line_id"], None)


def without_minutes(book: Book) -> None:
    """Four units, no minutes of the code, and 30 of the visit."""
    row = book.find(Find(DANA, BLUE, "97124", units=4, lines=1))
    row["minutes"] = ""
    book.notes[row["visit_id"]]["minutes"] = "30"


def split(book: Book) -> None:
    """Two units and one, where the minutes make one and two."""
    row = book.find(Find(PRIYA, MEDICARE, "97110", units=2, lines=2, beside="97140"))
    (other,) = [line for line in book.lines_of[row["visit_id"]] if line is not row]
    row["minutes"], other["minutes"] = "20", "25"
    book.notes[row["visit_id"]]["minutes"] = "45"


def one_way(book: Book) -> None:
    """Two codes of ten minutes each: a unit of each by midpoint, one in all by total time."""
    row = book.find(Find(PRIYA, COMMERCIAL_A, "97110", units=1, lines=2, beside="97112"))
    for line in book.lines_of[row["visit_id"]]:
        line["minutes"] = "10"
    book.notes[row["visit_id"]]["minutes"] = "20"


def beside(*told: str) -> Edit:
    """Services of one visit at Medicare, each as code and modifiers."""
    services = []
    for text in told:
        code, _, modifiers = text.partition(" ")
        services.append(service(code, 1, 0 if code == "97164" else 15, modifiers))
    return visit(PRIYA, MEDICARE, [date(2026, 3, 3)], lambda _: services)


def two_specialties(book: Book) -> None:
    """A physical therapist and a chiropractor, with codes that are not paid beside each other."""
    patient, when = book.new_patient(), date(2026, 3, 3)
    book.add_visit(patient, PRIYA, MEDICARE, when, [service("97140", 1, 15, "GP")], **plan_of(when))
    book.add_visit(patient, MARCUS, MEDICARE, when, [service("98940", modifiers="AT")], regions="2")


def busy_day(book: Book) -> None:
    """Nine patients on a Saturday, four units each: nine hours of units in eight hours of minutes."""
    for number in range(9):
        minutes = 54 if number < 3 else 53
        book.add_visit(
            book.new_patient(), DANA, BLUE, date(2026, 5, 9), [service("97140", 4, minutes)], referral="yes"
        )


def two_therapists(book: Book) -> None:
    """A patient with two massage therapists on one day."""
    patient = book.new_patient()
    for who, code in ((DANA, "97124"), (GUEST, "97140")):
        book.add_visit(patient, who, BLUE, date(2026, 3, 3), [service(code, 1, 15)])


def bunched(book: Book) -> None:
    """Eleven visits of 23 minutes."""
    patient = book.new_patient()
    for when in weekdays(date(2026, 1, 6), 11, 1):
        book.add_visit(patient, GUEST, BLUE, when, [service("97140", 2, 23)])


def without_exam(book: Book) -> None:
    """The examination that a patient at Medicare paid is taken out."""
    wanted = ("99213", SELF_PAY)
    exams = (row for row in book.charges if (row["code"], row["payer"]) == wanted)
    exam = next(row for row in exams if len(book.adjusted(row["patient_id"])) > 12)
    book.take(exam["patient_id"])
    book.remove_visit(exam["visit_id"])


def above_threshold(book: Book) -> None:
    """A visit for which Medicare allowed more than the year's threshold, and a further one without KX."""
    patient, when = book.new_patient(), date(2026, 3, 2)
    for day, charge in ((when, "2500.00"), (date(2026, 3, 9), "60.00")):
        services = [service("97113", 1, 15, "GP") | {"charge": charge}]
        (row,) = book.add_visit(patient, PRIYA, MEDICARE, day, services, **plan_of(when))
        book.answer(row, charge)


def above_review(book: Book) -> None:
    """A visit for which Medicare allowed more than the amount from which it picks claims."""
    when = date(2026, 3, 2)
    services = [service("97113", 1, 15, "GP") | {"charge": "3100.00"}]
    (row,) = book.add_visit(book.new_patient(), PRIYA, MEDICARE, when, services, **plan_of(when))
    book.answer(row, "3100.00")


def many_adjustments(book: Book) -> None:
    """Thirty visits a year at Medicare, examined now and then."""
    patient = book.new_patient()
    for number, when in enumerate(weekdays(date(2025, 9, 3), 26, 2)):
        book.add_visit(
            patient,
            MARCUS,
            MEDICARE,
            when,
            [service(f"9894{number % 2}", 1, 0, "AT")],
            regions=str(1 + 2 * (number % 2)),
        )
        if number % 12 == 6:
            (adjusted,) = book.lines_of[book.visits_of[patient][-1]]
            cash = {"payer": SELF_PAY, "claim_id": "", "submitted_date": "", "frequency": ""}
            book.add_line(adjusted, code="99213", modifiers="25", **cash)


def same_text(book: Book) -> None:
    """A note with the words of the one before."""
    notes = book.course(Find(DANA, BLUE), 3)
    notes[1]["note_text"] = notes[0]["note_text"]


def whirlpools(book: Book) -> None:
    """Whirlpools on two days of a year."""
    patient = book.new_patient()
    for when in (date(2026, 3, 3), date(2026, 3, 10)):
        book.add_visit(patient, PRIYA, BLUE, when, [service("97022")], plan_on="2026-03-03")


# --- what is told of the notes of a course ------------------------------------------------------------


def plan_after(notes: list[Row]) -> None:
    """The plan was established on the day of the third visit."""
    for note in notes:
        note["plan_on"] = notes[2]["service_date"]


def referral_over(notes: list[Row]) -> None:
    """The referral ended on the day before the last visit."""
    for note in notes:
        note["referral_until"] = move(notes[-1]["service_date"], -1)


def no_report(book: Book) -> None:
    """Twelve treatment days at Medicare after an evaluation, and no report."""
    patient = book.new_patient()
    plan = {"plan_on": "2026-01-06", "certified_on": "2026-01-20"}
    for number, when in enumerate(weekdays(date(2026, 1, 6), 12, 1, 3)):
        code = "97161" if not number else ("97110", "97112")[number % 2]
        services = [service(code, 1, 15 if number else 0, "GP")]
        book.add_visit(patient, PRIYA, MEDICARE, when, services, **plan)


MONDAYS = (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))


def exercise(_: int) -> list[Row]:
    """A service of physical therapy at Medicare."""
    return [service("97110", 1, 15, "GP")]


FAULTS: tuple[Fault, ...] = (
    Fault("patterns/no_exam", without_exam, 4),  # first: few patients have so long a course
    # Units
    Fault("usage/no_units", change(Find(MARCUS, BLUE, "G0283"), units="0")),
    Fault("units/above_minutes", change(Find(DANA, BLUE, "97124", units=3), minutes="30")),
    Fault("units/above_visit", without_minutes),
    Fault(
        "units/under_eight",
        change(Find(DANA, BLUE, "97124", units=1), minutes="7"),
        also={"units/above_minutes": 1},
    ),
    Fault("units/split", split),
    Fault("units/one_way", one_way),
    Fault("units/not_billed", change(Find(DANA, BLUE, "97124", units=2), minutes="40")),
    Fault("units/once_a_day", change(Find(MARCUS, BLUE, "G0283"), units="2")),
    Fault("units/several_lines", several_lines, 2, {"usage/repeated": 2}),
    Fault("bundling/units_limit", change(Find(PRIYA, MEDICARE, "97035"), units="3", minutes="45")),
    # Codes billed together
    Fault("bundling/never_together", add(Find(PRIYA, MEDICARE, "97140"), "15", code="97124", modifiers="GP")),
    Fault("bundling/modifier_on_hard_pair", beside("97140 GP", "97124 GP 59")),
    Fault("bundling/no_modifier", beside("97164 GP", "97035 GP")),
    Fault("bundling/other_clinician", two_specialties),
    Fault("bundling/payer_pair", add(Find(PRIYA, AUTO, "97116"), "15", code="97124")),
    # Modifiers
    Fault("modifiers/at_absent", change(Find(MARCUS, MEDICARE, "98941"), modifiers="")),
    Fault("modifiers/not_known", change(Find(DANA, BLUE, "97140"), modifiers="00")),
    Fault("modifiers/plan_absent", change(Find(PRIYA, MEDICARE, "97110"), modifiers="")),
    Fault("modifiers/two_plans", change(Find(PRIYA, MEDICARE, "97110"), modifiers="GP GO")),
    Fault("modifiers/other_plan", change(Find(PRIYA, COMMERCIAL_B, "97110"), modifiers="GO")),
    Fault("modifiers/assistant_without_plan", change(Find(PRIYA, MEDICARE, "97110"), modifiers="GP CO")),
    Fault("modifiers/notices_contradict", change(Find(MARCUS, MEDICARE, "98941"), modifiers="GA GZ")),
    Fault("modifiers/notice_not_taken", refuse(Find(MARCUS, MEDICARE, "98941"), "CO", "50", modifiers="GA")),
    Fault(
        "modifiers/patient_without_notice",
        refuse(Find(MARCUS, MEDICARE, "98941"), "PR", "50", modifiers="GZ"),
    ),
    Fault("modifiers/kx_absent", above_threshold),
    Fault("modifiers/kx_below", change(Find(PRIYA, MEDICARE, "97110", first=True), modifiers="GP KX")),
    Fault("modifiers/separate_without_pair", change(Find(DANA, BLUE, "97124", lines=1), modifiers="59")),
    Fault("modifiers/both_separate", change(Find(MARCUS, BLUE, "97140", modifiers="59"), modifiers="59 XS")),
    Fault("modifiers/visit_modifier_elsewhere", change(Find(DANA, BLUE, "97124"), modifiers="25")),
    Fault("modifiers/visit_modifier_alone", alone),
    Fault("modifiers/repeat_alone", change(Find(DANA, BLUE, "97124"), modifiers="76")),
    Fault(
        "modifiers/repeat_of_once_a_day",
        change(Find(MARCUS, MEDICARE, "98941"), modifiers="AT 76"),
        also={"modifiers/repeat_alone": 1},
    ),
    # Codes
    Fault("usage/not_valid", change(Find(PRIYA, BLUE, "97161"), code="97001")),
    Fault(
        "bundling/limit_zero",
        add(Find(MARCUS, MEDICARE), code="98943"),
        also={"codebook/chiropractor_at_medicare": 1},
    ),
    Fault("codebook/add_on_alone", add(Find(PRIYA, BLUE), "60", code="97546")),
    Fault("codebook/report_code_charged", add(Find(PRIYA, BLUE), code="4004F", charge="25.00")),
    Fault("codebook/temporary_code", add(Find(MARCUS, AUTO), code="0552T")),
    Fault("codebook/other_code_wanted", change(Find(PRIYA, MEDICARE, "G0283"), code="97014")),
    Fault("codebook/paid_though_bundled", pay(Find(PRIYA, MEDICARE, "97010"), "8.00")),
    Fault("codebook/outside_discipline", change(Find(DANA, BLUE, "97140", lines=1), code="97110")),
    Fault("codebook/tobacco", add(Find(MARCUS, BLUE), code="99406")),
    Fault("codebook/chiropractor_at_medicare", add(Find(MARCUS, MEDICARE), code="99213", modifiers="25")),
    Fault(
        "codebook/acupuncture_at_medicare",
        add(Find(PRIYA, MEDICARE), "15", code="97810", modifiers="GP"),
        also={"codebook/outside_discipline": 1},
    ),
    Fault("timing/regions_fewer", change(Find(MARCUS, BLUE, "98941"), {"regions": "2"})),
    Fault("timing/regions_more", change(Find(MARCUS, BLUE, "98940"), {"regions": "4"})),
    # Claims and charges
    Fault("usage/repeated", repeated, 2),
    Fault("balances/billed_twice", paid_twice),
    Fault("completeness/visits_without_charge", unbilled("no")),
    Fault("completeness/notes_without_charge", unbilled("yes")),
    Fault("completeness/without_claim", unsent),
    Fault("claims/fee", change(Find(DANA, BLUE, "97140"), charge="61.00")),
    Fault("claims/two_claims", two_claims, 2),
    Fault("claims/filed_late", filed_late),
    # Notes and plans
    Fault("documentation/any_lines", change(Find(DANA, BLUE, "97124", lines=1), {"technique": "no"})),
    Fault(
        "signatures/unsigned_late",
        change(Find(MARCUS, BLUE, lines=1), {"signed_on": ""}),
        also={"signatures/before_signed": 1, "documentation/any_lines": 1},
    ),
    Fault("signatures/before_signed", signed_after),
    Fault("timing/signed_late", signed_late),
    Fault("timing/treated_before_plan", tell(Find(PRIYA, BLUE, first=True), 4, plan_after)),
    Fault("timing/not_certified", visit(PRIYA, MEDICARE, MONDAYS, exercise, certified_on=""), 3),
    Fault("timing/recertification", visit(PRIYA, MEDICARE, MONDAYS, exercise, plan_until="2026-03-10")),
    Fault("timing/progress_report", no_report, 2),
    Fault("timing/identical_note", same_text),
    Fault("timing/referral", tell(Find(DANA, COMP), 4, referral_over)),
    # Patterns
    Fault("patterns/hours_billed", busy_day, 9),
    Fault("patterns/hours_recorded", redate(Find(MARCUS, BLUE), "2026-05-09", minutes="540")),
    Fault("patterns/away", redate(Find(DANA, BLUE, lines=1), "2025-08-29")),
    Fault("patterns/sunday", redate(Find(DANA, BLUE), "2026-03-08")),
    Fault("patterns/holiday", redate(Find(DANA, BLUE), "2026-05-25")),
    Fault(
        "patterns/many_visits",
        visit(
            DANA,
            BLUE,
            weekdays(date(2025, 9, 2), 26, 1),
            lambda n: [service("97124", 1 + n % 3, 15 + 15 * (n % 3))],
        ),
        2,
    ),
    Fault("patterns/many_adjustments", many_adjustments, 2, {"patterns/many_visits": 2}),
    Fault(
        "patterns/long_course",
        visit(
            DANA,
            BLUE,
            weekdays(date(2026, 2, 2), 36, 0, 2, 4),
            lambda n: [service("97124", 1 + n % 3, 15 + 15 * (n % 3))],
        ),
        1,
        {"patterns/many_visits": 12},
    ),
    Fault("patterns/several_clinicians", two_therapists, 2),
    Fault("patterns/massage_units", change(Find(DANA, BLUE, "97124"), units="5", minutes="75")),
    Fault(
        "patterns/same_units",
        visit(
            DANA,
            BLUE,
            weekdays(date(2025, 9, 2), 12, 1),
            lambda n: [service(("97124", "97140")[n % 2], 3, 45)],
        ),
        12,
    ),
    Fault(
        "patterns/same_codes",
        visit(
            MARCUS, BLUE, weekdays(date(2025, 9, 2), 12, 1), lambda _: [service("98943"), service("G0283")]
        ),
        12,
    ),
    Fault(
        "patterns/same_amount",
        visit(
            PRIYA,
            BLUE,
            weekdays(date(2026, 1, 6), 12, 1),
            lambda n: [
                service("97140", 1, 15),
                service("97110", 1, 15) if n % 2 else service("97035", 2, 30),
            ],
        ),
        12,
    ),
    Fault("timing/bunched_minutes", bunched, 11),
    Fault("modifiers/targeted_review", above_review),
    # The practice's own rules
    Fault("contract/packs", add(Find(PRIYA, COMMERCIAL_A), code="97018")),
    Fault(
        "contract/baths",
        visit(PRIYA, BLUE, [date(2026, 3, 3)], lambda _: [service("97018"), service("97024")]),
    ),
    Fault("contract/infrared", add(Find(PRIYA, BLUE), code="97026", units="3"), also={"units/once_a_day": 1}),
    Fault("contract/whirlpools", whirlpools),
)
"""One fault for every rule, and the rows that it marks."""


FILES = ("charges.csv", "postings.csv", "visit_notes.csv")


def read(path: Path) -> list[Row]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(rows: Iterable[Row], path: Path) -> None:
    """Write rows as a CSV file, with line feeds."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_clean(folder: Path) -> None:
    """Write the clean practice: its notes have every element and a text of their own."""
    write_practice(make_practice(SEED, Scale(), tidy=True), folder)
    notes = read(folder / "visit_notes.csv")
    write((note | {"note_text": f"visit {note['visit_id']}"} for note in notes), folder / "visit_notes.csv")
    _write_settings(folder)


class Planted(NamedTuple):
    """A fault as it was planted: where the rows of the patients stand who have it."""

    fault: Fault
    lines: tuple[int, ...]
    """Their rows in charges.csv, as a spreadsheet shows them."""
    visits: tuple[int, ...]
    """Their rows in visit_notes.csv."""


def write_planted(clean: Path, folder: Path, faults: Iterable[Fault] = FAULTS) -> tuple[Planted, ...]:
    """Write the clean practice with faults; return where each of them is."""
    folder.mkdir(parents=True, exist_ok=True)
    book, patients = Book(*(read(clean / name) for name in FILES)), []
    for fault in faults:
        book.fault = set()
        fault.edit(book)
        patients.append((fault, book.fault))
    notes = list(book.notes.values())
    for name, rows in zip(FILES, (book.charges, book.all_postings(), notes), strict=True):
        write(rows, folder / name)
    _write_settings(folder)
    return tuple(Planted(fault, _find(book.charges, whose), _find(notes, whose)) for fault, whose in patients)


def _find(rows: Iterable[Row], patients: set[str]) -> tuple[int, ...]:
    return tuple(number for number, row in enumerate(rows, 2) if row["patient_id"] in patients)


def _write_settings(folder: Path) -> None:
    text = practice_toml().replace("[disciplines]\n", f'[disciplines]\n"{GUEST}" = "massage"\n')
    write_text(text + SETTINGS, folder / "practice.toml")
