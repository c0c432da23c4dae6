"""Leads from every page to the same place of the other edition: a link at the top, in its language,
and `hreflang` for search engines. The Chinese edition stands under `zh/` of the site.
"""

from pathlib import Path

from tools import pages, repository
from words import CHINESE, of

LANGUAGES = {"en": "", "zh-CN": "zh/"}  # and where each stands on the site


def add_links(app, pagename, templatename, context, doctree):
    book = pages.top(app.srcdir)
    if not Path(book, LANGUAGES["zh-CN"], "_toc.yml").exists():  # a book without it
        return
    words, up = of(app.config), "../" * pagename.count("/")
    chinese = words is CHINESE
    other, lang = (f"{up}../", "en") if chinese else (f"{up}{LANGUAGES['zh-CN']}", "zh-CN")
    target = f"{other}{pagename}.html"
    if pagename == "404":  # the host shows it at any depth
        target = f"{context['pathto'](app.config.root_doc)}"
    else:
        attributes = f'lang="{lang}" hreflang="{lang}"'
        link = f'<a class="language" href="{target}" {attributes}>{words["other"]}</a>'
        context["language_link"] = link
    if doctree is not None and (
        address := repository.find_address(repository.find_repository(book))
    ):
        for code, folder in LANGUAGES.items():
            page = f"{address}{folder}{pagename}.html"
            context["metatags"] += f'<link rel="alternate" hreflang="{code}" href="{page}" />\n'


def setup(app):
    app.connect("html-page-context", add_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
