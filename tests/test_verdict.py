"""The verdict: every word at the top of the page follows from the outcome of a figure."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from audit.comparison import Comparison
from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, NOT_JUDGED, TOO_FEW
from audit.record import Audit
from audit.verdict import state_verdict
from tests.practices import SAMPLE, audit_of, many_months, write_practice


def judged(audit: Audit, total: str, **others: str) -> Comparison:
    """Return the sample practice's comparison with other words for the denial rate.

    `others` maps a group ("pair" for code and payer) to the word of its figures.
    """
    frame = audit.comparison.frame.copy()
    words = {
        "": total,
        "code": NOT_HIGHER,
        "payer": NOT_HIGHER,
        "code,payer": others.get("pair", NOT_HIGHER),
    } | {group: word for group, word in others.items() if group != "pair"}
    for group, word in words.items():
        rows = (frame["measure"] == "denials/first_rate") & (frame["group"] == group)
        frame.loc[rows, "outcome"] = word
    return replace(audit.comparison, frame=frame)


@pytest.mark.parametrize(
    ("total", "others", "said"),
    [
        (HIGHER, {}, "Denials rose to 17.9 %, significantly higher than in earlier months"),
        (LOWER, {}, "Denials fell to 17.9 %, significantly lower than in earlier months"),
        (BY_CHANCE, {}, "Nothing about denials stands out: 17.9 %, within chance of the past"),
        (NOT_HIGHER, {}, "Nothing about denials stands out: 17.9 %, within chance of the past"),
        (
            BY_CHANCE,
            {"pair": HIGHER},
            "Denials at 17.9 % are within chance of the past; 97140 at Commercial A stands out",
        ),
        (BY_CHANCE, {"code": HIGHER}, "Denials at 17.9 % are within chance of the past; 97140 stands out"),
        (BY_CHANCE, {"payer": HIGHER}, "within chance of the past; Commercial A stands out"),
        (TOO_FEW, {}, "17.9 % of the lines decided were denied; too few came before to tell more"),
        (NOT_JUDGED, {}, "answered: too early to judge denials"),
    ],
)
def test_the_verdict_says_what_the_outcome_says(
    total: str, others: dict[str, str], said: str, sample_audit: Audit
) -> None:
    verdict, _ = state_verdict(judged(sample_audit, total, **others), "September 2026")
    assert said in verdict


def test_what_stands_out_stands_under_the_verdict(sample_audit: Audit) -> None:
    """Codes at payers and payers alike, most denied lines above their own past first, three at most."""
    _, text = state_verdict(sample_audit.comparison, "September 2026")
    assert "Highest above their past: Workers' comp, 97140 at Commercial A, 97124 at Blue Plan." in text
    assert "June\N{EN DASH}August 2026 had" in text
    assert "of the visits lack a required element, significantly higher than in earlier months over" in text
    assert "only a reading of the chart can tell" in text


def test_a_first_period_is_called_neither_high_nor_low(tmp_path: Path) -> None:
    """There is nothing yet that it could stand beside."""
    audit = audit_of(write_practice(tmp_path, *many_months(["2026-10"], 40)), "2026-10")
    verdict, _ = state_verdict(audit.comparison, audit.period.title)
    assert "too few came before" in verdict


def test_where_no_file_can_show_a_denial_denials_are_not_measured() -> None:
    """SimplePractice tells what was paid; of the rest, not whether it was refused or is still open."""
    [file] = SAMPLE.glob("simplepractice_*.csv")
    comparison = audit_of([file], as_of=date(2027, 6, 1)).comparison
    verdict, _ = state_verdict(comparison, "September 2026")
    assert verdict == "September 2026: what was billed and documented; denials are not measured"
    assert not comparison.measured("denials/first_rate")
