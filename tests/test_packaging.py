"""What is shipped: the wheel gives the same report as the checkout, and every machine the same bytes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

ROOT = Path(__file__).resolve().parents[1]


def written(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Return the names of files that are not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def pins(path: Path) -> set[tuple[str, str]]:
    """Return the packages and versions that a file of pins names."""
    return set(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def names(requirements: Iterable[str]) -> set[str]:
    """Return the package names of requirements such as `pandas>=3.1`."""
    return {re.split(r"[><=~!\[; ]", requirement)[0] for requirement in requirements}


def project_file() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_hash_seed_time_zone_and_language_change_no_byte(audit: Command, demo: Path, tmp_path: Path) -> None:
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "de_DE.UTF-8"}
    audit("demo", "--out", "reports", cwd=tmp_path, env=elsewhere)
    (report,) = tmp_path.rglob("report.html")
    assert differing(written(report.parent), written(demo.parent)) == []


@pytest.mark.packaging
def test_the_wheel_in_an_empty_environment_gives_the_report_of_the_checkout(
    demo: Path, tmp_path: Path
) -> None:
    """The wheel is made from the source archive and installed with only what it asks for."""
    unversioned = shutil.ignore_patterns(
        ".*", "build", "dist", "*.egg-info", "__pycache__", "reports", "tests", "benchmarks"
    )
    shutil.copytree(ROOT, tmp_path / "source", ignore=unversioned)
    run(sys.executable, "-m", "build", "--outdir", tmp_path / "dist", tmp_path / "source")
    (wheel,) = (tmp_path / "dist").glob("*.whl")

    # The versions that are installed here, so that only the packaging can make a difference.
    same = tmp_path / "same-versions.txt"
    same.write_text(
        "".join(f"{found.name}=={found.version}\n" for found in distributions()), encoding="utf-8"
    )
    run(sys.executable, "-m", "venv", tmp_path / "empty")
    scripts = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "-q", "-c", same, wheel)

    (tmp_path / "folder").mkdir()
    run(scripts / "audit", "demo", "--out", "reports", cwd=tmp_path / "folder")
    (report,) = (tmp_path / "folder").rglob("report.html")
    assert differing(written(report.parent), written(demo.parent)) == []
    run(scripts / "audit", "demo", "--self-test", cwd=tmp_path / "folder")


def run(*command: object, cwd: Path | None = None) -> None:
    """Run a command that must succeed, outside the checkout's own import path."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_both_files_of_pins_hold_the_same_versions() -> None:
    """requirements.lock (with hashes) is what constraints.txt says of the packages that a user needs."""
    needed, all_pins = pins(ROOT / "requirements.lock"), pins(ROOT / "constraints.txt")
    assert needed
    assert sorted(needed - all_pins) == []


def test_every_package_asked_for_is_pinned() -> None:
    project = project_file()["project"]
    needed, extras = project["dependencies"], project["optional-dependencies"].values()
    locked = {name for name, _ in pins(ROOT / "requirements.lock")}
    pinned = {name for name, _ in pins(ROOT / "constraints.txt")}
    assert sorted(names(needed) - locked) == []
    assert sorted(names(chain(needed, *extras)) - pinned) == []


@pytest.mark.parametrize("name", ["constraints.txt", "requirements.lock"])
def test_pins_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r".*(?:://|--index|--find-links|--extra).*", text) == []


def test_every_package_folder_is_packed() -> None:
    """A folder of modules that pyproject.toml does not name would be missing from the wheel alone."""
    tools = project_file()["tool"]["setuptools"]
    homes = {
        "/".join(name.split(".")) if name not in tools["package-dir"] else tools["package-dir"][name]
        for name in tools["packages"]
    }
    tops = ("audit", *tools["package-dir"].values())
    found = {
        module.parent.relative_to(ROOT).as_posix()
        for top in tops
        for module in (ROOT / top).rglob("*")
        if module.is_file() and "__pycache__" not in module.parts
    }
    assert found == homes
