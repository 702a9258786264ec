"""Elements of X12 segments: what each distinct text says, and what is no procedure, day or amount."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.intake import elements


def column(*texts: str) -> pd.Categorical:
    return pd.Categorical(pd.array(texts, dtype="str"))


@pytest.mark.parametrize(
    ("written", "code", "modifiers", "sign"),
    [
        ("HC:97140", "97140", "", ""),
        ("HC:97140:59:GP:KX:22", "97140", "59 GP KX 22", ""),
        ("HC:97140::GP", "97140", "GP", ""),
        ("HC:97140:59:GP:KX:22:manual therapy", "97140", "59 GP KX 22", ""),
        ("hc:g0283", "G0283", "", ""),
        ("HC>97140>59", "97140", "59", ">"),
        ("HC", "", "", ""),
        ("97140", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_a_procedure_is_a_qualifier_a_code_and_modifiers(
    written: str, code: str, modifiers: str, sign: str
) -> None:
    found = elements.read_procedures(column(written))
    assert (found.code[0], found.modifiers[0], found.other_sign) == (code, modifiers, sign)


def test_a_day_is_eight_digits() -> None:
    """A day number of a spreadsheet, a short year and an impossible day are none."""
    texts = ("20261005", "20261005-20261009", "45000", "261005", "20261332", "", "2026-10-05")
    assert np.isnat(elements.read_days(column(*texts))).tolist() == [False, False, *[True] * 5]


def test_the_first_column_that_tells_a_day_tells_it() -> None:
    found = elements.first_day(column("", "20261002"), column("20261001", "20261003"))
    assert found.astype("datetime64[D]").astype(str).tolist() == ["2026-10-01", "2026-10-02"]


def test_reasons_lose_zeros_in_front_and_what_is_none_is_a_question_mark() -> None:
    found = elements.read_reasons(column("045", "b7", "A1", "", "a name of somebody", "XYZ12"))
    assert found.tolist() == ["45", "B7", "A1", "", "?", "XYZ12"]


def test_people_are_written_as_they_are_spoken_of_and_organizations_are_none() -> None:
    found = elements.read_clinicians(
        {
            "clinician_kind": column("1", "1", "2", ""),
            "clinician_given": column("DANA", "Ines", "", ""),
            "clinician_family": column("O'NEIL", "van Okafor", "CLINIC", "GREENE"),
        }
    )
    assert found.tolist() == ["Dana O'Neil", "Ines van Okafor", "", "Greene"]


def test_texts_of_one_owner_are_numbered_off() -> None:
    owner = np.array([0, 0, 2, 2, 2])
    columns = elements.number_off(column("a", "b", "c", "d", "e"), owner, 4)
    assert [each.tolist() for each in columns] == [["a", "", "c", ""], ["b", "", "d", ""], ["", "", "e", ""]]


def test_an_amount_that_is_none_is_found_and_a_blank_one_is_not() -> None:
    texts = column("60", "-1.5", "", "4,50.00", "x")
    assert elements.find_unreadable(texts).tolist() == [False, False, False, True, True]
    assert elements.read_amounts(texts).known.tolist() == [True, True, False, False, False]
