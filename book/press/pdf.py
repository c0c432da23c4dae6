"""Print each edition of the built site to one-network-nine-ways.pdf, with an outline and page
numbers, in its folder of _build, and publish the site once more, with links to them.

All pages become one, in the order of _toc.yml, which Chromium prints: the folds are open, links
from page to page lead to places in the file.
"""

from pathlib import Path
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from book.press import build, editions, pages
from book.press.serve import find_chromium, serve

OMIT = ".headerlink, .page-links, .copybtn, script"
FOOTER = (
    '<div style="width: 100%; font-size: 8px; text-align: center">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)
MARGIN = {"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"}


def join_pages(names, site):
    """The HTML of one page with the articles of all, of the edition in the folder `site`."""
    whole, starts = None, {f"/{name}.html": f"{name}:" for name in names}
    for name in names:
        path = f"/{name}.html"
        page = BeautifulSoup((site / path[1:]).read_text(encoding="utf-8"), "html.parser")
        article = page.select_one("article.bd-article")
        for element in article.select(OMIT):
            element.decompose()
        for fold in article.select("details"):
            fold["open"] = ""
            if prompt := fold.select_one(".collapsed"):
                fold.summary.string = prompt.get_text()
        for image in article.select("img[loading]"):
            del image["loading"]  # paper shows all of them
        for element in article.select("[id]"):
            element["id"] = starts[path] + element["id"]
        article["id"] = starts[path]
        for attribute in "src", "href":
            for element in article.select(f"[{attribute}]"):
                target = urlsplit(urljoin(path, element[attribute]))
                if not target.netloc:
                    inside = attribute == "href" and starts.get(target.path)
                    element[attribute] = f"#{inside}{target.fragment}" if inside else target.path
        if whole is None:
            whole = page
            whole.html["data-theme"] = "light"
            for link in whole.select("head link[href]"):
                link["href"] = urljoin(path, link["href"])
            for script in whole.select("script"):
                script.decompose()
            whole.body.clear()
            place = whole.body
            for name in "bd-content", "bd-article-container":  # as on a page, for the style sheets
                place = place.append(whole.new_tag("div", attrs={"class": name}))
        place.append(article)
    return str(whole)


def print_pdf(html, site, target, chromium):
    with serve(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(color_scheme="light")
        page.route(f"{address}/whole.html", lambda route: route.fulfill(body=html))
        page.goto(f"{address}/whole.html")
        page.evaluate("document.fonts.ready")
        page.pdf(
            path=target,
            format="A4",
            scale=0.85,  # 88 characters of code fit
            margin=MARGIN,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
            outline=True,
            tagged=True,
        )
        browser.close()


def main():
    found, chromium = editions.find_all(Path.cwd()), find_chromium()
    for edition in found:
        names = [name for name in pages.names() if edition.has(name)]
        site = build.SITE / edition.name
        print_pdf(join_pages(names, site), site, edition.pdf, chromium)
        print(edition.pdf)
    build.publish_all(found)
