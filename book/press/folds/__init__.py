"""Gives the parts of a notebook's page the names that its cells have, and folds its mistakes.

Every section has its cell's id as an address, every solution too: `#wrong`, `#solution-2`. What
stands under the heading of a cell tagged `mistake` is behind that heading, in a fold. The line
`#@title`, by which Colab names a folded cell, stays out of the page: its prompt says it.

A link to something inside a fold opens it, what one opens is in the address bar to be passed on,
and on paper all folds are open.
"""

import re

from docutils import nodes

from book.press import assets, cells
from book.press.sources import cell_of, code_containers, html, read_cells

# Folded, long, and on every page: with coloured code a phone would need twice as long for the page.
PLAIN = {"draw", "reference", "settings", "picture", "bounds"}


def name_parts(app, doctree):
    notebook, named = read_cells(app), set()
    if not notebook:
        return
    for section in list(doctree.findall(nodes.section)):
        cell = cell_of(section, notebook)
        if cell["id"] not in named:  # a second heading of this cell has an address of its words
            named.add(cell["id"])
            section["ids"] += [cell["id"]] if cell["id"] not in section["ids"] else []
            if "mistake" in cells.tags(cell):
                title, *content = section
                opening = html('<details class="mistake"><summary><h3>')
                closing = html("</details>\n")
                section[:] = [opening, *title, html("</h3></summary>\n"), *content, closing]
    for container in code_containers(doctree):
        if "solution" in cells.tags(cell := cell_of(container, notebook)):
            container["ids"].append(cell["id"])
        for block in list(container.findall(nodes.literal_block))[:1]:
            text = re.sub(r"\A#@title .*\n", "", block.astext())
            block.rawsource, block[:] = text, [nodes.Text(text)]
            if PLAIN & set(cells.tags(cell)):
                block["language"] = "text"


def setup(app):
    app.connect("doctree-read", name_parts)
    assets.add(app, __file__, "folds.css", "folds.js")
