"""What the name of a column says: header names become sets of plain words, and these name our fields.

`Svc Dt`, `DATE OF SERVICE`, `serviceDate` and `DOS` all say *service* and *date*. A name alone decides
nothing: it makes a column a candidate, which its values must confirm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

_SPELLINGS = {
    "service date": "dos",
    "birth date": "dob",
    "place service": "pos",
    "id": "# no num nbr number identifier guid key",
    "service": "svc serv srv svcs",
    "date": "dt dte",
    "amount": "amt amnt dollar",
    "charge": "chg chgs chrg",
    "patient": "pt pat ptnt client clt customer cust",
    "payer": "ins insurance insurer insur payor carrier",
    "clinician": "provider prov prv therapist practitioner doctor dr physician staff ther thrpst",
    "procedure": "proc px prc",
    "diagnosis": "dx diag diagnoses icd",
    "modifier": "mod mdf modif",
    "unit": "qty quantity un",
    "adjustment": "adj adjust adjmt adjustmnt",
    "reason": "rsn rxn carc",
    "remark": "rem rmk rarc",
    "code": "cd cde",
    "description": "desc descr",
    "location": "loc locn",
    "appointment": "appt apt",
    "treatment": "tx trt",
    "payment": "pmt pmnt pymt paymt",
    "responsibility": "resp liability share portion",
    "account": "acct acc",
    "minute": "min mins",
    "status": "stat sts state",
    "transaction": "trans txn trx",
    "received": "rcv rcvd recd receipt",
    "submitted": "submit submission subm sub",
    "posted": "post posting",
    "signed": "sign signature",
    "finalized": "finalization finalised final",
    "primary": "prim pri",
    "denial": "den denied",
    "documentation": "doc chart",
    "claim": "clm",
    "encounter": "enc",
    "invoice": "inv",
    "frequency": "freq",
    "group": "grp",
    "billed": "bill",
    "allowed": "allow alw alwd allwd alwed",
    "start": "begin",
    "end": "stop",
    "facility": "fac",
    "secondary": "sec",
    "company": "co",
    "name": "nm",
    "plan care": "poc",
    "start care": "soc",
    "authorization": "auth authorisation",
    "authorized": "authorised",
    "certification": "cert",
    "certified": "certify",
    "recertification": "recert",
    "prescription": "rx",
    "expiration": "exp expiry",
    "transmitted": "transmit",
}
_ABBREVIATIONS = {short: plain for plain, written in _SPELLINGS.items() for short in written.split()}
_FILLERS = {"of", "on", "the", "for", "s", "a", "and"}

_NAMES = {
    "line_id": (
        "line id, service line id, charge id, transaction id, procedure id, entry id, ledger id, charge "
        "line id"
    ),
    "claim_id": (
        "claim id, claim, claim control number, claim ref, claim reference, icn, patient control "
        "number, payer claim control number, claim submitter identifier, invoice #, invoice, invoice or "
        "claim #, bill #"
    ),
    "visit_id": (
        "visit id, visit, encounter id, encounter, appointment id, session id, note id, documentation id"
    ),
    "patient": (
        "patient id, mrn, medical record number, patient account number, patient account, account "
        "number, account, chart number, patient chart number, patient record number"
    ),
    "patient_name": "patient name, patient, patient full name, full name, name",
    "clinician": (
        "rendering provider, rendering provider name, rendering, rendering name, treating provider, "
        "treating provider name, treatment provider, clinician, clinician name, performing provider, "
        "servicing provider, "
        "service provider, massage therapist, lmt, rmt, staff member, documenting therapist, attending "
        "provider, attending, finalizing therapist, seen by, treated by, clinician id, rendering "
        "provider id, rendering npi, rendering provider npi, clinician npi, npi, billing provider"
    ),
    "payer": (
        "payer, payer name, primary payer, primary payer name, insurance company, insurance company "
        "name, insurance provider, insurance plan, insurance plan name, health plan, plan, plan name, "
        "billed to, responsible party, third party, financial class, payer id"
    ),
    "location": (
        "location, location name, clinic, clinic name, office, office name, site, facility, facility "
        "name, service location, practice location, service facility, branch, place of service"
    ),
    "service_date": (
        "date of service, service date from, from service date, service from date, service start date, "
        "from date, visit date, appointment date, treatment date, session date, encounter date, date of "
        "visit, service, date, appointment, purchase date, procedure date, charge date"
    ),
    "submitted_date": (
        "submitted date, submitted, date sent, sent, claim date, claim submitted date, billed date, "
        "first billed date, filed date, transmit date, transmitted, transmission date, invoice date, "
        "claim sent date, date filed, claim created date"
    ),
    "code": (
        "cpt code, cpt, cpt hcpcs, cpt hcpcs code, hcpcs cpt, hcpcs code, hcpcs, procedure code, "
        "procedure, billing code, service code, charge code, treatment code, code, billed code, code "
        "billed, service, treatment, item, detail, procedure cpt"
    ),
    "item": (
        "item, item name, treatment, treatment name, treatment type, service name, service type, "
        "service, service description, appointment type, product, description, procedure description, "
        "procedure name"
    ),
    "modifiers": (
        "modifier, modifier code, m, cpt modifier, procedure modifier, service code modifier, "
        "procedure modifier code"
    ),
    "diagnoses": (
        "icd code, diagnosis code, diagnosis, icd diagnosis, icd diagnosis code, primary diagnosis, "
        "secondary diagnosis, treating diagnosis, primary diagnosis code, secondary diagnosis code"
    ),
    "minutes": (
        "minute, duration, duration minute, timed minute, time minute, treatment minute, total minute, "
        "code minute, minute billed, service minute, treatment time, visit length"
    ),
    "start": "start time, time in, start, start at, appointment start, appointment start time, in time",
    "end": "end time, time out, end, end at, appointment end, appointment end time, out time",
    "units": (
        "unit, billed unit, service unit, unit billed, unit count, service unit count, day unit, day or "
        "unit, service code unit, unit id, charge unit"
    ),
    "charge": (
        "charge, charge amount, billed charge, billed amount, billed, submitted charge, submitted "
        "amount, total charge, total charge amount, total fee, gross charge, gross, fee, fee charged, "
        "claim charge, service charge, charged, amount charged, total billed, total billed amount, "
        "claim amount, total amount, total, price, amount"
    ),
    "allowed": (
        "allowed, allowed amount, payer allowed, payer allowed amount, contracted amount, contract "
        "amount, approved amount, approved, allowable, allowable amount, eligible amount"
    ),
    "paid": (
        "insurance paid, insurance amount paid, insurance payment, insurance payment amount, payer "
        "payment, paid, paid amount, total paid, payment amount, payment, service paid, clinician paid, "
        "claim paid amount, collected, amount received, ins pd, insurance pd, amt pd, pd"
    ),
    "patient_share": (
        "patient responsibility, patient responsibility amount, patient amount due, patient owes, "
        "patient amount, pr amount, patient due, coinsurance copay deductible"
    ),
    "frequency": "frequency, frequency code, claim frequency, claim frequency code, resubmission code",
    "replaces": (
        "replaces, replaced claim, original reference number, original claim reference number, resubmission "
        "reference number"
    ),
    "posted_on": (
        "posted, posted date, payment date, paid date, date paid, payment posted date, check date, eob "
        "date, era date, remit date, remittance date, adjudication date, adjudicated date, decision "
        "date, processed date, denial date, deposit date, received date, transaction date"
    ),
    "payer_rank": "payer rank, payer order, payer sequence, payer level, cob, payer responsibility",
    "kind": "kind, transaction type, type, posted type, entry type, payment type, transaction kind",
    "group": (
        "group code, group, adjustment group, adjustment group code, claim adjustment group code, cagc, "
        "cas group, reason group"
    ),
    "reason": (
        "reason code, adjustment reason code, adjustment reason, claim adjustment reason code, denial "
        "code, denial reason code, denial reason, adjustment code, reason, cas, cas code, remit code, "
        "denial, eob code, adjustment reason code carc"
    ),
    "amount": (
        "adjustment amount, adjusted amount, denial amount, adjustment, adjusted, reason amount, cas "
        "amount, amount, writeoff, write off, write off amount, posted amount, transaction amount, "
        "payment amount, payment, paid amount, paid, insurance paid"
    ),
    "remarks": "remark code, remark, line remark code, era remark",
    "claim_status": "claim status code, clp02, claim status number",
    "signed_on": (
        "signed date, signed, note signed date, note signed, documentation signed date, finalized date, "
        "finalized, note finalized date, locked date, lock date, note lock date, signed at, finalized "
        "at, note completed date, documentation date signed"
    ),
    "plan_on": (
        "plan of care date, poc date, plan of care start date, plan start date, plan established date, "
        "plan of care established, plan date, treatment plan date, care plan date, plan of care created "
        "date"
    ),
    "plan_until": (
        "plan of care end date, poc end date, plan end date, plan of care expiration date, poc "
        "expiration date, plan expiration date, plan of care expires, poc expires, plan expires, "
        "certification end date, certification expires, certification expiration date"
    ),
    "certified_on": (
        "certified date, certification date, plan certified date, plan of care certified date, poc "
        "certified date, plan of care certified, poc certified, certification signed date, "
        "certification start date, recertification date, recertified date, plan of care signed date, "
        "poc signed date, clinician certified date"
    ),
    "order_signed_on": "order signed date, order signed, order date, clinician order date, signed order date",
    "plan_sent_on": (
        "plan of care sent date, poc sent date, plan sent date, plan of care sent, poc sent, plan sent, "
        "plan of care transmitted date, plan transmitted date, plan faxed date, plan of care faxed "
        "date, poc faxed date"
    ),
    "progress_on": (
        "progress report date, progress note date, last progress report date, last progress report, "
        "last progress note date, progress report"
    ),
    "referral_on": (
        "referral date, referral start date, referral signed date, prescription date, rx date, "
        "authorization date, authorization start date, auth start date"
    ),
    "referral_until": (
        "referral end date, referral expiration date, referral expires, prescription expiration date, "
        "prescription end date, authorization end date, authorization expiration date, authorization "
        "expires"
    ),
    "initial_on": (
        "initial treatment date, first treatment date, start of care date, start of care, soc date, "
        "soc, initial visit date, first visit date"
    ),
    "visits_authorized": (
        "visit authorized, authorized visit, approved visit, visit approved, authorization visit, visit "
        "allowed, visit limit, visit authorized count"
    ),
    "regions": (
        "region adjusted, region adjusted count, spinal region, spinal region adjusted, spinal region "
        "count, region count, region treated"
    ),
    "assistant_minutes": "assistant minute, pta minute, ota minute, cota minute, aide minute",
    "note_text": (
        "note text, soap note, soap, daily note, treatment note, daily note text, chart note text, note "
        "body, note content, visit note text, progress note text"
    ),
}
FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    name: tuple(written.split(", ")) for name, written in _NAMES.items()
}
"""Our field -> names under which exports show it, the likeliest first.

Abbreviations, plurals and the order of words do not count.
"""

STATUS_NAMES = (
    "claim status",
    "status",
    "line status",
    "adjudication status",
    "insurance payment status",
    "insurance balance status",
    "insurance status",
    "payment status",
    "decision",
    "disposition",
    "outcome",
    "claim decision",
    "adjudication",
)
NOTE_STATUS_NAMES = (
    "note status",
    "progress note status",
    "documentation status",
    "note state",
    "note complete",
    "signed",
    "note signed",
    "is signed",
    "note completed",
    "documentation complete",
)
FIRST_NAMES = ("patient first name", "first name", "patient first", "first")
LAST_NAMES = ("patient last name", "last name", "patient last", "last", "patient surname", "surname")
BIRTH_NAMES = ("birth date", "patient birth date", "birthdate", "patient birthdate", "birthday")


class HeaderWords(NamedTuple):
    """The words of a header, the number behind them (`Mod 2`: 2, none: 0), and which of equal names it is."""

    words: frozenset[str]
    number: int
    repeat: int


@cache
def read_header(header: str) -> HeaderWords:
    """Return the plain words of a header."""
    text = unicodedata.normalize("NFKC", header)
    repeat = re.search(r"#(\d+)$", text)
    text = re.sub(r"#\d+$", "", text) if repeat else text
    text = re.sub(r"\b(icd)[\s_-]*(?:9|10)(?:[\s_-]*cm)?(?![0-9])", r"\1 ", text, flags=re.IGNORECASE)
    text = re.sub(r"\(e?s\)", "s", text, flags=re.IGNORECASE)
    parts = re.findall(r"[A-Z]+(?![a-z])s?|[A-Z]?[a-z]+|[^\W\d_]+|\d+|#", text)
    words: list[str] = []
    number = 0
    for part in parts:
        if part.isdigit() and int(part) <= 25 and not number:
            number = int(part)
        else:
            words += _plain_words(part.casefold())
    found = frozenset(words) - _FILLERS
    if "line" in found and len(found) > 1 and "id" not in found:
        found -= {"line"}
    return HeaderWords(found, number, int(repeat[1]) if repeat else 1)


def _plain_words(word: str) -> list[str]:
    if word in _FILLERS:
        return []
    if known := _plain_word(word):
        return known.split()
    pieces = _split(word)
    return [plain for piece in pieces for plain in (_plain_word(piece) or "").split()] or [_singular(word)]


def _plain_word(word: str) -> str | None:
    """Return the plain word for a known one, None for one that no field's name has."""
    for form in (word, _singular(word)):
        if form in _ABBREVIATIONS:
            return _ABBREVIATIONS[form]
        if form in _vocabulary():
            return form
    return "" if word in _FILLERS else None


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


@cache
def _vocabulary() -> frozenset[str]:
    phrases = [*STATUS_NAMES, *NOTE_STATUS_NAMES, *FIRST_NAMES, *LAST_NAMES, *BIRTH_NAMES]
    phrases += [phrase for names in FIELD_NAMES.values() for phrase in names]
    return frozenset(word for phrase in phrases for word in re.findall(r"[a-z]+", phrase))


@cache
def _split(word: str) -> tuple[str, ...]:
    """Return the known words that a word written together is made of (`dateofservice`); none if it is not."""
    for end in range(len(word), 1, -1):
        head, rest = word[:end], word[end:]
        if len(head) < 3 and head not in ("of", "id", "no", "dt"):
            break
        if _plain_word(head) is None:
            continue
        if not rest:
            return (head,)
        if tail := _split(rest):
            return (head, *tail)
    return ()


def find_candidates(headers: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the headers that bear one of `names`, the likeliest name first, then by number and position."""
    order: dict[frozenset[str], int] = {}
    for place, name in enumerate(names):
        order.setdefault(read_header(name).words, place)
    read = {header: read_header(header) for header in headers}
    found = [header for header in headers if read[header].words in order]
    return sorted(
        found, key=lambda header: (order[read[header].words], read[header].number, read[header].repeat)
    )
