"""What holds for every page: of the Chinese edition for a page of each kind, since it has the
skeleton of the English one (test_pages.py).

That nothing comes from another host, no request fails and the console stays empty, the reader
itself sees to, in all of these tests.
"""

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.site.reader import CHINESE_KINDS, ENGLISH, ENGLISH_PATHS, FIRST, KINDS, OPEN, parse

AXE = Axe()
TAGS = "wcag2a wcag2aa wcag2aaa wcag21a wcag21aa wcag22aa best-practice experimental"
ALL = {  # the rules, also the strictest (contrast 7 to 1) and the experimental, but two
    "runOnly": TAGS.split(),
    "resultTypes": ["violations"],  # it takes three times as long to report what is right, too
    # One forbids what scrollable-region-focusable wants; the enhanced contrast is more than this.
    "rules": {"focus-order-semantics": {"enabled": False}, "color-contrast": {"enabled": False}},
}
NAMES = ["color-contrast-enhanced", "link-in-text-block"]
COLOURS = ALL | {"runOnly": {"type": "rule", "values": NAMES}}  # what a theme changes
# Most of axe's time goes into the tokens of programs. One of each kind has the colours of all.
THIN_OUT = """() => {
    const seen = new Set();
    for (const token of document.querySelectorAll("pre span:not(:empty)")) {
        const around = token.closest("del, ins, .cell_output")?.tagName;
        const kind = `${token.className} in ${around} in ${token.parentElement.className}`;
        if (seen.has(kind)) token.replaceWith(...token.childNodes);
        seen.add(kind);
    }
}"""
# What scrolls sideways and takes no focus: axe overlooks it.
OUT_OF_REACH = """() => [...document.querySelectorAll("article *")].filter(element =>
    element.scrollWidth > element.clientWidth + 1
    && /auto|scroll/.test(getComputedStyle(element).overflowX)
    && element.tabIndex < 0 && !element.querySelector("a[href], button, [tabindex='0']")
).map(element => element.outerHTML.slice(0, 150))"""

# What is cut on the right and does not show it.
CUT = """() => [...document.querySelectorAll("article :is(pre, .math)")].filter(element =>
    element.scrollWidth > element.clientWidth + 1 && !element.classList.contains("more")
).map(element => element.outerHTML.slice(0, 150))"""

PATHS = [*ENGLISH_PATHS, *CHINESE_KINDS]
every_page = pytest.mark.parametrize("path", PATHS)
# The rules take long: daily for a page of each kind, weekly for all. So does a wide window.
DAILY = {*KINDS, *CHINESE_KINDS}
by_rules = [pytest.param(path, marks=[pytest.mark.weekly] * (path not in DAILY)) for path in PATHS]


def find_faults(page, rules):
    return [
        f"{violation['id']}: {node['html'][:150]}: {node['failureSummary']}"
        for violation in AXE.run(page, options=rules).response["violations"]
        for node in violation["nodes"]
    ]


def count_spoken_formulas(page):
    """How many formulas are maths objects with parts in the tree that a screen reader gets."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in tree if node["childIds"]]
    return roles.count("MathMLMath")


@pytest.mark.browser("axe's rules and the tree that a screen reader gets")
@pytest.mark.parametrize("path", by_rules)
def test_page_is_accessible(reader, path):
    page = reader.open(path, reduced_motion="reduce")  # a theme comes at once
    page.evaluate(OPEN)
    page.evaluate(THIN_OUT)
    assert count_spoken_formulas(page) == page.locator("math").count()
    faults = find_faults(page, ALL)
    if path in KINDS:
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        faults += find_faults(page, COLOURS)
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@every_page
def test_page_fits_and_is_light(reader, path):
    """Only what the keyboard reaches scrolls sideways. One box to search: on a phone a button opens
    it."""
    page = reader.open(path, width=360, reduced_motion="reduce")
    page.wait_for_load_state("networkidle")
    loaded = [each for each in reader.responses if not re.match("data:|.*/_images/", each.url)]
    weights = {each.url: len(gzip.compress(each.body())) for each in loaded}
    most = 500_000 if "search.html?" in path else 175_000  # it looks through the whole text
    assert len(weights) <= 20 and sum(weights.values()) <= most
    page.evaluate(OPEN)
    for width in (360, 1280) if path in DAILY else (360,):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("() => new Promise(requestAnimationFrame)")  # the page has seen the new width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUT_OF_REACH) == []
        assert page.evaluate(CUT) == []
        assert page.locator(":is(input[name=q], .search-button__button):visible").count() == 1


BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize("path", [*KINDS[:-1], "search.html"])
def test_page_is_there_without_scripts(reader, path):
    page = reader.open(path, java_script_enabled=False)
    assert page.locator("article h1").is_visible()
    light = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(BACKGROUND) != light
    least = 400 if parse(path).select("article section") else 20
    assert len(page.locator("article").inner_text()) > least
    assert [lab for lab in page.locator(".lab").all() if lab.is_visible()] == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.locator(".sidebar-toggle:visible").count() == 0  # they would do nothing
    if path in ("404.html", "search.html"):  # another way for who looks for something
        article, name = page.locator("article"), ENGLISH.words["site"]["glossary"]
        assert article.get_by_role("link", name=name).is_visible()
    assert page.locator("nav.bd-links").is_visible() or path == "404.html"


def test_bars_are_seen_in_forced_colours(reader):
    """The landing page's picture is made of backgrounds, which the reader's system paints over."""
    bars = reader.open(FIRST, forced_colors="active").locator(".loops i")
    kinds = bars.evaluate_all("all => all.map(bar => getComputedStyle(bar).background)")
    assert len(set(kinds)) == 4, "three jobs have a colour each, all at once have a gradient"


# Words of code in tables, and lines of output, that stand on more than one line.
TORN = """() => [...document.querySelectorAll(
    "td code .pre, .output:not(.long) pre"
)].flatMap((part) => {
    const text = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), torn = [];
    while (text.nextNode()) for (const word of text.currentNode.data.matchAll(/[\\w+-]{3,}/g)) {
        const range = document.createRange();
        range.setStart(text.currentNode, word.index);
        range.setEnd(text.currentNode, word.index + word[0].length);
        if (range.getClientRects().length > 1) torn.push(word[0]);
    }
    return torn;
})"""


@pytest.mark.parametrize("path", ["book/then_and_now.html", "notebooks/09_dynamic_net.html"])
def test_no_name_or_number_is_torn_on_a_phone(reader, path):
    page = reader.open(path, width=360, reduced_motion="reduce")
    page.evaluate(OPEN)
    assert page.evaluate(TORN) == []
