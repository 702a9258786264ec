"""The chart-review section in a browser: no accessibility rule broken, nothing wider than the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace

from audit.page import render_report
from audit.report import compose
from tests.test_chart_section import BOTH, RISK

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from audit.record import Audit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(sample_audit: Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample practice's report with a review of a random sample and one of findings."""
    path = tmp_path_factory.mktemp("reviewed") / "report.html"
    reviewed = BOTH._replace(picked=RISK)
    path.write_text(render_report(compose(replace(sample_audit, reviewed=reviewed))), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_section_can_be_read_by_everybody(
    chromium: Browser, report: Path, width: int, scheme: str
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.goto(report.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        found = Axe().run(page, "#chart_review")
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#tile-chart-review").count() == 1
    finally:
        context.close()
