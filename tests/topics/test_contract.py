"""The practice's own rules: four simple kinds, at the payers and dates that they name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from audit.errors import SettingsError
from audit.populations import Populations, populate
from audit.rules import apply
from audit.topics import contract
from tests.practices import AS_OF, marks_of, settings_of, shipped
from tests.tables import claim_lines, visits

OWN = """
[aliases.payers]
"BCBS TX" = "Blue Cross"

[payers."Blue Cross"]
names = ["BCBS"]

[[rules]]
id = "own"
sentence = "Blue Cross {plans} want it."
source = "letter of 2026-01-05"
who = "owner"
payers = ["BCBS TX"]
from = 2026-02-01
to = 2026-11-30
"""

KINDS = {
    "modifier": 'kind = "needs modifier"\ncodes = ["97124"]\nmodifiers = ["GP", "59"]',
    "together": 'kind = "not with"\ncodes = ["97124"]\nothers = ["97140", "97530"]',
    "units": 'kind = "at most units"\ncodes = ["97124"]\nmost = 2',
    "visits": 'kind = "at most visits"\ncodes = ["97124", "97140"]\nmost = 2',
}


def marked(folder: Path, kind: str, lines: str, own: str = OWN) -> Populations:
    billed = claim_lines(lines)
    days = ["2026-10-05"] * (int(billed["visit_id"].max()) + 1)
    found = populate(billed, visits("\n".join(["service_date", *days])), pd.Timestamp(AS_OF), 12)
    return contract.mark(found, settings_of(folder, own + KINDS[kind]), AS_OF)


def marks(folder: Path, kind: str, lines: str, own: str = OWN) -> list[str]:
    return marks_of(marked(folder, kind, lines, own).lines, "contract_own")


def test_a_code_needs_one_of_its_modifiers(tmp_path: Path) -> None:
    told = """
        code  | payer      | modifiers | service_date | last_decision
        97124 | Blue Cross | GP        | 2026-10-05   | paid
        97124 | Blue Cross | XS 59     | 2026-10-05   | denied
        97124 | Blue Cross | -         | 2026-10-05   | paid
        97124 | Blue Cross | 25        | 2026-10-05   | paid
        97140 | Blue Cross | -         | 2026-10-05   | paid
        97124 | Aetna      | -         | 2026-10-05   | paid
        97124 | Blue Cross | -         | 2026-10-05   | not billed
    """
    assert marks(tmp_path, "modifier", told) == ["no", "no", "yes", "yes", "out", "out", "out"]


def test_where_no_line_has_a_modifier_none_is_missing(tmp_path: Path) -> None:
    assert marks(tmp_path, "modifier", "code | payer\n97124 | Blue Cross") == ["unsure"]


@pytest.mark.parametrize(
    ("payer", "mark"),
    [
        ("Blue Cross", "yes"),
        ("BCBS", "yes"),
        ("blue-cross", "yes"),
        ("BCBS TX", "yes"),
        ("Blue Shield", "out"),
        ("Self-pay", "out"),
    ],
)
def test_a_payer_is_meant_by_any_of_its_names(tmp_path: Path, payer: str, mark: str) -> None:
    told = f"code | payer | units\n97124 | {payer} | 3"
    assert marks(tmp_path, "units", told) == [mark]


def test_a_payer_of_no_setting_is_meant_by_its_name_alone(tmp_path: Path) -> None:
    """Two payers that nothing is known of are not the same."""
    own = OWN.replace('["BCBS TX"]', '["Plan of Ohio"]')
    told = "code | payer | units\n97124 | Plan of OHIO | 3\n97124 | Plan of Iowa | 3"
    assert marks(tmp_path, "units", told, own) == ["yes", "out"]


def test_without_payers_every_payer_is_meant(tmp_path: Path) -> None:
    own = OWN.replace('payers = ["BCBS TX"]', "")
    assert marks(tmp_path, "units", "payer units code\nAetna 3 97124\nCigna 2 97124", own) == ["yes", "no"]


@pytest.mark.parametrize(
    ("day", "mark"),
    [("2026-01-31", "out"), ("2026-02-01", "yes"), ("2026-11-30", "yes"), ("2026-12-01", "out")],
)
@pytest.mark.parametrize("kind", ["units", "modifier", "together"])
def test_a_rule_holds_from_its_first_to_its_last_day(tmp_path: Path, kind: str, day: str, mark: str) -> None:
    told = f"""
        visit | code  | payer      | units | modifiers | service_date
        V1    | 97124 | Blue Cross | 3     | 25        | {day}
        V1    | 97140 | Blue Cross | 3     | 25        | {day}
    """
    assert marks(tmp_path, kind, told)[0] == mark


def test_two_codes_do_not_stand_on_one_visit(tmp_path: Path) -> None:
    """Of the same visit and payer; the mark stands on the code that the rule is about."""
    told = """
        visit | code  | payer      | last_decision
        V1    | 97124 | Blue Cross | paid
        V1    | 97530 | Blue Cross | denied
        V2    | 97124 | Blue Cross | paid
        V2    | 97110 | Blue Cross | paid
        V3    | 97124 | Blue Cross | paid
        V3    | 97140 | Aetna      | paid
        V4    | 97124 | Blue Cross | paid
        V4    | 97140 | Blue Cross | excluded: withdrawn
        V5    | 97140 | Blue Cross | paid
    """
    expected = ["yes", "out", "no", "out", "no", "out", "no", "out", "out"]
    assert marks(tmp_path, "together", told) == expected


def test_a_code_that_must_stand_alone_is_not_beside_itself(tmp_path: Path) -> None:
    own = OWN + KINDS["together"].replace('["97140", "97530"]', '["97124", "97140"]')
    told = claim_lines("visit | code | payer\nV1 | 97124 | BCBS\nV2 | 97124 | BCBS\nV2 | 97124 | BCBS")
    found = populate(told, visits("service_date\n10-05\n10-05"), pd.Timestamp(AS_OF), 12)
    found = contract.mark(found, settings_of(tmp_path, own), AS_OF)
    assert marks_of(found.lines, "contract_own") == ["no", "yes", "yes"]


def test_units_above_the_most_are_at_stake(tmp_path: Path) -> None:
    """Of a line of three units expected to be allowed $90, one unit: $30."""
    told = """
        code  | payer | units | allowed
        97124 | BCBS  | 2     | 60.00
        97124 | BCBS  | 3     | 90.00
        97124 | BCBS  | 2.5   | 75.00
        97124 | BCBS  | -     | -
    """
    found = marked(tmp_path, "units", told)
    assert marks_of(found.lines, "contract_own") == ["no", "yes", "yes", "unsure"]
    rule = contract.rules(settings_of(tmp_path, OWN + KINDS["units"]))[0]
    assert apply(rule, found, range(found.months)).cents == 3000 + 1500


def test_visits_beyond_the_most_of_a_calendar_year_are_looked_at(tmp_path: Path) -> None:
    """Days of one patient; the next year begins anew, another code or patient counts for itself."""
    told = """
        visit | patient | code  | payer | service_date
        0     | Old     | 97124 | BCBS  | 2026-01-02
        1     | Ann     | 97124 | BCBS  | 2026-03-01
        1     | Ann     | 97140 | BCBS  | 2026-03-01
        2     | Ann     | 97140 | BCBS  | 2026-03-02
        3     | Ann     | 97124 | BCBS  | 2026-03-04
        4     | Ann     | 97110 | BCBS  | 2026-03-03
        5     | Bob     | 97124 | BCBS  | 2026-03-05
        6     | Ann     | 97124 | Aetna | 2026-03-05
        7     | Ann     | 97124 | BCBS  | 2026-01-05
    """
    expected = ["out", "no", "no", "no", "yes", "out", "no", "out", "out"]
    assert marks(tmp_path, "visits", told) == expected
    own = OWN.replace("from = 2026-02-01", "").replace("to = 2026-11-30", "")
    assert marks(tmp_path, "visits", told, own) == ["no", "no", "no", "yes", "yes", "out", "no", "out", "no"]
    years = "visit | patient | code | payer | service_date\n" + "\n".join(
        f"{at} | Ann | 97124 | BCBS | {day}"
        for at, day in enumerate(["2025-01-02", "2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02"])
    )
    assert marks(tmp_path, "visits", years, own) == ["no", "no", "yes", "no", "no"]


def test_of_a_year_that_began_before_the_files_nobody_knows(tmp_path: Path) -> None:
    """Too many are too many all the same."""
    told = "visit | patient | code | payer | service_date\n" + "\n".join(
        f"{at} | Ann | 97124 | BCBS | 2026-03-0{at}" for at in range(1, 5)
    )
    assert marks(tmp_path, "visits", told) == ["unsure", "unsure", "yes", "yes"]


def test_a_rule_of_ones_own_reads_as_written(tmp_path: Path) -> None:
    """With its source, dates and actor; braces in a sentence are only braces."""
    rule = contract.rules(settings_of(tmp_path, OWN + KINDS["together"]))[0]
    assert rule.id == "contract/own"
    assert rule.title.format(rows="3 lines") == (
        "Check 3 lines against a rule of your own: Blue Cross {plans} want it"
    )
    assert (rule.source, rule.who, rule.payers) == ("letter of 2026-01-05", "owner", "BCBS TX")
    assert (str(rule.in_force_from), str(rule.in_force_to)) == ("2026-02-01", "2026-11-30")
    assert rule.wrong == "97124 and 97140 or 97530 for one patient, day and clinician."
    others = {kind: contract.rules(settings_of(tmp_path, OWN + told))[0] for kind, told in KINDS.items()}
    assert others["modifier"].right == "97124 with GP or 59."
    assert (others["units"].right, others["units"].wrong) == ("97124, 2 units.", "97124, 3 units.")
    assert {kind: rule.task for kind, rule in others.items()} == {
        "modifier": "modifiers",
        "together": "pairs",
        "units": "units",
        "visits": "claims",
    }


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    once = OWN[OWN.index("[[rules]]") :] + KINDS["units"]
    both = f"{OWN}{KINDS['units']}\n{once}"
    with pytest.raises(SettingsError, match='two rules have the id "own"'):
        settings_of(tmp_path, both)


def test_without_rules_of_ones_own_nothing_is_asked() -> None:
    found = populate(claim_lines("code\n97124"), visits("service_date\n10-05"), pd.Timestamp(AS_OF), 12)
    assert contract.mark(found, shipped(), AS_OF) is found
    assert contract.rules(shipped()) == ()
