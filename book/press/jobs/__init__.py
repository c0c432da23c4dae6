"""Which line of a training loop does which job: forward pass, gradients, update. Each job has one
colour in the whole book: here it is a stripe beside the lines of a `train` cell.
"""

import ast
import re

from docutils import nodes

from book.press import assets, cells, editions
from book.press.sources import cell_of, code_containers, html, read_cells

JOBS = {  # the first that fits; a line that fits none belongs to the forward pass
    "whole": r".*session\.run\(",
    "gradients": r"grad_\w+(\[.*\])? =|(\w+ = |\w+\.)?backward\(",
    "update": r".* -= |.*\.zero_(grad)?\(|\w+\.step\(|with |for ",
}
NOTES = r"\w+\.append\("  # what a loop notes down for the plot


def lines_of(body):
    """The lines of these statements, without what notes down or prints: each as text, with the
    numbers of its first and last line in the source."""
    for statement in body:
        text = ast.unparse(statement).partition("\n")[0]
        if isinstance(statement, ast.With | ast.For):
            yield text, statement.lineno, statement.lineno
            for inner, *numbers in lines_of(statement.body):
                yield f"    {inner}", *numbers
        elif not isinstance(statement, ast.If) and not re.match(NOTES, text):
            yield text, statement.lineno, statement.end_lineno


def step_of(source):
    """The lines of one step of a training loop: the job of each, its text, its first and its last
    line in the source. The step is the body of the first loop over a range."""
    tree = ast.parse(re.sub(r"\A%%", "# ", source))  # IPython's line, which writes a program
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    (loop, *_) = [loop for loop in loops if ast.unparse(loop.iter).startswith("range(")]
    for text, *numbers in lines_of(loop.body):
        fitting = (job for job, pattern in JOBS.items() if re.match(pattern, text.strip()))
        yield next(fitting, "forward"), text, *numbers


def stripes(source):
    """The stripe beside the lines of this source, as HTML; a comment goes with what follows it."""
    lines, bands, end = source.splitlines(), [], 0
    for job, _, first, last in step_of(source):
        start = first - 1
        while start > end and lines[start - 1].lstrip().startswith("#"):
            start -= 1
        bands += [f"transparent {end}lh {start}lh", f"var(--{job}) {start}lh {last}lh"]
        end = last
    style = f"height: {end}lh; background: linear-gradient({', '.join(bands)})"
    return f'<i class="stripes" style="{style}"></i>'


def add_stripes(app, doctree):
    notebook, words = read_cells(app), editions.words(app)["jobs"]
    for container in code_containers(doctree) if notebook else []:
        cell = cell_of(container, notebook)
        if "train" in cells.tags(cell):
            block = next(container.findall(nodes.literal_block))
            jobs = dict.fromkeys(job for job, *_ in step_of(cell["source"]))
            legend = " ".join(f'<span class="{job}">{words[job]}</span>' for job in jobs)
            block.parent += html(stripes(cell["source"]))
            around = block.parent.parent
            around.insert(around.index(block.parent) + 1, html(f'<p class="jobs">{legend}</p>'))


def setup(app):
    app.connect("doctree-read", add_stripes)
    assets.add(app, __file__, "jobs.css")
