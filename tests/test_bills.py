"""What the lines themselves, and the settings of their payers, contribute to a decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.bills import Bills, read_bills
from audit.columns import UNTOLD, columns_of
from audit.remittances import read_postings
from audit.settings import Settings, load_settings
from tests.practices import settings_of, shipped
from tests.tables import claim_lines, postings

PRACTICE = """
[aliases.payers]
"MCR" = "Medicare"

[payers.prepaid]
names = ["Prepaid"]
capitated = [{ value = true, from = 2026-10-01, to = 2026-10-31 }]
bundles = [{ value = "97140", from = 2026-10-06 }]
"""


def bills(lines: str, posted: str = "amount", settings: Settings | None = None) -> Bills:
    table = columns_of(claim_lines(lines))
    answered = read_postings(columns_of(postings(posted)), len(table["charge"]))
    return read_bills(table, answered, settings or shipped())


@pytest.mark.parametrize(
    ("code", "modifiers", "asked"),
    [
        ("97140", "GY", True),
        ("97140", "59 GX", True),
        ("98940", "GA", True),
        ("98942", "59 GA", True),
        ("98941", "GA AT", False),
        ("98943", "GA", False),
        ("98941", "", False),
    ],
)
def test_a_denial_that_is_asked_for(code: str, modifiers: str, asked: bool) -> None:
    """By GY or GX on any code; by GA without AT on a spinal adjustment."""
    assert bills(f"code | modifiers\n{code} | {modifiers}").denial_asked_for.tolist() == [asked]


def test_what_is_no_charge_to_a_payer() -> None:
    """No charge, a report code, a void claim, a charge below zero, self-pay."""
    found = bills(
        "code charge frequency payer\n97140 0 1 A\n4004F 60 1 A\n97140 60 8 A\n97140 -60 1 Self-pay"
    )
    assert found.report_only.tolist() == [True, True, False, False]
    assert found.withdrawn.tolist() == [False, False, True, True]
    assert found.self_pay.tolist() == [False, False, False, True]


def test_amounts_that_the_export_does_not_tell_are_untold_and_answer_nothing() -> None:
    """Nor does an amount of nothing."""
    found = bills("charge paid allowed\n60 - -\n60 0 -\n60 - 40")
    assert found.paid.tolist() == [UNTOLD, 0, UNTOLD]
    assert found.share.tolist() == [UNTOLD] * 3
    assert found.tells_answer.tolist() == [False, False, True]


def test_the_original_of_a_duplicate_is_the_same_service_not_so_refused() -> None:
    found = bills(
        "patient code service_date\nann 97140 10-05\nann 97140 10-05\nann 97124 10-05\nbob 97140 10-05",
        "line group reason amount\n1 OA 18 60\n2 OA 18 60\n3 OA 18 60",
    )
    assert found.original_found.tolist() == [False, True, False, False]


def test_a_payer_prepays_and_bundles_on_its_dates_only(tmp_path: Path) -> None:
    """The date of service counts, first and last day included, and only what is refused so."""
    found = bills(
        """
        payer   service_date
        Prepaid 09-30
        Prepaid 10-01
        Prepaid 10-31
        Prepaid 11-01
        Aetna   10-05
        Prepaid 10-05
        """,
        "line group reason\n0 CO 24\n1 CO 24\n2 CO 24\n3 CO 24\n4 CO 24\n1 CO 97\n2 CO 97",
        settings_of(tmp_path, PRACTICE),
    )
    assert found.prepays.tolist() == [False, True, True, False, False, False]
    assert found.always_bundled.tolist() == [False, False, True, False, False, False]


def test_a_payer_is_known_by_every_name_the_practice_gives_it(tmp_path: Path) -> None:
    """Its alias, however written, is the payer that the settings tell of."""
    settings = settings_of(tmp_path, PRACTICE)
    rows = "line group reason amount\n0 CO 97 60\n1 CO 97 60"
    found = bills("payer | code\nmcr. | 97010\nAetna | 97010", rows, settings)
    assert found.always_bundled.tolist() == [True, False]
    assert settings.payer("MCR") is settings.payer("medicare")


def test_an_alias_weighs_more_than_a_payers_own_name(tmp_path: Path) -> None:
    """What the practice calls a payer is what it is; of aliases written twice the first holds."""
    text = (
        '[aliases.payers]\n"Medicare" = "Humble Health"\n"M.C.R." = "Medicare"\n"m c r" = "Humble Health"\n'
    )
    settings = settings_of(tmp_path, text)
    assert settings.payer("Medicare") == load_settings(None).payer("Humble Health")
    assert settings.payer("MCR") == load_settings(None).payer("MCR")
    assert settings.payer("M C R") == load_settings(None).payer("Medicare")
