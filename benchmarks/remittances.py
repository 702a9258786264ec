"""A remittance of 50 MB: `audit check` beside the library that reads its grammar, filling its own tables.

The library has done less then: it has no amounts in cents, no postings, no balances, no fates, and it has not
counted anything a second way.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.practices import CACHE
from benchmarks.table import Row
from benchmarks.timing import AUDIT, compare, run

SIZE = 50_000_000
CLAIMS = 200
SEED = 835
PARSE = "import sys, oxedi; oxedi.parse_file(sys.argv[1])"
ISA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         "
    "*260105*0900*^*00501*000000001*0*P*:~"
)
HEAD = (
    "BPR*I*{paid:.2f}*C*ACH*CCP*01*111000111*DA*123456*1512345678**01*222000222*DA*98765*202602{day:02}",
    "TRN*1*TRACE{number:06}*1512345678",
    "DTM*405*202602{day:02}",
    "N1*PR*AETNA*XV*60054",
    "N3*1 MAIN STREET",
    "N4*HARTFORD*CT*06156",
    "PER*BL*PROVIDER SERVICES*TE*8005551212",
    "N1*PE*CLINIC*XX*1234567893",
    "REF*TJ*987654321",
    "LX*1",
)
CLAIM = (
    "CLP*CLAIM{claim:08}*1*{charge:.2f}*{paid:.2f}*{share:.2f}*12*PAYERCLAIM{claim:010}*11*1",
    "NM1*QC*1*SAMPLE*PATIENT*A***MI*MEMBER{patient:06}",
    "NM1*IL*1*SAMPLE*SUBSCRIBER*A***MI*MEMBER{patient:06}",
    "NM1*82*1*WHITFIELD*DANA****XX*1234567893",
    "MOA***MA01",
    "REF*EA*RECORD{patient:06}",
    "DTM*232*202601{day:02}",
    "DTM*233*202601{day:02}",
    "DTM*050*20260205",
    "PER*CX*CLAIMS*TE*8005551212",
    "AMT*AU*{allowed:.2f}",
)
PAID = (
    "SVC*HC:{code}:GP*60.00*{paid:.2f}**1",
    "DTM*472*202601{day:02}",
    "CAS*CO*45*20.00",
    "CAS*PR*3*{share:.2f}",
    "REF*6R*LINE{line:09}",
    "REF*HPI*1234567893",
    "AMT*B6*40.00",
    "LQ*HE*N130",
)
DENIED = (
    "SVC*HC:{code}:GP*60.00*0**1",
    "DTM*472*202601{day:02}",
    "CAS*CO*97*60.00",
    "REF*6R*LINE{line:09}",
    "REF*HPI*1234567893",
    "LQ*HE*M15",
    "LQ*HE*N20",
)


def measure(quick: bool) -> Iterator[Row]:
    """Yield the time and the peak memory, both beside the library's own."""
    file, lines = remittance()
    ours, theirs = (AUDIT, "check", file), (sys.executable, "-c", PARSE, file)
    run(theirs)
    pairs = compare(lambda: run(ours), lambda: run(theirs), 3 if quick else 7)
    note = f"{lines:,} service lines; {pairs}"
    yield Row("audit check, 835 of 50 MB / oxedi's own tables", pairs.ratio, 2, 1.5, note=note)
    more = (pairs.ours.peak - pairs.other.peak) / 1e6
    note = f"ours {pairs.ours.peak / 1e6:,.0f} MB, oxedi {pairs.other.peak / 1e6:,.0f} MB"
    yield Row("peak memory above oxedi's own", more, 120, 60, unit="MB", note=note)


def remittance() -> tuple[Path, int]:
    """Return a remittance of SIZE bytes and how many service lines it has, made on first use."""
    file = CACHE / f"remittance_{SIZE}_{SEED}.835"
    if not file.exists():
        CACHE.mkdir(exist_ok=True)
        made = file.with_suffix(".part")
        made.write_text(_write(random.Random(SEED)), encoding="ascii", newline="\n")
        made.replace(file)
    return file, file.read_bytes().count(b"~SVC*")


def _write(dice: random.Random) -> str:
    parts, size, number = [ISA, "GS*HP*PAYER*CLINIC*20260105*0900*1*X*005010X221A1~"], 0, 0
    while size < SIZE:
        number += 1
        claims, paid = [], 0
        for claim in range(number * CLAIMS, (number + 1) * CLAIMS):
            segments, money = _claim(dice, claim)
            claims += segments
            paid += money
        head = [each.format(paid=paid, day=dice.randint(1, 28), number=number) for each in HEAD]
        body = [f"ST*835*{number:04}", *head, *claims]
        text = "~".join([*body, f"SE*{len(body) + 1}*{number:04}", ""])
        parts.append(text)
        size += len(text)
    return "".join([*parts, f"GE*{number}*1~IEA*1*000000001~"])


def _claim(dice: random.Random, claim: int) -> tuple[list[str], int]:
    lines, paid, share, allowed = [], 0, 0, 0
    day, count = dice.randint(1, 28), dice.randint(1, 4)
    for line in range(count):
        denied = dice.random() < 0.1
        of_patient = 0 if denied else dice.choice((0, 5, 10, 15))
        money = 0 if denied else 40 - of_patient
        values = {
            "code": dice.choice(("97140", "97124", "97110", "97112", "98941")),
            "day": day,
            "line": claim * 10 + line,
            "paid": money,
            "share": of_patient,
        }
        lines += [each.format(**values) for each in (DENIED if denied else PAID)]
        paid, share, allowed = paid + money, share + of_patient, allowed + (0 if denied else 40)
    told = {"paid": paid, "share": share, "allowed": allowed, "charge": 60 * count}
    own = {"claim": claim, "patient": claim % 5000, "day": day}
    return [each.format(**told, **own) for each in CLAIM] + lines, paid
