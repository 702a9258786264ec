"""The planted faults of the sample practice: the audit shows each that its figures can show."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audit.archive import save
from audit.checking import check_files
from audit.cli import SAMPLE_FILES, _sample_options
from audit.deadlines import days_left
from audit.populations import YES
from audit.record import Audit, Options
from audit.results import SavedFigure
from audit.selfaudit import self_audit
from tests.practices import SAMPLE
from tests.tables import read_table

FAULTS: dict[str, dict[str, Any]] = {
    fault["id"]: fault
    for fault in tomllib.loads((SAMPLE / "planted.toml").read_text(encoding="utf-8"))["fault"]
}

LATER: set[str] = set()
"""Faults that only rules still to come will show."""

IN_REMITTANCES = {"answered-otherwise", "interest-paid", "taken-back-from-a-payment"}
"""Faults that only the 835 shows: the two roads are compared in test_two_roads.py."""

IN_FIGURES = """
    fault                          period   outcome  rows
    denials-97140-commercial-a     2026-09  higher   -
    denials-97140-commercial-a     2026-Q3  higher   at_least
    massage-not-covered-blue-plan  2026-09  higher   -
    massage-not-covered-blue-plan  2026-Q3  higher   at_least
    filed-too-late                 2026     -        at_least
    ended-code-97001               2026     -        exactly
    code-not-in-book               2026-09  -        exactly
    claims-denied-workers-comp     2026-09  higher   exactly
    rejected-commercial-b          2026-09  -        exactly
    unknown-reason                 2026-09  -        exactly
    bundled-97010-medicare         2026     -        at_least
    unsigned-marcus-hale           2026-09  higher   exactly
    billed-before-signed           2026-09  higher   at_least
    massage-without-minutes        2026-09  -        -
    massage-without-minutes        2026     -        at_least
    missing-subluxation            2026-08  higher   at_least
    lines-without-diagnosis        2026-09  -        exactly
    sent-again-and-paid            2026     -        at_least
    denied-three-times             2026     -        exactly
    replacement-claims             2026     -        at_least
    units-above-minutes            2026-Q3  -        exactly
"""

IN_FINDINGS = {
    "zero-units": ("usage/no_units", "2026-09"),
    "payments-taken-back": ("answers/taken_back", "2026-09"),
    "paid-by-two-payers": ("balances/credit", "2026-09"),
    "answers-without-charge": ("completeness/answers_without_charge", "2026"),
    "adjustments-above-regions": ("timing/regions_fewer", "2026"),
}
"""Faults that a finding of a period names with as many rows as were planted."""

IN_FATES = {
    "row-exported-twice": "duplicate",
    "row-without-code": "no code",
    "row-with-impossible-date": "no usable service date",
}

DUE = {"appeal-deadline-near": "appeal", "filing-deadline-near": "file"}
"""Open denials, and the limit that comes next."""

BY_THEMSELVES = {
    "duplicate-lines",
    "missing-plan",
    "mix-98941-98942-marcus-hale",
    "payer-spelled-two-ways",
    "void-claim",
    "paid-twice",
}
"""Faults with a test of their own."""

AuditOf = Callable[[str], Audit]


@pytest.fixture(scope="module")
def audit_of(sample_audit: Audit) -> AuditOf:
    """Return the sample practice's audit of a period, each made once."""
    made = {"2026-09": sample_audit}

    def of(period: str) -> Audit:
        if period not in made:
            made[period] = self_audit(_sample_options(period))
        return made[period]

    return of


def figure(audit: Audit, name: str) -> SavedFigure | None:
    return next((one for one in save(audit).figures if one.id == name), None)


def rows_of(audit: Audit, fault: str) -> np.ndarray:
    """Return the lines that a fault names."""
    return np.flatnonzero(audit.populations.lines.frame["line_id"].isin(FAULTS[fault]["ids"]))


def test_every_fault_is_shown_or_waits_for_a_later_rule() -> None:
    shown = {*read_table(IN_FIGURES)["fault"], *IN_FINDINGS, *IN_FATES, *DUE, *BY_THEMSELVES, *IN_REMITTANCES}
    assert set(FAULTS) - shown == LATER


@pytest.mark.parametrize(
    ("fault", "period", "outcome", "rows"), list(read_table(IN_FIGURES).itertuples(index=False, name=None))
)
def test_a_figure_shows_the_fault(
    fault: str, period: str, outcome: str, rows: str, audit_of: AuditOf
) -> None:
    """More than chance, and with as many rows as were planted."""
    found, planted = figure(audit_of(period), FAULTS[fault]["figure"]), FAULTS[fault]["rows"]
    assert found is not None
    assert outcome in ("", found.outcome.removeprefix("significantly "))
    if rows == "exactly":
        assert found.numerator == planted
    elif rows:
        assert found.numerator >= planted


@pytest.mark.parametrize(("fault", "shown"), list(IN_FINDINGS.items()))
def test_a_finding_names_the_fault(fault: str, shown: tuple[str, str], audit_of: AuditOf) -> None:
    name, period = shown
    assert FAULTS[fault]["figure"] == name
    (finding,) = [one for one in audit_of(period).findings if one.id == name]
    assert finding.rows == FAULTS[fault]["rows"]


@pytest.mark.parametrize(("fault", "reason"), list(IN_FATES.items()))
def test_a_spoiled_row_is_set_aside_or_refused(fault: str, reason: str, sample_audit: Audit) -> None:
    fates = sample_audit.read.fates
    fate = "set aside" if FAULTS[fault]["expected"] == "set aside" else "refused"
    assert ((fates["reason"] == reason) & (fates["fate"] == fate)).sum() == 1


@pytest.mark.parametrize(("fault", "limit"), list(DUE.items()))
def test_an_open_denial_tells_of_its_next_limit(fault: str, limit: str, sample_audit: Audit) -> None:
    """Within thirty days of the as-of date, every line of it."""
    rows = rows_of(sample_audit, fault)
    left = days_left(sample_audit.populations, sample_audit.settings, sample_audit.options.as_of, rows)
    assert len(rows) == FAULTS[fault]["rows"]
    assert (sample_audit.populations.lines.marks["open"][rows] == YES).all()
    assert left["limit"].eq(limit).all()
    assert left["days"].between(0, 30).all()


def test_lines_billed_again_are_duplicates_or_paid_twice(sample_audit: Audit) -> None:
    """Four were refused as duplicates; the two that were paid stand among the balances."""
    rows = rows_of(sample_audit, "duplicate-lines")
    lines = sample_audit.populations.lines
    refused = (lines.frame["first_decision"].iloc[rows] == "excluded: duplicate").to_numpy()
    assert refused.sum() == 4
    assert (lines.marks["billed_twice"][rows[~refused]] == YES).all()


def test_lines_paid_again_on_another_claim_are_told(sample_audit: Audit) -> None:
    rows = rows_of(sample_audit, "paid-twice")
    frame = sample_audit.populations.lines.frame.iloc[rows]
    assert frame["billed_twice"].all()
    assert (frame["paid"] > 0).all()


def test_a_void_claim_withdraws_the_line_it_replaces(sample_audit: Audit) -> None:
    """Its line was paid first and is withdrawn in the end; nothing stays paid. The void itself is no line."""
    frame = sample_audit.populations.lines.frame
    withdrawn = frame[frame["last_decision"] == "excluded: withdrawn"]
    assert not len(rows_of(sample_audit, "void-claim"))
    assert withdrawn["first_decision"].tolist() == ["paid"]
    assert withdrawn["paid"].tolist() == [0]


def test_what_is_sent_again_is_one_line(sample_audit: Audit) -> None:
    """A claim sent again, replaced or withdrawn adds no line, no visit and no charge."""
    again = ("sent-again-and-paid", "denied-three-times", "replacement-claims", "void-claim")
    assert not any(len(rows_of(sample_audit, fault)) for fault in again)
    sent = sample_audit.populations.lines.frame["sent"]
    assert (sent == 3).sum() == FAULTS["denied-three-times"]["rows"]
    assert (sent == 2).sum() == FAULTS["sent-again-and-paid"]["rows"] + FAULTS["replacement-claims"]["rows"]


def test_a_missing_plan_is_a_gap_of_the_evaluation_codes(audit_of: AuditOf) -> None:
    names = [f"documentation/plan/code={code}" for code in ("97161", "97162", "97163")]
    found = [figure(audit_of("2026"), name) for name in names]
    assert sum(one.numerator for one in found if one) >= FAULTS["missing-plan"]["rows"]


def test_a_shift_inside_a_family_stands_beside_the_year_before(audit_of: AuditOf) -> None:
    """98942 by one chiropractor: twice as many lines as a year before, while 98940 falls."""
    audit = audit_of("2026-Q3")
    more = figure(audit, FAULTS["mix-98941-98942-marcus-hale"]["figure"])
    less = figure(audit, "usage/lines/clinician=Marcus%20Hale/code=98940")
    assert more is not None
    assert less is not None
    assert more.numerator >= 2 * more.compared["year_before"][0]
    assert less.numerator < less.compared["year_before"][0]


def test_a_payer_spelled_two_ways_is_told_by_check() -> None:
    checked = check_files([SAMPLE / name for name in SAMPLE_FILES], SAMPLE / "practice.toml", lambda _: None)
    assert ("Blue Plan", "BluePlan") in checked.alike


def test_the_clean_twin_has_none_of_it(tmp_path: Path) -> None:
    """Made by the same script with another seed: a few gaps and denials, as practices have, and no fault."""
    script = [
        sys.executable,
        str(SAMPLE / "make_sample.py"),
        "--clean",
        "--seed",
        "11",
        "--out",
        str(tmp_path),
    ]
    subprocess.run(script, check=True, timeout=120)
    made = _sample_options()
    clean = self_audit(Options([tmp_path / name for name in SAMPLE_FILES], made.as_of, None, made.practice))
    assert clean.period.text == "2026-09"
    assert clean.read.fates.empty
    found = {one.id: one.rows for one in clean.findings}
    none = {"usage/not_valid", "usage/repeated", "usage/no_units", "answers/taken_back", "balances/credit"}
    none |= {"balances/billed_twice", "completeness/answers_without_charge"}
    assert not none & set(found)
    unsigned = clean.comparison.by_value("documentation/signature", "clinician")["Marcus Hale"]
    assert unsigned.numerator <= 0.15 * unsigned.base
    assert clean.comparison.total("denials/first_rate").outcome in ("higher within chance", "does not exceed")
    assert clean.comparison.total("answers/reason_unknown").numerator == 0
