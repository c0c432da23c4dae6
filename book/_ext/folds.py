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
SCRIPT = """
function openTarget() {
  const [id] = location.hash.slice(1).split(":~:");
  const target = document.getElementById(decodeURIComponent(id));
  const fold = target?.closest("details") ?? target?.querySelector(":scope > details");
  for (let each = fold; each; each = each.parentElement.closest("details")) each.open = true;
  if (fold) target.scrollIntoView();
}
function openAll(open) {
  const closed = open ? "details:not([open])" : "details[data-for-print]";
  for (const fold of document.querySelectorAll(closed)) {
    fold.toggleAttribute("data-for-print", open);
    fold.open = open;
  }
}
addEventListener("DOMContentLoaded", () => {
  openTarget();
  document.querySelector("article").addEventListener("click", (event) => {
    const fold = event.target.closest("summary")?.parentElement;
    const id = fold?.id || fold?.parentElement.id;
    if (id && !fold.open) history.replaceState(null, "", `#${id}`);
  });
});
addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => openAll(true));
addEventListener("afterprint", () => openAll(false));
"""


class Fold(nodes.Element):
    """A part of a page behind a summary, which is its first child."""


class Summary(nodes.TextElement):
    pass


def visit_fold(translator, node):
    translator.body.append(translator.starttag(node, "details"))


def depart_fold(translator, node):
    translator.body.append("</details>\n")


def visit_summary(translator, node):
    translator.body.append("<summary>")


def depart_summary(translator, node):
    translator.body.append("</summary>\n")


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
                summary = Summary("", "", *section[0].children)
                fold = Fold("", summary, *section[1:], ids=section["ids"], classes=["mistake"])
                section.replace_self([fold])
    for container in doctree.findall(nodes.container):
        if container.get("nb_element") == "cell_code":
            cell = notebook[container["cell_index"]]
            if "solution" in cells.tags(cell):
                container["ids"].append(cell["id"])


def setup(app):
    app.add_node(Fold, html=(visit_fold, depart_fold))
    app.add_node(Summary, html=(visit_summary, depart_summary))
    app.connect("doctree-read", name_parts)
    app.add_js_file(None, body=SCRIPT)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
