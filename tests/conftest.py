"""What tests of every room may use: the shared folder, kept texts, the installed command, the demo report."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import hypothesis
import pytest

if TYPE_CHECKING:
    from audit.record import Audit

ROOT = Path(__file__).resolve().parents[1]

# A slow or busy machine is no failure; speed is kept by benchmarks. The same examples every time, so that a
# failure is the change's own; `make hunt` draws new ones.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.register_profile("hunt", deadline=None)
hypothesis.settings.load_profile("steady")


class Golden(Protocol):
    """Compares a text with the one kept under tests/golden."""

    def __call__(self, name: str, text: str) -> None: ...


class Command(Protocol):
    """Runs the installed command line; fails unless it ends with the exit code expected."""

    def __call__(
        self, *arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None, code: int = 0
    ) -> subprocess.CompletedProcess[str]: ...


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Caller:
    """Calls the command line in this process, as the installed script does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch, self._captured = monkeypatch, capsys

    def __call__(self, *arguments: object) -> Done:
        from audit import cli

        self._patch.setattr("sys.argv", ["audit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self._captured.readouterr()
        code = ended.value.code
        assert "Traceback" not in said.err
        return Done(int(code or 0), said.out, said.err)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept", action="store_true", help="keep what the tests produce now as what must come"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each reason how many tests were skipped."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, times in Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped).items():
        terminalreporter.write_line(f"{times} skipped: {reason}")


@pytest.fixture
def shared() -> Path:
    """Return the folder of public cases that may stand beside the repository."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the folder `shared` beside the repository")
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a check that a text equals tests/golden/<name>; with `--accept` the text is kept instead."""

    def check(name: str, text: str) -> None:
        kept = ROOT / "tests" / "golden" / name
        if request.config.getoption("--accept"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8", newline="\n")
        assert kept.is_file(), f"tests/golden/{name} is missing: `make golden` writes it"
        assert text == kept.read_text(encoding="utf-8"), (
            f"not as in tests/golden/{name}; if right: `make golden`"
        )

    return check


@pytest.fixture(scope="session")
def audit() -> Command:
    """Return a way to run the installed command: audit("demo", "--out", folder, env={...}, code=3)."""
    script = Path(sysconfig.get_path("scripts")) / ("audit.exe" if os.name == "nt" else "audit")
    assert script.is_file(), "the product is not installed here: pip install -c constraints.txt -e '.[test]'"

    def run(
        *arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None, code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [script, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="session")
def demo(audit: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report that `audit demo` writes, made once for all tests: read it, never change it."""
    folder = tmp_path_factory.mktemp("demo")
    audit("demo", "--out", "reports", cwd=folder)
    (report,) = folder.rglob("report.html")
    return report


@pytest.fixture(scope="session")
def sample_audit() -> Audit:
    """Return the audit of the sample practice, made once for all tests in this process: never change it."""
    from audit.cli import _sample_options
    from audit.selfaudit import self_audit

    return self_audit(_sample_options())


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Caller:
    """Return a way to call the command line from an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Caller(monkeypatch, capsys)
