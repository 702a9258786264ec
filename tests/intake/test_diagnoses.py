"""Diagnoses of claim lines: the claim lists them, the line points to its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.lines import ABSENT, PRESENT, UNKNOWN
from tests.intake.test_claimed import BILLER, SUBSCRIBER, charges
from tests.intake.x12_texts import told


@pytest.mark.parametrize(
    ("listed", "pointers", "expected", "state"),
    [
        ("HI*ABK:M545*ABF:M542\n", "2", "M54.2", PRESENT),
        ("HI*ABK:M545*ABF:M542\n", "", "M54.5 M54.2", PRESENT),
        ("HI*BK:8470*BF:E8889\n", "1:2", "847.0 E888.9", PRESENT),
        ("HI*ABK:M545\nHI*BP:97140\n", "1:2", "M54.5", PRESENT),
        ("HI*ABK:XXXXX\n", "1", "", UNKNOWN),
        ("", "1", "", ABSENT),
        ("HI*ABK:M545\n", "3", "", ABSENT),
    ],
)
def test_a_line_has_the_diagnoses_it_points_to(
    tmp_path: Path, listed: str, pointers: str, expected: str, state: int
) -> None:
    body = f"CLM*C1*60***11:B:1\n{listed}LX*1\nSV1*HC:97140*60*UN*1***{pointers}\nDTP*472*D8*20261001\n"
    found = charges(tmp_path, BILLER + SUBSCRIBER + body)
    assert told(found, "diagnoses", "has_diagnosis") == [(expected, state)]
