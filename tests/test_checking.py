"""What `audit check` says: what was recognized, what was not used and why, and names that need a look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.checking import Checked, as_text, check_files, to_json
from tests.conftest import Caller
from tests.intake.x12_texts import remittance
from tests.practices import SAMPLE, write_practice


def check(folder: Path, charges: str, postings: str = "") -> Checked:
    return check_files(write_practice(folder, charges, postings), None, lambda _: None)


def alike(folder: Path, *payers: str) -> list[tuple[str, str]]:
    return list(check(folder, "| payer |\n" + "\n".join(f"| {payer} |" for payer in payers)).alike)


def test_every_row_that_is_not_used_is_counted_under_its_reason(tmp_path: Path) -> None:
    checked = check(tmp_path, "code service_date\n97140 2026-10-05\n- 2026-10-05\n- 2026-10-06\n97140 -")
    assert checked.why == (
        ("charges.csv", "refused", "no code", 2),
        ("charges.csv", "refused", "no usable service date", 1),
    )
    text = as_text(checked)
    assert "4 rows: 1 used, 0 set aside, 3 refused" in text
    assert "refused because no code: 2" in text
    assert "service dates 2026-10-05 to 2026-10-05" in text


def test_codes_reasons_and_payers_that_nobody_knows_are_listed(tmp_path: Path) -> None:
    """No error: they are counted like any other."""
    checked = check(
        tmp_path,
        "code payer\n97140 Medicare\n97999 Aetna",
        "line_id reason amount\nL1 CO-999 60.00\nL2 CO-16 60.00",
    )
    assert checked.unknown_codes == ("97999",)
    assert checked.unknown_reasons == ("999",)
    assert checked.payers == ("Aetna", "Medicare")
    assert checked.unknown_payers == ("Aetna",)
    text = as_text(checked)
    assert "Codes not in our code book (no error): 97999" in text
    assert "Adjustment reasons not in our list: 999" in text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Blue Plan", "BluePlan"),
        ("United Healthcare", "United Health care"),
        ("Premera Blue", "Premera Bleu"),
    ],
)
def test_payers_whose_names_nearly_agree_are_asked_about(first: str, second: str, tmp_path: Path) -> None:
    """Never joined without being told."""
    assert alike(tmp_path, first, second, "Aetna") == [tuple(sorted((first, second)))]


@pytest.mark.parametrize(
    ("first", "second"),
    [("Commercial Plan A", "Commercial Plan B"), ("Aetna", "Cigna"), ("Group 12 Plan", "Group 13 Plan")],
)
def test_payers_kept_apart_by_a_letter_or_number_are_not(first: str, second: str, tmp_path: Path) -> None:
    assert alike(tmp_path, first, second) == []


def test_the_text_tells_how_to_join_two_names(tmp_path: Path) -> None:
    text = as_text(check(tmp_path, "| payer |\n| Blue Plan |\n| BluePlan |"))
    assert "Nearly the same payer name? Blue Plan / BluePlan" in text
    assert "[aliases.payers]" in text


def test_json_says_the_same(tmp_path: Path) -> None:
    checked = check(tmp_path, "code payer\n97140 Aetna\n97999 Aetna")
    told = json.loads(to_json(checked))
    assert told["unknown_codes"] == ["97999"]
    assert told["files"][0]["codes"] == ["97140", "97999"]
    assert told["files"][0]["paid_cents"] is not None


def test_answers_and_notes_are_counted_too(tmp_path: Path) -> None:
    files = write_practice(
        tmp_path,
        "code\n97140",
        "line_id reason amount\nL1 - 40.00\nL1 CO-45 20.00",
        "visit_id technique\nV1 yes",
    )
    checked = check_files(files, None, lambda _: None)
    assert [(one.name, one.lines, one.visits, one.postings) for one in checked.files] == [
        ("charges.csv", 1, 1, 0),
        ("postings.csv", 0, 0, 2),
        ("visit_notes.csv", 0, 1, 0),
    ]
    assert [one.paid_cents for one in checked.files][1] == 4000


def test_lines_told_twice_and_files_that_share_services_are_told_of() -> None:
    """The sample practice's month stands in three layouts; its own charges hold one line twice."""
    checked = check_files(sorted(SAMPLE.glob("*.csv")), None, lambda _: None)
    assert checked.repeated == 1
    assert len(checked.alike_files) == 3
    text = as_text(checked)
    assert "1 line told twice: `audit run` uses each once" in text
    assert "seem to hold the same services" in text
    told = json.loads(to_json(checked))
    assert (told["repeated_lines"], told["alike_files"]) == (1, list(checked.alike_files))


def test_a_cut_remittance_is_told_and_ends_with_three(tmp_path: Path, call: Caller) -> None:
    """What is whole is shown; only who allows it goes on with it."""
    whole = remittance("CLP*C1*1*60*60\nSVC*HC:97140*60*60\nCLP*C2*1*30*30\nSVC*HC:97110*30*30\n", "90")
    (tmp_path / "payer.835").write_text(whole[: whole.index("SE*")])
    done = call("check", tmp_path / "payer.835")
    assert done.code == 3
    assert "note: incomplete: no SE/GE/IEA" in done.out
    assert "--allow-incomplete" in done.err
    done = call("check", "--json", "--allow-incomplete", tmp_path / "payer.835")
    assert done.code == 0
    (file,) = json.loads(done.out)["files"]
    assert (file["incomplete"], file["lines"], file["claims"], file["payment_cents"]) == (True, 1, 1, 9000)
    assert call("run", tmp_path / "payer.835", "--as-of", "2026-11-20").code == 3
