"""The reader of the built site, for the tests in this folder.

The browser is the installed one, of any version. A test that hangs on more than the standards is
marked `browser`, with what it hangs on: it fails in CI, and with the version that it was written
for; with another version it is skipped and says why, since that is no news about the book.
"""

import os
import re

import pytest
from playwright.sync_api import sync_playwright

from book.press.pages import ROOT
from book.press.serve import serve
from tests.site.reader import ARGUMENTS, SITE, Reader

SCREENSHOTS = ROOT / "_build" / "reports" / "screenshots"
WRITTEN_FOR = "156"  # the major version of Chromium


@pytest.fixture(autouse=True, scope="session")
def site():
    assert SITE.exists(), "there is no site in _build/site: run `make book` first"


@pytest.fixture(scope="session")
def chromium(executable):
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)


@pytest.fixture(scope="session")
def address():
    with serve(SITE) as address:
        yield address


@pytest.fixture
def reader(chromium, address):
    """A test fails over any trouble that it leaves in the reader's list."""
    reader = Reader(chromium, address)
    yield reader
    for page in reader.pages:
        page.context.close()
    if reader.trouble:
        pytest.fail("\n".join(dict.fromkeys(reader.trouble)), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep what the reader saw when a test failed; skip one that another browser excuses."""
    report = yield
    used, mark = getattr(item, "funcargs", {}), item.get_closest_marker("browser")
    if report.failed and report.when == "call" and "reader" in used:
        name = re.sub(r"[^\w.-]+", "-", item.name)
        for number, page in enumerate(used["reader"].pages):
            page.screenshot(path=SCREENSHOTS / f"{name}-{number}.png")
    if report.failed and mark and "chromium" in used and os.environ.get("CI") != "true":
        version = used["chromium"].version
        if version.split(".")[0] != WRITTEN_FOR:
            why = f"hangs on {mark.args[0]}: written for Chromium {WRITTEN_FOR}, here is {version}"
            report.outcome, report.longrepr = "skipped", (*item.location[:2], f"Skipped: {why}")
    return report
