"""Folds each mistake under *What can go wrong* behind its first, bold sentence, and gives mistakes
and solutions an address: `#the-mask-is-forgotten`, `#solution-2`.

A link to something inside a fold opens it, what one opens is in the address bar to be passed on,
and on paper all folds are open.
"""

from docutils import nodes

MISTAKES, SOLUTION = "What can go wrong", "tag_solution"
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


def cut_first_sentence(paragraph):
    """Take the bold words at its beginning, and what else belongs to their sentence, out."""
    summary = Summary("", "", *paragraph.pop(0).children)
    if not summary.astext().endswith((".", "?", "!")):
        rest, text = paragraph[0].astext().partition(". ")[::2]
        summary += nodes.Text(f"{rest}.")
        paragraph[0] = nodes.Text(text)
    else:
        paragraph[0] = nodes.Text(paragraph[0].astext().lstrip())
    return summary


def fold_mistakes(section):
    """Put every mistake of this section, from its bold beginning to the next one's, into a fold."""
    fold = None
    for child in section.children[1:]:
        if child and child[0].astext() == "":  # MyST puts a text before every mark
            del child[0]
        if isinstance(child, nodes.paragraph) and isinstance(child[0], nodes.strong):
            summary = cut_first_sentence(child)
            name = nodes.make_id(summary.astext())
            fold = Fold("", summary, ids=[name], classes=["mistake"])
            child.replace_self([fold])
            fold += child
        elif fold:
            section.remove(child)
            fold += child


def add_folds(app, doctree):
    for section in list(doctree.findall(nodes.section)):
        if section[0].astext() == MISTAKES:
            fold_mistakes(section)
    cells = [node for node in doctree.findall(nodes.container) if SOLUTION in node["classes"]]
    for number, cell in enumerate(cells, start=1):
        cell["ids"].append(f"solution-{number}")


def setup(app):
    app.add_node(Fold, html=(visit_fold, depart_fold))
    app.add_node(Summary, html=(visit_summary, depart_summary))
    app.connect("doctree-read", add_folds)
    app.add_js_file(None, body=SCRIPT)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
