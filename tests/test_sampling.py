"""Sampling: what the frame holds, in which order, and what is drawn from it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.draws import GENERATORS, draw
from audit.errors import SettingsError
from audit.sampling import Wanted, build_frame, draw_items, make_seed, parse_seed, parse_where, pick_items
from audit.topics import TOPICS
from tests.practices import mark_rows, shipped
from tests.tables import claim_lines

if TYPE_CHECKING:
    from audit.populations import Populations
    from audit.sampling import Frame

LINES = """
    visit claim_id clinician payer  code  service_date charge
    a     C1       Lee       Aetna  97140 10-05        60.00
    a     C1       Lee       Aetna  97124 10-05        45.00
    b     C2       Ruiz      Cigna  97140 10-05        60.00
    c     C3       Lee       Aetna  97140 10-06        60.00
    d     C3       Lee       Cigna  97110 10-07        50.00
    e     C4       Ruiz      Aetna  97140 09-30        60.00
"""
OCTOBER = range(1, 2)


@pytest.fixture(scope="module")
def marked() -> Populations:
    return mark_rows(LINES)


def lines_of(frame: Frame, populations: Populations) -> list[str]:
    """Return the items of a frame in order, each by the visits, codes and payers of its lines."""
    told = populations.lines.frame
    rows = frame.rows_of(range(len(frame)))
    return [
        " ".join(f"{told['clinician'].iloc[row]}/{told['code'].iloc[row]}" for row in rows[item])
        for item in range(len(frame))
    ]


def many(number: int, strata: int = 1) -> Populations:
    rows = "\n".join(f"L{at:04d} 2026-10-{at % 28 + 1:02d} K{at % strata}" for at in range(number))
    return mark_rows(f"line_id service_date clinician\n{rows}")


# --- the frame ----------------------------------------------------------------------------


def test_visits_of_the_period_stand_by_day_then_clinician(marked: Populations) -> None:
    """Each with all of its lines; September's visit is left out."""
    frame = build_frame(marked, Wanted(), OCTOBER)
    assert lines_of(frame, marked) == ["Lee/97124 Lee/97140", "Ruiz/97140", "Lee/97140", "Lee/97110"]


def test_claims_and_lines_are_items_too(marked: Populations) -> None:
    claims = build_frame(marked, Wanted(of="claims"), OCTOBER)
    assert lines_of(claims, marked) == ["Lee/97124 Lee/97140", "Ruiz/97140", "Lee/97140 Lee/97110"]
    assert len(build_frame(marked, Wanted(of="lines"), OCTOBER)) == 5


def test_a_filter_keeps_the_lines_that_fit(marked: Populations) -> None:
    """A visit is made of those of its lines that fit; several values of one group may each be there."""
    where = parse_where(["code=97140", "clinician=Lee"])
    assert lines_of(build_frame(marked, Wanted(where=where), OCTOBER), marked) == ["Lee/97140", "Lee/97140"]
    both = parse_where(["code=97124", "code=97110"])
    assert lines_of(build_frame(marked, Wanted(where=both), OCTOBER), marked) == ["Lee/97124", "Lee/97110"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (["code:97140"], "A filter is one of code, payer, clinician, location"),
        (["month=5"], "A filter is one of"),
    ],
)
def test_a_filter_that_is_none_is_told(where: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse_where(where)


def test_a_value_or_period_that_is_not_there_is_told(marked: Populations) -> None:
    with pytest.raises(SettingsError, match="There is no code 99999 in these files"):
        build_frame(marked, Wanted(where={"code": ("99999",)}), OCTOBER)
    with pytest.raises(SettingsError, match="no lines of that period and filter"):
        build_frame(marked, Wanted(), range(5, 6))


@settings(max_examples=15)
@given(st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing_of_the_frame(order: list[int]) -> None:
    """Lines alike in everything that orders the frame but their number or patient stand by these."""
    rows = [f"L{at} C{at // 2} P{at % 3} {('97140', '97124')[at % 2]} 10-0{at % 4 + 1}" for at in range(12)]
    head = "line_id claim_id patient code service_date"
    text = "\n".join([head, *(rows[at] for at in order)])
    frame = claim_lines(text)
    found = mark_rows(text, "service_date\n" + "\n".join(["2026-10-05"] * 12))
    built = build_frame(found, Wanted(of="lines"), range(found.months))
    named = frame["line_id"].astype(str).to_numpy()[built.rows].tolist()
    assert named == sorted(
        named, key=lambda name: (int(name[1:]) % 4, int(name[1:]) % 2 == 0, int(name[1:]) // 2)
    )


def test_text_is_ordered_by_code_points_not_by_a_locale() -> None:
    found = mark_rows("clinician service_date\nÖst 10-05\nZoe 10-05\nabel 10-05\nAbel 10-05")
    assert [one[:4] for one in lines_of(build_frame(found, Wanted(), range(1)), found)] == [
        *("Abel", "Zoe/", "abel", "Öst/")
    ]


# --- drawing ------------------------------------------------------------------------------


def test_what_is_drawn_is_what_the_generator_draws_of_the_frames_size() -> None:
    """Positions from 1 in the order of the frame, so that RAT-STATS gives the same."""
    frame = build_frame(many(1000), Wanted(of="lines"), range(1))
    drawn = draw_items(frame, Wanted(of="lines", size=10, spares=4), "rat-stats", Decimal("48863.78"))
    positions = [one.position for one in drawn.items]
    assert positions == [718, 643, 247, 236, 821, 650, 257, 141, 301, 22, 980, 507, 440, 557]
    assert [one.item + 1 for one in drawn.items] == positions
    assert [one.spare for one in drawn.items] == [False] * 10 + [True] * 4


def test_each_stratum_is_drawn_by_a_seed_of_its_own() -> None:
    """The seeds follow each other in the order of the strata's names, and are told."""
    frame = build_frame(many(90, strata=3), Wanted(stratify="clinician"), range(1))
    drawn = draw_items(frame, Wanted(each=4, spares=1), "rat-stats", Decimal("12.5"))
    assert [(part.name, part.size, part.drawn, part.spares, part.seed) for part in drawn.parts] == [
        ("K0", 30, 4, 1, "12.5"),
        ("K1", 30, 4, 1, "13.5"),
        ("K2", 30, 4, 1, "14.5"),
    ]
    third = [one.position for one in drawn.items if one.stratum == 2 and not one.spare]
    assert third == list(draw("rat-stats", 14.5, 30, 4).sample)
    members = np.flatnonzero(frame.stratum == 2)
    assert [one.item for one in drawn.items if one.stratum == 2 and not one.spare] == [
        members[at - 1] for at in third
    ]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.data())
def test_a_size_is_shared_out_in_proportion(sizes: list[int], data: st.DataObject) -> None:
    """Exactly so many, no more than there are, two at least where there are two, else nearly its share."""
    from audit.sampling import FEWEST, _share_out

    fewest = sum(min(FEWEST, size) for size in sizes)
    number = data.draw(st.integers(fewest, sum(sizes)))
    given_to = _share_out(sizes, Wanted(size=number))
    assert sum(given_to) == number
    assert all(min(FEWEST, size) <= one <= size for one, size in zip(given_to, sizes, strict=True))
    if all(number * size >= FEWEST * sum(sizes) for size in sizes):
        assert all(
            abs(one - number * size / sum(sizes)) < 1 for one, size in zip(given_to, sizes, strict=True)
        )


def test_a_small_stratum_gives_all_it_has_and_no_spare() -> None:
    frame = build_frame(mark_rows(LINES), Wanted(stratify="clinician"), OCTOBER)
    drawn = draw_items(frame, Wanted(each=5, spares=2), "pcg64", Decimal(7))
    assert [(part.name, part.size, part.drawn, part.spares) for part in drawn.parts] == [
        ("Lee", 3, 3, 0),
        ("Ruiz", 1, 1, 0),
    ]


def test_an_item_of_two_payers_is_in_the_first_ones_stratum(marked: Populations) -> None:
    frame = build_frame(marked, Wanted(of="claims", stratify="payer"), OCTOBER)
    assert dict(zip(frame.strata, frame.sizes, strict=True)) == {"Aetna": 2, "Cigna": 1}


def test_too_much_or_too_little_is_told(marked: Populations) -> None:
    frame = build_frame(marked, Wanted(stratify="clinician"), OCTOBER)
    with pytest.raises(SettingsError, match="The frame holds 4 visits"):
        draw_items(frame, Wanted(size=5), "pcg64", Decimal(1))
    with pytest.raises(SettingsError, match="Each of the 2 strata needs 2 items, 3 altogether"):
        draw_items(frame, Wanted(size=2), "pcg64", Decimal(1))
    with pytest.raises(SettingsError, match="visits cannot be divided by code"):
        build_frame(marked, Wanted(stratify="code"), OCTOBER)


def test_a_second_reviewer_gets_a_random_part_of_what_was_drawn() -> None:
    frame = build_frame(many(90, strata=3), Wanted(stratify="clinician"), range(1))
    drawn = draw_items(frame, Wanted(each=4, spares=1, second=Fraction(1, 5)), "pcg64", Decimal(5))
    assert len(drawn.second) == 3
    assert not any(drawn.items[at].spare for at in drawn.second)
    parts = {
        draw_items(frame, Wanted(each=4, second=Fraction(1, 5)), "pcg64", Decimal(seed)).second
        for seed in range(20)
    }
    assert len(parts) > 10


def test_every_item_is_as_likely_as_another() -> None:
    frame = build_frame(many(10), Wanted(of="lines"), range(1))
    times = Counter(
        one.item
        for seed in range(2000)
        for one in draw_items(frame, Wanted(size=3, spares=0), "pcg64", Decimal(seed)).items
    )
    assert len(times) == 10
    assert max(times.values()) < 1.2 * min(times.values())


@pytest.mark.parametrize(
    ("text", "generator", "said"),
    [
        ("abc", "rat-stats", "from 0 to below 1,000,000"),
        ("-1", "rat-stats", "from 0 to below 1,000,000"),
        ("1000000", "rat-stats", "from 0 to below 1,000,000"),
        ("nan", "rat-stats", "from 0 to below 1,000,000"),
        ("1.5", "pcg64", "a whole number from 0"),
        ("inf", "pcg64", "a whole number from 0"),
    ],
)
def test_a_seed_that_cannot_be_taken_is_told(text: str, generator: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse_seed(text, generator)  # type: ignore[arg-type]


def test_a_seed_that_nobody_chose_can_be_typed_again() -> None:
    for generator in GENERATORS:
        made = [make_seed(generator) for _ in range(20)]
        assert len(set(made)) > 15
        assert all(parse_seed(str(one), generator) == one for one in made)


# --- risk ---------------------------------------------------------------------------------


def test_a_risk_pick_takes_what_most_rules_found_first() -> None:
    """Of as many findings, the dearer first; what no rule found is not picked."""
    found = mark_rows(
        """
        visit code  first_decision charge service_date
        a     97140 denied         60.00  10-05
        b     97140 paid           60.00  10-06
        c     97140 denied         90.00  10-07
        """
    )
    rules = [rule for topic in TOPICS for rule in topic.rules(shipped())]
    frame = build_frame(found, Wanted(), range(1))
    picked = pick_items(frame, found, [rule for rule in rules if rule.id == "denials/open"], None)
    assert [one.item for one in picked.items] == [2, 0]
    assert {one.findings for one in picked.items} == {("denials/open",)}
    assert [one.item for one in pick_items(frame, found, rules, 1).items] == [2]
    with pytest.raises(SettingsError, match="No rule found anything"):
        pick_items(frame, found, [], None)
