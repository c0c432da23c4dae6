"""What holds for every page of the site.

That nothing comes from another host, no request fails and the console stays empty, the reader
itself sees to, in all of these tests.
"""

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from fontTools.ttLib import TTFont
from site_reader import FOUND, PAGES, SITE

AXE = Axe()
TAGS = "wcag2a wcag2aa wcag2aaa wcag21a wcag21aa wcag22aa best-practice experimental"
OFF = {"enabled": False}
ALL = {  # the rules, also the strictest and the experimental, but one
    "runOnly": TAGS.split(),
    "resultTypes": ["violations"],  # it takes three times as long to report what is right, too
    # scrollable-region-focusable wants what this one forbids
    "rules": {"focus-order-semantics": OFF},
}
# Nine tenths of axe's time are for colours, which a theme changes and, but for the bars and buttons
# that a phone alone has, no width does. Those are the same on all pages of a kind.
NAMES = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
COLOURS = ALL | {"runOnly": {"type": "rule", "values": NAMES}}
OTHERS = ALL | {"rules": ALL["rules"] | dict.fromkeys(NAMES, OFF)}
KINDS = ["book/intro.html", "notebooks/03_autograd.html", *FOUND, "404.html"]
# What scrolls sideways and takes no focus: axe overlooks it.
OUT_OF_REACH = """() => [...document.querySelectorAll("article *")].filter(element =>
    element.scrollWidth > element.clientWidth + 1
    && /auto|scroll/.test(getComputedStyle(element).overflowX)
    && element.tabIndex < 0 && !element.querySelector("a[href], button, [tabindex='0']")
).map(element => element.outerHTML.slice(0, 150))"""
KB = 1000


def report_faults(page, rules):
    faults = [
        f"{violation['id']}: {node['html'][:150]}: {node['failureSummary']}"
        for violation in AXE.run(page, options=rules).response["violations"]
        for node in violation["nodes"]
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.mark.parametrize(
    ("theme", "width", "rules"),
    [("light", 1280, ALL), ("dark", 1280, COLOURS), ("light", 360, OTHERS)],
    ids=["light", "dark", "narrow"],
)
def test_page_is_accessible_and_fits(reader, path, theme, width, rules):
    page = reader.open(path, theme, width)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUT_OF_REACH) == []
    report_faults(page, rules)


@pytest.mark.parametrize("path", KINDS)
def test_colours_of_a_phone(reader, path, theme):
    report_faults(reader.open(path, theme, 360), COLOURS)


def test_theme_is_set_before_anything_is_painted(reader, theme):
    page = reader.open("book/intro.html", theme)
    page.add_init_script("""new MutationObserver(() => {
        if (document.body) window.early ??= document.documentElement.dataset.theme ?? "none";
    }).observe(document, { childList: true, subtree: true })""")  # when the body begins
    page.reload()
    assert page.evaluate("early") == theme


def test_page_is_light(reader, path):
    page = reader.open(path)
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


def test_figures_are_light():
    figures = list(SITE.glob("_images/*"))
    assert figures
    assert [path.name for path in figures if path.stat().st_size > 60 * KB] == []


def test_nothing_idle_is_published():
    """What no page of this book uses of the theme: see book/_tools/publish.py."""
    idle = re.compile(r"\.map$|fontawesome.*\.(js|css|ttf|woff2)$|thebe|hypothes|utteranc|toggle")
    assert [path for path in SITE.rglob("*") if idle.search(path.as_posix())] == []


def test_every_icon_is_there():
    """Of those that pages and style sheets name, in the font and in icons.css."""
    css = (SITE / "_static" / "site.css").read_text(encoding="utf-8")
    brands = set("\uf09b\uf296")  # GitHub's and GitLab's stand beside links that no page has
    icons = {ord(icon) for icon in set(re.findall("[\ue000-\uf8ff]", css)) - brands}
    assert len(icons) > 10
    assert icons - set(TTFont(SITE / "_static" / "icons.woff").getBestCmap()) == set()
    for path in PAGES:
        names = re.findall(r'class="[^"]*\bfa-solid (fa-[\w-]+)', (SITE / path).read_text("utf-8"))
        assert names
        assert [name for name in names if f".{name}{{--icon:" not in css] == []


@pytest.mark.parametrize("path", KINDS)  # one rule of ours is for all that a style sheet can name
def test_less_motion_for_who_asks_for_it(reader, path):
    page = reader.open(path, reduced_motion="reduce")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter(element =>
        ["", "::before", "::after"].some(part => {
            const style = getComputedStyle(element, part || null);
            return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
        })).map(element => element.outerHTML.slice(0, 100))""")
    assert moving == []
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_formulas_are_there_for_a_screen_reader(reader, path):
    """Every formula is a maths object with text in the tree that the browser hands to it."""
    page = reader.open(path)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    formulas = page.locator("math")
    assert formulas.count() > 20 or path != "book/gradients.html"
    assert not [text for text in formulas.all_text_contents() if "\\" in text or not text.strip()]
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}

    def says(node):
        name = node.get("name", {}).get("value", "") if not node["ignored"] else ""
        return name + "".join(says(nodes[each]) for each in node["childIds"] if each in nodes)

    roots = [node for node in tree if node.get("role", {}).get("value") == "MathMLMath"]
    assert len(roots) == formulas.count()
    assert all(says(node).strip() for node in roots)


@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith("notebooks/")])
def test_code_is_large_enough_to_read_and_fits(reader, path):
    """14 px from a window of 1280 px on; at 1440 px no line of code scrolls."""
    page = reader.open(path, width=1280)
    size = "getComputedStyle(document.querySelector('div.cell_input pre')).fontSize"
    assert float(page.evaluate(size).removesuffix("px")) >= 14
    page.set_viewport_size({"width": 1440, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert (
        page.evaluate("""() => [...document.querySelectorAll("div.cell_input pre")]
        .filter(pre => pre.scrollWidth > pre.clientWidth).map(pre => pre.textContent)""")
        == []
    )
