"""Claims and charges: fees, usual amounts, one visit on two claims, filing limits."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from audit.populations import Populations, populate
from audit.rules import apply
from audit.settings import Settings
from audit.topics import claims
from tests.practices import AS_OF, marks_of, settings_of, shipped
from tests.tables import claim_lines, visits

RULES = {rule.mark: rule for rule in claims.rules(shipped())}


def marked(text: str, settings: Settings | None = None) -> Populations:
    billed = claim_lines(text)
    days = ["2026-10-05"] * (int(billed["visit_id"].max()) + 1)
    found = populate(billed, visits("\n".join(["service_date", *days])), pd.Timestamp(AS_OF), 12)
    return claims.mark(found, settings or shipped(), AS_OF)


def marks(name: str, text: str, settings: Settings | None = None) -> list[str]:
    return marks_of(marked(text, settings).lines, name)


# --- charge and fee -----------------------------------------------------------------------

FEES = """
[fees]
"97140" = 60.00
"97110" = [{ value = 55.0, to = 2026-06-30 }, { value = 58.35, from = 2026-07-01 }]
"""


def test_a_charge_is_the_fee_times_the_units(tmp_path: Path) -> None:
    """By the fee of the date of service; without a fee or units nothing is checked."""
    told = """
        code  | service_date | units | charge | last_decision
        97140 | 2026-10-05   | 2     | 120.00 | paid
        97140 | 2026-10-05   | 2     | 100.00 | paid
        97140 | 2026-10-05   | 2     | 120.01 | denied
        97110 | 2026-06-30   | 1     | 55.00  | paid
        97110 | 2026-07-01   | 1     | 55.00  | paid
        97110 | 2026-07-01   | 1.5   | 87.53  | paid
        97124 | 2026-10-05   | 1     | 45.00  | paid
        97140 | 2026-10-05   | -     | 60.00  | paid
        97140 | 2026-10-05   | 1     | -      | paid
        97140 | 2026-10-05   | 0     | 60.00  | paid
        97140 | 2026-10-05   | 1     | 45.00  | not billed
    """
    expected = ["no", "yes", "yes", "no", "yes", "no", "unsure", "unsure", "unsure", "out", "out"]
    assert marks("claim_fee", told, settings_of(tmp_path, FEES)) == expected


def test_without_a_fee_schedule_no_charge_is_checked() -> None:
    assert marks("claim_fee", "code charge\n97140 60.00") == ["unsure"]
    assert RULES["claim_fee"].money == ""


def test_a_fee_before_its_first_day_is_not_known(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[fees]\n"97140" = [{ value = 60.0, from = 2026-10-06 }]')
    told = "service_date charge\n2026-10-05 50.00\n2026-10-06 50.00"
    assert marks("claim_fee", told, settings) == ["unsure", "yes"]


# --- allowed and usual --------------------------------------------------------------------


def allowed(*told: str, usual: int = 11) -> str:
    """Return so many usual answers of $30 a unit for 97140 at Aetna, and the lines told."""
    head = "payer | code | units | allowed | modifiers | last_decision | service_date"
    each = "Aetna | 97140 | 1 | 30.00 | - | paid | 2026-10-05"
    return "\n".join([head, *([each] * usual), *told])


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("Aetna | 97140 | 1 | 21.00 | - | paid    | 2026-10-05", "no"),
        ("Aetna | 97140 | 1 | 20.99 | - | paid    | 2026-10-05", "yes"),
        ("Aetna | 97140 | 2 | 41.98 | - | patient | 2026-10-05", "yes"),
        ("Aetna | 97140 | 2 | 60.00 | - | paid    | 2026-10-05", "no"),
        ("Aetna | 97140 | 1 | 20.00 | - | reduced | 2026-10-05", "out"),
        ("Aetna | 97140 | 1 | 20.00 | CQ | paid   | 2026-10-05", "out"),
        ("Aetna | 97140 | 1 | 0.00  | - | denied  | 2026-10-05", "out"),
        ("Aetna | 97140 | 1 | -     | - | paid    | 2026-10-05", "out"),
        ("Aetna | 97140 | 1 | 20.00 | - | paid    | 2025-12-01", "out"),
        ("Aetna | 97140 | 1 | 20.00 | - | paid    | 2025-12-02", "yes"),
        ("Cigna | 97140 | 1 | 20.00 | - | paid    | 2026-10-05", "unsure"),
        ("Aetna | 97124 | 1 | 20.00 | - | paid    | 2026-10-05", "unsure"),
    ],
)
def test_an_amount_far_below_the_payers_usual_is_looked_at(line: str, mark: str) -> None:
    """Below 70 % of the median for the payer and code, a unit; in the months of the usual alone."""
    assert marks("claim_below_usual", allowed(line))[-1] == mark


def test_a_few_answers_make_no_usual() -> None:
    low = "Aetna | 97140 | 1 | 10.00 | - | paid | 2026-10-05"
    assert marks("claim_below_usual", allowed(low, usual=9))[-1] == "unsure"
    assert marks("claim_below_usual", allowed(low, usual=10))[-1] == "yes"


def test_what_is_short_of_the_usual_is_at_stake() -> None:
    found = marked(allowed("Aetna | 97140 | 2 | 35.00 | - | paid | 2026-10-05"))
    told = apply(RULES["claim_below_usual"], found, range(found.months))
    assert (told.rows, told.cents, told.stake, told.task) == (1, 2500, "at risk", "answers")


# --- one visit, two claims ----------------------------------------------------------------


def split(*told: str) -> list[str]:
    head = "visit | claim_id | code | payer | frequency | billed_twice | last_decision"
    return marks("claim_split", "\n".join([head, *told]))


def test_one_visit_on_two_claims_is_looked_at() -> None:
    """Another visit, another payer or a patient's own line is no second claim."""
    one = "V1 | C1 | 97140 | Aetna | 1 | no | paid"
    two = "V1 | C2 | 97110 | Aetna | 1 | no | paid"
    assert split(one, two) == ["yes", "yes"]
    assert split(one, two.replace("C2", "C1")) == ["no", "no"]
    assert split(one, two.replace("V1", "V2")) == ["no", "no"]
    assert split(one, two.replace("Aetna", "Cigna")) == ["no", "no"]
    assert split(one, two.replace("paid", "not billed")) == ["no", "out"]
    assert split(one, two.replace("C2", "-")) == ["no", "unsure"]
    secondary = two.replace("Aetna", "Cigna")
    assert split(one, secondary, secondary.replace("C2 | 97110", "C3 | 97112")) == ["no", "yes", "yes"]


def test_a_claim_sent_again_is_no_second_claim() -> None:
    """A replacement, a withdrawal, a line paid twice and the same code again are told elsewhere."""
    one = "V1 | C1 | 97140 | Aetna | 1 | no | paid"
    assert split(one, "V1 | C2 | 97110 | Aetna | 7 | no  | paid") == ["no", "out"]
    assert split(one, "V1 | C2 | 97110 | Aetna | 8 | no  | paid") == ["no", "out"]
    assert split(one, "V1 | C2 | 97140 | Aetna | 1 | yes | paid") == ["no", "out"]
    assert split(one, "V1 | C2 | 97140 | Aetna | 1 | no  | denied") == ["out", "out"]


def test_more_services_than_a_claim_holds_need_two() -> None:
    lines = [f"V1 | C{at // 6} | {97110 + at} | Aetna | 1 | no | paid" for at in range(7)]
    assert set(split(*lines)) == {"out"}


def test_where_every_line_is_a_claim_nobody_knows() -> None:
    """Some systems number lines, not claims: then no visit is on two."""
    lines = [f"V{at // 2} | C{at} | {97110 + at % 2} | Aetna | 1 | no | paid" for at in range(12)]
    assert set(split(*lines)) == {"unsure"}
    whole = [f"W{at // 2} | D{at // 2} | {97110 + at % 2} | Aetna | 1 | no | paid" for at in range(12)]
    assert split(*lines, *whole) == ["yes"] * 12 + ["no"] * 12


# --- filing -------------------------------------------------------------------------------

LIMITS = """
[payers.Aetna]
filing_days = [{ value = 90, to = 2026-06-30 }, { value = 120, from = 2026-07-01 }]
"""


@pytest.mark.parametrize(
    ("served", "sent", "decision", "mark"),
    [
        ("2026-01-05", "2026-04-05", "denied", "no"),
        ("2026-01-05", "2026-04-06", "denied", "yes"),
        ("2026-06-30", "2026-09-29", "no answer", "yes"),
        ("2026-07-01", "2026-09-30", "no answer", "no"),
        ("2026-01-05", "2026-04-06", "paid", "out"),
        ("2026-01-05", "2026-04-06", "not billed", "out"),
        ("2026-01-05", "-", "denied", "unsure"),
    ],
)
def test_a_claim_past_the_payers_limit_is_looked_at(
    tmp_path: Path, served: str, sent: str, decision: str, mark: str
) -> None:
    """By the limit of the date of service; what the payer took was not too late."""
    told = f"service_date | submitted_date | last_decision\n{served} | {sent} | {decision}"
    assert marks("claim_filed_late", told, settings_of(tmp_path, LIMITS)) == [mark]


def test_medicares_year_ships_and_another_limit_is_not_known() -> None:
    told = """
        payer    | service_date | submitted_date | frequency | last_decision
        Medicare | 2025-01-05   | 2026-01-05     | 1         | denied
        Medicare | 2025-01-05   | 2026-01-07     | 1         | denied
        Medicare | 2025-01-05   | 2026-01-07     | 7         | denied
        Cigna    | 2025-01-05   | 2026-01-07     | 1         | denied
    """
    assert marks("claim_filed_late", told) == ["no", "yes", "out", "unsure"]


# --- what holds for all -------------------------------------------------------------------


def test_the_order_of_rows_changes_no_mark() -> None:
    head = "visit | claim_id | payer | code | units | allowed | last_decision | submitted_date"
    lines = [
        *(f"V{at} | C{at} | Aetna | 97140 | 1 | 30.00 | paid | 2026-10-06" for at in range(12)),
        "X | D1 | Aetna | 97140 | 1 | 10.00 | paid | 2026-10-06",
        "X | D2 | Aetna | 97110 | 1 | 10.00 | denied | 2028-10-06",
    ]
    straight, turned = (marked("\n".join([head, *table])).lines for table in (lines, lines[::-1]))
    for name in RULES:
        assert marks_of(straight, name) == marks_of(turned, name)[::-1]


def test_a_rule_says_what_to_check_and_gives_both_examples() -> None:
    for rule in RULES.values():
        assert rule.sentence.endswith(".")
        assert rule.right
        assert rule.wrong
