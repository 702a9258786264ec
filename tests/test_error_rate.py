"""The financial error rate: over- and underpaid apart, net over paid, five percent."""

from __future__ import annotations

from fractions import Fraction

import pytest

from audit.error_rate import TRIGGER, ErrorRate, Examined, rate_errors


def test_underpaid_dollars_are_netted_and_told_apart() -> None:
    """Four lines of $100, one supported at $70, one at $110: $20 net of $400."""
    found = rate_errors(Examined(10_000, supported) for supported in (10_000, 7_000, 11_000, 10_000))
    assert found == ErrorRate(
        paid=40_000, over=3_000, under=1_000, items=4, over_items=1, under_items=1, unknown=0
    )
    assert (found.net, found.rate) == (2_000, 0.05)


@pytest.mark.parametrize(
    ("supported", "reached"), [(9_500, True), (9_501, False), (0, True), (10_500, False)]
)
def test_the_trigger_is_five_percent_or_more(supported: int, reached: bool) -> None:
    assert Fraction(1, 20) == TRIGGER
    assert rate_errors([Examined(10_000, supported)]).reaches_trigger is reached


def test_five_percent_is_compared_in_whole_cents() -> None:
    """A cent below five percent of a large sum stays below."""
    paid = 2 * 10**17
    assert rate_errors([Examined(paid, paid - paid // 20)]).reaches_trigger is True
    assert rate_errors([Examined(paid, paid - paid // 20 + 1)]).reaches_trigger is False


def test_more_underpaid_than_overpaid_is_a_negative_rate() -> None:
    found = rate_errors([Examined(10_000, 12_000)])
    assert (found.net, found.rate, found.reaches_trigger) == (-2_000, -0.2, False)


@pytest.mark.parametrize("unknown", [Examined(None, 100), Examined(100, None), Examined(None, None)])
def test_an_amount_that_is_not_known_is_counted_and_not_zero(unknown: Examined) -> None:
    assert unknown.difference is None
    found = rate_errors([Examined(10_000, 9_000), unknown])
    assert (found.rate, found.items, found.unknown) == (0.1, 1, 1)


@pytest.mark.parametrize("items", [[], [Examined(0, 0)], [Examined(0, 500)]])
def test_where_nothing_was_paid_there_is_no_rate(items: list[Examined]) -> None:
    found = rate_errors(items)
    assert (found.rate, found.reaches_trigger) == (None, None)
