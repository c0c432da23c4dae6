"""`make book`: what it builds, what it does not do twice, what it refuses; a build by hand."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from book.press import cells
from tests import small_book
from tests.small_book import ends, error, figure, text

NOWHERE = "book/intro.md:3: WARNING: 'myst' cross-reference target not found: 'nowhere.md'"
LOST = {  # what each notebook has of code, outputs and tags
    "1_one": ["print(1)", "plt.show()", (small_book.DRAW, [figure()], "curve")],
    "2_two": [("1 / 0", [error("ZeroDivisionError")]), ("x = 1", [], "train")],
    "3_three": [("'shown'", [text("shown")]), "x = 1"],
}
FAULTS = """notebooks/1_one.ipynb: cell a prints, and nothing is stored
notebooks/1_one.ipynb: cell b draws a figure, and none is stored
notebooks/2_two.ipynb: cell a stores an error that nobody asked for: ZeroDivisionError
notebooks/3_three.ipynb: cell a was not executed
notebooks/3_three.ipynb: cell b was executed as number 3, not 2"""


def test_first_build_and_another(built_once):
    """It is light, and nothing is executed; with nothing changed, nothing is done. An edition that
    lacks pages is without them, and nothing leads there."""
    first, *rest = built_once.said.splitlines()
    assert first.startswith("No links to a repository: git says: not a git repository")
    assert rest == ["Rendering English, 中文版", f"{built_once.site}/index.html"]
    page, before = built_once.page("notebooks/2_two"), built_once.files("_build")
    assert "the output of 2_two" in page and built_once.runs() == []
    assert len(re.findall(r'<link[^>]* rel="stylesheet"', page)) == 1
    assert re.search(r'<img[^>]*src="\.\./_images/[^"]*"[^>]* width="60" height="40"', page)
    said = built_once.make("book", env={"https_proxy": "http://127.0.0.1:9"})
    assert said == f"{built_once.site}/index.html\n" and built_once.files("_build") == before
    three = built_once.page("zh/notebooks/3_three")
    assert 'hreflang="en"' in three and "outdated" not in three
    assert "w = 2" in re.sub("<[^>]*>", "", three), "the difference to a stage that it lacks"
    for name in "notebooks/2_two", "book/computes":
        assert not (built_once.site / "zh" / f"{name}.html").exists()
        assert "hreflang" not in built_once.page(name) and name not in three


def test_what_a_page_needs_is_kept(built_once):
    """Tabs, a fold of Markdown's own, a formula with its number, a footnote, a price."""
    page = built_once.page("book/intro")
    for script in "design-tabs.js", "togglebutton.js":
        assert re.search(rf'<script defer[^>]*src="\.\./_static/{script}', page)
        assert script not in built_once.page("book/glossary")
        assert (built_once.site / "_static" / script).exists()
    assert '<span class="eqno">(1)</span>' in page and page.count("<math") == 2
    assert "$5 or $6" in page and "At the foot." in page


def test_edits_are_shown(built):
    """In one build, after which nothing old is left: one from nothing is the same, in another time
    zone, language and year. What an interrupted build left is no hindrance."""
    train = "for step in range(500):\n    w = 7", [], "train"
    other = "print('other')", [text("another output\n")], "hide-input"
    built.write("1_one", other, (small_book.DRAW, [figure()], "curve"), train)
    built.edit("notebooks/1_one.ipynb", ("# 1_one", "# Another title"))
    built.edit("book/intro.md", ("# Intro", "# Another introduction"))
    built.edit("_toc.yml", (', {"file": "notebooks/3_three"}', ""))
    built.path("3_three").unlink()
    for left in "site.new", "site.old":
        built.site.with_name(left).mkdir()
    git = ["git", "-C", built.root, "-c", "user.name=A", "-c", "user.email=a@example.org"]
    git += ["-c", "commit.gpgsign=false"]
    for command in ["init", "-q"], ["add", "book", "notebooks"], ["commit", "-qm", "A"]:
        date = {"GIT_COMMITTER_DATE": "2019-03-02T12:00"}
        subprocess.run([*git, *command], check=True, env=os.environ | date)
    fork = {"GITHUB_REPOSITORY": "fork/book", "GITHUB_REF_NAME": "main"}
    built.make("book", env=fork)
    page, intro = built.page("notebooks/1_one"), built.page("book/intro")
    colab = "https://colab.research.google.com/github/fork/book/blob/main/notebooks/1_one.ipynb"
    for shown in "Another title", "tag_hide-input", "another output", colab:
        assert shown in page
    edit = "https://github.com/fork/book/edit/main/book/intro.md"
    for shown in "Another introduction", "Another title", edit, '<time datetime="2019-03-02">':
        assert shown in intro
    assert "w = 7" in re.sub("<[^>]*>", "", built.page("notebooks/2_two")), "the difference"
    site = built.files("_build/site")
    for name, content in site.items():
        assert "3_three" not in name and not (name.endswith("html") and b"3_three" in content), name
    assert built.page("zh/book/intro").partition("</h1>")[2].count('<p class="outdated">') == 1
    old = built.page("zh/notebooks/1_one")
    assert re.search(r'<h1>一.*</h1>\s*(<nav.*</nav>\s*)?<p class="outdated">', old, re.DOTALL)
    assert old.count('<p class="outdated">') == 2, "of the first cell; and of code, at the top"
    shutil.rmtree(built.root / "_build")
    odd = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONWARNINGS": "error"}
    built.make("book", env=fork | odd | {"SOURCE_DATE_EPOCH": "0"})
    again = built.files("_build/site")
    assert again.keys() == site.keys()
    assert [name for name in site if site[name] != again[name]] == []


def refuse(book, *lines):
    """`make book` must say these lines and no others, and keep the site."""
    before = book.files("_build/site")
    said = book.make("book", ok=False)
    progress = "No links to|Rendering|make: |All that jupyter-book said"
    told = [line for line in said.splitlines() if not re.match(progress, line)]
    assert len(told) == len(lines) and "The site is as it was.\n" in said, said
    assert all(map(str.startswith, told, lines)), said
    assert book.files("_build/site") == before


def test_refusals_keep_the_site(built):
    """And the next good build is as any other's."""
    good, site = built.files("book", "notebooks"), built.files("_build/site")
    built.edit("book/intro.md", ("# Intro", "# Intro\n\n[to nowhere](nowhere.md)"))
    refuse(built, NOWHERE)
    refuse(built, NOWHERE)
    for name, contents in LOST.items():
        built.write(name, *contents)
    three = cells.read(built.path("3_three"))
    for cell, count in zip(cells.code_cells(three), (None, 3), strict=True):
        cell["execution_count"] = count
    cells.save(built.path("3_three"), three)
    built.path("book/computes").write_text('{"cells": [}')
    refuse(built, "book/computes.ipynb: malformed: JSONDecodeError: ", *FAULTS.splitlines())
    built.path("3_three").unlink()
    refuse(built, "_toc.yml names notebooks/3_three, but there is no notebooks/3_three.md and no ")
    for name, content in good.items():
        (built.root / name).write_bytes(content)
    built.make("book")
    assert built.files("_build/site") == site


def test_interruption_leaves_no_process_and_no_two_build_at_once(built):
    """In the midst of what jupyter-book does."""
    sleeper = "import os, time\ndef setup(app):\n    open('new', 'w').write(str(os.getpid()))\n"
    sleeper += "    os.rename('new', 'pid')\n    time.sleep(99)\n"
    (built.root / "sleeper.py").write_text(sleeper)
    built.edit("_config.yml", ("local_extensions:\n", "local_extensions:\n    sleeper: .\n"))
    before = built.files("_build/site")

    def build_another():
        said = built.press("build", ok=False)
        assert said.startswith("Another build of the book is under way: wait for its end. The site")

    (pid,), said = built.interrupt("pid", built.make_command("book"), meanwhile=build_another)
    assert "Interrupted. The site is as it was." in said.splitlines()
    assert ends(pid) and built.files("_build/site") == before


def test_build_by_hand(built):
    """It does not harm the site."""
    code, before = "from jupyter_book.cli.main import main; main()", built.files("_build/site")
    built.run(built.python, "-c", code, "build", ".", "-W")
    page = (built.root / "_build" / "html" / "book" / "computes.html").read_text(encoding="utf-8")
    assert "computed 42" in page
    assert built.make("book") == f"{built.site}/index.html\n"
    assert built.files("_build/site") == before


@pytest.mark.weekly
def test_another_build_of_the_book_is_identical(tmp_path):
    """The whole book, in another folder, time zone and language; and, as CONTRIBUTING.md says, by
    Sphinx alone."""
    junk = shutil.ignore_patterns(".venv", "_build", "__pycache__", ".*_cache")
    copy = small_book.Book(shutil.copytree(small_book.ROOT, tmp_path / "copy", ignore=junk))
    (copy.root / ".venv").symlink_to(sys.prefix)
    env = {key: os.environ[key] for key in os.environ if key.startswith("GITHUB_")}
    copy.make("book", env=env | {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"})
    sites = [book.files("_build/site") for book in (small_book.Book(small_book.ROOT), copy)]
    for site in sites:  # with the PDF there is a link to it
        for name in [name for name in site if re.search(r"\.pdf$|book/intro\.html$", name)]:
            del site[name]
    assert sites[0].keys() == sites[1].keys(), "or _build/site is not of these files: make book"
    assert [path for path in sites[0] if sites[0][path] != sites[1][path]] == []
    text = (copy.root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"(?m)^\S*jupyter-book config sphinx.*$", text)
    assert "build succeeded." in copy.run("sh", "-c", command)
