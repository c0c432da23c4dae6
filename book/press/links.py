"""Adds links to a page: Colab, Binder and the downloads under the title of each notebook; at the
end of every page its date, and links to edit it and to report an error on it.

The repository and the dates are what git knows, see `repository`; without a repository nothing
leads there, and the build says why. Other extensions do not do as well:
sphinx-last-updated-by-git keeps a page's date when a later commit changes it, and stops over an
answer of git's that it does not expect; the theme's own buttons cannot lead to a script.
"""

import re
from html import escape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import jupytext
import nbformat
from sphinx.util import logging

from book.press import editions
from book.press.repository import find_address, find_dates, find_repository, recognise

WRITE = """\
with open("{name}", "w", encoding="utf-8") as file:
    file.write(r'''{text}
''')
print("Overwriting {name}")"""
BEGIN = """\
import sys

sys.path.insert(0, "")  # what the cells write is imported from where they run, as in a notebook
if hasattr(sys.stdout, "reconfigure"):  # a terminal that lacks a letter gets a "?" for it
    sys.stdout.reconfigure(errors="replace")"""


def link(text, address, more=""):
    return f'<a href="{escape(address)}"{more}>{escape(text)}</a>'


def write_script(path, folder):
    """Write the notebook as a script that runs as it is, its text in comments, whatever letters a
    terminal has. Where a cell writes a file, by %%writefile, the script does so in Python."""
    notebook = jupytext.read(path)
    for cell in notebook.cells:
        if magic := re.match(r"%%writefile (.*)\n", cell.source):
            cell.source = WRITE.format(name=magic[1], text=cell.source[magic.end() :])
    notebook.cells.insert(1, nbformat.v4.new_code_cell(BEGIN))
    filters = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "-all"}
    notebook.metadata["jupytext"] = filters
    folder.mkdir(parents=True, exist_ok=True)
    jupytext.write(notebook, folder / f"{path.stem}.py", fmt="py:percent")


def to_colab(app, pagename):
    """The address of the notebook in Colab, or None without a repository."""
    edition = editions.find(app)
    if found := find_repository(edition.root):
        url, branch = found
        name = url.removeprefix("https://github.com/")
        file = Path(app.env.doc2path(pagename)).relative_to(edition.root).as_posix()
        return f"https://colab.research.google.com/github/{name}/blob/{branch}/{file}"


def to_notebook(app, pagename, context):
    """Links to a page's notebook, in Colab and to the file, as a pattern with the {} of a cell."""
    words, colab = editions.words(app), to_colab(app, pagename)
    source = f"{context['pathto']('_sources/', 1)}{pagename}.ipynb"
    file = link(words["download"].format(".ipynb"), source, " download")
    return f"{link(words['colab'], f'{colab}#scrollTo={{}}')} {file}" if colab else file


def add_links(app, pagename, templatename, context, doctree):
    edition = editions.find(app)
    context["whole_address"] = find_address(edition.root)
    if doctree is None:  # the search page and others without a source
        return
    path, words = Path(app.env.doc2path(pagename)), edition.words["site"]
    file = path.relative_to(edition.root).as_posix()
    found, top, end = find_repository(edition.root), [], []

    if date := find_dates(edition.root).get(file):
        end.append(f'<span>{words["updated"]} <time datetime="{date}">{date}</time></span>')
    if found:
        url, branch = found
        name = url.removeprefix("https://github.com/")
        title = words["report_title"].format(context["title"])
        report = {"template": "page.yml", "title": title, "page": file}
        end += [
            link(words["report"], f"{url}/issues/new?{urlencode(report)}"),
            link(words["edit"], f"{url}/edit/{branch}/{file}"),
            link(words["repository"], url),
        ]
    if path.suffix == ".ipynb" and path.parent.name == "notebooks":
        if found:
            colab = to_colab(app, pagename)
            binder = f"https://mybinder.org/v2/gh/{name}/{branch}?urlpath=lab/tree/{file}"
            top += [link(words["colab"], colab), link(words["binder"], binder)]
        source = context["pathto"]("_sources/", 1) + pagename
        write_script(path, Path(app.outdir, "_sources", pagename).parent)
        for suffix in ".ipynb", ".py":
            top.append(link(words["download"].format(suffix), source + suffix, " download"))
    if top:
        row = f'<nav class="page-links" aria-label="{words["run"]}">{" ".join(top)}</nav>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{row}", 1)
    if end:
        context["body"] += f'<footer class="page-links">{" ".join(end)}</footer>'


def set_address(app, config):
    """Tell the extensions where the site will be. The links of 404.html, which a host shows at any
    depth, start from the site's root."""
    edition = editions.find(app)
    address, place = find_address(edition.root), edition.folder
    config.html_baseurl = address and address + place
    config.notfound_urls_prefix = (urlsplit(address).path or "/") + place
    if why := recognise(edition.root)[1]:
        logging.getLogger(__name__).info(f"No links to a repository: {why}")


def setup(app):
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_links)
