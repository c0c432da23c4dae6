"""Puts a lab under each cell whose tag asks for one: the tag `lab-graph` for what is in graph/.

A lab is an empty, hidden place that a script fills, lab.js and lab-graph.js; without JavaScript, on
paper and in the notebook there is the cell's own output alone. Its words are in edition.yml. The
scripts are loaded on the pages that have the lab. Numbers that it needs are made of the notebooks:
numbers.py in its folder.
"""

import json
import re
from pathlib import Path

from book.press import assets, cells, editions
from book.press.console import BookError
from book.press.sources import cell_of, code_containers, html, read_cells

HERE = Path(__file__).resolve().parent
WORDS = "lab-words.js"


def find_names():
    """The names of the labs, those of their folders."""
    return sorted(path.name for path in HERE.iterdir() if (path / f"lab-{path.name}.js").exists())


def add_places(app, doctree):
    notebook = read_cells(app)
    for container in code_containers(doctree) if notebook else []:
        for tag in cells.tags(cell_of(container, notebook)):
            if tag.startswith("lab-"):
                name = tag.removeprefix("lab-")
                place = f'<div class="lab" id="lab-{name}" data-lab="{name}" hidden></div>'
                siblings = container.parent
                siblings.insert(siblings.index(container) + 1, html(place))


def add_scripts(app, pagename, templatename, context, doctree):
    if found := dict.fromkeys(re.findall(r'data-lab="([\w-]+)"', context.get("body", ""))):
        for script in WORDS, "lab.js", *(f"lab-{name}.js" for name in found):
            app.add_js_file(script)


def write_words(app):
    """Write the words of the labs, in the language of the edition."""
    words = editions.find(app).words["labs"]
    for name in find_names():
        asked = re.findall(r"WORDS\.(\w+)", (HERE / name / f"lab-{name}.js").read_text("utf-8"))
        if lacking := set(asked) - set(words):
            raise BookError(f"edition.yml lacks the words of the lab {name}: {sorted(lacking)}")
    text = json.dumps(words, ensure_ascii=False, indent=1)
    path = Path(app.outdir, "_static", WORDS)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"const WORDS = {text};\n", encoding="utf-8")


def setup(app):
    app.connect("doctree-read", add_places)
    app.connect("html-page-context", add_scripts)
    app.connect("builder-inited", write_words)
    assets.add(app, __file__, "labs.css", *(path.name for path in sorted(HERE.glob("*/*.css"))))
