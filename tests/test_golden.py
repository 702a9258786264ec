"""Pages and texts as they were last accepted: `make golden` keeps what comes out now, after a look at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from audit.checking import as_text, check_files
from audit.page import render_report
from audit.report import compose
from audit.settings import load_settings
from audit.telling import tell_code
from tests.practices import FILES, SAMPLE, audit_of, many_months, page_of, write_practice

if TYPE_CHECKING:
    from pathlib import Path

    from audit.record import Audit
    from tests.conftest import Golden

MONTHS = [f"2026-{month:02d}" for month in range(1, 11)]


def scrub(page: str) -> str:
    """Return a page without what differs from one set of libraries, or edition of a table, to the next."""
    page = re.sub(r"\b[0-9a-f]{12}\b", "HASH", page)
    page = re.sub(r"(jinja2|matplotlib|numpy|pandas|pyarrow|python-calamine) [0-9.]+", r"\1 VERSION", page)
    return page


def words(page: str) -> str:
    """Return what a page says, without its drawings and markup: a line a piece of text."""
    page = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    pieces = re.sub(r"<[^>]+>", "\n", page).splitlines()
    return "\n".join(piece.strip() for piece in pieces if piece.strip()) + "\n"


def test_the_page_of_a_small_practice(tmp_path: Path, golden: Golden) -> None:
    """Ten months of 24 lines at two payers, without notes: every byte."""
    charges, postings = many_months(MONTHS, 24)
    files = write_practice(tmp_path, charges, postings)
    golden("small_practice.html", scrub(page_of(audit_of(files, "2026-10"))))


def test_the_words_of_the_sample_practice(sample_audit: Audit, golden: Golden) -> None:
    """The report that ships with the program: every word and figure."""
    golden("sample_practice.txt", words(scrub(render_report(compose(sample_audit)))))


def test_what_check_says_of_the_sample_practice(golden: Golden) -> None:
    """Files, rows, dates, unknown codes and payers that are nearly the same."""
    checked = check_files([SAMPLE / name for name in FILES], SAMPLE / "practice.toml", lambda _: None)
    golden("check_sample.txt", as_text(checked) + "\n")


def test_what_the_code_book_says_of_manual_therapy(golden: Golden) -> None:
    """How it is billed, what its note must show, what it may not be billed with."""
    golden("code_97140.txt", tell_code("97140", load_settings(None)) + "\n")
