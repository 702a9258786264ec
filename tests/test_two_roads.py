"""Two roads, one result: spreadsheets and X12 files of the same practice give the same figures, to the cent.

The sample practice is handed over as charges.csv and postings.csv, as the claims (837P) and remittances (835)
that `write_x12.py` makes of them, as half of each, and as both at once. What a claim cannot hold stands in
not_claimed.csv: lines that the patient pays, lines not sent yet, rows without a code or a real date. A claim
has no minutes of single lines and no visit numbers either: the spreadsheets go without the minutes, and no
figure rests on the numbers. What a remittance alone tells is left out but in the last tests.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest

from audit.archive import save
from audit.cli import _sample_options
from audit.intake import read_history
from audit.lines import DECIDED
from audit.record import Audit, Options
from audit.report import compose
from audit.results import Results
from audit.selfaudit import self_audit
from audit.settings import load_settings
from tests.practices import SAMPLE, write_rows

Row = dict[str, str]
Keep = Callable[[Row], bool]

PARTING_DAY = "2026-03-15"
"""Half and half: services and postings up to this day come from the spreadsheets."""

CHARGES, POSTINGS, NOTES, ONLY = (
    SAMPLE / name for name in ("charges.csv", "postings.csv", "visit_notes.csv", "remittance_only.csv")
)


def write_part(source: Path, path: Path, keep: Keep = lambda _: True) -> Path:
    """Write the rows of a CSV file that are kept; minutes of lines are left blank."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        kept = [row | ({"minutes": ""} if "minutes" in row else {}) for row in rows if keep(row)]
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_rows(path, list(rows.fieldnames or ()), kept)


def write_x12(charges: Path, postings: Path, folder: Path, only: Path) -> Path:
    """Write X12 files; the rows that no claim holds stand beside them."""
    told = write_part(charges, folder.with_name(f"{folder.name}_told") / charges.name)
    script = [sys.executable, str(SAMPLE / "write_x12.py"), str(told), str(postings)]
    subprocess.run([*script, "--only", str(only), "--out", str(folder)], check=True, timeout=60)
    return folder


def files_of(folder: Path, *kinds: str) -> list[Path]:
    """Return the files of some kinds, by name."""
    return sorted(path for kind in kinds for path in folder.glob(f"*.{kind}"))


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the spreadsheets, without the minutes of lines, which no claim tells."""
    return [write_part(CHARGES, tmp_path_factory.mktemp("sheets") / CHARGES.name), POSTINGS]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the lines that postings.csv answers and charges.csv lacks, and nothing else of remittances."""
    path = tmp_path_factory.mktemp("services") / "remittance_only.csv"
    return write_part(ONLY, path, lambda row: row["kind"] == "service")


@pytest.fixture(scope="module")
def x12(services: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the same practice as claims, remittances, and the lines that no claim holds."""
    folder = write_x12(CHARGES, POSTINGS, tmp_path_factory.mktemp("x12"), services)
    return files_of(folder, "837", "835", "csv")


@pytest.fixture(scope="module")
def halves(services: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return services and postings up to a day as spreadsheets, the others as X12."""
    folder, day = tmp_path_factory.mktemp("halves"), PARTING_DAY
    early = [
        write_part(CHARGES, folder / "early" / "charges.csv", lambda row: row["service_date"] <= day),
        write_part(POSTINGS, folder / "early" / "postings.csv", lambda row: row["posted_on"] <= day),
    ]
    late_charges = write_part(CHARGES, folder / "late.csv", lambda row: row["service_date"] > day)
    late_postings = write_part(POSTINGS, folder / "posted.csv", lambda row: row["posted_on"] > day)
    nothing = write_part(POSTINGS, folder / "nothing.csv", lambda _: False)
    claims = write_x12(late_charges, nothing, folder / "claims", services)
    answers = write_x12(CHARGES, late_postings, folder / "answers", services)
    return [*early, *files_of(claims, "837", "csv"), *files_of(answers, "835")]


def audit_of(files: list[Path], notes: tuple[Path, ...] = (NOTES,)) -> Audit:
    """Return the audit of files and the notes as of the sample's day."""
    made = _sample_options()
    return self_audit(Options([*files, *notes], made.as_of, made.period, made.practice))


@pytest.fixture(scope="module")
def told(sheets: list[Path]) -> Audit:
    """Return the audit of the spreadsheets."""
    return audit_of(sheets)


def compared(results: Results) -> dict[str, Any]:
    """Return figures, findings and measures by id: all of the results but reconciliation and manifest."""
    plain = msgspec.to_builtins(results)
    listed = {f"{name} {one['id']}": one for name in ("figures", "findings") for one in plain[name]}
    measures = {f"measures {name}": one for name, one in plain["measures"].items()}
    return {**listed, **measures, "period": {"period": plain["period"], "mature": plain["mature"]}}


def differences(one: Results, other: Results) -> dict[str, tuple[Any, Any]]:
    """Return what differs, by id, with the parts that differ alone."""
    first, second = compared(one), compared(other)
    found = {}
    for name in sorted({*first, *second}):
        here, there = first.get(name, {}), second.get(name, {})
        parts = [part for part in {**here, **there} if here.get(part) != there.get(part)]
        if parts:
            found[name] = ({p: here.get(p) for p in parts}, {p: there.get(p) for p in parts})
    return found


ROADS = ("x12", "halves", "both")

BY_LINE = (
    *("claim_id", "clinician", "payer", "location", "service_date", "submitted_date", "code", "modifiers"),
    *("diagnoses", "units", "charge", "allowed", "paid", "patient_share", "frequency", "has_diagnosis"),
    *(column.name for column in DECIDED),
)


@pytest.fixture(scope="module", params=ROADS)
def other(request: pytest.FixtureRequest) -> Audit:
    """Return the audit by another road than that of the spreadsheets alone."""
    names = ("sheets", "x12") if request.param == "both" else (request.param,)
    return audit_of([path for name in names for path in request.getfixturevalue(name)])


def lines_of(audit: Audit) -> pd.DataFrame:
    """Return what is known of every line, by line number; texts as texts."""
    frame = audit.populations.lines.frame
    plain = frame[[name for name in BY_LINE if name in frame]].astype(object)
    return plain.set_axis(frame["line_id"].astype(str), axis=0).sort_index()


def test_every_road_gives_the_figures_of_the_spreadsheets(told: Audit, other: Audit) -> None:
    """Numerators, bases, unknowns, histories and findings, id by id; told twice, everything counts once."""
    assert len(compared(save(told))) > 1900
    assert differences(save(told), save(other)) == {}


def test_every_road_tells_the_same_of_every_line(told: Audit, other: Audit) -> None:
    """Who, what, when, the decisions with their reasons and dates, and all that became of the money."""
    pd.testing.assert_frame_equal(lines_of(other), lines_of(told))


def test_remittances_alone_tell_the_same_of_every_line_answered(x12: list[Path], told: Audit) -> None:
    """Without any charge the lines are those that payers answered, with the same decisions and money."""
    alone = lines_of(audit_of([path for path in x12 if path.suffix == ".835"], notes=()))
    answered = lines_of(told).query("answers > 0")
    both = [
        "payer",
        "service_date",
        "code",
        "modifiers",
        "units",
        "charge",
        "allowed",
        "paid",
        "patient_share",
    ]
    both += ["first_decision", "first_reason", "first_decided_on"]
    once = answered[answered["sent"] == 1]
    assert len(once) > 6000
    assert set(answered.index) <= set(alone.index)
    pd.testing.assert_frame_equal(alone.loc[once.index, both], once[both])
    again = answered[(answered["sent"] > 1) & (answered["first_decision"] == "denied")]
    chain = [
        "sent",
        "first_decision",
        "first_decided_on",
        "last_decision",
        "last_decided_on",
        "first_paid_on",
    ]
    assert len(again) > 5
    pd.testing.assert_frame_equal(alone.loc[again.index, chain], again[chain])


def test_a_missing_remittance_is_noticed(x12: list[Path], told: Audit) -> None:
    """The comparison itself can fail: without one quarter's answers there are hundreds of differences."""
    files = [path for path in x12 if path.name != "remittances_2026-Q3.835"]
    assert len(differences(save(told), save(audit_of(files)))) > 300


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the X12 files with all that only a remittance tells."""
    return files_of(write_x12(CHARGES, POSTINGS, tmp_path_factory.mktemp("whole"), ONLY), "837", "835", "csv")


def test_what_only_a_remittance_tells_of_a_line_changes_no_other_figure(
    whole: list[Path], told: Audit
) -> None:
    """Lines answered under another code or other units are joined all the same, and shown as such."""
    audit = audit_of(whole)
    found = differences(save(told), save(audit))
    assert {name for name in found if "answered_otherwise" not in name} == set()
    frame = audit.populations.lines.frame
    otherwise = frame[frame["answered_as"] != ""]
    with ONLY.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "answered as"]
    expected = {row["line_id"]: (row["code"], row["units"]) for row in rows}
    assert set(otherwise["line_id"]) == set(expected)
    for line_id, code, answered_as in otherwise[["line_id", "code", "answered_as"]].itertuples(index=False):
        new_code, new_units = expected[line_id]
        assert answered_as.split()[0] == (new_code or code)
        assert not new_units or answered_as.split()[1] == f"{new_units}00"


def test_payments_are_claims_less_what_was_set_off(whole: list[Path]) -> None:
    """Every check balances; interest and take-backs stand apart from what was paid for services."""
    read = read_history(whole, load_settings(SAMPLE / "practice.toml"))
    payments, set_off = read.payments, read.provider_adjustments
    by_reason = set_off.groupby(set_off["reason"].astype(str))["amount"].sum()
    assert (payments["payment"] == payments["claims_paid"] - payments["adjusted"]).all()
    assert payments["unbalanced"].sum() == 0
    assert payments["interest"].sum() == -by_reason["L6"] == 459
    assert by_reason["WO"] == 8400
    paid = read.postings["kind"].isin(["payment", "reversal"]) & (read.postings["reason"] == "")
    assert payments["claims_paid"].sum() == read.postings.loc[paid, "amount"].sum()


def test_remittances_without_claims_judge_no_month_before_its_answers_are_in(whole: list[Path]) -> None:
    """All lines of such files are answered: October, of which three in five are, is not the newest judged."""
    audit = audit_of([path for path in whole if path.suffix == ".835"], ())
    assert (audit.period.text, audit.chosen.mature) == ("2026-09", True)
    page = compose(audit)
    assert page.warnings[0].startswith("The files hold no charge or claim")
    assert not any("answered**" in part for part in page.reconciliation)
