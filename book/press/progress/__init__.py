"""The main line of the book, and what the reader has done of it.

The title cell of a page on the main line is tagged `main-line`, and `minutes-110` for the minutes
that the page takes with its exercises. On the site the way on leads along the main line, too; the
list of pages says what is done and how much is left. What is done is kept by the reader's own
browser, and nowhere else (progress.js).
"""

import json
import re
from html import escape

from book.press import assets, cells, editions


def read_main_line(edition):
    """The pages of the main line, in order: a dictionary of each one's title and minutes."""
    line = {}
    for path in edition.notebooks():
        first, *_ = cells.read(path)["cells"]
        if "main-line" in cells.tags(first):
            (minutes,) = re.findall(r"minutes-(\d+)", " ".join(cells.tags(first)))
            line[edition.name_of(path)] = {"title": cells.title(path), "minutes": int(minutes)}
    return line


def add_way_on(app, pagename, templatename, context, doctree):
    """A place for the reader's mark, and the next page of the main line where the order of the book
    leads elsewhere."""
    line = app.env.main_line
    if pagename not in line:
        return
    after = dict(zip(line, [*line][1:], strict=False)).get(pagename)
    words = editions.find(app).words["progress"]
    way = f'<button type="button" class="mark" hidden>{words["mark"]}</button>'
    if after and (context["next"] or {}).get("link") != context["pathto"](after):
        to = f'<a href="{context["pathto"](after)}">{escape(line[after]["title"])}</a>'
        way += f"<span>{words['next']} {to}</span>"
    context["body"] += f'<p class="way">{way}</p>'


def add_words(app, env, docnames):
    edition = editions.find(app)
    env.main_line = read_main_line(edition)  # once for all pages
    data = {"line": env.main_line, "words": edition.words["progress"]}
    assets.add_to_bundle(app, f"const PROGRESS = {json.dumps(data, ensure_ascii=False)};")


def setup(app):
    app.connect("html-page-context", add_way_on)
    app.connect("env-before-read-docs", add_words, priority=600)  # after broken notebooks are named
    assets.add(app, __file__, "progress.css", "progress.js")
