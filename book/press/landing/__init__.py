"""What the landing page shows of the notebooks: how the training step shrinks from stage to stage,
and the loss curve.

    ```{loops}
    ```

draws, for each stage, the lines of one step of its `train` cell as bars, coloured by their job.

    ```{curve}
    ```

puts the output of the cell tagged `landing` of the page *One curve* there.
"""

import ast
import re
from html import escape

from sphinx.util.docutils import SphinxDirective

from book.press import assets, cells, editions
from book.press.console import BookError
from book.press.sources import html

CURVE = "book/one_curve.ipynb"
JOBS = {  # the first that fits; a line that fits none belongs to the forward pass
    "whole": r".*session\.run\(",
    "gradients": r"grad_\w+(\[.*\])? =|\w+\.backward\(",
    "update": r".* -= |.*\.zero_(grad)?\(|\w+\.step\(|with |for ",
}
NOTES = r"\w+\.append\("  # what a loop notes down for the plot


def stored(path, tag, kind):
    """The output of this kind, such as "text/html", that the one cell with this tag stores."""
    for output in cells.find(path, tag)["outputs"]:
        if kind in output.get("data", {}):
            return output["data"][kind]
    raise BookError(f"{path}: the cell tagged {tag} stores no {kind}")


def lines_of(body):
    """The lines of these statements, without what notes down or prints."""
    for statement in body:
        text = ast.unparse(statement).partition("\n")[0]
        if isinstance(statement, ast.With | ast.For):
            yield text
            yield from lines_of(statement.body)
        elif not isinstance(statement, ast.If) and not re.match(NOTES, text):
            yield text


def step_of(path):
    """The lines of one training step, pairs of the job and the text."""
    tree = ast.parse(cells.find(path, "train")["source"])
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    (loop, *_) = [loop for loop in loops if ast.unparse(loop.iter) == "range(500)"]
    return [
        (next((job for job, pattern in JOBS.items() if re.match(pattern, line)), "forward"), line)
        for line in lines_of(loop.body)
    ]


def draw(paths, words):
    """The picture as HTML, with what it says in words for those who do not see it."""
    columns, says = [], []
    for number, path in enumerate(paths, start=1):
        name = re.sub(r"\d+ · |[:：].*", "", cells.title(path))
        step = step_of(path)
        bars = "".join(
            f'<i class="{job}" style="width:{min(100, 100 * len(line) // 46)}%"></i>'
            for job, line in step
        )
        count = words["lines"][len(step) != 1].format(len(step))
        under = f"<b>{number}<br />{escape(name)}</b><span>{count}</span>"
        columns.append(f"<div>{bars}{under}</div>")
        says.append(f"{name}, {len(step)}")
    label = words["loops"].format("; ".join(says))
    return f'<div class="loops" role="img" aria-label="{escape(label)}">{"".join(columns)}</div>'


class Loops(SphinxDirective):
    def run(self):
        paths = editions.find(self.env.app).stages()
        for path in paths:
            self.env.note_dependency(str(path))  # the page is read again when it changes
        return [html(draw(paths, editions.words(self.env.app)))]


class Curve(SphinxDirective):
    def run(self):
        edition = editions.find(self.env.app)
        path = edition.source / CURVE
        path = path if path.exists() else edition.root / CURVE
        self.env.note_dependency(str(path))
        return [html(stored(path, "landing", "text/html"))]


def setup(app):
    app.add_directive("loops", Loops)
    app.add_directive("curve", Curve)
    assets.add(app, __file__, "landing.css")
