"""Turns the formulas of a page into MathML when the site is built.

MathML is part of HTML: browsers show it and screen readers read it, with no script and nothing
fetched from another host.
"""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.errors import SphinxError


def to_mathml(node, display):
    """The MathML of a math node; display: "inline" or "block"."""
    try:
        return convert(node.astext(), display=display)
    except Exception as error:
        raise SphinxError(f"{node.source}: cannot render {node.astext()!r}: {error!r}") from error


def visit_inline(translator, node):
    translator.body.append(to_mathml(node, "inline"))
    raise SkipNode


def visit_block(translator, node):
    translator.body.append(f'<div class="math">{to_mathml(node, "block")}</div>\n')
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
