"""Practice on the page: lines that the reader puts in order, and the page of skills."""

import pytest

from book.press import cells, pages, practice
from tests.site.reader import EDITIONS, ENGLISH, stage

WORDS = ENGLISH.words["order"]


def solve(path):
    """The lines of the exercise In order as its solution has them."""
    sources = {cell["id"]: cell["source"] for cell in cells.read(path)["cells"]}
    rules = practice.rules_of(sources["verdict-order"])
    pieces = practice.take_apart(sources["starter-order"], rules)[1]
    return sorted(pieces, key=sources["solution-order"].index)


@pytest.mark.parametrize("number", [1, 3])
def test_lines_are_put_in_order_by_keys(reader, number):
    """On a phone's width. As it was given the order is wrong, and the verdict says why."""
    page, path = reader.open(stage(number), width=360), pages.stage(number)
    check, told = page.get_by_role("button", name=WORDS["check"]), page.locator(".order > p")
    check.press("Enter")
    before, after = WORDS["soon"].split("{line}")[0], WORDS["soon"].partition("{why}")[2]
    assert told.text_content().startswith(before) and told.text_content().endswith(after)
    assert not page.locator(".order-code").is_visible()
    for place, piece in enumerate(solve(path)):
        shown = page.evaluate(
            "[...document.querySelectorAll('.order li')].map(e => e.dataset.line)"
        )
        up = page.locator(".order li").nth(shown.index(piece)).get_by_role("button").first
        for _ in range(shown.index(piece) - place):
            up.press("Enter")
            up = page.locator(":focus")
            assert told.text_content().startswith(WORDS["place"].partition("{")[0])
    check.press("Enter")
    assert told.text_content() == WORDS["right"]
    page.reload()  # the lines are as they were left
    check.press("Enter")
    assert told.text_content() == WORDS["right"]
    page.get_by_role("button", name=WORDS["again"]).press("Enter")
    check.press("Enter")
    assert told.text_content() != WORDS["right"]


def test_lines_are_dragged(reader):
    page = reader.open(stage(3), reduced_motion="reduce")
    lines = page.locator(".order li")
    last = lines.last.text_content()
    lines.last.scroll_into_view_if_needed()
    start, end = lines.last.locator(".order-handle").bounding_box(), lines.first.bounding_box()
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] - 5, steps=5)
    page.mouse.up()
    assert lines.first.text_content() == last


def test_without_a_script_the_lines_are_code(reader):
    page = reader.open(stage(3), java_script_enabled=False)
    assert page.locator(".order-code pre").is_visible() and not page.locator(".order").is_visible()


@pytest.mark.parametrize("folder", EDITIONS)
def test_skill_has_seven_chances_on_three_pages(folder):
    for skill, chances in practice.find_chances(EDITIONS[folder]).items():
        at = {page for page, _ in chances}
        assert len(chances) >= 7 and len(at) >= 3, f"{skill}: {len(chances)} on {sorted(at)}"
