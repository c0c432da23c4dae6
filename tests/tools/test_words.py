"""The list of pages, terminals, the Makefile, and what changed in the loop from stage to stage."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from book.press import pages
from book.press.console import BookError
from book.press.stage_diff import show_difference


def test_order_is_that_of_the_table(book):
    assert [path.stem for path in pages.stages(book.root)] == ["1_one", "2_two", "3_three"]
    assert [path.stem for path in pages.computing(book.root)][:2] == ["computes", "1_one"]
    assert [pages.follows(number) for number in (2, 3, 4, 5, 6, 7)] == [1, 2, 3, 4, 3, 6]
    for malformed in "", "parts: [", "root: a":
        (book.root / "_toc.yml").write_text(malformed)
        with pytest.raises(
            BookError, match=r"^_toc.yml is malformed, see `git diff _toc.yml`: .+$"
        ):
            pages.names(book.root)
    (book.root / "_toc.yml").unlink()
    with pytest.raises(BookError, match=r"^There is no _toc.yml here: git checkout"):
        pages.names(book.root)


def test_terminal_that_lacks_letters(book):
    book.write("µ", "raise ValueError('µ Ω')")
    book.edit("_toc.yml", ("notebooks/3_three", "notebooks/Ω"))
    env = {"PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    env |= {"PYTHONUTF8": "0", "CHROMIUM": "/Ω"}
    for arguments, line in {
        "tidy notebooks/Ω.ipynb": "there is no such file",
        "serve Ω": "give a number",
        "build": "but there is no",
        "pdf": "that is no executable: name a Chromium's. No PDF was made.\n",
        "notebooks notebooks/µ.ipynb": ".ipynb, cell 2 (a): ValueError: ",
    }.items():
        assert line in book.press(*arguments.split(), env=env, ok=False)


def test_makefile(book):
    """Help lists the targets. Variables of the shell, where PORT is another program's, are no
    settings. What was built is removed, and the environment, here a link, stays."""
    said = book.make()
    for target in "book", "test", "notebooks", "tidy", "serve", "pdf", "clean":
        assert f"make {target} " in said
    settings = "NB=notebooks PORT=serve VENV=tidy PYTHON=.venv/.installed"
    for name, target in (pair.split("=") for pair in settings.split()):
        show = ["make", "-n", "-B", target]
        said = book.run(*show, env={name: "elsewhere"})
        assert "elsewhere" not in said and said == book.run(*show)
        assert "elsewhere" in book.run(*show, f"{name}=elsewhere")
    (book.root / "_build").mkdir()
    book.make("clean")
    assert not (book.root / "_build").exists() and Path(sys.executable).exists()


def test_stage_diff(book):
    env = SimpleNamespace(docname="row", note_dependency=lambda _: None)
    app = SimpleNamespace(srcdir=book.root, env=env)
    book.write("2_two", ("a = 1\nb = 1", [], "train"))
    book.write("3_three", ("a = 1\nb = 3 < 4\n\nc = 5", [], "train"))
    shown = BeautifulSoup(show_difference(app, 3), "html.parser")
    lines = ["  a = 1", "- b = 1", "+ b = 3 < 4", "+ ", "+ c = 5"]
    assert shown.pre.get_text().splitlines() == lines
    assert [each.get_text() for each in shown.select("pre > del")] == ["- b = 1\n"]
    says = "Of the 2 lines of stage 2, 1 are taken away (-) and 1 stays; 2 are added (+)."
    assert shown.p.get_text() == says
