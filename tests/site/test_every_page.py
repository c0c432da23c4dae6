"""What holds for every page of the site.

That nothing comes from another host, no request fails and the console stays empty, the reader
itself sees to, in all of these tests.
"""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
KB = 1000


def test_page_is_accessible_and_fits(page, theme):
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    faults = [
        f"{violation['id']}: {node['html'][:150]}: {node['failureSummary']}"
        for violation in AXE.run(page).response["violations"]
        for node in violation["nodes"]
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_page_is_light(reader, path):
    page = reader.open(path)
    page.wait_for_load_state("networkidle")
    weights, figures = {}, {}
    for response in reader.responses:
        if not response.url.startswith("data:"):
            kind = figures if "/_images/" in response.url else weights
            kind[response.url] = response.body()
    compressed = sum(len(gzip.compress(body)) for body in weights.values())
    assert sum(map(len, weights.values())) <= 600 * KB
    assert compressed <= 150 * KB
    assert len(weights) <= 20
    assert all(len(body) <= 60 * KB for body in figures.values())
    idle = [url for url in weights if any(name in url for name in ("thebe", "fontawesome", ".map"))]
    assert not idle


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
    assert not [text for text in formulas.all_text_contents() if "\\" in text or not text.strip()]
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}

    def says(node):
        name = node.get("name", {}).get("value", "") if not node["ignored"] else ""
        return name + "".join(says(nodes[each]) for each in node["childIds"] if each in nodes)

    roots = [node for node in tree if node.get("role", {}).get("value") == "MathMLMath"]
    assert len(roots) == formulas.count()
    assert all(says(node).strip() for node in roots)
