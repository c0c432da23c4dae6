"""Adds sitemap.xml, and the page 404.html for addresses at which there is none.

sphinx-sitemap takes its dates from sphinx-last-updated-by-git alone (see page_links.py), and
sphinx-notfound-page leaves the links of this theme's sidebar relative, so that they lead nowhere
from a deeper address. Addresses in a sitemap are whole ones. A book without a repository is shown
by `make serve` alone, and its sitemap has the addresses there.
"""

from pathlib import Path
from urllib.parse import urlsplit

from tools import repository

SERVED = "http://localhost:8000/"


def add_404(app):
    return [("404", {"title": "There is no such page"}, "404.html")]


def set_base(app, pagename, templatename, context, doctree):
    """A host shows 404.html at any depth, so that its links must start from the site's root."""
    if pagename == "404":
        root = urlsplit(app.config.html_baseurl).path or "/"
        context["metatags"] = f'<base href="{root}"/>'


def mend_fragments(app):
    """Links inside of 404.html must not start from the root."""
    path = Path(app.outdir, "404.html")
    path.write_text(path.read_text(encoding="utf-8").replace('href="#', 'href="404.html#'), "utf-8")


def write_sitemap(app):
    dates = repository.find_dates(app.srcdir)
    lines = []
    for name in app.env.found_docs:
        date = dates.get(Path(app.env.doc2path(name)).relative_to(app.srcdir).as_posix())
        date = f"<lastmod>{date}</lastmod>" if date else ""
        address = app.config.html_baseurl or SERVED
        lines.append(f"<url><loc>{address}{name}.html</loc>{date}</url>\n")
    Path(app.outdir, "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{''.join(sorted(lines))}</urlset>\n",
        encoding="utf-8",
    )


def finish(app, exception):
    if not exception:
        mend_fragments(app)
        write_sitemap(app)


def setup(app):
    app.connect("html-collect-pages", add_404)
    app.connect("html-page-context", set_base)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
