"""Draws the loss curve of stage 1, from the notebook's own cells: as the landing page's picture,
in the colours of the theme,

    ```{curve}
    ```

and on the card of every page, which other sites show beside a link to it (OpenGraph).
"""

import contextlib
import functools
import io
from html import escape
from pathlib import Path

import nbformat
import numpy as np
from docutils import nodes
from matplotlib.figure import Figure
from sphinx.util.docutils import SphinxDirective

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM = 520, 250, 50, 20, 42  # of the landing page's picture
DECADES = range(-4, 9)


@functools.cache
def read_losses(folder):
    """The 500 losses of stage 1 in the book at `folder`; none if it has no stage 1."""
    variables = {"np": np}
    for path in Path(folder).glob("notebooks/01_*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if {"data", "train"} & set(cell.metadata.get("tags", [])):
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(cell.source, variables)
    return variables.get("losses", [])


def draw_svg(losses):
    """The picture as SVG: logarithmic, a line for every second power of ten."""

    def x(step):
        return LEFT + step / len(losses) * (WIDTH - LEFT - RIGHT)

    def y(exponent):
        share = (exponent - DECADES[0]) / (DECADES[-1] - DECADES[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - 15)

    points = " ".join(f"{x(t):.1f},{y(np.log10(loss)):.1f}" for t, loss in enumerate(losses))
    grid = "".join(f'<path d="M{LEFT} {y(k):.1f}H{WIDTH - RIGHT}"/>' for k in DECADES[::2])
    labels = [
        f'<text x="{LEFT - 8}" y="{y(k) + 5:.1f}" text-anchor="end">10'
        f'<tspan dy="-6" font-size="11">{k}</tspan></text>'.replace(">-", ">\N{MINUS SIGN}")
        for k in DECADES[::2]
    ]
    labels += [
        f'<text x="{x(step):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{step}</text>'
        for step in range(0, 501, 100)
    ]
    says = (
        "The loss of stage 1 against the step, on a logarithmic axis: a short rise, a steep fall, "
        f"then a nearly straight line, from {losses[0]:.0e} down to {losses[-1]:.0e}."
    )
    return (
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{says}">'
        f'<g class="grid">{grid}</g>{"".join(labels)}'
        f'<text x="{LEFT + 22}" y="30">loss</text>'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">step</text>'
        f'<polyline points="{points}"/></svg>\n'
    )


class Curve(SphinxDirective):
    def run(self):
        return [nodes.raw("", draw_svg(read_losses(self.env.srcdir)), format="html")]


def draw_card(path, title, book, losses):
    """Write a card, 1200 by 630 pixels, with the title of the page and of the book."""
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#10202f")
    axes = figure.add_axes((0.06, 0.1, 0.88, 0.45))
    axes.semilogy(losses, color="#56b4e9", linewidth=6, solid_capstyle="round")
    axes.margins(0.01, 0.05)
    axes.set_axis_off()
    size = 64 if len(title) < 24 else 44
    figure.text(0.06, 0.76, title, color="white", fontsize=size, fontweight="bold", wrap=True)
    if title != book:
        figure.text(0.06, 0.65, book, color="#b8c7d6", fontsize=30)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def add_card(app, pagename, templatename, context, doctree):
    if doctree is None:
        return
    title, book, file = context["title"], app.config.html_title, f"_cards/{pagename}.png"
    paragraph = next(doctree.findall(nodes.paragraph), nodes.paragraph())
    says = " ".join(paragraph.astext().split())
    says = says if len(says) <= 200 else says[:200].rsplit(" ", 1)[0] + " …"
    draw_card(Path(app.outdir, file), title, book, read_losses(app.srcdir))
    address = app.config.html_baseurl
    properties = {
        "og:type": "article",
        "og:title": title,
        "og:site_name": book,
        "og:description": says,
        "og:image": address + file if address else context["pathto"](file, 1),
        "og:image:alt": f"{title}: a loss curve",
        "og:image:width": "1200",
        "og:image:height": "630",
    }
    if address:
        properties["og:url"] = f"{address}{pagename}.html"
    tags = [f'<meta property="{key}" content="{escape(properties[key])}"/>' for key in properties]
    tags.append(f'<meta name="description" content="{escape(says)}"/>')
    tags.append('<meta name="twitter:card" content="summary_large_image"/>')
    context["metatags"] += "\n".join(tags)


def setup(app):
    app.add_directive("curve", Curve)
    app.connect("html-page-context", add_card)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
