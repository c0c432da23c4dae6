"""`make book`: what it builds, what it does not do twice, what it refuses; a build by hand."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from book.press import cells, editions, theme
from book.press.console import BookError
from book.press.publish import publish
from tests import small_book
from tests.small_book import ends, error, figure, text

NOWHERE = "'myst' cross-reference target not found: 'nowhere.md' [myst.xref_missing]"
LOST = {  # what each notebook has of code, outputs and tags, and what is said of it
    "1_one": ["print(1)", "plt.show()", (small_book.DRAW, [figure()], "curve")],
    "2_two": [
        ("1 / 0", [error("ZeroDivisionError", "division by zero")]),
        ("int('a')", [error("ValueError", "invalid")], "raises-exception"),
    ],
    "3_three": ["x = 1", "x = 2", "x = 3", ("'shown'", [text("shown")])],
}
FAULTS = """\
1_one: cell a prints, and nothing is stored
1_one: cell b draws a figure, and none is stored
2_two: cell a stores an error that nobody asked for: ZeroDivisionError
3_three: cell a was not executed
3_three: cell b was executed as number 3, not 2
3_three: cell c was executed as number 2, not 3"""


def test_first_build_and_another(built_once):
    first, *rest = built_once.said.splitlines()
    assert first.startswith("No links to a repository: git says: not a git repository")
    assert rest == ["Rendering English, 中文版", f"{built_once.site}/index.html"]
    assert "the output of 2_two" in built_once.page("notebooks/2_two")
    assert built_once.runs() == []
    before = built_once.files("_build")
    said = built_once.make("book", env={"https_proxy": "http://127.0.0.1:9"})
    assert said == f"{built_once.site}/index.html\n"
    assert built_once.files("_build") == before


def test_edition_lacks_pages(built_once):
    """They are left out of it, and nothing leads to them; a stage after one that it lacks has its
    difference all the same."""
    assert 'hreflang="zh-CN"' in built_once.page("notebooks/3_three")
    for name in "notebooks/2_two", "book/computes":
        assert not (built_once.site / "zh" / f"{name}.html").exists()
        assert "hreflang" not in built_once.page(name)
    assert "2_two" not in built_once.page("zh/notebooks/1_one")
    assert "w = 2" in re.sub("<[^>]*>", "", built_once.page("zh/notebooks/3_three"))
    assert "outdated" not in built_once.page("zh/notebooks/3_three")


def keys(words):
    """The keys of an edition's words, and those inside of them."""
    own = {"rules", "parts", "title", "author"}
    return {k: keys(v) if isinstance(v, dict) else None for k, v in words.items() if k not in own}


def test_editions_have_the_same_words():
    english, *others = [keys(edition.words) for edition in editions.find_all()]
    assert others and others == [english] * len(others)


def test_edits_are_shown(built, tmp_path):
    """In one build; nothing old is left of the one before, in a fork's workflow of another time
    zone and year."""

    def change(notebook):
        notebook.cells[0].source = "# Another title\n\nAnother opening."
        notebook.cells[2] |= {"source": "print('other')", "outputs": [text("another output\n")]}
        notebook.cells[2].metadata.tags = ["hide-input"]
        notebook.cells[3].metadata.mystnb = {"image": {"alt": "another text"}}
        notebook.cells[4].source = "for step in range(500):\n    w = 7"

    pdf = built.root / "_build" / "en" / "one-network-nine-ways.pdf"
    pdf.write_text("of the site before")
    built.edit("book/intro.md", "# Intro", "# Another introduction")
    built.change("1_one", change)
    built.edit("_toc.yml", ', {"file": "notebooks/3_three"}', "")
    built.path("3_three").unlink()
    git = ["git", "-C", built.root, "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in ["init", "-q"], ["add", "book", "notebooks"], ["commit", "-qm", "A"]:
        date = {"GIT_COMMITTER_DATE": "2019-03-02T12:00"}
        subprocess.run([*git, *command], check=True, env=os.environ | date)
    fork = {"GITHUB_REPOSITORY": "fork/book", "GITHUB_REF_NAME": "main"}
    built.make("book", env=fork)
    page, intro = built.page("notebooks/1_one"), built.page("book/intro")
    for shown in "Another title", "tag_hide-input", "another output", 'alt="another text"':
        assert shown in page
    assert "the output of 1_one" not in page and not pdf.exists()
    assert "Another introduction" in intro and "Another title" in intro, "the sidebar"
    assert 'href="https://github.com/fork/book/edit/main/book/intro.md"' in intro
    colab = "https://colab.research.google.com/github/fork/book/blob/main/notebooks/1_one.ipynb"
    assert f'href="{colab}"' in page and "colab" not in intro
    assert '<time datetime="2019-03-02">' in intro
    assert "w = 7" in re.sub("<[^>]*>", "", built.page("notebooks/2_two")), "the difference"
    for path in built.site.rglob("*.html"):
        assert "3_three" not in path.as_posix() + path.read_text(encoding="utf-8")
    pictures = list(built.site.glob("_images/*.png"))
    assert len([path for path in pictures if "social" not in path.name]) == 2, "one is gone"

    title, _, prose = built.page("zh/book/intro").partition("<h1>")[2].partition("</h1>")
    assert "标题" in title and prose.count('<p class="outdated">') == 1
    old = built.page("zh/notebooks/1_one")
    assert re.search(r'<h1>一.*</h1>\s*(<nav.*</nav>\s*)?<p class="outdated">', old, re.DOTALL)
    assert old.count('<p class="outdated">') == 2, "the first cell; and code, at the top"

    before = built.files("_build/site")
    shutil.rmtree(built.root / "_build")
    odd = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONWARNINGS": "error"}
    built.make("book", env=fork | odd | {"SOURCE_DATE_EPOCH": "0"})
    after = built.files("_build/site")
    assert after.keys() == before.keys()
    assert [path for path in before if before[path] != after[path]] == []
    assert "© Copyright 2026" in intro


def refuse(book, *lines):
    """`make book` must say these lines and no others beside its progress, and keep the site."""
    before = book.files("_build/site")
    said = book.make("book", ok=False)
    told = re.sub(r"(?m)^(No links to|Rendering|make: |All that jupyter-book said: ).*\n", "", said)
    told = told.splitlines()
    told[-1] = told[-1].removesuffix(" The site is as it was.").removesuffix(".")
    assert told == list(lines)
    assert "The site is as it was." in said
    assert book.files("_build/site") == before


def test_refusals_keep_the_site(book, built_once):
    """In a fresh clone there is none to keep, and the next good build is as any other's."""
    shutil.rmtree(book.root / "zh")  # one edition is enough here
    book.edit("book/intro.md", "# Intro", "# Intro\n\n[to nowhere](nowhere.md)")
    refuse(book, f"book/intro.md:3: WARNING: {NOWHERE}")
    book.edit("book/intro.md", "[to nowhere](nowhere.md)\n\n", "")
    book.make("book")
    assert book.page("notebooks/2_two").count("the output of 2_two") == 2, "code and output"
    assert book.page("book/intro") != built_once.page("book/intro"), "a switch of languages"

    good, table = book.files("book", "notebooks"), (book.root / "_toc.yml").read_text()
    book.edit("book/intro.md", "# Intro", "# Intro\n\n[to nowhere](nowhere.md)")
    for _ in range(2):
        refuse(book, f"book/intro.md:3: WARNING: {NOWHERE}")
    for name, contents in LOST.items():
        book.write(name, *contents)
    for cell, count in zip(
        cells.code_cells(three := book.read("3_three")), (None, 3, 2, 4), strict=False
    ):
        cell["execution_count"] = count
    cells.save(book.path("3_three"), three)
    book.path("book/computes").write_text('{"cells": [}')
    faults = [
        re.sub("(.*?): (.*)", r"notebooks/\1.ipynb: \2: make notebooks NB=notebooks/\1.ipynb", line)
        for line in FAULTS.splitlines()
    ]
    problem = "malformed: JSONDecodeError: Expecting value: line 1 column 12 (char 11)"
    refuse(book, f"book/computes.ipynb: {problem}", *faults)
    refuse(book, f"book/computes.ipynb: {problem}", *faults)

    book.path("3_three").unlink()
    names = "there is no notebooks/3_three.md and no notebooks/3_three.ipynb"
    line = f"_toc.yml names notebooks/3_three, but {names}: add one, or take the line out"
    (book.root / "_toc.yml").write_text("parts: [\n")
    assert "_toc.yml is malformed, see `git diff _toc.yml`: Par" in book.make("book", ok=False)
    (book.root / "_toc.yml").write_text(table)
    for _ in range(2):
        refuse(book, line)
    for name, content in good.items():
        (book.root / name).write_bytes(content)
    before = book.files("_build/site")
    book.make("book")
    assert book.files("_build/site") == before


def test_theme_that_has_changed_keeps_the_site(built, monkeypatch):
    """And what an interrupted build left is no hindrance."""
    found, before = editions.find_all(built.root), built.files("_build/site")
    (built.site.with_name("site.new")).mkdir()
    (built.site.with_name("site.old")).mkdir()
    publish(found, built.site, "book/intro")
    assert built.files("_build/site") == before
    assert not (built.site.with_name("site.old")).exists()
    monkeypatch.setattr(theme, "STYLE", 'rel="another"')
    with pytest.raises(BookError, match=r"^the theme has changed: 404\.html has no style sheet$"):
        publish(found, built.site, "book/intro")
    assert built.files("_build/site") == before


def test_site_is_light(built_once):
    files = built_once.files("_build/site")
    assert len(files) < 2 / 3 * len(
        built_once.files("_build/en/_build/html", "_build/zh/_build/html")
    )
    assert not [name for name in files if name.endswith(".map")]
    page = built_once.page("notebooks/2_two")
    assert len(re.findall(r'<link[^>]* rel="stylesheet"', page)) == 1
    assert re.search(r'<img[^>]*src="\.\./_images/[^"]*"[^>]* width="60" height="40"', page)


def test_interruption_leaves_no_process_and_another_build_waits(built):
    """In the midst of what jupyter-book does."""
    (built.root / "sleeper.py").write_text(
        "import os, time\n"
        "def setup(app):\n"
        "    with open('pid.new', 'w') as file:\n"
        "        file.write(str(os.getpid()))\n"
        "    os.rename('pid.new', 'pid.txt')\n"
        "    time.sleep(99)\n"
    )
    built.edit("_config.yml", "local_extensions:\n", "local_extensions:\n    sleeper: .\n")
    before, path = built.files("_build/site"), built.root / "pid.txt"
    with built.start(built.make_command("book")) as process:
        pid = built.wait_for(path, process)
        said = built.press("build", ok=False)
        assert said.startswith("Another build of the book is under way: wait for its end. The site")
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert process.returncode != 0 and "Traceback" not in said
    assert "Interrupted. The site is as it was." in said.splitlines()
    assert ends(pid)
    assert built.files("_build/site") == before


def test_read_only_checkout(built, read_only):
    built.edit("book/intro.md", "Intro", "Changed")
    built.edit("notebooks/1_one.ipynb", "Python 3", "Mine")
    before = built.files("notebooks", "_build/site")
    built.command = read_only(built.root)
    for command, line in {
        "book": r"_build/\S+: Permission denied \(.*\)\. The site is as it was\.",
        "notebooks": r"Cannot write to \w+: nothing was executed\.",
        "tidy": r"notebooks/\S+: Permission denied \(.*\)\. The notebooks are as they were\.",
    }.items():
        assert re.search(f"(?m)^{line}$", built.make(command, ok=False))
    assert built.files("notebooks", "_build/site") == before


def test_build_by_hand(built):
    """After `make book`, and a second time; it does not harm the site."""
    code, before = "from jupyter_book.cli.main import main; main()", built.files("_build/site")
    for read in 6, 0:
        said = built.run(built.python, "-c", code, "build", ".", "-W")
        assert re.search(
            rf"updating environment: .*?(?<![0-9]){read} added, 0 changed, 0 removed", said
        )
    page = Path(built.root, "_build/html/book/computes.html").read_text(encoding="utf-8")
    assert "computed 42" in page
    assert built.make("book") == f"{built.site}/index.html\n"
    assert built.files("_build/site") == before


@pytest.mark.weekly
def test_another_build_of_the_book_is_identical(tmp_path):
    """The whole book once more, in another folder, time zone and language; and by Sphinx alone, as
    CONTRIBUTING.md says."""
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
