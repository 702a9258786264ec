"""A line sent again is one line: replacements, voids, new claims, later payers."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.history import History
from audit.resubmissions import LATER_PAYER, SENT_AGAIN
from tests.histories import decisions, history, reasons, shown

SENT = "patient_ref | claim_id | submitted_date | code | modifiers | charge | frequency | replaces"
ANSWER = "claim_ref | payer_claim | code | service_date | posted_on | group | reason | amount | charge"
ORIGINAL = "ann | C1 | 10-06 | 97140 | | 60 | 1 |"
AGAIN = "ann | C2 | 10-20 | 97140 | | 60 | 1 |"


def follow(sent: list[str], answers: list[str], as_of: date = date(2026, 12, 31)) -> History:
    """Return the history of claims as sent and of answers to them."""
    return history("\n".join([SENT, *sent]), "\n".join([ANSWER, *answers]), as_of=as_of)


def answer(claim: str, day: str, said: str, code: str = "97140", payer_claim: str = "") -> list[str]:
    """Return the postings of one answer to a line of 60 dollars."""
    parts = {
        "denied": ["CO | 16 | 60"],
        "duplicate": ["OA | 18 | 60"],
        "rejected": ["CO | 16 | 60"],
        "paid": [" | | 40", "CO | 45 | 20"],
        "reduced": [" | | 20", "CO | 151 | 40"],
        "patient": ["PR | 1 | 40", "CO | 45 | 20"],
        "reversed": ["CR | 45 | -60"],
        "waiting": ["OA | 133 | 60"],
    }
    return [f"{claim} | {payer_claim} | {code} | 10-05 | {day} | {part} | 60" for part in parts[said]]


# ---------------------------------------------------------------- new claims


@pytest.mark.parametrize(
    ("before", "lines"),
    [
        (answer("C1", "10-19", "denied"), 1),
        (answer("C1", "10-19", "waiting"), 1),
        ([], 1),
        ([*answer("C1", "10-12", "paid"), *answer("C1", "10-19", "reversed")], 1),
        (answer("C1", "10-20", "denied"), 1),
        (answer("C1", "10-19", "paid"), 2),
        (answer("C1", "10-19", "reduced"), 2),
        (answer("C1", "10-19", "patient"), 2),
        ([*answer("C1", "10-12", "denied"), *answer("C1", "10-19", "paid")], 2),
    ],
)
def test_a_new_claim_is_the_line_sent_again_unless_that_was_paid(before: list[str], lines: int) -> None:
    """By the latest answer before the sending; where the line was paid, the new one may be billed twice."""
    found = follow([ORIGINAL, AGAIN], [*before, *answer("C2", "11-09", "denied")])
    assert len(found.lines) == lines
    if lines == 1:
        assert shown(found, "claim_id", "sent", "last_decision", "billed_twice") == ["C1 2 denied False"]
        assert reasons(found) == [(SENT_AGAIN, 1)]
    else:
        assert shown(found, "claim_id", "sent", "billed_twice") == ["C1 1 False", "C2 1 True"]


def test_denied_three_times_is_denied_once() -> None:
    """One line, one denial, its dollars once; the others are set aside with theirs."""
    sent = [ORIGINAL, AGAIN, "ann | C3 | 11-20 | 97140 | | 60 | 1 |"]
    answers = [
        *answer("C1", "10-19", "denied"),
        *answer("C2", "11-09", "denied"),
        *answer("C3", "12-09", "denied"),
    ]
    found = follow(sent, answers)
    told = ("first_decision", "last_decision", "last_decided_on", "answers", "sent", "charge", "first_denied")
    assert shown(found, *told) == ["denied denied 12-09 3 3 6000 6000"]
    assert found.set_aside == (("charges.csv", SENT_AGAIN, 2, 12000),)


def test_denied_then_paid_is_recovered() -> None:
    found = follow([ORIGINAL, AGAIN], [*answer("C1", "10-19", "denied"), *answer("C2", "11-09", "paid")])
    told = (
        "first_decision",
        "first_decided_on",
        "last_decision",
        "first_paid_on",
        "paid",
        "allowed",
        "credit",
    )
    assert shown(found, *told) == ["denied 10-19 paid 11-09 4000 4000 0"]


@pytest.mark.parametrize(
    "other",
    [
        "bob | C2 | 10-20 | 97140 | | 60 | 1 |",
        "ann | C2 | 10-20 | 97124 | | 60 | 1 |",
        "ann | C2 | 10-06 | 97140 | | 60 | 1 |",
        "ann | C2 |       | 97140 | | 60 | 1 |",
        " | C2 | 10-20 | 97140 | | 60 | 1 |",
    ],
)
def test_another_service_is_no_resubmission(other: str) -> None:
    """Another patient or code, one not sent later, one of nobody known."""
    assert len(follow([ORIGINAL, other], answer("C1", "10-19", "denied")).lines) == 2


@pytest.mark.parametrize(
    ("clinician", "payer", "lines"),
    [("Dana Dana", "Aetna Aetna", 1), ("Dana -", "Aetna Aetna", 1), ("Dana Priya", "Aetna Aetna", 2),
     ("Dana Dana", "Aetna Cigna", 2), ("Dana Dana", "Self-pay Self-pay", 2)],
)  # fmt: skip
def test_clinician_and_payer_must_be_the_same(clinician: str, payer: str, lines: int) -> None:
    """A clinician who is not told speaks against nothing; nobody sends again what the patient pays."""
    rows = [
        f"ann C{number} 10-{day} {who} {by}"
        for number, day, who, by in zip("12", ("06", "20"), clinician.split(), payer.split(), strict=True)
    ]
    found = history("\n".join(["patient_ref claim_id submitted_date clinician payer", *rows]))
    assert len(found.lines) == lines


def test_other_modifiers_are_the_same_line() -> None:
    """What was billed first stays; the correction is a further sending."""
    again = "ann | C2 | 10-20 | 97140 | 59 | 60 | 1 |"
    found = follow([ORIGINAL, again], [*answer("C1", "10-19", "denied"), *answer("C2", "11-09", "paid")])
    assert shown(found, "modifiers", "last_decision", "sent") == ["- paid 2"]


def test_several_equal_lines_pair_in_order() -> None:
    """Two lines refused and two sent again are two; where one was paid, the second is one of its own."""
    two = [ORIGINAL, ORIGINAL, AGAIN, AGAIN]
    refused = [*answer("C1", "10-19", "denied")] * 2
    assert shown(follow(two, refused), "claim_id", "sent") == ["C1 2", "C1 2"]
    mixed = [f"{row}" for row in (*answer("C1", "10-19", "paid"), *answer("C1", "10-19", "denied"))]
    found = history(
        "\n".join([SENT, *two]),
        "\n".join(
            [f"{ANSWER} | source_row", *(f"{row} | {1 + (place > 1)}" for place, row in enumerate(mixed))]
        ),
    )
    assert shown(found, "claim_id", "last_decision", "sent", "billed_twice") == [
        "C1 paid 1 False",
        "C1 denied 2 False",
        "C2 pending 1 True",
    ]


def test_a_duplicate_refusal_of_a_line_paid_in_the_end_is_a_line() -> None:
    """Whenever the original was paid; and where both were paid, neither was the other sent again."""
    early = [*answer("C1", "10-30", "paid"), *answer("C2", "11-09", "duplicate")]
    found = follow([ORIGINAL, AGAIN], early)
    assert shown(found, "claim_id", "first_decision", "billed_twice") == [
        "C1 paid False",
        "C2 excluded: duplicate True",
    ]
    both = follow([ORIGINAL, AGAIN], [*answer("C1", "10-30", "paid"), *answer("C2", "11-09", "paid")])
    assert shown(both, "claim_id", "first_decision", "billed_twice") == ["C1 paid False", "C2 paid True"]


def test_a_duplicate_refusal_of_the_line_itself_decides_nothing() -> None:
    """The answer to the other sending stands, before or after; alone, it is excluded as a duplicate."""
    before = [*answer("C1", "10-19", "denied"), *answer("C2", "11-09", "duplicate")]
    assert shown(follow([ORIGINAL, AGAIN], before), "first_decision", "last_decision", "last_reason") == [
        "denied denied CO-16"
    ]
    alone = follow([ORIGINAL, AGAIN], answer("C2", "11-09", "duplicate"))
    assert shown(alone, "first_decision", "sent") == ["excluded: duplicate 2"]


def test_the_original_is_answered_first_whenever_it_is_answered() -> None:
    """The answer to a resubmission is no first decision; on one day the two are two answers."""
    for day in ("11-20", "11-09"):
        answers = [*answer("C1", day, "denied"), *answer("C2", "11-09", "reduced")]
        found = follow([ORIGINAL, AGAIN], answers)
        assert shown(found, "first_decision", "first_decided_on") == [f"denied {day}"]
    assert shown(found, "last_decision", "first_denied") == ["reduced 6000"]


def test_a_service_rendered_again_is_not_billed_twice() -> None:
    """Modifier 76 says so."""
    again = "ann | C2 | 10-20 | 97140 | 76 | 60 | 1 |"
    found = follow([ORIGINAL, again], answer("C1", "10-19", "paid"))
    assert found.lines["billed_twice"].tolist() == [False, False]


# ---------------------------------------------------------------- replacements and voids


@pytest.mark.parametrize("first", ["denied", "paid"])
@pytest.mark.parametrize(
    ("replacing", "payer_claim"),
    [
        ("ann | C2 | 10-20 | 97140 | | 60 | 7 | P9", "P9"),
        ("ann | C2 | 10-20 | 97140 | | 60 | 7 | P9", ""),
        ("ann | C1 | 10-20 | 97140 | | 60 | 7 |", ""),
    ],
)
def test_a_replacement_is_the_line_it_replaces(first: str, replacing: str, payer_claim: str) -> None:
    """By the payer's number, else by its own, else by patient, day and code: whatever was answered."""
    answers = answer("C1", "10-19", first, payer_claim=payer_claim)
    found = follow([ORIGINAL, replacing], answers)
    assert shown(found, "claim_id", "first_decision", "sent", "billed_twice") == [f"C1 {first} 2 False"]
    assert reasons(found) == [(SENT_AGAIN, 1)]


def test_a_changed_code_is_followed_along_the_payers_number_alone() -> None:
    """And only where one line of the day is left on either side."""
    named, unnamed = (f"ann | C2 | 10-20 | 97124 | | 60 | 7 | {number}" for number in ("P9", "P8"))
    answers = answer("C1", "10-19", "denied", payer_claim="P9")
    assert shown(follow([ORIGINAL, named], answers), "code", "sent") == ["97140 2"]
    assert len(follow([ORIGINAL, unnamed], answers).lines) == 2
    second = "ann | C1 | 10-06 | 97110 | | 60 | 1 |"
    assert len(follow([ORIGINAL, second, named], answers).lines) == 3
    same = "ann | C2 | 10-20 | 97110 | | 60 | 7 | P9"
    assert shown(follow([ORIGINAL, second, named, same], answers), "code", "sent") == ["97140 2", "97110 2"]


def test_a_replacement_of_the_replacement_is_one_line() -> None:
    third = "ann | C3 | 11-20 | 97140 | | 60 | 7 | P2"
    second = "ann | C2 | 10-20 | 97140 | | 60 | 7 | P1"
    answers = [
        *answer("C1", "10-19", "denied", payer_claim="P1"),
        *answer("C2", "11-09", "denied", payer_claim="P2"),
    ]
    found = follow([ORIGINAL, second, third], [*answers, *answer("C3", "12-09", "paid", payer_claim="P3")])
    assert shown(found, "claim_id", "first_decision", "last_decision", "sent", "answers") == [
        "C1 denied paid 3 3"
    ]


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        (answer("C1", "10-19", "paid"), "paid"),
        ([*answer("C1", "10-19", "paid"), *answer("C1", "11-09", "reversed")], "paid"),
        ([], "excluded: withdrawn"),
    ],
)
def test_a_void_withdraws_the_line(answers: list[str], first: str) -> None:
    """The first decision stays, whatever the payer does about it; a line never answered was withdrawn."""
    found = follow([ORIGINAL, "ann | C1 | 10-25 | 97140 | | 60 | 8 |"], answers)
    told = ("first_decision", "last_decision", "last_decided_on", "sent")
    assert shown(found, *told) == [f"{first} excluded: withdrawn 10-25 1"]


def test_after_a_void_a_new_claim_is_the_line_sent_again() -> None:
    sent = [ORIGINAL, "ann | C1 | 10-25 | 97140 | | 60 | 8 |", "ann | C2 | 10-30 | 97140 | | 60 | 1 |"]
    found = follow(sent, [*answer("C1", "10-19", "paid"), *answer("C2", "11-20", "denied")])
    assert shown(found, "claim_id", "first_decision", "last_decision", "sent") == ["C1 paid denied 2"]


@pytest.mark.parametrize("answers", [answer("C9", "11-09", "denied"), []])
def test_a_void_of_a_claim_not_in_the_files_stands_alone(answers: list[str]) -> None:
    """It was withdrawn, whatever the payer says to it: nobody waits for an answer."""
    found = follow(["ann | C9 | 10-25 | 97140 | | 60 | 8 | P7"], answers)
    assert decisions(found) == ["excluded: withdrawn"]


# ---------------------------------------------------------------- the same claim number


def test_a_claim_sent_again_under_its_number_is_the_line_it_was() -> None:
    """Two lines of one sending stay two."""
    again = "ann | C1 | 10-20 | 97140 | | 60 | 1 |"
    assert shown(follow([ORIGINAL, again], answer("C1", "10-19", "paid")), "sent", "paid") == ["2 4000"]
    assert len(follow([ORIGINAL, ORIGINAL], []).lines) == 2
    assert shown(follow([ORIGINAL, ORIGINAL, again], []), "sent") == ["2", "1"]


def test_a_claim_number_used_for_other_days_is_no_resubmission() -> None:
    """Many systems number claims by patient."""
    rows = "ann C1 10-06 10-05\nann C1 10-13 10-12\nbob C1 10-20 10-05"
    found = history(f"patient_ref claim_id submitted_date service_date\n{rows}")
    assert len(found.lines) == 3


# ---------------------------------------------------------------- later payers


def test_a_claim_to_a_later_payer_is_no_line() -> None:
    """Its answers are a later payer's, whatever status they carry; where no first claim is there it stays."""
    header = "patient_ref claim_id submitted_date payer payer_rank"
    first, second = "ann C1 10-06 Aetna 1", "ann C1S 11-01 Cigna 2"
    answers = [*answer("C1", "10-19", "denied"), *answer("C1S", "11-20", "paid")]
    told = "\n".join([ANSWER, *answers])
    found = history(f"{header}\n{first}\n{second}", told)
    assert reasons(found) == [(LATER_PAYER, 1)]
    assert shown(found, "first_decision", "last_decision", "paid", "sent") == ["denied paid 4000 1"]
    assert set(found.postings["payer_rank"]) == {1, 2}
    alone = history(f"{header}\n{second}", told)
    assert shown(alone, "first_decision", "last_decision") == ["unknown paid"]


# ---------------------------------------------------------------- as of a date


CASE = (
    [ORIGINAL, AGAIN, "bob | C5 | 10-30 | 97140 | | 60 | 1 |"],
    [*answer("C1", "10-19", "denied"), *answer("C2", "11-09", "paid")],
)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 10, 10), ["C1 pending pending 1 -"]),
        (date(2026, 10, 19), ["C1 denied denied 1 -"]),
        (date(2026, 10, 20), ["C1 denied denied 2 -"]),
        (date(2026, 11, 9), ["C1 denied paid 2 4000"]),
    ],
)
def test_what_was_sent_later_was_not_known(day: date, told: list[str]) -> None:
    """Neither is its answer; a line of the list that was there already was not sent yet."""
    columns = ("claim_id", "first_decision", "last_decision", "sent", "paid")
    found = follow(*CASE, as_of=day)
    assert shown(found, *columns)[:1] == [told[0].replace(" -", " 0" if "denied" in told[0] else " -")]
    assert found.lines["sent"].iloc[-1] == (1 if day >= date(2026, 10, 30) else 0)


def test_a_claim_file_as_of_a_day_is_the_file_cut_on_that_day() -> None:
    """All claims and answers known, looked at as of a day, or cut: the same lines, decisions and counts."""
    sent = [f"{row} | yes" for row in CASE[0]]
    days = {"C1": 6, "C2": 20, "C5": 30}
    for day in (10, 19, 20, 30):
        cut = [row for row in sent if days[row.split(" | ")[1]] <= day]
        answers = [row for row in CASE[1] if day >= 19 and "10-19" in row]
        whole = history(
            "\n".join([f"{SENT} | from_claim", *sent]),
            "\n".join([ANSWER, *CASE[1]]),
            as_of=date(2026, 10, day),
        )
        part = history("\n".join([f"{SENT} | from_claim", *cut]), "\n".join([ANSWER, *answers]))
        columns = ("claim_id", "first_decision", "last_decision", "sent", "answers", "has_claim", "paid")
        assert shown(whole, *columns) == shown(part, *columns)


# ---------------------------------------------------------------- invariants

ROW = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["C1", "C2", "C3"]),
    st.sampled_from(["10-06", "10-20", "11-05", ""]),
    st.sampled_from(["97140", "97124"]),
    st.sampled_from(["", "59"]),
    st.sampled_from(["60", "70"]),
    st.sampled_from(["1", "1", "7", "8"]),
    st.sampled_from(["", "P1", "P2"]),
    st.sampled_from(["0", "1", "1", "2"]),
    st.sampled_from(["yes", "no"]),
    st.sampled_from(["a.837", "b.csv"]),
)
SAID = st.tuples(
    st.sampled_from(["C1", "C2", "C3"]),
    st.sampled_from(["10-19", "11-09", ""]),
    st.sampled_from(["denied", "paid", "duplicate", "reversed"]),
    st.sampled_from(["97140", "97124"]),
    st.sampled_from(["", "P1", "P2"]),
)


@given(st.lists(ROW, max_size=8), st.lists(SAID, max_size=6), st.randoms(use_true_random=False))
@hypothesis_settings(deadline=None, max_examples=50)
def test_no_charge_is_lost_and_order_plays_no_part(
    rows: list[tuple[str, ...]], said: list[tuple[str, ...]], shuffle: random.Random
) -> None:
    """What is kept and what is set aside are what was read; shuffled rows give the same history."""
    sent = [f"{' | '.join(row)} | {number}" for number, row in enumerate(rows)]
    answers = [
        f"{part} | {number}.{place}".replace(".", "")
        for number, each in enumerate(said, start=1)
        for place, part in enumerate(answer(*each))
    ]

    def build() -> History:
        return history(
            "\n".join([f"{SENT} | payer_rank | from_claim | source_file | source_row", *sent]),
            "\n".join([f"{ANSWER} | source_row", *answers]),
        )

    found = build()
    assert len(found.lines) + len(found.fates) == len(rows)
    aside = sum(each.cents for each in found.set_aside)
    assert found.lines["charge"].sum() + aside == sum(100 * int(row[5]) for row in rows)
    columns = (
        "code",
        "claim_id",
        "charge",
        "first_decision",
        "last_decision",
        "sent",
        "answers",
        "billed_twice",
    )
    told = sorted(shown(found, *columns, "has_claim", "paid", "taken_back", "source_row"))
    shuffle.shuffle(sent)
    shuffle.shuffle(answers)
    again = build()
    assert sorted(shown(again, *columns, "has_claim", "paid", "taken_back", "source_row")) == told
    assert (again.set_aside, again.joins, again.unmatched) == (found.set_aside, found.joins, found.unmatched)
