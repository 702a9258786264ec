"""The route of a chart review: drawn, written, drawn again, and nothing of a patient in what is written."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.errors import InputError, SettingsError
from audit.review import (
    Way,
    draw_sample,
    refuse_again,
    refuse_inside,
    verify_sample,
    write_names,
    write_review,
)
from audit.sample_file import read_sample
from audit.sampling import Wanted
from tests import test_privacy as planted
from tests.practices import headers_of, write_practice, write_rows
from tests.reviews import CHARGES, POSTINGS, drawn_of, options_of, practice_of, second_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.sample_file import Sample


def quiet(_: str) -> None:
    """Say nothing of what is being done."""


# --- drawn and written --------------------------------------------------------------------


def test_a_review_is_one_folder_with_everything_in_it(tmp_path: Path) -> None:
    sample = drawn_of(practice_of(tmp_path / "files"), second_of("1/2"))
    write_review(sample, tmp_path / "review")
    assert sorted(path.name for path in (tmp_path / "review").iterdir()) == [
        "sample.toml",
        *("worksheet.csv", "worksheet.xlsx", "worksheet_second.csv", "worksheet_second.xlsx"),
    ]
    assert read_sample(tmp_path / "review" / "sample.toml") == sample


def test_the_folder_is_no_billing_file_of_a_later_run(tmp_path: Path) -> None:
    """Whoever draws where the exports lie can hand over that folder again."""
    files = practice_of(tmp_path)
    sample = drawn_of(files)
    write_review(sample, tmp_path / "chart_review" / "2026-10")
    verify_sample(sample, options_of([tmp_path]), quiet)


LIKE = {"payer": "Aetna", "code": "97140", "units": "1", "charge": "60.00"}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(24)), st.booleans())
def test_the_order_of_rows_changes_nothing_that_is_drawn(
    tmp_path: Path, order: list[int], numbered: bool
) -> None:
    """The same lines are drawn wherever they stand, in either of two files, and without any number, too."""
    rows = [
        LIKE
        | {"patient_id": f"P{at:02d}", "service_date": f"2026-10-0{at // 2 % 3 + 1}"}
        | {"clinician": ("Lee", "Ruiz")[at // 2 % 2]}
        | ({"line_id": f"L{23 - at:02d}", "claim_id": f"C{at // 2:02d}"} if numbered else {})
        for at in range(24)
    ]
    cut = 12 if numbered else 24

    def drawn(arranged: list[dict[str, str]]) -> list[list[str]]:
        files = {"a.csv": arranged[:cut], "b.csv": arranged[cut:]}
        headers = headers_of("charges.csv")
        paths = [write_rows(tmp_path / name, headers, part) for name, part in files.items() if part]
        sample = drawn_of(paths, Wanted(stratify="clinician", each=3, spares=1))
        return [
            [files[line.file][line.row - 2]["patient_id"] for line in item.lines] for item in sample.items
        ]

    assert drawn([rows[at] for at in order]) == drawn(rows)


def test_neither_hash_seed_nor_locale_changes_a_byte(tmp_path: Path) -> None:
    """Run as the installed command, in processes of their own."""
    import subprocess
    import sys

    practice_of(tmp_path)
    made = []
    for seed, place in (("1", "C"), ("2", "de_DE.UTF-8")):
        out = tmp_path / f"review{seed}"
        options = f"--period 2026-10 --size 3 --seed 5 --as-of 2026-12-01 --second 0.5 --out {out.name}"
        script = (
            "import sys; from audit.cli import main; "
            f"sys.argv = 'audit sample charges.csv postings.csv {options}'.split(); main()"
        )
        environment = {"PYTHONHASHSEED": seed, "LC_ALL": place, "TZ": f"UTC+{seed}"}
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        made.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert made[0] == made[1]


# --- drawn again --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return practice_of(tmp_path_factory.mktemp("practice"))


def test_a_sample_can_be_drawn_again_by_anybody(files: list[Path]) -> None:
    """From the files and what sample.toml tells alone; the day does not matter."""
    for wanted in (
        Wanted(size=3, spares=1),
        second_of("1/2"),
        Wanted(of="lines", stratify="code", size=5, where={"payer": ("Aetna", "Cigna")}),
    ):
        verify_sample(drawn_of(files, wanted), options_of(files)._replace(period=None), quiet)


def test_a_risk_pick_can_be_made_again(files: list[Path]) -> None:
    picked = draw_sample(options_of(files), Wanted(size=2, spares=0), Way(), quiet)
    assert picked.kind == "risk"
    assert (picked.seed, picked.generator) == ("", "")
    assert all(item.findings for item in picked.items)
    verify_sample(picked, options_of(files), quiet)


def moved(sample: Sample) -> Sample:
    first, *others = sample.items
    return msgspec.structs.replace(
        sample, items=[msgspec.structs.replace(first, position=first.position % 5 + 1), *others]
    )


def retold(sample: Sample) -> Sample:
    first, *others = sample.items
    line = msgspec.structs.replace(first.lines[0], units=900)
    item = msgspec.structs.replace(first, lines=[line, *first.lines[1:]])
    return msgspec.structs.replace(sample, items=[item, *others])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: msgspec.structs.replace(one, seed="7"), "the strata differ"),
        (lambda one: msgspec.structs.replace(one, size=6), "it says 6 visits in the frame, and there are 5"),
        (
            lambda one: msgspec.structs.replace(one, items=one.items[:-1]),
            "it lists 3 items and the draw gives 4",
        ),
        (lambda one: msgspec.structs.replace(one, id="BCDFGH"), 'the entry "id" differs'),
        (moved, "the draw gives another item in place of"),
        (retold, "what it tells of the item"),
    ],
    ids=["seed", "size", "an item less", "id", "another item", "another unit"],
)
def test_a_sample_that_was_changed_is_told(
    files: list[Path], change: Callable[[Sample], Sample], said: str
) -> None:
    sample = drawn_of(files, Wanted(size=3, spares=1))
    with pytest.raises(InputError, match=said):
        verify_sample(change(sample), options_of(files), quiet)


def test_a_file_that_has_changed_is_told(tmp_path: Path) -> None:
    files = practice_of(tmp_path)
    sample = drawn_of(files)
    files[0].write_text(files[0].read_text().replace("60.00", "61.00", 1))
    with pytest.raises(InputError, match=r"charges.csv has changed since"):
        verify_sample(sample, options_of(files), quiet)


def test_other_settings_matter_only_where_they_change_what_was_drawn(tmp_path: Path) -> None:
    files = practice_of(tmp_path)
    sample = drawn_of(files)
    own = tmp_path / "practice.toml"
    own.write_text('name = "Hands"\n')
    verify_sample(sample, options_of(files, practice=own), quiet)
    own.write_text('[aliases.payers]\nAetna = "Zeta"\n')
    with pytest.raises(InputError, match="drawn with other settings of the practice"):
        verify_sample(sample, options_of(files, practice=own), quiet)


def test_a_second_draw_from_one_frame_is_refused_and_the_first_kept(tmp_path: Path) -> None:
    """Whatever the seed or size; another frame's sample and other things in the folder are kept, too."""
    files = practice_of(tmp_path / "files")
    folder, way = tmp_path / "review", Way("rat-stats")
    refuse_again(folder, options_of(files), Wanted(size=3), way)
    write_review(drawn_of(files, Wanted(size=3, spares=1)), folder)
    with pytest.raises(
        SettingsError, match=r"drawn from before, with the seed 48863.78; that sample is kept"
    ):
        refuse_again(folder, options_of(files), Wanted(size=4), way)
    with pytest.raises(SettingsError, match="holds another sample; name another folder"):
        refuse_again(folder, options_of(files), Wanted(of="lines", size=3), way)
    with pytest.raises(SettingsError, match="holds another sample; name another folder"):
        refuse_again(folder, options_of(files), Wanted(size=3), Way())
    with pytest.raises(SettingsError, match="files holds other things"):
        refuse_again(tmp_path / "files", options_of(files), Wanted(size=3), way)


# --- privacy ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "system", [planted.own, planted.simple_practice, planted.therapy_notes, planted.clearing_house]
)
def test_nothing_that_tells_who_a_patient_is_stands_in_what_is_written(
    system: Callable[[Path], list[Path]], tmp_path: Path
) -> None:
    """Only in the file of names, which stands where the user said."""
    files = system(tmp_path / "files")
    sample = drawn_of(files, second_of("1/2"), period="2026")
    write_review(sample, tmp_path / "review")
    write_names(sample, options_of(files), tmp_path / "names.csv")
    assert any(one.lower() in (tmp_path / "names.csv").read_text().lower() for one in planted.SECRETS)
    for path in (tmp_path / "review").iterdir():
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            book = zipfile.ZipFile(io.BytesIO(content))
            content = b"\n".join(book.read(name) for name in book.namelist())
        text = content.decode().lower()
        assert len(text) > 1000
        assert [one for one in planted.SECRETS if one.lower() in text] == [], path.name


def test_names_are_not_written_into_the_samples_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"names.csv: names do not belong into the sample's folder"):
        refuse_inside(tmp_path / "review" / "names.csv", tmp_path / "review")
    refuse_inside(tmp_path / "names.csv", tmp_path / "review")


def test_a_frame_of_lines_that_nobody_paid_for_is_a_frame(tmp_path: Path) -> None:
    """Amounts that are not told stay so; nothing is scored from them in silence."""
    files = write_practice(tmp_path, CHARGES)
    lines = [line for item in drawn_of(files).items for line in item.lines]
    assert {line.allowed for line in lines} == {line.paid for line in lines} == {None}
    assert POSTINGS
