"""Samples that tests of a chart review draw: of a small practice's files, by way of the product itself."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from audit.periods import parse_period
from audit.record import Options
from audit.review import Way, draw_sample
from audit.sampling import Wanted
from tests.practices import AS_OF, write_practice

if TYPE_CHECKING:
    from audit.sample_file import Sample

CHARGES = """
    line_id claim_id visit_id patient_id clinician  code  units charge service_date payer
    L1      C1       V1       P1         Lee        97124 2     80.00  2026-10-05   Aetna
    L2      C1       V1       P1         Lee        97140 1     60.00  2026-10-05   Aetna
    L3      C2       V2       P2         Ruiz       97140 1     60.00  2026-10-06   Cigna
    L4      C3       V3       P3         Lee        98941 1     50.00  2026-10-07   Aetna
    L5      C3       V4       P3         Lee        97140 1     60.00  2026-10-08   Aetna
    L6      C4       V5       P4         Ruiz       97124 4     160.00 2026-10-09   Cigna
    L7      C5       V6       P5         Ruiz       97124 4     160.00 2026-09-09   Cigna
"""
POSTINGS = """
    line_id kind    amount
    L1      payment 64.00
    L1      allowed 72.00
    L3      payment 40.00
"""
PRACTICE = """
[disciplines]
Lee = "massage"
"""


def practice_of(folder: Path) -> list[Path]:
    """Write a small practice's files and return their paths; its settings lie beside them."""
    return write_practice(folder, CHARGES, POSTINGS, practice=PRACTICE)


def options_of(files: list[Path], period: str = "2026-10", practice: Path | None = None) -> Options:
    return Options(files, AS_OF, parse_period(period), practice)


def drawn_of(
    files: list[Path],
    wanted: Wanted | None = None,
    seed: str = "48863.78",
    period: str = "2026-10",
    practice: Path | None = None,
) -> Sample:
    """Return a random sample; everything there is unless `wanted` says how much."""
    way = Way("rat-stats", Decimal(seed))
    options = options_of(files, period, practice)
    return draw_sample(options, wanted or Wanted(each=99, spares=0), way, lambda _: None)


def second_of(share: str) -> Wanted:
    """Return the wish for every item, and a share of them for a second reviewer."""
    return Wanted(each=99, spares=0, second=Fraction(share))
