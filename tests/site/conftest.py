"""The reader of the built site, for the tests in this folder."""

import re

import pages
import pytest
from browser import serve
from playwright.sync_api import sync_playwright
from site_reader import ARGUMENTS, FOUND, PATHS, SITE, THEMES, WIDTHS, Reader

SCREENSHOTS = pages.ROOT / "_build" / "reports" / "screenshots"


@pytest.fixture(autouse=True, scope="session")
def site():
    """There must be one."""
    if not PATHS:
        pytest.fail("there is no site in _build/site: run `make book` first", pytrace=False)


@pytest.fixture(scope="session")
def chromium(executable, site):
    """The browser, which runs while there are tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(site):
    """The address of the served site, without a slash at its end."""
    with serve(SITE) as address:
        yield address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep what the reader saw when a test failed."""
    report = yield
    reader = getattr(item, "funcargs", {}).get("reader")
    if report.failed and reader:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.-]+", "-", item.name)
        for number, page in enumerate(reader.pages()):
            page.screenshot(path=SCREENSHOTS / f"{name}-{number}.png")
    return report


@pytest.fixture
def reader(chromium, address):
    """A reader for whom nothing may go wrong: a test fails over any trouble that it leaves in the
    list, also over what happens after the page is open. Expected trouble it takes out itself."""
    reader = Reader(chromium, address)
    yield reader
    reader.close()
    if reader.trouble:
        pytest.fail("\n".join(dict.fromkeys(reader.trouble)), pytrace=False)


@pytest.fixture(params=[*PATHS, *FOUND])
def path(request):
    """The path of every page in turn, such as "book/intro.html", or of a search."""
    return request.param


@pytest.fixture(params=THEMES)
def theme(request):
    return request.param


@pytest.fixture(params=WIDTHS, ids=[f"{width}px" for width in WIDTHS])
def width(request):
    return request.param
