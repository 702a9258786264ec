"""A Chromium that is already installed, and the demo report opened in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PLACES = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)

# No sandbox, because tests often run as root in a container; no services that look for a network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Opened:
    """The report as opened in a window, with all that the browser asked for and said."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


Open = Callable[..., AbstractContextManager[Opened]]


def find_chromium() -> str | None:
    """Return the Chromium to use: the one named by AUDIT_CHROMIUM, else the first that is installed."""
    named = os.environ.get("AUDIT_CHROMIUM")
    return next((place for place in ([named] if named else PLACES) if Path(place).is_file()), None)


def skip_or_fail(what: str) -> NoReturn:
    """Skip the tests that need something this machine lacks; fail where it was promised."""
    if os.environ.get("AUDIT_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{what}, and AUDIT_REQUIRE_BROWSER=1 asks for it", pytrace=False)
    pytest.skip(what)


# For one module at a time: two drivers at once do not go together, and other tests start their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        skip_or_fail("no Chromium is installed (AUDIT_CHROMIUM may name one)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(chromium: Browser, demo: Path) -> Open:
    """Return a way to open the report: `with opened(width=390, dark=True) as it: it.page ...`."""

    @contextmanager
    def open_report(width: int = 1280, dark: bool = False, **options: Any) -> Iterator[Opened]:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", **options
        )
        try:
            it = Opened(context.new_page())
            it.page.on("request", lambda request: it.requests.append(request.url))
            it.page.on("console", lambda message: it.messages.append(message.text))
            it.page.on("pageerror", lambda error: it.messages.append(str(error)))
            it.page.goto(demo.as_uri())
            yield it
        finally:
            context.close()

    return open_report


@pytest.fixture(scope="module")
def pdf_text() -> Callable[[Path], list[str]]:
    """Return a reader of the pages of a PDF as text."""
    tool = shutil.which("pdftotext")
    if tool is None:
        skip_or_fail("pdftotext is not installed (Debian: poppler-utils)")

    def read(path: Path) -> list[str]:
        done = subprocess.run([tool, "-raw", path, "-"], capture_output=True, encoding="utf-8", check=True)
        return done.stdout.rstrip("\f").split("\f")

    return read
