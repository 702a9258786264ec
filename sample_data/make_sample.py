"""Make the sample practice: charges, postings and visit notes of an invented practice, from a seed.

`python make_sample.py` rewrites the files that stand beside this script, byte for byte.
`--clean --seed 7 --out DIR` writes the same practice without planted faults; `--lines`, `--months`,
`--codes` and `--payers` make larger ones for benchmarks. Amounts are cents, dates are days since
1970-01-01, and -1 is blank. All chance comes from uniform draws of one PCG64 stream and is turned
into values by comparisons and whole-number arithmetic alone, so that every machine gets the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.sample_data.answers import BUNDLED, Refusal, accept, new_answers, refuse
from audit.sample_data.draws import (
    AS_OF,
    BLANK,
    LINES,
    MONTHS,
    REPORT_MONTH,
    SEED,
    Bools,
    Ints,
    Scale,
    day,
    whole,
)
from audit.sample_data.lines import reprice
from audit.sample_data.other_layouts import month_lines, simplepractice_table, webpt_table
from audit.sample_data.own_format import (
    charges_table,
    dates,
    ids,
    notes_table,
    payer_numbers,
    postings_table,
    practice_toml,
    toml_pairs,
    write_csv,
    write_practice,
    write_text,
)
from audit.sample_data.practice import Practice, make_practice
from audit.sample_data.roster import (
    AUTO,
    BLUE,
    CHIROPRACTIC,
    COMMERCIAL_A,
    COMMERCIAL_B,
    COMP,
    MEDICARE,
    NUMBER,
    PT,
    SELF_PAY,
)

ONLY = (  # columns of remittance_only.csv, which write_x12.py reads
    *("kind", "line_id", "claim_id", "patient_id", "payer", "posted_on", "service_date", "code", "units"),
    *("charge", "reason", "reference", "amount"),
)


Where = dict[str, list[str]]


class Fault(NamedTuple):
    """A planted fault: `where` selects rows of `file`; `mark` (cells) or `answer` (postings) the faulty ones.

    Keys of `where` and `mark` are columns; `from` and `to` bound the date of service.
    `ids` names the faulty lines or visits where no condition can.
    """

    id: str
    what: str
    figure: str
    file: str = "charges.csv"
    where: Where = {}  # noqa: RUF012
    mark: Where = {}  # noqa: RUF012
    answer: Where = {}  # noqa: RUF012
    ids: tuple[str, ...] = ()
    expected: str = "finding"


class Planting:
    """The practice while faults are planted: no line, and no note, takes part in two of them."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.lines = practice.lines.copy()
        self.visits = practice.visits.copy()
        self.answers = practice.answers.copy()
        self.faults: list[Fault] = []
        self.only: list[dict[str, str]] = []  # rows of remittance_only.csv
        self.not_exported: list[int] = []  # lines that charges.csv lacks
        self.sent_again: list[int] = []  # lines that bill again what another bills
        self.used_lines: set[int] = set()
        self.used_visits: set[int] = set()
        for column in ("code_name", "payer_name", "modifiers", "diagnoses", "frequency", "replaces"):
            self.lines[column] = self.lines[column].astype(object)

    def add(self, fault: Fault) -> None:
        """Put a fault on the list."""
        self.faults.append(fault)

    def select(
        self,
        codes: Sequence[str] = (),
        payers: Sequence[str] = (),
        clinician: int | None = None,
        span: tuple[str, str] = ("2024-11-01", "2026-11-20"),
        answered: bool = False,
    ) -> Ints:
        """Positions of the lines that meet all conditions and are not yet part of a fault."""
        lines = self.lines
        chosen = np.array(lines["day"].between(day(span[0]), day(span[1])))
        if codes:
            chosen &= lines["code_name"].isin(codes).to_numpy()
        if payers:
            chosen &= lines["payer_name"].isin(payers).to_numpy()
        if clinician is not None:
            chosen &= (lines["clinician"] == clinician).to_numpy()
        if answered:
            chosen &= lines["line"].isin(self.answers["line"]).to_numpy()
        chosen &= ~lines["line"].isin(self.used_lines).to_numpy()
        return np.flatnonzero(chosen)

    def paid(self, lines: Ints) -> Ints:
        """Those of `lines` that have one answer, and it pays them."""
        whole = self.answers.groupby("line")["refused"].agg(["size", "sum"])
        paid = self.answers.groupby("line")["paid"].min() > 0
        good = whole.index[(whole["size"] == 1) & (whole["sum"] == 0) & paid]
        return lines[np.isin(lines, good.to_numpy())]

    def use(self, lines: Ints) -> Ints:
        """Note that `lines` are part of a fault."""
        self.used_lines.update(lines.tolist())
        return lines

    def claims(self, lines: Ints, size: int = 0) -> list[Ints]:
        """The whole claims (of `size` lines, if told) all of whose lines are among `lines`."""
        claim = self.lines["claim"].to_numpy()
        groups = [np.flatnonzero(claim == number) for number in np.unique(claim[lines]) if number != BLANK]
        free = set(lines.tolist())
        return [group for group in groups if free.issuperset(group.tolist()) and size in (0, len(group))]

    def deny(self, lines: Ints, refusal: Refusal, status: str = "1", on: Ints | None = None) -> None:
        """Let the first answer to `lines` refuse them, and no answer follow."""
        inside = self.answers["line"].isin(lines)
        first = ~self.answers.duplicated("line")
        self.answers = self.answers[~inside | first].reset_index(drop=True)
        where = self.answers["line"].isin(lines).to_numpy()
        charge = self.lines["charge"].to_numpy()[self.answers["line"].to_numpy()]
        refuse(self.answers, where, charge, refusal, status)
        if on is not None:
            when = dict(zip(lines.tolist(), on.tolist(), strict=True))
            self.answers.loc[where, "day"] = self.answers.loc[where, "line"].map(when)

    def bill(self, lines: Ints, sent: int, *, frequency: str = "1", replaces: bool = False) -> Ints:
        """Bill `lines` once more, on a claim of their own sent on a day; return the new lines."""
        again = self.lines.loc[lines].copy()
        if replaces:
            again["replaces"] = payer_numbers(again["claim"])
        again["line"] = len(self.lines) + np.arange(len(lines))
        again["claim"] = int(self.lines["claim"].max()) + 1
        again["submitted"], again["frequency"] = sent, frequency
        self.lines = pd.concat([self.lines, again], ignore_index=True)
        new = whole(again["line"].to_numpy())
        self.sent_again += new.tolist()
        return self.use(new)

    def answer(self, lines: Ints, on: int, refusal: Refusal | None = None, status: str = "1") -> None:
        """Let the payer accept `lines` on a day, or refuse them."""
        of_lines = self.lines.loc[lines]
        answers = accept(of_lines, np.full(len(lines), on, dtype=np.int64), self.practice.payers)
        if refusal:
            charge = of_lines["charge"].to_numpy()
            refuse(answers, np.ones(len(lines), dtype=np.bool_), charge, refusal, status)
        self.answers = pd.concat([self.answers, answers], ignore_index=True)

    def take_back(self, lines: Ints, on: int) -> None:
        """Let the payer reverse on a day what it answered to `lines`."""
        back = self.answers[self.answers["line"].isin(lines)].copy()
        back["day"], back["reversal"], back["status"], back["allowed"] = on, True, "22", BLANK
        self.answers = pd.concat([self.answers, back], ignore_index=True)

    def answered_on(self, lines: Ints) -> int:
        """The day of the last answer to `lines`."""
        return int(self.answers.loc[self.answers["line"].isin(lines), "day"].max())

    def posted_on(self, line: int) -> str:
        """The same of one line, as postings.csv has it."""
        return str(dates([self.answered_on(np.array([line]))])[0])

    def line_ids(self, lines: Ints) -> tuple[str, ...]:
        """The ids of `lines` in charges.csv."""
        return tuple(ids("L", self.lines["line"])[lines])

    def visit_ids(self, visits: Ints) -> tuple[str, ...]:
        """The ids of `visits` in visit_notes.csv."""
        return tuple(ids("V", np.arange(len(self.visits)))[visits])


def spaced(candidates: Ints, count: int) -> Ints:
    """`count` of the candidates, evenly spaced, without chance."""
    if count > len(candidates):
        message = f"{count} rows asked for, {len(candidates)} there"
        raise ValueError(message)
    found: Ints = candidates[np.arange(count) * len(candidates) // max(count, 1)]
    return found


SUMMER = ("2026-07-01", "2026-09-30")
SEPTEMBER = ("2026-09-01", "2026-09-30")


def during(span: tuple[str, str]) -> Where:
    """A condition on the date of service."""
    return {"from": [span[0]], "to": [span[1]]}


def plant_rising_denials(planting: Planting) -> None:
    """97140 at Commercial A is refused with CO-97 from July to September 2026."""
    there = planting.select(["97140"], [COMMERCIAL_A], span=SUMMER, answered=True)
    paid = planting.paid(there)
    lines = planting.use(spaced(paid, round(0.42 * len(there))))
    planting.deny(lines, BUNDLED)
    planting.add(
        Fault(
            "denials-97140-commercial-a",
            "97140 at Commercial A: from about 7 % denied to about 45 % from July to September 2026, CO-97",
            "denials/first_rate/code=97140/payer=Commercial%20A",
            where={"code": ["97140"], "payer": [COMMERCIAL_A], **during(SUMMER)},
            answer={"group": ["CO"], "reason": ["97"]},
        )
    )


def plant_plan_exclusion(planting: Planting) -> None:
    """97124 at Blue Plan is refused with PR-204 from July to September 2026."""
    there = planting.select(["97124"], [BLUE], span=SUMMER, answered=True)
    lines = planting.use(spaced(planting.paid(there), round(0.4 * len(there))))
    planting.deny(lines, Refusal("PR", "204"))
    planting.add(
        Fault(
            "massage-not-covered-blue-plan",
            "97124 at Blue Plan: about 40 % denied as not covered, PR-204, from July to September 2026",
            "denials/first_rate/code=97124/payer=Blue%20Plan",
            where={"code": ["97124"], "payer": [BLUE], **during(SUMMER)},
            answer={"group": ["PR"], "reason": ["204"]},
        )
    )


def plant_authorization(planting: Planting) -> None:
    """A third of September's claims at Workers' comp are refused whole for want of authorization."""
    claims = planting.claims(planting.select(payers=[COMP], span=SEPTEMBER, answered=True))
    for claim in claims[::3]:
        planting.deny(planting.use(claim), Refusal("CO", "197"), "4")
    planting.add(
        Fault(
            "claims-denied-workers-comp",
            "Workers' comp: about a third of the claims of September 2026 denied whole, CO-197",
            "denials/first_rate/payer=Workers%27%20comp",
            where={"payer": [COMP], **during(SEPTEMBER)},
            answer={"group": ["CO"], "reason": ["197"]},
        )
    )


def plant_rejections(planting: Planting) -> None:
    """Every second claim of September at Commercial B is rejected as unprocessable."""
    claims = planting.claims(planting.select(payers=[COMMERCIAL_B], span=SEPTEMBER, answered=True))
    for claim in claims[::2]:
        planting.deny(planting.use(claim), Refusal("CO", "16", "MA130"), "4")
    planting.add(
        Fault(
            "rejected-commercial-b",
            "Commercial B: every second claim of September 2026 rejected as unprocessable, CO-16 with MA130",
            "answers/rejected/payer=Commercial%20B",
            where={"payer": [COMMERCIAL_B], **during(SEPTEMBER)},
            answer={"group": ["CO"], "reason": ["16"], "remarks": ["MA130"]},
        )
    )


def plant_late_filing(planting: Planting) -> None:
    """One claim of three lines was sent half a year after the visit."""
    claim = planting.claims(
        planting.paid(planting.select(payers=[COMMERCIAL_A], span=("2026-03-01", "2026-03-31"))), 3
    )[0]
    planting.use(claim)
    sent = planting.lines["day"].to_numpy()[claim] + 181
    planting.lines.loc[claim, "submitted"] = sent
    planting.deny(claim, Refusal("CO", "29"), "4", sent + 21)
    planting.add(
        Fault(
            "filed-too-late",
            "three lines of one claim at Commercial A, of March 2026, sent 181 days after the visit, CO-29",
            "reasons/denied;reason=CO-29",
            ids=planting.line_ids(claim),
            answer={"group": ["CO"], "reason": ["29"]},
        )
    )


def plant_deadlines(planting: Planting) -> None:
    """Open denials at Medicare whose last day to appeal, or to file again, is near."""
    lines = spaced(planting.paid(planting.select(payers=[MEDICARE], span=("2026-06-15", "2026-07-10"))), 5)
    planting.deny(planting.use(lines), Refusal("CO", "50"), on=np.full(5, day("2026-07-31")))
    planting.add(
        Fault(
            "appeal-deadline-near",
            "five open denials at Medicare of 2026-07-31, CO-50: 120 days to appeal end on 2026-11-28",
            "denials/open",
            ids=planting.line_ids(lines),
            answer={"group": ["CO"], "reason": ["50"]},
        )
    )
    lines = spaced(planting.paid(planting.select(payers=[MEDICARE], span=("2025-11-24", "2025-12-12"))), 4)
    planting.deny(planting.use(lines), Refusal("CO", "16", "N290"))
    planting.add(
        Fault(
            "filing-deadline-near",
            "four open denials at Medicare, visits around 2025-12-01, CO-16: the year to file is ending",
            "denials/open",
            ids=planting.line_ids(lines),
            answer={"group": ["CO"], "reason": ["16"]},
        )
    )


def plant_odd_answers(planting: Planting) -> None:
    """Two payments taken back without correction, and two refusals for a reason nobody knows."""
    lines = planting.use(
        spaced(planting.paid(planting.select(payers=[AUTO], span=("2026-04-01", "2026-06-15"))), 2)
    )
    back = planting.answers[planting.answers["line"].isin(lines)].copy()
    back["day"] += 75
    back["reversal"], back["status"], back["allowed"] = True, "22", BLANK
    planting.answers = pd.concat([planting.answers, back], ignore_index=True)
    planting.add(
        Fault(
            "payments-taken-back",
            "two payments of Auto (PIP) reversed 75 days later, with no correction",
            "answers/taken_back",
            ids=planting.line_ids(lines),
            answer={"kind": ["reversal"]},
        )
    )
    lines = planting.use(spaced(planting.paid(planting.select(payers=[COMMERCIAL_A], span=SEPTEMBER)), 2))
    planting.deny(lines, Refusal("CO", "999"))
    planting.add(
        Fault(
            "unknown-reason",
            "two lines of September 2026 refused with CO-999, a reason that does not exist",
            "answers/reason_unknown",
            where=during(SEPTEMBER),
            answer={"group": ["CO"], "reason": ["999"]},
        )
    )


def plant_bundled(planting: Planting) -> None:
    """Nothing is planted: 97010 at Medicare is always bundled, and must not be counted as denied."""
    planting.add(
        Fault(
            "bundled-97010-medicare",
            "97010 at Medicare is answered with CO-97 each time, as expected: not a denial",
            "answers/excluded;decision=excluded%3A%20bundled%20as%20expected",
            where={"code": ["97010"], "payer": [MEDICARE], "from": ["2026-01-01"], "to": ["2026-09-30"]},
            answer={"group": ["CO"], "reason": ["97"]},
            expected="excluded: bundled as expected",
        )
    )


def plant_unsigned(planting: Planting) -> None:
    """About 40 % of Marcus Hale's notes of September 2026 are not signed."""
    visits = planting.visits
    chosen = (
        (visits["clinician"] == CHIROPRACTIC)
        & visits["day"].between(day(SEPTEMBER[0]), day(SEPTEMBER[1]))
        & (visits["signed"] != BLANK)
    )
    marked = spaced(np.flatnonzero(chosen), round(0.4 * int(chosen.sum())))
    visits.loc[marked, "signed"] = BLANK
    planting.used_visits.update(marked.tolist())
    planting.add(
        Fault(
            "unsigned-marcus-hale",
            "about 40 % of Marcus Hale's notes of September 2026 are unsigned",
            "documentation/signature/clinician=Marcus%20Hale",
            file="visit_notes.csv",
            where={"clinician": ["Marcus Hale"], **during(SEPTEMBER)},
            mark={"signed_on": [""]},
        )
    )


def plant_billed_before_signed(planting: Planting) -> None:
    """Twelve notes of Priya Raman were signed nine days after the claim was sent."""
    visits, lines = planting.visits, planting.lines
    lines_there = planting.select(clinician=PT, span=("2026-08-15", "2026-09-30"))
    sent = lines_there[lines["submitted"].to_numpy()[lines_there] != BLANK]
    candidates = np.unique(lines["visit"].to_numpy()[sent])
    candidates = candidates[visits["signed"].to_numpy()[candidates] != BLANK]
    marked = spaced(candidates, 12)
    submitted = lines.drop_duplicates("visit").set_index("visit")["submitted"]
    visits.loc[marked.tolist(), "signed"] = submitted.loc[marked.tolist()].to_numpy() + 9
    planting.used_visits.update(marked.tolist())
    planting.add(
        Fault(
            "billed-before-signed",
            "twelve notes of Priya Raman, from 2026-08-15 on, signed nine days after the claim was sent",
            "signatures/before_signed/clinician=Priya%20Raman",
            file="visit_notes.csv",
            ids=planting.visit_ids(marked),
        )
    )


def plant_missing_minutes(planting: Planting) -> None:
    """From June 2026 on a third of the massage notes lack minutes and technique."""
    lines = planting.select(["97124"], span=("2026-06-01", "2026-11-20"))
    lines = spaced(lines, round(0.35 * len(lines)))
    visits = planting.lines["visit"].to_numpy()[lines]
    planting.lines.loc[lines, "minutes"] = BLANK
    planting.visits.loc[visits, "minutes"] = BLANK
    planting.visits.loc[visits, "technique"] = "no"
    planting.used_visits.update(visits.tolist())
    planting.add(
        Fault(
            "massage-without-minutes",
            "97124 from June 2026 on: about 35 % of the notes lack minutes and technique",
            "documentation/minutes_lines/code=97124",
            where={"code": ["97124"], "from": ["2026-06-01"], "to": ["2026-11-20"]},
            mark={"minutes": [""]},
        )
    )


def plant_missing_elements(planting: Planting) -> None:
    """Evaluations without a plan since April 2026; August's spinal adjustments without subluxation."""
    places = (
        ("plan", ["97161", "97162", "97163"], PT, ("2026-04-01", "2026-09-30"), 0.6),
        ("subluxation", ["98941"], CHIROPRACTIC, ("2026-08-01", "2026-08-31"), 0.7),
    )
    for element, codes, clinician, span, share in places:
        lines = planting.select(codes, clinician=clinician, span=span)
        visits = np.unique(planting.lines["visit"].to_numpy()[lines])
        visits = visits[~np.isin(visits, list(planting.used_visits))]
        planting.visits.loc[spaced(visits, round(share * len(visits))), element] = "no"
        planting.add(
            Fault(
                f"missing-{element}",
                f"{'/'.join(codes)}: {share * 100:.0f} % of notes lack the {element}, {' to '.join(span)}",
                f"documentation/{element}/code={codes[0]}",
                file="visit_notes.csv",
                ids=planting.visit_ids(visits),
                mark={element: ["no"]},
            )
        )


def plant_codes(planting: Planting) -> None:
    """A code that ended in 2016, and one that is in no code book; both are refused."""
    places = (
        (
            "97001",
            ["97161", "97162", "97163"],
            ("2026-02-01", "2026-08-31"),
            2,
            "usage/not_valid/code=97001",
        ),
        ("97001", ["97161", "97162", "97163"], SEPTEMBER, 2, "usage/not_valid/code=97001"),
        ("97999", ["97530"], SEPTEMBER, 3, "usage/lines/code=97999"),
    )
    for code, instead_of, span, count, _ in places:
        lines = planting.use(spaced(planting.paid(planting.select(instead_of, span=span)), count))
        planting.lines.loc[lines, "code_name"] = code
        planting.deny(lines, Refusal("CO", "181", "N56"))
    planting.add(
        Fault(
            "ended-code-97001",
            "97001, which ended on 2016-12-31, billed four times in 2026",
            places[0][-1],
            where={"from": ["2026-01-01"], "to": ["2026-11-20"]},
            mark={"code": ["97001"]},
        )
    )
    planting.add(
        Fault(
            "code-not-in-book",
            "97999, which is in no code book, billed three times in September 2026",
            places[2][-1],
            where=during(SEPTEMBER),
            mark={"code": ["97999"]},
        )
    )


def plant_units(planting: Planting) -> None:
    """A line with 0 units; eight lines whose minutes hold one unit less than billed."""
    line = planting.use(spaced(planting.select(["97112"], span=SEPTEMBER, answered=True), 1))
    planting.lines.loc[line, "units"] = 0
    planting.add(
        Fault(
            "zero-units",
            "a line of 97112 in September 2026 with 0 units",
            "usage/no_units",
            where={"code": ["97112"], **during(SEPTEMBER)},
            mark={"units": ["0"]},
        )
    )
    there = planting.select(["97110"], clinician=PT, span=("2026-08-01", "2026-09-30"))
    there = there[planting.lines["units"].to_numpy()[there] >= 2]
    lines = planting.use(spaced(there, 8))
    planting.lines.loc[lines, "minutes"] -= 15
    visits = planting.lines["visit"].to_numpy()[lines]
    planting.visits.loc[visits, "minutes"] -= 15
    planting.add(
        Fault(
            "units-above-minutes",
            "eight lines of 97110 in August and September 2026 with a unit more than their minutes hold",
            "units/above_minutes/code=97110",
            ids=planting.line_ids(lines),
        )
    )


def plant_mix(planting: Planting) -> None:
    """From July 2026 on Marcus Hale bills 98941 and 98942 where he billed 98940."""
    there = planting.select(["98940"], clinician=CHIROPRACTIC, span=("2026-07-01", "2026-11-20"))
    several = planting.answers.loc[
        planting.answers.duplicated("line") | (planting.answers["refused"] > 0), "line"
    ]
    there = there[~np.isin(there, several.to_numpy())]
    lines = planting.use(spaced(there, round(0.75 * len(there))))
    planting.lines.loc[lines, "code_name"] = np.where(np.arange(len(lines)) % 2 == 0, "98941", "98942")
    planting.lines.loc[lines, "code"] = planting.lines.loc[lines, "code_name"].map(NUMBER).astype(np.int64)
    moved = planting.lines.loc[lines].copy()
    reprice(moved, planting.practice.payers, planting.practice.codes)
    planting.lines.loc[lines, list(moved.columns)] = moved
    answered = planting.answers["line"].isin(lines).to_numpy()
    line = planting.answers.loc[answered, "line"].to_numpy()
    again = accept(
        planting.lines.loc[line], planting.answers.loc[answered, "day"].to_numpy(), planting.practice.payers
    )
    planting.answers = pd.concat([planting.answers[~answered], again], ignore_index=True)
    planting.add(
        Fault(
            "mix-98941-98942-marcus-hale",
            "Marcus Hale from July 2026 on: 98941 and 98942 where 98940 was billed before",
            "usage/lines/clinician=Marcus%20Hale/code=98942",
            where={"code": ["98940", "98941", "98942"], "from": ["2026-07-01"], "to": ["2026-11-20"]},
            mark={"code": ["98941", "98942"]},
        )
    )
    named = planting.visits["regions"].to_numpy()[planting.lines["visit"].to_numpy()[lines]] != BLANK
    named &= planting.lines["payer_name"].to_numpy()[lines] != SELF_PAY
    planting.add(
        Fault(
            "adjustments-above-regions",
            "those of them, for a payer, whose notes still name the one or two regions that were adjusted",
            "timing/regions_fewer",
            ids=planting.line_ids(lines[named]),
        )
    )


def plant_duplicates(planting: Planting) -> None:
    """Six lines are billed again on claims of their own: four are refused, two are paid twice."""
    there = planting.paid(planting.select(payers=[BLUE, COMMERCIAL_A], span=("2026-08-10", "2026-09-20")))
    lines = planting.use(spaced(there, 6))
    again = planting.lines.loc[lines].copy()
    again["line"] = len(planting.lines) + np.arange(6)
    again["claim"] = int(planting.lines["claim"].max()) + 1 + np.arange(6)
    again["submitted"] += 14
    answers = accept(again, again["submitted"].to_numpy() + 18, planting.practice.payers)
    refuse(answers, np.arange(6) < 4, again["charge"].to_numpy(), Refusal("OA", "18"))
    planting.lines = pd.concat([planting.lines, again], ignore_index=True)
    planting.use(again["line"].to_numpy())
    planting.answers = pd.concat([planting.answers, answers], ignore_index=True)
    planting.add(
        Fault(
            "duplicate-lines",
            "six lines billed again, on other claims, for the same patient, code, day: four refused, OA-18",
            "answers/excluded;decision=excluded%3A%20duplicate",
            ids=planting.line_ids(again["line"].to_numpy()),
        )
    )


def plant_diagnoses(planting: Planting) -> None:
    """Six claims of September, of two lines each, were sent without a diagnosis."""
    claims = planting.claims(planting.select(span=SEPTEMBER), 2)
    for claim in [claims[position] for position in spaced(np.arange(len(claims)), 6)]:
        planting.lines.loc[planting.use(claim), "diagnoses"] = ""
    planting.add(
        Fault(
            "lines-without-diagnosis",
            "twelve lines of September 2026 without a diagnosis",
            "documentation/diagnosis_lines",
            where=during(SEPTEMBER),
            mark={"diagnoses": [""]},
        )
    )


MISSING_INFORMATION = Refusal("CO", "16", "N290")
WRONG_MODIFIER = Refusal("CO", "4", "N822")


def paid_claims(planting: Planting, payers: Sequence[str], span: tuple[str, str], size: int) -> list[Ints]:
    """Claims of `size` lines that were paid at once, the first answered first."""
    claims = planting.claims(planting.paid(planting.select(payers=payers, span=span)), size)
    return sorted(claims, key=lambda claim: (planting.answered_on(claim), int(claim[0])))


def plant_sent_again(planting: Planting) -> None:
    """Three claims refused for want of information, sent again on claims of their own, and paid."""
    new: list[int] = []
    spring = ("2026-02-01", "2026-05-31")
    claims = [paid_claims(planting, [payer], spring, 2)[0] for payer in (BLUE, COMMERCIAL_B)]
    for claim in claims:
        planting.deny(claim, MISSING_INFORMATION, "4")
    # One of September was refused anyway, so that the month's denial rate stays as it is.
    refused = planting.answers.loc[planting.answers["remarks"] == "N290", "line"]
    september = planting.select(payers=[MEDICARE], span=("2026-09-01", "2026-09-11"))
    claims.append(planting.claims(september[np.isin(september, refused.to_numpy())], 1)[0])
    for claim in claims:
        planting.use(claim)
        again = planting.bill(claim, planting.answered_on(claim) + 6)
        planting.answer(again, int(planting.lines["submitted"][again[0]]) + 15)
        new += again.tolist()
    planting.add(
        Fault(
            "sent-again-and-paid",
            "five lines of three claims, refused with CO-16, sent again on claims of their own and paid",
            "denials/chain_recovered;times_sent=twice",
            ids=planting.line_ids(np.array(new)),
            expected="one line each, denied first and paid last",
        )
    )


def plant_denied_three_times(planting: Planting) -> None:
    """A claim of two lines is refused, sent again, refused, sent again and refused."""
    claim = planting.use(paid_claims(planting, [COMMERCIAL_A], ("2026-03-01", "2026-04-30"), 2)[0])
    planting.deny(claim, MISSING_INFORMATION, "4")
    last = claim
    for _ in range(2):
        last = planting.bill(last, planting.answered_on(last) + 8)
        planting.answer(last, int(planting.lines["submitted"][last[0]]) + 20, MISSING_INFORMATION, "4")
    planting.add(
        Fault(
            "denied-three-times",
            "two lines of one claim, refused with CO-16, sent again twice and refused each time",
            "denials/chain_lines;times_sent=three%20times",
            ids=planting.line_ids(last),
            expected="one line each, denied once",
            answer={"group": ["CO"], "reason": ["16"]},
        )
    )


def plant_replaced(planting: Planting) -> None:
    """Two claims are replaced: one that was refused, one that was paid for a unit too many."""
    refused = planting.use(paid_claims(planting, [BLUE], ("2026-04-01", "2026-05-31"), 2)[0])
    planting.deny(refused, WRONG_MODIFIER, "4")
    mended = planting.bill(refused, planting.answered_on(refused) + 5, frequency="7", replaces=True)
    planting.answer(mended, int(planting.lines["submitted"][mended[0]]) + 16)

    several = planting.lines["units"].to_numpy() > 1
    claims = paid_claims(planting, [AUTO], ("2026-04-01", "2026-06-30"), 1)
    paid = planting.use(next(claim for claim in claims if several[claim].all()))
    lower = planting.bill(paid, planting.answered_on(paid) + 9, frequency="7", replaces=True)
    planting.lines.loc[lower, "units"] -= 1
    priced = planting.lines.loc[lower].copy()
    reprice(priced, planting.practice.payers, planting.practice.codes)
    planting.lines.loc[lower, list(priced.columns)] = priced
    on = int(planting.lines["submitted"][lower[0]]) + 16
    planting.take_back(paid, on)
    planting.answer(lower, on)
    planting.add(
        Fault(
            "replacement-claims",
            "two claims replaced: one refused with CO-4, one paid for a unit too many and reversed",
            "answers/sent_again",
            ids=planting.line_ids(np.concatenate([mended, lower])),
            mark={"frequency": ["7"]},
            expected="the claim replaced and its replacement are one",
        )
    )


def plant_void(planting: Planting) -> None:
    """A claim that was paid is withdrawn by a void claim, and its payment is reversed."""
    claim = planting.use(paid_claims(planting, [COMMERCIAL_A], ("2026-05-01", "2026-06-30"), 1)[0])
    sent = planting.answered_on(claim) + 12
    void = planting.bill(claim, sent, frequency="8", replaces=True)
    planting.take_back(claim, sent + 10)
    planting.add(
        Fault(
            "void-claim",
            "a line of May or June 2026, paid, then withdrawn by a void claim, its payment reversed",
            "the line that it withdraws: last decision",
            ids=planting.line_ids(void),
            mark={"frequency": ["8"]},
            expected="excluded: withdrawn",
        )
    )


def plant_credits(planting: Planting) -> None:
    """A second payer pays four lines as if the first had not."""
    places = (
        (COMMERCIAL_A, ("2026-05-01", "2026-06-30"), 3),
        (COMMERCIAL_A, ("2026-09-01", "2026-09-11"), 1),
    )
    lines = np.concatenate(
        [
            spaced(planting.paid(planting.select(payers=[payer], span=span)), count)
            for payer, span, count in places
        ]
    )
    first = planting.answers[planting.answers["line"].isin(planting.use(lines))]
    second = new_answers(first, first["day"].to_numpy() + 17)
    charge = planting.lines["charge"].to_numpy()[first["line"].to_numpy()]
    second["rank"], second["status"] = 2, "2"
    second["paid"] = (first["paid"] + first["share"]).to_numpy()
    second["prior"] = charge - second["paid"]
    planting.answers = pd.concat([planting.answers, second], ignore_index=True)
    planting.add(
        Fault(
            "paid-by-two-payers",
            "four lines at Commercial A that a second payer paid as if it were the first",
            "balances/credit",
            ids=planting.line_ids(lines),
            answer={"group": ["OA"], "reason": ["23"]},
        )
    )


def plant_answers_without_charge(planting: Planting) -> None:
    """A claim of two lines is paid that charges.csv does not hold."""
    claim = paid_claims(planting, [BLUE], ("2026-06-01", "2026-07-31"), 2)[0]
    other = planting.bill(claim, int(planting.lines["submitted"][claim[0]]) + 1)
    planting.lines.loc[other, "day"] += 1
    planting.answer(other, planting.answered_on(claim) + 1)
    planting.not_exported += other.tolist()
    names = planting.line_ids(other)
    rows = charges_table(planting.practice._replace(lines=planting.lines)).loc[other]
    told = ("line_id", "claim_id", "patient_id", "payer", "service_date", "code", "units", "charge")
    for _, row in rows.iterrows():
        planting.only.append({"kind": "service", **{name: str(row[name]) for name in told}})
    planting.add(
        Fault(
            "answers-without-charge",
            "two lines at Blue Plan are paid that stand in no charge",
            "completeness/answers_without_charge",
            file="postings.csv",
            ids=names,
            mark={"kind": ["payment"]},
        )
    )


def plant_remittance_only(planting: Planting) -> None:
    """What only a remittance tells: a take-back and interest on the whole, lines answered otherwise."""
    lines = planting.lines
    there = planting.paid(planting.select(["97124"], [COMMERCIAL_B], span=("2026-03-01", "2026-08-31")))
    recoded = planting.use(spaced(there, 2))
    answers = planting.answers[~planting.answers.duplicated("line", keep=False)]
    cut = answers.loc[(answers["reason"] == "151") & (answers["paid"] > 0), "line"]
    cut = cut[cut.map(lines["units"]) > 1].sort_values()
    fewer = planting.use(whole(cut.to_numpy()[-2:]))
    for answered, told in ((recoded, {"code": "97140"}), (fewer, {"units": "1"})):
        planting.only += [
            {"kind": "answered as", "line_id": name, "posted_on": planting.posted_on(line), **told}
            for line, name in zip(answered.tolist(), planting.line_ids(answered), strict=True)
        ]
    late = planting.paid(planting.select(payers=[COMP], span=("2026-05-01", "2026-08-31")))
    late = planting.use(spaced(late, 2))
    for line, name, interest in zip(late.tolist(), planting.line_ids(late), ("3.17", "1.42"), strict=True):
        paid_on = planting.posted_on(line)
        planting.only.append({"kind": "interest", "line_id": name, "posted_on": paid_on, "amount": interest})
    blue = planting.answers["line"].map(lines["payer_name"]) == BLUE
    largest = planting.answers[blue & planting.answers["day"].between(day("2026-08-01"), day("2026-08-31"))]
    paid = largest.groupby("day")["paid"].sum()
    on = int(paid.index.to_numpy()[paid.to_numpy().argmax()])
    planting.only.append(
        {
            "kind": "provider",
            "payer": BLUE,
            "posted_on": str(dates([on])[0]),
            "reason": "WO",
            "reference": "REVIEW2025",
            "amount": "84.00",
        }
    )
    faults = (
        (
            "answered-otherwise",
            "two lines answered under another code, two with fewer units",
            "balances/answered_otherwise",
        ),
        (
            "interest-paid",
            "interest on two claims, apart from what is paid for the service",
            "payments: interest",
        ),
        (
            "taken-back-from-a-payment",
            "$84.00 that Blue Plan kept back from a payment",
            "payments: set off against the provider",
        ),
    )
    for (name, what, figure), kind in zip(faults, ("answered as", "interest", "provider"), strict=True):
        planting.add(Fault(name, what, figure, file="remittance_only.csv", mark={"kind": [kind]}))


def plant_billed_twice(planting: Planting) -> None:
    """Nothing more is planted: two of the duplicate lines were paid a second time."""
    (twice,) = [fault for fault in planting.faults if fault.id == "duplicate-lines"]
    planting.add(
        Fault(
            "paid-twice",
            "two of the lines billed again were paid again",
            "balances/billed_twice",
            ids=twice.ids[4:],
        )
    )


def plant_payer_spelling(planting: Planting) -> None:
    """Seven claims of two lines at Blue Plan name the payer BluePlan."""
    claims = planting.claims(planting.select(payers=[BLUE], span=("2026-08-01", "2026-10-31")), 2)
    for claim in [claims[position] for position in spaced(np.arange(len(claims)), 7)]:
        planting.lines.loc[planting.use(claim), "payer_name"] = "BluePlan"
    planting.add(
        Fault(
            "payer-spelled-two-ways",
            "fourteen lines from August to October 2026 name the payer BluePlan instead of Blue Plan",
            "check: payers whose names nearly agree",
            where={"from": ["2026-08-01"], "to": ["2026-10-31"]},
            mark={"payer": ["BluePlan"]},
        )
    )


PLANTS: tuple[Callable[[Planting], None], ...] = (
    plant_rising_denials,
    plant_plan_exclusion,
    plant_late_filing,
    plant_deadlines,
    plant_codes,
    plant_authorization,
    plant_rejections,
    plant_mix,
    plant_odd_answers,
    plant_bundled,
    plant_unsigned,
    plant_billed_before_signed,
    plant_missing_minutes,
    plant_missing_elements,
    plant_units,
    plant_duplicates,
    plant_diagnoses,
    plant_payer_spelling,
    plant_answers_without_charge,
    plant_sent_again,
    plant_denied_three_times,
    plant_replaced,
    plant_void,
    plant_credits,
    plant_remittance_only,
    plant_billed_twice,
)


def plant(practice: Practice) -> tuple[Practice, Planting]:
    """The practice with its faults, and their list. No chance is drawn: the rest is as in the clean twin."""
    planting = Planting(practice)
    for planter in PLANTS:
        planter(planting)
    changed = practice._replace(visits=planting.visits, lines=planting.lines, answers=planting.answers)
    return changed, planting


def spoil_rows(charges: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Faults of the export itself: a row twice, a row without a code, a row with an impossible date."""
    september = charges.index[charges["service_date"].between(*SEPTEMBER)]
    twice, uncoded, impossible = (int(position) for position in spaced(september.to_numpy(), 3))
    last = int(charges["line_id"].iloc[-1][1:])
    blank = charges.loc[[uncoded]].assign(line_id=f"L{last + 1:05d}", code="", minutes="", units="1")
    wrong = charges.loc[[impossible]].assign(line_id=f"L{last + 2:05d}", service_date="2026-09-31")
    rows = pd.concat([charges.loc[:twice], charges.loc[[twice]], charges.loc[twice + 1 :], blank, wrong])
    faults = [
        Fault(
            "row-exported-twice",
            "one row of charges.csv stands there twice, word for word",
            "reconciliation: set aside, duplicate",
            ids=(str(charges.loc[twice, "line_id"]),),
            expected="set aside",
        ),
        Fault(
            "row-without-code",
            "one row of charges.csv has no code",
            "reconciliation: refused, no code",
            mark={"code": [""]},
            ids=(f"L{last + 1:05d}",),
            expected="refused",
        ),
        Fault(
            "row-with-impossible-date",
            "one row of charges.csv has the date of service 2026-09-31",
            "reconciliation: refused, no usable service date",
            mark={"service_date": ["2026-09-31"]},
            ids=(f"L{last + 2:05d}",),
            expected="refused",
        ),
    ]
    return rows.reset_index(drop=True), faults


def matches(table: pd.DataFrame, where: Where) -> Bools:
    """Rows of a file that meet the conditions of a fault."""
    found = np.ones(len(table), dtype=np.bool_)
    for column, values in where.items():
        if column in ("from", "to"):
            date_of = table["service_date"]
            found &= (date_of >= values[0] if column == "from" else date_of <= values[0]).to_numpy(
                dtype=np.bool_
            )
        else:
            found &= table[column].isin(values).to_numpy(dtype=np.bool_)
    return found


def count_fault(fault: Fault, files: dict[str, pd.DataFrame]) -> tuple[int, int]:
    """Faulty rows and the rows among which they stand; lines that are in the file twice count once."""
    table, postings = files[fault.file].drop_duplicates(), files["postings.csv"]
    key = "visit_id" if fault.file == "visit_notes.csv" else "line_id"
    base = matches(table, fault.where)
    if fault.ids:
        base &= table[key].isin(fault.ids).to_numpy()
    marked = base & matches(table, fault.mark)
    if fault.answer:
        answered = postings.loc[matches(postings, fault.answer), "line_id"]
        marked &= table[key].isin(answered).to_numpy()
    return int(marked.sum()), int(base.sum())


def planted_toml(faults: Sequence[Fault], files: dict[str, pd.DataFrame]) -> str:
    """planted.toml: every fault with its conditions and its counts."""
    text = "# Written by make_sample.py. README.md tells how to read it.\n"
    text += f'as_of = {AS_OF.isoformat()}\nreport_month = "{REPORT_MONTH}"\n'
    for fault in faults:
        rows, base = count_fault(fault, files)
        text += "\n[[fault]]\n" + toml_pairs(
            {
                "id": fault.id,
                "what": fault.what,
                "figure": fault.figure,
                "expected": fault.expected,
                "file": fault.file,
                "rows": rows,
                "base": base,
            }
        )
        if fault.ids:
            text += toml_pairs({"ids": list(fault.ids)})
        for name, where in (("where", fault.where), ("mark", fault.mark), ("answer", fault.answer)):
            if where:
                text += f"[fault.{name}]\n" + toml_pairs(where)
    return text


def write_sample(clean: Practice, folder: Path) -> None:
    """Write the shipped sample: its files with faults, their list, settings, a month in other layouts."""
    folder.mkdir(parents=True, exist_ok=True)
    practice, planting = plant(clean)
    exported = ~practice.lines["line"].isin(planting.not_exported).to_numpy()
    charges, spoiled = spoil_rows(charges_table(practice)[exported].reset_index(drop=True))
    files = {
        "charges.csv": charges,
        "postings.csv": postings_table(practice),
        "visit_notes.csv": notes_table(practice),
        "remittance_only.csv": pd.DataFrame(planting.only, columns=list(ONLY)).fillna(""),
    }
    for name, table in files.items():
        write_csv(table, folder / name)
    write_text(planted_toml([*planting.faults, *spoiled], files), folder / "planted.toml")
    write_text(practice_toml(), folder / "practice.toml")
    month = month_lines(practice, planting.sent_again)
    write_csv(simplepractice_table(month), folder / f"simplepractice_appointment_status_{REPORT_MONTH}.csv")
    write_csv(webpt_table(month), folder / f"webpt_documented_units_{REPORT_MONTH}.csv", "utf-8-sig")


def main() -> None:
    """Command line."""
    here = Path(__file__).resolve().parent
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clean", action="store_true", help="no planted faults")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--out", type=Path, default=here)
    options.add_argument("--lines", type=int, default=LINES, help="about how many claim lines")
    options.add_argument("--months", type=int, default=MONTHS, help="months of history, the last one partial")
    options.add_argument("--codes", type=int, default=0, help="how many codes")
    options.add_argument("--payers", type=int, default=0, help="how many payers, Self-pay among them")
    chosen = options.parse_args()
    scale = Scale(chosen.lines, chosen.months, chosen.codes, chosen.payers)
    practice = make_practice(chosen.seed, scale)
    if chosen.clean or scale != Scale():
        write_practice(practice, chosen.out)
    else:
        write_sample(practice, chosen.out)


if __name__ == "__main__":
    main()
