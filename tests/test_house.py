"""The habits of the house, held by one walk through it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from audit.settings import load_settings
from audit.topics import TOPICS

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path for path in (ROOT / "audit").rglob("*.py") if path.stem != "__init__")
FOLDERS = (
    "audit",
    "audit/intake",
    "audit/topics",
    "benchmarks",
    "config",
    "sample_data",
    "templates",
    "tests",
)

NAMELESS = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc", "tools"}
HEAVY = ("jinja2", "matplotlib", "msgspec", "numpy", "pandas", "pyarrow", "python_calamine")

topics = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.__name__)


def stem(topic: ModuleType) -> str:
    return topic.__name__.rpartition(".")[2]


def texts() -> list[Path]:
    """Return the files of the repository that hold text, wherever it was unpacked."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("needs git and a clone")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file() and path.suffix not in {".png", ".xls", ".xlsx", ".gz"}]


@topics
def test_a_topic_has_its_partial_and_its_test(topic: ModuleType) -> None:
    """One stem in three trees; a topic that only contributes findings says so by having no `show`."""
    name = stem(topic)
    assert (ROOT / "tests" / "topics" / f"test_{name}.py").is_file()
    assert (ROOT / "templates" / f"{name}.html.j2").is_file() == hasattr(topic, "show")


def test_every_topic_module_is_in_the_tuple() -> None:
    assert {path.stem for path in (ROOT / "audit" / "topics").glob("*.py")} == {
        *map(stem, TOPICS),
        "__init__",
    }


@topics
def test_a_measure_has_a_title_and_a_definition(topic: ModuleType) -> None:
    settings = load_settings(None)
    measures = [*topic.measures(settings), *topic.standing(settings)]
    assert measures or not hasattr(topic, "show")
    for measure in measures:
        assert measure.id.startswith(f"{stem(topic)}/")
        assert measure.title.strip()
        assert measure.definition.strip().endswith("."), f"{measure.id}: a definition is a sentence"


@topics
def test_a_rule_has_a_reason_a_source_and_an_actor(topic: ModuleType) -> None:
    for rule in topic.rules(load_settings(None)):
        assert rule.id.startswith(f"{stem(topic)}/")
        words = (rule.title, rule.advice, rule.why, rule.source, rule.who, rule.sentence, rule.right)
        for word in (*words, rule.wrong, rule.needs, rule.payers, rule.disciplines):
            assert word.strip(), rule.id
        assert rule.sentence.endswith("."), rule.id
        if rule.in_force_from and rule.in_force_to:
            assert rule.in_force_from <= rule.in_force_to


def test_no_two_measures_or_rules_share_an_id() -> None:
    settings = load_settings(None)
    for kind in ("measures", "rules"):
        ids = [one.id for topic in TOPICS for one in getattr(topic, kind)(settings)]
        assert len(ids) == len(set(ids))
    standing = [one.id for topic in TOPICS for one in topic.standing(settings)]
    assert len(standing) == len(set(standing))


def test_a_module_has_its_test() -> None:
    """A test of its own name beside its room's tests, or one that calls it by its name."""
    tests = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}

    def is_tested(path: Path) -> bool:
        room = path.relative_to(ROOT / "audit").parent
        package = ".".join(("audit", *room.parts))
        named = re.compile(rf"from {package}\.{path.stem} import|from {package} import .*\b{path.stem}\b")
        return ROOT / "tests" / room / f"test_{path.stem}.py" in tests or any(
            map(named.search, tests.values())
        )

    assert [path.relative_to(ROOT).as_posix() for path in MODULES if not is_tested(path)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_named_for_its_subject_and_says_what_it_is(path: Path) -> None:
    assert path.stem not in NAMELESS
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_says_who_it_is_for(folder: str) -> None:
    readme, package = ROOT / folder / "README.md", ROOT / folder / "__init__.py"
    described = package.is_file() and ast.get_docstring(ast.parse(package.read_text(encoding="utf-8")))
    assert readme.is_file() or described


def test_nothing_names_a_folder_of_one_machine_or_a_package_host() -> None:
    here = re.compile(
        r"(?<![\w.])/(?:home|Users|root|work|tmp)/\w|\b[A-Z]:\\Users\\|(?:py"
        r"pi\.org|python"
        r"hosted\.org|npm"
        r"js\.org)"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if here.search(line)
    ]
    assert found == []


def test_every_line_ends_the_same_way() -> None:
    """Hashes of the sample files and kept texts must be the same on every system."""
    assert [path.name for path in texts() if b"\r\n" in path.read_bytes()] == []


def test_asking_for_help_loads_nothing_heavy() -> None:
    """Help answers at once: what reads, counts and draws is loaded by the command that needs it."""
    script = (
        "import sys\n"
        "from audit.cli import main\n"
        "sys.argv = ['audit', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["LOADED"], done.stderr
    assert "demo" in done.stdout
