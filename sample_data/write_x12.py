"""Write a practice's own charges.csv and postings.csv as the X12 files that its clearing house would hold.

`python write_x12.py charges.csv postings.csv --only remittance_only.csv --out DIR` writes, by quarters, the
claims sent (`claims_2026-Q3.837`) and the answers posted (`remittances_2026-Q3.835`), and beside them
`not_claimed.csv`: the rows of charges.csv that no claim holds, because the patient pays, because the claim is
not sent yet, or because the row cannot be a claim. `--month 2026-09` writes the claims for services of that
month alone, and the answers to them.

`remittance_only.csv` tells what a remittance holds and postings.csv has no room for. Its rows, by `kind`:
`answered as` (the answer `posted_on` to `line_id` names another `code` or other `units`), `interest`
(`amount`, on the claim of `line_id`, `posted_on`), `provider` (`payer` set off `amount` for `reason` against
the payment of `posted_on`), `service` (a line that postings.csv answers and charges.csv lacks).

Amounts are whole cents. What goes out depends on the rows alone: same rows, same bytes.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

Row = dict[str, str]
Segments = list[str]

PRACTICE, PRACTICE_ID, TAX_ID = "CEDAR & STONE THERAPY", "CEDARSTONE", "990000001"
HOUSE, HOUSE_ID = "INVENTED CLEARING HOUSE", "INVENTEDHOUSE"
PRACTICE_NPI = "1999999984"
SECOND_PAYER = "Supplement Plan"
"""Who pays what postings.csv gives a payer_rank above 1: it names no payer."""

FILING = {"Medicare Part B": "MB", "Auto (PIP)": "AM", "Workers' comp": "WC"}
"""Claim filing indicators; others are preferred provider plans."""
PREFERRED = "12"

REVERSAL = "22"
TAKE_BACK_CARRIED, INTEREST = "FB", "L6"
CLAIMS_VERSION, REMITTANCES_VERSION = "005010X222A1", "005010X221A1"


# --- Rows -------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """A claim line as it was billed."""

    line_id: str
    claim_id: str
    patient: str
    clinician: str
    location: str
    payer: str
    service_date: str
    submitted: str
    code: str
    modifiers: str
    diagnoses: str
    units: str
    charge: int
    frequency: str
    replaces: str


class Answer(NamedTuple):
    """What a payer did to one line on one date: cents paid, and (group, reason, cents) adjusted."""

    line: Line
    paid: int
    adjusted: tuple[tuple[str, str, int], ...]
    allowed: int | None
    remarks: tuple[str, ...]
    reversal: bool

    @property
    def charge(self) -> int:
        """The charge answered; below zero where the answer reverses another."""
        return -self.line.charge if self.reversal else self.line.charge


@dataclass
class Payment:
    """One check or transfer: the claims it answers, and what the payer set off against it."""

    payer: str
    posted_on: str
    rank: int
    claims: dict[tuple[str, bool, str], list[Answer]] = field(default_factory=lambda: defaultdict(list))
    interest: dict[str, int] = field(default_factory=dict)  # by claim
    set_off: list[tuple[str, str, int]] = field(default_factory=list)  # reason, reference, cents

    @property
    def paid_on_claims(self) -> int:
        """Sum of what the claims say was paid."""
        return sum(answer.paid for answers in self.claims.values() for answer in answers)

    @property
    def amount(self) -> int:
        """What the payer sends."""
        return self.paid_on_claims - sum(cents for _, _, cents in self.set_off)

    @property
    def trace(self) -> str:
        """Number of the check or transfer."""
        return f"{identifier(self.payer)}{self.posted_on.replace('-', '')}"


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a CSV file, each once."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [dict(row) for row in dict.fromkeys(tuple(row.items()) for row in rows)]


def cents(text: str) -> int:
    """Return the cents of an amount with two decimals."""
    return int(text.replace(".", ""))


def is_date(text: str) -> bool:
    """Return whether a text is a day of the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def can_be_claimed(row: Row) -> bool:
    """Return whether a claim holds this row of charges.csv."""
    return bool(row["claim_id"] and row["submitted_date"] and row["code"]) and is_date(row["service_date"])


def line_of(row: Row) -> Line:
    """Return a row of charges.csv, or a `service` of remittance_only.csv, as a line."""
    return Line(
        row["line_id"],
        row["claim_id"],
        row["patient_id"],
        row.get("clinician", ""),
        row.get("location", ""),
        row["payer"],
        row["service_date"],
        row.get("submitted_date", ""),
        row["code"],
        row.get("modifiers", ""),
        row.get("diagnoses", ""),
        row["units"],
        cents(row["charge"]),
        row.get("frequency") or "1",
        row.get("replaces", ""),
    )


# --- Segments ---------------------------------------------------------------------------------------


def segment(name: str, *elements: object) -> str:
    """Return a segment without its terminator and without blank elements at its end."""
    return "*".join([name, *map(str, elements)]).rstrip("*")


def compact(iso: str) -> str:
    """Return a date as CCYYMMDD."""
    return iso.replace("-", "")


def amount(value: int) -> str:
    """Return cents as dollars the X12 way: no decimals that say nothing."""
    dollars, rest = divmod(abs(value), 100)
    text = f"{dollars}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(dollars)
    return f"-{text}" if value < 0 else text


def identifier(name: str) -> str:
    """Return a name as an id: its letters and digits."""
    return "".join(sign for sign in name.upper() if sign.isalnum())


def payer_number(claim_id: str, rank: int = 1) -> str:
    """Return the number that a payer gives a claim."""
    return f"9{rank}{claim_id.lstrip('C')}"


def provider_number(clinician: str) -> str:
    """Return an invented provider number with a right check digit, the same for the same name."""
    body = f"1{sum(ord(sign) * place for place, sign in enumerate(clinician, start=1)) % 10**8:08d}"
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return f"{body}{-(24 + sum(value // 10 + value % 10 for value in doubled)) % 10}"


def quarter(iso: str) -> str:
    """Return the quarter of a date: 2026-Q3."""
    return f"{iso[:4]}-Q{(int(iso[5:7]) + 2) // 3}"


def service_code(code: str, modifiers: str) -> str:
    """Return a code with its modifiers as one element."""
    return ":".join(["HC", code, *modifiers.split()])


def person(entity: str, patient: str) -> str:
    """Return the name of a patient: the number, as in the sample's other layouts."""
    number = patient.lstrip("P")
    return segment("NM1", entity, 1, "Sample", f"Client {number}", "", "", "", "MI", f"W{number}")


def interchange(group: str, version: str, number: int, day: str, transactions: Iterable[Segments]) -> str:
    """Return a file: one interchange with one group of transactions, a segment a line."""
    sender, receiver = (PRACTICE_ID, HOUSE_ID) if group == "HC" else (HOUSE_ID, PRACTICE_ID)
    kind = "837" if group == "HC" else "835"
    body: Segments = []
    total = 0
    for total, segments in enumerate(transactions, start=1):
        control = f"{total:04d}"
        start = segment("ST", kind, control, version if kind == "837" else "")
        body += [start, *segments, segment("SE", len(segments) + 2, control)]
    ends = ["ISA*00*          *00*          ", f"ZZ*{sender:<15}*ZZ*{receiver:<15}"]
    isa = f"{'*'.join(ends)}*{compact(day)[2:]}*0600*^*00501*{number:09d}*0*T*:"
    gs = segment("GS", group, sender, receiver, compact(day), "0600", number, "X", version)
    file = [isa, gs, *body, segment("GE", total, number), segment("IEA", 1, f"{number:09d}")]
    return "~\n".join(file) + "~\n"


# --- Claims: 837P -----------------------------------------------------------------------------------


def claim_files(lines: Sequence[Line], file_of: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the 837P of each file; `file_of` names the file of a day of sending."""
    files: dict[str, dict[str, dict[str, list[Line]]]] = {}
    for line in sorted(lines, key=lambda line: (line.submitted, line.claim_id, line.line_id)):
        days = files.setdefault(file_of(line.submitted), {})
        days.setdefault(line.submitted, {}).setdefault(line.claim_id, []).append(line)
    for number, (name, days) in enumerate(files.items(), start=1):
        transactions = (claims_sent(day, list(claims.values())) for day, claims in days.items())
        yield name, interchange("HC", CLAIMS_VERSION, number, max(days), transactions)


def claims_sent(day: str, claims: Sequence[Sequence[Line]]) -> Segments:
    """Return the claims sent on one day as the inside of one transaction."""
    found = [
        segment("BHT", "0019", "00", compact(day), compact(day), "0600", "CH"),
        segment("NM1", 41, 2, PRACTICE, "", "", "", "", 46, PRACTICE_ID),
        segment("PER", "IC", "BILLING", "TE", "5550100000"),
        segment("NM1", 40, 2, HOUSE, "", "", "", "", 46, HOUSE_ID),
        segment("HL", 1, "", 20, 1),
        segment("NM1", 85, 2, PRACTICE, "", "", "", "", "XX", PRACTICE_NPI),
        *address(),
        segment("REF", "EI", TAX_ID),
    ]
    for level, lines in enumerate(claims, start=2):
        found += claim(level, lines)
    return found


def address() -> Segments:
    """Return an invented address."""
    return [segment("N3", "1 MAIN ST"), segment("N4", "ANYTOWN", "OH", "440000000")]


def claim(level: int, lines: Sequence[Line]) -> Segments:
    """Return one patient's claim, the patient being the subscriber."""
    first = lines[0]
    diagnoses = list(dict.fromkeys(code for line in lines for code in line.diagnoses.split()))
    last_name, given = first.clinician.split(" ")[-1], " ".join(first.clinician.split(" ")[:-1])
    charge = amount(sum(line.charge for line in lines))
    found = [
        segment("HL", level, 1, 22, 0),
        segment("SBR", "P", 18, "", "", "", "", "", "", FILING.get(first.payer, PREFERRED)),
        person("IL", first.patient),
        *address(),
        segment("DMG", "D8", "19700101", "U"),
        segment("NM1", "PR", 2, first.payer, "", "", "", "", "PI", identifier(first.payer)),
        segment("CLM", first.claim_id, charge, "", "", f"11:B:{first.frequency}", "Y", "A", "Y", "Y"),
    ]
    if first.replaces:
        found.append(segment("REF", "F8", first.replaces))
    found.append(segment("REF", "EA", first.patient))
    if diagnoses:
        kinds = ["ABK", *["ABF"] * len(diagnoses)]
        pairs = zip(kinds, diagnoses, strict=False)
        found.append(segment("HI", *(f"{kind}:{code.replace('.', '')}" for kind, code in pairs)))
    provider = ("XX", provider_number(first.clinician))
    found.append(segment("NM1", 82, 1, last_name, given, "", "", "", *provider))
    found += [segment("NM1", 77, 2, first.location), *address()]
    for number, line in enumerate(lines, start=1):
        found += service(number, line, diagnoses)
    return found


def service(number: int, line: Line, diagnoses: Sequence[str]) -> Segments:
    """Return one line of a claim."""
    pointers = ":".join(str(diagnoses.index(code) + 1) for code in line.diagnoses.split())
    code = service_code(line.code, line.modifiers)
    return [
        segment("LX", number),
        segment("SV1", code, amount(line.charge), "UN", line.units, "", "", pointers),
        segment("DTP", 472, "D8", compact(line.service_date)),
        segment("REF", "6R", line.line_id),
    ]


# --- Answers: 835 -----------------------------------------------------------------------------------


class Told(NamedTuple):
    """What remittance_only.csv tells, by its kinds."""

    answered_as: dict[tuple[str, str], Row]  # by line and date
    interest: list[Row]
    provider: list[Row]
    services: list[Row]


def read_told(rows: Sequence[Row]) -> Told:
    """Return the rows of remittance_only.csv by kind."""
    kinds: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        kinds[row["kind"]].append(row)
    answered = {(row["line_id"], row["posted_on"]): row for row in kinds["answered as"]}
    return Told(answered, kinds["interest"], kinds["provider"], kinds["service"])


def make_payments(lines: dict[str, Line], postings: Sequence[Row], told: Told) -> list[Payment]:
    """Return the payments by date and payer; what is taken back beyond one is carried to the next."""
    payments: dict[tuple[str, str, int], Payment] = {}
    answers: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in postings:
        answers[row["line_id"], row["posted_on"], row["payer_rank"], row["claim_status"]].append(row)
    for (line_id, posted_on, rank, status), rows in answers.items():
        line = lines[line_id]
        payment = find_payment(payments, line.payer if rank == "1" else SECOND_PAYER, posted_on, int(rank))
        payment.claims[line.claim_id, status != REVERSAL, status].append(answer_of(line, rows))
    for row in told.interest:
        line = lines[row["line_id"]]
        payment = find_payment(payments, line.payer, row["posted_on"], 1)
        payment.interest[line.claim_id] = cents(row["amount"])
        payment.set_off.append((INTEREST, payer_number(line.claim_id), -cents(row["amount"])))
    for row in told.provider:
        payment = find_payment(payments, row["payer"], row["posted_on"], 1)
        payment.set_off.append((row["reason"], row["reference"], cents(row["amount"])))
    found = sorted(payments.values(), key=lambda each: (each.posted_on, each.payer, each.rank))
    carry_forward(found)
    return found


def find_payment(
    payments: dict[tuple[str, str, int], Payment], payer: str, posted_on: str, rank: int
) -> Payment:
    """Return the payment of a payer on a date, a new one if there is none yet."""
    return payments.setdefault((payer, posted_on, rank), Payment(payer, posted_on, rank))


def answer_of(line: Line, rows: Sequence[Row]) -> Answer:
    """Return the postings of one line, date, payer and status as one answer."""
    paid, adjusted, allowed = 0, [], None
    for row in rows:
        if row["kind"] == "allowed":
            allowed = cents(row["amount"])
        elif row["reason"]:
            adjusted.append((row["group"], row["reason"], cents(row["amount"])))
        else:
            paid += cents(row["amount"])
    remarks = dict.fromkeys(remark for row in rows for remark in row["remarks"].split())
    reversal = rows[0]["claim_status"] == REVERSAL
    return Answer(line, paid, tuple(adjusted), allowed, tuple(remarks), reversal)


def carry_forward(payments: Sequence[Payment]) -> None:
    """Let no payer pay less than nothing: what is missing is set off against its next payment."""
    owed: dict[str, tuple[str, int]] = {}
    for payment in payments:
        if payment.payer in owed:
            reference, rest = owed.pop(payment.payer)
            payment.set_off.append((TAKE_BACK_CARRIED, reference, rest))
        if payment.amount < 0:
            owed[payment.payer] = (payment.trace, -payment.amount)
            payment.set_off.append((TAKE_BACK_CARRIED, payment.trace, payment.amount))


def remittance_files(
    payments: Sequence[Payment], answered_as: dict[tuple[str, str], Row], file_of: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Yield the name and the 835 of each file; `file_of` names the file of a day of payment."""
    files: dict[str, list[Payment]] = {}
    for payment in payments:
        files.setdefault(file_of(payment.posted_on), []).append(payment)
    for number, (name, paid) in enumerate(files.items(), start=1):
        transactions = (remittance(payment, answered_as) for payment in paid)
        yield name, interchange("HP", REMITTANCES_VERSION, number, paid[-1].posted_on, transactions)


def remittance(payment: Payment, answered_as: dict[tuple[str, str], Row]) -> Segments:
    """Return one payment as the inside of one transaction."""
    day, payer_id = compact(payment.posted_on), identifier(payment.payer)
    method = ("I", amount(payment.amount), "C", "ACH", "CCP", "01", "999999992", "DA", "123456", "1990000002")
    nothing = ("H", 0, "C", "NON", "", "", "", "", "", "1990000002")
    accounts = ("", "01", "999988880", "DA", "98765") if payment.amount else ("",) * 5
    found = [
        segment("BPR", *(method if payment.amount else nothing), *accounts, day),
        segment("TRN", 1, payment.trace, "1990000002"),
        segment("DTM", 405, day),
        segment("N1", "PR", payment.payer, "XV", payer_id),
        *address(),
        segment("PER", "BL", "PROVIDER SERVICES", "TE", "5550100001"),
        segment("N1", "PE", PRACTICE, "XX", PRACTICE_NPI),
        segment("REF", "TJ", TAX_ID),
    ]
    if payment.claims:
        found.append(segment("LX", 1))
    for (claim_id, _, status), answers in sorted(payment.claims.items()):
        interest = payment.interest.get(claim_id, 0)
        found += answered_claim(payment, claim_id, status, answers, interest, answered_as)
    return found + provider_adjustments(payment)


def answered_claim(
    payment: Payment,
    claim_id: str,
    status: str,
    answers: Sequence[Answer],
    interest: int,
    answered_as: dict[tuple[str, str], Row],
) -> Segments:
    """Return the answer to one claim."""
    first = answers[0].line
    left = sum(value for answer in answers for group, _, value in answer.adjusted if group == "PR")
    sums = [sum(answer.charge for answer in answers), sum(answer.paid for answer in answers), left]
    filing = FILING.get(payment.payer, PREFERRED)
    found = [
        segment(
            *("CLP", claim_id, status, *map(amount, sums), filing),
            *(payer_number(claim_id, payment.rank), 11, first.frequency),
        ),
        person("QC", first.patient),
    ]
    if interest:
        found.append(segment("AMT", "I", amount(interest)))
    for answer in sorted(answers, key=lambda answer: answer.line.line_id):
        found += answered_line(answer, answered_as.get((answer.line.line_id, payment.posted_on), {}))
    return found


def answered_line(answer: Answer, answered_as: Row) -> Segments:
    """Return the answer to one line; billed code and units beside those answered, where they differ."""
    line = answer.line
    billed = service_code(line.code, line.modifiers)
    code, units = answered_as.get("code") or "", answered_as.get("units") or line.units
    original = (billed if code else "", line.units if units != line.units else "")
    found = [
        segment(
            *("SVC", service_code(code, line.modifiers) if code else billed),
            *(amount(answer.charge), amount(answer.paid), "", units, *original),
        ),
        segment("DTM", 472, compact(line.service_date)),
    ]
    for group in dict.fromkeys(group for group, _, _ in answer.adjusted):
        triplets = [
            part
            for its_group, reason, value in answer.adjusted
            if its_group == group
            for part in (reason, amount(value), "")
        ]
        found.append(segment("CAS", group, *triplets))
    found.append(segment("REF", "6R", line.line_id))
    if answer.allowed is not None:
        found.append(segment("AMT", "B6", amount(answer.allowed)))
    return found + [segment("LQ", "HE", remark) for remark in answer.remarks]


def provider_adjustments(payment: Payment) -> Segments:
    """Return what was set off against the payment as a whole."""
    year_end = f"{payment.posted_on[:4]}1231"
    pairs = [
        part
        for reason, reference, value in payment.set_off
        for part in (f"{reason}:{reference}", amount(value))
    ]
    return [segment("PLB", PRACTICE_NPI, year_end, *pairs[at : at + 12]) for at in range(0, len(pairs), 12)]


# --- Files ------------------------------------------------------------------------------------------


def write_rows(rows: Sequence[Row], columns: Sequence[str], path: Path) -> None:
    """Write rows as CSV with line feeds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_text(text: str, path: Path) -> None:
    """Write text with line feeds."""
    path.write_text(text, encoding="ascii", newline="\n")


def write_files(charges: Path, postings: Path, only: Path | None, month: str, folder: Path) -> None:
    """Write claims, remittances and the rows that no claim holds."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, told = read_rows(charges), read_told(read_rows(only) if only else [])
    sent = [line_of(row) for row in rows if can_be_claimed(row)]
    posted = read_rows(postings)
    if month:
        sent = [line for line in sent if line.service_date.startswith(month)]
        ids = {line.line_id for line in sent}
        posted = [row for row in posted if row["line_id"] in ids]
        told = Told(told.answered_as, [row for row in told.interest if row["line_id"] in ids], [], [])
    lines = {line.line_id: line for line in [*sent, *map(line_of, told.services)]}
    payments = make_payments(lines, posted, told)

    def file_of(day: str) -> str:
        return month or quarter(day)

    for name, text in claim_files(sent, file_of):
        write_text(text, folder / f"claims_{name}.837")
    for name, text in remittance_files(payments, told.answered_as, file_of):
        write_text(text, folder / f"remittances_{name}.835")
    if not month:
        unclaimed = [row for row in rows if not can_be_claimed(row)]
        write_rows(unclaimed, list(rows[0]), folder / "not_claimed.csv")


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("charges", type=Path)
    options.add_argument("postings", type=Path)
    options.add_argument("--only", type=Path, help="what only a remittance tells: remittance_only.csv")
    options.add_argument("--month", default="", help="claims for services of this month alone: 2026-09")
    options.add_argument("--out", type=Path, default=Path())
    chosen = options.parse_args()
    write_files(chosen.charges, chosen.postings, chosen.only, chosen.month, chosen.out)


if __name__ == "__main__":
    main()
