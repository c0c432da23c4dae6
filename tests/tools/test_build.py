"""`make book`: what it builds, what it does not do twice, what it refuses."""

import os
import re
import shutil
import subprocess

from nbformat.v4 import new_output

from tests import small_book
from tests.small_book import ends, figure, text

NOWHERE = "book/intro.md:3: WARNING: 'myst' cross-reference target not found: 'nowhere.md'"
ERROR = new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])
LOST = "print(1)", "plt.show()", ("1 / 0", [ERROR]), (small_book.DRAW, [figure()], "curve")
LOST += "def f():\n    print(1)", ("print(1)", [], "nbval-ignore-output")  # nothing is missing
FAULTS = """book/computes.ipynb: malformed: JSONDecodeError: Expecting value: line 1
notebooks/1_one.ipynb: cell a prints, and nothing is stored: make notebooks NB=notebooks/1_one.ip
notebooks/1_one.ipynb: cell b draws a figure, and none is stored
notebooks/1_one.ipynb: cell c stores an error that nobody asked for: ZeroDivisionError
notebooks/2_two.ipynb: cell a was not executed
notebooks/3_three.ipynb: its outputs are gone"""


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
    intro = built_once.page("book/intro")
    assert '<span class="eqno">(1)</span>' in intro and "$5 or $6" in intro
    said = built_once.make("book", env={"https_proxy": "http://127.0.0.1:9"})
    assert said == f"{built_once.site}/index.html\n" and built_once.files("_build") == before
    three = built_once.page("zh/notebooks/3_three")
    assert 'hreflang="en"' in three and "outdated" not in three
    assert "w = 2" in re.sub("<[^>]*>", "", three), "the difference to a stage that it lacks"
    for name in "notebooks/2_two", "book/computes":
        assert not (built_once.site / "zh" / f"{name}.html").exists()
        assert "hreflang" not in built_once.page(name) and name not in three


def test_edits_are_shown(built):
    """In one build, after which nothing old is left: one from nothing is the same, in another time
    zone, language and year. What an interrupted build left is no hindrance."""
    train = "for step in range(500):\n    w = 7", [], "train"
    other = "print('other')", [text("another output\n")], "hide-input"
    built.write("1_one", other, (small_book.DRAW, [figure()], "curve"), train)
    built.edit("notebooks/1_one.ipynb", "# 1_one", "# Another title")
    built.edit("book/intro.md", "# Intro", "# Another introduction")
    built.edit("_toc.yml", ', {"file": "notebooks/3_three"}', "")
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
    assert [name for name in site | again if site.get(name) != again.get(name)] == []


def refuse(book, *lines):
    """`make book` must say these lines and no others, and keep the site."""
    before = book.files("_build/site")
    said = book.make("book", ok=False)
    progress = "No links to|Rendering|make: |All that jupyter-book said"
    told = [line for line in said.splitlines() if not re.match(progress, line)]
    assert len(told) == len(lines) and "The site is as it was.\n" in said, said
    assert all(map(str.startswith, told, lines)), said
    assert book.files("_build/site") == before


def test_refusals_keep_the_site(book):
    """And the next good build is as any other's."""
    shutil.rmtree(book.root / "zh")  # one edition is enough here
    book.make("book")
    good, site = book.files("book", "notebooks"), book.files("_build/site")
    book.edit("book/intro.md", "# Intro", "# Intro\n\n[to nowhere](nowhere.md)")
    refuse(book, NOWHERE)
    refuse(book, NOWHERE)
    book.write("1_one", *LOST)
    book.edit("notebooks/2_two.ipynb", '"execution_count": 1', '"execution_count": null')
    book.write("3_three", "print(1)")  # as nbstripout leaves it
    book.path("book/computes").write_text('{"cells": [}')
    refuse(book, *FAULTS.splitlines())
    book.path("3_three").unlink()
    refuse(book, "_toc.yml names notebooks/3_three, but there is no notebooks/3_three.md and no ")
    for name, content in good.items():
        (book.root / name).write_bytes(content)
    book.make("book")
    assert book.files("_build/site") == site


def test_interruption_leaves_no_process_and_no_two_build_at_once(built):
    """In the midst of what jupyter-book does."""
    sleeper = "import os, time\ndef setup(app):\n    open('new', 'w').write(str(os.getpid()))\n"
    sleeper += "    os.rename('new', 'pid')\n    time.sleep(99)\n"
    (built.root / "sleeper.py").write_text(sleeper)
    built.edit("_config.yml", "local_extensions:\n", "local_extensions:\n    sleeper: .\n")
    before = built.files("_build/site")

    def build_another():
        said = built.press("build", ok=False)
        assert said.startswith("Another build of the book is under way: wait for its end. The site")

    (pid,), said = built.interrupt("pid", built.make_command("book"), meanwhile=build_another)
    assert "Interrupted. The site is as it was." in said.splitlines()
    assert ends(pid) and built.files("_build/site") == before
