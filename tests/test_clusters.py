"""Clusters: lines that are answered together tell less than as many answered one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.clusters import design_effects
from audit.measures import Measure, Total, answered, marked
from audit.populations import OUT, populate
from tests.tables import claim_lines, visits

RATE = Measure(
    "denials/rate",
    "Rate",
    "A rate.",
    marked("denied"),
    answered("denied"),
    unit="share",
    groups=("code", "payer"),
)
GAP = Measure(
    "documentation/gap",
    "Gap",
    "A gap.",
    marked("gap", "visits"),
    answered("gap", "visits"),
    unit="share",
    groups=("code",),
)
UNITS = Measure(
    "usage/units_per_visit",
    "Units",
    "Units.",
    Total("units", table="visits"),
    Total(table="visits"),
    unit="units each",
    groups=(),
    judged=("",),
)
LINES = Measure("usage/lines", "Lines", "Lines.", Total())
AS_OF = pd.Timestamp("2026-12-01")
OCTOBER = range(0, 1)


def effects(lines: int, whole: bool, *, claims: int = 40, numbered: bool = True) -> dict[str, float]:
    """Return design effects: every fourth claim denied whole, or every fourth line."""
    rows = []
    for number in range(claims * lines):
        claim, code = divmod(number, lines)
        denied = claim % 4 == 0 if whole else number % 4 == 0
        name = f"C{claim}" if numbered else "-"
        rows.append(f"{name} {claim} 2026-10-05 9711{code} {'denied' if denied else 'paid'}")
    frame = claim_lines("claim_id visit_id service_date code first_decision\n" + "\n".join(rows))
    seen = visits("service_date\n" + "\n".join(["2026-10-05"] * claims))
    mark = (frame["first_decision"] == "denied").to_numpy().astype(np.int8)
    found = populate(frame, seen, AS_OF, 12).with_marks({"lines": {"denied": mark}})
    return {group: effect for (_, group), effect in design_effects(found, [RATE], OCTOBER).items()}


def test_claims_denied_whole_count_for_less() -> None:
    """Four lines denied together are worth little more than one; lines denied one by one are worth four."""
    assert effects(4, whole=True)[""] == pytest.approx(4, abs=0.3)
    assert effects(4, whole=False)[""] < 2.2


def test_claims_of_one_line_are_no_clusters() -> None:
    assert effects(1, whole=True)[""] == pytest.approx(1)


def test_lines_of_one_code_seldom_share_a_claim() -> None:
    """Every claim has each code once: by code the lines are as good as independent."""
    assert effects(4, whole=True)["code"] == pytest.approx(1)


def test_lines_of_one_payer_share_their_claims() -> None:
    """By payer a claim is as much of a cluster as in total."""
    found = effects(4, whole=True)
    assert found["payer"] == pytest.approx(found[""])


def test_without_claim_numbers_a_visit_is_a_cluster() -> None:
    """As its lines are billed together."""
    assert effects(4, whole=True, numbered=False) == pytest.approx(effects(4, whole=True))


def effects_of_visits(gaps: str, code: str = "97110") -> dict[str, float]:
    """Return design effects of visits with a gap: twelve patients with four visits each in October.

    Each letter of `gaps` is a visit, y or n, patient after patient; all are billed with 97140 and `code`.
    """
    gap = np.array([letter == "y" for letter in gaps * (48 // len(gaps))], dtype=np.int8)
    rows = [f"{visit // 4} {visit} {one}" for visit in range(48) for one in ("97140", code)]
    frame = claim_lines("patient visit code\n" + "\n".join(rows))
    seen = visits("patient_key service_date\n" + "\n".join(f"{visit // 4} 2026-10-05" for visit in range(48)))
    found = populate(frame, seen, AS_OF, 12)
    found = found.with_marks({"visits": {"gap": gap}, "services": {"gap": gap[found.visit_of_service]}})
    return {group: effect for (_, group), effect in design_effects(found, [GAP], OCTOBER).items()}


def test_visits_of_a_patient_are_a_cluster() -> None:
    """Where every third patient has gaps in all visits, four of them tell little more than one."""
    assert effects_of_visits("yyyynnnnnnnn")[""] == pytest.approx(3.5, abs=0.5)
    assert effects_of_visits("ynnn")[""] < 1.6


def test_visits_by_code_are_clusters_of_one_code() -> None:
    """A patient's visits that share a code are as much of a cluster as all of them."""
    found = effects_of_visits("yyyynnnnnnnn")
    assert found["code"] == pytest.approx(found[""])


def test_a_mean_of_visits_has_an_effect_by_patient() -> None:
    """Patients who are always billed two units, and such as are always billed one."""
    rows = [f"{visit // 4} {visit} 97140 {1 + visit // 4 % 2}" for visit in range(48)]
    frame = claim_lines("patient visit code units\n" + "\n".join(rows))
    seen = visits("patient_key service_date\n" + "\n".join(f"{visit // 4} 2026-10-05" for visit in range(48)))
    found = design_effects(populate(frame, seen, AS_OF, 12), [UNITS], OCTOBER)
    assert found["usage/units_per_visit", ""] == pytest.approx(4, abs=0.3)


def test_an_amount_has_no_effect() -> None:
    """Nor has a month without a decided line."""
    found = populate(claim_lines("code\n97140"), visits("note\nyes"), AS_OF, 12)
    found = found.with_marks({"lines": {"denied": np.array([OUT], dtype=np.int8)}})
    assert design_effects(found, [RATE, LINES], OCTOBER) == {}
