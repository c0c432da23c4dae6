"""Adds to each stage from 2 on, folded under its opening, what changed in the training loop since
the stage that it follows from: the difference of the two `train` cells, made at build time.

A directive shows the same on any page, unfolded; its argument is the number of the later stage:

    ```{stage-diff} 3
    ```
"""

import re
from difflib import SequenceMatcher
from pathlib import Path

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from tools import BookError, cells, pages
from words import of

LEXER = PythonLexer(stripnl=False)
FOLLOWS = {6: 3}  # 4 and 5 look inside and aside; any other stage follows from the one before it


def show_difference(env, number):
    """The unified difference of loop `number` and the one it follows from, all lines kept, as HTML.

    A sentence above it says in words what is taken away and added; runs of such lines are marked
    `del` and `ins`, which screen readers name. The page is read again when a notebook changes.
    """
    stages, earlier = pages.stages(env.srcdir), FOLLOWS.get(number, number - 1)
    if not 0 < earlier < number <= len(stages):
        raise ExtensionError(f"{env.docname}: error: there are no stages {earlier} and {number}")
    pair = stages[earlier - 1], stages[number - 1]
    loops, coloured = [], []
    for path in pair:
        env.note_dependency(str(path))
        try:
            loops.append(cells.find(path, "train")["source"].splitlines())
        except BookError as error:
            raise ExtensionError(str(error)) from None
        html = highlight("\n".join(loops[-1]), LEXER, HtmlFormatter(nowrap=True))
        coloured.append(html.splitlines())

    html, count = [], {"del": 0, "ins": 0, "span": 0}
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, *loops, autojunk=False).get_opcodes():
        old, new = coloured[0][i1:i2], coloured[1][j1:j2]
        runs = [("del", "-", old), ("ins", "+", new)] if kind != "equal" else [("span", " ", new)]
        for tag, sign, lines in runs:
            count[tag] += sum(
                not re.fullmatch(r"(<[^>]*>|\s)*", line) for line in lines
            )  # not blank
            if lines:
                html += [f"<{tag}>", *(f"{sign} {line}\n" for line in lines), f"</{tag}>"]
    words = of(env.config)
    said = words["diff_counts"].format(
        all=count["del"] + count["span"],
        stage=earlier,
        taken=count["del"],
        kept=count["span"],
        stay=words["stays"][count["span"] != 1],
        added=count["ins"],
    )
    return f'<p>{said}</p>\n<div class="highlight"><pre tabindex="0">{"".join(html)}</pre></div>\n'


def add_to_stage(app, doctree):
    """Put the fold between the stage's opening and its first section."""
    later = pages.stages(app.srcdir)[1:]
    path = Path(app.env.doc2path(app.env.docname))
    if path not in later:
        return
    number = later.index(path) + 2
    earlier = FOLLOWS.get(number, number - 1)
    html = (
        '<details class="stage-diff">\n'
        f"<summary>{of(app.config)['diff'].format(earlier)}</summary>\n"
        f"{show_difference(app.env, number)}</details>\n"
    )
    page = next(doctree.findall(nodes.section))
    sections = [index for index, child in enumerate(page) if isinstance(child, nodes.section)]
    page.insert(min(sections, default=len(page)), nodes.raw("", html, format="html"))


class StageDiff(SphinxDirective):
    required_arguments = 1

    def run(self):
        html = show_difference(self.env, int(self.arguments[0]))
        return [nodes.raw("", f'<div class="stage-diff">\n{html}</div>\n', format="html")]


def setup(app):
    app.connect("doctree-read", add_to_stage)
    app.add_directive("stage-diff", StageDiff)
    app.add_css_file("stage_diff.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
