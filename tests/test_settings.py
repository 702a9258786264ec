"""Settings: what may be written, what applies on which day, and what a mistake is answered with."""

from __future__ import annotations

import ast
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from audit import payers, settings, watchlist
from audit.codes import code_book
from audit.dated import Dated, value_on
from audit.errors import SettingsError
from audit.payers import PayerSetting
from audit.settings import FIELDS, Element, Evidence, Practice, Settings, Thresholds, load_settings

ROOT = Path(__file__).resolve().parents[1]
ELEMENT_IDS = (
    "diagnosis technique region minutes plan response signature "
    "subluxation initial_date referral reeval_reason report"
)
LAYOUT = """
[[layouts]]
name = "own map"
row = "line"
headers = ["Date", "CPT"]
[layouts.columns]
service_date = "Date"
code = "CPT"
"""


def load(folder: Path, text: str) -> Settings:
    """Load settings with a practice.toml of this text."""
    file = folder / "practice.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def complaint(folder: Path, text: str) -> str:
    """Return what is said to a practice.toml that must be refused."""
    with pytest.raises(SettingsError) as refused:
        load(folder, text)
    return str(refused.value)


@pytest.fixture(scope="module")
def shipped() -> Settings:
    return load_settings()


# ---------------------------------------------------------------- the practice


def test_without_a_file_every_setting_has_its_default(shipped: Settings) -> None:
    assert shipped.practice == Practice()
    assert shipped.practice.confirmed
    assert shipped.practice.name == "Your practice"


def test_a_proposal_not_yet_confirmed_is_loaded_and_says_so(tmp_path: Path) -> None:
    assert load(tmp_path, "confirmed = false").practice.confirmed is False


def test_a_practice_tells_its_spellings_items_and_disciplines(tmp_path: Path) -> None:
    practice = load(
        tmp_path,
        """
        name = "Harbor Bodywork"
        [aliases.payers]
        "BCBS TX" = "Blue Cross"
        [aliases.clinicians]
        "A. Reyes, LMT" = "Ana Reyes"
        [items]
        "Massage - 60 min" = "97124"
        [disciplines]
        "Ana Reyes" = "massage"
        """,
    ).practice
    assert practice.aliases.payer("bcbs-tx") == "Blue Cross"
    assert practice.aliases.payer("Aetna") == "Aetna"
    assert practice.aliases.clinician("a reyes lmt") == "Ana Reyes"
    assert practice.item_code("massage 60 MIN") == "97124"
    assert practice.item_code("Gift card") == ""
    assert practice.discipline_of("ana reyes") == "massage"
    assert practice.discipline_of("Bo") == ""


@pytest.mark.parametrize("word", ["Self-Pay", "SELF PAY", "cash", "None - Self Pay", "Patient"])
def test_a_self_pay_word_is_known_however_it_is_written(word: str) -> None:
    assert Practice().is_self_pay(word)


def test_a_practice_may_name_its_own_self_pay_words(tmp_path: Path) -> None:
    practice = load(tmp_path, 'self_pay = ["Membership"]').practice
    assert practice.is_self_pay("membership")
    assert not practice.is_self_pay("cash")


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alias = 1", 'practice.toml: unknown key "alias"; did you mean "aliases"?'),
        (
            "zzz = 1",
            'practice.toml: unknown key "zzz"; known are confirmed, name, aliases, items, disciplines',
        ),
        ('confirmed = "yes"', 'practice.toml: "confirmed" must be true or false, not text.'),
        ("name = 3", 'practice.toml: "name" must be text in quotes, not a whole number.'),
        ("[aliases]\npayer = {}", 'practice.toml, [aliases]: unknown key "payer"; did you mean "payers"?'),
        ("[items]\nMassage = '9712'", '[items]: "Massage" must be a code of five capital letters or digits'),
        (
            "[disciplines]\nAna = 'lmt'",
            '[disciplines]: "Ana" must be one of acupuncture, chiropractic, massage',
        ),
        ("[thresholds]\nsmallest_base = 0", '"smallest_base" must be a whole number of at least 1.'),
        ("[thresholds]\nmature_share = 90", '"mature_share" must be a number of at most 1.0.'),
        ("[thresholds]\naging_days = [7, 2]", '"aging_days" must rise from one number to the next.'),
        ("[thresholds]\nsmallest_base = 50", '"cautious_base" must not be smaller than "smallest_base".'),
        ("[thresholds]\nsmalest_base = 9", 'unknown key "smalest_base"; did you mean "smallest_base"?'),
        (
            "[payers.medicare]\nfiling_days = -1",
            '[payers] [medicare]: "filing_days" must be a whole number of at',
        ),
        (
            "[payers.x]\nfiling_days = [{ value = 9, form = 2026-01-01 }]",
            'entry 1: unknown key "form"; did you mean "from"',
        ),
        (
            "[payers.x]\nnames = ['Medicare']",
            'the payer name "medicare" stands under both "medicare" and "x".',
        ),
        (
            LAYOUT.replace("line", "lines"),
            '"row" must be one of adjustment, claim, claim_header, line, note, posting.',
        ),
        (
            LAYOUT.replace("code =", "codes ="),
            '"columns" names the unknown field "codes"; did you mean "code"?',
        ),
        (LAYOUT + "[layouts.documentation.techniqe]\ncolumn = 'T'", '"techniqe"; did you mean "technique"?'),
        (LAYOUT + "[layouts.status]\ncolumn = 'S'\nwords = { No = 'dennied' }", 'did you mean "denied"?'),
        (LAYOUT.replace("row =", 'dates = "dmy"\nrow ='), '"dates" may not be "dmy"; use iso, month-first'),
        (
            LAYOUT.replace("row =", 'optional = ["units"]\nrow ='),
            '"optional" names the unknown field "units"',
        ),
        ("name = ", "practice.toml: not valid TOML: invalid value"),
    ],
)
def test_a_mistake_is_answered_by_one_sentence_that_names_file_and_key(
    tmp_path: Path, text: str, said: str
) -> None:
    message = complaint(tmp_path, text)
    assert said in message
    assert message.startswith("practice.toml")
    assert "\n" not in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml: cannot be read \(No such file"):
        load_settings(tmp_path / "mine.toml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "practice.toml"
    file.write_bytes('name = "Café"'.encode("cp1252"))
    with pytest.raises(SettingsError, match="not saved as UTF-8"):
        load_settings(file)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "practice.toml"
    file.write_bytes(b'\xef\xbb\xbfname = "Harbor"')
    assert load_settings(file).practice.name == "Harbor"


# ---------------------------------------------------------------- dated values


LIMITS = [
    Dated(value=90, end=date(2019, 12, 31)),
    Dated(value=180, start=date(2020, 1, 1), end=date(2024, 12, 31)),
    Dated(value=365, start=date(2024, 1, 1)),
]


@pytest.mark.parametrize(
    ("day", "value"),
    [("2010-05-05", 90), ("2019-12-31", 90), ("2020-01-01", 180), ("2024-01-01", 365), ("2026-10-31", 365)],
)
def test_the_value_in_force_on_the_date_of_service_applies(day: str, value: int) -> None:
    assert value_on(LIMITS, date.fromisoformat(day)) == value


def test_outside_all_dates_there_is_no_value() -> None:
    assert value_on(LIMITS[1:], date(2019, 1, 1)) is None


# ---------------------------------------------------------------- payers


def test_medicare_is_known_by_its_names_and_its_law(shipped: Settings) -> None:
    for name in ("Medicare", "MEDICARE PART B", "Medicare - Part B", "Noridian Medicare"):
        payer = shipped.payer(name)
        assert payer.filing_days_on(date(2026, 1, 1)) == payer.filing_days == 365
        assert payer.appeal_days_on(date(2026, 1, 1)) == payer.appeal_days == 120
        assert payer.bundles_on(date(2026, 1, 1)) == payer.bundles == {"97010"}
        assert not payer.capitated


@pytest.mark.parametrize("name", ["Aetna", "", "Medicare Advantage", "Medicaid"])
def test_of_a_payer_not_listed_nothing_is_taken_for_granted(shipped: Settings, name: str) -> None:
    assert shipped.payer(name) == PayerSetting()


def test_a_practice_overrides_one_setting_and_keeps_the_others(tmp_path: Path) -> None:
    payer = load(tmp_path, '[payers."Medicare Part B"]\nappeal_days = 100').payer("Medicare")
    assert (payer.appeal_days, payer.filing_days) == (100, 365)
    assert payer.bundles == {"97010"}


def test_a_practice_adds_a_payer_with_dated_terms(tmp_path: Path) -> None:
    own = load(
        tmp_path,
        """
        [aliases.payers]
        "Group Health of the Bay" = "Bay Health"
        [payers."Bay Health"]
        names = ["BH Plan"]
        capitated = [{ value = true, from = 2026-07-01 }]
        bundles = ["97014", { value = "97010", from = 2026-01-01 }]
        """,
    )
    for name in ("bay health", "BH PLAN", "Group Health of the Bay"):
        payer = own.payer(name)
        assert not value_on(payer.capitations(), date(2026, 6, 30))
        assert value_on(payer.capitations(), date(2026, 7, 1))
        assert payer.bundles_on(date(2025, 12, 31)) == {"97014"}
        assert payer.bundles_on(date(2026, 1, 1)) == {"97010", "97014"}


# ---------------------------------------------------------------- limits, layouts


def test_the_limits_file_says_the_visible_defaults(shipped: Settings) -> None:
    text = (ROOT / "config" / "thresholds.toml").read_text(encoding="utf-8")
    assert shipped.thresholds == Thresholds()
    assert re.findall(r"^(\w+) =", text, re.MULTILINE) == [f.name for f in msgspec.structs.fields(Thresholds)]


def test_a_practice_changes_one_limit(tmp_path: Path) -> None:
    own = load(tmp_path, "[thresholds]\ngive_up_days = 90")
    assert own.thresholds.give_up_days == own.practice.thresholds.give_up_days == 90
    assert own.thresholds.smallest_base == 11


def test_the_practices_own_layouts_come_first(tmp_path: Path, shipped: Settings) -> None:
    own = load(tmp_path, LAYOUT)
    assert own.layouts[0].name == "own map"
    assert own.layouts[1:] == shipped.layouts


# ---------------------------------------------------------------- documentation elements


def element(shipped: Settings, name: str) -> Element:
    return shipped.element(name)


def test_signs_may_mean_present_and_absent() -> None:
    """A check mark and a cross are two texts, though neither has a letter."""
    assert Evidence(column="Plan", present=["\N{CHECK MARK}"], absent=["\N{BALLOT X}", ""]).absent
    with pytest.raises(ValueError, match="both present and absent"):
        Evidence(column="Plan", present=["Yes", "\N{CHECK MARK}"], absent=["No", "\N{CHECK MARK} "])


def test_only_a_reason_or_a_word_for_denied_shows_a_denial(shipped: Settings) -> None:
    silent = {layout.name for layout in shipped.layouts if not layout.tells_refusals}
    assert {"SimplePractice appointment status", "TherapyNotes billing"} <= silent
    assert "own postings" not in silent


def test_the_elements_are_the_twelve_that_layouts_and_visits_speak_of(shipped: Settings) -> None:
    assert " ".join(element.id for element in shipped.elements) == ELEMENT_IDS
    assert shipped.elements[1].column == "has_technique"


@pytest.mark.parametrize(
    ("name", "asked", "not_asked"),
    [
        ("diagnosis", "97124 97010 98940 99213 X9999", "4004F"),
        ("technique", "97124 97140 97110 97112 97530", "97010 98940 97161"),
        ("region", "97124 97140 98940 98941 98942 98943 20560 20561", "97110 97010"),
        ("minutes", "97110 97124 97140 97032 97810", "97010 97161 98940 97150"),
        ("plan", "97110 97124 97140 97161 98940 98943 97012", "99213 72100 4004F"),
        ("response", "97124 97110 98940 97012", "4004F 72100 98977"),
        ("signature", "97124 97010 98940 99213", "4004F"),
        ("subluxation", "98940 98941 98942", "98943 97140"),
        ("initial_date", "98940 98941 98942", "98943 97140"),
        ("reeval_reason", "97164 97168", "97161 97124"),
        ("report", "97750 97755 95851", "97110"),
    ],
)
def test_an_element_is_asked_for_its_codes_only(
    shipped: Settings, name: str, asked: str, not_asked: str
) -> None:
    asks = element(shipped, name)
    assert [code for code in asked.split() if not asks.applies(code, "")] == []
    assert [code for code in not_asked.split() if asks.applies(code, "")] == []
    assert asks.state == "required"


def test_a_referral_is_advised_for_massage_therapists_only(shipped: Settings) -> None:
    referral = element(shipped, "referral")
    assert referral.state == "advised"
    assert referral.applies("97124", "massage")
    assert not referral.applies("97124", "pt")
    assert not referral.applies("97124", "")


def test_minutes_are_asked_for_every_timed_code_and_no_other(shipped: Settings) -> None:
    timed = {code.code for code in code_book().codes.values() if code.timed}
    assert set(element(shipped, "minutes").codes) == timed


def test_every_code_that_an_element_names_is_in_the_code_book(shipped: Settings) -> None:
    named = {code for asks in shipped.elements for code in asks.codes if not set(code) & set("*?")}
    assert named <= set(code_book().codes)


def test_an_element_is_asked_for_only_while_it_is_in_force(shipped: Settings) -> None:
    asks = element(shipped, "reeval_reason")
    assert not asks.in_force(date(2016, 12, 31))
    assert asks.in_force(date(2017, 1, 1))
    assert element(shipped, "diagnosis").in_force(date(1999, 1, 1))


# ---------------------------------------------------------------- the page that explains them


def structs() -> list[type[msgspec.Struct]]:
    """Return every struct that a file is read into."""
    found = [
        kind
        for kind in {**vars(settings), **vars(watchlist), **vars(payers)}.values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ]
    return [kind for kind in found if kind not in (msgspec.Struct, Settings)]


@pytest.mark.parametrize("kind", structs(), ids=lambda kind: kind.__name__)
def test_every_setting_is_explained_in_the_readme(kind: type[msgspec.Struct]) -> None:
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(\w+)`", text))
    assert {field.encode_name for field in msgspec.structs.fields(kind)} <= explained


def test_every_column_and_field_is_explained_in_the_readme() -> None:
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(\w+)`", text))
    for name in ("codes.csv", "reasons.csv", "remarks.csv"):
        header = (ROOT / "config" / name).read_text(encoding="utf-8").splitlines()[0]
        assert set(header.split(",")) <= explained
    assert set(FIELDS) <= explained


def test_every_setting_is_documented_beside_its_definition() -> None:
    trees = [
        ast.parse((ROOT / "audit" / name).read_text(encoding="utf-8"))
        for name in ("settings.py", "watchlist.py", "payers.py", "dated.py", "own_rules.py")
    ]
    names = {kind.__name__ for kind in structs()}
    kinds = [
        node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef) and node.name in names
    ]
    assert len(kinds) == len(names)
    for kind in kinds:
        for node, after in pairwise([*kind.body, None]):
            if isinstance(node, ast.AnnAssign):
                assert isinstance(after, ast.Expr), f"{kind.name}.{ast.unparse(node.target)}"
                assert isinstance(after.value, ast.Constant)
