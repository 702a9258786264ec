"""What `audit rules` prints."""

from __future__ import annotations

import pytest

from audit.errors import SettingsError
from audit.rulebook import list_rules, tell_rule, tell_rules
from audit.rules import TASKS
from tests.practices import shipped


def test_every_rule_stands_once_under_what_to_do() -> None:
    text = tell_rules(shipped())
    for rule in list_rules(shipped()):
        assert text.count(f"  {rule.id} ") == 1, rule.id
        assert rule.sentence in " ".join(text.split())
        assert TASKS[rule.task] in text


def test_one_rule_is_told_whole() -> None:
    text = tell_rule("usage/no_units", shipped())
    for part in (
        "A line has at least one unit.",
        "CARC 16 with RARC M53",
        "97112 with 0 units.",
        "Check the",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= 100


def test_an_unknown_rule_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match='did you mean "usage/no_units"'):
        tell_rule("usage/no_unit", shipped())
    with pytest.raises(SettingsError, match="`audit rules` lists all"):
        tell_rule("qqqq", shipped())
