"""What `audit init` proposes for files that no layout describes: guesses are said to be guesses."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from audit.errors import InputError
from audit.intake import read_history
from audit.intake.column_values import Seen, codes_in, describe, judge, separator_in
from audit.intake.header_words import FIELD_NAMES, find_candidates
from audit.intake.layout_parts import STATUS_WORDS
from audit.intake.names_seen import alike_names, code_in_name
from audit.intake.proposal import Proposal, propose
from audit.intake.sheet_study import adjustments_side_by_side
from audit.intake.toml_text import quote
from audit.lines import DECISIONS
from audit.settings import FIELDS, Settings, load_settings

Write = Callable[[str, str], Path]

CHARGES = """
    DOS        | Pt Name  | DOB        | Mbr#  | Ins   | Ther       | Proc  | Qty | Chg
    04/27/2026 | Lee, Ann | 03/04/1970 | MX771 | Aetna | Dana Reyes | 97140 | 2   | 120.00
    04/28/2026 | Fox, Cyd | 05/06/1981 | MX772 | Cigna | Dana Reyes | 97124 | 1   | 45.00
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a way to write a table, columns parted by pipes, as a file; a tab parts its columns."""

    def write_file(name: str, table: str) -> Path:
        rows = [line.strip() for line in table.strip().splitlines()]
        path = tmp_path / name
        text = "\n".join("\t".join(cell.strip() for cell in row.split("|")) for row in rows)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        return path

    return write_file


def propose_for(*paths: Path) -> Proposal:
    return propose(paths, load_settings(None))


def layouts_of(proposal: Proposal) -> list[dict[str, Any]]:
    layouts: list[dict[str, Any]] = tomllib.loads(proposal.text)["layouts"]
    return layouts


def settings_from(proposal: Proposal, folder: Path) -> Settings:
    practice = folder / "practice.toml"
    practice.write_text(proposal.text.replace("confirmed = false", "confirmed = true"), encoding="utf-8")
    return load_settings(practice)


def seen(text: str) -> Seen:
    cells: pd.Categorical[Any] = pd.Categorical([cell.strip() for cell in text.split("|")])
    return Seen("column", cells)


# The whole proposal ---------------------------------------------------------------------------------------


def test_a_proposal_is_not_confirmed_and_loads(write: Write, tmp_path: Path) -> None:
    practice = tmp_path / "practice.toml"
    practice.write_text(propose_for(write("visits.txt", CHARGES)).text, encoding="utf-8")
    assert load_settings(practice).practice.confirmed is False


def test_abbreviated_headers_find_their_fields_and_the_map_reads_the_file(
    write: Write, tmp_path: Path
) -> None:
    path = write("visits.txt", CHARGES)
    proposal = propose_for(path)
    (layout,) = layouts_of(proposal)
    assert layout["row"] == "line"
    assert layout["dates"] == "month-first"
    assert layout["columns"] == {
        "patient": "Pt Name",
        "clinician": "Ther",
        "payer": "Ins",
        "service_date": "DOS",
        "code": "Proc",
        "units": "Qty",
        "charge": "Chg",
    }
    charges = read_history([path], settings_from(proposal, tmp_path)).charges
    assert list(charges["charge"]) == [12000, 4500]
    assert list(charges["payer"]) == ["Aetna", "Cigna"]


def test_no_value_of_a_patients_is_shown(write: Write) -> None:
    """Names, birth dates and member numbers stand neither in the text nor in the summary."""
    proposal = propose_for(
        write("visits.txt", CHARGES + "\n    05/01/2026|Poe, Dee|01/02/1990|MX9|Poe, Dee|Kim|97110|1|60")
    )
    shown = proposal.text + "\n".join(proposal.summary)
    for value in ("Lee", "Ann", "Fox", "Poe", "1970", "05/06/1981", "MX77", "MX9"):
        assert value not in shown
    assert '"Aetna"' in shown


def test_the_summary_says_what_was_found_and_what_was_not(write: Write) -> None:
    summary = "\n".join(propose_for(write("few.txt", "DOS|CPT|Fee\n2026-04-27|97140|60.00")).summary)
    assert "few.txt: not known yet, a map is proposed" in summary
    assert "code = CPT" in summary
    assert "not found, so not in the report: patient, payer, clinician, claim_id, units" in summary


def test_a_needed_field_without_a_column_is_marked(write: Write) -> None:
    proposal = propose_for(write("few.txt", "CPT|Fee|Units\n97140|60.00|1"))
    assert '# service_date = ""  # NEEDED, no column was found: write its header' in proposal.text
    assert any("NEEDED and not found: service_date" in line for line in proposal.summary)


def test_a_column_whose_values_contradict_its_name_is_commented_out(write: Write) -> None:
    proposal = propose_for(
        write("odd.txt", "DOS|CPT|Units|Charge\n2026-04-27|97140|two|60.00\n2026-04-27|97110|one|60.00")
    )
    assert "units" not in layouts_of(proposal)[0]["columns"]
    assert '# units = "Units"  # not used: its values are no numbers' in proposal.text


def test_of_two_columns_that_could_be_a_field_the_other_is_named(write: Write) -> None:
    proposal = propose_for(write("two.txt", "DOS|CPT|Billed Amount|Total\n2026-04-27|97140|60.00|60.00"))
    assert layouts_of(proposal)[0]["columns"]["charge"] == "Billed Amount"
    assert 'could also be "Total"' in proposal.text


def test_a_header_that_stands_twice_is_told_apart(write: Write, tmp_path: Path) -> None:
    path = write("twice.txt", "DOS|CPT|Charge|Paid|Charge|Paid\n2026-04-27|97140|60.00|1.00|70.00|2.00")
    proposal = propose_for(path)
    assert {"Charge", "Charge#2", "Paid", "Paid#2"} <= set(layouts_of(proposal)[0]["headers"])
    assert 'could also be "Charge#2"' in proposal.text
    assert list(read_history([path], settings_from(proposal, tmp_path)).charges["charge"]) == [6000]


def test_columns_not_used_are_listed_without_values(write: Write) -> None:
    text = propose_for(write("visits.txt", CHARGES)).text
    assert '# Columns not used: "DOB", "Mbr#"' in text


def test_the_order_of_rows_changes_nothing(write: Write) -> None:
    rows = [
        f"{day:02d}/{30 - day}/2026|P{day % 5}|{['A', 'B'][day % 2]}|97140|1|60.0{day % 3}"
        for day in range(1, 12)
    ]
    texts = []
    for seed in (1, 2):
        random.Random(seed).shuffle(rows)
        texts.append(propose_for(write("x.txt", "\n".join(["DOS|Pt ID|Ins|CPT|Units|Fee", *rows]))).text)
    assert texts[0] == texts[1]


def test_files_with_the_same_headers_are_mapped_together(write: Write) -> None:
    """What one file leaves open, another may prove: here the order of day and month."""
    first = write("jan.txt", "DOS|CPT|Fee\n3/4/26|97140|60.00")
    second = write("feb.txt", "CPT|Fee|DOS\n97140|60.00|13/4/26")
    (layout,) = layouts_of(propose_for(first, second))
    assert layout["dates"] == "day-first"


def test_files_alike_but_for_unused_columns_are_kept_apart(write: Write, tmp_path: Path) -> None:
    first = write("one.txt", "DOS|CPT|Fee|Memo A\n2026-04-27|97140|60.00|x")
    second = write("two.txt", "DOS|CPT|Fee|Memo B\n2026-04-27|97110|70.00|x")
    history = read_history([first, second], settings_from(propose_for(first, second), tmp_path))
    assert [report.format for report in history.files] == ["one", "two"]


WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)


@limits(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    extra=st.lists(
        st.sampled_from(sorted({n for names in FIELD_NAMES.values() for n in names})) | WORDS, max_size=6
    ),
    cells=st.lists(
        WORDS | st.sampled_from(["97140", "1.50", "2026-04-27", "CO-45", "Signed"]), min_size=6, max_size=6
    ),
)
def test_whatever_the_headers_and_cells_the_proposal_loads(
    tmp_path: Path, extra: list[str], cells: list[str]
) -> None:
    rows = [["DOS", "CPT", "Fee", *extra], ["2026-04-27", "97140", "60.00", *cells[: len(extra)]]]
    path = tmp_path / "any.txt"
    quoted = [
        "\t".join('"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in row) for row in rows
    ]
    path.write_text("\n".join(quoted) + "\n", encoding="utf-8", newline="\n")
    try:
        proposal = propose_for(path)
    except InputError:  # no header was found: the names are too few or too much alike
        return
    assert len(settings_from(proposal, tmp_path).practice.layouts) <= 1


# How values are written -----------------------------------------------------------------------------------


def test_decimal_commas_title_lines_and_several_codes_in_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "monat.csv"
    path.write_text(
        "Monthly list;;;;\n\nSvc Dt;Client Name;CPT Code(s);Units;Billed Amount\n"
        "27.04.2026;Meyer, Anna;97110+97140;3;1.250,50\n28.04.2026;Meyer, Bert;97124;1;48,00\n",
        encoding="utf-8",
    )
    proposal = propose_for(path)
    (layout,) = layouts_of(proposal)
    assert (layout["row"], layout["decimal"], layout["code_separator"]) == ("claim", ",", "+")
    assert (layout["dates"], layout["units_are_total"]) == ("day-first", True)
    history = read_history([path], settings_from(proposal, tmp_path))
    assert list(history.charges["code"]) == ["97110", "97140", "97124"]
    assert (history.files[0].used_cents, history.files[0].undivided_cents) == (129850, 125050)


def test_dates_that_can_be_read_in_two_ways_are_left_open(write: Write, tmp_path: Path) -> None:
    path = write("open.txt", "DOS|CPT|Fee\n3/4/26|97140|60.00")
    proposal = propose_for(path)
    assert layouts_of(proposal)[0]["dates"] == ""
    assert '# dates = "month-first"' in proposal.text
    assert '# dates = "day-first"' in proposal.text
    with pytest.raises(InputError, match="day or the month first"):
        read_history([path], settings_from(proposal, tmp_path))


def test_charges_below_zero_lose_their_sign(write: Write) -> None:
    proposal = propose_for(write("minus.txt", "DOS|CPT|Fee\n2026-04-27|97140|-60.00"))
    assert layouts_of(proposal)[0]["absolute"] == ["charge"]


# What one row is ------------------------------------------------------------------------------------------


def test_lines_that_repeat_with_reasons_are_adjustments(write: Write, tmp_path: Path) -> None:
    """Four rows, two lines: a charge is counted once."""
    path = write(
        "adj.txt",
        """
        Clm No | DOS        | CPT   | Chg   | RxnCode | DenAmt
        C1     | 2026-04-27 | 97140 | 60.00 | CO-45   | 15.00
        C1     | 2026-04-27 | 97140 | 60.00 | PR-1    | 20.00
        C1     | 2026-04-27 | 97140 | 60.00 | CO-97   | 25.00
        C2     | 2026-04-28 | 97140 | 60.00 | CO-45   | 15.00
        """,
    )
    proposal = propose_for(path)
    assert layouts_of(proposal)[0]["row"] == "adjustment"
    assert "a guess to check" in proposal.text
    history = read_history([path], settings_from(proposal, tmp_path))
    assert (len(history.charges), len(history.postings)) == (2, 4)


def test_adjustments_side_by_side_are_paired_by_their_number(write: Write) -> None:
    table = "DOS|CPT|Fee|Adj1Group|Adj1ReasonCode|Adj1Amount|Adj2Group|Adj2ReasonCode|Adj2Amount\n"
    proposal = propose_for(write("wide.txt", f"{table}2026-04-27|97140|60|CONTRACTUAL|45|15|CO|97|45"))
    (layout,) = layouts_of(proposal)
    assert [each["reason"] for each in layout["adjustments"]] == ["Adj1ReasonCode", "Adj2ReasonCode"]
    assert layout["group_words"] == {"CONTRACTUAL": "CO"}


def test_payments_without_charges_are_postings(write: Write) -> None:
    proposal = propose_for(
        write(
            "era.txt",
            "Clm No|CPT|Trans Type|Grp|Rsn Cd|Amt|Post Dt\nC1|97140|Adjustment|CO|45|15.00|2026-05-01",
        )
    )
    (layout,) = layouts_of(proposal)
    assert layout["row"] == "posting"
    assert layout["columns"]["amount"] == "Amt"
    assert layout["columns"]["posted_on"] == "Post Dt"


def test_signatures_without_charges_are_notes(write: Write) -> None:
    """Only columns that say yes and no prove an element; what any text would prove is left to the reader."""
    proposal = propose_for(
        write(
            "notes.txt",
            "visitdate|clientname|datesigned|Technique|Response\n"
            "2026-04-27|Lee, Ann|2026-04-28|yes|better\n2026-04-28|Lee, Ann||no|same",
        )
    )
    (layout,) = layouts_of(proposal)
    assert layout["row"] == "note"
    assert layout["columns"]["signed_on"] == "datesigned"
    assert layout["documentation"] == {
        "technique": {"column": "Technique", "present": ["yes"], "absent": ["no"]}
    }
    assert "# response = " in proposal.text


def test_what_notes_chart_of_plans_and_referrals_is_proposed(write: Write, tmp_path: Path) -> None:
    """A date may prove an element as well; of a note's text nothing is shown."""
    table = """
        Visit Date | PtID | POC Date   | Cert Date  | Auth Visits | Regions Adjusted | SOAP Note
        2026-03-02 | P1   | 2026-03-02 |            | 12          | C, T             | Zebulina cries
        2026-03-05 | P1   | 2026-03-02 | 2026-03-10 | 12          | C                | Much better
    """
    path = write("notes.txt", table)
    proposal = propose_for(path)
    (layout,) = layouts_of(proposal)
    assert layout["row"] == "note"
    wanted = {
        "plan_on": "POC Date",
        "certified_on": "Cert Date",
        "visits_authorized": "Auth Visits",
        "regions": "Regions Adjusted",
        "note_text": "SOAP Note",
    }
    assert wanted.items() <= layout["columns"].items()
    assert '# plan = { column = "POC Date"' in proposal.text
    assert "Zebulina" not in proposal.text
    notes = read_history([path], settings_from(proposal, tmp_path)).notes
    assert notes["regions"].tolist() == [2, 1]


def test_claims_and_their_lines_in_two_files_are_a_pair(write: Write, tmp_path: Path) -> None:
    lines = write("lines.txt", "Claim ID|DOS|CPT|Units|Fee\n7|2026-04-27|97140|1|60\n8|2026-04-27|97110|2|90")
    claims = write("claims.txt", "Claim ID|Payer|Patient ID|Claim Amount\n7|Aetna|P1|60\n8|Cigna|P2|90")
    proposal = propose_for(lines, claims)
    assert {layout["row"] for layout in layouts_of(proposal)} == {"line", "claim_header"}
    assert '# payer = ""  # stands in the file of claims' in proposal.text
    charges = read_history([lines, claims], settings_from(proposal, tmp_path)).charges
    assert sorted(charges["payer"]) == ["Aetna", "Cigna"]


def test_a_file_without_codes_cannot_be_used(write: Write) -> None:
    path = write("sums.txt", "Claim ID|DOS|Payer|Claim Amount\n7|2026-04-27|Aetna|60")
    with pytest.raises(InputError, match="no column with procedure codes"):
        propose_for(path)
    beside = propose_for(path, write("visits.txt", CHARGES))
    assert len(layouts_of(beside)) == 1
    assert "# Not used: sums.txt has no column with procedure codes" in beside.text
    assert any("sums.txt has no column with procedure codes" in line for line in beside.summary)


def test_a_known_export_needs_no_map(write: Write) -> None:
    header = "line_id|patient_id|payer|service_date|code|units|charge|clinician"
    proposal = propose_for(
        write("charges.txt", f"{header}\n1|P1|Aetna|2026-04-27|97140|1|60.00|Dana Reyes, LMT")
    )
    assert proposal.summary == ("charges.txt: written as own charges, nothing to map",)
    assert '# "Dana Reyes, LMT" = "massage"  # a guess by the letters behind the name' in proposal.text


def test_treatments_named_instead_of_codes_are_listed(write: Write) -> None:
    """A code is proposed only where it stands in the name itself."""
    rows = ["2026-04-27|97124 Massage|60.00", "2026-04-28|Cupping|45.00"]
    text = propose_for(write("items.txt", "\n".join(["DOS|Treatment|Fee", *rows]))).text
    assert '# "97124 Massage" = "97124"' in text
    assert '# "Cupping" = ""' in text


def test_status_words_not_understood_are_left_to_the_reader(write: Write) -> None:
    text = propose_for(
        write("st.txt", "DOS|CPT|Fee|Claim Status\n2026-04-27|97140|60|Denied\n2026-04-27|97110|60|Zeta")
    ).text
    status = tomllib.loads(text)["layouts"][0]["status"]
    assert status == {"column": "Claim Status", "words": {"Denied": "denied"}}
    assert '# "Zeta" = ""  # not clear: say what it means' in text


def test_rows_of_other_kinds_are_set_aside(write: Write) -> None:
    rows = "2026-04-27|Charge|97140|60\n2026-04-27|Payment|97140|-60"
    (layout,) = layouts_of(propose_for(write("ledger.txt", f"DOS|Type|CPT|Fee\n{rows}")))
    assert layout["kinds"] == {"column": "Type", "services": ["Charge"]}


# The public cases -----------------------------------------------------------------------------------------


def test_a_public_export_of_claims_and_lines_is_read_by_its_proposal(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "cases" / "healthdataqa").glob("*.csv"))
    charges = read_history(files, settings_from(propose_for(*files), tmp_path)).charges
    assert (len(charges), charges["claim_id"].nunique()) == (326, 100)
    assert (charges["units"].sum(), charges["charge"].sum()) == (230_400, 183_359_065)
    assert (charges["paid"].sum(), charges["paid"].isna().sum()) == (32_756_707, 270)


def test_a_public_export_without_codes_is_refused(shared: Path) -> None:
    with pytest.raises(InputError, match="no column with procedure codes"):
        propose_for(shared / "cases" / "uvi2k" / "claims.csv")


# The parts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Date of Service", "service_date"),
        ("dateofservice", "service_date"),
        ("SVC_DT", "service_date"),
        ("CPT Code(s)", "code"),
        ("Proc", "code"),
        ("Billed Amount", "charge"),
        ("Amt Billed", "charge"),
        ("Ins Co", "payer"),
        ("Primary Insurance", "payer"),
        ("Rendering Provider Name", "clinician"),
        ("Mod 3", "modifiers"),
        ("ICD-10", "diagnoses"),
        ("Dx2", "diagnoses"),
        ("Claim #", "claim_id"),
        ("Adj Reason", "reason"),
        ("Denial Codes", "reason"),
        ("Date Signed", "signed_on"),
        ("PtID", "patient"),
        ("Plan of Care Date", "plan_on"),
        ("POC Expires", "plan_until"),
        ("Certification End Date", "plan_until"),
        ("POC Certified On", "certified_on"),
        ("Recert Date", "certified_on"),
        ("Order Signed", "order_signed_on"),
        ("POC Faxed Date", "plan_sent_on"),
        ("Progress Note Date", "progress_on"),
        ("Rx Date", "referral_on"),
        ("Authorization Exp Date", "referral_until"),
        ("SOC Date", "initial_on"),
        ("Visits Authorized", "visits_authorized"),
        ("Spinal Regions", "regions"),
        ("PTA Minutes", "assistant_minutes"),
        ("SOAP Note", "note_text"),
    ],
)
def test_a_header_names_its_field_however_it_is_spelled(header: str, field: str) -> None:
    assert find_candidates([header], FIELD_NAMES[field]) == [header]


@pytest.mark.parametrize(
    "header", ["Member ID", "DOB", "Diagnosis Pointer", "Unit Price", "Patient Balance", "Notes"]
)
def test_a_header_of_something_else_names_no_field(header: str) -> None:
    assert not [field for field, names in FIELD_NAMES.items() if find_candidates([header], names)]


def test_every_field_named_is_a_field_of_layouts() -> None:
    assert set(FIELD_NAMES) <= set(FIELDS)


def test_every_status_word_has_a_decision() -> None:
    assert set(STATUS_WORDS.values()) <= {"", *DECISIONS}


@pytest.mark.parametrize(
    ("field", "values", "fits"),
    [
        ("code", "97140 | 97110-59 | G0283", True),
        ("code", "97140, 97110 | 97124", True),
        ("code", "Massage | Cupping", False),
        ("service_date", "3/4/26 | 04/27/2026 12:00", True),
        ("service_date", "97140 | 97110", False),
        ("charge", "$1,250.50 | (12.50)", True),
        ("charge", "paid | open", False),
        ("diagnoses", "M54.5 | Z00.00", True),
        ("diagnoses", "1 | 2 | AB", False),
        ("reason", "CO-197 | 45 | PR 1", True),
        ("reason", "Service not covered", False),
        ("certified_on", "3/4/26 | 04/27/2026", True),
        ("certified_on", "yes | no", False),
        ("regions", "C, T, L | 3", True),
        ("regions", "shoulder | knee", False),
        ("visits_authorized", "12 | 8", True),
        ("note_text", "yes | no", False),
        ("line_id", "1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1", False),
    ],
)
def test_values_confirm_or_contradict_a_field(field: str, values: str, fits: bool) -> None:
    assert judge(field, seen(values)).fits is fits


def test_a_column_in_which_nearly_every_row_differs_is_no_payer_and_is_not_shown() -> None:
    people = seen(" | ".join(f"Person {letter}{other}" for letter in "abcdef" for other in "ghijkl"))
    assert not judge("payer", people).fits
    assert "Person" not in describe("payer", people)


def test_amounts_and_units_are_described_by_their_span() -> None:
    assert describe("charge", seen("12.00 | 240.00 | ")) == "amounts 12.00 to 240.00; blank in 1 rows"
    assert describe("units", seen("1 | 1")) == "numbers all 1"


def test_codes_of_a_cell() -> None:
    assert codes_in("97110,97140") == ("97110", "97140")
    assert codes_in("97140 59 GP") == ("97140",)
    assert separator_in("97140 59 GP") == ""


def test_adjustments_without_numbers_do_not_stand_side_by_side() -> None:
    assert adjustments_side_by_side(["Adj Group", "Adj Reason", "Adj Amount"]) == []


def test_names_alike_are_paired_the_rarer_first() -> None:
    names = {"Blue Plan": 9, "BluePlan": 2, "Plan 1": 5, "Plan 2": 5, "Aetna": 3}
    assert alike_names(names, 0.88) == [("BluePlan", "Blue Plan")]


def test_a_code_is_read_from_a_name_only_where_it_stands_alone() -> None:
    assert code_in_name("Massage (97124) 60 min") == "97124"
    assert code_in_name("Massage 60 min") == ""
    assert code_in_name("97124 or 97140") == ""


@pytest.mark.parametrize(
    "text", ['a "b" \\ c', "tab\tand\nline", "\x7f\x85\u2028", "caf\u00e9 \U0001f642", ""]
)
def test_a_quoted_text_is_read_back_as_it_was(text: str) -> None:
    assert tomllib.loads(f"x = {quote(text)}")["x"] == text


# Patients' names ------------------------------------------------------------------------------------------

PEOPLE = ("Jane Quillon", "Adam Oxtail", "Cyd Vandersnoot", "Dee Zebul")
HEADERS = {
    "a name": "DOS|Patient|Payer|Provider|CPT|Units|Charge|Status",
    "a number beside a name": "DOS|MRN|Patient Name|Payer|Provider|CPT|Units|Charge|Status",
    "a name in two columns": "DOS|MRN|First Name|Last Name|Payer|Provider|CPT|Units|Charge|Status",
    "a name called otherwise": "DOS|MRN|Member|Payer|Provider|CPT|Units|Charge|Status",
    "visit notes": "Visit Date|MRN|Patient Name|Provider|Location|Note Signed",
    "kinds of row": "DOS|Patient|Payer|Type|CPT|Units|Charge",
}


def of_people(headers: str) -> str:
    """Return a table in which every fifth row names its own patient where a group belongs."""
    rows = [headers]
    for number in range(60):
        first, last = PEOPLE[number % 4].split()
        own, other = number % 5 == 0, f"{last}, {first} B."
        row = {
            **{"DOS": f"04/{number % 28 + 1:02}/2026", "Visit Date": f"04/{number % 28 + 1:02}/2026"},
            **{"Patient": other, "Patient Name": f"{first} {last}", "MRN": str(100 + number % 4)},
            **{"First Name": first, "Last Name": last, "Member": f"{first} {last}"},
            "Payer": f"{last}, {first}" if own else ("Cash" if number % 7 else "Aetna"),
            "Provider": f"{last}, {first}" if number % 20 == 0 else "Dana Reyes",
            **{
                "Location": f"{first} {last}" if own else "Main",
                "CPT": "97140",
                "Units": "1",
                "Charge": "60",
            },
            "Status": f"{first} {last}" if own else "Paid",
            **{"Note Signed": "yes", "Type": other if own else ("Charge" if number % 2 else "Payment")},
        }
        rows.append("|".join(row[header] for header in headers.split("|")))
    return "\n".join(rows)


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_a_patients_own_name_is_shown_nowhere(write: Write, headers: str) -> None:
    """Neither beside payers, clinicians and places, nor as an alias, a discipline or a status word."""
    proposal = propose_for(write("people.txt", of_people(headers)))
    shown = proposal.text + "\n".join(proposal.summary)
    assert not [part for name in PEOPLE for part in name.split() if part in shown]
    assert '"Dana Reyes"' in shown or "Provider" not in headers
    assert "hold a patient's own name, not shown" in shown


def test_a_payer_written_like_a_person_is_not_shown_where_no_column_tells_names(write: Write) -> None:
    rows = ["2026-04-27|7|Quillon, Jane|97140|60", "2026-04-27|8|Acme Health, Inc|97140|60"]
    shown = propose_for(write("p.txt", "\n".join(["DOS|MRN|Payer|CPT|Fee", *rows]))).text
    assert "Quillon" not in shown
    assert '"Acme Health, Inc"' in shown


def test_a_clinician_who_is_a_patient_too_stays_a_clinician(write: Write) -> None:
    rows = ["2026-04-27|Dana Reyes|Dana Reyes|97140|60", *["2026-04-27|Ann Lee|Dana Reyes|97140|60"] * 6]
    proposal = propose_for(write("c.txt", "\n".join(["DOS|Patient|Provider|CPT|Fee", *rows])))
    assert '# "Dana Reyes" = "other"' in proposal.text


def test_payers_are_shown_as_the_file_writes_them(write: Write) -> None:
    text = propose_for(write("cash.txt", "DOS|Payer|CPT|Fee\n2026-04-27|Cash|97140|60")).text
    assert '1 different text: "Cash"' in text


def test_blank_payers_are_counted_and_what_they_mean_is_left_to_the_reader(write: Write) -> None:
    table = "DOS|Payer|CPT|Fee\n2026-04-27|Aetna|97140|60\n2026-04-27||97140|60\n2026-04-28|N/A|97140|60"
    text = propose_for(write("blank.txt", table)).text
    assert '# blank_payer = "self-pay"  # 2 rows have no payer' in text


# Files and sheets that hold something else ----------------------------------------------------------------


def make_workbook(path: Path, sheets: dict[str, str]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        for row in table.strip().splitlines():
            sheet.append([cell.strip() for cell in row.split("|")])
    book.save(path)
    return path


def test_a_lookup_tab_beside_the_billing_is_not_proposed_and_the_map_reads_the_workbook(
    tmp_path: Path,
) -> None:
    codes = "CPT | Description | Fee\n97140 | Manual therapy | 60\n97124 | Massage | 45"
    path = make_workbook(tmp_path / "month.xlsx", {"Codes": codes, "Visits": CHARGES})
    proposal = propose_for(path)
    assert len(layouts_of(proposal)) == 1
    told = "month.xlsx, sheet Codes: not proposed, because it has no column with dates of service."
    assert f"# Not used: {told}" in proposal.text
    assert f"Not used: {told}" in proposal.summary
    history = read_history([path], settings_from(proposal, tmp_path))
    assert [(report.sheet, report.lines) for report in history.files] == [("Codes", 0), ("Visits", 2)]


@pytest.fixture
def folder(write: Write, tmp_path: Path) -> tuple[Path, Settings]:
    """Return a folder with a billing file, and the settings that read it."""
    proposal = propose_for(write("visits.txt", CHARGES))
    settings = settings_from(proposal, tmp_path)
    (tmp_path / "practice.toml").unlink()
    return tmp_path, settings


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("readme.txt", "These files are exported monthly.\nAsk Kim.\n"),
        ("rooms.csv", "Room,Floor\nBlue,1\nGreen,2\n"),
        ("sums.csv", "Claim ID,Payer,Claim Amount\n7,Aetna,60\n"),
    ],
)
def test_a_file_in_a_folder_that_is_no_billing_file_is_set_aside_whole(
    folder: tuple[Path, Settings], name: str, text: str
) -> None:
    here, settings = folder
    other = here / name
    other.write_text(text, encoding="utf-8")
    history = read_history([here], settings)
    report = next(report for report in history.files if report.name == name)
    below = len(text.splitlines()) - name.endswith(".csv")  # a header is no row
    assert (report.format, report.rows, report.set_aside) == ("", below, below)
    assert "run `audit init` on it" in report.notes[0]
    assert set(history.fates["reason"]) == {"file not recognized"}
    assert len(history.charges) == 2
    assert "visits.txt" in propose_for(here).text
    with pytest.raises(InputError, match=name):
        read_history([here, other], settings)


def test_a_folder_without_any_known_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("Hello.\nAsk Kim.\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"readme\.txt: no row with column headers"):
        read_history([tmp_path], load_settings(None))


def test_an_unknown_file_in_a_folder_that_looks_like_billing_stops_the_run(
    folder: tuple[Path, Settings],
) -> None:
    here, settings = folder
    (here / "odd.csv").write_text("Day,Procedure Code,Price\n2026-04-27,97140,60\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"odd\.csv: .*run `audit init` on it to propose a map"):
        read_history([here], settings)


@pytest.mark.parametrize("total", ["Total", "Grand Total:", "Sum $"])
def test_a_total_below_the_table_is_no_amount_of_a_line(write: Write, total: str) -> None:
    rows = ["2026-04-27|97140|60.00", "2026-04-28|97140|45.00", f"{total}||105.00"]
    text = propose_for(write("foot.txt", "\n".join(["DOS|CPT|Fee", *rows]))).text
    assert "amounts 45.00 to 60.00" in text


def test_an_x12_file_needs_no_map(tmp_path: Path) -> None:
    """Beside tables it is passed over; alone it is told in one sentence."""
    (tmp_path / "payer.835").write_text("ISA*00*          *00*")
    with pytest.raises(InputError, match=r"payer\.835: an X12 file needs no map"):
        propose([tmp_path], load_settings(None))
    (tmp_path / "a.csv").write_text("Date of Service,CPT Code,Charge\n2026-10-05,97140,60.00\n")
    assert "payer.835" not in propose([tmp_path], load_settings(None)).text
