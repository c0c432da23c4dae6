"""Gives the parts of a notebook's page the names that its cells have, and folds its mistakes.

Every section has its cell's id as an address, every solution too: `#wrong`, `#solution-2`. What
stands under the heading of a cell tagged `mistake` is behind that heading, in a fold.

A link to something inside a fold opens it, what one opens is in the address bar to be passed on,
and on paper all folds are open.
"""

from pathlib import Path

from docutils import nodes
from tools import cells

CELL_LINES = 10_000  # myst-nb counts the lines of cell n, from 1, from n times this


def html(text):
    return nodes.raw("", text, format="html")


def name_parts(app, doctree):
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    notebook, named = cells.read(path)["cells"], set()
    for section in list(doctree.findall(nodes.section)):
        cell = notebook[section.line // CELL_LINES - 1]
        if cell["id"] not in named:  # a second heading of this cell has an address of its words
            named.add(cell["id"])
            section["ids"] += [cell["id"]] if cell["id"] not in section["ids"] else []
            if "mistake" in cells.tags(cell):
                title, *content = section
                opening = html('<details class="mistake"><summary>')
                closing = html("</details>\n")
                section[:] = [opening, *title, html("</summary>\n"), *content, closing]
    for container in doctree.findall(nodes.container):
        if container.get("nb_element") == "cell_code":
            cell = notebook[container["cell_index"]]
            if "solution" in cells.tags(cell):
                container["ids"].append(cell["id"])


def setup(app):
    app.connect("doctree-read", name_parts)
    app.add_js_file("folds.js")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
