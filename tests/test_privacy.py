"""Privacy: nothing that tells who a patient is leaves the files, whatever the layout, whatever goes wrong."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from audit.intake.sheet import fold
from tests.conftest import Caller
from tests.practices import headers_of, shipped

NAMES = [("Quillonia", "Vandersnoot"), ("Zebulina", "Oxtailworth")]
BORN = ("1931-02-03", "02/03/1931", "1947-11-29", "11/29/1947", "19310203", "19471129")
MEMBERS = ("MBR-77-XQ-1", "MBR-77-XQ-2")
ACCOUNTS = ("ACCT-990017", "ACCT-990018")
FREE_TEXT = "cries about her divorce from Waldemar"

SECRETS = (
    *(part for name in NAMES for part in name),
    *BORN,
    *MEMBERS,
    *ACCOUNTS,
    "divorce",
    "Waldemar",
)

SIMPLE = """
    Date of Service | Client | Clinician | Billing Code | Primary Insurance | Secondary Insurance | Units |
    Total Fee | Progress Note Status | Charge | Paid | Insurance Payment Status | Charge | Paid | Notes
"""
THERAPY = """
    Type | Date | First Name | Last Name | DOB | Clinician Name | Location | Service Code | Modifier Code 1 |
    Modifier Code 2 | Modifier Code 3 | Modifier Code 4 | Primary Diagnosis | Units | Rate | Note Status |
    Primary Insurer Name | Primary Insurer ID | Insurance Amount Paid | Insurance Balance Status | Comments
"""


def cells(text: str) -> list[str]:
    """Return the cells of a row written with bars."""
    return [cell.strip() for cell in text.strip().split("|")]


def write(path: Path, headers: list[str], rows: list[list[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    return path


def own(folder: Path) -> list[Path]:
    """The product's own files; names, accounts and free text also where they do not belong."""
    days = [f"2026-{month:02d}-{day:02d}" for month in (8, 9, 10) for day in (3, 10, 17, 24)]
    charges, postings, notes = [], [], []
    for at, day in enumerate(days * 2):
        name, born = " ".join(NAMES[at % 2]), BORN[at % 2]
        line = {"line_id": f"{ACCOUNTS[at % 2]}-{at}", "claim_id": f"{ACCOUNTS[at % 2]}-{at}"}
        who = {"visit_id": f"{name} {day} {at}", "patient_id": f"{name} {born}", "service_date": day}
        billed = {"payer": "Aetna", "code": "97140", "units": "1", "charge": "60.00", "submitted_date": day}
        charges.append({**line, **who, **billed, "clinician": "Lee", "location": "Main"})
        answer = {"kind": "adjustment", "group": "CO", "reason": "50"} if at % 3 else {"kind": "payment"}
        postings.append({**line, **answer, "posted_on": day, "payer_rank": "1", "amount": "60.00"})
        notes.append({**who, "clinician": "Lee", "note": "yes", "technique": "no", "minutes": "30"})
    first, last = NAMES[0]
    charges[0]["payer"], charges[2]["payer"] = f"{first} {last}", f"{last}, {first}"
    charges[4]["location"] = f"{first} {last}"
    charges[5]["code"] = charges[6]["minutes"] = notes[3]["technique"] = FREE_TEXT
    charges[7]["units"] = MEMBERS[0]
    charges[8]["charge"] = BORN[0]
    charges[9]["service_date"] = f"{BORN[0]} {first}"
    tables = {"charges.csv": charges, "postings.csv": postings, "visit_notes.csv": notes}
    return [
        write(
            folder / name, headers_of(name), [[row.get(one, "") for one in headers_of(name)] for row in rows]
        )
        for name, rows in tables.items()
    ]


def simple_practice(folder: Path) -> list[Path]:
    rows = []
    for at in range(24):
        name, member = " ".join(NAMES[at % 2]), MEMBERS[at % 2]
        day = f"{at % 3 + 8:02d}/{at % 27 + 1:02d}/2026 09:00"
        payer, code = (name if at % 6 == 0 else "Aetna"), (FREE_TEXT if at == 5 else "97140")
        fee, status = (member if at == 6 else "60.00"), (FREE_TEXT if at == 7 else "LOCKED")
        rows.append(
            cells(
                f"{day} | {name} | Lee | {code} | {payer} | {member} | 1 | {fee} | {status} | 0 | 0 |"
                f"PAID | 60.00 | 40.00 | {FREE_TEXT}"
            )
        )
    return [write(folder / "appointment-status-report.csv", cells(SIMPLE), rows)]


def therapy_notes(folder: Path) -> list[Path]:
    rows = []
    for at in range(24):
        (first, last), member, born = NAMES[at % 2], MEMBERS[at % 2], BORN[at % 2]
        kind, day = ("Appointment" if at % 8 else FREE_TEXT), f"{at % 3 + 8:02d}/{at % 27 + 1:02d}/2026"
        payer, code = (f"{last}, {first}" if at % 6 == 0 else "Aetna"), (FREE_TEXT if at == 5 else "97140")
        place, status = (f"{first} {last}" if at == 9 else "Main"), (FREE_TEXT if at == 7 else "Complete")
        rows.append(
            cells(
                f"{kind} | {day} | {first} | {last} | {born} | Lee | {place} | {code} | GP | | | |"
                f"M54.50 | 1 | -60.00 | {status} | {payer} | {member} | -40.00 | Paid | {FREE_TEXT}"
            )
        )
    return [write(folder / "billing.csv", cells(THERAPY), rows)]


CLAIM = """
    HL*{at}*1*22*0~ SBR*P*18*{member}******CI~ NM1*IL*1*{last}*{first}****MI*{member}~ N3*{last} ROAD 1~
    DMG*D8*{born}*F~ NM1*PR*2*{payer}*****PI*1~ CLM*{account}-{at}*60***11:B:1*Y*A*Y*Y~ REF*EA*{first}{born}~
    NTE*ADD*{text}~ HI*ABK:M545~ NM1*82*1*LEE*ANN****XX*1234567893~ LX*1~ SV1*HC:{code}*{charge}*UN*1***1~
    DTP*472*D8*{day}~ REF*6R*{account}-{at}~
"""
ANSWER = """
    CLP*{account}-{at}*1*60*{paid}**12*{member}*11*1~ NM1*QC*1*{last}*{first}****MI*{member}~ NM1*74*1*{last}~
    MOA***{text}~ SVC*HC:97140*60*{paid}**1~ DTM*472*{day}~ {cas} REF*6R*{account}-{at}~ LQ*HE*{text}~
"""


def interchange(kind: str, guide: str, day: str, head: str, body: str) -> str:
    """Return one X12 interchange, its segments one under the other."""
    segments = [f"{one.strip()}~" for one in f"{head}{body}".split("~") if one.strip()]
    envelope = (
        f"ISA*00*          *00*          *ZZ*A              *ZZ*B              *{day[2:]}*0900*^*00501*"
    )
    inside = "\n".join([f"ST*{kind}*0001~", *segments, f"SE*{len(segments) + 2}*0001~"])
    group = f"GS*{guide[:2]}*A*B*{day}*0900*1*X*{guide[2:]}~"
    return f"{envelope}000000001*0*P*:~\n{group}\n{inside}\nGE*1*1~\nIEA*1*000000001~\n"


def clearing_house(folder: Path) -> list[Path]:
    """Claims and their remittance; names, accounts and free text also where they do not belong."""
    claims, answers = "HL*1**20*1~ NM1*85*2*HAND CLINIC*****XX*1~", ""
    for at in range(2, 26):
        first, last = NAMES[at % 2]
        told = {"first": first, "last": last, "member": MEMBERS[at % 2], "born": BORN[at % 2 + 4], "at": at}
        told |= {"account": ACCOUNTS[at % 2], "text": FREE_TEXT, "day": f"2026{at % 3 + 8:02d}{at:02d}"}
        told |= {
            "payer": f"{first} {last}" if at == 7 else "AETNA",
            "code": FREE_TEXT if at == 8 else "97140",
        }
        told |= {
            "charge": MEMBERS[0] if at == 9 else "60",
            "paid": FREE_TEXT if at == 10 else 60 * (at % 3 > 0),
        }
        claims += CLAIM.format(**told)
        answers += ANSWER.format(**told, cas="" if at % 3 else f"CAS*CO*50*60~ CAS*OA*{last}*1~")
    bht, bpr = "BHT*0019*00*1*20261020*0900*CH~", "BPR*I*960*C*ACH************20261110~"
    trn = f"TRN*1*{ACCOUNTS[0]}*1~ N1*PR*AETNA~ N3*{NAMES[0][1]} ROAD 1~ N1*PE*HAND CLINIC*XX*1~ LX*1~"
    plb = f"PLB*1*20261231*WO:{ACCOUNTS[1]}*-4*{NAMES[1][0]}:{MEMBERS[1]}*4~"
    files = {
        "claims.837": interchange("837", "HC005010X222A1", "20261020", bht, claims),
        "remittance.835": interchange("835", "HP005010X221A1", "20261110", bpr + trn, answers + plb),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in files]


def found(text: str) -> list[str]:
    """Return what a text tells of a patient, however it is written."""
    folded = text.casefold()
    return [secret for secret in SECRETS if secret.casefold() in folded]


@pytest.mark.parametrize(
    "make", [own, simple_practice, therapy_notes, clearing_house], ids=lambda one: one.__name__
)
def test_no_output_tells_who_a_patient_is(make: object, call: Caller, tmp_path: Path) -> None:
    """Report, results, tables, refused rows, and what check, run, compare and init say."""
    assert callable(make)
    files = make(tmp_path / "files")
    assert found("".join(path.read_text(encoding="utf-8") for path in files))
    said = [call("check", *files), call("check", "--json", *files)]
    said += [
        call("run", *files, "--as-of", "2026-12-01", "--period", period) for period in ("2026-09", "2026-10")
    ]
    said.append(call("compare", "2026-09", "2026-10"))
    assert [done.code for done in said] == [0] * 5, said
    for done in said:
        assert not found(done.out + done.err)
    written = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"report.html", "results.json", "refused.csv", "usage.csv"}
    for path in written:
        assert not found(path.read_text(encoding="utf-8")), path.name
        assert not found(str(path.relative_to(tmp_path)))


def test_a_proposal_holds_no_value_of_a_patient(call: Caller, tmp_path: Path) -> None:
    """Headers of its own, columns of names, birth dates and free text."""
    rows = [
        cells(
            f"2026-10-{at + 1:02d} | {' '.join(NAMES[at % 2])} | {BORN[at % 2]} | {MEMBERS[at % 2]} | Aetna |"
            f"97140 | 60.00 | {FREE_TEXT}"
        )
        for at in range(20)
    ]
    headers = cells("Day | Person | Born | Member | Plan | CPT | Amt | Remark")
    path = write(tmp_path / "export.csv", headers, rows)
    done = call("init", path)
    assert done.code == 0
    assert not found(done.out + done.err + (tmp_path / "practice.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", ["check", "run"])
def test_messages_about_broken_files_hold_no_value(
    command: str,
    call: Caller,
    tmp_path: Path,
) -> None:
    """A header that is a row of patients, a cut archive, ambiguous dates, dates that contradict."""
    name, born = " ".join(NAMES[0]), BORN[1]
    head = "Date of Service,Client,Clinician,Billing Code,Units,Total Fee,Progress Note Status"
    texts = {
        "rows.csv": f"{name},{born},97140\n{name},{born},97110\n",
        "ambiguous.csv": f"{head}\n03/04/2026,{name},Lee,97140,1,60.00,LOCKED\n",
        "contradiction.csv": f"{head}\n13/04/2026,{name},Lee,97140,1,60.00,LOCKED\n"
        f"04/13/2026,{name},Lee,97140,1,60.00,LOCKED\n",
        "unreadable.csv": f"{head}\n{born} {name},{name},Lee,{FREE_TEXT},1,60.00,{FREE_TEXT}\n",
        "ragged.csv": f"{head}\n10/13/2026,{name},Lee,97140,1,60.00,LOCKED,{name},{born}\n",
    }
    for file, text in texts.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
        done = call(command, tmp_path / file, *(["--as-of", "2026-12-01"] if command == "run" else []))
        assert not found(done.out + done.err), file
    cut = gzip.compress((texts["ambiguous.csv"] * 200).encode())
    (tmp_path / "cut.csv.gz").write_bytes(cut[: len(cut) // 2])
    assert not found(call(command, tmp_path / "cut.csv.gz").err)


def test_explain_alone_shows_what_stands_in_the_rows(call: Caller, tmp_path: Path) -> None:
    """The claim's number is there to find it by; names and birth dates are not even there."""
    files = own(tmp_path / "files")
    done = call("explain", "denials/open", *files, "--as-of", "2026-12-01")
    assert ACCOUNTS[0] in done.out
    assert not {*NAMES[0], *NAMES[1], *BORN} & set(found(done.out))


def test_the_headers_of_these_exports_are_those_of_the_layouts() -> None:
    """Folded, every one that a shipped layout asks for is there."""
    for text, system in ((SIMPLE, "SimplePractice"), (THERAPY, "TherapyNotes")):
        headers = {fold(one) for one in cells(text)}
        asked = [layout for layout in shipped().layouts if layout.system == system]
        assert any({fold(one) for one in layout.headers} <= headers for layout in asked)


def test_results_hold_names_of_files_without_their_folders(call: Caller, tmp_path: Path) -> None:
    """A folder may be called after a patient."""
    files = own(tmp_path / " ".join(NAMES[0]))
    assert call("run", *files, "--as-of", "2026-12-01").code == 0
    for path in (tmp_path / "reports").rglob("*"):
        assert not path.is_file() or not found(path.read_text(encoding="utf-8")), path.name
    saved = json.loads(next((tmp_path / "reports").rglob("results.json")).read_text(encoding="utf-8"))
    assert [one["name"] for one in saved["reconciliation"]] == [path.name for path in files]
