"""Progress: said on a terminal once it has taken a while, and wiped; nothing where output is piped."""

from __future__ import annotations

import sys
import time

import pytest

from audit.progress import Progress


def test_nothing_is_said_where_output_is_piped(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress("Reading")
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_what_takes_long_is_said_and_wiped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with Progress() as progress:
        progress("Reading")
        time.sleep(1.2)
        progress("Counting")
    said = capsys.readouterr().err
    assert "Reading ..." in said
    assert said.endswith("\r\033[K")
