"""Findings that remember: what became of each since the report before."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec.structs import replace
from msgspec.structs import replace as changed

from audit.earlier import Earlier, Found, find_earlier
from audit.figures import Finding
from audit.periods import parse_period
from audit.remembered import find_resolved, remember
from audit.results import encode, read_results
from audit.rules import Checked
from audit.selfaudit import recall, write_audit
from audit.topics import usage
from tests.practices import audit_of, many_months, page_of, write_practice
from tests.saved import finding, saved

if TYPE_CHECKING:
    from pathlib import Path

    from audit.record import Audit
    from audit.results import SavedFinding

TABLE = "figure top base\nusage/lines 400 -"
RULE = "usage/odd"
AS_OF = date(2026, 12, 15)


def now(
    rows: int,
    checked: int = 300,
    cents: int | None = 100,
    since: int = 1,
    together: float = 2.0,
    spread: float = 0.02,
) -> Finding:
    """Return a finding of this period."""
    one = Finding(RULE, "Look", "Check.", "line", rows, checked, 0, cents, "biller", "", since)
    return changed(one, together=together, spread=spread)


def report(out: Path, period: str, as_of: str, *findings: SavedFinding) -> None:
    """Save a report of a period as of a day, of these findings."""
    (out / period).mkdir(parents=True, exist_ok=True)
    text = encode(saved(period, TABLE, as_of=as_of, findings=findings))
    (out / period / "results.json").write_text(text, encoding="utf-8")


def look_back(out: Path, period: str = "2026-10") -> tuple[Earlier, ...]:
    return find_earlier(out, "A practice", parse_period(period), AS_OF)


def remembered(out: Path, one: Finding, period: str = "2026-10") -> tuple[str, int, str]:
    """Return the state of a finding, its month, and when it was first shown."""
    (told,) = remember([one], look_back(out, period), parse_period(period), AS_OF)
    assert told.first_shown is not None
    return told.state, told.month, told.first_shown.isoformat()


STATES = """
    September         | October           | state
    rows checked cents | rows checked cents |
      10     300   100 |   10     300   100 | repeated
      10     300   100 |   14     300   140 | repeated
      10     300   100 |   60     300   600 | worse
      60     300   600 |   10     300   100 | better
      10     300   100 |   60     300    50 | repeated
      60     300   600 |   10     300   700 | repeated
      10     300     - |   60     300     - | worse
      20     300   100 |  120    1800   600 | repeated
      60    1800     - |   50     300     - | repeated
      60     300   600 |   55      60   550 | repeated
       1     300    10 |    2     300    20 | repeated
"""


@pytest.mark.parametrize("row", [line.split("|") for line in STATES.strip().splitlines()[2:]])
def test_a_finding_is_worse_or_better_only_beyond_chance(tmp_path: Path, row: list[str]) -> None:
    """A few rows more are chance, many are growth where more was checked; dollars must not disagree."""
    before, after = ([None if cell == "-" else int(cell) for cell in part.split()] for part in row[:2])
    rows, checked, cents = before
    assert rows
    then = changed(finding(RULE, "Look", rows, cents), checked=checked or 0)
    report(tmp_path, "2026-09", "2026-11-15", then)
    one = now(after[0] or 0, after[1] or 0, after[2])
    assert remembered(tmp_path, one)[0] == row[2].strip()


def test_rows_of_few_claims_and_restless_months_prove_less(tmp_path: Path) -> None:
    report(tmp_path, "2026-09", "2026-11-15", changed(finding(RULE, "Look", 10, 100), checked=300))
    cases = (now(60), now(60, together=20.0), now(60, spread=0.8))
    states = [remembered(tmp_path, one)[0] for one in cases]
    assert states == ["worse", "repeated", "repeated"]


def test_where_nothing_changed_few_reports_say_worse_or_better() -> None:
    """15 findings of 1,000 lines, claims of two, months that differ by themselves: one in twenty at most."""
    random = np.random.default_rng(20260915)
    reports, alarms, october = 1000, 0, parse_period("2026-10")
    for _ in range(reports):
        rates = 0.1 * np.exp(random.normal(0, 0.2, (2, 15)))
        then, after = (2 * random.binomial(500, rates)).tolist()
        shown = [Found(str(at), rows, 1000, None, 1) for at, rows in enumerate(then)]
        before = Earlier(1, "A practice", "2026-09", "2026-11-15", {}, [], shown)
        found = [changed(now(rows, 1000, None, spread=0.04), id=str(at)) for at, rows in enumerate(after)]
        alarms += any(one.state != "repeated" for one in remember(found, [before], october, AS_OF))
    assert 0 < alarms <= 0.05 * reports


def test_a_finding_keeps_its_month_and_the_day_it_was_first_shown(tmp_path: Path) -> None:
    """Also over a month that no report was made of."""
    assert remembered(tmp_path, now(10)) == ("new", 1, "2026-12-15")
    first = changed(finding(RULE, "Look", 10), state="new", month=3, first_shown=date(2026, 7, 15))
    report(tmp_path, "2026-09", "2026-11-15", first)
    assert remembered(tmp_path, now(10)) == ("repeated", 4, "2026-07-15")
    report(tmp_path / "skipped", "2026-08", "2026-10-15", first)
    assert remembered(tmp_path / "skipped", now(10)) == ("repeated", 5, "2026-07-15")


def test_what_the_report_before_did_not_find_is_new(tmp_path: Path) -> None:
    """Whatever the files tell today of earlier months, and whatever older reports found."""
    report(tmp_path, "2026-08", "2026-10-15", finding(RULE, "Look", 10))
    report(tmp_path, "2026-09", "2026-11-15")
    assert remembered(tmp_path, now(10, since=3)) == ("new", 1, "2026-12-15")


def test_results_of_an_older_version_tell_that_it_was_there(tmp_path: Path) -> None:
    """Without state, month and day: the months running of then, and the day of that report."""
    old = changed(finding(RULE, "Look", 10), since=2)
    report(tmp_path, "2026-09", "2026-11-15", old)
    path = tmp_path / "2026-09" / "results.json"
    text = path.read_text(encoding="utf-8")
    assert not re.search('"state"|"month"|"first_shown"', text)
    path.write_text(re.sub(r',\n"resolved": \[\n\n\]', "", text), encoding="utf-8")
    assert "resolved" not in path.read_text(encoding="utf-8")
    assert read_results(path).findings == [old]
    assert remembered(tmp_path, now(10)) == ("repeated", 3, "2026-11-15")


@pytest.mark.parametrize("changes", [{"rows": 0}, {"rows": -4}, {"checked": 0}, {"rows": 10**400}])
def test_a_report_with_a_damaged_finding_is_passed_over(tmp_path: Path, changes: dict[str, int]) -> None:
    report(tmp_path, "2026-09", "2026-11-15", changed(finding(RULE, "Look", 10), **changes))
    assert look_back(tmp_path) == ()


def test_a_period_reported_before_keeps_its_first_day(tmp_path: Path) -> None:
    """A later report of the same month is no new month."""
    report(tmp_path, "2026-09", "2026-11-01")
    report(tmp_path, "2026-10", "2026-11-15", finding(RULE, "Look", 10))
    assert remembered(tmp_path, now(10)) == ("new", 1, "2026-11-15")


def test_a_month_is_not_compared_with_a_quarter(tmp_path: Path) -> None:
    report(tmp_path, "2026-Q3", "2026-11-15", finding(RULE, "Look", 10))
    assert remembered(tmp_path, now(10)) == ("new", 1, "2026-12-15")
    assert remembered(tmp_path, now(10), "2026-Q4")[:2] == ("repeated", 4)


@pytest.mark.parametrize(
    ("since", "period", "state"),
    [(0, "2026-10", ""), (1, "2026-10", "new"), (3, "2026-10", "repeated"), (3, "2026-Q4", "new")],
)
def test_without_an_earlier_report_the_history_tells(
    tmp_path: Path, since: int, period: str, state: str
) -> None:
    """Of what stands in the whole history it does not tell."""
    assert remembered(tmp_path, now(10, since=since), period)[:2] == (state, since)


def test_what_is_gone_is_resolved_where_it_could_be_checked(tmp_path: Path) -> None:
    names = {"usage/a": 3, "usage/b": 9, "usage/unchecked": 5, RULE: 10}
    report(tmp_path, "2026-09", "2026-11-15", *(finding(name, "Look", rows) for name, rows in names.items()))
    gone = find_resolved(
        [now(10)], look_back(tmp_path), parse_period("2026-10"), {"usage/a", "usage/b", "usage/other", RULE}
    )
    assert [(one.id, one.rows, one.period, one.first_shown.isoformat()) for one in gone] == [
        ("usage/b", 9, "2026-09", "2026-11-15"),
        ("usage/a", 3, "2026-09", "2026-11-15"),
    ]
    assert find_resolved([], (), parse_period("2026-10"), {RULE}) == ()


# --- from run to run ----------------------------------------------------------------------

CHARGES, POSTINGS = many_months([f"2026-{month:02d}" for month in range(3, 11)], 40)
NO_UNITS = CHARGES.replace("payer", "payer units", 1).splitlines()
UNITS = "\n".join(
    line if not at else f"{line} {0 if line.split()[0] in ('L201', 'L202', 'L203') else 1}"
    for at, line in enumerate(NO_UNITS)
)
"""Three lines of August (201 to 240) have no units."""


def run(out: Path, period: str, as_of: date) -> Audit:
    """Write the report of a period into the folder of reports; return its audit, as it remembers."""
    audit = audit_of(write_practice(out / "files", UNITS, POSTINGS), period, as_of)
    earlier = find_earlier(out, audit.settings.practice.name, audit.period, as_of)
    write_audit(audit, out)
    return recall(audit, earlier)


def states(out: Path, period: str) -> dict[str, tuple[str, int]]:
    found = json.loads((out / period / "results.json").read_text(encoding="utf-8"))["findings"]
    return {one["id"]: (one.get("state", ""), one.get("month", 0)) for one in found}


def test_a_report_remembers_the_one_before(tmp_path: Path) -> None:
    """Lines of August without units are resolved in September; the open denials are there again."""
    run(tmp_path, "2026-08", date(2026, 10, 15))
    september = run(tmp_path, "2026-09", date(2026, 11, 15))
    assert states(tmp_path, "2026-08")["usage/no_units"] == ("new", 1)
    assert states(tmp_path, "2026-08")["denials/open"] == ("", 0)
    assert states(tmp_path, "2026-09")["denials/open"] == ("repeated", 2)
    assert "usage/no_units" not in states(tmp_path, "2026-09")
    results = read_results(tmp_path / "2026-09" / "results.json")
    assert [(one.id, one.rows, one.period) for one in results.resolved] == [("usage/no_units", 3, "2026-08")]
    assert results.resolved == list(september.resolved)
    html = (tmp_path / "2026-09" / "report.html").read_text(encoding="utf-8")
    assert "Resolved since August 2026" in html
    assert 'title="First shown 2026-10-15"' in html


def test_what_can_no_longer_be_checked_is_not_resolved(tmp_path: Path) -> None:
    """An export that no longer tells the units says nothing of the lines that had none."""
    run(tmp_path, "2026-08", date(2026, 10, 15))
    september = run(tmp_path, "2026-09", date(2026, 11, 15))
    [rule] = [one for one in usage.rules(september.settings) if one.id == "usage/no_units"]
    untold = replace(september, checked=(Checked(rule, 0, 40),))
    earlier = find_earlier(tmp_path, september.settings.practice.name, september.period, date(2026, 11, 15))
    assert [one.id for one in recall(september, earlier).resolved] == ["usage/no_units"]
    assert recall(untold, earlier).resolved == ()


def test_a_report_that_remembers_is_the_same_when_made_again(tmp_path: Path) -> None:
    run(tmp_path, "2026-08", date(2026, 10, 15))
    run(tmp_path, "2026-09", date(2026, 11, 15))
    before = (tmp_path / "2026-09" / "results.json").read_bytes()
    audit = audit_of(write_practice(tmp_path / "files", UNITS, POSTINGS), "2026-09", date(2026, 11, 15))
    assert not write_audit(audit, tmp_path).changed
    assert (tmp_path / "2026-09" / "results.json").read_bytes() == before


def test_when_nothing_needs_doing_it_says_so_and_lists_what_was_checked(sample_audit: Audit) -> None:
    html = page_of(replace(sample_audit, findings=()))
    do = html.partition('<section id="do">')[2].partition("</section>")[0]
    assert "Nothing to do this month" in do
    assert "What was looked at" in do
    assert "Work the lines denied and still open" in do


def test_what_could_not_be_looked_at_is_not_said_to_have_been(tmp_path: Path) -> None:
    """Without notes no rule of notes looked at a row; a quiet page, too, has at most 1,200 words open."""
    audit = audit_of(write_practice(tmp_path, UNITS, POSTINGS), "2026-09", date(2026, 11, 15))
    html = page_of(replace(audit, findings=()))
    do = html.partition('<section id="do">')[2].partition("</section>")[0]
    assert "Look at lines billed with no units" in do
    assert "whose note is still unsigned" not in do
    looked = sum(one.checked > 0 for one in audit.checked)
    untold = sum(not one.in_full for one in audit.checked)
    assert do.count("<li>") == looked
    assert f"{looked} of {len(audit.checked)} rules had rows to look at" in do
    assert f"{untold} could not look at all of theirs" in do
    unfolded = re.sub(r"<details>.*?</details>|<(style|script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    assert len(re.findall(r"[A-Za-z]\S*", re.sub(r"<[^>]+>", " ", unfolded))) < 1200
