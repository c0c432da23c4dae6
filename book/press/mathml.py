"""Turns the formulas of a page into MathML when the site is built.

MathML is part of HTML: browsers show it and screen readers read it, with no script and nothing
fetched from another host. A command that the converter does not know, which it would show as it is
written, is refused.
"""

import re

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number


def to_mathml(node, display):
    """The MathML of a math node; display: "inline" or "block"."""
    place = f"{node.source}:{node.line}" if node.line else node.source
    try:
        formula = convert(node.astext(), display=display)
    except Exception as error:
        raise SphinxError(f"{place}: cannot render {node.astext()!r}: {error!r}") from error
    if raw := re.search(r">([^<>]*(?:\\|&amp;|&#x0*26;|&(?!#?\w+;))[^<>]*)<", formula):
        what = f"would show {raw[1]!r} as it is written: that command is not known"
        raise SphinxError(f"{place}: error: the formula {node.astext()!r} {what}")
    return formula


def visit_inline(translator, node):
    translator.body.append(to_mathml(node, "inline"))
    raise SkipNode


def visit_block(translator, node):
    """A block, with its number and its address where it has a label."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append(f"{to_mathml(node, 'block')}</div>\n")
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
