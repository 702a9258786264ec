"""Every row of the decision table: a case that must fire beside one that must not."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.answers import net_answers
from audit.columns import columns_of
from audit.decisions import BOTH, FIRST, LATEST, TABLE, Row, decide
from audit.lines import DECIDED, DECISIONS
from audit.settings import Settings, load_settings
from tests.tables import claim_lines, postings

LINE_COLUMNS = -len(DECIDED)
SHIPPED = load_settings(None)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Return what decides, for a practice that one payer prepays."""
    practice = tmp_path_factory.mktemp("practice") / "practice.toml"
    practice.write_text(
        '[payers.prepaid]\nnames = ["Prepaid"]\ncapitated = true\nbundles = ["97010"]\n', encoding="utf-8"
    )
    return Judge(load_settings(practice))


class Frames(NamedTuple):
    """What is decided, as tables."""

    decisions: pd.DataFrame
    amounts: pd.DataFrame


class Judge:
    """Decides lines that are written as text tables."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __call__(self, lines: str, posted: str, **defaults: object) -> Frames:
        table = columns_of(claim_lines(lines).iloc[:, :LINE_COLUMNS])
        decided = decide(table, columns_of(postings(posted, **defaults)), self.settings)
        return Frames(pd.DataFrame(decided.decisions), pd.DataFrame(decided.amounts))

    def line(self, posted: str, line: str = "charge\n60", **defaults: object) -> pd.Series:
        """Return what is decided on the first of the lines."""
        return self(line, posted, **defaults).decisions.iloc[0]

    def first(self, posted: str, line: str = "charge\n60", **defaults: object) -> str:
        return str(self.line(posted, line, **defaults)["first_decision"])


DENIED = "group reason amount\n CO 197 60"
PAID = "group reason amount\n - - 40\n CO 45 20"

ONE_ANSWER = {
    # row: what stands on the line and in the answer -> the decision
    "0 self-pay": ("payer\nSelf-pay", PAID, "not billed"),
    "0 a word says it was not billed": (
        "charge\n60",
        "kind|stated|amount\nstatus|not billed|",
        "not billed",
    ),
    "0 not: an insurer": ("payer\nAetna", PAID, "paid"),
    "1 predetermination by claim status": ("charge\n60", "claim_status amount\n25 40", "no answer"),
    "1 predetermination by reason": ("charge\n60", "group reason amount\nOA 101 60", "no answer"),
    "1 not: processed": ("charge\n60", "claim_status amount\n1 40", "paid"),
    "3 later payer by rank": ("charge\n60", "payer_rank amount\n2 40", "unknown"),
    "3 later payer by claim status": ("charge\n60", "claim_status amount\n2 40", "unknown"),
    "3 later payer by OA-23": ("charge\n60", "group reason amount\nOA 23 40\nCO 45 20", "unknown"),
    "3 not: 19 is a first payer that sent the claim on": ("charge\n60", "claim_status amount\n19 40", "paid"),
    "4 sent on by claim status": ("charge\n60", "claim_status amount\n23 0", "excluded: sent on"),
    "4 sent on by reason": ("charge\n60", "group reason amount\nOA B11 60", "excluded: sent on"),
    "4 not: 109 is the wrong payer": ("charge\n60", "group reason amount\nOA 109 60", "denied"),
    "5 pending": ("charge\n60", "group reason amount\nOA 133 60", "pending"),
    "5 no posting": ("charge\n60", "group reason amount", "pending"),
    "5 not: an answer of nothing": ("charge\n60", "amount\n0", "nothing allowed, no reason"),
    "6 rejected": ("charge\n60", "group reason amount remarks\nCO 16 60 MA130", "rejected"),
    "6 not: another remark": ("charge\n60", "group reason amount remarks\nCO 16 60 MA13", "denied"),
    "8 no charge": ("charge\n0", "amount\n0", "excluded: report only"),
    "8 reason 246": ("charge\n60", "group reason amount\nCO 246 60", "excluded: report only"),
    "8 category II": ("code\n4004F", DENIED, "excluded: report only"),
    "8 functional code": ("code\nG8978", DENIED, "excluded: report only"),
    "8 not: a service": ("code\n97140", DENIED, "denied"),
    "9 void": ("frequency\n8", DENIED, "excluded: withdrawn"),
    "9 not: replacement": ("frequency\n7", DENIED, "denied"),
    "10 GY": ("modifiers\nGY", DENIED, "excluded: denial asked for"),
    "10 GX": ("modifiers\nGX", DENIED, "excluded: denial asked for"),
    "10 maintenance care": ("code modifiers\n98941 GA", DENIED, "excluded: denial asked for"),
    "10 not: active care": ("code | modifiers\n98941 | AT GA", DENIED, "denied"),
    "10 not: GA on another code": ("code modifiers\n97140 GA", DENIED, "denied"),
    "10 not: paid all the same": ("modifiers\nGY", PAID, "paid"),
    "11 always bundled": (
        "payer code\nMedicare 97010",
        "group reason amount\nCO 97 60",
        "excluded: bundled as expected",
    ),
    "11 not: another code": ("payer code\nMedicare 97140", "group reason amount\nCO 97 60", "denied"),
    "11 not: another payer": ("payer code\nAetna 97010", "group reason amount\nCO 97 60", "denied"),
    "11 not: another reason": ("payer code\nMedicare 97010", "group reason amount\nCO 236 60", "denied"),
    "12 prepaid": ("payer\nPrepaid", "group reason amount\nCO 24 60", "excluded: prepaid"),
    "12 not: payer not prepaid": ("payer\nAetna", "group reason amount\nCO 24 60", "denied"),
    "12 not: group PR": ("payer\nPrepaid", "group reason amount\nPR 24 60", "denied"),
    "13 upheld, nothing before it": ("charge\n60", "group reason amount\nCO 193 60", "unknown"),
    "14 reduced": ("charge\n60", "group reason amount\n- - 30\nCO 151 30", "reduced"),
    "14 not: only contractual": ("charge\n60", "group reason amount\n- - 30\nCO 45 30", "paid"),
    "15 patient": ("charge\n60", "group reason amount\nPR 1 40\nCO 45 20", "patient"),
    "15 paid beside a patient share": (
        "charge\n60",
        "group reason amount\n- - 30\nPR 2 10\nCO 45 20",
        "paid",
    ),
    "15 paid less sequestration": (
        "charge\n60",
        "group reason amount\n- - 39.20\nCO 45 20\nCO 253 0.80",
        "paid",
    ),
    "15 all withheld": ("charge\n60", "group reason amount\n- - 0\nCO 104 60", "paid"),
    "16 denied": ("charge\n60", DENIED, "denied"),
    "16 denied to the patient's cost": ("charge\n60", "group reason amount\nPR 204 60", "denied"),
    "16 not: netted away": (
        "charge\n60",
        "group reason amount\n- - 10\nCO 97 50\nCO 97 -50\nCO 45 50",
        "paid",
    ),
    "17 reason unknown": ("charge\n60", "group reason amount\nCO ZZ9 60", "reason unknown"),
    "17 not: beside a denial": ("charge\n60", "group reason amount\nCO ZZ9 50\nCO 29 10", "denied"),
    "17 not: beside money": ("charge\n60", "group reason amount\n- - 10\nCO ZZ9 50", "paid"),
    "18 only contractual": ("charge\n60", "group reason amount\nCO 45 60", "nothing allowed, no reason"),
    "18 not: an amount that could not be read": ("charge\n60", "amount\n-", "unknown"),
}


@pytest.mark.parametrize("case", ONE_ANSWER)
def test_row_of_the_table(case: str, judge: Judge) -> None:
    """Each row fires on its case, and does not on the case beside it."""
    line, posted, decision = ONE_ANSWER[case]
    assert judge.first(posted, line) == decision


IN_ORDER = {
    # the line and its postings -> the rows that hold, in printed order; the first decides
    "never sent": ("charge payer\n0 Self-pay", "claim_status amount\n25 40", "0 1 5 8"),
    "never sent, and refused": ("payer\nSelf-pay", DENIED, "0 16 18"),
    "only asked beforehand": ("charge\n0", "claim_status amount\n25 40", "1 5 8"),
    "reversed, then corrected": (
        "frequency\n8",
        "kind group reason amount\nreversal - - 40\nadjustment CO 29 60",
        "2 9 16 18",
    ),
    "a later payer's": ("frequency\n1", "payer_rank group reason amount\n2 CO 29 60", "3 5"),
    "a later payer's of a void": ("frequency\n8", "payer_rank group reason amount\n2 CO 29 60", "3 9"),
    "sent on": ("charge\n0", "group reason amount\nOA B11 60", "4 5 8"),
    "no posting": ("charge frequency\n0 1", "amount", "5 8"),
    "no posting to a void": ("charge frequency\n0 8", "amount", "8 9"),
    "rejected": (
        "patient code frequency modifiers\nann G8978 8 GY\nann G8978 1 -",
        "group reason amount remarks\nOA 18 60 MA130",
        "6 7 8 9 10 16 18",
    ),
    "rejected, not all": (
        "charge\n60",
        "group reason amount remarks\n- - 30 -\nCO 16 30 MA130",
        "6 14 15 16",
    ),
    "duplicate": (
        "patient code frequency modifiers\nann G8978 8 GY\nann G8978 1 -",
        "group reason amount\nOA 18 60",
        "7 8 9 10 16 18",
    ),
    "report only": ("code frequency modifiers\nG8978 8 GY", DENIED, "8 9 10 16 18"),
    "report only, and paid": ("charge frequency\n0 8", "amount\n40", "8 9 15"),
    "withdrawn": (
        "payer code frequency modifiers\nMedicare 97010 8 GY",
        "group reason amount\nCO 97 60",
        "9 10 11 16 18",
    ),
    "withdrawn, and reduced": ("frequency\n8", "group reason amount\n- - 30\nCO 151 30", "9 14 15 16"),
    "denial asked for": (
        "payer code modifiers\nPrepaid 97010 GY",
        "group reason amount\nCO 97 30\nCO 24 30",
        "10 11 12 16 18",
    ),
    "bundled": ("payer code\nPrepaid 97010", "group reason amount\nCO 97 30\nCO 24 30", "11 12 16 18"),
    "bundled, and paid in part": (
        "payer code\nMedicare 97010",
        "group reason amount\n- - 30\nCO 97 30",
        "11 14 15 16",
    ),
    "prepaid": ("payer\nPrepaid", "group reason amount\nCO 24 30\nCO ZZ9 30", "12 16 17 18"),
    "prepaid, and paid in part": ("payer\nPrepaid", "group reason amount\n- - 30\nCO 24 30", "12 14 15 16"),
    "upheld": ("charge\n60", "group reason amount\nCO 193 60", "13"),
    "reduced, the rest left": ("charge\n60", "group reason amount\nPR 1 30\nCO 151 30", "14 15 15 16"),
    "left to the patient": ("charge\n60", "group reason amount\nPR 1 30\nCO ZZ9 30", "15 15 17"),
    "paid, and unexplained": ("charge\n60", "group reason amount\n- - 30\nCO ZZ9 30", "15 17"),
    "refused, and unexplained": ("charge\n60", "group reason amount\nCO 29 30\nCO ZZ9 30", "16 17 18"),
    "unexplained": ("charge\n60", "group reason amount\nCO ZZ9 60", "17 18"),
}

AT_LAST_IN_ORDER = {
    # the same of the latest decision, whose rows 2 and 3 are others
    "never sent": ("payer\nSelf-pay", "group reason amount\nCR 45 -40", "0 2 5"),
    "only asked beforehand": ("charge\n60", "claim_status amount\n25 40\n22 -40", "1 2 5"),
    "taken back": (
        "frequency\n8",
        "posted_on payer_rank amount claim_status\n10-19 1 0 1\n11-19 1 0 22\n11-20 2 30 1",
        "2 3 9 18",
    ),
    "taken back, never answered": ("charge\n0", "group reason amount\nCR 45 -40", "2 5 8"),
    "paid by a later payer": (
        "frequency\n8",
        "payer_rank group reason amount\n1 CO 29 60\n2 - - 40",
        "3 9 16 18",
    ),
}

ORDER_DECIDES_NOTHING = {
    ("2", "2"): "one is of the first decision, the other of the latest",
    ("2", "3"): "both decide the same",
    ("3", "3"): "one is of the first decision, the other of the latest",
    ("3", "4"): "a later payer's money is a latest answer, and 4 needs that there is none",
    ("5", "6"): "5 needs that there is no answer, 6 is said of one",
    ("12", "13"): "12 is said of an answer, 13 needs that there is none",
    ("13", "14"): "13 needs that there is no answer, 14 weighs one",
    ("15", "16"): "what fits both fits 14",
}


def holding(line: str, posted: str, of: str, judge: Judge) -> list[Row]:
    """Return the rows that hold for the first of the lines, in printed order."""
    table = columns_of(claim_lines(line).iloc[:, :LINE_COLUMNS])
    netted = net_answers(table, columns_of(postings(posted)), judge.settings)
    if of == FIRST or 0 not in netted.changed:
        answers, at = netted.first, 0
    else:
        answers, at = netted.latest, netted.changed.tolist().index(0)
    return [row for row in TABLE if row.of in (BOTH, of) and row.holds(answers)[at]]


@pytest.mark.parametrize("of", [FIRST, LATEST])
def test_first_row_that_holds_decides(of: str, judge: Judge) -> None:
    """A line that fits several rows takes the first of them."""
    cases = IN_ORDER if of == FIRST else AT_LAST_IN_ORDER
    for case, (line, posted, numbers) in cases.items():
        rows = holding(line, posted, of, judge)
        assert [row.number for row in rows] == numbers.split(), case
        assert judge.line(posted, line)[f"{of.replace('latest', 'last')}_decision"] == rows[0].decision, case


def test_every_two_neighbors_of_the_table_are_held_in_their_order(judge: Judge) -> None:
    """A case fits both and takes the first, or it is said why none can."""
    held = set()
    for of, cases in ((FIRST, IN_ORDER), (LATEST, AT_LAST_IN_ORDER)):
        for line, posted, _ in cases.values():
            first, *others = holding(line, posted, of, judge)
            held |= {(first, other) for other in others}
    loose = [(one.number, other.number) for one, other in pairwise(TABLE) if (one, other) not in held]
    assert loose == list(ORDER_DECIDES_NOTHING)


def test_table_covers_every_printed_row_in_order() -> None:
    """Rows stand in the printed order, and decide only what a decision can be."""
    numbers = [int(row.number) for row in TABLE]
    assert numbers == sorted(numbers)
    assert {row.decision for row in TABLE} <= set(DECISIONS)


# ---------------------------------------------------------------- reversals and later payers (rows 2 and 3)


def test_reversal_without_correction_is_taken_back(judge: Judge) -> None:
    """A payment taken back leaves the first decision as it was."""
    line = judge.line("""
        posted_on kind        group reason amount claim_status
        10-19     payment     -     -      40     1
        10-19     adjustment  CO    45     20     1
        11-20     payment     -     -      -40    22
        11-20     adjustment  CO    45     -20    22
    """)
    assert (line["first_decision"], line["last_decision"]) == ("paid", "taken back")
    assert line["last_decided_on"] == pd.Timestamp("2026-11-20")


def test_reversal_with_correction_decides_by_the_correction(judge: Judge) -> None:
    """A reversal and its correction on one date: the correction is the latest decision."""
    line = judge.line("""
        posted_on kind        group reason amount claim_status
        10-19     adjustment  CO    197    60     4
        11-20     adjustment  CO    197    -60    22
        11-20     payment     -     -      40     1
        11-20     adjustment  CO    45     20     1
    """)
    assert (line["first_decision"], line["last_decision"]) == ("denied", "paid")
    assert line["answers"] == 2


def test_answer_reversed_and_corrected_on_its_own_day(judge: Judge) -> None:
    """All three on one date: what the reversal matches is the first answer, the rest the latest."""
    line = judge.line("""
        kind        group reason amount claim_status
        adjustment  CO    29     60     4
        adjustment  CO    29     -60    22
        payment     -     -      40     1
        adjustment  CO    45     20     1
    """)
    assert (line["first_decision"], line["last_decision"]) == ("denied", "paid")


def test_reversal_of_an_answer_not_in_the_files(judge: Judge) -> None:
    """Without the original the first decision is unknown; the correction still is the latest."""
    line = judge.line("""
        kind        group reason amount claim_status
        payment     -     -      -40    22
        adjustment  CO    45     -20    22
        adjustment  CO    97     60     4
    """)
    assert (line["first_decision"], line["last_decision"]) == ("unknown", "denied")
    assert pd.isna(line["first_decided_on"])


def test_group_cr_and_kind_reversal_are_reversals(judge: Judge) -> None:
    """A reversal may be told by its group, or by its kind with an unsigned amount."""
    by_group = judge.line("posted_on group reason amount\n10-19 - - 40\n11-20 CR 45 -40")
    by_kind = judge.line("posted_on kind amount\n10-19 payment 40\n11-20 reversal 40")
    assert {by_group["last_decision"], by_kind["last_decision"]} == {"taken back"}


def test_later_payer_never_makes_the_first_decision(judge: Judge) -> None:
    """What the first payer refused stays its first decision though a later payer answered before it."""
    line = judge.line("""
        posted_on payer_rank group reason amount
        10-10     2          -     -      30
        10-19     1          CO    29     60
    """)
    assert (line["first_decision"], line["last_decision"]) == ("denied", "paid")


def test_the_first_decision_has_the_day_of_the_first_payer_s_answer(judge: Judge) -> None:
    """A later payer's money is dated by its own answer, and the denial before it by the denial."""
    line = judge.line("""
        posted_on payer_rank group reason amount
        10-19     1          CO    29     60
        11-19     2          -     -      30
    """)
    assert (line["first_decision"], line["last_decision"]) == ("denied", "paid")
    assert [f"{line[name]:%m-%d}" for name in ("first_decided_on", "last_decided_on")] == ["10-19", "11-19"]


def test_later_payer_that_pays_nothing_changes_nothing(judge: Judge) -> None:
    """A later payer's refusal leaves the first payer's decision standing."""
    line = judge.line("""
        posted_on payer_rank group reason amount
        10-19     1          -     -      40
        10-19     1          PR    2      20
        11-19     2          OA    23     40
        11-19     2          PR    204    20
    """)
    assert (line["first_decision"], line["last_decision"]) == ("paid", "paid")
    assert line["answers"] == 2


def test_later_payer_alone_makes_the_latest(judge: Judge) -> None:
    """With no first payer in the files the first is unknown, the latest what the later payer said."""
    line = judge.line("payer_rank group reason amount\n2 OA 23 40\n2 PR 204 0\n2 - - 20")
    assert (line["first_decision"], line["last_decision"]) == ("unknown", "paid")


# ---------------------------------------------------------------- duplicates (row 7)


def test_duplicate_needs_its_original_among_our_lines(judge: Judge) -> None:
    """CO-18 excludes a line only where another line, not itself refused so, is the original."""
    decided = judge(
        """
        patient code  service_date
        ann     97140 10-05
        ann     97140 10-05
        bob     97140 10-05
        ann     97124 10-05
        ann     97140 10-06
        """,
        "line group reason amount\n0 - - 60\n1 OA 18 60\n2 OA 18 60\n3 CO B13 60\n4 OA 18 60",
    ).decisions["first_decision"]
    assert decided.tolist() == ["paid", "excluded: duplicate", "denied", "denied", "denied"]


def test_two_lines_both_refused_as_duplicates_are_no_originals(judge: Judge) -> None:
    """Neither of two refused lines is the other's original."""
    decided = judge("patient\nann\nann", "line group reason amount\n0 OA 18 60\n1 OA 18 60").decisions
    assert decided["first_decision"].tolist() == ["denied", "denied"]


# ---------------------------------------------------------------- answers after one another


def test_pending_notice_is_passed_over(judge: Judge) -> None:
    """A notice that decides nothing is neither the first nor the latest where an answer is there."""
    line = judge.line("""
        posted_on group reason amount
        10-10     OA    133    60
        10-19     CO    29     60
        11-19     OA    133    60
    """)
    assert (line["first_decision"], line["last_decision"]) == ("denied", "denied")
    assert line["first_decided_on"] == pd.Timestamp("2026-10-19")


def test_upheld_decision_is_carried(judge: Judge) -> None:
    """193 keeps the decision before it (row 13)."""
    line = judge.line("posted_on group reason amount\n10-19 CO 29 60\n11-19 CO 193 60")
    assert (line["first_decision"], line["last_decision"], line["last_reason"]) == (
        "denied",
        "denied",
        "CO-29",
    )
    assert line["answers"] == 2


def test_appeal_won_after_denial(judge: Judge) -> None:
    """First and latest answers are decided apart, and the first keeps its dollars."""
    line = judge.line("posted_on group reason amount\n10-19 CO 29 60\n11-19 - - 40\n11-19 CO 45 20")
    assert (line["first_decision"], line["last_decision"]) == ("denied", "paid")
    assert (line["first_reason"], line["last_reason"], line["first_denied"]) == ("CO-29", "", 6000)


def test_undated_postings_are_one_answer(judge: Judge) -> None:
    """An export without posting dates gives one answer, without a date."""
    line = judge.line("group reason amount\n- - 30\nCO 151 30", posted_on="")
    assert (line["first_decision"], line["last_decision"], line["answers"]) == ("reduced", "reduced", 1)
    assert pd.isna(line["first_decided_on"])


# ---------------------------------------------------------------- reasons


def test_largest_netted_reason_is_named(judge: Judge) -> None:
    """Amounts are netted per group and reason before the largest is named; ties go by code."""
    netted = judge.line("group reason amount\nCO 97 50\nCO 97 -40\nCO 29 20\nCO 50 20\nPR 96 20")
    assert netted["first_reason"] == "CO-29"
    assert netted["first_denied"] == 7000


def test_patient_owes_only_what_is_refused_to_the_patient_alone(judge: Judge) -> None:
    """A line refused under PR is owed by the patient; one refused under PR and CO is not."""
    assert judge.line("group reason amount\nPR 96 60")["patient_owes"]
    assert not judge.line("group reason amount\nPR 96 40\nCO 97 20")["patient_owes"]
    assert not judge.line("group reason amount\n- - 10\nPR 96 50")["patient_owes"]


def test_reasons_without_amounts_count_as_there(judge: Judge) -> None:
    """A cell of denial codes without amounts refuses an unpaid line whole, and reduces a paid one."""
    denied = judge.line("group reason amount\nCO 29 -", "charge paid\n60 0")
    reduced = judge.line("group reason amount\nCO 29 -", "charge paid\n60 40")
    assert (denied["first_decision"], denied["first_reason"], denied["first_denied"]) == (
        "denied",
        "CO-29",
        6000,
    )
    assert reduced["first_decision"] == "reduced"
    assert pd.isna(reduced["first_denied"])


# ---------------------------------------------------------------- exports without postings


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        ("charge paid\n60 40", "paid"),
        ("charge paid allowed\n60 0 50", "patient"),
        ("charge paid patient_share\n60 0 50", "patient"),
        ("charge allowed\n60 50", "paid"),
        ("charge paid allowed\n60 0 0", "pending"),
        ("charge paid\n60 -", "pending"),
    ],
)
def test_amounts_on_the_line_alone(line: str, decision: str, judge: Judge) -> None:
    """Without reasons K is allowed, else paid plus patient share; zeros alone are no answer."""
    assert judge.first("group reason amount", line) == decision


@pytest.mark.parametrize(
    ("line", "word", "decision"),
    [
        ("charge paid\n60 0", "denied", "denied"),
        ("charge paid allowed\n60 0 50", "denied", "denied"),
        ("charge paid\n60 40", "denied", "paid"),
        ("charge paid allowed\n60 0 50", "paid", "patient"),
        ("charge\n60", "paid", "paid"),
        ("charge paid\n60 0", "rejected", "rejected"),
        ("charge paid allowed\n60 0 50", "pending", "pending"),
        ("charge paid\n60 0", "no answer", "no answer"),
    ],
)
def test_status_word_speaks_where_amounts_are_silent(
    line: str, word: str, decision: str, judge: Judge
) -> None:
    """A word decides where no reasons and no money are told; money paid says otherwise."""
    assert judge.first(f"kind | stated | amount\nstatus | {word} |", line) == decision


def test_pending_line_with_amounts_beside_it_stays_pending(judge: Judge) -> None:
    """Exports show amounts on lines that are not decided yet; the word holds for all of that answer."""
    rows = "kind|stated|amount\nstatus|pending|\npayment||0\nallowed||50"
    assert judge.first(rows, "charge allowed\n60 50", posted_on="") == "pending"
    assert judge.first(f"{rows}", "charge allowed\n60 50") == "pending"


def test_pending_in_one_export_and_answered_in_another(judge: Judge) -> None:
    """An undated "pending" does not silence a dated answer."""
    rows = "kind|posted_on|group|reason|stated|amount\nstatus||||pending|\nadjustment|10-19|CO|29||60"
    assert judge.first(rows) == "denied"


def test_word_beside_reasons_is_not_used(judge: Judge) -> None:
    """Reasons weigh more than a word."""
    assert (
        judge.first("kind group reason stated amount\nadjustment CO 45 denied 20\npayment - - - 40") == "paid"
    )


def test_denied_by_word_is_refused_at_its_charge(judge: Judge) -> None:
    """A line refused whole without an amount is refused at its charge."""
    assert judge.line("kind stated amount\nstatus denied -", "charge paid\n60 0")["first_denied"] == 6000


# ---------------------------------------------------------------- amounts


def test_amounts_are_filled_from_postings(judge: Judge) -> None:
    """Paid is all payments less what was taken back; allowed what a balanced answer covers."""
    amounts = judge(
        "charge paid\n60 -\n60 -\n60 12\n60 -\n60 -",
        """
        line posted_on kind       group reason amount payer_rank
        0    10-19     payment    -     -      30     1
        0    10-19     adjustment PR    2      10     1
        0    10-19     adjustment CO    45     20     1
        0    11-19     payment    -     -      10     2
        1    10-19     payment    -     -      40     1
        1    11-19     reversal   -     -      -40    1
        2    10-19     payment    -     -      40     1
        3    10-19     adjustment CO    97     60     1
        4    10-19     adjustment CO    97     50     1
        """,
    ).amounts
    assert amounts["paid"].tolist() == [4000, 0, 1200, 0, pd.NA]
    assert amounts["allowed"].tolist() == [4000, pd.NA, pd.NA, 0, pd.NA]
    assert amounts["patient_share"].tolist()[0] == 1000


def test_allowed_posting_is_what_the_payer_allowed(judge: Judge) -> None:
    """An amount posted as allowed needs no balance."""
    amounts = judge("charge\n60", "kind amount\npayment 30\nallowed 50").amounts
    assert amounts["allowed"].tolist() == [5000]


def test_interest_is_no_payment(judge: Judge) -> None:
    """Interest is neither an answer nor money of the line."""
    decided = judge("charge\n60", "kind amount\ninterest 3")
    assert decided.decisions["first_decision"].tolist() == ["pending"]
    assert decided.amounts["paid"].isna().all()


# ---------------------------------------------------------------- worked examples kept beside the repository


def test_worked_examples_of_denials(shared: Path, judge: Judge) -> None:
    """Each worked example is a denial, or none, as it says, and of the amount it says."""
    examples = json.loads((shared / "domain" / "examples_fixtures.json").read_text(encoding="utf-8"))
    denials = [example for example in examples if example["area"] == "denial"]
    assert {example["id"] for example in denials} >= {"D7", "D8", "D9", "D10", "D11", "D12"}
    for example in denials:
        given_, expected = example["inputs"], example["expected"]
        rows = [f"- - {given_['paid']}", *(f"{g} {r} {a}" for g, r, a in given_["adjustments"])]
        line = judge.line("group reason amount\n" + "\n".join(rows), f"charge\n{given_['charge']}")
        assert (line["first_decision"] == "denied") == expected["initial_denial"], example["id"]
        assert line["patient_owes"] == expected.get("collectable_from_patient", False), example["id"]
        if "denied_amount" in expected:
            assert line["first_denied"] == expected["denied_amount"] * 100, example["id"]


# ---------------------------------------------------------------- invariants

POSTING = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["10-19", "10-20", "11-19", ""]),
    st.sampled_from(["0", "1", "2"]),
    st.sampled_from(["payment", "adjustment", "reversal", "interest", "allowed"]),
    st.sampled_from(
        ["CO 45", "CO 97", "PR 1", "PR 96", "OA 23", "OA 18", "CO 193", "OA 133", "CO ZZ", "CR 45"]
    ),
    st.sampled_from(["60", "40", "20", "0", "-20", "-40", "-60", ""]),
    st.sampled_from(["", "1", "2", "4", "22", "23", "25"]),
)


@given(st.lists(POSTING, max_size=12), st.randoms(use_true_random=False))
@hypothesis_settings(deadline=None, max_examples=80)
def test_row_order_changes_no_decision_and_every_line_has_one(
    rows: list[tuple[object, ...]], shuffle: random.Random
) -> None:
    """Shuffled postings decide alike, every line has exactly one decision, and nothing raises."""
    judge = Judge(SHIPPED)
    texts = []
    for line, day, rank, kind, reason, amount, status in rows:
        pair = str(reason).split() if kind in ("adjustment", "reversal") else ("", "")
        texts.append(" | ".join(map(str, (line, day, rank, kind, *pair, amount, status))))
    header = "line | posted_on | payer_rank | kind | group | reason | amount | claim_status"
    lines = "patient\nann\nann\nbob\nbob"
    straight = judge(lines, "\n".join([header, *texts]))
    shuffled = list(texts)
    shuffle.shuffle(shuffled)
    again = judge(lines, "\n".join([header, *shuffled]))
    pd.testing.assert_frame_equal(straight.decisions, again.decisions)
    pd.testing.assert_frame_equal(straight.amounts, again.amounts)
    assert straight.decisions[["first_decision", "last_decision"]].notna().all(axis=None)
