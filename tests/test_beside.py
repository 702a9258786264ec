"""What may be said of a figure of two saved periods: never more than the numbers bear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from audit.beside import CHANCE, DIFFERENT, HEADLINES, OVERLAP, Beside
from audit.figures import HIGHER, LOWER, NOT_JUDGED, TOO_FEW
from audit.intervals import newcombe
from audit.results import Results
from audit.settings import load_settings
from audit.topics import TOPICS
from tests.pairs import paired
from tests.saved import MANIFEST, limits, measure, saved

RATE = "denials/first_rate"


@dataclass(frozen=True)
class Share:
    """A share of lines in one period."""

    top: int
    base: int
    effective: float | str = "-"
    outcome: str = "-"


def period(name: str, share: Share, **more: Any) -> Results:
    effective = share.base if share.effective == "-" and share.base else share.effective
    row = f"{RATE} {share.top} {share.base} {effective} {share.outcome}"
    return saved(name, f"figure top base effective outcome\n{row}", **more)


def beside(earlier: Results, later: Results, name: str = RATE) -> Beside:
    found = paired(earlier, later).beside(name)
    assert found
    return found


def read(one: Share, other: Share) -> str:
    return beside(period("2026-07", one), period("2026-10", other)).reading


@pytest.mark.parametrize(
    ("one", "other", "reading"),
    [
        (Share(20, 400), Share(60, 400), HIGHER),
        (Share(60, 400), Share(20, 400), LOWER),
        (Share(20, 400), Share(28, 400), CHANCE),
        (Share(20, 400), Share(20, 400), CHANCE),
        (Share(0, 400), Share(0, 400), CHANCE),
        # With lines of one claim answered together the same counts tell less.
        (Share(20, 400, 60), Share(44, 400, 60), CHANCE),
        (Share(20, 400, 400), Share(44, 400, 400), HIGHER),
        # Eleven lines on either side are the least.
        (Share(0, 11), Share(11, 11), HIGHER),
        (Share(0, 10), Share(11, 11), TOO_FEW),
        (Share(0, 400), Share(10, 10), TOO_FEW),
        # What either report did not judge is not judged here.
        (Share(20, 400), Share(60, 400, 400, "not_judged_yet"), NOT_JUDGED),
        (Share(20, 400, 400, "not_judged_yet"), Share(60, 400), NOT_JUDGED),
        # Nothing measured, nothing said.
        (Share(0, 0), Share(60, 400), ""),
    ],
)
def test_a_share_is_called_higher_or_lower_only_beyond_chance(one: Share, other: Share, reading: str) -> None:
    assert read(one, other) == reading


def test_the_interval_of_the_change_is_newcombes_with_the_effective_bases() -> None:
    both = beside(period("2026-07", Share(20, 400, 210)), period("2026-10", Share(60, 420, 250)))
    low, high = newcombe(60, 420, 20, 400, effective1=250, effective2=210)
    assert (both.low, both.high) == (low, high)
    assert both.change == pytest.approx(60 / 420 - 20 / 400)


def test_a_wider_interval_says_less() -> None:
    """The stricter of the two files' limits decides: confidence and smallest base."""
    strict = msgspec.structs.replace(MANIFEST, limits=limits(smallest=500, confidence=0.9999))
    assert beside(period("2026-07", Share(20, 400)), period("2026-10", Share(40, 400))).reading == HIGHER
    surer = msgspec.structs.replace(MANIFEST, limits=limits(confidence=0.9999))
    one = period("2026-07", Share(20, 400))
    assert beside(one, period("2026-10", Share(40, 400), manifest=surer)).reading == CHANCE
    assert beside(one, period("2026-10", Share(60, 400), manifest=strict)).reading == TOO_FEW


def test_overlapping_periods_are_not_judged() -> None:
    both = beside(period("2026-07", Share(20, 400)), period("2026-Q3", Share(180, 1200)))
    assert (both.reading, both.low) == (OVERLAP, None)


def test_a_measure_that_changed_its_meaning_is_not_compared() -> None:
    other = {RATE: measure(RATE, definition="Something else.")}
    both = beside(period("2026-07", Share(20, 400)), period("2026-10", Share(60, 400), measures=other))
    assert (both.reading, both.change) == (DIFFERENT, None)


def test_a_title_alone_may_change() -> None:
    other = {RATE: measure(RATE, title="Refused at first answer")}
    assert (
        beside(period("2026-07", Share(20, 400)), period("2026-10", Share(60, 400), measures=other)).reading
        == HIGHER
    )


def test_a_share_of_money_has_a_change_and_no_word() -> None:
    both = beside(
        saved("2026-07", f"figure top base\n{RATE} 2000 40000"),
        saved("2026-10", f"figure top base\n{RATE} 9000 40000"),
    )
    assert (both.reading, both.low) == ("", None)
    assert both.change == pytest.approx(0.175)


def test_every_headline_is_a_measure() -> None:
    settings = load_settings(None)
    known = {one.id for topic in TOPICS for one in (*topic.measures(settings), *topic.standing(settings))}
    assert [name for name in HEADLINES if name not in known] == []
