"""`make book`: what it builds, what it does not do twice, and what it refuses."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
import small_book
from small_book import ends, error, figure, text

ROOT = small_book.ROOT


def test_book_renders_and_names_the_site(built_once):
    why = "No links to a repository: git says: not a git repository"
    first, *rest = built_once.said.splitlines()
    assert first.startswith(why)
    assert rest == ["Rendering", f"{built_once.site}/index.html"]
    assert (built_once.site / "index.html").exists()
    assert "the output of 2_two" in built_once.page("notebooks/2_two")
    assert "computed 42" in built_once.page("book/computes")


def test_book_executes_nothing(built_once):
    assert not list(built_once.root.rglob("runs.txt"))


def test_book_again_does_nothing_and_needs_no_network(built):
    before = built.files("_build")
    said = built.make("book", env={"https_proxy": "http://127.0.0.1:9"})
    assert said.splitlines() == [f"{built.site}/index.html"]
    assert built.files("_build") == before


def test_book_again_from_nothing_gives_the_same_site(built):
    before = built.files("_build/site", "_build/html")
    shutil.rmtree(built.root / "_build")
    env = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    assert "Rendering" in built.make("book", env=env)
    assert built.files("_build/site", "_build/html") == before


def test_book_shows_what_was_edited(built):
    """Prose, a title, a tag, an alternative text and an output, in one build."""

    def change(notebook):
        notebook.cells[0].source = "# Another title"
        notebook.cells[2].metadata.tags = ["hide-input"]
        notebook.cells[2].source = "print('another output')"
        notebook.cells[2].outputs = [text("another output\n")]
        notebook.cells[3].metadata.mystnb = {"image": {"alt": "another text"}}

    built.edit("book/intro.md", "Intro", "Another introduction")
    built.change("1_one", change)
    built.make("book")
    assert "Another introduction" in built.page("book/intro")
    page = built.page("notebooks/1_one")
    for shown in "Another title", "tag_hide-input", "another output", 'alt="another text"':
        assert shown in page
    assert "the output of 1_one" not in page
    assert "Another title" in built.page("book/intro"), "the sidebar"
    assert built.runs() == []


def test_change_of_an_extension_is_seen_on_pages_that_nobody_edited(built):
    built.edit("book/intro.md", "Intro", "Start")
    built.make("book")  # reads all pages: the folder is another
    built.edit("book/_ext/folds.py", '[cell["id"]] if', '["new-" + cell["id"]] if')
    built.make("book")
    assert 'id="new-' in built.page("notebooks/2_two")


def test_record_of_a_device_is_an_input(built):
    folder = built.root / "benchmarks" / "results"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text("[6]")
    assert "Rendering" in built.make("book")


def test_page_out_of_the_table_leaves_the_site(built):
    built.change(
        "3_three", lambda notebook: notebook.cells[3].outputs.__setitem__(0, figure("blue"))
    )
    built.make("book")
    pictures = {path.name for path in built.site.glob("_images/*")}
    built.edit("_toc.yml", ', {"file": "notebooks/3_three"}', "")
    built.make("book")
    assert not list(built.site.rglob("3_three*"))
    gone = pictures - {path.name for path in built.site.glob("_images/*")}
    assert len(gone) == 1, "its figure"
    for path in built.site.rglob("*.html"):
        assert "3_three" not in path.read_text()


def fails_and_keeps_the_site(book, *lines, **options):
    """`make book` must say these lines and no others beside its progress, twice, and leave the
    site as it was."""
    before = book.files("_build/site")
    assert before
    for _ in range(2):
        said = book.make("book", ok=False, **options)
        told = re.sub(r"(?m)^(No links to|Rendering|make: ).*\n", "", said).splitlines()
        more = " All that jupyter-book said: _build/build.log"
        assert told in ([*lines, "The site is as it was." + more], [*lines]), said
        assert book.files("_build/site") == before


def test_missing_page_stops_the_book(built):
    built.notebook("3_three").unlink()
    fails_and_keeps_the_site(
        built,
        "_toc.yml names notebooks/3_three, but there is no notebooks/3_three.md and no "
        "notebooks/3_three.ipynb: add one, or take the line out. The site is as it was.",
    )


def test_malformed_table_stops_the_book(built):
    (built.root / "_toc.yml").write_text("parts: [\n")
    before = built.files("_build/site")
    said = built.make("book", ok=False)
    assert re.match(
        r"_toc.yml is malformed, see `git diff _toc.yml`: ParserError: .* The site is as it was.\n",
        said,
    )
    assert built.files("_build/site") == before


def test_warning_stops_the_book(built):
    built.edit("book/intro.md", "# Intro", "# Intro\n\n[to nowhere](nowhere.md)")
    line = "'myst' cross-reference target not found: 'nowhere.md' [myst.xref_missing]"
    fails_and_keeps_the_site(built, f"book/intro.md:3: WARNING: {line}")


def test_warning_that_a_build_by_hand_passed_is_not_forgotten(built):
    """That build shows it, succeeds, and has read the page."""
    built.edit("book/intro.md", "# Intro", "# Intro\n\n[to nowhere](nowhere.md)")
    line = "'myst' cross-reference target not found: 'nowhere.md' [myst.xref_missing]"
    assert line in built.jupyter_book("build", ".")
    fails_and_keeps_the_site(built, f"book/intro.md:3: WARNING: {line}")


def lose(built):
    """Have each way in which outputs are not their code's in the book's notebooks; returns the
    lines that say so."""
    built.write("1_one", ("print(1)", []), ("import matplotlib.pyplot as plt\nplt.show()", []))
    built.write(
        "2_two",
        ("1 / 0", [error("ZeroDivisionError", "division by zero")]),
        ("int('a')", [error("ValueError", "invalid")], "raises-exception"),
    )
    built.write("3_three", "x = 1", "x = 2", "x = 3")

    def disorder(notebook):
        notebook.cells[1].execution_count = None
        notebook.cells[2].execution_count = 3
        notebook.cells[3].execution_count = 2

    built.change("3_three", disorder)
    return [
        f"notebooks/{name}.ipynb: error: cell {fault}: run make notebooks NB=notebooks/{name}.ipynb"
        for name, fault in (
            ("1_one", "a prints, and nothing is stored"),
            ("1_one", "b draws a figure, and none is stored"),
            ("2_two", "a stores an error that nobody asked for: ZeroDivisionError"),
            ("3_three", "a was not executed"),
            ("3_three", "b was executed as number 3, not 2"),
            ("3_three", "c was executed as number 2, not 3"),
        )
    ]


def test_lost_outputs_stop_the_book(built):
    """The first stage keeps its figure for the cards of links; beside it each fault is told."""
    lines = lose(built)

    def keep(notebook):
        cell = nbformat.v4.new_code_cell(
            small_book.DRAW, id="curve", execution_count=3, outputs=[figure()]
        )
        cell.metadata.tags = ["curve"]
        notebook.cells.append(cell)

    built.change("1_one", keep)
    html = built.files("_build/html")
    fails_and_keeps_the_site(built, *lines)
    said = built.jupyter_book("build", ".", ok=False)
    told = dict.fromkeys(line for line in said.splitlines() if line.startswith("notebooks/"))
    assert list(told) == lines
    assert built.files("_build/html") == html


def test_malformed_notebook_stops_the_book(built):
    built.notebook("2_two").write_text('{"cells": [}')
    problem = "JSONDecodeError: Expecting value: line 1 column 12 (char 11)"
    fails_and_keeps_the_site(built, f"notebooks/2_two.ipynb: malformed: {problem}")


def test_first_stage_without_its_figure_stops_the_book(built):
    built.change("1_one", lambda notebook: notebook.cells[3].metadata.pop("tags"))
    line = "notebooks/1_one.ipynb: 0 cells are tagged curve, not one"
    fails_and_keeps_the_site(built, line)


def test_theme_that_has_changed_stops_the_book(built):
    built.edit("book/intro.md", "Intro", "Another introduction")
    built.edit("book/_tools/publish.py", 'rel="stylesheet"', 'rel="another"')
    before = built.files("_build/site")
    said = built.make("book", ok=False)
    line = "the theme has changed: 404.html has no style sheet. The site is as it was."
    assert line in said.splitlines()
    assert built.files("_build/site") == before


def test_nothing_is_said_to_who_makes_warnings_errors(book):
    """Of our own tools; jupyter-book has its own warnings, and they are in its log."""
    said = book.make("book", env={"PYTHONWARNINGS": "error"}).splitlines()
    assert said[1:] == ["Rendering", f"{book.site}/index.html"]


def test_interruption_keeps_the_site_and_leaves_no_process(built):
    """In the midst of what jupyter-book does."""
    (built.root / "book" / "_ext" / "sleeper.py").write_text(
        "import os, time\n"
        "def setup(app):\n"
        "    with open('pid.new', 'w') as file:\n"
        "        file.write(str(os.getpid()))\n"
        "    os.rename('pid.new', 'pid.txt')\n"
        "    time.sleep(99)\n"
    )
    built.edit("_config.yml", "local_extensions:\n", "local_extensions:\n    sleeper: book/_ext\n")
    before, path = built.files("_build/site"), built.root / "pid.txt"
    with built.start(built.make_command("book")) as process:
        while not path.exists():
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert "Interrupted. The site is as it was." in said.splitlines()
    assert "Traceback" not in said
    assert ends(path.read_text())
    assert built.files("_build/site") == before


def test_read_only_checkout(built, read_only):
    built.edit("book/intro.md", "Intro", "Changed")
    before = built.files("notebooks", "_build/site")
    built.command = read_only(built.root)
    said = built.make("book", ok=False)
    assert re.search(r"(?m)^_build/\S+: Permission denied\. The site is as it was\.$", said)
    said = built.make("notebooks", ok=False)
    assert "nothing was executed." in said
    assert built.files("notebooks", "_build/site") == before


def test_pages_link_to_the_repository_only_where_there_is_one(built):
    for name in "notebooks/1_one", "book/intro":
        assert not re.search(r"github\.com|colab\.research|mybinder\.org", built.page(name))
    built.make("book", env={"GITHUB_REPOSITORY": "fork/book", "GITHUB_REF_NAME": "main"})
    for link in (
        "https://colab.research.google.com/github/fork/book/blob/main/notebooks/1_one.ipynb",
        "https://mybinder.org/v2/gh/fork/book/main?urlpath=lab/tree/notebooks/1_one.ipynb",
    ):
        assert f'href="{link}"' in built.page("notebooks/1_one")
        assert f'href="{link}"' not in built.page("book/intro")
    link = "https://github.com/fork/book/edit/main/book/intro.md"
    assert f'href="{link}"' in built.page("book/intro")


def test_the_date_of_a_page_is_gits(built):
    assert "Last updated" not in built.page("book/intro")
    git = ["git", "-C", built.root, "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for *command, day in (
        ("init", "-q", ""),
        ("add", "book", "notebooks", ""),
        ("commit", "-qm", "A", "2019-03-02"),
        ("commit", "-qm", "B", "--allow-empty", "2020-01-01"),
    ):
        dates = {"GIT_AUTHOR_DATE": f"{day}T12:00", "GIT_COMMITTER_DATE": f"{day}T12:00"}
        subprocess.run([*git, *command], check=True, env=os.environ | dates)
    built.make("book")
    assert '<time datetime="2019-03-02">' in built.page("book/intro")


@pytest.mark.slow
def test_another_build_of_the_book_is_identical(tmp_path):
    """The whole book once more, in another folder, time zone and language."""
    inputs = ROOT / "_build" / "inputs"
    code = (
        "import sys; sys.path.insert(0, 'book/_tools'); import build; print(build.digest_inputs())"
    )
    command = [sys.executable, "-c", code]
    now = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    if not inputs.exists() or inputs.read_text() != now.strip():
        pytest.fail("_build/site is not of these files: run `make book`", pytrace=False)
    junk = shutil.ignore_patterns(".venv", "_build", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, tmp_path, dirs_exist_ok=True, ignore=junk)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    copy = small_book.Book(tmp_path)
    env = {key: os.environ[key] for key in os.environ if key.startswith("GITHUB_")}
    copy.make("book", env=env | {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"})
    sites = [small_book.Book(root).files("_build/site") for root in (ROOT, tmp_path)]
    if (ROOT / "_build" / "one-network-nine-ways.pdf").exists():  # a thing of the other site
        for path in "one-network-nine-ways.pdf", "book/intro.html":
            for site in sites:
                site.pop(f"_build/site/{path}", None)
    assert sites[0].keys() == sites[1].keys()
    assert [path for path in sites[0] if sites[0][path] != sites[1][path]] == []
