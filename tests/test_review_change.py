"""The change of two reviews: a word only where their own limits leave no doubt, none for a handful."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW
from audit.intervals import newcombe
from audit.review_change import is_alike, tell_change
from tests.reviews import review_of


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [
        ((2, 28), (14, 16), HIGHER),
        ((14, 16), (2, 28), LOWER),
        ((4, 16), (6, 14), BY_CHANCE),
        ((6, 14), (4, 16), NOT_HIGHER),
        ((4, 16), (4, 16), NOT_HIGHER),
        ((0, 10), (10, 0), TOO_FEW),
        ((0, 30), (10, 0), TOO_FEW),
        ((0, 0), (10, 10), TOO_FEW),
    ],
)
def test_a_word_follows_from_both_reviews_limits(
    before: tuple[int, int], now: tuple[int, int], word: str
) -> None:
    """Under eleven charts that tell there is none, whatever they say."""
    change = tell_change(review_of(*before), review_of(*now), 11)
    assert change.outcome == word
    if word != TOO_FEW:
        assert change.low is not None
        assert change.high is not None
        assert change.change is not None
        assert change.low <= change.change <= change.high


def test_a_frame_that_was_read_in_full_leaves_no_chance() -> None:
    """20 of 20 charts read, twice: what differs, differs."""
    assert tell_change(review_of(2, 18, 20), review_of(4, 16, 20), 11).outcome == HIGHER
    assert tell_change(review_of(2, 18, 2000), review_of(4, 16, 2000), 11).outcome == BY_CHANCE


@pytest.mark.parametrize(("frame", "sizes"), [(40, (15, 30, 36)), (300, (15, 30, 60))])
def test_where_nothing_changed_few_pairs_of_reviews_alarm(frame: int, sizes: tuple[int, ...]) -> None:
    """Of 450 pairs at 5, 20 and 40 % errors, most of a small frame read too; must: 5 %."""
    draws, alarms = Random(7), 0
    cases = [(size, share) for size in sizes for share in (0.05, 0.2, 0.4)]
    for at in range(450):
        size, share = cases[at % len(cases)]
        items = [place < frame * share for place in range(frame)]
        one, other = (sum(draws.sample(items, size)) for _ in range(2))
        change = tell_change(review_of(one, size - one, frame), review_of(other, size - other, frame), 11)
        alarms += change.outcome in (HIGHER, LOWER)
    assert alarms <= 22


def test_samples_of_different_items_are_not_alike() -> None:
    one = review_of()
    assert is_alike(one, review_of(period="2026-09"))
    assert not is_alike(one, review_of(of="lines"))
    assert not is_alike(one, review_of(where={"code": ["97140"]}))
    assert not is_alike(one, review_of(kind="risk"))


def test_a_practice_beside_its_peers_differs_by_the_interval_of_two_shares_too(shared: Path) -> None:
    """The worked example of a comparative billing report: 15 % of 300 beside 9 % of 10,000."""
    examples = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
    (one,) = (example for example in examples if example["area"] == "stats_peer")
    (x1, n1), (x2, n2) = one["inputs"]["you"], one["inputs"]["peers"]
    low, high = newcombe(x1, n1, x2, n2)
    assert (low > 0 or high < 0) is one["expected"]["significant_at_0_05"]
