"""What no reader should see is refused, with its page and its place, and what is right is not."""

import re

import pytest
from docutils import nodes
from PIL import Image
from sphinx.errors import SphinxError

from book.press.console import BookError
from book.press.mathml import to_mathml
from book.press.shown import refuse_what_is_shown

PAGE = """<html><head><title>A page</title>{head}</head><body><nav>{nav}</nav>
<article class="bd-article"><section id="place"><h1>A page</h1>{article}</section></article>
</body></html>"""
CASES = r"""
article  shows raw TeX  <p>the \arg\min_\theta of it</p>  <p>where $x_1$ is</p>
article  shows raw Markdown  <p>a **bold** word</p>  <p>这是**重要**的</p>  <p># Title</p>
article  shows raw Markdown  <p>a `name`</p>  <p>:::{note}</p>  <p>see [here](there.md)</p>
article  shows raw HTML  <p>one&lt;br&gt;</p>
article  shows an error of docutils  <p class="system-message">Unknown role</p>
article  shows a placeholder  <p>Project name not set</p>  <p>None</p>  <p>TODO: write</p>
article  shows a gap that was not filled  <p>By {title}</p>  <p>&lt;Figure size 640x480&gt;</p>
article  leads nowhere  <a href="none.html">x</a>  <a href="http://localhost:8888/x">x</a>
article  leads nowhere  <img src="q.png" alt="a q">  <a href="https://github.com/None/None">x</a>
article  leads to a place that is not there  <a href="../other.html#no">x</a>  <a href="#no">x</a>
article  has the id of another  <p id="a">x</p><p id="a">x</p>
article  has lost the script  <div class="sd-tab-set">x</div>  <div data-lab="valley" hidden></div>
article  has a file's name for its alternative text  <img src="../p.png" alt="p.png">
nav  shows a placeholder  © Copyright None
head  loads from another host  <script src="https://cdn.org/x.js"></script>
article    <pre>f(**kwargs) `x` None $x$ \frac {title} # Title</pre>
article    <p><code>f(**kwargs)</code> gives <code>None</code></p>  <td>None</td><dt>NaN</dt>
article    <p>None of them is undefined, and the name is not set</p>
article    <p>It costs $5, or $6 each, between US$1 and US$2</p>  <math><mi>θ</mi></math>
article    <p>2**10 or 2 * 3 or x ** 2; the set {x} or {a, b}; a &lt; b and c &gt; d; a_b; #1</p>
article    <a href="https://example.org/a%20b?x=1#y">x</a><a href="mailto:a@b.org">x</a>
article    <a href="../other.html#there">Why None?</a><a href="/name/other.html">x</a>
article    <img src="../p.png" alt="None of the lines of curve.png">
"""
CASES = [line.split("  ") for line in CASES.strip().splitlines()]
CASES = [(part, said, html) for part, said, *pieces in CASES for html in pieces]


def look(folder, **parts):
    """What is refused of a page with this article, head, and nav."""
    (folder / "b").mkdir()
    page = PAGE.format(**{"article": "", "head": "", "nav": ""} | parts)
    (folder / "b" / "page.html").write_text(page, encoding="utf-8")
    (folder / "other.html").write_text('<html><body><p id="there">x</p></body></html>')
    Image.new("RGB", (9, 9)).save(folder / "p.png")
    try:
        refuse_what_is_shown(folder)
    except BookError as error:
        return str(error)


@pytest.mark.parametrize(("part", "said", "html"), CASES)
def test_what_is_refused(tmp_path, part, said, html):
    why = look(tmp_path, **{part: html})
    if said:
        place = "#(place|a)" if part == "article" and "script" not in said else "(#place)?"
        assert re.match(rf"b/page\.html{place}: {said}", why)
    else:
        assert why is None


def test_broken_picture(tmp_path):
    (tmp_path / "c.png").write_bytes(b"version https://git-lfs.github.com\n")
    why = "c.png, which is no picture: it is a pointer of Git LFS: git lfs pull"
    assert why in look(tmp_path)


@pytest.mark.parametrize("formula", [r"\arg\min L", r"\begin{aligned}a &= b\end{aligned}", "a_{"])
def test_formula_that_cannot_be_shown(formula):
    with pytest.raises(SphinxError, match="the formula|cannot render"):
        to_mathml(nodes.math(formula, formula), "inline")
