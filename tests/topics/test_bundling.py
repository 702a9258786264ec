"""Bundling: codes that are not paid beside each other, and units above what is likely."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.edit_files import keep, read_official
from audit.edits import SHIPPED, read_limits, read_pairs
from audit.lines import SELF_PAY
from audit.paired_lines import CHECKS as PAIR_CHECKS
from audit.pairing import days_of, meet, sort_days
from audit.populations import populate
from audit.topics import bundling
from audit.unit_limits import CHECKS as LIMIT_CHECKS
from tests.official import WHOLE, pairs_text
from tests.practices import AS_OF, marks_of, settings_of, shipped
from tests.tables import claim_lines, read_table, visits

if TYPE_CHECKING:
    from audit.populations import Populations
    from audit.settings import Settings

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "domain" / "examples_fixtures.json"

MARKS = {
    "never": "pair_never_together",
    "hard": "pair_hard_modifier",
    "bare": "pair_no_modifier",
    "other": "pair_other_clinician",
    "own": "pair_of_payer",
    "above": "units_above_limit",
    "zero": "units_limit_zero",
    "opened": "pair_opened",
}

PRACTICE = """
[disciplines]
Ann = "pt"
Bea = "pt"
Otto = "ot"
Cy = "chiropractic"
Max = "massage"
Odd = "other"

[payers.Blue]
extra_pairs = [
    { paid = "97140", bundled = "97530", modifier = "0", source = "Blue policy 12" },
    { paid = "98941", bundled = "97110", modifier = "1", from = 2026-01-01, to = 2026-06-30, source = "14" },
]

[payers.Late]
ncci = [{ value = true, from = 2026-10-06 }]
mue = [{ value = true, from = 2026-10-06 }]
"""


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    """Return a practice of several disciplines, and payers that follow what they follow."""
    return settings_of(tmp_path, PRACTICE)


def bundled(lines: str | pd.DataFrame, settings: Settings | None = None) -> Populations:
    """Return lines with the marks of this topic; at Medicare where they tell no payer, by Ann."""
    billed = claim_lines(lines, payer="Medicare", clinician="Ann") if isinstance(lines, str) else lines
    count = int(billed["visit_id"].max()) + 1
    told = visits("service_date\n" + "\n".join(["2026-10-05"] * count))
    settings = settings or shipped()
    return bundling.mark(populate(billed, told, pd.Timestamp(AS_OF), 12), settings, AS_OF)


def hold(text: str, settings: Settings | None = None) -> None:
    """Every line carries the marks that its columns say; without a column `patient`, all are of one."""
    table = read_table(text)
    told = {name: table.pop(name).tolist() for name in [*MARKS, "cents"] if name in table}
    if "patient" not in table:
        table["patient"] = "A"
    rows = [
        " | ".join(str(value) or "-" for value in row) for row in table.itertuples(index=False, name=None)
    ]
    found = bundled("\n".join(f"| {row} |" for row in (" | ".join(map(str, table)), *rows)), settings)
    for name, wanted in told.items():
        if name == "cents":
            assert found.lines.frame["above_limit"].tolist() == [int(cents) for cents in wanted]
        else:
            assert marks_of(found.lines, MARKS[name]) == wanted, name


def test_two_codes_that_are_never_paid_together() -> None:
    """The line that is not paid is marked, whatever its order; alone, or on another day, there is none."""
    hold("""
        patient | service_date | code  | modifiers | never
        A       | 2026-10-05   | 97140 | GP        | no
        A       | 2026-10-05   | 97124 | GP        | yes
        B       | 2026-10-05   | 97124 | GP        | yes
        B       | 2026-10-05   | 97140 | GP        | no
        C       | 2026-10-05   | 97124 | GP        | out
        C       | 2026-10-06   | 97140 | GP        | out
        D       | 2026-10-05   | 97140 | GP        | no
        D       | 2026-10-05   | 97110 | GP        | no
        E       | 2026-10-05   | 97124 | GP        | out
        E       | 2026-10-05   | 97124 | GP        | out
    """)


def test_a_modifier_does_not_open_a_pair_that_never_opens() -> None:
    """On either line; it is told once, as what it is."""
    hold("""
        patient | code  | modifiers | never | hard
        A       | 97140 | GP        | no    | out
        A       | 97124 | GP 59     | no    | yes
        B       | 97140 | XS        | no    | out
        B       | 97124 | GP        | no    | yes
        C       | 97140 | GP        | no    | out
        C       | 97124 | GP        | yes   | no
        D       | 97110 | 59        | no    | out
        D       | 97140 | GP        | no    | out
    """)


def test_a_pair_that_a_modifier_may_open() -> None:
    """59, XE, XP, XS or XU on either line; 25 only on an office visit."""
    hold("""
        patient | code  | modifiers | bare | opened
        A       | 98941 | AT        | no   | out
        A       | 97140 | GP        | yes  | no
        B       | 98941 | AT        | no   | out
        B       | 97140 | 59 GP     | no   | yes
        C       | 98941 | XU        | no   | out
        C       | 97140 | GP        | no   | no
        D       | 98941 | AT        | no   | out
        D       | 97140 | 25        | yes  | no
        E       | 98941 | AT        | no   | out
        E       | 99213 | 25        | no   | out
        F       | 98941 | AT        | no   | out
        F       | 99213 | -         | yes  | out
        G       | 98941 | AT        | no   | out
        G       | 97140 | GP RT     | no   | no
        H       | 98941 | AT        | no   | out
        H       | 97110 | GP        | no   | out
    """)


def test_what_is_never_paid_is_not_asked_for_a_modifier() -> None:
    """97124 beside 97140 (never) and 98941 (with a modifier): one finding, not two."""
    hold("""
        code  | modifiers | never | bare
        98941 | AT        | no    | no
        97140 | 59        | no    | no
        97124 | GP        | no    | out
    """)
    hold("""
        code  | modifiers | never | bare
        98941 | AT        | no    | no
        97140 | GP        | no    | yes
        97124 | GP        | yes   | out
    """)


def test_files_without_modifiers_cannot_tell_that_one_is_missing() -> None:
    """A pair that none opens is certain all the same."""
    hold("""
        patient | code  | never | hard   | bare   | opened
        A       | 98941 | no    | out    | no     | out
        A       | 97140 | no    | out    | unsure | unsure
        B       | 97140 | no    | out    | no     | out
        B       | 97124 | yes   | unsure | out    | out
    """)


def test_pairs_that_have_ended_are_none() -> None:
    """97140 with 97530 ended in 2019, 97530 with 97116 was withdrawn; lists on the web still have them."""
    hold("""
        patient | service_date | code  | modifiers | never  | bare
        A       | 2026-10-05   | 97530 | GP        | no     | no
        A       | 2026-10-05   | 97140 | GP        | no     | no
        B       | 2026-10-05   | 97530 | GP        | no     | no
        B       | 2026-10-05   | 97116 | GP        | no     | no
        C       | 2020-01-01   | 97530 | GP        | no     | no
        C       | 2020-01-01   | 97140 | GP        | no     | no
    """)


def test_the_shipped_table_does_not_tell_when_a_pair_began() -> None:
    """Before its quarter a pair may not have been there yet, and one that ended later may have been."""
    hold("""
        patient | service_date | code  | modifiers | never  | bare   | opened
        A       | 2024-06-30   | 97140 | GP        | no     | no     | out
        A       | 2024-06-30   | 97124 | GP        | unsure | no     | out
        B       | 2024-07-01   | 97140 | GP        | no     | no     | out
        B       | 2024-07-01   | 97124 | GP        | yes    | out    | out
        C       | 2024-06-30   | 98941 | AT        | no     | no     | out
        C       | 2024-06-30   | 97140 | GP        | no     | unsure | out
        D       | 2019-12-31   | 97530 | GP        | no     | unsure | out
        D       | 2019-12-31   | 97140 | GP        | no     | no     | out
    """)


def test_an_imported_table_tells_the_first_and_the_last_day_of_a_pair(tmp_path: Path) -> None:
    """Several times in one pair's life; it knows every code, and a pair of indicator 9 is none."""
    rows = (
        *("97530 97535 20040101 20191231 1", "97530 97535 20200201 20211231 1", "97140 97124 20261002 * 0"),
        *("97110 97164 20201001 20201001 9", "11042 97110 20200101 * 0"),
    )
    (tmp_path / "ccipra-v323r0-f1.txt").write_bytes(pairs_text(*WHOLE, *rows))
    keep(read_official([tmp_path / "ccipra-v323r0-f1.txt"]), tmp_path / "edits")
    hold(
        """
        patient | service_date | code  | modifiers | never | bare
        A       | 2003-12-31   | 97530 | GP        | no    | no
        A       | 2003-12-31   | 97535 | GP        | no    | no
        B       | 2004-01-01   | 97530 | GP        | no    | no
        B       | 2004-01-01   | 97535 | GP        | no    | yes
        C       | 2019-12-31   | 97530 | GP        | no    | no
        C       | 2019-12-31   | 97535 | GP        | no    | yes
        D       | 2020-01-31   | 97530 | GP        | no    | no
        D       | 2020-01-31   | 97535 | GP        | no    | no
        E       | 2020-02-01   | 97530 | GP        | no    | no
        E       | 2020-02-01   | 97535 | GP        | no    | yes
        F       | 2022-01-01   | 97530 | GP        | no    | no
        F       | 2022-01-01   | 97535 | GP        | no    | no
        G       | 2026-10-01   | 97140 | GP        | no    | no
        G       | 2026-10-01   | 97124 | GP        | no    | no
        H       | 2026-10-02   | 97140 | GP        | no    | no
        H       | 2026-10-02   | 97124 | GP        | yes   | out
        I       | 2020-10-01   | 97110 | GP        | no    | no
        I       | 2020-10-01   | 97164 | GP        | no    | no
        J       | 2026-10-01   | 11042 | GP        | no    | no
        J       | 2026-10-01   | 97110 | GP        | yes   | out
        K       | 2026-10-01   | 97110 | GP        | no    | no
        K       | 2026-10-01   | 12345 | GP        | no    | no
        """,
        settings_of(tmp_path, PRACTICE),
    )


def test_a_code_that_the_shipped_table_does_not_know_leaves_its_day_open() -> None:
    """It may include the others, or be included: nobody can tell before the whole table is imported."""
    hold("""
        patient | code  | modifiers | never  | bare
        A       | 97110 | GP        | unsure | unsure
        A       | 11042 | -         | unsure | unsure
        B       | 97140 | GP        | unsure | unsure
        B       | 97124 | GP        | yes    | out
        B       | 11042 | -         | unsure | unsure
        C       | 11042 | -         | out    | out
    """)


def test_who_counts_as_one(practice: Settings) -> None:
    """One clinician; two of a specialty; physical and occupational therapists. Others are to check."""
    hold(
        """
        patient | clinician | code  | modifiers | never  | other
        A       | Ann       | 97140 | GP        | no     | no
        A       | Bea       | 97124 | GP        | yes    | no
        B       | Ann       | 97140 | GP        | no     | no
        B       | Otto      | 97124 | GO        | yes    | no
        C       | Cy        | 97140 | AT        | no     | no
        C       | Max       | 97124 | -         | no     | yes
        D       | Ann       | 97140 | GP        | no     | no
        D       | New       | 97124 | -         | unsure | unsure
        E       | Odd       | 97140 | GP        | no     | no
        E       | New       | 97124 | -         | unsure | unsure
        F       | New       | 97140 | GP        | no     | no
        F       | New       | 97124 | -         | yes    | no
        G       | -         | 97140 | GP        | no     | no
        G       | -         | 97124 | -         | yes    | no
        """,
        practice,
    )


def test_an_opened_pair_of_two_specialties_is_no_question(practice: Settings) -> None:
    """XP says that it was another practitioner; without it, it is to be checked, no missing modifier."""
    hold(
        """
        patient | clinician | code  | modifiers | bare | other | opened
        A       | Cy        | 98941 | AT        | no   | no    | out
        A       | Ann       | 97140 | GP XP     | no   | no    | out
        B       | Cy        | 98941 | AT        | no   | no    | out
        B       | Ann       | 97140 | GP        | no   | yes   | out
        """,
        practice,
    )


def test_only_payers_that_follow_the_pairs(practice: Settings) -> None:
    """By date of service; two payers do not meet; self-pay and withdrawn lines ask nobody."""
    hold(
        f"""
        patient | service_date | payer      | last_decision       | code  | never | above
        A       | 2026-10-05   | Cigna      | paid                | 97140 | out   | out
        A       | 2026-10-05   | Cigna      | paid                | 97124 | out   | out
        B       | 2026-10-05   | Late       | paid                | 97140 | out   | out
        B       | 2026-10-05   | Late       | paid                | 97124 | out   | out
        C       | 2026-10-06   | Late       | paid                | 97140 | no    | no
        C       | 2026-10-06   | Late       | paid                | 97124 | yes   | no
        D       | 2026-10-05   | Medicare   | paid                | 97140 | out   | no
        D       | 2026-10-05   | {SELF_PAY} | not billed          | 97124 | out   | out
        E       | 2026-10-05   | Medicare   | denied              | 97140 | out   | no
        E       | 2026-10-05   | Medicare   | excluded: withdrawn | 97124 | out   | out
        F       | 2026-10-06   | Late       | paid                | 97140 | out   | no
        F       | 2026-10-06   | Medicare   | paid                | 97124 | out   | no
        """,
        practice,
    )


def test_a_payer_may_have_pairs_of_its_own(practice: Settings) -> None:
    """For its dates, whoever treated; one that opens to a modifier is open with one."""
    hold(
        """
        patient | service_date | payer | clinician | code  | modifiers | own
        A       | 2026-10-05   | Blue  | Ann       | 97140 | GP        | no
        A       | 2026-10-05   | Blue  | Cy        | 97530 | GP 59     | yes
        B       | 2026-06-30   | Blue  | Ann       | 98941 | AT        | no
        B       | 2026-06-30   | Blue  | Ann       | 97110 | GP        | yes
        C       | 2026-06-30   | Blue  | Ann       | 98941 | AT        | no
        C       | 2026-06-30   | Blue  | Ann       | 97110 | 59        | no
        D       | 2026-07-01   | Blue  | Ann       | 98941 | AT        | no
        D       | 2026-07-01   | Blue  | Ann       | 97110 | GP        | no
        E       | 2025-12-31   | Blue  | Ann       | 98941 | AT        | no
        E       | 2025-12-31   | Blue  | Ann       | 97110 | GP        | no
        F       | 2026-10-05   | Cigna | Ann       | 97140 | GP        | out
        F       | 2026-10-05   | Cigna | Ann       | 97530 | GP        | out
        G       | 2026-10-05   | Blue  | Ann       | 97530 | GP        | out
        """,
        practice,
    )


def test_a_pair_of_a_payer_that_a_modifier_opens_needs_modifiers_told(practice: Settings) -> None:
    """Where no line has any, it cannot be said that one is missing."""
    hold(
        """
        patient | service_date | payer | code  | own
        A       | 2026-06-30   | Blue  | 98941 | no
        A       | 2026-06-30   | Blue  | 97110 | unsure
        B       | 2026-06-30   | Blue  | 97140 | no
        B       | 2026-06-30   | Blue  | 97530 | yes
        """,
        practice,
    )


def test_units_above_what_is_likely() -> None:
    """98941: one a day; 97110: six. At stake is the part above the limit, of 60.00 expected."""
    hold("""
        patient | code  | units | above  | cents
        A       | 98941 | 1     | no     | 0
        B       | 98941 | 2     | yes    | 3000
        C       | 97110 | 6     | no     | 0
        D       | 97110 | 8     | yes    | 1500
        E       | 97110 | -     | unsure | 0
        F       | 72040 | 9     | unsure | 0
    """)


def test_units_of_a_day_are_counted_together() -> None:
    """One patient, day, code, clinician and payer; what is above is divided by the lines' units."""
    hold("""
        patient | service_date | clinician | code  | units | above  | cents
        A       | 2026-10-05   | Ann       | 97124 | 3     | yes    | 2000
        A       | 2026-10-05   | Ann       | 97124 | 3     | yes    | 2000
        B       | 2026-10-05   | Ann       | 97124 | 3     | no     | 0
        B       | 2026-10-05   | Bea       | 97124 | 3     | no     | 0
        C       | 2026-10-05   | Ann       | 97124 | 3     | no     | 0
        C       | 2026-10-06   | Ann       | 97124 | 3     | no     | 0
        D       | 2026-10-05   | Ann       | 97124 | 3     | unsure | 0
        D       | 2026-10-05   | Ann       | 97124 | -     | unsure | 0
        E       | 2026-10-05   | Ann       | 97124 | 5     | yes    | 1200
        E       | 2026-10-05   | Ann       | 97124 | -     | no     | 0
    """)


def test_a_limit_by_line_holds_for_each_line(tmp_path: Path) -> None:
    """Indicator 1, which the codes of the shipped table do not have; limits change with the editions."""
    (tmp_path / "edits").mkdir()
    (tmp_path / "edits" / "limits_2026q4.mue").write_text("code,units,per\n97110,4,1\n98941,2,2\n")
    (tmp_path / "edits" / "limits_2026q2.mue").write_text("code,units,per\n97110,2,3\n")
    hold(
        """
        patient | service_date | code  | units | above
        A       | 2026-10-01   | 97110 | 4     | no
        A       | 2026-10-01   | 97110 | 4     | no
        B       | 2026-10-01   | 97110 | 5     | yes
        C       | 2026-09-30   | 97110 | 3     | yes
        D       | 2026-03-31   | 97110 | 6     | no
        E       | 2026-10-01   | 98941 | 2     | no
        F       | 2026-03-31   | 98941 | 2     | yes
        G       | 2026-09-30   | 98941 | 9     | out
        H       | 2024-06-30   | 97110 | 9     | unsure
        """,
        settings_of(tmp_path, PRACTICE),
    )


def test_a_code_of_which_no_unit_is_paid() -> None:
    """Not where that is known: always bundled, wanted as another code (97014), billed to be refused."""
    hold("""
        patient | service_date | code  | modifiers | zero   | above
        A       | 2026-10-05   | 98943 | -         | yes    | out
        B       | 2026-10-05   | 98943 | GY        | out    | out
        C       | 2026-10-05   | 97010 | GP        | out    | out
        D       | 2026-10-05   | 97014 | GP        | out    | out
        E       | 2026-10-05   | 97110 | GP        | no     | no
        F       | 2026-10-05   | 72040 | -         | unsure | unsure
        G       | 2024-06-30   | 98943 | -         | unsure | unsure
    """)


def test_units_only_at_payers_that_follow_the_limits(practice: Settings) -> None:
    """By date of service; a line that asks nobody for money is none."""
    hold(
        f"""
        patient | service_date | payer      | last_decision | code  | units | above
        A       | 2026-10-05   | Late       | paid          | 98941 | 2     | out
        B       | 2026-10-06   | Late       | paid          | 98941 | 2     | yes
        C       | 2026-10-05   | Cigna      | paid          | 98941 | 2     | out
        D       | 2026-10-05   | {SELF_PAY} | not billed    | 98941 | 2     | out
        """,
        practice,
    )


@pytest.mark.parametrize(
    ("codes", "modifiers", "unpaid", "mark"),
    [
        (("98941", "97140"), {}, "97140", "bare"),
        (("98941", "97140"), {"97140": "59"}, "", ""),
        (("98941", "97110"), {}, "", ""),
        (("97530", "97116"), {}, "", ""),
        (("97150", "97110"), {}, "97110", "bare"),
        (("20560", "97810"), {"97810": "59"}, "97810", "hard"),
        (("98941", "99213"), {"99213": "25"}, "", ""),
    ],
)
def test_published_pairs(codes: tuple[str, ...], modifiers: dict[str, str], unpaid: str, mark: str) -> None:
    """As CMS' table of July 2024 has them."""
    assert findings(codes, modifiers) == ([(unpaid, mark)] if unpaid else [])


def findings(codes: tuple[str, ...], modifiers: dict[str, str]) -> list[tuple[str, str]]:
    """Return the lines of a day that one of the rules of pairs finds, as code and rule."""
    rows = [f"{code} | {modifiers.get(code, 'GP')} | A" for code in codes]
    found = bundled("\n".join(["code | modifiers | patient", *rows])).lines
    return [
        (code, name)
        for name in ("never", "hard", "bare")
        for code, state in zip(codes, marks_of(found, MARKS[name]), strict=True)
        if state == "yes"
    ]


@pytest.mark.skipif(not FIXTURES.is_file(), reason="needs the folder `shared` beside the repository")
def test_the_worked_examples_of_pairs_and_units() -> None:
    """Of the areas ncci and mue."""
    examples: list[dict[str, Any]] = json.loads(FIXTURES.read_text(encoding="utf-8"))
    pairs = [one for one in examples if one["area"] == "ncci"]
    for one in pairs:
        told, wanted = one["inputs"], one["expected"]
        codes = tuple(told["same_patient_same_day_same_provider"])
        modifiers = {code: " ".join(marks) for code, marks in told["modifiers"].items()}
        assert [code for code, _ in findings(codes, modifiers)] == wanted["denied"], one["id"]
    units = [one for one in examples if one["area"] == "mue"]
    for one in units:
        code, count = one["inputs"]["code"], one["inputs"]["units_same_day"]
        hold(f"code | units | above\n{code} | {count} | {'yes' if one['expected']['flag'] else 'no'}")
        limit = read_limits(None, (code,))[0].limits[code]
        assert limit == (one["expected"]["limit"], one["expected"]["mai"])
    assert len(pairs) == 7
    assert units


# --- what generated days must keep ------------------------------------------------------------------

CODES = ("97140", "97124", "98941", "97110", "99213", "97012", "97750", "11042")
DAYS = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.sampled_from(("2026-10-05", "2026-10-06")),
        st.sampled_from(("Medicare", "Blue", "Cigna")),
        st.sampled_from(("Ann", "Cy", "Otto", "New")),
        st.sampled_from(CODES),
        st.sampled_from(("-", "GP", "59", "25 GP")),
        st.sampled_from(("1", "2", "9", "-")),
    ),
    min_size=1,
    max_size=14,
)
Line = tuple[str, str, str, str, str, str, str]


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the practice of several disciplines, for generated days."""
    return settings_of(tmp_path_factory.mktemp("several"), PRACTICE)


def marks_by_line(days: list[Line], settings: Settings) -> list[tuple[str, ...]]:
    """Return all marks of every line."""
    head = "patient | service_date | payer | clinician | code | modifiers | units"
    found = bundled("\n".join([head, *(" | ".join(one) for one in days), NEVER_ALONE]), settings).lines
    return list(zip(*(marks_of(found, name) for name in MARKS.values()), strict=True))[: len(days)]


NEVER_ALONE = "Z | 2026-01-01 | Cigna | Max | 97124 | RT | 1"
"""A line by which the files tell of modifiers."""


@given(DAYS, st.randoms(use_true_random=False))
@hypothesis_settings(max_examples=15, deadline=None)
def test_the_order_of_rows_plays_no_part(several: Settings, days: list[Line], random: random.Random) -> None:
    order = list(range(len(days)))
    random.shuffle(order)
    straight, shuffled = (
        marks_by_line(days, several),
        marks_by_line([days[at] for at in order], several),
    )
    assert [straight[at] for at in order] == shuffled


@given(DAYS, DAYS)
@hypothesis_settings(max_examples=15, deadline=None)
def test_lines_of_another_patient_change_no_mark(
    several: Settings, days: list[Line], others: list[Line]
) -> None:
    elsewhere = [("X" + one[0], *one[1:]) for one in others]
    alone = marks_by_line(days, several)
    assert marks_by_line([*days, *elsewhere], several)[: len(days)] == alone


@given(DAYS)
@hypothesis_settings(max_examples=15, deadline=None)
def test_without_the_marked_lines_nothing_is_found(several: Settings, days: list[Line]) -> None:
    """Removing the fault removes the finding."""
    kept = [
        one
        for one, marks in zip(days, marks_by_line(days, several), strict=True)
        if "yes" not in marks[: len(MARKS) - 1]
    ]
    assert all("yes" not in marks[: len(MARKS) - 1] for marks in marks_by_line(kept, several))


@given(DAYS)
@hypothesis_settings(max_examples=15, deadline=None)
def test_each_pair_is_found_as_by_comparing_every_two_lines(several: Settings, days: list[Line]) -> None:
    """The sorted neighbors are all the lines of a day."""
    head = "patient | service_date | payer | clinician | code | modifiers | units"
    found = bundled("\n".join([head, *(" | ".join(one) for one in days)]), several)
    known = read_pairs(None, found.labels["code"])
    rows = np.arange(len(days))
    met = meet(found, sort_days(found, rows), known.pairs, known.edition.begins)
    pairs = {(one.paid, one.bundled) for one in known.pairs if one.ended is None}
    wanted = {
        (a, b)
        for a, one in enumerate(days)
        for b, other in enumerate(days)
        if one[:3] == other[:3] and (one[4], other[4]) in pairs
    }
    assert set(zip(met.paid.tolist(), met.bundled.tolist(), strict=True)) == wanted


# --- the rules themselves ---------------------------------------------------------------------------


def test_a_rule_names_the_edition_that_it_reads(tmp_path: Path) -> None:
    """The shipped extract by its quarter; of limits every edition at hand."""
    told = {rule.id: rule.edition for rule in bundling.rules(shipped())}
    assert "2024-Q3, an extract" in told["bundling/never_together"]
    assert told["bundling/payer_pair"] == ""
    (tmp_path / "edits").mkdir()
    (tmp_path / "edits" / "limits_2026q4.mue").write_text("code,units,per\n")
    told = {rule.id: rule.edition for rule in bundling.rules(settings_of(tmp_path, ""))}
    assert "2024-Q3" in told["bundling/units_limit"]
    assert "2026-Q4, imported" in told["bundling/units_limit"]


def test_every_rule_says_all_that_a_rule_says() -> None:
    """A sentence, an example of each, and what the export must hold; and never to add a modifier."""
    for rule in (*(check.rule for check in PAIR_CHECKS), *(check.rule for check in LIMIT_CHECKS)):
        for word in (rule.sentence, rule.right, rule.wrong, rule.needs, rule.payers):
            assert word, rule.id
        assert "{rows}" in rule.title
        assert "add " not in rule.advice.lower()


def test_days_are_counted_from_1970() -> None:
    found = bundled("service_date\n2026-10-05")
    assert days_of(found).tolist() == [(pd.Timestamp("2026-10-05") - pd.Timestamp("1970-01-01")).days]


def test_the_share_that_is_marked_as_separate_counts_the_unpaid_lines() -> None:
    """Of the shipped edition's pairs that open; office visits are left out."""
    (measure,) = bundling.measures(shipped())
    assert measure.numerator.mark == "pair_opened"
    assert not measure.judged
    assert SHIPPED["pairs"].quarter == "2024-Q3"
