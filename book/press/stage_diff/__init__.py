"""Adds to each stage from 2 on, folded under its opening, what changed in the training loop since
the stage that it follows from: the difference of the two `train` cells, made at build time.

A directive shows the same on any page, unfolded; its argument is the number of the later stage:

    ```{stage-diff} 3
    ```
"""

import re
from difflib import SequenceMatcher

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.util.docutils import SphinxDirective

from book.press import assets, cells, editions, pages
from book.press.console import BookError
from book.press.sources import html, path_of

LEXER = PythonLexer(stripnl=False)


def show_difference(app, number):
    """The unified difference of loop `number` and the one it follows from, all lines kept, as HTML.

    A sentence above it says in words what is taken away and added; runs of such lines are marked
    `del` and `ins`, which screen readers name. The page is read again when a notebook changes.
    """
    env, stages, earlier = app.env, editions.find(app).stages(), pages.follows(number)
    if not 0 < earlier < number <= len(stages):
        raise BookError(f"{env.docname}: there are no stages {earlier} and {number}")
    loops, coloured = [], []
    for path in stages[earlier - 1], stages[number - 1]:
        env.note_dependency(str(path))
        loops.append(cells.find(path, "train")["source"].splitlines())
        text = highlight("\n".join(loops[-1]), LEXER, HtmlFormatter(nowrap=True))
        coloured.append(text.splitlines())

    text, count = [], {"del": 0, "ins": 0, "span": 0}
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, *loops, autojunk=False).get_opcodes():
        old, new = coloured[0][i1:i2], coloured[1][j1:j2]
        runs = [("del", "-", old), ("ins", "+", new)] if kind != "equal" else [("span", " ", new)]
        for tag, sign, lines in runs:
            blank = [line for line in lines if re.fullmatch(r"(<[^>]*>|\s)*", line)]
            count[tag] += len(lines) - len(blank)
            if lines:
                text += [f"<{tag}>", *(f"{sign} {line}\n" for line in lines), f"</{tag}>"]
    words = editions.words(app)
    said = words["diff_counts"].format(
        all=count["del"] + count["span"],
        stage=earlier,
        taken=count["del"],
        kept=count["span"],
        stay=words["stays"][count["span"] != 1],
        added=count["ins"],
    )
    return f'<p>{said}</p>\n<div class="highlight"><pre tabindex="0">{"".join(text)}</pre></div>\n'


def add_to_stage(app, doctree):
    """Put the fold between the stage's opening and its first section."""
    later, path = editions.find(app).stages()[1:], path_of(app)
    if path not in later:
        return
    number = later.index(path) + 2
    fold = (
        '<details class="stage-diff">\n'
        f"<summary>{editions.words(app)['diff'].format(pages.follows(number))}</summary>\n"
        f"{show_difference(app, number)}</details>\n"
    )
    page = next(doctree.findall(nodes.section))
    sections = [index for index, child in enumerate(page) if isinstance(child, nodes.section)]
    page.insert(min(sections, default=len(page)), html(fold))


class StageDiff(SphinxDirective):
    required_arguments = 1

    def run(self):
        difference = show_difference(self.env.app, int(self.arguments[0]))
        return [html(f'<div class="stage-diff">\n{difference}</div>\n')]


def setup(app):
    app.connect("doctree-read", add_to_stage)
    app.add_directive("stage-diff", StageDiff)
    assets.add(app, __file__, "stage_diff.css")
