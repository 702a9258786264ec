"""Random draws that anyone can draw again: two generators, named so that a redraw in ten years is defined.

Pure arithmetic: a seed, the size of the frame and how many are wanted give positions in the frame, 1 being
its first item. Whoever draws fewer or more with the same seed and frame gets the same positions in the same
order, so a sample can be enlarged.

`RAT_STATS` is the generator of the government auditors' program: Visual Basic's own generator, seeded with
the bits of a float64, gives the three seeds of B. A. Wichmann and I. D. Hill, Applied Statistics 31 (1982)
188-190; numbers that come again are dropped. Its seeding keeps 16 bits of the seed, so that there are 65,536
draws of a frame and seeds close to each other may give the same one.

`PCG64` gives each position a 64-bit number, the raw stream of M. E. O'Neill's PCG64 (XSL-RR 128/64) as
numpy's `SeedSequence` seeds it, and takes positions by rising number. Only the raw stream is used: numpy
keeps it, and the seeding, the same for good (NEP 19), which it does not promise of `permutation`.
"""

from __future__ import annotations

import struct
from math import isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

Generator = Literal["rat-stats", "pcg64"]
RAT_STATS: Generator = "rat-stats"
PCG64: Generator = "pcg64"
GENERATORS: tuple[Generator, ...] = get_args(Generator)

MODULI = (30269, 30307, 30323)
MULTIPLIERS = (171, 172, 170)
"""The three congruential generators of Wichmann and Hill."""


class Draw(NamedTuple):
    """Positions in the frame, from 1, in the order in which they were drawn; spares after the sample."""

    sample: tuple[int, ...]
    spares: tuple[int, ...]


def draw(generator: Generator, seed: float, frame: int, size: int, spares: int = 0) -> Draw:
    """Draw `size` positions and `spares` more from 1 to `frame`, none twice.

    PCG64 takes whole seeds from 0. A seed the generator cannot take, or more than the frame holds, is a
    ValueError.
    """
    if not (size >= 0 and spares >= 0 and size + spares <= frame):
        raise ValueError("sample and spares are no more than the frame holds")
    order = _ORDERS[generator](seed, frame, size + spares).tolist() if size + spares else []
    return Draw(tuple(order[:size]), tuple(order[size:]))


def _order_as_rat_stats(seed: float, frame: int, number: int) -> Ints:
    """Return the first `number` positions that Wichmann and Hill's generator gives, without repeats."""
    import numpy as np

    seeds = _seed_as_visual_basic(seed)
    length = 2 * number
    while True:
        positions = (_random_fractions(seeds, length) * frame).astype(np.int64) + 1
        first = np.sort(np.unique(positions, return_index=True)[1])
        if len(first) >= number:
            return positions[first[:number]]
        length *= 2


def _order_by_pcg64(seed: float, frame: int, number: int) -> Ints:
    """Return the positions of the `number` smallest of the raw numbers, equal ones by position."""
    import numpy as np

    if seed != int(seed) or seed < 0:
        raise ValueError("a seed of PCG64 is a whole number from 0")
    keys = np.random.PCG64(int(seed)).random_raw(frame)
    last = np.partition(keys, number - 1)[number - 1]
    near = np.flatnonzero(keys <= last)
    return (near[np.argsort(keys[near], kind="stable")][:number] + 1).astype(np.int64)


_ORDERS = {RAT_STATS: _order_as_rat_stats, PCG64: _order_by_pcg64}


def _random_fractions(seeds: list[int], length: int) -> npt.NDArray[np.float64]:
    """Return `length` numbers from 0 to below 1: the fraction of three congruential generators' sum."""
    import numpy as np

    total = np.zeros(length)
    for start, multiplier, modulus in zip(seeds, MULTIPLIERS, MODULI, strict=True):
        total += (start * _powers(multiplier, modulus, length)) % modulus / modulus
    return total % 1.0


def _powers(multiplier: int, modulus: int, length: int) -> Ints:
    """Return the powers 1 to `length` of a multiplier: what so many steps of its generator multiply by."""
    import numpy as np

    powers = np.array([multiplier], dtype=np.int64)
    while len(powers) < length:
        powers = np.concatenate([powers, powers * powers[-1] % modulus])
    return powers[:length]


def _seed_as_visual_basic(seed: float) -> list[int]:
    """Return the three seeds that RANDOMIZE and Rnd give for the seed typed by the user.

    One number is drawn before RANDOMIZE, which then keeps the lowest 8 bits and puts the two halves of the
    high word of the seed's float64, one upon the other, above them.
    """
    if not isfinite(seed):
        raise ValueError("a seed is a finite number")
    (high,) = struct.unpack(">I", struct.pack(">d", seed)[:4])
    state, _ = _step_visual_basic(8388799, MODULI[0])
    state = (((high >> 16) ^ high) & 0xFFFF) << 8 | state & 0xFF
    seeds = []
    for modulus in MODULI:
        state, value = _step_visual_basic(state, modulus)
        seeds.append(value)
    return seeds


def _step_visual_basic(state: int, bound: int) -> tuple[int, int]:
    """Return the next state of Visual Basic's generator and its whole number from 1 to below `bound`."""
    while True:
        state = (1140671485 * state + 12820163) % 2**24
        value = bound * state / 2**24 + 1
        if value < bound:
            return state, int(value)
