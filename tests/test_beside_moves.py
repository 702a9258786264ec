"""What moved a share from one saved period to the other: only where the two are compared."""

from __future__ import annotations

import msgspec
import pytest

from audit.beside_moves import show_moved, show_others
from audit.blocks import Chart, Note, Table
from audit.results import Results
from audit.waterfall import DENIED
from tests.pairs import paired, practice
from tests.saved import measure, saved

EARLIER = """
    figure                                top  base  effective  outcome
    denials/first_rate                     40   400        400  does_not_exceed
    denials/first_rate/payer=Aetna         30   300        300  does_not_exceed
    denials/first_rate/payer=Cigna         10   100        100  does_not_exceed
    denials/first_rate/code=97140          20   200        200  does_not_exceed
    denials/first_rate/code=97110          20   200        200  does_not_exceed
    reasons/denied                         40     -          -  -
    reasons/denied;reason=CO-97            20     -          -  -
    reasons/denied;reason=CO-16            20     -          -  -
    reasons/denied/payer=Aetna;reason=CO-97 20    -          -  -
"""
LATER = """
    figure                                top  base  effective  outcome
    denials/first_rate                     80   400        400  does_not_exceed
    denials/first_rate/payer=Aetna         30   300        300  does_not_exceed
    denials/first_rate/payer=Newcomer      50   100        100  does_not_exceed
    denials/first_rate/code=97140          40   200        200  does_not_exceed
    denials/first_rate/code=97110          40   200        200  does_not_exceed
    reasons/denied                         80     -          -  -
    reasons/denied;reason=CO-97            40     -          -  -
    reasons/denied;reason=CO-16            40     -          -  -
"""

QUIET = {
    name: {f"{2025 + at // 12}-{at % 12 + 1:02}": (lines // 10, lines) for at in range(6, 18)}
    for name, lines in ((DENIED, 400), (f"{DENIED}/payer=Aetna", 300), (f"{DENIED}/payer=Cigna", 100))
}
"""A year in which each payer denied a tenth in every month."""


GAPS = """
    figure                                  top  base  effective  outcome
    documentation/plan                       {}   200        200  does_not_exceed
    documentation/plan/clinician=Ames        {}   100        100  does_not_exceed
    documentation/plan/clinician=Bly         10   100        100  does_not_exceed
    documentation/plan_lines                 20   200        200  -
    signatures/before_signed                 20   200        200  does_not_exceed
    signatures/before_signed/clinician=Ames  10   100        100  does_not_exceed
    signatures/before_signed/clinician=Bly   10   100        100  does_not_exceed
"""


def test_every_other_share_with_a_word_is_split_in_one_fold() -> None:
    """What did not move beyond chance is not in it, nor does a fold stand empty."""
    names = ("documentation/plan", "signatures/before_signed")
    earlier, later = saved("2026-07", GAPS.format(20, 10)), saved("2026-10", GAPS.format(80, 70))
    plain = msgspec.structs.replace(later.measures[names[0]], subject="", rows="")
    older = msgspec.structs.replace(later, measures=later.measures | {names[0]: plain})
    for file, subject in ((later, "share of visits without a plan"), (older, "plan")):
        if subject != "plan":
            plan = measure(names[0], subject=subject)
            file = msgspec.structs.replace(file, measures=file.measures | {names[0]: plan})
        fold = show_others(paired(earlier, file), names)
        assert fold
        assert [type(block) for block in fold.blocks] == [Note, Chart, Table]
        (note,) = (block for block in fold.blocks if isinstance(block, Note))
        assert note.text == (
            f"The {subject} rose from 10.0 % to 40.0 %: a higher rate of Ames (+30.0 points) explains most "
            "of it."
        )
    assert show_others(paired(earlier, saved("2026-10", GAPS.format(21, 11))), names) is None


def said(one: Results, other: Results, name: str = DENIED) -> str:
    found = show_moved(paired(one, other), name)
    if not found:
        return ""
    note, chart, parts = found
    assert isinstance(note, Note)
    assert isinstance(chart, Chart)
    assert isinstance(parts, Table)
    return note.text


def test_a_payer_that_only_one_file_holds_is_part_of_the_change() -> None:
    assert said(saved("2026-07", EARLIER), saved("2026-10", LATER, history=QUIET)) == (
        "The denial rate rose from 10.0 % to 20.0 %: new lines at Newcomer (+8.8 points) and no lines any "
        "more at Cigna (+1.3) explain most of it."
    )


def test_reasons_are_read_from_both_files() -> None:
    """Where the reasons tell most they are shown; those of single payers are no reasons of the whole."""
    one = EARLIER.replace("CO-16            20", "CO-16            38").replace(
        "CO-97            20", "CO-97  2"
    )
    other = LATER.replace("CO-97            40", "CO-97            42").replace(
        "CO-16            40", "CO-16            38"
    )
    only = "\n".join(row for row in other.splitlines() if "payer=" not in row)
    bare = "\n".join(row for row in one.splitlines() if "/payer=" not in row)
    assert said(saved("2026-07", bare), saved("2026-10", only, history=QUIET)) == (
        "The denial rate rose from 10.0 % to 20.0 %: more denials for CO-97 (+10.0 points) explain most "
        "of it."
    )


def test_a_difference_that_chance_makes_is_told_as_one() -> None:
    later = LATER.replace("80   400", "48   400").replace("50   100", "18   100")
    assert said(saved("2026-07", EARLIER), saved("2026-10", later)).startswith(
        "The change from 10.0 % to 12.0 % is within chance; its largest parts are new lines at Newcomer"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (practice("2026-07"), practice("2026-10", 60, mature=False)),
        (practice("2026-07"), practice("2026-Q3", 90)),
        (
            practice("2026-07", measures={DENIED: measure(DENIED, definition="Else.")}),
            practice("2026-10", 60),
        ),
        (practice("2026-07", without=(DENIED,)), practice("2026-10", 60)),
        (practice("2026-07"), practice("2026-10")),
        (
            practice("2026-07", without=(f"{DENIED}/code=97140", f"{DENIED}/code=97124")),
            practice("2026-10", 60, without=(f"{DENIED}/code=97140", f"{DENIED}/code=97124")),
        ),
    ],
    ids=["young", "overlap", "another meaning", "not measured", "nothing moved", "no groups"],
)
def test_where_the_two_are_not_compared_nothing_is_split(one: Results, other: Results) -> None:
    assert said(one, other) == ""
