"""Adds the doors of a page: Colab, Binder and the downloads under the title of each notebook; the
book as a PDF, if it was printed, under the title of the first page; at the end of every page its
date, and links to edit it and to report an error on it.

The repository is the one that the book is built from, so that a fork's buttons open the fork:
GITHUB_REPOSITORY ("owner/name", set in GitHub's workflows), else the remote `origin` if that is
on GitHub. With neither, nothing leads there. The branch is GITHUB_REF_NAME, else main.
"""

import functools
import os
import re
import shutil
import subprocess
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import jupytext

PDF_NAME = "one-network-nine-ways.pdf"  # in _build, where `make pdf` puts it
GITHUB = r"(?:https://|ssh://git@|git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?"

WRITE = """\
with open("{name}", "w") as file:
    file.write(r'''{text}
''')
print("Writing {name}")"""


def ask_git(folder, *arguments):
    """What git says about `folder`, or nothing: there may be no git, or no repository."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def find_repository(folder):
    """The pair (URL, branch) of the repository that `folder` is built from, or None."""
    name = os.environ.get("GITHUB_REPOSITORY")
    if not name:
        match = re.fullmatch(GITHUB, ask_git(folder, "config", "--get", "remote.origin.url"))
        name = match and match[1]
    branch = os.environ.get("GITHUB_REF_NAME") or "main"
    return (f"https://github.com/{name}", branch) if name else None


def find_address(repository):
    """Where GitHub Pages shows the site of this repository; "" without one."""
    if not repository:
        return ""
    owner, name = repository[0].split("/")[-2:]
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


@functools.cache  # every page asks
def find_dates(folder):
    """The day of the last commit that changed it, as in 2026-11-22, by each file of the book. Git's
    dates, so that two builds of one commit are identical. A shallow clone does not know them."""
    if ask_git(folder, "rev-parse", "--is-shallow-repository") != "false":
        return {}
    log = ask_git(folder, "log", "--format=%cs", "--name-only", "--relative", "book", "notebooks")
    dates = {}
    for line in log.splitlines():  # the latest commit comes first
        if re.fullmatch(r"\d{4}-\d\d-\d\d", line):
            date = line
        elif line:
            dates.setdefault(line, date)
    return dates


def link(text, address, more=""):
    return f'<a href="{escape(address)}"{more}>{escape(text)}</a>'


def write_script(path, folder):
    """Write the notebook as a script that runs as it is, its text in comments. Where a cell writes
    a file, by IPython's %%writefile, the script does so in Python."""
    notebook = jupytext.read(path)
    for cell in notebook.cells:
        if magic := re.match(r"%%writefile (.*)\n", cell.source):
            cell.source = WRITE.format(name=magic[1], text=cell.source[magic.end() :])
    filters = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "-all"}
    notebook.metadata["jupytext"] = filters
    folder.mkdir(parents=True, exist_ok=True)
    jupytext.write(notebook, folder / f"{path.stem}.py", fmt="py:percent")


def add_doors(app, pagename, templatename, context, doctree):
    if doctree is None:  # the search page and others without a source
        return
    path = Path(app.env.doc2path(pagename))
    file = path.relative_to(app.srcdir).as_posix()
    repository = find_repository(app.srcdir)
    top, end = [], []

    if date := find_dates(app.srcdir).get(file):
        end.append(f'<span>Last updated <time datetime="{date}">{date}</time></span>')
    if repository:
        url, branch = repository
        name = url.removeprefix("https://github.com/")
        report = {"title": f"Error on the page “{context['title']}”", "body": f"Page: {file}\n\n"}
        end += [
            link("Report an error on this page", f"{url}/issues/new?{urlencode(report)}"),
            link("Edit this page", f"{url}/edit/{branch}/{file}"),
            link("Repository", url),
        ]
        if path.suffix == ".ipynb":
            colab = f"https://colab.research.google.com/github/{name}/blob/{branch}/{file}"
            binder = f"https://mybinder.org/v2/gh/{name}/{branch}?urlpath=lab/tree/{file}"
            top += [link("Open in Colab", colab), link("Open in Binder", binder)]
    if path.suffix == ".ipynb":
        source = context["pathto"]("_sources/", 1) + pagename
        write_script(path, Path(app.outdir, "_sources", pagename).parent)
        for suffix in ".ipynb", ".py":
            top.append(link(f"Download {suffix}", source + suffix, " download"))

    pdf = Path(app.srcdir, "_build", PDF_NAME)
    if pagename == app.config.root_doc and pdf.exists():
        shutil.copy(pdf, app.outdir)
        top.append(link("The book as PDF", context["pathto"](PDF_NAME, 1)))

    if top:
        row = f'<nav class="doors" aria-label="Run or download">{" ".join(top)}</nav>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{row}", 1)
    if end:
        context["body"] += f'<footer class="doors">{" ".join(end)}</footer>'


def set_address(app, config):
    config.html_baseurl = find_address(find_repository(app.srcdir))


def setup(app):
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_doors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
