"""Looks at the sources before they are read, and sees to it that no page grows old.

- A notebook whose stored outputs cannot be those of its code is refused, in a line that names it.
- A text of an edition whose English has changed since says so at its place.
- After an edit Sphinx writes the pages that were edited; where it shows on others, because a title,
  a date or the repository is another, all are written. A page that is no more leaves the site.
"""

import os
from pathlib import Path

from docutils import nodes
from pybtex.database import parse_file
from sphinx import addnodes
from sphinx.errors import ExtensionError

from book.press import cells, editions, links, pages, translate
from book.press.console import BookError, naming

CELL_LINES = 10_000  # myst-nb counts the lines of cell n, from 1, from n times this


def path_of(app):
    """The file of the page that is read."""
    return Path(app.env.doc2path(app.env.docname))


def read_cells(app):
    """The cells of the notebook that is read; none of a page in Markdown."""
    path = path_of(app)
    return cells.read(path)["cells"] if path.suffix == ".ipynb" else []


def cell_of(element, notebook):
    """The cell of a notebook's section or container in a doctree."""
    if isinstance(element, nodes.section):
        return notebook[element.line // CELL_LINES - 1]
    return notebook[element["cell_index"]]


def code_containers(doctree):
    """The containers of the notebook's code cells."""
    return [
        each for each in doctree.findall(nodes.container) if each.get("nb_element") == "cell_code"
    ]


def html(text):
    return nodes.raw("", text, format="html")


def read_references(app):
    """Have an error in a list of references name its file."""
    for name in app.config.bibtex_bibfiles:
        path = Path(app.srcdir, name).resolve()
        with naming(path, ": git diff shows what was changed"):
            parse_file(path)


def refuse_lost_outputs(app, env, docnames):
    faults = []
    for path in (Path(env.doc2path(name)) for name in sorted(env.found_docs)):
        if path.suffix == ".ipynb":
            try:
                cells.refuse_faults(path.relative_to(editions.find(app).root), cells.read(path))
            except BookError as error:
                faults.append(str(error))
    if faults:
        raise ExtensionError("\n".join(faults).replace("\n", "\nerror: "))


def mark_old_texts(app, doctree):
    """Say at its place that a text translates an earlier English one."""
    edition = editions.find(app)
    if not edition.name:
        return
    path = path_of(app)
    english = pages.find_file(app.env.docname, edition.root)
    app.env.note_dependency(str(english))
    note = html(f'<p class="outdated">{edition.words["site"]["outdated"]}</p>\n')
    notebook = read_cells(app)
    old = translate.find_outdated(english, path)
    for section in list(doctree.findall(nodes.section)) if notebook else []:
        cell = cell_of(section, notebook)
        if cell["id"] in old:
            old.discard(cell["id"])
            section.insert(1, note.deepcopy())
    if old:  # a page in Markdown, texts that begin no section, comments: at the top of the page
        next(doctree.findall(nodes.section)).insert(1, note.deepcopy())


def lead_to_english(app, doctree):
    """Have a link to a page that this edition does not have lead to the English one."""
    edition, here = editions.find(app), app.env.docname
    english = editions.Edition(edition.root, "")
    for node in list(doctree.findall(addnodes.pending_xref)):
        target, _, place = node["reftarget"].partition("#")
        page = os.path.normpath(Path(here).parent / target).removesuffix(Path(target).suffix)
        if node["reftype"] == "myst" and not edition.has(page) and english.has(page):
            address = edition.link_to(here, english).removesuffix(f"{here}.html")
            link = nodes.reference("", "", *node.children, refuri=f"{address}{page}.html")
            link["refuri"] += place and f"#{place}"
            link += [] if link.astext() else [nodes.Text(Path(page).stem)]
            node.replace_self(link)


def write_what_changed(app, env):
    """Have all pages written where what stands on each has changed."""
    edition = editions.find(app)
    titles = {name: title.astext() for name, title in env.titles.items()}
    common = [titles, links.find_dates(edition.root), links.find_repository(edition.root)]
    for each in editions.find_all(edition.root):  # what the language switch leads to
        common.append([name for name in titles if each.has(name)])
    changed = getattr(env, "press_common", None) != common
    env.press_common = common
    return list(env.found_docs) if changed else []


def remove_old_pages(app, error):
    """Remove what an earlier build made of pages that are no more."""
    out = Path(app.outdir)
    for path in [*out.glob("[!_]*/**/*.html"), *out.glob("_sources/*/**/*.*")]:
        name = path.relative_to(out).with_suffix("").as_posix().removeprefix("_sources/")
        if name not in app.env.found_docs:
            path.unlink()


def setup(app):
    app.connect("builder-inited", read_references, priority=100)
    app.connect("env-before-read-docs", refuse_lost_outputs)
    app.connect("doctree-read", mark_old_texts, priority=100)  # while the sections are still whole
    app.connect("doctree-read", lead_to_english)
    app.connect("env-updated", write_what_changed)
    app.connect("build-finished", remove_old_pages)
