"""Replaces the search: what one looks for leads to its place on a page.

Sphinx's own search leads to the top of a page, wants every word to be there (an error message with
the reader's own shapes in it finds nothing), and fetches every page that it found. Here a place is
a section, a folded mistake or solution, a term of the glossary, or a row of a table, found first
under the words of its title: as an old name is the title of its row in *Then and now*. The places
with their texts are in search-places.js, which the search page alone loads: a script, because a
page that is opened from the file system may not fetch.
"""

import json
from pathlib import Path

from bs4 import BeautifulSoup
from words import of

PLACES = "section[id], .tag_solution, dl.glossary dt, tbody tr"
TITLES = "h1, h2, h3, h4, summary, td"
APART = "math, .headerlink, .stage-diff, .page-links, .tag_hide-input .cell_input"


def text_of(element):
    return " ".join(element.get_text().split())


def find_places(body):
    """The places of a page, from its HTML, as dictionaries of id, title and text, in order."""
    page = BeautifulSoup(body, "html.parser")
    for element in page.select(APART):
        element.decompose()
    places = []
    for element in reversed(page.select(PLACES)):  # what is inside of a place comes before it
        place = {"id": element.get("id") or element.find_parent(id=True)["id"]}
        title = element if element.name == "dt" else element.select_one(TITLES)
        content = element.find_next_sibling("dd") if element.name == "dt" else element
        place["title"] = text_of(title.select_one(".collapsed") or title)  # a cell's prompt
        title.extract()
        place["text"] = text_of(content)
        element.extract()
        content.extract()
        places.append(place)
    return places[::-1]


def collect(app, pagename, templatename, context, doctree):
    if doctree is not None:
        page = {"page": context["title"], "path": f"{pagename}.html"}
        app.env.search_places[pagename] = [page | place for place in find_places(context["body"])]


def start(app):
    app.builder.search = False  # no index and no page of Sphinx's own
    app.env.search_places = {}


def write(app):
    """Write search-places.js, in the order of the book, and have the search page made."""
    order = app.env.toctree_includes[app.config.root_doc]
    places = [
        place for name in [app.config.root_doc, *order] for place in app.env.search_places[name]
    ]
    text = json.dumps(places, ensure_ascii=False, separators=(",", ":"))
    Path(app.outdir, "search-places.js").write_text(f"const PLACES = {text};\n", encoding="utf-8")
    return [("search", {"title": of(app.config)["search"]}, "search.html")]


def setup(app):
    app.connect("builder-inited", start)
    app.connect("html-page-context", collect, priority=900)  # after what changes the body
    app.connect("html-collect-pages", write)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
