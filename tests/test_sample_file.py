"""The file sample.toml: what it tells, read back as it was written, and what is wrong with a changed one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from audit.errors import InputError, SettingsError
from audit.sample_file import Sample, check_files, read_sample, write_sample
from audit.sampling import Wanted, parse_where
from tests.reviews import drawn_of, practice_of, second_of


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("practice")
    return drawn_of(practice_of(folder), second_of("1/3"), practice=folder / "practice.toml")


def written(folder: Path, sample: Sample, old: str = "", new: str = "") -> Path:
    path = folder / "sample.toml"
    text = write_sample(sample)
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_sample_reads_back_as_it_was_written(sample: Sample, tmp_path: Path) -> None:
    assert read_sample(written(tmp_path, sample)) == sample


def test_it_tells_the_frame_and_the_way_of_drawing(sample: Sample) -> None:
    assert (sample.kind, sample.of, sample.period, sample.as_of) == (
        "random",
        "visits",
        "2026-10",
        date(2026, 12, 1),
    )
    assert (sample.seed, sample.generator, sample.size) == ("48863.78", "rat-stats", 5)
    assert [file.name for file in sample.files] == ["charges.csv", "postings.csv"]
    assert all(len(file.sha256) == 64 for file in sample.files)
    assert "by file and row" in sample.order


def test_what_the_export_does_not_tell_is_left_out(sample: Sample) -> None:
    """Money in cents, units in hundredths; an amount that is not told is not zero."""
    by_row = {line.row: line for item in sample.items for line in item.lines}
    assert (by_row[2].units, by_row[2].allowed, by_row[2].paid) == (200, 7200, 6400)
    assert (by_row[5].units, by_row[5].allowed, by_row[5].paid) == (100, None, None)
    text = next(line for line in write_sample(sample).splitlines() if "row = 5," in line)
    assert "allowed" not in text
    assert "paid" not in text


def test_it_asks_for_what_code_discipline_and_day_require(sample: Sample) -> None:
    """What some plans only advise is not asked; subluxation only for spinal adjustments."""
    by_row = {line.row: line for item in sample.items for line in item.lines}
    assert by_row[2].elements == [
        "diagnosis",
        "technique",
        "region",
        "minutes",
        "plan",
        "response",
        "signature",
    ]
    assert "subluxation" in by_row[5].elements
    assert "referral" not in {name for line in by_row.values() for name in line.elements}


def test_names_with_signs_of_their_own_come_back(tmp_path: Path) -> None:
    rows = 'line_id | clinician | payer\nL1 | Zoë "Z" O\'Hara\\x | Blue, Plan #2'
    from tests.practices import write_practice

    drawn = drawn_of(write_practice(tmp_path, rows))
    assert read_sample(written(tmp_path, drawn)) == drawn
    assert drawn.items[0].lines[0].clinician == 'Zoë "Z" O\'Hara\\x'


def test_the_same_draw_has_the_same_id_and_another_another(tmp_path: Path) -> None:
    files = practice_of(tmp_path)
    ids = [
        drawn_of(files).id,
        drawn_of(files, seed="1").id,
        drawn_of(files, Wanted(size=2, spares=0)).id,
        drawn_of(files, period="2026-09").id,
        drawn_of(files, Wanted(each=99, spares=0, where=parse_where(["payer=Aetna"]))).id,
    ]
    assert ids[0] == drawn_of(list(reversed(files))).id
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "random"', 'kind = "mixed"', 'sample.toml: "kind" must be one of'),
        ("size = 5", 'size = "five"', '"size" must be a whole number'),
        ("schema = 1", "schema = 2", "schema"),
        ('\nid = "', '\nid = "x', 'sample.toml: "id" must be left as the program wrote it'),
        ("seed =", "sead =", 'unknown key "sead"; did you mean "seed"'),
        ("row = 2", "row = two", "not valid TOML"),
        ("stratum = 1", "stratum = 9", "a stratum that is not listed"),
        ('"diagnosis", ', '"diagnoses", ', "an element that is not listed"),
    ],
)
def test_a_changed_file_is_told(sample: Sample, tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(SettingsError) as told:
        read_sample(written(tmp_path, sample, old, new))
    assert said in str(told.value)


def test_two_items_of_one_id_are_told(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="two items have the same id"):
        read_sample(written(tmp_path, sample, f'id = "{sample.id}-002"', f'id = "{sample.id}-001"'))


def test_files_that_are_not_those_of_the_frame_are_told(sample: Sample) -> None:
    """A missing, a further and a changed one: a sentence each."""
    known = {file.name: file.sha256 for file in sample.files}
    check_files(sample, known)
    with pytest.raises(InputError, match=r"^postings.csv is not among the files given"):
        check_files(sample, {"charges.csv": known["charges.csv"]})
    with pytest.raises(InputError, match=r"^more.csv is no file of that frame"):
        check_files(sample, {**known, "more.csv": "0"})
    with pytest.raises(InputError, match=r"^charges.csv has changed since"):
        check_files(sample, {**known, "charges.csv": "0"})
