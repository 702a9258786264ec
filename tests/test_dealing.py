"""Several equal lines of a claim share the answers that name none of them."""

from __future__ import annotations

from tests.histories import history, shown

COLUMNS = "claim_ref | code | service_date | charge | posted_on | kind | group | reason | amount | source_row"
LINES = "claim_id code\nC1 97140\nC1 97140"


def record(row: int, day: str, *parts: str, charge: str = "60") -> list[str]:
    return [f"C1 | 97140 | 10-05 | {charge} | {day} | {part} | {row}" for part in parts]


PAID = ("payment | | | 30", "adjustment | PR | 1 | 10", "adjustment | CO | 45 | 20")
REFUSED = ("payment | | | 0", "adjustment | CO | 50 | 60")


def deal(*records: list[str], lines: str = LINES) -> list[str]:
    found = history(lines, "\n".join([COLUMNS, *(row for rows in records for row in rows)]))
    return shown(found, "first_decision", "last_decision", "paid", "answers")


def test_answers_that_tell_the_charge_stay_whole() -> None:
    """The best paid goes to the first line, whatever the order of the records."""
    assert deal(record(5, "10-19", *PAID), record(3, "10-19", *REFUSED)) == [
        "paid paid 3000 1",
        "denied denied 0 1",
    ]


def test_a_reversal_goes_to_the_line_it_takes_back_and_its_correction_beside_it() -> None:
    """A refusal reversed and paid is the second line's."""
    back = ("reversal | | | 0", "reversal | CO | 50 | -60")
    told = [record(3, "10-19", *PAID), record(4, "10-19", *REFUSED)]
    told += [record(5, "11-09", *back), record(6, "11-09", *PAID)]
    assert deal(*told) == ["paid paid 3000 1", "denied paid 3000 2"]


def test_charges_tell_equal_codes_apart() -> None:
    """Two lines of one code, claim and day, of different charges."""
    told = [record(3, "10-19", *REFUSED, charge="60"), record(4, "10-19", "payment | | | 50", charge="90")]
    assert deal(*told, lines="claim_id code charge\nC1 97140 90\nC1 97140 60") == [
        "paid paid 5000 1",
        "denied denied 0 1",
    ]


def test_answers_without_a_charge_are_dealt_out_up_to_the_charge() -> None:
    told = [*record(3, "10-19", "adjustment | CO | 18 | 60", "adjustment | CO | 45 | 20", charge="")]
    assert deal(told, record(4, "10-19", "payment | | | 40", charge="")) == [
        "paid paid 4000 1",
        "excluded: duplicate excluded: duplicate 0 1",
    ]
