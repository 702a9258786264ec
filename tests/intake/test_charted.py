"""What a note's cell says beside dates: regions, counts, and which texts are the same."""

from __future__ import annotations

import pandas as pd
import pytest

from audit.intake.charted import NO_TEXT, NOTHING, UNREADABLE, number_texts, parse_counts, parse_regions


@pytest.mark.parametrize(
    ("cell", "regions"),
    [
        ("3", 3),
        ("3.0", 3),
        ("2 regions", 2),
        ("0", 0),
        ("C, T, L", 3),
        ("C2; C5; L4", 2),
        ("cervical and lumbar spine", 2),
        ("C1-C2, T12, SI", 3),
        ("Cervical/Thoracic/Lumbar/Sacral/Pelvic", 5),
        ("left SI", 1),
        ("", NOTHING),
        ("--", NOTHING),
        ("6", UNREADABLE),
        ("shoulder", UNREADABLE),
        ("C, knee", UNREADABLE),
        ("yes", UNREADABLE),
    ],
)
def test_regions_are_counted_once_each(cell: str, regions: int) -> None:
    assert parse_regions([cell]) == [regions]


def test_counts_are_whole() -> None:
    assert parse_counts(["12", "12.0", "", "12.5", "-3", "twelve"]) == [
        *(12, 12, NOTHING),
        *([UNREADABLE] * 3),
    ]


def numbers(*texts: str) -> list[int]:
    """Return numbers from 0 on, equal where texts are taken for the same; -1 where there is no text."""
    found = number_texts(pd.Index(texts, dtype="str")).tolist()
    known = list(dict.fromkeys(number for number in found if number != NO_TEXT))
    return [known.index(number) if number != NO_TEXT else -1 for number in found]


def test_a_copied_note_is_the_same_but_for_case_blanks_and_its_date() -> None:
    assert numbers(
        "Seen 10/05/2026 at 9:00 am. Tolerated well.",
        "seen 2026-10-07 at 10:15 AM.\n Tolerated   well.",
        "Seen Oct 9, 2026 at 11:30. Tolerated well.",
        "Seen 12 October 2026 at 8:00 a.m. tolerated well",
    ) == [0, 0, 0, 0]


def test_another_finding_is_another_text() -> None:
    """Numbers that are no date stay: a pain score of 3 is not one of 4."""
    assert numbers("Pain 4 of 10", "Pain 3 of 10", "Pain 4 of 10", "Pain 4/10") == [0, 1, 0, 2]


def test_a_cell_without_words_is_no_text() -> None:
    assert numbers("", "--", "10/05/2026", "12", "yes") == [-1, -1, -1, -1, 0]


def test_numbers_are_the_same_in_every_file() -> None:
    together, alone = (
        number_texts(pd.Index(texts, dtype="str")).tolist() for texts in (["a b", "c d"], ["c d"])
    )
    assert together[1] == alone[0]
