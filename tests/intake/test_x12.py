"""Reading X12 files: envelopes, delimiters, damage; each of the traps that real files have set."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.errors import InputError
from audit.intake import read_history
from audit.intake.x12 import OtherTransactionError, read_x12
from audit.intake.x12_envelopes import is_x12
from tests.intake.sheets import shipped
from tests.intake.x12_texts import PAYMENT, interchange, read, remittance, totals_of, transaction

CLAIM = """
CLP*C1*1*100*60*20*12*ICN1
SVC*HC:97140:59:GP*60*40**1
DTM*472*20261001
CAS*PR*3*20
REF*6R*L1
SVC*HC:97110*40*20**1
DTM*472*20261001
CAS*CO*45*20
REF*6R*L2
"""
OTHER = CLAIM.replace("C1", "C2").replace("ICN1", "ICN2").replace("L1", "L3").replace("L2", "L4")
WHOLE = {"claims": 2, "lines": 4, "charge_cents": 20000, "line_paid_cents": 12000, "payment_cents": 12000}


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., dict[str, int]]:
    """Read one file of some content and return its sums, those of WHOLE."""

    def read_and_add(content: str | bytes, name: str = "payer.835") -> dict[str, int]:
        totals = totals_of(read(tmp_path, content, name))
        return {key: totals[key] for key in WHOLE}

    return read_and_add


Told = Callable[..., dict[str, int]]


@pytest.fixture
def whole() -> str:
    return remittance(CLAIM + OTHER, paid="120")


# Delimiters and envelopes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signs", "gap"),
    [("*:~", ""), ("*:~", "\r\n"), ("*:~", "\n    "), ("|>\n", ""), ("|^'", "\n"), ("\x1d\x1f\x1e", "")],
)
def test_the_delimiters_are_those_that_the_file_sets(told: Told, signs: str, gap: str) -> None:
    """Also where a line end closes a segment, and where blanks stand between segments."""
    made = transaction(PAYMENT.format(paid="120") + CLAIM + OTHER)
    assert told(interchange(made, signs=signs, gap=gap)) == WHOLE


@pytest.mark.parametrize("before", ["\ufeff", "\n\n", "  \r\n", "\ufeff\n"])
def test_what_stands_before_the_first_segment_does_no_harm(told: Told, whole: str, before: str) -> None:
    assert told(before + whole) == WHOLE


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read(told: Told, whole: str, encoding: str) -> None:
    assert told(whole.encode(encoding)) == WHOLE


def test_a_name_in_latin_1_is_read(tmp_path: Path, whole: str) -> None:
    intake = read(tmp_path, whole.replace("AETNA", "ASSOCIÉS").encode("latin-1"))
    assert intake.files[0].payers == ("ASSOCIÉS",)


def test_every_interchange_has_its_own_delimiters(told: Told) -> None:
    """The second one of a file may part its elements by other signs; neither is lost."""
    first = interchange(transaction(PAYMENT.format(paid="60") + CLAIM))
    second = interchange(transaction(PAYMENT.format(paid="60") + OTHER), signs="|>'")
    assert told(first + second) == WHOLE
    assert told(second + first) == WHOLE


def test_a_second_interchange_is_found_behind_one_that_is_cut_off(tmp_path: Path, whole: str) -> None:
    first = interchange(transaction(PAYMENT.format(paid="60") + CLAIM))
    torn = first[: first.index("CAS*CO") + 4]
    intake = read(tmp_path, torn + whole, allow_incomplete=True)
    assert totals_of(intake)["lines"] == 4
    assert totals_of(intake)["transactions"] == 2
    assert intake.files[0].incomplete
    assert intake.files[0].set_aside == 2


def test_the_older_version_is_read_alike(told: Told, whole: str) -> None:
    """4010: another guide, U for the repetition sign, corrections in the group CR."""
    older = whole.replace("005010X221A1", "004010X091A1").replace("*^*00501*", "*U*00401*")
    assert "*U*00401*" in older
    assert told(older.replace("CAS*CO*45*20", "CAS*CR*45*20")) == WHOLE


def test_several_payments_of_one_file_stay_apart(tmp_path: Path) -> None:
    made = [
        transaction(PAYMENT.format(paid="60") + CLAIM),
        transaction(PAYMENT.format(paid="60").replace("AETNA", "CIGNA") + OTHER, number=2),
    ]
    intake = read(tmp_path, interchange(*made))
    assert intake.payments["payer"].tolist() == ["AETNA", "CIGNA"]
    assert intake.payments["payment"].tolist() == [6000, 6000]
    assert intake.payments["claims"].tolist() == [1, 1]


def test_a_file_without_isa_is_read_with_the_usual_delimiters(tmp_path: Path, whole: str) -> None:
    bare = "\n".join(line for line in whole.splitlines() if line[:2] in ("ST", "SE") or line[:3] not in ENDS)
    intake = read(tmp_path, bare)
    assert totals_of(intake)["lines"] == 4
    assert any("no ISA" in note for note in intake.files[0].notes)
    with pytest.raises(InputError, match="no ISA segment, so its delimiters are unknown"):
        read(tmp_path, bare.replace("*", "|"))


ENDS = ("ISA", "GS*", "GE*", "IEA")


def test_pieces_of_any_size_give_the_same(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is read in blocks of whole transactions; where they are cut changes nothing."""
    made = [
        transaction(PAYMENT.format(paid="60") + claim, number=number)
        for number, claim in enumerate((CLAIM, OTHER), start=1)
    ]
    text = interchange(*made)
    for size in (1, 100, 700, 900, len(text)):
        monkeypatch.setattr("audit.intake.x12_envelopes.BLOCK", size)
        assert told(text) == WHOLE, size


# Rows are segments ----------------------------------------------------------------------------------------


def test_a_row_is_the_number_of_its_segment(tmp_path: Path, whole: str) -> None:
    """The first segment, ISA, is number 1; the second interchange of a file counts on."""
    segments = whole.split("~")
    rows = read(tmp_path, whole).postings["source_row"].unique()
    assert [segments[row - 1].strip()[:8] for row in rows] == ["SVC*HC:9"] * 4
    twice = read(tmp_path, whole + whole).postings["source_row"].unique()
    assert set(twice) == {*rows, *(rows + len(segments) - 1)}


def test_segments_where_none_belongs_are_left_out_and_told(tmp_path: Path) -> None:
    """LX, PLB and SE end a claim: what follows stands in none, and a line there is set aside."""
    claims = CLAIM + "LX*2\nSVC*HC:97112*30*30**1\nCAS*CO*45*5\n" + OTHER
    intake = read(tmp_path, remittance(claims))
    (report,) = intake.files
    assert (report.used, report.set_aside, report.aside_cents) == (4, 1, 3000)
    assert intake.fates["reason"].tolist() == ["line outside a claim"]
    assert totals_of(intake)["charge_cents"] == 20000


def test_unknown_segments_and_further_elements_change_nothing(told: Told, whole: str) -> None:
    strange = whole.replace("DTM*472", "ZZZ*1*2~\nDTM*472").replace(
        "REF*6R*L1", "REF*6R*L1*A*B*C*D*E*F*G*H*I"
    )
    assert told(strange) == WHOLE


# Control numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("SE*26*0001", "SE*25*0001", "SE01 does not tell the 26 segments"),
        ("GE*1*1", "GE*2*1", "GE01 does not tell the 1 transactions"),
        ("IEA*1*", "IEA*3*", "IEA01 does not tell the 1 groups"),
    ],
)
def test_wrong_control_totals_are_told(tmp_path: Path, whole: str, old: str, new: str, what: str) -> None:
    assert old in whole
    (report,) = read(tmp_path, whole.replace(old, new)).files
    assert any(what in note for note in report.notes)
    assert report.lines == 4


# Files that are cut off or no remittance ------------------------------------------------------------------


def test_a_cut_file_is_refused_unless_what_is_whole_shall_be_used(tmp_path: Path, whole: str) -> None:
    cut = whole[: whole.index("REF*6R*L4")]
    with pytest.raises(InputError, match=r"payer\.835: incomplete: no SE/GE/IEA.*--allow-incomplete"):
        read(tmp_path, cut)
    intake = read(tmp_path, cut, allow_incomplete=True)
    assert totals_of(intake)["lines"] == 2, "the claim in which the file ends is not whole"
    assert intake.fates["reason"].tolist() == ["the file ends inside this claim"] * 2


BRIEF = """
BPR*I*90*C*ACH************20261012
CLP*C1*1*100*60**12*I1
SVC*HC:97140*50*30
DTM*472*20261001
SVC*HC:97110*50*30
DTM*472*20261001
CLP*C2*1*50*30**12*I2
SVC*HC:97140*50*30
DTM*472*20261002
"""


def test_a_file_cut_at_any_byte_never_gives_less_without_a_word(tmp_path: Path) -> None:
    """Either it cannot be read, or it says that it is incomplete, or it gives all."""
    data = interchange(transaction(BRIEF)).rstrip().encode()
    whole = {"claims": 2, "lines": 3, "charge_cents": 15000, "line_paid_cents": 9000, "payment_cents": 9000}
    seen = set()
    for size in range(len(data) + 1):
        try:
            intake = read(tmp_path, data[:size], allow_incomplete=True)
        except InputError:
            seen.add("refused")
            continue
        totals = {key: value for key, value in totals_of(intake).items() if key in WHOLE}
        if intake.files[0].incomplete:
            seen.add("incomplete")
            assert totals["lines"] in (0, 2, 3)
            assert totals["charge_cents"] == 5000 * totals["lines"]
        else:
            assert totals == whole, f"cut behind {size} of {len(data)} bytes"
            seen.add("whole")
    assert seen == {"refused", "incomplete", "whole"}


def test_claims_cut_at_any_byte_never_give_less_without_a_word(tmp_path: Path) -> None:
    data = CLAIMS_FILE.rstrip().encode()
    seen = set()
    for size in range(len(data) + 1):
        try:
            intake = read(tmp_path, data[:size], "sent.837", allow_incomplete=True)
        except InputError:
            seen.add("refused")
            continue
        if intake.files[0].incomplete:
            seen.add("incomplete")
        else:
            assert totals_of(intake)["line_charge_cents"] == 10000
            seen.add("whole")
    assert seen == {"refused", "incomplete", "whole"}


CLAIMS_FILE = interchange(
    transaction(
        """
        BHT*0019*00*1*20261005*0900*CH
        HL*1**20*1
        HL*2*1*22*0
        SBR*P
        NM1*IL*1*ROE*JOE****MI*M1
        NM1*PR*2*AETNA
        CLM*C1*100***11:B:1*Y*A*Y*Y
        HI*ABK:M545
        LX*1
        SV1*HC:97140:GP*60*UN*1***1
        DTP*472*D8*20261001
        LX*2
        SV1*HC:97110*40*UN*1***1
        DTP*472*D8*20261001
        """,
        "837",
    ),
    kind="837",
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n \n", "empty"),
        (b"\x00\x01\x02\x03" * 40, "not a text file"),
        (b"ISA*00*          *00*", "has 4 of 16 separators"),
        (interchange().encode(), "holds no transaction"),
        (
            interchange(transaction("BHT*0022*13", "270"), kind="270").encode(),
            r"an eligibility inquiry \(270\)",
        ),
        (interchange(transaction("AK1*HC*1", "999")).encode(), r"an acknowledgment \(999\)"),
        (interchange(transaction("CLM*1*5", "837"), kind="837I").encode(), r"institutional claims \(837I\)"),
        (interchange(transaction("SV2*0300", "837")).encode(), r"institutional claims \(837I\)"),
        (interchange()[: interchange().index("~")].encode(), "does not say what ends a segment"),
    ],
)
def test_what_is_no_remittance_is_refused_by_its_name(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=rf"^payer\.835: .*{message}"):
        read(tmp_path, content)


def test_another_kind_of_x12_in_a_folder_is_set_aside(tmp_path: Path, whole: str) -> None:
    (tmp_path / "a.835").write_text(whole)
    (tmp_path / "b.edi").write_text(interchange(transaction("AK1*HC*1", "999")))
    (tmp_path / "c.dat").write_bytes(b"\0\1\2\3" * 50)
    intake = read_history([tmp_path], shipped())
    assert [(one.name, one.lines, one.set_aside) for one in intake.files] == [
        ("a.835", 4, 0),
        ("b.edi", 0, 1),
        ("c.dat", 0, 0),
    ]
    with pytest.raises(OtherTransactionError):
        read_history([tmp_path / "b.edi", tmp_path / "a.835"], shipped())


def test_a_file_is_known_by_what_it_holds(told: Told, tmp_path: Path, whole: str) -> None:
    """A table called .835 is read as a table, a remittance called .csv as a remittance."""
    assert told(whole, "export.csv") == WHOLE
    (tmp_path / "table.835").write_text(
        "Claim ID,Line ID,Patient ID,Clinician,Payer,Date of Service,CPT Code,Modifiers,Units,Charge\n"
        "1,1,1,A,Aetna,2026-10-05,97140,,1,60.00\n"
    )
    assert not is_x12(tmp_path / "table.835")
    for text in ("ISA,Name\n1,2\n", "ST,GS\n1,2\n", "Claim,ISA*00*\n"):
        (tmp_path / "t.csv").write_text(text)
        assert not is_x12(tmp_path / "t.csv")


def test_an_amount_that_is_none_leaves_the_line(tmp_path: Path, whole: str) -> None:
    """The line counts, its amount is unknown, and a note says where; nothing becomes zero."""
    intake = read(tmp_path, whole.replace("SVC*HC:97110*40*20", "SVC*HC:97110*4,50.00*x", 1))
    assert totals_of(intake)["lines"] == 4
    assert totals_of(intake)["charge_cents"] == 16000
    notes = " ".join(intake.files[0].notes)
    assert "segment 15: SVC02 is no amount" in notes
    assert "segment 15: SVC03 is no amount" in notes
    line = intake.postings[(intake.postings["line_ref"] == "L2") & (intake.postings["kind"] == "payment")]
    assert line["amount"].isna().all()
    assert line["charge"].isna().all()


def test_units_that_are_none_are_told(tmp_path: Path, whole: str) -> None:
    """Units that were written and cannot be read are unknown, and a note says where."""
    strange = whole.replace("SVC*HC:97110*40*20**1", "SVC*HC:97110*40*20**two", 1)
    assert "segment 15: SVC05 is no number" in " ".join(read(tmp_path, strange).files[0].notes)
    claims = CLAIMS_FILE.replace("*UN*1*", "*UN*one*", 1)
    notes = read(tmp_path, claims).files[0].notes
    assert any("SV104 is no number and counts as unknown" in note for note in notes)


def test_a_mixed_file_yields_its_parts(tmp_path: Path) -> None:
    """Claims and remittances of one file are two reports; other transactions in it are told."""
    both = CLAIMS_FILE + remittance(CLAIM, "60") + interchange(transaction("AK1*HC*1", "999"))
    intake = read(tmp_path, both, "all.edi")
    assert [(one.place, one.lines) for one in intake.files] == [
        ("all.edi, sheet 835", 2),
        ("all.edi, sheet 837P", 2),
    ]
    assert any("acknowledgment (999)" in note for one in intake.files for note in one.notes)


def test_reading_says_where_two_counts_disagree(
    tmp_path: Path, whole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the library gives is held against a plain count of segments."""
    (tmp_path / "a.835").write_text(whole)
    monkeypatch.setattr("audit.intake.x12_tables.number_of", lambda name: 0 if name == "SVC" else plain(name))
    with pytest.raises(InputError, match="two ways to read its services disagree"):
        read_x12(tmp_path / "a.835", "a.835")


def plain(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


def test_no_value_of_a_patient_stands_in_a_message(tmp_path: Path, whole: str) -> None:
    named = whole.replace("CLP*C2", "NM1*QC*1*SECRET*PERSON****MI*ID99~\nCLP*C2")
    for size in range(0, len(named), 7):
        try:
            intake = read(tmp_path, named[:size], allow_incomplete=True)
        except InputError as error:
            told = str(error)
        else:
            told = " ".join(note for one in intake.files for note in one.notes) + str(intake.fates.to_dict())
        assert "SECRET" not in told
        assert "ID99" not in told


def test_a_byte_order_mark_alone_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read(tmp_path, codecs.BOM_UTF8)
