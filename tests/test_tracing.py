"""Tracing: recounting the rows behind a figure gives the figure, for every measure and every rule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from audit.archive import save
from audit.errors import SettingsError
from audit.figures import Name, figure_id, parse_figure_id
from audit.measures import WHOLE, Measure
from audit.record import Audit
from audit.rules import Rule
from audit.topics import TOPICS
from audit.tracing import Trace, trace_figure
from tests.practices import audit_of, shipped, write_practice

MEASURES = [one for topic in TOPICS for one in (*topic.measures(shipped()), *topic.standing(shipped()))]
RULES = [rule for topic in TOPICS for rule in topic.rules(shipped())]

Counted = tuple[int, int | None]


def trace(audit: Audit, name: Name) -> Trace:
    return trace_figure(name, audit.comparison, RULES, audit.populations, audit.settings, audit.options.as_of)


@pytest.fixture(scope="module")
def saved(sample_audit: Audit) -> dict[str, Counted]:
    """Return what `results.json` of the sample practice says, by figure."""
    return {one.id: (one.numerator, one.denominator) for one in save(sample_audit).figures}


def recount(rows: Trace, of: str) -> int:
    """Count or add up the rows of a numerator by what stands in them."""
    top = rows.rows[rows.rows["counts_in"] == "numerator"]
    if of == "rows":
        return len(top)
    if of in ("claims", "patients"):
        return int(top[of.removesuffix("s")].nunique())
    return int(sum(top[of].dropna(), Decimal(0)) * (1 if of in WHOLE else 100))


def figures_to_trace(measure: Measure, saved: dict[str, Counted]) -> list[str]:
    """Return the figure in total, and that of the largest value of each group."""
    ids = [measure.id]
    for group in measure.groups:
        of_group = [name for name in saved if name.startswith(f"{measure.id}/{group}=") and ";" not in name]
        single = [name for name in of_group if name.count("/") == 2]
        ids += sorted(single, key=lambda name: (-saved[name][0], name))[:1]
    return ids


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.id)
def test_recounting_the_rows_of_a_measure_gives_its_figures(
    measure: Measure, sample_audit: Audit, saved: dict[str, Counted]
) -> None:
    """In total, and for the largest value of each of its groups."""
    for name in figures_to_trace(measure, saved):
        found = trace(sample_audit, parse_figure_id(name))
        assert (found.total, found.base) == saved[name], name
        assert recount(found, measure.numerator.of) == saved[name][0], name
        if measure.base == measure.numerator._replace(states=(1, 0)) and measure.is_share:
            assert len(found.rows) == saved[name][1], name


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.id)
def test_recounting_the_rows_of_a_rule_gives_its_finding(rule: Rule, sample_audit: Audit) -> None:
    """Also where the page lists none."""
    finding = next((one for one in sample_audit.findings if one.id == rule.id), None)
    found = trace(sample_audit, Name(rule.id, {}))
    top = found.rows[found.rows["counts_in"] == "numerator"]
    assert len(top) == found.total == (finding.rows if finding else 0)
    if finding and rule.money in found.rows:
        assert recount(found, rule.money) == finding.cents


@pytest.mark.parametrize("measure", [one for one in MEASURES if one.split], ids=lambda one: one.id)
def test_recounting_the_rows_of_a_part_gives_the_part(
    measure: Measure, sample_audit: Audit, saved: dict[str, Counted]
) -> None:
    """Every part of a split, in total and at the payer with most of it."""
    parts = [name for name in saved if name.startswith(f"{measure.id};")]
    at_payers = sorted(
        (name for name in saved if name.startswith(f"{measure.id}/payer=") and ";" in name),
        key=lambda name: (-saved[name][0], name),
    )
    assert bool(parts) == bool(saved[measure.id][0])
    for name in [*parts[:4], *at_payers[:1]]:
        found = trace(sample_audit, parse_figure_id(name))
        assert found.total == recount(found, measure.numerator.of) == saved[name][0], name
    assert sum(saved[name][0] for name in parts) == saved[measure.id][0]


def test_a_pair_of_groups_is_counted_from_the_rows_of_both(
    sample_audit: Audit, saved: dict[str, Counted]
) -> None:
    name = figure_id("denials/first_rate", {"code": "97140", "payer": "Commercial A"})
    found = trace(sample_audit, parse_figure_id(name))
    assert (found.total, found.base) == saved[name]
    assert set(found.rows["code"]) == {"97140"}
    assert set(found.rows["payer"]) == {"Commercial A"}


def test_claims_denied_whole_are_found_by_their_reason(sample_audit: Audit) -> None:
    found = trace(sample_audit, parse_figure_id("reasons/denied/payer=Workers%27%20comp;reason=CO-197"))
    assert found.total == 11
    assert set(found.rows["first_reason"]) == {"CO-197"}


def test_the_open_denials_are_the_billers_worklist(sample_audit: Audit) -> None:
    """File and row, claim, payer, reason in words, who acts, the limit and what ends with it."""
    rows = trace(sample_audit, Name("denials/open", {"payer": "Medicare Part B"})).rows
    near = rows[rows["days_left"] == 8]
    assert set(near["limit"].astype(str)) == {"2026-11-28"}
    assert "appeal" in set(near["limit_is_to"])
    assert (rows["reason_in_words"] != "").all()
    assert (rows["who"] != "").all()
    assert (rows["days_left"] >= 0).all()


def test_a_limit_stands_only_where_a_line_is_denied(sample_audit: Audit) -> None:
    rows = trace(sample_audit, Name("denials/first_rate", {})).rows
    paid = rows[rows["last_decision"] == "paid"]
    assert paid["limit"].isna().all()
    assert paid["days_left"].isna().all()


def test_a_visit_is_found_by_its_note_and_its_lines(sample_audit: Audit) -> None:
    rows = trace(sample_audit, Name("documentation/technique", {})).rows
    gaps = rows[rows["counts_in"] == "numerator"]
    assert (gaps["file"] == "visit_notes.csv").all()
    assert (gaps["row"] > 1).all()
    assert gaps["claim_lines"].str.startswith("charges.csv ").all()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("usage/nothing", "There is no figure usage/nothing"),
        ("usage/lines/region=1", "not counted by region, only by code, payer, clinician, location"),
        ("denials/rate_claims/payer=Cash", "not counted by payer, only in total"),
        ("denials/open;reason=CO-16", "not divided by reason, by nothing"),
        ("reasons/denied;code=97140", "not divided by code, only by reason"),
        ("signatures/unsigned_late/code=97140", "not counted by code"),
    ],
)
def test_a_name_that_the_report_does_not_use_is_refused(name: str, said: str, sample_audit: Audit) -> None:
    with pytest.raises(SettingsError, match=said):
        trace(sample_audit, parse_figure_id(name))


def test_a_figure_of_nothing_has_no_rows(sample_audit: Audit) -> None:
    found = trace(sample_audit, Name("reasons/denied", {}, ("reason", "CO-29")))
    assert found.total == 0
    assert found.rows.empty


def test_a_value_that_is_not_in_the_files_is_told(sample_audit: Audit) -> None:
    """A misspelt code is no figure of zero."""
    with pytest.raises(SettingsError, match="no code 00000 in these files"):
        trace(sample_audit, Name("usage/lines", {"code": "00000"}))


def test_figures_are_told_in_the_unit_they_are_read_in(
    sample_audit: Audit, saved: dict[str, Counted]
) -> None:
    """Dollars, units and days: nobody counts in cents or hundredths."""
    assert " of $" in trace(sample_audit, Name("denials/first_rate_by_charge", {})).value
    hundredths, visits = saved["usage/units_per_visit"]
    told = trace(sample_audit, Name("usage/units_per_visit", {})).value
    assert told.startswith(f"{hundredths // 100} / {visits} = 2.")
    days, lines = saved["answers/days_to_money"]
    assert trace(sample_audit, Name("answers/days_to_money", {})).value.startswith(f"{days:,} / {lines} = ")


def test_answers_without_a_charge_are_found_by_file_and_row(sample_audit: Audit) -> None:
    rows = trace(sample_audit, Name("completeness/answers_without_charge", {})).rows
    assert set(rows["file"]) == {"postings.csv"}
    assert list(rows.columns) == ["counts_in", "file", "row", "service_date", "code", "posted_on", "paid"]


def test_a_visit_without_a_charge_is_found_by_its_note(tmp_path: Path) -> None:
    files = write_practice(
        tmp_path,
        "visit_id patient_id service_date\nV1 P1 2026-10-01\nV2 P1 2026-10-31",
        notes="visit_id patient_id service_date\nV1 P1 2026-10-01\nV3 P1 2026-10-12",
    )
    rows = trace(audit_of(files, "2026-10"), Name("completeness/notes_without_charge", {})).rows
    assert rows[["file", "row", "clinician", "note"]].to_numpy().tolist() == [
        ["visit_notes.csv", 3, "Lee", "yes"]
    ]


def test_what_became_of_a_line_stands_where_it_tells_anything(sample_audit: Audit) -> None:
    """Sums of cents or days always; a credit only where there is one."""
    credits = trace(sample_audit, Name("balances/credit", {})).rows
    assert (credits["credit"] > 0).all()
    assert credits["credit_since"].notna().all()
    assert "taken_back" not in credits
    again = trace(sample_audit, Name("denials/chain_lines", {}, ("times_sent", "twice"))).rows
    assert set(again["times_sent"]) == {2}
    assert pd.api.types.is_integer_dtype(again["times_sent"])  # 2, not 2.0, in a table
    assert pd.api.types.is_integer_dtype(again["answers"])
    assert "days_to_answer" in trace(sample_audit, Name("answers/days_to_answer", {})).rows


def test_what_a_rule_looked_at_stands_beside_its_rows(tmp_path: Path) -> None:
    """Minutes beside units, dates of plans beside visits; what no note tells has no column."""
    files = write_practice(
        tmp_path,
        """
        visit_id patient_id service_date code  units minutes payer    modifiers
        V1       P1         2026-10-05   97161 1     -       Medicare GP
        V2       P1         2026-10-07   97110 3     20      Medicare GP
        """,
        notes="""
        visit_id patient_id service_date minutes plan_on    progress_on
        V1       P1         2026-10-05   50      2026-10-09 -
        V2       P1         2026-10-07   25      -          -
        """,
        practice="""
        confirmed = true
        [disciplines]
        Lee = "pt"
        """,
    )
    audit = audit_of(files, "2026-10", practice=tmp_path / "practice.toml")
    above = trace(audit, Name("units/above_minutes", {})).rows
    assert above[["units", "minutes", "visit_minutes"]].to_numpy().tolist() == [[Decimal("3.00"), 20, 25]]
    assert "minutes" not in trace(audit, Name("usage/charge", {})).rows
    early = trace(audit, Name("timing/treated_before_plan", {})).rows
    assert early[["service_date", "visit_minutes"]].to_numpy().tolist() == [[date(2026, 10, 7), 25]]
    assert not {"plan_on", "progress_on", "note_text"} & set(early)


def test_an_unknown_amount_is_empty_and_not_zero(tmp_path: Path) -> None:
    files = write_practice(tmp_path, "code charge units\n97140 60.00 -\n97140 oops 1")
    rows = trace(audit_of(files, "2026-10"), Name("usage/charge", {})).rows
    assert rows["charge"].tolist()[0] == Decimal("60.00")
    assert rows["charge"].isna().tolist() == [False, True]
    assert rows["units"].isna().tolist() == [True, False]
