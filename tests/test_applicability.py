"""To which lines a rule applies."""

from __future__ import annotations

from pathlib import Path

from audit.applicability import (
    carries,
    find_disciplines,
    find_standing,
    look_up_payers,
    tells_modifiers,
    wants,
)
from tests.practices import mark_rows, settings_of

CHANGING = """
[payers.Aetna]
ncci = [{ value = true, from = 2026-10-06 }]
units = "midpoint"
"""


def test_a_line_that_nobody_is_asked_to_pay_stands_for_nothing() -> None:
    """Self-pay, a duplicate and a withdrawn claim ask no payer; a denied line does."""
    rows = mark_rows("""
        visit | code  | last_decision
        0     | 97140 | not billed
        0     | 97140 | excluded: duplicate
        0     | 97140 | excluded: withdrawn
        0     | 97140 | denied
    """)
    assert find_standing(rows).tolist() == [False, False, False, True]


def test_a_claim_that_only_takes_one_back_stands_for_nothing() -> None:
    """Where the claim that it takes back is not in the files, its line is left, and gave no service."""
    rows = mark_rows("""
        visit | code  | frequency | charge
        0     | 97140 | 8         | 60.00
        0     | 97140 | -         | -60.00
        0     | 97140 | 7         | 60.00
        0     | 97140 | 1         | -
    """)
    assert find_standing(rows).tolist() == [False, False, True, True]


def test_what_a_payer_wanted_is_looked_up_on_the_date_of_service(tmp_path: Path) -> None:
    """From the day on which it began; a payer that nothing is known of wanted nothing."""
    settings = settings_of(tmp_path, CHANGING)
    rows = mark_rows("""
        visit | code  | payer           | service_date
        0     | 97140 | Aetna           | 2026-10-05
        1     | 97140 | Aetna           | 2026-10-06
        2     | 97140 | Cigna           | 2026-10-06
        3     | 97140 | Medicare Part B | 2026-10-06
    """)
    assert wants(rows, settings, lambda payer: payer.follows_pairs).tolist() == [False, True, False, True]
    ways = look_up_payers(rows, settings, lambda payer: payer.counting, {"total time": 1, "midpoint": 2})
    assert ways.tolist() == [2, 2, 0, 1]


def test_a_modifier_is_a_word_of_the_cell() -> None:
    """59 stands beside GP; a file without any modifier tells of none."""
    rows = mark_rows("""
        visit | code  | modifiers
        0     | 97140 | GP 59
        0     | 97140 | GP
        0     | 97140 | -
    """)
    assert carries(rows.lines.frame["modifiers"], "59", "XS").tolist() == [True, False, False]
    assert tells_modifiers(rows)
    assert not tells_modifiers(mark_rows("code\n97140"))


def test_the_discipline_is_the_clinicians_else_the_codes(tmp_path: Path) -> None:
    """97161 is a physical therapist's; what several bill is nobody's."""
    settings = settings_of(tmp_path, '[disciplines]\n"Dana" = "massage"\n')
    rows = mark_rows("""
        visit  code   clinician
        0      97140  Dana
        1      97161  Priya
        2      97140  Priya
    """)
    found, names = find_disciplines(rows, settings)
    assert [names[at] for at in found] == ["massage", "pt", ""]
