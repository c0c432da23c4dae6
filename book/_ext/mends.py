"""Mends in every page what the theme and docutils get wrong, until they do.

Each mend is a pattern, what to write instead, and why. One that finds nothing in the whole book
ends the build: with another version of the theme it may have to go.
"""

import re
from pathlib import Path

from sphinx.errors import ExtensionError

PAGES = [
    (
        # With the mode left empty the theme's script complains, and it comes last: until then the
        # dark theme would be white.
        r"(document\.documentElement\.dataset\.(mode|theme) = .*\s*){2}",
        """const mode = localStorage.getItem("mode") || "auto";
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const theme = mode === "auto" ? system : mode;
    Object.assign(document.documentElement.dataset, { mode, theme });
  """,
    ),
    (
        # A screen reader jumps from landmark to landmark; the book's name stood in none.
        r'<div class="bd-sidebar-primary bd-sidebar',
        '<div role="complementary" aria-label="The book" class="bd-sidebar-primary bd-sidebar',
    ),
    (
        # A list has items; the roles that docutils gives them are deprecated.
        r'(<div class="citation"[^>]*) role="doc-biblioentry"',
        r'\1 role="listitem"',
    ),
    # The theme says three times that the page is as wide as the screen.
    (r'(?s)<meta name="viewport"[^>]*>\s*(?=.*<meta name="viewport")', ""),
]

SCRIPTS = [
    (
        # What scrolls can be reached by keyboard. The script sees to that for code only.
        r'querySelectorAll\("pre, ',
        'querySelectorAll("pre, div.math, .pst-scrollable-table-container, ',
    ),
]


def mend(paths, mends):
    """Apply the mends to the files."""
    missing = dict(mends)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for pattern, instead in mends:
            text, found = re.subn(pattern, instead, text)
            if found:
                missing.pop(pattern, None)
        path.write_text(text, encoding="utf-8")
    for pattern in missing:
        raise ExtensionError(f"mends: error: nothing to mend, the theme has changed: {pattern}")


def mend_all(app, error):
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    mend([path for path in sorted(site.rglob("*.html")) if static not in path.parents], PAGES)
    mend([static / "scripts" / "pydata-sphinx-theme.js"], SCRIPTS)


def setup(app):
    app.connect("build-finished", mend_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
