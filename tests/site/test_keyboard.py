"""The site without a mouse, and what its parts are called for those who do not see it."""

import pytest

from tests.site.reader import CHINESE, ENGLISH, FIRST, FOUND, WIDTHS, stage

PAGES = [FIRST, stage(3), "book/one_curve.html", FOUND]
REACHABLE = "a[href], button, summary, input, select, textarea, [tabindex='0']"
# What has the focus: its HTML, marked as visited, and whether one sees that it has it.
FOCUS = """() => {
    const element = document.activeElement;
    if (element === document.body || "visited" in element.dataset) return null;
    element.dataset.visited = "";
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    const seen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
        && box.width > 0 && box.bottom > 0 && box.top < innerHeight
        && box.right > 0 && box.left < innerWidth;
    const framed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { html: element.outerHTML.slice(0, 200), seen, framed };
}"""
LEFT_OUT = f"""() => [...document.querySelectorAll("{REACHABLE}")].filter(element =>
    element.checkVisibility({{ visibilityProperty: true }}) && element.tabIndex >= 0
    && !element.disabled && !("visited" in element.dataset)
).map(element => element.outerHTML.slice(0, 200))"""

every_width = pytest.mark.parametrize("width", WIDTHS)


@pytest.mark.parametrize(
    ("path", "theme", "width"),  # the dark theme has the same elements, and frames of other colours
    [*((path, "light", width) for path in PAGES for width in WIDTHS), (PAGES[1], "dark", 1280)],
)
def test_tab_goes_everywhere_and_shows_where_it_is(reader, path, theme, width):
    page = reader.open(path, theme, width, reduced_motion="reduce")
    page.evaluate("document.activeElement.blur()")  # the search page begins in its box
    visited = []
    while True:
        page.keyboard.press("Tab")
        if not (stop := page.evaluate(FOCUS)):
            break
        visited.append(stop)
    assert visited
    assert [stop["html"] for stop in visited if not (stop["seen"] and stop["framed"])] == []
    assert page.evaluate(LEFT_OUT) == []


@every_width
def test_skip_link_skips(reader, width):
    page = reader.open(stage(3), width=width, reduced_motion="reduce")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to main content")
    assert link.evaluate("link => link === document.activeElement")
    assert link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("name", ["primary", "secondary"])
def test_menu_opens_and_closes(reader, name):
    """On a narrow screen the pages of the book, and the parts of the page, are behind buttons."""
    page = reader.open(stage(3), width=360, reduced_motion="reduce")
    menu, button = page.locator(f".bd-sidebar-{name}"), page.locator(f".{name}-toggle")
    assert not menu.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.activeElement.closest('.bd-sidebar-{name}') !== null")
    assert menu.is_visible()
    page.keyboard.press("Escape")
    assert button.evaluate("button => button === document.activeElement")
    assert not menu.is_visible()


def test_theme_switch(reader):
    page = reader.open(FIRST)
    page.get_by_role("button", name=ENGLISH.words["site"]["parts"]["light_dark"]).focus()
    themes = []
    for _ in range(3):
        page.keyboard.press("Enter")
        themes.append(page.evaluate("document.documentElement.dataset.theme"))
    assert themes == ["dark", "light", "light"]  # dark, light, and again as the system


def test_folds_open_and_close(reader):
    """What is opened is in the address, so that it can be passed on."""
    page = reader.open(stage(3))
    summaries = page.locator("summary:visible").all()
    assert len(summaries) > 5
    for summary in summaries:
        fold = summary.locator("xpath=..")
        summary.focus()
        page.keyboard.press("Enter")
        assert fold.evaluate("fold => fold.open")
        page.keyboard.press("Space")
        assert not fold.evaluate("fold => fold.open")
    code = page.locator("#solution-2 details pre").first
    assert not code.is_visible()
    page.locator("#solution-2 summary").press("Enter")
    assert code.is_visible()
    assert page.url.endswith("#solution-2")


def test_from_the_landing_page_to_the_last_stage(reader):
    page = reader.open(FIRST)
    last = page.locator(f".stages a[href$='{stage(9)}']")
    for _ in range(60):
        page.keyboard.press("Tab")
        if last.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{stage(9)}")


@pytest.mark.parametrize("edition", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_parts_have_names_in_the_pages_language(reader, edition):
    """What a screen reader says of cells, of the buttons that copy them, of rows of links."""
    page, words = reader.open(f"{edition.name}/{stage(3)}".lstrip("/")), edition.words["site"]
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for kind in "input", "output":
        parts = page.get_by_role("group", name=words["cell"][kind], exact=True)
        buttons = parts.get_by_role("button", name=words["cell"][f"copy_{kind}"], exact=True)
        assert buttons.count() == parts.locator(".highlight").count() > 10
    names = page.get_by_role("navigation").evaluate_all("all => all.map(nav => nav.ariaLabel)")
    assert sorted(names) == sorted(
        [words["run"], *(words["parts"][name] for name in ("pages", "path", "contents"))]
    )
