"""The code book: codes that stand without what they need, or that a payer wants otherwise.

Codes not valid on the day are `audit/validity.py`, who billed a code is `audit/scope.py`. A code outside our
code book is no finding: `audit check` names it. Hot and cold packs (97010), and whatever else a payer never
pays apart, are expected to be refused; they are a finding only where they were paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit import scope
from audit.applicability import holds, lay_marks
from audit.billed import Billed
from audit.codes import code_book
from audit.rules import Check, Rule, mark_checks

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from audit.measures import Measure
    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]

ID = "codebook"
TITLE = "Code book"

MONTHLY = ("98980",)
"""Bases that are billed once a month, not on the day of what is added to them."""

TOKEN = 1
"""Cents that some systems need on a line that only reports."""

OPEN = ("no answer", "pending", "unknown")
"""Last decisions that do not tell yet whether a payer took a code."""

TAKEN = ("paid", "patient", "reduced")


def _add_on_alone(billed: Billed) -> Marks:
    book, labels = code_book().codes, billed.populations.labels["code"]
    added = {code: book[code].add_on_to for code in labels if code in book and book[code].add_on_to}
    with_base = np.zeros(len(billed.asked), dtype=bool)
    for code, bases in added.items():
        when = billed.same_month if set(bases) & set(MONTHLY) else billed.same_day
        rows = np.flatnonzero(billed.asked & billed.of_codes(code.__eq__))
        there = when[billed.given & billed.of_codes(bases.__contains__)]
        with_base[rows] = np.isin(when[rows], there)
    return billed.lay(billed.of_codes(added.__contains__), ~with_base)


def _report_code_charged(billed: Billed) -> Marks:
    charge = billed.populations.lines.frame["charge"]
    above = charge.to_numpy(np.int64, na_value=0) > TOKEN
    return billed.lay(billed.of_codes(code_book().is_report_only), above, charge.notna().to_numpy())


def _temporary_code(billed: Billed) -> Marks:
    pays = [billed.settings.payer(name).category_iii for name in billed.populations.labels["payer"]]
    payer = billed.populations.lines.groups["payer"]
    refuses, told = (
        np.array(values, dtype=bool)[payer]
        for values in ([one is False for one in pays], [one is not None for one in pays])
    )
    return billed.lay(billed.of_codes(lambda code: code_book().category_of(code) == "III"), refuses, told)


def _other_code_wanted(billed: Billed) -> Marks:
    """A payer of which nothing is known took the code where it paid for it."""
    labels, lines = billed.populations.labels, billed.populations.lines
    payers = [billed.settings.payer(name).instead for name in labels["payer"]]
    disputed = {one.code for setting in billed.settings.payers.values() for one in setting.instead}
    refused, wanted = (np.zeros((len(payers), len(labels["code"])), dtype=bool) for _ in range(2))
    for at, instead in enumerate(payers):
        for one in instead:
            refused[at] |= [code == one.code for code in labels["code"]]
            wanted[at] |= [code == one.use for code in labels["code"]]
    cell = lines.groups["payer"], lines.groups["code"]
    yes, fits = refused[cell], wanted[cell]
    taken = holds(lines.frame["last_decision"], TAKEN)
    return billed.lay(yes | fits | billed.of_codes(disputed.__contains__), yes, yes | fits | taken)


def _paid_though_bundled(billed: Billed) -> Marks:
    labels, lines = billed.populations.labels, billed.populations.lines
    bundled = np.zeros(len(billed.asked), dtype=bool)
    for at, name in enumerate(labels["payer"]):
        for one in billed.settings.payer(name).bundled_codes():
            if one.value in labels["code"]:
                theirs = (lines.groups["payer"] == at) & (
                    lines.groups["code"] == labels["code"].index(one.value)
                )
                bundled |= theirs & billed.within(one.start, one.end)
    paid = lines.frame["paid"].to_numpy(np.int64, na_value=0) > 0
    return lay_marks(billed.asked & bundled, paid, paid | ~holds(lines.frame["last_decision"], OPEN))


CHECKS: tuple[Check[Billed], ...] = (
    Check(
        Rule(
            "codebook/add_on_alone",
            "Check {rows} of add-on codes without the code they add to",
            "Check in the note what was done first and whether its line is absent from the charges, or "
            "billed to somebody else.",
            "An add-on code alone is refused (remark N122); it tells of further time or area only.",
            "CMS NCCI add-on code edits; column add_on_to of config/codes.csv",
            "add_on_alone",
            "lines",
            "biller",
            "patient, service date and code",
            sentence="A code for further time or area is billed with the code for the first, on the same "
            "day (remote monitoring: in the same month).",
            task="codes",
            right="97810 and 97811 on one day",
            wrong="97811 alone",
        ),
        _add_on_alone,
    ),
    Check(
        Rule(
            "codebook/report_code_charged",
            "Check {rows} of reporting codes with a charge",
            "Check the fee list of the practice software: such codes carry no charge, or one cent where "
            "the system needs an amount.",
            "A code that only reports is never paid; its charge inflates what seems to be owed.",
            "CPT category II; Medicare's functional reporting of 2013 to 2018",
            "report_code_charged",
            "lines",
            "biller",
            "charges",
            money="",
            sentence="Codes that only report (category II, functional reporting) carry no charge.",
            task="codes",
            right="4004F at $0.00",
            wrong="4004F at $25.00",
        ),
        _report_code_charged,
    ),
    Check(
        Rule(
            "codebook/temporary_code",
            "Check {rows} of temporary codes at a payer that does not pay them",
            "Check what the contract says of the service, and whether the patient was told beforehand.",
            "Payers take temporary codes (category III) for unproven and many pay none.",
            "the payer's setting category_iii (practice.toml)",
            "temporary_code",
            "lines",
            "biller",
            "whether the payer pays temporary codes (category_iii in practice.toml)",
            sentence="A temporary code is billed to a payer that pays temporary codes.",
            task="codes",
            payers="payers with category_iii = false",
            right="0552T at a payer with category_iii = true",
            wrong="0552T at a payer with category_iii = false",
        ),
        _temporary_code,
    ),
    Check(
        Rule(
            "codebook/other_code_wanted",
            "Check {rows} of codes that the payer takes under another code",
            "Check which code the payer names for what the note tells; a claim is corrected only from the "
            "note as it stood.",
            "A payer refuses a code it does not take, whatever was done.",
            "the payer's setting instead (config/payers.toml, practice.toml); Medicare: 97014 has status I",
            "other_code_wanted",
            "lines",
            "biller",
            "which code the payer takes (instead in practice.toml), or its answer",
            sentence="Unattended electrical stimulation and the like go to each payer under the code that "
            "it takes.",
            task="codes",
            payers="payers with instead, such as Medicare (G0283 for 97014)",
            right="G0283 at Medicare",
            wrong="97014 at Medicare",
        ),
        _other_code_wanted,
    ),
    Check(
        Rule(
            "codebook/paid_though_bundled",
            "Check {rows} that were paid although the payer never pays the code apart",
            "Check the remittance and the contract: was it meant to be paid? If review shows that it was "
            "not, ask counsel about returning it.",
            "What is part of another service can be taken back when it was paid apart.",
            "the payer's setting bundles; Medicare: 97010 has status B, practitioner unit limit 0",
            "paid_though_bundled",
            "lines",
            "biller",
            "the payer's answer",
            money="paid",
            sentence="A code that a payer never pays apart, such as hot and cold packs at Medicare, is "
            "refused as expected; here it was paid.",
            task="codes",
            payers="payers with bundles, such as Medicare (97010)",
            right="97010 at Medicare, refused as part of another service",
            wrong="97010 at Medicare, paid",
        ),
        _paid_though_bundled,
    ),
    *scope.CHECKS,
)

RULES = tuple(check.rule for check in CHECKS)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period: none."""
    return ()


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of the history as it stands: none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules."""
    return RULES


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark lines whose code needs another, or is not what the payer or the discipline goes by."""
    return populations.with_marks(mark_checks(CHECKS, Billed(populations, settings), populations))
