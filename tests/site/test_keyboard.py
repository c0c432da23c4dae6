"""The site without a mouse: every link and button has its turn, and one sees which has it."""

import pytest

from tests.site.reader import ENGLISH, FIRST, FOUND, stage

REACHABLE = "a[href], button, summary, input, select, textarea, [tabindex='0']"
# What has the focus: its HTML, marked as visited, and whether one sees that it has it.
FOCUS = """() => {
    const element = document.activeElement;
    if (element === document.body || "visited" in element.dataset) return null;
    element.dataset.visited = "";
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    const seen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
        && box.width > 0 && box.bottom > 0 && box.top < innerHeight
        && box.right > 0 && box.left < innerWidth
        && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { html: element.outerHTML.slice(0, 200), seen };
}"""
LEFT_OUT = f"""() => [...document.querySelectorAll("{REACHABLE}")].filter(element =>
    element.checkVisibility({{ visibilityProperty: true }}) && element.tabIndex >= 0
    && !element.disabled && !("visited" in element.dataset)
).map(element => element.outerHTML.slice(0, 200))"""
VISITS = [(FIRST, 1280), (stage(3), 1280), (stage(3), 360), (FOUND, 360)]


@pytest.mark.parametrize(("path", "width"), VISITS)
def test_tab_goes_everywhere_and_shows_where_it_is(reader, path, width):
    page, stops = reader.open(path, width=width, reduced_motion="reduce"), []
    page.evaluate("document.activeElement.blur()")  # the search page begins in its box
    page.keyboard.press("Tab")
    while stop := page.evaluate(FOCUS):
        stops.append(stop)
        page.keyboard.press("Tab")
    assert stops and [stop["html"] for stop in stops if not stop["seen"]] == []
    assert page.evaluate(LEFT_OUT) == []


@pytest.mark.parametrize("keeps", [True, False], ids=["", "storage refused"])
def test_buttons_of_a_phone(reader, keeps):
    """The menus of the book and of the page, the search, the theme: also in a browser that is to
    keep nothing, like this one in a frame without an origin, where `localStorage` is an error."""
    page = reader.open(stage(3), width=360, reduced_motion="reduce")
    if not keeps:
        free = {"access-control-allow-origin": "*"}  # to such a frame our fonts are another site's
        page.route("**/*.woff*", lambda route: route.fulfill(response=route.fetch(), headers=free))
        style = "position: fixed; inset: 0; width: 100%; height: 100%; border: 0"
        page.set_content(f'<iframe sandbox="allow-scripts" src="{page.url}" style="{style}">')
        page.wait_for_load_state("networkidle")
    here = page.frames[-1]
    assert here.evaluate("self.origin === 'null'") != keeps
    for name in "primary", "secondary":
        menu, button = here.locator(f".bd-sidebar-{name}"), here.locator(f".{name}-toggle")
        assert not menu.is_visible()
        button.press("Enter")
        here.wait_for_function(f"document.activeElement.closest('.bd-sidebar-{name}') !== null")
        page.keyboard.press("Escape")
        menu.wait_for(state="hidden")
        assert button.evaluate("button => button === document.activeElement")
    here.locator(".secondary-toggle").press("Enter")
    here.locator("nav.page-toc a").first.press("Enter")  # which leads away from the list
    here.locator(".bd-sidebar-secondary").wait_for(state="hidden")
    page.keyboard.press("Control+k")
    here.locator("input[name=q]:visible").wait_for()
    page.keyboard.press("Escape")
    themes = ENGLISH.words["site"]["themes"]
    for theme, mode in ("dark", "dark"), ("light", "light"), ("light", "auto"):
        button = here.locator(".theme-switch-button:visible")
        button.press("Enter")
        assert here.locator("html").get_attribute("data-theme") == theme
        here.wait_for_function(f"document.activeElement.title.endsWith(': {themes[mode]}')")


def test_button_of_the_list_keeps_the_focus(reader):
    """On a wide page, where it takes the list away, and brings it back."""
    page = reader.open(stage(3))
    button = page.locator(".primary-toggle")
    button.focus()
    for shown in "false", "true":
        page.keyboard.press("Enter")
        page.wait_for_timeout(600)  # it slides
        assert button.get_attribute("aria-expanded") == shown
        assert button.evaluate("button => button === document.activeElement")
        in_view = page.locator(".bd-links").evaluate("e => e.getBoundingClientRect().right > 0")
        assert in_view == (shown == "true")


def test_search_closes_when_the_keyboard_leaves_it(reader):
    """Its magnifier stands before the words, nothing lies over them, its frame is the input's."""
    page = reader.open(stage(3), reduced_motion="reduce")
    page.keyboard.press("Control+k")
    box, sign = (page.locator(f".search-button__wrapper {each}") for each in ("input", "i"))
    start = "e => e.getBoundingClientRect().x + parseFloat(getComputedStyle(e).paddingLeft)"
    assert sign.evaluate("e => e.getBoundingClientRect().right") <= box.evaluate(start)
    assert page.locator(".bd-search kbd:visible").count() == 0
    frames = box.bounding_box()["x"], box.locator("..").bounding_box()["x"]
    assert frames[0] - frames[1] < 2
    page.keyboard.press("Tab")
    box.wait_for(state="hidden")


@pytest.mark.parametrize("width", [390, 1280])
def test_top_bar_leaves_the_page_where_it_is(reader, width):
    page = reader.open(stage(3), width=width, reduced_motion="reduce")
    page.evaluate("scrollTo(0, 5000)")
    for button in page.locator(".bd-header-article :is(a, button)").all():
        if button.is_visible():
            button.focus()
            page.wait_for_timeout(50)
            assert page.evaluate("scrollY") == 5000, button.inner_html()


@pytest.mark.parametrize(("system", "chosen"), [("light", "dark"), ("dark", "light")])
def test_chosen_theme_stays_and_is_set_before_anything_is_painted(reader, system, chosen):
    page = reader.open(FIRST, system)
    page.add_init_script("""new MutationObserver(() => {
        if (document.body) window.early ??= document.documentElement.dataset.theme ?? "none";
    }).observe(document, { childList: true, subtree: true })""")  # when the body begins
    page.reload()
    assert page.evaluate("early") == system
    page.get_by_role("button", name=ENGLISH.words["site"]["parts"]["light_dark"]).press("Enter")
    page.reload()
    assert page.evaluate("early") == chosen
