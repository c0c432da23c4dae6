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
REFUSED = r"""
shows raw TeX:  <p>the \arg\min_\theta of it</p>  <p>\begin{aligned}a\end{aligned}</p>
shows raw TeX:  <p>where $x_1$ is</p>  <math><mi>\theta</mi></math>
shows raw Markdown:  <p>a **bold** word</p>  <p>这是**重要**的</p>  <p>see [here](there.md)</p>
shows raw Markdown:  <p>a `name`</p>  <p>:::{note}</p>  <p># Title</p>  <p>a bold** word</p>
shows raw HTML:  <p>one&lt;br&gt;</p>
shows an error of docutils:  <p class="system-message">Unknown role</p>
shows a placeholder:  <p>Project name not set</p>  <p>None</p>  <p>undefined</p>  <p>TODO: write</p>
shows a gap that was not filled:  <p>By {title}</p>  <p>&lt;Figure size 640x480&gt;</p>
leads nowhere:  <a href="none.html">x</a>  <a href="../../outside.html">x</a>
leads nowhere:  <a class="language" href="../zh/b/page.html">中文</a>  <img src="q.png" alt="a q">
leads nowhere:  <a href="http://localhost:8888/x">x</a>  <a href="https://github.com/None/None">x</a>
leads nowhere:  <a href="https://github.com/{name}">x</a>
leads to a place that is not there:  <a href="../other.html#nowhere">x</a>  <a href="#no">x</a>
has an empty href:  <a href="">x</a>
has lost the script:  <div class="sd-tab-set">x</div>  <div class="dropdown admonition note">x</div>
has lost the script:  <div class="admonition dropdown">x</div>  <div data-lab="valley" hidden></div>
loads from another host:  <img src="//a.org/p.png" alt="a p">  <iframe src="https://a.org/"></iframe>
has a file's name for its alternative text:  <img src="../p.png" alt="p.png">
says in its alt:  <img src="../p.png" alt="None">
"""
OUTSIDE = """
shows a placeholder:  © Copyright None
loads from another host:  <script src="https://cdn.org/x.js"></script>
loads from another host:  <link rel="stylesheet" href="https://cdn.org/x.css">
loads from another host:  <link rel="preload" href="https://cdn.org/x.woff">
says in its content:  <meta name="description" content="None">
"""
RIGHT = r"""
  <pre>f(**kwargs) `x` None $x$ \frac {title} # Title</pre>
  <p><code>f(**kwargs)</code> gives <code>None</code></p>
  <p>None of them is undefined, and the name is not set</p>
  <p>It costs $5, or $6 each, between US$1 and US$2</p>
  <p>2**10 or 2 * 3 or x ** 2; the set {x} or {a, b}</p>
  <p>a &lt; b and c &gt; d, AT&amp;T; a_b and c_d; #1; |x|</p>
  <td>None</td><td><p>nan</p></td><dt>NaN</dt>
  <math><mi>θ</mi></math>
  <a href="https://example.org/a%20b?x=1#y">x</a><a href="mailto:a@b.org">x</a>
  <a href="../other.html#there">x</a><a href="/name/other.html">x</a><a href="#">x</a>
  <a href="../other.html">Why is my gradient None?</a>
  <img src="../p.png" alt="None of the lines of curve.png">
"""


def cases(text):
    """Pairs of what is said and a piece of HTML."""
    for line in text.strip("\n").splitlines():
        said, *pieces = line.split("  ")
        yield from ((said.removesuffix(":"), piece) for piece in pieces)


@pytest.fixture
def look(tmp_path):
    """A function that gives what is refused of a page with this article, head, and nav."""

    def look(**parts):
        (tmp_path / "b").mkdir()
        page = PAGE.format(**{"article": "", "head": "", "nav": ""} | parts)
        (tmp_path / "b" / "page.html").write_text(page, encoding="utf-8")
        (tmp_path / "other.html").write_text('<html><body><p id="there">x</p></body></html>')
        Image.new("RGB", (9, 9)).save(tmp_path / "p.png")
        try:
            refuse_what_is_shown(tmp_path)
        except BookError as error:
            return str(error)

    return look


@pytest.mark.parametrize(("said", "content"), [*cases(REFUSED), *cases(RIGHT)])
def test_article(look, said, content):
    why = look(article=content)
    assert re.match(rf"b/page\.html(#place)?: {said}", why) if said else why is None
    assert not said or "script" in said or "#place" in why


@pytest.mark.parametrize(("said", "content"), [*cases(OUTSIDE)])
def test_outside_of_the_article(look, said, content):
    assert look(**{"nav" if said.startswith("shows") else "head": content}).count(f": {said}") == 1


def test_titles_in_the_frame(look):
    link, title = '<a href="../other.html">What is None?</a>', "<title>What is None?</title>"
    assert look(nav=link, head=title) is None


@pytest.mark.parametrize("formula", [r"\arg\min L", r"\begin{aligned}a &= b\end{aligned}", "a_{"])
def test_formula_that_cannot_be_shown(formula):
    with pytest.raises(SphinxError, match="the formula|cannot render"):
        to_mathml(nodes.math(formula, formula), "inline")


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"version https://git-lfs.github.com\n"]
)
def test_broken_picture(look, tmp_path, data):
    (tmp_path / "c.png").write_bytes(data)
    why = look()
    assert why.startswith("c.png: does not decode: ")
    assert ("it is a pointer of Git LFS: git lfs pull" in why) is data.startswith(b"version")


def test_what_a_page_needs_is_kept(built_once):
    """Tabs, a fold of Markdown's own, a formula with its number, a footnote, a price."""
    page = built_once.page("book/intro")
    for script in "design-tabs.js", "togglebutton.js":
        assert re.search(rf'<script defer[^>]*src="\.\./_static/{script}', page)
        assert script not in built_once.page("book/glossary")
        assert (built_once.site / "_static" / script).exists()
    assert '<span class="eqno">(1)</span>' in page and page.count("<math") == 2
    assert "$5 or $6" in page and "At the foot." in page
    css = (built_once.site / "_static" / "site.css").read_text(encoding="utf-8")
    assert ".sd-tab-set" in css and ".toggle-hidden" in css
