"""Shows how the training step shrinks from stage to stage:

    ```{loops}
    ```

draws, for each stage, the lines of one step of its `train` cell as bars, coloured by their job.
"""

import ast
import re
from html import escape

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from tools import BookError, cells, pages
from words import of

JOBS = {  # the first that fits; a line that fits none belongs to the forward pass
    "whole": r".*session\.run\(",
    "gradients": r"grad_\w+(\[.*\])? =|\w+\.backward\(",
    "update": r".* -= |.*\.zero_(grad)?\(|\w+\.step\(|with |for ",
}
NOTES = r"\w+\.append\("  # what a loop notes down for the plot


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
        heading = cells.read(path)["cells"][0]["source"].splitlines()[0]
        name = re.sub(r"# \d+ · |[:：].*", "", heading)
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
        paths = pages.stages(self.env.srcdir)
        for path in paths:
            self.env.note_dependency(str(path))
        try:
            return [nodes.raw("", draw(paths, of(self.config)), format="html")]
        except BookError as error:
            raise ExtensionError(str(error)) from None


def setup(app):
    app.add_directive("loops", Loops)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
