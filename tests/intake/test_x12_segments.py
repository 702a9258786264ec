"""The plain index of segments, beside the plainest way to split a text."""

from __future__ import annotations

import random

import numpy as np
import pytest

from audit.intake.x12_segments import Delimiters, Segments


def split(text: str, delimiters: Delimiters) -> list[list[str]]:
    element, _, segment = (sign.decode() for sign in delimiters)
    parts = [part.strip() for part in text.split(segment)[:-1]]
    return [part.split(element) for part in parts if part]


@pytest.mark.parametrize("delimiters", [Delimiters(), Delimiters(b"|", b">", b"\n")])
@pytest.mark.parametrize("seed", range(20))
def test_every_segment_and_element_is_where_splitting_finds_it(seed: int, delimiters: Delimiters) -> None:
    """Blanks and blank segments between them change neither numbers nor texts."""
    dice = random.Random(seed)
    element, _, segment = (sign.decode() for sign in delimiters)
    made = []
    for _ in range(dice.randint(1, 40)):
        name = dice.choice(["CLP", "SVC", "ST", "N1", "LONG", "CAS"])
        values = ["x" * dice.choice([0, 1, 7, 8, 9, 16, 37]) + str(dice.randint(0, 99)) for _ in range(5)]
        written = element.join([name, *values[: dice.randint(0, 5)]])
        made.append(dice.choice(["", "  ", "\r"]) + written + segment)
        made += [segment] * dice.choice([0, 0, 0, 2])
    text = "".join(made)
    segments, expected = Segments(text.encode(), delimiters), split(text, delimiters)
    assert segments.count == len(expected)
    for name in ("CLP", "SVC", "ST", "N1", "LONG", "CAS", "XX"):
        places = segments.find(name)
        numbers = segments.numbers[places]
        assert numbers.tolist() == [at for at, parts in enumerate(expected, 1) if parts[0] == name]
        for at in (1, 2, 5):
            told = [(expected[number - 1] + [""] * 9)[at] for number in numbers]
            assert segments.element(places, at).tolist() == told
    for place in np.flatnonzero(segments.starts < segments.ends):
        assert segments.split(int(place)) == expected[segments.numbers[place] - 1]
