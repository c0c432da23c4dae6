"""The list of pages, what commands say, each failure in a line whatever the terminal, the Makefile,
and what changed in the loop from stage to stage."""

import json
import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sphinx.errors import ExtensionError

from book.press import pages
from book.press.console import BookError, naming
from book.press.stage_diff import show_difference
from tests.small_book import ROOT

PARTS = "book/setup", "notebooks/b notebooks/a book/between", "notebooks/c book/end"
MALFORMED = "", "parts: [", "a: b: c", "root: a", "[]", "\tx: y", "\0", None
FAILS = (
    "path.read_text(encoding='utf-8')",
    "Image.open(path)",
    "(path / 'more').read_text()",
    "raise OSError",
    "raise OSError('several\\nlines')",
    "raise PermissionError(13, None)",
)


@pytest.fixture
def root(tmp_path):
    parts = [{"chapters": [{"file": name} for name in part.split()]} for part in PARTS]
    (tmp_path / "_toc.yml").write_text(json.dumps({"root": "book/intro", "parts": parts}))
    (tmp_path / "book").mkdir()
    (tmp_path / "notebooks").mkdir()
    for name in pages.names(tmp_path):
        notebook = name.startswith("notebooks") or name == "book/end"
        (tmp_path / f"{name}.{'ipynb' if notebook else 'md'}").touch()
    return tmp_path


def test_order_is_that_of_the_table(root):
    assert pages.names(root) == ["book/intro", *" ".join(PARTS).split()]
    assert [path.stem for path in pages.stages(root)] == ["b", "a"]
    assert [path.stem for path in pages.chapters(root)] == ["c"]
    assert [path.stem for path in pages.computing(root)] == ["b", "a", "c", "end"]
    assert [pages.follows(number) for number in (2, 3, 4, 5, 6, 7)] == [1, 2, 3, 4, 3, 6]
    (root / "_toc.yml").write_text("root: a\nparts: []\n")
    assert pages.names(root) == ["a"] and pages.stages(root) == []
    with pytest.raises(BookError, match="^_toc.yml names a, but there is no a.md and no a.ipynb: "):
        pages.files(root)


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_table_is_said_in_a_line(root, text):
    (root / "_toc.yml").unlink() if text is None else (root / "_toc.yml").write_text(text)
    why = (
        r"^(_toc.yml is malformed, see `git diff _toc.yml`: .+|There is no _toc.yml here: git .+)$"
    )
    with pytest.raises(BookError, match=why):
        pages.names(root)


@pytest.mark.parametrize("code", FAILS)
def test_error_of_a_library_ends_in_a_line_with_the_file(tmp_path, code):
    path = tmp_path / "a.png"
    path.write_bytes(b"\xff")
    with pytest.raises(BookError, match=rf"^.*{re.escape(str(path))}.*$"), naming(path):
        exec(code, {"path": path, "Image": Image})


def test_terminals_that_lack_letters(book):
    """As in C, which has ASCII alone, and in GBK; `make ... | head -0` has nobody who listens."""
    book.write("µ", "raise ValueError('µ Ω')")
    book.edit("_toc.yml", ("notebooks/3_three", "notebooks/Ω"))
    for encoding in "ascii:strict", "gbk":
        env = {"PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
        env |= {"PYTHONUTF8": "0", "CHROMIUM": "/Ω"}
        for arguments, line in {
            "tidy notebooks/Ω.ipynb": "there is no such file",
            "serve Ω": "give a number",
            "build": "but there is no",
            "pdf": "that is no executable: name a Chromium's. No PDF was made.\n",
            "notebooks notebooks/µ.ipynb": ".ipynb, cell 2 (a): ValueError: ",
        }.items():
            assert line in book.press(*arguments.split(), env=env, ok=False)
    reader, writer = os.pipe()
    os.close(reader)
    command = [book.python, "-m", "book.press", "tidy", "notebooks/none.ipynb"]
    pipe = {"stdout": writer, "stderr": writer}
    ignore = {"preexec_fn": lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)}
    assert subprocess.run(command, cwd=book.root, **pipe, **ignore).returncode != 0
    os.close(writer)


def test_makefile(book):
    """Help lists every target. Variables of the shell, where PORT is another program's, are no
    settings. What was built is removed, and the environment, here a link, stays."""
    said = book.make()
    targets = re.search(r"(?m)^\.PHONY: (.*)", (ROOT / "Makefile").read_text())[1].split()
    assert [line.split()[:2] for line in said.splitlines()] == [["make", name] for name in targets]
    settings = "NB=notebooks PORT=serve VENV=tidy PYTHON=.venv/.installed PYTEST=check PY=book"
    for name, target in (pair.split("=") for pair in settings.split()):
        show = ["make", "-n", "-B", target]
        said = book.run(*show, env={name: "elsewhere"})
        assert "elsewhere" not in said and said == book.run(*show)
        assert "elsewhere" in book.run(*show, f"{name}=elsewhere")
    kept = set(book.root.iterdir())
    (book.root / "_build").mkdir()
    book.make("clean")
    assert set(book.root.iterdir()) == kept and os.path.exists(sys.executable)


def test_stage_diff(book, built_once):
    env = SimpleNamespace(docname="row", note_dependency=lambda _: None)
    app = SimpleNamespace(srcdir=book.root, env=env)
    (fold,) = BeautifulSoup(built_once.page("notebooks/3_three"), "html.parser").select(
        ".stage-diff"
    )
    assert fold.name == "details" and not fold.has_attr("open")
    book.write("2_two", ("a = 1\nb = 1", [], "train"))
    book.write("3_three", ("a = 1\nb = 3 < 4\n\nc = 5", [], "train"))
    shown = BeautifulSoup(show_difference(app, 3), "html.parser")
    lines = ["  a = 1", "- b = 1", "+ b = 3 < 4", "+ ", "+ c = 5"]
    assert shown.pre.get_text().splitlines() == lines
    assert [each.get_text() for each in shown.select("pre > del")] == ["- b = 1\n"]
    says = "Of the 2 lines of stage 2, 1 are taken away (-) and 1 stays; 2 are added (+)."
    assert shown.p.get_text() == says
    for loops, line in (
        ([], "0 cells are tagged train, not one"),
        ("ab", "2 cells are tagged train"),
    ):
        book.write("2_two", *((code, [], "train") for code in loops))
        with pytest.raises(ExtensionError, match=rf"2_two\.ipynb: {line}"):
            show_difference(app, 3)
    with pytest.raises(ExtensionError, match="row: error: there are no stages 3 and 4"):
        show_difference(app, 4)
