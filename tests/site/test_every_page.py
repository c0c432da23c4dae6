"""What holds for every page of the site, in both themes and at both widths.

That nothing comes from another host, no request fails and the console stays empty, the reader
itself sees to.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

AXE = Axe()


def test_theme_is_that_of_the_system(page, theme):
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_nothing_scrolls_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_axe_finds_nothing(page):
    violations = AXE.run(page).response["violations"]
    faults = [
        f"{violation['id']}: {node['html'][:150]}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
