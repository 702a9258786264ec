"""Waiting: how long payers take to answer, what is usual of each, and what waits longer than that."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audit.blocks import Table
from audit.topics import denials
from audit.waiting import usual_days, usual_days_to_claim
from tests.practices import audit_of, mark_rows, marks_of, settings_of, shipped, write_practice

AS_OF = date(2026, 12, 1)
HEAD = "| payer | service_date | submitted_date | first_decided_on | first_decision |"


def answered(payer: str, days: range, service: date = date(2026, 9, 1)) -> list[str]:
    """Return a line for each number of days after which a payer answered; sent on the day of the service."""
    return [
        f"| {payer} | {service} | {service} | {date.fromordinal(service.toordinal() + one)} | paid |"
        for one in days
    ]


def waits(payer: str, sent: str, decision: str = "no answer") -> str:
    return f"| {payer} | 2026-09-01 | {sent} | - | {decision} |"


def marks(*rows: str, as_of: date = AS_OF) -> list[str]:
    """Return the marks of the lines that wait, in order."""
    found = mark_rows("\n".join([HEAD, *rows]), as_of=as_of)
    waiting = found.lines.frame["first_decision"].isin(["no answer", "pending"]).to_numpy()
    told = marks_of(found.lines, "overdue")
    return [mark for mark, one in zip(told, waiting, strict=True) if one]


def usual(*rows: str) -> dict[str, int]:
    found = mark_rows("\n".join([HEAD, *rows]))
    return dict(zip(found.labels["payer"], usual_days(found, shipped()).tolist(), strict=True))


def test_the_usual_time_is_that_of_nine_answers_in_ten() -> None:
    """Of 20 answers after 1 to 20 days, 18 had come by day 18."""
    assert usual(*answered("Aetna", range(1, 21))) == {"Aetna": 18}


def test_a_payer_with_few_answers_is_measured_by_all_payers() -> None:
    """Eleven tell of themselves, ten do not; and where nobody answered there is none."""
    aetna = answered("Aetna", range(1, 21))
    assert usual(*aetna, *answered("Cigna", range(40, 51)))["Cigna"] == 49
    assert usual(*aetna, *answered("Cigna", range(40, 50)))["Cigna"] == 46
    assert usual(waits("Aetna", "2026-09-01")) == {"Aetna": -1}


def test_the_share_that_makes_it_usual_is_a_setting(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[thresholds]\nusual_answer_share = 0.5")
    found = mark_rows("\n".join([HEAD, *answered("Aetna", range(1, 21))]))
    assert usual_days(found, settings).tolist() == [10]


def test_a_line_is_overdue_the_day_after_its_payers_usual_time() -> None:
    """18 days, while answers are known up to 1 December; whether there was none or only "pending"."""
    known = [*answered("Aetna", range(1, 21)), *answered("Aetna", range(1), date(2026, 12, 1))]
    rows = [
        waits("Aetna", "2026-11-12"),
        waits("Aetna", "2026-11-13"),
        waits("Aetna", "2026-11-12", "pending"),
    ]
    assert marks(*known, *rows) == ["yes", "no", "yes"]


def test_what_the_files_cannot_hold_is_not_missing() -> None:
    """Answers due before the payer's first or after the files' last answer, or of a payer never heard of."""
    known = answered("Aetna", range(1, 21), date(2026, 9, 10))
    rows = [waits("Aetna", "2026-08-20"), waits("Aetna", "2026-09-15"), waits("Cigna", "2026-09-05")]
    assert marks(*known, *rows) == ["unsure", "unsure", "unsure"]
    assert marks(*known, waits("Aetna", "2026-09-08")) == ["yes"]


def test_the_files_reach_as_far_as_any_answer_in_them() -> None:
    """A later answer to another line tells that the files go on; the day of a void is the practice's own."""
    head = "| payer | service_date | first_decided_on | first_decision | last_decided_on | last_decision |"
    rows = ["| Aetna | 2026-09-01 | 2026-09-15 | denied | 2026-09-15 | denied |"] * 11
    waiting = "| Aetna | 2026-09-02 | - | pending | - | pending |"
    for day, decision, told in (
        ("09-15", "denied", "unsure"),
        ("11-10", "paid", "yes"),
        ("11-10", "excluded: withdrawn", "unsure"),
    ):
        last = f"| Aetna | 2026-09-01 | 2026-09-15 | denied | 2026-{day} | {decision} |"
        found = mark_rows("\n".join([head, *rows, last, waiting]), as_of=AS_OF)
        assert marks_of(found.lines, "overdue")[-1] == told


def test_where_no_answer_is_known_nothing_is_overdue() -> None:
    assert marks(waits("Aetna", "2026-09-01")) == ["unsure"]


def test_answered_lines_are_checked_and_self_paid_ones_are_not() -> None:
    known = answered("Aetna", range(1, 21))
    found = mark_rows("\n".join([HEAD, *known, "| Cash | 2026-09-01 | - | - | not billed |"]))
    assert marks_of(found.lines, "overdue") == ["no"] * 20 + ["out"]


def test_where_files_cannot_tell_a_refusal_an_unpaid_line_is_not_overdue() -> None:
    rows = [HEAD, *answered("Aetna", range(1, 21)), waits("Aetna", "2026-09-02")]
    found = mark_rows("\n".join(rows), refusals_told=False)
    assert marks_of(found.lines, "overdue")[-1] == "unsure"


def test_most_claims_are_sent_within_so_many_days() -> None:
    """Ten dates tell nothing yet."""
    rows = [f"| Aetna | 2026-09-01 | 2026-09-{day:02d} | - | no answer |" for day in range(1, 12)]
    assert usual_days_to_claim(mark_rows("\n".join([HEAD, *rows])), shipped()) == 9
    assert usual_days_to_claim(mark_rows("\n".join([HEAD, *rows[:10]])), shipped()) == 0


def test_the_denials_tell_the_days_of_each_payer(tmp_path: Path) -> None:
    """Mean days to claim, answer and money, and within how many days nine answers in ten came."""
    audit = audit_of(
        write_practice(
            tmp_path,
            """
            line_id  payer  service_date  submitted_date
            L1       Aetna  2026-10-01    2026-10-02
            L2       Aetna  2026-10-01    2026-10-05
            L3       Cigna  2026-10-01    2026-10-03
            """,
            """
            line_id  posted_on   reason  amount
            L1       2026-10-12  -       60.00
            L2       2026-10-16  CO-50   60.00
            L2       2026-10-30  -       60.00
            L3       2026-10-23  CO-50   60.00
            """,
        ),
        "2026-10",
    )
    section = denials.show(audit.comparison, audit.populations, audit.settings, AS_OF)
    table = section.blocks["days"]
    assert isinstance(table, Table)
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [
        ["Aetna", "2", "2.50", "10.50", "20.00", "20"],
        ["Cigna", "1", "2.00", "20.00", "—", "20"],
        ["All", "3", "2.33", "13.67", "20.00", ""],
    ]
