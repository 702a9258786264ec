"""The three tables of a billing history: claim lines, visits and postings.

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
)
"""What `decisions.py` adds to every claim line."""

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
`config/documentation.toml`, named `has_<id>` and holding UNKNOWN, PRESENT or ABSENT.
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
    Column("source_file", "category", "file the posting was read from"),
    Column("source_row", "int32", "the record's number in that file"),
)
"""Postings: one thing a payer (or the practice) did to a line on a date."""


def conform(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return `frame` with `columns` in their order and types; a column not exported is missing throughout.

    Columns beyond those described (documentation elements) follow in their own order.
    """
    import pandas as pd

    missing: dict[str, Any] = {"category": "", "int32": 0, "int16": 0, "int8": UNKNOWN, "bool": False}
    conformed: dict[str, Any] = {}
    for column in columns:
        kind: Any = column.kind
        if column.name in frame:
            found = frame[column.name]
            conformed[column.name] = found if found.dtype == kind else found.astype(kind)
        else:
            empty = pd.NaT if kind.startswith("datetime") else missing.get(kind, pd.NA)
            plain = "str" if kind == "category" else kind
            conformed[column.name] = pd.Series(empty, index=frame.index, dtype=plain).astype(kind)
    conformed |= {str(name): frame[name] for name in frame.columns if name not in conformed}
    return pd.DataFrame(conformed, index=frame.index, copy=False)
