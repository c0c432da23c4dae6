"""Every page of the site, in both themes and at both widths."""


def test_theme_is_that_of_the_system(page, theme):
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_nothing_scrolls_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
