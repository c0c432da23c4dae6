"""A reader of the built site: a real browser, in which every other host is out of reach."""

from pathlib import Path

import pytest
from browser import serve
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"

PATHS = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if "_static" not in path.parts and path != SITE / "index.html"  # it leads on at once
)
FOUND = ["search.html?q=zero_grad"]  # the search page has much more to show when it has found
THEMES = ["light", "dark"]
WIDTHS = [1280, 360]  # CSS pixels: a laptop and a narrow phone


@pytest.fixture(scope="session")
def chromium(executable):
    """The browser, which runs while there are tests."""
    if not PATHS:
        pytest.fail("there is no site in _build/html: run `make book` first", pytrace=False)
    # No name resolves, so that a request to another host fails like on a machine without network.
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address():
    """The address of the served site, without a slash at its end."""
    with serve(SITE) as address:
        yield address


class Reader:
    """Opens pages, each as on a first visit, and keeps a list of what goes wrong in them."""

    def __init__(self, chromium, address):
        self.chromium, self.address = chromium, address
        self.contexts = []
        self.trouble = []  # a line each: console errors and warnings, failed and refused requests
        self.responses = []  # Playwright's, of the page opened last

    def open(self, path, theme="light", width=1280, **options):
        """The Playwright page of e.g. "book/intro.html", loaded, for a reader whose system has this
        theme, in a window `width` pixels wide; options are those of Playwright's new_context."""
        size = {"width": width, "height": 800}
        context = self.chromium.new_context(
            base_url=self.address, color_scheme=theme, viewport=size, **options
        )
        self.contexts.append(context)
        self.responses = []
        page = context.new_page()
        page.on("console", self.note_message)
        page.on("pageerror", lambda error: self.trouble.append(f"script error: {error}"))
        page.on("request", self.note_request)
        page.on("requestfailed", self.note_failure)
        page.on("response", self.note_response)
        page.goto(f"/{path}")
        if "?q=" in path:
            page.locator("#search-status:not(:empty)").wait_for()
        return page

    def note_message(self, message):
        if message.type in ("error", "warning"):
            self.trouble.append(f"console {message.type}: {message.text[:300]}")

    def note_request(self, request):
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.trouble.append(f"request to another host: {request.url}")

    def note_failure(self, request):
        if request.failure == "net::ERR_ABORTED":  # the reader went on before it was there
            return
        self.trouble.append(f"request failed: {request.url}: {request.failure}")

    def note_response(self, response):
        self.responses.append(response)
        if response.status >= 400:
            self.trouble.append(f"request answered with {response.status}: {response.url}")


@pytest.fixture
def reader(chromium, address):
    """A reader for whom nothing may go wrong: a test fails over any trouble that it leaves in the
    list, also over what happens after the page is open. Expected trouble it takes out itself."""
    reader = Reader(chromium, address)
    yield reader
    for context in reader.contexts:
        context.close()
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


@pytest.fixture
def page(reader, path, theme, width):
    """Every page in every theme and at every width, open."""
    return reader.open(path, theme, width)
