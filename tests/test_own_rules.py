"""Rules of the practice's own, as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.errors import SettingsError
from audit.own_rules import OwnRule
from tests.practices import settings_of

WRITTEN = """
[[rules]]
id = "blue-plan-massage"
sentence = "Blue Plan pays at most two units of massage a day."
kind = "at most units"
codes = ["97124"]
payers = ["Blue Plan"]
most = 2
source = "Blue Plan provider agreement 2026, exhibit B"
"""


def test_a_rule_of_ones_own_is_read_as_written(tmp_path: Path) -> None:
    assert settings_of(tmp_path, WRITTEN).practice.rules == [
        OwnRule(
            id="blue-plan-massage",
            sentence="Blue Plan pays at most two units of massage a day.",
            kind="at most units",
            codes=["97124"],
            payers=["Blue Plan"],
            most=2,
            source="Blue Plan provider agreement 2026, exhibit B",
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("most = 2", "", 'a rule "at most units" needs "most"'),
        ('"at most units"', '"never"', "must be one of"),
        ('source = "Blue Plan provider agreement 2026, exhibit B"', "", "source"),
        ('"blue-plan-massage"', '"Blue Plan"', '"id" must be small letters, digits, hyphens'),
        ("most = 2", 'modifiers = ["gp"]', "must be a modifier of two capital letters or digits"),
    ],
)
def test_a_rule_that_lacks_what_it_needs_is_one_sentence(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        settings_of(tmp_path, WRITTEN.replace(old, new))
