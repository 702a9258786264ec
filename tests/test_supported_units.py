"""Units against minutes: which of the rules looks at a line."""

from __future__ import annotations

from audit.supported_units import CHECKS
from tests.practices import mark_rows

DOUBTED_ONCE = """
    patient  visit  code   units  minutes
    ann      0      97110  3      30
    bob      1      97110  1      5
    cat      2      97110  2      30
    dan      3      97110  1      30
"""


def test_every_rule_knows_each_line_and_their_dollars_stand_once() -> None:
    """Of a line above its minutes one rule alone names the money above; what is not billed is another sum."""
    rows = mark_rows(DOUBTED_ONCE)
    money = [rule.money for rule, _ in CHECKS]
    for rule, _ in CHECKS:
        assert len(rows.lines.marks[rule.mark]) == 4
    frame = rows.lines.frame
    over, under = frame["over_billed_expected"].tolist(), frame["not_billed_expected"].tolist()
    assert [amount > 0 for amount in over] == [True, True, False, False]
    assert [amount > 0 for amount in under] == [False, False, False, True]
    assert set(money) == {"over_billed_expected", "doubtful_expected", "not_billed_expected", ""}
