"""The code book: codes that stand without what they need, or that a payer wants otherwise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit import scope
from audit.codes import code_book
from audit.settings import Settings
from audit.topics import codebook
from tests.practices import mark_alone, marks_of, read_found, settings_of, shipped

PRACTICE = """
[disciplines]
Ann = "pt"
Chris = "chiropractic"
Dana = "massage"
Lin = "acupuncture"
Max = "other"

[payers.Old]
category_iii = false
instead = [{ code = "G0283", use = "97014", source = "letter of 2025" }]

[payers.New]
category_iii = true

[payers.Packs]
bundles = [{ value = "97014", from = 2026-06-01, to = 2026-08-31 }]
"""


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a practice with clinicians of several disciplines and payers with habits of their own."""
    return settings_of(tmp_path_factory.mktemp("practice"), PRACTICE)


def hold(mark: str, text: str, settings: Settings) -> None:
    """Every line carries the mark that its column `found` says."""
    lines, found = read_found(text)
    rows = mark_alone(codebook, lines, settings)
    assert marks_of(rows.lines, mark) == found, f"{mark}\n{text}"


def test_an_add_on_stands_with_its_base(practice: Settings) -> None:
    """On the patient's day, whoever pays for the base; one that was withdrawn is none."""
    hold(
        "add_on_alone",
        """
        | patient | service_date | code  | last_decision       | found |
        | a       | 10-05        | 97810 | paid                | out   |
        | a       | 10-05        | 97811 | paid                | no    |
        | a       | 10-06        | 97811 | paid                | yes   |
        | b       | 10-05        | 97811 | paid                | yes   |
        | c       | 10-05        | 97813 | paid                | out   |
        | c       | 10-05        | 97811 | paid                | no    |
        | d       | 10-05        | 97810 | not billed          | out   |
        | d       | 10-05        | 97811 | denied              | no    |
        | e       | 10-05        | 97129 | excluded: withdrawn | out   |
        | e       | 10-05        | 97130 | paid                | yes   |
        | f       | 10-05        | 97129 | paid                | out   |
        | f       | 10-05        | 97811 | paid                | yes   |
        | f       | 10-05        | 97130 | not billed          | out   |
        """,
        practice,
    )


def test_further_time_of_a_month_stands_with_the_months_first(practice: Settings) -> None:
    hold(
        "add_on_alone",
        """
        | patient | service_date | code  | found |
        | a       | 10-05        | 98980 | out   |
        | a       | 10-30        | 98981 | no    |
        | a       | 11-01        | 98981 | yes   |
        | b       | 10-30        | 98981 | yes   |
        """,
        practice,
    )


def test_a_code_that_reports_carries_no_charge(practice: Settings) -> None:
    """One cent is what some systems need."""
    hold(
        "report_code_charged",
        """
        | code  | charge | found  |
        | 4004F | 0.00   | no     |
        | 4004F | 0.01   | no     |
        | 1125F | 25.00  | yes    |
        | G8978 | 5.00   | yes    |
        | 4004F | -      | unsure |
        | 97140 | 60.00  | out    |
        """,
        practice,
    )


def test_a_temporary_code_goes_to_a_payer_that_pays_it(practice: Settings) -> None:
    hold(
        "temporary_code",
        """
        | payer | code  | last_decision | found  |
        | Old   | 0552T | denied        | yes    |
        | Old   | 0101T | denied        | yes    |
        | New   | 0552T | paid          | no     |
        | Aetna | 0552T | denied        | unsure |
        | Old   | 0552T | not billed    | out    |
        | Old   | 97140 | paid          | out    |
        """,
        practice,
    )


def test_electrical_stimulation_goes_under_the_payers_code(practice: Settings) -> None:
    """Medicare wants G0283, another payer 97014; one that paid 97014 took it; of the rest nobody tells."""
    hold(
        "other_code_wanted",
        """
        | payer    | code  | last_decision | found  |
        | Medicare | 97014 | denied        | yes    |
        | Medicare | 97014 | paid          | yes    |
        | Medicare | G0283 | paid          | no     |
        | Old      | G0283 | denied        | yes    |
        | Old      | 97014 | paid          | no     |
        | Aetna    | 97014 | denied        | unsure |
        | Aetna    | 97014 | paid          | no     |
        | Aetna    | 97140 | paid          | out    |
        | Medicare | 97014 | not billed    | out    |
        """,
        practice,
    )


def test_what_is_never_paid_apart_is_a_finding_only_where_it_was_paid(practice: Settings) -> None:
    """97010 refused by Medicare is as expected; a payer's own codes count on their days."""
    hold(
        "paid_though_bundled",
        """
        | payer    | service_date | code  | paid  | last_decision                 | found  |
        | Medicare | 10-05        | 97010 | 0.00  | excluded: bundled as expected | no     |
        | Medicare | 10-05        | 97010 | 8.00  | paid                          | yes    |
        | Medicare | 10-05        | 97010 | -     | no answer                     | unsure |
        | Medicare | 10-05        | 97140 | 30.00 | paid                          | out    |
        | Aetna    | 10-05        | 97010 | 8.00  | paid                          | out    |
        | Packs    | 05-31        | 97014 | 8.00  | paid                          | out    |
        | Packs    | 06-01        | 97014 | 8.00  | paid                          | yes    |
        | Packs    | 08-31        | 97014 | 8.00  | paid                          | yes    |
        | Packs    | 09-01        | 97014 | 8.00  | paid                          | out    |
        """,
        practice,
    )


def test_a_discipline_bills_what_it_usually_bills(practice: Settings) -> None:
    """Physicians and codes of anybody are not asked about; a code outside the book nobody can tell of."""
    hold(
        "outside_discipline",
        """
        | clinician | code  | found  |
        | Dana      | 97124 | no     |
        | Dana      | 97110 | yes    |
        | Ann       | 97110 | no     |
        | Ann       | 98941 | yes    |
        | Chris     | 98941 | no     |
        | Chris     | G0283 | no     |
        | Lin       | 97810 | no     |
        | Lin       | 97140 | no     |
        | Max       | 98941 | out    |
        | -         | 97110 | unsure |
        | Dana      | 99999 | unsure |
        | Dana      | 4004F | out    |
        | Dana      | 97799 | out    |
        | Dana      | 99406 | out    |
        """,
        practice,
    )


def test_every_code_tells_whether_it_is_therapy() -> None:
    """97037 alone is not known."""
    told = {code.therapy for code in code_book().codes.values()}
    assert told == {"always", "sometimes", "no", ""}
    assert [code.code for code in code_book().codes.values() if not code.therapy] == ["97037"]


@pytest.mark.parametrize(
    "diagnosis", ["F17.210", "Z72.0", "Z87.891", "T65.211A", "O99.331", "M54.50 F17.290"]
)
def test_advice_on_tobacco_stands_with_a_tobacco_diagnosis(practice: Settings, diagnosis: str) -> None:
    hold(
        "tobacco",
        f"""
        | clinician | code  | diagnoses   | found |
        | Max       | 99406 | {diagnosis} | no    |
        | Dana      | 99407 | {diagnosis} | yes   |
        | Max       | 99401 | {diagnosis} | out   |
        """,
        practice,
    )


def test_advice_on_tobacco_without_what_it_needs(practice: Settings) -> None:
    """Without a diagnosis told, or a discipline, nobody can say that it is right."""
    hold(
        "tobacco",
        """
        | clinician | code  | diagnoses | has_diagnosis | found  |
        | Max       | 99406 | M54.50    | yes           | yes    |
        | Max       | 99406 | F10.20    | yes           | yes    |
        | Max       | 99406 | -         | no            | yes    |
        | Max       | 99406 | -         | ?             | unsure |
        | Dana      | 99406 | -         | ?             | yes    |
        | Chris     | 99406 | F17.210   | yes           | no     |
        | -         | 99406 | F17.210   | yes           | unsure |
        | -         | 99406 | M54.50    | yes           | yes    |
        """,
        practice,
    )


def test_medicare_covers_adjustment_alone_of_a_chiropractor(practice: Settings) -> None:
    """A line that says itself that it may not be paid is right."""
    hold(
        "chiropractor_at_medicare",
        """
        | payer    | clinician | code  | modifiers | found  |
        | Medicare | Chris     | 98941 | AT        | out    |
        | Medicare | Chris     | 97140 | -         | yes    |
        | Medicare | Chris     | 97140 | GY        | no     |
        | Medicare | Chris     | 98943 | GX GY     | no     |
        | Medicare | Chris     | 4004F | -         | out    |
        | Medicare | -         | 97140 | -         | unsure |
        | Medicare | Ann       | 97140 | GP        | out    |
        | Aetna    | Chris     | 97140 | -         | out    |
        """,
        practice,
    )


def test_without_modifiers_in_the_files_nobody_tells_what_was_said(practice: Settings) -> None:
    rows = mark_alone(codebook, "payer clinician code\nMedicare Chris 97140", practice)
    assert marks_of(rows.lines, "chiropractor_at_medicare") == ["unsure"]


def test_acupuncture_at_medicare_is_a_physicians(practice: Settings) -> None:
    """Since it is covered at all, 2020-01-21."""
    hold(
        "acupuncture_at_medicare",
        """
        | payer    | clinician | service_date | code  | modifiers | found  |
        | Medicare | Lin       | 2026-10-05   | 97810 | -         | yes    |
        | Medicare | Lin       | 2026-10-05   | 97810 | GY        | out    |
        | Medicare | Max       | 2026-10-05   | 97810 | -         | no     |
        | Medicare | -         | 2026-10-05   | 97810 | -         | unsure |
        | Aetna    | Lin       | 2026-10-05   | 97810 | -         | out    |
        | Medicare | Lin       | 2020-01-20   | 97810 | -         | out    |
        | Medicare | Lin       | 2020-01-21   | 97810 | -         | yes    |
        """,
        practice,
    )
    assert set(scope.ACUPUNCTURE) <= set(code_book().codes)


def test_every_rule_speaks_calmly_and_gives_an_example_of_each() -> None:
    for rule in codebook.rules(shipped()):
        words = f" {rule.title} {rule.advice} {rule.why} {rule.sentence} ".lower()
        for nudge in (" add gy", "append", "must add", "attach", "violation", "fraud", "identified"):
            assert nudge not in words, rule.id
        assert rule.title.startswith("Check")
        assert rule.sentence
        assert rule.right
        assert rule.wrong
        assert rule.task == "codes"


LINE = st.tuples(
    st.sampled_from(("a", "b")),
    st.sampled_from(("Medicare", "Aetna", "Old", "Packs")),
    st.sampled_from(("Ann", "Lin", "Chris", "-")),
    st.sampled_from(("01-05", "01-06", "07-30")),
    st.sampled_from(
        ("97810", "97811", "98981", "98980", "97014", "G0283", "97010", "99406", "0552T", "98941")
    ),
    st.sampled_from(("-", "GY", "AT")),
    st.sampled_from(("-", "F17.210", "M54.50")),
)
HEADER = ("patient", "payer", "clinician", "service_date", "code", "modifiers", "diagnoses")
FIRST = ("z", "Aetna", "Ann", "01-01", "97110", "GP", "M54.50")


def marks_by_line(lines: list[tuple[str, ...]], settings: Settings) -> list[tuple[str, ...]]:
    rows = mark_alone(
        codebook, "\n".join("| " + " | ".join(line) + " |" for line in (HEADER, *lines)), settings
    )
    return list(zip(*(marks_of(rows.lines, name) for name in rows.lines.marks), strict=True))


@hypothesis_settings(max_examples=12)
@given(
    lines=st.lists(LINE, min_size=1, max_size=8), other=st.lists(LINE, max_size=4), seed=st.integers(0, 99)
)
def test_other_patients_and_the_order_of_rows_change_no_mark(
    practice: Settings, lines: list[tuple[str, ...]], other: list[tuple[str, ...]], seed: int
) -> None:
    alone = marks_by_line([FIRST, *lines], practice)
    others = [("x" + line[0], *line[1:]) for line in other]
    assert marks_by_line([FIRST, *lines, *others], practice)[: len(alone)] == alone
    order = list(range(1, len(lines) + 1))
    random.Random(seed).shuffle(order)
    shuffled = marks_by_line([FIRST, *(lines[at - 1] for at in order)], practice)
    assert [shuffled[at] for at in range(1, len(lines) + 1)] == [alone[at] for at in order]
