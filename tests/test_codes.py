"""The code book and the reason book: dates, categories, families, and one kind for every reason."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from audit.codes import (
    CAUSES,
    KINDS,
    NOT_IN_BOOK,
    cause_words,
    code_book,
    describe,
    reason_book,
)

SHARED = Path(__file__).resolve().parents[2] / "shared"
DISCIPLINES = {"massage", "pt", "ot", "chiropractic", "acupuncture", "slp", "other"}

# The printed sets of the decision table.
PRINTED = {
    "share": "1 2 3 66 142 178 187 201 241 247 248 100 209 275 303",
    "taken": "44 104 105 237 245 253 B4",
    "prior": "23",
    "predetermination": "101",
    "sent_on": "B11 270 297 298 300 301 304 305",
    "pending": "133 257 277 P8 P11",
    "duplicate": "18 B13",
    "report_only": "246",
    "bundled": "97 234 B15",
    "capitated": "24",
    "carry": "193 286",
    "interest": "85",
    "contractual": "45 59 89 94 102 121 131 144 223 235 P5 P12 P22 P23 P24 P25 P26",
}
# First or last date of service of codes that came or went, as published.
STARTED = {
    "97161 97162 97163 97164 97165 97166 97167 97168 97169 97170 97171 97172": "2017-01-01",
    "97763 97127 G0515": "2018-01-01",
    "97129 97130 20560 20561 90912 90913": "2020-01-01",
    "98975 98976 98977 98980 98981": "2022-01-01",
    "98978": "2023-01-01",
    "97550 97551 97552 97037": "2024-01-01",
    "G0541 G0542 G0543": "2025-01-01",
    "98979 98984 98985 98986": "2026-01-01",
}
ENDED = {
    "97001 97002 97003 97004": "2016-12-31",
    "97762 97532": "2017-12-31",
    "97127 G0515 90911": "2019-12-31",
    "99201": "2020-12-31",
}


def spread(table: dict[str, str]) -> list[tuple[str, date]]:
    return [(code, date.fromisoformat(day)) for codes, day in table.items() for code in codes.split()]


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(("code", "day"), spread(STARTED))
def test_a_code_is_not_valid_before_its_first_day(code: str, day: date) -> None:
    assert code_book().codes[code].valid_from == day
    assert code_book().codes[code].valid_on(day)
    assert not code_book().codes[code].valid_on(date.fromordinal(day.toordinal() - 1))


@pytest.mark.parametrize(("code", "day"), spread(ENDED))
def test_a_code_is_not_valid_after_its_last_day(code: str, day: date) -> None:
    assert code_book().codes[code].valid_to == day
    assert code_book().codes[code].valid_on(day)
    assert not code_book().codes[code].valid_on(date.fromordinal(day.toordinal() + 1))


def test_no_other_code_has_an_end() -> None:
    ended = {code.code for code in code_book().codes.values() if code.valid_to}
    assert ended == {code for code, _ in spread(ENDED)}


def test_no_code_ends_before_it_starts() -> None:
    dated = [code for code in code_book().codes.values() if code.valid_from and code.valid_to]
    assert dated
    assert [code.code for code in dated if str(code.valid_to) < str(code.valid_from)] == []


def test_every_code_is_whole() -> None:
    for code in code_book().codes.values():
        assert code.description
        assert code.family
        assert code.source
        assert set(code.disciplines) <= DISCIPLINES
        assert set(code.add_on_to) <= set(code_book().codes), code.code


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("97140", "I"),
        ("4004F", "II"),
        ("1125F", "II"),
        ("0552T", "III"),
        ("0101T", "III"),
        ("G0283", "HCPCS"),
        ("S9999", "HCPCS"),
        ("X1234", NOT_IN_BOOK),
        ("27447", NOT_IN_BOOK),
        ("massage", NOT_IN_BOOK),
        ("", NOT_IN_BOOK),
    ],
)
def test_every_code_has_a_category_also_outside_the_book(code: str, category: str) -> None:
    assert code_book().category_of(code) == category


def test_a_code_outside_the_book_is_no_error() -> None:
    assert describe("27447") == NOT_IN_BOOK
    assert describe("97124") == "Massage"
    assert "27447" not in code_book().codes


@pytest.mark.parametrize("code", ["4004F", "1125F", "G8978", "G8999", "G9158", "G9186"])
def test_quality_and_functional_codes_only_report(code: str) -> None:
    assert code_book().is_report_only(code)


@pytest.mark.parametrize("code", ["97140", "G0283", "G8977", "G9187", "0552T", "27447", ""])
def test_codes_that_are_paid_do_more_than_report(code: str) -> None:
    assert not code_book().is_report_only(code)


@pytest.mark.parametrize(
    "codes",
    [
        "97112 97124 97140",
        "98940 98941 98942",
        "97161 97162 97163",
        "97165 97166 97167",
        "97810 97811 97813 97814",
    ],
)
def test_codes_that_stand_in_for_each_other_are_one_family(codes: str) -> None:
    family = code_book().codes[codes.split()[0]].family
    assert code_book().families()[family] == tuple(codes.split())


def test_a_code_billed_by_one_discipline_alone_tells_it() -> None:
    own = code_book().discipline_by_code()
    assert [own.get(code, "") for code in ("97161", "97124", "98940", "27447")] == [
        "pt",
        "",
        "chiropractic",
        "",
    ]


def test_lines_with_a_code_outside_its_dates_are_marked() -> None:
    codes = pd.Series(["97001", "97001", "97161", "97161", "97124", "27447"]).astype("category")
    days = ["2016-12-31", "2017-01-01", "2016-12-31", "2017-01-01", "1990-01-01", "1990-01-01"]
    dates = pd.Series(pd.to_datetime(days)).astype("datetime64[s]")
    assert code_book().outside_dates(codes, dates).tolist() == [False, True, True, False, False, False]


def test_the_book_as_a_table_says_the_same() -> None:
    frame = code_book().frame()
    assert list(frame.index) == sorted(code_book().codes)
    assert frame.loc["97001", "valid_to"] == pd.Timestamp("2016-12-31")
    assert frame.loc["98940", "discipline"] == "chiropractic"
    assert frame.loc["97124", "discipline"] == ""
    assert frame["timed"].sum() == sum(code.timed for code in code_book().codes.values())


def test_reading_the_books_loads_no_heavy_library() -> None:
    script = "import sys, audit.codes as c; c.code_book(); c.reason_book(); print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ---------------------------------------------------------------- reasons


def test_every_reason_has_one_row_and_one_known_kind_and_cause() -> None:
    text = (Path(__file__).resolve().parents[1] / "config" / "reasons.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["reason"] for row in rows}) == len(rows) == len(reason_book().reasons)
    assert {row["kind"] for row in rows} == set(KINDS)
    assert {row["cause"] for row in rows} <= set(CAUSES)
    assert all(row["wording"] and row["owner"] and row["source"] for row in rows)


@pytest.mark.parametrize("kind", PRINTED)
def test_the_sets_of_the_decision_table_are_as_printed(kind: str) -> None:
    assert reason_book().of_kind(kind) == set(PRINTED[kind].split())


def test_every_other_reason_is_a_denial() -> None:
    others = set(reason_book().reasons) - set(" ".join(PRINTED.values()).split())
    assert reason_book().of_kind("denial") == others
    assert {"16", "29", "96", "119", "151", "197", "204", "B5", "P13", "P15", "P21", "172"} <= others


REFUSING = {"denial", "duplicate", "bundled", "capitated"}
"""Kinds that are denials where the exception in their meaning does not hold."""


def test_a_reason_we_do_not_know_is_told_apart_from_every_kind() -> None:
    book = reason_book()
    assert book.kind_of("999") == "unknown"
    assert book.describe("CO-999") == "a reason we do not know"
    assert book.cause_of("CO-999") == "other"


def test_a_reason_is_described_with_or_without_its_group() -> None:
    book = reason_book()
    assert book.describe("CO-97") == book.describe("97") == "Part of another service already decided"
    assert book.cause_of("PR-204") == "benefit_limit"
    assert book.owner_of("CO-50") == "clinician"
    assert cause_words("timely_filing") == ("Filed too late", "biller")


def test_remarks_that_decide_are_known() -> None:
    assert "no appeal" in reason_book().describe_remark("MA130")
    assert reason_book().describe_remark("N999") == "a remark we do not know"


# ---------------------------------------------------------------- against the evidence


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the folder `shared` beside the repository")
def test_every_code_reason_and_remark_of_the_evidence_is_carried_over() -> None:
    with (SHARED / "domain" / "codes.csv").open(encoding="utf-8") as file:
        codes = {row["code"]: row for row in csv.DictReader(file)}
    with (SHARED / "domain" / "carc_rarc.csv").open(encoding="utf-8") as file:
        reasons = list(csv.DictReader(file))
    assert set(codes) <= set(code_book().codes)
    for code, row in codes.items():
        assert (row["evidence"] != "M") == code_book().codes[code].sure
        assert row["category"] == code_book().codes[code].category
    assert {row["code"] for row in reasons if row["kind"] == "CARC"} <= set(reason_book().reasons)
    assert {row["code"] for row in reasons if row["kind"] == "RARC"} == set(reason_book().remarks)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the folder `shared` beside the repository")
def test_our_kinds_agree_with_the_evidence_wherever_the_decision_table_is_silent() -> None:
    with (SHARED / "domain" / "carc_rarc.csv").open(encoding="utf-8") as file:
        stated = {row["code"]: row["default_status"] for row in csv.DictReader(file) if row["kind"] == "CARC"}
    for reason, status in stated.items():
        if status == "denial" and reason != "B15":
            assert reason_book().kind_of(reason) == "denial", reason
        if status == "not_denial":
            assert reason_book().kind_of(reason) not in REFUSING, reason
