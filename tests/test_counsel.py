"""`--for-counsel`: figures and rows without a word of judgment."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import html5lib
import msgspec
import pytest
from msgspec.structs import replace

from audit.figures import BY_CHANCE, HIGHER, LOWER, NOT_HIGHER, TOO_FEW
from audit.record import Audit
from audit.results import read_results
from audit.selfaudit import write_audit

JUDGING = re.compile(
    "|".join(
        (HIGHER, LOWER, BY_CHANCE, NOT_HIGHER, TOO_FEW, "possibly", "not a determination", "stands out")
    ),
    re.IGNORECASE,
)


def written(audit: Audit, out: Path, *, asked: bool) -> tuple[str, Path]:
    """Return the words of the report for counsel that stand outside its definitions, and its folder.

    `asked`: the practice's settings say that counsel asked for it.
    """
    practice = msgspec.structs.replace(audit.settings.practice, at_request_of_counsel=asked)
    audit = replace(
        audit,
        options=audit.options._replace(for_counsel=True),
        settings=msgspec.structs.replace(audit.settings, practice=practice),
    )
    folder = write_audit(audit, out).folder
    tree = html5lib.parse((folder / "report.html").read_text(encoding="utf-8"), namespaceHTMLElements=False)
    for parent in tree.iter():
        for child in list(parent):
            if child.get("id") == "definitions" or child.tag in ("script", "style"):
                parent.remove(child)
    return " ".join("".join(tree.itertext()).split()), folder


@pytest.fixture(scope="module")
def withheld(sample_audit: Audit, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return written(sample_audit, tmp_path_factory.mktemp("reports"), asked=False)


def test_no_conclusion_is_drawn(withheld: tuple[str, Path]) -> None:
    text, _ = withheld
    assert JUDGING.findall(text) == []
    assert "figures and rows, without conclusions" in text
    assert "Do these" not in text
    assert "Denied and still open" in text


def test_it_stands_beside_the_report_and_saves_no_word_either(withheld: tuple[str, Path]) -> None:
    _, folder = withheld
    assert folder.name == "2026-09.for-counsel"
    results = read_results(folder / "results.json")
    assert {one.outcome for one in results.figures} == {""}
    assert {one.state for one in results.findings} == {""}
    assert date.fromisoformat(results.as_of) == date(2026, 11, 20)


def test_counsel_is_named_only_where_the_settings_say_so(
    withheld: tuple[str, Path], sample_audit: Audit, tmp_path: Path
) -> None:
    """Whether a report is privileged is not for a program to say."""
    assert "counsel" not in withheld[0].replace("Ask counsel", "")
    asked, _ = written(sample_audit, tmp_path, asked=True)
    assert "Prepared at the request of counsel." in asked
    assert "privileged" not in (withheld[0] + asked).casefold()
