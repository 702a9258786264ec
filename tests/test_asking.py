"""What commands ask alike: how it becomes options."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from audit.asking import find_practice, make_options
from audit.errors import SettingsError
from audit.periods import parse_period


def test_what_was_asked_becomes_options_and_the_command_that_traces_a_figure(tmp_path: Path) -> None:
    own = tmp_path / "my practice.toml"
    own.write_text('name = "Hands"\n')
    asked = make_options([Path("a.csv")], "2026-10", datetime(2026, 11, 20), own, True)
    assert (asked.as_of, asked.period, asked.practice) == (date(2026, 11, 20), parse_period("2026-10"), own)
    assert asked.allow_incomplete
    assert asked.command == (
        'audit explain "{figure}" FILES... --period 2026-10 --as-of 2026-11-20 '
        "--practice 'my practice.toml' --allow-incomplete"
    )


def test_settings_are_found_here_and_must_be_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_practice(None) is None
    Path("practice.toml").write_text("confirmed = false\n")
    assert find_practice(None) == Path("practice.toml")
    with pytest.raises(SettingsError, match="a proposal that nobody has confirmed"):
        make_options([], "", None, None, False)
