"""What a reader must know before comparing, and what the words mean."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from audit.beside_terms import define_words, reconcile, tell_manifests, warn
from audit.results import Results
from tests.pairs import paired, practice
from tests.saved import MANIFEST, limits, measure


def warned(one: Results, other: Results) -> str:
    return " | ".join(warn(paired(one, other)))


def test_two_alike_need_no_warning() -> None:
    assert warned(practice("2026-07"), practice("2026-10")) == ""


def test_other_versions_tables_settings_and_libraries_are_told() -> None:
    other = msgspec.structs.replace(
        MANIFEST, version="0.2.0", editions={"codes.csv": "a" * 64}, settings="", libraries={"pandas": "3.2"}
    )
    said = warned(practice("2026-07"), practice("2026-10", manifest=other))
    assert "version 0.1.0 and 0.2.0; tables reasons.csv; the practice's settings; libraries pandas." in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": "0.2.0"}, "differently: version 0.1.0 and 0.2.0."),
        ({"editions": {"codes.csv": "a" * 64, "reasons.csv": "f" * 64}}, "differently: tables reasons.csv."),
        ({"settings": "f" * 64}, "differently: the practice's settings."),
        ({"limits": limits(smallest=20)}, "differently: limits, of which the stricter are used here."),
        ({"libraries": {"pandas": "3.2"}}, "differently: libraries pandas."),
    ],
)
def test_each_thing_that_the_two_were_made_with_is_told_alone(changed: dict[str, Any], said: str) -> None:
    other = msgspec.structs.replace(MANIFEST, **changed)
    assert said in warned(practice("2026-07"), practice("2026-10", manifest=other))


def test_a_file_that_was_cut_off_is_told_once() -> None:
    """A file of claims and remittances is read as two."""
    whole = practice("2026-10")
    cut = [msgspec.structs.replace(one, incomplete="incomplete: no SE") for one in whole.reconciliation]
    said = warned(practice("2026-07"), msgspec.structs.replace(whole, reconciliation=[*cut, *cut]))
    assert (
        said
        == "October 2026 was made of files that were **cut off**: charges.csv. What they lost is missing."
    )


def test_different_ages_are_told() -> None:
    july = practice("2026-07", as_of="2026-11-30")
    said = warned(july, practice("2026-10", as_of="2026-11-30"))
    assert "**different ages**: July 2026 122 days after its end, October 2026 30 days." in said
    assert "ages" not in warned(july, practice("2026-10", as_of="2027-02-15"))


def test_either_period_may_be_young() -> None:
    assert "Too few lines of July 2026" in warned(practice("2026-07", mature=False), practice("2026-10"))


def test_definitions_that_differ_are_named_and_both_stand_below() -> None:
    other = {"denials/first_rate": measure("denials/first_rate", definition="Something else.")}
    pair = paired(practice("2026-07"), practice("2026-10", measures=other))
    assert "not compared: Initial denial rate." in " ".join(warn(pair))
    texts = {one.term: one.text for one in define_words(pair)}
    assert texts["Initial denial rate (October 2026)"] == "Something else."
    assert texts["Initial denial rate (July 2026)"] == "What denials/first_rate means."


def test_measures_of_one_file_only_are_named() -> None:
    other = {"timing/late": measure("timing/late", title="Late entries")}
    assert "only one of the two, so not shown: Late entries." in warned(
        practice("2026-07"), practice("2026-10", measures=other)
    )


def test_young_unfinished_unequal_and_overlapping_periods_are_told() -> None:
    assert "Too few lines of October 2026" in warned(practice("2026-07"), practice("2026-10", mature=False))
    assert "October 2026 was not over when it was saved on 2026-10-31" in warned(
        practice("2026-07", as_of="2026-09-01"), practice("2026-10", as_of="2026-10-31")
    )
    assert "**amounts are shown per month**" in warned(practice("2026-Q2"), practice("2026-10"))
    assert "July 2026 and July–September 2026 **overlap**" in warned(practice("2026-07"), practice("2026-Q3"))


def test_each_of_the_two_says_what_it_was_made_of() -> None:
    pair = paired(practice("2026-07"), practice("2026-10", as_of="2026-12-05"))
    told = {one.term: one.text for one in tell_manifests(pair)}
    assert told["October 2026, version"] == "Billing Self-Audit 0.1.0, as of 2026-12-05"
    assert {term.partition(",")[0] for term in told} == {"July 2026", "October 2026"}
    assert [text.partition(" as of")[0] for text in reconcile(pair)] == ["**July 2026**", "**October 2026**"]
