"""Tiles: which there are, and what each stands beside."""

from __future__ import annotations

from pathlib import Path

from audit.figures import HIGHER
from audit.record import Audit
from audit.tiles import make_tiles
from tests.practices import audit_of


def test_a_tile_exists_when_its_measure_does(sample_audit: Audit, tmp_path: Path) -> None:
    """All seven for the sample practice; without answers, notes or dates of claims three are left."""
    found = [tile.title for tile in make_tiles(sample_audit.comparison, sample_audit.chosen)]
    assert found == [
        "Initial denial rate",
        "Visits",
        "Units per visit",
        "Denied, not recovered",
        "Denied and still open",
        "Visits with a documentation gap",
        "Billed before signed",
    ]
    path = tmp_path / "charges.csv"
    path.write_text(
        "line_id,patient_id,payer,service_date,code,units,charge\nL1,P1,Aetna,2026-10-05,97124,1,60.00\n"
    )
    poor = audit_of([path], "2026-10")
    assert [tile.title for tile in make_tiles(poor.comparison, poor.chosen)] == ["Visits", "Units per visit"]


def test_a_tile_stands_beside_the_months_before(sample_audit: Audit) -> None:
    tiles = {tile.title: tile for tile in make_tiles(sample_audit.comparison, sample_audit.chosen)}
    rate = tiles["Initial denial rate"]
    total = sample_audit.comparison.total("denials/first_rate")
    assert rate.detail[0] == f"{total.numerator} of {total.base} lines"
    assert rate.comparison.startswith("Jun\N{EN DASH}Aug 2026: ")
    assert (rate.outcome, rate.tone) == (HIGHER, "worse")
    visits = sample_audit.comparison.total("usage/visits").three_before.numerator
    assert tiles["Visits"].comparison == f"Jun\N{EN DASH}Aug 2026: {round(visits / 3)} a month"
