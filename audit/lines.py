"""The three tables of a billing history, claim lines, visits and postings, and two beside them.

Each column is described once, here. Money is in whole cents and units are in whole
hundredths; an amount that could not be read, or that the export does not tell, is missing
(`<NA>`), never zero. Dates are `datetime64[s]`, missing as `NaT`. Text is categorical.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

SELF_PAY = "Self-pay"
"""The payer of a line that was never sent to an insurer."""

UNKNOWN, PRESENT, ABSENT = 0, 1, 2
"""The three states of a documentation cell. Unknown is not absent."""

DECISIONS = (
    "not billed",
    "no answer",
    "pending",
    "taken back",
    "rejected",
    "excluded: sent on",
    "excluded: duplicate",
    "excluded: report only",
    "excluded: withdrawn",
    "excluded: denial asked for",
    "excluded: bundled as expected",
    "excluded: prepaid",
    "reduced",
    "patient",
    "paid",
    "denied",
    "reason unknown",
    "nothing allowed, no reason",
    "unknown",
)
"""What a payer's answer amounts to for a line; `decisions.py` holds the table that decides."""


class Column(NamedTuple):
    """One column of a table: its name, the type it is held in, and what it means."""

    name: str
    kind: str
    meaning: str


LINES = (
    Column("line_id", "category", "the line's own number in the export; empty where it has none"),
    Column("claim_id", "category", "the claim the line was billed on; empty where not exported"),
    Column("visit_id", "int32", "row of the visits table that covers this line"),
    Column("patient_key", "int32", "dense number of the patient in this run; says nothing of who it is"),
    Column("clinician", "category", "who rendered the service; empty where not exported"),
    Column("payer", "category", f"who was billed; '{SELF_PAY}' when nobody but the patient"),
    Column("location", "category", "where; empty where not exported"),
    Column("service_date", "datetime64[s]", "date of service"),
    Column("submitted_date", "datetime64[s]", "when the claim was sent"),
    Column("code", "category", "CPT or HCPCS code, without modifiers"),
    Column("modifiers", "category", "modifiers in the order billed, separated by spaces"),
    Column("diagnoses", "category", "diagnosis codes in the order billed, separated by spaces"),
    Column("minutes", "Int32", "minutes recorded for this code"),
    Column("units", "Int64", "units billed, in hundredths"),
    Column("charge", "Int64", "amount charged, in cents"),
    Column("allowed", "Int64", "amount the payer allowed, in cents"),
    Column("paid", "Int64", "amount paid by payers without interest, in cents"),
    Column("patient_share", "Int64", "amount the payer left to the patient, in cents"),
    Column("frequency", "category", "1 original, 7 replacement, 8 void claim; empty where not exported"),
    Column("has_diagnosis", "int8", "whether a diagnosis is on the line: unknown, present or absent"),
    Column("has_minutes", "int8", "whether minutes are recorded for the line: unknown, present or absent"),
    Column("source_file", "category", "file the line was read from"),
    Column("source_row", "int32", "the record's number in that file, as a spreadsheet shows it"),
)
"""Claim lines: one billed service, one code with its modifiers on one claim on one date."""

DECIDED = (
    Column("first_decision", "category", "decision of the first answer, one of DECISIONS"),
    Column("first_reason", "category", "denial reason with the largest amount in the first answer, as CO-97"),
    Column("first_decided_on", "datetime64[s]", "date of the first answer"),
    Column("last_decision", "category", "decision of the last answer"),
    Column("last_reason", "category", "denial reason with the largest amount in the last answer"),
    Column("last_decided_on", "datetime64[s]", "date of the last answer"),
    Column("first_denied", "Int64", "amount refused for denial reasons in the first answer, in cents"),
    Column("patient_owes", "bool", "the first answer refused the line to the patient's cost (PR)"),
    Column("answers", "int16", "number of answers on different dates, by any payer"),
    Column("answered_as", "category", "`answered_as` of the last answer's postings; empty where as billed"),
    Column(
        "sent", "int16", "times the line was sent to its first payer: once, and each time it was sent again"
    ),
    Column("has_claim", "int8", "whether the claim was sent: unknown, present or absent"),
    Column("first_paid_on", "datetime64[s]", "date of the first payment above zero, by any payer"),
    Column("taken_back", "Int64", "amount that payers took back and have not paid again, in cents; 0 none"),
    Column("taken_back_on", "datetime64[s]", "date of the posting since which something is taken back"),
    Column("credit", "Int64", "payments and patient's share above what is allowed, in cents; 0 none"),
    Column("credit_on", "datetime64[s]", "date of the posting since which there is a credit"),
    Column("billed_twice", "bool", "another claim of ours was paid for the same patient, date and code"),
)
"""What the history adds to every claim line: its decisions, and what became of it over time."""

VISITS = (
    Column("visit_id", "int32", "row of this table"),
    Column("patient_key", "int32", "dense number of the patient in this run"),
    Column("clinician", "category", "who treated; empty where not exported"),
    Column("location", "category", "where; empty where not exported"),
    Column("service_date", "datetime64[s]", "date of service"),
    Column("minutes", "Int32", "treatment minutes of the whole visit"),
    Column("note", "int8", "whether a note exists: unknown, present or absent"),
    Column("signed", "int8", "whether the note is signed: unknown, present or absent"),
    Column("signed_on", "datetime64[s]", "date of the signature"),
    Column("source_file", "category", "file the note was read from; empty where no note was exported"),
    Column("source_row", "int32", "the note's record number in that file; 0 where none"),
)
"""Visits: one patient on one day with one clinician (day alone where no clinician is exported).

Beside these stands one `int8` column for every documentation element of
`config/documentation.toml`, named `has_<id>` and holding UNKNOWN, PRESENT or ABSENT, and those of CHARTED
that any file of notes has.
"""

CHARTED = (
    Column("plan_on", "datetime64[s]", "date on which the plan of care was established"),
    Column("plan_until", "datetime64[s]", "last date of the plan of care"),
    Column("certified_on", "datetime64[s]", "date on which the plan was certified or recertified"),
    Column("order_signed_on", "datetime64[s]", "date of the signed order or referral for therapy"),
    Column("plan_sent_on", "datetime64[s]", "date on which the plan was sent to be certified"),
    Column("progress_on", "datetime64[s]", "date of the progress report"),
    Column("referral_on", "datetime64[s]", "first date of the referral, prescription or authorization"),
    Column("referral_until", "datetime64[s]", "its last date"),
    Column("initial_on", "datetime64[s]", "date of the first treatment of this course"),
    Column("visits_authorized", "Int32", "visits that the referral or authorization covers"),
    Column("regions", "Int32", "spinal regions adjusted, 0 to 5"),
    Column("assistant_minutes", "Int32", "minutes given by an assistant"),
    Column("note_text", "Int64", "number of the note's text, equal where texts are; the text is not kept"),
)
"""What a file of notes may tell of plans, referrals and the note itself: dates, counts, and which are equal.

A column that no file has is no column of the notes or visits: nobody told. Missing where a row says nothing.
"""

POSTINGS = (
    Column("line", "int32", "row of the lines table that the posting belongs to"),
    Column("posted_on", "datetime64[s]", "date of the posting; missing where not exported"),
    Column("payer_rank", "int8", "1 first payer, 2 and above later payers, 0 not told"),
    Column("kind", "category", "payment, adjustment, reversal, allowed, interest; status: a word, no amount"),
    Column("group", "category", "adjustment group: CO PR OA PI CR; empty where none"),
    Column("reason", "category", "adjustment reason, as 97 or B7; empty where none"),
    Column("amount", "Int64", "cents, signed as on the remittance: an adjustment above 0 lowers the payment"),
    Column("remarks", "category", "remark codes separated by spaces"),
    Column(
        "claim_status",
        "category",
        "the remittance's claim status (1 processed ... 22 reversal); empty where none",
    ),
    Column("stated", "category", "the decision that the export states in a word; empty where none"),
    Column(
        "answered_as",
        "category",
        "code and units (hundredths) that the payer answered, where not those billed: `97140 100`, `97140`",
    ),
    Column("source_file", "category", "file the posting was read from"),
    Column("source_row", "int32", "the record's number in that file"),
)
"""Postings: one thing a payer (or the practice) did to a line on a date."""

PAYMENTS = (
    Column("payer", "category", "who paid"),
    Column("paid_on", "datetime64[s]", "date of the check or transfer"),
    Column("trace", "category", "number of the check or transfer; never shown"),
    Column("payment", "Int64", "amount paid, in cents; below zero where the payer collects"),
    Column("claims_paid", "Int64", "what the payer says it paid on claims, in cents"),
    Column("adjusted", "Int64", "adjustments of the provider, in cents: above 0 lowers the payment"),
    Column("interest", "Int64", "interest told on claims, in cents; part of no line"),
    Column("claims", "int32", "claims answered with this payment"),
    Column("unbalanced", "int32", "of these, claims whose charge less payment is not the sum of adjustments"),
    Column("source_file", "category", "file the payment was read from"),
    Column("source_row", "int32", "number of its first segment in that file"),
)
"""Payments: one check or transfer of a payer, as its remittance tells it; no line hangs on these."""

PROVIDER_ADJUSTMENTS = (
    Column("payer", "category", "who adjusted"),
    Column("posted_on", "datetime64[s]", "date of the payment it was set off against"),
    Column("trace", "category", "number of that check or transfer; never shown"),
    Column(
        "reason", "category", "reason of the adjustment: WO take-back, FB balance forward, L6 interest ..."
    ),
    Column("amount", "Int64", "cents: above 0 lowers the payment"),
    Column("source_file", "category", "file it was read from"),
    Column("source_row", "int32", "number of its segment in that file"),
)
"""What a payer set off against a whole payment (PLB); it touches no line."""


def conform(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return `frame` with `columns` in their order and types; a column not exported is missing throughout.

    Columns beyond those described (documentation elements) follow in their own order.
    """
    import pandas as pd

    missing: dict[str, Any] = {"category": "", "int32": 0, "int16": 0, "int8": UNKNOWN, "bool": False}
    blank: dict[str, pd.Series[Any]] = {}  # by kind: columns that lack are one, until somebody writes to them
    conformed: dict[str, Any] = {}
    for column in columns:
        kind: Any = column.kind
        if column.name in frame:
            found = frame[column.name]
            conformed[column.name] = found if found.dtype == kind else found.astype(kind)
        else:
            if kind not in blank:
                empty = pd.NaT if kind.startswith("datetime") else missing.get(kind, pd.NA)
                plain = "str" if kind == "category" else kind
                blank[kind] = pd.Series(empty, index=frame.index, dtype=plain).astype(kind)
            conformed[column.name] = blank[kind]
    conformed |= {str(name): frame[name] for name in frame.columns if name not in conformed}
    return pd.DataFrame(conformed, index=frame.index, copy=False)
