"""What the landing page shows of the notebooks: how the training step shrinks from stage to stage,
and the loss curve.

    ```{loops}
    ```

shows the lines of one step of each stage's `train` cell, coloured by their job: as a listing that
goes from stage to stage (loops.js), and as nine columns of bars, each a link to its stage. Without
JavaScript the listing is stage 1's.

    ```{curve}
    ```

puts the output of the cell tagged `landing` of the page *One curve* there.
"""

import json
import re
from html import escape

from sphinx.util.docutils import SphinxDirective

from book.press import assets, cells, editions
from book.press.console import BookError
from book.press.jobs import step_of
from book.press.sources import html

CURVE = "book/one_curve.ipynb"


def stored(path, tag, kind):
    """The output of this kind, such as "text/html", that the one cell with this tag stores."""
    for output in cells.find(path, tag)["outputs"]:
        if kind in output.get("data", {}):
            return output["data"][kind]
    raise BookError(f"{path}: the cell tagged {tag} stores no {kind}")


def draw(paths, up, words):
    """The listing and the bars of the notebooks in `paths`, as HTML; `up` leads to the root."""
    columns, steps = [], []
    for number, path in enumerate(paths, start=1):
        name = re.sub(r"\d+ · |[:：].*", "", cells.title(path))
        step = [line[:2] for line in step_of(cells.find(path, "train")["source"])]
        bars = "".join(
            f'<i class="{job}" style="width:{min(100, 100 * len(text.strip()) // 46)}%"></i>'
            for job, text in step
        )
        count = words["lines"][len(step) != 1].format(len(step))
        place = f"{up}{path.parent.name}/{path.stem}.html"
        steps.append({"title": f"{number} · {name}", "count": count, "place": place, "lines": step})
        label = f'aria-label="{number} {escape(name)}, {count}"'
        under = f"<b>{number} <small>{escape(name)}</small></b>"
        columns.append(f'<li><a href="{place}" {label}>{bars}{under}</a></li>')
    first, most = steps[0], max(len(step["lines"]) for step in steps)
    lines = "".join(f'<li class="{job}">{escape(text)}</li>' for job, text in first["lines"])
    data = escape(json.dumps({"steps": steps, "play": words["play"], "label": words["loops"]}))
    head = f'<a href="{first["place"]}">{first["title"]}</a> <span>{first["count"]}</span>'
    return f"""<div class="loops" data-loops="{data}">
<p class="loops-head">{head}</p>
<ol class="loops-lines" style="--most: {most}">{lines}</ol>
<div class="loops-way"></div>
<ol class="loops-map">{"".join(columns)}</ol>
</div>"""


class Loops(SphinxDirective):
    def run(self):
        paths = editions.find(self.env.app).stages()
        for path in paths:
            self.env.note_dependency(str(path))  # the page is read again when it changes
        up = "../" * self.env.docname.count("/")
        return [html(draw(paths, up, editions.words(self.env.app)))]


class Curve(SphinxDirective):
    def run(self):
        edition = editions.find(self.env.app)
        path = edition.source / CURVE
        path = path if path.exists() else edition.root / CURVE
        self.env.note_dependency(str(path))
        return [html(stored(path, "landing", "text/html"))]


def add_script(app, pagename, templatename, context, doctree):
    if "data-loops=" in context.get("body", ""):
        app.add_js_file("loops.js")


def setup(app):
    app.add_directive("loops", Loops)
    app.add_directive("curve", Curve)
    app.connect("html-page-context", add_script)
    assets.add(app, __file__, "landing.css")
