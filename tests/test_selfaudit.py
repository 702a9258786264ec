"""The whole route: same input, same bytes; nothing lost on the way; and a page for every poor history."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from msgspec import Struct

from audit.archive import save
from audit.blocks import Table
from audit.cli import SAMPLE_AS_OF, SAMPLE_FILES
from audit.errors import InputError, SettingsError
from audit.record import Audit, Options
from audit.report import compose, tell
from audit.results import read_results
from audit.selfaudit import read_marked, self_audit, write_audit
from audit.settings import load_settings
from tests.conftest import Command
from tests.practices import AS_OF, SAMPLE, audit_of, many_months, page_of, write_practice

MONTHS = [f"2025-{month:02d}" for month in range(9, 13)] + [f"2026-{month:02d}" for month in range(1, 11)]

# --- same input, same bytes ---------------------------------------------------------------


def test_hash_seed_time_zone_locale_and_style_of_drawings_change_no_byte(
    audit: Command, tmp_path: Path
) -> None:
    """Two processes as different as they can be write the same files."""
    files = write_practice(tmp_path / "files", *many_months(MONTHS, 12))
    style = tmp_path / "own_style"
    style.write_text("path.sketch: 5, 100, 2\nfont.family: serif\nbackend: Agg\n")
    written = []
    for place, seed, zone, locale, own in (
        ("a", "1", "Asia/Tokyo", "C", {}),
        ("b", "2", "America/Denver", "de_DE.UTF-8", {"MATPLOTLIBRC": str(style)}),
    ):
        settings = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale, **own}
        audit("run", *files, "--as-of", "2026-12-01", "--out", place, cwd=tmp_path, env=settings)
        folder = tmp_path / place
        written.append(
            {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        )
    assert written[0] == written[1]


def test_the_order_of_rows_changes_no_figure(sample_audit: Audit, tmp_path: Path) -> None:
    """All three files of the sample practice shuffled: the same figures and findings."""
    chance = random.Random(4711)
    for name in SAMPLE_FILES:
        header, *rows = (SAMPLE / name).read_text(encoding="utf-8").splitlines()
        chance.shuffle(rows)
        (tmp_path / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    files = [tmp_path / name for name in reversed(SAMPLE_FILES)]
    shuffled = save(self_audit(Options(files, SAMPLE_AS_OF, None, SAMPLE / "practice.toml")))
    ours = save(sample_audit)
    assert {one.id: one for one in shuffled.figures} == {one.id: one for one in ours.figures}
    assert [one.id for one in shuffled.figures] == [one.id for one in ours.figures]
    assert shuffled.findings == ours.findings


def test_a_remittance_beside_an_export_that_cannot_tell_denials_tells_them() -> None:
    """SimplePractice shows what was paid alone; the payers' own files show what was refused."""
    export, remittance = (
        SAMPLE / name for name in ("simplepractice_appointment_status_2026-09.csv", "remittances_2026-09.835")
    )
    told = []
    for files in ([export], [export, remittance]):
        options = Options(files, SAMPLE_AS_OF, None, SAMPLE / "practice.toml")
        told.append(read_marked(options, load_settings(options.practice), lambda _: None)[1].refusals_told)
    assert told == [False, True]


def test_what_was_saved_can_be_read_back(sample_audit: Audit, tmp_path: Path) -> None:
    written = write_audit(sample_audit, tmp_path)
    assert read_results(written.folder / "results.json") == save(sample_audit)


def test_a_rerun_keeps_the_older_report_beside_it(tmp_path: Path) -> None:
    """Named by its as-of date; the same report again touches nothing."""
    files = write_practice(tmp_path / "files", *many_months(MONTHS[-3:], 12))
    first = write_audit(audit_of(files, "2026-09", date(2026, 11, 1)), tmp_path)
    page = (first.folder / "report.html").read_bytes()
    again = write_audit(audit_of(files, "2026-09", date(2026, 11, 1)), tmp_path)
    assert (again.changed, again.kept) == (False, None)
    later = audit_of(files, "2026-09", date(2026, 12, 1))
    second = write_audit(later, tmp_path)
    assert second.kept is not None
    assert second.kept.name == "2026-09.as-of-2026-11-01"
    assert (second.kept / "report.html").read_bytes() == page
    assert "The earlier report is kept as 2026-09.as-of-2026-11-01" in tell(later, second)


# --- what is said of the rows -------------------------------------------------------------


def test_rows_read_are_used_set_aside_or_refused(sample_audit: Audit) -> None:
    """To the row and to the cent, in every file; a line exported twice, or sent again, is set aside."""
    for file in sample_audit.read.files:
        assert file.rows == file.used + file.set_aside + file.refused
        assert file.control_cents == file.used_cents + file.aside_cents + file.refused_cents
    charges = sample_audit.read.files[0]
    assert (charges.set_aside, charges.refused) == (14, 2)
    assert len(sample_audit.read.fates) == 16


def explained(block: object) -> Iterator[str]:
    """Yield the names by which the cells, tiles and notes of a page can be traced."""
    if isinstance(block, tuple):
        for one in block:
            yield from explained(one)
    elif isinstance(block, Mapping):
        yield from explained(tuple(block.values()))
    elif isinstance(block, Struct):
        for name in block.__struct_fields__:
            value = getattr(block, name)
            if name == "explain" and value and "audit explain" not in value:
                yield value
            else:
                yield from explained(value)


def test_figures_of_the_page_are_those_of_the_results(sample_audit: Audit) -> None:
    """Whatever name a cell can be traced by stands in `results.json`."""
    named = set(explained(compose(sample_audit)))
    saved = {one.id for one in save(sample_audit).figures} | {one.id for one in sample_audit.findings}
    assert len(named) > 100
    assert named <= saved


def test_files_in_two_folders_may_have_one_name(tmp_path: Path) -> None:
    """Each month's export is called charges.csv; both are read."""
    first = write_practice(tmp_path / "september", "line_id service_date\nL1 2026-09-05")
    second = write_practice(tmp_path / "october", "line_id service_date\nL2 2026-10-05")
    audit = audit_of([*first, *second], "2026-10")
    assert [one.rows for one in audit.read.files] == [1, 1]
    saved = save(audit).reconciliation
    assert [one.name for one in saved] == ["october/charges.csv", "september/charges.csv"]
    assert len({one.sha256 for one in saved}) == 2


# --- periods ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return a history of fourteen months with twelve lines each, one in five denied."""
    return write_practice(tmp_path_factory.mktemp("small"), *many_months(MONTHS, 12))


@pytest.mark.parametrize(
    ("period", "lines", "before"),
    [("2026-10", 12, 36), ("2026-Q3", 36, 108), ("2026-07..2026-08", 24, 72), ("2026", 120, 0)],
)
def test_a_period_of_months_adds_them_up(period: str, lines: int, before: int, two_years: list[Path]) -> None:
    """Beside three periods of its length before it; half a year is no match for a whole one."""
    audit = audit_of(two_years, period)
    figure = audit.comparison.total("usage/lines")
    assert figure.numerator == lines
    assert figure.three_before.numerator == before
    assert page_of(audit)


def test_a_quarter_counts_a_patient_once(two_years: list[Path]) -> None:
    """Twelve patients, each seen in every month; not comparable by adding months."""
    comparison = audit_of(two_years, "2026-Q3").comparison
    assert comparison.total("usage/patients").numerator == 12
    assert not comparison.measures["usage/patients"].adds


def test_twelve_lines_a_month_are_too_few_by_the_month_and_enough_by_the_quarter(
    two_years: list[Path],
) -> None:
    month = audit_of(two_years, "2026-10").comparison.by_value("denials/first_rate", "code")
    quarter = audit_of(two_years, "2026-Q3").comparison.by_value("denials/first_rate", "code")
    assert all(figure.outcome == "too few to tell" for figure in month.values())
    assert all(figure.base >= 11 for figure in quarter.values())


def test_by_default_the_newest_answered_month_is_reported(tmp_path: Path) -> None:
    """October is not answered yet: September is the report, October stands under what came since."""
    charges, answers = many_months(MONTHS[-4:], 12)
    answered = "\n".join(row for row in answers.splitlines() if "2026-10" not in row)
    audit = audit_of(write_practice(tmp_path, charges, answered))
    assert audit.period.text == "2026-09"
    since = compose(audit).since_then
    assert isinstance(since, Table)
    assert [row.cells[0].text for row in since.rows] == ["October 2026"]


def test_an_immature_period_asked_for_is_not_judged(tmp_path: Path) -> None:
    charges, answers = many_months(MONTHS[-4:], 12)
    answered = "\n".join(row for row in answers.splitlines() if "2026-10" not in row)
    audit = audit_of(write_practice(tmp_path, charges, answered), "2026-10")
    assert audit.chosen.mature is False
    assert audit.comparison.total("denials/first_rate").outcome == "not judged yet"
    page = compose(audit)
    assert "too early to judge denials" in page.verdict
    assert any("not judged yet" in warning for warning in page.warnings)


def test_a_period_without_lines_names_the_months_there_are(two_years: list[Path]) -> None:
    with pytest.raises(SettingsError, match=r"no lines in 2024-05.*September 2025 to October 2026"):
        audit_of(two_years, "2024-05")


def test_files_after_the_as_of_date_are_no_history(two_years: list[Path]) -> None:
    with pytest.raises((InputError, SettingsError)):
        audit_of(two_years, as_of=date(2020, 1, 1))


# --- every poor history has its page ------------------------------------------------------

History = tuple[str, str, str]


def first_period_ever() -> History:
    return (*many_months(["2026-10"], 40), "")


def nothing_denied() -> History:
    return (*many_months(MONTHS[-4:], 40, denied_every=10_000), "")


def no_remittances() -> History:
    return many_months(MONTHS[-4:], 40)[0], "", ""


def one_payer() -> History:
    charges, answers = many_months(MONTHS[-4:], 40)
    return charges.replace("Cigna", "Aetna"), answers, ""


def one_code() -> History:
    return (*many_months(MONTHS[-4:], 40, ("97140",)), "")


def all_self_pay() -> History:
    return many_months(MONTHS[-4:], 40)[0].replace("Cigna", "Cash").replace("Aetna", "Cash"), "", ""


def one_line() -> History:
    return "code\n97140", "line_id amount\nL1 60.00", ""


def nothing_but_refused_answers() -> History:
    return "code\n97140", "line_id reason amount\nL1 CO-16 60.00", ""


def no_amounts() -> History:
    return "code charge units\n97140 - -\n97110 - -", "", ""


def answers_of_other_lines() -> History:
    return "code\n97140", "line_id amount\nL77 60.00", ""


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (first_period_ever, "The history is too short to compare this period"),
        (nothing_denied, "No denials in this period: 0 of 40 lines that payers decided."),
        (no_remittances, "The files hold no answer of any payer."),
        (one_payer, "of the lines decided were denied"),
        (one_code, "97140"),
        (all_self_pay, "No line of this period was billed to a payer."),
        (one_line, "too few answered lines"),
        (nothing_but_refused_answers, "1 of 1"),
        (no_amounts, "not measured"),
        (answers_of_other_lines, "not measured"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_poor_history_has_its_page(make: Callable[[], History], said: str, tmp_path: Path) -> None:
    """It says why a block is empty and what to do; no figure is made up."""
    audit = audit_of(write_practice(tmp_path, *make()), "2026-10")
    page = page_of(audit)
    assert said in page
    assert not {">None<", ">nan<", ">NaN<", ">&lt;NA&gt;<"} & set(re.findall(r">[^<>]*<", page))


def test_a_section_that_is_empty_says_what_to_do(tmp_path: Path) -> None:
    """Every empty block names the files or columns to add."""
    files = write_practice(tmp_path, "code\n97140")
    files[0].write_text(
        "line_id,patient_id,payer,service_date,code,units,charge\nL1,P1,Aetna,2026-10-05,97124,1,60.00\n"
    )
    page = page_of(audit_of(files, "2026-10"))
    assert "Add the payers&#39; answers" in page
    assert "Add these columns to the export" in page


def test_a_large_practice_has_a_page_of_the_same_size(tmp_path: Path) -> None:
    """Tables fold; forty payers and sixty codes a month."""
    codes = tuple(f"97{number}" for number in range(110, 170))
    charges, answers = many_months(MONTHS[-4:], 300, codes)
    rows = charges.splitlines()
    spread = [row.replace("Aetna", f"Payer-{at % 40}") for at, row in enumerate(rows)]
    audit = audit_of(write_practice(tmp_path, "\n".join(spread), answers), "2026-10")
    assert len(page_of(audit)) < 600_000


def test_help_loads_nothing_heavy() -> None:
    """`audit --help` comes at once: no pandas, no charts."""
    heavy = ("pandas", "numpy", "matplotlib", "jinja2", "pyarrow", "msgspec")
    program = f"import sys, audit.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_as_of_day_is_said_on_the_page(tmp_path: Path) -> None:
    files = write_practice(tmp_path, "code\n97140")
    assert AS_OF.isoformat() in page_of(audit_of(files, "2026-10"))
