"""Public X12 files, read as an independent count reads them; skipped where they do not stand beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.checking import check_files, to_json

REMITTANCES = {
    "inteligenz/Example1.txt": {
        "transactions": 1,
        "claims": 10,
        "lines": 9,
        "charge_cents": 43999,
        "line_paid_cents": 575,
        "payment_cents": 575,
        "provider_adjustment_cents": -127,
        "zero_paid_lines": 4,
        "payer_zeroed_lines": 4,
        "reversal_lines": 2,
    },
    "inteligenz/835_DeIdent_01.dat": {
        "transactions": 1,
        "claims": 96,
        "lines": 365,
        "charge_cents": 12825301,
        "line_paid_cents": 7566090,
        "claim_paid_cents": 6641762,
        "payment_cents": 9999999,
        "zero_paid_lines": 107,
        "payer_zeroed_lines": 100,
        "reversal_lines": 69,
        "unbalanced_claims": 86,
    },
    "linuxforhealth/managed-care.835": {
        "claims": 2,
        "lines": 2,
        "claim_paid_cents": 94500,
        "line_paid_cents": 105000,
        "unbalanced_claims": 0,
    },
    "linuxforhealth/secondary-payment.835": {"claims": 2, "lines": 2, "claim_paid_cents": 122200},
    "linuxforhealth/medicare-part-a.835": {
        "claims": 2,
        "lines": 0,
        "claim_paid_cents": 14999873,
        "provider_adjustment_cents": -127,
        "payment_cents": 15000000,
        "unbalanced_claims": 0,
    },
    "keironstoddart/emedny_sample.txt": {"lines": 10, "line_paid_cents": 4575, "payer_zeroed_lines": 4},
    "keironstoddart/united_healthcare_legacy_sample.txt": {
        "lines": 5,
        "line_paid_cents": 34999,
        "zero_paid_lines": 1,
        "payer_zeroed_lines": 0,
    },
    "keironstoddart/blue_cross_nc_sample.txt": {"lines": 3, "line_paid_cents": 192286},
    "healthcare-data-insight/claim_adj_reason.dat": {"lines": 3, "payer_zeroed_lines": 2},
    "cosyte/835-imbalance.edi": {
        "charge_cents": 10000,
        "line_paid_cents": 8000,
        "unbalanced_claims": 1,
    },
}
CLAIMS = {
    "inteligenz/837_DeIdent_02.dat": {"claims": 62, "lines": 66, "line_charge_cents": 1108000},
    "inteligenz/837_DeIdent_03.dat": {
        "claims": 18,
        "lines": 104,
        "line_charge_cents": 16207475,
        "claim_charge_cents": 35208479,
    },
    "inteligenz/837_DeIdent_04.dat": {
        "claims": 53,
        "lines": 269,
        "line_charge_cents": 12449117,
        "claim_charge_cents": 15107167,
    },
    "healthcare-data-insight/chiro.dat": {
        "claims": 1,
        "lines": 1,
        "line_charge_cents": 14550,
        "modifiers": 0,
    },
    "imsweb/x12_many_claims.txt": {
        "claims": 820,
        "lines": 820,
        "claim_charge_cents": 41000000,
        "line_charge_cents": 1004500,
    },
    "imsweb/x12_valid.txt": {
        "claims": 2,
        "lines": 2,
        "claim_charge_cents": 100000,
        "line_charge_cents": 2450,
        "modifiers": 2,
    },
}


def check(*paths: Path) -> list[dict[str, Any]]:
    """Return what `audit check --json` says of files."""
    found: list[dict[str, Any]] = json.loads(to_json(check_files(paths, None, lambda _: None)))["files"]
    return found


@pytest.mark.parametrize(("name", "told"), [*REMITTANCES.items(), *CLAIMS.items()])
def test_a_public_file_gives_its_ground_truth(shared: Path, name: str, told: dict[str, int]) -> None:
    (found,) = check(shared / "cases" / name)
    assert {key: found[key] for key in told} == told
    assert not found["incomplete"]
    assert found["rows"] == found["used"] + found["set_aside"] + found["refused"]


def test_files_of_one_maker_add_up(shared: Path) -> None:
    """Eight remittances of 20 lines: 4,760.00 charged, 2,550.00 paid."""
    found = check(*sorted((shared / "cases" / "healthcare-data-insight").glob("*.dat")))
    remitted = [each for each in found if each["format"] == "X12 835"]
    assert sum(each["lines"] for each in remitted) == 20
    assert sum(each["charge_cents"] for each in remitted) == 476000
    assert sum(each["line_paid_cents"] for each in remitted) == 255000


def test_what_a_public_file_does_not_say_is_unknown(shared: Path) -> None:
    """A line without charge and payment counts as a line; a sum that does not agree is told."""
    cases = shared / "cases"
    (bare,) = check(cases / "keironstoddart" / "blue_cross_nc_sample.txt")
    assert "lines without an amount in SVC03: 1; it counts as unknown" in bare["notes"]
    (unbalanced,) = check(cases / "cosyte" / "835-imbalance.edi")
    assert any("claims that do not balance: 1 of 1" in note for note in unbalanced["notes"])
    (masked,) = check(cases / "linuxforhealth" / "secondary-payment.835")
    assert "12345" in masked["codes"]
    assert any('with ">"' in note for note in masked["notes"])
