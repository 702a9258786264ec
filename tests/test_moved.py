"""What moved the denial rate of a period: split along the months that were judged, and no others."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from audit.archive import save
from audit.beside_moves import show_moved as show_beside
from audit.blocks import Chart, Fold, Note, Table
from audit.figures import HIGHER, NOT_JUDGED, TOO_FEW
from audit.moved import show_moved, split_measure
from audit.waterfall import DENIED
from tests.pairs import paired
from tests.practices import audit_of, write_practice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from audit.record import Audit

MONTHS = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)][:22]
"""January 2025 to October 2026."""

GAP = "documentation/any"

Denied = dict[str, int]
"""How many of a payer's 60 lines of a month are denied."""

USUAL = {"Aetna": 6, "Cigna": 6}


def practice(
    folder: Path,
    unusual: Mapping[str, Denied],
    *,
    unanswered: int = 0,
    months: list[str] = MONTHS,
    as_of: date = date(2026, 12, 1),
    period: str = "2026-10",
) -> Audit:
    """Return the audit of two payers of 60 lines a month each; of the last month some are not answered."""
    billed, answered = ["line_id  claim_id  visit_id  patient_id  service_date  code  payer"], []
    order = random.Random(5)
    for month in months:
        for payer, denied in (USUAL | unusual.get(month, {})).items():
            places = set(order.sample(range(60), denied))
            for at in range(60):
                name = f"{month}{payer[0]}{at}"
                day = f"{month}-{at % 27 + 1:02d}"
                code = ("97140", "97110", "97112")[at % 3]
                billed.append(f"L{name} C{name} V{name} P{at} {day} {code} {payer}")
                if month != months[-1] or at >= unanswered:
                    answered.append(f"L{name} {month}-28 {'CO-50' if at in places else '-'} 60.00")
    files = write_practice(
        folder, "\n".join(billed), "line_id posted_on reason amount\n" + "\n".join(answered)
    )
    return audit_of(files, period, as_of)


def sentence(audit: Audit) -> str:
    section = show_moved(audit.comparison)
    return section.lead if section else ""


def test_a_rise_at_one_payer_is_told_with_its_payer(tmp_path: Path) -> None:
    audit = practice(tmp_path, {"2026-10": {"Cigna": 30}})
    assert audit.comparison.total(DENIED).outcome == HIGHER
    assert sentence(audit) == (
        "The denial rate rose from 10.0 % to 30.0 %: a higher rate at Cigna (+20.0 points) explains most of "
        "it."
    )
    section = show_moved(audit.comparison)
    assert section
    chart, parts = section.blocks["chart"], section.blocks["parts"]
    assert isinstance(chart, Chart)
    assert chart.description == "Jul–Sep 2026 10.0 %; Cigna +20.0; Oct 2026 30.0 %."
    assert isinstance(parts, Table)
    assert parts.fold


def test_a_change_within_chance_is_said_to_be_one(tmp_path: Path) -> None:
    audit = practice(tmp_path, {"2026-10": {"Aetna": 7, "Cigna": 8}})
    assert sentence(audit).startswith("The change from 10.0 % to 12.5 % is within chance; its largest part")


def test_where_nothing_moved_nothing_is_shown(tmp_path: Path) -> None:
    assert show_moved(practice(tmp_path, {}).comparison) is None


def test_a_rise_that_lasts_is_split_along_the_months_it_was_found_in(tmp_path: Path) -> None:
    """They are told beside the year that they were tested against, not beside one another."""
    raised = {month: {"Cigna": 16} for month in MONTHS[-3:]}
    audit = practice(tmp_path, raised)
    total = audit.comparison.total(DENIED)
    assert (total.outcome, total.over) == (HIGHER, 3)
    section = show_moved(audit.comparison)
    assert section
    assert section.lead == (
        "Over the last 3 months the denial rate rose from 10.0 % to 18.3 %: a higher rate at Cigna (+8.3 "
        "points) explains most of it."
    )
    assert isinstance(section.blocks["chart"], Chart)
    assert section.blocks["chart"].description.startswith("Jul 2025–Jun 2026 10.0 %; ")


def test_a_history_too_short_to_test_tells_nothing(tmp_path: Path) -> None:
    assert show_moved(practice(tmp_path, {"2026-10": {"Cigna": 30}}, months=MONTHS[-6:]).comparison) is None


def test_a_period_that_runs_is_not_split(tmp_path: Path) -> None:
    audit = practice(tmp_path, {"2026-10": {"Cigna": 30}}, as_of=date(2026, 10, 30))
    assert audit.comparison.total(DENIED).outcome == NOT_JUDGED
    assert show_moved(audit.comparison) is None


def test_a_young_period_stands_beside_months_of_its_age(tmp_path: Path) -> None:
    """Its reasons of that age are not kept, so that it is split by payer, code or clinician."""
    audit = practice(
        tmp_path, {"2026-10": {"Cigna": 48}}, unanswered=20, as_of=date(2026, 11, 10), period="2026-10"
    )
    assert audit.chosen.mature is False
    assert sentence(audit).startswith("The denial rate rose from 10.0 % to ")
    assert ", at the same age: a higher rate at Cigna (+" in sentence(audit)


# --- other rates ----------------------------------------------------------------------------


def test_every_judged_share_splits_without_remainder(sample_audit: Audit) -> None:
    """A visit of two codes would count twice by code: such a split does not add up, and is not chosen."""
    comparison = sample_audit.comparison
    spans = comparison.spans.three_before, comparison.spans.this
    shares = [one for one in comparison.measures.values() if one.is_share and "" in one.judged]
    found = {one.id: split_measure(comparison, one, spans) for one in shares}
    assert {name for name, split in found.items() if split} >= {DENIED, GAP, "signatures/before_signed"}
    for name, split in found.items():
        if split is None:
            continue
        total = comparison.total(name)
        change = Fraction(total.numerator, total.base) - Fraction(*total.three_before)
        assert abs(sum((Fraction(part.size) for part in split.parts), Fraction(0)) - change) < 1e-12
    assert len({split.group for split in found.values() if split}) > 1


def test_other_rates_that_moved_are_split_in_a_fold(sample_audit: Audit) -> None:
    """One of each topic at most: the elements of a note are parts of its gaps."""
    section = show_moved(sample_audit.comparison)
    assert section
    fold = section.blocks["others"]
    assert isinstance(fold, Fold)
    texts = [block.text for block in fold.blocks if isinstance(block, Note)]
    assert [text.partition(" rose from ")[0] for text in texts] == [
        "Over the last 3 months the share of visits with a documentation gap",
        "The share of lines billed before the note was signed",
    ]
    assert [block.fold for block in fold.blocks if isinstance(block, Table)] == [False, False]


def test_where_denials_did_not_move_the_other_rates_stand_alone(sample_audit: Audit) -> None:
    quiet = sample_audit.comparison.frame.copy()
    quiet.loc[quiet["measure"] == DENIED, "outcome"] = TOO_FEW
    section = show_moved(replace(sample_audit.comparison, frame=quiet))
    assert section
    assert (section.title, section.lead, list(section.blocks)) == ("What moved", "", ["others"])


# --- the same on the compare page -----------------------------------------------------------


@pytest.mark.parametrize("unusual", [{"2026-10": {"Cigna": 30}}, {"2026-10": {"Aetna": 7, "Cigna": 10}}])
def test_the_page_and_the_compare_page_show_the_same_parts(
    tmp_path: Path, unusual: dict[str, Denied]
) -> None:
    later = practice(tmp_path / "later", unusual)
    earlier = practice(tmp_path / "earlier", unusual, period="2026-07..2026-09")
    section = show_moved(later.comparison)
    beside = show_beside(paired(save(earlier), save(later)), DENIED)
    assert section
    assert beside
    _, chart, parts = beside
    drawn, listed = section.blocks["chart"], section.blocks["parts"]
    assert isinstance(chart, Chart)
    assert isinstance(drawn, Chart)
    assert chart.description == drawn.description
    assert isinstance(parts, Table)
    assert isinstance(listed, Table)
    assert parts.rows == listed.rows
