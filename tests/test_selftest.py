"""`audit demo --self-test`: every rule is seen marking a planted fault, and nothing in the clean practice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from audit import selftest
from audit.history import build_history
from audit.intake import read_history
from audit.populations import YES, Populations, Table, populate
from audit.record import Options, Read
from audit.rulebook import list_rules
from audit.sample_data import plant_rules
from audit.selfaudit import read_marked
from audit.selftest import FOLLOW_UP, SelfTest, run_self_test
from audit.settings import Settings, load_settings
from audit.topics import TOPICS
from tests.conftest import Caller

AS_OF = date(2026, 11, 20)

WITHOUT_FAULT: dict[str, str] = {}
"""Rules for which no fault is planted, and why."""

Spoil = Callable[[Populations], Populations]


@pytest.fixture(scope="module")
def practices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folders of the clean practice and of the planted one."""
    clean, planted = (tmp_path_factory.mktemp(name) for name in ("clean", "planted"))
    plant_rules.write_clean(clean)
    plant_rules.write_planted(clean, planted)
    return clean, planted


def test_every_rule_but_those_of_follow_up_has_a_fault(practices: tuple[Path, Path]) -> None:
    """The practice's own rules among them: one of each kind."""
    settings = load_settings(practices[1] / "practice.toml")
    rules = {rule.id for rule in list_rules(settings) if rule.task != FOLLOW_UP}
    assert rules - {fault.rule for fault in plant_rules.FAULTS} == set(WITHOUT_FAULT)
    assert {own.kind for own in settings.practice.rules} == {
        "needs modifier",
        "not with",
        "at most units",
        "at most visits",
    }


def test_every_fault_is_found_and_the_clean_twin_has_none(call: Caller) -> None:
    count = len(plant_rules.FAULTS)
    done = call("demo", "--self-test")
    assert done.out == f"{count} of {count} planted faults found, 0 findings in the clean twin\n"
    assert done.code == 0


def test_no_two_faults_share_a_patient(practices: tuple[Path, Path], tmp_path: Path) -> None:
    """None can hide another."""
    planted = plant_rules.write_planted(practices[0], tmp_path)
    rows = [row for one in planted for row in one.lines]
    assert len(rows) == len(set(rows))


def test_the_practices_are_made_alike_each_time(practices: tuple[Path, Path], tmp_path: Path) -> None:
    plant_rules.write_planted(practices[0], tmp_path)
    for name in (*plant_rules.FILES, "practice.toml"):
        assert (tmp_path / name).read_bytes() == (practices[1] / name).read_bytes()


def test_no_topic_writes_over_the_marks_of_another(practices: tuple[Path, Path]) -> None:
    """A mark belongs to one table and one topic: the figures of both would be wrong."""
    clean = practices[0]
    settings = load_settings(clean / "practice.toml")
    intake = read_history([clean / name for name in plant_rules.FILES], settings)
    history = build_history(intake, settings, AS_OF)
    before = populate(
        history.lines, history.visits, pd.Timestamp(AS_OF), 12, unmatched=history.unmatched_answers
    )
    for topic in TOPICS:
        after = topic.mark(before, settings, AS_OF)
        for table in get_args(Table):
            old, new = before.of(table), after.of(table)
            assert [name for name, mark in old.marks.items() if new.marks[name] is not mark] == []
            assert [name for name in old.frame if not new.frame[name].equals(old.frame[name])] == []
        before = after


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[[Spoil], SelfTest]:
    """Return a self-test of marks that were spoiled."""

    def run(spoiled: Spoil) -> SelfTest:
        def read(
            options: Options, settings: Settings, progress: Callable[[str], None]
        ) -> tuple[Read, Populations]:
            found, populations = read_marked(options, settings, progress)
            return found, spoiled(populations)

        monkeypatch.setattr(selftest, "read_marked", read)
        return run_self_test(AS_OF)

    return run


def test_a_rule_that_marks_nothing_fails(spoil: Callable[[Spoil], SelfTest]) -> None:
    def silence(populations: Populations) -> Populations:
        nothing = np.zeros(len(populations.lines), dtype=np.int8)
        return populations.with_marks({"lines": {"unit_split": nothing}})

    tested = spoil(silence)
    assert not tested.passed
    assert tested.failures == ("units/split: marks 0 of 1 rows planted for units/split",)
    assert tested.found == tested.planted - 1


def test_a_rule_that_marks_what_is_right_fails(spoil: Callable[[Spoil], SelfTest]) -> None:
    """A finding in the clean twin is told, and so is one beside a fault."""

    def accuse(populations: Populations) -> Populations:
        marks = populations.lines.marks["claim_fee"].copy()
        marks[0] = YES
        return populations.with_marks({"lines": {"claim_fee": marks}})

    tested = spoil(accuse)
    assert tested.clean == 1
    assert tested.failures == (
        "claims/fee: marks 1 rows of the clean twin",
        "claims/fee: marks 1 rows where no fault was planted for it",
    )


def test_a_failed_self_test_ends_with_an_exit_code(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SelfTest(2, 1, 0, ("units/split: marks 0 of 1 rows planted for units/split",))
    monkeypatch.setattr(selftest, "run_self_test", lambda _: failed)
    done = call("demo", "--self-test")
    assert done.code == 1
    assert done.out.splitlines()[-1] == "1 of 2 planted faults found, 0 findings in the clean twin"
