"""Balances: credits, take-backs, lines paid on two claims, lines answered as something else."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from audit.blocks import Section, Table
from audit.rules import apply
from audit.topics import balances
from tests.practices import compared, mark_rows, marks_of, shipped

AS_OF = date(2026, 12, 1)


def show(lines: str) -> Section | None:
    populations = mark_rows(lines)
    return balances.show(compared(populations), populations, shipped(), AS_OF)


def rows(section: Section | None, name: str) -> list[list[str]]:
    assert section is not None
    table = section.blocks[name]
    assert isinstance(table, Table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_a_credit_is_more_than_nothing_and_not_known_where_nothing_tells() -> None:
    found = mark_rows("""
        | first_decision | credit |
        | paid           | 12.00  |
        | paid           | 0.00   |
        | paid           | -      |
        | not billed     | 12.00  |
    """)
    assert marks_of(found.lines, "credit") == ["yes", "no", "unsure", "out"]


def test_credits_are_listed_with_the_day_first_shown_and_room_to_write() -> None:
    """Of all months, most money first."""
    section = show("""
        | payer | service_date | credit | credit_on  | code  |
        | Aetna | 2026-10-05   | 12.00  | 2026-11-02 | 97140 |
        | Cigna | 2026-08-05   | 40.50  | 2026-09-02 | 97110 |
        | Cigna | 2026-10-06   | 0.00   | -          | 97110 |
    """)
    assert rows(section, "credits") == [
        ["Cigna", "charges.csv 3", "2026-08-05", "97110", "$40.50", "2026-09-02", ""],
        ["Aetna", "charges.csv 2", "2026-10-05", "97140", "$12.00", "2026-11-02", ""],
        ["All", "", "", "", "$52.50", "", ""],
    ]
    assert section is not None
    assert section.lead == "**2 lines** of all months show a credit, $52.50."
    table = section.blocks["credits"]
    assert isinstance(table, Table)
    assert table.heads[-1].text == "Reviewed on"


def test_take_backs_are_listed_whole_or_in_part() -> None:
    """Paid less after a correction too; what was never paid was not taken back in dollars."""
    section = show("""
        | service_date | first_decision | last_decision | taken_back | taken_back_on   |
        | 2026-10-05   | paid           | taken back    | 60.00      | 2026-11-02      |
        | 2026-10-06   | paid           | paid          | 5.00       | 2026-11-03      |
        | 2026-10-07   | paid           | paid          | 0.00       | 2026-11-04      |
    """)
    assert [row[4:6] for row in rows(section, "take_backs")] == [
        ["$60.00", "2026-11-02"],
        ["$5.00", "2026-11-03"],
        ["$65.00", ""],
    ]
    assert section is not None
    assert section.lead == "Payers took back $65 on 2 lines."


def test_code_and_units_answered_stand_beside_those_billed() -> None:
    section = show("""
        | code  | units | answered_as | service_date |
        | 97124 | 2     | 97140 200   | 2026-10-05   |
        | 97110 | 3     | 97110 200   | 2026-10-06   |
        | 97530 | 1     | 97110       | 2026-10-07   |
        | 97530 | 1     | -           | 2026-10-07   |
        | 97530 | 1     | 97110       | 2026-09-07   |
    """)
    assert sorted(row[3:7] for row in rows(section, "answered_otherwise")) == [
        ["97110", "3", "97110", "2"],
        ["97124", "2", "97140", "2"],
        ["97530", "1", "97110", ""],
    ]


def test_lines_paid_on_two_claims_are_to_be_compared_with_the_notes() -> None:
    found = mark_rows("""
        | billed_twice | first_decision | answers |
        | yes          | paid           | 1       |
        | no           | paid           | 1       |
        | no           | no answer      | 0       |
    """)
    assert marks_of(found.lines, "billed_twice") == ["yes", "no", "out"]
    rule = next(one for one in balances.RULES if one.id == "balances/billed_twice")
    one = apply(rule, found, range(1))
    assert one.title == "Compare 1 line paid on two claims for one patient, day and code"
    assert "were services" in one.text


def test_no_advice_asks_for_more_money() -> None:
    """It says what to check: nothing is to be billed, added or signed."""
    for rule in balances.RULES:
        words = f"{rule.title} {rule.advice} {rule.why}".casefold()
        assert not any(word in words for word in ("overpayment", "resubmit", "bill it", "add ", "modifier"))
        assert rule.advice.startswith(("Check", "Compare"))


def test_without_any_of_it_there_is_no_section() -> None:
    assert show("credit taken_back\n0.00 0.00") is None


def test_the_order_in_which_files_were_read_changes_no_list() -> None:
    """Equal amounts follow each other by file and row."""
    populations = mark_rows("credit source_file\n9.00 b.csv\n9.00 a.csv")
    files = populations.lines.frame["source_file"].cat.reorder_categories(["b.csv", "a.csv"])
    lines = replace(populations.lines, frame=populations.lines.frame.assign(source_file=files))
    turned = replace(populations, lines=lines)
    section = balances.show(compared(turned), turned, shipped(), AS_OF)
    assert [row[1] for row in rows(section, "credits")[:2]] == ["a.csv 3", "b.csv 2"]


def test_many_credits_leave_the_page_short() -> None:
    """Sixty at most, the largest; the table beside the page holds all."""
    lines = "credit\n" + "\n".join(f"{number}.00" for number in range(1, 101))
    listed = rows(show(lines), "credits")
    assert len(listed) == 61
    assert (listed[0][4], listed[-1][4]) == ("$100.00", "$5,050.00")
