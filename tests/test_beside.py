"""What may be said of a figure of two saved periods: never more than the numbers bear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from audit.beside import DIFFERENT, HEADLINES, NOT_ADDING, OVERLAP, Beside
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, TOO_FEW
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
    outcome: str = "does_not_exceed"


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
        (Share(20, 400), Share(100, 400), HIGHER),
        (Share(100, 400), Share(10, 400), LOWER),
        (Share(20, 400), Share(28, 400), BY_CHANCE),
        (Share(20, 400), Share(20, 400), NOT_HIGHER),
        (Share(0, 400), Share(0, 400), NOT_HIGHER),
        # With lines of one claim answered together the same counts tell less.
        (Share(20, 400, 30), Share(80, 400, 30), BY_CHANCE),
        (Share(20, 400, 400), Share(80, 400, 400), HIGHER),
        # Eleven effective lines on either side are the least.
        (Share(0, 100, 11), Share(100, 100, 11), HIGHER),
        (Share(0, 100, 10), Share(100, 100, 11), TOO_FEW),
        (Share(0, 11), Share(11, 11), HIGHER),
        (Share(0, 10), Share(11, 11), TOO_FEW),
        (Share(0, 400), Share(10, 10), TOO_FEW),
        # What either report did not judge is not judged here.
        (Share(20, 400), Share(60, 400, 400, "not_judged_yet"), NOT_JUDGED),
        (Share(20, 400, 400, "not_judged_yet"), Share(60, 400), NOT_JUDGED),
        # What either report does not test at all has a change and no word.
        (Share(20, 400, 400, "-"), Share(60, 400), ""),
        (Share(20, 400), Share(60, 400, 400, "-"), ""),
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


def test_the_stricter_limits_decide() -> None:
    """The larger smallest base of the two files; and the wider interval, which is no source of words."""
    strict = msgspec.structs.replace(MANIFEST, limits=limits(smallest=500))
    surer = msgspec.structs.replace(MANIFEST, limits=limits(confidence=0.9999))
    one, other = Share(20, 400), Share(100, 400)
    assert beside(period("2026-07", one), period("2026-10", other, manifest=strict)).reading == TOO_FEW
    wide = beside(period("2026-07", one), period("2026-10", other, manifest=surer))
    plain = beside(period("2026-07", one), period("2026-10", other))
    assert (wide.reading, plain.reading) == (HIGHER, HIGHER)
    assert wide.low is not None
    assert plain.low is not None
    assert wide.low < plain.low


def test_all_figures_of_the_page_are_one_family() -> None:
    """What would be found alone is chance among sixty codes that did not move."""
    head = "figure top base effective outcome"
    alone = [f"{RATE}/code=97140 {top} 100 100 does_not_exceed" for top in (10, 32)]
    quiet = "\n".join(f"{RATE}/code={code} 10 100 100 does_not_exceed" for code in range(60))
    for others, word in (("", HIGHER), (quiet, BY_CHANCE)):
        one, other = (f"{head}\n{row}\n{others}" for row in alone)
        found = paired(saved("2026-07", one), saved("2026-10", other)).beside(RATE, "code", "97140")
        assert found
        assert found.reading == word


def test_ranges_of_any_length_are_compared() -> None:
    """Three months beside the same three a year before, and a month beside a quarter."""
    for before, after in (("2025-01..2025-03", "2026-01..2026-03"), ("2026-Q2", "2026-10")):
        assert beside(period(before, Share(60, 1200)), period(after, Share(150, 600))).reading == HIGHER


def test_what_does_not_add_up_over_months_is_not_comparable_between_unequal_lengths() -> None:
    row = "figure top\nusage/patients"
    unequal = beside(saved("2026-Q2", f"{row} 90"), saved("2026-10", f"{row} 50"), "usage/patients")
    assert unequal.reading == NOT_ADDING == "not comparable"
    alike = beside(saved("2025-Q2", f"{row} 90"), saved("2026-Q2", f"{row} 50"), "usage/patients")
    assert alike.reading == ""


@pytest.mark.parametrize(
    ("july", "october", "reading"),
    [(True, True, HIGHER), (False, True, NOT_JUDGED), (True, False, NOT_JUDGED), (None, None, HIGHER)],
)
def test_denials_of_a_young_period_have_no_word(
    july: bool | None, october: bool | None, reading: str
) -> None:
    """Even where its report, which knows what is still to come, has one."""
    one = period("2026-07", Share(20, 400), mature=july)
    assert beside(one, period("2026-10", Share(100, 400), mature=october)).reading == reading


def test_overlapping_periods_are_not_judged() -> None:
    both = beside(period("2026-07", Share(20, 400)), period("2026-Q3", Share(180, 1200)))
    assert (both.reading, both.low) == (OVERLAP, None)


def test_a_measure_that_changed_its_meaning_is_not_compared() -> None:
    other = {RATE: measure(RATE, definition="Something else.")}
    both = beside(period("2026-07", Share(20, 400)), period("2026-10", Share(60, 400), measures=other))
    assert (both.reading, both.change) == (DIFFERENT, None)


def test_answers_still_to_come_make_no_word_between_different_ages() -> None:
    """A hundred of October's lines wait: denied, they would undo its fall. At July's age they do not."""
    head, row = "figure top base effective outcome", f"{RATE} {{}} 1000 1000 does_not_exceed"
    waits = "answers/answered 1000 {} {} -"
    july, october = (f"{head}\n{row.format(top)}\n{waits}" for top in (100, 20))
    for waiting, as_of, reading in (
        (100, "2026-11-30", NOT_HIGHER),
        (100, "2027-01-31", LOWER),
        (0, "2026-11-30", LOWER),
    ):
        base = 1000 + waiting
        earlier = saved("2026-07", july.format(1000, 1000), as_of="2026-10-31")
        later = saved("2026-10", october.format(base, base), as_of=as_of)
        assert beside(earlier, later).reading == reading


def test_a_title_alone_may_change() -> None:
    other = {RATE: measure(RATE, title="Refused at first answer")}
    assert (
        beside(period("2026-07", Share(20, 400)), period("2026-10", Share(100, 400), measures=other)).reading
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
