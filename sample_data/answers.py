"""What payers do with the lines: accept, refuse, cut, answer again, take back; a second payer's answers.

In go draws, lines, payers and codes; out comes one row per answer to a line, with the columns of ANSWER:
amounts in cents, `day` in days, nothing after the as-of date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .draws import AS_OF, BLANK, EPOCH, Bools, Draws, Ints
from .roster import AUTO, BLUE, COMMERCIAL_A, COMP, MEDICARE, Code, Payer

# One row per answer to a line. At the first payer paid + contractual + share + sequester + refused = charge.

ANSWER = {
    "line": 0,
    "day": 0,
    "rank": 1,
    "reversal": False,
    "status": "1",
    "paid": 0,
    "contractual": 0,
    "share": 0,
    "share_reason": "",
    "sequester": 0,
    "prior": 0,
    "refused": 0,
    "group": "",
    "reason": "",
    "remarks": "",
    "allowed": BLANK,
}


class Refusal(NamedTuple):
    """Why a payer refuses: group, reason, remark."""

    group: str
    reason: str
    remarks: str = ""


WHOLE_CLAIM = (
    Refusal("CO", "197"),
    Refusal("CO", "16", "N290"),
    Refusal("CO", "16", "MA130"),
    Refusal("CO", "109"),
    Refusal("CO", "29"),
    Refusal("CO", "22", "MA04"),
)
WHOLE_CLAIM_WEIGHTS = {  # by payer; others as the first
    BLUE: (0.40, 0.22, 0.08, 0.16, 0.04, 0.10),
    MEDICARE: (0.05, 0.50, 0.20, 0.12, 0.03, 0.10),
    COMP: (0.60, 0.22, 0.05, 0.10, 0.03, 0.0),
    AUTO: (0.20, 0.40, 0.05, 0.22, 0.05, 0.08),
}
ONE_LINE = (
    Refusal("CO", "50"),
    Refusal("CO", "97", "M15"),
    Refusal("PR", "204"),
    Refusal("PR", "119"),
    Refusal("CO", "4", "N822"),
    Refusal("CO", "151", "N362"),  # units cut where there are several
    Refusal("CO", "45"),  # the contract takes the whole charge
)
ONE_LINE_WEIGHTS = {  # by group of codes; others as "other"
    "other": (0.40, 0.20, 0.04, 0.20, 0.12, 0.0, 0.04),
    "massage": (0.22, 0.06, 0.36, 0.16, 0.02, 0.16, 0.02),
    "manual": (0.22, 0.38, 0.02, 0.12, 0.08, 0.16, 0.02),
    "procedure": (0.34, 0.06, 0.0, 0.24, 0.14, 0.20, 0.02),
    "adjustment": (0.46, 0.02, 0.0, 0.40, 0.10, 0.0, 0.02),
}
BUNDLED = Refusal("CO", "97", "M15")
REPORT_ONLY = Refusal("CO", "246")
PENDING = Refusal("OA", "133")


def new_answers(lines: pd.DataFrame, on: Ints) -> pd.DataFrame:
    """Empty answers of the first payer to `lines` on the days `on`."""
    answers = pd.DataFrame(ANSWER, index=range(len(lines)))
    answers["line"], answers["day"] = lines["line"].to_numpy(), on
    return answers


def accept(lines: pd.DataFrame, on: Ints, payers: Sequence[Payer]) -> pd.DataFrame:
    """Answers that accept each line: allowed amount less the patient's share and Medicare's sequester."""
    answers = new_answers(lines, on)
    allowed, share = lines["allowed"].to_numpy(), lines["share"].to_numpy()
    medicare = lines["payer_name"].to_numpy() == MEDICARE
    answers["contractual"] = lines["charge"].to_numpy() - allowed
    answers["share"] = share
    answers["share_reason"] = np.where(share > 0, lines["share_reason"], "")
    answers["sequester"] = np.where(medicare, ((allowed - share) * 2 + 50) // 100, 0)
    answers["paid"] = allowed - share - answers["sequester"].to_numpy()
    tells = np.array([payer.tells_allowed for payer in payers])[lines["payer"].to_numpy()]
    answers["allowed"] = np.where(tells, allowed, BLANK)
    return answers


def explain(answers: pd.DataFrame, where: Bools, refusal: Refusal) -> None:
    """Give the answers `where` the reason of `refusal`."""
    for column, text in refusal._asdict().items():
        answers.loc[where, column] = text


def refuse(answers: pd.DataFrame, where: Bools, charge: Ints, refusal: Refusal, status: str = "1") -> None:
    """Turn the answers `where` into a refusal of the whole charge."""
    for column in ("paid", "contractual", "share", "sequester"):
        answers.loc[where, column] = 0
    answers.loc[where, "share_reason"] = ""
    answers.loc[where, "allowed"] = BLANK
    answers.loc[where, "status"] = status
    if refusal == Refusal("CO", "45"):
        answers.loc[where, "contractual"] = charge[where]
        return
    answers.loc[where, "refused"] = charge[where]
    explain(answers, where, refusal)


def cut_units(answers: pd.DataFrame, where: Bools, lines: pd.DataFrame) -> None:
    """Turn the answers `where` into one unit allowed, the others refused as too many."""
    allowed, units = lines["allowed"].to_numpy(), np.maximum(lines["units"].to_numpy(), 1)
    kept = allowed // units
    for column in ("share", "sequester"):
        answers.loc[where, column] = answers[column].to_numpy()[where] // units[where]
    answers.loc[where, "refused"] = (allowed - kept)[where]
    answers.loc[where, "paid"] = (kept - answers["share"].to_numpy() - answers["sequester"].to_numpy())[where]
    answers.loc[where & (answers["allowed"].to_numpy() != BLANK), "allowed"] = kept[
        where & (answers["allowed"].to_numpy() != BLANK)
    ]
    explain(answers, where, Refusal("CO", "151", "N362"))


def by_claim(lines: pd.DataFrame, make: Callable[[int], NDArray[Any]]) -> NDArray[Any]:
    """Draw once per claim and hand the draw to each of its lines."""
    found: NDArray[Any] = make(int(lines["visit"].max()) + 1)[lines["visit"].to_numpy()]
    return found


def first_answers(
    draws: Draws, lines: pd.DataFrame, practice_payers: Sequence[Payer], codes: Sequence[Code]
) -> pd.DataFrame:
    """The first answer to each line that was sent and answered by the as-of date."""
    as_of = (AS_OF - EPOCH).days
    wait = by_claim(lines, lambda count: draws.between(count, 10, 45))
    silent = by_claim(lines, lambda count: draws.chance(count, 0.012))
    answers = accept(lines, lines["submitted"].to_numpy() + wait, practice_payers)
    refuse_some_lines(draws, answers, lines, practice_payers, codes)
    refuse_some_claims(draws, answers, lines, practice_payers)
    charge, name = lines["charge"].to_numpy(), lines["code_name"].to_numpy()
    refuse(answers, by_claim(lines, lambda count: draws.chance(count, 0.008)), charge, PENDING)
    refuse(answers, (name == "97010") & (lines["payer_name"].to_numpy() == MEDICARE), charge, BUNDLED)
    refuse(answers, name == "4004F", charge, REPORT_ONLY)
    sent = (lines["submitted"].to_numpy() != BLANK) & ~silent & (answers["day"].to_numpy() <= as_of)
    found: pd.DataFrame = answers[sent].reset_index(drop=True)
    return found


def refuse_some_lines(
    draws: Draws, answers: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer], codes: Sequence[Code]
) -> None:
    """Refuse single lines, for reasons that depend on the code."""
    rate = np.array([payer.line_denials for payer in payers])[lines["payer"].to_numpy()]
    group = np.array([code.group for code in codes], dtype=object)[lines["code"].to_numpy()]
    rate = np.where(np.isin(group, ["evaluation", "visit"]), rate / 3, rate)
    rate = np.where(group == "massage", rate * 2, rate)
    rate = np.where((group == "manual") & (lines["payer_name"].to_numpy() == COMMERCIAL_A), rate + 0.02, rate)
    chosen = draws.chance(len(lines), rate)
    charge, units = lines["charge"].to_numpy(), lines["units"].to_numpy()
    for name in ONE_LINE_WEIGHTS:
        known = np.isin(group, [other for other in ONE_LINE_WEIGHTS if other != "other"])
        inside = chosen & (~known if name == "other" else group == name)
        reason = draws.pick(len(lines), ONE_LINE_WEIGHTS[name])
        for position, refusal in enumerate(ONE_LINE):
            where = inside & (reason == position)
            if refusal.reason == "151":
                cut_units(answers, where & (units > 1), lines)
                where &= units <= 1
            refuse(answers, where, charge, refusal)


def refuse_some_claims(
    draws: Draws, answers: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer]
) -> None:
    """Refuse whole claims, for reasons that depend on the payer."""
    uniform = by_claim(lines, draws.uniform)
    chosen = uniform < np.array([payer.claim_denials for payer in payers])[lines["payer"].to_numpy()]
    payer = lines["payer_name"].to_numpy()
    for name, weights in WHOLE_CLAIM_WEIGHTS.items():
        others = (
            ~np.isin(payer, list(WHOLE_CLAIM_WEIGHTS))
            if name == BLUE
            else np.zeros(len(lines), dtype=np.bool_)
        )
        inside = chosen & ((payer == name) | others)
        reason = by_claim(lines, partial(draws.pick, weights=weights))
        for position, refusal in enumerate(WHOLE_CLAIM):
            refuse(answers, inside & (reason == position), lines["charge"].to_numpy(), refusal, "4")


def later_answers(
    draws: Draws, first: pd.DataFrame, lines: pd.DataFrame, payers: Sequence[Payer]
) -> pd.DataFrame:
    """Second answers: resubmissions, pending claims decided, corrections of payments, secondary payers."""
    of_line = lines.iloc[first["line"].to_numpy()].reset_index(drop=True)
    parts = [
        answer_again(draws, first, of_line, payers),
        correct_payments(draws, first, of_line),
        answer_second_payer(draws, first, of_line),
    ]
    later = pd.concat(parts, ignore_index=True)
    return later[later["day"] <= (AS_OF - EPOCH).days]


def answer_again(
    draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame, payers: Sequence[Payer]
) -> pd.DataFrame:
    """Half of what was refused is sent again and paid, refused again, or upheld; most pending is decided.

    What was paid in part is reversed before it is paid in full.
    """
    reason, remarks = first["reason"].to_numpy(), first["remarks"].to_numpy()
    coin = by_claim(of_line, draws.uniform)
    wait = by_claim(of_line, lambda count: draws.between(count, 20, 60))
    outcome = by_claim(of_line, lambda count: draws.pick(count, (0.62, 0.28, 0.10)))
    likely = np.select(
        [reason == "133", remarks == "MA130", np.isin(reason, ["246", "151"]) | (first["group"] == "PR")],
        [0.8, 0.85, 0.2],
        0.5,
    )
    bundled = (of_line["code_name"].to_numpy() == "97010") & (of_line["payer_name"].to_numpy() == MEDICARE)
    again = (first["refused"].to_numpy() > 0) & (coin < likely) & ~bundled
    again &= (first["paid"].to_numpy() == 0) | (outcome == 0)
    lines, before = of_line[again].reset_index(drop=True), first[again].reset_index(drop=True)
    answers = accept(lines, before["day"].to_numpy() + wait[again], payers)
    decided = np.isin(before["reason"], ["133"]) | (before["remarks"] == "MA130").to_numpy()
    charge, kept = lines["charge"].to_numpy(), np.where(decided, 0, outcome[again])
    for refusal in sorted(
        {Refusal(*row) for row in before[["group", "reason", "remarks"]].to_numpy().tolist()}
    ):
        same = (before["reason"] == refusal.reason) & (before["remarks"] == refusal.remarks)
        refuse(answers, (kept == 1) & same.to_numpy(), charge, refusal)
    refuse(answers, kept == 2, charge, Refusal("CO", "193"))
    back = before[before["paid"] > 0].copy()
    back["day"] = answers.loc[back.index, "day"]
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    found: pd.DataFrame = pd.concat([back, answers], ignore_index=True)
    return found


def correct_payments(draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame) -> pd.DataFrame:
    """A few payments are reversed and, the same day, paid again with five dollars more left to patients."""
    coin = by_claim(of_line, draws.uniform)
    wait = by_claim(of_line, lambda count: draws.between(count, 40, 90))
    chosen = (coin < 0.006) & (first["paid"].to_numpy() > 500) & (first["refused"].to_numpy() == 0)
    taken = first[chosen].reset_index(drop=True)
    taken["day"] += wait[chosen]
    back = taken.copy()
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    taken["paid"] -= 500
    taken["share"] += 500
    taken["share_reason"] = np.where(taken["share_reason"] == "", "2", taken["share_reason"])
    found: pd.DataFrame = pd.concat([back, taken], ignore_index=True)
    return found


def answer_second_payer(draws: Draws, first: pd.DataFrame, of_line: pd.DataFrame) -> pd.DataFrame:
    """Every eighth Medicare patient has a second payer, which pays Medicare's coinsurance."""
    second = (of_line["patient"].to_numpy() % 8 == 0) & (of_line["payer_name"].to_numpy() == MEDICARE)
    second &= (first["share"].to_numpy() > 0) & (first["refused"].to_numpy() == 0)
    wait = by_claim(of_line, lambda count: draws.between(count, 14, 24))
    answers = new_answers(of_line[second], first["day"].to_numpy()[second] + wait[second])
    answers["rank"], answers["status"] = 2, "2"
    answers["paid"] = first["share"].to_numpy()[second]
    answers["prior"] = of_line["charge"].to_numpy()[second] - answers["paid"].to_numpy()
    return answers
