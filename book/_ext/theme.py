"""Puts right in a page, before it is written, what docutils, myst-nb and the theme's script get
wrong. What the theme's templates get wrong is put right in book/_templates."""

import re

BODY = {
    # A list has items; the roles that docutils gives them are deprecated.
    r'(<div class="citation"[^>]*) role="doc-biblioentry"': r'\1 role="listitem"',
    # A screen reader read this out for every fold, and not what the summary says is inside.
    ' aria-label="Toggle hidden content"': "",
}


def put_right(app, pagename, templatename, context, doctree):
    for pattern, instead in BODY.items():
        context["body"] = re.sub(pattern, instead, context.get("body", ""))


def setup(app):
    app.add_js_file("scrollable.js")
    app.connect("html-page-context", put_right)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
