"""How many units minutes support: by total time with every split that is right, and by midpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.unit_counting import (
    CodesOfDay,
    count_units,
    exceed_visit,
    place_units,
    price_units,
    split_total,
)
from tests.tables import read_table

Units = Mapping[str, int]

EXAMPLES = """
    source               | minutes                             | total | right                                       | midpoint
    manual, 1            | 97112:24 97110:23                   | 3     | 97112:2 97110:1                             | 97112:2 97110:2
    manual, 2            | 97112:20 97110:20                   | 3     | 97112:2 97110:1 or 97112:1 97110:2          | 97112:1 97110:1
    manual, 3            | 97110:33 97140:7                    | 3     | 97110:2 97140:1                             | 97110:2 97140:0
    manual, 4            | 97110:18 97140:13 97116:10 97035:8  | 3     | 97110:1 97140:1 97116:1 97035:0             | 97110:1 97140:1 97116:1 97035:1
    manual, 5            | 97112:7 97110:7 97140:7             | 1     | 97112:1 97110:0 97140:0 or 97112:0 97110:1 97140:0 or 97112:0 97110:0 97140:1 | 97112:0 97110:0 97140:0
    manual, timed        | 97530:60                            | 4     | 97530:4                                     | 97530:4
    bands                | 97124:7                             | 0     | 97124:0                                     | 97124:0
    bands                | 97124:8                             | 1     | 97124:1                                     | 97124:1
    bands                | 97124:22                            | 1     | 97124:1                                     | 97124:1
    bands                | 97124:23                            | 2     | 97124:2                                     | 97124:2
    bands                | 97124:37                            | 2     | 97124:2                                     | 97124:2
    bands                | 97124:38                            | 3     | 97124:3                                     | 97124:3
    bands                | 97124:52                            | 3     | 97124:3                                     | 97124:3
    bands                | 97124:53                            | 4     | 97124:4                                     | 97124:4
    worked by the rule   | 97140:25 97110:14 97112:6           | 3     | 97140:2 97110:1 97112:0                     | 97140:2 97110:1 97112:0
    both ways beside     | 97110:10 97140:10                   | 1     | 97110:1 97140:0 or 97110:0 97140:1          | 97110:1 97140:1
    both ways beside     | 97110:22 97140:7                    | 2     | 97110:1 97140:1 or 97110:2 97140:0          | 97110:1 97140:0
    both ways beside     | 97110:8 97112:8 97140:8 97530:8     | 2     | -                                           | 97110:1 97112:1 97140:1 97530:1
"""  # noqa: E501
"""Medicare Claims Processing Manual, chapter 5, section 20.2 (example 5: general knowledge), and more."""


def parse(text: str) -> dict[str, int]:
    return {code: int(number) for code, number in (part.split(":") for part in text.split())}


def day_of(minutes: Units, billed: Units, prices: Units | None = None) -> CodesOfDay:
    """Return the codes of one day; units billed are written in units here."""
    codes = sorted(minutes)
    columns = (
        [0 for _ in codes],
        [minutes[code] for code in codes],
        [100 * billed.get(code, 0) for code in codes],
        [(prices or {}).get(code, 3000) for code in codes],
        list(range(len(codes))),
    )
    return CodesOfDay(*(np.array(column, dtype=np.int64) for column in columns))


def split(minutes: Units, billed: Units, prices: Units | None = None) -> dict[str, int]:
    """Return the right split that is nearest to what was billed."""
    return dict(zip(sorted(minutes), split_total(day_of(minutes, billed, prices)).tolist(), strict=True))


def find_right(minutes: Units) -> list[dict[str, int]]:
    """Return every right split, straight from the rule: full blocks first, then the largest remainders."""
    total = (sum(minutes.values()) + 7) // 15
    whole = {code: value // 15 for code, value in minutes.items()}
    found = []
    for extra in product((0, 1), repeat=len(minutes)):
        given_to = dict(zip(minutes, extra, strict=True))
        rest = {code: minutes[code] % 15 for code in minutes}
        with_one = [rest[code] for code in minutes if given_to[code]]
        without = [rest[code] for code in minutes if not given_to[code]]
        if sum(whole.values()) + sum(extra) != total:
            continue
        if with_one and without and min(with_one) < max(without):
            continue
        found.append({code: whole[code] + given_to[code] for code in minutes})
    return found


@pytest.mark.parametrize(
    ("source", "minutes", "total", "right", "midpoint"),
    list(read_table(EXAMPLES).itertuples(index=False, name=None)),
)
def test_published_examples(source: str, minutes: str, total: str, right: str, midpoint: str) -> None:
    """Every split that the manual allows is right, and no other one is; each code alone by midpoint."""
    recorded = parse(minutes)
    allowed = [parse(one) for one in right.split(" or ")] if right else find_right(recorded)
    assert sorted(map(str, map(sorted_units, allowed))) == sorted(
        map(str, map(sorted_units, find_right(recorded)))
    )
    for billed in allowed:
        assert split(recorded, billed) == billed, source
        assert sum(billed.values()) == int(total)
    alone = {code: int(count_units(np.array([value]))[0]) for code, value in recorded.items()}
    assert alone == parse(midpoint)


def sorted_units(units: Units) -> list[tuple[str, int]]:
    return sorted(units.items())


def test_fixtures_of_the_unit_rules(shared: Path) -> None:
    told = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
    fixtures = [one for one in told if one["area"] == "units"]
    assert fixtures
    for one in fixtures:
        minutes, expected = one["inputs"]["timed_minutes"], one["expected"]
        right = find_right(minutes)
        assert all(split(minutes, billed) == billed for billed in right), one["id"]
        assert {sum(billed.values()) for billed in right} == {expected["cms_total_units"]}
        assert (len(right) > 1) == expected["cms_allocation_is_tie"]
        if not expected["cms_allocation_is_tie"]:
            assert right == [expected["cms_allocation"]]
        alone = {code: int(count_units(np.array([value]))[0]) for code, value in minutes.items()}
        assert alone == expected["midpoint_units"]
        assert sum(alone.values()) == expected["midpoint_total"]


minutes_of_day = st.dictionaries(
    st.sampled_from(["97035", "97110", "97112", "97124", "97140", "97530"]),
    st.integers(1, 70),
    min_size=1,
    max_size=5,
)


@given(minutes_of_day, st.lists(st.integers(0, 5), min_size=5, max_size=5))
def test_no_right_split_is_nearer_to_what_was_billed(minutes: Units, numbers: list[int]) -> None:
    billed = dict(zip(minutes, numbers, strict=False))
    right = find_right(minutes)
    found = split(minutes, billed)
    assert found in right

    def far(one: Units) -> int:
        return sum(abs(one[code] - billed[code]) for code in minutes)

    assert far(found) == min(map(far, right))


@given(st.lists(minutes_of_day, min_size=1, max_size=5), st.randoms())
def test_days_do_not_touch_each_other_in_whatever_order_they_stand(
    days: list[dict[str, int]], random: object
) -> None:
    rows = [
        (at, code, value, value % 4) for at, day in enumerate(days) for code, value in sorted(day.items())
    ]
    random.shuffle(rows)  # type: ignore[attr-defined]
    names = sorted({code for _, code, *_ in rows})
    numbers = np.array(
        [(at, value, 100 * billed, 3000, names.index(code)) for at, code, value, billed in rows]
    )
    found = split_total(CodesOfDay(*numbers.T))
    for (at, code, *_), units in zip(rows, found.tolist(), strict=True):
        assert split(days[at], {code: value % 4 for code, value in days[at].items()})[code] == units


def test_of_codes_that_are_equal_the_dearest_keeps_its_unit() -> None:
    """20 and 20 minutes billed as 2 and 2: the cheap one has the unit too many."""
    minutes, billed = {"97110": 20, "97530": 20}, {"97110": 2, "97530": 2}
    assert split(minutes, billed, {"97110": 3000, "97530": 4000}) == {"97110": 1, "97530": 2}
    assert split(minutes, billed, {"97110": 4000, "97530": 3000}) == {"97110": 2, "97530": 1}


def test_of_codes_that_bill_too_little_the_cheapest_lacks_the_unit() -> None:
    minutes, billed = {"97110": 20, "97530": 20}, {"97110": 1, "97530": 1}
    assert split(minutes, billed, {"97110": 3000, "97530": 4000}) == {"97110": 2, "97530": 1}


@pytest.mark.parametrize(
    ("billed", "codes", "minutes", "together", "alone"),
    [
        (300, 1, 40, 0, 0),
        (300, 1, 38, 0, 0),
        (300, 1, 37, 100, 100),
        (200, 2, 16, 100, 0),  # 8 minutes each are 2 units by midpoint, 16 together are 1
        (200, 2, 15, 100, 100),
        (400, 2, 10, 300, 300),
        (0, 0, 0, 0, 0),
    ],
)
def test_units_above_all_minutes_of_a_visit(
    billed: int, codes: int, minutes: int, together: int, alone: int
) -> None:
    """By midpoint as many codes as are billed may each need 8 minutes only for one of their units."""
    found = exceed_visit(np.array([billed]), np.array([codes]), np.array([minutes]))
    assert [int(one[0]) for one in found] == [together, alone]


@given(minutes_of_day, st.integers(0, 40))
def test_what_codes_support_is_never_above_the_minutes_of_their_visit(minutes: Units, untimed: int) -> None:
    length = np.array([sum(minutes.values()) + untimed])
    right = sum(find_right(minutes)[0].values())
    alone = [value for value in ((value + 7) // 15 for value in minutes.values()) if value]
    by_total = exceed_visit(np.array([100 * right]), np.array([len(minutes)]), length)[0]
    by_code = exceed_visit(np.array([100 * sum(alone)]), np.array([len(alone)]), length)[1]
    assert (int(by_total[0]), int(by_code[0])) == (0, 0)


def test_units_of_a_group_are_placed_on_its_cheapest_row_first() -> None:
    """No row holds more than was billed on it; a row that is alone takes all."""
    amount, group = np.array([300, 100]), np.array([0, 0, 1, 0])
    room, price = np.array([200, 100, 100, 200]), np.array([30, 20, 30, 40])
    placed = place_units(amount, group, room, price, (np.arange(4),))
    assert placed.tolist() == [200, 100, 100, 0]


def test_a_unit_costs_what_the_line_does_divided_by_its_units() -> None:
    assert price_units(np.array([9000, 9000, 5000]), np.array([300, 150, 0])).tolist() == [3000, 6000, 0]
