"""Puts a lab under each cell whose tag asks for one: `lab-network`, `lab-rate`, `lab-graph` or
`lab-valley`. A lab is an empty, hidden place that a script fills (book/_static/lab.js and the file
of its name); without JavaScript, on paper and in the notebook there is the cell's own output alone.
The scripts are loaded on the pages that have a lab.
"""

import re
from pathlib import Path

from docutils import nodes
from tools import cells

SCRIPTS = {
    "rate": "lab-network.js",
    "network": "lab-network.js",
    "graph": "lab-graph.js",
    "valley": "lab-valley.js",
}


def add_place(app, doctree):
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    notebook = cells.read(path)["cells"]
    for container in list(doctree.findall(nodes.container)):
        if container.get("nb_element") == "cell_code":
            for tag in cells.tags(notebook[container["cell_index"]]):
                if name := tag.startswith("lab-") and tag.removeprefix("lab-"):
                    place = f'<div class="lab" id="lab" data-lab="{name}" hidden></div>'
                    siblings = container.parent
                    siblings.insert(
                        siblings.index(container) + 1, nodes.raw("", place, format="html")
                    )


def add_scripts(app, pagename, templatename, context, doctree):
    if found := re.search(r'data-lab="(\w+)"', context.get("body", "")):
        for script in "lab-words.js", "lab.js", SCRIPTS[found[1]]:
            app.add_js_file(script)


def setup(app):
    app.connect("doctree-read", add_place)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
