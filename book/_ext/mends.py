"""Mends in every page what the theme and docutils get wrong, until they do.

Each mend is a text by which to know the files that need it, a pattern, what to write instead, and
why. If such a file lacks the pattern, the build ends with an error: with another version of the
theme the mend may have to change, or to go.
"""

import re
from pathlib import Path

from sphinx.errors import ExtensionError

PAGES = [
    (
        "</head>",
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
        "</head>",
        # A screen reader jumps from landmark to landmark; the book's name stood in none.
        r'<div class="bd-sidebar-primary bd-sidebar',
        '<div role="complementary" aria-label="The book" class="bd-sidebar-primary bd-sidebar',
    ),
    (
        'class="citation-list"',
        # A list has items; the roles that docutils gives them are deprecated.
        r'(<div class="citation"[^>]*) role="doc-biblioentry"',
        r'\1 role="listitem"',
    ),
    (
        "Toggle hidden content",
        # A screen reader read this out for every fold, and not what the summary says is inside.
        ' aria-label="Toggle hidden content"',
        "",
    ),
    (
        "search-button-field",
        # The button is named by its text, which has the keys too.
        r'(search-button-field [^>]*) aria-label="Search"',
        r"\1",
    ),
    (
        "</head>",
        # The theme says three times that the page is as wide as the screen.
        r'(?s)<meta name="viewport"[^>]*>\s*(?=.*<meta name="viewport")',
        "",
    ),
]

SCRIPTS = [
    (
        "tabIndex",
        # What scrolls can be reached by keyboard. The script sees to that for code only.
        r'querySelectorAll\("pre, ',
        'querySelectorAll("pre, div.math, .pst-scrollable-table-container, ',
    ),
]


def mend(path, mends):
    """Apply to the file those of the mends that it needs."""
    text = path.read_text(encoding="utf-8")
    for marker, pattern, instead in mends:
        if marker in text:
            text, found = re.subn(pattern, instead, text)
            if not found:
                raise ExtensionError(
                    f"mends: error: the theme has changed, {path.name} has nothing like {pattern}"
                )
    path.write_text(text, encoding="utf-8")


def mend_all(app, error):
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    for page in site.rglob("*.html"):
        if static not in page.parents:
            mend(page, PAGES)
    mend(static / "scripts" / "pydata-sphinx-theme.js", SCRIPTS)


def setup(app):
    app.connect("build-finished", mend_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
