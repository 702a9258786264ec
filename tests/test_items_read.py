"""Items as they were read: spares stand in for what was no part of the frame, and nothing is silent."""

from __future__ import annotations

import pytest

from audit.errors import InputError
from audit.items_read import judge, list_items, list_missing
from audit.worksheets import Answers
from tests.reviews import answers_of, sample_of

FILE = "worksheet.csv"
FRAME = {"Lee": (30, 3), "Ruiz": (20, 2)}


def kept(answers: Answers) -> list[str]:
    """Return the numbers of the items that count."""
    return [one.item.id.removeprefix("KTRWPD-") for one in list_items(answers, FILE).items]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ("yes yes", "fine"),
        ("yes not_applicable", "fine"),
        ("yes cannot_tell", "unknown"),
        ("cannot_tell no", "error"),
        ("not_applicable not_applicable", None),
        ("not_applicable cannot_tell", "unknown"),
    ],
)
def test_one_no_is_an_error_and_an_open_answer_is_not_fine(given: str, state: str | None) -> None:
    sample = sample_of({"Lee": (30, 1)})
    words = [word.replace("_", " ") for word in given.split()]
    rows = [one._replace(answer=word) for one, word in zip(answers_of(sample).rows, words, strict=False)]
    assert judge(rows) == state


def test_blank_spares_do_not_count() -> None:
    """Items 4 and 7 are Lee's and Ruiz' spares."""
    assert kept(answers_of(sample_of(FRAME, spares=1))) == ["001", "002", "003", "005", "006"]


def test_a_spare_stands_in_for_an_item_that_was_no_part_of_the_frame() -> None:
    answers = answers_of(
        sample_of(FRAME, spares=1),
        """
        item element answer         remark
        2    *       not_applicable a_test_patient
        4    *       yes            -
        """,
    )
    assert kept(answers) == ["001", "003", "004", "005", "006"]
    assert list_items(answers, FILE).outside == ("KTRWPD-002",)


def test_where_no_spare_was_read_one_chart_fewer_counts() -> None:
    answers = answers_of(
        sample_of(FRAME, spares=1),
        """
        item element answer         remark
        2    *       not_applicable a_test_patient
        """,
    )
    assert kept(answers) == ["001", "003", "005", "006"]


def test_a_spare_that_was_none_of_the_frame_either_gives_its_place_to_the_next() -> None:
    answers = answers_of(
        sample_of({"Lee": (30, 2)}, spares=2),
        """
        item element answer         remark
        1    *       not_applicable a_test_patient
        3    *       not_applicable a_test_patient
        4    *       yes            -
        """,
    )
    assert kept(answers) == ["002", "004"]


FAULTS = {
    "a spare for nothing": (
        "4 * yes -",
        "the spare KTRWPD-004 stands in for no item",
    ),
    "a spare of another stratum": (
        """5 * not_applicable a_test_patient
           4 * yes -""",
        "the spare KTRWPD-004 stands in for no item",
    ),
    "a spare because the note cannot be read": (
        """1 * cannot_tell illegible
           4 * yes -""",
        "the spare KTRWPD-004 stands in for no item",
    ),
    "a spare because the chart is missing": (
        """1 * no not_found
           4 * yes -""",
        "the spare KTRWPD-004 stands in for no item",
    ),
    "no reason told": (
        "1 * not_applicable -",
        "every answer of item KTRWPD-001 is not applicable; say in a remark why",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_spare_that_fits_nothing_is_told_in_a_sentence(fault: str) -> None:
    rows, said = FAULTS[fault]
    answers = answers_of(sample_of(FRAME, spares=1), f"item element answer remark\n{rows}")
    with pytest.raises(InputError) as told:
        list_items(answers, FILE)
    assert str(told.value).startswith(f"{FILE}: ")
    assert said in str(told.value)
    assert str(told.value).endswith(".")


def test_spares_are_read_in_their_order() -> None:
    """Who may pick among spares can choose."""
    answers = answers_of(
        sample_of({"Lee": (30, 2)}, spares=2),
        """
        item element answer         remark
        1    *       not_applicable a_test_patient
        4    *       yes            -
        """,
    )
    with pytest.raises(InputError, match="the spare KTRWPD-004 was read before KTRWPD-003"):
        list_items(answers, FILE)


def test_every_missing_answer_has_a_sentence_and_an_item_without_any_has_one() -> None:
    answers = answers_of(
        sample_of(FRAME),
        """
        item element   answer
        2    signature -
        2    as_billed -
        3    *         -
        """,
    )
    assert list_missing(answers, FILE) == [
        "worksheet.csv, row 6: item KTRWPD-002, No. 2 (signature), has no answer.",
        "worksheet.csv, row 7: item KTRWPD-002, No. 3 (as_billed), has no answer.",
        "worksheet.csv, rows 8 to 10: no question of item KTRWPD-003 has an answer.",
    ]
    assert list_missing(answers_of(sample_of(FRAME, spares=1)), FILE) == []
