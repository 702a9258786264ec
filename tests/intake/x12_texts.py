"""Small X12 files, written as the implementation guides write them: one segment to a line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from audit.intake import Intake, read_history
from tests.intake.sheets import shipped

GUIDES = {"835": "005010X221A1", "837": "005010X222A1", "837I": "005010X223A2", "270": "005010X279A1"}
ISA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         "
    "*261005*0900*^*00501*000000001*0*P*:"
)

PAYMENT = """
BPR*I*{paid}*C*ACH************20261012
TRN*1*TRACE-1*1512345678
DTM*405*20261010
N1*PR*AETNA
N1*PE*CLINIC*XX*1234567893
LX*1
"""


def lines_of(text: str) -> list[str]:
    """Return the segments of a text, one a line, without the comments behind two blanks and a #."""
    return [line.partition("  #")[0].strip() for line in text.strip().splitlines() if line.strip()]


def transaction(text: str, kind: str = "835", number: int = 1) -> list[str]:
    """Return segments between their own ST and SE."""
    body = lines_of(text)
    return [f"ST*{kind[:3]}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]


def interchange(*transactions: list[str], kind: str = "835", signs: str = "*:~", gap: str = "\n") -> str:
    """Return transactions in one interchange; `signs` part elements and components and end segments."""
    segments = [
        ISA,
        f"GS*HP*PAYER*CLINIC*20261005*0900*1*X*{GUIDES[kind]}",
        *[segment for each in transactions for segment in each],
        f"GE*{len(transactions)}*1",
        "IEA*1*000000001",
    ]
    text = gap.join(f"{segment}~" for segment in segments)
    return text.translate(str.maketrans("*:~", signs))


def remittance(claims: str, paid: str = "0", kind: str = "835") -> str:
    """Return an 835 of one payment."""
    return interchange(transaction(PAYMENT.format(paid=paid) + claims, kind))


def read(path: Path, content: str | bytes, name: str = "payer.835", allow_incomplete: bool = False) -> Intake:
    """Return what a file of some content yields."""
    file = path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_history([file], shipped(), allow_incomplete=allow_incomplete)


def totals_of(intake: Intake) -> dict[str, int]:
    """Return the sums of the only file."""
    (report,) = intake.files
    return dict(report.totals)


def postings(path: Path, claims: str, paid: str = "0") -> pd.DataFrame:
    """Return the postings of an 835 of some claims."""
    return read(path, remittance(claims, paid)).postings


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Return rows as tuples, amounts in cents, days as text."""
    shown = frame[list(columns)].copy()
    for name in shown.select_dtypes("datetime"):
        shown[name] = shown[name].dt.strftime("%Y-%m-%d")
    shown = shown.astype(object)
    return list(shown.where(shown.notna(), None).itertuples(index=False, name=None))
