"""All planted faults: who plants them in which order, rows of the export spoiled, and the list of it all.

In goes the clean `Practice`; out comes the one with faults, and planted.toml, which counts each fault in the
files as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from .denial_faults import (
    plant_authorization,
    plant_bundled,
    plant_deadlines,
    plant_late_filing,
    plant_odd_answers,
    plant_plan_exclusion,
    plant_rejections,
    plant_rising_denials,
)
from .draws import AS_OF, REPORT_MONTH, Bools
from .line_faults import plant_codes, plant_diagnoses, plant_mix, plant_payer_spelling, plant_units
from .note_faults import (
    plant_billed_before_signed,
    plant_missing_elements,
    plant_missing_minutes,
    plant_unsigned,
)
from .own_format import toml_pairs
from .payment_faults import plant_answers_without_charge, plant_credits, plant_remittance_only
from .planting import SEPTEMBER, Fault, Planting, Where, spaced
from .practice import Practice
from .resent_faults import (
    plant_billed_twice,
    plant_denied_three_times,
    plant_duplicates,
    plant_replaced,
    plant_sent_again,
    plant_void,
)

PLANTS: tuple[Callable[[Planting], None], ...] = (
    plant_rising_denials,
    plant_plan_exclusion,
    plant_late_filing,
    plant_deadlines,
    plant_codes,
    plant_authorization,
    plant_rejections,
    plant_mix,
    plant_odd_answers,
    plant_bundled,
    plant_unsigned,
    plant_billed_before_signed,
    plant_missing_minutes,
    plant_missing_elements,
    plant_units,
    plant_duplicates,
    plant_diagnoses,
    plant_payer_spelling,
    plant_answers_without_charge,
    plant_sent_again,
    plant_denied_three_times,
    plant_replaced,
    plant_void,
    plant_credits,
    plant_remittance_only,
    plant_billed_twice,
)


def plant(practice: Practice) -> tuple[Practice, Planting]:
    """The practice with its faults, and their list. No chance is drawn: the rest is as in the clean twin."""
    planting = Planting(practice)
    for planter in PLANTS:
        planter(planting)
    changed = practice._replace(visits=planting.visits, lines=planting.lines, answers=planting.answers)
    return changed, planting


def spoil_rows(charges: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Faults of the export itself: a row twice, a row without a code, a row with an impossible date."""
    september = charges.index[charges["service_date"].between(*SEPTEMBER)]
    twice, uncoded, impossible = (int(position) for position in spaced(september.to_numpy(), 3))
    last = int(charges["line_id"].iloc[-1][1:])
    blank = charges.loc[[uncoded]].assign(line_id=f"L{last + 1:05d}", code="", minutes="", units="1")
    wrong = charges.loc[[impossible]].assign(line_id=f"L{last + 2:05d}", service_date="2026-09-31")
    rows = pd.concat([charges.loc[:twice], charges.loc[[twice]], charges.loc[twice + 1 :], blank, wrong])
    faults = [
        Fault(
            "row-exported-twice",
            "one row of charges.csv stands there twice, word for word",
            "reconciliation: set aside, duplicate",
            ids=(str(charges.loc[twice, "line_id"]),),
            expected="set aside",
        ),
        Fault(
            "row-without-code",
            "one row of charges.csv has no code",
            "reconciliation: refused, no code",
            mark={"code": [""]},
            ids=(f"L{last + 1:05d}",),
            expected="refused",
        ),
        Fault(
            "row-with-impossible-date",
            "one row of charges.csv has the date of service 2026-09-31",
            "reconciliation: refused, no usable service date",
            mark={"service_date": ["2026-09-31"]},
            ids=(f"L{last + 2:05d}",),
            expected="refused",
        ),
    ]
    return rows.reset_index(drop=True), faults


def matches(table: pd.DataFrame, where: Where) -> Bools:
    """Rows of a file that meet the conditions of a fault."""
    found = np.ones(len(table), dtype=np.bool_)
    for column, values in where.items():
        if column in ("from", "to"):
            date_of = table["service_date"]
            found &= (date_of >= values[0] if column == "from" else date_of <= values[0]).to_numpy(
                dtype=np.bool_
            )
        else:
            found &= table[column].isin(values).to_numpy(dtype=np.bool_)
    return found


def count_fault(fault: Fault, files: dict[str, pd.DataFrame]) -> tuple[int, int]:
    """Faulty rows and the rows among which they stand; lines that are in the file twice count once."""
    table, postings = files[fault.file].drop_duplicates(), files["postings.csv"]
    key = "visit_id" if fault.file == "visit_notes.csv" else "line_id"
    base = matches(table, fault.where)
    if fault.ids:
        base &= table[key].isin(fault.ids).to_numpy()
    marked = base & matches(table, fault.mark)
    if fault.answer:
        answered = postings.loc[matches(postings, fault.answer), "line_id"]
        marked &= table[key].isin(answered).to_numpy()
    return int(marked.sum()), int(base.sum())


def planted_toml(faults: Sequence[Fault], files: dict[str, pd.DataFrame]) -> str:
    """planted.toml: every fault with its conditions and its counts."""
    text = "# Written by make_sample.py. README.md tells how to read it.\n"
    text += f'as_of = {AS_OF.isoformat()}\nreport_month = "{REPORT_MONTH}"\n'
    for fault in faults:
        rows, base = count_fault(fault, files)
        text += "\n[[fault]]\n" + toml_pairs(
            {
                "id": fault.id,
                "what": fault.what,
                "figure": fault.figure,
                "expected": fault.expected,
                "file": fault.file,
                "rows": rows,
                "base": base,
            }
        )
        if fault.ids:
            text += toml_pairs({"ids": list(fault.ids)})
        for name, where in (("where", fault.where), ("mark", fault.mark), ("answer", fault.answer)):
            if where:
                text += f"[fault.{name}]\n" + toml_pairs(where)
    return text
