"""Random draws: as the auditors' program draws, as kept here for good, and what must hold of any draw."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from audit.draws import GENERATORS, PCG64, RAT_STATS, Draw, Generator, draw

generators = st.sampled_from(GENERATORS)
frames = st.integers(1, 3000)
seeds = st.integers(0, 2**40)


KEPT = Draw((839, 764, 349, 605, 534, 54, 932, 703, 798, 850), (172, 660, 598, 976))


def drawn_plainly(seed: float, frame: int) -> Iterator[int]:
    """Yield positions one by one: the rule as it is told, without a table of powers."""
    state = 8388799

    def rnd(bound: int) -> int:
        nonlocal state
        while True:
            state = (1140671485 * state + 12820163) & 0xFFFFFF
            if (value := bound * state / 2**24 + 1) < bound:
                return int(value)

    rnd(30269)
    bits = struct.pack("<d", seed)
    state = state & 0xFF | (bits[4] ^ bits[6]) << 8 | (bits[5] ^ bits[7]) << 16
    a, b, c = rnd(30269), rnd(30307), rnd(30323)
    told: set[int] = set()
    while len(told) < frame:
        a, b, c = 171 * a % 30269, 172 * b % 30307, 170 * c % 30323
        position = int((a / 30269 + b / 30307 + c / 30323) % 1 * frame) + 1
        if position not in told:
            told.add(position)
            yield position


class TestAsRatStatsDraws:
    def test_the_published_draw(self) -> None:
        """Ten of 1 to 1,000 and four spares, seed 48863.78: printed in the help of cbtek/RStats2017."""
        drawn = draw(RAT_STATS, 48863.78, 1000, 10, 4)
        assert drawn.sample == (718, 643, 247, 236, 821, 650, 257, 141, 301, 22)
        assert drawn.spares == (980, 507, 440, 557)
        assert sum(drawn.sample + drawn.spares) == 6520

    def test_the_draw_of_another_program(self) -> None:
        """Ten of 1 to 500, seed 12345.67: by a re-implementation that gives the published draw too."""
        assert draw(RAT_STATS, 12345.67, 500, 10).sample == (330, 249, 273, 228, 239, 311, 458, 43, 212, 100)

    def test_every_draw_of_the_shared_examples(self, shared: Path) -> None:
        examples = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
        draws = [one for one in examples if one["area"] == "stats_rng"]
        assert draws
        for one in draws:
            asked = one["inputs"]
            assert asked["low"] == 1
            drawn = draw(RAT_STATS, float(asked["seed"]), asked["high"], asked["count"])
            assert list(drawn.sample) == one["expected"]["in_order"]

    @given(st.floats(-1e6, 1e6), st.integers(1, 200), st.data())
    def test_it_draws_as_a_plain_program_does(self, seed: float, frame: int, data: st.DataObject) -> None:
        size = data.draw(st.integers(0, frame))
        assert list(draw(RAT_STATS, seed, frame, size).sample) == list(
            islice(drawn_plainly(seed, frame), size)
        )

    def test_seeds_that_share_sixteen_bits_draw_alike(self) -> None:
        """So few draws are there: who picks a seed after the fact cannot pick among millions."""
        assert draw(RAT_STATS, 48863.78, 1000, 10) == draw(RAT_STATS, 48863.781, 1000, 10)
        assert draw(RAT_STATS, 48863.78, 1000, 10) != draw(RAT_STATS, 48863.85, 1000, 10)

    @pytest.mark.parametrize("seed", [float("nan"), float("inf")])
    def test_a_seed_is_a_finite_number(self, seed: float) -> None:
        with pytest.raises(ValueError, match="finite"):
            draw(RAT_STATS, seed, 10, 1)


class TestByPcg64:
    def test_the_kept_draw(self) -> None:
        """What must never change: else no sample of the past can be drawn again."""
        assert draw(PCG64, 20260417, 1000, 10, 4) == KEPT

    def test_it_is_the_frame_in_the_order_of_its_raw_numbers(self) -> None:
        keys = np.random.PCG64(20260417).random_raw(1000)
        assert draw(PCG64, 20260417, 1000, 1000).sample == tuple(np.argsort(keys, kind="stable") + 1)

    @pytest.mark.parametrize("seed", [-1, 2.5])
    def test_a_seed_is_a_whole_number(self, seed: float) -> None:
        with pytest.raises(ValueError, match="whole number"):
            draw(PCG64, seed, 10, 1)


class TestAnyDraw:
    @given(generators, seeds, frames, st.data())
    def test_none_comes_twice_and_all_are_of_the_frame(
        self, generator: Generator, seed: int, frame: int, data: st.DataObject
    ) -> None:
        size = data.draw(st.integers(0, frame))
        spares = data.draw(st.integers(0, frame - size))
        drawn = draw(generator, seed, frame, size, spares)
        assert (len(drawn.sample), len(drawn.spares)) == (size, spares)
        every = drawn.sample + drawn.spares
        assert len(set(every)) == len(every)
        assert all(type(one) is int and 1 <= one <= frame for one in every)

    @given(generators, seeds, st.integers(2, 3000), st.data())
    def test_a_larger_sample_begins_with_the_smaller_and_the_spares_follow_it(
        self, generator: Generator, seed: int, frame: int, data: st.DataObject
    ) -> None:
        size = data.draw(st.integers(1, frame - 1))
        small, large = draw(generator, seed, frame, size, 1), draw(generator, seed, frame, size + 1)
        assert small.sample + small.spares == large.sample

    @pytest.mark.parametrize("generator", GENERATORS)
    def test_every_item_is_as_likely_as_every_other(self, generator: Generator) -> None:
        """Four thousand draws of 5 of 40: each about 500 times, as first and as any; neighbors no oftener."""
        first, drawn, neighbors = np.zeros(40), np.zeros(40), 0
        for number in range(4000):
            sample = draw(
                generator, 1000 + 37.11 * number if generator == RAT_STATS else number, 40, 5
            ).sample
            first[sample[0] - 1] += 1
            drawn[np.array(sample) - 1] += 1
            neighbors += sum(abs(one - other) == 1 for one, other in pairwise(sample))
        assert chisquare(first).pvalue > 0.001
        assert chisquare(drawn).pvalue > 0.001
        assert neighbors / 16000 == pytest.approx(2 / 40, abs=0.008)

    @pytest.mark.parametrize("generator", GENERATORS)
    def test_no_more_can_be_drawn_than_there_are(self, generator: Generator) -> None:
        assert draw(generator, 1, 3, 2, 1)
        assert draw(generator, 1, 0, 0) == Draw((), ())
        for size, spares in ((3, 1), (4, 0), (-1, 2)):
            with pytest.raises(ValueError, match="no more than the frame holds"):
                draw(generator, 1, 3, size, spares)

    @pytest.mark.parametrize("generator", GENERATORS)
    def test_a_thousand_of_a_million_take_no_time(self, generator: Generator) -> None:
        started = time.perf_counter()
        draw(generator, 1, 1_000_000, 1_000, 100)
        assert time.perf_counter() - started < 1.0  # measured: 2 and 20 milliseconds
