"""The report month once more in other systems' layouts: SimplePractice's and WebPT's reports.

In goes a `Practice`; `month_lines` makes of it the month's services with their money, and out comes one table
of text per layout, under the titles of that system's own export.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .draws import BLANK, REPORT_MONTH, Texts
from .own_format import charges_table, dates, money
from .practice import Practice
from .roster import AUTO, COMP, MEDICARE, SELF_PAY


def month_lines(practice: Practice, sent_again: Sequence[int]) -> pd.DataFrame:
    """The report month's services as text, with the money of all answers in cents and the note's signature.

    What was sent again is no service of its own.
    """
    table = charges_table(practice)
    lines = practice.lines.reset_index(drop=True)
    signed = np.where(practice.answers["reversal"], -1, 1)
    for column in ("paid", "share", "contractual", "sequester"):
        money_of = practice.answers[column] * signed
        primary = money_of if column == "paid" else money_of * (practice.answers["rank"] == 1)
        table[f"{column}_cents"] = np.bincount(practice.answers["line"], primary, len(lines)).astype(np.int64)
    second = np.isin(lines["line"], practice.answers.loc[practice.answers["rank"] == 2, "line"])
    table["second_payer"] = np.where(second, "Supplement Plan", "")
    table["answered"] = np.isin(lines["line"], practice.answers["line"])
    table["charge_cents"], table["unit_count"] = lines["charge"], lines["units"]
    visit = lines["visit"].to_numpy()
    for column in ("signed", "note", "number"):
        table[column] = practice.visits[column].to_numpy()[visit]
    table["hour"] = 8 + visit % 9
    inside = table["service_date"].str.startswith(REPORT_MONTH) & ~lines["line"].isin(sent_again)
    return table[inside].reset_index(drop=True)


def slashed(iso: pd.Series | Texts, padded: bool) -> list[str]:
    """ISO dates as month/day/year, blank stays blank."""
    parts = [text.split("-") for text in iso]
    if not padded:
        parts = [[part.lstrip("0") for part in text] for text in parts]
    return ["/".join([*text[1:], text[0]]) if len(text) == 3 else "" for text in parts]


SIMPLEPRACTICE = (
    "Date of Service,Client,Clinician,Billing Code,Primary Insurance,Secondary Insurance,"
    "Rate per Unit,Units,Total Fee,Progress Note Status,Client Payment Status,Charge,Uninvoiced,Paid,Unpaid,"
    "Insurance Payment Status,Charge,Paid,Write Off,Unpaid"
)


def simplepractice_table(month: pd.DataFrame) -> pd.DataFrame:
    """The month as SimplePractice's appointment status report: client's money, then the insurer's."""
    cash = (month["payer"] == SELF_PAY).to_numpy()
    fee, units = month["charge_cents"].to_numpy(), month["unit_count"].to_numpy()
    client = np.where(cash, fee, month["share_cents"])
    insurer, paid = fee - client, month["paid_cents"].to_numpy()
    written_off = (month["contractual_cents"] + month["sequester_cents"]).to_numpy()
    owed = np.where(cash, 0, np.maximum(0, insurer - paid - written_off))
    none = np.zeros(len(month), dtype=np.int64)
    times = [
        f"{text} {hour:02d}:00"
        for text, hour in zip(slashed(month["service_date"], True), month["hour"], strict=True)
    ]
    status = np.select(
        [cash | (fee == 0), ~month["answered"].to_numpy(), owed > 0],
        ["NO CHARGE", "PENDING", "UNPAID"],
        "PAID",
    )
    note = np.select(
        [~month["note"].to_numpy(dtype=np.bool_), month["signed"] == BLANK], ["NO NOTE", "UNLOCKED"], "LOCKED"
    )
    columns = [
        times,
        ["Client " + number[1:] for number in month["patient_id"]],
        month["clinician"],
        month["code"],
        np.where(cash, "", month["payer"]),
        month["second_payer"],
        money(fee // np.maximum(units, 1)),
        month["units"],
        month["charge"],
        note,
        np.where(client > 0, "PAID", "NO CHARGE"),
        money(client),
        money(none),
        money(client),
        money(none),
        status,
        money(np.where(cash, 0, insurer)),
        money(paid),
        money(written_off),
        money(owed),
    ]
    return titled(columns, SIMPLEPRACTICE)


WEBPT = (
    "clinic_name,case_name,visit_id,patient_name,patient_dob,date_of_service,date_of_finalization,addendum,"
    "documenting_therapist,finalizing_therapist,primary_payer_type,primary_insurance,secondary_payer_type,"
    "secondary_insurance,place_of_service,visit_type,treating_diagnosis,modifier,cpt_code,units"
)
PAYER_TYPES = {MEDICARE: "Medicare", AUTO: "Auto", COMP: "Workers Compensation", SELF_PAY: "Self Pay"}


def webpt_table(month: pd.DataFrame) -> pd.DataFrame:
    """The month as WebPT's documented units report: no money; a blank finalization is an unsigned note."""
    open_note = (month["signed"] == BLANK).to_numpy()
    nothing = [""] * len(month)
    columns = [
        month["location"],
        ["Case 1"] * len(month),
        month["visit_id"],
        ["Sample, Client " + number[1:] for number in month["patient_id"]],
        ["01/01/1970"] * len(month),
        slashed(month["service_date"], False),
        slashed(dates(month["signed"]), False),
        ["No"] * len(month),
        month["clinician"],
        np.where(open_note, "", month["clinician"]),
        [PAYER_TYPES.get(payer, "Commercial") for payer in month["payer"]],
        month["payer"],
        np.where(month["second_payer"] == "", nothing, ["Commercial"]),
        month["second_payer"],
        ["11"] * len(month),
        np.where(month["number"] == 0, "Initial Evaluation", "Daily Note"),
        [text.split(" ")[0] for text in month["diagnoses"]],
        month["modifiers"],
        month["code"],
        month["units"],
    ]
    return titled(columns, WEBPT)


def titled(columns: Sequence[Any], header: str) -> pd.DataFrame:
    """A table of text from columns and a header line, in which a title may stand twice."""
    table = pd.DataFrame(
        {position: np.asarray(column, dtype=object) for position, column in enumerate(columns)}
    )
    table.columns = pd.Index(header.split(","))
    return table
