"""The records of a remittance: days, codes, payers and remarks, as its segments tell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.x12_texts import postings, told


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("", "DTM*472*20261003\nDTM*150*20261002"), "2026-10-03"),
        (("DTM*232*20261001", "DTM*150*20261002\nDTM*151*20261004"), "2026-10-02"),
        (("DTM*232*20261001\nDTM*233*20261005", "CAS*CO*45*1"), "2026-10-01"),
        (("DTM*233*20261005", ""), "2026-10-05"),
        (("DTM*050*20261006", ""), None),
        (("", "DTM*472*20002316"), None),
    ],
)
def test_a_service_has_its_own_day_else_its_claim_s_and_never_the_payment_s(
    tmp_path: Path, dates: tuple[str, str], expected: str | None
) -> None:
    of_claim, of_line = dates
    found = postings(tmp_path, f"CLP*C1*1*60*60\n{of_claim}\nSVC*HC:97140*60*60**1\n{of_line}\n")
    assert told(found.iloc[:1], "service_date") == [(expected,)]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("SVC*HC:97140*60*40**1", ("97140", "", "")),
        ("SVC*HC:97140*60*40**1*HC:97124:GP", ("97124", "GP", "97140 100")),
        ("SVC*HC:97110*60*40**1*HC:97110*2", ("97110", "", "97110 100")),
        ("SVC*HC:97110*60*40**2**2", ("97110", "", "")),
        ("SVC*HC:97110*60*0**0**2", ("97110", "", "")),
        ("SVC*HC:97110*-60*-40**-2**2", ("97110", "", "")),
        ("SVC*HC:97110*-60*-40**-1**2", ("97110", "", "97110 100")),
        ("SVC*HC:97110*60*40***HC:97112", ("97112", "", "97110")),
        ("SVC*HC:97110*60*40**1*HC:97110:59", ("97110", "59", "")),
        ("SVC*HC*60*40**1", ("", "", "")),
    ],
)
def test_what_was_billed_is_kept_beside_what_was_answered(
    tmp_path: Path, service: str, expected: tuple[str, ...]
) -> None:
    """SVC06 and SVC07 hold the code and units billed where the payer answers others.

    Units of a line refused are 0, which is a denial and no other count; those of a reversal are below 0.
    """
    found = postings(tmp_path, f"CLP*C1*1*60*40\n{service}\n")
    assert told(found.iloc[:1], "code", "modifiers", "answered_as") == [expected]


@pytest.mark.parametrize(
    ("status", "rank"),
    [
        ("1", 1),
        ("4", 1),
        ("19", 1),
        ("2", 2),
        ("20", 2),
        ("3", 3),
        ("21", 3),
        ("22", 0),
        ("23", 0),
        ("25", 0),
    ],
)
def test_the_claim_s_status_tells_which_payer_answers(tmp_path: Path, status: str, rank: int) -> None:
    found = postings(tmp_path, f"CLP*C1*{status}*60*40\nSVC*HC:97140*60*40**1\n")
    assert told(found, "claim_status", "payer_rank") == [(status, rank)]


def test_remarks_of_the_line_stand_before_those_of_its_claim(tmp_path: Path) -> None:
    found = postings(
        tmp_path,
        """
        CLP*C1*1*120*0
        MOA***MA01*N130
        SVC*HC:97140*60*0**1
        CAS*CO*97*60
        LQ*HE*M15
        LQ*RX*75
        LQ*HE*N20
        SVC*HC:97110*60*0**1
        CLP*C2*1*60*0
        SVC*HC:97110*60*0**1
        """,
    )
    assert told(found[found["kind"] == "payment"], "remarks") == [
        ("M15 N20 MA01 N130",),
        ("MA01 N130",),
        ("",),
    ]
    assert told(found[found["kind"] == "adjustment"], "remarks") == [("M15 N20 MA01 N130",)]
