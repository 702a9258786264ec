"""Faults in what is paid: twice by two payers, without a charge, and what only a remittance tells.

Each planter takes a `Planting`, adds answers, or rows of remittance_only.csv, whose columns are ONLY, and
adds what it planted to the list of faults.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers import new_answers
from .draws import day, whole
from .own_format import charges_table, dates
from .planting import Fault, Planting, paid_claims, spaced
from .roster import BLUE, COMMERCIAL_A, COMMERCIAL_B, COMP

ONLY = (  # columns of remittance_only.csv, which write_x12.py reads
    *("kind", "line_id", "claim_id", "patient_id", "payer", "posted_on", "service_date", "code", "units"),
    *("charge", "reason", "reference", "amount"),
)


def plant_credits(planting: Planting) -> None:
    """A second payer pays four lines as if the first had not."""
    places = (
        (COMMERCIAL_A, ("2026-05-01", "2026-06-30"), 3),
        (COMMERCIAL_A, ("2026-09-01", "2026-09-11"), 1),
    )
    lines = np.concatenate(
        [
            spaced(planting.paid(planting.select(payers=[payer], span=span)), count)
            for payer, span, count in places
        ]
    )
    first = planting.answers[planting.answers["line"].isin(planting.use(lines))]
    second = new_answers(first, first["day"].to_numpy() + 17)
    charge = planting.lines["charge"].to_numpy()[first["line"].to_numpy()]
    second["rank"], second["status"] = 2, "2"
    second["paid"] = (first["paid"] + first["share"]).to_numpy()
    second["prior"] = charge - second["paid"]
    planting.answers = pd.concat([planting.answers, second], ignore_index=True)
    planting.add(
        Fault(
            "paid-by-two-payers",
            "four lines at Commercial A that a second payer paid as if it were the first",
            "balances/credit",
            ids=planting.line_ids(lines),
            answer={"group": ["OA"], "reason": ["23"]},
        )
    )


def plant_answers_without_charge(planting: Planting) -> None:
    """A claim of two lines is paid that charges.csv does not hold."""
    claim = paid_claims(planting, [BLUE], ("2026-06-01", "2026-07-31"), 2)[0]
    other = planting.bill(claim, int(planting.lines["submitted"][claim[0]]) + 1)
    planting.lines.loc[other, "day"] += 1
    planting.answer(other, planting.answered_on(claim) + 1)
    planting.not_exported += other.tolist()
    names = planting.line_ids(other)
    rows = charges_table(planting.practice._replace(lines=planting.lines)).loc[other]
    told = ("line_id", "claim_id", "patient_id", "payer", "service_date", "code", "units", "charge")
    for _, row in rows.iterrows():
        planting.only.append({"kind": "service", **{name: str(row[name]) for name in told}})
    planting.add(
        Fault(
            "answers-without-charge",
            "two lines at Blue Plan are paid that stand in no charge",
            "completeness/answers_without_charge",
            file="postings.csv",
            ids=names,
            mark={"kind": ["payment"]},
        )
    )


def plant_remittance_only(planting: Planting) -> None:
    """What only a remittance tells: a take-back and interest on the whole, lines answered otherwise."""
    lines = planting.lines
    there = planting.paid(planting.select(["97124"], [COMMERCIAL_B], span=("2026-03-01", "2026-08-31")))
    recoded = planting.use(spaced(there, 2))
    answers = planting.answers[~planting.answers.duplicated("line", keep=False)]
    cut = answers.loc[(answers["reason"] == "151") & (answers["paid"] > 0), "line"]
    cut = cut[cut.map(lines["units"]) > 1].sort_values()
    fewer = planting.use(whole(cut.to_numpy()[-2:]))
    for answered, told in ((recoded, {"code": "97140"}), (fewer, {"units": "1"})):
        planting.only += [
            {"kind": "answered as", "line_id": name, "posted_on": planting.posted_on(line), **told}
            for line, name in zip(answered.tolist(), planting.line_ids(answered), strict=True)
        ]
    late = planting.paid(planting.select(payers=[COMP], span=("2026-05-01", "2026-08-31")))
    late = planting.use(spaced(late, 2))
    for line, name, interest in zip(late.tolist(), planting.line_ids(late), ("3.17", "1.42"), strict=True):
        paid_on = planting.posted_on(line)
        planting.only.append({"kind": "interest", "line_id": name, "posted_on": paid_on, "amount": interest})
    blue = planting.answers["line"].map(lines["payer_name"]) == BLUE
    largest = planting.answers[blue & planting.answers["day"].between(day("2026-08-01"), day("2026-08-31"))]
    paid = largest.groupby("day")["paid"].sum()
    on = int(paid.index.to_numpy()[paid.to_numpy().argmax()])
    planting.only.append(
        {
            "kind": "provider",
            "payer": BLUE,
            "posted_on": str(dates([on])[0]),
            "reason": "WO",
            "reference": "REVIEW2025",
            "amount": "84.00",
        }
    )
    faults = (
        (
            "answered-otherwise",
            "two lines answered under another code, two with fewer units",
            "balances/answered_otherwise",
        ),
        (
            "interest-paid",
            "interest on two claims, apart from what is paid for the service",
            "payments: interest",
        ),
        (
            "taken-back-from-a-payment",
            "$84.00 that Blue Plan kept back from a payment",
            "payments: set off against the provider",
        ),
    )
    for (name, what, figure), kind in zip(faults, ("answered as", "interest", "provider"), strict=True):
        planting.add(Fault(name, what, figure, file="remittance_only.csv", mark={"kind": [kind]}))
