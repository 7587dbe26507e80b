"""Equations as MathML, which browsers draw by themselves: no scripts, no network.

Sphinx's own ways need JavaScript from another host, or LaTeX.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

WORD_JOINER = "\u2060"  # or a line could end between an equation and the full stop after it

logger = logging.getLogger(__name__)
converter = LatexToMathML()


def mathml(node: nodes.Element, *, displaystyle: bool) -> str:
    """Convert the equation of a node; one that cannot be converted is a warning."""
    try:
        return converter.convert_with_local_state(node.astext(), displaystyle=displaystyle)
    except LatexError as error:
        logger.warning("equation %r: %s", node.astext(), error, location=node)
        return f"<code>{node.astext()}</code>"


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write an equation in a line of text."""
    translator.body.append(mathml(node, displaystyle=False) + WORD_JOINER)
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write an equation on lines of its own."""
    translator.body.append(f'<div class="equation">{mathml(node, displaystyle=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register as the renderer of equations in HTML."""
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(visit_inline, None),
        block_renderers=(visit_block, None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
