"""Code usage of two saved periods: shares of units, what appeared and what vanished."""

from __future__ import annotations

from audit.beside_usage import show_usage
from audit.blocks import Empty
from tests.pairs import paired, practice, rows


def test_codes_are_shown_with_units_and_shares_and_one_that_vanished_has_none() -> None:
    later = practice(
        "2026-10",
        without=("usage/lines/code=97124", "usage/units/code=97124"),
        added="usage/lines/code=97150 50 - - -\nusage/units/code=97150 25000 - - -",
    )
    section = show_usage(paired(practice("2026-07"), later))
    assert rows(section, "codes") == [
        ["97140", "750", "750", "75.0 %", "75.0 %", "0.0 points"],
        ["97124", "250", "·", "25.0 %", "·", "−25.0 points"],
        ["97150", "·", "250", "·", "25.0 %", "+25.0 points"],
    ]


def test_what_appeared_stands_before_what_vanished() -> None:
    later = practice(
        "2026-10",
        without=("usage/lines/code=97124", "usage/lines/payer=Cigna", "usage/lines/clinician=Ames"),
        added="usage/lines/code=97150 50 - - -\nusage/lines/payer= 9 - - -",
    )
    section = show_usage(paired(practice("2026-07"), later))
    assert [row[:4] for row in rows(section, "only_in_one")] == [
        ["97150", "code", "Oct 2026", "50"],
        ["not told", "payer", "Oct 2026", "9"],
        ["97124", "code", "Jul 2026", "120"],
        ["Cigna", "payer", "Jul 2026", "120"],
        ["Ames", "clinician", "Jul 2026", "420"],
    ]


def test_a_code_without_lines_now_has_vanished_though_its_figure_is_saved() -> None:
    """The later results keep a figure of a code that only their earlier months have."""
    later = practice("2026-10", without=("usage/lines/code=97124",), added="usage/lines/code=97124 0 - - -")
    section = show_usage(paired(practice("2026-07"), later))
    assert [row[0] for row in rows(section, "only_in_one")] == ["97124"]


def test_nothing_new_says_so() -> None:
    section = show_usage(paired(practice("2026-07"), practice("2026-10")))
    assert isinstance(section.blocks["only_in_one"], Empty)
    assert section.lead == "July 2026: 420 lines of 2 codes. October 2026: 420 lines of 2 codes."
