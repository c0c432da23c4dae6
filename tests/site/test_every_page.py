"""What holds for every page: of the Chinese edition for a page of each kind, since it has the
skeleton of the English one (test_pages.py).

That nothing comes from another host, no request fails and the console stays empty, the reader
itself sees to, in all of these tests.
"""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.site.reader import FIRST, KINDS, PATHS, THEMES, parse

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
OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true })"
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
WIDE = "all => all.filter(pre => pre.scrollWidth > pre.clientWidth).map(pre => pre.textContent)"
MOVING = """() => [document.documentElement, ...document.querySelectorAll("*")].filter(element =>
    ["", "::before", "::after"].some(part => {
        const style = getComputedStyle(element, part || null);
        return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0
            || style.scrollBehavior !== "auto";
    })).map(element => element.outerHTML.slice(0, 100))"""
KB = 1000

every_page = pytest.mark.parametrize("path", PATHS)
every_kind = pytest.mark.parametrize("path", KINDS)


def resize(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_timeout(500)  # the theme waits for the end of resizing, too


def find_faults(page, rules):
    return [
        f"{violation['id']}: {node['html'][:150]}: {node['failureSummary']}"
        for violation in AXE.run(page, options=rules).response["violations"]
        for node in violation["nodes"]
    ]


def count_spoken_formulas(page):
    """How many formulas are maths objects with text in the tree that a screen reader gets."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}

    def says(node):
        name = node.get("name", {}).get("value", "") if not node["ignored"] else ""
        return name + "".join(says(nodes[each]) for each in node["childIds"] if each in nodes)

    formulas = [node for node in tree if node.get("role", {}).get("value") == "MathMLMath"]
    return len([node for node in formulas if says(node).strip()])


@pytest.mark.browser("axe's rules and the tree that a screen reader gets")
@every_page
def test_page_is_accessible(reader, path):
    page = reader.open(path, reduced_motion="reduce")  # a theme comes at once
    page.evaluate(OPEN)
    page.evaluate(THIN_OUT)
    formulas = page.locator("math").count()
    assert formulas > 20 or path != "book/gradients.html"
    assert count_spoken_formulas(page) == formulas
    faults = find_faults(page, ALL)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    faults += find_faults(page, COLOURS)
    if path in KINDS:  # what a phone alone has: bars and buttons
        resize(page, 360)
        faults += find_faults(page, ALL)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.wait_for_function("document.documentElement.dataset.theme === 'light'")
        faults += find_faults(page, COLOURS)
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@every_page
def test_page_fits_is_light_and_moves_for_nobody_who_minds(reader, path):
    """Only what the keyboard reaches scrolls sideways; code has 14 px from a window of 1280 px on,
    and at 1440 px none of its lines scrolls. One box to search: on a phone a button opens it."""
    page = reader.open(path, width=360, reduced_motion="reduce")
    page.wait_for_load_state("networkidle")
    loaded = {
        response.url: response.body()
        for response in reader.responses
        if not response.url.startswith("data:") and "/_images/" not in response.url
    }
    assert len(loaded) <= 20
    assert sum(len(body) for body in loaded.values()) <= 600 * KB
    most = 170 if path.startswith("zh/search") else 150  # all of the book's text, in Chinese
    assert sum(len(gzip.compress(body)) for body in loaded.values()) <= most * KB
    page.evaluate(OPEN)
    code = page.locator("div.cell_input pre")
    for width in 360, 1280:
        if width > 360:
            resize(page, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUT_OF_REACH) == []
        assert page.locator(":is(input[name=q], .search-button__button):visible").count() == 1
    if code.count():
        size = code.first.evaluate("pre => getComputedStyle(pre).fontSize")
        assert float(size.removesuffix("px")) >= 14
    page.set_viewport_size({"width": 1440, "height": 800})
    assert not path.startswith("notebooks/") or code.evaluate_all(WIDE) == []
    assert path not in KINDS or page.evaluate(MOVING) == []


@every_kind
def test_page_is_there_without_scripts(reader, path):
    path = path.partition("?")[0]
    page = reader.open(path, java_script_enabled=False)
    assert page.locator("article h1").is_visible()
    least = 400 if parse(path).select("article section") else 20
    assert len(page.locator("article").inner_text()) > least
    assert [lab for lab in page.locator(".lab").all() if lab.is_visible()] == []


@pytest.mark.parametrize("theme", THEMES)
def test_bars_are_seen_in_forced_colours(reader, theme):
    """The landing page's picture is made of backgrounds, which the reader's system paints over."""
    page = reader.open(FIRST, theme, forced_colors="active")
    behind = page.evaluate("getComputedStyle(document.body).backgroundColor")
    bars = page.locator(".loops i").evaluate_all("""all => all.map(bar => {
        const style = getComputedStyle(bar);
        return style.backgroundImage === "none" ? style.backgroundColor : style.backgroundImage;
    })""")
    assert len(set(bars)) == 4, "three jobs have a colour each, all at once have a gradient"
    assert not {behind, "rgba(0, 0, 0, 0)"} & set(bars)
