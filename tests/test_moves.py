"""The change of a rate splits into rate and mix without remainder, and tells what it is made of."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.figures import Counts
from audit.moves import Part, Split, Value, choose, pair_cases, split_numerator, split_rate


def values(text: str) -> list[Value]:
    """Return the rows of a text table: name, denied and lines before, denied and lines now."""
    rows = [row.split() for row in text.splitlines() if row.strip()][1:]
    return [
        Value(name, Counts(int(denied), int(lines)), Counts(int(now), int(of)))
        for name, denied, lines, now, of in rows
    ]


def added(found: Split) -> float:
    return sum((part.size for part in found.parts), 0.0)


def split(text: str, smallest: int = 11) -> Split:
    found = split_rate("payer", values(text), smallest)
    assert found
    return found


def sizes(found: Split) -> dict[tuple[str, str], float]:
    """Return the parts in points, rounded to a hundredth."""
    return {(part.value.name, part.kind): round(100 * part.size, 2) for part in found.parts}


def told(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    return [(part.value.name, part.kind) for part in parts]


counts = st.integers(0, 400).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
pairs = st.lists(st.tuples(counts, counts), min_size=1, max_size=8).map(
    lambda rows: [Value(f"P{at}", Counts(*before), Counts(*now)) for at, (before, now) in enumerate(rows)]
)


def exact_parts(rows: list[Value]) -> dict[tuple[str, str], Fraction]:
    """Return the split in exact fractions, from its definition."""
    wholes = [
        Counts(sum(one.numerator for one in side), sum(one.base for one in side))
        for side in ([row.before for row in rows], [row.now for row in rows])
    ]
    middle = sum((Fraction(*whole) for whole in wholes), Fraction(0)) / 2
    found: dict[tuple[str, str], Fraction] = {}
    for row in rows:
        shares = [
            Fraction(one.base, whole.base) for one, whole in zip((row.before, row.now), wholes, strict=True)
        ]
        known = [Fraction(*one) for one in (row.before, row.now) if one.base]
        if known:
            mean = sum(known, Fraction(0)) / len(known)
            found[row.name, "rate"] = sum(shares, Fraction(0)) / 2 * (known[-1] - known[0])
            found[row.name, "mix"] = (shares[1] - shares[0]) * (mean - middle)
    return found


@given(pairs)
def test_the_parts_are_the_exact_ones_and_add_up_to_the_change(rows: list[Value]) -> None:
    found = split_rate("payer", rows, 0)
    if found is None:
        bases = [
            sum(one.base for one in side) for side in zip(*((r.before, r.now) for r in rows), strict=True)
        ]
        assert 0 in bases or sum(bool(row.before.base or row.now.base) for row in rows) < 2
        return
    exact = exact_parts(rows)
    change = Fraction(*found.now) - Fraction(*found.before)
    assert sum(exact.values()) == change
    assert abs(found.change - change) <= 1e-12
    assert abs(added(found) - change) <= 1e-12
    for part in found.parts:
        assert abs(part.size - exact[part.value.name, part.kind]) <= 1e-12


@given(pairs, st.integers(1, 60))
def test_pooling_small_values_leaves_nothing_out(rows: list[Value], smallest: int) -> None:
    found = split_rate("payer", rows, smallest)
    if found:
        assert found.before == Counts(*map(sum, zip(*(row.before for row in rows), strict=True)))
        assert found.now == Counts(*map(sum, zip(*(row.now for row in rows), strict=True)))
        assert abs(added(found) - found.change) <= 1e-12
        for value in found.values:
            assert value.pooled or max(value.before.base, value.now.base) >= smallest


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1),
    st.integers(0, 15),
)
def test_reasons_add_up_too(before: dict[str, int], now: dict[str, int], smallest: int) -> None:
    whole = Value("", Counts(sum(before.values()), 200), Counts(sum(now.values()), 190))
    found = split_numerator("reason", pair_cases(before, now, whole), smallest)
    if found:
        assert (found.before, found.now) == (whole.before, whole.now)
        exact = Fraction(*whole.now) - Fraction(*whole.before)
        assert abs(added(found) - exact) <= 1e-12
        assert {part.kind for part in found.parts} == {"rate"}


def test_both_payers_improve_while_the_headline_worsens() -> None:
    """Lines moved to the payer that denies more: the mix raised the rate, both rates lowered it."""
    found = split("""
        name   denied  lines  now  of
        Aetna      40    800    8  200
        Cigna      60    200  200  800
    """)
    assert found.change > 0
    assert sizes(found) == {
        ("Aetna", "rate"): -0.5,
        ("Aetna", "mix"): 6.54,
        ("Cigna", "rate"): -2.5,
        ("Cigna", "mix"): 7.26,
    }
    assert told(found.main) == [("Cigna", "mix"), ("Aetna", "mix")]


def test_the_headline_moves_while_no_rate_moved() -> None:
    found = split("""
        name   denied  lines  now  of
        Aetna      40    800   10  200
        Cigna      60    200  240  800
    """)
    assert round(100 * found.change, 2) == 15
    assert all(part.size == 0 for part in found.parts if part.kind == "rate")
    assert sum(part.size for part in found.parts if part.kind == "mix") == pytest.approx(found.change)


def test_a_rate_moved_while_the_mix_stayed() -> None:
    found = split("""
        name   denied  lines  now  of
        Aetna      40    800   20  400
        Cigna      20    200   40  100
    """)
    assert sizes(found) == {
        ("Aetna", "rate"): 0,
        ("Aetna", "mix"): 0,
        ("Cigna", "rate"): 6,
        ("Cigna", "mix"): 0,
    }


def test_a_value_of_one_period_only_is_mix_alone() -> None:
    """Nothing is known of how the rate of a new or a vanished payer changed."""
    found = split("""
        name   denied  lines  now  of
        Aetna      40    400   40  400
        New         0      0   60  100
        Gone       80    100    0    0
    """)
    named = sizes(found)
    assert named["New", "rate"] == named["Gone", "rate"] == 0
    assert named["New", "mix"] > 0 > named["Gone", "mix"]
    assert added(found) == pytest.approx(found.change, abs=1e-12)


def test_values_of_few_lines_stand_together_and_are_never_named() -> None:
    found = split("""
        name   denied  lines  now  of
        Aetna      10    100   10  100
        Few         0     10    5   10
        Fewer       0      2    9    9
        Grown       1     10    2   11
    """)
    assert [(value.name, value.pooled) for value in found.values] == [("Aetna", 0), ("Grown", 0), ("", 2)]
    assert found.values[-1][1:3] == (Counts(0, 12), Counts(14, 19))
    assert told(found.main) == [("Grown", "rate"), ("Grown", "mix")][: len(found.main)]


@pytest.mark.parametrize(
    "table",
    [
        "name denied lines now of\nA 0 0 4 40\nB 0 0 3 30",
        "name denied lines now of\nA 4 40 0 0\nB 3 30 0 0",
        "name denied lines now of\nA 4 40 9 40",
        "name denied lines now of\nA 0 0 0 0\nB 0 0 0 0",
        "name denied lines now of\nA 1 6 2 7\nB 1 5 2 8",
    ],
    ids=["nothing before", "nothing now", "one value", "nothing at all", "few lines everywhere"],
)
def test_there_is_nothing_to_split(table: str) -> None:
    assert split_rate("payer", values(table), 11) is None


def test_no_reason_and_no_base_are_nothing_to_split() -> None:
    whole = Value("", Counts(0, 0), Counts(0, 50))
    assert split_numerator("reason", pair_cases({}, {}, whole), 11) is None
    assert split_numerator("reason", pair_cases({"CO-97": 0}, {"CO-16": 20, "CO-50": 20}, whole), 11) is None


# --- which group tells most ---------------------------------------------------------------

ONE_PAYER = """
    name   denied  lines  now  of
    Aetna      30    300   31  300
    Cigna      10    100   40  100
"""
EVERY_CODE = """
    name   denied  lines  now  of
    97110      20    200   36  200
    97140      20    200   35  200
"""


def test_the_group_is_shown_whose_parts_tell_more_than_their_size() -> None:
    """Two codes that rose alike cover all of a rise and explain nothing of it."""
    payer = split_rate("payer", values(ONE_PAYER), 11)
    code = split_rate("code", values(EVERY_CODE), 11)
    assert payer
    assert code
    assert payer.change == code.change
    assert code.explained == pytest.approx(1)
    assert payer.telling > 0.6
    assert code.telling < 0.1
    for order in ([payer, code], [code, None, payer]):
        assert choose(order, payer.before, payer.now) is payer


def test_of_equals_the_first_is_shown() -> None:
    payer, code = (split_rate(group, values(ONE_PAYER), 11) for group in ("payer", "code"))
    assert payer
    chosen = choose([payer, code], payer.before, payer.now)
    assert chosen is payer


def test_a_group_that_does_not_divide_the_whole_is_not_shown() -> None:
    """Visits counted by code are services: more than the visits."""
    found = split(ONE_PAYER)
    assert choose([found], found.before, Counts(70, 399)) is None


def test_a_rate_that_did_not_move_has_no_parts_to_name() -> None:
    table = "name denied lines now of\nA 10 100 20 100\nB 20 100 10 100"
    found = split(table)
    assert choose([found], found.before, found.now) is None


def test_what_overshoots_tells_less() -> None:
    over = split("""
        name   denied  lines  now  of
        Aetna      30    200   70  200
        Cigna      40    200   10  200
    """)
    assert over.explained > 3
    assert over.telling < 0


def test_a_second_part_is_named_only_where_it_counts() -> None:
    found = split("""
        name   denied  lines  now  of
        Aetna      10    100   60  100
        Cigna     100   1000  101  1000
    """)
    assert told(found.main) == [("Aetna", "rate")]
