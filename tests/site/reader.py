"""The site and a reader of it: a real browser, in which every other host is out of reach."""

from functools import cache

from bs4 import BeautifulSoup

from book.press import editions, pages

SITE = pages.ROOT / "_build" / "site"
ENGLISH, CHINESE = (editions.Edition(pages.ROOT, name) for name in ("", "zh"))
EDITIONS = {"": ENGLISH, "zh/": CHINESE}  # by their folders
# No name resolves, so that a request to another host fails like on a machine without network; and
# a proxy of the reader's is not asked.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server"]
OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true })"


def stage(number):
    """The page of a stage, such as "notebooks/03_autograd.html"."""
    return f"notebooks/{pages.stage(number).stem}.html"


FIRST = f"{pages.names()[0]}.html"
PAGES = [f"{name}.html" for name in pages.names()]  # those with a source
# One page of each kind: all that a style sheet or a script of ours is for is on one of them.
FOUND = "search.html?q=zero_grad"  # the search page has much more to show when it has found
KINDS = [FIRST, stage(3), "book/then_and_now.html", "book/glossary.html", "404.html", FOUND]
ENGLISH_PATHS = list(dict.fromkeys([*PAGES, *KINDS]))
CHINESE_KINDS = [f"zh/{path}" for path in [*KINDS[:-1], "search.html?q=学习率"]]


@cache
def parse(path):
    """The HTML of a page."""
    return BeautifulSoup((SITE / path).read_text(encoding="utf-8"), "lxml")


class Reader:
    """Opens pages, each as on a first visit, and keeps a list of what goes wrong in them."""

    def __init__(self, chromium, address):
        self.chromium, self.address = chromium, address
        self.pages, self.trouble = [], []  # of the latter a line each
        self.responses = []  # Playwright's, of all pages

    def open(self, path, theme="light", width=1280, **options):
        """The Playwright page of e.g. "book/intro.html", loaded, for a reader whose system has this
        theme, in a window `width` pixels wide; options are those of Playwright's new_context."""
        options |= {"color_scheme": theme, "viewport": {"width": width, "height": 800}}
        page = self.chromium.new_context(base_url=self.address, **options).new_page()
        self.pages.append(page)
        page.on("console", self.note_message)
        page.on("pageerror", lambda error: self.trouble.append(f"script error: {error}"))
        page.on("response", lambda response: self.responses.append(response))
        page.goto(path if path.startswith("file:") else f"/{path}")
        if "?q=" in path:
            page.locator("#search-status:not(:empty)").wait_for()
        return page

    def note_message(self, message):
        """Also failed requests, which the browser tells its console."""
        if message.type in ("error", "warning"):
            self.trouble.append(f"{message.type}: {message.text[:300]} {message.location['url']}")
