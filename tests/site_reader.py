"""A reader of the built site: a real browser, in which every other host is out of reach."""

import pages

SITE = pages.ROOT / "_build" / "site"
PATHS = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if "_static" not in path.parts and path.name != "index.html"  # it leads on at once
)
PAGES = sorted(f"{name}.html" for name in pages.names())  # those with a source
FOUND = ["search.html?q=zero_grad"]  # the search page has much more to show when it has found
THEMES = ["light", "dark"]
WIDTHS = [1280, 360]  # CSS pixels: a laptop and a narrow phone
# No name resolves, so that a request to another host fails like on a machine without network; and
# a proxy of the reader's is not asked.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server"]


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

    def pages(self):
        """All pages that are open."""
        return [page for context in self.contexts for page in context.pages]

    def close(self):
        for context in self.contexts:
            context.close()
