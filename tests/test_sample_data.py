"""The sample practice: its scripts make the shipped files, and its planted faults are really there."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
OWN_FILES = ("charges.csv", "postings.csv", "visit_notes.csv")
MONTH_FILES = ("webpt_documented_units_2026-09.csv", "simplepractice_appointment_status_2026-09.csv")
X12_FILES = ("claims_2026-09.837", "remittances_2026-09.835")
REMITTANCE_ONLY = "remittance_only.csv"
AGAIN = {"sent-again-and-paid", "denied-three-times", "replacement-claims", "void-claim"}
"""Faults whose lines bill again what another line bills."""
SPOILED = {"row-without-code", "row-with-impossible-date"}

Rows = list[dict[str, str]]


def read(name: str, folder: Path = SAMPLE) -> Rows:
    """Rows of a CSV file as text."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def make(folder: Path, *options: str, hash_seed: str = "0") -> None:
    """Run the script."""
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    command = [sys.executable, str(SAMPLE / "make_sample.py"), "--out", str(folder), *options]
    subprocess.run(command, check=True, env=environment, timeout=120)


def write_x12(source: Path, folder: Path, *options: str, hash_seed: str = "0") -> None:
    """Run the script that writes the files of a folder as X12."""
    files = [str(source / name) for name in OWN_FILES[:2]]
    script = [sys.executable, str(SAMPLE / "write_x12.py"), *files, "--out", str(folder), *options]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    subprocess.run(script, check=True, env=environment, timeout=120)


CHARGES, POSTINGS, NOTES = map(read, OWN_FILES)
PLANTED = tomllib.loads((SAMPLE / "planted.toml").read_text(encoding="utf-8"))
ONLY = read(REMITTANCE_ONLY)
FAULTS: list[dict[str, Any]] = PLANTED["fault"]


def cents(text: str) -> int:
    """Whole cents of an amount with two decimals."""
    return int(text.replace(".", ""))


def meets(row: dict[str, str], where: dict[str, list[str]]) -> bool:
    """Whether a row meets the conditions of a fault."""
    low, high = where.get("from", [""])[0], where.get("to", ["9999"])[0]
    others = all(row[column] in values for column, values in where.items() if column not in ("from", "to"))
    return others and low <= row.get("service_date", "") <= high


def once(rows: Iterable[dict[str, str]]) -> Rows:
    """Rows without word-for-word repeats."""
    return [dict(row) for row in dict.fromkeys(tuple(row.items()) for row in rows)]


def planted_ids(name: str) -> list[str]:
    """The ids that a fault names."""
    (fault,) = [fault for fault in FAULTS if fault["id"] == name]
    return list(fault["ids"])


def test_script_makes_the_shipped_files_byte_for_byte(tmp_path: Path) -> None:
    """The seeded script reproduces every file that ships, whatever hash seed and time zone."""
    make(tmp_path, hash_seed="4711")
    only = str(tmp_path / REMITTANCE_ONLY)
    write_x12(tmp_path, tmp_path, "--only", only, "--month", "2026-09", hash_seed="4711")
    made = sorted(path.name for path in tmp_path.iterdir())
    others = (REMITTANCE_ONLY, "planted.toml", "practice.toml")
    assert made == sorted([*OWN_FILES, *MONTH_FILES, *X12_FILES, *others])
    for name in made:
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes(), name


def test_clean_twin_differs_only_where_a_fault_was_planted(tmp_path: Path) -> None:
    """With the shipped seed the clean twin is the practice before its faults: no other line changes."""
    make(tmp_path, "--clean")
    clean = {row["line_id"]: row for row in read("charges.csv", tmp_path)}
    codes = {row["code"] for row in clean.values()}
    assert codes.isdisjoint({"97001", "97999", ""})
    assert "BluePlan" not in {row["payer"] for row in clean.values()}
    assert "999" not in {row["reason"] for row in read("postings.csv", tmp_path)}
    changed = [row["line_id"] for row in CHARGES if clean.get(row["line_id"]) != row]
    assert 100 < len(changed) < 400


def test_the_script_scales(tmp_path: Path) -> None:
    """Asked for another size, it makes about as many lines and exactly as many payers and codes."""
    make(tmp_path, "--clean", "--lines", "20000", "--months", "12", "--codes", "60", "--payers", "40")
    lines = read("charges.csv", tmp_path)
    assert len(lines) == pytest.approx(20000, rel=0.15)
    assert len({row["payer"] for row in lines}) == 40
    assert len({row["code"] for row in lines}) == 60
    assert len({row["service_date"][:7] for row in lines}) == 12


def test_shipped_files_stay_small() -> None:
    """The three files together stay below 2.5 MB."""
    assert sum((SAMPLE / name).stat().st_size for name in OWN_FILES) < 2_500_000


def test_no_two_lines_or_visits_share_an_id() -> None:
    """An id stands once, but for the row that was exported twice."""
    twice = [name for name, count in Counter(row["line_id"] for row in CHARGES).items() if count > 1]
    assert twice == planted_ids("row-exported-twice")
    assert len({row["visit_id"] for row in NOTES}) == len(NOTES)
    keys = [(row["patient_id"], row["service_date"], row["clinician"]) for row in NOTES]
    assert len(set(keys)) == len(keys)


def test_every_row_has_its_partner() -> None:
    """A posting stands on a line, a line on a visit with a note row, and self-pay lines have no posting."""
    payers = {row["line_id"]: row["payer"] for row in CHARGES}
    answered = {row["line_id"] for row in POSTINGS}
    assert answered - payers.keys() == set(planted_ids("answers-without-charge"))
    assert "Self-pay" not in {payers[line] for line in answered & payers.keys()}
    visits = {row["visit_id"]: row for row in NOTES}
    for row in CHARGES:
        visit = visits[row["visit_id"]]
        assert (visit["patient_id"], visit["clinician"]) == (row["patient_id"], row["clinician"])


def test_claims_have_one_to_four_lines_of_one_visit() -> None:
    """A claim bills one visit, to one payer, with at most four lines."""
    claims: dict[str, Rows] = {}
    for row in once(CHARGES):
        if row["claim_id"] and row["code"] and row["service_date"] != "2026-09-31":
            claims.setdefault(row["claim_id"], []).append(row)
    assert max(len(lines) for lines in claims.values()) == 4
    assert all(len({(row["visit_id"], row["payer"]) for row in lines}) == 1 for lines in claims.values())


def test_first_payers_answers_balance() -> None:
    """What the first payer pays and adjusts in one answer is the line's charge, reversals apart."""
    charges = {row["line_id"]: cents(row["charge"]) for row in [*CHARGES, *ONLY] if row["charge"]}
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in POSTINGS:
        if row["kind"] in ("payment", "adjustment"):
            sums[(row["line_id"], row["posted_on"], row["payer_rank"])] += cents(row["amount"])
    wrong = [key for key, total in sums.items() if total != charges[key[0]]]
    assert wrong == []


def test_nothing_is_posted_or_signed_after_the_as_of_date() -> None:
    """The files are what the practice knew on the as-of date."""
    assert PLANTED["as_of"] == date(2026, 11, 20)
    latest = max([row["posted_on"] for row in POSTINGS] + [row["signed_on"] for row in NOTES])
    assert latest <= "2026-11-20"


def test_september_is_the_newest_mature_month() -> None:
    """September is answered to 90 % and more, October to between 50 and 75 %, November hardly."""
    answered = {row["line_id"] for row in POSTINGS if row["reason"] != "133"}
    share = {}
    for month in ("2026-09", "2026-10", "2026-11"):
        lines = [r for r in CHARGES if r["service_date"].startswith(month) and r["payer"] != "Self-pay"]
        share[month] = sum(row["line_id"] in answered for row in lines) / len(lines)
    assert share["2026-09"] >= 0.9
    assert 0.5 <= share["2026-10"] <= 0.75
    assert share["2026-11"] < 0.1


def test_fault_ids_are_unique() -> None:
    """About twenty faults, each with a name of its own."""
    assert len({fault["id"] for fault in FAULTS}) == len(FAULTS) >= 20


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["id"])
def test_planted_fault_is_in_the_files(fault: dict[str, Any]) -> None:
    """Counted from the files, a fault has as many rows, among as many, as planted.toml says."""
    files = {**dict(zip(OWN_FILES, (CHARGES, POSTINGS, NOTES), strict=True)), REMITTANCE_ONLY: ONLY}
    key = "visit_id" if fault["file"] == "visit_notes.csv" else "line_id"
    named = set(fault.get("ids", ()))
    rows = [row for row in once(files[fault["file"]]) if meets(row, fault.get("where", {}))]
    rows = [row for row in rows if not named or row[key] in named]
    assert len(rows) == fault["base"]
    faulty = [row for row in rows if meets(row, fault.get("mark", {}))]
    if "answer" in fault:
        answered = {row["line_id"] for row in POSTINGS if meets(row, fault["answer"])}
        faulty = [row for row in faulty if row["line_id"] in answered]
    assert len(faulty) == fault["rows"] > 0


def test_denial_rates_can_be_told_from_noise() -> None:
    """A planted rate has at least eleven lines in its base in the report month."""
    rates = [fault for fault in FAULTS if fault["figure"].startswith("denials/first_rate/")]
    for fault in rates:
        where = fault["where"] | {"from": ["2026-09-01"]}
        assert sum(meets(row, where) for row in CHARGES) >= 11, fault["id"]


def test_duplicate_lines_have_an_original() -> None:
    """Each duplicate repeats a line of another claim: same patient, code, day and clinician."""
    names = ("patient_id", "code", "service_date", "clinician", "units", "charge")
    rows = {row["line_id"]: row for row in CHARGES}
    for line in planted_ids("duplicate-lines"):
        again = rows[line]
        twins = [row for row in CHARGES if all(row[name] == again[name] for name in names)]
        assert len({row["claim_id"] for row in twins}) == 2


def test_notes_signed_after_billing() -> None:
    """Each of the twelve notes was signed after its claim was sent."""
    signed = {row["visit_id"]: row["signed_on"] for row in NOTES}
    sent: dict[str, str] = {}
    for row in CHARGES:
        sent.setdefault(row["visit_id"], row["submitted_date"])
    visits = planted_ids("billed-before-signed")
    assert len(visits) == 12
    assert all(signed[visit] > sent[visit] != "" for visit in visits)


def test_units_above_minutes() -> None:
    """Each of the eight lines has minutes for fewer units than it bills, and no other line has."""
    short = set()
    for row in CHARGES:
        if row["minutes"] and int(row["units"]) > (int(row["minutes"]) + 7) // 15:
            short.add(row["line_id"])
    assert short == set(planted_ids("units-above-minutes"))


def test_payments_taken_back_are_not_corrected() -> None:
    """After the two reversals nothing more was posted on their lines, and what was posted is undone."""
    for line in planted_ids("payments-taken-back"):
        rows = [row for row in POSTINGS if row["line_id"] == line and row["kind"] != "allowed"]
        assert sum(cents(row["amount"]) for row in rows) == 0
        assert {row["kind"] for row in rows if row["posted_on"] == rows[-1]["posted_on"]} == {"reversal"}


def test_open_denials_have_no_later_answer() -> None:
    """Lines whose deadline is near were answered once, with a denial."""
    lines = planted_ids("appeal-deadline-near") + planted_ids("filing-deadline-near")
    for line in lines:
        rows = [row for row in POSTINGS if row["line_id"] == line]
        assert [(row["kind"], row["amount"] == "0.00") for row in rows] == [
            ("payment", True),
            ("adjustment", False),
        ]


def rows_like(row: dict[str, str]) -> Rows:
    """Rows that bill the same service: patient, clinician, day and code."""
    names = ("patient_id", "clinician", "service_date", "code")
    return [other for other in once(CHARGES) if all(other[name] == row[name] for name in names)]


@pytest.mark.parametrize("fault", sorted(AGAIN))
def test_what_is_sent_again_follows_an_answer(fault: str) -> None:
    """Each line sent again bills what a line of another claim bills, after a payer answered that one."""
    rows = {row["line_id"]: row for row in CHARGES}
    for line in planted_ids(fault):
        again = rows[line]
        earlier = [row for row in rows_like(again) if row["submitted_date"] < again["submitted_date"]]
        answered = {row["posted_on"] for row in POSTINGS if row["line_id"] in {e["line_id"] for e in earlier}}
        assert earlier
        assert again["claim_id"] not in {row["claim_id"] for row in earlier}
        assert min(answered) < again["submitted_date"]


def test_replacements_and_voids_name_the_claim_that_they_replace() -> None:
    """By the payer's number, which ends in the number of our claim."""
    claims = {row["claim_id"] for row in CHARGES}
    replacing = [row for row in CHARGES if row["replaces"]]
    assert {row["frequency"] for row in replacing} == {"7", "8"}
    assert all(f"C{row['replaces'].removeprefix('91')}" in claims for row in replacing)


@pytest.mark.parametrize(("name", "code"), list(zip(MONTH_FILES, ("cpt_code", "Billing Code"), strict=True)))
def test_other_layouts_hold_the_report_month(name: str, code: str) -> None:
    """WebPT's and SimplePractice's file hold the lines of September 2026, code by code."""
    bad = {row for fault in FAULTS if fault["id"] in SPOILED | AGAIN for row in fault["ids"]}
    own = [r for r in once(CHARGES) if r["service_date"].startswith("2026-09") and r["line_id"] not in bad]
    assert Counter(row[code] for row in read(name)) == Counter(row["code"] for row in own)


def test_simplepractice_money_adds_up() -> None:
    """The fees of SimplePractice's file are the charges of the month; client and insurer share them."""
    with (SAMPLE / MONTH_FILES[1]).open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header.count("Charge") == header.count("Paid") == header.count("Unpaid") == 2
    total, client, insurer = header.index("Total Fee"), header.index("Charge"), 16
    assert header[insurer] == "Charge"
    assert all(cents(row[total]) == cents(row[client]) + cents(row[insurer]) for row in rows)


# --- The same as X12: read back here by plain splitting, without the product's reader -----------------------

Segment = list[str]


def segments_of(path: Path) -> list[Segment]:
    """Segments of an X12 file as lists of elements."""
    text = path.read_text(encoding="ascii")
    assert text.endswith("~\n")
    return [line.split("*") for line in text.removesuffix("~\n").split("~\n")]


def dollars(text: str) -> int:
    """Cents of an amount as X12 writes it."""
    whole, _, part = text.partition(".")
    return int(f"{whole}{part:0<2}")


def triplets(segment: Segment) -> list[tuple[str, str, int]]:
    """Group, reason and cents of a CAS segment."""
    return [(segment[1], segment[at], dollars(segment[at + 1])) for at in range(2, len(segment), 3)]


@pytest.fixture(scope="module")
def x12(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the whole history as X12."""
    folder = tmp_path_factory.mktemp("x12")
    write_x12(SAMPLE, folder, "--only", str(SAMPLE / REMITTANCE_ONLY))
    return folder


def all_segments(folder: Path, kind: str) -> list[Segment]:
    """Segments of all files of a kind, in order of their names."""
    return [segment for path in sorted(folder.glob(f"*.{kind}")) for segment in segments_of(path)]


@pytest.mark.parametrize("kind", ["837", "835"])
def test_x12_envelopes_hold_what_they_say(x12: Path, kind: str) -> None:
    """Control numbers agree, and SE, GE and IEA count what stands before them; a line a segment."""
    files = [*x12.glob(f"*.{kind}"), *SAMPLE.glob(f"*.{kind}")]
    assert len(files) > 5
    for path in files:
        found = segments_of(path)
        assert len("*".join(found[0])) == 105
        assert [segment[0] for segment in (*found[:2], *found[-2:])] == ["ISA", "GS", "GE", "IEA"]
        starts = [at for at, segment in enumerate(found) if segment[0] == "ST"]
        ends = [at for at, segment in enumerate(found) if segment[0] == "SE"]
        for start, end in zip(starts, ends, strict=True):
            assert found[end][1:] == [str(end - start + 1), found[start][2]]
        assert found[-2][1:] == [str(len(starts)), found[1][6]]
        assert found[-1][1:] == ["1", found[0][13]]


def test_remittances_balance(x12: Path) -> None:
    """Payment = claims - provider adjustments; charge - paid = adjustments, by claim and by line."""
    payment, claim, line = 0, [0, 0], [0, 0]
    for segment in [*all_segments(x12, "835"), *all_segments(SAMPLE, "835")]:
        name = segment[0]
        if name in ("SVC", "CLP", "PLB", "SE"):
            assert line == [0, 0]
        if name in ("CLP", "PLB", "SE"):
            assert claim == [0, 0]
        if name == "BPR":
            payment = dollars(segment[2])
            assert payment >= 0
        elif name == "CLP":
            claim = [dollars(segment[3]), dollars(segment[4])]
            payment -= claim[1]
        elif name == "SVC":
            line = [dollars(segment[2]) - dollars(segment[3]), 0]
            claim = [claim[0] - dollars(segment[2]), claim[1] - dollars(segment[3])]
        elif name == "CAS":
            line[0] -= sum(amount for _, _, amount in triplets(segment))
        elif name == "PLB":
            payment += sum(map(dollars, segment[4::2]))
        elif name == "SE":
            assert payment == 0


def test_claims_hold_every_line_that_was_sent(x12: Path) -> None:
    """Line by line: who, where, when, for whom; code, modifiers, diagnoses, units and charge."""
    found: list[tuple[object, ...]] = []
    claim: dict[str, str] = {}
    sent, codes = "", list[str]()
    for segment in all_segments(x12, "837"):
        name, qualifier = segment[0], segment[1] if len(segment) > 1 else ""
        if name == "BHT":
            sent = segment[4]
        elif name == "CLM":
            claim = claim | {"claim": segment[1], "frequency": segment[5].split(":")[2], "replaces": ""}
            codes = []
        elif name == "NM1" and qualifier in ("PR", "77"):
            claim = claim | {qualifier: segment[3]}
        elif name == "NM1" and qualifier == "82":
            claim = claim | {"82": f"{segment[4]} {segment[3]}"}
        elif name == "REF" and qualifier in ("EA", "F8"):
            claim = claim | {"replaces" if qualifier == "F8" else qualifier: segment[2]}
        elif name == "HI":
            codes = [element.split(":")[1] for element in segment[1:]]
        elif name == "SV1":
            pointed = segment[7].split(":") if len(segment) > 7 else []
            diagnoses = " ".join(codes[int(place) - 1] for place in pointed)
            service = (*segment[1].split(":", 2)[1:], diagnoses, segment[4], dollars(segment[2]))
        elif name == "DTP":
            day = segment[3]
        elif name == "REF" and qualifier == "6R":
            found.append((segment[2], sent, day, *service, *sorted(claim.items())))
    claimed = [row for row in once(CHARGES) if row["submitted_date"] and row["code"]]
    claimed = [row for row in claimed if row["service_date"] != "2026-09-31"]
    told = []
    for row in claimed:
        modifiers = [row["modifiers"].replace(" ", ":")] if row["modifiers"] else []
        diagnoses = row["diagnoses"].replace(".", "")
        of_claim = {
            "claim": row["claim_id"],
            "frequency": row["frequency"],
            "replaces": row["replaces"],
            "PR": row["payer"],
            "77": row["location"],
            "82": row["clinician"],
            "EA": row["patient_id"],
        }
        days = [row[name].replace("-", "") for name in ("submitted_date", "service_date")]
        service = (row["code"], *modifiers, diagnoses, row["units"], cents(row["charge"]))
        told.append((row["line_id"], *days, *service, *sorted(of_claim.items())))
    assert sorted(found) == sorted(told)
    rest = {tuple(row.items()) for row in read("not_claimed.csv", x12)}
    assert rest == {tuple(row.items()) for row in once(CHARGES) if row not in claimed}


def test_remittances_hold_every_posting(x12: Path) -> None:
    """Payments and adjustments by line, date, status, group and reason; remarks stand on the line."""
    found: Counter[tuple[object, ...]] = Counter()
    posted_on = status = line = ""
    parts: list[tuple[str, str, int]] = []
    for segment in all_segments(x12, "835"):
        name = segment[0]
        if name == "BPR":
            posted_on = f"{segment[16][:4]}-{segment[16][4:6]}-{segment[16][6:]}"
        elif name == "CLP":
            status = segment[2]
        elif name == "SVC":
            paid = dollars(segment[3])
            parts = [("", "", paid)]
        elif name == "CAS":
            parts += triplets(segment)
        elif name == "REF" and segment[1] == "6R":
            line = segment[2]
            found.update((line, posted_on, status, *part) for part in parts)
        elif name == "LQ":
            found[line, posted_on, status, "remark", segment[2]] += 1
    told: Counter[tuple[object, ...]] = Counter()
    for row in POSTINGS:
        if row["kind"] != "allowed":
            key = (row["line_id"], row["posted_on"], row["claim_status"])
            told[(*key, row["group"], row["reason"], cents(row["amount"]))] += 1
            told.update((*key, "remark", remark) for remark in row["remarks"].split())
    assert found == told


def test_what_only_a_remittance_tells_is_in_the_remittances(x12: Path) -> None:
    """Interest stands on its claim and is paid apart, a take-back on the payment, other codes beside ours."""
    segments = all_segments(x12, "835")
    interest = [dollars(segment[2]) for segment in segments if segment[:2] == ["AMT", "I"]]
    set_off = Counter[str]()
    for segment in segments:
        if segment[0] == "PLB":
            for reason, amount in zip(segment[3::2], segment[4::2], strict=True):
                set_off[reason[:2]] += dollars(amount)
    assert interest == [317, 142]
    assert (set_off["L6"], set_off["WO"], set_off["FB"] <= 0) == (-459, 8400, True)
    recoded = [segment for segment in segments if segment[0] == "SVC" and len(segment) > 6 and segment[6]]
    fewer = [segment for segment in segments if segment[0] == "SVC" and len(segment) > 7]
    assert [(segment[1], segment[6]) for segment in recoded] == [("HC:97140", "HC:97124")] * 2
    assert all(segment[5] == "1" < segment[7] for segment in fewer)
    assert len(fewer) == 2


# --- what keeps the clean twin free of findings ----------------------------------------------------

SETTINGS = tomllib.loads((SAMPLE / "practice.toml").read_text(encoding="utf-8"))


def test_every_charge_is_the_fee_of_its_day() -> None:
    """Lines of a code in the fee list, but the one that was planted with no units."""
    for row in CHARGES:
        fees = SETTINGS["fees"].get(row["code"], [])
        day = row["service_date"]
        within = [
            fee["value"] for fee in fees if str(fee.get("from", "")) <= day <= str(fee.get("to", "9999"))
        ]
        if within and row["units"] != "0":
            assert cents(row["charge"]) == 100 * within[0] * int(row["units"]), row["line_id"]


def test_nobody_is_treated_by_a_clinician_who_is_away() -> None:
    spans = [(one["clinician"], str(one["from"]), str(one["to"])) for one in SETTINGS["away"]]
    assert {name for name, _, _ in spans} == set(SETTINGS["disciplines"])
    treated = {(row["clinician"], row["service_date"]) for row in CHARGES}
    assert not [
        one for one in treated for name, low, high in spans if one[0] == name and low <= one[1] <= high
    ]


def test_a_course_of_therapy_tells_one_plan_begun_by_its_first_visit() -> None:
    told = [row for row in NOTES if row["clinician"] == "Priya Raman" and row["note"] == "yes"]
    assert all(row["plan_on"] and row["plan_on"] <= row["service_date"] <= row["plan_until"] for row in told)
    certified = [row for row in told if row["certified_on"]]
    assert len(certified) > 0.9 * len(told)
    waited = [
        (date.fromisoformat(row["certified_on"]) - date.fromisoformat(row["plan_on"])).days
        for row in certified
    ]
    assert 5 <= min(waited) <= max(waited) <= 24
    others = [row for row in NOTES if row["clinician"] != "Priya Raman"]
    assert not [row for row in others if row["plan_on"]]
