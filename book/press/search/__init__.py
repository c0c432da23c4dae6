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

from lxml import html

from book.press import assets, editions, theme

PLACES = (
    "descendant::section[@id] | descendant::*[contains(@class, 'tag_solution')]"
    " | descendant::dl[contains(@class, 'glossary')]/dt | descendant::tbody/tr"
)
TITLES = "descendant::*[self::h1 or self::h2 or self::h3 or self::h4 or self::summary or self::td]"
APART = (
    "descendant::*[contains(@class, 'headerlink') or contains(@class, 'stage-diff')"
    " or contains(@class, 'page-links')"
    " or contains(@class, 'cell_input') and ancestor::*[contains(@class, 'tag_hide-input')]]"
)
PROMPT = "descendant::*[contains(@class, 'collapsed')]"


def text_of(element):
    return " ".join(element.text_content().split())


def take_out(element):
    """Remove the element, and leave the text that follows it."""
    if element.getparent() is not None:
        element.drop_tree()


def find_places(page):
    """The places of a page, from its HTML, as dictionaries of id, title and text, in order."""
    article = html.fromstring(page).xpath(theme.ARTICLE)[0]
    for element in article.xpath(APART):
        take_out(element)
    for root in article.iter("msqrt"):  # signs that are drawn, and are no text
        root.text = f"√{root.text or ''}"
    for fraction in article.iter("mfrac"):
        fraction[0].tail = "/"
    for block in article.iter("p", "li", "td", "th", "dt", "dd", "div", "section", "summary"):
        block.tail = f" {block.tail or ''}"  # its last word is not the next one's beginning
    places = []
    for element in reversed(article.xpath(PLACES)):  # what is inside of a place comes before it
        near = [element, *element.iterancestors()]
        place = {"id": next(each.get("id") for each in near if each.get("id"))}
        term = element.tag == "dt"
        title = element if term else element.xpath(TITLES)[0]
        content = element.getnext() if term else element
        place["title"] = text_of((title.xpath(PROMPT) or [title])[0])  # a cell's prompt
        if element.tag == "tr":  # the head of its column: some say what is not so
            place["under"] = element.xpath("normalize-space(ancestor::table//th)")
        if not term:
            take_out(title)
        place["text"] = text_of(content)
        for each in {element, content}:
            take_out(each)
        places.append(place)
    return places[::-1]


def write(app, error):
    """Write search-places.js, in the order of the book."""
    if error or app.builder.format != "html":
        return
    order, places = app.env.toctree_includes[app.config.root_doc], []
    for name in [app.config.root_doc, *order]:
        page = {"page": app.env.titles[name].astext(), "path": f"{name}.html"}
        text = Path(app.outdir, f"{name}.html").read_text(encoding="utf-8")
        places += [page | place for place in find_places(text)]
    text = json.dumps(places, ensure_ascii=False, separators=(",", ":"))
    Path(app.outdir, "search-places.js").write_text(f"const PLACES = {text};\n", encoding="utf-8")


def start(app):
    app.builder.search = False  # no index and no page of Sphinx's own


def add_page(app):
    return [("search", {"title": editions.words(app)["search"]}, "search.html")]


def setup(app):
    app.connect("builder-inited", start)
    app.connect("html-collect-pages", add_page)
    app.connect("build-finished", write)
    assets.add(app, __file__, "search.css")
