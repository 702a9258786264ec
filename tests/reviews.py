"""Samples that tests of a chart review draw: of a small practice's files, by way of the product itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from audit.appraisal import Counted, appraise_attribute
from audit.chart_record import ChartLimits, ChartReview, ClassCount, Estimate, Part, Told
from audit.periods import parse_period
from audit.record import Options
from audit.review import BILLED, Way, draw_sample
from audit.sample_file import AskedElement, FrameFile, Item, Sample, SampledLine, Stratum, Wish
from audit.sampling import Wanted
from audit.worksheets import Answer, Answers, ask
from tests.practices import AS_OF, write_practice

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


# --- samples and answers that are written down, not drawn --------------------------------


def sample_of(strata: Mapping[str, tuple[int, int]], spares: int = 0, **changed: Any) -> Sample:
    """Return a sample of visits by clinician: to each how many the frame holds, and how many were drawn.

    Every visit has one line, 97140 allowed at $60.00, whose note owes a technique and a signature.
    """
    items, number = [], 0
    for stratum, (clinician, (_, drawn)) in enumerate(strata.items(), start=1):
        for place in range(drawn + spares):
            number += 1
            line = SampledLine(
                file="charges.csv",
                row=number + 1,
                service_date=date(2026, 10, 5),
                clinician=clinician,
                payer="Aetna",
                code="97140",
                units=200,
                allowed=6000,
                elements=["technique", "signature"],
            )
            items.append(
                Item(
                    id=f"KTRWPD-{number:03d}",
                    stratum=stratum,
                    position=place + 1,
                    spare=place >= drawn,
                    lines=[line],
                )
            )
    told: dict[str, Any] = {
        "schema": 1,
        "id": "KTRWPD",
        "kind": "random",
        "practice": "A practice",
        "version": "0.1.0",
        "period": "2026-10",
        "as_of": AS_OF,
        "files": [FrameFile(name="charges.csv", sha256="a" * 64)],
        "of": "visits",
        "order": "by date",
        "size": sum(size for size, _ in strata.values()),
        "wish": Wish(each=1),
        "stratify": "clinician" if len(strata) > 1 else "",
        "seed": "5",
        "generator": "rat-stats",
        "strata": [
            Stratum(name=name, size=size, drawn=drawn, spares=spares)
            for name, (size, drawn) in strata.items()
        ],
        "elements": [
            AskedElement(
                id="technique", title="Technique", question="?", usual_class="insufficient documentation"
            ),
            AskedElement(
                id="signature", title="Signature", question="?", usual_class="insufficient documentation"
            ),
            BILLED,
        ],
        "items": items,
    }
    return Sample(**(told | changed))


def answers_of(sample: Sample, table: str = "", second: bool = False) -> Answers:
    """Return a worksheet in which all is yes, and spares are blank, but for the rows of the table.

        item  element    answer          class             amount  remark
        3     signature  no              no_documentation  -       -
        4     *          not_applicable  -                 -       test_patient

    Items go by their number, `*` is every question; underscores stand for blanks, `-` for nothing.
    """
    lines = [line.split() for line in table.splitlines() if line.strip()]
    told = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    rows = []
    for at, question in enumerate(ask(sample, second)):
        row = {"answer": "" if question.spare else "yes"}
        for one in told:
            number = int(question.item.partition("-")[2])
            if int(one["item"]) == number and one["element"] in ("*", question.element):
                row = {name: text.strip("-").replace("_", " ") for name, text in one.items()}
        amount = row.get("amount", "")
        rows.append(
            Answer(
                question=question,
                answer=row["answer"],
                error_class=row.get("class", ""),
                units=None,
                amount=round(float(amount) * 100) if amount else None,
                remark=row.get("remark", ""),
                reviewer="AB",
                row=at + 2,
            )
        )
    return Answers(sample, tuple(rows), second)


def review_of(
    errors: int = 4, fine: int = 16, frame: int = 200, unknown: int = 0, **changed: Any
) -> ChartReview:
    """Return a scored review of an unrestricted random sample with so many charts."""
    limits = []
    share = 0.0
    if errors + fine:
        found = appraise_attribute(Counted(frame, errors + fine, errors))
        share = round(found.share, 8)
        limits = [ChartLimits(one.confidence, *one.two_sided) for one in found.limits]
    told = Told(errors, fine, unknown)
    of_all: dict[str, Any] = {
        "schema": 1,
        "sample": "KTRWPD",
        "date": date(2026, 11, 20),
        "practice": "A practice",
        "version": "0.1.0",
        "kind": "random",
        "period": "2026-10",
        "of": "visits",
        "frame": frame,
        "told": told,
        "estimate": Estimate(share, 0.05, True, limits) if limits else None,
        "elements": [Part("signature", told, "Signature", 0.1, 0.4)],
        "codes": [Part("97140", told, "", 0.1, 0.4)],
        "clinicians": [Part("Lee", told, "", 0.1, 0.4)],
        "classes": [ClassCount("other", errors, errors)] if errors else [],
    }
    return ChartReview(**(of_all | changed))
