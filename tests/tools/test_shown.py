"""What no reader should see is refused, with its page and its place, and what is right is not."""

import re

import pytest
from docutils import nodes
from PIL import Image
from sphinx.errors import SphinxError

from book.press.console import BookError
from book.press.mathml import to_mathml
from book.press.shown import refuse_what_is_shown

PAGE = """<html><head><title>A page</title>{head}</head><body><nav>{around}</nav>
<article class="bd-article"><section id="place"><h1>A page</h1>{content}</section></article>
<footer></footer></body></html>"""
NEEDS, PLACE, HOST = "has lost the script", "b/page.html#place: ", "loads from another host"
REFUSED = {
    r"<p>the \arg\min_\theta of it</p>": "shows raw TeX",
    r"<p>\begin{aligned}a\end{aligned}</p>": "shows raw TeX",
    "<p>where $x_1$ is</p>": "shows raw TeX",
    "<math><mi>\\theta</mi></math>": "shows raw TeX",
    "<p>a **bold** word</p>": "shows raw Markdown",
    "<p>这是**重要**的</p>": "shows raw Markdown",
    "<p>see [here](there.md)</p>": "shows raw Markdown",
    "<p>a `name`</p>": "shows raw Markdown",
    "<p>:::{note}</p>": "shows raw Markdown",
    "<p># Title</p>": "shows raw Markdown",
    "<p>one&lt;br&gt;</p>": "shows raw HTML",
    '<p class="system-message">Unknown role</p>': "shows an error of docutils",
    "<p>Project name not set</p>": "shows a placeholder",
    "<p>None</p>": "shows a placeholder",
    "<p>undefined</p>": "shows a placeholder",
    "<p>TODO: write</p>": "shows a placeholder",
    "<p>By {title}</p>": "shows a gap that was not filled",
    "<p>&lt;Figure size 640x480&gt;</p>": "shows a gap that was not filled",
    '<a href="none.html">x</a>': "leads nowhere",
    '<a href="../../outside.html">x</a>': "leads nowhere",
    '<a class="language" href="../zh/b/page.html">中文</a>': "leads nowhere",
    '<a href="http://localhost:8888/x">x</a>': "leads nowhere",
    '<a href="https://github.com/None/None">x</a>': "leads nowhere",
    '<a href="https://github.com/{name}">x</a>': "leads nowhere",
    '<a href="../other.html#nowhere">x</a>': "leads to a place that is not there",
    '<a href="#nowhere">x</a>': "leads to a place that is not there",
    '<a href="">x</a>': "has an empty href",
    '<div class="sd-tab-set docutils">x</div>': f"{NEEDS} design-tabs.js",
    '<div class="admonition dropdown">x</div>': f"{NEEDS} togglebutton.js",
    '<div class="dropdown admonition note">x</div>': f"{NEEDS} togglebutton.js",
    '<div data-lab="valley" hidden></div>': f"{NEEDS} lab.js",
    '<img src="https://host.org/p.png" alt="a p">': HOST,
    '<iframe src="https://host.org/x"></iframe>': HOST,
    '<img src="../p.png" alt="p.png">': "has a file's name for its alternative text",
    '<img src="../p.png" alt="None">': "says in its alt",
    '<img src="../none.png" alt="a p">': "leads nowhere",
}
OUTSIDE = {
    "© Copyright None": "shows a placeholder",
    "<script src='https://cdn.org/x.js'></script>": HOST,
    "<link rel='stylesheet' href='https://cdn.org/x.css'>": HOST,
    "<link rel='preload' href='https://cdn.org/x.woff'>": HOST,
    "<meta name='description' content='None'>": "says in its content",
}
RIGHT = """
<pre>f(**kwargs) `x` None $x$ \\frac {title} # Title</pre>
<p><code>f(**kwargs)</code> gives <code>None</code></p>
<p>None of them is undefined, and the name is not set</p>
<p>It costs $5, or $6 each, between US$1 and US$2</p>
<p>2**10 or 2 * 3 or x ** 2</p>
<p>a &lt; b and c &gt; d, AT&amp;T</p>
<p>the set {x} or {a, b}</p>
<p>a_b and c_d; #1; |x|</p>
<td>None</td>
<td><p>nan</p></td>
<dt>NaN</dt>
<math><mi>θ</mi></math>
<a href="https://example.org/a%20b?x=1#y">x</a>
<a href="../other.html#there">x</a>
<a href="/name/other.html">from the root of the host</a>
<a href="../other.html">Why is my gradient None?</a>
<a href="#">x</a>
<a href="mailto:a@b.org">x</a>
<img src="../p.png" alt="None of the lines falls">
<img src="../p.png" alt="the curve of loss.png">
"""


@pytest.fixture
def look(tmp_path):
    """A function that gives what is refused of a page with this content, head, and frame."""

    def look(content="", **more):
        (tmp_path / "b").mkdir()
        page = PAGE.format(**{"content": content, "head": "", "around": ""} | more)
        (tmp_path / "b" / "page.html").write_text(page, encoding="utf-8")
        (tmp_path / "other.html").write_text(PAGE.replace("place", "there"), encoding="utf-8")
        (tmp_path / "other.html").write_text('<html><body><p id="there">x</p></body></html>')
        Image.new("RGB", (2, 2)).save(tmp_path / "p.png")
        try:
            refuse_what_is_shown(tmp_path)
        except BookError as error:
            return str(error)

    return look


@pytest.mark.parametrize("content", REFUSED)
def test_refused(look, content):
    place = "b/page.html: " if NEEDS in REFUSED[content] else PLACE
    assert look(content).startswith(place + REFUSED[content])


@pytest.mark.parametrize(
    "formula", [r"\arg\min_\theta L", r"\begin{aligned}a &= b\end{aligned}", "a_{"]
)
def test_formula_that_cannot_be_shown(formula):
    with pytest.raises(SphinxError, match="the formula|cannot render"):
        to_mathml(nodes.math(formula, formula), "inline")


@pytest.mark.parametrize("content", OUTSIDE)
def test_refused_outside_of_the_article(look, content):
    where = "around" if content.startswith("©") else "head"
    assert look(**{where: content}).startswith(f"b/page.html: {OUTSIDE[content]}")


@pytest.mark.parametrize("content", RIGHT.strip().splitlines())
def test_not_refused(look, content):
    assert look(content) is None


def test_titles_in_the_frame(look):
    link = '<a href="../other.html">What is None?</a>'
    assert look("", around=link, head="<title>What is None?</title>") is None


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda data: data[:40], "c.png: does not decode: "),
        (lambda data: b"", "c.png: does not decode: "),
        (
            lambda data: b"version https://git-lfs.github.com/spec/v1\noid",
            "it is a pointer of Git LFS",
        ),
    ],
)
def test_broken_picture(look, tmp_path, change, line):
    Image.new("RGB", (9, 9)).save(tmp_path / "p.png")
    (tmp_path / "c.png").write_bytes(change((tmp_path / "p.png").read_bytes()))
    assert line in look()


def test_what_a_page_needs_is_kept(built_once):
    """Tabs, a fold of Markdown's own, a formula with its number, a footnote, a price."""
    page = built_once.page("book/intro")
    for script in "design-tabs", "togglebutton":
        assert re.search(rf'<script defer[^>]*src="\.\./_static/{script}\.js', page)
        assert f"{script}.js" not in built_once.page("book/glossary")
        assert list(built_once.site.glob(f"_static/{script}.js"))
    assert '<span class="eqno">(1)</span>' in page and page.count("<math") == 2
    assert "$5 or $6" in page and "At the foot." in page
    css = (built_once.site / "_static" / "site.css").read_text(encoding="utf-8")
    assert ".sd-tab-set" in css and ".toggle-hidden" in css
